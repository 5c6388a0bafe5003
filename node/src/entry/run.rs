//! Runs: consecutive entries of one log as they travel, leaving out what rebuilds exactly (author, device, log,
//! seq, prev, body length and hash). The ids prove it.

use crate::entry::header::{take, take_refs};
use crate::entry::{Entry, EntryError, Header, Kind, Unverified};
use crate::id::{BlobHash, DeviceKey, EntryId, PersonaId};
use crate::limits;

/// Entries of one log, rising by one. A statement (or one-time entry) is a run of one with log, first_seq and
/// first_prev zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub author: PersonaId,
    pub device: DeviceKey,
    pub log: u64,
    pub first_seq: u64,
    pub first_prev: EntryId,
    pub items: Vec<RunItem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunItem {
    pub time: u64,
    pub kind: Kind,
    pub refs: Vec<EntryId>,
    pub signature: [u8; 64],
    pub body: Body,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Present(Vec<u8>),
    /// Deleted, evicted or left out of a push.
    Absent {
        len: u32,
        hash: BlobHash,
    },
}

/// Log and seq are written; else they are zero.
const PLACED: u8 = 1;
/// The `prev` of the first entry is written; else it is zero.
const PREV: u8 = 2;
/// The author is left out: its bytes are those of the device (one-time entries).
const SAME: u8 = 4;
/// In the first byte of an item: its body is absent.
const ABSENT: u8 = 0x80;
/// No item takes less: count of references, kind, time, signature, length of the body.
const ITEM_LEAST_BYTES: usize = 1 + 1 + 1 + 64 + 1;

impl Run {
    /// Groups entries into as few runs as possible, keeping their order. Entries that were verified come back the
    /// same from [`Run::into_entries`].
    pub fn from_entries(entries: &[Entry]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut last: Option<&Entry> = None;
        for entry in entries {
            let item = RunItem::from_entry(entry);
            match (runs.last_mut(), last) {
                (Some(run), Some(last)) if run.items.len() < limits::PAGE_ENTRIES && follows(last, entry) => {
                    run.items.push(item);
                }
                _ => runs.push(Run {
                    author: entry.header.author,
                    device: entry.header.device,
                    log: entry.header.log,
                    first_seq: entry.header.seq,
                    first_prev: entry.header.prev,
                    items: vec![item],
                }),
            }
            last = Some(entry);
        }
        runs
    }

    /// The entries, rebuilt: each `prev` is the id of the one before.
    pub fn into_entries(self) -> Vec<Unverified<Entry>> {
        let Run { author, device, log, first_seq, first_prev, items } = self;
        let (mut seq, mut prev) = (first_seq, first_prev);
        let rebuild = |item: RunItem| {
            let RunItem { time, kind, refs, signature, body } = item;
            let (body_len, body_hash, body) = match body {
                Body::Present(bytes) => {
                    (length(&bytes), BlobHash::from_bytes(*blake3::hash(&bytes).as_bytes()), Some(bytes))
                }
                Body::Absent { len, hash } => (len, hash, None),
            };
            let header = Header { author, device, log, seq, prev, time, kind, refs, body_len, body_hash };
            prev = header.id();
            seq = seq.wrapping_add(1);
            Unverified(Entry { header, signature, body })
        };
        items.into_iter().map(rebuild).collect()
    }

