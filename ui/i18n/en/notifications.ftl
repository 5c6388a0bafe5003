# What happened, and what is told of.

nav-notifications = Activity
nav-notifications-unread = Activity, { $count ->
    [one] { $count } new
   *[other] { $count } new
}
keys-notifications = Activity
notifications-title = Activity
notifications-filter = Which notifications
notifications-all = All
notifications-mentions = Mentions
notifications-read-all = Mark all as read
notifications-read = Mark as read
notifications-more = Show older ones
notifications-new = New:
notifications-menu = More about this notification
notifications-mute-conversation = Mute this conversation
notifications-mentions-of = Only mentions by { $name }
notifications-nothing-of = Nothing by { $name }
notifications-rule-set = Kept. Settings list it, and take it back.
notifications-empty = Nothing happened yet.
notifications-empty-hint = Comments, reactions, messages and followers show up here.
notifications-some-off = Some kinds are switched off in the settings: they do not stand here.
notifications-empty-mentions = Nobody mentioned, answered or quoted you yet.

told-comment = { $others ->
    [0] { $name } commented on your post
    [one] { $name } and { $others } other commented on your post
   *[other] { $name } and { $others } others commented on your post
}
told-answer = { $others ->
    [0] { $name } answered you
    [one] { $name } and { $others } other answered you
   *[other] { $name } and { $others } others answered you
}
told-mention = { $others ->
    [0] { $name } mentioned you
    [one] { $name } and { $others } other mentioned you
   *[other] { $name } and { $others } others mentioned you
}
told-quote = { $others ->
    [0] { $name } quoted you
    [one] { $name } and { $others } other quoted you
   *[other] { $name } and { $others } others quoted you
}
told-reaction = { $others ->
    [0] { $name } reacted with { $emoji } to your post
    [one] { $name } and { $others } other reacted with { $emoji } to your post
   *[other] { $name } and { $others } others reacted with { $emoji } to your post
}
told-reaction-comment = { $others ->
    [0] { $name } reacted with { $emoji } to your comment
    [one] { $name } and { $others } other reacted with { $emoji } to your comment
   *[other] { $name } and { $others } others reacted with { $emoji } to your comment
}
told-vote = { $others ->
    [0] { $name } voted in your poll: { $option }
    [one] { $name } and { $others } other voted in your poll: { $option }
   *[other] { $name } and { $others } others voted in your poll: { $option }
}
told-vote-reaction = { $others ->
    [0] { $name } voted in your poll ({ $option }) and reacted with { $emoji }
    [one] { $name } and { $others } other voted in your poll ({ $option }) or reacted with { $emoji }
   *[other] { $name } and { $others } others voted in your poll ({ $option }) or reacted with { $emoji }
}
told-repost = { $others ->
    [0] { $name } reposted your post
    [one] { $name } and { $others } other reposted your post
   *[other] { $name } and { $others } others reposted your post
}
told-follower = { $others ->
    [0] { $name } follows you
    [one] { $name } and { $others } other follow you
   *[other] { $name } and { $others } others follow you
}
told-message = { $count ->
    [0] Messages of { $name }
    [one] { $count } new message of { $name }
   *[other] { $count } new messages of { $name }
}
told-request = { $others ->
    [0] { $name } asks to write to you
    [one] { $name } and { $others } other ask to write to you
   *[other] { $name } and { $others } others ask to write to you
}
told-invitation = { $name } has a group for you: { $group }
told-circle = { $name } put you into a circle: { $circle }
told-device = A device of yours is new: { $device }
told-edit = { $others ->
    [0] { $name } edited a post that you took part in
    [one] { $name } and { $others } other edited a post that you took part in
   *[other] { $name } and { $others } others edited a post that you took part in
}
told-backup = Your backup needs you

told-title = Notifications
told-kinds = Tell me of
told-kind-comments = Comments and answers
told-kind-mentions = Mentions and quotes
told-kind-reactions = Reactions
told-kind-reposts = Reposts
told-kind-edits = Edits of what I commented on or reacted to
told-kind-followers = Followers
told-kind-messages = Messages and requests
told-kind-circles = Groups and circles
told-always = New devices and backups that need you are always told of. All your devices keep to this.
told-quiet = Quiet hours
told-quiet-told = Nothing is shown outside of Kith then. It waits here.
told-quiet-from = From
told-quiet-to = Until
told-exceptions = Exceptions
told-conversation = A conversation
told-rule-mentions = Only mentions
told-rule-none = Nothing
told-all-again = Tell all again
told-all-again-of = Tell all again of { $name }
told-os = Show them beside the window too
told-os-texts = With names and texts
notify-hidden = Something new
notify-many = { $count ->
    [one] { $count } new notification
   *[other] { $count } new notifications
}
settings-at-login = Start Kith when I log in
settings-at-login-failed = This system does not let Kith start by itself.
settings-tray = Go on in the tray when I close the window
settings-no-tray = Your desktop shows no tray: closing the window ends Kith, and nothing arrives until you open it again.
tray-show = Show Kith
tray-quit = Quit Kith
