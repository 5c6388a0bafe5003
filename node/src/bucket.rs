//! Buckets (DESIGN §5.3): prefixes of the route that a sealed entry names. Whoever takes a bucket takes all of it, and
//! recognises its own by tags, alone. Prefixes nest, and the empty one is everything.
//!
//! To sync a bucket is one author more: its sealed entries are compared and pushed as the header entries of an author's
//! posts are, so they cost no exchange of their own. It has no log, no statement and no key. Its name can be read:
//! whoever sees one knows which bucket it is.

use std::sync::LazyLock;

use crate::id::PersonaId;
use crate::limits::BUCKET_BITS;

const CONTEXT: &str = "kith 2026 bucket v1";
/// How many of a route's last bits say, in a route as it is handed out, how many of the first are its bucket's.
const LENGTH_BITS: u32 = 5;

static NAME: LazyLock<[u8; 32]> = LazyLock::new(|| blake3::derive_key(CONTEXT, &[]));

/// A prefix of at most [`BUCKET_BITS`] bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket {
    bits: u8,
    /// Its bits first, then zeros.
    prefix: u16,
}

impl Bucket {
    /// The only bucket of a small network: no bit of the route is looked at.
    pub const EVERYTHING: Self = Self { bits: 0, prefix: 0 };

    /// So many leading bits (16 at most) of these 16.
    pub fn new(bits: u8, of: u16) -> Self {
        let bits = bits.min(BUCKET_BITS);
        let mask = u16::MAX.checked_shr(u32::from(bits)).map_or(u16::MAX, |rest| !rest);
        Self { bits, prefix: of & mask }
    }

    /// The smallest bucket under which this route travels.
    pub fn exact(route: u32) -> Self {
        Self::new(BUCKET_BITS, leading(route))
    }

    /// The bucket that a route was handed out with.
    pub fn of_handed(route: u32) -> Self {
        let bits = route & ((1 << LENGTH_BITS) - 1);
        Self::new(u8::try_from(bits).unwrap_or(BUCKET_BITS), leading(route))
    }

    /// A route to be handed out, that says how long its bucket is; all else of it from `random`.
    pub fn hand_out(self, random: u32) -> u32 {
        let length = (1 << LENGTH_BITS) - 1;
        self.route(random) & !length | u32::from(self.bits)
    }

    /// The route of one entry: nobody sends to a route as it was handed out, all but its bucket is drawn for every one.
    pub fn route(self, random: u32) -> u32 {
        let mask = u32::MAX.checked_shr(u32::from(self.bits)).unwrap_or(0);
        u32::from(self.prefix) << BUCKET_BITS | random & mask
    }

    /// How many bits it has.
    pub fn bits(self) -> u8 {
        self.bits
    }

    /// The first and the last of the 16 leading bits that routes of it have.
    pub fn span(self) -> (u16, u16) {
        (self.prefix, self.prefix | u16::MAX.checked_shr(u32::from(self.bits)).unwrap_or(0))
    }

    /// Whether all that travels under the other one travels under this.
    pub fn contains(self, other: Self) -> bool {
        self.bits <= other.bits && Self::new(self.bits, other.prefix) == self
    }

    /// What two buckets have in common: one of them, as they nest, or nothing.
    pub fn common(self, other: Self) -> Option<Self> {
        if self.contains(other) { Some(other) } else { other.contains(self).then_some(self) }
    }

    /// The name under which it is synced.
    pub fn id(self) -> PersonaId {
        let mut id = *NAME;
        let [high, low] = self.prefix.to_be_bytes();
        for (to, from) in id.iter_mut().rev().zip([low, high, self.bits]) {
            *to = from;
        }
        PersonaId::from_bytes(id)
    }

    /// Which bucket a name is of; `None` for people.
    pub fn from_id(id: &PersonaId) -> Option<Self> {
        let (name, last) = id.as_bytes().split_last_chunk::<3>()?;
        let [bits, high, low] = *last;
        let bucket = Self { bits, prefix: u16::from_be_bytes([high, low]) };
        (NAME.starts_with(name) && bucket.is_valid()).then_some(bucket)
    }

    /// As it travels: number of bits, prefix.
    pub fn to_bytes(self) -> [u8; 3] {
        let [high, low] = self.prefix.to_be_bytes();
        [self.bits, high, low]
    }

    /// `None`: too many bits, or some that are not its own.
    pub fn from_bytes([bits, high, low]: [u8; 3]) -> Option<Self> {
        Some(Self { bits, prefix: u16::from_be_bytes([high, low]) }).filter(|bucket| bucket.is_valid())
    }

    fn is_valid(self) -> bool {
        self.bits <= BUCKET_BITS && Self::new(self.bits, self.prefix) == self
    }
}

