//! The local store: one SQLite file, encrypted whole (SQLCipher), one writer, read-only readers.
//!
//! SQLite allows one writer at a time; giving it one thread of its own turns lock errors into a queue and lets a
//! caller on any executor wait for it. Readers see the last commit and never wait for the writer (WAL). The
//! executor is a seam: [`Store::in_memory`] runs everything inline, which the simulation needs (a foreign thread
//! would not hold virtual time).

mod upgrade;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

pub use self::upgrade::Upgrade;
use self::upgrade::{embedded, upgrade};
use crate::error::{Error, Result};
use crate::limits::{READERS, WRITE_QUEUE};

/// SQLCipher page size, bytes: measured with batches of 2,000 inserts, 8 KiB is the best of 4, 8 and 16.
const PAGE_BYTES: u32 = 8_192;
/// Page cache of the writer and of each reader, KiB.
const WRITER_CACHE_KIB: u32 = 128 * 1024;
const READER_CACHE_KIB: u32 = 32 * 1024;
/// WAL pages before a checkpoint: fewer cost throughput on a cold pull, more cost start-up time.
const CHECKPOINT_PAGES: u32 = 8_000;

/// What must have reached the disk when a write returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Own entries and anything else that exists nowhere else: synced before the call returns.
    Full,
    /// What can be fetched again: consistent after a power cut, perhaps not the newest.
    Normal,
}

type Job = Box<dyn FnOnce(&mut Connection, &mut Option<Durability>) + Send>;

#[derive(Clone)]
pub struct Store(Arc<Inner>);

enum Inner {
    Threads { writer: Workers, readers: Workers },
    Inline(Mutex<Connection>),
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens or makes the database at `path` and brings its schema up to date. Blocks.
    ///
    /// # Errors
    /// [`Error::DatabaseDamaged`] when the file is no database or the key is wrong, [`Error::ProfileTooNew`] when a
    /// newer version wrote it, [`Error::DiskFull`] when it can't be written.
    pub fn open(path: &Path, key: &[u8; 32]) -> Result<Self> {
        Self::open_telling(path, key, &mut |_| {})
    }

    /// As [`Self::open`]; `tell` hears how far it is where the schema is brought up to date, which may take minutes.
    ///
    /// # Errors
    /// As there.
    pub fn open_telling(path: &Path, key: &[u8; 32], tell: &mut dyn FnMut(Upgrade)) -> Result<Self> {
        let mut writer = connect(path, key, OpenFlags::default(), WRITER_CACHE_KIB)?;
        upgrade(&mut writer, Some(path), &embedded(), tell)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let readers = (0..READERS).map(|_| connect(path, key, flags, READER_CACHE_KIB)).collect::<Result<_>>()?;
        Ok(Self(Arc::new(Inner::Threads {
            writer: Workers::start("kith-writer", vec![writer])?,
            readers: Workers::start("kith-reader", readers)?,
        })))
    }

