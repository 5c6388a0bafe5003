//! A new message: to whom it goes, and the first thing that is said.

use std::time::Duration;

use dioxus::prelude::*;
use kith_node::id::{BlobHash, PersonaId};
use kith_node::limits::SEARCH_CHARS;
use tokio::time::sleep;

use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::typing;
use crate::me::Me;
use crate::messages::Chats;
use crate::nav::BackButton;
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::say::MessageBox;
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::writer::{PersonaChip, correspondent};

/// How long typing pauses before people are looked for.
const PAUSE: Duration = Duration::from_millis(150);

#[component]
pub(crate) fn WriteScreen() -> Element {
    let mut chats = use_context::<Chats>();
    let me = use_context::<Me>();
    let mut choosing = use_signal(|| chats.to.peek().is_empty());
    let focus = use_hook(|| !*choosing.peek());
    let surface = use_context::<Surface>();
    let contextual = use_resource(move || {
        let node = surface.node.clone();
        let (several, to): (_, Vec<PersonaId>) = (me.several(), chats.to.read().iter().map(|(id, _)| *id).collect());
        async move { if several { correspondent(&node, &to).await.ok().flatten() } else { None } }
    });
    let by = (chats.by)().or_else(|| contextual().flatten()).or_else(|| me.id());
    let to = chats.to.read();
    let notes = to.first().is_some_and(|(id, _)| me.persona(*id).is_some());
    let told = match to.as_slice() {
        [] => t("write-how"),
        [_] if notes => t("write-notes-told"),
        [(_, name)] => t_args("write-one-told", &[("name", name.as_str().into())]),
        _ => t_args("write-several-told", &[("count", (to.len() + 1).into())]),
    };
    rsx! {
        header { class: "pane-header",
            BackButton {}
            h1 { {t("messages-new")} }
        }
        div { class: "scroll",
            div { class: "column",
                if !to.is_empty() {
                    div { class: "form-row", role: "group", aria_label: t("write-to"), "data-testid": "write-to",
                        span { class: "muted", {t("write-to")} }
                        for (id , name) in to.iter().cloned() {
                            button {
                                key: "{id}",
                                class: "chip",
                                aria_label: t_args("write-remove", &[("name", name.as_str().into())]),
                                onclick: move |_| {
                                    chats.to.write().retain(|(known, _)| *known != id);
                                    if chats.to.peek().is_empty() {
                                        choosing.set(true);
                                    }
                                },
                                bdi { dir: "auto", "{name}" }
                                Icon { shape: Shape::Close }
                            }
                        }
                        if !choosing() && !notes {
                            button { class: "chip chip-quiet", "data-testid": "write-more", onclick: move |_| choosing.set(true),
                                Icon { shape: Shape::Add }
                                {t("write-more")}
                            }
                        }
                    }
                }
                if !notes {
                    PersonaChip { by, on_choose: move |persona| chats.by.set(Some(persona)) }
                }
                p { class: "hint", "data-testid": "write-told", "{told}" }
                if choosing() && !notes {
                    Choice {}
                }
            }
        }
        if !to.is_empty() {
            div { class: "chat-foot",
                MessageBox { thread: None, label: if notes { t("say-note") } else { t("say-placeholder") }, focus }
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Known {
    id: PersonaId,
    name: String,
    picture: Option<BlobHash>,
}

/// People whom one follows, and others that are known, by what is typed.
async fn known(surface: &Surface, text: &str) -> kith_node::Result<Vec<Known>> {
    let mut found: Vec<Known> = Vec::new();
    let typed = text.to_lowercase();
    for follow in surface.node.follows(None).await? {
        let name = follow.name.unwrap_or_default();
        if name.to_lowercase().contains(&typed) {
            found.push(Known { id: follow.persona, name, picture: follow.picture });
        }
    }
    if !typed.is_empty() {
        for other in surface.node.search_people(text).await? {
            if !other.own {
                found.push(Known { id: other.persona, name: other.name, picture: other.picture });
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|known| seen.insert(known.id));
    Ok(found)
}

#[component]
fn Choice() -> Element {
    let surface = use_context::<Surface>();
    let (pulse, me) = (use_context::<Pulse>(), use_context::<Me>());
    let (mut chats, places) = (use_context::<Chats>(), use_context::<Places>());
    let mut text = use_signal(String::new);
    let people = use_resource(move || {
        let surface = surface.clone();
        let (text, _again) = (text().trim().to_owned(), ((pulse.follows)(), (pulse.profiles)()));
        async move {
            if !text.is_empty() {
                sleep(PAUSE).await;
            }
            known(&surface, &text).await.map_err(|error| Failure::of(&error))
        }
    });
    let people = people.read();
    let chosen = chats.to.read();
    rsx! {
        input {
            class: "field",
            r#type: "text",
            role: "searchbox",
            placeholder: t("write-search"),
            aria_label: t("write-search"),
            maxlength: SEARCH_CHARS as i64,
            autocomplete: "off",
            dir: "auto",
            "data-autofocus": "true",
            "data-testid": "write-search",
            onmounted: crate::app::focus,
            onkeydown: move |event| typing(&event),
            oninput: move |event| text.set(event.value()),
        }
        if chosen.is_empty() && text.read().trim().is_empty() {
            ul { class: "rows",
                li {
                    button {
                        class: "row",
                        "data-testid": "write-notes",
                        onclick: move |_| {
                            if let Some(me) = me.id() {
                                chats.write_notes(places, me);
                            }
                        },
                        span { class: "avatar avatar-sign", "aria-hidden": "true", Icon { shape: Shape::Bookmark } }
                        span { class: "row-text",
                            span { class: "name", {t("messages-notes")} }
                            span { class: "muted", {t("messages-notes-more")} }
                        }
                    }
                }
            }
        }
        match people.as_ref() {
            None => rsx! {},
            Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
            Some(Ok(people)) if people.is_empty() && text.read().trim().is_empty() => rsx! {
                p { class: "quiet-line", {t("write-nobody")} }
                button { class: "button button-primary", onclick: move |_| places.go(Route::People), {t("empty-follow")} }
            },
            Some(Ok(people)) if people.is_empty() => rsx! { p { class: "quiet-line", {t("write-not-found")} } },
            Some(Ok(people)) => rsx! {
                ul { class: "rows", aria_label: t("people-title"), "data-testid": "write-people",
                    for person in people.iter().cloned() {
                        li { key: "{person.id}",
                            button {
                                class: "row",
                                aria_pressed: chosen.iter().any(|(id, _)| *id == person.id),
                                "data-testid": "write-person",
                                onclick: {
                                    let (id, name) = (person.id, shown_name(&person.name));
                                    move |_| {
                                        let mut to = chats.to.write();
                                        let before = to.len();
                                        to.retain(|(known, _)| *known != id && Some(*known) != me.id());
                                        if to.len() == before {
                                            to.push((id, name.clone()));
                                        }
                                    }
                                },
                                Avatar { person: person.id, name: shown_name(&person.name), picture: person.picture }
                                bdi { class: "name grow", dir: "auto", {shown_name(&person.name)} }
                                if chosen.iter().any(|(id, _)| *id == person.id) {
                                    Icon { shape: Shape::Check }
                                }
                            }
                        }
                    }
                }
            },
        }
    }
}
