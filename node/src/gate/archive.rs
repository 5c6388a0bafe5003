//! Tables whose rows a bundle holds: what a feature writes of its own out, and how it takes it in again.

use rusqlite::Transaction;
use rusqlite::types::Value;

use crate::error::Result;
use crate::gate::Notes;

/// A table in a bundle. Its rows name others by their ids, never by rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Archived {
    /// It stands in bundles, and so never changes; as do the columns, which are only added to.
    pub number: u64,
    /// Columns whose ids of personas get a row before `take`.
    pub personas: &'static [usize],
    /// All rows of own personas.
    pub select: &'static str,
    /// Columns of a row.
    pub columns: usize,
    /// How many of them, the last ones, the first version did not have: where they are missing they are null. A row with
    /// fewer than the others is refused before.
    pub added: usize,
    /// Takes a row in. It says what another copy of this profile knew, perhaps long ago: what is newer here stays.
    pub take: fn(&mut Taking<'_>, &[Value]) -> Result<()>,
    /// What follows from rows that were taken in, once for many.
    pub settle: fn(&mut Taking<'_>) -> Result<()>,
}

/// Nothing follows.
pub(crate) fn nothing_follows(_: &mut Taking<'_>) -> Result<()> {
    Ok(())
}

/// What `take` works with.
#[derive(Debug)]
pub(crate) struct Taking<'a> {
    pub tx: &'a Transaction<'a>,
    pub notes: &'a mut Notes,
    pub now_ms: i64,
}

impl Taking<'_> {
    /// Runs a statement with the columns of a row as its parameters; answers how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, row: &[Value]) -> Result<usize> {
        Ok(self.tx.prepare_cached(sql)?.execute(rusqlite::params_from_iter(row))?)
    }
}
