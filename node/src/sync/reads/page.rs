//! Pages and pushes: rows of the store as runs, up to a number of bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use super::{Answer, Cursor, Introduction, LogRow, Pass, Pushed, Wanted, author_row, logs, place, sql_limit};
use crate::entry::{Body, Kind, Run, RunItem};
use crate::error::{Error, Result};
use crate::id::{BlobHash, DeviceKey, EntryId, PersonaId};
use crate::limits::{
    DEVICES, FORK_ENTRIES, NEWEST_ENTRIES, PAGE_ENTRIES, PUSH_BODY_BYTES, PUSH_SEALED_BYTES, SMALL_LOG_ENTRIES,
    STATEMENTS,
};
use crate::sync::digest::Question;
use crate::sync::reads::header::{headers_sum, statement_rows, statements_print};
use crate::sync::runs::{self, Place};
use crate::sync::want::HaveLog;

/// Columns that [`Writer::add`] reads, from `entry AS e`.
const COLUMNS: &str =
    "e.row, e.log_row, e.seq, e.kind, e.time, e.refs, e.signature, e.body, e.prev, e.body_len, e.body_hash, e.branch";

/// Collects rows into runs, up to a number of bytes and entries.
struct Writer {
    out: Vec<u8>,
    run: Option<(i64, u64, Run)>,
    /// How the asker told of the log at hand.
    place: Option<Place>,
    bytes: usize,
    entries: usize,
    limit: usize,
    body_limit: usize,
    /// A body was left out for its size.
    cut: bool,
    /// Rows of posts that reposts brought along, and of their authors.
    brought: BTreeSet<i64>,
    introduced: BTreeSet<i64>,
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
        Self {
            out: Vec::new(),
            run: None,
            place: None,
            bytes: 0,
            entries: 0,
            limit,
            body_limit: usize::MAX,
            cut: false,
            brought: BTreeSet::new(),
            introduced: BTreeSet::new(),
        }
    }

    fn full(&self) -> bool {
        // A fork's proof and a profile go in without asking.
        self.entries >= PAGE_ENTRIES - STATEMENTS - DEVICES - 2 || self.bytes >= self.limit
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
            match &self.place {
                Some(place) => runs::put_short(&run, place, &mut self.out),
                None => run.encode(&mut self.out),
            }
        }
    }

    /// What comes next is of a log that the asker told of so.
    fn go_to(&mut self, place: &Option<Place>) {
        if self.place != *place {
            self.flush();
            self.place.clone_from(place);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.flush();
        self.out
    }
}

/// Adds an entry by row, whatever it is, under its full name. Answers under whose name it is kept: of a one-time entry,
/// the bucket's.
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
    let (device, log): (DeviceKey, u64) = (row.get(13)?, row.get::<_, i64>(14)?.cast_unsigned());
    let one_time = log == 0 && row.get::<_, u16>(3)? == Kind::Sealed.number();
    let named = if one_time { PersonaId::from_bytes(device.to_bytes()) } else { author };
    writer.go_to(&None);
    writer.add(db, row, || Names { author: named, device, log })?;
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
    (author, log, place): (PersonaId, &LogRow, &Option<Place>),
    (from, to): (i64, i64),
) -> Result<i64> {
    writer.go_to(place);
    let mut rows = statement.query([log.row, from, to])?;
    while let Some(row) = rows.next()? {
        if writer.full() {
            return Ok(row.get(2)?);
        }
        writer.add(db, row, || Names { author, device: log.device, log: log.log })?;
        if Kind::from_number(row.get(3)?) == Kind::Repost {
            bring(db, writer, row.get_ref(5)?.as_blob().map_err(rusqlite::Error::from)?)?;
            writer.go_to(place);
        }
    }
    Ok(to)
}

/// A repost brings its post along, as with a push: who follows the one need not carry the other.
fn bring(db: &Connection, writer: &mut Writer, refs: &[u8]) -> Result<()> {
    let Some(post) = refs.first_chunk::<32>() else { return Ok(()) };
    let found: Option<(i64, i64)> = db
        .prepare_cached(
            "SELECT row, author_row FROM entry
                         WHERE prefix = substr(?1, 1, 8) AND id = ?1 AND kind = ?2 AND length(body) <= ?3",
        )?
        .query_row(params![EntryId::from_bytes(*post), Kind::Post.number(), sql_limit(PUSH_BODY_BYTES)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((row, author)) = found.filter(|(row, _)| writer.brought.insert(*row)) else { return Ok(()) };
    if writer.introduced.insert(author) {
        for (statement, _) in statement_rows(db, author)? {
            add_row(db, writer, statement)?;
        }
        add_profile(db, writer, author)?;
    }
    // A run of its own, also where it stands right behind the profile.
    writer.flush();
    add_row(db, writer, row)?;
    writer.flush();
    Ok(())
}

fn range_statement(db: &Connection) -> Result<CachedStatement<'_>> {
    Ok(db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM entry AS e
         WHERE e.log_row = ?1 AND e.log_row <> 0 AND e.seq >= ?2 AND e.seq < ?3 AND e.branch = 0 ORDER BY e.seq",
    ))?)
}

