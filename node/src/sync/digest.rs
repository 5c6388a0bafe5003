//! What two nodes compare: authors by keyed short hashes, and fingerprints of copies.

use std::collections::BTreeMap;

use crate::id::{EntryId, NodeId, PersonaId};

/// An author as two nodes name it to each other in one week: who does not know the author learns nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuthorHash(pub(crate) u64);

/// Names the set of authors that one side asks for, between two nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetId(pub [u8; 8]);

/// The first 8 bytes of an entry's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShortId(pub u64);

impl ShortId {
    pub fn of(id: &EntryId) -> Self {
        Self(id.as_bytes().first_chunk().map_or(0, |first| u64::from_le_bytes(*first)))
    }
}

/// A place in the order of header entries: claimed time, and the first 8 bytes of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// Seconds.
    pub time: u64,
    pub id: [u8; 8],
}

impl Mark {
    pub(crate) const START: Self = Self { time: 0, id: [0; 8] };
    /// Behind every entry: no time is larger ([`crate::limits::LARGEST_NUMBER`]).
    pub(crate) const END: Self = Self { time: crate::limits::LARGEST_NUMBER, id: [u8::MAX; 8] };

    pub(crate) fn of(time: u64, id: &EntryId) -> Self {
        Self { time, id: id.as_bytes().first_chunk().copied().unwrap_or_default() }
    }
}

/// Header entries from one place up to, and without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub start: Mark,
    pub end: Mark,
}

impl Span {
    pub(crate) const ALL: Self = Self { start: Mark::START, end: Mark::END };
}

/// One part of a span, from where the part before ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderRange {
    pub end: Mark,
    pub set: HeaderSet,
}

/// What the asker holds of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderSet {
    Print(u64),
    Ids(Vec<ShortId>),
}

/// Fingerprint of one node's copy of an author: statements, logs and header entries. Its last two bytes are how many
/// entries that is, modulo 2^16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Print(pub [u8; 16]);

impl Print {
    pub(crate) fn new(hasher: &blake3::Hasher, entries: u64) -> Self {
        let [low, high, ..] = entries.to_le_bytes();
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = take(hasher);
        Self([a, b, c, d, e, f, g, h, i, j, k, l, m, n, low, high])
    }

    /// How many entries more than a peer's copy this one holds, as far as a short fingerprint tells.
    pub(crate) fn ahead_of(&self, theirs: &ShortPrint) -> i16 {
        let ([.., low, high], [.., their_low, their_high]) = (self.0, *theirs);
        u16::from_le_bytes([low, high]).wrapping_sub(u16::from_le_bytes([their_low, their_high])).cast_signed()
    }
}

/// A [`Print`] as a `Differ` carries it: three bytes of a salted hash, and how many entries, modulo 2^16.
pub(crate) type ShortPrint = [u8; 5];

/// One question between two nodes. What is computed from it holds for this question and this direction only: it can't
/// be sent back, passed on or compared with what others were told, and who does not know an author can't compute it.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    pub(crate) asker: NodeId,
    pub(crate) answerer: NodeId,
    pub(crate) nonce: u32,
}

impl Question {
    /// A fingerprint as a `Differ` carries it; salted, so that a collision does not outlive one exchange.
    pub(crate) fn print(&self, author: &PersonaId, print: &Print) -> ShortPrint {
        let mut hasher = self.hasher("kith 2026 sync print v1");
        hasher.update(author.as_bytes());
        hasher.update(&print.0);
        let ([a, b, c], [.., low, high]) = (take(&hasher), print.0);
        [a, b, c, low, high]
    }

