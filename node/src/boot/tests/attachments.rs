//! Sealed files on one device: when they leave, who keeps them, and when they go. Both personas live here, and the gate
//! is asked as the network would.

use super::*;
use crate::apply;
use crate::id::{EntryId, NodeId, PersonaId, ThreadId};
use crate::sync::{Direction, holds};
use crate::thread::MessageDraft;
use crate::view::AttachmentView;

async fn count(node: &Node, sql: &'static str) -> i64 {
    node.inner().store.read(move |db| Ok(db.query_row(sql, [], |row| row.get(0))?)).await.unwrap()
}

async fn flush(node: &Node, peers: usize) {
    node.inner().gate().unwrap().flush(peers).await.unwrap();
}

/// A peer took these files.
async fn took(node: &Node, peer: u8, files: &[BlobHash]) {
    let files: Vec<EntryId> = files.iter().map(|file| EntryId::from_bytes(file.to_bytes())).collect();
    let note = node
        .inner()
        .store
        .write(Durability::Normal, move |tx| holds(tx, NodeId::from_bytes([peer; 32]), &files, Direction::Out, 1));
    note.await.unwrap();
}

fn files(dir: &Path) -> usize {
    std::fs::read_dir(dir.join("media")).unwrap().count()
}

async fn attachments(node: &Node, thread: ThreadId) -> Vec<AttachmentView> {
    node.messages(thread, 10, None).await.unwrap().into_iter().flat_map(|message| message.attachments).collect()
}

/// Alice and Bob of one device, whose keys are published.
async fn two_personas(dir: &Path) -> (Node, PersonaId, PersonaId) {
    let node = opened(dir, LOOPBACK);
    let alice = node.create_persona("Alice").await.unwrap();
    let bob = node.create_persona("Bob").await.unwrap();
    flush(&node, 2).await;
    node.inner().gate().unwrap().release().await.unwrap();
    (node, alice, bob)
}

#[tokio::test]
async fn a_message_waits_for_its_files_and_they_go_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (node, alice, bob) = two_personas(dir.path()).await;
    let staged = node.stage_sealed(picture(), Some("/tmp/photo.jpg")).await.unwrap();
    assert_eq!((staged.width, staged.mime.as_str(), &staged.name), (800, "image/jpeg", &None), "made anew");
    let thumb = staged.thumb.unwrap();
    assert_eq!(node.blob(thumb).await.unwrap().mime, "image/jpeg", "shown before it is sent");
    sweep_once(&node).await.unwrap();
    assert_eq!(files(dir.path()), 2, "staged");
    for file in std::fs::read_dir(dir.path().join("media")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(image::guess_format(&bytes).is_err(), "sealed");
    }

    let attachments_of = vec![Attach { staged: staged.hash, alt: Some("a cat".to_owned()) }];
    let draft = MessageDraft { attachments: attachments_of, ..MessageDraft::default() };
    let thread = node.dm(Some(alice), vec![bob], draft).await.unwrap().thread;
    assert!(!node.inner().is_staged(staged.hash));
    // First the entry that names the files leaves, alone.
    let left = "SELECT count(*) FROM mail";
    flush(&node, 3).await;
    assert_eq!(count(&node, left).await, 1);
    assert_eq!(count(&node, "SELECT count(*) FROM blob_ref WHERE entry_row > 0").await, 2);
    for (peer, files) in [(1, &[staged.hash, thumb][..]), (2, &[staged.hash])] {
        took(&node, peer, files).await;
        flush(&node, 3).await;
        assert_eq!(count(&node, left).await, 1, "peer {peer}");
    }
    took(&node, 2, &[thumb]).await;
    flush(&node, 3).await;
    assert_eq!(count(&node, left).await, 2, "two carriers have all of it");
    assert_eq!(count(&node, "SELECT count(*) FROM parcel").await, 0);

    // Bob is asked first: nothing of a request is kept or opened.
    flush(&node, 3).await;
    let held = "SELECT count(*) FROM blob_ref WHERE entry_row < 0";
    assert_eq!(node.threads(Some(bob), true).await.unwrap().len(), 1);
    assert_eq!(count(&node, held).await, 2, "Alice's alone");
    node.accept_request(None, thread).await.unwrap();
    assert_eq!(count(&node, held).await, 4);
    sweep_once(&node).await.unwrap();
    let shown = attachments(&node, thread).await;
    assert_eq!((shown.len(), shown[0].alt.as_deref(), shown[0].path.as_ref()), (1, Some("a cat"), None));
    assert!(shown[0].here);
    let blob = node.blob(shown[0].hash).await.unwrap();
    assert_eq!((blob.size, blob.path()), (shown[0].size, None));

    // Taken back, nothing opens it any more; what carries it for others goes when it expires.
    let message = node.messages(thread, 10, None).await.unwrap()[0].id;
    node.delete_message(thread, message).await.unwrap();
    for _ in 0..3 {
        flush(&node, 3).await;
    }
    assert_eq!(count(&node, held).await, 0);
    assert_eq!(count(&node, "SELECT count(*) FROM blob_ref WHERE key IS NOT NULL").await, 0);
    assert!(attachments(&node, thread).await.is_empty());
    sweep_once(&node).await.unwrap();
    assert!(matches!(node.blob(staged.hash).await, Err(Error::NotFound { .. })), "there, and closed");
    assert_eq!(files(dir.path()), 2);
    let then_s = i64::try_from(node.inner().clock.unix_s()).unwrap() + 32 * 86_400;
    let swept = node.inner().store.write(Durability::Normal, move |tx| apply::sweep(tx, then_s));
    assert_eq!(swept.await.unwrap().blobs_dropped.len(), 2);
    sweep_once(&node).await.unwrap();
    assert_eq!(files(dir.path()), 0);
    assert_eq!(count(&node, "SELECT count(*) FROM blob").await, 0);
    node.shutdown().await;
}

