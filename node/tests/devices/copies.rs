//! Several devices that write at once, and one that goes on from an old copy of its profile (invariant 13).

use super::circles::{Friends, friends};
use super::*;
use kith_node::sim::Dice;

fn forked(world: &World, nodes: &[NodeIndex]) -> bool {
    nodes.iter().any(|node| world.forked(*node).unwrap())
}

#[test]
fn what_both_devices_write_at_once_comes_to_all_and_forks_nothing() {
    let mut all = friends(41);
    let Friends { laptop, phone, alice, bob, carol, .. } = all;
    all.world.link(laptop, phone, alice, false).unwrap();
    all.world.run_for(30_000).unwrap();
    let thread = dm(&mut all.world, laptop, bob.1, "0 from the laptop");
    dm(&mut all.world, phone, bob.1, "0 from the phone");
    for number in 1..20 {
        for (node, name) in [(laptop, "laptop"), (phone, "phone")] {
            all.world.post(node, alice, &format!("{number} from the {name}")).unwrap();
            dm(&mut all.world, node, bob.1, &format!("{number} from the {name}"));
        }
        dm(&mut all.world, bob.0, alice, &format!("{number} from Bob"));
    }
    let nodes = [laptop, phone, bob.0];
    soon(&mut all.world, "all have all", |world| {
        nodes.iter().all(|node| texts(world, *node, thread).len() == 59)
            && [bob.0, carol.0].iter().all(|node| world.equal(laptop, *node, alice).unwrap())
            && world.equal(laptop, phone, alice).unwrap()
    });
    let mut said = nodes.map(|node| texts(&all.world, node, thread));
    said.iter_mut().for_each(|texts| texts.sort());
    assert!(said[0] == said[1] && said[1] == said[2]);
    assert_eq!(all.world.posts(carol.0, alice).unwrap().len(), 38);
    assert!(!forked(&all.world, &[laptop, phone, bob.0, carol.0]));
}

#[test]
fn a_device_that_goes_on_from_an_old_copy_contradicts_nobody_and_its_messages_go_on() {
    for which in 0..2 {
        let mut all = friends(42 + which);
        let Friends { laptop, phone, alice, bob, carol, .. } = all;
        all.world.link(laptop, phone, alice, false).unwrap();
        all.world.run_for(30_000).unwrap();
        let old = if which == 0 { laptop } else { phone };
        let thread = dm(&mut all.world, laptop, bob.1, "before the copy");
        all.world.post(old, alice, "before the copy").unwrap();
        all.world.run_for(30_000).unwrap();
        let copy = all.world.copy(old).unwrap();
        for node in [laptop, phone] {
            all.world.post(node, alice, "after the copy").unwrap();
            dm(&mut all.world, node, bob.1, "after the copy");
        }
        dm(&mut all.world, bob.0, alice, "Bob's answer");
        all.world.run_for(30_000).unwrap();
        all.world.restore(old, &copy).unwrap();
        all.world.restart(old).unwrap();
        // Before it met anybody.
        all.world.post(old, alice, "by the copy").unwrap();
        dm(&mut all.world, old, bob.1, "by the copy");
        let nodes = [laptop, phone, bob.0];
        let has = |world: &World, node, text: &str| texts(world, node, thread).contains(&text.to_owned());
        soon(&mut all.world, "what it wrote comes to all", |world| {
            nodes.iter().all(|node| has(world, *node, "by the copy") && reads(world, *node, "by the copy"))
        });
        // And it goes on in both directions, with each of the others.
        for (node, to) in [(old, bob.1), (bob.0, alice), (laptop, bob.1), (phone, bob.1)] {
            let text = format!("goes on {node}");
            dm(&mut all.world, node, to, &text);
            soon(&mut all.world, &text, |world| nodes.iter().all(|node| has(world, *node, &text)));
        }
        soon(&mut all.world, "all agree", |world| {
            [phone, bob.0, carol.0].iter().all(|node| world.equal(laptop, *node, alice).unwrap())
        });
        assert!(!forked(&all.world, &[laptop, phone, bob.0, carol.0]), "two entries have one number");
        for node in nodes {
            assert!(reads(&all.world, node, "after the copy"));
        }
    }
}

