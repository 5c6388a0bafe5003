//! Export and import: a card of the settings. The file lies where the node runs, so it is named by its path there; the
//! page in a browser says so.

use std::path::Path;

use dioxus::prelude::*;
use fluent_bundle::FluentValue;
use kith_node::{BundleNews, BundleView, Error, Export, Node, Transfer};

use crate::apart::Apart;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::keyboard::typing;
use crate::network::{Connection, size};
use crate::notice::{Notices, spawn_in_app};
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time::date;

const WHAT: [(Export, &str); 3] =
    [(Export::All, ALL), (Export::Posts, "bundle-posts"), (Export::Identity, "bundle-identity")];

const ALL: &str = "bundle-all";

/// What the card asks the node for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// `true`: another bundle there is replaced.
    Export(Export, bool),
    Preview,
    Import,
}

#[component]
pub(crate) fn BundleCard() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let notices = use_context::<Notices>();
    let mut file = use_signal(String::new);
    let mut passphrase = use_signal(String::new);
    let mut what = use_signal(|| 0_usize);
    let mut failed = use_signal(|| None::<Failure>);
    let mut seen = use_signal(|| None::<BundleView>);
    let (places, connection) = (use_context::<Places>(), use_context::<Connection>());
    let mut imported = use_signal(|| false);
    let mut taken = use_signal(|| false);
    let node = surface.node.clone();
    let transfer = use_memo(move || {
        let _again = (pulse.transfer)();
        node.transfer()
    });
    let wish = {
        let node = surface.node.clone();
        move |wish: Wish| {
            let (node, path, secret) = (node.clone(), file.peek().clone(), passphrase.peek().clone());
            failed.set(None);
            seen.set(None);
            taken.set(false);
            if wish == Wish::Preview {
                spawn(async move {
                    match carry_out(&node, wish, &path, &secret).await {
                        Ok(view) => seen.set(Some(view)),
                        Err(error) => failed.set(Some(Failure::of(&error))),
                    }
                });
                return;
            }
            // It outlasts this screen.
            spawn_in_app(async move {
                match carry_out(&node, wish, &path, &secret).await {
                    Ok(view) => {
                        notices.tell(done(wish, &view));
                        if let (Wish::Import, Ok(mut imported)) = (wish, imported.try_write()) {
                            *imported = true;
                        }
                    }
                    Err(error) => {
                        // Where the screen is still there it asks.
                        match (&error, taken.try_write()) {
                            (Error::Exists(_), Ok(mut taken)) => *taken = true,
                            _ => notices.fail(&Failure::of(&error)),
                        }
                    }
                }
            });
        }
    };
    let (mut export, mut replace, mut preview, mut import) = (wish.clone(), wish.clone(), wish.clone(), wish);
    let inside = use_context::<Apart>().inside().is_some();
    let busy = transfer().is_some();
    let empty = file.read().trim().is_empty() || passphrase.read().is_empty();
    rsx! {
        section { class: "card", aria_label: t("bundle-title"), "data-testid": "bundle",
            h2 { {t("bundle-title")} }
            p { class: "muted", {t(if inside { "bundle-told-apart" } else { "bundle-told" })} }
            label { class: "form-field",
                span { {t("bundle-file")} }
                input {
                    class: "field",
                    r#type: "text",
                    "data-testid": "bundle-file",
                    onkeydown: move |event| typing(&event),
                    autocomplete: "off",
                    spellcheck: "false",
                    placeholder: t("bundle-file-example"),
                    value: "{file}",
                    oninput: move |event| {
                        seen.set(None);
                        taken.set(false);
                        file.set(event.value());
                    },
                }
            }
            label { class: "form-field",
                span { {t("bundle-passphrase")} }
                input {
                    class: "field",
                    r#type: "password",
                    autocomplete: "off",
                    "data-testid": "bundle-passphrase",
                    onkeydown: move |event| typing(&event),
                    value: "{passphrase}",
                    oninput: move |event| passphrase.set(event.value()),
                }
            }
            p { class: "hint", {t("bundle-passphrase-told")} }
            label { class: "form-field",
                span { {t("bundle-what")} }
                select {
                    class: "field field-select",
                    "data-testid": "bundle-what",
                    onchange: move |event| what.set(event.value().parse().unwrap_or_default()),
                    for (at , (_ , text)) in WHAT.into_iter().enumerate() {
                        option { key: "{at}", value: "{at}", selected: what() == at, {t(if inside && text == ALL { "bundle-all-apart" } else { text })} }
                    }
                }
            }
            div { class: "form-row",
                button {
                    class: "button button-quiet",
                    disabled: busy || empty,
                    "data-testid": "bundle-export",
                    onclick: move |_| {
                        let chosen = WHAT.get(what()).map_or(Export::All, |(export, _)| *export);
                        export(Wish::Export(chosen, false));
                    },
                    {t("bundle-export")}
                }
                button {
                    class: "button button-quiet",
                    disabled: busy || empty,
                    "data-testid": "bundle-preview",
                    onclick: move |_| preview(Wish::Preview),
                    {t("bundle-preview")}
                }
            }
            if taken() {
                div { class: "warning", role: "alert", "data-testid": "bundle-taken",
                    span { class: "grow", {t("bundle-taken")} }
                    button {
                        class: "button button-quiet",
                        "data-testid": "bundle-replace",
                        onclick: move |_| {
                            let chosen = WHAT.get(what()).map_or(Export::All, |(export, _)| *export);
                            replace(Wish::Export(chosen, true));
                        },
                        {t("bundle-replace")}
                    }
                }
            }
            if let Some(far) = transfer() {
                Moving { far }
            }
            if let Some(failure) = failed.read().as_ref() {
                p { class: "failure", role: "alert", "{failure}" }
            }
            // A bundle holds nobody's address.
            if imported() && !connection.alive() {
                div { class: "warning", role: "status", "data-testid": "bundle-alone",
                    span { class: "grow", {t("bundle-alone")} }
                    button { class: "button button-quiet", "data-testid": "bundle-people", onclick: move |_| places.go(Route::People), {t("empty-follow")} }
                }
            }
            if let Some(view) = seen.read().as_ref() {
                div { "data-testid": "bundle-seen",
                    p { {holds(view)} }
                    if let Some(new) = view.new {
                        p { class: "muted", "data-testid": "bundle-new", {news(new)} }
                    }
                    button {
                        class: "button",
                        disabled: busy || empty,
                        "data-testid": "bundle-import",
                        onclick: move |_| import(Wish::Import),
                        {t("bundle-import")}
                    }
                }
            }
        }
    }
}

