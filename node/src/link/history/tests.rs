//! Messages of before, between two devices: for whom, and over a connection that ends anywhere.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use futures_util::FutureExt;
use tokio::io::duplex;

use super::*;
use crate::clock::ManualClock;
use crate::entry::{DeviceRevokeBody, Header, Kind, sign};
use crate::gate::Origin;
use crate::host::{MemoryKeystore, SystemEntropy};
use crate::id::NodeId;
use crate::limits::HISTORY_PAGE_MESSAGES;
use crate::link::cut::pass;
use crate::store::Store;
use crate::thread::MessageDraft;

fn done<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    work.now_or_never().unwrap()
}

#[test]
fn messages_go_to_a_device_for_as_long_as_the_root_certifies_it() {
    let clock = Arc::new(ManualClock::at_ms(1_800_000_000_000));
    let keys = Arc::new(MemoryKeystore::default());
    let node = Node::simulated(false, Store::in_memory().unwrap(), keys, clock, Arc::new(SystemEntropy)).unwrap();
    let persona = done(node.create_persona("Alice")).unwrap();
    let device = DeviceKey::from_bytes(SigningKey::from_bytes(&[3; 32]).verifying_key().to_bytes());
    let kept = Kept::new([5; 32], 0);
    let goes = || {
        let row = done(find(&node, [5; 16])).unwrap().unwrap();
        done(node.inner().store.read(move |db| shared(db, &row.with))).unwrap()
    };
    for _again in 0..2 {
        done(kept.keep_to_give(&node, (persona, device))).unwrap();
    }
    assert_eq!(done(find(&node, [5; 16])).unwrap().unwrap().with, [(persona, device)]);
    assert!(goes().is_empty(), "nobody heard of it yet");
    done(node.certify_device(persona, device, false)).unwrap();
    assert_eq!(goes(), [persona]);
    let root = done(node.root_of(persona)).unwrap();
    let signer = DeviceKey::from_bytes(root.verifying_key().to_bytes());
    let header = Header::statement(persona, signer, Kind::DeviceRevoke, 1_800_000_000);
    let revoked = sign(&root, header, DeviceRevokeBody { device, heads: Vec::new() }.encode([5; 16]));
    done(node.inner().gate().unwrap().submit(Origin::Own, vec![revoked])).unwrap();
    assert!(goes().is_empty(), "the root took it out");
}

const ID: [u8; 16] = [5; 16];

/// A laptop with so many messages, and what a phone has in its database that was linked and has none of them.
struct Linked {
    laptop: Node,
    phone: Store,
    keys: Arc<MemoryKeystore>,
}

impl Linked {
    fn with(messages: usize) -> Self {
        let (phone, keys) = (Store::in_memory().unwrap(), Arc::default());
        let laptop = node(Store::in_memory().unwrap(), &Arc::default());
        let getter = node(phone.clone(), &keys);
        let alice = done(laptop.create_persona("Alice")).unwrap();
        for number in 0..messages {
            let draft = MessageDraft { text: format!("note {number}"), ..MessageDraft::default() };
            done(laptop.dm(None, vec![alice], draft)).unwrap();
        }
        let device = getter.draw_device().unwrap();
        let public = |key: &SigningKey| DeviceKey::from_bytes(key.verifying_key().to_bytes());
        let (new, old) = (public(&device), public(&laptop.inner().keyring().get(alice).unwrap().device));
        let kept = Kept::new([5; 32], 0);
        done(kept.keep_to_give(&laptop, (alice, new))).unwrap();
        let share = done(laptop.certify_device(alice, new, false)).unwrap();
        done(getter.adopt_persona(device, share, "")).unwrap();
        let nowhere = Ticket { node: NodeId::from_bytes([1; 32]), addrs: Vec::new() };
        done(kept.keep_to_get(&getter, &[(alice, old)], &nowhere)).unwrap();
        Self { laptop, phone, keys }
    }

    /// The phone, right after it was linked.
    fn phone(&self) -> Node {
        node(self.phone.copy().unwrap(), &self.keys)
    }
}

fn node(store: Store, keys: &Arc<MemoryKeystore>) -> Node {
    let (keys, clock) = (Arc::clone(keys), Arc::new(ManualClock::at_ms(1_800_000_000_000)));
    Node::simulated(true, store, keys, clock, Arc::new(SystemEntropy)).unwrap()
}

/// What stands there, in order.
fn messages(node: &Node) -> Vec<String> {
    let all = node.inner().store.read(|db| {
        let mut statement =
            db.prepare("SELECT hex(id) || hex(body) || order_ms FROM message ORDER BY order_ms, row")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    });
    done(all).unwrap()
}

