//! Who else holds what was written here. What is known of it never leaves this node (DESIGN §5.1.5); surfaces are told a
//! number alone, and only of own posts.

use rusqlite::{Connection, params};

use crate::error::Result;
use crate::id::EntryId;
use crate::limits::HOLDER_SEEN_MS;
use crate::view::PostView;

/// How many other nodes hold this post, as far as is known: those seen with it within `HOLDER_SEEN_MS`, at most
/// `FILE_HOLDERS` of whom are remembered, and those whose copy of its author equalled ours since it was written.
pub(crate) fn count(db: &Connection, post: EntryId, now_ms: u64) -> Result<u32> {
    let since_ms = now_ms.saturating_sub(HOLDER_SEEN_MS).cast_signed();
    Ok(db
        .prepare_cached(
            "SELECT count(*) FROM (SELECT node FROM file_holder WHERE file = ?1 AND seen_ms >= ?2
             UNION SELECT h.node FROM entry AS e JOIN author_holder AS h ON h.author_row = e.author_row
             WHERE e.prefix = substr(?1, 1, 8) AND e.id = ?1 AND h.seen_ms >= ?2 AND h.seen_ms > e.rank * 1000)",
        )?
        .query_row(params![post, since_ms], |row| row.get(0))?)
}

/// Tells of own posts that have left this device how many hold them.
pub(crate) fn tell(db: &Connection, posts: &mut [PostView], now_ms: u64) -> Result<()> {
    for post in posts.iter_mut().filter(|post| post.own && !post.deleted) {
        post.held_by = Some(if post.waiting { 0 } else { count(db, post.id, now_ms)? });
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::*;
    use crate::clock::ManualClock;
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::id::NodeId;
    use crate::node::{FeedQuery, Node, PostDraft};
    use crate::store::{Durability, Store};

    const NOW_MS: u64 = 1_800_000_000_000;

    fn now<T>(future: impl Future<Output = T>) -> T {
        future.now_or_never().expect("a simulated node answers at once")
    }

    #[test]
    fn own_posts_tell_how_many_hold_them_and_others_do_not() {
        let (store, clock) = (Store::in_memory().unwrap(), Arc::new(ManualClock::at_ms(NOW_MS)));
        let keystore = Arc::new(MemoryKeystore::default());
        let node = Node::simulated(false, store.clone(), keystore, clock, Arc::new(SystemEntropy)).unwrap();
        now(node.create_persona("Alice")).unwrap();
        let post = now(node.post(PostDraft { text: "hello".to_owned(), ..PostDraft::default() })).unwrap();
        let held = |seen: &[u64]| {
            let seen = seen.to_vec();
            let write = store.write(Durability::Normal, move |tx| {
                tx.execute("DELETE FROM file_holder", [])?;
                for (n, seen_ms) in seen.into_iter().enumerate() {
                    let peer = NodeId::from_bytes([u8::try_from(n).unwrap_or_default(); 32]);
                    crate::sync::holds(tx, peer, &[post], crate::sync::Direction::Out, seen_ms)?;
                }
                Ok(())
            });
            now(write).unwrap();
            let feed = now(node.feed(FeedQuery { limit: 1, ..FeedQuery::default() })).unwrap();
            let shown = now(node.show(post)).unwrap().post.held_by;
            assert_eq!(feed.first().unwrap().held_by, shown);
            shown
        };
        assert_eq!(held(&[NOW_MS]), Some(0), "it has not left");
        now(node.gate().unwrap().release()).unwrap();
        assert_eq!(held(&[]), Some(0));
        assert_eq!(held(&[NOW_MS, NOW_MS - 1, NOW_MS - HOLDER_SEEN_MS]), Some(3));
        assert_eq!(held(&[NOW_MS, NOW_MS - HOLDER_SEEN_MS - 1]), Some(1));
        let json = serde_json::to_value(now(node.show(post)).unwrap()).unwrap();
        assert_eq!(json.get("held_by"), Some(&serde_json::json!(1)));
        // Of others' posts nothing is told.
        let own = store.write(Durability::Normal, |tx| Ok(tx.execute("UPDATE author SET own = 0", [])?));
        now(own).unwrap();
        assert_eq!(now(node.show(post)).unwrap().post.held_by, None);
    }
}
