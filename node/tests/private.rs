//! Private delivery in the seeded simulation (DESIGN §5.3, §6): messages reach whom they are for, through nodes that
//! can't tell. A failing seed is printed. Olm draws its own keys, so a seed repeats who does what when, and not every
//! byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "private/names.rs"]
mod names;
#[path = "support/talk.rs"]
mod talk;

use kith_node::id::PersonaId;
use kith_node::sim::{NodeIndex, World, sleepers};
use kith_node::view::{MessageState, ThreadView};
use kith_node::{MessageDraft, READ_RECEIPTS};
use talk::{Person, dm, messages, people, soon, texts};

fn follow_each_other(world: &mut World, (a, a_persona): Person, (b, b_persona): Person) {
    world.follow(a, a_persona, b_persona).unwrap();
    world.follow(b, b_persona, a_persona).unwrap();
}

fn threads(world: &World, node: NodeIndex, requests: bool) -> Vec<ThreadView> {
    world.ask(node, |handle| async move { handle.threads(None, requests).await }).unwrap()
}

#[test]
fn a_message_reaches_a_friend_and_is_answered() {
    let mut world = World::new(1);
    let [alice, bob] = people(&mut world);
    follow_each_other(&mut world, alice, bob);
    world.connect(alice.0, bob.0);
    world.run_for(5_000).unwrap();
    let thread = dm(&mut world, alice, bob.1, "hello Bob");
    let took = soon(&mut world, 1_000, "the message", |world| texts(world, bob.0, thread) == ["hello Bob"]);
    println!("took {took} ms");
    assert_eq!(threads(&world, bob.0, false).len(), 1, "no request: he follows her");
    let own = |world: &World, at: usize| messages(world, alice.0, thread)[at].state;
    soon(&mut world, 1_000, "a peer that took it", |world| own(world, 0) == MessageState::Sent);
    dm(&mut world, bob, alice.1, "hello Alice");
    soon(&mut world, 1_000, "the reply", |world| texts(world, alice.0, thread) == ["hello Bob", "hello Alice"]);
    assert_eq!(own(&world, 0), MessageState::Delivered, "a reply answers what came before");
    dm(&mut world, alice, bob.1, "how are you");
    soon(&mut world, 12_000, "an answer alone", |world| own(world, 2) == MessageState::Delivered);
    for number in 0..20 {
        dm(&mut world, alice, bob.1, &format!("{number}"));
        dm(&mut world, bob, alice.1, &format!("{number} too"));
    }
    soon(&mut world, 5_000, "all of them", |world| {
        texts(world, alice.0, thread).len() == 43 && texts(world, bob.0, thread).len() == 43
    });
}

#[test]
fn a_stranger_s_message_is_a_request_through_a_node_that_cannot_tell() {
    let mut world = World::new(2);
    let [alice, bob, carol] = people(&mut world);
    world.follow(alice.0, alice.1, bob.1).unwrap();
    world.follow(carol.0, carol.1, bob.1).unwrap();
    world.connect(alice.0, carol.0);
    world.connect(carol.0, bob.0);
    world.run_for(10_000).unwrap();
    let before = world.carried(bob.0).unwrap();
    let thread = dm(&mut world, alice, bob.1, "may I ask you something");
    soon(&mut world, 2_000, "the request", |world| threads(world, bob.0, true).len() == 1);
    assert_eq!(world.carried(bob.0).unwrap(), before, "he asks for nothing else");
    assert!(threads(&world, bob.0, false).is_empty());
    assert!(threads(&world, carol.0, true).is_empty(), "it passed through her node");
    world.run_for(20_000).unwrap();
    assert_eq!(messages(&world, alice.0, thread)[0].state, MessageState::Sent, "a request is not answered for");
    world.verb(bob.0, |handle| async move { handle.accept_request(None, thread).await }).unwrap();
    soon(&mut world, 5_000, "the answer", |world| messages(world, alice.0, thread)[0].state == MessageState::Delivered);
}

