//! A device that is out: nobody takes what it writes from then on, what it wrote before stays, and it is given nothing
//! more. And a stolen root, in the place of which the recovery phrase puts another one.

use super::circles::{Friends, friends};
use super::*;
use kith_node::Error;
use kith_node::id::DeviceId;
use kith_node::view::DeviceView;

fn devices(world: &World, node: NodeIndex) -> Vec<DeviceView> {
    world.ask(node, |handle| async move { handle.devices().await }).unwrap()
}

fn out_of(world: &World, node: NodeIndex) -> Vec<PersonaId> {
    world.ask(node, |handle| async move { handle.status().await }).unwrap().out_of
}

/// The device of another node as `node` lists it.
fn id_of(world: &World, node: NodeIndex, other: NodeIndex) -> DeviceId {
    let this = devices(world, other).into_iter().find(|device| device.this).unwrap().id;
    assert!(devices(world, node).iter().any(|device| device.id == this), "it is listed");
    this
}

fn revoke(world: &mut World, node: NodeIndex, device: DeviceId) {
    world.verb(node, |handle| async move { handle.revoke_device(device, None, &[]).await }).unwrap();
}

/// Friends with a linked phone that all of them know.
pub(super) fn with_phone(seed: u64, main: bool) -> Friends {
    let mut all = friends(seed);
    let Friends { laptop, phone, alice, bob, .. } = all;
    all.world.link(laptop, phone, alice, main).unwrap();
    all.world.run_for(30_000).unwrap();
    all.world.post(phone, alice, "before it was lost").unwrap();
    soon(&mut all.world, "Bob knows the phone", |world| reads(world, bob.0, "before it was lost"));
    all
}

#[test]
fn every_device_lists_the_others_by_name() {
    let mut all = with_phone(31, false);
    let Friends { laptop, phone, .. } = all;
    let phones = id_of(&all.world, laptop, phone);
    let listed = |world: &World, node| -> Vec<(String, bool, bool)> {
        devices(world, node).into_iter().map(|device| (device.name, device.this, device.main)).collect()
    };
    let of = |name: &str, this, main| (name.to_owned(), this, main);
    all.world.verb(laptop, |handle| async move { handle.rename_device(phones, "Alice's phone").await }).unwrap();
    soon(&mut all.world, "its name is known on both", |world| {
        listed(world, laptop) == [of("Linux", true, true), of("Alice's phone", false, false)]
            && listed(world, phone) == [of("Alice's phone", true, false), of("Linux", false, true)]
    });
    // Who was linked with each other is no news to the two. Another one is, until somebody looks.
    let new = |world: &World| {
        [laptop, phone].map(|node| world.ask(node, |handle| async move { handle.new_devices().await }).unwrap())
    };
    assert_eq!(new(&all.world), [0, 0]);
    let tablet = all.world.node().unwrap();
    all.world.connect(laptop, tablet);
    all.world.link(laptop, tablet, all.alice, false).unwrap();
    soon(&mut all.world, "the phone alone is told", |world| new(world) == [0, 1]);
    // Before the tablet told the phone who it is, it stands there under an id that names it later too.
    let nameless = |world: &World| devices(world, phone).into_iter().find(|device| device.name.is_empty());
    let shown = nameless(&all.world).unwrap().id.to_string();
    all.world.connect(phone, tablet);
    soon(&mut all.world, "it told who it is", |world| nameless(world).is_none());
    let tablets = id_of(&all.world, phone, tablet);
    assert_ne!(tablets.to_string(), shown);
    for named in [shown.clone(), shown.chars().take(10).collect()] {
        let found = all.world.ask(phone, |handle| async move { handle.resolve_device(&named).await }).unwrap();
        assert_eq!(found, tablets);
    }
    all.world.verb(phone, |handle| async move { handle.see_devices().await }).unwrap();
    soon(&mut all.world, "it was looked at", |world| new(world) == [0, 0]);
    // Who holds no root takes nobody out, and nobody takes out itself.
    let laptops = id_of(&all.world, phone, laptop);
    let refused = all.world.verb(phone, |handle| async move { handle.revoke_device(tablets, None, &[]).await });
    assert!(matches!(&refused, Err(Error::Advised { told, .. }) if told.contains("do it on Linux")), "{refused:?}");
    for (node, device) in [(phone, laptops), (phone, phones), (laptop, DeviceId::from_bytes([7; 32]))] {
        let refused = all.world.verb(node, |handle| async move { handle.revoke_device(device, None, &[]).await });
        assert!(matches!(refused, Err(Error::Advised { .. } | Error::NotFound { .. })), "{refused:?}");
    }
}

