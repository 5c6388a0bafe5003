# Personas: Namen, unter denen jemand schreibt. Maschinell übersetzt, noch nicht durchgesehen.

personas-title = Personas
personas-told = Eine Persona ist ein Name mit eigenen Schlüsseln. Nichts, was dieses Gerät verlässt, sagt, dass zwei davon deine sind; wer aber seine Verbindung beobachtet, sieht, dass beide hier getragen werden.
personas-new = Name einer weiteren Persona
personas-make = Anlegen
personas-writes = Schreibt
personas-choose = Als diese schreiben
personas-write-as = Als diese schreiben: { $name }
personas-profile = Profil von { $name }
personas-chip = Du schreibst als { $name }
personas-via = Für { $name }
personas-as = Als { $name }
personas-edit = Bearbeiten
personas-edit-of = { $name } bearbeiten
personas-colour = Farbe
personas-colour-told = An der du sie erkennst. Niemand sonst sieht die Farbe.
personas-quiet = Nicht mitgezählt
personas-quiet-switch = Ihre Nachrichten auf diesem Gerät nicht mitzählen
switch-label = Du bist { $name }. Eine andere Persona wählen.{ $count ->
        [0] {""}
       *[other] {" "}Nachrichten für andere: { $count }.
    }
switch-told = Wer schreibt, wo nichts anderes steht. Wem alle folgen, ihre Nachrichten und Kreise bleiben zu sehen.
switch-manage = Alle Personas
messages-personas = Nachrichten nach Persona
messages-of-all = Alle

apart-title = Getrennt gehalten
apart-mark = Getrennt gehalten
apart-inside = Du bist { $name }, getrennt gehalten
apart-leave = Zurück zu den anderen
apart-make = Getrennt halten
apart-make-told = Eine getrennte Persona teilt nichts mit deinen anderen: Sie hat eine eigene Datenbank, eigene Schlüssel und Verbindungen und eigene Bildschirme, zu denen du wechselst. Nichts, was sie sagt, verbindet sie mit ihnen; wer die Verbindung dieses Geräts beobachtet, sieht trotzdem, dass alles von einem Ort kommt. Das lässt sich nur jetzt wählen.
apart-go = Zu ihr wechseln
apart-go-of = Zu ihr wechseln: { $name }
apart-until = Wird gezeigt, bis du sie wieder verbirgst oder Kith endet.
apart-hide = Verbergen
apart-hide-of = { $name } verbergen
apart-hide-told = Hinter einer Passphrase steht sie in keiner Liste, und nichts von ihr lässt sich öffnen, bis du sie damit wieder zeigst. Niemand kann die Passphrase zurücksetzen: Ohne sie ist die Persona auf diesem Gerät verloren.
apart-hide-passphrase = Passphrase
apart-hide-again = Noch einmal dieselbe
apart-hide-differs = Die beiden sind nicht gleich.
apart-hide-go = Verbergen
apart-hidden = Sie ist verborgen.
apart-show = Passphrase verborgener Personas
apart-show-go = Zeigen
apart-shown = Was hinter dieser Passphrase verborgen war, wird gezeigt.
persona-delete = Löschen
persona-delete-of = { $name } löschen
persona-delete-told = Auf diesem Gerät verschwinden ihre Schlüssel, privaten Nachrichten, Kreise, Entwürfe und wem sie folgt, für immer. Auf anderen deiner Geräte bleibt sie. Ohne ihre 24 Wörter oder ein anderes Gerät kann nie wieder jemand als sie schreiben.
persona-delete-content = Was sie öffentlich gesagt hat
persona-delete-keep = So lassen, wie es ist
persona-delete-all = Löschen: Alle, die erreicht werden, entfernen es
persona-delete-confirm = Gib zum Fortfahren ihren Namen ein: { $name }
persona-delete-go = { $name } löschen
persona-deleted = Sie ist gelöscht.

