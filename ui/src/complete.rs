//! Completion: while a word that begins with a sign is typed, a list below its line offers whom or what it may mean.
//!
//! The page's script says where the caret is, hands over the keys that choose while the list is open, and puts what was
//! chosen into the field ([`crate::SCRIPT`]). The field keeps the keyboard all along (ARIA: a listbox whose active
//! option the field names).

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dioxus::prelude::*;
use kith_node::id::{BlobHash, EntryId, PersonaId, ThreadId};
use serde_json::json;
use tokio::time::sleep;

use crate::avatar::Avatar;
use crate::emoji::named;
use crate::mention::Names;
use crate::messages::Chats;
use crate::post::shown_name;
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// What is offered at once.
const OFFERED: usize = 6;
/// A word that is longer means nobody.
const WORD_CHARS: usize = 40;
/// From so many letters behind a colon on, emoji are offered: fewer are what is typed with colons.
const EMOJI_FROM: usize = 2;
/// How long typing pauses before the archive is asked.
const PAUSE: Duration = Duration::from_millis(80);

/// What a field is about: who is in it is offered first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Nothing,
    /// What is said below this post.
    Post(EntryId),
    Thread(Option<ThreadId>),
}

/// The word at the caret. Places are as the browser counts them, in UTF-16 units.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    sign: char,
    /// Without its sign.
    text: String,
    from: usize,
    to: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum Offer {
    Person {
        id: PersonaId,
        name: String,
        picture: Option<BlobHash>,
    },
    /// Without its sign, and how many posts here carry it.
    Tag {
        tag: String,
        posts: u64,
    },
    Emoji {
        emoji: &'static str,
        name: String,
    },
}

/// What a field offers.
#[derive(Clone, Copy)]
pub(crate) struct Completion {
    /// Of the list, and behind a dash of its options.
    id: Signal<String>,
    about: About,
    /// As the field shows it.
    text: Signal<String>,
    word: Signal<Option<Word>>,
    offers: Signal<Vec<Offer>>,
    at: Signal<usize>,
    /// Where the word begins whose list the user closed.
    closed: Signal<Option<usize>>,
    /// What the script is to put into the field.
    put: Signal<String>,
    /// Grows with what is asked for: late answers to earlier questions are dropped.
    asked: Signal<u64>,
}

/// A hook of a field.
pub(crate) fn use_completion(about: About) -> Completion {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    Completion {
        id: use_signal(|| format!("offers-{}", COUNT.fetch_add(1, Ordering::Relaxed))),
        about,
        text: use_signal(String::new),
        word: use_signal(|| None),
        offers: use_signal(Vec::new),
        at: use_signal(|| 0),
        closed: use_signal(|| None),
        put: use_signal(String::new),
        asked: use_signal(|| 0),
    }
}

impl Completion {
    /// The field shows this now; the script says where the caret is right after.
    pub(crate) fn typed(mut self, shown: String) {
        self.text.set(shown);
    }

    /// For `aria-controls`.
    pub(crate) fn list(self) -> Option<String> {
        (!self.offers.read().is_empty()).then(|| self.id.read().clone())
    }

    /// For `aria-activedescendant`.
    pub(crate) fn active(self) -> Option<String> {
        (!self.offers.read().is_empty()).then(|| format!("{}-{}", self.id.read(), self.at.read()))
    }

    /// Puts a text where the caret is, or in the place of what is selected.
    pub(crate) fn insert(mut self, text: &str) {
        self.close();
        self.put.set(json!({ "n": *self.asked.peek(), "caret": true, "text": text }).to_string());
    }

    fn close(mut self) {
        self.asked += 1;
        if !self.offers.peek().is_empty() {
            self.offers.set(Vec::new());
        }
    }

