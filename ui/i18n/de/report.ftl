# Meldungen an einen Anker.

report = Melden …
report-title = Das melden?
report-does = Dein Anker { $anchor } erfährt davon, sonst niemand: weder wer es geschrieben hat noch deine Freunde. Wer den Anker betreibt, entscheidet, ob er es weiter zeigt.
report-why = Was stimmt damit nicht?
report-spam = Spam oder Betrug
report-abuse = Beleidigungen, Drohungen oder Privates von anderen
report-danger = Verboten oder gefährlich
report-other = Etwas anderes
report-text = Was sollte man dazu wissen? (freiwillig)
report-to = Welcher Anker
report-yes = Melden
report-done = Gemeldet. Dein Anker erfährt es, sobald er erreicht wird.
report-nobody = Du hast keinen Anker, dem du das melden könntest. Du kannst die Person blockieren: Dann siehst du nichts mehr von ihr.
report-block = Stattdessen blockieren
report-refused = Ein Anker hat eine Meldung von dir nicht angenommen. Was du gemeldet hast, steht bei dem Stummgeschalteten in den Einstellungen.
reports-title = Was du gemeldet hast
reports-waiting = Wartet, bis dein Anker { $anchor } erreicht wird
reports-taken = Dein Anker { $anchor } hat sie. Wer ihn betreibt, entscheidet.
reports-refused = Nicht angenommen: Der Anker { $anchor } hat sie abgelehnt oder ist keiner von dir mehr. Du kannst stattdessen stummschalten oder blockieren.
reports-look = Ansehen
reports-gone = Es ist nicht mehr hier, oder es ist ein Kommentar: sieh unter seinem Beitrag nach.
