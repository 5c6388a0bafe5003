//! Grants and rosters of groups against what members and strangers can send, and keys that get old.

use proptest::prelude::*;

use super::*;
use crate::author::row as author_row;
use crate::circle;
use crate::crypto::EpochKey;
use crate::entry::{DeviceKeysBody, Grant, Member, MessageBody, Roster, What};
use crate::follower;
use crate::gate::{Granted, Notes, Noticed, Rostered};
use crate::id::CircleId;
use crate::limits;
use crate::store::Durability;

pub(super) const GROUP: CircleId = CircleId::from_bytes([0xc2; 32]);
pub(super) const OWNER: PersonaId = PersonaId::from_bytes([1; 32]);
pub(super) const ADMIN: PersonaId = PersonaId::from_bytes([2; 32]);
pub(super) const MEMBER: PersonaId = PersonaId::from_bytes([3; 32]);
pub(super) const OTHER: PersonaId = PersonaId::from_bytes([4; 32]);

/// A node whose persona is a member of the owner's group.
pub(super) struct Joined {
    pub(super) bob: Bob,
    pub(super) own: PersonaId,
}

pub(super) fn item(persona: PersonaId, present: bool, admin: bool, counter: u64) -> Member {
    Member { persona, present, admin, counter }
}

impl Joined {
    pub(super) fn new() -> Self {
        let bob = Bob::new();
        let own = now(bob.node.create_persona("Bob")).unwrap();
        let member = Self { bob, own };
        member.grant(OWNER, member.of_owner(1));
        now(member.bob.node.join_group(None, GROUP)).unwrap();
        member
    }

    /// The owner's key with this counter, with which all are let in.
    pub(super) fn of_owner(&self, counter: u64) -> Grant {
        let members = vec![item(self.own, true, false, 1), item(ADMIN, true, true, 2), item(MEMBER, true, false, 1)];
        let (name, epoch) = ("Hikers".to_owned(), [u8::try_from(counter).unwrap_or(u8::MAX); 16]);
        let key = EpochKey::from_bytes([7; 32]);
        Grant { circle: GROUP, kind: 1, name, counter, epoch, key, members, owner: None }
    }

    pub(super) fn desk<T: Send + 'static>(&self, work: impl FnOnce(&mut circle::Desk<'_>) -> T + Send + 'static) -> T {
        now(self.bob.store.write(Durability::Normal, move |tx| {
            let mut notes = Notes::default();
            let now_ms = i64::try_from(NOW_S * 1_000).unwrap();
            Ok(work(&mut circle::Desk { tx, entropy: &SystemEntropy, now_ms, at_once: false, notes: &mut notes }))
        }))
        .unwrap()
    }

    pub(super) fn grant(&self, from: PersonaId, grant: Grant) {
        let own = self.own;
        self.desk(move |desk| {
            let (own_row, from_row) = (author_row(desk.tx, own).unwrap(), author_row(desk.tx, from).unwrap());
            circle::take(desk, &Granted { own_row, from_row, from, grant }).unwrap();
        });
    }

    pub(super) fn say(&self, from: PersonaId, members: Vec<Member>) {
        let own = self.own;
        let roster = Roster { circle: GROUP, owner: OWNER, members };
        self.desk(move |desk| {
            let (own_row, from_row) = (author_row(desk.tx, own).unwrap(), author_row(desk.tx, from).unwrap());
            circle::take_roster(desk, &Rostered { own_row, from_row, from, roster }).unwrap();
        });
    }

    fn epochs(&self) -> i64 {
        self.bob.number("SELECT count(*) FROM epoch")
    }

    /// The members but the owner, each with whether it is an admin.
    fn members(&self) -> Vec<(PersonaId, bool)> {
        let view = now(self.bob.node.circles(None)).unwrap().remove(0);
        let mut members: Vec<_> = view.members.iter().filter(|member| **member != OWNER).copied().collect();
        members.sort();
        members.into_iter().map(|member| (member, view.admins.contains(&member))).collect()
    }

    pub(super) fn is_in(&self, persona: PersonaId) -> bool {
        self.members().iter().any(|(member, _)| *member == persona)
    }
}

