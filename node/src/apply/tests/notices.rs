//! What the user is told of, whatever comes in whatever order.

use super::*;
use crate::limits;
use crate::notify::{Looked, NotificationsQuery};
use crate::view::{NotificationKind as K, NotificationView, Rule, RuleFor};

const ALL: NotificationsQuery =
    NotificationsQuery { persona: None, limit: limits::FEED_PAGE, unread: false, mentions: false };

fn told(bob: &Bob) -> Vec<NotificationView> {
    now(bob.node.notifications(ALL)).unwrap()
}

/// Kind, people and whether it is read, of each line; the newest first.
fn lines(bob: &Bob) -> Vec<(K, u64, bool)> {
    told(bob).iter().map(|line| (line.kind, line.people, line.read)).collect()
}

fn unread(bob: &Bob) -> u64 {
    now(bob.node.unread_notifications()).unwrap().iter().map(|(_, count)| count).sum()
}

fn bobs_post(bob: &Bob, text: &str) -> EntryId {
    now(bob.node.post(PostDraft { text: text.to_owned(), ..PostDraft::default() })).unwrap()
}

fn me(bob: &Bob) -> PersonaId {
    now(bob.node.personas()).unwrap()[0].id
}

/// Somebody with an open log for what is said about posts.
fn speaker(seed: u8) -> (Alice, Vec<Unverified<Entry>>) {
    let mut who = Alice::new(seed);
    let mut first = who.statements();
    first.push(who.log_open(Scope::Engagement, Vec::new()));
    (who, first)
}

fn says(by: &mut Alice, root: EntryId, parent: EntryId, text: &str, mentions: Vec<PersonaId>) -> Unverified<Entry> {
    let body = PostBody { text: text.to_owned(), mentions, ..PostBody::default() }.encode([4; 16]);
    by.entry(Kind::Comment, NOW_S, vec![root, parent], body)
}

fn reacts(by: &mut Alice, target: EntryId, emoji: &str) -> Unverified<Entry> {
    by.entry(Kind::Reaction, NOW_S, vec![target], ReactionBody { emoji: emoji.to_owned() }.encode([5; 16]))
}

#[test]
fn comments_answers_and_mentions_are_told_once_whoever_repeats_them() {
    let ((mut alice, first), bob) = (speaker(1), Bob::new());
    now(bob.node.create_persona("Bob")).unwrap();
    let post = bobs_post(&bob, "hello, this is Bob");
    let mine = now(bob.node.comment(None, post, "and this too")).unwrap();
    bob.take(first);
    let entries = [
        says(&mut alice, post, post, "a comment", Vec::new()),
        says(&mut alice, post, mine, "an answer", vec![me(&bob)]),
        says(&mut alice, post, post, "a mention", vec![me(&bob)]),
    ];
    for _ in 0..3 {
        for entry in &entries {
            bob.take([entry.clone()]);
        }
    }
    let mut found: Vec<_> = told(&bob).into_iter().map(|line| (line.kind, line.text, line.about)).collect();
    found.sort();
    let line = |kind, text: &str, about: &str| (kind, text.to_owned(), about.to_owned());
    let want = [
        line(K::Comment, "a comment", "hello, this is Bob"),
        line(K::Answer, "an answer", "and this too"),
        line(K::Mention, "a mention", ""),
    ];
    assert_eq!(found, want);
    assert_eq!(unread(&bob), 3);
    let all = told(&bob);
    assert!(all.iter().all(|line| line.post == Some(post) && line.comment.is_some() && line.persona == me(&bob)));
    // Only what speaks to the user.
    let mentions = now(bob.node.notifications(NotificationsQuery { mentions: true, ..ALL })).unwrap();
    assert_eq!(mentions.len(), 2);
    // A look at the post clears them all, and what comes after is new.
    now(bob.node.look_at(Looked::Post(post))).unwrap();
    assert_eq!(unread(&bob), 0);
    bob.take([says(&mut alice, post, post, "one more", Vec::new())]);
    assert_eq!(unread(&bob), 1);
    assert!(now(bob.node.notifications(NotificationsQuery { unread: true, ..ALL })).unwrap()[0].text == "one more");
}

