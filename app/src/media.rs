//! Pictures for the page: `/media/HASH`, from the node's store. Anything else below that name is refused.

use dioxus::desktop::wry::http::Response;
use dioxus::desktop::{AssetRequest, RequestAsyncResponder, use_asset_handler};
use dioxus::prelude::*;
use kith_node::Node;
use kith_node::id::BlobHash;

pub(crate) const NAME: &str = "media";
/// What the page may show as a picture. Vector pictures can hold scripts and are not among them.
const PICTURES: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "image/gif"];

/// A hook: serves as long as the component that calls it.
pub(crate) fn serve(node: Node) {
    use_asset_handler(NAME, move |request: AssetRequest, responder: RequestAsyncResponder| {
        let node = node.clone();
        spawn(async move {
            let answer = match hash(request.uri().path()) {
                Some(hash) => read(&node, hash).await,
                None => None,
            };
            responder.respond(respond(answer));
        });
    });
}

fn hash(path: &str) -> Option<BlobHash> {
    path.strip_prefix('/')?.strip_prefix(NAME)?.strip_prefix('/')?.parse().ok()
}

async fn read(node: &Node, hash: BlobHash) -> Option<(String, Vec<u8>)> {
    let blob = node.blob(hash).await.ok()?;
    if !PICTURES.contains(&blob.mime.as_str()) {
        return None;
    }
    let bytes = tokio::fs::read(&blob.path).await.ok()?;
    Some((blob.mime, bytes))
}

fn respond(answer: Option<(String, Vec<u8>)>) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    let headers = match answer {
        Some((mime, bytes)) => {
            *response.body_mut() = bytes;
            [("Content-Type", mime), ("Cache-Control", "private, max-age=31536000, immutable".to_owned())]
        }
        None => {
            *response.status_mut() = dioxus::desktop::wry::http::StatusCode::NOT_FOUND;
            [("Content-Type", "text/plain".to_owned()), ("Cache-Control", "no-store".to_owned())]
        }
    };
    for (name, value) in headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    for (name, value) in
        [("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "default-src 'none'; sandbox")]
    {
        response.headers_mut().insert(name, dioxus::desktop::wry::http::HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
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
}
