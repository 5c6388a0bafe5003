//! Posts: what stands in a feed.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::card;
use crate::entry::{BlobRef, Entry, Kind, PostBody, ProfileBody, Salt, Scope, SealedBody, Series};
use crate::error::{Error, Result};
use crate::gate::{Applying, Draft, Notes, SealedDraft};
use crate::id::{BlobHash, EntryId, PersonaId};
use crate::limits;
use crate::media::{self, Naming};
use crate::mention::mentions;
use crate::mute::check_not_blocked;
use crate::node::{Attach, Node, PostDraft};
use crate::opened;
use crate::poll;
use crate::profile::checked_text;
use crate::published;
use crate::resolve::known;
use crate::series;

/// A claimed time further than this ahead of when it was first seen is shown as "clock off", s.
pub(crate) const CLOCK_OFF_S: i64 = 600;

pub(crate) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    let tx = applying.tx;
    let deleted = applying.deleted;
    let sealed = applying.entry.header.kind == Kind::Sealed;
    let mut said = None;
    if let Some(body) = applying.entry.body.as_ref().filter(|_| !sealed) {
        let body = PostBody::decode(body)?;
        for attachment in &body.attachments {
            media::reference(applying, attachment)?;
        }
        published::apply(applying, &body.people)?;
        said = Some(body);
    }
    let inside = if sealed { opened::body(tx, applying.row)? } else { None };
    let closed = sealed && inside.is_none();
    if let Some(inside) = inside {
        said = Some(PostBody::decode(&inside)?);
    }
    let rank = if sealed { sealed_rank(tx, applying.row, applying.rank, applying.now_s)? } else { applying.rank };
    let followed = applying.followed || opened::is_of_group(tx, applying.row)?;
    let in_feed = followed && !deleted && !closed && applying.entry.body.is_some();
    tx.prepare_cached(
        "INSERT INTO post (entry_row, author_row, rank, log_row, seq, in_feed, deleted, closed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (entry_row) DO UPDATE SET in_feed = ?6, deleted = ?7, closed = ?8, rank = ?3",
    )?
    .execute(params![
        applying.row,
        applying.author_row,
        rank,
        applying.log_row,
        applying.entry.header.seq.cast_signed(),
        in_feed,
        deleted,
        closed
    ])?;
    let behind = match &said {
        Some(body) => series::note(tx, applying.row, body, applying.notes)?,
        None => false,
    };
    if in_feed && !behind {
        applying.notes.posts_added.push(applying.entry.header.author);
    }
    Ok(())
}

/// A post that was closed was opened: it stands where it would have stood.
pub(crate) fn reveal(tx: &Transaction<'_>, row: i64, now_s: i64, notes: &mut Notes) -> Result<()> {
    let (rank, author, followed): (i64, PersonaId, bool) = tx
        .prepare_cached(
            "SELECT entry.rank, author.id, author.followed FROM entry JOIN author ON author.row = entry.author_row
             WHERE entry.row = ?1",
        )?
        .query_row([row], |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?)))?;
    let followed = followed || opened::is_of_group(tx, row)?;
    note_opened(tx, row)?;
    tx.prepare_cached("UPDATE post SET closed = 0, rank = ?2, in_feed = ?3 AND NOT deleted WHERE entry_row = ?1")?
        .execute(params![row, sealed_rank(tx, row, rank, now_s)?, followed])?;
    let behind = match opened::body(tx, row)? {
        Some(body) => series::note(tx, row, &PostBody::decode(&body)?, notes)?,
        None => false,
    };
    if followed && !behind {
        notes.posts_added.push(author);
    }
    Ok(())
}

/// Where a sealed post stands: by the time that it says inside, where it was opened; outside stands the day alone.
fn sealed_rank(tx: &Transaction<'_>, row: i64, rank: i64, now_s: i64) -> Result<i64> {
    let time: Option<i64> = tx
        .prepare_cached("SELECT time FROM opened WHERE entry_row = ?1")?
        .query_row([row], |found| found.get(0))
        .optional()?;
    Ok(time.map_or(rank, |time| time.min(now_s).max(rank)))
}