#[test]
fn every_node_refuses_a_revoked_devices_later_posts_within_one_sync_and_its_old_ones_stay() {
    let mut all = with_phone(32, false);
    let Friends { laptop, phone, alice, bob, carol, .. } = all;
    let lost = id_of(&all.world, laptop, phone);
    // Its software was changed: it goes on as if nothing had been said. Carol alone meets it.
    all.world.ignore_revocations(phone).unwrap();
    for node in [laptop, bob.0] {
        all.world.disconnect(phone, node);
    }
    all.world.disconnect(carol.0, laptop);
    all.world.disconnect(carol.0, bob.0);
    all.world.post(phone, alice, "by the thief, to Carol").unwrap();
    soon(&mut all.world, "Carol has it", |world| reads(world, carol.0, "by the thief, to Carol"));
    revoke(&mut all.world, laptop, lost);
    soon(&mut all.world, "Bob heard of it", |world| world.equal(laptop, bob.0, alice).unwrap());
    // Carol meets Bob once: what she has of the thief goes, and what stood before stays.
    all.world.connect(carol.0, bob.0);
    soon(&mut all.world, "Carol heard of it", |world| !reads(world, carol.0, "by the thief, to Carol"));
    assert!(reads(&all.world, carol.0, "before it was lost"));
    assert!(!reads(&all.world, bob.0, "by the thief, to Carol"));
    // What it writes now it tells everybody, and nobody has it.
    let later = all.world.post(phone, alice, "later").unwrap();
    for node in [laptop, bob.0] {
        all.world.connect(phone, node);
    }
    all.world.run_for(60_000).unwrap();
    for node in [laptop, bob.0, carol.0] {
        assert!(!all.world.has(node, later).unwrap() && !reads(&all.world, node, "later"));
        assert!(reads(&all.world, node, "before it was lost"));
    }
    // Nor does anybody who meets Alice for the first time.
    let (daves, dave) = (all.world.node().unwrap(), "Dave");
    let dave = all.world.persona(daves, dave).unwrap();
    all.world.follow(daves, dave, alice).unwrap();
    for node in [phone, carol.0] {
        all.world.connect(daves, node);
    }
    soon(&mut all.world, "Dave has what stands", |world| reads(world, daves, "before it was lost"));
    all.world.run_for(60_000).unwrap();
    assert!(!reads(&all.world, daves, "later") && !reads(&all.world, daves, "by the thief, to Carol"));
    assert!(devices(&all.world, laptop).iter().any(|device| device.id == lost && device.revoked));
    for (one, two) in [(laptop, bob.0), (bob.0, carol.0), (carol.0, daves)] {
        soon(&mut all.world, "all agree", |world| world.equal(one, two, alice).unwrap());
    }
}

/// To how many devices of others the newest keys of circles go, and how many have not answered.
fn renewal(world: &World, node: NodeIndex) -> (u64, u64) {
    let view = world.ask(node, |handle| async move { handle.renewal().await }).unwrap();
    (view.devices, view.waiting)
}

/// All devices that stay see to it that there is a new key: whichever is sealed with, it is told how far it came.
#[test]
fn how_far_new_keys_came_is_told_also_where_several_devices_begin_one() {
    for seed in 40..44 {
        let mut all = with_phone(seed, false);
        let Friends { laptop, phone, alice, bob, .. } = all;
        let own = all.circle(laptop, "Friends");
        all.add(laptop, own, bob.1);
        all.posts(laptop, own, "to Friends", &[bob.0, phone]);
        let tablet = all.world.node().unwrap();
        all.world.connect(laptop, tablet);
        all.world.connect(tablet, bob.0);
        all.world.link(laptop, tablet, alice, false).unwrap();
        soon(&mut all.world, "the tablet has the circle", |world| reads(world, tablet, "to Friends"));
        let lost = id_of(&all.world, laptop, phone);
        revoke(&mut all.world, laptop, lost);
        assert_eq!(renewal(&all.world, laptop), (1, 1), "seed {seed}");
        soon(&mut all.world, "Bob answered for the new key", |world| renewal(world, laptop) == (1, 0));
        all.world.run_for(60_000).unwrap();
        assert_eq!(renewal(&all.world, laptop), (1, 0), "seed {seed}");
    }
}

