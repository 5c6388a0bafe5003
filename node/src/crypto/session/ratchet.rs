//! What a session keeps beside Olm's own state: route secrets of both directions, and what was sent and came.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use super::form::{Announced, MessageMark, Opening, Plain};
use super::{Expected, Mark, Received, Say, SessionError, Way, What};
use crate::crypto::random::NoRandomness;
use crate::crypto::route::RouteSecret;
use crate::host::Entropy;
use crate::limits;

#[derive(Clone, Encode, Decode)]
#[cbor(map)]
pub(super) struct State {
    /// This side began.
    #[n(0)]
    pub(super) began: bool,
    #[n(1)]
    pub(super) counter: u32,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(super) bond: [u8; 16],
    #[n(3)]
    pub(super) out: Outgoing,
    /// Announced, and not known to be known.
    #[n(4)]
    next: Option<Announced>,
    /// A message came since the last one that was sent.
    #[n(5)]
    is_turn: bool,
    /// Rising generations.
    #[n(6)]
    pub(super) ins: Vec<Incoming>,
    /// Number of the last message sent.
    #[n(7)]
    pub(super) sent: u64,
    /// The peer has all up to here.
    #[n(8)]
    pub(super) acked: u64,
    /// Highest number that came.
    #[n(9)]
    pub(super) top: u64,
    /// Below it, not come.
    #[n(10)]
    pub(super) missing: BTreeSet<u64>,
    /// Where the peer takes messages.
    #[n(11)]
    route: u32,
    /// Who the peer is in Olm.
    #[cbor(n(12), with = "minicbor::bytes")]
    pub(super) identity: [u8; 32],
    /// Of what was sent and is not acknowledged.
    #[n(13)]
    said: BTreeMap<u64, MessageMark>,
    /// Of what came: from the number that is acknowledged up.
    #[n(14)]
    heard: BTreeMap<u64, MessageMark>,
    /// It is read, and written to no longer.
    #[n(15)]
    pub(super) closed: bool,
}

#[derive(Clone, Encode, Decode)]
#[cbor(map)]
pub(super) struct Outgoing {
    #[n(0)]
    pub(super) generation: u32,
    #[n(1)]
    secret: RouteSecret,
    /// Number of the next slot.
    #[n(2)]
    next: u32,
}

#[derive(Clone, Encode, Decode)]
#[cbor(map)]
pub(super) struct Incoming {
    #[n(0)]
    generation: u32,
    #[n(1)]
    pub(super) secret: RouteSecret,
    /// One above the highest number that came.
    #[n(2)]
    high: u32,
    /// Bit n: number `high` - 1 - n came.
    #[n(3)]
    came: u64,
}

/// Numbers below the highest that are remembered, bits of `came`. Olm remembers the keys of 40.
const REMEMBERED: u32 = u64::BITS;

impl State {
    pub(super) fn new(began: bool, identity: [u8; 32], opening: Opening) -> Self {
        let Opening { bond, counter, mine, yours } = opening;
        Self {
            began,
            counter,
            bond: bond.into(),
            out: Outgoing { generation: 0, secret: mine, next: 0 },
            next: None,
            is_turn: false,
            ins: vec![Incoming { generation: 0, secret: yours, high: 0, came: 0 }],
            sent: 0,
            acked: 0,
            top: 0,
            missing: BTreeSet::new(),
            route: 0,
            identity,
            said: BTreeMap::new(),
            heard: BTreeMap::new(),
            closed: false,
        }
    }

    pub(super) fn incoming(&self, generation: u32) -> Option<&Incoming> {
        self.ins.iter().find(|incoming| incoming.generation == generation)
    }

    pub(super) fn expected(&self, reach: u32) -> Vec<Expected> {
        let each = |incoming: &Incoming| -> Vec<Expected> {
            let numbers = incoming.high.saturating_sub(REMEMBERED)..incoming.high.saturating_add(reach);
            let expected = |number| Expected {
                tag: incoming.secret.tag(number),
                mark: Mark { generation: incoming.generation, number },
                used: incoming.has(number),
            };
            numbers.map(expected).collect()
        };
        self.ins.iter().flat_map(each).collect()
    }

