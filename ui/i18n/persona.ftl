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

recovery-title = Recovery
recovery-told = Each persona has 24 words. Whoever has them can take it over, so they belong on paper, not in a picture. With them and an anchor you are yourself again when all your devices are lost: follows, lists and circles come back from a sealed backup, posts from those who carry them. Messages do not: export those.
recovery-protected = Protected: you typed its words back, and a backup that they open is with others.
recovery-no-anchor = Needs attention: its backup has nowhere to go. Add an anchor or a mailbox.
recovery-no-backup = Needs attention: no anchor has taken its backup yet.
recovery-old-backup = Needs attention: its backup is too old. Is one of your anchors reached?
recovery-large-backup = Needs attention: not all found room in its backup. An export holds all.
recovery-attention = Needs attention: its words are on this device alone.
recovery-off = Off: its words are on the device where it was made.
recovery-show = Show the words
recovery-show-of = Show the words of { $name }
recovery-hide = Hide
recovery-hide-of = Hide the words of { $name }
recovery-secret = Nobody but you should see this screen now.
recovery-typed = Type the words back
recovery-check = Check
