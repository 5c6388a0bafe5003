//! What sync reads from the store: indexed, so that the cost grows with the answer, and without rebuilding what the
//! wire leaves out. Entries of own logs from `hold_from` on do not exist for any of it (invariant 13).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use crate::entry::{Body, Kind, Run, RunItem};
use crate::error::{Error, Result};
use crate::id::{BlobHash, DeviceKey, EntryId, NodeId, PersonaId};
use crate::limits::{
    FORK_ENTRIES, HEADER_IDS, HEADER_IDS_PERSONA, LOG_RANGES, NEWEST_ENTRIES, PAGE_ENTRIES, PUSH_BODY_BYTES,
    SMALL_LOG_ENTRIES, STATEMENTS,
};
use crate::sync::digest::{Print, SetId, ShortId, ids_print, take};
use crate::sync::frame::HaveLog;

/// A question of the engine to the store.
#[derive(Debug)]
pub enum Query {
    /// Fingerprints of our copies.
    Prints(Vec<PersonaId>),
    /// The sets that were agreed with this peer.
    Sets(NodeId),
    /// What we hold of these authors.
    Have(Vec<PersonaId>),
    /// Short ids of the header entries of these authors' posts, newest first.
    HeaderIds(Vec<PersonaId>),
    /// The header entries that are not among the ids: a cursor over them.
    MissingHeaders(Vec<(PersonaId, Vec<ShortId>)>),
    /// The next page, at most so many bytes of entries.
    Page { cursor: Box<Cursor>, bytes: usize },
    /// These entries as pushes carry them.
    Push(Vec<EntryId>),
}

/// The store's answer.
#[derive(Debug)]
pub enum Answer {
    /// In the order asked.
    Prints(Vec<(PersonaId, Print)>),
    Sets {
        ours: Option<(SetId, Vec<PersonaId>)>,
        theirs: Option<(SetId, Vec<PersonaId>)>,
    },
    Have(Vec<Have>),
    HeaderIds(Vec<(PersonaId, Vec<ShortId>)>),
    Cursor(Box<Cursor>),
    /// `cursor`: where the next page starts, `None` after the last.
    Page {
        runs: Vec<u8>,
        differing: Vec<PersonaId>,
        cursor: Option<Box<Cursor>>,
    },
    Push(Vec<Pushed>),
}

/// What one node holds of an author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Have {
    pub author: PersonaId,
    /// Fingerprints of identity statements and header entries.
    pub statements: u64,
    pub headers: u64,
    pub logs: Vec<HaveLog>,
}

/// An entry as a push carries it.
#[derive(Debug)]
pub struct Pushed {
    pub id: EntryId,
    pub author: PersonaId,
    /// Its body stayed behind: it is larger than a push carries.
    pub large: bool,
    pub run: Vec<u8>,
    /// The author's statements and newest profile, for who may not know them.
    pub statements: Arc<[u8]>,
}

/// How far a request was served.
#[derive(Debug)]
pub enum Cursor {
    /// Logs of authors against what the asker has.
    Logs { items: Vec<Have>, newest: bool, pass: Pass, item: usize, told: usize, at: Option<(i64, i64)> },
    /// Chosen entries, by row; `known`: authors whose statements were sent. `told`: in both, statements of the author
    /// under way that were sent before the page was full.
    Rows { rows: Vec<i64>, next: usize, told: usize, known: BTreeSet<PersonaId> },
}

/// A cold copy gets statements and the newest entries of every author before anything is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    First,
    Fill,
}

impl Cursor {
    pub(crate) fn logs(items: Vec<Have>, newest: bool) -> Self {
        Self::Logs { items, newest, pass: Pass::First, item: 0, told: 0, at: None }
    }
}

