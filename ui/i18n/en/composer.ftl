# Writing a post, and who can read it.

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
