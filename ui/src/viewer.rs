//! Pictures looked at in their full size, above the page: one after the other, closer and back, with what their authors
//! said of them. The page's script ([`crate::SCRIPT`]) moves and enlarges them, and keeps Tab inside.

use dioxus::prelude::*;
use kith_node::id::BlobHash;
use kith_node::view::AttachmentView;

use crate::attached::SaveButton;
use crate::icon::{Icon, Shape};
use crate::keyboard::Keyboard;
use crate::layer::use_layer;
use crate::picture::Whole;
use crate::strings::{t, t_args};

/// What is looked at. One for all screens.
#[derive(Clone, Copy)]
pub(crate) struct Viewer {
    open: Signal<bool>,
    pictures: Signal<Vec<AttachmentView>>,
    at: Signal<usize>,
    /// The id of the element that opened it, which gets the focus back.
    opener: Signal<String>,
}

impl Viewer {
    pub(crate) fn new() -> Self {
        Self {
            open: Signal::new(false),
            pictures: Signal::new(Vec::new()),
            at: Signal::new(0),
            opener: Signal::new(String::new()),
        }
    }

    /// Opens at one of these pictures; `opener` is the id of the element that gets the focus back.
    pub(crate) fn show(mut self, pictures: Vec<AttachmentView>, hash: BlobHash, opener: String) {
        let Some(at) = pictures.iter().position(|picture| picture.hash == hash) else { return };
        self.pictures.set(pictures);
        self.at.set(at);
        self.opener.set(opener);
        self.open.set(true);
    }

    fn step(mut self, by: isize) {
        let last = self.pictures.peek().len().saturating_sub(1);
        let to = self.at.peek().saturating_add_signed(by).min(last);
        if *self.at.peek() != to {
            self.at.set(to);
        }
    }
}

/// Mounted once.
#[component]
pub(crate) fn ViewerSheet() -> Element {
    let viewer = use_context::<Viewer>();
    let keyboard = use_context::<Keyboard>();
    let mut open = viewer.open;
    use_layer(open);
    let mut was_open = use_hook(|| CopyValue::new(false));
    let mut alt_shown = use_signal(|| false);
    use_effect(move || {
        let open = open();
        if !open && *was_open.read() {
            keyboard.focus_on(&viewer.opener.peek());
        }
        was_open.set(open);
    });
    if !open() {
        return rsx! {};
    }
    let (pictures, at) = (viewer.pictures.read(), (viewer.at)());
    let Some(picture) = pictures.get(at).cloned() else { return rsx! {} };
    let count = pictures.len();
    let alt = picture.alt.clone().filter(|alt| !alt.trim().is_empty());
    let counted = t_args("viewer-count", &[("at", (at + 1).into()), ("count", count.into())]);
    rsx! {
        div { class: "viewer", role: "dialog", aria_modal: "true", aria_label: t("viewer-title"), "data-testid": "viewer",
            for picture in [picture.clone()] {
                div { key: "{picture.hash}", class: "viewer-stage", "data-look": "true", "data-testid": "viewer-stage",
                    Whole { picture }
                }
            }
            div { class: "viewer-bar",
                span { class: "viewer-count number grow", role: "status", "data-testid": "viewer-count",
                    if count > 1 {
                        "{counted}"
                    }
                }
                if alt.is_some() {
                    button {
                        class: "viewer-button viewer-alt-button",
                        aria_expanded: alt_shown(),
                        aria_label: t("picture-show-alt"),
                        title: t("picture-show-alt"),
                        "data-testid": "viewer-alt",
                        onclick: move |_| alt_shown.toggle(),
                        {t("picture-alt")}
                    }
                }
                button { class: "viewer-button", aria_label: t("viewer-out"), title: t("viewer-out"), "data-look-by": "0.6667", "data-testid": "viewer-out",
                    Icon { shape: Shape::Minus }
                }
                button { class: "viewer-button", aria_label: t("viewer-in"), title: t("viewer-in"), "data-look-by": "1.5", "data-testid": "viewer-in",
                    Icon { shape: Shape::Add }
                }
                SaveButton { file: picture.clone(), class: "viewer-button" }
                button {
                    class: "viewer-button",
                    aria_label: t("close"),
                    title: t("close"),
                    "data-autofocus": "true",
                    "data-testid": "viewer-close",
                    onmounted: crate::app::focus,
                    onclick: move |_| open.set(false),
                    Icon { shape: Shape::Close }
                }
            }
            if count > 1 {
                button {
                    class: "viewer-button viewer-step",
                    "data-step": "back",
                    disabled: at == 0,
                    aria_label: t("viewer-previous"),
                    title: t("viewer-previous"),
                    "data-testid": "viewer-previous",
                    onclick: move |_| viewer.step(-1),
                    Icon { shape: Shape::Back }
                }
                button {
                    class: "viewer-button viewer-step",
                    "data-step": "on",
                    disabled: at + 1 == count,
                    aria_label: t("viewer-next"),
                    title: t("viewer-next"),
                    "data-testid": "viewer-next",
                    onclick: move |_| viewer.step(1),
                    Icon { shape: Shape::Next }
                }
            }
            if let Some(alt) = alt.filter(|_| alt_shown()) {
                p { class: "viewer-alt", dir: "auto", "data-testid": "viewer-alt-text", "{alt}" }
            }
        }
    }
}
