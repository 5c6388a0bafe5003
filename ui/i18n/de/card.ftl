# Die Karte eines Links.
card-add = Vorschau von { $host } hinzufügen
card-told = Die Website sieht, dass dein Gerät nach der Seite fragt; wer den Beitrag liest, fragt sie nicht.
card-busy = Die Seite wird gefragt …
card-remove = Vorschau entfernen
settings-previews = Vorschauen von Links von selbst hinzufügen
settings-previews-told = Während du schreibst, fragt dein Gerät die Seite eines Links, was sie ist, als hättest du sie geöffnet. Sonst nur, wenn du den Knopf drückst.
error-preview-refused = Von diesem Link gibt es keine Vorschau: Er führt in ein privates Netz, im Kreis oder zu etwas, das keine Seite im Web ist.
error-page-unreachable = Die Seite war nicht zu erreichen oder brauchte zu lange.
error-page-unreachable-hint = Versuch es noch einmal, oder sende den Beitrag ohne Vorschau.
error-no-preview = Diese Seite sagt nichts über sich, das eine Vorschau zeigen könnte.
