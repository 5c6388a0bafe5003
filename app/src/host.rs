//! The page around the screens, and what the screens ask of the window.

use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use dioxus::desktop::window;
use kith_node::Blob;
use kith_ui::Saving;

use crate::tray;

/// What the page may do. Dioxus boots the page with inline scripts and styles, so these are allowed (there are no
/// others: texts and names never become HTML); it may connect to Dioxus's own socket on this device, and show
/// pictures that this program serves and post pasted ones to it. Nothing is loaded from the network.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    img-src 'self' dioxus: http://dioxus.index.html https://dioxus.index.html; \
    connect-src 'self' dioxus: http://dioxus.index.html https://dioxus.index.html ipc: ws://127.0.0.1:*; \
    base-uri 'none'; form-action 'none'; frame-src 'none'; object-src 'none'";

/// A page that is not shown draws no frames, and the screens' tasks wait until one was drawn, those that tell the desktop
/// of news among them: so a timer stands in while the window is hidden or minimised.
const FRAMES: &str = "{
    const frame = window.requestAnimationFrame.bind(window), waiting = new Map();
    let last = 0;
    const run = (id) => { const call = waiting.get(id); if (waiting.delete(id)) call(performance.now()); };
    window.requestAnimationFrame = (call) => {
        waiting.set(++last, call);
        const id = last;
        if (document.hidden) setTimeout(run, 50, id); else frame(() => run(id));
        return id;
    };
    window.cancelAnimationFrame = (id) => waiting.delete(id);
    document.addEventListener('visibilitychange', () => {
        if (document.hidden) for (const id of waiting.keys()) setTimeout(run, 50, id);
    });
}";

/// The page that the window loads. Scripts of Dioxus are added to it.
pub(crate) fn index() -> String {
    let language = kith_ui::language();
    format!(
        "<!DOCTYPE html><html lang=\"{}\" dir=\"{}\"><head><meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">{}\
         <style>{}</style><script>{FRAMES}</script></head><body data-window {}><div id=\"main\"></div><script>{{{}}}</script></body></html>",
        language.tag(),
        language.direction(),
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

/// How many files of one name a folder gets.
const SAME_NAME: usize = 1_000;

/// Writes a file into the folder for downloads, where it replaces nothing.
pub(crate) fn save(blob: Blob, name: String) -> Saving {
    Box::pin(async move {
        let write = move || write_new(&blob, &downloads()?, &name).map(|file| file.display().to_string());
        tokio::task::spawn_blocking(write).await.map_err(Error::other)?
    })
}

/// The user's folder for downloads; where there is none, the home folder.
fn downloads() -> Result<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_dir());
    let home = || folder("HOME").or_else(|| folder("USERPROFILE"));
    let usual = || home().map(|home| home.join("Downloads")).filter(|folder| folder.is_dir());
    folder("XDG_DOWNLOAD_DIR").or_else(usual).or_else(home).ok_or_else(|| ErrorKind::NotFound.into())
}

/// Writes a file under the last part of its name, or with a number behind it where there is one already.
fn write_new(blob: &Blob, folder: &Path, name: &str) -> Result<PathBuf> {
    let name = kith_node::file_name(name).unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, "bin"));
    for number in 1..=SAME_NAME {
        let file = match number {
            1 => folder.join(format!("{stem}.{extension}")),
            _ => folder.join(format!("{stem} ({number}).{extension}")),
        };
        match blob.write_new(&file) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            written => return written.map(|()| file),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
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

/// Gives the window its title.
pub(crate) fn title(text: &str) {
    window().set_title(text);
    tray::tell(text);
}

/// Leads to a place of the screens, as an address of a browser would.
pub(crate) fn go(path: &str) {
    run(&format!(
        "{{ const input = document.querySelector('input[data-navigate]'); if (input) {{ input.value = {}; \
         input.dispatchEvent(new Event('input', {{ bubbles: true }})); }} }}",
        serde_json::Value::from(path)
    ));
}

fn run(script: &str) {
    if let Err(error) = window().webview.evaluate_script(script) {
        tracing::warn!(%error, "the window did not run a script");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_file_replaces_nothing_and_stays_in_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("content");
        std::fs::write(&file, b"hello").unwrap();
        let blob = Blob { mime: String::new(), size: 5, name: None, file, key: None };
        let to = dir.path().join("to");
        std::fs::create_dir(&to).unwrap();
        for (name, place) in [("a.txt", "a.txt"), ("a.txt", "a (2).txt"), ("../../b", "b.bin"), (".c.sh", "c.sh")] {
            let saved = write_new(&blob, &to, name).unwrap();
            assert_eq!(
                (saved.as_path(), std::fs::read(&saved).unwrap()),
                (to.join(place).as_path(), b"hello".to_vec())
            );
        }
    }
}
