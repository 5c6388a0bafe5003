//! How far a thread was read. A mark says when, and names the last messages of others that were there: what comes later to
//! that device, or was on another one alone, stays unread.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::Own;
use super::own::key;
use super::read::begin_to_expire;
use crate::error::Result;
use crate::id::{MessageId, PersonaId, ThreadId};
use crate::item::{self, Item, Set};
use crate::limits::READ_NAMED;

/// What a device says of what it read.
struct Mark {
    /// When, ms since the epoch.
    at_ms: i64,
    /// What stands before this was read whether it is named or not, ms since the epoch.
    all_before_ms: i64,
    /// The names of those that were there, one behind the other.
    named: String,
}

const CONTEXT: &str = "kith 2026 read mark v1";

/// Digits that name a message, 16 bytes: its writer chooses its id, and must find none that passes for another's.
const DIGITS: usize = 32;

impl Mark {
    fn known(tx: &Transaction<'_>, own: PersonaId, thread: ThreadId) -> Result<Option<Self>> {
        let Some(item) = item::get(tx, Set::Read, &key(own, thread))? else { return Ok(None) };
        let mut parts = item.value.split(' ');
        let mut number = || parts.next().and_then(|part| part.parse().ok());
        let (Some(at_ms), Some(all_before_ms)) = (number(), number()) else { return Ok(None) };
        Ok(Some(Self { at_ms, all_before_ms, named: parts.next().unwrap_or_default().to_owned() }))
    }

    fn names(&self, from: PersonaId, message: MessageId) -> bool {
        let name = name(from, message);
        self.named.as_bytes().chunks(DIGITS).any(|named| named == name.as_bytes())
    }
}

/// Of a message and who wrote it: the same id of another writer has another name.
fn name(from: PersonaId, message: MessageId) -> String {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(from.as_bytes()).update(message.as_bytes());
    hasher.finalize().to_hex().chars().take(DIGITS).collect()
}

