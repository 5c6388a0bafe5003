#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::crypto::{Envelope, EnvelopeError, Outside, Purpose};
use crate::host::SystemEntropy;

const ALICE: (PersonaId, DeviceKey) = (PersonaId::from_bytes([1; 32]), DeviceKey::from_bytes([2; 32]));
const BOB: (PersonaId, DeviceKey) = (PersonaId::from_bytes([3; 32]), DeviceKey::from_bytes([4; 32]));
const MALLORY: (PersonaId, DeviceKey) = (PersonaId::from_bytes([5; 32]), DeviceKey::from_bytes([6; 32]));

const A_TO_B: Ends = Ends { me: ALICE, peer: BOB };
const B_TO_A: Ends = Ends { me: BOB, peer: ALICE };

fn account() -> Account {
    Account::new(&SystemEntropy).unwrap()
}

/// A message on its way: what Olm gave, in an intro, or in the envelope of a slot.
#[derive(Clone)]
enum Wire {
    Intro(Intro),
    Slot(Tag, u32, Box<Envelope>),
}

fn outside() -> Outside<'static> {
    Outside {
        purpose: Purpose::Message,
        author: MALLORY.0,
        device: MALLORY.1,
        log: 0,
        seq: 0,
        day: 20_717,
        route: 7,
        expires_day: 20_747,
        refs: &[],
    }
}

fn pack(sent: Sent, from: (PersonaId, DeviceKey)) -> Wire {
    match sent.way {
        Way::Intro => {
            Wire::Intro(Intro { persona: from.0, device: from.1, statements: Vec::new(), message: sent.message })
        }
        Way::Slot { tag, key, route } => {
            let envelope = Envelope::seal(&sent.message, &[(tag, key)], &outside(), &SystemEntropy).unwrap();
            Wire::Slot(tag, route, Box::new(envelope))
        }
    }
}

/// One end, with what it does after each step: the state goes through its bytes.
struct End {
    session: Session,
    me: (PersonaId, DeviceKey),
    route: u32,
}

impl End {
    fn saved(&mut self) {
        self.session = Session::from_bytes(&self.session.to_bytes().unwrap()).unwrap();
    }

    fn copy(&self) -> Self {
        let session = Session::from_bytes(&self.session.to_bytes().unwrap()).unwrap();
        Self { session, me: self.me, route: self.route }
    }

    fn try_say(&mut self, what: What<'_>, ask: &[u64]) -> Result<(u64, Wire), SessionError> {
        let say = Say { what, route: self.route, delivered: true, ask };
        let sent = self.session.send(&say, &SystemEntropy)?;
        self.saved();
        Ok((sent.number, pack(sent, self.me)))
    }

    fn say(&mut self, text: &str) -> Wire {
        self.try_say(What::New(text.as_bytes()), &[]).unwrap().1
    }

    fn say_nothing(&mut self) -> Wire {
        self.try_say(What::Nothing, &[]).unwrap().1
    }

    fn hear_within(&mut self, wire: &Wire, reach: u32) -> Result<Received, SessionError> {
        let before = self.session.to_bytes().unwrap();
        let received = match wire {
            Wire::Intro(intro) => self.session.open_intro(intro),
            Wire::Slot(tag, _, envelope) => {
                let expected = self.session.expected(reach);
                let Some(found) = expected.iter().find(|expected| expected.tag == *tag) else {
                    return Err(SessionError::UnknownTag);
                };
                let key = self.session.slot_key(found.mark).unwrap();
                let message = envelope.open_with_tag(tag, &key, &outside()).unwrap();
                let received = self.session.open(found.mark, &message);
                assert!(!found.used || received == Err(SessionError::Reused));
                received
            }
        };
        if received.is_err() {
            assert!(*before == *self.session.to_bytes().unwrap(), "an error changes nothing");
        }
        self.saved();
        received
    }

    fn hear(&mut self, wire: &Wire) -> Result<Received, SessionError> {
        self.hear_within(wire, limits::TAGS_EXPECTED)
    }

    fn text(&mut self, wire: &Wire) -> String {
        text(&self.hear(wire).unwrap())
    }

    fn sees(&self, wire: &Wire) -> bool {
        let Wire::Slot(tag, ..) = wire else { return true };
        self.session.expected(limits::TAGS_RESYNC).iter().any(|expected| expected.tag == *tag)
    }
}

fn text(received: &Received) -> String {
    String::from_utf8(received.content.as_ref().unwrap().to_vec()).unwrap()
}

