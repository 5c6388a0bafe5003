//! Personas that are kept separate: what a peer of both sees, and how they are hidden, shown and removed.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::bundle::Export;
use crate::id::EntryId;
use crate::limits::COMPARTMENT_START_LEAST_MS;
use crate::restore::Others;

pub(super) const SOON: Duration = Duration::from_secs(30);

pub(super) fn keystore() -> Arc<dyn Keystore> {
    Arc::new(MemoryKeystore::default())
}

fn open(dir: &tempfile::TempDir, keystore: &Arc<dyn Keystore>) -> Node {
    Node::open(config(dir.path(), LOOPBACK), Arc::clone(keystore)).unwrap()
}

/// With a persona, and running.
pub(super) async fn running(dir: &tempfile::TempDir, name: &str) -> (Node, PersonaId) {
    let node = open(dir, &keystore());
    let persona = node.create_persona(name).await.unwrap();
    node.start().await.unwrap();
    (node, persona)
}

pub(super) async fn until<F: Future<Output = bool>>(what: &str, node: &Node, holds: impl Fn() -> F) {
    let wait = async {
        let mut events = node.events();
        while !holds().await {
            // Not every state has an event: what was missed is seen a little later.
            let _look_again = tokio::time::timeout(Duration::from_millis(100), events.next()).await;
        }
    };
    tokio::time::timeout(SOON, wait).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}

pub(super) async fn say(node: &Node, text: &str) -> EntryId {
    node.post(PostDraft { text: text.to_owned(), ..PostDraft::default() }).await.unwrap()
}

pub(super) async fn reads(node: &Node, text: &str) -> bool {
    let query = FeedQuery { limit: 100, ..FeedQuery::default() };
    node.feed(query).await.unwrap().iter().any(|post| post.text == text)
}

