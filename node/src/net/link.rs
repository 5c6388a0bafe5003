//! One connection: the sync stream with its frames (u32 length, little-endian, then the bytes), bounded queues in
//! both directions, and the streams that ask for blobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use iroh::endpoint::{Connection, ConnectionError, RecvStream, SendStream, VarInt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep, timeout};

use super::admission::Seat;
use super::driver::Msg;
use super::meeting::LINK;
use super::referral;
use super::serve::Server;
use super::ticket::Addr;
use crate::id::NodeId;
use crate::limits::{FRAME_BYTES, FRAME_LEAST_BYTES, FRAME_MS, INBOX_BYTES, SEND_QUEUE, SEND_QUEUE_BYTES};
use crate::sync::ConnId;

/// What a frame takes of a connection's budget, at least.
#[allow(clippy::cast_possible_truncation, reason = "a constant of some KiB")]
const LEAST_COST: u32 = FRAME_LEAST_BYTES as u32;
/// Time for last frames to arrive before a connection is closed, ms.
const FLUSH_MS: u64 = 1_000;

/// First byte of a stream: its type.
pub(super) const SYNC: u8 = 1;
pub(super) const BLOBS: u8 = 2;
pub(super) const PEERS: u8 = 3;

/// Drawn at each start of an endpoint and told to peers: tells a restarted peer from one that dialled twice.
pub(super) type RunId = [u8; 8];

/// Why a connection ends: its code on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Cause {
    Shutdown = 1,
    /// Both sides dialled at once; the other connection stays.
    Crossed = 2,
    Replaced = 3,
    Idle = 4,
    /// It did not take what was sent.
    Stalled = 5,
    /// It broke the rules of streams and frames.
    Protocol = 6,
    Full = 7,
    /// Commits were missed: heads are to be compared anew.
    Resync = 8,
    /// The engine ended it: an answer was not in time, or was none that could be.
    Engine = 9,
    /// It sent bytes that are not the blob's.
    BadBlob = 10,
    /// The transport ended it.
    Lost = 11,
}

impl Cause {
    pub(super) fn code(self) -> VarInt {
        VarInt::from_u32(self as u32)
    }

    /// What the other side, or the transport, said.
    pub(super) fn of(error: &ConnectionError) -> Self {
        let all = [
            Self::Shutdown,
            Self::Crossed,
            Self::Replaced,
            Self::Idle,
            Self::Stalled,
            Self::Full,
            Self::Resync,
            Self::Engine,
            Self::BadBlob,
            Self::Lost,
        ];
        match error {
            // It was dropped without a word: a dial was given up, say.
            ConnectionError::ApplicationClosed(close) if close.error_code == VarInt::from_u32(0) => Self::Lost,
            ConnectionError::ApplicationClosed(close) => {
                all.into_iter().find(|cause| cause.code() == close.error_code).unwrap_or(Self::Protocol)
            }
            _ => Self::Lost,
        }
    }
}

/// Milliseconds since the network's start: what deadlines are measured in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticks(Instant);

impl Ticks {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn now_ms(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn at(self, tick_ms: u64) -> Instant {
        self.0 + Duration::from_millis(tick_ms)
    }
}

/// When something was last said over a connection.
#[derive(Debug, Clone)]
pub(super) struct Activity(Arc<Shared>, Ticks);

#[derive(Debug)]
struct Shared {
    last_ms: AtomicU64,
    /// No frame is read any more.
    ended: Semaphore,
}

impl Activity {
    pub(super) fn new(ticks: Ticks) -> Self {
        let ended = Semaphore::new(0);
        Self(Arc::new(Shared { last_ms: AtomicU64::new(ticks.now_ms()), ended }), ticks)
    }

    pub(super) fn touch(&self) {
        self.0.last_ms.store(self.1.now_ms(), Ordering::Relaxed);
    }

    pub(super) fn last_ms(&self) -> u64 {
        self.0.last_ms.load(Ordering::Relaxed)
    }

    /// From now on nothing more is read, and what waits to be sent has a moment.
    pub(super) fn end(&self) {
        self.0.ended.close();
    }

