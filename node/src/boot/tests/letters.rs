//! Messages of which one can't be sealed, or taken in: the others go on.

use rusqlite::params;

use super::*;
use crate::id::{PersonaId, ThreadId};
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
