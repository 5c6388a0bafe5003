//! Real nodes, behind their handles, among peers that do their worst over real QUIC: floods, frames that are cut, too
//! long or unknown, streams that nobody ends, answers without an end, lies about what is known, and coming back at
//! once. An honest peer that is connected meanwhile must hardly notice.

use std::sync::atomic::{AtomicBool, AtomicUsize};

use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, Interval, interval};

use super::*;
use crate::clock::Clock as _;
use crate::event::EventReceiver;
use crate::host::MemoryKeystore;
use crate::limits::{CONNECTIONS, FRAME_LEAST_BYTES, INBOX_BYTES, SUBSCRIPTIONS_PER_PEER};
use crate::lock::Holder;
use crate::node::{Config, NetworkMode, Node, PostDraft};
use crate::sync::{Answer, Ask, AuthorHash, Frame, Page, Pair, Query, Question, SetId, ShortId, Want, WantItem, Way};

/// How long honest people talk, with and without company: posts in each direction.
const POSTS: usize = 12;
/// What one post may take more among hostile peers, ms: the slowest wait of a stem, as hostile peers may be chosen.
const STEM_MS: u128 = 400;
/// Slack for a machine that does other things, ms.
const SLACK_MS: u128 = 150;

async fn node(profile: &Path, ip: [u8; 4]) -> (Node, PersonaId) {
    let config = Config {
        profile: profile.to_owned(),
        create: true,
        holder: Holder::Command,
        role: Role::Desktop,
        listen: Some(SocketAddr::from((ip, 0))),
        network: NetworkMode::Offline,
        lock_wait_ms: 0,
    };
    let opened = tokio::task::spawn_blocking(|| Node::open(config, Arc::new(MemoryKeystore::default())));
    let node = opened.await.unwrap().unwrap();
    let persona = node.create_persona("somebody").await.unwrap();
    node.start().await.unwrap();
    (node, persona)
}

async fn say(node: &Node, text: &str) -> EntryId {
    node.post(PostDraft { text: text.to_owned(), ..PostDraft::default() }).await.unwrap()
}

async fn has(node: &Node, id: EntryId) -> bool {
    let found = node.inner().store.read(move |db| {
        Ok(db.query_row(
            "SELECT EXISTS (SELECT 1 FROM entry
                         WHERE prefix = substr(?1, 1, 8) AND id = ?1)",
            [id],
            |row| row.get::<_, bool>(0),
        )?)
    });
    found.await.unwrap()
}

/// Waits until a post is here; answers how long that took, ms.
async fn came(node: &Node, events: &mut EventReceiver, id: EntryId) -> u128 {
    let since = Instant::now();
    soon("a post", async {
        while !has(node, id).await {
            // Something may have come between the look and the wait.
            let _again = timeout(Duration::from_millis(20), events.next()).await;
        }
    })
    .await;
    since.elapsed().as_millis()
}

/// Posts in both directions, one after the other; the sorted times, ms.
async fn talk(alice: &Node, bob: &Node) -> Vec<u128> {
    let (mut at_alice, mut at_bob) = (alice.events(), bob.events());
    let mut times = Vec::new();
    for n in 0..POSTS {
        let post = say(alice, &format!("from Alice {n}")).await;
        times.push(came(bob, &mut at_bob, post).await);
        let post = say(bob, &format!("from Bob {n}")).await;
        times.push(came(alice, &mut at_alice, post).await);
    }
    times.sort_unstable();
    times
}

/// Two people who follow each other and are connected.
async fn friends(dir: &Path) -> ((Node, PersonaId), (Node, PersonaId)) {
    let (alice, alices) = node(&dir.join("alice"), [127, 0, 0, 1]).await;
    let (bob, bobs) = node(&dir.join("bob"), [127, 0, 1, 1]).await;
    alice.follow(None, &bob.invite(None).await.unwrap().invite).await.unwrap();
    bob.follow(None, &alice.invite(None).await.unwrap().invite).await.unwrap();
    // Both have heard of each other, and what was held back has left.
    let (mut at_alice, mut at_bob) = (alice.events(), bob.events());
    let (one, two) = (say(&alice, "hello").await, say(&bob, "hello").await);
    came(&bob, &mut at_bob, one).await;
    came(&alice, &mut at_alice, two).await;
    ((alice, alices), (bob, bobs))
}

