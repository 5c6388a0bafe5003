//! A node's key and where it may be reached, as text.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use iroh::{EndpointAddr, EndpointId, RelayUrl, TransportAddr};

use crate::gate::MailPass;
use crate::id::NodeId;
use crate::limits::TICKET_ADDRS;

const PREFIX: &str = "kithnode";
const VERSION: u8 = 1;
const TAG_V4: u8 = 4;
const TAG_V6: u8 = 6;
const TAG_RELAY: u8 = 1;
const TAG_PASS: u8 = 2;
/// The longest relay address, bytes.
const RELAY_BYTES: usize = 200;

/// One place where a node may be reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Addr {
    /// UDP.
    Ip(SocketAddr),
    /// The address of a relay.
    Relay(String),
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(addr) => addr.fmt(f),
            Self::Relay(url) => f.write_str(url),
        }
    }
}

impl FromStr for Addr {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        if let Ok(addr) = text.parse() {
            return Ok(Self::Ip(addr));
        }
        let url: RelayUrl = text.parse().map_err(|_| TicketError::Damaged)?;
        let url = url.to_string();
        if url.len() > RELAY_BYTES { Err(TicketError::Damaged) } else { Ok(Self::Relay(url)) }
    }
}

impl Addr {
    /// Whether somebody else can be reached there: neither "any address" nor many at once, and a port.
    fn can_be_dialled(&self) -> bool {
        let leads = |ip: IpAddr| match ip.to_canonical() {
            IpAddr::V4(ip) => !ip.is_unspecified() && !ip.is_broadcast() && !ip.is_multicast(),
            IpAddr::V6(ip) => !ip.is_unspecified() && !ip.is_multicast(),
        };
        match self {
            Self::Ip(addr) => addr.port() != 0 && leads(addr.ip()),
            Self::Relay(url) => url.parse::<RelayUrl>().is_ok_and(|url| {
                let host = url.host_str().unwrap_or_default();
                let ip = host.trim_start_matches('[').trim_end_matches(']').parse();
                url.port() != Some(0) && !host.is_empty() && ip.map_or(true, leads)
            }),
        }
    }
}

/// Bytes as text that people pass on: base32 of them and of their checksum.
pub(crate) fn as_text(bytes: &[u8]) -> String {
    let mut all = bytes.to_vec();
    all.extend(checksum(bytes));
    BASE32_NOPAD.encode(&all).to_ascii_lowercase()
}

/// The bytes of such a text; `None`: a part of it is missing or was changed.
pub(crate) fn from_text(text: &str) -> Option<Vec<u8>> {
    let mut bytes = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok()?;
    let (content, sum) = bytes.split_last_chunk()?;
    let whole = checksum(content) == *sum;
    bytes.truncate(content.len());
    whole.then_some(bytes)
}

/// Against mistakes, not malice: what an invite says is proved by signatures.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = *blake3::hash(bytes).as_bytes();
    [a, b, c, d]
}

/// Why a text is no ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    #[error("this is not the address of a node")]
    Foreign,
    #[error("this address is from a newer version of Kith")]
    Newer,
    #[error("this address is damaged: copy it again")]
    Damaged,
    #[error("this address leads nowhere: others can't dial it; on the other device, give its own address to --listen")]
    Nowhere,
}

/// A node's key and at most [`TICKET_ADDRS`] addresses that can be dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub node: NodeId,
    pub addrs: Vec<Addr>,
}

impl Ticket {
    pub fn new(node: NodeId, addrs: impl IntoIterator<Item = Addr>) -> Self {
        let mut kept: Vec<Addr> = Vec::new();
        for addr in addrs {
            if kept.len() < TICKET_ADDRS && addr.can_be_dialled() && !kept.contains(&addr) {
                kept.push(addr);
            }
        }
        Self { node, addrs: kept }
    }

