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

again = Noch einmal versuchen

part-label = Was sie geschrieben haben
part-posts = Beiträge
part-comments = Kommentare
part-pictures = Bilder
part-write = Beitrag schreiben
part-open-post = Beitrag öffnen
part-no-own-posts = Du hast noch nichts geschrieben. Deine Beiträge stehen hier.
part-no-comments = Von dem, was sie unter Beiträgen gesagt haben, ist nichts hier.
part-no-own-comments = Was du unter Beiträgen sagst, steht hier.
part-no-pictures = Beiträge mit Bildern sind keine hier.
part-no-own-pictures = Bilder, die du veröffentlichst, stehen hier.
person-near = Geteilt oder kommentiert von Leuten, denen du folgst:
person-near-others = { $count ->
    [one] und { $count } weitere Person
   *[other] und { $count } weiteren
}
