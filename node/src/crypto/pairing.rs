//! Two devices that are to be one user's prove to each other that they were given the same code (DESIGN §3), and that they
//! talk to one another: the secret of the code and what the TLS connection between them exports (RFC 5705, RFC 8446 §7.5)
//! make one key. Who stands between the two has another connection with each of them, and so another key with each.

use zeroize::Zeroizing;

const CONTEXT: &str = "kith 2026 pairing v1";

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Showed the code.
    Offers = 1,
    /// Took it.
    Accepts = 2,
}

/// What both know. Wiped when dropped.
pub struct Pairing(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for Pairing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pairing(..)")
    }
}

impl Pairing {
    /// `secret` stands in the code, `exported` is of the connection.
    pub fn new(secret: &[u8; 16], exported: &[u8; 32]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(secret).update(exported);
        Self(Zeroizing::new(*hasher.finalize().as_bytes()))
    }

    /// blake3 keyed(key, side as one byte ‖ `about`). `about` is what the side says with it, so that nobody changes that.
    pub fn proof(&self, side: Side, about: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&[side as u8]).update(about);
        *hasher.finalize().as_bytes()
    }

    /// Whether the other side knows the code and sits at the other end of the connection.
    pub fn proves(&self, side: Side, about: &[u8], proof: &[u8; 32]) -> bool {
        // Hashes are compared in constant time.
        blake3::Hash::from(self.proof(side, about)) == blake3::Hash::from(*proof)
    }

    /// Two digits, 0 to 99: shown on the device that took the code and typed on the one that showed it. So whoever saw the
    /// code and was faster is noticed.
    pub fn check(&self) -> u8 {
        let hash = blake3::keyed_hash(&self.0, b"check");
        let number = u64::from_le_bytes(*hash.as_bytes().first_chunk().unwrap_or(&[0; 8]));
        u8::try_from(number % 100).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_the_code_and_the_connection_is_believed_and_nobody_else() {
        let ours = Pairing::new(&[1; 16], &[2; 32]);
        let theirs = Pairing::new(&[1; 16], &[2; 32]);
        let proof = theirs.proof(Side::Accepts, b"phone");
        assert!(ours.proves(Side::Accepts, b"phone", &proof));
        assert_eq!(ours.check(), theirs.check());
        assert!(!ours.proves(Side::Offers, b"phone", &proof), "sent back");
        assert!(!ours.proves(Side::Accepts, b"laptop", &proof), "another name");
        for other in [Pairing::new(&[3; 16], &[2; 32]), Pairing::new(&[1; 16], &[4; 32])] {
            assert!(!ours.proves(Side::Accepts, b"phone", &other.proof(Side::Accepts, b"phone")));
        }
    }

    #[test]
    fn the_two_digits_spread() {
        let digits: std::collections::BTreeSet<u8> =
            (0..=255).map(|number| Pairing::new(&[number; 16], &[0; 32]).check()).collect();
        assert!(digits.len() > 80 && digits.iter().all(|digits| *digits < 100));
    }
}
