//! Choosing one of the colours by which circles and own personas are told apart.

use dioxus::prelude::*;
use kith_node::view::Colour;

use crate::choice::Choices;
use crate::strings::t;

/// `name`: of the choice, among others on the page.
#[component]
pub(crate) fn ColourChoice(label: String, name: String, chosen: Colour, on_choose: EventHandler<Colour>) -> Element {
    rsx! {
        Choices { label: label,
            for colour in Colour::ALL {
                label { key: "{colour.name()}", class: "choice-option",
                    input {
                        r#type: "radio",
                        name: "colour-{name}",
                        checked: chosen == colour,
                        "data-testid": "colour-{colour.name()}",
                        onchange: move |_| on_choose.call(colour),
                    }
                    span { class: "swatch", "data-colour": colour.name(), "aria-hidden": "true" }
                    span { {colour_name(colour)} }
                }
            }
        }
    }
}

pub(crate) fn colour_name(colour: Colour) -> String {
    match colour {
        Colour::Orange => t("colour-orange"),
        Colour::Green => t("colour-green"),
        Colour::Teal => t("colour-teal"),
        Colour::Blue => t("colour-blue"),
        Colour::Purple => t("colour-purple"),
        Colour::Yellow => t("colour-yellow"),
    }
}