/// Values of one column that a node's database holds.
async fn column<T: rusqlite::types::FromSql + Send + Ord + 'static>(
    node: &Node,
    sql: &'static str,
    of: PersonaId,
) -> BTreeSet<T> {
    let found = node.inner().store.read(move |db| {
        let mut statement = db.prepare(sql)?;
        let found = statement.query_map([of], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(found)
    });
    found.await.unwrap()
}

pub(super) async fn follow(node: &Node, of: &Node, persona: PersonaId) {
    let invite = of.invite(Some(persona)).await.unwrap().invite;
    node.follow(None, &invite).await.unwrap();
}

const DEVICES: &str = "SELECT device FROM device_cert JOIN author ON author.row = author_row WHERE author.id = ?1";
const LOGS: &str = "SELECT log FROM log JOIN author ON author.row = author_row WHERE author.id = ?1";
const REFS: &str = "SELECT ref FROM log JOIN author ON author.row = author_row WHERE author.id = ?1";
const KNOWN: &str = "SELECT id FROM author WHERE id = ?1";

#[tokio::test]
async fn two_separate_personas_of_one_node_share_no_key_connection_bucket_or_log_number() {
    let dirs = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let (alice, alices) = running(&dirs[0], "Alice").await;
    let sals = alice.create_separate("Sal").await.unwrap();
    let sal = alice.compartment(sals).unwrap();
    assert!(sal.status().await.unwrap().running, "its user acts with it");
    let (bob, _) = running(&dirs[1], "Bob").await;
    follow(&bob, &alice, alices).await;
    follow(&bob, &sal, sals).await;
    say(&alice, "as Alice").await;
    say(&sal, "as Sal").await;
    for (node, text) in [(&alice, "react"), (&sal, "react to it")] {
        let post = say(node, text).await;
        node.react(None, post, "👍").await.unwrap();
        let came = || async { bob.show(post).await.is_ok_and(|shown| !shown.post.reactions.is_empty()) };
        until("the reaction", &bob, came).await;
    }
    for text in ["as Alice", "as Sal", "react", "react to it"] {
        until(text, &bob, || reads(&bob, text)).await;
    }

    // What a peer of both is connected with.
    let peers: BTreeSet<_> = bob.peers().await.unwrap().into_iter().map(|peer| peer.node).collect();
    let [one, other] = [&alice, &sal].map(|node| node.network_id().unwrap());
    assert_ne!(one, other);
    assert_eq!(peers, BTreeSet::from([one, other]), "a connection each");
    let ports = [&alice, &sal].map(|node| node.inner().net().unwrap().port());
    assert_ne!(ports[0], ports[1]);
    // What it holds of both.
    let apart = |a: BTreeSet<Vec<u8>>, b: BTreeSet<Vec<u8>>| !a.is_empty() && !b.is_empty() && a.is_disjoint(&b);
    assert!(apart(column(&bob, DEVICES, alices).await, column(&bob, DEVICES, sals).await));
    for sql in [LOGS, REFS] {
        let (a, b): (BTreeSet<i64>, BTreeSet<i64>) = (column(&bob, sql, alices).await, column(&bob, sql, sals).await);
        assert!(a.len() > 1 && b.len() > 1 && a.is_disjoint(&b), "{a:?} {b:?}");
    }
    // A bucket is drawn by each for itself, and the other's routes are no part of it.
    const BUCKET: &str = "SELECT route FROM bucket WHERE ?1 IS NOT NULL";
    for (node, persona) in [(&alice, alices), (&sal, sals)] {
        until("a bucket", node, || async { column::<i64>(node, BUCKET, persona).await.len() == 1 }).await;
    }
    let (a, b): (BTreeSet<i64>, BTreeSet<i64>) =
        (column(&alice, BUCKET, alices).await, column(&sal, BUCKET, sals).await);
    assert!(a.len() == 1 && b.len() == 1 && a != b, "{a:?} {b:?}");
    // Neither knows the other's persona, words or peers.
    assert!(
        column::<Vec<u8>>(&alice, KNOWN, sals).await.is_empty()
            && column::<Vec<u8>>(&sal, KNOWN, alices).await.is_empty()
    );
    assert_ne!(
        *alice.recovery_phrase(Some(alices)).await.unwrap().1,
        *sal.recovery_phrase(Some(sals)).await.unwrap().1
    );
    assert_ne!(alice.devices().await.unwrap()[0].id, sal.devices().await.unwrap()[0].id);

    // Bob has both, and could be told of. Carol reaches the compartment alone, and asks it for what only the other node holds.
    bob.shutdown().await;
    let (carol, _) = running(&dirs[2], "Carol").await;
    follow(&carol, &sal, sals).await;
    until("Sal", &carol, || reads(&carol, "as Sal")).await;
    carol.follow(None, &alices.to_string()).await.unwrap();
    let asked_ms = carol.inner().clock.unix_ms();
    let confirmed = || async {
        let known = carol.follows(None).await.unwrap().into_iter().find(|known| known.persona == sals).unwrap();
        known.synced_ms.is_some_and(|synced| synced > asked_ms)
    };
    until("all that Carol follows was asked for", &carol, confirmed).await;
    assert!(!reads(&carol, "as Alice").await);
    assert!(column::<Vec<u8>>(&carol, DEVICES, alices).await.is_empty(), "not even who she is");
    assert_eq!(carol.peers().await.unwrap().into_iter().map(|peer| peer.node).collect::<Vec<_>>(), [other]);
    follow(&carol, &alice, alices).await;
    until("Alice", &carol, || reads(&carol, "as Alice")).await;
    for node in [alice, carol] {
        node.shutdown().await;
    }
}

#[tokio::test]
async fn a_separate_persona_is_listed_last_and_never_the_default() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = open(&dir, &keys);
    assert!(matches!(node.create_separate("Sal").await, Err(Error::NoPersona)));
    let alices = node.create_persona("Alice").await.unwrap();
    let sals = node.create_separate("Sal").await.unwrap();
    let more = node.create_persona("More").await.unwrap();
    let other = node.create_separate("Other").await.unwrap();
    assert!(matches!(node.set_default_persona(sals).await, Err(Error::BadInput(_))));
    let compartment = node.compartment(sals).unwrap();
    assert!(matches!(compartment.set_default_persona(sals).await, Err(Error::BadInput(_))));
    assert!(matches!(compartment.create_persona("Beside").await, Err(Error::BadInput(_))));
    assert!(compartment.create_separate("Inside").await.is_err());
    assert!(node.post(PostDraft { persona: Some(sals), text: "hi".into(), ..PostDraft::default() }).await.is_err());
    assert!(node.compartment(alices).is_none());
    node.shutdown().await;
    for _ in 0..2 {
        let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
        let listed: Vec<_> =
            node.personas().await.unwrap().into_iter().map(|view| (view.id, view.default, view.separate)).collect();
        assert_eq!(listed, [(alices, true, false), (more, false, false), (sals, false, true), (other, false, true)]);
        assert_eq!((node.status().await.unwrap().personas, node.recovery().await.unwrap().len()), (4, 4));
        node.shutdown().await;
    }
}

