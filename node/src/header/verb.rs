//! What a person does in headers: comment, react, edit, delete.

use rusqlite::{Connection, OptionalExtension, params};
use unicode_segmentation::UnicodeSegmentation as _;

use super::{comment::place_in_thread, reaction};
use crate::entry::{DeleteBody, EditBody, Kind, PostBody, ReactionBody, Scope};
use crate::error::{Error, Result};
use crate::gate::{CommentDraft, Draft, SealedDraft};
use crate::id::{CircleId, EntryId, PersonaId};
use crate::limits;
use crate::mention::mentions;
use crate::mute::check_not_blocked;
use crate::node::Node;
use crate::opened;
use crate::post::{self, encoded, tags, written_by};
use crate::profile::checked_text;
use crate::resolve::known;
use crate::series;

impl Node {
    /// Comments on a post, or answers a comment.
    ///
    /// # Errors
    /// `NotFound` when the target is not stored here, `BadInput` for empty or too long text, too deep a thread, or where
    /// the user blocked who wrote it.
    pub async fn comment(&self, persona: Option<PersonaId>, target: EntryId, text: &str) -> Result<EntryId> {
        let persona = self.speaker(persona, target).await?;
        let text = checked_text(text, limits::TEXT_CHARS, "the text")?;
        if text.is_empty() {
            return Err(Error::BadInput("a comment needs text".to_owned()));
        }
        let (root, parent, sealed) = self
            .inner()
            .store
            .read(move |db| {
                let (root, parent) = place_in_thread(db, target)?;
                let sealed = check_readable(db, root, persona)?;
                check_not_blocked(db, author_of(db, root)?)?;
                check_not_blocked(db, author_of(db, parent)?)?;
                // Else it would be kept and shown to nobody.
                let own = written_by(db, root)?.is_some_and(|(_, author, _)| author == persona);
                if !own && super::commenters(db, root)? == "nobody" {
                    return Err(Error::BadInput("its author closed this post to comments".to_owned()));
                }
                Ok((root, parent, sealed))
            })
            .await?;
        let (tags, mentions) = (tags(&text), mentions(&text));
        let body = encoded(&PostBody { text, tags, mentions, ..PostBody::default() }, self.inner().random()?)?;
        if sealed {
            let (post, kind, target) = (root, Kind::Comment, parent);
            return self.comment_one(CommentDraft { persona, post, kind, target, body }).await;
        }
        self.visit_author(root).await;
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
    /// `NotFound` when the target is not stored here, `BadInput` for what is not one emoji, where the persona has three
    /// reactions already, or where the user blocked who wrote it.
    pub async fn react(&self, persona: Option<PersonaId>, target: EntryId, emoji: &str) -> Result<EntryId> {
        let persona = self.speaker(persona, target).await?;
        let emoji = checked_emoji(emoji)?;
        let wanted = emoji.clone();
        let (target, existing, sealed) = self
            .inner()
            .store
            .read(move |db| {
                let target = known(db, target)?;
                let existing = reaction::of_persona(db, persona, target, &wanted)?;
                let post = sealed_above(db, target)?;
                if existing.is_none() {
                    check_not_blocked(db, author_of(db, target)?)?;
                    check_readable(db, post.unwrap_or(target), persona)?;
                    reaction::check_room(db, persona, target)?;
                }
                Ok((target, existing, post))
            })
            .await?;
        if let Some(existing) = existing {
            return Ok(existing);
        }
        let body = ReactionBody { emoji }.encode(self.inner().random()?);
        if let Some(post) = sealed {
            return self.comment_one(CommentDraft { persona, post, kind: Kind::Reaction, target, body }).await;
        }
        self.visit_author(target).await;
        self.author_one(Draft { persona, scope: Scope::Engagement, kind: Kind::Reaction, refs: vec![target], body })
            .await
    }

    /// Takes a reaction back: a deletion of it. `None`: that of whichever own persona has one, the default one's first.
    ///
    /// # Errors
    /// `NotFound` when there is no such reaction.
    pub async fn unreact(&self, persona: Option<PersonaId>, target: EntryId, emoji: &str) -> Result<EntryId> {
        let emoji = checked_emoji(emoji)?;
        let persona = match persona {
            Some(_) => self.own_persona(persona).await?,
            None => self.reacted(target, &emoji).await?,
        };
        let reaction = self
            .inner()
            .store
            .read(move |db| {
                let target = known(db, target)?;
                reaction::of_persona(db, persona, target, &emoji)?.ok_or(Error::NotFound { what: "the reaction" })
            })
            .await?;
        self.delete(Some(persona), reaction).await
    }

    /// Replaces the text of an own post or comment; everything else of it stays, and history stays visible.
    ///
    /// # Errors
    /// `NotFound` when it is not here or deleted, `BadInput` when it is not an own one.
    pub async fn edit(&self, persona: Option<PersonaId>, target: EntryId, text: &str) -> Result<EntryId> {
        let text = checked_text(text, limits::TEXT_CHARS, "the text")?;
        let Editable { target, author, scope, mut post, counter, to, beneath } =
            self.inner().store.read(move |db| editable(db, target)).await?;
        let said_at = beneath.unwrap_or(target);
        self.inner().store.read(move |db| check_heard(db, said_at, author)).await?;
        let persona = self.author_of_own(persona, author, NOT_OWN).await?;
        if text.is_empty() && post.attachments.is_empty() {
            return Err(Error::BadInput("a post needs text or a picture".to_owned()));
        }
        (post.tags, post.mentions) = (tags(&text), mentions(&text));
        post.text = text;
        encoded(&post, self.inner().random()?)?;
        let body = EditBody { post, counter: counter + 1 }.encode(self.inner().random()?);
        if let Some(post) = beneath {
            return self.comment_one(CommentDraft { persona, post, kind: Kind::Edit, target, body }).await;
        }
        if !to.is_empty() {
            return self.seal_one(SealedDraft { persona, to, refs: vec![target], body }).await;
        }
        if scope == Scope::Sealed {
            return Err(Error::Bug("an edit of a post to circles is for no circle"));
        }
        self.author_one(Draft { persona, scope, kind: Kind::Edit, refs: vec![target], body }).await
    }

    /// Deletes an own post, comment or reaction: every node that hears of it removes the body. That it existed, its
    /// author, day, size class and references stay for ever. Deleting twice answers the first deletion.
    ///
    /// # Errors
    /// `NotFound` when it is not here, `BadInput` when it is not an own one.
    pub async fn delete(&self, persona: Option<PersonaId>, target: EntryId) -> Result<EntryId> {
        let (target, author, scope, beneath) = self
            .inner()
            .store
            .read(move |db| {
                let target = known(db, target)?;
                let (author, kind) = db
                    .prepare_cached(&format!(
                        "SELECT author.id, entry.kind FROM entry LEFT JOIN sealed_comment AS s ON s.entry_row = entry.row
                         JOIN author ON author.row = {WRITER} WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1"
                    ))?
                    .query_row([target], |row| Ok((row.get(0)?, Kind::from_number(row.get(1)?))))?;
                let scope = match kind {
                    Kind::Post | Kind::Repost | Kind::Hide | Kind::Policy => Scope::Posts,
                    Kind::Comment | Kind::Reaction => Scope::Engagement,
                    Kind::Sealed => Scope::Sealed,
                    _ => return Err(Error::BadInput("only posts, comments and reactions can be deleted".to_owned())),
                };
                Ok((target, author, scope, said_about(db, target)?))
            })
            .await?;
        let persona = self.author_of_own(persona, author, NOT_OWN).await?;
        match beneath {
            Some(SaidAbout { deletion: Some(deletion), .. }) => Ok(deletion),
            Some(SaidAbout { post, .. }) => {
                let body = DeleteBody {}.encode(self.inner().random()?);
                self.comment_one(CommentDraft { persona, post, kind: Kind::Delete, target, body }).await
            }
            None => {
                let with = self.inner().store.read(move |db| series::going_with(db, target)).await?;
                self.write_deletes(persona, scope, with, target).await
            }
        }
    }

    /// A deletion of an own entry; the first one where it was deleted before.
    pub(crate) async fn write_delete(&self, persona: PersonaId, scope: Scope, target: EntryId) -> Result<EntryId> {
        self.write_deletes(persona, scope, Vec::new(), target).await
    }

    /// As [`Self::write_delete`], and of the others in the same step.
    async fn write_deletes(
        &self,
        persona: PersonaId,
        scope: Scope,
        mut targets: Vec<EntryId>,
        target: EntryId,
    ) -> Result<EntryId> {
        targets.push(target);
        let mut drafts = Vec::with_capacity(targets.len());
        for target in targets {
            let body = DeleteBody {}.encode(self.inner().random()?);
            drafts.push(Draft { persona, scope, kind: Kind::Delete, refs: vec![target], body });
        }
        self.author_last(drafts).await
    }

    /// The persona that may change what `author` wrote: that author, when it is an own one (and the one named). `BadInput`
    /// with `why` where it is not.
    pub(crate) async fn author_of_own(
        &self,
        persona: Option<PersonaId>,
        author: PersonaId,
        why: &'static str,
    ) -> Result<PersonaId> {
        let not_own = || Error::BadInput(why.to_owned());
        if persona.is_some_and(|persona| persona != author) {
            return Err(not_own());
        }
        self.own_persona(Some(author)).await.map_err(|error| match error {
            Error::NotFound { .. } => not_own(),
            other => other,
        })
    }
}

/// What stands sealed about a post to circles.
struct SaidAbout {
    post: EntryId,
    deletion: Option<EntryId>,
}

/// `None` for all other entries.
fn said_about(db: &Connection, id: EntryId) -> Result<Option<SaidAbout>> {
    Ok(db
        .prepare_cached(
            "SELECT s.post, (SELECT de.id FROM sealed_comment AS d JOIN entry AS de ON de.row = d.entry_row
                             WHERE d.target = ?1 AND d.post = s.post AND d.kind = ?2 AND d.stands = 1 LIMIT 1)
             FROM entry JOIN sealed_comment AS s ON s.entry_row = entry.row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
        )?
        .query_row(params![id, Kind::Delete.number()], |row| Ok(SaidAbout { post: row.get(0)?, deletion: row.get(1)? }))
        .optional()?)
}

