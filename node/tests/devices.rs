//! Several devices of one user in the seeded simulation (DESIGN §3, invariants 7 and 13): lists that nobody wipes, messages
//! that every device has, logs that do not fork.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "devices/circles.rs"]
mod circles;
#[path = "devices/copies.rs"]
mod copies;
#[path = "devices/messages.rs"]
mod messages;
#[path = "devices/revoked.rs"]
mod revoked;

use std::collections::BTreeMap;

use kith_node::id::{EntryId, PersonaId, ThreadId};
use kith_node::sim::{Dice, NodeIndex, World};
use kith_node::view::MessageState;
use kith_node::{MessageDraft, PostDraft};

/// What a user sees of the lists.
fn lists(world: &World, node: NodeIndex) -> BTreeMap<&'static str, Vec<String>> {
    let follows = world.ask(node, |handle| async move { handle.follows(None).await }).unwrap();
    let muted = world.ask(node, |handle| async move { handle.muted().await }).unwrap();
    let tags = world.ask(node, |handle| async move { handle.followed_tags().await }).unwrap();
    let kept = world.ask(node, |handle| async move { handle.lists().await }).unwrap();
    let circles = world.ask(node, |handle| async move { handle.circles(None).await }).unwrap();
    let bookmarks = world.ask(node, |handle| async move { handle.bookmarks(100, None).await }).unwrap();
    let threads = world.ask(node, |handle| async move { handle.threads(None, false).await }).unwrap();
    let drafts = (0..DRAFTS).map(|number| {
        let key = format!("draft.{number}");
        world.ask(node, move |handle| async move { handle.setting(&key).await }).unwrap().unwrap_or_default()
    });
    let mut lists = BTreeMap::from([
        ("follows", follows.iter().map(|follow| format!("{} {}", follow.by, follow.persona)).collect()),
        ("muted", muted.people.iter().map(|person| person.persona.to_string()).collect()),
        ("blocked", muted.blocked.iter().map(|person| person.persona.to_string()).collect()),
        ("words", muted.words.iter().map(|word| word.text.clone()).collect()),
        ("tags", tags),
        ("lists", kept.iter().map(|list| format!("{} {:?}", list.name, list.members)).collect()),
        ("drafts", drafts.collect()),
        ("bookmarks", bookmarks.iter().map(|bookmark| format!("{bookmark:?}")).collect()),
        ("unread", threads.iter().map(|thread| format!("{} {}", thread.id, thread.unread)).collect()),
        ("circles", circles.iter().map(circle_line).collect()),
    ]);
    // Rows are numbered as they came; drafts stand in the order of their keys.
    lists.iter_mut().filter(|(name, _)| **name != "drafts").for_each(|(_, list)| list.sort());
    lists
}

fn circle_line(circle: &kith_node::view::CircleView) -> String {
    let mut members = circle.members.clone();
    members.sort();
    format!("{} {} {:?} {members:?}", circle.id, circle.name, circle.colour)
}

const DRAFTS: u64 = 5;

/// What the edits of a test are about.
struct Cast {
    own: PersonaId,
    people: Vec<PersonaId>,
    posts: Vec<EntryId>,
    threads: Vec<ThreadId>,
}

/// One change of some list, drawn.
fn edit(world: &mut World, dice: &mut Dice, node: NodeIndex, cast: &Cast) {
    let Cast { own, people, posts, threads } = cast;
    let own = *own;
    let person = people[dice.below(people.len() as u64) as usize];
    let post = posts[dice.below(posts.len() as u64) as usize];
    let word = format!("word{}", dice.below(10));
    match dice.below(17) {
        11 => world.verb(node, |handle| async move { handle.bookmark(post).await }).unwrap(),
        12 => drop(world.verb(node, |handle| async move { handle.unbookmark(post).await })),
        13 => {
            let thread = threads[dice.below(threads.len() as u64) as usize];
            world.verb(node, |handle| async move { handle.read_thread(thread).await }).unwrap();
        }
        14..=16 => {
            let member = people[dice.below(3) as usize];
            edit_circle(world, dice, node, member);
        }
        0 | 1 => world.follow(node, own, person).unwrap(),
        2 => drop(world.unfollow(node, own, person)),
        3 => world.verb(node, |handle| async move { handle.mute(person, None).await }).unwrap(),
        4 => world.verb(node, |handle| async move { handle.unmute(person).await }).unwrap(),
        5 => world.verb(node, |handle| async move { handle.block(person).await }).unwrap(),
        6 => world.verb(node, |handle| async move { handle.unblock(person).await }).unwrap(),
        7 => world.verb(node, |handle| async move { handle.mute_word(&word, true, None).await }).unwrap(),
        8 => drop(world.verb(node, |handle| async move { handle.follow_tag(&word).await }).unwrap()),
        9 => drop(world.verb(node, |handle| async move { handle.unfollow_tag(&word).await }).unwrap()),
        _ => {
            let (key, text) = (format!("draft.{}", dice.below(DRAFTS)), format!("text {}", dice.roll()));
            world.verb(node, move |handle| async move { handle.set_setting(&key, &text).await }).unwrap();
        }
    }
}

