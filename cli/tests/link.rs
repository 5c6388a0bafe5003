//! `kith link` between real nodes on loopback: what DESIGN §9 promises of it, measured and printed (`--nocapture`).

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/profile.rs"]
mod profile;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use profile::{PATIENCE, Profile, assert_id, error, id, ids, text};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A `kith link …` that is under way.
struct Linking {
    child: Option<Child>,
    lines: Receiver<String>,
    stdin: Option<ChildStdin>,
}

impl Drop for Linking {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ended_already = child.kill();
            let _gone = child.wait();
        }
    }
}

impl Linking {
    fn begin(profile: &Profile, args: &[&str]) -> Self {
        let mut command = profile.command(&[&["--json", "link"], args].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let (tell, lines) = sync_channel(16);
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { child: Some(child), lines, stdin: Some(stdin) }
    }

    /// The next line, which has this field.
    #[track_caller]
    fn next(&self, field: &str) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {field} came"));
        let value: Value = serde_json::from_str(&line).unwrap();
        assert!(value.get(field).is_some(), "{field}: {line}");
        value
    }

    fn type_line(&self, line: &str) {
        writeln!(self.stdin.as_ref().unwrap(), "{line}").unwrap();
    }

    /// Nothing more is typed.
    fn input_ends(mut self) -> Self {
        drop(self.stdin.take());
        self
    }

    /// Its exit code, and what it wrote to stderr. Its input stays open: that it ended would be one more reason to end.
    fn end(mut self) -> (i32, String) {
        let mut child = self.child.take().unwrap();
        let (pid, mut stderr) = (Pid::from_child(&child), child.stderr.take().unwrap());
        let Some(status) = profile::wait(child, PATIENCE) else {
            let _gone = kill_process(pid, Signal::KILL);
            panic!("it did not end");
        };
        let mut told = String::new();
        stderr.read_to_string(&mut told).unwrap();
        (status.code().unwrap_or(-1), told)
    }

    #[track_caller]
    fn refused_as_input(self) {
        let (exit, stderr) = self.input_ends().end();
        assert_eq!((exit, error(&stderr)["code"].as_str()), (1, Some("bad_input")), "{stderr}");
    }

    #[track_caller]
    fn refused_as(self, code: &str) {
        let (exit, stderr) = self.end();
        let error = error(&stderr);
        assert_eq!((exit, error["code"].as_str()), (1, Some(code)), "{error}");
        assert_ne!(error["hint"], "", "each has a next step");
    }
}

/// Links, and answers the code, what both printed last, and how long it took.
fn link(laptop: &Profile, phone: &Profile, offer: &[&str], accept: &[&str]) -> (String, Value, Value, Duration) {
    let start = Instant::now();
    let offers = Linking::begin(laptop, &[&["offer"], offer].concat());
    let code = text(&offers.next("code")["code"]);
    let accepts = Linking::begin(phone, &[&["accept", &code], accept].concat());
    let check = text(&accepts.next("check")["check"]);
    assert_eq!(check.len(), 2);
    offers.type_line(&check);
    let (one, two) = (offers.next("device"), accepts.next("device"));
    let took = start.elapsed();
    for side in [offers, accepts] {
        let (exit, stderr) = side.end();
        assert_eq!(exit, 0, "{stderr}");
    }
    (code, one, two, took)
}

fn last(thread: &Value) -> Vec<String> {
    thread.as_array().unwrap().iter().map(|message| text(&message["text"])).collect()
}

