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
