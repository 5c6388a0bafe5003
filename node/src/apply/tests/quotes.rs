//! What stands below a post that quotes another, whatever its writer put there.

use super::headers::id;
use super::*;
use crate::error::{Error, Result};
use crate::view::{PostView, QuoteState as Q, QuoteView};

impl Bob {
    fn writes(&self, text: &str, quote: Option<EntryId>) -> Result<EntryId> {
        now(self.node.post(PostDraft { text: text.to_owned(), quote, ..PostDraft::default() }))
    }

    fn stands_as(&self, post: EntryId) -> PostView {
        now(self.node.show(post)).unwrap().post
    }

    fn quoted(&self, post: EntryId) -> QuoteView {
        self.stands_as(post).quote.unwrap()
    }

    fn carries(&self, author: PersonaId) -> bool {
        let carried = move |db: &rusqlite::Connection| {
            Ok(db.query_row(
                "SELECT EXISTS (SELECT 1 FROM carry JOIN author ON author.row = author_row WHERE id = ?1 AND own_ms > 0)",
                [author],
                |row| row.get(0),
            )?)
        };
        now(self.store.read(carried)).unwrap()
    }
}

impl Alice {
    fn quotes(&mut self, text: &str, quote: EntryId, quoted: Option<PersonaId>) -> Unverified<Entry> {
        let body = PostBody { text: text.to_owned(), quote: Some(quote), quoted, ..PostBody::default() };
        self.entry(Kind::Post, NOW_S, Vec::new(), body.encode([4; 16]))
    }
}

fn opened(alice: &mut Alice) -> Vec<Unverified<Entry>> {
    let mut first = alice.statements();
    first.push(alice.log_open(Scope::Posts, Vec::new()));
    first
}

#[test]
fn the_card_says_what_the_quoted_post_says_now_and_edits_change_nothing_of_it() {
    let bob = Bob::new();
    let me = now(bob.node.create_persona("Bob")).unwrap();
    let first = bob.writes(&format!("Fgo {}", "x".repeat(1_000)), None).unwrap();
    let post = bob.writes("As I said", Some(first)).unwrap();
    let quote = bob.quoted(post);
    assert_eq!((quote.id, quote.state, quote.author, quote.own), (first, Q::Here, Some(me), true));
    assert_eq!(quote.text.chars().count(), crate::limits::QUOTE_CHARS + 1);
    now(bob.node.edit(None, first, "Fog")).unwrap();
    now(bob.node.edit(None, post, "As I said before")).unwrap();
    let shown = bob.stands_as(post);
    assert_eq!((shown.text.as_str(), shown.quote.unwrap().text.as_str()), ("As I said before", "Fog"));
    assert_eq!(now(bob.node.redraft(post)).unwrap().quote, Some(first));
    // A quote of a quote is drawn one level deep.
    let last = bob.writes("And again", Some(post)).unwrap();
    let drawn = serde_json::to_value(bob.stands_as(last)).unwrap();
    assert_eq!((&drawn["quote"]["text"], drawn["quote"].get("quote")), (&"As I said before".into(), None));
    // What is gone says so, and no more.
    now(bob.node.delete(None, first)).unwrap();
    let quote = bob.quoted(post);
    assert_eq!((quote.state, quote.text.as_str(), quote.cw), (Q::Deleted, "", None));
    now(bob.node.delete(None, post)).unwrap();
    assert_eq!(bob.stands_as(post).quote, None);
}

