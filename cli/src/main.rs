//! `kith`: commands, and the node that stays. The grammar is in [`args`], what each command does in [`command`] and
//! [`run`], how it reads for people in [`text`], the web page in [`web`]. With `--json` every command prints one JSON
//! value on one line, and every error one on stderr: scripts rely on it.

mod args;
mod bundle;
mod command;
mod link;
mod message;
mod persona;
mod profile;
mod prompt;
mod qr;
mod reach;
mod restore;
mod run;
mod saved;
mod text;
mod tui;
mod web;
mod words;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, FromArgMatches};
use kith_node::Error;
use kith_node::control::{Failure, Request};
use kith_node::limits::PICTURE_FILE_BYTES;
use kith_node::media::PictureError;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use args::{Cli, Command, grammar};
use command::{Action, Answer};
use reach::Session;
use text::Text;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let parsed = grammar().try_get_matches_from(&words).and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches)?;
        Ok((cli, matches))
    });
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return refuse(&error, &words),
    };
    let (json, given) = (cli.json, cli.profile.clone());
    match carry_out(cli, &matches) {
        Ok(code) => code,
        Err(failure) => report(&failure, json, given.as_deref()),
    }
}

fn carry_out(cli: Cli, matches: &ArgMatches) -> Result<ExitCode, Failure> {
    let given = cli.profile.clone();
    if let (Some(_), Command::Run(_)) = (&cli.persona, &cli.command) {
        return Err(command::usage("a node runs for all personas: leave --persona out"));
    }
    let code_too = matches!(cli.command, Command::Invite { qr: true, .. });
    let action = command::action(cli.command, matches)?;
    let profile = profile::folder(cli.profile)?;
    // What is logged would stand across the screens, unless it goes elsewhere.
    if !matches!(action, Action::Tui(_)) || !io::stderr().is_terminal() {
        // What a node that stays logs is read as a log. Other commands tell their user in sentences what went wrong, and
        // a warning beside it would only puzzle.
        log(if matches!(action, Action::Run(_)) {
            "warn,iroh=off,iroh_relay=off"
        } else {
            "error,iroh=off,iroh_relay=off"
        });
    }
    let workers =
        if matches!(action, Action::Run(_) | Action::Tui(_) | Action::Link(_) | Action::Restore(_)) { 2 } else { 1 };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    // These name it themselves.
    let persona = cli.persona.filter(|_| !matches!(action, Action::Persona(_)));
    let session = Session { profile, persona, runtime: runtime.map_err(Error::Io)? };
    {
        let _inside = session.runtime.enter();
        kith_node::task::survive_file_limits().map_err(Error::Io)?;
    }
    let print = |request: Option<&Request>, answer: &Answer| -> Result<ExitCode, Failure> {
        let Answer { value, direct, known } = answer;
        if cli.json {
            put(&value.to_string())?;
        } else {
            put(&Text::new(given.as_deref(), &session.profile).show(request, value, *direct, *known))?;
            if code_too {
                put_code(words::text(value, "invite"))?;
            }
            for told in words::unclear(value) {
                let _nowhere_to_tell = writeln!(io::stderr(), "{told}");
            }
            if let Some(aside) = Text::aside(request).filter(|_| io::stdout().is_terminal()) {
                let _nowhere_to_tell = writeln!(io::stderr(), "{aside}");
            }
        }
        // `doctor` is the one answer that can be bad news.
        if let Some(failure) = command::ailment(value).filter(|_| request == Some(&Request::Doctor)) {
            return Ok(if cli.json { report(&failure, true, None) } else { ExitCode::FAILURE });
        }
        Ok(ExitCode::SUCCESS)
    };
    let done = match action {
        Action::Run(args) => run::run(&session, &args, |status| {
            print(None, &Answer { value: status.clone(), direct: false, known: false }).map(|_| ())
        })
        .map(|()| ExitCode::SUCCESS),
        Action::Tui(args) => tui::run(&session, &args).map(|()| ExitCode::SUCCESS),
        Action::Link(verb) => link::link(&session, verb, cli.json).map(|()| ExitCode::SUCCESS),
        Action::Restore(args) => restore::restore(&session, args).and_then(|value| {
            put(&if cli.json { value.to_string() } else { restore::told(&value) })?;
            Ok(ExitCode::SUCCESS)
        }),
        Action::Code(file) => code(&file).and_then(|text| {
            put(&if cli.json { json!({ "text": text }).to_string() } else { words::line(&text) })?;
            Ok(ExitCode::SUCCESS)
        }),
        Action::Copy { request, file, force } => {
            session.save(request.clone(), file, force).and_then(|answer| print(Some(&request), &answer))
        }
        Action::Bundle(bundle) => session.bundle(&bundle).and_then(|answer| {
            if cli.json {
                put(&answer.value.to_string())?;
            } else {
                put(&bundle::told(&bundle, &answer.value))?;
            }
            Ok(ExitCode::SUCCESS)
        }),
        Action::Persona(keeping) => session.keep(keeping).and_then(|(request, answer)| print(Some(&request), &answer)),
        Action::Ask(request) => session.ask(request.clone()).and_then(|answer| print(Some(&request), &answer)),
    };
    // What hangs must not keep the process: everything acknowledged is stored.
    session.runtime.shutdown_background();
    done
}