/// Answers a question of the engine. Drivers call it inside [`crate::store::Store::read`].
pub fn answer(db: &Connection, query: Query) -> Result<Answer> {
    Ok(match query {
        Query::Prints(authors) => {
            let print = |author: PersonaId| Ok((author, print(db, &author)?));
            Answer::Prints(authors.into_iter().map(print).collect::<Result<_>>()?)
        }
        Query::Sets(peer) => Answer::Sets { ours: set(db, peer, false)?, theirs: set(db, peer, true)? },
        Query::Have(authors) => {
            Answer::Have(authors.into_iter().map(|author| have(db, author)).collect::<Result<_>>()?)
        }
        Query::HeaderIds(authors) => {
            let ids = |author: PersonaId| {
                let ids = headers(db, &author)?.iter().map(|(_, id)| ShortId::of(id)).collect();
                Ok((author, ids))
            };
            Answer::HeaderIds(authors.into_iter().map(ids).collect::<Result<_>>()?)
        }
        Query::MissingHeaders(asked) => {
            let mut rows = Vec::new();
            for (author, ids) in asked {
                let held: BTreeSet<ShortId> = ids.into_iter().collect();
                let missing = headers(db, &author)?.into_iter().filter(|(_, id)| !held.contains(&ShortId::of(id)));
                rows.extend(missing.map(|(row, _)| row));
            }
            // As they came here: a comment before its edits and answers.
            rows.sort_unstable();
            Answer::Cursor(Box::new(Cursor::Rows { rows, next: 0, told: 0, known: BTreeSet::new() }))
        }
        Query::Page { cursor, bytes } => page(db, *cursor, bytes)?,
        Query::Push(ids) => {
            let mut pushed = Vec::new();
            let mut statements = BTreeMap::new();
            for id in ids {
                pushed.extend(push(db, id, &mut statements)?);
            }
            Answer::Push(pushed)
        }
    })
}

fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn author_row(db: &Connection, author: &PersonaId) -> Result<Option<i64>> {
    let mut statement = db.prepare_cached("SELECT row FROM author WHERE id = ?1")?;
    Ok(statement.query_row([author], |row| row.get(0)).optional()?)
}

// --- logs ---

/// A log as others may see it.
struct LogRow {
    row: i64,
    reference: i64,
    device: DeviceKey,
    log: u64,
    scope: i64,
    /// Entries 0..next are all here.
    next: i64,
    top: i64,
    top_id: Option<EntryId>,
    count: i64,
    fork: Option<i64>,
    closed: bool,
}

/// Scopes of `log.scope`.
const SCOPE_UNKNOWN: i64 = -1;
const SCOPE_ENGAGEMENT: i64 = 1;

fn logs(db: &Connection, author: i64) -> Result<Vec<LogRow>> {
    let mut statement = db.prepare_cached(
        "SELECT row, ref, device, log, scope, next_seq, top_seq, top_id, count, fork_seq, closed, hold_from
         FROM log WHERE author_row = ?1 ORDER BY ref",
    )?;
    let mut rows = statement.query([author])?;
    let mut logs = Vec::new();
    while let Some(row) = rows.next()? {
        let fork: i64 = row.get(9)?;
        let mut log = LogRow {
            row: row.get(0)?,
            reference: row.get(1)?,
            device: row.get(2)?,
            log: row.get::<_, i64>(3)?.cast_unsigned(),
            scope: row.get(4)?,
            next: row.get(5)?,
            top: row.get(6)?,
            top_id: row.get(7)?,
            count: row.get(8)?,
            fork: (fork >= 0).then_some(fork),
            closed: row.get(10)?,
        };
        let hold_from: i64 = row.get(11)?;
        if hold_from <= log.top {
            // An own log, so one without gaps.
            log.next = log.next.min(hold_from);
            log.top = log.next - 1;
            log.count = log.next;
            log.top_id = place(db, log.row, log.top)?;
        }
        if log.top >= 0 && log.scope != SCOPE_ENGAGEMENT {
            logs.push(log);
        }
    }
    Ok(logs)
}

/// The id of the entry at a place.
fn place(db: &Connection, log_row: i64, seq: i64) -> Result<Option<EntryId>> {
    let mut statement =
        db.prepare_cached("SELECT id FROM entry WHERE log_row = ?1 AND log_row <> 0 AND seq = ?2 AND branch = 0")?;
    Ok(statement.query_row([log_row, seq], |row| row.get(0)).optional()?)
}

