//! One fingerprint over all header entries of an author's posts, kept while they come and go: else each comment would
//! have it computed over all of them again.
//!
//! It is a sum, so that one entry costs the same whatever else is there, and a wide one, as others choose what is added:
//! 1,024 numbers of 16 bits, drawn from each id (LtHash: Bellare and Micciancio, "A New Paradigm for Collision-free
//! Hashing", 1997; Lewi et al., "Securing Update Propagation with Homomorphic Hashing", 2019). With the exclusive or, or
//! a sum, of short hashes anybody could write comments that cancel out another one.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::bucket::Bucket;
use crate::error::Result;
use crate::id::EntryId;
use crate::limits::BUCKET_BITS;
use crate::sync::digest::take;

/// Numbers of a sum.
const NUMBERS: usize = 1_024;
/// A sum in the store, bytes.
const SUM_BYTES: usize = NUMBERS * 2;

/// Mail has a sum of its own for each beginning of a route of so many bits: sums of shorter ones are sums of these.
const LEAF_BITS: u8 = 8;

/// A set of entries, as far as equality goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeaderSum {
    count: u64,
    numbers: Vec<u16>,
}

impl HeaderSum {
    /// Of the posts of the author in this row.
    pub(super) fn read(db: &Connection, author_row: i64) -> Result<Self> {
        Self::stored(db, ("header_sum", "author_row", author_row))
    }

