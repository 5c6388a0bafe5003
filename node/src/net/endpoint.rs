//! The iroh endpoint of a compartment: what it binds, what it lets peers use, what it tells the world.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use iroh::address_lookup::{AddrFilter, DnsAddressLookup, PkarrPublisher, PkarrResolver};
use iroh::endpoint::{
    BindOpts, Builder, IdleTimeout, NetReportConfig, PortmapperConfig, QuicTransportConfig, VarInt, presets,
};
use iroh::{Endpoint, RelayMode, SecretKey, TransportAddr};
use iroh_mdns_address_lookup::MdnsAddressLookup;

use super::NetConfig;
use super::ticket::{Addr, Ticket, addr_of};
use crate::error::{Error, Result};
use crate::id::NodeId;
use crate::limits::{CONNECTION_WINDOW_BYTES, IDLE_MS, STREAM_WINDOW_BYTES, STREAMS_PER_PEER};

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
            None => try_bind(config, 0).await?,
        },
        None => try_bind(config, wanted).await?,
    };
    let mdns = if config.lan && !config.offline { start_mdns(&endpoint) } else { None };
    Ok(Bound { endpoint, mdns })
}

pub(super) fn node_id(secret: &[u8; 32]) -> NodeId {
    NodeId::from_bytes(*SecretKey::from_bytes(secret).public().as_bytes())
}

/// Where others may reach the endpoint now.
pub(super) fn ticket(endpoint: &Endpoint, node: NodeId, offline: bool) -> Ticket {
    let bound = endpoint.bound_sockets();
    let fixed = bound.iter().filter(|addr| !addr.ip().is_unspecified()).copied();
    let known = endpoint.addr();
    let found = known.addrs.iter().filter(|addr| match addr {
        TransportAddr::Ip(addr) => !addr.ip().is_loopback(),
        _ => true,
    });
    let mut addrs: Vec<Addr> = fixed.map(Addr::Ip).collect();
    addrs.extend(found.filter_map(addr_of));
    if offline || addrs.is_empty() {
        addrs.extend(bound.iter().filter(|addr| addr.ip().is_unspecified()).map(|addr| {
            let ip = if addr.is_ipv4() { IpAddr::from(Ipv4Addr::LOCALHOST) } else { Ipv6Addr::LOCALHOST.into() };
            Addr::Ip(SocketAddr::new(ip, addr.port()))
        }));
    }
    Ticket::new(node, addrs)
}

/// `None` where somebody else has the port. A closed endpoint lets go of its own only after its tasks have ended, so a
/// resume may have to ask again.
async fn bind_remembered(config: &NetConfig, port: u16) -> Option<Endpoint> {
    for _ in 0..PORT_TRIES {
        if let Ok(endpoint) = try_bind(config, port).await {
            return Some(endpoint);
        }
        tokio::time::sleep(Duration::from_millis(PORT_WAIT_MS)).await;
    }
    None
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
    if config.offline || !config.public_relays {
        builder = builder.relay_mode(RelayMode::Disabled).net_report_config(NetReportConfig::minimal());
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