fn print(db: &Connection, author: &PersonaId) -> Result<Print> {
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 sync copy v1");
    if let Some(row) = author_row(db, author)? {
        hasher.update(&statements_print(db, row)?.to_le_bytes());
        hasher.update(&headers_print(db, author)?.to_le_bytes());
        for log in logs(db, row)? {
            if log.scope == SCOPE_UNKNOWN {
                continue;
            }
            hasher.update(&log.reference.to_le_bytes());
            if let Some(fork) = log.fork {
                // Frozen: what stands behind the fork may differ between nodes for ever.
                hasher.update(&[1]);
                hasher.update(&fork.to_le_bytes());
                hasher.update(&log.next.min(fork).to_le_bytes());
                continue;
            }
            hasher.update(&[0]);
            for number in [log.next, log.top, log.count] {
                hasher.update(&number.to_le_bytes());
            }
            hasher.update(log.top_id.unwrap_or(EntryId::ZERO).as_bytes());
        }
    }
    Ok(Print(take(&hasher)))
}

fn have(db: &Connection, author: PersonaId) -> Result<Have> {
    let Some(row) = author_row(db, &author)? else {
        return Ok(Have { author, statements: 0, headers: 0, logs: Vec::new() });
    };
    let mut held = Vec::new();
    for log in logs(db, row)? {
        let mut ranges = Vec::new();
        if log.next > 0 {
            ranges.push((0, log.next.cast_unsigned()));
        }
        if log.top >= log.next {
            ranges.extend(loose_ranges(db, &log)?);
        }
        if let Some(fork) = log.fork.map(i64::cast_unsigned) {
            // Nothing behind a fork is asked for.
            ranges.retain_mut(|(start, end)| {
                *end = (*end).min(fork);
                start < end
            });
            ranges.push((fork, u64::MAX));
        }
        let top = log.top_id.as_ref().filter(|_| log.fork.is_none()).map_or(0, |id| ShortId::of(id).0);
        let fork = log.fork.map(i64::cast_unsigned);
        held.push(HaveLog { log: log.reference.cast_unsigned(), fork, ranges, top });
    }
    Ok(Have { author, statements: statements_print(db, row)?, headers: headers_print(db, &author)?, logs: held })
}

/// Ranges of held entries above the first gap.
fn loose_ranges(db: &Connection, log: &LogRow) -> Result<Vec<(u64, u64)>> {
    let mut statement = db.prepare_cached(
        "SELECT seq FROM entry WHERE log_row = ?1 AND log_row <> 0 AND seq >= ?2 AND seq <= ?3 AND branch = 0
         ORDER BY seq",
    )?;
    let mut rows = statement.query([log.row, log.next, log.top])?;
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    while let Some(row) = rows.next()? {
        let seq = row.get::<_, i64>(0)?.cast_unsigned();
        if let Some((_, end)) = ranges.last_mut()
            && *end == seq
        {
            *end += 1;
        } else if ranges.len() >= LOG_RANGES {
            break;
        } else {
            ranges.push((seq, seq + 1));
        }
    }
    Ok(ranges)
}

// --- statements and headers ---

