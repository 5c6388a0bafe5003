//! What own devices tell each other of what their user changed (DESIGN §3): items of mergeable sets, over the sessions
//! that they have with each other, as messages to oneself. What changed is due to each own device until a message with it
//! is in the outbox, which delivers it. Whoever hears of something new passes it on to own devices that were not told.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Transaction, params};

use crate::circle;
use crate::entry::{MessageBody, Record, Records, What};
use crate::error::{Error, Result};
use crate::follow;
use crate::gate::{Archived, Notes, Recorded, nothing_follows};
use crate::host::Entropy;
use crate::id::{DeviceKey, MessageId, PersonaId, ThreadId};
use crate::item::{self, Item, Set};
use crate::keyring::OwnKeys;
use crate::limits::{
    COUNTER_STEP, MEMBER_COUNTER, OWN_WAIT_MS, READ_COUNTER, RECORD_KEY_BYTES, RECORD_SETS, RECORD_VALUE_BYTES,
    RECORDS, RECORDS_BYTES,
};
use crate::{installation, notify, thread};

/// A device of an own persona can be written to. Another one than this hears of all there is. Answers whether it is new.
pub(crate) fn device_came(
    tx: &Transaction<'_>,
    notes: &mut Notes,
    own_row: i64,
    device: DeviceKey,
    own: &OwnKeys,
) -> Result<bool> {
    if device.as_bytes() == own.device.verifying_key().as_bytes() {
        return Ok(false);
    }
    let added = tx
        .prepare_cached("INSERT OR IGNORE INTO own_device (author_row, device) VALUES (?1, ?2)")?
        .execute(params![own_row, device])?;
    if added > 0 {
        item::all_due(tx, tx.last_insert_rowid())?;
        notes.queued = true;
    }
    Ok(added > 0)
}

/// As [`device_came`], for all devices of a persona that is an own one from now on.
pub(crate) fn devices_came(tx: &Transaction<'_>, notes: &mut Notes, own_row: i64, own: &OwnKeys) -> Result<()> {
    for device in thread::devices(tx, own_row)? {
        device_came(tx, notes, own_row, DeviceKey::from_bytes(device), own)?;
    }
    Ok(())
}

/// An own persona leaves this device: its other devices are told nothing more from here.
pub(crate) fn leave(tx: &Transaction<'_>, own_row: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM own_device WHERE author_row = ?1")?.execute([own_row])?;
    Ok(())
}

/// Queues what is due to own devices, each after a random wait.
pub(crate) fn tell_due(tx: &Transaction<'_>, entropy: &dyn Entropy, now_ms: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT row, author_row, device, due_ms FROM own_device
         WHERE EXISTS (SELECT 1 FROM record_due WHERE device_row = own_device.row)",
    )?;
    let devices: Vec<(i64, i64, [u8; 32], i64)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (row, own_row, device, due_ms) in devices {
        let due_ms = match due_ms {
            0 => now_ms.saturating_add(thread::drawn_in(entropy, OWN_WAIT_MS)?),
            due_ms if due_ms > now_ms => continue,
            _ => {
                tell(tx, entropy, now_ms, (row, own_row, &device))?;
                0
            }
        };
        tx.prepare_cached("UPDATE own_device SET due_ms = ?2 WHERE row = ?1")?.execute([row, due_ms])?;
    }
    thread::forget_told(tx)
}

