//! Blobs of which a part has come: nobody else counts these bytes, so they have a bound of their own, and where room is
//! short they go. A part that is let go of leaves with the next sweep; the blob is fetched from its beginning then.

use std::collections::VecDeque;

use futures_util::StreamExt;
use iroh_blobs::api::proto::BlobStatus;

use super::blobs::{Blobs, TAGS};
use crate::error::{Error, Result};
use crate::id::BlobHash;

/// With how much of each is here, bytes; what moved last stands at the end.
#[derive(Debug, Default)]
pub(super) struct Partial(VecDeque<(BlobHash, u64)>);

impl Partial {
    /// What earlier runs left.
    pub(super) async fn read(blobs: &Blobs) -> Result<Self> {
        let failed = |_| Error::Bug("the parts of blobs can't be listed");
        let mut partial = Self::default();
        let mut tags = blobs.store().tags().list_prefix(TAGS).await.map_err(failed)?;
        while let Some(Ok(tag)) = tags.next().await {
            if !matches!(blobs.store().blobs().status(tag.hash).await, Ok(BlobStatus::Complete { .. })) {
                let hash = BlobHash::from_bytes(*tag.hash.as_bytes());
                partial.note(hash, blobs.here(hash).await);
            }
        }
        Ok(partial)
    }

    /// So many bytes of a blob are here that is not whole; 0: none are, or it is whole.
    pub(super) fn note(&mut self, hash: BlobHash, bytes: u64) {
        self.0.retain(|(known, _)| *known != hash);
        if bytes > 0 {
            self.0.push_back((hash, bytes));
        }
    }

    /// Forgets what is to go for no more than `limit` bytes to stay, the longest unmoved first, and answers it; nothing
    /// that is `busy`.
    pub(super) fn beyond(&mut self, limit: u64, busy: impl Fn(BlobHash) -> bool) -> Vec<BlobHash> {
        let mut over = self.0.iter().map(|(_, bytes)| bytes).sum::<u64>().saturating_sub(limit);
        let mut gone = Vec::new();
        self.0.retain(|(hash, bytes)| {
            let goes = over > 0 && !busy(*hash);
            if goes {
                over = over.saturating_sub(*bytes);
                gone.push(*hash);
            }
            !goes
        });
        gone
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use iroh_blobs::protocol::ChunkRangesExt;

    use super::*;

    fn blob(n: u8) -> BlobHash {
        BlobHash::from_bytes([n; 32])
    }

    #[test]
    fn the_parts_that_moved_longest_ago_go_first_and_none_under_way() {
        let mut partial = Partial::default();
        for n in 1..=5 {
            partial.note(blob(n), 10);
        }
        assert_eq!(partial.beyond(50, |_| false), []);
        partial.note(blob(1), 20);
        assert_eq!(partial.beyond(50, |_| false), [blob(2)]);
        assert_eq!(partial.beyond(31, |hash| hash == blob(3)), [blob(4), blob(5)]);
        partial.note(blob(3), 0);
        assert_eq!(partial.beyond(20, |_| false), []);
        assert_eq!(partial.beyond(0, |_| false), [blob(1)]);
        assert_eq!(partial.beyond(0, |_| false), []);
    }

    #[tokio::test]
    async fn what_an_earlier_run_left_is_found_and_whole_blobs_are_not_taken_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path()).await.unwrap();
        let (whole, part) = (vec![7; 50_000], vec![8; 100_000]);
        blobs.put(whole, "image/png").await.unwrap();
        // The first leaves of another, as a cut leaves them.
        let other = tempfile::tempdir().unwrap();
        let from = Blobs::open(other.path()).await.unwrap();
        let hash = from.put(part, "image/png").await.unwrap();
        let iroh = super::super::blobs::iroh_hash(hash);
        let ranges = <iroh_blobs::protocol::ChunkRanges as ChunkRangesExt>::chunks(..32_u64);
        let bao = from.store().blobs().export_bao(iroh, ranges.clone()).bao_to_vec().await.unwrap();
        blobs.keep(hash).await.unwrap();
        blobs.store().blobs().import_bao_bytes(iroh, ranges, bao).await.unwrap();
        let mut partial = Partial::read(&blobs).await.unwrap();
        assert_eq!(partial.0, [(hash, 32 * 1024)]);
        for hash in partial.beyond(0, |_| false) {
            blobs.let_go(hash).await.unwrap();
        }
        assert!(Partial::read(&blobs).await.unwrap().0.is_empty());
        from.close().await;
        blobs.close().await;
    }
}
