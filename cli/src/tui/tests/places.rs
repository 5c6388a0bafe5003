//! The places beside the feed: notifications, posts for later, lists, bookmarks, what was found; and what is chosen there: a vote, an emoji, a quote.

use super::*;
use crate::tui::data::Listed as _;
use crate::tui::keys::Place;

pub(super) fn notifications(unread: bool) -> Value {
    let one = |number: u8, kind: &str, name: &str, fields: &Value| {
        let told = json!({ "id": id(number), "kind": kind, "persona": id(100), "people": 1, "count": 1, "text": "", "about": "",
                           "from": [{ "persona": id(101), "name": name }], "emoji": [], "created_ms": NOW_MS - 2 * HOUR_MS,
                           "post": null, "comment": null, "thread": null, "read": false });
        with(told, fields)
    };
    let mut all = vec![
        one(
            70,
            "answer",
            "Bob",
            &json!({ "post": id(1), "comment": id(11), "text": "The buoy. It never answers.", "about": "Which of them was wrong?" }),
        ),
        one(71, "message", "Carol", &json!({ "thread": id(21), "count": 3, "text": "مساء الخير", "persona": id(99) })),
    ];
    if !unread {
        let read = [
            one(
                72,
                "reaction",
                "ליאה",
                &json!({ "people": 3, "emoji": ["😂", "❤️"], "post": id(2), "about": "A long one.", "read": true }),
            ),
            one(
                74,
                "message",
                "Bob",
                &json!({ "thread": id(20), "count": 0, "text": "Varnish is dry.", "read": true }),
            ),
            one(73, "follower", "Mallory", &json!({ "read": true })),
        ];
        all.extend(read);
    }
    json!(all)
}

#[test]
fn a_notification_leads_to_what_it_is_about_and_back() {
    let mut app = opened(SMALL);
    let marks = |id| Request::ReadNotifications { persona: None, id };
    // To the comment, on its post.
    assert_eq!(press(&mut app, "6⏎"), [marks(Some(id(70)))]);
    assert_eq!((app.shown.as_ref(), app.detail), (Some(&id(1)), true));
    assert_eq!(app.page.chosen().map(|said| said.id().to_owned()), Some(id(11)));
    press(&mut app, "⎋");
    assert_eq!((app.section, app.detail), (Section::Notifications, false));
    // Into the conversation, which counts as read by being read.
    assert_eq!(press(&mut app, "j⏎"), []);
    assert_eq!((app.section, app.open.as_ref().map(|open| open.id.clone())), (Section::Messages, Some(id(21))));
    press(&mut app, "⎋");
    assert_eq!(app.section, Section::Notifications);
    // Once another place was chosen, back is back in its list.
    press(&mut app, "⏎1⏎⎋");
    assert_eq!((app.section, app.detail), (Section::Feed, false));
    // What is no post is told in words.
    assert_eq!(press(&mut app, "6G⏎"), []);
    assert!(matches!(&app.overlay, Some(Overlay::Read { text, .. }) if text.contains(&id(101))), "{:?}", app.overlay);
}

#[test]
fn notifications_are_marked_one_by_one_or_all_and_the_read_ones_can_be_left_out() {
    let mut app = opened(SMALL);
    assert!(drawn(&mut app).contains("6 Notices(2)"));
    let marks = |id| Request::ReadNotifications { persona: None, id };
    assert_eq!(press(&mut app, "6jr"), [marks(Some(id(71)))]);
    assert_eq!(press(&mut app, "Gr"), [], "it was read");
    assert_eq!(press(&mut app, "a"), [marks(None)]);
    press(&mut app, "u");
    assert_eq!(app.notifications.items.len(), 2);
    app.step(Input::Answer(Ask::Notifications(false), Ok(json!([]))));
    assert_eq!(app.notifications.items.len(), 2, "an answer that comes too late");
    app.step(Input::Answer(Ask::Status, Ok(json!({ "running": true }))));
    assert_eq!(press(&mut app, "a"), [], "nothing is left");
}