    /// Appends the wire form (docs/protocol.md). A run that breaks a limit gives bytes that [`Run::decode`] refuses.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let placed = self.log != 0 || self.first_seq != 0;
        let prev = self.first_prev != EntryId::ZERO;
        let same = self.author.as_bytes() == self.device.as_bytes();
        let flag = |set, flag| if set { flag } else { 0 };
        out.push(flag(placed, PLACED) | flag(prev, PREV) | flag(same, SAME));
        out.extend_from_slice(self.device.as_bytes());
        if !same {
            out.extend_from_slice(self.author.as_bytes());
        }
        if placed {
            out.extend_from_slice(&self.log.to_le_bytes());
            put_varint(out, self.first_seq);
        }
        if prev {
            out.extend_from_slice(self.first_prev.as_bytes());
        }
        self.encode_items(out);
    }

    /// Appends the entries alone, for who names the log and where it goes on in another way.
    pub(crate) fn encode_items(&self, out: &mut Vec<u8>) {
        put_varint(out, self.items.len() as u64);
        let mut last = 0;
        for item in &self.items {
            item.encode(last, out);
            last = item.time;
        }
    }

    /// Reads one run from the front of `bytes` and moves past it. Only the form is checked: what was said is
    /// [`verify`](crate::entry::verify)'s to judge.
    ///
    /// # Errors
    /// Bytes that [`Run::encode`] does not write, or more than a limit allows. `bytes` may then have moved.
    pub fn decode(bytes: &mut &[u8]) -> Result<Run, EntryError> {
        let [flags] = take(bytes)?;
        if flags & !(PLACED | PREV | SAME) != 0 {
            return Err(EntryError::Malformed("an unknown flag of a run"));
        }
        let device = DeviceKey::from_bytes(take(bytes)?);
        let author = if flags & SAME == 0 {
            PersonaId::from_bytes(take(bytes)?)
        } else {
            PersonaId::from_bytes(device.to_bytes())
        };
        let (log, first_seq) = match flags & PLACED {
            0 => (0, 0),
            _ => (u64::from_le_bytes(take(bytes)?), take_varint(bytes)?),
        };
        let first_prev = if flags & PREV == 0 { EntryId::ZERO } else { EntryId::from_bytes(take(bytes)?) };
        let needless = (flags & SAME == 0 && author.as_bytes() == device.as_bytes())
            || (flags & PLACED != 0 && log == 0 && first_seq == 0)
            || (flags & PREV != 0 && first_prev == EntryId::ZERO);
        if needless {
            return Err(EntryError::Malformed("a run names what it can leave out"));
        }
        Ok(Run { author, device, log, first_seq, first_prev, items: Self::decode_items(bytes)? })
    }

    /// Reads what [`Run::encode_items`] wrote.
    pub(crate) fn decode_items(bytes: &mut &[u8]) -> Result<Vec<RunItem>, EntryError> {
        let count = take_length(bytes, "the number of entries in a run", limits::PAGE_ENTRIES)?;
        if bytes.len() < count.saturating_mul(ITEM_LEAST_BYTES) {
            return Err(EntryError::Truncated);
        }
        let mut items = Vec::with_capacity(count);
        let mut last = 0;
        for _ in 0..count {
            let item = RunItem::decode(last, bytes)?;
            last = item.time;
            items.push(item);
        }
        Ok(items)
    }
}

impl RunItem {
    fn from_entry(entry: &Entry) -> Self {
        let Entry { header, signature, body } = entry;
        Self {
            time: header.time,
            kind: header.kind,
            refs: header.refs.clone(),
            signature: *signature,
            body: match body {
                Some(bytes) => Body::Present(bytes.clone()),
                None => Body::Absent { len: header.body_len, hash: header.body_hash },
            },
        }
    }

    fn encode(&self, last_time: u64, out: &mut Vec<u8>) {
        let refs = u8::try_from(self.refs.len()).unwrap_or(u8::MAX).min(!ABSENT);
        let absent = matches!(self.body, Body::Absent { .. });
        out.push(if absent { refs | ABSENT } else { refs });
        put_varint(out, u64::from(self.kind.number()));
        put_varint(out, zigzag(self.time.wrapping_sub(last_time)));
        for id in &self.refs {
            out.extend_from_slice(id.as_bytes());
        }
        out.extend_from_slice(&self.signature);
        match &self.body {
            Body::Present(bytes) => {
                put_varint(out, bytes.len() as u64);
                out.extend_from_slice(bytes);
            }
            Body::Absent { len, hash } => {
                put_varint(out, u64::from(*len));
                out.extend_from_slice(hash.as_bytes());
            }
        }
    }

