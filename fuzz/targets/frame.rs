//! Frames of a sync stream, as a stranger may send them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| kith_node::sync::fuzz_frame(data));
