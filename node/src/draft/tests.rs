//! Posts that wait for their time, by a clock that stands until it is set.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;

use super::*;
use crate::clock::ManualClock;
use crate::host::{MemoryKeystore, SystemEntropy};
use crate::id::{CircleId, EntryId, HeldId};
use crate::limits::{SCHEDULE_MOST_MS, SCHEDULED_POSTS, SERIES_POSTS};
use crate::node::{FeedQuery, PostDraft};
use crate::store::{Durability, Store};
use crate::view::PostView;

const NOON_MS: u64 = 1_800_000_000_000;
const HOUR_MS: u64 = 3_600_000;

struct Desk {
    store: Store,
    keys: Arc<MemoryKeystore>,
    clock: Arc<ManualClock>,
}

impl Desk {
    async fn of_alice() -> (Self, Node) {
        let store = Store::in_memory().unwrap();
        let desk = Self { store, keys: Arc::default(), clock: Arc::new(ManualClock::at_ms(NOON_MS)) };
        let node = desk.opens().await;
        node.create_persona("Alice").await.unwrap();
        serves(&node).await;
        (desk, node)
    }

    /// A run that knows of the ones before what they stored.
    async fn opens(&self) -> Node {
        let (store, keys) = (self.store.clone(), Arc::clone(&self.keys));
        let clock = Arc::clone(&self.clock);
        let node = Node::simulated(false, store, keys, clock, Arc::new(SystemEntropy)).unwrap();
        // Each look at the clock is the test's own.
        node.inner().held.desk.lock().await.driven = true;
        node
    }

    /// The run before was killed; this one is started.
    async fn starts(&self) -> Node {
        let node = self.opens().await;
        serves(&node).await;
        node
    }
}

async fn serves(node: &Node) {
    node.inner().held.desk.lock().await.serves = true;
}

fn said(text: &str) -> Writing {
    Writing { text: text.to_owned(), audience: Some(Vec::new()), ..Writing::default() }
}

fn later(text: &str) -> Writing {
    Writing { at_ms: Some(NOON_MS + HOUR_MS), ..said(text) }
}

async fn posts(node: &Node) -> Vec<PostView> {
    node.feed(FeedQuery { limit: 10, ..FeedQuery::default() }).await.unwrap()
}

async fn texts(node: &Node) -> Vec<String> {
    posts(node).await.into_iter().map(|post| post.text).collect()
}

#[tokio::test]
async fn a_scheduled_post_is_signed_at_its_time_and_once() {
    let (desk, node) = Desk::of_alice().await;
    node.keep_begun(said("Begun")).await.unwrap();
    let id = node.schedule(later("Fog")).await.unwrap();
    assert_eq!(node.begun().await.unwrap().writing, said("Begun"), "the draft is another one");
    let waiting = node.scheduled().await.unwrap();
    assert_eq!((waiting[0].id, waiting[0].due_ms, &waiting[0].refused), (id, NOON_MS + HOUR_MS, &None));
    assert_eq!(waiting[0].writing.text, "Fog");

    assert_eq!(node.release_due().await, Some(Duration::from_millis(HOUR_MS)), "one timer, to the next");
    desk.clock.set_ms(NOON_MS + HOUR_MS - 1);
    assert_eq!(node.release_due().await, Some(Duration::from_millis(1)));
    assert!(posts(&node).await.is_empty() && !node.scheduled().await.unwrap().is_empty());

    desk.clock.set_ms(NOON_MS + HOUR_MS);
    assert_eq!(node.release_due().await, None, "nothing is left to wait for");
    let out = posts(&node).await;
    assert_eq!((out.len(), out[0].text.as_str(), out[0].created_ms), (1, "Fog", NOON_MS + HOUR_MS));
    assert!(node.scheduled().await.unwrap().is_empty());
    assert_eq!(node.release_due().await, None);
    assert_eq!((posts(&node).await.len(), desk.starts().await.release_due().await), (1, None));
    assert_eq!(posts(&node).await.len(), 1);
}

