//! Buckets by prefix in the seeded simulation (DESIGN §5.3): a busy network splits and a quiet one merges, mail finds
//! who takes its bucket, and nothing of it shows whom it is for. A failing seed is printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/talk.rs"]
mod talk;

use kith_node::id::PersonaId;
use kith_node::limits::{BUCKET_SPLIT, MAIL_PART, MAIL_SOURCE_PART, QUOTA_LEAST};
use kith_node::sim::{NodeIndex, Tapped, World};
use kith_node::view::{MessageState, Role};
use talk::{Person, dm, messages, soon, texts};

const DAY: u64 = 24 * 60 * 60 * 1_000;
/// Types of frames.
const ASK: u8 = 1;
const PUSH: u8 = 9;
const TAKES: u8 = 23;

const ALICE: u16 = 0x1555;
const BOB: u16 = 0xa555;
const CAROL: u16 = 0x6555;

fn person(world: &mut World, role: Role, name: &str, route: u16, bits: u8) -> Person {
    world.messages = true;
    let node = world.node_as(role).unwrap();
    world.set_bucket(node, route, bits).unwrap();
    (node, world.persona(node, name).unwrap())
}

/// A node of nobody who writes, with this bucket.
fn carrier(world: &mut World, role: Role, route: u16, bits: u8) -> NodeIndex {
    let node = world.node_as(role).unwrap();
    world.set_bucket(node, route, bits).unwrap();
    node
}

fn friends(world: &mut World, (a, a_persona): Person, (b, b_persona): Person) {
    world.follow(a, a_persona, b_persona).unwrap();
    world.follow(b, b_persona, a_persona).unwrap();
    // Their keys are with each other before anything is written.
    world.connect(a, b);
    world.run_for(10_000).unwrap();
    world.disconnect(a, b);
    world.run_for(1_000).unwrap();
}

fn frames(tap: &[Tapped], from: NodeIndex, kind: u8) -> Vec<&Tapped> {
    tap.iter().filter(|frame| frame.from == from && frame.bytes.first() == Some(&kind)).collect()
}

fn bytes(tap: &[Tapped], node: NodeIndex) -> usize {
    tap.iter().filter(|frame| frame.from == node || frame.to == node).map(|frame| frame.bytes.len() + 4).sum()
}

/// 100 messages each way between people of different buckets; answers how long they took, sorted, ms.
fn latencies(world: &mut World, alice: Person, bob: Person) -> Vec<u64> {
    let mut took = Vec::new();
    let thread = dm(world, alice, bob.1, "0");
    soon(world, 5_000, "the first", |world| texts(world, bob.0, thread).len() == 1);
    for number in 1..=100 {
        let (from, to) = if number % 2 == 0 { (alice, bob) } else { (bob, alice) };
        dm(world, from, to.1, &number.to_string());
        took.push(soon(world, 5_000, "a message", |world| texts(world, to.0, thread).len() == number + 1));
        world.run_for(1_000 + number as u64 * 7).unwrap();
    }
    took.sort_unstable();
    assert!(texts(world, bob.0, thread).len() == 101 && world.closed().is_empty(), "{:?}", world.closed());
    took
}

#[test]
fn people_of_different_buckets_write_to_each_other_in_time() {
    // Over an anchor, which takes everything; over a node that takes neither bucket; over three nodes of other buckets
    // and an anchor, with stems.
    for (seed, others) in [(1, &[(Role::Anchor, 0, 0)][..]), (2, &[(Role::Desktop, CAROL, 4)]), (3, &OTHERS)] {
        let mut world = World::new(seed);
        let alice = person(&mut world, Role::Phone, "Alice", ALICE, 4);
        let bob = person(&mut world, Role::Phone, "Bob", BOB, 4);
        friends(&mut world, alice, bob);
        world.shape.latency_ms = 40;
        for (role, route, bits) in others {
            let node = carrier(&mut world, *role, *route, *bits);
            world.connect(alice.0, node);
            world.connect(node, bob.0);
        }
        world.run_for(10_000).unwrap();
        let took = latencies(&mut world, alice, bob);
        println!("seed {seed}: p50 {} ms, p95 {} ms", took[49], took[94]);
        assert!(took[49] <= 250 && took[94] <= 800, "seed {seed}: p50 {} ms, p95 {} ms", took[49], took[94]);
        // Each phone has what is for it alone, and what it wrote.
        let (all, passing) = world.mail_under(bob.0, 0, 0).unwrap();
        let (own, _) = world.mail_under(bob.0, 4, BOB).unwrap();
        let (alices, _) = world.mail_under(bob.0, 4, ALICE).unwrap();
        assert!(all == own + alices && passing == alices && own > 50, "{all} {own} {alices} {passing}");
        assert_eq!(world.mail_under(bob.0, 4, CAROL).unwrap(), (0, 0));
    }
}

