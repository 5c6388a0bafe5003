# Feeds, search, lists, hashtags, what is muted.

feed-title = Home
feed-new = { $count ->
    [one] 1 new post
   *[other] { $count } new posts
}
feed-more = Show more
feed-older = Continue with older posts
feed-back-to-newest = Back to the newest posts
feed-end = You have read everything.
feed-read-to-here = You read up to here
tabs-label = Feeds
tabs-home = Home
tabs-bookmarks = Bookmarks
tabs-edit = Lists and hashtags
empty-bookmarks = No bookmarks yet. Keep a post with its bookmark sign: you find it here, and nobody is told.
empty-list = Nothing from these people yet.
empty-list-more = Put people in, or wait for what they write next.
empty-tag = No post with this hashtag is on this device yet. Follow it, and what comes appears here.
bookmark-add = Bookmark
bookmark-remove = Remove the bookmark
bookmark-gone = What you bookmarked is not on this device any more.
bookmark-open-thread = Open the thread
feed-fetching = Fetching from your other device…
feed-fetching-more = What is yours appears here while both are on.
empty-title = It is quiet here. Three ways to begin:
empty-follow = Follow somebody
empty-follow-more = Paste a link that a friend sent you.
empty-invite = Invite somebody
empty-invite-more = Send your link, or show it as a code.
empty-profile = Add a picture of you
empty-profile-more = So that your people recognise you.

search-messages = Messages
search-messages-told = Your messages are searched on this device alone. Others are asked only for public posts and people; they see the words that you look for there.
lists-title = Lists and hashtags
lists-new = New list
lists-told = A list has a feed of its own. Nobody sees your lists, unless you publish one.
lists-name = Name of the list
lists-make = Make list
lists-empty = No lists yet. Make one, and put people in.
lists-members = { $count ->
    [one] 1 person
   *[other] { $count } people
}
lists-read = Read
lists-show-people = Who is in it
lists-hide-people = Hide people
lists-delete = Delete list
lists-nobody-followed = Follow somebody first: you put people in that you follow.
tags-title = Hashtags
tags-told = What people write with a hashtag that you follow has a feed of its own.
tags-name = #hashtag
tags-unfollow = Unfollow #{ $tag }
tags-at-home = Show these posts in the home feed too

muted-title = Muted and blocked
muted-told = What stands here is not shown to you. Nobody is told, and nothing is deleted.
muted-empty = Nothing is muted or blocked. People and threads are muted from their menu.
mute-word-title = Mute a word
mute-word-placeholder = Word or phrase
mute-word-everywhere = Everywhere, not only in feeds
mute-word-hint = Whole words count, in capitals or not.
muted-words = Words
muted-people = Muted people
muted-threads = Muted threads
muted-conversations = Muted conversations
muted-reposts = Hidden reposts
muted-blocked = Blocked people
muted-everywhere = everywhere
muted-in-feeds = in feeds
muted-left = { $left } left

search-title = Search
search-placeholder = Posts, people, hashtags
search-how = Look for words, "a phrase", #hashtags or posts from:somebody. This device is searched first; when you pause, devices that are connected are asked too.
search-people = People
search-tags = Hashtags
search-posts = Posts
search-asked = Connected devices were asked too. What they find appears here.
search-you = You
search-followed = You follow them
search-nothing = Nothing found so far for “{ $text }”.
search-tag-posts = { $count ->
    [one] 1 post
   *[other] { $count } posts
}
