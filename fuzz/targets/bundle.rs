//! The parts of a bundle, and the pieces of a backup, as they stand once they were opened: whoever made one knows its
//! passphrase, or phrase.

#![no_main]

use kith_node::{fuzz_backup, fuzz_bundle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    assert!(fuzz_bundle(data), "a part does not read back as it was written");
    assert!(fuzz_backup(data), "a piece of a backup does not read back as it was written");
});