    /// An unencrypted database in memory whose jobs run inside the call: for the simulation and tests.
    pub fn in_memory() -> Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "secure_delete", true)?;
        keep_statements(&connection)?;
        upgrade(&mut connection, None, &embedded(), &mut |_| {})?;
        Ok(Self(Arc::new(Inner::Inline(Mutex::new(connection)))))
    }

    /// Runs `job` in one transaction: committed when it answers `Ok`, rolled back otherwise. A job on a thread of the
    /// store's that panics is answered with [`Error::Bug`], and the next job runs.
    pub async fn write<T: Send + 'static>(
        &self,
        durability: Durability,
        job: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &*self.0 {
            Inner::Inline(connection) => transact(&mut connection.lock().unwrap_or_else(PoisonError::into_inner), job),
            Inner::Threads { writer, .. } => {
                let (answer, answered) = oneshot::channel();
                let job: Job = Box::new(move |connection, current| {
                    let result = surviving(|| {
                        set_durability(connection, current, durability)?;
                        transact(connection, job)
                    });
                    let _caller_gone = answer.send(result);
                });
                writer.enqueue(job).await?;
                answered.await.map_err(|_| Error::Closed)?
            }
        }
    }

    /// Runs `job` on a read-only connection, in one read transaction (a consistent view).
    pub async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &*self.0 {
            Inner::Inline(connection) => job(&connection.lock().unwrap_or_else(PoisonError::into_inner)),
            Inner::Threads { readers, .. } => {
                let (answer, answered) = oneshot::channel();
                let job: Job = Box::new(move |connection, _| {
                    let result = surviving(|| {
                        let view = connection.transaction()?;
                        job(&view)
                    });
                    let _caller_gone = answer.send(result);
                });
                readers.enqueue(job).await?;
                answered.await.map_err(|_| Error::Closed)?
            }
        }
    }

    /// An independent copy of an in-memory store, as a copied profile folder would be: for the simulation and tests.
    ///
    /// # Errors
    /// [`Error::Bug`] for a store on disk.
    pub fn copy(&self) -> Result<Self> {
        let Inner::Inline(connection) = &*self.0 else { return Err(Error::Bug("only a store in memory is copied")) };
        let source = connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut target = Connection::open_in_memory()?;
        rusqlite::backup::Backup::new(&source, &mut target)?.step(-1)?;
        target.pragma_update(None, "foreign_keys", true)?;
        keep_statements(&target)?;
        Ok(Self(Arc::new(Inner::Inline(Mutex::new(target)))))
    }

    /// Writes all pages of a store in memory, free ones too, into a file in the clear, for tests that look what is there.
    ///
    /// # Errors
    /// `Bug` for any other store.
    pub fn write_image(&self, file: &Path) -> Result<()> {
        let Inner::Inline(connection) = &*self.0 else { return Err(Error::Bug("only a store in memory is copied")) };
        let source = connection.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(source.backup("main", file, None::<fn(rusqlite::backup::Progress)>)?)
    }

    /// Where nothing was asked since the last call, gives back the memory of page caches: they hold up to
    /// [`WRITER_CACHE_KIB`] and some [`READER_CACHE_KIB`] after a large pull, which a node that only waits does not need.
    pub async fn rest(&self) {
        if let Inner::Threads { writer, readers } = &*self.0 {
            writer.rest(1).await;
            readers.rest(READERS).await;
        }
    }

    /// Lets the writer's page cache grow to so many KiB; `None`: as far as usual. For long work on a device with little
    /// memory.
    pub(crate) async fn bound_writer(&self, cache_kib: Option<u32>) -> Result<()> {
        let Inner::Threads { writer, .. } = &*self.0 else { return Ok(()) };
        let kib = cache_kib.unwrap_or(WRITER_CACHE_KIB);
        let job: Job = Box::new(move |connection, _| {
            let _as_it_was = connection.pragma_update(None, "cache_size", -i64::from(kib));
            let _again_later = connection.execute_batch("PRAGMA shrink_memory");
        });
        writer.send(job).await
    }

    /// Waits for queued jobs, checkpoints and closes the files. Later calls answer [`Error::Closed`]. Blocks.
    pub fn close(&self) {
        if let Inner::Threads { writer, readers } = &*self.0 {
            // The writer goes last: only the last connection, and only one that may write, empties the log into the file.
            readers.end();
            writer.end();
        }
    }
}

const ASKED: u8 = 2;
const QUIET: u8 = 1;

