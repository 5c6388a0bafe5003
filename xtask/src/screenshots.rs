//! `cargo xtask screenshots`: the pictures of the documentation, taken anew from a demo.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::{command, setup};

const FOLDER: &str = "docs/screenshots";

/// Takes all of them; pictures of screens that are no more go.
pub(crate) fn run() -> Result<ExitCode> {
    setup::ensure(setup::Goal::Test)?;
    let folder = command::root().join(FOLDER);
    let taken = command::target_dir().join("screenshots");
    if taken.exists() {
        fs::remove_dir_all(&taken).context("cannot remove the pictures of an earlier run")?;
    }
    fs::create_dir_all(&taken).context("cannot make a folder for the pictures")?;
    let mut cargo = command::cargo();
    cargo.args(["test", "--workspace", "--locked", "--test", "screenshots", "--", "--nocapture"]);
    cargo.env("KITH_SCREENSHOTS", &taken);
    command::run(&mut cargo)?;
    // Only once all are there.
    fs::create_dir_all(&folder).context("cannot make the folder")?;
    for old in fs::read_dir(&folder).context("cannot read the folder")? {
        let old = old?.path();
        if old.extension().is_some_and(|end| end == "png") {
            fs::remove_file(old)?;
        }
    }
    let mut count = 0;
    for new in fs::read_dir(&taken).context("cannot read the pictures")? {
        let new = new?;
        fs::copy(new.path(), folder.join(new.file_name())).context("cannot copy a picture")?;
        count += 1;
    }
    println!("{count} pictures in {FOLDER}");
    Ok(ExitCode::SUCCESS)
}
