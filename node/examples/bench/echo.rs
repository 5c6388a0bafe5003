//! `echo FOLDER [POSTS]`: an own post in the store of somebody who reads many, as `follower` makes it.

use std::time::Instant;

use kith_node::{Error, FeedQuery, Node, PostDraft, Result};

use super::{Corpus, tell};

const ECHOES: usize = 300;
/// Posts of a page, as the app asks for.
const PAGE: usize = 50;

/// `kith_node::Node::post` answers once the post is signed and on the disk; the feed's first page has it from then on.
pub(crate) async fn echo(bob: &Node) -> Result<()> {
    let (mut stored, mut shown) = (Vec::new(), Vec::new());
    let mut corpus = Corpus(9);
    for _ in 0..ECHOES {
        let draft = PostDraft { text: corpus.text(), ..PostDraft::default() };
        let start = Instant::now();
        let post = bob.post(draft).await?;
        stored.push(start.elapsed().as_secs_f64() * 1_000.0);
        let page = bob.feed(FeedQuery { limit: PAGE, ..FeedQuery::default() }).await?;
        shown.push(start.elapsed().as_secs_f64() * 1_000.0);
        if page.first().map(|first| first.id) != Some(post) {
            return Err(Error::Bug("the feed does not begin with what was posted"));
        }
    }
    tell("an own post signed and on the disk, ms", stored);
    tell("an own post read back with the feed's first page, ms", shown);
    Ok(())
}
