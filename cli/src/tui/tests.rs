//! The screens as they look, in `snapshots/`: one file a screen, rewritten with KITH_BLESS=1 and then looked at.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use kith_node::control::{Beside, Failure, Request};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};

use super::app::{App, Ask, Effect, Input, Overlay, Section, View};
use super::draw::draw;
use super::lay::width;

mod begun;
mod places;

const NOW_MS: u64 = 1_800_000_000_000;
const HOUR_MS: u64 = 3_600_000;

fn id(number: u8) -> String {
    format!("{number:02x}").repeat(32)
}

fn post(number: u8, name: &str, hours: u64, text: &str) -> Value {
    json!({ "id": id(number), "author": id(number.wrapping_add(100)), "author_name": name, "created_ms": NOW_MS - hours * HOUR_MS,
            "text": text, "cw": null, "attachments": [], "reactions": {}, "mine": [], "comments": 0 })
}

fn with(mut value: Value, fields: &Value) -> Value {
    for (name, field) in fields.as_object().unwrap() {
        value.as_object_mut().unwrap().insert(name.clone(), field.clone());
    }
    value
}

fn comment(number: u8, parent: u8, name: &str, text: &str) -> Value {
    json!({ "id": id(number), "author": id(number.wrapping_add(100)), "author_name": name, "parent": id(parent), "text": text,
            "created_ms": NOW_MS - HOUR_MS, "deleted": false, "own": false, "reactions": {}, "mine": [] })
}

fn feed() -> Value {
    json!([
        with(
            post(1, "Bob", 0, "Fog so thick that I heard the ferry apologise to a buoy. #harbour"),
            &json!({ "reactions": { "😂": 2 }, "comments": 1, "mine": ["😂"] })
        ),
        with(
            post(
                2,
                "Alice",
                2,
                "A long one.\n\nIt has more than it shows here, as it goes on and on and on, line after line, until nobody reads it any more.\n\n- one\n- two\n- three\n- four"
            ),
            &json!({ "own": true, "edited": true,
                     "quote": { "id": id(9), "state": "here", "author_name": "Carol", "text": "A short one.\n\nOf two.", "cw": null } })
        ),
        with(
            post(3, "ליאה", 5, "שלום לכולם, נפגשים ב-19:30 (ליד הנמל)"),
            &json!({ "sealed": true, "circle": "Family",
                     "poll": { "options": [{ "text": "כן", "votes": 2, "mine": true }, { "text": "no", "votes": 1 }], "ended": false, "voters": 3, "ends_ms": NOW_MS + 5 * HOUR_MS } })
        ),
        with(
            post(4, "花", 26, "猫が望遠鏡の箱で寝ている。今夜は観測できません。"),
            &json!({ "attachments": [{ "mime": "image/jpeg", "width": 800, "height": 560, "alt": "猫" },
                                      { "mime": "image/png", "width": 10, "height": 20, "alt": null }] })
        ),
        with(post(5, "Carol", 50, "hidden at first"), &json!({ "cw": "spoilers", "reposted_by": [{ "name": "Bob" }] })),
    ])
}

fn page() -> Value {
    let post = feed().as_array().unwrap()[0].clone();
    with(
        post,
        &json!({ "thread": [
        comment(10, 1, "Carol", "Which of them was wrong?"),
        comment(11, 10, "Bob", "The buoy. It never answers."),
        with(comment(12, 1, "Mallory", ""), &json!({ "deleted": true })),
        comment(13, 11, "ليلى", "ربما كان الضباب."),
        with(comment(14, 1, "Alice", "I heard it too."), &json!({ "own": true, "reactions": { "👍": 3 } })),
    ] }),
    )
}

fn conversations() -> Value {
    json!([
        { "id": id(20), "with": [id(101)], "names": ["Bob"], "persona": id(100), "unread": 2, "last_ms": NOW_MS - HOUR_MS,
          "last_text": "Varnish is dry.", "request": false },
        { "id": id(21), "with": [id(102), id(103)], "names": ["Carol", ""], "persona": id(100), "unread": 0,
          "last_ms": NOW_MS - 30 * HOUR_MS, "last_text": "مساء الخير", "request": false },
        { "id": id(22), "with": [], "names": [], "persona": id(100), "unread": 0, "last_ms": null, "last_text": null },
    ])
}

