//! The iroh endpoint of a compartment: what it binds, what it lets peers use, what it tells the world.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use iroh::address_lookup::{AddrFilter, DnsAddressLookup, PkarrPublisher, PkarrResolver};
use iroh::endpoint::{
    BindOpts, Builder, IdleTimeout, NetReportConfig, PortmapperConfig, QuicTransportConfig, VarInt, presets,
};
use iroh::{Endpoint, RelayConfig, RelayMap, RelayMode, RelayUrl, SecretKey, TransportAddr, Watcher as _};
use iroh_mdns_address_lookup::MdnsAddressLookup;

use super::NetConfig;
use super::ticket::{Addr, Ticket, addr_of};
use crate::error::{Error, Result};
use crate::id::NodeId;
use crate::limits::{
    CONNECTION_WINDOW_BYTES, IDLE_MS, RELAY_HINTS, STREAM_WINDOW_BYTES, STREAMS_PER_PEER, TICKET_ADDRS,
};

/// The one protocol of all streams.
pub(super) const ALPN: &[u8] = b"kith/1";
/// Under which nodes on a home network find each other.
const MDNS_SERVICE: &str = "kith1";

/// How often, and how far apart (ms), the remembered port is asked for before another one is taken.
const PORT_TRIES: u32 = 20;
const PORT_WAIT_MS: u64 = 25;

/// A bound endpoint, and the mDNS service where this network is home.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) endpoint: Endpoint,
    pub(super) mdns: Option<MdnsAddressLookup>,
}

/// Binds; where the remembered port is taken, any other.
///
/// # Errors
/// [`Error::Network`] when the address that was asked for can't be bound.
pub(super) async fn bind(config: &NetConfig, port: Option<u16>) -> Result<Bound> {
    let wanted = config.listen.map_or(0, |addr| addr.port());
    let endpoint = match port.filter(|port| wanted == 0 && *port != 0) {
        Some(port) => match bind_remembered(config, port).await {
            Some(endpoint) => endpoint,
            None => bind_first(config).await?,
        },
        None if wanted == 0 && config.listen.is_none() => bind_first(config).await?,
        None => try_bind(config, wanted).await?,
    };
    let mdns = if config.lan && !config.offline { start_mdns(&endpoint) } else { None };
    Ok(Bound { endpoint, mdns })
}

pub(super) fn node_id(secret: &[u8; 32]) -> NodeId {
    NodeId::from_bytes(*SecretKey::from_bytes(secret).public().as_bytes())
}

/// The relay through which others reach the endpoint now.
pub(super) fn home_relay(endpoint: &Endpoint) -> Option<RelayUrl> {
    let relays = endpoint.home_relay_status().get();
    relays.iter().find(|relay| relay.is_connected()).map(|relay| relay.url().clone())
}

/// Uses one more relay. Without QUIC address discovery, which takes a certificate: its port answers TCP alone.
pub(super) async fn use_relay(endpoint: &Endpoint, url: RelayUrl) {
    endpoint.insert_relay(url.clone(), Arc::new(RelayConfig::new(url, None))).await;
}

/// Where others may reach the endpoint now. `relay`: its own.
pub(super) fn ticket(endpoint: &Endpoint, node: NodeId, offline: bool, relay: Option<&RelayUrl>) -> Ticket {
    let bound = endpoint.bound_sockets();
    let fixed = bound.iter().filter(|addr| !addr.ip().is_unspecified()).copied();
    let known = endpoint.addr();
    let found = known.addrs.iter().filter(|addr| match addr {
        TransportAddr::Ip(addr) => !addr.ip().is_loopback(),
        _ => true,
    });
    let mut addrs: Vec<Addr> = fixed.map(Addr::Ip).collect();
    addrs.extend(found.filter_map(addr_of));
    // A router may open another port for a while; what this node binds again goes first, as there is room for few.
    let stays = |addr: &Addr| matches!(addr, Addr::Ip(addr) if bound.iter().any(|own| own.port() == addr.port()));
    addrs.sort_by_key(|addr| !stays(addr));
    // A relay has its place however many interfaces there are: it is what is left where no direct path is.
    let (mut relays, mut direct): (Vec<Addr>, Vec<Addr>) =
        addrs.into_iter().partition(|addr| matches!(addr, Addr::Relay(_)));
    if let Some(relay) = relay.map(|url| Addr::Relay(url.to_string()))
        && !relays.contains(&relay)
    {
        relays.insert(0, relay);
    }
    relays.truncate(RELAY_HINTS);
    direct.truncate(TICKET_ADDRS - RELAY_HINTS);
    let mut addrs = direct;
    if offline || addrs.is_empty() {
        addrs.extend(bound.iter().filter(|addr| addr.ip().is_unspecified()).map(|addr| {
            let ip = if addr.is_ipv4() { IpAddr::from(Ipv4Addr::LOCALHOST) } else { Ipv6Addr::LOCALHOST.into() };
            Addr::Ip(SocketAddr::new(ip, addr.port()))
        }));
    }
    addrs.extend(relays);
    Ticket::new(node, addrs)
}

/// `None` where somebody else has the port. A closed endpoint lets go of its own only after its tasks have ended, so a
/// resume may have to ask again.
async fn bind_remembered(config: &NetConfig, port: u16) -> Option<Endpoint> {
    for _ in 0..PORT_TRIES {
        if let Ok(endpoint) = try_bind(config, port).await {
            // The other kind may still be held by the run before, too.
            let whole = config.listen.is_some() || free_port().is_none() || is_one_port(&endpoint.bound_sockets());
            if whole {
                return Some(endpoint);
            }
            endpoint.close().await;
        }
        tokio::time::sleep(Duration::from_millis(PORT_WAIT_MS)).await;
    }
    // Held by somebody else: one kind at the known port is better than both at another.
    try_bind(config, port).await.ok()
}

