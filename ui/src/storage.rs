//! What this device keeps, how much it may, and the anchors that help it: cards of the settings.

use dioxus::prelude::*;
use kith_node::limits::INVITE_CHARS;
use kith_node::view::{AnchorView, PathKind, StorageView};

use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::line::{AddLine, Adding, adding};
use crate::network::{short, size};
use crate::notice::{Notices, act};
use crate::opener::Opener;
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Limits that can be chosen, bytes.
const LIMITS: [u64; 5] = [512 << 20, 2 << 30, 5 << 30, 20 << 30, 100 << 30];
/// The form's name for what the role gives.
const BY_ROLE: &str = "role";

#[component]
pub(crate) fn StorageCard() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let notices = use_context::<Notices>();
    let node = surface.node.clone();
    let storage = use_resource(move || {
        let node = node.clone();
        let _again = (pulse.settings)();
        async move { node.storage().await.map_err(|error| Failure::of(&error)) }
    });
    let choose = {
        let surface = surface.clone();
        move |event: FormEvent| {
            let node = surface.node.clone();
            // Anything but a number is what the role gives.
            let bytes = event.value().parse().ok();
            act(notices, async move { node.set_quota(bytes).await });
        }
    };
    let storage = storage.read();
    rsx! {
        section { class: "card", aria_label: t("storage-title"), "data-testid": "storage",
            h2 { {t("storage-title")} }
            match storage.as_ref() {
                None => rsx! {},
                Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                Some(Ok(view)) => rsx! {
                    Used { view: *view }
                    label { class: "form-field",
                        span { {t("storage-limit")} }
                        select { class: "field field-select", "data-testid": "storage-limit", onchange: choose,
                            option { value: BY_ROLE, selected: !view.limited, {t_args("storage-by-role", &[("size", size(view.usual).into())])} }
                            for limit in offered(view) {
                                option {
                                    key: "{limit}",
                                    value: "{limit}",
                                    selected: view.limited && view.quota == limit,
                                    {size(limit)}
                                }
                            }
                        }
                    }
                    p { class: "hint", {t("storage-told")} }
                    label { class: "switch-row",
                        input {
                            r#type: "checkbox",
                            role: "switch",
                            checked: view.metered,
                            "data-testid": "storage-metered",
                            onchange: move |event| {
                                let (node, on) = (surface.node.clone(), event.checked());
                                act(notices, async move { node.set_metered(on).await });
                            },
                        }
                        span { {t("storage-metered")} }
                    }
                },
            }
        }
    }
}

/// The limits to choose from, and the one that was set by other means.
fn offered(view: &StorageView) -> Vec<u64> {
    let mut limits = LIMITS.to_vec();
    if view.limited && !limits.contains(&view.quota) {
        limits.push(view.quota);
        limits.sort_unstable();
    }
    limits
}

#[component]
fn Used(view: StorageView) -> Element {
    let parts = [
        ("storage-own", view.own),
        ("storage-followed", view.followed),
        ("storage-files", view.files),
        ("storage-others", view.carried + view.strangers + view.left),
    ];
    rsx! {
        p { {t_args("storage-used", &[("used", size(view.used).into()), ("quota", size(view.quota).into())])} }
        progress { class: "meter", max: "{view.quota.max(1)}", value: "{view.used.min(view.quota)}", aria_label: t("storage-title") }
        dl { class: "facts",
            for (text , bytes) in parts {
                dt { {t(text)} }
                dd { class: "number", {size(bytes)} }
            }
        }
    }
}

#[component]
pub(crate) fn AnchorsCard() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let node = surface.node.clone();
    let mut anchors = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.settings)(), (pulse.network)());
        async move { node.anchors().await.map_err(|error| Failure::of(&error)) }
    });
    let add = move |ticket: String| {
        let node = surface.node.clone();
        adding(async move {
            let added = node.add_anchor(&ticket).await;
            anchors.restart();
            added
        })
    };
    let shown = anchors.read();
    rsx! {
        section { class: "card", aria_label: t("anchors-title"), "data-testid": "anchors",
            h2 { {t("anchors-title")} }
            p { class: "muted", {t("anchors-told")} }
            match shown.as_ref() {
                None => rsx! {},
                Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                Some(Ok(list)) if list.is_empty() => rsx! { p { class: "quiet-line", {t("anchors-empty")} } },
                Some(Ok(list)) => rsx! {
                    ul { class: "rows",
                        for anchor in list {
                            Anchor { key: "{anchor.node}", anchor: anchor.clone(), on_changed: move |()| anchors.restart() }
                        }
                    }
                },
            }
            AddLine {
                label: t("anchors-ticket"),
                yes: t("anchors-add"),
                testid: "anchor-ticket",
                go: "anchor-add",
                limit: INVITE_CHARS,
                code: true,
                on_add: add,
            }
        }
    }
}

/// Whether a node that helps this one is there now.
pub(crate) fn reached(connected: bool, path: Option<PathKind>) -> String {
    match (connected, path) {
        (true, Some(PathKind::Relayed)) => t("anchors-relayed"),
        (true, _) => t("anchors-connected"),
        (false, _) => t("anchors-away"),
    }
}

#[component]
fn Anchor(anchor: AnchorView, on_changed: EventHandler<()>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let node = anchor.node;
    let short = short(node);
    let mut telling = use_signal(|| false);
    let handle = surface.node.clone();
    let tell = move |web: String| {
        let handle = handle.clone();
        Box::pin(async move {
            handle.set_anchor_web(node, &web).await.map_err(|error| Failure::of(&error))?;
            telling.set(false);
            on_changed.call(());
            Ok(())
        }) as Adding
    };
    let state = reached(anchor.connected, anchor.path);
    rsx! {
        li { class: "row",
            span { class: "row-text grow",
                code { class: "id", "{short}" }
                span { class: "muted", "{state}" }
                if let Some(web) = anchor.web.as_ref() {
                    span { class: "muted row-line", dir: "ltr", "data-testid": "anchor-web", "{web}" }
                }
            }
            Opener { open: telling, testid: "anchor-web-tell", {t("anchors-web")} }
            button {
                class: "icon-button",
                aria_label: t_args("anchors-remove", &[("node", short.as_str().into())]),
                "data-testid": "anchor-remove",
                onclick: move |_| {
                    let handle = surface.node.clone();
                    act(notices, async move {
                        let removed = handle.remove_anchor(&node.to_string()).await;
                        on_changed.call(());
                        removed
                    });
                },
                Icon { shape: Shape::Close }
            }
        }
        if telling() {
            li { class: "row row-form",
                p { class: "hint", {t("anchors-web-told")} }
                AddLine {
                    label: t("anchors-web-address"),
                    yes: t("save"),
                    testid: "anchor-web-input",
                    go: "anchor-web-save",
                    limit: INVITE_CHARS,
                    code: true,
                    on_add: tell,
                }
            }
        }
    }
}
