//! The gate against what peers can send: in any order, twice, forged, forked, and against old copies of itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

mod circles;
mod comments;
mod copies;
mod counters;
mod features;
mod groups;
mod headers;
mod keeping;
mod logs;
mod looks;
mod names;
mod notices;
mod personas;
mod polls;
mod published;
mod quotes;
mod revocations;
mod series;
mod steps;

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use futures_util::FutureExt;

use crate::clock::ManualClock;
use crate::device::PURPOSE_DEVICE;
use crate::entry::{
    DeleteBody, DeviceCertBody, DeviceRevokeBody, EditBody, Entry, EntryError, Header, Kind, LogOpenBody,
    PersonaOpenBody, Place, PostBody, ReactionBody, RootRotateBody, Scope, Unverified, sign,
};
use crate::gate::{Origin, Outcome};
use crate::host::{MemoryKeystore, SystemEntropy};
use crate::id::{DeviceKey, EntryId, NodeId, PersonaId};
use crate::node::{FeedQuery, Node, PostDraft};
use crate::store::Store;

const NOW_S: u64 = 1_800_000_000;
const PEER: Origin = Origin::Peer(1, NodeId::from_bytes([1; 32]));

struct Bob {
    node: Node,
    store: Store,
    keystore: Arc<MemoryKeystore>,
    clock: Arc<ManualClock>,
}

impl Bob {
    fn new() -> Self {
        let store = Store::in_memory().unwrap();
        let keystore = Arc::new(MemoryKeystore::default());
        let clock = Arc::new(ManualClock::at_ms(NOW_S * 1_000));
        let node = simulated(&store, &keystore, &clock);
        Self { node, store, keystore, clock }
    }

    /// A node that has a persona and follows Alice.
    fn following(alice: &Alice) -> Self {
        let bob = Self::new();
        now(bob.node.create_persona("Bob")).unwrap();
        now(bob.node.follow(None, &alice.persona.to_string())).unwrap();
        bob
    }

    fn take(&self, entries: impl IntoIterator<Item = Unverified<Entry>>) -> Outcome {
        now(self.node.gate().unwrap().submit(PEER, entries.into_iter().collect())).unwrap()
    }

    fn clock_ms(&self) -> u64 {
        crate::clock::Clock::unix_ms(&*self.clock)
    }

    fn feed(&self) -> Vec<String> {
        now(self.node.feed(FeedQuery { limit: 1_000, ..FeedQuery::default() }))
            .unwrap()
            .into_iter()
            .map(|p| p.text)
            .collect()
    }

    fn number<T: rusqlite::types::FromSql + Send + 'static>(&self, sql: &'static str) -> T {
        now(self.store.read(move |db| Ok(db.query_row(sql, [], |row| row.get(0))?))).unwrap()
    }
}

fn simulated(store: &Store, keystore: &Arc<MemoryKeystore>, clock: &Arc<ManualClock>) -> Node {
    let (keystore, clock) = (Arc::clone(keystore), Arc::clone(clock));
    Node::simulated(false, store.clone(), keystore, clock, Arc::new(SystemEntropy)).unwrap()
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a simulated node answers at once")
}

/// An author who signs whatever the test wants.
struct Alice {
    root: SigningKey,
    device: SigningKey,
    persona: PersonaId,
    open: PersonaOpenBody,
    next: Place,
}

impl Alice {
    fn new(seed: u8) -> Self {
        let root = SigningKey::from_bytes(&[seed; 32]);
        let device = SigningKey::from_bytes(&[seed + 100; 32]);
        let open = PersonaOpenBody { root: public(&root), nonce: [seed; 16], recovery_hash: [seed; 32] };
        let persona = open.persona();
        let next = Place::first(persona, public(&device), u64::from(seed) + 1);
        Self { root, device, persona, open, next }
    }

