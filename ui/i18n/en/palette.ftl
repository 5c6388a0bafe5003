# The command palette, and what is told of keys.

palette-title = Command palette
palette-field = Find an action, a place or somebody
palette-list = What is found
palette-as = Switch to { $name }
palette-place = Place
palette-persona = Persona
palette-person = Person
palette-chat = Conversation
palette-none = Nothing here is called so.
palette-found = { $count ->
    [one] 1 found
   *[other] { $count } found
}

keys-palette = Open the command palette
keys-are-off = Single keys are switched off on this device. The settings switch them on again.
keys-mac = On a Mac, Cmd stands for Ctrl.

settings-single-keys-told = This device alone remembers it. Keys that are held with Ctrl, Esc, arrows, Enter, Tab and ? always work.
