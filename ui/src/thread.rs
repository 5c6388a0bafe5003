//! A post with its comments ([`crate::comments`]), and the box to answer.

use std::collections::HashMap;

use dioxus::prelude::*;
use kith_node::Looked;
use kith_node::id::{EntryId, PersonaId};
use kith_node::limits::TEXT_CHARS;
use kith_node::view::PostPage;

use crate::comments::Thread;
use crate::complete::{self, Offers, use_completion};
use crate::composer::sends;
use crate::emoji::EmojiButton;
use crate::ended::EndedLine;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::hidden::Hidden;
use crate::icon::{Icon, Shape};
use crate::keyboard::{ANSWER, typing};
use crate::me::Me;
use crate::mention::Names;
use crate::nav::BackButton;
use crate::notice::spawn_in_app;
use crate::notifications::use_look;
use crate::post::{PostCard, shown_name};
use crate::posts::Posts;
use crate::series::Rest;
use crate::skeleton::{PostSkeleton, Trouble};
use crate::strings::{number, t, t_args};
use crate::surface::Surface;
use crate::writer::PersonaChip;

/// Answers that are kept while the user looks elsewhere.
const DRAFTS: usize = 50;

/// Answers that were begun, by post.
#[derive(Clone, Copy)]
pub(crate) struct Answers(Signal<HashMap<EntryId, String>>);

impl Answers {
    pub(crate) fn new() -> Self {
        Self(Signal::new(HashMap::new()))
    }

    fn keep(mut self, post: EntryId, text: String) {
        let mut map = self.0.write();
        if map.len() >= DRAFTS && !map.contains_key(&post) {
            map.clear();
        }
        map.insert(post, text);
    }

    fn get(self, post: EntryId) -> String {
        self.0.peek().get(&post).cloned().unwrap_or_default()
    }

    fn forget(mut self, post: EntryId) {
        self.0.write().remove(&post);
    }
}

/// `at`: the comment that a link led to.
#[component]
pub(crate) fn PostScreen(id: ReadSignal<EntryId>, #[props(default)] at: ReadSignal<Option<EntryId>>) -> Element {
    let surface = use_context::<Surface>();
    let posts = use_context::<Posts>();
    let pulse = use_context::<Pulse>();
    let mut answering = use_signal(|| None::<EntryId>);
    use_look(move || Some(Looked::Post(id())));
    let mut pages = use_resource(move || {
        let node = surface.node.clone();
        let (id, _again) = (id(), ((pulse.posts)(), (pulse.follows)()));
        async move {
            let page = node.show(id).await.map_err(|error| Failure::of(&error))?;
            posts.put(std::slice::from_ref(&page.post));
            posts.put(&page.more);
            Ok::<PostPage, Failure>(page)
        }
    });
    let page = pages.read();
    rsx! {
        header { class: "pane-header",
            BackButton {}
            h1 { {t("post-title")} }
        }
        for shown in [id()] {
            div { key: "{shown}", class: "scroll",
                div { class: "column",
                    match page.as_ref() {
                        Some(Ok(page)) if page.post.id == id() => rsx! {
                            PostCard { id, full: true }
                            Rest { posts: page.more.iter().map(|post| post.id).collect::<Vec<_>>() }
                            if let Some(ended) = page.ended.as_ref() {
                                EndedLine { ended: ended.clone() }
                            } else if !page.post.deleted && !page.post.blocked && page.post.commenters != "nobody" {
                                AnswerBox {
                                    post: page.post.id,
                                    to: None,
                                    name: shown_name(&page.post.author_name),
                                    on_close: move |()| {},
                                }
                            }
                            if page.post.own {
                                Hidden { post: page.post.id }
                            }
                            Thread { root: page.post.id, at, own_post: page.post.own, ended: page.ended.is_some(), comments: page.thread.clone(), answering, on_answer: move |to| answering.set(to) }
                        },
                        Some(Err(failure)) => rsx! { Trouble { failure: failure.clone(), on_again: move |()| pages.restart() } },
                        _ => rsx! { PostSkeleton {} },
                    }
                }
            }
        }
    }
}