fn statement_rows(db: &Connection, author: i64) -> Result<Vec<(i64, EntryId)>> {
    let kinds = [Kind::PersonaOpen, Kind::DeviceCert, Kind::DeviceRevoke, Kind::RootRotate].map(Kind::number);
    let mut statement = db.prepare_cached(
        "SELECT row, id FROM entry WHERE author_row = ?1 AND log_row = 0 AND kind IN (?2, ?3, ?4, ?5)
         ORDER BY kind, id LIMIT ?6",
    )?;
    let [open, cert, revoke, rotate] = kinds;
    let rows = statement.query_map(params![author, open, cert, revoke, rotate, sql_limit(STATEMENTS)], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn statements_print(db: &Connection, author: i64) -> Result<u64> {
    let ids: Vec<EntryId> = statement_rows(db, author)?.into_iter().map(|(_, id)| id).collect();
    Ok(ids_print(&ids))
}

fn headers_print(db: &Connection, author: &PersonaId) -> Result<u64> {
    let ids: Vec<EntryId> = headers(db, author)?.into_iter().map(|(_, id)| id).collect();
    Ok(ids_print(&ids))
}

/// Header entries of an author's posts: row and id, newest first, at most [`HEADER_IDS`], and [`HEADER_IDS_PERSONA`] of
/// one persona at one post. By rank, which is never later than our clock when they came: a claimed time is a stranger's.
fn headers(db: &Connection, author: &PersonaId) -> Result<Vec<(i64, EntryId)>> {
    let Some(author) = author_row(db, author)? else {
        return Ok(Vec::new());
    };
    let mut statement = db.prepare_cached(
        "SELECT e.row, e.id, p.entry_row, e.author_row FROM post AS p
         CROSS JOIN entry AS pe ON pe.row = p.entry_row
         CROSS JOIN header_entry AS h ON h.about = pe.id
         CROSS JOIN entry AS e ON e.row = h.entry_row
         CROSS JOIN log AS l ON l.row = e.log_row
         WHERE p.author_row = ?1 AND e.seq < l.hold_from
         ORDER BY e.rank DESC, e.id DESC",
    )?;
    let mut rows = statement.query([author])?;
    let mut counts: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    let mut headers = Vec::new();
    while let Some(row) = rows.next()? {
        let count = counts.entry((row.get(2)?, row.get(3)?)).or_default();
        *count += 1;
        if *count <= HEADER_IDS_PERSONA {
            headers.push((row.get(0)?, row.get(1)?));
        }
        if headers.len() >= HEADER_IDS {
            break;
        }
    }
    Ok(headers)
}

fn set(db: &Connection, peer: NodeId, theirs: bool) -> Result<Option<(SetId, Vec<PersonaId>)>> {
    let mut statement = db.prepare_cached("SELECT set_id, authors FROM peer_set WHERE node = ?1 AND theirs = ?2")?;
    let found = statement.query_row(params![peer, theirs], |row| {
        let authors: Vec<u8> = row.get(1)?;
        let (ids, _) = authors.as_chunks::<32>();
        Ok((SetId(row.get(0)?), ids.iter().copied().map(PersonaId::from_bytes).collect()))
    });
    Ok(found.optional()?)
}

// --- runs ---

/// Columns that [`Writer::add`] reads, from `entry AS e`.
const COLUMNS: &str =
    "e.row, e.log_row, e.seq, e.kind, e.time, e.refs, e.signature, e.body, e.prev, e.body_len, e.body_hash, e.branch";

/// Collects rows into runs, up to a number of bytes and entries.
struct Writer {
    out: Vec<u8>,
    run: Option<(i64, u64, Run)>,
    bytes: usize,
    entries: usize,
    limit: usize,
    body_limit: usize,
    /// A body was left out for its size.
    cut: bool,
}

/// Author, device and log of a row.
struct Names {
    author: PersonaId,
    device: DeviceKey,
    log: u64,
}

/// What an item costs besides body and references: signature, kind, time, lengths.
const ITEM_BYTES: usize = 80;
/// What a run costs: author, device, log, prev, lengths.
const RUN_BYTES: usize = 128;

impl Writer {
    fn new(limit: usize) -> Self {
        Self { out: Vec::new(), run: None, bytes: 0, entries: 0, limit, body_limit: usize::MAX, cut: false }
    }

    fn full(&self) -> bool {
        // A fork's proof and a profile go in without asking.
        self.entries >= PAGE_ENTRIES - STATEMENTS - 2 || self.bytes >= self.limit
    }

    /// Adds a row with [`COLUMNS`].
    fn add(&mut self, db: &Connection, row: &Row<'_>, names: impl FnOnce() -> Names) -> Result<()> {
        let log_row: i64 = row.get(1)?;
        let seq = row.get::<_, i64>(2)?.cast_unsigned();
        let body = match row.get::<_, Option<Vec<u8>>>(7)? {
            Some(body) if body.len() <= self.body_limit => Body::Present(body),
            Some(body) => {
                self.cut = true;
                let hash = BlobHash::from_bytes(*blake3::hash(&body).as_bytes());
                Body::Absent { len: u32::try_from(body.len()).map_err(|_| Error::Bug("a body past its limit"))?, hash }
            }
            None => Body::Absent { len: row.get(9)?, hash: row.get(10)? },
        };
        let (refs, _) = row.get_ref(5)?.as_blob().map_err(rusqlite::Error::from)?.as_chunks::<32>();
        let item = RunItem {
            time: row.get::<_, i64>(4)?.cast_unsigned(),
            kind: Kind::from_number(row.get(3)?),
            refs: refs.iter().copied().map(EntryId::from_bytes).collect(),
            signature: row.get(6)?,
            body,
        };
        self.entries += 1;
        self.bytes += ITEM_BYTES
            + item.refs.len() * 32
            + match &item.body {
                Body::Present(body) => body.len(),
                Body::Absent { .. } => 32,
            };
        let prev: Option<EntryId> = row.get(8)?;
        if let Some((of, next, run)) = &mut self.run
            && log_row != 0
            && *of == log_row
            && *next == seq
            && prev.is_none()
        {
            *next += 1;
            run.items.push(item);
            return Ok(());
        }
        self.flush();
        let first_prev = match prev {
            Some(prev) => prev,
            None if log_row == 0 || seq == 0 => EntryId::ZERO,
            None => place(db, log_row, seq.cast_signed() - 1)?.ok_or(Error::Bug("an entry without its predecessor"))?,
        };
        let Names { author, device, log } = names();
        self.bytes += RUN_BYTES;
        self.run = Some((log_row, seq + 1, Run { author, device, log, first_seq: seq, first_prev, items: vec![item] }));
        Ok(())
    }

    fn flush(&mut self) {
        if let Some((_, _, run)) = self.run.take() {
            run.encode(&mut self.out);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.flush();
        self.out
    }
}

/// Adds an entry by row, whatever it is.
fn add_row(db: &Connection, writer: &mut Writer, entry: i64) -> Result<Option<PersonaId>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS}, a.id, coalesce(l.device, e.device), coalesce(l.log, 0)
         FROM entry AS e JOIN author AS a ON a.row = e.author_row LEFT JOIN log AS l ON l.row = e.log_row
         WHERE e.row = ?1 AND e.seq < coalesce(l.hold_from, 9223372036854775807)",
    ))?;
    let mut rows = statement.query([entry])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let author = row.get(12)?;
    let (device, log) = (row.get(13)?, row.get::<_, i64>(14)?.cast_unsigned());
    writer.add(db, row, || Names { author, device, log })?;
    Ok(Some(author))
}

