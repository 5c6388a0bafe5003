//! What recovery returns.

use serde::Serialize;

use crate::id::PersonaId;

/// How safe a persona is from the loss of all devices that hold its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryState {
    /// Its words are written down (they were typed back), and a mailbox or anchor holds a backup that they open.
    Protected,
    /// One of these is missing: [`RecoveryView::need`].
    NeedsAttention,
    /// Its words are not on this device.
    Off,
}

/// What a persona lacks to be protected: what comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryNeed {
    /// Its words are on this device alone, as far as is known.
    Words,
    /// There is no anchor and no mailbox to leave a backup with.
    Anchor,
    /// None was acknowledged yet: its anchors were not reached, say.
    Backup,
    /// The last one that was acknowledged is too old.
    Newer,
    /// There was more than one takes: what found no room would be lost.
    Smaller,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecoveryView {
    pub persona: PersonaId,
    pub name: String,
    pub state: RecoveryState,
    /// Where it needs attention.
    pub need: Option<RecoveryNeed>,
    /// When the last backup was made that is held elsewhere, ms since the epoch.
    pub backup_ms: Option<u64>,
}

/// What came back from the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoredView {
    pub personas: Vec<RestoredPersona>,
    /// Of these personas, here by now; more may come.
    pub entries: u64,
    /// Of all of them.
    pub follows: u64,
    pub circles: u64,
    pub lists: u64,
    /// When the backup was made, ms since the epoch; `None`: there was none.
    pub backup_ms: Option<u64>,
    /// Devices that were theirs and are not any more.
    pub devices_out: u64,
    /// Devices of before that still count: their user takes out those that are lost.
    pub devices_stay: u64,
    pub missing: Vec<Missing>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoredPersona {
    pub id: PersonaId,
    pub name: String,
    pub follows: u64,
    pub circles: u64,
}

/// What did not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// No backup: follows, lists, circles and settings are lost, unless another device or a bundle has them.
    Backup,
    /// Of a newer backup only a part was found: this one is older.
    NewerBackup,
    /// None of their posts were found at the nodes that were asked.
    Posts,
    /// Private messages: they are on devices and in bundles alone.
    Messages,
}
