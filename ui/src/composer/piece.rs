//! What each post has that is being written: its text, its warning and its files. The first is the draft itself; in a thread
//! there are more ([`super::more`]).

use std::sync::atomic::{AtomicU64, Ordering};

use dioxus::html::HasFileData as _;
use dioxus::prelude::*;
use kith_node::limits::{ALT_CHARS, ATTACHMENTS, CW_CHARS, TEXT_CHARS};
use kith_node::{Staged, WritingPart};

use super::{Attached, Draft, alt_field, is_same, sends};
use crate::attached::FileFace;
use crate::complete::{Completion, Offers};
use crate::emoji::EmojiButton;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::{COMPOSE, typing};
use crate::mention::Names;
use crate::order::{OrderButtons, shift};
use crate::picture::{PictureInput, stage};
use crate::strings::{t, t_args};
use crate::surface::{Surface, Uploads};

#[derive(Clone, Copy, PartialEq)]
pub(super) struct Piece {
    /// 0: the first post.
    pub(super) number: u64,
    pub(super) text: Signal<String>,
    pub(super) warning: Signal<Option<String>>,
    pub(super) pictures: Signal<Vec<Attached>>,
}

impl Piece {
    /// A further one. It lives as long as the app: whoever takes it out keeps it for the next.
    pub(super) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        Self {
            number: COUNT.fetch_add(1, Ordering::Relaxed),
            text: Signal::new_in_scope(String::new(), ScopeId::ROOT),
            warning: Signal::new_in_scope(None, ScopeId::ROOT),
            pictures: Signal::new_in_scope(Vec::new(), ScopeId::ROOT),
        }
    }

    pub(super) fn set(mut self, part: &WritingPart) {
        let attached = |(staged, alt): &(Staged, String)| Attached { staged: staged.clone(), alt: alt.clone() };
        self.text.set(part.text.clone());
        self.warning.set(part.cw.clone());
        self.pictures.set(part.files.iter().map(attached).collect());
    }

    /// As the node keeps it. `None` while the page goes away.
    pub(super) fn part(self) -> Option<WritingPart> {
        let attached = |file: &Attached| (file.staged.clone(), file.alt.clone());
        Some(WritingPart {
            text: self.text.try_peek().ok()?.clone(),
            cw: self.warning.try_peek().ok()?.clone(),
            files: self.pictures.try_peek().ok()?.iter().map(attached).collect(),
        })
    }

    /// Reads and subscribes.
    pub(super) fn is_empty(self) -> bool {
        self.text.read().trim().is_empty()
            && self.pictures.read().is_empty()
            && self.warning.read().as_ref().is_none_or(|warning| warning.trim().is_empty())
    }

    /// What is wrong with it. Reads and subscribes.
    pub(super) fn problem(self, sealed: bool) -> Option<String> {
        let (text, pictures) = (self.text.read(), self.pictures.read());
        if text.trim().is_empty() && pictures.is_empty() {
            return Some(t("composer-empty"));
        }
        if text.chars().count() > TEXT_CHARS {
            return Some(t("composer-too-long"));
        }
        if self.warning.read().as_ref().is_some_and(|warning| warning.chars().count() > CW_CHARS) {
            return Some(t("composer-warning-too-long"));
        }
        if !sealed && pictures.iter().any(|file| file.staged.width == 0) {
            return Some(t("composer-files-public"));
        }
        pictures.iter().any(|picture| picture.alt.chars().count() > ALT_CHARS).then(|| t("composer-alt-too-long"))
    }

    /// The id of its field.
    pub(super) fn field(self) -> String {
        if self.number == 0 { COMPOSE.to_owned() } else { format!("{COMPOSE}-{}", self.number) }
    }

    /// What tests call a control of it.
    fn called(self, control: &str) -> String {
        format!("{}-{control}", if self.number == 0 { "composer" } else { "part" })
    }
}

/// What takes files in: told of how many are on their way, and of each.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Intake {
    started: Callback<usize>,
    staged: Callback<Result<Staged, Failure>>,
    pub(super) dropped: Callback<DragEvent>,
}

