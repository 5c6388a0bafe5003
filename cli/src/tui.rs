//! `kith tui`: the terminal's own screens.
//!
//! Three parts. [`app`] is what is shown and what a key changes in it, free of terminal and node; [`draw`] puts it into cells;
//! here is the rest: the terminal and how it is left as it was, and the node, which is asked by the same requests as every
//! command, whether it runs already or is opened by this process. Nothing is polled: the node answers a question about
//! changes once there is one.

mod app;
mod data;
mod draw;
mod editor;
mod keys;
mod lay;
mod pane;
mod terminal;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use kith_node::clock::{Clock, SystemClock};
use kith_node::control::{self, Failure, Reply, Request};
use kith_node::task::Tasks;
use kith_node::{Error, Node};
use serde_json::Value;
use tokio::sync::mpsc;

use self::app::{App, Ask, Effect, Input};
use self::terminal::Screen;
use crate::args::TuiArgs;
use crate::command::usage;
use crate::profile::open;
use crate::reach::{Reached, Session};
use crate::run::{SHUTDOWN, stop};

/// Answers that wait to be shown.
const ANSWERS: usize = 64;
/// Many things change at once: what comes within this time after the first is read in one go, ms.
const SETTLE: Duration = Duration::from_millis(150);
/// A node that ended is looked for again after this time.
const AGAIN: Duration = Duration::from_secs(2);
/// What is being written is kept after this time, as the window does.
const KEEP_AFTER: Duration = Duration::from_millis(250);
/// How often the times beside names are drawn anew.
const MINUTE: Duration = Duration::from_secs(60);

/// Shows the screens until the user quits, or the system asks for it.
pub(crate) fn run(session: &Session, args: &TuiArgs) -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(usage("the screens need a terminal: scripts use the other commands with --json"));
    }
    let ask = async || session.call(&Request::Status).await;
    let node = match session.reach(ask, || open(session.config_with_network(args.offline, false)))? {
        Reached::Answer(_running) => None,
        Reached::Here(opened) => Some(opened?),
    };
    let source = Source { profile: session.profile.clone(), persona: session.persona.clone(), node };
    session.runtime.block_on(async {
        let stop = stop().map_err(Error::Io)?;
        let done = match &source.node {
            Some(node) => match node.start().await {
                Ok(()) => show(&source, stop).await,
                Err(error) => Err(error.into()),
            },
            None => show(&source, stop).await,
        };
        if let Some(node) = &source.node
            && tokio::time::timeout(SHUTDOWN, node.shutdown()).await.is_err()
        {
            tracing::warn!("the node did not close in time; what was acknowledged is stored");
        }
        done
    })
}

/// Who answers: the node that runs on the profile, or the one that this process opened.
#[derive(Debug, Clone)]
struct Source {
    profile: PathBuf,
    persona: Option<String>,
    node: Option<Node>,
}

impl Source {
    async fn ask(&self, request: Request) -> Result<Value, Failure> {
        let request = match request.takes_persona() {
            true => request,
            false => request.at(self.persona.as_deref()),
        };
        if let Some(node) = &self.node {
            return control::execute(node, request).await;
        }
        match control::call(&self.profile, &request).await? {
            Some(Reply::Value(value)) => Ok(value),
            Some(Reply::Error(failure)) => Err(failure),
            None => Err(Error::NotRunning.into()),
        }
    }
}

async fn show(source: &Source, stop: impl Future<Output = ()>) -> Result<(), Failure> {
    let screen = Screen::enter().map_err(Error::Io)?;
    let shown = follow(source, screen, stop).await;
    Ok(shown.map_err(Error::Io)?)
}

/// Keys, answers and changes, one after the other; drawn once what has come is taken in.
async fn follow(source: &Source, mut screen: Screen, stop: impl Future<Output = ()>) -> io::Result<()> {
    let mut app = App::new(SystemClock.unix_ms());
    let size = screen.size()?;
    let mut effects = app.step(Input::Size(size.width, size.height));
    effects.extend(app.start());
    let (tell, mut told) = mpsc::channel(ANSWERS);
    let mut tasks = Tasks::default();
    tasks.spawn("changes", changes(source.clone(), tell.clone()));
    let mut keys = EventStream::new();
    let mut minutes = tokio::time::interval(MINUTE);
    tokio::pin!(stop);
    loop {
        for effect in effects.drain(..) {
            match effect {
                Effect::Quit => return Ok(()),
                Effect::Ask(ask, request) => {
                    tasks.spawn("ask", answered(source.clone(), tell.clone(), ask, *request));
                }
            }
        }
        screen.draw(&mut app)?;
        tokio::select! {
            key = keys.next() => match key {
                Some(Ok(event)) => effects.extend(input(event).into_iter().flat_map(|input| app.step(input))),
                // The terminal is gone.
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            },
            input = told.recv() => effects.extend(input.into_iter().flat_map(|input| app.step(input))),
            _ = minutes.tick() => effects.extend(app.step(Input::Now(SystemClock.unix_ms()))),
            () = &mut stop => return Ok(()),
        }
        // What has come meanwhile is drawn with it.
        while let Ok(input) = told.try_recv() {
            effects.extend(app.step(input));
        }
    }
}

fn input(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) => Some(Input::Key(key)),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Resize(width, height) => Some(Input::Size(width, height)),
        _ => None,
    }
}

async fn answered(source: Source, tell: mpsc::Sender<Input>, ask: Ask, request: Request) {
    if ask == Ask::Keep {
        // Not every key by itself: what is typed meanwhile is kept after it.
        tokio::time::sleep(KEEP_AFTER).await;
    }
    let answer = source.ask(request).await;
    let _screens_closed = tell.send(Input::Answer(ask, answer)).await;
}

/// Tells that something changed, once it did.
async fn changes(source: Source, tell: mpsc::Sender<Input>) {
    let mut seen: Option<u64> = None;
    loop {
        match source.ask(Request::Changed { seen }).await {
            Ok(value) => {
                let turn = value.get("turn").and_then(Value::as_u64);
                if seen.is_some() && turn != seen {
                    let now = Input::Now(SystemClock.unix_ms());
                    if tell.send(now).await.is_err() || tell.send(Input::Changed).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(SETTLE).await;
                }
                // Before the first answer everything was read anyway.
                seen = turn.or(Some(0));
            }
            Err(_gone) => {
                // A node that starts again counts anew.
                seen = Some(u64::MAX);
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
