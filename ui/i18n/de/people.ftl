# Leute: Profile, Einladungen, wem man folgt, verglichene Schlüssel. Maschinell übersetzt, noch nicht durchgesehen.

person-title = Profil
person-unnamed = Name ist noch unterwegs
person-posts = { $count ->
    [one] 1 Beitrag
   *[other] { $count } Beiträge
}
person-posts-label = Beiträge
person-as-of = Auf dem Stand von vor { $age }
person-as-of-now = Auf dem neuesten Stand
person-as-of-just-now = Auf dem Stand von eben
person-as-of-date = Auf dem Stand vom { $date }
person-some-posts = { $count ->
    [one] 1 Beitrag ist auf dieses Gerät gekommen; es können mehr sein
   *[other] { $count } Beiträge sind auf dieses Gerät gekommen; es können mehr sein
}
person-waiting = Wartet auf ihr Gerät
follow-left = Ist gegangen und hat gelöscht, was gesagt war
person-waiting-more = Ihre Beiträge erscheinen hier, sobald eines ihrer Geräte online ist oder jemand, der ihre Beiträge weiterträgt.
person-no-posts = Noch keine Beiträge.
person-edit = Profil bearbeiten
person-lists = In deinen Listen
person-circles = In deinen Kreisen
person-message = Nachricht
person-blocked = Du hast sie blockiert: Nichts von ihnen wird gezeigt.
follow = Folgen
unfollow = Nicht mehr folgen
profile-name = Name
profile-bio = Über dich
profile-picture = Profilbild
profile-picture-choose = Ein Bild wählen
profile-picture-remove = Entfernen
profile-listed = Ist über den Namen zu finden
profile-listed-told = Wenn das an ist, können dich alle finden, die deinen Namen suchen. Wenn es aus ist, folgen dir Leute über deine Einladung oder über das, was du schreibst.
profile-public = Alle, die dir folgen, sehen das.

people-title = Leute
follow-title = Jemandem folgen
follow-how = Füge den Link ein, den du bekommen hast, oder die Kennung des Profils.
follow-placeholder = Einladungslink oder Kennung
follow-done = Du folgst jetzt { $name }.
follows-title = Du folgst
follows-empty = Noch niemandem.
invite-title = Jemanden einladen
invite-how = Wer diesen Link mit Kith öffnet, kann dir folgen.
invite-link = Dein Einladungslink
invite-copy = Link kopieren
invite-copied = Der Link ist kopiert.
invite-code = Dein Einladungslink als Code
invite-show-code = Als Code zeigen
invite-hide-code = Code verbergen
invite-tells = Der Link verrät, wo dein Gerät zu erreichen ist. Schick ihn Leuten, denen du das anvertraust.

verified = Verglichen
verified-changed = Schlüssel geändert
verified-title = { $mine } und { $name } haben voneinander den Schlüssel
verified-told = Niemand sitzt dazwischen. Wenn sich der Schlüssel dieser Person je ändert, wirst du gefragt, bevor etwas gesendet wird. Ein weiteres Gerät von ihr ändert nichts.
verified-by-words = Mit Wörtern verglichen, { $when }
verified-by-code = Mit Code verglichen, { $when }
verify = Vergleichen
verify-show = Vergleich zeigen
verify-again = Noch einmal vergleichen
verify-title = Vergleichen
verify-how = Geh sicher, dass du { $name } schreibst und niemandem dazwischen. Vergleicht persönlich oder am Telefon, auf einem anderen Weg als Kith.
verify-words = Wörter vergleichen
verify-words-told = Lass { $name } die eigenen Wörter vorlesen, und lies dann deine vor. Beide müssen auf beiden Bildschirmen gleich sein.
verify-their-words = Wörter von { $name }
verify-own-words = Deine Wörter
verify-not-recovery = Sie sind kein Geheimnis und nicht deine Wiederherstellungswörter: Lies die niemals jemandem vor.
verify-same = Sie sind gleich
verify-differ = Sie sind verschieden
verify-differ-told = Dann ist das vielleicht nicht der Schlüssel von { $name }. Vergewissert euch, dass ihr dieselbe Person vor euch habt und beide richtig lest. Sind sie dann immer noch verschieden, schick hier nichts, was andere nicht lesen dürfen.
verify-code = Mit Code vergleichen
verify-code-told = Seite an Seite: { $name } kopiert oder scannt diesen Code, und du fügst den anderen ein.
verify-copy = Code kopieren
verify-copied = Kopiert.
verify-paste = Code von { $name }
verify-check = Prüfen
verify-undo = Den Vergleich vergessen
verify-changed = Der Schlüssel von { $name } hat sich geändert, seit du ihn verglichen hast.
verify-changed-told = Vielleicht wurde das Konto wiederhergestellt, oder jemand anderes antwortet an dieser Stelle. Was du schreibst, wartet, bis du noch einmal vergleichst oder sagst, dass du trotzdem sendest.
verify-accept = Trotzdem senden
