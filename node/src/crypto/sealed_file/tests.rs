use std::sync::Arc;

use proptest::prelude::*;

use super::super::passphrase::Cost;
use super::*;

const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

/// A folder of its own, without a file yet.
fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile").join("keys.sealed");
    Place { _folder: folder, path }
}

/// A file as an earlier run left it, at a cost that lets a test open it thousands of times.
fn cheap_place(entries: &[(&str, &[u8])]) -> Place {
    let place = place();
    let secrets = entries.iter().map(|(name, secret)| ((*name).to_owned(), Zeroizing::new(secret.to_vec()))).collect();
    write_whole(&place.path, &sealed(&encode(&secrets).unwrap())).unwrap();
    place
}

fn sealed(plain: &[u8]) -> Vec<u8> {
    PassphraseKey::derive("horse", CHEAP, [3; 16]).unwrap().seal(SealKind::Keystore, plain).unwrap()
}

fn horse(place: &Place) -> SealedFile {
    SealedFile::new(&place.path, Some("horse"))
}

fn secret(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    Some(Zeroizing::new(bytes.to_vec()))
}

#[test]
fn a_missing_file_is_an_empty_keystore() {
    let place = place();
    let keys = horse(&place);
    assert_eq!(keys.get("db"), Ok(None));
    assert_eq!(keys.delete("db"), Ok(()));
    assert!(!place.path.exists(), "asking writes nothing");
    assert_eq!(keys.kind(), KeystoreKind::File);
}

#[test]
fn what_is_set_is_there_for_the_next_process() {
    let place = place();
    let keys = horse(&place);
    keys.set("db", b"one").unwrap();
    keys.set("network", &[0, 255, 10, 0]).unwrap();
    keys.set("empty", b"").unwrap();
    keys.set("db", b"two").unwrap();
    keys.delete("unknown").unwrap();
    drop(keys);
    let keys = horse(&place);
    assert_eq!(keys.get("db"), Ok(secret(b"two")));
    assert_eq!(keys.get("network"), Ok(secret(&[0, 255, 10, 0])));
    assert_eq!(keys.get("empty"), Ok(secret(b"")));
    keys.delete("db").unwrap();
    assert_eq!(horse(&place).get("db"), Ok(None));
    assert_eq!(horse(&place).get("network"), Ok(secret(&[0, 255, 10, 0])));
}

#[test]
fn without_a_passphrase_it_is_locked() {
    let with_file = cheap_place(&[("db", b"x")]);
    for place in [&place(), &with_file] {
        for passphrase in [None, Some("")] {
            let keys = SealedFile::new(&place.path, passphrase);
            assert_eq!(keys.get("db"), Err(KeystoreError::Locked));
            assert_eq!(keys.set("db", b"y"), Err(KeystoreError::Locked));
            assert_eq!(keys.delete("db"), Err(KeystoreError::Locked));
        }
    }
    assert_eq!(horse(&with_file).get("db"), Ok(secret(b"x")));
}

#[test]
fn a_wrong_passphrase_reads_and_writes_nothing() {
    let place = cheap_place(&[("db", b"x")]);
    let before = fs::read(&place.path).unwrap();
    let keys = SealedFile::new(&place.path, Some("house"));
    assert_eq!(keys.get("db"), Err(KeystoreError::WrongPassphrase));
    assert_eq!(keys.set("db", b"y"), Err(KeystoreError::WrongPassphrase));
    assert_eq!(keys.delete("db"), Err(KeystoreError::WrongPassphrase));
    assert_eq!(fs::read(&place.path).unwrap(), before);
}

#[test]
fn a_damaged_file_is_told_and_never_overwritten() {
    let place = cheap_place(&[("db", b"x")]);
    let good = fs::read(&place.path).unwrap();
    let flipped = (0..good.len()).map(|at| {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        bad
    });
    let cut = (0..good.len()).map(|end| good[..end].to_vec());
    for bad in flipped.chain(cut) {
        fs::write(&place.path, &bad).unwrap();
        let keys = horse(&place);
        assert_eq!(keys.get("db"), Err(KeystoreError::Corrupt));
        assert_eq!(keys.set("db", b"y"), Err(KeystoreError::Corrupt));
        assert_eq!(keys.delete("db"), Err(KeystoreError::Corrupt));
        assert_eq!(fs::read(&place.path).unwrap(), bad);
    }
    fs::write(&place.path, &good).unwrap();
    assert_eq!(horse(&place).get("db"), Ok(secret(b"x")));
}

#[test]
fn a_huge_file_is_refused_without_being_read() {
    let place = cheap_place(&[]);
    File::options().write(true).open(&place.path).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(horse(&place).get("db"), Err(KeystoreError::Corrupt));
}

#[test]
fn a_sealed_map_that_is_not_ours_is_damage() {
    let bad: [&[u8]; 6] = [
        b"",
        b"\x80",                                 // a list
        b"\xbf\xff",                             // a map without length
        b"\xa1\x61a\x41x\x00",                   // bytes after it
        b"\xa2\x61a\x41x\x61a\x41y",             // one name twice
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff", // a map of 2^64 - 1
    ];
    for plain in bad {
        let place = place();
        write_whole(&place.path, &sealed(plain)).unwrap();
        assert_eq!(horse(&place).get("a"), Err(KeystoreError::Corrupt), "{plain:?}");
    }
}

