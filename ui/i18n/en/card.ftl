# The card of a link.
card-add = Add a preview of { $host }
card-told = The site sees that your device asks for the page; nobody who reads the post asks it.
card-busy = Asking for the page…
card-remove = Remove the preview
settings-previews = Add previews of links by themselves
settings-previews-told = While you write, your device asks the page of a link what it is, as if you had opened it. Otherwise only when you press the button.
error-preview-refused = There is no preview of this link: it leads into a private network, in circles, or to something that is no page of the web.
error-page-unreachable = The page could not be reached, or took too long.
error-page-unreachable-hint = Try it again, or send the post without a preview.
error-no-preview = This page says nothing of itself that a preview could show.
