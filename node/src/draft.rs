//! The post that is being written, whole. Its text is a setting, which own devices share; the rest is of this device alone,
//! as its files are: they stay staged over a restart, sealed as they were, and go when the draft no longer names them.
//!
//! A post that was sent off waits a moment, in which it can be taken back: nothing is signed, and it rests beside the draft.
//! The node alone decides between the two, whatever becomes of the page: who takes it out of [`Outgoing`] first has it. A
//! node that was killed meanwhile finds it as a draft again, unless it had been signed: its salt tells.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};

use crate::crypto::FileKey;
use crate::entry::Salt;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::{BlobHash, PersonaId};
use crate::limits::{DRAFT_FILES, SETTING_VALUE_BYTES, UNDO_MOST_S};
use crate::node::{Begun, Ended, Node, Outgoing, Staged, Waiting, Writing};
use crate::setting;
use crate::store::Durability;

/// Setting: the text.
const TEXT: &str = "ui.draft";
/// Of this device alone: all else, as JSON.
const REST: &str = "draft";
/// Of this device alone: a post that was sent off and not signed yet, as JSON.
const WAITING: &str = "draft.waiting";

/// What rests beside the text.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Rest {
    persona: Option<String>,
    cw: Option<String>,
    audience: Option<Vec<String>>,
    files: Vec<RestFile>,
}

/// What rests of a post that waits.
#[derive(Debug, Serialize, Deserialize)]
struct RestWaiting {
    text: String,
    rest: Rest,
    /// Of the body that is signed, if it comes to that.
    salt: Salt,
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
        }
    }

    fn writing(self, text: String) -> Writing {
        let Self { persona, cw, audience, files } = self;
        Writing {
            persona: persona.and_then(|id| id.parse().ok()),
            text,
            cw,
            // With one circle that does not read, nothing is chosen: what is left of a choice is never what goes out.
            audience: audience.and_then(|ids| ids.iter().map(|id| id.parse().ok()).collect()),
            files: files.into_iter().filter_map(RestFile::staged).collect(),
        }
    }
}

fn read(db: &Connection) -> Result<Writing> {
    let text = setting::get(db, TEXT)?.unwrap_or_default();
    // What another version wrote otherwise is as if it were not there.
    let rest: Rest = setting::local(db, REST)?.and_then(|rest| serde_json::from_str(&rest).ok()).unwrap_or_default();
    Ok(rest.writing(text))
}

fn write(tx: &Transaction<'_>, writing: &Writing) -> Result<()> {
    if writing.text.len() > SETTING_VALUE_BYTES {
        return Err(Error::BadInput("the text is too long to be kept".to_owned()));
    }
    setting::put(tx, TEXT, &writing.text)?;
    let rest = serde_json::to_string(&Rest::of(writing)).map_err(|_| Error::Bug("a draft could not be written"))?;
    // Words about pictures that no post may hold: the text is kept without them.
    if rest.len() <= SETTING_VALUE_BYTES { setting::put_local(tx, REST, &rest) } else { Ok(()) }
}

fn waiting(db: &Connection) -> Result<Option<RestWaiting>> {
    Ok(setting::local(db, WAITING)?.and_then(|waiting| serde_json::from_str(&waiting).ok()))
}

/// It is in the draft again, before what was begun since.
fn give_back(tx: &Transaction<'_>, held: Writing) -> Result<()> {
    let since = read(tx)?;
    write(tx, &held.joined(since))?;
    setting::forget_local(tx, WAITING)
}

/// Whether an own post with this salt was signed.
fn is_signed(db: &Connection, salt: &Salt) -> Result<bool> {
    Ok(db.query_row(
        "SELECT EXISTS (SELECT 1 FROM author CROSS JOIN post ON post.author_row = author.row
                        JOIN entry ON entry.row = post.entry_row
                        LEFT JOIN opened ON opened.entry_row = post.entry_row
                        WHERE author.own = 1 AND substr(coalesce(opened.body, entry.body), 1, 16) = ?1)",
        [salt.as_slice()],
        |row| row.get(0),
    )?)
}

/// Whether a post waited when an earlier run ended.
pub(crate) fn is_held(db: &Connection) -> Result<bool> {
    Ok(setting::local(db, WAITING)?.is_some())
}

/// What an earlier run did not come to sign is a draft again; what it signed and did not note is done.
pub(crate) fn take_back(tx: &Transaction<'_>) -> Result<()> {
    match waiting(tx)? {
        Some(RestWaiting { text, rest, salt }) if !is_signed(tx, &salt)? => give_back(tx, rest.writing(text)),
        _ => setting::forget_local(tx, WAITING),
    }
}

/// Files that a draft of an earlier run names: they are staged again before anything is swept.
pub(crate) fn staged(db: &Connection) -> Result<VecDeque<Staged>> {
    Ok(read(db)?.files.into_iter().map(|(staged, _)| staged).collect())
}

/// An own persona leaves this device, and what was being written by it.
pub(crate) fn leave(tx: &Transaction<'_>, persona: PersonaId) -> Result<()> {
    if waiting(tx)?.is_some_and(|held| held.rest.persona == Some(persona.to_string())) {
        setting::forget_local(tx, WAITING)?;
    }
    if read(tx)?.persona == Some(persona) { write(tx, &Writing::default()) } else { Ok(()) }
}

