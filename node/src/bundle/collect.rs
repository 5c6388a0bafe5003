//! What goes into a bundle, read from the store in one view of it: no more than a page of it is in memory at a time.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::part::{Export, Part, PartWriter};
use crate::entry::{Entry, Header, Kind, Run};
use crate::error::{Error, Result};
use crate::gate::Archived;
use crate::id::{BlobHash, EntryId, PersonaId};
use crate::limits::{BUNDLE_ROWS, PAGE_BYTES, PAGE_ENTRIES};
use crate::net::Blobs;
use crate::node::Moving;

/// Rows are put into a part until they take so many bytes.
const ROWS_BYTES: usize = 256 * 1024;
/// What a row or an entry takes besides its bytes.
const SMALL: usize = 64;

/// An author whose entries go whole into a bundle of all; `author` is its row.
const CHOSEN: &str = "(author.own = 1 OR author.followed = 1
    OR EXISTS (SELECT 1 FROM carry WHERE carry.author_row = author.row AND carry.grouped = 1))";

/// Blobs of a bundle, by what it holds.
fn files(what: Export) -> String {
    let named = match what {
        Export::Identity => {
            "hash IN (SELECT picture FROM author WHERE own = 1 UNION SELECT picture_thumb FROM author WHERE own = 1)"
                .to_owned()
        }
        Export::Posts => "EXISTS (SELECT 1 FROM blob_ref AS r JOIN entry ON entry.row = r.entry_row
                JOIN log ON log.row = entry.log_row AND log.scope IN (0, 1)
                JOIN author ON author.row = entry.author_row AND author.own = 1 WHERE r.hash = blob.hash)"
            .to_owned(),
        Export::All => format!(
            "EXISTS (SELECT 1 FROM blob_ref AS r WHERE r.hash = blob.hash AND r.entry_row < 0)
             OR EXISTS (SELECT 1 FROM blob_ref AS r JOIN entry ON entry.row = r.entry_row
                JOIN author ON author.row = entry.author_row AND {CHOSEN} WHERE r.hash = blob.hash)
             OR EXISTS (SELECT 1 FROM blob_ref AS r JOIN header_entry AS h ON h.entry_row = r.entry_row
                JOIN author ON author.row = abs(h.of_row) AND {CHOSEN} WHERE r.hash = blob.hash)"
        ),
    };
    format!("SELECT hash, mime, size FROM blob WHERE stored = 1 AND ({named})")
}

/// How many bytes there are about, for who watches.
pub(super) fn weigh(db: &Connection, what: Export) -> Result<u64> {
    let files: i64 =
        db.query_row(&format!("SELECT coalesce(sum(size), 0) FROM ({})", files(what)), [], |row| row.get(0))?;
    let entries: i64 = match what {
        Export::Identity => 0,
        Export::Posts => db.query_row("SELECT bytes FROM usage_class WHERE class = 0", [], |row| row.get(0))?,
        Export::All => {
            db.query_row("SELECT sum(bytes) FROM usage_class WHERE class IN (0, 2)", [], |row| row.get(0))?
        }
    };
    // Of what an entry is counted with, its rows take the larger part.
    Ok(files.cast_unsigned().saturating_add(entries.cast_unsigned() / 2))
}

/// Rows of a table.
pub(super) fn rows<W: Write>(
    db: &Connection,
    out: &mut PartWriter<W>,
    table: &Archived,
    moving: &Moving,
) -> Result<()> {
    let mut statement = db.prepare(table.select)?;
    let columns = statement.column_count();
    let mut found = statement.query([])?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    loop {
        let row = found.next()?;
        if rows.len() == BUNDLE_ROWS || bytes >= ROWS_BYTES || row.is_none() && !rows.is_empty() {
            out.totals.rows += rows.len() as u64;
            out.put(&Part::Rows(table.number, std::mem::take(&mut rows)))?;
            go_on(moving, bytes)?;
            bytes = 0;
        }
        let Some(row) = row else { return Ok(()) };
        let values = (0..columns).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>()?;
        bytes += values.iter().map(size).sum::<usize>();
        rows.push(values);
    }
}

pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len() + SMALL / 8,
        Value::Blob(bytes) => bytes.len() + SMALL / 8,
        _ => SMALL / 8,
    }
}

/// Runs of a persona's statements. What is said beneath its sealed posts stands under its name too, and is none.
pub(crate) fn statements(db: &Connection, persona: PersonaId) -> Result<Vec<u8>> {
    let mut statement = db.prepare_cached(&format!(
        "{LOOSE} WHERE author.id = ?1 AND entry.log_row = 0 AND entry.kind <> ?2 ORDER BY entry.row"
    ))?;
    let entries = statement.query_map(rusqlite::params![persona, Kind::Sealed.number()], loose)?;
    let entries: Vec<Entry> = entries.collect::<rusqlite::Result<_>>()?;
    let mut runs = Vec::new();
    Run::from_entries(&entries).iter().for_each(|run| run.encode(&mut runs));
    Ok(runs)
}

