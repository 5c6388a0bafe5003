# A post before it is sent: kept, and taken back.
drafts-lost = { $count ->
    [one] A file of this draft is no longer on this device. The rest is here.
   *[other] { $count } files of this draft are no longer on this device. The rest is here.
}
drafts-waiting = Being sent. Nothing of it has left yet.
drafts-waiting-told = { $seconds ->
    [one] Your post goes out in one second. You can still undo it.
   *[other] Your post goes out in { $seconds } seconds. You can still undo it.
}
drafts-undo = Undo
drafts-undo-title = Don't send it, and go on writing (Z)
drafts-out = The post is out already. You can delete it, or delete it and write it anew.
keys-undo = Take back the post that is being sent
settings-undo = Time to undo a post
settings-undo-off = None
settings-undo-5 = 5 seconds
settings-undo-10 = 10 seconds
settings-undo-told = Until then nothing of a post leaves this device. It goes out also when you close the page. This device only.
schedule-title = Scheduled posts
schedule-short = Schedule…
schedule-when = Post it at
schedule-told = Close the field to post at once.
schedule-none = Choose a day and a time, or close the field to post now.
schedule-past = This time is over. Choose a later one, or close the field to post now.
schedule-far = A post can wait for a year at most. Choose an earlier time.
schedule-send = Schedule
schedule-done = Scheduled. It goes out from this device, while Kith runs here.
schedule-count = { $count ->
    [one] One scheduled post
   *[other] { $count } scheduled posts
}
schedule-edit = Edit
schedule-now = Post now
schedule-delete = Delete
schedule-delete-title = Delete this scheduled post?
schedule-delete-does = Nothing of it was posted. It can't be brought back.
schedule-busy = You are writing something else. Send or clear it first.
schedule-gone = It was not posted: who writes it, who was to read it, the post that it quotes or one of its files is gone. Edit it, or delete it.
schedule-old-copy = This profile is an older copy, and the newer one may have posted this. Post it now if it has not.
schedule-refused = It was not posted. { $why }
