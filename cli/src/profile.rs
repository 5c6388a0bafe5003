//! Where a profile lies and how its keystore is opened.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use kith_node::control::Failure;
use kith_node::host::{KeystoreError, KeystoreKind};
use kith_node::{Config, Error, Node};
use zeroize::Zeroizing;

/// The folder of `--profile`, made absolute, or `kith` in the system's folder for application data.
pub(crate) fn folder(given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let given = given.filter(|path| !path.as_os_str().is_empty());
    let folder = given.or_else(default_folder).ok_or_else(|| {
        Failure::new("usage", "this system names no folder for application data", "name one with --profile DIR")
    })?;
    Ok(std::path::absolute(folder).map_err(Error::Io)?)
}

/// Opens the profile's node. Where its keystore is a sealed file and no passphrase was given, the user is asked for
/// it on a terminal; elsewhere that is `keystore_locked`. Blocks; must not be called inside a runtime.
pub(crate) fn open(config: Config) -> Result<Node, Error> {
    let keystore = kith_platform::open_keystore(&config.profile, None);
    let kind = keystore.kind();
    match Node::open(config.clone(), keystore) {
        Err(Error::Keystore(KeystoreError::Locked)) if kind == KeystoreKind::File && std::io::stdin().is_terminal() => {
            let passphrase = ask(config.create && !config.profile.exists())?;
            Node::open(config.clone(), kith_platform::open_keystore(&config.profile, Some(passphrase)))
        }
        other => other,
    }
}

/// Asks on the terminal, without echo; twice where the passphrase is new.
fn ask(new: bool) -> Result<Zeroizing<String>, Error> {
    if !new {
        return Ok(Zeroizing::new(rpassword::prompt_password("Passphrase of this profile: ")?));
    }
    let first =
        Zeroizing::new(rpassword::prompt_password("A passphrase for this profile's keys (nobody can reset it): ")?);
    if first.is_empty() {
        return Err(Error::BadInput("the passphrase is empty".into()));
    }
    let again = Zeroizing::new(rpassword::prompt_password("The same again: ")?);
    if *first != *again {
        return Err(Error::BadInput("the two passphrases differ".into()));
    }
    Ok(first)
}

fn default_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = variable("HOME");
    if cfg!(target_os = "macos") {
        home.map(|home| home.join("Library/Application Support/Kith"))
    } else if cfg!(windows) {
        variable("APPDATA").map(|data| data.join("Kith"))
    } else {
        variable("XDG_DATA_HOME").or_else(|| home.map(|home| home.join(".local/share"))).map(|data| data.join("kith"))
    }
}

/// A path as the node gets it: absolute, from the command's own directory.
pub(crate) fn absolute(file: &Path) -> Result<PathBuf, Failure> {
    Ok(std::path::absolute(file).map_err(|error| Error::BadInput(format!("{}: {error}", file.display())))?)
}
