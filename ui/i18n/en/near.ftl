# People near you: who else on this network has it open.

near-title = People near you
near-how = Stand beside somebody? Open this on both devices, in the same Wi-Fi or other local network. You see each other here for { $minutes } minutes.
near-told = Whoever on this network opens it too sees that { $name } is here, and can follow you: they get what your invite link tells. Nobody else sees you, and nobody follows anybody by itself.
near-open = Open for { $minutes } minutes
near-close = Close now
near-seen-as = You are seen as { $name }.
near-left = It closes by itself in { $time }.
near-empty = Nobody else has it open on this network yet.
near-compare = Anybody can use any name. The right person has the same six digits beside your name.
near-followed = Followed
near-follow-label = Follow { $name }
near-ask = Is this { $name }?
near-ask-does = Look at their screen: these digits have to stand there, beside your name, { $mine }. If others stand there, it is somebody else.

error-near-offline = Kith was started without looking at the network around it.
error-near-offline-hint = Give each other an invite link instead, or start Kith again in the usual way.
error-near-unheard = Nobody can be found on this network.
error-near-unheard-hint = Join a Wi-Fi or another local network, and let Kith look for devices there. An invite link works everywhere.
