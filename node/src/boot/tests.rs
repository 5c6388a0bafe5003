//! Opening, starting and ending; files and keys that went missing meanwhile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod attachments;
mod cards;
mod compartments;
mod departures;
mod drafts;
mod letters;
mod restores;

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use super::*;
use crate::crypto::SealedFile;
use crate::host::MemoryKeystore;
use crate::id::BlobHash;
use crate::node::{Attach, FeedQuery, PostDraft, ProfileEdit, Staged};
use crate::view::Role;

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

fn config(profile: &Path, listen: SocketAddr) -> Config {
    Config {
        profile: profile.to_owned(),
        create: true,
        holder: Holder::Node,
        role: Role::Desktop,
        listen: Some(listen),
        network: NetworkMode::Offline,
        lock_wait_ms: 0,
    }
}

fn opened(profile: &Path, listen: SocketAddr) -> Node {
    Node::open(config(profile, listen), Arc::new(MemoryKeystore::default())).unwrap()
}

/// Opens what is there.
fn reopened(profile: &Path, keystore: Arc<dyn Keystore>) -> Result<Node> {
    Node::open(Config { create: false, ..config(profile, LOOPBACK) }, keystore)
}

/// A picture that is large enough for a thumbnail.
fn picture() -> Vec<u8> {
    let pixels = image::RgbImage::from_fn(800, 600, |x, y| image::Rgb([(x / 4) as u8, (y / 4) as u8, 7]));
    let mut file = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut file, image::ImageFormat::Jpeg).unwrap();
    file.into_inner()
}

/// Which of a picture and its thumbnail have a file here.
async fn here(node: &Node, (picture, thumb): (BlobHash, Option<BlobHash>)) -> [bool; 2] {
    [node.blob(picture).await.is_ok(), node.blob(thumb.unwrap()).await.is_ok()]
}

/// The picture and its thumbnail, as a post names them.
async fn named(node: &Node, post: crate::id::EntryId) -> (BlobHash, Option<BlobHash>) {
    let picture = node.show(post).await.unwrap().post.attachments.remove(0);
    (picture.hash, picture.thumb)
}

async fn post(node: &Node, staged: &Staged) -> crate::id::EntryId {
    let attachments = vec![Attach { staged: staged.hash, alt: None }];
    node.post(PostDraft { attachments, ..PostDraft::default() }).await.unwrap()
}

#[tokio::test]
async fn pictures_go_with_their_last_reference_and_come_again() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path(), LOOPBACK);
    node.create_persona("Alice").await.unwrap();
    let staged = node.stage_picture(picture()).await.unwrap();
    sweep_once(&node).await.unwrap();
    assert_eq!(here(&node, (staged.hash, staged.thumb)).await, [true; 2], "staged");
    // Two who stage the same picture name the same one.
    let other = node.stage_picture(picture()).await.unwrap();
    let posts = [post(&node, &staged).await, post(&node, &other).await];
    assert!(!node.inner().is_staged(staged.hash) && !node.inner().is_staged(other.hash));
    let picture_of = named(&node, posts[0]).await;
    assert_eq!(named(&node, posts[1]).await, picture_of);
    sweep_once(&node).await.unwrap();
    assert_eq!(std::fs::read_dir(dir.path().join("media")).unwrap().count(), 2, "what was staged is gone");
    for (post, left) in posts.into_iter().zip([true, false]) {
        node.delete(None, post).await.unwrap();
        sweep_once(&node).await.unwrap();
        assert_eq!(here(&node, picture_of).await, [left; 2]);
    }
    assert_eq!(std::fs::read_dir(dir.path().join("media")).unwrap().count(), 0);

    let staged = node.stage_picture(picture()).await.unwrap();
    let edit = ProfileEdit { picture: Some(Some(staged.hash)), ..ProfileEdit::default() };
    node.edit_profile(None, edit).await.unwrap();
    assert!(!node.inner().is_staged(staged.hash));
    sweep_once(&node).await.unwrap();
    assert_eq!(here(&node, picture_of).await, [true; 2], "named by the profile");
    let named = ProfileEdit { name: Some("Alice B.".to_owned()), ..ProfileEdit::default() };
    node.edit_profile(None, named).await.unwrap();
    sweep_once(&node).await.unwrap();
    assert_eq!(here(&node, picture_of).await, [true; 2], "named by the newer profile too");
    node.edit_profile(None, ProfileEdit { picture: Some(None), ..ProfileEdit::default() }).await.unwrap();
    sweep_once(&node).await.unwrap();
    assert_eq!(here(&node, picture_of).await, [false; 2], "the profile has no picture any more");
    node.shutdown().await;
}

