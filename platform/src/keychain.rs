//! The system's keychain: Secret Service on Linux and the BSDs, Keychain on macOS, Credential Manager on Windows.

use std::collections::HashMap;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error as RingError};
use kith_node::host::{Keystore, KeystoreError, KeystoreKind};
use kith_node::limits;
use zeroize::Zeroizing;

/// Under which all of Kith's secrets stand in the keychain.
const SERVICE: &str = "Kith";
/// A keychain may ask its user for a password, who may be making tea. Past this it counts as locked.
const ANSWER_DEADLINE: Duration = Duration::from_secs(120);

/// The keychain of the user who runs this process. Connects at the first use, and again when the service was restarted
/// in between.
///
/// Each call blocks, possibly until the user has answered the system's own prompt: not for an async task.
#[derive(Debug, Default)]
pub struct OsKeychain {
    /// Connected, or `None` before the first use and after a failure.
    store: Arc<Mutex<Option<Arc<CredentialStore>>>>,
}

impl OsKeychain {
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `work` with the entry of `name`, on a thread of its own: the D-Bus client may block on an executor, which a
    /// thread of the node's runtime must not; and a keychain that never answers must not keep its caller for ever.
    fn with_entry<T: Send + 'static>(
        &self,
        name: &str,
        work: impl Fn(&Entry) -> Result<T, RingError> + Send + 'static,
    ) -> Result<T, KeystoreError> {
        let (store, name) = (Arc::clone(&self.store), name.to_owned());
        let (answer, answered) = sync_channel(1);
        let job = move || {
            let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
            let mut result = attempt(&mut store, &name, &work);
            // The service may have been restarted since: once more, with a new connection.
            if matches!(result, Err(RingError::PlatformFailure(_))) && store.take().is_some() {
                result = attempt(&mut store, &name, &work);
            }
            if matches!(result, Err(RingError::PlatformFailure(_))) {
                *store = None;
            }
            // Nobody waits any more when the deadline has passed.
            let _ = answer.send(result.map_err(explain));
        };
        let thread = std::thread::Builder::new().name("keychain".to_owned());
        thread.spawn(job).map_err(|_| KeystoreError::Io("no thread could be started".to_owned()))?;
        match answered.recv_timeout(ANSWER_DEADLINE) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(KeystoreError::Locked),
            Err(RecvTimeoutError::Disconnected) => Err(KeystoreError::Io("the keychain's client failed".to_owned())),
        }
    }
}

impl Keystore for OsKeychain {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeystoreError> {
        let kept = self.with_entry(name, |entry| match entry.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(RingError::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })?;
        kept.map(|kept| from_keychain(&kept)).transpose()
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError> {
        if secret.len() > limits::SECRET_BYTES {
            return Err(KeystoreError::Io(format!("a secret has at most {} bytes", limits::SECRET_BYTES)));
        }
        let secret = for_keychain(secret);
        self.with_entry(name, move |entry| entry.set_secret(&secret))
    }

    fn delete(&self, name: &str) -> Result<(), KeystoreError> {
        self.with_entry(name, |entry| match entry.delete_credential() {
            Err(RingError::NoEntry) => Ok(()),
            other => other,
        })
    }

    fn kind(&self) -> KeystoreKind {
        KeystoreKind::Os
    }
}

fn attempt<T>(
    store: &mut Option<Arc<CredentialStore>>,
    name: &str,
    work: impl Fn(&Entry) -> Result<T, RingError>,
) -> Result<T, RingError> {
    let connected = match store {
        Some(connected) => connected,
        None => store.insert(connect()?),
    };
    // What the user reads in the keychain's own list.
    let label = HashMap::from([("label", SERVICE)]);
    let modifiers = cfg!(all(unix, not(target_vendor = "apple"))).then_some(&label);
    work(&connected.build(SERVICE, name, modifiers)?)
}

#[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
mod system {
    use data_encoding::BASE64;
    use secret_service::Error as ServiceError;

    use super::*;

    pub(super) fn connect() -> Result<Arc<CredentialStore>, RingError> {
        Ok(zbus_secret_service_keyring_store::Store::new()?)
    }

    /// As text: KDE's wallet keeps nothing but UTF-8 behind its Secret Service.
    pub(super) fn for_keychain(secret: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(BASE64.encode(secret).into_bytes())
    }

    pub(super) fn from_keychain(kept: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        BASE64.decode(kept).map(Zeroizing::new).map_err(|_| KeystoreError::Corrupt)
    }

    pub(super) fn explain_system(error: &(dyn std::error::Error + Send + Sync + 'static)) -> KeystoreError {
        match error.downcast_ref::<ServiceError>() {
            Some(ServiceError::Locked | ServiceError::Prompt) => KeystoreError::Locked,
            Some(ServiceError::PromptDisconnected) => {
                KeystoreError::Unavailable("the Secret Service stopped while it asked for the password".to_owned())
            }
            Some(ServiceError::NoResult) => {
                KeystoreError::Unavailable("the Secret Service has no default keyring".to_owned())
            }
            Some(ServiceError::Crypto(_)) => KeystoreError::Io("the Secret Service's answer is garbled".to_owned()),
            // No bus, no service on it, or one that refuses.
            _ => KeystoreError::Unavailable(error.to_string()),
        }
    }
}

#[cfg(not(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android")))))]
mod system {
    use super::*;

    #[cfg(target_os = "macos")]
    pub(super) fn connect() -> Result<Arc<CredentialStore>, RingError> {
        Ok(apple_native_keyring_store::keychain::Store::new()?)
    }

    #[cfg(target_os = "windows")]
    pub(super) fn connect() -> Result<Arc<CredentialStore>, RingError> {
        Ok(windows_native_keyring_store::Store::new()?)
    }

    #[cfg(not(any(target_os = "macos", target_os = "windows")))]
    pub(super) fn connect() -> Result<Arc<CredentialStore>, RingError> {
        Err(RingError::NotSupportedByStore("Kith uses no keychain on this system".to_owned()))
    }

    pub(super) fn for_keychain(secret: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(secret.to_vec())
    }

    pub(super) fn from_keychain(kept: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        Ok(Zeroizing::new(kept.to_vec()))
    }

    pub(super) fn explain_system(error: &(dyn std::error::Error + Send + Sync + 'static)) -> KeystoreError {
        KeystoreError::Unavailable(error.to_string())
    }
}

use system::{connect, explain_system, for_keychain, from_keychain};

/// Never the error's own data: some variants carry the secret.
fn explain(error: RingError) -> KeystoreError {
    match error {
        RingError::PlatformFailure(error) => explain_system(error.as_ref()),
        RingError::NoStorageAccess(error) => match explain_system(error.as_ref()) {
            known @ KeystoreError::Unavailable(_) if cfg!(all(unix, not(target_vendor = "apple"))) => known,
            _ => KeystoreError::Locked,
        },
        RingError::NoDefaultStore => KeystoreError::Unavailable("none is set up".to_owned()),
        RingError::NotSupportedByStore(why) => KeystoreError::Unavailable(why),
        RingError::Ambiguous(_) => KeystoreError::Io("the keychain holds two entries of one name".to_owned()),
        RingError::BadEncoding(_) | RingError::BadDataFormat(..) => KeystoreError::Corrupt,
        RingError::TooLong(what, limit) => KeystoreError::Io(format!("{what} is longer than {limit}")),
        _ => KeystoreError::Io("the keychain refused".to_owned()),
    }
}
