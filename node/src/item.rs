//! What a user owns, as mergeable sets (invariant 7): each item carries a counter, one above the highest seen for it, and
//! the higher wins. What is changed here and what another own device changed take the same path, [`merge`]; what changed
//! is due to all other own devices, which `record` tells of it.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::error::{Error, Result};
use crate::id::PersonaId;
use crate::limits;
use crate::node::Node;
use crate::store::Durability;

/// Which set. The numbers stand in the table and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    Bookmark = 1,
    List = 2,
    /// Key: the list, then the persona.
    ListMember = 3,
    Tag = 4,
    MutedPerson = 5,
    MutedWord = 6,
    MutedThread = 7,
    Block = 8,
    MutedReposts = 9,
    /// Key: own persona, then the other. That somebody's key was compared.
    Verified = 10,
    MutedConversation = 11,
    /// Key: a name. Drafts too.
    Setting = 12,
    /// Key: own persona, then the other. Value: [`TOLD`] where they shall hear of it.
    Follow = 13,
    /// Key: own persona, then the thread. Value: up to where it was read. The counter is the time, ms since the epoch, or
    /// one above the known one.
    Read = 14,
    /// Key: own persona, then the thread. What became of a request.
    Request = 15,
    /// Key: own persona, whose it is, then the circle. Of own ones kind and name; of others' groups how one stands in it.
    Circle = 16,
    /// Key: as of the circle.
    CircleColour = 17,
    /// Key: as of the circle, then the member.
    CircleMember = 18,
    /// Key: a random name of the installation. Who it is.
    Device = 19,
    /// Key: own persona, then the device key. Value: the installation that signs with it.
    DeviceKey = 20,
    /// Key: own persona. Value: a colour, by which its user knows it.
    PersonaColour = 21,
    /// Key: own persona, then the thread, then the message. That it came to a device of everybody else. What was told and
    /// is known stands with the message, not here.
    Delivered = 22,
    /// Key: own persona, then what was looked at: a post, a persona, a circle, one notification, or zeros for all. Value and
    /// counter: as of [`Self::Read`].
    Noticed = 23,
    /// Key: own persona, then whom it is about. Value: what the user noted about them.
    Note = 24,
    /// Key: a persona whom the user does not want to be suggested.
    PassedOver = 25,
    /// Key: an own list, then a post by which it is published.
    PublishedList = 26,
}

impl Set {
    const ALL: [Self; 26] = [
        Self::Bookmark,
        Self::List,
        Self::ListMember,
        Self::Tag,
        Self::MutedPerson,
        Self::MutedWord,
        Self::MutedThread,
        Self::Block,
        Self::MutedReposts,
        Self::Verified,
        Self::MutedConversation,
        Self::Setting,
        Self::Follow,
        Self::Read,
        Self::Request,
        Self::Circle,
        Self::CircleColour,
        Self::CircleMember,
        Self::Device,
        Self::DeviceKey,
        Self::PersonaColour,
        Self::Delivered,
        Self::Noticed,
        Self::Note,
        Self::PassedOver,
        Self::PublishedList,
    ];

    pub(crate) const fn number(self) -> i64 {
        self as i64
    }

    /// `None`: a later version knows it.
    pub(crate) fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.number() == number)
    }

    /// Its keys begin with an own persona: devices that do not have that persona hear nothing of it.
    pub(crate) const fn is_of_persona(self) -> bool {
        matches!(
            self,
            Self::Verified
                | Self::Follow
                | Self::Read
                | Self::Request
                | Self::Circle
                | Self::CircleColour
                | Self::CircleMember
                | Self::DeviceKey
                | Self::PersonaColour
                | Self::Delivered
                | Self::Noticed
                | Self::Note
        )
    }

    /// At equal counters: what a user wants to keep stays; what shuts somebody out does not.
    const fn add_wins(self) -> bool {
        !matches!(
            self,
            Self::MutedPerson
                | Self::MutedWord
                | Self::MutedThread
                | Self::MutedConversation
                | Self::Block
                | Self::MutedReposts
                | Self::Verified
                | Self::Circle
                | Self::CircleMember
                | Self::Device
                | Self::DeviceKey
        )
    }
}

/// One item as it is kept and as own devices tell each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub present: bool,
    pub counter: i64,
    pub value: String,
}

impl Item {
    /// Which of two views of one item stands, whatever the order in which they come.
    fn beats(&self, other: &Self, add_wins: bool) -> bool {
        let rank = |item: &Self| (item.counter, item.present == add_wins);
        (rank(self), &self.value) > (rank(other), &other.value)
    }
}

/// Puts an item in, or changes what is kept with it; one above the highest counter seen for it. Answers whether that
/// changed anything.
///
/// # Errors
/// `BadInput` where the set is full.
pub(crate) fn put(tx: &Transaction<'_>, set: Set, key: &[u8], value: &str) -> Result<bool> {
    let known = get(tx, set, key)?;
    if known.as_ref().is_some_and(|item| item.present && item.value == value) {
        return Ok(false);
    }
    if !known.as_ref().is_some_and(|item| item.present) && count(tx, set)? >= limits::ITEMS_PER_SET {
        return Err(Error::BadInput(format!("there are {} already; take one out first", limits::ITEMS_PER_SET)));
    }
    let counter = known.map_or(0, |item| item.counter).saturating_add(1);
    merge(tx, set, key, &Item { present: true, counter, value: value.to_owned() })
}

