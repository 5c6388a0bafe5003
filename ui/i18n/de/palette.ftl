# The command palette, and what is told of keys. Maschinell übersetzt, noch nicht durchgesehen.

palette-title = Befehlspalette
palette-field = Eine Aktion, einen Ort oder jemanden finden
palette-list = Gefunden
palette-as = Wechseln zu { $name }
palette-place = Ort
palette-persona = Persona
palette-person = Person
palette-chat = Unterhaltung
palette-none = Hier heißt nichts so.
palette-found = { $count ->
    [one] 1 gefunden
   *[other] { $count } gefunden
}

keys-palette = Die Befehlspalette öffnen
keys-are-off = Einzelne Tasten sind auf diesem Gerät ausgeschaltet. In den Einstellungen gehen sie wieder an.
keys-mac = Auf einem Mac steht Cmd für Ctrl.

settings-single-keys-told = Nur dieses Gerät merkt es sich. Tasten mit Ctrl, Esc, Pfeile, Eingabe, Tab und ? wirken immer.