    /// Proves that the answering side knows all these authors, in the order of the question.
    pub(crate) fn knows<'a>(&self, authors: impl Iterator<Item = &'a PersonaId>) -> [u8; 8] {
        let mut hasher = self.hasher("kith 2026 sync knows v1");
        for author in authors {
            hasher.update(author.as_bytes());
        }
        take(&hasher)
    }

    /// A fingerprint of statements or header entries as a `Want` carries it; salted, so that a collision does not
    /// outlive one exchange.
    pub(crate) fn part(&self, print: u64) -> u16 {
        let mut hasher = self.hasher("kith 2026 sync part v1");
        hasher.update(&print.to_le_bytes());
        u16::from_le_bytes(take(&hasher))
    }

    /// A fingerprint of the id where a range of held entries ends.
    pub(crate) fn check(&self, id: &EntryId) -> u16 {
        self.part(ShortId::of(id).0)
    }

    /// One digest over the asker's copies of an agreed set.
    pub(crate) fn digest<'a>(&self, prints: impl Iterator<Item = (&'a PersonaId, &'a Print)>) -> [u8; 16] {
        take(&self.over("kith 2026 sync digest v1", prints))
    }

    /// Proves that the answering side holds the same of the agreed set.
    pub(crate) fn same<'a>(&self, set: SetId, prints: impl Iterator<Item = (&'a PersonaId, &'a Print)>) -> [u8; 8] {
        let mut hasher = self.over("kith 2026 sync same v1", prints);
        hasher.update(&set.0);
        take(&hasher)
    }

    fn over<'a>(
        &self,
        context: &'static str,
        prints: impl Iterator<Item = (&'a PersonaId, &'a Print)>,
    ) -> blake3::Hasher {
        let mut hasher = self.hasher(context);
        let sorted: BTreeMap<&PersonaId, &Print> = prints.collect();
        for (author, print) in sorted {
            hasher.update(author.as_bytes());
            hasher.update(&print.0);
        }
        hasher
    }

    fn hasher(&self, context: &'static str) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new_derive_key(context);
        hasher.update(self.answerer.as_bytes());
        hasher.update(self.asker.as_bytes());
        hasher.update(&self.nonce.to_le_bytes());
        hasher
    }
}

/// Keyed hashes change with it.
pub(crate) fn week(unix_s: u64) -> u64 {
    unix_s / crate::limits::WEEK_S
}

/// The full week of a peer that told `low`, its week modulo 256: ours or a neighbour, else `None`.
pub(crate) fn week_of_peer(own: u64, low: u8) -> Option<u64> {
    [own, own.wrapping_add(1), own.wrapping_sub(1)].into_iter().find(|week| week.to_le_bytes().first() == Some(&low))
}

/// The names of authors between two nodes.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    keys: [u8; 64],
}

impl Pair {
    pub(crate) fn new(a: NodeId, b: NodeId) -> Self {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        let mut keys = [0; 64];
        for (to, from) in keys.iter_mut().zip(low.as_bytes().iter().chain(high.as_bytes())) {
            *to = *from;
        }
        Self { keys }
    }

    /// The name of an author in questions of `asker`: the other side can't send it back as a question of its own.
    pub(crate) fn author(&self, asker: NodeId, week: u64, author: &PersonaId) -> AuthorHash {
        let mut hasher = blake3::Hasher::new_derive_key("kith 2026 sync author v1");
        hasher.update(&self.keys);
        hasher.update(asker.as_bytes());
        hasher.update(&week.to_le_bytes());
        hasher.update(author.as_bytes());
        AuthorHash(u64::from_le_bytes(take(&hasher)))
    }

    /// The name of a set that `asker` asks for, in the order given.
    pub(crate) fn set<'a>(&self, asker: NodeId, authors: impl Iterator<Item = &'a PersonaId>) -> SetId {
        let mut hasher = blake3::Hasher::new_derive_key("kith 2026 sync set v1");
        hasher.update(&self.keys);
        hasher.update(asker.as_bytes());
        for author in authors {
            hasher.update(author.as_bytes());
        }
        SetId(take(&hasher))
    }
}

