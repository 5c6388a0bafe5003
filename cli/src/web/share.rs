//! Share pages of an anchor: `/p/POST?by=PERSONA` shows one public post, its pictures and its thread to anybody who has
//! the link, without a login and under any host name.
//!
//! Everybody may ask, so nothing here knows who does: no cookie is read or set, and the page can do nothing (no script,
//! a sandbox of its own, pictures only from the posts it shows). Texts become HTML from the syntax tree, by escaping.
//! What may be shown is decided by the node ([`Node::shared`]).

mod post;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures_util::StreamExt as _;
use kith_node::id::{BlobHash, EntryId, PersonaId};
use kith_node::limits::{SHARED_FILES_PER_ADDRESS, SHARED_REQUESTS};
use kith_node::view::{CommentView, PostPage};
use kith_node::{Error, Node, Shared, Target};
use kith_ui::{absolute, iso, language, t, t_args, text_as_html, text_as_plain};
use tokio::sync::Semaphore;

use super::listener::{Peer, network};
use super::media;

/// `allow-top-navigation` is not needed: a page may leave itself by a link.
const POLICY: &str = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'";
/// Deletions and edits reach readers within this time, whatever stands between.
const CACHE: &str = "public, max-age=60";
/// A description in a preview, characters.
const DESCRIPTION_CHARS: usize = 200;
/// Levels of a thread that are indented.
const INDENTED: usize = 6;
const STYLE: &str = include_str!("share.css");

struct Sharing {
    node: Node,
    pages: Semaphore,
    files: Arc<Files>,
}

/// Files that are being sent: in all, and to each address but this machine's, behind which a proxy may stand.
#[derive(Debug, Default)]
struct Files(Mutex<HashMap<IpAddr, usize>>);

/// One of them, until it is dropped.
struct Sending {
    files: Arc<Files>,
    to: IpAddr,
}

impl Files {
    fn send(self: &Arc<Self>, to: IpAddr) -> Option<Sending> {
        let to = network(to);
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = sent.values().sum();
        let here = sent.get(&to).copied().unwrap_or(0);
        let full = here >= SHARED_FILES_PER_ADDRESS && !to.is_loopback();
        if all >= SHARED_REQUESTS || full {
            return None;
        }
        sent.insert(to, here + 1);
        Some(Sending { files: Arc::clone(self), to })
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        let mut sent = self.files.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = sent.get(&self.to).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            sent.remove(&self.to)
        } else {
            sent.insert(self.to, left)
        };
    }
}

/// Share pages of what `node` holds.
pub(super) fn router(node: Node) -> Router {
    let sharing = Sharing { node, pages: Semaphore::new(SHARED_REQUESTS), files: Arc::default() };
    Router::new()
        .route("/p/{post}", get(page))
        .route("/p/{post}/media/{hash}", get(file))
        .with_state(Arc::new(sharing))
        .layer(middleware::map_response(guarded))
}

/// What every answer carries.
async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // In its sandbox the page has no origin: its own pictures come from another one.
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

#[derive(serde::Deserialize)]
struct Asked {
    by: Option<String>,
}

/// `GET /p/POST?by=PERSONA`.
async fn page(
    State(sharing): State<Arc<Sharing>>,
    post: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let (Ok(Path(post)), Ok(Query(asked))) = (post, asked) else { return malformed() };
    let by = asked.by.filter(|by| !by.is_empty()).map(|by| by.parse::<PersonaId>()).transpose();
    let (Ok(post), Ok(by)) = (post.parse::<EntryId>(), by) else {
        return malformed();
    };
    let Ok(_place) = sharing.pages.try_acquire() else { return busy() };
    match sharing.node.shared(post, by).await {
        Ok(Shared::Page(page)) => {
            let invite = sharing.node.share_invite(page.post.author).await.ok().flatten();
            shown(&drawn(&page, invite.as_deref()), &headers)
        }
        // Whoever has Kith may reach somebody who has it.
        Ok(Shared::Absent) => {
            let more = format!("<p>{}</p>{}", escape(&t("share-absent-more")), opens(post, by));
            says(StatusCode::NOT_FOUND, &t("share-absent"), &more)
        }
        Ok(Shared::Deleted) => told(StatusCode::GONE, &t("share-deleted"), &t("share-deleted-more")),
        Ok(Shared::Denied) => told(StatusCode::FORBIDDEN, &t("share-denied"), &t("share-denied-more")),
        Err(error) => {
            tracing::debug!(code = error.code(), "a share page can't be drawn");
            told(StatusCode::SERVICE_UNAVAILABLE, &t("share-busy"), &t("share-busy-more"))
        }
    }
}

