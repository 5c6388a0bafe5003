//! A keystore in one file, sealed with a passphrase: a CBOR map from name to secret inside the format of
//! [`super::passphrase`].
//!
//! Deliberately absent: a lock. One process at a time uses a profile (its own lock sees to that); a change made by
//! another one in between is noticed at the next use, as the file is read anew each time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use super::passphrase::{PassphraseKey, SealError, SealKind, SealedBytes};
use crate::host::{Keystore, KeystoreError, KeystoreKind};
use crate::limits;

/// Secrets in one file. A missing file is an empty keystore. Opens on the first use (some tenths of a second), keeps
/// the key in memory that is wiped, and writes each change whole: to a temporary file, synced and renamed. A file that
/// can't be opened is never overwritten.
///
/// Blocks on the disk and on Argon2: not for an async task.
#[derive(Debug)]
pub struct SealedFile {
    path: PathBuf,
    passphrase: Option<Passphrase>,
    open: Mutex<Option<Open>>,
}

impl SealedFile {
    /// `path`: the file; its folder is made with the first secret. `passphrase`: `None` or empty gives a keystore that
    /// answers `Locked`.
    pub fn new(path: &Path, passphrase: Option<&str>) -> Self {
        let passphrase = passphrase.filter(|text| !text.is_empty()).map(|text| Passphrase(Zeroizing::new(text.into())));
        Self { path: path.to_owned(), passphrase, open: Mutex::new(None) }
    }

    /// Replaces all that it holds, and whatever passphrase opened it before.
    pub(super) fn fill(&self, secrets: Secrets) -> Result<(), KeystoreError> {
        self.store(&mut None, secrets)
    }

    /// What the file holds now. The key is derived anew only where the file does not fit the one at hand.
    fn refresh(&self) -> Result<MutexGuard<'_, Option<Open>>, KeystoreError> {
        let passphrase = self.passphrase.as_ref().ok_or(KeystoreError::Locked)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(bytes) = read_bounded(&self.path)? else {
            *open = None;
            return Ok(open);
        };
        if open.as_ref().is_some_and(|open| open.file == bytes) {
            return Ok(open);
        }
        let sealed = SealedBytes::parse(SealKind::Keystore, &bytes)?;
        let key = match open.take() {
            Some(old) if old.key.fits(&sealed) => old.key,
            _ => PassphraseKey::derive(&passphrase.0, sealed.cost, sealed.salt)?,
        };
        let secrets = decode(&key.open(&sealed)?)?;
        *open = Some(Open { file: bytes, key, secrets });
        Ok(open)
    }

    /// Seals `secrets` and makes them durable, then takes them for what the keystore holds.
    fn store(&self, open: &mut Option<Open>, secrets: Secrets) -> Result<(), KeystoreError> {
        let passphrase = self.passphrase.as_ref().ok_or(KeystoreError::Locked)?;
        let plain = encode(&secrets)?;
        let fresh = match open {
            Some(_) => None,
            None => Some(PassphraseKey::fresh(&passphrase.0)?),
        };
        let key = fresh.as_ref().or(open.as_ref().map(|open| &open.key)).ok_or(KeystoreError::Corrupt)?;
        let file = key.seal(SealKind::Keystore, &plain)?;
        if file.len() > limits::KEYSTORE_FILE_BYTES {
            return Err(KeystoreError::Io("the keystore is full".to_owned()));
        }
        write_whole(&self.path, &file).map_err(io_error)?;
        *open = match (open.take(), fresh) {
            (Some(old), _) => Some(Open { file, key: old.key, secrets }),
            (None, Some(key)) => Some(Open { file, key, secrets }),
            (None, None) => None,
        };
        Ok(())
    }
}

impl Keystore for SealedFile {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeystoreError> {
        Ok(self.refresh()?.as_ref().and_then(|open| open.secrets.get(name).cloned()))
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError> {
        if secret.len() > limits::SECRET_BYTES {
            return Err(KeystoreError::Io(format!("a secret has at most {} bytes", limits::SECRET_BYTES)));
        }
        let mut open = self.refresh()?;
        let mut secrets = open.as_ref().map(|open| open.secrets.clone()).unwrap_or_default();
        if secrets.get(name).is_some_and(|kept| kept.as_slice() == secret) {
            return Ok(());
        }
        secrets.insert(name.to_owned(), Zeroizing::new(secret.to_vec()));
        self.store(&mut open, secrets)
    }