    async fn ended(&self) {
        let _closed = self.0.ended.acquire().await;
    }
}

/// A connection whose sync stream is open on both sides.
#[derive(Debug)]
pub(super) struct Joined {
    pub(super) connection: Connection,
    pub(super) peer: NodeId,
    pub(super) outgoing: bool,
    /// Of the peer.
    pub(super) run: RunId,
    pub(super) send: SendStream,
    pub(super) recv: RecvStream,
    /// Where it came from, or was reached.
    pub(super) observed: Option<Addr>,
    pub(super) seat: Option<Seat>,
}

/// The dialler's half of the opening. `None`: the peer did not play along.
pub(super) async fn open(connection: &Connection, own: RunId) -> Option<(SendStream, RecvStream, RunId)> {
    let (mut send, mut recv) = connection.open_bi().await.ok()?;
    send.write_all(&[SYNC]).await.ok()?;
    send.write_all(&own).await.ok()?;
    let mut run = RunId::default();
    recv.read_exact(&mut run).await.ok()?;
    Some((send, recv, run))
}

/// How the first stream of a connection that came in begins.
#[derive(Debug)]
pub(super) enum Opening {
    Sync(SendStream, RecvStream, RunId),
    Link(SendStream, RecvStream),
}

/// The other half.
pub(super) async fn accept(connection: &Connection, own: RunId) -> Option<Opening> {
    let (mut send, mut recv) = connection.accept_bi().await.ok()?;
    let mut kind = [0];
    recv.read_exact(&mut kind).await.ok()?;
    match kind {
        [SYNC] => {}
        [LINK] => return Some(Opening::Link(send, recv)),
        _ => return None,
    }
    let mut run = RunId::default();
    recv.read_exact(&mut run).await.ok()?;
    send.write_all(&own).await.ok()?;
    Some(Opening::Sync(send, recv, run))
}

/// The sending end of a connection's queue.
#[derive(Debug)]
pub(super) struct FrameSender {
    queue: mpsc::Sender<Vec<u8>>,
    bytes: Arc<AtomicUsize>,
}

/// The queue is full: the peer does not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stalled;

impl FrameSender {
    pub(super) fn send(&self, frame: Vec<u8>) -> Result<(), Stalled> {
        let len = frame.len();
        if len > FRAME_BYTES {
            tracing::error!(len, "a frame of ours is too long");
            return Err(Stalled);
        }
        if self.bytes.fetch_add(len, Ordering::Relaxed) + len > SEND_QUEUE_BYTES {
            return Err(Stalled);
        }
        self.queue.try_send(frame).map_err(|_| Stalled)
    }
}

#[derive(Debug)]
pub(super) struct FrameQueue {
    queue: mpsc::Receiver<Vec<u8>>,
    bytes: Arc<AtomicUsize>,
}

pub(super) fn queue() -> (FrameSender, FrameQueue) {
    let (sender, receiver) = mpsc::channel(SEND_QUEUE);
    let bytes = Arc::new(AtomicUsize::new(0));
    (FrameSender { queue: sender, bytes: Arc::clone(&bytes) }, FrameQueue { queue: receiver, bytes })
}

/// Keeps a frame's share of its connection's budget until all that it caused is done, so that a peer that sends
/// faster than its entries are stored is slowed down by QUIC itself.
pub(super) type Hold = Option<Arc<OwnedSemaphorePermit>>;

/// What the task of a connection works with.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) conn: ConnId,
    pub(super) connection: Connection,
    pub(super) send: SendStream,
    pub(super) recv: RecvStream,
    pub(super) queue: FrameQueue,
    pub(super) activity: Activity,
    pub(super) inbox: mpsc::Sender<Msg>,
    pub(super) server: Arc<Server>,
    /// Counted as a connection until the task ends.
    pub(super) seat: Option<Seat>,
    /// Ask the peer for others.
    pub(super) lonely: bool,
}

/// Runs a connection until it ends, and tells the driver.
pub(super) async fn run(work: Work) {
    let Work { conn, connection, send, recv, queue, activity, inbox, server, seat, lonely } = work;
    let asked = async {
        if lonely {
            referral::ask(&connection, conn, &inbox).await;
        }
        std::future::pending().await
    };
    let cause = tokio::select! {
        cause = asked => cause,
        cause = read_until_ended(recv, conn, &inbox, &activity) => cause,
        cause = ended(&activity) => cause,
        cause = write_frames(send, queue, &activity) => cause,
        cause = server.streams(&connection, conn, &activity, &inbox) => cause,
        error = connection.closed() => Cause::of(&error),
    };
    // Where a stream ended because the connection did, the connection knows why.
    let cause = connection.close_reason().map_or(cause, |error| match error {
        ConnectionError::LocallyClosed => cause,
        error => Cause::of(&error),
    });
    connection.close(cause.code(), b"");
    drop(seat);
    let _driver_gone = inbox.send(Msg::Left { conn, cause }).await;
}

/// Time for what waits to be sent when this side lets go of a connection: the peer may not take it.
async fn ended(activity: &Activity) -> Cause {
    activity.ended().await;
    sleep(Duration::from_millis(FLUSH_MS)).await;
    Cause::Engine
}

