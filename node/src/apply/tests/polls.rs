//! What a poll counts, whatever comes in whatever order.

use super::headers::id;
use super::*;
use crate::entry::PollBody;
use crate::error::{Error, Result};
use crate::limits::{DAY_S, POLL_LEAST_S, POLL_MOST_S};
use crate::node::PollDraft;
use crate::notify::NotificationsQuery;
use crate::view::{NotificationKind, PollView, PostView};

const HOUR_S: u64 = 3_600;

fn asks(options: &[&str], lasts_s: u64) -> PollDraft {
    PollDraft { options: options.iter().map(|option| (*option).to_owned()).collect(), lasts_s }
}

impl Bob {
    fn asks(&self, poll: PollDraft) -> Result<EntryId> {
        now(self.node.post(PostDraft { text: "Which?".into(), poll: Some(poll), ..PostDraft::default() }))
    }

    fn asked(&self, post: EntryId) -> PostView {
        now(self.node.show(post)).unwrap().post
    }

    fn poll(&self, post: EntryId) -> PollView {
        self.asked(post).poll.unwrap()
    }

    /// Votes for each option, own ones in brackets.
    fn stands(&self, post: EntryId) -> Vec<String> {
        let mark = |own: bool, votes: u64| if own { format!("[{votes}]") } else { votes.to_string() };
        self.poll(post).options.iter().map(|option| mark(option.mine, option.votes)).collect()
    }
}

impl Alice {
    fn reacts(&mut self, post: EntryId, emoji: &str, time: u64) -> Unverified<Entry> {
        self.entry(Kind::Reaction, time, vec![post], ReactionBody { emoji: emoji.to_owned() }.encode([7; 16]))
    }
}

/// Somebody with an open log for what is said about posts.
fn voter(seed: u8) -> (Alice, Vec<Unverified<Entry>>) {
    let mut who = Alice::new(seed);
    let mut first = who.statements();
    first.push(who.log_open(Scope::Engagement, Vec::new()));
    (who, first)
}

#[test]
fn a_persona_has_one_vote_and_may_change_it() {
    let bob = Bob::new();
    let me = now(bob.node.create_persona("Bob")).unwrap();
    let post = bob.asks(asks(&[" Tea ", "Coffee", "Water"], DAY_S)).unwrap();
    let poll = bob.poll(post);
    assert_eq!((poll.options[0].text.as_str(), poll.ends_ms, poll.ended), ("Tea", (NOW_S + DAY_S) * 1_000, false));
    assert_eq!(bob.stands(post), ["0", "0", "0"]);
    let first = now(bob.node.vote(None, post, 2)).unwrap();
    assert_eq!(now(bob.node.vote(None, post, 2)).unwrap(), first, "the same vote twice is one");
    assert_eq!(bob.stands(post), ["0", "[1]", "0"]);
    now(bob.node.vote(None, post, 3)).unwrap();
    assert_eq!(bob.stands(post), ["0", "0", "[1]"]);
    // Another persona has its own.
    let other = now(bob.node.create_persona("Night")).unwrap();
    now(bob.node.vote(Some(other), post, 1)).unwrap();
    now(bob.node.vote(Some(me), post, 1)).unwrap();
    assert_eq!((bob.stands(post), bob.poll(post).voters), (vec!["[2]".into(), "0".into(), "0".into()], 2));
    // Reactions beside it are reactions, and a keycap that names no option is one of them.
    now(bob.node.react(Some(me), post, "4️⃣")).unwrap();
    now(bob.node.react(Some(me), post, "❤️")).unwrap();
    let shown = bob.asked(post);
    assert_eq!(shown.reactions.keys().collect::<Vec<_>>(), ["4️⃣", "❤️"]);
    assert_eq!(shown.mine, ["4️⃣", "❤️"]);
    for (target, option) in [(post, 0), (post, 4)] {
        assert_eq!(now(bob.node.vote(None, target, option)).unwrap_err().code(), "bad_input");
    }
    let plain = now(bob.node.post(PostDraft { text: "no poll".into(), ..PostDraft::default() })).unwrap();
    assert_eq!(now(bob.node.vote(None, plain, 1)).unwrap_err().code(), "bad_input");
    // An edit changes nothing of it, and what is written anew asks the same.
    now(bob.node.edit(None, post, "Which of them?")).unwrap();
    assert_eq!((bob.asked(post).text.as_str(), bob.poll(post).voters), ("Which of them?", 2));
    assert_eq!(now(bob.node.redraft(post)).unwrap().poll, Some(asks(&["Tea", "Coffee", "Water"], DAY_S)));
    // After its end nothing is voted any more.
    bob.clock.set_ms((NOW_S + DAY_S + 1) * 1_000);
    assert!(bob.poll(post).ended);
    assert_eq!(now(bob.node.vote(None, post, 2)).unwrap_err().code(), "bad_input");
    assert_eq!(bob.stands(post), ["[2]", "0", "0"]);
    now(bob.node.delete(None, post)).unwrap();
    assert_eq!(bob.asked(post).poll, None);
}