#[test]
fn both_begin_at_once_and_a_group_agrees() {
    let mut world = World::new(3);
    let [alice, bob, carol] = people(&mut world);
    for (a, b) in [(alice, bob), (bob, carol), (alice, carol)] {
        follow_each_other(&mut world, a, b);
        world.connect(a.0, b.0);
    }
    world.run_for(5_000).unwrap();
    let thread = dm(&mut world, alice, bob.1, "first");
    assert_eq!(dm(&mut world, bob, alice.1, "first too"), thread);
    soon(&mut world, 2_000, "both", |world| {
        [alice, bob].iter().all(|person| texts(world, person.0, thread).len() == 2)
    });
    let draft = MessageDraft { text: "all of you".to_owned(), reply_to: None, attachments: Vec::new() };
    let others = vec![bob.1, carol.1];
    let group = world.verb(alice.0, |handle| async move { handle.dm(None, others, draft).await }).unwrap().thread;
    soon(&mut world, 2_000, "the group", |world| {
        [bob, carol].iter().all(|person| texts(world, person.0, group) == ["all of you"])
    });
    let draft = MessageDraft { text: "here".to_owned(), reply_to: None, attachments: Vec::new() };
    world.verb(carol.0, |handle| async move { handle.send(None, group, draft).await }).unwrap();
    soon(&mut world, 2_000, "an answer to all", |world| {
        [alice, bob].iter().all(|person| texts(world, person.0, group) == ["all of you", "here"])
    });
    world.verb(bob.0, |handle| async move { handle.leave_thread(None, group).await }).unwrap();
    world.run_for(2_000).unwrap();
    let draft = MessageDraft { text: "he left".to_owned(), reply_to: None, attachments: Vec::new() };
    world.verb(alice.0, |handle| async move { handle.send(None, group, draft).await }).unwrap();
    soon(&mut world, 2_000, "the rest", |world| texts(world, carol.0, group).len() == 3);
    assert_eq!(texts(&world, bob.0, group).len(), 2, "nothing comes to who left");
}

#[test]
fn what_is_said_about_a_message_changes_it_on_both_sides() {
    let mut world = World::new(4);
    let [alice, bob] = people(&mut world);
    follow_each_other(&mut world, alice, bob);
    world.connect(alice.0, bob.0);
    world.run_for(5_000).unwrap();
    let thread = dm(&mut world, alice, bob.1, "teh news");
    soon(&mut world, 1_000, "the message", |world| texts(world, bob.0, thread).len() == 1);
    let id = messages(&world, bob.0, thread)[0].id;
    world.verb(bob.0, |handle| async move { handle.react_to_message(thread, id, "👍").await }).unwrap();
    world.verb(alice.0, |handle| async move { handle.edit_message(thread, id, "the news").await }).unwrap();
    for person in [alice, bob] {
        soon(&mut world, 1_000, "edit and reaction", |world| {
            let message = &messages(world, person.0, thread)[0];
            message.text == "the news" && message.edited && message.reactions.get("👍") == Some(&1)
        });
    }
    let refused = world.verb(bob.0, |handle| async move { handle.edit_message(thread, id, "my news").await });
    assert!(refused.is_err(), "only who wrote it edits it");
    world.verb(alice.0, |handle| async move { handle.delete_message(thread, id).await }).unwrap();
    for person in [alice, bob] {
        soon(&mut world, 1_000, "the deletion", |world| messages(world, person.0, thread)[0].deleted);
    }
    // Until it is answered for, what was said waits to be said again.
    world.run_for(15_000).unwrap();
    for person in [alice, bob] {
        assert!(!world.holds_bytes(person.0, b"the news").unwrap(), "nothing of it is left");
    }
}

#[test]
fn who_sleeps_gets_what_was_sent_from_a_node_that_carries_it() {
    let mut world = World::new(5);
    let [alice, bob, carol] = people(&mut world);
    follow_each_other(&mut world, alice, bob);
    world.connect(alice.0, carol.0);
    world.connect(carol.0, bob.0);
    world.follow(carol.0, carol.1, alice.1).unwrap();
    world.follow(carol.0, carol.1, bob.1).unwrap();
    world.run_for(10_000).unwrap();
    let thread = dm(&mut world, alice, bob.1, "before");
    soon(&mut world, 2_000, "the first", |world| texts(world, bob.0, thread).len() == 1);
    world.crash(bob.0);
    for number in 0..100 {
        dm(&mut world, alice, bob.1, &format!("message {number}"));
        world.run_for(500).unwrap();
    }
    world.run_for(2_000).unwrap();
    world.crash(alice.0);
    world.restart(bob.0).unwrap();
    soon(&mut world, 5_000, "all of it", |world| texts(world, bob.0, thread).len() == 101);
    let expected: Vec<String> =
        std::iter::once("before".to_owned()).chain((0..100).map(|number| format!("message {number}"))).collect();
    assert_eq!(texts(&world, bob.0, thread), expected);
}

