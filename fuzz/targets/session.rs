//! What is inside envelopes: the plain message of a session, what is inside an intro and the statements that it brings.
//!
//! The first byte chooses: 0 a plain message, 1 an intro.

#![no_main]

use kith_node::crypto::{Intro, Session, fuzz_plain};
use kith_node::entry::Introduction;
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
        _ => {}
    }
});