#[test]
fn being_killed_before_the_rename_changes_nothing() {
    let place = cheap_place(&[("db", b"old")]);
    // What a killed process leaves: a temporary file, whole or in part, that was never renamed.
    let next = sealed(&encode(&Secrets::from([("db".to_owned(), secret(b"new").unwrap())])).unwrap());
    for left in [next.as_slice(), &next[..next.len() / 2], b""] {
        write_temporary(&temporary_path(&place.path), left).unwrap();
        let keys = horse(&place);
        assert_eq!(keys.get("db"), Ok(secret(b"old")));
        keys.set("other", left).unwrap();
        assert_eq!(horse(&place).get("db"), Ok(secret(b"old")));
        assert_eq!(horse(&place).get("other"), Ok(secret(left)));
        assert!(!temporary_path(&place.path).exists());
    }
}

#[test]
fn the_bytes_on_disk_hold_neither_secret_nor_name_nor_passphrase() {
    let place = place();
    let needle = b"a secret that stands out";
    horse(&place).set("name that stands out", needle).unwrap();
    let contains = |needle: &[u8]| {
        let file = fs::read(&place.path).unwrap();
        file.windows(needle.len()).any(|window| window == needle)
    };
    assert!(contains(b"kithseal"), "the search itself works");
    for needle in [needle.as_slice(), b"name that stands out", b"horse", b"stands out"] {
        assert!(!contains(needle));
    }
}

#[test]
fn equal_secrets_are_sealed_differently_each_time() {
    let place = cheap_place(&[("db", b"x")]);
    let first = fs::read(&place.path).unwrap();
    let keys = horse(&place);
    keys.set("db", b"y").unwrap();
    keys.set("db", b"x").unwrap();
    assert_ne!(fs::read(&place.path).unwrap(), first);
    let again = fs::read(&place.path).unwrap();
    keys.set("db", b"x").unwrap();
    assert_eq!(fs::read(&place.path).unwrap(), again, "what is there already is not written again");
}

#[test]
fn a_change_by_another_process_is_noticed() {
    let place = cheap_place(&[]);
    let (one, other) = (horse(&place), horse(&place));
    one.set("a", b"1").unwrap();
    other.set("b", b"2").unwrap();
    one.set("c", b"3").unwrap();
    for name in ["a", "b", "c"] {
        assert!(one.get(name).unwrap().is_some() && other.get(name).unwrap().is_some(), "{name}");
    }
    fs::remove_file(&place.path).unwrap();
    assert_eq!(one.get("a"), Ok(None));
}

#[test]
fn threads_lose_no_secret() {
    let place = cheap_place(&[]);
    let keys = Arc::new(horse(&place));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let keys = &keys;
            scope.spawn(move || (0..8).for_each(|n| keys.set(&format!("{thread}/{n}"), &[thread, n]).unwrap()));
        }
    });
    let keys = horse(&place);
    for thread in 0..4_u8 {
        for n in 0..8_u8 {
            assert_eq!(keys.get(&format!("{thread}/{n}")), Ok(secret(&[thread, n])));
        }
    }
}

#[test]
fn too_long_a_secret_is_refused() {
    let place = cheap_place(&[]);
    let keys = horse(&place);
    assert!(matches!(keys.set("a", &vec![0; limits::SECRET_BYTES + 1]), Err(KeystoreError::Io(_))));
    keys.set("a", &vec![1; limits::SECRET_BYTES]).unwrap();
}

#[test]
fn a_full_keystore_refuses_and_keeps_what_it_has() {
    let big = vec![9; limits::KEYSTORE_FILE_BYTES - 400];
    let place = cheap_place(&[("big", &big)]);
    let keys = horse(&place);
    assert!(matches!(keys.set("more", &[1; 1_000]), Err(KeystoreError::Io(_))));
    assert_eq!(keys.get("more"), Ok(None));
    assert_eq!(keys.get("big"), Ok(secret(&big)));
}

#[test]
fn debug_and_errors_show_no_secret() {
    let place = cheap_place(&[("name", b"s3cr3t")]);
    let keys = horse(&place);
    keys.get("name").unwrap();
    let shown = format!("{keys:?}");
    for hidden in ["horse", "s3cr3t", "name", "115, 51"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    fs::create_dir_all(place.path.parent().unwrap()).unwrap();
    // A leftover that everybody may read does not lend its permissions.
    fs::write(temporary_path(&place.path), b"").unwrap();
    fs::set_permissions(temporary_path(&place.path), fs::Permissions::from_mode(0o666)).unwrap();
    horse(&place).set("a", b"1").unwrap();
    assert_eq!(mode(&place.path), 0o600);
    // Nor does a file that a user copied.
    fs::set_permissions(&place.path, fs::Permissions::from_mode(0o644)).unwrap();
    horse(&place).set("a", b"2").unwrap();
    assert_eq!(mode(&place.path), 0o600);
    let fresh = self::place();
    horse(&fresh).set("a", b"1").unwrap();
    assert_eq!(mode(fresh.path.parent().unwrap()), 0o700);
}

#[derive(Debug, Clone)]
enum Step {
    Set(u8, Vec<u8>),
    Delete(u8),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_u8, proptest::collection::vec(any::<u8>(), 0..64)).prop_map(|(name, secret)| Step::Set(name, secret)),
        (0..4_u8).prop_map(Step::Delete),
        Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn it_behaves_like_a_map(steps in proptest::collection::vec(step(), 0..20)) {
        let place = cheap_place(&[]);
        let mut keys = horse(&place);
        let mut model = BTreeMap::new();
        for step in steps {
            match step {
                Step::Set(name, secret) => {
                    keys.set(&name.to_string(), &secret).unwrap();
                    model.insert(name, secret);
                }
                Step::Delete(name) => {
                    keys.delete(&name.to_string()).unwrap();
                    model.remove(&name);
                }
                Step::Reopen => keys = horse(&place),
            }
            for name in 0..4_u8 {
                let kept = keys.get(&name.to_string()).unwrap();
                prop_assert_eq!(kept.as_ref().map(|secret| secret.as_slice()), model.get(&name).map(Vec::as_slice));
            }
        }
    }
}
