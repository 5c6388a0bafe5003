//! What becomes of posts by people who are not followed, in the seeded simulation: reposted, found, looked at, carried for
//! a while. A failing seed is printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/people.rs"]
mod people;

use kith_node::entry::Commenters;
use kith_node::id::PersonaId;
use kith_node::limits;
use kith_node::sim::{NodeIndex, World};
use kith_node::view::Role;
use kith_node::{FeedOf, FeedQuery, PostDraft, ProfileEdit};
use people::{MINUTE, SOON, has_comment, has_post, soon};

/// Nodes with a persona each, which can be written to: whoever introduces somebody brings their devices' keys too.
fn people(world: &mut World, count: usize) -> Vec<(NodeIndex, PersonaId)> {
    world.messages = true;
    people::people(world, count)
}

#[test]
fn a_pull_of_a_repost_brings_its_post_too() {
    let mut world = World::new(1_000);
    let [(alice, alices), (bob, bobs)] = people(&mut world, 2)[..] else { panic!() };
    let phone = world.node_as(Role::Phone).unwrap();
    let carols = world.persona(phone, "Carol").unwrap();
    world.follow(bob, bobs, alices).unwrap();
    world.follow(phone, carols, bobs).unwrap();
    world.connect(bob, alice);
    world.run_for(5_000).unwrap();
    let post = world.post(alice, alices, "worth telling").unwrap();
    soon(&mut world, SOON, "the post at Bob's", |world| has_post(world, bob, alices, "worth telling"));
    world.verb(bob, |node| async move { node.repost(Some(bobs), post).await }).unwrap();
    world.post(bob, bobs, "and something of mine").unwrap();
    world.run_for(3_000).unwrap();
    // Carol comes only now: nothing is pushed to her any more.
    world.connect(phone, bob);
    soon(&mut world, SOON, "the post that Bob reposted", |world| has_post(world, phone, alices, "worth telling"));
    assert!(has_post(&world, phone, bobs, "and something of mine"));
    assert_eq!(world.name(phone, alices).unwrap().as_deref(), Some("persona 0"));
    assert!(world.closed().is_empty(), "{:?}", world.closed());
}

/// Bob follows Alice, and Carol, on a phone, which takes in no spare copies, follows Bob and reaches him alone.
fn reposting(seed: u64) -> (World, [(NodeIndex, PersonaId); 3]) {
    let mut world = World::new(seed);
    let [(alice, alices), (bob, bobs)] = people(&mut world, 2)[..] else { panic!() };
    let phone = world.node_as(Role::Phone).unwrap();
    let carols = world.persona(phone, "Carol").unwrap();
    world.follow(bob, bobs, alices).unwrap();
    world.follow(phone, carols, bobs).unwrap();
    world.connect(bob, alice);
    world.connect(phone, bob);
    world.run_for(5_000).unwrap();
    (world, [(alice, alices), (bob, bobs), (phone, carols)])
}

#[test]
fn what_becomes_of_a_reposted_post_comes_within_seconds() {
    let (mut world, [(alice, alices), (bob, bobs), (phone, carols)]) = reposting(1_010);
    let post = world.post(alice, alices, "worth telling").unwrap();
    soon(&mut world, SOON, "the post at Bob's", |world| has_post(world, bob, alices, "worth telling"));
    world.comment(bob, bobs, post, "well said").unwrap();
    world.verb(bob, |node| async move { node.repost(Some(bobs), post).await }).unwrap();
    soon(&mut world, SOON, "the post at Carol's", |world| has_post(world, phone, alices, "worth telling"));
    soon(&mut world, 5_000, "the comment before", |world| has_comment(world, phone, post, "well said"));
    world.comment(phone, carols, post, "so it is").unwrap();
    soon(&mut world, 5_000, "Carol's at home", |world| has_comment(world, alice, post, "so it is"));
    let edit = world.edit(alice, alices, post, "well worth telling").unwrap();
    soon(&mut world, 5_000, "the edit", |world| world.has(phone, edit).unwrap());
    world.comment(alice, alices, post, "thank you").unwrap();
    soon(&mut world, 5_000, "a comment after", |world| has_comment(world, phone, post, "thank you"));
    world.delete(alice, alices, post).unwrap();
    soon(&mut world, 5_000, "the deletion", |world| !has_post(world, phone, alices, "worth telling"));
    // Days after nobody reposted any more she is carried no longer.
    assert!(world.carries(phone, alices).unwrap());
    world.run_for(8 * 24 * 60 * MINUTE).unwrap();
    assert!(!world.carries(phone, alices).unwrap() && world.carries(bob, alices).unwrap());
}

