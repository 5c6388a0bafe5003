# Private Unterhaltungen. Maschinell übersetzt, noch nicht durchgesehen.

messages-title = Nachrichten
messages-tabs = Arten von Nachrichten
messages-requests = { $count ->
    [one] 1 Anfrage
   *[other] { $count } Anfragen
}
messages-requests-told = Von Leuten, denen du nicht folgst. Bevor du annimmst, erfahren sie weder, dass sie ankam, noch, ob du sie gelesen hast.
messages-new = Neue Nachricht
messages-new-more = An eine Person oder an mehrere zugleich.
messages-notes = Notiz an mich
messages-notes-more = Was du hier aufschreibst, ist nur auf deinen eigenen Geräten.
messages-alone = Alle sind gegangen
messages-somebody = jemand
messages-alone-told = Alle anderen haben diese Unterhaltung verlassen. Was gesagt wurde, bleibt hier.
messages-nothing-yet = Noch nichts
messages-unread = { $count } ungelesen
messages-empty = Noch keine Unterhaltungen
messages-empty-more = Nachrichten sind für die Geräte derer versiegelt, denen du schreibst. Wer sie weiterträgt, kann weder sie lesen noch sehen, für wen sie sind.
messages-choose = Wähle eine Unterhaltung oder beginne eine neue.
messages-log = Nachrichten dieser Unterhaltung
messages-begin = Hier beginnt die Unterhaltung. Sie ist für die Geräte derer versiegelt, die daran teilnehmen.
messages-longest = Hier werden nur die letzten { $limit } Nachrichten gezeigt. Ältere bleiben erhalten.
messages-unread-line = Neu
messages-new-below = { $count ->
    [one] 1 neue Nachricht
   *[other] { $count } neue Nachrichten
}
messages-to-end = Zu den neuesten
message-earlier = Eine frühere Nachricht
message-earlier-show = Zeigen
messages-members = { $count ->
    [one] 1 Mitglied
   *[other] { $count } Mitglieder
}
messages-show-members = Wer teilnimmt
messages-waiting = Wartet auf ihr Gerät
messages-waiting-told = Die Schlüssel ihres Geräts sind noch nicht da, also lässt sich nichts dafür versiegeln. Was du schreibst, bleibt hier und geht hinaus, sobald sie kommen.
message-by = { $name }, { $time }
message-said = { $name }: { $text }
message-you = Du
message-deleted = Diese Nachricht wurde zurückgenommen.
message-goes = Verschwindet am { $when }
message-to-quoted = Zu dieser Nachricht
message-quoted-gone = Diese Nachricht liegt zu weit zurück oder ist nicht mehr hier.
message-reply = Antworten
message-copy = Text kopieren
message-copied = Der Text ist kopiert.
message-delete = Zurücknehmen …
message-delete-title = Diese Nachricht zurücknehmen?
message-delete-does = Ihr Text wird hier entfernt und, sobald sie davon erfahren, auf den Geräten aller in dieser Unterhaltung.
message-delete-leaves = Dass hier etwas stand, bleibt, und niemand kann zurückholen, was andere gelesen, kopiert oder behalten haben.
message-delete-yes = Zurücknehmen
message-react-other = Ein anderes Emoji
message-react-wrong = Eine Reaktion ist ein Emoji.
state-queued = Wartet
state-queued-told = Nur auf diesem Gerät. Sie geht hinaus, sobald jemand verbunden ist, und wird dafür 30 Tage aufgehoben.
state-sent = Gesendet
state-sent-told = Ein anderes Gerät hat sie genommen und trägt sie weiter.
state-held = Für sie aufgehoben
state-held-told = Ein Briefkasten bewahrt sie auf, bis sie online sind.
state-delivered = Zugestellt
state-delivered-told = Sie ist auf einem Gerät von allen in dieser Unterhaltung.
state-read = Gelesen
state-read-told = Alle in dieser Unterhaltung sagen, dass sie sie gelesen haben.
say-placeholder = Nachricht
say-note = Notiz
say-send = Senden
say-send-title = Senden (Eingabe); Umschalt und Eingabe beginnen eine neue Zeile
say-reply-to = { $name } antworten
say-editing = Ein anderer Text
say-editing-told = Andere sehen, dass sie bearbeitet wurde. Was sie vorher gelesen haben, wissen sie vielleicht noch.
timer-title = Verschwindende Nachrichten
timer-label = Nachrichten verschwinden
timer-off = Nie
timer-hour = 1 Stunde nach dem Lesen
timer-day = 1 Tag nach dem Lesen
timer-week = 1 Woche nach dem Lesen
timer-told = Es gilt für alle in dieser Unterhaltung, für das, was von jetzt an geschrieben wird. Jedes Gerät entfernt eine Nachricht so lange, nachdem sie dort gelesen wurde. Es hält niemanden davon ab, sie vorher zu kopieren.
timer-on = Verschwinden nach { $time }
leave = Diese Unterhaltung verlassen …
leave-title = Diese Unterhaltung verlassen?
leave-does = Es kommt nichts mehr aus ihr, und die anderen sehen, dass du gegangen bist. Was gesagt wurde, bleibt hier. Jemand darin kann dich wieder hinzufügen.
leave-yes = Verlassen
leave-left = Du hast diese Unterhaltung verlassen. Was vorher gesagt wurde, bleibt hier.
leave-done = Du hast diese Unterhaltung verlassen.
request-label = Anfrage
request-who = { $name } möchte dir schreiben. Du folgst ihnen nicht.
request-told = Bis du annimmst, wird nichts beantwortet: Sie erfahren weder, dass sie ankam, noch, ob du sie gelesen hast.
request-accept = Annehmen
request-decline = Ablehnen
request-declined = Abgelehnt. Sie erfahren es nicht.
write-how = Wähle, wem du schreibst. Mit mehreren führst du eine Unterhaltung gemeinsam.
write-to = An
write-more = Leute hinzufügen
write-remove = { $name } nicht schreiben
write-search = Leute nach Namen finden
write-nobody = Du folgst noch niemandem. Folge jemandem, und du kannst ihnen schreiben.
write-not-found = Unter diesem Namen ist hier niemand bekannt.
write-one-told = Was du schreibst, ist für die Geräte von { $name } versiegelt. Niemand sonst kann es lesen.
write-several-told = Deine erste Nachricht beginnt eine Unterhaltung zu { $count }. Alle darin sehen, wer sonst noch dabei ist.
write-notes-told = Was du hier aufschreibst, ist nur auf deinen eigenen Geräten.

