//! Several own personas in one group: each stands in it by itself, and others of the node have no part in it.

use super::*;
use crate::author::row as author_row;
use crate::circle;
use crate::crypto::EpochKey;
use crate::entry::{Grant, Member, Roster};
use crate::error::Error;
use crate::gate::{Granted, Notes, Rostered};
use crate::id::CircleId;
use crate::limits;
use crate::node::{PostDraft, SearchQuery};
use crate::opened;
use crate::store::Durability;

const GROUP: CircleId = circles::CIRCLE;
const OWNER: PersonaId = PersonaId::from_bytes([1; 32]);
const OTHER: PersonaId = PersonaId::from_bytes([4; 32]);

fn item(persona: PersonaId, present: bool, admin: bool, counter: u64) -> Member {
    Member { persona, present, admin, counter }
}

/// A node of two personas that the owner of a group has invited both; and a member who posts.
struct Two {
    bob: Bob,
    alice: Alice,
    work: PersonaId,
    home: PersonaId,
}

impl Two {
    fn new() -> Self {
        let (bob, mut alice) = (Bob::new(), Alice::new(1));
        let work = now(bob.node.create_persona("Work")).unwrap();
        let home = now(bob.node.create_persona("Home")).unwrap();
        now(bob.node.follow(Some(home), &alice.persona.to_string())).unwrap();
        bob.take(alice.statements());
        let open = LogOpenBody { scope: Scope::Sealed, prior_heads: Vec::new() }.encode([3; 16]);
        bob.take([alice.entry(Kind::LogOpen, circles::DAY, Vec::new(), open)]);
        let two = Self { bob, alice, work, home };
        for own in [work, home] {
            two.grant(own, two.key(1, &[]));
        }
        two
    }

    /// A key of the owner's, with both in the group and what else is said.
    fn key(&self, counter: u64, more: &[Member]) -> Grant {
        let known = [item(self.work, true, false, 1), item(self.home, true, false, 1)];
        let mut members = vec![item(self.alice.persona, true, false, 1)];
        members.extend(known.into_iter().filter(|known| more.iter().all(|said| said.persona != known.persona)));
        members.extend(more);
        let epoch = [u8::try_from(counter).unwrap(); 16];
        // The first is the one that Alice seals with.
        let key = if counter == 1 { circles::key() } else { EpochKey::from_bytes(epoch_key(counter)) };
        Grant { circle: GROUP, kind: 1, name: "Hikers".to_owned(), counter, epoch, key, members, owner: None }
    }

    fn desk<T: Send + 'static>(&self, work: impl FnOnce(&mut circle::Desk<'_>) -> T + Send + 'static) -> T {
        let now_ms = i64::try_from(self.bob.clock_ms()).unwrap();
        now(self.bob.store.write(Durability::Normal, move |tx| {
            let mut notes = Notes::default();
            Ok(work(&mut circle::Desk { tx, entropy: &SystemEntropy, now_ms, at_once: false, notes: &mut notes }))
        }))
        .unwrap()
    }

    fn grant(&self, to: PersonaId, grant: Grant) {
        self.desk(move |desk| {
            let (own_row, from_row) = (author_row(desk.tx, to).unwrap(), author_row(desk.tx, OWNER).unwrap());
            circle::take(desk, &Granted { own_row, from_row, from: OWNER, grant }).unwrap();
        });
    }

    fn say(&self, to: PersonaId, members: Vec<Member>) {
        let roster = Roster { circle: GROUP, owner: OWNER, members };
        self.desk(move |desk| {
            let (own_row, from_row) = (author_row(desk.tx, to).unwrap(), author_row(desk.tx, OWNER).unwrap());
            circle::take_roster(desk, &Rostered { own_row, from_row, from: OWNER, roster }).unwrap();
        });
    }

    /// Whether a persona is asked to join; `None` where it has no part in the group.
    fn invited(&self, own: PersonaId) -> Option<bool> {
        now(self.bob.node.circles(Some(own))).unwrap().first().map(|group| group.invited)
    }

    /// Messages that wait, by each of the two.
    fn waiting(&self) -> [i64; 2] {
        [self.work, self.home].map(|own| {
            let count = self.bob.store.read(move |db| {
                let sql = "SELECT count(*) FROM outbox JOIN author ON author.row = author_row WHERE author.id = ?1";
                Ok(db.query_row(sql, [own], |row| row.get(0))?)
            });
            now(count).unwrap()
        })
    }

    fn post(&self, own: PersonaId) -> crate::error::Result<EntryId> {
        let (text, circles) = ("mine".to_owned(), vec![GROUP]);
        now(self.bob.node.post(PostDraft { persona: Some(own), text, circles, ..PostDraft::default() }))
    }

    fn found(&self, own: Option<PersonaId>) -> usize {
        let query = SearchQuery { persona: own, text: "zugspitze".to_owned(), limit: 9, ..SearchQuery::default() };
        now(self.bob.node.search_posts(query)).unwrap().len()
    }
}

