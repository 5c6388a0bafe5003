# Veröffentlichte Listen von Leuten, und wen sie vorschlagen. Maschinell übersetzt, noch nicht durchgesehen.

published-people = { $count ->
    [one] Eine Liste mit 1 Person
   *[other] Eine Liste mit { $count } Leuten
}
published-follow-all = Allen folgen
published-follow-all-title = { $count ->
    [one] 1 Person folgen?
   *[other] { $count } Leuten folgen?
}
published-follow-all-does = Du folgst allen, denen du noch nicht folgst. Auf ihrer Seite kannst du ihnen jeweils wieder entfolgen.
published-followed = Du folgst ihnen
published-you = Du
published-told = Die Namen stehen so in der Liste, bis ein Profil gekommen ist.
published-publish = Diese Liste veröffentlichen
published-publish-told = Ein öffentlicher Beitrag nennt alle, die jetzt in dieser Liste stehen. Wer dir folgt, bekommt sie vorgeschlagen. Spätere Änderungen der Liste bleiben deine.
published-publish-text = Was darüber steht
published-publish-go = Veröffentlichen
suggested-title = Vorgeschlagen
suggested-by = { $count ->
    [one] In „{ $title }“ von { $by }
   *[other] In Listen von { $count } Leuten, zuletzt „{ $title }“ von { $by }
}
suggested-follow = { $name } folgen
suggested-drop = Nicht vorschlagen
suggested-drop-label = Nicht vorschlagen: { $name }
published-again = Neu veröffentlichen
published-replaces = Der Beitrag, der jetzt steht, wird gelöscht, samt dem, was andere dazu gesagt haben. Ein neuer tritt an seine Stelle.
published-look = Die veröffentlichte Liste
published-withdraw = Zurückziehen
published-withdraw-title = Diese Liste zurückziehen?
published-withdraw-does = Ihr Beitrag wird überall gelöscht und schlägt niemanden mehr vor. Die Liste selbst bleibt dir. Wer durch sie jemandem folgt, folgt weiter.
published-withdrawn = Die Liste ist zurückgezogen.
