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
