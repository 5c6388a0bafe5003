//! The state of logs while a batch is applied: read once, changed in memory, written back at the end, so that a page
//! of 2,000 entries of one log costs one update of its row.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension, Transaction, params};

use crate::device::{self, Standing};
use crate::entry::{EntryError, Header, Kind, LogOpenBody, Scope};
use crate::error::{Error, Result};
use crate::id::{DeviceKey, EntryId, LogRef, PersonaId};
use crate::keyring::Keyring;
use crate::limits;

/// What is known of an author inside a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Author {
    pub(super) row: i64,
    pub(super) followed: bool,
    pub(super) carried: bool,
}

/// One row of `log`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log {
    pub(super) row: i64,
    pub(super) author_row: i64,
    pub(super) ref_: LogRef,
    pub(super) scope: i64,
    pub(super) next_seq: i64,
    pub(super) top_seq: i64,
    pub(super) top_id: EntryId,
    /// Rank of the entry at `top_seq`, s.
    pub(super) top_rank: i64,
    pub(super) count: i64,
    pub(super) own: bool,
    pub(super) hold_from: i64,
    pub(super) fork_seq: i64,
    /// A later log of the device and scope is open, or this one may not be extended.
    pub(super) closed: bool,
}

impl Log {
    /// `None` until the scope is known, and for hives (their id stands in the `LogOpen`).
    pub(super) fn scope(&self) -> Option<Scope> {
        scope_from(self.scope)
    }

    /// Whoever carries its author carries it as a log, without gaps: all but engagement, where that is known.
    pub(super) fn is_carried_whole(&self) -> bool {
        !matches!(self.scope, -1 | 1)
    }
}

/// `log.scope` of a hive's log.
pub(super) const HIVE: i64 = 3;

pub(super) fn scope_from(number: i64) -> Option<Scope> {
    match number {
        0 => Some(Scope::Posts),
        1 => Some(Scope::Engagement),
        2 => Some(Scope::Sealed),
        _ => None,
    }
}

#[derive(Debug, Default)]
pub(super) struct Logs {
    authors: BTreeMap<PersonaId, Author>,
    standing: BTreeMap<(i64, DeviceKey), Standing>,
    logs: BTreeMap<(i64, LogRef), Log>,
    /// Rows of logs that the batch wrote to.
    touched: BTreeSet<i64>,
    /// Those among them that began, forked, or told their scope.
    begun: BTreeSet<i64>,
}

impl Logs {
    /// The author's row, made where it is missing.
    pub(super) fn author(&mut self, tx: &Transaction<'_>, id: PersonaId) -> Result<Author> {
        if let Some(author) = self.authors.get(&id) {
            return Ok(*author);
        }
        crate::author::row(tx, id)?;
        self.known_author(tx, id)?.ok_or(Error::Bug("an author without a row"))
    }

    /// Takes an author in as a spare copy, where there is room; answers whether it was.
    pub(super) fn adopt(&mut self, tx: &Transaction<'_>, id: PersonaId) -> Result<bool> {
        crate::sync::adopt(tx, &[id])?;
        self.authors.remove(&id);
        Ok(self.known_author(tx, id)?.is_some_and(|author| author.carried))
    }

    /// The author's row, where there is one. That somebody asks makes a name no better known than it was.
    pub(super) fn known_author(&mut self, tx: &Transaction<'_>, id: PersonaId) -> Result<Option<Author>> {
        if let Some(author) = self.authors.get(&id) {
            return Ok(Some(*author));
        }
        let author = tx
            .prepare_cached("SELECT row, followed, carried FROM author WHERE id = ?1")?
            .query_row([id], |row| Ok(Author { row: row.get(0)?, followed: row.get(1)?, carried: row.get(2)? }))
            .optional()?;
        self.authors.extend(author.map(|author| (id, author)));
        Ok(author)
    }

    /// How a device stands with its author.
    pub(super) fn standing(&mut self, tx: &Transaction<'_>, author_row: i64, device: DeviceKey) -> Result<Standing> {
        if let Some(found) = self.standing.get(&(author_row, device)) {
            return Ok(*found);
        }
        let found = device::standing(tx, author_row, device)?;
        if found != Standing::Unknown {
            self.standing.insert((author_row, device), found);
        }
        Ok(found)
    }

    /// A statement came: who is certified is looked up anew.
    pub(super) fn devices_changed(&mut self) {
        self.standing.clear();
    }

