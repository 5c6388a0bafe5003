//! Circles in the seeded simulation (DESIGN §4, §6): members read, outsiders carry the entry and nothing of the text.
//! A failing seed is printed. Olm draws its own keys, so a seed repeats who does what when, and not every byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "circles/comments.rs"]
mod comments;
#[path = "circles/groups.rs"]
mod groups;
#[path = "circles/notices.rs"]
mod notices;

use kith_node::id::{CircleId, EntryId, PersonaId};
use kith_node::sim::{NodeIndex, World};
use kith_node::view::{CommentView, PostView};
use kith_node::{Error, FeedQuery, PostDraft, SearchQuery};

type Person = (NodeIndex, PersonaId);

/// Nodes with a persona each; all follow the first one, who follows them, and are connected with it in a star.
fn star<const N: usize>(world: &mut World) -> [Person; N] {
    world.messages = true;
    let people: [Person; N] = std::array::from_fn(|number| {
        let node = world.node().unwrap();
        (node, world.persona(node, &format!("persona {number}")).unwrap())
    });
    for (node, persona) in &people[1..] {
        world.follow(*node, *persona, people[0].1).unwrap();
        world.follow(people[0].0, people[0].1, *persona).unwrap();
        world.connect(*node, people[0].0);
    }
    world.run_for(10_000).unwrap();
    people
}

fn circle(world: &mut World, (node, _): Person, name: &'static str) -> CircleId {
    world.verb(node, |handle| async move { handle.create_circle(None, name).await }).unwrap()
}

fn add(world: &mut World, (node, _): Person, circle: CircleId, (_, who): Person) {
    world.verb(node, |handle| async move { handle.add_to_circle(None, circle, who).await }).unwrap();
}

fn remove(world: &mut World, (node, _): Person, circle: CircleId, (_, who): Person) {
    world.verb(node, |handle| async move { handle.remove_from_circle(None, circle, who).await }).unwrap();
}

fn post(world: &mut World, (node, _): Person, circles: &[CircleId], text: &str) -> EntryId {
    let draft = PostDraft { text: text.to_owned(), circles: circles.to_vec(), ..PostDraft::default() };
    world.verb(node, |handle| async move { handle.post(draft).await }).unwrap()
}

fn feed(world: &World, node: NodeIndex) -> Vec<PostView> {
    world
        .ask(node, |handle| async move { handle.feed(FeedQuery { limit: 100, ..FeedQuery::default() }).await })
        .unwrap()
}

fn texts(world: &World, node: NodeIndex) -> Vec<String> {
    feed(world, node).into_iter().map(|post| post.text).collect()
}

/// What follows from what came waits up to 10 s, a lot for each message.
fn soon(world: &mut World, what: &str, done: impl Fn(&World) -> bool) -> u64 {
    let took = world.run_until(15_000, |world| Ok(done(world))).unwrap();
    took.unwrap_or_else(|| panic!("not within 15 s: {what}; closed: {:?}", world.closed()))
}

fn searched(world: &World, node: NodeIndex, word: &str) -> usize {
    let query = SearchQuery { text: word.to_owned(), limit: 10, ..SearchQuery::default() };
    world.ask(node, |handle| async move { handle.search_posts(query).await }).unwrap().len()
}

/// Whether these bytes stand anywhere in a node's database, whatever the table.
fn holds(world: &World, node: NodeIndex, text: &str) -> bool {
    let file = tempfile::NamedTempFile::new().unwrap();
    world.write_image(node, file.path()).unwrap();
    let image = std::fs::read(file.path()).unwrap();
    image.windows(text.len()).any(|bytes| bytes == text.as_bytes())
}

