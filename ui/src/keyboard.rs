//! The keyboard: single keys on the main screens, from one table that also fills the sheet behind `?` and the palette.
//!
//! Text fields keep their keys to themselves ([`typing`]); only Escape goes on. Single keys can be switched off
//! (WCAG 2.1.4), all but the one that tells so, and rest while a menu or a question is open.

use dioxus::prelude::*;
use kith_node::id::EntryId;

use crate::composer::{Draft, Undoing};
use crate::feed::Feed;
use crate::layer::{Dialog, Layers, use_layer};
use crate::me::Me;
use crate::messages::Chats;
use crate::notice::{Notices, act, spawn_in_app};
use crate::picture::{owner, picture_id, pictures};
use crate::post::{LIKE, shown_name};
use crate::posts::Posts;
use crate::route::{Places, Route};
use crate::settings::Looks;
use crate::strings::t;
use crate::surface::{Host, Surface};
use crate::time;
use crate::viewer::Viewer;
use crate::writer::react;

/// How long the first of two keys waits for the second, ms.
const SECOND_WITHIN_MS: u64 = 1_500;
/// Ids of the fields that a key leads to.
pub(crate) const COMPOSE: &str = "compose";
pub(crate) const ANSWER: &str = "answer";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Next,
    Previous,
    Open,
    Answer,
    Like,
    Reveal,
    Bookmark,
    Repost,
    Quote,
    Write,
    Undo,
    Newest,
    Home,
    People,
    Search,
    Profile,
    Messages,
    Notifications,
    MessageTo,
    Settings,
    Sheet,
}

/// Keys (two are pressed one after the other), what they do in words, and what they do.
pub(crate) const KEYS: [(&str, &str, Action); 21] = [
    ("j", "keys-next", Action::Next),
    ("k", "keys-previous", Action::Previous),
    ("o", "keys-open", Action::Open),
    ("r", "keys-answer", Action::Answer),
    ("l", "keys-like", Action::Like),
    ("x", "keys-reveal", Action::Reveal),
    ("d", "keys-bookmark", Action::Bookmark),
    ("b", "keys-repost", Action::Repost),
    ("q", "keys-quote", Action::Quote),
    ("n", "keys-write", Action::Write),
    ("z", "keys-undo", Action::Undo),
    ("m", "keys-message-to", Action::MessageTo),
    (".", "keys-newest", Action::Newest),
    ("/", "keys-search", Action::Search),
    ("g h", "keys-home", Action::Home),
    ("g m", "keys-messages", Action::Messages),
    ("g n", "keys-notifications", Action::Notifications),
    ("g p", "keys-people", Action::People),
    ("g u", "keys-profile", Action::Profile),
    ("g s", "keys-settings", Action::Settings),
    (HELP, "keys-sheet", Action::Sheet),
];
/// Works also where single keys are off.
const HELP: &str = "?";
/// Opens the palette from everywhere, with Ctrl, on a Mac with Cmd.
pub(crate) const CHORD: &str = "k";
/// What works everywhere, also where single keys are off.
const ALWAYS: [(&str, &str); 3] = [("Ctrl K", "keys-palette"), ("Ctrl Enter", "keys-send"), ("Esc", "keys-back")];

/// What keys do in a conversation, also while one writes in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChatAction {
    Above,
    Below,
    /// In an empty field.
    EditLast,
    /// One message further up, from the last one on.
    ReplyUp,
    ReplyDown,
    /// The edit or the reply; else it goes back, as everywhere.
    GiveUp,
}

/// Keys of conversations: held ones and arrows, so that no letter of a message is taken. They work also where single keys are
/// off.
pub(crate) const CHAT_KEYS: [(&str, &str, ChatAction); 6] = [
    ("Alt ↑", "keys-chat-above", ChatAction::Above),
    ("Alt ↓", "keys-chat-below", ChatAction::Below),
    ("↑", "keys-chat-edit", ChatAction::EditLast),
    ("Ctrl ↑", "keys-chat-reply-up", ChatAction::ReplyUp),
    ("Ctrl ↓", "keys-chat-reply-down", ChatAction::ReplyDown),
    ("Esc", "keys-chat-give-up", ChatAction::GiveUp),
];