    /// The log that `header` belongs to, made where it is missing.
    pub(super) fn open(
        &mut self,
        tx: &Transaction<'_>,
        author_row: i64,
        header: &Header,
        keyring: &Keyring,
    ) -> Result<Result<Log, EntryError>> {
        let ref_ = LogRef::new(&header.device, header.log);
        if let Some(log) = self.logs.get(&(author_row, ref_)) {
            return Ok(Ok(*log));
        }
        let stored = tx
            .prepare_cached(
                "SELECT row, scope, next_seq, top_seq, top_id, count, own, hold_from, fork_seq, closed,
                        (SELECT rank FROM entry WHERE log_row = log.row AND seq = log.top_seq LIMIT 1)
                 FROM log WHERE author_row = ?1 AND ref = ?2",
            )?
            .query_row(params![author_row, ref_.0.cast_signed()], |row| {
                Ok(Log {
                    row: row.get(0)?,
                    author_row,
                    ref_,
                    scope: row.get(1)?,
                    next_seq: row.get(2)?,
                    top_seq: row.get(3)?,
                    top_id: row.get::<_, Option<EntryId>>(4)?.unwrap_or(EntryId::ZERO),
                    count: row.get(5)?,
                    own: row.get(6)?,
                    hold_from: row.get(7)?,
                    fork_seq: row.get(8)?,
                    closed: row.get(9)?,
                    top_rank: row.get::<_, Option<i64>>(10)?.unwrap_or_default(),
                })
            })
            .optional()?;
        let log = match stored {
            Some(log) => log,
            None => {
                let (all, of_device): (usize, usize) = tx
                    .prepare_cached(
                        "SELECT count(*), count(*) FILTER (WHERE device = ?2) FROM log WHERE author_row = ?1",
                    )?
                    .query_row(params![author_row, header.device], |row| Ok((row.get(0)?, row.get(1)?)))?;
                // An own log is written whatever a copy of this profile opened elsewhere.
                let own = keyring
                    .get(header.author)
                    .is_some_and(|keys| keys.device.verifying_key().as_bytes() == header.device.as_bytes());
                if !own && (all >= limits::LOGS_PER_AUTHOR || of_device >= limits::LOGS_PER_DEVICE) {
                    return Ok(Err(EntryError::Full("logs")));
                }
                tx.prepare_cached("INSERT INTO log (author_row, device, log, ref, own) VALUES (?1, ?2, ?3, ?4, ?5)")?
                    .execute(params![author_row, header.device, header.log.cast_signed(), ref_.0.cast_signed(), own])?;
                Log {
                    row: tx.last_insert_rowid(),
                    author_row,
                    ref_,
                    scope: -1,
                    next_seq: 0,
                    top_seq: -1,
                    top_id: EntryId::ZERO,
                    top_rank: 0,
                    count: 0,
                    own,
                    hold_from: i64::MAX,
                    fork_seq: -1,
                    closed: false,
                }
            }
        };
        self.logs.insert((author_row, ref_), log);
        Ok(Ok(log))
    }

    pub(super) fn get(&self, author_row: i64, ref_: LogRef) -> Option<&Log> {
        self.logs.get(&(author_row, ref_))
    }

    /// Takes the changed state of a log.
    pub(super) fn put(&mut self, log: Log) {
        self.touched.insert(log.row);
        let before = self.logs.get(&(log.author_row, log.ref_));
        if before.is_none_or(|old| {
            (old.next_seq == 0, old.scope, old.fork_seq) != (log.next_seq == 0, log.scope, log.fork_seq)
        }) {
            self.begun.insert(log.row);
        }
        self.logs.insert((log.author_row, log.ref_), log);
    }

    /// Writes every log that the batch touched.
    pub(super) fn save(&self, tx: &Transaction<'_>) -> Result<()> {
        let mut update = tx.prepare_cached(
            "UPDATE log SET scope = ?2, next_seq = ?3, top_seq = ?4, top_id = ?5, count = ?6, hold_from = ?7, fork_seq = ?8
             WHERE row = ?1",
        )?;
        for log in self.logs.values() {
            update.execute(params![
                log.row,
                log.scope,
                log.next_seq,
                log.top_seq,
                (log.top_seq >= 0).then_some(log.top_id),
                log.count,
                log.hold_from,
                log.fork_seq
            ])?;
        }
        Ok(())
    }

    /// Removes rows of others' logs of which nothing was stored: what is refused must leave nothing behind.
    pub(super) fn drop_empty(&mut self, tx: &Transaction<'_>) -> Result<()> {
        let empty = |log: &Log| log.count == 0 && log.fork_seq < 0 && !log.own;
        for log in self.logs.values().filter(|log| empty(log)) {
            tx.prepare_cached(
                "DELETE FROM log WHERE row = ?1 AND NOT EXISTS (SELECT 1 FROM entry WHERE log_row = ?1)",
            )?
            .execute([log.row])?;
        }
        self.logs.retain(|_, log| !empty(log));
        Ok(())
    }

    /// Forgets everything: the tables were changed under it. Call [`Self::save`] before.
    pub(super) fn reset(&mut self) {
        let (touched, begun) = (std::mem::take(&mut self.touched), std::mem::take(&mut self.begun));
        *self = Self { touched, begun, ..Self::default() };
    }

