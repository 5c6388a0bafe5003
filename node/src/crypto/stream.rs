//! A long file sealed with a passphrase, written and read as a stream.
//!
//! ```text
//! magic[8] "kithstrm" · version u8 = 1 · memory u32 (KiB) · passes u32 · lanes u32 · salt[16] · check[16]
//! · chunks of 64 KiB with their tag[16] each, the last one shorter or as long                      all little-endian
//! ```
//! Argon2id makes a key of the passphrase and the salt; a keyed BLAKE3 of it over all before `check` makes the stream's
//! own, so that no byte of the header can be another. `check` is the first half of that key's hash: it tells a wrong
//! passphrase from a file that was altered. The chunks are those of [`super::file`]: STREAM over ChaCha20-Poly1305, whose
//! nonce holds the number of the chunk and whether it is the last. So none can be cut off, added or moved.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};
use zeroize::Zeroizing;

use super::file::nonce;
use super::passphrase::{Cost, PassphraseKey, SALT, SealError};
use crate::limits::{STREAM_AHEAD, STREAM_READERS};

const MAGIC: &[u8; 8] = b"kithstrm";
const VERSION: u8 = 1;
const CHECK: usize = 16;
/// What the key is bound to, and the whole header, bytes.
const BOUND: usize = 8 + 1 + 4 + 4 + 4 + SALT;
const HEADER: usize = BOUND + CHECK;
/// Plain bytes of a chunk.
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
/// Bytes of a chunk in the file.
const SEALED: u64 = (CHUNK + TAG) as u64;

/// Seals what is written to it. What was not finished does not open.
pub struct StreamWriter<W> {
    out: W,
    cipher: ChaCha20Poly1305,
    number: u64,
    chunk: Zeroizing<Vec<u8>>,
    written: u64,
}

impl<W> std::fmt::Debug for StreamWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamWriter").field("written", &self.written).finish_non_exhaustive()
    }
}

impl<W: Write> StreamWriter<W> {
    /// Writes the header, under a fresh salt. Takes 64 MiB for some tenths of a second.
    ///
    /// # Errors
    /// What writing answers; `OutOfMemory`.
    pub fn new(out: W, passphrase: &str) -> io::Result<Self> {
        Self::with_key(out, &PassphraseKey::fresh(passphrase).map_err(io::Error::other)?)
    }

    fn with_key(mut out: W, key: &PassphraseKey) -> io::Result<Self> {
        let (cost, salt) = key.made_of();
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(MAGIC);
        header.push(VERSION);
        for number in [cost.memory_kib, cost.passes, cost.lanes] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        header.extend_from_slice(&salt);
        let key = key.stream_key(&header);
        header.extend_from_slice(&check(&key));
        out.write_all(&header)?;
        let chunk = Zeroizing::new(Vec::with_capacity(CHUNK + TAG));
        Ok(Self { out, cipher: ChaCha20Poly1305::new(&(*key).into()), number: 0, chunk, written: HEADER as u64 })
    }

    /// Bytes of the file so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Seals the last chunk; answers what was written to, and how many bytes.
    ///
    /// # Errors
    /// What writing answers.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        self.seal(true)?;
        self.out.flush()?;
        Ok((self.out, self.written))
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let sealed = self.cipher.encrypt_in_place(&nonce(self.number, last), b"", &mut *self.chunk);
        sealed.map_err(|_| altered())?;
        self.out.write_all(&self.chunk)?;
        self.written += self.chunk.len() as u64;
        self.number += 1;
        self.chunk.clear();
        Ok(())
    }
}

impl<W: Write> Write for StreamWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits: it may be the last.
        if self.chunk.len() == CHUNK {
            self.seal(false)?;
        }
        let (now, _) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
        self.chunk.extend_from_slice(now);
        Ok(now.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // A chunk goes when it is full: what it is sealed as can't change afterwards.
        Ok(())
    }
}

/// A sealed file whose passphrase was right. It is read as often as wanted, and all of it can be checked before.
pub struct StreamOpener {
    cipher: ChaCha20Poly1305,
    file: Arc<File>,
    /// Bytes of all chunks.
    sealed: u64,
}

impl std::fmt::Debug for StreamOpener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamOpener").field("sealed", &self.sealed).finish_non_exhaustive()
    }
}

