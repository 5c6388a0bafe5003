//! A field for one line and the button that adds it: whom to follow, a list, a hashtag, a word, an anchor.

use std::future::Future;
use std::pin::Pin;

use dioxus::prelude::*;

use crate::failure::Failure;
use crate::keyboard::typing;
use crate::notice::spawn_in_app;
use crate::scan::{ScanButtons, use_scan};
use crate::strings::t;
use crate::surface::Surface;

/// What adding does; its failure stands below the field.
pub(crate) type Adding = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

/// A verb of the node as what adding does.
pub(crate) fn adding<T>(verb: impl Future<Output = kith_node::Result<T>> + 'static) -> Adding {
    Box::pin(async move { verb.await.map(drop).map_err(|error| Failure::of(&error)) })
}

/// The field is emptied when its line was added, and keeps it otherwise.
#[component]
pub(crate) fn AddLine(
    label: String,
    yes: String,
    /// The field's; the button has one of its own.
    testid: &'static str,
    go: &'static str,
    /// Characters.
    limit: usize,
    /// Links and codes: neither words nor sentences.
    #[props(default)]
    code: bool,
    /// What is shown as a QR code elsewhere: it can come out of a picture too.
    #[props(default)]
    scan: bool,
    /// What stands in the field at first.
    #[props(default)]
    value: String,
    /// It is not to be read on the screen.
    #[props(default)]
    secret: bool,
    /// It takes the keyboard when it appears.
    #[props(default)]
    focus: bool,
    on_add: Callback<String, Adding>,
    /// Between the field and its button.
    children: Element,
) -> Element {
    let mut text = use_signal(|| value);
    let mut generation = use_signal(|| 0_u32);
    let mut busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<Failure>);
    let surface = use_context::<Surface>();
    let mut scanned = use_scan(use_callback(move |found: String| {
        failed.set(if found.chars().count() > limit { Some(Failure::said(t("scan-other"))) } else { None });
        text.set(found);
        // The field is drawn anew, with the text in it.
        generation += 1;
    }));
    let length = text.read().trim().chars().count();
    let add = use_callback(move |()| {
        // Of what is secret every sign counts.
        let said = if secret { text.peek().clone() } else { text.peek().trim().to_owned() };
        if said.is_empty() || said.chars().count() > limit || *busy.peek() {
            return;
        }
        busy.set(true);
        let adding = on_add.call(said);
        // It is done even when the form has left the screen; then nobody is told here.
        spawn_in_app(async move {
            let done = adding.await;
            if let (Ok(mut text), Ok(mut generation), Ok(_)) = (text.try_write(), generation.try_write(), &done) {
                text.clear();
                *generation += 1;
            }
            if let (Ok(mut failed), Ok(mut busy)) = (failed.try_write(), busy.try_write()) {
                *failed = done.err();
                *busy = false;
            }
        });
    });
    let line = rsx! {
        div { class: "form-row",
            for generation in [generation()] {
                input {
                    key: "{generation}",
                    class: "field grow",
                    r#type: if secret { "password" } else { "text" },
                    initial_value: text.peek().clone(),
                    placeholder: "{label}",
                    aria_label: "{label}",
                    aria_invalid: failed.read().is_some(),
                    autocomplete: "off",
                    autocapitalize: if code { "none" } else { "sentences" },
                    spellcheck: if code { "false" } else { "true" },
                    dir: if code { "ltr" } else { "auto" },
                    "data-testid": testid,
                    "data-autofocus": if focus { Some("true") } else { None },
                    onmounted: move |event| {
                        if focus {
                            crate::app::focus(event);
                        }
                    },
                    oninput: move |event| {
                        text.set(event.value());
                        failed.set(None);
                        scanned.failed.set(None);
                    },
                    onkeydown: move |event| {
                        typing(&event);
                        if event.key() == Key::Enter && !event.is_composing() {
                            add.call(());
                        }
                    },
                }
            }
            {children}
            button {
                class: "button button-primary",
                disabled: length == 0 || length > limit || busy(),
                "data-testid": go,
                onclick: move |_| add.call(()),
                "{yes}"
            }
        }
        if let Some(failure) = failed.read().as_ref() {
            p { class: "failure", role: "alert", "data-testid": "{testid}-error", "{failure}" }
        }
    };
    if !scan {
        return line;
    }
    rsx! {
        div {
            class: "scan-place",
            "data-drop": "true",
            ondrop: move |event: DragEvent| scanned.dropped(&surface, &event),
            {line}
            ScanButtons { scan: scanned, testid }
        }
    }
}
