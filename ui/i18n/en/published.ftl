# Published lists of people, and whom they suggest.

published-people = { $count ->
    [one] A list of 1 person
   *[other] A list of { $count } people
}
published-follow-all = Follow all
published-follow-all-title = { $count ->
    [one] Follow 1 person?
   *[other] Follow { $count } people?
}
published-follow-all-does = You follow each of them that you do not follow yet. You can unfollow each on their page.
published-followed = You follow them
published-you = You
published-told = These names are as the list has them, until a profile came.
published-publish = Publish this list
published-publish-told = A public post names everybody who is in this list now. Whoever follows you gets them suggested. Later changes of the list stay yours.
published-publish-text = What stands over it
published-publish-go = Publish
suggested-title = Suggested
suggested-by = { $count ->
    [one] In “{ $title }” by { $by }
   *[other] Listed by { $count } people, last in “{ $title }” by { $by }
}
suggested-follow = Follow { $name }
suggested-drop = Don’t suggest
suggested-drop-label = Don’t suggest: { $name }
published-again = Publish again
published-replaces = The post that stands now is deleted, with what others said about it. A new one takes its place.
published-look = View the published list
published-withdraw = Withdraw
published-withdraw-title = Withdraw this list?
published-withdraw-does = Its post is deleted everywhere, and no longer suggests anyone. The list itself stays yours. Anyone who followed people from it keeps following them.
published-withdrawn = The list is withdrawn.
