//! Sync between nodes (DESIGN §5): an IO-free state machine. [`Engine::step`] takes what happened and the time, and
//! answers what is to be done; drivers (real iroh in `net`, virtual pipes in `sim`) do it.

mod engine;

pub use engine::{Answer, ConnId, Engine, Input, Now, Output, Query, Token};
