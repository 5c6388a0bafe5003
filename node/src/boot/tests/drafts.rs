//! A post that is being written, over the end of its node.

use super::*;
use crate::entry::Card;
use crate::node::{Begun, Waiting, Writing};

#[tokio::test]
async fn a_draft_comes_back_whole_after_a_restart_and_its_files_go_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let keys: Arc<dyn Keystore> = Arc::new(MemoryKeystore::default());
    let open = || Node::open(config(dir.path(), LOOPBACK), Arc::clone(&keys)).unwrap();
    let node = open();
    let alice = node.create_persona("Alice").await.unwrap();
    let family = node.create_circle(None, "Family").await.unwrap();
    let first = node.stage_picture(picture()).await.unwrap();
    let second = node.stage_sealed(b"%PDF-1.7".to_vec(), Some("plan.pdf")).await.unwrap();
    let begun = Writing {
        persona: Some(alice),
        text: "Fog".to_owned(),
        cw: Some("weather".to_owned()),
        audience: Some(vec![family]),
        files: vec![(second.clone(), String::new()), (first.clone(), "Two masts".to_owned())],
        card: Some(Card { url: "https://example.org/".to_owned(), picture: Some(first.hash), ..Card::default() }),
        quote: Some(crate::id::EntryId::from_bytes([7; 32])),
        ..Writing::default()
    };
    node.keep_begun(begun.clone()).await.unwrap();
    node.shutdown().await;

    let node = open();
    sweep_once(&node).await.unwrap();
    let found = node.begun().await.unwrap();
    assert_eq!((&found.writing, found.lost), (&begun, 0), "files, their order and descriptions too");
    assert_eq!(node.blob(second.hash).await.unwrap().name.as_deref(), Some("plan.pdf"), "it opens");
    // A file that the draft holds no longer goes, and one that was lost is told of.
    node.discard_staged(second.hash);
    sweep_once(&node).await.unwrap();
    let found = node.begun().await.unwrap();
    assert_eq!((found.writing.files.len(), found.lost), (1, 1));
    assert_eq!(found.writing.files[0].1, "Two masts");
    node.keep_begun(found.writing).await.unwrap();
    node.keep_begun(Writing::default()).await.unwrap();
    node.shutdown().await;

    let node = open();
    sweep_once(&node).await.unwrap();
    assert_eq!(node.begun().await.unwrap(), Begun::default());
    assert_eq!(std::fs::read_dir(dir.path().join("media")).unwrap().count(), 0, "nothing of it is left");
    node.shutdown().await;
}

/// Long enough that it never ends in a test.
const LONG: Duration = Duration::from_secs(10);

fn said(text: &str) -> Writing {
    Writing { text: text.to_owned(), audience: Some(Vec::new()), ..Writing::default() }
}

async fn waits(node: &Node) -> Option<Waiting> {
    node.outgoing().await.unwrap().waiting
}

async fn posts(node: &Node) -> Vec<String> {
    let query = FeedQuery { limit: 10, ..FeedQuery::default() };
    node.feed(query).await.unwrap().into_iter().map(|post| post.text).collect()
}

#[tokio::test]
async fn a_post_is_taken_back_before_it_is_signed_and_goes_once_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path(), LOOPBACK);
    node.create_persona("Alice").await.unwrap();
    let signed = |node: &Node| {
        let node = node.clone();
        async move {
            let count =
                |db: &rusqlite::Connection| Ok(db.query_row("SELECT count(*) FROM post", [], |row| row.get(0))?);
            node.inner().store.read(count).await.map(|count: i64| count).unwrap()
        }
    };
    let staged = node.stage_picture(picture()).await.unwrap();
    let first = Writing {
        files: vec![(staged.clone(), "Two masts".to_owned())],
        cw: Some("weather".to_owned()),
        ..said("Fog")
    };
    node.keep_begun(first.clone()).await.unwrap();
    node.post_after(first.clone(), LONG).await.unwrap();
    assert_eq!(node.begun().await.unwrap(), Begun::default(), "there is room for the next");
    let id = waits(&node).await.unwrap().id;
    assert!(posts(&node).await.is_empty() && signed(&node).await == 0, "nothing is signed");
    sweep_once(&node).await.unwrap();
    node.keep_begun(said("And rain")).await.unwrap();
    assert!(node.take_post_back(id).await.unwrap());
    assert!(!node.take_post_back(id).await.unwrap(), "once");
    let found = node.begun().await.unwrap();
    assert_eq!((found.writing.text.as_str(), found.lost), ("Fog\n\nAnd rain", 0));
    assert_eq!((&found.writing.files, &found.writing.cw), (&first.files, &first.cw));
    assert!(posts(&node).await.is_empty() && signed(&node).await == 0);

    // The next one sends the one before; time sends it; an orderly end does.
    node.post_after(found.writing, LONG).await.unwrap();
    node.post_after(said("Second"), LONG).await.unwrap();
    assert_eq!(posts(&node).await, ["Fog\n\nAnd rain"]);
    let mut events = node.events();
    node.post_after(said("Third"), Duration::from_millis(1)).await.unwrap();
    while waits(&node).await.is_some() {
        events.next().await.unwrap();
    }
    assert_eq!(posts(&node).await.len(), 3);
    assert!(matches!(&*node.outgoing().await.unwrap().ended.unwrap().result, Ok(Some(_))));
    node.post_after(said("At once"), Duration::ZERO).await.unwrap();
    assert_eq!(posts(&node).await.len(), 4);

    // What is refused later is in the draft again.
    let unknown = Writing { audience: Some(vec![crate::id::CircleId::from_bytes([7; 32])]), ..said("To nobody") };
    node.post_after(unknown.clone(), Duration::from_millis(1)).await.unwrap();
    while waits(&node).await.is_some() {
        events.next().await.unwrap();
    }
    assert!(node.outgoing().await.unwrap().ended.unwrap().result.is_err());
    assert_eq!(node.begun().await.unwrap().writing, unknown);
    node.shutdown().await;
}

