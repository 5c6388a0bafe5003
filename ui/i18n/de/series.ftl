# Threads of one author: posts that are sent as one.
series-add = Weiteren Beitrag hinzufügen
series-add-title = Weiteren Beitrag hinzufügen: Alle gehen zusammen als ein Thread hinaus
series-part = Beitrag { $place } des Threads
series-remove = Beitrag entfernen
series-remove-title = Beitrag entfernen: Beitrag { $place }
series-remove-does = Was darin steht, ist dann weg, und seine Dateien mit ihm. Die anderen Beiträge bleiben.
series-too-many = Ein Thread hat höchstens { $limit } Beiträge.
series-send = { $count ->
    [one] { $count } posten
   *[other] Alle posten ({ $count })
}
series-link = { $count ->
    [one] Thread · { $count } Beitrag
   *[other] Thread · { $count } Beiträge
}
series-link-title = Den ganzen Thread lesen
series-rest = Mehr von diesem Thread
series-delete = { $count ->
    [one] Das ist der erste Beitrag eines Threads mit { $count } Beitrag: Er verschwindet mit ihm.
   *[other] Das ist der erste Beitrag eines Threads mit { $count } Beiträgen: Alle verschwinden mit ihm.
}
series-redraft = { $count ->
    [one] Das ist der erste Beitrag eines Threads mit { $count } Beitrag: Er wird neu geschrieben.
   *[other] Das ist der erste Beitrag eines Threads mit { $count } Beiträgen: Alle werden neu geschrieben.
}
series-redraft-alone = Dieser Beitrag verlässt seinen Thread: Er wird ein eigener Beitrag, und die anderen bleiben, wie sie sind.