fn requests() -> Value {
    json!([{ "id": id(23), "with": [id(104)], "names": ["Mallory"], "persona": id(100), "unread": 1,
             "last_ms": NOW_MS - HOUR_MS, "last_text": "click here", "request": true }])
}

fn messages() -> Value {
    let message = |number: u8, own: bool, text: &str| {
        json!({ "id": id(number), "from": id(101), "from_name": "Bob", "own": own, "text": text, "attachments": [],
                "created_ms": NOW_MS - HOUR_MS, "state": if own { "read" } else { "delivered" }, "reactions": {} })
    };
    json!([
        message(30, false, "The rudder is back from the welder."),
        message(31, true, "I'll bring the good brushes."),
        with(
            message(32, false, "Varnish is dry."),
            &json!({ "reactions": { "❤️": 1 }, "own_reaction": "❤️",
                      "attachments": [{ "mime": "image/jpeg", "width": 800, "height": 560, "alt": "The boat" }] })
        ),
    ])
}

fn answers(ask: &Ask) -> Value {
    match ask {
        Ask::Feed(View::Home) => feed(),
        Ask::Feed(_) => json!([feed().as_array().unwrap()[3]]),
        Ask::Search(_) => places::results(),
        Ask::Bookmarks => places::bookmarks(),
        Ask::Lists => {
            json!([{ "id": id(90), "name": "The harbour", "members": 2 }, { "id": id(91), "name": "עברית", "members": 1 }])
        }
        Ask::Tags => json!(["fog", "harbour"]),
        Ask::Page(_) => page(),
        Ask::Conversations => conversations(),
        Ask::Requests => requests(),
        Ask::Conversation(_) => messages(),
        Ask::Follows => json!([
            { "persona": id(101), "name": "Bob", "by": id(100), "mutual": true, "synced_ms": NOW_MS },
            { "persona": id(102), "name": "Carol", "by": id(100), "told": true, "synced_ms": NOW_MS },
            { "persona": id(103), "name": null, "by": id(100), "synced_ms": null },
        ]),
        Ask::Followers => json!([{ "persona": id(101), "name": "Bob", "of": id(100), "mutual": true }]),
        Ask::Personas => json!([
            { "id": id(100), "name": "Alice", "default": true },
            { "id": id(99), "name": "Alice after dark", "default": false },
            { "id": id(98), "name": "Apart", "default": false, "separate": true },
        ]),
        Ask::Circles => json!([
            { "id": id(50), "name": "Family", "kind": "circle", "members": [id(101), id(102)], "invited": false },
            { "id": id(51), "name": "Hikers", "kind": "group", "members": [id(101)], "invited": true },
        ]),
        Ask::Status => json!({ "running": true, "node": id(7), "role": "desktop", "listen": ["0.0.0.0:4101"],
                               "relay": null, "peers": 1, "entries": 417, "unread": 2 }),
        Ask::Peers => json!([{ "node": id(8), "role": "anchor", "path": "direct", "rtt_ms": 12.4, "bytes_in": 70_000,
                               "bytes_out": 9_000 }]),
        Ask::Anchors => json!([{ "node": id(8), "connected": true, "addrs": ["198.51.100.7:4101"] }]),
        Ask::Mailboxes => json!([]),
        Ask::Later => places::later(),
        Ask::Begun => json!({ "empty": true }),
        Ask::Notifications(unread) => places::notifications(*unread),
        Ask::Invite => json!({ "invite": "kith:invite/abcdef", "persona": id(100) }),
        _ => json!({ "id": id(60) }),
    }
}

/// Does what a node would, until nothing is asked any more; answers what was written.
fn settle(app: &mut App, effects: Vec<Effect>) -> Vec<Request> {
    let (mut waiting, mut written) = (effects, Vec::new());
    while let Some(effect) = waiting.pop() {
        let Effect::Ask(ask, request) = effect else { continue };
        if matches!(ask, Ask::Did(_) | Ask::Wrote(_)) {
            written.push(*request);
        }
        let answer = answers(&ask);
        waiting.extend(app.step(Input::Answer(ask, Ok(answer))));
    }
    written
}

