# People: profiles, invites, follows, compared keys.

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
