//! A TCP listener with a bounded number of connections. Strangers who only connect must not keep others out: one on
//! which nothing moves for long gives its place back, one that does not ask for anything soon after it came does so
//! earlier, and at once where another needs the place; and one address elsewhere has a share of the places.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, Sleep, sleep};

pub(super) struct Bounded {
    listener: TcpListener,
    places: Arc<Semaphore>,
    /// Connections of one address that is not this machine's.
    share: usize,
    idle: Duration,
    header: Duration,
    all: Arc<All>,
}

impl Bounded {
    /// A connection on which neither side says anything for `idle` ends, and one whose first request has no whole head
    /// within `header`.
    pub(super) fn new(listener: TcpListener, connections: usize, idle: Duration, header: Duration) -> Self {
        let (places, share) = (Arc::new(Semaphore::new(connections)), connections.div_ceil(4));
        Self { listener, places, share, idle, header, all: Arc::default() }
    }

    /// A free place, else that of the connection that has been silent for longest.
    async fn place(&self) -> OwnedSemaphorePermit {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return place;
        }
        let longest = self.all.lock().silent.pop_first();
        if let Some((_, longest)) = longest {
            let _ended_already = longest.send(());
        }
        match Arc::clone(&self.places).acquire_owned().await {
            Ok(place) => place,
            Err(_) => std::future::pending().await, // never closed
        }
    }
}

impl Listener for Bounded {
    type Io = Placed;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Placed, SocketAddr) {
        loop {
            let (stream, addr) = Listener::accept(&mut self.listener).await;
            let Some(counted) = All::count(&self.all, addr.ip(), self.share) else {
                continue;
            };
            let place = self.place().await;
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "no TCP_NODELAY");
            }
            let silent = Some(counted.begin(self.header));
            let end = Box::pin(sleep(self.idle));
            return (Placed { stream, idle: self.idle, end, silent, _counted: counted, _place: place }, addr);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// The address that a request came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

impl Connected<IncomingStream<'_, Bounded>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Bounded>) -> Self {
        Self(stream.remote_addr().ip())
    }
}

/// The connections that are open.
#[derive(Default)]
struct All(Mutex<Open>);

#[derive(Default)]
struct Open {
    last: u64,
    /// How many of each network.
    of: HashMap<IpAddr, usize>,
    /// Those that asked for nothing yet, the first that came first.
    silent: BTreeMap<u64, oneshot::Sender<()>>,
}

