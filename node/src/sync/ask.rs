//! Comparing copies: one digest over the agreed set of authors, in both directions (DESIGN §5.2).

use std::collections::{BTreeMap, BTreeSet};

use crate::id::PersonaId;
use crate::limits::{ASK_WAIT_MS, PEER_SET_BYTES, SUBSCRIPTIONS_PER_PEER, YIELD_MS};
use crate::sync::connection::{Answering, Asking};
use crate::sync::digest::{AuthorHash, Print, Question, SetId, ShortPrint, bound_set, week, week_of_peer};
use crate::sync::engine::{Engine, is_bucket};
use crate::sync::frame::{Ask, Frame};
use crate::sync::message::{Carried, ConnId, Output, Pending};
use crate::sync::reads::Query;

impl Engine {
    // --- our question ---

    /// Asks a peer, now or as soon as the exchange under way has ended.
    pub(super) fn ask(&mut self, id: ConnId) {
        let (commits, ready, now_ms) = (self.commits, self.authors.is_some(), self.now.tick_ms);
        let authors = self.set_len();
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        if !ready || !conn.hello {
            return;
        }
        if !matches!(conn.asking, Asking::Idle) {
            conn.ask_again = true;
            return;
        }
        if !conn.may_ask(now_ms, authors) {
            conn.reask_ms = conn.reask_ms.min(now_ms + ASK_WAIT_MS);
            return;
        }
        conn.ask_again = false;
        conn.reask_ms = u64::MAX;
        conn.asking = Asking::Prints(BTreeMap::new());
        let unknown: Vec<PersonaId> =
            self.set(id).into_iter().filter(|author| !self.prints.contains_key(author)).collect();
        if unknown.is_empty() {
            self.ask_prints(id, Vec::new());
        } else {
            self.read(Query::Prints(unknown), Pending::AskPrints { conn: id, commits });
        }
    }

    /// What this node asks a peer for, in order.
    pub(super) fn set(&self, id: ConnId) -> Vec<PersonaId> {
        let mut set = self.shared_with(id);
        set.truncate(SUBSCRIPTIONS_PER_PEER);
        set
    }

    fn set_len(&self) -> usize {
        self.authors.as_ref().map_or(0, BTreeMap::len).min(SUBSCRIPTIONS_PER_PEER)
    }

    pub(super) fn ask_prints(&mut self, id: ConnId, prints: Vec<(PersonaId, Print)>) {
        let (commits, set) = (self.commits, self.set(id));
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let Asking::Prints(found) = &mut conn.asking else {
            return;
        };
        found.extend(prints);
        let mut unknown = Vec::new();
        for author in &set {
            if !found.contains_key(author) {
                match self.prints.get(author) {
                    Some(print) => {
                        found.insert(*author, *print);
                    }
                    None => unknown.push(*author),
                }
            }
        }
        if unknown.is_empty() {
            let found = std::mem::take(found);
            self.send_ask(id, set, found);
        } else {
            self.read(Query::Prints(unknown), Pending::AskPrints { conn: id, commits });
        }
    }

