//! What conversations stand: a device that is copied at one moment, and mail that is lost everywhere. In the seeded
//! simulation; a failing seed is printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/talk.rs"]
mod talk;

use kith_node::sim::World;
use talk::{MINUTE, dm, messages, soon, texts, two_over_a_third};

/// Whoever has database and keychain of one moment, and a record of all that passed before and after it.
#[test]
fn a_copied_device_opens_nothing_earlier_and_after_a_turn_each_way_nothing_new() {
    let mut world = World::new(50);
    let [alice, bob, _] = two_over_a_third(&mut world);
    world.open_tap();
    let mut thread = dm(&mut world, alice, bob.1, "earlier 0");
    world.run_for(2_000).unwrap();
    for number in 1..6 {
        for (from, to) in [(bob, alice), (alice, bob)] {
            thread = dm(&mut world, from, to.1, &format!("earlier {number}"));
            world.run_for(3_000).unwrap();
        }
    }
    let earlier = world.close_tap();
    let copies = [alice, bob].map(|person| (person, world.copy(person.0).unwrap()));
    world.open_tap();
    // At once: neither answers the other, so both belong to what the copies know.
    dm(&mut world, alice, bob.1, "next");
    dm(&mut world, bob, alice.1, "next");
    world.run_for(3_000).unwrap();
    for (from, to) in [(alice, bob), (bob, alice)] {
        dm(&mut world, from, to.1, "turn");
        world.run_for(3_000).unwrap();
    }
    for number in 0..3 {
        for (from, to) in [(alice, bob), (bob, alice)] {
            dm(&mut world, from, to.1, &format!("new {number}"));
            world.run_for(3_000).unwrap();
        }
    }
    let later = world.close_tap();
    assert_eq!(texts(&world, alice.0, thread).len(), 11 + 4 + 6);
    for (person, copy) in copies {
        let thief = world.thief(person.0, &copy).unwrap();
        assert_eq!(texts(&world, thief, thread).len(), 11, "what the archive holds is open");
        world.lose_mail(thief, 0, true).unwrap();
        assert!(world.feed(thief, &earlier).unwrap() >= 11);
        assert!(texts(&world, thief, thread).is_empty(), "no key of it is left");
        // Another one, as its sessions did not like to see again what they had seen.
        let thief = world.thief(person.0, &copy).unwrap();
        assert!(world.feed(thief, &later).unwrap() >= 10);
        let read = texts(&world, thief, thread);
        // What was to come next is open to it, so it can read; and nothing from the other's turn on.
        assert_eq!(read.iter().filter(|text| !text.starts_with("earlier")).collect::<Vec<_>>(), ["next"]);
    }
}

/// Whichever message is lost, for good and at every node: the next one brings it, also where it was the first of all.
#[test]
fn any_message_may_be_lost_and_the_next_one_catches_up() {
    for lost in 0..8 {
        println!("lost: {lost}");
        let mut world = World::new(60 + lost);
        let [alice, bob, carol] = two_over_a_third(&mut world);
        let mut thread = None;
        for number in 0..10 {
            let (from, to) = if number % 2 == 0 { (alice, bob) } else { (bob, alice) };
            if number == lost {
                world.disconnect(carol.0, bob.0);
                world.disconnect(carol.0, alice.0);
                world.connect(from.0, carol.0);
                world.run_for(2_000).unwrap();
            }
            let since = [from.0, carol.0].map(|node| (node, world.stored(node).unwrap()));
            thread = Some(dm(&mut world, from, to.1, &number.to_string()));
            world.run_for(5_000).unwrap();
            if number == lost {
                world.disconnect(from.0, carol.0);
                for (node, since) in since {
                    world.lose_mail(node, since, false).unwrap();
                }
                world.connect(carol.0, bob.0);
                world.connect(carol.0, alice.0);
                world.run_for(5_000).unwrap();
                assert!(!texts(&world, to.0, thread.unwrap()).contains(&number.to_string()), "it is lost");
            }
        }
        let all: Vec<String> = (0..10).map(|number: u64| number.to_string()).collect();
        for person in [alice, bob] {
            // It is asked for with the next message or answer; else it goes again after ten minutes.
            soon(&mut world, 20 * MINUTE, "all of it", |world| texts(world, person.0, thread.unwrap()) == all);
        }
    }
}

/// Several within one millisecond: each stands behind the one before it, so that whoever gets them late, or one of them
/// late, shows them as they were written.
#[test]
fn what_is_written_within_a_millisecond_keeps_its_order() {
    let mut world = World::new(70);
    let [alice, bob, _] = two_over_a_third(&mut world);
    let all: Vec<String> = (0..5).map(|number: u64| number.to_string()).collect();
    let sent: Vec<_> = all.iter().map(|text| dm(&mut world, alice, bob.1, text)).collect();
    let thread = sent[0];
    soon(&mut world, MINUTE, "all came", |world| texts(world, bob.0, thread) == all);
    for person in [alice, bob] {
        let times: Vec<u64> = messages(&world, person.0, thread).iter().map(|message| message.created_ms).collect();
        assert!(times.windows(2).all(|two| two[0] < two[1]), "{times:?}");
    }
}
