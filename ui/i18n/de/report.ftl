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