#[test]
fn members_read_and_outsiders_carry_the_entry_without_its_text() {
    let mut world = World::new(1);
    let [alice, bob, carol] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    add(&mut world, alice, friends, bob);
    world.run_for(5_000).unwrap();
    let text = "the zeppelin lands at noon #sky";
    let id = post(&mut world, alice, &[friends], text);
    let took = soon(&mut world, "the post", |world| texts(world, bob.0) == [text]);
    println!("took {took} ms");
    soon(&mut world, "the entry", |world| world.has(carol.0, id).unwrap());
    for (node, _) in [alice, bob] {
        let seen = feed(&world, node).remove(0);
        assert_eq!((seen.id, seen.sealed, seen.circle.as_deref()), (id, true, Some("Friends")));
        let age_ms = world.now_unix_ms() - seen.created_ms;
        assert!(age_ms < 20_000, "outside stands the day, inside the time: {age_ms} ms");
        assert_eq!(searched(&world, node, "zeppelin"), 1);
        assert_eq!(searched(&world, node, "#sky"), 1);
        assert!(holds(&world, node, "zeppelin"), "the scan finds what is there");
    }
    assert!(feed(&world, carol.0).is_empty());
    assert_eq!(searched(&world, carol.0, "zeppelin"), 0);
    let by = FeedQuery { author: Some(alice.1), limit: 10, ..FeedQuery::default() };
    assert!(world.ask(carol.0, |handle| async move { handle.feed(by).await }).unwrap().is_empty());
    assert_eq!(world.ask(carol.0, |handle| async move { handle.profile(alice.1).await }).unwrap().posts, 0);
    let shown = world.ask(carol.0, |handle| async move { handle.show(id).await });
    assert!(matches!(shown, Err(Error::NotFound { .. })), "{shown:?}");
    for secret in ["zeppelin", "Friends"] {
        assert!(!holds(&world, carol.0, secret), "{secret}");
    }
}

#[test]
fn a_key_that_comes_later_opens_what_is_there_and_nothing_before() {
    let mut world = World::new(2);
    let [alice, bob, carol] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    // To nobody yet.
    let first = post(&mut world, alice, &[friends], "before anybody");
    add(&mut world, alice, friends, bob);
    let second = post(&mut world, alice, &[friends], "for Bob");
    // She is told nothing for now: her node takes no frames.
    world.disconnect(carol.0, alice.0);
    add(&mut world, alice, friends, carol);
    let third = post(&mut world, alice, &[friends], "for both");
    soon(&mut world, "both posts", |world| texts(world, bob.0) == ["for both", "for Bob"]);
    assert!(world.has(bob.0, first).unwrap());
    world.connect(carol.0, alice.0);
    soon(&mut world, "her post", |world| texts(world, carol.0) == ["for both"]);
    world.run_for(10_000).unwrap();
    for entry in [first, second, third] {
        assert!(world.has(carol.0, entry).unwrap());
    }
    assert_eq!(texts(&world, carol.0), ["for both"]);
    assert!(!holds(&world, carol.0, "for Bob") && !holds(&world, bob.0, "before anybody"));
    assert_eq!(texts(&world, alice.0), ["for both", "for Bob", "before anybody"]);
}

#[test]
fn who_is_removed_keeps_what_was_there_and_gets_nothing_new() {
    let mut world = World::new(3);
    let [alice, bob, carol] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    add(&mut world, alice, friends, bob);
    add(&mut world, alice, friends, carol);
    post(&mut world, alice, &[friends], "all of us");
    soon(&mut world, "the post", |world| {
        texts(world, bob.0) == ["all of us"] && texts(world, carol.0) == ["all of us"]
    });
    remove(&mut world, alice, friends, carol);
    let id = post(&mut world, alice, &[friends], "without Carol");
    soon(&mut world, "the next post", |world| texts(world, bob.0) == ["without Carol", "all of us"]);
    soon(&mut world, "the entry", |world| world.has(carol.0, id).unwrap());
    world.run_for(10_000).unwrap();
    assert_eq!(texts(&world, carol.0), ["all of us"]);
    assert!(!holds(&world, carol.0, "without Carol"));
    let circles = world.ask(alice.0, |handle| async move { handle.circles(None).await }).unwrap();
    assert_eq!((circles[0].members.as_slice(), circles[0].epoch), (&[bob.1][..], 2));
    // What is said to those who are in it now is not for her, also of a post that she has.
    let all = feed(&world, alice.0)[1].id;
    world.edit(alice.0, alice.1, all, "most of us").unwrap();
    soon(&mut world, "the edit", |world| texts(world, bob.0) == ["without Carol", "most of us"]);
    world.run_for(10_000).unwrap();
    assert!(!holds(&world, carol.0, "most of us"));
}

