//! What an author hides under their own posts: not shown and not counted anywhere, but kept and passed on, so that it
//! can be shown again.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::entry::{DeleteBody, EditBody, Kind, PostBody, Scope};
use crate::error::{Error, Result};
use crate::gate::{Applying, Draft};
use crate::id::{EntryId, PersonaId};
use crate::limits;
use crate::mention;
use crate::node::Node;
use crate::post::shown_ms;
use crate::resolve::known;
use crate::view::HiddenView;

pub(super) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    // One that was deleted hides nothing.
    let (Some(_), Some((post, hidden))) = (&applying.entry.body, applying.entry.header.refs.split_first()) else {
        return Ok(());
    };
    let tx = applying.tx;
    for target in hidden {
        tx.prepare_cached("INSERT OR IGNORE INTO hide (target, entry_row, post, author_row) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![target, applying.row, post, applying.author_row])?;
        settle(tx, *target)?;
    }
    Ok(())
}

/// A hide was deleted, or leaves the set.
pub(super) fn leave(tx: &Transaction<'_>, row: i64) -> Result<()> {
    let mut statement = tx.prepare_cached("DELETE FROM hide WHERE entry_row = ?1 RETURNING target")?;
    let targets: Vec<EntryId> = statement.query_map([row], |row| row.get(0))?.collect::<Result<_, _>>()?;
    targets.into_iter().try_for_each(|target| settle(tx, target))
}

