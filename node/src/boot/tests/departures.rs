//! Personas that are deleted: what goes, what stays, and who hears of it.

use super::compartments::{Dying, SOON, apart, follow, keystore, reads, running, say, until};
use super::*;
use crate::departure::Content;
use crate::id::PersonaId;

/// How many rows of a table have to do with a persona.
async fn rows(node: &Node, sql: &'static str, of: PersonaId) -> i64 {
    let count = node.inner().store.read(move |db| Ok(db.query_row(sql, [of], |row| row.get::<_, i64>(0))?));
    count.await.unwrap()
}

/// All that a persona has privately on a device.
const PRIVATE: [&str; 12] = [
    "SELECT count(*) FROM author WHERE id = ?1 AND own = 1",
    "SELECT count(*) FROM thread JOIN author ON author.row = author_row WHERE author.id = ?1",
    "SELECT count(*) FROM message WHERE ?1 IS NOT NULL AND thread_row NOT IN (SELECT row FROM thread)",
    "SELECT count(*) FROM session JOIN author ON author.row = author_row WHERE author.id = ?1",
    "SELECT count(*) FROM session_tag WHERE ?1 IS NOT NULL AND session_row NOT IN (SELECT row FROM session)",
    "SELECT count(*) FROM account JOIN author ON author.row = author_row WHERE author.id = ?1",
    "SELECT count(*) FROM outbox JOIN author ON author.row = author_row WHERE author.id = ?1",
    "SELECT count(*) FROM circle JOIN author ON author.row = own_row WHERE author.id = ?1",
    "SELECT count(*) FROM epoch WHERE ?1 IS NOT NULL AND circle_row NOT IN (SELECT row FROM circle)",
    "SELECT count(*) FROM follow JOIN author ON author.row = by_row WHERE author.id = ?1",
    "SELECT count(*) FROM item WHERE substr(key, 1, 32) = ?1 OR instr(key, CAST(lower(hex(?1)) AS BLOB))",
    "SELECT count(*) FROM opened JOIN entry ON entry.row = entry_row JOIN author ON author.row = author_row
     WHERE author.id = ?1",
];

async fn left_of(node: &Node, persona: PersonaId) -> Vec<i64> {
    let mut left = Vec::new();
    for sql in PRIVATE {
        left.push(rows(node, sql, persona).await);
    }
    left
}

/// A second persona that has something of everything.
async fn busy(node: &Node, with: PersonaId) -> PersonaId {
    let work = node.create_persona("Work").await.unwrap();
    node.follow(Some(work), &with.to_string()).await.unwrap();
    let circle = node.create_circle(Some(work), "Team").await.unwrap();
    let draft =
        |text: &str, circles| PostDraft { persona: Some(work), text: text.into(), circles, ..PostDraft::default() };
    node.post(draft("in the open", Vec::new())).await.unwrap();
    let sealed = node.post(draft("to the team", vec![circle])).await.unwrap();
    node.comment(Some(work), sealed, "beneath it").await.unwrap();
    let note = thread::MessageDraft { text: "a note".into(), ..Default::default() };
    node.dm(Some(work), vec![work], note).await.unwrap();
    node.set_setting(&format!("ui.draft.{work}"), "half a thought").await.unwrap();
    work
}

#[tokio::test]
async fn a_deleted_persona_leaves_no_key_and_nothing_private() {
    for content in [Content::Keep, Content::Delete] {
        let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
        let node = Node::open(config(dir.path(), LOOPBACK), Arc::clone(&keys)).unwrap();
        let alices = node.create_persona("Alice").await.unwrap();
        assert!(matches!(node.delete_persona(alices, content).await, Err(Error::Advised { .. })), "the only one");
        let work = busy(&node, alices).await;
        node.set_default_persona(work).await.unwrap();
        let own = say(&node, "by Work, as the default").await;
        let before = left_of(&node, work).await;
        assert!(before[0] == 1 && before[1] == 1 && before[7] == 1 && before[9] == 1 && before[10] > 2, "{before:?}");
        let name = |what: &str| format!("{}/persona/{work}/{what}", node.inner().tag);
        assert!(keys.get(&name("root")).unwrap().is_some() && keys.get(&name("device")).unwrap().is_some());

        node.delete_persona(work, content).await.unwrap();
        assert_eq!(left_of(&node, work).await, [0; PRIVATE.len()]);
        for what in ["root", "device", "phrase"] {
            assert!(keys.get(&name(what)).unwrap().is_none());
        }
        assert!(matches!(node.delete_persona(work, content).await, Err(Error::NotFound { .. })));
        let all = node.personas().await.unwrap();
        assert_eq!(all.iter().map(|view| (view.id, view.default)).collect::<Vec<_>>(), [(alices, true)]);
        let stays = content == Content::Keep;
        let shown = node.show(own).await.map(|shown| shown.post.text);
        assert_eq!(shown.is_ok_and(|text| text == "by Work, as the default"), stays);
        let profile = node.profile(work).await.unwrap();
        assert_eq!((profile.name.as_str(), profile.own), (if stays { "Work" } else { "" }, false));
        say(&node, "Alice goes on").await;
        node.shutdown().await;
        let node = reopened(dir.path(), keys).unwrap();
        assert_eq!(node.personas().await.unwrap().len(), 1);
        assert!(reads(&node, "Alice goes on").await && !reads(&node, "in the open").await);
        node.start().await.unwrap();
        assert_eq!(left_of(&node, work).await, [0; PRIVATE.len()], "nothing brings it back");
        node.shutdown().await;
    }
}

