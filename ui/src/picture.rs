//! Pictures of a post, and the control that chooses one.

use dioxus::html::FileData;
use dioxus::prelude::*;
use kith_node::id::{BlobHash, EntryId};
use kith_node::limits::PICTURE_FILE_BYTES;
use kith_node::view::AttachmentView;
use kith_node::{Node, Staged};

use crate::blurhash;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::strings::{t, t_args};
use crate::surface::{Surface, Uploads};
use crate::viewer::Viewer;

/// Those of some files that are pictures.
pub(crate) fn pictures(files: &[AttachmentView]) -> Vec<AttachmentView> {
    files.iter().filter(|file| file.width > 0).cloned().collect()
}

/// What begins the ids of a post's pictures: it may stand in a list and be opened at once.
pub(crate) fn owner(post: EntryId, full: bool) -> String {
    if full { format!("full-{post}") } else { post.to_string() }
}

/// The id of a picture that can be looked at, to which the focus can move.
pub(crate) fn picture_id(owner: &str, hash: BlobHash) -> String {
    format!("picture-{owner}-{hash}")
}

/// Each can be looked at in its full size. Boxes have their final shape before the picture comes, so that nothing moves.
#[component]
pub(crate) fn Pictures(
    attachments: ReadSignal<Vec<AttachmentView>>,
    full: bool,
    /// What begins the ids of its pictures.
    owner: String,
) -> Element {
    let viewer = use_context::<Viewer>();
    let count = attachments.read().len();
    if count == 0 {
        return rsx! {};
    }
    rsx! {
        div { class: "pictures", "data-count": if count > 4 { "many".to_owned() } else { count.to_string() },
            for attachment in attachments.read().iter() {
                Picture {
                    key: "{attachment.hash}",
                    attachment: attachment.clone(),
                    full,
                    alone: count == 1,
                    id: picture_id(&owner, attachment.hash),
                    on_open: move |(hash, id)| viewer.show(attachments.read().clone(), hash, id),
                }
            }
        }
    }
}

/// What of a picture is shown, the how manieth asking for it that is, and what to tell when it does not come.
fn use_shown(attachment: ReadSignal<AttachmentView>, full: bool) -> (Option<(BlobHash, u32)>, Callback<BlobHash>) {
    let pulse = use_context::<Pulse>();
    // What was asked for and did not come. Asking made the node fetch it.
    let mut missing = use_signal(Vec::<BlobHash>::new);
    let mut tries = use_signal(|| 0_u32);
    use_effect(move || {
        let arrived = pulse.arrived.read();
        if missing.peek().iter().any(|hash| arrived.contains(hash)) {
            missing.write().retain(|hash| !arrived.contains(hash));
        }
    });
    use_effect(move || {
        let _changed = attachment.read();
        if !missing.peek().is_empty() {
            missing.write().clear();
        }
    });
    let on_missing = use_callback(move |hash: BlobHash| {
        // It came between the asking and the answer: once more.
        if *tries.peek() == 0 && pulse.arrived.peek().contains(&hash) {
            tries.set(1);
        } else if !missing.peek().contains(&hash) {
            missing.write().push(hash);
        }
    });
    let view = attachment.read();
    let shown = candidates(&view, full).into_iter().flatten().find(|hash| !missing.read().contains(hash));
    (shown.map(|hash| (hash, tries())), on_missing)
}

/// The colours that stand in for it.
fn ground(view: &AttachmentView) -> String {
    view.blurhash.as_deref().and_then(blurhash::background).unwrap_or_else(|| "none".to_owned())
}

