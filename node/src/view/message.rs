//! What reads of private threads return.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{AttachmentView, MentionView, Safety};
use crate::id::{MessageId, PersonaId, ThreadId};

/// A private thread, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ThreadView {
    pub id: ThreadId,
    /// Who else is in it; of notes to oneself nobody.
    pub with: Vec<PersonaId>,
    /// Their names, in the same order; empty where none is known.
    pub names: Vec<String>,
    /// The own persona that is in it.
    pub persona: PersonaId,
    /// Of a group, where it has one.
    pub title: Option<String>,
    pub group: bool,
    pub unread: u64,
    /// Of the newest message; `None` where there is none.
    pub last_ms: Option<u64>,
    /// The newest message's text with names for whom it names, or what stands for it.
    pub last_text: Option<String>,
    /// How many files go with it.
    pub last_files: usize,
    /// From somebody whom the persona does not follow: nothing is answered before it is accepted.
    pub request: bool,
    /// The own persona left this group: nothing is written into it any more.
    pub left: bool,
    /// Of somebody in it no device is known that can be written to: what is written waits for one.
    pub waiting: bool,
    /// Messages go so many seconds after they were read; 0: they stay.
    pub keep_s: u64,
    /// What comes is not counted as new.
    pub muted: bool,
    /// Of two: whether the other's key was compared.
    pub safety: Safety,
    /// Those whose key changed after it was compared: messages wait until each change is answered.
    pub changed: Vec<PersonaId>,
}

/// How far an own message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// On this device alone.
    Queued,
    /// A peer took it.
    Sent,
    /// A mailbox that was met directly took it.
    Held,
    /// A device of everybody else has it.
    Delivered,
    /// Everybody else says that they read it.
    Read,
}

/// A message, as a thread shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageView {
    pub id: MessageId,
    pub from: PersonaId,
    pub from_name: String,
    pub own: bool,
    /// Empty where it was deleted or has expired.
    pub text: String,
    /// Whom the text names.
    pub mentions: Vec<MentionView>,
    pub created_ms: u64,
    /// Of others' messages: delivered.
    pub state: MessageState,
    pub attachments: Vec<AttachmentView>,
    pub reply_to: Option<MessageId>,
    pub edited: bool,
    pub deleted: bool,
    /// Each emoji, and how many wrote it.
    pub reactions: BTreeMap<String, u64>,
    /// What own reaction stands.
    pub own_reaction: Option<String>,
    /// When it goes from this device; `None`: it stays, or was not read yet.
    pub expires_ms: Option<u64>,
}

/// A message that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageFound {
    pub id: MessageId,
    pub thread: ThreadId,
    pub from: PersonaId,
    pub from_name: String,
    pub own: bool,
    pub text: String,
    pub created_ms: u64,
}

/// What `dm` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SentView {
    pub thread: ThreadId,
    pub id: MessageId,
    pub state: MessageState,
    /// They had asked to write to the own persona: writing to them accepted it.
    pub accepted: bool,
}
