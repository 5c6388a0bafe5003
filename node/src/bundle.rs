//! Bundles (DESIGN §3): what the user has, in one sealed file. It is written as a stream, and read twice: before anything is
//! taken in, all of it was looked at, so that one that was cut off or altered leaves no trace. What is taken in goes through
//! the gate, or merges as what another own device tells; so it can be repeated, goes on where it was cut off, and leaves
//! what is newer here. Its members are found by hash; no name or path in it is ever used.
//!
//! Deliberately absent: network keys, and sessions with what belongs to them. Who takes a bundle in is another device, with
//! a key of its own and fresh logs.

mod backup;
mod collect;
mod part;
mod survey;
mod taken;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub(crate) use self::backup::{Backed, BackedPersona, read_backup, write_backup};
#[cfg(test)]
pub(crate) use self::collect::statements as written_statements;
use self::part::{About, Keys, Part, PartReader, PartWriter, Totals};
pub use self::part::{Export, fuzz_bundle};
use self::survey::survey;
pub use self::survey::{BundleNews, preview_bundle};
use crate::author::{self, Own};
use crate::crypto::{SealError, StreamOpener, StreamWriter};
use crate::entry::{Entry, Unverified};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::Archived;
use crate::host::KeystoreError;
use crate::id::PersonaId;
use crate::limits::BUNDLE_SYNC_MS;
use crate::net::Blobs;
use crate::node::{Moving, Node, unpoisoned};
use crate::{circle, follower, record, service, thread};

/// How a bundle begins.
const MAGIC: &[u8; 8] = b"kithstrm";

/// The statements of a persona, as a backup holds them.
pub(crate) fn statements(runs: &[u8]) -> Result<Vec<Unverified<Entry>>> {
    Ok(part::entries_of(runs)?)
}

/// Tables whose rows a bundle holds, in the order in which they are taken in.
fn tables() -> impl Iterator<Item = &'static Archived> {
    static FIRST: [Archived; 3] = [record::ARCHIVED, service::ARCHIVED, follower::ARCHIVED];
    static CIRCLES: [Archived; 4] = circle::ARCHIVED;
    static THREADS: [Archived; 5] = thread::ARCHIVED;
    FIRST.iter().chain(&CIRCLES).chain(&THREADS)
}

/// Those that a bundle of this holds.
fn tables_of(what: Export) -> impl Iterator<Item = &'static Archived> {
    tables().take(match what {
        Export::Identity => 2,
        Export::Posts => 0,
        Export::All => usize::MAX,
    })
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    #[error("this file is not a bundle of Kith")]
    Other,
    #[error("the bundle was cut off or altered")]
    Damaged,
    #[error("the bundle was written by a newer version of Kith")]
    TooNew,
    #[error("your backup was written by a newer version of Kith")]
    BackupTooNew,
    #[error("the passphrase does not open this bundle")]
    WrongPassphrase,
    #[error("this bundle holds no keys: it makes nobody out of this profile, which has no persona")]
    NoKeys,
    #[error("another export or import is under way")]
    Busy,
    #[error("it was ended before it was done")]
    Ended,
    #[error("the bundle could not be read or written: {0}")]
    Io(#[source] io::Error),
}

impl BundleError {
    /// A stable word for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Other => "bad_input",
            Self::Damaged => "bundle_damaged",
            Self::TooNew => "bundle_too_new",
            Self::BackupTooNew => "backup_too_new",
            Self::WrongPassphrase => "wrong_passphrase",
            Self::NoKeys => "no_persona",
            Self::Busy => "busy",
            Self::Ended => "cancelled",
            Self::Io(_) => "io",
        }
    }

    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Other => "name a file that `kith export` wrote",
            Self::Damaged => "use another copy of it",
            Self::TooNew | Self::BackupTooNew => "update Kith on this device",
            Self::WrongPassphrase => "check the passphrase that it was written with",
            Self::NoKeys => {
                "export identity or all on a main device, or make a persona here first (kith init --name NAME)"
            }
            Self::Busy => "wait until it is done",
            Self::Ended => "repeat it",
            Self::Io(_) => "",
        }
    }
}

impl From<io::Error> for BundleError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Self::Damaged,
            io::ErrorKind::Interrupted => Self::Ended,
            _ => Self::Io(error),
        }
    }
}