#[tokio::test]
async fn keys_of_a_persona_that_was_deleted_go_after_a_crash_too() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = Node::open(config(dir.path(), LOOPBACK), Arc::clone(&keys)).unwrap();
    let alices = node.create_persona("Alice").await.unwrap();
    let work = busy(&node, alices).await;
    node.shutdown().await;
    let dying: Arc<dyn Keystore> = Arc::new(Dying { keys: Arc::clone(&keys), left: AtomicUsize::new(0) });
    let node = reopened(dir.path(), dying).unwrap();
    let name = format!("{}/persona/{work}/device", node.inner().tag);
    let told = node.delete_persona(work, Content::Keep).await.unwrap_err();
    assert!(matches!(told, Error::KeysLeft(_)), "{told:?}");
    assert!(keys.get(&name).unwrap().is_some());
    assert_eq!(node.personas().await.unwrap().len(), 1, "it is deleted");
    assert!(node.inner().keyring().get(work).is_none(), "and signs nothing");
    node.shutdown().await;
    // A keystore that still refuses keeps nobody out, and is asked again by the start after that.
    let dying: Arc<dyn Keystore> = Arc::new(Dying { keys: Arc::clone(&keys), left: AtomicUsize::new(0) });
    reopened(dir.path(), dying).unwrap().shutdown().await;
    assert!(keys.get(&name).unwrap().is_some());
    let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
    assert!(keys.get(&name).unwrap().is_none());
    assert_eq!(node.personas().await.unwrap().len(), 1);
    node.shutdown().await;
}

#[tokio::test]
async fn a_persona_that_came_back_keeps_the_keys_that_could_not_be_taken_out() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = Node::open(config(dir.path(), LOOPBACK), Arc::clone(&keys)).unwrap();
    let alices = node.create_persona("Alice").await.unwrap();
    let work = busy(&node, alices).await;
    let file = dir.path().join("all.kith");
    node.export(&file, crate::bundle::Export::All, "horse", false).await.unwrap();
    node.shutdown().await;
    let dying = Arc::new(Dying { keys: Arc::clone(&keys), left: AtomicUsize::new(0) });
    let node = reopened(dir.path(), Arc::<Dying>::clone(&dying)).unwrap();
    assert!(node.delete_persona(work, Content::Keep).await.is_err());
    dying.left.store(usize::MAX, Ordering::SeqCst);
    assert_eq!(node.import(&file, "horse").await.unwrap().taken.unwrap().personas, 1);
    node.shutdown().await;
    for _ in 0..2 {
        let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
        assert_eq!(node.personas().await.unwrap().len(), 2);
        let draft = PostDraft { persona: Some(work), text: "back".into(), ..PostDraft::default() };
        node.post(draft).await.unwrap();
        node.shutdown().await;
    }
}

