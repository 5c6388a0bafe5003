//! The relay that an anchor runs beside its node: iroh's relay over plain HTTP, for nodes that have no direct path to
//! each other. What it passes on is encrypted from end to end; it sees who talks with whom, and how much (docs/security.md).
//! Anybody may use it, within the limits here; nothing of it reaches the store.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use iroh::{Endpoint, EndpointId, RelayUrl, TransportAddr, Watcher as _};
use iroh_relay::KeyCache;
use iroh_relay::server::http_server::{Handlers, RelayService};
use iroh_relay::server::{Access, AccessControl, ClientRateLimit, ClientRequest, ConnectionId};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::admission::Prefix;
use super::door::{self, Door};
use crate::limits::{
    RELAY_BURST_BYTES, RELAY_BYTES_PER_SECOND, RELAY_CLIENTS, RELAY_CLIENTS_PER_PREFIX, RELAY_CONNECTIONS_PER_NODE,
    RELAY_HANDSHAKE_MS, RELAY_PENDING, RELAY_PENDING_PER_PREFIX,
};
use crate::task::{self, TaskGuard};

/// How long the addresses of this machine are waited for, ms: a relay that nobody can be told of helps nobody.
const ADDRESS_MS: u64 = 2_000;
/// Time for its clients to be let go, ms.
const CLOSE_MS: u64 = 1_000;
/// Keys of clients that are kept decompressed.
const KEYS: usize = 2 * RELAY_CLIENTS;

/// A running relay; it ends with this value.
#[derive(Debug)]
pub(super) struct Relay {
    service: RelayService,
    url: RelayUrl,
    door: TaskGuard,
}

impl Relay {
    /// Listens on TCP, next to the node's UDP port where that number is free. `None`, and a line in the log, where it
    /// can't: an anchor works without.
    pub(super) async fn start(endpoint: &Endpoint, listen: Option<SocketAddr>, port: u16) -> Option<Self> {
        let ip = listen.map_or(IpAddr::from(Ipv6Addr::UNSPECIFIED), |addr| addr.ip());
        let mut tries = vec![SocketAddr::new(ip, port), SocketAddr::new(ip, 0)];
        if listen.is_none() {
            // A machine without IPv6.
            tries.extend([port, 0].map(|port| SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port)));
        }
        let told = if ip.is_unspecified() { address(endpoint).await } else { Some(ip) };
        let Some(told) = told else {
            tracing::warn!("no relay: this machine has no address that others could use");
            return None;
        };
        for addr in tries {
            let Ok(listener) = TcpListener::bind(addr).await else { continue };
            let Ok(bound) = listener.local_addr() else { break };
            let url = format!("http://{}", SocketAddr::new(told, bound.port()));
            let Ok(url) = url.parse::<RelayUrl>() else { break };
            let service = service();
            let door = Door::new(RELAY_PENDING, RELAY_PENDING_PER_PREFIX);
            let deadline = Duration::from_millis(RELAY_HANDSHAKE_MS);
            let door = task::spawn(door.keep(listener, service.clone(), deadline));
            return Some(Self { service, url, door });
        }
        tracing::warn!("no relay: its port can't be bound");
        None
    }

    pub(super) fn url(&self) -> &RelayUrl {
        &self.url
    }

    pub(super) async fn stop(self) {
        drop(self.door);
        if timeout(Duration::from_millis(CLOSE_MS), self.service.shutdown()).await.is_err() {
            tracing::debug!("the relay's clients were cut off");
        }
    }
}

fn service() -> RelayService {
    let limit = NonZeroU32::new(RELAY_BYTES_PER_SECOND).map(|rate| {
        let mut limit = ClientRateLimit::new(rate);
        limit.max_burst_bytes = NonZeroU32::new(RELAY_BURST_BYTES);
        limit
    });
    let (guests, keys) = (Arc::new(Guests::default()), KeyCache::new(KEYS));
    RelayService::new(Handlers::default(), door::headers(), limit, keys, guests, Arc::default())
}

/// The address of this machine that others most likely reach.
async fn address(endpoint: &Endpoint) -> Option<IpAddr> {
    let mut known = endpoint.watch_addr();
    let found = async {
        loop {
            let addr = known.get();
            let ips = addr.addrs.iter().filter_map(|addr| match addr {
                TransportAddr::Ip(addr) => Some(addr.ip()),
                _ => None,
            });
            if let Some(best) = ips.max_by_key(reach) {
                return Some(best);
            }
            known.updated().await.ok()?;
        }
    };
    timeout(Duration::from_millis(ADDRESS_MS), found).await.ok().flatten()
}

