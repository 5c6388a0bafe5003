//! What is inside envelopes: the plain message of a session, what is inside an intro and the statements that it brings,
//! and what a message says.
//!
//! The first byte chooses: 0 a plain message, 1 an intro, 2 what a message says, 20 what is said about a post to circles,
//! 21 such a post.

#![no_main]

use kith_node::crypto::{Intro, Session, fuzz_plain};
use kith_node::entry::{Enclosed, Introduction, MessageBody, Said};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((0, bytes)) => assert!(fuzz_plain(bytes), "a plain message does not read back as it was written"),
        Some((1, bytes)) => {
            if let Ok(intro) = Intro::decode(bytes) {
                assert_eq!(Intro::decode(&intro.encode()).as_ref(), Ok(&intro));
                let _ = Session::id_of(&intro);
                let _ = Introduction::of(&intro);
            }
        }
        Some((2, bytes)) => {
            if let Ok(body) = MessageBody::decode(bytes) {
                assert_eq!(MessageBody::decode(&body.encode([0; 16])).as_ref(), Ok(&body));
            }
        }
        Some((20, bytes)) => {
            if let Ok(said) = Said::decode(bytes) {
                assert_eq!(Said::decode(&said.encode()).as_ref(), Ok(&said));
                let _ = Introduction::certified(said.persona, said.device, &said.statements);
            }
        }
        Some((21, bytes)) => {
            if let Ok(post) = Enclosed::decode(bytes) {
                assert_eq!(Enclosed::decode(&post.encode()).as_ref(), Ok(&post));
            }
        }
        _ => {}
    }
});