impl Node {
    /// The post that is being written, with the files of it that are here.
    pub async fn begun(&self) -> Result<Begun> {
        let mut writing = self.inner().store.read(read).await?;
        let named = std::mem::take(&mut writing.files);
        let count = named.len();
        for (staged, alt) in named {
            if self.is_waiting(staged.hash).await? {
                writing.files.push((staged, alt));
            }
        }
        let lost = count.saturating_sub(writing.files.len());
        Ok(Begun { writing, lost })
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

    /// Keeps the post that is being written, over a restart too.
    ///
    /// # Errors
    /// `BadInput` for a text over its limit.
    pub async fn keep_begun(&self, writing: Writing) -> Result<()> {
        self.write_items(move |tx| write(tx, &writing)).await?;
        self.inner().events.send(Event::SettingsChanged);
        Ok(())
    }

    /// Posts after `wait`, at most `UNDO_MOST_S`; until then it can be taken back, and nothing of it is signed. One that waits
    /// already goes at once. With no time to wait it is posted when this answers. The draft is empty then.
    ///
    /// # Errors
    /// As [`Node::post`] where nothing is waited for, and the draft stays; later they are in [`Node::outgoing`], and the post
    /// is in the draft again.
    pub async fn post_after(&self, writing: Writing, wait: Duration) -> Result<()> {
        let node = self.clone();
        // It goes on when the page is closed.
        self.inner()
            .on_runtime(async move { node.hold(writing, wait.min(Duration::from_secs(UNDO_MOST_S))).await })
            .await?
    }

    async fn hold(self, writing: Writing, wait: Duration) -> Result<()> {
        let inner = self.inner();
        let mut outgoing = inner.outgoing.lock().await;
        let left = self.release(&mut outgoing).await.unwrap_or_default();
        let salt: Salt = inner.random()?;
        if wait.is_zero() {
            self.post_salted(writing.to_post(), salt).await?;
            if let Err(error) = self.keep_begun(left).await {
                tracing::warn!(%error, "the draft of a post that is out could not be emptied");
            }
            return Ok(());
        }
        let rest = RestWaiting { text: writing.text.clone(), rest: Rest::of(&writing), salt };
        let rest = serde_json::to_string(&rest).map_err(|_| Error::Bug("a post that waits could not be written"))?;
        self.write_items(move |tx| {
            write(tx, &left)?;
            setting::put_local(tx, WAITING, &rest)
        })
        .await?;
        let number = u64::from_le_bytes(inner.random()?);
        outgoing.waiting = Some(Waiting { number, writing });
        outgoing.salt = salt;
        drop(outgoing);
        inner.events.send(Event::SettingsChanged);
        let node = self.clone();
        inner.tasks.lock().await.spawn("post", async move {
            tokio::time::sleep(wait).await;
            let mut outgoing = node.inner().outgoing.lock().await;
            if outgoing.waiting.as_ref().is_some_and(|waiting| waiting.number == number) {
                let _told_by_its_end = node.release(&mut outgoing).await;
            }
        });
        Ok(())
    }

    /// Signs what waits. What is refused is in the draft again, and answered.
    async fn release(&self, outgoing: &mut Outgoing) -> Option<Writing> {
        let Waiting { number, writing } = outgoing.waiting.take()?;
        let refused = writing.clone();
        let mut result = self.post_salted(writing.to_post(), outgoing.salt).await.map(Some);
        let noted = match &result {
            Ok(_) => self.inner().store.write(Durability::Normal, |tx| setting::forget_local(tx, WAITING)).await,
            Err(_) => self.write_items(move |tx| give_back(tx, writing)).await,
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "what became of a post could not be noted; the next start finds out");
            if result.is_err() {
                result = Err(error);
            }
        }
        let refused = Some(refused).filter(|_| result.is_err());
        outgoing.ended = Some(Ended { number, result: Arc::new(result) });
        self.inner().events.send(Event::SettingsChanged);
        refused
    }

    /// Nobody waits any more: what does goes now.
    pub(crate) async fn release_now(&self) {
        let mut outgoing = self.inner().outgoing.lock().await;
        let _told_at_the_next_start = self.release(&mut outgoing).await;
    }

    /// The post that waits, and what became of the one before.
    pub async fn outgoing(&self) -> Outgoing {
        self.inner().outgoing.lock().await.clone()
    }

    /// Takes a post back that waits: it is in the draft again, before what was begun since. `false`: it is out, or was taken
    /// back before.
    ///
    /// # Errors
    /// `BadInput` where both are too long to be kept as one: then it goes out as it was to.
    pub async fn take_post_back(&self, number: u64) -> Result<bool> {
        let mut outgoing = self.inner().outgoing.lock().await;
        let Some(waiting) = outgoing.waiting.take_if(|waiting| waiting.number == number) else { return Ok(false) };
        let held = waiting.writing.clone();
        if let Err(error) = self.write_items(move |tx| give_back(tx, held)).await {
            outgoing.waiting = Some(waiting);
            return Err(error);
        }
        outgoing.ended = Some(Ended { number, result: Arc::new(Ok(None)) });
        drop(outgoing);
        self.inner().events.send(Event::SettingsChanged);
        Ok(true)
    }

    /// A staged file that nothing will name goes.
    pub fn discard_staged(&self, hash: BlobHash) {
        self.inner().unstage(hash);
        self.inner().events.send(Event::BlobDropped(hash));
    }
}
