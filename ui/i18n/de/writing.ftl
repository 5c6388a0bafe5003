# Schreiben: was dabei hilft.
complete-label = Was gemeint sein kann
complete-told = { $count ->
    [one] 1 Vorschlag. Pfeiltasten wählen, Enter übernimmt, Escape schließt.
   *[other] { $count } Vorschläge. Pfeiltasten wählen, Enter übernimmt, Escape schließt.
}
complete-posts = { $count ->
    [one] 1 Beitrag
   *[other] { $count } Beiträge
}
order-label = Datei { $place } von { $of }
order-earlier = Nach vorn
order-later = Nach hinten
nudge-title = Ohne Beschreibung posten?
nudge-does = { $count ->
    [one] Ein Bild hat keine Beschreibung. Wer es nicht sehen kann oder eine langsame Verbindung hat, erfährt nichts davon.
   *[other] { $count } Bilder haben keine Beschreibung. Wer sie nicht sehen kann oder eine langsame Verbindung hat, erfährt nichts davon.
}
nudge-anyway = Trotzdem posten
nudge-add = Beschreibung hinzufügen
nudge-setting = In den Einstellungen lässt sich diese Frage abschalten.
settings-writing = Schreiben
settings-alt-nudge = Fragen, bevor ein Bild ohne Beschreibung hinausgeht
settings-alt-nudge-told = Einmal je Beitrag, wenn du auf den Knopf drückst.
post-redraft = Löschen und neu schreiben …
redraft-title = Diesen Beitrag löschen und neu schreiben?
redraft-does = Text, Bilder, Warnung und Empfänger kommen in das Feld, in dem du schreibst, und der Beitrag wird gelöscht: hier und, sobald sie davon erfahren, auf den Geräten, die eine Kopie haben. Kommentare und Reaktionen gehen mit.
redraft-yes = Löschen und neu schreiben
redraft-replaces = Was jetzt in dem Feld steht, wird ersetzt.
redraft-done = Der Beitrag ist gelöscht. Ändere, was du willst, und poste ihn wieder.
