//! Where a profile lies and how its keystore is opened.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use kith_node::control::Failure;
use kith_node::host::{KeystoreError, KeystoreKind};
use kith_node::store::Upgrade;
use kith_node::{Config, Error, Node};
use kith_platform::keystore::{Choice, Passphrase, open_keystore, sealed_file_path};

use crate::prompt::passphrase;

/// The folder of `--profile`, made absolute, or the system's default.
pub(crate) fn folder(given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let given = given.filter(|path| !path.as_os_str().is_empty());
    let folder = given.or_else(kith_platform::default_profile_dir).ok_or_else(|| {
        Failure::new("usage", "this system names no folder for application data", "name one with --profile DIR")
    })?;
    Ok(std::path::absolute(folder).map_err(Error::Io)?)
}

/// Opens the profile's node with the keystore that it used last, or that `KITH_KEYSTORE` selects. Where that is a
/// sealed file without a passphrase, or a new profile finds no keychain, the user is asked for one on a terminal;
/// elsewhere it is an error. Blocks; must not be called inside a runtime.
pub(crate) fn open(config: Config) -> Result<Node, Failure> {
    let choice = Choice::from_env().map_err(|error| Failure::new("usage", error.to_string(), ""))?;
    let chosen = matches!(choice, Choice::Os | Choice::File(_));
    let new = config.create && !sealed_file_path(&config.profile).exists();
    let keystore = open_keystore(&config.profile, choice);
    let kind = keystore.kind();
    let error = match Node::open_telling(config.clone(), keystore, &mut tell_upgrade) {
        Ok(node) => return Ok(node),
        Err(error) => error,
    };
    let ask_for = match &error {
        Error::Keystore(KeystoreError::Locked) if kind == KeystoreKind::File => true,
        Error::Keystore(KeystoreError::Unavailable(_)) => new && !chosen,
        _ => false,
    };
    if !ask_for || !std::io::stdin().is_terminal() {
        return Err(error.into());
    }
    let prompt = match new {
        true => "A passphrase for this profile's keys (nobody can reset it): ",
        false => "Passphrase of this profile: ",
    };
    let passphrase = passphrase(None, prompt, new)?.to_string();
    let keystore = open_keystore(&config.profile, Choice::File(Some(Passphrase::from(passphrase))));
    Ok(Node::open_telling(config, keystore, &mut tell_upgrade)?)
}

/// A new version brings the profile up to date: told on a terminal, as it may take a while.
fn tell_upgrade(upgrade: Upgrade) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    let _nowhere_to_tell = match upgrade {
        Upgrade::Copying { done, total } => {
            let percent = done.saturating_mul(100) / total.max(1);
            write!(std::io::stderr(), "\rBringing the profile up to date: copying it, {percent} % ")
        }
        Upgrade::Changing { .. } => {
            writeln!(std::io::stderr(), "\nBringing the profile up to date: do not switch off.")
        }
        Upgrade::Done { .. } => writeln!(std::io::stderr(), "The profile is up to date."),
    };
}

/// A path as the node gets it: absolute, from the command's own directory.
pub(crate) fn absolute(file: &Path) -> Result<PathBuf, Failure> {
    Ok(std::path::absolute(file).map_err(|error| Error::BadInput(format!("{}: {error}", file.display())))?)
}
