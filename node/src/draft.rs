//! The post that is being written, whole. Its text is a setting, which own devices share; the rest is of this device alone,
//! as its files are: they stay staged over a restart, sealed as they were, and go when the draft no longer names them.
//!
//! One that was sent off and waits for its time stands in [`held`].

mod held;

use std::collections::VecDeque;

use data_encoding::HEXLOWER;
use futures_util::FutureExt as _;
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};

use crate::crypto::FileKey;
use crate::entry::Card;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::{BlobHash, PersonaId};
use crate::limits::{ATTACHMENTS, DRAFT_FILES, DRAFT_POSTS, SETTING_VALUE_BYTES};
use crate::node::{Begun, Node, PollDraft, Staged, Writing, WritingPart};
use crate::setting;

pub(crate) use self::held::{doubt, is_held, serve, take_back};

/// Setting: the text.
const TEXT: &str = "ui.draft";
/// Of this device alone: all else, as JSON.
const REST: &str = "draft";
/// Of this device alone: further posts of a thread, as JSON.
const MORE: &str = "draft.more";

/// What rests beside the text.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Rest {
    persona: Option<String>,
    cw: Option<String>,
    audience: Option<Vec<String>>,
    files: Vec<RestFile>,
    card: Option<RestCard>,
    at_ms: Option<u64>,
    quote: Option<String>,
    poll: Option<PollDraft>,
    more: Vec<RestPart>,
}

/// A further post of a thread.
#[derive(Debug, Serialize, Deserialize)]
struct RestPart {
    text: String,
    cw: Option<String>,
    files: Vec<RestFile>,
}

impl RestPart {
    fn of(WritingPart { text, cw, files }: &WritingPart) -> Self {
        let files = files.iter().take(ATTACHMENTS).map(RestFile::of).collect();
        Self { text: text.clone(), cw: cw.clone(), files }
    }

