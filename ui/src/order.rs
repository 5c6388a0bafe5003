//! The order of files that are about to be sent: changed by buttons, as dragging is not for everybody.

use dioxus::prelude::*;
use kith_node::id::BlobHash;

use crate::icon::{Icon, Shape};
use crate::keyboard::Keyboard;
use crate::strings::{t, t_args};

/// Moves what stands at a place one further, or one back.
pub(crate) fn shift<T>(list: &mut [T], at: usize, later: bool) {
    let to = if later { at.checked_add(1) } else { at.checked_sub(1) };
    if let Some(to) = to.filter(|to| *to < list.len() && at < list.len()) {
        list.swap(at, to);
    }
}

/// Two buttons for one of several files; nothing where it is alone.
#[component]
pub(crate) fn OrderButtons(
    hash: BlobHash,
    /// From 0.
    place: usize,
    of: usize,
    /// Whether it goes further back.
    on_move: EventHandler<bool>,
) -> Element {
    let keyboard = use_context::<Keyboard>();
    if of < 2 {
        return rsx! {};
    }
    let go = move |later: bool| {
        on_move.call(later);
        // A button that moved along lost the keyboard, and at an end it can do no more.
        let at_end = if later { place + 2 >= of } else { place < 2 };
        keyboard.focus_on(&format!("{}-{hash}", if later == at_end { "earlier" } else { "later" }));
    };
    rsx! {
        div { class: "order", role: "group", aria_label: t_args("order-label", &[("place", (place + 1).into()), ("of", of.into())]),
            button {
                class: "icon-button",
                id: "earlier-{hash}",
                aria_label: t("order-earlier"),
                title: t("order-earlier"),
                "data-testid": "order-earlier",
                disabled: place == 0,
                onclick: move |_| go(false),
                Icon { shape: Shape::Up }
            }
            button {
                class: "icon-button",
                id: "later-{hash}",
                aria_label: t("order-later"),
                title: t("order-later"),
                "data-testid": "order-later",
                disabled: place + 1 >= of,
                onclick: move |_| go(true),
                Icon { shape: Shape::Down }
            }
            span { class: "visually-hidden", role: "status", {t_args("order-label", &[("place", (place + 1).into()), ("of", of.into())])} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_and_none_past_an_end() {
        let mut list = ['a', 'b', 'c'];
        shift(&mut list, 0, true);
        assert_eq!(list, ['b', 'a', 'c']);
        shift(&mut list, 2, false);
        assert_eq!(list, ['b', 'c', 'a']);
        for (at, later) in [(0, false), (2, true), (3, false), (usize::MAX, true)] {
            shift(&mut list, at, later);
        }
        assert_eq!(list, ['b', 'c', 'a']);
    }
}
