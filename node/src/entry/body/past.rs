//! Messages of before, as one own device hands them over to another (docs/protocol.md, "Linking"). What stands in them are
//! message bodies.

use minicbor::{Decode, Encode};

use crate::limits::{HISTORY_PAGE_MESSAGES, MESSAGE_BYTES, MESSAGE_CHANGES, NAME_CHARS, THREAD_DEVICES};

/// Messages in the order in which they came to the device that gives them.
#[derive(Clone, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Past {
    #[n(0)]
    pub(crate) threads: Vec<PastThread>,
    #[n(1)]
    pub(crate) messages: Vec<PastMessage>,
    /// The next page begins behind this one.
    #[n(2)]
    pub(crate) after: u64,
    /// Messages that come in later pages.
    #[n(3)]
    pub(crate) left: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct PastThread {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) own: [u8; 32],
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) id: [u8; 32],
    /// As in the table.
    #[n(2)]
    pub(crate) kind: u8,
    #[n(3)]
    pub(crate) title: String,
    #[n(4)]
    pub(crate) request: u8,
    #[n(5)]
    pub(crate) keep_s: u64,
    #[n(6)]
    pub(crate) keep_counter: u64,
    #[n(7)]
    pub(crate) members: Vec<PastMember>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct PastMember {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) persona: [u8; 32],
    #[n(1)]
    pub(crate) present: bool,
    #[n(2)]
    pub(crate) counter: u64,
    /// Up to where they say that they read, ms since the epoch.
    #[n(3)]
    pub(crate) read_ms: u64,
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct PastMessage {
    /// Which of the page's threads.
    #[n(0)]
    pub(crate) thread: u16,
    #[n(1)]
    pub(crate) said: PastSaid,
    /// Where it stands among the others, ms since the epoch.
    #[n(2)]
    pub(crate) order_ms: u64,
    /// What was said about it: edits and reactions.
    #[n(3)]
    pub(crate) changes: Vec<PastSaid>,
    /// Of an own message: a device of everybody else has it.
    #[n(4)]
    pub(crate) came: bool,
    /// Of a message of somebody else: it was not read there.
    #[n(5)]
    pub(crate) unread: bool,
}

/// A message body, and who wrote it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct PastSaid {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) from: [u8; 32],
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) body: Vec<u8>,
}

impl PastSaid {
    /// Bytes on the wire, about.
    pub(crate) fn bytes(&self) -> usize {
        self.body.len() + 40
    }

    fn is_sound(&self) -> bool {
        self.body.len() <= MESSAGE_BYTES
    }
}

impl Past {
    /// Whether it keeps to all limits.
    pub(crate) fn is_sound(&self) -> bool {
        let thread = |thread: &PastThread| {
            thread.title.chars().nth(NAME_CHARS).is_none() && thread.members.len() <= THREAD_DEVICES * 2
        };
        let message = |message: &PastMessage| {
            message.said.is_sound()
                && message.changes.len() <= MESSAGE_CHANGES
                && message.changes.iter().all(PastSaid::is_sound)
                && usize::from(message.thread) < self.threads.len()
        };
        self.threads.len() <= HISTORY_PAGE_MESSAGES
            && self.messages.len() <= HISTORY_PAGE_MESSAGES
            && self.threads.iter().all(thread)
            && self.messages.iter().all(message)
    }
}