#[test]
fn a_revoked_device_reads_no_new_circle_post_and_no_new_message() {
    let mut all = with_phone(33, false);
    let Friends { laptop, phone, alice, bob, carol, .. } = all;
    let own = all.circle(laptop, "Friends");
    all.add(laptop, own, bob.1);
    all.posts(laptop, own, "before, to Friends", &[bob.0, phone]);
    let theirs = all.circle(bob.0, "Bob's");
    all.add(bob.0, theirs, alice);
    all.posts(bob.0, theirs, "before, to Bob's", &[laptop, phone]);
    let thread = dm(&mut all.world, bob.0, alice, "before, to Alice");
    let has = |world: &World, node, text: &str| texts(world, node, thread).contains(&text.to_owned());
    soon(&mut all.world, "both have the message", |world| {
        [laptop, phone].iter().all(|node| has(world, *node, "before, to Alice"))
    });

    let lost = id_of(&all.world, laptop, phone);
    all.world.ignore_revocations(phone).unwrap();
    revoke(&mut all.world, laptop, lost);
    // The new key is on its way to Bob's one device, and it is told when that has it.
    assert_eq!(renewal(&all.world, laptop), (1, 1));
    soon(&mut all.world, "Bob answered for the new key", |world| renewal(world, laptop) == (1, 0));
    soon(&mut all.world, "Bob and Carol heard of it", |world| {
        [bob.0, carol.0].iter().all(|node| world.equal(laptop, *node, alice).unwrap())
    });
    all.world.run_for(20_000).unwrap();
    all.posts(laptop, own, "after, to Friends", &[bob.0]);
    all.posts(bob.0, theirs, "after, to Bob's", &[laptop]);
    dm(&mut all.world, bob.0, alice, "after, to Alice");
    dm(&mut all.world, laptop, bob.1, "after, to Bob");
    soon(&mut all.world, "the laptop has it", |world| {
        has(world, laptop, "after, to Alice") && has(world, bob.0, "after, to Bob")
    });
    all.world.run_for(60_000).unwrap();
    for text in ["after, to Friends", "after, to Bob's"] {
        assert!(!reads(&all.world, phone, text), "{text}");
        assert!(!all.world.holds_bytes(phone, text.as_bytes()).unwrap(), "{text}");
    }
    for text in ["after, to Alice", "after, to Bob"] {
        assert!(!has(&all.world, phone, text) && !all.world.holds_bytes(phone, text.as_bytes()).unwrap(), "{text}");
    }
    assert!(has(&all.world, phone, "before, to Alice") && reads(&all.world, phone, "before, to Friends"));
    // What it says to others comes to nobody.
    dm(&mut all.world, phone, bob.1, "by the thief");
    all.world.run_for(60_000).unwrap();
    assert!(!has(&all.world, bob.0, "by the thief") && !has(&all.world, laptop, "by the thief"));
}