/// Binds any port: the same one for both kinds of addresses, as a profile keeps one.
async fn bind_first(config: &NetConfig) -> Result<Endpoint> {
    if config.listen.is_none() {
        for _ in 0..PORT_TRIES {
            let Some(port) = free_port() else { break };
            // Somebody else may have taken it since.
            match try_bind(config, port).await {
                Ok(endpoint) if is_one_port(&endpoint.bound_sockets()) => return Ok(endpoint),
                Ok(endpoint) => endpoint.close().await,
                Err(_) => {}
            }
        }
    }
    try_bind(config, 0).await
}

/// A port that was free a moment ago for IPv6, and for IPv4 where one socket takes both.
fn free_port() -> Option<u16> {
    Some(UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).ok()?.local_addr().ok()?.port())
}

/// Both kinds are bound, at one port.
fn is_one_port(bound: &[SocketAddr]) -> bool {
    let mut ports = bound.iter().map(SocketAddr::port);
    let first = ports.next();
    bound.len() > 1 && ports.all(|port| Some(port) == first)
}

async fn try_bind(config: &NetConfig, port: u16) -> Result<Endpoint> {
    let mut builder = Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(&config.secret))
        .alpns(vec![ALPN.to_vec()])
        .transport_config(transport())
        .clear_ip_transports();
    builder = match config.listen {
        Some(addr) => bind_at(builder, SocketAddr::new(addr.ip(), port), true)?,
        None => {
            let v4 = bind_at(builder, SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port), true)?;
            bind_at(v4, SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port), false)?
        }
    };
    if config.offline {
        builder = builder.relay_mode(RelayMode::Disabled).net_report_config(NetReportConfig::minimal());
    } else if !config.public_relays {
        // The relays of anchors come when those are known. Which one is near is asked of them alone.
        let mut report = NetReportConfig::minimal();
        report.https_probes = true;
        builder = builder.relay_mode(RelayMode::Custom(RelayMap::empty())).net_report_config(report);
    } else {
        // Relays and lookup know this node by its key; its addresses they are not told.
        builder = builder
            .relay_mode(RelayMode::Default)
            .address_lookup(PkarrPublisher::n0_dns().addr_filter(AddrFilter::relay_only()))
            .address_lookup(PkarrResolver::n0_dns())
            .address_lookup(DnsAddressLookup::n0_dns());
    }
    if config.offline {
        builder = builder.portmapper_config(PortmapperConfig::Disabled);
    }
    builder.bind().await.map_err(|error| Error::Network(format!("{error:#}")))
}

fn bind_at(builder: Builder, addr: SocketAddr, required: bool) -> Result<Builder> {
    builder
        .bind_addr_with_opts(addr, BindOpts::default().set_is_required(required).set_is_default_route(true))
        .map_err(|error| Error::Network(format!("{error:#}")))
}

fn transport() -> QuicTransportConfig {
    QuicTransportConfig::builder()
        .max_concurrent_bidi_streams(VarInt::from_u32(STREAMS_PER_PEER))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW_BYTES))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW_BYTES))
        .send_window(u64::from(CONNECTION_WINDOW_BYTES))
        .datagram_receive_buffer_size(None)
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(u32::try_from(IDLE_MS).unwrap_or(30_000)))))
        .build()
}

fn start_mdns(endpoint: &Endpoint) -> Option<MdnsAddressLookup> {
    let built =
        MdnsAddressLookup::builder().service_name(MDNS_SERVICE).addr_filter(AddrFilter::ip_only()).build(endpoint.id());
    match (built, endpoint.address_lookup()) {
        (Ok(mdns), Ok(services)) => {
            services.add(mdns.clone());
            Some(mdns)
        }
        _ => {
            tracing::warn!("mDNS can't be used on this network");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::view::Role;

    fn config() -> NetConfig {
        NetConfig {
            secret: Zeroizing::new([1; 32]),
            listen: None,
            last_port: None,
            offline: true,
            alone: false,
            lan: false,
            public_relays: false,
            role: Role::Desktop,
        }
    }

    #[tokio::test]
    async fn both_kinds_of_addresses_have_one_port_from_the_first_start_on() {
        let first = bind(&config(), None).await.unwrap().endpoint;
        let bound = first.bound_sockets();
        let port = bound[0].port();
        assert!(bound.iter().all(|addr| addr.port() == port), "{bound:?}");
        let kinds = 1 + usize::from(UdpSocket::bind("[::1]:0").is_ok());
        assert_eq!(bound.len(), kinds, "{bound:?}");
        let ticket = ticket(&first, node_id(&[1; 32]), true, None);
        first.close().await;
        drop(first);
        let again = bind(&config(), Some(port)).await.unwrap().endpoint;
        assert_eq!(again.bound_sockets(), bound);
        let ports = again.bound_sockets();
        for addr in ticket.addrs {
            let Addr::Ip(addr) = addr else { panic!("a relay without a network") };
            assert!(ports.iter().any(|own| own.port() == addr.port() && own.is_ipv4() == addr.is_ipv4()), "{addr}");
        }
        again.close().await;
    }

    #[tokio::test]
    async fn a_port_that_somebody_has_is_left_to_them() {
        let taken = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let endpoint = bind(&config(), Some(port)).await.unwrap().endpoint;
        let bound = endpoint.bound_sockets();
        assert!(bound.iter().all(|addr| addr.port() == bound[0].port() && addr.port() != port), "{bound:?}");
        endpoint.close().await;
    }
}