#[test]
fn a_group_whose_key_changed_often_keeps_the_latest_keys() {
    let node = Joined::new();
    let most = i64::try_from(limits::EPOCHS_PER_AUTHOR).unwrap();
    for counter in 2..=u64::try_from(most).unwrap() * 2 {
        node.grant(OWNER, node.of_owner(counter));
    }
    assert_eq!(node.epochs(), most);
    assert_eq!(node.bob.number::<i64>("SELECT max(counter) FROM epoch"), most * 2);
}

#[test]
fn only_the_owner_and_admins_give_keys_of_a_group() {
    let node = Joined::new();
    assert_eq!(node.epochs(), 1);
    let by = |owner| Grant { owner: Some(owner), epoch: [9; 16], ..node.of_owner(2) };
    node.grant(MEMBER, by(OWNER));
    node.grant(OTHER, by(OWNER));
    assert_eq!(node.epochs(), 1, "a member and a stranger");
    // As if it were their own: a group of the same id would take what is posted to the other.
    node.grant(MEMBER, node.of_owner(2));
    assert_eq!(node.epochs(), 1);
    assert_eq!(node.bob.number::<i64>("SELECT count(*) FROM circle"), 1);
    // Of a group of which nothing is known, an admin's word is nobody's.
    let unknown = Grant { circle: CircleId::from_bytes([9; 32]), ..by(OWNER) };
    node.grant(ADMIN, unknown);
    node.grant(ADMIN, by(OTHER));
    assert_eq!(node.epochs(), 1);
    // It is not made into a circle, whose owner alone posts.
    node.grant(OWNER, Grant { kind: 0, epoch: [8; 16], ..node.of_owner(2) });
    assert_eq!(node.epochs(), 1);
    node.grant(ADMIN, by(OWNER));
    assert_eq!(node.epochs(), 2, "an admin");
}

#[test]
fn counters_that_jump_are_refused() {
    let node = Joined::new();
    let most = limits::MEMBER_COUNTER.cast_unsigned();
    for counter in [most + 1, limits::LARGEST_NUMBER] {
        node.grant(OWNER, node.of_owner(counter));
        assert_eq!(node.epochs(), 1, "{counter}");
    }
    node.grant(OWNER, node.of_owner(most));
    assert_eq!(node.epochs(), 2);
    // What is said of a member with the last number of all stays within it, and can be answered.
    node.say(OWNER, vec![item(MEMBER, true, false, limits::LARGEST_NUMBER)]);
    let counter = node.bob.number::<i64>("SELECT max(counter) FROM circle_member");
    assert_eq!(counter, limits::MEMBER_COUNTER);
}

/// Names of nobody, as many as a list of an admin has.
fn fill(node: &Joined) {
    for list in 0..5_u8 {
        let nobody = |n: u8| {
            item(
                PersonaId::from_bytes([[200 + list, n], [9, 9]].concat().repeat(8).try_into().unwrap()),
                false,
                false,
                1_000,
            )
        };
        node.say(ADMIN, (0..=u8::MAX).map(nobody).collect());
    }
}

#[test]
fn who_fills_a_group_with_names_keeps_nobody_in_it_or_out() {
    let node = Joined::new();
    fill(&node);
    let known = node.bob.number::<i64>("SELECT count(*) FROM circle_member");
    assert!(known <= 1_024 + 2, "{known}");
    node.say(OWNER, vec![item(OTHER, true, false, 1), item(ADMIN, false, false, 3)]);
    assert!(node.is_in(OTHER) && !node.is_in(ADMIN));
}

