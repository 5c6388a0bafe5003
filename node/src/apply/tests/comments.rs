//! What is said about posts to circles against what peers and members can send, in any order.

use ed25519_dalek::Signer;
use proptest::prelude::*;

use super::circles::{DAY, key, member};
use super::*;
use crate::crypto::{Envelope, EpochKey, Purpose};
use crate::entry::{Proof, Run, Said, SealedBlob, SealedBody};
use crate::id::BlobHash;
use crate::limits;

const COMMENT: [u8; 32] = [0x77; 32];

/// A post to Alice's circle, which may be commented on with [`COMMENT`].
fn post(alice: &mut Alice) -> Unverified<Entry> {
    alice.sealed("a post", |_, body, _| body.comment_key = Some(public(&SigningKey::from_bytes(&COMMENT))))
}

/// What somebody says about a post: all that its writer decides on.
#[derive(Clone)]
struct Saying {
    once: u8,
    post: EntryId,
    kind: Kind,
    target: EntryId,
    body: Vec<u8>,
    epoch: EpochKey,
    comment: Option<[u8; 32]>,
    /// Who it says wrote it.
    statements: Vec<u8>,
    persona: PersonaId,
    device: SigningKey,
    outside: fn(&mut SealedBody),
    inside: fn(&mut Said),
}

fn saying(who: &Alice, post: EntryId, kind: Kind, target: EntryId, body: Vec<u8>) -> Saying {
    let mut statements = Vec::new();
    for entry in who.statements() {
        Run::from_entries(&[entry.0]).iter().for_each(|run| run.encode(&mut statements));
    }
    let (persona, device) = (who.persona, who.device.clone());
    let (epoch, comment) = (key(), Some(COMMENT));
    Saying {
        once: 0,
        post,
        kind,
        target,
        body,
        epoch,
        comment,
        statements,
        persona,
        device,
        outside: |_| (),
        inside: |_| (),
    }
}

fn text(text: &str) -> Vec<u8> {
    PostBody { text: text.to_owned(), ..PostBody::default() }.encode([4; 16])
}

fn comment(who: &Alice, post: EntryId, words: &str) -> Saying {
    saying(who, post, Kind::Comment, post, text(words))
}

impl Saying {
    fn nth(self, once: u8) -> Self {
        Self { once, ..self }
    }

    fn entry(&self) -> Unverified<Entry> {
        let once = SigningKey::from_bytes(&[self.once.wrapping_add(128); 32]);
        let day = u32::try_from(DAY / limits::DAY_S).unwrap();
        let header = Header::one_time(public(&once), day, vec![self.post]);
        let said = Said {
            persona: self.persona,
            device: public(&self.device),
            statements: self.statements.clone(),
            time: NOW_S - 60,
            kind: self.kind,
            target: self.target,
            body: self.body.clone().into(),
            signature: [0; 64],
        };
        let mut said = said.signed(&self.device, &header);
        (self.inside)(&mut said);
        let (salt, outside) = ([self.once; 16], header.outside(Purpose::Comment, 0, u16::MAX));
        let slot = (self.epoch.tag(&outside, &salt), self.epoch.slot_key(&outside, &salt));
        let envelope = Envelope::seal(&said.encode(), &[slot], &outside, &SystemEntropy).unwrap();
        let proof = self.comment.map(|secret| {
            let key = SigningKey::from_bytes(&secret);
            Proof { signature: key.sign(&Proof::message(&header)).to_bytes(), key: public(&key) }
        });
        let expires_day = u16::MAX;
        let mut body =
            SealedBody { route: 0, proof, expires_day, envelope, blobs: Vec::new(), work: 0, comment_key: None };
        (self.outside)(&mut body);
        sign(&once, header, body.encode(salt))
    }
}

/// Comments that are shown, by their texts, and the reactions to the post.
fn shown(bob: &Bob, post: EntryId) -> (Vec<String>, Vec<String>) {
    let page = now(bob.node.show(post)).unwrap();
    let texts = page.thread.iter().filter(|comment| !comment.deleted).map(|comment| comment.text.clone());
    (texts.collect(), page.post.reactions.keys().cloned().collect())
}