#[tokio::test]
async fn an_orderly_end_sends_and_a_kill_gives_back_what_was_not_signed() {
    let dir = tempfile::tempdir().unwrap();
    let keys: Arc<dyn Keystore> = Arc::new(MemoryKeystore::default());
    let open = || Node::open(config(dir.path(), LOOPBACK), Arc::clone(&keys)).unwrap();
    let node = open();
    node.create_persona("Alice").await.unwrap();
    node.post_after(said("Sent"), LONG).await.unwrap();
    node.shutdown().await;
    let node = open();
    assert_eq!((posts(&node).await.len(), node.begun().await.unwrap()), (1, Begun::default()));

    // As a kill leaves it: what waits, and what was signed and not noted.
    node.post_after(said("Waits"), LONG).await.unwrap();
    let salt = |db: &rusqlite::Connection| Ok(db.query_row("SELECT salt FROM held_post", [], |row| row.get(0))?);
    let salt: [u8; 16] = node.inner().store.read(salt).await.unwrap();
    let killed = |tx: &rusqlite::Transaction<'_>| {
        tx.execute_batch("CREATE TEMP TABLE kept AS SELECT * FROM held_post; DELETE FROM held_post")?;
        Ok(())
    };
    node.inner().store.write(Durability::Full, killed).await.unwrap();
    let take_back = |tx: &rusqlite::Transaction<'_>| {
        tx.execute_batch("INSERT INTO held_post SELECT * FROM kept")?;
        draft::take_back(tx)
    };
    node.inner().store.write(Durability::Full, take_back).await.unwrap();
    assert_eq!(posts(&node).await.len(), 1);
    let begun = node.begun().await.unwrap().writing;
    assert_eq!(begun, said("Waits"));
    for circles in [vec![], vec![node.create_circle(None, "Family").await.unwrap()]] {
        let draft = PostDraft { text: "Waits".to_owned(), circles, ..PostDraft::default() };
        let post = node.post_salted(draft, salt).await.unwrap();
        node.keep_begun(Writing::default()).await.unwrap();
        node.inner().store.write(Durability::Full, take_back).await.unwrap();
        assert_eq!(node.begun().await.unwrap(), Begun::default(), "it is out: nobody posts it twice");
        node.delete(None, post).await.unwrap();
    }
    node.shutdown().await;
}

#[tokio::test]
async fn a_scheduled_post_keeps_its_files_over_a_restart_and_goes_out_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let keys: Arc<dyn Keystore> = Arc::new(MemoryKeystore::default());
    let open = || Node::open(config(dir.path(), LOOPBACK), Arc::clone(&keys)).unwrap();
    let node = open();
    node.create_persona("Alice").await.unwrap();
    let staged = node.stage_sealed(picture(), None).await.unwrap();
    let now_ms = SystemClock.unix_ms();
    let at = |in_ms: u64, text: &str| Writing { at_ms: Some(now_ms + in_ms), ..said(text) };
    let files = vec![(staged.clone(), "Two masts".to_owned())];
    let tomorrow = node.schedule(Writing { files, ..at(86_400_000, "Tomorrow") }).await.unwrap();
    // However many others are staged meanwhile.
    for _ in 0..crate::limits::STAGED_PICTURES {
        node.inner().stage(Staged { hash: BlobHash::from_bytes([9; 32]), ..staged.clone() });
    }
    sweep_once(&node).await.unwrap();
    assert!(node.blob(staged.hash).await.is_ok());
    node.shutdown().await;

    let node = open();
    sweep_once(&node).await.unwrap();
    let mut events = node.events();
    node.start().await.unwrap();
    node.schedule(at(60_000, "In a minute")).await.unwrap();
    node.schedule(Writing { at_ms: Some(SystemClock.unix_ms() + 100), ..said("Soon") }).await.unwrap();
    while node.scheduled().await.unwrap().len() > 2 {
        events.next().await.unwrap();
    }
    assert_eq!(posts(&node).await, ["Soon"], "a timer sent it, and waits for the next");
    let post = node.post_now(tomorrow).await.unwrap();
    let picture = node.show(post).await.unwrap().post.attachments.remove(0);
    assert_eq!(picture.alt.as_deref(), Some("Two masts"));
    assert!(node.blob(picture.hash).await.is_ok() && node.inner().held.files.lock().unwrap().is_empty());
    node.shutdown().await;
}