/// Sets anew whether a comment or reaction is hidden: where the author of the post above it says so.
pub(super) fn settle(tx: &Transaction<'_>, target: EntryId) -> Result<()> {
    let found: Option<(i64, bool)> = tx
        .prepare_cached(
            "SELECT e.row, EXISTS (SELECT 1 FROM hide
                CROSS JOIN entry AS pe ON pe.prefix = substr(hide.post, 1, 8) AND pe.id = hide.post
                CROSS JOIN post ON post.entry_row = pe.row AND post.author_row = hide.author_row
                WHERE hide.target = ?1 AND hide.post = h.about)
             FROM entry AS e JOIN header_entry AS h ON h.entry_row = e.row
             WHERE e.prefix = substr(?1, 1, 8) AND e.id = ?1",
        )?
        .query_row([target], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((row, hidden)) = found else { return Ok(()) };
    tx.prepare_cached("UPDATE comment SET hidden = ?2 WHERE entry_row = ?1 AND hidden <> ?2")?
        .execute(params![row, hidden])?;
    let changed: Option<(EntryId, i64)> = tx
        .prepare_cached(
            "UPDATE reaction SET hidden = ?2 WHERE entry_row = ?1 AND hidden <> ?2 RETURNING target, author_row",
        )?
        .query_row(params![row, hidden], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((of, author_row)) = changed {
        super::reaction::settle(tx, of, author_row)?;
    }
    Ok(())
}

/// Hides that came before the post that they are about.
pub(super) fn settle_post(tx: &Transaction<'_>, post: EntryId) -> Result<()> {
    let mut statement = tx.prepare_cached("SELECT target FROM hide WHERE post = ?1")?;
    let targets: Vec<EntryId> = statement.query_map([post], |row| row.get(0))?.collect::<Result<_, _>>()?;
    targets.into_iter().try_for_each(|target| settle(tx, target))
}

/// The first hide of an entry that stands, and who wrote it.
fn standing(db: &Connection, target: EntryId) -> Result<Option<(EntryId, PersonaId)>> {
    Ok(db
        .prepare_cached(
            "SELECT entry.id, author.id FROM hide JOIN entry ON entry.row = hide.entry_row
             JOIN author ON author.row = hide.author_row
             JOIN entry AS pe ON pe.prefix = substr(hide.post, 1, 8) AND pe.id = hide.post
             JOIN post ON post.entry_row = pe.row
             WHERE hide.target = ?1 AND post.author_row = hide.author_row ORDER BY entry.row LIMIT 1",
        )?
        .query_row([target], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// What own personas hid, the last first; all that a limit lets in.
fn by_own(db: &Connection, post: Option<EntryId>) -> Result<Vec<HiddenView>> {
    let mut statement = db.prepare_cached(
        "SELECT e.id, hide.post, own.id, author.id, author.name, coalesce(author.picture_thumb, author.picture),
                coalesce(opened.time, e.time), coalesce(comment.rank, e.rank), comment.entry_row IS NOT NULL, said.body,
                he.time, he.rank, reaction.emoji, (SELECT body FROM said AS edit WHERE edit.row = comment.edit_row)
         FROM hide CROSS JOIN author AS own ON own.row = hide.author_row AND own.own = 1
         CROSS JOIN entry AS he ON he.row = hide.entry_row
         CROSS JOIN entry AS pe ON pe.prefix = substr(hide.post, 1, 8) AND pe.id = hide.post
         CROSS JOIN post ON post.entry_row = pe.row AND post.author_row = hide.author_row
         CROSS JOIN entry AS e ON e.prefix = substr(hide.target, 1, 8) AND e.id = hide.target
         CROSS JOIN header_entry AS h ON h.entry_row = e.row AND h.about = hide.post
         CROSS JOIN said ON said.row = e.row LEFT JOIN opened ON opened.entry_row = e.row
         LEFT JOIN comment ON comment.entry_row = e.row LEFT JOIN reaction ON reaction.entry_row = e.row
         JOIN author ON author.row = coalesce(comment.author_row, reaction.author_row, e.author_row)
         WHERE ?1 IS NULL OR hide.post = ?1 GROUP BY e.row ORDER BY min(he.rank) DESC, he.row DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![post, limits::FEED_PAGE])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let body: Option<Vec<u8>> = row.get(9)?;
        let edit: Option<Vec<u8>> = row.get(13)?;
        let text = match (row.get::<_, bool>(8)?, body, edit) {
            (true, Some(_), Some(edit)) => mention::plain(db, &EditBody::decode(&edit)?.post)?,
            (true, Some(body), None) => mention::plain(db, &PostBody::decode(&body)?)?,
            _ => String::new(),
        };
        all.push(HiddenView {
            id: row.get(0)?,
            post: row.get(1)?,
            by: row.get(2)?,
            author: row.get(3)?,
            author_name: row.get(4)?,
            author_picture: row.get(5)?,
            created_ms: shown_ms(row.get(6)?, row.get(7)?),
            text,
            emoji: row.get::<_, Option<String>>(12)?.filter(|emoji| !emoji.is_empty()),
            hidden_ms: shown_ms(row.get(10)?, row.get(11)?),
        });
    }
    Ok(all)
}

impl Node {
    /// What own personas hid under their posts, or under this one, the last first, at most [`limits::FEED_PAGE`];
    /// [`Node::unhide`] shows it again.
    pub async fn hidden(&self, post: Option<EntryId>) -> Result<Vec<HiddenView>> {
        self.inner().store.read(move |db| by_own(db, post)).await
    }

    /// Removes somebody's comment, or reaction, from the header of an own post: every node that hears of it neither
    /// shows nor counts it. Answers the id of the hide; hiding twice answers the first.
    ///
    /// # Errors
    /// `NotFound` when it is not here, `BadInput` when it does not stand under an own post, or is the persona's own.
    pub async fn hide(&self, persona: Option<PersonaId>, target: EntryId) -> Result<EntryId> {
        let (post, author, target, existing) = self
            .inner()
            .store
            .read(move |db| {
                let target = known(db, target)?;
                let found: Option<(EntryId, PersonaId, bool)> = db
                    .prepare_cached(
                        "SELECT h.about, author.id,
                                coalesce(comment.author_row, reaction.author_row) = post.author_row
                         FROM entry JOIN header_entry AS h ON h.entry_row = entry.row
                         LEFT JOIN comment ON comment.entry_row = entry.row
                         LEFT JOIN reaction ON reaction.entry_row = entry.row
                         JOIN entry AS pe ON pe.prefix = substr(h.about, 1, 8) AND pe.id = h.about
                         JOIN post ON post.entry_row = pe.row
                         JOIN author ON author.row = post.author_row
                         WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1
                         AND coalesce(comment.entry_row, reaction.entry_row) IS NOT NULL",
                    )?
                    .query_row(params![target], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                    .optional()?;
                let Some((post, author, own)) = found else {
                    return Err(Error::BadInput("only comments and reactions can be hidden".to_owned()));
                };
                if own {
                    return Err(Error::BadInput("this is your own: delete it instead".to_owned()));
                }
                Ok((post, author, target, standing(db, target)?))
            })
            .await?;
        let persona = self.author_of_own(persona, author, "this stands under a post of somebody else").await?;
        if let Some((existing, _)) = existing {
            return Ok(existing);
        }
        let body = DeleteBody {}.encode(self.inner().random()?);
        let refs = vec![post, target];
        self.author_one(Draft { persona, scope: Scope::Posts, kind: Kind::Hide, refs, body }).await
    }

    /// Shows again what was hidden: a deletion of the hide, whose id is answered.
    ///
    /// # Errors
    /// `NotFound` when it is not hidden, `BadInput` when somebody else hid it.
    pub async fn unhide(&self, persona: Option<PersonaId>, target: EntryId) -> Result<EntryId> {
        let read = move |db: &Connection| {
            standing(db, known(db, target)?)?.ok_or(Error::NotFound { what: "a hidden comment with this id" })
        };
        let (mut hide, author) = self.inner().store.read(read).await?;
        let persona = self.author_of_own(persona, author, "this was hidden by somebody else").await?;
        loop {
            let deletion = self.write_delete(persona, Scope::Posts, hide).await?;
            // Two devices may have hidden it.
            match self.inner().store.read(move |db| standing(db, known(db, target)?)).await? {
                Some((next, by)) if by == author && next != hide => hide = next,
                _ => return Ok(deletion),
            }
        }
    }
}
