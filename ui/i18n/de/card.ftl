# Die Karte eines Links.
card-add = Vorschau von { $host } hinzufügen
card-told = Die Website erfährt, dass dein Gerät die Seite abruft. Wer den Beitrag liest, ruft sie nicht ab.
card-busy = Seite wird abgerufen …
card-remove = Vorschau entfernen
settings-previews = Link-Vorschauen automatisch hinzufügen
settings-previews-told = Während du schreibst, ruft dein Gerät verlinkte Seiten ab, als hättest du sie geöffnet. Sonst nur, wenn du den Knopf drückst.
error-preview-refused = Von diesem Link gibt es keine Vorschau: Er führt in ein privates Netz, im Kreis oder zu etwas, das keine Seite im Web ist.
error-page-unreachable = Die Seite war nicht zu erreichen oder brauchte zu lange.
error-page-unreachable-hint = Versuch es noch einmal, oder sende den Beitrag ohne Vorschau.
error-no-preview = Diese Seite enthält nichts für eine Vorschau.