    fn stored(db: &Connection, (table, key, row): Place) -> Result<Self> {
        let mut statement = db.prepare_cached(&format!("SELECT count, sum FROM {table} WHERE {key} = ?1"))?;
        let stored: Option<(u64, [u8; SUM_BYTES])> =
            statement.query_row([row], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((count, bytes)) = stored else {
            return Ok(Self { count: 0, numbers: vec![0; NUMBERS] });
        };
        let (pairs, _) = bytes.as_chunks::<2>();
        Ok(Self { count, numbers: pairs.iter().copied().map(u16::from_le_bytes).collect() })
    }

    /// Of mail of a bucket; `author_row`: of the widest.
    pub(super) fn of_bucket(db: &Connection, author_row: i64, bucket: Bucket) -> Result<Self> {
        if bucket == Bucket::EVERYTHING {
            return Self::read(db, author_row);
        }
        let mut sum = Self { count: 0, numbers: vec![0; NUMBERS] };
        let (first, last) = bucket.span();
        if bucket.bits() > LEAF_BITS {
            // A 256th of what is here at most.
            let mut statement = db.prepare_cached(
                "SELECT id FROM mail CROSS JOIN entry ON entry.row = mail.entry_row WHERE mail.route BETWEEN ?1 AND ?2",
            )?;
            for id in statement.query_map([first, last], |row| row.get(0))? {
                sum.add(&id?);
            }
            return Ok(sum);
        }
        let mut statement = db.prepare_cached("SELECT count, sum FROM mail_route_sum WHERE route BETWEEN ?1 AND ?2")?;
        let mut rows = statement.query([leaf(first), leaf(last)])?;
        while let Some(row) = rows.next()? {
            let bytes: [u8; SUM_BYTES] = row.get(1)?;
            sum.count = sum.count.saturating_add(row.get(0)?);
            let more = bytes.as_chunks::<2>().0.iter().copied().map(u16::from_le_bytes);
            sum.numbers.iter_mut().zip(more).for_each(|(number, more)| *number = number.wrapping_add(more));
        }
        Ok(sum)
    }

    fn write(&self, tx: &Transaction<'_>, place: Place) -> Result<()> {
        let (table, key, row) = place;
        if self.count == 0 {
            tx.prepare_cached(&format!("DELETE FROM {table} WHERE {key} = ?1"))?.execute([row])?;
            return Ok(());
        }
        tx.prepare_cached(&format!("INSERT OR REPLACE INTO {table} ({key}, count, sum) VALUES (?1, ?2, ?3)"))?
            .execute(params![row, self.count, self.bytes()])?;
        Ok(())
    }

    fn bytes(&self) -> Vec<u8> {
        self.numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    fn add(&mut self, id: &EntryId) {
        self.count = self.count.saturating_add(1);
        self.numbers.iter_mut().zip(drawn(id)).for_each(|(number, more)| *number = number.wrapping_add(more));
    }

    pub(super) fn remove(&mut self, id: &EntryId) {
        self.count = self.count.saturating_sub(1);
        self.numbers.iter_mut().zip(drawn(id)).for_each(|(number, less)| *number = number.wrapping_sub(less));
    }

    /// How many entries there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// 0 for the empty set.
    pub(super) fn print(&self) -> u64 {
        if self.count == 0 {
            return 0;
        }
        let mut hasher = blake3::Hasher::new_derive_key("kith 2026 sync headers v1");
        hasher.update(&self.bytes());
        u64::from_le_bytes(take(&hasher))
    }
}

/// The numbers that stand for an entry.
fn drawn(id: &EntryId) -> impl Iterator<Item = u16> {
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 sync header entry v1");
    hasher.update(id.as_bytes());
    let bytes: [u8; SUM_BYTES] = take(&hasher);
    (0..NUMBERS).zip(bytes.as_chunks::<2>().0.to_vec()).map(|(_, pair)| u16::from_le_bytes(pair))
}

/// Entries came into the headers of an author's posts, and others left them. Rows of header entries that are not
/// compared (0 and below) count nowhere.
pub(crate) fn headers_changed(tx: &Transaction<'_>, of_row: i64, came: &[EntryId], left: &[EntryId]) -> Result<()> {
    if of_row <= 0 || came.is_empty() && left.is_empty() {
        return Ok(());
    }
    changed(tx, ("header_sum", "author_row", of_row), came, left)
}

/// The same for mail with this route; `of_row`: where all mail is filed.
pub(crate) fn mail_changed(
    tx: &Transaction<'_>,
    of_row: i64,
    exact: Bucket,
    came: &[EntryId],
    left: &[EntryId],
) -> Result<()> {
    changed(tx, ("mail_route_sum", "route", leaf(exact.span().0)), came, left)?;
    headers_changed(tx, of_row, came, left)
}

/// Where a sum stands: table, column and row.
type Place = (&'static str, &'static str, i64);

fn changed(tx: &Transaction<'_>, place: Place, came: &[EntryId], left: &[EntryId]) -> Result<()> {
    let mut sum = HeaderSum::stored(tx, place)?;
    came.iter().for_each(|id| sum.add(id));
    left.iter().for_each(|id| sum.remove(id));
    sum.write(tx, place)
}

/// Of 16 bits of a route those that name a row of `mail_route_sum`.
fn leaf(route: u16) -> i64 {
    i64::from(route >> (BUCKET_BITS - LEAF_BITS))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> HeaderSum {
        let mut sum = HeaderSum { count: 0, numbers: vec![0; NUMBERS] };
        bytes.iter().for_each(|byte| sum.add(&EntryId::from_bytes([*byte; 32])));
        sum
    }

    #[test]
    fn a_sum_tells_sets_apart_whatever_the_order_and_what_was_there_before() {
        assert_eq!(of(&[1, 2, 3]), of(&[3, 1, 2]));
        let mut sum = of(&[1, 2, 3]);
        sum.remove(&EntryId::from_bytes([2; 32]));
        assert_eq!(sum, of(&[1, 3]));
        assert_ne!(sum.print(), of(&[1, 2]).print());
        sum.remove(&EntryId::from_bytes([1; 32]));
        sum.remove(&EntryId::from_bytes([3; 32]));
        assert_eq!((sum.count(), sum.print()), (0, 0));
        // Twice the same is not nothing, and the numbers of one entry differ.
        assert_ne!(of(&[7, 7]).print(), 0);
        let first = of(&[7]);
        assert!(first.numbers.iter().collect::<std::collections::BTreeSet<_>>().len() > NUMBERS / 2);
    }
}
