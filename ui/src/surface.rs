//! What a host (window or web page) gives the screens.

use kith_node::Node;

/// The stylesheet: tokens first. A host puts it into the page's head once.
pub const CSS: &str = concat!(include_str!("tokens.css"), "\n", include_str!("app.css"));

/// What a host page must have in its head besides [`CSS`]. No scripts.
///
/// A web page's own script completes what needs one; it reads these attributes:
/// - `data-upload="true"` on a file input: POST the chosen file to `/upload`, write the JSON answer
///   (`{"hash":"…"}` or `{"error":"…"}`) into the next `input[data-uploaded]` and dispatch a bubbling `input` event.
/// - `data-copy="TEXT"` on a button: copy TEXT on click.
/// - `data-autofocus="true"`: move the focus there when it enters the page.
/// - `data-path="/post/…"` on `.kith`: the place that is shown; push it to the history when it changes, and on
///   `popstate` (and once at the start, when the address names a place) write the path into
///   `input[data-navigate]` and dispatch a bubbling `input` event.
pub const HEAD: &str = concat!(
    "<meta charset=\"utf-8\">",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">",
    "<meta name=\"color-scheme\" content=\"light dark\">",
    "<meta name=\"referrer\" content=\"no-referrer\">",
    "<title>Kith</title>",
);

/// Given to [`crate::App`] as a context.
#[derive(Clone, Debug)]
pub struct Surface {
    pub node: Node,
    /// Pictures are at `{media_base}/{hash}`, for example `/media`.
    pub media_base: String,
    pub uploads: Uploads,
    /// A plain sentence when keys rest in a file sealed with a passphrase.
    pub keystore_note: Option<String>,
}

impl Surface {
    pub(crate) fn media(&self, hash: kith_node::id::BlobHash) -> String {
        format!("{}/{hash}", self.media_base)
    }
}

/// How a chosen picture reaches the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploads {
    /// The file input's handler yields bytes (desktop).
    Picker,
    /// The page's script uploads by POST and writes the answer into a hidden input.
    Page,
}

/// Where to start, as a path such as `/people` or `/post/ID`: an optional context. Unknown paths lead home.
#[derive(Clone, Debug)]
pub struct Place(pub String);

/// What a desktop host does for the screens; a web page has none in its context and uses attributes instead.
#[derive(Clone, Copy)]
pub struct Host {
    /// Puts a text on the clipboard.
    pub copy: fn(&str),
    /// Moves the focus to the element that carries `data-autofocus`.
    pub focus: fn(),
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Host")
    }
}
