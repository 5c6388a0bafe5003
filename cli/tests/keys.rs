//! Where secrets rest, with the built program: in the system's keychain (a real Secret Service) or in the sealed file,
//! and nowhere else.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/profile.rs"]
mod profile;
#[path = "../../platform/tests/support/session.rs"]
mod session;

use std::collections::HashMap;
use std::path::Path;

use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use kith_node::crypto::Phrase;
use kith_node::host::Keystore;
use kith_platform::OsKeychain;
use kith_platform::keystore::{Choice, Passphrase, open_keystore};
use profile::{PASSPHRASE, Profile, files, id, ids, text};
use session::{Keyring, in_session};

/// The text of a post: nothing else in a file looks like it.
const WORD: &str = "zebra-crossing-under-moonlight";

#[test]
fn with_a_keychain_all_keys_are_in_it_and_none_is_on_disk() {
    in_session("with_a_keychain_all_keys_are_in_it_and_none_is_on_disk", |home| {
        let keyring = Keyring::start(home, Some("correct"));
        let mut alice = Profile::empty_with_defaults();
        alice.json(&["init", "--name", "Alice"]);
        let secrets = Secrets::read(&alice, &OsKeychain::new());
        let first = lives(&mut alice, &secrets);
        assert!(!alice.folder().join("keys.sealed").exists());

        // Without its keychain the profile says so, and is not harmed.
        drop(keyring);
        for args in [&["feed"][..], &["post", "x"], &["run", "--offline"]] {
            let (code, error) = alice.refused(args);
            assert_eq!((code, &error["code"]), (1, &"keystore".into()), "{args:?}: {error}");
            assert!(text(&error["hint"]).contains("Secret Service"), "{error}");
        }
        let keyring = Keyring::start(home, None);
        alice.refused_as(&["feed"], "keystore_locked", 1);
        alice.refused_as(&["run", "--offline"], "keystore_locked", 1);
        drop(keyring);
        let _keyring = Keyring::start(home, Some("correct"));
        let after = id(&alice.json(&["post", "with the keychain again"]));
        let there = ids(&alice.json(&["feed"]));
        assert!(there.contains(&after) && first.iter().all(|post| there.contains(post)));
        let doctor = alice.json(&["doctor"]);
        let keystore = doctor.as_array().unwrap().iter().find(|check| check["name"] == "keystore").unwrap();
        assert!(keystore["ok"] == true && text(&keystore["text"]).contains("os"), "{keystore}");
    });
}

#[test]
fn with_a_passphrase_no_key_is_on_disk_in_the_clear() {
    let mut alice = Profile::init("Alice");
    let choice = Choice::File(Some(Passphrase::from(PASSPHRASE.to_owned())));
    let secrets = Secrets::read(&alice, &*open_keystore(&alice.folder(), choice));
    lives(&mut alice, &secrets);
    assert!(alice.folder().join("keys.sealed").exists());
}

/// Posts without a node and with one, twice, and looks for secrets in between. Answers with the posts.
fn lives(alice: &mut Profile, secrets: &Secrets) -> Vec<String> {
    let mut posts = vec![id(&alice.json(&["post", WORD]))];
    let mut known = None;
    // Secrets are in no log at all, texts and names in none that is kept by default or at `info`.
    for (level, needles) in [("info", secrets.and_texts()), ("trace", secrets.forms())] {
        let mut command = alice.command(&["--json", "run", "--offline", "--listen", "127.0.0.1:0"]);
        command.env("RUST_LOG", level);
        let node = text(&alice.start(command)["node"]);
        posts.push(id(&alice.json(&["post", WORD])));
        let feed = alice.json(&["feed"]);
        assert!(posts.iter().all(|post| ids(&feed).contains(post)), "{feed}");
        assert_eq!(*known.get_or_insert_with(|| node.clone()), node, "the network key changed");
        assert!(alice.json(&["invite"])["invite"].is_string());
        search(alice.root.path(), &needles);
        alice.stop();
        search(alice.root.path(), &needles);
        let logged = std::fs::metadata(alice.log()).unwrap().len();
        assert!(level == "info" || logged > 1_000, "nothing was logged");
        std::fs::remove_file(alice.log()).unwrap();
    }
    posts
}

/// Looks through all files below a folder.
fn search(folder: &Path, needles: &Needles) {
    let mut scanned = 0;
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap();
        scanned += bytes.len();
        if let Some(found) = needles.find(&bytes) {
            panic!("{found} stands in {}", path.display());
        }
    }
    assert!(scanned > 50_000, "only {scanned} bytes were there to scan");
}

/// What must not be found, by name.
struct Secrets {
    secrets: Vec<(String, Vec<u8>)>,
}

