//! Pictures in, stored blobs out. A picture is posted as it is and prepared by the node; a blob is served by its hash
//! as its type, never as something that a browser would run.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use kith_node::id::{BlobHash, PersonaId};
use kith_node::limits::PICTURE_FILE_BYTES;
use kith_node::media::read_code;
use kith_node::{Blob, BlobReader};
use kith_ui::{Part, speaking, t, t_args};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::{STALL, Shared};

/// What a browser may show in place: types that it only ever draws. Anything else is offered as a download.
const SHOWN: [&str; 5] = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"];

/// How long a picture waits until it can be looked through for a code, ms: a camera's frames and other people's come before.
const CODE_WAIT_MS: u64 = 3_000;

/// What is said of a file that is uploaded.
#[derive(Debug, Deserialize)]
pub(super) struct Uploaded {
    /// It is for somebody: sealed before it is stored, and of any type.
    #[serde(default)]
    sealed: bool,
    name: Option<String>,
    /// It is looked through for a QR code, and not stored.
    #[serde(default)]
    code: bool,
    /// It is for this persona, which is kept separate.
    #[serde(rename = "as")]
    apart: Option<String>,
}

/// `POST /upload`, the file's bytes as body: `{"hash"}`, `{"text"}` of a code that was asked for, or `{"error"}` with
/// what to tell the user; `"why"` stands beside it where no code was found, the error's code, and where too much is under
/// way, `busy`.
pub(super) async fn upload(
    State(shared): State<Arc<Shared>>,
    Query(uploaded): Query<Uploaded>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    speaking(shared.language(&headers).await, take(&shared, uploaded, &headers, body)).await
}

async fn take(shared: &Shared, uploaded: Uploaded, headers: &HeaderMap, body: Body) -> Response {
    let field = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let picture = field(header::CONTENT_TYPE).is_some_and(|mime| mime.starts_with("image/"));
    if !picture && !uploaded.sealed {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, &t("web-no-picture"));
    }
    let announced = field(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok()).unwrap_or(0);
    if announced > PICTURE_FILE_BYTES {
        return too_large();
    }
    // A camera gives one frame after the other: attachments have places of their own.
    let place = if uploaded.code {
        timeout(Duration::from_millis(CODE_WAIT_MS), shared.codes.acquire()).await.ok().and_then(Result::ok)
    } else {
        shared.uploads.try_acquire().ok()
    };
    let Some(_place) = place else {
        let busy = json!({ "error": t("web-upload-busy"), "why": "busy" });
        return (StatusCode::TOO_MANY_REQUESTS, Json(busy)).into_response();
    };
    let file = match collect(body, announced).await {
        Ok(file) => file,
        Err(response) => return response,
    };
    if uploaded.code {
        return match tokio::task::spawn_blocking(move || read_code(&file)).await {
            Ok(Ok(text)) => Json(json!({ "text": text })).into_response(),
            Ok(Err(error)) => {
                let why = json!({ "error": told(&error), "why": error.code() });
                (StatusCode::UNPROCESSABLE_ENTITY, Json(why)).into_response()
            }
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        };
    }
    let apart = match uploaded.apart.map(|id| id.parse::<PersonaId>()).transpose() {
        Ok(apart) => apart,
        Err(_) => return StatusCode::NOT_FOUND.into_response(),
    };
    let sealed = uploaded.sealed.then_some(uploaded.name);
    match shared.site.stage(apart, file, sealed).await {
        Ok(hash) => Json(json!({ "hash": hash.to_string() })).into_response(),
        Err(error) => refused(StatusCode::UNPROCESSABLE_ENTITY, &told(&error)),
    }
}

/// `GET /media/HASH`, whole or one range of it. What never changes is cached for good; what is not here yet is not
/// cached at all.
pub(super) async fn show(State(shared): State<Arc<Shared>>, Path(hash): Path<String>, asked: HeaderMap) -> Response {
    shown(&shared, None, &hash, &asked).await
}