/// The user says once more that an item is in: that counts as a change, so that it stands against another device that took
/// it out before it heard of this. Answers whether it was in.
pub(crate) fn again(tx: &Transaction<'_>, set: Set, key: &[u8]) -> Result<bool> {
    match get(tx, set, key)? {
        Some(item) if item.present => merge(tx, set, key, &Item { counter: item.counter.saturating_add(1), ..item }),
        _ => Ok(false),
    }
}

/// Takes an item out. Answers whether it was in.
pub(crate) fn take(tx: &Transaction<'_>, set: Set, key: &[u8]) -> Result<bool> {
    match get(tx, set, key)? {
        Some(item) if item.present => {
            let counter = item.counter.saturating_add(1);
            merge(tx, set, key, &Item { present: false, counter, value: String::new() })
        }
        _ => Ok(false),
    }
}

/// An own persona leaves this device: what is its own goes, and what names it, drafts among them. Nobody is told.
pub(crate) fn leave(tx: &Transaction<'_>, persona: PersonaId) -> Result<()> {
    for set in Set::ALL.into_iter().filter(|set| set.is_of_persona()) {
        tx.prepare_cached("DELETE FROM item WHERE set_no = ?1 AND substr(key, 1, 32) = ?2")?
            .execute(params![set.number(), persona])?;
    }
    let id = persona.to_string();
    tx.prepare_cached("DELETE FROM item WHERE set_no = ?1 AND instr(key, CAST(?2 AS BLOB)) > 0")?
        .execute(params![Set::Setting.number(), id])?;
    Ok(())
}

/// Takes in what was changed here or elsewhere. Answers whether it stands now and did not before.
pub(crate) fn merge(tx: &Transaction<'_>, set: Set, key: &[u8], item: &Item) -> Result<bool> {
    let rules = (set.add_wins(), set.is_of_persona());
    merge_by(tx, set.number(), rules, key, item)
}

/// As [`merge`], for a set of a later version: it is kept and passed on.
pub(crate) fn merge_unknown(tx: &Transaction<'_>, set_no: i64, key: &[u8], item: &Item) -> Result<bool> {
    merge_by(tx, set_no, (true, false), key, item)
}

fn merge_by(
    tx: &Transaction<'_>,
    set_no: i64,
    (add_wins, of_persona): (bool, bool),
    key: &[u8],
    item: &Item,
) -> Result<bool> {
    if numbered(tx, set_no, key)?.is_some_and(|known| !item.beats(&known, add_wins)) {
        return Ok(false);
    }
    tx.prepare_cached(
        "INSERT OR REPLACE INTO item (set_no, key, present, counter, value) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![set_no, key, item.present, item.counter, item.value])?;
    tx.prepare_cached(
        "INSERT OR IGNORE INTO record_due (device_row, set_no, key) SELECT own_device.row, ?1, ?2
         FROM own_device JOIN author ON author.row = author_row
         WHERE CASE ?3 WHEN 1 THEN author.id = substr(?2, 1, 32) ELSE hears_all = 1 END",
    )?
    .execute(params![set_no, key, of_persona])?;
    Ok(true)
}

/// All items are due to an own device: it is new, or may have missed some.
pub(crate) fn all_due(tx: &Transaction<'_>, device_row: i64) -> Result<()> {
    let mut statement = tx.prepare_cached("SELECT DISTINCT set_no FROM item")?;
    let sets: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for set_no in sets {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO record_due (device_row, set_no, key) SELECT own_device.row, set_no, key
             FROM own_device JOIN author ON author.row = author_row CROSS JOIN item ON set_no = ?2
             WHERE own_device.row = ?1
               AND CASE ?3 WHEN 1 THEN author.id = substr(key, 1, 32) ELSE hears_all = 1 END",
        )?
        .execute(params![device_row, set_no, Set::of(set_no).is_some_and(Set::is_of_persona)])?;
    }
    Ok(())
}

impl Node {
    /// Changes items in one durable transaction; own devices hear of it.
    pub(crate) async fn write_items<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = self.inner();
        let (done, due) = inner
            .store
            .write(Durability::Full, move |tx| {
                let done = work(tx)?;
                let due = tx
                    .prepare_cached("SELECT EXISTS (SELECT 1 FROM record_due)")?
                    .query_row([], |row| row.get::<_, bool>(0))?;
                Ok((done, due))
            })
            .await?;
        if due {
            inner.tell_queued();
        }
        Ok(done)
    }
}

/// What is kept with an item that is in.
pub(crate) fn value(db: &Connection, set: Set, key: &[u8]) -> Result<Option<String>> {
    Ok(get(db, set, key)?.filter(|item| item.present).map(|item| item.value))
}

