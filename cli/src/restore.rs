//! `kith recovery restore`: the running node does it; without one the profile is opened, or made, and its network started
//! for as long as it takes.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

use kith_node::Error;
use kith_node::control::{self, Failure, Request};
use kith_node::crypto::Phrase;
use serde_json::Value;

use crate::args::RestoreArgs;
use crate::profile::open;
use crate::prompt::words;
use crate::reach::{Reached, Session};
use crate::words::{line, text};

/// Carries it out; answers what came back.
pub(crate) fn restore(session: &Session, args: RestoreArgs) -> Result<Value, Failure> {
    let RestoreArgs { anchor: anchors, persona: personas, revoke: out, keep, offline } = args;
    if std::io::stdin().is_terminal() {
        aside(if out {
            "This makes this device yours and takes out all others of yours but those of --keep."
        } else {
            "This makes this device yours. The others stay until you take them out: kith devices revoke ID."
        });
        aside("If you still have one of them, link it instead: kith link offer, there.");
    }
    let phrase = words("Your 24 words: ")?;
    // Before a profile is made, or anybody asked.
    Phrase::parse(&phrase.0).map_err(Error::from)?;
    let request = Request::Restore { phrase, anchors, personas, out, keep };
    if std::io::stderr().is_terminal() {
        aside("Looking for your backup. This may take some minutes; Ctrl-C ends it.");
    }
    let ended = || Failure::new("cancelled", "it was ended before it was done", "repeat it");
    let ask = async || {
        tokio::select! {
            _stop = tokio::signal::ctrl_c() => Err(ended()),
            called = session.call(&request) => called,
        }
    };
    let made = !session.profile.exists();
    let node = match session.reach(ask, || open(session.config_with_network(offline, true)))? {
        Reached::Answer(value) => return Ok(value),
        Reached::Here(opened) => opened?,
    };
    session.runtime.block_on(async {
        let work = async {
            node.start().await?;
            control::execute(&node, request).await
        };
        let done = tokio::select! {
            _stop = tokio::signal::ctrl_c() => Err(ended()),
            done = work => done,
        };
        // What was made for this goes with it.
        match done {
            Err(failure) if made && node.discard().await.is_ok_and(|gone| gone) => Err(failure),
            done => {
                node.shutdown().await;
                done
            }
        }
    })
}

/// What a person reads.
pub(crate) fn told(value: &Value) -> String {
    let mut out = String::new();
    let number = |name: &str| value.get(name).and_then(Value::as_u64).unwrap_or_default();
    let personas = value.get("personas").and_then(Value::as_array);
    let names: Vec<String> = personas.into_iter().flatten().map(|one| line(text(one, "name"))).collect();
    // Writing to a String can't fail.
    let _infallible = writeln!(
        out,
        "You are {} again. Back: {} follows, {} circles, {} lists, {} entries of yours.",
        names.join(", "),
        number("follows"),
        number("circles"),
        number("lists"),
        number("entries")
    );
    if number("devices_out") > 0 {
        let _infallible = writeln!(out, "Devices that are yours no longer: {}.", number("devices_out"));
    }
    if number("devices_stay") > 0 {
        let _infallible = writeln!(
            out,
            "Devices of before that can still write and read as you: {}. Once your posts are back, take out those that you \
             no longer have: kith devices, then kith devices revoke ID.",
            number("devices_stay")
        );
    }
    for missing in value.get("missing").and_then(Value::as_array).into_iter().flatten() {
        let told = match missing.as_str().unwrap_or_default() {
            "backup" => "No backup was found: follows, lists and circles are on other devices and in exports alone.",
            "newer_backup" => "Of a newer backup only a part was found; this one is older.",
            "posts" => {
                "None of your posts has come yet: what anchors and those who follow you hold comes while a node runs."
            }
            "messages" => "Private messages do not come back; an export of all holds them: kith import FILE.",
            _ => continue,
        };
        let _infallible = writeln!(out, "{told}");
    }
    let _infallible = writeln!(out, "Next: kith run. What others carry of you comes while it runs.");
    out
}

fn aside(text: &str) {
    let _nowhere_to_tell = writeln!(std::io::stderr(), "{text}");
}