    fn statements(&self) -> Vec<Unverified<Entry>> {
        let header = |kind| Header::statement(self.persona, public(&self.root), kind, NOW_S);
        let cert = DeviceCertBody { device: public(&self.device), caps: 1, purpose: PURPOSE_DEVICE, not_after: 0 };
        vec![
            sign(&self.root, header(Kind::PersonaOpen), self.open.encode([1; 16])),
            sign(&self.root, header(Kind::DeviceCert), cert.encode([2; 16])),
        ]
    }

    fn entry(&mut self, kind: Kind, time: u64, refs: Vec<EntryId>, body: Vec<u8>) -> Unverified<Entry> {
        let entry = sign(&self.device, Header::log_entry(self.next, kind, time, refs), body);
        self.next = Place::after(&entry.0.header);
        entry
    }

    fn log_open(&mut self, scope: Scope, prior_heads: Vec<EntryId>) -> Unverified<Entry> {
        self.entry(Kind::LogOpen, NOW_S, Vec::new(), LogOpenBody { scope, prior_heads }.encode([3; 16]))
    }

    fn new_log(&mut self, number: u64) {
        self.next = Place::first(self.persona, public(&self.device), number);
    }

    fn post(&mut self, text: &str) -> Unverified<Entry> {
        self.post_at(text, NOW_S)
    }

    fn post_at(&mut self, text: &str, time: u64) -> Unverified<Entry> {
        let body = PostBody { text: text.to_owned(), ..PostBody::default() }.encode([4; 16]);
        self.entry(Kind::Post, time, Vec::new(), body)
    }
}

fn public(key: &SigningKey) -> DeviceKey {
    DeviceKey::from(&key.verifying_key())
}

fn refusals(outcome: &Outcome) -> Vec<EntryError> {
    outcome.refused.iter().map(|(_, error)| error.clone()).collect()
}

#[test]
fn a_page_of_posts_is_shown_newest_first_and_taken_once() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    let mut page = alice.statements();
    page.push(alice.log_open(Scope::Posts, Vec::new()));
    page.extend((0..5).map(|n| alice.post(&format!("post {n}"))));
    let taken = bob.take(page.clone());
    assert_eq!((taken.applied.len(), taken.refused.len()), (8, 0));
    assert_eq!(bob.feed(), ["post 4", "post 3", "post 2", "post 1", "post 0"]);
    let replayed = bob.take(page);
    assert_eq!(replayed, Outcome::default());
    assert_eq!(bob.feed().len(), 5);
}

#[test]
fn the_newest_come_first_and_the_gap_closes_later() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    let mut log = vec![alice.log_open(Scope::Posts, Vec::new())];
    log.extend((1..10).map(|n| alice.post(&format!("{n}"))));
    let newest = log.split_off(7);
    let taken = bob.take(newest);
    assert!(taken.applied.iter().all(|applied| applied.gap));
    assert_eq!(bob.feed(), ["9", "8", "7"]);
    let mut backfill = log;
    backfill.reverse();
    assert!(bob.take(backfill).refused.is_empty());
    assert_eq!(bob.feed(), ["9", "8", "7", "6", "5", "4", "3", "2", "1"]);
    assert_eq!(bob.number::<i64>("SELECT next_seq FROM log WHERE own = 0"), 10);
    assert_eq!(bob.number::<i64>("SELECT max(fork_seq) FROM log"), -1);
}

