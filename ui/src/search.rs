//! Search: one box; people, hashtags and posts below it, each section as soon as it is there. A single hashtag is the
//! page of that tag.

use std::time::Duration;

use dioxus::prelude::*;
use kith_node::SearchQuery;
use kith_node::id::EntryId;
use kith_node::limits::{FEED_PAGE, SEARCH_CHARS};
use kith_node::view::{MessageFound, PersonFound, TagFound};
use tokio::time::sleep;

use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::feed::PAGE;
use crate::home::PostRows;
use crate::keyboard::typing;
use crate::messages::{Chats, PersonFace, title};
use crate::network::Connection;
use crate::post::{Now, shown_name};
use crate::posts::Posts;
use crate::route::{Places, Route};
use crate::rows::{Long, Sight};
use crate::skeleton::{PostSkeleton, Trouble};
use crate::strings::{number, t, t_args};
use crate::surface::Surface;
use crate::time;

/// Id of the box, to which a key leads.
pub(crate) const BOX: &str = "search";
/// How long typing pauses before it is looked for: what follows within it starts anew.
const PAUSE: Duration = Duration::from_millis(150);
/// Messages that are shown.
const MESSAGES: usize = 20;
/// How long it pauses before others are asked: half words are nobody's business.
const PEERS_PAUSE: Duration = Duration::from_millis(1_000);

/// What is looked for; it stays while other places are shown.
#[derive(Clone, Copy)]
pub(crate) struct Search {
    text: Signal<String>,
    /// Grows when the box gets another text than what was typed there.
    generation: Signal<u32>,
}

impl Search {
    pub(crate) fn new() -> Self {
        Self { text: Signal::new(String::new()), generation: Signal::new(0) }
    }

    /// Shows the posts with a hashtag, given without its sign.
    pub(crate) fn tag(mut self, places: Places, tag: &str) {
        self.text.set(format!("#{tag}"));
        self.generation += 1;
        places.go(Route::Search);
    }
}

/// The tag, where nothing else is looked for.
fn only_tag(text: &str) -> Option<&str> {
    let tag = text.trim().strip_prefix('#')?;
    let fits = !tag.is_empty() && tag.chars().all(|c| c.is_alphanumeric() || c == '_');
    fits.then_some(tag)
}

#[component]
pub(crate) fn SearchScreen() -> Element {
    let mut search = use_context::<Search>();
    let mut limit = use_signal(|| PAGE);
    let text = use_memo(move || search.text.read().trim().to_owned());
    let text = text.read();
    rsx! {
        header { class: "pane-header",
            h1 { {t("search-title")} }
        }
        div { class: "scroll",
            div { class: "column",
                div { class: "form-row", role: "search",
                    for generation in [(search.generation)()] {
                        input {
                            key: "{generation}",
                            id: BOX,
                            class: "field grow",
                            r#type: "text",
                            role: "searchbox",
                            initial_value: "{search.text.peek()}",
                            placeholder: t("search-placeholder"),
                            aria_label: t("search-placeholder"),
                            maxlength: SEARCH_CHARS as i64,
                            autocomplete: "off",
                            autocapitalize: "none",
                            dir: "auto",
                            "data-testid": "search-input",
                            onkeydown: move |event| typing(&event),
                            oninput: move |event| {
                                limit.set(PAGE);
                                search.text.set(event.value());
                            },
                        }
                    }
                }
                if text.is_empty() {
                    p { class: "quiet-line", {t("search-how")} }
                } else {
                    Found { text: text.clone(), limit: limit(), on_more: move |()| limit += PAGE }
                }
            }
        }
    }
}

