//! Bringing the schema up to date. Before anything is changed, the database is copied beside itself (`kith.db.v1` for one
//! of version 1), durably and whole; then all changes are made in one transaction. So a cut at any moment leaves the old
//! schema or the new one. The copy stays until the new version has started once more.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use refinery::{Migration, Runner};
use rusqlite::Connection;

use crate::error::{Error, Result};

mod all {
    refinery::embed_migrations!("../migrations");
}

/// Our own history table, so that no other user of refinery can ever mistake it.
pub(super) const HISTORY_TABLE: &str = "kith_migrations";
/// Bytes that are copied between two tellings.
const PIECE: usize = 4 * 1024 * 1024;

/// How far an upgrade is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upgrade {
    /// The database is copied, bytes.
    Copying {
        done: u64,
        total: u64,
    },
    /// It is changed, from one version of the schema to another.
    Changing {
        from: i64,
        to: i64,
    },
    Done {
        from: i64,
        to: i64,
    },
}

/// The schema of this version and all before.
pub(super) fn embedded() -> Vec<Migration> {
    all::migrations::runner().get_migrations().clone()
}

/// `path`: `None` for a database in memory, of which no copy is made.
///
/// # Errors
/// `ProfileTooNew`; `DiskFull` where there is no room for the copy, before anything is changed.
pub(super) fn upgrade(
    connection: &mut Connection,
    path: Option<&Path>,
    migrations: &[Migration],
    tell: &mut dyn FnMut(Upgrade),
) -> Result<()> {
    let newest = migrations.iter().map(|migration| i64::from(migration.version())).max().unwrap_or_default();
    let applied = version(connection)?;
    match applied {
        Some(applied) if applied > newest => return Err(Error::ProfileTooNew),
        // It started before.
        Some(applied) if applied == newest => return path.map_or(Ok(()), |path| remove_copies(path, newest)),
        Some(from) => {
            if let Some(path) = path {
                copy(connection, path, from, tell)?;
            }
            tell(Upgrade::Changing { from, to: newest });
        }
        None => {}
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    let mut runner = Runner::new(migrations);
    runner.set_migration_table_name(HISTORY_TABLE);
    // Migrations and their history in one transaction: a kill in between leaves neither.
    let runner = runner.set_grouped(true);
    runner.run(connection).map_err(|error| {
        tracing::error!(%error, "migration failed");
        match std::error::Error::source(&error).and_then(|source| source.downcast_ref::<rusqlite::Error>()) {
            Some(rusqlite::Error::SqliteFailure(failure, _)) => rusqlite::Error::SqliteFailure(*failure, None).into(),
            _ => Error::DatabaseDamaged,
        }
    })?;
    if let Some(from) = applied {
        tell(Upgrade::Done { from, to: newest });
    }
    Ok(())
}

/// `None`: a new database.
fn version(connection: &Connection) -> Result<Option<i64>> {
    let known: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)",
        [HISTORY_TABLE],
        |row| row.get(0),
    )?;
    if !known {
        return Ok(None);
    }
    Ok(connection.query_row(&format!("SELECT max(version) FROM {HISTORY_TABLE}"), [], |row| row.get(0))?)
}