/// Who wrote a post: author row, persona, and whether it is deleted. `None`: it is not here, or no post.
pub(crate) fn written_by(db: &Connection, post: EntryId) -> Result<Option<(i64, PersonaId, bool)>> {
    Ok(db
        .prepare_cached(
            "SELECT author.row, author.id, post.deleted FROM entry JOIN post ON post.entry_row = entry.row
             JOIN author ON author.row = post.author_row WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
        )?
        .query_row([post], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?)
}

/// Notes what a post quotes; answers who wrote that, as the post says.
pub(crate) fn note(tx: &Transaction<'_>, row: i64, body: &[u8]) -> Result<Option<PersonaId>> {
    let body = PostBody::decode(body)?;
    let Some(target) = body.quote else { return Ok(None) };
    tx.prepare_cached("INSERT OR REPLACE INTO quote (entry_row, target) VALUES (?1, ?2)")?
        .execute(params![row, target])?;
    Ok(body.quoted)
}

/// The same, of a sealed post as far as it was opened here.
pub(crate) fn note_opened(tx: &Transaction<'_>, row: i64) -> Result<Option<PersonaId>> {
    match opened::body(tx, row)? {
        Some(body) => note(tx, row, &body),
        None => Ok(None),
    }
}

/// A post that may be quoted, and who wrote it.
///
/// # Errors
/// `NotFound` when it is not here or deleted, `BadInput` when it is no post, stands in a circle, or the user blocked its
/// author.
pub(crate) fn quotable(db: &Connection, post: EntryId) -> Result<(EntryId, PersonaId)> {
    let post = known(db, post).map_err(|error| match error {
        Error::NotFound { .. } => QUOTE_GONE,
        error => error,
    })?;
    match written_by(db, post)? {
        _ if opened::is_sealed(db, post)? => {
            Err(Error::BadInput("a post to a circle stays in it: only public posts can be quoted".to_owned()))
        }
        Some((_, author, false)) => {
            check_not_blocked(db, author)?;
            Ok((post, author))
        }
        Some((_, _, true)) => Err(QUOTE_GONE),
        None => Err(Error::BadInput("only posts can be quoted".to_owned())),
    }
}

const QUOTE_GONE: Error = Error::NotFound { what: "the post that is quoted" };

/// The claimed time, unless it lies in the future of when it was first seen.
pub(crate) fn shown_ms(claimed_s: i64, rank_s: i64) -> u64 {
    let shown = if claimed_s < 0 { rank_s } else { claimed_s.min(rank_s.saturating_add(CLOCK_OFF_S)) };
    u64::try_from(shown).unwrap_or_default().saturating_mul(1_000)
}

/// Blobs that an entry names outside.
pub(crate) fn named_blobs(entry: &Entry) -> Vec<BlobHash> {
    let Some(body) = &entry.body else { return Vec::new() };
    let refs = match entry.header.kind {
        Kind::Post => PostBody::decode(body).map(|post| post.attachments).unwrap_or_default(),
        Kind::Profile => {
            ProfileBody::decode(body).map(|profile| profile.picture.into_iter().collect()).unwrap_or_default()
        }
        Kind::Sealed => {
            let sealed = SealedBody::decode(body).map(|sealed| sealed.blobs).unwrap_or_default();
            return sealed.into_iter().map(|blob| blob.hash).collect();
        }
        _ => Vec::new(),
    };
    refs.into_iter().flat_map(|blob| [Some(blob.hash), blob.thumb]).flatten().collect()
}

impl Node {
    /// How an entry or message names these files. What was staged otherwise is stored anew: sealed for circles and
    /// messages, as it is for everybody.
    pub(crate) async fn attachments(&self, attached: Vec<Attach>, sealed: bool) -> Result<(Vec<BlobRef>, Naming)> {
        if attached.len() > limits::ATTACHMENTS {
            return Err(Error::BadInput(format!("there may be at most {} attachments", limits::ATTACHMENTS)));
        }
        let (mut refs, mut naming) = (Vec::new(), Naming::new(self));
        for Attach { staged, alt } in attached {
            let alt = match alt {
                Some(alt) => Some(checked_text(&alt, limits::ALT_CHARS, "the alt text")?).filter(|alt| !alt.is_empty()),
                None => None,
            };
            refs.push(naming.name(staged, sealed).await?.blob_ref(alt));
        }
        Ok((refs, naming))
    }

    /// Signs and stores a post; it is durable when this returns, and on its way to whoever is connected.
    ///
    /// # Errors
    /// `BadInput` when it has neither text nor pictures, is over a limit, or quotes what is not in the open; `NotFound` for
    /// an unknown persona, picture, quoted post or circle of the persona.
    pub async fn post(&self, draft: PostDraft) -> Result<EntryId> {
        let salt = self.inner().random()?;
        self.post_salted(draft, salt).await
    }

    /// As [`Self::post`], with ids of all posts of a thread, in its order.
    ///
    /// # Errors
    /// As of [`Self::post`]; then none of them is signed.
    pub async fn post_thread(&self, draft: PostDraft) -> Result<Vec<EntryId>> {
        let salt = self.inner().random()?;
        self.post_all(draft, salt).await
    }

    /// Who writes it and what it says, without its files.
    ///
    /// # Errors
    /// As of [`Self::post`], but for files and circles.
    async fn post_body(&self, draft: &PostDraft) -> Result<(PersonaId, PostBody)> {
        let persona = self.writing_persona(draft.persona).await?;
        let text = checked_text(&draft.text, limits::TEXT_CHARS, "the text")?;
        if text.is_empty() && draft.attachments.is_empty() {
            return Err(Error::BadInput("a post needs text or a picture".to_owned()));
        }
        let content_warning = match &draft.cw {
            Some(cw) => Some(checked_text(cw, limits::CW_CHARS, "the content warning")?).filter(|cw| !cw.is_empty()),
            None => None,
        };
        if draft.circles.len() > limits::POST_CIRCLES {
            return Err(Error::BadInput(format!("a post goes to at most {} circles", limits::POST_CIRCLES)));
        }
        let (tags, mentions) = (tags(&text), mentions(&text));
        let quoted = match draft.quote {
            Some(quote) => Some(self.inner().store.read(move |db| quotable(db, quote)).await?),
            None => None,
        };
        let (quote, quoted) = quoted.unzip();
        let now_s = self.inner().clock.unix_ms() / 1_000;
        let poll = draft.poll.as_ref().map(|poll| poll::checked(poll, &text, now_s)).transpose()?;
        let (attachments, lang) = (Vec::new(), draft.lang.clone());
        let card = draft.card.clone().map(card::checked).transpose()?;
        let people = published::checked(draft)?;
        let fixed = PostBody { quote, quoted, poll, card, people, ..PostBody::default() };
        Ok((persona, PostBody { text, content_warning, lang, attachments, mentions, tags, ..fixed }))
    }

    /// Whether it could be posted now, so that one for later is not refused when nobody looks; answers who writes it.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub(crate) async fn postable(&self, draft: &PostDraft) -> Result<PersonaId> {
        let mut by = None;
        for (post, series) in series::split(draft.clone(), Salt::default())? {
            by = Some(self.one_postable(&post, series).await?);
        }
        by.ok_or(Error::Bug("nothing was to be posted"))
    }

    async fn one_postable(&self, draft: &PostDraft, series: Option<Series>) -> Result<PersonaId> {
        let (persona, body) = self.post_body(draft).await?;
        let body = PostBody { series, ..body };
        encoded(&body, Salt::default())?;
        if draft.attachments.len() > limits::ATTACHMENTS {
            return Err(Error::BadInput(format!("there may be at most {} attachments", limits::ATTACHMENTS)));
        }
        for Attach { staged, alt } in &draft.attachments {
            if let Some(alt) = alt {
                checked_text(alt, limits::ALT_CHARS, "the alt text")?;
            }
            if self.staged(*staged).await?.width == 0 && draft.circles.is_empty() {
                return Err(Error::BadInput("only pictures can be posted for everybody".to_owned()));
            }
        }
        let own: Vec<_> = match draft.circles.is_empty() {
            true => Vec::new(),
            false => self.circles(Some(persona)).await?.into_iter().map(|circle| circle.id).collect(),
        };
        match draft.circles.iter().all(|circle| own.contains(circle)) {
            true => Ok(persona),
            false => Err(Error::NotFound { what: "the circle" }),
        }
    }

    /// The same, with a salt by which it is known again; of a thread that of the first post.
    pub(crate) async fn post_salted(&self, draft: PostDraft, salt: Salt) -> Result<EntryId> {
        self.post_all(draft, salt).await?.first().copied().ok_or(Error::Bug("an own post was not applied"))
    }

    /// All posts of a thread in one step; of what is none, the one.
    async fn post_all(&self, draft: PostDraft, salt: Salt) -> Result<Vec<EntryId>> {
        let mut to = draft.circles.clone();
        to.sort_unstable();
        to.dedup();
        let (mut bodies, mut named, mut by) = (Vec::new(), Vec::new(), None);
        for (place, (draft, series)) in series::split(draft, self.inner().random()?)?.into_iter().enumerate() {
            let (persona, mut body) = self.post_body(&draft).await?;
            let staged: Vec<BlobHash> = draft.attachments.iter().map(|attach| attach.staged).collect();
            let (attachments, pictures) = self.attachments(draft.attachments, !to.is_empty()).await?;
            (body.attachments, body.series) = (attachments, series);
            card::settle_picture(&mut body, &staged);
            bodies.push(encoded(&body, if place == 0 { salt } else { self.inner().random()? })?);
            named.push(pictures);
            by = Some(persona);
        }
        let persona = by.ok_or(Error::Bug("nothing was to be posted"))?;
        let ids = if to.is_empty() {
            let (scope, kind) = (Scope::Posts, Kind::Post);
            let drafts = bodies.into_iter().map(|body| Draft { persona, scope, kind, refs: Vec::new(), body });
            self.author_posts(drafts.collect()).await?
        } else {
            let drafts = bodies.into_iter().map(|body| SealedDraft { persona, to: to.clone(), refs: Vec::new(), body });
            self.seal_posts(drafts.collect()).await?
        };
        named.into_iter().for_each(Naming::done);
        Ok(ids)
    }
}