const OTHERS: [(Role, u16, u8); 5] = [
    (Role::Desktop, CAROL, 4),
    (Role::Desktop, 0x3000, 4),
    (Role::Anchor, 0, 0),
    (Role::Desktop, 0xe000, 4),
    (Role::Desktop, 0x9000, 4),
];

#[test]
fn mail_goes_over_nodes_that_do_not_keep_it_until_somebody_does() {
    // Alice, three nodes of other buckets in a row, and Bob, who comes when she has gone.
    let mut world = World::new(4);
    let alice = person(&mut world, Role::Phone, "Alice", ALICE, 4);
    let bob = person(&mut world, Role::Phone, "Bob", BOB, 4);
    friends(&mut world, alice, bob);
    let between = [0x3000, 0x9000, 0xe000].map(|route| carrier(&mut world, Role::Desktop, route, 4));
    world.connect(alice.0, between[0]);
    world.connect(between[0], between[1]);
    world.connect(between[1], between[2]);
    world.run_for(10_000).unwrap();
    let thread = dm(&mut world, alice, bob.1, "come when you are there");
    soon(&mut world, 2_000, "all have it", |world| {
        between.iter().all(|node| world.mail_under(*node, 4, BOB).unwrap() == (1, 1))
    });
    assert_eq!(messages(&world, alice.0, thread)[0].state, MessageState::Sent);
    world.crash(alice.0);
    world.connect(bob.0, between[2]);
    soon(&mut world, 5_000, "the message", |world| texts(world, bob.0, thread).len() == 1);
    // Whoever has said that it took it gets nothing twice.
    world.run_for(1_000).unwrap();
    world.open_tap();
    world.disconnect(bob.0, between[2]);
    world.run_for(1_000).unwrap();
    world.connect(bob.0, between[2]);
    world.run_for(11 * 60_000).unwrap();
    let tap = world.close_tap();
    let pushes = frames(&tap, between[2], PUSH).into_iter().filter(|frame| frame.to == bob.0);
    let sizes: Vec<usize> = pushes.map(|frame| frame.bytes.len()).collect();
    // What introduces people is smaller.
    assert!(sizes.iter().all(|size| *size < 4_096), "{sizes:?}");
}

#[test]
fn large_mail_passes_nodes_that_can_not_ask_for_it() {
    let mut world = World::new(5);
    let alice = person(&mut world, Role::Phone, "Alice", ALICE, 4);
    let bob = person(&mut world, Role::Phone, "Bob", BOB, 4);
    friends(&mut world, alice, bob);
    let carol = carrier(&mut world, Role::Desktop, CAROL, 4);
    world.connect(alice.0, carol);
    world.connect(carol, bob.0);
    world.run_for(10_000).unwrap();
    let text = "words ".repeat(3_000);
    let thread = dm(&mut world, alice, bob.1, text.trim());
    soon(&mut world, 3_000, "the message", |world| texts(world, bob.0, thread) == [text.trim()]);
}

/// Where mail goes first is the same whoever it is for.
#[test]
fn the_first_destination_does_not_depend_on_whom_it_is_for() {
    let mut differs = 0;
    for seed in 100..120 {
        let first = [false, true].map(|to_carol| {
            let mut world = World::new(seed);
            let alice = person(&mut world, Role::Desktop, "Alice", ALICE, 4);
            let bob = person(&mut world, Role::Desktop, "Bob", BOB, 4);
            let carol = person(&mut world, Role::Desktop, "Carol", CAROL, 4);
            friends(&mut world, alice, bob);
            friends(&mut world, alice, carol);
            let others = [BOB, CAROL, 0x3000, 0xe000].map(|route| carrier(&mut world, Role::Desktop, route, 4));
            for node in others {
                world.connect(alice.0, node);
            }
            world.run_for(10_000).unwrap();
            world.open_tap();
            dm(&mut world, alice, if to_carol { carol.1 } else { bob.1 }, "hello");
            world.run_for(2_000).unwrap();
            let tap = world.close_tap();
            let pushes = frames(&tap, alice.0, PUSH);
            let first = pushes.first().expect("nothing left").to;
            // Then those get it who take its bucket, and nobody else.
            let to: std::collections::BTreeSet<NodeIndex> = pushes.iter().map(|frame| frame.to).collect();
            let taker = others[usize::from(to_carol)];
            assert!(to.contains(&taker) && to.len() <= 2, "seed {seed}: {to:?}");
            differs += usize::from(first != taker);
            first
        });
        assert_eq!(first[0], first[1], "seed {seed}");
    }
    assert!(differs > 10, "stems are others than who takes it");
}

