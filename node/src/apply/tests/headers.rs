//! Headers are sets: whatever the order in which their entries come, the same counts.

use proptest::prelude::*;
use rusqlite::Connection;
use rusqlite::types::Value;

use super::*;
use crate::entry::{Commenters, PolicyBody, Proof, RepostBody};
use crate::error::Error;
use crate::gate::Draft;
use crate::limits;
use crate::store::Durability;
use crate::sync::{self, Answer, Print, Query};

fn text(text: &str) -> PostBody {
    PostBody { text: text.to_owned(), ..PostBody::default() }
}

/// What a writer says, each a new entry in the log at hand.
impl Alice {
    fn comment(&mut self, root: EntryId, parent: EntryId, time: u64) -> Unverified<Entry> {
        let body = text(&format!("at {time}")).encode([4; 16]);
        self.entry(Kind::Comment, time, vec![root, parent], body)
    }

    fn reaction(&mut self, target: EntryId, emoji: &str, time: u64) -> Unverified<Entry> {
        let body = ReactionBody { emoji: emoji.to_owned() }.encode([7; 16]);
        self.entry(Kind::Reaction, time, vec![target], body)
    }

    fn edit(&mut self, target: EntryId, to: &str, counter: u64, time: u64) -> Unverified<Entry> {
        self.entry(Kind::Edit, time, vec![target], EditBody { post: text(to), counter }.encode([5; 16]))
    }

    fn delete(&mut self, target: EntryId, time: u64) -> Unverified<Entry> {
        self.entry(Kind::Delete, time, vec![target], DeleteBody {}.encode([6; 16]))
    }

    fn hide(&mut self, post: EntryId, target: EntryId) -> Unverified<Entry> {
        self.entry(Kind::Hide, NOW_S, vec![post, target], DeleteBody {}.encode([6; 16]))
    }

    fn policy(&mut self, post: Option<EntryId>, who: Commenters, counter: u64) -> Unverified<Entry> {
        self.entry(Kind::Policy, NOW_S, post.into_iter().collect(), PolicyBody { who, counter }.encode([8; 16]))
    }

    fn repost(&mut self, post: EntryId, author: PersonaId, time: u64) -> Unverified<Entry> {
        self.entry(Kind::Repost, time, vec![post], RepostBody { author }.encode([9; 16]))
    }

    fn engagement(&mut self) -> Unverified<Entry> {
        self.new_log(self.next.log + 50);
        self.log_open(Scope::Engagement, Vec::new())
    }

    /// A comment with the proof that its writer holds `key`.
    fn comment_with_key(&mut self, root: EntryId, key: &SigningKey) -> Unverified<Entry> {
        let refs = vec![root, root];
        let mut header = Header::log_entry(self.next, Kind::Comment, NOW_S, refs.clone());
        header.device = public(&self.device);
        let signature = ed25519_dalek::Signer::sign(key, &Proof::message(&header)).to_bytes();
        let proof = Proof { signature, key: public(key) };
        self.entry(Kind::Comment, NOW_S, refs, text("with a key").encode_with_proof([4; 16], &proof))
    }
}

pub(super) fn id(entry: &Unverified<Entry>) -> EntryId {
    entry.0.id()
}

/// Writers, their statements and first logs: what comes first, so that everything else can come in any order.
struct Cast {
    alice: Alice,
    carol: Alice,
    mallory: Alice,
    first: Vec<Unverified<Entry>>,
}

impl Cast {
    fn new() -> Self {
        let [alice, mut carol, mut mallory] = [1, 2, 3].map(Alice::new);
        let mut first: Vec<_> = [&alice, &carol, &mallory].into_iter().flat_map(Alice::statements).collect();
        first.extend([&mut carol, &mut mallory].map(Alice::engagement));
        Self { alice, carol, mallory, first }
    }

    /// Bob, who follows Alice and took in what comes first.
    fn bob(&self) -> Bob {
        let bob = Bob::following(&self.alice);
        bob.take(self.first.clone());
        bob
    }
}

impl Bob {
    fn print(&self, of: PersonaId) -> Print {
        let read = self.store.read(move |db| sync::answer(db, Query::Prints(vec![of])));
        let Answer::Prints(prints) = now(read).unwrap() else { unreachable!("prints were asked for") };
        prints[0].1
    }