#[test]
fn only_posts_in_the_open_can_be_quoted() {
    let (mut alice, bob) = (Alice::new(1), Bob::new());
    now(bob.node.create_persona("Bob")).unwrap();
    now(bob.node.follow(None, &alice.persona.to_string())).unwrap();
    bob.take(opened(&mut alice));
    let hers = alice.post("hers");
    let hers = (bob.take([hers.clone()]), id(&hers)).1;
    let family = now(bob.node.create_circle(None, "Family")).unwrap();
    let sealed = PostDraft { text: "for a few".into(), circles: vec![family], ..PostDraft::default() };
    let sealed = now(bob.node.post(sealed)).unwrap();
    let comment = now(bob.node.comment(None, hers, "a comment")).unwrap();
    let gone = bob.writes("gone", None).unwrap();
    now(bob.node.delete(None, gone)).unwrap();
    let count = bob.feed().len();
    for (target, code) in [
        (sealed, "bad_input"),
        (comment, "bad_input"),
        (gone, "not_found"),
        (EntryId::from_bytes([7; 32]), "not_found"),
    ] {
        assert_eq!(bob.writes("about it", Some(target)).unwrap_err().code(), code);
        assert_eq!(now(bob.node.check_quotable(target)).unwrap_err().code(), code);
    }
    now(bob.node.block(alice.persona)).unwrap();
    assert!(matches!(bob.writes("about it", Some(hers)), Err(Error::BadInput(why)) if why.contains("blocked")));
    now(bob.node.unblock(alice.persona)).unwrap();
    assert_eq!(bob.feed().len(), count, "nothing of them was written");
    // What is public may be quoted to a few.
    let draft = PostDraft { text: "look".into(), circles: vec![family], quote: Some(hers), ..PostDraft::default() };
    let post = now(bob.node.post(draft)).unwrap();
    assert_eq!((bob.stands_as(post).sealed, bob.quoted(post).text.as_str()), (true, "hers"));
}

#[test]
fn a_quoted_post_that_is_not_here_is_fetched_as_a_reposted_one_is() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::following(&alice);
    bob.take(opened(&mut alice));
    let first = opened(&mut carol);
    let hers = carol.post("Carol's");
    let post = alice.quotes("well said", id(&hers), Some(carol.persona));
    assert!(!bob.carries(carol.persona));
    bob.take([post.clone()]);
    let quote = bob.quoted(id(&post));
    assert_eq!((quote.state, quote.author, quote.text.as_str()), (Q::Missing, Some(carol.persona), ""));
    assert!(bob.carries(carol.persona), "who follows Alice asks for what she quotes");
    let mut events = bob.node.events();
    bob.take(first.into_iter().chain([hers.clone()]));
    let told = std::iter::from_fn(|| events.next().now_or_never().flatten());
    assert!(
        told.into_iter().any(|event| event == crate::event::Event::PostChanged(id(&hers))),
        "the card is drawn anew"
    );
    assert_eq!((bob.quoted(id(&post)).state, bob.quoted(id(&post)).text.as_str()), (Q::Here, "Carol's"));

    // One by somebody whom nobody here follows asks for nobody, until the user wants to see it.
    let (mut dora, eve) = (Alice::new(3), Alice::new(4));
    bob.take(opened(&mut dora));
    let strangers = dora.quotes("look", EntryId::from_bytes([7; 32]), Some(eve.persona));
    now(bob.node.visit(dora.persona)).unwrap();
    bob.take([strangers.clone()]);
    assert_eq!(bob.quoted(id(&strangers)).state, Q::Missing);
    assert!(!bob.carries(eve.persona));
    now(bob.node.visit_quoted(id(&strangers))).unwrap();
    assert!(bob.carries(eve.persona));

    // Muted: who wrote it. Blocked: nothing.
    now(bob.node.mute(carol.persona, None)).unwrap();
    let quote = bob.quoted(id(&post));
    assert_eq!((quote.state, quote.author, quote.text.as_str()), (Q::Muted, Some(carol.persona), ""));
    now(bob.node.unmute(carol.persona)).unwrap();
    now(bob.node.block(carol.persona)).unwrap();
    for shown in [bob.quoted(id(&post)), now(bob.node.quoted(id(&hers))).unwrap()] {
        assert_eq!(shown, QuoteView { state: Q::Blocked, ..QuoteView::empty(id(&hers)) });
    }
    let feed = now(bob.node.feed(FeedQuery { limit: 9, ..FeedQuery::default() })).unwrap();
    assert!(!serde_json::to_string(&feed).unwrap().contains(&carol.persona.to_string()));
}