/// One connection of which so many bytes pass: whether the phone has all, and how many did.
async fn connection(laptop: &Node, phone: &Node, most: usize) -> (bool, usize) {
    let exported = [9; 32];
    let ((mut far, far_end), (mut near, near_end)) = (duplex(4_096), duplex(4_096));
    let row = find(phone, ID).await.unwrap().unwrap();
    let pairing = Pairing::new(&row.secret, &exported);
    let gets = async {
        let place = (ID, row.after, row.turns);
        let taken = take(phone, place, Arc::new(row.with), (&pairing, &mut near)).await;
        drop(near);
        taken.is_ok()
    };
    let gives = async {
        if let Some(Frame::Fetch(fetch)) = read(&mut far).await {
            give(laptop, &exported, &mut far, fetch).await;
        }
        drop(far);
    };
    let (whole, (), passed) = tokio::join!(gets, gives, pass(far_end, near_end, most));
    (whole, passed)
}

/// How far a phone came, and how often it had all.
async fn stands(phone: &Node) -> (u64, usize) {
    find(phone, ID).await.unwrap().map(|row| (row.after, row.turns)).unwrap()
}

/// Whatever byte is the last one, nothing of a page is there before all of it is, and the next connection finishes.
#[tokio::test]
async fn after_a_cut_at_any_byte_the_next_connection_brings_all() {
    let linked = Linked::with(5);
    let (laptop, wanted) = (&linked.laptop, messages(&linked.laptop));
    assert_eq!(wanted.len(), 5);
    let mut phone = linked.phone();
    let (whole, bytes) = connection(laptop, &phone, usize::MAX).await;
    assert!(whole && bytes > 600 && messages(&phone) == wanted);
    assert!(connection(laptop, &phone, usize::MAX).await.1 < bytes / 2, "what came does not come again");
    phone = linked.phone();
    let (mut none, mut all) = (0, 0);
    for most in 0..bytes {
        connection(laptop, &phone, most).await;
        let found = messages(&phone);
        if found.is_empty() {
            assert_eq!(stands(&phone).await, (0, 0), "cut at {most}");
            none += 1;
        } else {
            // Only that the laptop hears of it was cut.
            assert_eq!((found, stands(&phone).await.1), (wanted.clone(), 1), "cut at {most}");
            phone = linked.phone();
            all += 1;
        }
    }
    assert!(none > 600 && (1..20).contains(&all), "{none}, {all}");
    // All those cuts left nothing that is in the way.
    for most in [none - 1, usize::MAX] {
        connection(laptop, &phone, most).await;
    }
    assert_eq!(messages(&phone), wanted);
}

#[tokio::test]
async fn what_was_cut_goes_on_behind_the_last_page_that_came() {
    let linked = Linked::with(HISTORY_PAGE_MESSAGES * 2 + 50);
    let (laptop, wanted) = (&linked.laptop, messages(&linked.laptop));
    let whole = connection(laptop, &linked.phone(), usize::MAX).await.1;
    let mut pages = BTreeSet::new();
    for most in (0..whole).step_by(whole / 40) {
        let phone = linked.phone();
        assert!(!connection(laptop, &phone, most).await.0, "cut at {most}");
        let found = messages(&phone);
        assert!(wanted.starts_with(&found) && found.len().is_multiple_of(HISTORY_PAGE_MESSAGES), "cut at {most}");
        pages.insert(found.len() / HISTORY_PAGE_MESSAGES);
        let (rest_came, rest) = connection(laptop, &phone, usize::MAX).await;
        assert!(rest_came && messages(&phone) == wanted, "cut at {most}");
        let left = wanted.len() - found.len();
        assert!(rest < whole * (left + 20) / wanted.len(), "cut at {most}: {rest} of {whole} for {left}");
    }
    assert_eq!(pages, BTreeSet::from([0, 1, 2]));
}

/// Who has neither the secret nor this connection gets nothing.
#[tokio::test]
async fn a_request_without_its_proof_is_not_answered() {
    let linked = Linked::with(1);
    let exported = [9; 32];
    let row = find(&linked.phone(), ID).await.unwrap().unwrap();
    for (secret, other, after, answered) in [
        (*row.secret, exported, 0, true),
        ([0; 16], exported, 0, false),
        (*row.secret, [8; 32], 0, false),
        (*row.secret, exported, 1, false),
    ] {
        let proof = Pairing::new(&secret, &other).proof(Side::Accepts, &asked(0));
        let (mut far, mut near) = duplex(64 * 1_024);
        let served = async {
            let served = give(&linked.laptop, &exported, &mut far, Fetch { id: ID, after, proof }).await;
            drop(far);
            served
        };
        let (_, page) = tokio::join!(served, async {
            let page = read(&mut near).await;
            drop(near);
            page
        });
        assert_eq!(matches!(page, Some(Frame::Page(_))), answered);
    }
}
