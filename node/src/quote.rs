//! Quotes: a post says something about another one, which stands below it as a card. What is quoted is in the open: it may
//! be quoted to everybody and to circles, and a post to a circle never.
//!
//! What a post quotes stands in that post ([`post::note`] writes it down), and no edit changes it. The card tells what the quoted post says now, and no more
//! than its beginning; what that one quotes is not drawn. Nobody reads through a card what they could not read in its place:
//! of somebody who is blocked, and of what is sealed, nothing stands there.

use rusqlite::{Connection, OptionalExtension};

use crate::card;
use crate::entry::{EditBody, Kind, PostBody};
use crate::error::Result;
use crate::gate::Applying;
use crate::id::{EntryId, PersonaId};
use crate::limits;
use crate::mention;
use crate::mute::{Hidden, is_blocked};
use crate::node::Node;
use crate::post::{self, shown_ms};
use crate::repost;
use crate::resolve::known;
use crate::view::{QuoteState, QuoteView};

/// A post was stored: what it quotes is noted, and who quoted it before shows it from now on.
pub(crate) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    let tx = applying.tx;
    let sealed = applying.entry.header.kind == Kind::Sealed;
    let quoted = match &applying.entry.body {
        _ if applying.deleted => None,
        _ if sealed => post::note_opened(tx, applying.row)?,
        Some(body) => post::note(tx, applying.row, body)?,
        None => None,
    };
    // A name inside of what is sealed is asked for nowhere: whoever put it there would see who reads it.
    if let Some(author) = quoted.filter(|_| applying.followed && !sealed) {
        applying.notes.carried |= repost::carry(applying, author)?;
    }
    if !sealed && is_quoted(tx, applying.id)? {
        applying.notes.posts_changed.insert(applying.id);
    }
    Ok(())
}

fn is_quoted(db: &Connection, post: EntryId) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM quote WHERE target = ?1)")?
        .query_row([post], |row| row.get(0))?)
}

/// What a post quotes, as it stands below it.
pub(crate) fn of(db: &Connection, post: &PostBody) -> Result<Option<QuoteView>> {
    post.quote.map(|quote| view(db, quote, post.quoted)).transpose()
}

/// `by`: who wrote it, as the post says that quotes it.
fn view(db: &Connection, id: EntryId, by: Option<PersonaId>) -> Result<QuoteView> {
    let mut view = QuoteView { author: by, ..QuoteView::empty(id) };
    let found = db
        .prepare_cached(
            "SELECT author.id, author.name, coalesce(author.picture_thumb, author.picture), entry.time, post.rank,
                    entry.body, (SELECT body FROM said WHERE said.row = post.edit_row), post.deleted, author.own
             FROM entry JOIN post ON post.entry_row = entry.row JOIN author ON author.row = post.author_row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 AND entry.kind <> 17",
        )?
        .query_row([id], |row| {
            let told = QuoteView {
                author: row.get(0)?,
                author_name: row.get(1)?,
                author_picture: row.get(2)?,
                created_ms: shown_ms(row.get(3)?, row.get(4)?),
                own: row.get(8)?,
                ..QuoteView::empty(id)
            };
            let (body, edit): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(5)?, row.get(6)?);
            Ok((told, body, edit, row.get::<_, bool>(7)?))
        })
        .optional()?;
    let mut said = None;
    if let Some((told, body, edit, deleted)) = found {
        view = told;
        said = match (edit, body) {
            _ if deleted => None,
            (Some(edit), Some(_)) => Some(EditBody::decode(&edit)?.post),
            (_, Some(body)) => Some(PostBody::decode(&body)?),
            _ => None,
        };
        if deleted {
            view.state = QuoteState::Deleted;
        }
    }
    if let Some(author) = view.author
        && is_blocked(db, author)?
    {
        return Ok(QuoteView { state: QuoteState::Blocked, ..QuoteView::empty(id) });
    }
    if let Some(said) = said {
        view.state = QuoteState::Here;
        view.attachments = u64::try_from(card::files_beside(&said)).unwrap_or(u64::MAX);
        view.text = beginning(&mention::plain(db, &said)?);
        view.cw = said.content_warning;
    }
    Ok(view)
}

/// Of what a quoted post says, as much as its card shows.
pub(crate) fn beginning(text: &str) -> String {
    let mut rest = text.chars();
    let mut beginning: String = rest.by_ref().take(limits::QUOTE_CHARS).collect();
    if rest.next().is_some() {
        beginning.push('…');
    }
    beginning
}

impl Node {
    /// A post as it stands below one that quotes it.
    pub async fn quoted(&self, post: EntryId) -> Result<QuoteView> {
        let now_ms = self.inner().clock.unix_ms();
        self.inner()
            .store
            .read(move |db| {
                let mut view = view(db, known(db, post).unwrap_or(post), None)?;
                Hidden::read(db, now_ms)?.dress_quote(&mut view);
                Ok(view)
            })
            .await
    }

    /// Whether a post may be quoted.
    ///
    /// # Errors
    /// Why it may not: `NotFound` or `BadInput`.
    pub async fn check_quotable(&self, post: EntryId) -> Result<()> {
        self.inner().store.read(move |db| post::quotable(db, post)).await.map(drop)
    }
}
