//! The state machine of one node over all its connections.

use std::collections::{BTreeMap, BTreeSet};

use crate::bucket::Bucket;
use crate::entry::{Entry, EntryError, Unverified};
use crate::gate::{MailPass, Origin, Outcome, Report};
use crate::id::{NodeId, PersonaId};
use crate::limits::{PULL_FRUITLESS_MS, REASK_MS, REQUEST_DEADLINE_MS};
use crate::sync::allowance::Allowances;
use crate::sync::bucket::Strays;
use crate::sync::budget::Budget;
use crate::sync::carry::Carry;
use crate::sync::connection::{Asking, Conn, Pull};
use crate::sync::digest::{self, Print};
use crate::sync::find::Finds;
use crate::sync::flush::Flush;
use crate::sync::frame::{Frame, VERSIONS};
use crate::sync::message::{Carried, ConnId, Input, Now, Output, Pending, Token};
use crate::sync::push::{Arriving, Recent, Waiting};
use crate::sync::reads::{Answer, Query};
use crate::view::{BudgetView, Role};

/// How long after a failure held entries are let go of again, ms.
const RELEASE_AGAIN_MS: u64 = 5_000;

/// See [`crate::sync`].
#[derive(Debug)]
pub struct Engine {
    pub(super) own: NodeId,
    pub(super) role: Role,
    seed: [u8; 32],
    drawn: u64,
    pub(super) now: Now,
    /// `None` until the driver told.
    pub(super) authors: Option<BTreeMap<PersonaId, Carried>>,
    pub(super) carry: Carry,
    pub(super) finds: Finds,
    /// Nodes that are asked to keep mail, and the tokens that some need.
    pub(super) mailboxes: BTreeMap<NodeId, Option<MailPass>>,
    /// What the user reported, each with the anchor that it is for.
    pub(super) reports: Vec<(NodeId, u64, Report)>,
    pub(super) budget: Budget,
    allowances: Allowances,
    pub(super) flush: Flush,
    pub(super) strays: Strays,
    pub(super) conns: BTreeMap<ConnId, Conn>,
    pending: BTreeMap<Token, Pending>,
    next_token: Token,
    /// Fingerprints of carried authors, until the next commit that touches them.
    pub(super) prints: BTreeMap<PersonaId, Print>,
    pub(super) commits: u64,
    /// Count at which an author's copy last changed.
    pub(super) changed: BTreeMap<PersonaId, u64>,
    /// Own heads were compared in this run.
    pub(super) compared: bool,
    pub(super) recent: Recent,
    /// How entries that are at the gate travel on.
    pub(super) arriving: Arriving,
    /// What left by a stem and is to be spread from here too.
    pub(super) waiting: Vec<Waiting>,
    pub(super) stems: Vec<ConnId>,
    pub(super) stems_until_ms: u64,
    /// Authors whose header entries found no room here, and until when they are not compared.
    pub(super) crowded: BTreeMap<PersonaId, u64>,
    /// When letting go of held entries is tried again.
    release_ms: Option<u64>,
    wake_ms: Option<u64>,
    pub(super) out: Vec<Output>,
}

impl Engine {
    /// `seed`: random; timers, nonces and choices among peers come from it.
    pub fn new(own: NodeId, role: Role, seed: [u8; 32]) -> Self {
        Self {
            own,
            role,
            seed,
            drawn: 0,
            now: Now { tick_ms: 0, unix_s: 0 },
            authors: None,
            carry: Carry::default(),
            finds: Finds::default(),
            mailboxes: BTreeMap::new(),
            reports: Vec::new(),
            budget: Budget::new(role),
            allowances: Allowances::default(),
            flush: Flush::default(),
            strays: Strays::default(),
            conns: BTreeMap::new(),
            pending: BTreeMap::new(),
            next_token: 0,
            prints: BTreeMap::new(),
            commits: 0,
            changed: BTreeMap::new(),
            compared: false,
            recent: Recent::default(),
            arriving: Arriving::default(),
            waiting: Vec::new(),
            stems: Vec::new(),
            stems_until_ms: 0,
            crowded: BTreeMap::new(),
            release_ms: None,
            wake_ms: None,
            out: Vec::new(),
        }
    }

