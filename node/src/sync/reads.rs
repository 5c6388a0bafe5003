//! What sync reads from the store: indexed, so that the cost grows with the answer, and without rebuilding what the
//! wire leaves out. Entries of own logs from `hold_from` on do not exist for any of it (invariant 13).

mod header;
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use self::header::{headers_sum, statements_print};
use crate::bucket::Bucket;
use crate::error::Result;
use crate::id::{DeviceKey, EntryId, NodeId, PersonaId};
use crate::limits::{BUCKET_BITS, KNOWN_AUTHORS, LOG_RANGES, STRAYS_SEEN};
use crate::sync::digest::{AuthorHash, HeaderRange, Pair, Print, Question, SetId, Span};
use crate::sync::runs::Held;
use crate::sync::want::{HaveLog, HaveRange};

/// A question of the engine to the store.
#[derive(Debug)]
pub enum Query {
    /// Fingerprints of our copies.
    Prints(Vec<PersonaId>),
    /// The sets that were agreed with this peer.
    Sets(NodeId),
    /// What we hold of these authors.
    Have(Vec<PersonaId>),
    /// The header entries of these authors' posts within spans, as ranges that a peer can compare.
    Headers(Vec<(PersonaId, Span)>),
    /// The header entries that a peer's ranges lack: a cursor over them.
    CompareHeaders(Vec<(PersonaId, Span, Vec<HeaderRange>)>),
    /// Of which of these authors the peer shows something that is not here.
    ShowsMore { question: Question, items: Vec<Wanted> },
    /// The next page, at most so many bytes of entries.
    Page { cursor: Box<Cursor>, bytes: usize },
    /// These entries as pushes carry them.
    Push(Vec<EntryId>),
    /// The same with the whole of large mail: for peers that can't ask for it.
    Whole(Vec<EntryId>),
    /// Mail of buckets that are not taken here, for a peer that takes them and does not have it, as `Whole`;
    /// `after`: the row up to which it was looked before.
    Strays { peer: NodeId, takes: Vec<Bucket>, after: i64, limit: usize },
    /// The newest entry of each of these authors' logs of posts, as `Push`.
    Newest(Vec<PersonaId>),
    /// Which of a peer's hashes name authors that are known here and not carried.
    Named { own: NodeId, peer: NodeId, week: u64, hashes: Vec<AuthorHash> },
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
    Headers(Vec<(PersonaId, Span, Vec<HeaderRange>)>),
    /// In the order asked.
    ShowsMore(Vec<(PersonaId, bool)>),
    /// `differing`: numbers of the ranges with a fingerprint that is not ours.
    Compared {
        cursor: Box<Cursor>,
        differing: Vec<u32>,
    },
    /// `cursor`: where the next page starts, `None` after the last.
    Page {
        runs: Vec<u8>,
        differing: Vec<PersonaId>,
        cursor: Option<Box<Cursor>>,
    },
    Push(Vec<Pushed>),
    /// `to`: the row up to which it was looked.
    Strays {
        pushed: Vec<Pushed>,
        to: i64,
    },
    /// Places among the hashes, and the authors.
    Named(Vec<(usize, PersonaId)>),
}

/// What one node holds of an author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Have {
    pub author: PersonaId,
    /// Fingerprints of identity statements and header entries.
    pub statements: u64,
    pub headers: u64,
    pub logs: Vec<HaveLog>,
    /// The same logs, for what comes back.
    pub held: Vec<Held>,
}

/// What a peer holds of an author, as its `Want` tells.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub author: PersonaId,
    /// Place in the `Want`.
    pub place: usize,
    pub statements: u16,
    pub headers: u16,
    pub logs: Vec<HaveLog>,
    /// Places in `logs`, by name: a peer tells of many.
    order: Vec<usize>,
}

impl Wanted {
    pub fn new(author: PersonaId, place: usize, statements: u16, headers: u16, logs: Vec<HaveLog>) -> Self {
        let mut order: Vec<usize> = (0..logs.len()).collect();
        order.sort_by_key(|at| logs.get(*at).map(|have| have.log));
        Self { author, place, statements, headers, logs, order }
    }
}

/// An entry as a push carries it.
#[derive(Debug)]
pub struct Pushed {
    pub id: EntryId,
    pub author: PersonaId,
    /// Its body stayed behind: it is larger than a push carries.
    pub large: bool,
    /// Of a repost: the post, and what introduces its author, follow in `run`. So many entries are there.
    pub entries: usize,
    pub run: Vec<u8>,
    /// For who may not know the author.
    pub introduction: Arc<Introduction>,
}

/// An author's statements and newest profile, as runs.
#[derive(Debug)]
pub struct Introduction {
    pub bytes: Vec<u8>,
    pub entries: usize,
}

