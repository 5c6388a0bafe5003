# Umfragen.
poll-legend = Umfrage
poll-title = Umfrage: der Text fragt, dies sind die Antworten
poll-short = Umfrage
poll-option = Antwort { $place }
poll-add = Antwort hinzufügen
poll-remove = Antwort { $place } entfernen
poll-lasts = Sie endet nach
poll-hour = 1 Stunde
poll-day = 1 Tag
poll-3-days = 3 Tagen
poll-week = 7 Tagen
poll-no-question = Eine Umfrage braucht eine Frage: schreib sie als Text.
poll-few = { $count ->
    [one] Schreib mindestens eine Antwort.
   *[other] Schreib mindestens { $count } Antworten.
}
poll-long = { $count ->
    [one] Eine Antwort hat höchstens ein Zeichen.
   *[other] Eine Antwort hat höchstens { $count } Zeichen.
}
poll-twice = Eine Antwort steht zweimal da.
poll-open = Stimmen sind öffentlich: alle, die den Beitrag lesen können, sehen, wer wie gestimmt hat.
poll-vote = Abstimmen
poll-change = Stimme ändern
poll-mine = Deine Stimme
poll-count = { $percent } % · { $count ->
    [one] 1 Stimme
   *[other] { $count } Stimmen
}
poll-voters = { $count ->
    [0] Noch hat niemand abgestimmt
    [one] Eine Person hat abgestimmt
   *[other] { $count } Personen haben abgestimmt
}
poll-left = noch { $time }
poll-ended = Endergebnis
poll-who = Wer abgestimmt hat
poll-who-more = { $count ->
    [one] und eine weitere Person
   *[other] und { $count } weitere
}
poll-who-none = Niemand