#[test]
fn reactions_to_one_post_stand_in_one_line() {
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let (post, other) = (bobs_post(&bob, "first"), bobs_post(&bob, "second"));
    now(bob.node.react(None, post, "🔥")).unwrap();
    for seed in 1..=4 {
        let (mut who, first) = speaker(seed);
        bob.take(first);
        bob.take([reacts(&mut who, post, "👍"), reacts(&mut who, post, "🎉")]);
        if seed == 4 {
            bob.take([reacts(&mut who, other, "👍")]);
        }
    }
    assert_eq!(unread(&bob), 2);
    let all = told(&bob);
    let line = all.iter().find(|line| line.post == Some(post)).unwrap();
    assert_eq!((line.kind, line.people, line.count, line.from.len()), (K::Reaction, 4, 4, limits::NOTIFIED_PEOPLE));
    assert_eq!(line.emoji, ["🎉", "👍"]);
    // One line is read by itself.
    now(bob.node.read_notification(line.id)).unwrap();
    assert_eq!(unread(&bob), 1);
    // Who takes it back and reacts again says nothing new; somebody else does.
    let (mut carol, first) = speaker(9);
    bob.take(first);
    bob.take([reacts(&mut carol, post, "👍")]);
    assert_eq!(unread(&bob), 2);
    assert_eq!(now(bob.node.read_notifications(None)).unwrap(), 2);
    assert_eq!(unread(&bob), 0);
}

#[test]
fn what_came_before_its_post_is_told_once_that_comes() {
    // Two devices of Bob: what one wrote comes to the other after what Alice said about it.
    let laptop = Bob::new();
    now(laptop.node.create_persona("Bob")).unwrap();
    let ((mut alice, first), post) = (speaker(1), bobs_post(&laptop, "from the laptop"));
    let comment = says(&mut alice, post, post, "early", Vec::new());
    laptop.take(first);
    laptop.take([comment.clone(), reacts(&mut alice, post, "👍")]);
    assert_eq!(lines(&laptop).len(), 2);
    // Its rows went, as with an entry that is evicted, and it comes again: the mark still says that it was read.
    now(laptop.node.look_at(Looked::Post(post))).unwrap();
    let forget = |tx: &rusqlite::Transaction<'_>| Ok(tx.execute("DELETE FROM notification", []).map(drop)?);
    now(laptop.store.write(crate::store::Durability::Normal, forget)).unwrap();
    let again = move |tx: &rusqlite::Transaction<'_>| {
        let row = tx.query_row("SELECT entry_row FROM comment", [], |row| row.get(0))?;
        let mut notes = crate::gate::Notes::default();
        notes.happened.insert(crate::gate::Happened::Entry(row));
        crate::notify::settle(tx, &mut notes, (NOW_S * 1_000).cast_signed())
    };
    now(laptop.store.write(crate::store::Durability::Normal, again)).unwrap();
    assert_eq!(lines(&laptop), [(K::Comment, 1, true)]);
}

#[test]
fn own_acts_and_what_is_muted_blocked_hidden_or_deleted_is_not_told() {
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let other = now(bob.node.create_persona("Bob elsewhere")).unwrap();
    let post = bobs_post(&bob, "hello");
    now(bob.node.comment(None, post, "mine")).unwrap();
    now(bob.node.comment(Some(other), post, "mine too")).unwrap();
    now(bob.node.react(Some(other), post, "👍")).unwrap();
    assert_eq!(lines(&bob), []);
    let ((mut alice, a), (mut carol, c)) = (speaker(1), speaker(2));
    bob.take(a.into_iter().chain(c));
    let (first, second) =
        (says(&mut alice, post, post, "first", Vec::new()), says(&mut alice, post, post, "second", Vec::new()));
    let (hidden, deleted) = (first.0.id(), second.0.id());
    bob.take([first, second, says(&mut carol, post, post, "a spoiler here", Vec::new())]);
    assert_eq!(unread(&bob), 3);
    now(bob.node.hide(None, hidden)).unwrap();
    assert_eq!(unread(&bob), 2);
    bob.take([alice.entry(Kind::Delete, NOW_S, vec![deleted], DeleteBody {}.encode([6; 16]))]);
    assert_eq!(unread(&bob), 1);
    now(bob.node.mute_word("spoiler", true, None)).unwrap();
    assert_eq!(unread(&bob), 0);
    now(bob.node.unmute_word("spoiler")).unwrap();
    now(bob.node.block(carol.persona)).unwrap();
    assert_eq!(unread(&bob), 0);
    bob.take([says(&mut carol, post, post, "while blocked", Vec::new())]);
    now(bob.node.unblock(carol.persona)).unwrap();
    assert_eq!(unread(&bob), 1, "what came while she was blocked is no news later");
    now(bob.node.mute(carol.persona, None)).unwrap();
    assert_eq!(unread(&bob), 0);
    now(bob.node.unmute(carol.persona)).unwrap();
    now(bob.node.mute_thread(post, None)).unwrap();
    assert_eq!(unread(&bob), 0);
    bob.take([says(&mut carol, post, post, "in a muted thread", Vec::new())]);
    now(bob.node.unmute_thread(post)).unwrap();
    assert_eq!(unread(&bob), 1);
    now(bob.node.delete(None, post)).unwrap();
    assert_eq!(lines(&bob), [], "with the post all that was said about it goes");
}