#[test]
fn what_a_node_asks_for_does_not_change_with_its_messages() {
    let mut world = World::new(6);
    let alice = person(&mut world, Role::Desktop, "Alice", ALICE, 4);
    let bob = person(&mut world, Role::Desktop, "Bob", BOB, 4);
    friends(&mut world, alice, bob);
    let anchor = carrier(&mut world, Role::Anchor, 0, 0);
    let beside = carrier(&mut world, Role::Desktop, BOB ^ 0x8000, 4);
    for node in [anchor, beside] {
        world.connect(alice.0, node);
        world.connect(bob.0, node);
    }
    world.run_for(20_000).unwrap();
    let before = world.taken(bob.0).unwrap();
    world.open_tap();
    let mut thread = None;
    for number in 0..60 {
        thread = Some(dm(&mut world, alice, bob.1, &number.to_string()));
        dm(&mut world, bob, alice.1, &format!("{number} too"));
        world.run_for(30_000).unwrap();
    }
    for node in [alice.0, bob.0, anchor, beside] {
        world.measure(node).unwrap();
    }
    world.run_for(11 * 60_000).unwrap();
    assert_eq!(texts(&world, bob.0, thread.unwrap()).len(), 120);
    let tap = world.close_tap();
    assert!(tap.iter().all(|frame| frame.bytes.first() != Some(&TAKES)), "a bucket was told anew");
    for (from, to) in [(bob.0, anchor), (bob.0, beside), (alice.0, anchor)] {
        let sets: Vec<Vec<u8>> =
            frames(&tap, from, ASK).iter().filter(|frame| frame.to == to).map(|it| set(it)).collect();
        assert!(sets.len() >= 7 && sets.iter().all(|set| *set == sets[0]), "{sets:?}");
    }
    assert_eq!(world.taken(bob.0).unwrap(), before);
}

/// The name of the set of authors in an `Ask`.
fn set(ask: &Tapped) -> Vec<u8> {
    let mut fields = minicbor::Decoder::new(&ask.bytes[1..]);
    fields.array().unwrap();
    fields.u32().unwrap();
    fields.u8().unwrap();
    fields.bytes().unwrap().to_vec()
}

#[test]
fn a_mailbox_holds_the_bucket_of_who_sleeps() {
    let mut world = World::new(7);
    let alice = person(&mut world, Role::Phone, "Alice", ALICE, 4);
    let bob = person(&mut world, Role::Phone, "Bob", BOB, 4);
    friends(&mut world, alice, bob);
    let mailbox = carrier(&mut world, Role::Desktop, CAROL, 4);
    let anchor = carrier(&mut world, Role::Anchor, 0, 0);
    world.set_mailboxes(bob.0, &[mailbox]).unwrap();
    world.connect(bob.0, mailbox);
    world.run_for(5_000).unwrap();
    assert_eq!(world.taken(mailbox).unwrap(), [(4, CAROL & 0xf000), (4, BOB & 0xf000)]);
    // Bob sleeps; nobody writes to his node, and his mailbox gets what lies in his bucket.
    world.disconnect(bob.0, mailbox);
    let others = carrier(&mut world, Role::Desktop, 0xe000, 4);
    world.connect(mailbox, anchor);
    world.connect(alice.0, anchor);
    world.connect(others, anchor);
    world.run_for(5_000).unwrap();
    let thread = dm(&mut world, alice, bob.1, "when you wake");
    world.pile(others, BOB, 20, 0).unwrap();
    world.pile(others, 0xe000, 20, 0).unwrap();
    soon(&mut world, 5_000, "his mailbox has it", |world| world.mail_under(mailbox, 4, BOB).unwrap() == (21, 0));
    assert_eq!(world.mail_under(mailbox, 0, 0).unwrap().0, 21, "and nothing of a bucket that it does not take");
    world.crash(alice.0);
    world.crash(anchor);
    world.run_for(2 * 60 * 60_000).unwrap();
    world.connect(bob.0, mailbox);
    let took = soon(&mut world, 5_000, "the message", |world| texts(world, bob.0, thread).len() == 1);
    assert!(took <= 1_000, "{took} ms after waking");
    // A restart of the mailbox forgets nothing.
    world.crash(mailbox);
    world.restart(mailbox).unwrap();
    assert_eq!(world.taken(mailbox).unwrap().len(), 2);
}