    /// Takes one thing that happened and answers what is to be done, in order.
    pub fn step(&mut self, now: Now, input: Input) -> Vec<Output> {
        self.now = now;
        self.budget.turn(now.tick_ms);
        match input {
            Input::Connected { conn, peer } => self.connected(conn, peer),
            Input::Frame { conn, bytes } => self.frame(conn, &bytes),
            Input::Closed { conn } => {
                self.forget(conn);
            }
            Input::Committed(committed) => {
                self.committed(&committed);
                if committed.queued {
                    self.queued();
                }
            }
            Input::Flushed { next_in_ms } => self.flushed(next_in_ms),
            Input::Submitted { token, outcome } => self.submitted(token, outcome),
            Input::Answered { token, answer } => self.answered(token, answer),
            Input::Authors(authors) => self.set_authors(authors),
            Input::Learned => self.look_again(),
            Input::Anchors(anchors) => self.set_anchors(anchors),
            Input::Mailboxes(mailboxes) => self.set_mailboxes(mailboxes),
            Input::Reports(reports) => self.set_reports(reports),
            Input::Helper { conn, told } => self.helper_told(conn, told),
            Input::Find(query) => self.look_for(query),
            Input::Dropped(posts) => self.dropped(&posts),
            Input::Moved { taken, given } => {
                self.budget.take(taken);
                self.budget.give(given);
            }
            Input::NotReleased => self.release_ms = Some(now.tick_ms + RELEASE_AGAIN_MS),
            Input::Tick => self.tick(),
        }
        self.plan_wake();
        std::mem::take(&mut self.out)
    }

    /// Connections whose peer carries this author: who may be asked for its blobs.
    pub fn carriers(&self, author: PersonaId) -> Vec<ConnId> {
        // Whose mail it is says nothing of who passed it on.
        let carries = |conn: &Conn| conn.known.contains(&author) || is_bucket(&author) && conn.takes_mail;
        self.conns.iter().filter(|(_, conn)| carries(conn)).map(|(id, _)| *id).collect()
    }

    /// Peers that brought all that they have of what this node asks them for, these authors and this bucket among it.
    pub fn settled(&self, authors: &[PersonaId], bucket: Bucket) -> Vec<NodeId> {
        let asked = |author| self.authors.as_ref().is_some_and(|all| all.contains_key(author));
        if !self.takes(bucket) || !authors.iter().all(asked) {
            return Vec::new();
        }
        let settled = |(id, conn): &(&ConnId, &Conn)| {
            conn.hello
                && conn.last_nonce.is_some()
                && matches!(conn.asking, Asking::Idle)
                && !conn.ask_again
                && conn.pull.is_none()
                && conn.queue.is_empty()
                && conn.yielded.is_empty()
                && conn.order == self.set(**id)
        };
        self.conns.iter().filter(settled).map(|(_, conn)| conn.peer).collect()
    }

    /// Where an author stands with each peer, for a test that failed: why it is carried, and of each connected peer
    /// whether it proved to know the author, subscribed to it, and is asked or fetched from right now.
    pub fn standing(&self, author: PersonaId) -> (Option<Carried>, Vec<(NodeId, String)>) {
        let standing = |conn: &Conn| {
            let mut said = Vec::new();
            let all = [
                (conn.known.contains(&author), "knows"),
                (conn.subscribed.contains_key(&author), "subscribed"),
                (conn.queue.contains(&author), "queued"),
                (conn.pull.as_ref().is_some_and(|pull| pull.authors.contains(&author)), "fetched"),
                (!matches!(conn.asking, Asking::Idle), "asked"),
                (conn.unresolved, "unresolved"),
                (conn.quiet.contains(&author), "quiet"),
            ];
            said.extend(all.into_iter().filter(|(is, _)| *is).map(|(_, word)| word));
            (conn.peer, said.join(" "))
        };
        let why = self.authors.as_ref().and_then(|authors| authors.get(&author)).copied();
        (why, self.conns.values().map(standing).collect())
    }

