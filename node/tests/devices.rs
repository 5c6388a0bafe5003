//! Several devices of one user in the seeded simulation (DESIGN §3, invariants 7 and 13): lists that nobody wipes, messages
//! that every device has, logs that do not fork.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use kith_node::MessageDraft;
use kith_node::id::{PersonaId, ThreadId};
use kith_node::sim::{Dice, NodeIndex, World};

/// What a user sees of the lists.
fn lists(world: &World, node: NodeIndex) -> BTreeMap<&'static str, Vec<String>> {
    let follows = world.ask(node, |handle| async move { handle.follows(None).await }).unwrap();
    let muted = world.ask(node, |handle| async move { handle.muted().await }).unwrap();
    let tags = world.ask(node, |handle| async move { handle.followed_tags().await }).unwrap();
    let kept = world.ask(node, |handle| async move { handle.lists().await }).unwrap();
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
    ]);
    // Rows are numbered as they came; drafts stand in the order of their keys.
    lists.iter_mut().filter(|(name, _)| **name != "drafts").for_each(|(_, list)| list.sort());
    lists
}

const DRAFTS: u64 = 5;

/// One change of some list, drawn.
fn edit(world: &mut World, dice: &mut Dice, node: NodeIndex, own: PersonaId, people: &[PersonaId]) {
    let person = people[dice.below(people.len() as u64) as usize];
    let word = format!("word{}", dice.below(10));
    match dice.below(11) {
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

#[test]
fn two_devices_edit_offline_and_end_equal() {
    for seed in 1..=SEEDS {
        println!("seed {seed}");
        let mut dice = Dice(seed);
        let mut world = World::new(seed);
        world.messages = true;
        let (laptop, phone) = (world.node().unwrap(), world.node().unwrap());
        let alice = world.persona(laptop, "Alice").unwrap();
        let other = world.node().unwrap();
        let people: Vec<PersonaId> =
            (0..8).map(|number| world.persona(other, &format!("Persona {number}")).unwrap()).collect();
        world.link(laptop, phone, alice, false).unwrap();
        world.connect(laptop, phone);
        world.run_for(30_000).unwrap();
        world.disconnect(laptop, phone);
        for _ in 0..EDITS {
            edit(&mut world, &mut dice, laptop, alice, &people);
            edit(&mut world, &mut dice, phone, alice, &people);
        }
        assert_ne!(lists(&world, laptop), lists(&world, phone), "they edited apart");
        world.connect(laptop, phone);
        let took = world.run_until(120_000, |world| Ok(lists(world, laptop) == lists(world, phone))).unwrap();
        assert!(took.is_some(), "{:#?}\n{:#?}", lists(&world, laptop), lists(&world, phone));
    }
}

const SEEDS: u64 = 5;
const EDITS: u64 = 1_000;

fn texts(world: &World, node: NodeIndex, thread: ThreadId) -> Vec<String> {
    let messages = world.ask(node, |handle| async move { handle.messages(thread, 1_000, None).await });
    messages.unwrap_or_default().into_iter().map(|message| message.text).collect()
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