#[tokio::test]
async fn what_would_be_refused_at_its_time_is_refused_before() {
    let (_desk, node) = Desk::of_alice().await;
    let at = |at_ms: u64| Writing { at_ms: Some(at_ms), ..said("Fog") };
    let told = |error: Error| match error {
        Error::BadInput(told) => told,
        other => other.code().to_owned(),
    };
    for (writing, why) in [
        (at(NOON_MS), "over"),
        (at(NOON_MS + SCHEDULE_MOST_MS + 1), "a year"),
        (later(" "), "needs text"),
        (later(&"a".repeat(30_000)), "at most"),
        (Writing { audience: None, ..later("Fog") }, "who reads"),
        (Writing { audience: Some(vec![CircleId::from_bytes([7; 32])]), ..later("Fog") }, "not_found"),
        (said("Fog"), "when"),
    ] {
        let refused = told(node.schedule(writing).await.unwrap_err());
        assert!(refused.contains(why), "{refused}");
    }
    for _ in 0..SCHEDULED_POSTS {
        node.schedule(later("Fog")).await.unwrap();
    }
    assert!(told(node.schedule(later("One more")).await.unwrap_err()).contains("100 posts wait"));
    assert_eq!(node.scheduled().await.unwrap().len(), SCHEDULED_POSTS);
}

#[tokio::test]
async fn a_kill_at_any_step_posts_once() {
    for sealed in [false, true] {
        let (desk, node) = Desk::of_alice().await;
        let circles = if sealed { vec![node.create_circle(None, "Family").await.unwrap()] } else { Vec::new() };
        let writing = Writing { audience: Some(circles.clone()), ..later("Fog") };
        // Before its time: it goes on waiting, and nothing of it becomes a draft.
        node.schedule(writing.clone()).await.unwrap();
        let node = desk.starts().await;
        assert_eq!(node.begun().await.unwrap().writing, Writing::default());
        assert_eq!(node.release_due().await, Some(Duration::from_millis(HOUR_MS)));
        // At its time nobody ran: it goes out at the next start, and says so.
        drop(node);
        desk.clock.set_ms(NOON_MS + 5 * HOUR_MS);
        let node = desk.starts().await;
        assert_eq!(node.release_due().await, None);
        let out = posts(&node).await;
        assert_eq!((out.len(), out[0].created_ms), (1, NOON_MS + 5 * HOUR_MS));

        // Signed, and that was not noted: in the next run, and in this one.
        for restart in [true, false] {
            let at_ms = Some(NOON_MS + 6 * HOUR_MS);
            node.schedule(Writing { at_ms, ..writing.clone() }).await.unwrap();
            let salt = |db: &Connection| Ok(db.query_row("SELECT salt FROM held_post", [], |row| row.get(0))?);
            let salt: [u8; 16] = node.inner().store.read(salt).await.unwrap();
            let draft = PostDraft { text: "Fog".to_owned(), circles: circles.clone(), ..PostDraft::default() };
            let post = node.post_salted(draft, salt).await.unwrap();
            desk.clock.set_ms(NOON_MS + 7 * HOUR_MS);
            let run = if restart { desk.starts().await } else { node.clone() };
            assert_eq!(run.release_due().await, None);
            assert!(run.scheduled().await.unwrap().is_empty());
            assert_eq!(texts(&run).await, ["Fog", "Fog"], "sealed: {sealed}, restart: {restart}");
            run.delete(None, post).await.unwrap();
            desk.clock.set_ms(NOON_MS + 5 * HOUR_MS);
        }
    }
}