    /// What the peer of a connection said it is. `None` before its `Hello`, and for a role that is not known here.
    pub fn role(&self, conn: ConnId) -> Option<Role> {
        self.conns.get(&conn)?.role
    }

    /// How many authors that this node carries the peer of a connection carries too.
    pub fn shared(&self, conn: ConnId) -> usize {
        self.conns.get(&conn).map_or(0, |conn| conn.known.len())
    }

    /// What this hour's budget is, and what is left of it.
    pub fn budget(&self) -> BudgetView {
        self.budget.view()
    }

    fn connected(&mut self, id: ConnId, peer: NodeId) {
        let old = self.conns.iter().find(|(_, conn)| conn.peer == peer).map(|(id, _)| *id);
        if let Some(old) = old {
            self.close(old, "replaced");
        }
        let allowance = self.allowances.take(peer, self.now.tick_ms);
        let mut conn = Conn::new(self.own, peer, allowance, self.now.tick_ms);
        conn.told_takes = match self.authors {
            Some(_) => self.buckets(),
            None => conn.takes.clone(),
        };
        let takes = conn.told_takes.clone();
        self.conns.insert(id, conn);
        let (min, max) = VERSIONS;
        let role = match self.role {
            Role::Phone => 0,
            Role::Desktop => 1,
            Role::Anchor => 2,
        };
        self.send(id, &Frame::Hello { min, max, features: 0, role, takes });
        self.read(Query::Sets(peer), Pending::Sets(id));
    }

    fn frame(&mut self, id: ConnId, bytes: &[u8]) {
        let now_ms = self.now.tick_ms;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        if !conn.allowance.may_send(now_ms) {
            return self.close(id, "too many frames");
        }
        let Ok(frame) = Frame::decode(bytes) else {
            return self.close(id, "not a frame");
        };
        match frame {
            Frame::Hello { min, max, role, takes, .. } if !conn.hello => {
                if min > VERSIONS.1 || max < VERSIONS.0 {
                    return self.close(id, "no common version");
                }
                conn.hello = true;
                conn.takes = takes;
                conn.role = match role {
                    0 => Some(Role::Phone),
                    1 => Some(Role::Desktop),
                    2 => Some(Role::Anchor),
                    _ => None,
                };
                self.ask_to_keep(id);
                self.tell_reports(id);
                self.ask(id);
                self.tell_known();
            }
            Frame::Hello { .. } => self.close(id, "a second hello"),
            _ if !conn.hello => self.close(id, "no hello"),
            Frame::News { .. } if !conn.allowance.may_notify(now_ms) => {
                self.close(id, "too many notices");
            }
            Frame::Ask(ask) => self.asked(id, ask),
            Frame::Same { nonce, proof } => self.same(id, nonce, proof),
            Frame::Unknown { nonce } => self.unknown(id, nonce),
            Frame::Differ { nonce, known, prints, proof } => self.differ(id, nonce, &known, &prints, proof),
            Frame::Want(want) => self.wanted(id, want),
            Frame::Page(page) => self.page(id, page),
            Frame::More { request, credit, page_kib } => self.more(id, request, credit, page_kib),
            Frame::Headers(headers) => self.headers(id, headers),
            Frame::Push { stale, runs, way } => self.pushed(id, &stale, &runs, way),
            Frame::Taken { pushes } => self.taken(id, pushes),
            Frame::Failed { request } => self.failed(id, request),
            Frame::Carry { authors } => self.carry_asked(id, authors),
            Frame::News { items } => self.told_news(id, &items),
            Frame::Find { id: find, hops, query } => self.find(id, find, hops, query),
            Frame::Found { id: find, runs } => self.found(id, find, runs),
            Frame::Known { authors } => self.known_elsewhere(id, authors),
            Frame::Takes { buckets } => self.peer_takes(id, buckets),
            Frame::Keep { shown } => self.keep_asked(id, shown),
            Frame::Keeps { answer } => self.keeps(id, answer),
            Frame::Receipts { receipts } => self.receipts(id, receipts),
            Frame::Report { number, report } => self.report_came(id, number, report),
            Frame::Reported { number, taken } => self.report_answered(id, number, taken),
            Frame::Quiet { nonce, quiet } => self.quieted(id, nonce, &quiet),
            Frame::Dropped { posts } => {
                let peer = conn.peer;
                // Whoever makes much room says much at once: what is too much is not written down.
                if conn.allowance.may_drop(now_ms, posts.len()) {
                    self.tell(Output::HoldsNot { peer, posts });
                }
            }
            // A feature that the peer lacks: whoever sends such frames later looks at its `Hello`.
            Frame::Unsupported { .. } => {}
            Frame::Other { kind } => self.send(id, &Frame::Unsupported { kind }),
        }
    }

