//! How a bundle is taken in, part by part, after all of it was looked at.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ed25519_dalek::SigningKey;
use futures_util::future::try_join;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Transaction, params};

use super::part::{Keys, Part, PartReader, entries_of};
use super::{BundleError, Taken, tables};
use crate::crypto::StreamReader;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::{Checked, Notes, Origin, Taking};
use crate::id::{BlobHash, CircleId, DeviceKey, PersonaId};
use crate::keyring::OwnKeys;
use crate::limits::{BUNDLE_CACHE_KIB, BUNDLE_FILES, BUNDLE_FILES_BYTES};
use crate::net::Arriving;
use crate::node::{Moving, Node};
use crate::store::Durability;
use crate::{author, circle, setting};

/// When a bundle was last taken in whole, ms: a setting of this device.
const TAKEN: &str = "bundle.taken";

type Parts = PartReader<StreamReader>;

/// Files that are there, and are to be noted.
#[derive(Debug, Default)]
struct Arrived {
    files: Vec<(BlobHash, u64, String)>,
    bytes: u64,
    /// The last one, which is brought to the disk while the next one is read.
    last: Option<Arriving>,
}

impl Node {
    /// Takes all parts in.
    pub(super) async fn take_parts(&self, parts: Parts, moving: &Arc<Moving>) -> Result<Taken> {
        let store = &self.inner().store;
        store.bound_writer(Some(BUNDLE_CACHE_KIB)).await?;
        let taken = self.take_each(parts, moving).await;
        store.bound_writer(None).await?;
        let taken = taken?;
        // A transaction that changes nothing would not wait for the disk: with this one, all before it is there.
        let now_ms = self.inner().clock.unix_ms().to_string();
        store.write(Durability::Full, move |tx| setting::put_local(tx, TAKEN, &now_ms)).await?;
        self.inner().events.send(Event::Reload);
        self.inner().tell_queued();
        self.authors_changed().await;
        Ok(taken)
    }

    async fn take_each(&self, mut parts: Parts, moving: &Arc<Moving>) -> Result<Taken> {
        let mut taken = Taken::default();
        let (mut circles, mut arrived, mut page) = (false, Arrived::default(), None);
        let inner = self.inner();
        loop {
            let (back, part) = inner
                .off_thread(move || {
                    let part = parts.next();
                    (parts, part)
                })
                .await?;
            parts = back;
            if moving.ended.load(Ordering::Relaxed) {
                return Err(BundleError::Ended.into());
            }
            let Some(part) = part? else { break };
            if let Part::Entries(runs) = part {
                moving.moved(runs.len() as u64);
                // While one page is stored, the signatures of the next are looked at.
                let gate = inner.gate()?;
                let (checked, ()) =
                    try_join(gate.check(entries_of(&runs)?), self.take_page(page.take(), &mut taken)).await?;
                page = Some(checked);
                inner.events.send(Event::TransferChanged);
                continue;
            }
            self.take_page(page.take(), &mut taken).await?;
            match part {
                Part::About(_) | Part::Entries(_) | Part::End(_) => {}
                Part::Keys(keys) => taken.personas += u64::from(self.take_persona(keys).await?),
                Part::Rows(table, rows) => {
                    circles |= circle::ARCHIVED.iter().any(|known| known.number == table);
                    self.take_rows(table, rows).await?;
                }
                Part::File { hash, size } => {
                    parts = self.take_file(parts, (hash, size), &mut arrived, moving).await?;
                    if arrived.files.len() >= BUNDLE_FILES || arrived.bytes >= BUNDLE_FILES_BYTES {
                        taken.blobs += self.note_files(&mut arrived).await?;
                    }
                }
            }
            inner.events.send(Event::TransferChanged);
        }
        taken.blobs += self.note_files(&mut arrived).await?;
        if circles {
            self.open_circles().await?;
        }
        Ok(taken)
    }