/// A peer without our code behind it, and what it knows of whom it attacks.
struct Peer {
    endpoint: Endpoint,
    own: NodeId,
    net: Net,
    /// Personas that it may name, as anybody who has an invite can.
    personas: Vec<PersonaId>,
    /// How often it was let go of, or refused.
    closed: AtomicUsize,
    /// Frames that it sent.
    sent: AtomicUsize,
    over: Arc<AtomicBool>,
    /// One of those did.
    did: Arc<Notify>,
    /// It comes no more often.
    pace: Mutex<Interval>,
}

type Streams = (Connection, SendStream, RecvStream);

impl Peer {
    async fn join(&self) -> Option<Streams> {
        self.pace.lock().await.tick().await;
        let connected = self.endpoint.connect(addr(&self.net), endpoint::ALPN).await;
        let joined = match connected {
            Ok(connection) => {
                let run = self.sent.load(Ordering::Relaxed).to_le_bytes();
                link::open(&connection, run).await.map(|(send, recv, _)| (connection, send, recv))
            }
            Err(_) => None,
        };
        let Some((connection, mut send, recv)) = joined else {
            self.count(&self.closed);
            return None;
        };
        let (min, max) = (1, 1);
        self.send(
            &mut send,
            &Frame::Hello { min, max, features: 0, role: 2, takes: vec![crate::bucket::Bucket::EVERYTHING] },
        )
        .await
        .then_some(())?;
        Some((connection, send, recv))
    }

    async fn raw(&self, send: &mut SendStream, bytes: &[u8]) -> bool {
        let sent = send.write_all(bytes).await.is_ok();
        self.count(&self.sent);
        if !sent {
            self.count(&self.closed);
        }
        sent
    }

    async fn send(&self, send: &mut SendStream, frame: &Frame) -> bool {
        let bytes = frame.encode();
        let mut all = u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
        all.extend(bytes);
        self.raw(send, &all).await
    }

    fn count(&self, what: &AtomicUsize) {
        what.fetch_add(1, Ordering::Relaxed);
        self.did.notify_waiters();
    }

    fn over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Comes, sends these without end, and comes back when it is let go of.
    async fn flood(&self, frames: Vec<Frame>) {
        while !self.over() {
            let Some((_connection, mut send, _unread)) = self.join().await else { continue };
            let mut frames = frames.iter().cycle();
            while !self.over() && self.send(&mut send, frames.next().unwrap()).await {}
        }
    }

    /// Comes, sends these bytes, and comes back once it was let go of.
    async fn bytes(&self, bytes: Vec<u8>) {
        while !self.over() {
            let Some((connection, mut send, _unread)) = self.join().await else { continue };
            self.raw(&mut send, &bytes).await;
            while !self.over() && connection.close_reason().is_none() {
                let _closed = timeout(Duration::from_millis(100), connection.closed()).await;
            }
            self.count(&self.closed);
        }
    }

    /// Comes and goes.
    async fn come_and_go(&self) {
        while !self.over() {
            let Some((connection, mut send, _unread)) = self.join().await else { continue };
            let hashes = Some(vec![AuthorHash(1); SUBSCRIPTIONS_PER_PEER]);
            self.send(&mut send, &ask(hashes)).await;
            connection.close(VarInt::from_u32(1), b"");
        }
    }

    /// Opens as many streams as it may, says half of a request on each, and keeps them.
    async fn hold_streams(&self) {
        while !self.over() {
            let Some((connection, _send, _unread)) = self.join().await else { continue };
            let mut held = Vec::new();
            while !self.over() && connection.close_reason().is_none() {
                match timeout(Duration::from_millis(50), connection.open_bi()).await {
                    Ok(Ok((mut send, recv))) => {
                        self.raw(&mut send, &[BLOBS, 1, 2, 3]).await;
                        held.push((send, recv));
                    }
                    Ok(Err(_)) => break,
                    Err(_all_taken) => {}
                }
            }
        }
    }

