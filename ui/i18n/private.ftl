# Texts of circles, groups and followers in English, as in en.ftl.

circles-title = Circles and groups
circles-told = A circle is a named audience of yours. What you post to it only those in it can read. They see its name, and not who else is in it.
circles-new = New circle or group
circles-kind = Who posts to it?
circles-kind-mine = Circle: only you
circles-kind-all = Group: everybody in it
circles-name = Name of the circle
circles-make = Make circle
circles-empty = No circles or groups yet. Make one, and let people in.
circles-kind-circle = Circle: you post
circles-kind-group = Group: all post
circles-edit = Edit
circles-begin = Make one
circles-change = Name and colour
circles-change-colour = Colour
circles-rename = New name
circles-rename-told = Those in it see the name at your posts.
circles-colour = Colour, for you alone
circles-delete = Delete
circles-delete-title = Delete { $circle }?
circles-delete-does = Nothing more can be posted to it, and nobody is told. What you posted to it stays readable to those who were in it.
circles-members = In it
circles-others = Not in it
circles-add-search = Let in somebody whom you follow
circles-more = { $count ->
    [one] 1 more. Type a name to find them.
   *[other] { $count } more. Type a name to find them.
}
circles-add = Let in
circles-add-label = Let in { $name }
circles-remove = Take out
circles-remove-label = Take out { $name }
circles-remove-title = Take { $name } out of { $circle }?
circles-remove-does = What you posted until now stays readable to { $name }: they have it, and keep it. What you post from now on does not reach them.
circles-remove-more = They are not told. A new key goes to those who stay.
circles-removed = Taken out. What you posted until now stays readable to them.
colour-any = Any colour
colour-orange = Orange
colour-green = Green
colour-teal = Teal
colour-blue = Blue
colour-purple = Purple
colour-yellow = Yellow

groups-name = Name of the group
groups-make = Make group
groups-told = A group is for talking together: everybody in it posts to it, reads all that is posted there, and sees who else is in it. Whom you let in is invited first.
groups-owner = Made this group
groups-admin = Admin: lets people in and takes them out
groups-admin-make = Make admin
groups-admin-undo = No longer an admin
groups-member-menu = What { $name } may do
groups-invited = Invited, has not joined yet
groups-invited-admin = Invited as an admin, has not joined yet
groups-waiting = Waiting for their device: it gets the key when it is online
groups-gone = No longer in it
groups-add = Invite
groups-add-label = Invite { $name }
groups-add-search = Invite somebody whom you follow
groups-remove-does = What was posted until now stays readable to { $name }: they have it, and keep it, and can still comment on it. What is posted from now on does not reach them.
groups-remove-more = They are told, and the others see it. A new key goes to those who stay.
groups-close = Close group
groups-close-title = Close { $circle }?
groups-close-does = Nobody can post to it any more, and everybody in it is told. What was posted stays readable to those who were in it.
groups-leave-title = Leave { $circle }?
groups-leave-does = What its members post from now on does not reach you, and they are told that you left. What you read stays here; what you posted stays readable to them.
invitation-label = Invitation to a group
invitation-who = { $name } invites you to this group.
invitation-stranger = You do not follow them.
invitation-others = In it or invited too: { $names }.
invitation-others-more = In it or invited too: { $names } and { $count } more.
invitation-told = When you accept, you post to it and read what its members post, and your device keeps and passes on what all of them write. Until then nothing of it is loaded here. When you decline, its members are told.
invitation-joined = You are in { $group } now.
invitation-declined = Declined. { $group } is told.
invitation-waits = { $count ->
    [one] You are invited to a group
   *[other] You are invited to { $count } groups
}
audience-group = Group
followers-title = They follow you
followers-empty = Nobody told you so. Who follows without telling is known to nobody but themselves.
followers-mutual = You follow each other
followers-mutual-short = mutual
followers-drop = Drop
followers-drop-label = Drop { $name } as a follower
followers-drop-title = No longer show { $name } as a follower?
followers-drop-does = They stay able to read what you post in public: it is anybody's. They are not told, and do not appear here again.
follows-you = Follows you
follow-tell = Tell them that I follow
follow-tell-told = Otherwise nobody hears that you follow. It goes to them alone, sealed as a message is; you can take it back.
