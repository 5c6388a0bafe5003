//! Private delivery in the seeded simulation (DESIGN §5.3, §6): messages reach whom they are for, through nodes that
//! can't tell. A failing seed is printed. Olm draws its own keys, so a seed repeats who does what when, and not every
//! byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use kith_node::MessageDraft;
use kith_node::id::{PersonaId, ThreadId};
use kith_node::sim::{NodeIndex, World};
use kith_node::view::{MessageState, MessageView, ThreadView};

type Person = (NodeIndex, PersonaId);

/// Nodes with a persona each.
fn people<const N: usize>(world: &mut World) -> [Person; N] {
    std::array::from_fn(|number| {
        let node = world.node().unwrap();
        (node, world.persona(node, &format!("persona {number}")).unwrap())
    })
}

fn follow_each_other(world: &mut World, (a, a_persona): Person, (b, b_persona): Person) {
    world.follow(a, a_persona, b_persona).unwrap();
    world.follow(b, b_persona, a_persona).unwrap();
}

fn dm(world: &mut World, (node, _): Person, to: PersonaId, text: &str) -> ThreadId {
    let draft = MessageDraft { text: text.to_owned(), reply_to: None };
    world.verb(node, |handle| async move { handle.dm(None, vec![to], draft).await }).unwrap().thread
}

fn threads(world: &World, node: NodeIndex, requests: bool) -> Vec<ThreadView> {
    world.ask(node, |handle| async move { handle.threads(None, requests).await }).unwrap()
}

fn messages(world: &World, node: NodeIndex, thread: ThreadId) -> Vec<MessageView> {
    world.ask(node, |handle| async move { handle.messages(thread, 1_000, None).await }).unwrap_or_default()
}

fn texts(world: &World, node: NodeIndex, thread: ThreadId) -> Vec<String> {
    messages(world, node, thread).into_iter().map(|message| message.text).collect()
}

fn soon(world: &mut World, limit_ms: u64, what: &str, done: impl Fn(&World) -> bool) -> u64 {
    let took = world.run_until(limit_ms, |world| Ok(done(world))).unwrap();
    took.unwrap_or_else(|| panic!("not within {limit_ms} ms: {what}; closed: {:?}", world.closed()))
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
    let own = |world: &World| messages(world, alice.0, thread)[0].state;
    assert!(own(&world) >= MessageState::Queued);
    soon(&mut world, 15_000, "the answer", |world| own(world) == MessageState::Delivered);
    dm(&mut world, bob, alice.1, "hello Alice");
    soon(&mut world, 1_000, "the reply", |world| texts(world, alice.0, thread) == ["hello Bob", "hello Alice"]);
    for number in 0..20 {
        dm(&mut world, alice, bob.1, &format!("{number}"));
        dm(&mut world, bob, alice.1, &format!("{number} too"));
    }
    soon(&mut world, 5_000, "all of them", |world| {
        texts(world, alice.0, thread).len() == 42 && texts(world, bob.0, thread).len() == 42
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
    let thread = dm(&mut world, alice, bob.1, "may I ask you something");
    soon(&mut world, 2_000, "the request", |world| threads(world, bob.0, true).len() == 1);
    assert!(threads(&world, bob.0, false).is_empty());
    assert!(threads(&world, carol.0, true).is_empty(), "it passed through her node");
    world.run_for(20_000).unwrap();
    assert_eq!(messages(&world, alice.0, thread)[0].state, MessageState::Sent, "a request is not answered for");
    world.verb(bob.0, |handle| async move { handle.accept_request(thread).await }).unwrap();
    soon(&mut world, 5_000, "the answer", |world| messages(world, alice.0, thread)[0].state == MessageState::Delivered);
}
