//! Route secrets: what makes a message recognisable to one recipient and to nobody else.
//!
//! One secret belongs to one direction of a session and one generation. The n-th message under it carries the n-th tag
//! and its key is sealed with the n-th slot key; each is used once. Who does not hold the secret can tie no two tags.

use minicbor::bytes::ByteArray;
use zeroize::Zeroizing;

use super::secret::secret;

/// What stands in front of a slot.
pub type Tag = [u8; 16];

/// The key of one slot. Wiped when dropped.
pub type SlotKey = Zeroizing<[u8; 32]>;

/// The first 16 bytes.
pub(super) fn tag_of(hash: &blake3::Hash) -> Tag {
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}

secret! {
    /// 32 random bytes. Wiped when dropped.
    RouteSecret
}

impl RouteSecret {
    /// blake3 keyed(secret, "tag" ‖ n as 8 bytes), the first 16 bytes.
    pub fn tag(&self, n: u32) -> Tag {
        tag_of(&self.derive(b"tag", n))
    }

    /// blake3 keyed(secret, "slot" ‖ n as 8 bytes).
    pub fn slot_key(&self, n: u32) -> SlotKey {
        Zeroizing::new(*self.derive(b"slot", n).as_bytes())
    }

    fn derive(&self, what: &[u8], n: u32) -> blake3::Hash {
        blake3::Hasher::new_keyed(&self.0).update(what).update(&u64::from(n).to_le_bytes()).finalize()
    }
}

impl<C> minicbor::Encode<C> for RouteSecret {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(self.0.as_slice())?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for RouteSecret {
    fn decode(d: &mut minicbor::Decoder<'b>, c: &mut C) -> Result<Self, minicbor::decode::Error> {
        let bytes: ByteArray<32> = minicbor::Decode::decode(d, c)?;
        Ok(Self::from_bytes(bytes.into()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn tags_and_slot_keys_follow_the_document() {
        let secret = RouteSecret::from_bytes([7; 32]);
        let by_hand = blake3::keyed_hash(&[7; 32], b"tag\x05\0\0\0\0\0\0\0");
        assert_eq!(secret.tag(5), by_hand.as_bytes()[..16]);
        let by_hand = blake3::keyed_hash(&[7; 32], b"slot\x05\0\0\0\0\0\0\0");
        assert_eq!(*secret.slot_key(5), *by_hand.as_bytes());
    }

    #[test]
    fn no_two_tags_or_keys_are_alike() {
        let secrets = [RouteSecret::from_bytes([7; 32]), RouteSecret::from_bytes([8; 32])];
        let mut seen = BTreeSet::new();
        for (secret, n) in secrets.iter().flat_map(|secret| (0..2_000).map(move |n| (secret, n))) {
            assert!(seen.insert(secret.tag(n).to_vec()));
            assert!(seen.insert(secret.slot_key(n)[..16].to_vec()));
        }
    }
}
