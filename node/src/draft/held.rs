//! A post that was sent off and waits for its time; nothing of it is signed until then. It waits for a moment, in which it can
//! be taken back, or for a time that was chosen. Both are a row of `held_post`, wait on one timer and go one way
//! ([`Node::release`]); they differ after a crash alone: the first is a draft again, the other goes on waiting.
//!
//! The node alone decides what becomes of one, whatever becomes of the page, under one lock ([`Held`]). Each is signed once:
//! before it is, the salt that was drawn for its body tells whether it was already, as after a crash before that was noted.
//!
//! The rows are of this device alone, and no bundle, backup or other device gets them: nobody else posts them too.
//!
//! [`Held`]: crate::node::Held

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Rest, read, write};
use crate::entry::Salt;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::{EntryId, HeldId, PersonaId};
use crate::limits::{DAY_S, SCHEDULE_MOST_MS, SCHEDULE_RETRY_MS, SCHEDULED_POSTS, UNDO_MOST_S};
use crate::node::{Desk, Ended, Node, Outgoing, Refused, Staged, Waiting, Writing};
use crate::store::Durability;

/// Why a post of an old copy of a profile waits for its user, as a code.
const OLD_COPY: &str = "old_copy";
const NO_AUDIENCE: &str = "choose who reads it";

/// A row. Of what another version wrote otherwise nobody is left who reads it: then it is refused when it is due.
struct Held {
    waiting: Waiting,
    scheduled: bool,
    signing: Signing,
}

/// By what it is known whether it was signed.
#[derive(Clone, Copy)]
struct Signing {
    salt: Salt,
    /// Own posts from before this are not it.
    since_s: i64,
}

const COLUMNS: &str = "id, salt, due_ms, scheduled, text, rest, code, told, since_s";

impl Held {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let rest: String = row.get(5)?;
        let rest: Rest = serde_json::from_str(&rest).unwrap_or_default();
        let (code, text): (String, String) = (row.get(6)?, row.get(7)?);
        let refused = Some(Refused { code, text }).filter(|refused| !refused.code.is_empty());
        let due_ms = row.get::<_, i64>(2)?.cast_unsigned();
        let waiting = Waiting { id: row.get(0)?, writing: rest.writing(row.get(4)?), due_ms, refused };
        let signing = Signing { salt: row.get(1)?, since_s: row.get(8)? };
        Ok(Self { waiting, scheduled: row.get(3)?, signing })
    }

    fn put(&self, tx: &Transaction<'_>) -> Result<()> {
        let Waiting { id, writing, due_ms, .. } = &self.waiting;
        let rest = serde_json::to_string(&Rest::of(writing))
            .map_err(|_| Error::Bug("a post that waits could not be written"))?;
        tx.prepare_cached(
            "INSERT INTO held_post (id, salt, due_ms, scheduled, persona, text, rest, since_s)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            id,
            self.signing.salt,
            i64::try_from(*due_ms).unwrap_or(i64::MAX),
            self.scheduled,
            writing.persona,
            writing.text,
            rest,
            self.signing.since_s
        ])?;
        Ok(())
    }
}

