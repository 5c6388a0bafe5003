//! What a page says of itself in its head. Its tags are read one after the other, by the rules of browsers; no tree is
//! built, so nothing in it can nest too deeply, and nothing that it holds is run, followed or kept.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use crate::limits;
use crate::name::plain_line;

/// What a page says of itself; texts on one line, within the limits of a card, and empty where it says nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) title: String,
    pub(super) description: String,
    /// As it stands there: it may be relative.
    pub(super) picture: Option<String>,
}

/// Where a text was found: what is meant for cards counts more than what is meant for search engines.
#[derive(Debug, Default)]
struct Found {
    card: Option<String>,
    other: Option<String>,
    plain: Option<String>,
}

impl Found {
    fn best(self, limit: usize) -> String {
        let told = [self.card, self.other, self.plain].into_iter().flatten().map(|text| plain_line(&text, limit));
        told.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
    }
}

/// Reads a page's head. The first that says a thing counts.
pub(super) fn read(html: &str) -> Page {
    let mut emitter = DefaultEmitter::default();
    // Scripts, styles and titles hold text, whatever tags stand in it.
    emitter.naively_switch_states(true);
    let (mut title, mut description, mut site) = (Found::default(), Found::default(), None);
    let (mut picture, mut other_picture) = (None, None);
    let mut in_title = false;
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            // What readers of the page may have written begins here.
            Token::StartTag(tag) if tag.name == b"body" => break,
            Token::StartTag(tag) if tag.name == b"title" => in_title = title.plain.is_none(),
            Token::StartTag(tag) if tag.name == b"meta" => {
                let Some(content) = attribute(&tag, b"content").filter(|content| !content.trim().is_empty()) else {
                    continue;
                };
                let name = attribute(&tag, b"property").or_else(|| attribute(&tag, b"name")).unwrap_or_default();
                let place = match name.trim().to_ascii_lowercase().as_str() {
                    "og:title" => &mut title.card,
                    "twitter:title" => &mut title.other,
                    "og:description" => &mut description.card,
                    "twitter:description" => &mut description.other,
                    "description" => &mut description.plain,
                    "og:site_name" => &mut site,
                    "og:image" | "og:image:url" | "og:image:secure_url" => &mut picture,
                    "twitter:image" | "twitter:image:src" => &mut other_picture,
                    _ => continue,
                };
                place.get_or_insert(content);
            }
            Token::EndTag(tag) if tag.name == b"head" => break,
            Token::EndTag(_) => in_title = false,
            Token::String(text) if in_title => {
                let so_far = title.plain.get_or_insert_default();
                if so_far.len() < 8 * limits::CARD_TITLE_CHARS {
                    so_far.push_str(&String::from_utf8_lossy(&text));
                }
            }
            _ => {}
        }
    }
    let mut title = title.best(limits::CARD_TITLE_CHARS);
    if title.is_empty() {
        title = plain_line(&site.unwrap_or_default(), limits::CARD_TITLE_CHARS);
    }
    let picture = picture.or(other_picture).map(|url| url.trim().to_owned());
    let picture = picture.filter(|url| url.chars().count() <= limits::CARD_URL_CHARS);
    Page { title, description: description.best(limits::CARD_TEXT_CHARS), picture }
}

fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    Some(String::from_utf8_lossy(tag.attributes.get(name)?).into_owned())
}

