//! The unix-domain socket: where it lies, who may talk to it, and both of its ends.
//!
//! It lies in a folder of the user's own with mode 0700, is bound under the profile's lock, and only processes of the
//! same user are answered. After kill -9 its file stays: connecting is refused, which means "not running", and the
//! next node replaces it.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::fs::Mode;
use rustix::process::geteuid;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;

use super::{Failure, Reply, Request, execute};
use crate::error::{Error, Result};
use crate::limits::{
    CONTROL_CONNECTIONS, CONTROL_IDLE_MS, CONTROL_LONG_MS, CONTROL_REPLY_BYTES, CONTROL_REPLY_MS,
    CONTROL_REQUEST_BYTES, LOCK_POLL_MS,
};
use crate::node::Node;
use crate::task::Tasks;

/// Addresses of unix sockets hold 104 bytes on the strictest system.
const PATH_BYTES: usize = 100;

/// Where a node of this profile serves: `$XDG_RUNTIME_DIR/kith/HASH.sock` when that folder exists and is ours, else
/// `/tmp/kith-UID/HASH.sock`. HASH is taken from the profile's real path, so that a long path still fits.
pub fn socket_path(profile: &Path) -> PathBuf {
    let name = socket_name(profile);
    runtime_dir(&name).unwrap_or_else(temporary_dir).join(name)
}

/// A bound socket. Its file is removed when this is dropped.
#[derive(Debug)]
pub struct Listener {
    socket: std::os::unix::net::UnixListener,
    path: PathBuf,
    inode: u64,
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Only our own: a later node of the same profile may have replaced it.
        if std::fs::symlink_metadata(&self.path).is_ok_and(|file| file.ino() == self.inode) {
            let _already_gone = std::fs::remove_file(&self.path);
        }
    }
}

/// Binds the profile's socket. The caller holds the profile's lock, so a file that lies there is left from a node
/// that died, and is replaced. Needs no runtime.
pub fn bind(profile: &Path) -> io::Result<Listener> {
    let path = socket_path(profile);
    let dir = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_private(dir)?;
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let socket = std::os::unix::net::UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    socket.set_nonblocking(true)?;
    let inode = std::fs::symlink_metadata(&path)?.ino();
    Ok(Listener { socket, path, inode })
}

/// Answers requests until it is dropped: the node's own task. Runs on the runtime that polls it.
pub async fn run(node: Node, listener: Listener) {
    serve(listener, move |request| {
        let node = node.clone();
        async move { execute(&node, request).await }
    })
    .await;
}

