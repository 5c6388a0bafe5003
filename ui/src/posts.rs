//! Posts by id: the same post stands in several places, so lists hold ids and rows read from here.

use std::collections::HashMap;

use dioxus::prelude::*;
use kith_node::id::EntryId;
use kith_node::view::PostView;

/// Posts that are kept in memory; past it those that no card shows go.
const KEPT: usize = 1_500;

#[derive(Clone, Copy)]
pub(crate) struct Posts {
    map: Signal<HashMap<EntryId, PostView>>,
    /// How many cards show a post.
    cards: CopyValue<HashMap<EntryId, usize>>,
}

impl Posts {
    pub(crate) fn new() -> Self {
        Self { map: Signal::new(HashMap::new()), cards: CopyValue::new(HashMap::new()) }
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
        if map.len() + views.len() > KEPT {
            let cards = self.cards.read();
            map.retain(|id, _| cards.contains_key(id));
        }
        for view in views {
            map.insert(view.id, view.clone());
        }
    }

    /// A card shows this post from now on.
    pub(crate) fn hold(mut self, id: EntryId) {
        *self.cards.write().entry(id).or_default() += 1;
    }

    /// A card that showed this post is gone.
    pub(crate) fn release(mut self, id: EntryId) {
        let mut cards = self.cards.write();
        if let Some(count) = cards.get_mut(&id) {
            *count -= 1;
            if *count == 0 {
                cards.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::tests::post;

    #[test]
    fn what_a_card_shows_is_kept_and_the_rest_is_bounded() {
        let mut dom = VirtualDom::new(|| rsx! {});
        dom.rebuild_in_place();
        dom.in_scope(ScopeId::ROOT, || {
            let posts = Posts::new();
            let view = |number: u32| {
                let mut id = [0; 32];
                id.iter_mut().zip(number.to_be_bytes()).for_each(|(byte, part)| *byte = part);
                PostView { id: EntryId::from_bytes(id), ..post(1) }
            };
            let shown = view(0);
            posts.put(std::slice::from_ref(&shown));
            posts.hold(shown.id);
            posts.hold(shown.id);
            posts.release(shown.id);
            for number in 1..5_000 {
                posts.put(&[view(number)]);
            }
            assert_eq!(posts.get(shown.id), Some(shown.clone()));
            assert!(posts.map.peek().len() <= KEPT);
            posts.release(shown.id);
            for number in 5_000..7_000 {
                posts.put(&[view(number)]);
            }
            assert_eq!(posts.get(shown.id), None);
            assert!(posts.cards.read().is_empty());
        });
    }
}