    /// What is stored and derived, by ids: neither rows nor what tells of the time of arrival.
    fn tables(&self) -> Vec<(&'static str, Vec<Vec<Value>>)> {
        const TABLES: &[&str] = &[
            "SELECT e.id, e.body IS NOT NULL FROM entry AS e JOIN author AS a ON a.row = e.author_row
             WHERE a.own = 0 ORDER BY e.id",
            "SELECT e.id, p.deleted, p.comments, p.all_comments, p.all_reactions, p.full, p.in_feed,
                (SELECT id FROM entry WHERE row = p.edit_row)
             FROM post AS p JOIN entry AS e ON e.row = p.entry_row ORDER BY e.id",
            "SELECT e.id, c.root, c.parent, c.depth, c.deleted, c.hidden, c.refused, c.proof_key,
                (SELECT id FROM entry WHERE row = c.edit_row)
             FROM comment AS c JOIN entry AS e ON e.row = c.entry_row ORDER BY e.id",
            "SELECT e.id, r.target, r.emoji, r.deleted, r.hidden, r.shown
             FROM reaction AS r JOIN entry AS e ON e.row = r.entry_row ORDER BY e.id",
            "SELECT e.id, t.target, t.counter FROM edit AS t JOIN entry AS e ON e.row = t.entry_row ORDER BY e.id",
            "SELECT e.id, t.target FROM tombstone AS t JOIN entry AS e ON e.row = t.entry_row ORDER BY e.id, t.target",
            "SELECT e.id, t.target, t.post FROM hide AS t JOIN entry AS e ON e.row = t.entry_row ORDER BY e.id, t.target",
            "SELECT e.id, t.post, t.mode, t.counter FROM policy AS t JOIN entry AS e ON e.row = t.entry_row ORDER BY e.id",
            "SELECT h.id, h.about, h.time, a.id FROM header_entry AS h LEFT JOIN author AS a ON a.row = h.of_row
             ORDER BY h.id",
            "SELECT e.id FROM waiting AS w JOIN entry AS e ON e.row = w.entry_row ORDER BY e.id",
        ];
        let read = self.store.read(|db: &Connection| {
            let mut tables = Vec::new();
            for sql in TABLES {
                let mut statement = db.prepare(sql)?;
                let columns = statement.column_count();
                let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?;
                tables.push((*sql, rows.collect::<Result<Vec<Vec<Value>>, _>>()?));
            }
            Ok(tables)
        });
        now(read).unwrap()
    }

    fn comments(&self, post: EntryId) -> (u64, usize) {
        let page = now(self.node.show(post)).unwrap();
        (page.post.comments, page.thread.len())
    }

    fn change(&self, sql: &'static str) {
        now(self.store.write(Durability::Normal, move |tx| Ok(tx.execute(sql, [])?))).unwrap();
    }

    fn sweep(&self, after_s: u64) {
        let now_s = i64::try_from(NOW_S + after_s).unwrap();
        now(self.store.write(Durability::Normal, move |tx| crate::apply::sweep(tx, now_s))).unwrap();
    }
}