/// Threads that take jobs from one queue.
struct Workers {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    /// [`ASKED`] with each job; one less with each call of `rest`, down to 0: their caches were given back.
    activity: AtomicU8,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Workers {
    fn start(name: &str, connections: Vec<Connection>) -> Result<Self> {
        let (queue, jobs) = mpsc::channel::<Job>(WRITE_QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        let mut threads = Vec::new();
        for connection in connections {
            let jobs = Arc::clone(&jobs);
            let next = move || jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
            threads.push(std::thread::Builder::new().name(name.to_owned()).spawn(|| work(connection, next))?);
        }
        Ok(Self { queue: Mutex::new(Some(queue)), activity: AtomicU8::new(ASKED), threads: Mutex::new(threads) })
    }

    /// Gives back the page caches, unless a job came since the last call or they were given back already.
    async fn rest(&self, connections: usize) {
        let before = self.activity.load(Relaxed);
        // A job that comes in between is seen: it sets it anew.
        let changed = self.activity.compare_exchange(before, before.saturating_sub(1), Relaxed, Relaxed);
        if changed != Ok(QUIET) {
            return;
        }
        // Idle threads take them in turn.
        for _ in 0..connections {
            let job: Job = Box::new(|connection, _| {
                let _again_later = connection.execute_batch("PRAGMA shrink_memory");
            });
            let _closed = self.send(job).await;
        }
    }

    async fn enqueue(&self, job: Job) -> Result<()> {
        self.activity.store(ASKED, Relaxed);
        self.send(job).await
    }

    async fn send(&self, job: Job) -> Result<()> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or(Error::Closed)?;
        queue.send(job).await.map_err(|_| Error::Closed)
    }

    /// Waits for queued jobs; every connection is closed when it returns.
    fn end(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if thread.join().is_err() {
                tracing::error!("a store thread panicked");
            }
        }
    }
}

/// Prepared statements that each connection keeps.
const STATEMENTS: usize = 128;

fn work(mut connection: Connection, mut next: impl FnMut() -> Option<Job>) {
    let mut durability = None;
    while let Some(job) = next() {
        job(&mut connection, &mut durability);
    }
}

/// Runs a job whose panic must not end the thread of all jobs. Its transaction was dropped on the way out, which rolls
/// it back; nothing else of it is left.
fn surviving<T>(job: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| {
        tracing::error!("a job of the store panicked");
        Err(Error::Bug("a job of the store panicked"))
    })
}