/// The encoded body; `BadInput` when it is over the limit of a body.
pub(crate) fn encoded(body: &PostBody, salt: Salt) -> Result<Vec<u8>> {
    let bytes = body.encode(salt);
    if bytes.len() > limits::BODY_BYTES {
        return Err(Error::BadInput(format!("the text takes more than {} bytes", limits::BODY_BYTES)));
    }
    Ok(bytes)
}

/// Hashtags of a text, lower case, each once, without the sign: those that are drawn as such, so none inside a word or
/// a link.
pub(crate) fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let lower = word.to_ascii_lowercase();
        let plain = lower.find("http://").into_iter().chain(lower.find("https://")).min().unwrap_or(word.len());
        let mut rest = word.get(..plain).unwrap_or_default();
        while let Some((before, after)) = rest.split_once('#') {
            let inside = |c: char| c.is_alphanumeric() || matches!(c, '#' | '/' | '&' | '\\');
            let begins = !before.chars().next_back().is_some_and(inside);
            let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
            let (name, behind) = after.split_at_checked(end).unwrap_or((after, ""));
            if let Some(tag) = tag_name(name).filter(|tag| begins && !tags.contains(tag))
                && tags.len() < limits::TAGS
            {
                tags.push(tag);
            }
            // What follows a sign right away is none.
            rest = if name.is_empty() { behind.trim_start_matches('#') } else { behind };
        }
    }
    tags
}