    /// What the script tells.
    fn told(mut self, surface: &Surface, names: Names, chats: Chats, told: &str) {
        let count = self.offers.peek().len();
        match told.split_once(' ') {
            Some(("caret", at)) => {
                let word = at.parse().ok().and_then(|at| word_at(&self.text.peek(), at));
                let begins = word.as_ref().map(|word| word.from);
                if begins.is_none() || begins != *self.closed.peek() {
                    self.closed.set(None);
                }
                if self.closed.peek().is_some() || word.is_none() {
                    self.word.set(word);
                    self.close();
                } else if *self.word.peek() != word || count == 0 {
                    self.word.set(word);
                    self.look(surface, chats);
                }
            }
            Some(("key", _)) if count == 0 => {}
            Some(("key", "ArrowDown")) => self.at.with_mut(|at| *at = (*at + 1) % count),
            Some(("key", "ArrowUp")) => self.at.with_mut(|at| *at = (*at + count - 1) % count),
            Some(("key", "Enter" | "Tab")) => {
                let at = *self.at.peek();
                self.take(names, at);
            }
            Some(("key", "Escape")) => {
                self.closed.set(self.word.peek().as_ref().map(|word| word.from));
                self.close();
            }
            _ => self.close(),
        }
    }

    fn look(mut self, surface: &Surface, chats: Chats) {
        self.asked += 1;
        let asked = *self.asked.peek();
        let (surface, about) = (surface.clone(), self.about);
        let Some(word) = self.word.peek().clone() else { return };
        let near = match about {
            About::Thread(Some(thread)) => {
                chats.get_now(thread).map(|view| view.with.into_iter().zip(view.names).collect())
            }
            About::Thread(None) => Some(chats.to.peek().clone()),
            _ => None,
        };
        spawn(async move {
            sleep(PAUSE).await;
            if *self.asked.peek() != asked {
                return;
            }
            let found = match word.sign {
                ':' => Ok(named(&word.text).take(OFFERED).map(|(emoji, name)| Offer::Emoji { emoji, name }).collect()),
                '@' => people(&surface, about, near.unwrap_or_default(), &word.text).await,
                _ => tags(&surface, &word.text).await,
            };
            if *self.asked.peek() == asked {
                self.at.set(0);
                self.offers.set(found.unwrap_or_default());
            }
        });
    }

    fn take(mut self, names: Names, at: usize) {
        let Some(offer) = self.offers.peek().get(at).cloned() else { return };
        let Some(word) = self.word.peek().clone() else { return };
        let text = match offer {
            Offer::Person { id, name, .. } => format!("@{} ", names.choose(id, &name)),
            Offer::Tag { tag, .. } => format!("#{tag} "),
            Offer::Emoji { emoji, .. } => format!("{emoji} "),
        };
        let was = format!("{}{}", word.sign, word.text);
        let (asked, from, to) = (*self.asked.peek(), word.from, word.to);
        // The number makes a difference where the same is put twice.
        self.put.set(json!({ "n": asked, "from": from, "to": to, "was": was, "text": text }).to_string());
        self.close();
    }
}

/// People by how their name, or a word of it, begins: first those whom it is about, then whom one follows, then others
/// that are known.
async fn people(
    surface: &Surface,
    about: About,
    near: Vec<(PersonaId, String)>,
    typed: &str,
) -> kith_node::Result<Vec<Offer>> {
    let node = &surface.node;
    let mut all: Vec<(PersonaId, String, Option<BlobHash>)> =
        near.into_iter().map(|(id, name)| (id, name, None)).collect();
    if let About::Post(post) = about
        && let Ok(page) = node.show(post).await
    {
        all.push((page.post.author, page.post.author_name, page.post.author_picture));
        let heard = page.thread.into_iter().filter(|comment| !comment.deleted && !comment.blocked);
        all.extend(heard.map(|comment| (comment.author, comment.author_name, comment.author_picture)));
    }
    let follows = node.follows(None).await?;
    all.extend(follows.into_iter().map(|it| (it.persona, it.name.unwrap_or_default(), it.picture)));
    if !typed.is_empty() && all.iter().filter(|(_, name, _)| begins(name, typed)).count() < OFFERED {
        let found = node.search_people(typed).await?;
        all.extend(found.into_iter().map(|it| (it.persona, it.name, it.picture)));
    }
    let own: HashSet<PersonaId> = node.personas().await?.into_iter().map(|persona| persona.id).collect();
    let mut seen = own;
    all.retain(|(id, name, _)| begins(name, typed) && seen.insert(*id));
    Ok(all.into_iter().take(OFFERED).map(|(id, name, picture)| Offer::Person { id, name, picture }).collect())
}

