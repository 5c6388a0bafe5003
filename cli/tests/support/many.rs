//! A profile with many posts: written by the node's own verbs, many in one transaction, while it does not run.
#![allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]

use kith_node::entry::{Kind, PostBody, Scope};
use kith_node::gate::Draft;
use kith_node::lock::Holder;
use kith_node::view::Role;
use kith_node::{Config, NetworkMode, Node};
use kith_platform::keystore::{Choice, Passphrase, open_keystore};

use super::profile::{PASSPHRASE, Profile};

/// Entries of one transaction.
const BATCH: usize = 500;

/// Posts with these texts, the oldest first.
pub fn write_posts(profile: &Profile, count: usize, text: impl Fn(usize) -> String + Send + 'static) {
    let persona = profile.persona().parse().unwrap();
    on(profile, move |node| async move {
        let gate = node.gate().unwrap();
        for from in (0..count).step_by(BATCH) {
            let draft = |n: usize| {
                let mut salt = [0; 16];
                salt.iter_mut().zip(n.to_le_bytes()).for_each(|(byte, part)| *byte = part);
                let body = PostBody { text: text(n), ..PostBody::default() }.encode(salt);
                Draft { persona, scope: Scope::Posts, kind: Kind::Post, refs: Vec::new(), body }
            };
            gate.author((from..count.min(from + BATCH)).map(draft).collect()).await.unwrap();
        }
        gate.release().await.unwrap();
    });
}

/// Does something with the opened profile and closes it. On a thread of its own: opening blocks.
fn on<F: Future<Output = ()>>(profile: &Profile, act: impl FnOnce(Node) -> F + Send + 'static) {
    let folder = profile.folder();
    let work = move || {
        let keystore = open_keystore(&folder, Choice::File(Some(Passphrase::from(PASSPHRASE.to_owned()))));
        let config = Config {
            profile: folder,
            create: false,
            holder: Holder::Command,
            role: Role::Desktop,
            listen: None,
            network: NetworkMode::Offline,
            lock_wait_ms: 0,
        };
        let node = Node::open(config, keystore).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            act(node.clone()).await;
            node.shutdown().await;
        });
    };
    std::thread::spawn(work).join().unwrap();
}