fn begun(account: &Account, ends: &Ends, peer: &Account, counter: u32, route: u32) -> End {
    let session = Session::begin(account, ends, &peer.keys(), counter, &SystemEntropy).unwrap();
    End { session, me: ends.me, route }
}

fn accepted(account: &mut Account, ends: &Ends, peer: &Account, wire: &Wire, route: u32) -> (End, Received) {
    let Wire::Intro(intro) = wire else { panic!("not an intro") };
    let (session, received) = Session::accept(account, ends, &peer.identity(), intro).unwrap();
    (End { session, me: ends.me, route }, received)
}

/// Alice wrote to Bob, and he answered.
fn pair() -> (End, End) {
    let (alice, mut bob) = (account(), account());
    let mut a = begun(&alice, &A_TO_B, &bob, 1, 11);
    let hello = a.say("Hello");
    let (mut b, first) = accepted(&mut bob, &B_TO_A, &alice, &hello, 22);
    assert_eq!(text(&first), "Hello");
    let answer = b.say("Hi");
    assert_eq!(a.text(&answer), "Hi");
    (a, b)
}

#[test]
fn a_conversation_goes_to_and_fro() {
    let (mut a, mut b) = pair();
    assert_eq!(a.session.id(), b.session.id());
    for n in 0..20 {
        let one = a.say(&format!("a{n}"));
        let Wire::Slot(_, route, _) = &one else { panic!("answered, and still an intro") };
        assert_eq!(*route, 22);
        let two = a.say(&format!("a{n} again"));
        assert_eq!(b.text(&one), format!("a{n}"));
        assert_eq!(b.text(&two), format!("a{n} again"));
        let back = b.say(&format!("b{n}"));
        let received = a.hear(&back).unwrap();
        assert_eq!(text(&received), format!("b{n}"));
        assert_eq!(received.acked, 3 + 2 * n);
        assert!(received.delivered && received.fresh);
    }
    assert_eq!(a.session.sent_and_acked(), (41, 41));
    assert!(a.session.state.out.generation > 10 && b.session.state.out.generation > 10, "secrets are renewed");
    assert_eq!(a.session.state.ins.len(), limits::ROUTE_GENERATIONS);
}

#[test]
fn what_begins_a_session_is_repeated_until_the_first_answer() {
    let (alice, mut bob) = (account(), account());
    let mut a = begun(&alice, &A_TO_B, &bob, 1, 11);
    let all: Vec<_> = (0..5).map(|n| a.say(&n.to_string())).collect();
    assert!(all.iter().all(|wire| matches!(wire, Wire::Intro(_))));
    // The first one was lost, the others come in any order.
    let (mut b, received) = accepted(&mut bob, &B_TO_A, &alice, &all[3], 22);
    assert_eq!((text(&received).as_str(), received.number), ("3", 4));
    assert_eq!(b.session.missing().collect::<Vec<_>>(), [1, 2, 3]);
    let Wire::Intro(again) = &all[1] else { panic!() };
    assert_eq!(Session::id_of(again), Some(b.session.id()));
    for (at, expected) in [(1, "1"), (4, "4"), (2, "2")] {
        assert_eq!(b.text(&all[at]), expected);
    }
    assert_eq!(b.hear(&all[1]), Err(SessionError::Gone), "a first message that comes twice is refused");
    let (_, ask) = b.try_say(What::New(b"hm"), &[1]).unwrap();
    let received = a.hear(&ask).unwrap();
    assert_eq!((received.acked, received.asked), (0, vec![1]));
    let (_, again) = a.try_say(What::Again(1, Some(b"0")), &[]).unwrap();
    assert!(matches!(again, Wire::Slot(..)), "answered");
    let received = b.hear(&again).unwrap();
    assert_eq!((text(&received).as_str(), received.number, received.fresh), ("0", 1, true));
    let back = b.say_nothing();
    assert_eq!(a.hear(&back).unwrap().acked, 5);
}

