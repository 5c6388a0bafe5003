//! Proof of work of first messages: what a stranger spends for each recipient, day and ciphertext. Only the recipient
//! can check it: nobody else knows to whom it is.

use crate::limits;

const CONTEXT: &str = "kith 2026 intro work v1";

/// Finds the number that makes the work good: 2^[`limits::WORK_BITS`] tries on average, some milliseconds. `to` is the
/// recipient's intro key, `day` the day of the entry's header (days since the epoch).
pub fn do_work(to: &[u8; 32], day: u64, ciphertext: &[u8]) -> u64 {
    let mut tries = Tries::new(to, day, ciphertext);
    (0..u64::MAX).find(|work| tries.is_enough(*work)).unwrap_or(u64::MAX)
}

/// Whether derive_key(context, to ‖ day ‖ hash(ciphertext) ‖ work) begins with [`limits::WORK_BITS`] zero bits.
pub fn is_worked(to: &[u8; 32], day: u64, ciphertext: &[u8], work: u64) -> bool {
    Tries::new(to, day, ciphertext).is_enough(work)
}

/// What all tries have in common. One hasher serves all of them: copies of it would take longer than the hash.
struct Tries {
    hasher: blake3::Hasher,
    input: [u8; 32 + 8 + 32],
}

impl Tries {
    fn new(to: &[u8; 32], day: u64, ciphertext: &[u8]) -> Self {
        let mut input = [0; 32 + 8 + 32];
        let parts = to.iter().copied().chain(day.to_le_bytes()).chain(*blake3::hash(ciphertext).as_bytes());
        input.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        Self { hasher: blake3::Hasher::new_derive_key(CONTEXT), input }
    }

    fn is_enough(&mut self, work: u64) -> bool {
        let hash = self.hasher.reset().update(&self.input).update(&work.to_le_bytes()).finalize();
        let first = hash.as_bytes().first_chunk();
        first.is_some_and(|first| u64::from_be_bytes(*first).leading_zeros() >= limits::WORK_BITS)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn work_holds_for_one_recipient_day_and_ciphertext() {
        let work = do_work(&[7; 32], 20_717, b"sealed");
        assert!(is_worked(&[7; 32], 20_717, b"sealed", work));
        assert!((0..work).all(|less| !is_worked(&[7; 32], 20_717, b"sealed", less)));
        assert!(!is_worked(&[8; 32], 20_717, b"sealed", work));
        assert!(!is_worked(&[7; 32], 20_718, b"sealed", work));
        assert!(!is_worked(&[7; 32], 20_717, b"other", work));
    }

    #[test]
    fn work_is_found_again() {
        let by_hand = |work: u64| {
            let mut input = vec![1; 32];
            input.extend(3_u64.to_le_bytes());
            input.extend(blake3::hash(b"x").as_bytes());
            input.extend(work.to_le_bytes());
            blake3::derive_key("kith 2026 intro work v1", &input)
        };
        let found = by_hand(do_work(&[1; 32], 3, b"x"));
        assert_eq!(found[..2], [0, 0], "16 bits");
    }
}