    fn submitted(&mut self, token: Token, outcome: Option<Outcome>) {
        match self.pending.remove(&token) {
            Some(Pending::PageApplied { conn, mail }) => {
                self.answer_for(conn, mail, outcome.as_ref());
                self.page_applied(conn, outcome);
            }
            // A relay can't tell a forged answer: only the connection that lied is known not to.
            Some(Pending::FoundApplied) => {}
            Some(Pending::PushApplied { conn, authors, ids, mail }) => {
                self.answer_for(conn, mail, outcome.as_ref());
                self.push_applied(conn, &authors, &ids, outcome);
            }
            _ => {}
        }
    }

    fn answered(&mut self, token: Token, answer: Option<Answer>) {
        let Some(pending) = self.pending.remove(&token) else {
            return;
        };
        match (pending, answer) {
            (Pending::Sets(id), answer) => {
                if let Some(conn) = self.conns.get_mut(&id) {
                    if let Some(Answer::Sets { ours, theirs }) = answer {
                        conn.agreed_set = ours;
                        // A question may have come and been answered meanwhile.
                        conn.their_set = conn.their_set.take().or(theirs);
                    }
                    conn.asking = Asking::Idle;
                    self.ask(id);
                }
            }
            (Pending::AskPrints { conn, commits }, Some(Answer::Prints(prints))) => {
                self.cache(commits, &prints);
                self.ask_prints(conn, prints);
            }
            (Pending::AnswerPrints { conn, commits }, Some(Answer::Prints(prints))) => {
                self.cache(commits, &prints);
                self.answer_prints(conn, prints);
            }
            (Pending::Have(id), Some(Answer::Have(have))) => self.want(id, have),
            (Pending::Headers(id), Some(Answer::Headers(ranges))) => self.send_headers(id, ranges),
            (Pending::ShowsMore(id), Some(Answer::ShowsMore(shown))) => self.peer_showed(id, shown),
            (Pending::Compared { conn, request }, Some(Answer::Compared { cursor, differing })) => {
                self.compared(conn, request, cursor, differing);
            }
            (Pending::Page { conn, request }, Some(Answer::Page { runs, differing, cursor })) => {
                self.send_page(conn, request, runs, &differing, cursor);
            }
            (Pending::Compared { conn, request } | Pending::Page { conn, request }, _) => {
                if let Some(state) = self.conns.get_mut(&conn) {
                    state.serving.remove(&request);
                    self.send(conn, &Frame::Failed { request });
                }
            }
            (Pending::Push { origin, batch, road }, Some(Answer::Push(pushed))) => {
                self.read_to_push(origin, batch, road, &pushed);
            }
            (Pending::Found { conn, find }, Some(Answer::Push(found))) => self.send_found(conn, find, &found),
            (Pending::Offer(conn), Some(Answer::Push(pushed))) => self.offer_copies(conn, &pushed),
            (Pending::Strays(conn), Some(Answer::Strays { pushed, to })) => self.send_strays(conn, &pushed, to),
            (Pending::Named { conn, depths }, Some(Answer::Named(named))) => self.lease(conn, &depths, &named),
            (
                Pending::AskPrints { conn, .. }
                | Pending::AnswerPrints { conn, .. }
                | Pending::Have(conn)
                | Pending::Headers(conn),
                _,
            ) => self.close(conn, "our store does not answer"),
            // A push that was not read: the next comparison finds it.
            (
                Pending::Push { .. }
                | Pending::Named { .. }
                | Pending::Offer(_)
                | Pending::Strays(_)
                | Pending::ShowsMore(_)
                | Pending::Found { .. }
                | Pending::FoundApplied
                | Pending::PageApplied { .. }
                | Pending::PushApplied { .. },
                _,
            ) => {}
        }
    }

