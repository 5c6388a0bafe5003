# Texts of Kith in English. One message a line; a test holds that every key is used and none is missing.

back = Back
cancel = Cancel
close = Close
save = Save
loading = One moment…

nav-label = Main places
nav-home = Home
nav-people = People
nav-messages = Messages
nav-messages-unread = Messages, { $count } unread
nav-search = Search
nav-profile = You
nav-settings = Settings
detail-label = Details
detail-empty = Choose a post or a person to see it here.

time-now = now
time-minutes = { $count } min
time-hours = { $count } h
time-days = { $count } d
time-today = Today
time-yesterday = Yesterday

welcome-title = Welcome to Kith
welcome-lead = A place for you and your people, kept on your own devices.
welcome-name = What should people call you?
welcome-go = Start
welcome-busy = One moment…
welcome-keys = Your keys are kept in this device's keychain.
name-too-long = A name has at most { $limit } characters.

network-connected = { $count ->
    [one] Connected to 1 device
   *[other] Connected to { $count } devices
}
network-by-relay = { $count ->
    [one] Connected to 1 device through a relay
   *[other] Connected to { $count } devices through relays
}
network-alone = Not connected to anybody
network-connected-short = { $count } online
network-off = Offline
network-show = Show how this device is connected
network-title = Connection
network-off-more = This device is offline: its network is not running. What you write is kept and leaves later; what you see is what came before.
network-alone-more = No other device is connected now. What you write is kept and leaves as soon as one is.
network-alone-next = If that lasts: follow an invite of somebody whom you follow once more, or add an anchor in the settings. A profile that was taken in from a file knows nobody's devices yet.
network-direct = { $count ->
    [one] Connected directly to 1 device.
   *[other] Connected directly to { $count } devices.
}
network-relayed = { $count ->
    [one] Connected to 1 device through a relay. It sees no content.
   *[other] Connected to { $count } devices through a relay. It sees no content.
}
network-unknown = { $count ->
    [one] The way to 1 device is being looked for.
   *[other] The way to { $count } devices is being looked for.
}
network-mine = What you wrote
network-mine-alone = { $count ->
    [0] Other devices hold your latest posts too.
    [one] 1 of your latest posts may be only on this device: no other copy is known.
   *[other] { $count } of your latest posts may be only on this device: no other copy is known.
}
network-news = What others wrote
network-waiting = Nothing has come yet from { $count } of the { $all } whom you follow:
network-more = { $count ->
    [one] and 1 more
   *[other] and { $count } more
}
network-news-later = What was written since then comes when somebody is connected who has it.
network-devices = Devices
network-phone = Phone
network-desktop = Computer
network-anchor = Anchor
network-peer-direct = direct
network-peer-relayed = through a relay
network-peer-unknown = way being looked for
network-traffic = { $in } in, { $out } out
size-bytes = { $count } bytes
size-kib = { $count } KiB
size-mib = { $count } MiB
size-gib = { $count } GiB
network-lost = Not known: the node does not answer
network-lost-short = Not known
network-starting = Starting…
network-starting-short = Starting

feed-title = Home
feed-new = { $count ->
    [one] 1 new post
   *[other] { $count } new posts
}
feed-more = Show more
feed-older = Continue with older posts
feed-back-to-newest = Back to the newest posts
feed-end = You have read everything.
feed-read-to-here = You read up to here
tabs-label = Feeds
tabs-home = Home
tabs-bookmarks = Bookmarks
tabs-edit = Lists and hashtags
empty-bookmarks = No bookmarks yet. Keep a post with its bookmark sign: you find it here, and nobody is told.
empty-list = Nothing from these people yet.
empty-list-more = Put people in, or wait for what they write next.
empty-tag = No post with this hashtag is on this device yet. Follow it, and what comes appears here.
bookmark-add = Bookmark
bookmark-remove = Remove the bookmark
bookmark-gone = What you bookmarked is not on this device any more.
bookmark-open-thread = Open the thread
feed-fetching = Fetching from your other device…
feed-fetching-more = What is yours appears here while both are on.
empty-title = It is quiet here. Three ways to begin:
empty-follow = Follow somebody
empty-follow-more = Paste a link that a friend sent you.
empty-invite = Invite somebody
empty-invite-more = Send your link, or show it as a code.
empty-profile = Add a picture of you
empty-profile-more = So that your people recognise you.

