//! What nodes hold and what happened between them, as tests look at it.

use crate::error::{Error, Result};
use crate::id::{EntryId, PersonaId};
use crate::node::Node;
use crate::sim::node::NodeIndex;
use crate::sim::world::{START_UNIX_MS, Tapped, World};
use crate::sync::Carried;

impl World {
    /// Runs a read of a node's handle.
    pub fn ask<T, F: Future<Output = Result<T>>>(&self, node: NodeIndex, read: impl FnOnce(Node) -> F) -> Result<T> {
        self.at(node)?.verb(read)
    }

    /// Personas of a node.
    pub fn own(&self, node: NodeIndex) -> Result<Vec<PersonaId>> {
        Ok(self
            .at(node)?
            .authors()?
            .into_iter()
            .filter(|(_, why)| *why == Carried::Own)
            .map(|(author, _)| author)
            .collect())
    }

    /// Texts of an author's posts, in the order of writing.
    pub fn posts(&self, node: NodeIndex, author: PersonaId) -> Result<Vec<Option<String>>> {
        self.at(node)?.posts(author)
    }

    pub fn comments(&self, node: NodeIndex, post: EntryId) -> Result<Vec<Option<String>>> {
        self.at(node)?.comments(post)
    }

    pub fn name(&self, node: NodeIndex, author: PersonaId) -> Result<Option<String>> {
        self.at(node)?.name(author)
    }

    /// Whether a node carries an author for a peer.
    pub fn leases(&self, node: NodeIndex, author: PersonaId) -> Result<bool> {
        let authors = self.at(node)?.authors()?;
        Ok(authors.iter().any(|(carried, why)| *carried == author && matches!(why, Carried::Leased(_))))
    }

    /// Authors that a node carries: what it asks its peers for.
    pub fn carried(&self, node: NodeIndex) -> Result<Vec<PersonaId>> {
        let mut authors: Vec<PersonaId> = self.at(node)?.authors()?.into_iter().map(|(author, _)| author).collect();
        authors.sort_unstable();
        Ok(authors)
    }

    /// Whether a node carries an author, for whatever reason.
    pub fn carries(&self, node: NodeIndex, author: PersonaId) -> Result<bool> {
        Ok(self.at(node)?.authors()?.iter().any(|(carried, _)| *carried == author))
    }

    pub fn follows(&self, node: NodeIndex, by: PersonaId, author: PersonaId) -> Result<bool> {
        self.at(node)?.follows(by, author)
    }

    /// Whether a node holds an entry.
    pub fn has(&self, node: NodeIndex, entry: EntryId) -> Result<bool> {
        self.at(node)?.has(entry)
    }

    /// How many entries of an author a node holds with their bodies.
    pub fn bodies(&self, node: NodeIndex, author: PersonaId) -> Result<u64> {
        self.at(node)?.bodies(author)
    }

    /// Writes a node's database into a file, all pages as they are.
    pub fn write_image(&self, node: NodeIndex, file: &std::path::Path) -> Result<()> {
        self.at(node)?.store.write_image(file)
    }

    /// Whether a node holds the proof of a fork.
    pub fn forked(&self, node: NodeIndex) -> Result<bool> {
        self.at(node)?.forked()
    }

    /// Whether own entries of a node may leave (invariant 13).
    pub fn is_compared(&self, node: NodeIndex) -> Result<bool> {
        Ok(self.at(node)?.running.as_ref().is_some_and(|running| running.compared))
    }

    /// Whether both nodes hold the same of an author.
    pub fn equal(&self, a: NodeIndex, b: NodeIndex, author: PersonaId) -> Result<bool> {
        let print = |node: NodeIndex| match self.at(node)?.answer(crate::sync::Query::Prints(vec![author]))? {
            crate::sync::Answer::Prints(prints) => Ok(prints.first().map(|(_, print)| *print)),
            _ => Err(Error::Bug("another answer")),
        };
        Ok(print(a)? == print(b)?)
    }

    /// Who carries an author, and what stands between the nodes, for a test that failed.
    pub fn standing(&self, author: PersonaId) -> Result<String> {
        let index = |id| self.nodes.iter().position(|node| node.id == id);
        let mut lines = Vec::new();
        for (at, node) in self.nodes.iter().enumerate() {
            let Some(running) = &node.running else { continue };
            let (why, peers) = running.engine.standing(author);
            let posts = node.posts(author)?.len();
            if why.is_some() || posts > 0 {
                let peers: Vec<String> = peers
                    .into_iter()
                    .map(|(id, said)| format!("{:?}: {said}", index(id).unwrap_or_default()))
                    .collect();
                lines.push(format!("node {at}, {why:?}, {posts} posts [{}]", peers.join("; ")));
            }
        }
        Ok(lines.join("\n"))
    }

    /// Who gave a node an entry.
    pub fn came_from(&self, node: NodeIndex, entry: EntryId) -> Option<NodeIndex> {
        self.came_from.get(&(node, entry)).copied()
    }

    /// Whether two nodes are kept connected.
    pub fn linked(&self, a: NodeIndex, b: NodeIndex) -> bool {
        self.links.contains(&(a, b)) || self.links.contains(&(b, a))
    }

    /// How many moments there were at which a node had something to do.
    pub fn wakeups(&self, node: NodeIndex) -> Result<u64> {
        Ok(self.at(node)?.wakeups)
    }

    /// Virtual time since the start, ms.
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// What clocks show, ms since the epoch.
    pub fn now_unix_ms(&self) -> u64 {
        START_UNIX_MS + self.now_ms
    }

    /// Hash over everything that happened.
    pub fn trace(&self) -> String {
        self.trace.finalize().to_hex().to_string()
    }

    /// Starts to record frames.
    pub fn open_tap(&mut self) {
        self.tap = Some(Vec::new());
    }

    /// The frames since [`Self::open_tap`]; closes the tap.
    pub fn close_tap(&mut self) -> Vec<Tapped> {
        self.tap.take().unwrap_or_default()
    }

    /// Why engines closed connections, in order.
    pub fn closed(&self) -> &[&'static str] {
        &self.closed
    }

    /// Whether these bytes stand anywhere in a node's database.
    pub fn holds_bytes(&self, node: NodeIndex, needle: &[u8]) -> Result<bool> {
        let needle = needle.to_vec();
        self.at(node)?.read(move |db| {
            let mut statement = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
            let tables: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            for table in tables {
                let mut statement = db.prepare(&format!("SELECT * FROM \"{table}\""))?;
                let columns = statement.column_count();
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    for column in 0..columns {
                        let value = row.get_ref(column)?;
                        let bytes = value.as_bytes().unwrap_or_default();
                        if bytes.windows(needle.len()).any(|window| window == needle.as_slice()) {
                            return Ok(true);
                        }
                    }
                }
            }
            Ok(false)
        })
    }
}