fn tell(
    tx: &Transaction<'_>,
    entropy: &dyn Entropy,
    now_ms: i64,
    (row, own_row, device): (i64, i64, &[u8; 32]),
) -> Result<()> {
    let told: Vec<DeviceKey> = tx
        .prepare_cached("SELECT device FROM own_device WHERE author_row = ?1 AND row <> ?2 ORDER BY device")?
        .query_map([own_row, row], |found| found.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut statement = tx.prepare_cached(
        "SELECT item.set_no, item.key, present, counter, value FROM record_due AS due
         JOIN item ON item.set_no = due.set_no AND item.key = due.key
         WHERE device_row = ?1 ORDER BY item.set_no, item.key",
    )?;
    let mut due = statement.query([row])?;
    let mut records = Vec::new();
    let mut bytes = 0;
    let mut all = Vec::new();
    while let Some(row) = due.next()? {
        let record = Record {
            set: row.get::<_, i64>(0)?.cast_unsigned(),
            key: row.get(1)?,
            present: row.get(2)?,
            counter: row.get::<_, i64>(3)?.cast_unsigned(),
            value: row.get(4)?,
        };
        if record.value.len() > RECORD_VALUE_BYTES {
            continue;
        }
        let size = record.key.len() + record.value.len() + RECORD_HEAD;
        if records.len() == RECORDS || bytes + size > RECORDS_BYTES {
            all.push(std::mem::take(&mut records));
            bytes = 0;
        }
        bytes += size;
        records.push(record);
    }
    all.push(records);
    for records in all.into_iter().filter(|records| !records.is_empty()) {
        let what = What::Records(Records { records, told: told.clone() });
        let body = MessageBody {
            id: MessageId::from_bytes(thread::drawn(entropy)?),
            group: None,
            sent_ms: now_ms.cast_unsigned(),
            with: None,
            what,
        };
        thread::queue_for(tx, own_row, own_row, Some(device), None, &body.encode(thread::drawn(entropy)?), now_ms)?;
    }
    tx.prepare_cached("DELETE FROM record_due WHERE device_row = ?1")?.execute([row])?;
    Ok(())
}

/// What stands around key and value, bytes at most.
const RECORD_HEAD: usize = 32;

/// Takes in what another own device tells; answers keys of circles of which it told something new.
pub(crate) fn take(
    tx: &Transaction<'_>,
    notes: &mut Notes,
    recorded: &Recorded,
    now_s: i64,
) -> Result<BTreeSet<Vec<u8>>> {
    let mut circles = BTreeSet::new();
    let Recorded { own_row, device, records } = recorded;
    let own: PersonaId =
        tx.prepare_cached("SELECT id FROM author WHERE row = ?1")?.query_row([own_row], |row| row.get(0))?;
    let from: Option<i64> = tx
        .prepare_cached("SELECT row FROM own_device WHERE author_row = ?1 AND device = ?2")?
        .query_row(params![own_row, device], |row| row.get(0))
        .optional()?;
    let mut told = Vec::new();
    for device in &records.told {
        told.extend(
            tx.prepare_cached("SELECT row FROM own_device WHERE author_row = ?1 AND device = ?2")?
                .query_row(params![own_row, device], |row| row.get::<_, i64>(0))
                .optional()?,
        );
    }
    for record in &records.records {
        let Ok(set_no) = i64::try_from(record.set) else { continue };
        let set = Set::of(set_no);
        // A device speaks of the persona that it shares with this one, and of what is of none.
        if set.is_some_and(Set::is_of_persona) && !record.key.starts_with(own.as_bytes()) {
            continue;
        }
        if set == Some(Set::DeviceKey) && !installation::may_claim(tx, own, *device, &record.key, &record.value)? {
            continue;
        }
        if set == Some(Set::Delivered) && thread::is_known(tx, &record.key)? {
            // It would be kept anew, and told anew, for ever.
            continue;
        }
        let known = item::numbered(tx, set_no, &record.key)?;
        if known.is_none() && (set.is_none() && record.set > RECORD_SETS || item::is_full(tx, set_no)?) {
            continue;
        }
        let counter = bounded(set, record.counter, known.map_or(0, |known| known.counter));
        let item = Item { present: record.present, counter, value: record.value.clone() };
        let changed = match set {
            Some(set) => item::merge(tx, set, &record.key, &item)?,
            None => item::merge_unknown(tx, set_no, &record.key, &item)?,
        };
        if changed {
            settle(tx, notes, set, &record.key, now_s)?;
            circles.extend(circle::key_of(set, &record.key));
            notes.own_changed = true;
        }
        let stands = item::numbered(tx, set_no, &record.key)?.is_some_and(|known| known == item);
        if stands {
            // They know it, or will without this device.
            for row in from.iter().chain(&told) {
                tx.prepare_cached("DELETE FROM record_due WHERE device_row = ?1 AND set_no = ?2 AND key = ?3")?
                    .execute(params![row, set_no, record.key])?;
            }
        } else if let Some(from) = from {
            tx.prepare_cached("INSERT OR IGNORE INTO record_due (device_row, set_no, key) VALUES (?1, ?2, ?3)")?
                .execute(params![from, set_no, record.key])?;
        }
        notes.queued |= changed || !stands;
    }
    Ok(circles)
}

/// Items in a bundle: what another copy of this profile knew.
pub(crate) const ARCHIVED: Archived = Archived {
    number: 1,
    personas: &[],
    columns: 5,
    added: 0,
    select: "SELECT set_no, key, present, counter, value FROM item ORDER BY set_no, key",
    take: |taking, row| {
        let [
            Value::Integer(set_no),
            Value::Blob(key),
            Value::Integer(present),
            Value::Integer(counter),
            Value::Text(value),
            ..,
        ] = row
        else {
            return Err(Error::BadInput("an item has other columns".to_owned()));
        };
        let set = Set::of(*set_no);
        let tx = taking.tx;
        let known = item::numbered(tx, *set_no, key)?;
        if key.len() > RECORD_KEY_BYTES || known.is_none() && item::is_full(tx, *set_no)? {
            return Ok(());
        }
        // Who signs with a key its device says itself.
        if set == Some(Set::DeviceKey) {
            return Ok(());
        }
        // Of personas that are not here nothing is kept.
        if set.is_some_and(Set::is_of_persona) {
            let own: bool = tx
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM author WHERE id = substr(?1, 1, 32) AND own = 1)")?
                .query_row([key], |row| row.get(0))?;
            if !own {
                return Ok(());
            }
        }
        let counter = u64::try_from(*counter).unwrap_or_default();
        let counter = bounded(set, counter, known.map_or(0, |known| known.counter));
        let item = Item { present: *present != 0, counter, value: value.clone() };
        let changed = match set {
            Some(set) => item::merge(tx, set, key, &item)?,
            None => item::merge_unknown(tx, *set_no, key, &item)?,
        };
        if changed {
            settle(tx, taking.notes, set, key, taking.now_ms / 1_000)?;
            taking.notes.own_changed = true;
        }
        Ok(())
    },
    settle: nothing_follows,
};