recovery-title = Wiederherstellung
recovery-told = Jede Persona hat 24 Wörter. Wer sie hat, kann sie übernehmen; also gehören sie auf Papier, nicht in ein Bild. Mit ihnen und einem Anker bist du wieder du, wenn alle deine Geräte verloren sind: Wem du folgst, Listen und Kreise kommen aus einer versiegelten Sicherung zurück, Beiträge von denen, die sie tragen. Nachrichten nicht: Führe die aus.
recovery-protected = Geschützt: Du hast ihre Wörter zurückgetippt, und eine Sicherung, die sie öffnen, liegt bei anderen. Gemacht: { $age }.
recovery-no-anchor = Braucht Aufmerksamkeit: Ihre Sicherung weiß nicht, wohin. Füge einen Anker oder Briefkasten hinzu.
recovery-no-backup = Braucht Aufmerksamkeit: Noch kein Anker oder Briefkasten hat ihre Sicherung genommen.
recovery-old-backup = Braucht Aufmerksamkeit: Ihre Sicherung ist zu alt. Wird einer deiner Anker oder Briefkästen erreicht?
recovery-large-backup = Braucht Aufmerksamkeit: Nicht alles fand in ihrer Sicherung Platz. Eine Ausfuhr enthält alles.
recovery-attention = Braucht Aufmerksamkeit: Ihre Wörter sind nur auf diesem Gerät.
recovery-off = Ihre Wörter sind nicht auf diesem Gerät, sondern auf dem, wo sie angelegt wurde: Sieh dort nach, ob sie geschützt ist.
recovery-show = Die Wörter zeigen
recovery-show-of = Die Wörter zeigen: { $name }
recovery-hide = Verbergen
recovery-hide-of = Die Wörter von { $name } verbergen
recovery-secret = Niemand außer dir sollte jetzt diesen Bildschirm sehen.
recovery-typed = Tippe die Wörter zurück
recovery-check = Prüfen

restore-title = Mit meinen 24 Wörtern wiederherstellen
restore-told = Für den Fall, dass alle deine Geräte verloren sind. Dieses Gerät wird deins, und alle anderen von dir sind draußen, für immer. Wenn du noch eines hast, koppele es stattdessen.
restore-words = Deine 24 Wörter
restore-words-told = Niemand außer dir sollte jetzt diesen Bildschirm sehen.
restore-tickets = Ticket deines Ankers
restore-tickets-told = Eines je Zeile, wenn du mehrere hast. Wer den Anker betreibt, kann dir sein Ticket sagen.
restore-go = Wiederherstellen
restore-looks = Deine Sicherung wird gesucht. Das kann einige Minuten dauern.
restore-reaches = Noch wird niemand erreicht.
restore-stop = Anhalten
restore-back = Du bist wieder { $names }.
restore-counts = Was zurückkam:
restore-follows = { $count ->
    [one] Du folgst 1 Person
   *[other] Du folgst { $count } Leuten
}
restore-circles = { $count ->
    [one] 1 Kreis
   *[other] { $count } Kreise
}
restore-lists = { $count ->
    [one] 1 Liste
   *[other] { $count } Listen
}
restore-entries = { $count ->
    [one] 1 Eintrag von dir; es können mehr kommen
   *[other] { $count } Einträge von dir; es können mehr kommen
}
restore-out = { $count ->
    [0] Kein anderes Gerät war deins.
    [one] Ein Gerät ist nicht mehr deins: Was es von jetzt an schreibt, nimmt niemand an.
   *[other] { $count } Geräte sind nicht mehr deine: Was sie von jetzt an schreiben, nimmt niemand an.
}
restore-stay = { $count ->
    [one] Ein Gerät von früher kann noch als du schreiben und lesen. Wenn deine Beiträge zurück sind, nimm es unter Geräte heraus, falls du es nicht mehr hast.
   *[other] { $count } Geräte von früher können noch als du schreiben und lesen. Wenn deine Beiträge zurück sind, nimm unter Geräte die heraus, die du nicht mehr hast.
}
restore-missing = Was fehlt:
restore-no-backup = Es wurde keine Sicherung gefunden: Wem du folgst, Listen und Kreise sind nur auf anderen Geräten und in ausgeführten Dateien.
restore-older = Von einer neueren Sicherung wurde nur ein Teil gefunden; diese ist also älter.
restore-no-posts = Noch ist keiner deiner Beiträge gekommen. Sie kommen von denen, die dir folgen.
restore-no-messages = Private Nachrichten kommen so nicht zurück. Eine ausgeführte Datei enthält sie: Nimm sie in den Einstellungen auf.
restore-home = Weiter