#[test]
fn lost_messages_are_named_and_asked_for_again() {
    let (mut a, mut b) = pair();
    let sent: Vec<_> = (2..=8).map(|n| a.say(&n.to_string())).collect();
    for at in [0, 3, 6] {
        b.hear(&sent[at]).unwrap();
    }
    let missing: Vec<_> = b.session.missing().collect();
    assert_eq!(missing, [3, 4, 6, 7]);
    let (number, ask) = b.try_say(What::Nothing, &missing).unwrap();
    assert_eq!(number, 0);
    let received = a.hear(&ask).unwrap();
    assert_eq!((received.acked, received.asked.as_slice(), received.content), (2, missing.as_slice(), None));
    for number in received.asked {
        // One of them is no longer kept.
        let text = number.to_string();
        let content = (number != 6).then_some(text.as_bytes());
        let (_, again) = a.try_say(What::Again(number, content), &[]).unwrap();
        let received = b.hear(&again).unwrap();
        assert_eq!((received.number, received.fresh), (number, true));
        assert_eq!(received.content.as_ref().map(|content| content.as_slice()), content);
    }
    // What was only late comes all the same, and is not shown twice.
    let late = b.hear(&sent[1]).unwrap();
    assert_eq!((late.number, late.fresh), (3, false));
    assert_eq!(b.session.missing().next(), None);
    let back = b.say_nothing();
    assert_eq!(a.hear(&back).unwrap().acked, 8);
    assert_eq!(a.try_say(What::Again(9, None), &[]).map(|_| ()), Err(SessionError::NeverSent));
    assert_eq!(a.try_say(What::Again(0, None), &[]).map(|_| ()), Err(SessionError::NeverSent));
}

#[test]
fn messages_come_in_any_order_within_the_window() {
    let (mut a, mut b) = pair();
    // Olm keeps the keys of 40.
    let sent: Vec<_> = (0..40).map(|n| a.say(&n.to_string())).collect();
    for n in (0..40).rev() {
        assert_eq!(b.text(&sent[n]), n.to_string());
    }
    assert_eq!(b.session.missing().next(), None);
    // Of a larger gap the first are given up: they are asked for again.
    let sent: Vec<_> = (0..64).map(|n| a.say(&n.to_string())).collect();
    assert_eq!(b.text(&sent[63]), "63");
    assert_eq!(b.hear(&sent[22]), Err(SessionError::Gone));
    assert_eq!(b.text(&sent[23]), "23");
    assert!(b.session.missing().any(|number| number == 42 + 22));
    // Late ones of earlier turns, too.
    let late = a.say("late");
    let mut turns = Vec::new();
    for n in 0..2 {
        let there = a.say(&n.to_string());
        b.hear(&there).unwrap();
        let back = b.say("");
        a.hear(&back).unwrap();
        turns.push(there);
    }
    assert_eq!(b.text(&late), "late");
    assert_eq!(b.hear(&turns[0]), Err(SessionError::Reused));
}

#[test]
fn a_message_that_comes_twice_is_refused() {
    let (mut a, mut b) = pair();
    for n in 0..70 {
        let wire = a.say(&n.to_string());
        b.hear(&wire).unwrap();
        assert_eq!(b.hear(&wire), Err(SessionError::Reused));
        if n % 9 == 0 {
            let back = b.say("");
            a.hear(&back).unwrap();
            assert_eq!(a.hear(&back), Err(SessionError::Reused));
            assert_eq!(b.hear(&wire), Err(SessionError::Reused));
        }
    }
}

#[test]
fn a_changed_message_is_refused_and_the_right_one_opens_afterwards() {
    let (mut a, mut b) = pair();
    let sent = a.session.send(&Say { what: What::New(b"x"), route: 1, delivered: false, ask: &[] }, &SystemEntropy);
    let message = sent.unwrap().message;
    let mark =
        b.session.expected(1).iter().find(|expected| !expected.used && expected.mark.generation == 0).unwrap().mark;
    for at in 0..message.len() {
        for bit in [1, 0x80] {
            let mut changed = message.clone();
            changed[at] ^= bit;
            let before = b.session.to_bytes().unwrap();
            assert!(b.session.open(mark, &changed).is_err(), "byte {at}");
            assert!(*before == *b.session.to_bytes().unwrap());
        }
    }
    for cut in 0..message.len() {
        assert!(b.session.open(mark, &message[..cut]).is_err());
    }
    assert_eq!(text(&b.session.open(mark, &message).unwrap()), "x");
}

#[test]
fn two_hundred_messages_go_one_way_without_an_answer() {
    let (mut a, mut b) = pair();
    for n in 0..200 {
        let wire = a.say(&n.to_string());
        assert_eq!(b.text(&wire), n.to_string());
    }
    let back = b.say("all here");
    assert_eq!(a.hear(&back).unwrap().acked, 201);

    let (alice, mut bob) = (account(), account());
    let mut a = begun(&alice, &A_TO_B, &bob, 1, 11);
    let all: Vec<_> = (0..200).map(|n| a.say(&n.to_string())).collect();
    let (mut b, _) = accepted(&mut bob, &B_TO_A, &alice, &all[0], 22);
    for (n, wire) in all.iter().enumerate().skip(1) {
        assert_eq!(b.text(wire), n.to_string());
    }
    let back = b.say("all here");
    assert_eq!(a.hear(&back).unwrap().acked, 200);
}