/// Asks the node that runs on this profile; `None` when none runs.
pub async fn call(profile: &Path, request: &Request) -> Result<Option<Reply>> {
    let Some(stream) = connect(profile).await? else {
        return Ok(None);
    };
    let patience_ms = if request.is_long() { CONTROL_LONG_MS } else { CONTROL_REPLY_MS };
    let exchanged = timeout(Duration::from_millis(patience_ms), async {
        match exchange(stream, request).await {
            // It was let go of before the request was sent whole, as others crowd in: it was not carried out.
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => match connect(profile).await? {
                Some(stream) => exchange(stream, request).await.map(Some),
                None => Ok(None),
            },
            reply => reply.map(Some),
        }
    });
    match exchanged.await {
        Ok(reply) => reply,
        Err(_late) => Err(Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the running node does not answer"))),
    }
}

async fn serve<F, Fut>(listener: Listener, answer: F)
where
    F: Fn(Request) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = std::result::Result<serde_json::Value, Failure>> + Send,
{
    let socket = match listener.socket.try_clone().and_then(UnixListener::from_std) {
        Ok(socket) => socket,
        Err(error) => {
            tracing::error!(%error, "the control socket can't be served");
            return;
        }
    };
    let slots = Arc::new(Semaphore::new(CONTROL_CONNECTIONS));
    let idle = Arc::new(Idle::default());
    let mut connections = Tasks::default();
    loop {
        match socket.accept().await {
            Ok((stream, _)) if is_ours(&stream) => {
                let Some(slot) = idle.give_way(&slots).await else {
                    return;
                };
                let (answer, idle) = (answer.clone(), Arc::clone(&idle));
                connections.spawn("control", async move {
                    if let Err(error) = converse(stream, &idle, answer).await {
                        tracing::debug!(%error, "a control connection ended early");
                    }
                    drop(slot);
                });
            }
            Ok(_stranger) => tracing::warn!("another user's process was refused on the control socket"),
            Err(error) => {
                tracing::debug!(%error, "a control connection could not be accepted");
                // Out of file descriptors, most likely: some are freed when other connections end.
                tokio::time::sleep(Duration::from_millis(LOCK_POLL_MS)).await;
            }
        }
    }
}

/// Connections that have sent no whole request yet, the one that has waited longest first. It gives way when all slots
/// are taken: programs that connect and say nothing must not keep others from being answered.
#[derive(Debug, Default)]
struct Idle {
    waiting: Mutex<Waiting>,
    more: Notify,
    /// One that was told to end goes on: its request had come.
    stays: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    turn: u64,
    connections: BTreeMap<u64, oneshot::Sender<()>>,
}

impl Idle {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection begins to wait for a request; it ends when the receiver is told so.
    fn wait(&self) -> (Turn<'_>, oneshot::Receiver<()>) {
        let (tell, told) = oneshot::channel();
        let mut waiting = self.waiting();
        waiting.turn += 1;
        let turn = waiting.turn;
        waiting.connections.insert(turn, tell);
        drop(waiting);
        self.more.notify_one();
        (Turn { idle: self, turn }, told)
    }

    /// A slot for a new connection: a free one, else that of the connection that waits longest. `None`: no more slots.
    async fn give_way(&self, slots: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(slot) = Arc::clone(slots).try_acquire_owned() {
                return Some(slot);
            }
            let longest = self.waiting().connections.pop_first();
            if let Some((_, longest)) = longest {
                // It ends at its next turn, and another takes its slot then; or it has a request after all.
                let _ended_already = longest.send(());
                tokio::select! {
                    slot = Arc::clone(slots).acquire_owned() => return slot.ok(),
                    () = self.stays.notified() => continue,
                }
            }
            tokio::select! {
                slot = Arc::clone(slots).acquire_owned() => return slot.ok(),
                () = self.more.notified() => {}
            }
        }
    }
}

/// A place among those who wait; left when this is dropped.
struct Turn<'a> {
    idle: &'a Idle,
    turn: u64,
}

impl Turn<'_> {
    /// The request has come. `false`: too late, the slot is promised to another.
    fn leave(self) -> bool {
        self.idle.waiting().connections.remove(&self.turn).is_some()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.idle.waiting().connections.remove(&self.turn);
    }
}

/// Requests of one connection, one after the other, until it ends or idles.
async fn converse<F, Fut>(stream: UnixStream, idle: &Idle, answer: F) -> io::Result<()>
where
    F: Fn(Request) -> Fut,
    Fut: Future<Output = std::result::Result<serde_json::Value, Failure>>,
{
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    loop {
        let (turn, told_to_go) = idle.wait();
        let line = tokio::select! {
            // A request that is here is answered, whoever was to give way.
            biased;
            line = timeout(Duration::from_millis(CONTROL_IDLE_MS), request_line(&mut read)) => match line {
                Ok(line) => line?,
                Err(_idle) => return Ok(()),
            },
            _ = told_to_go => return Ok(()),
        };
        if !turn.leave() && matches!(line, Line::Whole(_)) {
            // The slot was promised to another, who shall look for one elsewhere.
            idle.stays.notify_one();
        }
        let (reply, go_on) = match line {
            Line::End => return Ok(()),
            Line::TooLong => (Reply::Error(Failure::new("bad_input", "the request is too long", "")), false),
            Line::Whole(line) => match serde_json::from_slice::<Request>(&line) {
                Ok(request) if request.is_long() => tokio::select! {
                    answer = answer(request) => (Reply::from(answer), true),
                    () = gone(&mut read) => return Ok(()),
                },
                Ok(request) => (Reply::from(answer(request).await), true),
                Err(_) => (Reply::Error(unknown_request()), true),
            },
        };
        let mut line = serde_json::to_vec(&reply).map_err(io::Error::other)?;
        line.push(b'\n');
        timeout(Duration::from_millis(CONTROL_REPLY_MS), write.write_all(&line)).await??;
        if !go_on {
            return Ok(());
        }
    }
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
    /// The other side is done (a last line without its end is not a request).
    End,
}

