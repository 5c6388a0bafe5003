//! Sealed files: attachments of private messages and of posts to circles.
//!
//! What is sealed is the length of the file (u64, little-endian), the file, and zeros up to a size class. It is cut into
//! chunks of 64 KiB, each sealed with ChaCha20-Poly1305 under the file's own key and the nonce
//! `number of the chunk (11 bytes, big-endian) ‖ 1 for the last chunk, else 0`: the STREAM construction (Hoang,
//! Reyhanitabar, Rogaway, Vizár 2015) as the payload of age v1 has it. So chunks can be opened one by one, and none can be
//! cut off, added or moved. A key seals one file: no nonce comes twice.
//!
//! Size classes are those of Padmé (Nikitin and others 2019), from 4 KiB on: they tell of a file's length only its
//! magnitude and four or five bits, for at most 6.25 % more bytes; powers of two would tell three bits less for up to 100 %.

use std::io::{self, Read, Seek, SeekFrom, Write};

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit, Nonce};
use zeroize::Zeroizing;

use super::secret::secret;
use crate::limits::SEALED_FILE_LEAST;

secret! {
    /// The key of one file. Wiped when dropped.
    FileKey
}

impl FileKey {
    /// The key of the thumbnail that goes with a picture.
    pub fn of_thumbnail(&self) -> Self {
        Self(Zeroizing::new(blake3::derive_key("kith 2026 thumbnail v1", self.0.as_slice())))
    }
}

/// Plain bytes of a chunk.
const CHUNK: u64 = 64 * 1024;
const TAG: u64 = 16;
/// What stands before the file: its length.
const LENGTH: u64 = 8;

/// Bytes of a sealed file of `size` bytes.
pub const fn sealed_size(size: u64) -> u64 {
    let padded = padded(size.saturating_add(LENGTH));
    padded.saturating_add(padded.div_ceil(CHUNK).saturating_mul(TAG))
}

/// Whether a sealed file can have so many bytes: any other size would tell something that was put into it.
pub const fn is_sealed_size(sealed: u64) -> bool {
    let tags = sealed.div_ceil(CHUNK + TAG).saturating_mul(TAG);
    match sealed.checked_sub(tags) {
        Some(plain) => plain >= SEALED_FILE_LEAST && padded(plain) == plain && sealed_size(plain - LENGTH) == sealed,
        None => false,
    }
}

/// The size class that `bytes` falls into.
const fn padded(bytes: u64) -> u64 {
    let bytes = if bytes < SEALED_FILE_LEAST { SEALED_FILE_LEAST } else { bytes };
    let magnitude = bytes.ilog2();
    let kept = magnitude.ilog2() + 1;
    let rest = (1 << (magnitude - kept)) - 1;
    bytes.saturating_add(rest) & !rest
}

/// Seals a file of `size` bytes, chunk by chunk. `key` must not have sealed another one.
///
/// # Errors
/// `UnexpectedEof` where the file has fewer bytes; what reading and writing answer.
pub fn seal_file(key: &FileKey, file: impl Read, size: u64, out: &mut impl Write) -> io::Result<()> {
    let padded = padded(size.saturating_add(LENGTH));
    let (length, zeros) = (size.to_le_bytes(), padded - LENGTH - size);
    let mut plain = length.as_slice().chain(file.take(size)).chain(io::repeat(0).take(zeros));
    let cipher = ChaCha20Poly1305::new(&(*key.0).into());
    let chunks = padded.div_ceil(CHUNK);
    let mut buffer = Vec::with_capacity(usize::try_from(CHUNK + TAG).unwrap_or_default());
    for number in 0..chunks {
        let bytes = CHUNK.min(padded - number * CHUNK);
        buffer.clear();
        plain.by_ref().take(bytes).read_to_end(&mut buffer)?;
        if buffer.len() as u64 != bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        cipher.encrypt_in_place(&nonce(number, number + 1 == chunks), b"", &mut buffer).map_err(|_| altered())?;
        out.write_all(&buffer)?;
    }
    Ok(())
}

/// A sealed file that is read: a chunk of it is in memory at a time.
pub struct SealedReader<R> {
    cipher: ChaCha20Poly1305,
    from: R,
    /// Bytes of the sealed file, of the chunks in it without their tags, and of the file itself.
    sealed: u64,
    padded: u64,
    size: u64,
    held: Option<(u64, Zeroizing<Vec<u8>>)>,
}

impl<R> std::fmt::Debug for SealedReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedReader").field("size", &self.size).finish_non_exhaustive()
    }
}