pub(crate) fn has(db: &Connection, set: Set, key: &[u8]) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM item WHERE set_no = ?1 AND key = ?2 AND present = 1)")?
        .query_row(params![set.number(), key], |row| row.get(0))?)
}

/// Keys and values of what is in, by key.
pub(crate) fn all(db: &Connection, set: Set) -> Result<Vec<(Vec<u8>, String)>> {
    let mut statement =
        db.prepare_cached("SELECT key, value FROM item WHERE set_no = ?1 AND present = 1 ORDER BY key")?;
    let rows = statement.query_map([set.number()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// As [`all`], only those whose key begins so.
pub(crate) fn beginning(db: &Connection, set: Set, key: &[u8]) -> Result<Vec<(Vec<u8>, String)>> {
    let mut statement = db.prepare_cached(
        "SELECT key, value FROM item
         WHERE set_no = ?1 AND key >= ?2 AND substr(key, 1, ?3) = ?2 AND present = 1 ORDER BY key",
    )?;
    let length = i64::try_from(key.len()).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![set.number(), key, length])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(0)?, row.get(1)?));
    }
    Ok(found)
}

pub(crate) fn get(db: &Connection, set: Set, key: &[u8]) -> Result<Option<Item>> {
    numbered(db, set.number(), key)
}

/// As [`get`], by the number of the set.
pub(crate) fn numbered(db: &Connection, set_no: i64, key: &[u8]) -> Result<Option<Item>> {
    Ok(db
        .prepare_cached("SELECT present, counter, value FROM item WHERE set_no = ?1 AND key = ?2")?
        .query_row(params![set_no, key], |row| {
            Ok(Item { present: row.get(0)?, counter: row.get(1)?, value: row.get(2)? })
        })
        .optional()?)
}

/// Whether a set holds as much as it may.
pub(crate) fn is_full(db: &Connection, set_no: i64) -> Result<bool> {
    let count: usize =
        db.prepare_cached("SELECT count(*) FROM item WHERE set_no = ?1")?.query_row([set_no], |row| row.get(0))?;
    Ok(count >= limits::ITEMS_PER_SET.saturating_mul(2))
}

fn count(db: &Connection, set: Set) -> Result<usize> {
    Ok(db
        .prepare_cached("SELECT count(*) FROM item WHERE set_no = ?1 AND present = 1")?
        .query_row([set.number()], |row| row.get(0))?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::store::Store;

    fn item(present: bool, counter: i64, value: &str) -> Item {
        Item { present, counter, value: value.to_owned() }
    }

    fn write<T: Send + 'static>(store: &Store, work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static) -> T {
        store.write(Durability::Normal, work).now_or_never().unwrap().unwrap()
    }

    #[test]
    fn devices_that_hear_of_changes_in_any_order_agree() {
        let changes = [
            item(true, 1, "a"),
            item(false, 2, ""),
            item(true, 2, "b"),
            item(true, 2, "c"),
            item(false, 1, ""),
            item(true, 3, "d"),
            item(false, 3, ""),
        ];
        for (set, end) in [(Set::Bookmark, item(true, 3, "d")), (Set::Block, item(false, 3, ""))] {
            for turn in 0..changes.len() {
                let store = Store::in_memory().unwrap();
                let mut order = changes.to_vec();
                order.rotate_left(turn);
                if turn % 2 == 1 {
                    order.reverse();
                }
                let found = write(&store, move |tx| {
                    for change in &order {
                        merge(tx, set, b"key", change)?;
                    }
                    get(tx, set, b"key")
                });
                assert_eq!(found, Some(end.clone()), "{set:?}, order {turn}");
            }
        }
    }

    #[test]
    fn each_change_counts_one_above_what_was_seen() {
        let store = Store::in_memory().unwrap();
        write(&store, |tx| {
            assert!(put(tx, Set::List, b"x", "Friends")?);
            assert!(!put(tx, Set::List, b"x", "Friends")?, "nothing new");
            merge(tx, Set::List, b"x", &item(true, 9, "Family"))?;
            assert!(take(tx, Set::List, b"x")?);
            assert!(!take(tx, Set::List, b"x")?, "gone already");
            assert_eq!(get(tx, Set::List, b"x")?, Some(item(false, 10, "")));
            assert!(put(tx, Set::List, b"x", "Again")?);
            assert_eq!(get(tx, Set::List, b"x")?, Some(item(true, 11, "Again")));
            assert!(again(tx, Set::List, b"x")?, "said once more");
            assert_eq!(get(tx, Set::List, b"x")?, Some(item(true, 12, "Again")));
            assert!(!again(tx, Set::List, b"none")?, "never in");
            put(tx, Set::List, b"xy", "")?;
            put(tx, Set::List, b"w", "")?;
            let keys: Vec<_> = beginning(tx, Set::List, b"x")?.into_iter().map(|(key, _)| key).collect();
            assert_eq!(keys, [b"x".to_vec(), b"xy".to_vec()]);
            Ok(())
        });
    }
}
