//! What a sealed backup holds (DESIGN §3 "Recovery"): parts of a bundle, in memory, of the personas of one phrase. It is
//! what it takes to be oneself again, and no more: who they are, whom they follow and trust, their circles with the keys
//! of what was posted to them, and where to look.
//!
//! Deliberately absent: every key that signs. The phrase makes a new root, which throws out whoever has the old one; so a
//! backup that somebody opens later gives them the lists, but not the persona. Absent too: messages, sessions, drafts and
//! what was read.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::Value;
use zeroize::Zeroizing;

use super::part::{About, Export, Keys, Part, PartReader, PartWriter, entries_of};
use super::{BundleError, collect, tables};
use crate::author::{self, Own};
use crate::circle;
use crate::device;
use crate::entry::{LogHead, Run};
use crate::error::Result;
use crate::event::Event;
use crate::gate::Origin;
use crate::id::{DeviceId, DeviceKey, EntryId, PersonaId};
use crate::item::Set;
use crate::limits::{BACKUP_VALUE_BYTES, BUNDLE_ROWS};
use crate::node::Node;

/// The table of what the devices of a persona had written: persona, device, log, seq, id. It stands in backups alone.
const HEADS: u64 = 64;
/// That of items, and those of circles.
const ITEMS: u64 = 1;
const SERVICES: u64 = 2;
const EPOCHS: u64 = 6;
const CIRCLES: [u64; 3] = [4, 5, EPOCHS];
/// Rows of a part, and bytes from which on it is full: where there is no room for a part, little is left out.
const ROWS: usize = 64;
const ROWS_BYTES: usize = 8 * 1024;
/// What the last part takes, bytes at most.
const END: usize = 64;

/// Sets whose items are in it. The first are needed more than the last, should there be too many.
const FIRST: [Set; 3] = [Set::Setting, Set::Device, Set::DeviceKey];
const SECOND: [Set; 17] = [
    Set::Follow,
    Set::Block,
    Set::List,
    Set::ListMember,
    Set::Tag,
    Set::Circle,
    Set::CircleColour,
    Set::CircleMember,
    Set::Verified,
    Set::Note,
    Set::MutedPerson,
    Set::MutedWord,
    Set::MutedThread,
    Set::MutedReposts,
    Set::MutedConversation,
    Set::Request,
    Set::Bookmark,
];

/// A persona that a backup knows.
#[derive(Debug, Clone)]
pub(crate) struct BackedPersona {
    pub(crate) id: PersonaId,
    pub(crate) created_ms: u64,
    /// Runs of its statements.
    pub(crate) statements: Vec<u8>,
}

/// A backup that was opened.
#[derive(Debug)]
pub(crate) struct Backed {
    pub(crate) personas: Vec<BackedPersona>,
    /// What their devices had written.
    pub(crate) heads: Vec<(PersonaId, DeviceKey, LogHead)>,
    /// Which installation signs with which key.
    pub(crate) devices: Vec<(PersonaId, DeviceKey, DeviceId)>,
    parts: Vec<Part>,
}

