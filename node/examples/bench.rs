//! First numbers of a node, as JSON lines and a table: `cargo xtask bench`.
//!
//! Cold pull over loopback QUIC between two real nodes in one process, what it costs on the wire and on disk, the
//! exchange when nothing is new, a feed page on a large store, and the time from opening a profile to its first page.
//! Medians of several runs; the keystore is unlocked memory, so that no passphrase is stretched inside a measurement.
//!
//! Of these alone: `pull`, `search`; `disk [POSTS]` (what each table takes after a cold pull); `wire [AUTHORS
//! POSTS-EACH]` (exact counts of an exchange); `million FOLDER [POSTS]` (feeds at 1,000,000 posts of 1,000 authors, in a
//! folder that is filled where it is empty, without the gate, and takes 1 GB); `idle FOLDER [POSTS]` (memory of a node
//! that does nothing, with one peer); `follower FOLDER [POSTS]` (only makes the profile that `idle` and the window's
//! bench open); `echo FOLDER [POSTS]` (own posts in that profile, where they stay: from the call to the disk, and to the
//! feed's first page); `bundle FOLDER [POSTS MIB]` (an export and an import, what they cost and how much memory, beside
//! copying the same files); `link [POSTS MESSAGES]` (a device that is linked, and gets what there is).
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

#[path = "bench/bundle.rs"]
mod bundle;
#[path = "bench/echo.rs"]
mod echo;
#[path = "bench/link.rs"]
mod link;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kith_node::entry::{Kind, PostBody, Scope};
use kith_node::event::Event;
use kith_node::gate::Draft;
use kith_node::host::{Keystore, KeystoreError, KeystoreKind, MemoryKeystore};
use kith_node::id::{EntryId, PersonaId};
use kith_node::lock::Holder;
use kith_node::view::Role;
use kith_node::{Config, Error, FeedOf, FeedQuery, MessageDraft, NetworkMode, Node, Result, SearchQuery};

/// Authors and posts of a cold pull.
const AUTHORS: usize = 100;
const POSTS: usize = 10_000;
/// Posts and follows of the large store.
const FEED_POSTS: usize = 100_000;
const FEED_AUTHORS: usize = 150;
/// Pages read for one percentile.
const PAGES: usize = 2_000;
const RUNS: usize = 5;
/// Bodies are 480 to 520 bytes of words, as real posts compress.
const WORDS: [&str; 32] = [
    "the", "and", "river", "bread", "window", "evening", "small", "garden", "letter", "between", "quiet", "morning",
    "a", "of", "to", "street", "paper", "music", "water", "stone", "light", "again", "house", "never", "summer",
    "train", "station", "coffee", "walking", "north", "their", "because",
];

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, otherwise: usize| args.get(at).and_then(|arg| arg.parse().ok()).unwrap_or(otherwise);
    let folder = || args.get(1).map(PathBuf::from).ok_or(Error::BadInput("a folder is missing".to_owned()));
    match args.first().map(String::as_str) {
        Some("pull") => {
            println!("{:.0} posts/s", cold_pull().await?.posts_per_s);
            return Ok(());
        }
        Some("idle-node") => return idle_node(&folder()?).await,
        Some("follower") => return follower(&folder()?, number(2, 100_000)).await,
        Some(step @ ("bundle-export" | "bundle-import")) => {
            return bundle::step(step, &folder()?, args.get(2).map_or("", String::as_str)).await;
        }
        _ => {}
    }
    println!("{:<60} {:>12} {:>12} {:>12}", "figure", "median", "least", "most");
    match args.first().map(String::as_str) {
        Some("search") => return search().await,
        Some("messages") => return scroll_back(number(1, 10_000)).await,
        Some("disk") => return disk(number(1, POSTS)).await,
        Some("million") => return million(&folder()?, number(2, 1_000_000)).await,
        Some("bundle") => return bundle::bundle(&folder()?, number(2, 100_000), number(3, 1_024)).await,
        Some("link") => return link::link(number(1, POSTS), number(2, POSTS)).await,
        Some("echo") => {
            follower(&folder()?, number(2, 100_000)).await?;
            let keys: Arc<dyn Keystore> = Arc::new(PlainKeys(folder()?.join("b-keys")));
            let bob = open(&folder()?.join("b"), &keys)?;
            let done = echo::echo(&bob).await;
            bob.shutdown().await;
            return done;
        }
        Some("idle") => return idle(&folder()?, number(2, 100_000)).await,
        #[cfg(feature = "sim")]
        Some("wire") => return wire(number(1, 1_000), number(2, 100)),
        _ => {}
    }
    let mut pulls = Vec::new();
    for _ in 0..RUNS {
        pulls.push(cold_pull().await?);
    }
    let column = |pick: fn(&Pull) -> f64| pulls.iter().map(pick).collect::<Vec<_>>();
    tell("cold pull of 10,000 posts by 100, posts/s", column(|pull| pull.posts_per_s));
    tell("cold pull, bytes/post on the wire", column(|pull| pull.wire));
    tell("cold pull, bytes/post on disk without the search index", column(|pull| pull.disk));
    tell("cold pull, bytes/post of text", column(|pull| pull.text));
    let (feed, first_page) = large_store().await?;
    let p50 = percentile(&feed, 50);
    tell("feed page of 50 at 100,000 posts, p50 ms", vec![p50]);
    tell("feed page of 50 at 100,000 posts, p99 ms", vec![percentile(&feed, 99)]);
    tell("open a profile to its first page, ms", first_page);
    #[cfg(feature = "sim")]
    nothing_new()?;
    Ok(())
}