#[test]
fn a_quoted_post_comes_to_who_follows_the_one_that_quotes_it() {
    let (mut world, [(alice, alices), (bob, bobs), (phone, _)]) = reposting(1_015);
    let post = world.post(alice, alices, "worth telling").unwrap();
    soon(&mut world, SOON, "the post at Bob's", |world| has_post(world, bob, alices, "worth telling"));
    let draft =
        PostDraft { persona: Some(bobs), text: "as she says".into(), quote: Some(post), ..PostDraft::default() };
    world.verb(bob, |node| async move { node.post(draft).await }).unwrap();
    soon(&mut world, SOON, "Bob's at Carol's", |world| has_post(world, phone, bobs, "as she says"));
    let took = soon(&mut world, 10_000, "what he quotes", |world| has_post(world, phone, alices, "worth telling"));
    println!("after {took} ms");
    let edit = world.edit(alice, alices, post, "well worth telling").unwrap();
    soon(&mut world, 10_000, "the edit", |world| world.has(phone, edit).unwrap());
}

#[test]
fn who_wishes_to_be_found_is_found_by_name_and_nobody_else_is() {
    let mut world = World::new(1_020);
    let people = people(&mut world, 4);
    let reader = world.node_as(Role::Phone).unwrap();
    world.persona(reader, "Reader").unwrap();
    for pair in people.windows(2) {
        world.connect(pair[1].0, pair[0].0);
    }
    world.connect(people[3].0, people[0].0);
    world.connect(reader, people[3].0);
    world.run_for(5_000).unwrap();
    for ((node, persona), (name, listed)) in people.iter().zip([("Zoe Found", true), ("Zoe Hidden", false)]) {
        let edit = ProfileEdit { name: Some(name.to_owned()), listed: Some(listed), ..ProfileEdit::default() };
        world.verb(*node, |node| async move { node.edit_profile(None, edit).await }).unwrap();
        world.post(*node, *persona, "spare copies are made of who writes").unwrap();
    }
    world.run_for(MINUTE).unwrap();
    let name = |world: &World, of: usize| world.name(reader, people[of].1).unwrap();
    assert_eq!((name(&world, 0), name(&world, 1)), (None, None));
    world.find(reader, "zo").unwrap();
    world.run_for(3_000).unwrap();
    assert_eq!(name(&world, 0), None, "names are found by whole words");
    world.find(reader, "zoe").unwrap();
    soon(&mut world, SOON, "who is listed", |world| name(world, 0).as_deref() == Some("Zoe Found"));
    assert_eq!(name(&world, 1), None);
    let found = world.verb(reader, |node| async move { node.search_people("zoe").await }).unwrap();
    assert_eq!(found.iter().map(|person| person.persona).collect::<Vec<_>>(), [people[0].1]);
}

#[test]
fn a_followed_hashtag_is_asked_for_and_fills_its_feed() {
    let mut world = World::new(1_030);
    let people = people(&mut world, 3);
    let reader = world.node_as(Role::Phone).unwrap();
    world.persona(reader, "Reader").unwrap();
    for pair in people.windows(2) {
        world.connect(pair[1].0, pair[0].0);
    }
    world.connect(reader, people[2].0);
    world.run_for(5_000).unwrap();
    let post = world.post(people[0].0, people[0].1, "fresh #Bread from the oven").unwrap();
    world.run_for(5_000).unwrap();
    assert_eq!(world.ask_for_tag(reader).unwrap(), None, "none is followed");
    world.verb(reader, |node| async move { node.follow_tag("bread").await }).unwrap();
    assert_eq!(world.ask_for_tag(reader).unwrap().as_deref(), Some("bread"));
    soon(&mut world, SOON, "the post", |world| world.has(reader, post).unwrap());
    let tagged = FeedQuery { of: FeedOf::Tag("bread".to_owned()), limit: 9, ..FeedQuery::default() };
    let feed = world.verb(reader, |node| async move { node.feed(tagged).await }).unwrap();
    assert_eq!(feed.iter().map(|post| post.id).collect::<Vec<_>>(), [post]);
    let home = FeedQuery { limit: 9, ..FeedQuery::default() };
    assert!(world.verb(reader, |node| async move { node.feed(home).await }).unwrap().is_empty());
    assert_eq!(world.ask_for_tag(reader).unwrap(), None, "not again so soon");
    world.run_for(7 * 60 * MINUTE).unwrap();
    assert_eq!(world.ask_for_tag(reader).unwrap().as_deref(), Some("bread"));
}