    /// Version, key, and for each address its tag and bytes; integers are little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.node.as_bytes());
        for addr in &self.addrs {
            match addr {
                Addr::Ip(addr) => {
                    match addr.ip() {
                        IpAddr::V4(ip) => {
                            bytes.push(TAG_V4);
                            bytes.extend(ip.octets());
                        }
                        IpAddr::V6(ip) => {
                            bytes.push(TAG_V6);
                            bytes.extend(ip.octets());
                        }
                    }
                    bytes.extend(addr.port().to_le_bytes());
                }
                Addr::Relay(url) => {
                    let Ok(len) = u8::try_from(url.len()) else { continue };
                    bytes.extend([TAG_RELAY, len]);
                    bytes.extend(url.as_bytes());
                }
            }
        }
        bytes
    }

    /// Without the token of a mailbox, where there is one ([`MailboxTicket`]): it goes nowhere else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TicketError> {
        MailboxTicket::from_bytes(bytes).map(|it| it.ticket)
    }

    pub(super) fn endpoint_addr(&self) -> Option<EndpointAddr> {
        let id = EndpointId::from_bytes(self.node.as_bytes()).ok()?;
        let addrs = self.addrs.iter().filter_map(|addr| match addr {
            Addr::Ip(addr) => Some(TransportAddr::Ip(*addr)),
            Addr::Relay(url) => url.parse().ok().map(TransportAddr::Relay),
        });
        Some(EndpointAddr::from_parts(id, addrs))
    }
}

/// A ticket, and the token of its owner by which the node is a mailbox for whoever has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxTicket {
    pub ticket: Ticket,
    pub pass: Option<MailPass>,
}

impl MailboxTicket {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.ticket.to_bytes();
        if let Some(pass) = self.pass {
            bytes.push(TAG_PASS);
            bytes.extend(pass.to_bytes());
        }
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TicketError> {
        let mut rest = bytes;
        match take::<1>(&mut rest)? {
            [VERSION] => {}
            _ => return Err(TicketError::Newer),
        }
        let node = take::<32>(&mut rest)?;
        EndpointId::from_bytes(&node).map_err(|_| TicketError::Damaged)?;
        let (mut addrs, mut pass) = (Vec::new(), None);
        while !rest.is_empty() {
            let [tag] = take(&mut rest)?;
            addrs.push(match tag {
                TAG_V4 => {
                    let ip = IpAddr::from(take::<4>(&mut rest)?);
                    Addr::Ip(SocketAddr::new(ip, u16::from_le_bytes(take(&mut rest)?)))
                }
                TAG_V6 => {
                    let ip = IpAddr::from(take::<16>(&mut rest)?);
                    Addr::Ip(SocketAddr::new(ip, u16::from_le_bytes(take(&mut rest)?)))
                }
                TAG_RELAY => {
                    let [len] = take(&mut rest)?;
                    let (url, after) = rest.split_at_checked(usize::from(len)).ok_or(TicketError::Damaged)?;
                    rest = after;
                    let url = std::str::from_utf8(url).map_err(|_| TicketError::Damaged)?;
                    match url.parse()? {
                        Addr::Ip(_) => return Err(TicketError::Damaged),
                        relay => relay,
                    }
                }
                TAG_PASS if pass.is_none() => {
                    pass = Some(MailPass::from_bytes(&take(&mut rest)?));
                    continue;
                }
                _ => return Err(TicketError::Damaged),
            });
            if addrs.len() > TICKET_ADDRS {
                return Err(TicketError::Damaged);
            }
        }
        if !addrs.iter().all(Addr::can_be_dialled) {
            return Err(TicketError::Nowhere);
        }
        Ok(Self { ticket: Ticket { node: NodeId::from_bytes(node), addrs }, pass })
    }
}

pub(super) fn addr_of(addr: &TransportAddr) -> Option<Addr> {
    match addr {
        TransportAddr::Ip(addr) => Some(Addr::Ip(*addr)),
        TransportAddr::Relay(url) => Some(Addr::Relay(url.to_string())),
        _ => None,
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], TicketError> {
    let (first, after) = rest.split_first_chunk::<N>().ok_or(TicketError::Damaged)?;
    *rest = after;
    Ok(*first)
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", as_text(&self.to_bytes()))
    }
}

impl fmt::Display for MailboxTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", as_text(&self.to_bytes()))
    }
}

