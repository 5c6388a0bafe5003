//! A persona leaves this device: its keys go, and with them what only they open. What it said in the open stays as a
//! stranger's, or is deleted wherever it went, as its user chooses.
//!
//! What other own devices hold of it stays there. What was once signed can't be taken back from who keeps it against a
//! deletion, nor that it was there.

use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::entry::{DeleteBody, Kind, Scope};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::{Draft, Notes};
use crate::id::{EntryId, PersonaId};
use crate::item;
use crate::limits::{DELETED_AT_ONCE, FAREWELL_AUTHORS, FAREWELL_MS};
use crate::node::Node;
use crate::store::Durability;
use crate::{author, circle, draft, follow, link, notify, record, recovery, setting, sync, thread};

/// Of this device alone, with a persona behind it: it left, and its keys are to go.
const GONE: &str = "persona.gone.";

/// What becomes of what a persona said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// It stays where it is.
    Keep,
    /// Each post, comment, reaction and repost gets a deletion, which goes to whoever has it; so does the profile, but for
    /// what it said before.
    Delete,
}

impl Node {
    /// Takes a persona of this node off this device. Works offline: deletions leave later.
    ///
    /// # Errors
    /// `NotFound` when it is not an own one; `KeysLeft` where it left and its keys can't be taken away, which the next opening
    /// does.
    pub(crate) async fn depart(&self, persona: PersonaId, content: Content) -> Result<()> {
        let persona = self.own_persona(Some(persona)).await?;
        self.close_near().await;
        if content == Content::Delete {
            self.delete_content(persona).await?;
        }
        let inner = self.inner();
        let now_ms = i64::try_from(inner.clock.unix_ms()).unwrap_or(i64::MAX);
        let until_ms = (content == Content::Delete).then(|| inner.clock.unix_ms().saturating_add(FAREWELL_MS));
        let notes = inner
            .store
            .write(Durability::Full, move |tx| {
                let mut notes = Notes::default();
                leave(tx, &mut notes, persona, now_ms, until_ms)?;
                Ok(notes)
            })
            .await?;
        let forgotten = inner.keyring().forget(&*inner.keystore, &inner.tag, persona);
        if forgotten.is_ok() {
            inner.store.write(Durability::Full, move |tx| done(tx, persona)).await?;
        }
        for hash in notes.blobs_dropped {
            inner.events.send(Event::BlobDropped(hash));
        }
        // Whatever a screen shows may be another now.
        inner.events.send(Event::PersonasChanged);
        inner.events.send(Event::Reload);
        inner.tell_queued();
        self.authors_changed().await;
        forgotten.map_err(Error::KeysLeft)
    }

    async fn delete_content(&self, persona: PersonaId) -> Result<()> {
        let (open, said): (Vec<(EntryId, Scope)>, Vec<EntryId>) =
            self.inner().store.read(move |db| Ok((in_logs(db, persona)?, beneath_sealed(db, persona)?))).await?;
        for said in said {
            match self.delete(Some(persona), said).await {
                // Its post went meanwhile, or is closed here.
                Err(Error::NotFound { .. } | Error::BadInput(_)) => {}
                deleted => drop(deleted?),
            }
        }
        for some in open.chunks(DELETED_AT_ONCE) {
            let mut drafts = Vec::with_capacity(some.len());
            for (target, scope) in some {
                let body = DeleteBody {}.encode(self.inner().random()?);
                drafts.push(Draft { persona, scope: *scope, kind: Kind::Delete, refs: vec![*target], body });
            }
            self.inner().gate()?.author(drafts).await?;
        }
        self.blank_profile(persona).await?;
        Ok(())
    }
}

/// Personas that left and whose keys are still to go: a crash came between, or the keystore refused.
pub(crate) fn cut(db: &Connection) -> Result<Vec<PersonaId>> {
    let mut statement = db.prepare("SELECT key FROM local WHERE key GLOB ?1")?;
    let keys = statement.query_map([format!("{GONE}*")], |row| row.get::<_, String>(0))?;
    let mut personas = Vec::new();
    for key in keys {
        personas.extend(key?.strip_prefix(GONE).and_then(|id| id.parse::<PersonaId>().ok()));
    }
    Ok(personas)
}

/// Its keys went, or are those of one that came back.
pub(crate) fn done(tx: &Transaction<'_>, persona: PersonaId) -> Result<()> {
    setting::forget_local(tx, &gone(persona))
}