/// Returns once the other side is gone; what it sends before waits.
async fn gone(read: &mut (impl AsyncBufReadExt + Unpin)) {
    if read.fill_buf().await.is_ok_and(|more| !more.is_empty()) {
        std::future::pending().await
    }
}

async fn request_line(read: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<Line> {
    let mut line = Vec::new();
    let limit = u64::try_from(CONTROL_REQUEST_BYTES).unwrap_or(u64::MAX);
    read.take(limit).read_until(b'\n', &mut line).await?;
    Ok(if line.ends_with(b"\n") {
        Line::Whole(line)
    } else if line.len() >= CONTROL_REQUEST_BYTES {
        Line::TooLong
    } else {
        Line::End
    })
}

async fn exchange(stream: UnixStream, request: &Request) -> Result<Reply> {
    let mut line = serde_json::to_vec(request)
        .map_err(|_| Error::BadInput("a path that is not valid UTF-8 can't be sent to the running node".into()))?;
    if line.len() >= CONTROL_REQUEST_BYTES {
        return Err(Error::BadInput("the text is too long".into()));
    }
    line.push(b'\n');
    let (read, mut write) = stream.into_split();
    write.write_all(&line).await?;
    let mut reply = Vec::new();
    BufReader::new(read.take(CONTROL_REPLY_BYTES)).read_until(b'\n', &mut reply).await?;
    if !reply.ends_with(b"\n") {
        // It was killed, or is closing; whether the request was carried out is not known.
        return Err(Error::Io(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the running node ended before it answered",
        )));
    }
    serde_json::from_slice(&reply).map_err(|_| Error::Bug("the running node's answer can't be read"))
}

async fn connect(profile: &Path) -> Result<Option<UnixStream>> {
    for path in candidates(profile) {
        if !path.parent().is_some_and(is_private) {
            continue;
        }
        match UnixStream::connect(&path).await {
            Ok(stream) if is_ours(&stream) => return Ok(Some(stream)),
            Ok(_stranger) => {}
            Err(error) => match error.kind() {
                // No file; a file whose node died; or one that can't be a node's of ours.
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::PermissionDenied => {}
                _ => return Err(error.into()),
            },
        }
    }
    Ok(None)
}

