//! Fetching what a peer has beyond our copy: one request a connection at a time, paced by what the gate applied.

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::{EntryError, Kind, Run};
use crate::gate::{Origin, Outcome};
use crate::id::PersonaId;
use crate::limits::{
    AUTHOR_RANGES, CROWDED_MS, FRAME_LOGS, FRAME_RANGES, HEADER_IDS_FRAME, HEADER_RANGES_FRAME, HEADER_SPLIT,
    PAGE_BYTES, PULL_CREDIT, PULL_FRUITLESS_MS, REASK_MS, REQUEST_DEADLINE_MS, WANT_AUTHORS,
};
use crate::sync::connection::{Conn, Pull, Stage};
use crate::sync::digest::{HeaderRange, HeaderSet, Question, Span};
use crate::sync::engine::{Engine, authors_own, is_bucket, own_first};
use crate::sync::frame::{Frame, Headers, HeadersItem, Page, Want};
use crate::sync::mailbox::mail_of;
use crate::sync::message::{ConnId, Output, Pending};
use crate::sync::push::{is_brought, reposted};
use crate::sync::reads::{Have, Query};
use crate::sync::runs;
use crate::sync::want::{HaveLog, WantItem};

/// A page that took less than this makes the next one larger, ms.
const FAST_PAGE_MS: u64 = 500;
/// A page that took more than this makes the next one smaller, ms.
const SLOW_PAGE_MS: u64 = 3_000;
/// Smallest page that is asked for, KiB.
const LEAST_PAGE_KIB: u16 = 16;

impl Engine {
    /// Begins a request on every connection that is free and has authors to fetch. Authors that another connection
    /// is fetching wait, unless that one stalls: then they are fetched from both.
    pub(super) fn start_pulls(&mut self) {
        let free = |conn: &Conn| conn.pull.is_none() && !conn.queue.is_empty();
        let mut ids: Vec<ConnId> = self.conns.iter().filter(|(_, conn)| free(conn)).map(|(id, _)| *id).collect();
        // Whoever claims to have more, and brought nothing yet, comes after those who did.
        ids.sort_by_key(|id| !self.conns.get(id).is_some_and(|conn| conn.brought));
        if ids.is_empty() {
            return;
        }
        let pulls = self.conns.values().filter_map(|conn| conn.pull.as_ref());
        let mut busy: BTreeSet<PersonaId> = pulls
            .filter(|pull| self.now.tick_ms < pull.alone_until_ms())
            .flat_map(|pull| pull.authors.iter().copied())
            .collect();
        for id in ids {
            let Some(conn) = self.conns.get(&id) else {
                continue;
            };
            let fits = |author: &&PersonaId| self.budget.may_take() || self.is_wanted(author);
            let free: BTreeSet<PersonaId> = conn.queue.difference(&busy).filter(fits).copied().collect();
            let mut authors = own_first(self, &free);
            authors.truncate(WANT_AUTHORS);
            if authors.is_empty() {
                continue;
            }
            busy.extend(&authors);
            if let Some(conn) = self.conns.get_mut(&id) {
                for author in &authors {
                    conn.queue.remove(author);
                }
                conn.pull = Some(Pull {
                    authors: authors.iter().copied().collect(),
                    request: 0,
                    stage: Stage::Logs,
                    credit: 0,
                    applying: 0,
                    complete: false,
                    held: Vec::new(),
                    spans: BTreeSet::new(),
                    compared: Vec::new(),
                    headed: BTreeSet::new(),
                    progress_ms: self.now.tick_ms,
                    stored_ms: self.now.tick_ms,
                });
            }
            self.read(Query::Have(authors), Pending::Have(id));
        }
    }

    /// Fetches an author from this peer, soon; from one that has not proved to know the author, once it has: a `Want`
    /// tells names of logs and ids, which are the same for everybody.
    pub(super) fn queue_pull(&mut self, id: ConnId, author: PersonaId) {
        if self.is_carried(&author)
            && let Some(conn) = self.conns.get_mut(&id)
            && conn.names.contains_key(&author)
        {
            let known = conn.known.contains(&author);
            let fetched = if known { &mut conn.queue } else { &mut conn.early };
            fetched.insert(author);
        }
    }