/// What a key means in a conversation.
pub(crate) fn chat_action(event: &KeyboardEvent) -> Option<ChatAction> {
    let held = event.modifiers();
    if held.shift() || event.is_composing() {
        return None;
    }
    let key = match event.key() {
        Key::ArrowUp => "↑",
        Key::ArrowDown => "↓",
        Key::Escape => "Esc",
        _ => return None,
    };
    chat_meaning(key, held.ctrl() || held.meta(), held.alt())
}

fn chat_meaning(key: &str, ctrl: bool, alt: bool) -> Option<ChatAction> {
    let wanted = match (ctrl, alt) {
        (false, false) => key.to_owned(),
        (true, false) => format!("Ctrl {key}"),
        (false, true) => format!("Alt {key}"),
        (true, true) => return None,
    };
    CHAT_KEYS.iter().find(|(keys, ..)| *keys == wanted).map(|(.., action)| *action)
}

#[derive(Clone, Copy)]
pub(crate) struct Keyboard {
    sheet: Signal<bool>,
    pub(crate) palette: Signal<bool>,
    /// The post that has the keyboard, or had it last.
    cursor: Signal<Option<EntryId>>,
    /// The post whose warned text is to be shown or hidden, and a number that grows with each such wish.
    reveal: Signal<(Option<EntryId>, u64)>,
    /// When the first of two keys was pressed.
    first_ms: Signal<Option<u64>>,
    /// For a web page: `N ID` of the element that is to have the focus.
    focus: Signal<String>,
    count: Signal<u64>,
    /// A text field had the keyboard when Escape came.
    leaving: Signal<bool>,
}

impl Keyboard {
    pub(crate) fn new() -> Self {
        Self {
            sheet: Signal::new(false),
            palette: Signal::new(false),
            cursor: Signal::new(None),
            reveal: Signal::new((None, 0)),
            first_ms: Signal::new(None),
            focus: Signal::new(String::new()),
            count: Signal::new(0),
            leaving: Signal::new(false),
        }
    }

    pub(crate) fn show_sheet(mut self) {
        self.sheet.set(true);
    }

    pub(crate) fn show_palette(mut self) {
        self.palette.set(true);
    }

    /// The post took the focus, or something inside did.
    pub(crate) fn is_at(mut self, id: EntryId) {
        if *self.cursor.peek() != Some(id) {
            self.cursor.set(Some(id));
        }
    }

    /// Reads and subscribes: how often the post's warned text was to be turned over.
    pub(crate) fn reveals(self, id: EntryId) -> Option<u64> {
        let (wanted, count) = *self.reveal.read();
        (wanted == Some(id)).then_some(count)
    }

    /// For `data-focus`.
    pub(crate) fn focus_asked(self) -> String {
        self.focus.read().clone()
    }

    /// Moves the focus to the element with this id, which may appear within moments.
    pub(crate) fn focus_on(mut self, id: &str) {
        if let Some(host) = try_consume_context::<Host>() {
            (host.focus_on)(id);
        } else {
            self.count += 1;
            self.focus.set(format!("{} {id}", self.count.peek()));
        }
    }

    /// What `key` means now; `None` also while it may be the first of two.
    fn meaning(mut self, key: &str, now_ms: u64) -> Option<Action> {
        let first = std::mem::take(&mut *self.first_ms.write());
        let second = first.is_some_and(|first| now_ms.saturating_sub(first) <= SECOND_WITHIN_MS);
        if !second && key == "g" {
            self.first_ms.set(Some(now_ms));
            return None;
        }
        let wanted = if second { format!("g {key}") } else { key.to_owned() };
        KEYS.iter().find(|(keys, ..)| *keys == wanted).map(|(.., action)| *action)
    }
}

