# Personas: names under which one user writes.

personas-title = Personas
personas-told = A persona is a name with keys of its own. Nothing that leaves this device says that two of them are yours, but who watches its connection can see that both are carried here.
personas-new = Name of another persona
personas-make = Make
personas-writes = Writes
personas-choose = Write as this one
personas-write-as = Write as { $name }
personas-profile = Profile of { $name }
personas-chip = Writing as { $name }
personas-via = For { $name }
personas-as = As { $name }
personas-edit = Edit
personas-edit-of = Edit { $name }
personas-colour = Colour
personas-colour-told = By which you know it. Nobody else sees the colour.
personas-quiet = Not counted
personas-quiet-switch = Don't count its messages among all, on this device
switch-label = You are { $name }. Choose another persona.{ $count ->
        [0] {""}
       *[other] {" "}Messages for others: { $count }.
    }
switch-told = Who writes where nothing else says so. What follows, messages and circles of all of them stay in view.
switch-manage = All personas
messages-personas = Messages by persona
messages-of-all = All

recovery-title = Recovery
recovery-told = Each persona has 24 words. Whoever has them can take it over, so they belong on paper, not in a picture. With them you take it back when a device that holds its keys is lost or stolen. They bring back neither posts nor messages: export those.
recovery-protected = Protected: you typed its words back.
recovery-attention = Needs attention: its words are on this device alone.
recovery-off = Off: its words are on the device where it was made.
recovery-show = Show the words
recovery-show-of = Show the words of { $name }
recovery-hide = Hide
recovery-hide-of = Hide the words of { $name }
recovery-secret = Nobody but you should see this screen now.
recovery-typed = Type the words back
recovery-check = Check