#[test]
fn only_who_can_read_the_post_adds_to_its_header() {
    let mut alice = Alice::new(1);
    let (bob, carol) = (member(&mut alice), Alice::new(2));
    let at = post(&mut alice);
    let id = at.0.id();
    let early = comment(&carol, id, "before its post").entry();
    assert_eq!(refusals(&bob.take([early.clone()])), [EntryError::Unwanted]);
    bob.take([at]);
    let good = comment(&carol, id, "hello");
    let cases: [(&str, Saying, EntryError); 7] = [
        ("no proof", Saying { comment: None, ..good.clone() }, EntryError::Target),
        ("by another key", Saying { comment: Some([0x78; 32]), ..good.clone() }, EntryError::Target),
        ("about nothing", Saying { post: EntryId::from_bytes([9; 32]), ..good.clone() }, EntryError::Unwanted),
        ("with a route", Saying { outside: |body| body.route = 1, ..good.clone() }, EntryError::Target),
        ("that expires", Saying { outside: |body| body.expires_day = 30_000, ..good.clone() }, EntryError::Target),
        (
            "with files",
            Saying {
                outside: |body| {
                    body.blobs = vec![SealedBlob { hash: BlobHash::ZERO, padded_size: crate::crypto::sealed_size(1) }]
                },
                ..good.clone()
            },
            EntryError::Target,
        ),
        (
            "a proof for another entry",
            Saying { outside: |body| body.proof.as_mut().unwrap().signature[0] ^= 1, ..good.clone() },
            EntryError::Signature,
        ),
    ];
    for (n, (what, saying, error)) in cases.into_iter().enumerate() {
        let entry = saying.nth(u8::try_from(n).unwrap() + 1).entry();
        assert_eq!(refusals(&bob.take([entry])), [error], "{what}");
    }
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM header_entry WHERE of_row > 0 AND about <> zeroblob(32)"), 0);
    assert_eq!(bob.take([early]).applied.len(), 1);
    assert_eq!(shown(&bob, id).0, ["before its post"]);
    // In the open nothing is said about it.
    let mut carol = carol;
    let mut open = carol.statements();
    open.push(carol.log_open(Scope::Engagement, Vec::new()));
    open.push(carol.entry(Kind::Comment, NOW_S, vec![id, id], text("in the open")));
    open.push(carol.entry(Kind::Reaction, NOW_S, vec![id], ReactionBody { emoji: "👍".to_owned() }.encode([1; 16])));
    bob.take(open);
    assert_eq!(shown(&bob, id), (vec!["before its post".to_owned()], Vec::new()));
}

#[test]
fn what_a_member_forges_stands_in_the_set_and_says_nothing() {
    let mut alice = Alice::new(1);
    let (bob, carol, mallory) = (member(&mut alice), Alice::new(2), Alice::new(3));
    let (at, other) = (post(&mut alice), post(&mut alice));
    let id = at.0.id();
    let elsewhere = comment(&carol, other.0.id(), "elsewhere").nth(100);
    bob.take([at, other.clone()]);
    let good = comment(&carol, id, "hello");
    let forged: [(&str, Saying); 8] = [
        ("as somebody else", Saying { persona: alice.persona, ..good.clone() }),
        ("with another's device", Saying { device: mallory.device.clone(), ..good.clone() }),
        ("of nobody known", Saying { statements: Vec::new(), ..good.clone() }),
        ("changed after it was signed", Saying { inside: |said| said.time += 1, ..good.clone() }),
        ("sealed with another key", Saying { epoch: EpochKey::from_bytes([1; 32]), ..good.clone() }),
        ("another's edit", saying(&carol, id, Kind::Edit, id, EditBody::default().encode([1; 16]))),
        ("another's deletion", saying(&carol, id, Kind::Delete, id, DeleteBody {}.encode([1; 16]))),
        (
            "a reaction to a comment elsewhere",
            saying(&carol, id, Kind::Reaction, elsewhere.entry().0.id(), {
                ReactionBody { emoji: "👍".to_owned() }.encode([1; 16])
            }),
        ),
    ];
    assert_eq!(bob.take([elsewhere.entry()]).applied.len(), 1);
    for (n, (what, saying)) in forged.into_iter().enumerate() {
        let outcome = bob.take([saying.nth(u8::try_from(n).unwrap() + 1).entry()]);
        assert_eq!((outcome.applied.len(), outcome.refused.len()), (1, 0), "{what}");
        assert_eq!(shown(&bob, id), (Vec::new(), Vec::new()), "{what}");
    }
    let (texts, _) = shown(&bob, other.0.id());
    assert_eq!(texts, ["elsewhere"]);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM reaction WHERE shown = 1"), 0);
    // Another's comment, edited and deleted by somebody else: nothing happens.
    bob.take([good.clone().nth(50).entry()]);
    let hello = good.nth(50).entry().0.id();
    let edit = EditBody { post: PostBody { text: "bye".to_owned(), ..PostBody::default() }, counter: 9 };
    bob.take([saying(&mallory, id, Kind::Edit, hello, edit.encode([1; 16])).nth(51).entry()]);
    bob.take([saying(&mallory, id, Kind::Delete, hello, DeleteBody {}.encode([1; 16])).nth(52).entry()]);
    assert_eq!(shown(&bob, id).0, ["hello"]);
}

