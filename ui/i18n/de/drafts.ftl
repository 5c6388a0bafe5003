# Ein Beitrag, bevor er hinausgeht: aufgehoben und zurückgeholt.
drafts-lost = { $count ->
    [one] Eine Datei dieses Entwurfs ist nicht mehr auf diesem Gerät. Alles andere ist da.
   *[other] { $count } Dateien dieses Entwurfs sind nicht mehr auf diesem Gerät. Alles andere ist da.
}
drafts-waiting = Wird gesendet. Noch hat nichts davon das Gerät verlassen.
drafts-waiting-told = { $seconds ->
    [one] Dein Beitrag geht in einer Sekunde hinaus. Noch kannst du ihn zurückholen.
   *[other] Dein Beitrag geht in { $seconds } Sekunden hinaus. Noch kannst du ihn zurückholen.
}
drafts-undo = Zurückholen
drafts-undo-title = Nicht senden und weiterschreiben (Z)
drafts-out = Der Beitrag ist schon draußen. Du kannst ihn löschen oder löschen und neu schreiben.
keys-undo = Den Beitrag zurückholen, der gerade gesendet wird
settings-undo = Zeit, einen Beitrag zurückzuholen
settings-undo-off = Keine
settings-undo-5 = 5 Sekunden
settings-undo-10 = 10 Sekunden
settings-undo-told = Bis dahin verlässt nichts von einem Beitrag dieses Gerät. Er geht auch hinaus, wenn du die Seite schließt. Nur auf diesem Gerät.
schedule-title = Geplante Beiträge
schedule-short = Planen…
schedule-when = Veröffentlichen am
schedule-told = Schließe das Feld, um gleich zu veröffentlichen.
schedule-none = Wähle Tag und Uhrzeit, oder schließe das Feld, um gleich zu veröffentlichen.
schedule-past = Diese Zeit ist vorbei. Wähle eine spätere, oder schließe das Feld, um gleich zu veröffentlichen.
schedule-far = Ein Beitrag kann höchstens ein Jahr warten. Wähle eine frühere Zeit.
schedule-send = Planen
schedule-done = Geplant. Er geht von diesem Gerät hinaus, während Kith hier läuft.
schedule-count = { $count ->
    [one] Ein geplanter Beitrag
   *[other] { $count } geplante Beiträge
}
schedule-edit = Bearbeiten
schedule-now = Jetzt veröffentlichen
schedule-delete = Löschen
schedule-delete-title = Diesen geplanten Beitrag löschen?
schedule-delete-does = Nichts davon wurde veröffentlicht. Er lässt sich nicht zurückholen.
schedule-busy = Du schreibst gerade etwas anderes. Sende oder leere es zuerst.
schedule-gone = Er wurde nicht veröffentlicht: Wer ihn schreibt, wer ihn lesen sollte, der zitierte Beitrag oder eine seiner Dateien ist nicht mehr da. Bearbeite oder lösche ihn.
schedule-old-copy = Dieses Profil ist eine ältere Kopie, und die neuere kann das schon veröffentlicht haben. Wenn nicht, veröffentliche es jetzt.
schedule-refused = Er wurde nicht veröffentlicht. { $why }