#[test]
fn what_a_new_follow_brings_is_no_news() {
    let mut alice = Alice::new(1);
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let mine = bobs_post(&bob, "quote me");
    let mut log = alice.statements();
    log.push(alice.log_open(Scope::Posts, Vec::new()));
    let mut mention = |time: u64, quote: Option<EntryId>| {
        let mentions = if quote.is_some() { Vec::new() } else { vec![me(&bob)] };
        let body = PostBody { text: "about Bob".to_owned(), mentions, quote, ..PostBody::default() }.encode([4; 16]);
        alice.entry(Kind::Post, time, Vec::new(), body)
    };
    let day_s = 86_400;
    log.extend([mention(NOW_S, None), mention(NOW_S + day_s, Some(mine))]);
    let new = mention(NOW_S + 3 * day_s, None);
    bob.clock.set_ms((NOW_S + 2 * day_s) * 1_000);
    now(bob.node.follow(None, &alice.persona.to_string())).unwrap();
    bob.take(log);
    assert_eq!(lines(&bob), [(K::Quote, 1, true), (K::Mention, 1, true)]);
    bob.clock.set_ms((NOW_S + 3 * day_s) * 1_000);
    bob.take([new]);
    assert_eq!((unread(&bob), lines(&bob).len()), (1, 3));
    assert_eq!(lines(&bob)[0], (K::Mention, 1, false));
}

#[test]
fn what_is_older_than_the_persona_here_or_a_month_is_read_as_it_comes() {
    let ((mut alice, first), bob) = (speaker(1), Bob::new());
    now(bob.node.create_persona("Bob")).unwrap();
    let post = bobs_post(&bob, "hello");
    bob.take(first);
    let mut at = |time: u64| {
        let body = PostBody { text: format!("at {time}"), ..PostBody::default() }.encode([4; 16]);
        alice.entry(Kind::Comment, time, vec![post, post], body)
    };
    let (before, late) = (at(NOW_S - 60), at(NOW_S + 60));
    let month_s = limits::NEWS_S.cast_unsigned();
    let (old, fresh) = (at(NOW_S + 100), at(NOW_S + 100 + month_s));
    bob.take([before]);
    assert_eq!(unread(&bob), 0);
    bob.clock.set_ms((NOW_S + month_s) * 1_000);
    bob.take([late]);
    assert_eq!(unread(&bob), 1, "of somebody who was away for weeks");
    bob.clock.set_ms((NOW_S + month_s + 200) * 1_000);
    bob.take([old, fresh]);
    assert_eq!(unread(&bob), 2, "the one of more than a month ago is none");
    assert_eq!(lines(&bob).len(), 4);
}

