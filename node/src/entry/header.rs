//! The fixed header layout: 160 bytes and 32 for each reference, little-endian (docs/protocol.md).

use crate::entry::body::Scope;
use crate::entry::verify::EntryError;
use crate::id::{BlobHash, DeviceKey, EntryId, PersonaId};
use crate::limits;

/// Bytes of a header without references.
pub const HEADER_BYTES: usize = 160;

/// The only version of the layout.
pub const HEADER_VERSION: u8 = 1;

const ID_CONTEXT: &str = "kith 2026 entry id v1";

/// What an entry says. Unknown kinds are kept verbatim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    LogOpen,
    PersonaOpen,
    DeviceCert,
    DeviceRevoke,
    RootRotate,
    DeviceKeys,
    Alias,
    Profile,
    Post,
    Comment,
    Reaction,
    Repost,
    Edit,
    Delete,
    Hide,
    Policy,
    Sealed,
    Unknown(u16),
}

impl Kind {
    /// Every kind that this release knows.
    pub const KNOWN: [Self; 17] = [
        Self::LogOpen,
        Self::PersonaOpen,
        Self::DeviceCert,
        Self::DeviceRevoke,
        Self::RootRotate,
        Self::DeviceKeys,
        Self::Alias,
        Self::Profile,
        Self::Post,
        Self::Comment,
        Self::Reaction,
        Self::Repost,
        Self::Edit,
        Self::Delete,
        Self::Hide,
        Self::Policy,
        Self::Sealed,
    ];

    /// The number on the wire and in the database. Numbers are never used again.
    pub const fn number(self) -> u16 {
        match self {
            Self::LogOpen => 1,
            Self::PersonaOpen => 2,
            Self::DeviceCert => 3,
            Self::DeviceRevoke => 4,
            Self::RootRotate => 5,
            Self::DeviceKeys => 6,
            Self::Alias => 7,
            Self::Profile => 8,
            Self::Post => 9,
            Self::Comment => 10,
            Self::Reaction => 11,
            Self::Repost => 12,
            Self::Edit => 13,
            Self::Delete => 14,
            Self::Hide => 15,
            Self::Policy => 16,
            Self::Sealed => 17,
            Self::Unknown(number) => number,
        }
    }

    /// The kind of a number; never `Unknown` for a number that is known.
    pub const fn from_number(number: u16) -> Self {
        match number {
            1 => Self::LogOpen,
            2 => Self::PersonaOpen,
            3 => Self::DeviceCert,
            4 => Self::DeviceRevoke,
            5 => Self::RootRotate,
            6 => Self::DeviceKeys,
            7 => Self::Alias,
            8 => Self::Profile,
            9 => Self::Post,
            10 => Self::Comment,
            11 => Self::Reaction,
            12 => Self::Repost,
            13 => Self::Edit,
            14 => Self::Delete,
            15 => Self::Hide,
            16 => Self::Policy,
            17 => Self::Sealed,
            other => Self::Unknown(other),
        }
    }

    /// Stands alone, signed by a root or recovery key, and is merged by id.
    pub const fn is_statement(self) -> bool {
        matches!(self, Self::PersonaOpen | Self::DeviceCert | Self::DeviceRevoke | Self::RootRotate)
    }

    /// Whether an entry of this kind may stand in a log of `scope`. The scope of a log is known to the store only,
    /// so this is checked when the entry is applied.
    pub const fn stands_in(self, scope: Scope) -> bool {
        match self {
            Self::PersonaOpen | Self::DeviceCert | Self::DeviceRevoke | Self::RootRotate => false,
            Self::LogOpen | Self::Edit | Self::Delete | Self::Unknown(_) => true,
            Self::Profile | Self::DeviceKeys | Self::Alias | Self::Post | Self::Repost | Self::Policy | Self::Hide => {
                matches!(scope, Scope::Posts)
            }
            Self::Comment | Self::Reaction => matches!(scope, Scope::Engagement),
            Self::Sealed => matches!(scope, Scope::Sealed),
        }
    }

    /// As [`Header::role`]; `one_time`: it stands in no log.
    pub(crate) const fn role(self, one_time: bool, refers: bool) -> Self {
        match (self, one_time, refers) {
            (Self::Sealed, false, false) => Self::Post,
            (Self::Sealed, false, true) => Self::Edit,
            (kind, ..) => kind,
        }
    }

