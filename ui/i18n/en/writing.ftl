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