/// Writes what is to be in a backup of these own personas, in at most so many bytes; answers also how many rows found no
/// room. The same content gives the same bytes.
pub(crate) fn write_backup(db: &Connection, personas: &[PersonaId], most: usize) -> Result<(Zeroizing<Vec<u8>>, u64)> {
    let (own, others): (Vec<Own>, Vec<Own>) = author::own(db)?.into_iter().partition(|one| personas.contains(&one.id));
    let others: Vec<PersonaId> = others.into_iter().map(|one| one.id).collect();
    // With its full capacity from the start: growing would leave plain bytes behind.
    let mut out = Writing {
        parts: PartWriter::new(Vec::with_capacity(most)),
        others: &others,
        most: most.saturating_sub(END),
        left_out: 0,
    };
    let names = own.iter().map(|one| (one.id, one.name.clone())).collect();
    // Which of the tables are in it follows from what this is; when it was made stands outside.
    out.parts.put(&Part::About(About { what: Export::All, made_s: 0, personas: names }))?;
    for &Own { id: persona, created_ms, .. } in &own {
        let statements = collect::statements(db, persona)?;
        let created_ms = created_ms.cast_unsigned();
        out.parts.put(&Part::Keys(Keys { persona, created_ms, root: None, phrase: None, statements }))?;
    }
    for set in FIRST {
        out.items(db, set)?;
    }
    out.table(db, SERVICES)?;
    let mut heads = Vec::new();
    for &Own { id: persona, row, .. } in &own {
        for one in device::all(db, row)? {
            heads.extend(device::heads(db, row, one)?.into_iter().map(|head| {
                let id = |bytes: &[u8]| Value::Blob(bytes.to_vec());
                let number = |number: u64| Value::Integer(number.cast_signed());
                let (device, log) = (id(one.as_bytes()), number(head.log));
                vec![id(persona.as_bytes()), device, log, number(head.seq), id(head.id.as_bytes())]
            }));
        }
    }
    out.rows(HEADS, heads.into_iter().map(Ok))?;
    for number in CIRCLES {
        out.table(db, number)?;
    }
    for &Own { row, .. } in &own {
        out.profile(db, row)?;
    }
    for set in SECOND {
        out.items(db, set)?;
    }
    let left_out = out.left_out;
    let (bytes, _) = out.parts.end()?;
    Ok((Zeroizing::new(bytes), left_out))
}

struct Writing<'a> {
    parts: PartWriter<Vec<u8>>,
    /// Own personas that have another phrase.
    others: &'a [PersonaId],
    most: usize,
    left_out: u64,
}

impl Writing<'_> {
    fn items(&mut self, db: &Connection, set: Set) -> Result<()> {
        // What is not in a set any more is told by nobody who might still have it in.
        let mut statement = db.prepare_cached(
            "SELECT set_no, key, present, counter, value FROM item
             WHERE set_no = ?1 AND present = 1 AND length(value) <= ?2 AND (?1 <> ?3 OR instr(key, CAST('draft' AS BLOB)) = 0)
             ORDER BY key",
        )?;
        let numbers = [set.number(), i64::try_from(BACKUP_VALUE_BYTES).unwrap_or(i64::MAX), Set::Setting.number()];
        let rows = statement.query_map(numbers, values)?;
        let others = self.others;
        let of_others = |row: &Vec<Value>| match row.get(1) {
            Some(Value::Blob(key)) => {
                set.is_of_persona() && others.iter().any(|other| key.starts_with(other.as_bytes()))
            }
            _ => false,
        };
        self.rows(ITEMS, rows.filter(|row| !row.as_ref().is_ok_and(of_others)))
    }

    fn table(&mut self, db: &Connection, number: u64) -> Result<()> {
        let Some(table) = tables().find(|table| table.number == number) else { return Ok(()) };
        let mut statement = db.prepare(table.select)?;
        let rows = statement.query_map([], values)?;
        let others = self.others;
        let of_others = |row: &Vec<Value>| match row.first() {
            Some(Value::Blob(own)) => others.iter().any(|other| own == other.as_bytes()),
            _ => false,
        };
        // A lost device may have every key: none of them seals again.
        let used = |row: rusqlite::Result<Vec<Value>>| {
            row.map(|mut row| {
                if number == EPOCHS
                    && let Some(used) = row.get_mut(6)
                {
                    *used = Value::Integer(1);
                }
                row
            })
        };
        self.rows(number, rows.filter(|row| !row.as_ref().is_ok_and(of_others)).map(used))
    }

    /// The entry that says what a persona is called.
    fn profile(&mut self, db: &Connection, author_row: i64) -> Result<()> {
        let entries = collect::profile(db, author_row)?;
        let mut runs = Vec::new();
        Run::from_entries(&entries).iter().for_each(|run| run.encode(&mut runs));
        if !entries.is_empty() && self.parts.bytes + runs.len() + END <= self.most {
            self.parts.totals.entries += entries.len() as u64;
            self.parts.put(&Part::Entries(runs))?;
        }
        Ok(())
    }

    fn rows(&mut self, number: u64, rows: impl Iterator<Item = rusqlite::Result<Vec<Value>>>) -> Result<()> {
        let (mut some, mut bytes) = (Vec::new(), 0);
        for row in rows {
            let row = row?;
            bytes += row.iter().map(collect::size).sum::<usize>();
            some.push(row);
            if some.len() == ROWS || bytes >= ROWS_BYTES {
                self.put(number, std::mem::take(&mut some), std::mem::take(&mut bytes))?;
            }
        }
        self.put(number, some, bytes)
    }

    fn put(&mut self, number: u64, rows: Vec<Vec<Value>>, bytes: usize) -> Result<()> {
        let count = rows.len() as u64;
        if count == 0 {
            return Ok(());
        }
        // Of a value what it takes is counted with more than stands before it.
        if self.parts.bytes + bytes + END > self.most {
            self.left_out += count;
            return Ok(());
        }
        self.parts.totals.rows += count;
        Ok(self.parts.put(&Part::Rows(number, rows))?)
    }
}

