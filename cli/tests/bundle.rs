//! `export` and `import` with the built program: what a person has comes back on another device, whole, as often as it is
//! repeated and wherever it was cut off; what was altered changes nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/profile.rs"]
mod profile;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::{
    process::Stdio,
    sync::mpsc,
    time::{Duration, Instant},
};

#[cfg(target_os = "linux")]
use profile::PATIENCE;
use profile::{Profile, files, id, ids, text};
use serde_json::{Value, json};

/// The passphrase of the fixture.
const OLD: &str = "a passphrase for a fixture";

fn picture(profile: &Profile) -> String {
    let file = profile.root.path().join("cat.png");
    let image = image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8 * 5, y as u8 * 8, 90]));
    image.save(&file).unwrap();
    file.display().to_string()
}

fn path(profile: &Profile, name: &str) -> String {
    profile.root.path().join(name).display().to_string()
}

/// Somebody who used most of what there is.
fn full() -> Profile {
    let alice = Profile::init("Alice");
    let bob = Profile::init("Bob");
    let picture = picture(&alice);
    alice.json(&["follow", &bob.persona()]);
    alice.json(&["persona", "edit", "--bio", "gardener", "--picture", &picture]);
    let first = id(&alice.json(&["post", "the first post"]));
    alice.json(&["post", "with a picture", "--attach", &picture, "--alt", "a cat"]);
    alice.json(&["comment", &first, "a comment of mine"]);
    alice.json(&["react", &first, "🌱"]);
    let gone = id(&alice.json(&["post", "soon gone"]));
    alice.json(&["delete", &gone]);
    alice.json(&["edit", &first, "the first post, edited"]);
    alice.json(&["circle", "create", "Friends"]);
    alice.json(&["circle", "add", "Friends", &bob.persona()]);
    alice.json(&["post", "for friends alone", "--circle", "Friends", "--attach", &picture, "--alt", "again a cat"]);
    alice.json(&["dm", &alice.persona(), "a note to myself", "--attach", &picture]);
    alice.json(&["dm", &bob.persona(), "a message that waits"]);
    alice.json(&["list", "create", "Close"]);
    alice.json(&["list", "add", "Close", &bob.persona()]);
    alice.json(&["bookmark", &first]);
    alice.json(&["mute", "--word", "football"]);
    alice.json(&["follow", "#gardening"]);
    alice
}

/// What a person sees, without what differs between devices: paths, and the keys of nodes.
fn seen(profile: &Profile) -> BTreeMap<&'static str, Value> {
    let mut seen = BTreeMap::new();
    let mut see = |name, args: &[&str]| {
        let mut value = profile.json(args);
        clean(&mut value);
        seen.insert(name, value);
    };
    see("personas", &["persona", "list"]);
    see("feed", &["feed"]);
    see("follows", &["follows"]);
    see("lists", &["list"]);
    see("bookmarks", &["bookmarks"]);
    see("muted", &["muted"]);
    see("tags", &["tags"]);
    see("circles", &["circle", "list"]);
    see("threads", &["threads"]);
    seen
}

/// Takes out where files lie, and replaces it by what is in them.
fn clean(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(path)) = fields.get("path") {
                let bytes = std::fs::read(path).unwrap();
                fields.insert("path".into(), json!(bytes));
            }
            // Whether something waits to leave is of the device that wrote it.
            fields.remove("waiting");
            fields.values_mut().for_each(clean);
        }
        Value::Array(values) => values.iter_mut().for_each(clean),
        _ => {}
    }
}

fn assert_same(found: &BTreeMap<&'static str, Value>, expected: &BTreeMap<&'static str, Value>) {
    for (name, value) in expected {
        assert_eq!(&found[name], value, "{name}");
    }
}

/// All there is in a folder, by its bytes; `None` where there is none.
fn image_of(folder: &Path) -> Option<BTreeMap<PathBuf, Vec<u8>>> {
    let found = folder.exists().then(|| files(folder))?;
    Some(found.into_iter().map(|file| (file.clone(), std::fs::read(file).unwrap())).collect())
}

