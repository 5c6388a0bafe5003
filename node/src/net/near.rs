//! The network of people near you, for as long as that is open: an endpoint with a key of its own that is announced by
//! mDNS under a name of its own, and connections with those who do the same. Nothing of it is the node's: another key,
//! port and ALPN, no relay, no lookup, no port mapping. What is said over the connections is not known here.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use iroh::address_lookup::AddrFilter;
use iroh::endpoint::{
    BindOpts, Connection, IdleTimeout, Incoming, IncomingAddr, NetReportConfig, PortmapperConfig, QuicTransportConfig,
    RecvStream, SendStream, VarInt, presets,
};
use iroh::{Endpoint, RelayMode, SecretKey, TransportAddr};
use iroh_mdns_address_lookup::{DiscoveryEvent, MdnsAddressLookup};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::Net;
use super::meeting::Meeting;
use super::ticket::{Ticket, addr_of};
use crate::error::{Error, Result};
use crate::id::NodeId;
use crate::limits::{NEAR_ALIVE_MS, NEAR_END_MS, NEAR_EXCHANGE_MS, NEAR_HANDSHAKES, NEAR_IDLE_MS, NEAR_QUEUE};
use crate::task::Tasks;

/// It has its own protocol, so that nobody reaches the node's by it.
const ALPN: &[u8] = b"kith-near/1";
/// Under which those who have it open find each other.
const MDNS_SERVICE: &str = "kithnear1";
/// What both sides say on a connection, bytes: two messages.
const WINDOW_BYTES: u32 = 16 * 1024;

/// What is heard of others.
#[derive(Debug)]
pub(crate) enum Sighting {
    /// A key that is announced here, and where.
    Found(Ticket),
    /// It is announced no longer.
    Lost(NodeId),
    /// Somebody opened a stream.
    Knock(Met),
}

/// A stream with somebody, and the address at its other end.
#[derive(Debug)]
pub(crate) struct Met {
    pub(crate) meeting: Meeting,
    pub(crate) ip: Option<IpAddr>,
}

/// An opening's endpoint. Dropped, it ends without a word.
#[derive(Debug)]
pub(crate) struct Vicinity {
    endpoint: Endpoint,
    own: NodeId,
    mdns: Option<MdnsAddressLookup>,
    sightings: mpsc::Receiver<Sighting>,
    _tasks: Tasks,
    #[cfg(test)]
    teller: mpsc::Sender<Sighting>,
}

impl Net {
    /// Announces a key that was drawn now, and listens for others, until it is closed.
    ///
    /// # Errors
    /// `NotRunning` while the network is paused, `NearOffline` where it was started without mDNS, `NearUnheard` where there is
    /// none, `Network` where nothing can be bound.
    pub(crate) async fn vicinity(&self) -> Result<Vicinity> {
        if self.is_offline() {
            return Err(Error::NearOffline);
        }
        if self.running().is_none() {
            return Err(Error::NotRunning);
        }
        Vicinity::open(self.0.config.listen.map(|addr| addr.ip()), true).await
    }
}

impl Vicinity {
    /// `ip`: where alone it listens. `announced`: by mDNS; tests tell each other instead.
    async fn open(ip: Option<IpAddr>, announced: bool) -> Result<Self> {
        let mut secret = Zeroizing::new([0; 32]);
        getrandom::fill(secret.as_mut_slice()).map_err(|_| Error::Network("no random numbers".to_owned()))?;
        let endpoint = bind(&secret, ip).await?;
        let own = NodeId::from_bytes(*endpoint.id().as_bytes());
        let (sender, sightings) = mpsc::channel(NEAR_QUEUE);
        let mut tasks = Tasks::default();
        tasks.spawn("near", accept(endpoint.clone(), sender.clone()));
        let mdns = if announced { Some(announce(&endpoint)?) } else { None };
        #[cfg(test)]
        let teller = sender.clone();
        if let Some(mdns) = &mdns {
            let mut found = mdns.subscribe().await;
            tasks.spawn("near mdns", async move {
                while let Some(event) = found.next().await {
                    let sighting = match event {
                        DiscoveryEvent::Discovered { endpoint_info, .. } => {
                            let addr = endpoint_info.to_endpoint_addr();
                            // Whoever announces a relay would have it asked.
                            let here = addr.addrs.iter().filter(|addr| is_here(addr));
                            let node = NodeId::from_bytes(*addr.id.as_bytes());
                            Sighting::Found(Ticket::new(node, here.filter_map(addr_of)))
                        }
                        DiscoveryEvent::Expired { endpoint_id } => {
                            Sighting::Lost(NodeId::from_bytes(*endpoint_id.as_bytes()))
                        }
                        _ => continue,
                    };
                    if sender.send(sighting).await.is_err() {
                        break;
                    }
                }
            });
        }
        Ok(Self {
            endpoint,
            own,
            mdns,
            sightings,
            _tasks: tasks,
            #[cfg(test)]
            teller,
        })
    }

    /// The key that is announced.
    pub(crate) fn id(&self) -> NodeId {
        self.own
    }

    /// What happens next; `None` once it is closed.
    pub(crate) async fn next(&mut self) -> Option<Sighting> {
        self.sightings.recv().await
    }

    /// Reaches somebody who was found. `None`: not now.
    pub(crate) fn dial(&self, ticket: &Ticket) -> impl Future<Output = Option<Met>> + Send + use<> {
        let (endpoint, addr) = (self.endpoint.clone(), ticket.endpoint_addr());
        async move {
            let met = async {
                let connection = endpoint.connect(addr?, ALPN).await.ok()?;
                let (send, recv) = connection.open_bi().await.ok()?;
                met(connection, send, recv)
            };
            timeout(Duration::from_millis(NEAR_EXCHANGE_MS), met).await.ok().flatten()
        }
    }

