//! Posts by id: the same post stands in several places, so lists hold ids and rows read from here.

use std::collections::{HashMap, HashSet};

use dioxus::prelude::*;
use kith_node::id::EntryId;
use kith_node::view::PostView;

/// Posts that are kept in memory; past it those that no list shows go.
const KEPT: usize = 1_500;

#[derive(Clone, Copy)]
pub(crate) struct Posts {
    map: Signal<HashMap<EntryId, PostView>>,
}

impl Posts {
    pub(crate) fn new() -> Self {
        Self { map: Signal::new(HashMap::new()) }
    }

    /// Reads and subscribes.
    pub(crate) fn get(self, id: EntryId) -> Option<PostView> {
        self.map.read().get(&id).cloned()
    }

    /// Takes newer views in; nothing is drawn again when all are known.
    pub(crate) fn put(mut self, views: &[PostView]) {
        let known = self.map.peek();
        if views.iter().all(|view| known.get(&view.id) == Some(view)) {
            return;
        }
        drop(known);
        let mut map = self.map.write();
        for view in views {
            map.insert(view.id, view.clone());
        }
    }

    /// Forgets what is not in `shown` once too much is kept.
    pub(crate) fn prune(mut self, shown: &HashSet<EntryId>) {
        if self.map.peek().len() > KEPT {
            self.map.write().retain(|id, _| shown.contains(id));
        }
    }
}
