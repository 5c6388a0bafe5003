//! The web page from your own node: the same `kith_ui` as in the window, rendered here and shown in a browser.
//!
//! A page loads our own script ([`page`]), which opens one WebSocket; behind each stands one `VirtualDom`
//! ([`surface`]). Files never come through the events: they are posted to `/upload`, and stored media is served by
//! hash ([`media`]). Who may do any of this is decided in [`access`]: a known `Host`, a session, our own `Origin`.
//! An anchor serves share pages beside it ([`share`]), to everybody.
//!
//! Deliberately absent: `eval` (the content security policy forbids it, and Dioxus' queries are answered from a fixed
//! list), routes for single posts (the app keeps its own route, the script mirrors it in the address), TLS (loopback
//! by default; put a proxy that you trust in front for more).

mod access;
mod listener;
mod media;
mod page;
mod share;
mod surface;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use dioxus::prelude::VirtualDom;
use dioxus_liveview::LiveViewPool;
use futures_util::future::BoxFuture;
use kith_node::clock::{Clock, SystemClock};
use kith_node::id::{BlobHash, PersonaId};
use kith_node::task::{self, TaskGuard};
use kith_node::view::{Role, WebView};
use kith_node::{Blob, Node};
use kith_ui::{Language, Preferred};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use access::Access;

/// Browser windows that are open at once: each holds a whole virtual DOM in memory.
const SURFACES: usize = 32;
/// One message from a page, bytes: the longest text with every character escaped, and its form.
const MESSAGE_BYTES: usize = 512 * 1024;
/// Messages that wait between a socket and its virtual DOM, each way.
const MESSAGE_QUEUE: usize = 64;
/// Uploads at once: each is held in memory until it is decoded.
const UPLOADS: usize = 2;
/// Pictures at once that are looked through for a code: a camera gives one after the other.
const CODES: usize = 1;
/// TCP connections at once: a browser opens about 6, one more for each window.
const CONNECTIONS: usize = 256;
/// A connection on which nothing moves for this long ends: a picture on a slow machine is prepared within.
const IDLE: Duration = Duration::from_secs(120);
/// Time for the head of the first request of a connection: a slow phone sends it in a second.
const HEADER: Duration = Duration::from_secs(10);
/// A page pings every 15 s: one that is silent for longer than this is gone.
const SILENCE: Duration = Duration::from_secs(50);
/// A browser that does not take its edits, or does not go on with its upload, for this long is gone.
const STALL: Duration = Duration::from_secs(30);
/// How often a new login link is told to `status`: half the life of a link, so that what is shown always works.
const LINK_RENEWAL: Duration = Duration::from_millis(access::LOGIN_MS / 2);
/// What is left of DESIGN §9's 5 s for the connections at shutdown.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// Serves the web page of `node` at `addr` (port 0: any) until the returned guard is dropped, and tells the node its
/// address and login links. `keystore_note` is shown in the settings. Needs a running tokio runtime.
///
/// Errors: the address can't be bound, or the system gives no randomness.
pub(crate) async fn serve(node: Node, addr: SocketAddr, keystore_note: Option<String>) -> anyhow::Result<Web> {
    if !addr.ip().is_loopback() {
        tracing::warn!("the web page is served to other devices in the network, without encryption");
    }
    serve_site(Arc::new(NodeSite { node, keystore_note }), addr, Arc::new(SystemClock)).await
}

/// A running web page. It stops accepting when this is dropped.
pub(crate) struct Web {
    shared: Arc<Shared>,
    ended: watch::Receiver<bool>,
    _server: TaskGuard,
    _renewal: TaskGuard,
}

impl Web {
    /// Where it listens, with the real port.
    #[cfg(test)]
    pub(crate) fn addr(&self) -> SocketAddr {
        self.shared.addr
    }

    /// A fresh link that signs one browser in, once, within 10 minutes.
    #[cfg(test)]
    pub(crate) fn login_link(&self) -> anyhow::Result<String> {
        self.shared.login_link()
    }

    /// Ends all connections; returns when they are closed, at the latest after 2 s.
    pub(crate) async fn shutdown(mut self) {
        self.shared.stage.send_replace(Stage::Closed);
        let _closed_or_late = tokio::time::timeout(SHUTDOWN, self.ended.wait_for(|ended| *ended)).await;
    }

    /// Cuts all sockets, as a network does.
    #[cfg(test)]
    fn hang_up(&self) {
        self.shared.stage.send_modify(|stage| {
            if let Stage::Open(cuts) = stage {
                *cuts += 1;
            }
        });
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.shared.stage.send_replace(Stage::Closed);
        self.shared.site.tell(None);
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").field("addr", &self.shared.addr).finish_non_exhaustive()
    }
}