/// A remembered set holds only while the answering side knows the same authors: their name is bound in.
pub(crate) fn bound_set<'a>(set: SetId, known: impl Iterator<Item = &'a PersonaId>) -> SetId {
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 sync known v1");
    hasher.update(&set.0);
    for author in known {
        hasher.update(author.as_bytes());
    }
    SetId(take(&hasher))
}

/// Fingerprint of a set of ids; 0 for the empty one.
pub(crate) fn ids_print<'a>(ids: impl Iterator<Item = &'a EntryId>) -> u64 {
    let mut sorted: Vec<&EntryId> = ids.collect();
    if sorted.is_empty() {
        return 0;
    }
    sorted.sort_unstable();
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 sync ids v1");
    for id in sorted {
        hasher.update(id.as_bytes());
    }
    u64::from_le_bytes(take(&hasher))
}

pub(crate) fn take<const N: usize>(hasher: &blake3::Hasher) -> [u8; N] {
    let mut bytes = [0; N];
    hasher.finalize_xof().fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHOR: PersonaId = PersonaId::from_bytes([1; 32]);

    fn pair(a: u8, b: u8) -> Pair {
        Pair::new(NodeId::from_bytes([a; 32]), NodeId::from_bytes([b; 32]))
    }

    #[test]
    fn both_sides_name_an_author_alike_and_others_differently() {
        let (asker, other) = (NodeId::from_bytes([2; 32]), NodeId::from_bytes([3; 32]));
        assert_eq!(pair(2, 3).author(asker, 5, &AUTHOR), pair(3, 2).author(asker, 5, &AUTHOR));
        assert_ne!(pair(2, 3).author(asker, 5, &AUTHOR), pair(2, 4).author(asker, 5, &AUTHOR));
        assert_ne!(pair(2, 3).author(asker, 5, &AUTHOR), pair(2, 3).author(asker, 6, &AUTHOR));
        assert_ne!(pair(2, 3).author(asker, 5, &AUTHOR), pair(2, 3).author(other, 5, &AUTHOR), "no echo");
    }

    #[test]
    fn an_answer_proves_one_author_to_one_question() {
        let [a, b] = [2, 3].map(|byte| NodeId::from_bytes([byte; 32]));
        let question = Question { asker: a, answerer: b, nonce: 1 };
        let others = [Question { asker: b, answerer: a, nonce: 1 }, Question { nonce: 2, ..question }];
        let print = Print([7; 16]);
        for other in others {
            assert_ne!(question.knows([AUTHOR].iter()), other.knows([AUTHOR].iter()));
            assert_ne!(question.print(&AUTHOR, &print), other.print(&AUTHOR, &print));
            let copies = [(&AUTHOR, &print)];
            assert_ne!(question.digest(copies.into_iter()), other.digest(copies.into_iter()));
            assert_ne!(question.same(SetId([1; 8]), copies.into_iter()), other.same(SetId([1; 8]), copies.into_iter()));
        }
        assert_ne!(question.knows([AUTHOR].iter()), question.knows([PersonaId::from_bytes([9; 32])].iter()));
        assert_ne!(question.print(&AUTHOR, &print), question.print(&PersonaId::from_bytes([9; 32]), &print));
    }

    #[test]
    fn only_neighbour_weeks_are_taken() {
        assert_eq!(week_of_peer(256, 0), Some(256));
        assert_eq!(week_of_peer(256, 255), Some(255));
        assert_eq!(week_of_peer(256, 1), Some(257));
        assert_eq!(week_of_peer(256, 2), None);
    }

    #[test]
    fn the_order_of_ids_does_not_matter() {
        let [a, b] = [EntryId::from_bytes([1; 32]), EntryId::from_bytes([2; 32])];
        assert_eq!(ids_print([a, b].iter()), ids_print([b, a].iter()));
        assert_ne!(ids_print([a].iter()), ids_print([a, b].iter()));
        assert_eq!(ids_print([].iter()), 0);
    }
}