#[test]
fn a_device_that_is_out_knows_it_writes_nothing_more_and_stays_readable() {
    let mut all = with_phone(36, false);
    let Friends { laptop, phone, alice, bob, carol, .. } = all;
    let own = all.circle(laptop, "Friends");
    all.add(laptop, own, bob.1);
    all.posts(laptop, own, "before, to Friends", &[bob.0, phone]);
    let thread = dm(&mut all.world, bob.0, alice, "before, to Alice");
    let has = |world: &World, node, text: &str| texts(world, node, thread).contains(&text.to_owned());
    soon(&mut all.world, "both have the message", |world| {
        [laptop, phone].iter().all(|node| has(world, *node, "before, to Alice"))
    });
    let post = all.world.post(phone, alice, "mine").unwrap();
    let message = dm(&mut all.world, phone, bob.1, "mine too");
    let said = all.world.ask(phone, move |handle| async move { handle.messages(message, 10, None).await }).unwrap();
    let said = said.into_iter().find(|view| view.text == "mine too").unwrap().id;
    assert!(out_of(&all.world, phone).is_empty());
    let lost = id_of(&all.world, laptop, phone);
    revoke(&mut all.world, laptop, lost);
    soon(&mut all.world, "the phone knows", |world| out_of(world, phone) == [alice]);

    // Whatever it would write for her is refused, and says why.
    macro_rules! refused {
        ($verb:expr) => {
            let refused = all.world.verb(phone, $verb);
            assert!(matches!(refused, Err(Error::DeviceRevoked(_))), "{refused:?}");
        };
    }
    let draft = || MessageDraft { text: "nobody reads it".to_owned(), ..MessageDraft::default() };
    let to = bob.1;
    refused!(|handle| async move { handle.post(PostDraft { text: "no".into(), ..PostDraft::default() }).await });
    refused!(|handle| async move { handle.edit(None, post, "no").await });
    refused!(|handle| async move { handle.delete(None, post).await });
    refused!(|handle| async move { handle.react(None, post, "👍").await });
    refused!(|handle| async move { handle.dm(None, vec![to], draft()).await });
    refused!(|handle| async move { handle.send(None, thread, draft()).await });
    refused!(|handle| async move { handle.edit_message(message, said, "no").await });
    refused!(|handle| async move { handle.delete_message(message, said).await });
    refused!(|handle| async move { handle.react_to_message(message, said, "👍").await });
    refused!(|handle| async move { handle.keep_messages(message, 60).await });
    refused!(|handle| async move { handle.create_circle(None, "Others").await });
    refused!(|handle| async move { handle.add_to_circle(None, own, to).await });
    refused!(|handle| async move { handle.delete_circle(own).await });
    refused!(|handle| async move { handle.unfollow(None, to).await });
    // What it holds stays readable.
    assert!(has(&all.world, phone, "before, to Alice") && reads(&all.world, phone, "before, to Friends"));
    all.world.verb(phone, |handle| async move { handle.read_thread(thread).await }).unwrap();
    assert!(devices(&all.world, phone).iter().any(|device| device.this && device.revoked));
    assert!(out_of(&all.world, laptop).is_empty() && out_of(&all.world, carol.0).is_empty());
}

#[test]
fn the_phrase_puts_a_new_root_in_the_place_of_a_stolen_one() {
    let mut all = with_phone(34, true);
    let Friends { laptop, phone, alice, bob, carol, .. } = all;
    // The laptop, with the root, is stolen. The thief makes a device of its own, writes, and takes the phone out.
    let copy = all.world.copy(laptop).unwrap();
    let phrase = all.world.phrase(laptop).unwrap();
    all.world.crash(laptop);
    let thief = all.world.thief(laptop, &copy).unwrap();
    let accomplice = all.world.node().unwrap();
    all.world.link(thief, accomplice, alice, true).unwrap();
    for (one, two) in [(thief, bob.0), (accomplice, bob.0), (thief, accomplice)] {
        all.world.connect(one, two);
    }
    all.world.post(accomplice, alice, "by the accomplice").unwrap();
    soon(&mut all.world, "Bob has it", |world| reads(world, bob.0, "by the accomplice"));
    let phones = id_of(&all.world, thief, phone);
    let theirs = id_of(&all.world, phone, thief);
    revoke(&mut all.world, thief, phones);
    soon(&mut all.world, "the phone counts no longer", |world| {
        devices(world, phone).iter().any(|device| device.this && device.revoked)
    });
    assert!(all.world.post(phone, alice, "does not count").is_err());

    // With the phrase the phone puts another root in its place.
    let wrong = all.world.phrase(bob.0).unwrap();
    let refused = all.world.verb(phone, |handle| async move { handle.revoke_device(theirs, Some(&wrong), &[]).await });
    assert!(matches!(refused, Err(Error::Advised { .. })), "{refused:?}");
    all.world.verb(phone, |handle| async move { handle.revoke_device(theirs, Some(&phrase), &[]).await }).unwrap();
    all.world.post(phone, alice, "Alice again").unwrap();
    for node in [thief, accomplice] {
        all.world.ignore_revocations(node).unwrap();
    }
    soon(&mut all.world, "Bob and Carol follow her", |world| {
        [bob.0, carol.0]
            .iter()
            .all(|node| reads(world, *node, "Alice again") && reads(world, *node, "before it was lost"))
    });
    // What the old root says counts no more: neither a device that it certifies, nor one that it takes out.
    let third = all.world.node().unwrap();
    drop(all.world.link(thief, third, alice, true));
    drop(all.world.post(third, alice, "by a third one"));
    drop(all.world.post(thief, alice, "by the thief"));
    all.world.connect(third, bob.0);
    all.world.run_for(60_000).unwrap();
    for text in ["by a third one", "by the thief"] {
        assert!(!reads(&all.world, bob.0, text) && !reads(&all.world, carol.0, text), "{text}");
    }
    soon(&mut all.world, "all agree", |world| {
        world.equal(phone, bob.0, alice).unwrap() && world.equal(bob.0, carol.0, alice).unwrap()
    });
    // Neither did the accomplice stay that nobody named.
    let left: Vec<_> = devices(&all.world, phone).into_iter().filter(|device| !device.revoked).collect();
    assert!(matches!(left.as_slice(), [device] if device.this), "{left:?}");
}

