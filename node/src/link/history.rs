//! Private messages that were there before a device was: its giver hands them over once, over a stream of their own between
//! the two, by a secret that the linking agreed on. The device that gets them notes how far it came, so a stream that is
//! cut goes on with the next one. It looks again some times later, for what came while others did not know it yet. All of
//! it ends once the root takes either device out.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

use super::frame::{Fetch, Frame, Offered, Terms, read, write};
use crate::crypto::{Pairing, Side};
use crate::device::{self, Standing};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::Notes;
use crate::id::{DeviceKey, PersonaId};
use crate::limits::{HISTORY_LOOK_MS, HISTORY_MS, LINK_REACH_MS, LINK_RETRY_MS, LINK_STEP_MS};
use crate::net::{Meeting, Ticket};
use crate::node::{LinkTeller, Node};
use crate::store::Durability;
use crate::thread;
use crate::view::{HistoryView, PersonaView};

/// When it is looked again after all that there was has come, ms: the people that others write to learn of a new device
/// within these times.
const AGAIN_MS: [u64; 4] = [60_000, 10 * 60_000, 60 * 60_000, 24 * 60 * 60_000];

/// What a linking agrees on.
pub(super) struct Kept {
    /// Its name (16 bytes), and a secret.
    pub(super) key: Zeroizing<[u8; 32]>,
    pub(super) since_ms: u64,
}

impl Kept {
    pub(super) fn new(key: [u8; 32], since_ms: u64) -> Self {
        Self { key: Zeroizing::new(key), since_ms }
    }

    fn parts(&self) -> ([u8; 16], Zeroizing<[u8; 16]>) {
        let (id, secret) = self.key.split_at(16);
        let part = |bytes: &[u8]| <[u8; 16]>::try_from(bytes).unwrap_or_default();
        (part(id), Zeroizing::new(part(secret)))
    }

    /// How far it comes is told there.
    pub(super) fn show(&self, node: &Node, teller: &LinkTeller) {
        node.inner().link.show_history(self.parts().0, teller.clone());
    }

    /// Messages of a persona go to this device of it, and to no other.
    pub(super) async fn keep_to_give(&self, node: &Node, to: With) -> Result<()> {
        self.keep(node, true, &[to], Vec::new()).await
    }

    /// Messages of these personas come from these devices of them.
    pub(super) async fn keep_to_get(&self, node: &Node, by: &[With], from: &Ticket) -> Result<()> {
        self.keep(node, false, by, from.to_bytes()).await
    }

    async fn keep(&self, node: &Node, gives: bool, with: &[With], ticket: Vec<u8>) -> Result<()> {
        let (id, secret) = self.parts();
        let with: Vec<Vec<u8>> =
            with.iter().map(|(persona, device)| [persona.to_bytes(), device.to_bytes()].concat()).collect();
        let (since_ms, now_ms) = (self.since_ms.cast_signed(), node.inner().clock.unix_ms());
        // The linking itself begins with it.
        let (next_ms, until_ms) = (now_ms + LINK_REACH_MS, now_ms + HISTORY_MS);
        node.inner()
            .store
            .write(Durability::Full, move |tx| {
                tx.prepare_cached(
                    "INSERT OR IGNORE INTO history (id, secret, gives, peers, since_ms, ticket, next_ms, until_ms)
                     VALUES (?1, ?2, ?3, x'', ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    id,
                    *secret,
                    gives,
                    since_ms,
                    ticket,
                    next_ms.cast_signed(),
                    until_ms.cast_signed()
                ])?;
                for with in with {
                    // One persona after the other gets its device; a key is noted once.
                    tx.prepare_cached(
                        "UPDATE history SET peers = CAST(peers || ?2 AS BLOB) WHERE id = ?1 AND instr(peers, ?2) = 0",
                    )?
                    .execute(params![id, with])?;
                }
                Ok(())
            })
            .await
    }
}

/// A persona, and the key of the other device for it.
pub(super) type With = (PersonaId, DeviceKey);

