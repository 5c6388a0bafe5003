# The web page, and pages of public posts.

web-lost = Connecting to your node again…
web-bar-signed-out = This browser is signed out. Open a new link from: kith status
web-refused = Your node refused this window. Reload the page.
web-no-script = Kith's page is drawn by a script from your own node. Allow scripts for this address.
web-signed-in = Signed in.
web-open = Open Kith
web-signed-out-title = Kith: sign in
web-signed-out = This browser is not signed in
web-signed-out-why = Your node lets in only browsers that you sent. On the device where it runs, type
web-signed-out-how = (with the same --profile DIR that the node was started with, if any) and open the login link that it prints. A link works once, within 10 minutes.
web-no-picture = This is not a picture.
web-upload-busy = Other pictures are being uploaded. Try again in a moment.
web-upload-cut = The upload was cut off. Try again.
web-upload-stopped = The upload stopped. Try again.

share-title = { $name } on Kith
share-thread = Comments
share-more = { $count ->
    [one] One more comment is not shown here.
   *[other] { $count } more comments are not shown here.
}
share-file = A file
share-open = Open it in Kith
share-follow = Follow { $name } in Kith with this:
share-kith = Kith is a social network that its users hold themselves. This page comes from somebody's anchor: a helper that keeps public posts reachable.
share-kith-get = To answer or follow, install Kith.
share-malformed = This is not a link to a post
share-malformed-more = A link has the id of the post behind /p/, 64 digits and letters. It may have been cut off on its way to you.
share-absent = This post was not found here
share-absent-more = It may be on other devices: this anchor keeps only what the people carry whom it helps. In Kith the author's own devices and others are asked for it too.
share-deleted = This post was deleted
share-deleted-more = Its author took it back.
share-denied = This post is not shown here
share-denied-more = Whoever runs this anchor decided not to show it. Other devices may.
share-busy = Too many people ask at once
share-busy-more = Try again in a moment.
share-poll-until = Open until { $time }.
share-poll-vote = To vote, open this post in Kith.
share-quote-gone = It quotes a post that is not shown here.
share-people = In Kith you can follow them from this list.
