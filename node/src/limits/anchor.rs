//! Anchors, their relays, reports to them, and budgets of what is done for others.

use super::DAY_S;

/// Anchors of one profile: each costs a connection that stays, and an invite names as many nodes.
pub const ANCHORS: usize = 8;
/// Reports that wait for one anchor, and those that are remembered after it answered: what one person finds.
pub const REPORTS_WAITING: usize = 20;
pub const REPORTS_TOLD: usize = 100;
/// What somebody says in a report, characters.
pub const REPORT_CHARS: usize = 1_000;
/// Reports that an anchor keeps: of all, what somebody can look at, and of one node.
pub const REPORTS_CAME: usize = 10_000;
pub const REPORTS_CAME_OF_NODE: usize = 100;
/// The address of an anchor's web page, bytes: what browsers take with a path behind it.
pub const WEB_ADDR_BYTES: usize = 500;
/// Relays in use at once, and relays of anchors that a dial is tried over.
pub const RELAY_HINTS: usize = 2;
/// Connections to the relay of an anchor: half of the connections that its node takes.
pub const RELAY_CLIENTS: usize = 512;
/// Of one address prefix: a quarter, so that nobody who has many keys fills it from one place.
pub const RELAY_CLIENTS_PER_PREFIX: usize = RELAY_CLIENTS / 4;
/// TCP connections to a relay that have not shown which node they are, in all and of one address prefix; and how long
/// they have to do so, ms: some round trips of a slow phone.
pub const RELAY_PENDING: usize = 256;
pub const RELAY_PENDING_PER_PREFIX: usize = 32;
pub const RELAY_HANDSHAKE_MS: u64 = 10_000;
/// Connections of one node to a relay: one, and the one that takes its place after a change of networks.
pub const RELAY_CONNECTIONS_PER_NODE: usize = 2;
/// What a relay takes from one connection, bytes a second, and at once: a picture of 4 MiB passes in some seconds.
pub const RELAY_BYTES_PER_SECOND: u32 = 1024 * 1024;
pub const RELAY_BURST_BYTES: u32 = 4 * 1024 * 1024;
/// Bytes taken in for others (spare copies, leases, pictures ahead of their use) an hour: a phone's share of a mobile
/// contract; what a home line does not notice; a tenth of what an anchor gives.
pub const TAKEN_PER_HOUR_PHONE: u64 = 100_000_000;
pub const TAKEN_PER_HOUR_DESKTOP: u64 = 200_000_000;
pub const TAKEN_PER_HOUR_ANCHOR: u64 = 2_000_000_000;
/// Bytes of others' content given to peers an hour. An anchor's is 14 TB a month at most, below the 20 TB that hosters
/// include with small machines.
pub const GIVEN_PER_HOUR_PHONE: u64 = 1_000_000_000;
pub const GIVEN_PER_HOUR_DESKTOP: u64 = 2_000_000_000;
pub const GIVEN_PER_HOUR_ANCHOR: u64 = 20_000_000_000;
/// The hour of the budgets, ms.
pub const BUDGET_MS: u64 = 60 * 60 * 1_000;
/// Age up to which pictures of authors are fetched that nobody here follows, s.
pub const SPARE_BLOBS_S: u64 = 90 * DAY_S;
/// Addresses of other nodes that one peer tells, once a connection.
pub const REFERRALS: usize = 8;
/// Nodes in the address book that one peer told of, and that all together did: others are met or named.
pub const REFERRED_BY_ONE: usize = 8;
pub const REFERRED: usize = 128;
/// Nodes told by one peer that are dialled at once: one peer never fills the few links that stay.
pub const REFERRED_DIALLED: usize = 2;
/// Failed dials after which a node that was only told of is forgotten.
pub const REFERRED_TRIES: u32 = 4;
