//! Two openings on loopback, who tell each other where they are as mDNS would.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::follow::invite_of;
use crate::limits::NEAR_EXCHANGES_PER_ADDRESS;

fn persona(number: u8) -> PersonaId {
    PersonaId::from_bytes([number; 32])
}

/// Until somebody is there, or nobody is.
async fn until(open: &mut NearOpen, people: usize) -> Vec<NearSeen> {
    let seen = open.seen.wait_for(|seen| seen.len() == people);
    timeout(Duration::from_secs(20), seen).await.unwrap().unwrap().clone()
}

async fn vicinity(number: u8, name: &str) -> (Vicinity, String) {
    (Vicinity::unannounced().await.unwrap(), invite_of(persona(number), name).unwrap())
}

#[tokio::test]
async fn two_who_have_it_open_see_each_other_with_the_same_digits_until_one_closes_it() {
    let ((alice, alices), (bob, bobs)) = (vicinity(1, "Alice").await, vicinity(2, " Bob\u{202e} \n").await);
    let (for_alice, for_bob) = (bob.ticket(), alice.ticket());
    let events = Events::default();
    let mut heard = events.subscribe();
    alice.finds(for_alice).await;
    bob.finds(for_bob).await;
    let mut alice = begin(alice, persona(1), alices.clone(), 0, events);
    let mut bob = begin(bob, persona(2), bobs, 0, Events::default());

    let (seen, shown) = (until(&mut alice, 1).await.remove(0), until(&mut bob, 1).await.remove(0));
    assert_eq!((seen.name.as_str(), seen.persona), ("Bob", persona(2)), "cleaned as every name is");
    assert_eq!((shown.name.as_str(), shown.persona, &shown.invite), ("Alice", persona(1), &alices));
    assert_eq!(seen.code, shown.code);
    assert_ne!(seen.id, shown.id);
    assert_eq!(heard.next().await, Some(Event::NearChanged));

    let NearOpen { stop, ended, .. } = bob;
    drop(stop);
    timeout(Duration::from_secs(20), ended).await.unwrap().unwrap();
    assert!(until(&mut alice, 0).await.is_empty(), "who closed it is gone");
    drop(alice.stop);
    timeout(Duration::from_secs(20), alice.ended).await.unwrap().unwrap();
    assert!(alice.seen.has_changed().is_err(), "it is closed");
}

#[tokio::test]
async fn who_was_not_found_here_learns_nothing() {
    let ((alice, alices), (mallory, mallorys)) = (vicinity(1, "Alice").await, vicinity(3, "Mallory").await);
    let door = alice.ticket();
    let alice = begin(alice, persona(1), alices, 0, Events::default());
    // She knows the key and the address, and is not announced on Alice's network.
    let mut met = timeout(Duration::from_secs(20), mallory.dial(&door)).await.unwrap().unwrap();
    let exported = *met.meeting.exported();
    let side = Side { dialled: true, nonce: [3; 32], invite: &mallorys, exported: &exported };
    let told = timeout(Duration::from_secs(20), opened(&mut met.meeting, &side)).await.unwrap();
    assert_eq!(told, None);
    assert!(alice.seen.borrow().is_empty());
}

/// On a network where one hears announcements before the other does, again and again: what came to nothing uses nothing up.
#[tokio::test]
async fn who_is_dialled_before_they_heard_of_the_other_is_seen_once_they_did() {
    let mut all = Vec::new();
    for number in 1..=6 {
        all.push((number, vicinity(number, "Somebody").await));
    }
    // The lowest key dials.
    all.sort_by_key(|(_, (vicinity, _))| std::cmp::Reverse(vicinity.id()));
    let (number, (bob, bobs)) = all.pop().unwrap();
    let (door, teller) = (bob.ticket(), bob.teller());
    let mut bob = begin(bob, persona(number), bobs, 0, Events::default());
    assert!(2 * all.len() > NEAR_EXCHANGES_PER_ADDRESS as usize);
    for (number, (mut alice, alices)) in all {
        teller.send(Sighting::Found(alice.ticket())).await.unwrap();
        let early = timeout(Duration::from_secs(20), alice.next()).await.unwrap();
        assert!(matches!(early, Some(Sighting::Knock(_))));
        drop(early);
        alice.finds(door.clone()).await;
        let alice = begin(alice, persona(number), alices, 0, Events::default());
        assert_eq!(until(&mut bob, 1).await.remove(0).persona, persona(number));
        drop(alice.stop);
        timeout(Duration::from_secs(20), alice.ended).await.unwrap().unwrap();
        until(&mut bob, 0).await;
    }
}

/// Digits are known to whoever heard this side's number: each such exchange counts, however it ends.
#[tokio::test]
async fn who_hears_a_number_and_hangs_up_hears_few() {
    let ((one, ones), (other, others)) = (vicinity(1, "Alice").await, vicinity(2, "Mallory").await);
    // The lower key dials.
    let ((alice, alices), (mallory, mallorys)) =
        if one.id() > other.id() { ((one, ones), (other, others)) } else { ((other, others), (one, ones)) };
    let door = alice.ticket();
    alice.finds(mallory.ticket()).await;
    let alice = begin(alice, persona(1), alices, 0, Events::default());
    let mut heard = 0;
    for _ in 0..8 * NEAR_EXCHANGES_PER_ADDRESS {
        // She may not have noticed yet that the last one ended: then she refuses this one.
        let mut met = mallory.dial(&door).await.unwrap();
        let exported = *met.meeting.exported();
        let side = Side { dialled: true, nonce: [3; 32], invite: &mallorys, exported: &exported };
        heard += u32::from(opened(&mut met.meeting, &side).await.is_some());
    }
    assert_eq!(heard, NEAR_EXCHANGES_PER_ADDRESS);
    assert!(alice.seen.borrow().is_empty());
}

/// An opening that ran out is over without anybody's doing.
#[tokio::test]
async fn it_ends_after_its_time() {
    let (alice, alices) = vicinity(1, "Alice").await;
    tokio::time::pause();
    let open = begin(alice, persona(1), alices, 0, Events::default());
    let began = Instant::now();
    open.ended.await.unwrap();
    let took = u64::try_from(began.elapsed().as_millis()).unwrap();
    assert!((NEAR_MS..NEAR_MS + 2 * NEAR_END_MS + 1_000).contains(&took), "{took}");
    assert!(open.seen.has_changed().is_err());
}
