//! Counters that somebody raises at some readers alone: what is said by whose word goes before theirs still counts for all.

use super::groups::{ADMIN, GROUP, Joined, MEMBER, OTHER, OWNER, item};
use super::*;
use crate::author::row as author_row;
use crate::circle;
use crate::entry::{Grant, MessageBody, Roster, What};
use crate::gate::{Granted, Notes, Rostered};
use crate::limits::{self, COUNTER_STEP};
use crate::store::Durability;

const STEP: u64 = COUNTER_STEP.cast_unsigned();

#[test]
fn whom_an_admin_counts_up_at_one_reader_the_owner_takes_out_and_lets_in_all_the_same() {
    let node = Joined::new();
    // As the owner knows them: the member came with 1, of the other nothing is known.
    for steps in 1..50 {
        node.say(ADMIN, vec![item(MEMBER, true, false, steps * STEP), item(OTHER, false, false, steps * STEP)]);
    }
    assert!(node.is_in(MEMBER) && !node.is_in(OTHER));
    node.say(OWNER, vec![item(MEMBER, false, false, 1 + STEP + 1), item(OTHER, true, false, STEP + 1)]);
    assert!(!node.is_in(MEMBER), "who was taken out stays in");
    assert!(node.is_in(OTHER), "who was let in stays out");
    // Somebody who leaves is as sure of it: with the last of these numbers, at which leaving wins.
    node.say(ADMIN, vec![item(OTHER, true, false, STEP + 1 + STEP)]);
    node.say(OTHER, vec![item(OTHER, false, false, STEP + 1 + STEP)]);
    assert!(!node.is_in(OTHER));
}

#[test]
fn what_comes_before_the_owner_s_word_that_it_stands_on_counts_once_that_is_here() {
    let node = Joined::new();
    let owners = 1 + 2 * (STEP + 1);
    // The owner took the member out and let it in again; then an admin took it out. That comes first.
    node.say(ADMIN, vec![item(MEMBER, false, false, owners + 1)]);
    assert!(node.is_in(MEMBER), "how far the owner has counted nobody else can say");
    node.say(OWNER, vec![item(MEMBER, false, false, 1 + STEP + 1)]);
    node.say(OWNER, vec![item(MEMBER, true, false, owners)]);
    assert!(!node.is_in(MEMBER));
    assert_eq!(node.bob.number::<i64>("SELECT count(*) FROM circle_claim"), 0);
    // What waits has an end, and so has what an admin can say ahead.
    let named = |number: u32| PersonaId::from_bytes(*blake3::hash(&number.to_le_bytes()).as_bytes());
    for list in 0..8 {
        node.say(ADMIN, (0..200).map(|n| item(named(list * 200 + n), true, false, 5 * STEP)).collect());
    }
    let waits = node.bob.number::<i64>("SELECT count(*) FROM circle_claim");
    assert_eq!(waits, i64::try_from(limits::GRANT_MEMBERS).unwrap());
    node.say(OWNER, vec![item(named(1), false, false, STEP + 1)]);
    assert!(!node.is_in(named(1)), "further ahead than others may count");
}

#[test]
fn what_an_admin_says_of_members_their_owner_says_to_all() {
    let bob = Bob::new();
    let own = now(bob.node.create_persona("Bob")).unwrap();
    let group = now(bob.node.create_group(None, "Hikers")).unwrap();
    for member in [ADMIN, MEMBER, OTHER] {
        now(bob.store.write(Durability::Normal, move |tx| author_row(tx, member))).unwrap();
        now(bob.node.add_to_circle(None, group, member)).unwrap();
    }
    now(bob.node.set_group_admin(group, ADMIN, true)).unwrap();
    now(bob.store.write(Durability::Normal, |tx| Ok(tx.execute("DELETE FROM outbox", [])?))).unwrap();
    let say = |from: PersonaId, counter: u64, present: bool| {
        let roster = Roster { circle: group, owner: own, members: vec![item(MEMBER, present, false, counter)] };
        now(bob.store.write(Durability::Normal, move |tx| {
            let (own_row, from_row) = (author_row(tx, own)?, author_row(tx, from)?);
            let (mut notes, now_ms) = (Notes::default(), i64::try_from(NOW_S * 1_000).unwrap());
            let mut desk = circle::Desk { tx, entropy: &SystemEntropy, now_ms, at_once: false, notes: &mut notes };
            circle::take_roster(&mut desk, &Rostered { own_row, from_row, from, roster })
        }))
        .unwrap();
    };
    say(ADMIN, STEP + 2, false);
    let told = || {
        now(bob.store.read(|db| {
            let mut statement =
                db.prepare("SELECT author.id, body FROM outbox JOIN author ON author.row = peer_row")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<Vec<(PersonaId, Vec<u8>)>>>()?)
        }))
        .unwrap()
        .into_iter()
        .filter_map(|(to, body)| match MessageBody::decode(&body).unwrap().what {
            What::Roster(roster) => {
                Some((to, roster.members[0].persona, roster.members[0].present, roster.members[0].counter))
            }
            _ => None,
        })
        .collect::<std::collections::BTreeSet<_>>()
    };
    let all = [ADMIN, MEMBER, OTHER].map(|to| (to, MEMBER, false, 2 * STEP + 3));
    assert_eq!(told(), std::collections::BTreeSet::from(all), "above what an admin can have said to some");
    // The same once more is no news.
    say(ADMIN, STEP + 2, false);
    assert_eq!(told().len(), 3);
}

/// Who sees keys of two admins come at once would know that they are one's.
#[test]
fn of_several_own_admins_of_a_group_one_renews_its_key() {
    let bob = Bob::new();
    let own = ["Bob", "Beth"].map(|name| now(bob.node.create_persona(name)).unwrap());
    let members = own.map(|persona| item(persona, true, true, 1)).to_vec();
    for persona in own {
        let members = members.clone();
        now(bob.store.write(Durability::Normal, move |tx| {
            let (own_row, from_row) = (author_row(tx, persona)?, author_row(tx, OWNER)?);
            let (mut notes, now_ms) = (Notes::default(), i64::try_from(NOW_S * 1_000).unwrap());
            let mut desk = circle::Desk { tx, entropy: &SystemEntropy, now_ms, at_once: false, notes: &mut notes };
            let grant = Grant {
                circle: GROUP,
                kind: 1,
                name: "Hikers".to_owned(),
                counter: 1,
                epoch: [1; 16],
                key: circles::key(),
                members,
                owner: None,
            };
            circle::take(&mut desk, &Granted { own_row, from_row, from: OWNER, grant }).map(drop)
        }))
        .unwrap();
        now(bob.node.join_group(Some(persona), GROUP)).unwrap();
    }
    let use_all =
        || now(bob.store.write(Durability::Normal, |tx| Ok(tx.execute("UPDATE epoch SET used = 1", [])?))).unwrap();
    let pass = |ms: i64| {
        bob.clock.set_ms(bob.clock_ms() + ms.cast_unsigned());
        now(bob.node.gate().unwrap().flush(0)).unwrap();
        bob.number::<i64>("SELECT count(*) FROM epoch")
    };
    use_all();
    assert_eq!(pass(limits::EPOCH_MS + limits::EPOCH_LOT_MS + limits::EPOCH_GRACE_MS), 3, "one of two");
    assert_eq!(pass(60 * 60 * 1_000), 3, "its key is on its way to the other");
    // It did not come: the other does in the end.
    assert_eq!(pass(limits::EPOCH_LOT_MS + limits::EPOCH_GRACE_MS), 4);
}