    fn delete(&self, name: &str) -> Result<(), KeystoreError> {
        let mut open = self.refresh()?;
        let mut secrets = open.as_ref().map(|open| open.secrets.clone()).unwrap_or_default();
        if secrets.remove(name).is_none() {
            return Ok(());
        }
        self.store(&mut open, secrets)
    }

    fn kind(&self) -> KeystoreKind {
        KeystoreKind::File
    }
}

pub(super) type Secrets = BTreeMap<String, Zeroizing<Vec<u8>>>;

struct Passphrase(Zeroizing<String>);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(..)")
    }
}

/// A file that was opened, or written.
struct Open {
    /// Its bytes, to notice that it is another now.
    file: Vec<u8>,
    key: PassphraseKey,
    secrets: Secrets,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("secrets", &self.secrets.len()).finish_non_exhaustive()
    }
}

impl From<SealError> for KeystoreError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::WrongPassphrase => Self::WrongPassphrase,
            SealError::Corrupt => Self::Corrupt,
            SealError::TooNew | SealError::OutOfMemory | SealError::NoRandomness(_) => Self::Io(error.to_string()),
        }
    }
}

fn io_error(error: io::Error) -> KeystoreError {
    // The kind alone: an error of the system's may name the path.
    KeystoreError::Io(error.kind().to_string())
}

pub(super) fn encode(secrets: &Secrets) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
    // Each name and secret has a head of at most 9 bytes. Reserved at once: growing would leave secrets behind.
    let bytes = secrets.iter().map(|(name, secret)| name.len() + secret.len() + 18).sum::<usize>() + 9;
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes));
    let mut encoder = Encoder::new(&mut *plain);
    let written = (|| {
        encoder.map(secrets.len() as u64)?;
        for (name, secret) in secrets {
            encoder.str(name)?.bytes(secret)?;
        }
        Ok::<_, minicbor::encode::Error<std::convert::Infallible>>(())
    })();
    written.map_err(|_| KeystoreError::Corrupt)?;
    Ok(plain)
}

pub(super) fn decode(plain: &[u8]) -> Result<Secrets, KeystoreError> {
    let mut decoder = Decoder::new(plain);
    let mut secrets = Secrets::new();
    let read = (|| {
        let count = decoder.map()?.ok_or_else(|| minicbor::decode::Error::message("indefinite"))?;
        for _ in 0..count {
            let name = decoder.str()?.to_owned();
            secrets.insert(name, Zeroizing::new(decoder.bytes()?.to_vec()));
        }
        Ok::<_, minicbor::decode::Error>(count)
    })();
    let whole = decoder.position() == plain.len();
    match read {
        Ok(count) if whole && secrets.len() as u64 == count => Ok(secrets),
        _ => Err(KeystoreError::Corrupt),
    }
}

/// `None` where there is no file. More than the limit is not ours.
fn read_bounded(path: &Path) -> Result<Option<Vec<u8>>, KeystoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(error)),
    };
    let mut bytes = Vec::new();
    let limit = limits::KEYSTORE_FILE_BYTES as u64;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(io_error)?;
    if bytes.len() as u64 > limit { Err(KeystoreError::Corrupt) } else { Ok(Some(bytes)) }
}

/// Replaces the file at once or not at all, also when the power goes.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_private_folder(folder)?;
    let temporary = temporary_path(path);
    write_temporary(&temporary, bytes)?;
    rename_whole(&temporary, path)
}

/// Gives a file another name in its folder, durably; what had that name before is gone.
pub(crate) fn rename_whole(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    // The rename itself rests in the folder; Windows has no such call and does not need it.
    #[cfg(unix)]
    if let Some(folder) = to.parent() {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(here)?.sync_all()?;
    }
    Ok(())
}

fn write_temporary(temporary: &Path, bytes: &[u8]) -> io::Result<()> {
    // One may be left from a process that was killed; it is not reused, as its permissions may be others.
    match fs::remove_file(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn temporary_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests;
