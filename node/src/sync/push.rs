//! Passing on what was just committed, to every peer that asked for it and did not bring it. Each entry goes once:
//! only what was newly stored is committed, and so loops end. A peer that takes slowly is told later, in one frame,
//! which authors have news; it pulls them.

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::{Kind, Scope};
use crate::gate::{Applied, Committed, Origin, Outcome};
use crate::id::{EntryId, PersonaId};
use crate::limits::{PAGE_BYTES, PUSH_ENTRIES, PUSH_WINDOW};
use crate::sync::digest::AuthorHash;
use crate::sync::engine::{ConnId, Engine, Pending, is_forgery};
use crate::sync::frame::Frame;
use crate::sync::pull::in_header;
use crate::sync::reads::{Pushed, Query};
use crate::sync::runs;

/// Whose subscribers get an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    author: PersonaId,
    /// The peer may not know the writer's statements.
    statements: bool,
}

/// `None`: it goes to nobody.
fn target(applied: &Applied) -> Option<Target> {
    if applied.held {
        return None;
    }
    let in_log = matches!(applied.scope, Some(Scope::Posts | Scope::Sealed)) || applied.kind.is_statement();
    match applied.about {
        Some((_, author)) if !in_log => author.map(|author| Target { author, statements: true }),
        // Part of an engagement log that nobody asks for as a log.
        None if applied.scope == Some(Scope::Engagement) => None,
        _ => {
            let statements = applied.log.is_some() && (applied.seq <= 1 || applied.kind == Kind::Profile);
            Some(Target { author: applied.author, statements })
        }
    }
}

impl Engine {
    pub(super) fn committed(&mut self, committed: &Committed) {
        self.commits += 1;
        for applied in committed.applied.iter() {
            let about = applied.about.and_then(|(_, author)| author);
            for author in [Some(applied.author), about].into_iter().flatten() {
                if self.is_carried(&author) {
                    self.prints.remove(&author);
                    self.changed.insert(author, self.commits);
                }
            }
        }
        let origin = match committed.origin {
            Origin::Own => None,
            Origin::Peer(conn) => Some(conn),
        };
        let targets: Vec<(EntryId, Target)> = committed
            .applied
            .iter()
            .filter_map(|applied| Some((applied.id, target(applied)?)))
            .filter(|(_, target)| {
                let mut others = self.conns.iter().filter(|(id, _)| Some(**id) != origin);
                others.any(|(_, conn)| conn.subscribed.contains_key(&target.author))
            })
            .collect();
        if targets.len() > PUSH_ENTRIES {
            let authors: BTreeSet<PersonaId> = targets.iter().map(|(_, target)| target.author).collect();
            let others: Vec<ConnId> = self.conns.keys().copied().filter(|id| Some(*id) != origin).collect();
            for id in others {
                if let Some(conn) = self.conns.get_mut(&id) {
                    let subscribed = |author: &&PersonaId| conn.subscribed.contains_key(author);
                    let stale: Vec<PersonaId> = authors.iter().filter(subscribed).copied().collect();
                    conn.stale.extend(stale);
                }
                self.tell_stale(id);
            }
        } else if !targets.is_empty() {
            let ids = targets.iter().map(|(id, _)| *id).collect();
            self.read(Query::Push(ids), Pending::Push { origin, targets: targets.into_iter().collect() });
        }
    }

    /// The entries were read: sends them to all who asked for them.
    pub(super) fn spread(&mut self, origin: Option<ConnId>, targets: &BTreeMap<EntryId, Target>, pushed: &[Pushed]) {
        let ids: Vec<ConnId> = self.conns.keys().copied().filter(|id| Some(*id) != origin).collect();
        for id in ids {
            let now_ms = self.now.tick_ms;
            let Some(conn) = self.conns.get_mut(&id) else {
                continue;
            };
            let mut runs = Vec::new();
            let mut introduced = BTreeSet::new();
            for entry in pushed {
                let Some(target) = targets.get(&entry.id).filter(|target| conn.subscribed.contains_key(&target.author))
                else {
                    continue;
                };
                let introduces = target.statements && !introduced.contains(&entry.author);
                let size = runs.len() + entry.run.len() + if introduces { entry.statements.len() } else { 0 };
                if entry.large || conn.unacked >= PUSH_WINDOW || size > PAGE_BYTES {
                    conn.stale.insert(target.author);
                    continue;
                }
                if introduces {
                    introduced.insert(entry.author);
                    runs.extend_from_slice(&entry.statements);
                }
                runs.extend_from_slice(&entry.run);
            }
            if !runs.is_empty() {
                conn.count_push(now_ms);
                self.send(id, &Frame::Push { stale: Vec::new(), runs });
            }
            self.tell_stale(id);
        }
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
        conn.count_push(now_ms);
        self.send(id, &Frame::Push { stale, runs: Vec::new() });
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
        self.tell_stale(id);
    }

    // --- the receiving side ---

    pub(super) fn pushed(&mut self, id: ConnId, stale: &[AuthorHash], bytes: &[u8]) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        if conn.names.is_empty() {
            return self.close(id, "a push that was not asked for");
        }
        if conn.taking >= PUSH_WINDOW {
            return self.close(id, "too many pushes");
        }
        conn.taking += 1;
        let stale: Vec<PersonaId> = stale.iter().filter_map(|hash| conn.author(*hash)).collect();
        for author in stale {
            self.queue_pull(id, author);
        }
        let Ok(mut runs) = runs::decode(bytes) else {
            return self.close(id, "a push that can't be read");
        };
        // What is neither ours to carry nor part of a header may come late, after an unfollow.
        runs.retain(|run| self.is_carried(&run.author) || run.items.iter().all(|item| in_header(item.kind)));
        let authors: BTreeSet<PersonaId> = runs.iter().map(|run| run.author).collect();
        let entries = runs::into_entries(runs);
        if entries.is_empty() {
            self.push_applied(id, &authors, Some(Outcome::default()));
        } else {
            self.submit(id, entries, Pending::PushApplied { conn: id, authors });
        }
        self.start_pulls();
    }

    pub(super) fn push_applied(&mut self, id: ConnId, authors: &BTreeSet<PersonaId>, outcome: Option<Outcome>) {
        let Some(outcome) = outcome else {
            return self.close(id, "our store takes nothing");
        };
        if outcome.refused.iter().any(|(_, error)| is_forgery(error)) {
            return self.close(id, "a forged entry");
        }
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        conn.taking = conn.taking.saturating_sub(1);
        self.send(id, &Frame::Taken { pushes: 1 });
        self.queue_gaps(id, authors, &outcome);
        self.start_pulls();
    }
}

impl super::connection::Conn {
    fn count_push(&mut self, now_ms: u64) {
        if self.unacked == 0 {
            self.unacked_since_ms = now_ms;
        }
        self.unacked += 1;
    }
}