/// A hook of a post's fields.
pub(super) fn use_intake(mut piece: Piece) -> Intake {
    let surface = use_context::<Surface>();
    let mut draft = use_context::<Draft>();
    let started = use_callback(move |count: usize| {
        draft.failed.set(None);
        draft.preparing += count;
    });
    let node = surface.node.clone();
    let staged = use_callback(move |answer: Result<Staged, Failure>| {
        draft.preparing.with_mut(|count| *count = count.saturating_sub(1));
        match answer {
            Ok(staged) if piece.pictures.peek().iter().any(|known| is_same(&known.staged, &staged)) => {
                node.discard_staged(staged.hash);
            }
            Ok(staged) if piece.pictures.peek().len() >= ATTACHMENTS => {
                node.discard_staged(staged.hash);
                let limit = t_args("composer-too-many", &[("limit", ATTACHMENTS.into())]);
                draft.failed.set(Some(Failure::said(limit)));
            }
            // What went wrong with another one of those that were chosen stays to be read.
            Ok(staged) => {
                piece.pictures.write().push(Attached { staged, alt: String::new() });
            }
            Err(failure) => draft.failed.set(Some(failure)),
        }
    });
    let node = surface.node.clone();
    let picker = surface.uploads == Uploads::Picker;
    let dropped = use_callback(move |event: DragEvent| {
        // What is dropped on a post of a thread is for no other one.
        event.stop_propagation();
        // WebKitGTK hides the names of files from the page, with which nothing can be read then; the window knows them.
        if picker && event.data_transfer().get_data("text/uri-list").is_some_and(|told| told.is_empty()) {
            stage(&node, event.files(), draft.is_sealed(), Some(started), staged);
        }
    });
    Intake { started, staged, dropped }
}

#[component]
pub(super) fn WarningField(piece: Piece) -> Element {
    let draft = use_context::<Draft>();
    let mut warning = piece.warning;
    if warning.read().is_none() {
        return rsx! {};
    }
    rsx! {
        for generation in [(draft.generation)()] {
            input {
                key: "{generation}",
                class: "field",
                r#type: "text",
                placeholder: t("composer-warning-placeholder"),
                aria_label: t("composer-warning"),
                initial_value: warning.peek().clone().unwrap_or_default(),
                dir: "auto",
                "data-testid": piece.called("cw"),
                onkeydown: move |event| typing(&event),
                oninput: move |event| warning.set(Some(event.value())),
            }
        }
    }
}

#[component]
pub(super) fn TextField(
    piece: Piece,
    completion: Completion,
    label: String,
    hint: String,
    on_send: EventHandler<()>,
) -> Element {
    let mut draft = use_context::<Draft>();
    let names = use_context::<Names>();
    let mut text = piece.text;
    let first = piece.number == 0;
    rsx! {
        div { class: "completing",
            for generation in [(draft.generation)()] {
                textarea {
                    key: "{generation}",
                    id: piece.field(),
                    class: "field composer-text",
                    rows: "3",
                    placeholder: hint.clone(),
                    aria_label: label.clone(),
                    initial_value: names.shown(&text.peek()),
                    aria_autocomplete: "list",
                    aria_controls: completion.list(),
                    aria_activedescendant: completion.active(),
                    dir: "auto",
                    "data-testid": piece.called("text"),
                    "data-autofocus": if first && *draft.refocus.peek() { Some("true") } else { None },
                    onmounted: move |event| {
                        if first && *draft.refocus.peek() {
                            draft.refocus.set(false);
                            crate::app::focus(event);
                        }
                    },
                    oninput: move |event: FormEvent| {
                        text.set(names.kept(&event.value()));
                        completion.typed(event.value());
                    },
                    onkeydown: move |event| {
                        typing(&event);
                        if sends(&event) {
                            on_send.call(());
                        }
                    },
                }
            }
            Offers { completion }
        }
    }
}

/// Its files with their descriptions, in their order; that of a card stands in the card.
#[component]
pub(super) fn Files(piece: Piece) -> Element {
    let draft = use_context::<Draft>();
    let pictures = piece.pictures.read();
    let listed: Vec<Attached> = pictures.iter().filter(|file| !draft.is_of_card(file.staged.hash)).cloned().collect();
    let (of, drawn) = (listed.len(), (draft.generation)());
    if listed.is_empty() {
        return rsx! {};
    }
    rsx! {
        ul { class: "attached",
            for (place , picture) in listed.into_iter().enumerate() {
                AttachedPicture { key: "{picture.staged.hash}-{drawn}", piece, place, picture, of }
            }
        }
    }
}