#[test]
fn forged_entries_are_refused_and_leave_nothing() {
    let mut alice = Alice::new(1);
    let mallory = Alice::new(2);
    let bob = Bob::following(&alice);
    let before = bob.number::<i64>("SELECT count(*) FROM entry");

    let open = alice.log_open(Scope::Posts, Vec::new());
    assert_eq!(refusals(&bob.take([open.clone()])), [EntryError::Uncertified]);

    // A certificate by someone else's root does not count.
    let cert = DeviceCertBody { device: public(&alice.device), caps: 1, purpose: PURPOSE_DEVICE, not_after: 0 };
    let header = Header::statement(alice.persona, public(&mallory.root), Kind::DeviceCert, NOW_S);
    let mut statements = alice.statements();
    statements.pop();
    bob.take(statements);
    assert_eq!(refusals(&bob.take([sign(&mallory.root, header, cert.encode([2; 16]))])), [EntryError::Uncertified]);

    bob.take(alice.statements());
    let mut torn = open.clone();
    torn.0.signature[3] ^= 1;
    assert_eq!(refusals(&bob.take([torn])), [EntryError::Signature]);
    let mut other_body = open.clone();
    other_body.0.body = Some(vec![0; 40]);
    assert!(matches!(refusals(&bob.take([other_body]))[..], [EntryError::BodyHash | EntryError::Malformed(_)]));
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM entry"), before + 2);

    // The same device may not write under another persona.
    let place = Place::first(mallory.persona, public(&alice.device), 9);
    let body = LogOpenBody { scope: Scope::Posts, prior_heads: Vec::new() }.encode([3; 16]);
    bob.take(mallory.statements());
    let stolen = sign(&alice.device, Header::log_entry(place, Kind::LogOpen, NOW_S, Vec::new()), body);
    assert_eq!(refusals(&bob.take([stolen])), [EntryError::Uncertified]);
}

#[test]
fn a_kind_stands_only_in_its_scope_and_an_unknown_kind_is_kept() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    bob.take([alice.log_open(Scope::Engagement, Vec::new())]);
    let place = alice.next;
    assert_eq!(refusals(&bob.take([alice.post("not here")])), [EntryError::Scope]);
    alice.next = place;
    let unknown = alice.entry(Kind::Unknown(999), NOW_S, Vec::new(), vec![7; 100]);
    assert!(bob.take([unknown]).refused.is_empty());
    assert_eq!(bob.number::<Vec<u8>>("SELECT body FROM entry WHERE kind = 999"), vec![7; 100]);
}

#[test]
fn a_wrong_date_is_stored_but_does_not_pin_the_feed() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    bob.take([alice.log_open(Scope::Posts, Vec::new()), alice.post_at("from 2099", 4_070_908_800)]);
    bob.clock.set_ms((NOW_S + 60) * 1_000);
    bob.take([alice.post_at("from the past", 1), alice.post_at("end of time", i64::MAX as u64)]);
    assert_eq!(bob.feed(), ["end of time", "from the past", "from 2099"]);
    let posts = now(bob.node.feed(FeedQuery { limit: 10, ..FeedQuery::default() })).unwrap();
    assert_eq!(posts.iter().map(|post| post.clock_off).collect::<Vec<_>>(), [true, false, true]);
    assert!(posts.iter().all(|post| post.created_ms <= (NOW_S + 700) * 1_000));
}

#[test]
fn a_fork_keeps_both_branches_freezes_the_log_and_heals() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    bob.take([alice.log_open(Scope::Posts, Vec::new()), alice.post("common")]);
    let fork = alice.next;
    let (left, after_left) = (alice.post("left"), alice.post("left, later"));
    alice.next = fork;
    let (right, after_right) = (alice.post("right"), alice.post("right, later"));
    let heads = vec![left.0.id(), right.0.id()];
    bob.take([left]);
    bob.take([right]);
    assert_eq!(bob.number::<i64>("SELECT fork_seq FROM log WHERE own = 0"), 2);
    assert_eq!(refusals(&bob.take([after_left])), [EntryError::Frozen]);
    bob.take([after_right]); // what is already proof may come in, bounded
    let feed = bob.feed();
    assert!(["common", "left", "right"].iter().all(|text| feed.contains(&(*text).to_owned())), "{feed:?}");
    let flagged = |bob: &Bob| {
        let posts = now(bob.node.feed(FeedQuery { limit: 10, ..FeedQuery::default() })).unwrap();
        posts.iter().any(|post| post.forked)
    };
    assert!(flagged(&bob));
    // The author goes on in a new log that names both heads: the warning disappears.
    alice.new_log(77);
    bob.take([alice.log_open(Scope::Posts, heads), alice.post("goes on")]);
    assert!(bob.feed().contains(&"goes on".to_owned()));
    assert!(!flagged(&bob));
}