/// What nobody listens to is not read: it would only keep the frames of others waiting.
async fn read_until_ended(recv: RecvStream, conn: ConnId, inbox: &mpsc::Sender<Msg>, activity: &Activity) -> Cause {
    tokio::select! {
        cause = read_frames(recv, conn, inbox, activity) => cause,
        () = activity.ended() => std::future::pending().await,
    }
}

async fn read_frames(mut recv: RecvStream, conn: ConnId, inbox: &mpsc::Sender<Msg>, activity: &Activity) -> Cause {
    let budget = Arc::new(Semaphore::new(INBOX_BYTES));
    loop {
        let mut len = [0; 4];
        if recv.read_exact(&mut len).await.is_err() {
            return Cause::Lost;
        }
        let len = u32::from_le_bytes(len);
        let Some(bytes) = usize::try_from(len).ok().filter(|len| (1..=FRAME_BYTES).contains(len)) else {
            return Cause::Protocol;
        };
        let cost = len.max(LEAST_COST);
        let Ok(permit) = Arc::clone(&budget).acquire_many_owned(cost).await else { return Cause::Lost };
        let frame = match timeout(Duration::from_millis(FRAME_MS), read_frame(&mut recv, bytes)).await {
            Ok(Some(frame)) => frame,
            Ok(None) => return Cause::Lost,
            Err(_slow) => return Cause::Stalled,
        };
        activity.touch();
        let frame = Msg::Frame { conn, bytes: frame, hold: Some(Arc::new(permit)) };
        if inbox.send(frame).await.is_err() {
            return Cause::Shutdown;
        }
    }
}

/// Memory grows with what has come, not with what was announced.
async fn read_frame(recv: &mut RecvStream, len: usize) -> Option<Vec<u8>> {
    let mut frame = Vec::new();
    while frame.len() < len {
        let chunk = recv.read_chunk(len - frame.len()).await.ok()??;
        if frame.is_empty() && chunk.len() == len {
            return Some(chunk.into());
        }
        frame.extend_from_slice(&chunk);
    }
    Some(frame)
}

async fn write_frames(mut send: SendStream, mut queue: FrameQueue, activity: &Activity) -> Cause {
    // Above blobs: a post is not to wait for a picture.
    let _closed = send.set_priority(1);
    while let Some(frame) = queue.queue.recv().await {
        let bytes = frame.len();
        let Ok(len) = u32::try_from(bytes) else { return Cause::Protocol };
        let mut parts = [Bytes::copy_from_slice(&len.to_le_bytes()), Bytes::from(frame)];
        match timeout(Duration::from_millis(FRAME_MS), send.write_all_chunks(&mut parts)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Cause::Lost,
            Err(_slow) => return Cause::Stalled,
        }
        queue.bytes.fetch_sub(bytes, Ordering::Relaxed);
        activity.touch();
    }
    // The driver let go of it: what was sent before still goes out. Other causes have closed the connection already.
    if send.finish().is_ok() {
        let _flushed = timeout(Duration::from_millis(FLUSH_MS), send.stopped()).await;
    }
    Cause::Engine
}

#[cfg(test)]
mod tests {
    use iroh::endpoint::ApplicationClose;

    use super::*;

    #[test]
    fn what_the_other_side_says_is_understood() {
        let said = |code: u32| {
            let close = ApplicationClose { error_code: VarInt::from_u32(code), reason: Bytes::new() };
            Cause::of(&ConnectionError::ApplicationClosed(close))
        };
        for cause in [Cause::Shutdown, Cause::Crossed, Cause::Idle, Cause::Resync, Cause::Engine, Cause::BadBlob] {
            assert_eq!(said(cause as u32), cause);
        }
        assert_eq!(
            (said(0), said(11), said(6), said(77)),
            (Cause::Lost, Cause::Lost, Cause::Protocol, Cause::Protocol)
        );
        assert_eq!(Cause::of(&ConnectionError::TimedOut), Cause::Lost);
    }

    #[test]
    fn a_queue_that_nobody_empties_stalls_by_count_and_by_bytes() {
        let (sender, _queue) = queue();
        assert_eq!((0..=SEND_QUEUE).filter(|_| sender.send(vec![0]).is_ok()).count(), SEND_QUEUE);
        let (sender, _queue) = queue();
        let frames = SEND_QUEUE_BYTES / FRAME_BYTES;
        assert_eq!((0..=frames).filter(|_| sender.send(vec![0; FRAME_BYTES]).is_ok()).count(), frames);
        assert_eq!(sender.send(vec![0; FRAME_BYTES + 1]), Err(Stalled));
    }
}
