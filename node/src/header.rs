//! The header of a post: comments, reactions, edits and deletions, by anyone, as one mergeable set. Rows may come
//! before what they name.
//!
//! Comments deeper than [`limits::COMMENT_DEPTH`] stay in the set: they are kept and passed on as others are, but not
//! shown and not counted. Refusing them would let nodes differ for ever, as how deep one is shows only once those above
//! it have come, in whatever order. A comment's depth is a function of the set: one more than that of the comment above
//! it, where that is here and of the same post, else 1.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::entry::{DeleteBody, EditBody, Entry, EntryError, Kind, PostBody, ReactionBody, Scope};
use crate::error::{Error, Result};
use crate::gate::{Applying, Draft};
use crate::id::{EntryId, PersonaId};
use crate::limits;
use crate::media;
use crate::node::Node;
use crate::post::encoded;
use crate::profile::checked_text;

/// Why an entry may not be added to a header; `None` when it may.
pub(crate) fn admit(tx: &Transaction<'_>, entry: &Entry, author_row: i64) -> Result<Option<EntryError>> {
    let Some(target) = entry.header.refs.first() else { return Ok(None) };
    let (sql, limit, what) = match entry.header.kind {
        Kind::Comment => (
            "SELECT count(*) FROM comment WHERE root = ?1 AND author_row = ?2",
            limits::COMMENTS_PER_PERSONA,
            "comments of one persona under one post",
        ),
        Kind::Reaction => (
            "SELECT count(*) FROM reaction WHERE target = ?1 AND author_row = ?2",
            limits::REACTIONS_PER_PERSONA,
            "reactions of one persona to one post",
        ),
        Kind::Edit => {
            ("SELECT count(*) FROM edit WHERE target = ?1 AND author_row = ?2", limits::EDITS, "edits of one entry")
        }
        Kind::Delete => (
            "SELECT count(*) FROM tombstone WHERE target = ?1 AND author_row = ?2",
            limits::DELETIONS,
            "deletions of one entry",
        ),
        _ => return Ok(None),
    };
    let known: Option<(i64, u16)> = tx
        .prepare_cached("SELECT author_row, kind FROM entry WHERE id = ?1")?
        .query_row([target], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((of, kind)) = known {
        let fits = match (entry.header.kind, Kind::from_number(kind)) {
            (Kind::Comment, kind) => kind == Kind::Post,
            (Kind::Reaction, kind) => matches!(kind, Kind::Post | Kind::Comment),
            // Only its own author changes an entry.
            (Kind::Edit, kind) => of == author_row && matches!(kind, Kind::Post | Kind::Comment),
            _ => of == author_row,
        };
        if !fits {
            return Ok(Some(EntryError::Target));
        }
    }
    let count: usize = tx.prepare_cached(sql)?.query_row(params![target, author_row], |row| row.get(0))?;
    Ok((count >= limit).then_some(EntryError::Full(what)))
}

/// Whether an entry by somebody whom nobody here follows is kept: what stands in the header of a carried author's post,
/// and the profile that goes with it.
pub(crate) fn is_wanted(tx: &Transaction<'_>, entry: &Entry) -> Result<bool> {
    match about(tx, entry)? {
        Some(post) => Ok(tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM entry JOIN author ON author.row = entry.author_row
                 WHERE entry.id = ?1 AND author.carried = 1)",
            )?
            .query_row([post], |row| row.get(0))?),
        None => Ok(matches!(entry.header.kind, Kind::LogOpen | Kind::Profile)),
    }
}

/// The post that a comment, reaction, edit or deletion is about; `None` for other kinds.
pub(crate) fn about(db: &Connection, entry: &Entry) -> Result<Option<EntryId>> {
    let Some(target) = entry.header.refs.first() else { return Ok(None) };
    match entry.header.kind {
        Kind::Comment => Ok(Some(*target)),
        Kind::Reaction | Kind::Edit | Kind::Delete => Ok(Some(root_of(db, *target)?)),
        _ => Ok(None),
    }
}

