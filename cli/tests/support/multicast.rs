//! Whether programs on this machine hear each other by multicast, as mDNS needs it.
#![allow(unreachable_pub, dead_code)]

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType, bind, socket, sockopt};

/// Of documentation, so that nothing else on a network says anything there (RFC 5771).
const GROUP: Ipv4Addr = Ipv4Addr::new(233, 252, 0, 53);

/// # Errors
/// Why not.
pub fn is_heard() -> io::Result<()> {
    let heard = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    heard.join_multicast_v4(&GROUP, &Ipv4Addr::UNSPECIFIED)?;
    heard.set_read_timeout(Some(Duration::from_secs(2)))?;
    let port = heard.local_addr()?.port();
    UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?.send_to(b"kith", SocketAddr::new(GROUP.into(), port))?;
    let mut bytes = [0; 4];
    heard.recv_from(&mut bytes).map(drop)
}

/// Where mDNS is spoken (RFC 6762).
const MDNS: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(224, 0, 0, 251), 5353);

/// Somebody on the network who listens to all that mDNS says.
pub struct PasserBy(UdpSocket);

impl PasserBy {
    /// # Errors
    /// Where mDNS can't be heard.
    pub fn new() -> io::Result<Self> {
        let fd = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
        sockopt::set_socket_reuseaddr(&fd, true)?;
        sockopt::set_socket_reuseport(&fd, true)?;
        bind(&fd, &SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, MDNS.port()))?;
        let socket = UdpSocket::from(fd);
        socket.join_multicast_v4(MDNS.ip(), &Ipv4Addr::UNSPECIFIED)?;
        socket.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self(socket))
    }

    /// The next packets that hold this, until `enough` says so; as long as any come, and a minute at most.
    pub fn hears(&self, about: &[u8], mut enough: impl FnMut(&[Vec<u8>]) -> bool) -> io::Result<Vec<Vec<u8>>> {
        let (mut heard, start) = (Vec::new(), Instant::now());
        while !enough(&heard) && start.elapsed() < Duration::from_secs(60) {
            let mut packet = vec![0; 9_000];
            let (length, _) = self.0.recv_from(&mut packet)?;
            packet.truncate(length);
            if packet.windows(about.len()).any(|window| window == about) {
                heard.push(packet);
            }
        }
        Ok(heard)
    }

    /// Forgets what was said until now: what is heard from here on was said later.
    pub fn looks_up(&self) -> io::Result<()> {
        let mark = format!("kith test {} {:?}", std::process::id(), Instant::now());
        UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?.send_to(mark.as_bytes(), SocketAddr::V4(MDNS))?;
        self.hears(mark.as_bytes(), |heard| !heard.is_empty()).map(drop)
    }
}