fn transact<T>(connection: &mut Connection, job: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = job(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

fn set_durability(connection: &Connection, current: &mut Option<Durability>, wanted: Durability) -> Result<()> {
    if *current != Some(wanted) {
        let mode = match wanted {
            Durability::Full => "FULL",
            Durability::Normal => "NORMAL",
        };
        connection.pragma_update(None, "synchronous", mode)?;
        *current = Some(wanted);
    }
    Ok(())
}

fn connect(path: &Path, key: &[u8; 32], flags: OpenFlags, cache_kib: u32) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    // A raw key: SQLCipher derives nothing, so opening costs no key stretching.
    let hex = Zeroizing::new(format!("x'{}'", data_encoding::HEXLOWER.encode(key)));
    connection.pragma_update(None, "key", hex.as_str())?;
    // What goes wrong is told as an error, in our words.
    connection.pragma_update(None, "cipher_log_level", "NONE")?;
    connection.pragma_update(None, "cipher_page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "cipher_hmac_algorithm", "HMAC_SHA256")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    keep_statements(&connection)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    // The first page that is read tells whether the key fits.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    if flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
        connection.pragma_update(None, "query_only", true)?;
    } else {
        // Before the first table: what eviction frees goes back to the disk bit by bit.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "secure_delete", true)?;
    }
    Ok(connection)
}

/// A statement is planned once. Left alone, SQLite looks at what a limit is bound to, and plans anew whenever it is bound.
fn keep_statements(connection: &Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Does a step of a transaction by itself: where it fails, nothing of it stays, and the rest can go on.
///
/// # Errors
/// Where the transaction can't go on. What the step answers stands inside.
pub(crate) fn apart<T>(tx: &Connection, step: impl FnOnce() -> Result<T>) -> Result<Result<T>> {
    tx.execute_batch("SAVEPOINT apart")?;
    let done = step();
    if done.is_err() {
        // A full disk takes all of it back.
        if tx.is_autocommit() {
            return done.map(Ok);
        }
        tx.execute_batch("ROLLBACK TO apart")?;
    }
    tx.execute_batch("RELEASE apart")?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::upgrade::HISTORY_TABLE;
    use super::*;

    fn count(store: &Store) -> i64 {
        block_on(store.read(count_in)).unwrap()
    }

    fn count_in(db: &Connection) -> Result<i64> {
        Ok(db.query_row("SELECT count(*) FROM local", [], |row| row.get(0))?)
    }

    fn insert(transaction: &Transaction<'_>, key: &str) -> Result<()> {
        transaction.execute("INSERT INTO local (key, value) VALUES (?1, 'x')", [key])?;
        Ok(())
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn a_failed_job_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("db"), &[7; 32]).unwrap();
        block_on(store.write(Durability::Full, |tx| insert(tx, "kept"))).unwrap();
        let failed = block_on(store.write(Durability::Full, |tx| {
            insert(tx, "lost")?;
            Err::<(), _>(Error::Bug("on purpose"))
        }));
        assert!(failed.is_err());
        assert_eq!(count(&store), 1);
        store.close();
        assert!(matches!(block_on(store.read(|_| Ok(()))), Err(Error::Closed)));
    }

    #[test]
    fn a_job_that_panics_leaves_nothing_behind_and_the_next_one_runs() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("db"), &[7; 32]).unwrap();
        let wrote = block_on(store.write(Durability::Full, |tx| {
            insert(tx, "lost")?;
            if count_in(tx)? == 1 { panic!("on purpose") } else { Ok(()) }
        }));
        assert!(matches!(wrote, Err(Error::Bug(_))), "{wrote:?}");
        // More than there are readers.
        for _ in 0..=READERS {
            let read = block_on(store.read(|db| if count_in(db)? == 0 { panic!("on purpose") } else { Ok(()) }));
            assert!(matches!(read, Err(Error::Bug(_))), "{read:?}");
        }
        block_on(store.write(Durability::Full, |tx| insert(tx, "kept"))).unwrap();
        assert_eq!(count(&store), 1);
        store.close();
    }

    #[test]
    fn a_store_rests_after_a_time_without_jobs_and_reads_on() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("db"), &[7; 32]).unwrap();
        block_on(store.write(Durability::Full, |tx| insert(tx, "kept"))).unwrap();
        let activity = |store: &Store| match &*store.0 {
            Inner::Threads { writer, .. } => writer.activity.load(Relaxed),
            Inner::Inline(_) => unreachable!("on disk"),
        };
        let rests: Vec<u8> = (0..3)
            .map(|_| {
                block_on(store.rest());
                activity(&store)
            })
            .collect();
        assert_eq!((rests, count(&store)), (vec![QUIET, 0, 0], 1));
        block_on(store.write(Durability::Full, |tx| insert(tx, "more"))).unwrap();
        assert_eq!((activity(&store), count(&store)), (ASKED, 2));
        store.close();
    }

    #[test]
    fn another_key_is_refused_and_the_file_shows_no_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        let store = Store::open(&path, &[7; 32]).unwrap();
        block_on(store.write(Durability::Full, |tx| insert(tx, "canary-in-the-database"))).unwrap();
        store.close();
        assert!(matches!(Store::open(&path, &[8; 32]), Err(Error::DatabaseDamaged)));
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"canary" || window == b"SQLite"));
        assert_eq!(count(&Store::open(&path, &[7; 32]).unwrap()), 1);
    }

    #[test]
    fn a_damaged_file_is_told_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        Store::open(&path, &[7; 32]).unwrap().close();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.iter_mut().skip(40).take(4_000).for_each(|byte| *byte ^= 0x55);
        std::fs::write(&path, &bytes).unwrap();
        let opened = Store::open(&path, &[7; 32]);
        assert!(matches!(opened, Err(Error::DatabaseDamaged)), "{opened:?}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }

    #[test]
    fn a_profile_of_a_newer_version_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        let store = Store::open(&path, &[7; 32]).unwrap();
        block_on(store.write(Durability::Full, |tx| {
            let sql = format!("INSERT INTO {HISTORY_TABLE} VALUES (999, 'later', '2099-01-01T00:00:00Z', '1')");
            tx.execute(&sql, [])?;
            Ok(())
        }))
        .unwrap();
        store.close();
        assert!(matches!(Store::open(&path, &[7; 32]), Err(Error::ProfileTooNew)));
    }
}