    /// Answers questions, with lies.
    async fn lie(&self, lies: Lies) {
        while !self.over() {
            let Some((_connection, mut send, mut recv)) = self.join().await else { continue };
            while let Some(frame) = read(&mut recv).await {
                let answer = match frame {
                    Frame::Ask(ask) => match &lies.equal {
                        Some(equal) => self.same(&ask, equal).await,
                        None => self.differ(&ask, &lies),
                    },
                    Frame::Want(want) if lies.swallows => {
                        Frame::Page(Page { request: want.request, more: false, ..page(Vec::new()) })
                    }
                    Frame::Want(Want { request, .. }) | Frame::More { request, .. } => {
                        Frame::Page(Page { request, more: true, ..page(lies.again.clone()) })
                    }
                    Frame::Push { .. } => Frame::Taken { pushes: 1 },
                    _ => continue,
                };
                if !self.send(&mut send, &answer).await {
                    break;
                }
                if matches!(answer, Frame::Page(_)) && !lies.swallows && !self.send(&mut send, &answer).await {
                    break;
                }
            }
            self.count(&self.closed);
        }
    }

    /// Says that its copies equal those of whoever asks.
    async fn same(&self, ask: &Ask, equal: &Equal) -> Frame {
        let Some(hashes) = &ask.hashes else { return Frame::Unknown { nonce: ask.nonce } };
        let Equal::Proved(node) = equal else { return Frame::Same { nonce: ask.nonce, proof: [1; 8] } };
        let asker = self.net.node_id();
        let (pair, week) = (Pair::new(asker, self.own), SystemClock.unix_s() / 604_800);
        let named = |hash: &AuthorHash| {
            self.personas.iter().copied().find(|persona| pair.author(asker, week, persona) == *hash)
        };
        let authors: Vec<PersonaId> = hashes.iter().filter_map(named).collect();
        assert_eq!(authors.len(), hashes.len(), "it can name all of them");
        let read = node.inner().store.read(move |db| crate::sync::answer(db, Query::Prints(authors)));
        let Answer::Prints(prints) = read.await.unwrap() else { panic!("another answer") };
        let question = Question { asker, answerer: self.own, nonce: ask.nonce };
        let proof = question.same(ask.set, prints.iter().map(|(author, print)| (author, print)));
        Frame::Same { nonce: ask.nonce, proof }
    }

    /// Claims to know the personas that it can name, and to have something else of them, or to know none.
    fn differ(&self, ask: &Ask, lies: &Lies) -> Frame {
        let asker = self.net.node_id();
        let Some(hashes) = &ask.hashes else { return Frame::Unknown { nonce: ask.nonce } };
        let (pair, week) = (Pair::new(asker, self.own), SystemClock.unix_s() / 604_800);
        let names: Vec<(AuthorHash, PersonaId)> =
            self.personas.iter().map(|persona| (pair.author(asker, week, persona), *persona)).collect();
        let (mut known, mut claimed) = (vec![0; hashes.len().div_ceil(8)], Vec::new());
        for (at, hash) in hashes.iter().enumerate() {
            if let Some((_, persona)) = names.iter().find(|(name, _)| name == hash && lies.claims) {
                known[at / 8] |= 1 << (at % 8);
                claimed.push(*persona);
            }
        }
        let question = Question { asker, answerer: self.own, nonce: ask.nonce };
        let (proof, prints) = (question.knows(claimed.iter()), vec![[7; 5]; claimed.len()]);
        Frame::Differ { nonce: ask.nonce, known, prints, proof }
    }
}

#[derive(Clone, Default)]
struct Lies {
    /// Says that all is equal.
    equal: Option<Equal>,
    /// Claims to know the personas.
    claims: bool,
    /// Says that there is nothing; else gives the same again and again.
    swallows: bool,
    /// An entry that everybody has.
    again: Vec<u8>,
}

