# Reading: long lists, pictures that are looked at, threads, profiles.

picture-open-of = Look at the picture: { $alt }
viewer-count = { $at } of { $count }
viewer-in = Closer
viewer-out = Further away
viewer-next = Next picture
viewer-previous = Previous picture

thread-new = { $count } new
thread-whole = Show the whole thread
thread-on = { $count ->
    [one] Continue this thread: { $count } more
   *[other] Continue this thread: { $count } more
}
comment-new = New

again = Try again

part-label = What they wrote
part-posts = Posts
part-comments = Comments
part-pictures = Pictures
part-write = Write a post
part-open-post = Open the post
part-no-own-posts = You wrote nothing yet. What you post stands here.
part-no-comments = Nothing of what they said under posts is here.
part-no-own-comments = What you say under posts stands here.
part-no-pictures = No posts with pictures are here.
part-no-own-pictures = Pictures that you post stand here.
person-near = Reposted or commented on by people whom you follow:
person-near-others = { $count ->
    [one] and { $count } other
   *[other] and { $count } others
}
