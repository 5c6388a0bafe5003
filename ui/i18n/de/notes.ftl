# Notizen über Personen. Maschinell übersetzt, noch nicht durchgesehen.

note-title = Deine Notiz
note-add = Notiz hinzufügen
note-edit = Notiz bearbeiten
note-told = Nur du siehst sie, auf deinen eigenen Geräten. Ohne Text gibt es keine.
note-too-long = Eine Notiz hat höchstens { $limit } Zeichen.
note-by = Notiert als { $name }
