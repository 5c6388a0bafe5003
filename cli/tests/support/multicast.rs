//! Whether programs on this machine hear each other by multicast, as mDNS needs it.
#![allow(unreachable_pub, dead_code)]

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

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