composer-label = Write a post
composer-placeholder = What would you like to share?
composer-empty = Write something or add a picture first.
composer-too-long = The text is too long.
composer-warning = Content warning
composer-warning-short = Warning
composer-warning-placeholder = What is it about?
composer-warning-too-long = The content warning is too long.
composer-attach = Add pictures
composer-attach-short = Picture
composer-attach-files = Add pictures or files
composer-attach-files-short = File
composer-files-public = Only pictures can be posted for everybody. Take the other files out, or choose circles or groups.
composer-alt = Description of the picture
composer-alt-placeholder = Describe it for people who can't see it
composer-alt-too-long = A description is too long.
composer-describe = { $count ->
    [one] One picture has no description yet. People who can't see it will thank you for one.
   *[other] { $count } pictures have no description yet. People who can't see them will thank you for one.
}
composer-preparing = { $count ->
    [one] Preparing a picture…
   *[other] Preparing { $count } pictures…
}
composer-too-many = A post holds at most { $limit } pictures.
composer-remove-picture = Remove the picture
composer-count = { $length } of { $limit } characters
composer-send = Post
composer-sending = Posting…
composer-send-public = Post publicly
composer-send-to = Post to { $who }, { $people }
composer-sent-to = Posted to { $who }.
composer-send-title = Post (Ctrl+Enter)
audience-title = Who can read it?
audience-none = Choose who can read it
audience-public = Public
audience-public-told = Anybody can read it, keep it and pass it on.
audience-public-more = What is public can't be taken back from everybody who has it.
audience-circles = { $count } circles and groups
audience-people = { $count ->
    [0] nobody
    [one] 1 person
   *[other] { $count } people
}
audience-search = Find a circle or group
audience-choose = Choose everybody, or one or more of your circles and groups. You are asked only once: the next post goes where the last one went, until you choose another.
audience-nobody = Nobody is in it yet: only you could read this, and who comes in later can't.
audience-circle-more = { $count ->
    [one] 1 person can read it. It is sealed for them:
   *[other] { $count } people can read it. It is sealed for them:
} whoever carries your posts sees that you posted to some circle and on which day, not what, nor to whom.
audience-wider = { $pictures ->
    [0] Wider than before: anybody will be able to read this text.
    [one] Wider than before: anybody will be able to read this text and see the picture.
   *[other] Wider than before: anybody will be able to read this text and see the { $pictures } pictures.
}
audience-done = Done
audience-edit = Edit circles and groups
sealed-to = To { $circle }
sealed-somebody = a circle or group
sealed-told = Sealed for a circle of its author, or a group, that you are in. It can't be shared or reposted. Of a circle you are not told who else is in it.
sealed-own-told = Sealed for those who were in it when you posted. It can't be shared or reposted. Whoever carries your posts sees that you posted to some circle, not what, nor to whom.
composer-sent = Posted.
composer-kept = Your text is still here.

picture-open = Look at the picture
picture-alt = ALT
picture-show-alt = Show the description
picture-without-alt = Picture without a description
picture-coming = The picture is on its way
picture-too-large = A file may have at most { $limit } MiB.
picture-unreadable = This file could not be read as a picture.