#[test]
fn a_removed_member_who_was_not_reached_never_gets_the_key() {
    let mut world = World::new(4);
    let [alice, bob] = star(&mut world);
    world.disconnect(bob.0, alice.0);
    world.run_for(1_000).unwrap();
    let friends = circle(&mut world, alice, "Friends");
    add(&mut world, alice, friends, bob);
    let id = post(&mut world, alice, &[friends], "a short while");
    remove(&mut world, alice, friends, bob);
    world.connect(bob.0, alice.0);
    soon(&mut world, "the entry", |world| world.has(bob.0, id).unwrap());
    world.run_for(20_000).unwrap();
    assert!(texts(&world, bob.0).is_empty() && !holds(&world, bob.0, "a short while"));
}

#[test]
fn a_post_to_several_circles_is_one_post() {
    let mut world = World::new(5);
    let [alice, bob, carol, dave] = star(&mut world);
    let (friends, family) = (circle(&mut world, alice, "Friends"), circle(&mut world, alice, "Family"));
    add(&mut world, alice, friends, bob);
    add(&mut world, alice, family, carol);
    add(&mut world, alice, friends, dave);
    add(&mut world, alice, family, dave);
    let id = post(&mut world, alice, &[friends, family], "for all");
    post(&mut world, alice, &[family], "for the family");
    soon(&mut world, "the posts", |world| {
        texts(world, carol.0).len() == 2 && texts(world, dave.0).len() == 2 && texts(world, bob.0).len() == 1
    });
    let circle_of = |node| {
        let post = feed(&world, node).into_iter().find(|post| post.id == id).unwrap();
        (post.text, post.circle)
    };
    let seen = |circle: &str| ("for all".to_owned(), Some(circle.to_owned()));
    assert_eq!(circle_of(bob.0), seen("Friends"));
    assert_eq!(circle_of(carol.0), seen("Family"));
    assert_eq!(circle_of(dave.0), seen("Family, Friends"));
    assert_eq!(circle_of(alice.0), seen("Family, Friends"));
}

#[test]
fn edits_and_deletions_reach_everybody_who_has_the_post() {
    let mut world = World::new(6);
    let [alice, bob, carol] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    add(&mut world, alice, friends, bob);
    let id = post(&mut world, alice, &[friends], "tomorow");
    let edit = world.edit(alice.0, alice.1, id, "tomorrow").unwrap();
    soon(&mut world, "the edit", |world| texts(world, bob.0) == ["tomorrow"]);
    assert!(feed(&world, bob.0)[0].edited);
    let versions = world.ask(bob.0, |handle| async move { handle.versions(id).await }).unwrap();
    assert_eq!(versions.iter().map(|version| version.text.as_str()).collect::<Vec<_>>(), ["tomorow", "tomorrow"]);
    let second = world.edit(alice.0, alice.1, id, "overmorrow").unwrap();
    soon(&mut world, "the second edit", |world| texts(world, bob.0) == ["overmorrow"]);
    assert_eq!(searched(&world, bob.0, "overmorrow"), 1);
    assert_eq!(searched(&world, bob.0, "tomorow"), 0);
    let all = |world: &World| [edit, second].into_iter().all(|entry| world.has(carol.0, entry).unwrap());
    soon(&mut world, "the entries", all);
    let size = |world: &World, node| world.bodies(node, alice.1).unwrap();
    let before = size(&world, carol.0);
    world.delete(alice.0, alice.1, id).unwrap();
    soon(&mut world, "the deletion", |world| texts(world, bob.0).is_empty());
    // A post and two edits lost what they said; the deletion came.
    soon(&mut world, "the deletion there", |world| size(world, carol.0) == before - 3 + 1);
    for (node, _) in [alice, bob] {
        for gone in ["tomorow", "tomorrow", "overmorrow"] {
            assert!(!holds(&world, node, gone), "{gone}");
        }
    }
    assert!(feed(&world, alice.0).is_empty());
}

#[test]
fn nothing_about_a_sealed_post_is_said_in_the_open() {
    let mut world = World::new(7);
    let [alice, bob] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    add(&mut world, alice, friends, bob);
    let id = post(&mut world, alice, &[friends], "hush");
    soon(&mut world, "the post", |world| texts(world, bob.0) == ["hush"]);
    let refused = world.verb(bob.0, |handle| async move { handle.repost(None, id).await });
    assert!(matches!(refused, Err(Error::BadInput(_))), "{refused:?}");
    let entries = |world: &World| world.bodies(bob.0, bob.1).unwrap();
    let before = entries(&world);
    let comment = world.comment(bob.0, bob.1, id, "why").unwrap();
    let reaction = world.react(bob.0, bob.1, id, "👍").unwrap();
    assert_ne!(comment, reaction);
    assert_eq!(entries(&world), before, "no log of his tells of it");
    let shared = world.ask(bob.0, |handle| async move { handle.shared(id, None).await }).unwrap();
    assert_eq!(shared, kith_node::Shared::Absent);
    let link = world.ask(alice.0, |handle| async move { handle.share_link(id).await });
    assert!(matches!(link, Err(Error::BadInput(_))), "{link:?}");
    // Nor is it told to who searches.
    assert!(world.ask(bob.0, |handle| async move { handle.find("hush", 10).await }).unwrap().is_empty());
}

