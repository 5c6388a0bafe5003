//! Connections of two devices that link, or that bring over what one of them missed (stream type 4): a stream, what the
//! TLS session of its connection exports, and who is at the other end. No sync is spoken over them.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use iroh::endpoint::{Connection, RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::mpsc;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::admission::Seat;
use crate::id::NodeId;
use crate::limits::MEETINGS;

/// First byte of the stream.
pub(super) const LINK: u8 = 4;
/// What both derive of the TLS session (RFC 8446 §7.5).
const EXPORTER_LABEL: &[u8] = b"kith 2026 link v1";
/// Time for the last bytes to arrive before the connection is closed, ms.
const FLUSH_MS: u64 = 2_000;

/// A stream between two devices, read from and written to.
#[derive(Debug)]
pub struct Meeting {
    peer: NodeId,
    exported: Zeroizing<[u8; 32]>,
    connection: Connection,
    send: SendStream,
    recv: RecvStream,
    _seat: Option<Seat>,
}

impl Meeting {
    /// `None` where the connection is gone.
    pub(super) fn new(connection: Connection, send: SendStream, recv: RecvStream, seat: Option<Seat>) -> Option<Self> {
        let mut exported = Zeroizing::new([0; 32]);
        connection.export_keying_material(exported.as_mut_slice(), EXPORTER_LABEL, b"").ok()?;
        let peer = NodeId::from_bytes(*connection.remote_id().as_bytes());
        let mut seat = seat;
        seat.iter_mut().for_each(Seat::settle);
        Some(Self { peer, exported, connection, send, recv, _seat: seat })
    }

    /// The network key at the other end, as TLS proved it.
    pub fn peer(&self) -> NodeId {
        self.peer
    }

    /// The same 32 bytes at both ends of one connection, and at no other.
    pub fn exported(&self) -> &[u8; 32] {
        &self.exported
    }

    /// Ends it once what was written has arrived, or a moment has passed.
    pub async fn end(mut self) {
        let arrived = async {
            self.send.shutdown().await.ok()?;
            self.send.stopped().await.ok()
        };
        let _gone_already = timeout(Duration::from_millis(FLUSH_MS), arrived).await;
        self.connection.close(0_u32.into(), b"");
    }
}

impl AsyncRead for Meeting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        AsyncRead::poll_read(Pin::new(&mut self.recv), context, buffer)
    }
}

impl AsyncWrite for Meeting {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        AsyncWrite::poll_write(Pin::new(&mut self.send), context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        AsyncWrite::poll_flush(Pin::new(&mut self.send), context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        AsyncWrite::poll_shutdown(Pin::new(&mut self.send), context)
    }
}

/// Where streams that came in are handed over.
#[derive(Debug, Default)]
pub(super) struct Porch(Mutex<Option<mpsc::Sender<Meeting>>>);

impl Porch {
    /// From now on they go to the answered queue alone.
    pub(super) fn open(&self) -> mpsc::Receiver<Meeting> {
        let (sender, receiver) = mpsc::channel(MEETINGS);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        receiver
    }

    /// What nobody waits for, or finds no room, is closed.
    pub(super) fn hand_over(&self, meeting: Meeting) {
        let queue = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(queue) = queue {
            let _closed = queue.try_send(meeting);
        }
    }
}
