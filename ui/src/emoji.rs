//! Choosing an emoji: a sheet with those that were used last, and all others by what they are called.

use dioxus::prelude::*;

use crate::icon::{Icon, Shape};
use crate::keyboard::typing;
use crate::layer::{Dialog, use_layer};
use crate::notice::spawn_in_app;
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Those that were used last, a blank between each.
const RECENT: &str = "ui.emoji_recent";
/// In a row of the grid; as many are remembered.
const COLUMNS: usize = 8;

/// Common ones, and under which name the catalogue says what they are: the name, then other words for it. Any other can be
/// typed.
const EMOJI: [(&str, &str); 120] = [
    ("😀", "emoji-grin"),
    ("😄", "emoji-smile"),
    ("😅", "emoji-sweat"),
    ("😂", "emoji-tears"),
    ("🤣", "emoji-rofl"),
    ("🙂", "emoji-slight"),
    ("🙃", "emoji-upside"),
    ("😉", "emoji-wink"),
    ("😊", "emoji-blush"),
    ("🥰", "emoji-adore"),
    ("😍", "emoji-hearteyes"),
    ("😘", "emoji-kiss"),
    ("😋", "emoji-yum"),
    ("😜", "emoji-tongue"),
    ("🤗", "emoji-hug"),
    ("🤔", "emoji-think"),
    ("🤨", "emoji-brow"),
    ("😐", "emoji-neutral"),
    ("🙄", "emoji-eyeroll"),
    ("😴", "emoji-sleep"),
    ("🥱", "emoji-yawn"),
    ("😷", "emoji-mask"),
    ("🤒", "emoji-ill"),
    ("🥶", "emoji-cold"),
    ("🥵", "emoji-hot"),
    ("😎", "emoji-cool"),
    ("🥳", "emoji-party"),
    ("🤓", "emoji-nerd"),
    ("😕", "emoji-confused"),
    ("😮", "emoji-surprise"),
    ("😳", "emoji-flushed"),
    ("🥺", "emoji-plead"),
    ("😢", "emoji-cry"),
    ("😭", "emoji-sob"),
    ("😱", "emoji-scream"),
    ("😤", "emoji-huff"),
    ("😡", "emoji-angry"),
    ("🤯", "emoji-mindblown"),
    ("💀", "emoji-skull"),
    ("🤖", "emoji-robot"),
    ("👻", "emoji-ghost"),
    ("👍", "emoji-up"),
    ("👎", "emoji-down"),
    ("👌", "emoji-ok"),
    ("✌️", "emoji-peace"),
    ("🤞", "emoji-luck"),
    ("🤘", "emoji-rock"),
    ("👋", "emoji-wave"),
    ("🙌", "emoji-hooray"),
    ("👏", "emoji-clap"),
    ("🙏", "emoji-thanks"),
    ("🤝", "emoji-handshake"),
    ("💪", "emoji-strong"),
    ("👀", "emoji-eyes"),
    ("🧠", "emoji-brain"),
    ("🤷", "emoji-shrug"),
    ("🤦", "emoji-facepalm"),
    ("❤️", "emoji-heart"),
    ("🧡", "emoji-orange"),
    ("💛", "emoji-yellow"),
    ("💚", "emoji-green"),
    ("💙", "emoji-blue"),
    ("💜", "emoji-purple"),
    ("🖤", "emoji-black"),
    ("💔", "emoji-broken"),
    ("✨", "emoji-sparkles"),
    ("⭐", "emoji-star"),
    ("🔥", "emoji-fire"),
    ("💯", "emoji-hundred"),
    ("🎉", "emoji-tada"),
    ("🎂", "emoji-cake"),
    ("🎁", "emoji-gift"),
    ("🎈", "emoji-balloon"),
    ("✅", "emoji-check"),
    ("❌", "emoji-cross"),
    ("❓", "emoji-question"),
    ("❗", "emoji-exclaim"),
    ("⚠️", "emoji-warn"),
    ("💡", "emoji-idea"),
    ("💬", "emoji-speech"),
    ("📌", "emoji-pin"),
    ("📷", "emoji-camera"),
    ("📚", "emoji-books"),
    ("🎵", "emoji-music"),
    ("🎮", "emoji-game"),
    ("⚽", "emoji-football"),
    ("🚲", "emoji-bike"),
    ("🚆", "emoji-train"),
    ("✈️", "emoji-plane"),
    ("⛵", "emoji-boat"),
    ("🏠", "emoji-home"),
    ("🌍", "emoji-earth"),
    ("☀️", "emoji-sun"),
    ("🌧️", "emoji-rain"),
    ("❄️", "emoji-snow"),
    ("🌈", "emoji-rainbow"),
    ("🌙", "emoji-moon"),
    ("🌊", "emoji-sea"),
    ("🌱", "emoji-plant"),
    ("🌸", "emoji-blossom"),
    ("🌹", "emoji-rose"),
    ("🌳", "emoji-tree"),
    ("🐶", "emoji-dog"),
    ("🐱", "emoji-cat"),
    ("🦊", "emoji-fox"),
    ("🐻", "emoji-bear"),
    ("🐢", "emoji-turtle"),
    ("🐟", "emoji-fish"),
    ("🦋", "emoji-butterfly"),
    ("🐝", "emoji-bee"),
    ("☕", "emoji-coffee"),
    ("🍺", "emoji-beer"),
    ("🍷", "emoji-wine"),
    ("🥂", "emoji-cheers"),
    ("🍕", "emoji-pizza"),
    ("🍞", "emoji-bread"),
    ("🍎", "emoji-apple"),
    ("🍓", "emoji-berry"),
    ("🍰", "emoji-slice"),
    ("🍪", "emoji-cookie"),
];