say-attach = Bilder oder Dateien hinzufügen
say-remove-file = Weglassen
say-preparing = { $count ->
    [one] Eine Datei wird versiegelt …
   *[other] { $count } Dateien werden versiegelt …
}
say-too-many = Eine Nachricht fasst höchstens { $limit } Dateien.
message-files = { $count ->
    [one] Ein Bild oder eine Datei
   *[other] { $count } Bilder oder Dateien
}
files-closed = { $count ->
    [one] Ein Bild oder eine Datei: wird geöffnet, sobald du annimmst.
   *[other] { $count } Bilder oder Dateien: werden geöffnet, sobald du annimmst.
}
viewer-title = Bild
file-without-name = Eine Datei
file-save = Speichern
file-save-of = { $name } speichern
file-fetch = Noch einmal danach fragen
file-coming = Die Datei ist unterwegs. Versuch es gleich noch einmal.
file-saved = Gespeichert als { $place }
file-not-saved = Die Datei ließ sich nicht speichern: { $error }
keys-chat = In einer Unterhaltung
keys-chat-above = Zur Unterhaltung darüber
keys-chat-below = Zur Unterhaltung darunter
keys-chat-edit = Im leeren Feld: deine letzte Nachricht ändern
keys-chat-reply-up = Auf die letzte Nachricht antworten, oder auf die darüber
keys-chat-reply-down = Auf die Nachricht darunter antworten, oder auf keine
keys-chat-give-up = Antworten oder Ändern abbrechen
