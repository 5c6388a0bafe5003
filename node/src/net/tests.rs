//! Real endpoints on loopback, driven by a toy machine: connections, frames, and peers that misbehave.

mod blobs;
mod hostile;
mod kept;

use std::collections::BTreeMap;
use std::path::Path;

use iroh::EndpointAddr;
use iroh::endpoint::{Connection, ConnectionError, ReadError, ReadToEndError, RecvStream, SendStream, VarInt};
use rusqlite::params;

use super::link::{BLOBS, Cause, PEERS, SYNC};
use super::serve::REFUSED;
use super::*;
use crate::clock::SystemClock;
use crate::entry::{Entry, Kind, Unverified};
use crate::gate::{
    Applied, Asked, CheckFuture, Checked, CommentDraft, Draft, FlushFuture, GateFuture, KeepFuture, Origin, Outcome,
    SealedDraft, Told,
};
use crate::id::{BlobHash, CircleId, EntryId, PersonaId};
use crate::limits::{FRAME_BYTES, HANDSHAKE_MS, PREFETCH_BLOB_BYTES};
use crate::sync::{ConnId, Input, Now, Output};
use crate::view::PathKind;

const SOON: Duration = Duration::from_secs(20);

async fn soon<T>(what: &str, wait: impl Future<Output = T>) -> T {
    timeout(SOON, wait).await.unwrap_or_else(|_| panic!("not in time: {what}"))
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Joined { conn: ConnId, peer: NodeId },
    Left(ConnId),
    Frame(Vec<u8>),
}

/// Says "hello" on each connection, tells what it sees, and sends a frame of `seq` bytes to all for each commit.
struct Toy {
    seen: mpsc::Sender<Seen>,
    conns: BTreeMap<ConnId, NodeId>,
}

impl Machine for Toy {
    fn step(&mut self, _now: Now, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        let seen = match input {
            Input::Connected { conn, peer } => {
                self.conns.insert(conn, peer);
                out.push(Output::Send { conn, bytes: b"hello".to_vec() });
                Seen::Joined { conn, peer }
            }
            Input::Closed { conn } => {
                self.conns.remove(&conn);
                Seen::Left(conn)
            }
            Input::Frame { bytes, .. } => Seen::Frame(bytes),
            Input::Committed(commit) => {
                // A file that went out is told of without an entry.
                let Some(applied) = commit.applied.first() else { return out };
                let bytes = vec![1; usize::try_from(applied.seq).unwrap()];
                out.extend(self.conns.keys().map(|conn| Output::Send { conn: *conn, bytes: bytes.clone() }));
                return out;
            }
            _ => return out,
        };
        let _test_over = self.seen.try_send(seen);
        out
    }

    fn carriers(&self, _author: PersonaId) -> Vec<ConnId> {
        self.conns.keys().copied().collect()
    }

    fn role(&self, _conn: ConnId) -> Option<Role> {
        None
    }

    fn shared(&self, _conn: ConnId) -> usize {
        0
    }

    fn budget(&self) -> BudgetView {
        BudgetView { taken: 0, given: 0, take_limit: 1, give_limit: 1 }
    }
}

#[derive(Debug)]
struct NoGate;

impl Gate for NoGate {
    fn check(&self, _entries: Vec<Unverified<Entry>>) -> CheckFuture<'_> {
        Box::pin(async { Ok(Checked::default()) })
    }

    fn take(&self, _origin: Origin, _checked: Checked) -> GateFuture<'_> {
        Box::pin(async { Ok(Outcome::default()) })
    }

    fn author(&self, _drafts: Vec<Draft>) -> GateFuture<'_> {
        Box::pin(async { Ok(Outcome::default()) })
    }

    fn seal(&self, _: Vec<SealedDraft>) -> GateFuture<'_> {
        Box::pin(async { Err(Error::Closed) })
    }

    fn comment(&self, _: CommentDraft) -> GateFuture<'_> {
        Box::pin(async { Err(Error::Closed) })
    }

    fn open_circle(&self, _: CircleId) -> GateFuture<'_> {
        Box::pin(async { Err(Error::Closed) })
    }

    fn flush(&self, _: usize) -> FlushFuture<'_> {
        Box::pin(async { Ok(None) })
    }

    fn release(&self) -> GateFuture<'_> {
        Box::pin(async { Ok(Outcome::default()) })
    }

    fn helper(&self, _: Asked) -> KeepFuture<'_> {
        Box::pin(async { Ok(Told::Noted) })
    }
}

