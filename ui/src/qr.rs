//! A text as a QR code, drawn as one path (no HTML is built from strings).

use std::fmt::Write;

use dioxus::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code.
const QUIET: usize = 4;

#[component]
pub(crate) fn Qr(text: ReadSignal<String>, label: String) -> Element {
    let drawn = use_memo(move || draw(&text.read()));
    let drawn = drawn.read();
    let Some((side, path)) = drawn.as_ref() else { return rsx! {} };
    rsx! {
        svg {
            class: "qr",
            view_box: "0 0 {side} {side}",
            role: "img",
            "aria-label": label,
            "shape-rendering": "crispEdges",
            rect { class: "qr-light", x: "0", y: "0", width: "{side}", height: "{side}" }
            path { class: "qr-dark", d: "{path}" }
        }
    }
}

/// The side in modules and the path of the dark ones; `None` when the text is too long for a code.
fn draw(text: &str) -> Option<(usize, String)> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let colours = code.to_colors();
    let mut path = String::new();
    for (row, line) in colours.chunks(width).enumerate() {
        for (column, colour) in line.iter().enumerate() {
            if *colour == Color::Dark {
                let _infallible = write!(path, "M{} {}h1v1h-1z", column + QUIET, row + QUIET);
            }
        }
    }
    Some((width + 2 * QUIET, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_finder_and_its_quiet_zone() {
        let drawn = draw("kith:invite").unwrap_or_default();
        assert!(drawn.0 >= 21 + 2 * QUIET);
        assert!(drawn.1.starts_with("M4 4h1v1h-1z"));
        assert!(draw(&"x".repeat(4_000)).is_none());
    }
}
