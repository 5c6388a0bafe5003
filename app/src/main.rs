//! Kith in a window: opens the profile, starts its node and shows `kith_ui`.
//!
//! Everything that can go wrong before the screens is a screen of its own (`start`), never a panic. Pictures are served by hash
//! from the node's store (`media`); the page may load nothing else. Closing the window hides it where the desktop shows an icon
//! for it (`tray`), and else ends the node.
// `rsx!` expands to paths that this lint sees as ours.
#![allow(unused_qualifications)]

#[cfg(target_os = "linux")]
mod camera;
mod drawing;
mod handover;
mod host;
mod media;
mod notify;
mod open;
mod page;
mod start;
mod tray;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use dioxus::desktop::tao::event::Event;
use dioxus::desktop::{Config, LogicalSize, WindowBuilder, icon_from_memory};
use dioxus::prelude::*;
use kith_node::NetworkMode;
use kith_ui::{FirstLink, Language, set_system_language};

use crate::open::{Begun, Opener, Running};
use crate::start::Start;

const ICON: &[u8] = include_bytes!("../../icons/kith-256.png");

/// Kith: a social network that its users hold themselves.
#[derive(Debug, Parser)]
#[command(name = "kith-app", version)]
struct Args {
    /// The profile's folder; the system's folder for application data when left away.
    #[arg(long, value_name = "DIR")]
    profile: Option<PathBuf>,
    /// UDP address to listen on; the profile's last port when left away.
    #[arg(long, value_name = "IP:PORT")]
    listen: Option<SocketAddr>,
    /// No relay, lookup or mDNS; direct addresses still work.
    #[arg(long, conflicts_with = "lan")]
    offline: bool,
    /// Find nodes on this network (mDNS).
    #[arg(long)]
    lan: bool,
    /// Start in the tray, without a window, where the desktop has a tray.
    #[arg(long)]
    tray: bool,
    /// A link to open: kith:…, or the page of a post. A window that shows this profile already opens it there.
    #[arg(value_name = "LINK")]
    link: Option<String>,
}

fn main() -> anyhow::Result<()> {
    // Before there is any other thread, and before the toolkit looks.
    drawing::choose();

    let filter = tracing_subscriber::EnvFilter::try_from_env("KITH_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();

    let args = Args::parse();
    let preferred: Vec<String> = sys_locale::get_locales().collect();
    set_system_language(Language::best(preferred.iter().map(String::as_str)));
    let folder = args.profile.filter(|path| !path.as_os_str().is_empty()).or_else(kith_platform::default_profile_dir);
    let Some(folder) = folder else {
        anyhow::bail!("this system names no folder for application data; name one with --profile DIR")
    };
    let network = match (args.offline, args.lan) {
        (true, _) => NetworkMode::Offline,
        (_, true) => NetworkMode::Lan,
        _ => NetworkMode::AsSet,
    };
    let opener = Opener { profile: std::path::absolute(folder)?, listen: args.listen, network };

    if handover::hand_over(&opener.profile, args.link.as_deref()) {
        return Ok(());
    }
    // Beside the toolkit, which takes as long.
    let begun = Begun::new(opener.clone().begin(None));
    let running = Running::default();
    let at_end = running.clone();
    let window = WindowBuilder::new()
        .with_title("Kith")
        .with_window_icon(icon_from_memory(ICON).ok())
        .with_visible(!args.tray)
        .with_inner_size(LogicalSize::new(1100.0, 760.0))
        .with_min_inner_size(LogicalSize::new(360.0, 480.0));
    let mut prepared = false;
    let (red, green, blue) = drawing::GROUND;
    let config = Config::new()
        .with_window(window)
        .with_menu(None)
        .with_background_color((red, green, blue, u8::MAX))
        .with_custom_index(host::index())
        // The page takes dropped files itself, as a web page does, except where WebKitGTK names it none.
        .with_disable_drag_drop_handler(cfg!(not(target_os = "linux")))
        // The page itself and links in posts (these open in the browser) are handled before this; nothing else loads.
        .with_navigation_handler(|_| false)
        .with_custom_event_handler(move |event, _| {
            prepared = prepared || page::prepare();
            if matches!(event, Event::LoopDestroyed) {
                at_end.shut_down();
            }
        });
    LaunchBuilder::desktop()
        .with_cfg(config)
        .with_context(opener)
        .with_context(running)
        .with_context(begun)
        .with_context(FirstLink::new(args.link))
        .launch(Start);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESKTOP: &str = include_str!("../../icons/kith.desktop");

    /// Whatever a page puts into a link, it is a link and no option.
    #[test]
    fn links_of_the_desktop_arrive_as_links() {
        let exec = DESKTOP.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap_or_default();
        for link in ["kith:person/x", "--offline", "--profile=/tmp/x", "-h"] {
            let words: Vec<String> = exec.split(' ').map(|word| word.replace("%u", link)).collect();
            let args = Args::try_parse_from(words).ok();
            let read = args.map(|args| (args.link, args.offline, args.profile));
            assert_eq!(read, Some((Some(link.to_owned()), false, None)));
        }
        assert!(DESKTOP.lines().any(|line| line == "MimeType=x-scheme-handler/kith;"));
    }
}