/// How far it is, and how to end it.
#[component]
fn Moving(far: Transfer) -> Element {
    let surface = use_context::<Surface>();
    rsx! {
        div { class: "form-row", role: "status", "data-testid": "bundle-progress",
            progress { class: "meter", max: "{far.total.max(1)}", value: "{far.done}", aria_label: t("bundle-title") }
            button { class: "button button-quiet", "data-testid": "bundle-end", onclick: move |_| surface.node.end_transfer(), {t("bundle-end")} }
        }
    }
}

async fn carry_out(node: &Node, wish: Wish, path: &str, passphrase: &str) -> Result<BundleView, Error> {
    let path = Path::new(path.trim());
    // Where a node was started from means nothing to who looks at a window.
    if !path.is_absolute() {
        return Err(Error::BadInput(t("bundle-path")));
    }
    match wish {
        Wish::Export(what, replace) => node.export(path, what, passphrase, replace).await,
        Wish::Preview => node.preview_import(path, passphrase).await,
        Wish::Import => node.import(path, passphrase).await,
    }
}

fn counted(view: &BundleView) -> [(&'static str, FluentValue<'static>); 4] {
    [
        ("who", names(view).into()),
        ("entries", view.entries.into()),
        ("files", view.blobs.into()),
        ("size", size(view.bytes).into()),
    ]
}

fn names(view: &BundleView) -> String {
    view.who.iter().map(|persona| persona.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn holds(view: &BundleView) -> String {
    let written = date(view.made_s.saturating_mul(1_000)).into();
    let [who, entries, files, size] = counted(view);
    t_args(
        "bundle-holds",
        &[who, entries, files, size, ("posts", view.posts.unwrap_or_default().into()), ("date", written)],
    )
}

fn news(new: BundleNews) -> String {
    t_args(
        "bundle-new",
        &[
            ("personas", new.personas.into()),
            ("posts", new.posts.into()),
            ("entries", new.entries.into()),
            ("files", new.blobs.into()),
        ],
    )
}

fn done(wish: Wish, view: &BundleView) -> String {
    match (wish, &view.taken) {
        (Wish::Import, Some(taken)) => t_args(
            "bundle-imported",
            &[("entries", taken.entries.into()), ("files", taken.blobs.into()), ("personas", taken.personas.into())],
        ),
        _ => t_args("bundle-exported", &counted(view)),
    }
}
