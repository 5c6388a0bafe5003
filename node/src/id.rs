//! Identifiers. Each is 32 bytes, shown as 64 lowercase hex digits, and a type of its own, so that a node key can
//! never stand where a persona id belongs (invariant 1).

use std::{fmt, str::FromStr};

use data_encoding::HEXLOWER;
use ed25519_dalek::VerifyingKey;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    #[error("an id has 64 hex digits, this has {0}")]
    Length(usize),
    #[error("an id has only the digits 0-9 and a-f")]
    Digit,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// All zero: stands for "none" where a fixed layout has the field anyway.
            pub const ZERO: Self = Self([0; 32]);

            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// `None` unless `bytes` are 32.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            pub const fn to_bytes(self) -> [u8; 32] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let hex = HEXLOWER.encode(&self.0);
                write!(f, "{}({})", stringify!($name), hex.get(..10).unwrap_or_default())
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                if text.len() != 64 {
                    return Err(ParseIdError::Length(text.chars().count()));
                }
                let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| ParseIdError::Digit)?;
                Self::from_slice(&bytes).ok_or(ParseIdError::Digit)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.0.as_slice().into())
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                <[u8; 32]>::column_result(value).map(Self)
            }
        }
    };
}

id! {
    /// An entry: BLAKE3 of its header (DESIGN §4).
    EntryId
}
id! {
    /// A persona: a hash of its first root key and its recovery commitment. Never changes.
    PersonaId
}
id! {
    /// An Ed25519 verifying key that signs entries: a device key, or a root key in identity statements.
    DeviceKey
}
id! {
    /// An installation of the user: random, known to own devices alone.
    DeviceId
}
id! {
    /// A blob: BLAKE3 of its bytes, the hash by which iroh-blobs names it.
    BlobHash
}
id! {
    /// A list of people: random.
    ListId
}
id! {
    /// A circle: random.
    CircleId
}
id! {
    /// A private thread: of two personas a hash of both, of a group random.
    ThreadId
}
id! {
    /// A message in a thread: random, the same on every device.
    MessageId
}
id! {
    /// A post that waits to be signed: random, known to this device alone.
    HeldId
}
id! {
    /// Something that the user is told of: a hash of whom it concerns and what happened, the same on every own device.
    NotificationId
}
id! {
    /// A network key (iroh `EndpointId`): transport only, never beside a posting key.
    NodeId
}

impl From<&VerifyingKey> for DeviceKey {
    fn from(key: &VerifyingKey) -> Self {
        Self(key.to_bytes())
    }
}

/// Short name of a log inside one author: the first 8 bytes of BLAKE3 over device key and log number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LogRef(pub u64);

impl LogRef {
    pub fn new(device: &DeviceKey, log: u64) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("kith 2026 log ref v1");
        hasher.update(device.as_bytes());
        hasher.update(&log.to_le_bytes());
        let mut first = [0; 8];
        hasher.finalize_xof().fill(&mut first);
        Self(u64::from_le_bytes(first))
    }
}