/// The id of all that is drawn, for a keyboard that is nowhere else.
pub(crate) const SCREEN: &str = "kith-screen";

/// The id of a post's card, to which the focus can move.
pub(crate) fn card(id: EntryId) -> String {
    format!("card-{id}")
}

/// For every text field: what is typed stays there. Escape goes on, and closes what is open.
pub(crate) fn typing(event: &KeyboardEvent) {
    if event.key() != Key::Escape {
        event.stop_propagation();
    } else if let Some(mut keyboard) = try_consume_context::<Keyboard>() {
        keyboard.leaving.set(true);
    }
}

/// What keys and the palette act on.
#[derive(Clone)]
pub(crate) struct Hands {
    surface: Surface,
    keyboard: Keyboard,
    pub(crate) places: Places,
    feed: Feed,
    posts: Posts,
    pub(crate) me: Me,
    pub(crate) notices: Notices,
    pub(crate) chats: Chats,
    viewer: Viewer,
    draft: Draft,
    undoing: Undoing,
}

/// A hook.
pub(crate) fn use_hands() -> Hands {
    Hands {
        surface: use_context(),
        keyboard: use_context(),
        places: use_context(),
        feed: use_context(),
        posts: use_context(),
        me: use_context(),
        notices: use_context(),
        chats: use_context(),
        viewer: use_context(),
        draft: use_context(),
        undoing: Undoing::here(),
    }
}

/// A hook of the root: takes a key that no field kept.
pub(crate) fn use_keys() -> impl FnMut(KeyboardEvent) + 'static {
    let hands = use_hands();
    let (layers, looks) = (use_context::<Layers>(), use_context::<Looks>());
    move |event: KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        let places = hands.places;
        if event.key() == Key::Escape {
            let leaving = std::mem::take(&mut *hands.keyboard.leaving.clone().write());
            match layers.close_top() {
                true => {}
                // There is nowhere to go back to: it leaves the text field, and single keys count again.
                false if places.current() == Route::Home => {
                    if leaving {
                        hands.keyboard.focus_on(SCREEN);
                    }
                }
                false => places.back(),
            }
            return;
        }
        // With the keyboard in the field this is the field's; here it is anywhere else in the conversation, or in their list.
        if let Some(action @ (ChatAction::Above | ChatAction::Below)) = chat_action(&event)
            && !layers.any()
            && hands.chats.step(places, action == ChatAction::Below)
        {
            return event.prevent_default();
        }
        let held = event.modifiers();
        if held.ctrl() || held.meta() || held.alt() || hands.me.exists() != Some(true) {
            return;
        }
        let Some(key) = letter(&event).filter(|key| key == HELP || looks.single_keys()) else { return };
        let Some(action) = hands.keyboard.meaning(&key, time::now_ms()) else { return };
        if !layers.any() {
            hands.perform(action);
        }
    }
}

impl Hands {
    /// The post that an action would be on.
    fn at_post(&self) -> Option<EntryId> {
        match self.places.current() {
            Route::Post(id) | Route::Comment(id, _) => Some(id),
            _ => *self.keyboard.cursor.peek(),
        }
    }

    /// Whether an action means something now where one chooses it by name. Reads and subscribes.
    pub(crate) fn offers(&self, action: Action) -> bool {
        let place = self.places.current();
        match action {
            // Steps are not chosen by name.
            Action::Next | Action::Previous => false,
            Action::Open
            | Action::Answer
            | Action::Like
            | Action::Reveal
            | Action::Bookmark
            | Action::Repost
            | Action::Quote => {
                // Elsewhere one does not see which post it would be.
                let seen = matches!(
                    place,
                    Route::Home | Route::Search | Route::Person(_) | Route::Post(_) | Route::Comment(..)
                );
                seen && self.at_post().is_some_and(|id| self.posts.get(id).is_some())
            }
            Action::MessageTo => matches!(place, Route::Person(_)),
            Action::Profile => self.me.id().is_some(),
            Action::Undo => self.draft.waits(),
            Action::Write
            | Action::Newest
            | Action::Home
            | Action::People
            | Action::Search
            | Action::Messages
            | Action::Notifications
            | Action::Settings
            | Action::Sheet => true,
        }
    }

