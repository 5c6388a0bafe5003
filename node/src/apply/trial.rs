//! Keys of circles that came, tried on what is closed here: a step a transaction, until nothing is left.

use std::sync::atomic::Ordering;

use super::{Batch, EntryGate};
use crate::circle::{self, Step};
use crate::error::{Error, Result};
use crate::gate::Origin;
use crate::store::Durability;

impl EntryGate {
    /// Something may be left to be tried: by a task of the runtime's own, where there is one.
    pub(super) async fn keys_came(&self) {
        match &self.runtime {
            Some(runtime) => {
                let gate = self.clone();
                drop(runtime.spawn(async move { gate.try_keys().await }));
            }
            None => self.try_keys().await,
        }
    }

    /// One is at it at a time; whoever comes meanwhile leaves it to that one.
    async fn try_keys(&self) {
        while !self.trying.swap(true, Ordering::SeqCst) {
            let done = self.try_all().await;
            self.trying.store(false, Ordering::SeqCst);
            // What came between the last step and now nobody else tries.
            match done {
                Ok(()) if self.store.read(circle::is_left).await.unwrap_or(false) => {}
                Ok(()) => return,
                // It is written down how far they came: the next start goes on.
                Err(Error::Closed) => return,
                // The next transaction of all begins again.
                Err(error) => return tracing::warn!(%error, "keys of circles could not be tried"),
            }
        }
    }

    async fn try_all(&self) -> Result<()> {
        loop {
            let step = |batch: &mut Batch<'_>| batch.try_key();
            let (_, is_left) = self.transact_and_tell(Durability::Normal, Origin::Own, step).await?;
            if !is_left {
                return Ok(());
            }
        }
    }
}

impl Batch<'_> {
    pub(super) fn try_key(&mut self) -> Result<()> {
        match circle::next(self.tx)? {
            Some(Step::Posts(key, rows)) => rows.into_iter().try_for_each(|row| {
                self.apart("what a key opened", |batch| match circle::open_with(batch.tx, row, &key)? {
                    true => batch.reveal(row),
                    false => Ok(()),
                })
            }),
            Some(Step::Comments(rows)) => rows.into_iter().try_for_each(|(row, post)| {
                self.apart("what is said about a post", |batch| batch.read_beneath(row, post))
            }),
            None => Ok(()),
        }
    }
}
