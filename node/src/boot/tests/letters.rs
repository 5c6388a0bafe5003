//! Messages of which one can't be sealed, or taken in: the others go on.

use ed25519_dalek::SigningKey;
use rusqlite::params;

use super::*;
use crate::clock::{Clock, SystemClock};
use crate::crypto::{Envelope, Slots};
use crate::entry::{Entry, Header, SealedBody, Unverified, sign};
use crate::gate::{Notes, Origin};
use crate::id::{DeviceKey, EntryId, PersonaId, ThreadId};
use crate::limits::{self, DAY_S};
use crate::thread::MessageDraft;

async fn flush(node: &Node) {
    for _ in 0..3 {
        node.inner().gate().unwrap().flush(1).await.unwrap();
    }
}

async fn dm(node: &Node, from: PersonaId, to: PersonaId, text: &str) -> ThreadId {
    let draft = MessageDraft { text: text.to_owned(), ..MessageDraft::default() };
    node.dm(Some(from), vec![to], draft).await.unwrap().thread
}

/// Texts that one of two has in their thread.
async fn texts(node: &Node, thread: ThreadId, of: PersonaId) -> i64 {
    let sql =
        "SELECT count(*) FROM message JOIN thread ON thread.row = thread_row JOIN author ON author.row = author_row
               WHERE thread.id = ?1 AND author.id = ?2";
    let read = node.inner().store.read(move |db| Ok(db.query_row(sql, params![thread, of], |row| row.get(0))?));
    read.await.unwrap()
}

async fn sql(node: &Node, sql: &'static str, persona: PersonaId) -> usize {
    node.inner().store.write(Durability::Normal, move |tx| Ok(tx.execute(sql, [persona])?)).await.unwrap()
}

/// Alice, Bob and Carol of one device, who have written to each other.
async fn three(dir: &Path) -> (Node, [PersonaId; 3], [ThreadId; 2]) {
    let node = opened(dir, LOOPBACK);
    let mut all = Vec::new();
    for name in ["Alice", "Bob", "Carol"] {
        all.push(node.create_persona(name).await.unwrap());
    }
    flush(&node).await;
    node.inner().gate().unwrap().release().await.unwrap();
    let [alice, bob, carol] = all[..] else { panic!("three") };
    let threads = [dm(&node, alice, bob, "hello").await, dm(&node, alice, carol, "hello").await];
    flush(&node).await;
    for (thread, other) in threads.into_iter().zip([bob, carol]) {
        dm(&node, other, alice, "yes").await;
        flush(&node).await;
        assert_eq!((texts(&node, thread, alice).await, texts(&node, thread, other).await), (2, 2));
    }
    (node, [alice, bob, carol], threads)
}

