//! A file that a private message keeps is given to peers no longer, and no otherwise, than by who merely carries it.

use iroh_blobs::protocol::{GetRequest, Request};

use super::blobs::encoded;
use super::*;
use crate::net::blobs::iroh_hash;
use crate::net::serve::NOT_HERE;

/// Whether a peer is given a blob for this entry.
async fn is_given(connection: &Connection, entry: EntryId, hash: BlobHash) -> bool {
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    let request = encoded(&Request::Get(GetRequest::blob(iroh_hash(hash))));
    for part in [&[BLOBS][..], entry.as_bytes(), hash.as_bytes(), &request] {
        send.write_all(part).await.unwrap();
    }
    send.finish().unwrap();
    match soon("an answer", recv.read_to_end(1_000_000)).await {
        Ok(bytes) => bytes.len() > 40_000,
        Err(ReadToEndError::Read(ReadError::Reset(code))) if code == NOT_HERE => false,
        Err(other) => panic!("{other}"),
    }
}

async fn sql(party: &Party, sql: &'static str) {
    party.store.write(Durability::Normal, move |tx| Ok(tx.execute_batch(sql)?)).await.unwrap();
}

/// All entries that are here are mail now, whose files are taken in.
const MAIL: &str = "UPDATE blob SET mime = 'application/x-kith-sealed';
    INSERT OR IGNORE INTO mail (entry_row, expires_day) SELECT row, 1 FROM entry;
    UPDATE blob_ref SET size = 40000 WHERE entry_row > 0;
    UPDATE mail SET files = 40000 WHERE entry_row IN (SELECT entry_row FROM blob_ref)";

#[tokio::test]
async fn who_keeps_a_file_is_told_by_nothing_once_it_is_carried_no_longer() {
    let dir = tempfile::tempdir().unwrap();
    let (mut alice, mut bob) = (party(1, &dir).await, party(2, &dir).await);
    let bytes = vec![1; 40_000];
    let hash = alice.blobs.put(bytes.clone(), "application/x-kith-sealed").await.unwrap();
    let first = alice.post(1, hash, 40_000, true).await;
    sql(&alice, MAIL).await;
    sql(&alice, "INSERT INTO blob_ref (hash, entry_row) SELECT hash, -1 FROM blob").await;
    let stranger = raw(7).await;
    let (connection, _sync, _recv) = shaken(&stranger, &alice.net).await;
    alice.joined().await;
    assert!(is_given(&connection, first, hash).await, "as by everybody of the bucket");
    // Its files gave way to others, or the entry expired.
    sql(&alice, "UPDATE mail SET files = 0").await;
    assert!(!is_given(&connection, first, hash).await);
    let gone = "DELETE FROM blob_ref WHERE entry_row > 0; DELETE FROM mail; DELETE FROM post; DELETE FROM entry";
    sql(&alice, gone).await;
    assert!(!is_given(&connection, first, hash).await);
    // Somebody who knows the hash names it again, to see who gives it at once. What Alice has of it stays to herself.
    let second = alice.post(2, hash, 40_000, false).await;
    sql(&alice, MAIL).await;
    sql(&alice, "UPDATE blob SET wanted = 1").await;
    assert!(!is_given(&connection, second, hash).await, "kept, and not carried");
    let other = alice.post(3, hash, 40_000, false).await;
    assert!(!is_given(&connection, other, hash).await, "not for a post either");
    // It comes to her once more, as to everybody, and from then on she gives it as everybody does.
    let from = bob.blobs.put(bytes, "application/x-kith-sealed").await.unwrap();
    assert_eq!(from, hash);
    for n in [2, 3] {
        bob.post(n, hash, 40_000, true).await;
    }
    connection.close(VarInt::from_u32(0), b"");
    let mut events = alice.events.subscribe();
    alice.net.dial(&bob.net.ticket()).await.unwrap();
    bob.joined().await;
    soon("the file once more", async { while events.next().await != Some(Event::BlobStored(hash)) {} }).await;
    let stranger = raw(8).await;
    let (connection, _sync, _recv) = shaken(&stranger, &alice.net).await;
    for entry in [second, other] {
        assert!(is_given(&connection, entry, hash).await);
    }
    alice.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn a_file_that_only_its_reader_could_fetch_is_given_to_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let mut alice = party(1, &dir).await;
    let hash = alice.blobs.put(vec![1; 40_000], "application/x-kith-sealed").await.unwrap();
    let entry = alice.post(1, hash, 40_000, true).await;
    sql(&alice, MAIL).await;
    // Outside it is named with another size: who can't look inside fetches nothing of that.
    sql(&alice, "UPDATE blob_ref SET size = 50000; INSERT INTO blob_ref (hash, entry_row) SELECT hash, -1 FROM blob")
        .await;
    let stranger = raw(7).await;
    let (connection, _sync, _recv) = shaken(&stranger, &alice.net).await;
    alice.joined().await;
    assert!(!is_given(&connection, entry, hash).await);
    sql(&alice, "UPDATE blob_ref SET size = 40000").await;
    assert!(is_given(&connection, entry, hash).await);
    alice.leave().await;
}
