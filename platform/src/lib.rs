//! What the operating system must give Kith. Fills the traits of `kith_node::host`; knows nothing else of the node.
//!
//! - [`keystore`]: where secrets rest: the system's keychain, or a file sealed with a passphrase.
//! - [`paths`]: where a profile lies.
//!
//! Here, and nowhere else, a difference between operating systems is spelled out.

mod keychain;
pub mod keystore;
pub mod paths;

pub use keychain::OsKeychain;
pub use keystore::{Choice, open_keystore};
pub use paths::{default_profile_dir, device_name};
