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