impl<R: Read + Seek> SealedReader<R> {
    /// Opens the first and the last chunk, and so tells whether the key is right and the length what it was.
    ///
    /// # Errors
    /// `InvalidData` where it is another key, or anything was cut off, added or changed.
    pub fn open(mut from: R, key: &FileKey) -> io::Result<Self> {
        let sealed = from.seek(SeekFrom::End(0))?;
        let chunks = sealed.div_ceil(CHUNK + TAG);
        let padded = sealed.checked_sub(chunks * TAG).filter(|padded| *padded >= LENGTH).ok_or_else(altered)?;
        let cipher = ChaCha20Poly1305::new(&(*key.0).into());
        let mut reader = Self { cipher, from, sealed, padded, size: 0, held: None };
        reader.hold(chunks - 1)?;
        let length = reader.hold(0)?.first_chunk().copied().ok_or_else(altered)?;
        reader.size = u64::from_le_bytes(length);
        // Whoever sealed it otherwise put something into its size.
        if sealed_size(reader.size) == sealed { Ok(reader) } else { Err(altered()) }
    }

    /// Bytes of the file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of the file from a place on: none at its end, else at most `limit`, and at most what one chunk has.
    ///
    /// # Errors
    /// `InvalidData` where something was changed.
    pub fn read_at(&mut self, at: u64, limit: u64) -> io::Result<Vec<u8>> {
        let wanted = self.size.saturating_sub(at).min(limit);
        if wanted == 0 {
            return Ok(Vec::new());
        }
        let place = at + LENGTH;
        let chunk = self.hold(place / CHUNK)?;
        let from = usize::try_from(place % CHUNK).unwrap_or(usize::MAX);
        let rest = chunk.get(from..).ok_or_else(altered)?;
        let count = usize::try_from(wanted).unwrap_or(usize::MAX).min(rest.len());
        Ok(rest.get(..count).unwrap_or_default().to_vec())
    }

    /// Writes the whole file out.
    ///
    /// # Errors
    /// As [`Self::read_at`], and what writing answers.
    pub fn copy_to(&mut self, out: &mut impl Write) -> io::Result<()> {
        let mut at = 0;
        while at < self.size {
            let bytes = Zeroizing::new(self.read_at(at, CHUNK)?);
            out.write_all(&bytes)?;
            at += bytes.len() as u64;
        }
        Ok(())
    }

    /// Opens a chunk, unless it is the one that was opened last.
    fn hold(&mut self, number: u64) -> io::Result<&Zeroizing<Vec<u8>>> {
        if self.held.as_ref().is_none_or(|(held, _)| *held != number) {
            let begin = number.checked_mul(CHUNK + TAG).filter(|begin| *begin < self.sealed).ok_or_else(altered)?;
            let bytes = (self.sealed - begin).min(CHUNK + TAG);
            self.from.seek(SeekFrom::Start(begin))?;
            let mut buffer = Zeroizing::new(Vec::with_capacity(usize::try_from(bytes).unwrap_or_default()));
            self.from.by_ref().take(bytes).read_to_end(&mut buffer)?;
            let last = number + 1 == self.padded.div_ceil(CHUNK);
            self.cipher.decrypt_in_place(&nonce(number, last), b"", &mut *buffer).map_err(|_| altered())?;
            self.held = Some((number, buffer));
        }
        self.held.as_ref().map(|(_, chunk)| chunk).ok_or_else(altered)
    }
}

/// `number` in 11 bytes, big-endian, then whether it is the last.
pub(super) fn nonce(number: u64, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    for (to, from) in nonce.iter_mut().skip(3).zip(number.to_be_bytes()) {
        *to = from;
    }
    if let Some(flag) = nonce.last_mut() {
        *flag = u8::from(last);
    }
    Nonce::from(nonce)
}