#[test]
fn a_longer_second_branch_may_come_twice() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    bob.take([alice.log_open(Scope::Posts, Vec::new())]);
    let fork = alice.next;
    bob.take([alice.post("left")]);
    alice.next = fork;
    let second: Vec<_> = (0..5).map(|n| alice.post(&format!("right {n}"))).collect();
    assert!(bob.take(second.clone()).refused.is_empty());
    assert_eq!(bob.take(second), Outcome::default());
}

#[test]
fn strangers_are_kept_only_where_they_write_to_someone_carried() {
    let mut alice = Alice::new(1);
    let mut mallory = Alice::new(2);
    let bob = Bob::following(&alice);
    let rows = bob.number::<i64>("SELECT count(*) FROM author");
    assert_eq!(refusals(&bob.take([mallory.log_open(Scope::Posts, Vec::new())])), [EntryError::Uncertified]);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM author"), rows, "a row for nothing");
    bob.take(alice.statements().into_iter().chain(mallory.statements()));
    let open = alice.log_open(Scope::Posts, Vec::new());
    let post = alice.post("hers");
    let target = post.0.id();
    bob.take([open, post, mallory.post("nobody asked")]);
    assert_eq!(bob.feed(), ["hers"]);
    let logs = "SELECT count(*) FROM log JOIN author ON author.row = log.author_row WHERE author.carried = 0";
    assert_eq!(bob.number::<i64>(logs), 0, "what is refused leaves no row of its log");
    mallory.new_log(9);
    let open = mallory.log_open(Scope::Engagement, Vec::new());
    let comment = |text: &str| PostBody { text: text.to_owned(), ..PostBody::default() }.encode([4; 16]);
    let nowhere = EntryId::from_bytes([8; 32]);
    let welcome = mallory.entry(Kind::Comment, NOW_S, vec![target, target], comment("on hers"));
    let lost = mallory.entry(Kind::Comment, NOW_S, vec![nowhere, nowhere], comment("on nothing"));
    // What names nothing that is here may be early.
    assert!(bob.take([open, welcome, lost]).refused.is_empty());
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM waiting"), 1);
    assert_eq!(now(bob.node.show(target)).unwrap().post.comments, 1);
}

#[test]
fn a_number_at_the_end_of_the_scale_is_refused() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    alice.next.seq = i64::MAX as u64;
    alice.next.prev = EntryId::from_bytes([1; 32]);
    assert!(matches!(refusals(&bob.take([alice.post("far")]))[..], [EntryError::Malformed(_)]));
}

#[test]
fn a_prev_that_is_not_the_stored_predecessor_is_a_fork() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    bob.take([alice.log_open(Scope::Posts, Vec::new())]);
    let place = alice.next;
    bob.take([alice.post("kept")]);
    alice.next = place;
    let _never_sent = alice.post("other");
    let child_of_other = alice.post("child");
    bob.take([child_of_other]);
    assert_eq!(bob.number::<i64>("SELECT fork_seq FROM log WHERE own = 0"), 1);
}

#[test]
fn edits_and_deletions_work_in_any_order() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    let open = alice.log_open(Scope::Posts, Vec::new());
    let (first, second) = (alice.post("first"), alice.post("secret words"));
    let edit = |text: &str, counter| {
        EditBody { post: PostBody { text: text.to_owned(), ..PostBody::default() }, counter }.encode([5; 16])
    };
    let old = alice.entry(Kind::Edit, NOW_S + 9, vec![first.0.id()], edit("older edit", 1));
    let new = alice.entry(Kind::Edit, NOW_S, vec![first.0.id()], edit("newer edit", 2));
    let gone = alice.entry(Kind::Delete, NOW_S, vec![second.0.id()], DeleteBody {}.encode([6; 16]));
    bob.take([open]);
    for entry in [gone, new, old, second.clone(), first] {
        assert!(bob.take([entry]).refused.is_empty());
    }
    assert_eq!(bob.feed(), ["newer edit"]);
    bob.take([second]);
    let texts = bob.number::<i64>("SELECT count(*) FROM entry WHERE instr(body, CAST('secret words' AS BLOB)) > 0");
    assert_eq!(texts, 0, "a deleted body came back");
}