#[tokio::test]
async fn a_hidden_persona_is_nowhere_until_its_passphrase_shows_it() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = open(&dir, &keys);
    let alices = node.create_persona("Alice").await.unwrap();
    let sals = node.create_separate("Sal").await.unwrap();
    say(&node.compartment(sals).unwrap(), "a secret").await;
    let wrong = |error: Error| matches!(error, Error::Keystore(KeystoreError::WrongPassphrase));
    assert!(wrong(node.unhide_personas("horse").await.unwrap_err()), "nothing is hidden");
    let told = node.hide_persona(alices, Some("horse")).await.unwrap_err().to_string();
    assert!(told.contains("made separate"), "{told}");
    assert!(matches!(node.hide_persona(sals, None).await, Err(Error::BadInput(_))));
    assert!(matches!(node.hide_persona(sals, Some("")).await, Err(Error::BadInput(_))));
    assert!(node.compartment(sals).is_some());

    let held = node.compartment(sals).unwrap();
    node.hide_persona(sals, Some("horse")).await.unwrap();
    let hidden = |node: Node| async move {
        assert_eq!(node.personas().await.unwrap().len(), 1);
        assert_eq!((node.status().await.unwrap().personas, node.recovery().await.unwrap().len()), (1, 1));
        assert!(node.compartment(sals).is_none() && node.compartments().is_empty());
        assert!(matches!(node.hide_persona(sals, Some("horse")).await, Err(Error::NotFound { .. })));
        assert!(wrong(node.unhide_personas("mule").await.unwrap_err()));
    };
    hidden(node.clone()).await;
    assert!(matches!(held.personas().await, Err(Error::Closed)), "who had it open has it no longer");
    node.shutdown().await;
    let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
    hidden(node.clone()).await;
    assert_eq!(node.unhide_personas("horse").await.unwrap(), [sals]);
    let shown = node.compartment(sals).unwrap();
    assert!(reads(&shown, "a secret").await);
    assert!(node.personas().await.unwrap()[1].hidden);
    say(&shown, "another").await;
    assert!(wrong(node.unhide_personas("horse").await.unwrap_err()), "nothing else is hidden");
    node.hide_persona(sals, None).await.unwrap();
    hidden(node.clone()).await;
    assert_eq!(node.unhide_personas("horse").await.unwrap(), [sals]);
    // It is shown until the node ends.
    node.shutdown().await;
    let node = reopened(dir.path(), keys).unwrap();
    hidden(node.clone()).await;
    node.unhide_personas("horse").await.unwrap();
    assert!(reads(&node.compartment(sals).unwrap(), "another").await);
    node.shutdown().await;
}

