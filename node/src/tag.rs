//! Hashtags that the user follows: their posts, as far as they are held here, have a feed of their own, and stand in
//! the home feed too where a setting says so.

use rusqlite::Connection;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::item::{self, Set};
use crate::node::Node;
use crate::post::tag_name;
use crate::setting;
use crate::store::Durability;

/// Setting: `on` where posts with followed hashtags stand in the home feed.
const AT_HOME: &str = "feed.tags_at_home";

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
            .inner()
            .store
            .write(Durability::Full, move |tx| {
                if follow { item::put(tx, Set::Tag, &key, "") } else { item::take(tx, Set::Tag, &key) }
            })
            .await?;
        if changed {
            self.inner().events.send(Event::FollowsChanged);
        }
        Ok(tag)
    }
}
