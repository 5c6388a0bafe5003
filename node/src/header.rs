//! The header of a post: comments, reactions, edits, deletions, hides and policies, as one mergeable set. What counts in
//! it is a function of the set of valid entries, whatever the order in which they came:
//!
//! - what does not fit its target (others' edits, comments on comments of another post) does not count, also where that
//!   shows only once the target has come;
//! - of one persona only so many count (see [`limit`]); what others push out goes, with what was derived from it;
//! - what names something that is not here waits (see [`wait`]);
//! - a post whose header reached [`limits::COMMENTS_PER_POST`], [`limits::REACTIONS_PER_POST`] or
//!   [`limits::SEALED_BYTES_PER_POST`] is full: it takes more only from whom somebody here follows, its author and holders of its comment keys, and is no longer compared. Which
//!   ones it holds then depends on what came first, at each node.
//!
//! An entry in a log that is carried as a log stays in it for the chain's sake, also where it does not count here.

mod comment;
mod hide;
mod limit;
mod policy;
mod reaction;
mod redraft;
mod said;
mod speaker;
mod verb;
mod version;
mod wait;

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use self::limit::Room;
pub use self::redraft::Redraft;
pub(crate) use self::said::{Told, file_sealed, said, sealed_post, tell};
pub(crate) use self::verb::checked_emoji;
pub(crate) use self::version::{newest_for, versions};
use crate::entry::{EditBody, Entry, EntryError, Kind, Proof};
use crate::error::Result;
use crate::gate::{Applying, Draft, Happened, Notes};
use crate::id::{BlobHash, EntryId};
use crate::limits;
use crate::media;
use crate::opened;
use crate::repost;
use crate::sync;

/// Who brings an entry to a header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer {
    pub(crate) row: i64,
    /// Own or followed.
    pub(crate) followed: bool,
    /// The entry's log is carried as a log: it is kept whole, and what does not count in it has no effect.
    pub(crate) whole: bool,
}

/// Why an entry may not be added to a header; `None` when it may.
pub(crate) fn admit(tx: &Transaction<'_>, id: EntryId, entry: &Entry, writer: Writer) -> Result<Option<EntryError>> {
    let Some(about) = about(tx, entry)? else { return Ok(None) };
    if writer.whole {
        return Ok(None);
    }
    if !fits(tx, entry.header.role(), &entry.header.refs, writer.row)? {
        return Ok(Some(EntryError::Target));
    }
    if let Room::None(what) = limit::room(tx, id, entry, 0, writer.row)? {
        return Ok(Some(EntryError::Full(what)));
    }
    if matches!(entry.header.kind, Kind::Comment | Kind::Reaction)
        && let Some(post) = Post::find(tx, about)?
        && post.full
        && !writer.followed
        && post.author_row != writer.row
    {
        let proof = match &entry.body {
            Some(body) if entry.header.kind == Kind::Comment => Proof::of(body)?,
            _ => None,
        };
        let listed = match proof {
            Some(proof) => policy::lists(tx, about, &proof.key)?,
            None => false,
        };
        return Ok((!listed).then_some(EntryError::Full("comments or reactions of this post")));
    }
    Ok(None)
}