    async fn take_page(&self, page: Option<Checked>, taken: &mut Taken) -> Result<()> {
        let Some(page) = page else { return Ok(()) };
        let outcome = self.inner().gate()?.take(Origin::Bundle, page).await?;
        taken.entries += outcome.applied.len() as u64;
        taken.left_out += outcome.refused.len() as u64;
        for (_, error) in outcome.refused {
            let many = taken.left_out_why.entry(error.to_string()).or_default();
            *many = many.saturating_add(1);
        }
        Ok(())
    }

    /// Makes a persona an own one of this device, where its root is in the bundle and counts; `false` where it was one
    /// before, or can't be. Its words are kept last, as they are looked at by what the persona says of itself.
    async fn take_persona(&self, keys: Keys) -> Result<bool> {
        let Keys { persona, created_ms, root, phrase, statements } = keys;
        let inner = self.inner();
        let statements = entries_of(&statements)?;
        let known = inner.store.read(move |db| {
            let own = db
                .query_row("SELECT own FROM author WHERE id = ?1", [persona], |row| row.get::<_, bool>(0))
                .optional()?;
            Ok(own == Some(true))
        });
        let known = known.await?;
        let (Some(root), false) = (root, known) else {
            // Another device may have been certified, or revoked, since.
            inner.gate()?.submit(Origin::Bundle, statements).await?;
            // An import that was cut off left the words out.
            if let Some(phrase) = phrase.filter(|_| known) {
                self.keep_phrase(persona, &phrase).await?;
            }
            return Ok(false);
        };
        let (root, device) = (SigningKey::from_bytes(&root), self.draw_device()?);
        let public = DeviceKey::from(&device.verifying_key());
        // Those that are known already, or were said with a root that counts no more, are no reason to stop.
        inner.gate()?.submit(Origin::Own, statements).await?;
        let counts = inner.store.read(move |db| {
            let counts =
                db.query_row("SELECT root FROM author WHERE id = ?1", [persona], |row| row.get(0)).optional()?;
            Ok(counts.flatten())
        });
        // Before anything of it is kept.
        if counts.await? != Some(DeviceKey::from(&root.verifying_key())) {
            tracing::warn!("a persona of the bundle has another root by now: it is not made an own one");
            return Ok(false);
        }
        let certificate = self.certificate(persona, &root, public, true)?;
        let made_ms = i64::try_from(created_ms).unwrap_or(i64::MAX);
        let keys = OwnKeys { device, root: Some(root) };
        match self.own_persona_from(persona, keys, vec![certificate], made_ms).await {
            Ok(()) => {}
            Err(Error::Entry(error)) => {
                tracing::warn!(%error, "a persona of the bundle is not made an own one");
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        if let Some(phrase) = &phrase {
            self.keep_phrase(persona, phrase).await?;
        }
        Ok(true)
    }

    pub(super) async fn take_rows(&self, table: u64, rows: Vec<Vec<Value>>) -> Result<()> {
        // Of a later version.
        let Some(table) = tables().find(|known| known.number == table) else { return Ok(()) };
        let inner = self.inner();
        let now_ms = i64::try_from(inner.clock.unix_ms()).unwrap_or(i64::MAX);
        let write = inner.store.write(Durability::Normal, move |tx| {
            let mut notes = Notes::default();
            let mut taking = Taking { tx, notes: &mut notes, now_ms };
            for mut row in rows {
                if row.len() < table.columns.saturating_sub(table.added) {
                    return Err(BundleError::Damaged.into());
                }
                row.resize(table.columns, Value::Null);
                know_personas(tx, table.personas, &row)?;
                (table.take)(&mut taking, &row)?;
            }
            (table.settle)(&mut taking)?;
            Ok(notes)
        });
        let notes = write.await.map_err(|error| match error {
            // A value that the table does not take.
            Error::Database(_) | Error::BadInput(_) | Error::Entry(_) => BundleError::Damaged.into(),
            other => other,
        })?;
        for hash in notes.blobs_dropped {
            inner.events.send(Event::BlobDropped(hash));
        }
        if notes.circles_changed {
            self.authors_changed().await;
        }
        Ok(())
    }

    /// Takes a file in, where something here names it and it is not here.
    async fn take_file(
        &self,
        parts: Parts,
        (hash, size): (BlobHash, u64),
        arrived: &mut Arrived,
        moving: &Arc<Moving>,
    ) -> Result<Parts> {
        let inner = self.inner();
        let Some(blobs) = inner.blobs.clone() else { return Ok(parts) };
        let wanted = inner.store.read(move |db| {
            Ok(db
                .prepare_cached("SELECT mime FROM blob WHERE hash = ?1 AND stored = 0")?
                .query_row([hash], |row| row.get::<_, String>(0))
                .optional()?)
        });
        // One that came just now is noted a little later.
        let wanted = wanted.await?.filter(|_| !arrived.files.iter().any(|(known, ..)| *known == hash));
        let Some(mime) = wanted else {
            moving.moved(size);
            return Ok(parts);
        };
        let (counted, of) = (Arc::clone(moving), mime.clone());
        let take = inner.off_thread(move || {
            let mut parts = parts;
            let written = blobs.take(hash, &of, size, &mut parts, |bytes| counted.moved(bytes));
            (parts, written)
        });
        let ((parts, written), ()) = try_join(take, self.keep_file(arrived.last.take())).await?;
        arrived.last = written.map_err(failed)?;
        if arrived.last.is_none() {
            return Err(BundleError::Damaged.into());
        }
        arrived.files.push((hash, size, mime));
        arrived.bytes += size;
        Ok(parts)
    }

    async fn keep_file(&self, taken: Option<Arriving>) -> Result<()> {
        let Some(taken) = taken else { return Ok(()) };
        self.inner().off_thread(move || taken.keep()).await?.map_err(failed)
    }

    async fn note_files(&self, arrived: &mut Arrived) -> Result<u64> {
        let Arrived { files, last, .. } = std::mem::take(arrived);
        let inner = self.inner();
        self.keep_file(last).await?;
        let Some(blobs) = inner.blobs.clone().filter(|_| !files.is_empty()) else { return Ok(0) };
        let _settling = blobs.settle().await;
        let synced = blobs.clone();
        inner.off_thread(move || synced.sync()).await??;
        let write = inner.store.write(Durability::Normal, move |tx| {
            let (mut noted, mut gone) = (Vec::new(), Vec::new());
            for (hash, size, mime) in files {
                let size = i64::try_from(size).unwrap_or(i64::MAX);
                let changed = tx
                    .prepare_cached(
                        "UPDATE blob SET stored = 1, wanted = 0, size = ?2, hidden = NOT EXISTS
                            (SELECT 1 FROM blob_ref AS r LEFT JOIN mail ON mail.entry_row = r.entry_row
                             WHERE r.hash = ?1 AND r.entry_row > 0 AND mail.files IS NOT 0)
                         WHERE hash = ?1 AND stored = 0",
                    )?
                    .execute(params![hash, size])?;
                if changed > 0 {
                    noted.push(hash);
                    continue;
                }
                let stored = "SELECT EXISTS (SELECT 1 FROM blob WHERE hash = ?1 AND stored = 1)";
                let stored: bool = tx.prepare_cached(stored)?.query_row([hash], |row| row.get(0))?;
                gone.extend((!stored).then_some((hash, mime)));
            }
            Ok((noted, gone))
        });
        let (noted, gone) = write.await?;
        for (hash, mime) in gone {
            // What named it went meanwhile.
            blobs.remove(hash, &mime).await?;
        }
        for hash in &noted {
            inner.events.send(Event::BlobStored(*hash));
        }
        Ok(noted.len() as u64)
    }

    /// Opens what keys of circles open that came after it, as of an import that went on.
    pub(super) async fn open_circles(&self) -> Result<()> {
        let circles = self.inner().store.read(|db| {
            let mut statement = db.prepare("SELECT DISTINCT id FROM circle")?;
            let ids = statement.query_map([], |row| row.get(0))?;
            Ok(ids.collect::<rusqlite::Result<Vec<CircleId>>>()?)
        });
        for circle in circles.await? {
            self.inner().gate()?.open_circle(circle).await?;
        }
        Ok(())
    }
}

fn failed(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull => Error::DiskFull,
        _ => BundleError::from(error).into(),
    }
}

/// Personas that a row names get a row of their own.
fn know_personas(tx: &Transaction<'_>, columns: &[usize], row: &[Value]) -> Result<()> {
    for column in columns {
        let Some(Value::Blob(id)) = row.get(*column) else { return Err(BundleError::Damaged.into()) };
        author::private_row(tx, PersonaId::from_slice(id).ok_or(BundleError::Damaged)?)?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::FutureExt;
    use zeroize::Zeroizing;

    use super::super::part::{About, Export, PartWriter};
    use super::*;
    use crate::crypto::StreamWriter;
    use crate::host::MemoryKeystore;
    use crate::limits::{COUNTER_STEP, MEMBER_COUNTER};
    use crate::lock::Holder;
    use crate::node::{Config, NetworkMode};
    use crate::view::Role;

    fn done<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
        work.now_or_never().unwrap()
    }

    #[test]
    fn keys_of_circles_that_leave_no_room_above_them_are_left_out() {
        let node = Node::alone().unwrap();
        let persona = done(node.create_persona("Alice")).unwrap();
        let circle = done(node.create_circle(None, "Friends")).unwrap();
        let top = || -> i64 {
            let top = node
                .inner()
                .store
                .read(|db| Ok(db.query_row("SELECT coalesce(max(counter), 0) FROM epoch", [], |row| row.get(0))?));
            done(top).unwrap()
        };
        let mut number = 0;
        let mut take = |counter| {
            number += 1;
            let blob = |bytes: &[u8]| Value::Blob(bytes.to_vec());
            let (own, id) = (blob(persona.as_bytes()), blob(circle.as_bytes()));
            let (epoch, key) = (blob(&[number; 16]), blob(&[number; 32]));
            let row =
                vec![own.clone(), own, id, epoch, Value::Integer(counter), key, Value::Integer(0), Value::Integer(1)];
            done(node.take_rows(6, vec![row])).unwrap();
        };
        take(1);
        let known = top();
        for counter in [i64::MAX, MEMBER_COUNTER, known + COUNTER_STEP + 1, -1] {
            take(counter);
            assert_eq!(top(), known, "{counter}");
        }
        take(known + COUNTER_STEP);
        assert_eq!(top(), known + COUNTER_STEP);
    }

    #[test]
    fn a_persona_comes_with_its_own_words_and_no_others() {
        let (alice, mallory) = (Node::alone().unwrap(), Node::alone().unwrap());
        let persona = done(alice.create_persona("Alice")).unwrap();
        let keys = || done(alice.keys_of_personas()).unwrap().pop().unwrap();
        let wrong = Keys { phrase: Some(Zeroizing::new([7; 32])), ..keys() };
        assert!(done(mallory.take_persona(wrong)).unwrap());
        assert!(done(mallory.recovery_phrase(None)).is_err(), "words that are not hers");
        // The profile's own are drawn, whatever came.
        done(mallory.create_persona("Bob")).unwrap();
        let names = |node: &Node| node.phrase().unwrap().words().collect::<Vec<_>>().join(" ");
        assert_ne!(names(&mallory), names(&alice));
        assert!(!done(mallory.take_persona(keys())).unwrap(), "it is there already");
        let words = |node: &Node| done(node.recovery_phrase(Some(persona))).unwrap().1;
        assert_eq!(words(&mallory), words(&alice));
        // A root that does not count leaves nothing.
        let other = Node::alone().unwrap();
        let stolen = Keys { root: Some(Zeroizing::new([9; 32])), ..keys() };
        assert!(!done(other.take_persona(stolen)).unwrap());
        assert!(other.inner().keyring().get(persona).is_none());
    }

    #[test]
    fn a_file_comes_where_something_names_it_and_with_its_own_bytes_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (profile, file) = (folder.path().join("profile"), folder.path().join("forged.kith"));
        let config = Config {
            profile: profile.clone(),
            create: true,
            holder: Holder::Command,
            role: Role::Desktop,
            listen: None,
            network: NetworkMode::Offline,
            lock_wait_ms: 0,
        };
        let node = Node::open(config, Arc::new(MemoryKeystore::default())).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(node.create_persona("Alice")).unwrap();
        let hash_of = |bytes: &[u8]| BlobHash::from_bytes(*blake3::hash(bytes).as_bytes());
        let named = hash_of(b"a picture");
        let note = node.inner().store.write(Durability::Normal, move |tx| {
            Ok(tx.execute("INSERT INTO blob (hash, size, mime) VALUES (?1, 9, 'image/png')", [named])?)
        });
        runtime.block_on(note).unwrap();
        let files = || std::fs::read_dir(profile.join("media")).unwrap().count();
        let before = files();
        let import_all = |all: &[(BlobHash, &[u8])]| {
            let out = StreamWriter::new(std::fs::File::create(&file).unwrap(), "a passphrase").unwrap();
            let mut parts = PartWriter::new(out);
            parts.put(&Part::About(About { what: Export::Posts, made_s: 5, personas: Vec::new() })).unwrap();
            for (hash, bytes) in all {
                parts.put_file(*hash, bytes.len() as u64, &mut &**bytes, |_| true).unwrap();
            }
            parts.end().unwrap().0.finish().unwrap();
            runtime.block_on(node.import(&file, "a passphrase")).map(|view| view.taken.unwrap().blobs)
        };
        let import = |hash, bytes: &[u8]| import_all(&[(hash, bytes)]);
        let unnamed = b"what nothing names";
        assert_eq!(import(hash_of(unnamed), unnamed).unwrap(), 0);
        for other in [&b"a pigture"[..], b"a", b"", &[0; 300_000]] {
            assert!(matches!(import(named, other), Err(Error::Bundle(BundleError::Damaged))));
            assert_eq!(files(), before, "nothing of it stays");
        }
        assert_eq!(import(named, b"a picture").unwrap(), 1);
        assert_eq!(files(), before + 1);
        assert_eq!(import(named, b"a picture").unwrap(), 0);
        // Twice in one bundle: the first one counts, whatever the other is.
        let (path, store) = (node.inner().blobs().unwrap().path(named, "image/png"), &node.inner().store);
        let lost = || {
            std::fs::remove_file(&path).unwrap();
            let sql = "UPDATE blob SET stored = 0";
            runtime.block_on(store.write(Durability::Normal, move |tx| Ok(tx.execute(sql, [])?))).unwrap();
        };
        for other in [&b"a pigture"[..], b"a picture", b""] {
            lost();
            assert_eq!(import_all(&[(named, b"a picture"), (named, other)]).unwrap(), 1);
            assert_eq!((std::fs::read(&path).unwrap().as_slice(), files()), (&b"a picture"[..], before + 1));
        }
        // What named it went while it came.
        lost();
        let taken = runtime.block_on(async {
            let blobs = node.inner().blobs().unwrap();
            let last = blobs.take(named, "image/png", 9, &mut &b"a picture"[..], |_| true).unwrap();
            store.write(Durability::Normal, |tx| Ok(tx.execute("DELETE FROM blob", [])?)).await.unwrap();
            let mut arrived = Arrived { files: vec![(named, 9, "image/png".to_owned())], bytes: 9, last };
            node.note_files(&mut arrived).await.unwrap()
        });
        assert_eq!((taken, files()), (0, before));
        runtime.block_on(node.shutdown());
    }
}