#[test]
fn after_a_long_absence_two_thousand_are_looked_for() {
    let (mut a, mut b) = pair();
    let say = |a: &mut End| {
        let say = Say { what: What::New(b"x"), route: 11, delivered: true, ask: &[] };
        a.session.send(&say, &SystemEntropy).map(|sent| pack(sent, ALICE))
    };
    let hundredth = (0..100).map(|_| say(&mut a).unwrap()).last().unwrap();
    let mut last = hundredth.clone();
    assert_eq!(b.copy().hear(&hundredth), Err(SessionError::UnknownTag), "64 are expected");
    assert_eq!(b.copy().hear_within(&hundredth, limits::TAGS_RESYNC).unwrap().number, 101);
    for _ in 100..2_000 {
        last = say(&mut a).unwrap();
    }
    assert_eq!(say(&mut a).map(|_| ()), Err(SessionError::Unanswered), "more could not be read there");
    let received = b.hear_within(&last, limits::TAGS_RESYNC).unwrap();
    assert_eq!(received.number, 2_001);
    assert_eq!(b.session.missing().count(), 1_999);
    assert!(b.session.to_bytes().unwrap().len() < 64 * 1024);
    let ask: Vec<_> = b.session.missing().take(limits::ASKED_AGAIN).collect();
    let (_, ask) = b.try_say(What::Nothing, &ask).unwrap();
    assert_eq!(a.hear(&ask).unwrap().asked.len(), limits::ASKED_AGAIN);
    // Olm turned, but 2,000 wait for their acknowledgement.
    assert_eq!(say(&mut a).map(|_| ()), Err(SessionError::Unanswered));
    let (_, again) = a.try_say(What::Again(2, None), &[]).unwrap();
    assert_eq!(b.hear(&again).unwrap().number, 2);
    let back = b.say_nothing();
    a.hear(&back).unwrap();
    assert_eq!(a.session.sent_and_acked(), (2_001, 2));
    assert!(a.try_say(What::New(b""), &[]).is_ok(), "as many as were acknowledged");
}

#[test]
fn of_two_sessions_begun_at_once_both_are_read_and_one_is_written_to() {
    for _ in 0..8 {
        let (mut alice, mut bob) = (account(), account());
        let mut a1 = begun(&alice, &A_TO_B, &bob, 1, 11);
        let mut b2 = begun(&bob, &B_TO_A, &alice, 1, 22);
        let (one, two) = (a1.say("from Alice"), b2.say("from Bob"));
        let (mut b1, _) = accepted(&mut bob, &B_TO_A, &alice, &one, 22);
        let (mut a2, _) = accepted(&mut alice, &A_TO_B, &bob, &two, 11);
        let first = a1.session.precedence() < a2.session.precedence();
        assert_eq!(first, b1.session.precedence() < b2.session.precedence(), "both choose the same");
        assert_eq!(first, a1.session.id() < a2.session.id(), "the lower id");
        let (a, b) = if first { (&mut a1, &mut b1) } else { (&mut a2, &mut b2) };
        for n in 0..4 {
            let wire = a.say(&n.to_string());
            assert_eq!(b.text(&wire), n.to_string());
            let wire = b.say(&n.to_string());
            assert_eq!(a.text(&wire), n.to_string());
        }
        // What still comes in the other one is read.
        let (a, b) = if first { (&mut a2, &mut b2) } else { (&mut a1, &mut b1) };
        let wire = if first { a.say("late") } else { b.say("late") };
        assert_eq!(if first { b.text(&wire) } else { a.text(&wire) }, "late");
        // One that is begun anew wins whatever its id is.
        let renewed = begun(&alice, &A_TO_B, &bob, 2, 11);
        assert!(renewed.session.precedence() < a1.session.precedence().min(a2.session.precedence()));
    }
}

#[test]
fn an_old_copy_that_goes_on_is_noticed() {
    let (mut a, mut b) = pair();
    let mut old = a.copy();
    let wire = a.say("one");
    b.hear(&wire).unwrap();
    let again = old.say("another under the same keys");
    let (Wire::Slot(tag, _, right), Wire::Slot(same, ..)) = (&wire, &again) else { panic!() };
    assert_eq!(tag, same);
    assert_eq!(b.hear(&again), Err(SessionError::Reused));
    // A stranger who copies the tag can't make it look so: the slot does not open.
    let used = b.session.expected(64).into_iter().find(|expected| expected.tag == *tag).unwrap();
    assert!(used.used);
    let key = b.session.slot_key(used.mark).unwrap();
    let elsewhere = Outside { author: ALICE.0, ..outside() };
    assert_eq!(right.open_with_tag(tag, &key, &elsewhere), Err(EnvelopeError::Altered));
    // Whichever comes first is read, the other one is refused: never both.
    let (mut a, mut b) = pair();
    let mut old = a.copy();
    let (one, other) = (a.say("one"), old.say("other"));
    assert_eq!(b.text(&other), "other");
    assert_eq!(b.hear(&one), Err(SessionError::Reused));
}

