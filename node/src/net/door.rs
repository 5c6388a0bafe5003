//! What stands before the relay of an anchor: its TCP connections until they have shown which node they are. Those are
//! bounded, in all and for each address prefix but this machine's, and have a deadline: strangers who only connect take
//! neither the files that the process may open nor the places of others.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{self, Ready};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use iroh_relay::http::RELAY_PROBE_PATH;
use iroh_relay::server::RelayService;
use iroh_relay::server::http_server::{BytesBody, HyperError, RelayServiceWithNotify};
use iroh_relay::server::streams::MaybeTlsStream;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::time::{sleep, timeout};

use super::admission::{Prefix, prefix};
use crate::task::Tasks;

/// The header in which the service is told the prefix; what a client says in it is overwritten.
const FROM: &str = "kith-from";
/// Wait after no connection could be taken, ms: mostly the process has no files left.
const REST_MS: u64 = 100;

/// What every answer carries.
pub(super) fn headers() -> HeaderMap {
    HeaderMap::from_iter([(hyper::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))])
}

/// The prefix that a request came from; `None`: this machine.
pub(super) fn told(headers: &HeaderMap) -> Prefix {
    let hex = data_encoding::HEXLOWER.decode(headers.get(FROM)?.as_bytes()).ok()?;
    hex.try_into().ok()
}

/// Counts of connections that have not shown who they are.
#[derive(Debug)]
pub(super) struct Door {
    places: usize,
    share: usize,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    of: HashMap<[u8; 7], usize>,
}

impl Door {
    /// `places`: at once; `share`: of one prefix.
    pub(super) fn new(places: usize, share: usize) -> Arc<Self> {
        Arc::new(Self { places, share, counts: Mutex::default() })
    }

    /// Takes connections until it is dropped. One that has not shown within `deadline` which node it is ends.
    pub(super) async fn keep(self: Arc<Self>, listener: TcpListener, service: RelayService, deadline: Duration) {
        let mut tasks = Tasks::default();
        loop {
            let Ok((stream, addr)) = listener.accept().await else {
                sleep(Duration::from_millis(REST_MS)).await;
                continue;
            };
            let Some((seat, over)) = self.enter(addr) else { continue };
            tasks.spawn("relay connection", serve(service.clone(), stream, seat, over, deadline));
        }
    }

    /// `None`: there is no place. The receiver is told when the seat is given back.
    fn enter(self: &Arc<Self>, addr: SocketAddr) -> Option<(Seat, oneshot::Receiver<()>)> {
        let from = (!addr.ip().to_canonical().is_loopback()).then(|| prefix(addr.ip()));
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let near = from.and_then(|from| counts.of.get(&from)).copied().unwrap_or(0);
        if counts.all >= self.places || near >= self.share {
            return None;
        }
        counts.all += 1;
        if let Some(from) = from {
            counts.of.insert(from, near + 1);
        }
        let (tell, over) = oneshot::channel();
        Some((Seat { door: Arc::clone(self), from, _over: tell }, over))
    }
}

/// A place at the door, until it is dropped.
#[derive(Debug)]
struct Seat {
    door: Arc<Door>,
    from: Prefix,
    _over: oneshot::Sender<()>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.door.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all = counts.all.saturating_sub(1);
        if let Some(from) = self.from {
            let near = counts.of.get(&from).map_or(0, |near| near.saturating_sub(1));
            if near == 0 {
                counts.of.remove(&from)
            } else {
                counts.of.insert(from, near)
            };
        }
    }
}

/// Returns once the connection has shown who it is, or ended, or was ended by the deadline.
async fn serve(service: RelayService, stream: TcpStream, seat: Seat, over: oneshot::Receiver<()>, deadline: Duration) {
    // The service takes the stream itself, and ends no handshake by itself; by its twin the connection can be cut.
    let twins = stream.into_std().and_then(|twin| Ok((TcpStream::from_std(twin.try_clone()?)?, twin)));
    let Ok((stream, twin)) = twins else { return };
    let service = RelayServiceWithNotify::new(service, Arc::new(Notify::new()));
    let visitor = Visitor { service, seat: Arc::new(seat) };
    let io = TokioIo::new(MaybeTlsStream::Plain(stream));
    let whole = async {
        let _ended = http1::Builder::new().serve_connection(io, visitor).with_upgrades().await;
        // The request that became a relay's client holds the seat on until the client is known.
        let _given_back = over.await;
    };
    if timeout(deadline, whole).await.is_err() {
        let _closed_already = twin.shutdown(Shutdown::Both);
    }
}

