//! What is being written, over the end of the screens.

use kith_node::control::BegunArgs;

use super::super::app::What;
use super::*;

fn ctrl_c() -> Input {
    Input::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL))
}

fn letter(letter: char) -> Input {
    Input::Key(KeyEvent::from(KeyCode::Char(letter)))
}

fn kept(app: &mut App) -> Vec<Effect> {
    app.step(Input::Answer(Ask::Keep, Ok(json!({}))))
}

fn begun(fields: &Value) -> Input {
    let text = format!("Hi @{}", id(101));
    let begun = json!({ "empty": false, "text": text, "mentions": [{ "persona": id(101), "name": "Bob" }], "cw": "cats",
                        "circles": [id(50)], "at_ms": null, "quote": null, "beside": false });
    Input::Answer(Ask::Begun, Ok(with(begun, fields)))
}

/// The words that the one effect is to keep, and whether behind others.
#[track_caller]
fn keeps(effects: &[Effect]) -> (BegunArgs, bool) {
    match effects {
        [Effect::Ask(Ask::Keep, request)] => match &**request {
            Request::KeepBegun { words, behind, .. } => (words.clone(), *behind),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_post_that_is_being_written_is_kept_as_it_is_typed_and_comes_back() {
    let mut app = opened(SMALL);
    app.step(begun(&json!({})));
    press(&mut app, "n");
    let compose = app.compose.as_ref().unwrap();
    assert_eq!(
        (compose.text.text(), compose.cw.as_deref(), compose.audience.clone()),
        ("Hi @Bob", Some("cats"), Some(id(50)))
    );
    let words = |text: &str| BegunArgs {
        text: format!("Hi @{}{text}", id(101)),
        cw: Some("cats".into()),
        circles: Some(vec![id(50)]),
        ..BegunArgs::default()
    };
    assert_eq!(keeps(&app.step(letter('!'))), (words("!"), false));
    // One after the other; it ends once the last one is kept.
    assert_eq!(app.step(letter('?')), []);
    assert_eq!(app.step(ctrl_c()), []);
    assert_eq!(keeps(&kept(&mut app)), (words("!?"), false));
    assert_eq!(kept(&mut app), [Effect::Quit]);
}

#[test]
fn one_draft_takes_a_quote_and_is_gone_once_it_is_sent() {
    let mut app = opened(SMALL);
    app.step(begun(&json!({ "quote": id(9) })));
    press(&mut app, "n");
    assert!(matches!(&app.compose.as_ref().unwrap().what, What::Quote { target, .. } if *target == id(9)));
    press(&mut app, "⎋Q");
    let compose = app.compose.as_ref().unwrap();
    assert!(matches!(&compose.what, What::Quote { target, .. } if *target == id(1)), "{compose:?}");
    assert_eq!(compose.text.text(), "Hi @Bob");
    assert!(app.notice.as_ref().unwrap().text.contains("quoted another one"));
    // The quote is taken away, the words stay; chosen again it is no other one.
    press(&mut app, "Ⓠ");
    let compose = app.compose.as_ref().unwrap();
    assert_eq!((&compose.what, compose.text.text()), (&What::Post, "Hi @Bob"));
    press(&mut app, "Ⓠ");
    assert!(app.notice.as_ref().unwrap().bad, "there is none");
    press(&mut app, "⎋Q");
    assert!(app.notice.is_none());
    let key = KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL);
    let effects = app.step(Input::Key(key));
    let [Effect::Ask(ask, _)] = &effects[..] else { panic!("{effects:?}") };
    let effects = app.step(Input::Answer(ask.clone(), Ok(json!({ "id": id(60) }))));
    assert_eq!(keeps(&effects[..1]), (BegunArgs::default(), false));
    settle(&mut app, effects);
    press(&mut app, "n");
    assert_eq!(app.compose.as_ref().unwrap().text.text(), "");
    assert_eq!(app.step(ctrl_c()), [Effect::Quit]);
    // What the window writes meanwhile stands here too.
    press(&mut app, "⎋");
    app.step(begun(&json!({ "text": "newer", "circles": [], "cw": null })));
    press(&mut app, "n");
    assert_eq!(app.compose.as_ref().unwrap().text.text(), "newer");
}

#[test]
fn the_screens_end_once_a_post_that_was_sent_is_no_draft_any_more() {
    let mut app = opened(SMALL);
    press(&mut app, "n");
    app.step(letter('x'));
    assert_eq!(kept(&mut app), []);
    let effects = app.step(Input::Key(KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL)));
    let [Effect::Ask(ask, _)] = &effects[..] else { panic!("{effects:?}") };
    let effects = app.step(Input::Answer(ask.clone(), Ok(json!({ "id": id(60) }))));
    assert_eq!(keeps(&effects[..1]), (BegunArgs::default(), false));
    // It may be on its way there before something else was typed: so it is asked for once more.
    assert_eq!(app.step(ctrl_c()), []);
    assert_eq!(keeps(&kept(&mut app)), (BegunArgs::default(), false));
    assert_eq!(kept(&mut app), [Effect::Quit]);
}

#[test]
fn what_others_wrote_on_the_draft_meanwhile_stays_and_this_goes_behind_it() {
    let mut app = opened(SMALL);
    press(&mut app, "n");
    app.step(letter('x'));
    app.step(letter('y'));
    assert_eq!(app.step(Input::Answer(Ask::Keep, Ok(json!({ "kept": false })))), []);
    assert!(app.notice.as_ref().unwrap().text.contains("changed in the window"), "{:?}", app.notice);
    assert_eq!(app.step(letter('z')), []);
    let (words, behind) = keeps(&app.step(ctrl_c()));
    assert_eq!((words.text.as_str(), behind), ("xyz", true));
    assert_eq!(kept(&mut app), [Effect::Quit]);
}

#[test]
fn who_acts_as_somebody_else_leaves_the_draft_to_who_wrote_it() {
    let mut app = opened(SMALL);
    app.step(begun(&json!({})));
    press(&mut app, "n");
    assert_eq!(app.compose.as_ref().unwrap().audience, Some(id(50)));
    press(&mut app, "⎋4j");
    app.step(Input::Key(KeyEvent::from(KeyCode::Char(' '))));
    assert_eq!(app.me, Some(id(99)));
    app.step(begun(&json!({ "persona": id(100) })));
    press(&mut app, "n");
    let compose = app.compose.as_ref().unwrap();
    assert_eq!((compose.text.text(), compose.audience.as_deref(), compose.apart), ("", None, true));
    // What only these screens hold is not taken over by somebody else.
    app.step(letter('x'));
    press(&mut app, "⎋4k");
    app.step(letter(' '));
    assert_eq!(app.me, Some(id(99)));
    assert!(app.notice.as_ref().unwrap().text.contains("begun as somebody else"));
}

#[test]
fn what_these_screens_can_not_show_of_a_draft_is_left_and_nothing_is_lost() {
    let others = [
        json!({ "beside": true }),
        json!({ "circles": [id(50), id(51)] }),
        json!({ "circles": [id(77)] }),
        // Nobody chose yet who reads it; somebody else of this profile writes it.
        json!({ "circles": null }),
        json!({ "persona": id(77) }),
    ];
    for fields in others {
        let mut app = opened(SMALL);
        app.step(begun(&fields));
        press(&mut app, "n");
        assert_eq!(app.compose.as_ref().unwrap().text.text(), "");
        assert!(app.notice.as_ref().unwrap().text.contains("waits there"));
        assert_eq!(app.step(letter('x')), []);
        let (words, behind) = keeps(&app.step(ctrl_c()));
        assert_eq!((words.text.as_str(), behind), ("x", true));
        assert_eq!(kept(&mut app), [Effect::Quit]);
    }
    // What was emptied again leaves it alone, and so does what is sent from here.
    let mut app = opened(SMALL);
    app.step(begun(&json!({ "beside": true })));
    press(&mut app, "nx⌫⎋");
    assert_eq!(app.step(ctrl_c()), [Effect::Quit]);
    let mut app = opened(SMALL);
    app.step(begun(&json!({ "beside": true })));
    let written = press(&mut app, "nxⓈ");
    assert!(matches!(&written[..], [Request::Post { text, .. }] if text == "x"), "{written:?}");
    assert_eq!(app.step(ctrl_c()), [Effect::Quit]);
}

#[test]
fn what_is_kept_nowhere_is_asked_about_before_it_is_lost() {
    let mut app = opened(SMALL);
    press(&mut app, "cyes");
    assert_eq!(app.step(ctrl_c()), []);
    looks("quit", &mut app);
    press(&mut app, "n");
    assert_eq!((&app.overlay, app.compose.as_ref().unwrap().text.text()), (&Some(Overlay::Compose), "yes"));
    // Left, it is still a draft.
    press(&mut app, "⎋");
    assert_eq!(app.step(letter('q')), []);
    assert_eq!(app.step(letter('y')), [Effect::Quit]);
    // Who asks twice means it.
    assert_eq!(app.step(ctrl_c()), []);
    assert_eq!(app.step(ctrl_c()), [Effect::Quit]);
    // A post is kept first, whatever else would be lost.
    let mut app = opened(SMALL);
    press(&mut app, "cyes⎋n");
    app.step(letter('x'));
    press(&mut app, "⎋");
    assert_eq!(app.step(letter('q')), []);
    assert_eq!(app.step(letter('y')), []);
    assert_eq!(keeps(&kept(&mut app)).0.text, "x");

    // A disk that is full keeps nothing.
    let mut app = opened(SMALL);
    press(&mut app, "n");
    app.step(letter('x'));
    let full = || Err(Failure::new("disk_full", "the disk is full", "free some space"));
    app.step(Input::Answer(Ask::Keep, full()));
    assert!(drawn(&mut app).contains("the disk is full"));
    keeps(&app.step(ctrl_c()));
    assert_eq!(app.step(Input::Answer(Ask::Keep, full())), []);
    assert!(drawn(&mut app).contains("could not be kept"));
    assert_eq!(app.step(letter('y')), [Effect::Quit]);
}
