//! A page of the web that is asked what it is, for a link's card: whoever owns the site writes it.

#![no_main]

use kith_node::fuzz_page;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| assert!(fuzz_page(data), "a page tells more than a card may say"));