#[derive(Clone)]
enum Equal {
    /// Without a proof.
    Said,
    /// As somebody can prove who has all that this node has, at any time, and gives nothing of it.
    Proved(Node),
}

fn page(runs: Vec<u8>) -> Page {
    Page { request: 0, more: false, differing: Vec::new(), ranges: Vec::new(), runs }
}

fn ask(hashes: Option<Vec<AuthorHash>>) -> Frame {
    Frame::Ask(Ask { nonce: 7, week: 0, set: SetId([3; 8]), digest: [0; 16], hashes, depths: Vec::new() })
}

async fn read(recv: &mut RecvStream) -> Option<Frame> {
    let mut len = [0; 4];
    recv.read_exact(&mut len).await.ok()?;
    let mut bytes = vec![0; usize::try_from(u32::from_le_bytes(len)).unwrap()];
    recv.read_exact(&mut bytes).await.ok()?;
    Frame::decode(&bytes).ok()
}

/// The bytes of an entry as a page has them.
async fn run_of(node: &Node, id: EntryId) -> Vec<u8> {
    let answer = node.inner().store.read(move |db| crate::sync::answer(db, Query::Push(vec![id]))).await.unwrap();
    let Answer::Push(pushed) = answer else { panic!("another answer") };
    pushed[0].run.clone()
}

/// Endpoints of hostile peers of a node, all at one address.
struct Gang {
    net: Net,
    personas: Vec<PersonaId>,
    peers: Vec<Arc<Peer>>,
    tasks: Tasks,
    over: Arc<AtomicBool>,
    did: Arc<Notify>,
}

impl Gang {
    fn new(node: &Node, personas: &[PersonaId]) -> Self {
        let (net, over, did) = (node.inner().net().unwrap(), Arc::default(), Arc::default());
        // The bucket is asked for as an author is.
        let personas = personas.iter().copied().chain([crate::bucket::Bucket::EVERYTHING.id()]).collect();
        Self { net, personas, peers: Vec::new(), tasks: Tasks::default(), over, did }
    }

    async fn add<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        work: impl FnOnce(Arc<Peer>) -> F + Send + 'static,
    ) {
        let key = 100 + u8::try_from(self.peers.len()).unwrap();
        let peer = Arc::new(Peer {
            endpoint: raw(key).await,
            own: endpoint::node_id(&[key; 32]),
            net: self.net.clone(),
            personas: self.personas.clone(),
            closed: AtomicUsize::new(0),
            sent: AtomicUsize::new(0),
            over: Arc::clone(&self.over),
            did: Arc::clone(&self.did),
            pace: Mutex::new(interval(Duration::from_millis(20))),
        });
        self.peers.push(Arc::clone(&peer));
        self.tasks.spawn("hostile", work(peer));
    }

    fn closed(&self) -> Vec<usize> {
        self.peers.iter().map(|peer| peer.closed.load(Ordering::Relaxed)).collect()
    }

    fn sent(&self) -> Vec<usize> {
        self.peers.iter().map(|peer| peer.sent.load(Ordering::Relaxed)).collect()
    }

    /// Waits until what they did is this.
    async fn until(&self, what: &str, is: impl Fn(&Self) -> bool) {
        soon(what, async {
            loop {
                let did = self.did.notified();
                if is(self) {
                    break;
                }
                did.await;
            }
        })
        .await;
    }

    async fn leave(mut self) {
        self.over.store(true, Ordering::Relaxed);
        std::mem::take(&mut self.tasks).shutdown().await;
        for peer in &self.peers {
            peer.endpoint.close().await;
        }
    }
}

