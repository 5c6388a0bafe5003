# Ein Beitrag, über den ein anderer etwas sagt.
quote = Zitieren
quote-by = Zitierter Beitrag von { $name }
quote-open = Den zitierten Beitrag öffnen
quote-remove = Den zitierten Beitrag entfernen
quote-missing = Der zitierte Beitrag ist noch nicht hier.
quote-deleted = Der zitierte Beitrag wurde gelöscht.
quote-blocked = Der zitierte Beitrag ist von jemandem, den du blockiert hast.
quote-muted = Du hast den zitierten Beitrag oder wer ihn schrieb stummgeschaltet.
quote-files = { $count ->
    [one] Ein Bild
   *[other] { $count } Bilder
}
keys-quote = Den Beitrag in einem eigenen zitieren