#[test]
fn a_removal_is_told_to_each_member_by_itself() {
    let node = Joined::new();
    let members = vec![item(node.own, true, true, 2), item(ADMIN, true, true, 2), item(MEMBER, true, false, 1)];
    node.grant(OWNER, Grant { members, ..node.of_owner(2) });
    fill(&node);
    now(node.bob.node.remove_from_circle(None, GROUP, MEMBER)).unwrap();
    let told = now(node.bob.store.read(|db| {
        let mut statement = db.prepare("SELECT author.id, body FROM outbox JOIN author ON author.row = peer_row")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<Vec<(PersonaId, Vec<u8>)>>>()?)
    }))
    .unwrap();
    let hears = |who: PersonaId| {
        told.iter().filter(|(to, _)| *to == who).any(|(_, body)| match MessageBody::decode(body).unwrap().what {
            What::Roster(roster) => roster.members.iter().any(|member| member.persona == MEMBER && !member.present),
            _ => false,
        })
    };
    assert!(hears(OWNER) && hears(ADMIN) && hears(MEMBER), "whatever a list of all leaves out");
}

#[test]
fn an_admin_can_not_use_up_the_counters() {
    let node = Joined::new();
    let step = limits::COUNTER_STEP.cast_unsigned();
    let by_admin = |counter, epoch| {
        let members = vec![item(node.own, true, false, 1), item(MEMBER, true, false, 1)];
        let (name, epoch) = ("Traps".to_owned(), [epoch; 16]);
        let key = EpochKey::from_bytes([epoch[0]; 32]);
        Grant { counter, epoch, name, key, members, owner: Some(OWNER), ..node.of_owner(1) }
    };
    for counter in [limits::MEMBER_COUNTER.cast_unsigned(), step + 2] {
        node.grant(ADMIN, by_admin(counter, 9));
        assert_eq!(node.epochs(), 1, "{counter}");
    }
    node.grant(ADMIN, by_admin(step + 1, 9));
    assert_eq!(node.epochs(), 2, "some may have been missed");
    let group = now(node.bob.node.circles(None)).unwrap().remove(0);
    assert_eq!(group.name, "Hikers", "what it is called is its owner's to say");
    // Of members: what is too far above is as if it had not been said, and the owner's word goes on.
    for counter in [limits::LARGEST_NUMBER, step + 2] {
        node.say(ADMIN, vec![item(MEMBER, false, false, counter), item(OTHER, true, false, counter)]);
        assert!(node.is_in(MEMBER) && !node.is_in(OTHER), "{counter}");
    }
    node.say(MEMBER, vec![item(MEMBER, false, false, step + 2)]);
    assert!(node.is_in(MEMBER), "nor of oneself");
    node.say(ADMIN, vec![item(MEMBER, false, false, step + 1)]);
    assert!(!node.is_in(MEMBER));
    node.say(OWNER, vec![item(MEMBER, true, false, 2 * step + 2)]);
    assert!(node.is_in(MEMBER));
    // The admin is taken out: no key that it gave is sealed with, though it left itself out of its list.
    node.say(OWNER, vec![item(ADMIN, false, false, 3)]);
    node.grant(OWNER, Grant { members: vec![item(ADMIN, false, false, 3)], ..node.of_owner(2) });
    now(node.bob.node.post(PostDraft { text: "x".to_owned(), circles: vec![GROUP], ..PostDraft::default() })).unwrap();
    assert_eq!(node.bob.number::<i64>("SELECT count(*) FROM epoch WHERE counter > 2"), 1);
    assert_eq!(node.bob.number::<i64>("SELECT max(counter) FROM epoch WHERE used = 1"), 2);
}

#[test]
fn nobody_fills_a_group_with_people() {
    let node = Joined::new();
    for (by, round) in [(ADMIN, 50), (ADMIN, 51), (OWNER, 52)] {
        let named = |number: u8| PersonaId::from_bytes([[round; 16], [number; 16]].concat().try_into().unwrap());
        node.say(by, (0..200).map(named).map(|persona| item(persona, true, false, 1)).collect());
    }
    assert_eq!(node.members().len(), limits::GRANT_MEMBERS);
    // Room that somebody leaves can be taken.
    node.say(OWNER, vec![item(MEMBER, false, false, 2), item(OTHER, true, false, 1)]);
    assert!(node.is_in(OTHER) && !node.is_in(MEMBER));
}

