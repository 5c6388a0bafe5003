//! A code out of a picture, for a field into which one is pasted: its text comes into the field, and nothing is done with
//! it before its user says so.

use dioxus::html::{FileData, HasFileData as _};
use dioxus::prelude::*;
use kith_node::Node;
use kith_node::limits::PICTURE_FILE_BYTES;

use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::layer::{Dialog, use_layer};
use crate::strings::{t, t_args};
use crate::surface::{Surface, Uploads};

/// What is read out of the pictures that are given to one field.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Scan {
    /// A picture is looked at.
    busy: Signal<bool>,
    pub(crate) failed: Signal<Option<Failure>>,
    on_text: Callback<String>,
}

/// `on_text` gets what was found.
pub(crate) fn use_scan(on_text: Callback<String>) -> Scan {
    Scan { busy: use_signal(|| false), failed: use_signal(|| None), on_text }
}

impl Scan {
    fn begin(mut self) {
        self.failed.set(None);
        self.busy.set(true);
    }

    fn end(mut self, read: Result<String, Failure>) {
        self.busy.set(false);
        match read {
            Ok(text) => {
                self.failed.set(None);
                self.on_text.call(text);
            }
            Err(failure) => self.failed.set(Some(failure)),
        }
    }

    /// In a window, whose handlers can read files; of several the first.
    fn take(self, node: &Node, files: Vec<FileData>) {
        let Some(file) = files.into_iter().next() else { return };
        let node = node.clone();
        self.begin();
        spawn(async move { self.end(read(&node, file).await) });
    }

    /// What is dropped on a window that hides the names of files from its page.
    pub(crate) fn dropped(self, surface: &Surface, event: &DragEvent) {
        let hidden = || event.data_transfer().get_data("text/uri-list").is_some_and(|told| told.is_empty());
        if surface.uploads == Uploads::Picker && hidden() {
            self.take(&surface.node, event.files());
        }
    }
}

async fn read(node: &Node, file: FileData) -> Result<String, Failure> {
    if file.size() > PICTURE_FILE_BYTES as u64 {
        let limit = PICTURE_FILE_BYTES >> 20;
        return Err(Failure::said(t_args("picture-too-large", &[("limit", limit.into())])));
    }
    let Ok(bytes) = file.read_bytes().await else { return Err(Failure::said(t("picture-unreadable"))) };
    node.read_code(bytes.to_vec()).await.map_err(|error| Failure::of(&error))
}

/// The buttons below the field: a picture that is there, and the camera where there is one. On phones whose browser
/// keeps the camera from the page, a picture is taken by the system's own.
#[component]
pub(crate) fn ScanButtons(mut scan: Scan, testid: &'static str) -> Element {
    let busy = (scan.busy)();
    let mut live = use_signal(|| false);
    use_layer(live);
    rsx! {
        div { class: "scan-row",
            Chooser { scan, testid, camera: false }
            Chooser { scan, testid, camera: true }
            button {
                class: "button button-quiet scan-live",
                aria_haspopup: "dialog",
                "data-testid": "{testid}-live",
                onclick: move |_| {
                    scan.failed.set(None);
                    live.set(true);
                },
                Icon { shape: Shape::Camera }
                span { {t("scan-live")} }
            }
            if busy {
                span { class: "hint", role: "status", {t("scan-busy")} }
            }
        }
        if let Some(failure) = scan.failed.read().as_ref() {
            p { class: "failure", role: "alert", "data-testid": "{testid}-picture-error", "{failure}" }
        }
        if live() {
            Live { scan, open: live }
        }
    }
}

/// What the camera sees; the page gives frames to the node until one holds a code.
#[component]
fn Live(scan: Scan, open: Signal<bool>) -> Element {
    let seen = move |event: FormEvent| {
        let told = told(&event.value());
        if matches!(told, Told::Closed | Told::Read(_)) {
            open.set(false);
        }
        if let Told::Read(read) = told {
            scan.end(read);
        }
    };
    rsx! {
        Dialog { open, name: "camera", title: t("scan-live-title"),
            div { class: "scan-film",
                // Nothing in it is to be heard or read; the words below say what to do.
                video { "data-code": "true", "playsinline": "true", aria_hidden: "true" }
                input { r#type: "hidden", "data-uploaded": "true", oninput: seen }
            }
            p { class: "hint", role: "status", {t("scan-live-hint")} }
        }
    }
}

#[component]
fn Chooser(scan: Scan, testid: &'static str, camera: bool) -> Element {
    let surface = use_context::<Surface>();
    let by_page = surface.uploads == Uploads::Page;
    let node = surface.node.clone();
    let picked = move |event: FormEvent| {
        // As of attachments: of a web page only its upload counts.
        if !by_page {
            scan.take(&node, event.files());
        }
    };
    let uploaded = move |event: FormEvent| match told(&event.value()) {
        Told::Nothing | Told::Closed => {}
        Told::Started => scan.begin(),
        Told::Read(read) => scan.end(read),
    };
    let (text, name) = if camera { ("scan-camera", "camera") } else { ("scan-picture", "picture") };
    rsx! {
        label { class: if camera { "button button-quiet file-button scan-camera" } else { "button button-quiet file-button" },
            input {
                r#type: "file",
                name: "code",
                class: "visually-hidden",
                accept: "image/jpeg,image/png,image/webp,image/gif,image/*",
                aria_label: t(text),
                capture: if camera { Some("environment") } else { None },
                "data-upload": "code",
                "data-testid": "{testid}-{name}",
                onchange: picked,
            }
            input { r#type: "hidden", "data-uploaded": "true", oninput: uploaded }
            Icon { shape: if camera { Shape::Camera } else { Shape::Picture } }
            span { {t(text)} }
        }
    }
}

/// What the page tells of a picture.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Started,
    /// Of the camera: nobody looks any more.
    Closed,
    Read(Result<String, Failure>),
}

fn told(json: &str) -> Told {
    if json.is_empty() {
        return Told::Nothing;
    }
    let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    if value.get("started").is_some() {
        return Told::Started;
    }
    if value.get("closed").is_some() {
        return Told::Closed;
    }
    if let Some(found) = value.get("text").and_then(|found| found.as_str()) {
        return Told::Read(Ok(found.to_owned()));
    }
    let why = value.get("error").and_then(|why| why.as_str());
    Told::Read(Err(Failure::said(why.map_or_else(|| t("picture-unreadable"), str::to_owned))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_answer_is_a_text_or_a_reason() {
        assert_eq!(told(""), Told::Nothing);
        assert_eq!(told(r#"{"started":1}"#), Told::Started);
        assert_eq!(told(r#"{"closed":true}"#), Told::Closed);
        assert_eq!(told(r#"{"text":"kith:a"}"#), Told::Read(Ok("kith:a".into())));
        assert_eq!(told(r#"{"error":"several"}"#), Told::Read(Err(Failure::said("several".into()))));
        for broken in ["[]", "{\"text\":4}", "x"] {
            assert_eq!(told(broken), Told::Read(Err(Failure::said(t("picture-unreadable")))));
        }
    }
}
