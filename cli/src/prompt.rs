//! What is asked for on a terminal, or comes in a pipe: words, a line, a passphrase.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use kith_node::Error;
use kith_node::control::{Failure, Words};
use kith_node::host::KeystoreError;
use kith_node::limits::PASSPHRASE_CHARS;
use zeroize::Zeroizing;

/// Of a recovery phrase.
const WORDS: usize = 24;

/// A recovery phrase from the terminal or a pipe: one line, or several as it is shown, up to an empty one.
pub(crate) fn words(prompt: &str) -> Result<Words, Failure> {
    if std::io::stdin().is_terminal() {
        let _nowhere_to_tell = write!(std::io::stderr(), "{prompt}");
    }
    let (mut all, mut stdin) = (String::new(), std::io::stdin().lock());
    loop {
        let before = all.len();
        let read = stdin.read_line(&mut all).unwrap_or_default();
        let words = all.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
        if read == 0 || words >= WORDS || all.split_at_checked(before).is_none_or(|(_, line)| line.trim().is_empty()) {
            break;
        }
    }
    match all.trim().is_empty() {
        true => Err(Failure::new(
            "usage",
            "the recovery phrase is missing: type it, or give it in a pipe",
            "it is the 24 words that you wrote down; the device on which the persona was made shows them: kith recovery phrase",
        )),
        false => Ok(Words(all)),
    }
}

/// A line that is typed on the terminal.
pub(crate) fn asked(prompt: &str) -> Result<String, Failure> {
    let _nowhere_to_tell = write!(std::io::stderr(), "{prompt}");
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line).map_err(Error::Io)? {
        0 => Err(Failure::new("cancelled", "nothing was typed: nothing was done", "")),
        _ => Ok(line.trim().to_owned()),
    }
}

/// The passphrase that is `given`; else it is asked for on the terminal, without echo, twice where it is `new`.
///
/// Errors: code `keystore_locked` where it is missing and nobody can be asked, `bad_input` for a new one that is empty,
/// longer than [`PASSPHRASE_CHARS`] or not typed the same again.
pub(crate) fn passphrase(
    given: Option<Zeroizing<String>>,
    prompt: &str,
    new: bool,
) -> Result<Zeroizing<String>, Failure> {
    let missing = || Failure::from(Error::Keystore(KeystoreError::Locked));
    let typed = |prompt: &str| rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(Error::Io);
    let asks = given.is_none();
    let first = match given {
        Some(given) => given,
        None if std::io::stdin().is_terminal() => typed(prompt)?,
        None => return Err(missing()),
    };
    let wrong = |told: &str| Err(Error::BadInput(told.into()).into());
    match (first.is_empty(), new) {
        (true, true) => return wrong("the passphrase is empty"),
        (true, false) => return Err(missing()),
        _ => {}
    }
    if new && first.chars().count() > PASSPHRASE_CHARS {
        return wrong(&format!("the passphrase is longer than {PASSPHRASE_CHARS} characters"));
    }
    if new && asks && *typed("The same again: ")? != *first {
        return wrong("the two passphrases differ");
    }
    Ok(first)
}

/// What `KITH_PASSPHRASE` gives.
pub(crate) fn environment() -> Option<Zeroizing<String>> {
    std::env::var("KITH_PASSPHRASE").ok().filter(|given| !given.is_empty()).map(Zeroizing::new)
}

/// A line of a pipe, without its end; `None` on a terminal, and where it is empty.
pub(crate) fn piped() -> Result<Option<Zeroizing<String>>, Failure> {
    if std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().lock().read_line(&mut line).map_err(Error::Io)?;
    let given = line.trim_end_matches(['\r', '\n']);
    Ok((!given.is_empty()).then(|| Zeroizing::new(given.to_owned())))
}