/// Answers the post, or the comment `to`.
#[component]
pub(crate) fn AnswerBox(post: EntryId, to: Option<EntryId>, name: String, on_close: EventHandler<()>) -> Element {
    let surface = use_context::<Surface>();
    let answers = use_context::<Answers>();
    let names = use_context::<Names>();
    let completion = use_completion(complete::About::Post(post));
    let target = to.unwrap_or(post);
    let mut text = use_signal(|| answers.get(target));
    let mut generation = use_signal(|| 0_u32);
    let mut sending = use_signal(|| false);
    let mut failed = use_signal(|| None::<Failure>);
    let me = use_context::<Me>();
    let pulse = use_context::<Pulse>();
    let mut chosen = use_signal(|| None::<PersonaId>);
    let node = surface.node.clone();
    let speakers = use_resource(move || {
        let node = node.clone();
        let (several, _again) = (me.several(), (pulse.follows)());
        async move { if several { node.speakers(target).await.ok() } else { None } }
    });
    let speakers = speakers().flatten();
    let by = chosen().or_else(|| speakers.as_ref().and_then(|speakers| speakers.first().copied()));
    let length = text.read().chars().count();
    let blocked = sending() || text.read().trim().is_empty() || length > TEXT_CHARS;
    let send = use_callback(move |()| {
        if *sending.peek() || text.peek().trim().is_empty() || text.peek().chars().count() > TEXT_CHARS {
            return;
        }
        sending.set(true);
        let node = surface.node.clone();
        let chosen = *chosen.peek();
        let said = text.peek().trim_end().to_owned();
        // The answer is stored even when the screen is left; `answers` keeps it until then.
        spawn_in_app(async move {
            let answer = async {
                let by = match chosen {
                    Some(by) => Some(by),
                    None => node.speakers(target).await?.first().copied(),
                };
                node.comment(by, target, &said).await
            };
            match answer.await {
                Ok(_) => {
                    answers.forget(target);
                    if let Ok(mut text) = text.try_write() {
                        text.clear();
                    }
                    // The box may have left the screen meanwhile; then there is nothing to close.
                    if let Ok(mut generation) = generation.try_write() {
                        *generation += 1;
                        drop(generation);
                        on_close.call(());
                    }
                }
                Err(error) => {
                    if let Ok(mut failed) = failed.try_write() {
                        *failed = Some(Failure::of(&error));
                    }
                }
            }
            if let Ok(mut sending) = sending.try_write() {
                *sending = false;
            }
        });
    });
    rsx! {
        div { class: "answer-box",
            PersonaChip { by, among: speakers, on_choose: move |persona| chosen.set(Some(persona)) }
            div { class: "completing",
                for generation in [generation()] {
                    textarea {
                        key: "{generation}",
                        id: if to.is_none() { Some(ANSWER) } else { None },
                        class: "field",
                        rows: "2",
                        placeholder: t_args("answer-placeholder", &[("name", name.as_str().into())]),
                        aria_label: t_args("answer-placeholder", &[("name", name.as_str().into())]),
                        initial_value: names.shown(&text.peek()),
                        aria_autocomplete: "list",
                        aria_controls: completion.list(),
                        aria_activedescendant: completion.active(),
                        dir: "auto",
                        "data-testid": "comment-text",
                        "data-autofocus": if to.is_some() { Some("true") } else { None },
                        onmounted: move |event| {
                            if to.is_some() {
                                crate::app::focus(event);
                            }
                        },
                        oninput: move |event: FormEvent| {
                            let kept = names.kept(&event.value());
                            completion.typed(event.value());
                            text.set(kept.clone());
                            answers.keep(target, kept);
                        },
                        onkeydown: move |event| {
                            typing(&event);
                            if sends(&event) {
                                send.call(());
                            } else if event.key() == Key::Escape && !event.is_composing() && to.is_some() {
                                event.stop_propagation();
                                on_close.call(());
                            }
                        },
                    }
                }
                Offers { completion }
            }
            if let Some(failure) = failed.read().as_ref() {
                p { class: "failure", role: "alert", "{failure}" }
            }
            div { class: "dialog-buttons",
                if length > TEXT_CHARS {
                    span { class: "count count-over", {number(length)} " / " {number(TEXT_CHARS)} }
                }
                if to.is_some() {
                    button { class: "button button-quiet", onclick: move |_| on_close.call(()), {t("cancel")} }
                }
                EmojiButton { class: "icon-button", testid: "comment-emoji", on_choose: move |emoji: String| completion.insert(&emoji) }
                button { class: "button button-primary", "data-testid": "comment-send", disabled: blocked, onclick: move |_| send.call(()),
                    Icon { shape: Shape::Comment }
                    {t("answer-send")}
                }
            }
        }
    }
}
