//! What the user can look at besides: earlier versions, what they hid, whose reposts and posts they shut out, links.

use super::headers::id;
use super::*;
use crate::error::Error;
use crate::node::ProfileEdit;
use crate::view::PersonaView;

fn write(bob: &Bob, text: &str) -> EntryId {
    now(bob.node.post(PostDraft { text: text.to_owned(), ..PostDraft::default() })).unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::BadInput(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn earlier_versions_stay_readable_until_the_post_is_deleted() {
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let post = write(&bob, "one");
    assert!(now(bob.node.versions(post)).unwrap().is_empty());
    for (n, text) in (1_u64..).zip(["two", "three"]) {
        bob.clock.set_ms((NOW_S + n) * 1_000);
        now(bob.node.edit(None, post, text)).unwrap();
    }
    let page = now(bob.node.show(post)).unwrap();
    let edits: Vec<_> = page.edits.iter().map(|edit| (edit.text.as_str(), edit.edited_ms / 1_000 - NOW_S)).collect();
    assert_eq!(edits, [("one", 0), ("two", 1), ("three", 2)]);
    assert_eq!(now(bob.node.versions(post)).unwrap(), page.edits);
    let comment = now(bob.node.comment(None, post, "firts")).unwrap();
    now(bob.node.edit(None, comment, "first")).unwrap();
    let versions = now(bob.node.versions(comment)).unwrap();
    assert_eq!(versions.iter().map(|version| version.text.as_str()).collect::<Vec<_>>(), ["firts", "first"]);
    now(bob.node.delete(None, post)).unwrap();
    assert!(now(bob.node.versions(post)).unwrap().is_empty());
    assert!(now(bob.node.show(post)).unwrap().edits.is_empty());
    assert!(matches!(now(bob.node.versions(EntryId::ZERO)), Err(Error::NotFound { .. })));
    // What is gone can't be kept, nor what nobody can see.
    assert!(matches!(now(bob.node.bookmark(post)), Err(Error::NotFound { .. })));
    now(bob.node.delete(None, comment)).unwrap();
    assert!(matches!(now(bob.node.bookmark(comment)), Err(Error::NotFound { .. })));
}

#[test]
fn a_strangers_edit_is_no_version() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 1);
    let post = bob.id("a0");
    let edit =
        |text: &str, counter| EditBody { post: PostBody { text: text.to_owned(), ..PostBody::default() }, counter };
    let theirs = carol.entry(Kind::Edit, NOW_S, vec![post], edit("forged", 9).encode([5; 16]));
    let own = alice.entry(Kind::Edit, NOW_S, vec![post], edit("a0!", 1).encode([5; 16]));
    bob.take([theirs, own]);
    let texts: Vec<_> = bob.shown(post).edits.into_iter().map(|version| version.text).collect();
    assert_eq!(texts, ["a0", "a0!"]);
}

#[test]
fn what_was_hidden_can_be_listed_and_shown_again() {
    let bob = Bob::new();
    let persona = now(bob.node.create_persona("Bob")).unwrap();
    let (post, other) = (write(&bob, "mine"), write(&bob, "mine too"));
    let mut carol = Alice::new(2);
    let body = |text: &str| PostBody { text: text.to_owned(), ..PostBody::default() }.encode([5; 16]);
    let mut entries = carol.statements();
    entries.push(carol.log_open(Scope::Engagement, Vec::new()));
    let rude = carol.entry(Kind::Comment, NOW_S, vec![post, post], body("rude"));
    let heart = ReactionBody { emoji: "🖕".to_owned() }.encode([6; 16]);
    let sign = carol.entry(Kind::Reaction, NOW_S, vec![other], heart);
    let (rude_id, sign_id) = (id(&rude), id(&sign));
    entries.extend([rude, sign]);
    assert!(bob.take(entries).refused.is_empty());
    assert!(now(bob.node.hidden(None)).unwrap().is_empty());
    now(bob.node.hide(None, rude_id)).unwrap();
    bob.clock.set_ms((NOW_S + 5) * 1_000);
    now(bob.node.hide(None, sign_id)).unwrap();
    let hidden = now(bob.node.hidden(None)).unwrap();
    assert_eq!(hidden.iter().map(|view| view.id).collect::<Vec<_>>(), [sign_id, rude_id], "the last first");
    assert_eq!((hidden[0].emoji.as_deref(), hidden[0].post, hidden[0].by), (Some("🖕"), other, persona));
    assert_eq!((hidden[1].text.as_str(), hidden[1].author), ("rude", carol.persona));
    assert_eq!(hidden[0].hidden_ms, (NOW_S + 5) * 1_000);
    let of_one = now(bob.node.hidden(Some(post))).unwrap();
    assert_eq!(of_one.iter().map(|view| view.id).collect::<Vec<_>>(), [rude_id]);
    now(bob.node.unhide(None, rude_id)).unwrap();
    assert_eq!(now(bob.node.hidden(None)).unwrap().len(), 1);
    assert_eq!(bob.shown(post).thread.len(), 1);
}