    fn send_ask(&mut self, id: ConnId, order: Vec<PersonaId>, prints: BTreeMap<PersonaId, Print>) {
        let (nonce, week, own, now_ms) = (self.nonce(), week(self.now.unix_s), self.own, self.now.tick_ms);
        let no_authors = BTreeMap::new();
        let carried = self.authors.as_ref().unwrap_or(&no_authors);
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let set = conn.pair.set(own, order.iter());
        conn.order.clone_from(&order);
        conn.former_authors = std::mem::take(&mut conn.authors);
        conn.names = order.iter().map(|author| (*author, conn.pair.author(own, week, author))).collect();
        conn.authors = conn.names.iter().map(|(author, hash)| (*hash, *author)).collect();
        let agreed = conn.agreed_set.as_ref().filter(|(agreed, _)| *agreed == set).map(|(_, authors)| authors);
        let hashes = match agreed {
            Some(_) => None,
            None => Some(order.iter().filter_map(|author| conn.names.get(author).copied()).collect()),
        };
        let agreed: Option<BTreeSet<&PersonaId>> = agreed.map(|authors| authors.iter().collect());
        let compared = order.iter().filter(|author| agreed.as_ref().is_none_or(|agreed| agreed.contains(author)));
        let compared: Vec<_> = compared.filter_map(|author| prints.get_key_value(author)).collect();
        let question = Question { asker: own, answerer: conn.peer, nonce };
        let (digest, same) = (question.digest(compared.iter().copied()), question.same(set, compared.iter().copied()));
        let depths: Vec<u8> = match &hashes {
            Some(_) => order.iter().map(|author| carried.get(author).copied().map_or(0, Carried::depth)).collect(),
            None => Vec::new(),
        };
        let depths = if depths.iter().all(|depth| *depth == 0) { Vec::new() } else { depths };
        let week = week.to_le_bytes().first().copied().unwrap_or_default();
        let ask = Ask { nonce, week, set, digest, hashes, depths };
        conn.last_nonce = Some(nonce);
        conn.asking = Asking::Sent { nonce, set, hashes: ask.hashes.is_some(), order, prints, same, since_ms: now_ms };
        self.send(id, &Frame::Ask(ask));
    }

    pub(super) fn same(&mut self, id: ConnId, nonce: u32, proof: [u8; 8]) {
        let Some((set, hashes, order, _, same)) = self.answer_to(id, nonce) else {
            return self.close(id, "an answer to nothing");
        };
        if same != proof {
            return self.close(id, "an answer without proof");
        }
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let known = match &conn.agreed_set {
            Some((_, authors)) if !hashes => authors.clone(),
            _ => order,
        };
        self.agreed(id, set, known.clone(), known, BTreeSet::new(), BTreeSet::new());
    }

