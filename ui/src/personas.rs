//! The user's personas: making them, editing them, and who of them writes. With one persona nothing of it is seen but where another
//! can be made.

use dioxus::prelude::*;
use kith_node::id::PersonaId;
use kith_node::limits::NAME_CHARS;
use kith_node::view::PersonaView;

use crate::apart::Apart;
use crate::avatar::Avatar;
use crate::colour::ColourChoice;
use crate::failure::Failure;
use crate::keeping::{Keeping, SeparateRow, Unhide};
use crate::line::{AddLine, adding};
use crate::me::Me;
use crate::messages::Chats;
use crate::notice::{Notices, act};
use crate::opener::Opener;
use crate::person::ProfileForm;
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// In the settings: all personas, and a line to make another one.
#[component]
pub(crate) fn PersonasCard() -> Element {
    let surface = use_context::<Surface>();
    let me = use_context::<Me>();
    let apart = use_context::<Apart>();
    let personas = me.personas();
    let inside = apart.inside().is_some();
    let mut separate = use_signal(|| false);
    rsx! {
        section { class: "card", aria_label: t("personas-title"), "data-testid": "personas",
            h2 { {t("personas-title")} }
            p { class: "muted", {t("personas-told")} }
            ul { class: "rows",
                for persona in personas.iter().cloned() {
                    PersonaRow { key: "{persona.id}", persona, alone: personas.len() == 1 }
                }
                if !inside {
                    for persona in apart.separate() {
                        SeparateRow { key: "{persona.id}", persona }
                    }
                }
            }
            if !inside {
            AddLine {
                label: t("personas-new"),
                yes: t("personas-make"),
                testid: "persona-name",
                go: "persona-name-add",
                limit: NAME_CHARS,
                on_add: move |name: String| {
                    let (node, apart) = (surface.node.clone(), *separate.peek());
                    separate.set(false);
                    adding(async move {
                        if apart { node.create_separate(&name).await } else { node.create_persona(&name).await }
                    })
                },
            }
            label { class: "switch-row",
                input {
                    r#type: "checkbox",
                    role: "switch",
                    checked: separate(),
                    "data-testid": "persona-separate",
                    onchange: move |event| separate.set(event.checked()),
                }
                span { {t("apart-make")} }
            }
            p { class: "hint", {t("apart-make-told")} }
            Unhide {}
            }
        }
    }
}

#[component]
fn PersonaRow(persona: PersonaView, alone: bool) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let places = use_context::<Places>();
    let mut editing = use_signal(|| false);
    let (id, name) = (persona.id, shown_name(&persona.name));
    let args = [("name", name.as_str().into())];
    rsx! {
        li { class: "row row-form", "data-testid": "persona",
            div { class: "form-row",
                button {
                    class: "byline-person grow",
                    aria_label: t_args("personas-profile", &args),
                    onclick: move |_| places.go(Route::Person(id)),
                    span { class: "avatar-ring", "data-colour": Some(persona.colour.name()).filter(|_| !alone),
                        Avatar { person: id, name: name.clone(), picture: persona.picture }
                    }
                    span { class: "row-text", bdi { class: "name", dir: "auto", "{name}" } }
                }
                if persona.default && !alone {
                    span { class: "muted", "data-testid": "persona-writes", {t("personas-writes")} }
                } else if !alone {
                    button {
                        class: "button button-quiet",
                        aria_label: t_args("personas-write-as", &args),
                        "data-testid": "persona-write-as",
                        onclick: {
                            let surface = surface.clone();
                            move |_| write_as(&surface, notices, id)
                        },
                        {t("personas-choose")}
                    }
                }
                Opener { open: editing, testid: "persona-edit", of: t_args("personas-edit-of", &args), {t("personas-edit")} }
            }
            if editing() {
                // The only one stays, but where it is kept separate.
                if !alone || persona.separate {
                    Keeping { persona: persona.clone() }
                }
                Edit { persona: persona.clone(), alone, on_close: move |()| editing.set(false) }
            }
        }
    }
}

/// What others see of it, and what only its user does.
#[component]
fn Edit(persona: PersonaView, alone: bool, on_close: EventHandler<()>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let chats = use_context::<Chats>();
    let id = persona.id;
    let node = surface.node.clone();
    let profile = use_resource(move || {
        let node = node.clone();
        async move { node.profile(id).await.map_err(|error| Failure::of(&error)) }
    });
    let profile = profile.read();
    let node = surface.node.clone();
    rsx! {
        if !alone {
            ColourChoice {
                label: t("personas-colour"),
                name: "{id}",
                chosen: persona.colour,
                on_choose: move |colour| {
                    let node = node.clone();
                    act(notices, async move { node.colour_persona(id, colour).await });
                },
            }
            p { class: "hint", {t("personas-colour-told")} }
            label { class: "switch-row",
                input {
                    r#type: "checkbox",
                    role: "switch",
                    checked: chats.is_quiet(id),
                    "data-testid": "persona-quiet",
                    onchange: move |event| {
                        let (surface, quiet) = (surface.clone(), event.checked());
                        act(notices, async move { chats.set_quiet(&surface, id, quiet).await });
                    },
                }
                span { {t("personas-quiet-switch")} }
            }
        }
        match profile.as_ref() {
            None => rsx! {},
            Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
            Some(Ok(profile)) => rsx! { ProfileForm { profile: profile.clone(), on_close } },
        }
    }
}

/// From now on this persona writes where none is named, on all of the user's devices.
fn write_as(surface: &Surface, notices: Notices, id: PersonaId) {
    let node = surface.node.clone();
    act(notices, async move { node.set_default_persona(id).await });
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
