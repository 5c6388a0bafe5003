//! What one person said under posts, and who of those whom the user follows has to do with them.

use rusqlite::params;

use super::comment;
use crate::error::{Error, Result};
use crate::id::{EntryId, PersonaId};
use crate::limits;
use crate::mute::Hidden;
use crate::node::Node;
use crate::resolve::known;
use crate::view::{ListMember, SaidView};

impl Node {
    /// What somebody said under posts, the newest first, as far as it is here; `before`: only what stands below this one.
    /// What was deleted, hidden or refused is left out, and so is somebody who is blocked.
    ///
    /// # Errors
    /// `BadInput` for a limit outside 1..=1,000, `NotFound` for an unknown `before`.
    pub async fn comments_of(&self, author: PersonaId, limit: usize, before: Option<EntryId>) -> Result<Vec<SaidView>> {
        if !(1..=limits::FEED_PAGE).contains(&limit) {
            return Err(Error::BadInput(format!("the limit is a number from 1 to {}", limits::FEED_PAGE)));
        }
        let now_ms = self.inner().clock.unix_ms();
        self.inner()
            .store
            .read(move |db| {
                let hidden = Hidden::read(db, now_ms)?;
                let (rank, row): (i64, i64) = match before {
                    Some(before) => db
                        .prepare_cached(
                            "SELECT comment.rank, comment.entry_row FROM comment JOIN entry ON entry.row = comment.entry_row
                             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
                        )?
                        .query_row([known(db, before)?], |row| Ok((row.get(0)?, row.get(1)?)))?,
                    None => (i64::MAX, i64::MAX),
                };
                let mut statement = db.prepare_cached(
                    "SELECT entry.id, author.id, author.name, coalesce(author.picture_thumb, author.picture), comment.parent,
                            coalesce(opened.time, iif(entry.kind = 17, comment.rank, entry.time)), comment.rank,
                            comment.deleted, author.own, said.body,
                            (SELECT body FROM said AS edit WHERE edit.row = comment.edit_row), comment.root
                     FROM comment JOIN entry ON entry.row = comment.entry_row
                     JOIN author ON author.row = comment.author_row
                     JOIN said ON said.row = entry.row LEFT JOIN opened ON opened.entry_row = entry.row
                     WHERE comment.author_row = (SELECT row FROM author WHERE id = ?1)
                       AND comment.deleted = 0 AND comment.hidden = 0 AND comment.refused = 0
                       AND (comment.rank, comment.entry_row) < (?2, ?3)
                     ORDER BY comment.rank DESC, comment.entry_row DESC LIMIT ?4",
                )?;
                let mut rows = statement.query(params![author, rank, row, limit])?;
                let mut said = Vec::new();
                while let Some(row) = rows.next()? {
                    let root = row.get(11)?;
                    // Alone: of somebody who is blocked nothing is left.
                    let dressed = hidden.dress_thread(db, vec![comment(db, row, None)?])?;
                    said.extend(dressed.into_iter().map(|comment| SaidView { root, comment }));
                }
                Ok(said)
            })
            .await
    }

    /// Those whom own personas follow and who reposted or commented on what somebody wrote, as far as that is here: the
    /// first of them by name, at most [`limits::NEAR`].
    pub async fn near(&self, persona: PersonaId) -> Result<Vec<ListMember>> {
        self.inner()
            .store
            .read(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT DISTINCT who.id, who.name, coalesce(who.picture_thumb, who.picture)
                     FROM follow JOIN author AS who ON who.row = follow.author_row
                     WHERE follow.present = 1 AND who.id <> ?1
                       AND (EXISTS (SELECT 1 FROM (SELECT of FROM repost WHERE repost.author_row = who.row
                                                   ORDER BY rank DESC LIMIT ?2) WHERE of = ?1)
                         OR EXISTS (SELECT 1 FROM (SELECT root FROM comment WHERE comment.author_row = who.row
                                                   AND deleted = 0 AND hidden = 0 AND refused = 0
                                                   ORDER BY rank DESC LIMIT ?2) AS c
                                    JOIN entry ON entry.prefix = substr(c.root, 1, 8) AND entry.id = c.root
                                    JOIN post ON post.entry_row = entry.row
                                    WHERE post.author_row = (SELECT row FROM author WHERE id = ?1)))
                     ORDER BY who.name LIMIT ?3",
                )?;
                let rows = statement.query_map(params![persona, limits::NEAR_SEEN, limits::NEAR], |row| {
                    Ok(ListMember { persona: row.get(0)?, name: row.get(1)?, picture: row.get(2)?, followed: true })
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }
}
