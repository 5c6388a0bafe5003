# Reports to an anchor.

report = Report…
report-title = Report this?
report-does = Your anchor { $anchor } is told, and nobody else: neither who wrote it nor your friends. Whoever runs the anchor decides whether it goes on showing it.
report-why = What is wrong with it?
report-spam = Spam or fraud
report-abuse = Insults, threats or somebody’s private things
report-danger = Against the law, or dangerous
report-other = Something else
report-text = What they should know, if you like
report-to = Which anchor
report-yes = Report
report-done = Reported. Your anchor hears of it as soon as it is reached.
report-nobody = Nobody sits in the middle who could be told: you have no anchor. You can block whoever wrote it: then nothing of theirs is shown to you any more.
report-block = Block instead
report-refused = An anchor did not take a report of yours. See your reports in Settings, under Muted and blocked.
reports-title = What you reported
reports-waiting = Waiting to reach your anchor { $anchor }
reports-taken = Your anchor { $anchor } has it. Whoever runs it decides.
reports-refused = Not taken: the anchor { $anchor } refused it, or is no longer one of yours. You can mute or block instead.
reports-look = Look at it
reports-gone = It is not here any more, or it is a comment: look under its post.
