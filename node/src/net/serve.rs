//! Blobs for others. A request names an entry and a hash, then follows the get protocol of iroh-blobs for exactly
//! that hash. It is served if the entry is stored here with its body, is not deleted, and names the hash; every
//! other answer is the same reset, so that nobody learns what else is here (DESIGN §5). A peer that does not take what
//! it asked for loses its place, and no peer has more places than it fetches with.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use iroh_blobs::protocol::{GetRequest, Request};
use iroh_blobs::provider::events::EventSender;
use iroh_blobs::provider::{StreamPair, handle_get};
use rusqlite::{OptionalExtension, params};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

use super::Patience;
use super::blobs::{Blobs, iroh_hash};
use super::link::{Activity, BLOBS, Cause};
use crate::id::{BlobHash, EntryId};
use crate::limits::{SERVES, SERVES_PER_PEER};
use crate::store::Store;
use crate::task::Tasks;

/// The stream's type is unknown, or not open to peers.
pub(super) const REFUSED: VarInt = VarInt::from_u32(1);
/// Not here, or not for you.
pub(super) const NOT_HERE: VarInt = VarInt::from_u32(2);

#[derive(Debug)]
pub(super) struct Server {
    store: Store,
    blobs: Blobs,
    places: Semaphore,
    patience: Patience,
}

impl Server {
    pub(super) fn new(store: Store, blobs: Blobs, patience: Patience) -> Self {
        Self { store, blobs, places: Semaphore::new(SERVES), patience }
    }

    /// Takes the streams that a peer opens beside the sync stream, until the connection ends.
    pub(super) async fn streams(self: &Arc<Self>, connection: &Connection, activity: &Activity) -> Cause {
        let mut tasks = Tasks::default();
        let places = Arc::new(Semaphore::new(SERVES_PER_PEER));
        loop {
            let (send, recv) = match connection.accept_bi().await {
                Ok(stream) => stream,
                Err(error) => return Cause::of(&error),
            };
            let (server, places, activity) = (Arc::clone(self), Arc::clone(&places), activity.clone());
            let conn = connection.stable_id() as u64;
            tasks.spawn("blob stream", async move { server.stream(conn, send, recv, &places, &activity).await });
        }
    }

    /// `places`: of this peer.
    async fn stream(
        &self,
        conn: u64,
        mut send: SendStream,
        mut recv: RecvStream,
        places: &Semaphore,
        activity: &Activity,
    ) {
        let deadline = Duration::from_millis(self.patience.request_ms);
        let mut kind = [0];
        let read = timeout(deadline, recv.read_exact(&mut kind)).await;
        if !matches!(read, Ok(Ok(()))) || kind != [BLOBS] {
            let _closed = (send.reset(REFUSED), recv.stop(REFUSED));
            return;
        }
        activity.touch();
        let Ok(Some((entry, hash, request))) = timeout(deadline, read_request(conn, &mut send, &mut recv)).await else {
            let _closed = (send.reset(NOT_HERE), recv.stop(NOT_HERE));
            return;
        };
        // Its own first, so that whoever waits for one of those takes none of all.
        let (Ok(_own), Ok(_place)) = (places.acquire().await, self.places.acquire().await) else { return };
        let wanted = request.filter(|request| request.hash == iroh_hash(hash) && request.ranges.is_blob());
        // Asked in every case, so that all refusals cost the same.
        let open = self.open_to_peers(entry, hash).await;
        let (Some(request), true) = (wanted, open) else {
            let _closed = (send.reset(NOT_HERE), recv.stop(NOT_HERE));
            return;
        };
        let moved = Notify::new();
        let watched = Watched { send: &mut send, activity, moved: &moved };
        let pair = StreamPair::new(conn, &mut recv, watched, EventSender::DEFAULT);
        let served = tokio::select! {
            served = handle_get(pair, self.blobs.store().clone(), request) => Some(served),
            () = async { while timeout(deadline, moved.notified()).await.is_ok() {} } => None,
        };
        match served {
            Some(Ok(())) => {
                let _closed = send.finish();
            }
            Some(Err(error)) => tracing::debug!(%error, "a blob was not taken to its end"),
            None => {
                tracing::debug!("a peer does not take the blob that it asked for");
                let _closed = (send.reset(REFUSED), recv.stop(REFUSED));
            }
        }
        activity.touch();
    }

    /// Whether this entry is stored here with its body, is not deleted, and names this blob, which is complete.
    async fn open_to_peers(&self, entry: EntryId, hash: BlobHash) -> bool {
        let named = self.store.read(move |db| {
            let mime: Option<String> = db
                .prepare_cached(
                    "SELECT b.mime FROM entry e JOIN blob_ref r ON r.entry_row = e.row JOIN blob b ON b.hash = r.hash
                     WHERE e.id = ?1 AND r.hash = ?2 AND b.stored = 1 AND e.body IS NOT NULL AND NOT EXISTS
                     (SELECT 1 FROM tombstone t WHERE t.target = e.id AND t.author_row = e.author_row)",
                )?
                .query_row(params![entry, hash], |row| row.get(0))
                .optional()?;
            Ok(mime)
        });
        match named.await {
            Ok(Some(mime)) => matches!(self.blobs.complete(hash, &mime).await, Ok(Some(_))),
            _ => false,
        }
    }
}

/// Tells each step of an answer: a long one is no idle connection, and one that does not move ends.
struct Watched<'a> {
    send: &'a mut SendStream,
    activity: &'a Activity,
    moved: &'a Notify,
}

impl Watched<'_> {
    fn tell(&self) {
        self.activity.touch();
        self.moved.notify_one();
    }
}

impl iroh_blobs::util::SendStream for Watched<'_> {
    async fn send_bytes(&mut self, bytes: Bytes) -> io::Result<()> {
        self.send.write_chunk(bytes).await?;
        self.tell();
        Ok(())
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.send.write_all(bytes).await?;
        self.tell();
        Ok(())
    }

    async fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn reset(&mut self, code: VarInt) -> io::Result<()> {
        Ok(self.send.reset(code)?)
    }

    async fn stopped(&mut self) -> io::Result<Option<VarInt>> {
        self.send.stopped().await
    }

    fn id(&self) -> u64 {
        iroh_blobs::util::SendStream::id(&*self.send)
    }
}

/// `None` where it broke off; no request where it is of a kind that is not served.
async fn read_request(
    conn: u64,
    send: &mut SendStream,
    recv: &mut RecvStream,
) -> Option<(EntryId, BlobHash, Option<GetRequest>)> {
    let (mut entry, mut hash) = ([0; 32], [0; 32]);
    recv.read_exact(&mut entry).await.ok()?;
    recv.read_exact(&mut hash).await.ok()?;
    let mut pair = StreamPair::new(conn, recv, send, EventSender::DEFAULT);
    let request = match pair.read_request().await.ok()? {
        Request::Get(request) => Some(request),
        _ => None,
    };
    Some((EntryId::from_bytes(entry), BlobHash::from_bytes(hash), request))
}