#[test]
fn two_devices_share_a_persona() {
    let (mut laptop, mut phone, mut bob) = (Profile::init("Alice"), Profile::init("Phone"), Profile::init("Bob"));
    for profile in [&mut laptop, &mut phone, &mut bob] {
        profile.run_on_loopback(None);
    }
    laptop.follow(&bob);
    bob.follow(&laptop);
    bob.meet(&laptop);
    laptop.meet(&bob);
    let (alice, bobs) = (laptop.persona(), bob.persona());
    let thread = text(&laptop.json(&["dm", &bobs, "before"])["thread"]);
    bob.until(&["threads"], PATIENCE, |threads| !threads.as_array().unwrap().is_empty());
    bob.json(&["dm", &alice, "answer"]);
    laptop.until(&["thread", &thread], PATIENCE, |thread| last(thread) == ["before", "answer"]);

    let (code, one, two, took) = link(&laptop, &phone, &["--history", "all"], &[]);
    println!("linked in {} ms", took.as_millis());
    // It takes below a second; the machine may be busy with other tests.
    assert!(took < Duration::from_secs(15), "{took:?}");
    assert_id(&one["device"]);
    assert_id(&two["device"]);
    assert_ne!(one["device"], two["device"]);
    assert_eq!(
        (&one["personas"][0], &two["personas"][0]),
        (&Value::from(alice.as_str()), &Value::from(alice.as_str()))
    );
    // Its own persona stays its own, and the default one.
    let personas = phone.json(&["persona", "list"]);
    assert_eq!(personas.as_array().unwrap().len(), 2);
    assert_eq!((personas[0]["name"].as_str(), personas[0]["default"].as_bool()), (Some("Phone"), Some(true)));
    // Messages of before came with it; follows and posts come by themselves.
    assert_eq!(last(&phone.json(&["thread", &thread])), ["before", "answer"]);
    phone.until(&["follows", "--persona", &alice], PATIENCE, |follows| follows[0]["persona"] == bobs.as_str());
    phone.until(&["feed", "--persona", &alice], PATIENCE, |feed| feed.as_array().unwrap().len() >= 2);

    // Both post as one persona, and everybody sees both.
    let posts = [(&laptop, "from the laptop"), (&phone, "from the phone")]
        .map(|(device, text)| id(&device.json(&["post", text, "--persona", &alice])));
    for profile in [&laptop, &phone, &bob] {
        profile.until(&["feed"], PATIENCE, |feed| posts.iter().all(|post| ids(feed).contains(post)));
    }
    // Both write, and what anybody writes is on both.
    laptop.json(&["dm", &bobs, "laptop writes"]);
    phone.until(&["thread", &thread], PATIENCE, |thread| last(thread).contains(&"laptop writes".to_owned()));
    phone.json(&["dm", &bobs, "phone writes", "--persona", &alice]);
    for profile in [&laptop, &bob] {
        profile.until(&["thread", &thread], PATIENCE, |thread| last(thread).contains(&"phone writes".to_owned()));
    }
    bob.json(&["dm", &alice, "Bob writes"]);
    for profile in [&laptop, &phone] {
        profile.until(&["thread", &thread], PATIENCE, |thread| last(thread).contains(&"Bob writes".to_owned()));
    }
    // What is followed on one is followed on both.
    phone.json(&["follow", "#bread"]);
    laptop.until(&["tags"], PATIENCE, |tags| tags.as_array().unwrap().len() == 1);

    // The code is used: whoever has it now has nothing.
    Linking::begin(&phone, &["accept", &code]).refused_as("link_gone");
    // All personas are there already.
    let again = Linking::begin(&laptop, &["offer"]);
    let code = text(&again.next("code")["code"]);
    let accepts = Linking::begin(&phone, &["accept", &code]);
    again.type_line(&text(&accepts.next("check")["check"]));
    again.refused_as("link_nothing");
    accepts.refused_as("link_nothing");
}

#[test]
fn a_code_is_good_for_one_try() {
    let (mut laptop, mut phone) = (Profile::init("Alice"), Profile::init("Phone"));
    laptop.run_on_loopback(None);
    phone.run_on_loopback(None);
    // Wrong digits.
    let offers = Linking::begin(&laptop, &["offer"]);
    let code = text(&offers.next("code")["code"]);
    let accepts = Linking::begin(&phone, &["accept", &code]);
    let check: u8 = text(&accepts.next("check")["check"]).parse().unwrap();
    offers.type_line("no digits");
    offers.type_line(&format!("{:02}", (check + 1) % 100));
    offers.refused_as("link_wrong_digits");
    accepts.refused_as("link_wrong_digits");
    Linking::begin(&phone, &["accept", &code]).refused_as("link_gone");
    // An offer that was ended is over.
    let first = Linking::begin(&laptop, &["offer"]);
    let code = text(&first.next("code")["code"]);
    kill_process(Pid::from_child(first.child.as_ref().unwrap()), Signal::INT).unwrap();
    let (exit, _) = first.end();
    assert_eq!(exit, 1);
    Linking::begin(&phone, &["accept", &code]).refused_as("link_gone");
    // A code that was changed is seen before anybody is asked.
    let changed = format!("{}aaaaaaaa", code.split_at(code.len() - 8).0);
    phone.refused_as(&["link", "accept", &changed], "bad_input", 1);
    laptop.refused_as(&["link", "accept", &code], "bad_input", 1);
    assert_eq!(phone.json(&["persona", "list"]).as_array().unwrap().len(), 1);
}