/// Four phones in different quarters, an anchor and mail of nobody: what passes decides, and all agree on it.
#[test]
fn a_busy_network_splits_and_a_quiet_one_merges_and_nothing_is_lost() {
    let quarters = [0x0555_u16, 0x4555, 0x8555, 0xc555];
    let busy = u16::try_from(4 * BUCKET_SPLIT + 64).unwrap();
    let mut world = World::new(8);
    let people = quarters.map(|route| person(&mut world, Role::Phone, &format!("{route}"), route, 0));
    for other in &people[1..] {
        friends(&mut world, people[0], *other);
    }
    let anchor = carrier(&mut world, Role::Anchor, 0, 0);
    for (node, _) in people {
        world.connect(node, anchor);
    }
    world.run_for(10_000).unwrap();
    let write = |world: &mut World, text: &str| {
        for (from, to) in [(0, 1), (2, 0), (0, 3), (1, 0)] {
            let thread = dm(world, people[from], people[to].1, text);
            let there = |world: &World| texts(world, people[to].0, thread).iter().filter(|it| *it == text).count() == 1;
            soon(world, 5_000, "a message", there);
        }
        world.run_for(20_000).unwrap();
    };
    let measure = |world: &mut World| {
        people.iter().for_each(|(node, _)| world.measure(*node).unwrap());
        world.run_for(30_000).unwrap();
        people.map(|(node, _)| world.bucket(node).unwrap().map(|(_, bits, taken)| (bits, taken)).unwrap())
    };
    write(&mut world, "while it is quiet");
    for day in 1..=7 {
        world.scatter(anchor, busy, day).unwrap();
    }
    world.run_for(20 * 60_000).unwrap();
    // Next day they hand out longer routes, and still take what was handed out before.
    let days = |world: &mut World, days: u64| {
        people.iter().for_each(|(node, _)| world.disconnect(*node, anchor));
        world.run_for(days * DAY).unwrap();
        people.iter().for_each(|(node, _)| world.connect(*node, anchor));
        world.run_for(60_000).unwrap();
    };
    days(&mut world, 1);
    world.scatter(anchor, busy, 1).unwrap();
    world.run_for(10 * 60_000).unwrap();
    assert_eq!(measure(&mut world), [(2, 0); 4]);
    write(&mut world, "while it is busy");
    // 30 days later they take a quarter. Nobody writes for so long here, so it is as if that time had passed.
    for (route, (node, _)) in quarters.into_iter().zip(people) {
        world.set_bucket(node, route, 2).unwrap();
    }
    world.run_for(60_000).unwrap();
    let before: Vec<usize> = people.iter().map(|(node, _)| world.mail_under(*node, 0, 0).unwrap().0).collect();
    world.scatter(anchor, 400, 0).unwrap();
    write(&mut world, "in quarters");
    world.run_for(10 * 60_000).unwrap();
    for ((node, _), before) in people.iter().zip(before) {
        let more = world.mail_under(*node, 0, 0).unwrap().0 - before;
        assert!((100..130).contains(&more), "{more} of 400");
    }
    // It becomes quiet. What was sent to long routes is not lost, nor what is sent before others know.
    days(&mut world, 8);
    world.measure(people[0].0).unwrap();
    assert_eq!(world.taken(people[0].0).unwrap(), [(0, 0)], "it sees little, and takes everything");
    write(&mut world, "one of them has merged");
    assert_eq!(measure(&mut world), [(0, 0); 4]);
    write(&mut world, "all have");
    for (node, _) in people {
        assert!(world.equal(node, anchor, everything()).unwrap(), "who takes everything holds the same");
    }
}

/// The name of the widest bucket, as docs/protocol.md has it.
fn everything() -> PersonaId {
    let mut id = blake3::derive_key("kith 2026 bucket v1", &[]);
    id[29..].fill(0);
    PersonaId::from_bytes(id)
}