    pub(super) fn unknown(&mut self, id: ConnId, nonce: u32) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        match &conn.asking {
            Asking::Sent { nonce: sent, hashes: false, .. } if *sent == nonce => {
                conn.asking = Asking::Idle;
                conn.agreed_set = None;
                self.ask(id);
            }
            Asking::Sent { nonce: sent, .. } if *sent == nonce => self.close(id, "hashes were sent"),
            // The peer knows more authors now. Its old answer may have crossed a new question of ours.
            _ if conn.last_nonce == Some(nonce) => {
                conn.agreed_set = None;
                self.ask(id);
            }
            _ => {}
        }
    }

    pub(super) fn differ(&mut self, id: ConnId, nonce: u32, known_bits: &[u8], shorts: &[ShortPrint], proof: [u8; 8]) {
        let Some((set, _, order, prints, _)) = self.answer_to(id, nonce) else {
            return self.close(id, "an answer to nothing");
        };
        let bits = known_bits.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
        let claimed: Vec<PersonaId> =
            order.iter().zip(bits).filter(|(_, known)| *known).map(|(author, _)| *author).collect();
        let Some(conn) = self.conns.get(&id) else {
            return;
        };
        if known_bits.len() != order.len().div_ceil(8) || claimed.len() != shorts.len() {
            return self.close(id, "an answer that does not fit");
        }
        let question = Question { asker: self.own, answerer: conn.peer, nonce };
        if question.knows(claimed.iter()) != proof {
            return self.close(id, "an answer without proof");
        }
        let (mut equal, mut different, mut less) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for (author, short) in claimed.iter().zip(shorts) {
            let print = prints.get(author);
            if print.is_some_and(|print| question.print(author, print) == *short) {
                equal.push(*author);
                continue;
            }
            different.insert(*author);
            if print.is_some_and(|print| print.ahead_of(short) > 0) {
                less.insert(*author);
            }
        }
        self.agreed(id, set, claimed, equal, different, less);
    }

    /// Takes the question that an answer belongs to.
    #[allow(clippy::type_complexity)]
    fn answer_to(
        &mut self,
        id: ConnId,
        nonce: u32,
    ) -> Option<(SetId, bool, Vec<PersonaId>, BTreeMap<PersonaId, Print>, [u8; 8])> {
        let conn = self.conns.get_mut(&id)?;
        if !matches!(&conn.asking, Asking::Sent { nonce: sent, .. } if *sent == nonce) {
            return None;
        }
        match std::mem::replace(&mut conn.asking, Asking::Idle) {
            Asking::Sent { set, hashes, order, prints, same, .. } => Some((set, hashes, order, prints, same)),
            _ => None,
        }
    }

    /// The exchange ended: keeps the set, tells what is equal, queues the rest. `less`: of which of the different ones
    /// the peer seems to hold less.
    fn agreed(
        &mut self,
        id: ConnId,
        set: SetId,
        known: Vec<PersonaId>,
        equal: Vec<PersonaId>,
        different: BTreeSet<PersonaId>,
        less: BTreeSet<PersonaId>,
    ) {
        let (reask_ms, now_ms) = (self.next_reask_ms(), self.now.tick_ms);
        // Messages say nothing about own logs.
        let compare = different.iter().filter(|author| !is_bucket(author)).copied().collect();
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        conn.known = known.iter().copied().collect();
        // It has what nobody pushed: who was to push it does not.
        self.carry.missed(&different);
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        conn.queue.extend(different.difference(&less));
        conn.yield_until_ms = (!less.is_empty()).then_some(now_ms + YIELD_MS);
        conn.yielded = less;
        let early = std::mem::take(&mut conn.early);
        conn.queue.extend(early.intersection(&conn.known));
        conn.compare = Some(compare);
        conn.reask_ms = reask_ms;
        let again = conn.ask_again;
        let agreed = Some((set, known));
        let changed = conn.agreed_set != agreed;
        if let Some((set, authors)) = &agreed
            && changed
            && authors.len() * 32 <= PEER_SET_BYTES
        {
            let remember = Output::Remember { peer: conn.peer, theirs: false, set: *set, authors: authors.clone() };
            self.tell(remember);
        }
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.agreed_set = agreed;
        }
        if equal.iter().any(is_bucket) || self.compares_no_mail() {
            self.mail_compared();
        }
        if !equal.is_empty() {
            self.tell_held(conn_peer(self, id), &equal);
            self.tell(Output::Synced { authors: equal });
        }
        self.check_compared(id);
        self.settle_subscriptions();
        self.carry_due();
        self.start_pulls();
        if again {
            self.ask(id);
        }
    }

    /// Tells once that whatever newer entry of our own personas this peer could show has come (invariant 13). That
    /// takes every author that differed: what own personas said about a post lies in the header of the post's author,
    /// and nowhere else at a peer that does not carry them.
    pub(super) fn check_compared(&mut self, id: ConnId) {
        let done = self.conns.get(&id).is_some_and(|conn| conn.compare.as_ref().is_some_and(BTreeSet::is_empty));
        if done && !self.compared {
            self.compared = true;
            self.tell(Output::Compared);
            self.flush();
        }
    }

    // --- the peer's question ---

    pub(super) fn asked(&mut self, id: ConnId, ask: Ask) {
        if self.conns.get(&id).is_some_and(|conn| conn.answering.is_some()) {
            return self.close(id, "two questions at once");
        }
        let now_ms = self.now.tick_ms;
        let week = week_of_peer(week(self.now.unix_s), ask.week);
        let carried = self.shared_with(id);
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        if !conn.allowance.may_ask(now_ms, ask.hashes.as_ref().map_or(0, Vec::len)) {
            return self.close(id, "too many questions");
        }
        conn.their_nonce = Some(ask.nonce);
        let Ask { nonce, set, digest, hashes, depths, .. } = ask;
        let name = |author: &PersonaId| week.map(|week| conn.pair.author(conn.peer, week, author));
        let asked_hashes = hashes.clone().unwrap_or_default();
        let (order, with_hashes): (Vec<Option<PersonaId>>, bool) = match hashes {
            Some(hashes) => {
                let table: BTreeMap<AuthorHash, PersonaId> =
                    carried.iter().filter_map(|author| Some((name(author)?, *author))).collect();
                (hashes.iter().map(|hash| table.get(hash).copied()).collect(), true)
            }
            None => match &conn.their_set {
                Some((bound, authors)) if *bound == bound_set(set, carried.iter()) => {
                    let order = authors.iter().map(|author| (*author != PersonaId::ZERO).then_some(*author));
                    (order.collect(), false)
                }
                _ => {
                    // Nothing is named by its place in a question that can't be read.
                    conn.their_order.clear();
                    return self.send(id, &Frame::Unknown { nonce });
                }
            },
        };
        let unresolved: Vec<(AuthorHash, u8)> = asked_hashes
            .iter()
            .enumerate()
            .filter(|(at, _)| order.get(*at).is_some_and(Option::is_none))
            .map(|(at, hash)| (*hash, depths.get(at).copied().unwrap_or_default()))
            .collect();
        let named = order.iter().flatten().filter_map(|author| Some((*author, name(author)?)));
        let subscribed: BTreeMap<PersonaId, AuthorHash> = named.collect();
        // From here on commits are pushed; what came before is in the fingerprints.
        conn.their_authors = subscribed.iter().map(|(author, hash)| (*hash, *author)).collect();
        conn.stale.retain(|author| subscribed.contains_key(author));
        conn.subscribed = subscribed;
        conn.takes_mail = true;
        conn.unresolved = order.iter().any(Option::is_none);
        conn.look_again = false;
        conn.quiet.retain(|author| conn.subscribed.contains_key(author));
        conn.their_order.clone_from(&order);
        conn.answering = Some(Answering { nonce, set, hashes: with_hashes, digest, order, prints: BTreeMap::new() });
        self.answer_prints(id, Vec::new());
        if let Some(week) = week {
            self.seek(id, week, unresolved);
        }
        self.offer_strays(id);
    }

    pub(super) fn answer_prints(&mut self, id: ConnId, prints: Vec<(PersonaId, Print)>) {
        let (commits, own) = (self.commits, self.own);
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let Some(answering) = &mut conn.answering else {
            return;
        };
        answering.prints.extend(prints);
        let mut unknown = Vec::new();
        for author in answering.order.iter().flatten() {
            if !answering.prints.contains_key(author) {
                match self.prints.get(author) {
                    Some(print) => {
                        answering.prints.insert(*author, *print);
                    }
                    None => unknown.push(*author),
                }
            }
        }
        if !unknown.is_empty() {
            return self.read(Query::Prints(unknown), Pending::AnswerPrints { conn: id, commits });
        }
        let Some(answering) = conn.answering.take() else {
            return;
        };
        let Answering { nonce, set, hashes, digest: asked, order, prints } = answering;
        let all = order.iter().all(Option::is_some);
        let question = Question { asker: conn.peer, answerer: own, nonce };
        let equal = (all || !hashes) && question.digest(prints.iter()) == asked;
        let proof = question.same(set, prints.iter());
        if hashes {
            let set = bound_set(set, self.shared_with(id).iter());
            let authors: Vec<PersonaId> = order.iter().map(|author| author.unwrap_or(PersonaId::ZERO)).collect();
            if authors.len() * 32 <= PEER_SET_BYTES {
                self.tell(Output::Remember { peer: conn_peer(self, id), theirs: true, set, authors: authors.clone() });
            }
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.their_set = Some((set, authors));
            }
        }
        if equal {
            let authors: Vec<PersonaId> = order.iter().flatten().copied().collect();
            self.tell_held(conn_peer(self, id), &authors);
            self.send(id, &Frame::Same { nonce, proof });
            return self.say_look_again(id);
        }
        let mut known = vec![0_u8; order.len().div_ceil(8)];
        let (mut shorts, mut claimed) = (Vec::new(), Vec::new());
        for (at, author) in order.iter().enumerate() {
            if let Some((author, print)) = author.as_ref().and_then(|author| prints.get_key_value(author))
                && let Some(byte) = known.get_mut(at / 8)
            {
                *byte |= 1 << (at % 8);
                shorts.push(question.print(author, print));
                claimed.push(*author);
            }
        }
        let proof = question.knows(claimed.iter());
        self.send(id, &Frame::Differ { nonce, known, prints: shorts, proof });
        self.say_look_again(id);
    }
}