post-title = Post
post-open = Open the post
post-deleted = This post was deleted.
post-edited = edited
post-edited-title = Changed after it was written: show what it said before
post-blocked = A post by somebody whom you blocked
versions-title = Versions
versions-now = as it stands
versions-gone = Earlier versions are not on this device.
hidden-title = Hidden by you
hidden-count = { $count ->
    [one] You hid 1 answer or reaction.
   *[other] You hid { $count } answers or reactions.
}
hidden-reaction = Reacted with { $emoji }
hidden-undo = Show again
hidden-undo-of = Show again what { $name } wrote
share-copy = Copy link
share-copied = The link is copied. It shows this post to anybody with a browser.
post-show = Show
post-hide = Hide
post-waiting = Waiting for a connection
post-waiting-title = It is stored here and leaves as soon as somebody is connected.
post-clock = Clock off
post-clock-title = The author's device gave a time in the future, so this one may be wrong.
post-forked = Two versions
post-forked-title = The author's device wrote two histories, for example from an old copy. Both are kept.
post-comments = { $count ->
    [one] 1 comment
   *[other] { $count } comments
}
post-reactions = Reactions
post-react = Add a reaction
post-react-with = React with { $emoji }
post-react-limit = A post takes at most { $limit } of your reactions.
post-reaction = { $emoji }, { $count ->
    [one] 1 reaction
   *[other] { $count } reactions
}
post-menu = More
post-edit = Edit
post-edit-label = New text
post-edit-hint = Earlier versions stay visible to those who have them.
post-delete = Delete
post-thread-muted = Muted thread
post-held = { $count ->
    [0] No other copy known
    [one] On 1 other device
   *[other] On { $count } other devices
}
post-held-title = Devices that were seen with a copy in the last days, so that others can read it while this one is off. There may be more.
repost = Repost
repost-undo = Take the repost back
repost-count = { $count ->
    [0] Repost
    [one] Repost, 1 so far
   *[other] Repost, { $count } so far
}
reposted-by = { $others ->
    [0] Reposted by { $name }
    [one] Reposted by { $name } and 1 other
   *[other] Reposted by { $name } and { $others } others
}
comments-close = Close comments
comments-open = Open comments to everyone
comments-closed = Comments are closed
comments-some = Only some people can comment
comments-closed-done = Nobody can comment any more. Comments that are there are hidden, not deleted.
comments-opened-done = Everyone can comment.
comment-hide = Hide this comment
comment-hidden-done = Hidden, for everybody who hears of it.
mute-thread = Mute this thread…
mute-thread-title = Mute this thread?
mute-thread-does = The post and what is written under it leave your feeds. Nobody is told.
mute-thread-undo = Show this thread again
mute-person = Mute { $name }…
mute-title = Mute { $name }?
mute-does = Their posts leave your feeds, and what they write under posts is folded away. They are not told.
mute-yes = Mute
muted-person = Muted. Take it back in the settings.
quiet = Muted
quiet-title = Mute the conversation
quiet-does = What comes there is not counted as new. You find it all the same. Nobody is told.
quiet-done = Muted. Its menu takes that back.
quiet-undo = Unmute the conversation
muted-thread = The thread leaves your feeds. Take it back in the settings.
unmuted = Shown again.
block-person = Block { $name }…
block-title = Block { $name }?
block-does = Nothing that they write or react with is shown to you any more, anywhere. They are not told.
block-yes = Block
blocked-person = Blocked. Take it back in the settings.
reposts-hide = Hide reposts
reposts-show = Show reposts
reposts-show-of = Show the reposts of { $name }
reposts-title = Hide what { $name } reposts?
reposts-does = What they carry further leaves your feeds; what they write themselves stays. They are not told.
reposts-hidden = Hidden. Take it back on their profile or in the settings.
unmute = Unmute
unmute-of = Unmute { $what }
unblock = Unblock
unblock-of = Unblock { $what }
span-label = How long
span-for-good = Until I take it back
span-day = 1 day
span-week = 7 days
span-month = 30 days
delete-title = Delete this post?
delete-comment-title = Delete this comment?
delete-does = Its text and pictures are removed here and, as soon as they hear of it, on the devices that hold a copy.
delete-leaves = What stays for ever: that you posted something at this time. And nobody can take back what others saw, copied or kept.
delete-yes = Delete

thread-label = Comments
thread-count = { $count ->
    [0] Comments
    [one] 1 comment
   *[other] { $count } comments
}
thread-empty = No comments yet.
thread-more = Show more comments
thread-fold = Fold
thread-unfold = { $count ->
    [one] Show 1 answer
   *[other] Show { $count } answers
}
comment-deleted = This comment was deleted.
comment-muted = A comment that you muted
comment-blocked = A comment by somebody whom you blocked
comment-answer = Answer
answer-placeholder = Answer { $name }
answer-send = Send