/// Hashtags that begin so: those that one follows first.
async fn tags(surface: &Surface, typed: &str) -> kith_node::Result<Vec<Offer>> {
    let typed = typed.to_lowercase();
    let found = if typed.is_empty() { Vec::new() } else { surface.node.search_tags(&format!("#{typed}")).await? };
    let posts = |tag: &str| found.iter().find(|known| known.tag == tag).map_or(0, |known| known.posts);
    let followed = surface.node.followed_tags().await?.into_iter().filter(|tag| tag.starts_with(&typed));
    let mut seen = HashSet::new();
    let all = followed.chain(found.iter().map(|known| known.tag.clone()));
    // What stands there already needs no help.
    let all = all.filter(|tag| *tag != typed && seen.insert(tag.clone())).take(OFFERED);
    Ok(all.map(|tag| Offer::Tag { posts: posts(&tag), tag }).collect())
}

/// Whether a name, or a word of it, begins so.
fn begins(name: &str, typed: &str) -> bool {
    let (name, typed) = (name.to_lowercase(), typed.to_lowercase());
    !name.is_empty() && (name.starts_with(&typed) || name.split_whitespace().any(|word| word.starts_with(&typed)))
}

/// The word before the caret, where it begins with a sign that means something. The caret is as the browser counts it.
fn word_at(text: &str, caret: usize) -> Option<Word> {
    let before = text.get(..byte_at(text, caret)?)?;
    let mut start = None;
    for (back, (at, c)) in before.char_indices().rev().enumerate() {
        if matches!(c, '@' | '#' | ':') {
            start = Some((at, c));
            break;
        }
        let inside = c.is_alphanumeric() || matches!(c, '_' | '-' | '\'' | '’' | '.');
        if !inside || back >= WORD_CHARS {
            return None;
        }
    }
    let (start, sign) = start?;
    let (ahead, word) = before.split_at_checked(start)?;
    let text = word.strip_prefix(sign)?.to_owned();
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '@' | '#' | '/' | '&' | '\\' | '_');
    if ahead.chars().next_back().is_some_and(inside) {
        return None;
    }
    if sign == '#' && !text.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let short = text.chars().count() < EMOJI_FROM || ahead.ends_with(|c: char| !c.is_whitespace());
    if sign == ':' && (short || !text.chars().all(char::is_alphanumeric)) {
        return None;
    }
    Some(Word { sign, text, from: caret - units(word), to: caret })
}