fn messages(profile: &Profile) -> Vec<(String, String, usize)> {
    let threads = profile.json(&["threads"]);
    let mut all = Vec::new();
    for thread in threads.as_array().unwrap() {
        for message in profile.json(&["thread", &text(&thread["id"])]).as_array().unwrap() {
            let files = message["attachments"].as_array().unwrap().len();
            all.push((text(&message["id"]), text(&message["text"]), files));
        }
    }
    all.sort();
    all
}

#[test]
fn everything_comes_back_on_another_device_and_can_be_repeated() {
    let alice = full();
    let (before, said) = (seen(&alice), messages(&alice));
    let file = path(&alice, "alice.kith");
    let exported = alice.json(&["export", &file]);
    assert_eq!(exported["personas"], 1, "{exported}");
    // The picture for everybody, sealed for friends, and in a note.
    assert!(exported["blobs"].as_u64().unwrap() >= 3, "{exported}");
    assert_eq!(exported["bytes"], json!(std::fs::metadata(&file).unwrap().len()));
    assert!(!Path::new(&format!("{file}.part")).exists());

    let second = Profile::empty();
    let preview = second.json(&["import", &file, "--preview"]);
    assert_eq!(preview["who"][0]["name"], "Alice");
    assert!(!second.folder().exists(), "a preview makes no profile");
    assert!(preview["posts"].as_u64().unwrap() >= 3 && preview["made_s"].as_u64() > Some(0), "{preview}");
    assert_eq!(preview["new"], Value::Null, "of what, nobody can tell");
    // Whose it is has all of it.
    let none = json!({ "personas": 0, "posts": 0, "entries": 0, "blobs": 0 });
    assert_eq!(alice.json(&["import", &file, "--preview"])["new"], none);
    let imported = second.json(&["import", &file]);
    for field in ["entries", "blobs", "personas", "bytes"] {
        assert_eq!((&preview[field], &imported[field]), (&exported[field], &exported[field]), "{field}");
    }
    assert_eq!(imported["taken"]["left_out"], 0, "{imported}");
    assert_eq!((&imported["taken"]["blobs"], &imported["taken"]["personas"]), (&exported["blobs"], &json!(1)));
    assert_same(&seen(&second), &before);
    assert_eq!(messages(&second), said);
    // The same picture comes out of a conversation.
    let note = said.iter().find(|(_, _, files)| *files == 1).unwrap();
    let threads = second.json(&["threads"]);
    let mut attached = threads.as_array().unwrap().iter().flat_map(|thread| {
        let thread = second.json(&["thread", &text(&thread["id"])]);
        thread.as_array().unwrap().clone()
    });
    let attached = attached.find(|message| message["id"] == json!(note.0)).unwrap();
    let out = path(&second, "out.png");
    second.json(&["get", &text(&attached["attachments"][0]["hash"]), &out]);
    assert!(image::open(&out).is_ok());

    // It is another device, with logs of its own: both go on, and each takes in what the other wrote.
    let mine = id(&second.json(&["post", "from the second device"]));
    let theirs = id(&alice.json(&["post", "from the first device"]));
    let secret = id(&second.json(&["post", "sealed, from the second", "--circle", "Friends"]));
    assert_eq!(
        second.json(&["import", &file])["taken"],
        json!({"entries": 0, "blobs": 0, "personas": 0, "left_out": 0})
    );
    let back = path(&second, "second.kith");
    second.json(&["export", &back]);
    alice.json(&["import", &back]);
    alice.json(&["export", &file, "--force"]);
    second.json(&["import", &file]);
    for profile in [&alice, &second] {
        let feed = ids(&profile.json(&["feed"]));
        assert!([&mine, &theirs, &secret].iter().all(|post| feed.contains(post)), "{feed:?}");
    }
    assert_same(&seen(&second), &seen(&alice));
}

