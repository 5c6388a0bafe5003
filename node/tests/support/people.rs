//! People in the simulation, and what is waited for.

#![allow(dead_code, unreachable_pub)] // each test file uses its part of this

use kith_node::id::{EntryId, PersonaId};
use kith_node::sim::{NodeIndex, World};

pub const SOON: u64 = 1_000;
pub const MINUTE: u64 = 60_000;

pub fn soon(world: &mut World, limit_ms: u64, what: &str, done: impl Fn(&World) -> bool) -> u64 {
    let took = world.run_until(limit_ms, |world| Ok(done(world))).unwrap();
    took.unwrap_or_else(|| panic!("not within {limit_ms} ms: {what}; closed: {:?}", world.closed()))
}

pub fn has_post(world: &World, node: NodeIndex, author: PersonaId, text: &str) -> bool {
    world.posts(node, author).unwrap().contains(&Some(text.to_owned()))
}

pub fn has_comment(world: &World, node: NodeIndex, post: EntryId, text: &str) -> bool {
    world.comments(node, post).unwrap().contains(&Some(text.to_owned()))
}

/// Nodes with a persona each.
pub fn people(world: &mut World, count: usize) -> Vec<(NodeIndex, PersonaId)> {
    (0..count)
        .map(|number| {
            let node = world.node().unwrap();
            (node, world.persona(node, &format!("persona {number}")).unwrap())
        })
        .collect()
}