/// A pair, and an old copy of the first, which knows nothing of two messages that the second has.
fn gone_on() -> (End, End, End) {
    let (mut a, mut b) = pair();
    let zero = a.say("zero");
    b.hear(&zero).unwrap();
    let old = a.copy();
    for text in ["one", "two"] {
        let wire = a.say(text);
        b.hear(&wire).unwrap();
    }
    (a, b, old)
}

#[test]
fn an_old_copy_learns_that_it_is_one() {
    let (mut a, mut b, mut old) = gone_on();
    let back = b.say("all here");
    assert_eq!(old.hear(&back), Err(SessionError::Behind), "the peer acknowledges what this copy never sent");
    assert_eq!(a.text(&back), "all here");

    // A copy from before a turn holds none of its keys: the slot still opens, Olm does not.
    let (mut a, mut b) = pair();
    let mut old = a.copy();
    let turn = a.say("turn");
    b.hear(&turn).unwrap();
    let back = b.say("back");
    assert_eq!(old.hear(&back), Err(SessionError::Altered));
    assert_eq!(a.text(&back), "back");
}

#[test]
fn an_old_copy_takes_no_acknowledgement_for_its_own() {
    let (mut a, mut b, mut old) = gone_on();
    let back = b.say("both are here");
    // As many numbers, and others under them.
    for text in ["another one", "another two", "another three"] {
        old.say(text);
    }
    assert_eq!(old.hear(&back), Err(SessionError::Behind));
    assert_eq!(a.text(&back), "both are here");
}

#[test]
fn an_old_copy_that_never_had_an_answer_is_noticed() {
    let (alice, mut bob) = (account(), account());
    let mut a = begun(&alice, &A_TO_B, &bob, 1, 11);
    let hello = a.say("hello");
    let mut old = a.copy();
    let (mut b, _) = accepted(&mut bob, &B_TO_A, &alice, &hello, 22);
    let one = a.say("one");
    b.hear(&one).unwrap();
    // Olm's key of it was used by the other one; under the next one stands what the number already stood for.
    let another = old.say("another");
    assert_eq!(b.hear(&another), Err(SessionError::Gone));
    let (_, again) = old.try_say(What::Again(2, Some(b"another")), &[]).unwrap();
    assert_eq!(b.hear(&again), Err(SessionError::Reused));
    let (_, again) = a.try_say(What::Again(2, Some(b"one")), &[]).unwrap();
    assert!(!b.hear(&again).unwrap().fresh, "what merely comes again is no sign");
}

#[test]
fn who_leaves_out_the_first_number_makes_nobody_keep_all_that_follow() {
    let (mut a, mut b) = pair();
    a.say("lost");
    let mut heard = 0;
    for number in 0..limits::SESSION_UNANSWERED + 8 {
        // As a sender who knows no limit.
        a.session.state.acked = a.session.state.sent;
        let wire = a.say("x");
        match b.hear(&wire) {
            Ok(_) => heard += 1,
            Err(error) => assert!(error == SessionError::TooFar || number >= limits::SESSION_UNANSWERED - 1, "{error}"),
        }
        // Olm counts what has no answer too.
        let back = b.say_nothing();
        a.hear(&back).unwrap();
    }
    assert!(heard < limits::SESSION_UNANSWERED, "{heard}");
    assert!(b.session.to_bytes().unwrap().len() < 64 * 1024);
}

#[test]
fn an_old_copy_that_announces_another_secret_is_noticed() {
    let (mut a, mut b) = pair();
    let mut old = a.copy();
    let turn = a.say("one");
    b.hear(&turn).unwrap();
    // The first message of the copy was lost: the second one has a fresh tag, but an announcement that differs.
    old.say("lost");
    let next = old.say("two");
    assert!(matches!(b.hear(&next), Err(SessionError::Reused | SessionError::Altered)));
}