/// More of everything than counts, and all that does not fit.
fn everything() -> (Cast, Vec<Unverified<Entry>>) {
    let mut cast = Cast::new();
    let (alice, carol, mallory) = (&mut cast.alice, &mut cast.carol, &mut cast.mallory);
    // Until a log's scope is known, what does not count is not kept: it comes with the log.
    cast.first.push(alice.log_open(Scope::Posts, Vec::new()));
    let mut all = Vec::new();
    let (one, other) = (alice.post("one"), alice.post("other"));
    let (one_id, other_id) = (id(&one), id(&other));
    all.extend([one, other]);
    all.extend((0..3).map(|n| alice.edit(one_id, &format!("edit {n}"), n % 2, NOW_S - n)));
    // Comments beyond the limit, in no order of time, and answers to them.
    let many = limits::COMMENTS_PER_PERSONA as u64 + 3;
    let mut comments: Vec<EntryId> = Vec::new();
    for n in 0..many {
        let parent = comments.last().copied().filter(|_| n % 3 > 0).unwrap_or(one_id);
        let comment = carol.comment(one_id, parent, NOW_S - (n * 37) % many);
        comments.push(id(&comment));
        all.push(comment);
    }
    // About each: also about those that are pushed out.
    for (n, target) in comments.iter().enumerate().filter(|(n, _)| n % 7 == 0) {
        let reaction = mallory.reaction(*target, "👍", NOW_S);
        all.push(mallory.delete(id(&reaction), NOW_S));
        all.push(reaction);
        all.push(carol.edit(*target, "edited", 1, NOW_S));
        if n % 2 == 0 {
            all.push(carol.delete(*target, NOW_S));
        }
    }
    // Reactions beyond the limit, some taken back, one of them more often than counts.
    for n in 0..limits::REACTIONS_KEPT as u64 + 4 {
        let reaction = carol.reaction(one_id, ["👍", "🎉", "🦀", "🔥"][n as usize / 2 % 4], NOW_S - (n * 7) % 19);
        for again in 0..if n == 9 { limits::DELETIONS as u64 + 2 } else { n % 2 } {
            all.push(carol.delete(id(&reaction), NOW_S - again));
        }
        all.push(reaction);
    }
    // Who may comment, and what is hidden.
    let key = SigningKey::from_bytes(&[77; 32]);
    all.push(mallory.comment_with_key(other_id, &key));
    let plain = mallory.comment(other_id, other_id, NOW_S);
    let second = mallory.comment(one_id, one_id, NOW_S);
    all.push(alice.hide(one_id, id(&second)));
    let undone = alice.hide(other_id, id(&plain));
    all.push(alice.delete(id(&undone), NOW_S));
    all.extend([plain, undone]);
    all.push(mallory.hide(one_id, comments[1]));
    let reaction = mallory.reaction(one_id, "💩", NOW_S);
    all.push(alice.hide(one_id, id(&reaction)));
    all.extend([second, reaction]);
    all.push(alice.policy(None, Commenters::Nobody, 3));
    all.push(alice.policy(Some(other_id), Commenters::Everyone, 1));
    all.push(alice.policy(Some(other_id), Commenters::Keys(vec![public(&key)]), 2));
    let withdrawn = alice.policy(Some(other_id), Commenters::Nobody, 9);
    all.push(alice.delete(id(&withdrawn), NOW_S));
    all.push(withdrawn);
    all.push(alice.policy(None, Commenters::Everyone, 4));
    // What does not fit.
    all.push(mallory.edit(one_id, "not his", 9, NOW_S));
    all.push(mallory.delete(one_id, NOW_S));
    all.push(mallory.comment(comments[2], comments[2], NOW_S));
    all.push(mallory.policy(Some(one_id), Commenters::Nobody, 99));
    let gone = alice.post("gone");
    all.push(carol.comment(id(&gone), id(&gone), NOW_S));
    all.push(alice.edit(id(&gone), "too late", 1, NOW_S));
    all.push(alice.delete(id(&gone), NOW_S));
    all.push(gone);
    (cast, all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn any_order_of_a_set_gives_the_same_tables_and_the_same_fingerprint(
        order in Just((0..everything().1.len()).collect::<Vec<_>>()).prop_shuffle(),
        at_once in 1_usize..40,
    ) {
        let (cast, all) = everything();
        let (one, other) = (cast.bob(), cast.bob());
        for entry in &all {
            one.take([entry.clone()]);
        }
        for chunk in order.chunks(at_once) {
            other.take(chunk.iter().map(|place| all[*place].clone()));
        }
        for (one, other) in one.tables().into_iter().zip(other.tables()) {
            prop_assert!(one == other, "{} gives {} rows and {}", one.0, one.1.len(), other.1.len());
        }
        prop_assert_eq!(one.print(cast.alice.persona), other.print(cast.alice.persona));
        // Once more changes nothing.
        let before = other.tables();
        other.take(all);
        prop_assert!(before == other.tables(), "the same again");
    }
}

#[test]
fn the_set_holds_what_the_limits_say() {
    let (cast, all) = everything();
    let bob = cast.bob();
    let one = id(&all[0]);
    bob.take(all);
    let count = |sql| bob.number::<i64>(sql) as usize;
    let of_one = "SELECT max(n) FROM (SELECT count(*) AS n FROM comment GROUP BY root, author_row)";
    assert_eq!(count(of_one), limits::COMMENTS_PER_PERSONA);
    let kept = "SELECT max(n) FROM (SELECT count(*) AS n FROM reaction GROUP BY target, author_row)";
    assert_eq!(count(kept), limits::REACTIONS_KEPT);
    let shown = "SELECT max(n) FROM (SELECT sum(shown) AS n FROM reaction GROUP BY target, author_row)";
    assert_eq!(count(shown), limits::REACTIONS_PER_PERSONA);
    assert_eq!(count("SELECT max(n) FROM (SELECT count(*) AS n FROM tombstone GROUP BY target)"), limits::DELETIONS);
    let page = now(bob.node.show(one)).unwrap();
    assert!(!page.post.reactions.contains_key("💩"), "a hidden reaction is shown");
    assert_eq!(page.post.text, "edit 1");
    // What was pushed out left no row, and what stands behind it still rebuilds: peers get it.
    let gaps = "SELECT count(*) FROM entry AS e WHERE e.seq > 0 AND e.prev IS NULL AND NOT EXISTS
                (SELECT 1 FROM entry AS p WHERE p.log_row = e.log_row AND p.seq = e.seq - 1 AND p.branch = 0)
                AND e.log_row <> 0";
    assert_eq!(count(gaps), 0);
}

#[test]
fn edits_and_deletions_beyond_a_limit_stay_in_the_log_without_effect() {
    let mut cast = Cast::new();
    let bob = cast.bob();
    let alice = &mut cast.alice;
    let open = alice.log_open(Scope::Posts, Vec::new());
    let post = alice.post("text");
    let target = id(&post);
    let many = limits::EDITS as u64 + 5;
    let mut log = vec![open, post];
    log.extend((0..many).map(|n| alice.edit(target, &format!("{n}"), n, NOW_S - many + n)));
    assert!(bob.take(log.clone()).refused.is_empty());
    assert_eq!(bob.number::<i64>("SELECT next_seq FROM log WHERE own = 0 AND scope = 0"), 2 + many as i64);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM edit") as usize, limits::EDITS);
    assert_eq!(bob.feed(), [format!("{}", limits::EDITS - 1)]);
    let other = cast.bob();
    other.take(log.drain(..1));
    log.reverse();
    log.into_iter().for_each(|entry| drop(other.take([entry])));
    assert_eq!(other.feed(), bob.feed());
    assert_eq!(other.print(cast.alice.persona), bob.print(cast.alice.persona));
}

#[test]
fn one_can_change_ones_mind_about_a_reaction_for_ever() {
    let bob = Bob::new();
    let node = &bob.node;
    now(node.create_persona("Bob")).unwrap();
    let post = now(node.post(PostDraft { text: "hm".to_owned(), ..PostDraft::default() })).unwrap();
    for _ in 0..limits::REACTIONS_KEPT + 3 {
        now(node.react(None, post, "👍")).unwrap();
        assert_eq!(now(node.show(post)).unwrap().post.reactions["👍"], 1);
        now(node.unreact(None, post, "👍")).unwrap();
        assert!(now(node.show(post)).unwrap().post.reactions.is_empty());
        bob.clock.set_ms(bob.clock_ms() + 1_000);
    }
    for emoji in ["👍", "🎉", "🦀"] {
        now(node.react(None, post, emoji)).unwrap();
    }
    assert!(matches!(now(node.react(None, post, "🔥")), Err(Error::BadInput(_))));
    now(node.unreact(None, post, "🎉")).unwrap();
    now(node.react(None, post, "🔥")).unwrap();
    assert_eq!(now(node.show(post)).unwrap().post.mine.len(), 3);
}

#[test]
fn what_is_said_twice_at_once_is_written_once() {
    let bob = Bob::new();
    let me = now(bob.node.create_persona("Bob")).unwrap();
    let post = now(bob.node.post(PostDraft { text: "hm".to_owned(), ..PostDraft::default() })).unwrap();
    let draft = |kind, body| Draft { persona: me, scope: Scope::Posts, kind, refs: vec![post], body };
    let gate = bob.node.gate().unwrap();
    for (kind, body) in
        [(Kind::Repost, RepostBody { author: me }.encode([1; 16])), (Kind::Delete, DeleteBody {}.encode([1; 16]))]
    {
        // Both looked before either was written.
        let outcome = now(gate.author(vec![draft(kind, body.clone()), draft(kind, body)])).unwrap();
        assert_eq!((outcome.applied.len(), outcome.existing.clone()), (1, vec![outcome.applied[0].id]), "{kind:?}");
    }
}

#[test]
fn a_comment_waits_for_its_post_but_not_for_ever() {
    let mut cast = Cast::new();
    let bob = cast.bob();
    let open = cast.alice.log_open(Scope::Posts, Vec::new());
    let post = cast.alice.post("late");
    let target = id(&post);
    let early = cast.mallory.comment(target, target, NOW_S);
    let lost = cast.mallory.comment(EntryId::from_bytes([8; 32]), EntryId::from_bytes([8; 32]), NOW_S);
    let rows = || bob.number::<i64>("SELECT count(*) FROM entry");
    let before = rows();
    assert!(bob.take([early, lost]).refused.is_empty());
    assert_eq!((rows(), bob.number::<i64>("SELECT count(*) FROM waiting")), (before + 2, 2));
    bob.sweep(limits::WAITING_S - 1);
    assert_eq!(rows(), before + 2);
    bob.take([open, post]);
    assert_eq!(bob.comments(target), (1, 1));
    bob.sweep(limits::WAITING_S + 1);
    assert_eq!(rows(), before + 3, "what found its post stays, what waited in vain goes");
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM waiting"), 0);
}

#[test]
fn only_so_many_entries_wait_and_none_that_is_large() {
    let mut cast = Cast::new();
    let bob = cast.bob();
    let mallory = &mut cast.mallory;
    let entries = (0..limits::WAITING_ENTRIES + 20).map(|n| {
        let mut root = [0; 32];
        root[..8].copy_from_slice(&(n as u64 + 1).to_le_bytes());
        let root = EntryId::from_bytes(root);
        mallory.comment(root, root, NOW_S)
    });
    let entries: Vec<_> = entries.collect();
    let newest = id(entries.last().unwrap());
    entries.chunks(200).for_each(|some| drop(bob.take(some.to_vec())));
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM waiting") as usize, limits::WAITING_ENTRIES);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM comment") as usize, limits::WAITING_ENTRIES);
    assert!(now(bob.store.read(move |db| crate::resolve::known(db, newest))).is_ok());
    let nowhere = EntryId::from_bytes([8; 32]);
    let large = text(&"x".repeat(limits::PUSH_BODY_BYTES)).encode([4; 16]);
    let large = cast.mallory.entry(Kind::Comment, NOW_S, vec![nowhere, nowhere], large);
    assert_eq!(refusals(&bob.take([large])), [EntryError::Unwanted]);
}

