//! The parts of a bundle, as they stand once it was opened: whoever made one knows its passphrase.

#![no_main]

use kith_node::fuzz_bundle;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    assert!(fuzz_bundle(data), "a part does not read back as it was written");
});