fn tell(figure: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    let (least, median, most) = (at(0), at(values.len() / 2), at(values.len().saturating_sub(1)));
    println!("{figure:<60} {median:>12.1} {least:>12.1} {most:>12.1}");
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or(f64::NAN)
}

fn open(profile: &Path, keystore: &Arc<dyn Keystore>) -> Result<Node> {
    let config = Config {
        profile: profile.to_owned(),
        create: true,
        holder: Holder::Command, // no control socket
        role: Role::Desktop,
        listen: Some(([127, 0, 0, 1], 0).into()),
        network: NetworkMode::Offline,
        lock_wait_ms: 0,
    };
    Node::open(config, Arc::clone(keystore))
}

fn keystore() -> Arc<dyn Keystore> {
    Arc::new(MemoryKeystore::default())
}

/// A seeded stream of texts of 480 to 520 bytes.
struct Corpus(u64);

impl Corpus {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn text(&mut self) -> String {
        let length = 480 + usize::try_from(self.next() % 40).unwrap_or_default();
        let mut text = String::new();
        while text.len() < length {
            let word = usize::try_from(self.next()).unwrap_or_default() % WORDS.len();
            text.push_str(WORDS.get(word).copied().unwrap_or_default());
            text.push(' ');
        }
        text.trim_end().to_owned()
    }
}

async fn write(node: &Node, personas: &[PersonaId], posts: usize, corpus: &mut Corpus) -> Result<u64> {
    let gate = node.gate()?;
    let mut bytes = 0;
    for turn in 0..posts / personas.len().max(1) / 10 {
        let mut drafts = Vec::new();
        for persona in personas {
            for n in 0..10 {
                let text = corpus.text();
                bytes += text.len() as u64;
                let mut salt = [0; 16];
                salt.iter_mut().zip([turn as u8, n, 7]).for_each(|(byte, value)| *byte = value);
                let body = PostBody { text, ..PostBody::default() }.encode(salt);
                drafts.push(Draft { persona: *persona, scope: Scope::Posts, kind: Kind::Post, refs: Vec::new(), body });
            }
        }
        gate.author(drafts).await?;
    }
    Ok(bytes)
}

struct Pull {
    posts_per_s: f64,
    wire: f64,
    disk: f64,
    text: f64,
}