#[test]
fn a_full_post_takes_only_from_whom_somebody_knows_and_is_not_compared() {
    let mut cast = Cast::new();
    let bob = cast.bob();
    let open = cast.alice.log_open(Scope::Posts, Vec::new());
    let (post, other) = (cast.alice.post("popular"), cast.alice.post("other"));
    let (target, other) = (id(&post), (id(&other), other));
    let key = SigningKey::from_bytes(&[77; 32]);
    bob.take([open, post, other.1]);
    bob.take([cast.mallory.comment(other.0, other.0, NOW_S)]);
    let without = bob.print(cast.alice.persona);
    bob.change("UPDATE post SET all_comments = 9998 WHERE entry_row = (SELECT min(entry_row) FROM post)");
    let one = cast.mallory.comment(target, target, NOW_S);
    let deletion = cast.mallory.delete(id(&one), NOW_S);
    bob.take([one]);
    assert_ne!(bob.print(cast.alice.persona), without);
    assert!(!now(bob.node.show(target)).unwrap().post.full);
    bob.take([cast.mallory.reaction(target, "👍", NOW_S), cast.carol.comment(target, target, NOW_S)]);
    assert!(now(bob.node.show(target)).unwrap().post.full);
    assert_eq!(bob.print(cast.alice.persona), without, "a full post is compared");
    // Strangers are too late, with reactions too.
    let late = [cast.mallory.comment(target, target, NOW_S), cast.mallory.reaction(target, "🎉", NOW_S)];
    assert!(matches!(refusals(&bob.take(late))[..], [EntryError::Full(_), EntryError::Full(_)]));
    // The author, holders of a key, and whom Bob follows are not; and who wrote may take it back.
    assert!(bob.take([cast.mallory.comment_with_key(target, &key)]).refused.len() == 1);
    let policy = cast.alice.policy(Some(target), Commenters::Keys(vec![public(&key)]), 1);
    let engagement = cast.alice.engagement();
    let own = cast.alice.comment(target, target, NOW_S);
    let outcome = bob.take([policy, engagement, own, cast.mallory.comment_with_key(target, &key), deletion]);
    assert!(outcome.refused.is_empty(), "{outcome:?}");
    now(bob.node.follow(None, &cast.carol.persona.to_string())).unwrap();
    assert!(bob.take([cast.carol.comment(target, target, NOW_S)]).refused.is_empty());
}