    fn decode(last_time: u64, bytes: &mut &[u8]) -> Result<Self, EntryError> {
        let [head] = take(bytes)?;
        let kind = u16::try_from(take_varint(bytes)?).map_err(|_| EntryError::Malformed("the number of a kind"))?;
        let time = last_time.wrapping_add(unzigzag(take_varint(bytes)?));
        let refs = take_refs(bytes, head & !ABSENT)?;
        let signature = take(bytes)?;
        let kind = Kind::from_number(kind);
        let len = take_length(bytes, "the body", kind.body_limit())?;
        let body = if head & ABSENT == 0 {
            let (body, rest) = bytes.split_at_checked(len).ok_or(EntryError::Truncated)?;
            *bytes = rest;
            Body::Present(body.to_vec())
        } else {
            let len = u32::try_from(len).map_err(|_| EntryError::Malformed("the length of a body"))?;
            Body::Absent { len, hash: BlobHash::from_bytes(take(bytes)?) }
        };
        Ok(Self { time, kind, refs, signature, body })
    }
}

fn follows(last: &Entry, next: &Entry) -> bool {
    let (a, b) = (&last.header, &next.header);
    a.log != 0
        && (a.author, a.device, a.log) == (b.author, b.device, b.log)
        && a.seq.checked_add(1) == Some(b.seq)
        && b.prev == a.id()
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// Small differences of either sign become small numbers.
fn zigzag(difference: u64) -> u64 {
    let signed = difference.cast_signed();
    ((signed << 1) ^ (signed >> 63)).cast_unsigned()
}

fn unzigzag(number: u64) -> u64 {
    (number >> 1) ^ (number & 1).wrapping_neg()
}

/// Seven bits a byte, least first; the top bit says that more follow.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

pub(crate) fn take_varint(bytes: &mut &[u8]) -> Result<u64, EntryError> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let [byte] = take(bytes)?;
        let low = u64::from(byte & 0x7f);
        // The tenth byte holds the top bit only.
        if shift == 63 && low > 1 {
            return Err(EntryError::Malformed("a number past 64 bits"));
        }
        value |= low << shift;
        if byte & 0x80 == 0 {
            if byte == 0 && shift > 0 {
                return Err(EntryError::Malformed("a number is not in its shortest form"));
            }
            return Ok(value);
        }
    }
    Err(EntryError::Malformed("a number past 64 bits"))
}