/// A phone with a persona of each of two others is taken out of the one's by it, and of the other's by the other.
#[test]
fn a_device_is_taken_out_where_that_is_possible_and_the_rest_is_told() {
    let mut all = with_phone(35, false);
    let Friends { laptop, phone, alice, bob, .. } = all;
    all.world.link(bob.0, phone, bob.1, false).unwrap();
    all.world.link(bob.0, laptop, bob.1, false).unwrap();
    all.world.connect(bob.0, phone);
    all.world.run_for(60_000).unwrap();
    let lost = id_of(&all.world, laptop, phone);
    let left = all.world.verb(laptop, |handle| async move { handle.revoke_device(lost, None, &[]).await }).unwrap();
    assert_eq!(left, [bob.1]);
    let out = |world: &World, node| devices(world, node).iter().any(|device| device.id == lost && device.revoked);
    assert!(!out(&all.world, laptop), "it still speaks for the other persona");
    let parted = devices(&all.world, laptop).into_iter().find(|device| device.id == lost).unwrap();
    assert_eq!((parted.out, parted.personas.len()), (vec![alice], 2));
    soon(&mut all.world, "the phone knows", |world| out_of(world, phone) == [alice]);
    let refused = all.world.post(phone, alice, "does not count");
    assert!(matches!(refused, Err(Error::DeviceRevoked(_))), "{refused:?}");
    all.world.post(phone, bob.1, "counts").unwrap();
    let left = all.world.verb(bob.0, |handle| async move { handle.revoke_device(lost, None, &[]).await }).unwrap();
    assert!(left.is_empty(), "{left:?}");
    soon(&mut all.world, "it is out of both", |world| out(world, laptop));
}

/// No other sign tells one's own devices from those of who had the root.
#[test]
fn with_the_phrase_those_devices_stay_that_are_named_and_no_others() {
    let mut all = with_phone(36, false);
    let Friends { laptop, phone, alice, bob, .. } = all;
    let [tablet, other] = [(); 2].map(|()| all.world.node().unwrap());
    for node in [tablet, other] {
        all.world.link(laptop, node, alice, true).unwrap();
        all.world.connect(laptop, node);
        all.world.connect(node, bob.0);
        all.world.post(node, alice, "here").unwrap();
    }
    all.world.verb(laptop, |handle| async move { handle.see_devices().await }).unwrap();
    all.world.run_for(60_000).unwrap();
    let (lost, kept) = (id_of(&all.world, laptop, phone), id_of(&all.world, laptop, tablet));
    let phrase = all.world.phrase(laptop).unwrap();
    all.world.verb(laptop, |handle| async move { handle.revoke_device(lost, Some(&phrase), &[kept]).await }).unwrap();
    let stay: Vec<_> = devices(&all.world, laptop).into_iter().filter(|device| !device.revoked).collect();
    assert!(stay.len() == 2 && stay.iter().all(|device| device.this || device.id == kept), "{stay:?}");
    soon(&mut all.world, "the other one heard of it", |world| {
        devices(world, other).iter().any(|device| device.this && device.revoked)
    });
    assert!(all.world.post(other, alice, "does not count").is_err());
    soon(&mut all.world, "the tablet heard of it", |world| world.equal(laptop, tablet, alice).unwrap());
    all.world.post(tablet, alice, "by the tablet").unwrap();
    soon(&mut all.world, "Bob has it", |world| reads(world, bob.0, "by the tablet"));
}