struct Party {
    net: Net,
    seen: mpsc::Receiver<Seen>,
    commits: broadcast::Sender<Committed>,
    store: Store,
    blobs: Blobs,
    events: Events,
}

fn config(key: u8, ip: [u8; 4], last_port: Option<u16>) -> NetConfig {
    NetConfig {
        secret: Zeroizing::new([key; 32]),
        listen: Some(SocketAddr::from((ip, 0))),
        last_port,
        offline: true,
        alone: false,
        lan: false,
        public_relays: false,
        role: Role::Desktop,
    }
}

async fn party_with(config: NetConfig, store: Store, dir: &Path) -> Party {
    party_of(config, Patience::default(), store, dir).await
}

async fn party_of(config: NetConfig, patience: Patience, store: Store, dir: &Path) -> Party {
    let (told, seen) = mpsc::channel(1_024);
    let commits = broadcast::Sender::new(64);
    let (blobs, events) = (Blobs::open(dir).await.unwrap(), Events::default());
    let parts = NetParts {
        store: store.clone(),
        gate: Arc::new(NoGate),
        commits: commits.subscribe(),
        events: events.clone(),
        clock: Arc::new(SystemClock),
        blobs: blobs.clone(),
        finder: |_, _, _, _| Ok(Vec::new()),
    };
    let toy = |_, _, _| Toy { seen: told, conns: BTreeMap::new() };
    let net = Net::start_with(config, parts, patience, toy).await.unwrap();
    Party { net, seen, commits, store, blobs, events }
}

async fn party(key: u8, dir: &tempfile::TempDir) -> Party {
    let home = dir.path().join(key.to_string());
    std::fs::create_dir_all(&home).unwrap();
    let store = Store::open(&home.join("db"), &[1; 32]).unwrap();
    party_with(config(key, [127, 0, 0, 1], None), store, &home).await
}

impl Party {
    async fn joined(&mut self) -> (ConnId, NodeId) {
        loop {
            if let Seen::Joined { conn, peer } = soon("a connection", self.seen.recv()).await.unwrap() {
                return (conn, peer);
            }
        }
    }

    async fn frame(&mut self) -> Vec<u8> {
        loop {
            if let Seen::Frame(bytes) = soon("a frame", self.seen.recv()).await.unwrap() {
                return bytes;
            }
        }
    }

    fn say(&self, bytes: u64) {
        let applied = Applied {
            id: EntryId::ZERO,
            author: PersonaId::ZERO,
            kind: Kind::Post,
            log: None,
            scope: None,
            seq: bytes,
            about: None,
            gap: false,
            held: false,
            adopted: false,
            automatic: false,
            blobs: Vec::new(),
        };
        self.commits
            .send(Committed { origin: Origin::Own, applied: [applied].into(), queued: false, carried: false })
            .unwrap();
    }

    async fn leave(self) {
        self.net.shutdown().await;
        self.blobs.close().await;
        self.store.close();
    }

    /// A post with this body that names a blob; `stored`: the blob is here, else it is wanted, a large one by somebody.
    async fn post(&self, n: u8, hash: BlobHash, size: u64, stored: bool) -> EntryId {
        let id = EntryId::from_bytes([n; 32]);
        let write = self.store.write(Durability::Normal, move |tx| {
            tx.execute("INSERT OR IGNORE INTO author (id) VALUES (?1)", [PersonaId::from_bytes([9; 32])])?;
            tx.execute(
                "INSERT INTO entry (id, author_row, kind, time, signature, body, rank) VALUES (?1, 1, 9, 0, x'', x'00', 4000000000)",
                [id],
            )?;
            let row = tx.last_insert_rowid();
            tx.execute(
                "INSERT OR IGNORE INTO blob (hash, size, mime, stored, wanted) VALUES (?1, ?2, 'image/jpeg', ?3, ?4)",
                params![hash, size.cast_signed(), stored, if stored { 0 } else { 1 + i64::from(size > PREFETCH_BLOB_BYTES) }],
            )?;
            tx.execute("INSERT INTO blob_ref (hash, entry_row) VALUES (?1, ?2)", params![hash, row])?;
            tx.execute("INSERT INTO post (entry_row, author_row, rank, log_row, seq) VALUES (?1, 1, 0, 0, 0)", [row])?;
            Ok(())
        });
        write.await.unwrap();
        id
    }
}