/// Whoever waits hears how it ended: of a second command, of who ends it, and of a command that nobody can type to.
#[test]
fn what_ends_a_linking_is_told_to_both() {
    let (mut laptop, mut phone) = (Profile::init("Alice"), Profile::init("Phone"));
    laptop.run_on_loopback(None);
    phone.run_on_loopback(None);
    let offers = Linking::begin(&laptop, &["offer"]);
    let code = text(&offers.next("code")["code"]);
    // A second one takes nothing from the first.
    Linking::begin(&laptop, &["offer"]).refused_as("link_busy");
    Linking::begin(&laptop, &["ask"]).refused_as("link_busy");
    // The other user goes away while the digits are waited for.
    let accepts = Linking::begin(&phone, &["accept", &code]);
    accepts.next("check");
    kill_process(Pid::from_child(accepts.child.as_ref().unwrap()), Signal::INT).unwrap();
    assert_eq!(accepts.end().0, 1);
    offers.refused_as("link_ended");
    // Nobody types: the input has ended.
    let offers = Linking::begin(&laptop, &["offer"]);
    let code = text(&offers.next("code")["code"]);
    let accepts = Linking::begin(&phone, &["accept", &code]);
    accepts.next("check");
    offers.input_ends().refused_as("no_input");
    accepts.refused_as("link_ended");
    // What was no digits is told as everything is.
    let offers = Linking::begin(&laptop, &["offer"]);
    let code = text(&offers.next("code")["code"]);
    let accepts = Linking::begin(&phone, &["accept", &code]);
    let check = text(&accepts.next("check")["check"]);
    offers.type_line("no digits");
    offers.type_line(&check);
    offers.next("device");
    accepts.next("device");
    let (exit, stderr) = offers.end();
    let told: Vec<Value> = stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((exit, told.len(), told[0]["error"]["code"].as_str()), (0, 1, Some("bad_input")), "{stderr}");
}

/// No node runs on either: each command opens its profile for as long as it takes. The new device has no profile before.
#[test]
fn a_new_profile_links_without_a_running_node() {
    let (laptop, phone) = (Profile::init("Alice"), Profile::empty());
    let note = text(&laptop.json(&["dm", &laptop.persona(), "buy bread"])["thread"]);
    let (_, _, two, took) = link(&laptop, &phone, &["--offline", "--main"], &["--offline"]);
    println!("linked in {} ms", took.as_millis());
    assert_eq!(two["personas"].as_array().unwrap().len(), 1);
    let personas = phone.json(&["persona", "list"]);
    assert_eq!((&personas[0]["id"], &personas[0]["default"]), (&Value::from(laptop.persona()), &Value::from(true)));
    assert_eq!(personas[0]["name"], "Alice", "also before a profile came");
    assert_eq!(last(&phone.json(&["thread", &note])), ["buy bread"]);
    // Each knows the other as the installation that it is, though neither has run since.
    let listed = [&laptop, &phone].map(|profile| {
        let devices = profile.json(&["devices"]);
        let mut listed: Vec<_> = devices.as_array().unwrap().iter().map(|device| text(&device["id"])).collect();
        listed.sort();
        listed
    });
    assert_eq!((listed[0].len(), &listed[0]), (2, &listed[1]));
    // It is a main device: it links a third one, by a code that this one shows.
    let tablet = Profile::empty();
    let asks = Linking::begin(&tablet, &["ask", "--offline"]);
    let code = text(&asks.next("code")["code"]);
    phone.refused_as(&["link", "accept", &code, "--offline"], "bad_input", 1);
    let gives =
        Linking::begin(&phone, &["accept", &code, "--offline", "--persona", &laptop.persona(), "--history", "none"]);
    asks.type_line(&text(&gives.next("check")["check"]));
    assert_eq!(asks.next("personas")["personas"][0], laptop.persona());
    gives.next("personas");
    for side in [asks, gives] {
        let (exit, stderr) = side.end();
        assert_eq!(exit, 0, "{stderr}");
    }
    assert_eq!(tablet.json(&["persona", "list"])[0]["id"], laptop.persona());
    assert!(tablet.json(&["threads"]).as_array().unwrap().is_empty(), "no messages were asked for");
    // That one is no main device: what it can't do it says with a step that helps there.
    let listed = tablet.json(&["devices"]);
    let laptops = id(listed.as_array().unwrap().iter().find(|device| device["this"] == false).unwrap());
    let persona = laptop.persona();
    let anchor = ["anchors", "--persona", "ffffffffffff"];
    let delete = ["persona", "delete", &persona, "--content", "keep", "--yes"];
    for (args, code, next) in [
        (&["link", "offer", "--offline"][..], "bad_input", "kith link offer, there"),
        (&["recovery", "phrase"], "not_found", "kith devices"),
        (&["devices", "revoke", &laptops], "bad_input", "kith devices revoke ID --phrase"),
        (&delete, "bad_input", "kith persona create"),
        (&anchor, "not_found", "kith persona list"),
        (&["recovery", "phrase", "--persona", "Alice"], "bad_input", "kith persona list"),
    ] {
        let (exit, error) = tablet.refused(args);
        assert_eq!((exit, error["code"].as_str()), (1, Some(code)), "{args:?}: {error}");
        assert!(text(&error["hint"]).contains(next), "{args:?}: {error}");
        let told = tablet.kith(args);
        assert!(told.stderr.contains("error: ") && told.stderr.lines().count() == 2, "{told:?}");
    }
    // With words of somebody else, or none at all.
    let file = tablet.root.path().join("typed");
    let other = kith_node::crypto::Phrase::draw().unwrap().words().collect::<Vec<_>>().join(" ");
    for typed in [other.as_str(), "not the words"] {
        std::fs::write(&file, format!("{typed}\n")).unwrap();
        let mut revoke = tablet.command(&["--json", "devices", "revoke", &laptops, "--phrase"]);
        revoke.stdin(std::fs::File::open(&file).unwrap());
        let error = error(&profile::done(revoke).stderr);
        assert_eq!(error["code"], "bad_input", "{error}");
        assert!(text(&error["hint"]).contains("kith recovery phrase"), "{error}");
    }
}