#[test]
fn a_long_notification_goes_on_in_the_next_rows() {
    let mut app = opened(SMALL);
    press(&mut app, "6");
    let told = |name: &str| {
        json!([{ "id": id(70), "kind": "mention", "persona": id(100), "people": 1, "count": 1, "text": "", "about": "", "emoji": [],
                 "from": [{ "persona": id(101), "name": name }], "created_ms": NOW_MS, "read": false }])
    };
    let name = "Bob who has a name of many words, which go on where the first row ends, and are read to their end";
    app.step(Input::Answer(Ask::Notifications(false), Ok(told(name))));
    let shown = drawn(&mut app);
    let read: Vec<&str> = shown.split_whitespace().collect();
    assert!(read.join(" ").contains("read to their end"), "{shown}");
    // Only so far.
    app.step(Input::Answer(Ask::Notifications(false), Ok(told(&"many words ".repeat(60)))));
    let shown = drawn(&mut app);
    let rows: Vec<&str> = shown.lines().filter(|line| line.contains("many words")).collect();
    assert!(rows.len() == 3 && rows[2].ends_with('…') && !rows[1].ends_with('…'), "{shown}");
}

#[test]
fn a_published_list_is_told_in_the_feed_and_read_on_its_page() {
    let mut app = opened(SMALL);
    let people = json!([{ "persona": id(101), "name": "Bob", "picture": null, "followed": true },
                        { "persona": id(104), "name": "ליאה", "picture": null, "followed": false }]);
    let list = with(post(1, "Carol", 0, "The harbour"), &json!({ "people": people, "people_count": 2 }));
    app.step(Input::Answer(Ask::Feed(View::Home), Ok(json!([list]))));
    let shown = drawn(&mut app);
    assert!(shown.contains("A list of 2 people") && !shown.contains("Bob"), "{shown}");
    press(&mut app, "⏎");
    app.step(Input::Answer(Ask::Page(id(1)), Ok(list.clone())));
    let shown = drawn(&mut app);
    for part in ["A list of 2 people", "Bob · followed", "6868686868686868"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn those_in_a_published_list_are_followed_from_it() {
    let mut app = opened(SMALL);
    let person =
        |number: u8, name: &str| json!({ "persona": id(number), "name": name, "picture": null, "followed": true });
    let list = |people: Value| {
        with(post(1, "Carol", 0, "The harbour"), &json!({ "author": id(77), "people_count": 3, "people": people }))
    };
    // Who made it, whoever is followed, and oneself.
    let followed = app.follows.items.first().map(|person| person.persona.clone()).unwrap();
    let own = app.personas.items.first().map(|own| own.id.clone()).unwrap();
    let known = json!([{ "persona": followed, "name": "Bob", "followed": true }, { "persona": own, "name": "Me", "followed": true }]);
    let all = json!([known[0], known[1], person(104, "ליאה")]);
    app.step(Input::Answer(Ask::Feed(View::Home), Ok(json!([list(all.clone())]))));
    press(&mut app, "f");
    let Some(Overlay::Choose { rows, .. }) = &app.overlay else { panic!("nothing is offered") };
    assert_eq!(rows.len(), 2, "{rows:?}");
    let shown = drawn(&mut app);
    assert!(shown.contains("Carol, whose list it is") && !shown.contains("Bob"), "{shown}");
    let followed = |who: u8| Request::Follow { persona: None, target: id(who), tell: false };
    assert_eq!(press(&mut app, "j⏎"), [followed(104)]);
    // On its page each is told for what they are.
    press(&mut app, "⏎");
    app.step(Input::Answer(Ask::Page(id(1)), Ok(list(all))));
    let shown = drawn(&mut app);
    assert!(shown.contains("Me · you") && shown.contains("Bob · followed"), "{shown}");
    app.step(Input::Answer(Ask::Page(id(1)), Ok(with(list(known), &json!({ "own": true })))));
    assert_eq!(press(&mut app, "f"), []);
    assert!(app.overlay.is_none() && app.notice.as_ref().is_some_and(|notice| notice.bad), "nobody is left");
}

#[test]
fn a_sheet_is_read_to_its_end_and_back() {
    let mut app = opened(LARGE);
    press(&mut app, "?");
    let first = drawn(&mut app);
    press(&mut app, "G");
    let end = drawn(&mut app);
    assert!(end.contains("Ctrl+C quits") && !first.contains("Ctrl+C quits"), "{end}");
    press(&mut app, "g");
    assert_eq!(drawn(&mut app), first);
    // Screen by screen nothing is left out.
    let mut seen = first.clone();
    for _ in 0..20 {
        press(&mut app, " ");
        seen.push_str(&drawn(&mut app));
    }
    assert_eq!(drawn(&mut app), end);
    for key in crate::tui::keys::KEYS {
        assert!(seen.contains(key.says), "{}", key.says);
    }
}

#[test]
fn what_can_not_be_done_is_told_to_its_end() {
    let mut app = opened(SMALL);
    press(&mut app, "⏎y");
    let message = "no web page shows it: tell where the page of an anchor is, in the settings or with \
                   `kith anchors add TICKET --web https://HOST`";
    let failure = Failure::new("bad_input", message, "");
    app.step(Input::Answer(Ask::Share, Err(failure)));
    let shown = drawn(&mut app);
    let read: Vec<&str> = shown.split_whitespace().collect();
    assert!(read.join(" ").ends_with("anchors add TICKET --web https://HOST`"), "{shown}");
    // Keys that do nothing where one writes are not offered.
    press(&mut app, "c");
    assert!(!drawn(&mut app).contains("Ctrl+T"));
    press(&mut app, "⎋n");
    assert!(drawn(&mut app).contains("Ctrl+T audience") && !drawn(&mut app).contains("Ctrl+Q"));
}

#[test]
fn whoever_is_followed_already_is_not_followed_again() {
    let mut app = opened(SMALL);
    let by_bob = with(post(1, "Bob", 0, "x"), &json!({ "author": id(101) }));
    app.step(Input::Answer(Ask::Feed(View::Home), Ok(json!([by_bob]))));
    assert_eq!(press(&mut app, "f"), []);
    assert_eq!(app.notice.as_ref().unwrap().text, "You follow them already.");
    // By another persona they may be: who that is stands beside them.
    let both = json!([{ "persona": id(101), "name": "Bob", "by": id(100), "synced_ms": NOW_MS },
                      { "persona": id(101), "name": "Bob", "by": id(99), "synced_ms": NOW_MS }]);
    press(&mut app, "3");
    app.step(Input::Answer(Ask::Follows, Ok(both)));
    assert_eq!(drawn(&mut app).matches("as Alice after dark").count(), 1);
}

#[test]
fn hostile_notifications_stay_where_they_are() {
    for size in [SMALL, LARGE, (40, 10), (41, 11)] {
        for text in &hostile(size) {
            let mut app = opened(size);
            press(&mut app, "6");
            let told = json!({ "id": text, "kind": "reaction", "persona": id(99), "people": 2, "text": text, "about": text,
                               "from": [{ "persona": text, "name": text }], "emoji": [text], "created_ms": 0 });
            let all = json!([told, with(told.clone(), &json!({ "id": id(2), "kind": text, "read": true }))]);
            app.step(Input::Answer(
                Ask::Personas,
                Ok(json!([{ "id": id(98), "name": text, "default": true }, { "id": id(99), "name": text }])),
            ));
            app.step(Input::Answer(Ask::Notifications(false), Ok(all)));
            drawn(&mut app);
            press(&mut app, "j⏎");
            drawn(&mut app);
        }
    }
}

pub(super) fn later() -> Value {
    json!([
        { "id": id(80), "at_ms": NOW_MS + 3 * HOUR_MS, "persona": id(100), "text": "Fog is over.", "cw": null, "circles": [],
          "attachments": [], "card": null, "quote": null, "poll": null, "refused": null },
        { "id": id(81), "at_ms": NOW_MS + 30 * HOUR_MS, "persona": id(99), "text": "نلتقي عند الميناء", "cw": "weather",
          "circles": [id(50)], "attachments": [{ "mime": "image/png" }, { "mime": "image/png" }], "quote": id(1),
          "poll": { "options": ["yes", "no"] }, "posts": 3, "refused": { "code": "no_such_circle", "message": "the circle is gone." } },
    ])
}

#[test]
fn a_post_for_later_is_sent_now_or_dropped_after_a_question() {
    let mut app = opened(SMALL);
    press(&mut app, "vjj⏎");
    assert_eq!(app.place(), Place::Later);
    assert_eq!(press(&mut app, "sn"), []);
    assert_eq!(press(&mut app, "sy"), [Request::PostNow { id: id(80) }]);
    assert_eq!(press(&mut app, "jdn"), []);
    assert_eq!(press(&mut app, "dy"), [Request::DeleteScheduled { id: id(81) }]);
    press(&mut app, "⏎");
    assert!(
        matches!(&app.overlay, Some(Overlay::Read { text, .. }) if text.contains("to Family")),
        "{:?}",
        app.overlay
    );
    // Changes are read where they are seen.
    press(&mut app, "⎋");
    let asked = |app: &mut App| {
        let effects = app.step(Input::Changed);
        let later = effects.iter().any(|effect| matches!(effect, Effect::Ask(Ask::Later, _)));
        settle(app, effects);
        later
    };
    assert!(asked(&mut app));
    press(&mut app, "vkk⏎");
    assert_eq!(app.place(), Place::Feed);
    assert!(!asked(&mut app));
}

#[test]
fn a_post_is_written_for_later() {
    let mut app = opened(SMALL);
    press(&mut app, "nFogⓁtomorrow⏎");
    assert!(app.notice.as_ref().is_some_and(|notice| notice.bad), "no time: {:?}", app.notice);
    assert_eq!(app.place(), Place::Typing);
    for _ in 0.."tomorrow".len() {
        app.step(Input::Key(KeyEvent::from(KeyCode::Backspace)));
    }
    press(&mut app, "2027-12-24T18:00:00Z⏎");
    looks("composer_later", &mut app);
    let written = press(&mut app, "Ⓢ");
    let at_ms = 1_829_671_200_000;
    assert!(
        matches!(&written[..], [Request::Schedule { text, at_ms: at, .. }] if text == "Fog" && *at == at_ms),
        "{written:?}"
    );
    // Emptied, it goes out at once; a comment waits for nothing.
    let written = press(&mut app, "nxⓁ2027-12-24T18:00:00Z⏎Ⓛ");
    assert_eq!(written, []);
    for _ in 0..40 {
        app.step(Input::Key(KeyEvent::from(KeyCode::Backspace)));
    }
    assert!(matches!(&press(&mut app, "⏎Ⓢ")[..], [Request::Post { .. }]));
    press(&mut app, "cxⓁ");
    assert_eq!(app.place(), Place::Writing);
}

#[test]
fn hostile_posts_for_later_stay_where_they_are() {
    for size in [SMALL, LARGE, (40, 10), (41, 11)] {
        for text in &hostile(size) {
            let mut app = opened(size);
            press(&mut app, "vjj⏎");
            let one = json!({ "id": text, "at_ms": 0, "persona": id(100), "text": text, "cw": text, "circles": [id(50), text],
                              "refused": { "message": text } });
            app.step(Input::Answer(Ask::Personas, Ok(json!([{ "id": id(100), "name": text, "default": true }]))));
            app.step(Input::Answer(Ask::Circles, Ok(json!([{ "id": id(50), "name": text }]))));
            app.step(Input::Answer(
                Ask::Later,
                Ok(json!([one, with(one.clone(), &json!({ "id": id(1), "at_ms": u64::MAX }))])),
            ));
            drawn(&mut app);
            press(&mut app, "js⎋⏎");
            drawn(&mut app);
        }
    }
}

pub(super) fn bookmarks() -> Value {
    let kept = |value: Value| with(value, &json!({ "bookmarked": true }));
    json!([
        { "id": id(5), "root": id(5), "added_ms": NOW_MS, "post": kept(feed().as_array().unwrap()[4].clone()), "comment": null },
        { "id": id(13), "root": id(1), "added_ms": NOW_MS, "post": null, "comment": kept(comment(13, 11, "ليلى", "ربما كان الضباب.")) },
        { "id": id(200), "root": null, "added_ms": NOW_MS, "post": null, "comment": null },
    ])
}

/// What was asked.
fn asked(app: &mut App, key: char) -> Vec<Request> {
    let event = if key == '⏎' { KeyCode::Enter } else { KeyCode::Char(key) };
    let effects = app.step(Input::Key(KeyEvent::from(event)));
    let all = effects.iter().filter_map(|effect| match effect {
        Effect::Ask(_, request) => Some((**request).clone()),
        Effect::Quit => None,
    });
    let all = all.collect();
    settle(app, effects);
    all
}

#[test]
fn the_feed_of_a_list_or_a_hashtag_is_chosen() {
    let mut app = opened(SMALL);
    press(&mut app, "vjjj");
    let list = |list: Option<String>, tag: Option<&str>| Request::Feed {
        persona: None,
        limit: 50,
        before: None,
        list,
        tag: tag.map(str::to_owned),
        whole: false,
    };
    assert_eq!(asked(&mut app, '⏎'), [list(Some(id(90)), None)]);
    assert!(drawn(&mut app).contains("List: The harbour · v: choose"));
    assert_eq!((app.place(), app.feed.items.len()), (Place::Feed, 1));
    // What is still on its way belongs elsewhere.
    app.step(Input::Answer(Ask::Feed(View::Home), Ok(feed())));
    assert_eq!(app.feed.items.len(), 1);
    press(&mut app, "vjjjj");
    assert_eq!(asked(&mut app, '⏎'), [list(None, Some("harbour"))], "the end of the list");
    // News come from there too, and whoever acts as another one stays in it.
    let changed = app.step(Input::Changed);
    assert!(
        changed.contains(&Effect::Ask(Ask::Feed(View::Tag("harbour".into())), Box::new(list(None, Some("harbour")))))
    );
    settle(&mut app, changed);
    press(&mut app, "4j 1");
    assert!(drawn(&mut app).contains("#harbour · v: choose"));
}

/// Lists that come late move nothing from under the cursor.
#[test]
fn what_is_chosen_stays_so_while_lists_come() {
    let mut app = opened(SMALL);
    app.step(Input::Key(KeyEvent::from(KeyCode::Char('v'))));
    app.step(Input::Answer(Ask::Tags, Ok(json!(["fog"]))));
    for _ in 0..9 {
        app.step(Input::Key(KeyEvent::from(KeyCode::Char('j'))));
    }
    app.step(Input::Answer(Ask::Lists, Ok(json!([{ "id": id(90), "name": "The harbour", "members": 2 }]))));
    app.step(Input::Key(KeyEvent::from(KeyCode::Enter)));
    assert_eq!(app.view, View::Tag("fog".into()));
}

#[test]
fn bookmarks_open_and_go() {
    let mut app = opened(SMALL);
    press(&mut app, "vj⏎");
    assert_eq!(press(&mut app, "b"), [Request::Bookmark { target: id(5), undo: true }]);
    // A comment, on its post.
    press(&mut app, "j⏎");
    assert_eq!((app.shown.clone(), app.page.chosen().map(|said| said.id().to_owned())), (Some(id(1)), Some(id(13))));
    let written = press(&mut app, "⎋cyesⓈ");
    assert_eq!(written, [Request::Comment { persona: None, target: id(13), text: "yes".into() }]);
    // Of what is not here only the bookmark can be taken away.
    press(&mut app, "j⏎");
    assert_eq!((app.detail, app.notice.as_ref().map(|notice| notice.bad)), (false, Some(true)));
    assert_eq!(press(&mut app, "dmQ"), []);
    assert_eq!(app.overlay, None);
    assert_eq!(press(&mut app, "b"), [Request::Bookmark { target: id(200), undo: true }]);
}

#[test]
fn hostile_bookmarks_and_lists_stay_where_they_are() {
    for size in [SMALL, LARGE, (40, 10), (41, 11)] {
        for text in &hostile(size) {
            let mut app = opened(size);
            press(&mut app, "vj⏎");
            let all = json!([
                { "id": id(1), "root": id(1), "post": with(post(1, text, 1, text), &json!({ "cw": text })) },
                { "id": id(2), "root": text, "comment": comment(2, 1, text, text) },
                { "id": text },
            ]);
            app.step(Input::Answer(Ask::Bookmarks, Ok(all)));
            for key in "jxjj⏎⎋".chars() {
                press(&mut app, &key.to_string());
                drawn(&mut app);
            }
            press(&mut app, "v");
            app.step(Input::Answer(Ask::Lists, Ok(json!([{ "id": text, "name": text, "members": u64::MAX }]))));
            app.step(Input::Answer(Ask::Tags, Ok(json!(vec![text; 4]))));
            drawn(&mut app);
            press(&mut app, "jj⏎");
            drawn(&mut app);
            press(&mut app, "vj⏎");
            drawn(&mut app);
        }
    }
}

#[test]
fn a_vote_is_one_of_the_options() {
    let mut app = opened(SMALL);
    press(&mut app, "jjp");
    looks("vote", &mut app);
    let vote = |option| Request::Vote { persona: None, target: id(3), option };
    assert_eq!(press(&mut app, "j⏎"), [vote(2)]);
    assert_eq!(press(&mut app, "p⎋"), []);
    // The own one is taken back.
    assert_eq!(press(&mut app, "p⏎"), [Request::Unvote { persona: None, target: id(3) }]);
    press(&mut app, "gp");
    assert_eq!((app.place(), app.notice.as_ref().map(|notice| notice.bad)), (Place::Feed, Some(true)), "no poll");
    // Among its comments the poll is still that of the post.
    press(&mut app, "jj⏎");
    let poll = json!({ "options": [{ "text": "a" }, { "text": "b" }], "ended": false, "ends_ms": NOW_MS + 1 });
    let page = |ended: bool| {
        let poll = with(poll.clone(), &json!({ "ended": ended }));
        with(post(3, "Bob", 1, "?"), &json!({ "poll": poll, "thread": [comment(10, 3, "Carol", "hm")] }))
    };
    app.step(Input::Answer(Ask::Page(id(3)), Ok(page(false))));
    assert_eq!(press(&mut app, "Gp⏎"), [vote(1)]);
    app.step(Input::Answer(Ask::Page(id(3)), Ok(page(true))));
    press(&mut app, "p");
    assert_eq!(app.place(), Place::Post, "it has ended");
}

#[test]
fn a_post_is_quoted_to_whom_the_line_above_it_names() {
    let mut app = opened(SMALL);
    press(&mut app, "Qwell saidⓉ");
    looks("quote", &mut app);
    let written = press(&mut app, "Ⓢ");
    let beside = Beside { quote: Some(id(1)), ..Beside::default() };
    let request = Request::Post {
        persona: None,
        text: "well said".into(),
        cw: None,
        attach: Vec::new(),
        circles: vec![id(50)],
        beside,
    };
    assert_eq!(written, [request]);
    // What is for a few stays there, and a comment is quoted by nobody.
    press(&mut app, "gjjQ");
    assert_eq!((app.place(), app.notice.as_ref().map(|notice| notice.bad)), (Place::Feed, Some(true)));
    press(&mut app, "g⏎jQ");
    assert_eq!((app.place(), app.notice.as_ref().map(|notice| notice.bad)), (Place::Post, Some(true)));
}

#[test]
fn an_emoji_is_chosen_and_an_own_one_taken_back() {
    let mut app = opened(SMALL);
    press(&mut app, "+");
    looks("react", &mut app);
    let react = |emoji: &str, undo| Request::React { persona: None, target: id(1), emoji: emoji.into(), undo };
    assert_eq!(press(&mut app, "⏎"), [react("❤️", false)]);
    app.step(Input::Answer(
        Ask::Feed(View::Home),
        Ok(json!([with(post(1, "Bob", 0, "x"), &json!({ "mine": ["🦜"], "reactions": { "🦜": 1 } }))])),
    ));
    assert_eq!(press(&mut app, "+jjjjjjjj⏎"), [react("🦜", true)]);
}

#[test]
fn hostile_polls_quotes_and_reactions_stay_where_they_are() {
    for size in [SMALL, LARGE, (40, 10), (41, 11)] {
        for text in &hostile(size) {
            let mut app = opened(size);
            let options = json!(vec![json!({ "text": text, "votes": u64::MAX, "mine": true }); 12]);
            let one = with(post(1, text, 1, text), &json!({ "poll": { "options": options }, "mine": [text, "👍"] }));
            app.step(Input::Answer(Ask::Feed(View::Home), Ok(json!([one]))));
            // Through all of them where they do not fit; the longest text is not drawn that often.
            let through = if size == SMALL { "j" } else { "jjjjjjjjj" };
            for keys in ["p", through, "⎋", "+", through, "⎋", "Q", "⎋"] {
                press(&mut app, keys);
                drawn(&mut app);
            }
        }
    }
}

pub(super) fn results() -> Value {
    json!({
        "people": [{ "persona": id(101), "name": "Bob", "bio": "Boats, mostly old ones.", "own": false, "followed": true },
                   { "persona": id(104), "name": "ליאה", "bio": "ליד הנמל", "own": false, "followed": false }],
        "tags": [{ "tag": "harbour", "posts": 3 }],
        "posts": [feed().as_array().unwrap()[0]],
    })
}

#[test]
fn what_a_search_finds_opens() {
    let mut app = opened(SMALL);
    press(&mut app, "2/harbour");
    let search = |query: &str| Request::Search { persona: None, query: query.into(), limit: 50, whole: true };
    assert_eq!(asked(&mut app, '⏎'), [search("harbour")]);
    assert_eq!((app.section, app.found.items.len()), (Section::Feed, 4));
    // Whatever happens elsewhere, peers are asked no second time by itself.
    let changed = app.step(Input::Changed);
    assert!(!changed.iter().any(|effect| matches!(effect, Effect::Ask(Ask::Search(_) | Ask::Feed(_), _))));
    settle(&mut app, changed);
    // Somebody: followed, written to, read.
    let written = press(&mut app, "jf");
    assert_eq!(written, [Request::Follow { persona: None, target: id(104), tell: false }]);
    assert_eq!(press(&mut app, "+bed"), [], "a person is no post");
    let written = press(&mut app, "mhiⓈ");
    assert!(matches!(&written[..], [Request::Dm { to, .. }] if *to == [id(104)]), "{written:?}");
    assert_eq!(asked(&mut app, '⏎'), [search("from:6868686868686868")]);
    // A hashtag: followed, read.
    assert_eq!(press(&mut app, "gjjf"), [Request::FollowTag { tag: "harbour".into(), undo: false }]);
    press(&mut app, "⏎");
    assert_eq!(app.view, View::Tag("harbour".into()));
    // A post: its page, back to what was found, back to the feed.
    press(&mut app, "/harbour⏎G⏎");
    assert_eq!((app.shown.clone(), app.detail), (Some(id(1)), true));
    press(&mut app, "⎋");
    assert_eq!(app.view, View::Search("harbour".into()));
    assert_eq!(press(&mut app, "+⏎").len(), 1, "it is a post there too");
    press(&mut app, "⎋");
    assert_eq!((app.view.clone(), app.feed.items.len()), (View::Home, 5));
    // Nothing is searched for.
    press(&mut app, "/⏎");
    assert_eq!(app.view, View::Home);
}

#[test]
fn a_search_that_fails_says_so() {
    let mut app = opened(SMALL);
    app.step(Input::Key(KeyEvent::from(KeyCode::Char('/'))));
    app.step(Input::Paste("\u{202e}a\nb".to_owned()));
    app.step(Input::Key(KeyEvent::from(KeyCode::Enter)));
    assert!(drawn(&mut app).contains("Reading…"));
    let View::Search(query) = app.view.clone() else { panic!("{:?}", app.view) };
    app.step(Input::Answer(Ask::Search(query), Err(Failure::new("busy", "too much at once", "try again"))));
    let shown = drawn(&mut app);
    assert!(shown.contains("too much at once") && !shown.contains("Reading…"), "{shown}");
}

#[test]
fn hostile_finds_stay_where_they_are() {
    for size in [SMALL, LARGE, (40, 10), (41, 11)] {
        for text in &hostile(size) {
            let mut app = opened(size);
            press(&mut app, "/x⏎");
            let all = json!({
                "people": [{ "persona": text, "name": text, "bio": text, "followed": true }],
                "tags": [{ "tag": text, "posts": u64::MAX }],
                "posts": [with(post(1, text, 1, text), &json!({ "cw": text }))],
            });
            app.step(Input::Answer(Ask::Search("x".into()), Ok(all)));
            drawn(&mut app);
            for keys in ["j", "j", "x", "k", "⏎", "/x⏎", "⏎"] {
                press(&mut app, keys);
                drawn(&mut app);
            }
        }
    }
}

#[test]
fn whom_a_text_names_is_read_by_name_and_sent_by_id() {
    let mut app = opened(SMALL);
    let text = format!("Ask @{} and @{}, @{}.", id(101), id(102), id(103));
    let mentions = json!([{ "persona": id(101), "name": "Bob" }, { "persona": id(102), "name": "B\u{202e}ob\n" },
                          { "persona": id(103), "name": "" }]);
    let own = with(post(1, "Alice", 0, &text), &json!({ "own": true, "mentions": mentions }));
    app.step(Input::Answer(Ask::Feed(View::Home), Ok(json!([own]))));
    let shown = drawn(&mut app);
    assert!(shown.contains("Ask @Bob and @B") && shown.contains(", @6767676767."), "{shown}");
    assert!(!shown.contains(&id(101)) && !shown.contains('\u{202e}'), "{shown}");
    // What is edited shows names too, and keeps whom they stand for.
    app.step(Input::Key(KeyEvent::from(KeyCode::Char('e'))));
    assert!(drawn(&mut app).contains("Ask @Bob and @B"));
    let written = press(&mut app, " @CarolⓈ");
    let kept = format!("{text} @Carol");
    assert_eq!(written, [Request::Edit { persona: None, target: id(1), text: kept }]);
    // A name that several have is told.
    press(&mut app, "n@Bob");
    let key = KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL);
    let effects = app.step(Input::Key(key));
    let [Effect::Ask(ask, _)] = &effects[..] else { panic!("{effects:?}") };
    let people = json!([{ "persona": id(101), "name": "Bob" }, { "persona": id(102), "name": "Bob" }]);
    let answer = json!({ "id": id(60), "unclear": [{ "mention": "@Bob", "personas": people }] });
    app.step(Input::Answer(ask.clone(), Ok(answer)));
    let notice = app.notice.as_ref().unwrap();
    assert!(notice.bad && notice.text.starts_with("Posted. @Bob stayed as written"), "{}", notice.text);
}