impl StreamOpener {
    /// Reads the header. The cost is what it says, within `limits::ARGON2_*`.
    ///
    /// # Errors
    /// `Corrupt` for what is no such file; `WrongPassphrase`, `TooNew`, `OutOfMemory`.
    pub fn open(mut file: File, passphrase: &str) -> io::Result<Result<Self, SealError>> {
        let mut header = [0; HEADER];
        let length = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        match file.read_exact(&mut header) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Err(SealError::Corrupt)),
            read => read?,
        }
        Ok(Self::key(&header, passphrase).map(|key| Self {
            cipher: ChaCha20Poly1305::new(&(*key).into()),
            file: Arc::new(file),
            sealed: length.saturating_sub(HEADER as u64),
        }))
    }

    fn key(header: &[u8; HEADER], passphrase: &str) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let (bound, told) = header.split_at_checked(BOUND).ok_or(SealError::Corrupt)?;
        let rest = bound.strip_prefix(MAGIC).ok_or(SealError::Corrupt)?;
        let (version, rest) = rest.split_first().ok_or(SealError::Corrupt)?;
        if *version > VERSION {
            return Err(SealError::TooNew);
        }
        let (numbers, salt) = rest.split_at_checked(12).ok_or(SealError::Corrupt)?;
        let mut numbers = numbers.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number));
        let mut number = || numbers.next().ok_or(SealError::Corrupt);
        let cost = Cost { memory_kib: number()?, passes: number()?, lanes: number()? };
        if *version != VERSION {
            return Err(SealError::Corrupt);
        }
        cost.params()?;
        let salt = salt.try_into().map_err(|_| SealError::Corrupt)?;
        let key = PassphraseKey::derive(passphrase, cost, salt)?.stream_key(bound);
        if check(&key) == told { Ok(key) } else { Err(SealError::WrongPassphrase) }
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.sealed + HEADER as u64
    }

    /// Looks at every chunk, whole: whether anything was cut off, added, moved or altered. `tell` hears of bytes that were
    /// looked at, from several threads; it answers whether to go on.
    ///
    /// # Errors
    /// `InvalidData` where it was, `Interrupted` where `tell` ended it, and what reading answers.
    pub fn check(&self, tell: impl Fn(u64) -> bool + Sync) -> io::Result<()> {
        let chunks = self.chunks()?;
        let next = Mutex::new(0..chunks);
        let ended = AtomicBool::new(false);
        let work = || -> io::Result<()> {
            let mut buffer = Buffer::default();
            while !ended.load(Ordering::Relaxed) {
                let Some(number) = next.lock().unwrap_or_else(PoisonError::into_inner).next() else { break };
                self.read_chunk(number, &mut buffer)?;
                if !tell(buffer.len() as u64 + TAG as u64) {
                    return Err(io::ErrorKind::Interrupted.into());
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let work = || work().inspect_err(|_| ended.store(true, Ordering::Relaxed));
            let others: Vec<_> = (1..STREAM_READERS).map(|_| scope.spawn(work)).collect();
            let own = work();
            let each = others.into_iter().map(|it| it.join().unwrap_or_else(|_| Err(altered())));
            each.fold(own, |all, one| all.and(one))
        })
    }

    /// What is sealed, from its beginning.
    ///
    /// # Errors
    /// `InvalidData` where there is no chunk at all.
    pub fn reader(self: &Arc<Self>) -> io::Result<StreamReader> {
        let chunks = self.chunks()?;
        let buffer = Buffer::default();
        Ok(StreamReader { opener: Arc::clone(self), chunks, number: 0, buffer, at: 0, run: 0, ahead: VecDeque::new() })
    }

    /// How many there are. Where the file ends inside of a tag, something was cut off.
    fn chunks(&self) -> io::Result<u64> {
        let rest = self.sealed % SEALED;
        let torn = rest > 0 && rest < TAG as u64;
        if self.sealed < TAG as u64 || torn { Err(altered()) } else { Ok(self.sealed.div_ceil(SEALED)) }
    }

    fn read_chunk(&self, number: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
        let begin = number * SEALED;
        let bytes = usize::try_from(SEALED.min(self.sealed - begin)).map_err(io::Error::other)?;
        if buffer.capacity() == 0 {
            buffer.reserve_exact(CHUNK + TAG);
        }
        buffer.resize(bytes, 0);
        read_exact_at(&self.file, buffer, begin + HEADER as u64)?;
        let last = begin + bytes as u64 == self.sealed;
        self.cipher.decrypt_in_place(&nonce(number, last), b"", buffer).map_err(|_| altered())
    }
}

/// What a sealed file holds. Each chunk is checked before any of it is given.
pub struct StreamReader {
    opener: Arc<StreamOpener>,
    chunks: u64,
    /// The next chunk.
    number: u64,
    buffer: Buffer,
    at: usize,
    /// Chunks that were read one after the other.
    run: usize,
    /// Those who open the next chunks: whose turn it is comes first. Empty while nobody does.
    ahead: VecDeque<Ahead>,
}

