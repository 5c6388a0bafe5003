//! The one listener of the node's events. It gathers what came at once and tells the stores.

use std::collections::HashSet;

use dioxus::prelude::*;
use futures_util::FutureExt;
use kith_node::event::Event;
use kith_node::id::BlobHash;
use kith_node::limits::EVENT_QUEUE;

use crate::feed::Feed;
use crate::me::Me;
use crate::posts::Posts;
use crate::surface::Surface;

/// Blobs that are remembered as having come while this screen was open.
const ARRIVED: usize = 4_096;

/// What changed, as counters: a screen that reads one reads its data again when it grows.
#[derive(Clone, Copy)]
pub(crate) struct Pulse {
    pub(crate) posts: Signal<u64>,
    pub(crate) profiles: Signal<u64>,
    pub(crate) follows: Signal<u64>,
    pub(crate) network: Signal<u64>,
    pub(crate) settings: Signal<u64>,
    pub(crate) threads: Signal<u64>,
    /// What the user is told of.
    pub(crate) notified: Signal<u64>,
    /// An export or import went on, or ended.
    pub(crate) transfer: Signal<u64>,
    /// Who is near.
    pub(crate) near: Signal<u64>,
    /// Blobs that came since the screen was opened: their pictures are asked for again.
    pub(crate) arrived: Signal<HashSet<BlobHash>>,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self {
            posts: Signal::new(0),
            profiles: Signal::new(0),
            follows: Signal::new(0),
            network: Signal::new(0),
            settings: Signal::new(0),
            threads: Signal::new(0),
            notified: Signal::new(0),
            transfer: Signal::new(0),
            near: Signal::new(0),
            arrived: Signal::new(HashSet::new()),
        }
    }
}

/// Several events in one.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    posts: bool,
    profiles: bool,
    personas: bool,
    follows: bool,
    network: bool,
    settings: bool,
    threads: bool,
    notified: bool,
    transfer: bool,
    near: bool,
    blobs: Vec<BlobHash>,
}

impl Changes {
    fn add(&mut self, event: Event) {
        match event {
            Event::PostsAdded { .. } | Event::PostChanged(_) | Event::BlobDropped(_) => self.posts = true,
            Event::ThreadChanged(_) => self.threads = true,
            Event::NotificationsChanged => self.notified = true,
            Event::ProfileChanged(_) => self.profiles = true,
            Event::Found => self.posts = true,
            Event::TransferChanged => self.transfer = true,
            Event::NearChanged => self.near = true,
            Event::PersonasChanged => self.personas = true,
            Event::FollowsChanged => self.follows = true,
            Event::NetworkChanged => self.network = true,
            Event::SettingsChanged | Event::DevicesChanged => self.settings = true,
            Event::BlobStored(hash) => self.blobs.push(hash),
            // `arrival` hears of it.
            Event::Opened(_) => {}
            Event::Reload => {
                (self.posts, self.profiles, self.personas, self.transfer) = (true, true, true, true);
                (self.notified, self.near) = (true, true);
                (self.follows, self.network, self.settings, self.threads) = (true, true, true, true);
            }
        }
    }
}

/// Runs until the node is gone.
pub(crate) async fn listen(surface: Surface, pulse: Pulse, me: Me, feed: Feed, posts: Posts) {
    let mut events = surface.node.events();
    while let Some(first) = events.next().await {
        let mut changes = Changes::default();
        changes.add(first);
        for _ in 0..EVENT_QUEUE {
            let Some(Some(event)) = events.next().now_or_never() else { break };
            changes.add(event);
        }
        tell(&changes, pulse);
        // Which is the default is a setting.
        if changes.personas || changes.profiles || changes.settings {
            me.load(&surface).await;
        }
        if changes.posts || changes.profiles || changes.follows || !changes.blobs.is_empty() {
            feed.refresh(&surface, posts).await;
        }
    }
}

fn tell(changes: &Changes, mut pulse: Pulse) {
    if !changes.blobs.is_empty() {
        let mut arrived = pulse.arrived.write();
        if arrived.len() + changes.blobs.len() > ARRIVED {
            arrived.clear();
        }
        arrived.extend(&changes.blobs);
    }
    let blobs = !changes.blobs.is_empty();
    for (changed, mut counter) in [
        (changes.posts || blobs, pulse.posts),
        (changes.profiles || changes.personas, pulse.profiles),
        (changes.follows || changes.profiles, pulse.follows),
        (changes.network, pulse.network),
        (changes.settings, pulse.settings),
        (changes.threads, pulse.threads),
        (changes.notified, pulse.notified),
        (changes.transfer, pulse.transfer),
        (changes.near, pulse.near),
    ] {
        if changed {
            counter += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_event_means_everything() {
        let mut changes = Changes::default();
        changes.add(Event::Reload);
        let Changes { posts, profiles, personas, follows, network, settings, .. } = changes;
        assert!(posts && profiles && personas && follows && network && settings);
    }
}