person-title = Profile
person-unnamed = Name still on its way
person-posts = { $count ->
    [one] 1 post
   *[other] { $count } posts
}
person-posts-label = Posts
person-as-of = Up to date as of { $age } ago
person-as-of-now = Up to date
person-as-of-just-now = Up to date as of just now
person-as-of-date = Up to date as of { $date }
person-some-posts = { $count ->
    [one] 1 post came to this device; there may be more
   *[other] { $count } posts came to this device; there may be more
}
person-waiting = Waiting for their device
follow-left = Left, and deleted what they said
person-waiting-more = Their posts appear here as soon as one of their devices, or somebody who carries their posts, is online.
person-no-posts = No posts yet.
person-edit = Edit profile
person-lists = In your lists
person-circles = In your circles
person-message = Message
person-blocked = You blocked them: nothing of theirs is shown.
follow = Follow
unfollow = Unfollow
profile-name = Name
profile-bio = About you
profile-picture = Profile picture
profile-picture-choose = Choose a picture
profile-picture-remove = Remove
profile-listed = Can be found by name
profile-listed-told = When this is on, anybody who searches for your name can find you. When it is off, people follow you by your invite or by what you write.
profile-public = Everybody who follows you sees this.

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

people-title = People
follow-title = Follow somebody
follow-how = Paste the link that they sent you, or the id of their profile.
follow-placeholder = Invite link or id
follow-done = You follow { $name } now.
follows-title = You follow
follows-empty = Nobody yet.
invite-title = Invite somebody
invite-how = Who opens this link with Kith can follow you.
invite-link = Your invite link
invite-copy = Copy link
invite-copied = The link is copied.
invite-code = Your invite link as a code
invite-show-code = Show as code
invite-hide-code = Hide the code
invite-tells = The link tells where your device can be reached. Send it to people you trust with that.

verified = Verified
verified-changed = Key changed
verified-title = { $mine } and { $name } have each other's key
verified-told = Nobody sits between you. If the key of this person ever changes, you are asked before anything is sent. A further device of theirs changes nothing.
verified-by-words = Compared by words, { $when }
verified-by-code = Compared by code, { $when }
verify = Verify
verify-show = Show comparison
verify-again = Compare again
verify-title = Verify
verify-how = Make sure that you write to { $name } and nobody in between. Compare with them in person or on a call, over another way than Kith.
verify-words = Compare words
verify-words-told = Let { $name } read out their own words, and then read out yours. Both have to be the same on both screens.
verify-their-words = Words of { $name }
verify-own-words = Your words
verify-not-recovery = They are no secret, and not your recovery words: never read those to anybody.
verify-same = They are the same
verify-differ = They differ
verify-differ-told = Then this may not be the key of { $name }. Make sure that you look at the same person and that both of you read correctly. If they still differ, send nothing here that others must not read.
verify-code = Compare by code
verify-code-told = Side by side: { $name } copies or scans this code, and you paste theirs.
verify-copy = Copy code
verify-copied = Copied.
verify-paste = Code of { $name }
verify-check = Check
verify-undo = Forget the comparison
verify-changed = The key of { $name } changed since you compared it.
verify-changed-told = They may have recovered their account, or somebody else answers in their place. What you write waits until you compare again, or say that you send anyway.
verify-accept = Send anyway
search-messages = Messages
search-messages-told = Your messages are searched on this device alone. Others are asked only for public posts and people; they see the words that you look for there.
lists-title = Lists and hashtags
lists-new = New list
lists-told = A list has a feed of its own. Nobody sees your lists.
lists-name = Name of the list
lists-make = Make list
lists-empty = No lists yet. Make one, and put people in.
lists-members = { $count ->
    [one] 1 person
   *[other] { $count } people
}
lists-read = Read
lists-show-people = Who is in it
lists-hide-people = Hide people
lists-delete = Delete list
lists-nobody-followed = Follow somebody first: you put people in that you follow.
tags-title = Hashtags
tags-told = What people write with a hashtag that you follow has a feed of its own.
tags-name = #hashtag
tags-unfollow = Unfollow #{ $tag }
tags-at-home = Show these posts in the home feed too