#[test]
fn an_old_copy_goes_on_in_new_sessions_and_nothing_is_lost() {
    let mut world = World::new(6);
    let [alice, bob] = people(&mut world);
    follow_each_other(&mut world, alice, bob);
    world.connect(alice.0, bob.0);
    world.run_for(5_000).unwrap();
    let thread = dm(&mut world, alice, bob.1, "1");
    soon(&mut world, 1_000, "the first", |world| texts(world, bob.0, thread).len() == 1);
    dm(&mut world, bob, alice.1, "2");
    soon(&mut world, 1_000, "the second", |world| texts(world, alice.0, thread).len() == 2);
    world.run_for(20_000).unwrap();
    let copy = world.copy(alice.0).unwrap();
    for number in 3..10 {
        dm(&mut world, alice, bob.1, &number.to_string());
        world.post(alice.0, alice.1, &format!("post {number}")).unwrap();
        world.run_for(3_000).unwrap();
    }
    assert_eq!(texts(&world, bob.0, thread).len(), 9);
    world.restore(alice.0, &copy).unwrap();
    world.restart(alice.0).unwrap();
    for number in 20..25 {
        dm(&mut world, alice, bob.1, &number.to_string());
    }
    soon(&mut world, 10_000, "what the old copy writes", |world| texts(world, bob.0, thread).len() == 14);
    dm(&mut world, bob, alice.1, "30");
    soon(&mut world, 10_000, "the answer to it", |world| {
        texts(world, alice.0, thread).last().is_some_and(|last| last == "30")
    });
}

/// Nobody between the two learns more than that sealed entries pass: no text, no persona and no device of theirs stands
/// in a frame that carries one, and nothing of the text on others' disks.
#[test]
fn frames_and_others_disks_hold_nothing_in_the_clear() {
    let mut world = World::new(7);
    let [alice, bob, carol] = people(&mut world);
    follow_each_other(&mut world, alice, bob);
    world.follow(carol.0, carol.1, alice.1).unwrap();
    world.follow(carol.0, carol.1, bob.1).unwrap();
    world.connect(alice.0, carol.0);
    world.connect(carol.0, bob.0);
    world.run_for(10_000).unwrap();
    let asked = |world: &World| [alice, bob, carol].map(|person| world.carried(person.0).unwrap());
    let before = asked(&world);
    world.open_tap();
    let canary = "canary-9f2c";
    let thread = dm(&mut world, alice, bob.1, canary);
    soon(&mut world, 2_000, "the first", |world| texts(world, bob.0, thread).len() == 1);
    for _ in 0..5 {
        dm(&mut world, bob, alice.1, canary);
        world.run_for(4_000).unwrap();
        dm(&mut world, alice, bob.1, canary);
        world.run_for(4_000).unwrap();
    }
    assert_eq!(texts(&world, alice.0, thread).len(), 11);
    assert_eq!(asked(&world), before, "what is asked for does not change with messages");
    let frames = world.close_tap();
    let pushes: Vec<_> = frames.iter().filter(|frame| frame.bytes.len() > 1_200).collect();
    assert!(pushes.len() >= 22, "each message crosses two links: {}", pushes.len());
    let holds = |bytes: &[u8], needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    for frame in &frames {
        assert!(!holds(&frame.bytes, canary.as_bytes()));
        assert!(!holds(&frame.bytes, thread.as_bytes()));
    }
    for frame in &pushes {
        for persona in [alice.1, bob.1] {
            assert!(!holds(&frame.bytes, persona.as_bytes()), "a long-term key beside private traffic");
        }
    }
    assert!(!world.holds_bytes(carol.0, canary.as_bytes()).unwrap());
    assert!(world.holds_bytes(alice.0, canary.as_bytes()).unwrap(), "the scan sees what is there");
    // Nothing ties two messages: no run of 16 bytes stands in two of them.
    let mut seen: std::collections::HashMap<&[u8], usize> = std::collections::HashMap::new();
    let to_bob: Vec<_> = pushes.iter().filter(|frame| frame.to == bob.0).collect();
    for (number, frame) in to_bob.iter().enumerate() {
        for window in frame.bytes.windows(16) {
            if let Some(before) = seen.insert(window, number) {
                assert!(before == number, "16 bytes of one message stand in another");
            }
        }
    }
}

#[test]
fn over_two_hops_of_40_ms_messages_are_there_in_time() {
    let mut world = World::new(8);
    let [alice, bob, carol] = people(&mut world);
    follow_each_other(&mut world, alice, bob);
    world.follow(carol.0, carol.1, alice.1).unwrap();
    world.follow(carol.0, carol.1, bob.1).unwrap();
    world.shape.latency_ms = 40;
    world.connect(alice.0, carol.0);
    world.connect(carol.0, bob.0);
    world.run_for(10_000).unwrap();
    let thread = dm(&mut world, alice, bob.1, "0");
    soon(&mut world, 2_000, "the first", |world| texts(world, bob.0, thread).len() == 1);
    let mut took: Vec<u64> = (1..=100)
        .map(|number| {
            dm(&mut world, alice, bob.1, &number.to_string());
            let took = soon(&mut world, 5_000, "a message", |world| texts(world, bob.0, thread).len() == number + 1);
            world.run_for(1_000 + number as u64 * 7).unwrap();
            took
        })
        .collect();
    took.sort_unstable();
    println!("p50 {} ms, p95 {} ms", took[49], took[94]);
    assert!(took[49] <= 250 && took[94] <= 800, "p50 {} ms, p95 {} ms", took[49], took[94]);
}