    /// Number and content of what is to be sent.
    pub(super) fn number<'a>(&mut self, what: What<'a>) -> Result<(u64, Option<&'a [u8]>), SessionError> {
        match what {
            What::Nothing => Ok((0, None)),
            What::New(_) if self.sent.saturating_sub(self.acked) >= limits::SESSION_UNANSWERED => {
                Err(SessionError::Unanswered)
            }
            What::New(content) => {
                self.sent += 1;
                self.said.insert(self.sent, mark_of(content));
                Ok((self.sent, Some(content)))
            }
            What::Again(number, _) if number == 0 || number > self.sent => Err(SessionError::NeverSent),
            What::Again(number, content) => Ok((number, content)),
        }
    }

    /// The first message after one that came announces a new route secret, unless one is announced already.
    pub(super) fn turn(&mut self, entropy: &dyn Entropy) -> Result<(), NoRandomness> {
        if std::mem::take(&mut self.is_turn) && self.next.is_none() {
            let generation = self.out.generation.saturating_add(1);
            self.next = Some(Announced { generation, secret: RouteSecret::draw(entropy)? });
        }
        Ok(())
    }

    /// What begins the session; the first secrets are still there, since nothing has come.
    pub(super) fn opening(&self) -> Option<Opening> {
        let (mine, yours) = (self.out.secret.clone(), self.ins.first()?.secret.clone());
        Some(Opening { bond: self.bond.into(), counter: self.counter, mine, yours })
    }

    pub(super) fn plain<'a>(
        &self,
        number: u64,
        content: Option<&'a [u8]>,
        say: &Say<'a>,
        opening: Option<Opening>,
    ) -> Plain<'a> {
        let ack = self.ack();
        Plain {
            number,
            ack,
            seen: self.heard.get(&ack).copied(),
            delivered: say.delivered,
            next: self.next.clone(),
            known: self.ins.last().map_or(0, |newest| newest.generation),
            route: say.route,
            content: content.map(Into::into),
            ask: Some(say.ask.to_vec()).filter(|ask| !ask.is_empty()),
            opening,
        }
    }

    pub(super) fn next_slot(&mut self) -> Result<Way, SessionError> {
        let Outgoing { secret, next, .. } = &mut self.out;
        let way = Way::Slot { tag: secret.tag(*next), key: secret.slot_key(*next), route: self.route };
        *next = next.checked_add(1).ok_or(SessionError::Unanswered)?;
        Ok(way)
    }

    /// Notes that a message with this tag came. Gives whether it is the newest so far.
    pub(super) fn mark(&mut self, mark: Mark) -> Result<bool, SessionError> {
        let is_newest =
            !self.ins.iter().any(|it| it.high > 0 && (it.generation, it.high - 1) > (mark.generation, mark.number));
        let incoming = self.ins.iter_mut().find(|it| it.generation == mark.generation);
        incoming.ok_or(SessionError::UnknownTag)?.mark(mark.number)?;
        Ok(is_newest)
    }

    /// Takes what a message says. `is_newest`: no later one came before.
    pub(super) fn take(&mut self, plain: &Plain<'_>, is_newest: bool) -> Result<Received, SessionError> {
        let newest = self.next.as_ref().map_or(self.out.generation, |next| next.generation);
        if plain.ack > self.sent || plain.known > newest {
            return Err(SessionError::Behind);
        }
        // What came there under this number another one sent, which went on from the same state.
        if self.said.get(&plain.ack).zip(plain.seen.as_ref()).is_some_and(|(said, seen)| said != seen) {
            return Err(SessionError::Behind);
        }
        self.acked = self.acked.max(plain.ack);
        self.said = self.said.split_off(&self.acked.saturating_add(1));
        if let Some(next) = self.next.take_if(|next| plain.known >= next.generation) {
            self.out = Outgoing { generation: next.generation, secret: next.secret, next: 0 };
        }
        if let Some(next) = &plain.next {
            self.learn(next)?;
        }
        if is_newest {
            self.route = plain.route;
        }
        let fresh = self.note(plain.number)?;
        if let Some(content) = plain.content.filter(|_| plain.number > 0) {
            let mark = mark_of(content);
            if fresh {
                self.heard.insert(plain.number, mark);
            } else if self.heard.get(&plain.number).is_some_and(|heard| *heard != mark) {
                return Err(SessionError::Reused);
            }
        }
        self.heard = self.heard.split_off(&self.ack());
        self.is_turn = true;
        let asked = plain.ask.iter().flatten().copied().filter(|number| (1..=self.sent).contains(number)).collect();
        Ok(Received {
            number: plain.number,
            fresh,
            content: plain.content.map(|content| Zeroizing::new(content.to_vec())),
            acked: self.acked,
            delivered: plain.delivered,
            asked,
        })
    }

    fn learn(&mut self, next: &Announced) -> Result<(), SessionError> {
        if let Some(known) = self.incoming(next.generation) {
            return if known.secret == next.secret { Ok(()) } else { Err(SessionError::Reused) };
        }
        let newest = self.ins.last().map_or(0, |newest| newest.generation);
        if next.generation < newest {
            // A late message repeats what is no longer kept.
            return Ok(());
        }
        if next.generation - newest != 1 {
            return Err(SessionError::Malformed("a generation was left out"));
        }
        self.ins.push(Incoming { generation: next.generation, secret: next.secret.clone(), high: 0, came: 0 });
        if self.ins.len() > limits::ROUTE_GENERATIONS {
            self.ins.remove(0);
        }
        Ok(())
    }

    /// All up to here have come.
    fn ack(&self) -> u64 {
        self.missing.first().map_or(self.top, |first| first.saturating_sub(1))
    }

    /// Whether that number had not come before.
    fn note(&mut self, number: u64) -> Result<bool, SessionError> {
        if number <= self.top {
            return Ok(number == 0 || self.missing.remove(&number));
        }
        // Nobody sends so many without an answer; and what is kept of them, come or not, has an end.
        if number.saturating_sub(self.ack()) > limits::SESSION_UNANSWERED {
            return Err(SessionError::TooFar);
        }
        self.missing.extend(self.top + 1..number);
        self.top = number;
        Ok(true)
    }
}