impl From<SealError> for BundleError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::WrongPassphrase => Self::WrongPassphrase,
            SealError::Corrupt => Self::Damaged,
            SealError::TooNew => Self::TooNew,
            SealError::OutOfMemory => Self::Io(io::ErrorKind::OutOfMemory.into()),
            SealError::NoRandomness(error) => Self::Io(io::Error::other(error)),
        }
    }
}

/// What a bundle holds; after an import, also what of it is new here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BundleView {
    pub what: Export,
    /// `None` where they were not counted: by a preview they are.
    pub posts: Option<u64>,
    /// Posts, and all else that was signed.
    pub entries: u64,
    pub blobs: u64,
    /// How many have their keys in it.
    pub personas: u64,
    /// Of the file.
    pub bytes: u64,
    /// When it was written, s.
    pub made_s: u64,
    /// Whose bundle it is.
    pub who: Vec<BundlePersona>,
    /// `None` of what was not taken in.
    pub taken: Option<Taken>,
    /// Of a preview: what would be new in this profile. `None` without one.
    pub new: Option<BundleNews>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BundlePersona {
    pub id: PersonaId,
    pub name: String,
    /// Its root key is in it, so that it can be made an own persona of another device.
    pub key: bool,
}

/// What was new here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    pub entries: u64,
    pub blobs: u64,
    pub personas: u64,
    /// Entries that are not kept here: of strangers beyond what is kept of them, say.
    pub left_out: u64,
    /// Why they are not, and how many for each reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out_why: BTreeMap<String, u64>,
}

/// How far an export or import is, bytes; of an import those that are looked at before as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    pub done: u64,
    pub total: u64,
}

impl Node {
    /// Writes a bundle. Another one at `file` is replaced where that is said, once the new one is whole. Dropping the future
    /// ends it, and nothing of it stays.
    ///
    /// # Errors
    /// `Exists` for a bundle that is not to be replaced, `BadInput` for a file that is something else, `Keystore(Locked)`
    /// without a passphrase; `Bundle`, `Io`, `DiskFull`.
    pub async fn export(&self, file: &Path, what: Export, passphrase: &str, replace: bool) -> Result<BundleView> {
        self.refuse_demo().await?;
        let passphrase = checked(passphrase)?;
        let waiting = self.begin_transfer()?;
        let inner = self.inner();
        let file = std::path::absolute(file)?;
        let (made_s, blobs) = (inner.clock.unix_s(), inner.blobs.clone());
        let keys = if what == Export::Posts { Vec::new() } else { self.keys_of_personas().await? };
        let personas = self.personas_here().await?.into_iter().map(|persona| (persona.id, persona.name)).collect();
        let job =
            Job { what, about: About { what, made_s, personas }, keys, blobs, moving: Arc::clone(&waiting.moving) };
        let written = inner
            .store
            .read(move |db| {
                job.moving.total.store(collect::weigh(db, job.what)?, Ordering::Relaxed);
                write_whole(&file, replace, |out| job.write(db, StreamWriter::new(out, &passphrase)?))
            })
            .await;
        drop(waiting);
        written
    }

    /// Takes a bundle in. It can be repeated, and goes on where it was cut off; what is newer here stays. Dropping the
    /// future ends it between two transactions.
    ///
    /// # Errors
    /// `Bundle`, before anything was changed where the file is not whole, or holds no keys and no persona is here; `BadInput`, before that too, where it holds a
    /// persona that is kept separate by another node of the profile; `Keystore(Locked)` without a passphrase.
    pub async fn import(&self, file: &Path, passphrase: &str) -> Result<BundleView> {
        let (file, passphrase) = (file.to_owned(), checked(passphrase)?);
        let waiting = self.begin_transfer()?;
        let moving = Arc::clone(&waiting.moving);
        let looked_at = self.inner().off_thread(move || {
            let opener = Arc::new(open(&file, &passphrase)?);
            moving.total.store(opener.bytes().saturating_mul(2), Ordering::Relaxed);
            let view = survey(&opener, &moving, |_| Ok(()))?;
            let parts = PartReader::new(opener.reader().map_err(BundleError::from)?);
            Ok::<_, Error>((view, parts))
        });
        let (mut view, parts) = looked_at.await??;
        if view.personas == 0 && self.personas_here().await?.is_empty() {
            return Err(BundleError::NoKeys.into());
        }
        self.may_take(view.who.iter().map(|persona| persona.id))?;
        view.taken = Some(self.take_parts(parts, &waiting.moving).await?);
        drop(waiting);
        Ok(view)
    }