fn edit_circle(world: &mut World, dice: &mut Dice, node: NodeIndex, person: PersonaId) {
    let circles = world.ask(node, |handle| async move { handle.circles(None).await }).unwrap();
    let name = format!("circle {}", dice.roll());
    if circles.is_empty() || circles.len() < 5 && dice.below(20) == 0 {
        world.verb(node, |handle| async move { handle.create_circle(None, &name).await }).unwrap();
        return;
    }
    let circle = circles[dice.below(circles.len() as u64) as usize].id;
    let colour = kith_node::view::Colour::ALL[dice.below(kith_node::view::Colour::ALL.len() as u64) as usize];
    match dice.below(12) {
        0..=4 => drop(world.verb(node, |handle| async move { handle.add_to_circle(None, circle, person).await })),
        5..=8 => drop(world.verb(node, |handle| async move { handle.remove_from_circle(None, circle, person).await })),
        9 => world.verb(node, |handle| async move { handle.rename_circle(circle, &name).await }).unwrap(),
        10 => world.verb(node, |handle| async move { handle.colour_circle(circle, colour).await }).unwrap(),
        _ if dice.below(5) == 0 => {
            world.verb(node, |handle| async move { handle.delete_circle(circle).await }).unwrap();
        }
        _ => {}
    }
}

#[test]
fn two_devices_edit_offline_and_end_equal() {
    for seed in 1..=SEEDS {
        println!("seed {seed}");
        let edits = if seed <= LONG_SEEDS { LONG_EDITS } else { EDITS };
        let mut dice = Dice(seed);
        let mut world = World::new(seed);
        world.messages = true;
        let (laptop, phone) = (world.node().unwrap(), world.node().unwrap());
        let alice = world.persona(laptop, "Alice").unwrap();
        let other = world.node().unwrap();
        let people: Vec<PersonaId> =
            (0..8).map(|number| world.persona(other, &format!("Persona {number}")).unwrap()).collect();
        world.link(laptop, phone, alice, false).unwrap();
        for node in [phone, other] {
            world.connect(laptop, node);
        }
        let posts = people.iter().take(3).map(|person| world.post(other, *person, "a post").unwrap()).collect();
        for person in &people {
            world.follow(laptop, alice, *person).unwrap();
            world.follow(other, *person, alice).unwrap();
        }
        world.run_for(30_000).unwrap();
        let threads = (0..2).map(|_| dm(&mut world, laptop, people[0], "hello")).collect();
        let cast = Cast { own: alice, people, posts, threads };
        world.run_for(30_000).unwrap();
        for node in [phone, other] {
            world.disconnect(laptop, node);
        }
        for _ in 0..edits {
            edit(&mut world, &mut dice, laptop, &cast);
            edit(&mut world, &mut dice, phone, &cast);
        }
        assert_ne!(lists(&world, laptop), lists(&world, phone), "they edited apart");
        world.connect(laptop, phone);
        // To look is the slow part: between looks the two go on for a while.
        let equal = (0..12).any(|_| {
            world.run_for(10_000).unwrap();
            lists(&world, laptop) == lists(&world, phone)
        });
        assert!(equal, "{:#?}\n{:#?}", lists(&world, laptop), lists(&world, phone));
    }
}

const SEEDS: u64 = 50;
const EDITS: u64 = 40;
/// Each change of a circle is some messages that are sealed: a minute of them in all.
const LONG_SEEDS: u64 = 2;
const LONG_EDITS: u64 = 1_000;