/// The post to circles that this is, or is about.
pub(super) fn sealed_above(db: &Connection, id: EntryId) -> Result<Option<EntryId>> {
    Ok(match said_about(db, id)? {
        Some(said) => Some(said.post),
        None if opened::is_sealed(db, id)? => Some(id),
        None => None,
    })
}

/// Whether what a persona says about this post is sealed.
///
/// # Errors
/// `NotFound` where the post is closed here, `GroupEnded` where it went to groups that the persona is in no longer,
/// `BadInput` where another own persona reads it and this one does not.
fn check_readable(db: &Connection, post: EntryId, persona: PersonaId) -> Result<bool> {
    if !opened::is_sealed(db, post)? {
        return Ok(false);
    }
    let readers = opened::readers(db, post)?;
    if readers.is_empty() {
        return Err(Error::NotFound { what: "the post" });
    }
    if !readers.contains(&persona) {
        return Err(Error::BadInput("this persona is in none of the circles that the post went to".to_owned()));
    }
    check_heard(db, post, persona)?;
    Ok(true)
}

/// What is said about a post to groups that the persona is in no longer would be kept here and come to nobody.
///
/// # Errors
/// `GroupEnded`.
fn check_heard(db: &Connection, post: EntryId, persona: PersonaId) -> Result<()> {
    let row = db
        .prepare_cached("SELECT row FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1")?
        .query_row([post], |row| row.get(0))?;
    match opened::ended(db, row, Some(persona))? {
        Some(ended) => Err(Error::GroupEnded(ended.told())),
        None => Ok(()),
    }
}

