//! Screens of Kith as Dioxus components. Knows the node only through its handle and does no I/O of its own.
//!
//! The same tree runs in the desktop window and, through dioxus-liveview, as a web page. What it keeps to:
//! - Components call a verb of the node and read a store. One listener (`listen`) hears the node's events and feeds
//!   the stores; lists hold ids, rows read their post by id.
//! - First paint comes from the local store; nothing waits for the network.
//! - Nothing that came from the network becomes HTML: text is drawn from a syntax tree (`markup`), pictures are asked
//!   for by hash below [`Surface::media_base`]. `dangerous_inner_html` and `asset!` are absent on purpose.
//! - Components run no script. What needs one (copying, moving the focus, the address bar) is asked of the host: on
//!   the desktop through [`Host`], on a web page through attributes that its script reads (see [`HEAD`]). What all
//!   hosts need is [`SCRIPT`].
//! - Text fields are uncontrolled: a web page's round trip must never overwrite what is being typed.

// `rsx!` expands to paths that this lint sees as ours.
#![allow(unused_qualifications)]

mod alert;
mod apart;
mod app;
mod arrival;
mod attached;
mod audience;
mod avatar;
mod blurhash;
mod bubble;
mod bundle;
mod card;
mod chat;
mod choice;
mod circles;
mod colour;
mod comments;
mod complete;
mod composer;
mod devices;
mod emoji;
mod ended;
mod event;
mod failure;
mod feed;
mod followers;
mod hidden;
mod home;
mod icon;
mod invitations;
mod keeping;
mod keyboard;
mod language;
mod layer;
mod line;
mod link;
mod lists;
mod mailbox;
mod markup;
mod me;
mod members;
mod mention;
mod menu;
mod messages;
mod muted;
mod nav;
mod near;
mod network;
mod note;
mod notice;
mod notifications;
mod opener;
mod order;
mod pages;
mod palette;
mod people;
mod person;
mod personas;
mod picture;
mod poll;
mod post;
mod posts;
mod published;
mod qr;
mod quote;
mod range;
mod recovery;
mod report;
mod restore;
mod revoke;
mod route;
mod rows;
mod say;
mod scan;
mod search;
mod series;
mod settings;
mod skeleton;
mod storage;
mod strings;
mod surface;
mod switch;
mod thread;
mod time;
mod told;
mod verify;
mod version;
mod viewer;
mod welcome;
mod write;
mod writer;
mod written;

#[cfg(test)]
mod tokens_test;

pub use app::App;
pub use arrival::FirstLink;
pub use failure::explain;
pub use icon::Mark;
pub use language::{Language, Preferred, language, set_system_language, speaking, within};
pub use markup::{text_as_html, text_as_plain};
pub use notifications::{path_of, told};
pub use range::Part;
pub use settings::LANGUAGE;
pub use strings::{number, t, t_args};
pub use surface::{CSS, HEAD, Host, Place, SCRIPT, Saving, Surface, Uploads, body_attributes, escape};
pub use time::{absolute, iso};
pub use told::{IN_TRAY, OS_NOTICES, OS_TEXTS};
