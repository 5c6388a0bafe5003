//! Whom a text that is being written names. The field shows `@Name`; what is kept and sent says `@` and the id, so that
//! a draft, an edit and another own device know whom it means, whatever they are called by then.

use std::collections::HashMap;

use dioxus::prelude::*;
use kith_node::id::PersonaId;
use kith_node::view::MentionView;
use kith_node::{mention_label, put_names, with_ids};

use crate::post::shown_name;
use crate::surface::Surface;

/// Names that are remembered, of each kind.
const NAMES: usize = 1_000;

#[derive(Clone, Copy)]
pub(crate) struct Names {
    /// By which people are known here, for texts that are opened to be edited.
    known: Signal<HashMap<PersonaId, String>>,
    /// What stands in fields behind the sign, each for one persona. Only whom the user chose, or whom a text of theirs
    /// named before: a name that somebody gave themselves makes no mention.
    meant: Signal<Vec<(String, PersonaId)>>,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self { known: Signal::new(HashMap::new()), meant: Signal::new(Vec::new()) }
    }

    /// A text that names these is on the screen.
    pub(crate) fn know(mut self, mentions: &[MentionView]) {
        let mut known = self.known.write();
        for mention in mentions {
            if known.len() >= NAMES {
                known.clear();
            }
            known.insert(mention.persona, mention.name.clone());
        }
    }

    /// Asks for the names of those whom a kept text names.
    pub(crate) async fn learn(self, surface: &Surface, text: &str) {
        let mut found = Vec::new();
        let _as_it_was = put_names(text, |id| {
            found.push(id);
            None
        });
        for persona in found {
            if let Ok(profile) = surface.node.profile(persona).await {
                self.know(&[MentionView { persona, name: profile.name }]);
            }
        }
    }

    /// Whom a kept text names, as far as their names are known. Reads and subscribes.
    pub(crate) fn named(self, text: &str) -> Vec<MentionView> {
        let (known, meant, mut found) = (self.known.read(), self.meant.read(), Vec::new());
        let _as_it_was = put_names(text, |persona| {
            let chosen = || meant.iter().find(|(_, known)| *known == persona);
            let chosen = || chosen().map(|(label, _)| label.trim_start_matches('@').to_owned());
            let name = known.get(&persona).cloned().or_else(chosen);
            found.extend(name.map(|name| MentionView { persona, name }));
            None
        });
        found
    }

    /// What stands behind the sign for a persona of this name.
    pub(crate) fn choose(mut self, persona: PersonaId, name: &str) -> String {
        let mut meant = self.meant.write();
        if let Some((label, _)) = meant.iter().find(|(_, known)| *known == persona) {
            return label.clone();
        }
        if meant.len() >= NAMES {
            meant.clear();
        }
        let label = mention_label(&meant, persona, &shown_name(name));
        meant.push((label.clone(), persona));
        label
    }

    /// A kept text as a field shows it.
    pub(crate) fn shown(self, text: &str) -> String {
        let known = self.known.peek().clone();
        put_names(text, |id| known.get(&id).map(|name| format!("@{}", self.choose(id, name))))
    }

    /// What a field shows, as it is kept.
    pub(crate) fn kept(self, shown: &str) -> String {
        with_ids(&self.meant.peek(), shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOB: PersonaId = PersonaId::from_bytes([0xb0; 32]);
    const BOBBY: PersonaId = PersonaId::from_bytes([0xb1; 32]);

    fn meant() -> Vec<(String, PersonaId)> {
        vec![("Bob".into(), BOB), ("Bob Miller".into(), BOBBY), ("漢 字".into(), PersonaId::ZERO)]
    }

    #[test]
    fn a_chosen_name_is_kept_as_the_id_it_stands_for() {
        let kept = |shown: &str| with_ids(&meant(), shown);
        assert_eq!(kept("Hey @Bob, @Bob Miller!"), format!("Hey @{BOB}, @{BOBBY}!"));
        assert_eq!(kept("@Bob's 🦊@Bob"), format!("@{BOB}'s 🦊@{BOB}"));
        assert_eq!(kept("@漢 字"), format!("@{}", PersonaId::ZERO));
        for plain in ["@Bobby", "x@Bob", "@@Bob", "@bob", "@Alice", "@", "mail/@Bob", ""] {
            assert_eq!(kept(plain), plain);
        }
    }

    #[test]
    fn people_of_one_name_are_told_apart() {
        assert_eq!(mention_label(&meant(), BOBBY, "Bob"), "Bob·b1b1");
        assert_eq!(mention_label(&meant(), BOBBY, " Carol\n Q "), "Carol Q");
        let both = [("Bob".into(), BOB), ("Bob·b1b1".into(), BOBBY)];
        assert_eq!(with_ids(&both, "@Bob·b1b1 and @Bob"), format!("@{BOBBY} and @{BOB}"));
    }

    #[test]
    fn a_field_shows_names_and_keeps_ids() {
        let mut dom = VirtualDom::new(|| rsx! {});
        dom.rebuild_in_place();
        dom.in_scope(ScopeId::ROOT, || {
            let names = Names::new();
            let text = format!("@{BOB} and @{BOBBY}.");
            assert_eq!(names.shown(&text), text, "nobody is known");
            names.know(&[
                MentionView { persona: BOB, name: "Bob".into() },
                MentionView { persona: BOBBY, name: "Bob".into() },
            ]);
            assert_eq!(names.kept("@Bob"), "@Bob", "who was only seen is not meant");
            assert_eq!(names.shown(&text), "@Bob and @Bob·b1b1.");
            assert_eq!(names.kept(&names.shown(&text)), text);
            assert_eq!(names.choose(BOBBY, "Robert"), "Bob·b1b1", "as it stands in fields already");
        });
    }
}