muted-title = Muted and blocked
muted-told = What stands here is not shown to you. Nobody is told, and nothing is deleted.
muted-empty = Nothing is muted or blocked. People and threads are muted from their menu.
mute-word-title = Mute a word
mute-word-placeholder = Word or phrase
mute-word-everywhere = Everywhere, not only in feeds
mute-word-hint = Whole words count, in capitals or not.
muted-words = Words
muted-people = Muted people
muted-threads = Muted threads
muted-conversations = Muted conversations
muted-reposts = Hidden reposts
muted-blocked = Blocked people
muted-everywhere = everywhere
muted-in-feeds = in feeds
muted-left = { $left } left

bundle-title = Export and import
bundle-told = Everything that is yours in one sealed file, without personas kept separate: export those from their own screens. It is for a copy in a safe place, or to move to another device.
bundle-told-apart = Everything that is this persona's in one sealed file, and nothing of your others: for a copy in a safe place, or to move to another device.
bundle-file = File on the device where Kith runs
bundle-file-example = /home/me/kith-backup.kith
bundle-path = Give the whole path of the file, from the root of the disk on.
bundle-passphrase = Passphrase of the file
bundle-passphrase-told = Whoever has the file and its passphrase can be you. Nobody can reset it.
bundle-what = What to export
bundle-all = Everything, without personas kept separate
bundle-all-apart = Everything of this persona
bundle-posts = Only what I posted for everybody
bundle-identity = Only who I am: keys, lists and settings
bundle-export = Export
bundle-preview = Look into a file
bundle-import = Take it in
bundle-end = Stop
bundle-holds = Of { $who }, written { $date }: { $posts } posts ({ $entries } entries in all) and { $files } files, { $size }. What is newer here stays.
bundle-new = New here: { $personas } personas of yours, { $posts } posts ({ $entries } entries in all), { $files } files.
bundle-taken = There is a bundle of this name already.
bundle-replace = Replace it
bundle-exported = Written: { $entries } entries and { $files } files, { $size }.
bundle-alone = This device knows nobody's devices yet. So that posts and messages come and go, follow an invite of somebody whom you follow once more, or add an anchor above.
bundle-imported = Taken in. New here: { $entries } entries, { $files } files, { $personas } personas.

storage-title = Storage
storage-used = { $used } of { $quota } used
storage-own = Yours
storage-followed = Of people whom you follow
storage-files = Pictures and files
storage-others = Kept for others
storage-limit = This device keeps at most
storage-by-role = { $size }, as usual for this device
storage-told = What others wrote and you have not looked at for long goes first. What you wrote stays.
storage-metered = Data costs on this network: fetch small pictures only

anchors-title = Anchors
anchors-told = An anchor is always on. It keeps your posts at hand while your devices sleep, and helps others reach you. It knows which profiles live here.
anchors-empty = No anchor yet. Paste what whoever runs one gives you.
anchors-ticket = Ticket of an anchor
anchors-add = Add
anchors-remove = Remove the anchor { $node }
anchors-connected = connected
anchors-relayed = connected through a relay
anchors-web = Web page
anchors-web-address = Address, such as https://anchor.example
anchors-web-told = Where others see posts in a browser, if whoever runs this anchor offers it. Links that you copy lead there.
anchors-away = not reached now
mailboxes-title = Mailboxes
mailboxes-told = A mailbox is always on. It keeps messages while your devices sleep, yours and those for you. It sees sealed entries only, and not whom they are for.
mailboxes-empty = No mailbox yet. Paste the ticket of a device of your own, or what a friend who keeps theirs on gives you.
mailboxes-ticket = Ticket of a mailbox
mailboxes-remove = Remove the mailbox { $node }
mailboxes-unknown = Has not answered yet.
mailboxes-keeps = Keeps your messages.
mailboxes-closed = Keeps none: it needs a ticket from whoever runs it.
mailboxes-wrong = Keeps none: this ticket is not of this node.
mailboxes-expired = Keeps none: the ticket is too old. Ask for a new one.
mailboxes-full = Keeps none: it has no place left.
mailboxes-refused = Keeps none.
mailboxes-lent = Keep messages for others
mailboxes-lent-told = This device can be a mailbox for your other devices and for friends, while it is on. Give them its ticket: it lets in who has it, for some weeks.
mailboxes-copy = Copy the ticket
mailboxes-copied = Ticket copied.
mailboxes-kept = { $size } kept
mailboxes-dismiss = Keep no more messages for { $node }

