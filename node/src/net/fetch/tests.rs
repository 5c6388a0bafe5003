//! What is fetched, in which order, and what only when somebody asks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use futures_util::FutureExt;

use super::*;

const NOW_S: i64 = 1_800_000_000;
const ALL: Ahead = Ahead { any: true, spares: 100, now_s: NOW_S, metered: false };

/// A picture `n` that a post of this age names; its thumbnail is `n + 100`.
fn named(store: &Store, n: u8, author_row: i64, age_s: i64, size: i64) {
    let write = store.write(Durability::Normal, move |tx| {
        tx.execute(
            "INSERT INTO entry (id, author_row, kind, time, signature, body, rank)
             VALUES (?1, ?2, 9, 0, x'', x'00', ?3)",
            params![EntryId::from_bytes([n; 32]), author_row, NOW_S - age_s],
        )?;
        let row = tx.last_insert_rowid();
        for (hash, thumb, size) in [(n, false, size), (n + 100, true, size.max(1024 * 1024))] {
            let hash = BlobHash::from_bytes([hash; 32]);
            tx.execute(
                "INSERT INTO blob (hash, size, mime, wanted) VALUES (?1, ?2, '', (SELECT followed FROM author WHERE row = ?3))",
                params![hash, size, author_row],
            )?;
            tx.execute("INSERT INTO blob_ref (hash, entry_row, thumb) VALUES (?1, ?2, ?3)", params![hash, row, thumb])?;
        }
        Ok(())
    });
    write.now_or_never().unwrap().unwrap();
}

fn sql(store: &Store, sql: &'static str) {
    store.write(Durability::Normal, move |tx| Ok(tx.execute_batch(sql)?)).now_or_never().unwrap().unwrap();
}

fn chosen(store: &Store, ahead: Ahead) -> Vec<u8> {
    let read = store.read(move |db| wanted(db, 100, &Skip::default(), ahead)).now_or_never().unwrap().unwrap();
    read.into_iter().map(|wanted| wanted.hash.as_bytes()[0]).collect()
}

#[test]
fn thumbnails_and_the_newest_come_first_and_large_or_old_ones_when_asked_for() {
    let store = Store::in_memory().unwrap();
    sql(
        &store,
        "DELETE FROM author; INSERT INTO author (row, id, own, followed, carried) VALUES
            (1, randomblob(32), 1, 1, 1), (2, randomblob(32), 0, 1, 1), (3, randomblob(32), 0, 0, 1);
         INSERT INTO carry (author_row, replica) VALUES (3, 1)",
    );
    let day_s = 24 * 60 * 60;
    let large = i64::try_from(PREFETCH_BLOB_BYTES).unwrap() + 1;
    named(&store, 1, 2, day_s, 9);
    named(&store, 2, 2, 89 * day_s, 9);
    named(&store, 3, 2, 91 * day_s, 9);
    named(&store, 4, 2, 0, large);
    named(&store, 5, 1, 1_000 * day_s, 9);
    named(&store, 6, 3, 2, 9);
    assert_eq!(chosen(&store, ALL), [104, 101, 102, 105, 1, 2, 5, 106, 6]);
    let no_spares = Ahead { spares: 0, ..ALL };
    assert_eq!(chosen(&store, no_spares), [104, 101, 102, 105, 1, 2, 5]);
    assert_eq!(chosen(&store, Ahead { metered: true, ..no_spares }), [104, 101, 102, 105]);
    let asked = Ahead { any: false, spares: 0, ..ALL };
    assert!(chosen(&store, asked).is_empty());
    sql(&store, "UPDATE blob SET wanted = 2 WHERE substr(hash, 1, 1) IN (x'03', x'04')");
    assert_eq!(chosen(&store, asked), [4, 3]);
    assert_eq!(chosen(&store, Ahead { metered: true, ..no_spares })[..3], [4, 3, 104]);
    // The picture beside a followed name is fetched however old it is.
    sql(&store, "UPDATE author SET profile_row = 3 WHERE row = 2");
    assert!(chosen(&store, no_spares).contains(&103));
}

