# A post that another one is about.
quote = Quote
quote-by = Quoted post by { $name }
quote-open = Open the quoted post
quote-remove = Remove the quoted post
quote-missing = The quoted post is not here yet.
quote-deleted = The quoted post was deleted.
quote-blocked = The quoted post is by somebody you blocked.
quote-muted = You muted the quoted post, or who wrote it.
quote-files = { $count ->
    [one] One picture
   *[other] { $count } pictures
}
keys-quote = Quote the post in one of your own