#[test]
fn edits_of_what_one_had_to_do_with_and_reposts_are_told() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    let (open, liked, other) = (alice.log_open(Scope::Posts, Vec::new()), alice.post("liked"), alice.post("other"));
    let (likes, others) = (liked.0.id(), other.0.id());
    bob.take([open, liked, other]);
    now(bob.node.react(None, likes, "👍")).unwrap();
    let mut edit = |target, counter| {
        let post = PostBody { text: format!("edited {counter}"), ..PostBody::default() };
        alice.entry(Kind::Edit, NOW_S, vec![target], EditBody { post, counter }.encode([6; 16]))
    };
    bob.take([edit(likes, 1), edit(others, 1)]);
    assert_eq!(lines(&bob), [(K::Edit, 1, false)]);
    bob.take([edit(likes, 2)]);
    let all = told(&bob);
    assert_eq!((all.len(), all[0].text.as_str(), all[0].post), (1, "edited 2", Some(likes)));
    let mine = bobs_post(&bob, "worth telling");
    let body = crate::entry::RepostBody { author: me(&bob) }.encode([7; 16]);
    let repost = alice.entry(Kind::Repost, NOW_S, vec![mine], body);
    let id = repost.0.id();
    bob.take([repost]);
    assert_eq!(unread(&bob), 2);
    assert!(told(&bob).iter().any(|line| line.kind == K::Repost && line.post == Some(mine)));
    bob.take([alice.entry(Kind::Delete, NOW_S, vec![id], DeleteBody {}.encode([8; 16]))]);
    assert_eq!(unread(&bob), 1, "taken back");
}

#[test]
fn who_is_named_by_an_edit_hears_of_it_once() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    let mine = bobs_post(&bob, "hello");
    bob.take(alice.statements());
    bob.take([alice.log_open(Scope::Posts, Vec::new())]);
    let post = |text: &str| PostBody { text: text.to_owned(), ..PostBody::default() };
    let theirs = alice.entry(Kind::Post, NOW_S, Vec::new(), post("thanks to all").encode([4; 16]));
    let id = theirs.0.id();
    bob.take([theirs]);
    now(bob.node.react(None, id, "👍")).unwrap();
    assert_eq!(lines(&bob), []);
    let mut edits = |text: &str, counter| {
        let post = PostBody { mentions: vec![me(&bob)], ..post(text) };
        alice.entry(Kind::Edit, NOW_S + 60, vec![id], EditBody { post, counter }.encode([9; 16]))
    };
    let named = edits("thanks to Bob", 1);
    bob.take([named.clone()]);
    // Who took part hears of one thing, not of two.
    let found: Vec<_> = told(&bob).into_iter().map(|line| (line.kind, line.text, line.post)).collect();
    assert_eq!(found, [(K::Mention, "thanks to Bob".to_owned(), Some(id))]);
    // Again, and named by a later one too: once read it is nothing new, beside that the post changed.
    now(bob.node.read_notifications(None)).unwrap();
    bob.take([named, edits("thanks to Bob and Carol", 2)]);
    assert_eq!(lines(&bob).iter().filter(|(kind, ..)| *kind == K::Mention).count(), 1);
    assert!(lines(&bob).contains(&(K::Mention, 1, true)));

    // What was taken back before it came here, or comes before what it edits.
    let (second, third) = (alice.post("without a name"), alice.post("without a name either"));
    let ids = (second.0.id(), third.0.id());
    let mut edits = |target, text: &str, mentions: Vec<PersonaId>, counter| {
        let post = PostBody { mentions, ..post(text) };
        alice.entry(Kind::Edit, NOW_S + 60, vec![target], EditBody { post, counter }.encode([9; 16]))
    };
    let by_mistake = edits(ids.0, "to Bob, I think", vec![me(&bob)], 1);
    let mended = edits(ids.0, "to Carol", Vec::new(), 2);
    bob.take([second, by_mistake, mended]);
    bob.take([edits(ids.1, "to Bob, early", vec![me(&bob)], 1)]);
    assert!(!told(&bob).iter().any(|line| line.text.starts_with("to ")), "{:?}", told(&bob));
    bob.take([third]);
    let early: Vec<_> = told(&bob).into_iter().filter(|line| line.text.starts_with("to ")).collect();
    assert_eq!((early.len(), early[0].kind, early[0].post), (1, K::Mention, Some(ids.1)));

    // A comment on one's own post stays a comment; below somebody else's it names them now.
    let (mut carol, first) = speaker(2);
    bob.take(first);
    let (here, there) =
        (says(&mut carol, mine, mine, "nice", Vec::new()), says(&mut carol, id, id, "well", Vec::new()));
    let (under_own, elsewhere) = (here.0.id(), there.0.id());
    bob.take([here, there]);
    let mut edits = |target: EntryId| {
        let post = PostBody { mentions: vec![me(&bob)], ..post("nice, Bob") };
        carol.entry(Kind::Edit, NOW_S + 60, vec![target], EditBody { post, counter: 1 }.encode([9; 16]))
    };
    bob.take([edits(under_own), edits(elsewhere)]);
    let by_carol = told(&bob).into_iter().filter(|line| line.from[0].persona == carol.persona);
    let mut found: Vec<_> = by_carol.map(|line| (line.kind, line.text, line.comment)).collect();
    found.sort();
    let want =
        [(K::Comment, "nice, Bob".to_owned(), Some(under_own)), (K::Mention, "nice, Bob".to_owned(), Some(elsewhere))];
    assert_eq!(found, want);
    // Nobody names others in the words of somebody else.
    let foreign = {
        let post = PostBody { mentions: vec![me(&bob)], ..post("forged") };
        carol.entry(Kind::Edit, NOW_S + 90, vec![id], EditBody { post, counter: 1 }.encode([9; 16]))
    };
    let before = lines(&bob).len();
    bob.take([foreign]);
    assert_eq!(lines(&bob).len(), before);
}