#[tokio::test]
async fn a_start_that_failed_leaves_nothing_and_can_be_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let taken = UdpSocket::bind((std::net::Ipv4Addr::LOCALHOST, 0)).unwrap();
    let node = opened(dir.path(), taken.local_addr().unwrap());
    assert!(matches!(node.start().await, Err(Error::Network(_))));
    assert!(!node.status().await.unwrap().running);
    #[cfg(unix)]
    assert!(!control::socket_path(dir.path()).exists());
    drop(taken);
    tokio::time::timeout(Duration::from_secs(20), node.start()).await.unwrap().unwrap();
    assert!(node.status().await.unwrap().running);
    let port = node.inner().store.read(|db| Ok((setting::local(db, PORT)?, setting::get(db, PORT)?))).await.unwrap();
    assert!(matches!(port, (Some(_), None)), "own devices would share the port: {port:?}");
    node.shutdown().await;
    #[cfg(unix)]
    assert!(!control::socket_path(dir.path()).exists());
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).to_le_bytes();
    let pixels = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([noise(x, y)[1], noise(y, x)[2], 7]));
    let mut file = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut file, image::ImageFormat::Jpeg).unwrap();
    file.into_inner()
}

async fn doctor_of_files(node: &Node) -> (bool, String) {
    let checks = node.doctor().await.unwrap();
    checks.into_iter().find(|(name, ..)| name == "files").map(|(_, ok, text)| (ok, text)).unwrap()
}

async fn paths(node: &Node) -> Vec<Option<std::path::PathBuf>> {
    let posts = node.feed(FeedQuery { limit: 10, ..FeedQuery::default() }).await.unwrap();
    posts.into_iter().flat_map(|post| post.attachments).map(|picture| picture.path).collect()
}

#[tokio::test]
async fn a_file_that_went_missing_is_not_told_and_asked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let keystore: Arc<dyn Keystore> = Arc::new(MemoryKeystore::default());
    let node = Node::open(config(dir.path(), LOOPBACK), Arc::clone(&keystore)).unwrap();
    node.create_persona("Alice").await.unwrap();
    let small = node.stage_picture(jpeg(60, 60)).await.unwrap();
    let (small_picture, _) = named(&node, post(&node, &small).await).await;
    let large = node.stage_picture(jpeg(600, 600)).await.unwrap();
    assert!(small.size < 16 * 1024 && large.size > 16 * 1024, "{} {}", small.size, large.size);
    let (large_picture, _) = named(&node, post(&node, &large).await).await;
    sweep_once(&node).await.unwrap();
    assert_eq!(doctor_of_files(&node).await, (true, "every picture has its file".to_owned()));
    let [Some(large_file), Some(small_file)] = &paths(&node).await[..] else { panic!("a picture without a file") };
    node.shutdown().await;

    let pictures = [(small_picture, small_file, 60), (large_picture, large_file, 600)];
    for damage in [|file: &Path| std::fs::remove_file(file).unwrap(), |file: &Path| std::fs::write(file, "").unwrap()] {
        for (hash, file, side) in pictures {
            damage(file);
            let node = reopened(dir.path(), Arc::clone(&keystore)).unwrap();
            let told = |path: &std::path::PathBuf| Some(path.clone()).filter(|path| path != file);
            assert_eq!(paths(&node).await, [told(large_file), told(small_file)]);
            let (ok, text) = doctor_of_files(&node).await;
            assert!(!ok && text.contains("1 files of pictures are missing"), "{text}");
            assert!(matches!(node.blob(hash).await, Err(Error::NotFound { .. })));
            let wanted = node.inner().store.read(move |db| {
                Ok(db.query_row("SELECT wanted FROM blob WHERE hash = ?1", [hash], |row| row.get::<_, bool>(0))?)
            });
            assert!(wanted.await.unwrap(), "others may have it");
            assert!(!file.exists());
            // Sharing the same picture again is enough.
            let again = node.stage_picture(jpeg(side, side)).await.unwrap();
            let again = post(&node, &again).await;
            node.delete(None, again).await.unwrap();
            assert_eq!(paths(&node).await, [Some(large_file.clone()), Some(small_file.clone())]);
            node.shutdown().await;
        }
    }
}

/// Files below a folder in which these bytes stand.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.is_dir() {
            found.extend(holding(&file, bytes));
        } else if file.is_file() && std::fs::read(&file).unwrap().windows(bytes.len()).any(|window| window == bytes) {
            found.push(file);
        }
    }
    found
}