#[tokio::test]
async fn a_separate_persona_whose_keys_stay_is_told_and_ended_by_the_next_start() {
    for content in [Content::Keep, Content::Delete] {
        let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
        let node = Node::open(config(dir.path(), LOOPBACK), Arc::clone(&keys)).unwrap();
        node.create_persona("Alice").await.unwrap();
        let sals = node.create_separate("Sal").await.unwrap();
        meets(&node.compartment(sals).unwrap()).await;
        node.shutdown().await;
        let folder = apart(&dir).remove(0);
        let secret = format!("{}/apart/{}", node.inner().tag, folder.file_name().unwrap().to_str().unwrap());
        let before = keys.get(&secret).unwrap().unwrap();
        let dying: Arc<dyn Keystore> = Arc::new(Dying { keys: Arc::clone(&keys), left: AtomicUsize::new(0) });
        let node = reopened(dir.path(), dying).unwrap();
        let told = node.delete_persona(sals, content).await.unwrap_err();
        assert!(matches!(told, Error::KeysLeft(_)), "{told:?}");
        assert_eq!(node.personas().await.unwrap().len(), 1);
        assert_eq!(keys.get(&secret).unwrap().unwrap(), before);
        node.shutdown().await;
        let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
        assert!(node.compartments().is_empty());
        let after = keys.get(&secret).unwrap();
        assert_eq!(after.is_none(), content == Content::Keep, "what still says so to others is opened by the rest");
        assert!(after.is_none_or(|after| after.len() < before.len()), "its persona's keys are gone");
        node.shutdown().await;
    }
}

#[tokio::test]
async fn a_hidden_persona_whose_deletion_is_cut_is_there_as_before_or_ends_unseen() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = Node::open(config(dir.path(), LOOPBACK), Arc::clone(&keys)).unwrap();
    node.create_persona("Alice").await.unwrap();
    let sals = node.create_separate("Sal").await.unwrap();
    meets(&node.compartment(sals).unwrap()).await;
    say(&node.compartment(sals).unwrap(), "by Sal").await;
    let folder = apart(&dir).remove(0);
    node.hide_persona(sals, Some("horse")).await.unwrap();
    assert_eq!(node.unhide_personas("horse").await.unwrap(), [sals]);
    let sal = node.compartment(sals).unwrap();
    // Nothing can be stored any more: no deletion is signed, and nothing on disk says that one was.
    let full = sal.inner().store.write(Durability::Full, |tx| {
        Ok(tx.execute_batch("CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'full'); END")?)
    });
    full.await.unwrap();
    assert!(node.delete_persona(sals, Content::Delete).await.is_err());
    assert!(!folder.join("leaving").exists() && node.compartment(sals).is_some());
    let room = sal.inner().store.write(Durability::Full, |tx| Ok(tx.execute_batch("DROP TRIGGER full")?));
    room.await.unwrap();
    node.shutdown().await;
    let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
    assert_eq!(node.unhide_personas("horse").await.unwrap(), [sals], "a start removed nothing");
    assert!(reads(&node.compartment(sals).unwrap(), "by Sal").await);

    // Its database is closed meanwhile, and tells nothing any more: nobody may say that it left.
    node.compartment(sals).unwrap().shutdown().await;
    assert!(matches!(node.delete_persona(sals, Content::Delete).await, Err(Error::Closed)));
    assert!(!folder.join("leaving").exists());
    node.shutdown().await;
    let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
    assert_eq!(node.unhide_personas("horse").await.unwrap(), [sals]);

    // Killed after the deletions were stored, before that was noted.
    let sal = node.compartment(sals).unwrap();
    sal.depart(sals, Content::Delete).await.unwrap();
    node.shutdown().await;
    let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
    assert!(folder.exists() && node.personas().await.unwrap().len() == 1);
    let told = node.unhide_personas("horse").await.unwrap_err();
    assert!(matches!(told, Error::Keystore(KeystoreError::WrongPassphrase)));
    assert!(node.compartments().is_empty() && folder.join("leaving").exists(), "others are told, unseen");
    node.shutdown().await;
    let node = reopened(dir.path(), keys).unwrap();
    assert!(apart(&dir).is_empty());
    node.shutdown().await;
}

/// As if it had met somebody, who has to hear of deletions.
async fn meets(node: &Node) {
    let met = |tx: &rusqlite::Transaction<'_>| Ok(tx.execute("INSERT INTO peer (node) VALUES (?1)", [[7_u8; 32]])?);
    node.inner().store.write(Durability::Normal, met).await.unwrap();
}