settings-title = Settings
settings-reading = What you read
settings-looks = Looks
settings-theme = Theme
settings-theme-system = As the system
settings-theme-light = Light
settings-theme-dark = Dark
settings-size = Text size
settings-size-small = Small
settings-size-normal = Normal
settings-size-large = Large
settings-size-largest = Largest
settings-keyboard = Keyboard
settings-single-keys = Single keys act on the main screens
settings-show-keys = Show all keys
settings-messages = Messages
settings-receipts = Tell others what I have read
settings-receipts-told = They hear which message you read last, not when. Requests are never told.
settings-hide-answers = Hide when I answer
settings-hide-answers-told = Your device says by itself that messages came. Somebody who watches the whole network can tell from that who writes to whom. With this on, it says so with your next message, or about an hour later. It helps where both sides turn it on, and takes about 40 KB a day. Whoever answers by hand within minutes is still seen.
settings-network = Network
settings-public = Find people beyond this network
settings-public-told = Uses iroh's public lookup and relay servers. They help devices find and reach each other; they see your IP address and when you are online, never what you write or read.
settings-role-phone = It counts as a phone: on now and then.
settings-role-desktop = It counts as a computer: on for hours.
settings-role-anchor = It counts as an anchor: always on and reachable.
settings-next-start = A change here counts from the next start.
settings-device = This device
settings-keys-os = Your keys are kept in this device's keychain.
settings-keys-file = Your keys are kept in a file that is sealed with your passphrase.
settings-keys-memory = Your keys are kept in memory only and are gone when Kith closes.
settings-entries = Entries kept
settings-connections = Connections
settings-addresses = Addresses
settings-node = Network name
settings-version = Kith { $version }

keys-title = Keys
keys-next = Next post
keys-previous = Previous post
keys-open = Look at the pictures, or open the post
keys-answer = Answer the post
keys-like = Like the post, or take it back
keys-reveal = Show or hide what a warning covers
keys-repost = Repost the post, or take it back
keys-bookmark = Bookmark the post, or no longer
keys-write = Write a post
keys-message-to = Write to the person whose profile is open
keys-newest = Show the newest posts
keys-search = Search
keys-home = Go home
keys-messages = Go to your messages
keys-people = Go to people
keys-profile = Go to your profile
keys-settings = Go to the settings
keys-sheet = Show this list
keys-send = Send what you write
keys-back = Close what is open, or go back
keys-off-hint = Single keys can be switched off in the settings.