/// What a chunk is opened in.
type Buffer = Zeroizing<Vec<u8>>;

/// Opens some of the next chunks, on a thread of its own.
struct Ahead {
    opened: Receiver<io::Result<Buffer>>,
    /// Takes back what was read, for those to come: wiping each one takes longer than opening it.
    read: SyncSender<Buffer>,
}

impl std::fmt::Debug for StreamReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamReader").field("number", &self.number).finish_non_exhaustive()
    }
}

impl StreamReader {
    /// Passes over bytes; chunks that lie in between are not looked at.
    ///
    /// # Errors
    /// `UnexpectedEof` where there are fewer.
    pub fn pass(&mut self, bytes: u64) -> io::Result<()> {
        let here = (self.buffer.len() - self.at) as u64;
        if bytes <= here {
            self.at += usize::try_from(bytes).map_err(io::Error::other)?;
            return Ok(());
        }
        let left = bytes - here;
        self.at = self.buffer.len();
        if left >= CHUNK as u64 {
            self.run = 0;
            self.ahead.clear();
        }
        self.number = self.number.saturating_add(left / CHUNK as u64);
        if self.number > self.chunks {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut rest = left % CHUNK as u64;
        while rest > 0 {
            let read = io::copy(&mut self.by_ref().take(rest), &mut io::sink())?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            rest -= read;
        }
        Ok(())
    }

    fn take_chunk(&mut self) -> io::Result<()> {
        match self.ahead.front() {
            Some(ahead) => {
                let opened = ahead.opened.recv().unwrap_or_else(|_| Err(altered()))?;
                // Where it ended, nobody needs it any more.
                let _ended = ahead.read.try_send(std::mem::replace(&mut self.buffer, opened));
                self.ahead.rotate_left(1);
            }
            None => self.opener.read_chunk(self.number, &mut self.buffer)?,
        }
        (self.number, self.at, self.run) = (self.number + 1, 0, self.run.saturating_add(1));
        // Who reads a little and passes over the rest needs nobody else.
        if self.run >= STREAM_AHEAD && self.ahead.is_empty() && self.number < self.chunks {
            self.ahead = (self.number..).take(STREAM_READERS).map(|first| self.look_ahead(first)).collect();
        }
        Ok(())
    }

    /// Opens this chunk and those to come, all but the others' ones, while earlier ones are used. Ends with the last one,
    /// and when nobody waits for them any more.
    fn look_ahead(&self, first: u64) -> Ahead {
        let (tell, opened) = sync_channel(STREAM_AHEAD);
        let (read, known) = sync_channel::<Buffer>(STREAM_AHEAD);
        let (opener, numbers) = (Arc::clone(&self.opener), (first..self.chunks).step_by(STREAM_READERS));
        std::thread::spawn(move || {
            for number in numbers {
                let mut buffer = known.try_recv().unwrap_or_default();
                let read = opener.read_chunk(number, &mut buffer).map(|()| buffer);
                let ends = read.is_err();
                if tell.send(read).is_err() || ends {
                    return;
                }
            }
        });
        Ahead { opened, read }
    }
}

impl Read for StreamReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.buffer.len() {
            if self.number == self.chunks {
                return Ok(0);
            }
            self.take_chunk()?;
        }
        let mut rest = self.buffer.get(self.at..).unwrap_or_default();
        let read = rest.read(out)?;
        self.at += read;
        Ok(read)
    }
}

fn check(key: &Zeroizing<[u8; 32]>) -> [u8; CHECK] {
    let hash = blake3::Hasher::new_keyed(key).update(b"kith 2026 sealed stream check v1").finalize();
    let mut check = [0; CHECK];
    for (to, from) in check.iter_mut().zip(hash.as_bytes()) {
        *to = *from;
    }
    check
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, at)
}

#[cfg(windows)]
fn read_exact_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match std::os::windows::fs::FileExt::seek_read(file, rest, at + done as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => done += read,
        }
    }
    Ok(())
}

