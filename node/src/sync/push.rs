//! Passing on what was just committed, to every peer that asked for it and did not bring it. Each entry goes once:
//! only what was newly stored is committed, and so loops end. A peer that takes slowly is told later, in one frame,
//! which authors have news; it pulls them.
//!
//! Own entries leave by a *stem* where there are peers enough: first to one peer, and to the others only some 100 ms
//! later, so that who is first to pass an entry on need not be where it was written (the idea of Dandelion:
//! Venkatakrishnan, Fanti, Viswanath, SIGMETRICS 2017). That they have come back meanwhile does not hurry them: who then
//! passes on at once still stands out. But nobody gets back what they gave. Mail that need not be fast keeps away from
//! anchors and mailboxes at first: they are peers of many, and would see whose answers follow whose messages. What is written by an author for whom nobody asked yet travels some hops as a
//! spare copy; so does what is said about a post of such an author, until it comes to who carries that author.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::bucket::Bucket;
use crate::entry::{Kind, Run, Scope};
use crate::gate::{Applied, Committed, Origin, Outcome};
use crate::id::{EntryId, PersonaId};
use crate::limits::{
    CARRIED_PER_PEER, DROPPED_POSTS, NEWS_MS, PAGE_BYTES, PAGE_ENTRIES, PUSH_ENTRIES, PUSH_WINDOW, RECENT_ENTRIES,
    SPREAD_HOPS, SPREAD_PEERS, STEM_LEAST_PEERS, STEM_PATIENT_MS, STEM_PEERS, STEM_STAY_MS, STEM_WAIT_MS, STEM_WAITING,
    STRAY_PEERS,
};
use crate::sync::digest::{AuthorHash, ShortId};
use crate::sync::engine::{Engine, is_bucket};
use crate::sync::frame::{Frame, Way};
use crate::sync::mailbox::mail_of;
use crate::sync::message::{Carried, ConnId, Direction, Output, Pending};
use crate::sync::pull::in_header;
use crate::sync::reads::{Pushed, Query};
use crate::sync::runs;
use crate::view::Role;

/// Whose subscribers get an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    author: PersonaId,
    /// The peer may not know the writer's statements.
    statements: bool,
    /// The post that it is, or is about.
    post: Option<EntryId>,
    /// Said about a post: it goes to those too who get new posts from elsewhere.
    header: bool,
    /// How many more nodes may take it in though they did not ask for its author.
    hops: u8,
}

/// Entries on their way, in the order of their commit.
#[derive(Debug, Default)]
pub(super) struct Batch {
    order: Vec<EntryId>,
    targets: BTreeMap<EntryId, Target>,
    /// Own mail that need not be fast.
    patient: bool,
    /// Who gave which of them here since they left by a stem.
    came_back: BTreeSet<(ConnId, EntryId)>,
}

impl Batch {
    fn add(&mut self, id: EntryId, target: Target) {
        self.order.push(id);
        self.targets.insert(id, target);
    }

    fn append(&mut self, other: Self) {
        self.order.extend(other.order);
        self.targets.extend(other.targets);
    }

    fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

/// Where entries go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Road {
    /// To one peer that carries their author.
    Stem(ConnId),
    /// To all who asked, but this one.
    Spread { except: Option<ConnId> },
}

/// Entries that left by a stem.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) at_ms: u64,
    origin: Option<ConnId>,
    stem: ConnId,
    batch: Batch,
}

/// The entries stored last.
#[derive(Debug, Default)]
pub(super) struct Recent {
    order: VecDeque<ShortId>,
    known: BTreeSet<ShortId>,
}

impl Recent {
    fn add(&mut self, id: ShortId) {
        if self.known.insert(id) {
            self.order.push_back(id);
        }
        if self.order.len() > RECENT_ENTRIES
            && let Some(old) = self.order.pop_front()
        {
            self.known.remove(&old);
        }
    }
}

/// How entries of a peer are to travel on, until the gate has answered.
#[derive(Debug, Default)]
pub(super) struct Arriving {
    ways: BTreeMap<EntryId, Way>,
}

