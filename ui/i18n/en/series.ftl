# Threads of one author: posts that are sent as one.
series-add = Add another post
series-add-title = Add another post: all of them go out as one thread
series-part = Post { $place } of the thread
series-remove = Remove post
series-remove-title = Remove post { $place }
series-remove-does = What you wrote in it is gone then, and its files with it. The other posts stay.
series-too-many = A thread holds at most { $limit } posts.
series-send = { $count ->
    [one] Post { $count }
   *[other] Post all ({ $count })
}
series-link = { $count ->
    [one] Thread · { $count } post
   *[other] Thread · { $count } posts
}
series-link-title = Read the whole thread
series-rest = More of this thread
series-delete = { $count ->
    [one] This is the first post of a thread of { $count }: it goes with it.
   *[other] This is the first post of a thread of { $count }: all of them go with it.
}
series-redraft = { $count ->
    [one] This is the first post of a thread of { $count }: it is written anew.
   *[other] This is the first post of a thread of { $count }: all of them are written anew.
}
series-redraft-alone = This post leaves its thread: it becomes a post of its own, and the others stay as they are.
