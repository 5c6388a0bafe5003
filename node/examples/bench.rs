//! First numbers of a node, as JSON lines and a table: `cargo xtask bench`.
//!
//! Cold pull over loopback QUIC between two real nodes in one process, what it costs on the wire and on disk, the
//! exchange when nothing is new, a feed page on a large store, and the time from opening a profile to its first page.
//! Medians of several runs; the keystore is unlocked memory, so that no passphrase is stretched inside a measurement.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kith_node::entry::{Kind, PostBody, Scope};
use kith_node::event::Event;
use kith_node::gate::Draft;
use kith_node::host::{Keystore, MemoryKeystore};
use kith_node::id::PersonaId;
use kith_node::lock::Holder;
use kith_node::view::Role;
use kith_node::{Config, FeedQuery, NetworkMode, Node, Result, SearchQuery};

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
    if std::env::args().any(|arg| arg == "pull") {
        let pull = cold_pull().await?;
        println!("{:.0} posts/s", pull.posts_per_s);
        return Ok(());
    }
    println!("{:<44} {:>12} {:>12} {:>12}", "figure", "median", "least", "most");
    if std::env::args().any(|arg| arg == "search") {
        return search().await;
    }
    let mut pulls = Vec::new();
    for _ in 0..RUNS {
        pulls.push(cold_pull().await?);
    }
    let column = |pick: fn(&Pull) -> f64| pulls.iter().map(pick).collect::<Vec<_>>();
    tell("cold pull of 10,000 posts by 100, posts/s", column(|pull| pull.posts_per_s));
    tell("cold pull, bytes/post on the wire", column(|pull| pull.wire));
    tell("cold pull, bytes/post on disk", column(|pull| pull.disk));
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
    println!("{figure:<44} {median:>12.1} {least:>12.1} {most:>12.1}");
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

    let bob = open(&bob_at, &keystore())?;
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
            Ok(None) | Err(_) => return Err(kith_node::Error::Bug("the pull did not end within 60 s")),
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let peers = bob.peers().await?;
    let bytes: u64 = peers.iter().map(|peer| peer.bytes_in + peer.bytes_out).sum();
    bob.shutdown().await;
    alice.shutdown().await;
    let disk = on_disk(&bob_at);
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
            return Err(kith_node::Error::Bug("the first page is not full"));
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
