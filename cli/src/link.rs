//! `kith link`: a linking with another device, from its first code to its last message. It is the running node's; without
//! one the profile is opened and its network started for as long as it takes.

use std::io::{self, BufRead, Write};

use kith_node::control::{self, Failure, GiveArgs, Request};
use kith_node::view::{History, LinkView, LinkedView};
use kith_node::{Error, Node};
use serde_json::json;
use tokio::sync::mpsc;

use crate::args::{self, Give, Link};
use crate::command::usage;
use crate::profile::open;
use crate::reach::{Reached, Session};
use crate::words::line;
use crate::{put, put_code};

/// Carries it out to its end, and prints what becomes known on the way.
pub(crate) fn link(session: &Session, verb: Link, json: bool) -> Result<(), Failure> {
    if session.persona.is_some() && matches!(verb, Link::Ask { .. }) {
        return Err(usage("the other device chooses the personas: leave --persona out"));
    }
    let asks = matches!(verb, Link::Ask { .. });
    let qr = matches!(verb, Link::Offer { qr: true, .. } | Link::Ask { qr: true, .. });
    let (request, offline, creates) = match verb {
        Link::Offer { give, offline, .. } => {
            (Request::LinkShow { give: Some(given(give)), separate: false }, offline, false)
        }
        Link::Ask { separate, offline, .. } => (Request::LinkShow { give: None, separate }, offline, true),
        Link::Accept { code, give, offline } => {
            let creates = kith_node::link_code_gives(&code)?;
            (Request::LinkTake { code, give: given(give) }, offline, creates)
        }
    };
    let open_here = || open(session.config_with_network(offline, creates));
    let (way, first) = match session.reach(async || session.call(&request).await, open_here)? {
        Reached::Answer(value) => (Way::Running, view(value)?),
        Reached::Here(opened) => {
            let node = opened?;
            let started = session.runtime.block_on(async {
                node.start().await?;
                control::execute(&node, request).await
            });
            match started {
                Ok(value) => (Way::Opened(node), view(value)?),
                Err(failure) => {
                    session.runtime.block_on(node.shutdown());
                    return Err(failure);
                }
            }
        }
    };
    session.runtime.block_on(async {
        let told = tokio::select! {
            biased;
            _stop = tokio::signal::ctrl_c() => Err(Failure::new("ended", "the linking was ended here", "")),
            told = follow(session, &way, first, Told { json, asks, qr }) => told,
        };
        let _gone = way.ask(session, Request::LinkEnd).await;
        if let Way::Opened(node) = &way {
            node.shutdown().await;
        }
        told
    })
}

/// Who does it.
enum Way {
    Running,
    Opened(Node),
}

impl Way {
    async fn ask(&self, session: &Session, request: Request) -> Result<serde_json::Value, Failure> {
        match self {
            Self::Opened(node) => control::execute(node, request).await,
            Self::Running => session.call(&request).await?.ok_or_else(|| Error::NotRunning.into()),
        }
    }
}

/// How it is told.
#[derive(Debug, Clone, Copy)]
struct Told {
    json: bool,
    /// The other device is to give.
    asks: bool,
    /// The code as a picture too.
    qr: bool,
}

async fn follow(session: &Session, way: &Way, mut now: LinkView, how: Told) -> Result<(), Failure> {
    let json = how.json;
    let mut shown = LinkView::default();
    // `None`: nothing more comes from the terminal.
    let (typing, mut typed) = mpsc::channel::<Option<String>>(1);
    let (mut reads, mut given) = (false, false);
    loop {
        given &= now.ask;
        tell(&shown, &now, how)?;
        if now.ask && !reads {
            reads = true;
            let typing = typing.clone();
            // A line of a terminal is waited for by a thread: it ends with the process.
            std::thread::spawn(move || {
                for line in io::stdin().lock().lines() {
                    let Ok(line) = line else { break };
                    if !line.trim().is_empty() && typing.blocking_send(Some(line)).is_err() {
                        return;
                    }
                }
                let _nobody_asks = typing.blocking_send(None);
            });
        }
        if now.over {
            return match now.error {
                Some(failure) => Err(Failure::new(&failure.code, failure.message, failure.hint)),
                None => Ok(()),
            };
        }
        shown = now;
        tokio::select! {
            next = way.ask(session, Request::LinkNext { seen: shown.turn }) => now = view(next?)?,
            Some(digits) = typed.recv(), if shown.ask && !given => {
                let Some(digits) = digits else {
                    let hint = "run it in a terminal, or give the two digits as a line of its input";
                    return Err(Failure::new("no_input", "the two digits can't be typed: the input has ended", hint));
                };
                match way.ask(session, Request::LinkDigits { digits }).await {
                    Ok(value) => (now, given) = (view(value)?, true),
                    // No digits: they are asked for once more.
                    Err(failure) if failure.code == "bad_input" => {
                        match json {
                            true => aside(&json!({ "error": failure }).to_string()),
                            false => aside(&format!("{}. The two digits:", failure.message)),
                        }
                        now = shown.clone();
                    }
                    Err(failure) => return Err(failure),
                }
            }
        }
    }
}

/// What became known since.
fn tell(before: &LinkView, now: &LinkView, Told { json, asks, qr }: Told) -> Result<(), Failure> {
    if let Some(code) = now.code.as_ref().filter(|_| before.code.is_none()) {
        if json {
            put(&json!({ "code": code }).to_string())?;
        } else {
            put(code)?;
            if qr {
                put_code(code)?;
            }
            let named = if asks { " --persona ID (ID: kith persona list, there)" } else { "" };
            aside(&format!("On the other device: kith link accept CODE{named}, or Settings, Link a device."));
            aside("The code is good for 5 minutes.");
            aside("Whoever sees it can try to link: show it to nobody, and send it to nobody.");
        }
    }
    if let Some(check) = now.check.as_ref().filter(|check| before.check.as_ref() != Some(*check)) {
        if json {
            put(&json!({ "check": check }).to_string())?;
        } else {
            put(&format!("{check}\nType these two digits on the other device."))?;
        }
    }
    if now.ask && !before.ask && !json {
        aside(
            "A device has the code. Type the two digits that it shows, only if it is yours and lies in front of you:",
        );
    }
    if let Some(linked) = now.linked.as_ref().filter(|_| before.linked.is_none()) {
        let LinkedView { device, name, personas } = linked;
        if json {
            put(&json!({ "device": device, "name": name, "personas": personas }).to_string())?;
        } else {
            let count = match personas.len() {
                1 => "1 persona".to_owned(),
                count => format!("{count} personas"),
            };
            put(&format!("Linked with {}: {count}.", line(name)))?;
        }
    }
    if let Some(history) = now.history.filter(|history| before.history != Some(*history) && !json && history.all > 0) {
        aside(&format!("Messages: {} of {}", history.done, history.all));
    }
    Ok(())
}

fn aside(text: &str) {
    let _nowhere_to_tell = writeln!(io::stderr(), "{text}");
}

fn view(value: serde_json::Value) -> Result<LinkView, Failure> {
    Ok(serde_json::from_value(value).map_err(|_| Error::Bug("the running node's answer can't be read"))?)
}

fn given(give: Give) -> GiveArgs {
    let history = match give.history {
        args::History::All => History::All,
        args::History::Days30 => History::Days30,
        args::History::None => History::None,
    };
    GiveArgs { personas: give.persona, main: give.main, history }
}