    /// How far an export or import is, where one is under way.
    pub fn transfer(&self) -> Option<Transfer> {
        let moving = unpoisoned(&self.inner().transfer).upgrade()?;
        let (done, total) = (moving.done.load(Ordering::Relaxed), moving.total.load(Ordering::Relaxed));
        Some(Transfer { done: done.min(total), total })
    }

    /// Ends the export or import that is under way.
    pub fn end_transfer(&self) {
        if let Some(moving) = unpoisoned(&self.inner().transfer).upgrade() {
            moving.ended.store(true, Ordering::Relaxed);
        }
    }

    fn begin_transfer(&self) -> Result<Waiting> {
        let mut transfer = unpoisoned(&self.inner().transfer);
        if transfer.strong_count() > 0 {
            return Err(BundleError::Busy.into());
        }
        let moving = Arc::new(Moving::default());
        *transfer = Arc::downgrade(&moving);
        drop(transfer);
        self.inner().events.send(Event::TransferChanged);
        Ok(Waiting { moving, node: self.clone() })
    }

    async fn keys_of_personas(&self) -> Result<Vec<Keys>> {
        let rows = self.inner().store.read(|db| {
            let with_statements =
                |one: Own| Ok((one.id, one.created_ms.cast_unsigned(), collect::statements(db, one.id)?));
            author::own(db)?.into_iter().map(with_statements).collect::<Result<Vec<_>>>()
        });
        let mut keys = Vec::new();
        for (persona, created_ms, statements) in rows.await? {
            let root = self.inner().keyring().get(persona).and_then(|keys| keys.root.as_ref().map(|it| it.to_bytes()));
            // The words alone could make a new root: they go with the one that there is.
            let phrase = self.phrase_of(persona)?.filter(|_| root.is_some()).map(|phrase| phrase.entropy());
            keys.push(Keys { persona, created_ms, root: root.map(Zeroizing::new), phrase, statements });
        }
        Ok(keys)
    }
}

/// An export or import that somebody waits for. It ends when that one is gone.
struct Waiting {
    moving: Arc<Moving>,
    node: Node,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.moving.ended.store(true, Ordering::Relaxed);
        *unpoisoned(&self.node.inner().transfer) = Weak::new();
        self.node.inner().events.send(Event::TransferChanged);
    }
}

/// What is to be written.
struct Job {
    what: Export,
    about: About,
    keys: Vec<Keys>,
    blobs: Option<Blobs>,
    moving: Arc<Moving>,
}

impl Job {
    fn write(self, db: &rusqlite::Connection, out: StreamWriter<&File>) -> Result<BundleView> {
        let Self { what, about, keys, blobs, moving } = self;
        let named = Named::of(&about, &keys);
        let mut parts = PartWriter::new(out);
        parts.put(&Part::About(about))?;
        for keys in keys {
            parts.put(&Part::Keys(keys))?;
        }
        for table in tables_of(what) {
            collect::rows(db, &mut parts, table, &moving)?;
        }
        collect::entries(db, &mut parts, what, &moving)?;
        if let Some(blobs) = &blobs {
            collect::blobs(db, &mut parts, what, (blobs, &moving))?;
        }
        let (out, totals) = parts.end()?;
        let (_, bytes) = out.finish()?;
        Ok(named.view(totals, bytes))
    }
}

/// What the first parts say.
struct Named {
    what: Export,
    made_s: u64,
    who: Vec<BundlePersona>,
}

impl Named {
    fn of(about: &About, keys: &[Keys]) -> Self {
        let has_key = |id| keys.iter().any(|keys| keys.persona == id && keys.root.is_some());
        let who = about.personas.iter().map(|(id, name)| {
            let (id, name) = (*id, name.clone());
            BundlePersona { id, name, key: has_key(id) }
        });
        Self { what: about.what, made_s: about.made_s, who: who.collect() }
    }