/// `None`: it goes to nobody.
fn target(applied: &Applied) -> Option<Target> {
    if applied.held {
        return None;
    }
    let post = applied.post();
    let in_log = matches!(applied.scope, Some(Scope::Posts | Scope::Sealed)) || applied.kind.is_statement();
    match applied.about {
        Some((_, author)) if !in_log => {
            // Who wrote what is sealed is said inside.
            let statements = applied.kind != Kind::Sealed;
            author.map(|author| Target { author, statements, post, header: true, hops: 0 })
        }
        // Part of an engagement log that nobody asks for as a log.
        None if applied.scope == Some(Scope::Engagement) => None,
        about => {
            // Of a new root all goes that it says: alone it would leave no device.
            let statements = applied.kind == Kind::RootRotate
                || applied.log.is_some() && (applied.seq <= 1 || applied.kind == Kind::Profile);
            Some(Target { author: applied.author, statements, post, header: about.is_some(), hops: 0 })
        }
    }
}

impl Engine {
    pub(super) fn committed(&mut self, committed: &Committed) {
        self.commits += 1;
        for applied in committed.applied.iter() {
            self.recent.add(ShortId::of(&applied.id));
        }
        for applied in committed.applied.iter() {
            let about = applied.about.and_then(|(_, author)| author);
            for author in [Some(applied.author), about].into_iter().flatten() {
                if self.is_carried(&author) {
                    self.prints.remove(&author);
                    self.changed.insert(author, self.commits);
                }
            }
        }
        // The store may carry whom these repost.
        if committed.carried
            || committed.applied.iter().any(|applied| applied.kind == Kind::Repost && self.is_wanted(&applied.author))
        {
            self.tell(Output::Adopted);
        }
        let origin = match committed.origin {
            Origin::Own => None,
            // It is no news, and would crowd out what is: whoever asks finds it.
            Origin::Bundle => return,
            Origin::Peer(conn, _) | Origin::Offer(conn) | Origin::Found(conn) => Some(conn),
        };
        let (mut stemmed, mut spread) = (Batch::default(), Batch::default());
        let mut patient = Batch { patient: true, ..Batch::default() };
        for applied in committed.applied.iter() {
            let way = self.arriving.ways.remove(&applied.id).unwrap_or_default();
            let Some(mut target) = target(applied) else { continue };
            let exact = Bucket::from_id(&target.author);
            let stray = exact.is_some_and(|exact| !self.takes(exact));
            if origin.is_none() && applied.kind == Kind::Sealed && applied.about.is_none() || stray {
                // Who took it is told to its sender alone, and where it does not stay.
                target.post = Some(applied.id);
            }
            let mut others = self.conns.iter().filter(|(id, _)| Some(**id) != origin);
            let asked = others.any(|(_, conn)| conn.wants(&target.author));
            target.hops = match origin {
                // The first node does not give itself away by the number.
                None if !asked => SPREAD_HOPS - u8::from(self.coin()),
                // Who takes its bucket finds others who do.
                _ if exact.is_some() && asked => 0,
                _ => way.hops.saturating_sub(1),
            };
            if !asked && target.hops == 0 {
                continue;
            }
            let by_stem = origin.is_none() || (way.stem && self.coin());
            let road = match (by_stem, applied.automatic) {
                (true, true) => &mut patient,
                (true, _) => &mut stemmed,
                _ => &mut spread,
            };
            road.add(applied.id, target);
        }
        if stemmed.order.len() + patient.order.len() + spread.order.len() > PUSH_ENTRIES {
            spread.append(stemmed);
            spread.append(patient);
            let authors: BTreeSet<PersonaId> = spread.targets.values().map(|target| target.author).collect();
            let others: Vec<ConnId> = self.conns.keys().copied().filter(|id| Some(*id) != origin).collect();
            for id in others {
                if let Some(conn) = self.conns.get_mut(&id) {
                    let stale: Vec<PersonaId> = authors.iter().filter_map(|author| conn.subscription(author)).collect();
                    conn.stale.extend(stale);
                }
                self.tell_stale(id);
            }
            return;
        }
        for mut batch in [stemmed, patient].into_iter().filter(|batch| !batch.is_empty()) {
            match self.stem_for(&batch, origin) {
                Some(stem) => self.send_on(origin, batch, Road::Stem(stem)),
                None => {
                    self.hide_bucket(origin, &mut batch);
                    spread.append(batch);
                }
            }
        }
        if !spread.is_empty() {
            self.send_on(origin, spread, Road::Spread { except: None });
        }
    }