#[tokio::test]
async fn a_bundle_or_backup_of_a_separate_persona_is_for_its_own_node() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = open(&dir, &keys);
    let alices = node.create_persona("Alice").await.unwrap();
    let sals = node.create_separate("Sal").await.unwrap();
    let sal = node.compartment(sals).unwrap();
    say(&sal, "as Sal").await;
    let files = ["sal.kith", "alice.kith"].map(|name| dir.path().join(name));
    for (node, file) in [(&sal, &files[0]), (&node, &files[1])] {
        node.export(file, Export::All, "horse", false).await.unwrap();
    }
    let refused = |error: Error, told: &str| matches!(error, Error::BadInput(text) if text.contains(told));
    assert!(refused(node.import(&files[0], "horse").await.unwrap_err(), "a separate persona of yours"));
    assert!(refused(sal.import(&files[1], "horse").await.unwrap_err(), "another persona"));
    let taken = sal.import(&files[0], "horse").await.unwrap().taken.unwrap();
    assert_eq!((taken.entries, taken.personas), (0, 0));

    let phrases = [&sal, &node].map(|node| node.phrase().unwrap());
    for one in [&sal, &node] {
        assert_eq!(one.back_up().await.unwrap(), 1);
    }
    for (from, to) in [(&sal, &node), (&node, &sal)] {
        let mail = from.inner().store.read(|db| {
            let row = db.query_row("SELECT min(entry_row) FROM mail", [], |row| row.get(0))?;
            Ok(mail::read(db, row)?.0)
        });
        let mail = vec![crate::entry::Unverified(mail.await.unwrap())];
        assert_eq!(to.gate().unwrap().submit(crate::gate::Origin::Own, mail).await.unwrap().refused, []);
    }
    for (node, other, told) in
        [(&node, &phrases[0], "a separate persona of yours"), (&sal, &phrases[1], "another persona")]
    {
        assert!(refused(node.seek(other, &[]).await.unwrap_err(), told));
        assert!(refused(node.take_back(other, &[], &Others::Stay).await.unwrap_err(), told));
    }
    // No backup need name it.
    assert!(refused(node.seek(&phrases[1], &[sals]).await.unwrap_err(), "a separate persona of yours"));
    assert!(refused(
        node.take_back(&phrases[1], &[sals], &Others::Stay).await.unwrap_err(),
        "a separate persona of yours"
    ));
    assert!(
        column::<Vec<u8>>(&node, KNOWN, sals).await.is_empty()
            && column::<Vec<u8>>(&sal, KNOWN, alices).await.is_empty(),
        "nothing of it was written"
    );
    assert_eq!([&sal, &node].map(|node| node.phrase().unwrap()), phrases);
    let back = sal.take_back(&phrases[0], &[], &Others::Stay).await.unwrap();
    assert_eq!((back.personas[0].id, back.personas.len(), back.devices_out), (sals, 1, 0));

    // While it is hidden nothing tells that it is here. It does not come beside what was taken in meanwhile.
    node.hide_persona(sals, Some("mule")).await.unwrap();
    assert_eq!(node.import(&files[0], "horse").await.unwrap().taken.unwrap().personas, 1);
    assert!(refused(node.unhide_personas("mule").await.unwrap_err(), "delete it there first"));
    node.delete_persona(sals, departure::Content::Keep).await.unwrap();
    assert_eq!(node.unhide_personas("mule").await.unwrap(), [sals]);
    assert!(reads(&node.compartment(sals).unwrap(), "as Sal").await);
    node.shutdown().await;
}

/// A keystore that does as many changes as it is told, and fails then: as if the process had been killed there.
#[derive(Debug)]
pub(super) struct Dying {
    pub(super) keys: Arc<dyn Keystore>,
    pub(super) left: AtomicUsize,
}

impl Dying {
    fn change(&self, change: impl FnOnce() -> Result<(), KeystoreError>) -> Result<(), KeystoreError> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() { change() } else { Err(KeystoreError::Io("killed".to_owned())) }
    }
}