#[component]
fn Picture(
    attachment: ReadSignal<AttachmentView>,
    full: bool,
    alone: bool,
    id: String,
    on_open: Callback<(BlobHash, String)>,
) -> Element {
    let surface = use_context::<Surface>();
    let mut alt_shown = use_signal(|| false);
    let (shown, on_missing) = use_shown(attachment, full);
    let view = attachment.read();
    let whole = view.hash;
    let (width, height) = (view.width.max(1), view.height.max(1));
    let ground = ground(&view);
    let alt = view.alt.clone().unwrap_or_default();
    // Very tall or wide pictures are cut in lists, never stretched.
    let ratio = (f64::from(width) / f64::from(height)).clamp(0.6, 3.0);
    rsx! {
        figure {
            class: "picture",
            "data-testid": "picture",
            aspect_ratio: if alone && full { format!("{width} / {height}") } else if alone { format!("{ratio:.4}") } else { "1".to_owned() },
            background_image: "{ground}",
            // A list of at most one: a new picture is a new element, and asks anew.
            for (hash , tries) in shown {
                img {
                    key: "{hash}{tries}",
                    src: surface.media(hash),
                    alt: if alt.is_empty() { t("picture-without-alt") } else { alt.clone() },
                    width: "{width}",
                    height: "{height}",
                    loading: "lazy",
                    decoding: "async",
                    onerror: move |_| on_missing.call(hash),
                }
            }
            if shown.is_none() {
                span { class: "picture-waiting", role: "img", aria_label: if alt.is_empty() { t("picture-coming") } else { alt.clone() },
                    {t("picture-coming")}
                }
            }
            button {
                class: "picture-open",
                id: "{id}",
                aria_label: if alt.is_empty() { t("picture-open") } else { t_args("picture-open-of", &[("alt", alt.as_str().into())]) },
                title: t("picture-open"),
                "data-testid": "picture-open",
                onclick: {
                    let id = id.clone();
                    move |_| on_open.call((whole, id.clone()))
                },
            }
            if !alt.is_empty() {
                button {
                    class: "alt-badge",
                    aria_expanded: alt_shown(),
                    aria_label: t("picture-show-alt"),
                    onclick: move |event| {
                        event.stop_propagation();
                        alt_shown.toggle();
                    },
                    {t("picture-alt")}
                }
                if alt_shown() {
                    figcaption { class: "alt-text", dir: "auto", "{alt}" }
                }
            }
        }
    }
}

/// A picture as large as the stage around it allows.
#[component]
pub(crate) fn Whole(picture: ReadSignal<AttachmentView>) -> Element {
    let surface = use_context::<Surface>();
    let (shown, on_missing) = use_shown(picture, true);
    let view = picture.read();
    let (width, height) = (view.width.max(1), view.height.max(1));
    let alt = view.alt.clone().filter(|alt| !alt.is_empty()).unwrap_or_else(|| t("picture-without-alt"));
    rsx! {
        div {
            class: "viewer-picture",
            aspect_ratio: "{width} / {height}",
            width: "min(100cqw, calc(100cqh * {width} / {height}), {width}px)",
            background_image: ground(&view),
            for (hash , tries) in shown {
                img {
                    key: "{hash}{tries}",
                    src: surface.media(hash),
                    alt: "{alt}",
                    width: "{width}",
                    height: "{height}",
                    decoding: "async",
                    draggable: "false",
                    "data-testid": "viewer-picture",
                    onerror: move |_| on_missing.call(hash),
                }
            }
            if shown.is_none() {
                span { class: "picture-waiting", role: "img", aria_label: "{alt}", {t("picture-coming")} }
            }
        }
    }
}

/// What may be shown, best first. Lists show thumbnails; the original only where it is looked at, or where it is here
/// and the thumbnail is not. The one that is asked for may be missing still: the next one stands in until it comes.
fn candidates(view: &AttachmentView, full: bool) -> [Option<BlobHash>; 2] {
    if full { [Some(view.hash), view.thumb] } else { [view.thumb, view.here.then_some(view.hash)] }
}

