use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::host::SystemEntropy;
use crate::store::{Durability, Store};

const OWN: u16 = 0b1010_0101_1100_0011;
const DAY: i64 = DAY_S as i64;
const TODAY: i64 = 20_000;

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a store in memory does not wait")
}

/// So many messages a day under every bucket of 4 bits.
fn even(each_a_day: u64) -> Passed {
    let mut passed = Passed::NOTHING;
    for high in 0..16_u16 {
        for low in 0..each_a_day * BUCKET_DAYS {
            // Below the 4 bits as even as numbers are.
            let rest = u16::try_from(low).unwrap().reverse_bits() >> 4;
            passed.add(OWN, high << 12 | rest, 2_000);
        }
    }
    passed
}

fn length(bits: u8, taken: u8) -> Length {
    Length { bits, room: 0, taken }
}

#[test]
fn a_bucket_is_split_where_enough_passes_and_merged_where_not() {
    assert_eq!(even(BUCKET_SPLIT / 8 - 1).bits(length(0, 0)), 0);
    for (each_a_day, bits) in [(BUCKET_SPLIT / 8, 1), (BUCKET_SPLIT / 4, 2), (BUCKET_SPLIT / 2, 3), (BUCKET_SPLIT, 4)] {
        assert_eq!(even(each_a_day).bits(length(0, 0)), bits, "{each_a_day}");
        // What varies by a quarter changes nothing.
        assert_eq!(even(each_a_day * 3 / 4).bits(length(bits, 0)), bits);
    }
    assert_eq!(even(BUCKET_LEAST - 1).bits(length(4, 0)), 3);
    assert_eq!(even(BUCKET_LEAST / 4 - 1).bits(length(4, 0)), 1);
    assert_eq!(even(0).bits(length(9, 9)), 0);
}

#[test]
fn who_sees_one_bucket_alone_knows_when_to_merge_it() {
    let all = even(BUCKET_LEAST / 2);
    let mut own = Passed::NOTHING;
    for (to, from) in own.messages.iter_mut().zip(all.messages).skip(4) {
        *to = from;
    }
    assert_eq!(own.bits(length(4, 4)), 3);
    assert_eq!(all.bits(length(4, 0)), 3, "as who sees everything");
}

#[test]
fn who_floods_one_bucket_splits_nothing() {
    let mut half = even(BUCKET_SPLIT / 8);
    let mut none = even(BUCKET_SPLIT / 16);
    assert_eq!((half.bits(length(0, 0)), none.bits(length(0, 0))), (1, 0));
    for _ in 0..100_000 {
        half.add(OWN, OWN ^ 1, 2_000);
        none.add(OWN, OWN, 2_000);
    }
    // The one beside has what it had.
    assert_eq!((half.bits(length(0, 0)), none.bits(length(0, 0))), (1, 0));
}

#[test]
fn who_has_room_takes_more_than_it_has_to() {
    let passed = even(BUCKET_SPLIT);
    let kept = i64::try_from(16 * BUCKET_SPLIT * MAIL_DAYS * 2_000).unwrap();
    assert_eq!(passed.room(length(0, 0), kept * 2), 0);
    assert_eq!(passed.room(length(0, 0), kept), 1);
    assert_eq!(passed.room(length(0, 0), kept / 8), 4);
    // It comes back where there is twice the room.
    let at = |room: u8, share: i64| passed.room(Length { bits: 4, room, taken: room }, share);
    assert_eq!((at(4, kept / 8), at(4, kept / 2), at(4, kept * 8)), (4, 3, 0));
}

proptest! {
    #[test]
    fn to_look_twice_changes_nothing(
        routes in prop::collection::vec(any::<u16>(), 0..2_000), times in 1_u64..40,
        former in 0_u8..=16, taken in 0_u8..=16,
    ) {
        let mut passed = Passed::NOTHING;
        for route in routes {
            passed.add(OWN, OWN ^ route >> (route & 7), 1);
        }
        passed.messages.iter_mut().for_each(|count| *count *= times);
        let taken = taken.min(former);
        let bits = passed.bits(length(former, taken));
        prop_assert!(bits <= BUCKET_BITS);
        if bits >= taken {
            prop_assert_eq!(passed.bits(length(bits, taken)), bits);
        }
        // Fewer messages never make it longer.
        let mut fewer = passed.clone();
        fewer.messages.iter_mut().for_each(|count| *count /= 2);
        prop_assert!(fewer.bits(length(former, taken)) <= bits);
    }
}

