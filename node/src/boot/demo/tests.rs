#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::node::{FeedQuery, PostDraft};
use crate::view::PostView;

fn config(profile: &std::path::Path) -> Config {
    Config {
        profile: profile.to_owned(),
        create: true,
        holder: Holder::Node,
        role: Role::Desktop,
        // Taken by whoever asks for it: a demo does not.
        listen: None,
        network: NetworkMode::AsSet,
        lock_wait_ms: 0,
    }
}

fn open(profile: &std::path::Path) -> Node {
    Node::open(config(profile), Arc::new(MemoryKeystore::default())).unwrap()
}

async fn feed(node: &Node) -> Vec<PostView> {
    node.feed(FeedQuery { limit: 1_000, ..FeedQuery::default() }).await.unwrap()
}

fn texts(posts: &[PostView]) -> Vec<(String, String)> {
    posts.iter().map(|post| (post.author_name.clone(), post.text.clone())).collect()
}

#[tokio::test]
async fn an_empty_profile_is_filled_with_the_same_every_time_and_stays_a_demo() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let node = open(one.path());
    let told = node.fill_demo().await.unwrap();
    let posts = feed(&node).await;
    println!("{told:?}");
    // Names, posts, comments in every direction of writing, and nobody's stayed behind.
    assert_eq!(told.personas, people_count());
    let beats = |wanted: fn(&script::Act) -> bool| script::BEATS.iter().filter(|beat| wanted(&beat.act)).count() as u64;
    assert_eq!(
        told.posts,
        beats(|act| matches!(act, script::Act::Post { .. } | script::Act::Quote { .. } | script::Act::Poll { .. }))
    );
    assert_eq!(told.comments, beats(|act| matches!(act, script::Act::Comment { .. })));
    assert_eq!(told.messages, beats(|act| matches!(act, script::Act::Message { .. })));
    assert_eq!((told.requests, told.circles, told.lists, told.bookmarks), (2, 3, 2, 2));
    assert_eq!(posts.len() as u64, told.posts, "all of them stand in the feed");
    assert!(posts.windows(2).all(|two| two[0].created_ms >= two[1].created_ms), "in the order of their times");
    assert!(posts.iter().flat_map(|post| &post.attachments).all(|file| file.here), "every picture is here");
    assert_eq!(posts.iter().filter(|post| post.sealed).count(), 3);
    assert_eq!(posts.iter().filter(|post| post.quote.is_some()).count(), 1);
    assert_eq!(posts.iter().flat_map(|post| &post.poll).map(|poll| poll.voters).collect::<Vec<_>>(), [5]);
    assert!(posts.iter().filter(|post| post.own).all(|post| !post.waiting && post.held_by != Some(0)));
    assert!(!one.path().join(FOLDER).exists());
    let refused = node.fill_demo().await.unwrap_err();
    assert_eq!(refused.code(), "has_content");
    let refused = node.invite(None).await.unwrap_err();
    assert_eq!(refused.code(), "demo_profile");
    assert_eq!(node.create_separate("Apart").await.unwrap_err().code(), "demo_profile");
    // It goes on as any profile does, alone.
    node.start().await.unwrap();
    assert!(node.status().await.unwrap().listen.iter().all(|addr| addr.starts_with("127.0.0.1:")));
    let written = node.post(PostDraft { text: "my own".to_owned(), ..PostDraft::default() }).await.unwrap();
    assert_eq!(feed(&node).await[0].id, written);
    node.shutdown().await;

    let again = open(other.path());
    assert_eq!(again.fill_demo().await.unwrap(), DemoView { persona: again.personas().await.unwrap()[0].id, ..told });
    assert_eq!(texts(&feed(&again).await), texts(&posts));
    again.shutdown().await;
}

#[tokio::test]
async fn a_fresh_persona_stays_whose_it_is_and_a_profile_that_is_used_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let node = open(folder.path());
    let own = node.create_persona("Dora").await.unwrap();
    let told = node.fill_demo().await.unwrap();
    assert_eq!(told.persona, own);
    let posts = feed(&node).await;
    assert!(posts.windows(2).all(|two| two[0].created_ms >= two[1].created_ms), "in the order of their times");
    assert!(posts.iter().any(|post| post.own && post.author_name == "Dora"));
    node.shutdown().await;

    let folder = tempfile::tempdir().unwrap();
    let node = open(folder.path());
    node.create_persona("Dora").await.unwrap();
    node.post(PostDraft { text: "mine".to_owned(), ..PostDraft::default() }).await.unwrap();
    assert_eq!(node.fill_demo().await.unwrap_err().code(), "has_content");
    assert!(!node.is_demo().await.unwrap());
    node.shutdown().await;
}

/// Nothing goes out and nothing comes in, on the same machine either.
#[tokio::test]
async fn the_node_of_a_demo_neither_dials_nor_answers() {
    let (demo, real) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let listening =
        |folder: &std::path::Path| Config { listen: Some(LISTEN), network: NetworkMode::Offline, ..config(folder) };
    let demo = Node::open(listening(demo.path()), Arc::new(MemoryKeystore::default())).unwrap();
    let real = Node::open(listening(real.path()), Arc::new(MemoryKeystore::default())).unwrap();
    real.create_persona("Bob").await.unwrap();
    demo.fill_demo().await.unwrap();
    real.start().await.unwrap();
    demo.start().await.unwrap();
    let invite = real.invite(None).await.unwrap().invite;
    // A node that is no demo follows the same invite and is connected: after that, the demo would be too.
    demo.follow(None, &invite).await.unwrap();
    let net = demo.inner().net().unwrap();
    let ticket = real.inner().net().unwrap().ticket();
    assert!(net.meet(&ticket).await.is_none(), "no connection for linking either");
    let third = tempfile::tempdir().unwrap();
    let carol = Node::open(listening(third.path()), Arc::new(MemoryKeystore::default())).unwrap();
    carol.create_persona("Carol").await.unwrap();
    let mut events = carol.events();
    carol.start().await.unwrap();
    carol.follow(None, &invite).await.unwrap();
    while carol.peers().await.unwrap().is_empty() {
        events.next().await.unwrap();
    }
    assert!(demo.peers().await.unwrap().is_empty());
    assert_eq!(real.peers().await.unwrap().len(), 1);
    for node in [demo, real, carol] {
        node.shutdown().await;
    }
}

fn people_count() -> u64 {
    script::PEOPLE.len() as u64
}