/// The text of a page: UTF-8, whatever in it is none, or Latin-1 where the server says so.
pub(super) fn text(bytes: &[u8], content_type: &str) -> String {
    let said = content_type.to_ascii_lowercase();
    let charset = said.split(';').filter_map(|part| part.trim().strip_prefix("charset=")).next().unwrap_or_default();
    match charset.trim_matches('"') {
        "iso-8859-1" | "latin1" | "windows-1252" | "us-ascii" => bytes.iter().map(|byte| western(*byte)).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// As browsers read Latin-1: some signs stand where it has control characters.
fn western(byte: u8) -> char {
    match byte {
        0x80 => '€',
        0x84 => '„',
        0x85 => '…',
        0x91 => '‘',
        0x92 => '’',
        0x93 => '“',
        0x94 => '”',
        0x96 => '–',
        0x97 => '—',
        byte => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn page(title: &str, description: &str, picture: Option<&str>) -> Page {
        Page { title: title.into(), description: description.into(), picture: picture.map(str::to_owned) }
    }

    #[test]
    fn a_page_says_what_it_is() {
        let html = "<!doctype html><html><head><title>Plain &amp; simple</title>
            <meta name=description content='for search'>
            <meta property='og:title' content='Fog over the &quot;harbour&quot;'>
            <META PROPERTY=\"OG:DESCRIPTION\" CONTENT=\"Two masts,\n  grey water\">
            <meta property=og:image content=/fog.jpg></head><body><meta property=og:image content=/late.jpg>";
        assert_eq!(read(html), page("Fog over the \"harbour\"", "Two masts, grey water", Some("/fog.jpg")));
        let plain = "<title>\n Plain &amp;\tsimple </title><meta name=description content='for search'>";
        assert_eq!(read(plain), page("Plain & simple", "for search", None));
        let site = "<meta property=og:site_name content=Harbour><meta name=twitter:image content=https://a.example/b>";
        assert_eq!(read(site), page("Harbour", "", Some("https://a.example/b")));
    }

    #[test]
    fn a_page_that_says_nothing_has_nothing() {
        for nothing in
            ["", "hello", "<title></title>", "<title> \u{202e} </title>", "<meta property=og:title>", "<", "<!--"]
        {
            assert_eq!(read(nothing), Page::default(), "{nothing}");
        }
        // What stands in scripts, styles and comments is none of it, nor is what readers wrote.
        let hidden = "<script>'<title>a</title>'</script><style><title>b</title></style><!--<title>c</title>-->
            <body><title>d</title><meta property=og:title content=e>";
        assert_eq!(read(hidden), Page::default());
        let unfinished = "<title>no end <meta property=og:title content=inside>";
        assert_eq!(read(unfinished).title, "no end <meta property=og:title content=inside>");
    }

    #[test]
    fn a_text_stays_a_text_on_one_line() {
        let html =
            "<title>&lt;script&gt;alert(1)&lt;/script&gt; \u{202e}desrever\u{2066} a\u{200b}b\u{0}c\r\nd</title>";
        let title = read(html).title;
        assert!(title.starts_with("<script>alert(1)</script> desrever ab"), "{title:?}");
        assert!(!title.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{2069}').contains(&c)), "{title:?}");
    }

    #[test]
    fn the_largest_and_the_deepest_page_is_read_at_once() {
        let most = limits::CARD_PAGE_BYTES;
        let start = Instant::now();
        let long =
            format!("<title>{}</title><meta property=og:description content='{}'>", "x".repeat(most), "é".repeat(most));
        let told = read(&long);
        assert_eq!(told.title.chars().count(), limits::CARD_TITLE_CHARS);
        assert_eq!(told.description.chars().count(), limits::CARD_TEXT_CHARS);
        assert_eq!(read(&"<div>".repeat(most / 5)), Page::default());
        assert_eq!(read(&"<".repeat(most)), Page::default());
        assert_eq!(read(&format!("<meta {}>", "a=b ".repeat(most / 4))), Page::default());
        assert_eq!(read(&"<meta property=og:title>".repeat(most / 24)), Page::default());
        assert_eq!(read(&"&".repeat(most)), Page::default());
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
        let far =
            format!("<meta property=og:image content='https://a.example/{}'>", "x".repeat(limits::CARD_URL_CHARS));
        assert_eq!(read(&far).picture, None);
    }

    #[test]
    fn bytes_are_read_as_the_server_says_and_never_fail() {
        assert_eq!(text(b"gr\xfc\xdfe \x93x\x94", "text/html; charset=ISO-8859-1"), "grüße “x”");
        assert_eq!(text("grüße".as_bytes(), "text/html; charset=\"utf-8\""), "grüße");
        assert_eq!(text(b"gr\xfc\xdfe", "text/html"), "gr\u{fffd}\u{fffd}e");
        assert_eq!(text(b"\xff\xfe<\0t\0", "text/html; charset=utf-16"), "\u{fffd}\u{fffd}<\0t\0");
    }

    proptest::proptest! {
        #[test]
        fn any_page_is_read(html in "(<(meta|title|/title|script|body|!--)( (name|property|content)=['\"]?[a-z:]{0,12}['\"]?){0,3}>?|[a-z&;<>'\"]|\\PC){0,40}") {
            let told = read(&html);
            proptest::prop_assert!(told.title.chars().count() <= limits::CARD_TITLE_CHARS);
            proptest::prop_assert!(!told.title.contains('\n'));
        }
    }
}
