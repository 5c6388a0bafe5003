//! The shape of what is still being read, in its place.

use dioxus::prelude::*;

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
