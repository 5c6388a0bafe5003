//! What the user keeps, groups and does not want to see.

use super::*;
use crate::node::FeedOf;
use crate::view::PostPage;

impl Bob {
    /// Follows two authors who write by turns, Alice first: texts a0 c0 a1 c1 …
    pub(super) fn between(alice: &mut Alice, carol: &mut Alice, posts: u64) -> Self {
        let bob = Self::following(alice);
        now(bob.node.follow(None, &carol.persona.to_string())).unwrap();
        for (author, name) in [(&mut *alice, "a"), (&mut *carol, "c")] {
            let mut entries = author.statements();
            let open = LogOpenBody { scope: Scope::Posts, prior_heads: Vec::new() }.encode([3; 16]);
            entries.push(author.entry(Kind::LogOpen, NOW_S - 2_000, Vec::new(), open));
            let late = u64::from(name == "c");
            entries.extend((0..posts).map(|n| author.post_at(&format!("{name}{n}"), NOW_S - 1_000 + 2 * n + late)));
            assert!(bob.take(entries).refused.is_empty());
        }
        bob
    }

    pub(super) fn page(&self, query: FeedQuery) -> Vec<String> {
        now(self.node.feed(query)).unwrap().into_iter().map(|post| post.text).collect()
    }

    pub(super) fn id(&self, text: &str) -> EntryId {
        let all = now(self.node.feed(FeedQuery { limit: 1_000, ..FeedQuery::default() })).unwrap();
        all.into_iter().find(|post| post.text == text).unwrap().id
    }

    pub(super) fn shown(&self, post: EntryId) -> PostPage {
        now(self.node.show(post)).unwrap()
    }
}

fn of(of: FeedOf, limit: usize) -> FeedQuery {
    FeedQuery { of, limit, ..FeedQuery::default() }
}

#[test]
fn a_list_has_a_feed_of_its_own_page_by_page() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 3);
    let list = now(bob.node.create_list(" Close  friends ")).unwrap();
    assert!(now(bob.node.create_list("close friends")).is_err(), "names are told apart");
    now(bob.node.add_to_list(list, carol.persona)).unwrap();
    now(bob.node.add_to_list(list, Alice::new(9).persona)).unwrap();
    assert_eq!(bob.page(of(FeedOf::List(list), 50)), ["c2", "c1", "c0"]);
    now(bob.node.add_to_list(list, alice.persona)).unwrap();
    assert_eq!(bob.page(of(FeedOf::List(list), 4)), ["c2", "a2", "c1", "a1"]);
    let before = Some(bob.id("a1"));
    let rest = FeedQuery { before, ..of(FeedOf::List(list), 4) };
    assert_eq!(bob.page(rest), ["c0", "a0"]);
    let lists = now(bob.node.lists()).unwrap();
    assert_eq!((lists[0].name.as_str(), lists[0].members), ("Close friends", 3));
    assert_eq!(now(bob.node.resolve_list("CLOSE friends")).unwrap(), list);
    assert_eq!(now(bob.node.lists_with(carol.persona)).unwrap(), [list]);

    now(bob.node.remove_from_list(list, alice.persona)).unwrap();
    assert_eq!(bob.page(of(FeedOf::List(list), 50)), ["c2", "c1", "c0"]);
    now(bob.node.delete_list(list)).unwrap();
    assert!(now(bob.node.feed(of(FeedOf::List(list), 50))).is_err());
    assert_eq!(
        bob.number::<i64>("SELECT count(*) FROM item WHERE set_no IN (2, 3) AND present = 1"),
        0,
        "its people went with it"
    );
    assert_eq!(bob.feed().len(), 6, "they stay followed");
}