pub(super) const NOT_OWN: &str = "this was written by someone else";

/// The row of who wrote `entry`, with what was opened of it as `s`.
const WRITER: &str = "coalesce(s.author_row, entry.author_row)";

/// Who wrote what is stored here.
pub(super) fn author_of(db: &Connection, entry: EntryId) -> Result<PersonaId> {
    Ok(db
        .prepare_cached(&format!(
            "SELECT author.id FROM entry LEFT JOIN sealed_comment AS s ON s.entry_row = entry.row
             JOIN author ON author.row = {WRITER} WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1"
        ))?
        .query_row([entry], |row| row.get(0))?)
}

/// What may stand as a reaction.
///
/// # Errors
/// `BadInput` for what is not one emoji.
pub(crate) fn checked_emoji(emoji: &str) -> Result<String> {
    let emoji = emoji.trim();
    // No table of emoji is kept, as new ones come every year: letters, plain digits and markup are what it is not.
    let pictorial = emoji.chars().any(|c| !c.is_ascii() && !c.is_alphanumeric());
    let plain = |c: char| c.is_ascii_alphabetic() || c.is_whitespace() || c.is_control() || "<>&\"'".contains(c);
    // Signs that are drawn as one: a flag, a family, a skin tone.
    let one = emoji.graphemes(true).count() == 1;
    if emoji.len() > limits::EMOJI_BYTES || !one || !pictorial || emoji.chars().any(plain) {
        return Err(Error::BadInput("a reaction is one emoji".to_owned()));
    }
    Ok(emoji.to_owned())
}