fn take_length(bytes: &mut &[u8], what: &'static str, limit: usize) -> Result<usize, EntryError> {
    let value = take_varint(bytes)?;
    usize::try_from(value).ok().filter(|len| *len <= limit).ok_or(EntryError::TooLarge { what, limit })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::entry::Place;

    fn id() -> impl Strategy<Value = [u8; 32]> {
        prop_oneof![Just([0; 32]), any::<[u8; 32]>()]
    }

    fn item() -> impl Strategy<Value = RunItem> {
        let body = prop_oneof![
            vec(any::<u8>(), 0..200).prop_map(Body::Present),
            (0..4_000_u32, any::<[u8; 32]>())
                .prop_map(|(len, hash)| Body::Absent { len, hash: BlobHash::from_bytes(hash) }),
        ];
        (any::<u64>(), any::<u16>(), vec(id(), 0..=limits::REFS), any::<[u8; 64]>(), body).prop_map(
            |(time, kind, refs, signature, body)| RunItem {
                time,
                kind: Kind::from_number(kind),
                refs: refs.into_iter().map(EntryId::from_bytes).collect(),
                signature,
                body,
            },
        )
    }

    fn run() -> impl Strategy<Value = Run> {
        let seq = prop_oneof![Just(0), any::<u64>()];
        (id(), id(), prop_oneof![Just(0), any::<u64>()], seq, id(), vec(item(), 0..6)).prop_map(
            |(author, device, log, first_seq, prev, items)| Run {
                author: PersonaId::from_bytes(author),
                device: DeviceKey::from_bytes(device),
                log,
                first_seq,
                first_prev: EntryId::from_bytes(prev),
                items,
            },
        )
    }

    proptest! {
        #[test]
        fn a_run_round_trips_and_leaves_what_follows(run in run(), rest in vec(any::<u8>(), 0..8)) {
            let mut bytes = Vec::new();
            run.encode(&mut bytes);
            let len = bytes.len();
            bytes.extend(&rest);
            let mut at = bytes.as_slice();
            prop_assert_eq!(Run::decode(&mut at).unwrap(), run);
            prop_assert_eq!(at, rest.as_slice());
            for cut in (0..len).step_by(7) {
                prop_assert!(Run::decode(&mut &bytes[..cut]).is_err());
            }
        }

        #[test]
        fn what_decodes_is_canonical(run in run(), at in any::<prop::sample::Index>(), flip in 1_u8..) {
            let mut bytes = Vec::new();
            run.encode(&mut bytes);
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            let mut rest = bytes.as_slice();
            if let Ok(other) = Run::decode(&mut rest) {
                let mut again = Vec::new();
                other.encode(&mut again);
                prop_assert_eq!(again.as_slice(), &bytes[..bytes.len() - rest.len()]);
            }
        }

        #[test]
        fn numbers_round_trip(value in any::<u64>(), other in any::<u64>()) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            prop_assert_eq!(take_varint(&mut bytes.as_slice()).unwrap(), value);
            prop_assert_eq!(other.wrapping_add(unzigzag(zigzag(value.wrapping_sub(other)))), value);
        }
    }

    fn chain(log: u64, count: u64) -> Vec<Entry> {
        let mut place = Place::first(PersonaId::from_bytes([1; 32]), DeviceKey::from_bytes([2; 32]), log);
        let entry = |at: u64| {
            let body = vec![at.to_le_bytes()[0]; 20];
            let kind = if at == 0 { Kind::LogOpen } else { Kind::Post };
            let mut header = Header::log_entry(place, kind, 1_000 + at, Vec::new());
            header.body_len = length(&body);
            header.body_hash = BlobHash::from_bytes(*blake3::hash(&body).as_bytes());
            place = Place::after(&header);
            Entry { header, signature: [3; 64], body: Some(body).filter(|_| at != 2) }
        };
        (0..count).map(entry).collect()
    }

    #[test]
    fn neighbours_share_a_run_and_come_back_the_same() {
        let mut entries = chain(7, 5);
        entries.extend(chain(8, 3));
        let statement = Header::statement(entries[0].header.author, entries[0].header.device, Kind::DeviceCert, 5);
        let statement = Entry { header: statement, signature: [4; 64], body: None };
        entries.extend([statement.clone(), statement]);
        let gap = entries.remove(3);
        let runs = Run::from_entries(&entries);
        assert_eq!(runs.iter().map(|run| run.items.len()).collect::<Vec<_>>(), [3, 1, 3, 1, 1]);
        assert_eq!(runs[1].first_prev, gap.id());
        let back: Vec<Entry> = runs.into_iter().flat_map(Run::into_entries).map(|entry| entry.0).collect();
        assert_eq!(back, entries);
    }

    #[test]
    fn branches_of_a_fork_do_not_share_a_run() {
        let entries = chain(7, 3);
        let mut other = entries[2].clone();
        other.header.prev = EntryId::from_bytes([9; 32]);
        let runs = Run::from_entries(&[entries[0].clone(), entries[1].clone(), other]);
        assert_eq!(runs.len(), 2);
    }

    #[test]
    fn a_short_post_travels_in_few_bytes() {
        let entries = chain(7, 101);
        let mut bytes = Vec::new();
        Run::from_entries(&entries)[0].encode(&mut bytes);
        let each = bytes.len() / 101;
        assert!(each <= 20 + 64 + 6, "{each} bytes an entry of 20");
    }

    #[test]
    fn a_promise_of_much_reserves_nothing() {
        let mut bytes = vec![PLACED];
        bytes.extend([1; 64]);
        bytes.extend([1; 8]);
        bytes.push(0);
        let head = bytes.len();
        put_varint(&mut bytes, limits::PAGE_ENTRIES as u64);
        assert_eq!(Run::decode(&mut bytes.as_slice()), Err(EntryError::Malformed("a run names what it can leave out")));
        bytes[1] = 9;
        assert_eq!(Run::decode(&mut bytes.as_slice()), Err(EntryError::Truncated));
        bytes.truncate(head);
        put_varint(&mut bytes, u64::MAX);
        assert!(matches!(Run::decode(&mut bytes.as_slice()), Err(EntryError::TooLarge { .. })));
    }
}
