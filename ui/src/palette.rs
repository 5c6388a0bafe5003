//! The command palette: one field that finds by name what the keys do, places, own personas, people whom one follows and
//! conversations.
//!
//! Its rows come from the key table and from what is stored here; nobody is asked. The field keeps the keyboard all along
//! (ARIA: a combobox whose active option it names). What a row does is what its key, its button or its row elsewhere does,
//! so what asks there asks here too.

use std::collections::HashSet;

use dioxus::prelude::*;
use kith_node::id::{BlobHash, PersonaId, ThreadId};
use kith_node::limits::SEARCH_CHARS;
use kith_node::view::{FollowView, PersonaView};

use crate::apart::Apart;
use crate::avatar::Avatar;
use crate::icon::{Icon, Shape};
use crate::keyboard::{Action, CHORD, Hands, KEYS, Keyboard, typing, use_hands};
use crate::layer::{Dialog, Layers, use_layer};
use crate::messages::title;
use crate::post::shown_name;
use crate::restore::Restoring;
use crate::route::Route;
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Rows that are shown at once: who looks for more types more.
const SHOWN: usize = 40;
/// People, and conversations, that are shown before anything is typed.
const NEAR: usize = 5;

/// Places that no key leads to.
const PLACES: [(Route, &str); 5] = [
    (Route::Circles, "circles-title"),
    (Route::Lists, "lists-title"),
    (Route::Muted, "muted-title"),
    (Route::Devices, "devices-title"),
    (Route::Link, "link-title"),
];

/// Where a row leads.
#[derive(Debug, Clone, PartialEq)]
enum Goal {
    Key(Action),
    Place(Route),
    NewMessage,
    Notes,
    Persona(PersonaView),
    Person(PersonaId, Option<BlobHash>),
    Chat(ThreadId),
}

impl Goal {
    /// For tests and styles.
    fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Place(_) | Self::NewMessage | Self::Notes => "place",
            Self::Persona(_) => "persona",
            Self::Person(..) => "person",
            Self::Chat(_) => "chat",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    name: String,
    /// Its keys, pressed one after the other; empty where there is none.
    keys: &'static str,
    goal: Goal,
}

impl Row {
    fn new(name: String, goal: Goal) -> Self {
        Self { name, keys: "", goal }
    }
}

/// Everything that can be chosen now. Reads and subscribes.
fn rows(hands: &Hands, apart: &Apart, follows: &[FollowView]) -> Vec<Row> {
    let mut rows: Vec<Row> = KEYS
        .into_iter()
        .filter(|(.., action)| hands.offers(*action))
        .map(|(keys, text, action)| Row { name: t(text), keys, goal: Goal::Key(action) })
        .collect();
    rows.extend(PLACES.iter().map(|(place, text)| Row::new(t(text), Goal::Place(*place))));
    rows.push(Row::new(t("messages-new"), Goal::NewMessage));
    let writes = hands.me.id();
    if writes.is_some() {
        rows.push(Row::new(t("messages-notes"), Goal::Notes));
    }
    let others = apart.personas().into_iter().filter(|persona| Some(persona.id) != writes);
    rows.extend(others.map(|persona| {
        let name = t_args("palette-as", &[("name", shown_name(&persona.name).into())]);
        Row::new(name, Goal::Persona(persona))
    }));
    let mut seen = HashSet::new();
    let people = follows.iter().filter(|follow| seen.insert(follow.persona));
    rows.extend(people.map(|follow| {
        let name = shown_name(follow.name.as_deref().unwrap_or_default());
        Row::new(name, Goal::Person(follow.persona, follow.picture))
    }));
    rows.extend(hands.chats.all().iter().map(|thread| Row::new(title(thread), Goal::Chat(thread.id))));
    rows
}

/// Those whose names hold every word that was typed, first those in which each begins a word. Before anything was typed:
/// what can be done, and some people and conversations.
fn found(rows: Vec<Row>, typed: &str) -> Vec<Row> {
    let words: Vec<String> = typed.to_lowercase().split_whitespace().map(str::to_owned).collect();
    if words.is_empty() {
        let (mut people, mut chats) = (0, 0);
        let near = |row: &Row| {
            let count = match row.goal {
                Goal::Person(..) => &mut people,
                Goal::Chat(_) => &mut chats,
                _ => return true,
            };
            *count += 1;
            *count <= NEAR
        };
        return rows.into_iter().filter(near).take(SHOWN).collect();
    }
    let mut fitting: Vec<(bool, Row)> =
        rows.into_iter().filter_map(|row| Some((!begins(&row.name, &words)?, row))).collect();
    fitting.sort_by_key(|(inside, _)| *inside);
    fitting.into_iter().take(SHOWN).map(|(_, row)| row).collect()
}