/// Adds an author's statements from the one at `told` on; `false` where the page was full before the last one, and
/// `told` is then where the next page goes on.
fn add_statements(db: &Connection, writer: &mut Writer, author: i64, told: &mut usize) -> Result<bool> {
    for (row, _) in statement_rows(db, author)?.into_iter().skip(*told) {
        if writer.full() {
            return Ok(false);
        }
        add_row(db, writer, row)?;
        *told += 1;
    }
    *told = 0;
    Ok(true)
}

/// Adds entries `from..to` of a log until the page is full; answers where it stopped.
fn add_range(
    db: &Connection,
    statement: &mut CachedStatement<'_>,
    writer: &mut Writer,
    (author, log): (PersonaId, &LogRow),
    (from, to): (i64, i64),
) -> Result<i64> {
    let mut rows = statement.query([log.row, from, to])?;
    while let Some(row) = rows.next()? {
        if writer.full() {
            return Ok(row.get(2)?);
        }
        writer.add(db, row, || Names { author, device: log.device, log: log.log })?;
    }
    Ok(to)
}

fn range_statement(db: &Connection) -> Result<CachedStatement<'_>> {
    Ok(db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM entry AS e
         WHERE e.log_row = ?1 AND e.log_row <> 0 AND e.seq >= ?2 AND e.seq < ?3 AND e.branch = 0 ORDER BY e.seq",
    ))?)
}

// --- pages ---