/// An endpoint without our code behind it.
async fn raw(key: u8) -> Endpoint {
    endpoint::bind(&config(key, [127, 0, 0, 1], None), None).await.unwrap().endpoint
}

fn addr(net: &Net) -> EndpointAddr {
    net.ticket().endpoint_addr().unwrap()
}

async fn shaken(endpoint: &Endpoint, net: &Net) -> (Connection, SendStream, RecvStream) {
    let lonely = net.peers().await.len() < admission::long_links(net.0.config.role) / 2;
    let connection = endpoint.connect(addr(net), endpoint::ALPN).await.unwrap();
    let (send, recv, _) = link::open(&connection, [5; 8]).await.unwrap();
    // A node that has few links asks for others. It gets no answer.
    if lonely {
        let (_unsaid, mut asked) = soon("a question", connection.accept_bi()).await.unwrap();
        assert_eq!(soon("its end", asked.read_to_end(10)).await.unwrap(), [PEERS]);
    }
    (connection, send, recv)
}

async fn close_code(connection: &Connection) -> VarInt {
    match soon("the connection to be closed", connection.closed()).await {
        ConnectionError::ApplicationClosed(close) => close.error_code,
        other => panic!("closed otherwise: {other}"),
    }
}

#[tokio::test]
async fn frames_go_both_ways_and_peers_are_shown() {
    let dir = tempfile::tempdir().unwrap();
    let (mut alice, mut bob) = (party(1, &dir).await, party(2, &dir).await);
    let ticket: Ticket = alice.net.ticket().to_string().parse().unwrap();
    assert_eq!(ticket.addrs, [Addr::Ip(alice.net.listen_addrs()[0])]);
    bob.net.dial(&ticket).await.unwrap();
    assert_eq!(alice.joined().await.1, bob.net.node_id());
    assert_eq!(bob.joined().await.1, alice.net.node_id());
    assert_eq!((alice.frame().await, bob.frame().await), (b"hello".to_vec(), b"hello".to_vec()));
    alice.say(FRAME_BYTES as u64);
    assert_eq!(bob.frame().await.len(), FRAME_BYTES);
    let peers = alice.net.peers().await;
    assert_eq!(peers.len(), 1);
    assert!(peers[0].bytes_out > FRAME_BYTES as u64 && peers[0].path == PathKind::Direct);
    assert!(matches!(alice.net.dial(&alice.net.ticket()).await, Err(Error::BadInput(_))));
    alice.leave().await;
    assert!(matches!(soon("the end", bob.seen.recv()).await, Some(Seen::Left(_))));
    bob.leave().await;
}

#[tokio::test]
async fn a_restarted_peer_is_back_within_two_seconds_whoever_dialled_first() {
    let dir = tempfile::tempdir().unwrap();
    let (mut alice, mut bob) = (party(1, &dir).await, party(2, &dir).await);
    bob.net.dial(&alice.net.ticket()).await.unwrap();
    alice.frame().await;
    bob.frame().await;
    // Bob knows Alice from a ticket, Alice knows Bob because he came in. Each starts again once.
    let port = alice.net.port();
    alice.leave().await;
    let home = dir.path().join("1");
    let store = Store::open(&home.join("db"), &[1; 32]).unwrap();
    let mut alice = party_with(config(1, [127, 0, 0, 1], Some(port)), store, &home).await;
    assert_eq!(alice.net.port(), port);
    let back = timeout(Duration::from_secs(2), async { (alice.joined().await, bob.joined().await) }).await;
    assert!(back.is_ok());

    let port = bob.net.port();
    bob.leave().await;
    let home = dir.path().join("2");
    let store = Store::open(&home.join("db"), &[1; 32]).unwrap();
    let mut bob = party_with(config(2, [127, 0, 0, 1], Some(port)), store, &home).await;
    let back = timeout(Duration::from_secs(2), async { (alice.joined().await, bob.joined().await) }).await;
    assert!(back.is_ok());
    alice.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn a_new_connection_of_a_killed_and_restarted_peer_replaces_the_old_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut alice = party(1, &dir).await;
    let (before, _send, _recv) = shaken(&raw(7).await, &alice.net).await;
    let (old, peer) = alice.joined().await;
    // The same key from another socket with another run: nobody closed the old connection.
    let restarted = raw(7).await;
    let connection = restarted.connect(addr(&alice.net), endpoint::ALPN).await.unwrap();
    let _streams = link::open(&connection, [6; 8]).await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < 2 {
        match soon("the change", alice.seen.recv()).await.unwrap() {
            Seen::Frame(_) => {}
            other => seen.push(other),
        }
    }
    assert_eq!(seen[0], Seen::Left(old));
    assert!(matches!(seen[1], Seen::Joined { peer: again, .. } if again == peer));
    assert_eq!(alice.net.peers().await.len(), 1);
    drop(before);
    alice.leave().await;
}