/// What is served: the app over a node, or a small one in tests.
trait Site: Send + Sync + 'static {
    /// A fresh virtual DOM for one browser window, whose user prefers a language. Called on the thread that will run it.
    fn dom(&self, preferred: Preferred) -> VirtualDom;
    fn css(&self) -> &str;
    /// Goes into the page's `<head>` as it is.
    fn head(&self) -> &str;
    /// `sealed`: for somebody, with what the file is called.
    /// `apart`: for a persona that is kept separate.
    fn stage(
        &self,
        apart: Option<PersonaId>,
        file: Vec<u8>,
        sealed: Option<Option<String>>,
    ) -> BoxFuture<'_, kith_node::Result<BlobHash>>;
    fn blob(&self, apart: Option<PersonaId>, hash: BlobHash) -> BoxFuture<'_, kith_node::Result<Blob>>;
    /// The language that its user chose for all pages.
    fn chosen_language(&self) -> BoxFuture<'_, Option<Language>> {
        Box::pin(async { None })
    }
    /// Address and login link changed.
    fn tell(&self, web: Option<WebView>);
    /// Whose posts are shown to everybody on share pages; `None`: there are none.
    fn shares(&self) -> Option<Node> {
        None
    }
}

struct NodeSite {
    node: Node,
    keystore_note: Option<String>,
}

impl NodeSite {
    fn node_of(&self, apart: Option<PersonaId>) -> kith_node::Result<Node> {
        let of = |id| self.node.compartment(id).ok_or(kith_node::Error::NotFound { what: "the persona" });
        apart.map_or_else(|| Ok(self.node.clone()), of)
    }
}

impl Site for NodeSite {
    fn dom(&self, preferred: Preferred) -> VirtualDom {
        VirtualDom::new(kith_ui::App).with_root_context(preferred).with_root_context(kith_ui::Surface {
            node: self.node.clone(),
            media_base: "/media".to_owned(),
            uploads: kith_ui::Uploads::Page,
            keystore_note: self.keystore_note.clone(),
        })
    }

    fn css(&self) -> &str {
        kith_ui::CSS
    }

    fn head(&self) -> &str {
        kith_ui::HEAD
    }

    fn stage(
        &self,
        apart: Option<PersonaId>,
        file: Vec<u8>,
        sealed: Option<Option<String>>,
    ) -> BoxFuture<'_, kith_node::Result<BlobHash>> {
        Box::pin(async move {
            let node = self.node_of(apart)?;
            let staged = match sealed {
                Some(name) => node.stage_sealed(file, name.as_deref()).await?,
                None => node.stage_picture(file).await?,
            };
            Ok(staged.hash)
        })
    }

    fn blob(&self, apart: Option<PersonaId>, hash: BlobHash) -> BoxFuture<'_, kith_node::Result<Blob>> {
        Box::pin(async move { self.node_of(apart)?.blob(hash).await })
    }

    fn chosen_language(&self) -> BoxFuture<'_, Option<Language>> {
        Box::pin(async move { Language::of(&self.node.setting(kith_ui::LANGUAGE).await.ok().flatten()?) })
    }

    fn tell(&self, web: Option<WebView>) {
        self.node.set_web(web);
    }

    fn shares(&self) -> Option<Node> {
        (self.node.role() == Role::Anchor).then(|| self.node.clone())
    }
}

/// Sockets end when it changes, the server when it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open(u32),
    Closed,
}

struct Shared {
    site: Arc<dyn Site>,
    addr: SocketAddr,
    access: Access,
    pool: LiveViewPool,
    surfaces: Arc<Semaphore>,
    uploads: Semaphore,
    codes: Semaphore,
    stage: watch::Sender<Stage>,
}

impl Shared {
    fn login_link(&self) -> anyhow::Result<String> {
        Ok(format!("http://{}/login?token={}", reachable(self.addr), self.access.mint()?))
    }

    /// What was chosen for all pages, or else what this browser prefers.
    async fn language(&self, headers: &HeaderMap) -> Language {
        self.site.chosen_language().await.unwrap_or_else(|| preferred(headers))
    }

    /// Tells the node a link that has not been used.
    fn tell(&self) -> anyhow::Result<()> {
        let login = self.login_link()?;
        self.site.tell(Some(WebView { addr: self.addr.to_string(), login }));
        Ok(())
    }
}