#[test]
fn bookmarks_keep_their_order_and_outlast_what_they_stand_for() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 2);
    let comment = now(bob.node.comment(None, bob.id("c1"), "well said")).unwrap();
    let order = [bob.id("c1"), comment, bob.id("a0")];
    for (at, id) in (0..).zip(order) {
        now(bob.node.bookmark(id)).unwrap();
        bob.clock.set_ms(NOW_S * 1_000 + 1 + at);
    }
    now(bob.node.bookmark(order[0])).unwrap();
    let kept = now(bob.node.bookmarks(50, None)).unwrap();
    assert_eq!(kept.iter().map(|view| view.id).collect::<Vec<_>>(), [order[2], order[1], order[0]]);
    assert_eq!(kept[0].post.as_ref().map(|post| (post.text.as_str(), post.bookmarked)), Some(("a0", true)));
    assert_eq!((kept[1].root, kept[1].comment.as_ref().unwrap().text.as_str()), (Some(order[0]), "well said"));
    let below = now(bob.node.bookmarks(50, Some(order[1]))).unwrap();
    assert_eq!(below.iter().map(|view| view.id).collect::<Vec<_>>(), [order[0]]);
    assert!(bob.shown(order[0]).thread[0].bookmarked);

    // A mute hides no bookmark; what is deleted is still listed, without its text.
    now(bob.node.mute(alice.persona, None)).unwrap();
    let delete = DeleteBody {}.encode([7; 16]);
    bob.take([alice.entry(Kind::Delete, NOW_S, vec![order[2]], delete)]);
    let kept = now(bob.node.bookmarks(50, None)).unwrap();
    assert!(kept[0].post.as_ref().is_some_and(|post| post.deleted && post.text.is_empty()));
    now(bob.node.unbookmark(order[2])).unwrap();
    assert_eq!(now(bob.node.bookmarks(50, None)).unwrap().len(), 2);
    assert!(now(bob.node.bookmark(EntryId::from_bytes([9; 32]))).is_err(), "nothing of that id is here");
}

#[test]
fn what_somebody_said_is_read_with_where_it_stands() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 2);
    let (a1, c1) = (bob.id("a1"), bob.id("c1"));
    assert!(now(bob.node.near(carol.persona)).unwrap().is_empty());
    alice.new_log(2);
    let open = alice.log_open(Scope::Engagement, Vec::new());
    let mut say = |text: &str, about: EntryId, time: u64| {
        let body = PostBody { text: text.to_owned(), ..PostBody::default() }.encode([8; 16]);
        alice.entry(Kind::Comment, time, vec![about, about], body)
    };
    let said = [say("first", c1, NOW_S - 3), say("second", a1, NOW_S - 2), say("third", c1, NOW_S - 1)];
    assert!(bob.take(std::iter::once(open).chain(said)).refused.is_empty());
    let read = |limit, before| {
        let said = now(bob.node.comments_of(alice.persona, limit, before)).unwrap();
        said.into_iter().map(|said| (said.comment.text, said.root, said.comment.id)).collect::<Vec<_>>()
    };
    let all = read(50, None);
    let texts: Vec<_> = all.iter().map(|(text, root, _)| (text.as_str(), *root)).collect();
    assert_eq!(texts, [("third", c1), ("second", a1), ("first", c1)]);
    assert_eq!(read(1, Some(all[0].2)), all[1..2]);
    assert!(now(bob.node.comments_of(carol.persona, 50, None)).unwrap().is_empty());
    // Followed, and said something below a post of Carol's: that makes her known.
    let near: Vec<_> = now(bob.node.near(carol.persona)).unwrap().into_iter().map(|near| near.persona).collect();
    assert_eq!(near, [alice.persona]);
    assert!(now(bob.node.near(alice.persona)).unwrap().is_empty(), "one's own comments count for nothing");
    now(bob.node.block(alice.persona)).unwrap();
    assert!(read(50, None).is_empty());
}

#[test]
fn what_is_muted_leaves_the_feeds_until_the_mute_ends() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 3);
    let end = NOW_S * 1_000 + 5_000;
    now(bob.node.mute(alice.persona, Some(end))).unwrap();
    assert_eq!(bob.feed(), ["c2", "c1", "c0"]);
    // A page is filled from further down.
    assert_eq!(bob.page(of(FeedOf::Home, 2)), ["c2", "c1"]);
    let theirs = FeedQuery { author: Some(alice.persona), limit: 50, ..FeedQuery::default() };
    assert_eq!(bob.page(theirs).len(), 3, "their profile shows what they wrote");
    now(bob.node.mute_thread(bob.id("c1"), None)).unwrap();
    now(bob.node.mute_word("C0", false, None)).unwrap();
    assert_eq!(bob.feed(), ["c2"]);
    assert_eq!(now(bob.node.is_muted(alice.persona)).unwrap(), (true, false));
    bob.clock.set_ms(end);
    assert_eq!(bob.feed(), ["c2", "a2", "a1", "a0"]);
    let muted = now(bob.node.muted()).unwrap();
    assert_eq!((muted.people.len(), muted.words.len(), muted.threads.len()), (0, 1, 1), "what expired is not told");
    assert!(bob.shown(muted.threads[0].post).post.thread_muted);
    now(bob.node.unmute_thread(muted.threads[0].post)).unwrap();
    now(bob.node.unmute_word("c0")).unwrap();
    assert_eq!(bob.feed().len(), 6);
}

