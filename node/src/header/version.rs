//! Earlier versions of what was edited: edits keep visible history.

use rusqlite::{Connection, OptionalExtension, params};

use crate::entry::{EditBody, PostBody};
use crate::error::{Error, Result};
use crate::id::{EntryId, PersonaId};
use crate::mention;
use crate::node::Node;
use crate::post::shown_ms;
use crate::resolve::known;
use crate::view::VersionView;

/// What a post or comment said, oldest first, up to what it says now, as far as it is here. Empty where it was never
/// edited, or was deleted.
pub(crate) fn versions(db: &Connection, target: EntryId, persona: Option<PersonaId>) -> Result<Vec<VersionView>> {
    let first: Option<(i64, i64, i64, Option<Vec<u8>>)> = db
        .prepare_cached(
            "SELECT coalesce(comment.author_row, entry.author_row), coalesce(opened.time, entry.time),
                    coalesce(post.rank, comment.rank, entry.rank), said.body
             FROM entry JOIN said ON said.row = entry.row LEFT JOIN opened ON opened.entry_row = entry.row
             LEFT JOIN post ON post.entry_row = entry.row LEFT JOIN comment ON comment.entry_row = entry.row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 AND coalesce(post.deleted, comment.deleted) = 0",
        )?
        .query_row([target], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((author_row, time, rank, Some(body))) = first else { return Ok(Vec::new()) };
    // In the order in which they count, whatever their clocks say.
    let mut statement = db.prepare_cached(
        "SELECT coalesce(opened.time, entry.time), coalesce(opened.time, entry.rank), said.body
         FROM edit JOIN entry ON entry.row = edit.entry_row JOIN said ON said.row = entry.row
         LEFT JOIN opened ON opened.entry_row = entry.row
         WHERE edit.target = ?1 AND edit.author_row = ?2 AND said.body IS NOT NULL
           AND (?3 IS NULL OR entry.kind <> 17
             OR EXISTS (SELECT 1 FROM reader WHERE reader.entry_row = entry.row AND persona = ?3))
         ORDER BY edit.counter, entry.id",
    )?;
    let mut rows = statement.query(params![target, author_row, persona])?;
    let mut versions = vec![version(db, PostBody::decode(&body)?, time, rank)?];
    while let Some(row) = rows.next()? {
        let post = EditBody::decode(&row.get::<_, Vec<u8>>(2)?)?.post;
        versions.push(version(db, post, row.get(0)?, row.get(1)?)?);
    }
    if versions.len() < 2 {
        versions.clear();
    }
    Ok(versions)
}

/// The newest edit of a post or comment that an own persona can read: its body.
pub(crate) fn newest_for(db: &Connection, target: EntryId, persona: PersonaId) -> Result<Option<Vec<u8>>> {
    Ok(db
        .prepare_cached(
            "SELECT said.body FROM entry AS of LEFT JOIN sealed_comment AS s ON s.entry_row = of.row
             JOIN edit ON edit.target = of.id AND edit.author_row = coalesce(s.author_row, of.author_row)
             JOIN entry ON entry.row = edit.entry_row JOIN said ON said.row = entry.row
             WHERE of.prefix = substr(?1, 1, 8) AND of.id = ?1 AND said.body IS NOT NULL
               AND (entry.kind <> 17
                 OR EXISTS (SELECT 1 FROM reader WHERE reader.entry_row = entry.row AND persona = ?2))
             ORDER BY edit.counter DESC, entry.id DESC LIMIT 1",
        )?
        .query_row(params![target, persona], |row| row.get(0))
        .optional()?)
}

fn version(db: &Connection, post: PostBody, time: i64, rank: i64) -> Result<VersionView> {
    let mentions = mention::view(db, &post)?;
    Ok(VersionView { text: post.text, mentions, cw: post.content_warning, edited_ms: shown_ms(time, rank) })
}

impl Node {
    /// What a post or comment said, oldest first, up to what it says now, as far as it is stored here. Empty where it
    /// was never edited, or was deleted: then its versions are gone.
    ///
    /// # Errors
    /// `NotFound` when it is not here.
    pub async fn versions(&self, target: EntryId) -> Result<Vec<VersionView>> {
        self.inner()
            .store
            .read(move |db| {
                let target = known(db, target)?;
                let (versions, is_any) = (versions(db, target, None)?, is_post_or_comment(db, target)?);
                if is_any { Ok(versions) } else { Err(Error::NotFound { what: "the post" }) }
            })
            .await
    }
}

fn is_post_or_comment(db: &Connection, id: EntryId) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM entry
             WHERE prefix = substr(?1, 1, 8) AND id = ?1
               AND (EXISTS (SELECT 1 FROM post WHERE entry_row = row AND closed = 0)
                 OR EXISTS (SELECT 1 FROM comment WHERE entry_row = row)))",
        )?
        .query_row([id], |row| row.get(0))?)
}
