//! `cargo xtask run`: the app in a window, or the node with its web page where there is no display.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{command, setup};

/// The node opens its store and its sockets well within a second; a slow disk and a cold keychain take longer.
const LINK_DEADLINE: Duration = Duration::from_secs(60);
/// Between two looks at whether the page is up; a person does not notice it.
const LINK_POLL: Duration = Duration::from_millis(250);

pub(crate) struct Options {
    pub(crate) release: bool,
    pub(crate) profile: Option<PathBuf>,
    pub(crate) web: bool,
    pub(crate) rest: Vec<String>,
}

/// Sets up, builds, opens. Comes back when the program ended.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if has_display() && !options.web { open_window(options) } else { serve_page(options) }
}

/// Waits until the node of `profile` serves its page and prints the login link. Runs beside the node, in a process of
/// its own, so that the node can take the place of this program and gets its signals.
pub(crate) fn print_link(kith: &Path, profile: Option<&Path>) -> Result<ExitCode> {
    let node = parent();
    let start = Instant::now();
    while start.elapsed() < LINK_DEADLINE && parent() == node {
        if let Some(link) = login_link(kith, profile) {
            println!("\nKith is running as a web page. Open this link in a browser on this machine (it works once):\n");
            println!("  {link}\n");
            if let Some(port) = port(&link) {
                println!("From another machine, first run there: ssh -L {port}:127.0.0.1:{port} NAME-OF-THIS-MACHINE");
            }
            println!("Ctrl-C ends it.");
            return Ok(ExitCode::SUCCESS);
        }
        #[expect(clippy::disallowed_methods, reason = "another program's state: there is no event to wait for")]
        std::thread::sleep(LINK_POLL);
    }
    if parent() == node {
        bail!("the node serves no web page after {} s; see its output above", LINK_DEADLINE.as_secs());
    }
    // The node ended first and has said why.
    Ok(ExitCode::SUCCESS)
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

fn open_window(options: &Options) -> Result<ExitCode> {
    setup::ensure(setup::Goal::Window)?;
    let program = build("kith-app", "kith-app", options.release)?;
    let mut app = Command::new(program);
    app.args(profile_args(options.profile.as_deref())).args(&options.rest);
    become_program(&mut app)
}

fn serve_page(options: &Options) -> Result<ExitCode> {
    setup::ensure(setup::Goal::Node)?;
    let kith = build("kith", "kith", options.release)?;
    let mut link = Command::new(std::env::current_exe().context("cannot find this program's own file")?);
    link.arg("print-link").arg(&kith).args(options.profile.as_deref()).stdin(Stdio::null());
    link.spawn().context("cannot start the part that prints the login link")?;
    let mut node = Command::new(kith);
    node.args(profile_args(options.profile.as_deref())).args(["run", "--web", "127.0.0.1:0"]).args(&options.rest);
    become_program(&mut node)
}

fn profile_args(profile: Option<&Path>) -> impl Iterator<Item = &std::ffi::OsStr> {
    profile.into_iter().flat_map(|dir| ["--profile".as_ref(), dir.as_os_str()])
}

fn build(package: &str, program: &str, release: bool) -> Result<PathBuf> {
    let mut cargo = command::cargo();
    cargo.args(["build", "--locked", "-p", package, "--bin", program]);
    if release {
        cargo.arg("--release");
    }
    command::run(&mut cargo)?;
    let folder = if release { "release" } else { "debug" };
    Ok(command::target_dir().join(folder).join(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
}

/// The program takes this one's place, so that Ctrl-C and SIGTERM reach it and nothing outlives it.
#[cfg(unix)]
fn become_program(program: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    let error = program.exec();
    Err(error).with_context(|| format!("cannot start `{}`", command::line(program)))
}

#[cfg(not(unix))]
fn become_program(program: &mut Command) -> Result<ExitCode> {
    command::run(program)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(unix)]
fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

/// Where there is no parent to watch, the deadline alone ends the wait.
#[cfg(not(unix))]
fn parent() -> u32 {
    0
}

fn login_link(kith: &Path, profile: Option<&Path>) -> Option<String> {
    let output = Command::new(kith)
        .args(profile_args(profile))
        .args(["--json", "status"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    login_of(&String::from_utf8_lossy(&output.stdout))
}

/// The `login` of `status --json`: an absolute link, so no character of it is escaped.
fn login_of(status: &str) -> Option<String> {
    let (_, rest) = status.split_once("\"login\"")?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    value.split_once('"').map(|(link, _)| link.to_owned())
}

fn port(link: &str) -> Option<u16> {
    let (_, rest) = link.split_once("://")?;
    let host = rest.split('/').next()?;
    host.rsplit_once(':')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_is_read_from_the_status() {
        let status = r#"{"running":true,"web":{"addr":"127.0.0.1:4001","login":"http://127.0.0.1:4001/login/ab"}}"#;
        assert_eq!(login_of(status).as_deref(), Some("http://127.0.0.1:4001/login/ab"));
        assert_eq!(login_of(r#"{"running":true,"web":null}"#), None);
        assert_eq!(login_of(r#"{"running":true,"web":{"login":null}}"#), None);
        assert_eq!(port("http://127.0.0.1:4001/login/ab"), Some(4001));
    }

    #[test]
    fn a_profile_is_passed_on_before_the_command() {
        let words: Vec<_> = profile_args(Some(Path::new("there"))).collect();
        assert_eq!(words, ["--profile", "there"]);
        assert_eq!(profile_args(None).count(), 0);
    }
}