#[test]
fn own_posts_are_always_shown() {
    let bob = Bob::new();
    let me = now(bob.node.create_persona("Bob")).unwrap();
    now(bob.node.post(PostDraft { text: "a spoiler".to_owned(), ..PostDraft::default() })).unwrap();
    now(bob.node.mute_word("spoiler", true, None)).unwrap();
    assert_eq!(bob.feed(), ["a spoiler"]);
    assert!(now(bob.node.mute(me, None)).is_err() && now(bob.node.block(me)).is_err());
    for bad in ["", " ", "!?", &"x".repeat(101)] {
        assert!(now(bob.node.mute_word(bad, false, None)).is_err(), "{bad:?}");
    }
}

#[test]
fn a_blocked_persona_is_seen_nowhere_and_served_as_ever() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 1);
    let post = bob.id("a0");
    carol.new_log(77);
    let said = |text: &str| PostBody { text: text.to_owned(), ..PostBody::default() }.encode([5; 16]);
    let open = carol.log_open(Scope::Engagement, Vec::new());
    let first = carol.entry(Kind::Comment, NOW_S, vec![post, post], said("rude"));
    let second = carol.entry(Kind::Comment, NOW_S, vec![post, post], said("rude too"));
    let heart = ReactionBody { emoji: "❤️".to_owned() }.encode([6; 16]);
    let reaction = carol.entry(Kind::Reaction, NOW_S, vec![post], heart);
    let first_id = first.0.id();
    assert!(bob.take([open, first, second, reaction]).refused.is_empty());
    let answer = now(bob.node.comment(None, first_id, "please stop")).unwrap();
    now(bob.node.react(None, post, "❤️")).unwrap();
    let before = bob.shown(post);
    assert_eq!((before.post.comments, before.post.reactions["❤️"], before.thread.len()), (3, 2, 3));

    now(bob.node.block(carol.persona)).unwrap();
    let after = bob.shown(post);
    assert_eq!((after.post.comments, after.post.reactions["❤️"]), (1, 1));
    let thread: Vec<_> = after.thread.iter().map(|c| (c.id, c.blocked, c.text.as_str())).collect();
    assert_eq!(thread, [(first_id, true, ""), (answer, false, "please stop")], "a place for the answer, no more");
    assert_eq!(bob.feed(), ["a0"]);
    let theirs = FeedQuery { author: Some(carol.persona), limit: 50, ..FeedQuery::default() };
    assert!(bob.page(theirs).is_empty());
    let search = || crate::node::SearchQuery { text: "c0".to_owned(), limit: 9, ..Default::default() };
    assert!(now(bob.node.search_posts(search())).unwrap().is_empty());
    let entries: i64 = bob.number("SELECT count(*) FROM entry WHERE body IS NOT NULL");
    now(bob.node.unblock(carol.persona)).unwrap();
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM entry WHERE body IS NOT NULL"), entries, "all is kept");
    assert_eq!(bob.shown(post), before);
    assert_eq!(now(bob.node.search_posts(search())).unwrap().len(), 1);
}

#[test]
fn what_a_muted_person_said_under_a_post_is_folded() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 1);
    let post = bob.id("a0");
    carol.new_log(77);
    let body = PostBody { text: "again me".to_owned(), ..PostBody::default() }.encode([5; 16]);
    let open = carol.log_open(Scope::Engagement, Vec::new());
    bob.take([open, carol.entry(Kind::Comment, NOW_S, vec![post, post], body)]);
    assert!(!bob.shown(post).thread[0].muted);
    now(bob.node.mute(carol.persona, None)).unwrap();
    let comment = bob.shown(post).thread.remove(0);
    assert!(comment.muted && comment.text == "again me", "the reader can unfold it");
    now(bob.node.unmute(carol.persona)).unwrap();
    now(bob.node.mute_word("again", false, None)).unwrap();
    assert!(!bob.shown(post).thread[0].muted, "a word of the feeds");
    now(bob.node.mute_word("again", true, None)).unwrap();
    assert!(bob.shown(post).thread[0].muted);
}
