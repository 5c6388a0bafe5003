//! Several devices of one user in the seeded simulation (DESIGN §3, invariants 7 and 13): lists that nobody wipes, messages
//! that every device has, logs that do not fork.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "devices/circles.rs"]
mod circles;
#[path = "devices/copies.rs"]
mod copies;
#[path = "devices/messages.rs"]
mod messages;
#[path = "devices/notices.rs"]
mod notices;
#[path = "devices/restored.rs"]
mod restored;
#[path = "devices/revoked.rs"]
mod revoked;

use std::sync::atomic::{AtomicU64, Ordering};

use kith_node::id::{EntryId, PersonaId, ThreadId};
use kith_node::sim::{NodeIndex, World};
use kith_node::view::MessageState;
use kith_node::{MessageDraft, PostDraft};

fn circle_line(circle: &kith_node::view::CircleView) -> String {
    let mut members = circle.members.clone();
    members.sort();
    format!("{} {} {:?} {members:?}", circle.id, circle.name, circle.colour)
}

/// Each seed on a core of its own, as far as there are some.
#[test]
fn two_devices_edit_offline_and_end_equal() {
    let next = AtomicU64::new(1);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > SEEDS {
                return;
            }
            kith_node::sim::devices(seed, EDITS).unwrap().unwrap();
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..cores).map(|_| scope.spawn(work)).for_each(drop));
}

const SEEDS: u64 = 50;
const EDITS: u64 = 1_000;

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
    // Each knows of all how far they came, whichever of them sent it.
    let state = |world: &World, node, text: &str| {
        let messages = world.ask(node, move |handle| async move { handle.messages(thread, 100, None).await }).unwrap();
        messages.iter().find(|message| message.text == text).unwrap().state
    };
    let delivered = |world: &World| {
        [laptop, phone].iter().all(|node| {
            ["from the laptop", "from the phone"]
                .iter()
                .all(|text| state(world, *node, text) == MessageState::Delivered)
        })
    };
    assert!(world.run_until(60_000, |world| Ok(delivered(world))).unwrap().is_some());
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

#[test]
fn a_bookmark_that_is_set_again_stands_against_one_that_was_taken_away_elsewhere() {
    let mut world = World::new(8);
    world.messages = true;
    let (laptop, phone) = (world.node().unwrap(), world.node().unwrap());
    let alice = world.persona(laptop, "Alice").unwrap();
    world.link(laptop, phone, alice, false).unwrap();
    world.connect(laptop, phone);
    let posts = ["first", "second"].map(|text| world.post(laptop, alice, text).unwrap());
    soon(&mut world, "the phone has both", |world| reads(world, phone, "first") && reads(world, phone, "second"));
    for post in posts {
        world.verb(laptop, |handle| async move { handle.bookmark(post).await }).unwrap();
    }
    let kept = |world: &World, node| -> Vec<EntryId> {
        let all = world.ask(node, |handle| async move { handle.bookmarks(10, None).await }).unwrap();
        all.iter().map(|bookmark| bookmark.id).collect()
    };
    soon(&mut world, "so has the phone its bookmarks", |world| kept(world, phone).len() == 2);
    world.disconnect(laptop, phone);
    for post in posts {
        world.verb(phone, |handle| async move { handle.unbookmark(post).await }).unwrap();
    }
    world.run_for(60_000).unwrap();
    // It still stands here, and the user sets it once more; of the other nothing is said.
    let again = posts[0];
    world.verb(laptop, |handle| async move { handle.bookmark(again).await }).unwrap();
    world.connect(laptop, phone);
    soon(&mut world, "both agree", |world| [laptop, phone].iter().all(|node| kept(world, *node) == [again]));
    world.run_for(60_000).unwrap();
    assert!([laptop, phone].iter().all(|node| kept(&world, *node) == [again]), "and it stays so");
}

#[test]
fn notes_about_people_come_to_own_devices_and_the_last_one_stands() {
    let mut world = World::new(9);
    world.messages = true;
    let (laptop, phone, bobs) = (world.node().unwrap(), world.node().unwrap(), world.node().unwrap());
    let (alice, work) = (world.persona(laptop, "Alice").unwrap(), world.persona(laptop, "Work").unwrap());
    let bob = world.persona(bobs, "Bob").unwrap();
    world.link(laptop, phone, alice, false).unwrap();
    world.follow(laptop, alice, bob).unwrap();
    for (one, two) in [(laptop, phone), (laptop, bobs), (phone, bobs)] {
        world.connect(one, two);
    }
    let noted = |world: &World, node, by| {
        let note = world.ask(node, move |handle| async move { handle.note(Some(by), bob).await });
        note.ok().and_then(|view| view.note)
    };
    let note = |world: &mut World, node, by, text: &'static str| {
        world.verb(node, |handle| async move { handle.set_note(Some(by), bob, text).await }).unwrap();
    };
    note(&mut world, laptop, work, "by Work");
    note(&mut world, laptop, alice, "met at the harbour");
    soon(&mut world, "the phone has it", |world| noted(world, phone, alice).as_deref() == Some("met at the harbour"));
    assert_eq!(noted(&world, phone, work), None, "it has no such persona");
    // Both change it apart from each other; the one that changed it more often is above.
    world.disconnect(laptop, phone);
    note(&mut world, laptop, alice, "on the laptop");
    note(&mut world, phone, alice, "on the phone");
    note(&mut world, phone, alice, "on the phone, at last");
    world.connect(laptop, phone);
    soon(&mut world, "both agree", |world| {
        [laptop, phone].iter().all(|node| noted(world, *node, alice).as_deref() == Some("on the phone, at last"))
    });
    note(&mut world, laptop, alice, "");
    soon(&mut world, "it is gone from both", |world| {
        [laptop, phone].iter().all(|node| noted(world, *node, alice).is_none())
    });
    assert_eq!(noted(&world, laptop, work).as_deref(), Some("by Work"));
    let theirs = world.ask(bobs, |handle| async move { handle.notes_about(alice).await }).unwrap();
    assert!(theirs.iter().all(|view| view.note.is_none()));
}
