# Was geschehen ist, und was gemeldet wird.

nav-notifications = Neues
nav-notifications-unread = Neues, { $count ->
    [one] { $count } neue
   *[other] { $count } neue
}
keys-notifications = Neues
notifications-title = Neues
notifications-filter = Welche Mitteilungen
notifications-all = Alle
notifications-mentions = Erwähnungen
notifications-read-all = Alle als gelesen markieren
notifications-read = Als gelesen markieren
notifications-more = Ältere zeigen
notifications-new = Neu:
notifications-menu = Mehr zu dieser Mitteilung
notifications-mute-conversation = Diese Unterhaltung stummschalten
notifications-mentions-of = Nur Erwähnungen von { $name }
notifications-nothing-of = Nichts von { $name }
notifications-rule-set = Gemerkt. In den Einstellungen steht es und lässt sich zurücknehmen.
notifications-empty = Noch ist nichts geschehen.
notifications-empty-hint = Hier erscheinen Kommentare, Reaktionen, Nachrichten und Menschen, die dir folgen.
notifications-some-off = Einige Arten sind in den Einstellungen ausgeschaltet: Sie stehen nicht hier.
notifications-empty-mentions = Noch hat dich niemand erwähnt, zitiert oder dir geantwortet.

told-comment = { $others ->
    [0] { $name } hat deinen Beitrag kommentiert
    [one] { $name } und { $others } weitere Person haben deinen Beitrag kommentiert
   *[other] { $name } und { $others } weitere haben deinen Beitrag kommentiert
}
told-answer = { $others ->
    [0] { $name } hat dir geantwortet
    [one] { $name } und { $others } weitere Person haben dir geantwortet
   *[other] { $name } und { $others } weitere haben dir geantwortet
}
told-mention = { $others ->
    [0] { $name } hat dich erwähnt
    [one] { $name } und { $others } weitere Person haben dich erwähnt
   *[other] { $name } und { $others } weitere haben dich erwähnt
}
told-quote = { $others ->
    [0] { $name } hat dich zitiert
    [one] { $name } und { $others } weitere Person haben dich zitiert
   *[other] { $name } und { $others } weitere haben dich zitiert
}
told-reaction = { $others ->
    [0] { $name } hat mit { $emoji } auf deinen Beitrag reagiert
    [one] { $name } und { $others } weitere Person haben mit { $emoji } auf deinen Beitrag reagiert
   *[other] { $name } und { $others } weitere haben mit { $emoji } auf deinen Beitrag reagiert
}
told-reaction-comment = { $others ->
    [0] { $name } hat mit { $emoji } auf deinen Kommentar reagiert
    [one] { $name } und { $others } weitere Person haben mit { $emoji } auf deinen Kommentar reagiert
   *[other] { $name } und { $others } weitere haben mit { $emoji } auf deinen Kommentar reagiert
}
told-vote = { $others ->
    [0] { $name } hat in deiner Umfrage abgestimmt: { $option }
    [one] { $name } und { $others } weitere Person haben in deiner Umfrage abgestimmt: { $option }
   *[other] { $name } und { $others } weitere haben in deiner Umfrage abgestimmt: { $option }
}
told-vote-reaction = { $others ->
    [0] { $name } hat in deiner Umfrage abgestimmt: { $option }, und mit { $emoji } reagiert
    [one] { $name } und { $others } weitere Person haben in deiner Umfrage abgestimmt: { $option }, oder mit { $emoji } reagiert
   *[other] { $name } und { $others } weitere haben in deiner Umfrage abgestimmt: { $option }, oder mit { $emoji } reagiert
}
told-repost = { $others ->
    [0] { $name } hat deinen Beitrag weitergetragen
    [one] { $name } und { $others } weitere Person haben deinen Beitrag weitergetragen
   *[other] { $name } und { $others } weitere haben deinen Beitrag weitergetragen
}
told-follower = { $others ->
    [0] { $name } folgt dir
    [one] { $name } und { $others } weitere Person folgen dir
   *[other] { $name } und { $others } weitere folgen dir
}
told-message = { $count ->
    [0] Nachrichten von { $name }
    [one] { $count } neue Nachricht von { $name }
   *[other] { $count } neue Nachrichten von { $name }
}
told-request = { $others ->
    [0] { $name } möchte dir schreiben
    [one] { $name } und { $others } weitere Person möchten dir schreiben
   *[other] { $name } und { $others } weitere möchten dir schreiben
}
told-invitation = { $name } lädt dich in eine Gruppe ein: { $group }
told-circle = { $name } hat dich in einen Kreis aufgenommen: { $circle }
told-device = Eines deiner Geräte ist neu: { $device }
told-edit = { $others ->
    [0] { $name } hat einen Beitrag geändert, mit dem du zu tun hattest
    [one] { $name } und { $others } weitere Person haben einen Beitrag geändert, mit dem du zu tun hattest
   *[other] { $name } und { $others } weitere haben einen Beitrag geändert, mit dem du zu tun hattest
}
told-backup = Deine Sicherung braucht dich

told-title = Mitteilungen
told-kinds = Melde mir
told-kind-comments = Kommentare und Antworten
told-kind-mentions = Erwähnungen und Zitate
told-kind-reactions = Reaktionen
told-kind-reposts = Weitergetragenes
told-kind-edits = Änderungen an dem, was ich kommentiert oder worauf ich reagiert habe
told-kind-followers = Wer mir folgt
told-kind-messages = Nachrichten und Anfragen
told-kind-circles = Gruppen und Kreise
told-always = Neue Geräte und Sicherungen, die dich brauchen, werden immer gemeldet. Alle deine Geräte halten sich daran.
told-quiet = Ruhezeiten
told-quiet-told = Außerhalb von Kith erscheint dann nichts. Es wartet hier.
told-quiet-from = Von
told-quiet-to = Bis
told-exceptions = Ausnahmen
told-conversation = Eine Unterhaltung
told-rule-mentions = Nur Erwähnungen
told-rule-none = Nichts
told-all-again = Wieder alles melden
told-all-again-of = Wieder alles melden von { $name }
told-os = Auch neben dem Fenster zeigen
told-os-texts = Mit Namen und Texten
notify-hidden = Etwas Neues
notify-many = { $count ->
    [one] { $count } neue Mitteilung
   *[other] { $count } neue Mitteilungen
}
settings-at-login = Kith beim Anmelden starten
settings-at-login-failed = Dieses System lässt Kith nicht von selbst starten.
settings-tray = In der Leiste weiterlaufen, wenn ich das Fenster schließe
settings-no-tray = Deine Arbeitsfläche zeigt keine Symbole von Programmen: Mit dem Fenster endet Kith, und bis du es wieder öffnest, kommt nichts an.
tray-show = Kith zeigen
tray-quit = Kith beenden