impl Keystore for Dying {
    fn get(&self, name: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, KeystoreError> {
        self.keys.get(name)
    }
    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError> {
        self.change(|| self.keys.set(name, secret))
    }
    fn delete(&self, name: &str) -> Result<(), KeystoreError> {
        self.change(|| self.keys.delete(name))
    }
    fn kind(&self) -> crate::host::KeystoreKind {
        self.keys.kind()
    }
}

pub(super) fn apart(dir: &tempfile::TempDir) -> Vec<std::path::PathBuf> {
    let Ok(found) = std::fs::read_dir(dir.path().join("apart")) else { return Vec::new() };
    found.map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn a_compartment_that_was_made_in_part_is_gone_or_whole() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = open(&dir, &keys);
    node.create_persona("Alice").await.unwrap();
    node.shutdown().await;
    let mut made = 0;
    for left in 0.. {
        let dying: Arc<dyn Keystore> = Arc::new(Dying { keys: Arc::clone(&keys), left: left.into() });
        let node = reopened(dir.path(), dying).unwrap();
        let whole = node.create_separate("Sal").await.is_ok();
        node.shutdown().await;
        made += usize::from(whole);
        let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
        assert_eq!(node.personas().await.unwrap().len(), 1 + made, "after {left} changes");
        assert_eq!(apart(&dir).len(), made);
        node.shutdown().await;
        if whole {
            assert!(left > 3);
            break;
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn files_that_can_t_be_looked_at_have_nothing_removed() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = open(&dir, &keys);
    node.create_persona("Alice").await.unwrap();
    let sals = node.create_separate("Sal").await.unwrap();
    let folder = apart(&dir).remove(0);
    // A link to itself is neither there nor not there.
    let looks_at = |files: &'static [&'static str]| {
        let aside = |file: &str| folder.join(format!("{file}.aside"));
        for file in files {
            std::fs::rename(folder.join(file), aside(file)).unwrap();
            std::os::unix::fs::symlink(file, folder.join(file)).unwrap();
        }
        let folder = folder.clone();
        move || {
            for file in files {
                std::fs::rename(folder.join(format!("{file}.aside")), folder.join(file)).unwrap();
            }
        }
    };
    for hidden in [false, true] {
        if hidden {
            node_hides(&dir, &keys, sals).await;
        } else {
            node.shutdown().await;
        }
        let back = looks_at(if hidden { &["keys.sealed", "kith.db"] } else { &["kith.db"] });
        let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
        assert!(node.compartments().is_empty() && folder.exists());
        let checks = node.doctor().await.unwrap();
        assert!(checks.iter().any(|(name, ok, _)| name == "personas" && !ok), "it is told");
        assert!(!hidden || node.unhide_personas("horse").await.is_err());
        node.shutdown().await;
        back();
        let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
        if hidden {
            assert_eq!(node.unhide_personas("horse").await.unwrap(), [sals]);
        }
        assert!(node.compartment(sals).is_some());
        node.shutdown().await;
    }
}

async fn node_hides(dir: &tempfile::TempDir, keys: &Arc<dyn Keystore>, persona: PersonaId) {
    let node = reopened(dir.path(), Arc::clone(keys)).unwrap();
    node.hide_persona(persona, Some("horse")).await.unwrap();
    node.shutdown().await;
}

#[tokio::test]
async fn hiding_that_is_cut_loses_no_keys() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = open(&dir, &keys);
    node.create_persona("Alice").await.unwrap();
    let sals = node.create_separate("Sal").await.unwrap();
    say(&node.compartment(sals).unwrap(), "a secret").await;
    node.shutdown().await;

    // The secret can't be taken away: it stays as it was.
    let dying: Arc<dyn Keystore> = Arc::new(Dying { keys: Arc::clone(&keys), left: 0.into() });
    let node = reopened(dir.path(), dying).unwrap();
    assert!(node.hide_persona(sals, Some("horse")).await.is_err());
    assert!(reads(&node.compartment(sals).unwrap(), "a secret").await);
    node.shutdown().await;
    let folder = apart(&dir).remove(0);
    assert!(!folder.join("keys.sealed").exists());

    // Killed while the file was written, or before it was read back: it does not count, and goes.
    for draft in ["keys.sealing.new", "keys.sealing"] {
        std::fs::write(folder.join(draft), "half").unwrap();
    }
    let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
    assert!(reads(&node.compartment(sals).unwrap(), "a secret").await && !folder.join("keys.sealing").exists());
    node.shutdown().await;

    // Killed between the file and the secret: it is hidden, by the next opening.
    let name = format!("{}/apart/{}", node.inner().tag, folder.file_name().unwrap().to_str().unwrap());
    let secret = keys.get(&name).unwrap().unwrap();
    let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
    node.hide_persona(sals, Some("horse")).await.unwrap();
    node.shutdown().await;
    assert_eq!(keys.get(&name).unwrap(), None);
    keys.set(&name, &secret).unwrap();
    let node = reopened(dir.path(), Arc::clone(&keys)).unwrap();
    assert!(node.compartment(sals).is_none() && keys.get(&name).unwrap().is_none());
    assert_eq!(node.unhide_personas("horse").await.unwrap(), [sals]);
    assert!(reads(&node.compartment(sals).unwrap(), "a secret").await);
    node.shutdown().await;
}

/// A keystore that takes away what it is told to, and says that it failed; with `silent`, it answers nothing any more then.
#[derive(Debug)]
struct Unsure {
    keys: Arc<dyn Keystore>,
    silent: bool,
    failed: AtomicBool,
}

impl Keystore for Unsure {
    fn get(&self, name: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, KeystoreError> {
        if self.silent && self.failed.load(Ordering::SeqCst) {
            return Err(KeystoreError::Io("no answer".to_owned()));
        }
        self.keys.get(name)
    }
    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError> {
        self.keys.set(name, secret)
    }
    fn delete(&self, name: &str) -> Result<(), KeystoreError> {
        self.keys.delete(name)?;
        self.failed.store(true, Ordering::SeqCst);
        Err(KeystoreError::Io("no answer".to_owned()))
    }
    fn kind(&self) -> crate::host::KeystoreKind {
        self.keys.kind()
    }
}

#[tokio::test]
async fn a_keystore_that_fails_after_it_took_the_keys_away_loses_none() {
    for silent in [false, true] {
        let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
        let node = open(&dir, &keys);
        node.create_persona("Alice").await.unwrap();
        let sals = node.create_separate("Sal").await.unwrap();
        say(&node.compartment(sals).unwrap(), "a secret").await;
        node.shutdown().await;
        let unsure: Arc<dyn Keystore> = Arc::new(Unsure { keys: Arc::clone(&keys), silent, failed: false.into() });
        let node = reopened(dir.path(), unsure).unwrap();
        let hidden = node.hide_persona(sals, Some("horse")).await;
        assert_eq!(hidden.is_ok(), !silent, "what it holds decides; where it says nothing, that is told");
        assert!(node.compartment(sals).is_none());
        node.shutdown().await;
        let node = reopened(dir.path(), keys).unwrap();
        assert!(node.compartment(sals).is_none());
        assert_eq!(node.unhide_personas("horse").await.unwrap(), [sals]);
        assert!(reads(&node.compartment(sals).unwrap(), "a secret").await);
        node.shutdown().await;
    }
}

#[tokio::test]
async fn one_that_can_not_go_on_keeps_no_other_from_it() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = open(&dir, &keys);
    node.create_persona("Alice").await.unwrap();
    let mut personas = Vec::new();
    for name in ["Sal", "Tom", "Uli"] {
        personas.push(node.create_separate(name).await.unwrap());
    }
    let [sal, tom, uli] = <[PersonaId; 3]>::try_from(personas).unwrap().map(|id| node.compartment(id).unwrap());
    node.start().await.unwrap();
    node.pause().await.unwrap();
    for compartment in [&sal, &tom, &uli] {
        assert_eq!(*compartment.inner().phase.lock().await, Phase::Paused);
    }
    sal.inner().store.close();
    node.resume().await.unwrap();
    assert_eq!(*sal.inner().phase.lock().await, Phase::Paused);
    for compartment in [&tom, &uli] {
        assert_eq!(*compartment.inner().phase.lock().await, Phase::Running);
    }
    node.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_compartments_go_on_some_minutes_apart() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = open(&dir, &keys);
    node.create_persona("Alice").await.unwrap();
    let mut all = Vec::new();
    for name in ["Sal", "Tom", "Uli"] {
        let persona = node.create_separate(name).await.unwrap();
        all.push((persona, node.compartment(persona).unwrap()));
    }
    node.start().await.unwrap();
    node.pause().await.unwrap();
    node.resume_alone().await.unwrap();
    let used = all.remove(1);
    node.wake(used.0).await.unwrap();
    assert_eq!(*used.1.inner().phase.lock().await, Phase::Running, "its user acts with it");

