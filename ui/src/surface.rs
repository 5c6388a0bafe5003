//! What a host (window or web page) gives the screens.

use std::pin::Pin;

use kith_node::limits::PICTURE_FILE_BYTES;
use kith_node::{Blob, Node};

use crate::strings::{t, t_args};

/// The stylesheet: tokens first. A host puts it into the page's head once.
pub const CSS: &str = concat!(
    include_str!("tokens.css"),
    "\n",
    include_str!("app.css"),
    "\n",
    include_str!("reading.css"),
    "\n",
    include_str!("notifications.css"),
    "\n",
    include_str!("palette.css"),
    "\n",
    include_str!("card.css"),
    "\n",
    include_str!("quote.css"),
    "\n",
    include_str!("poll.css"),
    "\n",
    include_str!("near.css"),
    "\n",
    include_str!("series.css")
);

/// What the page of every host runs: pictures that are pasted or dropped, keys that are pressed while nothing has the
/// keyboard, arrows in menus, long lists and pictures that are looked at. The host answers POST to `/upload` with `{"hash":"…"}` or `{"error":"…"}`, and its body carries
/// [`body_attributes`].
pub const SCRIPT: &str = include_str!("script.js");

/// What a host page must have in its head besides [`CSS`]. No scripts.
///
/// [`SCRIPT`] and a web page's own script complete what needs one; they read these attributes:
/// - `data-apart="PERSONA"` on `.kith`: what is uploaded is for this persona, which is kept separate: `as=PERSONA` goes along.
/// - `data-upload="true"` on a file input, or `sealed` for any file, which is for somebody: POST the chosen file to
///   `/upload`, or to `/upload?sealed=true&name=NAME`, write `{"started":N}` and for each file the
///   JSON answer into the next `input[data-uploaded]` and dispatch a bubbling `input` event. In a window only what
///   is pasted or dropped goes this way.
///   With `code` it is a picture with a QR code: POST it to `/upload?code=true`, whose answer is `{"text":"…"}` or an error.
/// - `data-drop`: pictures that are pasted or dropped here, or where no such place is near, go to the file input inside.
/// - `data-copy="TEXT"` on a button: copy TEXT on click.
/// - `data-autofocus="true"`: move the focus there when it enters the page.
/// - `data-focus="N ID"` on `.kith`: when it changes, move the focus to the element with that id.
/// - `data-rows` on a list inside a `.scroll`: a long list. Each row in it carries `data-row="ROW"`; its `input[data-sight]`
///   gets what is on the screen (see `rows.rs`). `data-at="N ROW OFFSET"`: when it changes, that row comes so many
///   pixels below the upper edge, `-` is no row ([`SCRIPT`]).
/// - `data-look` around a picture that can be enlarged and moved; `data-look-by="N"` on a button: so many times larger;
///   `data-step="on"` and `back` on those that lead to other pictures ([`SCRIPT`]).
/// - `data-opens` inside a card that can have the focus: Enter clicks it ([`SCRIPT`]).
/// - `data-chord="KEY"` on an input: gets an `input` event when KEY is pressed with Ctrl, on a Mac with Cmd, wherever the
///   keyboard is ([`SCRIPT`]).
/// - `data-enter` on a text field: Enter sends, and begins no line ([`SCRIPT`]).
/// - `data-title="TEXT"` on an input: the page is called so; `data-here` on it: gets `true` or `false`, and an `input` event, as
///   somebody looks at the page or not ([`SCRIPT`]). With `data-window` on the body the window has to have the focus for that.
/// - `data-caret` on an input inside `.completing`: gets `caret N`, `key NAME` or `away` of the text field beside it, and an
///   `input` event; `data-put={from,to,was,text}` on it puts a text into the field ([`SCRIPT`]).
/// - `data-zone` on an input: gets how far local clocks are ahead of UTC, in minutes, and an `input` event; with `data-at` how
///   far they are at that time, ms ([`SCRIPT`]).
/// - `data-when="MS"` on a field for a time, inside `.composer-when`: shows it by local clocks; what is chosen goes into the
///   `input[data-chosen]` there, in ms, with an `input` event ([`SCRIPT`]).
/// - `data-path="/post/…"` and `data-depth` on `.kith`: the place that is shown, and how many places one can go back
///   from it. Push the path to the history when it changes, or go back in the history when the depth shrank. On
///   `popstate` (and once at the start, when the address names a place) write the path, with `#-N` behind it for N steps
///   back, into `input[data-navigate]` and dispatch a bubbling `input` event.
pub const HEAD: &str = concat!(
    "<meta charset=\"utf-8\">",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">",
    "<meta name=\"color-scheme\" content=\"light dark\">",
    "<meta name=\"referrer\" content=\"no-referrer\">",
    "<title>Kith</title>",
);

/// What a host page's body carries for [`SCRIPT`]: limits and texts, as HTML attributes.
pub fn body_attributes() -> String {
    let too_large = t_args("picture-too-large", &[("limit", (PICTURE_FILE_BYTES >> 20).into())]);
    format!(
        "data-upload-bytes=\"{PICTURE_FILE_BYTES}\" data-too-large=\"{}\" data-cut-off=\"{}\" data-no-camera=\"{}\"",
        escape(&too_large),
        escape(&t("web-upload-cut")),
        escape(&t("scan-no-camera"))
    )
}

/// A text as it stands in HTML, also in an attribute.
pub fn escape(plain: &str) -> String {
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// Given to [`crate::App`] as a context.
#[derive(Clone, Debug)]
pub struct Surface {
    pub node: Node,
    /// Pictures are at `{media_base}/{hash}`, for example `/media`; those of a persona that is kept separate at
    /// `{media_base}/{persona}/{hash}`.
    pub media_base: String,
    pub uploads: Uploads,
    /// A plain sentence when keys rest in a file sealed with a passphrase.
    pub keystore_note: Option<String>,
}

impl PartialEq for Surface {
    fn eq(&self, other: &Self) -> bool {
        self.node.is(&other.node) && self.media_base == other.media_base
    }
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

/// Where a file was written.
pub type Saving = Pin<Box<dyn Future<Output = std::io::Result<String>>>>;

/// What a desktop host does for the screens; a web page has none in its context and uses attributes instead.
#[derive(Clone, Copy)]
pub struct Host {
    /// Puts a text on the clipboard.
    pub copy: fn(&str),
    /// Writes a file into the user's folder for downloads, under this name or one like it; answers where it is.
    pub save: fn(Blob, String) -> Saving,
    /// Moves the focus to the element that carries `data-autofocus`.
    pub focus: fn(),
    /// Moves the focus to the element with this id, which may appear within moments.
    pub focus_on: fn(&str),
    /// Gives the window its title.
    pub title: fn(&str),
    /// Whether the program starts with the user's session; and has it so, or not.
    pub starts: fn() -> bool,
    pub set_starts: fn(bool) -> std::io::Result<()>,
    /// Whether the desktop shows an icon by which a closed window is found again; and has closing leave it there, or not.
    pub tray: fn() -> bool,
    pub set_tray: fn(bool),
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Host")
    }
}