/// `GET /p/POST/media/HASH`: a file that the shown post names.
async fn file(
    State(sharing): State<Arc<Sharing>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    at: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let Ok(Path((post, hash))) = at else { return malformed() };
    let (Ok(post), Ok(hash)) = (post.parse::<EntryId>(), hash.parse::<BlobHash>()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(place) = sharing.files.send(peer) else { return busy() };
    match sharing.node.shared_blob(post, hash).await {
        Ok(blob) => {
            // The place is taken until the last byte left.
            media::serve(blob, &headers, CACHE).await.map(|body| {
                Body::from_stream(body.into_data_stream().map(move |chunk| {
                    let _kept = &place;
                    chunk
                }))
            })
        }
        Err(Error::NotFound { .. }) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::debug!(code = error.code(), "a shared file can't be served");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The page, or that it is the one that the browser has.
fn shown(html: &str, headers: &HeaderMap) -> Response {
    let hash = blake3::hash(html.as_bytes()).to_hex();
    let tag = format!("\"{}\"", hash.get(..32).unwrap_or_default());
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let known = known.flat_map(|list| list.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    });
    let fields = [(header::ETAG, tag.as_str()), (header::CACHE_CONTROL, CACHE)];
    if known {
        return (StatusCode::NOT_MODIFIED, fields).into_response();
    }
    (fields, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html.to_owned()).into_response()
}

fn malformed() -> Response {
    told(StatusCode::BAD_REQUEST, &t("share-malformed"), &t("share-malformed-more"))
}

fn busy() -> Response {
    let mut response = told(StatusCode::SERVICE_UNAVAILABLE, &t("share-busy"), &t("share-busy-more"));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// A page that says why there is nothing to see, and what one can do.
fn told(status: StatusCode, what: &str, more: &str) -> Response {
    says(status, what, &format!("<p>{}</p>", escape(more)))
}

/// The same; `more` is HTML.
fn says(status: StatusCode, what: &str, more: &str) -> Response {
    let main = format!("<h1>{}</h1>{more}{}", escape(what), about());
    let html = whole(what, &[], &main);
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

fn whole(title: &str, meta: &[(&str, &str)], main: &str) -> String {
    let mut head = String::new();
    for (name, content) in meta {
        let _infallible = write!(head, "<meta property=\"{name}\" content=\"{}\">", escape(content));
    }
    format!(
        "<!doctype html><html lang=\"{}\" dir=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title>{head}<style>{STYLE}</style></head>\
         <body><main>{main}</main></body></html>",
        language().tag(),
        language().direction(),
        escape(title)
    )
}

/// A link that shows a post in the Kith of whoever reads this, where there is one.
fn opens(post: EntryId, by: Option<PersonaId>) -> String {
    let link = Target::Post { post, by }.to_string();
    format!("<p class=\"open\"><a href=\"{}\">{}</a></p>", escape(&link), escape(&t("share-open")))
}

/// What Kith is and how to come to it.
fn about() -> String {
    format!("<footer><p>{}</p><p>{}</p></footer>", escape(&t("share-kith")), escape(&t("share-kith-get")))
}

/// `invite`: what follows its author; the author's id where there is none.
fn drawn(page: &PostPage, invite: Option<&str>) -> String {
    let post = &page.post;
    let author = name(&post.author_name);
    let title = t_args("share-title", &[("name", author.as_str().into())]);
    let description: String = match &post.cw {
        Some(warning) => warning.clone(),
        None => text_as_plain(&post.text, &post.mentions),
    };
    let description = shortened(&description);
    let meta = [
        ("og:site_name", "Kith"),
        ("og:type", "article"),
        ("og:title", title.as_str()),
        ("og:description", description.as_str()),
    ];
    let mut main = String::from("<article data-testid=\"shared-post\">");
    byline(&mut main, "h1", &author, post.created_ms, post.edited);
    post::of_thread(&mut main, page);
    post::body(&mut main, post);
    main.push_str("</article>");
    for (next, part) in (2_u64..).zip(&page.more) {
        // One that is not shown leaves its number free.
        let place = part.series.as_ref().map_or(next, |series| u64::from(series.place) + 1);
        post::part(&mut main, part, place);
    }
    thread(&mut main, page);
    let follow = t_args("share-follow", &[("name", author.as_str().into())]);
    let author_id = post.author.to_string();
    let code = escape(invite.unwrap_or(&author_id));
    main.push_str(&opens(post.id, Some(post.author)));
    let _infallible = write!(main, "<p class=\"follow\">{} <code>{code}</code></p>{}", escape(&follow), about());
    whole(&title, &meta, &main)
}

fn byline(out: &mut String, level: &str, author: &str, created_ms: u64, edited: bool) {
    let edited = if edited { format!(" · {}", escape(&t("post-edited"))) } else { String::new() };
    let _infallible = write!(
        out,
        "<header><{level} class=\"name\" dir=\"auto\">{}</{level}><p class=\"when\"><time datetime=\"{}\">{}</time>{edited}</p></header>",
        escape(author),
        iso(created_ms),
        absolute(created_ms)
    );
}

fn thread(out: &mut String, page: &PostPage) {
    if page.thread.is_empty() {
        return;
    }
    let _infallible = write!(out, "<section class=\"thread\"><h2>{}</h2>", escape(&t("share-thread")));
    let mut depths: HashMap<EntryId, usize> = HashMap::new();
    for comment in &page.thread {
        // Those above come first; one that is not shown leaves its answers below the post.
        let depth = depths.get(&comment.parent).map_or(0, |above| above + 1).min(INDENTED);
        depths.insert(comment.id, depth);
        draw_comment(out, comment, depth);
    }
    let shown = u64::try_from(page.thread.len()).unwrap_or(u64::MAX);
    if page.post.comments > shown {
        let more = t_args("share-more", &[("count", (page.post.comments - shown).into())]);
        let _infallible = write!(out, "<p class=\"when\">{}</p>", escape(&more));
    }
    out.push_str("</section>");
}

fn draw_comment(out: &mut String, comment: &CommentView, depth: usize) {
    let _infallible = write!(out, "<article class=\"comment depth-{depth}\">");
    byline(out, "h3", &name(&comment.author_name), comment.created_ms, comment.edited);
    let _infallible =
        write!(out, "<div class=\"text\">{}</div></article>", text_as_html(&comment.text, &comment.mentions));
}

fn name(name: &str) -> String {
    if name.trim().is_empty() { t("person-unnamed") } else { name.to_owned() }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(DESCRIPTION_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// A text as it stands in HTML, also in an attribute. Marks that turn the direction of what follows are left out: names
/// and descriptions stand beside our own words.
fn escape(plain: &str) -> String {
    let turns = |c: &char| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain: String = plain.chars().filter(turns).collect();
    kith_ui::escape(&plain).replace('>', "&gt;").replace('\'', "&#39;")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_address_never_takes_all_files() {
        let files = Arc::new(Files::default());
        let send = |ip: &str| files.send(ip.parse().unwrap());
        let one: Vec<_> = (0..SHARED_REQUESTS).filter_map(|_| send("192.0.2.1")).collect();
        assert_eq!(one.len(), SHARED_FILES_PER_ADDRESS);
        let other = send("192.0.2.2").unwrap();
        let here: Vec<_> = (0..2 * SHARED_REQUESTS).filter_map(|_| send("127.0.0.1")).collect();
        assert_eq!(here.len(), SHARED_REQUESTS - SHARED_FILES_PER_ADDRESS - 1);
        assert!(send("192.0.2.3").is_none());
        drop((one, other));
        assert!(send("192.0.2.1").is_some());
    }
}