fn find(db: &Connection, id: HeldId) -> Result<Option<Held>> {
    let sql = format!("SELECT {COLUMNS} FROM held_post WHERE id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], Held::of).optional()?)
}

/// All that waits for a chosen time, or for a moment: the next one first.
fn all(db: &Connection, scheduled: bool) -> Result<Vec<Held>> {
    let sql = format!("SELECT {COLUMNS} FROM held_post WHERE scheduled = ?1 ORDER BY due_ms, id");
    let mut statement = db.prepare_cached(&sql)?;
    let found = statement.query_map([scheduled], Held::of)?.collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

fn forget(tx: &Transaction<'_>, id: HeldId) -> Result<()> {
    tx.prepare_cached("DELETE FROM held_post WHERE id = ?1")?.execute([id])?;
    Ok(())
}

fn refuse(tx: &Transaction<'_>, id: HeldId, code: &str, told: &str) -> Result<()> {
    tx.prepare_cached("UPDATE held_post SET code = ?2, told = ?3 WHERE id = ?1")?.execute(params![id, code, told])?;
    Ok(())
}

/// It is in the draft again, before what was begun since.
fn give_back(tx: &Transaction<'_>, id: HeldId, held: Writing) -> Result<()> {
    let since = read(tx)?;
    write(tx, &held.joined(since))?;
    forget(tx, id)
}

/// The own post that this became, if it was signed.
fn signed(db: &Connection, Signing { salt, since_s }: Signing) -> Result<Option<EntryId>> {
    Ok(db
        .query_row(
            "SELECT entry.id FROM author CROSS JOIN post ON post.author_row = author.row AND post.rank >= ?2
             JOIN entry ON entry.row = post.entry_row
             LEFT JOIN opened ON opened.entry_row = post.entry_row
             WHERE author.own = 1 AND substr(coalesce(opened.body, entry.body), 1, 16) = ?1",
            params![salt, since_s],
            |row| row.get(0),
        )
        .optional()?)
}

/// Whether posts waited when an earlier run ended.
pub(crate) fn is_held(db: &Connection) -> Result<bool> {
    Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM held_post)", [], |row| row.get(0))?)
}

/// What an earlier run signed and did not note is done. What waited for a moment there is a draft again.
pub(crate) fn take_back(tx: &Transaction<'_>) -> Result<()> {
    for scheduled in [false, true] {
        for Held { waiting, signing, .. } in all(tx, scheduled)? {
            match signed(tx, signing)? {
                Some(_) => forget(tx, waiting.id)?,
                None if scheduled => {}
                None => give_back(tx, waiting.id, waiting.writing)?,
            }
        }
    }
    Ok(())
}

/// This profile is an old copy of one that ran on: what waits here may be out from there, so its user decides.
pub(crate) fn doubt(tx: &Transaction<'_>) -> Result<()> {
    let told = "this profile is an old copy, and the other one may have posted this already";
    tx.execute("UPDATE held_post SET code = ?1, told = ?2 WHERE scheduled = 1", [OLD_COPY, told])?;
    Ok(())
}

/// Files of what waits.
pub(super) fn files(db: &Connection) -> Result<Vec<Staged>> {
    let held = all(db, true)?.into_iter().chain(all(db, false)?);
    Ok(held.flat_map(|held| held.waiting.writing.all_files()).map(|(staged, _)| staged).collect())
}

/// What this persona was about to post goes with it; what it had scheduled is left to its user.
pub(super) fn leave(tx: &Transaction<'_>, persona: PersonaId) -> Result<()> {
    tx.prepare_cached("DELETE FROM held_post WHERE persona = ?1 AND scheduled = 0")?.execute([persona])?;
    let gone = Error::NotFound { what: "the persona" };
    tx.prepare_cached("UPDATE held_post SET code = ?2, told = ?3 WHERE persona = ?1")?.execute(params![
        persona,
        gone.code(),
        gone.to_string()
    ])?;
    Ok(())
}

/// What is scheduled goes out from now on: the network of the node was started.
pub(crate) async fn serve(node: Node) {
    let driven = {
        let mut desk = node.inner().held.desk.lock().await;
        desk.serves = true;
        std::mem::replace(&mut desk.driven, true)
    };
    if driven {
        node.inner().held.bell.notify_one();
    } else {
        drive(node).await;
    }
}

/// Waits for the next post that is due, and for nothing where none is.
async fn drive(node: Node) {
    loop {
        let wait = node.release_due().await;
        let bell = node.inner().held.bell.notified();
        match wait {
            Some(wait) => {
                let _rung = tokio::time::timeout(wait, bell).await;
            }
            None => bell.await,
        }
    }
}

impl Node {
    /// Posts after `wait`, at most `UNDO_MOST_S`, or at the time that it says; until then it can be taken back, and nothing of
    /// it is signed. The draft is empty then. One that waits for a moment already goes at once, where this one is not for
    /// later. `None`: with no time to wait, it is posted when this answers.
    ///
    /// # Errors
    /// As [`Node::post`] where nothing is waited for or it is for later, and the draft stays; after a moment they are in
    /// [`Node::outgoing`], and the post is in the draft again. `BadInput` for a time that is over or too far away, and for
    /// more posts than may wait.
    pub async fn post_after(&self, writing: Writing, wait: Duration) -> Result<Option<HeldId>> {
        let node = self.clone();
        let wait = wait.min(Duration::from_secs(UNDO_MOST_S));
        // It goes on when the page is closed.
        self.inner().on_runtime(async move { node.hold(writing, wait, true).await }).await?
    }

    /// Posts at the time that it says, and leaves the draft as it is.
    ///
    /// # Errors
    /// As [`Self::post_after`]; `BadInput` where it says no time.
    pub async fn schedule(&self, writing: Writing) -> Result<HeldId> {
        if writing.at_ms.is_none() {
            return Err(Error::BadInput("say when to post it".to_owned()));
        }
        let node = self.clone();
        let held = self.inner().on_runtime(async move { node.hold(writing, Duration::ZERO, false).await }).await??;
        held.ok_or(Error::Bug("a post for later did not wait"))
    }

    async fn hold(self, mut writing: Writing, wait: Duration, of_draft: bool) -> Result<Option<HeldId>> {
        let inner = self.inner();
        let mut desk = inner.held.desk.lock().await;
        let (id, salt) = (HeldId::from_bytes(inner.random()?), inner.random()?);
        let now_ms = inner.clock.unix_ms();
        let (due_ms, left) = match writing.at_ms {
            Some(at_ms) => {
                timely(now_ms, at_ms)?;
                if writing.audience.is_none() {
                    return Err(Error::BadInput(NO_AUDIENCE.to_owned()));
                }
                writing.persona = Some(self.postable(&writing.to_post()).await?);
                if inner.store.read(|db| all(db, true)).await?.len() >= SCHEDULED_POSTS {
                    let told = "posts wait for their time already, which is the most: post or delete one of them";
                    return Err(Error::BadInput(format!("{SCHEDULED_POSTS} {told}")));
                }
                (at_ms, Writing::default())
            }
            None => {
                let left = self.release_moment(&mut desk).await.unwrap_or_default();
                if wait.is_zero() {
                    self.post_salted(writing.to_post(), salt).await?;
                    if let Err(error) = self.keep_begun(left).await {
                        tracing::warn!(%error, "the draft of a post that is out could not be emptied");
                    }
                    return Ok(None);
                }
                (now_ms.saturating_add(u64::try_from(wait.as_millis()).unwrap_or_default()), left)
            }
        };
        let scheduled = writing.at_ms.is_some();
        let files = writing.all_files();
        inner.hold_files(&files);
        // A clock that is set back a little hides nothing.
        let since_s = (now_ms / 1_000).saturating_sub(DAY_S).cast_signed();
        let waiting = Waiting { id, writing, due_ms, refused: None };
        let held = Held { waiting, scheduled, signing: Signing { salt, since_s } };
        let kept = self.write_items(move |tx| {
            if of_draft {
                write(tx, &left)?;
            }
            held.put(tx)
        });
        if let Err(error) = kept.await {
            inner.free_files(&files);
            return Err(error);
        }
        let driven = std::mem::replace(&mut desk.driven, true);
        drop(desk);
        inner.events.send(Event::SettingsChanged);
        if driven {
            inner.held.bell.notify_one();
        } else {
            inner.tasks.lock().await.spawn("held", drive(self.clone()));
        }
        Ok(Some(id))
    }

    /// Signs what is due; answers how long the next one waits. `None`: none does.
    pub(crate) async fn release_due(&self) -> Option<Duration> {
        let inner = self.inner();
        let mut desk = inner.held.desk.lock().await;
        let next = self.release_all_due(&mut desk).await;
        let next_ms = match &next {
            Ok(next) => next.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, "posts that wait could not be looked at; they are in a minute");
                0
            }
        };
        inner.held.next_ms.store(next_ms, Ordering::Relaxed);
        match next {
            Ok(next) => next.map(|next_ms| Duration::from_millis(next_ms.saturating_sub(inner.clock.unix_ms()))),
            Err(_) => Some(Duration::from_millis(SCHEDULE_RETRY_MS)),
        }
    }

    /// When the next one is due, ms.
    async fn release_all_due(&self, desk: &mut Desk) -> Result<Option<u64>> {
        let inner = self.inner();
        let serves = desk.serves;
        let waiting = inner
            .store
            .read(move |db| {
                let mut waiting = all(db, false)?;
                if serves {
                    waiting.extend(all(db, true)?.into_iter().filter(|held| held.waiting.refused.is_none()));
                }
                Ok(waiting)
            })
            .await?;
        let (mut next, mut failed): (Option<u64>, Option<Error>) = (None, None);
        for held in waiting {
            let (due_ms, now_ms) = (held.waiting.due_ms, inner.clock.unix_ms());
            // A clock that was set back holds nobody's post back who waits for a moment.
            let set_back = !held.scheduled && due_ms.saturating_sub(now_ms) > UNDO_MOST_S * 1_000;
            if due_ms <= now_ms || set_back {
                // One that can't be keeps no other one back.
                failed = self.release(desk, held).await.1.err().or(failed);
            } else {
                next = Some(next.map_or(due_ms, |next| next.min(due_ms)));
            }
        }
        failed.map_or(Ok(next), Err)
    }

    /// Signs what waits; answers what came of it, and whether that could be noted. What is refused is in the draft again where
    /// it waited for a moment; what was scheduled stays, with the reason.
    async fn release(&self, desk: &mut Desk, held: Held) -> (Arc<Result<Option<EntryId>>>, Result<()>) {
        let inner = self.inner();
        let Held { waiting: Waiting { id, writing, .. }, scheduled, signing } = held;
        let result = self.sign(&writing, signing).await.map(Some);
        let files = writing.all_files();
        let noted = match &result {
            Ok(_) => inner.store.write(Durability::Normal, move |tx| forget(tx, id)).await,
            Err(Error::Closed) => Err(Error::Closed),
            // It passes, and is tried again.
            Err(error @ (Error::Io(_) | Error::Database(_) | Error::DiskFull)) if scheduled => {
                Err(std::io::Error::other(error.to_string()).into())
            }
            Err(error) if scheduled => {
                let (code, told) = (error.code(), error.to_string());
                inner.store.write(Durability::Full, move |tx| refuse(tx, id, code, &told)).await
            }
            Err(_) => self.write_items(move |tx| give_back(tx, id, writing)).await,
        };
        if let Err(error) = &noted {
            tracing::warn!(%error, "what became of a post could not be noted; it is tried again");
        }
        let result = Arc::new(result);
        if !scheduled && (result.is_ok() || noted.is_ok()) {
            if result.is_err() {
                inner.free_files(&files);
            }
            desk.ended = Some(Ended { id, result: Arc::clone(&result) });
        }
        inner.events.send(Event::SettingsChanged);
        (result, noted)
    }

    async fn sign(&self, writing: &Writing, signing: Signing) -> Result<EntryId> {
        if let Some(post) = self.inner().store.read(move |db| signed(db, signing)).await? {
            writing.all_files().iter().for_each(|(file, _)| self.discard_staged(file.hash));
            return Ok(post);
        }
        // What can't be read of a choice is never what goes out.
        if writing.audience.is_none() {
            return Err(Error::BadInput(NO_AUDIENCE.to_owned()));
        }
        for (file, _) in writing.all_files() {
            if !self.is_waiting(file.hash).await? {
                return Err(Error::NotFound { what: "a file of the post" });
            }
        }
        self.post_salted(writing.to_post(), signing.salt).await
    }

    /// Signs what waits for a moment; what is refused is in the draft again, and answered.
    async fn release_moment(&self, desk: &mut Desk) -> Option<Writing> {
        let held = self.inner().store.read(|db| all(db, false)).await.ok()?;
        let mut left: Option<Writing> = None;
        for held in held {
            let writing = held.waiting.writing.clone();
            let (result, noted) = self.release(desk, held).await;
            if result.is_err() && noted.is_ok() {
                left = Some(left.unwrap_or_default().joined(writing));
            }
        }
        left
    }

    /// Nobody waits any more: what was to go in a moment goes now.
    pub(crate) async fn release_now(&self) {
        let mut desk = self.inner().held.desk.lock().await;
        let _told_at_the_next_start = self.release_moment(&mut desk).await;
    }

    /// Looks at the clock, which may have gone on while every timer stood still.
    pub(crate) fn look_at_held(&self) {
        let inner = self.inner();
        let next_ms = inner.held.next_ms.load(Ordering::Relaxed);
        if next_ms != 0 && next_ms <= inner.clock.unix_ms() {
            inner.held.bell.notify_one();
        }
    }

    /// The post that goes out in a moment, and what became of the one before.
    pub async fn outgoing(&self) -> Result<Outgoing> {
        let desk = self.inner().held.desk.lock().await;
        let waiting = self.inner().store.read(|db| all(db, false)).await?;
        Ok(Outgoing { waiting: waiting.into_iter().next().map(|held| held.waiting), ended: desk.ended.clone() })
    }

    /// Posts that wait for a time that was chosen, the next one first.
    pub async fn scheduled(&self) -> Result<Vec<Waiting>> {
        let held = self.inner().store.read(|db| all(db, true)).await?;
        Ok(held.into_iter().map(|held| held.waiting).collect())
    }

    /// Posts now what waits for its time. One that was signed before is not signed again.
    ///
    /// # Errors
    /// `NotFound` for what waits no more; else as [`Node::post`], and it stays where it is.
    pub async fn post_now(&self, id: HeldId) -> Result<EntryId> {
        let node = self.clone();
        self.inner()
            .on_runtime(async move {
                let mut desk = node.inner().held.desk.lock().await;
                let held = node.inner().store.read(move |db| find(db, id)).await?;
                let held = held.filter(|held| held.scheduled).ok_or_else(missing)?;
                let (result, _it_is_tried_again) = node.release(&mut desk, held).await;
                match Arc::into_inner(result) {
                    Some(Ok(Some(post))) => Ok(post),
                    Some(Err(error)) => Err(error),
                    _ => Err(Error::Bug("nothing came of a post")),
                }
            })
            .await?
    }

    /// Takes a post back that waits: it is in the draft again, before what was begun since. `false`: it is out, or was taken
    /// back before.
    ///
    /// # Errors
    /// `BadInput` where both are too long to be kept as one: then it goes out as it was to.
    pub async fn take_post_back(&self, id: HeldId) -> Result<bool> {
        let inner = self.inner();
        let mut desk = inner.held.desk.lock().await;
        let Some(held) = inner.store.read(move |db| find(db, id)).await? else { return Ok(false) };
        let Held { waiting: Waiting { writing, .. }, scheduled, signing } = held;
        if inner.store.read(move |db| signed(db, signing)).await?.is_some() {
            inner.store.write(Durability::Normal, move |tx| forget(tx, id)).await?;
            return Ok(false);
        }
        let files = writing.all_files();
        self.write_items(move |tx| give_back(tx, id, writing)).await?;
        inner.free_files(&files);
        if !scheduled {
            desk.ended = Some(Ended { id, result: Arc::new(Ok(None)) });
        }
        drop(desk);
        inner.events.send(Event::SettingsChanged);
        Ok(true)
    }

    /// Deletes a post that waits for its time, with its files.
    ///
    /// # Errors
    /// `NotFound` for what waits no more.
    pub async fn delete_scheduled(&self, id: HeldId) -> Result<()> {
        let inner = self.inner();
        let desk = inner.held.desk.lock().await;
        let held = inner.store.read(move |db| find(db, id)).await?;
        let held = held.filter(|held| held.scheduled).ok_or_else(missing)?;
        inner.store.write(Durability::Full, move |tx| forget(tx, id)).await?;
        drop(desk);
        for (file, _) in held.waiting.writing.all_files() {
            self.discard_staged(file.hash);
        }
        inner.events.send(Event::SettingsChanged);
        Ok(())
    }
}

fn missing() -> Error {
    Error::NotFound { what: "the scheduled post" }
}

/// # Errors
/// `BadInput` for a time at which no post can be scheduled.
fn timely(now_ms: u64, at_ms: u64) -> Result<()> {
    if at_ms <= now_ms {
        return Err(Error::BadInput("this time is over: choose a later one, or post without one".to_owned()));
    }
    if at_ms.saturating_sub(now_ms) > SCHEDULE_MOST_MS {
        return Err(Error::BadInput("a post can wait for a year at most: choose an earlier time".to_owned()));
    }
    Ok(())
}
