//! Threads of one author: written, read, edited, deleted, and what others may claim of them.

use super::headers::id;
use super::*;
use crate::entry::Series;
use crate::error::Error;
use crate::limits::SERIES_POSTS;
use crate::node::PostPart;
use crate::view::SeriesView;

fn part(text: &str) -> PostPart {
    PostPart { text: text.to_owned(), ..PostPart::default() }
}

impl Bob {
    fn threads(&self, first: &str, more: &[&str]) -> Vec<EntryId> {
        let more = more.iter().map(|text| part(text)).collect();
        now(self.node.post_thread(PostDraft { text: first.to_owned(), more, ..PostDraft::default() })).unwrap()
    }

    /// The post and those that stand behind it on its page.
    fn whole(&self, post: EntryId) -> Vec<String> {
        let page = self.shown(post);
        [page.post.text].into_iter().chain(page.more.into_iter().map(|post| post.text)).collect()
    }

    fn by(&self, author: PersonaId) -> Vec<String> {
        let query = FeedQuery { limit: 100, author: Some(author), ..FeedQuery::default() };
        now(self.node.feed(query)).unwrap().into_iter().map(|post| post.text).collect()
    }
}

#[test]
fn the_first_stands_in_feeds_and_its_page_shows_all_in_order() {
    let bob = Bob::new();
    let me = now(bob.node.create_persona("Bob")).unwrap();
    let ids = bob.threads("One", &["Two #fog", "Three"]);
    assert_eq!((bob.feed(), bob.by(me)), (vec!["One".to_owned()], vec!["One".to_owned()]));
    assert_eq!(bob.whole(ids[0]), ["One", "Two #fog", "Three"]);
    assert_eq!(bob.shown(ids[0]).post.series, Some(SeriesView { first: Some(ids[0]), place: 0, posts: 3 }));
    // A later one is a post with a page of its own, from which the first is found.
    assert_eq!(bob.whole(ids[2]), ["Three"]);
    assert_eq!(bob.shown(ids[2]).post.series, Some(SeriesView { first: Some(ids[0]), place: 2, posts: 3 }));
    now(bob.node.comment(None, ids[1], "Grey")).unwrap();
    assert_eq!(bob.shown(ids[1]).thread.len(), 1);
    now(bob.node.edit(None, ids[1], "Two, really")).unwrap();
    assert_eq!(bob.whole(ids[0]), ["One", "Two, really", "Three"], "an edit moves nothing");
    // Followed anew, it stands where it stood.
    now(bob.store.write(crate::store::Durability::Normal, |tx| {
        let row = tx.query_row("SELECT row FROM author WHERE own = 1", [], |row| row.get(0))?;
        crate::follow::settle_carried(tx, row, i64::try_from(NOW_S).unwrap())
    }))
    .unwrap();
    assert_eq!(bob.feed(), ["One"]);
    // One in the middle goes alone; with the first all of them do.
    now(bob.node.delete(None, ids[1])).unwrap();
    assert_eq!(bob.whole(ids[0]), ["One", "Three"]);
    let gone = now(bob.node.delete(None, ids[0])).unwrap();
    assert_eq!(now(bob.node.delete(None, ids[0])).unwrap(), gone);
    assert_eq!((bob.feed(), bob.whole(ids[0]), bob.shown(ids[2]).post.deleted), (vec![], vec![String::new()], true));
}

#[test]
fn all_are_signed_or_none() {
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let entries = || bob.number::<i64>("SELECT count(*) FROM entry");
    let before = entries();
    let missing = crate::id::BlobHash::from_bytes([7; 32]);
    let attach = vec![crate::node::Attach { staged: missing, alt: None }];
    for wrong in [
        vec![part("Two"), part(" ")],
        vec![part("Two"), part(&"x".repeat(30_000))],
        vec![part("Two"), PostPart { attachments: attach, ..part("Three") }],
        vec![part("more"); SERIES_POSTS],
    ] {
        let draft = PostDraft { text: "One".into(), more: wrong, ..PostDraft::default() };
        assert!(matches!(now(bob.node.post(draft)), Err(Error::BadInput(_) | Error::NotFound { .. })));
    }
    assert_eq!((entries(), bob.feed()), (before, vec![]));
    let ids = bob.threads("One", &["more"; SERIES_POSTS - 1]);
    assert_eq!((ids.len(), bob.whole(ids[0]).len()), (SERIES_POSTS, SERIES_POSTS));
}

#[test]
fn a_thread_to_a_circle_is_sealed_whole_and_written_anew_whole() {
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let family = now(bob.node.create_circle(None, "Family")).unwrap();
    let draft = PostDraft {
        text: "One".into(),
        more: vec![PostPart { cw: Some("ships".into()), ..part("Two") }],
        circles: vec![family],
        ..PostDraft::default()
    };
    let ids = now(bob.node.post_thread(draft)).unwrap();
    let page = bob.shown(ids[0]);
    assert!(page.post.sealed && page.more[0].sealed && page.more[0].circle.as_deref() == Some("Family"));
    assert_eq!((bob.feed(), bob.whole(ids[0])), (vec!["One".to_owned()], vec!["One".to_owned(), "Two".to_owned()]));
    let anew = now(bob.node.redraft(ids[0])).unwrap();
    assert_eq!((anew.text.as_str(), anew.circles, anew.more.len()), ("One", vec![family], 1));
    assert_eq!((anew.more[0].text.as_str(), anew.more[0].cw.as_deref()), ("Two", Some("ships")));
    assert_eq!(now(bob.node.redraft(ids[1])).unwrap().more, [], "a later one is written anew alone");
    now(bob.node.delete(None, ids[0])).unwrap();
    assert_eq!(bob.feed(), [""; 0]);
    assert!(bob.shown(ids[1]).post.deleted);
}

#[test]
fn nobody_puts_a_post_into_the_thread_of_somebody_else() {
    let (mut alice, mut mallory) = (Alice::new(1), Alice::new(2));
    let bob = Bob::following(&alice);
    now(bob.node.follow(None, &mallory.persona.to_string())).unwrap();
    let of = |who: &mut Alice, text: &str, place| {
        let series = Some(Series { id: [9; 16], place });
        let body = PostBody { text: text.to_owned(), series, ..PostBody::default() };
        who.entry(Kind::Post, NOW_S, Vec::new(), body.encode([4; 16]))
    };
    for who in [&mut alice, &mut mallory] {
        let mut first = who.statements();
        first.push(who.log_open(Scope::Posts, Vec::new()));
        bob.take(first);
    }
    let (second, first) = (of(&mut mallory, "mine too", 1), of(&mut alice, "One", 0));
    bob.take([second.clone(), first.clone()]);
    assert_eq!((bob.whole(id(&first)), bob.shown(id(&first)).post.series), (vec!["One".to_owned()], None));
    assert_eq!((bob.feed(), bob.shown(id(&second)).post.series), (vec!["One".to_owned()], None));
    let last = of(&mut alice, "Two", 1);
    let mut events = bob.node.events();
    bob.take([last]);
    assert_eq!(bob.whole(id(&first)), ["One", "Two"]);
    let mut told = std::iter::from_fn(|| events.next().now_or_never().flatten());
    assert!(told.any(|event| event == crate::event::Event::PostChanged(id(&first))), "who looks at the first is told");
}
