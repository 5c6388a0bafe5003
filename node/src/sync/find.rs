//! Looking for posts and people at peers (DESIGN §5.4): a question leaves by a stem peer, where there are peers enough, passes
//! few hops, and its answers, signed entries, come back the way it went. Nobody but the first peer learns from whom.

use std::collections::{BTreeSet, VecDeque};

use crate::entry::Kind;
use crate::gate::Origin;
use crate::limits::{
    FIND_HOPS, FIND_PEERS, FINDS_REMEMBERED, FOUND_ANSWERS, FOUND_PEOPLE, FOUND_POSTS, PAGE_BYTES, PAGE_ENTRIES,
    STEM_LEAST_PEERS,
};
use crate::sync::engine::Engine;
use crate::sync::frame::Frame;
use crate::sync::message::{ConnId, Output, Pending};
use crate::sync::reads::Pushed;
use crate::sync::runs;
use crate::view::Role;

/// Questions under way.
#[derive(Debug, Default)]
pub(super) struct Finds {
    asked: VecDeque<Find>,
}

#[derive(Debug)]
struct Find {
    id: u64,
    /// `None`: our own.
    from: Option<ConnId>,
    /// Whom we asked.
    asked: Vec<ConnId>,
    answers_left: usize,
}

impl Finds {
    /// `false` where the question was here before.
    fn remember(&mut self, id: u64, from: Option<ConnId>) -> bool {
        if self.asked.iter().any(|find| find.id == id) {
            return false;
        }
        self.asked.push_back(Find { id, from, asked: Vec::new(), answers_left: FOUND_ANSWERS });
        if self.asked.len() > FINDS_REMEMBERED {
            self.asked.pop_front();
        }
        true
    }

    fn asks(&mut self, id: u64, peer: ConnId) {
        if let Some(find) = self.asked.iter_mut().find(|find| find.id == id) {
            find.asked.push(peer);
        }
    }

    /// Where an answer of a peer goes on to; `None`: it was not asked, or enough was answered.
    fn takes(&mut self, id: u64, peer: ConnId) -> Option<Option<ConnId>> {
        let find = self.asked.iter_mut().find(|find| find.id == id && find.asked.contains(&peer))?;
        find.answers_left = find.answers_left.checked_sub(1)?;
        Some(find.from)
    }
}

impl Engine {
    /// Asks peers for posts; what they find is submitted as any entry is, and stands in the store then.
    pub(super) fn look_for(&mut self, query: String) {
        let id = self.draw();
        self.finds.remember(id, None);
        match self.a_stem() {
            Some(stem) => {
                self.finds.asks(id, stem);
                self.send(stem, &Frame::Find { id, hops: FIND_HOPS - 1, query });
            }
            None => self.pass_on(id, FIND_HOPS, query, None),
        }
    }

    fn pass_on(&mut self, id: u64, hops: u8, query: String, except: Option<ConnId>) {
        let mut peers: Vec<ConnId> =
            self.conns.iter().filter(|(id, conn)| conn.hello && Some(**id) != except).map(|(id, _)| *id).collect();
        for _ in 0..FIND_PEERS {
            if peers.is_empty() {
                return;
            }
            let at = usize::try_from(self.draw() % peers.len() as u64).unwrap_or_default();
            let peer = peers.swap_remove(at);
            self.finds.asks(id, peer);
            self.send(peer, &Frame::Find { id, hops: hops.saturating_sub(1), query: query.clone() });
        }
    }

    fn may_pass_on(&self) -> bool {
        self.role != Role::Phone && self.budget.may_give() && self.budget.may_take()
    }

    fn a_stem(&mut self) -> Option<ConnId> {
        let peers: Vec<ConnId> = self.conns.iter().filter(|(_, conn)| conn.hello).map(|(id, _)| *id).collect();
        if peers.len() < STEM_LEAST_PEERS {
            return None;
        }
        let stems: Vec<ConnId> = self.stems.iter().copied().filter(|stem| peers.contains(stem)).collect();
        let from = if stems.is_empty() { &peers } else { &stems };
        let at = usize::try_from(self.draw() % from.len() as u64).unwrap_or_default();
        from.get(at).copied()
    }

    /// A peer asks, for itself or for another.
    pub(super) fn find(&mut self, id: ConnId, find: u64, hops: u8, query: String) {
        let now_ms = self.now.tick_ms;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        // One that asks too often is not answered: somebody may type fast.
        if !conn.allowance.may_find(now_ms) || !self.finds.remember(find, Some(id)) {
            return;
        }
        if self.budget.may_give() {
            let token = self.token(Pending::Found { conn: id, find });
            self.tell(Output::Find { token, query: query.clone(), limit: FOUND_POSTS });
        }
        // Others' questions and their answers cost what is not given for ever, and a phone's contract.
        if hops > 0 && self.may_pass_on() {
            self.pass_on(find, hops.min(FIND_HOPS - 1), query, Some(id));
        }
    }

    /// The store found posts for a peer.
    pub(super) fn send_found(&mut self, id: ConnId, find: u64, found: &[Pushed]) {
        let (mut runs, mut entries) = (Vec::new(), 0);
        for post in found {
            let (bytes, count) =
                (post.introduction.bytes.len() + post.run.len(), post.introduction.entries + post.entries);
            if post.large || runs.len() + bytes > PAGE_BYTES || entries + count > PAGE_ENTRIES {
                continue;
            }
            runs.extend_from_slice(&post.introduction.bytes);
            // A profile ends what introduces its author.
            if !post.introduction.bytes.ends_with(&post.run) {
                runs.extend_from_slice(&post.run);
            }
            entries += count;
        }
        if !runs.is_empty() {
            self.budget.give(runs.len() as u64);
            self.send(id, &Frame::Found { id: find, runs });
        }
    }

    /// An answer: ours, or to be passed back. Whoever passes one on has read it, so that a stranger's bytes end the
    /// stranger's connection and no other; its signatures are checked by who asked.
    pub(super) fn found(&mut self, id: ConnId, find: u64, bytes: Vec<u8>) {
        let Some(asker) = self.finds.takes(find, id) else {
            return;
        };
        let fits = bytes.len() <= PAGE_BYTES;
        let Some(runs) = runs::decode(&bytes, &[]).ok().filter(|_| fits) else {
            return self.close(id, "an answer that can't be read");
        };
        let posts = runs.iter().flat_map(|run| &run.items).filter(|item| item.kind == Kind::Post).count();
        let people = runs.iter().map(|run| run.author).collect::<BTreeSet<_>>().len();
        if posts > FOUND_POSTS || people > FOUND_POSTS + FOUND_PEOPLE {
            return self.close(id, "more answers than were asked for");
        }
        self.budget.take(bytes.len() as u64);
        match asker {
            None => self.submit(id, Origin::Found(id), runs::into_entries(runs), Pending::FoundApplied),
            Some(asker) if self.conns.contains_key(&asker) && self.may_pass_on() => {
                self.budget.give(bytes.len() as u64);
                self.send(asker, &Frame::Found { id: find, runs: bytes });
            }
            // It has left, or there is no room for others' answers now.
            Some(_) => {}
        }
    }
}