#[tokio::test]
async fn a_connection_stays_open_until_both_sides_know_the_one_in_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let mut alice = party(1, &dir).await;
    let peer = raw(7).await;
    let (first, _send, _recv) = shaken(&peer, &alice.net).await;
    alice.joined().await;
    let (_second, _send, _recv) = shaken(&peer, &alice.net).await;
    alice.joined().await;
    assert_eq!(alice.net.peers().await.len(), 1);
    assert!(first.close_reason().is_none(), "the peer may not know the second one yet");
    assert_eq!(close_code(&first).await, Cause::Replaced.code());
    assert_eq!(alice.net.peers().await.len(), 1);
    alice.leave().await;
}

#[tokio::test]
async fn what_is_idle_is_let_go_where_there_are_more_than_stay() {
    let dir = tempfile::tempdir().unwrap();
    let phone = NetConfig { role: Role::Phone, ..config(1, [127, 0, 0, 1], None) };
    let patience = Patience { idle_ms: 900, ..Patience::default() };
    let mut alice = party_of(phone, patience, Store::in_memory().unwrap(), dir.path()).await;
    // Four stay whatever they say (the oldest), of the others one talks.
    let (mut endpoints, mut stay) = (Vec::new(), Vec::new());
    for key in 10..16 {
        let endpoint = raw(key).await;
        stay.push(shaken(&endpoint, &alice.net).await);
        alice.joined().await;
        endpoints.push(endpoint);
    }
    let (talks, mut send, _recv) = stay.pop().unwrap();
    let (silent, _send, _recv) = stay.pop().unwrap();
    let mut often = tokio::time::interval(Duration::from_millis(100));
    let closed = async {
        let code = close_code(&silent);
        tokio::pin!(code);
        loop {
            tokio::select! {
                code = &mut code => break code,
                _ = often.tick() => send.write_all(&[1, 0, 0, 0, b'x']).await.unwrap(),
            }
        }
    };
    assert_eq!(closed.await, Cause::Idle.code());
    assert!(talks.close_reason().is_none());
    assert!(stay.iter().all(|(connection, ..)| connection.close_reason().is_none()));
    assert_eq!(alice.net.peers().await.len(), 5);
    alice.leave().await;
}

/// Lets nothing go at first, as a full disk does, and tells of each try.
#[derive(Debug)]
struct Full {
    tries: mpsc::Sender<u32>,
    tried: std::sync::atomic::AtomicU32,
}

impl Gate for Full {
    fn check(&self, _entries: Vec<Unverified<Entry>>) -> CheckFuture<'_> {
        Box::pin(async { Ok(Checked::default()) })
    }

    fn take(&self, _origin: Origin, _checked: Checked) -> GateFuture<'_> {
        Box::pin(async { Ok(Outcome::default()) })
    }

    fn author(&self, _drafts: Vec<Draft>) -> GateFuture<'_> {
        Box::pin(async { Ok(Outcome::default()) })
    }

    fn seal(&self, _: Vec<SealedDraft>) -> GateFuture<'_> {
        Box::pin(async { Err(Error::Closed) })
    }

    fn comment(&self, _: CommentDraft) -> GateFuture<'_> {
        Box::pin(async { Err(Error::Closed) })
    }

    fn open_circle(&self, _: CircleId) -> GateFuture<'_> {
        Box::pin(async { Err(Error::Closed) })
    }

    fn flush(&self, _: usize) -> FlushFuture<'_> {
        Box::pin(async { Ok(None) })
    }

    fn release(&self) -> GateFuture<'_> {
        let tried = self.tried.fetch_add(1, Ordering::Relaxed);
        self.tries.try_send(tried).unwrap();
        let full = || Error::Io(std::io::ErrorKind::StorageFull.into());
        Box::pin(async move { if tried == 0 { Err(full()) } else { Ok(Outcome::default()) } })
    }

    fn helper(&self, _: Asked) -> KeepFuture<'_> {
        Box::pin(async { Ok(Told::Noted) })
    }
}

