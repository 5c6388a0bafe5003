//! The demo: content for a profile that has none, so that somebody can look around at once.
//!
//! Nothing is written around the gate. Each of the people is a persona with keys of its own on a node of its own, in memory;
//! what they say is signed there, passed on byte for byte, and verified and applied here as what peers bring. What the user's
//! own persona says is written by this profile's node at earlier times (`Node::earlier`). Afterwards the people's keys are
//! gone with their nodes: nobody can ever speak for them again.
//!
//! A profile that was filled is marked, for good: its node listens on loopback alone, takes no connection and dials nobody, and
//! it hands out nothing that could lead others to it (docs/decisions.md, "A demo stays on the machine").

mod paint;
mod people;
mod script;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use serde::Serialize;
use tokio::runtime::{Builder, Runtime};

use self::people::Stage;
use super::Parts;
use crate::clock::{Clock, ManualClock};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::host::{MemoryKeystore, SystemEntropy};
use crate::id::PersonaId;
use crate::item::Set;
use crate::lock::Holder;
use crate::net::Blobs;
use crate::node::{Config, NetworkMode, Node, Phase, unpoisoned};
use crate::setting;
use crate::store::{Durability, Store};
use crate::thread::Delivery;
use crate::view::Role;

/// Folder of the people's pictures while the demo is made, in the profile's.
const FOLDER: &str = "demo";

/// Where the node of a demo listens, at the port that it used last: nothing comes from another machine, or goes to one.
pub(super) const LISTEN: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

/// What a demo put into a profile, counted there afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoView {
    /// The user's own persona.
    pub persona: PersonaId,
    /// All of whom something is here, own ones too.
    pub personas: u64,
    pub posts: u64,
    pub pictures: u64,
    pub comments: u64,
    pub reactions: u64,
    pub circles: u64,
    pub conversations: u64,
    pub messages: u64,
    pub requests: u64,
    pub lists: u64,
    pub bookmarks: u64,
}

impl Node {
    /// Fills this profile with the content of the demo and marks it for good. It takes some seconds.
    ///
    /// # Errors
    /// `HasContent` unless the profile is empty, or has one persona that did nothing yet; `ProfileInUse` while the node
    /// runs.
    pub async fn fill_demo(&self) -> Result<DemoView> {
        let inner = self.inner();
        // Held meanwhile: the network must not start before the mark is set.
        let phase = inner.phase.lock().await;
        if *phase != Phase::Opened {
            return Err(Error::ProfileInUse);
        }
        let fresh = !inner.store.read(has_content).await?;
        if !fresh || !self.compartments().is_empty() {
            return Err(Error::HasContent);
        }
        // First of all: what is cut short is a demo too.
        inner.store.write(Durability::Full, |tx| setting::put_local(tx, setting::DEMO, "1")).await?;
        let folder = inner.config.profile.join(FOLDER);
        let opened = folder.clone();
        let files = inner.on_runtime(async move { Blobs::open(&opened).await }).await??;
        let played = self.play(&files).await;
        files.close().await;
        drop(files);
        std::fs::remove_dir_all(&folder)?;
        let persona = played?;
        for own in inner.store.read(crate::author::own).await? {
            inner.keyring().load(&*inner.keystore, &inner.tag, own.id)?;
        }
        inner.events.send(Event::Reload);
        let counted = inner.store.read(move |db| count(db, persona)).await;
        drop(phase);
        counted
    }

    async fn play(&self, files: &Blobs) -> Result<PersonaId> {
        let clock = Arc::new(ManualClock::at_ms(self.inner().clock.unix_ms()));
        let mut stage = Stage::new(self, &clock, files).await?;
        stage.play(script::BEATS).await
    }

    /// A node of somebody of the demo, in memory.
    fn somebody(clock: &Arc<ManualClock>, files: &Blobs) -> Result<Self> {
        let config = Config {
            profile: std::path::PathBuf::new(),
            create: true,
            holder: Holder::Node,
            role: Role::Desktop,
            listen: None,
            network: NetworkMode::Offline,
            lock_wait_ms: 0,
        };
        Self::assemble(Parts {
            config,
            store: Store::in_memory()?,
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            entropy: Arc::new(SystemEntropy),
            keystore: Arc::new(MemoryKeystore::default()),
            tag: "demo".to_owned(),
            blobs: Some(files.clone()),
            runtime: None,
            lock: None,
            delivery: Delivery::AtOnce,
            compartment: false,
        })
    }

    /// This profile's node with another clock.
    fn earlier(&self, clock: &Arc<ManualClock>) -> Result<Earlier> {
        let inner = self.inner();
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("kith-demo").enable_all().build()?;
        let node = Self::assemble(Parts {
            config: inner.config.clone(),
            store: inner.store.clone(),
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&inner.entropy),
            keystore: Arc::clone(&inner.keystore),
            tag: inner.tag.clone(),
            blobs: inner.blobs.clone(),
            runtime: Some(runtime),
            lock: None,
            delivery: Delivery::AtOnce,
            compartment: false,
        })?;
        Ok(Earlier(node))
    }
}

/// The profile's node at another time. Its threads end with it, wherever it is dropped.
#[derive(Debug)]
struct Earlier(Node);

impl Drop for Earlier {
    fn drop(&mut self) {
        let runtime: Option<Runtime> = unpoisoned(&self.0.inner().runtime).take();
        if let Some(runtime) = runtime {
            runtime.shutdown_background();
        }
    }
}

/// Whether somebody used this profile: anything but one persona that did nothing yet.
fn has_content(db: &rusqlite::Connection) -> Result<bool> {
    Ok(db.query_row(
        "SELECT (SELECT count(*) FROM author WHERE own = 1) > 1
             OR EXISTS (SELECT 1 FROM author WHERE own = 0 AND bucket = 0)
             OR EXISTS (SELECT 1 FROM post) OR EXISTS (SELECT 1 FROM follow) OR EXISTS (SELECT 1 FROM thread)
             OR EXISTS (SELECT 1 FROM comment) OR EXISTS (SELECT 1 FROM reaction) OR EXISTS (SELECT 1 FROM circle)
             OR EXISTS (SELECT 1 FROM service) OR EXISTS (SELECT 1 FROM own_device)
             OR EXISTS (SELECT 1 FROM local WHERE key = ?1)",
        [setting::DEMO],
        |row| row.get(0),
    )?)
}

fn count(db: &rusqlite::Connection, persona: PersonaId) -> Result<DemoView> {
    let number = |sql: &str| -> Result<u64> { Ok(db.query_row(sql, [], |row| row.get(0))?) };
    let items = |set: Set| -> Result<u64> {
        let sql = "SELECT count(*) FROM item WHERE set_no = ?1 AND present = 1";
        Ok(db.query_row(sql, [set.number()], |row| row.get(0))?)
    };
    Ok(DemoView {
        persona,
        personas: number("SELECT count(*) FROM author WHERE bucket = 0 AND profile_row > 0")?,
        posts: number("SELECT count(*) FROM post WHERE deleted = 0 AND closed = 0")?,
        pictures: number("SELECT count(DISTINCT hash) FROM blob_ref WHERE thumb = 0")?,
        comments: number("SELECT count(*) FROM comment")?,
        reactions: number("SELECT count(*) FROM reaction")?,
        circles: number("SELECT count(*) FROM circle")?,
        conversations: number("SELECT count(*) FROM thread WHERE request = 0")?,
        messages: number("SELECT count(*) FROM message")?,
        requests: number("SELECT count(*) FROM thread WHERE request = 1")?,
        lists: items(Set::List)?,
        bookmarks: items(Set::Bookmark)?,
    })
}
