//! The seeded simulation: up to some dozens of nodes in one thread under virtual time, each with the real gate, the
//! real sync engine, the real reads and a real SQLite database (in memory, run inline). The same seed gives the same
//! trace. What is left out is QUIC: connections are ordered, reliable pipes in memory.
//!
//! A pipe delays each frame by latency and jitter but keeps their order, as a stream does. Loss shows as it does
//! above QUIC: the frame (and what stands behind it) is late by a retransmission, or the connection breaks. Frames
//! of different connections overtake each other freely.

mod bucket;
mod count;
mod devices;
mod flood;
mod node;
mod observer;
mod pipe;
mod scenario;
mod sight;
mod sleepers;
mod world;

pub use count::{Cost, Lacks, exchange};
pub use devices::devices;
pub use node::{Copy, NodeIndex};
pub use observer::{Given, given};
pub use pipe::{Dice, Shape};
pub use scenario::{AGREE_MS, converge, difference};
pub use sleepers::sleepers;
pub use world::{Tapped, World};
