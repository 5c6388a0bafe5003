//! Circles of a persona with several devices: each posts to them, reads them and says who is in them.

use super::*;
use kith_node::id::CircleId;

pub(crate) struct Friends {
    pub(crate) world: World,
    pub(crate) laptop: NodeIndex,
    pub(crate) phone: NodeIndex,
    pub(crate) alice: PersonaId,
    pub(crate) bob: (NodeIndex, PersonaId),
    pub(crate) carol: (NodeIndex, PersonaId),
}

/// Alice with a laptop, and a phone that is not linked yet; Bob and Carol, all of whom follow each other.
pub(crate) fn friends(seed: u64) -> Friends {
    let mut world = World::new(seed);
    world.messages = true;
    let [laptop, phone, bobs, carols] = std::array::from_fn(|_| world.node().unwrap());
    let alice = world.persona(laptop, "Alice").unwrap();
    let bob = (bobs, world.persona(bobs, "Bob").unwrap());
    let carol = (carols, world.persona(carols, "Carol").unwrap());
    for (node, persona) in [bob, carol] {
        world.follow(node, persona, alice).unwrap();
        world.follow(laptop, alice, persona).unwrap();
    }
    for (one, two) in
        [(laptop, phone), (laptop, bobs), (laptop, carols), (phone, bobs), (phone, carols), (bobs, carols)]
    {
        world.connect(one, two);
    }
    world.run_for(20_000).unwrap();
    Friends { world, laptop, phone, alice, bob, carol }
}

impl Friends {
    pub(crate) fn circle(&mut self, node: NodeIndex, name: &'static str) -> CircleId {
        self.world.verb(node, |handle| async move { handle.create_circle(None, name).await }).unwrap()
    }

    pub(crate) fn add(&mut self, node: NodeIndex, circle: CircleId, who: PersonaId) {
        self.world.verb(node, |handle| async move { handle.add_to_circle(None, circle, who).await }).unwrap();
    }

    pub(crate) fn remove(&mut self, node: NodeIndex, circle: CircleId, who: PersonaId) {
        self.world.verb(node, |handle| async move { handle.remove_from_circle(None, circle, who).await }).unwrap();
    }

    /// A post, and until when it was read by these.
    pub(crate) fn posts(&mut self, node: NodeIndex, circle: CircleId, text: &str, readers: &[NodeIndex]) {
        post(&mut self.world, node, &[circle], text);
        soon(&mut self.world, text, |world| readers.iter().all(|reader| reads(world, *reader, text)));
    }
}

fn lines(world: &World, node: NodeIndex) -> Vec<String> {
    let circles = world.ask(node, |handle| async move { handle.circles(None).await }).unwrap();
    circles.iter().map(circle_line).collect()
}

#[test]
fn both_devices_post_to_a_circle_and_say_who_is_in_it() {
    let mut all = friends(21);
    let Friends { laptop, phone, alice, bob, carol, .. } = all;
    let circle = all.circle(laptop, "Friends");
    all.add(laptop, circle, bob.1);
    all.posts(laptop, circle, "before the phone", &[bob.0]);
    all.world.link(laptop, phone, alice, false).unwrap();
    soon(&mut all.world, "the phone reads what was posted before it came", |world| {
        reads(world, phone, "before the phone")
    });
    soon(&mut all.world, "the phone knows the circle", |world| lines(world, phone) == lines(world, laptop));
    all.posts(phone, circle, "from the phone", &[bob.0, laptop]);
    all.add(phone, circle, carol.1);
    all.posts(phone, circle, "Carol is in", &[bob.0, carol.0, laptop]);
    soon(&mut all.world, "the laptop knows that Carol is in", |world| lines(world, phone) == lines(world, laptop));
    all.remove(phone, circle, bob.1);
    soon(&mut all.world, "the laptop knows that Bob is out", |world| lines(world, phone) == lines(world, laptop));
    all.posts(laptop, circle, "Bob is out", &[carol.0, phone]);
    all.world.run_for(30_000).unwrap();
    assert!(!reads(&all.world, bob.0, "Bob is out") && reads(&all.world, bob.0, "Carol is in"));
    all.world.verb(laptop, |handle| async move { handle.delete_circle(circle).await }).unwrap();
    soon(&mut all.world, "it ended on the phone too", |world| lines(world, phone).is_empty());
}

#[test]
fn a_group_that_one_device_joined_is_read_on_all() {
    let mut all = friends(22);
    let Friends { laptop, phone, alice, bob, .. } = all;
    let group = all.world.verb(bob.0, |handle| async move { handle.create_group(None, "Climbers").await }).unwrap();
    all.add(bob.0, group, alice);
    let invited = |world: &World, node| !lines(world, node).is_empty();
    soon(&mut all.world, "the laptop is invited", |world| invited(world, laptop));
    all.world.verb(laptop, |handle| async move { handle.join_group(None, group).await }).unwrap();
    all.posts(bob.0, group, "to the group", &[laptop]);
    all.world.link(laptop, phone, alice, false).unwrap();
    soon(&mut all.world, "the phone reads the group", |world| reads(world, phone, "to the group"));
    all.posts(phone, group, "from the phone", &[bob.0, laptop]);
    all.posts(bob.0, group, "to both", &[phone, laptop]);
}

#[test]
fn of_two_who_change_a_circle_at_once_removal_wins() {
    let mut all = friends(23);
    let Friends { laptop, phone, alice, bob, carol, .. } = all;
    let circle = all.circle(laptop, "Friends");
    all.add(laptop, circle, bob.1);
    all.posts(laptop, circle, "hello", &[bob.0]);
    all.world.link(laptop, phone, alice, false).unwrap();
    soon(&mut all.world, "the phone knows the circle", |world| lines(world, phone) == lines(world, laptop));
    // Neither hears of the other while they decide.
    all.world.partition(&[phone]);
    all.remove(laptop, circle, bob.1);
    all.add(phone, circle, carol.1);
    post(&mut all.world, laptop, &[circle], "Bob is out here");
    all.world.run_for(20_000).unwrap();
    all.world.heal();
    soon(&mut all.world, "both agree", |world| lines(world, phone) == lines(world, laptop));
    all.world.run_for(30_000).unwrap();
    for (node, text) in [(laptop, "by the laptop"), (phone, "by the phone")] {
        all.posts(node, circle, text, &[carol.0]);
        all.world.run_for(20_000).unwrap();
        assert!(!reads(&all.world, bob.0, text), "{text}");
    }
    assert!(!reads(&all.world, bob.0, "Bob is out here"));
}