async fn serve_site(site: Arc<dyn Site>, addr: SocketAddr, clock: Arc<dyn Clock>) -> anyhow::Result<Web> {
    let socket = TcpListener::bind(addr).await.with_context(|| format!("the web page can't listen at {addr}"))?;
    let addr = socket.local_addr()?;
    let shared = Arc::new(Shared {
        site,
        addr,
        access: Access::new(addr, clock),
        pool: LiveViewPool::new(),
        surfaces: Arc::new(Semaphore::new(SURFACES)),
        uploads: Semaphore::new(UPLOADS),
        codes: Semaphore::new(CODES),
        stage: watch::Sender::new(Stage::Open(0)),
    });
    shared.tell()?;

    let router = router(shared.clone());
    let mut stage = shared.stage.subscribe();
    let (tell_ended, ended) = watch::channel(false);
    let server = task::spawn(async move {
        let closed = async move {
            let _or_dropped = stage.wait_for(|stage| *stage == Stage::Closed).await;
        };
        let listener = listener::Bounded::new(socket, CONNECTIONS, IDLE, HEADER);
        let router = router.into_make_service_with_connect_info::<listener::Peer>();
        if axum::serve(listener, router).with_graceful_shutdown(closed).await.is_err() {
            tracing::error!("the web page's server ended");
        }
        let _nobody_waits = tell_ended.send(true);
    });
    let renewed = shared.clone();
    let renewal = task::spawn(async move {
        let mut ticks = tokio::time::interval(LINK_RENEWAL);
        ticks.tick().await; // the first comes at once
        loop {
            ticks.tick().await;
            if renewed.tell().is_err() {
                tracing::error!("no randomness for a login link");
            }
        }
    });
    Ok(Web { shared, ended, _server: server, _renewal: renewal })
}

fn router(shared: Arc<Shared>) -> Router {
    let shares = shared.site.shares();
    let own = Router::new()
        .route("/login", get(login))
        .route("/alive", get(async || StatusCode::NO_CONTENT))
        .route("/ws", get(surface::open))
        .route("/upload", post(media::upload))
        .route("/media/{hash}", get(media::show))
        .route("/media/{persona}/{hash}", get(media::show_of))
        .route(page::SCRIPT, get(page::script))
        .route(page::INTERPRETER, get(page::interpreter))
        .route(page::STYLE, get(page::style))
        .route(page::APP_STYLE, get(page::app_style))
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .fallback(page::app)
        .layer(middleware::from_fn_with_state(shared.clone(), gate))
        .with_state(shared);
    // Beside the gate: they are for everybody, and know no session.
    let all = match shares {
        Some(node) => own.merge(share::router(node)),
        None => own,
    };
    all.layer(middleware::from_fn(in_their_language))
}

/// What a browser says that its user prefers.
fn preferred(headers: &HeaderMap) -> Language {
    let header = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::accepted(header.unwrap_or_default())
}

/// Answers say what they say in a language that the browser's user reads.
async fn in_their_language(request: Request, next: Next) -> Response {
    kith_ui::speaking(preferred(request.headers()), next.run(request)).await
}

/// What each request passes: our own host name, our own origin for what acts, a session for what shows anything.
async fn gate(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let path = request.uri().path();
    let acts = path == "/ws" || !matches!(*request.method(), Method::GET | Method::HEAD);
    let open = path == "/login" || page::STATIC.contains(&path);
    let mut response = if !shared.access.host_is_ours(headers) {
        (StatusCode::MISDIRECTED_REQUEST, "This address is not known here.").into_response()
    } else if acts && !shared.access.origin_is_ours(headers) {
        (StatusCode::FORBIDDEN, "Another site asked for this.").into_response()
    } else if !open && !shared.access.has_session(headers) {
        page::signed_out()
    } else {
        next.run(request).await
    };

    let headers = response.headers_mut();
    let defaults = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    response
}

#[derive(serde::Deserialize)]
struct Login {
    #[serde(default)]
    token: String,
}

/// Trades a one-time token for a session. Only a GET does: programs that look at links before a person does send HEAD.
/// A used link leads on where the browser is signed in already.
async fn login(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    login: Result<Query<Login>, QueryRejection>,
) -> Response {
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    // What can't be read holds no token.
    let token = login.map(|Query(login)| login.token).unwrap_or_default();
    let Some(cookie) = shared.access.redeem(&token) else {
        return if shared.access.has_session(&headers) { page::signed_in() } else { page::signed_out() };
    };
    if shared.tell().is_err() {
        tracing::error!("no randomness for a login link");
    }
    match HeaderValue::from_str(&cookie) {
        Ok(cookie) => {
            let mut response = page::signed_in();
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// An address that a browser on this device can open.
fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}
