//! Whom a text that is being written names. The field shows `@Name`; what is kept and sent says `@` and the id, so that
//! a draft, an edit and another own device know whom it means, whatever they are called by then.

use std::collections::HashMap;

use dioxus::prelude::*;
use kith_node::id::PersonaId;
use kith_node::view::MentionView;
use kith_node::{mention_at, mention_begins};

use crate::post::shown_name;
use crate::surface::Surface;

/// Names that are remembered, of each kind.
const NAMES: usize = 1_000;
/// Digits that tell apart those of one name.
const SHORT: usize = 4;

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
        each(text, |id| {
            found.push(id);
            None
        });
        for persona in found {
            if let Ok(profile) = surface.node.profile(persona).await {
                self.know(&[MentionView { persona, name: profile.name }]);
            }
        }
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
        let label = label(&meant, persona, name);
        meant.push((label.clone(), persona));
        label
    }

    /// A kept text as a field shows it.
    pub(crate) fn shown(self, text: &str) -> String {
        let known = self.known.peek().clone();
        each(text, |id| known.get(&id).map(|name| format!("@{}", self.choose(id, name))))
    }

    /// What a field shows, as it is kept.
    pub(crate) fn kept(self, shown: &str) -> String {
        kept(&self.meant.peek(), shown)
    }
}

/// A name on one line, with digits of the id where somebody else has it.
fn label(meant: &[(String, PersonaId)], persona: PersonaId, name: &str) -> String {
    let name = shown_name(name).split_whitespace().collect::<Vec<_>>().join(" ");
    if meant.iter().all(|(known, _)| *known != name) {
        return name;
    }
    let digits: String = persona.to_string().chars().take(SHORT).collect();
    format!("{name}·{digits}")
}

/// The text with what `put` says in the place of each mention; `None`: it stays as it is.
fn each(text: &str, mut put: impl FnMut(PersonaId) -> Option<String>) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    let (mut out, mut rest, mut before) = (String::with_capacity(text.len()), text, None);
    while let Some(first) = rest.chars().next() {
        let found = mention_at(rest).filter(|_| mention_begins(before));
        if let Some((label, after)) = found.and_then(|(id, after)| Some((put(id)?, after))) {
            out.push_str(&label);
            (rest, before) = (after, Some('a'));
        } else {
            out.push(first);
            (rest, before) = (rest.get(first.len_utf8()..).unwrap_or_default(), Some(first));
        }
    }
    out
}

fn kept(meant: &[(String, PersonaId)], shown: &str) -> String {
    if meant.is_empty() {
        return shown.to_owned();
    }
    let (mut out, mut rest, mut before) = (String::with_capacity(shown.len()), shown, None);
    while let Some(first) = rest.chars().next() {
        // Of names that begin alike the longest.
        let named = |(label, id): &(String, PersonaId)| {
            let after = rest.strip_prefix('@')?.strip_prefix(label.as_str())?;
            let ends = !after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '·'));
            ends.then_some((*id, label.len(), after))
        };
        let found = meant.iter().filter_map(named).max_by_key(|(_, length, _)| *length);
        if let Some((id, _, after)) = found.filter(|_| mention_begins(before)) {
            out.push_str(&format!("@{id}"));
            (rest, before) = (after, Some('a'));
        } else {
            out.push(first);
            (rest, before) = (rest.get(first.len_utf8()..).unwrap_or_default(), Some(first));
        }
    }
    out
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
        let kept = |shown: &str| kept(&meant(), shown);
        assert_eq!(kept("Hey @Bob, @Bob Miller!"), format!("Hey @{BOB}, @{BOBBY}!"));
        assert_eq!(kept("@Bob's 🦊@Bob"), format!("@{BOB}'s 🦊@{BOB}"));
        assert_eq!(kept("@漢 字"), format!("@{}", PersonaId::ZERO));
        for plain in ["@Bobby", "x@Bob", "@@Bob", "@bob", "@Alice", "@", "mail/@Bob", ""] {
            assert_eq!(kept(plain), plain);
        }
    }

    #[test]
    fn people_of_one_name_are_told_apart() {
        assert_eq!(label(&meant(), BOBBY, "Bob"), "Bob·b1b1");
        assert_eq!(label(&meant(), BOBBY, " Carol\n Q "), "Carol Q");
        let both = [("Bob".into(), BOB), ("Bob·b1b1".into(), BOBBY)];
        assert_eq!(kept(&both, "@Bob·b1b1 and @Bob"), format!("@{BOBBY} and @{BOB}"));
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