impl Secrets {
    /// Reads them where they rest. Fails if one is missing.
    fn read(profile: &Profile, keystore: &dyn Keystore) -> Self {
        let tag = std::fs::read_to_string(profile.folder().join("profile-id")).unwrap();
        let persona = text(&profile.json(&["persona", "list"])[0]["id"]);
        let persona = |key: &str| format!("persona/{persona}/{key}");
        let names = ["db".to_owned(), "network/0".to_owned(), "phrase".to_owned(), persona("root"), persona("device")];
        let secrets: Vec<(String, Vec<u8>)> = names
            .into_iter()
            .map(|name| {
                let secret = keystore.get(&format!("{}/{name}", tag.trim())).unwrap();
                let secret = secret.unwrap_or_else(|| panic!("the keystore holds no {name}")).to_vec();
                assert_eq!(secret.len(), 32, "{name}");
                assert!(secret.iter().any(|byte| *byte != secret[0]), "{name} is no secret");
                (name, secret)
            })
            .collect();
        for (at, (name, secret)) in secrets.iter().enumerate() {
            assert!(secrets.iter().skip(at + 1).all(|(_, other)| other != secret), "{name} is not the only one");
        }
        Self { secrets }
    }

    /// Each secret as it is, and in the forms in which a program would write it.
    fn forms(&self) -> Needles {
        let mut needles = Needles::default();
        for (name, secret) in &self.secrets {
            needles.add(&format!("{name} (raw)"), secret);
            let backwards: Vec<u8> = secret.iter().rev().copied().collect();
            needles.add(&format!("{name} (backwards)"), &backwards);
            for (form, encoding) in [("hex", HEXLOWER), ("hex", HEXUPPER), ("base32", BASE32_NOPAD)] {
                needles.add(&format!("{name} ({form})"), encoding.encode(secret).as_bytes());
            }
            needles.add(&format!("{name} (base32)"), BASE32_NOPAD.encode(secret).to_lowercase().as_bytes());
            needles.add(&format!("{name} (list)"), format!("{secret:?}").as_bytes());
            // Inside something longer it starts at any of three places, and its edges are mixed with what is beside.
            for before in 0..3 {
                let padded = [&vec![0; before][..], secret].concat();
                for encoding in [BASE64, BASE64URL_NOPAD] {
                    let encoded = encoding.encode(&padded);
                    let inner = encoded.get(before.div_ceil(3) * 4..40).unwrap();
                    needles.add(&format!("{name} (base64)"), inner.as_bytes());
                }
            }
        }
        let entropy: [u8; 32] = self.secrets[2].1.clone().try_into().unwrap();
        let words: Vec<&str> = Phrase::from_entropy(&entropy).words().collect();
        for between in [" ", "\n", ", ", "\", \""] {
            needles.add("the phrase in words", words.join(between).as_bytes());
        }
        needles.add("the passphrase", PASSPHRASE.as_bytes());
        needles
    }

    /// The forms of secrets, and what only readers may read.
    fn and_texts(&self) -> Needles {
        let mut needles = self.forms();
        needles.add("the post's text", WORD.as_bytes());
        needles
    }
}

/// Many byte strings that are looked for at once, by their first bytes.
#[derive(Default)]
struct Needles(HashMap<[u8; Self::FIRST], Vec<(String, Vec<u8>)>>);

impl Needles {
    const FIRST: usize = 16;

    fn add(&mut self, name: &str, bytes: &[u8]) {
        let first = *bytes.first_chunk().expect("too short to be no accident");
        self.0.entry(first).or_default().push((name.to_owned(), bytes.to_vec()));
    }

    /// The name of one that stands in `bytes`.
    fn find(&self, bytes: &[u8]) -> Option<&str> {
        (0..bytes.len()).find_map(|at| {
            let rest = &bytes[at..];
            let these = self.0.get(rest.first_chunk()?)?;
            these.iter().find(|(_, needle)| rest.starts_with(needle)).map(|(name, _)| name.as_str())
        })
    }
}

#[test]
fn the_search_finds_each_form() {
    let secret: Vec<u8> = (0..32_u8).map(|n| n.wrapping_mul(37) ^ 0x5a).collect();
    let other: Vec<u8> = secret.iter().map(|byte| byte ^ 0xff).collect();
    let secrets =
        vec![("one".to_owned(), secret.clone()), ("two".to_owned(), other.clone()), ("three".to_owned(), other)];
    let needles = Secrets { secrets }.forms();
    let phrase = Phrase::from_entropy(&secret.iter().map(|byte| byte ^ 0xff).collect::<Vec<u8>>().try_into().unwrap());
    let words: Vec<&str> = phrase.words().collect();
    for hidden in [
        secret.clone(),
        HEXLOWER.encode(&secret).into_bytes(),
        BASE64.encode(&secret).into_bytes(),
        BASE64.encode(&[b"{key:", &secret[..], b"}"].concat()).into_bytes(),
        BASE64.encode(&[b"{k:", &secret[..], b"}"].concat()).into_bytes(),
        BASE64URL_NOPAD.encode(&[b"{ky:", &secret[..], b"}"].concat()).into_bytes(),
        format!("SigningKey({secret:?})").into_bytes(),
        words.join(" ").into_bytes(),
        PASSPHRASE.into(),
    ] {
        let around = [&[7; 100][..], &hidden, &[7; 100]].concat();
        assert!(needles.find(&around).is_some(), "{}", String::from_utf8_lossy(&hidden));
    }
    assert_eq!(needles.find(&[7; 1_000]), None);
}