fn epoch_key(counter: u64) -> [u8; 32] {
    [u8::try_from(counter).unwrap(); 32]
}

#[test]
fn each_joins_and_leaves_for_itself() {
    let two = Two::new();
    assert_eq!((two.invited(two.work), two.invited(two.home)), (Some(true), Some(true)));
    now(two.bob.node.join_group(Some(two.home), GROUP)).unwrap();
    assert_eq!((two.invited(two.work), two.invited(two.home)), (Some(true), Some(false)));
    assert!(matches!(two.post(two.work), Err(Error::NotFound { .. })), "this one has not joined");
    two.post(two.home).unwrap();
    assert_eq!(two.waiting(), [0, 1], "who joined told its owner, and the other one nothing");
    now(two.bob.node.join_group(None, GROUP)).unwrap();
    assert_eq!(two.invited(two.work), Some(false), "where none is named, one that was asked");
    now(two.bob.node.leave_group(Some(two.home), GROUP)).unwrap();
    assert_eq!((two.invited(two.work), two.invited(two.home)), (Some(false), None));
    let [work, home] = two.waiting();
    assert!(work == 1 && home > 1, "the others hear of one: {work} {home}");
    // The owner tells the one that it is out, later, and the other only then.
    two.say(two.home, vec![item(two.home, false, false, 2)]);
    let members = |own| now(two.bob.node.circles(Some(own))).unwrap()[0].members.clone();
    assert!(members(two.work).contains(&two.home), "nobody told this one");
    two.say(two.work, vec![item(two.home, false, false, 2)]);
    assert!(!members(two.work).contains(&two.home));
    // Let in again, one is asked again, and the other goes on.
    two.say(two.home, vec![item(two.home, true, false, 3)]);
    assert_eq!((two.invited(two.work), two.invited(two.home)), (Some(false), Some(true)));
}