#[tokio::test]
async fn a_message_that_can_not_be_sealed_keeps_no_other_back() {
    let dir = tempfile::tempdir().unwrap();
    let (node, [alice, bob, carol], threads) = three(dir.path()).await;
    let damage = "UPDATE session SET state = x'07' WHERE peer_row = (SELECT row FROM author WHERE id = ?1)";
    assert!(sql(&node, damage, bob).await > 0);
    dm(&node, alice, bob, "lost").await;
    dm(&node, alice, carol, "found").await;
    flush(&node).await;
    assert_eq!((texts(&node, threads[0], bob).await, texts(&node, threads[1], carol).await), (2, 3));
    let tried = node.inner().store.read(|db| {
        let sql = "SELECT count(*) FROM outbox JOIN author ON author.row = peer_row WHERE name = 'Bob' AND tries > 0";
        Ok(db.query_row(sql, [], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(tried.await.unwrap(), 1, "it is tried again, later");
    node.shutdown().await;
}

#[tokio::test]
async fn a_message_that_can_not_be_taken_in_keeps_no_other_out() {
    let dir = tempfile::tempdir().unwrap();
    let (node, [alice, bob, carol], threads) = three(dir.path()).await;
    // Bob's side alone.
    let damage = "UPDATE session SET state = x'07' WHERE author_row = (SELECT row FROM author WHERE id = ?1)";
    assert!(sql(&node, damage, bob).await > 0);
    dm(&node, alice, bob, "lost").await;
    dm(&node, alice, carol, "found").await;
    flush(&node).await;
    assert_eq!((texts(&node, threads[0], bob).await, texts(&node, threads[1], carol).await), (2, 3));
    let mail =
        node.inner().store.read(|db| Ok(db.query_row("SELECT count(*) FROM mail", [], |row| row.get::<_, i64>(0))?));
    assert!(mail.await.unwrap() >= 6, "others get it all the same");
    node.shutdown().await;
}

/// First messages for keys of others, for which no work was done.
fn noise(count: u32) -> Vec<Unverified<Entry>> {
    let day = u32::try_from(SystemClock.unix_s() / DAY_S).unwrap();
    let one = |n: u32| {
        let key = SigningKey::from_bytes(blake3::hash(&n.to_le_bytes()).as_bytes());
        let header = Header::one_time(DeviceKey::from(&key.verifying_key()), day, Vec::new());
        let envelope = Envelope { slots: Slots::Intro(vec![[7; 80]]), ciphertext: vec![1; 1_024] };
        let expires_day = u16::try_from(day).unwrap() + 20;
        let body =
            SealedBody { route: 1, proof: None, expires_day, envelope, blobs: Vec::new(), work: 0, comment_key: None };
        sign(&key, header, body.encode([5; 16]))
    };
    (0..count).map(one).collect()
}

#[tokio::test]
async fn first_messages_without_work_keep_no_other_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path(), LOOPBACK);
    for name in ["Alice", "Bob"] {
        node.create_persona(name).await.unwrap();
    }
    flush(&node).await;
    let gate = node.inner().gate().unwrap();
    let by = Origin::Peer(1, crate::id::NodeId::from_bytes([1; 32]));
    assert_eq!(gate.submit(by, noise(300)).await.unwrap().refused, []);
    let untried = || async {
        let sql = "SELECT count(*) FROM mail WHERE untried = 1";
        node.inner().store.read(move |db| Ok(db.query_row(sql, [], |row| row.get::<_, i64>(0))?)).await.unwrap()
    };
    assert_eq!(untried().await, 300);
    gate.flush(1).await.unwrap();
    assert_eq!(untried().await, 0, "all in one go");
    node.shutdown().await;
}

#[tokio::test]
async fn a_copy_of_a_tag_that_came_first_keeps_no_message_closed() {
    let dir = tempfile::tempdir().unwrap();
    let (node, [alice, bob, _], threads) = three(dir.path()).await;
    // A message comes before its session expects it, and behind somebody's copy of its tags.
    let hide = "CREATE TABLE hidden AS SELECT * FROM session_tag; DELETE FROM session_tag";
    let batch = |sql: &'static str| node.inner().store.write(Durability::Normal, move |tx| Ok(tx.execute_batch(sql)?));
    batch(hide).await.unwrap();
    dm(&node, alice, bob, "early").await;
    flush(&node).await;
    assert_eq!(texts(&node, threads[0], bob).await, 2);
    batch(
        "INSERT OR IGNORE INTO mail_tag (tag, entry_row)
            SELECT tag, (SELECT min(entry_row) FROM mail) FROM mail_tag WHERE entry_row = (SELECT max(entry_row) FROM mail);
         INSERT OR REPLACE INTO session_tag SELECT * FROM hidden; DROP TABLE hidden",
    )
    .await
    .unwrap();
    dm(&node, alice, bob, "in time").await;
    flush(&node).await;
    assert_eq!(texts(&node, threads[0], bob).await, 4);
    node.shutdown().await;
}

#[tokio::test]
async fn a_first_message_that_comes_again_closes_no_session() {
    let dir = tempfile::tempdir().unwrap();
    let (node, [alice, bob, _], threads) = three(dir.path()).await;
    let first = node.inner().store.read(|db| {
        let mut statement = db.prepare("SELECT entry_row FROM mail ORDER BY entry_row")?;
        let rows: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mail = rows.into_iter().map(|row| Ok((row, mail::read(db, row)?))).collect::<Result<Vec<_>>>()?;
        let is_first = |sealed: &SealedBody| matches!(sealed.envelope.slots, Slots::Intro(_));
        Ok(mail.into_iter().filter(|(_, (_, sealed))| is_first(sealed)).map(|(row, (entry, _))| (row, entry)).collect())
    });
    let first: Vec<(i64, Entry)> = first.await.unwrap();
    assert!(first.len() >= 2);
    // Their sessions are given up, and others take their place.
    let give_up = node.inner().store.write(Durability::Normal, |tx| {
        Ok(tx.execute_batch(
            "DELETE FROM session; DELETE FROM session_tag; UPDATE outbox SET session_row = 0, number = 0, due_ms = 0",
        )?)
    });
    give_up.await.unwrap();
    for (from, to) in [(alice, bob), (bob, alice)] {
        dm(&node, from, to, "in the next session").await;
        flush(&node).await;
    }
    assert_eq!((texts(&node, threads[0], alice).await, texts(&node, threads[0], bob).await), (4, 4));
    let sessions = || async {
        let read = node.inner().store.read(|db| {
            let mut statement = db.prepare("SELECT state FROM session ORDER BY row")?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<Vec<u8>>>>()?)
        });
        read.await.unwrap()
    };
    let before = sessions().await;

    // The mail gave way; somebody kept it, and brings it again.
    let rows: Vec<i64> = first.iter().map(|(row, _)| *row).collect();
    let gave_way = node.inner().store.write(Durability::Normal, move |tx| {
        rows.iter().try_for_each(|row| mail::remove(tx, &mut Notes::default(), *row))
    });
    gave_way.await.unwrap();
    let kept: Vec<_> = first.into_iter().map(|(_, entry)| Unverified(entry)).collect();
    let by = Origin::Peer(1, crate::id::NodeId::from_bytes([1; 32]));
    let outcome = node.inner().gate().unwrap().submit(by, kept.clone()).await.unwrap();
    assert_eq!((outcome.refused, outcome.applied.len()), (Vec::new(), kept.len()), "it is mail as any other");
    flush(&node).await;
    assert!(sessions().await == before, "an old beginning changed a session");
    dm(&node, alice, bob, "goes on").await;
    flush(&node).await;
    assert_eq!((texts(&node, threads[0], bob).await, sessions().await.len()), (5, before.len()));
    node.shutdown().await;
}

#[tokio::test]
async fn strangers_make_nobody_forget_what_friends_opened_and_all_of_it_has_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let (node, [alice, bob, _], _) = three(dir.path()).await;
    let write = node.inner().store.write(Durability::Normal, move |tx| {
        tx.execute("DELETE FROM first_opened", [])?;
        let own_row = crate::author::row(tx, alice)?;
        let id = |number: u32| EntryId::from_bytes(*blake3::hash(&number.to_le_bytes()).as_bytes());
        let day = |day: u64| i64::try_from(day * DAY_S * 1_000).unwrap();
        let new = |from, number, now_ms| thread::is_first_time(tx, (own_row, from), (id(number), 100), now_ms);
        assert!(new(bob, 0, day(90))? && !new(bob, 0, day(100))?);
        let stranger = PersonaId::from_bytes([9; 32]);
        let most = u32::try_from(limits::FIRST_OPENED).unwrap();
        for number in 1..=most + 1 {
            assert!(new(stranger, number, day(90))?);
        }
        assert!(!new(bob, 0, day(90))? && !new(stranger, most, day(90))?);
        assert!(new(stranger, 1, day(90))?, "the oldest of theirs made room");
        let count = "SELECT count(*) FROM first_opened";
        assert_eq!(tx.query_row(count, [], |row| row.get::<_, i64>(0))?, limits::FIRST_OPENED + 1);
        // No entry of that day is taken in any more.
        assert!(new(bob, 1, day(101))?);
        assert_eq!(tx.query_row(count, [], |row| row.get::<_, i64>(0))?, 1);
        Ok(())
    });
    write.await.unwrap();
    node.shutdown().await;
}
