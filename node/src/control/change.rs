//! What a request wants changed, in words that stand in several of them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::view::Colour;

/// How much a device keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quota {
    Mib(u64),
    /// As its role says.
    Default,
}

/// Who may comment on a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    Everyone,
    Nobody,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachFile {
    /// Absolute.
    pub file: PathBuf,
    pub alt: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListChange {
    Create,
    Delete,
    Add(String),
    Remove(String),
    Rename(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CircleChange {
    Create,
    Add(String),
    Remove(String),
    Rename(String),
    Colour(Colour),
    Delete,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupChange {
    /// With these people invited to it.
    Create(Vec<String>),
    Add(String),
    Remove(String),
    Admin {
        persona: String,
        undo: bool,
    },
    Join,
    Leave,
    /// Of one's own.
    Close,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mute {
    Person {
        persona: String,
        hours: Option<u64>,
    },
    /// What they carry further, not what they write.
    Reposts {
        persona: String,
        hours: Option<u64>,
    },
    /// See nothing of them at all.
    Block {
        persona: String,
    },
    Word {
        text: String,
        everywhere: bool,
        hours: Option<u64>,
    },
    Thread {
        post: String,
        hours: Option<u64>,
    },
    /// A private one.
    Conversation {
        thread: String,
        hours: Option<u64>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PictureEdit {
    /// Absolute path of a picture.
    File(PathBuf),
    Remove,
}
