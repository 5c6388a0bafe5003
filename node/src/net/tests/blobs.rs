//! Blobs between real endpoints: what is fetched, what is served, and what liars and idlers get.

use futures_util::FutureExt;
use iroh_blobs::protocol::{ChunkRanges, ChunkRangesSeq, GetManyRequest, GetRequest, ObserveRequest, Request};

use super::*;
use crate::limits::CONNECTION_WINDOW_BYTES;
use crate::net::blobs::iroh_hash;
use crate::net::serve::NOT_HERE;

async fn stored(party: &Party, hash: BlobHash) {
    let mut events = party.events.subscribe();
    let done = party.store.read(move |db| {
        Ok(db.query_row("SELECT stored FROM blob WHERE hash = ?1", [hash], |row| row.get::<_, bool>(0))?)
    });
    if !done.await.unwrap() {
        soon("the blob", async { while events.next().await != Some(Event::BlobStored(hash)) {} }).await;
    }
}

#[tokio::test]
async fn blobs_that_an_entry_names_are_fetched_and_become_files() {
    let dir = tempfile::tempdir().unwrap();
    let (mut alice, mut bob) = (party(1, &dir).await, party(2, &dir).await);
    let mut sizes = BTreeMap::new();
    let mut events = bob.events.subscribe();
    for (n, size) in [(1, 900), (2, 16 * 1024 + 1), (3, 3_000_000)] {
        let hash = alice.blobs.put(vec![n; size], "image/jpeg").await.unwrap();
        alice.post(n, hash, size as u64, true).await;
        bob.post(n, hash, size as u64, false).await;
        sizes.insert(hash, (n, size));
    }
    // An entry that says less than there is: nothing is stored of it.
    let long = alice.blobs.put(vec![4; 500_000], "image/jpeg").await.unwrap();
    alice.post(4, long, 500_000, true).await;
    bob.post(4, long, 400_000, false).await;
    bob.net.dial(&alice.net.ticket()).await.unwrap();
    alice.joined().await;
    bob.joined().await;
    bob.net.blobs_wanted();
    for (hash, (n, size)) in sizes {
        stored(&bob, hash).await;
        assert_eq!(std::fs::read(bob.blobs.path(hash, "image/jpeg")).unwrap(), vec![n; size]);
    }
    assert!(!bob.blobs.path(long, "image/jpeg").exists());
    soon("what changed", async {
        while events.next().await != Some(Event::PostChanged(EntryId::from_bytes([3; 32]))) {}
    })
    .await;
    alice.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn thumbnails_of_untold_size_and_type_become_files_of_their_type() {
    let dir = tempfile::tempdir().unwrap();
    let (mut alice, mut bob) = (party(1, &dir).await, party(2, &dir).await);
    let mut thumbs = Vec::new();
    let bound = 50_000;
    for (n, beginning, mime, size) in [
        (1, &b"\xff\xd8\xff\xe0"[..], "image/jpeg", 4_000),
        (2, b"\x89PNG\r\n\x1a\n", "image/png", 40_000),
        (3, b"RIFF\x01\x02\x03\x04WEBP", "image/webp", 50_000),
        (4, b"GIF89a", "image/gif", 30_000),
        (5, b"MZ", "", 20),
        (6, b"\xff\xd8\xff\xe0", "image/jpeg", 50_001),
    ] {
        let mut bytes = beginning.to_vec();
        bytes.resize(size, n);
        let hash = alice.blobs.put(bytes.clone(), mime).await.unwrap();
        alice.post(n, hash, size as u64, true).await;
        let note = alice.store.write(Durability::Normal, move |tx| {
            tx.execute("UPDATE blob SET mime = ?2 WHERE hash = ?1", params![hash, mime])?;
            Ok(())
        });
        note.await.unwrap();
        bob.post(n, hash, bound, false).await;
        thumbs.push((hash, mime, bytes));
    }
    let note = bob.store.write(Durability::Normal, |tx| {
        Ok(tx.execute_batch("UPDATE blob SET mime = ''; UPDATE blob_ref SET thumb = 1")?)
    });
    note.await.unwrap();
    bob.net.dial(&alice.net.ticket()).await.unwrap();
    alice.joined().await;
    bob.joined().await;
    bob.net.blobs_wanted();
    let (long, ..) = thumbs.pop().unwrap();
    for (hash, mime, bytes) in thumbs {
        stored(&bob, hash).await;
        assert_eq!(std::fs::read(bob.blobs.path(hash, mime)).unwrap(), bytes, "{mime}");
        let noted = bob.store.read(move |db| {
            let sql = "SELECT size, mime FROM blob WHERE hash = ?1";
            Ok(db.query_row(sql, [hash], |row| Ok((row.get::<_, usize>(0)?, row.get::<_, String>(1)?)))?)
        });
        assert_eq!(noted.await.unwrap(), (bytes.len(), mime.to_owned()));
    }
    assert!(!bob.blobs.path(long, "image/jpeg").exists(), "more than its bound");
    alice.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn blobs_that_nobody_has_do_not_keep_others_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let (mut alice, mut bob) = (party(1, &dir).await, party(2, &dir).await);
    let hash = alice.blobs.put(vec![1; 900], "image/jpeg").await.unwrap();
    alice.post(1, hash, 900, true).await;
    bob.post(1, hash, 900, false).await;
    // All of these are newer, and are asked for first.
    let id = bob.post(2, BlobHash::from_bytes([2; 32]), 900, false).await;
    let write = bob.store.write(Durability::Normal, move |tx| {
        for n in 0..600_u16 {
            let missing = BlobHash::from_bytes(*blake3::hash(&n.to_le_bytes()).as_bytes());
            tx.execute("INSERT INTO blob (hash, size, mime, wanted) VALUES (?1, 900, 'image/jpeg', 1)", [missing])?;
            tx.execute(
                "INSERT INTO blob_ref (hash, entry_row, thumb) SELECT ?1, row, 1 FROM entry
                 WHERE prefix = substr(?2, 1, 8) AND id = ?2",
                params![missing, id],
            )?;
        }
        Ok(())
    });
    write.await.unwrap();
    bob.net.dial(&alice.net.ticket()).await.unwrap();
    alice.joined().await;
    bob.joined().await;
    stored(&bob, hash).await;
    alice.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn a_fetch_goes_on_where_it_was_cut() {
    let dir = tempfile::tempdir().unwrap();
    let (mut alice, mut bob) = (party(1, &dir).await, party(2, &dir).await);
    let size = 64 * 1024 * 1024_usize;
    let bytes: Vec<u8> = (0..size).map(|n| n.to_le_bytes()[n % 3]).collect();
    let hash = alice.blobs.put(bytes.clone(), "image/jpeg").await.unwrap();
    alice.post(1, hash, size as u64, true).await;
    bob.post(1, hash, size as u64, false).await;
    bob.net.dial(&alice.net.ticket()).await.unwrap();
    bob.joined().await;
    let observed = bob.blobs.store().blobs().observe(iroh_hash(hash)).stream().await.unwrap();
    let mut observed = std::pin::pin!(observed);
    let mut before = 0;
    soon("a quarter", async {
        while before < size as u64 / 4 {
            observed.next().await.unwrap();
            before = bob.blobs.store().remote().local(iroh_hash(hash)).await.unwrap().local_bytes();
        }
    })
    .await;
    alice.net.pause().await;
    let (told, seen) = mpsc::channel(64);
    alice.seen = seen;
    alice.net.launch(|_, _, _| Toy { seen: told, conns: BTreeMap::new() }).await.unwrap();
    alice.joined().await;
    stored(&bob, hash).await;
    let peers = bob.net.peers().await;
    // Packets add some 3 %.
    let (whole, again) = ((size + size / 25) as u64, peers[0].bytes_in);
    assert!(
        again + before < whole + u64::from(CONNECTION_WINDOW_BYTES),
        "{before} bytes were here, {again} came again"
    );
    assert_eq!(std::fs::read(bob.blobs.path(hash, "image/jpeg")).unwrap(), bytes);
    alice.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn a_connection_that_only_serves_is_not_idle() {
    let dir = tempfile::tempdir().unwrap();
    let phone = NetConfig { role: Role::Phone, ..config(1, [127, 0, 0, 1], None) };
    let patience = Patience { idle_ms: 900, ..Patience::default() };
    let mut alice = party_of(phone, patience, Store::in_memory().unwrap(), dir.path()).await;
    let size = 6 * 1024 * 1024;
    let hash = alice.blobs.put(vec![1; size], "image/jpeg").await.unwrap();
    let entry = alice.post(1, hash, size as u64, true).await;
    // Four stay in any case; the fifth has to be of use.
    let mut others = Vec::new();
    for key in 10..14 {
        let endpoint = raw(key).await;
        others.push((shaken(&endpoint, &alice.net).await, endpoint));
        alice.joined().await;
    }
    let endpoint = raw(14).await;
    let (connection, _sync, _recv) = shaken(&endpoint, &alice.net).await;
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    for part in
        [&[BLOBS][..], entry.as_bytes(), hash.as_bytes(), &encoded(&Request::Get(GetRequest::blob(iroh_hash(hash))))]
    {
        send.write_all(part).await.unwrap();
    }
    send.finish().unwrap();
    // It reads for three times as long as nothing may be said.
    let mut often = tokio::time::interval(Duration::from_millis(100));
    let (mut came, start) = (0, tokio::time::Instant::now());
    let mut some = vec![0; 200 * 1024];
    while let Some(count) = soon("more", recv.read(&mut some)).await.unwrap() {
        came += count;
        often.tick().await;
    }
    assert!(came > size && start.elapsed() > Duration::from_millis(2_700), "{came} bytes in {:?}", start.elapsed());
    assert!(connection.close_reason().is_none());
    assert_eq!(close_code(&connection).await, Cause::Idle.code());
    alice.leave().await;
}

#[tokio::test]
async fn peers_are_shown_throughout_a_long_transfer() {
    let dir = tempfile::tempdir().unwrap();
    let (mut alice, mut bob) = (party(1, &dir).await, party(2, &dir).await);
    let size = 64 * 1024 * 1024_usize;
    let bytes: Vec<u8> = (0..size).map(|n| n.to_le_bytes()[n % 3]).collect();
    let hash = alice.blobs.put(bytes, "image/jpeg").await.unwrap();
    alice.post(1, hash, size as u64, true).await;
    bob.post(1, hash, size as u64, false).await;
    // Both dial at once, so that one connection takes the place of another during the transfer.
    let (to_alice, to_bob) = (alice.net.ticket(), bob.net.ticket());
    let (one, two) = tokio::join!(alice.net.dial(&to_bob), bob.net.dial(&to_alice));
    one.unwrap();
    two.unwrap();
    alice.joined().await;
    bob.joined().await;
    let mut often = tokio::time::interval(Duration::from_millis(1));
    let mut looks = 0;
    let watch = async {
        loop {
            often.tick().await;
            for (who, net, other) in [("Alice", &alice.net, &bob.net), ("Bob", &bob.net, &alice.net)] {
                let peers: Vec<NodeId> = net.peers().await.iter().map(|peer| peer.node).collect();
                assert_eq!(peers, [other.node_id()], "{who}, at look {looks}");
            }
            looks += 1;
        }
    };
    tokio::select! {
        () = stored(&bob, hash) => {}
        () = watch => {}
    }
    assert!(looks > 10, "{looks} looks only");
    alice.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn every_other_question_about_blobs_gets_the_same_answer() {
    let dir = tempfile::tempdir().unwrap();
    let mut alice = party(1, &dir).await;
    let hash = alice.blobs.put(vec![1; 40_000], "image/jpeg").await.unwrap();
    let unnamed = alice.blobs.put(vec![2; 40_000], "image/jpeg").await.unwrap();
    let entry = alice.post(1, hash, 40_000, true).await;
    let deleted = alice.post(2, hash, 40_000, true).await;
    let write = alice.store.write(Durability::Normal, move |tx| {
        tx.execute("INSERT INTO tombstone (target, author_row, entry_row) VALUES (?1, 1, 99)", [deleted])?;
        Ok(())
    });
    write.await.unwrap();
    let stranger = raw(7).await;
    let (connection, _sync, _recv) = shaken(&stranger, &alice.net).await;
    alice.joined().await;

    let get = |hash: BlobHash| encoded(&Request::Get(GetRequest::blob(iroh_hash(hash))));
    let asked = iroh_hash(hash);
    let seq = GetRequest::new(asked, ChunkRangesSeq::all());
    let observe = Request::Observe(ObserveRequest::new(asked));
    let many = Request::GetMany([asked].into_iter().collect::<GetManyRequest>());
    // A push says how long it is, then how much of which blob comes, then sends it.
    let body = get(hash).split_off(1);
    let push = [&[8, u8::try_from(body.len()).unwrap()][..], &body, &[7; 5_000]].concat();
    let nobody = EntryId::from_bytes([77; 32]);
    let refused = [
        ("unknown entry", nobody, hash, get(hash)),
        ("deleted entry", deleted, hash, get(hash)),
        ("blob that the entry does not name", entry, unnamed, get(unnamed)),
        ("other hash inside", entry, hash, get(unnamed)),
        ("unknown hash", entry, BlobHash::ZERO, get(BlobHash::ZERO)),
        ("sequence", entry, hash, encoded(&Request::Get(seq))),
        ("get_many", entry, hash, encoded(&many)),
        ("observe", entry, hash, encoded(&observe)),
        ("push", entry, hash, push),
        ("noise", entry, hash, vec![0xff; 40]),
    ];
    for (what, entry, hash, request) in refused {
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        let ask = async {
            send.write_all(&[BLOBS]).await?;
            send.write_all(entry.as_bytes()).await?;
            send.write_all(hash.as_bytes()).await?;
            send.write_all(&request).await
        };
        let _stopped_early = ask.await;
        let _stopped_early = send.finish();
        let answer = soon(what, recv.read_to_end(100_000)).await;
        assert!(matches!(answer, Err(ReadToEndError::Read(ReadError::Reset(code))) if code == NOT_HERE), "{what}");
    }
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    for part in [&[BLOBS][..], entry.as_bytes(), hash.as_bytes(), &get(hash)] {
        send.write_all(part).await.unwrap();
    }
    send.finish().unwrap();
    assert!(soon("the blob", recv.read_to_end(100_000)).await.unwrap().len() > 40_000);
    assert!(connection.close_reason().is_none());
    alice.leave().await;
}

/// Reads a question that a fetch asks over a connection: the entry, the hash, and the request of iroh-blobs.
async fn question(connection: &Connection) -> (SendStream, RecvStream) {
    let (send, mut recv) = soon("a question", connection.accept_bi()).await.unwrap();
    let asked = soon("its end", recv.read_to_end(10_000)).await.unwrap();
    assert_eq!(asked[0], BLOBS);
    (send, recv)
}

#[tokio::test]
async fn who_sends_other_bytes_is_let_go_of_and_asked_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let (mut alice, mut bob) = (party(1, &dir).await, party(2, &dir).await);
    let liar = raw(7).await;
    let first = alice.blobs.put(vec![1; 900], "image/jpeg").await.unwrap();
    let second = alice.blobs.put(vec![2; 900], "image/jpeg").await.unwrap();
    for (n, hash) in [(1, first), (2, second)] {
        alice.post(n, hash, 900, true).await;
    }
    bob.post(1, first, 900, false).await;
    let (connection, _send, _recv) = shaken(&liar, &bob.net).await;
    bob.joined().await;
    let (mut answer, _recv) = question(&connection).await;
    answer.write_all(&900_u64.to_le_bytes()).await.unwrap();
    answer.write_all(&[3; 900]).await.unwrap();
    assert_eq!(close_code(&connection).await, Cause::BadBlob.code());
    // It comes back, before anybody else.
    let (connection, _send, _recv) = shaken(&liar, &bob.net).await;
    bob.joined().await;
    bob.net.dial(&alice.net.ticket()).await.unwrap();
    stored(&bob, first).await;
    bob.post(2, second, 900, false).await;
    bob.net.blobs_wanted();
    stored(&bob, second).await;
    assert!(connection.accept_bi().now_or_never().is_none(), "it was asked again");
    alice.joined().await;
    alice.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn who_tells_another_size_or_says_nothing_holds_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    let mut alice = party(1, &dir).await;
    let patience = Patience { request_ms: 400, ..Patience::default() };
    let home = dir.path().join("bob");
    let mut bob = party_of(config(2, [127, 0, 0, 1], None), patience, Store::in_memory().unwrap(), &home).await;
    let mut hashes = Vec::new();
    for n in 1..=3 {
        let hash = alice.blobs.put(vec![n; 900], "image/jpeg").await.unwrap();
        alice.post(n, hash, 900, true).await;
        hashes.push(hash);
    }
    let idler = raw(8).await;
    let (lazy, _send, _recv) = shaken(&idler, &bob.net).await;
    bob.joined().await;
    bob.net.dial(&alice.net.ticket()).await.unwrap();
    alice.joined().await;
    // The oldest connection is asked first: it tells of 16 GiB.
    bob.post(1, hashes[0], 900, false).await;
    bob.net.blobs_wanted();
    let (mut answer, _recv) = question(&lazy).await;
    answer.write_all(&(1_u64 << 34).to_le_bytes()).await.unwrap();
    answer.write_all(&[1; 900]).await.unwrap();
    stored(&bob, hashes[0]).await;
    assert!(lazy.close_reason().is_none(), "the entry may be what is wrong");
    // Then it says nothing at all.
    bob.post(2, hashes[1], 900, false).await;
    bob.net.blobs_wanted();
    let _silence = question(&lazy).await;
    stored(&bob, hashes[1]).await;
    // From then on it comes last.
    bob.post(3, hashes[2], 900, false).await;
    bob.net.blobs_wanted();
    stored(&bob, hashes[2]).await;
    assert!(lazy.accept_bi().now_or_never().is_none(), "it was asked first again");
    alice.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn who_sends_drop_by_drop_loses_its_turn_and_what_came_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut alice = party(1, &dir).await;
    let patience = Patience { turn_ms: 1_500, ..Patience::default() };
    let home = dir.path().join("bob");
    let mut bob = party_of(config(2, [127, 0, 0, 1], None), patience, Store::in_memory().unwrap(), &home).await;
    let size = 8 * 1024 * 1024_usize;
    let bytes: Vec<u8> = (0..size).map(|n| n.to_le_bytes()[n % 3]).collect();
    let hash = alice.blobs.put(bytes.clone(), "image/jpeg").await.unwrap();
    alice.post(1, hash, size as u64, true).await;
    let encoded = alice.blobs.store().blobs().export_bao(iroh_hash(hash), ChunkRanges::all()).bao_to_vec();
    let encoded = encoded.await.unwrap();
    assert!(encoded.len() > size);
    let dripper = raw(8).await;
    let (slow, _send, _recv) = shaken(&dripper, &bob.net).await;
    bob.joined().await;
    bob.net.dial(&alice.net.ticket()).await.unwrap();
    alice.joined().await;
    bob.post(1, hash, size as u64, false).await;
    bob.net.blobs_wanted();
    let (mut answer, _recv) = question(&slow).await;
    // A part at once, then ever less than is asked of a turn.
    let (part, rest) = encoded.split_at(size / 2);
    answer.write_all(part).await.unwrap();
    let mut often = tokio::time::interval(Duration::from_millis(100));
    let dripping = async {
        for drop in rest.chunks(16 * 1024) {
            often.tick().await;
            if answer.write_all(drop).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(dripping, stored(&bob, hash));
    assert_eq!(std::fs::read(bob.blobs.path(hash, "image/jpeg")).unwrap(), bytes);
    let honest = bob.net.peers().await.into_iter().find(|peer| peer.node == alice.net.node_id()).unwrap();
    let came = honest.bytes_in;
    assert!(came > 1024 * 1024 && came < (size - size / 4) as u64, "{came} bytes came from Alice");
    alice.leave().await;
    bob.leave().await;
}

/// Three peers that each ask for a large file as often as they may, and read nothing of it.
async fn who_take_nothing(alice: &mut Party) -> Vec<(Vec<RecvStream>, Endpoint, Connection, SendStream, RecvStream)> {
    let size = 6 * 1024 * 1024;
    let large = alice.blobs.put(vec![1; size], "image/jpeg").await.unwrap();
    let entry = alice.post(1, large, size as u64, true).await;
    let get = encoded(&Request::Get(GetRequest::blob(iroh_hash(large))));
    let mut held = Vec::new();
    for key in 10..13 {
        let endpoint = raw(key).await;
        let (connection, sync, recv) = shaken(&endpoint, &alice.net).await;
        alice.joined().await;
        let mut streams = Vec::new();
        for _ in 0..crate::limits::STREAMS_PER_PEER - 1 {
            let (mut send, recv) = connection.open_bi().await.unwrap();
            for part in [&[BLOBS][..], entry.as_bytes(), large.as_bytes(), &get] {
                send.write_all(part).await.unwrap();
            }
            send.finish().unwrap();
            streams.push(recv);
        }
        held.push((streams, endpoint, connection, sync, recv));
    }
    held
}

#[tokio::test]
async fn others_are_served_while_some_take_nothing() {
    let dir = tempfile::tempdir().unwrap();
    // Nobody loses a place in this test.
    let patience = Patience { request_ms: 600_000, ..Patience::default() };
    let home = dir.path().join("alice");
    let mut alice = party_of(config(1, [127, 0, 0, 1], None), patience, Store::in_memory().unwrap(), &home).await;
    let mut held = who_take_nothing(&mut alice).await;
    let small = alice.blobs.put(vec![2; 900], "image/jpeg").await.unwrap();
    alice.post(2, small, 900, true).await;
    let mut bob = party(2, &dir).await;
    bob.post(2, small, 900, false).await;
    bob.net.dial(&alice.net.ticket()).await.unwrap();
    bob.joined().await;
    stored(&bob, small).await;
    let lost = held.iter_mut().flat_map(|(streams, ..)| streams).any(|it| it.received_reset().now_or_never().is_some());
    assert!(!lost, "a place was lost meanwhile");
    bob.leave().await;
    alice.leave().await;
}

#[tokio::test]
async fn who_takes_nothing_loses_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let patience = Patience { request_ms: 2_000, ..Patience::default() };
    let home = dir.path().join("alice");
    let mut alice = party_of(config(1, [127, 0, 0, 1], None), patience, Store::in_memory().unwrap(), &home).await;
    let mut held = who_take_nothing(&mut alice).await;
    // None of the streams is read: each loses its place in turn, so that the next one is served.
    for stream in held[0].0.iter_mut().take(4) {
        assert_eq!(soon("a reset", stream.received_reset()).await.unwrap(), Some(REFUSED));
    }
    alice.leave().await;
}

#[tokio::test]
async fn who_takes_drop_by_drop_loses_its_place_and_who_takes_quickly_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("alice");
    let patience = Patience { turn_ms: 1_500, ..Patience::default() };
    let mut alice = party_of(config(1, [127, 0, 0, 1], None), patience, Store::in_memory().unwrap(), &home).await;
    let size = 8 * 1024 * 1024;
    let hash = alice.blobs.put(vec![1; size], "image/jpeg").await.unwrap();
    let entry = alice.post(1, hash, size as u64, true).await;
    let get = encoded(&Request::Get(GetRequest::blob(iroh_hash(hash))));
    let endpoint = raw(10).await;
    let (connection, _sync, _recv) = shaken(&endpoint, &alice.net).await;
    alice.joined().await;
    let asked = async || {
        let (mut send, recv) = connection.open_bi().await.unwrap();
        for part in [&[BLOBS][..], entry.as_bytes(), hash.as_bytes(), &get] {
            send.write_all(part).await.unwrap();
        }
        send.finish().unwrap();
        recv
    };
    // Far more often than nothing may move, and ever less than is asked of a turn.
    let mut slow = asked().await;
    let mut often = tokio::time::interval(Duration::from_millis(50));
    let mut some = vec![0; 2 * 1024];
    let (mut came, start) = (0, tokio::time::Instant::now());
    let end = loop {
        often.tick().await;
        match soon("a drop", slow.read(&mut some)).await {
            Ok(Some(count)) => came += count,
            end => break end,
        }
        assert!(start.elapsed() < SOON, "it still has its place");
    };
    assert!(matches!(end, Err(ReadError::Reset(code)) if code == REFUSED), "{end:?}");
    assert!(came < size, "{came}");
    let mut quick = asked().await;
    assert!(soon("the blob", quick.read_to_end(2 * size)).await.unwrap().len() > size);
    assert!(connection.close_reason().is_none());
    alice.leave().await;
}

/// A request as iroh-blobs writes it: the number of its kind, then the body.
pub(super) fn encoded(request: &Request) -> Vec<u8> {
    postcard::to_allocvec(request).unwrap()
}