#[test]
fn policies_decide_for_old_and_new_and_nothing_is_lost() {
    let mut cast = Cast::new();
    let bob = cast.bob();
    let open = cast.alice.log_open(Scope::Posts, Vec::new());
    let post = cast.alice.post("who may?");
    let target = id(&post);
    let key = SigningKey::from_bytes(&[77; 32]);
    bob.take([open, post]);
    bob.take([cast.mallory.comment(target, target, NOW_S), cast.carol.comment_with_key(target, &key)]);
    let seen = |who: Commenters, counter, alice: &mut Alice| {
        assert!(bob.take([alice.policy(Some(target), who, counter)]).refused.is_empty());
        bob.comments(target)
    };
    assert_eq!(bob.comments(target), (2, 2));
    assert_eq!(seen(Commenters::Nobody, 1, &mut cast.alice), (0, 0));
    assert_eq!(now(bob.node.show(target)).unwrap().post.commenters, "nobody");
    // New ones are kept too, and the author may always comment.
    assert!(bob.take([cast.mallory.comment(target, target, NOW_S + 1)]).refused.is_empty());
    assert_eq!(seen(Commenters::Keys(vec![public(&key)]), 2, &mut cast.alice), (1, 1));
    assert_eq!(seen(Commenters::Keys(vec![public(&SigningKey::from_bytes(&[78; 32]))]), 3, &mut cast.alice), (0, 0));
    let place = cast.alice.next;
    let engagement = cast.alice.engagement();
    bob.take([engagement, cast.alice.comment(target, target, NOW_S)]);
    assert_eq!(bob.comments(target), (1, 1));
    cast.alice.next = place;
    assert_eq!(seen(Commenters::Everyone, 2, &mut cast.alice), (1, 1), "an older one decides");
    assert_eq!(seen(Commenters::Everyone, 4, &mut cast.alice), (4, 4));
    // A proof that was made for another place proves nothing, and its comment is refused whatever the policy is.
    let mut moved = cast.carol.comment_with_key(target, &key);
    let body = moved.0.body.take().unwrap();
    let moved = cast.carol.entry(Kind::Comment, NOW_S, vec![target, target], body);
    assert_eq!(refusals(&bob.take([moved])), [EntryError::Signature]);
}

