//! What two people compare to know that each has the other's key, and nobody sits between them.

use bip39::Language;

use crate::id::{DeviceKey, PersonaId};

/// Words of one fingerprint. Each stands for 11 bits: 66 bits in all, for each of the two people by themselves, so that
/// whoever wants to sit between them has to find a key for each (2^66 tries), not a pair that fits (2^33).
pub const SAFETY_WORDS: usize = 6;

/// What stands for a persona and its root key. Device keys follow from it: the root certifies each.
pub fn fingerprint(persona: PersonaId, root: DeviceKey) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 safety v1");
    hasher.update(persona.as_bytes()).update(root.as_bytes());
    *hasher.finalize().as_bytes()
}

/// The first 66 bits as words.
pub fn safety_words(fingerprint: &[u8; 32]) -> Vec<&'static str> {
    let list = Language::English.word_list();
    let bit = |at: usize| {
        let byte = fingerprint.get(at / 8).copied().unwrap_or_default();
        usize::from(byte >> (7 - at % 8) & 1)
    };
    let word = |number: usize| (0..11).fold(0, |index, at| index << 1 | bit(number * 11 + at));
    (0..SAFETY_WORDS).filter_map(|number| list.get(word(number)).copied()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_first_bits_eleven_each() {
        let mut print = [0; 32];
        assert_eq!(safety_words(&print), ["abandon"; 6]);
        print[0] = 0xff;
        print[1] = 0xe0;
        assert_eq!(safety_words(&print), ["zoo", "abandon", "abandon", "abandon", "abandon", "abandon"]);
        // The last bit that counts is number 65, the one after it does not.
        print[8] = 0x40;
        assert_eq!(safety_words(&print)[5], "ability");
        print[8] = 0x60;
        assert_eq!(safety_words(&print)[5], "ability");
    }

    #[test]
    fn another_key_or_persona_is_another_fingerprint() {
        let (alice, bob) = (PersonaId::from_bytes([1; 32]), PersonaId::from_bytes([2; 32]));
        let (root, other) = (DeviceKey::from_bytes([3; 32]), DeviceKey::from_bytes([4; 32]));
        assert_eq!(fingerprint(alice, root), fingerprint(alice, root));
        assert_ne!(fingerprint(alice, root), fingerprint(alice, other));
        assert_ne!(fingerprint(alice, root), fingerprint(bob, root));
        // What docs/protocol.md says, by the hash alone.
        let expected = blake3::derive_key("kith 2026 safety v1", &[[1; 32], [3; 32]].concat());
        assert_eq!(fingerprint(alice, root), expected);
    }
}