#[test]
fn votes_of_others_count_by_what_they_claim_in_any_order() {
    let votes = || {
        let (mut carol, mut said) = voter(2);
        let (mut dora, first) = voter(3);
        let (mut late, last) = voter(4);
        said.extend(first.into_iter().chain(last));
        let post = |bob: &Bob| now(bob.node.feed(FeedQuery { limit: 1, ..FeedQuery::default() })).unwrap()[0].id;
        let entries = move |post: EntryId| {
            vec![
                carol.reacts(post, "1️⃣", NOW_S + 10),
                // The old one is not taken back yet: the last one counts.
                carol.reacts(post, "2️⃣", NOW_S + 20),
                dora.reacts(post, "2️⃣", NOW_S + 5),
                // Too late, as they say themselves: what they voted before stays.
                dora.reacts(post, "1️⃣", NOW_S + HOUR_S + 1),
                late.reacts(post, "1️⃣", NOW_S + HOUR_S + 1),
                late.reacts(post, "8️⃣", NOW_S),
            ]
        };
        (said, post, entries)
    };
    for turned in [false, true] {
        let bob = Bob::new();
        now(bob.node.create_persona("Bob")).unwrap();
        bob.asks(asks(&["Tea", "Coffee"], HOUR_S)).unwrap();
        let (said, post, mut entries) = votes();
        let post = post(&bob);
        bob.take(said);
        let mut entries = entries(post);
        if turned {
            entries.reverse();
        }
        for entry in entries {
            assert!(bob.take([entry]).refused.is_empty());
        }
        assert_eq!((bob.stands(post), bob.poll(post).voters), (vec!["0".into(), "2".into()], 2));
        assert_eq!(bob.asked(post).reactions.keys().collect::<Vec<_>>(), ["8️⃣"]);
        // Of whom the user blocked nothing counts.
        let carol = Alice::new(2).persona;
        now(bob.node.block(carol)).unwrap();
        assert_eq!(bob.stands(post), ["0", "1"]);
        now(bob.node.unblock(carol)).unwrap();
        assert_eq!(bob.stands(post), ["0", "2"]);
    }
}

#[test]
fn a_poll_in_a_circle_is_voted_for_in_it() {
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let family = now(bob.node.create_circle(None, "Family")).unwrap();
    let draft = PostDraft {
        text: "Which?".into(),
        circles: vec![family],
        poll: Some(asks(&["Tea", "Coffee"], HOUR_S)),
        ..PostDraft::default()
    };
    let post = now(bob.node.post(draft)).unwrap();
    bob.clock.set_ms((NOW_S + 60) * 1_000);
    now(bob.node.vote(None, post, 1)).unwrap();
    now(bob.node.vote(None, post, 2)).unwrap();
    assert_eq!(bob.stands(post), ["0", "[1]"]);
    assert!(bob.asked(post).reactions.is_empty());
    let open = "SELECT count(*) FROM entry WHERE kind = 11";
    assert_eq!(bob.number::<i64>(open), 0, "nothing of it is in the open");
}

