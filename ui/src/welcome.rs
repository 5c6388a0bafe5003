//! The first screen: a name, and in. No server, phrase or password.

use dioxus::prelude::*;
use kith_node::limits::NAME_CHARS;

use crate::failure::Failure;
use crate::icon::Mark;
use crate::keyboard::typing;
use crate::link::Linker;
use crate::me::Me;
use crate::restore::{Restorer, Restoring};
use crate::strings::{t, t_args};
use crate::surface::Surface;

#[component]
pub(crate) fn Welcome() -> Element {
    let surface = use_context::<Surface>();
    let me = use_context::<Me>();
    let mut name = use_signal(String::new);
    let mut busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<Failure>);
    let mut links = use_signal(|| false);
    let restoring = use_context::<Restoring>();
    let length = name.read().trim().chars().count();
    let note = surface.keystore_note.clone().unwrap_or_else(|| t("welcome-keys"));
    let mut go = move || {
        let chosen = name.peek().trim().to_owned();
        if *busy.peek() || chosen.is_empty() || chosen.chars().count() > NAME_CHARS {
            return;
        }
        busy.set(true);
        failed.set(None);
        let surface = surface.clone();
        spawn(async move {
            match surface.node.create_persona(&chosen).await {
                Ok(_) => me.load(&surface).await,
                Err(error) => {
                    failed.set(Some(Failure::of(&error)));
                    busy.set(false);
                }
            }
        });
    };
    let mut go_by_key = go.clone();
    if restoring.open() {
        return rsx! {
            main { class: "welcome", "data-testid": "welcome",
                div { class: "welcome-card",
                    Mark {}
                    Restorer {}
                }
            }
        };
    }
    if links() {
        return rsx! {
            main { class: "welcome", "data-testid": "welcome",
                div { class: "welcome-card",
                    Mark {}
                    h1 { {t("link-title")} }
                    Linker { fresh: true }
                    button { class: "button button-quiet", "data-testid": "welcome-back", onclick: move |_| links.set(false), {t("welcome-link-back")} }
                }
            }
        };
    }
    rsx! {
        main { class: "welcome", "data-testid": "welcome",
            div { class: "welcome-card",
                Mark {}
                h1 { {t("welcome-title")} }
                p { class: "welcome-lead", {t("welcome-lead")} }
                label { class: "form-field",
                    span { {t("welcome-name")} }
                    input {
                        class: "field field-large",
                        r#type: "text",
                        dir: "auto",
                        autocomplete: "name",
                        autofocus: true,
                        "data-autofocus": "true",
                        "data-testid": "welcome-name",
                        onmounted: crate::app::focus,
                        oninput: move |event| name.set(event.value()),
                        onkeydown: move |event| {
                            typing(&event);
                            if event.key() == Key::Enter && !event.is_composing() {
                                go_by_key();
                            }
                        },
                    }
                }
                if length > NAME_CHARS {
                    p { class: "failure", role: "alert", {t_args("name-too-long", &[("limit", NAME_CHARS.into())])} }
                }
                if let Some(failure) = failed.read().as_ref() {
                    p { class: "failure", role: "alert", "{failure}" }
                }
                button {
                    class: "button button-primary button-large",
                    disabled: busy() || length == 0 || length > NAME_CHARS,
                    "data-testid": "welcome-go",
                    onclick: move |_| go(),
                    if busy() { {t("welcome-busy")} } else { {t("welcome-go")} }
                }
                button { class: "button button-quiet", "data-testid": "welcome-link", onclick: move |_| links.set(true), {t("welcome-link")} }
                button { class: "button button-quiet", "data-testid": "welcome-restore", onclick: move |_| restoring.set(true), {t("restore-title")} }
                p { class: "hint", "{note}" }
            }
        }
    }
}
