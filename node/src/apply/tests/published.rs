//! Lists that people publish, and who is suggested by them.

use super::headers::id;
use super::*;
use crate::entry::ListedPerson;
use crate::error::Error;
use crate::item::{self, Set};
use crate::limits::PUBLISHED_PEOPLE;
use crate::view::SuggestionView;

const CARPENTER: PersonaId = PersonaId::from_bytes([0xc0; 32]);
const SAILOR: PersonaId = PersonaId::from_bytes([0x5a; 32]);

fn named(persona: PersonaId, name: &str) -> ListedPerson {
    ListedPerson { persona, name: name.to_owned() }
}

fn list(by: &mut Alice, text: &str, people: Vec<ListedPerson>) -> Unverified<Entry> {
    let body = PostBody { text: text.to_owned(), people, ..PostBody::default() };
    by.entry(Kind::Post, NOW_S, Vec::new(), body.encode([7; 16]))
}

fn suggested(bob: &Bob) -> Vec<SuggestionView> {
    now(bob.node.suggestions(10)).unwrap()
}

fn who(bob: &Bob) -> Vec<PersonaId> {
    suggested(bob).into_iter().map(|suggestion| suggestion.persona).collect()
}

#[test]
fn lists_of_followed_people_suggest_whom_most_of_them_name() {
    let (mut alice, mut carol, mut mallory) = (Alice::new(1), Alice::new(2), Alice::new(3));
    let bob = Bob::between(&mut alice, &mut carol, 1);
    let own = now(bob.node.personas()).unwrap()[0].id;
    let mut entries = mallory.statements();
    entries.push(mallory.log_open(Scope::Posts, Vec::new()));
    // Who is followed no more suggests nobody.
    entries.push(list(&mut mallory, "Mine", vec![named(SAILOR, "Mallory's friend")]));
    now(bob.node.follow(None, &mallory.persona.to_string())).unwrap();
    assert!(bob.take(entries).refused.is_empty());
    assert_eq!(who(&bob), [SAILOR]);
    now(bob.node.unfollow(None, mallory.persona)).unwrap();
    assert_eq!(who(&bob), []);

    // Nor is anybody suggested who is followed, or whom the reader is.
    let people = vec![named(SAILOR, "Sailor"), named(own, "Bob"), named(alice.persona, "Alice"), named(CARPENTER, "")];
    let of_carol = list(&mut carol, "Boats\nand more", people);
    bob.take([of_carol]);
    assert_eq!(who(&bob), [SAILOR, CARPENTER]);
    let of_alice = list(&mut alice, "Wood", vec![named(CARPENTER, "Carpenter")]);
    let target = id(&of_alice);
    bob.take([of_alice]);
    let first = &suggested(&bob)[0];
    assert_eq!((first.persona, first.name.as_str(), first.listed_by), (CARPENTER, "Carpenter", 2));
    assert_eq!((first.list.post, first.list.text.as_str(), first.list.persona), (target, "Wood", alice.persona));
    assert_eq!((suggested(&bob)[1].list.text.as_str(), suggested(&bob)[1].listed_by), ("Boats", 1));
    assert_eq!(now(bob.node.suggestions(1)).unwrap().len(), 1);

    // The post says whom it lists, in its order; an edit changes its text alone.
    let shown = bob.shown(target).post;
    assert_eq!(shown.people.iter().map(|one| (one.persona, one.followed)).collect::<Vec<_>>(), [(CARPENTER, false)]);
    let edit = EditBody { post: PostBody { text: "Wood and glue".into(), ..PostBody::default() }, counter: 1 };
    bob.take([alice.entry(Kind::Edit, NOW_S, vec![target], edit.encode([5; 16]))]);
    assert_eq!(bob.shown(target).post.people.len(), 1);
    assert_eq!(suggested(&bob)[0].list.text, "Wood and glue");
    // What is muted is told nowhere; who else lists somebody suggests them all the same.
    now(bob.node.mute_word("glue", true, None)).unwrap();
    let left = suggested(&bob);
    assert_eq!((left.len(), left[0].persona, left[0].list.text.as_str()), (2, SAILOR, "Boats"));
    now(bob.node.unmute_word("glue")).unwrap();

    // Who was followed, blocked or passed over is suggested no more; of a deleted list nothing stays.
    now(bob.node.pass_over(SAILOR, false)).unwrap();
    assert_eq!(who(&bob), [CARPENTER]);
    now(bob.node.pass_over(SAILOR, true)).unwrap();
    assert_eq!(who(&bob), [CARPENTER, SAILOR]);
    now(bob.node.pass_over(SAILOR, false)).unwrap();
    now(bob.node.block(CARPENTER)).unwrap();
    assert_eq!(who(&bob), []);
    assert!(bob.shown(target).post.people.is_empty(), "who is blocked stands nowhere");
    now(bob.node.unblock(CARPENTER)).unwrap();
    now(bob.node.follow(None, &CARPENTER.to_string())).unwrap();
    assert_eq!(who(&bob), []);
    assert!(bob.shown(target).post.people[0].followed);
    bob.take([alice.entry(Kind::Delete, NOW_S, vec![target], DeleteBody {}.encode([6; 16]))]);
    assert!(bob.shown(target).post.people.is_empty());
    assert_eq!(
        bob.number::<u32>(
            "SELECT count(*) FROM listed JOIN entry ON row = entry_row AND id = (SELECT target FROM tombstone)"
        ),
        0
    );
}

