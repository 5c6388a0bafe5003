//! A button that opens what stands below it, and closes it again.

use dioxus::prelude::*;

/// `of`: its whole name, where what it shows is said of several things on the page.
#[component]
pub(crate) fn Opener(
    mut open: Signal<bool>,
    testid: &'static str,
    #[props(default)] of: Option<String>,
    children: Element,
) -> Element {
    rsx! {
        button {
            class: "button button-quiet",
            aria_label: of,
            aria_expanded: open(),
            "data-testid": testid,
            onclick: move |_| open.toggle(),
            {children}
        }
    }
}