#[tokio::test]
async fn it_is_taken_back_whole_posted_now_or_deleted() {
    let (desk, node) = Desk::of_alice().await;
    let alice = node.personas().await.unwrap()[0].id;
    let family = node.create_circle(None, "Family").await.unwrap();
    let writing =
        Writing { persona: Some(alice), cw: Some("weather".to_owned()), audience: Some(vec![family]), ..later("Fog") };
    node.keep_begun(writing.clone()).await.unwrap();
    let id = node.post_after(writing.clone(), Duration::from_secs(5)).await.unwrap().unwrap();
    assert_eq!(node.begun().await.unwrap().writing, Writing::default(), "there is room for the next");
    assert!(node.outgoing().await.unwrap().waiting.is_none(), "it is not being sent");
    assert!(node.take_post_back(id).await.unwrap());
    assert_eq!(node.begun().await.unwrap().writing, writing, "with its time");
    assert!(!node.take_post_back(id).await.unwrap() && node.scheduled().await.unwrap().is_empty());

    let id = node.schedule(writing).await.unwrap();
    let post = node.post_now(id).await.unwrap();
    assert_eq!((posts(&node).await[0].id, node.scheduled().await.unwrap().len()), (post, 0));
    assert!(matches!(node.post_now(id).await, Err(Error::NotFound { .. })));

    let id = node.schedule(later("Rain")).await.unwrap();
    node.delete_scheduled(id).await.unwrap();
    assert!(matches!(node.delete_scheduled(id).await, Err(Error::NotFound { .. })));
    desk.clock.set_ms(NOON_MS + 2 * HOUR_MS);
    assert_eq!((node.release_due().await, texts(&node).await), (None, vec!["Fog".to_owned()]));
}

#[tokio::test]
async fn a_thread_is_kept_taken_back_and_posted_whole() {
    let (desk, node) = Desk::of_alice().await;
    let part = |text: &str| WritingPart { text: text.to_owned(), ..WritingPart::default() };
    let warned = WritingPart { cw: Some("ships".to_owned()), ..part("Two") };
    let thread = Writing { more: vec![warned, part("Three")], ..said("One") };
    let of_both = |post: EntryId| {
        let node = node.clone();
        async move { node.show(post).await.unwrap().more.into_iter().map(|post| post.text).collect::<Vec<_>>() }
    };
    // As it is typed, over a kill.
    node.keep_begun(thread.clone()).await.unwrap();
    assert_eq!(desk.starts().await.begun().await.unwrap().writing, thread);
    // It waits, is a draft again after a kill, and in front of what was begun since when it is taken back.
    node.post_after(thread.clone(), Duration::from_secs(5)).await.unwrap();
    assert_eq!(node.begun().await.unwrap().writing, Writing::default());
    node.inner().store.write(Durability::Full, take_back).await.unwrap();
    assert_eq!(node.begun().await.unwrap().writing, thread);
    let id = node.post_after(thread.clone(), Duration::from_secs(5)).await.unwrap().unwrap();
    node.keep_begun(said("Since")).await.unwrap();
    assert!(node.take_post_back(id).await.unwrap() && posts(&node).await.is_empty());
    let whole = Writing { more: [thread.more.clone(), vec![part("Since")]].concat(), ..thread.clone() };
    assert_eq!(node.begun().await.unwrap().writing, whole);
    // One post of it that can't be: none is out, and all of it is a draft.
    let long = Writing { more: vec![part(&"x".repeat(30_000))], ..said("One") };
    let id = node.post_after(long.clone(), Duration::from_secs(5)).await.unwrap().unwrap();
    node.post_after(said("Next"), Duration::ZERO).await.unwrap();
    assert_eq!((texts(&node).await, node.begun().await.unwrap().writing), (vec!["Next".to_owned()], long));
    assert!(!node.take_post_back(id).await.unwrap());
    // What is kept of one has a limit, and what was kept stays.
    let endless = Writing { more: vec![part("more"); DRAFT_POSTS + 1], ..said("One") };
    assert!(matches!(node.keep_begun(endless).await, Err(Error::BadInput(_))));

    node.schedule(Writing { more: thread.more.clone(), ..later("One") }).await.unwrap();
    let refused = Writing { more: vec![part("Two"); SERIES_POSTS], ..later("One") };
    assert!(matches!(node.schedule(refused).await, Err(Error::BadInput(_))));
    desk.clock.set_ms(NOON_MS + HOUR_MS);
    assert_eq!(node.release_due().await, None);
    let first = &posts(&node).await[0];
    assert_eq!((first.text.as_str(), of_both(first.id).await), ("One", vec!["Two".to_owned(), "Three".to_owned()]));
}

