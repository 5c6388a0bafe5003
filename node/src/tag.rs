//! Hashtags that the user follows: their posts, as far as they are held here, have a feed of their own, and stand in
//! the home feed too where a setting says so. While peers are connected they are asked for more, seldom and one hashtag
//! at a time; what they find is kept as any stranger's posts are.

use std::time::Duration;

use rusqlite::{Connection, Transaction};

use crate::error::{Error, Result};
use crate::event::Event;
use crate::item::{self, Set};
use crate::limits;
use crate::node::Node;
use crate::post::tag_name;
use crate::setting;
use crate::store::Durability;
use crate::view::Role;

/// Setting: `on` where posts with followed hashtags stand in the home feed.
const AT_HOME: &str = "feed.tags_at_home";

/// Of this device alone: when peers were last asked for a hashtag, ms.
const ASKED: &str = "tag.asked.";

/// Followed hashtags, where they stand in the home feed.
pub(crate) fn at_home(db: &Connection) -> Result<Vec<String>> {
    if setting::get(db, AT_HOME)?.as_deref() == Some("on") { followed(db) } else { Ok(Vec::new()) }
}

fn followed(db: &Connection) -> Result<Vec<String>> {
    Ok(item::all(db, Set::Tag)?.into_iter().filter_map(|(key, _)| String::from_utf8(key).ok()).collect())
}

/// A hashtag as it is kept: in lower case, without its sign.
///
/// # Errors
/// `BadInput` for what is none.
pub(crate) fn checked(tag: &str) -> Result<String> {
    let name = tag.trim().trim_start_matches('#');
    tag_name(name).ok_or_else(|| Error::BadInput(format!("{tag} is not a hashtag: letters, digits and _")))
}

impl Node {
    /// Followed hashtags in the order of the alphabet, without their sign.
    pub async fn followed_tags(&self) -> Result<Vec<String>> {
        self.inner().store.read(followed).await
    }

    /// Follows a hashtag; answers it as it is kept.
    ///
    /// # Errors
    /// `BadInput` for what is no hashtag.
    pub async fn follow_tag(&self, tag: &str) -> Result<String> {
        self.change_tag(tag, true).await
    }

    /// Stops following a hashtag; nothing happens where it was not followed.
    ///
    /// # Errors
    /// `BadInput` for what is no hashtag.
    pub async fn unfollow_tag(&self, tag: &str) -> Result<String> {
        self.change_tag(tag, false).await
    }

    async fn change_tag(&self, tag: &str, follow: bool) -> Result<String> {
        let tag = checked(tag)?;
        let key = tag.clone().into_bytes();
        let changed = self
            .write_items(move |tx| {
                if follow {
                    return item::put(tx, Set::Tag, &key, "");
                }
                setting::forget_local(tx, &format!("{ASKED}{}", String::from_utf8_lossy(&key)))?;
                item::take(tx, Set::Tag, &key)
            })
            .await?;
        if changed {
            self.inner().events.send(Event::FollowsChanged);
        }
        Ok(tag)
    }
}

/// The followed hashtag that peers were asked for longest ago, once that is `every_ms` ago; from now on they count as
/// asked.
fn next_asked(tx: &Transaction<'_>, now_ms: u64, every_ms: u64) -> Result<Option<String>> {
    let mut oldest: Option<(u64, String)> = None;
    for tag in followed(tx)? {
        let asked = setting::local(tx, &format!("{ASKED}{tag}"))?.and_then(|ms| ms.parse().ok()).unwrap_or_default();
        // A clock that was set back must not silence it for ever.
        let asked = if asked > now_ms { 0 } else { asked };
        if oldest.as_ref().is_none_or(|(ms, _)| asked < *ms) {
            oldest = Some((asked, tag));
        }
    }
    let Some((_, tag)) = oldest.filter(|(asked, _)| asked.saturating_add(every_ms) <= now_ms) else { return Ok(None) };
    setting::put_local(tx, &format!("{ASKED}{tag}"), &now_ms.to_string())?;
    Ok(Some(tag))
}

impl Node {
    /// The followed hashtag that peers are to be asked for now, if any; it is never named again before its interval
    /// ([`limits::TAG_ASK_MS`]) is over.
    pub(crate) async fn due_tag(&self) -> Result<Option<String>> {
        let now_ms = self.inner().clock.unix_ms();
        let sparing = self.role() == Role::Phone || self.storage().await?.metered;
        let every_ms = if sparing { limits::TAG_ASK_SPARING_MS } else { limits::TAG_ASK_MS };
        self.inner().store.write(Durability::Normal, move |tx| next_asked(tx, now_ms, every_ms)).await
    }

    async fn ask_for_tag(&self) -> Result<()> {
        let Some(net) = self.inner().net() else { return Ok(()) };
        let budget = self.inner().on_runtime(async move { net.budget().await }).await?;
        if !budget.is_some_and(|budget| budget.may_take()) || self.peers().await?.is_empty() {
            return Ok(());
        }
        match self.due_tag().await? {
            Some(tag) => self.search_peers(&format!("#{tag}")).await,
            None => Ok(()),
        }
    }
}

/// Asks peers for followed hashtags, one at a time. Runs until it is aborted.
pub(crate) async fn keep_asking(node: Node) {
    let mut ticks = tokio::time::interval(Duration::from_millis(limits::TAG_ASK_PAUSE_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = node.ask_for_tag().await {
            tracing::debug!(code = error.code(), "peers could not be asked for a hashtag");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::clock::ManualClock;
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::store::Store;

    #[test]
    fn each_hashtag_is_asked_for_in_its_turn_and_never_more_often() {
        let start_ms = 1_800_000_000_000;
        let clock = Arc::new(ManualClock::at_ms(start_ms));
        let (store, keystore) = (Store::in_memory().unwrap(), Arc::new(MemoryKeystore::default()));
        let node = Node::simulated(false, store, keystore, clock.clone(), Arc::new(SystemEntropy)).unwrap();
        let due = |at_ms: u64| {
            clock.set_ms(start_ms + at_ms);
            node.due_tag().now_or_never().unwrap().unwrap()
        };
        assert_eq!(due(0), None);
        for tag in ["bread", "fog"] {
            node.follow_tag(tag).now_or_never().unwrap().unwrap();
        }
        assert_eq!((due(0).as_deref(), due(5).as_deref(), due(9)), (Some("bread"), Some("fog"), None));
        assert_eq!(due(limits::TAG_ASK_MS - 1), None);
        assert_eq!((due(limits::TAG_ASK_MS).as_deref(), due(limits::TAG_ASK_MS + 4)), (Some("bread"), None));
        node.unfollow_tag("fog").now_or_never().unwrap().unwrap();
        assert_eq!(due(limits::TAG_ASK_MS + 6), None);
        // A clock that is set back: it goes on, once.
        clock.set_ms(start_ms);
        assert_eq!((due(1).as_deref(), due(2)), (Some("bread"), None));
    }
}
