//! The terminal: taken over, drawn on, and given back as it was, whatever ends the program.

use std::io::{self, Stdout, stdout};
use std::panic;
use std::sync::Once;

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::style::Print;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Size;

use super::app::App;
use super::draw::draw;

/// Text comes in the order in which it is seen (`lay.rs`): a terminal that knows of directions leaves it as it is (ECMA-48,
/// bidirectional support mode), until it is told otherwise again.
const ORDERED: &str = "\x1b[8l";
const UNORDERED: &str = "\x1b[8h";

/// The terminal while it shows the screens. Dropping it gives it back.
pub(super) struct Screen(Terminal<CrosstermBackend<Stdout>>);

impl Screen {
    pub(super) fn enter() -> io::Result<Self> {
        give_back_on_panic();
        enable_raw_mode()?;
        let entered = execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, Print(ORDERED));
        let terminal = entered.and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        // Without a screen nobody would do it.
        terminal.map(Self).inspect_err(|_| give_back())
    }

    pub(super) fn size(&self) -> io::Result<Size> {
        self.0.size()
    }

    pub(super) fn draw(&mut self, app: &mut App) -> io::Result<()> {
        self.0.draw(|frame| draw(frame, app)).map(drop)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back() {
    let _terminal_gone = execute!(stdout(), Print(UNORDERED), DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _terminal_gone = disable_raw_mode();
}

/// So that what a panic tells can be read. A panic of a task unwinds no screen.
fn give_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |told| {
            give_back();
            before(told);
        }));
    });
}