/// Copies taken and gone back to at any moment: while entries wait, messages travel, or an earlier copy was just gone
/// back to.
#[test]
fn whichever_old_copies_a_device_goes_on_from_no_number_is_used_twice_and_messages_go_on() {
    for seed in 1..=COPIED_SEEDS {
        println!("seed {seed}");
        let mut dice = Dice(seed);
        let mut all = friends(1_000 + seed);
        let Friends { laptop, phone, alice, bob, carol, .. } = all;
        all.world.link(laptop, phone, alice, seed % 2 == 0).unwrap();
        all.world.run_for(30_000).unwrap();
        let own = [laptop, phone];
        let thread = dm(&mut all.world, laptop, bob.1, "hello");
        let mut copies: Vec<(NodeIndex, kith_node::sim::Copy)> = Vec::new();
        let mut gone_back = 0;
        for step in 0..COPIED_STEPS {
            let node = own[dice.below(2) as usize];
            let text = format!("step {step} of {node}");
            match dice.below(8) {
                0 | 1 => drop(all.world.post(node, alice, &text).unwrap()),
                2 => drop(dm(&mut all.world, node, bob.1, &text)),
                3 => drop(dm(&mut all.world, bob.0, alice, &text)),
                4 | 5 => copies.push((node, all.world.copy(node).unwrap())),
                _ if !copies.is_empty() => {
                    let (node, copy) = &copies[dice.below(copies.len() as u64) as usize];
                    all.world.restore(*node, copy).unwrap();
                    all.world.restart(*node).unwrap();
                    gone_back += 1;
                }
                _ => {}
            }
            // Often not at all: the next step meets what has not left yet.
            all.world.run_for([0, 0, 40, 2_000, 40_000][dice.below(5) as usize]).unwrap();
        }
        assert!(gone_back > 0, "seed {seed} goes back to no copy");
        let nodes = [laptop, phone, bob.0];
        let has = |world: &World, node, text: &str| texts(world, node, thread).contains(&text.to_owned());
        for (node, to) in [(laptop, bob.1), (phone, bob.1), (bob.0, alice)] {
            let text = format!("goes on from {node}");
            if node != bob.0 {
                all.world.post(node, alice, &text).unwrap();
                soon(&mut all.world, &text, |world| [bob.0, carol.0].iter().all(|other| reads(world, *other, &text)));
            }
            dm(&mut all.world, node, to, &text);
            // A session is begun anew once an hour at most, and this device may have gone back several times.
            let took = all.world.run_until(HEALED_MS, |world| Ok(nodes.iter().all(|node| has(world, *node, &text))));
            assert!(took.unwrap().is_some(), "{text} is lost");
        }
        soon(&mut all.world, "all agree", |world| {
            [phone, bob.0, carol.0].iter().all(|node| world.equal(laptop, *node, alice).unwrap())
        });
        assert!(!forked(&all.world, &[laptop, phone, bob.0, carol.0]), "two entries have one number");
    }
}

/// Both copies of a profile are in use: neither answers the other for ever, who reads them gets what each may write, and
/// the one that may not is told. It goes on once it runs alone.
#[test]
fn two_copies_that_are_in_use_at_once_come_to_rest_and_one_is_told() {
    for seed in 0..4 {
        let mut all = friends(60 + seed);
        let Friends { laptop, alice, bob, carol, .. } = all;
        all.world.post(laptop, alice, "before the copy").unwrap();
        all.world.run_for(30_000).unwrap();
        let copy = all.world.copy(laptop).unwrap();
        all.world.crash(laptop);
        all.world.restart(laptop).unwrap();
        // Where both begin in one moment, no peer can tell either of the other: their first entries may have one number.
        let in_one_moment = seed % 2 == 0;
        if !in_one_moment {
            all.world.post(laptop, alice, "by the laptop alone").unwrap();
            all.world.run_for(30_000).unwrap();
        }
        let twin = all.world.thief(laptop, &copy).unwrap();
        for friend in [bob.0, carol.0] {
            all.world.connect(twin, friend);
        }
        let before = all.world.bodies(bob.0, alice).unwrap();
        for node in [laptop, twin] {
            all.world.post(node, alice, &format!("by {node}, before it met anybody")).unwrap();
        }
        all.world.run_for(600_000).unwrap();
        let told = |world: &World, node| {
            let devices = world.ask(node, |handle| async move { handle.devices().await }).unwrap();
            devices.iter().any(|device| device.this && device.copied)
        };
        let rest = all.world.bodies(bob.0, alice).unwrap();
        assert!(rest - before <= ANSWERS, "seed {seed}: {} entries that nobody wrote", rest - before);
        all.world.run_for(600_000).unwrap();
        assert_eq!(all.world.bodies(bob.0, alice).unwrap(), rest, "seed {seed}: they go on and on");
        // What either may write arrives; what it may not is refused, and it knows why.
        let mut written = vec!["before the copy".to_owned()];
        for round in 0..8 {
            for node in [laptop, twin] {
                let text = format!("{round} by {node}");
                match all.world.post(node, alice, &text) {
                    Ok(_) => written.push(text),
                    Err(error) => {
                        assert!(matches!(error, kith_node::Error::ProfileCopied), "{error:?}");
                        assert!(told(&all.world, node));
                    }
                }
                all.world.run_for(5_000).unwrap();
            }
        }
        assert!(told(&all.world, laptop) || told(&all.world, twin), "seed {seed}: nobody was told");
        assert!(all.world.bodies(bob.0, alice).unwrap() - rest <= 2 * ANSWERS + 16);
        soon(&mut all.world, "all that was taken arrives", |world| {
            [bob.0, carol.0].iter().all(|friend| written.iter().all(|text| reads(world, *friend, text)))
        });
        if !in_one_moment {
            assert!(!forked(&all.world, &[laptop, twin, bob.0, carol.0]), "two entries have one number");
        }
        // One alone goes on, whichever it is.
        let (gone, stays) = if seed < 2 { (twin, laptop) } else { (laptop, twin) };
        all.world.crash(gone);
        all.world.crash(stays);
        all.world.restart(stays).unwrap();
        for friend in [bob.0, carol.0] {
            all.world.connect(stays, friend);
        }
        all.world.run_for(10_000).unwrap();
        all.world.post(stays, alice, "alone").unwrap();
        soon(&mut all.world, "what one alone writes arrives", |world| reads(world, bob.0, "alone"));
        assert!(!told(&all.world, stays));
    }
}

/// Entries that two copies write by themselves until they come to rest.
const ANSWERS: u64 = 48;
const HEALED_MS: u64 = kith_node::limits::SESSION_AGAIN_MS.unsigned_abs() + 60_000;
const COPIED_SEEDS: u64 = 12;
const COPIED_STEPS: u64 = 24;
