//! `link [POSTS MESSAGES]`: a device that is linked over loopback QUIC and gets what there is of posts and messages, beside a
//! follower who pulls the same posts from the same node.

use std::path::Path;
use std::time::{Duration, Instant};

use kith_node::id::PersonaId;
use kith_node::view::{History, LinkView};
use kith_node::{Error, LinkGive, LinkWatch, MessageDraft, Node, Result};

use super::{Corpus, keystore, open, tell, write};

const RUNS: usize = 3;
/// How often it is looked how many posts are there, and for how long.
const LOOK: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) async fn link(posts: usize, messages: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let laptop = open(&folder.path().join("laptop"), &keystore())?;
    let (alice, other) = (laptop.create_persona("Alice").await?, laptop.create_persona("Bob").await?);
    write(&laptop, &[alice], posts, &mut Corpus(8)).await?;
    for number in 0..messages {
        let draft = MessageDraft { text: format!("message {number}"), ..MessageDraft::default() };
        laptop.dm(Some(alice), vec![other], draft).await?;
    }
    laptop.gate()?.release().await?;
    laptop.start().await?;
    let (mut pulls, mut linkings, mut alone, mut beside, mut said) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        let at = |name: &str| folder.path().join(format!("{name}-{run}"));
        pulls.push(posts as f64 / pull(&laptop, &at("follower"), alice, posts).await?);
        let linked = one(&laptop, &at("phone"), (alice, History::None), posts).await?;
        linkings.push(linked.linked_s);
        alone.push(posts as f64 / linked.posts_s);
        let linked = one(&laptop, &at("tablet"), (alice, History::All), posts).await?;
        linkings.push(linked.linked_s);
        beside.push(posts as f64 / linked.posts_s);
        said.push(messages as f64 / linked.history_s);
    }
    laptop.shutdown().await;
    let ratios = |of: &[f64]| of.iter().zip(&pulls).map(|(one, pull)| 100.0 * one / pull).collect::<Vec<_>>();
    tell("linking, from the code shown to both linked, s", linkings);
    tell(&format!("a follower's cold pull of {posts} posts by 1, posts/s"), pulls.clone());
    tell("a linked device without messages, posts/s from then on", alone.clone());
    tell("  of the follower's, %", ratios(&alone));
    tell(&format!("a linked device with {messages} messages, posts/s from then on"), beside.clone());
    tell("  of the follower's, %", ratios(&beside));
    tell("  messages/s", said.clone());
    tell("  of the follower's posts/s, %", ratios(&said));
    Ok(())
}

/// Seconds until a new follower has all posts.
async fn pull(laptop: &Node, at: &Path, alice: PersonaId, posts: usize) -> Result<f64> {
    let bob = open(at, &keystore())?;
    bob.create_persona("Bob").await?;
    bob.follow(None, &laptop.invite(Some(alice)).await?.invite).await?;
    let start = Instant::now();
    bob.start().await?;
    let took = arrived(&bob, alice, posts, start).await;
    bob.shutdown().await;
    took
}

async fn arrived(node: &Node, alice: PersonaId, posts: usize, start: Instant) -> Result<f64> {
    while node.profile(alice).await?.posts < posts as u64 {
        if start.elapsed() > PATIENCE {
            return Err(Error::Bug("the posts did not come"));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(start.elapsed().as_secs_f64())
}

struct Linked {
    /// Until both say so.
    linked_s: f64,
    /// From then on.
    posts_s: f64,
    history_s: f64,
}

/// Links a new device, and waits until it has everything.
async fn one(laptop: &Node, at: &Path, (alice, history): (PersonaId, History), posts: usize) -> Result<Linked> {
    let phone = open(at, &keystore())?;
    phone.start().await?;
    let start = Instant::now();
    let shows = laptop.show_link(Some(LinkGive { personas: vec![alice], main: false, history })).await?;
    let code = until(&mut shows.watch(), |view| view.code.clone()).await?;
    let takes = phone.take_link(&code, None).await?;
    let digits = until(&mut takes.watch(), |view| view.check.clone()).await?;
    until(&mut shows.watch(), |view| view.ask.then_some(())).await?;
    shows.type_digits(&digits)?;
    for side in [&shows, &takes] {
        until(&mut side.watch(), |view| view.linked.clone()).await?;
    }
    let (linked_s, from) = (start.elapsed().as_secs_f64(), Instant::now());
    let whole = async {
        until(&mut takes.watch(), |view| view.history.filter(|history| history.whole)).await?;
        Ok::<_, Error>(from.elapsed().as_secs_f64())
    };
    let (posts_s, history_s) = tokio::join!(arrived(&phone, alice, posts, from), whole);
    let linked = Linked { linked_s, posts_s: posts_s?, history_s: history_s? };
    drop((shows, takes));
    phone.shutdown().await;
    Ok(linked)
}

async fn until<T>(watch: &mut LinkWatch, found: impl Fn(&LinkView) -> Option<T>) -> Result<T> {
    let mut view = watch.view();
    loop {
        if let Some(found) = found(&view) {
            return Ok(found);
        }
        let next = tokio::time::timeout(PATIENCE, watch.after(view.turn)).await;
        view = next.ok().flatten().ok_or(Error::Bug("the linking came to nothing"))?;
    }
}