/// Whether nobody is left to hear that a persona left: no peer was ever met, or of each author whom its deletions concern one
/// that carries it has since confirmed what is here.
pub(crate) fn heard(db: &Connection) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT NOT EXISTS (SELECT 1 FROM peer) OR NOT EXISTS
                (SELECT 1 FROM carry JOIN author ON author.row = author_row
                 WHERE own_ms > 0 AND synced_ms <= own_ms - ?1)",
        )?
        .query_row([FAREWELL_MS.cast_signed()], |row| row.get(0))?)
}

fn gone(persona: PersonaId) -> String {
    format!("{GONE}{persona}")
}

fn leave(
    tx: &Transaction<'_>,
    notes: &mut Notes,
    persona: PersonaId,
    now_ms: i64,
    until_ms: Option<u64>,
) -> Result<()> {
    let row = author::row(tx, persona)?;
    setting::put_local(tx, &gone(persona), "1")?;
    if let Some(until_ms) = until_ms {
        let mut about = vec![row];
        let mut statement = tx.prepare_cached(
            "SELECT DISTINCT abs(h.of_row) FROM log CROSS JOIN entry ON entry.log_row = log.row
             JOIN header_entry AS h ON h.entry_row = entry.row
             WHERE log.author_row = ?1 AND entry.kind = ?2 AND h.of_row NOT IN (0, ?1) LIMIT ?3",
        )?;
        let authors = statement.query_map(params![row, Kind::Delete.number(), FAREWELL_AUTHORS], |row| row.get(0))?;
        about.extend(authors.collect::<rusqlite::Result<Vec<i64>>>()?);
        about.into_iter().try_for_each(|author_row| sync::carry_until(tx, author_row, until_ms))?;
    }
    thread::leave(tx, notes, row)?;
    circle::leave(tx, notes, row, now_ms)?;
    record::leave(tx, row)?;
    link::leave(tx, persona)?;
    recovery::leave(tx, persona)?;
    draft::leave(tx, persona)?;
    item::leave(tx, persona)?;
    tx.prepare_cached("DELETE FROM follower WHERE own_row = ?1")?.execute([row])?;
    notify::leave(tx, row)?;
    // Those with entries that have not left yet are own ones until these did.
    tx.prepare_cached("UPDATE log SET own = 0 WHERE author_row = ?1 AND hold_from = ?2")?.execute([row, i64::MAX])?;
    tx.prepare_cached("UPDATE author SET own = 0, created_ms = 0 WHERE row = ?1")?.execute([row])?;
    follow::leave(tx, row, now_ms / 1_000)
}

/// What it wrote in its logs and did not delete, with the scope of each.
fn in_logs(db: &Connection, persona: PersonaId) -> Result<Vec<(EntryId, Scope)>> {
    let mut statement = db.prepare_cached(
        "SELECT entry.id, entry.kind FROM author JOIN log ON log.author_row = author.row
         CROSS JOIN entry ON entry.log_row = log.row
         WHERE author.id = ?1 AND entry.body IS NOT NULL AND (entry.kind IN (?2, ?3, ?4, ?5)
            OR entry.kind = ?6 AND EXISTS (SELECT 1 FROM post WHERE post.entry_row = entry.row))
         ORDER BY entry.row",
    )?;
    let kinds = [Kind::Post, Kind::Comment, Kind::Reaction, Kind::Repost, Kind::Sealed].map(|kind| kind.number());
    let [post, comment, reaction, repost, sealed] = kinds;
    let found = statement.query_map(params![persona, post, comment, reaction, repost, sealed], |row| {
        let scope = match Kind::from_number(row.get(1)?) {
            Kind::Comment | Kind::Reaction => Scope::Engagement,
            Kind::Sealed => Scope::Sealed,
            _ => Scope::Posts,
        };
        Ok((row.get(0)?, scope))
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// What it said under posts to circles.
fn beneath_sealed(db: &Connection, persona: PersonaId) -> Result<Vec<EntryId>> {
    let mut statement = db.prepare_cached(
        "SELECT entry.id FROM sealed_comment AS s JOIN entry ON entry.row = s.entry_row
         JOIN author ON author.row = s.author_row WHERE author.id = ?1 AND s.kind IN (?2, ?3) AND s.stands = 1
           AND entry.body IS NOT NULL ORDER BY entry.row",
    )?;
    let found =
        statement.query_map(params![persona, Kind::Comment.number(), Kind::Reaction.number()], |row| row.get(0))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}
