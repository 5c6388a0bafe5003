# Feeds, Suche, Listen, Hashtags, Stummgeschaltetes. Maschinell übersetzt, noch nicht durchgesehen.

feed-title = Start
feed-new = { $count ->
    [one] 1 neuer Beitrag
   *[other] { $count } neue Beiträge
}
feed-more = Mehr zeigen
feed-older = Weiter mit älteren Beiträgen
feed-back-to-newest = Zurück zu den neuesten Beiträgen
feed-end = Du hast alles gelesen.
feed-read-to-here = Bis hierher hast du gelesen
tabs-label = Feeds
tabs-home = Start
tabs-bookmarks = Lesezeichen
tabs-edit = Listen und Hashtags
empty-bookmarks = Noch keine Lesezeichen. Behalte einen Beitrag mit seinem Lesezeichen: Du findest ihn hier, und niemand erfährt es.
empty-list = Von diesen Leuten ist noch nichts da.
empty-list-more = Nimm Leute auf, oder warte, was sie als Nächstes schreiben.
empty-tag = Auf diesem Gerät ist noch kein Beitrag mit diesem Hashtag. Folge ihm, und was kommt, erscheint hier.
bookmark-add = Lesezeichen
bookmark-remove = Lesezeichen entfernen
bookmark-gone = Wozu dein Lesezeichen gehört, ist nicht mehr auf diesem Gerät.
bookmark-open-thread = Den Thread öffnen
feed-fetching = Wird von deinem anderen Gerät geholt …
feed-fetching-more = Was dir gehört, erscheint hier, solange beide eingeschaltet sind.
empty-title = Hier ist es still. Drei Wege, um anzufangen:
empty-follow = Jemandem folgen
empty-follow-more = Füge einen Link ein, den dir jemand geschickt hat.
empty-invite = Jemanden einladen
empty-invite-more = Schick deinen Link, oder zeig ihn als Code.
empty-profile = Ein Bild von dir
empty-profile-more = Damit deine Leute dich erkennen.

search-messages = Nachrichten
search-messages-told = Deine Nachrichten werden nur auf diesem Gerät durchsucht. Andere werden nur nach öffentlichen Beiträgen und Leuten gefragt; sie sehen die Wörter, nach denen du dort suchst.
lists-title = Listen und Hashtags
lists-new = Neue Liste
lists-told = Eine Liste hat einen eigenen Feed. Niemand sieht deine Listen, es sei denn, du veröffentlichst eine.
lists-name = Name der Liste
lists-make = Liste anlegen
lists-empty = Noch keine Listen. Leg eine an, und nimm Leute auf.
lists-members = { $count ->
    [one] 1 Person
   *[other] { $count } Leute
}
lists-read = Lesen
lists-show-people = Wer dabei ist
lists-hide-people = Leute ausblenden
lists-delete = Liste löschen
lists-nobody-followed = Folge zuerst jemandem: Du nimmst Leute auf, denen du folgst.
tags-title = Hashtags
tags-told = Was Leute mit einem Hashtag schreiben, dem du folgst, hat einen eigenen Feed.
tags-name = #hashtag
tags-unfollow = #{ $tag } nicht mehr folgen
tags-at-home = Diese Beiträge auch im Start-Feed zeigen

muted-title = Stumm und blockiert
muted-told = Was hier steht, wird dir nicht gezeigt. Niemand erfährt es, und nichts wird gelöscht.
muted-empty = Nichts ist stummgeschaltet oder blockiert. Leute und Threads schaltest du in ihrem Menü stumm.
mute-word-title = Ein Wort stummschalten
mute-word-placeholder = Wort oder Wendung
mute-word-everywhere = Überall, nicht nur in Feeds
mute-word-hint = Es zählen ganze Wörter, groß oder klein geschrieben.
muted-words = Wörter
muted-people = Stummgeschaltete Leute
muted-threads = Stummgeschaltete Threads
muted-conversations = Stummgeschaltete Unterhaltungen
muted-reposts = Ausgeblendetes Geteiltes
muted-blocked = Blockierte Leute
muted-everywhere = überall
muted-in-feeds = in Feeds
muted-left = noch { $left }

search-title = Suche
search-placeholder = Beiträge, Leute, Hashtags
search-how = Suche nach Wörtern, "einer Wendung", #hashtags oder Beiträgen from:jemand. Zuerst wird dieses Gerät durchsucht; wenn du innehältst, werden auch verbundene Geräte gefragt.
search-people = Leute
search-tags = Hashtags
search-posts = Beiträge
search-asked = Verbundene Geräte wurden auch gefragt. Was sie finden, erscheint hier.
search-you = Du
search-followed = Du folgst ihnen
search-nothing = Bisher nichts gefunden für „{ $text }“.
search-tag-posts = { $count ->
    [one] 1 Beitrag
   *[other] { $count } Beiträge
}
