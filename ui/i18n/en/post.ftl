# Posts, pictures and comments.

picture-open = Look at the picture
picture-alt = ALT
picture-show-alt = ALT: show the description
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
reposts-show-of = Show reposts of { $name }
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