    /// Without a stem own mail goes to peers who do not take it too: where it goes says nothing of whom it is for.
    fn hide_bucket(&self, origin: Option<ConnId>, batch: &mut Batch) {
        for target in batch.targets.values_mut().filter(|target| is_bucket(&target.author)) {
            if origin.is_none() && self.conns.values().any(|conn| conn.takes_mail && !conn.wants(&target.author)) {
                target.hops = target.hops.max(1);
            }
        }
    }

    fn send_on(&mut self, origin: Option<ConnId>, batch: Batch, road: Road) {
        // Who asked for it fetches what is too large for a push; nobody else can.
        let unasked = |target: &Target| {
            let mut others = self.conns.iter().filter(|(id, conn)| Some(**id) != origin && conn.takes_mail);
            is_bucket(&target.author) && others.any(|(_, conn)| conn.subscription(&target.author).is_none())
        };
        let query = match batch.targets.values().any(unasked) {
            true => Query::Whole(batch.order.clone()),
            false => Query::Push(batch.order.clone()),
        };
        self.read(query, Pending::Push { origin, batch, road });
    }

    /// The entries were read.
    pub(super) fn read_to_push(&mut self, origin: Option<ConnId>, batch: Batch, road: Road, pushed: &[Pushed]) {
        match road {
            Road::Stem(stem) if self.conns.contains_key(&stem) => {
                let wait_ms = if batch.patient { STEM_PATIENT_MS } else { STEM_WAIT_MS };
                let at_ms = self.now.tick_ms + wait_ms.start + self.draw() % (wait_ms.end - wait_ms.start);
                self.push_to(stem, &batch.targets, &pushed.iter().collect::<Vec<_>>(), true);
                self.waiting.push(Waiting { at_ms, origin, stem, batch });
                if self.waiting.len() > STEM_WAITING {
                    let first = self.waiting.remove(0);
                    self.spread_waiting(first);
                }
            }
            Road::Stem(_) => self.spread(origin, None, &batch, pushed),
            Road::Spread { except } => self.spread(origin, except, &batch, pushed),
        }
    }

    /// Sends entries to all who asked for them; those that nobody asked for yet to some peers.
    fn spread(&mut self, origin: Option<ConnId>, except: Option<ConnId>, batch: &Batch, pushed: &[Pushed]) {
        let ids: Vec<ConnId> =
            self.conns.keys().copied().filter(|id| Some(*id) != origin && Some(*id) != except).collect();
        let (unasked, asked): (BTreeMap<_, _>, BTreeMap<_, _>) =
            batch.targets.iter().map(|(id, target)| (*id, *target)).partition(|(_, target)| target.hops > 0);
        let mut chosen = Vec::new();
        if !unasked.is_empty() {
            chosen = ids.iter().copied().filter(|id| self.role(*id) != Some(Role::Phone)).collect();
            while chosen.len() > SPREAD_PEERS {
                let at = usize::try_from(self.draw() % chosen.len() as u64).unwrap_or_default();
                chosen.swap_remove(at);
            }
        }
        // Of mail those who look further are few: each of them does.
        let mut mail = chosen.clone();
        let few = if origin.is_none() { STEM_LEAST_PEERS - 1 } else { STRAY_PEERS };
        while mail.len() > few && unasked.values().any(|target| is_bucket(&target.author)) {
            let at = usize::try_from(self.draw() % mail.len() as u64).unwrap_or_default();
            mail.swap_remove(at);
        }
        // Who asked gets it in any case.
        let to_others: BTreeMap<EntryId, Target> =
            batch.targets.iter().map(|(id, target)| (*id, Target { hops: 0, ..*target })).collect();
        for id in ids {
            let looks = mail.contains(&id);
            // Who gave it here meanwhile has it: to give it back would tell that it was here before.
            let lacks = |entry: &&Pushed| !batch.came_back.contains(&(id, entry.id));
            let pushed: Vec<&Pushed> = pushed.iter().filter(lacks).collect();
            if chosen.contains(&id) {
                let to_it = |(id, target): (&EntryId, &Target)| match is_bucket(&target.author) && !looks {
                    true => (*id, Target { hops: 0, ..*target }),
                    false => (*id, *target),
                };
                self.push_to(id, &asked, &pushed, false);
                self.push_to(id, &unasked.iter().map(to_it).collect(), &pushed, false);
            } else {
                self.push_to(id, &to_others, &pushed, false);
            }
        }
    }

