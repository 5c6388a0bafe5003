//! Cards: what a page that a post links says of itself. The author's node asks the page, once, because its user wants it;
//! who reads the post asks nobody, and sees what its author signed.

mod page;
mod web;

use rusqlite::Connection;
use url::{Host, Url};

use crate::entry::{BlobRef, Card, PostBody};
use crate::error::{Error, Result};
use crate::id::BlobHash;
use crate::limits;
use crate::media::{self, PictureError, prepare_picture};
use crate::name::plain_line;
use crate::net::Blobs;
use crate::node::{Node, Staged};
use crate::view::CardView;

use self::web::{Fetched, Web, Wish, allowed};

const PAGE: Wish = Wish { accept: "text/html,application/xhtml+xml", most_bytes: limits::CARD_PAGE_BYTES, cut: true };
const PICTURE: Wish =
    Wish { accept: "image/webp,image/png,image/jpeg,image/gif", most_bytes: limits::CARD_PICTURE_BYTES, cut: false };

/// Why there is no preview of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    #[error("this is no link of the web: it begins with https:// or http://, and holds no password")]
    NoLink,
    #[error("this link leads to a device in a private network, and those are not asked")]
    Private,
    #[error("the page leads from a sealed connection to an open one")]
    Opened,
    #[error("the page leads on and on")]
    Redirects,
    #[error("the page took too long")]
    Slow,
    #[error("the page could not be reached")]
    Unreachable,
    #[error("the page answered {0}")]
    Answered(u16),
    #[error("this is no page, but another file")]
    NoPage,
    #[error("it is too large")]
    TooLarge,
    #[error("the page says nothing of itself")]
    Nothing,
}

impl CardError {
    /// A stable word for scripts.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoLink | Self::Private | Self::Opened | Self::Redirects => "preview_refused",
            Self::Slow | Self::Unreachable | Self::Answered(_) => "page_unreachable",
            Self::NoPage | Self::TooLarge | Self::Nothing => "no_preview",
        }
    }
}

/// What a page says of itself, before anything of it is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub card: Card,
    /// Staged, and named by the card.
    pub picture: Option<Staged>,
}

impl Node {
    /// Asks the page behind a link what it is, for a card: what comes is staged, and nothing of it is posted yet.
    ///
    /// # Errors
    /// `Card` when there is no preview of it; `Demo` for a demo profile, which connects to nobody.
    pub async fn preview(&self, link: &str) -> Result<Preview> {
        self.refuse_demo().await?;
        let url = Url::parse(link.trim()).map_err(|_| CardError::NoLink).and_then(allowed)?;
        if url.as_str().chars().count() > limits::CARD_URL_CHARS || link.chars().count() > limits::CARD_URL_CHARS {
            return Err(CardError::NoLink.into());
        }
        let asked = url.clone();
        let (told, picture) = self.inner().on_runtime(async move { ask(Web::open(), &asked).await }).await??;
        let picture = match picture {
            // Without it the card is one all the same.
            Some(file) => match self.inner().off_thread(move || small(&file)).await? {
                Ok(small) => Some(self.stage_picture(small).await?),
                Err(_) => None,
            },
            None => None,
        };
        let card = Card {
            url: link.trim().to_owned(),
            title: told.title,
            description: told.description,
            picture: picture.as_ref().map(|staged| staged.hash),
        };
        Ok(Preview { card, picture })
    }
}

async fn ask(web: Web, url: &Url) -> Result<(page::Page, Option<Vec<u8>>), CardError> {
    let Fetched { url, content_type, bytes } = web.fetch(url, PAGE).await?;
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !matches!(kind.as_str(), "text/html" | "application/xhtml+xml") {
        return Err(CardError::NoPage);
    }
    let told = page::read(&page::text(&bytes, &content_type));
    if told.title.is_empty() && told.description.is_empty() {
        return Err(CardError::Nothing);
    }
    let from = picture_of(&told, &url);
    let picture = match from {
        Some(from) => web.fetch(&from, PICTURE).await.ok().map(|fetched| fetched.bytes),
        None => None,
    };
    Ok((told, picture))
}

/// Where the picture is that a page names for its card.
fn picture_of(told: &page::Page, page: &Url) -> Option<Url> {
    let from = allowed(page.join(told.picture.as_ref()?).ok()?).ok()?;
    // A page that came sealed brings no picture in the open.
    (from.scheme() == "https" || page.scheme() == "http").then_some(from)
}

/// Reads bytes as a page whose head is asked for a card: `true` where all that it tells fits a card, and its picture is asked
/// for at a host, sealed, and without a password. For the fuzz target.
pub fn fuzz_page(bytes: &[u8]) -> bool {
    const PAGE: &str = "https://example.org/a";
    let Ok(page) = Url::parse(PAGE) else { return false };
    ["text/html", "text/html; charset=latin1"].iter().all(|content_type| {
        let told = page::read(&page::text(bytes, content_type));
        let sealed = picture_of(&told, &page).is_none_or(|from| {
            from.scheme() == "https" && from.host().is_some() && from.username().is_empty() && from.password().is_none()
        });
        let card = Card { url: PAGE.to_owned(), title: told.title, description: told.description, picture: None };
        sealed && checked(card).is_ok()
    })
}

