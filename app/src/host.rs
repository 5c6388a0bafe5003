//! The page around the screens, and what the screens ask of the window.

use dioxus::desktop::window;

/// What the page may do. Dioxus boots the page with inline scripts and styles, so these are allowed (there are no
/// others: texts and names never become HTML); it may connect to Dioxus's own socket on this device, and show
/// pictures that this program serves and post pasted ones to it. Nothing is loaded from the network.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    img-src 'self' dioxus: http://dioxus.index.html https://dioxus.index.html; \
    connect-src 'self' dioxus: http://dioxus.index.html https://dioxus.index.html ipc: ws://127.0.0.1:*; \
    base-uri 'none'; form-action 'none'; frame-src 'none'; object-src 'none'";

/// The page that the window loads. Scripts of Dioxus are added to it.
pub(crate) fn index() -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">{}\
         <style>{}</style></head><body {}><div id=\"main\"></div><script>{{{}}}</script></body></html>",
        kith_ui::HEAD,
        kith_ui::CSS,
        kith_ui::body_attributes(),
        kith_ui::SCRIPT
    )
}

/// Puts a text on the clipboard.
pub(crate) fn copy(text: &str) {
    run(&format!(
        "{{ const field = document.createElement('textarea'); field.value = {}; document.body.append(field); \
         field.select(); document.execCommand('copy'); field.remove(); }}",
        serde_json::Value::from(text)
    ));
}

/// Moves the focus to what asked for it last.
pub(crate) fn focus() {
    run("requestAnimationFrame(() => { const all = document.querySelectorAll('[data-autofocus]'); \
         if (all.length) all[all.length - 1].focus(); })");
}

/// Moves the focus to the element with this id, as soon as it is there.
pub(crate) fn focus_on(id: &str) {
    run(&format!(
        "{{ const id = {}; let tries = 120; (function look() {{ const node = document.getElementById(id); \
         if (node) node.focus(); else if (tries-- > 0) requestAnimationFrame(look); }})(); }}",
        serde_json::Value::from(id)
    ));
}

fn run(script: &str) {
    if let Err(error) = window().webview.evaluate_script(script) {
        tracing::warn!(%error, "the window did not run a script");
    }
}
