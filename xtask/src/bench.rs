//! `cargo xtask bench`: the numbers that the project keeps an eye on.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::display::Display;
use crate::{command, setup};

/// Built optimised for a bench, as a release is: our own parts, and what draws for them. The dependencies that count
/// and encrypt are built optimised once for everything.
const OPTIMISED: [&str; 18] = [
    "kith-node",
    "kith-platform",
    "kith-ui",
    "kith-app",
    "dioxus-core",
    "dioxus-desktop",
    "dioxus-document",
    "dioxus-hooks",
    "dioxus-html",
    "dioxus-interpreter-js",
    "dioxus-signals",
    "dioxus-stores",
    "fluent-bundle",
    "generational-box",
    "intl-memoizer",
    "sledgehammer_utils",
    "tao",
    "wry",
];
/// Posts of the profile whose window is measured.
const POSTS: &str = "100000";

/// Builds the node's bench optimised and runs it with these arguments; `start FOLDER [POSTS]` measures the window.
pub(crate) fn run(rest: &[String]) -> Result<ExitCode> {
    match rest {
        [first, rest @ ..] if first == "start" => window(rest),
        _ => node(rest),
    }
}

fn node(rest: &[String]) -> Result<ExitCode> {
    setup::ensure(setup::Goal::Node)?;
    // As part of the workspace: on its own the crate has other features, and its dependencies would be built once more.
    let mut build = command::cargo();
    build.args(["build", "--locked", "--workspace", "--example", "bench"]);
    command::run(build.args(["--config", "profile.dev.package.kith-node.opt-level=3"]))?;
    command::run(Command::new(command::target_dir().join("debug/examples/bench")).args(rest))?;
    Ok(ExitCode::SUCCESS)
}

/// The window on a display, a session bus and an unlocked keychain of its own.
fn window(rest: &[String]) -> Result<ExitCode> {
    if !cfg!(target_os = "linux") {
        bail!("the window is measured under X11, on Linux");
    }
    let folder = rest.first().context("a folder for the profile is missing: cargo xtask bench start FOLDER")?;
    let folder = std::path::absolute(folder)?;
    let posts = rest.get(1).map_or(POSTS, String::as_str);
    setup::ensure(setup::Goal::Test)?;
    let mut build = command::cargo();
    build.args(["build", "--locked", "--workspace", "--bin", "kith-app", "--example", "window_bench"]);
    for package in OPTIMISED {
        build.args(["--config", &format!("profile.dev.package.{package}.opt-level=3")]);
    }
    command::run(&mut build)?;
    node(&["follower".to_owned(), folder.display().to_string(), posts.to_owned()])?;
    let debug = command::target_dir().join("debug");
    measure(&debug.join("examples/window_bench"), &debug.join("kith-app"), &folder)?;
    Ok(ExitCode::SUCCESS)
}

fn measure(bench: &Path, app: &Path, folder: &Path) -> Result<()> {
    let display = Display::start()?;
    // `$0` is the bench: nothing of a path is read by the shell.
    const SESSION: &str =
        "printf unlocked | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$0\" \"$@\"";
    let mut session = Command::new("dbus-run-session");
    session.args(["--", "sh", "-c", SESSION]).arg(bench).arg(folder).arg(app);
    session.env("DISPLAY", display.name()).env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
    session.env("GSETTINGS_BACKEND", "memory").env_remove("KITH_KEYSTORE");
    let home = folder.join("home");
    std::fs::create_dir_all(&home)?;
    session.env("HOME", &home).env("XDG_RUNTIME_DIR", &home);
    for (name, part) in [("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache")] {
        session.env(name, home.join(part));
    }
    // What moves would count as not painted until it has arrived.
    let gtk = home.join("config/gtk-3.0");
    std::fs::create_dir_all(&gtk)?;
    std::fs::write(gtk.join("settings.ini"), "[Settings]\ngtk-enable-animations=0\n")?;
    command::run(&mut session)
}