#[test]
fn keys_of_a_group_push_out_no_other_circles_keys() {
    let node = Joined::new();
    let circle = CircleId::from_bytes([0xc3; 32]);
    for counter in 1..=3 {
        node.grant(OWNER, Grant { circle, kind: 0, ..node.of_owner(counter) });
    }
    let of_circle =
        || node.bob.number::<i64>("SELECT count(*) FROM epoch JOIN circle ON circle.row = circle_row WHERE kind = 0");
    assert_eq!(of_circle(), 3);
    for epoch in 0..=u8::try_from(limits::EPOCHS_PER_AUTHOR).unwrap() {
        let counter = 2 + u64::from(epoch);
        node.grant(ADMIN, Grant { owner: Some(OWNER), epoch: [epoch; 16], ..node.of_owner(counter) });
    }
    assert_eq!(of_circle(), 3);
}

#[test]
fn each_says_of_members_what_is_theirs_to_say() {
    let node = Joined::new();
    // A member: that it leaves, nothing else.
    node.say(MEMBER, vec![item(ADMIN, false, false, 9), item(OTHER, true, false, 9), item(MEMBER, true, true, 9)]);
    assert!(node.is_in(ADMIN) && !node.is_in(OTHER));
    assert!(node.members().contains(&(MEMBER, false)));
    // A stranger: nothing.
    node.say(OTHER, vec![item(MEMBER, false, false, 9), item(OTHER, true, true, 9)]);
    assert!(node.is_in(MEMBER) && !node.is_in(OTHER));
    // An admin: who is in it, but of no admin, and not of the owner.
    node.say(ADMIN, vec![item(OTHER, true, false, 1), item(MEMBER, true, true, 9), item(OWNER, false, false, 9)]);
    assert_eq!(node.members().len(), 4);
    assert!(node.members().contains(&(MEMBER, false)) && node.members().contains(&(OTHER, false)));
    node.say(MEMBER, vec![item(MEMBER, false, false, 2)]);
    assert!(!node.is_in(MEMBER));
    // At equal counters who is out stays out.
    node.say(ADMIN, vec![item(MEMBER, true, false, 2)]);
    assert!(!node.is_in(MEMBER));
    node.say(ADMIN, vec![item(MEMBER, true, false, 3)]);
    assert!(node.is_in(MEMBER));
    // The owner: everything; then the admin is none, and who was taken out is not in the group.
    node.say(OWNER, vec![item(ADMIN, true, false, 3)]);
    node.say(ADMIN, vec![item(OTHER, false, false, 9)]);
    assert!(node.is_in(OTHER));
    node.say(OWNER, vec![item(node.own, false, false, 2)]);
    assert!(now(node.bob.node.circles(None)).unwrap().is_empty());
    // Let in again, one is asked again.
    node.say(OWNER, vec![item(node.own, true, false, 3)]);
    assert!(now(node.bob.node.circles(None)).unwrap()[0].invited);
}

#[test]
fn members_of_a_group_are_carried_as_long_as_one_is_in_it() {
    let node = Joined::new();
    let carried = || node.bob.number::<i64>("SELECT count(*) FROM author WHERE carried = 1 AND own = 0 AND bucket = 0");
    assert_eq!(carried(), 3);
    node.say(OWNER, vec![item(OTHER, true, false, 1)]);
    assert_eq!(carried(), 4);
    node.say(MEMBER, vec![item(MEMBER, false, false, 2)]);
    assert_eq!(carried(), 3);
    now(node.bob.node.leave_group(None, GROUP)).unwrap();
    assert_eq!(carried(), 0);
    assert!(node.bob.number::<i64>("SELECT count(*) FROM outbox") > 0, "the others are told");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_owner_admin_and_members_say_merges_in_any_order(
        said in proptest::collection::vec((0..3_usize, 0..2_usize, any::<bool>(), 1..6_u64), 1..12),
        order in any::<u64>(),
    ) {
        // Of nobody whose rights change by it: those are the owner's to say, first.
        let says: Vec<(PersonaId, Member)> = said
            .iter()
            .map(|(by, about, present, counter)| {
                let about = [MEMBER, OTHER][*about];
                let by = [OWNER, ADMIN, about][*by];
                (by, item(about, *present, false, *counter))
            })
            .collect();
        let outcome = |says: &[(PersonaId, Member)]| {
            let node = Joined::new();
            says.iter().for_each(|(by, member)| node.say(*by, vec![*member]));
            let others = node.members().into_iter().filter(|(member, _)| *member != node.own);
            others.collect::<Vec<_>>()
        };
        let mut shuffled = says.clone();
        shuffled.sort_by_key(|(by, member)| {
            *blake3::hash(&[&order.to_le_bytes()[..], by.as_bytes(), member.persona.as_bytes(),
                &[u8::from(member.present)], &member.counter.to_le_bytes()].concat()).as_bytes()
        });
        prop_assert_eq!(outcome(&says), outcome(&shuffled));
    }
}