/// One connection, as the HTTP server sees it.
struct Visitor {
    service: RelayServiceWithNotify,
    seat: Arc<Seat>,
}

impl Service<Request<Incoming>> for Visitor {
    type Response = Response<BytesBody>;
    type Error = HyperError;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        if request.uri().path() == RELAY_PROBE_PATH {
            let body: BytesBody = Box::new(Nothing);
            let mut response = Response::new(body);
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            return future::ready(Ok(response));
        }
        request.headers_mut().remove(FROM);
        let from = self.seat.from.map(|from| data_encoding::HEXLOWER.encode(&from));
        if let Some(from) = from.and_then(|from| HeaderValue::from_str(&from).ok()) {
            request.headers_mut().insert(FROM, from);
        }
        request.extensions_mut().insert(Arc::clone(&self.seat));
        self.service.call(request)
    }
}

/// An empty body.
struct Nothing;

impl Body for Nothing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use iroh_relay::KeyCache;
    use iroh_relay::server::AllowAll;
    use iroh_relay::server::http_server::Handlers;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::task;

    const PATIENCE: Duration = Duration::from_secs(20);
    const SHORT: Duration = Duration::from_millis(300);
    const UPGRADE: &str = "GET /relay HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Protocol: iroh-relay-v1\r\n\r\n";

    async fn open(door: &Arc<Door>, deadline: Duration) -> (SocketAddr, task::TaskGuard) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (keys, access) = (KeyCache::new(8), Arc::new(AllowAll));
        let service = RelayService::new(Handlers::default(), headers(), None, keys, access, Arc::default());
        (addr, task::spawn(Arc::clone(door).keep(listener, service, deadline)))
    }

    /// What comes until the other side ends.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        let _ended_or_reset = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[tokio::test]
    async fn those_who_only_connect_or_only_upgrade_are_bounded_and_end() {
        let door = Door::new(2, 1);
        let (addr, _open) = open(&door, SHORT).await;
        let mut silent = TcpStream::connect(addr).await.unwrap();
        let mut upgraded = TcpStream::connect(addr).await.unwrap();
        upgraded.write_all(UPGRADE.as_bytes()).await.unwrap();
        let mut begin = [0; 12];
        upgraded.read_exact(&mut begin).await.unwrap();
        assert_eq!(&begin, b"HTTP/1.1 101");
        assert_eq!(door.counts.lock().unwrap().all, 2, "the upgraded one is no client yet");
        let mut more = TcpStream::connect(addr).await.unwrap();
        assert_eq!(rest(&mut more).await, "", "no place");
        rest(&mut silent).await;
        rest(&mut upgraded).await;

        let waits = async {
            while door.counts.lock().unwrap().all > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, waits).await.unwrap();
        let mut probe = TcpStream::connect(addr).await.unwrap();
        probe.write_all(b"GET /ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
        assert!(rest(&mut probe).await.starts_with("HTTP/1.1 200"));
    }

    #[test]
    fn a_prefix_has_its_share_and_this_machine_all() {
        let addr = |text: &str| text.parse::<SocketAddr>().unwrap();
        let door = Door::new(6, 2);
        let near: Vec<_> = ["192.0.2.1:1", "[::ffff:192.0.2.9]:2"].map(|from| door.enter(addr(from)).unwrap()).into();
        assert!(door.enter(addr("192.0.2.7:3")).is_none());
        let here: Vec<_> = (1..9).filter_map(|port| door.enter(addr(&format!("127.0.0.1:{port}")))).collect();
        assert_eq!(here.len(), 4);
        assert!(door.enter(addr("203.0.113.1:1")).is_none(), "all places are taken");
        drop(near);
        let (seat, _) = door.enter(addr("192.0.2.7:3")).unwrap();
        let from = data_encoding::HEXLOWER.encode(&seat.from.unwrap());
        let headers = HeaderMap::from_iter([(FROM.parse().unwrap(), HeaderValue::from_str(&from).unwrap())]);
        assert_eq!(told(&headers), seat.from);
        assert_eq!(told(&HeaderMap::new()), None);
    }
}