#[test]
fn wrong_polls_are_refused_and_older_versions_read_the_text() {
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let many: Vec<String> = (0..9).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let long = "x".repeat(101);
    for wrong in [
        asks(&["Tea"], DAY_S),
        asks(&many, DAY_S),
        asks(&["Tea", "Tea "], DAY_S),
        asks(&["Tea", ""], DAY_S),
        asks(&["Tea", &long], DAY_S),
        asks(&["Tea", "Coffee"], POLL_LEAST_S - 1),
        asks(&["Tea", "Coffee"], POLL_MOST_S + 1),
    ] {
        assert_eq!(bob.asks(wrong).unwrap_err().code(), "bad_input");
    }
    let silent = PostDraft { poll: Some(asks(&["Tea", "Coffee"], DAY_S)), ..PostDraft::default() };
    assert_eq!(now(bob.node.post(silent)).unwrap_err().code(), "bad_input");
    assert!(bob.feed().is_empty());

    // From elsewhere, too.
    let mut alice = Alice::new(1);
    let carol = Bob::following(&alice);
    carol.take(alice.statements());
    carol.take([alice.log_open(Scope::Posts, Vec::new())]);
    let place = alice.next;
    for options in [vec!["Tea"], many.clone(), vec!["Tea", "Tea"], vec!["Tea", &long], vec!["Tea", " "]] {
        let poll = Some(PollBody { options: options.into_iter().map(str::to_owned).collect(), ends: NOW_S });
        let body = PostBody { text: "Which?".into(), poll, ..PostBody::default() }.encode([4; 16]);
        alice.next = place;
        let refused = refusals(&carol.take([alice.entry(Kind::Post, NOW_S, Vec::new(), body)]));
        assert!(matches!(refused[..], [EntryError::Malformed(_) | EntryError::TooLarge { .. }]), "{refused:?}");
    }
    // A version that knows no polls passes over a field of which it knows nothing: so does this one over the next.
    let mut body = PostBody { text: "Which?".into(), ..PostBody::default() }.encode([4; 16]);
    body[16] += 1;
    body.extend([0x18, 0x63, 0xa2, 0x00, 0x82, 0x61, b'a', 0x61, b'b', 0x01, 0x09]);
    alice.next = place;
    let post = alice.entry(Kind::Post, NOW_S, Vec::new(), body);
    assert!(carol.take([post.clone()]).refused.is_empty());
    assert_eq!((carol.asked(id(&post)).text.as_str(), carol.asked(id(&post)).poll), ("Which?", None));
}

#[test]
fn whose_poll_it_is_hears_of_votes_in_words_and_all_see_who_voted() {
    let ((mut alice, first), bob) = (voter(1), Bob::new());
    let me = now(bob.node.create_persona("Bob")).unwrap();
    let post = bob.asks(asks(&["Tea", "Water"], DAY_S)).unwrap();
    bob.take(first);
    bob.take([alice.reacts(post, "2️⃣", NOW_S)]);
    now(bob.node.vote(None, post, 1)).unwrap();
    let told = || {
        let query = NotificationsQuery { limit: 10, ..NotificationsQuery::default() };
        let [line] = now(bob.node.notifications(query)).unwrap().try_into().unwrap();
        let votes: Vec<_> = line.votes.iter().map(|vote| (vote.emoji.clone(), vote.option.clone())).collect();
        (line.kind, line.emoji, votes)
    };
    let vote = vec![("2️⃣".to_owned(), "Water".to_owned())];
    assert_eq!(told(), (NotificationKind::Reaction, vec!["2️⃣".to_owned()], vote.clone()));
    bob.take([alice.reacts(post, "❤️", NOW_S + 1)]);
    assert_eq!((told().1.len(), told().2), (2, vote));

    let voters = |persona| {
        let all = now(bob.node.voters(persona, post)).unwrap();
        all.into_iter().map(|option| option.into_iter().map(|who| who.persona).collect()).collect::<Vec<Vec<_>>>()
    };
    assert_eq!(voters(None), [vec![me], vec![alice.persona]]);
    assert_eq!(voters(Some(me)), voters(None));
    let plain = now(bob.node.post(PostDraft { text: "No question".into(), ..PostDraft::default() })).unwrap();
    assert!(matches!(now(bob.node.voters(None, plain)), Err(Error::BadInput(_))));
}