async fn refused(node: &Node, id: HeldId) -> String {
    let waiting = node.scheduled().await.unwrap().into_iter().find(|waiting| waiting.id == id);
    waiting.unwrap().refused.unwrap().code
}

#[tokio::test]
async fn where_its_readers_or_its_writer_are_gone_nothing_is_posted_or_lost() {
    let (desk, node) = Desk::of_alice().await;
    let bob = node.create_persona("Bob").await.unwrap();
    let family = node.create_circle(None, "Family").await.unwrap();
    let to_family = node.schedule(Writing { audience: Some(vec![family]), ..later("Supper") }).await.unwrap();
    let by_bob = node.schedule(Writing { persona: Some(bob), ..later("By Bob") }).await.unwrap();
    let third = Writing { at_ms: Some(NOON_MS + 2 * HOUR_MS), ..said("Third") };
    node.schedule(third).await.unwrap();
    node.delete_circle(family).await.unwrap();
    node.inner().store.write(Durability::Full, move |tx| leave(tx, bob)).await.unwrap();
    assert_eq!(refused(&node, by_bob).await, "not_found", "it is told at once");

    desk.clock.set_ms(NOON_MS + HOUR_MS);
    assert_eq!(node.release_due().await, Some(Duration::from_millis(HOUR_MS)), "the next one is waited for");
    assert_eq!((refused(&node, to_family).await.as_str(), posts(&node).await.len()), ("not_found", 0));
    let node = desk.starts().await;
    assert_eq!(node.release_due().await, Some(Duration::from_millis(HOUR_MS)), "neither is tried again");
    assert!(matches!(node.post_now(to_family).await, Err(Error::NotFound { .. })));
    assert!(node.take_post_back(to_family).await.unwrap());
    let begun = node.begun().await.unwrap().writing;
    assert_eq!((begun.text.as_str(), begun.audience), ("Supper", Some(vec![family])), "never for others than it was");
    desk.clock.set_ms(NOON_MS + 2 * HOUR_MS);
    assert_eq!((node.release_due().await, texts(&node).await), (None, vec!["Third".to_owned()]));
}