/// Where a node may serve: it can have been started with another environment than the command that asks.
fn candidates(profile: &Path) -> Vec<PathBuf> {
    let name = socket_name(profile);
    let session = PathBuf::from(format!("/run/user/{}/kith", geteuid().as_raw()));
    let mut paths: Vec<PathBuf> = Vec::new();
    for dir in [runtime_dir(&name), Some(temporary_dir()), Some(session)].into_iter().flatten() {
        let path = dir.join(&name);
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

fn socket_name(profile: &Path) -> String {
    // The real path where there is one: two names of one folder are one profile.
    let path =
        std::fs::canonicalize(profile).or_else(|_| std::path::absolute(profile)).unwrap_or_else(|_| profile.to_owned());
    let hash = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
    format!("{}.sock", hash.get(..16).unwrap_or_default())
}

fn runtime_dir(name: &str) -> Option<PathBuf> {
    let base = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?);
    let found = std::fs::metadata(&base).ok()?;
    let ours = base.is_absolute() && found.is_dir() && found.uid() == geteuid().as_raw();
    let dir = base.join("kith");
    (ours && dir.as_os_str().len() + 1 + name.len() <= PATH_BYTES).then_some(dir)
}

fn temporary_dir() -> PathBuf {
    PathBuf::from(format!("/tmp/kith-{}", geteuid().as_raw()))
}

/// Makes a folder that only we can look into, or checks that the one that is there is one: in a shared /tmp anybody
/// could have made it first.
fn make_private(dir: &Path) -> io::Result<()> {
    match rustix::fs::mkdir(dir, Mode::RWXU) {
        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    if is_private(dir) {
        return Ok(());
    }
    let message = format!("{} is not a folder of yours with mode 0700; remove it and try again", dir.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

fn is_private(dir: &Path) -> bool {
    std::fs::symlink_metadata(dir)
        .is_ok_and(|found| found.is_dir() && found.uid() == geteuid().as_raw() && found.mode() & 0o077 == 0)
}

/// The other end is a process of the same user.
fn is_ours(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == geteuid().as_raw())
}

fn unknown_request() -> Failure {
    let hint = "the running node and this command are of different versions: restart the node";
    Failure::new("bad_input", "the running node does not know this request", hint)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::collections::VecDeque;

    use serde_json::json;

    use super::*;
    use crate::task;

    async fn answer(request: Request) -> std::result::Result<serde_json::Value, Failure> {
        match request {
            Request::Show { post, .. } => Ok(json!({ "id": post })),
            _ => Err(Failure::new("not_found", "no", "")),
        }
    }

    fn show(post: &str) -> Request {
        Request::Show { persona: None, post: post.into() }
    }

    #[tokio::test]
    async fn a_request_reaches_the_node_and_its_answer_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(call(dir.path(), &show("a")).await.unwrap(), None);
        let listener = bind(dir.path()).unwrap();
        let path = listener.path.clone();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert!(path.as_os_str().len() <= PATH_BYTES);
        let server = task::spawn(serve(listener, answer));
        let reply = call(dir.path(), &show("a")).await.unwrap();
        assert_eq!(reply, Some(Reply::Value(json!({ "id": "a" }))));
        let Some(Reply::Error(failure)) = call(dir.path(), &Request::Peers).await.unwrap() else { panic!() };
        assert_eq!(failure.code, "not_found");
        // Through another name of the same folder.
        let link = dir.path().with_extension("link");
        std::os::unix::fs::symlink(dir.path(), &link).unwrap();
        assert!(call(&link, &show("a")).await.unwrap().is_some());
        std::fs::remove_file(link).unwrap();
        drop(server);
        // The socket's file goes with its server; the abort is told to the task at its next turn.
        while path.exists() {
            tokio::task::yield_now().await;
        }
        assert_eq!(call(dir.path(), &show("a")).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_socket_left_by_a_dead_node_means_not_running_and_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = socket_path(dir.path());
        make_private(path.parent().unwrap()).unwrap();
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        assert_eq!(call(dir.path(), &show("a")).await.unwrap(), None);
        let listener = bind(dir.path()).unwrap();
        let _server = task::spawn(serve(listener, answer));
        assert!(call(dir.path(), &show("a")).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn bad_lines_are_answered_and_long_ones_end_the_connection() {
        let dir = tempfile::tempdir().unwrap();
        let listener = bind(dir.path()).unwrap();
        let path = listener.path.clone();
        let _server = task::spawn(serve(listener, answer));
        let mut stream = BufReader::new(UnixStream::connect(&path).await.unwrap());
        stream.write_all(b"{\"command\":\"nonsense\"}\n").await.unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        assert!(line.contains("bad_input"), "{line}");
        // The connection goes on after that.
        let mut request = serde_json::to_vec(&show("b")).unwrap();
        request.push(b'\n');
        stream.write_all(&request).await.unwrap();
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        assert!(line.contains("\"b\""), "{line}");
        let long = vec![b' '; CONTROL_REQUEST_BYTES];
        stream.write_all(&long).await.unwrap();
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        assert!(line.contains("too long"), "{line}");
        line.clear();
        assert_eq!(stream.read_line(&mut line).await.unwrap_or(0), 0);
    }

    #[tokio::test]
    async fn connections_that_say_nothing_give_way_to_a_request() {
        let dir = tempfile::tempdir().unwrap();
        let listener = bind(dir.path()).unwrap();
        let path = listener.path.clone();
        let _server = task::spawn(serve(listener, answer));
        let mut silent = Vec::new();
        for _ in 0..2 * CONTROL_CONNECTIONS {
            let mut stream = UnixStream::connect(&path).await.unwrap();
            // Half a request is none; who is closed already can't be told more.
            let _closed = stream.write_all(b"{\"command\":").await;
            silent.push(stream);
        }
        // As more of them come all the time.
        let crowd = async {
            let mut held = VecDeque::new();
            loop {
                let mut stream = UnixStream::connect(&path).await.unwrap();
                let _closed = stream.write_all(b"{\"command\":").await;
                held.push_back(stream);
                if held.len() > 100 {
                    held.pop_front();
                }
            }
        };
        let request = show("c");
        let ask = async {
            for _ in 0..50 {
                let asked = timeout(Duration::from_millis(CONTROL_IDLE_MS / 2), call(dir.path(), &request));
                assert!(asked.await.unwrap().unwrap().is_some());
            }
        };
        tokio::select! {
            () = crowd => {}
            () = ask => {}
        }
        // The one that waited longest went first.
        let mut nothing = [0];
        let ended = silent.first_mut().unwrap().read(&mut nothing);
        let ended = timeout(Duration::from_millis(CONTROL_IDLE_MS / 2), ended).await.unwrap();
        assert!(matches!(ended, Ok(0) | Err(_)));
    }

    #[tokio::test]
    async fn a_request_that_is_being_answered_does_not_give_way() {
        let dir = tempfile::tempdir().unwrap();
        let listener = bind(dir.path()).unwrap();
        let (busy, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let slow = {
            let (busy, go_on) = (Arc::clone(&busy), Arc::clone(&go_on));
            move |request: Request| {
                let (busy, go_on) = (Arc::clone(&busy), Arc::clone(&go_on));
                async move {
                    busy.add_permits(1);
                    go_on.acquire().await.unwrap().forget();
                    answer(request).await
                }
            }
        };
        let _server = task::spawn(serve(listener, slow));
        let request = show("d");
        let mut asked: Vec<_> = (0..CONTROL_CONNECTIONS).map(|_| Box::pin(call(dir.path(), &request))).collect();
        let all = u32::try_from(CONTROL_CONNECTIONS).unwrap();
        {
            let mut together = futures_util::future::join_all(asked.iter_mut());
            let all_busy = busy.acquire_many(all);
            tokio::select! {
                _ = &mut together => panic!("answered too early"),
                taken = all_busy => taken.unwrap().forget(),
            }
        }
        let one_more = call(dir.path(), &request);
        tokio::pin!(one_more);
        assert!(futures_util::poll!(&mut one_more).is_pending());
        go_on.add_permits(CONTROL_CONNECTIONS + 1);
        for reply in futures_util::future::join_all(asked).await {
            assert!(reply.unwrap().is_some());
        }
        assert!(one_more.await.unwrap().is_some());
    }

    #[test]
    fn a_folder_that_others_can_look_into_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let open = dir.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(make_private(&open).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(dir.path(), &link).unwrap();
        assert!(make_private(&link).is_err());
        make_private(&dir.path().join("new")).unwrap();
    }
}