/// The post above a comment, reaction, edit or deletion, as far as it is known; any other id is its own root.
fn root_of(db: &Connection, id: EntryId) -> Result<EntryId> {
    let mut id = id;
    for _ in 0..limits::HEADER_STEPS {
        let above: Option<(u16, Vec<u8>)> = db
            .prepare_cached("SELECT kind, refs FROM entry WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((kind, refs)) = above else { break };
        let first = refs.first_chunk().copied().map(EntryId::from_bytes);
        match (Kind::from_number(kind), first) {
            (Kind::Comment, Some(root)) => return Ok(root),
            (Kind::Reaction | Kind::Edit | Kind::Delete, Some(target)) => id = target,
            _ => break,
        }
    }
    Ok(id)
}

pub(crate) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    // Taken before the change: a deletion may remove what leads to the root.
    let about = about(applying.tx, applying.entry)?;
    match applying.entry.header.kind {
        Kind::Comment => comment(applying)?,
        Kind::Reaction => reaction(applying)?,
        Kind::Edit => edit(applying)?,
        Kind::Delete => delete(applying)?,
        _ => return Ok(()),
    }
    if let Some(about) = about {
        // What named this entry before it came was filed under its id: it belongs to the post's header.
        let tx = applying.tx;
        tx.prepare_cached(
            "INSERT OR IGNORE INTO header_entry (about, entry_row) SELECT ?2, entry_row FROM header_entry WHERE about = ?1",
        )?
        .execute([applying.id, about])?;
        tx.prepare_cached("DELETE FROM header_entry WHERE about = ?1")?.execute([applying.id])?;
        applying
            .tx
            .prepare_cached("INSERT OR IGNORE INTO header_entry (about, entry_row) VALUES (?1, ?2)")?
            .execute(params![about, applying.row])?;
        applying
            .tx
            .prepare_cached(
                "UPDATE post SET active_s = max(active_s, ?2) WHERE entry_row = (SELECT row FROM entry WHERE id = ?1)",
            )?
            .execute(params![about, applying.rank])?;
        applying.notes.about = Some(about);
        applying.notes.posts_changed.insert(about);
    }
    Ok(())
}

fn comment(applying: &mut Applying<'_>) -> Result<()> {
    let [root, parent] = applying.entry.header.refs.as_slice() else { return Ok(()) };
    let (root, parent) = (*root, *parent);
    if let Some(body) = &applying.entry.body {
        for attachment in &PostBody::decode(body)?.attachments {
            media::reference(applying, attachment)?;
        }
    }
    let tx = applying.tx;
    let known: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM comment WHERE entry_row = ?1)")?
        .query_row([applying.row], |row| row.get(0))?;
    if !known {
        let above: Option<i64> = tx
            .prepare_cached(
                "SELECT depth FROM comment WHERE root = ?1 AND entry_row = (SELECT row FROM entry WHERE id = ?2)",
            )?
            .query_row([root, parent], |row| row.get(0))
            .optional()?;
        let depth = below(above.unwrap_or_default());
        tx.prepare_cached(
            "INSERT INTO comment (entry_row, root, parent, author_row, rank, depth, deleted)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            applying.row,
            root,
            parent,
            applying.author_row,
            applying.rank,
            depth,
            applying.deleted
        ])?;
        count_comments(tx, root, i64::from(!applying.deleted && is_shown(depth)))?;
        sink_answers(tx, root, applying.id, depth)?;
    }
    settle_edits(applying)
}

/// The depth of an answer to what stands at `depth`. All that are too deep are alike.
fn below(depth: i64) -> i64 {
    depth.saturating_add(1).min(i64::try_from(limits::COMMENT_DEPTH).unwrap_or(i64::MAX).saturating_add(1))
}

fn is_shown(depth: i64) -> bool {
    usize::try_from(depth).is_ok_and(|depth| depth <= limits::COMMENT_DEPTH)
}