#[tokio::test]
async fn only_a_started_node_posts_and_an_old_copy_asks() {
    let (desk, node) = Desk::of_alice().await;
    node.schedule(later("Fog")).await.unwrap();
    desk.clock.set_ms(NOON_MS + 2 * HOUR_MS);
    let node = desk.opens().await;
    assert_eq!((node.release_due().await, posts(&node).await.len()), (None, 0), "a command reads, and posts nothing");

    node.inner().store.write(Durability::Full, doubt).await.unwrap();
    serves(&node).await;
    let id = node.scheduled().await.unwrap()[0].id;
    assert_eq!((node.release_due().await, posts(&node).await.len()), (None, 0), "it may be out from elsewhere");
    assert_eq!(refused(&node, id).await, "old_copy");
    node.post_now(id).await.unwrap();
    assert_eq!(texts(&node).await, ["Fog"]);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_for_nobody() {
    let (desk, node) = Desk::of_alice().await;
    let id = node.schedule(later("Fog")).await.unwrap();
    let spoil = |tx: &Transaction<'_>| Ok(tx.execute("UPDATE held_post SET rest = 'of another version'", [])?);
    node.inner().store.write(Durability::Full, spoil).await.unwrap();
    desk.clock.set_ms(NOON_MS + HOUR_MS);
    assert_eq!((node.release_due().await, posts(&node).await.len()), (None, 0));
    assert_eq!(refused(&node, id).await, "bad_input");
}

#[tokio::test]
async fn a_clock_that_is_set_holds_nothing_back() {
    let (desk, node) = Desk::of_alice().await;
    node.post_after(said("Soon"), Duration::from_secs(5)).await.unwrap();
    assert_eq!(node.release_due().await, Some(Duration::from_secs(5)));
    desk.clock.set_ms(NOON_MS - HOUR_MS);
    assert_eq!((node.release_due().await, texts(&node).await), (None, vec!["Soon".to_owned()]));

    // A machine that slept: its timers did too, and the clock went on.
    let rung = || node.inner().held.bell.notified().now_or_never().is_some();
    desk.clock.set_ms(NOON_MS);
    node.schedule(later("Later")).await.unwrap();
    assert!(rung(), "it is one more to wait for");
    assert_eq!(node.release_due().await, Some(Duration::from_millis(HOUR_MS)));
    node.look_at_held();
    assert!(!rung());
    desk.clock.set_ms(NOON_MS + 3 * HOUR_MS);
    node.look_at_held();
    assert!(rung());
    assert_eq!((node.release_due().await, posts(&node).await.len()), (None, 2));
    node.look_at_held();
    assert!(!rung());
}

#[tokio::test]
async fn a_draft_keeps_what_it_quotes() {
    let (_desk, node) = Desk::of_alice().await;
    let first = node.post(PostDraft { text: "Fog".to_owned(), ..PostDraft::default() }).await.unwrap();
    let begun = Writing { quote: Some(first), ..said("") };
    assert!(!begun.is_empty(), "a quote alone would be missed");
    node.keep_begun(begun.clone()).await.unwrap();
    assert_eq!(node.begun().await.unwrap().writing, begun);
    let held = node.schedule(Writing { quote: Some(first), ..later("As I said") }).await.unwrap();
    node.post_now(held).await.unwrap();
    assert_eq!(posts(&node).await[0].quote.as_ref().unwrap().text, "Fog");
    // What is gone when its time comes is told, and the post waits for its user.
    let held = node.schedule(Writing { quote: Some(first), ..later("And again") }).await.unwrap();
    node.delete(None, first).await.unwrap();
    assert_eq!(node.post_now(held).await.unwrap_err().code(), "not_found");
    assert_eq!(node.scheduled().await.unwrap()[0].refused.as_ref().unwrap().code, "not_found");
}

#[tokio::test]
async fn a_draft_keeps_a_poll_as_far_as_it_is_written() {
    let (desk, node) = Desk::of_alice().await;
    let asks = |options: &[&str]| {
        Some(PollDraft { options: options.iter().map(|option| (*option).to_owned()).collect(), lasts_s: 3_600 })
    };
    let half = Writing { poll: asks(&["Tea", ""]), ..said("") };
    assert!(!half.is_empty() && Writing { poll: asks(&["", " "]), ..said("") }.is_empty());
    node.keep_begun(half.clone()).await.unwrap();
    assert_eq!(node.begun().await.unwrap().writing, half);
    assert!(matches!(
        node.schedule(Writing { poll: asks(&["Tea", ""]), ..later("Which?") }).await,
        Err(Error::BadInput(_))
    ));
    // It lasts from when it goes out.
    let held = node.schedule(Writing { poll: asks(&["Tea", "", "Coffee"]), ..later("Which?") }).await.unwrap();
    desk.clock.set_ms(NOON_MS + HOUR_MS / 2);
    node.post_now(held).await.unwrap();
    let poll = posts(&node).await[0].poll.clone().unwrap();
    assert_eq!((poll.ends_ms, poll.options.len()), (NOON_MS + HOUR_MS / 2 + HOUR_MS, 2));
}
