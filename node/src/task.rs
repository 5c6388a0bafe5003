//! The one way to start a task: it ends with its owner, and a panic in it is told, not lost.

use std::future::Future;

use tokio::task::{JoinHandle, JoinSet};

/// A set of tasks that are aborted when it is dropped.
#[derive(Debug, Default)]
pub struct Tasks(JoinSet<()>);

impl Tasks {
    /// Starts a task on the current runtime.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        while let Some(ended) = self.0.try_join_next() {
            if let Err(error) = ended
                && error.is_panic()
            {
                tracing::error!("a task panicked");
            }
        }
        self.0.spawn(async move {
            task.await;
            tracing::trace!(task = name, "ended");
        });
    }

    /// Aborts all and waits until they are gone.
    pub async fn shutdown(&mut self) {
        self.0.shutdown().await;
    }
}

/// A single task that is aborted when the guard is dropped.
#[derive(Debug)]
pub struct TaskGuard(JoinHandle<()>);

impl Drop for TaskGuard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts a task that lives as long as the returned guard.
#[allow(clippy::disallowed_methods)] // the one place that may call tokio::spawn
pub fn spawn(task: impl Future<Output = ()> + Send + 'static) -> TaskGuard {
    TaskGuard(tokio::spawn(task))
}

/// Makes a write past the limit of file sizes (`ulimit -f`) an error to report instead of a reason to die, for the
/// whole process. Needs a tokio runtime around it; calling it again is fine.
pub fn survive_file_limits() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // The handler outlives the stream that is dropped here: from now on the write itself fails.
        let _its_handler_stays = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    }
    Ok(())
}

/// Files and sockets that a process should be able to open: all connections and the store, several times over.
#[cfg(unix)]
const OPEN_FILES: u64 = 65_536;

/// Raises the soft limit of open files towards the hard one, for the whole process: systems begin with as few as 256.
/// Answers the limit; `None` where the system has none to tell.
pub fn raise_open_files() -> Option<u64> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let now = getrlimit(Resource::Nofile);
        let most = now.maximum.unwrap_or(u64::MAX);
        // macOS refuses more than it can do whatever the hard limit says: then less is asked for.
        for wanted in [OPEN_FILES, OPEN_FILES / 8] {
            let wanted = wanted.min(most);
            if now.current.is_some_and(|now| now < wanted)
                && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: now.maximum }).is_ok()
            {
                break;
            }
        }
        getrlimit(Resource::Nofile).current
    }
    #[cfg(not(unix))]
    None
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Resource, getrlimit};

    #[test]
    fn the_soft_limit_of_files_goes_up_to_the_hard_one() {
        let hard = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
        let before = getrlimit(Resource::Nofile).current;
        let raised = super::raise_open_files();
        assert!(raised >= before && raised.is_none_or(|raised| raised >= super::OPEN_FILES.min(hard)));
    }
}