fn mark_of(content: &[u8]) -> MessageMark {
    let mut mark = [0; 8];
    blake3::Hasher::new_derive_key(MARK_CONTEXT).update(content).finalize_xof().fill(&mut mark);
    mark.into()
}

const MARK_CONTEXT: &str = "kith 2026 message mark v1";

impl Incoming {
    fn has(&self, number: u32) -> bool {
        let bit = self.high.checked_sub(number).and_then(|above| above.checked_sub(1));
        bit.is_some_and(|bit| bit < REMEMBERED && self.came >> bit & 1 == 1)
    }

    fn mark(&mut self, number: u32) -> Result<(), SessionError> {
        if self.has(number) {
            return Err(SessionError::Reused);
        }
        if let Some(below) = self.high.checked_sub(number).and_then(|above| above.checked_sub(1)) {
            let bit = 1_u64.checked_shl(below).ok_or(SessionError::UnknownTag)?;
            self.came |= bit;
            return Ok(());
        }
        let beyond = number - self.high;
        if beyond >= limits::TAGS_RESYNC {
            return Err(SessionError::UnknownTag);
        }
        self.came = self.came.checked_shl(beyond + 1).unwrap_or(0) | 1;
        self.high = number.checked_add(1).ok_or(SessionError::UnknownTag)?;
        Ok(())
    }
}