    /// What a peer asked for showed what it holds of authors that it seems to hold less of: it is asked for those of
    /// which that is more than what is here, and of the others our copy has what the peer has.
    pub(super) fn peer_showed(&mut self, id: ConnId, shown: Vec<(PersonaId, bool)>) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let mut complete = Vec::new();
        for (author, more) in shown {
            if !conn.yielded.remove(&author) {
                continue;
            }
            if more {
                conn.queue.insert(author);
            } else {
                complete.push(author);
            }
        }
        if conn.yielded.is_empty() {
            conn.yield_until_ms = None;
        }
        if !complete.is_empty() {
            if let Some(compare) = &mut conn.compare {
                compare.retain(|author| !complete.contains(author));
            }
            self.tell(Output::Synced { authors: complete });
            self.check_compared(id);
        }
        self.start_pulls();
    }

    /// Our copies were read: asks for what is beyond them.
    pub(super) fn want(&mut self, id: ConnId, have: Vec<Have>) {
        let (now_ms, own) = (self.now.tick_ms, self.own);
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let Some(pull) = &mut conn.pull else {
            return;
        };
        let nonce = conn.last_nonce.unwrap_or_default();
        let question = Question { asker: own, answerer: conn.peer, nonce };
        let (mut logs, mut ranges) = (0, 0);
        let mut items = Vec::new();
        pull.held.clear();
        let places: BTreeMap<PersonaId, u16> = conn.order.iter().copied().zip(0..).collect();
        for Have { author, statements, headers, logs: mut told, held } in have {
            for (log, held) in told.iter_mut().zip(&held) {
                for range in &mut log.ranges {
                    range.check = held.before(range.end).map_or(0, |id| question.check(id));
                }
            }
            cap_ranges(&mut told);
            logs += told.len();
            ranges += told.iter().map(|log| log.ranges.len()).sum::<usize>();
            if !items.is_empty() && (logs > FRAME_LOGS || ranges > FRAME_RANGES) {
                // The next request asks for it.
                pull.authors.remove(&author);
                conn.queue.insert(author);
                continue;
            }
            if let Some(place) = places.get(&author).copied() {
                let (statements, headers) = (question.part(statements), question.part(headers));
                items.push(WantItem { author: place, statements, headers, have: told });
                pull.held.push(held);
            } else {
                pull.authors.remove(&author);
            }
        }
        if items.is_empty() {
            conn.pull = None;
            return self.start_pulls();
        }
        conn.next_request = conn.next_request.wrapping_add(1);
        pull.request = conn.next_request;
        pull.credit = PULL_CREDIT;
        pull.progress_ms = now_ms;
        let (request, page_kib) = (pull.request, conn.page_kib);
        let want = Want { request, nonce, newest: true, credit: PULL_CREDIT, page_kib, items };
        self.send(id, &Frame::Want(want));
    }

    /// Our header entries were read: asks for those that are beyond them. What does not fit one frame comes next.
    pub(super) fn send_headers(&mut self, id: ConnId, read: Vec<(PersonaId, Span, Vec<HeaderRange>)>) {
        let now_ms = self.now.tick_ms;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let Some(pull) = &mut conn.pull else {
            return;
        };
        let mut items = Vec::new();
        let (mut ranges_left, mut ids_left) = (HEADER_RANGES_FRAME, HEADER_IDS_FRAME);
        pull.compared.clear();
        for (author, span, ranges) in read {
            let ids = ranges.iter().map(|range| match &range.set {
                HeaderSet::Print(_) => 0,
                HeaderSet::Ids(ids) => ids.len(),
            });
            let left = ranges_left.checked_sub(ranges.len()).zip(ids_left.checked_sub(ids.sum()));
            let Some(left) = left else { break };
            (ranges_left, ids_left) = left;
            pull.spans.remove(&(author, span));
            pull.headed.insert(author);
            let Some(hash) = conn.names.get(&author) else { continue };
            let mut start = span.start;
            for range in &ranges {
                if matches!(range.set, HeaderSet::Print(_)) {
                    pull.compared.push((author, Span { start, end: range.end }));
                }
                start = range.end;
            }
            items.push(HeadersItem { author: *hash, start: span.start, ranges });
        }
        conn.next_request = conn.next_request.wrapping_add(1);
        pull.request = conn.next_request;
        pull.credit = PULL_CREDIT;
        pull.complete = false;
        pull.progress_ms = now_ms;
        let (request, page_kib) = (pull.request, conn.page_kib);
        self.send(id, &Frame::Headers(Headers { request, credit: PULL_CREDIT, page_kib, items }));
    }

    pub(super) fn page(&mut self, id: ConnId, page: Page) {
        let now_ms = self.now.tick_ms;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let peer = conn.peer;
        let Some(pull) = conn.pull.as_mut().filter(|pull| pull.request == page.request && !pull.complete) else {
            return self.close(id, "a page that was not asked for");
        };
        let Some(credit) = pull.credit.checked_sub(1) else {
            return self.close(id, "more pages than were asked for");
        };
        pull.credit = credit;
        pull.complete = !page.more;
        conn.page_kib = match now_ms.saturating_sub(pull.progress_ms) {
            ..FAST_PAGE_MS => conn.page_kib.saturating_mul(2).min(u16::try_from(PAGE_BYTES / 1024).unwrap_or(u16::MAX)),
            SLOW_PAGE_MS.. => (conn.page_kib / 2).max(LEAST_PAGE_KIB),
            _ => conn.page_kib,
        };
        pull.progress_ms = now_ms;
        match pull.stage {
            // Only here: else a peer could name the same author for ever.
            Stage::Logs => {
                let differing = page.differing.iter().filter_map(|hash| conn.authors.get(hash));
                let mail_ms = conn.allowance.mail_ms;
                let crowded = |author: &PersonaId| {
                    let until_ms = if is_bucket(author) { Some(&mail_ms) } else { self.crowded.get(author) };
                    until_ms.is_some_and(|until_ms| now_ms < *until_ms)
                };
                let asked = differing.filter(|author| pull.authors.contains(author) && !crowded(author));
                pull.spans.extend(asked.map(|author| (*author, Span::ALL)));
            }
            // Each is a part of what was compared: it ends where ids are told.
            Stage::Headers => {
                let differing =
                    page.ranges.iter().filter_map(|number| pull.compared.get(usize::try_from(*number).ok()?));
                pull.spans.extend(differing.copied());
            }
        }
        if page.more && page.runs.is_empty() {
            return self.close(id, "a page of nothing");
        }
        let Ok(runs) = runs::decode(&page.runs, &pull.held) else {
            return self.close(id, "a page that can't be read");
        };
        let fits = match pull.stage {
            // Reposts bring their posts along, and what introduces who wrote those.
            Stage::Logs => {
                let reposted = reposted(&runs);
                let introduces = |run: &Run| !reposted.is_empty() && run.items.iter().all(|item| introduces(item.kind));
                let asked = |run: &Run| pull.authors.contains(&run.author);
                runs.iter().all(|run| asked(run) || introduces(run) || is_brought(run, &reposted))
            }
            Stage::Headers => runs.iter().all(|run| run.items.iter().all(|item| in_header(item.kind))),
        };
        if !fits {
            return self.close(id, "entries that were not asked for");
        }
        pull.applying += 1;
        conn.refusals = 0;
        if pull.stage == Stage::Logs {
            let spare = runs.iter().filter(|run| !self.is_wanted(&run.author)).map(runs::len).sum();
            self.budget.take(spare);
        }
        let entries = runs::into_entries(runs);
        if entries.is_empty() {
            self.page_applied(id, Some(Outcome::default()));
        } else {
            let mail = mail_of(&entries);
            self.submit(id, Origin::Peer(id, peer), entries, Pending::PageApplied { conn: id, mail });
        }
    }

    pub(super) fn page_applied(&mut self, id: ConnId, outcome: Option<Outcome>) {
        let now_ms = self.now.tick_ms;
        let Some((_, outcome)) = self.taken_in(id, outcome) else {
            return;
        };
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let page_kib = conn.page_kib;
        let Some(pull) = &mut conn.pull else {
            return;
        };
        pull.applying = pull.applying.saturating_sub(1);
        pull.progress_ms = now_ms;
        if pull.stage == Stage::Headers {
            // What one stranger has used up, or one post, says nothing of what others wrote.
            let crowded = outcome.refused.iter().filter_map(|(_, error)| match error {
                EntryError::NoRoom(author) => *author,
                _ => None,
            });
            let crowded = crowded.filter(|author| pull.headed.contains(author) && !authors_own(&self.authors, author));
            // This peer brought all the mail that it may; what others bring is looked at as before.
            if outcome.refused.iter().any(|(_, error)| *error == EntryError::MailFull) {
                conn.allowance.mail_ms = now_ms + CROWDED_MS;
                pull.spans.retain(|(author, _)| !is_bucket(author));
            }
            self.crowded.extend(crowded.map(|author| (author, now_ms + CROWDED_MS)));
        }
        if !outcome.applied.is_empty() {
            pull.stored_ms = now_ms;
            conn.brought = true;
        } else if !pull.complete && now_ms >= pull.stored_ms + PULL_FRUITLESS_MS {
            return self.close(id, "pages without anything new");
        }
        if !pull.complete {
            pull.credit += 1;
            let request = pull.request;
            return self.send(id, &Frame::More { request, credit: 1, page_kib });
        }
        if pull.applying > 0 {
            return;
        }
        if !pull.spans.is_empty() {
            pull.stage = Stage::Headers;
            pull.credit = 0;
            // Of large spans at most so many ranges are told, and of small ones so many ids.
            let spans = pull.spans.iter().take(HEADER_RANGES_FRAME / HEADER_SPLIT).copied().collect();
            return self.read(Query::Headers(spans), Pending::Headers(id));
        }
        let authors: Vec<PersonaId> = pull.authors.iter().copied().collect();
        conn.pull = None;
        if let Some(compare) = &mut conn.compare {
            compare.retain(|author| !authors.contains(author));
        }
        if authors.iter().any(is_bucket) {
            self.mail_compared();
        }
        self.tell(Output::Synced { authors });
        self.check_compared(id);
        self.start_pulls();
    }

    /// The peer can't serve a request now: what it was about is compared again later.
    pub(super) fn failed(&mut self, id: ConnId, request: u32) {
        let now_ms = self.now.tick_ms;
        if let Some(conn) = self.conns.get_mut(&id)
            && conn.pull.as_ref().is_some_and(|pull| pull.request == request)
        {
            conn.pull = None;
            // A budget that is spent may be so for most of an hour.
            let wait_ms = (REQUEST_DEADLINE_MS << conn.refusals.min(8)).min(REASK_MS);
            conn.refusals = conn.refusals.saturating_add(1);
            conn.reask_ms = conn.reask_ms.min(now_ms + wait_ms);
            self.start_pulls();
        }
    }

    /// Something stands before what was pushed: fetches it.
    pub(super) fn queue_gaps(&mut self, id: ConnId, authors: &BTreeSet<PersonaId>, outcome: &Outcome) {
        let gaps = outcome.applied.iter().filter(|applied| applied.gap && applied.about.is_none());
        let mut missing: BTreeSet<PersonaId> = gaps.map(|applied| applied.author).collect();
        if outcome.refused.iter().any(|(_, error)| *error == EntryError::Uncertified) {
            missing.extend(authors);
        }
        for author in missing {
            self.queue_pull(id, author);
        }
    }
}