    // As where others see when.
    let begun = tokio::time::Instant::now();
    let wakes = node.wake_all(true);
    tokio::pin!(wakes);
    let mut came = Vec::new();
    while came.len() < all.len() {
        let _look_each_second = tokio::time::timeout(Duration::from_secs(1), &mut wakes).await;
        for (persona, compartment) in &all {
            let runs = *compartment.inner().phase.lock().await == Phase::Running;
            if runs && !came.iter().any(|(known, _)| known == persona) {
                came.push((*persona, begun.elapsed()));
            }
        }
    }
    let least = Duration::from_millis(COMPARTMENT_START_LEAST_MS);
    assert!(came[0].1 >= least && came[1].1 >= came[0].1 + least, "{came:?}");
    node.shutdown().await;
}

#[tokio::test]
async fn compartments_start_pause_and_end_with_their_node() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = open(&dir, &keys);
    node.create_persona("Alice").await.unwrap();
    let sals = node.create_separate("Sal").await.unwrap();
    let sal = node.compartment(sals).unwrap();
    assert!(!sal.status().await.unwrap().running);
    node.start().await.unwrap();
    assert!(sal.status().await.unwrap().running, "offline, nobody sees when");
    node.pause().await.unwrap();
    assert_eq!(*sal.inner().phase.lock().await, Phase::Paused);
    node.resume().await.unwrap();
    assert_eq!(*sal.inner().phase.lock().await, Phase::Running);
    node.shutdown().await;
    assert_eq!(*sal.inner().phase.lock().await, Phase::Closed);