/// A counter that another device or a bundle says, such that the user's next change is above it, whoever said what. Above
/// the highest it goes on step by step.
fn bounded(set: Option<Set>, counter: u64, known: i64) -> i64 {
    let highest = if matches!(set, Some(Set::Read | Set::Noticed)) { READ_COUNTER } else { MEMBER_COUNTER };
    i64::try_from(counter).unwrap_or(i64::MAX).min(highest.max(known.saturating_add(COUNTER_STEP)))
}

/// What follows from an item that another own device changed.
fn settle(tx: &Transaction<'_>, notes: &mut Notes, set: Option<Set>, key: &[u8], now_s: i64) -> Result<()> {
    let pair = key.split_at_checked(32).and_then(|(own, rest)| Some((PersonaId::from_slice(own)?, rest)));
    match (set, pair) {
        (Some(Set::Follow), Some((own, other))) => {
            let Some(other) = PersonaId::from_slice(other).filter(|other| *other != own) else { return Ok(()) };
            let (by_row, row) = follow::settle(tx, own, other, now_s)?;
            // The device on which it was changed tells them.
            tx.prepare_cached("UPDATE follow SET told = tell AND present WHERE by_row = ?1 AND author_row = ?2")?
                .execute([by_row, row])?;
            notes.circles_changed = true;
        }
        (Some(Set::Device | Set::DeviceKey), _) => notes.devices_changed = true,
        (Some(Set::Read | Set::Request), Some((own, thread))) => {
            if let Some(thread) = ThreadId::from_slice(thread) {
                thread::settle(tx, notes, own, thread, now_s.saturating_mul(1_000))?;
            }
        }
        (Some(Set::Delivered), _) => thread::settle_delivered(tx, notes, key)?,
        (Some(Set::Noticed), Some((own, scope))) => {
            notify::settle_read(tx, notes, own, scope, now_s.saturating_mul(1_000))?
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::author;
    use crate::limits::LARGEST_NUMBER;
    use crate::store::{Durability, Store};

    const NOW_S: i64 = 1_800_000_000;
    const OWN: PersonaId = PersonaId::from_bytes([1; 32]);
    const PHONE: DeviceKey = DeviceKey::from_bytes([2; 32]);
    const OTHER: DeviceKey = DeviceKey::from_bytes([3; 32]);

    fn node() -> Store {
        let store = Store::in_memory().unwrap();
        write(&store, |tx| {
            let row = author::row(tx, OWN)?;
            tx.execute("UPDATE author SET own = 1 WHERE row = ?1", [row])?;
            Ok(())
        });
        store
    }

    fn write<T: Send + 'static>(store: &Store, work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static) -> T {
        store.write(Durability::Normal, work).now_or_never().unwrap().unwrap()
    }

    /// The phone says that an item is so; answers what stands then.
    fn says(store: &Store, set: u64, key: Vec<u8>, counter: u64, value: &str) -> Option<Item> {
        let record = Record { set, key: key.clone(), present: true, counter, value: value.to_owned() };
        write(store, move |tx| {
            let own_row = author::row(tx, OWN)?;
            let records = Records { records: vec![record], told: Vec::new() };
            take(tx, &mut Notes::default(), &Recorded { own_row, device: PHONE, records }, NOW_S)?;
            item::numbered(tx, set.cast_signed(), &key)
        })
    }

    #[test]
    fn whatever_counter_a_device_says_the_users_next_change_stands() {
        let (store, other) = (node(), node());
        let block = || [9; 32].to_vec();
        let set = Set::Block.number().cast_unsigned();
        for counter in [LARGEST_NUMBER, LARGEST_NUMBER, u64::MAX] {
            for node in [&store, &other] {
                let item = says(node, set, block(), counter, "").unwrap();
                assert!(item.present && item.counter < 2 * MEMBER_COUNTER);
            }
        }
        let counter = write(&store, |tx| {
            assert!(item::take(tx, Set::Block, &[9; 32])?, "it can be taken out");
            Ok(item::get(tx, Set::Block, &[9; 32])?.unwrap().counter)
        });
        assert!(says(&other, set, block(), counter.cast_unsigned() + 1, "mine").unwrap().value == "mine");
        let read = [[1; 32], [4; 32]].concat();
        let read = says(&store, Set::Read.number().cast_unsigned(), read, LARGEST_NUMBER, "").unwrap();
        assert_eq!(read.counter, READ_COUNTER);
        // A device whose clock was a year ahead: what it says next is not below what stands here, nor is it cut.
        let read = || [[1; 32], [5; 32]].concat();
        let ahead = (NOW_S * 1_000 + 365 * 86_400_000).cast_unsigned();
        for counter in [ahead, ahead + 1] {
            let mark = says(&store, Set::Read.number().cast_unsigned(), read(), counter, "").unwrap();
            assert_eq!(mark.counter.cast_unsigned(), counter);
        }
        assert_eq!(says(&store, RECORD_SETS + 1, b"made up".to_vec(), 1, ""), None);
        assert!(says(&store, RECORD_SETS, b"later".to_vec(), 1, "").is_some());
    }

    #[test]
    fn a_device_says_of_its_own_key_alone_whose_it_is() {
        let store = node();
        let this = write(&store, |tx| Ok(installation::about(tx, &crate::host::SystemEntropy)?.0.to_string()));
        let set = Set::DeviceKey.number().cast_unsigned();
        let key = |device: DeviceKey| [*OWN.as_bytes(), *device.as_bytes()].concat();
        let phone = "07".repeat(32);
        assert_eq!(says(&store, set, key(OTHER), 9, &phone), None, "another's key");
        assert_eq!(says(&store, set, key(PHONE), 9, &this), None, "as the one that hears it");
        assert!(says(&store, set, key(PHONE), 1, &phone).is_some_and(|item| item.value == phone));
    }
}