error-not-found = This is not on this device.
error-not-found-hint = It may come when somebody who has it is online.
error-not-running = The network is not running.
error-not-running-hint = Start Kith again, or set an anchor.
error-closed = Kith is closing.
error-database-damaged = The database of this profile is damaged, or was made with another key.
error-database-damaged-hint = Nothing was changed. Restore the profile's folder from a copy.
error-disk-full = The disk is full, or the profile's folder can't be written.
error-disk-full-hint = Free some space and try again. Nothing that was stored is lost.
error-profile-in-use = This profile is in use by another program.
error-profile-in-use-hint = Close the other window of Kith, or the node that uses it, and try again.
error-profile-too-new = This profile was written by a newer version of Kith.
error-profile-too-new-hint = Update Kith on this device.
error-keystore-locked = The keychain is locked.
error-keystore-locked-hint = Unlock it and try again.
error-wrong-passphrase = The passphrase does not open this.
error-wrong-passphrase-hint = Check it and try again.
error-bundle-damaged = This file was cut off or altered.
error-bundle-damaged-hint = Use another copy of it.
error-bundle-too-new = This file was written by a newer version of Kith.
error-bundle-too-new-hint = Update Kith on this device.
error-busy = Another export or import is under way.
error-cancelled = It was ended before it was done.
error-cancelled-hint = Repeat it.
error-device-revoked = This device was revoked, so nobody would take what it writes.
error-device-revoked-hint = Write on another device of yours. What is here stays readable. To write from here again, make a new profile on this device and link it.
error-no-backup = No backup of these words was found.
error-no-backup-hint = Name another anchor. A file that you exported and a device that you still have bring back more: take in the file, or link the device. Where those who follow you know the id of your persona, a terminal can go by that: kith recovery restore --persona ID.
error-exists-hint = Give another name.
error-key-changed = Their key is another than the one you compared.
error-key-changed-hint = Compare again, or go on without.

app-opening = Opening…
app-copying = Bringing your profile up to date: copying it, { $percent } %
app-changing = Bringing your profile up to date. Do not switch off.
app-cannot-open = Kith can't open your profile
app-try-again = Try again
app-bad-choice = KITH_KEYSTORE has a value that Kith does not know.
app-bad-choice-hint = Leave it away, or set it to file or os.
app-new-passphrase = Choose a passphrase
app-new-passphrase-why = Your keys will rest in a file that only this passphrase opens. Nobody can reset it.
app-passphrase = Your passphrase
app-passphrase-why = Your keys rest in a sealed file. The passphrase opens it.
app-passphrase-wrong = This passphrase does not open the profile.
app-passphrase-go = Open

web-lost = Connecting to your node again…
web-bar-signed-out = This browser is signed out. Open a new link from: kith status
web-refused = Your node refused this window. Reload the page.
web-no-script = Kith's page is drawn by a script from your own node. Allow scripts for this address.
web-signed-in = Signed in.
web-open = Open Kith
web-signed-out-title = Kith: sign in
web-signed-out = This browser is not signed in
web-signed-out-why = Your node lets in only browsers that you sent. On the device where it runs, type
web-signed-out-how = (with the same --profile DIR that the node was started with, if any) and open the login link that it prints. A link works once, within 10 minutes.
web-no-picture = This is not a picture.
web-upload-busy = Other pictures are being uploaded. Try again in a moment.
web-upload-cut = The upload was cut off. Try again.
web-upload-stopped = The upload stopped. Try again.

share-title = { $name } on Kith
share-thread = Comments
share-more = { $count ->
    [one] One more comment is not shown here.
   *[other] { $count } more comments are not shown here.
}
share-file = A file
share-follow = Follow { $name } in Kith with this:
share-kith = Kith is a social network that its users hold themselves. This page comes from somebody's anchor: a helper that keeps public posts reachable.
share-kith-get = To answer or follow, install Kith.
share-malformed = This is not a link to a post
share-malformed-more = A link has the id of the post behind /p/, 64 digits and letters. It may have been cut off on its way to you.
share-absent = This post was not found here
share-absent-more = It may be on other devices: this anchor keeps only what the people carry whom it helps. In Kith the author's own devices and others are asked for it too.
share-deleted = This post was deleted
share-deleted-more = Its author took it back.
share-denied = This post is not shown here
share-denied-more = Whoever runs this anchor decided not to show it. Other devices may.
share-busy = Too many people ask at once
share-busy-more = Try again in a moment.

search-title = Search
search-placeholder = Posts, people, hashtags
search-how = Look for words, "a phrase", #hashtags or posts from:somebody. This device is searched first; when you pause, devices that are connected are asked too.
search-people = People
search-tags = Hashtags
search-posts = Posts
search-asked = Connected devices were asked too. What they find appears here.
search-you = You
search-followed = You follow them
search-nothing = Nothing found so far for “{ $text }”.
search-tag-posts = { $count ->
    [one] 1 post
   *[other] { $count } posts
}

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