/// How far a request was served.
#[derive(Debug)]
pub enum Cursor {
    /// Logs of authors against what the asker has.
    Logs {
        question: Question,
        items: Vec<Wanted>,
        newest: bool,
        pass: Pass,
        item: usize,
        told: usize,
        at: Option<(i64, i64)>,
    },
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
    pub(crate) fn logs(question: Question, items: Vec<Wanted>, newest: bool) -> Self {
        Self::Logs { question, items, newest, pass: Pass::First, item: 0, told: 0, at: None }
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
        Query::Headers(spans) => {
            let ranges = |(author, span): (PersonaId, Span)| {
                let ranges = header::ranges(db, &author, &span)?;
                Ok((author, span, ranges))
            };
            Answer::Headers(spans.into_iter().map(ranges).collect::<Result<_>>()?)
        }
        Query::CompareHeaders(asked) => {
            let (rows, differing) = header::compare(db, &asked)?;
            let cursor = Box::new(Cursor::Rows { rows, next: 0, told: 0, known: BTreeSet::new() });
            Answer::Compared { cursor, differing }
        }
        Query::ShowsMore { question, items } => {
            let shows = |wanted: Wanted| Ok((wanted.author, shows_more(db, &question, &wanted)?));
            Answer::ShowsMore(items.into_iter().map(shows).collect::<Result<_>>()?)
        }
        Query::Page { cursor, bytes } => page::page(db, *cursor, bytes)?,
        Query::Push(ids) => Answer::Push(pushed(db, ids, false)?),
        Query::Whole(ids) => Answer::Push(pushed(db, ids, true)?),
        Query::Strays { peer, takes, after, limit } => {
            let (ids, to) = strays(db, peer, &takes, after, limit)?;
            Answer::Strays { pushed: pushed(db, ids, true)?, to }
        }
        Query::Newest(authors) => {
            let mut newest = Vec::new();
            for author in authors {
                if let Some(row) = author_row(db, &author)? {
                    let open = logs(db, row)?.into_iter().filter(|log| log.fork.is_none() && log.scope == SCOPE_POSTS);
                    newest.extend(open.max_by_key(|log| (!log.closed, log.row)).and_then(|log| log.top_id));
                }
            }
            Answer::Push(pushed(db, newest, false)?)
        }
        Query::Named { own, peer, week, hashes } => {
            Answer::Named(named(db, &Pair::new(own, peer), peer, week, &hashes)?)
        }
    })
}

fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// All mail stands under one name, that of the widest bucket.
fn author_row(db: &Connection, author: &PersonaId) -> Result<Option<i64>> {
    let author = Bucket::from_id(author).map_or(*author, |_| Bucket::EVERYTHING.id());
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

/// Mail behind a row that goes to a peer, and the row up to which it was looked.
fn strays(db: &Connection, peer: NodeId, takes: &[Bucket], after: i64, limit: usize) -> Result<(Vec<EntryId>, i64)> {
    let mut passing = db.prepare_cached(
        "SELECT entry_row, route FROM mail INDEXED BY mail_stray_by_row
         WHERE stray = 1 AND entry_row > ?1 ORDER BY entry_row LIMIT ?2",
    )?;
    let mut lacking = db.prepare_cached(
        "SELECT e.id FROM entry AS e JOIN mail AS m ON m.entry_row = e.row WHERE e.row = ?1 AND m.source IS NOT ?2
            AND NOT EXISTS (SELECT 1 FROM file_holder WHERE file = e.id AND node = ?2)",
    )?;
    let (mut ids, mut to) = (Vec::new(), after);
    let mut rows = passing.query(params![after, sql_limit(STRAYS_SEEN)])?;
    while let Some(found) = rows.next()?.filter(|_| ids.len() < limit) {
        to = found.get(0)?;
        let exact = Bucket::new(BUCKET_BITS, found.get(1)?);
        if takes.iter().any(|bucket| bucket.contains(exact)) {
            ids.extend(lacking.query_row(params![to, peer], |row| row.get::<_, EntryId>(0)).optional()?);
        }
    }
    Ok((ids, to))
}

fn pushed(db: &Connection, ids: Vec<EntryId>, whole: bool) -> Result<Vec<Pushed>> {
    let mut introductions = BTreeMap::new();
    let mut pushed = Vec::new();
    for id in ids {
        pushed.extend(page::push(db, id, whole, &mut introductions)?);
    }
    Ok(pushed)
}

impl LogRow {
    fn name(&self) -> u32 {
        short(self.reference.cast_unsigned())
    }
}

/// Scopes of `log.scope`.
const SCOPE_UNKNOWN: i64 = -1;
const SCOPE_POSTS: i64 = 0;
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
    let mut entries = 0_u64;
    if let Some(row) = author_row(db, author)? {
        let (statements, count) = statements_print(db, row)?;
        let headers = headers_sum(db, author, row)?;
        entries = count + headers.count();
        hasher.update(&statements.to_le_bytes());
        hasher.update(&headers.print().to_le_bytes());
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
                entries = entries.wrapping_add(log.next.min(fork).cast_unsigned());
                continue;
            }
            entries = entries.wrapping_add(log.count.cast_unsigned());
            hasher.update(&[0]);
            for number in [log.next, log.top, log.count] {
                hasher.update(&number.to_le_bytes());
            }
            hasher.update(log.top_id.unwrap_or(EntryId::ZERO).as_bytes());
        }
    }
    Ok(Print::new(&hasher, entries))
}

