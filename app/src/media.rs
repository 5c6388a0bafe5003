//! Pictures for the page: `/media/HASH`, from the node's store, whole or a range of it; and `/upload`, to which the
//! page posts a picture that was pasted. Anything else below these names is refused.

use std::io::SeekFrom;

use dioxus::desktop::wry::http::{Response, StatusCode};
use dioxus::desktop::{AssetRequest, RequestAsyncResponder, use_asset_handler};
use dioxus::prelude::*;
use kith_node::Node;
use kith_node::id::BlobHash;
use kith_ui::Part;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

pub(crate) const NAME: &str = "media";
/// What the page may show as a picture. Vector pictures can hold scripts and are not among them.
const PICTURES: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "image/gif"];

/// Where a pasted picture is posted to, as on the web page.
pub(crate) const UPLOAD: &str = "upload";

/// A hook: serves as long as the component that calls it.
pub(crate) fn serve(node: Node) {
    let stored = node.clone();
    use_asset_handler(NAME, move |request: AssetRequest, responder: RequestAsyncResponder| {
        let node = stored.clone();
        spawn(async move {
            let range = request.headers().get("Range").and_then(|range| range.to_str().ok());
            let answer = match hash(request.uri().path()) {
                Some(hash) => read(&node, hash, range).await,
                None => None,
            };
            responder.respond(respond(answer));
        });
    });
    use_asset_handler(UPLOAD, move |request: AssetRequest, responder: RequestAsyncResponder| {
        let node = node.clone();
        spawn(async move { responder.respond(told(&stage(&node, request.into_body()).await)) });
    });
}

/// A stored picture, or a part of it.
struct Answer {
    mime: String,
    part: Part,
    size: u64,
    bytes: Vec<u8>,
}

fn hash(path: &str) -> Option<BlobHash> {
    path.strip_prefix('/')?.strip_prefix(NAME)?.strip_prefix('/')?.parse().ok()
}

async fn read(node: &Node, hash: BlobHash, range: Option<&str>) -> Option<Answer> {
    let blob = node.blob(hash).await.ok()?;
    if !PICTURES.contains(&blob.mime.as_str()) {
        return None;
    }
    let mut file = tokio::fs::File::open(&blob.path).await.ok()?;
    let part = Part::asked(range, blob.size);
    let wanted = match &part {
        Part::Whole => 0..blob.size,
        Part::Some(bytes) => bytes.clone(),
        Part::Outside => 0..0,
    };
    if wanted.start > 0 {
        file.seek(SeekFrom::Start(wanted.start)).await.ok()?;
    }
    let mut bytes = Vec::new();
    file.take(wanted.end - wanted.start).read_to_end(&mut bytes).await.ok()?;
    Some(Answer { mime: blob.mime, part, size: blob.size, bytes })
}

/// As the web page's `/upload` answers: the hash, or what to tell.
async fn stage(node: &Node, file: Vec<u8>) -> Value {
    match node.stage_picture(file).await {
        Ok(staged) => json!({ "hash": staged.hash.to_string() }),
        Err(error) => {
            let (text, hint) = kith_ui::explain(&error);
            json!({ "error": hint.map_or(text.clone(), |hint| format!("{text} {hint}")) })
        }
    }
}

fn told(answer: &Value) -> Response<Vec<u8>> {
    let mut response = Response::new(answer.to_string().into_bytes());
    set(&mut response, "Content-Type", "application/json");
    set(&mut response, "Cache-Control", "no-store");
    response
}

fn respond(answer: Option<Answer>) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    match answer {
        Some(Answer { mime, part, size, bytes }) => {
            *response.status_mut() = match part {
                Part::Whole => StatusCode::OK,
                Part::Some(_) => StatusCode::PARTIAL_CONTENT,
                Part::Outside => StatusCode::RANGE_NOT_SATISFIABLE,
            };
            set(&mut response, "Content-Type", &mime);
            set(&mut response, "Accept-Ranges", "bytes");
            set(&mut response, "Cache-Control", "private, max-age=31536000, immutable");
            if let Some(place) = part.content_range(size) {
                set(&mut response, "Content-Range", &place);
            }
            *response.body_mut() = bytes;
        }
        None => {
            *response.status_mut() = StatusCode::NOT_FOUND;
            set(&mut response, "Content-Type", "text/plain");
            set(&mut response, "Cache-Control", "no-store");
        }
    }
    set(&mut response, "X-Content-Type-Options", "nosniff");
    set(&mut response, "Content-Security-Policy", "default-src 'none'; sandbox");
    response
}

fn set(response: &mut Response<Vec<u8>>, name: &'static str, value: &str) {
    if let Ok(value) = value.parse() {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn only_hashes_are_served() {
        let good = BlobHash::from_bytes([5; 32]);
        assert_eq!(hash(&format!("/media/{good}")), Some(good));
        for bad in ["/media/", "/media/../x", "/media//etc/passwd", "/other", "media/x", &format!("/media/{good}/x")] {
            assert_eq!(hash(bad), None, "{bad}");
        }
        assert_eq!(respond(None).status(), 404);
    }

    #[test]
    fn a_part_says_which_it_is() {
        let answer = |range| {
            let part = Part::asked(range, 100);
            respond(Some(Answer { mime: "image/png".into(), part, size: 100, bytes: vec![] }))
        };
        assert_eq!((answer(None).status().as_u16(), answer(None).headers().get("Content-Range")), (200, None));
        let part = answer(Some("bytes=10-19"));
        assert_eq!(
            (part.status().as_u16(), &part.headers()["Content-Range"]),
            (206, &"bytes 10-19/100".parse().unwrap())
        );
        let outside = answer(Some("bytes=100-"));
        assert_eq!(
            (outside.status().as_u16(), &outside.headers()["Content-Range"]),
            (416, &"bytes */100".parse().unwrap())
        );
    }
}