// --- pages ---

pub(super) fn page(db: &Connection, cursor: Cursor, bytes: usize) -> Result<Answer> {
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
        Cursor::Logs { question, items, newest, mut pass, mut item, mut told, mut at } => {
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
                            if question.part(statements_print(db, author)?.0) != wanted.statements
                                && !add_statements(db, &mut writer, author, &mut told)?
                            {
                                break;
                            }
                            first(db, &mut writer, &question, (author, wanted), newest)?;
                        }
                        Pass::Fill => {
                            at = fill(db, &mut writer, &question, (author, wanted), at)?;
                            if at.is_some() {
                                break;
                            }
                            if question.part(headers_sum(db, &wanted.author, author)?.print()) != wanted.headers {
                                differing.push(wanted.author);
                            }
                        }
                    }
                }
                item += 1;
            }
            let cursor = Some(Box::new(Cursor::Logs { question, items, newest, pass, item, told, at }));
            Ok(Answer::Page { runs: writer.finish(), differing, cursor })
        }
    }
}

/// Proofs of forks, and the newest entries of logs that take long to fill.
fn first(
    db: &Connection,
    writer: &mut Writer,
    question: &Question,
    (author, wanted): (i64, &Wanted),
    newest: bool,
) -> Result<()> {
    let author_id = wanted.author;
    let mut logs = logs(db, author)?;
    for log in &logs {
        let asker = told(wanted, log).and_then(|(_, have)| have.fork);
        if let Some(fork) = log.fork
            && asker.is_none_or(|asker| asker > fork.cast_unsigned())
        {
            add_fork(db, writer, (wanted.author, log), fork)?;
        }
    }
    let mut statement = range_statement(db)?;
    for log in &logs {
        let (place, others) = place_of(db, question, wanted, log)?;
        for end in others {
            add_range(db, &mut statement, writer, (author_id, log, &place), (end - 1, end))?;
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
        let (place, _) = place_of(db, question, wanted, log)?;
        if missing.first().is_some_and(|(from, _)| *from == 0) {
            add_range(db, &mut statement, writer, (author_id, log, &place), (0, 1))?;
        }
        // The newest of what is missing.
        for (from, to) in missing.iter().rev() {
            let from = (*from).max(to - left);
            add_range(db, &mut statement, writer, (author_id, log, &place), (from, *to))?;
            left -= to - from;
            if left <= 0 {
                break;
            }
        }
    }
    Ok(())
}

/// The newest profile alone, and the keys of the devices.
fn add_profile(db: &Connection, writer: &mut Writer, author: i64) -> Result<()> {
    let mut statement = db.prepare_cached("SELECT profile_row FROM author WHERE row = ?1")?;
    let row: i64 = statement.query_row([author], |row| row.get(0))?;
    if row > 0 {
        add_row(db, writer, row)?;
    }
    // With it whoever meets the author in a header only can write to them.
    let mut statement = db.prepare_cached("SELECT entry_row FROM device_keys WHERE author_row = ?1 LIMIT ?2")?;
    let keys: Vec<i64> =
        statement.query_map(params![author, sql_limit(DEVICES)], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for row in keys {
        add_row(db, writer, row)?;
    }
    Ok(())
}

/// Both sides of a fork: the last entries of the first branch, and the second.
fn add_fork(db: &Connection, writer: &mut Writer, (author, log): (PersonaId, &LogRow), fork: i64) -> Result<()> {
    writer.go_to(&None);
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
    question: &Question,
    (author, wanted): (i64, &Wanted),
    at: Option<(i64, i64)>,
) -> Result<Option<(i64, i64)>> {
    let mut statement = range_statement(db)?;
    for log in logs(db, author)? {
        let start = match at {
            Some((reference, _)) if log.reference < reference => continue,
            Some((reference, seq)) if log.reference == reference => seq,
            _ => 0,
        };
        let missing = missing(&log, wanted);
        if missing.is_empty() {
            continue;
        }
        let (place, _) = place_of(db, question, wanted, &log)?;
        for (from, to) in missing {
            let from = from.max(start);
            if from >= to {
                continue;
            }
            let stopped = add_range(db, &mut statement, writer, (wanted.author, &log, &place), (from, to))?;
            if stopped < to {
                return Ok(Some((log.reference, stopped)));
            }
        }
    }
    Ok(None)
}

/// What the asker told of a log, and its place among the author's.
fn told<'a>(wanted: &'a Wanted, log: &LogRow) -> Option<(usize, &'a HaveLog)> {
    let (name, order) = (log.name(), &wanted.order);
    let at = order.partition_point(|at| wanted.logs.get(*at).is_some_and(|have| have.log < name));
    let at = *order.get(at)?;
    Some((at, wanted.logs.get(at).filter(|have| have.log == name)?))
}

/// How a page names a log, and where ranges of the asker end with another id than is held here: a fork that neither
/// knew of.
fn place_of(db: &Connection, question: &Question, wanted: &Wanted, log: &LogRow) -> Result<(Option<Place>, Vec<i64>)> {
    let Some((at, have)) = told(wanted, log) else { return Ok((None, Vec::new())) };
    let (mut ends, mut others) = (Vec::new(), Vec::new());
    let compared = have.ranges.iter().filter(|_| have.fork.is_none());
    for range in compared {
        let end = i64::try_from(range.end).unwrap_or(i64::MAX);
        if end > log.top.saturating_add(1) {
            continue;
        }
        match place(db, log.row, end - 1)? {
            Some(id) if question.check(&id) == range.check => ends.push(range.end),
            Some(_) => others.push(end),
            None => {}
        }
    }
    Ok((Some(Place { item: wanted.place, log: at, ends }), others))
}

/// Ranges of a log that the asker does not have, rising.
fn missing(log: &LogRow, wanted: &Wanted) -> Vec<(i64, i64)> {
    let end = log.fork.map_or(log.top.saturating_add(1), |fork| (log.top + 1).min(fork));
    let held = told(wanted, log).map(|(_, have)| have);
    let mut missing = Vec::new();
    let mut from = 0;
    for range in held.into_iter().flat_map(|have| &have.ranges) {
        let start = i64::try_from(range.start).unwrap_or(i64::MAX).min(end);
        if from < start {
            missing.push((from, start));
        }
        from = from.max(i64::try_from(range.end).unwrap_or(i64::MAX));
    }
    if from < end {
        missing.push((from, end));
    }
    missing
}

/// `introductions`: of the authors of entries before, so that they are read once. A repost brings its post along: who
/// follows the one need not carry the other.
pub(super) fn push(
    db: &Connection,
    id: EntryId,
    whole: bool,
    introductions: &mut BTreeMap<PersonaId, Arc<Introduction>>,
) -> Result<Option<Pushed>> {
    let Some((mut pushed, kind, refs)) = one(db, id, whole, introductions)? else {
        return Ok(None);
    };
    if kind == Kind::Repost
        && let Some(post) = refs.first_chunk::<32>().map(|post| EntryId::from_bytes(*post))
        && let Some((post, Kind::Post, _)) = one(db, post, false, introductions)?
        && !post.large
    {
        pushed.entries += post.introduction.entries + post.entries;
        pushed.run.extend_from_slice(&post.introduction.bytes);
        pushed.run.extend_from_slice(&post.run);
    }
    Ok(Some(pushed))
}

fn one(
    db: &Connection,
    id: EntryId,
    whole: bool,
    introductions: &mut BTreeMap<PersonaId, Arc<Introduction>>,
) -> Result<Option<(Pushed, Kind, Vec<u8>)>> {
    let mut statement = db.prepare_cached(
        "SELECT row, author_row, kind, refs FROM entry
                                           WHERE prefix = substr(?1, 1, 8) AND id = ?1",
    )?;
    let found: Option<(i64, i64, u16, Vec<u8>)> =
        statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).optional()?;
    let Some((row, author_row, kind, refs)) = found else {
        return Ok(None);
    };
    let mut writer = Writer::new(usize::MAX);
    writer.body_limit = match kind == Kind::Sealed.number() {
        true if whole => usize::MAX,
        true => PUSH_SEALED_BYTES,
        false => PUSH_BODY_BYTES,
    };
    let Some(author) = add_row(db, &mut writer, row)? else {
        return Ok(None);
    };
    let large = writer.cut;
    let run = writer.finish();
    let introduction = match introductions.get(&author) {
        Some(introduction) => Arc::clone(introduction),
        None => {
            let mut writer = Writer::new(usize::MAX);
            add_statements(db, &mut writer, author_row, &mut 0)?;
            add_profile(db, &mut writer, author_row)?;
            let entries = writer.entries;
            let introduction = Arc::new(Introduction { bytes: writer.finish(), entries });
            introductions.insert(author, Arc::clone(&introduction));
            introduction
        }
    };
    Ok(Some((Pushed { id, author, large, entries: 1, run, introduction }, Kind::from_number(kind), refs)))
}