fn opened(size: (u16, u16)) -> App {
    let mut app = App::new(NOW_MS);
    // Wherever the tests run.
    app.moment = |ms| format!("{} +{} min", crate::words::date(ms), ms / 60_000 % 1_440);
    let mut effects = app.step(Input::Size(size.0, size.1));
    effects.extend(app.start());
    settle(&mut app, effects);
    app
}

fn press(app: &mut App, keys: &str) -> Vec<Request> {
    let mut written = Vec::new();
    for key in keys.chars() {
        let event = match key {
            '⏎' => KeyEvent::from(KeyCode::Enter),
            '⎋' => KeyEvent::from(KeyCode::Esc),
            '⇥' => KeyEvent::from(KeyCode::Tab),
            '⌫' => KeyEvent::from(KeyCode::Backspace),
            'Ⓢ' => KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL),
            'Ⓠ' => KeyEvent::new(KeyCode::Char('q'), KeyModifiers::CONTROL),
            'Ⓣ' => KeyEvent::new(KeyCode::Char('t'), KeyModifiers::CONTROL),
            'Ⓛ' => KeyEvent::new(KeyCode::Char('l'), KeyModifiers::CONTROL),
            'Ⓖ' => KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL),
            key => KeyEvent::from(KeyCode::Char(key)),
        };
        // As the loop does: drawn after each.
        drawn(app);
        let effects = app.step(Input::Key(event));
        written.extend(settle(app, effects));
    }
    written
}