fn altered() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the sealed file was altered")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// The least that Argon2 takes.
    fn cheap() -> PassphraseKey {
        PassphraseKey::derive("horse", Cost { memory_kib: 8, passes: 1, lanes: 1 }, [7; SALT]).unwrap()
    }

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut writer = StreamWriter::with_key(Vec::new(), &cheap()).unwrap();
        writer.write_all(plain).unwrap();
        let (bytes, written) = writer.finish().unwrap();
        assert_eq!(bytes.len() as u64, written);
        bytes
    }

    fn open(passphrase: &str, bytes: &[u8]) -> io::Result<Result<StreamOpener, SealError>> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        StreamOpener::open(file, passphrase)
    }

    /// `None`: refused. Both ways of reading agree.
    fn read(bytes: &[u8]) -> Option<Vec<u8>> {
        let opener = Arc::new(open("horse", bytes).unwrap().ok()?);
        let mut plain = Vec::new();
        let read = opener.reader().and_then(|mut reader| reader.read_to_end(&mut plain));
        assert_eq!(opener.check(|_| true).is_ok(), read.is_ok());
        read.is_ok().then_some(plain)
    }

    fn plain(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|n| (n % 251) as u8).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        for bytes in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 300_000] {
            let plain = plain(bytes);
            let sealed = sealed(&plain);
            let chunks = bytes.div_ceil(CHUNK).max(1);
            assert_eq!(sealed.len(), HEADER + bytes + chunks * TAG);
            for pass in
                [0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK].into_iter().filter(|pass| pass + 10 <= bytes)
            {
                let mut reader = Arc::new(open("horse", &sealed).unwrap().unwrap()).reader().unwrap();
                let (mut first, mut rest) = ([0; 10], Vec::new());
                reader.read_exact(&mut first).unwrap();
                reader.pass(pass as u64).unwrap();
                reader.read_to_end(&mut rest).unwrap();
                assert_eq!((&first[..], &rest[..]), (&plain[..10], &plain[10 + pass..]), "{bytes}, past {pass}");
                assert!(reader.pass(1).is_err());
            }
            assert_eq!(read(&sealed), Some(plain), "{bytes}");
        }
    }

    #[test]
    fn what_was_cut_off_added_moved_or_altered_is_refused() {
        let whole = sealed(&plain(300_000));
        let chunk = |number: usize| HEADER + number * SEALED as usize;
        for cut in [0, 8, HEADER, HEADER + 15, HEADER + 16, chunk(1), chunk(1) + 8, chunk(4), whole.len() - 1] {
            assert_eq!(read(&whole[..cut]), None, "cut at {cut}");
        }
        let part = |number: usize| &whole[chunk(number)..chunk(number + 1).min(whole.len())];
        let head = &whole[..HEADER];
        assert_eq!(read(&[head, part(1), part(0), part(2), part(3), part(4)].concat()), None, "two changed places");
        assert_eq!(read(&[head, part(0), part(2), part(3), part(4)].concat()), None, "one is missing");
        assert_eq!(read(&[&whole[..], part(4)].concat()), None, "the last comes twice");
        assert_eq!(read(&[&whole[..], &[0]].concat()), None, "a byte more");
        for at in (0..HEADER).chain((HEADER..whole.len()).step_by(9_973)) {
            // A higher cost may be paid: what comes of it is another key.
            if (9..HEADER - SALT - CHECK).contains(&at) {
                continue;
            }
            let mut bad = whole.clone();
            bad[at] ^= 1;
            assert_eq!(read(&bad), None, "byte {at}");
        }
        // Of another file under the same passphrase.
        let other = PassphraseKey::derive("horse", Cost { memory_kib: 8, passes: 1, lanes: 1 }, [8; SALT]).unwrap();
        let mut writer = StreamWriter::with_key(Vec::new(), &other).unwrap();
        writer.write_all(&plain(300_000)).unwrap();
        let other = writer.finish().unwrap().0;
        let mixed = [head, part(0), &other[chunk(1)..chunk(2)], part(2), part(3), part(4)].concat();
        assert_eq!(read(&mixed), None, "a chunk of another file");
    }

    #[test]
    fn wrong_words_newer_versions_and_hostile_costs_are_told() {
        let good = sealed(b"x");
        assert_eq!(open("Horse", &good).unwrap().unwrap_err(), SealError::WrongPassphrase);
        let mut newer = good.clone();
        newer[8] = VERSION + 1;
        assert_eq!(open("horse", &newer).unwrap().unwrap_err(), SealError::TooNew);
        for (at, value) in [(9, u32::MAX), (9, 0), (13, u32::MAX), (13, 0), (17, u32::MAX), (17, 0)] {
            let mut bad = good.clone();
            bad[at..at + 4].copy_from_slice(&value.to_le_bytes());
            assert_eq!(open("horse", &bad).unwrap().unwrap_err(), SealError::Corrupt, "{at}: {value}");
        }
        assert_eq!(open("horse", b"PK\x03\x04 something else").unwrap().unwrap_err(), SealError::Corrupt);
    }
}