    /// Nothing is announced any more, and whoever is connected hears that it is over.
    pub(crate) async fn close(self) {
        let Self { endpoint, mdns, _tasks: mut tasks, .. } = self;
        if let Ok(services) = endpoint.address_lookup() {
            services.clear();
        }
        drop(mdns);
        let closed = async {
            endpoint.close().await;
            tasks.shutdown().await;
        };
        let _flushed = timeout(Duration::from_millis(NEAR_END_MS), closed).await;
    }

    #[cfg(test)]
    pub(crate) async fn unannounced() -> Result<Self> {
        Self::open(Some(Ipv4Addr::LOCALHOST.into()), false).await
    }

    /// As mDNS would tell it.
    #[cfg(test)]
    pub(crate) async fn finds(&self, ticket: Ticket) {
        let _closed = self.teller.send(Sighting::Found(ticket)).await;
    }

    /// To tell it more once it has begun.
    #[cfg(test)]
    pub(crate) fn teller(&self) -> mpsc::Sender<Sighting> {
        self.teller.clone()
    }

    /// As mDNS would tell another one.
    #[cfg(test)]
    pub(crate) fn ticket(&self) -> Ticket {
        Ticket::new(self.own, self.endpoint.bound_sockets().into_iter().map(super::Addr::Ip))
    }
}

async fn bind(secret: &[u8; 32], ip: Option<IpAddr>) -> Result<Endpoint> {
    let failed = |error: &dyn std::fmt::Display| Error::Network(format!("{error:#}"));
    let idle = u32::try_from(NEAR_IDLE_MS).unwrap_or(u32::MAX);
    let transport = QuicTransportConfig::builder()
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(WINDOW_BYTES))
        .receive_window(VarInt::from_u32(WINDOW_BYTES))
        .send_window(u64::from(WINDOW_BYTES))
        .datagram_receive_buffer_size(None)
        .keep_alive_interval(Duration::from_millis(NEAR_ALIVE_MS))
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(idle))))
        .build();
    let mut builder = Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(secret))
        .alpns(vec![ALPN.to_vec()])
        .transport_config(transport)
        .relay_mode(RelayMode::Disabled)
        .net_report_config(NetReportConfig::minimal())
        .portmapper_config(PortmapperConfig::Disabled)
        .clear_ip_transports();
    let all = [(Ipv4Addr::UNSPECIFIED.into(), true), (Ipv6Addr::UNSPECIFIED.into(), false)];
    let ips = ip.map_or_else(|| all.to_vec(), |ip| vec![(ip, true)]);
    for (ip, required) in ips {
        let opts = BindOpts::default().set_is_required(required).set_is_default_route(true);
        builder = builder.bind_addr_with_opts(SocketAddr::new(ip, 0), opts).map_err(|error| failed(&error))?;
    }
    builder.bind().await.map_err(|error| failed(&error))
}

/// # Errors
/// `NearUnheard`.
fn announce(endpoint: &Endpoint) -> Result<MdnsAddressLookup> {
    let mdns = MdnsAddressLookup::builder()
        .service_name(MDNS_SERVICE)
        .addr_filter(AddrFilter::new(|addrs| Cow::Owned(addrs.iter().filter(|addr| is_here(addr)).cloned().collect())))
        .build(endpoint.id())
        .map_err(|_| Error::NearUnheard)?;
    endpoint.address_lookup().map_err(|_| Error::NearUnheard)?.add(mdns.clone());
    Ok(mdns)
}

/// Takes streams until the endpoint is closed.
async fn accept(endpoint: Endpoint, sightings: mpsc::Sender<Sighting>) {
    let seats = Arc::new(Semaphore::new(NEAR_HANDSHAKES));
    let mut tasks = Tasks::default();
    while let Some(incoming) = endpoint.accept().await {
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
            incoming.refuse();
            continue;
        };
        let sightings = sightings.clone();
        tasks.spawn("near handshake", async move {
            let greeted = timeout(Duration::from_millis(NEAR_EXCHANGE_MS), greet(incoming)).await;
            if let Ok(Some(met)) = greeted {
                let _closed = sightings.send(Sighting::Knock(met)).await;
            }
            drop(seat);
        });
    }
}

async fn greet(incoming: Incoming) -> Option<Met> {
    if !matches!(incoming.remote_addr(), IncomingAddr::Ip(_)) {
        return None;
    }
    let connection = incoming.accept().ok()?.await.ok()?;
    let (send, recv) = connection.accept_bi().await.ok()?;
    met(connection, send, recv)
}

/// `None` also for who is on another network: an announcement may name any address.
fn met(connection: Connection, send: SendStream, recv: RecvStream) -> Option<Met> {
    let path = connection.paths().iter().find(|path| path.is_ip()).map(|path| path.remote_addr().clone());
    let ip = match path {
        Some(addr @ TransportAddr::Ip(at)) if is_here(&addr) => Some(at.ip()),
        _ => return None,
    };
    Some(Met { meeting: Meeting::new(connection, send, recv, None)?, ip })
}

/// An address of a local network, or of this machine.
fn is_here(addr: &TransportAddr) -> bool {
    let TransportAddr::Ip(at) = addr else { return false };
    match at.ip().to_canonical() {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_loopback(),
    }
}
