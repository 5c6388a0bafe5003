//! A poll as it is being written.

use dioxus::prelude::*;
use kith_node::PollDraft;
use kith_node::limits::{DAY_S, POLL_OPTION_CHARS, POLL_OPTIONS, POLL_OPTIONS_LEAST};

use super::Draft;
use crate::choice::OneOf;
use crate::icon::{Icon, Shape};
use crate::keyboard::{COMPOSE, Keyboard, typing};
use crate::strings::{t, t_args};

/// How long one lasts: s, a name for forms, the text's key.
const LASTS: [(u64, &str, &str); 4] = [
    (3_600, "hour", "poll-hour"),
    (DAY_S, "day", "poll-day"),
    (3 * DAY_S, "days", "poll-3-days"),
    (7 * DAY_S, "week", "poll-week"),
];

/// The id of the field of an option.
fn field(place: usize) -> String {
    format!("poll-option-{place}")
}

fn begun() -> PollDraft {
    PollDraft { options: vec![String::new(); POLL_OPTIONS_LEAST], lasts_s: DAY_S }
}

impl Draft {
    /// What is wrong with the poll. Reads and subscribes.
    pub(super) fn poll_problem(self) -> Option<String> {
        let poll = self.poll.read();
        let poll = poll.as_ref()?;
        let options: Vec<&str> =
            poll.options.iter().map(|option| option.trim()).filter(|option| !option.is_empty()).collect();
        let twice = |(at, option): (usize, &&str)| options.iter().skip(at + 1).any(|other| other == option);
        if self.text.read().trim().is_empty() {
            return Some(t("poll-no-question"));
        }
        if options.len() < POLL_OPTIONS_LEAST {
            return Some(t_args("poll-few", &[("count", POLL_OPTIONS_LEAST.into())]));
        }
        if options.iter().any(|option| option.chars().count() > POLL_OPTION_CHARS) {
            return Some(t_args("poll-long", &[("count", POLL_OPTION_CHARS.into())]));
        }
        options.iter().enumerate().any(twice).then(|| t("poll-twice"))
    }
}

/// Opens the fields for a poll.
#[component]
pub(super) fn PollButton() -> Element {
    let mut draft = use_context::<Draft>();
    let keyboard = use_context::<Keyboard>();
    let open = draft.poll.read().is_some();
    rsx! {
        button {
            class: "button button-quiet",
            aria_pressed: open,
            title: t("poll-title"),
            "data-testid": "composer-poll-toggle",
            onclick: move |_| {
                draft.poll.set(if open { None } else { Some(begun()) });
                keyboard.focus_on(&if open { COMPOSE.to_owned() } else { field(0) });
            },
            Icon { shape: Shape::Poll }
            span { {t("poll-short")} }
        }
    }
}

/// `on_send`: the keys that send are pressed.
#[component]
pub(super) fn PollField(on_send: EventHandler<()>) -> Element {
    let mut draft = use_context::<Draft>();
    let keyboard = use_context::<Keyboard>();
    let poll = draft.poll.read();
    let Some(poll) = poll.as_ref() else { return rsx! {} };
    let (count, lasts_s) = (poll.options.len(), poll.lasts_s);
    let drawn = (draft.generation)();
    let mut edit = move |change: &mut dyn FnMut(&mut PollDraft)| {
        if let Some(poll) = draft.poll.write().as_mut() {
            change(poll);
        }
    };
    let add = move || {
        if count < POLL_OPTIONS {
            edit(&mut |poll| poll.options.push(String::new()));
            keyboard.focus_on(&field(count));
        }
    };
    let problem = draft.poll_problem().filter(|_| poll.options.iter().all(|option| !option.trim().is_empty()));
    rsx! {
        fieldset { class: "composer-poll", "data-testid": "composer-poll",
            legend { {t("poll-title")} }
            for place in 0..count {
                div { key: "{count}-{place}-{drawn}", class: "poll-option",
                    input {
                        class: "field",
                        id: field(place),
                        r#type: "text",
                        placeholder: t_args("poll-option", &[("place", (place + 1).into())]),
                        aria_label: t_args("poll-option", &[("place", (place + 1).into())]),
                        initial_value: poll.options.get(place).cloned().unwrap_or_default(),
                        dir: "auto",
                        maxlength: "{POLL_OPTION_CHARS * 2}",
                        "data-testid": "composer-poll-option",
                        onkeydown: {
                            let mut add = add;
                            move |event: KeyboardEvent| {
                                typing(&event);
                                if event.key() != Key::Enter || event.is_composing() {
                                    return;
                                }
                                event.prevent_default();
                                if super::sends(&event) {
                                    return on_send.call(());
                                }
                                if place + 1 < count {
                                    keyboard.focus_on(&field(place + 1));
                                } else {
                                    add();
                                }
                            }
                        },
                        oninput: move |event: FormEvent| {
                            let mut edit = edit;
                            edit(&mut |poll| {
                                if let Some(option) = poll.options.get_mut(place) {
                                    *option = event.value();
                                }
                            });
                        },
                    }
                    if count > POLL_OPTIONS_LEAST {
                        button {
                            class: "icon-button",
                            aria_label: t_args("poll-remove", &[("place", (place + 1).into())]),
                            title: t_args("poll-remove", &[("place", (place + 1).into())]),
                            "data-testid": "composer-poll-remove",
                            onclick: move |_| {
                                let mut edit = edit;
                                edit(&mut |poll| {
                                    if place < poll.options.len() {
                                        poll.options.remove(place);
                                    }
                                });
                                keyboard.focus_on(&field(place.saturating_sub(1)));
                            },
                            Icon { shape: Shape::Close }
                        }
                    }
                }
            }
            if count < POLL_OPTIONS {
                button {
                    class: "button button-quiet",
                    "data-testid": "composer-poll-add",
                    onclick: {
                        let mut add = add;
                        move |_| add()
                    },
                    Icon { shape: Shape::Add }
                    span { {t("poll-add")} }
                }
            }
            OneOf {
                label: t("poll-lasts"),
                name: "poll-lasts",
                testid: "poll-lasts",
                options: LASTS.to_vec(),
                chosen: lasts_s,
                on_choose: move |lasts_s: u64| {
                    let mut edit = edit;
                    edit(&mut |poll| poll.lasts_s = lasts_s);
                },
            }
            p { class: "hint", {t("poll-open")} }
            if let Some(problem) = problem {
                p { class: "warning", role: "alert", "data-testid": "composer-poll-problem",
                    Icon { shape: Shape::Warning }
                    span { "{problem}" }
                }
            }
        }
    }
}