/// A thread with answers, edits, reactions and deletions, in the order in which it was written.
fn thread(alice: &Alice, carol: &Alice, dave: &Alice, id: EntryId) -> Vec<Unverified<Entry>> {
    let emoji = |emoji: &str| ReactionBody { emoji: emoji.to_owned() }.encode([1; 16]);
    let edit = |text: &str, counter| {
        EditBody { post: PostBody { text: text.to_owned(), ..PostBody::default() }, counter }.encode([1; 16])
    };
    let gone = || DeleteBody {}.encode([1; 16]);
    let mut made: Vec<Unverified<Entry>> = Vec::new();
    let mut put = |saying: Saying| {
        let entry = saying.nth(u8::try_from(made.len()).unwrap()).entry();
        made.push(entry.clone());
        entry.0.id()
    };
    let one = put(comment(carol, id, "one"));
    let two = put(saying(dave, id, Kind::Comment, one, text("two")));
    let three = put(saying(alice, id, Kind::Comment, two, text("three")));
    put(saying(carol, id, Kind::Edit, one, edit("uno", 1)));
    put(saying(carol, id, Kind::Edit, one, edit("eins", 2)));
    let thumb = put(saying(dave, id, Kind::Reaction, id, emoji("👍")));
    put(saying(carol, id, Kind::Reaction, three, emoji("🎈")));
    put(saying(dave, id, Kind::Edit, two, edit("gone", 1)));
    put(saying(dave, id, Kind::Delete, two, gone()));
    put(saying(dave, id, Kind::Delete, thumb, gone()));
    put(saying(alice, id, Kind::Reaction, id, emoji("👍")));
    made
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_thread_is_the_same_in_whatever_order_it_comes(order in Just((0..11_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let mut alice = Alice::new(1);
        let (bob, carol, dave) = (member(&mut alice), Alice::new(2), Alice::new(3));
        let at = post(&mut alice);
        let id = at.0.id();
        bob.take([at]);
        let made = thread(&alice, &carol, &dave, id);
        prop_assert_eq!(made.len(), order.len());
        for at in order {
            prop_assert_eq!(bob.take([made[at].clone()]).applied.len(), 1);
        }
        prop_assert_eq!(shown(&bob, id), (vec!["eins".to_owned(), "three".to_owned()], vec!["👍".to_owned()]));
        let page = now(bob.node.show(id)).unwrap();
        prop_assert_eq!((page.post.comments, page.post.reactions["👍"]), (2, 1));
        let three = page.thread.iter().find(|comment| comment.text == "three").unwrap();
        prop_assert_eq!(three.reactions.get("🎈"), Some(&1));
        // What was taken back is erased, also where it came after that.
        let kept = bob.number::<i64>("SELECT count(*) FROM opened WHERE instr(body, CAST('two' AS BLOB)) + instr(body, CAST('gone' AS BLOB)) > 0");
        prop_assert_eq!(kept, 0);
    }
}

#[test]
fn one_member_has_the_limits_of_entries_in_the_open() {
    let mut alice = Alice::new(1);
    let (bob, carol) = (member(&mut alice), Alice::new(2));
    let at = post(&mut alice);
    let id = at.0.id();
    bob.take([at.clone()]);
    let many = limits::COMMENTS_PER_PERSONA + 6;
    let mut entries: Vec<_> =
        (0..many).map(|n| comment(&carol, id, &format!("{n}")).nth(u8::try_from(n).unwrap()).entry()).collect();
    for entry in &entries {
        assert_eq!(bob.take([entry.clone()]).applied.len(), 1);
    }
    let texts = |bob: &Bob| {
        let mut texts = shown(bob, id).0;
        texts.sort();
        texts
    };
    let first = texts(&bob);
    assert_eq!(first.len(), limits::COMMENTS_PER_PERSONA);
    // The same ones, whatever came first.
    let mut alice = Alice::new(1);
    let other = member(&mut alice);
    other.take([at]);
    entries.reverse();
    other.take(entries);
    assert_eq!(texts(&other), first);
}

#[test]
fn what_is_said_below_a_sealed_post_has_an_end_in_bytes() {
    let mut alice = Alice::new(1);
    let (bob, carol) = (member(&mut alice), Alice::new(2));
    let (at, other) = (post(&mut alice), post(&mut alice));
    let (id, second) = (at.0.id(), other.0.id());
    bob.take([at, other]);
    let taken = |nth: u8, of: EntryId| {
        let outcome = bob.take([comment(&carol, of, "hello").nth(nth).entry()]);
        outcome.applied.len()
    };
    assert_eq!((taken(1, id), taken(2, id)), (1, 1));
    let counted =
        "SELECT sum(sealed_bytes) - (SELECT sum(300 + length(body)) FROM entry WHERE kind = 17 AND log_row = 0
                   AND refs <> x'') FROM post";
    assert_eq!(bob.number::<i64>(counted), 0, "what is counted is what is there");
    let almost = format!("UPDATE post SET sealed_bytes = {} WHERE all_comments > 0", limits::SEALED_BYTES_PER_POST - 1);
    now(bob.store.write(crate::store::Durability::Normal, move |tx| Ok(tx.execute_batch(&almost)?))).unwrap();
    assert_eq!(taken(3, id), 1, "the last one");
    let full = bob.take([comment(&carol, id, "hello").nth(4).entry()]);
    assert_eq!(refusals(&full), [EntryError::Full("comments or reactions of this post")]);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM header_entry WHERE of_row < 0"), 3, "it is compared no more");
    assert_eq!(taken(5, second), 1, "another post has its own");
}
