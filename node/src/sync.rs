//! Sync between nodes (DESIGN §5): an IO-free state machine. [`Engine::step`] takes what happened and the time, and
//! answers what is to be done; drivers (real iroh in `net`, virtual pipes in `sim`) do it.
//!
//! Each side asks for the authors that it carries (own personas exactly like followed ones) and answers the other:
//! `ask` compares copies, `pull` fetches what is missing, `serve` is the answering side of both, `push` passes on
//! what was just committed, `carry` decides who carries whom, `bucket` which mail is taken, `budget` bounds what that may cost in an hour and
//! `allowance` what one peer may ask for, `find` looks for posts at peers. Frames stand in `frame`; the
//! queries that drivers run stand in `reads`, `carried`, `remember` and `sum`. The machine knows no feature, clock or socket, and the same inputs give the same
//! outputs.

mod allowance;
mod ask;
mod bucket;
mod budget;
mod carried;
mod carry;
mod connection;
mod digest;
mod engine;
mod find;
mod flush;
mod frame;
mod mailbox;
mod message;
mod pull;
mod push;
mod reads;
mod remember;
mod runs;
mod serve;
mod sum;
mod want;

pub(crate) use bucket::{expect, forget_clients, taken};
pub use carried::{
    Room, Sake, adopt, authors, carry_until, holds, holds_not, learn, lease, mark_held, room, unlearn, visit,
};
pub use connection::keeps_old;
#[cfg(test)]
pub(crate) use digest::Pair;
pub use digest::{AuthorHash, HeaderRange, HeaderSet, Mark, Print, Question, SetId, ShortId, Span};
pub use engine::Engine;
#[cfg(any(test, feature = "sim"))]
pub(crate) use frame::Frame;
pub use frame::fuzz_frame;
#[cfg(test)]
pub(crate) use frame::{Ask, Page, Want, Way};
pub use message::{Carried, ConnId, Direction, Input, Leases, Now, Output, Token};
pub use reads::{Answer, Cursor, Have, Introduction, Pass, Pushed, Query, Wanted, answer};
pub use remember::{mark_synced, remember};
pub use runs::Held;
#[cfg(feature = "sim")]
pub(crate) use runs::decode as decode_runs;
pub(crate) use sum::{headers_changed, mail_changed};
#[cfg(test)]
pub(crate) use want::WantItem;
pub use want::{HaveLog, HaveRange};