#[test]
fn the_verbs_of_an_author_rule_over_what_stands_under_a_post() {
    let mut cast = Cast::new();
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let post = now(bob.node.post(PostDraft { text: "mine".to_owned(), ..PostDraft::default() })).unwrap();
    bob.take(cast.first.clone());
    let rude = cast.mallory.comment(post, post, NOW_S);
    let answer = cast.carol.comment(post, id(&rude), NOW_S);
    let target = id(&rude);
    bob.take([rude, answer]);
    assert_eq!(bob.comments(post), (2, 2));
    let hide = now(bob.node.hide(None, target)).unwrap();
    assert_eq!(now(bob.node.hide(None, target)).unwrap(), hide);
    let page = now(bob.node.show(post)).unwrap();
    assert_eq!((page.post.comments, page.thread.len()), (1, 1), "the answer stays");
    assert!(page.thread[0].author == cast.carol.persona);
    now(bob.node.unhide(None, target)).unwrap();
    assert_eq!(bob.comments(post), (2, 2));
    assert!(matches!(now(bob.node.unhide(None, target)), Err(Error::NotFound { .. })));
    now(bob.node.hide(None, target)).unwrap();
    assert_eq!(bob.comments(post), (1, 1));
    now(bob.node.set_policy(None, post, Commenters::Nobody)).unwrap();
    assert_eq!(bob.comments(post), (0, 0));
    now(bob.node.set_policy(None, post, Commenters::Everyone)).unwrap();
    assert_eq!(bob.comments(post), (1, 1));
    // Under others' posts, and over what is no comment, nobody rules.
    let open = cast.alice.log_open(Scope::Posts, Vec::new());
    let theirs = cast.alice.post("hers");
    let theirs_id = id(&theirs);
    now(bob.node.follow(None, &cast.alice.persona.to_string())).unwrap();
    let comment = cast.mallory.comment(theirs_id, theirs_id, NOW_S);
    let comment_id = id(&comment);
    bob.take([open, theirs, comment]);
    assert!(matches!(now(bob.node.hide(None, comment_id)), Err(Error::BadInput(_))));
    assert!(matches!(now(bob.node.hide(None, post)), Err(Error::BadInput(_))));
    assert!(matches!(now(bob.node.set_policy(None, theirs_id, Commenters::Nobody)), Err(Error::BadInput(_))));
}

#[test]
fn a_device_has_one_open_log_of_a_scope_whatever_came_first() {
    let mut alice = Alice::new(1);
    let first = alice.statements();
    let mut logs: Vec<Vec<Unverified<Entry>>> = Vec::new();
    for (number, ago) in [(10_u64, 30_u64), (11, 10), (12, 20)] {
        alice.new_log(number);
        let body = LogOpenBody { scope: Scope::Posts, prior_heads: Vec::new() }.encode([3; 16]);
        let open = alice.entry(Kind::LogOpen, NOW_S - ago, Vec::new(), body);
        logs.push(vec![open, alice.post(&format!("in {number}"))]);
    }
    // One that names the newest: it is open, though it claims to be older.
    let head = id(&logs[1][1]);
    alice.new_log(13);
    let body = LogOpenBody { scope: Scope::Posts, prior_heads: vec![head] }.encode([3; 16]);
    let naming = alice.entry(Kind::LogOpen, NOW_S - 15, Vec::new(), body);
    let open = "SELECT group_concat(log) FROM (SELECT log FROM log WHERE own = 0 AND closed = 0 ORDER BY log)";
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        let bob = Bob::following(&alice);
        bob.take(first.clone());
        for place in order {
            match logs.get(place) {
                Some(log) => log.iter().for_each(|entry| drop(bob.take([entry.clone()]))),
                None => drop(bob.take([naming.clone()])),
            }
        }
        assert_eq!(bob.number::<String>(open), "13", "{order:?}");
        assert_eq!(bob.feed().len(), 3, "closed logs still count as posts");
    }
}

mod reposts {
    use super::*;

    struct Stage {
        cast: Cast,
        bob: Bob,
        /// By Mallory, whom nobody follows.
        post: Unverified<Entry>,
        opens: Vec<Unverified<Entry>>,
    }