fn texts(world: &World, node: NodeIndex, thread: ThreadId) -> Vec<String> {
    let messages = world.ask(node, |handle| async move { handle.messages(thread, 1_000, None).await });
    messages.unwrap_or_default().into_iter().map(|message| message.text).collect()
}

fn post(world: &mut World, node: NodeIndex, circles: &[kith_node::id::CircleId], text: &str) -> EntryId {
    let draft = PostDraft { text: text.to_owned(), circles: circles.to_vec(), ..PostDraft::default() };
    world.verb(node, |handle| async move { handle.post(draft).await }).unwrap()
}

/// Whether a text stands in the feed of a node.
fn reads(world: &World, node: NodeIndex, text: &str) -> bool {
    let query = kith_node::FeedQuery { limit: 1_000, ..kith_node::FeedQuery::default() };
    let feed = world.ask(node, |handle| async move { handle.feed(query).await }).unwrap();
    feed.iter().any(|post| post.text == text)
}

fn soon(world: &mut World, what: &str, done: impl Fn(&World) -> bool) {
    let took = world.run_until(60_000, |world| Ok(done(world))).unwrap();
    assert!(took.is_some(), "not within a minute: {what}; closed: {:?}", world.closed());
}

fn dm(world: &mut World, node: NodeIndex, to: PersonaId, text: &str) -> ThreadId {
    let draft = MessageDraft { text: text.to_owned(), reply_to: None, attachments: Vec::new() };
    world.verb(node, |handle| async move { handle.dm(None, vec![to], draft).await }).unwrap().thread
}

#[test]
fn every_device_has_every_message() {
    let mut world = World::new(7);
    world.messages = true;
    let (laptop, phone, bobs) = (world.node().unwrap(), world.node().unwrap(), world.node().unwrap());
    let alice = world.persona(laptop, "Alice").unwrap();
    let bob = world.persona(bobs, "Bob").unwrap();
    world.link(laptop, phone, alice, false).unwrap();
    world.follow(laptop, alice, bob).unwrap();
    world.follow(bobs, bob, alice).unwrap();
    for (one, two) in [(laptop, phone), (phone, bobs), (laptop, bobs)] {
        world.connect(one, two);
    }
    world.run_for(30_000).unwrap();
    let thread = dm(&mut world, laptop, bob, "from the laptop");
    dm(&mut world, phone, bob, "from the phone");
    world.run_for(1_000).unwrap();
    dm(&mut world, bobs, alice, "to both");
    let all = |world: &World| {
        [laptop, phone, bobs].iter().all(|node| {
            let mut texts = texts(world, *node, thread);
            texts.sort();
            texts == ["from the laptop", "from the phone", "to both"]
        })
    };
    let took = world.run_until(30_000, |world| Ok(all(world))).unwrap();
    assert!(took.is_some(), "{:?}", [laptop, phone, bobs].map(|node| texts(&world, node, thread)));
    // Each knows of its own ones how far they came; of those that another one sent, that they were sent.
    let state = |world: &World, node, text: &str| {
        let messages = world.ask(node, move |handle| async move { handle.messages(thread, 100, None).await }).unwrap();
        messages.iter().find(|message| message.text == text).unwrap().state
    };
    assert_eq!(state(&world, phone, "from the laptop"), MessageState::Sent);
    assert_eq!(state(&world, laptop, "from the phone"), MessageState::Sent);
    let delivered = |world: &World| state(world, laptop, "from the laptop") == MessageState::Delivered;
    assert!(world.run_until(30_000, |world| Ok(delivered(world))).unwrap().is_some());
    // What was read on one is read on the other.
    let unread = |world: &World, node| {
        let threads = world.ask(node, |handle| async move { handle.threads(None, false).await }).unwrap();
        threads[0].unread
    };
    assert_eq!(unread(&world, phone), 1, "own ones are read");
    world.verb(laptop, |handle| async move { handle.read_thread(thread).await }).unwrap();
    assert!(world.run_until(30_000, |world| Ok(unread(world, phone) == 0)).unwrap().is_some());
    // Notes to oneself.
    let notes = dm(&mut world, phone, alice, "buy bread");
    assert!(world.run_until(30_000, |world| Ok(texts(world, laptop, notes) == ["buy bread"])).unwrap().is_some());
}