#[test]
fn keys_that_were_used_for_long_give_way_to_new_ones() {
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let unused = now(bob.node.create_circle(None, "Unused")).unwrap();
    let group = now(bob.node.create_group(None, "Hikers")).unwrap();
    for member in [MEMBER, OTHER] {
        now(bob.store.write(Durability::Normal, move |tx| author_row(tx, member))).unwrap();
        // With each a key begins; nothing is sealed with the first two.
        now(bob.node.add_to_circle(None, group, member)).unwrap();
    }
    let epochs = || {
        let views = now(bob.node.circles(None)).unwrap();
        let of = |id| views.iter().find(|view| view.id == id).unwrap().epoch;
        (of(unused), of(group))
    };
    let pass = |ms: i64| {
        bob.clock.set_ms(bob.clock_ms() + ms.cast_unsigned());
        now(bob.node.gate().unwrap().flush(0)).unwrap();
    };
    now(bob.node.post(PostDraft { text: "x".to_owned(), circles: vec![group], ..PostDraft::default() })).unwrap();
    pass(limits::EPOCH_MS - 1);
    assert_eq!(epochs(), (1, 3));
    pass(limits::EPOCH_LOT_MS);
    assert_eq!(epochs(), (1, 4));
    pass(limits::EPOCH_MS + limits::EPOCH_LOT_MS);
    assert_eq!(epochs(), (1, 4), "nothing was sealed with it");
}

#[test]
fn no_old_key_is_given_to_who_came_later() {
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let circle = now(bob.node.create_circle(None, "Friends")).unwrap();
    let post = || {
        now(bob.node.post(PostDraft { text: "x".to_owned(), circles: vec![circle], ..PostDraft::default() })).unwrap()
    };
    for member in [MEMBER, OTHER, ADMIN] {
        now(bob.store.write(Durability::Normal, move |tx| author_row(tx, member))).unwrap();
        now(bob.node.add_to_circle(None, circle, member)).unwrap();
        post();
    }
    // All keys but the first were given to who goes now; the last one who came was not given that.
    now(bob.node.remove_from_circle(None, circle, OTHER)).unwrap();
    assert_eq!(now(bob.node.circles(None)).unwrap()[0].epoch, 4);
    let given = "SELECT count(*) FROM epoch_grant JOIN epoch ON epoch.row = epoch_row WHERE counter = 1";
    assert_eq!(bob.number::<i64>(given), 1);
}

#[test]
fn an_admin_gives_a_new_key_where_the_owner_does_not() {
    let node = Joined::new();
    let own = node.own;
    node.say(OWNER, vec![item(own, true, true, 2)]);
    now(node.bob.node.post(PostDraft { text: "x".to_owned(), circles: vec![GROUP], ..PostDraft::default() })).unwrap();
    let pass = |ms: i64| {
        node.bob.clock.set_ms(node.bob.clock_ms() + ms.cast_unsigned());
        now(node.bob.node.gate().unwrap().flush(0)).unwrap();
        node.epochs()
    };
    let before = node.epochs();
    assert_eq!(pass(limits::EPOCH_MS + limits::EPOCH_LOT_MS), before, "its owner may");
    assert_eq!(pass(limits::EPOCH_GRACE_MS), before + 1);
}