#[test]
fn what_a_hostile_post_says_of_its_quote_leads_nowhere() {
    let (mut alice, mut mallory) = (Alice::new(1), Alice::new(2));
    let bob = Bob::following(&alice);
    now(bob.node.follow(None, &mallory.persona.to_string())).unwrap();
    bob.take(opened(&mut alice));
    bob.take(opened(&mut mallory));
    let hers = alice.post("hers");
    let family = now(bob.node.create_circle(None, "Family")).unwrap();
    let sealed = PostDraft { text: "for a few".into(), circles: vec![family], ..PostDraft::default() };
    let sealed = now(bob.node.post(sealed)).unwrap();
    // A post to a circle is shown in its place alone; one of another author than is said stays hers.
    let posts = [mallory.quotes("one", sealed, None), mallory.quotes("two", id(&hers), Some(mallory.persona))];
    bob.take([vec![hers], posts.to_vec()].concat());
    let [one, two] = posts.map(|post| id(&post));
    assert_eq!(bob.quoted(one), QuoteView::empty(sealed));
    assert_eq!(bob.quoted(two).author, Some(alice.persona));
    // No body holds its own id, and an edit names nothing else.
    let body = PostBody { text: "two!".into(), quote: Some(two), ..PostBody::default() };
    let edit = EditBody { post: body, counter: 1 }.encode([5; 16]);
    bob.take([mallory.entry(Kind::Edit, NOW_S, vec![two], edit)]);
    assert_eq!((bob.stands_as(two).text.as_str(), bob.quoted(two).text.as_str()), ("two!", "hers"));
    // Of half an id nothing is read.
    let mut half = PostBody { text: "three".into(), ..PostBody::default() }.encode([4; 16]);
    half[16] += 1;
    half.extend([0x07, 0x43, 1, 2, 3]);
    let half = mallory.entry(Kind::Post, NOW_S, Vec::new(), half);
    assert!(matches!(refusals(&bob.take([half]))[..], [EntryError::Malformed(_)]));
}

/// Whom others quote takes no more than half of the places of whom the user looked at.
#[test]
fn what_somebody_quotes_drives_out_none_of_the_user_s_own_looks() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(opened(&mut alice));
    let looked_at: Vec<PersonaId> = (0..4).map(|n| PersonaId::from_bytes([10 + n; 32])).collect();
    let all = looked_at.clone();
    let meet = move |tx: &rusqlite::Transaction<'_>| {
        all.iter().try_for_each(|author| crate::author::row(tx, *author).map(drop))
    };
    now(bob.store.write(crate::store::Durability::Normal, meet)).unwrap();
    for author in &looked_at {
        now(bob.node.visit(*author)).unwrap();
    }
    let named: Vec<PersonaId> = (0..crate::limits::VISITS)
        .map(|n| PersonaId::from_bytes([100 + (n / 250) as u8, (n % 250) as u8].repeat(16).try_into().unwrap()))
        .collect();
    let quoting: Vec<_> =
        named.iter().map(|author| alice.quotes("well said", EntryId::from_bytes([7; 32]), Some(*author))).collect();
    bob.take(quoting);
    assert_eq!(named.iter().filter(|author| bob.carries(**author)).count(), crate::limits::VISITS / 2);
    assert!(looked_at.iter().all(|author| bob.carries(*author)), "what the user looked at stays");
    // A look makes one of those the user's own.
    let carried = *named.iter().find(|author| bob.carries(**author)).unwrap();
    now(bob.node.visit(carried)).unwrap();
    let own: i64 = bob.number("SELECT count(*) FROM carry WHERE own_ms > 0 AND named = 0");
    assert_eq!(own, 5);
}
