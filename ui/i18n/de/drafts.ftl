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
