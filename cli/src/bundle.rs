//! `export` and `import`: the passphrase, how far they are, and what they tell.

use std::fmt::Write as _;
use std::future::Future;
use std::io::{IsTerminal, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use kith_node::control::{Failure, Passphrase, Request};
use kith_node::{Error, Export, Transfer, preview_bundle};
use serde_json::Value;

use crate::command::Answer;
use crate::prompt;
use crate::reach::Session;
use crate::words::{line, text};

/// How often a terminal is told how far it is.
const TELL: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(crate) enum Bundle {
    Export { file: PathBuf, what: Export },
    Import { file: PathBuf },
    Preview { file: PathBuf },
}

impl Session {
    /// Writes, takes in or looks at a bundle.
    pub(crate) fn bundle(&self, bundle: &Bundle) -> Result<Answer, Failure> {
        let preview = |file: &PathBuf, passphrase: &Passphrase| -> Result<Value, Failure> {
            let view = preview_bundle(file, passphrase.text())?;
            Ok(serde_json::to_value(view).map_err(|_| Error::Bug("an answer could not be written as JSON"))?)
        };
        match bundle {
            Bundle::Preview { file } => {
                let value = preview(file, &passphrase(false)?)?;
                Ok(Answer { value, direct: true, known: false })
            }
            Bundle::Export { file, what } => {
                self.ask(Request::Export { file: file.clone(), what: *what, passphrase: passphrase(true)? })
            }
            Bundle::Import { file } => {
                let passphrase = passphrase(false)?;
                // No profile is made for what can't be taken in.
                if !self.profile.join("kith.db").exists() {
                    preview(file, &passphrase)?;
                }
                self.ask(Request::Import { file: file.clone(), passphrase })
            }
        }
    }
}

/// `KITH_PASSPHRASE`, or what is typed on a terminal.
fn passphrase(new: bool) -> Result<Passphrase, Failure> {
    let prompt = if new { "A passphrase for this file (nobody can reset it): " } else { "Passphrase of this file: " };
    Ok(Passphrase::from(prompt::passphrase(prompt::environment(), prompt, new)?.to_string()))
}

/// Awaits what a request asks for. Of a long one a terminal is told how far it is, and an interrupt ends it.
pub(crate) async fn watched<T, F>(
    request: &Request,
    work: impl Future<Output = T>,
    far: impl Fn() -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Option<Transfer>>,
{
    if !request.is_long() {
        return Ok(work.await);
    }
    let shown = std::io::stderr().is_terminal();
    let tell = async {
        if !shown {
            return std::future::pending().await;
        }
        loop {
            tokio::time::sleep(TELL).await;
            if let Some(Transfer { done, total: total @ 1.. }) = far().await {
                let percent = done.saturating_mul(100) / total;
                let _nowhere_to_tell = write!(std::io::stderr(), "\r{percent:>3} % of {} MB ", total / 1_000_000);
            }
        }
    };
    let done = tokio::select! {
        done = work => Ok(done),
        () = tell => Err(Error::Closed.into()),
        _ = tokio::signal::ctrl_c() => Err(Failure::new("cancelled", "it was ended before it was done", "repeat it")),
    };
    if shown {
        let _nowhere_to_tell = write!(std::io::stderr(), "\r{:30}\r", "");
    }
    done
}

/// What a person reads.
pub(crate) fn told(bundle: &Bundle, value: &Value) -> String {
    let mut out = String::new();
    let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64).unwrap_or_default();
    let held = format!(
        "{} entries, {} files, {} bytes",
        number(value, "entries"),
        number(value, "blobs"),
        number(value, "bytes")
    );
    let who = value.get("who").and_then(Value::as_array);
    let names: Vec<String> = who.into_iter().flatten().map(|one| line(text(one, "name"))).collect();
    // Writing to a String can't fail.
    let _infallible = match bundle {
        Bundle::Export { file, .. } => {
            writeln!(out, "Written to {}: {held}. Keep its passphrase: nobody can open it without.", file.display())
        }
        Bundle::Preview { .. } => writeln!(out, "A bundle of {}: {held}. Nothing was taken in.", names.join(", ")),
        Bundle::Import { .. } => {
            let taken = value.get("taken").unwrap_or(&Value::Null);
            let (entries, blobs) = (number(taken, "entries"), number(taken, "blobs"));
            let told = writeln!(out, "Taken in: {held}. New here: {entries} entries, {blobs} files.");
            match number(taken, "personas") {
                0 => told,
                _ => told.and_then(|()| {
                    writeln!(
                        out,
                        "Where others are reached is not in it: follow an invite again, or add an anchor, then `kith run`."
                    )
                }),
            }
        }
    };
    let keyless: Vec<String> = who
        .into_iter()
        .flatten()
        .filter(|one| text(value, "what") != "posts" && one.get("key") == Some(&Value::Bool(false)))
        .map(|one| line(text(one, "name")))
        .collect();
    if !keyless.is_empty() {
        let _infallible = writeln!(
            out,
            "Without the key of {}: this file can't make them yours elsewhere. Export on a main device.",
            keyless.join(", ")
        );
    }
    out
}
