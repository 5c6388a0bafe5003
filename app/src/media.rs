//! Pictures for the page: `/media/HASH`, from the node's store, whole or a range of it; and `/upload`, to which the
//! page posts a picture that was pasted. Anything else below these names is refused.

use dioxus::desktop::wry::http::{Response, StatusCode};
use dioxus::desktop::{AssetRequest, RequestAsyncResponder, use_asset_handler};
use dioxus::prelude::*;
use kith_node::Node;
use kith_node::id::{BlobHash, PersonaId};
use kith_ui::Part;
use serde_json::{Value, json};

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
                Some((apart, hash)) => match node_of(&node, apart) {
                    // What is hidden later is not to be found on the disk.
                    Some(node) => read(&node, hash, range)
                        .await
                        .map(|answer| Answer { kept: answer.kept && apart.is_none(), ..answer }),
                    None => None,
                },
                None => None,
            };
            responder.respond(respond(answer));
        });
    });
    use_asset_handler(UPLOAD, move |request: AssetRequest, responder: RequestAsyncResponder| {
        let node = node.clone();
        spawn(async move {
            let Asked { sealed, code, name, apart } = asked(request.uri().query().unwrap_or_default());
            let answer = match node_of(&node, apart) {
                Some(node) if code => read_code(&node, request.into_body()).await,
                Some(node) => stage(&node, request.into_body(), sealed, name).await,
                None => json!({ "error": kith_ui::t("error-not-found") }),
            };
            responder.respond(told(&answer));
        });
    });
}

/// A stored picture, or a part of it.
struct Answer {
    mime: String,
    part: Part,
    size: u64,
    bytes: Vec<u8>,
    /// The page may keep it on the disk: it is not sealed.
    kept: bool,
}

/// A hash, behind the persona where that is kept separate.
fn hash(path: &str) -> Option<(Option<PersonaId>, BlobHash)> {
    let named = path.strip_prefix('/')?.strip_prefix(NAME)?.strip_prefix('/')?;
    match named.split_once('/') {
        Some((persona, hash)) => Some((Some(persona.parse().ok()?), hash.parse().ok()?)),
        None => Some((None, named.parse().ok()?)),
    }
}

fn node_of(node: &Node, apart: Option<PersonaId>) -> Option<Node> {
    match apart {
        Some(persona) => node.compartment(persona),
        None => Some(node.clone()),
    }
}

async fn read(node: &Node, hash: BlobHash, range: Option<&str>) -> Option<Answer> {
    let blob = node.blob(hash).await.ok()?;
    if !PICTURES.contains(&blob.mime.as_str()) {
        return None;
    }
    let part = Part::asked(range, blob.size);
    let wanted = match &part {
        Part::Whole => 0..blob.size,
        Part::Some(bytes) => bytes.clone(),
        Part::Outside => 0..0,
    };
    let opened = blob.clone();
    let read = move || {
        let (mut reader, mut bytes) = (opened.open()?, Vec::new());
        while wanted.start + (bytes.len() as u64) < wanted.end {
            let at = wanted.start + bytes.len() as u64;
            let piece = reader.read_at(at, wanted.end - at)?;
            if piece.is_empty() {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend(piece);
        }
        Ok::<_, std::io::Error>(bytes)
    };
    let bytes = tokio::task::spawn_blocking(read).await.ok()?.ok()?;
    Some(Answer { kept: !blob.is_sealed(), mime: blob.mime, part, size: blob.size, bytes })
}

/// What the page says of a file.
#[derive(Debug, Default, PartialEq)]
struct Asked {
    /// It is for somebody.
    sealed: bool,
    /// It is looked through for a QR code, and not stored.
    code: bool,
    /// What it is called.
    name: Option<String>,
    /// It is for this persona, which is kept separate.
    apart: Option<PersonaId>,
}

fn asked(query: &str) -> Asked {
    let mut said = Asked::default();
    for (field, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match field {
            "sealed" => said.sealed = value == "true",
            "code" => said.code = value == "true",
            "name" => said.name = Some(unescaped(value)),
            // An unknown one is nobody's: nothing that is meant for one persona goes to the others.
            "as" => said.apart = Some(value.parse().unwrap_or(PersonaId::ZERO)),
            _ => {}
        }
    }
    said
}

/// What `encodeURIComponent` made of a text.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let mut ahead = rest.clone();
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// As the web page's `/upload` answers: the hash, or what to tell.
async fn stage(node: &Node, file: Vec<u8>, sealed: bool, name: Option<String>) -> Value {
    let staged = match sealed {
        true => node.stage_sealed(file, name.as_deref()).await,
        false => node.stage_picture(file).await,
    };
    match staged {
        Ok(staged) => json!({ "hash": staged.hash.to_string() }),
        Err(error) => refused(&error),
    }
}

/// The same of a picture that holds a code: its text.
async fn read_code(node: &Node, file: Vec<u8>) -> Value {
    match node.read_code(file).await {
        Ok(text) => json!({ "text": text }),
        Err(error) => refused(&error),
    }
}

fn refused(error: &kith_node::Error) -> Value {
    let (text, hint) = kith_ui::explain(error);
    json!({ "error": hint.map_or(text.clone(), |hint| format!("{text} {hint}")), "why": error.code() })
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
        Some(Answer { mime, part, size, bytes, kept }) => {
            *response.status_mut() = match part {
                Part::Whole => StatusCode::OK,
                Part::Some(_) => StatusCode::PARTIAL_CONTENT,
                Part::Outside => StatusCode::RANGE_NOT_SATISFIABLE,
            };
            set(&mut response, "Content-Type", &mime);
            set(&mut response, "Accept-Ranges", "bytes");
            let cache = if kept { "private, max-age=31536000, immutable" } else { "no-store" };
            set(&mut response, "Cache-Control", cache);
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
        assert_eq!(hash(&format!("/media/{good}")), Some((None, good)));
        let night = PersonaId::from_bytes([7; 32]);
        assert_eq!(hash(&format!("/media/{night}/{good}")), Some((Some(night), good)));
        for bad in ["/media/", "/media/../x", "/media//etc/passwd", "/other", "media/x", &format!("/media/{good}/x")] {
            assert_eq!(hash(bad), None, "{bad}");
        }
        assert_eq!(respond(None).status(), 404);
    }

    #[test]
    fn what_the_page_says_of_a_file_is_read() {
        let said =
            |sealed, name: Option<&str>, apart| Asked { sealed, code: false, name: name.map(str::to_owned), apart };
        assert_eq!(asked(""), said(false, None, None));
        assert_eq!(asked("sealed=true&name=a%20b%C3%A4.pdf"), said(true, Some("a bä.pdf"), None));
        assert_eq!(asked("name=100%&sealed=no"), said(false, Some("100%"), None));
        assert_eq!(asked("code=true"), Asked { code: true, ..Asked::default() });
        let night = PersonaId::from_bytes([7; 32]);
        assert_eq!(asked(&format!("as={night}&sealed=true")), said(true, None, Some(night)));
        assert_eq!(asked("as=night"), said(false, None, Some(PersonaId::ZERO)), "nobody's, not everybody's");
    }

    #[test]
    fn a_part_says_which_it_is() {
        let answer = |range| {
            let part = Part::asked(range, 100);
            respond(Some(Answer { mime: "image/png".into(), part, size: 100, bytes: vec![], kept: true }))
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
