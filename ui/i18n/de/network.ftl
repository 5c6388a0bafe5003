# Wer verbunden ist. Maschinell übersetzt, noch nicht durchgesehen.

network-connected = { $count ->
    [one] Mit 1 Gerät verbunden
   *[other] Mit { $count } Geräten verbunden
}
network-by-relay = { $count ->
    [one] Über ein Relay mit 1 Gerät verbunden
   *[other] Über Relays mit { $count } Geräten verbunden
}
network-alone = Mit niemandem verbunden
network-connected-short = { $count } online
network-off = Offline
network-show = Zeigen, wie dieses Gerät verbunden ist
network-title = Verbindung
network-off-more = Dieses Gerät ist offline: Sein Netz läuft nicht. Was du schreibst, bleibt erhalten und geht später hinaus; was du siehst, ist von vorher.
network-alone-more = Gerade ist kein anderes Gerät verbunden. Was du schreibst, bleibt erhalten und geht hinaus, sobald eines da ist.
network-alone-next = Wenn das so bleibt: Folge noch einmal einer Einladung von jemandem, dem du folgst, oder füge in den Einstellungen einen Anker hinzu. Ein Profil, das aus einer Datei kam, kennt noch niemandes Geräte.
network-direct = { $count ->
    [one] Direkt mit 1 Gerät verbunden.
   *[other] Direkt mit { $count } Geräten verbunden.
}
network-relayed = { $count ->
    [one] Über ein Relay mit 1 Gerät verbunden. Es sieht keine Inhalte.
   *[other] Über ein Relay mit { $count } Geräten verbunden. Es sieht keine Inhalte.
}
network-unknown = { $count ->
    [one] Der Weg zu 1 Gerät wird gesucht.
   *[other] Der Weg zu { $count } Geräten wird gesucht.
}
network-mine = Was du geschrieben hast
network-mine-alone = { $count ->
    [0] Auch andere Geräte haben deine neuesten Beiträge.
    [one] 1 deiner neuesten Beiträge ist vielleicht nur auf diesem Gerät: Eine andere Kopie ist nicht bekannt.
   *[other] { $count } deiner neuesten Beiträge sind vielleicht nur auf diesem Gerät: Eine andere Kopie ist nicht bekannt.
}
network-news = Was andere geschrieben haben
network-waiting = Noch nichts gekommen ist von { $count } der { $all }, denen du folgst:
network-more = { $count ->
    [one] und 1 weitere Person
   *[other] und { $count } weitere
}
network-news-later = Was seitdem geschrieben wurde, kommt, sobald jemand verbunden ist, der es hat.
network-devices = Geräte
network-phone = Telefon
network-desktop = Computer
network-anchor = Anker
network-peer-direct = direkt
network-peer-relayed = über ein Relay
network-peer-unknown = Weg wird gesucht
network-traffic = { $in } herein, { $out } hinaus
size-bytes = { $count } Byte
size-kib = { $count } KiB
size-mib = { $count } MiB
size-gib = { $count } GiB
network-lost = Nicht bekannt: Der Knoten antwortet nicht
network-lost-short = Unbekannt
network-starting = Startet …
network-starting-short = Startet