#[tokio::test]
async fn entries_that_could_not_be_let_go_are_tried_again_and_roles_are_shown() {
    let dir = tempfile::tempdir().unwrap();
    let mut nets = Vec::new();
    for (key, role) in [(1, Role::Phone), (2, Role::Anchor)] {
        let (tries, told) = mpsc::channel(16);
        let home = dir.path().join(key.to_string());
        std::fs::create_dir_all(&home).unwrap();
        let (store, blobs) = (Store::in_memory().unwrap(), Blobs::open(&home).await.unwrap());
        let commits = broadcast::Sender::new(64);
        let parts = NetParts {
            store: store.clone(),
            gate: Arc::new(Full { tries, tried: 0.into() }),
            commits: commits.subscribe(),
            events: Events::default(),
            clock: Arc::new(SystemClock),
            blobs: blobs.clone(),
            finder: |_, _, _, _| Ok(Vec::new()),
        };
        let config = NetConfig { role, ..config(key, [127, 0, 0, 1], None) };
        nets.push((Net::start(config, parts).await.unwrap(), told, blobs, store, commits));
    }
    let ticket = nets[0].0.ticket();
    nets[1].0.dial(&ticket).await.unwrap();
    for (_, told, ..) in &mut nets {
        assert_eq!(soon("the first try", told.recv()).await, Some(0));
        assert_eq!(soon("the second try", told.recv()).await, Some(1));
    }
    for (net, role) in [(&nets[0].0, Role::Anchor), (&nets[1].0, Role::Phone)] {
        let peers = net.peers().await;
        assert_eq!(peers.iter().map(|peer| (peer.role, peer.path)).collect::<Vec<_>>(), [(role, PathKind::Direct)]);
        assert!(peers[0].rtt_ms > 0.0 && peers[0].bytes_in > 0);
    }
    for (net, told, blobs, store, _commits) in &mut nets {
        assert!(told.try_recv().is_err(), "what was let go is not tried again");
        net.shutdown().await;
        blobs.close().await;
        store.close();
    }
}

#[tokio::test]
async fn dialling_each_other_at_once_leaves_one_connection() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let (a, b) = (20 + 2 * round, 21 + 2 * round);
        let (mut alice, mut bob) = (party(a, &dir).await, party(b, &dir).await);
        let (to_alice, to_bob) = (alice.net.ticket(), bob.net.ticket());
        let (one, two) = tokio::join!(alice.net.dial(&to_bob), bob.net.dial(&to_alice));
        one.unwrap();
        two.unwrap();
        alice.joined().await;
        bob.joined().await;
        // A frame that arrives on both sides shows that both kept the same one.
        soon("one link", async {
            loop {
                alice.say(7);
                bob.say(7);
                let (to_alice, to_bob) = tokio::join!(alice.frame(), bob.frame());
                let settled = alice.net.peers().await.len() == 1 && bob.net.peers().await.len() == 1;
                if settled && to_alice.len() == 7 && to_bob.len() == 7 {
                    break;
                }
            }
        })
        .await;
        alice.leave().await;
        bob.leave().await;
    }
}

