//! What follows from what a root said of devices: entries that no longer count go, and nothing more is said to, or heard
//! from, a device that is out.

use rusqlite::params;

use super::{Batch, Stored, place};
use crate::device;
use crate::error::Result;
use crate::id::{DeviceKey, PersonaId};
use crate::keyring::OwnKeys;
use crate::storage::{self, Step};
use crate::{circle, record, thread};

impl Batch<'_> {
    /// Once all of a batch is taken in: of statements that belong together none is looked at alone.
    pub(super) fn settle_devices(&mut self) -> Result<()> {
        if !self.restated.is_empty() {
            // What came with the statements counts too.
            self.logs.save(self.tx)?;
        }
        for author_row in std::mem::take(&mut self.restated) {
            let overhanging = device::overhanging(self.tx, author_row)?;
            if !overhanging.is_empty() {
                self.cut(author_row, &overhanging)?;
            }
            let persona: PersonaId = self
                .tx
                .prepare_cached("SELECT id FROM author WHERE row = ?1")?
                .query_row([author_row], |row| row.get(0))?;
            let gone = device::gone(self.tx, author_row)?;
            let this = self.keyring.get(persona).map(|own| *own.device.verifying_key().as_bytes());
            if gone.iter().any(|device| Some(*device.as_bytes()) == this) {
                // This one is out: the others see to the rest.
                self.notes.devices_changed = true;
                continue;
            }
            for device in &gone {
                self.forget_device(author_row, *device)?;
            }
            let keyring = self.keyring;
            let Some(own) = keyring.get(persona) else { continue };
            self.notes.devices_changed = true;
            for device in thread::devices(self.tx, author_row)? {
                self.own_device_came(author_row, DeviceKey::from_bytes(device), own)?;
            }
            if !gone.is_empty() {
                thread::renew_keys(self.tx, author_row)?;
                self.notes.queued = true;
            }
        }
        Ok(())
    }

    /// A device published its keys: it is given what it may read.
    pub(super) fn device_came(&mut self, author_row: i64, persona: PersonaId, device: DeviceKey) -> Result<()> {
        circle::device_came(&mut self.circle_desk(), author_row, device)?;
        let keyring = self.keyring;
        match keyring.get(persona) {
            Some(own) => self.own_device_came(author_row, device, own),
            None => Ok(()),
        }
    }

    fn own_device_came(&mut self, own_row: i64, device: DeviceKey, own: &OwnKeys) -> Result<()> {
        if record::device_came(self.tx, &mut self.notes, own_row, device, own)? {
            circle::own_device_came(&mut self.circle_desk(), own_row, device)?;
            self.notes.devices_changed = true;
        }
        Ok(())
    }

    /// Removes entries of logs from a seq on.
    fn cut(&mut self, author_row: i64, logs: &[(i64, i64)]) -> Result<()> {
        self.logs.save(self.tx)?;
        let mut step = Step::default();
        for (log_row, first) in logs {
            storage::cut_log(self.tx, author_row, *log_row, *first, &mut step)?;
        }
        self.logs.reset();
        self.tx
            .prepare_cached(
                "DELETE FROM device_keys WHERE author_row = ?1 AND NOT EXISTS (SELECT 1 FROM entry WHERE row = entry_row)",
            )?
            .execute([author_row])?;
        // Of names and pictures the newest that is left stands.
        self.tx
            .prepare_cached(
                "UPDATE author SET profile_count = 0, profile_row = 0
                 WHERE row = ?1 AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.row = profile_row)",
            )?
            .execute([author_row])?;
        for (row, id, entry) in place::profiles(self.tx, author_row)? {
            let author = self.logs.author(self.tx, entry.header.author)?;
            self.hand_over(id, &entry, Stored { row, author, log_row: 0, rank: 0, deleted: false })?;
        }
        self.notes.posts_changed.extend(step.posts);
        self.notes.blobs_dropped.extend(step.blobs);
        Ok(())
    }

    /// Ends all that is shared with a device.
    fn forget_device(&mut self, author_row: i64, device: DeviceKey) -> Result<()> {
        thread::end_with(self.tx, author_row, device)?;
        for table in ["device_keys", "met", "own_device"] {
            self.tx
                .prepare_cached(&format!("DELETE FROM {table} WHERE author_row = ?1 AND device = ?2"))?
                .execute(params![author_row, device])?;
        }
        // What it had opens nothing that is written from now on.
        circle::device_gone(&mut self.circle_desk(), author_row, device)
    }
}
