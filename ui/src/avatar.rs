//! A person's picture, or their initials on a colour of their own until one comes.

use dioxus::prelude::*;
use kith_node::id::{BlobHash, PersonaId};

use crate::event::Pulse;
use crate::surface::Surface;

/// Grounds for generated pictures (`--face-0` … in tokens.css).
pub(crate) const FACES: u8 = 6;

/// Decorative: the name stands beside it.
#[component]
pub(crate) fn Avatar(
    person: ReadSignal<PersonaId>,
    name: ReadSignal<String>,
    picture: ReadSignal<Option<BlobHash>>,
    #[props(default)] large: bool,
) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    // Asked for again when the picture comes after the screen was drawn.
    let came = use_memo(move || picture().is_some_and(|hash| pulse.arrived.read().contains(&hash)));
    let ground = person.read().as_bytes().first().map_or(0, |byte| byte % FACES);
    rsx! {
        span {
            class: if large { "avatar avatar-large" } else { "avatar" },
            "data-face": "{ground}",
            "aria-hidden": "true",
            // Drawn by the style sheet: it is no text of a button around it.
            span { class: "initials", "data-letters": initials(&name.read()) }
            // A list of at most one: only there does a new key make a new element, which asks again.
            for (hash , came) in picture().map(|hash| (hash, came())) {
                img { key: "{hash}{came}", src: surface.media(hash), alt: "", loading: "lazy", decoding: "async" }
            }
        }
    }
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let letters: String = first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect();
    if letters.is_empty() { "·".to_owned() } else { letters }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_outer_words() {
        assert_eq!(initials("Ada King Lovelace"), "AL");
        assert_eq!(initials("  bob"), "B");
        assert_eq!(initials("漢字"), "漢");
        assert_eq!(initials(" — "), "·");
    }
}
