//! What a mailbox and its client ask of the gate: who may leave mail, and receipts for mail that was handed over
//! (docs/protocol.md, "Mailboxes"); and what an anchor and its client do, of reports.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use super::report::Report;
use crate::error::Result;
use crate::id::{DeviceKey, EntryId, NodeId};

/// What the owner of a mailbox gives to who may use it, as part of a ticket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MailPass {
    /// Since the epoch, in which it was given out: tokens of old tickets let nobody new in.
    pub week: u16,
    pub token: [u8; 16],
}

impl fmt::Debug for MailPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailPass(week {})", self.week)
    }
}

impl MailPass {
    pub const BYTES: usize = 18;

    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (week, token) = bytes.split_at_mut(2);
        week.copy_from_slice(&self.week.to_le_bytes());
        token.copy_from_slice(&self.token);
        bytes
    }

    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let [low, high, token @ ..] = *bytes;
        Self { week: u16::from_le_bytes([low, high]), token }
    }

    /// Shows the token of a mailbox to it: bound to both ends of the connection, so that who sees it can't use it.
    pub fn shown(&self, client: NodeId, mailbox: NodeId) -> Shown {
        let mut hasher = blake3::Hasher::new_derive_key("kith 2026 mailbox proof v1");
        hasher.update(&self.token).update(client.as_bytes()).update(mailbox.as_bytes());
        let mut proof = [0; 16];
        hasher.finalize_xof().fill(&mut proof);
        Shown { week: self.week, proof }
    }
}

/// A token as a client shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub week: u16,
    pub proof: [u8; 16],
}

/// What a node answers to who asks it to be a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepAnswer {
    /// It is one, and signs receipts with this key.
    Keeps(DeviceKey),
    Refused(Refusal),
}

/// Why a node is no mailbox for somebody. Numbers cross the wire and rest in `service.answer`; 0 is "it is one".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No token was shown, and it needs one.
    Closed,
    WrongToken,
    /// The token is of a ticket that is too old.
    Expired,
    /// It keeps mail for as many as it can.
    Full,
    /// For a reason that this build does not know.
    Other(u8),
}

impl Refusal {
    pub fn number(self) -> u8 {
        match self {
            Self::Closed => 1,
            Self::WrongToken => 2,
            Self::Expired => 3,
            Self::Full => 4,
            Self::Other(number) => number.max(1),
        }
    }

    pub fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Closed,
            2 => Self::WrongToken,
            3 => Self::Expired,
            4 => Self::Full,
            other => Self::Other(other),
        }
    }
}

/// A mailbox holds an entry: its service key signs that, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub entry: EntryId,
    pub signature: [u8; 64],
}

impl Receipt {
    /// What is signed.
    pub fn message(entry: EntryId) -> Vec<u8> {
        [b"\0kith 2026 mailbox receipt v1".as_slice(), entry.as_bytes()].concat()
    }
}

/// Asked of the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A peer asks this node to keep mail. `mailbox`: this node; `open`: without a token too.
    Keep { client: NodeId, mailbox: NodeId, shown: Option<Shown>, open: bool },
    /// A client handed these entries over: receipts for those that are mail and are kept here. `open`: as above.
    Receipts { client: NodeId, open: bool, ids: Vec<EntryId> },
    /// A node that was asked to be a mailbox answered.
    Answered { mailbox: NodeId, answer: KeepAnswer },
    /// A mailbox with this service key sent receipts.
    Held { key: DeviceKey, receipts: Vec<Receipt> },
    /// A peer reports something to this anchor.
    Report { by: NodeId, number: u64, report: Report },
    /// An anchor answered a report of this node's user.
    Reported { anchor: NodeId, number: u64, taken: bool },
}

/// The gate's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Keep(KeepAnswer),
    Receipts(Vec<Receipt>),
    Reported {
        number: u64,
        taken: bool,
    },
    /// There is nothing to say.
    Noted,
}

pub type KeepFuture<'a> = Pin<Box<dyn Future<Output = Result<Told>> + Send + 'a>>;