    fn set_authors(&mut self, authors: Vec<(PersonaId, Carried)>) {
        let authors: BTreeMap<PersonaId, Carried> = authors.into_iter().collect();
        if self.authors.as_ref() == Some(&authors) {
            return;
        }
        let former = self.authors.replace(authors).unwrap_or_default();
        let Some(authors) = &self.authors else {
            return;
        };
        let more = authors.keys().any(|author| !former.contains_key(author));
        let same = !more && authors.len() == former.len();
        self.prints.retain(|author, _| authors.contains_key(author));
        self.changed.retain(|author, _| authors.contains_key(author));
        self.crowded.retain(|author, _| authors.contains_key(author));
        if more {
            self.look_again();
            self.tell_known();
        }
        self.tell_buckets();
        let ids: Vec<ConnId> = self.conns.keys().copied().collect();
        for id in ids {
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.queue.retain(|author| is_bucket(author) || authors_has(&self.authors, author));
                conn.yielded.retain(|author| is_bucket(author) || authors_has(&self.authors, author));
            }
            // Why an author is carried changes nothing in the question.
            if !same {
                self.ask(id);
            }
        }
    }

    /// Peers may have asked for what is known here only now: they ask again.
    fn look_again(&mut self) {
        let ids: Vec<ConnId> = self.conns.keys().copied().collect();
        for id in ids {
            if let Some(conn) = self.conns.get_mut(&id).filter(|conn| conn.unresolved) {
                conn.look_again = true;
                self.say_look_again(id);
            }
        }
    }

    /// Says so once the peer's question is answered.
    pub(super) fn say_look_again(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(&id)
            && conn.look_again
            && conn.answering.is_none()
            && let Some(nonce) = conn.their_nonce
        {
            (conn.look_again, conn.unresolved) = (false, false);
            self.send(id, &Frame::Unknown { nonce });
        }
    }

    fn tick(&mut self) {
        let now_ms = self.now.tick_ms;
        if self.release_ms.take_if(|release_ms| *release_ms <= now_ms).is_some() {
            self.tell(Output::Compared);
        }
        self.spread_due();
        self.tell_news();
        self.carry_due();
        self.flush();
        let ids: Vec<ConnId> = self.conns.keys().copied().collect();
        for id in ids {
            let Some(conn) = self.conns.get_mut(&id) else {
                continue;
            };
            if conn.yield_until_ms.take_if(|until_ms| *until_ms <= now_ms).is_some() {
                conn.queue.append(&mut conn.yielded);
            }
            if let Some((deadline_ms, reason)) = conn.deadlines().into_iter().flatten().min()
                && deadline_ms <= now_ms
            {
                self.close(id, reason);
            } else if conn.reask_ms <= now_ms {
                self.ask(id);
            }
        }
        self.start_pulls();
    }

    fn plan_wake(&mut self) {
        let stalled = self.conns.values().filter(|conn| conn.pull.is_none() && !conn.queue.is_empty()).count() > 0;
        let wake_ms = self.conns.values().flat_map(|conn| {
            let deadlines = conn.deadlines().into_iter().flatten().map(|(deadline_ms, _)| deadline_ms);
            let stall = conn.pull.as_ref().filter(|_| stalled).map(Pull::alone_until_ms);
            deadlines
                .chain([conn.reask_ms])
                .chain(conn.yield_until_ms)
                .chain(stall.filter(|stall_ms| *stall_ms > self.now.tick_ms))
        });
        let waiting = self.waiting.iter().map(|waiting| waiting.at_ms);
        let waiting = waiting.chain(self.conns.values().filter_map(|conn| conn.news_ms));
        let wake_ms = wake_ms
            .chain(self.release_ms)
            .chain(waiting)
            .chain(self.carry.wake_ms())
            .chain(self.budget.wake_ms())
            .chain(self.flush_wake_ms())
            .min()
            .filter(|wake_ms| *wake_ms < u64::MAX);
        if let Some(wake_ms) = wake_ms
            && self.wake_ms.is_none_or(|planned| planned != wake_ms || planned <= self.now.tick_ms)
        {
            self.out.push(Output::Wake { tick_ms: wake_ms.max(self.now.tick_ms + 1) });
        }
        self.wake_ms = wake_ms;
    }

    // --- for the parts ---

    pub(super) fn send(&mut self, conn: ConnId, frame: &Frame) {
        self.out.push(Output::Send { conn, bytes: frame.encode() });
    }

    pub(super) fn close(&mut self, conn: ConnId, reason: &'static str) {
        if self.conns.contains_key(&conn) {
            self.out.push(Output::Close { conn, reason });
            self.forget(conn);
        }
    }

    /// A connection has ended.
    fn forget(&mut self, conn: ConnId) {
        let Some(Conn { peer, allowance, known, pull, .. }) = self.conns.remove(&conn) else {
            return;
        };
        self.allowances.keep(peer, allowance, self.now.tick_ms);
        // What it neither carried nor was asked for is for nobody else to do now.
        if !known.is_empty() {
            self.settle_subscriptions();
        }
        if pull.is_some() {
            self.start_pulls();
        }
    }

    pub(super) fn read(&mut self, query: Query, pending: Pending) {
        let token = self.token(pending);
        self.out.push(Output::Read { token, query });
    }

    /// Gives entries of a peer to the gate; `origin` names its connection too, and why they came.
    pub(super) fn submit(&mut self, conn: ConnId, origin: Origin, entries: Vec<Unverified<Entry>>, pending: Pending) {
        let token = self.token(pending);
        self.out.push(Output::Submit { token, conn, entries, origin });
    }

    /// What the gate answered to entries of a peer; `None` where that ended the connection, or it ended before.
    pub(super) fn taken_in(&mut self, id: ConnId, outcome: Option<Outcome>) -> Option<(&mut Conn, Outcome)> {
        let Some(outcome) = outcome else {
            self.close(id, "our store takes nothing");
            return None;
        };
        if outcome.refused.iter().any(|(_, error)| is_forgery(error)) {
            self.close(id, "a forged entry");
            return None;
        }
        self.conns.get_mut(&id).map(|conn| (conn, outcome))
    }

    /// Notes that a peer's copies of these authors equal ours, as far as they are our own.
    pub(super) fn tell_held(&mut self, peer: NodeId, authors: &[PersonaId]) {
        let own: Vec<PersonaId> = authors.iter().filter(|author| self.is_own(author)).copied().collect();
        if !own.is_empty() {
            self.tell(Output::Held { peer, authors: own });
        }
    }

    pub(super) fn tell(&mut self, output: Output) {
        self.out.push(output);
    }

    pub(super) fn carried(&self) -> impl Iterator<Item = &PersonaId> {
        self.authors.iter().flat_map(BTreeMap::keys)
    }

    pub(super) fn is_own(&self, author: &PersonaId) -> bool {
        authors_own(&self.authors, author)
    }

    /// An author whose entries are taken in whatever the budget says: an own or followed one, and what may be mail.
    pub(super) fn is_wanted(&self, author: &PersonaId) -> bool {
        let why = self.authors.as_ref().and_then(|authors| authors.get(author));
        is_bucket(author) || matches!(why, Some(Carried::Own | Carried::Followed))
    }

    pub(super) fn is_carried(&self, author: &PersonaId) -> bool {
        is_bucket(author) || authors_has(&self.authors, author)
    }

    /// When a peer is asked again.
    pub(super) fn next_reask_ms(&mut self) -> u64 {
        self.now.tick_ms + REASK_MS + self.draw() % (REASK_MS / 10)
    }

    pub(super) fn nonce(&mut self) -> u32 {
        let [a, b, c, d, ..] = self.draw().to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    /// Nobody who has seen some of these can tell the next: a nonce must not be foreseen.
    pub(super) fn draw(&mut self) -> u64 {
        self.drawn += 1;
        u64::from_le_bytes(digest::take(blake3::Hasher::new_keyed(&self.seed).update(&self.drawn.to_le_bytes())))
    }

    /// One of two, by chance.
    pub(super) fn coin(&mut self) -> bool {
        self.draw().is_multiple_of(2)
    }

    /// What decides among peers for an author: the same for one choice, and foreseen by nobody.
    pub(super) fn lot(&self, author: &PersonaId, conn: ConnId, choice: u64) -> u64 {
        let mut hasher = blake3::Hasher::new_keyed(&self.seed);
        hasher.update(author.as_bytes()).update(&conn.to_le_bytes()).update(&choice.to_le_bytes());
        u64::from_le_bytes(digest::take(&hasher))
    }

    pub(super) fn token(&mut self, pending: Pending) -> Token {
        self.next_token += 1;
        self.pending.insert(self.next_token, pending);
        self.next_token
    }

    /// Keeps fingerprints that no later commit touched; not the bucket's, as mail also goes without a commit, when its
    /// time is over.
    fn cache(&mut self, commits: u64, prints: &[(PersonaId, Print)]) {
        for (author, print) in prints {
            if self.is_carried(author)
                && !is_bucket(author)
                && self.changed.get(author).is_none_or(|changed| *changed <= commits)
            {
                self.prints.insert(*author, *print);
            }
        }
    }
}