impl Drop for Gang {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

fn median(times: &[u128]) -> u128 {
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_its_worst_is_let_go_and_hardly_slows_others() {
    let dir = tempfile::tempdir().unwrap();
    let ((alice, alices), (bob, bobs)) = friends(dir.path()).await;
    let calm = talk(&alice, &bob).await;

    let mut gang = Gang::new(&alice, &[alices, bobs]);
    let again = run_of(&alice, say(&alice, "old").await).await;
    let hashes: Vec<AuthorHash> = (0..SUBSCRIPTIONS_PER_PEER as u64).map(AuthorHash).collect();
    let some = |n: u8| (0..64).map(|at| PersonaId::from_bytes([n ^ at; 32])).collect::<Vec<_>>();
    let want = |request| {
        let items = vec![WantItem { author: 0, statements: 0, headers: 0, have: Vec::new() }];
        Frame::Want(Want { request, nonce: 7, newest: true, credit: 2, page_kib: 64, items })
    };
    let find = |id| Frame::Find { id, hops: 2, query: "old".to_owned() };
    let push = |runs: Vec<u8>| Frame::Push { stale: Vec::new(), runs, way: Way { stem: false, hops: 4 } };
    let floods: [(&str, Vec<Frame>); 9] = [
        ("questions", vec![ask(Some(hashes))]),
        ("questions without names", vec![ask(None)]),
        ("wants", (0..64).map(want).collect()),
        ("searches", (0..4_096).map(find).collect()),
        ("carry", (0..64).map(|n| Frame::Carry { authors: some(n) }).collect()),
        ("known", (0..64).map(|n| Frame::Known { authors: some(n) }).collect()),
        ("news", vec![Frame::News { items: vec![(AuthorHash(1), ShortId(2)); 1_000] }]),
        ("dropped", vec![Frame::Dropped { posts: vec![EntryId::from_bytes([9; 32]); 1_000] }]),
        ("pushes", vec![push(again.clone())]),
    ];
    let mut names = Vec::new();
    for (name, frames) in floods {
        names.push(name);
        gang.add(|peer| async move { peer.flood(frames).await }).await;
    }
    let begun = [1_000_u32.to_le_bytes().as_slice(), &[5; 10]].concat();
    let unknown = [4_u32.to_le_bytes().as_slice(), &[200, 0x80, 0, 0]].concat().repeat(20_000);
    let broken = [3_u32.to_le_bytes().as_slice(), &[2, 0xff, 0]].concat();
    for (name, bytes) in [
        ("a frame that is begun", begun),
        ("frames that nobody knows", unknown),
        ("no frame", broken),
        ("a frame of 4 GiB", u32::MAX.to_le_bytes().to_vec()),
        ("a frame of nothing", vec![0; 4]),
    ] {
        names.push(name);
        gang.add(|peer| async move { peer.bytes(bytes).await }).await;
    }
    names.extend(["coming and going", "streams", "endless answers"]);
    gang.add(|peer| async move { peer.come_and_go().await }).await;
    gang.add(|peer| async move { peer.hold_streams().await }).await;
    let endless = Lies { claims: true, again, ..Lies::default() };
    gang.add(|peer| async move { peer.lie(endless).await }).await;

    // How much is under way at worst, while honest people talk.
    let net = alice.inner().net().unwrap();
    let worst = Arc::new(AtomicUsize::new(0));
    let mut watch = Tasks::default();
    let seen = Arc::clone(&worst);
    watch.spawn("watch", async move {
        let mut often = interval(Duration::from_millis(20));
        loop {
            often.tick().await;
            seen.fetch_max(net.load().await, Ordering::Relaxed);
        }
    });
    // All of them have begun.
    gang.until("the first frames", |gang| !gang.sent().contains(&0)).await;
    let among = talk(&alice, &bob).await;
    // What stays open is held back: its frames are not read, or cost nothing.
    let let_go = ["questions", "questions without names", "carry", "known", "news", "no frame", "a frame of 4 GiB"];
    let places: Vec<usize> = let_go.iter().filter_map(|name| names.iter().position(|known| known == name)).collect();
    assert_eq!(places.len(), let_go.len());
    let let_go = |gang: &Gang| places.iter().all(|at| gang.closed()[*at] > 0);
    gang.until("those who break the rules to be let go of", let_go).await;
    let (closed, sent) = (gang.closed(), gang.sent());
    let told: Vec<String> = names
        .iter()
        .zip(closed.iter().zip(&sent))
        .map(|(name, (closed, sent))| format!("{name}: {sent} sent, closed {closed} times"))
        .collect();
    let told = format!(
        "calm {} ms (worst {}), among hostile peers {} ms (worst {}); at most {} jobs\n{}",
        median(&calm),
        calm[calm.len() - 1],
        median(&among),
        among[among.len() - 1],
        worst.load(Ordering::Relaxed),
        told.join("\n")
    );
    if std::env::var_os("KITH_FIGURES").is_some() {
        std::fs::write(std::env::temp_dir().join("kith-hostile.txt"), &told).unwrap();
    }
    assert!(median(&among) <= median(&calm) * 2 + STEM_MS + SLACK_MS, "{told}");
    let most = CONNECTIONS * (INBOX_BYTES / FRAME_LEAST_BYTES);
    assert!(worst.load(Ordering::Relaxed) < most, "{told}");
    assert!(alice.peers().await.unwrap().len() <= CONNECTIONS);
    drop(watch);
    gang.leave().await;
    alice.shutdown().await;
    bob.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lies_about_what_is_known_hide_nothing_that_an_honest_peer_has() {
    let dir = tempfile::tempdir().unwrap();
    let ((alice, alices), (bob, bobs)) = friends(dir.path()).await;
    let again = run_of(&alice, say(&alice, "old").await).await;
    let mut gang = Gang::new(&alice, &[alices, bobs]);
    for n in 0..12 {
        let lies = Lies { claims: n % 3 > 0, swallows: n % 3 == 1, again: again.clone(), ..Lies::default() };
        gang.add(|peer| async move { peer.lie(lies).await }).await;
    }
    gang.until("the liars", |gang| gang.sent().iter().all(|sent| *sent >= 2)).await;
    let mut at_alice = alice.events();
    let mut times = Vec::new();
    // What comes while the liars are there, and what was written while Bob was away.
    for n in 0..4 {
        let post = say(&bob, &format!("among liars {n}")).await;
        times.push(came(&alice, &mut at_alice, post).await);
    }
    bob.pause().await.unwrap();
    let written = say(&bob, "away").await;
    bob.resume().await.unwrap();
    times.push(came(&alice, &mut at_alice, written).await);
    if std::env::var_os("KITH_FIGURES").is_some() {
        std::fs::write(std::env::temp_dir().join("kith-liars.txt"), format!("{times:?}")).unwrap();
    }
    assert!(times.iter().all(|took| *took < 5_000), "{times:?}");
    gang.leave().await;
    alice.shutdown().await;
    bob.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_that_all_is_equal_hides_nothing_and_has_to_prove_it() {
    let dir = tempfile::tempdir().unwrap();
    let ((alice, alices), (bob, bobs)) = friends(dir.path()).await;
    let mut gang = Gang::new(&alice, &[alices, bobs]);
    for n in 0..8 {
        let equal = Some(if n % 2 == 0 { Equal::Said } else { Equal::Proved(alice.clone()) });
        gang.add(|peer| async move { peer.lie(Lies { equal, ..Lies::default() }).await }).await;
    }
    let ended = |gang: &Gang| gang.closed().iter().step_by(2).all(|closed| *closed > 0);
    gang.until("answers without proof to end their connections", ended).await;
    // Those with a proof are believed for as long as it is one.
    let answered = |gang: &Gang| gang.sent().iter().skip(1).step_by(2).all(|sent| *sent >= 2);
    gang.until("those with a proof to have answered", answered).await;
    assert!(gang.closed().iter().skip(1).step_by(2).all(|closed| *closed == 0), "{:?}", gang.closed());
    let mut at_alice = alice.events();
    let post = say(&bob, "among liars").await;
    let mut times = vec![came(&alice, &mut at_alice, post).await];
    bob.pause().await.unwrap();
    let written = say(&bob, "away").await;
    bob.resume().await.unwrap();
    times.push(came(&alice, &mut at_alice, written).await);
    assert!(times.iter().all(|took| *took < 5_000), "{times:?}");
    gang.leave().await;
    alice.shutdown().await;
    bob.shutdown().await;
}