impl All {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None`: this address has its share. This machine has no share: all of its users come from one address.
    fn count(all: &Arc<Self>, ip: IpAddr, share: usize) -> Option<Counted> {
        let from = network(ip);
        let mut open = all.lock();
        let count = open.of.entry(from).or_default();
        if *count >= share && !from.is_loopback() {
            return None;
        }
        *count += 1;
        open.last += 1;
        let number = open.last;
        Some(Counted { all: Arc::clone(all), from, number })
    }
}

/// An IPv4 address, or the half of an IPv6 address that a home or a server has for itself.
pub(super) fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) if !ip.is_loopback() => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
        ip => ip,
    }
}

/// An open connection; it is counted until it is dropped.
struct Counted {
    all: Arc<All>,
    from: IpAddr,
    number: u64,
}

impl Counted {
    fn begin(&self, header: Duration) -> Silent {
        let (tell, told) = oneshot::channel();
        self.all.lock().silent.insert(self.number, tell);
        Silent { all: Arc::clone(&self.all), number: self.number, told, end: Box::pin(sleep(header)), line: 0 }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.all.lock();
        if let Some(count) = open.of.get_mut(&self.from) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.of.remove(&self.from);
            }
        }
    }
}

/// A connection whose first request has not come whole.
struct Silent {
    all: Arc<All>,
    number: u64,
    told: oneshot::Receiver<()>,
    end: Pin<Box<Sleep>>,
    /// Bytes of the line under way.
    line: usize,
}

impl Silent {
    /// Whether the head of the request is whole: an empty line ends it.
    fn ends_with(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().any(|byte| {
            let empty = *byte == b'\n' && self.line == 0;
            self.line = match byte {
                b'\n' => 0,
                b'\r' => self.line,
                _ => self.line.saturating_add(1),
            };
            empty
        })
    }

    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        Pin::new(&mut self.told).poll(cx).is_ready() || self.end.as_mut().poll(cx).is_ready()
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.all.lock().silent.remove(&self.number);
    }
}

/// A connection that gives its place back when it is dropped.
pub(super) struct Placed {
    stream: TcpStream,
    idle: Duration,
    end: Pin<Box<Sleep>>,
    silent: Option<Silent>,
    _counted: Counted,
    _place: OwnedSemaphorePermit,
}

impl Placed {
    /// What moves puts the end off; what does not move waits for it too.
    fn or_end<T>(&mut self, moved: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if moved.is_ready() {
            self.end.as_mut().reset(Instant::now() + self.idle);
            return moved;
        }
        self.end.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Placed {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let Some(silent) = &mut self.silent {
            if silent.ends_with(buf.filled().get(before..).unwrap_or_default()) {
                self.silent = None;
            } else if silent.is_over(cx) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        self.or_end(read, cx)
    }
}

impl AsyncWrite for Placed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.or_end(written, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.or_end(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const LONG: Duration = Duration::from_secs(600);
    const SHORT: Duration = Duration::from_millis(50);

    async fn bounded(connections: usize, idle: Duration, header: Duration) -> (Bounded, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        (Bounded::new(listener, connections, idle, header), addr)
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_gives_its_place_back() {
        let (mut bounded, addr) = bounded(1, SHORT, LONG).await;
        let _silent = TcpStream::connect(addr).await.unwrap();
        let _next = TcpStream::connect(addr).await.unwrap();
        let (mut placed, _) = bounded.accept().await;
        let error = placed.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(placed);
        bounded.accept().await;
    }

    #[tokio::test]
    async fn half_a_request_has_a_deadline_however_often_a_byte_comes() {
        let (mut bounded, addr) = bounded(2, LONG, SHORT).await;
        let mut slow = TcpStream::connect(addr).await.unwrap();
        let (mut placed, _) = bounded.accept().await;
        slow.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        let mut often = tokio::time::interval(SHORT / 10);
        let drip = async {
            loop {
                often.tick().await;
                let _closed = slow.write_all(b"x").await;
            }
        };
        let mut read = Vec::new();
        let error = tokio::select! {
            () = drip => None,
            read = placed.read_to_end(&mut read) => read.err(),
        };
        assert_eq!(error.map(|error| error.kind()), Some(io::ErrorKind::TimedOut));

        let mut asks = TcpStream::connect(addr).await.unwrap();
        let (mut placed, _) = bounded.accept().await;
        asks.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut head = [0; 27];
        placed.read_exact(&mut head).await.unwrap();
        assert!(tokio::time::timeout(2 * SHORT, placed.read_u8()).await.is_err(), "it asked: it may rest");
    }

    #[tokio::test]
    async fn silent_connections_give_way_the_first_first_and_those_that_asked_do_not() {
        let (mut bounded, addr) = bounded(3, LONG, LONG).await;
        let mut clients = Vec::new();
        let mut placed = Vec::new();
        for _ in 0..3 {
            clients.push(TcpStream::connect(addr).await.unwrap());
            placed.push(bounded.accept().await.0);
        }
        clients.first_mut().unwrap().write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut head = [0; 18];
        placed.first_mut().unwrap().read_exact(&mut head).await.unwrap();
        let _last = TcpStream::connect(addr).await.unwrap();
        let mut second = placed.remove(1);
        let gone = async {
            let error = second.read_u8().await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            drop(second);
        };
        tokio::time::timeout(LONG / 60, async { tokio::join!(bounded.accept(), gone) }).await.unwrap();
    }

    #[test]
    fn an_address_elsewhere_has_a_share_and_this_machine_all() {
        let all = Arc::default();
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let count = |text: &str| All::count(&all, ip(text), 2);
        let held: Vec<Counted> = ["10.0.0.1", "::ffff:10.0.0.1"].into_iter().filter_map(count).collect();
        assert!(held.len() == 2 && count("10.0.0.1").is_none() && count("10.0.0.2").is_some());
        let home: Vec<Counted> = ["2001:db8::1", "2001:db8::2:1"].into_iter().filter_map(count).collect();
        assert!(home.len() == 2 && count("2001:db8::3").is_none() && count("2001:db8:0:1::1").is_some());
        let here: Vec<Counted> = std::iter::repeat_n("127.0.0.1", 9).filter_map(count).collect();
        assert_eq!(here.len(), 9);
        drop(held);
        assert!(count("10.0.0.1").is_some());
    }
}