#[test]
fn what_is_said_under_a_post_that_was_found_comes_once_it_is_opened() {
    let mut world = World::new(1_040);
    let [(alice, alices), (bob, bobs), (carol, carols)] = people(&mut world, 3)[..] else { panic!() };
    let phone = world.node_as(Role::Phone).unwrap();
    let daves = world.persona(phone, "Dave").unwrap();
    // Bob takes Alice in as a spare copy, Carol follows her.
    world.follow(carol, carols, alices).unwrap();
    world.connect(alice, bob);
    world.connect(carol, bob);
    world.connect(phone, bob);
    world.run_for(5_000).unwrap();
    let post = world.post(alice, alices, "fresh #bread from the oven").unwrap();
    soon(&mut world, 5_000, "the post", |world| world.has(bob, post).unwrap() && world.has(carol, post).unwrap());
    world.comment(carol, carols, post, "it smells").unwrap();
    world.run_for(5_000).unwrap();
    assert!(world.carries(bob, alices).unwrap());
    world.crash(alice);
    world.find(phone, "#bread").unwrap();
    soon(&mut world, 5_000, "what was found", |world| world.has(phone, post).unwrap());
    world.run_for(MINUTE).unwrap();
    assert!(world.comments(phone, post).unwrap().is_empty() && !world.carries(phone, alices).unwrap());
    world.verb(phone, |node| async move { node.show(post).await }).unwrap();
    soon(&mut world, 5_000, "the comment", |world| has_comment(world, phone, post, "it smells"));
    world.comment(carol, carols, post, "still").unwrap();
    soon(&mut world, 5_000, "a later comment", |world| has_comment(world, phone, post, "still"));
    world.comment(phone, daves, post, "from a stranger").unwrap();
    soon(&mut world, 5_000, "the stranger's", |world| has_comment(world, carol, post, "from a stranger"));
    // Who does not look again carries nobody for long.
    world.run_for(3 * 60 * MINUTE).unwrap();
    assert!(!world.carries(phone, alices).unwrap());
    // What is said then leaves all the same.
    world.restart(alice).unwrap();
    world.run_for(5_000).unwrap();
    world.react(phone, daves, post, "👍").unwrap();
    world.run_for(5_000).unwrap();
    assert!(world.equal(alice, bob, alices).unwrap() && world.equal(bob, carol, alices).unwrap());
    let page = world.verb(alice, |node| async move { node.show(post).await }).unwrap();
    assert_eq!(page.post.reactions.values().sum::<u64>(), 1);
    let _ = bobs;
}

#[test]
fn a_phone_carries_few_whom_its_user_only_looked_at() {
    let mut world = World::new(1_050);
    let people = people(&mut world, limits::VISITS_PHONE + 3);
    let phone = world.node_as(Role::Phone).unwrap();
    world.persona(phone, "Reader").unwrap();
    for (node, persona) in &people {
        world.connect(*node, phone);
        world.post(*node, *persona, "about #bread").unwrap();
    }
    world.run_for(5_000).unwrap();
    world.find(phone, "#bread").unwrap();
    world.run_for(5_000).unwrap();
    let known: Vec<PersonaId> =
        people.iter().map(|(_, persona)| *persona).filter(|id| world.name(phone, *id).unwrap().is_some()).collect();
    for persona in &known {
        world.verb(phone, |node| async move { node.visit(*persona).await }).unwrap();
        world.run_for(10).unwrap();
    }
    let carried = known.iter().filter(|persona| world.carries(phone, **persona).unwrap()).count();
    assert_eq!(carried, known.len().min(limits::VISITS_PHONE));
}

#[test]
fn what_was_hidden_and_closed_while_a_follower_was_away_comes_with_a_pull() {
    let mut world = World::new(1_060);
    let [(alice, alices), (bob, bobs), (carol, carols)] = people(&mut world, 3)[..] else { panic!() };
    for (node, persona) in [(bob, bobs), (carol, carols)] {
        world.follow(node, persona, alices).unwrap();
        world.connect(node, alice);
    }
    let post = world.post(alice, alices, "hello").unwrap();
    soon(&mut world, 3_000, "the post", |world| world.has(bob, post).unwrap() && world.has(carol, post).unwrap());
    let comment = world.comment(carol, carols, post, "rude").unwrap();
    soon(&mut world, 3_000, "the comment", |world| has_comment(world, bob, post, "rude"));
    world.crash(bob);
    world.verb(alice, |node| async move { node.hide(None, comment).await }).unwrap();
    world.verb(alice, |node| async move { node.set_policy(None, post, Commenters::Nobody).await }).unwrap();
    world.run_for(5_000).unwrap();
    world.restart(bob).unwrap();
    soon(&mut world, 5_000, "equal copies", |world| world.equal(alice, bob, alices).unwrap());
    // A connection of before the crash may still be there.
    assert!(world.closed().iter().all(|reason| *reason == "replaced"), "{:?}", world.closed());
    assert!(world.comment(bob, bobs, post, "but").is_err(), "he knows that it is closed");
}
