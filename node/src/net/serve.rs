//! Streams that peers open. Blobs for others: a request names an entry and a hash, then follows the get protocol of iroh-blobs for exactly
//! that hash. It is served if the entry is stored here with its body, is not deleted, and names the hash; every
//! other answer is the same reset, so that nobody learns what else is here (DESIGN §5). A peer that does not take what
//! it asked for, or drop by drop, loses its place, and no peer has more places than it fetches with.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use iroh_blobs::protocol::{GetRequest, Request};
use iroh_blobs::provider::events::EventSender;
use iroh_blobs::provider::{StreamPair, handle_get};
use rusqlite::{OptionalExtension, params};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::time::{Instant, timeout, timeout_at};

use super::Patience;
use super::blobs::{Blobs, iroh_hash};
use super::driver::Msg;
use super::link::{Activity, BLOBS, Cause, PEERS};
use super::meter::Meter;
use super::referral;
use crate::clock::Clock;
use crate::gate::Gate;
use crate::id::{BlobHash, EntryId, NodeId};
use crate::limits::{FETCH_TURN_BYTES, SERVES, SERVES_PER_PEER};
use crate::store::{Durability, Store};
use crate::sync::{self, ConnId, Direction};
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
    meter: Arc<Meter>,
    clock: Arc<dyn Clock>,
}

/// One connection, to its streams.
struct Asker {
    conn: ConnId,
    peer: NodeId,
    activity: Activity,
    inbox: mpsc::Sender<Msg>,
    /// Of this peer.
    places: Semaphore,
    /// It asked for other nodes already.
    referred: AtomicBool,
}

/// Notes who holds what, and tells who shows how far own messages came.
pub(super) async fn held(
    store: Store,
    gate: Arc<dyn Gate>,
    now_ms: u64,
    peer: NodeId,
    posts: Vec<EntryId>,
    direction: Direction,
) {
    let noted = posts.clone();
    let written = store.write(Durability::Normal, move |tx| sync::holds(tx, peer, &noted, direction, now_ms)).await;
    match written {
        Ok(()) if direction == Direction::Out => gate.taken(posts).await,
        Ok(()) => {}
        Err(error) => tracing::debug!(%error, "who holds what was not written"),
    }
}