/// `None` where the name lacks a word; else whether each begins a word of the name.
fn begins(name: &str, words: &[String]) -> Option<bool> {
    let name = name.to_lowercase();
    let parts = || name.split(|c: char| !c.is_alphanumeric());
    let begins = |word: &String| parts().any(|part| part.starts_with(word.as_str()));
    words.iter().all(|word| name.contains(word.as_str())).then(|| words.iter().all(begins))
}

/// Mounted once: what the palette's key reaches, and the palette while it is open.
#[component]
pub(crate) fn Palette() -> Element {
    let keyboard = use_context::<Keyboard>();
    let (layers, restoring) = (use_context::<Layers>(), use_context::<Restoring>());
    let hands = use_hands();
    let mut open = keyboard.palette;
    use_layer(open);
    let me = hands.me;
    rsx! {
        input {
            r#type: "hidden",
            "data-chord": CHORD,
            oninput: move |_| {
                if open() {
                    open.set(false);
                } else if me.exists() == Some(true) && !restoring.open() && !layers.any() {
                    open.set(true);
                }
            },
        }
        if open() {
            Sheet { open }
        }
    }
}

#[component]
fn Sheet(open: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let hands = use_hands();
    let apart = use_context::<Apart>();
    let follows = use_resource(move || {
        let node = surface.node.clone();
        async move { node.follows(None).await.unwrap_or_default() }
    });
    let mut typed = use_signal(String::new);
    let mut at = use_signal(|| 0_usize);
    let all = use_memo({
        let (hands, apart) = (hands.clone(), apart.clone());
        move || rows(&hands, &apart, follows.read().as_deref().unwrap_or_default())
    });
    let shown = use_memo(move || found(all(), &typed.read()));
    let choose = use_callback(move |place: usize| {
        let Some(row) = shown.read().get(place).cloned() else { return };
        open.set(false);
        go(&hands, &apart, row.goal);
    });
    let keys = move |event: KeyboardEvent| {
        typing(&event);
        let last = shown.read().len().checked_sub(1);
        let Some(last) = last.filter(|_| !event.is_composing()) else { return };
        let here = at().min(last);
        match event.key() {
            Key::ArrowDown => at.set(if here == last { 0 } else { here + 1 }),
            Key::ArrowUp => at.set(here.checked_sub(1).unwrap_or(last)),
            Key::Home => at.set(0),
            Key::End => at.set(last),
            Key::Enter => choose.call(here),
            _ => {}
        }
    };
    let shown = shown.read();
    let here = shown.len().checked_sub(1).map(|last| at().min(last));
    rsx! {
        Dialog { open, name: "palette", title: t("palette-title"), focus_inside: true,
            div { class: "palette",
                input {
                    class: "field",
                    r#type: "text",
                    role: "combobox",
                    placeholder: t("palette-field"),
                    aria_label: t("palette-field"),
                    aria_autocomplete: "list",
                    aria_expanded: here.is_some(),
                    aria_controls: here.map(|_| "palette-list"),
                    aria_activedescendant: here.map(|here| format!("palette-{here}")),
                    maxlength: SEARCH_CHARS as i64,
                    autocomplete: "off",
                    autocapitalize: "none",
                    spellcheck: "false",
                    dir: "auto",
                    "data-autofocus": "true",
                    "data-testid": "palette-input",
                    onmounted: crate::app::focus,
                    oninput: move |event| {
                        typed.set(event.value());
                        at.set(0);
                    },
                    onkeydown: keys,
                }
                if here.is_some() {
                    ul { class: "palette-list", id: "palette-list", role: "listbox", aria_label: t("palette-list"), "data-testid": "palette-list",
                        for (place , row) in shown.iter().cloned().enumerate() {
                            li {
                                key: "{place}",
                                id: "palette-{place}",
                                class: "offer",
                                role: "option",
                                aria_selected: Some(place) == here,
                                "data-testid": "palette-row",
                                "data-kind": row.goal.kind(),
                                onclick: move |_| choose.call(place),
                                Face { row: row.clone() }
                                bdi { class: "name grow", dir: "auto", "{row.name}" }
                                Ending { row: row.clone() }
                            }
                        }
                    }
                }
                p { class: "hint", role: "status", "data-testid": "palette-count",
                    if shown.is_empty() {
                        {t("palette-none")}
                    } else {
                        {t_args("palette-found", &[("count", shown.len().into())])}
                    }
                }
            }
        }
    }
}

