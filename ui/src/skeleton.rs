//! What stands in the place of what is not there yet, or could not be read.

use dioxus::prelude::*;

use crate::failure::Failure;
use crate::strings::t;

/// A post that is on its way.
#[component]
pub(crate) fn PostSkeleton() -> Element {
    rsx! {
        article { class: "post skeleton", "aria-busy": "true", aria_label: t("loading"), "data-skeleton": "true", "data-testid": "skeleton",
            div { class: "skeleton-row", "aria-hidden": "true",
                span { class: "skeleton-face" }
                span { class: "skeleton-line grow", "data-part": "name" }
            }
            div { class: "skeleton-line", "aria-hidden": "true" }
            div { class: "skeleton-line", "aria-hidden": "true", "data-part": "short" }
        }
    }
}

/// Messages that are on their way.
#[component]
pub(crate) fn ChatSkeleton() -> Element {
    rsx! {
        div { class: "chat-skeleton", role: "status", aria_label: t("loading"), "data-testid": "skeleton",
            for (nth , side) in ["other", "own", "other"].into_iter().enumerate() {
                div { key: "{nth}", class: "skeleton-line skeleton-bubble", "data-side": side, "aria-hidden": "true" }
            }
        }
    }
}

/// A profile that is on its way.
#[component]
pub(crate) fn ProfileSkeleton() -> Element {
    rsx! {
        section { class: "profile", "aria-busy": "true", aria_label: t("loading"), "data-testid": "skeleton",
            span { class: "skeleton-face skeleton-face-large", "aria-hidden": "true" }
            div { class: "skeleton-line", "data-part": "name", "aria-hidden": "true" }
            div { class: "skeleton-line", "data-part": "short", "aria-hidden": "true" }
        }
        PostSkeleton {}
    }
}

/// What went wrong, the next step, and a button that tries again.
#[component]
pub(crate) fn Trouble(failure: Failure, on_again: EventHandler<()>) -> Element {
    rsx! {
        div { class: "failure trouble", role: "alert", "data-testid": "trouble",
            p { class: "grow", "{failure}" }
            button { class: "button button-quiet", "data-testid": "trouble-again", onclick: move |_| on_again.call(()), {t("again")} }
        }
    }
}