fn page(db: &Connection, cursor: Cursor, bytes: usize) -> Result<Answer> {
    let mut writer = Writer::new(bytes);
    match cursor {
        Cursor::Rows { rows, mut next, mut told, mut known } => {
            while let Some(row) = rows.get(next)
                && !writer.full()
            {
                let mut statement = db.prepare_cached(
                    "SELECT a.id, a.row FROM entry AS e JOIN author AS a ON a.row = e.author_row WHERE e.row = ?1",
                )?;
                let found: Option<(PersonaId, i64)> =
                    statement.query_row([row], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
                if let Some((author, author_row)) = found {
                    if !known.contains(&author) {
                        if !add_statements(db, &mut writer, author_row, &mut told)? {
                            break;
                        }
                        add_profile(db, &mut writer, author_row)?;
                        known.insert(author);
                    }
                    add_row(db, &mut writer, *row)?;
                }
                next += 1;
            }
            let cursor = (next < rows.len()).then(|| Box::new(Cursor::Rows { rows, next, told, known }));
            Ok(Answer::Page { runs: writer.finish(), differing: Vec::new(), cursor })
        }
        Cursor::Logs { items, newest, mut pass, mut item, mut told, mut at } => {
            let mut differing = Vec::new();
            loop {
                let Some(wanted) = items.get(item) else {
                    if pass == Pass::Fill {
                        return Ok(Answer::Page { runs: writer.finish(), differing, cursor: None });
                    }
                    (pass, item) = (Pass::Fill, 0);
                    continue;
                };
                if writer.full() {
                    break;
                }
                if let Some(author) = author_row(db, &wanted.author)? {
                    match pass {
                        Pass::First => {
                            if statements_print(db, author)? != wanted.statements
                                && !add_statements(db, &mut writer, author, &mut told)?
                            {
                                break;
                            }
                            first(db, &mut writer, author, wanted, newest)?;
                        }
                        Pass::Fill => {
                            at = fill(db, &mut writer, author, wanted, at)?;
                            if at.is_some() {
                                break;
                            }
                            if headers_print(db, &wanted.author)? != wanted.headers {
                                differing.push(wanted.author);
                            }
                        }
                    }
                }
                item += 1;
            }
            let cursor = Some(Box::new(Cursor::Logs { items, newest, pass, item, told, at }));
            Ok(Answer::Page { runs: writer.finish(), differing, cursor })
        }
    }
}

/// Proofs of forks, and the newest entries of logs that take long to fill.
fn first(db: &Connection, writer: &mut Writer, author: i64, wanted: &Have, newest: bool) -> Result<()> {
    let mut logs = logs(db, author)?;
    for log in &logs {
        let asker =
            wanted.logs.iter().find(|have| have.log == log.reference.cast_unsigned()).and_then(|have| have.fork);
        if let Some(fork) = log.fork
            && asker.is_none_or(|asker| asker > fork.cast_unsigned())
        {
            add_fork(db, writer, (wanted.author, log), fork)?;
        }
    }
    let mut statement = range_statement(db)?;
    for log in &logs {
        // Another id where the asker's copy ends is a fork that neither knew of.
        let have = wanted.logs.iter().find(|have| have.log == log.reference.cast_unsigned() && have.top != 0);
        let end = have.and_then(|have| have.ranges.last()).and_then(|(_, end)| i64::try_from(*end).ok());
        if let Some((have, end)) = have.zip(end)
            && end <= log.top.saturating_add(1)
            && place(db, log.row, end - 1)?.is_some_and(|id| ShortId::of(&id).0 != have.top)
        {
            add_range(db, &mut statement, writer, (wanted.author, log), (end - 1, end))?;
        }
    }
    if !newest {
        return Ok(());
    }
    // What was opened last counts most.
    logs.sort_by_key(|log| (log.closed, std::cmp::Reverse(log.row)));
    let mut profile = false;
    let mut left = sql_limit(NEWEST_ENTRIES);
    for log in logs.iter().filter(|log| log.fork.is_none()) {
        let missing = missing(log, wanted);
        let count: i64 = missing.iter().map(|(from, to)| to - from).sum();
        if count <= SMALL_LOG_ENTRIES || left == 0 {
            continue;
        }
        if !profile {
            add_profile(db, writer, author)?;
            profile = true;
        }
        if missing.first().is_some_and(|(from, _)| *from == 0) {
            add_range(db, &mut statement, writer, (wanted.author, log), (0, 1))?;
        }
        // The newest of what is missing.
        for (from, to) in missing.iter().rev() {
            let from = (*from).max(to - left);
            add_range(db, &mut statement, writer, (wanted.author, log), (from, *to))?;
            left -= to - from;
            if left <= 0 {
                break;
            }
        }
    }
    Ok(())
}

/// The newest profile alone.
fn add_profile(db: &Connection, writer: &mut Writer, author: i64) -> Result<()> {
    let mut statement = db.prepare_cached("SELECT profile_row FROM author WHERE row = ?1")?;
    let row: i64 = statement.query_row([author], |row| row.get(0))?;
    if row > 0 {
        add_row(db, writer, row)?;
    }
    Ok(())
}

/// Both sides of a fork: the last entries of the first branch, and the second.
fn add_fork(db: &Connection, writer: &mut Writer, (author, log): (PersonaId, &LogRow), fork: i64) -> Result<()> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM entry AS e WHERE e.log_row = ?1 AND e.log_row <> 0
         AND ((e.branch = 0 AND e.seq BETWEEN ?2 - 1 AND ?2) OR (e.branch = 1 AND e.seq >= ?2))
         ORDER BY e.branch, e.seq LIMIT ?3",
    ))?;
    let mut rows = statement.query(params![log.row, fork, sql_limit(FORK_ENTRIES)])?;
    while let Some(row) = rows.next()?
        && !writer.full()
    {
        writer.add(db, row, || Names { author, device: log.device, log: log.log })?;
    }
    Ok(())
}