#[test]
fn a_device_that_was_away_for_too_long_is_given_the_keys_when_it_is_back() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    bob.take([alice.log_open(Scope::Posts, Vec::new())]);
    let mut keys = |counter| {
        let body = DeviceKeysBody { intro: [1; 32], identity: [2; 32], fallback: [3; 32], route: 7, counter };
        bob.take([alice.entry(Kind::DeviceKeys, NOW_S, Vec::new(), body.encode([8; 16]))]);
    };
    keys(1);
    let circle = now(bob.node.create_circle(None, "Friends")).unwrap();
    let alices = bob.number::<Vec<u8>>("SELECT id FROM author WHERE followed = 1 AND own = 0");
    now(bob.node.add_to_circle(None, circle, PersonaId::from_slice(&alices).unwrap())).unwrap();
    let waiting = || bob.number::<i64>("SELECT count(*) FROM outbox WHERE body <> x''");
    assert_eq!(waiting(), 1);
    keys(2);
    assert_eq!(waiting(), 1, "it is on its way");
    bob.clock.set_ms(bob.clock_ms() + limits::OUTBOX_MS.cast_unsigned() + 1);
    now(bob.node.gate().unwrap().flush(0)).unwrap();
    assert_eq!(waiting(), 0, "given up");
    keys(3);
    assert_eq!(waiting(), 1, "and given again");
}

#[test]
fn who_is_out_of_a_group_can_not_post_to_it() {
    let node = Joined::new();
    let mut alice = Alice::new(1);
    let member = alice.persona;
    let with_alice = || {
        let grant = node.of_owner(2);
        let members = [grant.members.as_slice(), &[item(member, true, false, 1)]].concat();
        Grant { members, key: circles::key(), ..grant }
    };
    // Before anybody said that she is in it, and before her key.
    node.bob.take(alice.statements());
    node.grant(OWNER, with_alice());
    node.bob.take(alice.statements());
    let open = LogOpenBody { scope: Scope::Sealed, prior_heads: Vec::new() }.encode([3; 16]);
    node.bob.take([alice.entry(Kind::LogOpen, circles::DAY, Vec::new(), open)]);
    node.bob.take([alice.sealed("in it", |_, _, _| ())]);
    assert_eq!(node.bob.feed(), ["in it"]);
    now(node.bob.node.follow(None, &member.to_string())).unwrap();
    node.say(OWNER, vec![item(member, false, false, 2)]);
    node.bob.take([alice.sealed("out of it", |_, _, _| ())]);
    assert_eq!(node.bob.feed(), ["in it"]);
    assert_eq!(node.bob.number::<i64>("SELECT count(*) FROM post WHERE closed = 1"), 1);
}

#[test]
fn of_follow_notices_the_highest_counter_counts() {
    let node = Joined::new();
    let own = node.own;
    let told = |present: bool, counter: u64| {
        now(node.bob.store.write(Durability::Normal, move |tx| {
            let (own_row, from_row) = (author_row(tx, own)?, author_row(tx, OTHER)?);
            follower::take(tx, &Noticed { own_row, from_row, from: OTHER, present, counter }, 1_000)
        }))
        .unwrap()
    };
    let shown = || !now(node.bob.node.followers(None)).unwrap().is_empty();
    assert!(!told(false, 9) && !shown(), "nothing was told before");
    assert!(told(true, 2) && shown());
    assert!(!told(false, 1) && shown(), "an older one");
    assert!(told(false, 2) && !shown(), "of two at once, that it is taken back");
    assert!(!told(true, 2) && !shown());
    assert!(told(true, 3) && shown());
    now(node.bob.node.block(OTHER)).unwrap();
    assert!(!told(false, 4), "of who is blocked nothing is taken in");
}