/// Those of which a word begins so, with what each is called.
pub(crate) fn named(typed: &str) -> impl Iterator<Item = (&'static str, String)> {
    let typed = typed.trim().to_lowercase();
    let fits = move |words: &str| {
        words.to_lowercase().split([' ', ',', '-']).any(|word| word.starts_with(&typed))
            || words.to_lowercase().starts_with(&typed)
    };
    EMOJI
        .iter()
        .map(|(emoji, key)| (*emoji, t(key)))
        .filter(move |(_, words)| fits(words))
        .map(|(emoji, words)| (emoji, called(&words)))
}

/// The first of several words for it.
fn called(words: &str) -> String {
    words.split([',', '،']).next().unwrap_or_default().to_owned()
}

/// What stands in the setting once another one was used.
fn used(recent: &str, emoji: &str) -> String {
    let others = recent.split(' ').filter(|known| !known.is_empty() && *known != emoji);
    std::iter::once(emoji).chain(others).take(COLUMNS).collect::<Vec<_>>().join(" ")
}

/// What was chosen last, as the setting has it: empty until the sheet was opened once.
#[derive(Clone, Copy)]
pub(crate) struct Recent(Signal<String>);

impl Recent {
    pub(crate) fn new() -> Self {
        Self(Signal::new(String::new()))
    }
}

/// A button that opens the sheet.
#[component]
pub(crate) fn EmojiButton(class: &'static str, testid: &'static str, on_choose: EventHandler<String>) -> Element {
    let mut open = use_signal(|| false);
    rsx! {
        button {
            class,
            r#type: "button",
            aria_label: t("emoji-title"),
            title: t("emoji-title"),
            aria_haspopup: "dialog",
            aria_expanded: open(),
            "data-testid": testid,
            onclick: move |_| open.toggle(),
            Icon { shape: Shape::Smile }
        }
        EmojiSheet { open, on_choose }
    }
}

/// The sheet, while it is open. It closes with the choice.
#[component]
pub(crate) fn EmojiSheet(mut open: Signal<bool>, on_choose: EventHandler<String>) -> Element {
    use_layer(open);
    if !open() {
        return rsx! {};
    }
    rsx! {
        Dialog { open, name: "emoji", title: t("emoji-title"), focus_inside: true,
            Grid {
                on_choose: move |emoji: String| {
                    open.set(false);
                    on_choose.call(emoji);
                },
            }
        }
    }
}

