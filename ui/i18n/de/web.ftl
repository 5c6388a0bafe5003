# Die Webseite, und Seiten öffentlicher Beiträge. Maschinell übersetzt, noch nicht durchgesehen.

web-lost = Die Verbindung zu deinem Knoten wird wiederhergestellt …
web-bar-signed-out = Dieser Browser ist abgemeldet. Öffne einen neuen Link aus: kith status
web-refused = Dein Knoten hat dieses Fenster abgewiesen. Lade die Seite neu.
web-no-script = Die Seite von Kith wird von einem Skript deines eigenen Knotens gezeichnet. Erlaube Skripte für diese Adresse.
web-signed-in = Angemeldet.
web-open = Kith öffnen
web-signed-out-title = Kith: anmelden
web-signed-out = Dieser Browser ist nicht angemeldet
web-signed-out-why = Dein Knoten lässt nur Browser herein, die du geschickt hast. Gib auf dem Gerät, auf dem er läuft, ein:
web-signed-out-how = (mit demselben --profile DIR, mit dem der Knoten gestartet wurde, falls eines angegeben war) und öffne den Anmeldelink, der ausgegeben wird. Ein Link gilt einmal, binnen 10 Minuten.
web-no-picture = Das ist kein Bild.
web-upload-busy = Gerade werden andere Bilder hochgeladen. Versuch es gleich noch einmal.
web-upload-cut = Das Hochladen wurde unterbrochen. Versuch es noch einmal.
web-upload-stopped = Das Hochladen ist stehengeblieben. Versuch es noch einmal.

share-title = { $name } auf Kith
share-thread = Kommentare
share-more = { $count ->
    [one] Ein weiterer Kommentar wird hier nicht gezeigt.
   *[other] { $count } weitere Kommentare werden hier nicht gezeigt.
}
share-file = Eine Datei
share-open = In Kith öffnen
share-follow = Folge { $name } in Kith hiermit:
share-kith = Kith ist ein soziales Netz, das seinen Nutzern selbst gehört. Diese Seite kommt von jemandes Anker: einem Helfer, der öffentliche Beiträge erreichbar hält.
share-kith-get = Um zu antworten oder zu folgen, installiere Kith.
share-malformed = Das ist kein Link zu einem Beitrag
share-malformed-more = Ein Link hat hinter /p/ die Kennung des Beitrags, 64 Ziffern und Buchstaben. Vielleicht wurde er auf dem Weg zu dir abgeschnitten.
share-absent = Dieser Beitrag wurde hier nicht gefunden
share-absent-more = Vielleicht ist er auf anderen Geräten: Dieser Anker bewahrt nur auf, was die Leute tragen, denen er hilft. In Kith werden auch die eigenen Geräte der Person und andere danach gefragt.
share-deleted = Dieser Beitrag wurde gelöscht
share-deleted-more = Wer ihn geschrieben hat, hat ihn zurückgenommen.
share-denied = Dieser Beitrag wird hier nicht gezeigt
share-denied-more = Wer diesen Anker betreibt, hat entschieden, ihn nicht zu zeigen. Andere Geräte tun es vielleicht.
share-busy = Zu viele fragen auf einmal
share-busy-more = Versuch es gleich noch einmal.
share-poll-until = Offen bis { $time }.
share-poll-vote = Um abzustimmen, öffne diesen Beitrag in Kith.
share-quote-gone = Er zitiert einen Beitrag, der hier nicht gezeigt wird.
share-people = In Kith kannst du ihnen von dieser Liste aus folgen.