/// A picture as small as one of a list, made anew.
fn small(file: &[u8]) -> Result<Vec<u8>, PictureError> {
    let picture = prepare_picture(file)?;
    Ok(picture.thumb.unwrap_or(picture.bytes))
}

/// A card as it may be posted.
///
/// # Errors
/// `Card` for what is no link of the web; `BadInput` for texts over their limits.
pub(crate) fn checked(card: Card) -> Result<Card> {
    let url = allowed(Url::parse(&card.url).map_err(|_| CardError::NoLink)?)?;
    let fits = |text: &str, limit: usize| text.chars().count() <= limit;
    if !fits(url.as_str(), limits::CARD_URL_CHARS)
        || !fits(&card.title, limits::CARD_TITLE_CHARS)
        || !fits(&card.description, limits::CARD_TEXT_CHARS)
    {
        return Err(Error::BadInput("the card of the link is too long".to_owned()));
    }
    Ok(card)
}

/// The card's picture goes by the name that it has in the post, as one of its attachments: they were `staged` under these.
pub(crate) fn settle_picture(post: &mut PostBody, staged: &[BlobHash]) {
    let Some(card) = &mut post.card else { return };
    let place = staged.iter().position(|hash| Some(*hash) == card.picture);
    card.picture = place.and_then(|place| post.attachments.get(place)).map(|blob| blob.hash);
}

/// The card of a post as it is shown, and its picture no longer among the post's attachments. `None` for what leads nowhere
/// that a link of a text leads.
pub(crate) fn view(
    db: &Connection,
    blobs: Option<&Blobs>,
    card: Option<Card>,
    attachments: &mut Vec<BlobRef>,
) -> Result<Option<CardView>> {
    let Some(card) = card else { return Ok(None) };
    let Some(host) = leads_to(&card) else { return Ok(None) };
    let picture = match pictured(&card, attachments).map(|place| attachments.remove(place)) {
        Some(blob) => Some(media::view(db, blobs, blob)?),
        None => None,
    };
    let title = plain_line(&card.title, limits::CARD_TITLE_CHARS);
    let description = plain_line(&card.description, limits::CARD_TEXT_CHARS);
    Ok(Some(CardView { url: card.url, host, title, description, picture }))
}

/// How many files of a post stand beside its card: the card's picture is none of them.
pub(crate) fn files_beside(post: &PostBody) -> usize {
    let shown = post.card.as_ref().filter(|card| leads_to(card).is_some());
    let pictured = shown.and_then(|card| pictured(card, &post.attachments));
    post.attachments.len().saturating_sub(usize::from(pictured.is_some()))
}

/// The host of a card's link. `None` for what is no link of the web: such a card is not shown.
fn leads_to(card: &Card) -> Option<String> {
    allowed(Url::parse(&card.url).ok()?).ok().map(|url| host(&url))
}

/// Which of a post's attachments is the picture of its card.
fn pictured(card: &Card, attachments: &[BlobRef]) -> Option<usize> {
    attachments.iter().position(|blob| Some(blob.hash) == card.picture && blob.width > 0)
}

/// The host of a link, as it is told beside a text. Letters beyond those of western languages can look like others: a host
/// with such is told as it goes over the wire (`xn--…`).
pub(crate) fn host(url: &Url) -> String {
    let told = match url.host() {
        Some(Host::Domain(name)) => {
            let (shown, read) = idna::domain_to_unicode(name);
            // Some of them look like others without a mark.
            let alike = ['ı', 'ĸ', 'ŀ', 'ſ'];
            let western = |c: char| c.is_ascii() || matches!(c, 'ß'..='ö' | 'ø'..='ž') && !alike.contains(&c);
            if read.is_ok() && shown.chars().all(western) { shown } else { name.to_owned() }
        }
        Some(ip) => ip.to_string(),
        None => String::new(),
    };
    let told = told.strip_prefix("www.").unwrap_or(&told).to_owned();
    match url.port() {
        Some(port) => format!("{told}:{port}"),
        None => told,
    }
}

/// The host of a link that a card can be made of.
pub fn link_host(link: &str) -> Option<String> {
    allowed(Url::parse(link.trim()).ok()?).ok().map(|url| host(&url))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_told_as_what_it_is() {
        let told = |url: &str| link_host(url).unwrap_or_default();
        assert_eq!(told("https://www.Example.org/a/b?c"), "example.org");
        assert_eq!(told("http://example.org:8080/"), "example.org:8080");
        assert_eq!(told("https://münchen.example/"), "münchen.example");
        // The first letter is Cyrillic, in the second name all are.
        assert_eq!(told("https://аpple.example/"), "xn--pple-43d.example");
        assert!(told("https://аррӏе.example/").starts_with("xn--"));
        assert!(told("https://wıkipedia.example/").starts_with("xn--"));
        assert_eq!(told("https://example.org%2eevil.example/"), "example.org.evil.example");
        for none in ["javascript:alert(1)", "https://example.org@evil.example/", "https://", "example.org", ""] {
            assert_eq!(link_host(none), None, "{none}");
        }
    }
}