/// The user sees on this device what stands in a thread. Own devices hear of it where something of that was unread:
/// whether they do is the answer.
pub(super) fn look(tx: &Transaction<'_>, thread: Own, id: ThreadId, now_ms: i64) -> Result<bool> {
    let unread: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM message WHERE thread_row = ?1 AND from_row <> ?2
                    AND order_ms > (SELECT read_ms FROM thread WHERE row = ?1))
                OR EXISTS (SELECT 1 FROM message WHERE thread_row = ?1 AND late = 1)",
        )?
        .query_row([thread.thread_row, thread.own_row], |row| row.get(0))?;
    tx.prepare_cached("UPDATE thread SET read_ms = max(read_ms, ?2), looked_ms = max(read_ms, ?2) WHERE row = ?1")?
        .execute([thread.thread_row, now_ms])?;
    if !unread {
        return Ok(false);
    }
    tx.prepare_cached("UPDATE message SET late = 0 WHERE thread_row = ?1 AND late = 1")?
        .execute([thread.thread_row])?;
    begin_to_expire(tx, thread.thread_row, now_ms)?;
    let mut statement = tx.prepare_cached(
        "SELECT (SELECT id FROM author WHERE row = from_row), id, order_ms FROM message
         WHERE thread_row = ?1 AND from_row <> ?2 ORDER BY order_ms DESC, sent_ms DESC, row DESC LIMIT ?3",
    )?;
    let limit = i64::try_from(READ_NAMED).unwrap_or(i64::MAX);
    let last: Vec<(PersonaId, MessageId, i64)> = statement
        .query_map([thread.thread_row, thread.own_row, limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let all_before_ms = last.last().filter(|_| last.len() == READ_NAMED).map_or(0, |(.., order_ms)| *order_ms);
    let named: String = last.iter().map(|(from, message, _)| name(*from, *message)).collect();
    let key = key(thread.own, id);
    // A clock that was ahead for one look leaves a high counter: what is read after that stands above it all the same.
    let known = item::get(tx, Set::Read, &key)?.map_or(0, |known| known.counter);
    let counter = now_ms.max(known.saturating_add(1));
    item::merge(
        tx,
        Set::Read,
        &key,
        &Item { present: true, counter, value: format!("{now_ms} {all_before_ms} {named}") },
    )
}

/// Brings a thread up to what any own device read of it. Answers whether that changed anything.
pub(super) fn settle(tx: &Transaction<'_>, row: i64, own: PersonaId, thread: ThreadId, now_ms: i64) -> Result<bool> {
    let Some(mark) = Mark::known(tx, own, thread)? else { return Ok(false) };
    let at_ms = mark.at_ms.min(now_ms);
    let read_ms: i64 =
        tx.prepare_cached("SELECT read_ms FROM thread WHERE row = ?1")?.query_row([row], |found| found.get(0))?;
    let mut statement = tx.prepare_cached(
        "SELECT row, (SELECT id FROM author WHERE row = from_row), id, order_ms, late FROM message
         WHERE thread_row = ?1 AND late = 1
         UNION ALL SELECT message.row, (SELECT id FROM author WHERE row = from_row), message.id, order_ms, late
         FROM message JOIN thread ON thread.row = thread_row
         WHERE thread_row = ?1 AND order_ms BETWEEN ?2 AND ?3 AND from_row <> author_row AND late = 0",
    )?;
    let from_ms = read_ms.saturating_add(1).max(mark.all_before_ms);
    let found: Vec<(i64, PersonaId, MessageId, i64, bool)> = statement
        .query_map([row, from_ms, at_ms], |found| {
            Ok((found.get(0)?, found.get(1)?, found.get(2)?, found.get(3)?, found.get(4)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut changed = at_ms > read_ms;
    for (message_row, from, message, order_ms, late) in found {
        let read = order_ms < mark.all_before_ms || mark.names(from, message);
        if read == late {
            set_late(tx, message_row, !read)?;
            changed = true;
        }
    }
    if changed {
        tx.prepare_cached("UPDATE thread SET read_ms = max(read_ms, ?2) WHERE row = ?1")?.execute([row, at_ms])?;
        begin_to_expire(tx, row, at_ms)?;
    }
    Ok(changed)
}

/// A message of somebody else came. Where it stands among what was read, it was not: unless the mark names it.
pub(super) fn came(tx: &Transaction<'_>, message_row: i64) -> Result<()> {
    let Some((place, mark)) = among_read(tx, message_row)? else { return Ok(()) };
    let late = match mark {
        Some(mark) => {
            !mark.names(place.from, place.message)
                && (place.order_ms <= place.looked_ms || place.order_ms >= mark.all_before_ms)
        }
        None => place.order_ms <= place.looked_ms,
    };
    if late { set_late(tx, message_row, true) } else { Ok(()) }
}

/// A message of somebody else came from another own device or out of a bundle, where it was unread. It is unread here too,
/// unless the mark names it.
pub(super) fn came_unread(tx: &Transaction<'_>, message_row: i64) -> Result<()> {
    let Some((place, mark)) = among_read(tx, message_row)? else { return Ok(()) };
    let read = mark.is_some_and(|mark| mark.names(place.from, place.message));
    if read { Ok(()) } else { set_late(tx, message_row, true) }
}

/// Of a message that stands among what was read.
struct Place {
    from: PersonaId,
    message: MessageId,
    order_ms: i64,
    looked_ms: i64,
}

/// Where a message stands, with the mark of its thread; `None` where it stands behind all that was read.
fn among_read(tx: &Transaction<'_>, message_row: i64) -> Result<Option<(Place, Option<Mark>)>> {
    let found: Option<(PersonaId, ThreadId, Place)> = tx
        .prepare_cached(
            "SELECT author.id, thread.id, (SELECT id FROM author WHERE row = from_row), message.id, order_ms, looked_ms
             FROM message JOIN thread ON thread.row = thread_row JOIN author ON author.row = thread.author_row
             WHERE message.row = ?1 AND order_ms <= read_ms",
        )?
        .query_row([message_row], |row| {
            let place =
                Place { from: row.get(2)?, message: row.get(3)?, order_ms: row.get(4)?, looked_ms: row.get(5)? };
            Ok((row.get(0)?, row.get(1)?, place))
        })
        .optional()?;
    let Some((own, thread, place)) = found else { return Ok(None) };
    Ok(Some((place, Mark::known(tx, own, thread)?)))
}

fn set_late(tx: &Transaction<'_>, message_row: i64, late: bool) -> Result<()> {
    tx.prepare_cached("UPDATE message SET late = ?2 WHERE row = ?1")?.execute(params![message_row, late])?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::FutureExt as _;
    use rusqlite::types::Value;

    use super::super::inbox::{self, Letter};
    use super::super::{ARCHIVED, KIND_DIRECT, past, take_past};
    use super::*;
    use crate::author;
    use crate::entry::{MessageBody, PostBody, What};
    use crate::gate::{Notes, Taking};
    use crate::store::{Durability, Store};

    const OWN: PersonaId = PersonaId::from_bytes([1; 32]);
    const BOB: PersonaId = PersonaId::from_bytes([2; 32]);
    const MALLORY: PersonaId = PersonaId::from_bytes([3; 32]);

    fn write<T: Send + 'static>(store: &Store, work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static) -> T {
        store.write(Durability::Normal, work).now_or_never().unwrap().unwrap()
    }

    /// One of the own devices.
    fn device() -> Store {
        let store = Store::in_memory().unwrap();
        write(&store, |tx| {
            let own_row = author::row(tx, OWN)?;
            tx.execute("UPDATE author SET own = 1 WHERE row = ?1", [own_row])?;
            author::row(tx, BOB).map(drop)
        });
        store
    }

    fn id(number: u8) -> MessageId {
        MessageId::from_bytes([number; 32])
    }

    /// A message of Bob's comes, which stands at this time.
    fn comes(store: &Store, message: MessageId, at_ms: i64) {
        write(store, move |tx| {
            let (own_row, from_row) = (author::row(tx, OWN)?, author::row(tx, BOB)?);
            let letter = Letter { own_row, own: OWN, from_row, from: BOB, now_ms: at_ms };
            let body = PostBody { text: "hello".to_owned(), ..PostBody::default() };
            let what = What::Text { body, reply_to: None, keep_s: 0 };
            let body = MessageBody { id: message, group: None, with: None, sent_ms: at_ms.cast_unsigned(), what };
            let row = inbox::take(tx, letter, &body, &mut Notes::default())?;
            row.map_or(Ok(()), |row| came(tx, row))
        });
    }

    fn looks(store: &Store, now_ms: i64) -> bool {
        write(store, move |tx| {
            let own_row = author::row(tx, OWN)?;
            let (thread_row, id) =
                tx.query_row("SELECT row, id FROM thread", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let kind = KIND_DIRECT;
            look(tx, Own { thread_row, own_row, own: OWN, kind, keep_s: 0, group: None, request: false }, id, now_ms)
        })
    }

    fn unread(store: &Store) -> Vec<MessageId> {
        write(store, |tx| {
            let mut statement = tx.prepare(
                "SELECT message.id FROM message JOIN thread ON thread.row = thread_row
                 WHERE from_row <> author_row AND (late = 1 OR order_ms > read_ms) ORDER BY order_ms",
            )?;
            let found = statement.query_map([], |row| row.get(0))?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn thread() -> ThreadId {
        super::super::direct(OWN, BOB)
    }

    fn mark(store: &Store) -> Item {
        write(store, |tx| item::get(tx, Set::Read, &key(OWN, thread()))).unwrap()
    }

    /// A device hears what another one read.
    fn hears(store: &Store, mark: Item, now_ms: i64) {
        write(store, move |tx| {
            item::merge(tx, Set::Read, &key(OWN, thread()), &mark)?;
            super::super::settle(tx, &mut Notes::default(), OWN, thread(), now_ms)
        });
    }

    /// On the laptop the first was read, and the second came after that, though it stands before.
    fn laptop() -> Store {
        let laptop = device();
        comes(&laptop, id(1), 1_000);
        assert!(looks(&laptop, 2_000));
        comes(&laptop, id(2), 1_500);
        assert_eq!(unread(&laptop), [id(2)]);
        laptop
    }

    /// One where somebody looked at the thread before either was there.
    fn phone() -> Store {
        let phone = device();
        comes(&phone, id(3), 1_800);
        assert!(looks(&phone, 3_000));
        phone
    }

    #[test]
    fn what_was_unread_is_unread_where_it_comes_with_the_history() {
        let page = write(&laptop(), |tx| past(tx, &[OWN], (0, 0), None));
        // Another one hears what was read before the messages come.
        let tablet = device();
        hears(&tablet, mark(&laptop()), 3_500);
        for store in [phone(), tablet] {
            let page = page.clone();
            write(&store, move |tx| take_past(tx, &mut Notes::default(), &[OWN], page, 4_000));
            assert_eq!(unread(&store), [id(2)]);
            assert!(looks(&store, 5_000));
            assert!(unread(&store).is_empty());
        }
    }

    #[test]
    fn what_was_unread_is_unread_where_a_bundle_brings_it() {
        for store in [phone(), device()] {
            for table in ARCHIVED {
                let rows: Vec<Vec<Value>> = write(&laptop(), move |tx| {
                    let mut statement = tx.prepare(table.select)?;
                    let rows = statement.query_map([], |row| (0..table.columns).map(|at| row.get(at)).collect())?;
                    Ok(rows.collect::<rusqlite::Result<_>>()?)
                });
                write(&store, move |tx| {
                    let mut taking = Taking { tx, notes: &mut Notes::default(), now_ms: 4_000 };
                    rows.iter().try_for_each(|row| (table.take)(&mut taking, row))
                });
            }
            assert_eq!(unread(&store), [id(2)]);
        }
    }

    #[test]
    fn a_mark_names_no_message_of_another_with_the_same_id_or_its_beginning() {
        let alike = |last: u8| {
            let mut bytes = [7; 32];
            bytes[31] = last;
            MessageId::from_bytes(bytes)
        };
        let (laptop, phone) = (device(), device());
        comes(&laptop, alike(1), 1_000);
        assert!(looks(&laptop, 2_000));
        for last in [1, 2] {
            comes(&phone, alike(last), 1_000 + i64::from(last));
        }
        hears(&phone, mark(&laptop), 3_000);
        assert_eq!(unread(&phone), [alike(2)]);
        let known = write(&phone, |tx| Mark::known(tx, OWN, thread())).unwrap();
        assert!(known.names(BOB, alike(1)) && !known.names(MALLORY, alike(1)));
    }

    #[test]
    fn what_is_read_after_a_clock_was_ahead_for_one_look_is_told_too() {
        let year_ms = 365 * 86_400_000;
        let (laptop, phone) = (device(), device());
        comes(&laptop, id(1), 1_000);
        assert!(looks(&laptop, year_ms));
        comes(&laptop, id(2), 2_000);
        for number in [1, 2] {
            comes(&phone, id(number), 1_000 * i64::from(number));
        }
        hears(&phone, mark(&laptop), 2_500);
        assert_eq!((unread(&laptop), unread(&phone)), (vec![id(2)], vec![id(2)]));
        // Both read it; whichever the laptop hears of stands there.
        assert!(looks(&phone, 3_000) && looks(&laptop, 3_001));
        let (told, own) = (mark(&phone), mark(&laptop));
        assert_eq!((told.counter, own.counter), (year_ms + 1, year_ms + 1));
        assert!(own.value.starts_with("3001 ") && told.value.starts_with("3000 "));
        hears(&phone, own.clone(), 4_000);
        assert_eq!((mark(&phone), unread(&phone)), (own, Vec::new()));
    }
}
