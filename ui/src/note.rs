//! What the user noted about somebody, for themselves alone: on that person's page, edited in place.

use dioxus::prelude::*;
use kith_node::id::PersonaId;
use kith_node::limits::NOTE_CHARS;
use kith_node::view::NoteView;

use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::typing;
use crate::post::shown_name;
use crate::strings::{t, t_args};
use crate::surface::Surface;

#[component]
pub(crate) fn NotePart(person: ReadSignal<PersonaId>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let (mut editing, mut closed) = (use_signal(|| false), use_signal(|| false));
    let node = surface.node.clone();
    let notes = use_resource(move || {
        let node = node.clone();
        let (person, _again) = (person(), ((pulse.settings)(), (pulse.profiles)()));
        async move { node.notes_about(person).await.unwrap_or_default() }
    });
    let notes = notes.read();
    let Some((mine, others)) = notes.as_ref().and_then(|notes| notes.split_first()) else { return rsx! {} };
    rsx! {
        section { class: "note", aria_label: t("note-title"), "data-testid": "person-note-part",
            if editing() {
                // Begun anew where another persona is the default one meanwhile: what is typed is of one alone.
                for mine in [mine] {
                    NoteForm {
                        key: "{mine.by}",
                        note: mine.clone(),
                        on_close: move |()| {
                            editing.set(false);
                            closed.set(true);
                        },
                    }
                }
            } else {
                if let Some(text) = &mine.note {
                    span { class: "muted", {t("note-title")} }
                    p { class: "note-text", dir: "auto", "data-testid": "person-note", "{text}" }
                }
                button {
                    class: "button button-quiet",
                    "data-testid": "person-note-edit",
                    "data-autofocus": if closed() { Some("true") } else { None },
                    onmounted: move |event| {
                        if closed() {
                            crate::app::focus(event);
                        }
                    },
                    onclick: move |_| editing.set(true),
                    Icon { shape: Shape::Edit }
                    if mine.note.is_some() { {t("note-edit")} } else { {t("note-add")} }
                }
            }
            for note in others {
                span { key: "{note.by}", class: "muted", {t_args("note-by", &[("name", shown_name(&note.by_name).into())])} }
                p { class: "note-text", dir: "auto", {note.note.clone().unwrap_or_default()} }
            }
        }
    }
}

#[component]
fn NoteForm(note: NoteView, on_close: EventHandler<()>) -> Element {
    let surface = use_context::<Surface>();
    let (by, person) = use_hook(|| (note.by, note.persona));
    let before = note.note.unwrap_or_default();
    let mut text = use_signal(|| before.clone());
    let mut failed = use_signal(|| None::<Failure>);
    let long = text.read().trim().chars().count() > NOTE_CHARS;
    let save = move |_| {
        let (node, text) = (surface.node.clone(), text.peek().clone());
        spawn(async move {
            match node.set_note(Some(by), person, &text).await {
                Ok(_) => on_close.call(()),
                Err(error) => failed.set(Some(Failure::of(&error))),
            }
        });
    };
    rsx! {
        div { class: "form",
            label { class: "form-field",
                span { {t("note-title")} }
                textarea {
                    class: "field",
                    rows: "3",
                    initial_value: before,
                    dir: "auto",
                    "data-testid": "person-note-input",
                    "data-autofocus": "true",
                    onmounted: crate::app::focus,
                    onkeydown: move |event| typing(&event),
                    oninput: move |event| {
                        text.set(event.value());
                        failed.set(None);
                    },
                }
            }
            p { class: "hint", {t("note-told")} }
            if long {
                p { class: "failure", role: "alert", {t_args("note-too-long", &[("limit", NOTE_CHARS.into())])} }
            }
            if let Some(failure) = failed.read().as_ref() {
                p { class: "failure", role: "alert", "{failure}" }
            }
            div { class: "dialog-buttons",
                button { class: "button button-quiet", onclick: move |_| on_close.call(()), {t("cancel")} }
                button { class: "button button-primary", "data-testid": "person-note-save", disabled: long, onclick: save, {t("save")} }
            }
        }
    }
}
