//! How long this node's bucket is (DESIGN §5.3). What passes is counted by each node for itself, over whole days, and
//! where nobody saw much, much is taken. Nothing here looks at whom mail is for, nor at what this node wrote: all who
//! take a bucket count the same.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::bucket::Bucket;
use crate::error::Result;
use crate::host::Entropy;
use crate::limits::{
    BUCKET_BITS, BUCKET_DAYS, BUCKET_LEAST, BUCKET_SPLIT, DAY_S, MAIL_DAYS, NEW_ROUTE_DAYS, ROUTE_DAYS,
};
use crate::sync;

/// A route to be handed out, of the bucket as it is now.
pub(crate) fn route(tx: &Transaction<'_>, entropy: &dyn Entropy, now_s: i64) -> Result<u32> {
    let now: Option<(u8, u16)> = tx
        .prepare_cached("SELECT bits, route FROM bucket")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (bits, own) = match now {
        Some(now) => now,
        None => {
            let mut drawn = [0; 2];
            entropy.fill(&mut drawn)?;
            let own = u16::from_le_bytes(drawn);
            tx.prepare_cached("INSERT INTO bucket (one, route, first_day) VALUES (0, ?1, ?2)")?
                .execute(params![own, day(now_s)])?;
            (0, own)
        }
    };
    Ok(Bucket::new(bits, own).hand_out(random(entropy)?))
}

/// The route of one entry to who handed these out: the longest bucket among them is the narrowest, and all that the
/// reader ever takes holds it.
pub(crate) fn toward(handed: [u32; 2], entropy: &dyn Entropy) -> Result<u32> {
    let [one, other] = handed.map(Bucket::of_handed);
    let bucket = if one.bits() > other.bits() { one } else { other };
    Ok(bucket.route(random(entropy)?))
}

/// The bucket that begins with these bits, as long as the one that is handed out here: others hide in it as well.
pub(crate) fn as_long_as_own(db: &Connection, route: u16) -> Result<Bucket> {
    let bits: Option<u8> = db.prepare_cached("SELECT bits FROM bucket")?.query_row([], |row| row.get(0)).optional()?;
    Ok(Bucket::new(bits.unwrap_or_default(), route))
}

/// When the length of routes that are handed out changed last, s.
pub(crate) fn changed_s(db: &Connection) -> Result<i64> {
    let changed: Option<i64> =
        db.prepare_cached("SELECT changed_s FROM bucket")?.query_row([], |row| row.get(0)).optional()?;
    Ok(changed.unwrap_or_default())
}

/// Looks once a day at what passed, and in the first days whenever it is called. `share`: bytes that mail may take,
/// where more is taken than has to be; `None` on a phone, which takes no more. Answers whether anything changed.
pub(crate) fn measure(tx: &Transaction<'_>, share: Option<i64>, now_s: i64) -> Result<bool> {
    let found: Option<(u16, Length, i64, i64)> = tx
        .prepare_cached("SELECT route, bits, room, taken, first_day, seen_day FROM bucket")?
        .query_row([], |row| {
            let length = Length { bits: row.get(1)?, room: row.get(2)?, taken: row.get(3)? };
            Ok((row.get(0)?, length, row.get(4)?, row.get(5)?))
        })
        .optional()?;
    let (Some((own, former, first_day, seen_day)), today) = (found, day(now_s)) else { return Ok(false) };
    let is_new = today < first_day + NEW_ROUTE_DAYS.cast_signed();
    if seen_day == today && !is_new {
        return Ok(false);
    }
    let passed = Passed::count(tx, own, today)?;
    let bits = passed.bits(former);
    if bits != former.bits {
        let days = if is_new { NEW_ROUTE_DAYS } else { ROUTE_DAYS };
        tx.prepare_cached(
            "INSERT INTO bucket_handed (bits, until_day) VALUES (?1, ?2)
             ON CONFLICT (bits) DO UPDATE SET until_day = max(until_day, excluded.until_day)",
        )?
        .execute(params![former.bits, today + days.cast_signed()])?;
    }
    tx.prepare_cached("DELETE FROM bucket_handed WHERE until_day < ?1")?.execute([today])?;
    let handed: Option<u8> =
        tx.prepare_cached("SELECT min(bits) FROM bucket_handed")?.query_row([], |row| row.get(0))?;
    let room = share.map_or(BUCKET_BITS, |share| passed.room(former, share));
    let now = Length { bits, room, taken: bits.min(handed.unwrap_or(bits)).min(room) };
    let clients = sync::forget_clients(tx, today)?;
    let changed = clients || (now.bits, now.taken) != (former.bits, former.taken);
    tx.prepare_cached(
        "UPDATE bucket SET bits = ?1, room = ?2, taken = ?3, seen_day = ?4,
            changed_s = CASE WHEN bits <> ?1 THEN ?5 ELSE changed_s END",
    )?
    .execute(params![now.bits, now.room, now.taken, today, now_s])?;
    for bucket in sync::taken(tx)? {
        let (first, last) = bucket.span();
        tx.prepare_cached("UPDATE mail SET stray = 0 WHERE stray = 1 AND route BETWEEN ?1 AND ?2")?
            .execute([first, last])?;
    }
    Ok(changed)
}

