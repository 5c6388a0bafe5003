//! What is ticked in a form: one of several, or some.

use dioxus::prelude::*;

use crate::strings::t;

/// Options under a label.
#[component]
pub(crate) fn Choices(label: String, children: Element) -> Element {
    rsx! {
        fieldset { class: "choice",
            legend { "{label}" }
            div { class: "choice-options", {children} }
        }
    }
}

/// One of several. `options`: what it stands for, its value among them, and the key of its text. `name`: of the choice,
/// among others on the page. The options' test ids are `testid` and their values.
#[component]
pub(crate) fn OneOf<T: Copy + PartialEq + 'static>(
    label: String,
    name: String,
    testid: &'static str,
    options: Vec<(T, &'static str, &'static str)>,
    chosen: Option<T>,
    on_choose: EventHandler<T>,
) -> Element {
    rsx! {
        Choices { label,
            for (of , value , text) in options {
                label { key: "{value}", class: "choice-option",
                    input {
                        r#type: "radio",
                        name: "{name}",
                        value,
                        checked: chosen == Some(of),
                        "data-testid": "{testid}-{value}",
                        onchange: move |_| on_choose.call(of),
                    }
                    span { {t(text)} }
                }
            }
        }
    }
}