fn thread(world: &World, node: NodeIndex, post: EntryId) -> Vec<CommentView> {
    world.ask(node, |handle| async move { handle.show(post).await }).map_or(Vec::new(), |page| page.thread)
}

fn said(world: &World, node: NodeIndex, post: EntryId) -> Vec<String> {
    thread(world, node, post).into_iter().map(|comment| comment.text).collect()
}

fn of_post(world: &World, node: NodeIndex, post: EntryId) -> PostView {
    feed(world, node).into_iter().find(|seen| seen.id == post).unwrap()
}

#[test]
fn an_old_copy_seals_again_what_had_not_left() {
    let mut world = World::new(8);
    let [alice, bob] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    add(&mut world, alice, friends, bob);
    post(&mut world, alice, &[friends], "one");
    soon(&mut world, "the post", |world| texts(world, bob.0) == ["one"]);
    let copy = world.copy(alice.0).unwrap();
    post(&mut world, alice, &[friends], "two");
    soon(&mut world, "the second post", |world| texts(world, bob.0) == ["two", "one"]);
    world.restore(alice.0, &copy).unwrap();
    world.restart(alice.0).unwrap();
    // Before anybody was asked: it takes the place of the second one.
    let held = post(&mut world, alice, &[friends], "three");
    world.edit(alice.0, alice.1, held, "three and a half").unwrap();
    let all = ["one", "three and a half", "two"].map(str::to_owned);
    let sorted = |world: &World, node| {
        let mut texts = texts(world, node);
        texts.sort();
        texts
    };
    let took =
        world.run_until(15_000, |world| Ok(sorted(world, bob.0) == all && sorted(world, alice.0) == all)).unwrap();
    assert!(took.is_some(), "{:?} {:?}", texts(&world, bob.0), texts(&world, alice.0));
    assert!(!world.forked(bob.0).unwrap());
}

#[test]
fn a_circle_that_is_gone_takes_no_post_and_gives_no_key() {
    let mut world = World::new(11);
    let [alice, bob, carol] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    add(&mut world, alice, friends, bob);
    let first = post(&mut world, alice, &[friends], "for Bob");
    soon(&mut world, "the post", |world| texts(world, bob.0) == ["for Bob"]);
    // Her key waits to leave when the circle ends.
    world.disconnect(carol.0, alice.0);
    world.disconnect(bob.0, alice.0);
    world.run_for(1_000).unwrap();
    add(&mut world, alice, friends, carol);
    world.verb(alice.0, |handle| async move { handle.delete_circle(friends).await }).unwrap();
    let refused = PostDraft { text: "x".to_owned(), circles: vec![friends], ..PostDraft::default() };
    let refused = world.verb(alice.0, |handle| async move { handle.post(refused).await });
    assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    for change in [Some("Other"), None] {
        let refused = world.verb(alice.0, |handle| async move {
            match change {
                Some(name) => handle.rename_circle(friends, name).await,
                None => handle.delete_circle(friends).await,
            }
        });
        assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    }
    assert!(world.ask(alice.0, |handle| async move { handle.circles(None).await }).unwrap().is_empty());
    // The name is free again, and what stands keeps it.
    circle(&mut world, alice, "Friends");
    world.connect(bob.0, alice.0);
    world.connect(carol.0, alice.0);
    world.run_for(10_000).unwrap();
    assert!(texts(&world, carol.0).is_empty());
    assert!(!holds(&world, carol.0, "Friends"), "she was given nothing");
    for node in [alice.0, bob.0] {
        let seen = feed(&world, node).remove(0);
        assert_eq!((seen.id, seen.circle.as_deref()), (first, Some("Friends")));
    }
}
