# Beiträge, Bilder und Kommentare. Maschinell übersetzt, noch nicht durchgesehen.

picture-open = Das Bild ansehen
picture-alt = ALT
picture-show-alt = ALT: die Beschreibung zeigen
picture-without-alt = Bild ohne Beschreibung
picture-coming = Das Bild ist unterwegs
picture-too-large = Eine Datei darf höchstens { $limit } MiB haben.
picture-unreadable = Diese Datei ließ sich nicht als Bild lesen.

post-title = Beitrag
post-open = Den Beitrag öffnen
post-deleted = Dieser Beitrag wurde gelöscht.
post-edited = bearbeitet
post-edited-title = Nach dem Schreiben geändert: zeigen, was vorher dort stand
post-blocked = Ein Beitrag von jemandem, den du blockiert hast
versions-title = Fassungen
versions-now = wie er jetzt lautet
versions-gone = Frühere Fassungen sind nicht auf diesem Gerät.
hidden-title = Von dir verborgen
hidden-count = { $count ->
    [one] Du hast 1 Antwort oder Reaktion verborgen.
   *[other] Du hast { $count } Antworten oder Reaktionen verborgen.
}
hidden-reaction = Hat mit { $emoji } reagiert
hidden-undo = Wieder zeigen
hidden-undo-of = Wieder zeigen, was { $name } geschrieben hat
share-copy = Link kopieren
share-copied = Der Link ist kopiert. Er zeigt diesen Beitrag allen, die einen Browser haben.
post-show = Zeigen
post-hide = Verbergen
post-waiting = Wartet auf eine Verbindung
post-waiting-title = Er ist hier gespeichert und geht hinaus, sobald jemand verbunden ist.
post-clock = Uhr geht falsch
post-clock-title = Das Gerät der Person, die das schrieb, nannte eine Zeit in der Zukunft; diese hier kann also falsch sein.
post-forked = Zwei Fassungen
post-forked-title = Das Gerät der Person, die das schrieb, hat zwei Verläufe geschrieben, etwa aus einer alten Kopie. Beide bleiben erhalten.
post-comments = { $count ->
    [one] 1 Kommentar
   *[other] { $count } Kommentare
}
post-reactions = Reaktionen
post-react = Reagieren
post-react-with = Mit { $emoji } reagieren
post-react-limit = Auf einen Beitrag passen höchstens { $limit } deiner Reaktionen.
post-reaction = { $emoji }, { $count ->
    [one] 1 Reaktion
   *[other] { $count } Reaktionen
}
post-menu = Mehr
post-edit = Bearbeiten
post-edit-label = Neuer Text
post-edit-hint = Frühere Fassungen bleiben für die sichtbar, die sie haben.
post-delete = Löschen
post-thread-muted = Stummgeschalteter Thread
post-held = { $count ->
    [0] Keine andere Kopie bekannt
    [one] Auf 1 anderen Gerät
   *[other] Auf { $count } anderen Geräten
}
post-held-title = Geräte, die in den letzten Tagen mit einer Kopie gesehen wurden, sodass andere sie lesen können, wenn dieses aus ist. Es können mehr sein.
repost = Teilen
repost-undo = Nicht mehr teilen
repost-count = { $count ->
    [0] Teilen
    [one] Teilen, bisher 1 Mal
   *[other] Teilen, bisher { $count } Mal
}
reposted-by = { $others ->
    [0] Geteilt von { $name }
    [one] Geteilt von { $name } und 1 weiteren Person
   *[other] Geteilt von { $name } und { $others } weiteren
}
comments-close = Kommentare schließen
comments-open = Kommentare für alle öffnen
comments-closed = Kommentare sind geschlossen
comments-some = Nur manche können kommentieren
comments-closed-done = Niemand kann mehr kommentieren. Vorhandene Kommentare sind verborgen, nicht gelöscht.
comments-opened-done = Alle können kommentieren.
comment-hide = Diesen Kommentar verbergen
comment-hidden-done = Verborgen, für alle, die davon erfahren.
mute-thread = Diesen Thread stummschalten …
mute-thread-title = Diesen Thread stummschalten?
mute-thread-does = Der Beitrag und was darunter steht, verschwinden aus deinen Feeds. Niemand erfährt es.
mute-thread-undo = Diesen Thread wieder zeigen
mute-person = { $name } stummschalten …
mute-title = { $name } stummschalten?
mute-does = Ihre Beiträge verschwinden aus deinen Feeds, und was sie unter Beiträge schreiben, wird eingeklappt. Sie erfahren es nicht.
mute-yes = Stummschalten
muted-person = Stummgeschaltet. In den Einstellungen nimmst du es zurück.
quiet = Stumm
quiet-title = Die Unterhaltung stummschalten
quiet-does = Was dort kommt, zählt nicht als neu. Du findest es trotzdem. Niemand erfährt es.
quiet-done = Stummgeschaltet. Ihr Menü nimmt das zurück.
quiet-undo = Stummschaltung aufheben
muted-thread = Der Thread verschwindet aus deinen Feeds. In den Einstellungen nimmst du es zurück.
unmuted = Wird wieder gezeigt.
block-person = { $name } blockieren …
block-title = { $name } blockieren?
block-does = Nichts, was sie schreiben und womit sie reagieren, wird dir noch irgendwo gezeigt. Sie erfahren es nicht.
block-yes = Blockieren
blocked-person = Blockiert. In den Einstellungen nimmst du es zurück.
reposts-hide = Geteiltes ausblenden
reposts-show = Geteiltes zeigen
reposts-show-of = Geteiltes zeigen: { $name }
reposts-title = Ausblenden, was { $name } teilt?
reposts-does = Was sie weitertragen, verschwindet aus deinen Feeds; was sie selbst schreiben, bleibt. Sie erfahren es nicht.
reposts-hidden = Ausgeblendet. Auf ihrem Profil oder in den Einstellungen nimmst du es zurück.
unmute = Nicht mehr stumm
unmute-of = Nicht mehr stumm: { $what }
unblock = Blockierung aufheben
unblock-of = Blockierung aufheben: { $what }
span-label = Wie lange
span-for-good = Bis ich es zurücknehme
span-day = 1 Tag
span-week = 7 Tage
span-month = 30 Tage
delete-title = Diesen Beitrag löschen?
delete-comment-title = Diesen Kommentar löschen?
delete-does = Text und Bilder werden hier entfernt und, sobald sie davon erfahren, auf den Geräten, die eine Kopie haben.
delete-leaves = Was für immer bleibt: dass du zu dieser Zeit etwas gepostet hast. Und niemand kann zurückholen, was andere gesehen, kopiert oder behalten haben.
delete-yes = Löschen

thread-label = Kommentare
thread-count = { $count ->
    [0] Kommentare
    [one] 1 Kommentar
   *[other] { $count } Kommentare
}
thread-empty = Noch keine Kommentare.
thread-more = Mehr Kommentare zeigen
thread-fold = Einklappen
thread-unfold = { $count ->
    [one] 1 Antwort zeigen
   *[other] { $count } Antworten zeigen
}
comment-deleted = Dieser Kommentar wurde gelöscht.
comment-muted = Ein Kommentar, den du stummgeschaltet hast
comment-blocked = Ein Kommentar von jemandem, den du blockiert hast
comment-answer = Antworten
answer-placeholder = { $name } antworten
answer-send = Senden