fn drawn(app: &mut App) -> String {
    let mut terminal = Terminal::new(TestBackend::new(app.size.0, app.size.1)).unwrap();
    terminal.draw(|frame| draw(frame, app)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut shown = String::new();
    for y in 0..app.size.1 {
        let mut x = 0;
        let mut line = String::new();
        while x < app.size.0 {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(width(symbol).max(1)).unwrap();
        }
        assert_eq!(x, app.size.0, "a row is as wide as the screen: {line:?}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
        shown.push_str(line.trim_end());
        shown.push('\n');
    }
    shown
}

#[track_caller]
fn looks(name: &str, app: &mut App) {
    let shown = drawn(app);
    let file = format!("{}/src/tui/snapshots/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("KITH_BLESS").is_some() {
        std::fs::create_dir_all(std::path::Path::new(&file).parent().unwrap()).unwrap();
        std::fs::write(&file, &shown).unwrap();
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(shown == known, "{name} looks otherwise now (KITH_BLESS=1 takes it as it is):\n{shown}");
}

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (130, 36);

#[test]
fn every_screen_at_80_by_24() {
    let mut app = opened(SMALL);
    looks("feed", &mut app);
    press(&mut app, "⏎");
    looks("post", &mut app);
    press(&mut app, "2");
    looks("conversations", &mut app);
    press(&mut app, "⏎");
    looks("conversation", &mut app);
    press(&mut app, "⎋r");
    looks("requests", &mut app);
    press(&mut app, "3");
    looks("people", &mut app);
    press(&mut app, "r");
    looks("followers", &mut app);
    press(&mut app, "i");
    looks("invite", &mut app);
    press(&mut app, "⎋4");
    looks("personas", &mut app);
    press(&mut app, "5");
    looks("network", &mut app);
    press(&mut app, "6");
    looks("notifications", &mut app);
    press(&mut app, "1v");
    looks("views", &mut app);
    press(&mut app, "j⏎");
    looks("bookmarks", &mut app);
    press(&mut app, "vj⏎");
    looks("later", &mut app);
    press(&mut app, "vj⏎");
    looks("list", &mut app);
    press(&mut app, "/harbour⏎");
    looks("search", &mut app);
    press(&mut app, "⎋");
    press(&mut app, "5");
    press(&mut app, "?");
    looks("keys", &mut app);
    press(&mut app, "⎋1n");
    app.step(Input::Paste("Two lines\nwith a 猫".to_owned()));
    press(&mut app, "Ⓣ");
    looks("composer", &mut app);
    press(&mut app, "⎋jd");
    looks("question", &mut app);
}

#[test]
fn two_panes_where_there_is_room() {
    let mut app = opened(LARGE);
    looks("wide_feed", &mut app);
    press(&mut app, "2⏎");
    looks("wide_conversation", &mut app);
}

#[test]
fn a_profile_with_nothing_in_it_says_what_to_do_next() {
    let mut app = App::new(NOW_MS);
    let mut effects = app.step(Input::Size(80, 24));
    effects.extend(app.start());
    for effect in effects {
        let Effect::Ask(ask, _) = effect else { continue };
        app.step(Input::Answer(ask, Ok(json!([]))));
    }
    looks("empty", &mut app);
}

#[test]
fn a_post_is_written_to_whom_the_line_above_it_names() {
    let mut app = opened(SMALL);
    let written = press(&mut app, "nhi jkqⒼcats⏎ⓉⓈ");
    let circles = vec![id(50)];
    assert_eq!(
        written,
        [Request::Post {
            persona: None,
            text: "hi jkq".into(),
            cw: Some("cats".into()),
            attach: Vec::new(),
            circles,
            beside: Beside::default()
        }]
    );
    assert_eq!((app.overlay.is_none(), app.compose.is_none()), (true, true));
    // A group that was not joined is no audience: after the one circle comes everyone again.
    let written = press(&mut app, "nx ⓉⓉⓈ");
    assert!(matches!(&written[..], [Request::Post { circles, .. }] if circles.is_empty()), "{written:?}");
}

#[test]
fn nothing_is_deleted_unasked() {
    let mut app = opened(SMALL);
    // The first one is Bob's.
    assert!(press(&mut app, "dy").is_empty());
    assert!(press(&mut app, "jdn").is_empty());
    assert_eq!(press(&mut app, "dy"), [Request::Delete { persona: None, target: id(2) }]);
    assert!(press(&mut app, "3uq").is_empty());
    assert_eq!(press(&mut app, "uy"), [Request::Unfollow { persona: None, target: id(101) }]);
}

#[test]
fn comments_reactions_and_messages_go_to_the_chosen_one() {
    let mut app = opened(SMALL);
    let written = press(&mut app, "⏎jjcyes⏎ⓈⓈ");
    assert_eq!(written, [Request::Comment { persona: None, target: id(11), text: "yes".into() }]);
    // An own reaction is taken back by the same emoji.
    let written = press(&mut app, "g+jj⏎");
    assert_eq!(written, [Request::React { persona: None, target: id(1), emoji: "😂".into(), undo: true }]);
    // One that is not offered is typed.
    let written = press(&mut app, "+kG⎋+jjjjjjjj⏎🦜⏎");
    assert_eq!(written, [Request::React { persona: None, target: id(1), emoji: "🦜".into(), undo: false }]);
    let written = press(&mut app, "2⏎cnine⏎ⓈⓈ");
    assert!(
        matches!(&written[..], [Request::Dm { to, text, .. }] if *to == [id(101)] && text == "nine"),
        "{written:?}"
    );
    let written = press(&mut app, "⎋r⏎a");
    assert_eq!(written, [Request::Answer { thread: id(23), accept: true }]);
}

#[test]
fn who_acts_is_chosen_and_a_separate_persona_is_not_mixed_in() {
    let mut app = opened(SMALL);
    press(&mut app, "4j ");
    assert_eq!(app.me, Some(id(99)));
    let written = press(&mut app, "nhelloⓈ");
    assert!(
        matches!(&written[..], [Request::Post { persona: Some(persona), .. }] if *persona == id(99)),
        "{written:?}"
    );
    press(&mut app, "4jj ");
    assert_eq!(app.me, Some(id(99)), "it stays");
    assert!(app.notice.as_ref().is_some_and(|notice| notice.bad));
}

#[test]
fn what_was_typed_is_kept_where_it_fails_and_where_one_leaves() {
    let mut app = opened(SMALL);
    press(&mut app, "nhello");
    let effects = app.step(Input::Key(KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL)));
    let [Effect::Ask(ask, _)] = &effects[..] else { panic!("{effects:?}") };
    app.step(Input::Answer(ask.clone(), Err(Failure::new("disk_full", "the disk is full", "free some space"))));
    assert!(drawn(&mut app).contains("the disk is full"));
    press(&mut app, "⎋");
    assert_eq!(app.overlay, None);
    press(&mut app, "n");
    assert_eq!(app.compose.as_ref().map(|compose| compose.text.text()), Some("hello"));
}

/// Wherever the user is, and whatever is asked.
#[test]
fn ctrl_c_quits_everywhere() {
    for before in ["", "n", "?", "jd", "+", "v", "jjp", "/fog", "3f", "2⏎"] {
        let mut app = opened(SMALL);
        press(&mut app, before);
        let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(app.step(Input::Key(key)), [Effect::Quit], "{before:?}");
    }
}

#[test]
fn changes_are_read_once_at_a_time_and_nothing_that_is_seen_moves() {
    let mut app = opened(SMALL);
    press(&mut app, "jj");
    let chosen = app.feed.chosen().unwrap().id.clone();
    let first = app.step(Input::Changed);
    assert!(app.step(Input::Changed).is_empty(), "it is under way");
    let mut more = feed();
    more.as_array_mut().unwrap().insert(0, post(70, "Dora", 0, "new"));
    for effect in first {
        let Effect::Ask(ask, _) = effect else { continue };
        let answer = if ask == Ask::Feed(View::Home) { more.clone() } else { answers(&ask) };
        // Once more each, as something changed meanwhile.
        assert!(!app.step(Input::Answer(ask.clone(), Ok(answer))).is_empty(), "{ask:?}");
    }
    assert_eq!(app.feed.chosen().unwrap().id, chosen);
    assert!(drawn(&mut app).contains("↑ 1 new"));
}

/// Names and texts that try to break out of their place; once a word that no line holds.
fn hostile(size: (u16, u16)) -> Vec<String> {
    let mut all = [
        "\u{1b}[2J\u{1b}[31mred\u{7}",
        "\u{9b}31m\u{90}q\u{9c}",
        "\u{202e}evil\u{2066}\u{2067}",
        "👩‍👩‍👧‍👦🏳️‍🌈❤️👍🏽",
        "a\u{200b}\u{200d}\u{feff}b",
        "ﷺ꧅𒐫⸻",
        "\u{301}\u{301}",
        "line\rover\u{8}\u{8}back\ttab",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push(format!("Z{}", "\u{336}\u{489}\u{301}".repeat(200)));
    // One of each is enough for the long one.
    if size == SMALL {
        all.push("W".repeat(20_000));
    }
    all
}

#[test]
fn hostile_texts_stay_where_they_are() {
    for size in [SMALL, LARGE, (40, 10), (41, 11)] {
        for text in &hostile(size) {
            let text = text.as_str();
            let mut app = opened(size);
            let mut chain = Vec::new();
            let deep: u8 = if text.len() > 10_000 { 3 } else { 64 };
            for depth in 0..deep {
                chain.push(comment(100 + depth, if depth == 0 { 1 } else { 99 + depth }, text, text));
            }
            let posts: Vec<Value> = (1..4).map(|at| with(post(at, text, 1, text), &json!({
                "cw": text, "reactions": { text: 3 }, "reposted_by": [{ "name": text }], "circle": text, "sealed": true,
                "attachments": [{ "mime": "image/png", "width": 1, "height": 1, "alt": text, "name": text }],
                "quote": { "id": id(9), "state": text, "author_name": text, "text": text },
                "poll": { "options": [{ "text": text, "votes": 1 }, { "text": text, "mine": true }] },
            }))).collect();
            app.step(Input::Answer(Ask::Feed(View::Home), Ok(json!(posts))));
            drawn(&mut app);
            let page = with(posts[0].clone(), &json!({ "thread": chain }));
            app.step(Input::Key(KeyEvent::from(KeyCode::Enter)));
            app.step(Input::Answer(Ask::Page(id(1)), Ok(page)));
            for key in "xjjjjjjG".chars() {
                drawn(&mut app);
                app.step(Input::Key(KeyEvent::from(KeyCode::Char(key))));
            }
            drawn(&mut app);
            let one = json!([{ "id": id(20), "with": [id(1)], "names": [text], "title": text, "last_text": text, "unread": 1 }]);
            app.step(Input::Answer(Ask::Conversations, Ok(one)));
            app.step(Input::Answer(Ask::Personas, Ok(json!([{ "id": id(100), "name": text, "default": true }]))));
            app.section = Section::Messages;
            app.detail = false;
            drawn(&mut app);
            app.overlay = Some(Overlay::Read { title: text.to_owned(), text: text.to_owned(), top: 0 });
            drawn(&mut app);
        }
    }
}
