# Reading: long lists, pictures that are looked at, threads, profiles.

picture-open-of = Bild ansehen: { $alt }
viewer-count = { $at } von { $count }
viewer-in = Näher
viewer-out = Weiter weg
viewer-next = Nächstes Bild
viewer-previous = Voriges Bild

thread-new = { $count } neu
thread-whole = Die ganze Unterhaltung zeigen
thread-on = { $count ->
    [one] Hier weiterlesen: noch { $count }
   *[other] Hier weiterlesen: noch { $count }
}
comment-new = Neu