/// Whom the terms name as giving.
pub(super) fn givers(terms: &Terms) -> Vec<With> {
    let of = |it: &Offered| (PersonaId::from_bytes(it.persona), DeviceKey::from_bytes(it.device));
    terms.personas.iter().map(of).collect()
}

/// Own personas as the terms name them.
pub(super) fn offered(node: &Node, personas: impl Iterator<Item = PersonaView>) -> Result<Vec<Offered>> {
    let keyring = node.inner().keyring();
    let offered = personas.map(|persona| {
        let keys = keyring.get(persona.id).ok_or(Error::NotFound { what: "the persona" })?;
        let device = keys.device.verifying_key().to_bytes();
        Ok(Offered { persona: *persona.id.as_bytes(), name: persona.name, device })
    });
    offered.collect()
}

/// A history of which this device has a part.
struct Row {
    secret: Zeroizing<[u8; 16]>,
    gives: bool,
    with: Vec<With>,
    since_ms: i64,
    ticket: Vec<u8>,
    after: u64,
    turns: usize,
}

const COLUMNS: &str = "secret, gives, peers, since_ms, ticket, after, turns";

fn row(found: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let peers: Vec<u8> = found.get(2)?;
    let (peers, _) = peers.as_chunks::<64>();
    let with = peers.iter().filter_map(|peer| {
        let (persona, device) = peer.split_at(32);
        Some((PersonaId::from_slice(persona)?, DeviceKey::from_slice(device)?))
    });
    Ok(Row {
        secret: Zeroizing::new(found.get(0)?),
        gives: found.get(1)?,
        with: with.collect(),
        since_ms: found.get(3)?,
        ticket: found.get(4)?,
        after: found.get::<_, i64>(5)?.cast_unsigned(),
        turns: found.get(6)?,
    })
}

async fn find(node: &Node, id: [u8; 16]) -> Result<Option<Row>> {
    let now_ms = node.inner().clock.unix_ms().cast_signed();
    let sql = format!("SELECT {COLUMNS} FROM history WHERE id = ?1 AND until_ms > ?2");
    node.inner()
        .store
        .read(move |db| Ok(db.prepare_cached(&sql)?.query_row(params![id, now_ms], row).optional()?))
        .await
}

/// Whose messages go between two devices: nobody's once the other one does not count for one of them, or does not yet.
fn shared(db: &Connection, with: &[With]) -> Result<Vec<PersonaId>> {
    let mut personas = Vec::new();
    for (persona, device) in with {
        let row: Option<i64> = db
            .prepare_cached("SELECT row FROM author WHERE id = ?1 AND own = 1")?
            .query_row([persona], |row| row.get(0))
            .optional()?;
        match row {
            Some(row) if device::standing(db, row, *device)? == Standing::Certified => personas.push(*persona),
            // What was offered and not taken.
            None => {}
            Some(_) => return Ok(Vec::new()),
        }
    }
    Ok(personas)
}

/// What is said with the proof of a request.
fn asked(after: u64) -> Vec<u8> {
    [b"history".as_slice(), &after.to_le_bytes()].concat()
}

/// After a linking: fetches what it is about, or waits while the other device does.
pub(super) async fn follow(node: &Node, teller: &LinkTeller) {
    let Some(id) = node.inner().link.history_of(teller) else { return };
    let Ok(Some(row)) = find(node, id).await else { return };
    if row.gives {
        let mut watch = teller.watch();
        let mut view = watch.view();
        while !view.history.is_some_and(|history| history.whole) {
            match timeout(Duration::from_millis(LINK_REACH_MS), watch.after(view.turn)).await {
                Ok(Some(next)) => view = next,
                _ => return,
            }
        }
        return;
    }
    if let (Some(net), Ok(ticket)) = (node.inner().net(), Ticket::from_bytes(&row.ticket)) {
        // From now on the two stay in touch.
        if let Err(error) = net.dial(&ticket).await {
            tracing::debug!(%error, "the other device is not dialled");
        }
    }
    let until_ms = node.inner().clock.unix_ms() + LINK_REACH_MS;
    while let Err(error) = fetch(node, id).await {
        tracing::debug!(%error, "messages of another own device did not come");
        if node.inner().clock.unix_ms() >= until_ms {
            return;
        }
        sleep(Duration::from_millis(LINK_RETRY_MS)).await;
    }
}