    pub(crate) fn perform(&self, action: Action) {
        let Self { surface, keyboard, places, feed, posts, me, notices, chats, viewer, draft, undoing } = self.clone();
        let on = self.at_post();
        match (action, on) {
            (Action::Next, _) => step(keyboard, feed, 1),
            (Action::Previous, _) => step(keyboard, feed, -1),
            (Action::Open, Some(id)) => {
                // Its pictures; a warning stays between, where the post is not opened yet.
                let full = matches!(places.current(), Route::Post(_) | Route::Comment(..));
                let found = posts.get(id).filter(|post| post.cw.is_none()).map(|post| pictures(&post.attachments));
                match found.as_ref().and_then(|pictures| pictures.first()).map(|first| first.hash) {
                    Some(first) => viewer.show(
                        found.unwrap_or_default(),
                        first,
                        if full { picture_id(&owner(id, true), first) } else { card(id) },
                    ),
                    None => places.go(Route::Post(id)),
                }
            }
            (Action::Answer, Some(id)) => {
                places.go(Route::Post(id));
                keyboard.focus_on(ANSWER);
            }
            (Action::Like, Some(id)) => {
                let on = posts.get(id).is_some_and(|post| post.mine.iter().any(|emoji| emoji == LIKE));
                let node = surface.node.clone();
                act(notices, async move {
                    if on { node.unreact(None, id, LIKE).await } else { react(&node, id, LIKE).await }
                });
            }
            (Action::Reveal, Some(id)) => {
                let mut reveal = keyboard.reveal;
                let count = reveal.peek().1;
                reveal.set((Some(id), count + 1));
            }
            (Action::Bookmark, Some(id)) => {
                let on = posts.get(id).is_some_and(|post| post.bookmarked);
                let node = surface.node.clone();
                act(notices, async move { if on { node.unbookmark(id).await } else { node.bookmark(id).await } });
            }
            (Action::Repost, Some(id)) => {
                let on = posts.get(id).is_some_and(|post| post.reposted);
                let node = surface.node.clone();
                act(
                    notices,
                    async move { if on { node.unrepost(None, id).await } else { node.repost(None, id).await } },
                );
            }
            (Action::Quote, Some(id)) => draft.begin_quote(id, undoing),
            (
                Action::Open
                | Action::Answer
                | Action::Like
                | Action::Reveal
                | Action::Bookmark
                | Action::Repost
                | Action::Quote,
                None,
            ) => {}
            (Action::Write, _) if places.list() == Route::Messages => chats.write(places, None),
            (Action::Write | Action::Newest, _) => {
                places.go(Route::Home);
                let surface = surface.clone();
                spawn_in_app(async move {
                    if action == Action::Newest || feed.is_older() {
                        feed.to_newest(&surface, posts).await;
                    }
                    match feed.first() {
                        Some(first) if action == Action::Newest => keyboard.focus_on(&card(first)),
                        _ => keyboard.focus_on(COMPOSE),
                    }
                });
            }
            (Action::Undo, _) => draft.take_back(undoing),
            (Action::Home, _) => places.go(Route::Home),
            (Action::Messages, _) => places.go(Route::Messages),
            (Action::Notifications, _) => places.go(Route::Notifications),
            (Action::MessageTo, _) => {
                let Route::Person(person) = places.current() else { return };
                if me.id() == Some(person) {
                    return chats.write_notes(places, person);
                }
                let node = surface.node.clone();
                spawn_in_app(async move {
                    let name = node.profile(person).await.map(|profile| profile.name).unwrap_or_default();
                    chats.write(places, Some((person, shown_name(&name))));
                });
            }
            (Action::People, _) => places.go(Route::People),
            (Action::Search, _) => {
                places.go(Route::Search);
                keyboard.focus_on(crate::search::BOX);
            }
            (Action::Profile, _) => {
                if let Some(id) = me.id() {
                    places.go(Route::Person(id));
                }
            }
            (Action::Settings, _) => places.go(Route::Settings),
            (Action::Sheet, _) => keyboard.show_sheet(),
        }
    }
}