    /// Offers authors to a peer that does not carry them, by an entry of each.
    pub(super) fn offer_copies(&mut self, id: ConnId, newest: &[Pushed]) {
        let unasked =
            |entry: &Pushed| Target { author: entry.author, statements: true, post: None, header: false, hops: 1 };
        let targets = newest.iter().filter(|entry| !entry.large).map(|entry| (entry.id, unasked(entry))).collect();
        self.push_to(id, &targets, &newest.iter().collect::<Vec<_>>(), false);
    }

    /// Sends one peer what it takes of these entries.
    pub(super) fn push_to(&mut self, id: ConnId, targets: &BTreeMap<EntryId, Target>, pushed: &[&Pushed], stem: bool) {
        let now_ms = self.now.tick_ms;
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| conn.hello) else {
            return;
        };
        let mut frames = Vec::new();
        let (mut runs, mut entries, mut way) = (Vec::new(), 0, Way { stem, hops: 0 });
        let (mut introduced, mut posts) = (BTreeSet::new(), Vec::new());
        // A peer counts as holder of what it took, not of what was sent.
        let mut given = 0;
        for entry in pushed {
            let Some(target) = targets.get(&entry.id) else { continue };
            let subscription = conn.subscription(&target.author);
            if !stem
                && !target.header
                && let Some(quiet) = subscription.filter(|author| conn.quiet.contains(author))
            {
                conn.news.insert(quiet, ShortId::of(&entry.id));
                conn.news_ms.get_or_insert(now_ms + NEWS_MS);
                continue;
            }
            // Mail leaves by a stem whoever takes it.
            let relayed = stem && is_bucket(&target.author) && !conn.wants(&target.author);
            if !conn.wants(&target.author) && target.hops == 0 && !relayed {
                continue;
            }
            let introduces = (target.statements || target.hops > 0) && !introduced.contains(&entry.author);
            let statements = introduces.then_some(&entry.introduction);
            let size = entry.run.len() + statements.map_or(0, |statements| statements.bytes.len());
            let count = entry.entries + statements.map_or(0, |statements| statements.entries);
            if !runs.is_empty() && (runs.len() + size > PAGE_BYTES || entries + count > PAGE_ENTRIES) {
                frames.push((std::mem::take(&mut runs), way, std::mem::take(&mut posts)));
                entries = 0;
            }
            let window = u32::try_from(frames.len()).unwrap_or(u32::MAX).saturating_add(conn.unacked);
            let others =
                !self.authors.as_ref().is_some_and(|authors| authors.get(&entry.author) == Some(&Carried::Own));
            if entry.large
                || (others && !self.budget.may_give())
                || window >= PUSH_WINDOW
                || size > PAGE_BYTES
                || count > PAGE_ENTRIES
            {
                conn.stale.extend(subscription.or_else(|| (!is_bucket(&target.author)).then_some(target.author)));
                continue;
            }
            way.hops = way.hops.max(target.hops).max(u8::from(relayed));
            given += if others { size as u64 } else { 0 };
            if let Some(statements) = statements {
                introduced.insert(entry.author);
                runs.extend_from_slice(&statements.bytes);
            }
            runs.extend_from_slice(&entry.run);
            entries += count;
            posts.extend(target.post);
        }
        if !runs.is_empty() {
            frames.push((runs, way, posts));
        }
        self.budget.give(given);
        for (runs, way, posts) in frames {
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.count_push(now_ms, posts);
            }
            self.send(id, &Frame::Push { stale: Vec::new(), runs, way });
        }
        self.tell_stale(id);
    }

    /// Tells peers what was not pushed to them some time ago.
    pub(super) fn tell_news(&mut self) {
        let now_ms = self.now.tick_ms;
        let due = self.conns.iter().filter(|(_, conn)| conn.news_ms.is_some_and(|at_ms| at_ms <= now_ms));
        for id in due.map(|(id, _)| *id).collect::<Vec<_>>() {
            let Some(conn) = self.conns.get_mut(&id) else { continue };
            conn.news_ms = None;
            let news = std::mem::take(&mut conn.news);
            let items = news.into_iter().filter_map(|(author, id)| Some((*conn.subscribed.get(&author)?, id)));
            let items: Vec<_> = items.collect();
            if !items.is_empty() {
                self.send(id, &Frame::News { items });
            }
        }
    }

    /// What others were to push is fetched where it did not come, and the pushers are chosen anew.
    pub(super) fn told_news(&mut self, id: ConnId, items: &[(AuthorHash, ShortId)]) {
        let Some(conn) = self.conns.get(&id) else {
            return;
        };
        let missing = items.iter().filter(|(_, short)| !self.recent.known.contains(short));
        let missing: BTreeSet<PersonaId> =
            missing.filter_map(|(hash, _)| conn.author(*hash)).filter(|author| conn.known.contains(author)).collect();
        for author in &missing {
            self.queue_pull(id, *author);
        }
        if !missing.is_empty() {
            self.carry.missed(&missing);
            self.settle_subscriptions();
            self.start_pulls();
        }
    }

    // --- stems ---

    /// The peer that these entries leave by, where there are peers enough and one carries their authors.
    fn stem_for(&mut self, batch: &Batch, origin: Option<ConnId>) -> Option<ConnId> {
        let now_ms = self.now.tick_ms;
        let peers: Vec<ConnId> = self.conns.iter().filter(|(_, conn)| conn.hello).map(|(id, _)| *id).collect();
        if peers.len() < STEM_LEAST_PEERS {
            return None;
        }
        let authors: BTreeSet<PersonaId> = batch.targets.values().map(|target| target.author).collect();
        let carries = |engine: &Self, id: &ConnId| {
            let conn = engine.conns.get(id);
            Some(*id) != origin
                && conn.is_some_and(|conn| {
                    let takes = |author: &PersonaId| match is_bucket(author) {
                        true => conn.passes_mail_on(conn.role == Some(Role::Phone)),
                        false => conn.subscribed.contains_key(author),
                    };
                    // Who has not taken the last push would swallow this one.
                    conn.unacked == 0 && authors.iter().all(takes)
                })
        };
        let mailboxes: Vec<ConnId> = peers
            .iter()
            .filter(|id| self.conns.get(id).is_some_and(|conn| conn.keeping.is_mailbox()))
            .copied()
            .collect();
        let kept: Vec<ConnId> = mailboxes.iter().copied().filter(|id| carries(self, id)).collect();
        if !batch.patient && !kept.is_empty() && authors.iter().all(is_bucket) {
            // Mail outlives the sleep of its sender; what others gave goes the same way, and is not told apart.
            let at = usize::try_from(self.draw() % kept.len() as u64).unwrap_or_default();
            return kept.get(at).copied();
        }
        if now_ms >= self.stems_until_ms {
            (self.stems, self.stems_until_ms) = (Vec::new(), now_ms + STEM_STAY_MS);
        }
        self.stems.retain(|id| peers.contains(id));
        let mut fitting: Vec<ConnId> = peers.iter().filter(|id| carries(self, id)).copied().collect();
        if batch.patient {
            fitting.retain(|id| self.role(*id) != Some(Role::Anchor) && !mailboxes.contains(id));
        }
        let mut stems: Vec<ConnId> = self.stems.iter().filter(|id| fitting.contains(id)).copied().collect();
        while stems.is_empty() && self.stems.len() < STEM_PEERS.max(1) && !fitting.is_empty() {
            let at = usize::try_from(self.draw() % fitting.len() as u64).unwrap_or_default();
            let chosen = fitting.swap_remove(at);
            self.stems.push(chosen);
            stems.push(chosen);
        }
        let at = usize::try_from(self.draw() % (stems.len() as u64).max(1)).unwrap_or_default();
        stems.get(at).copied()
    }

    /// Spreads what left by a stem long enough ago.
    pub(super) fn spread_due(&mut self) {
        let now_ms = self.now.tick_ms;
        while let Some(at) = self.waiting.iter().position(|waiting| waiting.at_ms <= now_ms) {
            let waiting = self.waiting.remove(at);
            self.spread_waiting(waiting);
        }
    }

    fn spread_waiting(&mut self, waiting: Waiting) {
        self.send_on(waiting.origin, waiting.batch, Road::Spread { except: Some(waiting.stem) });
    }

    /// Tells a peer which authors have more than was pushed, once it takes pushes.
    fn tell_stale(&mut self, id: ConnId) {
        let now_ms = self.now.tick_ms;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        if conn.stale.is_empty() || conn.unacked >= PUSH_WINDOW {
            return;
        }
        let stale = std::mem::take(&mut conn.stale);
        let stale: Vec<AuthorHash> = stale.iter().filter_map(|author| conn.subscribed.get(author).copied()).collect();
        conn.count_push(now_ms, Vec::new());
        self.send(id, &Frame::Push { stale, runs: Vec::new(), way: Way::default() });
    }

    pub(super) fn taken(&mut self, id: ConnId, pushes: u32) {
        let now_ms = self.now.tick_ms;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let Some(unacked) = conn.unacked.checked_sub(pushes) else {
            return self.close(id, "took what was not pushed");
        };
        conn.unacked = unacked;
        conn.unacked_since_ms = now_ms;
        let peer = conn.peer;
        let taken = conn.unacked_posts.len().min(usize::try_from(pushes).unwrap_or(usize::MAX));
        let posts: Vec<EntryId> = conn.unacked_posts.drain(..taken).flatten().collect();
        if !posts.is_empty() {
            self.tell(Output::Holds { peer, posts, direction: Direction::Out });
        }
        self.tell_stale(id);
    }

    // --- the receiving side ---

    pub(super) fn pushed(&mut self, id: ConnId, stale: &[AuthorHash], bytes: &[u8], way: Way) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        if conn.taking >= PUSH_WINDOW {
            return self.close(id, "too many pushes");
        }
        conn.taking += 1;
        let peer = conn.peer;
        let may_offer = conn.allowance.introduced < CARRIED_PER_PEER;
        let stale: Vec<PersonaId> = stale.iter().filter_map(|hash| conn.author(*hash)).collect();
        for author in stale {
            self.queue_pull(id, author);
        }
        let Ok(mut runs) = runs::decode(bytes, &[]) else {
            return self.close(id, "a push that can't be read");
        };
        // Mail is not offered: whoever keeps none of it passes it on.
        let mail = |run: &Run| run.items.iter().all(|item| item.kind == Kind::Sealed && item.refs.is_empty());
        let unknown = |run: &Run| !(self.is_carried(&run.author) || run.log == 0 && mail(run));
        let offered = way.hops > 0 && may_offer && runs.iter().any(unknown);
        // What is neither ours to carry nor part of a header may come late, after an unfollow.
        // A repost brings its post along.
        let reposted = reposted(&runs);
        runs.retain(|run| {
            offered
                || self.is_carried(&run.author)
                || run.items.iter().all(|item| in_header(item.kind))
                || is_brought(run, &reposted)
        });
        let authors: BTreeSet<PersonaId> = runs.iter().map(|run| run.author).collect();
        let entries = runs::into_entries(runs);
        if entries.is_empty() {
            return self.push_applied(id, &authors, &[], Some(Outcome::default()));
        }
        let ids: Vec<EntryId> = entries.iter().map(|entry| entry.0.id()).collect();
        // What waits here to be spread has come back: this peer has it.
        let mut back = Vec::new();
        for waiting in &mut self.waiting {
            for entry in &ids {
                let Some(target) = waiting.batch.targets.get(entry) else { continue };
                waiting.batch.came_back.insert((id, *entry));
                back.extend(target.post);
            }
        }
        if !back.is_empty() {
            self.tell(Output::Holds { peer, posts: back, direction: Direction::In });
        }
        let way = Way { hops: way.hops.min(SPREAD_HOPS), ..way };
        if way != Way::default() {
            self.arriving.ways.extend(ids.iter().map(|id| (*id, way)));
        }
        let mail = mail_of(&entries);
        let pending = Pending::PushApplied { conn: id, authors, ids, mail };
        let origin = if offered { Origin::Offer(id) } else { Origin::Peer(id, peer) };
        self.submit(id, origin, entries, pending);
        self.start_pulls();
    }

    pub(super) fn push_applied(
        &mut self,
        id: ConnId,
        authors: &BTreeSet<PersonaId>,
        ids: &[EntryId],
        outcome: Option<Outcome>,
    ) {
        // Of what was stored the commit, which may come later, tells how it travels on.
        let stored: BTreeSet<EntryId> =
            outcome.iter().flat_map(|outcome| &outcome.applied).map(|applied| applied.id).collect();
        for id in ids.iter().filter(|id| !stored.contains(id)) {
            self.arriving.ways.remove(id);
        }
        let Some((conn, outcome)) = self.taken_in(id, outcome) else {
            return;
        };
        conn.taking = conn.taking.saturating_sub(1);
        let adopted = outcome.applied.iter().filter(|applied| applied.adopted).count();
        conn.allowance.introduced = conn.allowance.introduced.saturating_add(adopted);
        conn.brought |= !outcome.applied.is_empty();
        let peer = conn.peer;
        self.send(id, &Frame::Taken { pushes: 1 });
        let posts: Vec<EntryId> = outcome.applied.iter().filter_map(Applied::post).collect();
        if !posts.is_empty() {
            self.tell(Output::Holds { peer, posts, direction: Direction::In });
        }
        let refused: Vec<EntryId> = outcome.refused.iter().map(|(id, _)| *id).take(DROPPED_POSTS).collect();
        if !refused.is_empty() {
            self.send(id, &Frame::Dropped { posts: refused });
        }
        if adopted > 0 {
            self.tell(Output::Adopted);
        }
        self.queue_gaps(id, authors, &outcome);
        self.start_pulls();
    }
}

