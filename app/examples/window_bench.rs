//! What somebody who opens the app waits for, in the real window: `cargo xtask bench start FOLDER [POSTS]`.
//!
//! Takes a profile that the node's bench filled (`follower`), puts its keys into the session's unlocked keychain, and looks
//! at the pixels of the screen from outside, whenever something was drawn: from the start of the process until the feed
//! stands, from the key that sends a post until the post stands, and what the window and its helpers take of a processor
//! when nobody does anything. A picture counts as the feed once it equals the one that the screen comes to rest with, so
//! that placeholders do not count; a post counts once its own place does.
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use anyhow::Result;

#[cfg(not(target_os = "linux"))]
fn main() -> Result<()> {
    anyhow::bail!("the window is measured under X11, on Linux")
}

#[cfg(target_os = "linux")]
fn main() -> Result<()> {
    x11::run()
}

#[cfg(target_os = "linux")]
mod x11 {
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use anyhow::{Context, Result, bail};
    use kith_node::host::Keystore;
    use kith_node::limits::UNDO_S;
    use kith_platform::OsKeychain;
    use x11rb::connection::Connection;
    use x11rb::protocol::Event;
    use x11rb::protocol::damage::{ConnectionExt as _, Damage, ReportLevel};
    use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, Window};
    use x11rb::protocol::xtest::ConnectionExt as _;
    use x11rb::rust_connection::RustConnection;

    const STARTS: usize = 7;
    const ECHOES: usize = 15;
    /// Between two looks at whether something was drawn: the exactness of every figure.
    const STEP: Duration = Duration::from_millis(1);
    /// A screen that does not change for so long has come to rest.
    const REST: Duration = Duration::from_secs(2);
    const PATIENCE: Duration = Duration::from_secs(30);
    const IDLE: Duration = Duration::from_secs(60);
    /// Pixels in a thousand that may differ: the caret, and a line about the network.
    const SAME_PERMILLE: usize = 1;
    /// Of the window, in pixels.
    const WIDTH: u16 = 1_100;
    const HEIGHT: u16 = 760;
    /// Where the first post of the feed stands in it, below an empty composer.
    const POST_TOP: usize = 396;
    const POST_BOTTOM: usize = 590;
    const POST_LEFT: usize = 90;
    const POST_RIGHT: usize = 545;

    pub(super) fn run() -> Result<()> {
        let folder = std::env::args().nth(1).map(PathBuf::from).context("a folder is missing")?;
        let app = std::env::args().nth(2).map(PathBuf::from).context("the program to measure is missing")?;
        keys(&folder.join("b-keys"))?;
        let profile = folder.join("b");
        let screen = Screen::open()?;
        println!("{:<60} {:>10} {:>10} {:>10}", "figure", "median", "least", "most");

        let (mut starts, mut frames) = (Vec::new(), Vec::new());
        for number in 0..=STARTS {
            let dropped = number == 0 && Command::new("sync").status().is_ok() && drop_caches();
            let before = screen.picture()?;
            let started = Instant::now();
            let mut window = start(&app, &profile)?;
            let seen = screen.settles(started, &before)?;
            let (frame, painted) = (first_frame(&seen), at_rest(&seen));
            if number == 0 {
                let figure = if dropped { "with nothing of it in memory" } else { "the first time" };
                tell(&format!("process start to painted feed, {figure}, ms"), vec![ms(painted)]);
            } else {
                starts.push(ms(painted));
                frames.push(ms(frame));
            }
            if number == STARTS {
                tell("process start to the window's first frame, ms", std::mem::take(&mut frames));
                tell("process start to painted feed, ms", std::mem::take(&mut starts));
                echo(&screen)?;
                // Where no field has the keyboard: for a caret that blinks, a software renderer draws the whole window.
                keyboard(&["mousemove", "820", "600", "click", "1"])?;
                screen.rests()?;
                idle(&mut window)?;
            }
            end(window)?;
        }
        Ok(())
    }

    /// Puts the bench's keys into the keychain: a file's name is a key's, with `-` for each slash.
    fn keys(folder: &Path) -> Result<()> {
        let keychain = OsKeychain::new();
        for file in std::fs::read_dir(folder).with_context(|| format!("no keys in {}", folder.display()))? {
            let file = file?;
            let name = file.file_name().to_string_lossy().replace('-', "/");
            keychain.set(&name, &std::fs::read(file.path())?).context("the keychain takes no key")?;
        }
        Ok(())
    }

    fn drop_caches() -> bool {
        std::fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
    }

    fn start(app: &Path, profile: &Path) -> Result<Child> {
        let mut command = Command::new(app);
        command.arg("--profile").arg(profile).args(["--offline", "--listen", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().context("the window does not start")
    }

    fn end(mut window: Child) -> Result<()> {
        Command::new("kill").arg(window.id().to_string()).status()?;
        window.wait()?;
        Ok(())
    }

    /// Posts by the keyboard: from the key that sends until the feed shows it.
    fn echo(screen: &Screen) -> Result<()> {
        let (mut answers, mut echoes, mut rests) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..=ECHOES {
            keyboard(&["key", "n"])?;
            keyboard(&[
                "type",
                "--delay",
                "5",
                &format!("Walk {number}{}", " along the river".repeat(1 + number % 2)),
            ])?;
            screen.rests()?;
            if number == 0 {
                // The first post asks who can read it: everybody.
                keyboard(&["key", "ctrl+Return"])?;
                screen.rests()?;
                keyboard(&["key", "Return"])?;
                screen.rests()?;
                keyboard(&["key", "ctrl+Return"])?;
                screen.rests()?;
                keyboard(&["key", "Escape"])?;
                continue;
            }
            // A post goes out before the next one waits: nobody writes two in these few seconds.
            sleep(Duration::from_secs(UNDO_S));
            screen.rests()?;
            let before = screen.picture()?;
            let sent = Instant::now();
            screen.chord(&["Control_L", "Return"])?;
            let seen = screen.settles(sent, &before)?;
            answers.push(ms(first_frame(&seen)));
            echoes.push(ms(painted_post(&seen)?));
            rests.push(ms(at_rest(&seen)));
            keyboard(&["key", "Escape"])?;
        }
        tell("key that sends to the first frame after it, ms", answers);
        tell("key that sends to painted post, ms", echoes);
        tell("key that sends to a screen at rest, ms", rests);
        Ok(())
    }

    /// What the window and all that it started take of one processor.
    fn idle(window: &mut Child) -> Result<()> {
        sleep(REST);
        let (before, start) = (processor_ms(window.id())?, Instant::now());
        sleep(IDLE);
        let taken = processor_ms(window.id())?.saturating_sub(before);
        tell("idle: processor of window and helpers, %", vec![taken as f64 / ms(start.elapsed()) * 100.0]);
        Ok(())
    }

    /// Time that a process and those that it started have run, ms.
    fn processor_ms(root: u32) -> Result<u64> {
        // The kernel counts in hundredths of a second wherever Linux has run for the last twenty years.
        const TICK_MS: u64 = 10;
        let mut family = vec![root];
        let mut total = 0;
        let mut at = 0;
        let stats: Vec<_> = std::fs::read_dir("/proc")?.flatten().filter_map(|entry| stat(&entry.path())).collect();
        while let Some(parent) = family.get(at).copied() {
            for (pid, ppid, ticks) in &stats {
                if *ppid == parent && !family.contains(pid) {
                    family.push(*pid);
                }
                if *pid == parent {
                    total += ticks * TICK_MS;
                }
            }
            at += 1;
        }
        Ok(total)
    }

    /// Process, parent, and ticks of a folder in `/proc`.
    fn stat(folder: &Path) -> Option<(u32, u32, u64)> {
        let pid = folder.file_name()?.to_str()?.parse().ok()?;
        let text = std::fs::read_to_string(folder.join("stat")).ok()?;
        // After the name, which may hold anything: state, parent, …, and the times as the 12th and 13th.
        let words: Vec<_> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |at: usize| words.get(at)?.parse::<u64>().ok();
        Some((pid, u32::try_from(number(1)?).ok()?, number(11)? + number(12)?))
    }

    fn keyboard(args: &[&str]) -> Result<()> {
        if !Command::new("xdotool").args(args).status().context("xdotool is missing")?.success() {
            bail!("xdotool {args:?} failed");
        }
        Ok(())
    }

    fn ms(time: Duration) -> f64 {
        time.as_secs_f64() * 1_000.0
    }

    fn tell(figure: &str, mut values: Vec<f64>) {
        values.sort_by(f64::total_cmp);
        let at = |at: usize| values.get(at).copied().unwrap_or(f64::NAN);
        let last = values.len().saturating_sub(1);
        println!("{figure:<60} {:>10.1} {:>10.1} {:>10.1}", at(values.len() / 2), at(0), at(last));
    }

    type Picture = Vec<u8>;

    /// Pictures, and how long after the start of what is measured each was there.
    type Seen = Vec<(Duration, Picture)>;

    struct Screen {
        server: RustConnection,
        root: Window,
        /// Tells when something was drawn: taking pictures all the time would slow down what is measured.
        drawn: Damage,
    }

    impl Screen {
        fn open() -> Result<Self> {
            let (server, at) = x11rb::connect(None).context("no display")?;
            let root = server.setup().roots.get(at).context("the display has no screen")?.root;
            server.damage_query_version(1, 1)?.reply()?;
            let drawn = server.generate_id()?;
            server.damage_create(drawn, root, ReportLevel::NON_EMPTY)?;
            let screen = Self { server, root, drawn };
            screen.look_again()?;
            Ok(screen)
        }

        fn look_again(&self) -> Result<()> {
            self.server.damage_subtract(self.drawn, x11rb::NONE, x11rb::NONE)?;
            self.server.flush()?;
            Ok(())
        }

        /// The next picture, once something was drawn, and when that was; `None` where nothing is until `end`.
        fn next(&self, end: Instant) -> Result<Option<(Instant, Picture)>> {
            loop {
                while let Some(event) = self.server.poll_for_event()? {
                    if matches!(event, Event::DamageNotify(_)) {
                        let at = Instant::now();
                        self.look_again()?;
                        return Ok(Some((at, self.picture()?)));
                    }
                }
                if Instant::now() > end {
                    return Ok(None);
                }
                sleep(STEP);
            }
        }

        /// What stands where the window opens: without a window manager at the top left.
        fn picture(&self) -> Result<Picture> {
            let image = self.server.get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, WIDTH, HEIGHT, !0)?;
            Ok(image.reply()?.data)
        }

        /// What it looked like before `start`, and at each change after it until it came to rest.
        fn settles(&self, start: Instant, before: &Picture) -> Result<Seen> {
            let mut seen = vec![(Duration::ZERO, before.clone())];
            let mut rest = start + PATIENCE;
            while let Some((at, picture)) = self.next(rest)? {
                if start.elapsed() > PATIENCE {
                    bail!("the screen does not come to rest");
                }
                if seen.last().is_none_or(|(_, last)| !same(last, &picture)) {
                    seen.push((at.saturating_duration_since(start), picture));
                    rest = at + REST;
                }
            }
            if seen.len() < 2 {
                bail!("the screen shows nothing");
            }
            Ok(seen)
        }

        fn rests(&self) -> Result<()> {
            let (start, mut last, mut rest) = (Instant::now(), self.picture()?, Instant::now() + REST / 4);
            while let Some((at, picture)) = self.next(rest)? {
                if start.elapsed() > PATIENCE {
                    bail!("the screen does not come to rest");
                }
                if !same(&last, &picture) {
                    (last, rest) = (picture, at + REST / 4);
                }
            }
            Ok(())
        }

        /// Presses keys together, and lets them go.
        fn chord(&self, names: &[&str]) -> Result<()> {
            let codes = names.iter().map(|name| self.code(name)).collect::<Result<Vec<_>>>()?;
            for code in &codes {
                self.server.xtest_fake_input(KEY_PRESS_EVENT, *code, 0, self.root, 0, 0, 0)?;
            }
            for code in codes.iter().rev() {
                self.server.xtest_fake_input(KEY_RELEASE_EVENT, *code, 0, self.root, 0, 0, 0)?;
            }
            self.server.flush()?;
            Ok(())
        }

        fn code(&self, name: &str) -> Result<u8> {
            // Of X11's keysymdef.h.
            let wanted = match name {
                "Control_L" => 0xffe3_u32,
                "Return" => 0xff0d,
                other => bail!("no key {other}"),
            };
            let setup = self.server.setup();
            let (least, most) = (setup.min_keycode, setup.max_keycode);
            let map = self.server.get_keyboard_mapping(least, most - least + 1)?.reply()?;
            let per = usize::from(map.keysyms_per_keycode).max(1);
            let at = map.keysyms.iter().position(|sym| *sym == wanted).context("the keyboard lacks a key")?;
            Ok(least + u8::try_from(at / per)?)
        }
    }

    fn first_frame(seen: &Seen) -> Duration {
        seen.get(1).map_or(PATIENCE, |(at, _)| *at)
    }

    /// When it first looked as it does at rest.
    fn at_rest(seen: &Seen) -> Duration {
        let first = seen.last().and_then(|(_, rest)| seen.iter().find(|(_, picture)| same(picture, rest)));
        first.map_or(PATIENCE, |(at, _)| *at)
    }

    /// When the first post of the feed, pixel for pixel, first looked as it does at rest: around it the field takes the
    /// keyboard again, and a word about what was done comes.
    fn painted_post(seen: &Seen) -> Result<Duration> {
        let (Some((_, before)), Some((_, rest))) = (seen.first(), seen.last()) else { bail!("nothing was seen") };
        let rest = post(rest);
        if rest == post(before) {
            bail!("the feed does not begin with the new post");
        }
        let first = seen.iter().find(|(_, picture)| post(picture) == rest);
        first.map(|(at, _)| *at).context("the post was never there")
    }

    /// The first post below the composer.
    fn post(picture: &Picture) -> Vec<u8> {
        let rows = picture.chunks(usize::from(WIDTH) * 4).skip(POST_TOP).take(POST_BOTTOM - POST_TOP);
        rows.flat_map(|row| row.iter().skip(POST_LEFT * 4).take((POST_RIGHT - POST_LEFT) * 4).copied()).collect()
    }

    /// Whether two pictures show the same but for a caret.
    fn same(one: &Picture, other: &Picture) -> bool {
        const ROW: usize = WIDTH as usize * 4;
        let most = one.len() / 4 * SAME_PERMILLE / 1_000;
        let rows = one.chunks(ROW).zip(other.chunks(ROW)).filter(|(one, other)| one != other);
        let pixels = rows.flat_map(|(one, other)| one.chunks_exact(4).zip(other.chunks_exact(4)));
        pixels.filter(|(one, other)| one != other).nth(most).is_none()
    }
}