    /// How many references an entry of this kind has: least and most.
    pub const fn refs(self) -> (usize, usize) {
        match self {
            Self::LogOpen
            | Self::PersonaOpen
            | Self::DeviceCert
            | Self::DeviceRevoke
            | Self::RootRotate
            | Self::DeviceKeys
            | Self::Alias
            | Self::Profile
            | Self::Post => (0, 0),
            Self::Comment => (2, 2),
            Self::Reaction | Self::Repost | Self::Edit => (1, 1),
            Self::Delete => (1, limits::REFS),
            Self::Hide => (2, limits::REFS),
            Self::Policy | Self::Sealed => (0, 1),
            Self::Unknown(_) => (0, limits::REFS),
        }
    }

    /// The largest body of an entry of this kind, bytes.
    pub const fn body_limit(self) -> usize {
        match self {
            Self::Sealed => limits::SEALED_BODY_BYTES,
            Self::Unknown(_) => limits::UNKNOWN_BODY_BYTES,
            _ if self.is_statement() => limits::STATEMENT_BODY_BYTES,
            _ => limits::BODY_BYTES,
        }
    }
}

/// The three shapes of an entry; others are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One step of a log; its device is certified by the author's root.
    Log,
    /// Signed by a root or recovery key; log, seq and prev are zero; merged by id.
    Statement,
    /// Kind `Sealed`, device = author; log, seq and prev are zero; no certificate, in no manifest.
    OneTime,
}

/// Where the next entry of a log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub author: PersonaId,
    pub device: DeviceKey,
    /// Random, never 0.
    pub log: u64,
    pub seq: u64,
    pub prev: EntryId,
}

impl Place {
    /// Where the `LogOpen` of a new log goes. `log` is random and not 0.
    pub const fn first(author: PersonaId, device: DeviceKey, log: u64) -> Self {
        Self { author, device, log, seq: 0, prev: EntryId::ZERO }
    }

