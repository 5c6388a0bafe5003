//! What observers can work out at best of recorded frames: who gave a piece of mail to whom, when, and how large it was. A
//! real one sees sizes and times of encrypted packets and has to guess which of them belong together. And what
//! somebody can do who holds such a record.

use std::collections::BTreeSet;

use crate::entry::{Entry, Kind, Run, Unverified};
use crate::error::Result;
use crate::gate::{Notes, Origin};
use crate::mail;
use crate::sim::node::NodeIndex;
use crate::sim::world::{Tapped, World};
use crate::sync::{Frame, decode_runs};

/// Somebody gave a piece of mail to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// Virtual time, ms.
    pub at_ms: u64,
    pub by: NodeIndex,
    /// Of its body.
    pub bytes: usize,
    /// Nobody had given it before, in these frames.
    pub first: bool,
}

/// What each node gave in these frames, each piece once a node, in their order.
pub fn given<'a>(frames: impl IntoIterator<Item = &'a Tapped>) -> Vec<Given> {
    let (mut known, mut by_node, mut all) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for frame in frames {
        for entry in mail_in(frame) {
            let id = entry.0.id();
            if by_node.insert((id, frame.from)) {
                let (at_ms, by) = (frame.at_ms, frame.from);
                let bytes = entry.0.body.as_ref().map_or(0, Vec::len);
                all.push(Given { at_ms, by, bytes, first: known.insert(id) });
            }
        }
    }
    all
}

impl World {
    /// Gives a node mail of recorded frames as a peer would, one after the other, and lets it try first messages. Answers
    /// how much it took.
    pub fn feed(&self, node: NodeIndex, frames: &[Tapped]) -> Result<usize> {
        let node = self.at(node)?;
        let (mut taken, mut seen) = (0, BTreeSet::new());
        for entry in frames.iter().flat_map(mail_in).filter(|entry| seen.insert(entry.0.id())) {
            let outcome = node.submit(Origin::Peer(0, node.id), vec![entry])?;
            taken += outcome.applied.len();
            node.flush(0)?;
        }
        Ok(taken)
    }

    /// How many entries a node stored so far: a mark for [`Self::lose_mail`].
    pub fn stored(&self, node: NodeIndex) -> Result<i64> {
        self.at(node)?.read(|db| Ok(db.query_row("SELECT coalesce(max(row), 0) FROM entry", [], |row| row.get(0))?))
    }

    /// A node loses the mail that came to it or was made there since; and, with `archive`, what stands in its
    /// conversations.
    pub fn lose_mail(&mut self, node: NodeIndex, since: i64, archive: bool) -> Result<()> {
        let up = self.at(node)?.running.is_some();
        if up {
            self.crash(node);
        }
        self.at(node)?.write(move |tx| {
            let mut statement = tx.prepare("SELECT entry_row FROM mail WHERE entry_row > ?1")?;
            let rows: Vec<i64> = statement.query_map([since], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            let mut notes = Notes::default();
            rows.iter().try_for_each(|row| mail::remove(tx, &mut notes, *row))?;
            if archive {
                tx.execute_batch("DELETE FROM message_change; DELETE FROM message;")?;
            }
            Ok(())
        })?;
        if up { self.restart(node) } else { Ok(()) }
    }
}

/// The mail that a frame brings, with its bodies.
fn mail_in(frame: &Tapped) -> Vec<Unverified<Entry>> {
    let runs = match Frame::decode(&frame.bytes) {
        Ok(Frame::Push { runs, .. }) => runs,
        Ok(Frame::Page(page)) => page.runs,
        _ => return Vec::new(),
    };
    let runs = decode_runs(&runs, &[]).unwrap_or_default().into_iter();
    let sealed = runs.filter(|run| run.items.iter().any(|item| item.kind == Kind::Sealed));
    sealed.flat_map(Run::into_entries).filter(|entry| entry.0.body.is_some()).collect()
}