/// Whether a thief with this state reads the message.
fn reads(thief: &mut End, wire: &Wire) -> bool {
    let Wire::Slot(tag, _, envelope) = wire else { panic!() };
    let expected = thief.session.expected(limits::TAGS_RESYNC);
    expected.iter().filter(|expected| expected.tag == *tag).any(|found| {
        let key = thief.session.slot_key(found.mark).unwrap();
        let message = envelope.open_with_tag(tag, &key, &outside()).unwrap();
        // What Olm says alone, whatever is kept around it.
        let message = OlmMessage::Normal(Message::from_bytes(&message).unwrap());
        thief.session.copy().decrypt(&message).is_ok()
    })
}

#[test]
fn a_captured_state_opens_nothing_earlier() {
    let (mut a, mut b) = pair();
    let mut earlier = Vec::new();
    for n in 0..6 {
        let there = a.say(&n.to_string());
        b.hear(&there).unwrap();
        earlier.push(there);
        if n % 2 == 0 {
            let back = b.say(&n.to_string());
            a.hear(&back).unwrap();
            earlier.push(back);
        }
    }
    let (mut of_a, mut of_b) = (a.copy(), b.copy());
    for wire in &earlier {
        assert!(!reads(&mut of_a, wire) && !reads(&mut of_b, wire));
    }
}

#[test]
fn a_captured_state_opens_nothing_after_a_turn_each_way() {
    let (mut a, mut b) = pair();
    for n in 0..3 {
        let there = a.say(&n.to_string());
        b.hear(&there).unwrap();
        let back = b.say(&n.to_string());
        a.hear(&back).unwrap();
    }
    let (of_a, of_b) = (a.copy(), b.copy());
    let mut thief = of_b.copy();
    let (mut recognised_a, mut recognised_b) = (Vec::new(), Vec::new());
    for round in 0..6 {
        let there = a.say(&round.to_string());
        b.hear(&there).unwrap();
        let back = b.say(&round.to_string());
        a.hear(&back).unwrap();
        // Alice's first turn is to a key that a thief of Bob's state has: it is read. Bob's is to a new key of hers, and
        // so is everything from then on.
        assert_eq!(reads(&mut of_b.copy(), &there), round == 0, "round {round}");
        assert_eq!(reads(&mut thief, &there), round == 0, "round {round}");
        assert!(!reads(&mut of_a.copy(), &back), "round {round}");
        // A thief that keeps up with all that it can read gains nothing by it.
        if round == 0 {
            thief.hear(&there).unwrap();
        }
        recognised_a.push(of_a.sees(&back));
        recognised_b.push(thief.sees(&there));
    }
    // New route secrets came in what can't be read; they are in use once the peer has said that it knows them.
    assert_eq!(recognised_a, [true, false, false, false, false, false]);
    assert_eq!(recognised_b, [true, true, false, false, false, false]);
}

#[test]
fn keys_of_others_cannot_be_passed_off_as_ones_own() {
    let (alice, mut bob) = (account(), account());
    // Mallory signs Bob's keys as hers. What Alice writes to her she passes on to Bob.
    let to_mallory = Ends { me: ALICE, peer: MALLORY };
    let mut a = begun(&alice, &to_mallory, &bob, 1, 11);
    let Wire::Intro(intro) = a.say("for Mallory") else { panic!() };
    let error = Session::accept(&mut bob, &B_TO_A, &alice.identity(), &intro).map(|_| ());
    assert_eq!(error, Err(SessionError::Ends));
    // Or she writes in Alice's name.
    let mallory = account();
    let mut m = begun(&mallory, &A_TO_B, &bob, 1, 11);
    let Wire::Intro(intro) = m.say("from Alice") else { panic!() };
    let error = Session::accept(&mut bob, &B_TO_A, &alice.identity(), &intro).map(|_| ());
    assert_eq!(error, Err(SessionError::Ends));
    let Wire::Intro(mut intro) = begun(&alice, &A_TO_B, &bob, 1, 11).say("") else { panic!() };
    intro.persona = MALLORY.0;
    let error = Session::accept(&mut bob, &B_TO_A, &alice.identity(), &intro).map(|_| ());
    assert_eq!(error, Err(SessionError::Ends));
}