#[test]
fn a_list_is_published_as_it_is_now() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 1);
    let list = now(bob.node.create_list("Harbour")).unwrap();
    assert!(matches!(now(bob.node.publish_list(list, None, None)), Err(Error::BadInput(_))), "nobody is in it");
    now(bob.node.add_to_list(list, alice.persona)).unwrap();
    let post = now(bob.node.publish_list(list, None, None)).unwrap();
    now(bob.node.add_to_list(list, carol.persona)).unwrap();
    let shown = bob.shown(post).post;
    assert_eq!((shown.text.as_str(), shown.people.len(), shown.people[0].persona), ("Harbour", 1, alice.persona));
    let again = now(bob.node.publish_list(list, None, Some(" People of the harbour "))).unwrap();
    let shown = bob.shown(again).post;
    assert_eq!((shown.text.as_str(), shown.people.len()), ("People of the harbour", 2));
    // It takes the place of the one before, of which nothing stays.
    let published = || now(bob.node.lists()).unwrap()[0].published;
    assert!(bob.shown(post).post.deleted && bob.shown(post).post.people.is_empty());
    assert_eq!(published(), Some(again));
    assert_eq!(who(&bob), [], "own lists suggest nobody");
    // To write it anew would lose whom it names; its text can be edited.
    assert!(matches!(now(bob.node.redraft(again)), Err(Error::BadInput(_))));
    now(bob.node.edit(None, again, "Harbour people")).unwrap();
    assert!(matches!(now(bob.node.redraft(again)), Err(Error::BadInput(_))));
    assert_eq!(bob.shown(again).post.people.len(), 2);

    // Withdrawn, its post is gone and the list is as it was; so it is after a deletion by hand.
    assert_eq!(now(bob.node.withdraw_list(list)).unwrap(), again);
    assert_eq!((bob.shown(again).post.deleted, published()), (true, None));
    assert!(matches!(now(bob.node.withdraw_list(list)), Err(Error::NotFound { .. })));
    assert_eq!(now(bob.node.list_members(list)).unwrap().len(), 2);
    let third = now(bob.node.publish_list(list, None, None)).unwrap();
    assert_eq!(published(), Some(third));
    now(bob.node.delete(None, third)).unwrap();
    assert_eq!(published(), None);
    assert!(matches!(now(bob.node.withdraw_list(list)), Err(Error::NotFound { .. })));

    // Published on two devices apart: both posts are known here, and go together. With the list its post goes.
    let draft = || PostDraft { text: "x".to_owned(), people: vec![named(SAILOR, "")], ..PostDraft::default() };
    let (here, there) = (now(bob.node.publish_list(list, None, None)).unwrap(), now(bob.node.post(draft())).unwrap());
    let key = [list.to_bytes(), there.to_bytes()].concat();
    now(bob.node.write_items(move |tx| item::put(tx, Set::PublishedList, &key, ""))).unwrap();
    assert!([here, there].contains(&now(bob.node.withdraw_list(list)).unwrap()));
    assert!([here, there].iter().all(|post| bob.shown(*post).post.deleted) && published().is_none());
    let last = now(bob.node.publish_list(list, None, None)).unwrap();
    now(bob.node.delete_list(list)).unwrap();
    assert!(bob.shown(last).post.deleted);

    // Each once, not too many, and never to circles.
    let people = |count: usize| {
        (0..count).map(|n| named(PersonaId::from_bytes([u8::try_from(n % 256).unwrap(); 32]), "")).collect::<Vec<_>>()
    };
    let draft = |people, circles| PostDraft { text: "x".to_owned(), people, circles, ..PostDraft::default() };
    let twice = now(bob.node.post(draft(vec![named(SAILOR, ""), named(SAILOR, "Sailor")], vec![]))).unwrap();
    assert_eq!(bob.shown(twice).post.people.len(), 1);
    let circle = now(bob.node.create_circle(None, "Crew")).unwrap();
    assert!(matches!(now(bob.node.post(draft(people(1), vec![circle]))), Err(Error::BadInput(_))));
    assert!(matches!(now(bob.node.post(draft(people(PUBLISHED_PEOPLE + 1), vec![]))), Err(Error::BadInput(_))));
    assert!(now(bob.node.post(draft(people(PUBLISHED_PEOPLE), vec![]))).is_ok());
    // Peers can't send longer ones.
    let too_many = PostBody { people: people(PUBLISHED_PEOPLE + 1), ..PostBody::default() };
    assert!(PostBody::decode(&too_many.encode([1; 16])).is_err());
}

#[test]
fn nobody_fills_the_suggestions_alone() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 1);
    let stranger = |number: u8| PersonaId::from_bytes([number; 32]);
    // Carol's only list is older than all of Alice's, and Alice puts others forward in each.
    let of_carol = list(&mut carol, "Mine", vec![named(SAILOR, "Sailor")]);
    bob.take([of_carol]);
    for round in 0..5 {
        let people = (0..20).map(|n| named(stranger(100 + round * 20 + n), "")).collect();
        let of_alice = list(&mut alice, "More", people);
        bob.take([of_alice]);
    }
    let all = now(bob.node.suggestions(1_000)).unwrap();
    assert_eq!(all.len(), 61, "the newest three lists of each");
    assert!(all[..2].iter().any(|one| one.persona == SAILOR), "they take turns");
    now(bob.node.mute(alice.persona, None)).unwrap();
    assert_eq!(who(&bob), [SAILOR]);
}

#[test]
fn names_of_a_list_turn_and_hide_nothing() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 1);
    let of_alice = list(&mut alice, "Li\u{202e}st", vec![named(SAILOR, "Sa\u{202e}i\u{200b}l\nor")]);
    let target = id(&of_alice);
    bob.take([of_alice]);
    let suggestion = &suggested(&bob)[0];
    assert_eq!((suggestion.name.as_str(), suggestion.list.text.as_str()), ("Sail or", "List"));
    assert_eq!(bob.shown(target).post.people[0].name, "Sail or");
}
