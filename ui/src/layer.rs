//! What lies above a screen: menus, choices, questions. Escape closes the topmost, wherever the keyboard is.

use dioxus::prelude::*;

use crate::icon::{Icon, Shape};
use crate::strings::t;

/// Open layers, the topmost last. Those that were closed or left the screen are dropped on the way.
#[derive(Clone, Copy)]
pub(crate) struct Layers(Signal<Vec<Signal<bool>>>);

impl Layers {
    pub(crate) fn new() -> Self {
        Self(Signal::new(Vec::new()))
    }

    fn push(mut self, layer: Signal<bool>) {
        let mut open = self.0.write();
        open.retain(|known| *known != layer && is_open(*known));
        open.push(layer);
    }

    /// Whether there is one.
    pub(crate) fn any(self) -> bool {
        self.0.peek().iter().any(|layer| is_open(*layer))
    }

    /// Whether there was one to close.
    pub(crate) fn close_top(mut self) -> bool {
        let mut open = self.0.write();
        while let Some(mut layer) = open.pop() {
            if is_open(layer)
                && let Ok(mut shown) = layer.try_write()
            {
                *shown = false;
                return true;
            }
        }
        false
    }
}

/// A hook: `open` is a layer while it is true.
pub(crate) fn use_layer(open: Signal<bool>) {
    let layers = use_context::<Layers>();
    use_effect(move || {
        if open() {
            layers.push(open);
        }
    });
}

/// A sheet above everything; its close button, a click beside it and Escape close it. Mounted while it is open.
#[component]
pub(crate) fn Dialog(
    open: Signal<bool>,
    name: &'static str,
    title: String,
    /// Something inside takes the keyboard, not the button that closes it.
    #[props(default)]
    focus_inside: bool,
    children: Element,
) -> Element {
    rsx! {
        div { class: "veil", onclick: move |_| open.set(false) }
        div { class: "dialog", role: "dialog", aria_modal: "true", aria_labelledby: "{name}-title", "data-testid": "{name}-sheet",
            div { class: "dialog-head",
                h2 { id: "{name}-title", "{title}" }
                button {
                    class: "icon-button",
                    aria_label: t("close"),
                    title: t("close"),
                    "data-autofocus": if focus_inside { None } else { Some("true") },
                    onmounted: move |event| {
                        if !focus_inside {
                            crate::app::focus(event);
                        }
                    },
                    onclick: move |_| open.set(false),
                    Icon { shape: Shape::Close }
                }
            }
            {children}
        }
    }
}

fn is_open(layer: Signal<bool>) -> bool {
    layer.try_peek().is_ok_and(|open| *open)
}