impl Server {
    pub(super) fn new(
        store: Store,
        blobs: Blobs,
        patience: Patience,
        meter: Arc<Meter>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, blobs, places: Semaphore::new(SERVES), patience, meter, clock }
    }

    /// Takes the streams that a peer opens beside the sync stream, until the connection ends.
    pub(super) async fn streams(
        self: &Arc<Self>,
        connection: &Connection,
        conn: ConnId,
        activity: &Activity,
        inbox: &mpsc::Sender<Msg>,
    ) -> Cause {
        let mut tasks = Tasks::default();
        let (activity, inbox) = (activity.clone(), inbox.clone());
        let (places, referred) = (Semaphore::new(SERVES_PER_PEER), AtomicBool::new(false));
        let peer = NodeId::from_bytes(*connection.remote_id().as_bytes());
        let asker = Arc::new(Asker { conn, peer, activity, inbox, places, referred });
        loop {
            let (send, recv) = match connection.accept_bi().await {
                Ok(stream) => stream,
                Err(error) => return Cause::of(&error),
            };
            let (server, asker) = (Arc::clone(self), Arc::clone(&asker));
            tasks.spawn("stream", async move { server.stream(send, recv, &asker).await });
        }
    }

    async fn stream(&self, mut send: SendStream, mut recv: RecvStream, asker: &Asker) {
        let Asker { conn, activity, places, .. } = asker;
        let conn = *conn;
        let deadline = Duration::from_millis(self.patience.request_ms);
        let mut kind = [0];
        let read = timeout(deadline, recv.read_exact(&mut kind)).await;
        let read = matches!(read, Ok(Ok(())));
        if read && kind == [PEERS] && !asker.referred.swap(true, Ordering::Relaxed) {
            activity.touch();
            return referral::answer(send, conn, &asker.inbox).await;
        }
        if !read || kind != [BLOBS] {
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
        // Where the hour's budget is spent, others' blobs are not here for now.
        let open = open.filter(|whose| *whose == Whose::Own || self.meter.may_give());
        let (Some(request), Some(whose)) = (wanted, open) else {
            let _closed = (send.reset(NOT_HERE), recv.stop(NOT_HERE));
            return;
        };
        let taken = Taken::default();
        let meter = Some(&*self.meter).filter(|_| whose == Whose::Others);
        let watched = Watched { send: &mut send, activity, taken: &taken, meter };
        let pair = StreamPair::new(conn, &mut recv, watched, EventSender::DEFAULT);
        let served = tokio::select! {
            served = handle_get(pair, self.blobs.store().clone(), request) => Some(served),
            () = self.stalls(&taken) => None,
        };
        match served {
            Some(Ok(())) => {
                let _closed = send.finish();
                // It has come once all of it is acknowledged.
                if let Ok(Ok(None)) = timeout(deadline, send.stopped()).await {
                    self.given(hash, asker).await;
                }
            }
            Some(Err(error)) => tracing::debug!(%error, "a blob was not taken to its end"),
            None => {
                tracing::debug!("a peer does not take the blob that it asked for");
                let _closed = (send.reset(REFUSED), recv.stop(REFUSED));
            }
        }
        activity.touch();
    }

    /// A peer has a blob now: something may wait for that.
    async fn given(&self, hash: BlobHash, asker: &Asker) {
        let (file, peer, now_ms) = (EntryId::from_bytes(hash.to_bytes()), asker.peer, self.clock.unix_ms());
        let note =
            self.store.write(Durability::Normal, move |tx| sync::holds(tx, peer, &[file], Direction::Out, now_ms));
        match note.await {
            Ok(()) => drop(asker.inbox.send(Msg::Given).await),
            Err(error) => tracing::debug!(%error, "it was not noted that a peer has a blob"),
        }
    }

    /// Ends once a peer takes nothing for the time of a request, or too little in a turn: whoever fetches gives up such
    /// a slow source too.
    async fn stalls(&self, taken: &Taken) {
        let (request, turn) =
            (Duration::from_millis(self.patience.request_ms), Duration::from_millis(self.patience.turn_ms));
        let (mut moved, mut began, mut before) = (Instant::now(), Instant::now(), 0);
        loop {
            let some = timeout_at((moved + request).min(began + turn), taken.some.notified()).await.is_ok();
            let now = Instant::now();
            if some {
                moved = now;
            } else if now >= moved + request {
                return;
            }
            if now >= began + turn {
                let bytes = taken.bytes.load(Ordering::Relaxed);
                if bytes - before < FETCH_TURN_BYTES {
                    return;
                }
                (began, before) = (now, bytes);
            }
        }
    }

    /// Whose it is, where this entry is stored here with its body, is not deleted, and names this blob, which is
    /// complete.
    async fn open_to_peers(&self, entry: EntryId, hash: BlobHash) -> Option<Whose> {
        let named = self.store.read(move |db| {
            let named: Option<(String, bool)> = db
                .prepare_cached(
                    "SELECT b.mime, a.own FROM entry e JOIN blob_ref r ON r.entry_row = e.row
                     JOIN blob b ON b.hash = r.hash JOIN author a ON a.row = e.author_row
                     WHERE e.prefix = substr(?1, 1, 8) AND e.id = ?1
                     AND r.hash = ?2 AND b.stored = 1 AND b.hidden = 0 AND e.body IS NOT NULL AND NOT EXISTS
                     (SELECT 1 FROM tombstone t WHERE t.target = e.id AND t.author_row = e.author_row)
                     -- Files that nobody takes for the bucket, or could take as they are named, are given by nobody:
                     -- those who could read them least of all.
                     AND NOT EXISTS
                     (SELECT 1 FROM mail m WHERE m.entry_row = e.row AND (m.files = 0 OR r.size <> b.size))",
                )?
                .query_row(params![entry, hash], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            Ok(named)
        });
        let (mime, own) = named.await.ok()??;
        self.blobs.complete(hash, &mime).await.ok()??;
        Some(if own { Whose::Own } else { Whose::Others })
    }
}

/// Who wrote the entry that names a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Others,
}

/// What a peer took of an answer.
#[derive(Default)]
struct Taken {
    bytes: AtomicU64,
    some: Notify,
}

/// Tells each step of an answer: a long one is no idle connection, and one that does not move ends.
struct Watched<'a> {
    send: &'a mut SendStream,
    activity: &'a Activity,
    taken: &'a Taken,
    /// Where others' content is counted.
    meter: Option<&'a Meter>,
}

impl Watched<'_> {
    fn tell(&self, bytes: usize) {
        self.activity.touch();
        self.taken.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.taken.some.notify_one();
        if let Some(meter) = self.meter {
            meter.give(bytes as u64);
        }
    }
}

impl iroh_blobs::util::SendStream for Watched<'_> {
    async fn send_bytes(&mut self, bytes: Bytes) -> io::Result<()> {
        let len = bytes.len();
        self.send.write_chunk(bytes).await?;
        self.tell(len);
        Ok(())
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.send.write_all(bytes).await?;
        self.tell(bytes.len());
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