    fn part(self) -> WritingPart {
        let files = self.files.into_iter().filter_map(RestFile::staged).collect();
        WritingPart { text: self.text, cw: self.cw, files }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct RestCard {
    url: String,
    title: String,
    description: String,
    picture: Option<String>,
}

impl RestCard {
    fn of(Card { url, title, description, picture }: &Card) -> Self {
        let picture = picture.map(|hash| hash.to_string());
        Self { url: url.clone(), title: title.clone(), description: description.clone(), picture }
    }

    fn card(self) -> Card {
        let Self { url, title, description, picture } = self;
        Card { url, title, description, picture: picture.and_then(|hash| hash.parse().ok()) }
    }
}

/// A staged file. Its key lies in the database as those of named files do.
#[derive(Debug, Serialize, Deserialize)]
struct RestFile {
    hash: String,
    mime: String,
    size: u64,
    width: u32,
    height: u32,
    blurhash: String,
    thumb: Option<String>,
    key: Option<String>,
    name: Option<String>,
    alt: String,
}

impl RestFile {
    fn of((staged, alt): &(Staged, String)) -> Self {
        let Staged { hash, mime, size, width, height, blurhash, thumb, key, name } = staged;
        Self {
            hash: hash.to_string(),
            mime: mime.clone(),
            size: *size,
            width: *width,
            height: *height,
            blurhash: blurhash.clone(),
            thumb: thumb.map(|thumb| thumb.to_string()),
            key: key.as_ref().map(|key| HEXLOWER.encode(key.as_bytes())),
            name: name.clone(),
            alt: alt.clone(),
        }
    }

    /// `None` for what another version wrote otherwise.
    fn staged(self) -> Option<(Staged, String)> {
        let Self { hash, mime, size, width, height, blurhash, thumb, key, name, alt } = self;
        let thumb = match thumb {
            Some(thumb) => Some(thumb.parse().ok()?),
            None => None,
        };
        let key = match key {
            Some(key) => {
                let bytes: [u8; 32] = HEXLOWER.decode(key.as_bytes()).ok()?.try_into().ok()?;
                Some(FileKey::from_bytes(bytes))
            }
            None => None,
        };
        let hash = hash.parse().ok()?;
        Some((Staged { hash, mime, size, width, height, blurhash, thumb, key, name }, alt))
    }
}

impl Rest {
    fn of(writing: &Writing) -> Self {
        Self {
            persona: writing.persona.map(|persona| persona.to_string()),
            cw: writing.cw.clone(),
            audience: writing.audience.as_ref().map(|ids| ids.iter().map(ToString::to_string).collect()),
            files: writing.files.iter().take(DRAFT_FILES).map(RestFile::of).collect(),
            card: writing.card.as_ref().map(RestCard::of),
            at_ms: writing.at_ms,
            quote: writing.quote.map(|quote| quote.to_string()),
            poll: writing.poll.clone(),
            more: writing.more.iter().map(RestPart::of).collect(),
        }
    }

    fn writing(self, text: String) -> Writing {
        let Self { persona, cw, audience, files, card, at_ms, quote, poll, more } = self;
        Writing {
            persona: persona.and_then(|id| id.parse().ok()),
            text,
            cw,
            // With one circle that does not read, nothing is chosen: what is left of a choice is never what goes out.
            audience: audience.and_then(|ids| ids.iter().map(|id| id.parse().ok()).collect()),
            files: files.into_iter().filter_map(RestFile::staged).collect(),
            card: card.map(RestCard::card),
            at_ms,
            quote: quote.and_then(|id| id.parse().ok()),
            poll,
            more: more.into_iter().map(RestPart::part).collect(),
        }
    }
}

fn read(db: &Connection) -> Result<Writing> {
    let text = setting::get(db, TEXT)?.unwrap_or_default();
    // What another version wrote otherwise is as if it were not there.
    let mut rest: Rest =
        setting::local(db, REST)?.and_then(|rest| serde_json::from_str(&rest).ok()).unwrap_or_default();
    rest.more = setting::local(db, MORE)?.and_then(|more| serde_json::from_str(&more).ok()).unwrap_or_default();
    Ok(rest.writing(text))
}

fn write(tx: &Transaction<'_>, writing: &Writing) -> Result<()> {
    if writing.text.len() > SETTING_VALUE_BYTES {
        return Err(Error::BadInput("the text is too long to be kept".to_owned()));
    }
    if writing.more.len() > DRAFT_POSTS || writing.more.iter().any(|part| part.text.len() > SETTING_VALUE_BYTES) {
        return Err(Error::BadInput("the thread is too long to be kept".to_owned()));
    }
    setting::put(tx, TEXT, &writing.text)?;
    let mut rest = Rest::of(writing);
    write_more(tx, &std::mem::take(&mut rest.more))?;
    let rest = serde_json::to_string(&rest).map_err(|_| Error::Bug("a draft could not be written"))?;
    // Words about pictures that no post may hold: the text is kept without them.
    if rest.len() <= SETTING_VALUE_BYTES { setting::put_local(tx, REST, &rest) } else { Ok(()) }
}

/// They may be long: they are written where one of them changed.
fn write_more(tx: &Transaction<'_>, more: &[RestPart]) -> Result<()> {
    let before = setting::local(tx, MORE)?;
    if more.is_empty() {
        return if before.is_some() { setting::forget_local(tx, MORE) } else { Ok(()) };
    }
    let more = serde_json::to_string(more).map_err(|_| Error::Bug("a draft could not be written"))?;
    if before.as_ref() == Some(&more) { Ok(()) } else { setting::put_local(tx, MORE, &more) }
}

/// Files that a draft of an earlier run names, and those of posts that wait: they are staged again before anything is swept.
pub(crate) fn staged(db: &Connection) -> Result<(VecDeque<Staged>, Vec<Staged>)> {
    Ok((read(db)?.all_files().into_iter().map(|(staged, _)| staged).collect(), held::files(db)?))
}

/// An own persona leaves this device, and what was being written by it. What it had scheduled is told instead of posted.
pub(crate) fn leave(tx: &Transaction<'_>, persona: PersonaId) -> Result<()> {
    held::leave(tx, persona)?;
    if read(tx)?.persona == Some(persona) { write(tx, &Writing::default()) } else { Ok(()) }
}

impl Node {
    /// The post that is being written, with the files of it that are here.
    pub async fn begun(&self) -> Result<Begun> {
        let mut writing = self.inner().store.read(read).await?;
        let count = writing.all_files().len();
        self.keep_waiting(&mut writing.files).await?;
        for part in &mut writing.more {
            self.keep_waiting(&mut part.files).await?;
        }
        let lost = count.saturating_sub(writing.all_files().len());
        Ok(Begun { writing, lost })
    }

    /// Leaves out what is no longer here.
    async fn keep_waiting(&self, files: &mut Vec<(Staged, String)>) -> Result<()> {
        for (staged, alt) in std::mem::take(files) {
            if self.is_waiting(staged.hash).await? {
                files.push((staged, alt));
            }
        }
        Ok(())
    }

    /// Whether a staged file is still here.
    async fn is_waiting(&self, hash: BlobHash) -> Result<bool> {
        if !self.inner().is_staged(hash) {
            return Ok(false);
        }
        match self.blob(hash).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. } | Error::Io(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Keeps the post that is being written, over a restart too. Who asks may go away after the first poll: it is kept
    /// and told all the same.
    ///
    /// # Errors
    /// `BadInput` for a text over its limit.
    pub async fn keep_begun(&self, writing: Writing) -> Result<()> {
        let node = self.clone();
        let mut kept = Box::pin(async move {
            node.write_items(move |tx| write(tx, &writing)).await?;
            node.inner().events.send(Event::SettingsChanged);
            Ok(())
        });
        // One poll hands it to the store: where the program ends now, that is all there is time for.
        match (&mut kept).now_or_never() {
            Some(done) => done,
            None => self.inner().on_runtime(kept).await?,
        }
    }

    /// A staged file that nothing will name goes.
    pub fn discard_staged(&self, hash: BlobHash) {
        self.inner().unstage(hash);
        self.inner().events.send(Event::BlobDropped(hash));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
