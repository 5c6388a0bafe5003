//! The header entries of an author's posts as one ordered set, compared range by range: equal fingerprints end a range,
//! large ranges are split, and of small ones the ids are told (the idea of range-based set reconciliation: Meyer,
//! "Range-Based Set Reconciliation", SRDS 2023).

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::{author_row, sql_limit};
use crate::bucket::Bucket;
use crate::entry::Kind;
use crate::error::Result;
use crate::id::{EntryId, PersonaId};
use crate::limits::{HEADER_LEAF_IDS, HEADER_SPLIT, STATEMENTS};
use crate::sync::digest::{HeaderRange, HeaderSet, Mark, ShortId, Span, ids_print};
use crate::sync::sum::HeaderSum;

pub(super) fn statement_rows(db: &Connection, author: i64) -> Result<Vec<(i64, EntryId)>> {
    // A root before what it says.
    let kinds = [Kind::PersonaOpen, Kind::RootRotate, Kind::DeviceCert, Kind::DeviceRevoke].map(Kind::number);
    let mut statement = db.prepare_cached(
        "SELECT row, id FROM entry WHERE author_row = ?1 AND log_row = 0 AND kind IN (?2, ?3, ?4, ?5)
         ORDER BY kind <> ?2, kind <> ?3, kind, id LIMIT ?6",
    )?;
    let [open, rotate, cert, revoke] = kinds;
    let rows = statement.query_map(params![author, open, rotate, cert, revoke, sql_limit(STATEMENTS)], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The fingerprint of an author's statements, and how many there are.
pub(super) fn statements_print(db: &Connection, author: i64) -> Result<(u64, u64)> {
    let ids: Vec<EntryId> = statement_rows(db, author)?.into_iter().map(|(_, id)| id).collect();
    Ok((ids_print(ids.iter()), ids.len() as u64))
}

/// What all header entries of an author's posts add up to, without own ones that may not leave yet; `author_row`: the
/// author's.
pub(super) fn headers_sum(db: &Connection, author: &PersonaId, author_row: i64) -> Result<HeaderSum> {
    match Bucket::from_id(author) {
        Some(bucket) => HeaderSum::of_bucket(db, author_row, bucket),
        None => posts_sum(db, author_row),
    }
}

fn posts_sum(db: &Connection, author: i64) -> Result<HeaderSum> {
    let mut sum = HeaderSum::read(db, author)?;
    if sum.count() > 0 {
        let mut statement = db.prepare_cached(
            "SELECT h.id FROM log AS l CROSS JOIN entry AS e ON e.log_row = l.row AND e.seq >= l.hold_from
                CROSS JOIN header_entry AS h ON h.entry_row = e.row
             WHERE l.own = 1 AND h.of_row = ?1",
        )?;
        for held in statement.query_map([author], |row| row.get(0))? {
            sum.remove(&held?);
        }
    }
    Ok(sum)
}

/// A header entry in the order of the set: by claimed time and id, which are the same at every node.
struct Header {
    row: i64,
    time: u64,
    id: EntryId,
    /// The post.
    about: EntryId,
}

/// Header entries of an author's posts within a span, rising; those of full posts are not compared.
fn headers(db: &Connection, author: &PersonaId, span: &Span) -> Result<Vec<Header>> {
    match author_row(db, author)? {
        Some(row) => match Bucket::from_id(author) {
            Some(bucket) if bucket != Bucket::EVERYTHING => of_bucket(db, bucket, span),
            _ => of_row(db, row, span),
        },
        None => Ok(Vec::new()),
    }
}

/// Mail of a bucket, by its route.
fn of_bucket(db: &Connection, bucket: Bucket, span: &Span) -> Result<Vec<Header>> {
    let mut statement = db.prepare_cached(
        "SELECT e.row, e.time, e.id FROM mail AS m CROSS JOIN entry AS e ON e.row = m.entry_row
         WHERE m.route BETWEEN ?1 AND ?2 AND (e.time, e.id) >= (?3, ?4) AND (e.time, e.id) < (?5, ?6)
         ORDER BY e.time, e.id",
    )?;
    let ((first, last), start, end) = (bucket.span(), span.start, span.end);
    let rows = statement.query_map(
        params![first, last, start.time.cast_signed(), start.id, end.time.cast_signed(), end.id],
        |row| {
            let time = row.get::<_, i64>(1)?.cast_unsigned();
            Ok(Header { row: row.get(0)?, time, id: row.get(2)?, about: EntryId::ZERO })
        },
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// By the index alone; own entries that may not leave yet are few and looked up once.
fn of_row(db: &Connection, of_row: i64, span: &Span) -> Result<Vec<Header>> {
    let mut statement = db.prepare_cached(
        "SELECT entry_row, time, id, about FROM header_entry
         WHERE of_row = ?1 AND (time, id) >= (?2, ?3) AND (time, id) < (?4, ?5)
            AND entry_row NOT IN (SELECT e.row FROM log AS l CROSS JOIN entry AS e ON e.log_row = l.row
                AND e.seq >= l.hold_from WHERE l.own = 1)
         ORDER BY time, id",
    )?;
    let (start, end) = (span.start, span.end);
    let rows = statement.query_map(
        params![of_row, start.time.cast_signed(), start.id, end.time.cast_signed(), end.id],
        |row| {
            let time = row.get::<_, i64>(1)?.cast_unsigned();
            Ok(Header { row: row.get(0)?, time, id: row.get(2)?, about: row.get(3)? })
        },
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Rows about posts that are full here and, as the ids of a span show, not full at the asker: it shall fill up, and then
/// neither compares them. An asker that has nothing of the author's headers gets them too.
fn filling(db: &Connection, author: &PersonaId, span: &Span, ids: &BTreeSet<&ShortId>) -> Result<Vec<i64>> {
    let Some(author) = author_row(db, author)? else { return Ok(Vec::new()) };
    // Of mail nothing is ever full.
    let full = of_row(db, -author, span)?;
    let held = |header: &&Header| ids.contains(&ShortId::of(&header.id));
    let posts: BTreeSet<EntryId> = full.iter().filter(held).map(|header| header.about).collect();
    let new = ids.is_empty() && *span == Span::ALL;
    let missing = full.iter().filter(|header| new || posts.contains(&header.about) && !held(header));
    Ok(missing.map(|header| header.row).collect())
}

/// Our entries of a span, told as ids where they are few, else as fingerprints of parts.
pub(super) fn ranges(db: &Connection, author: &PersonaId, span: &Span) -> Result<Vec<HeaderRange>> {
    let headers = headers(db, author, span)?;
    if headers.len() <= HEADER_LEAF_IDS {
        let ids = headers.iter().map(|header| ShortId::of(&header.id)).collect();
        return Ok(vec![HeaderRange { end: span.end, set: HeaderSet::Ids(ids) }]);
    }
    let part = headers.len().div_ceil(HEADER_SPLIT);
    let mut ranges: Vec<HeaderRange> = Vec::new();
    let mut parts = headers.chunks(part).peekable();
    while let Some(chunk) = parts.next() {
        // A part ends where the next one begins.
        let next = parts.peek().and_then(|next| next.first());
        let end = next.map_or(span.end, |next| Mark::of(next.time, &next.id));
        ranges.push(HeaderRange { end, set: HeaderSet::Print(ids_print(chunk.iter().map(|header| &header.id))) });
    }
    Ok(ranges)
}

/// What the asker's ranges show: rows that it lacks, and the numbers of ranges (among all with a fingerprint, in
/// order) that differ.
pub(super) fn compare(db: &Connection, asked: &[(PersonaId, Span, Vec<HeaderRange>)]) -> Result<(Vec<i64>, Vec<u32>)> {
    let (mut rows, mut differing, mut number) = (Vec::new(), Vec::new(), 0_u32);
    for (author, span, ranges) in asked {
        let all = headers(db, author, span)?;
        let (mut rest, mut start) = (all.as_slice(), span.start);
        for range in ranges {
            let part = Span { start, end: range.end };
            start = range.end;
            let end = rest.partition_point(|header| Mark::of(header.time, &header.id) < range.end);
            let (ours, behind) = rest.split_at(end);
            rest = behind;
            match &range.set {
                HeaderSet::Print(print) => {
                    if ids_print(ours.iter().map(|header| &header.id)) != *print {
                        differing.push(number);
                    }
                    number += 1;
                }
                HeaderSet::Ids(ids) => {
                    let held: BTreeSet<&ShortId> = ids.iter().collect();
                    let missing = ours.iter().filter(|header| !held.contains(&ShortId::of(&header.id)));
                    rows.extend(missing.map(|header| header.row));
                    rows.extend(filling(db, author, &part, &held)?);
                }
            }
        }
    }
    // As they came here: a comment before its edits and answers.
    rows.sort_unstable();
    rows.dedup();
    Ok((rows, differing))
}
