//! What somebody who watches every link can work out at best: which node gave away a piece of mail first, when, and how
//! large it was. A real one sees sizes and times of encrypted packets and has to guess which of them belong together.

use std::collections::BTreeSet;

use crate::entry::{Entry, Kind, Run, Unverified};
use crate::error::Result;
use crate::gate::{Notes, Origin};
use crate::mail;
use crate::sim::node::NodeIndex;
use crate::sim::world::{Tapped, World};
use crate::sync::{Frame, decode_runs};

/// A piece of mail left the node that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// Virtual time, ms.
    pub at_ms: u64,
    pub by: NodeIndex,
    /// Of its body.
    pub bytes: usize,
}

/// Where and when each piece of mail was sent first.
pub fn first_given(frames: &[Tapped]) -> Vec<Given> {
    let given = |frame: &Tapped, body: &[u8]| Given { at_ms: frame.at_ms, by: frame.from, bytes: body.len() };
    pieces(frames).into_iter().filter_map(|(frame, entry)| Some(given(frame, entry.0.body.as_deref()?))).collect()
}

impl World {
    /// Gives a node mail of recorded frames as a peer would, one after the other, and lets it try first messages. Answers
    /// how much it took.
    pub fn feed(&self, node: NodeIndex, frames: &[Tapped]) -> Result<usize> {
        let node = self.at(node)?;
        let mut taken = 0;
        for (_, entry) in pieces(frames) {
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

/// Each piece of mail where it was sent first.
fn pieces(frames: &[Tapped]) -> Vec<(&Tapped, Unverified<Entry>)> {
    let (mut seen, mut pieces) = (BTreeSet::new(), Vec::new());
    for frame in frames {
        let runs = match Frame::decode(&frame.bytes) {
            Ok(Frame::Push { runs, .. }) => runs,
            Ok(Frame::Page(page)) => page.runs,
            _ => continue,
        };
        let items = decode_runs(&runs, &[]).unwrap_or_default();
        let items = items.into_iter().filter(|run| run.items.iter().any(|item| item.kind == Kind::Sealed));
        for entry in items.flat_map(Run::into_entries) {
            if entry.0.body.is_some() && seen.insert(entry.0.id()) {
                pieces.push((frame, entry));
            }
        }
    }
    pieces
}
