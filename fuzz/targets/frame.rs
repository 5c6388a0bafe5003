//! Frames of a sync stream and of a linking, as a stranger may send them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    assert!(kith_node::sync::fuzz_frame(data), "a frame does not read back as it was written");
    assert!(kith_node::fuzz_link_frame(data), "a frame of a linking does not read back as it was written");
});
