//! An own post taken up again, to be written anew: what it says, for whom, and its files, staged as new ones are.

use super::verb::{NOT_OWN, editable};
use crate::entry::{BlobRef, Card};
use crate::error::{Error, Result};
use crate::id::{CircleId, EntryId, PersonaId};
use crate::limits::{POLL_LEAST_S, POLL_MOST_S};
use crate::node::{Node, PollDraft, Staged, WritingPart};
use crate::post;
use crate::series;

/// What a post said last.
#[derive(Debug, Clone)]
pub struct Redraft {
    pub persona: PersonaId,
    pub text: String,
    pub cw: Option<String>,
    /// None of them: it is for everybody.
    pub circles: Vec<CircleId>,
    /// Each with its description.
    pub files: Vec<(Staged, Option<String>)>,
    /// Its picture is one of the files.
    pub card: Option<Card>,
    /// The post that it quotes.
    pub quote: Option<EntryId>,
    /// As long as it lasted, with the same options.
    pub poll: Option<PollDraft>,
    /// The other posts of its thread, where it is the first.
    pub more: Vec<WritingPart>,
}

impl Node {
    /// Takes an own post up again, with all of the thread that it is the first of. It stays as it is: who writes it anew deletes it once what this answers is kept.
    ///
    /// # Errors
    /// `NotFound` when it, or one of its files, is not here, `BadInput` when it is not an own post.
    pub async fn redraft(&self, target: EntryId) -> Result<Redraft> {
        let (found, is_post, wrote_s, behind) = self
            .inner()
            .store
            .read(move |db| {
                let found = editable(db, target)?;
                let is_post = post::row_of(db, found.target)?.is_some();
                let wrote_s: i64 = db.query_row(
                    "SELECT coalesce(opened.time, entry.time) FROM entry LEFT JOIN opened ON opened.entry_row = entry.row
                     WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
                    [found.target],
                    |row| row.get(0),
                )?;
                let mut behind = series::going_with(db, found.target)?;
                behind.reverse();
                Ok((found, is_post, wrote_s.cast_unsigned(), behind))
            })
            .await?;
        if !is_post {
            return Err(Error::BadInput("only a post can be written anew".to_owned()));
        }
        if !found.post.people.is_empty() {
            let told = "a published list is not written anew: publish the list again, then delete this post";
            return Err(Error::BadInput(told.to_owned()));
        }
        let persona = self.author_of_own(None, found.author, NOT_OWN).await?;
        let (mut files, mut card) = (Vec::new(), found.post.card);
        let pictured = card.as_mut().and_then(|card| card.picture.take());
        for blob in found.post.attachments {
            let (alt, is_of_card) = (blob.alt.clone(), Some(blob.hash) == pictured);
            let staged = self.restage(named(blob), true).await?;
            if let Some(card) = card.as_mut().filter(|_| is_of_card) {
                card.picture = Some(staged.hash);
            }
            files.push((staged, alt));
        }
        let poll = found.post.poll.map(|poll| {
            let lasts_s = poll.ends.saturating_sub(wrote_s).clamp(POLL_LEAST_S, POLL_MOST_S);
            PollDraft { options: poll.options, lasts_s }
        });
        let (text, cw, quote) = (found.post.text, found.post.content_warning, found.post.quote);
        let mut more = Vec::new();
        for id in behind {
            let post = self.inner().store.read(move |db| editable(db, id)).await?.post;
            let mut files = Vec::new();
            for blob in post.attachments {
                let alt = blob.alt.clone().unwrap_or_default();
                files.push((self.restage(named(blob), true).await?, alt));
            }
            more.push(WritingPart { text: post.text, cw: post.content_warning, files });
        }
        Ok(Redraft { persona, text, cw, circles: found.to, files, card, quote, poll, more })
    }
}

/// What opens it is known to the store.
fn named(blob: BlobRef) -> Staged {
    let BlobRef { hash, size, mime, width, height, blurhash, thumb, name, .. } = blob;
    Staged { hash, mime, size, width, height, blurhash: blurhash.unwrap_or_default(), thumb, key: None, name }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::clock::ManualClock;
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::node::PostDraft;
    use crate::store::Store;

    fn now<T>(work: impl Future<Output = T>) -> T {
        work.now_or_never().unwrap()
    }

    #[test]
    fn the_newest_words_of_an_own_post_come_back_and_nobody_elses() {
        let (keystore, clock) = (Arc::new(MemoryKeystore::default()), Arc::new(ManualClock::at_ms(1_790_000_000_000)));
        let node =
            Node::simulated(false, Store::in_memory().unwrap(), keystore, clock, Arc::new(SystemEntropy)).unwrap();
        let alice = now(node.create_persona("Alice")).unwrap();
        let cw = Some("weather".to_owned());
        let post = now(node.post(PostDraft { text: "Fgo".into(), cw, ..PostDraft::default() })).unwrap();
        now(node.edit(None, post, "Fog")).unwrap();
        let found = now(node.redraft(post)).unwrap();
        assert_eq!((found.persona, found.text.as_str(), found.cw.as_deref()), (alice, "Fog", Some("weather")));
        assert!(found.circles.is_empty() && found.files.is_empty());
        assert_eq!(now(node.show(post)).unwrap().post.text, "Fog", "it stays as it is");

        let comment = now(node.comment(None, post, "Grey")).unwrap();
        assert!(matches!(now(node.redraft(comment)), Err(Error::BadInput(_))));
        now(node.delete(None, post)).unwrap();
        assert!(matches!(now(node.redraft(post)), Err(Error::NotFound { .. })));
        assert!(matches!(now(node.redraft(EntryId::from_bytes([7; 32]))), Err(Error::NotFound { .. })));
    }
}