async fn cold_pull() -> Result<Pull> {
    let folder = tempfile::tempdir()?;
    let (alice_at, bob_at) = (folder.path().join("a"), folder.path().join("b"));
    let alice = open(&alice_at, &keystore())?;
    let mut authors = Vec::new();
    for n in 0..AUTHORS {
        authors.push(alice.create_persona(&format!("Author {n}")).await?);
    }
    let text = write(&alice, &authors, POSTS, &mut Corpus(1)).await?;
    // As if she had met a peer before: entries that never left are not what is measured.
    alice.gate()?.release().await?;
    alice.start().await?;

    let bob_keys = keystore();
    let bob = open(&bob_at, &bob_keys)?;
    bob.create_persona("Bob").await?;
    for author in authors.iter().skip(1) {
        bob.follow(None, &author.to_string()).await?;
    }
    let first = authors.first().copied();
    let invite = alice.invite(first).await?.invite;
    bob.follow(None, &invite).await?;
    let mut events = bob.events();
    let start = Instant::now();
    bob.start().await?;
    // Durable and readable: counted from the store after each commit told us of posts.
    loop {
        let event = tokio::time::timeout(Duration::from_secs(60), events.next()).await;
        match event {
            Ok(Some(Event::PostsAdded { .. } | Event::Reload)) => {
                if posts(&bob).await? >= POSTS as u64 {
                    break;
                }
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return Err(Error::Bug("the pull did not end within 60 s")),
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let peers = bob.peers().await?;
    let bytes: u64 = peers.iter().map(|peer| peer.bytes_in + peer.bytes_out).sum();
    bob.shutdown().await;
    alice.shutdown().await;
    let disk: u64 =
        tables(&bob_at, &bob_keys)?.into_iter().filter(|table| !table.is_search()).map(|table| table.bytes).sum();
    let posts = POSTS as f64;
    Ok(Pull {
        posts_per_s: posts / seconds,
        wire: bytes as f64 / posts,
        disk: disk as f64 / posts,
        text: text as f64 / posts,
    })
}

async fn posts(node: &Node) -> Result<u64> {
    let mut total = 0;
    for follow in node.follows(None).await? {
        total += node.profile(follow.persona).await?.posts;
    }
    Ok(total)
}

/// Size of the database of a closed profile, bytes.
fn on_disk(profile: &Path) -> u64 {
    ["kith.db", "kith.db-wal"]
        .iter()
        .filter_map(|name| std::fs::metadata(profile.join(name)).ok())
        .map(|file| file.len())
        .sum()
}

async fn large_store() -> Result<(Vec<f64>, Vec<f64>)> {
    let folder = tempfile::tempdir()?;
    let keys = keystore();
    let node = open(folder.path(), &keys)?;
    let mut authors = Vec::new();
    for n in 0..FEED_AUTHORS {
        authors.push(node.create_persona(&format!("Author {n}")).await?);
    }
    write(&node, &authors, FEED_POSTS, &mut Corpus(2)).await?;
    let mut pages = Vec::new();
    let mut corpus = Corpus(3);
    let mut before = None;
    for turn in 0..PAGES {
        let start = Instant::now();
        let page = node.feed(FeedQuery { limit: 50, before, ..FeedQuery::default() }).await?;
        pages.push(start.elapsed().as_secs_f64() * 1_000.0);
        // A reader goes down page by page, and starts again at the top now and then.
        let on = page.last().map(|post| post.id).filter(|_| turn % 40 != 0 && !corpus.next().is_multiple_of(4));
        before = on;
    }
    pages.sort_by(f64::total_cmp);
    node.shutdown().await;
    let mut opens = Vec::new();
    for _ in 0..20 {
        let start = Instant::now();
        let node = open(folder.path(), &keys)?;
        let page = node.feed(FeedQuery { limit: 50, ..FeedQuery::default() }).await?;
        opens.push(start.elapsed().as_secs_f64() * 1_000.0);
        if page.len() != 50 {
            return Err(Error::Bug("the first page is not full"));
        }
        node.shutdown().await;
    }
    Ok((pages, opens))
}

/// A store of posts with a vocabulary as texts have it: few common words, many rare ones.
async fn search() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let keys = keystore();
    let node = open(folder.path(), &keys)?;
    let mut authors = Vec::new();
    for n in 0..FEED_AUTHORS {
        authors.push(node.create_persona(&format!("Author {n}")).await?);
    }
    let gate = node.gate()?;
    let mut corpus = Corpus(4);
    for _ in 0..FEED_POSTS / FEED_AUTHORS / 10 {
        let mut drafts = Vec::new();
        for persona in &authors {
            for _ in 0..10 {
                let text = (0..80).map(|_| rare(&mut corpus)).collect::<Vec<_>>().join(" ");
                let mut salt = [0; 16];
                salt.iter_mut().zip(corpus.next().to_le_bytes()).for_each(|(byte, value)| *byte = value);
                let body = PostBody { text, ..PostBody::default() }.encode(salt);
                drafts.push(Draft { persona: *persona, scope: Scope::Posts, kind: Kind::Post, refs: Vec::new(), body });
            }
        }
        gate.author(drafts).await?;
    }
    node.shutdown().await;
    let before = on_disk(folder.path());
    let node = open(folder.path(), &keys)?;
    let query = |text: String| SearchQuery { text, limit: 50, ..SearchQuery::default() };
    let start = Instant::now();
    // Each search waits for a bounded part of what is not indexed yet: the last one for nothing.
    loop {
        let part = Instant::now();
        node.search_posts(query("w1".to_owned())).await?;
        if part.elapsed() < Duration::from_millis(100) {
            break;
        }
    }
    tell("search: posts indexed a second", vec![FEED_POSTS as f64 / start.elapsed().as_secs_f64()]);
    for (figure, words) in [("one word", 1), ("two words", 2), ("three words", 3)] {
        let mut times = Vec::new();
        for _ in 0..PAGES / 4 {
            let text = (0..words).map(|_| rare(&mut corpus)).collect::<Vec<_>>().join(" ");
            let start = Instant::now();
            node.search_posts(query(text)).await?;
            times.push(start.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        tell(&format!("search for {figure} at 100,000 posts, p50 ms"), vec![percentile(&times, 50)]);
        tell(&format!("search for {figure} at 100,000 posts, p99 ms"), vec![percentile(&times, 99)]);
    }
    node.shutdown().await;
    let after = on_disk(folder.path());
    tell("search: bytes of the index a post", vec![after.saturating_sub(before) as f64 / FEED_POSTS as f64]);
    tell("search: bytes of the store without it a post", vec![before as f64 / FEED_POSTS as f64]);
    Ok(())
}

/// A word of some 20,000, each half as often as one of half its number.
fn rare(corpus: &mut Corpus) -> String {
    let bits = corpus.next() % 14;
    let number = (1_u64 << bits) + corpus.next() % (1 << bits);
    format!("w{number}")
}

/// What one table or index takes in the database.
struct Table {
    name: String,
    bytes: u64,
    /// Of these, not used.
    free: u64,
}

impl Table {
    fn is_search(&self) -> bool {
        self.name.contains("search_") || self.name.contains("post_tag")
    }
}

/// The database of a closed profile.
fn database(profile: &Path, keystore: &Arc<dyn Keystore>) -> Result<rusqlite::Connection> {
    let tag = std::fs::read_to_string(profile.join("profile-id"))?;
    let key = keystore.get(&format!("{}/db", tag.trim()))?.ok_or(Error::Keystore(KeystoreError::NoKey))?;
    let db = rusqlite::Connection::open(profile.join("kith.db"))?;
    db.pragma_update(None, "key", format!("x'{}'", data_encoding::HEXLOWER.encode(&key)))?;
    db.pragma_update(None, "cipher_page_size", 8_192)?;
    db.pragma_update(None, "cipher_hmac_algorithm", "HMAC_SHA256")?;
    Ok(db)
}

/// Tables of a closed profile, the largest first.
fn tables(profile: &Path, keystore: &Arc<dyn Keystore>) -> Result<Vec<Table>> {
    let db = database(profile, keystore)?;
    let mut statement =
        db.prepare("SELECT name, pgsize, unused FROM dbstat WHERE aggregate = 1 ORDER BY pgsize DESC")?;
    let rows = statement.query_map([], |row| Ok(Table { name: row.get(0)?, bytes: row.get(1)?, free: row.get(2)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn tell_tables(profile: &Path, keystore: &Arc<dyn Keystore>, posts: f64) -> Result<()> {
    let tables = tables(profile, keystore)?;
    let without: u64 = tables.iter().filter(|table| !table.is_search()).map(|table| table.bytes).sum();
    tell("bytes/post on disk without the search index", vec![without as f64 / posts]);
    tell("bytes/post on disk, the whole file", vec![on_disk(profile) as f64 / posts]);
    for table in tables.iter().filter(|table| table.bytes as f64 / posts >= 0.5) {
        let free = 100 * table.free / table.bytes.max(1);
        tell(&format!("  {}, {free} % of it empty", table.name), vec![table.bytes as f64 / posts]);
    }
    Ok(())
}

async fn disk(posts: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let keys = keystore();
    let text = pulled(folder.path(), &keystore(), &keys, AUTHORS, posts).await?.text;
    tell("bytes/post of text", vec![text]);
    tell_tables(&folder.path().join("b"), &keys, posts as f64)
}

/// Keys in plain files: for a bench that opens a profile again, and for nothing else.
#[derive(Debug)]
struct PlainKeys(PathBuf);

impl Keystore for PlainKeys {
    fn get(&self, name: &str) -> std::result::Result<Option<zeroize::Zeroizing<Vec<u8>>>, KeystoreError> {
        Ok(std::fs::read(self.0.join(name.replace('/', "-"))).ok().map(zeroize::Zeroizing::new))
    }

    fn set(&self, name: &str, secret: &[u8]) -> std::result::Result<(), KeystoreError> {
        std::fs::create_dir_all(&self.0).map_err(|_| KeystoreError::Locked)?;
        std::fs::write(self.0.join(name.replace('/', "-")), secret).map_err(|_| KeystoreError::Locked)
    }

    fn delete(&self, name: &str) -> std::result::Result<(), KeystoreError> {
        std::fs::remove_file(self.0.join(name.replace('/', "-"))).map_err(|_| KeystoreError::Locked)
    }

    fn kind(&self) -> KeystoreKind {
        KeystoreKind::Memory
    }
}

/// Bob in `b` follows all that Alice in `a` wrote and has pulled it, index of searches included as far as it came.
async fn pulled(
    folder: &Path,
    alices: &Arc<dyn Keystore>,
    bobs: &Arc<dyn Keystore>,
    authors: usize,
    posts: usize,
) -> Result<Pull> {
    let alice = open(&folder.join("a"), alices)?;
    let mut personas = Vec::new();
    for n in 0..authors {
        personas.push(alice.create_persona(&format!("Author {n}")).await?);
    }
    // As many as `write` makes of it: tens of each author.
    let posts = posts / authors.max(1) / 10 * authors * 10;
    let start = Instant::now();
    let text = write(&alice, &personas, posts, &mut Corpus(1)).await?;
    println!(
        "{:<60} {:>12.0}",
        "posts/s signed and stored by their author",
        posts as f64 / start.elapsed().as_secs_f64()
    );
    alice.gate()?.release().await?;
    alice.start().await?;
    let bob = open(&folder.join("b"), bobs)?;
    bob.create_persona("Bob").await?;
    for author in personas.iter().skip(1) {
        bob.follow(None, &author.to_string()).await?;
    }
    let invite = alice.invite(personas.first().copied()).await?.invite;
    bob.follow(None, &invite).await?;
    let start = Instant::now();
    bob.start().await?;
    // So much of it comes at once that asking after each commit would slow it down.
    let pause = Duration::from_millis(if posts > POSTS { 1_000 } else { 10 });
    while self::posts(&bob).await? < posts as u64 {
        if start.elapsed() > Duration::from_secs(1_800) {
            return Err(Error::Bug("the pull did not end within half an hour"));
        }
        tokio::time::sleep(pause).await;
    }
    let posts_per_s = posts as f64 / start.elapsed().as_secs_f64();
    println!("{:<60} {posts_per_s:>12.0}", "posts/s pulled over loopback");
    bob.shutdown().await;
    alice.shutdown().await;
    Ok(Pull { posts_per_s, wire: 0.0, disk: 0.0, text: text as f64 / posts as f64 })
}

/// Fills a profile with the rows that the gate writes for posts of followed authors, in the order in which they would
/// have come, without signing, checking and pulling them: signatures and ids are noise. Only for what reads and counts
/// bytes.
async fn fill(profile: &Path, keystore: &Arc<dyn Keystore>, authors: usize, posts: usize) -> Result<()> {
    let mut corpus = Corpus(6);
    let bob = open(profile, keystore)?;
    bob.create_persona("Bob").await?;
    for _ in 0..authors {
        bob.follow(None, &PersonaId::from_bytes(noise(&mut corpus)).to_string()).await?;
    }
    bob.shutdown().await;
    let start = Instant::now();
    let mut db = database(profile, keystore)?;
    db.pragma_update(None, "synchronous", "OFF")?;
    db.pragma_update(None, "cache_size", -256 * 1_024)?;
    let tx = db.transaction()?;
    let followed: Vec<i64> = tx
        .prepare("SELECT row FROM author WHERE followed = 1 AND own = 0")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut logs = Vec::new();
    for author in followed {
        let (device, number): ([u8; 32], i64) = (noise(&mut corpus), corpus.next().cast_signed());
        tx.prepare_cached("INSERT INTO log (author_row, device, log, ref, scope) VALUES (?1, ?2, ?3, ?3, 0)")?
            .execute(rusqlite::params![author, device, number])?;
        logs.push((author, tx.last_insert_rowid()));
    }
    // Years of posts, some seconds apart.
    let first_s = 1_700_000_000;
    for n in 0..posts {
        let Some((author, log)) = logs.get(n % logs.len().max(1)) else { continue };
        let (seq, time_s) = ((n / logs.len().max(1)).cast_signed(), first_s + n.cast_signed() * 60);
        let id: [u8; 32] = noise(&mut corpus);
        let signature: [u8; 64] = noise(&mut corpus);
        let body = PostBody { text: corpus.text(), ..PostBody::default() }.encode(noise(&mut corpus));
        tx.prepare_cached(
            "INSERT INTO entry (id, author_row, log_row, seq, kind, time, signature, body, rank)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?6)",
        )?
        .execute(rusqlite::params![id, author, log, seq, Kind::Post.number(), time_s, signature, body])?;
        tx.prepare_cached(
            "INSERT INTO post (entry_row, author_row, rank, log_row, seq, in_feed) VALUES (?1, ?2, ?3, ?4, ?5, 1)",
        )?
        .execute(rusqlite::params![tx.last_insert_rowid(), author, time_s, log, seq])?;
    }
    tx.execute(
        "UPDATE log SET next_seq = e.count, top_seq = e.count - 1, count = e.count,
            top_id = (SELECT id FROM entry WHERE log_row = log.row ORDER BY seq DESC LIMIT 1)
         FROM (SELECT log_row, count(*) AS count FROM entry GROUP BY log_row) AS e WHERE e.log_row = log.row AND own = 0",
        [],
    )?;
    tx.commit()?;
    let posts_per_s = posts as f64 / start.elapsed().as_secs_f64();
    println!("{:<60} {posts_per_s:>12.0}", "rows of posts written a second, without the gate");
    Ok(())
}

fn noise<const N: usize>(corpus: &mut Corpus) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.iter_mut().for_each(|byte| *byte = (corpus.next() >> 8) as u8);
    bytes
}

/// Feeds of a large store: of everybody, of one of two personas, of a list, of an author; with what is muted.
async fn million(folder: &Path, posts: usize) -> Result<()> {
    const AUTHORS: usize = 1_000;
    let bobs: Arc<dyn Keystore> = Arc::new(PlainKeys(folder.join("keys")));
    let at = folder.join("b");
    if !at.join("kith.db").is_file() {
        fill(&at, &bobs, AUTHORS, posts).await?;
    }
    tell_tables(&at, &bobs, posts as f64)?;
    let bob = open(&at, &bobs)?;
    let follows: Vec<PersonaId> = bob.follows(None).await?.into_iter().map(|follow| follow.persona).collect();
    let query = FeedQuery { limit: 50, ..FeedQuery::default() };
    pages(&bob, "home, 1,000 follows", &query).await?;
    // A second persona that follows some of them, and one that follows very few.
    for (name, count) in [("Bill", 150), ("Belle", 3)] {
        let known = bob.personas().await?.into_iter().find(|persona| persona.name == name).map(|persona| persona.id);
        let persona = match known {
            Some(persona) => persona,
            None => {
                let persona = bob.create_persona(name).await?;
                for author in follows.iter().take(count) {
                    bob.follow(Some(persona), &author.to_string()).await?;
                }
                persona
            }
        };
        let query = FeedQuery { persona: Some(persona), ..query.clone() };
        pages(&bob, &format!("a persona of {count} follows beside one of 1,000"), &query).await?;
    }
    let list = match bob.lists().await?.first() {
        Some(list) => list.id,
        None => {
            let list = bob.create_list("Some").await?;
            for author in follows.iter().take(100) {
                bob.add_to_list(list, *author).await?;
            }
            list
        }
    };
    pages(&bob, "a list of 100", &FeedQuery { of: FeedOf::List(list), ..query.clone() }).await?;
    pages(&bob, "one author", &FeedQuery { author: follows.first().copied(), ..query.clone() }).await?;
    for author in follows.iter().skip(500).take(50) {
        bob.mute(*author, None).await?;
    }
    for author in follows.iter().skip(600).take(20) {
        bob.block(*author).await?;
    }
    for word in ["spoiler", "some words", "unheard", "lottery", "election"] {
        bob.mute_word(word, false, None).await?;
    }
    let muted: Vec<EntryId> = bob.feed(query.clone()).await?.into_iter().map(|post| post.id).collect();
    for post in muted.iter().take(20) {
        bob.mute_thread(*post, None).await?;
    }
    pages(&bob, "home, 50 people, 20 threads, 5 words muted, 20 blocked", &query).await?;
    for author in follows.iter().skip(150) {
        bob.unfollow(None, *author).await?;
    }
    pages(&bob, "home, 150 follows, the rest is still stored", &query).await?;
    for author in follows.iter().skip(150) {
        bob.follow(None, &author.to_string()).await?;
    }
    for author in follows.iter().skip(500).take(120) {
        bob.unmute(*author).await?;
        bob.unblock(*author).await?;
    }
    for post in muted.iter().take(20) {
        bob.unmute_thread(*post).await?;
    }
    for _ in 0..3 {
        bob.shutdown().await;
        let start = Instant::now();
        let bob = open(&at, &bobs)?;
        bob.feed(query.clone()).await?;
        tell("open a profile to its first page, ms", vec![start.elapsed().as_secs_f64() * 1_000.0]);
        bob.shutdown().await;
    }
    Ok(())
}

/// Times of the first page, and of pages on the way down and from anywhere.
async fn pages(node: &Node, figure: &str, query: &FeedQuery) -> Result<()> {
    let mut times = Vec::new();
    let mut first = Vec::new();
    let mut corpus = Corpus(5);
    let mut before = None;
    let mut seen: Vec<EntryId> = Vec::new();
    for turn in 0..PAGES {
        let start = Instant::now();
        let page = node.feed(FeedQuery { before, ..query.clone() }).await?;
        let took = start.elapsed().as_secs_f64() * 1_000.0;
        times.push(took);
        if before.is_none() {
            first.push(took);
        }
        let last = page.last().map(|post| post.id);
        seen.extend(last);
        // Long ways down, starts at the top, and jumps to where somebody was before.
        before = match (turn % 200, corpus.next() % 8) {
            (0, _) => None,
            (_, 0) => seen.get(usize::try_from(corpus.next()).unwrap_or_default() % seen.len().max(1)).copied(),
            _ => last,
        };
    }
    for _ in 0..100 {
        let start = Instant::now();
        node.feed(FeedQuery { before: None, ..query.clone() }).await?;
        first.push(start.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    first.sort_by(f64::total_cmp);
    tell(&format!("{figure}: p50 ms"), vec![percentile(&times, 50)]);
    tell(&format!("{figure}: p99 ms"), vec![percentile(&times, 99)]);
    tell(&format!("{figure}: first page, p99 ms"), vec![percentile(&first, 99)]);
    Ok(())
}

/// Somebody who pulled what 150 authors wrote, in `b`, unless that folder holds somebody already.
async fn follower(folder: &Path, posts: usize) -> Result<()> {
    let keys = |name: &str| -> Arc<dyn Keystore> { Arc::new(PlainKeys(folder.join(name))) };
    if !folder.join("b/kith.db").is_file() {
        pulled(folder, &keys("a-keys"), &keys("b-keys"), FEED_AUTHORS, posts).await?;
    }
    // What the window's bench posts is painted at once, not as what can still be taken back.
    let bob = open(&folder.join("b"), &keys("b-keys"))?;
    bob.remember("writing.undo", "off").await?;
    bob.shutdown().await;
    Ok(())
}

/// Memory of a process of its own that has a profile open, a peer connected, and nothing to do for a minute.
async fn idle(folder: &Path, posts: usize) -> Result<()> {
    follower(folder, posts).await?;
    let keys: Arc<dyn Keystore> = Arc::new(PlainKeys(folder.join("a-keys")));
    let alice = open(&folder.join("a"), &keys)?;
    alice.start().await?;
    let output = std::process::Command::new(std::env::current_exe()?)
        .arg("idle-node")
        .arg(folder)
        .stdout(std::process::Stdio::piped())
        .spawn()?
        .wait_with_output()?;
    alice.shutdown().await;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

async fn idle_node(folder: &Path) -> Result<()> {
    let keys: Arc<dyn Keystore> = Arc::new(PlainKeys(folder.join("b-keys")));
    let bob = open(&folder.join("b"), &keys)?;
    let opened = memory("VmRSS:");
    bob.start().await?;
    for minute in 0..3 {
        tokio::time::sleep(Duration::from_secs(60)).await;
        if minute == 0 && bob.peers().await?.is_empty() {
            return Err(Error::Bug("no peer is connected"));
        }
        let figure = format!("MiB of a node that is idle for {} min, one peer", minute + 1);
        tell(&figure, vec![memory("VmRSS:")]);
    }
    tell("MiB of it once opened", vec![opened]);
    tell("MiB of it that is not files", vec![memory("RssAnon:")]);
    tell("MiB at most", vec![memory("VmHWM:")]);
    bob.shutdown().await;
    Ok(())
}

/// Starts after which a conversation is read.
const STARTS: usize = 100;

/// The newest 100 messages of a conversation and the 100 before them, from the archive, right after a start.
async fn scroll_back(messages: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let keys: Arc<dyn Keystore> = Arc::new(PlainKeys(folder.path().join("keys")));
    let profile = folder.path().join("profile");
    let node = open(&profile, &keys)?;
    let from = node.create_persona("Alice").await?;
    let to = node.create_persona("Bob").await?;
    let mut thread = None;
    for number in 0..messages {
        let draft = MessageDraft { text: format!("message {number}"), ..MessageDraft::default() };
        thread = Some(node.dm(Some(from), vec![to], draft).await?.thread);
    }
    node.shutdown().await;
    drop(node);
    let Some(thread) = thread else { return Ok(()) };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    // So many that the most of them stands for the 99th of a hundred.
    for _ in 0..STARTS {
        let node = open(&profile, &keys)?;
        let start = Instant::now();
        let page = node.messages(thread, 100, None).await?;
        first.push(start.elapsed().as_secs_f64() * 1_000.0);
        let start = Instant::now();
        node.messages(thread, 100, page.first().map(|message| message.id)).await?;
        second.push(start.elapsed().as_secs_f64() * 1_000.0);
        node.shutdown().await;
    }
    tell(&format!("newest 100 of {messages} messages after a start, ms"), first);
    tell("the 100 before them, ms", second);
    Ok(())
}

/// A figure of this process, MiB.
fn memory(figure: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(figure)).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1_024.0
}

/// What an exchange costs at 1,000 authors, in the simulation: every frame of both directions.
#[cfg(feature = "sim")]
fn wire(authors: usize, each: usize) -> Result<()> {
    use kith_node::sim::{Lacks, exchange};
    for lacks in [Lacks::Nothing, Lacks::Newest, Lacks::Authors, Lacks::Scattered] {
        let cost = exchange(authors, each, 500, lacks)?;
        println!("{authors} authors, {each} posts each, the reader lacks {lacks:?}: {cost:?}");
        println!("  {} bytes beside bodies and signatures", cost.bytes - cost.entries);
    }
    Ok(())
}

/// Exact counts, from the simulation: every frame of both directions.
#[cfg(feature = "sim")]
fn nothing_new() -> Result<()> {
    let mut world = kith_node::sim::World::new(1);
    let (alice, bob) = (world.node()?, world.node()?);
    let hers = world.persona(alice, "Alice")?;
    let his = world.persona(bob, "Bob")?;
    world.follow(bob, his, hers)?;
    for n in 0..100 {
        world.post(alice, hers, &format!("post {n}"))?;
    }
    world.connect(bob, alice);
    world.run_for(10_000)?;
    world.disconnect(bob, alice);
    world.run_for(1_000)?;
    world.open_tap();
    world.connect(bob, alice);
    world.run_for(2_000)?;
    let frames = world.close_tap();
    let bytes: usize = frames.iter().map(|frame| frame.bytes.len()).sum();
    tell("nothing new: bytes of all frames, both ways", vec![bytes as f64]);
    tell("nothing new: frames, both ways", vec![frames.len() as f64]);
    Ok(())
}