#[component]
fn Found(text: ReadSignal<String>, limit: ReadSignal<usize>, on_more: EventHandler<()>) -> Element {
    let surface = use_context::<Surface>();
    let posts = use_context::<Posts>();
    let pulse = use_context::<Pulse>();
    let connection = use_context::<Connection>();
    let node = surface.node.clone();
    let people = use_resource(move || {
        let (node, text, _again) = (node.clone(), text(), ((pulse.profiles)(), (pulse.follows)(), (pulse.posts)()));
        async move {
            sleep(PAUSE).await;
            node.search_people(&text).await.map_err(|error| Failure::of(&error))
        }
    });
    let node = surface.node.clone();
    let tags = use_resource(move || {
        let (node, text, _again) = (node.clone(), text(), (pulse.posts)());
        async move {
            sleep(PAUSE).await;
            node.search_tags(&text).await.map_err(|error| Failure::of(&error))
        }
    });
    let node = surface.node.clone();
    let mut found = use_resource(move || {
        let node = node.clone();
        let (text, limit, _again) = (text(), limit().min(FEED_PAGE), (pulse.posts)());
        async move {
            sleep(PAUSE).await;
            let query = SearchQuery { text, limit, typing: true, ..SearchQuery::default() };
            let page = node.search_posts(query).await.map_err(|error| Failure::of(&error))?;
            posts.put(&page);
            Ok::<_, Failure>(page.iter().map(|post| post.id).collect::<Vec<_>>())
        }
    });
    let node = surface.node.clone();
    let messages = use_resource(move || {
        let node = node.clone();
        let (text, _again) = (text(), ((pulse.threads)(), (pulse.settings)()));
        async move {
            sleep(PAUSE).await;
            let query = SearchQuery { text, limit: MESSAGES, typing: true, ..SearchQuery::default() };
            node.search_messages(query).await.map_err(|error| Failure::of(&error))
        }
    });
    // Then whoever is connected: what they find comes like any post, and is shown then.
    let node = surface.node.clone();
    let asked = use_resource(move || {
        let (node, text) = (node.clone(), text());
        async move {
            sleep(PEERS_PAUSE).await;
            node.search_peers(&text)
                .await
                .inspect_err(|error| tracing::debug!(code = error.code(), "peers were not asked"))
                .is_ok()
        }
    });
    let rows = use_hook(Long::<EntryId>::new);
    let ids = use_memo(move || found.read().as_ref().and_then(|page| page.as_ref().ok()).cloned().unwrap_or_default());
    use_effect(move || {
        let _another = text.read();
        rows.to_top();
    });
    let sees = use_callback(move |sight: Sight<EntryId>| {
        let ids = ids.peek();
        rows.hear(&ids, &sight);
        let below = ids.len().saturating_sub(rows.now(&ids).end);
        if below == 0 && ids.len() >= *limit.peek() && *limit.peek() < FEED_PAGE {
            on_more.call(());
        }
    });
    let asked = asked() == Some(true) && connection.alive();
    let shown_ids = ids;
    let (people, tags, page, messages) = (people.read(), tags.read(), found.read(), messages.read());
    let nothing = matches!(people.as_ref(), Some(Ok(found)) if found.is_empty())
        && matches!(tags.as_ref(), Some(Ok(found)) if found.is_empty())
        && matches!(messages.as_ref(), Some(Ok(found)) if found.is_empty())
        && matches!(page.as_ref(), Some(Ok(found)) if found.is_empty());
    let shown = text.read();
    let tag = only_tag(&shown).map(str::to_lowercase);
    rsx! {
        if nothing {
            p { class: "quiet-line", role: "status", "data-testid": "search-nothing",
                {t_args("search-nothing", &[("text", shown.as_str().into())])}
            }
        }
        if let Some(Ok(found)) = people.as_ref().filter(|found| found.as_ref().is_ok_and(|found| !found.is_empty())) {
            section { aria_label: t("search-people"),
                h2 { class: "section-title", {t("search-people")} }
                ul { class: "rows", "data-testid": "search-people",
                    for person in found {
                        PersonRow { key: "{person.persona}", person: person.clone() }
                    }
                }
            }
        }
        if let Some(Ok(found)) = tags.as_ref() {
            if let Some(tag) = &tag {
                TagHead {
                    tag: tag.clone(),
                    posts: found.iter().find(|found| found.tag == *tag).map_or(0, |found| found.posts),
                }
            }
            Tags { found: found.iter().filter(|found| Some(&found.tag) != tag.as_ref()).cloned().collect::<Vec<_>>() }
        }
        if let Some(Ok(found)) = messages.as_ref().filter(|found| found.as_ref().is_ok_and(|found| !found.is_empty())) {
            section { aria_label: t("search-messages"),
                h2 { class: "section-title", {t("search-messages")} }
                ul { class: "rows", "data-testid": "search-messages",
                    for message in found {
                        MessageRow { key: "{message.thread}{message.id}", message: message.clone() }
                    }
                }
                p { class: "hint", {t("search-messages-told")} }
            }
        }
        match page.as_ref() {
            None => rsx! { PostSkeleton {} },
            Some(Err(failure)) => rsx! { Trouble { failure: failure.clone(), on_again: move |()| found.restart() } },
            Some(Ok(ids)) if ids.is_empty() => rsx! {},
            Some(Ok(ids)) => rsx! {
                h2 { class: "section-title", {t("search-posts")} }
                PostRows { rows, ids: shown_ids, label: t("search-posts"), testid: "search-posts", ended: ids.len() < limit(), on_sight: sees }
                if ids.len() >= limit() && limit() < FEED_PAGE {
                    button { class: "button button-quiet wide", onclick: move |_| on_more.call(()), {t("feed-more")} }
                }
            },
        }
        if asked {
            p { class: "end", role: "status", "data-testid": "search-asked", {t("search-asked")} }
        }
    }
}