/// Where mail goes that a peer takes and this node does not: to the peer, which is noted as its holder.
pub(super) fn stray_targets(strays: &[Pushed]) -> BTreeMap<EntryId, Target> {
    let target = |stray: &Pushed| {
        let (author, post) = (Bucket::EVERYTHING.id(), Some(stray.id));
        Target { author, statements: false, post, header: false, hops: 1 }
    };
    strays.iter().map(|stray| (stray.id, target(stray))).collect()
}

/// What the reposts among these entries bring along.
pub(super) fn reposted(runs: &[Run]) -> BTreeSet<EntryId> {
    let items = runs.iter().flat_map(|run| &run.items).filter(|item| item.kind == Kind::Repost);
    items.flat_map(|item| item.refs.iter().copied()).collect()
}

/// Whether these entries are posts that reposts beside them brought.
pub(super) fn is_brought(run: &Run, reposted: &BTreeSet<EntryId>) -> bool {
    !reposted.is_empty()
        && run.items.iter().all(|item| item.kind == Kind::Post)
        && run.clone().into_entries().iter().all(|entry| reposted.contains(&entry.0.id()))
}

impl super::connection::Conn {
    /// `posts`: that the push brings, or is about.
    fn count_push(&mut self, now_ms: u64, posts: Vec<EntryId>) {
        if self.unacked == 0 {
            self.unacked_since_ms = now_ms;
        }
        self.unacked += 1;
        self.unacked_posts.push_back(posts);
    }
}