#[test]
fn the_reposts_of_one_person_leave_the_feeds_and_nothing_else_does() {
    let (mut alice, mut carol, mut mallory) = (Alice::new(1), Alice::new(2), Alice::new(3));
    let bob = Bob::between(&mut alice, &mut carol, 1);
    let mut entries = mallory.statements();
    entries.push(mallory.log_open(Scope::Posts, Vec::new()));
    let post = mallory.post("worth it");
    let target = id(&post);
    let repost = |by: &mut Alice| {
        let body = crate::entry::RepostBody { author: mallory.persona }.encode([8; 16]);
        by.entry(Kind::Repost, NOW_S, vec![target], body)
    };
    bob.take([repost(&mut alice)]);
    bob.take(entries.into_iter().chain([post]));
    assert_eq!(bob.feed(), ["worth it", "c0", "a0"]);
    now(bob.node.mute_reposts(alice.persona, Some(bob.clock_ms() + 1_000))).unwrap();
    assert!(now(bob.node.are_reposts_muted(alice.persona)).unwrap());
    assert_eq!(bob.feed(), ["c0", "a0"]);
    assert_eq!(now(bob.node.muted()).unwrap().reposts[0].persona, alice.persona);
    // In a list it stands by who wrote it.
    let list = now(bob.node.create_list("Far")).unwrap();
    now(bob.node.add_to_list(list, mallory.persona)).unwrap();
    let far = FeedQuery { of: crate::node::FeedOf::List(list), limit: 9, ..FeedQuery::default() };
    assert_eq!(bob.page(far), ["worth it"]);
    assert!(now(bob.node.is_muted(alice.persona)).unwrap() == (false, false));
    bob.clock.set_ms(bob.clock_ms() + 1_000);
    assert_eq!(bob.feed(), ["worth it", "c0", "a0"], "it ended");
    now(bob.node.mute_reposts(alice.persona, None)).unwrap();
    // Who else carried it further still brings it.
    bob.take([repost(&mut carol)]);
    let feed = now(bob.node.feed(FeedQuery { limit: 9, ..FeedQuery::default() })).unwrap();
    let by: Vec<_> = feed[0].reposted_by.iter().map(|by| by.persona).collect();
    assert_eq!((feed.len(), by), (3, vec![carol.persona]));
    now(bob.node.unmute_reposts(alice.persona)).unwrap();
    assert!(now(bob.node.muted()).unwrap().reposts.is_empty());
    let own = now(bob.node.personas()).unwrap().remove(0).id;
    refused(now(bob.node.mute_reposts(own, None)));
}