/// What an edit starts from: the newest body, and the highest counter seen.
pub(super) struct Editable {
    pub(super) target: EntryId,
    pub(super) author: PersonaId,
    scope: Scope,
    pub(super) post: PostBody,
    counter: u64,
    /// Of a post to circles: which.
    pub(super) to: Vec<CircleId>,
    /// Of a comment on a post to circles: that post.
    beneath: Option<EntryId>,
}

pub(super) fn editable(db: &Connection, target: EntryId) -> Result<Editable> {
    let target = known(db, target)?;
    let (row, author, kind, body, writer): (i64, PersonaId, Kind, Option<Vec<u8>>, i64) = db
        .prepare_cached(&format!(
            "SELECT entry.row, author.id, coalesce(s.kind, entry.kind), said.body, author.row
             FROM entry LEFT JOIN sealed_comment AS s ON s.entry_row = entry.row
             JOIN author ON author.row = {WRITER} JOIN said ON said.row = entry.row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1"
        ))?
        .query_row([target], |row| {
            Ok((row.get(0)?, row.get(1)?, Kind::from_number(row.get(2)?), row.get(3)?, row.get(4)?))
        })?;
    let (scope, table) = match kind {
        Kind::Post => (Scope::Posts, "post"),
        Kind::Comment => (Scope::Engagement, "comment"),
        Kind::Sealed if post::row_of(db, target)?.is_some() => (Scope::Sealed, "post"),
        _ => return Err(Error::BadInput("only posts and comments can be edited".to_owned())),
    };
    let body = body.ok_or(Error::NotFound { what: "the text of the post" })?;
    let newest: Option<Vec<u8>> = db
        .prepare_cached(&format!(
            "SELECT said.body FROM {table} JOIN said ON said.row = {table}.edit_row WHERE {table}.entry_row = ?1"
        ))?
        .query_row([row], |row| row.get(0))
        .optional()?
        .flatten();
    // Only the author's own edits count: a stranger's may claim any counter.
    let counter: Option<i64> = db
        .prepare_cached("SELECT max(counter) FROM edit WHERE target = ?1 AND author_row = ?2")?
        .query_row(params![target, writer], |row| row.get(0))?;
    let said = PostBody::decode(&body)?;
    let post = match newest {
        // What it quotes, its poll and whom it lists are no matter of edits.
        Some(newest) => {
            let PostBody { quote, quoted, poll, people, series, .. } = said;
            PostBody { quote, quoted, poll, people, series, ..EditBody::decode(&newest)?.post }
        }
        None => said,
    };
    let to = if kind == Kind::Sealed { opened::of_post(db, row)? } else { Vec::new() };
    let counter = counter.unwrap_or_default().cast_unsigned();
    let beneath = said_about(db, target)?.map(|said| said.post);
    Ok(Editable { target, author, scope, post, counter, to, beneath })
}
