# A link that was opened elsewhere.

arrival-invite = An invite
arrival-invite-says = By this invite you would follow { $name }. So they call themselves: compare it with whom you got it from.
arrival-invite-nothing = Nothing was done yet, and nobody is told that you opened it.
arrival-invite-later = Not now