/// The letter or sign on the key, in lower case; where the layout writes no Latin letters, the one in its place.
fn letter(event: &KeyboardEvent) -> Option<String> {
    match event.key() {
        Key::Character(text) if text.is_ascii() => Some(text.to_ascii_lowercase()),
        Key::Character(_) => Some(event.code().to_string().strip_prefix("Key")?.to_ascii_lowercase()),
        _ => None,
    }
}

/// Moves the focus by one card; at first, and from one that was scrolled far away, to the first on the screen.
fn step(keyboard: Keyboard, feed: Feed, by: isize) {
    let next = feed.beside(*keyboard.cursor.peek(), by);
    if let Some(id) = next {
        keyboard.is_at(id);
        keyboard.focus_on(&card(id));
    }
}

/// The sheet with all keys. Mounted once.
#[component]
pub(crate) fn KeySheet() -> Element {
    let keyboard = use_context::<Keyboard>();
    let looks = use_context::<Looks>();
    let open = keyboard.sheet;
    use_layer(open);
    if !open() {
        return rsx! {};
    }
    rsx! {
        Dialog { open, name: "key", title: t("keys-title"),
            dl { class: "keys",
                for (keys , text , _) in KEYS.into_iter().filter(|(keys, ..)| *keys == HELP || looks.single_keys()) {
                    KeyRow { key: "{keys}", keys, text }
                }
                for (keys , text) in ALWAYS {
                    KeyRow { key: "{keys}", keys, text }
                }
            }
            h3 { {t("keys-chat")} }
            dl { class: "keys", "data-testid": "chat-keys",
                for (keys , text , _) in CHAT_KEYS {
                    KeyRow { key: "{keys}", keys, text }
                }
            }
            p { class: "hint", "data-testid": "keys-state",
                if looks.single_keys() {
                    {t("keys-off-hint")}
                } else {
                    {t("keys-are-off")}
                }
            }
            p { class: "hint", {t("keys-mac")} }
        }
    }
}

