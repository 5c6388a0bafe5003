//! The HTML around the app, its script and styles, and their content security policy.

use std::sync::{Arc, OnceLock};

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kith_ui::{escape, language, t, within};

use super::{Shared, access};

pub(super) const SCRIPT: &str = "/page.js";
pub(super) const INTERPRETER: &str = "/interpreter.js";
pub(super) const STYLE: &str = "/page.css";
pub(super) const APP_STYLE: &str = "/style.css";
/// What is served without a session: the same for everybody.
pub(super) const STATIC: [&str; 5] = [SCRIPT, INTERPRETER, STYLE, APP_STYLE, "/favicon.ico"];

const APP: &str = include_str!("page.html");
const SIGNED_OUT: &str = include_str!("signed_out.html");
const SIGNED_IN: &str = include_str!("signed_in.html");
/// Edits of the virtual DOM are binary; Dioxus generates the module that applies them. It needs no `eval`.
const EDITS: &str = dioxus_interpreter_js::unified_bindings::SLEDGEHAMMER_JS;

/// The app, at every address that is nothing else: the script tells the app which one it was.
pub(super) async fn app(State(shared): State<Arc<Shared>>, method: Method, headers: HeaderMap) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let (Ok(nonce), Some(host)) = (access::random::<16>(), access::host(&headers)) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let html = within(shared.language(&headers).await, || frame(&nonce))
        .replace("{head}", &with_nonce(shared.site.head(), &nonce));
    let csp = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; \
         font-src 'self' data:; media-src 'self'; connect-src 'self' ws://{host}; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'self'"
    );
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::CONTENT_SECURITY_POLICY, csp)], html)
        .into_response()
}

/// The app's page without its head, in the [`language`] of the moment.
fn frame(nonce: &str) -> String {
    spoken(APP)
        .replace("{nonce}", nonce)
        .replace("{body}", &kith_ui::body_attributes())
        .replace("{lost}", &escape(&t("web-lost")))
        .replace("{signed_out}", &escape(&t("web-bar-signed-out")))
        .replace("{refused}", &escape(&t("web-refused")))
        .replace("{no_script}", &escape(&t("web-no-script")))
}

fn spoken(html: &str) -> String {
    html.replace("{lang}", language().tag()).replace("{dir}", language().direction())
}

/// What anybody without a session sees. Which language the node's user chose is not for them.
pub(super) fn signed_out() -> Response {
    let html = spoken(SIGNED_OUT)
        .replace("{title}", &escape(&t("web-signed-out-title")))
        .replace("{heading}", &escape(&t("web-signed-out")))
        .replace("{why}", &escape(&t("web-signed-out-why")))
        .replace("{how}", &escape(&t("web-signed-out-how")));
    (StatusCode::UNAUTHORIZED, plain(html)).into_response()
}

/// A page of our own that goes on to the app. A redirect would still count as the other site's navigation where the
/// link was followed from one, and the strict cookie would stay behind.
pub(super) fn signed_in() -> Response {
    let html = spoken(SIGNED_IN);
    plain(html.replace("{signed_in}", &escape(&t("web-signed-in"))).replace("{open}", &escape(&t("web-open"))))
        .into_response()
}

pub(super) async fn script() -> Response {
    static WHOLE: OnceLock<String> = OnceLock::new();
    let whole = WHOLE.get_or_init(|| format!("{}\n{}", kith_ui::SCRIPT, include_str!("page.js")));
    file("text/javascript; charset=utf-8", whole)
}

pub(super) async fn interpreter() -> Response {
    file("text/javascript; charset=utf-8", EDITS)
}

pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("page.css"))
}

pub(super) async fn app_style(State(shared): State<Arc<Shared>>) -> Response {
    static CSS: OnceLock<String> = OnceLock::new();
    file("text/css; charset=utf-8", CSS.get_or_init(|| shared.site.css().to_owned()))
}

/// Lets the styles that the app brings for its head pass the policy.
fn with_nonce(head: &str, nonce: &str) -> String {
    head.replace("<style", &format!("<style nonce=\"{nonce}\""))
}

fn file(mime: &'static str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, "no-cache")], body).into_response()
}

fn plain(html: String) -> ([(HeaderName, &'static str); 2], String) {
    let csp = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, csp)], html)
}
