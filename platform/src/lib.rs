//! What the operating system must give Kith. Fills the traits of `kith_node::host`; knows nothing else of the node.
//!
//! - [`keystore`]: where secrets rest: the system's keychain, or a file sealed with a passphrase.
//! - [`OsNotifier`]: what the desktop shows beside the window.
//! - [`Tray`]: an icon by which a closed window is found again.
//! - [`paths`]: where a profile lies.
//!
//! Here, and nowhere else, a difference between operating systems is spelled out.

mod autostart;
mod keychain;
pub mod keystore;
mod notifier;
pub mod paths;
mod tray;

pub use autostart::{set_starts_at_login, starts_at_login};
pub use keychain::OsKeychain;
pub use keystore::{Choice, open_keystore};
pub use notifier::{OsNotifier, Pressed};
pub use paths::{default_profile_dir, device_name};
pub use tray::{Tray, TrayError, TrayEvent, TrayTexts};
