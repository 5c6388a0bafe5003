# Notes about people.

note-title = Your note
note-add = Add a note
note-edit = Edit note
note-told = Only you see it, on your own devices. Without text there is none.
note-too-long = A note has at most { $limit } characters.
note-by = Noted as { $name }
