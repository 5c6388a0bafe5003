# Leute in der Nähe: wer es in diesem Netz auch geöffnet hat.

near-title = Leute in der Nähe
near-how = Steht ihr beieinander? Öffnet das auf beiden Geräten, im selben WLAN oder anderen lokalen Netz. Ihr seht euch hier { $minutes } Minuten lang.
near-told = Wer es in diesem Netz auch öffnet, sieht, dass { $name } da ist, und kann dir folgen: Sie erfahren dasselbe wie aus deinem Einladungslink. Sonst sieht dich niemand, und niemand folgt von selbst jemandem.
near-open = Für { $minutes } Minuten öffnen
near-close = Jetzt schließen
near-seen-as = Du bist als { $name } zu sehen.
near-left = Es schließt sich von selbst in { $time }.
near-empty = Noch hat es in diesem Netz niemand sonst geöffnet.
near-compare = Jeder kann jeden Namen verwenden. Bei der richtigen Person stehen neben deinem Namen dieselben sechs Ziffern.
near-followed = Du folgst ihnen
near-follow-label = Folgen: { $name }
near-ask = Ist das { $name }?
near-ask-does = Sieh auf den anderen Bildschirm: Dort müssen diese Ziffern neben deinem Namen stehen, { $mine }. Stehen andere da, ist es jemand anderes.

error-near-offline = Kith wurde so gestartet, dass es im lokalen Netz niemanden sucht.
error-near-offline-hint = Gebt euch stattdessen einen Einladungslink, oder starte Kith noch einmal auf die übliche Weise.
error-near-unheard = In diesem Netz lässt sich niemand finden.
error-near-unheard-hint = Verbinde dich mit einem WLAN oder einem anderen lokalen Netz und erlaube Kith, dort Geräte zu suchen. Ein Einladungslink geht überall.
