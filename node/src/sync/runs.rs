//! Runs as pages and pushes carry them: one after the other, to the end.

use crate::entry::{Entry, Run, Unverified};
use crate::limits::PAGE_ENTRIES;
use crate::sync::frame::BadFrame;

/// Reads runs that hold at most [`PAGE_ENTRIES`] entries in all.
pub(crate) fn decode(mut bytes: &[u8]) -> Result<Vec<Run>, BadFrame> {
    let mut runs = Vec::new();
    let mut entries = 0;
    while !bytes.is_empty() {
        let run = Run::decode(&mut bytes).map_err(|_| BadFrame)?;
        entries += run.items.len();
        if run.items.is_empty() || entries > PAGE_ENTRIES {
            return Err(BadFrame);
        }
        runs.push(run);
    }
    Ok(runs)
}

pub(crate) fn into_entries(runs: Vec<Run>) -> Vec<Unverified<Entry>> {
    runs.into_iter().flat_map(Run::into_entries).collect()
}
