# Ein Link, der anderswo geöffnet wurde. Maschinell übersetzt, noch nicht durchgesehen.

arrival-invite = Eine Einladung
arrival-invite-says = Mit dieser Einladung würdest du { $name } folgen. So nennt sich die Person selbst: Vergleiche es mit dem, von wem du sie hast.
arrival-invite-nothing = Noch ist nichts geschehen, und niemand erfährt, dass du sie geöffnet hast.
arrival-invite-later = Nicht jetzt