#[test]
fn strangers_leave_few_invitations_and_short_lists() {
    let node = Joined::new();
    let named = |stranger: u8, group: u8, n: u8| PersonaId::from_bytes(*blake3::hash(&[stranger, group, n]).as_bytes());
    let circle = |stranger: u8, group: u8| CircleId::from_bytes([stranger, group].repeat(16).try_into().unwrap());
    let invite = |stranger: u8, group: u8, members: Vec<Member>, epoch: u8| {
        let grant = Grant { circle: circle(stranger, group), epoch: [epoch; 16], members, ..node.of_owner(1) };
        node.grant(PersonaId::from_bytes([stranger; 32]), grant);
    };
    for stranger in 100..130 {
        for group in 0..6 {
            invite(stranger, group, (0..10).map(|n| item(named(stranger, group, n), true, false, 1)).collect(), group);
        }
    }
    let all: i64 = node.bob.number("SELECT count(*) FROM circle WHERE state = 0");
    assert_eq!(all, limits::STRANGERS_CIRCLES);
    let of_one = "SELECT max(n) FROM (SELECT count(*) AS n FROM circle WHERE state = 0 GROUP BY author_row)";
    assert_eq!(node.bob.number::<i64>(of_one), limits::STRANGER_CIRCLES);
    // Nor does it leave who was named in what went.
    let authors: i64 = node.bob.number("SELECT count(*) FROM author");
    assert!(authors < limits::STRANGERS_CIRCLES * 10 + 30 + 10, "{authors} authors");
    assert_eq!(node.bob.number::<i64>("SELECT count(*) FROM epoch"), limits::STRANGERS_CIRCLES + 1);
    // The latest is here, and so is the group that was joined.
    let latest = format!("SELECT count(*) FROM circle WHERE id = x'{}'", circle(129, 5));
    assert_eq!(node.bob.number::<i64>(latest.leak()), 1);
    let joined = "SELECT count(*) FROM circle_member JOIN circle ON row = circle_row WHERE state = 1";
    assert_eq!(node.bob.number::<i64>(joined), 3);
    // One list grows no further than one grant can name.
    for epoch in 10..20 {
        invite(129, 5, (0..100).map(|n| item(named(200 + epoch, epoch, n), true, false, 1)).collect(), epoch);
    }
    let most = i64::try_from(limits::GRANT_MEMBERS).unwrap();
    let members =
        format!("SELECT count(*) FROM circle_member JOIN circle ON row = circle_row WHERE id = x'{}'", circle(129, 5));
    assert_eq!(node.bob.number::<i64>(members.leak()), most);
    // Of whom one follows nothing is dropped.
    let friend = PersonaId::from_bytes([100; 32]);
    now(node.bob.node.follow(None, &friend.to_string())).unwrap();
    for group in 10..30 {
        invite(100, group, Vec::new(), group);
    }
    let of_friend =
        format!("SELECT count(*) FROM circle JOIN author ON author.row = author_row WHERE author.id = x'{friend}'");
    assert!(node.bob.number::<i64>(of_friend.leak()) >= 20);
}

#[test]
fn members_of_groups_take_a_part_of_the_quota_together() {
    let node = Joined::new();
    let quota = 160_000_i64;
    let set = format!("INSERT OR REPLACE INTO local (key, value) VALUES ('storage.quota', '{quota}')");
    now(node.bob.store.write(Durability::Normal, move |tx| Ok(tx.execute_batch(&set)?))).unwrap();
    let mut refused = Vec::new();
    for seed in 1..=8 {
        let mut alice = Alice::new(seed);
        let persona = alice.persona;
        node.say(OWNER, vec![item(persona, true, false, 1)]);
        node.bob.take(alice.statements());
        node.bob.take([alice.log_open(Scope::Posts, Vec::new())]);
        for _ in 0..9 {
            let body = PostBody { text: "x".repeat(700), ..PostBody::default() }.encode([4; 16]);
            let entry = alice.entry(Kind::Post, NOW_S, Vec::new(), body);
            refused.extend(refusals(&node.bob.take([entry])));
        }
    }
    let taken: i64 =
        node.bob.number("SELECT sum(bytes) FROM usage JOIN carry USING (author_row) WHERE grouped = 1 AND class = 3");
    assert!(taken <= quota / limits::GROUPED_PART, "{taken} bytes");
    assert!(refused.contains(&EntryError::Full("storage of members of groups")), "{refused:?}");
}