#[component]
fn PersonRow(person: ReadSignal<PersonFound>) -> Element {
    let places = use_context::<Places>();
    let view = person.read();
    let name = shown_name(&view.name);
    let id = view.persona;
    let state = match (view.own, view.followed) {
        (true, _) => Some(t("search-you")),
        (_, true) => Some(t("search-followed")),
        _ => None,
    };
    rsx! {
        li {
            button { class: "row", "data-testid": "search-person", onclick: move |_| places.go(Route::Person(id)),
                Avatar { person: id, name: name.clone(), picture: view.picture }
                span { class: "row-text",
                    bdi { class: "name", dir: "auto", "{name}" }
                    if let Some(state) = state {
                        span { class: "muted", "{state}" }
                    } else if let Some(bio) = view.bio.lines().next() {
                        bdi { class: "muted row-line", dir: "auto", "{bio}" }
                    }
                }
            }
        }
    }
}

/// A message, and where it was said.
#[component]
fn MessageRow(message: ReadSignal<MessageFound>) -> Element {
    let (places, chats, now) = (use_context::<Places>(), use_context::<Chats>(), use_context::<Now>());
    let view = message.read();
    let (thread, id) = (view.thread, view.id);
    let place = chats.get(thread).map(|thread| title(&thread)).unwrap_or_default();
    let whose = if view.own { t("message-you") } else { shown_name(&view.from_name) };
    let ms = view.created_ms;
    rsx! {
        li {
            button { class: "row", "data-testid": "search-message", onclick: move |_| chats.show(places, thread, id),
                PersonFace { person: view.from, name: shown_name(&view.from_name) }
                span { class: "row-text grow",
                    bdi { class: "name", dir: "auto", "{place}" }
                    bdi { class: "muted row-line", dir: "auto", "{whose}: {view.text}" }
                }
                time { class: "muted row-end", datetime: time::iso(ms), title: time::absolute(ms), {time::relative((now.0)(), ms)} }
            }
        }
    }
}

/// What stands above the posts of one hashtag.
#[component]
fn TagHead(tag: ReadSignal<String>, posts: u64) -> Element {
    rsx! {
        section { class: "card tag-head", aria_label: "#{tag}", "data-testid": "tag-head",
            div { class: "form-row",
                h2 { bdi { dir: "auto", "#{tag}" } }
                span { class: "muted", {t_args("search-tag-posts", &[("count", posts.into())])} }
            }
        }
    }
}

#[component]
fn Tags(found: ReadSignal<Vec<TagFound>>) -> Element {
    let search = use_context::<Search>();
    let places = use_context::<Places>();
    if found.read().is_empty() {
        return rsx! {};
    }
    rsx! {
        section { aria_label: t("search-tags"),
            h2 { class: "section-title", {t("search-tags")} }
            div { class: "form-row", "data-testid": "search-tags",
                for TagFound { tag , posts } in found.read().iter().cloned() {
                    button {
                        key: "{tag}",
                        class: "chip",
                        "data-testid": "search-tag",
                        onclick: {
                            let tag = tag.clone();
                            move |_| search.tag(places, &tag)
                        },
                        bdi { dir: "auto", "#{tag}" }
                        span { class: "number", {number(posts)} }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::only_tag;

    #[test]
    fn a_tag_alone_is_a_page() {
        assert_eq!(only_tag(" #Größe_1 "), Some("Größe_1"));
        for other in ["#a b", "a", "#", "", "#a #b", "#a!"] {
            assert_eq!(only_tag(other), None, "{other}");
        }
    }
}
