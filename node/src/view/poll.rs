//! A poll, and how it stands.

use serde::Serialize;

/// Of those who can read the post each has one vote, and all see whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PollView {
    pub options: Vec<PollOption>,
    pub ends_ms: u64,
    /// By this device's clock.
    pub ended: bool,
    /// Personas whose vote counts.
    pub voters: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PollOption {
    pub text: String,
    pub votes: u64,
    /// An own persona voted so.
    pub mine: bool,
}

/// Of all votes, in whole per cent that are 100 together: what is left over by rounding down goes where most was cut off
/// (largest remainder), and among equals to the first.
pub fn per_cents(votes: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let votes: Vec<u128> = votes.into_iter().map(u128::from).collect();
    let all: u128 = votes.iter().sum();
    if all == 0 {
        return vec![0; votes.len()];
    }
    let mut shares: Vec<(u128, u128)> = votes.iter().map(|votes| (votes * 100 / all, votes * 100 % all)).collect();
    let left = 100_u128.saturating_sub(shares.iter().map(|(whole, _)| whole).sum());
    for _ in 0..left {
        let most = shares.iter().map(|(_, cut)| *cut).max().unwrap_or_default();
        if let Some((whole, cut)) = shares.iter_mut().find(|(_, cut)| *cut == most) {
            (*whole, *cut) = (*whole + 1, 0);
        }
    }
    shares.into_iter().map(|(whole, _)| u64::try_from(whole).unwrap_or(100)).collect()
}

impl PollView {
    /// Of each option.
    pub fn per_cents(&self) -> Vec<u64> {
        per_cents(self.options.iter().map(|option| option.votes))
    }
}

#[cfg(test)]
mod tests {
    use super::per_cents;

    #[test]
    fn shares_are_a_hundred_together_and_nobody_is_nothing() {
        assert_eq!(per_cents([0, 0]), [0, 0]);
        assert_eq!(per_cents([5, 0]), [100, 0]);
        assert_eq!(per_cents([1, 2]), [33, 67]);
        assert_eq!(per_cents([1, 1, 1]), [34, 33, 33]);
        assert_eq!(per_cents([1, 1, 1, 1, 1, 1, 1, 1]), [13, 13, 13, 13, 12, 12, 12, 12]);
        assert_eq!(per_cents([u64::MAX, u64::MAX, 1]), [50, 50, 0]);
        assert_eq!(per_cents([]), Vec::<u64>::new());
    }
}
