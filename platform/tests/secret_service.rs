//! The keychain against a real Secret Service.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/session.rs"]
mod session;

use std::sync::Arc;

use kith_node::host::{Keystore, KeystoreError, KeystoreKind};
use kith_platform::OsKeychain;
use session::{Keyring, in_session};

fn all_bytes() -> Vec<u8> {
    (0..=255).cycle().take(2_048).collect()
}

#[test]
fn secrets_survive_a_restart_of_the_service() {
    in_session("secrets_survive_a_restart_of_the_service", |home| {
        let keyring = Keyring::start(home, Some("correct"));
        let keys = OsKeychain::new();
        assert_eq!(keys.kind(), KeystoreKind::Os);
        assert_eq!(keys.get("profile/db"), Ok(None));
        assert_eq!(keys.delete("profile/db"), Ok(()));
        keys.set("profile/db", &all_bytes()).unwrap();
        keys.set("profile/network", b"first").unwrap();
        keys.set("profile/network", b"second").unwrap();
        keys.set("profile/empty", b"").unwrap();
        assert_eq!(keys.get("profile/db").unwrap().unwrap().as_slice(), all_bytes());
        assert!(matches!(keys.set("profile/long", &[0; 2_049]), Err(KeystoreError::Io(_))));
        drop(keyring);

        let keyring = Keyring::start(home, Some("correct"));
        // The old handle connects anew, a new one as a matter of course.
        for keys in [keys, OsKeychain::new()] {
            assert_eq!(keys.get("profile/db").unwrap().unwrap().as_slice(), all_bytes());
            assert_eq!(keys.get("profile/network").unwrap().unwrap().as_slice(), b"second");
            assert_eq!(keys.get("profile/empty").unwrap().unwrap().as_slice(), b"");
            assert_eq!(keys.get("profile/other"), Ok(None));
        }
        let keys = OsKeychain::new();
        keys.delete("profile/db").unwrap();
        assert_eq!(keys.get("profile/db"), Ok(None));
        drop(keyring);

        let _keyring = Keyring::start(home, Some("correct"));
        assert_eq!(keys.get("profile/db"), Ok(None));
        assert_eq!(keys.get("profile/network").unwrap().unwrap().as_slice(), b"second");
    });
}

#[test]
fn the_service_keeps_secrets_sealed() {
    in_session("the_service_keeps_secrets_sealed", |home| {
        let _keyring = Keyring::start(home, Some("correct"));
        let needle = b"a secret that stands out";
        OsKeychain::new().set("db", needle).unwrap();
        let files = std::fs::read_dir(home.join("data/keyrings")).unwrap();
        let mut searched = 0;
        for file in files {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let encoded = data_encoding::BASE64.encode(needle).into_bytes();
            for needle in [needle.as_slice(), &encoded] {
                assert!(!bytes.windows(needle.len()).any(|window| window == needle));
            }
            searched += usize::from(bytes.starts_with(b"GnomeKeyring"));
        }
        assert!(searched > 0, "no keyring file was found");
    });
}

#[test]
fn a_locked_keychain_says_so_and_opens_later() {
    in_session("a_locked_keychain_says_so_and_opens_later", |home| {
        let keyring = Keyring::start(home, Some("correct"));
        let keys = OsKeychain::new();
        keys.set("db", b"secret").unwrap();
        drop(keyring);
        let keyring = Keyring::start(home, None);
        assert_eq!(keys.get("db"), Err(KeystoreError::Locked));
        assert_eq!(keys.set("db", b"other"), Err(KeystoreError::Locked));
        assert_eq!(keys.set("new", b"other"), Err(KeystoreError::Locked));
        assert_eq!(keys.delete("db"), Err(KeystoreError::Locked));
        drop(keyring);
        let _keyring = Keyring::start(home, Some("correct"));
        assert_eq!(keys.get("db").unwrap().unwrap().as_slice(), b"secret");
    });
}

#[test]
fn without_a_service_or_a_bus_it_is_unavailable_until_one_comes() {
    in_session("without_a_service_or_a_bus_it_is_unavailable_until_one_comes", |home| {
        let keys = OsKeychain::new();
        for _ in 0..2 {
            assert!(matches!(keys.get("db"), Err(KeystoreError::Unavailable(_))), "{:?}", keys.get("db"));
            assert!(matches!(keys.set("db", b"x"), Err(KeystoreError::Unavailable(_))));
        }
        let keyring = Keyring::start(home, Some("correct"));
        keys.set("db", b"x").unwrap();
        drop(keyring);
        assert!(matches!(keys.get("db"), Err(KeystoreError::Unavailable(_))), "{:?}", keys.get("db"));
    });
}

#[test]
fn it_may_be_called_from_threads_and_inside_a_runtime() {
    in_session("it_may_be_called_from_threads_and_inside_a_runtime", |home| {
        let _keyring = Keyring::start(home, Some("correct"));
        let keys = Arc::new(OsKeychain::new());
        std::thread::scope(|scope| {
            for thread in 0..4_u8 {
                let keys = &keys;
                scope.spawn(move || (0..4).for_each(|n| keys.set(&format!("{thread}/{n}"), &[thread, n]).unwrap()));
            }
        });
        for thread in 0..4_u8 {
            for n in 0..4_u8 {
                assert_eq!(keys.get(&format!("{thread}/{n}")).unwrap().unwrap().as_slice(), [thread, n]);
            }
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let kept = runtime.block_on(async { keys.get("1/2") });
        assert_eq!(kept.unwrap().unwrap().as_slice(), [1, 2]);
    });
}