#[tokio::test]
async fn pause_and_resume_keep_the_port_and_the_peer() {
    let dir = tempfile::tempdir().unwrap();
    let (mut alice, mut bob) = (party(1, &dir).await, party(2, &dir).await);
    bob.net.dial(&alice.net.ticket()).await.unwrap();
    alice.joined().await;
    bob.joined().await;
    let port = bob.net.port();
    bob.net.pause().await;
    bob.net.pause().await;
    assert!(bob.net.listen_addrs().is_empty() && bob.net.peers().await.is_empty());
    let (told, seen) = mpsc::channel(64);
    bob.seen = seen;
    bob.net.launch(|_, _, _| Toy { seen: told, conns: BTreeMap::new() }).await.unwrap();
    bob.joined().await;
    alice.joined().await;
    assert_eq!(bob.net.port(), port);
    alice.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn an_anchor_stays_before_older_peers() {
    let dir = tempfile::tempdir().unwrap();
    let phone = NetConfig { role: Role::Phone, ..config(1, [127, 0, 0, 1], None) };
    let patience = Patience { idle_ms: 900, ..Patience::default() };
    let mut alice = party_of(phone, patience, Store::in_memory().unwrap(), dir.path()).await;
    let (mut endpoints, mut links) = (Vec::new(), Vec::new());
    for key in 10..15 {
        let endpoint = raw(key).await;
        links.push(shaken(&endpoint, &alice.net).await);
        alice.joined().await;
        endpoints.push(endpoint);
    }
    let last = Ticket::new(NodeId::from_bytes(*endpoints[4].id().as_bytes()), []);
    alice.net.set_helpers(Helpers { anchors: vec![last], mailboxes: Vec::new(), reports: Vec::new() }).await;
    assert_eq!(close_code(&links[3].0).await, Cause::Idle.code());
    assert!([0, 1, 2, 4].iter().all(|at: &usize| links[*at].0.close_reason().is_none()));
    alice.leave().await;
}

#[tokio::test]
async fn what_is_not_the_protocol_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut alice = party(1, &dir).await;
    let stranger = raw(7).await;
    assert!(stranger.connect(addr(&alice.net), b"/iroh-bytes/4").await.is_err());

    // The first stream is not sync.
    let connection = stranger.connect(addr(&alice.net), endpoint::ALPN).await.unwrap();
    let (mut send, _recv) = connection.open_bi().await.unwrap();
    send.write_all(&[BLOBS]).await.unwrap();
    assert_eq!(close_code(&connection).await, Cause::Protocol.code());

    // A stream of an unknown type: only it is refused.
    let (connection, mut sync, _recv) = shaken(&stranger, &alice.net).await;
    alice.joined().await;
    for kind in [0, SYNC, 4, 77] {
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        send.write_all(&[kind]).await.unwrap();
        let refused = soon("a refusal", recv.read_to_end(10)).await;
        assert!(matches!(refused, Err(ReadToEndError::Read(ReadError::Reset(code))) if code == REFUSED), "{kind}");
    }
    sync.write_all(&3u32.to_le_bytes()).await.unwrap();
    sync.write_all(b"abc").await.unwrap();
    assert_eq!(alice.frame().await, b"abc");

    // A frame that says it is 4 GiB long, or empty.
    for len in [u32::MAX, u32::try_from(FRAME_BYTES).unwrap() + 1, 0] {
        let (connection, mut sync, _recv) = shaken(&stranger, &alice.net).await;
        sync.write_all(&len.to_le_bytes()).await.unwrap();
        assert_eq!(close_code(&connection).await, Cause::Protocol.code());
    }
    alice.leave().await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_let_go() {
    let dir = tempfile::tempdir().unwrap();
    let mut alice = party(1, &dir).await;
    let stranger = raw(7).await;
    let (connection, _send, _recv) = shaken(&stranger, &alice.net).await;
    alice.joined().await;
    // 1 MiB fits into the stream's window, 8 MiB into the queue.
    for _ in 0..20 {
        alice.say(1024 * 1024);
    }
    assert_eq!(close_code(&connection).await, Cause::Stalled.code());
    assert!(matches!(soon("the end", alice.seen.recv()).await, Some(Seen::Left(_))));
    alice.leave().await;
}

#[tokio::test]
async fn silent_handshakes_are_bounded_and_an_honest_peer_gets_through() {
    let dir = tempfile::tempdir().unwrap();
    let mut alice = party(1, &dir).await;
    let attacker = raw(7).await;
    // 300 handshakes at once that never open the sync stream: one prefix has 32 places.
    let attempts = (0..300).map(|_| attacker.connect(addr(&alice.net), endpoint::ALPN));
    let held: Vec<_> = futures_util::future::join_all(attempts).await.into_iter().flatten().collect();
    assert!(held.len() <= 64, "{} silent connections", held.len());
    assert!(alice.net.peers().await.is_empty());
    let home = dir.path().join("honest");
    let honest = party_with(config(2, [127, 0, 1, 1], None), Store::in_memory().unwrap(), &home).await;
    honest.net.dial(&alice.net.ticket()).await.unwrap();
    let within = Duration::from_millis(HANDSHAKE_MS);
    let (_, peer) = timeout(within, alice.joined()).await.expect("before the silent ones are gone");
    assert_eq!(peer, honest.net.node_id());
    for connection in &held {
        assert!(matches!(soon("the end", connection.closed()).await, ConnectionError::ApplicationClosed(_)));
    }
    honest.leave().await;
    alice.leave().await;
}
