//! Epoch keys: what opens the posts to a circle, from one change of its members to the next.
//!
//! A post carries one slot a circle. Its tag and slot key follow from the epoch key, the post's place in its author's
//! log, and the salt of its body: each is used once, also where an old copy of a profile takes a place twice. Who does
//! not hold the key can tie no two tags.

use zeroize::Zeroizing;

use super::envelope::Outside;
use super::route::{SlotKey, Tag, tag_of};
use super::secret::secret;

secret! {
    /// 32 random bytes. Wiped when dropped.
    EpochKey
}

impl EpochKey {
    /// blake3 keyed(key, "tag" ‖ author ‖ device ‖ log ‖ seq ‖ salt), the first 16 bytes.
    pub fn tag(&self, at: &Outside<'_>, salt: &[u8; 16]) -> Tag {
        tag_of(&self.derive(b"tag", at, salt))
    }

    /// blake3 keyed(key, "slot" ‖ author ‖ device ‖ log ‖ seq ‖ salt).
    pub fn slot_key(&self, at: &Outside<'_>, salt: &[u8; 16]) -> SlotKey {
        Zeroizing::new(*self.derive(b"slot", at, salt).as_bytes())
    }

    fn derive(&self, what: &[u8], at: &Outside<'_>, salt: &[u8; 16]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(what).update(at.author.as_bytes()).update(at.device.as_bytes());
        hasher.update(&at.log.to_le_bytes()).update(&at.seq.to_le_bytes()).update(salt).finalize()
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::super::Purpose;
    use super::*;
    use crate::id::{DeviceKey, PersonaId};

    #[test]
    fn tags_and_slot_keys_follow_the_document() {
        let at = Outside {
            purpose: Purpose::Post,
            author: PersonaId::from_bytes([1; 32]),
            device: DeviceKey::from_bytes([2; 32]),
            log: 3,
            seq: 4,
            day: 5,
            route: 0,
            expires_day: u16::MAX,
            refs: &[],
        };
        let key = EpochKey::from_bytes([7; 32]);
        let place = [&[1_u8; 32][..], &[2; 32], &3_u64.to_le_bytes(), &4_u64.to_le_bytes(), &[9; 16]].concat();
        let by_hand = |what: &[u8]| blake3::keyed_hash(&[7; 32], &[what, &place].concat());
        assert_eq!(key.tag(&at, &[9; 16]), by_hand(b"tag").as_bytes()[..16]);
        assert_eq!(*key.slot_key(&at, &[9; 16]), *by_hand(b"slot").as_bytes());
        assert_ne!(key.tag(&at, &[9; 16]), key.tag(&at, &[8; 16]));
    }
}
