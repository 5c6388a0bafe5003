//! A story that tests and the soak tell alike: a network under faults, which agrees soon after the last one.

use crate::entry::Commenters;
use crate::error::Result;
use crate::id::{EntryId, PersonaId};
use crate::sim::node::NodeIndex;
use crate::sim::pipe::{Dice, Shape};
use crate::sim::world::World;
use crate::view::Role;

/// How long after the last fault everybody has to agree, virtual ms.
pub const AGREE_MS: u64 = 60_000;
/// How often that is looked at, virtual ms.
const LOOK_MS: u64 = 500;

/// Nodes come and go, frames are lost, connections break; people post, comment, react and edit. 30 % of the nodes are
/// away at any time and 10 % of the frames are late by a retransmission. Answers how long after the last fault
/// everybody had the same of whom they follow, virtual ms; or, when they still differ after [`AGREE_MS`], what stands
/// between them.
pub fn converge(seed: u64, count: usize, faults_ms: u64) -> Result<std::result::Result<u64, String>> {
    let mut dice = Dice(seed);
    let mut world = World::new(seed);
    world.shape =
        Shape { latency_ms: 40, jitter_ms: 20, loss_permille: 100, retransmit_ms: 200, break_per_million: 1_000 };
    let people = settle(&mut world, &mut dice, count)?;
    world.run_for(5_000)?;
    trouble(&mut world, &mut dice, &people, faults_ms)?;
    world.shape = Shape { loss_permille: 0, break_per_million: 0, ..world.shape };
    let start_ms = world.now_ms();
    while let Some((home, node, author)) = difference(&world, &people)? {
        if world.now_ms() - start_ms > AGREE_MS {
            let standing = world.standing(author)?;
            return Ok(Err(format!("seed {seed}: nodes {home} and {node} differ in {author}\n{standing}")));
        }
        world.run_for(LOOK_MS)?;
    }
    Ok(Ok(world.now_ms() - start_ms))
}

/// The first two nodes, and an author, whose copies should be the same and are not.
pub fn difference(
    world: &World,
    people: &[(NodeIndex, PersonaId)],
) -> Result<Option<(NodeIndex, NodeIndex, PersonaId)>> {
    for (home, author) in people {
        for (node, persona) in people.iter().filter(|(node, _)| node != home) {
            if world.follows(*node, *persona, *author)? && !world.equal(*home, *node, *author)? {
                return Ok(Some((*home, *node, *author)));
            }
        }
    }
    Ok(None)
}

/// As invites do it, a follow connects; some only know the id. Everybody has one of two anchors.
fn settle(world: &mut World, dice: &mut Dice, count: usize) -> Result<Vec<(NodeIndex, PersonaId)>> {
    let anchors = [world.node_as(Role::Anchor)?, world.node_as(Role::Anchor)?];
    world.connect(anchors[0], anchors[1]);
    let mut people = Vec::new();
    for number in anchors.len()..count {
        let node = world.node()?;
        people.push((node, world.persona(node, &format!("persona {number}"))?));
    }
    for (at, (node, persona)) in people.iter().enumerate() {
        let anchor = if at % 2 == 0 { anchors[0] } else { anchors[1] };
        world.set_anchors(*node, &[anchor])?;
        world.connect(*node, anchor);
        for number in 0..5 {
            let Some((other, followed)) = drawn(dice, &people).filter(|(other, _)| other != node) else { continue };
            world.follow(*node, *persona, followed)?;
            if number < 3 {
                world.connect(*node, other);
            }
        }
    }
    Ok(people)
}

fn drawn<T: Copy>(dice: &mut Dice, from: &[T]) -> Option<T> {
    from.get(usize::try_from(dice.below(from.len() as u64)).ok()?).copied()
}

fn trouble(world: &mut World, dice: &mut Dice, people: &[(NodeIndex, PersonaId)], faults_ms: u64) -> Result<()> {
    let mut down: Vec<NodeIndex> = Vec::new();
    let mut posts: Vec<(PersonaId, EntryId)> = Vec::new();
    let end_ms = world.now_ms() + faults_ms;
    while world.now_ms() < end_ms {
        world.run_for(500 + dice.below(1_000))?;
        if down.len() * 10 >= people.len() * 3 {
            world.restart(down.remove(0))?;
        } else if let Some((node, _)) = drawn(dice, people).filter(|(node, _)| !down.contains(node)) {
            world.crash(node);
            down.push(node);
        }
        if let Some((node, persona)) = drawn(dice, people).filter(|(node, _)| !down.contains(node)) {
            act(world, dice, (node, persona), &mut posts)?;
        }
    }
    for node in down {
        world.restart(node)?;
    }
    Ok(())
}

/// Somebody does something.
fn act(
    world: &mut World,
    dice: &mut Dice,
    (node, persona): (NodeIndex, PersonaId),
    posts: &mut Vec<(PersonaId, EntryId)>,
) -> Result<()> {
    let what = dice.below(9);
    let known = drawn(dice, posts).filter(|(_, post)| world.has(node, *post).unwrap_or(false));
    match (what, known) {
        (0 | 1, _) | (_, None) => {
            let text = format!("post {}", posts.len());
            posts.push((persona, world.post(node, persona, &text)?));
        }
        (2, Some((author, post))) if author == persona => drop(world.edit(node, persona, post, "edited")),
        // What was deleted, closed or reposted before may refuse the next.
        (5, Some((author, post))) if author == persona => {
            let who = if dice.below(2) == 0 { Commenters::Nobody } else { Commenters::Everyone };
            drop(world.verb(node, |node| async move { node.set_policy(Some(persona), post, who).await }));
        }
        (6, Some((author, post))) if author == persona && dice.below(3) == 0 => {
            drop(world.delete(node, persona, post));
        }
        (7, Some((author, post))) if author == persona => {
            let page = world.verb(node, |node| async move { node.show(post).await })?;
            if let Some(comment) = page.thread.first().map(|comment| comment.id) {
                drop(world.verb(node, |node| async move { node.hide(Some(persona), comment).await }));
            }
        }
        (5 | 6, Some((_, post))) => {
            drop(world.verb(node, |node| async move { node.repost(Some(persona), post).await }));
        }
        (7, Some((_, post))) => {
            drop(world.verb(node, |node| async move { node.unrepost(Some(persona), post).await }));
        }
        (2 | 3, Some((_, post))) => drop(world.comment(node, persona, post, "a comment")),
        (_, Some((_, post))) => drop(world.react(node, persona, post, "👍")),
    }
    Ok(())
}