/// Whether an entry by somebody whom nobody here follows is kept: what stands in the header of a carried author's post,
/// or of one that somebody who is followed reposted, that post itself, what may turn out to be such, and the profile that
/// goes with it.
pub(crate) fn is_wanted(tx: &Transaction<'_>, id: EntryId, entry: &Entry) -> Result<bool> {
    let Some(about) = about(tx, entry)? else {
        return match entry.header.kind {
            Kind::LogOpen | Kind::Profile | Kind::DeviceKeys => Ok(true),
            Kind::Post => repost::is_wanted(tx, id),
            _ => Ok(false),
        };
    };
    let post: Option<(bool, bool)> = tx
        .prepare_cached(
            "SELECT author.carried, entry.kind = ?2 FROM entry JOIN author ON author.row = entry.author_row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
        )?
        .query_row(params![about, Kind::Post.number()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match post {
        Some((true, _)) => Ok(true),
        Some((false, true)) => repost::is_wanted(tx, about),
        Some((false, false)) => Ok(false),
        // It waits, if it is no larger than what comes before its post: a push.
        None => Ok(entry.header.body_len as usize <= limits::PUSH_BODY_BYTES),
    }
}

/// The post that an entry of a header is about, as far as it is known: else the entry that leads there. `None` for
/// other entries.
pub(crate) fn about(db: &Connection, entry: &Entry) -> Result<Option<EntryId>> {
    let Some(target) = entry.header.refs.first() else { return Ok(None) };
    match entry.header.role() {
        // Sealed: what is said about a post to circles.
        Kind::Comment | Kind::Hide | Kind::Policy | Kind::Sealed => Ok(Some(*target)),
        Kind::Reaction | Kind::Edit | Kind::Delete => Ok(Some(root_of(db, *target)?)),
        _ => Ok(None),
    }
}

/// The post above an entry of a header; any other id is its own root.
fn root_of(db: &Connection, id: EntryId) -> Result<EntryId> {
    let about = db
        .prepare_cached(
            "SELECT h.about FROM entry AS e JOIN header_entry AS h ON h.entry_row = e.row
                         WHERE e.prefix = substr(?1, 1, 8) AND e.id = ?1",
        )?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(about.unwrap_or(id))
}

/// Whether this can be said of what it names, as far as that is here.
fn fits(db: &Connection, kind: Kind, refs: &[EntryId], author_row: i64) -> Result<bool> {
    let Some(target) = refs.first() else { return Ok(true) };
    let known: Option<(i64, u16)> = db
        .prepare_cached("SELECT author_row, kind FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1")?
        .query_row([target], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((of, of_kind)) = known else { return Ok(true) };
    let is_post = |kind| matches!(kind, Kind::Post | Kind::Sealed);
    Ok(match (kind, Kind::from_number(of_kind)) {
        // What is said about a sealed post is sealed.
        (Kind::Comment, of_kind) => of_kind == Kind::Post,
        (Kind::Reaction, of_kind) => matches!(of_kind, Kind::Post | Kind::Comment),
        // Only its own author changes an entry, and rules over what stands under a post.
        (Kind::Edit, of_kind) => of == author_row && (is_post(of_kind) || of_kind == Kind::Comment),
        (Kind::Hide | Kind::Policy, of_kind) => of == author_row && is_post(of_kind),
        _ => of == author_row,
    })
}

pub(crate) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    let Applying { tx, entry, id, row, author_row, .. } = *applying;
    let Some(about) = about(tx, entry)? else {
        return if entry.header.kind == Kind::Policy { policy::apply(applying) } else { Ok(()) };
    };
    if !fits(tx, entry.header.role(), &entry.header.refs, author_row)? {
        return Ok(());
    }
    match limit::room(tx, id, entry, row, author_row)? {
        Room::Free => {}
        Room::InsteadOf(last) => leave(applying, last)?,
        Room::None(_) => return Ok(()),
    }
    file(applying, row, about)?;
    match entry.header.role() {
        Kind::Comment => comment::apply(applying)?,
        Kind::Reaction => reaction::apply(applying)?,
        Kind::Edit => edit(applying)?,
        Kind::Delete => delete(applying)?,
        Kind::Hide => hide::apply(applying)?,
        Kind::Policy => policy::apply(applying)?,
        _ => {}
    }
    came(applying, about)?;
    applying.notes.about = Some(about);
    applying.notes.posts_changed.insert(about);
    Ok(())
}

/// A post was stored: what was said about it before it came counts from now on, and what did not fit it goes.
pub(crate) fn post_came(applying: &mut Applying<'_>) -> Result<()> {
    let id = applying.id;
    if applying.entry.header.kind == Kind::Sealed {
        let edit = edits_opened(applying.tx, id, applying.author_row)?;
        applying.notes.happened.extend(edit.map(Happened::Entry));
    }
    if came(applying, id)? {
        let edit = newest_edit(applying.tx, id, applying.author_row)?;
        applying.notes.happened.extend(edit.map(Happened::Entry));
        policy::settle(applying.tx, id)?;
        hide::settle_post(applying.tx, id)?;
        applying.notes.posts_changed.insert(id);
    }
    Ok(())
}

/// What named the entry at hand before it came belongs to the header of `about`, or does not fit. Answers whether there
/// was anything.
pub(crate) fn came(applying: &mut Applying<'_>, about: EntryId) -> Result<bool> {
    let mut statement = applying.tx.prepare_cached(
        "SELECT h.entry_row, e.kind, e.author_row, e.refs FROM header_entry AS h JOIN entry AS e ON e.row = h.entry_row
         WHERE h.about = ?1 AND h.of_row = 0 AND h.entry_row <> ?2 ORDER BY h.entry_row",
    )?;
    let found: Vec<(i64, u16, i64, Vec<u8>)> = statement
        .query_map(params![applying.id, applying.row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    let any = !found.is_empty();
    for (row, kind, author_row, refs) in found {
        let refs: Vec<EntryId> = refs.chunks_exact(32).filter_map(EntryId::from_slice).collect();
        let direct = refs.first() == Some(&applying.id);
        if direct && !fits(applying.tx, Kind::from_number(kind).role(false, true), &refs, author_row)? {
            leave(applying, row)?;
        } else {
            file(applying, row, about)?;
        }
    }
    Ok(any)
}

/// What a batch changed is counted once, at its end.
pub(crate) fn settle(tx: &Transaction<'_>, notes: &mut Notes) -> Result<()> {
    for author_row in std::mem::take(&mut notes.policies_changed) {
        notes.posts_changed.extend(policy::settle_all(tx, author_row)?);
    }
    notes.posts_changed.iter().try_for_each(|post| comment::count(tx, *post))
}

/// Takes entries out that waited too long for their post: they no longer count anywhere, and their rows are the caller's
/// to remove.
pub(crate) fn sweep(tx: &Transaction<'_>, notes: &mut Notes, now_s: i64) -> Result<()> {
    for row in wait::old(tx, now_s)? {
        take_out(tx, notes, row, now_s)?;
        notes.pushed_out.push(row);
    }
    Ok(())
}

/// An entry is about to be evicted: it leaves the header in which it stands; of a post, its header waits for it, until the
/// next sweep. Answers the blobs that lost their last reference.
pub(crate) fn evict(tx: &Transaction<'_>, row: i64) -> Result<Vec<BlobHash>> {
    let mut notes = Notes::default();
    let post: Option<EntryId> = tx
        .prepare_cached("SELECT entry.id FROM entry JOIN post ON post.entry_row = entry.row WHERE entry.row = ?1")?
        .query_row([row], |found| found.get(0))
        .optional()?;
    match post {
        Some(post) => {
            said::drop_beneath(tx, post)?;
            tx.prepare_cached("DELETE FROM post WHERE entry_row = ?1")?.execute([row])?;
            let mut statement = tx.prepare_cached("SELECT entry_row FROM header_entry WHERE about = ?1")?;
            let rows: Vec<i64> = statement.query_map([post], |found| found.get(0))?.collect::<Result<_, _>>()?;
            rows.into_iter().try_for_each(|row| file_row(tx, row, post, 0).map(drop))?;
        }
        None => take_out(tx, &mut notes, row, 0)?,
    }
    settle(tx, &mut notes)?;
    Ok(notes.blobs_dropped)
}

/// Who may comment on a post: `everyone`, `nobody` or `keys`.
pub(crate) fn commenters(db: &Connection, post: EntryId) -> Result<&'static str> {
    policy::name(db, post)
}

/// An own entry that says what was said before already: its id.
pub(crate) fn said_before(tx: &Transaction<'_>, author_row: i64, draft: &Draft) -> Result<Option<EntryId>> {
    let sql = match draft.kind {
        Kind::Delete if draft.refs.len() == 1 => {
            "SELECT e.id FROM tombstone AS t JOIN entry AS e ON e.row = t.entry_row
             WHERE t.target = ?1 AND t.author_row = ?2 ORDER BY e.row LIMIT 1"
        }
        Kind::Repost => {
            "SELECT e.id FROM repost AS t JOIN entry AS e ON e.row = t.entry_row
             WHERE t.target = ?1 AND t.author_row = ?2 ORDER BY e.row LIMIT 1"
        }
        Kind::Hide if draft.refs.len() == 2 => {
            "SELECT e.id FROM hide AS t JOIN entry AS e ON e.row = t.entry_row
             WHERE t.target = ?1 AND t.author_row = ?2 ORDER BY e.row LIMIT 1"
        }
        _ => return Ok(None),
    };
    Ok(tx.prepare_cached(sql)?.query_row(params![draft.refs.last(), author_row], |row| row.get(0)).optional()?)
}

// --- the set ---

/// A post as its header needs it.
struct Post {
    row: i64,
    author_row: i64,
    full: bool,
}

impl Post {
    fn find(db: &Connection, id: EntryId) -> Result<Option<Self>> {
        Ok(db
            .prepare_cached(
                "SELECT post.entry_row, post.author_row, post.full
                 FROM entry JOIN post ON post.entry_row = entry.row
                 WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
            )?
            .query_row([id], |row| Ok(Self { row: row.get(0)?, author_row: row.get(1)?, full: row.get(2)? }))
            .optional()?)
    }

    /// Counts what its header holds, and notes when that is as much as it may.
    fn count(&self, tx: &Transaction<'_>, id: EntryId, row: i64, more: i64) -> Result<()> {
        let (comments, reactions, bytes) = match role_of(tx, row)? {
            // Nobody can tell what a closed one is.
            Kind::Sealed => (more, 0, more * bytes_of(tx, row)?),
            Kind::Comment => (more, 0, 0),
            Kind::Reaction => (0, more, 0),
            _ => return Ok(()),
        };
        let full: bool = tx
            .prepare_cached(
                "UPDATE post SET all_comments = all_comments + ?2, all_reactions = all_reactions + ?3,
                    sealed_bytes = sealed_bytes + ?6, full = full OR all_comments + ?2 >= ?4
                        OR all_reactions + ?3 >= ?5 OR sealed_bytes + ?6 >= ?7
                 WHERE entry_row = ?1 RETURNING full",
            )?
            .query_row(
                params![
                    self.row,
                    comments,
                    reactions,
                    limits::COMMENTS_PER_POST,
                    limits::REACTIONS_PER_POST,
                    bytes,
                    limits::SEALED_BYTES_PER_POST
                ],
                |row| row.get(0),
            )?;
        if full && !self.full {
            let mut statement = tx.prepare_cached(
                "UPDATE header_entry SET of_row = -of_row WHERE about = ?1 AND of_row > 0 RETURNING id",
            )?;
            let left: Vec<EntryId> = statement.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
            sync::headers_changed(tx, self.author_row, &[], &left)?;
        }
        Ok(())
    }
}

/// Files an entry under the post that it is about, in place of where it stood.
fn file(applying: &mut Applying<'_>, row: i64, about: EntryId) -> Result<()> {
    let (tx, now_s) = (applying.tx, applying.now_s);
    if file_row(tx, row, about, now_s)? {
        return Ok(());
    }
    match wait::one_too_many(tx)? {
        Some(oldest) if oldest != row => leave(applying, oldest),
        _ => Ok(()),
    }
}

/// Answers whether the post is here.
fn file_row(tx: &Transaction<'_>, row: i64, about: EntryId, now_s: i64) -> Result<bool> {
    let standing: Option<(EntryId, i64)> = tx
        .prepare_cached("SELECT about, of_row FROM header_entry WHERE entry_row = ?1")?
        .query_row([row], |found| Ok((found.get(0)?, found.get(1)?)))
        .optional()?;
    let post = Post::find(tx, about)?;
    let of_row = post.as_ref().map_or(0, |post| if post.full { -post.author_row } else { post.author_row });
    if standing == Some((about, of_row)) {
        return Ok(post.is_some());
    }
    unfile(tx, row)?;
    let id: EntryId = tx
        .prepare_cached(
            "INSERT INTO header_entry (of_row, time, id, entry_row, about)
             SELECT ?2, time, id, row, ?3 FROM entry WHERE row = ?1 RETURNING id",
        )?
        .query_row(params![row, of_row, about], |found| found.get(0))?;
    sync::headers_changed(tx, of_row, &[id], &[])?;
    let Some(post) = post else {
        wait::add(tx, row, now_s)?;
        return Ok(false);
    };
    post.count(tx, about, row, 1)?;
    Ok(true)
}

fn unfile(tx: &Transaction<'_>, row: i64) -> Result<()> {
    wait::remove(tx, row)?;
    let stood: Option<(EntryId, i64, EntryId)> = tx
        .prepare_cached("DELETE FROM header_entry WHERE entry_row = ?1 RETURNING about, of_row, id")?
        .query_row([row], |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?)))
        .optional()?;
    let Some((about, of_row, id)) = stood else { return Ok(()) };
    sync::headers_changed(tx, of_row, &[], &[id])?;
    if of_row != 0
        && let Some(post) = Post::find(tx, about)?
    {
        post.count(tx, about, row, -1)?;
    }
    Ok(())
}

/// What a stored entry is to a header.
fn role_of(db: &Connection, row: i64) -> Result<Kind> {
    Ok(db
        .prepare_cached("SELECT kind, log_row = 0, refs <> x'' FROM entry WHERE row = ?1")?
        .query_row([row], |found| Ok(Kind::from_number(found.get(0)?).role(found.get(1)?, found.get(2)?)))?)
}

/// What a stored sealed entry takes, bytes, as it counts for its post.
fn bytes_of(db: &Connection, row: i64) -> Result<i64> {
    let sql = "SELECT ?2 + coalesce(length(body), body_len, 0) FROM entry WHERE row = ?1";
    Ok(db.prepare_cached(sql)?.query_row(params![row, limits::ENTRY_ROW_BYTES], |found| found.get(0))?)
}

/// An entry leaves the set: others push it out, or it does not fit. Its row is for the gate to remove, or to keep.
fn leave(applying: &mut Applying<'_>, row: i64) -> Result<()> {
    take_out(applying.tx, applying.notes, row, applying.now_s)?;
    applying.notes.pushed_out.push(row);
    Ok(())
}

/// Removes what was derived from an entry of a header. What names it waits for it from now on.
pub(crate) fn take_out(tx: &Transaction<'_>, notes: &mut Notes, row: i64, now_s: i64) -> Result<()> {
    let found: Option<(EntryId, i64, Kind, Vec<u8>, EntryId)> = tx
        .prepare_cached(
            "SELECT e.id, e.author_row, e.kind, e.refs, h.about FROM entry AS e
             JOIN header_entry AS h ON h.entry_row = e.row WHERE e.row = ?1",
        )?
        .query_row([row], |found| {
            Ok((found.get(0)?, found.get(1)?, Kind::from_number(found.get(2)?), found.get(3)?, found.get(4)?))
        })
        .optional()?;
    let Some((id, author_row, kind, refs, about)) = found else { return Ok(()) };
    let refs: Vec<EntryId> = refs.chunks_exact(32).filter_map(EntryId::from_slice).collect();
    let Some(target) = refs.first().copied() else { return Ok(()) };
    unfile(tx, row)?;
    match kind.role(false, true) {
        Kind::Comment => comment::leave(tx, target, id, row)?,
        Kind::Reaction => {
            tx.prepare_cached("DELETE FROM reaction WHERE entry_row = ?1")?.execute([row])?;
            reaction::settle(tx, target, author_row)?;
        }
        Kind::Edit => {
            tx.prepare_cached("DELETE FROM edit WHERE entry_row = ?1")?.execute([row])?;
            newest_edit(tx, target, author_row)?;
        }
        Kind::Delete => {
            for target in &refs {
                tx.prepare_cached("DELETE FROM tombstone WHERE target = ?1 AND author_row = ?2 AND entry_row = ?3")?
                    .execute(params![target, author_row, row])?;
            }
        }
        Kind::Hide => hide::leave(tx, row)?,
        Kind::Policy => policy::leave(tx, notes, row)?,
        _ => {}
    }
    media::release(tx, notes, row)?;
    notes.posts_changed.insert(about);
    named_by(tx, id)?.into_iter().try_for_each(|row| file_row(tx, row, id, now_s).map(drop))
}

/// Entries of headers that name this one, and those that name them.
fn named_by(tx: &Transaction<'_>, id: EntryId) -> Result<BTreeSet<i64>> {
    let mut statement = tx.prepare_cached(
        "SELECT e.row, e.id FROM entry AS e JOIN header_entry AS h ON h.entry_row = e.row
         WHERE e.row IN (SELECT entry_row FROM reaction WHERE target = ?1 UNION SELECT entry_row FROM edit WHERE target = ?1
                         UNION SELECT entry_row FROM tombstone WHERE target = ?1)
           AND substr(e.refs, 1, 32) = ?1",
    )?;
    let (mut rows, mut next) = (BTreeSet::new(), vec![id]);
    while let Some(id) = next.pop() {
        let found: Vec<(i64, EntryId)> =
            statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        for (row, id) in found {
            if rows.insert(row) {
                next.push(id);
            }
        }
    }
    Ok(rows)
}

// --- edits and deletions ---

fn edit(applying: &mut Applying<'_>) -> Result<()> {
    let Some(target) = applying.entry.header.refs.first() else { return Ok(()) };
    let mut counter = 0;
    if applying.entry.header.kind == Kind::Sealed {
        counter = sealed_counter(applying.tx, applying.row)?;
    } else if let Some(body) = &applying.entry.body {
        let edit = EditBody::decode(body)?;
        for attachment in &edit.post.attachments {
            media::reference(applying, attachment)?;
        }
        counter = i64::try_from(edit.counter).unwrap_or(i64::MAX);
    }
    applying
        .tx
        .prepare_cached("INSERT OR REPLACE INTO edit (entry_row, target, author_row, counter) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![applying.row, target, applying.author_row, counter])?;
    newest_edit(applying.tx, *target, applying.author_row).map(drop)
}

/// The counter of a sealed edit; 0 while it is closed.
fn sealed_counter(tx: &Transaction<'_>, row: i64) -> Result<i64> {
    let Some(body) = opened::body(tx, row)? else { return Ok(0) };
    Ok(i64::try_from(EditBody::decode(&body)?.counter).unwrap_or(i64::MAX))
}

/// Sealed edits of a post may have been opened: they count from now on. Answers the row of the newest.
pub(crate) fn edits_opened(tx: &Transaction<'_>, target: EntryId, author_row: i64) -> Result<Option<i64>> {
    let mut statement = tx.prepare_cached(
        "SELECT edit.entry_row FROM edit JOIN entry ON entry.row = edit.entry_row
         WHERE edit.target = ?1 AND edit.author_row = ?2 AND entry.kind = 17 AND entry.body IS NOT NULL",
    )?;
    let edits: Vec<i64> =
        statement.query_map(params![target, author_row], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for row in &edits {
        tx.prepare_cached("UPDATE edit SET counter = ?2 WHERE entry_row = ?1")?
            .execute([*row, sealed_counter(tx, *row)?])?;
    }
    if edits.is_empty() { Ok(None) } else { newest_edit(tx, target, author_row) }
}

/// The newest edit by (counter, id) of the target's own author counts, of those whose body is here. Answers its
/// row.
fn newest_edit(tx: &Transaction<'_>, target: EntryId, author_row: i64) -> Result<Option<i64>> {
    let newest: Option<i64> = tx
        .prepare_cached(
            "SELECT edit.entry_row FROM edit JOIN entry ON entry.row = edit.entry_row
             JOIN said ON said.row = edit.entry_row
             WHERE edit.target = ?1 AND edit.author_row = ?2 AND said.body IS NOT NULL
             ORDER BY edit.counter DESC, entry.id DESC LIMIT 1",
        )?
        .query_row(params![target, author_row], |row| row.get(0))
        .optional()?;
    for table in ["post", "comment"] {
        tx.prepare_cached(&format!(
            "UPDATE {table} SET edit_row = ?3
             WHERE entry_row = (SELECT row FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1)
             AND author_row = ?2 AND edit_row <> ?3"
        ))?
        .execute(params![target, author_row, newest.unwrap_or_default()])?;
    }
    Ok(newest)
}

/// Removes own entries: bodies, bodies of their edits, and blobs with their last reference. The tombstone stays, also
/// for what has not come yet.
fn delete(applying: &mut Applying<'_>) -> Result<()> {
    let (tx, author_row) = (applying.tx, applying.author_row);
    for target in applying.entry.header.refs.clone() {
        tx.prepare_cached("INSERT OR IGNORE INTO tombstone (target, author_row, entry_row) VALUES (?1, ?2, ?3)")?
            .execute(params![target, author_row, applying.row])?;
        let mut statement = tx.prepare_cached("SELECT entry_row FROM edit WHERE target = ?1 AND author_row = ?2")?;
        let edits: Vec<i64> =
            statement.query_map(params![target, author_row], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for row in edits {
            erase(applying, row)?;
            tx.prepare_cached("UPDATE edit SET counter = 0 WHERE entry_row = ?1")?.execute([row])?;
        }
        let own: Option<(i64, Kind)> = tx
            .prepare_cached(
                "SELECT row, kind FROM entry
                             WHERE prefix = substr(?1, 1, 8) AND id = ?1 AND author_row = ?2",
            )?
            .query_row(params![target, author_row], |row| Ok((row.get(0)?, Kind::from_number(row.get(1)?))))
            .optional()?;
        let Some((row, kind)) = own else { continue };
        erase(applying, row)?;
        match kind {
            Kind::Post | Kind::Sealed => {
                said::drop_beneath(tx, target)?;
                tx.prepare_cached("UPDATE post SET deleted = 1, edit_row = 0, in_feed = 0 WHERE entry_row = ?1")?
                    .execute([row])?;
            }
            Kind::Comment => {
                tx.prepare_cached(
                    "UPDATE comment SET deleted = 1, edit_row = 0, refused = 0, proof_key = NULL WHERE entry_row = ?1",
                )?
                .execute([row])?;
            }
            Kind::Reaction => {
                let of: Option<EntryId> = tx
                    .prepare_cached(
                        "UPDATE reaction SET deleted = 1, emoji = '' WHERE entry_row = ?1 RETURNING target",
                    )?
                    .query_row([row], |found| found.get(0))
                    .optional()?;
                if let Some(of) = of {
                    reaction::settle(tx, of, author_row)?;
                }
            }
            Kind::Hide => hide::leave(tx, row)?,
            Kind::Policy => policy::leave(tx, applying.notes, row)?,
            Kind::Repost => repost::leave(tx, applying.notes, row)?,
            _ => {}
        }
    }
    Ok(())
}

/// Erases the body of an entry; length and hash stay, so that its header still rebuilds.
fn erase(applying: &mut Applying<'_>, row: i64) -> Result<()> {
    let tx = applying.tx;
    let found: Option<(Kind, Option<Vec<u8>>)> = tx
        .prepare_cached("SELECT kind, body FROM entry WHERE row = ?1 AND log_row <> 0")?
        .query_row([row], |row| Ok((Kind::from_number(row.get(0)?), row.get(1)?)))
        .optional()?;
    let Some((kind, Some(body))) = found else { return Ok(()) };
    if !matches!(
        kind,
        Kind::Post
            | Kind::Comment
            | Kind::Reaction
            | Kind::Edit
            | Kind::Repost
            | Kind::Hide
            | Kind::Policy
            | Kind::Sealed
    ) {
        return Ok(());
    }
    tx.prepare_cached("UPDATE entry SET body = NULL, body_len = ?2, body_hash = ?3 WHERE row = ?1")?
        .execute(params![row, u32::try_from(body.len()).unwrap_or(u32::MAX), blake3::hash(&body).as_bytes()])?;
    media::release(tx, applying.notes, row)
}