impl FromStr for Ticket {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        text.parse().map(|MailboxTicket { ticket, .. }| ticket)
    }
}

impl FromStr for MailboxTicket {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        let code = text.trim().strip_prefix(PREFIX).ok_or(TicketError::Foreign)?;
        Self::from_bytes(&from_text(code).ok_or(TicketError::Damaged)?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node() -> NodeId {
        NodeId::from_bytes(*iroh::SecretKey::from_bytes(&[7; 32]).public().as_bytes())
    }

    #[test]
    fn a_ticket_survives_its_text() {
        let addrs = ["127.0.0.1:4000", "[::1]:4001", "https://relay.example/"].map(|text| text.parse().unwrap());
        let ticket = Ticket::new(node(), addrs);
        assert_eq!(ticket.to_string().parse::<Ticket>().unwrap(), ticket);
        assert_eq!(ticket.endpoint_addr().unwrap().addrs.len(), 3);
    }

    #[test]
    fn a_token_stands_in_the_ticket_and_in_nothing_that_is_made_of_it() {
        let ticket = Ticket::new(node(), ["192.0.2.1:4000".parse().unwrap()]);
        let with = MailboxTicket { ticket: ticket.clone(), pass: Some(MailPass { week: 2_976, token: [9; 16] }) };
        let text = with.to_string();
        assert_eq!(text.parse::<MailboxTicket>().unwrap(), with);
        let without = text.parse::<Ticket>().unwrap();
        assert_eq!((&without, without.to_string()), (&ticket, ticket.to_string()));
        assert_eq!(ticket.to_string().parse::<MailboxTicket>().unwrap().pass, None);
        let mut twice = with.to_bytes();
        twice.push(TAG_PASS);
        twice.extend([0; MailPass::BYTES]);
        assert_eq!(MailboxTicket::from_bytes(&twice), Err(TicketError::Damaged));
        assert!(!format!("{with:?}").contains("9, 9"), "no token in logs");
    }

    #[test]
    fn what_is_no_ticket_is_told_apart() {
        assert_eq!("hello".parse::<Ticket>(), Err(TicketError::Foreign));
        assert_eq!("kithnode1".parse::<Ticket>(), Err(TicketError::Damaged));
        let mut bytes = Ticket::new(node(), []).to_bytes();
        bytes[0] = 9;
        assert_eq!(Ticket::from_bytes(&bytes), Err(TicketError::Newer));
    }

    #[test]
    fn each_changed_character_is_damage() {
        let text = Ticket::new(node(), ["192.0.2.1:4000".parse().unwrap()]).to_string();
        for (place, old) in text.char_indices().skip(PREFIX.len()) {
            let new = if old == 'a' { 'b' } else { 'a' };
            let changed = format!("{}{new}{}", &text[..place], &text[place + 1..]);
            assert_eq!(changed.parse::<Ticket>(), Err(TicketError::Damaged), "at {place}");
        }
        assert!(text.to_uppercase().replace("KITHNODE", PREFIX).parse::<Ticket>().is_ok());
    }

    #[test]
    fn what_cannot_be_dialled_is_refused() {
        let bad = [
            "0.0.0.0:1",
            "255.255.255.255:1",
            "224.0.0.1:1",
            "192.0.2.1:0",
            "[::]:1",
            "[ff02::1]:1",
            "[::ffff:0.0.0.0]:1",
            "http://0.0.0.0:80",
            "http://[::]:80",
        ];
        for addr in bad.map(|addr| addr.parse::<Addr>().unwrap()) {
            let ticket = Ticket { node: node(), addrs: vec!["192.0.2.1:1".parse().unwrap(), addr.clone()] };
            assert_eq!(Ticket::from_bytes(&ticket.to_bytes()), Err(TicketError::Nowhere), "{addr}");
            assert!(Ticket::new(node(), [addr]).addrs.is_empty());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_parser(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(ticket) = Ticket::from_bytes(&bytes) {
                prop_assert_eq!(Ticket::from_bytes(&ticket.to_bytes()).unwrap(), ticket);
            }
        }
    }
}