#[test]
fn a_separate_persona_is_separate_on_each_device_that_it_is_given_to() {
    let (mut laptop, mut phone, mut tablet) = (Profile::init("Alice"), Profile::init("Phone"), Profile::init("Tablet"));
    let sal = id(&laptop.json(&["persona", "create", "Sal", "--separate"]));
    for profile in [&mut laptop, &mut phone, &mut tablet] {
        profile.run_on_loopback(None);
    }
    let (alice, of_sal) = (laptop.persona(), ["--persona", sal.as_str()]);
    link(&laptop, &phone, &of_sal, &[]);
    let ask_apart = Linking::begin(&tablet, &["ask", "--separate"]);
    let code = text(&ask_apart.next("code")["code"]);
    Linking::begin(&laptop, &["accept", &code, "--persona", &alice]).refused_as_input();
    let accepts = Linking::begin(&laptop, &["accept", &code, "--persona", &sal]);
    ask_apart.type_line(&text(&accepts.next("check")["check"]));
    for side in [accepts, ask_apart] {
        assert_eq!(side.next("device")["personas"].as_array().unwrap().len(), 1);
        assert_eq!(side.end().0, 0);
    }
    for profile in [&phone, &tablet] {
        let listed = profile.json(&["persona", "list"]);
        assert_eq!(listed.as_array().unwrap().len(), 2);
        assert_eq!((text(&listed[1]["id"]), &listed[1]["separate"]), (sal.clone(), &Value::Bool(true)));
        let (own, apart) = (profile.json(&["status"]), profile.json(&[&["status"][..], &of_sal].concat()));
        assert_ne!(own["node"], apart["node"]);
        let post = id(&profile.json(&[&["post", "from here"][..], &of_sal].concat()));
        laptop.until(&["feed", "--persona", &sal], PATIENCE, |feed| ids(feed).contains(&post));
        assert_eq!(laptop.json(&["feed"]), serde_json::json!([]));
    }
    // It is there already: no second compartment is made for it, and it never joins those that are not separate.
    let offers = Linking::begin(&laptop, &["offer", "--persona", &sal]);
    let again = Linking::begin(&phone, &["accept", &text(&offers.next("code")["code"])]);
    offers.type_line(&text(&again.next("check")["check"]));
    assert_ne!((offers.end().0, again.end().0), (0, 0));
    let beside = Linking::begin(&tablet, &["ask"]);
    let code = text(&beside.next("code")["code"]);
    Linking::begin(&laptop, &["accept", &code, "--persona", &sal]).refused_as_input();
    drop(beside);
    for profile in [&phone, &tablet] {
        assert_eq!(profile.json(&["persona", "list"]).as_array().unwrap().len(), 2);
        let apart = std::fs::read_dir(profile.folder().join("apart")).unwrap().count();
        assert_eq!(apart, 1, "what came to nothing is gone");
    }
    for profile in [&mut laptop, &mut phone, &mut tablet] {
        profile.stop();
    }
}
