//! Files before a post, profile or message names them: prepared, sealed where they are for somebody, and stored.

use rusqlite::params;

use super::{Picture, PictureError, prepare_picture, sealed, thumb_mime};
use crate::crypto::{FileKey, seal_file};
use crate::entry::file_name;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::BlobHash;
use crate::limits;
use crate::net::Blobs;
use crate::node::{Node, Staged};
use crate::store::Durability;

/// Types by which other programs know a file, of those that are told apart: a file's own word decides how it is saved,
/// and never what it is shown as.
const TYPES: [(&str, &str); 9] = [
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("zip", "application/zip"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("m4a", "audio/mp4"),
    ("avif", "image/avif"),
];

/// A file as it is to be stored.
struct Prepared {
    bytes: Vec<u8>,
    mime: String,
    width: u32,
    height: u32,
    blurhash: String,
    thumb: Option<Vec<u8>>,
    name: Option<String>,
}

impl From<Picture> for Prepared {
    fn from(picture: Picture) -> Self {
        let Picture { bytes, mime, width, height, blurhash, thumb } = picture;
        Self { bytes, mime: mime.to_owned(), width, height, blurhash, thumb, name: None }
    }
}

impl Node {
    /// Prepares and stores a picture; slow work happens off the caller's thread. It is named later by a post or
    /// profile. Until then it lies sealed, as it may be for somebody alone: nothing of it is on the disk in the clear.
    ///
    /// # Errors
    /// `Picture` when the file is no picture that Kith reads, or is over a limit.
    pub async fn stage_picture(&self, file: Vec<u8>) -> Result<Staged> {
        let picture = self.inner().off_thread(move || prepare_picture(&file)).await??;
        self.store_staged(picture.into(), true).await
    }

    /// Prepares, seals and stores a file for a message, or for a post to a circle, under a key of its own: nothing of it
    /// is on the disk in the clear. Pictures are made anew as public ones are; any other file stays as it is.
    ///
    /// # Errors
    /// `Picture` for a picture over a limit, `BadInput` for a file over `ATTACHED_FILE_BYTES`, or an empty one.
    pub async fn stage_sealed(&self, file: Vec<u8>, name: Option<&str>) -> Result<Staged> {
        if file.is_empty() || file.len() > limits::ATTACHED_FILE_BYTES {
            let limit = limits::ATTACHED_FILE_BYTES >> 20;
            return Err(Error::BadInput(format!("a file has between 1 byte and {limit} MiB")));
        }
        let name = name.and_then(file_name);
        let prepared = self.inner().off_thread(move || match prepare_picture(&file) {
            Ok(picture) => Ok(picture.into()),
            // A picture that is damaged would go with all that it tells of its place and camera.
            Err(PictureError::Unreadable) if !is_picture(&file) => {
                let mime = name.as_deref().map_or("application/octet-stream", mime_of).to_owned();
                Ok(Prepared { bytes: file, mime, width: 0, height: 0, blurhash: String::new(), thumb: None, name })
            }
            Err(error) => Err(error),
        });
        self.store_staged(prepared.await??, true).await
    }

    /// What is known of a staged picture.
    ///
    /// # Errors
    /// `NotFound` when it was not staged in this run.
    pub async fn staged(&self, hash: BlobHash) -> Result<Staged> {
        std::future::ready(self.inner().find_staged(hash).ok_or(Error::NotFound { what: "the file" })).await
    }

    /// Stores a staged file the other way too, for [`Naming`].
    pub(crate) async fn restage(&self, staged: Staged, sealed: bool) -> Result<Staged> {
        if !sealed && staged.width == 0 {
            return Err(Error::BadInput("only pictures can be posted for everybody".to_owned()));
        }
        let bytes = self.content(staged.hash).await?;
        let thumb = match staged.thumb {
            Some(thumb) => Some(self.content(thumb).await?),
            None => None,
        };
        let Staged { mime, width, height, blurhash, name, .. } = staged;
        self.store_staged(Prepared { bytes, mime, width, height, blurhash, thumb, name }, sealed).await
    }

    async fn content(&self, hash: BlobHash) -> Result<Vec<u8>> {
        let blob = self.blob(hash).await?;
        let read = move || {
            let mut bytes = Vec::with_capacity(usize::try_from(blob.size).unwrap_or_default());
            blob.open()?.copy_to(&mut bytes)?;
            Ok(bytes)
        };
        self.inner().off_thread(read).await?
    }

    async fn store_staged(&self, file: Prepared, seal: bool) -> Result<Staged> {
        let blobs = self.inner().blobs()?;
        let key = if seal { Some(FileKey::draw(&*self.inner().entropy)?) } else { None };
        let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        let Prepared { bytes, mime, width, height, blurhash, thumb, name } = file;
        let thumb_mime = thumb.as_deref().map_or("", thumb_mime);
        // A sweep that comes between would take the files of a picture that was deleted before and is shared again.
        let _settling = blobs.settle().await;
        let whole = self.put_staged(&blobs, bytes, &mime, key.clone()).await?;
        let thumb = match thumb {
            Some(bytes) => {
                let key = key.as_ref().map(FileKey::of_thumbnail);
                Some(self.put_staged(&blobs, bytes, thumb_mime, key).await?)
            }
            None => None,
        };
        let (hash, thumb_hash) = (whole.hash, thumb.as_ref().map(|thumb| thumb.hash));
        let staged = Staged { hash, mime, size, width, height, blurhash, thumb: thumb_hash, key, name };
        // Before the notes: what is neither named nor staged is swept.
        self.inner().stage(staged.clone());
        for stored in thumb.into_iter().chain([whole]) {
            self.note_stored(stored).await?;
        }
        Ok(staged)
    }

    async fn put_staged(&self, blobs: &Blobs, bytes: Vec<u8>, mime: &str, key: Option<FileKey>) -> Result<Stored> {
        let (bytes, mime) = match key {
            Some(key) => {
                let seal = move || {
                    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    let mut out = Vec::new();
                    seal_file(&key, bytes.as_slice(), size, &mut out).map(|()| out)
                };
                (self.inner().off_thread(seal).await??, sealed::MIME.to_owned())
            }
            None => (bytes, mime.to_owned()),
        };
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let (blobs, told) = (blobs.clone(), mime.clone());
        let hash = self.inner().on_runtime(async move { blobs.put(bytes, &told).await }).await??;
        Ok(Stored { hash, size, mime })
    }

    async fn note_stored(&self, stored: Stored) -> Result<()> {
        let Stored { hash, size, mime } = stored;
        let write = self.inner().store.write(Durability::Normal, move |tx| {
            tx.execute(
                "INSERT INTO blob (hash, size, mime, stored) VALUES (?1, ?2, ?3, 1)
                 ON CONFLICT (hash) DO UPDATE SET stored = 1, size = ?2, mime = ?3",
                params![hash, i64::try_from(size).unwrap_or(i64::MAX), mime],
            )?;
            Ok(())
        });
        write.await
    }
}

/// Staged files that something is about to name, and copies of them that were made for it: of a picture for everybody the
/// one in the clear. Where nothing comes of it, the copies go again and the files stay staged.
#[derive(Debug)]
pub(crate) struct Naming {
    node: Node,
    staged: Vec<BlobHash>,
    copies: Vec<BlobHash>,
}

impl Naming {
    pub(crate) fn new(node: &Node) -> Self {
        Self { node: node.clone(), staged: Vec::new(), copies: Vec::new() }
    }

    /// How a staged file is named, sealed or as it is for everybody.
    ///
    /// # Errors
    /// `NotFound` when it was not staged in this run, `BadInput` for what is no picture and is to be for everybody.
    pub(crate) async fn name(&mut self, staged: BlobHash, sealed: bool) -> Result<Staged> {
        let staged = self.node.staged(staged).await?;
        self.staged.push(staged.hash);
        if staged.key.is_some() == sealed {
            return Ok(staged);
        }
        let copy = self.node.restage(staged, sealed).await?;
        self.copies.push(copy.hash);
        Ok(copy)
    }

    /// They are named: what was not goes with the next sweep.
    pub(crate) fn done(mut self) {
        let (staged, copies) = (std::mem::take(&mut self.staged), std::mem::take(&mut self.copies));
        let inner = self.node.inner();
        staged.iter().chain(&copies).for_each(|hash| inner.unstage(*hash));
        if !copies.is_empty() {
            staged.into_iter().for_each(|hash| inner.events.send(Event::BlobDropped(hash)));
        }
    }
}

impl Drop for Naming {
    fn drop(&mut self) {
        let inner = self.node.inner();
        for copy in std::mem::take(&mut self.copies) {
            inner.unstage(copy);
            inner.events.send(Event::BlobDropped(copy));
        }
    }
}

/// A blob whose file is there.
struct Stored {
    hash: BlobHash,
    size: u64,
    mime: String,
}

/// Whether the bytes begin as those of a picture that is made anew.
fn is_picture(file: &[u8]) -> bool {
    use image::ImageFormat::{Gif, Jpeg, Png, WebP};
    image::guess_format(file).is_ok_and(|format| matches!(format, Jpeg | Png | WebP | Gif))
}

fn mime_of(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    TYPES.iter().find(|(known, _)| *known == extension).map_or("application/octet-stream", |(_, mime)| mime)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn types_follow_the_name() {
        assert_eq!(mime_of("a.PDF"), "application/pdf");
        assert_eq!(mime_of("a.html"), "application/octet-stream");
        assert_eq!(mime_of("pdf"), "application/octet-stream");
    }
}
