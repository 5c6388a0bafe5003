//! A stored blob, as it is read: as it lies on the disk, or opened as it goes where it is sealed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::crypto::{FileKey, SealedReader};

/// What is read at once of a blob that is not sealed, bytes.
const PIECE: u64 = 64 * 1024;

/// A stored blob.
#[derive(Debug, Clone)]
pub struct Blob {
    pub mime: String,
    /// Bytes of its content.
    pub size: u64,
    /// What a sealed file was called.
    pub name: Option<String>,
    /// Where its bytes lie; of a sealed one nobody else can read them.
    pub file: PathBuf,
    /// Sealed: what opens it.
    pub key: Option<FileKey>,
}

impl Blob {
    /// A real file of the right type, for other programs; `None` for sealed ones.
    pub fn path(&self) -> Option<&Path> {
        Some(self.file.as_path()).filter(|_| !self.is_sealed())
    }

    pub fn is_sealed(&self) -> bool {
        self.key.is_some()
    }

    /// Copies it into a new file, which of a sealed one its user alone may read, and waits until it rests there. A part
    /// of one never stays. Blocks.
    ///
    /// # Errors
    /// `AlreadyExists` where there is such a file; else as [`Blob::open`], and what writing answers.
    pub fn write_new(&self, file: &Path) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if self.is_sealed() {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let mut out: File = options.open(file)?;
        let copied = self.open().and_then(|mut from| from.copy_to(&mut out)).and_then(|()| out.sync_all());
        copied.inspect_err(|_| drop(std::fs::remove_file(file)))
    }

    /// Opens it for reading. Blocks, as do the reader's calls: some milliseconds where the disk is slow.
    ///
    /// # Errors
    /// `InvalidData` where a sealed one was altered, and what the system answers.
    pub fn open(&self) -> io::Result<BlobReader> {
        let file = File::open(&self.file)?;
        Ok(match &self.key {
            Some(key) => BlobReader(Content::Sealed(Box::new(SealedReader::open(file, key)?))),
            None => BlobReader(Content::Plain(file)),
        })
    }
}

/// The content of a blob that is read piece by piece: no more of it is in memory than that.
#[derive(Debug)]
pub struct BlobReader(Content);

#[derive(Debug)]
enum Content {
    Plain(File),
    Sealed(Box<SealedReader<File>>),
}

impl BlobReader {
    /// Bytes of a sealed one's content; 0 where it is not sealed.
    pub(crate) fn size(&self) -> u64 {
        match &self.0 {
            Content::Sealed(reader) => reader.size(),
            Content::Plain(_) => 0,
        }
    }

    /// The next bytes from a place on: none at the end, else at most `limit` and 64 KiB.
    ///
    /// # Errors
    /// As [`Blob::open`].
    pub fn read_at(&mut self, at: u64, limit: u64) -> io::Result<Vec<u8>> {
        match &mut self.0 {
            Content::Sealed(reader) => reader.read_at(at, limit),
            Content::Plain(file) => {
                let mut bytes = Vec::new();
                file.seek(SeekFrom::Start(at))?;
                Read::by_ref(file).take(limit.min(PIECE)).read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    /// Writes the whole content out.
    ///
    /// # Errors
    /// As [`Blob::open`], and what writing answers.
    pub fn copy_to(&mut self, out: &mut impl Write) -> io::Result<()> {
        match &mut self.0 {
            Content::Sealed(reader) => reader.copy_to(out),
            Content::Plain(file) => {
                file.seek(SeekFrom::Start(0))?;
                io::copy(file, out).map(drop)
            }
        }
    }
}