/// Everything else that is missing, from the start. Answers where a full page stopped: log and sequence number.
fn fill(
    db: &Connection,
    writer: &mut Writer,
    author: i64,
    wanted: &Have,
    at: Option<(i64, i64)>,
) -> Result<Option<(i64, i64)>> {
    let mut statement = range_statement(db)?;
    for log in logs(db, author)? {
        let start = match at {
            Some((reference, _)) if log.reference < reference => continue,
            Some((reference, seq)) if log.reference == reference => seq,
            _ => 0,
        };
        for (from, to) in missing(&log, wanted) {
            let from = from.max(start);
            if from >= to {
                continue;
            }
            let stopped = add_range(db, &mut statement, writer, (wanted.author, &log), (from, to))?;
            if stopped < to {
                return Ok(Some((log.reference, stopped)));
            }
        }
    }
    Ok(None)
}

/// Ranges of a log that the asker does not have, rising.
fn missing(log: &LogRow, wanted: &Have) -> Vec<(i64, i64)> {
    let end = log.fork.map_or(log.top.saturating_add(1), |fork| (log.top + 1).min(fork));
    let held = wanted.logs.iter().find(|have| have.log == log.reference.cast_unsigned());
    let mut missing = Vec::new();
    let mut from = 0;
    for (start, stop) in held.into_iter().flat_map(|have| &have.ranges) {
        let start = i64::try_from(*start).unwrap_or(i64::MAX).min(end);
        if from < start {
            missing.push((from, start));
        }
        from = from.max(i64::try_from(*stop).unwrap_or(i64::MAX));
    }
    if from < end {
        missing.push((from, end));
    }
    missing
}

/// `statements`: of the authors of entries before, so that they are read once.
fn push(db: &Connection, id: EntryId, statements: &mut BTreeMap<PersonaId, Arc<[u8]>>) -> Result<Option<Pushed>> {
    let mut statement = db.prepare_cached("SELECT row, author_row FROM entry WHERE id = ?1")?;
    let Some((row, author_row)) =
        statement.query_row([id], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?))).optional()?
    else {
        return Ok(None);
    };
    let mut writer = Writer::new(usize::MAX);
    writer.body_limit = PUSH_BODY_BYTES;
    let Some(author) = add_row(db, &mut writer, row)? else {
        return Ok(None);
    };
    let large = writer.cut;
    let run = writer.finish();
    let statements = match statements.get(&author) {
        Some(statements) => Arc::clone(statements),
        None => {
            let mut writer = Writer::new(usize::MAX);
            add_statements(db, &mut writer, author_row, &mut 0)?;
            add_profile(db, &mut writer, author_row)?;
            let bytes: Arc<[u8]> = writer.finish().into();
            statements.insert(author, Arc::clone(&bytes));
            bytes
        }
    };
    Ok(Some(Pushed { id, author, large, run, statements }))
}