#[component]
fn KeyRow(keys: &'static str, text: &'static str) -> Element {
    rsx! {
        dt {
            for key in keys.split(' ') {
                kbd { key: "{key}", "{key}" }
            }
        }
        dd { {t(text)} }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let keys: BTreeSet<_> = KEYS.iter().map(|(keys, ..)| *keys).collect();
        assert_eq!(keys.len(), KEYS.len());
        assert!(!keys.contains("g"), "the first of two keys means nothing alone");
        assert!(KEYS.iter().all(|(keys, ..)| !keys.contains(' ') || keys.starts_with("g ")));
        let actions: Vec<_> = KEYS.iter().map(|(.., action)| *action).collect();
        let once = |(at, action): (usize, &Action)| actions.iter().skip(at + 1).all(|other| other != action);
        assert!(actions.iter().enumerate().all(once), "one key for each");
        let always: BTreeSet<_> = ALWAYS.iter().map(|(keys, _)| *keys).collect();
        assert_eq!(always.len(), ALWAYS.len());
        assert!(always.is_disjoint(&keys));
        // In a conversation Esc leaves what is begun there, before it goes back as it does everywhere.
        let chat: BTreeSet<_> = CHAT_KEYS.iter().map(|(keys, ..)| *keys).collect();
        assert_eq!(chat.len(), CHAT_KEYS.len());
        assert!(chat.is_disjoint(&keys));
        assert_eq!(chat.intersection(&always).collect::<Vec<_>>(), [&"Esc"]);
        let arrows = ["Alt ↑", "Alt ↓", "↑", "Ctrl ↑", "Ctrl ↓"];
        assert!(chat.iter().all(|keys| *keys == "Esc" || arrows.contains(keys)), "no letter of a message is taken");
    }

    #[test]
    fn keys_of_a_conversation_mean_what_the_sheet_says() {
        for (keys, _, action) in CHAT_KEYS {
            let (held, key) = keys.rsplit_once(' ').unwrap_or(("", keys));
            assert_eq!(chat_meaning(key, held == "Ctrl", held == "Alt"), Some(action), "{keys}");
        }
        assert_eq!(chat_meaning("↑", true, true), None);
        assert_eq!((chat_meaning("↓", false, false), chat_meaning("Esc", true, false)), (None, None));
    }

    #[test]
    fn no_key_is_the_beginning_of_others() {
        let presses = |keys: &str| keys.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (short, ..) in KEYS {
            for (long, ..) in KEYS.iter().filter(|(long, ..)| *long != short) {
                assert!(!presses(long).starts_with(&presses(short)), "{short} acts before {long} is there");
            }
        }
    }

    /// What browsers and systems do with these keys is theirs. Ctrl+K leads into some browsers' field for addresses, which is
    /// at hand by Ctrl+L all the same.
    #[test]
    fn no_key_of_a_browser_is_taken() {
        for (keys, ..) in KEYS {
            let plain =
                |key: &str| key.len() == 1 && key.chars().all(|c| c.is_ascii_graphic() && !c.is_ascii_uppercase());
            assert!(keys.split(' ').all(plain), "{keys}: keys of the main screens are single signs, nothing held");
        }
        let theirs =
            ["A", "C", "D", "F", "H", "J", "L", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z"];
        for (keys, _) in ALWAYS {
            assert!(!theirs.iter().any(|key| keys == format!("Ctrl {key}")), "{keys} belongs to the browser");
        }
        let chord = format!("Ctrl {}", CHORD.to_uppercase());
        assert!(ALWAYS.iter().any(|(keys, _)| *keys == chord), "the sheet names the key that the script hears");
    }

    #[test]
    fn two_keys_count_only_soon_after_each_other() {
        let mut dom = VirtualDom::new(|| rsx! {});
        dom.rebuild_in_place();
        dom.in_scope(ScopeId::ROOT, || {
            let keyboard = Keyboard::new();
            assert_eq!(keyboard.meaning("j", 0), Some(Action::Next));
            assert_eq!(keyboard.meaning("g", 100), None);
            assert_eq!(keyboard.meaning("s", 100 + SECOND_WITHIN_MS), Some(Action::Settings));
            assert_eq!(keyboard.meaning("s", 3_000), None, "the pair is over");
            assert_eq!(keyboard.meaning("g", 4_000), None);
            assert_eq!(keyboard.meaning("n", 4_001 + SECOND_WITHIN_MS), Some(Action::Write), "too late for a pair");
            assert_eq!(keyboard.meaning("g", 9_000), None);
            assert_eq!(keyboard.meaning("j", 9_001), None, "no such pair, and not a step either");
        });
    }

    /// Each field in which text is typed must keep its keys, or letters would act behind the writer's back.
    #[test]
    fn every_text_field_keeps_its_keys() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut fields = 0;
        for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
            if file.extension().is_none_or(|extension| extension != "rs") || file.ends_with("keyboard.rs") {
                continue;
            }
            let source = std::fs::read_to_string(&file).unwrap();
            let fields_of = ["r#type: \"text\"", "r#type: \"password\"", "r#type: if secret", "textarea {"];
            let typed = fields_of.iter().map(|kind| source.matches(kind).count()).sum::<usize>()
                - source.matches("readonly: true").count();
            let kept = source.matches("typing(&event)").count();
            assert_eq!(typed, kept, "{}", file.display());
            fields += typed;
        }
        assert!(fields > 5, "the search found the fields");
    }
}
