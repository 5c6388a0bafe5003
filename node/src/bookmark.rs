//! Bookmarks: posts and comments that the user wants to find again. Private: nothing of them is ever sent to others.
//! The entries themselves are read in [`crate::feed`].

use rusqlite::Connection;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::EntryId;
use crate::item::{self, Set};
use crate::node::Node;

pub(crate) fn is_kept(db: &Connection, entry: EntryId) -> Result<bool> {
    item::has(db, Set::Bookmark, entry.as_bytes())
}

/// What is bookmarked and when, ms, the newest first.
pub(crate) fn all(db: &Connection) -> Result<Vec<(EntryId, u64)>> {
    let mut all: Vec<(EntryId, u64)> = item::all(db, Set::Bookmark)?
        .into_iter()
        .filter_map(|(key, value)| Some((EntryId::from_slice(&key)?, value.parse().unwrap_or_default())))
        .collect();
    all.sort_by_key(|(entry, added_ms)| (std::cmp::Reverse(*added_ms), *entry));
    Ok(all)
}

impl Node {
    /// Bookmarks a post or comment.
    ///
    /// # Errors
    /// `NotFound` where it is not stored here or was deleted, `BadInput` where there are too many.
    pub async fn bookmark(&self, entry: EntryId) -> Result<()> {
        let now_ms = self.inner().clock.unix_ms();
        self
            .write_items(move |tx| {
                let stands: bool = tx
                    .prepare_cached(
                        "SELECT EXISTS (SELECT 1 FROM entry
                                        WHERE prefix = substr(?1, 1, 8) AND id = ?1
                                        AND (EXISTS (SELECT 1 FROM post WHERE entry_row = row AND deleted = 0 AND closed = 0)
                                          OR EXISTS (SELECT 1 FROM comment WHERE entry_row = row AND deleted = 0)))",
                    )?
                    .query_row([entry], |row| row.get(0))?;
                if !stands {
                    return Err(Error::NotFound { what: "the post" });
                }
                // One that is there keeps its place, and counts anew: it may have been taken away elsewhere meanwhile.
                if is_kept(tx, entry)? {
                    item::again(tx, Set::Bookmark, entry.as_bytes())
                } else {
                    item::put(tx, Set::Bookmark, entry.as_bytes(), &now_ms.to_string())
                }
            })
            .await?;
        self.inner().events.send(Event::PostChanged(entry));
        Ok(())
    }

    /// Takes a bookmark away; nothing happens where there is none.
    pub async fn unbookmark(&self, entry: EntryId) -> Result<()> {
        self.write_items(move |tx| item::take(tx, Set::Bookmark, entry.as_bytes())).await?;
        self.inner().events.send(Event::PostChanged(entry));
        Ok(())
    }
}