/// The entry that says what a persona is called, by the persona's row.
pub(super) fn profile(db: &Connection, author_row: i64) -> Result<Vec<Entry>> {
    let mut statement =
        db.prepare_cached(&format!("{LOOSE} WHERE entry.row = (SELECT profile_row FROM author WHERE row = ?1)"))?;
    Ok(statement.query_map([author_row], loose)?.collect::<rusqlite::Result<_>>()?)
}

/// Entries, in an order in which each can be taken in when its turn comes.
pub(super) fn entries<W: Write>(db: &Connection, out: &mut PartWriter<W>, what: Export, moving: &Moving) -> Result<()> {
    let mut pages = Pages { out, moving, entries: Vec::new(), bytes: 0 };
    if what == Export::Identity {
        // Its profile says what a persona is called.
        pages.all(db, &format!("{LOOSE} JOIN author AS own ON own.profile_row = entry.row AND own.own = 1"))?;
        return pages.put();
    }
    let chosen = if what == Export::All { CHOSEN } else { "author.own = 1" };
    pages.all(db, &format!("{LOOSE} WHERE entry.log_row = 0 AND {chosen} ORDER BY author.own DESC, entry.row"))?;
    // What is said about posts comes after all posts.
    let scopes = if what == Export::All { "" } else { "AND log.scope IN (0, 1)" };
    let mut logs = db.prepare(&format!(
        "SELECT log.row, author.id, log.device, log.log FROM log JOIN author ON author.row = log.author_row
         WHERE {chosen} {scopes} ORDER BY log.scope = 1, author.own DESC, log.row"
    ))?;
    let mut logs = logs.query([])?;
    while let Some(log) = logs.next()? {
        pages.log(db, log)?;
    }
    if what == Export::All {
        pages.others(db)?;
    }
    pages.put()
}

struct Pages<'a, W> {
    out: &'a mut PartWriter<W>,
    moving: &'a Moving,
    entries: Vec<Entry>,
    bytes: usize,
}

impl<W: Write> Pages<'_, W> {
    fn add(&mut self, entry: Entry) -> Result<()> {
        self.bytes += SMALL * 2 + entry.header.refs.len() * 32 + entry.body.as_ref().map_or(0, Vec::len);
        self.entries.push(entry);
        if self.entries.len() == PAGE_ENTRIES || self.bytes >= PAGE_BYTES { self.put() } else { Ok(()) }
    }

    fn put(&mut self) -> Result<()> {
        let (entries, bytes) = (std::mem::take(&mut self.entries), std::mem::take(&mut self.bytes));
        if entries.is_empty() {
            return Ok(());
        }
        let mut runs = Vec::with_capacity(bytes);
        Run::from_entries(&entries).iter().for_each(|run| run.encode(&mut runs));
        self.out.totals.entries += entries.len() as u64;
        self.out.put(&Part::Entries(runs))?;
        go_on(self.moving, bytes)
    }

    fn all(&mut self, db: &Connection, select: &str) -> Result<()> {
        let mut statement = db.prepare(select)?;
        for entry in statement.query_map([], loose)? {
            self.add(entry?)?;
        }
        Ok(())
    }

    /// A log, from its first entry that is here to its last. Of a fork both branches.
    fn log(&mut self, db: &Connection, log: &Row<'_>) -> Result<()> {
        let (row, author, device) = (log.get::<_, i64>(0)?, log.get(1)?, log.get(2)?);
        let log = log.get::<_, i64>(3)?.cast_unsigned();
        let mut statement = db.prepare_cached(
            "SELECT kind, time, refs, signature, body, body_len, body_hash, seq, prev, id, branch
             FROM entry WHERE log_row = ?1 AND log_row <> 0 ORDER BY seq, branch",
        )?;
        let mut found = statement.query([row])?;
        let mut last = (-1, EntryId::ZERO);
        while let Some(row) = found.next()? {
            let (seq, id, branch): (i64, EntryId, i64) = (row.get(7)?, row.get(9)?, row.get(10)?);
            let before = if last.0 == seq - 1 { last.1 } else { EntryId::ZERO };
            let prev = row.get::<_, Option<EntryId>>(8)?.unwrap_or(before);
            if branch == 0 {
                last = (seq, id);
            }
            let (head, signature, body) = common(row)?;
            let header = Header { author, device, log, seq: seq.cast_unsigned(), prev, ..head };
            self.add(Entry { header, signature, body })?;
        }
        Ok(())
    }

    /// What others said about posts that are in the bundle, and who they are.
    fn others(&mut self, db: &Connection) -> Result<()> {
        let mut statement = db.prepare(&format!(
            "SELECT DISTINCT entry.row, entry.author_row, entry.log_row, writer.profile_row
             FROM header_entry AS h JOIN author ON author.row = abs(h.of_row) AND {CHOSEN}
             JOIN entry ON entry.row = h.entry_row JOIN author AS writer ON writer.row = entry.author_row
             WHERE NOT EXISTS (SELECT 1 FROM author WHERE author.row = entry.author_row AND {CHOSEN})
             ORDER BY entry.row"
        ))?;
        let mut known = BTreeSet::new();
        let mut of_author =
            db.prepare(&format!("{LOOSE} WHERE entry.author_row = ?1 AND entry.log_row = 0 ORDER BY entry.row"))?;
        let mut by_row = db.prepare(&format!("{LOOSE} WHERE entry.row = ?1"))?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let (row, writer, log, profile): (i64, i64, i64, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            // One-time entries stand under the name of the bucket, and say themselves who wrote them.
            if log != 0 && known.insert(writer) {
                for entry in of_author.query_map([writer], loose)? {
                    self.add(entry?)?;
                }
                for entry in by_row.query_map([profile], loose)? {
                    self.add(entry?)?;
                }
            }
            for entry in by_row.query_map([row], loose)? {
                self.add(entry?)?;
            }
        }
        Ok(())
    }
}

