//! What becomes of a persona: going to one that is kept separate, hiding it behind a passphrase, showing it again, and
//! deleting one.

use dioxus::prelude::*;
use kith_node::Content;
use kith_node::limits::PASSPHRASE_CHARS;
use kith_node::view::PersonaView;

use crate::apart::Apart;
use crate::avatar::Avatar;
use crate::choice::OneOf;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::typing;
use crate::line::AddLine;
use crate::notice::Notices;
use crate::opener::Opener;
use crate::post::shown_name;
use crate::strings::{t, t_args};

/// What becomes of what a persona said, when it is deleted.
const CONTENTS: [(Content, &str, &str); 2] =
    [(Content::Keep, "keep", "persona-delete-keep"), (Content::Delete, "delete", "persona-delete-all")];

/// Among the others' rows: one that is kept separate.
#[component]
pub(crate) fn SeparateRow(persona: PersonaView) -> Element {
    let apart = use_context::<Apart>();
    let (id, name) = (persona.id, shown_name(&persona.name));
    rsx! {
        li { class: "row row-form", "data-testid": "persona-apart",
            div { class: "form-row",
                span { class: "byline-person grow",
                    span { class: "avatar-ring", "data-colour": persona.colour.name(),
                        Avatar { person: id, name: name.clone(), picture: None }
                    }
                    span { class: "row-text",
                        bdi { class: "name", dir: "auto", "{name}" }
                        span { class: "muted mark-line", Icon { shape: Shape::Lock } {t("apart-mark")} }
                        if persona.hidden {
                            span { class: "muted", {t("apart-until")} }
                        }
                    }
                }
                button {
                    class: "button button-primary",
                    aria_label: t_args("apart-go-of", &[("name", name.clone().into())]),
                    "data-testid": "apart-go",
                    onclick: {
                        let apart = apart.clone();
                        move |_| apart.enter(id)
                    },
                    {t("apart-go")}
                }
            }
            Keeping { persona: persona.clone() }
        }
    }
}

/// The buttons that hide it and delete it, and what they open.
#[component]
pub(crate) fn Keeping(persona: PersonaView) -> Element {
    let (hiding, deleting) = (use_signal(|| false), use_signal(|| false));
    let name = shown_name(&persona.name);
    let args = [("name", name.as_str().into())];
    rsx! {
        div { class: "form-row",
            if persona.separate {
                Opener { open: hiding, testid: "persona-hide", of: t_args("apart-hide-of", &args), {t("apart-hide")} }
            }
            Opener { open: deleting, testid: "persona-delete", of: t_args("persona-delete-of", &args), {t("persona-delete")} }
        }
        if hiding() {
            Hide { persona: persona.clone() }
        }
        if deleting() {
            Delete { persona }
        }
    }
}

#[component]
fn Hide(persona: PersonaView) -> Element {
    let (apart, notices) = (use_context::<Apart>(), use_context::<Notices>());
    let (mut first, mut again) = (use_signal(String::new), use_signal(String::new));
    let (id, sealed) = (persona.id, persona.hidden);
    let differs = !again.read().is_empty() && *first.read() != *again.read();
    let long = first.read().chars().count() > PASSPHRASE_CHARS;
    let ready = sealed || !first.read().is_empty() && *first.read() == *again.read() && !long;
    let fields = [("apart-hide-passphrase", "hide-passphrase", first), ("apart-hide-again", "hide-again", again)];
    rsx! {
        div { class: "form", "data-testid": "persona-hide-form",
            if !sealed {
                p { class: "hint", {t("apart-hide-told")} }
                for (label , testid , mut value) in fields {
                    label { key: "{testid}", class: "form-field",
                        span { {t(label)} }
                        input {
                            class: "field",
                            r#type: "password",
                            autocomplete: "new-password",
                            "data-testid": testid,
                            onkeydown: move |event| typing(&event),
                            oninput: move |event| value.set(event.value()),
                        }
                    }
                }
                if differs {
                    p { class: "hint", role: "status", "data-testid": "hide-differs", {t("apart-hide-differs")} }
                }
            }
            button {
                class: "button button-primary",
                disabled: !ready,
                "data-testid": "hide-go",
                onclick: move |_| {
                    let (node, passphrase) = (apart.home().node.clone(), std::mem::take(&mut *first.write()));
                    again.set(String::new());
                    let hide = async move { node.hide_persona(id, Some(&passphrase).filter(|_| !sealed).map(String::as_str)).await };
                    apart.act(notices, hide, Some(t("apart-hidden")));
                },
                {t("apart-hide-go")}
            }
        }
    }
}

/// Shows what is hidden. It is always there: nothing tells whether something is.
#[component]
pub(crate) fn Unhide() -> Element {
    let (apart, notices) = (use_context::<Apart>(), use_context::<Notices>());
    let show = move |passphrase: String| -> crate::line::Adding {
        let node = apart.home().node.clone();
        Box::pin(async move {
            node.unhide_personas(&passphrase).await.map_err(|error| Failure::of(&error))?;
            notices.tell(t("apart-shown"));
            Ok(())
        })
    };
    rsx! {
        AddLine {
            label: t("apart-show"),
            yes: t("apart-show-go"),
            testid: "unhide",
            go: "unhide-go",
            limit: PASSPHRASE_CHARS,
            code: true,
            secret: true,
            on_add: show,
        }
    }
}

#[component]
fn Delete(persona: PersonaView) -> Element {
    let (apart, notices) = (use_context::<Apart>(), use_context::<Notices>());
    let mut content = use_signal(|| None::<Content>);
    let mut typed = use_signal(String::new);
    let (id, name) = (persona.id, shown_name(&persona.name));
    let args = [("name", name.as_str().into())];
    let same = typed.read().trim() == name.trim();
    let ready = same && content().is_some();
    rsx! {
        div { class: "form", "data-testid": "persona-delete-form",
            div { class: "warning", span { {t("persona-delete-told")} } }
            OneOf {
                label: t("persona-delete-content"),
                name: "content-{id}",
                testid: "delete-content",
                options: CONTENTS.to_vec(),
                chosen: content(),
                on_choose: move |chosen| content.set(Some(chosen)),
            }
            label { class: "form-field",
                span { {t_args("persona-delete-confirm", &args)} }
                input {
                    class: "field",
                    r#type: "text",
                    dir: "auto",
                    autocomplete: "off",
                    "data-testid": "delete-name",
                    onkeydown: move |event| typing(&event),
                    oninput: move |event| typed.set(event.value()),
                }
            }
            button {
                class: "button button-danger",
                disabled: !ready,
                "data-testid": "delete-go",
                onclick: move |_| {
                    let Some(content) = *content.peek() else { return };
                    let node = apart.home().node.clone();
                    let delete = async move { node.delete_persona(id, content).await };
                    apart.act(notices, delete, Some(t("persona-deleted")));
                },
                {t_args("persona-delete-go", &args)}
            }
        }
    }
}