/// How far an address leads; IPv4 first, as it is what most others have.
fn reach(ip: &IpAddr) -> u8 {
    match ip {
        IpAddr::V4(ip) if ip.is_loopback() || ip.is_link_local() => 1,
        IpAddr::V4(ip) if ip.is_private() => 4,
        IpAddr::V4(_) => 6,
        IpAddr::V6(ip) if ip.is_loopback() || ip.is_unicast_link_local() => 0,
        IpAddr::V6(ip) if ip.is_unique_local() => 3,
        IpAddr::V6(_) => 5,
    }
}

/// Who is connected to the relay: bounded in all, for each node, and for each address prefix but this machine's.
#[derive(Debug, Default)]
struct Guests(Mutex<HashMap<ConnectionId, (EndpointId, Prefix)>>);

impl Guests {
    fn enter(&self, connection: ConnectionId, node: EndpointId, from: Prefix) -> bool {
        let mut guests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = guests.values().filter(|(other, _)| *other == node).count();
        let near = guests.values().filter(|(_, other)| from.is_some() && *other == from).count();
        let fits = guests.len() < RELAY_CLIENTS && here < RELAY_CONNECTIONS_PER_NODE && near < RELAY_CLIENTS_PER_PREFIX;
        if fits {
            guests.insert(connection, (node, from));
        }
        fits
    }

    fn leave(&self, connection: ConnectionId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&connection);
    }
}

impl AccessControl for Guests {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        let from = door::told(request.headers());
        let enters = self.enter(request.connection_id(), request.endpoint_id(), from);
        if enters { Access::Allow } else { Access::Deny { reason: Some("full".to_owned()) } }
    }

    fn on_disconnect(&self, _node: EndpointId, connection: ConnectionId) {
        self.leave(connection);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn node(n: u32) -> EndpointId {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&n.to_le_bytes());
        iroh::SecretKey::from_bytes(&seed).public()
    }

    fn request(n: u32) -> ClientRequest {
        let (parts, ()) = hyper::Request::new(()).into_parts();
        ClientRequest::new(node(n), iroh_relay::http::ProtocolVersion::default(), parts)
    }

    /// Answers the connection, where it may come in.
    fn enter(guests: &Guests, n: u32, from: Prefix) -> Option<ConnectionId> {
        let request = request(n);
        guests.enter(request.connection_id(), request.endpoint_id(), from).then(|| request.connection_id())
    }

    #[test]
    fn neither_a_node_nor_an_address_takes_all_places_and_those_who_leave_make_room() {
        let guests = Guests::default();
        let entered: Vec<_> = (0..9).filter_map(|_| enter(&guests, 0, None)).collect();
        assert_eq!(entered.len(), RELAY_CONNECTIONS_PER_NODE);
        let others = u32::try_from(RELAY_CLIENTS).unwrap() + 5;
        let one = Some([1; 7]);
        let near = (1..others).filter(|n| enter(&guests, *n, one).is_some()).count();
        assert_eq!(near, RELAY_CLIENTS_PER_PREFIX);
        let elsewhere = (others..2 * others).filter(|n| enter(&guests, *n, None).is_some()).count();
        assert_eq!(elsewhere, RELAY_CLIENTS - RELAY_CLIENTS_PER_PREFIX - RELAY_CONNECTIONS_PER_NODE);
        guests.leave(entered[0]);
        assert!(enter(&guests, 3 * others, None).is_some());
        assert!(enter(&guests, 3 * others + 1, None).is_none());
    }

    #[test]
    fn the_address_that_leads_furthest_is_told() {
        let ips = ["127.0.0.1", "::1", "fe80::1", "10.0.0.1", "2001:db8::1", "192.0.2.1"];
        let best = ips.iter().map(|ip| ip.parse::<IpAddr>().unwrap()).max_by_key(reach);
        assert_eq!(best, "192.0.2.1".parse().ok());
        let home = ips[..4].iter().map(|ip| ip.parse::<IpAddr>().unwrap()).max_by_key(reach);
        assert_eq!(home, "10.0.0.1".parse().ok());
    }
}