#[tokio::test]
async fn what_is_written_after_a_file_waits_for_it_and_not_for_long() {
    let dir = tempfile::tempdir().unwrap();
    let (node, alice, bob) = two_personas(dir.path()).await;
    let carol = node.create_persona("Carol").await.unwrap();
    flush(&node, 3).await;
    let staged = node.stage_sealed(b"%PDF-1.7 and so on".to_vec(), Some("plan.pdf")).await.unwrap();
    let attachments = vec![Attach { staged: staged.hash, alt: None }];
    let with_file = MessageDraft { attachments, ..MessageDraft::default() };
    let thread = node.dm(Some(alice), vec![bob], with_file).await.unwrap().thread;
    let text = |text: &str| MessageDraft { text: text.to_owned(), ..MessageDraft::default() };
    node.send(Some(alice), thread, text("after it")).await.unwrap();
    node.dm(Some(alice), vec![carol], text("to somebody else")).await.unwrap();

    let (left, sealed) = ("SELECT count(*) FROM mail", "SELECT count(*) FROM outbox WHERE number > 0");
    let gate = node.inner().gate().unwrap();
    let next_ms = gate.flush(3).await.unwrap().unwrap();
    assert_eq!((count(&node, left).await, count(&node, sealed).await), (2, 1), "the files, and what Carol gets");
    let least_ms = crate::limits::PARCEL_WAIT_MS.cast_unsigned() / 2;
    assert!((least_ms..=2 * least_ms + 100).contains(&next_ms), "{next_ms}");
    // One has them: another one may, unseen.
    took(&node, 1, &[staged.hash]).await;
    gate.flush(3).await.unwrap();
    let next_ms = gate.flush(3).await.unwrap().unwrap();
    assert!(next_ms <= crate::limits::PARCEL_MORE_MS.cast_unsigned(), "{next_ms}");
    assert_eq!(count(&node, sealed).await, 1);
    let over = node.inner().store.write(Durability::Normal, |tx| {
        tx.execute("UPDATE parcel SET until_ms = 1", [])?;
        Ok(())
    });
    over.await.unwrap();
    flush(&node, 3).await;
    assert_eq!(count(&node, "SELECT count(*) FROM parcel").await, 0);
    let order = "SELECT count(*) FROM outbox AS a JOIN outbox AS b ON a.peer_row = b.peer_row AND a.row < b.row
        WHERE a.number > 0 AND a.number < b.number";
    assert_eq!((count(&node, sealed).await, count(&node, order).await), (3, 1), "both, the file first");
    node.shutdown().await;
}

