# Writing: what helps with it.
complete-label = What it may mean
complete-told = { $count ->
    [one] 1 suggestion. Arrows choose, Enter takes it, Escape closes.
   *[other] { $count } suggestions. Arrows choose, Enter takes one, Escape closes.
}
complete-posts = { $count ->
    [one] 1 post
   *[other] { $count } posts
}
order-label = File { $place } of { $of }
order-earlier = Move forward
order-later = Move back
nudge-title = Post without a description?
nudge-does = { $count ->
    [one] One picture has no description. Who cannot see it, or whose connection is slow, learns nothing of it.
   *[other] { $count } pictures have no description. Who cannot see them, or whose connection is slow, learns nothing of them.
}
nudge-anyway = Post anyway
nudge-add = Add description
nudge-setting = The settings have a switch for this question.
settings-writing = Writing
settings-alt-nudge = Ask before a picture goes without a description
settings-alt-nudge-told = Once for each post, when you press the button.
post-redraft = Delete and write anew…
redraft-title = Delete this post and write it anew?
redraft-does = Its text, pictures, warning and audience go into the field where you write, and the post is deleted: here and, as soon as they hear of it, on the devices that hold a copy. Comments and reactions go with it.
redraft-yes = Delete and write anew
redraft-replaces = What stands in that field now is replaced.
redraft-done = The post is deleted. Change what you like and post it again.