#[test]
fn an_author_with_thousands_of_pictures_that_nobody_has_waits_alone() {
    let (bob, mallory) = (PersonaId::from_bytes([2; 32]), PersonaId::from_bytes([3; 32]));
    let picture = |n: u32| BlobHash::from_bytes(std::array::from_fn(|at| n.to_le_bytes()[at % 4]));
    let mut waits = Waits::default();
    for n in 0..5_000 {
        waits.failed(picture(n), mallory, 1_000);
    }
    assert_eq!((waits.blobs.len(), waits.at(1_000).authors), (FETCH_WAITS_AUTHOR, vec![mallory]));
    waits.failed(picture(6_000), bob, 1_000);
    assert!(waits.at(1_000).blobs.contains(&picture(6_000)), "who has few waits for each");
    assert_eq!(waits.next_ms(1_000), Some(1_000 + FETCH_RETRY_FIRST_MS));
    // All is tried again, as often as one picture is.
    let later_ms = 1_000 + FETCH_RETRY_LONGEST_MS;
    assert!(waits.at(later_ms).authors.is_empty() && waits.at(later_ms).blobs.is_empty());
    waits.failed(picture(5_001), mallory, later_ms);
    assert!(waits.at(later_ms).authors.is_empty() || waits.at(later_ms).authors == [mallory]);
    // Of many such authors none drives out what is known of another.
    for author in 10..210 {
        for n in 0..1_200 {
            waits.failed(picture(u32::from(author) * 1_200 + n), PersonaId::from_bytes([author; 32]), later_ms);
        }
    }
    assert!(waits.blobs.len() <= FETCH_WAITS && waits.at(later_ms).authors.len() >= 199);
}

#[test]
fn what_an_author_names_who_waits_is_fetched_when_somebody_asks_or_another_names_it() {
    let store = Store::in_memory().unwrap();
    sql(
        &store,
        "DELETE FROM author; INSERT INTO author (row, id, own, followed, carried) VALUES
            (1, zeroblob(32), 0, 1, 1), (2, randomblob(32), 0, 1, 1), (3, x'0303030303030303030303030303030303030303030303030303030303030303', 0, 0, 1);
         INSERT INTO carry (author_row, replica) VALUES (3, 1)",
    );
    named(&store, 1, 1, 5, 9);
    named(&store, 2, 2, 6, 9);
    named(&store, 3, 3, 7, 9);
    let chosen = |store: &Store| {
        let skip =
            Skip { authors: vec![PersonaId::from_bytes([0; 32]), PersonaId::from_bytes([3; 32])], ..Skip::default() };
        let read = store.read(move |db| wanted(db, 100, &skip, ALL)).now_or_never().unwrap().unwrap();
        read.into_iter().map(|wanted| wanted.hash.as_bytes()[0]).collect::<Vec<u8>>()
    };
    assert_eq!(chosen(&store), [102, 2]);
    sql(
        &store,
        "INSERT INTO blob_ref (hash, entry_row, thumb) SELECT hash, 2, 0 FROM blob WHERE substr(hash, 1, 1) = x'01'",
    );
    assert_eq!(chosen(&store), [102, 1, 2]);
    sql(&store, "UPDATE blob SET wanted = 2 WHERE substr(hash, 1, 1) = x'03'");
    assert_eq!(chosen(&store), [3, 102, 1, 2]);
}

#[test]
fn the_bringer_of_new_pictures_is_remembered_however_many_never_came() {
    let picture = |n: u16| BlobHash::from_bytes(std::array::from_fn(|at| n.to_le_bytes()[at % 2]));
    let mut origins = Newest::default();
    let count = u16::try_from(ORIGINS).unwrap() + 100;
    for n in 0..count {
        origins.note(picture(n), u64::from(n));
        origins.note(picture(n), u64::from(n));
    }
    assert_eq!((origins.noted.len(), origins.order.len()), (ORIGINS, ORIGINS));
    assert_eq!((origins.get(picture(99)), origins.get(picture(count - 1))), (None, Some(&u64::from(count - 1))));
    origins.remove(picture(100));
    origins.note(picture(count), 1);
    assert_eq!(origins.get(picture(101)), Some(&101), "there was room");
}