#[tokio::test]
async fn what_was_deleted_is_gone_from_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path(), LOOPBACK);
    node.create_persona("Alice").await.unwrap();
    for side in [60, 900] {
        let staged = node.stage_picture(jpeg(side, side)).await.unwrap();
        let attachments = vec![Attach { staged: staged.hash, alt: Some("canarypicture".to_owned()) }];
        let text = "canarytext".to_owned();
        let post = node.post(PostDraft { text, attachments, ..PostDraft::default() }).await.unwrap();
        let (picture, thumb) = named(&node, post).await;
        let mut traces = Vec::new();
        for hash in [Some(picture), thumb].into_iter().flatten() {
            let bytes = std::fs::read(node.blob(hash).await.unwrap().file).unwrap();
            traces.extend([bytes[bytes.len() / 2..][..64].to_vec(), bytes[bytes.len() - 80..][..64].to_vec()]);
        }
        assert!(traces.iter().all(|trace| holding(dir.path(), trace).len() == 1), "once, in the folder of media");
        node.delete(None, post).await.unwrap();
        sweep_once(&node).await.unwrap();
        // The same again, in a composer: it may be for somebody alone.
        let again = node.stage_picture(jpeg(side, side)).await.unwrap();
        for trace in &traces {
            assert_eq!(holding(dir.path(), trace), Vec::<std::path::PathBuf>::new());
        }
        // A post that fails leaves nothing in the clear either, and the picture can be posted again.
        let draft = |circles| {
            let attachments = vec![Attach { staged: again.hash, alt: None }];
            PostDraft { attachments, circles, cw: Some("x".repeat(1_000)), ..PostDraft::default() }
        };
        assert!(node.post(draft(Vec::new())).await.is_err());
        sweep_once(&node).await.unwrap();
        assert!(node.inner().is_staged(again.hash));
        for trace in &traces {
            assert_eq!(holding(dir.path(), trace), Vec::<std::path::PathBuf>::new());
        }
        node.inner().unstage(again.hash);
        sweep_once(&node).await.unwrap();
        let left = node.inner().store.write(Durability::Normal, |tx| {
            let erases: i64 = tx.query_row("PRAGMA secure_delete", [], |row| row.get(0))?;
            let bodies = "SELECT count(*) FROM entry WHERE instr(body, 'canarytext') OR instr(body, 'canarypicture')";
            Ok((erases, tx.query_row(bodies, [], |row| row.get::<_, i64>(0))?))
        });
        assert_eq!(left.await.unwrap(), (1, 0), "pages are overwritten, and no body is left");
    }
    node.shutdown().await;
}

#[tokio::test]
async fn a_lost_tag_is_found_in_the_sealed_file() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = || -> Arc<dyn Keystore> {
        Arc::new(SealedFile::new(&dir.path().join("keys.sealed"), Some("one that is long enough")))
    };
    let node = Node::open(config(dir.path(), LOOPBACK), sealed()).unwrap();
    let persona = node.create_persona("Alice").await.unwrap();
    node.shutdown().await;
    let file = dir.path().join("profile-id");
    let tag = std::fs::read(&file).unwrap();
    for lost in [None, Some(""), Some("0123456789abcdef")] {
        match lost {
            None => std::fs::remove_file(&file).unwrap(),
            Some(text) => std::fs::write(&file, text).unwrap(),
        }
        let node = reopened(dir.path(), sealed()).unwrap();
        assert_eq!(node.personas().await.unwrap()[0].id, persona);
        node.shutdown().await;
        assert_eq!(std::fs::read(&file).unwrap(), tag, "written anew");
    }
}

#[tokio::test]
async fn a_lost_tag_of_a_keychain_is_told_with_the_next_step() {
    let dir = tempfile::tempdir().unwrap();
    let keystore: Arc<dyn Keystore> = Arc::new(MemoryKeystore::default());
    let node = Node::open(config(dir.path(), LOOPBACK), Arc::clone(&keystore)).unwrap();
    node.shutdown().await;
    let file = dir.path().join("profile-id");
    let tag = std::fs::read(&file).unwrap();
    for lost in [None, Some(""), Some("0123456789abcdef")] {
        match lost {
            None => std::fs::remove_file(&file).unwrap(),
            Some(text) => std::fs::write(&file, text).unwrap(),
        }
        let refused = reopened(dir.path(), Arc::clone(&keystore)).unwrap_err();
        assert!(matches!(refused, Error::Keystore(KeystoreError::NoKey)), "{refused:?}");
        assert!(refused.hint().contains("profile-id"), "{}", refused.hint());
        // Nothing was made up in its place.
        assert_eq!(std::fs::read_to_string(&file).ok().as_deref(), lost);
    }
    std::fs::write(&file, tag).unwrap();
    reopened(dir.path(), keystore).unwrap().shutdown().await;
}

#[test]
fn a_database_that_is_a_folder_is_told_as_damaged() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join(DATABASE)).unwrap();
    for create in [true, false] {
        let config = Config { create, ..config(dir.path(), LOOPBACK) };
        let refused = Node::open(config, Arc::new(MemoryKeystore::default())).unwrap_err();
        assert_eq!(refused.code(), "database_damaged");
    }
}
