//! Restoring that comes to nothing, and profiles that were made for it.

use super::compartments::{Dying, keystore, until};
use super::*;
use crate::crypto::Phrase;
use crate::id::{NodeId, PersonaId};
use crate::keyring::OwnKeys;
use crate::net::Ticket;
use crate::restore::Restore;

async fn anchors(node: &Node) -> usize {
    node.anchors().await.unwrap().len()
}

#[tokio::test]
async fn anchors_of_a_restore_that_failed_or_was_ended_are_none() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path(), LOOPBACK);
    node.start().await.unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes();
    let ticket = Ticket::new(NodeId::from_bytes(key), "127.0.0.1:1".parse().ok()).to_string();
    let phrase = Phrase::draw().unwrap();
    let asked = |anchors| Restore { anchors, ..Restore::default() };
    let refused = node.restore(&phrase, asked(vec![ticket.clone(), "no ticket".to_owned()])).await.unwrap_err();
    assert!(matches!(refused, Error::BadInput(_)), "{refused:?}");
    assert_eq!(anchors(&node).await, 0, "after an error of the second one");
    tokio::select! {
        done = node.restore(&phrase, asked(vec![ticket])) => panic!("nobody answers: {done:?}"),
        () = until("the anchor", &node, || async { anchors(&node).await == 1 }) => {}
    }
    until("nothing of it", &node, || async { anchors(&node).await == 0 }).await;
    node.shutdown().await;
}

/// A profile in which a persona was to be, and is not.
fn made(profile: &Path, keys: Arc<dyn Keystore>) -> Node {
    let node = Node::open(config(profile, LOOPBACK), keys).unwrap();
    node.network_id().unwrap();
    node.phrase().unwrap();
    let key = |seed| ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    let keys = OwnKeys { device: key(7), root: Some(key(8)) };
    let inner = node.inner();
    inner.keyring().add(&*inner.keystore, &inner.tag, PersonaId::from_bytes([5; 32]), keys).unwrap();
    node
}

#[tokio::test]
async fn a_profile_that_is_discarded_is_gone_or_does_not_stand_in_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let profile = dir.path().join("profile");
    let left = || std::fs::read_dir(dir.path()).unwrap().count();
    for cut in 0.. {
        let keys = keystore();
        let dying = Arc::new(Dying { keys: Arc::clone(&keys), left: usize::MAX.into() });
        let node = made(&profile, Arc::<Dying>::clone(&dying));
        let (tag, before) = (node.inner().tag.clone(), left());
        dying.left.store(cut, Ordering::SeqCst);
        let done = node.discard().await;
        assert!(!profile.exists(), "another process may begin anew there");
        assert!(matches!(reopened(&profile, Arc::clone(&keys)), Err(Error::NoProfile)));
        if done.is_ok_and(|gone| gone) {
            let persona = PersonaId::from_bytes([5; 32]);
            let secrets = ["db", "network/0", "run", "phrase"].map(str::to_owned).into_iter();
            let all = secrets.chain(["root", "device"].map(|what| format!("persona/{persona}/{what}")));
            for secret in all {
                assert!(keys.get(&format!("{tag}/{secret}")).unwrap().is_none(), "{secret}");
            }
            assert_eq!(left(), before - 1);
            assert!(cut > 6);
            break;
        }
        assert_eq!(left(), before, "its folder goes after its keys");
        let node = made(&profile, keys);
        assert!(node.discard().await.unwrap());
    }
    // Who is in it stays.
    let node = opened(&profile, LOOPBACK);
    node.create_persona("Alice").await.unwrap();
    assert!(!node.discard().await.unwrap() && profile.exists());
}
