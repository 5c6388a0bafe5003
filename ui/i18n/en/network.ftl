# Who is connected.

network-connected = { $count ->
    [one] Connected to 1 device
   *[other] Connected to { $count } devices
}
network-by-relay = { $count ->
    [one] Connected to 1 device through a relay
   *[other] Connected to { $count } devices through relays
}
network-alone = Not connected to anybody
network-connected-short = { $count } online
network-off = Offline
network-show = Show how this device is connected
network-title = Connection
network-off-more = This device is offline: its network is not running. What you write is kept and leaves later; what you see is what came before.
network-alone-more = No other device is connected now. What you write is kept and leaves as soon as one is.
network-alone-next = If that lasts: follow an invite of somebody whom you follow once more, or add an anchor in the settings. A profile that was taken in from a file knows nobody's devices yet.
network-direct = { $count ->
    [one] Connected directly to 1 device.
   *[other] Connected directly to { $count } devices.
}
network-relayed = { $count ->
    [one] Connected to 1 device through a relay. It sees no content.
   *[other] Connected to { $count } devices through a relay. It sees no content.
}
network-unknown = { $count ->
    [one] The way to 1 device is being looked for.
   *[other] The way to { $count } devices is being looked for.
}
network-mine = What you wrote
network-mine-alone = { $count ->
    [0] Other devices hold your latest posts too.
    [one] 1 of your latest posts may be only on this device: no other copy is known.
   *[other] { $count } of your latest posts may be only on this device: no other copy is known.
}
network-news = What others wrote
network-waiting = Nothing has come yet from { $count } of the { $all } whom you follow:
network-more = { $count ->
    [one] and 1 more
   *[other] and { $count } more
}
network-news-later = What was written since then comes when somebody is connected who has it.
network-devices = Devices
network-phone = Phone
network-desktop = Computer
network-anchor = Anchor
network-peer-direct = direct
network-peer-relayed = through a relay
network-peer-unknown = way being looked for
network-traffic = { $in } in, { $out } out
size-bytes = { $count } bytes
size-kib = { $count } KiB
size-mib = { $count } MiB
size-gib = { $count } GiB
network-lost = Not known: the node does not answer
network-lost-short = Not known
network-starting = Starting…
network-starting-short = Starting
