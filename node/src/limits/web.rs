//! Limits of what is read from pictures with codes, and from pages of the web.

/// Sides to which a picture is scaled to look for a code in it, pixels: the first fits most, the last is for a small code
/// in a large photo.
pub const CODE_SIDES_PX: [u32; 3] = [1_000, 1_800, 3_200];
/// Corners of codes in one picture: a photo of a wall has a few that look like one, a picture of 256 is no photo.
pub const CODE_CORNERS: usize = 256;
/// How often each pixel may be looked at in the search for a code: 20 are usual.
pub const CODE_LOOKS: u64 = 150;

/// Link of a card, characters: what browsers and servers take too.
pub const CARD_URL_CHARS: usize = 2_000;
/// Title of a card, characters.
pub const CARD_TITLE_CHARS: usize = 200;
/// Description of a card, characters.
pub const CARD_TEXT_CHARS: usize = 300;
/// What of a page is read for a card, bytes: its head, with whatever scripts stand in it.
pub const CARD_PAGE_BYTES: usize = 512 * 1024;
/// The picture that a page names, bytes. A larger one is left out.
pub const CARD_PICTURE_BYTES: usize = 4 * 1024 * 1024;
/// How long a page may take to come, and its picture again, ms: somebody waits for it.
pub const CARD_WAIT_MS: u64 = 5_000;
/// How often a page may lead to another one.
pub const CARD_REDIRECTS: usize = 3;
