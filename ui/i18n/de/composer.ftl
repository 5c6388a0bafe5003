# Einen Beitrag schreiben, und wer ihn lesen kann. Maschinell übersetzt, noch nicht durchgesehen.

composer-label = Einen Beitrag schreiben
composer-placeholder = Was möchtest du teilen?
composer-empty = Schreib zuerst etwas oder füge ein Bild hinzu.
composer-too-long = Der Text ist zu lang.
composer-warning = Inhaltswarnung
composer-warning-short = Warnung
composer-warning-placeholder = Worum geht es?
composer-warning-too-long = Die Inhaltswarnung ist zu lang.
composer-attach = Bilder hinzufügen
composer-attach-short = Bild
composer-attach-files = Bilder oder Dateien hinzufügen
composer-attach-files-short = Datei
composer-files-public = Für alle lassen sich nur Bilder veröffentlichen. Nimm die anderen Dateien heraus, oder wähle Kreise oder Gruppen.
composer-alt = Beschreibung des Bildes
composer-alt-placeholder = Beschreib es für Leute, die es nicht sehen können
composer-alt-too-long = Eine Beschreibung ist zu lang.
composer-describe = { $count ->
    [one] Ein Bild hat noch keine Beschreibung. Wer es nicht sehen kann, wird dir für eine danken.
   *[other] { $count } Bilder haben noch keine Beschreibung. Wer sie nicht sehen kann, wird dir für eine danken.
}
composer-preparing = { $count ->
    [one] Ein Bild wird vorbereitet …
   *[other] { $count } Bilder werden vorbereitet …
}
composer-too-many = Ein Beitrag fasst höchstens { $limit } Bilder.
composer-remove-picture = Das Bild entfernen
composer-count = { $length } von { $limit } Zeichen
composer-send = Posten
composer-sending = Wird gepostet …
composer-send-public = Öffentlich posten
composer-send-to = An { $who } posten, { $people }
composer-sent-to = An { $who } gepostet.
composer-send-title = Posten (Strg+Eingabe)
audience-title = Wer kann es lesen?
audience-none = Wähle, wer es lesen kann
audience-public = Öffentlich
audience-public-told = Alle können es lesen, behalten und weitergeben.
audience-public-more = Was öffentlich ist, lässt sich nicht von allen zurückholen, die es haben.
audience-circles = { $count } Kreise und Gruppen
audience-people = { $count ->
    [0] niemand
    [one] 1 Person
   *[other] { $count } Leute
}
audience-search = Einen Kreis oder eine Gruppe finden
audience-choose = Wähle alle oder einen oder mehrere deiner Kreise und Gruppen. Du wirst nur einmal gefragt: Der nächste Beitrag geht dorthin, wohin der letzte ging, bis du etwas anderes wählst.
audience-nobody = Noch ist niemand darin: Nur du könntest das lesen, und wer später dazukommt, kann es nicht.
audience-circle-more = { $count ->
    [one] 1 Person kann es lesen. Es ist für sie versiegelt:
   *[other] { $count } Leute können es lesen. Es ist für sie versiegelt:
} Wer deine Beiträge weiterträgt, sieht, dass und an welchem Tag du an irgendeinen Kreis gepostet hast, nicht was und nicht an wen.
audience-wider = { $pictures ->
    [0] Weiter als zuvor: Alle werden diesen Text lesen können.
    [one] Weiter als zuvor: Alle werden diesen Text lesen und das Bild sehen können.
   *[other] Weiter als zuvor: Alle werden diesen Text lesen und die { $pictures } Bilder sehen können.
}
audience-done = Fertig
audience-edit = Kreise und Gruppen bearbeiten
sealed-to = An { $circle }
sealed-somebody = ein Kreis oder eine Gruppe
sealed-told = Versiegelt für einen Kreis der Person, die das schrieb, oder für eine Gruppe, in der du bist. Es lässt sich weder weitergeben noch teilen. Wer sonst in einem Kreis ist, erfährst du nicht.
sealed-own-told = Versiegelt für die, die darin waren, als du es gepostet hast. Es lässt sich weder weitergeben noch teilen. Wer deine Beiträge weiterträgt, sieht, dass du an irgendeinen Kreis gepostet hast, nicht was und nicht an wen.
composer-sent = Gepostet.
composer-kept = Dein Text ist noch hier.