#[tokio::test]
async fn notes_keep_their_files_and_expire_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let (node, alice, _) = two_personas(dir.path()).await;
    let staged = node.stage_sealed(b"%PDF-1.7 and so on".to_vec(), Some("plan.pdf")).await.unwrap();
    let draft =
        MessageDraft { attachments: vec![Attach { staged: staged.hash, alt: None }], ..MessageDraft::default() };
    let thread = node.dm(Some(alice), vec![alice], draft.clone()).await.unwrap().thread;
    assert_eq!(count(&node, "SELECT count(*) FROM parcel").await, 0, "it goes nowhere");
    sweep_once(&node).await.unwrap();
    let blob = node.blob(staged.hash).await.unwrap();
    assert_eq!((blob.mime.as_str(), blob.name.as_deref()), ("application/pdf", Some("plan.pdf")));
    let mut bytes = Vec::new();
    blob.open().unwrap().copy_to(&mut bytes).unwrap();
    assert_eq!(bytes, b"%PDF-1.7 and so on");
    assert!(matches!(node.dm(Some(alice), vec![alice], draft).await, Err(Error::NotFound { .. })), "it is used up");
    let empty = node.dm(Some(alice), vec![alice], MessageDraft::default()).await;
    assert!(matches!(empty, Err(Error::BadInput(_))));

    let message = node.messages(thread, 10, None).await.unwrap()[0].id;
    node.edit_message(thread, message, "").await.unwrap();
    let write = node.inner().store.write(Durability::Normal, |tx| {
        tx.execute("UPDATE message SET expires_ms = 1", [])?;
        apply::sweep(tx, 1_000)
    });
    assert_eq!(write.await.unwrap().blobs_dropped, [staged.hash]);
    sweep_once(&node).await.unwrap();
    assert_eq!(files(dir.path()), 0);
    node.shutdown().await;
}

#[tokio::test]
async fn only_what_is_no_picture_goes_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path(), LOOPBACK);
    let mut damaged = picture();
    damaged.truncate(300);
    assert!(matches!(node.stage_sealed(damaged, Some("a.jpg")).await, Err(Error::Picture(_))));
    for wrong in [Vec::new(), vec![7; crate::limits::ATTACHED_FILE_BYTES + 1]] {
        assert!(matches!(node.stage_sealed(wrong, None).await, Err(Error::BadInput(_))));
    }
    let page = node.stage_sealed(b"<script>alert(1)</script>".to_vec(), Some("x.html")).await.unwrap();
    assert_eq!(page.mime, "application/octet-stream");
    node.shutdown().await;
}

#[tokio::test]
async fn a_staged_picture_is_stored_as_its_post_needs_it() {
    let dir = tempfile::tempdir().unwrap();
    let (node, alice, _) = two_personas(dir.path()).await;
    let circle = node.create_circle(Some(alice), "Close").await.unwrap();
    let plain = node.stage_picture(picture()).await.unwrap();
    let attachments = vec![Attach { staged: plain.hash, alt: None }];
    let draft = PostDraft { persona: Some(alice), attachments, circles: vec![circle], ..PostDraft::default() };
    let post = node.post(draft).await.unwrap();
    sweep_once(&node).await.unwrap();
    let shown = node.show(post).await.unwrap().post.attachments;
    assert_eq!((shown.len(), shown[0].here, shown[0].path.as_ref()), (1, true, None));
    assert!(node.blob(shown[0].hash).await.unwrap().is_sealed());
    assert_eq!(shown[0].hash, plain.hash, "as it was staged");
    assert_eq!(files(dir.path()), 2);
    // Its edit names them as well, and it is deleted with both.
    node.edit(None, post, "a cat").await.unwrap();
    assert_eq!(count(&node, "SELECT count(*) FROM blob_ref WHERE key IS NOT NULL").await, 4);
    node.delete(None, post).await.unwrap();
    sweep_once(&node).await.unwrap();
    assert_eq!(files(dir.path()), 0);

    let sealed = node.stage_sealed(picture(), None).await.unwrap();
    let attachments = vec![Attach { staged: sealed.hash, alt: None }];
    let post = node.post(PostDraft { persona: Some(alice), attachments, ..PostDraft::default() }).await.unwrap();
    sweep_once(&node).await.unwrap();
    assert!(node.show(post).await.unwrap().post.attachments[0].path.is_some());
    assert_eq!(files(dir.path()), 2);
    node.shutdown().await;
}