/// A hashtag without its sign, in lower case: letters, digits and `_`, at least one letter. `None` for anything else.
pub(crate) fn tag_name(tag: &str) -> Option<String> {
    let name: String = tag.to_lowercase().chars().take(limits::TAG_CHARS).collect();
    let fits = name.chars().all(|c| c.is_alphanumeric() || c == '_') && name.contains(char::is_alphabetic);
    fits.then_some(name)
}

/// The row of a post.
pub(crate) fn row_of(db: &Connection, id: EntryId) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached(
            "SELECT entry.row FROM entry JOIN post ON post.entry_row = entry.row
                         WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
        )?
        .query_row([id], |row| row.get(0))
        .optional()?)
}

#[cfg(test)]
mod tests {
    use super::tags;

    #[test]
    fn tags_are_found_once_and_in_lower_case() {
        assert_eq!(tags("#Kith and #kith, #größe_1 #1 # x#y (#z)"), ["kith", "größe_1", "z"]);
    }

    #[test]
    fn words_and_links_hold_no_tags() {
        assert!(tags("https://example.org/#part (http://a.b/?q=#x) a/#b &#c \\#d ##e #_ #12").is_empty());
        assert_eq!(tags(&"#a1".repeat(3)), ["a1"]);
        let many: String = (0..2 * crate::limits::TAGS).map(|n| format!("#t{n} ")).collect();
        assert_eq!(tags(&many).len(), crate::limits::TAGS);
    }
}
