//! The relay that an anchor runs beside its node: iroh's relay over plain HTTP, for nodes that have no direct path to
//! each other. What it passes on is encrypted from end to end; it sees who talks with whom, and how much (docs/security.md).
//! Anybody may use it, within the limits here; nothing of it reaches the store.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use iroh::{Endpoint, EndpointId, RelayUrl, TransportAddr, Watcher as _};
use iroh_relay::server::{
    Access, AccessControl, ClientRateLimit, ClientRequest, ConnectionId, Limits, RelayConfig, Server, ServerConfig,
};
use tokio::time::timeout;

use crate::limits::{RELAY_BURST_BYTES, RELAY_BYTES_PER_SECOND, RELAY_CLIENTS, RELAY_CONNECTIONS_PER_NODE};

/// How long the addresses of this machine are waited for, ms: a relay that nobody can be told of helps nobody.
const ADDRESS_MS: u64 = 2_000;
/// Time for its clients to be let go, ms.
const CLOSE_MS: u64 = 1_000;

/// A running relay; it ends with this value.
#[derive(Debug)]
pub(super) struct Relay {
    server: Server,
    url: RelayUrl,
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
            let Ok(server) = Server::spawn(config(addr)).await else { continue };
            let Some(bound) = server.http_addr() else { break };
            let url = format!("http://{}", SocketAddr::new(told, bound.port()));
            let Ok(url) = url.parse::<RelayUrl>() else { break };
            return Some(Self { server, url });
        }
        tracing::warn!("no relay: its port can't be bound");
        None
    }

    pub(super) fn url(&self) -> &RelayUrl {
        &self.url
    }

    pub(super) async fn stop(self) {
        if timeout(Duration::from_millis(CLOSE_MS), self.server.shutdown()).await.is_err() {
            tracing::debug!("the relay's clients were cut off");
        }
    }
}

fn config(addr: SocketAddr) -> ServerConfig {
    let mut relay = RelayConfig::new(addr);
    relay.access = Arc::new(Guests::default());
    relay.limits = limits();
    let mut config = ServerConfig::default();
    config.relay = Some(relay);
    config
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.client_rx = NonZeroU32::new(RELAY_BYTES_PER_SECOND).map(|rate| {
        let mut limit = ClientRateLimit::new(rate);
        limit.max_burst_bytes = NonZeroU32::new(RELAY_BURST_BYTES);
        limit
    });
    limits
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

/// Who is connected to the relay: bounded in all and for each node.
#[derive(Debug, Default)]
struct Guests(Mutex<HashMap<EndpointId, usize>>);

impl Guests {
    fn enter(&self, node: EndpointId) -> bool {
        let mut guests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = guests.values().sum();
        let here = guests.get(&node).copied().unwrap_or(0);
        let fits = all < RELAY_CLIENTS && here < RELAY_CONNECTIONS_PER_NODE;
        if fits {
            guests.insert(node, here + 1);
        }
        fits
    }

    fn leave(&self, node: EndpointId) {
        let mut guests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = guests.get_mut(&node) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                guests.remove(&node);
            }
        }
    }
}

impl AccessControl for Guests {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        if self.enter(request.endpoint_id()) { Access::Allow } else { Access::Deny { reason: Some("full".to_owned()) } }
    }

    fn on_disconnect(&self, node: EndpointId, _connection: ConnectionId) {
        self.leave(node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: u32) -> EndpointId {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&n.to_le_bytes());
        iroh::SecretKey::from_bytes(&seed).public()
    }

    #[test]
    fn one_node_never_takes_all_places_and_those_who_leave_make_room() {
        let guests = Guests::default();
        let entered = (0..RELAY_CONNECTIONS_PER_NODE + 5).filter(|_| guests.enter(node(0))).count();
        assert_eq!(entered, RELAY_CONNECTIONS_PER_NODE);
        let others = u32::try_from(RELAY_CLIENTS).unwrap() + 5;
        let entered = (1..others).filter(|n| guests.enter(node(*n))).count();
        assert_eq!(entered, RELAY_CLIENTS - RELAY_CONNECTIONS_PER_NODE);
        guests.leave(node(0));
        assert!(guests.enter(node(others)));
        assert!(!guests.enter(node(others + 1)));
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
