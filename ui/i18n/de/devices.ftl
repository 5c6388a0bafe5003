# Eigene Geräte. Maschinell übersetzt, noch nicht durchgesehen.

devices-title = Geräte
devices-told = Alle, die als du schreiben. Jedes unterschreibt mit einem eigenen Schlüssel; ein Hauptgerät kann andere koppeln und herausnehmen.
devices-new =
    { $count ->
        [one] Ein neues Gerät schreibt als du. Wenn es nicht deins ist, widerrufe es.
       *[other] { $count } neue Geräte schreiben als du. Wenn sie nicht deine sind, widerrufe sie.
    }
devices-this = dieses Gerät
devices-main = Hauptgerät
devices-revoked = widerrufen
devices-is-new = neu: wenn es nicht deins ist, widerrufe es
devices-since = seit { $time }
devices-name = Name des Geräts
devices-rename = Umbenennen
devices-rename-of = { $device } umbenennen
devices-revoke = Widerrufen
devices-revoke-of = { $device } widerrufen
devices-revoke-title = { $device } widerrufen?
devices-revoke-does = Was es von jetzt an schreibt, nimmt niemand an, und es bekommt nichts mehr.
devices-revoke-keys = Deine Kreise und deine eigenen Geräte bekommen sofort neue Schlüssel; Leute in deinen Kreisen übernehmen sie, sobald sie erreicht werden. Nachrichten gehen nicht mehr an das Gerät.
devices-revoke-reads = Was darauf ist, lässt sich dort weiter lesen: deine Beiträge, Nachrichten, Entwürfe und Kreise bis jetzt.
devices-revoke-main = Es ist ein Hauptgerät: Wer es hat, kann dieses hier herausnehmen. Wenn es verloren oder gestohlen ist, nimm stattdessen „Verloren oder gestohlen“ und deine Wörter.
devices-revoke-again = Das lässt sich nicht rückgängig machen; um das Gerät wieder zu benutzen, koppele es neu.
devices-done = Widerrufen. Alle, die erreicht werden, erfahren es.
devices-left = Es wurde nicht aus { $names } herausgenommen: Tu das auf einem Hauptgerät davon oder mit den Wörtern.
devices-words = Verloren oder gestohlen
devices-words-of = { $device } ist verloren oder gestohlen: mit deinen Wörtern widerrufen
devices-words-told = Mit deinen 24 Wörtern tritt ein neuer Hauptschlüssel an die Stelle des alten, wer immer den hat. Nur dieses Gerät bleibt und die, die du hier wählst; alle anderen sind draußen, auch solche, die ein Dieb hinzugefügt hat.
devices-words-keep = Diese bleiben auch
devices-words-main = Die bleiben, sind keine Hauptgeräte mehr, bis du sie wieder als solche koppelst.
devices-words-typed = Deine 24 Wörter
devices-words-go = Mit den Wörtern widerrufen
devices-unnamed = Gerät, das seinen Namen nicht gesagt hat
devices-out = Widerrufen
devices-writes-as = Schreibt als { $names }
devices-partly = Widerrufen für { $names }; für die anderen zählt es noch.
devices-renewing-label = Neue Schlüssel
devices-renewing =
    { $all ->
        [one] Das Gerät in deinen Kreisen bekommt einen neuen Schlüssel. Es hat noch nicht geantwortet.
       *[other] Neue Schlüssel: { $done } von { $all } Geräten in deinen Kreisen haben sie. Die anderen bekommen sie, sobald sie erreicht werden.
    }
devices-renewed = Alle Geräte in deinen Kreisen haben die neuen Schlüssel.
devices-came = Neues Gerät: { $device }, { $time }. Wenn es nicht deins ist, widerrufe es.
devices-look = Ansehen
devices-mine = Es ist meins
devices-copied = Eine andere Kopie dieses Profils ist zur selben Zeit in Gebrauch, deshalb kann von einem der beiden Orte nichts geschrieben werden.
devices-copied-next = Beende Kith dort, wo die andere Kopie läuft, und starte es hier neu. Um an beiden Orten zu schreiben, lege dort ein neues Profil an, und koppele es.
devices-out-here = Dieses Gerät wurde widerrufen. Was hier von jetzt an geschrieben wird, nimmt niemand an, und es kommt nichts mehr.
devices-out-here-for = Dieses Gerät wurde für { $names } widerrufen. Was hier unter diesem Namen geschrieben wird, nimmt niemand an.
devices-out-next = Was vorher hier war, lässt sich weiter lesen und ausführen. Um dieses Gerät wieder zu benutzen, beginne mit einem neuen Profil, und koppele das.
