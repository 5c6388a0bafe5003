//! Posts with the card of a link: its picture is one of the post's files, shown with the card alone, and goes with it.

use super::*;
use crate::entry::Card;
use crate::limits;
use crate::node::{Attach, FeedQuery, PostDraft};
use crate::view::PostView;

const LINK: &str = "https://xn--mnchen-3ya.example/fog";

fn card(picture: BlobHash) -> Card {
    Card {
        url: LINK.to_owned(),
        title: "Fog".to_owned(),
        description: "Two\u{202e} masts".to_owned(),
        picture: Some(picture),
    }
}

fn files(dir: &Path) -> usize {
    std::fs::read_dir(dir.join("media")).unwrap().count()
}

/// Another one than [`picture`].
fn fog() -> Vec<u8> {
    let pixels = image::RgbImage::from_fn(900, 600, |x, y| image::Rgb([90, (y / 4) as u8, (x / 4) as u8]));
    let mut file = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut file, image::ImageFormat::Jpeg).unwrap();
    file.into_inner()
}

async fn newest(node: &Node) -> PostView {
    node.feed(FeedQuery { limit: 10, ..FeedQuery::default() }).await.unwrap().remove(0)
}

#[tokio::test]
async fn a_cards_picture_is_shown_with_it_and_goes_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path(), LOOPBACK);
    node.create_persona("Alice").await.unwrap();
    let family = node.create_circle(None, "Family").await.unwrap();
    for circles in [Vec::new(), vec![family]] {
        let of_card = node.stage_picture(fog()).await.unwrap();
        let own = node.stage_picture(picture()).await.unwrap();
        let attach = |staged| Attach { staged, alt: None };
        let draft = PostDraft {
            text: format!("Look {LINK}"),
            attachments: vec![attach(own.hash), attach(of_card.hash)],
            card: Some(card(of_card.hash)),
            circles: circles.clone(),
            ..PostDraft::default()
        };
        let post = node.post(draft).await.unwrap();
        sweep_once(&node).await.unwrap();
        assert_eq!(files(dir.path()), 4, "two pictures with a thumbnail each");

        let seen = newest(&node).await;
        assert_eq!(seen.attachments.len(), 1, "that of the card is none of them");
        let shown = seen.card.unwrap();
        assert_eq!((shown.url.as_str(), shown.host.as_str()), (LINK, "münchen.example"));
        assert_eq!((shown.title.as_str(), shown.description.as_str()), ("Fog", "Two masts"));
        let shown = shown.picture.unwrap();
        assert!(shown.here && shown.path.is_some() == circles.is_empty());
        assert_eq!(node.blob(shown.hash).await.unwrap().mime, "image/jpeg", "it opens");

        if circles.is_empty() {
            assert_eq!(node.quoted(post).await.unwrap().attachments, 1, "nor where the post is quoted");
        }

        // Other words leave it, and to be written anew it is all there.
        node.edit(None, post, "Look again").await.unwrap();
        assert_eq!(newest(&node).await.card.unwrap().picture.unwrap().hash, shown.hash);
        let again = node.redraft(post).await.unwrap();
        let restaged = again.card.unwrap().picture.unwrap();
        assert_eq!(again.files.iter().position(|(file, _)| file.hash == restaged), Some(1));
        again.files.iter().for_each(|(file, _)| node.discard_staged(file.hash));

        node.delete(None, post).await.unwrap();
        sweep_once(&node).await.unwrap();
        assert_eq!(files(dir.path()), 0);
    }
    node.shutdown().await;
}

#[tokio::test]
async fn what_is_no_card_is_refused_or_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path(), LOOPBACK);
    node.create_persona("Alice").await.unwrap();
    let with = |card: Card| PostDraft { text: "Look".to_owned(), card: Some(card), ..PostDraft::default() };
    let plain = |url: &str| Card { url: url.to_owned(), title: "Fog".to_owned(), ..Card::default() };
    for url in ["javascript:alert(1)", "https://a@example.org/", "example.org", "", "data:text/html,x"] {
        assert_eq!(node.post(with(plain(url))).await.unwrap_err().code(), "preview_refused", "{url}");
    }
    let long = Card { title: "x".repeat(limits::CARD_TITLE_CHARS + 1), ..plain(LINK) };
    assert_eq!(node.post(with(long)).await.unwrap_err().code(), "bad_input");
    // A picture that the post does not name is none.
    node.post(with(Card { picture: Some(BlobHash::from_bytes([9; 32])), ..plain(LINK) })).await.unwrap();
    assert_eq!(newest(&node).await.card.unwrap().picture, None);
    for link in
        ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://192.168.0.1/", "ftp://a.example"]
    {
        assert_eq!(node.preview(link).await.unwrap_err().code(), "preview_refused", "{link}");
    }
    node.shutdown().await;
}