fn copy_path(path: &Path, version: i64) -> PathBuf {
    beside(path, &format!(".v{version}"))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// Copies the database as it is. One process at a time has it open (the profile's lock).
fn copy(connection: &Connection, path: &Path, version: i64, tell: &mut dyn FnMut(Upgrade)) -> Result<()> {
    // All of it stands in the file then.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let to = copy_path(path, version);
    let draft = beside(&to, ".new");
    let copied = copy_durably(path, &draft, &to, tell);
    copied.map_err(|error| {
        let _already_gone = std::fs::remove_file(&draft);
        if error.kind() == io::ErrorKind::StorageFull { Error::DiskFull } else { error.into() }
    })
}

fn copy_durably(path: &Path, draft: &Path, to: &Path, tell: &mut dyn FnMut(Upgrade)) -> io::Result<()> {
    let mut from = File::open(path)?;
    let total = from.metadata()?.len();
    let mut out = File::create(draft)?;
    let (mut buffer, mut done) = (vec![0; PIECE], 0);
    loop {
        tell(Upgrade::Copying { done, total });
        let read = from.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        out.write_all(buffer.get(..read).unwrap_or_default())?;
        done += read as u64;
    }
    out.sync_all()?;
    std::fs::rename(draft, to)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Removes copies of versions before this one, and what was left of one that was not finished.
fn remove_copies(path: &Path, newest: i64) -> Result<()> {
    for version in 1..newest {
        let copy = copy_path(path, version);
        for file in [beside(&copy, ".new"), copy] {
            match std::fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, ExitStatus, Stdio};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use rusqlite::OpenFlags;

    use super::super::connect;
    use super::*;

    const KEY: [u8; 32] = [7; 32];
    /// Where a child finds its database, at which step it ends, and what it says then.
    const CHILD: &str = "KITH_TEST_UPGRADE";
    const AT: &str = "KITH_TEST_UPGRADE_AT";
    const STOPS: &str = "it waits for its end";
    /// Operations of the database between two steps.
    const STEP_OPERATIONS: i32 = 10_000;
    /// Bytes of the head of SQLite's log, and of a page in it.
    const WAL_HEAD: usize = 32;
    const WAL_FRAME: usize = 24 + super::super::PAGE_BYTES as usize;
    /// What stands in a profile of version 1: later versions must be able to bring it up to date.
    const V1_ROWS: &str = include_str!("v1.sql");
    /// As a later version might: a column, and every row of a table written anew.
    const V2: &str = "ALTER TABLE local ADD COLUMN more TEXT NOT NULL DEFAULT '';
        UPDATE local SET more = value || value;
        CREATE TABLE later (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        INSERT INTO later SELECT key, more FROM local;";

    fn later() -> Vec<Migration> {
        let mut all = embedded();
        all.push(Migration::unapplied("V2__later", V2).unwrap());
        all
    }

    fn opened(path: &Path) -> Connection {
        connect(path, &KEY, OpenFlags::default(), 4_096).unwrap()
    }

    fn upgraded(path: &Path, migrations: &[Migration]) -> (Connection, Vec<Upgrade>) {
        let mut connection = opened(path);
        let mut told = Vec::new();
        upgrade(&mut connection, Some(path), migrations, &mut |upgrade| told.push(upgrade)).unwrap();
        (connection, told)
    }

    /// A profile of version 1, with rows; `more` of them in one table.
    fn old(path: &Path, more: i64) {
        let (connection, told) = upgraded(path, &embedded());
        assert!(told.is_empty(), "a new database is not upgraded");
        connection.execute_batch(V1_ROWS).unwrap();
        let filled = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO local (key, value) SELECT 'filled ' || i, hex(randomblob(100)) FROM n";
        connection.execute(filled, [more]).unwrap();
    }

    /// What the old version wrote, of whatever version the database is.
    fn kept(connection: &Connection) -> Vec<String> {
        let mut all = Vec::new();
        for sql in [
            "SELECT hex(id) || name || own FROM author ORDER BY row",
            "SELECT hex(id) || kind || hex(body) FROM entry ORDER BY row",
            "SELECT set_no || hex(key) || present || counter || value FROM item ORDER BY set_no, key",
            "SELECT key || value FROM local ORDER BY key",
            "SELECT hex(id) || hex(body) FROM message ORDER BY row",
            "SELECT hex(circle.id) || name || hex(key) FROM epoch JOIN circle ON circle.row = circle_row",
        ] {
            let mut statement = connection.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
            all.extend(rows.map(Result::unwrap));
        }
        all
    }

    fn is_sound(connection: &Connection) {
        let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok");
    }

    #[test]
    fn an_old_profile_is_brought_up_to_date_and_its_copy_stays_until_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.db");
        old(&path, 10);
        let before = kept(&opened(&path));
        assert!(before.len() > 15, "the fixture has rows: {before:?}");
        let (connection, told) = upgraded(&path, &later());
        assert_eq!(kept(&connection), before);
        is_sound(&connection);
        assert_eq!(version(&connection).unwrap(), Some(2));
        assert!(matches!(told[0], Upgrade::Copying { done: 0, .. }));
        assert_eq!(told[told.len() - 2..], [Upgrade::Changing { from: 1, to: 2 }, Upgrade::Done { from: 1, to: 2 }]);
        drop(connection);
        // The old version refuses the new database, and opens the copy.
        let refused = upgrade(&mut opened(&path), Some(&path), &embedded(), &mut |_| {});
        assert!(matches!(refused, Err(Error::ProfileTooNew)));
        let copy = copy_path(&path, 1);
        let aside = folder.path().join("aside.db");
        std::fs::copy(&copy, &aside).unwrap();
        assert_eq!(kept(&upgraded(&aside, &embedded()).0), before);
        let (connection, told) = upgraded(&path, &later());
        assert_eq!((kept(&connection), told, copy.exists()), (before, Vec::new(), false));
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.db");
        old(&path, 10);
        let before = kept(&opened(&path));
        let mut broken = later();
        broken.push(Migration::unapplied("V3__broken", "INSERT INTO nowhere VALUES (1)").unwrap());
        assert!(upgrade(&mut opened(&path), Some(&path), &broken, &mut |_| {}).is_err());
        let (connection, _) = upgraded(&path, &embedded());
        assert_eq!((version(&connection).unwrap(), kept(&connection)), (Some(1), before));
    }

    /// The test below in a process of its own, which upgrades the database.
    fn child(path: &Path, at: usize) -> Child {
        let name = "store::upgrade::tests::an_upgrade_survives_being_killed_at_any_moment";
        Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture"])
            .env(CHILD, path)
            .env(AT, at.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Kills it at its step, or after so long where it does not come to that.
    fn ended(mut child: Child, after: Duration) -> ExitStatus {
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let stops = out.lines().map_while(io::Result::ok).any(|line| line == STOPS);
            tell.send(stops)
        });
        if told.recv_timeout(after) != Ok(false) {
            child.kill().unwrap();
        }
        child.wait().unwrap()
    }

    /// What the child does: at one of its steps it says so, and waits for its end. Steps are what the upgrade tells, so
    /// many operations of the database, and each commit.
    fn upgrade_until(path: &Path, at: usize) {
        let steps = Arc::new(AtomicUsize::new(0));
        let step = move || {
            if steps.fetch_add(1, Ordering::Relaxed) == at {
                println!("\n{STOPS}");
                let _killed = io::stdin().read(&mut [0]);
                std::process::abort();
            }
        };
        let mut connection = opened(path);
        let (working, committing) = (step.clone(), step.clone());
        let work = move || {
            working();
            false
        };
        connection.progress_handler(STEP_OPERATIONS, Some(work)).unwrap();
        let commit = move || {
            committing();
            false
        };
        connection.commit_hook(Some(commit)).unwrap();
        upgrade(&mut connection, Some(path), &later(), &mut |_| step()).unwrap();
    }

    /// Whatever the database is: all that was there is, and an upgrade goes through.
    fn assert_whole(path: &Path, before: &[String]) {
        let connection = opened(path);
        let found = version(&connection).unwrap();
        assert_eq!(kept(&connection), before, "a cut leaves all that was there");
        drop(connection);
        assert!(found == Some(1) || copy_path(path, 1).exists(), "the copy is there before the change");
        let (connection, _) = upgraded(path, &later());
        assert_eq!(version(&connection).unwrap(), Some(2));
        assert_eq!(kept(&connection), before);
        is_sound(&connection);
    }

    #[test]
    fn an_upgrade_survives_being_killed_at_any_moment() {
        if let Some(path) = std::env::var_os(CHILD) {
            return upgrade_until(Path::new(&path), std::env::var(AT).unwrap().parse().unwrap());
        }
        let folder = tempfile::tempdir().unwrap();
        let original = folder.path().join("original.db");
        old(&original, 5_000);
        let before = kept(&opened(&original));
        // Ends an upgrade; answers whether it came to its end, and how long it took.
        let round = |at: usize, after: Duration| {
            let dir = tempfile::tempdir_in(folder.path()).unwrap();
            let path = dir.path().join("kith.db");
            std::fs::copy(&original, &path).unwrap();
            let start = Instant::now();
            let whole = ended(child(&path, at), after).success();
            let took = start.elapsed();
            assert_whole(&path, &before);
            (whole, took)
        };
        let patience = Duration::from_secs(60);
        let mut steps = 0;
        let took = loop {
            match round(steps, patience) {
                (true, took) => break took,
                (false, _) => steps += 1,
            }
            assert!(steps < 200, "it never comes to its end");
        };
        // Four tellings, the commit, and in between work.
        assert!(steps >= 15, "{steps} steps");
        // And at moments that nobody chose.
        for part in 1..8 {
            round(usize::MAX, took * part / 8);
        }
    }

    #[test]
    fn an_upgrade_whose_last_writes_are_lost_was_none() {
        let folder = tempfile::tempdir().unwrap();
        let (path, log) = (folder.path().join("kith.db"), folder.path().join("kith.db-wal"));
        old(&path, 1_000);
        let before = kept(&opened(&path));
        let (upgraded, _) = upgraded(&path, &later());
        // As they stand before anything of the log is moved into the file.
        let (file, wal) = (std::fs::read(&path).unwrap(), std::fs::read(&log).unwrap());
        let copy = std::fs::read(copy_path(&path, 1)).unwrap();
        drop(upgraded);
        let frames = (wal.len() - WAL_HEAD) / WAL_FRAME;
        assert!(frames > 20, "{frames}");
        let mut found = Vec::new();
        for frame in (0..frames).step_by(frames / 10).chain([frames - 1, frames]) {
            for more in [0, 100] {
                let cut = folder.path().join(format!("cut-{frame}-{more}.db"));
                let length = (WAL_HEAD + frame * WAL_FRAME + more).min(wal.len());
                std::fs::write(&cut, &file).unwrap();
                std::fs::write(beside(&cut, "-wal"), &wal[..length]).unwrap();
                std::fs::write(copy_path(&cut, 1), &copy).unwrap();
                found.push(version(&opened(&cut)).unwrap());
                assert_whole(&cut, &before);
            }
        }
        let (cut, whole) = found.split_at(found.len() - 2);
        assert!(cut.iter().all(|found| *found == Some(1)) && whole == [Some(2); 2], "{found:?}");
    }
}