#[test]
fn nobody_edits_or_deletes_what_others_wrote() {
    let mut alice = Alice::new(1);
    let mut mallory = Alice::new(2);
    let bob = Bob::following(&alice);
    bob.take(alice.statements().into_iter().chain(mallory.statements()));
    let open = alice.log_open(Scope::Posts, Vec::new());
    let post = alice.post("hers");
    let target = post.0.id();
    bob.take([open, post]);
    let body =
        EditBody { post: PostBody { text: "his".to_owned(), ..PostBody::default() }, counter: 9 }.encode([5; 16]);
    let entries = [
        mallory.log_open(Scope::Posts, Vec::new()),
        mallory.entry(Kind::Edit, NOW_S, vec![target], body),
        mallory.entry(Kind::Delete, NOW_S, vec![target], DeleteBody {}.encode([6; 16])),
    ];
    assert_eq!(refusals(&bob.take(entries)), [EntryError::Target, EntryError::Target]);
    assert_eq!(bob.feed(), ["hers"]);
}

#[test]
fn a_deletion_leaves_identity_statements_whole() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    let statements = alice.statements();
    let ids: Vec<EntryId> = statements.iter().map(|entry| entry.0.id()).collect();
    bob.take(statements);
    bob.take([
        alice.log_open(Scope::Posts, Vec::new()),
        alice.entry(Kind::Delete, NOW_S, ids, DeleteBody {}.encode([6; 16])),
    ]);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM entry WHERE log_row = 0 AND body IS NULL"), 0);
}

#[test]
fn nobody_fills_the_statements_of_another_persona() {
    let alice = Alice::new(1);
    let mallory = Alice::new(2);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    let revoked = DeviceRevokeBody { device: public(&alice.device), heads: Vec::new() }.encode([9; 16]);
    let rotated = RootRotateBody { root: public(&mallory.root), counter: 1 }.encode([9; 16]);
    for (kind, body) in [(Kind::DeviceRevoke, revoked), (Kind::RootRotate, rotated)] {
        let header = Header::statement(alice.persona, public(&mallory.root), kind, NOW_S);
        assert_eq!(refusals(&bob.take([sign(&mallory.root, header, body)])), [EntryError::Uncertified]);
    }
    let header = Header::statement(alice.persona, public(&alice.root), Kind::PersonaOpen, NOW_S + 1);
    let again = sign(&alice.root, header, alice.open.encode([9; 16]));
    assert!(matches!(refusals(&bob.take([again]))[..], [EntryError::Full(_)]));
}

#[test]
fn what_names_a_comment_before_it_came_is_filed_under_its_post() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    let open = alice.log_open(Scope::Posts, Vec::new());
    let post = alice.post("root");
    let root = post.0.id();
    bob.take([open, post]);
    alice.new_log(50);
    let open = alice.log_open(Scope::Engagement, Vec::new());
    let body = PostBody { text: "comment".to_owned(), ..PostBody::default() }.encode([4; 16]);
    let comment = alice.entry(Kind::Comment, NOW_S, vec![root, root], body);
    let on_it = vec![comment.0.id()];
    let reaction = alice.entry(Kind::Reaction, NOW_S, on_it, ReactionBody { emoji: "👍".to_owned() }.encode([7; 16]));
    bob.take([open]);
    bob.take([reaction]);
    bob.take([comment]);
    let filed = bob.number::<i64>(
        "SELECT count(*) FROM header_entry
                                   JOIN entry ON entry.prefix = substr(about, 1, 8) AND entry.id = about
                                   WHERE kind = 10",
    );
    assert_eq!(filed, 0, "filed under the comment");
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM header_entry"), 2);
}