#[component]
fn AttachedPicture(piece: Piece, picture: ReadSignal<Attached>, place: usize, of: usize) -> Element {
    let surface = use_context::<Surface>();
    let mut draft = use_context::<Draft>();
    let mut pictures = piece.pictures;
    let node = surface.node.clone();
    let view = picture.read();
    let hash = view.staged.hash;
    rsx! {
        li { class: "attached-picture",
            if view.staged.width > 0 {
                img { src: surface.media(view.staged.thumb.unwrap_or(hash)), alt: "", width: "96", height: "96" }
                textarea {
                    class: "field",
                    id: alt_field(hash),
                    rows: "3",
                    placeholder: t("composer-alt-placeholder"),
                    aria_label: t("composer-alt"),
                    initial_value: view.alt.clone(),
                    dir: "auto",
                    "data-testid": piece.called("alt"),
                    onkeydown: move |event| typing(&event),
                    oninput: move |event| {
                        if let Some(picture) = pictures.write().iter_mut().find(|picture| picture.staged.hash == hash) {
                            picture.alt = event.value();
                        }
                    },
                }
            } else {
                FileFace { name: view.staged.name.clone(), size: view.staged.size }
            }
            OrderButtons {
                hash,
                place,
                of,
                on_move: move |later| {
                    let mut files = pictures.write();
                    // That of a card stands in the card, and is passed over.
                    let shown = files.iter().enumerate().filter(|(_, file)| !draft.is_of_card(file.staged.hash));
                    let mut shown: Vec<usize> = shown.map(|(at, _)| at).collect();
                    let before = shown.clone();
                    shift(&mut shown, place, later);
                    let moved = before.iter().zip(&shown).find(|(before, after)| before != after);
                    if let Some((one, other)) = moved {
                        files.swap(*one, *other);
                    }
                },
            }
            button {
                class: "icon-button",
                aria_label: if view.staged.width > 0 { t("composer-remove-picture") } else { t("say-remove-file") },
                title: if view.staged.width > 0 { t("composer-remove-picture") } else { t("say-remove-file") },
                "data-testid": piece.called("remove-picture"),
                onclick: move |_| {
                    draft.failed.set(None);
                    pictures.write().retain(|picture| picture.staged.hash != hash);
                    node.discard_staged(hash);
                },
                Icon { shape: Shape::Close }
            }
        }
    }
}

/// The buttons for what each post can have.
#[component]
pub(super) fn Tools(piece: Piece, completion: Completion, intake: Intake) -> Element {
    let draft = use_context::<Draft>();
    let sealed = draft.is_sealed();
    let mut warning = piece.warning;
    let emoji = if piece.number == 0 { "composer-emoji" } else { "part-emoji" };
    rsx! {
        PictureInput {
            label: if sealed { t("composer-attach-files") } else { t("composer-attach") },
            testid: piece.called("attach"),
            multiple: true,
            sealed,
            on_started: intake.started,
            on_staged: intake.staged,
            Icon { shape: if sealed { Shape::Attach } else { Shape::Picture } }
            span { if sealed { {t("composer-attach-files-short")} } else { {t("composer-attach-short")} } }
        }
        button {
            class: "button button-quiet",
            aria_pressed: warning.read().is_some(),
            "data-testid": piece.called("cw-toggle"),
            onclick: move |_| {
                let next = if warning.peek().is_some() { None } else { Some(String::new()) };
                warning.set(next);
            },
            Icon { shape: Shape::Warning }
            span { {t("composer-warning-short")} }
        }
        EmojiButton {
            class: "button button-quiet",
            testid: emoji,
            on_choose: move |emoji: String| completion.insert(&emoji),
        }
    }
}

/// How long its text is.
#[component]
pub(super) fn Count(piece: Piece) -> Element {
    let length = piece.text.read().chars().count();
    if length == 0 {
        return rsx! {};
    }
    rsx! {
        span {
            class: if length > TEXT_CHARS { "count count-over" } else { "count" },
            aria_label: t_args("composer-count", &[("length", length.into()), ("limit", TEXT_CHARS.into())]),
            "{length} / {TEXT_CHARS}"
        }
    }
}
