//! What a verb of the handle can answer when it does not do what was asked. Each has a code that scripts rely on
//! and, where one helps, a next step.

use crate::crypto::PhraseError;
use crate::host::KeystoreError;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller gave something that can't be used; the text says what and why.
    #[error("{0}")]
    BadInput(String),
    /// As that, where a next step is known that this state allows.
    #[error("{told}")]
    Advised { told: String, next: &'static str },
    #[error("{what} was not found")]
    NotFound { what: &'static str },
    #[error("a persona of yours with this id was not found")]
    NotYours,
    /// The words stay where they were drawn.
    #[error("the recovery phrase of this persona is not on this device: it stays where the persona was made")]
    NoPhrase,
    /// Somebody's key was compared, and is another now.
    #[error("their key changed since you compared it, so nothing was sent")]
    KeyChanged,
    #[error("{given} fits more than one {what}")]
    Ambiguous { given: String, what: &'static str },
    /// The own persona is in the group no longer; the text says why.
    #[error("{0}, so nobody would read this")]
    GroupEnded(String),
    /// Of the own persona of this name.
    #[error("this device is none of {0}'s any more, so nobody would take this")]
    DeviceRevoked(String),
    #[error("another copy of this profile is in use at the same time, so nothing is written from here")]
    ProfileCopied,
    #[error("there is no profile in this folder")]
    NoProfile,
    #[error("this profile is empty: it has no persona yet")]
    NoPersona,
    #[error("there is a profile in this folder already")]
    ProfileExists,
    #[error("this profile has content of its own, and the demo would stand between it for good")]
    HasContent,
    /// A profile that was filled with the content of the demo connects to nobody.
    #[error("this is a demo profile: it stays on this machine, and nobody can be led to it")]
    Demo,
    #[error("this profile is in use by another process")]
    ProfileInUse,
    #[error("the profile was written by a newer version of Kith")]
    ProfileTooNew,
    #[error("the keystore can't be used: {0}")]
    Keystore(#[from] KeystoreError),
    /// A persona was deleted, and its keys are still there.
    #[error("it is deleted, but its keys could not be taken out of the keystore: {0}")]
    KeysLeft(KeystoreError),
    #[error("the database is damaged or was made with another key")]
    DatabaseDamaged,
    #[error("the disk is full, or the profile's folder can't be written")]
    DiskFull,
    #[error("the database refused: {0}")]
    Database(rusqlite::Error),
    #[error("a file could not be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// A file that would be overwritten.
    #[error("{0} exists already")]
    Exists(String),
    #[error("{0}")]
    Picture(#[from] crate::media::PictureError),
    /// There is no preview of a page.
    #[error(transparent)]
    Card(#[from] crate::card::CardError),
    /// In a picture.
    #[error("there is no QR code in this picture that can be read")]
    NoCode,
    #[error("there are several QR codes in this picture")]
    SeveralCodes,
    #[error("the entry was refused: {0}")]
    Entry(#[from] crate::entry::EntryError),
    #[error("{0}")]
    Bundle(#[from] crate::bundle::BundleError),
    /// The text says who was asked.
    #[error("no backup of these words was found{0}")]
    NoBackup(String),
    /// Devices did not link.
    #[error(transparent)]
    Link(#[from] crate::link::LinkError),
    #[error("the network could not be started: {0}")]
    Network(String),
    /// Of people near you.
    #[error("this node was started with --offline, so it announces nothing and looks for nobody on the network")]
    NearOffline,
    /// As that; there is no multicast, or the system lets nobody use it.
    #[error("nobody can be found on this network")]
    NearUnheard,
    #[error("this needs a running node")]
    NotRunning,
    /// The node is shutting down.
    #[error("the node is closing")]
    Closed,
    #[error("{0} is not available yet")]
    NotAvailable(&'static str),
    /// A defect of ours.
    #[error("internal error: {0}")]
    Bug(&'static str),
}

impl Error {
    /// A stable word for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadInput(_) | Self::Advised { .. } => "bad_input",
            Self::NotFound { .. } | Self::NotYours | Self::NoPhrase => "not_found",
            Self::KeyChanged => "key_changed",
            Self::Ambiguous { .. } => "ambiguous",
            Self::GroupEnded(_) => "group_ended",
            Self::DeviceRevoked(_) => "device_revoked",
            Self::ProfileCopied => "profile_copied",
            Self::NoProfile => "no_profile",
            Self::NoPersona => "no_persona",
            Self::ProfileExists => "profile_exists",
            Self::HasContent => "has_content",
            Self::Demo => "demo_profile",
            Self::ProfileInUse => "profile_in_use",
            Self::ProfileTooNew => "profile_too_new",
            Self::Keystore(KeystoreError::Locked) => "keystore_locked",
            Self::Keystore(KeystoreError::WrongPassphrase) => "wrong_passphrase",
            Self::Keystore(_) | Self::KeysLeft(_) => "keystore",
            Self::DatabaseDamaged => "database_damaged",
            Self::DiskFull => "disk_full",
            Self::Database(_) => "database",
            Self::Io(_) => "io",
            Self::Exists(_) => "exists",
            Self::Picture(_) => "picture",
            Self::Card(error) => error.code(),
            Self::NoCode => "no_code",
            Self::SeveralCodes => "several_codes",
            Self::Entry(_) => "refused",
            Self::Bundle(error) => error.code(),
            Self::NoBackup(_) => "no_backup",
            Self::Link(error) => error.code(),
            Self::Network(_) => "network",
            Self::NearOffline => "near_offline",
            Self::NearUnheard => "near_unheard",
            Self::NotRunning => "not_running",
            Self::Closed => "closed",
            Self::NotAvailable(_) => "not_available",
            Self::Bug(_) => "internal",
        }
    }

    /// The next step, where one helps; empty otherwise.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Advised { next, .. } => next,
            Self::Card(_) => "post it without the preview of the link, or try again later",
            Self::NotFound { what: "the list" } => "your lists: kith list. Make one with: kith list create NAME",
            Self::NotYours => {
                "ids of yours: kith persona list. One that is hidden is there once it is shown: kith persona unhide"
            }
            Self::NoPhrase => {
                "have it shown on that device (kith devices lists yours), or look at the paper on which you wrote it; \
                 whether those are the words can be checked here: kith recovery phrase --check"
            }
            Self::DeviceRevoked(_) => {
                "write on another device of yours. What is here stays readable; to write from here again, make a new \
                 profile on this device and link that one"
            }
            Self::ProfileCopied => {
                "end Kith where the other copy runs, and start it here again. To write from both places, make a new profile \
                 there and link it: kith link offer"
            }
            Self::NoProfile => "make one with: kith init --name NAME",
            Self::NoPersona => "make one with: kith init --name NAME (or in the window of Kith)",
            Self::ProfileExists => "use it as it is, or choose another folder with --profile",
            Self::HasContent => "make the demo in a folder of its own: kith --profile DIR demo",
            Self::Demo => "make a profile of your own, in another folder: kith --profile DIR init --name NAME",
            Self::ProfileInUse => "close the app or `kith run` that uses it, or choose another folder with --profile",
            Self::ProfileTooNew => {
                "update Kith on this device; right after an update, the database from before lies beside kith.db"
            }
            Self::Keystore(KeystoreError::Locked) => {
                "unlock the keychain, or set KITH_PASSPHRASE with KITH_KEYSTORE=file"
            }
            Self::Keystore(KeystoreError::WrongPassphrase) => "check the passphrase",
            Self::Keystore(KeystoreError::Unavailable(_)) => {
                "start a Secret Service (for example gnome-keyring), or use KITH_KEYSTORE=file with a passphrase"
            }
            Self::Keystore(KeystoreError::NoKey) => {
                "the file profile-id in the profile's folder names its key: put it back from a copy, or select the \
                 keystore that the profile was made with"
            }
            Self::KeysLeft(_) => "the next start takes them out",
            Self::DatabaseDamaged => "nothing was changed; restore the folder from a copy",
            Self::DiskFull => "free some space; nothing that was acknowledged is lost",
            Self::Bundle(error) => error.hint(),
            Self::KeyChanged => {
                "compare again with: kith verify PERSONA, or go on without with: kith verify PERSONA --accept"
            }
            Self::NoBackup(_) => {
                "ask another anchor with --anchor TICKET, or name the persona with --persona ID: its followers know its id. \
                 A file of `kith export` and a device that you still have bring back more: kith import, kith link"
            }
            Self::Link(error) => error.hint(),
            Self::Ambiguous { .. } => "give more digits, or the whole name",
            Self::Exists(_) => "give another name, or --force to replace it",
            Self::NoCode => "take one of the whole code, from nearer and sharp, or paste its text",
            Self::SeveralCodes => "cut the picture to the one that you mean",
            Self::NearOffline => "start it without --offline, or give each other an invite: kith invite",
            Self::NearUnheard => {
                "join a Wi-Fi or another local network, let Kith look for devices there, or give each other an invite: kith invite"
            }
            Self::NotRunning => "start it with: kith run",
            _ => "",
        }
    }
}

/// Where the words of a recovery phrase are.
const WORDS: &str = "they are the 24 words that you wrote down; the device on which the persona was made shows them: kith recovery phrase";

impl From<PhraseError> for Error {
    fn from(error: PhraseError) -> Self {
        Self::Advised { told: error.to_string(), next: WORDS }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DiskFull | Code::SystemIoFailure | Code::ReadOnly | Code::CannotOpen) => Self::DiskFull,
            Some(Code::NotADatabase | Code::DatabaseCorrupt) => Self::DatabaseDamaged,
            _ => Self::Database(error),
        }
    }
}