/// The same buckets, rising, without those that stand in others.
pub(crate) fn apart(mut buckets: Vec<Bucket>) -> Vec<Bucket> {
    // By length: what holds others comes first.
    buckets.sort_unstable();
    let mut kept: Vec<Bucket> = Vec::new();
    for bucket in buckets {
        if !kept.iter().any(|wider| wider.contains(bucket)) {
            kept.push(bucket);
        }
    }
    kept
}

/// What two sets of buckets have in common.
pub(crate) fn in_common(ours: &[Bucket], theirs: &[Bucket]) -> Vec<Bucket> {
    let pairs = ours.iter().flat_map(|our| theirs.iter().filter_map(|their| our.common(*their)));
    apart(pairs.collect())
}

fn leading(route: u32) -> u16 {
    u16::try_from(route >> BUCKET_BITS).unwrap_or(u16::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bucket() -> impl Strategy<Value = Bucket> {
        (0..=BUCKET_BITS, any::<u16>()).prop_map(|(bits, of)| Bucket::new(bits, of))
    }

    #[test]
    fn the_schema_names_it() {
        let schema = include_str!("../../migrations/V1__start.sql");
        let everything = Bucket::EVERYTHING.id();
        assert!(schema.contains(&format!("x'{everything}'")), "{everything}");
    }

    #[test]
    fn everything_is_one_route_in_16_bits_apart() {
        assert_eq!(Bucket::new(3, 0b1011_1111_0000_0000), Bucket::new(3, 0b1010_0000_0000_0000));
        assert_eq!(Bucket::new(16, 7).span(), (7, 7));
        assert_eq!(Bucket::EVERYTHING.span(), (0, u16::MAX));
        assert_eq!(Bucket::new(1, u16::MAX).span(), (0x8000, u16::MAX));
        assert_eq!(Bucket::from_bytes([1, 0xc0, 0]), None, "a bit that is not its own");
        assert_eq!(Bucket::from_bytes([17, 0, 0]), None);
        assert_eq!(Bucket::from_id(&PersonaId::from_bytes([3; 32])), None);
        assert_eq!(Bucket::of_handed(31).bits(), 16);
    }

    proptest! {
        #[test]
        fn prefixes_nest(a in bucket(), b in bucket(), c in bucket()) {
            prop_assert!(a.contains(a) && Bucket::EVERYTHING.contains(a));
            prop_assert!(!(a.contains(b) && b.contains(c)) || a.contains(c));
            prop_assert!(!(a.contains(b) && b.contains(a)) || a == b);
            // Two either nest or have no route in common.
            let ((a_first, a_last), (b_first, b_last)) = (a.span(), b.span());
            prop_assert_eq!(a.common(b).is_some(), a_first <= b_last && b_first <= a_last);
            prop_assert_eq!(a.common(b), b.common(a));
            prop_assert_eq!(a.contains(b), a_first <= b_first && b_last <= a_last && a.bits() <= b.bits());
        }

        #[test]
        fn a_route_stays_in_its_bucket(a in bucket(), random: u32, again: u32, rest in 0..=BUCKET_BITS) {
            let handed = a.hand_out(random);
            prop_assert_eq!(Bucket::of_handed(handed), a);
            let exact = Bucket::exact(Bucket::of_handed(handed).route(again));
            prop_assert!(a.contains(exact));
            // And in all that hold it, which is why a shorter one takes what a longer one was handed out with.
            let (prefix, _) = a.span();
            prop_assert!(Bucket::new(rest.min(a.bits()), prefix).contains(exact));
        }

        #[test]
        fn names_and_bytes_are_one(a in bucket(), b in bucket()) {
            prop_assert_eq!(Bucket::from_id(&a.id()), Some(a));
            prop_assert_eq!(Bucket::from_bytes(a.to_bytes()), Some(a));
            prop_assert_eq!(a.id().cmp(&b.id()), a.cmp(&b));
        }

        #[test]
        fn what_two_nodes_have_in_common_is_what_both_take(
            ours in prop::collection::vec(bucket(), 1..5), theirs in prop::collection::vec(bucket(), 1..5), route: u32,
        ) {
            let exact = Bucket::exact(route);
            let takes = |buckets: &[Bucket]| buckets.iter().any(|bucket| bucket.contains(exact));
            let common = in_common(&ours, &theirs);
            prop_assert_eq!(takes(&common), takes(&ours) && takes(&theirs));
            prop_assert_eq!(takes(&apart(ours.clone())), takes(&ours));
            for (at, bucket) in common.iter().enumerate() {
                prop_assert!(common.iter().skip(at + 1).all(|other| other.common(*bucket).is_none()));
            }
        }
    }
}