#[component]
fn Grid(on_choose: EventHandler<String>) -> Element {
    let surface = use_context::<Surface>();
    let mut typed = use_signal(String::new);
    let Recent(mut recent) = use_context();
    let node = surface.node.clone();
    use_future(move || {
        let node = node.clone();
        async move {
            // What was chosen here since is newer than what is stored: it may be on its way there.
            if let Ok(Some(known)) = node.setting(RECENT).await
                && recent.peek().is_empty()
            {
                recent.set(known);
            }
        }
    });
    let choose = use_callback(move |emoji: String| {
        let (node, now) = (surface.node.clone(), used(&recent.peek(), &emoji));
        recent.set(now.clone());
        spawn_in_app(async move {
            let _best_effort = node.set_setting(RECENT, &now).await;
        });
        on_choose.call(emoji);
    });
    let looks = !typed.read().trim().is_empty();
    let found: Vec<(String, String)> = named(&typed.read()).map(|(emoji, name)| (emoji.to_owned(), name)).collect();
    let before: Vec<(String, String)> = recent
        .read()
        .split(' ')
        .filter(|emoji| !emoji.is_empty() && !looks)
        .map(|emoji| {
            let known = EMOJI.iter().find(|(other, _)| *other == emoji);
            (emoji.to_owned(), known.map_or_else(|| emoji.to_owned(), |(_, key)| called(&t(key))))
        })
        .collect();
    let first = before.first().or(found.first()).map(|(emoji, _)| emoji.clone());
    let rows: Vec<Vec<(String, String)>> =
        before.chunks(COLUMNS).chain(found.chunks(COLUMNS)).map(<[_]>::to_vec).collect();
    rsx! {
        input {
            class: "field",
            r#type: "text",
            role: "searchbox",
            placeholder: t("emoji-search"),
            aria_label: t("emoji-search"),
            autocomplete: "off",
            dir: "auto",
            "data-autofocus": "true",
            "data-testid": "emoji-search",
            onmounted: crate::app::focus,
            oninput: move |event| typed.set(event.value()),
            onkeydown: move |event| {
                typing(&event);
                if event.key() == Key::Enter && !event.is_composing() && let Some(first) = first.clone().filter(|_| looks) {
                    choose.call(first);
                }
            },
        }
        div { class: "emoji-grid", role: "grid", aria_label: t("emoji-title"), "data-testid": "emoji-grid",
            for (at , row) in rows.into_iter().enumerate() {
                div { key: "{at}", class: "emoji-row", role: "row",
                    for (place , (emoji , name)) in row.into_iter().enumerate() {
                        div { key: "{place}{emoji}", role: "gridcell",
                            button {
                                class: "emoji-button",
                                tabindex: if at == 0 && place == 0 { "0" } else { "-1" },
                                aria_label: "{name}",
                                title: "{name}",
                                "data-testid": "emoji",
                                onclick: {
                                    let emoji = emoji.clone();
                                    move |_| choose.call(emoji.clone())
                                },
                                "{emoji}"
                            }
                        }
                    }
                }
            }
        }
        p { class: "hint", role: "status",
            if found.is_empty() {
                {t("emoji-none")}
            } else if looks {
                {t_args("emoji-found", &[("count", found.len().into())])}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kith_node::limits::EMOJI_BYTES;

    use super::*;

    #[test]
    fn each_is_there_once_and_can_be_a_reaction() {
        let signs: BTreeSet<&str> = EMOJI.iter().map(|(emoji, _)| *emoji).collect();
        let names: BTreeSet<String> = EMOJI.iter().map(|(_, key)| called(&t(key))).collect();
        assert_eq!((signs.len(), names.len()), (EMOJI.len(), EMOJI.len()));
        assert!(signs.iter().all(|emoji| emoji.len() <= EMOJI_BYTES && !emoji.contains(char::is_whitespace)));
        let known = |emoji: &&str| signs.contains(emoji);
        assert!(crate::post::CHOICE.iter().all(known), "the small choice is among them");
    }

    #[test]
    fn they_are_found_by_the_beginning_of_a_word() {
        let found = |typed: &str| named(typed).map(|(emoji, _)| emoji).collect::<Vec<_>>();
        assert_eq!(found("tad"), Vec::<&str>::new());
        assert_eq!(found("Fox"), ["🦊"]);
        assert_eq!(found("birthday c"), ["🎂"]);
        assert!(found("love").len() > 5 && found("love").contains(&"❤️"));
        assert_eq!(found("").len(), EMOJI.len());
        assert_eq!(named("fox").next().map(|(_, name)| name), Some("fox".to_owned()));
    }

    #[test]
    fn the_last_used_one_comes_first_and_none_twice() {
        assert_eq!(used("", "🦊"), "🦊");
        assert_eq!(used("🦊 🐻", "🐻"), "🐻 🦊");
        assert_eq!(used("1 2 3 4 5 6 7 8", "9").split(' ').count(), COLUMNS);
    }
}