    /// Bob follows Alice and Carol.
    fn stage() -> Stage {
        let mut cast = Cast::new();
        let bob = cast.bob();
        now(bob.node.follow(None, &cast.carol.persona.to_string())).unwrap();
        for (by, number) in [&mut cast.alice, &mut cast.carol, &mut cast.mallory].into_iter().zip(200..) {
            by.new_log(number);
        }
        let mut opens: Vec<_> = [&mut cast.alice, &mut cast.carol, &mut cast.mallory]
            .into_iter()
            .map(|by| {
                let body = LogOpenBody { scope: Scope::Posts, prior_heads: Vec::new() }.encode([3; 16]);
                by.entry(Kind::LogOpen, NOW_S - 5_000, Vec::new(), body)
            })
            .collect();
        let post = cast.mallory.post_at("worth it", NOW_S - 1_000);
        let open = opens.pop().unwrap();
        bob.take(opens);
        Stage { cast, bob, post, opens: vec![open] }
    }

    #[test]
    fn a_reposted_post_is_wanted_and_stands_where_it_first_appeared() {
        let Stage { mut cast, bob, post, opens } = stage();
        let target = id(&post);
        assert_eq!(refusals(&bob.take([post.clone()])), [EntryError::Unwanted]);
        let by = cast.mallory.persona;
        bob.take([cast.alice.post_at("before", NOW_S - 90)]);
        bob.take([cast.carol.repost(target, by, NOW_S - 80), cast.alice.post_at("between", NOW_S - 70)]);
        bob.take([cast.alice.repost(target, by, NOW_S - 60)]);
        assert_eq!(bob.feed(), ["between", "before"]);
        assert!(bob.take(opens.into_iter().chain([post])).refused.is_empty());
        assert_eq!(bob.feed(), ["between", "worth it", "before"]);
        let page = now(bob.node.show(target)).unwrap().post;
        let by: Vec<_> = page.reposted_by.iter().map(|by| by.persona).collect();
        assert_eq!((page.reposts, by), (2, vec![cast.carol.persona, cast.alice.persona]));
        assert!(page.via.is_some());
        // Its header is kept too.
        let comment = cast.carol.engagement();
        assert!(bob.take([comment, cast.carol.comment(target, target, NOW_S)]).refused.is_empty());
        assert_eq!(bob.comments(target), (1, 1));
        // Pages go on after it.
        let after = FeedQuery { limit: 10, before: Some(target), ..FeedQuery::default() };
        assert_eq!(now(bob.node.feed(after)).unwrap()[0].text, "before");
        let mine = FeedQuery { limit: 10, author: Some(cast.alice.persona), ..FeedQuery::default() };
        let of_alice: Vec<_> = now(bob.node.feed(mine)).unwrap().into_iter().map(|post| post.text).collect();
        assert_eq!(of_alice, ["worth it", "between", "before"]);
        // Without Carol it stands where Alice carried it further; with its author followed, where that wrote it.
        now(bob.node.unfollow(None, cast.carol.persona)).unwrap();
        assert_eq!(bob.feed(), ["worth it", "between", "before"]);
        now(bob.node.follow(None, &cast.mallory.persona.to_string())).unwrap();
        assert_eq!(bob.feed(), ["between", "before", "worth it"]);
    }

    #[test]
    fn a_repost_that_is_taken_back_no_longer_counts_in_any_order() {
        for back_first in [false, true] {
            let Stage { mut cast, bob, post, opens } = stage();
            let target = id(&post);
            let repost = cast.alice.repost(target, cast.mallory.persona, NOW_S - 10);
            let mut both = vec![cast.alice.delete(id(&repost), NOW_S), repost];
            if !back_first {
                both.reverse();
            }
            let kept = cast.carol.repost(target, cast.mallory.persona, NOW_S - 5);
            bob.take([kept]);
            bob.take(opens.into_iter().chain([post]));
            bob.take(both);
            let page = now(bob.node.show(target)).unwrap().post;
            assert_eq!((page.reposts, page.reposted_by.len()), (1, 1));
            assert_eq!(bob.feed(), ["worth it"]);
        }
    }

    #[test]
    fn own_reposts_count_once_and_can_be_taken_back() {
        let Stage { cast, bob, post, opens } = stage();
        let target = id(&post);
        now(bob.node.follow(None, &cast.mallory.persona.to_string())).unwrap();
        bob.take(opens.into_iter().chain([post]));
        let repost = now(bob.node.repost(None, target)).unwrap();
        assert_eq!(now(bob.node.repost(None, target)).unwrap(), repost);
        let page = now(bob.node.show(target)).unwrap().post;
        assert!((page.reposts, page.reposted, bob.feed().len()) == (1, true, 1));
        now(bob.node.unrepost(None, target)).unwrap();
        assert!(!now(bob.node.show(target)).unwrap().post.reposted);
        assert!(matches!(now(bob.node.unrepost(None, target)), Err(Error::NotFound { .. })));
        // What is no post can't be reposted.
        let comment = now(bob.node.comment(None, target, "hm")).unwrap();
        assert!(matches!(now(bob.node.repost(None, comment)), Err(Error::BadInput(_))));
        // One whose author deletes it goes with all reposts.
        let again = now(bob.node.repost(None, target)).unwrap();
        assert_ne!(again, repost);
    }
}