#[tokio::test]
async fn who_has_what_a_deleted_persona_said_hears_that_it_is_gone() {
    let dirs = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let (alice, alices) = running(&dirs[0], "Alice").await;
    let (bob, bobs) = running(&dirs[1], "Bob").await;
    let work = alice.create_persona("Work").await.unwrap();
    let sals = alice.create_separate("Sal").await.unwrap();
    let sal = alice.compartment(sals).unwrap();
    follow(&bob, &alice, work).await;
    follow(&bob, &sal, sals).await;
    follow(&sal, &bob, bobs).await;
    let draft = PostDraft { persona: Some(work), text: "by Work".into(), ..PostDraft::default() };
    alice.post(draft).await.unwrap();
    say(&sal, "by Sal").await;
    let bobs_post = say(&bob, "by Bob").await;
    for (node, text) in [(&bob, "by Work"), (&bob, "by Sal"), (&sal, "by Bob")] {
        until(text, node, || reads(node, text)).await;
    }
    sal.comment(None, bobs_post, "Sal's comment").await.unwrap();
    let comments = || async { bob.show(bobs_post).await.unwrap().post.comments };
    until("the comment", &bob, || async { comments().await == 1 }).await;

    alice.delete_persona(work, Content::Delete).await.unwrap();
    until("the deletion", &bob, || async { !reads(&bob, "by Work").await }).await;
    let folder = apart(&dirs[0]).remove(0);
    alice.delete_persona(sals, Content::Delete).await.unwrap();
    assert!(alice.compartment(sals).is_none() && alice.compartments().is_empty());
    assert_eq!(alice.personas().await.unwrap().iter().map(|view| view.id).collect::<Vec<_>>(), [alices]);
    until("the deletion of Sal", &bob, || async { !reads(&bob, "by Sal").await && comments().await == 0 }).await;
    assert!(folder.exists(), "what is there is compared first");
    // As if the comparison, which comes every few minutes, had been.
    let noted = sal
        .inner()
        .store
        .write(Durability::Normal, |tx| Ok(tx.execute("UPDATE author SET synced_ms = 9000000000000", [])?));
    noted.await.unwrap();
    alice.sweep_leaving().await.unwrap();
    assert!(!folder.exists() && apart(&dirs[0]).is_empty());
    tokio::time::timeout(SOON, alice.shutdown()).await.unwrap();
    bob.shutdown().await;
}

#[tokio::test]
async fn a_separate_persona_is_deleted_with_its_folder_and_its_keys() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = Node::open(config(dir.path(), LOOPBACK), Arc::clone(&keys)).unwrap();
    node.create_persona("Alice").await.unwrap();
    for content in [Content::Keep, Content::Delete] {
        let sals = node.create_separate("Sal").await.unwrap();
        say(&node.compartment(sals).unwrap(), "by Sal").await;
        let folder = apart(&dir).remove(0);
        let secret = format!("{}/apart/{}", node.inner().tag, folder.file_name().unwrap().to_str().unwrap());
        assert!(keys.get(&secret).unwrap().is_some());
        // Nobody was ever met: nobody has to hear.
        node.delete_persona(sals, content).await.unwrap();
        assert!(apart(&dir).is_empty() && keys.get(&secret).unwrap().is_none());
        assert_eq!(node.personas().await.unwrap().len(), 1);
    }
    // Cut at each place: it is as before, or goes.
    let sals = node.create_separate("Sal").await.unwrap();
    let folder = apart(&dir).remove(0);
    node.shutdown().await;
    std::fs::write(folder.join("leaving"), "1").unwrap();
    let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
    assert!(node.compartment(sals).is_some() && !folder.join("leaving").exists(), "before its keys went");
    node.shutdown().await;
    std::fs::rename(&folder, folder.with_extension("gone")).unwrap();
    let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
    assert!(node.compartments().is_empty() && apart(&dir).is_empty(), "after its name went");
    let secret = format!("{}/apart/{}", node.inner().tag, folder.file_name().unwrap().to_str().unwrap());
    assert!(keys.get(&secret).unwrap().is_none());
    // One that still tells others goes on with that, unseen, until it is late.
    let sals = node.create_separate("Sal").await.unwrap();
    let sal = node.compartment(sals).unwrap();
    say(&sal, "by Sal").await;
    meets(&sal).await;
    node.delete_persona(sals, Content::Delete).await.unwrap();
    let folder = apart(&dir).remove(0);
    for _ in 0..2 {
        node.sweep_leaving().await.unwrap();
        assert!(folder.exists());
    }
    node.shutdown().await;
    let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
    assert!(folder.exists() && node.compartments().is_empty());
    assert_eq!((node.personas().await.unwrap().len(), node.status().await.unwrap().personas), (1, 1));
    node.shutdown().await;
    std::fs::write(folder.join("leaving"), "1").unwrap();
    let node = reopened(dir.path(), keys).unwrap();
    node.sweep_leaving().await.unwrap();
    assert!(apart(&dir).is_empty(), "a week is enough");
    node.shutdown().await;
}