#[test]
fn a_log_is_closed_also_when_its_head_comes_last() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    let old = vec![alice.log_open(Scope::Posts, Vec::new()), alice.post("old")];
    let head = old[1].0.id();
    alice.new_log(60);
    bob.take([alice.log_open(Scope::Posts, vec![head]), alice.post("new")]);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM log WHERE own = 0 AND closed = 1"), 0);
    bob.take(old);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM log WHERE own = 0 AND closed = 1"), 1);
}

#[test]
fn reactions_of_one_persona_are_limited() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    let open = alice.log_open(Scope::Posts, Vec::new());
    let post = alice.post("like me");
    let target = post.0.id();
    bob.take([open, post]);
    alice.new_log(50);
    bob.take([alice.log_open(Scope::Engagement, Vec::new())]);
    for emoji in ["👍", "🎉", "🦀"] {
        let body = ReactionBody { emoji: emoji.to_owned() }.encode([7; 16]);
        assert!(bob.take([alice.entry(Kind::Reaction, NOW_S, vec![target], body)]).refused.is_empty());
    }
    // The oldest make room: what a persona takes back must not count for ever.
    let body = ReactionBody { emoji: "🔥".to_owned() }.encode([7; 16]);
    assert!(bob.take([alice.entry(Kind::Reaction, NOW_S + 1, vec![target], body)]).refused.is_empty());
    let shown = now(bob.node.show(target)).unwrap().post.reactions;
    assert_eq!((shown.len(), shown.get("🔥")), (3, Some(&1)));
}

#[test]
fn verbs_write_what_reads_show() {
    let bob = Bob::new();
    let node = &bob.node;
    let me = now(node.create_persona("  Bob\tthe \n builder ")).unwrap();
    assert_eq!(now(node.profile(me)).unwrap().name, "Bob the builder");
    let post = now(node.post(PostDraft { text: "hello #World".to_owned(), ..PostDraft::default() })).unwrap();
    let comment = now(node.comment(None, post, "first")).unwrap();
    let answer = now(node.comment(None, comment, "second")).unwrap();
    now(node.react(None, post, "👍")).unwrap();
    now(node.react(None, answer, "🎉")).unwrap();
    now(node.edit(None, comment, "first, edited")).unwrap();
    let page = now(node.show(post)).unwrap();
    assert_eq!((page.post.comments, page.post.reactions["👍"], page.post.mine), (2, 1, vec!["👍".to_owned()]));
    let thread: Vec<_> = page.thread.iter().map(|c| (c.text.as_str(), c.parent, c.edited)).collect();
    assert_eq!(thread, [("first, edited", post, true), ("second", comment, false)]);
    for not_an_emoji in ["", "notanemoji", "<b>", "7", "日本"] {
        assert!(now(node.react(None, post, not_an_emoji)).is_err(), "{not_an_emoji}");
    }
    now(node.unreact(None, post, "👍")).unwrap();
    let deletion = now(node.delete(None, comment)).unwrap();
    let entries = bob.number::<i64>("SELECT count(*) FROM entry");
    assert_eq!(now(node.delete(None, comment)).unwrap(), deletion, "deleted already");
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM entry"), entries);
    let page = now(node.show(post)).unwrap();
    assert_eq!((page.post.comments, page.post.reactions.len()), (1, 0));
    assert!(page.thread[0].deleted && page.thread[0].text.is_empty());
    now(node.delete(None, post)).unwrap();
    assert!(bob.feed().is_empty());
    assert!(now(node.comment(None, post, "late")).is_err());
    assert_eq!(now(node.resolve_entry(&post.to_string()[..20])).unwrap(), post);
}