/// Fetches what is due, until the node ends.
pub(crate) async fn keep_history(node: Node) {
    loop {
        sleep(Duration::from_millis(HISTORY_LOOK_MS)).await;
        for id in due(&node).await.unwrap_or_default() {
            if let Err(error) = fetch(&node, id).await {
                tracing::debug!(%error, "messages of another own device did not come");
            }
        }
    }
}

/// Those whose turn it is; they are looked at again after a while whatever comes of it.
async fn due(node: &Node) -> Result<Vec<[u8; 16]>> {
    let now_ms = node.inner().clock.unix_ms();
    let (now_ms, next_ms) = (now_ms.cast_signed(), (now_ms + HISTORY_LOOK_MS).cast_signed());
    let looked = |db: &Connection| -> Result<bool> {
        Ok(db.prepare_cached("SELECT EXISTS (SELECT 1 FROM history)")?.query_row([], |row| row.get(0))?)
    };
    if !node.inner().store.read(looked).await? {
        return Ok(Vec::new());
    }
    node.inner()
        .store
        .write(Durability::Normal, move |tx| {
            tx.prepare_cached("DELETE FROM history WHERE until_ms <= ?1")?.execute([now_ms])?;
            let mut statement =
                tx.prepare_cached("UPDATE history SET next_ms = ?2 WHERE gives = 0 AND next_ms <= ?1 RETURNING id")?;
            let due = statement.query_map([now_ms, next_ms], |row| row.get(0))?;
            Ok(due.collect::<rusqlite::Result<_>>()?)
        })
        .await
}

/// Fetches a history from where it stands to its end.
async fn fetch(node: &Node, id: [u8; 16]) -> Result<()> {
    let inner = node.inner();
    let Some(row) = find(node, id).await? else { return Ok(()) };
    let net = inner.net().ok_or(Error::NotRunning)?;
    let with = Arc::new(row.with);
    let asked_of = Arc::clone(&with);
    if inner.store.read(move |db| shared(db, &asked_of)).await?.is_empty() {
        return Err(not_shared());
    }
    let ticket = Ticket::from_bytes(&row.ticket).map_err(|_| Error::Bug("a ticket can't be read"))?;
    let mut meeting = net.meet(&ticket).await.ok_or_else(lost)?;
    let pairing = Pairing::new(&row.secret, meeting.exported());
    take(node, (id, row.after, row.turns), with, (&pairing, &mut meeting)).await?;
    meeting.end().await;
    Ok(())
}