    /// Sets anew which logs of the devices that wrote are closed: a device has one open log of each scope. Those closed
    /// are the ones that another names, and of the others all but the newest by (claimed time, id of the `LogOpen`). A
    /// fork stays open until it is named, so that the warning does not go by itself. It is a function of what is stored,
    /// whatever came first; an own log is never opened again. Of a device with very many logs that is true only after the
    /// next one begins: nothing that is kept or passed on depends on it.
    pub(super) fn settle_open(&self, tx: &Transaction<'_>) -> Result<()> {
        let mut settled = BTreeSet::new();
        // What begins first: one look at a device is enough.
        for row in self.begun.iter().chain(&self.touched) {
            let of: Option<(i64, DeviceKey, i64)> = tx
                .prepare_cached("SELECT author_row, device, scope FROM log WHERE row = ?1 AND scope BETWEEN 0 AND 2")?
                .query_row([row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            if let Some(of) = of.filter(|of| settled.insert(*of)) {
                settle_device(tx, of, self.begun.contains(row))?;
            }
        }
        Ok(())
    }
}

struct Opened {
    row: i64,
    fork: bool,
    /// Claimed time and id of its `LogOpen`, where that is here.
    open: Option<(i64, EntryId)>,
    named: Vec<EntryId>,
}

fn settle_device(tx: &Transaction<'_>, (author_row, device, scope): (i64, DeviceKey, i64), begun: bool) -> Result<()> {
    let logs: usize = tx
        .prepare_cached("SELECT count(*) FROM log WHERE author_row = ?1 AND device = ?2 AND scope = ?3")?
        .query_row(params![author_row, device, scope], |row| row.get(0))?;
    if logs < 2 || logs > limits::SETTLED_LOGS && !begun {
        return Ok(());
    }
    let mut statement = tx.prepare_cached(
        "SELECT log.row, log.fork_seq >= 0, entry.time, entry.id, entry.body
         FROM log LEFT JOIN entry ON entry.log_row = log.row AND entry.seq = 0 AND entry.branch = 0 AND entry.kind = ?4
         WHERE log.author_row = ?1 AND log.device = ?2 AND log.scope = ?3",
    )?;
    let mut rows = statement.query(params![author_row, device, scope, Kind::LogOpen.number()])?;
    let mut logs = Vec::new();
    while let Some(row) = rows.next()? {
        let named = match row.get::<_, Option<Vec<u8>>>(4)? {
            Some(body) => LogOpenBody::decode(&body)?.prior_heads,
            None => Vec::new(),
        };
        let open = row.get::<_, Option<i64>>(2)?.zip(row.get(3)?);
        logs.push(Opened { row: row.get(0)?, fork: row.get(1)?, open, named });
    }
    let mut closed = BTreeSet::new();
    for log in &logs {
        for head in &log.named {
            let of: Option<i64> = tx
                .prepare_cached("SELECT log_row FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1")?
                .query_row([head], |row| row.get(0))
                .optional()?;
            closed.extend(of.filter(|of| *of != log.row));
        }
    }
    let candidates = || logs.iter().filter(|log| !log.fork && log.open.is_some() && !closed.contains(&log.row));
    let newest = candidates().max_by_key(|log| log.open).map(|log| log.row);
    let older: Vec<i64> = candidates().map(|log| log.row).filter(|row| Some(*row) != newest).collect();
    closed.extend(older);
    for log in &logs {
        tx.prepare_cached("UPDATE log SET closed = ?2 WHERE row = ?1 AND closed <> ?2 AND (own = 0 OR ?2)")?
            .execute(params![log.row, closed.contains(&log.row)])?;
    }
    Ok(())
}

/// The own log of a scope that the next entry goes to: its number, next seq and head.
pub(super) fn own_open(
    tx: &Transaction<'_>,
    logs: &mut Logs,
    author_row: i64,
    device: DeviceKey,
    scope: Scope,
) -> Result<Option<(u64, u64, EntryId)>> {
    logs.save(tx)?;
    Ok(tx
        .prepare_cached(
            "SELECT log, next_seq, top_id FROM log
             WHERE author_row = ?1 AND device = ?2 AND scope = ?3 AND own = 1 AND closed = 0 AND fork_seq < 0
               AND next_seq = top_seq + 1 AND next_seq > 0
             ORDER BY row DESC LIMIT 1",
        )?
        .query_row(params![author_row, device, scope.number()], |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned(), row.get(2)?))
        })
        .optional()?)
}

/// Heads of this device's earlier logs of a scope, newest first; both heads of a fork.
pub(super) fn own_heads(
    tx: &Transaction<'_>,
    author_row: i64,
    device: DeviceKey,
    scope: Scope,
) -> Result<Vec<EntryId>> {
    let mut statement = tx.prepare_cached(
        "SELECT entry.id FROM log JOIN entry ON entry.log_row = log.row
         WHERE log.author_row = ?1 AND log.device = ?2 AND log.scope = ?3
           AND entry.seq = (SELECT max(seq) FROM entry AS other WHERE other.log_row = log.row AND other.branch = entry.branch)
         ORDER BY log.row DESC, entry.branch LIMIT ?4",
    )?;
    let heads = statement
        .query_map(params![author_row, device, scope.number(), limits::PRIOR_HEADS], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(heads)
}
