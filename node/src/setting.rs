//! Settings: a mergeable set, item by item; the higher counter wins. Own devices share them, drafts too (DESIGN §3).
//! What concerns one device alone stands in a table of its own, which is never merged.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::error::{Error, Result};
use crate::event::Event;
use crate::item::{self, Set};
use crate::limits;
use crate::node::Node;
use crate::store::Durability;

/// Tells others how far one read: "on"; off until then.
pub const READ_RECEIPTS: &str = "messages.receipts";
/// Hides when one answers: "on"; off until then (`thread/cover.rs`).
pub const HIDE_ANSWERS: &str = "messages.hide_answers";

/// Of this device alone: the profile was filled with the content of the demo.
pub(crate) const DEMO: &str = "demo";

/// Whether this profile was filled with the content of the demo: it connects to nobody.
pub(crate) fn is_demo(db: &Connection) -> Result<bool> {
    Ok(local(db, DEMO)?.is_some())
}

pub(crate) fn get(db: &Connection, key: &str) -> Result<Option<String>> {
    item::value(db, Set::Setting, key.as_bytes())
}

/// Sets an item, one above the highest counter seen for it.
pub(crate) fn put(tx: &Transaction<'_>, key: &str, value: &str) -> Result<()> {
    item::put(tx, Set::Setting, key.as_bytes(), value).map(drop)
}

/// A value of this device alone.
pub(crate) fn local(db: &Connection, key: &str) -> Result<Option<String>> {
    Ok(db.prepare_cached("SELECT value FROM local WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()?)
}

/// Keeps a value of this device alone.
pub(crate) fn put_local(tx: &Transaction<'_>, key: &str, value: &str) -> Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO local (key, value) VALUES (?1, ?2)")?.execute([key, value])?;
    Ok(())
}

/// Takes a value of this device alone away.
pub(crate) fn forget_local(tx: &Transaction<'_>, key: &str) -> Result<()> {
    tx.prepare_cached("DELETE FROM local WHERE key = ?1")?.execute([key])?;
    Ok(())
}

impl Node {
    /// Whether this profile was filled with the content of the demo: it connects to nobody, and nothing of it leaves the
    /// machine.
    pub async fn is_demo(&self) -> Result<bool> {
        self.inner().store.read(is_demo).await
    }

    /// # Errors
    /// `Demo` in a profile that was filled with the content of the demo.
    pub(crate) async fn refuse_demo(&self) -> Result<()> {
        if self.is_demo().await? { Err(Error::Demo) } else { Ok(()) }
    }

    pub async fn setting(&self, key: &str) -> Result<Option<String>> {
        let key = key.to_owned();
        self.inner().store.read(move |db| get(db, &key)).await
    }

    /// # Errors
    /// `BadInput` for a key or value over its limit.
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        if key.len() > limits::SETTING_KEY_BYTES || value.len() > limits::SETTING_VALUE_BYTES {
            return Err(Error::BadInput("the setting is too long".to_owned()));
        }
        // When things leave may have changed.
        let told = key == HIDE_ANSWERS;
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write_items(move |tx| put(tx, &key, &value)).await?;
        self.inner().events.send(Event::SettingsChanged);
        if told {
            self.inner().tell_queued();
        }
        Ok(())
    }

    /// What a screen of this device remembers for itself: a place in a feed, for example. Never merged with own devices.
    pub async fn remembered(&self, key: &str) -> Result<Option<String>> {
        let key = screen(key);
        self.inner().store.read(move |db| local(db, &key)).await
    }

    /// Nobody is told: it is the screen's own.
    ///
    /// # Errors
    /// `BadInput` for a key or value over its limit.
    pub async fn remember(&self, key: &str, value: &str) -> Result<()> {
        if key.len() > limits::SETTING_KEY_BYTES || value.len() > limits::SETTING_VALUE_BYTES {
            return Err(Error::BadInput("this is too long to be remembered".to_owned()));
        }
        let (key, value) = (screen(key), value.to_owned());
        // It can be lost with the power.
        self.inner().store.write(Durability::Normal, move |tx| put_local(tx, &key, &value)).await
    }
}

/// Apart from what the node keeps in the same table.
fn screen(key: &str) -> String {
    format!("screen.{key}")
}