fn have(db: &Connection, author: PersonaId) -> Result<Have> {
    let Some(row) = author_row(db, &author)? else {
        return Ok(Have { author, statements: 0, headers: 0, logs: Vec::new(), held: Vec::new() });
    };
    let (mut told, mut held) = (Vec::new(), Vec::new());
    for log in logs(db, row)? {
        let mut ranges = Vec::new();
        if log.next > 0 {
            ranges.push((0, log.next.cast_unsigned()));
        }
        if log.top >= log.next {
            ranges.extend(loose_ranges(db, &log)?);
        }
        let fork = log.fork.map(i64::cast_unsigned);
        // Nothing behind a fork is asked for.
        ranges.retain_mut(|(start, end)| {
            *end = (*end).min(fork.unwrap_or(u64::MAX));
            start < end
        });
        // Of a log with more gaps than are told the highest entries are left out.
        let more = fork.is_none() && ranges.last().is_none_or(|(_, end)| *end != (log.top + 1).cast_unsigned());
        let mut ends = Vec::new();
        for (_, end) in &ranges {
            let id = if *end == (log.top + 1).cast_unsigned() {
                log.top_id
            } else {
                place(db, log.row, end.cast_signed() - 1)?
            };
            ends.extend(id.map(|id| (*end, id)));
        }
        held.push(Held { author, device: log.device, log: log.log, ends });
        // The engine, which knows the question, fills in the checks.
        let mut ranges: Vec<HaveRange> =
            ranges.into_iter().map(|(start, end)| HaveRange { start, end, check: 0 }).collect();
        ranges.extend(fork.map(HaveRange::behind));
        told.push(HaveLog { log: log.name(), fork, more, ranges });
    }
    let ((statements, _), headers) = (statements_print(db, row)?, headers_sum(db, &author, row)?.print());
    Ok(Have { author, statements, headers, logs: told, held })
}

/// Whether what a peer told in its `Want` shows something of an author that is not here. Doubt counts as yes.
fn shows_more(db: &Connection, question: &Question, wanted: &Wanted) -> Result<bool> {
    let Some(row) = author_row(db, &wanted.author)? else {
        return Ok(true);
    };
    let told = |part: u16, ours: u64| part == question.part(ours) || part == question.part(0);
    let headers = headers_sum(db, &wanted.author, row)?.print();
    if !told(wanted.statements, statements_print(db, row)?.0) || !told(wanted.headers, headers) {
        return Ok(true);
    }
    let ours = logs(db, row)?;
    for have in &wanted.logs {
        let mut named = ours.iter().filter(|log| log.name() == have.log);
        let (Some(log), None) = (named.next(), named.next()) else {
            return Ok(true);
        };
        if have.fork != log.fork.map(i64::cast_unsigned) {
            return Ok(true);
        }
        // Behind a fork nothing is fetched.
        let Some(last) = have.ranges.iter().rev().find(|range| range.end < u64::MAX) else { continue };
        let end = i64::try_from(last.end).unwrap_or(i64::MAX);
        if have.more || end > log.next {
            return Ok(true);
        }
        if place(db, log.row, end - 1)?.is_none_or(|id| question.check(&id) != last.check) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The first 4 bytes of a short id.
fn short(id: u64) -> u32 {
    let [a, b, c, d, ..] = id.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
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

/// The newest of the authors that are known by name alone are looked through. Names that only sealed content told are
/// none of them: whoever put one there could find this node by asking for it.
fn named(
    db: &Connection,
    pair: &Pair,
    asker: NodeId,
    week: u64,
    hashes: &[AuthorHash],
) -> Result<Vec<(usize, PersonaId)>> {
    let places: BTreeMap<AuthorHash, usize> = hashes.iter().enumerate().map(|(at, hash)| (*hash, at)).collect();
    let mut statement =
        db.prepare_cached("SELECT id FROM author WHERE carried = 0 AND private = 0 ORDER BY row DESC LIMIT ?1")?;
    let mut rows = statement.query([sql_limit(KNOWN_AUTHORS)])?;
    let mut named = Vec::new();
    while let Some(row) = rows.next()? {
        let author: PersonaId = row.get(0)?;
        if let Some(at) = places.get(&pair.author(asker, week, &author)) {
            named.push((*at, author));
        }
    }
    Ok(named)
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