    /// Where the entry after `header` goes.
    pub fn after(header: &Header) -> Self {
        Self {
            author: header.author,
            device: header.device,
            log: header.log,
            seq: header.seq.saturating_add(1),
            prev: header.id(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub author: PersonaId,
    pub device: DeviceKey,
    pub log: u64,
    pub seq: u64,
    /// `EntryId::ZERO` at seq 0 and in the other shapes.
    pub prev: EntryId,
    /// Seconds since the Unix epoch as the author claims.
    pub time: u64,
    pub kind: Kind,
    pub refs: Vec<EntryId>,
    pub body_len: u32,
    /// BLAKE3 of the body.
    pub body_hash: BlobHash,
}

impl Header {
    /// A log entry without its body: [`sign`](crate::entry::sign) fills in length and hash. `time` in seconds.
    pub fn log_entry(place: Place, kind: Kind, time: u64, refs: Vec<EntryId>) -> Self {
        let Place { author, device, log, seq, prev } = place;
        Self { author, device, log, seq, prev, time, kind, refs, body_len: 0, body_hash: BlobHash::ZERO }
    }

    /// An identity statement without its body, to be signed by `key`, the root or recovery key. `time` in seconds.
    pub fn statement(author: PersonaId, key: DeviceKey, kind: Kind, time: u64) -> Self {
        let place = Place { author, device: key, log: 0, seq: 0, prev: EntryId::ZERO };
        Self::log_entry(place, kind, time, Vec::new())
    }

    /// A one-time entry without its body. `key` is used for this entry only; `day` is days since the epoch.
    pub fn one_time(key: DeviceKey, day: u32, refs: Vec<EntryId>) -> Self {
        let time = u64::from(day).saturating_mul(limits::DAY_S);
        Self { refs, ..Self::statement(PersonaId::from_bytes(key.to_bytes()), key, Kind::Sealed, time) }
    }

    /// BLAKE3 of the layout, in derive-key mode.
    pub fn id(&self) -> EntryId {
        EntryId::from_bytes(blake3::derive_key(ID_CONTEXT, &self.to_bytes()))
    }

    /// What an entry of a log is to the header of a post: a sealed one is a post, or the edit of the one that it names.
    pub fn role(&self) -> Kind {
        self.kind.role(self.log == 0, !self.refs.is_empty())
    }

    /// Which of the three shapes the header has.
    ///
    /// # Errors
    /// [`EntryError::Shape`] where it is none of them.
    pub fn shape(&self) -> Result<Shape, EntryError> {
        let unplaced = self.log == 0 && self.seq == 0 && self.prev == EntryId::ZERO;
        if self.kind.is_statement() {
            return if unplaced { Ok(Shape::Statement) } else { Err(EntryError::Shape) };
        }
        if self.log == 0 {
            let own_author = self.author.as_bytes() == self.device.as_bytes();
            let one_time = unplaced && self.kind == Kind::Sealed && own_author;
            return if one_time { Ok(Shape::OneTime) } else { Err(EntryError::Shape) };
        }
        let opens = self.kind == Kind::LogOpen;
        if (self.seq == 0) == opens && (self.prev == EntryId::ZERO) == opens {
            Ok(Shape::Log)
        } else {
            Err(EntryError::Shape)
        }
    }

    /// The layout. A header with more than [`limits::REFS`] references gives bytes that [`Header::parse`] refuses.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_BYTES + 32 * self.refs.len());
        out.push(HEADER_VERSION);
        out.extend_from_slice(self.author.as_bytes());
        out.extend_from_slice(self.device.as_bytes());
        out.extend_from_slice(&self.log.to_le_bytes());
        out.extend_from_slice(&self.seq.to_le_bytes());
        out.extend_from_slice(self.prev.as_bytes());
        out.extend_from_slice(&self.time.to_le_bytes());
        out.extend_from_slice(&self.kind.number().to_le_bytes());
        out.push(u8::try_from(self.refs.len()).unwrap_or(u8::MAX));
        for id in &self.refs {
            out.extend_from_slice(id.as_bytes());
        }
        out.extend_from_slice(&self.body_len.to_le_bytes());
        out.extend_from_slice(self.body_hash.as_bytes());
        out
    }

    /// Reads the layout. Only the form is checked here; shape, references and signature are
    /// [`verify`](crate::entry::verify)'s.
    ///
    /// # Errors
    /// An unknown version, more than [`limits::REFS`] references, too few or too many bytes.
    pub fn parse(mut bytes: &[u8]) -> Result<Self, EntryError> {
        let at = &mut bytes;
        let [version] = take(at)?;
        if version != HEADER_VERSION {
            return Err(EntryError::Version(version));
        }
        let author = PersonaId::from_bytes(take(at)?);
        let device = DeviceKey::from_bytes(take(at)?);
        let log = u64::from_le_bytes(take(at)?);
        let seq = u64::from_le_bytes(take(at)?);
        let prev = EntryId::from_bytes(take(at)?);
        let time = u64::from_le_bytes(take(at)?);
        let kind = Kind::from_number(u16::from_le_bytes(take(at)?));
        let [count] = take(at)?;
        let refs = take_refs(at, count)?;
        let body_len = u32::from_le_bytes(take(at)?);
        let body_hash = BlobHash::from_bytes(take(at)?);
        if !at.is_empty() {
            return Err(EntryError::Trailing);
        }
        Ok(Self { author, device, log, seq, prev, time, kind, refs, body_len, body_hash })
    }
}

/// Takes `N` bytes from the front.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], EntryError> {
    let (first, rest) = bytes.split_first_chunk::<N>().ok_or(EntryError::Truncated)?;
    *bytes = rest;
    Ok(*first)
}

/// Takes `count` references from the front.
pub(super) fn take_refs(bytes: &mut &[u8], count: u8) -> Result<Vec<EntryId>, EntryError> {
    let count = usize::from(count);
    if count > limits::REFS {
        return Err(EntryError::TooLarge { what: "the number of references", limit: limits::REFS });
    }
    (0..count).map(|_| take(bytes).map(EntryId::from_bytes)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header() -> impl Strategy<Value = Header> {
        let ids = (any::<[u8; 32]>(), any::<[u8; 32]>(), any::<[u8; 32]>(), any::<[u8; 32]>());
        let numbers = (any::<u64>(), any::<u64>(), any::<u64>(), any::<u16>(), any::<u32>());
        let refs = proptest::collection::vec(any::<[u8; 32]>(), 0..=limits::REFS);
        (ids, numbers, refs).prop_map(|((author, device, prev, hash), (log, seq, time, kind, body_len), refs)| Header {
            author: PersonaId::from_bytes(author),
            device: DeviceKey::from_bytes(device),
            log,
            seq,
            prev: EntryId::from_bytes(prev),
            time,
            kind: Kind::from_number(kind),
            refs: refs.into_iter().map(EntryId::from_bytes).collect(),
            body_len,
            body_hash: BlobHash::from_bytes(hash),
        })
    }

    proptest! {
        #[test]
        fn bytes_and_header_are_the_same_thing(header in header()) {
            let bytes = header.to_bytes();
            prop_assert_eq!(bytes.len(), HEADER_BYTES + 32 * header.refs.len());
            prop_assert_eq!(Header::parse(&bytes).unwrap(), header);
        }

        #[test]
        fn what_parses_is_canonical(bytes in proptest::collection::vec(any::<u8>(), 150..260)) {
            let mut bytes = bytes;
            bytes[0] = HEADER_VERSION;
            if let Ok(header) = Header::parse(&bytes) {
                prop_assert_eq!(header.to_bytes(), bytes);
            }
        }
    }

    fn opening() -> Header {
        let place = Place::first(PersonaId::from_bytes([1; 32]), DeviceKey::from_bytes([2; 32]), 7);
        Header::log_entry(place, Kind::LogOpen, 1_000, Vec::new())
    }

    #[test]
    fn fields_stand_where_the_document_says() {
        let mut header = opening();
        (header.seq, header.time, header.kind) = (0x0102, 0x0304, Kind::Unknown(0x0506));
        header.prev = EntryId::from_bytes([3; 32]);
        header.refs = vec![EntryId::from_bytes([4; 32])];
        (header.body_len, header.body_hash) = (0x0708, BlobHash::from_bytes([5; 32]));
        let bytes = header.to_bytes();
        assert_eq!(bytes.len(), 192);
        assert_eq!(bytes[0], 1);
        assert_eq!(bytes[1..33], [1; 32]);
        assert_eq!(bytes[33..65], [2; 32]);
        assert_eq!(bytes[65..73], [7, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes[73..81], [2, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes[81..113], [3; 32]);
        assert_eq!(bytes[113..121], [4, 3, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes[121..123], [6, 5]);
        assert_eq!(bytes[123], 1);
        assert_eq!(bytes[124..156], [4; 32]);
        assert_eq!(bytes[156..160], [8, 7, 0, 0]);
        assert_eq!(bytes[160..192], [5; 32]);
    }

    #[test]
    fn other_versions_and_lengths_are_refused() {
        let good = opening().to_bytes();
        for cut in 0..good.len() {
            assert!(Header::parse(&good[..cut]).is_err(), "{cut} bytes");
        }
        let mut long = good.clone();
        long.push(0);
        assert_eq!(Header::parse(&long), Err(EntryError::Trailing));
        let mut newer = good.clone();
        newer[0] = 2;
        assert_eq!(Header::parse(&newer), Err(EntryError::Version(2)));
        let mut crowded = good;
        crowded[123] = 9;
        crowded.extend([0; 9 * 32]);
        assert!(matches!(Header::parse(&crowded), Err(EntryError::TooLarge { .. })));
    }

    #[test]
    fn numbers_of_kinds_round_trip() {
        for number in 0..=u16::MAX {
            assert_eq!(Kind::from_number(number).number(), number);
        }
        for kind in Kind::KNOWN {
            assert_eq!(Kind::from_number(kind.number()), kind);
        }
    }

    #[test]
    fn only_three_shapes_are_taken() {
        let open = opening();
        assert_eq!(open.shape(), Ok(Shape::Log));
        let second = Header::log_entry(Place::after(&open), Kind::Post, 1_000, Vec::new());
        assert_eq!((second.seq, second.prev), (1, open.id()));
        assert_eq!(second.shape(), Ok(Shape::Log));
        let statement = Header::statement(open.author, open.device, Kind::DeviceCert, 1_000);
        assert_eq!(statement.shape(), Ok(Shape::Statement));
        let one_time = Header::one_time(open.device, 20_000, Vec::new());
        assert_eq!(one_time.shape(), Ok(Shape::OneTime));

        let bad = [
            Header { log: 0, ..open.clone() },
            Header { prev: second.prev, ..open.clone() },
            Header { seq: 1, ..open.clone() },
            Header { kind: Kind::Post, ..open.clone() },
            Header { seq: 0, ..second.clone() },
            Header { prev: EntryId::ZERO, ..second.clone() },
            Header { kind: Kind::LogOpen, ..second.clone() },
            Header { kind: Kind::RootRotate, ..second.clone() },
            Header { log: 0, ..second },
            Header { log: 7, ..statement.clone() },
            Header { seq: 1, ..statement.clone() },
            Header { kind: Kind::Post, ..statement },
            Header { author: open.author, ..one_time.clone() },
            Header { kind: Kind::Post, ..one_time.clone() },
            Header { kind: Kind::Unknown(400), ..one_time.clone() },
            Header { seq: 1, ..one_time.clone() },
            Header { log: 7, ..one_time },
        ];
        for header in bad {
            assert_eq!(header.shape(), Err(EntryError::Shape), "{header:?}");
        }
    }
}
