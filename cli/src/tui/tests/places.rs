//! The places beside the feed: notifications.

use super::*;
use crate::tui::data::Listed as _;

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