/// A button that chooses pictures; tells of each when it is prepared and stored.
#[component]
pub(crate) fn PictureInput(
    label: String,
    testid: String,
    #[props(default)] multiple: bool,
    /// For somebody: any file, sealed before it is stored.
    #[props(default)]
    sealed: bool,
    on_started: Option<EventHandler<usize>>,
    on_staged: EventHandler<Result<Staged, Failure>>,
    children: Element,
) -> Element {
    let surface = use_context::<Surface>();
    let by_page = surface.uploads == Uploads::Page;
    let node = surface.node.clone();
    let picked = move |event: FormEvent| {
        // A web page's file names come from the browser and mean nothing here: only the page's upload counts.
        if by_page {
            return;
        }
        let files = event.files();
        stage(&node, files, sealed, on_started, on_staged);
    };
    let node = surface.node.clone();
    let uploaded = move |event: FormEvent| {
        if event.value().is_empty() {
            return;
        }
        let node = node.clone();
        let told = told(&event.value());
        if let (Told::Started(count), Some(started)) = (&told, on_started) {
            return started.call(*count);
        }
        spawn(async move {
            on_staged.call(match told {
                Told::Started(_) => return,
                Told::Stored(hash) => node.staged(hash).await.map_err(|error| Failure::of(&error)),
                Told::Failed(failure) => Err(failure),
            });
        });
    };
    rsx! {
        label { class: "button button-quiet file-button",
            input {
                r#type: "file",
                name: "picture",
                class: "visually-hidden",
                accept: if sealed { "*/*" } else { "image/jpeg,image/png,image/webp,image/gif,image/*" },
                aria_label: label,
                multiple,
                "data-upload": if sealed { "sealed" } else { "true" },
                "data-testid": testid,
                onchange: picked,
            }
            input { r#type: "hidden", "data-uploaded": "true", oninput: uploaded }
            {children}
        }
    }
}

/// Prepares and stores the files that a window's handlers name, and tells of each.
pub(crate) fn stage(
    node: &Node,
    files: Vec<FileData>,
    sealed: bool,
    on_started: Option<EventHandler<usize>>,
    on_staged: EventHandler<Result<Staged, Failure>>,
) {
    if let Some(started) = on_started {
        started.call(files.len());
    }
    let node = node.clone();
    spawn(async move {
        for file in files {
            if file.size() > PICTURE_FILE_BYTES as u64 {
                on_staged.call(Err(Failure::said(t_args(
                    "picture-too-large",
                    &[("limit", (PICTURE_FILE_BYTES >> 20).into())],
                ))));
                continue;
            }
            let answer = match file.read_bytes().await {
                Ok(bytes) if sealed => {
                    node.stage_sealed(bytes.to_vec(), Some(&file.name())).await.map_err(|error| Failure::of(&error))
                }
                Ok(bytes) => node.stage_picture(bytes.to_vec()).await.map_err(|error| Failure::of(&error)),
                Err(_) => Err(Failure::said(t("picture-unreadable"))),
            };
            on_staged.call(answer);
        }
    });
}

/// What the page tells of its uploads.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    /// So many are on their way.
    Started(usize),
    Stored(BlobHash),
    Failed(Failure),
}

fn told(json: &str) -> Told {
    let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    if let Some(count) = value.get("started").and_then(serde_json::Value::as_u64) {
        return Told::Started(usize::try_from(count).unwrap_or_default());
    }
    if let Some(hash) = value.get("hash").and_then(|hash| hash.as_str()).and_then(|hash| hash.parse().ok()) {
        return Told::Stored(hash);
    }
    let said = value.get("error").and_then(|error| error.as_str().or_else(|| error.get("message")?.as_str()));
    Told::Failed(Failure::said(said.map_or_else(|| t("picture-unreadable"), str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_ask_for_thumbnails_and_fall_back_to_what_is_here() {
        let (hash, thumb) = (BlobHash::from_bytes([1; 32]), BlobHash::from_bytes([2; 32]));
        let mut view = AttachmentView {
            hash,
            mime: "image/jpeg".into(),
            size: 1,
            width: 1,
            height: 1,
            alt: None,
            path: None,
            thumb: Some(thumb),
            blurhash: None,
            name: None,
            here: false,
        };
        assert_eq!(candidates(&view, false), [Some(thumb), None]);
        assert_eq!(candidates(&view, true), [Some(hash), Some(thumb)]);
        view.here = true;
        assert_eq!(candidates(&view, false), [Some(thumb), Some(hash)]);
        view.thumb = None;
        assert_eq!(candidates(&view, false), [None, Some(hash)]);
    }

    #[test]
    fn the_pages_answer_is_a_hash_or_a_reason() {
        let hash = BlobHash::from_bytes([3; 32]);
        assert_eq!(told(r#"{"started":3}"#), Told::Started(3));
        assert_eq!(told(&format!("{{\"hash\":\"{hash}\"}}")), Told::Stored(hash));
        assert_eq!(told(r#"{"error":"too large"}"#), Told::Failed(Failure::said("too large".into())));
        assert_eq!(told(r#"{"error":{"message":"no"}}"#), Told::Failed(Failure::said("no".into())));
        for broken in ["", "[]", "{\"hash\":\"../x\"}"] {
            assert_eq!(told(broken), Told::Failed(Failure::said(t("picture-unreadable"))));
        }
    }
}
