//! How a node is started.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};
use kith_node::view::Role;

#[derive(Debug, Args)]
pub(crate) struct TuiArgs {
    /// Where no node runs yet: no relay, lookup or mDNS, direct addresses only
    #[arg(long)]
    pub(crate) offline: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[arg(long, value_enum, default_value_t = RoleArg::Desktop)]
    pub(crate) role: RoleArg,
    /// UDP address [default: all interfaces, the port used last]
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Serve the web page here (TCP), for example 127.0.0.1:8080
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) web: Option<SocketAddr>,
    /// No relay, lookup or mDNS: direct addresses only
    #[arg(long, conflicts_with = "lan")]
    pub(crate) offline: bool,
    /// This network is home: find others on it by mDNS
    #[arg(long)]
    pub(crate) lan: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RoleArg {
    Phone,
    Desktop,
    Anchor,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Phone => Self::Phone,
            RoleArg::Desktop => Self::Desktop,
            RoleArg::Anchor => Self::Anchor,
        }
    }
}