#[test]
fn rules_leave_out_kinds_and_people() {
    let ((mut alice, first), bob) = (speaker(1), Bob::new());
    now(bob.node.create_persona("Bob")).unwrap();
    let post = bobs_post(&bob, "hello");
    bob.take(first);
    let mention = says(&mut alice, post, post, "Bob!", vec![me(&bob)]);
    bob.take([says(&mut alice, post, post, "a comment", Vec::new()), reacts(&mut alice, post, "👍"), mention]);
    assert_eq!(unread(&bob), 3);
    now(bob.node.set_notice_rule(RuleFor::Kind(K::Reaction), Rule::None)).unwrap();
    assert_eq!(unread(&bob), 2);
    now(bob.node.set_notice_rule(RuleFor::Person(alice.persona), Rule::Mentions)).unwrap();
    assert_eq!(unread(&bob), 1);
    now(bob.node.set_notice_rule(RuleFor::Person(alice.persona), Rule::None)).unwrap();
    assert_eq!(unread(&bob), 0);
    let rules = now(bob.node.notice_rules()).unwrap();
    assert_eq!((rules.off.as_slice(), rules.of_person(alice.persona)), ([K::Reaction].as_slice(), Rule::None));
    now(bob.node.set_notice_rule(RuleFor::Kind(K::Reaction), Rule::All)).unwrap();
    now(bob.node.set_notice_rule(RuleFor::Person(alice.persona), Rule::All)).unwrap();
    assert_eq!(unread(&bob), 3);
    assert!(now(bob.node.set_notice_rule(RuleFor::Kind(K::Reaction), Rule::Mentions)).is_err());
}

#[test]
fn only_so_many_stay_and_read_ones_go_first() {
    let ((mut alice, first), bob) = (speaker(1), Bob::new());
    now(bob.node.create_persona("Bob")).unwrap();
    let (kept, post) = (bobs_post(&bob, "kept"), bobs_post(&bob, "hello"));
    bob.take(first);
    bob.take([says(&mut alice, kept, kept, "the first, unread", Vec::new())]);
    bob.take([says(&mut alice, post, post, "read", Vec::new())]);
    now(bob.node.look_at(Looked::Post(post))).unwrap();
    let own = "SELECT own_row FROM notification LIMIT 1";
    let (own_row, most) = (bob.number::<i64>(own), limits::NOTIFICATIONS);
    let fill = move |tx: &rusqlite::Transaction<'_>| {
        for n in 0..most - 2 {
            let name = *blake3::hash(&n.to_le_bytes()).as_bytes();
            tx.execute(
                "INSERT INTO notification (own_row, name, grouped, kind, from_row, target, place, time_ms)
                 VALUES (?1, ?2, ?2, 1, ?1, ?2, ?2, ?3)",
                rusqlite::params![own_row, name, i64::MAX - n],
            )?;
        }
        Ok(())
    };
    now(bob.store.write(crate::store::Durability::Normal, fill)).unwrap();
    let has = |bob: &Bob, text: &str| told(bob).iter().any(|line| line.text == text);
    assert!(has(&bob, "read"));
    bob.take([says(&mut alice, post, post, "new", Vec::new())]);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM notification"), most);
    assert!(!has(&bob, "read") && has(&bob, "the first, unread") && has(&bob, "new"));
    bob.take([says(&mut alice, post, post, "newer", Vec::new())]);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM notification"), most);
    assert!(!has(&bob, "the first, unread"), "none is read: the oldest goes");
}