    fn view(self, totals: Totals, bytes: u64) -> BundleView {
        let Self { what, made_s, who } = self;
        let personas = who.iter().filter(|persona| persona.key).count() as u64;
        let (entries, blobs) = (totals.entries, totals.files);
        BundleView { what, posts: None, entries, blobs, personas, bytes, made_s, who, taken: None, new: None }
    }
}

fn checked(passphrase: &str) -> Result<Zeroizing<String>> {
    if passphrase.is_empty() {
        return Err(Error::Keystore(KeystoreError::Locked));
    }
    Ok(Zeroizing::new(passphrase.to_owned()))
}

/// Opens a bundle: only a plain file, as a pipe can't be read twice.
fn open(path: &Path, passphrase: &str) -> Result<StreamOpener> {
    let passphrase = checked(passphrase)?;
    let is_bundle =
        is_bundle(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    if !is_bundle {
        return Err(BundleError::Other.into());
    }
    let opened = StreamOpener::open(File::open(path)?, &passphrase)?;
    Ok(opened.map_err(BundleError::from)?)
}

fn is_bundle(path: &Path) -> io::Result<bool> {
    if !std::fs::metadata(path)?.is_file() {
        return Ok(false);
    }
    let mut magic = [0; MAGIC.len()];
    match io::Read::read_exact(&mut File::open(path)?, &mut magic) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| magic == *MAGIC),
    }
}

/// Makes a file at once or not at all, for its user alone, durably. Something else than a bundle is never replaced; a link
/// that stands there is, not what it leads to.
fn write_whole<T>(file: &Path, replace: bool, write: impl FnOnce(&File) -> Result<T>) -> Result<T> {
    let told = |error: io::Error| Error::BadInput(format!("{} can't be written: {error}", file.display()));
    if std::fs::metadata(file).is_ok() && !is_bundle(file).map_err(told)? {
        return Err(Error::BadInput(format!("{} is something else: choose another name", file.display())));
    }
    if !replace && std::fs::symlink_metadata(file).is_ok() {
        return Err(Error::Exists(file.display().to_string()));
    }
    let mut name = file.file_name().ok_or_else(|| told(io::ErrorKind::InvalidFilename.into()))?.to_owned();
    name.push(".part");
    let part: PathBuf = file.with_file_name(name);
    // What an export left that was cut short; nothing else.
    match std::fs::symlink_metadata(&part) {
        Ok(found)
            if found.is_symlink() || found.is_file() && (found.len() == 0 || is_bundle(&part).map_err(told)?) =>
        {
            std::fs::remove_file(&part).map_err(told)?;
        }
        Ok(_) => {
            return Err(Error::BadInput(format!("{} is something else: choose another name", part.display())));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(told(error)),
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let out = options.open(&part).map_err(told)?;
    let written = meanwhile_synced(&out, || write(&out)).and_then(|written| {
        out.sync_all()?;
        std::fs::rename(&part, file)?;
        Ok(written)
    });
    let written = written.map_err(full).inspect_err(|_| drop(std::fs::remove_file(&part)))?;
    // The rename itself rests in the folder; Windows has no such call and does not need it.
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(written)
}

/// Has the disk take what was written so far while more is: at the end there is little left to wait for.
fn meanwhile_synced<T>(out: &File, write: impl FnOnce() -> Result<T>) -> Result<T> {
    std::thread::scope(|scope| {
        let (over, ended) = mpsc::sync_channel::<()>(1);
        let syncing = scope.spawn(move || {
            while ended.recv_timeout(Duration::from_millis(BUNDLE_SYNC_MS)) == Err(RecvTimeoutError::Timeout) {
                // What goes wrong here would not be told again at the end.
                out.sync_data()?;
            }
            io::Result::Ok(())
        });
        let written = write();
        drop(over);
        let synced = syncing.join().map_err(|_| Error::Bug("the thread that syncs a bundle panicked"))?;
        synced?;
        written
    })
}

fn full(error: Error) -> Error {
    match error {
        Error::Io(io) if io.kind() == io::ErrorKind::StorageFull => Error::DiskFull,
        Error::Io(io) if io.kind() == io::ErrorKind::Interrupted => BundleError::Ended.into(),
        other => other,
    }
}