fn altered() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the sealed file was altered, or this is not its key")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn key() -> FileKey {
        FileKey::from_bytes([7; 32])
    }

    fn sealed(file: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        seal_file(&key(), file, file.len() as u64, &mut out).unwrap();
        out
    }

    fn opened(sealed: &[u8], key: &FileKey) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        SealedReader::open(Cursor::new(sealed), key)?.copy_to(&mut out)?;
        Ok(out)
    }

    fn file(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|n| (n % 251) as u8).collect()
    }

    const CHUNK_BYTES: usize = (CHUNK + TAG) as usize;

    #[test]
    fn files_come_back_whole_and_in_parts() {
        for bytes in [0, 1, 4_088, 4_089, 65_528, 65_529, 131_064, 200_000, 1_000_003] {
            let file = file(bytes);
            let sealed = sealed(&file);
            assert_eq!(sealed.len() as u64, sealed_size(bytes as u64), "{bytes}");
            assert_eq!(opened(&sealed, &key()).unwrap(), file);
            let mut reader = SealedReader::open(Cursor::new(&sealed), &key()).unwrap();
            assert_eq!(reader.size(), bytes as u64);
            for at in [0, 1, 65_527, 65_528, 70_000, 199_999, 200_000, 999_999] {
                let part = reader.read_at(at as u64, 100).unwrap();
                assert_eq!(part, file.get(at..file.len().min(at + part.len())).unwrap_or_default(), "{bytes} at {at}");
                assert_eq!(part.is_empty(), at >= bytes);
            }
        }
    }

    #[test]
    fn it_is_the_payload_of_age() {
        // Written out by hand: two chunks, so that the number and the flag of both are seen.
        let file = file(100_000);
        let bytes = sealed(&file);
        let mut plain = 100_000_u64.to_le_bytes().to_vec();
        plain.extend(&file);
        plain.resize(padded(100_008) as usize, 0);
        let cipher = ChaCha20Poly1305::new(&[7; 32].into());
        let mut by_hand = Vec::new();
        for (chunk, nonce) in plain.chunks(65_536).zip([[0; 12], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]]) {
            let mut chunk = chunk.to_vec();
            cipher.encrypt_in_place(&Nonce::from(nonce), b"", &mut chunk).unwrap();
            by_hand.extend(chunk);
        }
        assert_eq!(bytes, by_hand);
    }

    #[test]
    fn what_was_cut_off_added_moved_or_sealed_otherwise_fails_closed() {
        let whole = sealed(&file(300_000));
        assert!(whole.len() > 4 * CHUNK_BYTES);
        assert!(opened(&whole, &FileKey::from_bytes([8; 32])).is_err(), "another key");
        assert!(opened(&whole, &key().of_thumbnail()).is_err(), "the thumbnail's key");
        for cut in [0, 1, 15, 16, 24, CHUNK_BYTES, CHUNK_BYTES + 1, 4 * CHUNK_BYTES, whole.len() - 1] {
            assert!(opened(&whole[..cut], &key()).is_err(), "cut at {cut}");
        }
        let (first, second) = (&whole[..CHUNK_BYTES], &whole[CHUNK_BYTES..2 * CHUNK_BYTES]);
        let rest = &whole[2 * CHUNK_BYTES..];
        assert!(opened(&[second, first, rest].concat(), &key()).is_err(), "two changed places");
        assert!(opened(&[first, rest].concat(), &key()).is_err(), "one is missing");
        assert!(opened(&[first, first, second, rest].concat(), &key()).is_err(), "one comes twice");
        assert!(opened(&[&whole[..], &[0]].concat(), &key()).is_err(), "a byte more");
        let last = &whole[4 * CHUNK_BYTES..];
        assert!(opened(&[&whole[..], last].concat(), &key()).is_err(), "the last comes twice");
        // Of two whole files under one key, chunks of the same place do change places: a key seals one file alone, which
        // is drawn with it.
        for at in (0..whole.len()).step_by(9_973) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(opened(&changed, &key()).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_length_that_does_not_fit_the_padding_is_refused() {
        // As somebody would seal who hides that a file ends early, or pads it in a class of its own.
        let seal = |length: u64, padded: usize| {
            let mut plain = length.to_le_bytes().to_vec();
            plain.resize(padded, 0);
            let cipher = ChaCha20Poly1305::new(&[7; 32].into());
            cipher.encrypt_in_place(&nonce(0, true), b"", &mut plain).unwrap();
            plain
        };
        assert_eq!(opened(&seal(100, 4_096), &key()).unwrap(), vec![0; 100]);
        for (length, padded) in [(100, 4_097), (5_000, 4_096), (u64::MAX, 4_096), (100, 8)] {
            assert!(opened(&seal(length, padded), &key()).is_err(), "{length} in {padded}");
        }
    }

    #[test]
    fn a_file_shorter_than_told_is_not_sealed() {
        let mut out = Vec::new();
        let told = seal_file(&key(), [1, 2, 3].as_slice(), 100_000, &mut out);
        // Zeros never stand in for what is missing of the file itself.
        assert_eq!(told.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    proptest! {
        #[test]
        fn size_classes_are_few_and_cost_little(bytes in 1_u64..1 << 40) {
            let class = padded(bytes);
            prop_assert!(class >= bytes && class >= SEALED_FILE_LEAST);
            prop_assert_eq!(padded(class), class);
            prop_assert!(bytes < SEALED_FILE_LEAST || class - bytes <= bytes / 16);
            prop_assert!(padded(bytes + 1) >= class);
        }
    }
}