fn conn_peer(engine: &Engine, id: ConnId) -> crate::id::NodeId {
    engine.conns.get(&id).map_or(crate::id::NodeId::ZERO, |conn| conn.peer)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::id::NodeId;
    use crate::sync::frame::VERSIONS;
    use crate::sync::message::{Input, Now};
    use crate::sync::reads::Answer;
    use crate::view::Role;

    const OWN: NodeId = NodeId::from_bytes([1; 32]);
    const PEER: NodeId = NodeId::from_bytes([2; 32]);
    const NOW: Now = Now { tick_ms: 1, unix_s: 1_000_000 };

    fn step(engine: &mut Engine, input: Input) -> Vec<Output> {
        let mut all = Vec::new();
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for output in engine.step(NOW, input) {
                if let Output::Read { token, query } = &output {
                    let answer = match query {
                        Query::Sets(_) => Some(Answer::Sets { ours: None, theirs: None }),
                        Query::Prints(authors) => {
                            Some(Answer::Prints(authors.iter().map(|author| (*author, Print([1; 16]))).collect()))
                        }
                        Query::Have(authors) => {
                            let have = |author: &PersonaId| crate::sync::reads::Have {
                                author: *author,
                                statements: 0,
                                headers: 0,
                                logs: Vec::new(),
                                held: Vec::new(),
                            };
                            Some(Answer::Have(authors.iter().map(have).collect()))
                        }
                        _ => None,
                    };
                    if answer.is_some() {
                        inputs.push(Input::Answered { token: *token, answer });
                    }
                }
                all.push(output);
            }
        }
        all
    }

    fn frame(engine: &mut Engine, frame: &Frame) -> Vec<Output> {
        step(engine, Input::Frame { conn: 1, bytes: frame.encode() })
    }

    /// A node that carries three authors and asked a stranger for them.
    fn asking() -> (Engine, Vec<PersonaId>, Ask) {
        let mut engine = Engine::new(OWN, Role::Desktop, [1; 32]);
        let authors: Vec<PersonaId> = (10..13).map(|byte| PersonaId::from_bytes([byte; 32])).collect();
        step(&mut engine, Input::Authors(authors.iter().map(|author| (*author, Carried::Followed)).collect()));
        step(&mut engine, Input::Connected { conn: 1, peer: PEER });
        let (min, max) = VERSIONS;
        let out = frame(
            &mut engine,
            &Frame::Hello { min, max, features: 0, role: 1, takes: vec![crate::bucket::Bucket::EVERYTHING] },
        );
        let ask = sent(&out).into_iter().find_map(|frame| match frame {
            Frame::Ask(ask) => Some(ask),
            _ => None,
        });
        (engine, authors, ask.unwrap())
    }

    fn sent(out: &[Output]) -> Vec<Frame> {
        let bytes = out.iter().filter_map(|output| match output {
            Output::Send { bytes, .. } => Some(bytes),
            _ => None,
        });
        bytes.map(|bytes| Frame::decode(bytes).unwrap()).collect()
    }

    fn fetched(out: &[Output]) -> Vec<PersonaId> {
        let reads = out.iter().filter_map(|output| match output {
            Output::Read { query: Query::Have(authors), .. } => Some(authors.clone()),
            _ => None,
        });
        reads.flatten().collect()
    }

    #[test]
    fn who_claims_to_know_all_authors_learns_of_those_that_it_proves() {
        let (mut engine, authors, ask) = asking();
        let question = Question { asker: OWN, answerer: PEER, nonce: ask.nonce };
        // News of authors by the hashes of the question, before any proof.
        let stale = ask.hashes.clone().unwrap();
        let out = frame(&mut engine, &Frame::Push { stale: stale.clone(), runs: Vec::new(), way: Default::default() });
        assert_eq!(fetched(&out), []);
        let proof = question.knows(authors[1..2].iter());
        let differ = Frame::Differ { nonce: ask.nonce, known: vec![0b010], prints: vec![[0, 0, 0, 1, 1]], proof };
        let out = frame(&mut engine, &differ);
        assert_eq!(fetched(&out), [authors[1]]);
        let out = frame(&mut engine, &Frame::Push { stale, runs: Vec::new(), way: Default::default() });
        assert_eq!(fetched(&out), [], "nor after it");
        assert_eq!(engine.carriers(authors[0]), [] as [ConnId; 0]);
        // What one of three is known for does not prove the others.
        let (mut engine, authors, ask) = asking();
        let proof = Question { asker: OWN, answerer: PEER, nonce: ask.nonce }.knows(authors[1..2].iter());
        let differ = Frame::Differ { nonce: ask.nonce, known: vec![0b111], prints: vec![[0, 0, 0, 1, 1]; 3], proof };
        let out = frame(&mut engine, &differ);
        assert!(out.iter().any(|output| matches!(output, Output::Close { .. })));
    }

    #[test]
    fn who_says_same_has_to_prove_it() {
        let (mut engine, authors, ask) = asking();
        let out = frame(&mut engine, &Frame::Same { nonce: ask.nonce, proof: [0; 8] });
        assert!(out.iter().any(|output| matches!(output, Output::Close { .. })));
        let (mut engine, _, ask) = asking();
        let copies = authors.iter().map(|author| (author, &Print([1; 16])));
        let proof = Question { asker: OWN, answerer: PEER, nonce: ask.nonce }.same(ask.set, copies);
        let out = frame(&mut engine, &Frame::Same { nonce: ask.nonce, proof });
        assert!(out.iter().any(|output| matches!(output, Output::Synced { authors } if authors.len() == 3)));
    }

    #[test]
    fn pages_of_nothing_hold_up_nobody() {
        let (mut engine, authors, ask) = asking();
        let question = Question { asker: OWN, answerer: PEER, nonce: ask.nonce };
        let proof = question.knows(authors.iter());
        let differ = Frame::Differ { nonce: ask.nonce, known: vec![0b111], prints: vec![[0, 0, 0, 1, 1]; 3], proof };
        let out = frame(&mut engine, &differ);
        let want = sent(&out).into_iter().find_map(|frame| match frame {
            Frame::Want(want) => Some(want),
            _ => None,
        });
        let request = want.unwrap().request;
        let page = crate::sync::frame::Page {
            request,
            more: true,
            differing: Vec::new(),
            runs: Vec::new(),
            ranges: Vec::new(),
        };
        let out = frame(&mut engine, &Frame::Page(page));
        assert!(out.iter().any(|output| matches!(output, Output::Close { reason: "a page of nothing", .. })));
    }

    #[test]
    fn a_question_that_is_sent_back_names_nobody() {
        let (mut engine, authors, ask) = asking();
        let out = frame(&mut engine, &Frame::Ask(ask));
        let known = sent(&out).into_iter().find_map(|frame| match frame {
            Frame::Differ { known, .. } => Some(known),
            _ => None,
        });
        assert_eq!(known, Some(vec![0]), "{authors:?}");
    }
    #[test]
    fn who_holds_more_waits_for_what_the_peer_asks_for_and_asks_where_nothing_comes() {
        let (mut engine, authors, ask) = asking();
        let question = Question { asker: OWN, answerer: PEER, nonce: ask.nonce };
        let proof = question.knows(authors.iter());
        // Two of which the peer holds less, and one of which it holds more.
        let prints = vec![[0, 0, 0, 0, 1], [0, 0, 0, 2, 1], [0, 0, 0, 0, 1]];
        let out = frame(&mut engine, &Frame::Differ { nonce: ask.nonce, known: vec![0b111], prints, proof });
        assert_eq!(fetched(&out), [authors[1]]);
        engine.peer_showed(1, vec![(authors[0], false), (authors[1], true)]);
        let later = Now { tick_ms: NOW.tick_ms + YIELD_MS, ..NOW };
        engine.step(later, Input::Tick);
        // Nothing of the first is lacking; of the third the peer asked nothing.
        let conn = engine.conns.get(&1).unwrap();
        assert_eq!(conn.queue.iter().collect::<Vec<_>>(), [&authors[2]]);
        assert!(conn.yielded.is_empty() && conn.compare.as_ref().is_some_and(|left| !left.contains(&authors[0])));
    }
}