#[test]
fn with_sixteen_times_the_mail_a_phone_takes_what_it_took() {
    // 96 messages a day for a network that has one bucket, and 1,536 for one that has sixteen.
    let day = |messages: u16, bits: u8| {
        let mut world = World::new(9);
        let anchors = [(); 2].map(|()| carrier(&mut world, Role::Anchor, 0, 0));
        let phone = carrier(&mut world, Role::Phone, 0x7555, bits);
        anchors.iter().for_each(|anchor| world.connect(phone, *anchor));
        world.connect(anchors[0], anchors[1]);
        world.run_for(10_000).unwrap();
        world.open_tap();
        for _ in 0..6 {
            world.scatter(anchors[0], messages / 6, 0).unwrap();
            world.run_for(DAY / 6).unwrap();
        }
        let tap = world.close_tap();
        (bytes(&tap, phone), world.mail_under(phone, 0, 0).unwrap().0, bytes(&tap, anchors[1]))
    };
    let (small, small_mail, _) = day(96, 0);
    let (all, all_mail, _) = day(1_536, 0);
    let (split, split_mail, anchor) = day(1_536, 4);
    println!(
        "a day: {small} bytes at 96 messages; {all} at 1,536 without buckets, {split} with them; an anchor {anchor}"
    );
    assert_eq!((small_mail, all_mail, split_mail), (96, 1_536, 96));
    assert!(split * 8 < all, "{split} of {all} bytes");
    assert!(split < small * 5 / 4, "{split} bytes, {small} of the small network");
}

#[test]
fn lengths_that_make_no_sense_end_the_connection_and_true_ones_may_be_false() {
    let mut world = World::new(10);
    let alice = carrier(&mut world, Role::Desktop, ALICE, 4);
    let liar = carrier(&mut world, Role::Desktop, CAROL, 4);
    let anchor = carrier(&mut world, Role::Anchor, 0, 0);
    world.connect(alice, liar);
    world.connect(alice, anchor);
    world.run_for(5_000).unwrap();
    let takes = |buckets: &[u8]| [&[TAKES, 0x81, 0x58, u8::try_from(buckets.len()).unwrap()], buckets].concat();
    let wrong: [&[u8]; 6] = [
        &[],
        &[1, 0x80],
        &[17, 0, 0],
        // A bit behind its length; one within another; not in order.
        &[1, 0xc0, 0],
        &[1, 0x80, 0, 2, 0xc0, 0],
        &[2, 0xc0, 0, 2, 0x40, 0],
    ];
    for wrong in wrong {
        let before = world.closed().len();
        world.inject(liar, alice, takes(wrong));
        world.run_for(1_000).unwrap();
        assert_eq!(world.closed()[before], "not a frame", "{wrong:?}");
        world.run_for(5_000).unwrap();
    }
    // It says that it takes everything, and passes on nothing: others do.
    world.mute(liar).unwrap();
    world.inject(liar, alice, takes(&[0, 0, 0]));
    world.run_for(1_000).unwrap();
    world.pile(anchor, ALICE, 5, 0).unwrap();
    world.run_for(10_000).unwrap();
    assert_eq!(world.mail_under(alice, 4, ALICE).unwrap().0, 5);
    assert_eq!(world.taken(alice).unwrap(), [(4, ALICE & 0xf000)], "nobody makes a node take more, or less");
    // It says so again and again.
    let before = world.closed().len();
    for number in 0..400_u16 {
        world.inject(liar, alice, takes(&[16, number.to_le_bytes()[1], number.to_le_bytes()[0]]));
    }
    world.run_for(1_000).unwrap();
    assert_eq!(world.closed()[before], "too many notices");
}

/// Peers that take everything and pass on nothing keep no mail from who takes its bucket and comes later.
#[test]
fn who_takes_mail_and_keeps_it_to_themselves_keeps_nobody_out() {
    let mut world = World::new(12);
    let alice = person(&mut world, Role::Phone, "Alice", ALICE, 4);
    let bob = person(&mut world, Role::Phone, "Bob", BOB, 4);
    friends(&mut world, alice, bob);
    let between = carrier(&mut world, Role::Desktop, CAROL, 4);
    let takers: Vec<NodeIndex> = (0..6).map(|_| carrier(&mut world, Role::Anchor, 0, 0)).collect();
    for node in takers.iter().copied().chain([alice.0]) {
        world.connect(between, node);
    }
    world.run_for(10_000).unwrap();
    let thread = dm(&mut world, alice, bob.1, "for you");
    soon(&mut world, 5_000, "all took it", |world| {
        takers.iter().all(|node| world.mail_under(*node, 4, BOB).unwrap().0 == 1)
    });
    world.crash(alice.0);
    takers.iter().for_each(|node| world.disconnect(between, *node));
    world.run_for(1_000).unwrap();
    world.connect(bob.0, between);
    soon(&mut world, 5_000, "the message", |world| texts(world, bob.0, thread).len() == 1);
}

