//! What the driver drives.

use crate::bucket::Bucket;
use crate::id::{NodeId, PersonaId};
use crate::sync::{ConnId, Engine, Input, Now, Output};
use crate::view::{BudgetView, Role};

/// The state machine that is driven: the sync engine, or a toy in tests.
pub(super) trait Machine: Send + 'static {
    fn step(&mut self, now: Now, input: Input) -> Vec<Output>;
    /// Connections whose peer carries this author.
    fn carriers(&self, author: PersonaId) -> Vec<ConnId>;
    /// What the peer said it is.
    fn role(&self, conn: ConnId) -> Option<Role>;
    /// How many authors that this node carries the peer carries too.
    fn shared(&self, conn: ConnId) -> usize;
    fn budget(&self) -> BudgetView;
    /// Peers that brought all that they have of what they are asked for, these authors and this bucket among it.
    fn settled(&self, _authors: &[PersonaId], _bucket: Bucket) -> Vec<NodeId> {
        Vec::new()
    }
}

impl Machine for Engine {
    fn step(&mut self, now: Now, input: Input) -> Vec<Output> {
        Self::step(self, now, input)
    }

    fn carriers(&self, author: PersonaId) -> Vec<ConnId> {
        Self::carriers(self, author)
    }

    fn role(&self, conn: ConnId) -> Option<Role> {
        Self::role(self, conn)
    }

    fn shared(&self, conn: ConnId) -> usize {
        Self::shared(self, conn)
    }

    fn budget(&self) -> BudgetView {
        Self::budget(self)
    }

    fn settled(&self, authors: &[PersonaId], bucket: Bucket) -> Vec<NodeId> {
        Self::settled(self, authors, bucket)
    }
}
