# Personas: names under which one user writes.

personas-title = Personas
personas-told = A persona is a name with keys of its own. Nothing that leaves this device says that two of them are yours, but who watches its connection can see that both are carried here.
personas-new = Name of another persona
personas-make = Make
personas-writes = Writes
personas-choose = Write as this one
personas-write-as = Write as this one: { $name }
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

apart-title = Kept separate
apart-mark = Kept separate
apart-inside = You are { $name }, kept separate
apart-leave = Back to the others
apart-make = Keep it separate
apart-make-told = A separate persona shares nothing with your others: it has a database, keys and connections of its own, and screens of its own that you switch to. Nothing that it says ties it to them; who watches this device's connection still sees that all of it comes from one place. This can only be chosen now.
apart-go = Go to it
apart-go-of = Go to it: { $name }
apart-until = Shown until you hide it again, or Kith ends.
apart-hide = Hide
apart-hide-of = Hide { $name }
apart-hide-told = Behind a passphrase it is in no list, and nothing of it can be opened, until you show it again with that. Nobody can reset the passphrase: without it, the persona is lost on this device.
apart-hide-passphrase = Passphrase
apart-hide-again = The same again
apart-hide-differs = The two are not the same.
apart-hide-go = Hide it
apart-hidden = It is hidden.
apart-show = Passphrase of hidden personas
apart-show-go = Show them
apart-shown = What was hidden behind this passphrase is shown.
persona-delete = Delete
persona-delete-of = Delete { $name }
persona-delete-told = On this device its keys, private messages, follows, circles and drafts go, for good. On other devices of yours it stays. Without its 24 words or another device nobody can write as it ever again.
persona-delete-content = What it said in public
persona-delete-keep = Leave it as it is
persona-delete-all = Delete it: all who are reached remove it
persona-delete-confirm = Type its name to go on: { $name }
persona-delete-go = Delete { $name }
persona-deleted = It is deleted.

recovery-title = Recovery
recovery-told = Each persona has 24 words. Whoever has them can take it over, so they belong on paper, not in a picture. With them and an anchor you are yourself again when all your devices are lost: follows, lists and circles come back from a sealed backup, posts from those who carry them. Messages do not: export those.
recovery-protected = Protected: you typed its words back, and a backup that they open is with others. Made: { $age }.
recovery-no-anchor = Needs attention: its backup has nowhere to go. Add an anchor or a mailbox.
recovery-no-backup = Needs attention: no anchor or mailbox has taken its backup yet.
recovery-old-backup = Needs attention: its backup is too old. Is one of your anchors or mailboxes reached?
recovery-large-backup = Needs attention: not all found room in its backup. An export holds all.
recovery-attention = Needs attention: its words are on this device alone.
recovery-off = Its words are not on this device, but on the one where it was made: look there whether it is protected.
recovery-show = Show the words
recovery-show-of = Show the words of { $name }
recovery-hide = Hide
recovery-hide-of = Hide the words of { $name }
recovery-secret = Nobody but you should see this screen now.
recovery-typed = Type the words back
recovery-check = Check

restore-title = Restore with my 24 words
restore-told = For when all your devices are lost. This device becomes yours, and all others of yours are out, for good. If you still have one, link it instead.
restore-words = Your 24 words
restore-words-told = Nobody but you should see this screen now.
restore-tickets = Your anchor’s ticket
restore-tickets-told = One on each line, where you have several. Whoever runs the anchor can tell you its ticket.
restore-go = Restore
restore-looks = Looking for your backup. This can take some minutes.
restore-reaches = Nobody is reached yet.
restore-stop = Stop
restore-back = You are { $names } again.
restore-counts = What came back:
restore-follows = { $count ->
    [one] You follow 1 person
   *[other] You follow { $count } people
}
restore-circles = { $count ->
    [one] 1 circle
   *[other] { $count } circles
}
restore-lists = { $count ->
    [one] 1 list
   *[other] { $count } lists
}
restore-entries = { $count ->
    [one] 1 entry of yours; more may come
   *[other] { $count } entries of yours; more may come
}
restore-out = { $count ->
    [0] No other device was yours.
    [one] One device is yours no longer: what it writes from now on nobody takes.
   *[other] { $count } devices are yours no longer: what they write from now on nobody takes.
}
restore-stay = { $count ->
    [one] One device of before can still write and read as you. Once your posts are back, take it out under Devices if you no longer have it.
   *[other] { $count } devices of before can still write and read as you. Once your posts are back, take out under Devices those that you no longer have.
}
restore-missing = What is missing:
restore-no-backup = No backup was found: follows, lists and circles are on other devices and in exported files alone.
restore-older = Of a newer backup only a part was found, so this one is older.
restore-no-posts = None of your posts has come yet. They come from those who follow you.
restore-no-messages = Private messages do not come back so. A file that you exported holds them: take it in, in the settings.
restore-home = Go on
