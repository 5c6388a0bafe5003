//! `export` and `import`: the passphrase, how far they are, and what they tell.

use std::fmt::Write as _;
use std::future::Future;
use std::io::{IsTerminal, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use kith_node::control::{Failure, Passphrase, Request};
use kith_node::{BundleError, Error, Export, Transfer, preview_bundle};
use serde_json::Value;

use crate::command::Answer;
use crate::prompt;
use crate::reach::Session;
use crate::words::{bytes, count, date, line, many, many_as, text};

/// How often a terminal is told how far it is.
const TELL: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(crate) enum Bundle {
    Export { file: PathBuf, what: Export, force: bool },
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
                let passphrase = passphrase(false)?;
                let plain = || Ok(Answer { value: preview(file, &passphrase)?, direct: true, known: false });
                if !self.has_profile() {
                    return plain();
                }
                // What is new is told by the profile; where that does not open, what is in the file all the same.
                match self.ask(Request::Preview { file: file.clone(), passphrase: passphrase.clone() }) {
                    Err(failure) if failure.code != "cancelled" => plain(),
                    asked => asked,
                }
            }
            Bundle::Export { file, what, force } => {
                let passphrase = passphrase(true)?;
                self.ask(Request::Export { file: file.clone(), what: *what, passphrase, force: *force })
            }
            Bundle::Import { file } => {
                let passphrase = passphrase(false)?;
                // No profile is made for what can't be taken in.
                if !self.has_profile() && preview(file, &passphrase)?.get("personas") == Some(&Value::from(0)) {
                    return Err(Error::from(BundleError::NoKeys).into());
                }
                self.ask(Request::Import { file: file.clone(), passphrase })
            }
        }
    }
}

impl Session {
    pub(crate) fn has_profile(&self) -> bool {
        self.profile.join("kith.db").exists()
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
    let number = count;
    let held = format!("{}, {}", entries(value), bytes(number(value, "bytes")));
    let who = value.get("who").and_then(Value::as_array);
    let names: Vec<String> = who.into_iter().flatten().map(|one| line(text(one, "name"))).collect();
    // Writing to a String can't fail.
    let _infallible = match bundle {
        Bundle::Export { file, .. } => {
            writeln!(out, "Written to {}: {held}. Keep its passphrase: nobody can open it without.", file.display())
        }
        Bundle::Preview { .. } => preview(&mut out, value, &names),
        Bundle::Import { .. } => {
            let taken = value.get("taken").unwrap_or(&Value::Null);
            let told = writeln!(out, "Taken in: {held}. New here: {}.", entries(taken));
            let told = told.and_then(|()| left_out(&mut out, taken));
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

/// What was not taken in, and why.
fn left_out(out: &mut String, taken: &Value) -> std::fmt::Result {
    let left = count(taken, "left_out");
    if left == 0 {
        return Ok(());
    }
    let why = taken.get("left_out_why").and_then(Value::as_object);
    let why =
        why.into_iter().flatten().map(|(why, many)| format!("{} ({})", line(why), many.as_u64().unwrap_or_default()));
    let why: Vec<String> = why.collect();
    writeln!(out, "Left out: {}. Why: {}.", many_as(left, "entry", "entries"), why.join("; "))
}

/// What it holds, as its preview says.
fn preview(out: &mut String, value: &Value, names: &[String]) -> std::fmt::Result {
    let what = match text(value, "what") {
        "identity" => "Who somebody is: keys, lists and settings",
        "posts" => "What somebody posted in the open",
        _ => "All that somebody has",
    };
    let made = date(count(value, "made_s").saturating_mul(1_000));
    writeln!(out, "{what}. Written {made}, {}.", bytes(count(value, "bytes")))?;
    writeln!(out, "Personas: {}", names.join(", "))?;
    writeln!(out, "In it:    {}", entries(value))?;
    if let Some(new) = value.get("new").filter(|new| !new.is_null()) {
        let personas = many_as(count(new, "personas"), "persona of yours", "personas of yours");
        writeln!(out, "New here: {personas}, {}", entries(new))?;
    }
    writeln!(out, "Nothing was taken in.")
}

fn entries(value: &Value) -> String {
    let all =
        format!("{}, {}", many_as(count(value, "entries"), "entry", "entries"), many(count(value, "blobs"), "file"));
    match value.get("posts").and_then(Value::as_u64) {
        Some(posts) => format!("{} ({all})", many(posts, "post")),
        None => all,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_import_left_out_is_told_with_its_reasons() {
        let import = Bundle::Import { file: PathBuf::new() };
        let mut value = json!({ "entries": 5, "blobs": 0, "bytes": 9,
            "taken": { "entries": 2, "blobs": 0, "personas": 0, "left_out": 0 } });
        assert!(!told(&import, &value).contains("Left out"));
        *value.get_mut("taken").unwrap() = json!({ "entries": 2, "blobs": 0, "personas": 0, "left_out": 3,
            "left_out_why": { "its device was revoked before it": 2, "this node has no room for it": 1 } });
        let shown = told(&import, &value);
        let whole = "Left out: 3 entries. Why: its device was revoked before it (2); this node has no room for it (1).";
        assert!(shown.contains(whole), "{shown}");
    }
}