/// Answers that came before the comment `id` stood below the post until now: they go down with all below them.
fn sink_answers(tx: &Transaction<'_>, root: EntryId, id: EntryId, depth: i64) -> Result<()> {
    let mut answers = tx.prepare_cached(
        "SELECT entry.id, comment.entry_row, comment.depth, comment.deleted
         FROM comment JOIN entry ON entry.row = comment.entry_row WHERE comment.parent = ?1 AND comment.root = ?2",
    )?;
    let mut above = vec![(id, depth)];
    let mut hidden = 0;
    while let Some((id, depth)) = above.pop() {
        let depth = below(depth);
        let found: Vec<(EntryId, i64, i64, bool)> = answers
            .query_map([id, root], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
            .collect::<Result<_, _>>()?;
        for (id, row, _, deleted) in found.into_iter().filter(|(_, _, old, _)| *old != depth) {
            tx.prepare_cached("UPDATE comment SET depth = ?2 WHERE entry_row = ?1")?.execute([row, depth])?;
            hidden += i64::from(!deleted && !is_shown(depth));
            above.push((id, depth));
        }
    }
    if hidden > 0 { count_comments(tx, root, -hidden) } else { Ok(()) }
}

/// An entry is about to be taken out: where it is a comment that counts, it no longer does.
pub(crate) fn uncount_comment(tx: &Transaction<'_>, entry_row: i64) -> Result<()> {
    let counted: Option<(EntryId, i64)> = tx
        .prepare_cached("SELECT root, depth FROM comment WHERE entry_row = ?1 AND deleted = 0")?
        .query_row([entry_row], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match counted {
        Some((root, depth)) if is_shown(depth) => count_comments(tx, root, -1),
        _ => Ok(()),
    }
}

fn reaction(applying: &mut Applying<'_>) -> Result<()> {
    let (Some(body), Some(target)) = (&applying.entry.body, applying.entry.header.refs.first()) else { return Ok(()) };
    let emoji = ReactionBody::decode(body)?.emoji;
    applying
        .tx
        .prepare_cached(
            "INSERT OR REPLACE INTO reaction (entry_row, target, author_row, emoji) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![applying.row, target, applying.author_row, emoji])?;
    Ok(())
}

fn edit(applying: &mut Applying<'_>) -> Result<()> {
    let (Some(body), Some(target)) = (&applying.entry.body, applying.entry.header.refs.first()) else { return Ok(()) };
    let edit = EditBody::decode(body)?;
    for attachment in &edit.post.attachments {
        media::reference(applying, attachment)?;
    }
    applying
        .tx
        .prepare_cached("INSERT OR REPLACE INTO edit (entry_row, target, author_row, counter) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![applying.row, target, applying.author_row, i64::try_from(edit.counter).unwrap_or(i64::MAX)])?;
    newest_edit(applying.tx, *target, applying.author_row)
}

/// Edits that came before the entry which is being applied.
pub(crate) fn settle_edits(applying: &Applying<'_>) -> Result<()> {
    newest_edit(applying.tx, applying.id, applying.author_row)
}

/// The newest edit by (counter, id) of the target's own author counts.
fn newest_edit(tx: &Transaction<'_>, target: EntryId, author_row: i64) -> Result<()> {
    let newest: Option<i64> = tx
        .prepare_cached(
            "SELECT edit.entry_row FROM edit JOIN entry ON entry.row = edit.entry_row
             WHERE edit.target = ?1 AND edit.author_row = ?2 ORDER BY edit.counter DESC, entry.id DESC LIMIT 1",
        )?
        .query_row(params![target, author_row], |row| row.get(0))
        .optional()?;
    let Some(edit_row) = newest else { return Ok(()) };
    for table in ["post", "comment"] {
        tx.prepare_cached(&format!(
            "UPDATE {table} SET edit_row = ?3
             WHERE entry_row = (SELECT row FROM entry WHERE id = ?1) AND author_row = ?2"
        ))?
        .execute(params![target, author_row, edit_row])?;
    }
    Ok(())
}

/// Removes own entries: bodies, bodies of their edits, and blobs with their last reference. The tombstone stays, also
/// for what has not come yet.
fn delete(applying: &mut Applying<'_>) -> Result<()> {
    let tx = applying.tx;
    let targets = applying.entry.header.refs.clone();
    for target in targets {
        tx.prepare_cached("INSERT OR IGNORE INTO tombstone (target, author_row, entry_row) VALUES (?1, ?2, ?3)")?
            .execute(params![target, applying.author_row, applying.row])?;
        let mut statement = tx.prepare_cached(
            "SELECT row FROM entry WHERE id = ?1 AND author_row = ?2
             UNION SELECT entry_row FROM edit WHERE target = ?1 AND author_row = ?2",
        )?;
        let rows: Vec<i64> =
            statement.query_map(params![target, applying.author_row], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for row in rows {
            erase(applying, row)?;
        }
        tx.prepare_cached(
            "UPDATE post SET deleted = 1, edit_row = 0, in_feed = 0
             WHERE entry_row = (SELECT row FROM entry WHERE id = ?1) AND author_row = ?2",
        )?
        .execute(params![target, applying.author_row])?;
        let gone: Option<(EntryId, i64)> = tx
            .prepare_cached(
                "UPDATE comment SET deleted = 1, edit_row = 0
                 WHERE entry_row = (SELECT row FROM entry WHERE id = ?1) AND author_row = ?2 AND deleted = 0
                 RETURNING root, depth",
            )?
            .query_row(params![target, applying.author_row], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((root, depth)) = gone
            && is_shown(depth)
        {
            count_comments(tx, root, -1)?;
        }
    }
    Ok(())
}

/// Keeps the number of visible comments of a post, where it is here; a post that comes later counts them once.
fn count_comments(tx: &Transaction<'_>, post: EntryId, more: i64) -> Result<()> {
    tx.prepare_cached(
        "UPDATE post SET comments = comments + ?2 WHERE entry_row = (SELECT row FROM entry WHERE id = ?1)",
    )?
    .execute(params![post, more])?;
    Ok(())
}

/// Erases the body of an entry; length and hash stay, so that its header still rebuilds.
fn erase(applying: &mut Applying<'_>, row: i64) -> Result<()> {
    let tx = applying.tx;
    let body: Option<Option<Vec<u8>>> = tx
        .prepare_cached("SELECT body FROM entry WHERE row = ?1 AND log_row <> 0 AND kind IN (?2, ?3, ?4, ?5)")?
        .query_row(
            params![row, Kind::Post.number(), Kind::Comment.number(), Kind::Reaction.number(), Kind::Edit.number()],
            |row| row.get(0),
        )
        .optional()?;
    let Some(Some(body)) = body else { return Ok(()) };
    tx.prepare_cached("UPDATE entry SET body = NULL, body_len = ?2, body_hash = ?3 WHERE row = ?1")?
        .execute(params![row, u32::try_from(body.len()).unwrap_or(u32::MAX), blake3::hash(&body).as_bytes()])?;
    tx.prepare_cached("DELETE FROM reaction WHERE entry_row = ?1")?.execute([row])?;
    media::release(applying, row)
}

impl Node {
    /// Comments on a post, or answers a comment.
    ///
    /// # Errors
    /// `NotFound` when the target is not stored here, `BadInput` for empty or too long text or too deep a thread.
    pub async fn comment(&self, persona: Option<PersonaId>, target: EntryId, text: &str) -> Result<EntryId> {
        let persona = self.own_persona(persona).await?;
        let text = checked_text(text, limits::TEXT_CHARS, "the text")?;
        if text.is_empty() {
            return Err(Error::BadInput("a comment needs text".to_owned()));
        }
        let (root, parent) = self.inner().store.read(move |db| place_in_thread(db, target)).await?;
        let body = encoded(&PostBody { text, ..PostBody::default() }, self.inner().random()?)?;
        self.author_one(Draft {
            persona,
            scope: Scope::Engagement,
            kind: Kind::Comment,
            refs: vec![root, parent],
            body,
        })
        .await
    }

    /// Reacts to a post or comment with one emoji. Reacting twice with the same one answers the first id.
    ///
    /// # Errors
    /// `NotFound` when the target is not stored here, `BadInput` for an empty or too long emoji.
    pub async fn react(&self, persona: Option<PersonaId>, target: EntryId, emoji: &str) -> Result<EntryId> {
        let persona = self.own_persona(persona).await?;
        let emoji = checked_emoji(emoji)?;
        let wanted = emoji.clone();
        let (target, existing) = self
            .inner()
            .store
            .read(move |db| {
                let target = known(db, target)?;
                Ok((target, own_reaction(db, persona, target, &wanted)?))
            })
            .await?;
        if let Some(existing) = existing {
            return Ok(existing);
        }
        let body = ReactionBody { emoji }.encode(self.inner().random()?);
        self.author_one(Draft { persona, scope: Scope::Engagement, kind: Kind::Reaction, refs: vec![target], body })
            .await
    }

    /// Takes a reaction back: a deletion of it.
    ///
    /// # Errors
    /// `NotFound` when the persona has no such reaction there.
    pub async fn unreact(&self, persona: Option<PersonaId>, target: EntryId, emoji: &str) -> Result<EntryId> {
        let persona = self.own_persona(persona).await?;
        let emoji = checked_emoji(emoji)?;
        let reaction = self
            .inner()
            .store
            .read(move |db| {
                let target = known(db, target)?;
                own_reaction(db, persona, target, &emoji)?.ok_or(Error::NotFound { what: "the reaction" })
            })
            .await?;
        self.write_delete(persona, Scope::Engagement, reaction).await
    }

    /// Replaces the text of an own post or comment; everything else of it stays, and history stays visible.
    ///
    /// # Errors
    /// `NotFound` when it is not here or deleted, `BadInput` when it is not an own one.
    pub async fn edit(&self, persona: Option<PersonaId>, target: EntryId, text: &str) -> Result<EntryId> {
        let text = checked_text(text, limits::TEXT_CHARS, "the text")?;
        let (target, author, scope, mut post, counter) =
            self.inner().store.read(move |db| editable(db, target)).await?;
        let persona = self.author_of_own(persona, author).await?;
        if text.is_empty() && post.attachments.is_empty() {
            return Err(Error::BadInput("a post needs text or a picture".to_owned()));
        }
        post.text = text;
        encoded(&post, self.inner().random()?)?;
        let body = EditBody { post, counter: counter + 1 }.encode(self.inner().random()?);
        self.author_one(Draft { persona, scope, kind: Kind::Edit, refs: vec![target], body }).await
    }

    /// Deletes an own post, comment or reaction: every node that hears of it removes the body. That it existed, its
    /// author, day, size class and references stay for ever. Deleting twice answers the first deletion.
    ///
    /// # Errors
    /// `NotFound` when it is not here, `BadInput` when it is not an own one.
    pub async fn delete(&self, persona: Option<PersonaId>, target: EntryId) -> Result<EntryId> {
        let (target, author, scope, existing) = self
            .inner()
            .store
            .read(move |db| {
                let target = known(db, target)?;
                let (author, kind) = db
                    .prepare_cached(
                        "SELECT author.id, entry.kind FROM entry JOIN author ON author.row = entry.author_row
                         WHERE entry.id = ?1",
                    )?
                    .query_row([target], |row| Ok((row.get(0)?, Kind::from_number(row.get(1)?))))?;
                let scope = match kind {
                    Kind::Post => Scope::Posts,
                    Kind::Comment | Kind::Reaction => Scope::Engagement,
                    _ => return Err(Error::BadInput("only posts, comments and reactions can be deleted".to_owned())),
                };
                Ok((target, author, scope, deletion(db, target)?))
            })
            .await?;
        let persona = self.author_of_own(persona, author).await?;
        match existing {
            Some(existing) => Ok(existing),
            None => self.write_delete(persona, scope, target).await,
        }
    }

    async fn write_delete(&self, persona: PersonaId, scope: Scope, target: EntryId) -> Result<EntryId> {
        let body = DeleteBody {}.encode(self.inner().random()?);
        self.author_one(Draft { persona, scope, kind: Kind::Delete, refs: vec![target], body }).await
    }

    /// The persona that may change what `author` wrote: that author, when it is an own one (and the one named).
    async fn author_of_own(&self, persona: Option<PersonaId>, author: PersonaId) -> Result<PersonaId> {
        let not_own = || Error::BadInput("this was written by someone else".to_owned());
        if persona.is_some_and(|persona| persona != author) {
            return Err(not_own());
        }
        self.own_persona(Some(author)).await.map_err(|error| match error {
            Error::NotFound { .. } => not_own(),
            other => other,
        })
    }
}

fn checked_emoji(emoji: &str) -> Result<String> {
    let emoji = emoji.trim();
    // No table of emoji is kept, as new ones come every year: letters, plain digits and markup are what it is not.
    let pictorial = emoji.chars().any(|c| !c.is_ascii() && !c.is_alphanumeric());
    let plain = |c: char| c.is_ascii_alphabetic() || c.is_whitespace() || c.is_control() || "<>&\"'".contains(c);
    if emoji.len() > limits::EMOJI_BYTES || !pictorial || emoji.chars().any(plain) {
        return Err(Error::BadInput("a reaction is one emoji".to_owned()));
    }
    Ok(emoji.to_owned())
}

/// The id under which an entry is stored: itself, or what an old copy's entry became.
pub(crate) fn known(db: &Connection, id: EntryId) -> Result<EntryId> {
    let mut id = id;
    // An entry can be signed again more than once; the chain is as long as that happened.
    for _ in 0..limits::ALIAS_STEPS {
        let found: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM entry WHERE id = ?1)")?
            .query_row([id], |row| row.get(0))?;
        if found {
            return Ok(id);
        }
        match db
            .prepare_cached("SELECT new_id FROM alias WHERE old_id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?
        {
            Some(new) => id = new,
            None => break,
        }
    }
    Err(Error::NotFound { what: "the post" })
}

/// The first deletion of an entry by its author.
fn deletion(db: &Connection, target: EntryId) -> Result<Option<EntryId>> {
    Ok(db
        .prepare_cached(
            "SELECT entry.id FROM tombstone JOIN entry ON entry.row = tombstone.entry_row
             WHERE tombstone.target = ?1
               AND tombstone.author_row = (SELECT author_row FROM entry WHERE id = ?1) ORDER BY entry.row LIMIT 1",
        )?
        .query_row([target], |row| row.get(0))
        .optional()?)
}

fn own_reaction(db: &Connection, persona: PersonaId, target: EntryId, emoji: &str) -> Result<Option<EntryId>> {
    Ok(db
        .prepare_cached(
            "SELECT entry.id FROM reaction JOIN entry ON entry.row = reaction.entry_row
             JOIN author ON author.row = reaction.author_row
             WHERE reaction.target = ?1 AND author.id = ?2 AND reaction.emoji = ?3",
        )?
        .query_row(params![target, persona, emoji], |row| row.get(0))
        .optional()?)
}

/// Root and parent of an answer to `target`.
fn place_in_thread(db: &Connection, target: EntryId) -> Result<(EntryId, EntryId)> {
    let target = known(db, target)?;
    if let Some(row) = crate::post::row_of(db, target)? {
        let deleted: bool =
            db.prepare_cached("SELECT deleted FROM post WHERE entry_row = ?1")?.query_row([row], |row| row.get(0))?;
        return if deleted { Err(Error::NotFound { what: "the post" }) } else { Ok((target, target)) };
    }
    let comment: Option<(EntryId, i64)> = db
        .prepare_cached(
            "SELECT comment.root, comment.depth FROM comment JOIN entry ON entry.row = comment.entry_row
             WHERE entry.id = ?1",
        )?
        .query_row([target], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (root, depth) = comment.ok_or(Error::NotFound { what: "the post" })?;
    if is_shown(below(depth)) {
        Ok((root, target))
    } else {
        Err(Error::BadInput(format!("a thread is at most {} deep", limits::COMMENT_DEPTH)))
    }
}

/// What an edit starts from: the newest body, and the highest counter seen.
fn editable(db: &Connection, target: EntryId) -> Result<(EntryId, PersonaId, Scope, PostBody, u64)> {
    let target = known(db, target)?;
    let (row, author, kind, body): (i64, PersonaId, Kind, Option<Vec<u8>>) = db
        .prepare_cached(
            "SELECT entry.row, author.id, entry.kind, entry.body FROM entry JOIN author ON author.row = entry.author_row
             WHERE entry.id = ?1",
        )?
        .query_row([target], |row| Ok((row.get(0)?, row.get(1)?, Kind::from_number(row.get(2)?), row.get(3)?)))?;
    let (scope, table) = match kind {
        Kind::Post => (Scope::Posts, "post"),
        Kind::Comment => (Scope::Engagement, "comment"),
        _ => return Err(Error::BadInput("only posts and comments can be edited".to_owned())),
    };
    let body = body.ok_or(Error::NotFound { what: "the text of the post" })?;
    let newest: Option<Vec<u8>> = db
        .prepare_cached(&format!(
            "SELECT entry.body FROM {table} JOIN entry ON entry.row = {table}.edit_row WHERE {table}.entry_row = ?1"
        ))?
        .query_row([row], |row| row.get(0))
        .optional()?
        .flatten();
    // Only the author's own edits count: a stranger's may claim any counter.
    let counter: Option<i64> = db
        .prepare_cached(
            "SELECT max(counter) FROM edit WHERE target = ?1
             AND author_row = (SELECT author_row FROM entry WHERE row = ?2)",
        )?
        .query_row(params![target, row], |row| row.get(0))?;
    let post = match newest {
        Some(newest) => EditBody::decode(&newest)?.post,
        None => PostBody::decode(&body)?,
    };
    Ok((target, author, scope, post, counter.unwrap_or_default().cast_unsigned()))
}