/// A node with a bucket, and so many messages on each of the last days.
fn store(first_day: i64, each_a_day: i64) -> Store {
    let store = Store::in_memory().unwrap();
    now(store.write(Durability::Normal, move |tx| {
        tx.execute("INSERT INTO bucket (one, route, first_day) VALUES (0, ?1, ?2)", params![OWN, first_day])?;
        fill(tx, each_a_day)
    }))
    .unwrap();
    store
}

fn fill(tx: &Transaction<'_>, each_a_day: i64) -> Result<()> {
    let bucket: i64 = tx.query_row("SELECT row FROM author WHERE bucket = 1", [], |row| row.get(0))?;
    let mut at = 0_i64;
    for day in 1..=BUCKET_DAYS.cast_signed() {
        for number in 0..each_a_day {
            at += 1;
            let route = u16::try_from(number).unwrap_or_default().reverse_bits();
            tx.execute(
                "INSERT INTO header_entry (of_row, time, id, entry_row, about)
                 VALUES (?1, ?2, randomblob(32), ?3, zeroblob(32))",
                params![bucket, (TODAY - day) * DAY, at],
            )?;
            tx.execute(
                "INSERT INTO mail (entry_row, expires_day, bytes, route) VALUES (?1, ?2, 2000, ?3)",
                params![at, TODAY + 30, route],
            )?;
        }
    }
    Ok(())
}

fn look(store: &Store, at_day: i64) -> (bool, Length) {
    now(store.write(Durability::Normal, move |tx| {
        let changed = measure(tx, None, at_day * DAY + 60)?;
        let length = tx.query_row("SELECT bits, room, taken FROM bucket", [], |row| {
            Ok(Length { bits: row.get(0)?, room: row.get(1)?, taken: row.get(2)? })
        })?;
        Ok((changed, length))
    }))
    .unwrap()
}

/// All mail is of so many days later.
fn later(store: &Store, days: i64) {
    let write = move |tx: &Transaction<'_>| Ok(tx.execute("UPDATE header_entry SET time = time + ?1", [days * DAY])?);
    now(store.write(Durability::Normal, write)).unwrap();
}

#[test]
fn what_was_handed_out_is_taken_for_thirty_days_more() {
    let store = store(TODAY - 100, (2 * BUCKET_SPLIT).cast_signed());
    assert_eq!(look(&store, TODAY), (true, Length { bits: 1, room: 16, taken: 0 }));
    assert_eq!(look(&store, TODAY), (false, Length { bits: 1, room: 16, taken: 0 }), "once a day");
    let route = now(store.write(Durability::Normal, |tx| route(tx, &SystemEntropy, TODAY * DAY))).unwrap();
    assert_eq!(Bucket::of_handed(route), Bucket::new(1, OWN));
    later(&store, 30);
    assert_eq!(look(&store, TODAY + 30).1.taken, 0);
    later(&store, 1);
    assert_eq!(look(&store, TODAY + 31), (true, Length { bits: 1, room: 16, taken: 1 }));
    // It becomes quiet: more is taken at once, and what was handed out stays within it.
    let fewer = |tx: &Transaction<'_>| Ok(tx.execute("DELETE FROM mail WHERE entry_row % 3 > 0", [])?);
    now(store.write(Durability::Normal, fewer)).unwrap();
    later(&store, 1);
    assert_eq!(look(&store, TODAY + 32), (true, Length { bits: 0, room: 16, taken: 0 }));
}

#[test]
fn a_new_node_finds_its_length_in_its_first_days() {
    let store = store(TODAY, 0);
    assert!(!look(&store, TODAY).0, "nothing has come");
    now(store.write(Durability::Normal, |tx| fill(tx, (4 * BUCKET_SPLIT).cast_signed()))).unwrap();
    assert_eq!(look(&store, TODAY), (true, Length { bits: 2, room: 16, taken: 0 }));
    later(&store, 3);
    assert_eq!(look(&store, TODAY + 3), (true, Length { bits: 2, room: 16, taken: 2 }));
}

#[test]
fn routes_keep_the_longest_bucket_that_was_told() {
    let (long, short) = (Bucket::new(7, OWN).hand_out(5), Bucket::new(2, OWN).hand_out(9));
    for handed in [[long, short], [short, long]] {
        let route = toward(handed, &SystemEntropy).unwrap();
        assert!(Bucket::new(7, OWN).contains(Bucket::exact(route)));
    }
}