/// Phones that are awake for two minutes of every half an hour, for seven days, each at other times, with two nodes
/// between them that come and go: every message comes once, in the order of writing.
#[test]
fn phones_that_sleep_for_seven_days_lose_nothing() {
    sleepers(9, 2_000).unwrap().unwrap();
}

/// Nobody is told who read what, until somebody chooses to tell.
#[test]
fn who_read_what_is_told_where_the_reader_chose_it() {
    let mut world = World::new(12);
    let [alice, bob] = people(&mut world);
    follow_each_other(&mut world, alice, bob);
    world.connect(alice.0, bob.0);
    world.run_for(5_000).unwrap();
    let thread = dm(&mut world, alice, bob.1, "1");
    soon(&mut world, 1_000, "the first", |world| texts(world, bob.0, thread).len() == 1);
    let read = |world: &mut World| world.verb(bob.0, |handle| async move { handle.read_thread(thread).await }).unwrap();
    let state = |world: &World, at: usize| messages(world, alice.0, thread)[at].state;
    read(&mut world);
    world.run_for(15_000).unwrap();
    assert_eq!(state(&world, 0), MessageState::Delivered);
    world.verb(bob.0, |handle| async move { handle.set_setting(READ_RECEIPTS, "on").await }).unwrap();
    dm(&mut world, alice, bob.1, "2");
    soon(&mut world, 1_000, "the second", |world| texts(world, bob.0, thread).len() == 2);
    read(&mut world);
    world.run_for(1_000).unwrap();
    assert!(state(&world, 1) < MessageState::Read, "not at once");
    soon(&mut world, 12_000, "the receipt", |world| state(world, 1) == MessageState::Read);
    dm(&mut world, alice, bob.1, "3");
    world.run_for(15_000).unwrap();
    assert_eq!(state(&world, 2), MessageState::Delivered, "it was not read yet");
}

/// Who was away reads what waited soon after coming back: median of 21 times, each with another wait.
#[test]
fn on_wake_a_message_is_there_within_a_second() {
    let mut world = World::new(11);
    let [alice, bob, carol] = people(&mut world);
    follow_each_other(&mut world, alice, bob);
    world.follow(carol.0, carol.1, alice.1).unwrap();
    world.follow(carol.0, carol.1, bob.1).unwrap();
    world.shape.latency_ms = 40;
    world.connect(alice.0, carol.0);
    world.connect(carol.0, bob.0);
    world.run_for(10_000).unwrap();
    let mut took: Vec<u64> = (1..=21)
        .map(|number| {
            world.disconnect(carol.0, bob.0);
            let thread = dm(&mut world, alice, bob.1, &number.to_string());
            world.run_for(60_000 * number as u64).unwrap();
            world.connect(bob.0, carol.0);
            soon(&mut world, 10_000, "what waited", |world| texts(world, bob.0, thread).len() == number)
        })
        .collect();
    took.sort_unstable();
    println!("on wake: p50 {} ms, most {} ms", took[10], took[20]);
    assert!(took[10] <= 1_000, "p50 {} ms", took[10]);
}

#[test]
fn messages_go_when_their_time_is_over_on_both_sides() {
    let mut world = World::new(10);
    let [alice, bob] = people(&mut world);
    follow_each_other(&mut world, alice, bob);
    world.connect(alice.0, bob.0);
    world.run_for(5_000).unwrap();
    let thread = dm(&mut world, alice, bob.1, "stays");
    soon(&mut world, 1_000, "the first", |world| texts(world, bob.0, thread).len() == 1);
    world.verb(alice.0, |handle| async move { handle.keep_messages(thread, 3_600).await }).unwrap();
    soon(&mut world, 1_000, "the timer", |world| threads(world, bob.0, false)[0].keep_s == 3_600);
    dm(&mut world, alice, bob.1, "goes-7c1e");
    soon(&mut world, 1_000, "the second", |world| texts(world, bob.0, thread).len() == 2);
    world.run_for(2 * 3_600_000).unwrap();
    assert_eq!(texts(&world, bob.0, thread).len(), 2, "it was not read yet");
    for person in [alice, bob] {
        world.verb(person.0, |handle| async move { handle.read_thread(thread).await }).unwrap();
    }
    world.run_for(3_600_000 + 60_000).unwrap();
    dm(&mut world, bob, alice.1, "an hour later");
    world.run_for(20_000).unwrap();
    for person in [alice, bob] {
        assert_eq!(texts(&world, person.0, thread), ["stays", "an hour later"]);
        assert!(!world.holds_bytes(person.0, b"goes-7c1e").unwrap(), "nothing of it is left");
    }
}