/// The text of the code in a picture, which is no more of it than the bounds of pictures allow.
fn code(file: &Path) -> Result<String, Failure> {
    let most = u64::try_from(PICTURE_FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let shown = words::line(&file.display().to_string());
    let unread = |error| Failure::new("io", format!("{shown} can't be read: {error}"), "");
    let opened = std::fs::File::open(file).map_err(unread)?;
    opened.take(most).read_to_end(&mut bytes).map_err(unread)?;
    kith_node::media::read_code(&bytes).map_err(|error| match error {
        Error::NoCode => Failure::new(
            "no_code",
            format!("{shown} shows no QR code that can be read"),
            "take a picture of the whole code, from nearer and sharp, or use the text that stands beside it",
        ),
        Error::Picture(PictureError::Unreadable) => Failure::new(
            "picture",
            format!("{shown} is not a picture that Kith can read"),
            "give a screenshot or photo of the code, as JPEG, PNG, WebP or GIF",
        ),
        error => error.into(),
    })
}

/// One value, one line (or a text of several), flushed.
pub(crate) fn put(shown: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", shown.trim_end_matches('\n')).and_then(|()| out.flush()) {
        // Whoever read it has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written.map_err(Error::Io)?),
    }
}

/// A text as a QR code below it.
pub(crate) fn put_code(text: &str) -> Result<(), Failure> {
    match qr::blocks(text, io::stdout().is_terminal()) {
        Some(code) => put(&format!("\n{code}")),
        None => {
            let _nowhere_to_tell = writeln!(io::stderr(), "This is too long for a QR code.");
            Ok(())
        }
    }
}

fn report(failure: &Failure, json: bool, given: Option<&Path>) -> ExitCode {
    let shown = if json {
        json!({ "error": failure }).to_string()
    } else {
        Text::new(given, given.unwrap_or(Path::new(""))).failure(failure)
    };
    let _nowhere_to_tell = writeln!(io::stderr(), "{shown}");
    match failure.code.as_str() {
        "usage" | "not_available" => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    }
}

/// What clap did not take: help and version are answers, the rest is wrong usage.
fn refuse(error: &clap::Error, words: &[OsString]) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _nowhere_to_tell = error.print();
        return ExitCode::SUCCESS;
    }
    let hint = quoting(error, words);
    let json = words.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json");
    if !json {
        let _nowhere_to_tell = error.print();
        if let Some(hint) = hint {
            let _nowhere_to_tell = writeln!(io::stderr(), "\n{hint}");
        }
        return ExitCode::from(2);
    }
    let message = if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        "a command is missing".to_owned()
    } else {
        // Its first paragraph says what is wrong; usage and tips follow.
        let rendered = error.render().to_string();
        let first = rendered.split("\n\n").next().unwrap_or_default();
        let words: Vec<&str> = first.trim_start_matches("error:").split_whitespace().collect();
        words.join(" ")
    };
    let mut failure = command::usage(message);
    if let Some(hint) = hint {
        failure.hint = hint.to_owned();
    }
    report(&failure, true, None)
}

/// A text whose words came as arguments of their own.
fn quoting(error: &clap::Error, words: &[OsString]) -> Option<&'static str> {
    let extra =
        matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(word)) if !word.starts_with('-'));
    let texts = words.iter().any(|word| ["post", "comment", "edit", "init"].iter().any(|verb| word == verb));
    (error.kind() == ErrorKind::UnknownArgument && extra && texts)
        .then_some("put quotes around a text of several words, for example: kith post \"hello world\"")
}

/// Logs go to stderr: what `usual` says, unless RUST_LOG says otherwise. What iroh has to tell it tells of addresses and
/// handshakes: for who asks.
fn log(usual: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let _already_set = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .try_init();
}
