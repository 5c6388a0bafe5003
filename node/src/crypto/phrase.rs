//! The recovery phrase: 24 words (BIP-39, English, 256 bits of entropy and a checksum), and the keys that come from it.

use std::fmt;

use bip39::{Language, Mnemonic};
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::random::{NoRandomness, random_secret};

/// Words in a phrase.
const WORDS: usize = 24;
/// What HKDF binds the recovery key to. A constant of the wire: it never changes.
const RECOVERY_INFO: &[u8] = b"kith 2026 recovery key v1";

/// The 24 words. Wiped when dropped, never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Phrase(Mnemonic);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    #[error("a recovery phrase has 24 words, this has {0}")]
    Count(usize),
    /// `0` counts from 1.
    #[error("word {0} is not in the list")]
    UnknownWord(usize),
    #[error("the words don't belong together: check their order and spelling")]
    Checksum,
}

impl Phrase {
    /// A fresh one.
    pub fn draw() -> Result<Self, NoRandomness> {
        Ok(Self::from_entropy(&*random_secret()?))
    }

    /// The phrase of 32 bytes that [`Phrase::entropy`] gave.
    pub fn from_entropy(entropy: &[u8; 32]) -> Self {
        match Mnemonic::from_entropy_in(Language::English, entropy) {
            Ok(mnemonic) => Self(mnemonic),
            // 32 bytes is one of the five lengths that BIP-39 knows: the only error can't happen.
            Err(_) => unreachable!("BIP-39 takes 32 bytes"),
        }
    }

    /// Reads 24 words as a user types or copies them: any case, any white space between them, with or without their numbers.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        let counted = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ':' | ')');
        // With room for all of it: what grows leaves copies behind. Of no character are the small letters three times as long.
        let mut words = Zeroizing::new(String::with_capacity(text.len().saturating_mul(3)));
        text.chars().flat_map(char::to_lowercase).for_each(|c| words.push(if counted(c) { ' ' } else { c }));
        let count = words.split_whitespace().count();
        if count != WORDS {
            return Err(PhraseError::Count(count));
        }
        Mnemonic::parse_in_normalized(Language::English, &words).map(Self).map_err(|error| match error {
            bip39::Error::UnknownWord(index) => PhraseError::UnknownWord(index.saturating_add(1)),
            _ => PhraseError::Checksum,
        })
    }

    /// The 32 bytes that the words spell: what a keystore keeps.
    pub fn entropy(&self) -> Zeroizing<[u8; 32]> {
        let (padded, _) = self.0.to_entropy_array();
        let padded = Zeroizing::new(padded);
        let mut entropy = Zeroizing::new([0; 32]);
        for (to, from) in entropy.iter_mut().zip(padded.iter()) {
            *to = *from;
        }
        entropy
    }

    /// The 24 words in order, to show them.
    pub fn words(&self) -> impl Iterator<Item = &'static str> + Clone + '_ {
        self.0.words()
    }
}

impl fmt::Debug for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phrase(..)")
    }
}

/// The recovery key of the persona with this `nonce` (the one in its `PersonaOpen`): HKDF-SHA256 (RFC 5869) with the
/// phrase's entropy as key and the nonce as salt, so personas of one phrase share nothing.
pub fn recovery_key(phrase: &Phrase, nonce: &[u8; 16]) -> SigningKey {
    let mut seed = Zeroizing::new([0; 32]);
    let hkdf = Hkdf::<Sha256>::new(Some(nonce), phrase.entropy().as_slice());
    if hkdf.expand(RECOVERY_INFO, seed.as_mut_slice()).is_err() {
        unreachable!("HKDF-SHA256 gives up to 8,160 bytes");
    }
    SigningKey::from_bytes(&seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First test vector of BIP-39 with 256 bits.
    const ZERO_WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
         abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";

    #[test]
    fn words_and_entropy_follow_bip39() {
        let phrase = Phrase::from_entropy(&[0; 32]);
        assert!(phrase.words().eq(ZERO_WORDS.split_whitespace()));
        assert_eq!(Phrase::parse(ZERO_WORDS), Ok(phrase.clone()));
        // As it is shown, and as somebody writes lists.
        let numbered = |end: &str, between: &str| -> String {
            let words = ZERO_WORDS.split_whitespace().enumerate();
            words.map(|(at, word)| format!("{}{end} {word}{between}", at + 1)).collect()
        };
        for form in [numbered("", "    "), numbered(".", "\n"), numbered(")", ", "), numbered(":", "\n")] {
            assert_eq!(Phrase::parse(&form), Ok(phrase.clone()), "{form}");
        }
        let phrase = Phrase::from_entropy(&[0x80; 32]);
        assert_eq!(phrase.words().last(), Some("bless"));
    }

    #[test]
    fn a_drawn_phrase_survives_being_written_down() {
        let phrase = Phrase::draw().unwrap();
        assert_eq!(phrase.words().count(), 24);
        let written = phrase.words().collect::<Vec<_>>().join("  \n");
        assert_eq!(Phrase::parse(&format!("  {}\t", written.to_uppercase())), Ok(phrase.clone()));
        assert_eq!(Phrase::from_entropy(&phrase.entropy()), phrase);
        assert_ne!(Phrase::draw().unwrap(), phrase);
    }

    #[test]
    fn mistakes_are_told_apart() {
        assert_eq!(Phrase::parse("abandon art"), Err(PhraseError::Count(2)));
        assert_eq!(Phrase::parse(&ZERO_WORDS.replace("art", "kith")), Err(PhraseError::UnknownWord(24)));
        assert_eq!(Phrase::parse(&ZERO_WORDS.replace("art", "zoo")), Err(PhraseError::Checksum));
    }

    #[test]
    fn debug_shows_no_word() {
        assert_eq!(format!("{:?}", Phrase::from_entropy(&[0; 32])), "Phrase(..)");
    }

    /// Computed with another implementation of HKDF and Ed25519 (Python's hmac and cryptography).
    #[test]
    fn recovery_key_is_the_known_one() {
        let nonce = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        let key = recovery_key(&Phrase::from_entropy(&[0; 32]), &nonce);
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        assert_eq!(hex(&key.to_bytes()), "b8bccc6b3491528a053d59b9a1cf8042ea78e76a3e4173cfa45978da5d0a35e5");
        assert_eq!(
            hex(key.verifying_key().as_bytes()),
            "2eff085ed62ae80a11b0524f80b231f8bc7cf4abccd161ecedd9d72f6a26df6d"
        );
        let other = recovery_key(&Phrase::from_entropy(&[0; 32]), &[0; 16]);
        assert_ne!(other.to_bytes(), key.to_bytes());
    }
}