#[test]
fn which_devices_count_does_not_depend_on_the_order() {
    let mut alice = Alice::new(1);
    let root = alice.root.clone();
    let keys: Vec<SigningKey> =
        (50..50 + limits::DEVICES as u8 + 4).map(|n| SigningKey::from_bytes(&[n; 32])).collect();
    let mut certs: Vec<Unverified<Entry>> = keys
        .iter()
        .map(|key| {
            let cert = DeviceCertBody { device: public(key), caps: 0, purpose: PURPOSE_DEVICE, not_after: 0 };
            let header = Header::statement(alice.persona, public(&root), Kind::DeviceCert, NOW_S);
            sign(&root, header, cert.encode([2; 16]))
        })
        .collect();
    let open = alice.statements().swap_remove(0);
    let mut told = Vec::new();
    for _ in 0..2 {
        let bob = Bob::following(&alice);
        bob.take([open.clone()]);
        assert!(bob.take(certs.clone()).refused.is_empty());
        let counts = |key: &SigningKey| {
            alice.device = key.clone();
            alice.next = Place::first(alice.persona, public(key), 9);
            bob.take([alice.log_open(Scope::Posts, Vec::new())]).refused.is_empty()
        };
        told.push(keys.iter().map(counts).collect::<Vec<bool>>());
        certs.reverse();
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0].iter().filter(|counts| **counts).count(), limits::DEVICES);
}

#[test]
fn a_post_that_is_full_at_one_of_two_nodes_fills_up_at_the_other() {
    let mut cast = Cast::new();
    let (full, other) = (cast.bob(), cast.bob());
    let open = cast.alice.log_open(Scope::Posts, Vec::new());
    let post = cast.alice.post("popular");
    let target = id(&post);
    let first = cast.mallory.comment(target, target, NOW_S - 1);
    let more: Vec<_> = (0..3).map(|_| cast.mallory.comment(target, target, NOW_S)).collect();
    full.take([open.clone(), post.clone(), first.clone()]);
    other.take([open, post, first]);
    full.take(more);
    full.change("UPDATE post SET full = 1");
    full.change("UPDATE header_entry SET of_row = -of_row");
    full.change("DELETE FROM header_sum");
    let of = cast.alice.persona;
    // What `asker` lacks, as `answerer` sees it.
    let lacks = |asker: &Bob, answerer: &Bob| {
        let asked = now(asker.store.read(move |db| sync::answer(db, Query::Headers(vec![(of, sync::Span::ALL)]))));
        let Answer::Headers(asked) = asked.unwrap() else { unreachable!("headers were asked for") };
        match now(answerer.store.read(move |db| sync::answer(db, Query::CompareHeaders(asked)))).unwrap() {
            Answer::Compared { cursor, .. } => match *cursor {
                sync::Cursor::Rows { rows, .. } => rows.len(),
                sync::Cursor::Logs { .. } => unreachable!("headers are rows"),
            },
            _ => unreachable!("a comparison was asked for"),
        }
    };
    assert_eq!(lacks(&other, &full), 3);
    // Two that are full do not exchange it.
    other.change("UPDATE post SET full = 1");
    other.change("UPDATE header_entry SET of_row = -of_row");
    other.change("DELETE FROM header_sum");
    assert_eq!(other.print(of), full.print(of));
}

#[test]
fn a_thousand_posts_without_headers_cost_next_to_nothing_to_compare() {
    let mut cast = Cast::new();
    let bob = cast.bob();
    let mut log = vec![cast.alice.log_open(Scope::Posts, Vec::new())];
    log.extend((0..1_000).map(|n| cast.alice.post(&format!("{n}"))));
    bob.take(log);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM header_entry"), 0);
    let plan = now(bob.store.read(|db| {
        let mut statement =
            db.prepare("EXPLAIN QUERY PLAN SELECT id FROM header_entry WHERE of_row = 1 ORDER BY time, id")?;
        let lines = statement.query_map([], |row| row.get::<_, String>(3))?.collect::<Result<Vec<_>, _>>()?;
        Ok(lines.join("; "))
    }))
    .unwrap();
    assert!(plan.contains("SEARCH") && !plan.contains("TEMP B-TREE"), "{plan}");
}