#[test]
fn each_seals_and_reads_with_its_own_keys() {
    let mut two = Two::new();
    for own in [two.work, two.home] {
        now(two.bob.node.join_group(Some(own), GROUP)).unwrap();
    }
    // One was taken out: the other has the next key, which opens what comes.
    let out = item(two.home, false, false, 2);
    two.grant(two.work, Grant { epoch: [2; 16], ..two.key(2, &[out]) });
    let used = |own: PersonaId| -> Vec<i64> {
        let sql = "SELECT counter FROM epoch JOIN circle ON circle.row = circle_row JOIN author ON author.row = own_row
                   WHERE author.id = ?1 AND used = 1 ORDER BY counter";
        now(two.bob.store.read(move |db| {
            Ok(db.prepare(sql)?.query_map([own], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?)
        }))
        .unwrap()
    };
    two.post(two.home).unwrap();
    assert_eq!(used(two.home), [1], "it was told of no other");
    let by_work = two.post(two.work).unwrap();
    assert_eq!((used(two.home), used(two.work)), (vec![1], vec![2]));
    let readers = |post| now(two.bob.store.read(move |db| opened::readers(db, post))).unwrap();
    assert_eq!(readers(by_work), [two.work]);
    let said = now(two.bob.node.comment(Some(two.home), by_work, "how do I know of this?"));
    assert!(matches!(said, Err(Error::BadInput(_))), "{said:?}");

    let text = "over the zugspitze";
    let sealed = two.alice.sealed(text, |_, _, _| ());
    let by_alice = sealed.0.id();
    two.bob.take([sealed]);
    assert_eq!(readers(by_alice), Vec::<PersonaId>::from([two.work, two.home]), "with the key that both have");
    assert_eq!((two.found(None), two.found(Some(two.work)), two.found(Some(two.home))), (1, 1, 1));
}

#[test]
fn what_was_given_to_one_is_left_out_for_the_other() {
    let mut two = Two::new();
    now(two.bob.node.join_group(Some(two.work), GROUP)).unwrap();
    let sealed = two.alice.sealed("over the zugspitze", |_, _, _| ());
    let post = sealed.0.id();
    two.bob.take([sealed]);
    let shown = |own| now(two.bob.node.show_to(own, post));
    assert_eq!((two.found(None), two.found(Some(two.work)), two.found(Some(two.home))), (1, 1, 0));
    assert_eq!(shown(None).unwrap().post.circle.as_deref(), Some("Hikers"));
    assert!(shown(Some(two.work)).is_ok());
    assert!(matches!(shown(Some(two.home)), Err(Error::NotFound { .. })));
    let feed =
        |own| now(two.bob.node.feed(FeedQuery { persona: Some(own), limit: 9, ..FeedQuery::default() })).unwrap();
    assert!(feed(two.home).is_empty(), "it follows her, and was not given this");
    // Once it joins, it has what its own key opens, though that stood here open.
    now(two.bob.node.join_group(Some(two.home), GROUP)).unwrap();
    assert_eq!(two.found(Some(two.home)), 1);
    assert_eq!(shown(Some(two.home)).unwrap().post.circle.as_deref(), Some("Hikers"), "by its name, once");
    assert_eq!(feed(two.home).len(), 1);
    assert!(matches!(shown(Some(OTHER)), Err(Error::NotFound { .. })), "no persona of this node");
}

#[test]
fn an_admin_and_a_member_of_one_node_act_apart() {
    let two = Two::new();
    for own in [two.work, two.home] {
        now(two.bob.node.join_group(Some(own), GROUP)).unwrap();
        two.say(own, vec![item(two.work, true, true, 2)]);
    }
    let (work, home) = (two.work, two.home);
    let alices = two.alice.persona;
    now(two.bob.store.write(Durability::Normal, move |tx| {
        // A device of hers that can be written to.
        let device = "INSERT INTO met (author_row, device, root, keys) VALUES (?1, randomblob(32), x'00', x'00')";
        tx.execute(device, [author_row(tx, alices)?])?;
        author_row(tx, OTHER)
    }))
    .unwrap();
    let refused = now(two.bob.node.add_to_circle(Some(home), GROUP, OTHER));
    assert!(matches!(refused, Err(Error::BadInput(_))), "{refused:?}");
    assert_eq!(two.waiting(), [1, 1], "each told that it joined");
    now(two.bob.node.add_to_circle(None, GROUP, OTHER)).unwrap();
    let [by_work, by_home] = two.waiting();
    assert!(by_work > 1 && by_home == 1, "the admin alone gives keys: {by_work} {by_home}");
    let members = |own| now(two.bob.node.circles(Some(own))).unwrap()[0].members.len();
    assert_eq!((members(work), members(home)), (5, 4), "the member hears of it as others do");
    // What the admin does as something came waits, each message by its own lot.
    now(two.bob.store.write(Durability::Normal, |tx| Ok(tx.execute("UPDATE epoch SET used = 1", [])?))).unwrap();
    for own in [work, home] {
        two.say(own, vec![item(PersonaId::from_bytes([5; 32]), true, false, 1)]);
    }
    let at_once = i64::try_from(two.bob.clock_ms()).unwrap();
    let due = two.bob.number::<i64>("SELECT max(due_ms) FROM outbox") - at_once;
    assert!(limits::ANSWER_MS.contains(&due), "{due}");
    assert_eq!(two.waiting()[1], 1);
}

#[test]
fn a_group_of_an_own_persona_is_another_s_to_join() {
    let bob = Bob::new();
    let work = now(bob.node.create_persona("Work")).unwrap();
    let home = now(bob.node.create_persona("Home")).unwrap();
    let group = now(bob.node.create_group(Some(work), "Hikers")).unwrap();
    now(bob.node.add_to_circle(Some(work), group, home)).unwrap();
    let key = bob.number::<Vec<u8>>("SELECT key FROM epoch ORDER BY counter DESC LIMIT 1");
    let key = EpochKey::from_bytes(key.try_into().unwrap());
    let members = vec![item(home, true, false, 1)];
    let id = bob.number::<Vec<u8>>("SELECT id FROM epoch ORDER BY counter DESC LIMIT 1").try_into().unwrap();
    let counter = bob.number::<i64>("SELECT max(counter) FROM epoch").cast_unsigned();
    let grant =
        Grant { circle: group, kind: 1, name: "Hikers".to_owned(), counter, epoch: id, key, members, owner: None };
    now(bob.store.write(Durability::Normal, move |tx| {
        let (own_row, from_row) = (author_row(tx, home)?, author_row(tx, work)?);
        let mut notes = Notes::default();
        let mut desk = circle::Desk { tx, entropy: &SystemEntropy, now_ms: 1, at_once: false, notes: &mut notes };
        circle::take(&mut desk, &Granted { own_row, from_row, from: work, grant })
    }))
    .unwrap();
    let of = |own| now(bob.node.circles(Some(own))).unwrap();
    assert_eq!((of(work)[0].invited, of(home)[0].invited), (false, true));
    let refused = now(bob.node.leave_group(Some(work), group));
    assert!(matches!(refused, Err(Error::BadInput(_))), "{refused:?}");
    now(bob.node.join_group(None, group)).unwrap();
    assert!(!of(home)[0].invited);
    // Only who made it changes who is in it; the other may go.
    assert!(now(bob.node.remove_from_circle(Some(home), group, home)).is_err());
    now(bob.node.leave_group(Some(home), group)).unwrap();
    assert_eq!((of(work).len(), of(home).len()), (1, 0));
}