    // Of a command only what it uses; it is the same with a node that others see, which starts the rest later.
    let later = Config { create: false, holder: Holder::Command, ..config(dir.path(), LOOPBACK) };
    let node = Node::open(later, keys).unwrap();
    node.start().await.unwrap();
    let sal = node.compartment(sals).unwrap();
    assert!(!sal.status().await.unwrap().running);
    let asked = control::Request::Feed {
        persona: Some(sals.to_string()),
        limit: 1,
        before: None,
        list: None,
        tag: None,
        whole: false,
    };
    control::execute(&node, asked).await.unwrap();
    assert!(sal.status().await.unwrap().running);
    node.shutdown().await;
}

#[tokio::test]
async fn requests_go_to_the_node_that_holds_the_persona_or_knows_the_id() {
    use crate::control::{Beside, GiveArgs, Request, execute};
    let (dir, keys) = (tempfile::tempdir().unwrap(), keystore());
    let node = open(&dir, &keys);
    let alices = node.create_persona("Alice").await.unwrap().to_string();
    let ask = |request| Box::pin(execute(&node, request));
    let made = ask(Request::CreatePersona { name: "Sal".into(), separate: true }).await.unwrap();
    assert_eq!((&made["separate"], &made["default"]), (&true.into(), &false.into()));
    let sals = made["id"].as_str().unwrap().to_owned();
    let post = |persona: Option<&str>, text: &str| Request::Post {
        persona: persona.map(str::to_owned),
        text: text.into(),
        cw: None,
        attach: Vec::new(),
        circles: Vec::new(),
        beside: Beside::default(),
    };
    let by_sal = ask(post(Some(&sals[..10]), "as Sal")).await.unwrap()["id"].as_str().unwrap().to_owned();
    let by_alice = ask(post(None, "as Alice")).await.unwrap()["id"].as_str().unwrap().to_owned();
    let shown = |post: &str, persona: Option<&str>| {
        ask(Request::Show { persona: persona.map(str::to_owned), post: post.to_owned() })
    };
    assert_eq!(shown(&by_sal[..12], None).await.unwrap()["author"], sals.as_str());
    assert_eq!(shown(&by_sal, None).await.unwrap()["author"], sals.as_str());
    assert_eq!(shown(&by_sal, Some(&alices)).await.unwrap_err().code, "not_found", "she was not given it");
    assert_eq!(shown(&by_alice, None).await.unwrap()["author"], alices.as_str());
    assert_eq!(shown(&by_alice, Some(&sals)).await.unwrap_err().code, "not_found");
    let feed = |persona: Option<&str>| {
        let persona = persona.map(str::to_owned);
        ask(Request::Feed { persona, limit: 9, before: None, list: None, tag: None, whole: false })
    };
    assert_eq!(feed(None).await.unwrap().as_array().unwrap().len(), 1, "of all but separate ones");
    assert_eq!(feed(Some(&sals)).await.unwrap()[0]["id"], by_sal.as_str());
    // What takes no persona itself.
    ask(Request::Bookmark { target: by_sal.clone(), undo: false }).await.unwrap();
    let marks = || Request::Bookmarks { limit: 9, before: None };
    assert_eq!(ask(marks()).await.unwrap().as_array().unwrap().len(), 0);
    assert_eq!(ask(marks().at(Some(&sals))).await.unwrap()[0]["id"], by_sal.as_str());
    let here = |value: serde_json::Value| value[0]["id"].as_str().unwrap().to_owned();
    let devices = [None, Some(alices.as_str()), Some(sals.as_str())].map(|of| ask(Request::Devices.at(of)));
    let [none, alice, sal] = futures_util::future::join_all(devices).await.try_into().unwrap();
    let [none, alice, sal] = [none, alice, sal].map(|value: Result<_, _>| here(value.unwrap()));
    assert!(none == alice && alice != sal);
    let personas = || Request::Personas;
    assert_eq!(ask(personas()).await.unwrap().as_array().unwrap().len(), 2);
    for about_all in [personas(), Request::Init { name: "X".into() }, personas().at(Some(&alices))] {
        assert_eq!(ask(about_all.at(Some(&sals))).await.unwrap_err().code, "bad_input");
    }
    assert_eq!(ask(Request::DefaultPersona { persona: sals.clone() }).await.unwrap_err().code, "bad_input");
    let give = |personas: &[&String]| {
        let personas = personas.iter().map(|persona| persona.to_string()).collect();
        ask(Request::LinkShow { give: Some(GiveArgs { personas, ..GiveArgs::default() }), separate: false })
    };
    let refused = give(&[&alices, &sals]).await.unwrap_err();
    assert!(refused.message.contains("by itself"), "{refused:?}");
    assert_eq!(give(&[&sals]).await.unwrap_err().code, "not_running", "of one node it would begin");
    // Nothing is signed or sent by one that was not named, only because it alone knows the id.
    let device = node.compartment(sals.parse().unwrap()).unwrap().devices().await.unwrap()[0].id.to_string();
    let acts = [
        Request::React { persona: None, target: by_sal.clone(), emoji: "👍".into(), undo: false },
        Request::Comment { persona: None, target: by_sal.clone(), text: "hi".into() },
        Request::Edit { persona: None, target: by_sal.clone(), text: "hi".into() },
        Request::Repost { persona: None, target: by_sal.clone(), undo: false },
        Request::Hide { persona: None, target: by_sal.clone(), undo: false },
        Request::Delete { persona: None, target: by_sal.clone() },
        Request::RenameDevice { device, name: "Mine".into() },
    ];
    for act in acts {
        let refused = ask(act.clone()).await.unwrap_err();
        assert_eq!(refused.code, "bad_input", "{act:?}");
        assert!(refused.message.contains(&format!("--persona {sals}")), "{refused:?}");
    }
    assert_eq!(shown(&by_sal, None).await.unwrap()["reactions"], serde_json::json!({}));
    let react = Request::React { persona: None, target: by_sal.clone(), emoji: "👍".into(), undo: false };
    ask(react.at(Some(&sals))).await.unwrap();
    assert_eq!(shown(&by_sal, None).await.unwrap()["reactions"]["👍"], 1);
    let delete = Request::Delete { persona: Some(sals.clone()), target: by_sal.clone() };
    assert_eq!(ask(delete).await.unwrap()["id"].as_str().unwrap().len(), 64);
    assert_eq!(feed(Some(&sals)).await.unwrap().as_array().unwrap().len(), 0);
    node.shutdown().await;
}
