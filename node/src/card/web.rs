//! One page of the web, and the picture that it names, for a card: nothing else of Kith asks a web server.
//!
//! Where it leads is looked at before each connection, and the connection is made to the very addresses that were looked
//! at: a name that means something else a moment later leads nowhere else. Only addresses of the open internet are asked.
//! Deliberately absent: cookies, proxies, a cache, what names this device or its languages, and compression.

use std::future::ready;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, header, redirect};
use rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

use super::CardError;
use crate::limits;

/// What servers are told of who asks: the same for all.
const AGENT: &str = "Kith (link preview)";

/// What is fetched of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// Types of content, as `Accept` says it.
    pub(super) accept: &'static str,
    pub(super) most_bytes: usize,
    /// Whether its beginning is enough.
    pub(super) cut: bool,
}

#[derive(Debug)]
pub(super) struct Fetched {
    /// Where it was in the end.
    pub(super) url: Url,
    pub(super) content_type: String,
    pub(super) bytes: Vec<u8>,
}

/// The way into the web.
#[derive(Debug, Clone, Copy)]
pub(super) struct Web {
    /// A server of a test on this machine.
    test: Option<SocketAddr>,
    wait: Duration,
}

impl Web {
    pub(super) fn open() -> Self {
        Self { test: test_server(), wait: Duration::from_millis(limits::CARD_WAIT_MS) }
    }

    /// What a link leads to, by way of at most `CARD_REDIRECTS` others, within `CARD_WAIT_MS`.
    pub(super) async fn fetch(&self, url: &Url, wish: Wish) -> Result<Fetched, CardError> {
        tokio::time::timeout(self.wait, self.follow(url.clone(), wish)).await.unwrap_or(Err(CardError::Slow))
    }

    async fn follow(&self, mut url: Url, wish: Wish) -> Result<Fetched, CardError> {
        for _ in 0..=limits::CARD_REDIRECTS {
            let ask = self.client(&url).await?.get(url.clone()).header(header::ACCEPT, wish.accept);
            let mut answer = ask.send().await.map_err(|_| CardError::Unreachable)?;
            let told = |name| answer.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
            if answer.status().is_redirection()
                && let Some(to) = told(header::LOCATION)
            {
                let next = allowed(url.join(to).map_err(|_| CardError::NoLink)?)?;
                if url.scheme() == "https" && next.scheme() != "https" {
                    return Err(CardError::Opened);
                }
                url = next;
                continue;
            }
            if !answer.status().is_success() {
                return Err(CardError::Answered(answer.status().as_u16()));
            }
            let content_type = told(header::CONTENT_TYPE).unwrap_or_default().to_owned();
            let mut bytes = Vec::new();
            while let Some(more) = answer.chunk().await.map_err(|_| CardError::Unreachable)? {
                let room = wish.most_bytes.saturating_sub(bytes.len());
                bytes.extend_from_slice(more.get(..room.min(more.len())).unwrap_or_default());
                if more.len() > room {
                    if wish.cut {
                        break;
                    }
                    return Err(CardError::TooLarge);
                }
            }
            return Ok(Fetched { url, content_type, bytes });
        }
        Err(CardError::Redirects)
    }

    /// A client for one connection, to the addresses that this link means now.
    async fn client(&self, url: &Url) -> Result<Client, CardError> {
        let port = url.port_or_known_default().ok_or(CardError::NoLink)?;
        let all: Vec<SocketAddr> = match url.host().ok_or(CardError::NoLink)? {
            Host::Ipv4(ip) => vec![(ip, port).into()],
            Host::Ipv6(ip) => vec![(ip, port).into()],
            Host::Domain(name) => {
                tokio::net::lookup_host((name, port)).await.map_err(|_| CardError::Unreachable)?.collect()
            }
        };
        let lets = |address: &SocketAddr| is_open(address.ip()) || self.test == Some(*address);
        let open: Vec<SocketAddr> = all.into_iter().filter(lets).filter(|address| !is_beside(*address)).collect();
        if open.is_empty() {
            return Err(CardError::Private);
        }
        Client::builder()
            .tls_backend_preconfigured(tls()?)
            .dns_resolver(Arc::new(Known(open)))
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent(AGENT)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|_| CardError::Unreachable)
    }
}

/// The server of a test: a build for users has no way to name one.
#[cfg(debug_assertions)]
fn test_server() -> Option<SocketAddr> {
    std::env::var("KITH_TEST_WEB").ok()?.parse().ok()
}

#[cfg(not(debug_assertions))]
const fn test_server() -> Option<SocketAddr> {
    None
}

/// A link that may be asked: http or https to a host, with nobody's name or password in it.
pub(super) fn allowed(url: Url) -> Result<Url, CardError> {
    let web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    let plain = url.username().is_empty() && url.password().is_none();
    if web && plain { Ok(url) } else { Err(CardError::NoLink) }
}

/// Answers what was looked up before, whatever the name.
struct Known(Vec<SocketAddr>);

impl Resolve for Known {
    fn resolve(&self, _: Name) -> Resolving {
        let all: Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(ready(Ok(all)))
    }
}

fn tls() -> Result<ClientConfig, CardError> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(versions.map_err(|_| CardError::Unreachable)?.with_root_certificates(roots).with_no_client_auth())
}

/// Whether an address is one of the open internet: nothing of this machine, this network or a provider's inside.
/// Source: IANA's special-purpose address registries.
fn is_open(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_open_v4(ip),
        IpAddr::V6(ip) => is_open_v6(ip),
    }
}

/// Whether an IPv6 address is of the very network that this machine would ask it from: devices at home have addresses of the
/// open internet, too. Nothing is sent for it.
fn is_beside(address: SocketAddr) -> bool {
    let IpAddr::V6(there) = address.ip() else { return false };
    let asked = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect(address)?;
        socket.local_addr()
    });
    match asked.map(|own| own.ip()) {
        Ok(IpAddr::V6(own)) => own.segments()[..4] == there.segments()[..4],
        // Without a way there nothing is asked.
        _ => false,
    }
}

fn is_open_v4(ip: Ipv4Addr) -> bool {
    !matches!(
        ip.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

fn is_open_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_open_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b, c, d, e, f) {
        // How networks without IPv4 name addresses of it, and those of 6to4.
        (0x64, 0xff9b, 0, 0, 0, 0) => inner(g, h),
        (0x2002, ..) => inner(b, c),
        // Teredo and other ways through, benchmarks, documentation.
        (0x2001, 0..=0x1ff, ..) | (0x2001, 0xdb8, ..) | (0x3fff, 0..=0xfff, ..) => false,
        (0x2000..=0x3fff, ..) => true,
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
