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