#[test]
fn a_blocked_authors_post_is_a_place_that_nobody_here_answers() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 1);
    let post = bob.id("a0");
    let answer = now(bob.node.comment(None, post, "hm")).unwrap();
    now(bob.node.bookmark(post)).unwrap();
    now(bob.node.block(alice.persona)).unwrap();
    let page = bob.shown(post);
    assert!(page.post.blocked && page.post.text.is_empty() && page.post.author_name.is_empty());
    let told = [
        refused(now(bob.node.comment(None, post, "again"))),
        // Under what one wrote oneself below it, too.
        refused(now(bob.node.comment(None, answer, "again"))),
        refused(now(bob.node.react(None, post, "❤️"))),
        refused(now(bob.node.repost(None, post))),
    ];
    assert!(told.iter().all(|told| told.contains("blocked")), "{told:?}");
    assert_eq!(now(bob.node.bookmarks(9, None)).unwrap()[0].post.as_ref().unwrap().text, "a0");
    now(bob.node.unblock(alice.persona)).unwrap();
    assert!(!bob.shown(post).post.blocked);
    now(bob.node.comment(None, post, "welcome back")).unwrap();
}

#[test]
fn a_reaction_is_one_emoji() {
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let post = write(&bob, "react");
    for one in ["❤️", "👍🏽", "🇨🇭", "👩‍👩‍👧‍👦", "1️⃣", "☺"] {
        let reaction = now(bob.node.react(None, post, one)).unwrap();
        now(bob.node.delete(None, reaction)).unwrap();
    }
    for none in ["❤️❤️", "👍👎", "🇨🇭🇩🇪", "a", "1", "ok👍", "", "<🙂", "é"] {
        refused(now(bob.node.react(None, post, none)));
    }
}

#[test]
fn a_persona_says_whether_it_wishes_to_be_found() {
    let bob = Bob::new();
    let persona = now(bob.node.create_persona("Bob")).unwrap();
    let listed = || now(bob.node.profile(persona)).unwrap().listed;
    assert!(!listed());
    let edit = |listed| ProfileEdit { listed, ..ProfileEdit::default() };
    now(bob.node.edit_profile(None, edit(Some(true)))).unwrap();
    assert!(listed());
    now(bob.node.edit_profile(None, ProfileEdit { bio: Some("Fog.".to_owned()), ..edit(None) })).unwrap();
    assert!(listed(), "another change leaves it");
    now(bob.node.edit_profile(None, edit(Some(false)))).unwrap();
    assert!(!listed());
    assert!(matches!(now(bob.node.personas()).unwrap().as_slice(), [PersonaView { default: true, .. }]));
}

#[test]
fn a_share_link_leads_to_an_anchor_with_a_web_page() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::between(&mut alice, &mut carol, 1);
    let post = bob.id("a0");
    assert!(refused(now(bob.node.share_link(post))).contains("anchor"));
    let key = SigningKey::from_bytes(&[77; 32]);
    let node = NodeId::from_bytes(key.verifying_key().to_bytes());
    let ticket = crate::net::Ticket::new(node, "192.0.2.1:1".parse().ok()).to_string();
    now(bob.node.add_anchor(&ticket)).unwrap();
    assert!(refused(now(bob.node.share_link(post))).contains("anchor"), "where its page is was not told");
    for bad in ["ftp://a", "https://", "https://a b", "https://a/?x", "a.example"] {
        refused(now(bob.node.set_anchor_web(node, bad)));
    }
    now(bob.node.set_anchor_web(node, "https://a.example/")).unwrap();
    assert_eq!(now(bob.node.anchors()).unwrap()[0].web.as_deref(), Some("https://a.example"));
    let link = format!("https://a.example/p/{post}?by={}", alice.persona);
    assert_eq!(now(bob.node.share_link(post)).unwrap(), link);
    now(bob.node.add_anchor(&ticket)).unwrap();
    assert_eq!(now(bob.node.share_link(post)).unwrap(), link, "told again where the node is, its page stays");
    let comment = now(bob.node.comment(None, post, "x")).unwrap();
    refused(now(bob.node.share_link(comment)));
    bob.take([alice.entry(Kind::Delete, NOW_S, vec![post], DeleteBody {}.encode([6; 16]))]);
    assert!(matches!(now(bob.node.share_link(post)), Err(Error::NotFound { .. })));
    now(bob.node.remove_anchor(&ticket)).unwrap();
    assert!(matches!(now(bob.node.set_anchor_web(node, "https://a.example")), Err(Error::NotFound { .. })));
}
