# Own devices
devices-title = Devices
devices-told = All that write as you. Each signs with a key of its own; a main device can link others and take them out.
devices-new =
    { $count ->
        [one] A new device writes as you. If it is not yours, revoke it.
       *[other] { $count } new devices write as you. If they are not yours, revoke them.
    }
devices-this = this device
devices-main = main device
devices-revoked = revoked
devices-is-new = new: if it is not yours, revoke it
devices-since = since { $time }
devices-name = Name of the device
devices-rename = Rename
devices-rename-of = Rename { $device }
devices-revoke = Revoke
devices-revoke-of = Revoke { $device }
devices-revoke-title = Revoke { $device }?
devices-revoke-does = Nobody takes what it writes from now on, and it is given nothing more.
devices-revoke-keys = Your circles and your own devices get new keys at once; people in your circles take them as they are reached. Messages no longer go to it.
devices-revoke-reads = What is on it can still be read there: your posts, messages, drafts and circles until now.
devices-revoke-main = It is a main device: whoever has it can take this one out. If it was lost or stolen, use “Lost or stolen” and your words instead.
devices-revoke-again = This can't be undone; to use the device again, link it anew.
devices-done = Revoked. All who are reached hear of it.
devices-left = It was not taken out of { $names }: do that on a main device of those, or with their words.
devices-words = Lost or stolen
devices-words-of = { $device } is lost or stolen: revoke it with your words
devices-words-told = With your 24 words a new main key takes the place of the old one, whoever has that. Only this device stays, and those that you choose here; all others are out, also those that a thief added.
devices-words-keep = These stay too
devices-words-main = Those that stay are no main devices any more, until you link them as such again.
devices-words-typed = Your 24 words
devices-words-go = Revoke with the words
devices-unnamed = Device that has not told its name
devices-out = Revoked
devices-writes-as = Writes as { $names }
devices-partly = Revoked for { $names }; for the others it still counts.
devices-renewing-label = New keys
devices-renewing =
    { $all ->
        [one] The device in your circles gets a new key. It has not answered yet.
       *[other] New keys: { $done } of { $all } devices in your circles have them. The others get them as they are reached.
    }
devices-renewed = All devices in your circles have the new keys.
devices-came = New device: { $device }, { $time }. If it is not yours, revoke it.
devices-look = Look
devices-mine = It is mine
devices-copied = Another copy of this profile is in use at the same time, so nothing can be written from one of the two.
devices-copied-next = End Kith where the other copy runs, and start it here again. To write from both places, make a new profile there and link it.
devices-out-here = This device was revoked. Nobody takes what is written here from now on, and nothing more comes.
devices-out-here-for = This device was revoked for { $names }. Nobody takes what is written here as them.
devices-out-next = What was here before can still be read and exported. To use this device again, begin with a new profile and link that one.