#[test]
fn a_first_message_opens_for_a_week_more_than_its_keys() {
    let (alice, mut bob) = (account(), account());
    let keys = bob.keys();
    let intro = || {
        let session = Session::begin(&alice, &A_TO_B, &keys, 1, &SystemEntropy).unwrap();
        let Wire::Intro(intro) = (End { session, me: ALICE, route: 1 }).say("x") else { panic!() };
        intro
    };
    assert!(Session::accept(&mut bob, &B_TO_A, &alice.identity(), &intro()).is_ok());
    bob.renew(&SystemEntropy).unwrap();
    assert_ne!(bob.keys(), keys);
    assert_eq!(bob.keys().identity, keys.identity);
    let mut bob = Account::from_bytes(&bob.to_bytes().unwrap()).unwrap();
    assert_eq!((bob.counter(), bob.intro_secrets().len()), (2, 2));
    assert!(Session::accept(&mut bob, &B_TO_A, &alice.identity(), &intro()).is_ok());
    bob.renew(&SystemEntropy).unwrap();
    assert_eq!(bob.intro_secrets().len(), 2);
    let error = Session::accept(&mut bob, &B_TO_A, &alice.identity(), &intro()).map(|_| ());
    assert_eq!(error, Err(SessionError::UnknownKey));
}

#[test]
fn the_largest_first_message_fits_the_largest_envelope() {
    let (alice, bob) = (account(), account());
    let mut a = begun(&alice, &A_TO_B, &bob, 1, 11);
    let content = vec![7; limits::MESSAGE_BYTES];
    let (_, wire) = a.try_say(What::New(&content), &[u64::MAX; limits::ASKED_AGAIN]).unwrap();
    let Wire::Intro(mut intro) = wire else { panic!() };
    intro.statements = vec![7; limits::INTRO_STATEMENT_BYTES];
    let bytes = intro.encode();
    assert!(bytes.len() <= crate::crypto::LARGEST_CONTENT, "{} bytes", bytes.len());
    assert_eq!(Intro::decode(&bytes), Ok(intro.clone()));
    intro.statements.push(7);
    assert!(matches!(Intro::decode(&intro.encode()), Err(SessionError::TooLarge { .. })));
    let content = vec![7; limits::MESSAGE_BYTES + 1];
    let error = a.try_say(What::New(&content), &[]).map(|_| ());
    assert!(matches!(error, Err(SessionError::TooLarge { .. })));
}

#[test]
fn weak_keys_are_refused() {
    let (alice, bob) = (account(), account());
    for weak in [PeerKeys { fallback: [0; 32], ..bob.keys() }, PeerKeys { identity: [0; 32], ..bob.keys() }] {
        let error = Session::begin(&alice, &A_TO_B, &weak, 1, &SystemEntropy).map(|_| ());
        assert_eq!(error, Err(SessionError::WeakKey));
    }
}

#[test]
fn damaged_states_are_told() {
    let (a, _) = pair();
    let bytes = a.session.to_bytes().unwrap();
    println!("a session takes {} bytes", bytes.len());
    for cut in 0..bytes.len() {
        assert_eq!(Session::from_bytes(&bytes[..cut]).map(|_| ()), Err(SessionError::Corrupt));
    }
    let mut newer = bytes.to_vec();
    newer[0] = 2;
    assert_eq!(Session::from_bytes(&newer).map(|_| ()), Err(SessionError::TooNew));
    assert_eq!(Account::from_bytes(&bytes).map(|_| ()), Err(SessionError::Corrupt));
}

#[test]
fn the_plain_form_follows_the_document() {
    let opening = Opening {
        bond: [1; 16].into(),
        counter: 2,
        mine: RouteSecret::from_bytes([3; 32]),
        yours: RouteSecret::from_bytes([4; 32]),
    };
    let plain = Plain {
        number: 5,
        ack: 6,
        delivered: true,
        next: Some(form::Announced { generation: 7, secret: RouteSecret::from_bytes([8; 32]) }),
        known: 9,
        route: 10,
        content: Some(b"Hi".as_slice().into()),
        ask: Some(vec![11]),
        opening: Some(opening),
        seen: Some([12; 8].into()),
    };
    let mut expected = vec![0xaa, 0, 5, 1, 6, 2, 0xf5, 3, 0xa2, 0, 7, 1, 0x58, 32];
    expected.extend([8; 32]);
    expected.extend([4, 9, 5, 10, 6, 0x42, b'H', b'i', 7, 0x81, 11, 8, 0xa4, 0, 0x50]);
    expected.extend([1; 16]);
    expected.extend([1, 2, 2, 0x58, 32]);
    expected.extend([3; 32]);
    expected.extend([3, 0x58, 32]);
    expected.extend([4; 32]);
    expected.extend([9, 0x48]);
    expected.extend([12; 8]);
    assert_eq!(*plain.encode(), expected);
    assert!(fuzz_plain(&expected) && Plain::decode(&expected).unwrap() == plain);
    // A field of a later release is ignored, bytes after the end are not.
    let mut later = expected.clone();
    later[0] = 0xab;
    later.extend([0x18, 99, 0x63, b'n', b'e', b'w']);
    assert!(Plain::decode(&later).unwrap() == plain);
    expected.push(0);
    assert!(Plain::decode(&expected).is_err());
    assert!(Plain::decode(&[0xa0]).is_err(), "fields are missing");

    let intro = Intro { persona: ALICE.0, device: ALICE.1, statements: vec![9], message: vec![10] };
    let mut expected = vec![0xa4, 0, 0x58, 32];
    expected.extend([1; 32]);
    expected.extend([1, 0x58, 32]);
    expected.extend([2; 32]);
    expected.extend([2, 0x41, 9, 3, 0x41, 10]);
    assert_eq!(intro.encode(), expected);
    assert_eq!(Intro::decode(&expected), Ok(intro));
}