/// What stands before a row's name. Decorative.
#[component]
fn Face(row: Row) -> Element {
    match row.goal {
        Goal::Person(person, picture) => rsx! { Avatar { person, name: row.name, picture } },
        Goal::Persona(persona) => rsx! {
            Avatar { person: persona.id, name: shown_name(&persona.name), picture: persona.picture }
        },
        Goal::Chat(_) | Goal::NewMessage | Goal::Notes => rsx! { Icon { shape: Shape::Message } },
        Goal::Key(_) | Goal::Place(_) => rsx! {},
    }
}

/// What stands behind it: its keys, or what it is.
#[component]
fn Ending(row: Row) -> Element {
    let kind = match row.goal {
        Goal::Key(_) => {
            return rsx! {
                span { class: "palette-keys",
                    for key in row.keys.split(' ') {
                        kbd { key: "{key}", "{key}" }
                    }
                }
            };
        }
        Goal::Place(_) | Goal::NewMessage | Goal::Notes => t("palette-place"),
        Goal::Persona(_) => t("palette-persona"),
        Goal::Person(..) => t("palette-person"),
        Goal::Chat(_) => t("palette-chat"),
    };
    rsx! {
        span { class: "muted palette-end", "{kind}" }
    }
}

fn go(hands: &Hands, apart: &Apart, goal: Goal) {
    let places = hands.places;
    match goal {
        Goal::Key(action) => hands.perform(action),
        Goal::Place(place) => places.go(place),
        Goal::NewMessage => hands.chats.write(places, None),
        Goal::Notes => {
            if let Some(me) = hands.me.id() {
                hands.chats.write_notes(places, me);
            }
        }
        Goal::Persona(persona) => apart.be(hands.notices, &persona),
        Goal::Person(person, _) => places.go(Route::Person(person)),
        Goal::Chat(thread) => places.go(Route::Chat(thread)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(rows: &[Row]) -> Vec<&str> {
        rows.iter().map(|row| row.name.as_str()).collect()
    }

    fn person(name: &str) -> Row {
        Row::new(name.to_owned(), Goal::Person(PersonaId::from_bytes([7; 32]), None))
    }

    #[test]
    fn names_are_found_by_all_that_was_typed_and_best_by_how_their_words_begin() {
        let rows = || ["Bob Miller", "Rubob", "Bobby", "Alice"].map(person).to_vec();
        assert_eq!(names(&found(rows(), "bob")), ["Bob Miller", "Bobby", "Rubob"]);
        assert_eq!(names(&found(rows(), " MIL  bo ")), ["Bob Miller"]);
        assert_eq!(names(&found(rows(), "lice")), ["Alice"]);
        assert!(found(rows(), "bob alice").is_empty());
        let aside = t_args("palette-as", &[("name", "Carol".into())]);
        assert_eq!(found(vec![person(&aside)], "carol").len(), 1, "marks around a name are no part of it");
    }

    #[test]
    fn rows_are_bounded() {
        let many = |goal: Goal| (0..200).map(move |n| Row::new(format!("Bob {n}"), goal.clone()));
        let all = || {
            let people = many(Goal::Person(PersonaId::from_bytes([7; 32]), None));
            people.chain(many(Goal::Chat(ThreadId::from_bytes([8; 32])))).collect::<Vec<_>>()
        };
        assert_eq!(found(all(), "").len(), 2 * NEAR);
        assert_eq!(found(all(), "bob").len(), SHOWN);
    }

    #[test]
    fn no_place_has_a_key_too() {
        let names: HashSet<String> = PLACES.iter().map(|(_, text)| t(text)).collect();
        assert_eq!(names.len(), PLACES.len());
        assert!(PLACES.iter().all(|(_, text)| KEYS.iter().all(|(_, keyed, _)| keyed != text)));
    }
}
