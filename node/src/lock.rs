//! One process at a time opens a profile. The kernel frees the lock when its holder dies, also by kill -9.
//!
//! `PROFILE/lock` is held by whoever has the profile open. A node that stays (`kith run`, the app) also holds
//! `PROFILE/lock.node` for as long: that is how others tell it from a command, without contents that could be stale.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::limits::LOCK_POLL_MS;

/// Who wants the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Holder {
    /// Opens the profile for one answer; others wait for it.
    #[default]
    Command,
    /// Stays and serves the control socket; others refuse at once or ask it.
    Node,
}

/// The profile's lock, held until it is dropped.
#[derive(Debug)]
pub struct ProfileLock {
    _node: Option<File>,
    _lock: File,
}

impl ProfileLock {
    /// Takes the lock of the folder `profile`, which must exist. Waits up to `wait_ms` for another *command*; blocks
    /// the calling thread meanwhile.
    ///
    /// [`Error::ProfileInUse`]: a running node holds it (told at once), or the wait ended.
    pub fn acquire(profile: &Path, holder: Holder, wait_ms: u64) -> Result<Self> {
        let deadline = Instant::now() + Duration::from_millis(wait_ms);
        let lock = open(profile, "lock").map_err(tell)?;
        while !try_exclusive(&lock)? {
            if node_holds(profile) || Instant::now() >= deadline {
                return Err(Error::ProfileInUse);
            }
            pause(Duration::from_millis(LOCK_POLL_MS));
        }
        let node = match holder {
            Holder::Command => None,
            Holder::Node => {
                let file = open(profile, "lock.node").map_err(tell)?;
                // Waits at most for the moment that `node_holds` of another process takes.
                file.lock().map_err(tell)?;
                Some(file)
            }
        };
        Ok(Self { _node: node, _lock: lock })
    }
}

/// A node that stays has this profile open, or is about to.
pub fn node_holds(profile: &Path) -> bool {
    // Not created here: asking about a folder must not write into it.
    let Ok(file) = File::open(profile.join("lock.node")) else {
        return false;
    };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

fn open(profile: &Path, name: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(profile.join(name))
}

fn try_exclusive(file: &File) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(tell(error)),
    }
}

fn tell(error: io::Error) -> Error {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound | Kind::NotADirectory => Error::NoProfile,
        Kind::StorageFull | Kind::QuotaExceeded | Kind::ReadOnlyFilesystem => Error::DiskFull,
        _ => Error::Io(error),
    }
}

#[allow(clippy::disallowed_methods)] // file locks have no wait with a deadline and tell no event when they are freed
fn pause(time: Duration) {
    std::thread::sleep(time);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_running_node_refuses_at_once() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!node_holds(dir.path()));
        let node = ProfileLock::acquire(dir.path(), Holder::Node, 0).unwrap();
        assert!(node_holds(dir.path()));
        for holder in [Holder::Command, Holder::Node] {
            let start = Instant::now();
            let refused = ProfileLock::acquire(dir.path(), holder, 10_000).unwrap_err();
            assert_eq!(refused.code(), "profile_in_use");
            assert!(start.elapsed() < Duration::from_secs(5));
        }
        drop(node);
        assert!(!node_holds(dir.path()));
        ProfileLock::acquire(dir.path(), Holder::Node, 0).unwrap();
    }

    #[test]
    fn a_command_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let command = ProfileLock::acquire(dir.path(), Holder::Command, 0).unwrap();
        assert!(!node_holds(dir.path()));
        assert_eq!(ProfileLock::acquire(dir.path(), Holder::Command, 50).unwrap_err().code(), "profile_in_use");
        let path = dir.path().to_owned();
        let (tx, rx) = mpsc::sync_channel(1);
        let waiter = std::thread::spawn(move || {
            tx.send(()).unwrap();
            ProfileLock::acquire(&path, Holder::Node, 30_000)
        });
        rx.recv().unwrap();
        drop(command);
        waiter.join().unwrap().unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_profile() {
        let dir = tempfile::tempdir().unwrap();
        let refused = ProfileLock::acquire(&dir.path().join("none"), Holder::Command, 0).unwrap_err();
        assert_eq!(refused.code(), "no_profile");
        assert!(!dir.path().join("none").exists());
    }
}