/// Whatever the wire does, each message is read at most once, in the right form, and never lost for good.
#[derive(Debug, Clone)]
enum Step {
    Say(bool),
    /// Deliver the n-th message that is on its way.
    Deliver(bool, usize),
    Lose(bool, usize),
    Twice(bool, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..10, any::<bool>(), any::<usize>()).prop_map(|(kind, side, n)| match kind {
        0..4 => Step::Say(side),
        4..8 => Step::Deliver(side, n),
        8 => Step::Lose(side, n),
        _ => Step::Twice(side, n),
    });
    proptest::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_order_loss_and_repeat_ends_well(steps in steps()) {
        let (a, b) = pair();
        let mut ends = [a, b];
        let mut wires: [Vec<Wire>; 2] = [Vec::new(), Vec::new()];
        let mut texts: [Vec<String>; 2] = [vec!["Hello".into()], vec!["Hi".into()]];
        let mut read: [BTreeSet<u64>; 2] = [BTreeSet::from([1]), BTreeSet::from([1])];
        let mut hear = |ends: &mut [End; 2], texts: &[Vec<String>; 2], from: usize, wire: &Wire, fresh: bool| {
            let received = ends[1 - from].hear(wire);
            if !fresh {
                assert!(matches!(received, Err(SessionError::Reused | SessionError::UnknownTag)), "{received:?}");
                return;
            }
            // So late that its keys were given up: as good as lost.
            let Ok(received) = received else {
                assert!(matches!(received, Err(SessionError::UnknownTag | SessionError::Gone)), "{received:?}");
                return;
            };
            if received.number > 0 && received.fresh {
                assert!(read[1 - from].insert(received.number), "read twice");
                assert_eq!(&text(&received), &texts[from][usize::try_from(received.number).unwrap() - 1]);
            }
        };
        for step in steps {
            match step {
                Step::Say(side) => {
                    let from = usize::from(side);
                    let said = format!("{from}:{}", texts[from].len());
                    wires[from].push(ends[from].say(&said));
                    texts[from].push(said);
                }
                Step::Deliver(side, n) | Step::Twice(side, n) | Step::Lose(side, n) => {
                    let from = usize::from(side);
                    if wires[from].is_empty() {
                        continue;
                    }
                    let at = n % wires[from].len();
                    let wire = wires[from].remove(at);
                    if !matches!(step, Step::Lose(..)) {
                        hear(&mut ends, &texts, from, &wire, true);
                    }
                    if matches!(step, Step::Twice(..)) {
                        hear(&mut ends, &texts, from, &wire, false);
                    }
                }
            }
        }
        // What was lost is asked for and comes again.
        for from in [0, 1, 0, 1] {
            let marker = ends[from].say("end");
            texts[from].push("end".into());
            hear(&mut ends, &texts, from, &marker, true);
            let missing: Vec<_> = ends[1 - from].session.missing().collect();
            let (_, ask) = ends[1 - from].try_say(What::Nothing, &missing).unwrap();
            for number in ends[from].hear(&ask).unwrap().asked {
                let said = texts[from][usize::try_from(number).unwrap() - 1].clone();
                let (_, again) = ends[from].try_say(What::Again(number, Some(said.as_bytes())), &[]).unwrap();
                hear(&mut ends, &texts, from, &again, true);
            }
            assert_eq!(ends[1 - from].session.missing().next(), None);
            let back = ends[1 - from].say_nothing();
            ends[from].hear(&back).unwrap();
            let (sent, acked) = ends[from].session.sent_and_acked();
            assert_eq!(sent, acked);
        }
    }

    #[test]
    fn plain_messages_and_intros_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(fuzz_plain(&bytes));
        let _ = Intro::decode(&bytes);
        let _ = Session::from_bytes(&bytes);
    }
}
