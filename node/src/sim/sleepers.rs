//! A story that tests and the soak tell alike: two people with phones that sleep write to each other over two nodes that
//! come and go.

use crate::error::Result;
use crate::id::{MessageId, PersonaId, ThreadId};
use crate::sim::node::NodeIndex;
use crate::sim::pipe::Dice;
use crate::sim::world::World;
use crate::thread::MessageDraft;
use crate::view::Role;

const DAYS: u64 = 7;
const MINUTE_MS: u64 = 60_000;
/// A phone is awake for so long of each [`TURN_MS`], at other times than the other one.
const AWAKE_MS: u64 = 2 * MINUTE_MS;
const TURN_MS: u64 = 30 * MINUTE_MS;
/// Messages that are read at a time.
const PAGE: usize = 1_000;

type Person = (NodeIndex, PersonaId);

/// So many messages in seven days, half of them each way. Fine when each came once, in the order of writing; else what
/// came instead.
pub fn sleepers(seed: u64, messages: u64) -> Result<std::result::Result<(), String>> {
    let (mut world, mut dice) = (World::new(seed), Dice(seed));
    world.messages = true;
    let mut people = Vec::new();
    for number in 0..4 {
        let node = world.node_as(if number < 2 { Role::Phone } else { Role::Desktop })?;
        people.push((node, world.persona(node, &format!("persona {number}"))?));
    }
    let [alice, bob, carol, dave] = people[..] else { return Ok(Err("four people".to_owned())) };
    for (by, followed) in [(alice, bob), (bob, alice)] {
        world.follow(by.0, by.1, followed.1)?;
    }
    for carrier in [carol, dave] {
        for person in [alice, bob] {
            world.follow(carrier.0, carrier.1, person.1)?;
            world.connect(person.0, carrier.0);
        }
    }
    world.connect(carol.0, dave.0);
    world.run_for(10_000)?;
    let turns = DAYS * 24 * 60 * MINUTE_MS / TURN_MS;
    let mut written = [0, 0];
    for turn in 0..turns {
        // One of the carriers is away for a while now and then.
        let away = dice.below(8) == 0;
        let away = away.then(|| if dice.below(2) == 0 { carol.0 } else { dave.0 });
        if let Some(away) = away {
            world.crash(away);
        }
        let begin_ms = world.now_ms;
        for (half, (written, (side, person, other))) in
            (1..).zip(written.iter_mut().zip([(0, alice, bob), (1, bob, alice)]))
        {
            world.run_for(dice.below(TURN_MS / 4))?;
            for carrier in [carol, dave] {
                world.connect(person.0, carrier.0);
            }
            while *written < messages / 2 * (turn + 1) / turns {
                dm(&mut world, person, other.1, format!("{side} {written}"))?;
                *written += 1;
                world.run_for(dice.below(2_000))?;
            }
            world.run_for(AWAKE_MS)?;
            for carrier in [carol, dave] {
                world.disconnect(person.0, carrier.0);
            }
            // Each has a half of the turn, so that they never meet.
            world.run_for((begin_ms + half * TURN_MS / 2).saturating_sub(world.now_ms))?;
        }
        if let Some(away) = away {
            world.restart(away)?;
        }
    }
    for person in [alice, bob] {
        for carrier in [carol, dave] {
            world.connect(person.0, carrier.0);
        }
    }
    world.run_for(TURN_MS)?;
    for (side, person, other) in [(0, bob, alice), (1, alice, bob)] {
        let came = texts(&world, person, other.1)?;
        let expected: Vec<String> = (0..messages / 2).map(|number| format!("{side} {number}")).collect();
        if came != expected {
            let at = came.iter().zip(&expected).position(|(came, expected)| came != expected).unwrap_or(expected.len());
            let around: Vec<_> = came.iter().skip(at.saturating_sub(2)).take(6).collect();
            let (all, wanted) = (came.len(), expected.len());
            return Ok(Err(format!(
                "seed {seed}: {all} of {wanted} came, another one at {at}, where stand {around:?}"
            )));
        }
    }
    Ok(Ok(()))
}

fn dm(world: &mut World, (node, _): Person, to: PersonaId, text: String) -> Result<ThreadId> {
    let draft = MessageDraft { text, ..MessageDraft::default() };
    Ok(world.verb(node, |handle| async move { handle.dm(None, vec![to], draft).await })?.thread)
}

/// What `from` wrote to a person, in the order in which it stands there.
fn texts(world: &World, (node, own): Person, from: PersonaId) -> Result<Vec<String>> {
    let thread = crate::thread::direct(own, from);
    let (mut all, mut before): (Vec<String>, Option<MessageId>) = (Vec::new(), None);
    loop {
        let page = world.ask(node, |handle| async move { handle.messages(thread, PAGE, before).await })?;
        let Some(first) = page.first() else { break };
        before = Some(first.id);
        all.extend(page.into_iter().rev().filter(|message| message.from == from).map(|message| message.text));
    }
    all.reverse();
    Ok(all)
}
