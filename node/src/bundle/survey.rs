//! What a bundle holds, as it is looked at before anything of it is taken in, and what of it would be new here.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use serde::Serialize;

use super::part::{Part, PartReader, entries_of};
use super::{BundleError, BundleView, Named, checked, open};
use crate::crypto::{StreamOpener, StreamReader};
use crate::entry::Kind;
use crate::error::Result;
use crate::id::{BlobHash, EntryId, PersonaId};
use crate::node::{Moving, Node};

/// What of a bundle is not here: as much as an import would take in at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BundleNews {
    /// Those that would become own ones.
    pub personas: u64,
    pub posts: u64,
    /// Posts, and all else that was signed.
    pub entries: u64,
    pub blobs: u64,
}

/// What a bundle holds, all of which is looked at. Needs no profile. Blocks: some tenths of a second, and as long as the
/// file takes to be read.
///
/// # Errors
/// `Bundle`; `Keystore(Locked)` without a passphrase.
pub fn preview_bundle(file: &Path, passphrase: &str) -> Result<BundleView> {
    let mut posts = 0;
    let view = survey(&Arc::new(open(file, passphrase)?), &Moving::default(), |part| {
        posts += posts_of(part)?;
        Ok(())
    })?;
    Ok(BundleView { posts: Some(posts), ..view })
}

impl Node {
    /// Looks at a bundle, as [`preview_bundle`], and at what of it is not here yet.
    ///
    /// # Errors
    /// As there.
    pub async fn preview_import(&self, file: &Path, passphrase: &str) -> Result<BundleView> {
        let (file, passphrase) = (file.to_owned(), checked(passphrase)?);
        let look = move |db: &Connection| {
            let mut new = BundleNews::default();
            let mut posts = 0;
            let view = survey(&Arc::new(open(&file, &passphrase)?), &Moving::default(), |part| {
                posts += posts_of(part)?;
                new.count(db, part)
            })?;
            Ok(BundleView { posts: Some(posts), new: Some(new), ..view })
        };
        self.inner().store.read(look).await
    }
}

/// Looks at all of a bundle: every chunk, and every part.
pub(super) fn survey(
    opener: &Arc<StreamOpener>,
    moving: &Moving,
    mut look: impl FnMut(&Part) -> Result<()>,
) -> Result<BundleView> {
    opener.check(|bytes| moving.moved(bytes)).map_err(BundleError::from)?;
    let mut parts = PartReader::<StreamReader>::new(opener.reader().map_err(BundleError::from)?);
    let (mut about, mut keys) = (None, Vec::new());
    while let Some(part) = parts.next()? {
        look(&part)?;
        match part {
            Part::About(found) => about = Some(found),
            Part::Keys(found) => keys.push(found),
            _ => {}
        }
    }
    let about = about.ok_or(BundleError::Damaged)?;
    Ok(Named::of(&about, &keys).view(parts.seen(), opener.bytes()))
}

fn posts_of(part: &Part) -> Result<u64> {
    let Part::Entries(runs) = part else { return Ok(0) };
    let posts = entries_of(runs)?.iter().filter(|entry| entry.0.header.kind == Kind::Post).count();
    Ok(posts as u64)
}

impl BundleNews {
    fn count(&mut self, db: &Connection, part: &Part) -> Result<()> {
        match part {
            Part::Keys(keys) if keys.root.is_some() => self.personas += u64::from(!is_own(db, keys.persona)?),
            Part::Entries(runs) => {
                for entry in entries_of(runs)? {
                    let entry = entry.0;
                    let new = u64::from(!is_here(db, entry.id())?);
                    self.entries += new;
                    self.posts += if entry.header.kind == Kind::Post { new } else { 0 };
                }
            }
            Part::File { hash, .. } => self.blobs += u64::from(!is_stored(db, *hash)?),
            _ => {}
        }
        Ok(())
    }
}

fn is_own(db: &Connection, persona: PersonaId) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM author WHERE id = ?1 AND own = 1)")?
        .query_row([persona], |row| row.get(0))?)
}

fn is_here(db: &Connection, entry: EntryId) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1)")?
        .query_row([entry], |row| row.get(0))?)
}

fn is_stored(db: &Connection, hash: BlobHash) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM blob WHERE hash = ?1 AND stored = 1)")?
        .query_row([hash], |row| row.get(0))?)
}
