# Private conversations.

messages-title = Messages
messages-tabs = Kinds of messages
messages-requests = { $count ->
    [one] 1 request
   *[other] { $count } requests
}
messages-requests-told = From people whom you do not follow. They are not told that it came, nor whether you read it, before you accept.
messages-new = New message
messages-new-more = To one person, or to several at once.
messages-notes = Note to self
messages-notes-more = What you write down here is on your own devices only.
messages-alone = Everybody left
messages-somebody = somebody
messages-alone-told = Everybody else left this conversation. What was said stays here.
messages-nothing-yet = Nothing yet
messages-unread = { $count } unread
messages-empty = No conversations yet
messages-empty-more = Messages are sealed for the devices of those whom you write to. Whoever carries them can read neither them nor who they are for.
messages-choose = Choose a conversation, or begin a new one.
messages-log = Messages of this conversation
messages-begin = This is where the conversation begins. It is sealed for the devices of those who are in it.
messages-longest = Only the last { $limit } messages are shown here. Older ones are still kept.
messages-unread-line = New
messages-new-below = { $count ->
    [one] 1 new message
   *[other] { $count } new messages
}
messages-to-end = To the newest
message-earlier = An earlier message
message-earlier-show = Show it
messages-members = { $count ->
    [one] 1 member
   *[other] { $count } members
}
messages-show-members = Who is in it
messages-waiting = Waiting for their device
messages-waiting-told = The keys of their device have not come yet, so nothing can be sealed for it. What you write is kept here and leaves as soon as they come.
message-by = { $name }, { $time }
message-said = { $name }: { $text }
message-you = You
message-deleted = This message was taken back.
message-goes = Disappears at { $when }
message-to-quoted = Go to this message
message-quoted-gone = This message is too far back, or not here any more.
message-reply = Reply
message-copy = Copy text
message-copied = The text is copied.
message-delete = Take back…
message-delete-title = Take this message back?
message-delete-does = Its text is removed here and, as soon as they hear of it, on the devices of everybody in this conversation.
message-delete-leaves = That something stood here stays, and nobody can take back what others read, copied or kept.
message-delete-yes = Take back
message-react-other = Any emoji
message-react-wrong = A reaction is one emoji.
state-queued = Waiting
state-queued-told = On this device only. It leaves as soon as somebody is connected, and is kept 30 days for that.
state-sent = Sent
state-sent-told = Another device took it and carries it on.
state-held = Held for them
state-held-told = A mailbox keeps it until they are online.
state-delivered = Delivered
state-delivered-told = It is on a device of everybody in this conversation.
state-read = Read
state-read-told = Everybody in this conversation says that they read it.
say-placeholder = Message
say-note = Note
say-send = Send
say-send-title = Send (Enter); Shift and Enter begin a new line
say-reply-to = Reply to { $name }
say-editing = Another text
say-editing-told = Others see that it was edited. What they read before, they may remember.
timer-title = Disappearing messages
timer-label = Messages disappear
timer-off = Never
timer-hour = 1 hour after they were read
timer-day = 1 day after they were read
timer-week = 1 week after they were read
timer-told = It counts for everybody in this conversation, for what is written from now on. Each device removes a message that long after it was read there. It keeps nobody from copying it before.
timer-on = Disappearing after { $time }
leave = Leave this conversation…
leave-title = Leave this conversation?
leave-does = Nothing more comes from it, and the others see that you left. What was said stays here. Somebody in it can add you again.
leave-yes = Leave
leave-left = You left this conversation. What was said before stays here.
leave-done = You left this conversation.
request-label = Request
request-who = { $name } wants to write to you. You do not follow them.
request-told = Until you accept, nothing is answered: they are not told that it came, nor whether you read it.
request-accept = Accept
request-decline = Decline
request-declined = Declined. They are not told.
write-how = Choose to whom. With several people you have one conversation together.
write-to = To
write-more = Add people
write-remove = Do not write to { $name }
write-search = Find people by name
write-nobody = You follow nobody yet. Follow somebody, and you can write to them.
write-not-found = Nobody of that name is known here.
write-one-told = What you write is sealed for the devices of { $name }. Nobody else can read it.
write-several-told = Your first message begins a conversation of { $count }. Everybody in it sees who else is.
write-notes-told = What you write down here is on your own devices only.

say-attach = Add pictures or files
say-remove-file = Leave it out
say-preparing = { $count ->
    [one] Sealing a file…
   *[other] Sealing { $count } files…
}
say-too-many = A message holds at most { $limit } files.
message-files = { $count ->
    [one] A picture or file
   *[other] { $count } pictures or files
}
files-closed = { $count ->
    [one] A picture or file: it is opened once you accept.
   *[other] { $count } pictures or files: they are opened once you accept.
}
viewer-title = Picture
file-without-name = A file
file-save = Save
file-save-of = Save { $name }
file-fetch = Ask for it again
file-coming = The file is on its way. Try again in a moment.
file-saved = Saved as { $place }
file-not-saved = The file could not be saved: { $error }
keys-chat = In a conversation
keys-chat-above = The conversation above
keys-chat-below = The conversation below
keys-chat-edit = In an empty field: change your last message
keys-chat-reply-up = Reply to the last message, or to the one above
keys-chat-reply-down = Reply to the message below, or to none
keys-chat-give-up = Stop replying or changing