/// Where a place that the browser counted stands in the text; `None` inside a character, or behind the end.
fn byte_at(text: &str, place: usize) -> Option<usize> {
    let mut counted = 0;
    for (at, c) in text.char_indices() {
        if counted >= place {
            return (counted == place).then_some(at);
        }
        counted += c.len_utf16();
    }
    (counted == place).then_some(text.len())
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// What stands beside a field, in an element of class `completing` around both.
#[component]
pub(crate) fn Offers(completion: Completion) -> Element {
    let surface = use_context::<Surface>();
    let (names, chats) = (use_context::<Names>(), use_context::<Chats>());
    let offers = completion.offers.read();
    let id = completion.id.read();
    let at = (completion.at)();
    let is_double = |name: &str| {
        offers.iter().filter(|other| matches!(other, Offer::Person { name: theirs, .. } if theirs == name)).count() > 1
    };
    rsx! {
        input {
            r#type: "hidden",
            "data-caret": "true",
            "data-put": "{completion.put}",
            oninput: move |event| completion.told(&surface, names, chats, &event.value()),
        }
        if !offers.is_empty() {
            ul { class: "offers", id: "{id}", role: "listbox", aria_label: t("complete-label"), "data-testid": "offers",
                for (place , offer) in offers.iter().cloned().enumerate() {
                    li {
                        key: "{place}",
                        id: "{id}-{place}",
                        class: "offer",
                        role: "option",
                        aria_selected: place == at,
                        "data-testid": "offer",
                        onclick: move |_| completion.take(names, place),
                        match offer {
                            Offer::Person { id, name, picture } => rsx! {
                                Avatar { person: id, name: shown_name(&name), picture }
                                bdi { class: "name grow", dir: "auto", {shown_name(&name)} }
                                if is_double(&name) {
                                    span { class: "muted number", {id.to_string().chars().take(4).collect::<String>()} }
                                }
                            },
                            Offer::Emoji { emoji, name } => rsx! {
                                span { class: "emoji", "aria-hidden": "true", "{emoji}" }
                                span { class: "grow", "{name}" }
                            },
                            Offer::Tag { tag, posts } => rsx! {
                                bdi { class: "name grow", dir: "auto", "#{tag}" }
                                if posts > 0 {
                                    span { class: "muted", {t_args("complete-posts", &[("count", posts.into())])} }
                                }
                            },
                        }
                    }
                }
            }
        }
        span { class: "visually-hidden", role: "status",
            if !offers.is_empty() {
                {t_args("complete-told", &[("count", offers.len().into())])}
            }
        }
    }
}

impl PartialEq for Completion {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.about == other.about
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn word(text: &str, caret: usize) -> Option<(char, String, usize)> {
        word_at(text, caret).map(|word| (word.sign, word.text, word.from))
    }

    #[test]
    fn the_word_at_the_caret_is_found_as_the_browser_counts() {
        assert_eq!(word("@", 1), Some(('@', String::new(), 0)));
        assert_eq!(word("Hey @bo there", 7), Some(('@', "bo".into(), 4)));
        assert_eq!(word("Hey @bo there", 6), Some(('@', "b".into(), 4)));
        // A fox is two units and four bytes, an ä one unit and two bytes, 漢 one unit and three bytes.
        assert_eq!(word("🦊ä 漢 @Jö", 9), Some(('@', "Jö".into(), 6)));
        assert_eq!(word("🦊#fo", 5), Some(('#', "fo".into(), 2)));
        assert_eq!(word("a\n(#größe_1", 11), Some(('#', "größe_1".into(), 3)));
        assert_eq!(word("so :fo", 6), Some((':', "fo".into(), 3)));
        assert_eq!(word("@o'ne", 5), Some(('@', "o'ne".into(), 0)));
    }

    #[test]
    fn addresses_marks_and_places_that_are_none_offer_nothing() {
        for (text, caret) in [
            ("", 0),
            ("bob", 3),
            ("a@bo", 4),
            ("@@bo", 4),
            ("https://x/@bo", 13),
            ("https://x/#bo", 13),
            ("@bo there", 9),
            ("# one", 5),
            (":D", 2),
            ("at 12:30", 8),
            ("x:fox", 5),
            ("(:fo", 4),
            ("::fo", 4),
            ("#a.b", 4),
            ("🦊@b", 1),
            ("@b", 3),
        ] {
            assert_eq!(word(text, caret), None, "{text} at {caret}");
        }
        assert_eq!(word(&format!("@{}", "x".repeat(WORD_CHARS + 1)), WORD_CHARS + 2), None);
    }

    #[test]
    fn a_name_is_found_by_the_beginning_of_any_of_its_words() {
        assert!(begins("Bob Miller", "mil") && begins("Bob Miller", "BOB ") && begins("Bob", ""));
        assert!(!begins("Bob Miller", "ob") && !begins("", ""));
    }
}
