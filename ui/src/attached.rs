//! Files of a private message: those that are about to be sent, and those that came.

use dioxus::prelude::*;
use kith_node::Staged;
use kith_node::id::{BlobHash, EntryId};
use kith_node::view::AttachmentView;

use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::typing;
use crate::notice::{Notices, spawn_in_app};
use crate::order::OrderButtons;
use crate::picture::{Pictures, owner, pictures};
use crate::strings::{t, t_args};
use crate::surface::{Host, Surface};

/// A file that is prepared and stored, and waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attached {
    pub(crate) staged: Staged,
    pub(crate) alt: String,
}

/// One of them above the field, with what it shows and a way out.
#[component]
pub(crate) fn AttachedFile(
    file: ReadSignal<Attached>,
    place: usize,
    of: usize,
    /// Whether it goes further back.
    on_move: EventHandler<bool>,
    on_alt: EventHandler<(BlobHash, String)>,
    on_remove: EventHandler<BlobHash>,
) -> Element {
    let surface = use_context::<Surface>();
    let view = file.read();
    let hash = view.staged.hash;
    rsx! {
        li { class: "attached-picture", "data-testid": "say-file",
            if view.staged.width > 0 {
                img { src: surface.media(view.staged.thumb.unwrap_or(hash)), alt: "", width: "96", height: "96" }
                textarea {
                    class: "field",
                    rows: "2",
                    placeholder: t("composer-alt-placeholder"),
                    aria_label: t("composer-alt"),
                    initial_value: view.alt.clone(),
                    dir: "auto",
                    "data-testid": "say-alt",
                    onkeydown: move |event| typing(&event),
                    oninput: move |event| on_alt.call((hash, event.value())),
                }
            } else {
                FileFace { name: view.staged.name.clone(), size: view.staged.size }
            }
            OrderButtons { hash, place, of, on_move }
            button {
                class: "icon-button",
                aria_label: t("say-remove-file"),
                title: t("say-remove-file"),
                "data-testid": "say-remove-file",
                onclick: move |_| on_remove.call(hash),
                Icon { shape: Shape::Close }
            }
        }
    }
}

/// What is no picture: its name and size.
#[component]
pub(crate) fn FileFace(name: Option<String>, size: u64) -> Element {
    let name = name.unwrap_or_else(|| t("file-without-name"));
    rsx! {
        Icon { shape: Shape::Held }
        span { class: "row-text grow",
            bdi { class: "name", dir: "auto", "data-testid": "file-name", "{name}" }
            span { class: "muted", {crate::network::size(size)} }
        }
    }
}

/// The files of a message in its bubble. `closed`: of a request, whose files nothing here loads.
#[component]
pub(crate) fn Files(
    attachments: ReadSignal<Vec<AttachmentView>>,
    closed: bool,
    /// What begins the ids of its pictures.
    owner: String,
) -> Element {
    let all = attachments.read();
    if all.is_empty() {
        return rsx! {};
    }
    if closed {
        return rsx! {
            p { class: "hint", "data-testid": "files-closed", {t_args("files-closed", &[("count", all.len().into())])} }
        };
    }
    rsx! {
        AllFiles { attachments, full: false, owner }
    }
}

/// The files of a post: pictures, and to circles any other too.
#[component]
pub(crate) fn PostFiles(attachments: ReadSignal<Vec<AttachmentView>>, full: bool, post: EntryId) -> Element {
    rsx! {
        AllFiles { attachments, full, owner: owner(post, full) }
    }
}

#[component]
fn AllFiles(attachments: ReadSignal<Vec<AttachmentView>>, full: bool, owner: String) -> Element {
    let all = attachments.read();
    rsx! {
        Pictures { attachments: pictures(&all), full, owner }
        for file in all.iter().filter(|file| file.width == 0) {
            FileRow { key: "{file.hash}", file: file.clone() }
        }
    }
}

/// A file that came, and a way to keep it outside.
#[component]
fn FileRow(file: ReadSignal<AttachmentView>) -> Element {
    let view = file.read();
    rsx! {
        div { class: "file-row", "data-testid": "file", onclick: move |event| event.stop_propagation(),
            FileFace { name: view.name.clone(), size: view.size }
            SaveButton { file }
        }
    }
}

/// Keeps a file outside of the profile; one that is not here is fetched.
#[component]
pub(crate) fn SaveButton(
    file: ReadSignal<AttachmentView>,
    #[props(default = "icon-button")] class: &'static str,
) -> Element {
    let surface = use_context::<Surface>();
    let (pulse, notices) = (use_context::<Pulse>(), use_context::<Notices>());
    let host = try_consume_context::<Host>();
    let view = file.read();
    let hash = view.hash;
    let here = view.here || pulse.arrived.read().contains(&hash);
    let name = view.name.clone().unwrap_or_else(|| name_of(&view));
    let label = t_args("file-save-of", &[("name", name.as_str().into())]);
    let node = surface.node.clone();
    let download = name.clone();
    let save = move |_| {
        let (node, host, name) = (node.clone(), host, name.clone());
        // It goes on when the screen is left.
        spawn_in_app(async move {
            let blob = match node.blob(hash).await {
                Ok(blob) => blob,
                Err(kith_node::Error::NotFound { .. }) => return notices.tell(t("file-coming")),
                Err(error) => return notices.tell(Failure::of(&error).to_string()),
            };
            if let Some(host) = host {
                match (host.save)(blob, name).await {
                    Ok(place) => notices.tell(t_args("file-saved", &[("place", place.into())])),
                    Err(error) => notices.tell(t_args("file-not-saved", &[("error", error.to_string().into())])),
                }
            }
        });
    };
    rsx! {
        if here && host.is_none() {
            a {
                class,
                href: surface.media(hash),
                download,
                aria_label: label,
                title: t("file-save"),
                "data-testid": "file-save",
                Icon { shape: Shape::Down }
            }
        } else {
            button {
                class,
                aria_label: label,
                title: if here { t("file-save") } else { t("file-fetch") },
                "data-testid": "file-save",
                onclick: save,
                Icon { shape: Shape::Down }
            }
        }
    }
}

/// What a file without a name is called outside: pictures of posts have none.
fn name_of(file: &AttachmentView) -> String {
    let ending = match file.mime.as_str() {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "image/gif" => "gif",
        _ => return t("file-without-name"),
    };
    let hash = file.hash.to_string();
    format!("kith-{}.{ending}", hash.get(..8).unwrap_or(&hash))
}

/// What stands for files where only words can.
pub(crate) fn told(count: usize) -> String {
    t_args("message-files", &[("count", count.into())])
}
