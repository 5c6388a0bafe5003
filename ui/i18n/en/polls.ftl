# Polls.
poll-legend = Poll
poll-title = Poll: the text asks, these are the answers
poll-short = Poll
poll-option = Answer { $place }
poll-add = Add an answer
poll-remove = Remove answer { $place }
poll-lasts = It ends after
poll-hour = 1 hour
poll-day = 1 day
poll-3-days = 3 days
poll-week = 7 days
poll-no-question = A poll needs a question: write it as the text.
poll-few = { $count ->
    [one] Write at least one answer.
   *[other] Write at least { $count } answers.
}
poll-long = { $count ->
    [one] An answer has at most one character.
   *[other] An answer has at most { $count } characters.
}
poll-twice = One answer stands there twice.
poll-open = Votes are public: everybody who can read the post can see who voted how.
poll-vote = Vote
poll-change = Change my vote
poll-mine = Your vote
poll-count = { $percent } % · { $count ->
    [one] 1 vote
   *[other] { $count } votes
}
poll-voters = { $count ->
    [0] Nobody voted yet
    [one] One person voted
   *[other] { $count } people voted
}
poll-left = { $time } left
poll-ended = Final result
poll-who = Who voted
poll-who-more = { $count ->
    [one] and one more person
   *[other] and { $count } more people
}
poll-who-none = Nobody