#[test]
fn what_is_newer_here_stays() {
    let alice = full();
    let file = path(&alice, "old.kith");
    alice.json(&["export", &file]);
    let first = alice.json(&["bookmarks"]);
    alice.json(&["bookmark", &ids(&first)[0], "--undo"]);
    alice.json(&["list", "rename", "Close", "Closest"]);
    alice.json(&["mute", "--word", "football", "--undo"]);
    alice.json(&["unfollow", "#gardening"]);
    alice.json(&["circle", "remove", "Friends", &text(&alice.json(&["circle", "list"])[0]["members"][0])]);
    alice.json(&["persona", "edit", "--name", "Alicia"]);
    let newest = alice.json(&["feed"]);
    alice.json(&["delete", &ids(&newest)[0]]);
    let after = seen(&alice);
    assert_eq!(alice.json(&["import", &file])["taken"]["personas"], 0);
    assert_same(&seen(&alice), &after);
}

#[test]
fn a_bundle_of_a_part_holds_that_part() {
    let alice = full();
    let (who, open) = (path(&alice, "who.kith"), path(&alice, "posts.kith"));
    assert_eq!(alice.json(&["export", &who, "--what", "identity"])["personas"], 1);
    assert_eq!(alice.json(&["export", &open, "--what", "posts"])["personas"], 0);

    // Without a key nobody is made, and no profile for nobody.
    let moved = Profile::empty();
    moved.refused_as(&["import", &open], "no_persona", 1);
    let next = |profile: &Profile| text(&profile.refused(&["import", &open]).1["hint"]);
    assert!(next(&moved).contains("kith init --name"), "{}", next(&moved));
    assert!(!moved.folder().exists());
    // Nor where there is a profile, and nobody in it.
    let mut empty = Profile::empty();
    empty.run(&["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
    empty.refused_as(&["import", &open], "no_persona", 1);
    assert!(next(&empty).contains("kith init --name"), "{}", next(&empty));
    empty.stop();
    assert!(next(&empty).contains("kith init --name"), "{}", next(&empty));
    moved.json(&["import", &who]);
    // This device has its name; the other tells its own.
    let devices = moved.json(&["devices"]);
    let names: Vec<String> = devices.as_array().unwrap().iter().map(|one| text(&one["name"])).collect();
    assert!(names.len() == 2 && names.iter().any(|name| !name.is_empty()), "{devices}");
    let preview = moved.json(&["import", &open, "--preview"]);
    let new = &preview["new"];
    assert_eq!((&new["personas"], &new["posts"]), (&json!(0), &preview["posts"]), "{preview}");
    assert_eq!(moved.persona(), alice.persona());
    assert_eq!(moved.json(&["list"]), alice.json(&["list"]));
    assert_eq!(moved.json(&["feed"]), json!([]), "no post");
    assert_eq!(moved.json(&["threads"]), json!([]), "no message");
    id(&moved.json(&["post", "first of the other device"]));
    moved.json(&["import", &open]);
    let public = |feed: &Value| {
        let posts = feed.as_array().unwrap().iter().filter(|post| post["sealed"] == false);
        posts.map(|post| text(&post["id"])).collect::<Vec<_>>()
    };
    let feed = moved.json(&["feed"]);
    assert!(public(&alice.json(&["feed"])).iter().all(|post| ids(&feed).contains(post)));
    assert!(feed.as_array().unwrap().iter().all(|post| post["sealed"] == false));

    // Posts alone make nobody anybody.
    let reader = Profile::init("Carol");
    reader.json(&["import", &open]);
    assert_eq!(reader.json(&["persona", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(reader.json(&["show", &public(&alice.json(&["feed"]))[0]])["author"], json!(alice.persona()));
    // A persona is added to others.
    reader.json(&["import", &who]);
    let names: Vec<String> =
        reader.json(&["persona", "list"]).as_array().unwrap().iter().map(|it| text(&it["name"])).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"Alice".to_owned()) && names.contains(&"Carol".to_owned()), "{names:?}");
}

#[test]
fn what_was_altered_or_is_none_leaves_no_trace() {
    let alice = full();
    // Large enough for several chunks.
    let noise = path(&alice, "noise.png");
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    image::RgbImage::from_fn(400, 400, |_, _| image::Rgb([next(), next(), next()])).save(&noise).unwrap();
    alice.json(&["post", "noise", "--attach", &noise, "--alt", "noise", "--circle", "Friends"]);
    let file = path(&alice, "alice.kith");
    alice.json(&["export", &file]);
    let good = std::fs::read(&file).unwrap();
    let mut carol = Profile::init("Carol");
    let fresh = Profile::empty();
    let before = (seen(&carol), image_of(&carol.folder().join("media")));
    let bad = path(&alice, "bad.kith");
    let refuse = |bytes: &[u8], code: &str| {
        std::fs::write(&bad, bytes).unwrap();
        for args in [&["import", &bad][..], &["import", &bad, "--preview"]] {
            carol.refused_as(args, code, 1);
            fresh.refused_as(args, code, 1);
        }
        assert!(!fresh.folder().exists());
    };
    let chunk = 65_536 + 16;
    let head = good.len() % 7 + 53;
    for cut in [good.len() - 1, good.len() - 17, 53 + chunk, 100, 20] {
        refuse(&good[..cut], "bundle_damaged");
    }
    for at in [60, head + chunk / 2, good.len() / 2, good.len() - 20] {
        let mut altered = good.clone();
        altered[at] ^= 1;
        refuse(&altered, "bundle_damaged");
    }
    let (first, second) = (&good[53..53 + chunk], &good[53 + chunk..53 + 2 * chunk]);
    refuse(&[&good[..53], second, first, &good[53 + 2 * chunk..]].concat(), "bundle_damaged");
    refuse(&[&good[..], b"more"].concat(), "bundle_damaged");
    refuse(b"PK\x03\x04 ../../../etc/passwd", "bad_input");
    refuse(b"", "bad_input");
    let mut newer = good.clone();
    newer[8] = 2;
    refuse(&newer, "bundle_too_new");
    let mut salted = good.clone();
    salted[30] ^= 1;
    refuse(&salted, "wrong_passphrase");
    carol.refused_as(&["import", &carol.root.path().display().to_string()], "bad_input", 1);
    let text_of = carol.root.path().join("nothing");
    carol.refused_as(&["import", &text_of.display().to_string()], "io", 1);
    assert_same(&seen(&carol), &before.0);
    assert_eq!(image_of(&carol.folder().join("media")), before.1);
    carol.passphrase = None;
    carol.refused_as(&["import", &file, "--preview"], "keystore_locked", 1);
    carol.passphrase = Some("another passphrase".into());
    carol.refused_as(&["import", &file, "--preview"], "wrong_passphrase", 1);
}

#[test]
fn an_export_replaces_bundles_alone_and_follows_no_link() {
    let alice = Profile::init("Alice");
    let precious = path(&alice, "thesis.txt");
    std::fs::write(&precious, "years of work").unwrap();
    alice.refused_as(&["export", &precious], "bad_input", 1);
    // What an export of `novel` would write to first.
    let draft = path(&alice, "novel.part");
    std::fs::write(&draft, "half a novel").unwrap();
    alice.refused_as(&["export", &path(&alice, "novel")], "bad_input", 1);
    assert_eq!(std::fs::read_to_string(&draft).unwrap(), "half a novel");
    let file = path(&alice, "alice.kith");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&precious, format!("{file}.part")).unwrap();
    alice.json(&["export", &file]);
    let first = std::fs::read(&file).unwrap();
    alice.json(&["post", "more"]);
    // Another bundle only where that is said, and something else not even then.
    let (_, refused) = alice.refused(&["export", &file]);
    assert_eq!(refused["code"], "exists", "{refused}");
    assert!(refused["hint"].as_str().unwrap().contains("--force"), "{refused}");
    assert_eq!(std::fs::read(&file).unwrap(), first);
    alice.refused_as(&["export", &precious, "--force"], "bad_input", 1);
    alice.json(&["export", &file, "--force"]);
    assert_ne!(std::fs::read(&file).unwrap(), first);
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "years of work");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    alice.refused_as(&["export", &path(&alice, "no/such/folder.kith")], "bad_input", 1);
    let mut locked = alice;
    locked.passphrase = None;
    locked.refused_as(&["export", &file, "--force"], "keystore_locked", 1);
}

#[test]
fn a_running_node_writes_and_takes_in() {
    let mut alice = full();
    alice.run_on_loopback(None);
    let file = path(&alice, "alice.kith");
    let exported = alice.json(&["export", &file]);
    let before = seen(&alice);
    alice.stop();
    let mut second = Profile::init("Carol");
    second.run_on_loopback(None);
    assert_eq!(second.json(&["import", &file])["entries"], exported["entries"]);
    let found = seen(&second);
    for name in ["lists", "circles", "bookmarks", "tags"] {
        assert_eq!(found[name], before[name], "{name}");
    }
    assert_eq!(messages(&second), messages(&alice));
    second.stop();
}

/// Kills an import once it has written so many bytes; `false` where it came to its end before.
#[cfg(target_os = "linux")]
fn is_cut(profile: &Profile, file: &str, bytes: u64) -> bool {
    let mut command = profile.command(&["import", file]);
    let mut import = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // What it writes to is closed when it ends.
    let mut out = import.stdout.take().unwrap();
    let (tell, ended) = mpsc::sync_channel(1);
    std::thread::spawn(move || tell.send(std::io::copy(&mut out, &mut std::io::sink())));
    let counters = format!("/proc/{}/io", import.id());
    let written = || -> Option<u64> {
        let counters = std::fs::read_to_string(&counters).ok()?;
        counters.lines().find_map(|line| line.strip_prefix("wchar: "))?.parse().ok()
    };
    let start = Instant::now();
    while written().is_none_or(|written| written < bytes) {
        // Between two looks.
        if ended.recv_timeout(Duration::from_millis(1)).is_ok() {
            assert!(import.wait().unwrap().success());
            return false;
        }
        assert!(start.elapsed() < PATIENCE, "the import does not end");
    }
    let _ended_already = import.kill();
    !import.wait().unwrap().success()
}

#[cfg(target_os = "linux")]
#[test]
fn an_import_that_is_killed_goes_on_where_it_was() {
    let alice = full();
    for number in 0..40 {
        alice.json(&["dm", &alice.persona(), &format!("note {number}")]);
    }
    let file = path(&alice, "alice.kith");
    alice.json(&["export", &file]);
    let second = Profile::empty();
    // The first ones end while the database is made, later ones while things are taken in, each further than the last.
    let cuts = (1..).take_while(|step| is_cut(&second, &file, step * 256 * 1024)).count();
    assert!(cuts > 2, "{cuts} were cut off");
    second.json(&["import", &file]);
    assert_same(&seen(&second), &seen(&alice));
    assert_eq!(messages(&second), messages(&alice));
    assert_eq!(second.json(&["import", &file])["taken"]["entries"], 0);
}

/// Written by the first version that could: it has to open for ever.
#[test]
fn the_first_version_keeps_opening() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bundle-v1.kith");
    let mut profile = Profile::empty();
    if std::env::var_os("KITH_BLESS").is_some() {
        let mut made = full();
        made.run_on_loopback(None);
        // The node has its own passphrase; whoever asks it names that of the file.
        made.passphrase = Some(OLD.into());
        let _replaced = std::fs::remove_file(&fixture);
        made.json(&["export", &fixture.display().to_string()]);
    }
    profile.passphrase = Some(OLD.into());
    let file = fixture.display().to_string();
    let preview = profile.json(&["import", &file, "--preview"]);
    assert_eq!((&preview["what"], &preview["personas"]), (&json!("all"), &json!(1)));
    assert_eq!(profile.json(&["import", &file])["entries"], preview["entries"]);
    assert_eq!(profile.json(&["import", &file])["taken"]["entries"], 0);
    let feed = profile.json(&["feed"]);
    let mut texts: Vec<String> = feed.as_array().unwrap().iter().map(|post| text(&post["text"])).collect();
    texts.sort();
    assert_eq!(texts, ["for friends alone", "the first post, edited", "with a picture"]);
    assert_eq!(profile.json(&["circle", "list"])[0]["name"], "Friends");
    assert_eq!(profile.json(&["list"])[0]["name"], "Close");
    let mut said: Vec<String> = messages(&profile).into_iter().map(|(_, text, _)| text).collect();
    said.sort();
    assert_eq!(said, ["a message that waits", "a note to myself"]);
}
