//! Who else holds what was written here. What is known of it never leaves this node (DESIGN §5.1.5); surfaces are told a
//! number alone, and only of own posts.

use rusqlite::{Connection, params};

use crate::error::Result;
use crate::id::EntryId;
use crate::limits::HOLDER_SEEN_MS;
use crate::view::PostView;

/// How many other nodes hold this post, as far as is known: those seen with it within `HOLDER_SEEN_MS`, at most
/// `FILE_HOLDERS` of whom are remembered.
pub(crate) fn count(db: &Connection, post: EntryId, now_ms: u64) -> Result<u32> {
    let since_ms = now_ms.saturating_sub(HOLDER_SEEN_MS).cast_signed();
    // A union, so that another table of those who hold the author's posts counts nobody twice.
    Ok(db
        .prepare_cached("SELECT count(*) FROM (SELECT node FROM file_holder WHERE file = ?1 AND seen_ms >= ?2)")?
        .query_row(params![post, since_ms], |row| row.get(0))?)
}

/// Tells of own posts that have left this device how many hold them.
pub(crate) fn tell(db: &Connection, posts: &mut [PostView], now_ms: u64) -> Result<()> {
    for post in posts.iter_mut().filter(|post| post.own && !post.deleted) {
        post.held_by = Some(if post.waiting { 0 } else { count(db, post.id, now_ms)? });
    }
    Ok(())
}