impl Conn {
    /// When this connection is given up, and why.
    fn deadlines(&self) -> [Option<(u64, &'static str)>; 5] {
        let after = |since_ms: u64| since_ms + REQUEST_DEADLINE_MS;
        let asking = match &self.asking {
            Asking::Sent { since_ms, .. } => Some((after(*since_ms), "no answer")),
            _ => None,
        };
        let pull = self.pull.as_ref().filter(|pull| pull.applying == 0 && pull.credit > 0);
        [
            (!self.hello).then(|| (after(self.opened_ms), "no hello in time")),
            asking,
            pull.map(|pull| (after(pull.progress_ms), "no page in time")),
            pull.map(|pull| (pull.stored_ms + PULL_FRUITLESS_MS, "pages without anything new")),
            (self.unacked > 0).then(|| (after(self.unacked_since_ms), "takes no pushes")),
        ]
    }
}

fn authors_has(authors: &Option<BTreeMap<PersonaId, Carried>>, author: &PersonaId) -> bool {
    authors.as_ref().is_some_and(|authors| authors.contains_key(author))
}

pub(super) fn is_bucket(author: &PersonaId) -> bool {
    Bucket::from_id(author).is_some()
}

pub(super) fn authors_own(authors: &Option<BTreeMap<PersonaId, Carried>>, author: &PersonaId) -> bool {
    authors.as_ref().and_then(|authors| authors.get(author)) == Some(&Carried::Own)
}

/// An error that an honest peer's entry can't have.
fn is_forgery(error: &EntryError) -> bool {
    matches!(
        error,
        EntryError::Truncated
            | EntryError::Trailing
            | EntryError::Malformed(_)
            | EntryError::TooLarge { .. }
            | EntryError::Shape
            | EntryError::BodyHash
            | EntryError::BodyMissing
            | EntryError::Signature
            | EntryError::WeakKey
            | EntryError::PersonaMismatch
    )
}

/// Authors of a set, own ones first.
pub(super) fn own_first(engine: &Engine, authors: &BTreeSet<PersonaId>) -> Vec<PersonaId> {
    let (own, others): (Vec<PersonaId>, Vec<PersonaId>) = authors.iter().partition(|author| engine.is_own(author));
    own.into_iter().chain(others).collect()
}
