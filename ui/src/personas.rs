//! The user's personas: making them, and who of them writes. With one persona nothing of it is seen but where another
//! can be made.

use dioxus::prelude::*;
use kith_node::id::PersonaId;
use kith_node::limits::NAME_CHARS;
use kith_node::view::PersonaView;

use crate::avatar::Avatar;
use crate::icon::{Icon, Shape};
use crate::layer::use_layer;
use crate::line::{AddLine, adding};
use crate::me::Me;
use crate::notice::{Notices, act};
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// In the settings: all personas, and a line to make another one.
#[component]
pub(crate) fn PersonasCard() -> Element {
    let surface = use_context::<Surface>();
    let me = use_context::<Me>();
    let personas = me.personas();
    rsx! {
        section { class: "card", aria_label: t("personas-title"), "data-testid": "personas",
            h2 { {t("personas-title")} }
            p { class: "muted", {t("personas-told")} }
            ul { class: "rows",
                for persona in personas.iter().cloned() {
                    PersonaRow { key: "{persona.id}", persona, alone: personas.len() == 1 }
                }
            }
            AddLine {
                label: t("personas-new"),
                yes: t("personas-make"),
                testid: "persona-name",
                go: "persona-name-add",
                limit: NAME_CHARS,
                on_add: move |name: String| {
                    let node = surface.node.clone();
                    adding(async move { node.create_persona(&name).await })
                },
            }
        }
    }
}

#[component]
fn PersonaRow(persona: PersonaView, alone: bool) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let places = use_context::<Places>();
    let (id, name) = (persona.id, shown_name(&persona.name));
    rsx! {
        li { class: "row", "data-testid": "persona",
            button {
                class: "byline-person grow",
                aria_label: t_args("personas-profile", &[("name", name.clone().into())]),
                onclick: move |_| places.go(Route::Person(id)),
                Avatar { person: id, name: name.clone(), picture: persona.picture }
                span { class: "row-text", bdi { class: "name", dir: "auto", "{name}" } }
            }
            if persona.default && !alone {
                span { class: "muted", "data-testid": "persona-writes", {t("personas-writes")} }
            } else if !alone {
                button {
                    class: "button button-quiet",
                    aria_label: t_args("personas-write-as", &[("name", name.clone().into())]),
                    "data-testid": "persona-write-as",
                    onclick: move |_| write_as(&surface, notices, id),
                    {t("personas-choose")}
                }
            }
        }
    }
}

/// From now on this persona writes where none is named, on all of the user's devices.
fn write_as(surface: &Surface, notices: Notices, id: PersonaId) {
    let node = surface.node.clone();
    act(notices, async move { node.set_default_persona(id).await });
}

/// Who writes, in the composer; a choice where there are several.
#[component]
pub(crate) fn PersonaChip() -> Element {
    let surface = use_context::<Surface>();
    let me = use_context::<Me>();
    let notices = use_context::<Notices>();
    let mut open = use_signal(|| false);
    use_layer(open);
    let personas = me.personas();
    let Some(writes) = personas.iter().find(|persona| Some(persona.id) == me.id()) else { return rsx! {} };
    if personas.len() < 2 {
        return rsx! {};
    }
    let name = shown_name(&writes.name);
    let label = t_args("personas-chip", &[("name", name.clone().into())]);
    rsx! {
        div { class: "menu-place menu-place-start",
            button {
                class: "chip",
                aria_label: "{label}",
                aria_haspopup: "menu",
                aria_expanded: open(),
                "data-testid": "persona-chip",
                onclick: move |_| open.toggle(),
                Icon { shape: Shape::Person }
                bdi { dir: "auto", "{name}" }
            }
            if open() {
                div { class: "backdrop", onclick: move |_| open.set(false) }
                div { class: "menu", role: "menu", aria_label: "{label}",
                    for persona in personas.iter().cloned() {
                        button {
                            key: "{persona.id}",
                            class: "menu-item",
                            role: "menuitemradio",
                            aria_checked: Some(persona.id) == me.id(),
                            "data-testid": "persona-choice",
                            onclick: {
                                let surface = surface.clone();
                                move |_| {
                                    open.set(false);
                                    write_as(&surface, notices, persona.id);
                                }
                            },
                            Icon { shape: if Some(persona.id) == me.id() { Shape::Check } else { Shape::Person } }
                            bdi { dir: "auto", {shown_name(&persona.name)} }
                        }
                    }
                }
            }
        }
    }
}

/// Whose follow brought a post, where that is not plain: one persona of several.
#[component]
pub(crate) fn Via(persona: PersonaId) -> Element {
    let me = use_context::<Me>();
    let personas = me.personas();
    let brought = personas.iter().find(|known| known.id == persona).filter(|_| personas.len() > 1);
    rsx! {
        if let Some(brought) = brought {
            span { class: "muted post-via", "data-testid": "post-via",
                {t_args("personas-via", &[("name", shown_name(&brought.name).into())])}
            }
        }
    }
}