/// How many bits of the own route are handed out, make what passes fit, and are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Length {
    bits: u8,
    room: u8,
    taken: u8,
}

/// Lengths that a bucket can have.
const LENGTHS: usize = BUCKET_BITS as usize + 1;

/// Messages and bytes of [`BUCKET_DAYS`] whose route begins as the own one, by how many bits do at least.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Passed {
    messages: [u64; LENGTHS],
    bytes: [u64; LENGTHS],
}

impl Passed {
    const NOTHING: Self = Self { messages: [0; LENGTHS], bytes: [0; LENGTHS] };

    fn count(db: &Connection, own: u16, today: i64) -> Result<Self> {
        let mut passed = Self::NOTHING;
        let mut statement = db.prepare_cached(
            "SELECT m.route, m.bytes FROM author AS a CROSS JOIN header_entry AS h ON h.of_row = a.row
                CROSS JOIN mail AS m ON m.entry_row = h.entry_row
             WHERE a.bucket = 1 AND h.time >= ?1 AND h.time < ?2 AND m.stray = 0",
        )?;
        let seconds = |day: i64| day.saturating_mul(DAY_S.cast_signed());
        let mut rows = statement.query([seconds(today - BUCKET_DAYS.cast_signed()), seconds(today)])?;
        while let Some(row) = rows.next()? {
            let (route, bytes): (u16, i64) = (row.get(0)?, row.get(1)?);
            passed.add(own, route, bytes.cast_unsigned());
        }
        Ok(passed)
    }

    fn add(&mut self, own: u16, route: u16, bytes: u64) {
        let same = usize::try_from((own ^ route).leading_zeros()).unwrap_or_default();
        self.messages.iter_mut().take(same + 1).for_each(|count| *count += 1);
        self.bytes.iter_mut().take(same + 1).for_each(|sum| *sum = sum.saturating_add(bytes));
    }

    /// Of a bucket that is wider than what was taken only that is known: others carry as much, since buckets are drawn.
    fn under(all: &[u64], bits: u8, taken: u8) -> u64 {
        let seen = all.get(usize::from(bits.max(taken))).copied().unwrap_or_default();
        seen.saturating_mul(1 << taken.saturating_sub(bits))
    }

    /// The longest bucket under which enough passes. It is split only where enough passes in both halves: who wants few
    /// to hide in somebody's bucket has to fill the one beside it too.
    fn bits(&self, Length { bits: former, taken, .. }: Length) -> u8 {
        let messages = |bits: u8| Self::under(&self.messages, bits, taken);
        let mut bits = former;
        while bits > 0 && messages(bits) < BUCKET_LEAST * BUCKET_DAYS {
            bits -= 1;
        }
        while bits >= former && bits < BUCKET_BITS {
            let own = messages(bits + 1);
            let beside = messages(bits).saturating_sub(own);
            if own.min(beside) < BUCKET_SPLIT * BUCKET_DAYS {
                break;
            }
            bits += 1;
        }
        bits
    }

    /// The widest bucket of which all that is kept takes half of the share; one that was left comes back at a quarter.
    fn room(&self, Length { room: former, taken, .. }: Length, share: i64) -> u8 {
        let kept = |bits: u8| Self::under(&self.bytes, bits, taken) / BUCKET_DAYS * MAIL_DAYS;
        let share = share.max(0).cast_unsigned();
        let mut room = former;
        while room < BUCKET_BITS && kept(room) > share / 2 {
            room += 1;
        }
        while room <= former && room > 0 && kept(room - 1) <= share / 4 {
            room -= 1;
        }
        room
    }
}

fn day(now_s: i64) -> i64 {
    now_s.div_euclid(DAY_S.cast_signed())
}

fn random(entropy: &dyn Entropy) -> Result<u32> {
    let mut bytes = [0; 4];
    entropy.fill(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests;
