//! Further posts: with them what is written is a thread, and goes out as one.

use dioxus::prelude::*;
use kith_node::WritingPart;
use kith_node::limits::SERIES_POSTS;

use super::Draft;
use super::piece::{Count, Files, Piece, TextField, Tools, WarningField, use_intake};
use crate::complete::{About, use_completion};
use crate::icon::{Icon, Shape};
use crate::keyboard::{COMPOSE, Keyboard};
use crate::menu::Ask;
use crate::strings::{t, t_args};
use crate::surface::Surface;

impl Draft {
    /// The first post, as those behind it are.
    pub(super) fn first(self) -> Piece {
        Piece { number: 0, text: self.text, warning: self.warning, pictures: self.pictures }
    }

    /// Reads and subscribes.
    pub(super) fn pieces(self) -> Vec<Piece> {
        [self.first()].into_iter().chain(self.more.read().iter().copied()).collect()
    }

    /// Posts that go out: fields that were opened and left are none. Reads and subscribes.
    pub(super) fn posts(self) -> usize {
        1 + self.more.read().iter().filter(|piece| !piece.is_empty()).count()
    }

    /// What is wrong with those behind the first. Reads and subscribes.
    pub(super) fn more_problem(self) -> Option<String> {
        if self.posts() > SERIES_POSTS {
            return Some(t_args("series-too-many", &[("limit", SERIES_POSTS.into())]));
        }
        let sealed = self.is_sealed();
        self.more.read().iter().filter(|piece| !piece.is_empty()).find_map(|piece| piece.problem(sealed))
    }

    /// Puts these into the fields behind the first.
    pub(super) fn fill_more(mut self, parts: &[WritingPart]) {
        if parts.is_empty() && self.more.peek().is_empty() {
            return;
        }
        let mut spare: Vec<Piece> = self.spare.peek().iter().chain(self.more.peek().iter()).copied().collect();
        let pieces: Vec<Piece> = parts.iter().map(|_| spare.pop().unwrap_or_else(Piece::new)).collect();
        pieces.iter().zip(parts).for_each(|(piece, part)| piece.set(part));
        self.spare.set(spare);
        self.more.set(pieces);
    }

    fn add_post(mut self, keyboard: Keyboard) {
        let piece = self.spare.write().pop().unwrap_or_else(Piece::new);
        piece.set(&WritingPart::default());
        self.more.write().push(piece);
        keyboard.focus_on(&piece.field());
    }

    fn remove_post(mut self, piece: Piece, surface: &Surface, keyboard: Keyboard) {
        let files: Vec<_> = piece.pictures.peek().iter().map(|file| file.staged.hash).collect();
        let before = self.more.peek().iter().copied().take_while(|other| *other != piece).last();
        self.more.write().retain(|other| *other != piece);
        self.spare.write().push(piece);
        files.into_iter().for_each(|hash| surface.node.discard_staged(hash));
        keyboard.focus_on(&before.map_or_else(|| COMPOSE.to_owned(), Piece::field));
    }
}

/// Opens the fields of one more.
#[component]
pub(super) fn AddPost() -> Element {
    let draft = use_context::<Draft>();
    let keyboard = use_context::<Keyboard>();
    let room = draft.more.read().len() + 1 < SERIES_POSTS;
    rsx! {
        button {
            class: "button button-quiet",
            disabled: !room,
            title: if room { t("series-add-title") } else { t_args("series-too-many", &[("limit", SERIES_POSTS.into())]) },
            "data-testid": "composer-add-post",
            onclick: move |_| draft.add_post(keyboard),
            Icon { shape: Shape::Add }
            // There is no room for the words beside all that a post can have.
            span { class: if draft.more.read().is_empty() { "visually-hidden" } else { "" }, {t("series-add")} }
        }
    }
}

/// Posts behind the first one.
#[component]
pub(super) fn Parts(on_send: EventHandler<()>) -> Element {
    let draft = use_context::<Draft>();
    rsx! {
        for (place , piece) in draft.more.read().iter().copied().enumerate() {
            Part { key: "{piece.number}", piece, place: place + 2, on_send }
        }
    }
}

#[component]
fn Part(piece: Piece, place: usize, on_send: EventHandler<()>) -> Element {
    let surface = use_context::<Surface>();
    let draft = use_context::<Draft>();
    let keyboard = use_context::<Keyboard>();
    let completion = use_completion(About::Nothing);
    let intake = use_intake(piece);
    let mut asking = use_signal(|| false);
    let label = t_args("series-part", &[("place", place.into())]);
    let removes = surface.clone();
    rsx! {
        div {
            class: "composer-part",
            role: "group",
            aria_label: label.clone(),
            "data-drop": "true",
            "data-testid": "composer-part",
            ondrop: move |event| intake.dropped.call(event),
            WarningField { piece }
            TextField { piece, completion, label: label.clone(), hint: label.clone(), on_send }
            Files { piece }
            div { class: "composer-tools",
                Tools { piece, completion, intake }
                button {
                    class: "button button-quiet",
                    title: t_args("series-remove-title", &[("place", place.into())]),
                    "data-testid": "part-remove",
                    onclick: move |_| {
                        if piece.is_empty() {
                            draft.remove_post(piece, &removes, keyboard);
                        } else {
                            asking.set(true);
                        }
                    },
                    Icon { shape: Shape::Trash }
                    span { {t("series-remove")} }
                }
                span { class: "grow" }
                Count { piece }
            }
            Ask {
                asking,
                title: t_args("series-remove-title", &[("place", place.into())]),
                does: t("series-remove-does"),
                yes: t("series-remove"),
                testid: "part-remove-confirm",
                on_yes: move |()| draft.remove_post(piece, &surface, keyboard),
            }
        }
    }
}