/// The side that gets, on one connection: `id` of the history, behind what it goes on, how often all of it came before.
async fn take(
    node: &Node,
    (id, after, turns): ([u8; 16], u64, usize),
    with: Arc<Vec<With>>,
    (pairing, stream): (&Pairing, &mut (impl AsyncRead + AsyncWrite + Unpin)),
) -> Result<()> {
    let inner = node.inner();
    let proof = pairing.proof(Side::Accepts, &asked(after));
    write(stream, &Frame::Fetch(Fetch { id, after, proof })).await.ok_or_else(lost)?;
    let teller = inner.link.history(&id);
    let mut done = 0;
    loop {
        let frame = timeout(Duration::from_millis(LINK_STEP_MS), read(stream)).await.ok().flatten();
        let Some(Frame::Page(page)) = frame else { return Err(lost()) };
        let (left, after) = (page.left, page.after.cast_signed());
        done += page.messages.len() as u64;
        let last = left == 0;
        let wait_ms = AGAIN_MS.get(turns).filter(|_| last);
        let (clock, with) = (Arc::clone(&inner.clock), Arc::clone(&with));
        let over = last && wait_ms.is_none();
        let next_ms = (clock.unix_ms() + wait_ms.copied().unwrap_or(HISTORY_LOOK_MS)).cast_signed();
        // What is lost with how far it came is fetched again.
        let durability = if last { Durability::Full } else { Durability::Normal };
        let notes = inner
            .store
            .write(durability, move |tx| {
                let mut notes = Notes::default();
                // It may be out since the last page.
                let personas = shared(tx, &with)?;
                if personas.is_empty() {
                    return Err(not_shared());
                }
                thread::take_past(tx, &mut notes, &personas, page, clock.unix_ms().cast_signed())?;
                if over {
                    tx.prepare_cached("DELETE FROM history WHERE id = ?1")?.execute([id])?;
                } else {
                    tx.prepare_cached(
                        "UPDATE history SET after = max(after, ?2), turns = turns + ?3, next_ms = ?4 WHERE id = ?1",
                    )?
                    .execute(params![id, after, last, next_ms])?;
                }
                Ok(notes)
            })
            .await?;
        for thread in notes.threads_changed {
            inner.events.send(Event::ThreadChanged(thread));
        }
        if notes.queued {
            inner.tell_queued();
        }
        if let Some(teller) = &teller {
            teller.tell(|view| view.history = Some(HistoryView { done, all: done + left, whole: last }));
        }
        if last {
            // That the other device hears of it is only for its screen.
            let _gone = write(stream, &Frame::Done).await;
            return Ok(());
        }
    }
}

/// An own persona leaves this device: no messages of its are handed over any more.
pub(crate) fn leave(tx: &Transaction<'_>, persona: PersonaId) -> Result<()> {
    tx.prepare_cached("DELETE FROM history WHERE instr(peers, ?1) > 0")?.execute([persona])?;
    Ok(())
}

fn lost() -> Error {
    Error::Network("the other device was not reached, or the connection ended".to_owned())
}

fn not_shared() -> Error {
    Error::Network("the root does not say that the other device counts".to_owned())
}

/// Answers a device that fetches.
pub(super) async fn serve(node: &Node, mut meeting: Meeting, fetch: Fetch) {
    let exported = Zeroizing::new(*meeting.exported());
    if give(node, &exported, &mut meeting, fetch).await.is_some() {
        meeting.end().await;
    }
}

/// The side that gives, on one connection. `None`: it does not, or the connection ended.
async fn give(
    node: &Node,
    exported: &[u8; 32],
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    fetch: Fetch,
) -> Option<()> {
    let row = find(node, fetch.id).await.ok().flatten()?;
    let pairing = Pairing::new(&row.secret, exported);
    if !row.gives || !pairing.proves(Side::Accepts, &asked(fetch.after), &fetch.proof) {
        return None;
    }
    let teller = node.inner().link.history(&fetch.id);
    let tell = |history: HistoryView| {
        if let Some(teller) = &teller {
            teller.tell(|view| view.history = Some(history));
        }
    };
    let with = Arc::new(row.with);
    let (mut after, mut done, mut known) = (fetch.after.cast_signed(), 0, None);
    loop {
        let (with, place) = (Arc::clone(&with), (row.since_ms, after));
        let page = node.inner().store.read(move |db| match shared(db, &with)? {
            personas if personas.is_empty() => Err(not_shared()),
            personas => thread::past(db, &personas, place, known),
        });
        let page = page.await.ok()?;
        done += page.messages.len() as u64;
        let left = page.left;
        (after, known) = (page.after.cast_signed(), Some(left));
        timeout(Duration::from_millis(LINK_STEP_MS), write(stream, &Frame::Page(page))).await.ok().flatten()?;
        tell(HistoryView { done, all: done + left, whole: false });
        if left == 0 {
            break;
        }
    }
    if let Ok(Some(Frame::Done)) = timeout(Duration::from_millis(LINK_STEP_MS), read(stream)).await {
        tell(HistoryView { done, all: done, whole: true });
    }
    Some(())
}

#[cfg(test)]
mod tests;