/// Keeps what one author's logs take of a `Want` within [`FRAME_LOGS`] and [`AUTHOR_RANGES`]: of logs with many gaps
/// the highest ranges are left out, and come twice.
fn cap_ranges(held: &mut Vec<HaveLog>) {
    held.truncate(FRAME_LOGS);
    if held.iter().map(|log| log.ranges.len()).sum::<usize>() <= AUTHOR_RANGES {
        return;
    }
    let cap = (AUTHOR_RANGES / held.len().max(1)).max(1);
    for log in held.iter_mut().filter(|log| log.ranges.len() > cap) {
        // What stands behind a fork is claimed in any case.
        let forked = log.fork.and_then(|_| log.ranges.pop());
        log.ranges.truncate(cap - usize::from(forked.is_some()));
        log.ranges.extend(forked);
        log.more = true;
    }
}

/// Kinds that tell of an author whom a peer may not know ([`crate::sync::Introduction`]).
fn introduces(kind: Kind) -> bool {
    kind.is_statement() || matches!(kind, Kind::Profile | Kind::DeviceKeys)
}

/// Kinds that travel with the headers of posts, what introduces their authors among them, and in buckets.
pub(super) fn in_header(kind: Kind) -> bool {
    let said = matches!(kind, Kind::Comment | Kind::Reaction | Kind::Edit | Kind::Delete | Kind::Hide | Kind::Policy);
    said || introduces(kind) || kind == Kind::Sealed
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::entry::{Body, RunItem};
    use crate::id::{DeviceKey, EntryId, NodeId};
    use crate::sync::digest::AuthorHash;
    use crate::sync::message::{Carried, Input, Now};
    use crate::sync::reads::Answer;
    use crate::sync::want::HaveRange;
    use crate::view::Role;

    const CAROL: PersonaId = PersonaId::from_bytes([9; 32]);
    const HASH: AuthorHash = AuthorHash(5);

    /// A node that carries Carol for this reason, and a peer that proved to know her.
    struct Alice {
        engine: Engine,
        now_ms: u64,
    }

    impl Alice {
        fn new(carried: Carried) -> Self {
            let node = |n| NodeId::from_bytes([n; 32]);
            let mut alice = Self { engine: Engine::new(node(1), Role::Desktop, [7; 32]), now_ms: 1 };
            alice.step(Input::Authors(vec![(CAROL, carried)]));
            alice.step(Input::Connected { conn: 1, peer: node(2) });
            let (min, max) = crate::sync::frame::VERSIONS;
            alice.frame(&Frame::Hello {
                min,
                max,
                features: 0,
                role: 1,
                takes: vec![crate::bucket::Bucket::EVERYTHING],
            });
            let conn = alice.engine.conns.get_mut(&1).unwrap();
            (conn.order, conn.names) = (vec![CAROL], [(CAROL, HASH)].into());
            (conn.authors, conn.known) = ([(HASH, CAROL)].into(), [CAROL].into());
            alice
        }

        fn step(&mut self, input: Input) -> Vec<Output> {
            self.engine.step(Now { tick_ms: self.now_ms, unix_s: 1 }, input)
        }

        fn frame(&mut self, frame: &Frame) -> Vec<Output> {
            self.step(Input::Frame { conn: 1, bytes: frame.encode() })
        }

        fn answer(&mut self, to: &[Output], answer: Answer) -> Vec<Output> {
            let token = to.iter().find_map(|output| match output {
                Output::Read { token, .. } => Some(*token),
                _ => None,
            });
            self.step(Input::Answered { token: token.unwrap(), answer: Some(answer) })
        }

        /// Pages of the request under way: the last one.
        fn page(&mut self, differing: Vec<AuthorHash>, runs: Vec<u8>) -> Vec<Output> {
            let request = self.engine.conns[&1].pull.as_ref().unwrap().request;
            self.frame(&Frame::Page(Page { request, more: false, differing, ranges: Vec::new(), runs }))
        }

        /// Fetches Carol; the peer says that her header entries differ. Answers whether they are compared; then one
        /// comes, of which the gate says this.
        fn compares(&mut self, refused: &[EntryError]) -> bool {
            self.engine.queue_pull(1, CAROL);
            let out = self.step(Input::Tick);
            let nothing = Have { author: CAROL, statements: 0, headers: 0, logs: Vec::new(), held: Vec::new() };
            self.answer(&out, Answer::Have(vec![nothing]));
            let out = self.page(vec![HASH], Vec::new());
            let compares = out.iter().any(|output| matches!(output, Output::Read { query: Query::Headers(_), .. }));
            if compares {
                self.answer(&out, Answer::Headers(vec![(CAROL, Span::ALL, Vec::new())]));
                let body = Body::Present(vec![1; 20]);
                let refs = vec![EntryId::from_bytes([4; 32])];
                let item = RunItem { time: 1, kind: Kind::Reaction, refs, signature: [0; 64], body };
                let (author, device) = (PersonaId::from_bytes([3; 32]), DeviceKey::from_bytes([3; 32]));
                let first_prev = EntryId::from_bytes([5; 32]);
                let mut bytes = Vec::new();
                Run { author, device, log: 1, first_seq: 1, first_prev, items: vec![item] }.encode(&mut bytes);
                let out = self.page(Vec::new(), bytes);
                let token = out.iter().find_map(|output| match output {
                    Output::Submit { token, .. } => Some(*token),
                    _ => None,
                });
                let refused = refused.iter().map(|error| (EntryId::ZERO, error.clone())).collect();
                let outcome = Some(Outcome { refused, ..Outcome::default() });
                let out = self.step(Input::Submitted { token: token.unwrap(), outcome });
                assert!(out.iter().any(|output| matches!(output, Output::Synced { .. })));
            }
            assert!(self.engine.conns[&1].pull.is_none());
            compares
        }
    }

    #[test]
    fn header_entries_that_found_no_room_are_not_compared_for_an_hour() {
        let full = [EntryError::NoRoom(Some(CAROL))];
        let mut alice = Alice::new(Carried::Followed);
        assert!(alice.compares(&[EntryError::Frozen]));
        assert!(alice.compares(&[EntryError::Full("what one stranger may add in a day")]), "for another reason");
        let others = [EntryError::NoRoom(None), EntryError::NoRoom(Some(PersonaId::from_bytes([8; 32])))];
        assert!(alice.compares(&others), "what one stranger has used up");
        assert!(alice.compares(&full), "what others' posts have no room for");
        assert!(!alice.compares(&full));
        alice.now_ms += CROWDED_MS - 1;
        assert!(!alice.compares(&full));
        alice.now_ms += 1;
        assert!(alice.compares(&full));
        assert!(!alice.compares(&full), "nor for another hour");
        // What is said to oneself always matters.
        let mut own = Alice::new(Carried::Own);
        assert!(own.compares(&full) && own.compares(&full));
    }

    #[test]
    fn an_author_with_gaps_everywhere_fits_a_frame() {
        let range = |at: u64| HaveRange { start: at * 2, end: at * 2 + 1, check: 9 };
        let ranges: Vec<HaveRange> = (0..64).map(range).collect();
        let fork = |log: u32| (log.is_multiple_of(2)).then_some(1_000);
        let log = |log: u32| {
            let mut ranges = ranges.clone();
            ranges.extend(fork(log).map(HaveRange::behind));
            HaveLog { log, fork: fork(log), more: false, ranges }
        };
        let mut held: Vec<HaveLog> = (0..20_000).map(log).collect();
        cap_ranges(&mut held);
        assert_eq!(held[0].ranges, [HaveRange::behind(1_000)]);
        assert_eq!((held[1].ranges.as_slice(), held[1].more), (&[range(0)][..], true));
        let items = vec![WantItem { author: 1, statements: 0, headers: 0, have: held }];
        let want = Frame::Want(Want { request: 1, nonce: 1, newest: true, credit: 2, page_kib: 64, items });
        assert!(Frame::decode(&want.encode()) == Ok(want));
    }
}