/// Everything sealed that Alice's node gives away, in order: to whom, and how large it is.
fn given_away(seed: u64, to_carol: bool) -> Vec<(NodeIndex, usize)> {
    let mut world = World::new(seed);
    let people = ["Alice", "Bob", "Carol"].map(|name| person(&mut world, Role::Desktop, name, ALICE, 0));
    let [alice, bob, carol] = people;
    friends(&mut world, alice, bob);
    friends(&mut world, alice, carol);
    // Both have written before, so that no message is a first one.
    for other in [bob, carol] {
        world.connect(alice.0, other.0);
        world.run_for(5_000).unwrap();
        let thread = dm(&mut world, alice, other.1, "hello");
        soon(&mut world, 5_000, "hello", |world| texts(world, other.0, thread).len() == 1);
        dm(&mut world, other, alice.1, "hi");
        soon(&mut world, 5_000, "hi", |world| texts(world, alice.0, thread).len() == 2);
        world.run_for(30_000).unwrap();
        world.disconnect(alice.0, other.0);
    }
    let others = (0..5).map(|_| carrier(&mut world, Role::Desktop, 0, 0)).collect::<Vec<_>>();
    for node in others.iter().copied().chain([bob.0, carol.0]) {
        world.connect(alice.0, node);
    }
    world.run_for(11 * 60_000).unwrap();
    world.open_tap();
    for text in ["one", "two and more of it", "three"] {
        dm(&mut world, alice, if to_carol { carol.1 } else { bob.1 }, text);
        world.run_for(600).unwrap();
    }
    // Before the first answer comes, which is passed on to all but who brought it.
    let tap = world.close_tap();
    frames(&tap, alice.0, PUSH).into_iter().map(|frame| (frame.to, frame.bytes.len())).collect()
}

/// Invariant 6: a sealed entry goes the same ways, whoever it is for.
#[test]
fn no_destination_depends_on_whom_a_message_is_for() {
    for seed in 200..206 {
        let (to_bob, to_carol) = (given_away(seed, false), given_away(seed, true));
        assert!(to_bob.len() >= 9, "seed {seed}: {to_bob:?}");
        assert_eq!(to_bob, to_carol, "seed {seed}");
    }
}

#[test]
fn a_flood_of_one_bucket_costs_others_no_more_than_a_peer_s_share() {
    let mut world = World::new(11);
    let alice = person(&mut world, Role::Desktop, "Alice", ALICE, 4);
    let bob = person(&mut world, Role::Desktop, "Bob", BOB, 4);
    friends(&mut world, alice, bob);
    let quota = QUOTA_LEAST.cast_unsigned();
    for node in [alice.0, bob.0] {
        world.verb(node, |handle| async move { handle.set_quota(Some(quota)).await }).unwrap();
    }
    let flooder = carrier(&mut world, Role::Desktop, 0xe000, 4);
    for node in [alice.0, bob.0] {
        world.connect(flooder, node);
    }
    world.connect(alice.0, bob.0);
    world.run_for(5_000).unwrap();
    // In Bob's bucket, which Alice does not take and passes on.
    world.pile(flooder, BOB, 3_000, 0).unwrap();
    world.run_for(60_000).unwrap();
    let share = quota / MAIL_PART.cast_unsigned() / MAIL_SOURCE_PART.cast_unsigned();
    for node in [alice.0, bob.0] {
        let (_, most) = world.mail_bytes(node).unwrap();
        assert!(most <= share, "{most} of {share} bytes");
    }
    let thread = dm(&mut world, alice, bob.1, "through the flood");
    soon(&mut world, 5_000, "the message", |world| texts(world, bob.0, thread).len() == 1);
    // And nobody splits for it.
    for (a, b) in [(flooder, alice.0), (flooder, bob.0), (alice.0, bob.0)] {
        world.disconnect(a, b);
    }
    world.run_for(DAY).unwrap();
    world.measure(bob.0).unwrap();
    assert!(world.bucket(bob.0).unwrap().unwrap().1 <= 4);
}
