//! Conversations in the simulation.

#![allow(dead_code, unreachable_pub)] // each test file uses its part of this

use kith_node::MessageDraft;
use kith_node::id::{PersonaId, ThreadId};
use kith_node::sim::{NodeIndex, World};
use kith_node::view::MessageView;

pub const MINUTE: u64 = 60_000;
pub const HOUR: u64 = 60 * MINUTE;

pub type Person = (NodeIndex, PersonaId);

/// Nodes with a persona each that can be written to.
pub fn people<const N: usize>(world: &mut World) -> [Person; N] {
    world.messages = true;
    std::array::from_fn(|number| {
        let node = world.node().unwrap();
        (node, world.persona(node, &format!("persona {number}")).unwrap())
    })
}

/// Two who follow each other and are linked over a third alone, who carries both.
pub fn two_over_a_third(world: &mut World) -> [Person; 3] {
    let [alice, bob, carol] = people(world);
    for ((node, by), followed) in [(alice, bob), (bob, alice), (carol, alice), (carol, bob)] {
        world.follow(node, by, followed.1).unwrap();
    }
    world.connect(alice.0, carol.0);
    world.connect(carol.0, bob.0);
    world.run_for(10_000).unwrap();
    [alice, bob, carol]
}

pub fn dm(world: &mut World, (node, _): Person, to: PersonaId, text: &str) -> ThreadId {
    let draft = MessageDraft { text: text.to_owned(), ..MessageDraft::default() };
    world.verb(node, |handle| async move { handle.dm(None, vec![to], draft).await }).unwrap().thread
}

pub fn messages(world: &World, node: NodeIndex, thread: ThreadId) -> Vec<MessageView> {
    world.ask(node, |handle| async move { handle.messages(thread, 1_000, None).await }).unwrap_or_default()
}

pub fn texts(world: &World, node: NodeIndex, thread: ThreadId) -> Vec<String> {
    messages(world, node, thread).into_iter().map(|message| message.text).collect()
}

pub fn soon(world: &mut World, limit_ms: u64, what: &str, done: impl Fn(&World) -> bool) -> u64 {
    let took = world.run_until(limit_ms, |world| Ok(done(world))).unwrap();
    took.unwrap_or_else(|| panic!("not within {limit_ms} ms: {what}; closed: {:?}", world.closed()))
}