fn values(row: &rusqlite::Row<'_>) -> rusqlite::Result<Vec<Value>> {
    (0..row.as_ref().column_count()).map(|at| row.get(at)).collect()
}

/// Reads what [`write_backup`] wrote.
///
/// # Errors
/// `Damaged` for anything else.
pub(crate) fn read_backup(bytes: &[u8]) -> Result<Backed, BundleError> {
    let mut reader = PartReader::new(bytes);
    let (mut names, mut keys) = (Vec::new(), BTreeMap::new());
    let (mut heads, mut devices, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(part) = reader.next()? {
        match part {
            Part::About(about) => names = about.personas,
            Part::Keys(found) => {
                let Keys { persona: id, created_ms, statements, .. } = found;
                keys.insert(id, BackedPersona { id, created_ms, statements });
            }
            Part::Rows(HEADS, rows) => {
                for row in rows {
                    heads.push(head(&row).ok_or(BundleError::Damaged)?);
                }
            }
            Part::Rows(number, rows) => {
                if number == ITEMS {
                    devices.extend(rows.iter().filter_map(|row| installation(row)));
                }
                // Each is taken in with one transaction.
                for rows in rows.chunks(BUNDLE_ROWS) {
                    parts.push(Part::Rows(number, rows.to_vec()));
                }
            }
            Part::Entries(_) => parts.push(part),
            Part::File { .. } => return Err(BundleError::Damaged),
            Part::End(_) => {}
        }
    }
    // In the order in which they were made.
    let personas = names.into_iter().filter_map(|(id, _)| keys.remove(&id)).collect();
    Ok(Backed { personas, heads, devices, parts })
}

fn head(row: &[Value]) -> Option<(PersonaId, DeviceKey, LogHead)> {
    let [Value::Blob(persona), Value::Blob(device), Value::Integer(log), Value::Integer(seq), Value::Blob(id), ..] =
        row
    else {
        return None;
    };
    let head = LogHead { log: log.cast_unsigned(), seq: u64::try_from(*seq).ok()?, id: EntryId::from_slice(id)? };
    Some((PersonaId::from_slice(persona)?, DeviceKey::from_slice(device)?, head))
}

/// Of an item that says so, which installation signs with a key.
fn installation(row: &[Value]) -> Option<(PersonaId, DeviceKey, DeviceId)> {
    let [Value::Integer(set), Value::Blob(key), _, _, Value::Text(id), ..] = row else { return None };
    if Set::of(*set) != Some(Set::DeviceKey) {
        return None;
    }
    let (persona, device) = key.split_at_checked(32)?;
    Some((PersonaId::from_slice(persona)?, DeviceKey::from_slice(device)?, id.parse().ok()?))
}

impl Node {
    /// Takes in what a backup says of personas that are own ones by now; what is newer here stays.
    pub(crate) async fn take_backed(&self, backed: Backed) -> Result<()> {
        let mut circles = false;
        for part in backed.parts {
            match part {
                Part::Rows(number, rows) => {
                    circles |= circle::ARCHIVED.iter().any(|known| known.number == number);
                    self.take_rows(number, rows).await?;
                }
                Part::Entries(runs) => {
                    self.inner().gate()?.submit(Origin::Bundle, entries_of(&runs)?).await?;
                }
                _ => {}
            }
        }
        if circles {
            self.open_circles().await?;
        }
        self.inner().events.send(Event::Reload);
        self.inner().tell_queued();
        self.services_changed().await?;
        self.authors_changed().await;
        Ok(())
    }
}