/// Entries wherever they stand.
const LOOSE: &str = "SELECT entry.kind, entry.time, entry.refs, entry.signature, entry.body, entry.body_len,
        entry.body_hash, entry.seq, coalesce(entry.prev,
            (SELECT p.id FROM entry AS p WHERE p.log_row = entry.log_row AND entry.log_row <> 0
                AND p.seq = entry.seq - 1 AND p.branch = 0)),
        author.id, coalesce(log.device, entry.device), coalesce(log.log, 0)
    FROM entry JOIN author ON author.row = entry.author_row LEFT JOIN log ON log.row = entry.log_row";

fn loose(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let (head, signature, body) = common(row)?;
    let (device, log): (crate::id::DeviceKey, u64) = (row.get(10)?, row.get::<_, i64>(11)?.cast_unsigned());
    let one_time = log == 0 && head.kind == Kind::Sealed;
    let author = if one_time { PersonaId::from_bytes(device.to_bytes()) } else { row.get(9)? };
    let prev = row.get::<_, Option<EntryId>>(8)?.unwrap_or(EntryId::ZERO);
    let seq = row.get::<_, i64>(7)?.cast_unsigned();
    Ok(Entry { header: Header { author, device, log, seq, prev, ..head }, signature, body })
}

type Common = (Header, [u8; 64], Option<Vec<u8>>);

/// What stands in a row whatever the entry's place is.
fn common(row: &Row<'_>) -> rusqlite::Result<Common> {
    let body: Option<Vec<u8>> = row.get(4)?;
    let (body_len, body_hash) = match &body {
        Some(body) => {
            (u32::try_from(body.len()).unwrap_or(u32::MAX), BlobHash::from_bytes(*blake3::hash(body).as_bytes()))
        }
        None => (row.get(5)?, row.get(6)?),
    };
    let refs: Vec<u8> = row.get(2)?;
    let header = Header {
        author: PersonaId::ZERO,
        device: crate::id::DeviceKey::ZERO,
        log: 0,
        seq: 0,
        prev: EntryId::ZERO,
        time: row.get::<_, i64>(1)?.cast_unsigned(),
        kind: Kind::from_number(row.get(0)?),
        refs: refs.chunks_exact(32).filter_map(EntryId::from_slice).collect(),
        body_len,
        body_hash,
    };
    Ok((header, row.get(3)?, body))
}

/// Files. One whose bytes are not here any more is left out.
pub(super) fn blobs<W: Write>(
    db: &Connection,
    out: &mut PartWriter<W>,
    what: Export,
    (blobs, moving): (&Blobs, &Moving),
) -> Result<()> {
    let mut statement = db.prepare(&files(what))?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let (hash, mime, size): (BlobHash, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let size = size.cast_unsigned();
        let file = match File::open(blobs.path(hash, &mime)) {
            Ok(file) if file.metadata()?.len() == size => file,
            Ok(_) => continue,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        out.put_file(hash, size, &mut &file, |bytes| moving.moved(bytes))?;
    }
    Ok(())
}

fn go_on(moving: &Moving, bytes: usize) -> Result<()> {
    if moving.moved(bytes as u64) { Ok(()) } else { Err(Error::Bundle(super::BundleError::Ended)) }
}
