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
devices-revoke-does = Nobody takes what it writes from now on, and it is given nothing more: your circles get new keys, and messages no longer go to it. What is on it can still be read there: your posts, messages, drafts and circles until now. This can't be undone; to use the device again, link it anew.
devices-left = It was not taken out of all personas: go on with a main device of the others, or with their phrase.
