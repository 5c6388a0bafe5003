//! A display of our own for tests that open a window: Xvfb on a free display number, ended with its owner.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

/// Wide enough for the widest layout (1600 px) and high enough for its dialogs.
const SCREEN: &str = "1680x1050x24";

/// A running Xvfb.
pub(crate) struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts one; the server picks the number itself, so that two runs never meet.
    pub(crate) fn start() -> Result<Self> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Xvfb, the display for window tests")?;
        let mut number = String::new();
        if let Some(out) = server.stdout.take() {
            BufReader::new(out).read_line(&mut number).context("Xvfb told no display number")?;
        }
        let name = format!(":{}", number.trim());
        let display = Self { server, name };
        if number.trim().is_empty() {
            bail!("Xvfb ended at once; start `Xvfb -displayfd 1` by hand to see why");
        }
        Ok(display)
    }

    /// What belongs into `DISPLAY`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone after this.
        self.server.kill().ok();
        self.server.wait().ok();
    }
}