/// `GET /media/PERSONA/HASH`: of a persona that is kept separate.
pub(super) async fn show_of(
    State(shared): State<Arc<Shared>>,
    Path((persona, hash)): Path<(String, String)>,
    asked: HeaderMap,
) -> Response {
    match persona.parse() {
        Ok(persona) => shown(&shared, Some(persona), &hash, &asked).await,
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn shown(shared: &Shared, apart: Option<PersonaId>, hash: &str, asked: &HeaderMap) -> Response {
    let Ok(hash) = hash.parse::<BlobHash>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let blob = match shared.site.blob(apart, hash).await {
        Ok(blob) => blob,
        Err(kith_node::Error::NotFound { .. }) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::debug!(code = error.code(), "a blob can't be served");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    // What is hidden later is not to be found in a browser's cache.
    let cache = if apart.is_some() { "no-store" } else { "private, max-age=31536000, immutable" };
    serve(blob, asked, cache).await
}

/// Whether browsers draw this type in place.
pub(super) fn is_drawn(mime: &str) -> bool {
    SHOWN.contains(&mime)
}

/// A stored blob, whole or one range of it.
pub(super) async fn serve(blob: Blob, asked: &HeaderMap, cache: &str) -> Response {
    let (mime, size, sealed) = (blob.mime.clone(), blob.size, blob.is_sealed());
    let reader = match tokio::task::spawn_blocking(move || blob.open()).await {
        Ok(Ok(reader)) => reader,
        // What was altered is no file that is here.
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    // Browsers keep what they may on the disk.
    let cache = if sealed { "no-store" } else { cache };
    // Nobody can hold an older version to which a part would have to fit, but may ask as if.
    let range = asked.get(header::RANGE).filter(|_| !asked.contains_key(header::IF_RANGE));
    let part = Part::asked(range.and_then(|range| range.to_str().ok()), size);
    let (status, bytes) = match &part {
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Some(bytes) => (StatusCode::PARTIAL_CONTENT, bytes.clone()),
        Part::Outside => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
    };
    let (mime, disposition) =
        if is_drawn(&mime) { (mime.as_str(), "inline") } else { ("application/octet-stream", "attachment") };
    let length = bytes.end - bytes.start;
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_LENGTH, &length.to_string()),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CACHE_CONTROL, cache),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'"),
    ];
    let mut response = (status, headers, Body::from_stream(chunks(reader, bytes))).into_response();
    if let Some(place) = part.content_range(size).and_then(|place| HeaderValue::from_str(&place).ok()) {
        response.headers_mut().insert(header::CONTENT_RANGE, place);
    }
    response
}

/// The whole body, within the limit.
async fn collect(body: Body, announced: usize) -> Result<Vec<u8>, Response> {
    let mut file = Vec::with_capacity(announced);
    let mut chunks = body.into_data_stream();
    loop {
        match timeout(STALL, chunks.next()).await {
            Ok(None) => return Ok(file),
            Ok(Some(Ok(chunk))) if chunk.len() <= PICTURE_FILE_BYTES.saturating_sub(file.len()) => {
                file.extend_from_slice(&chunk);
            }
            Ok(Some(Ok(_))) => return Err(too_large()),
            Ok(Some(Err(_))) => return Err(refused(StatusCode::BAD_REQUEST, &t("web-upload-cut"))),
            Err(_) => return Err(refused(StatusCode::REQUEST_TIMEOUT, &t("web-upload-stopped"))),
        }
    }
}

/// These bytes of a blob, piece by piece.
fn chunks(reader: BlobReader, bytes: Range<u64>) -> impl stream::Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold((reader, bytes), async |(mut reader, rest)| {
        let read = move || {
            let chunk = reader.read_at(rest.start, rest.end - rest.start)?;
            let rest = rest.start + chunk.len() as u64..rest.end;
            Ok((!chunk.is_empty()).then(|| (Bytes::from(chunk), (reader, rest))))
        };
        tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)?
    })
}

/// What happened and the next step.
fn told(error: &kith_node::Error) -> String {
    match kith_ui::explain(error) {
        (text, Some(hint)) => format!("{text} {hint}"),
        (text, None) => text,
    }
}

fn too_large() -> Response {
    refused(
        StatusCode::PAYLOAD_TOO_LARGE,
        &t_args("picture-too-large", &[("limit", (PICTURE_FILE_BYTES >> 20).into())]),
    )
}

fn refused(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}
