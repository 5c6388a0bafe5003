//! A post with its comments as a tree, and the box to answer.

use std::collections::{HashMap, HashSet};

use dioxus::prelude::*;
use kith_node::id::{EntryId, PersonaId};
use kith_node::limits::TEXT_CHARS;
use kith_node::view::{CommentView, PostPage};

use crate::complete::{self, Offers, use_completion};
use crate::composer::sends;
use crate::emoji::EmojiButton;
use crate::ended::EndedLine;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::hidden::Hidden;
use crate::icon::{Icon, Shape};
use crate::keyboard::{ANSWER, typing};
use crate::markup::Markup;
use crate::me::Me;
use crate::mention::Names;
use crate::menu::{About, EntryMenu};
use crate::nav::BackButton;
use crate::notice::spawn_in_app;
use crate::post::{Byline, EditBox, PostCard, Reactions, shown_name};
use crate::posts::Posts;
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::writer::PersonaChip;

/// Indents that are drawn; deeper comments stand below each other.
const INDENTS: usize = 6;
/// Answers that are kept while the user looks elsewhere.
const DRAFTS: usize = 50;
/// Comments in the page at once; more on demand.
const COMMENTS: usize = 200;

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

#[component]
pub(crate) fn PostScreen(id: ReadSignal<EntryId>) -> Element {
    let surface = use_context::<Surface>();
    let posts = use_context::<Posts>();
    let pulse = use_context::<Pulse>();
    let mut answering = use_signal(|| None::<EntryId>);
    let page = use_resource(move || {
        let node = surface.node.clone();
        let (id, _again) = (id(), ((pulse.posts)(), (pulse.follows)()));
        async move {
            let page = node.show(id).await.map_err(|error| Failure::of(&error))?;
            posts.put(std::slice::from_ref(&page.post));
            Ok::<PostPage, Failure>(page)
        }
    });
    let page = page.read();
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
                            Thread { root: page.post.id, own_post: page.post.own, ended: page.ended.is_some(), comments: page.thread.clone(), answering, on_answer: move |to| answering.set(to) }
                        },
                        Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                        _ => rsx! { p { class: "quiet-line", role: "status", {t("loading")} } },
                    }
                }
            }
        }
    }
}

#[component]
fn Thread(
    root: EntryId,
    own_post: bool,
    /// Nothing can be said here any more.
    ended: bool,
    comments: ReadSignal<Vec<CommentView>>,
    answering: ReadSignal<Option<EntryId>>,
    on_answer: EventHandler<Option<EntryId>>,
) -> Element {
    let mut folded = use_signal(HashSet::<EntryId>::new);
    let mut limit = use_signal(|| COMMENTS);
    let rows = use_memo(move || arrange(root, &comments.read(), &folded.read()));
    let total = comments.read().len();
    let rows = rows.read();
    let known = comments.read();
    rsx! {
        section { class: "thread", aria_label: t("thread-label"), "data-testid": "thread",
            h2 { class: "thread-title", {t_args("thread-count", &[("count", total.into())])} }
            if total == 0 {
                p { class: "quiet-line", {t("thread-empty")} }
            }
            for row in rows.iter().take(limit()) {
                if let Some(comment) = known.get(row.at) {
                    Comment {
                        key: "{comment.id}",
                        root,
                        own_post,
                        ended,
                        comment: comment.clone(),
                        depth: row.depth.min(INDENTS),
                        below: row.below,
                        folded: folded.read().contains(&comment.id),
                        answering: answering() == Some(comment.id),
                        on_answer,
                        on_fold: move |id: EntryId| {
                            let mut folded = folded.write();
                            if !folded.remove(&id) {
                                folded.insert(id);
                            }
                        },
                    }
                }
            }
            if rows.len() > limit() {
                button { class: "button button-quiet wide", onclick: move |_| limit += COMMENTS, {t("thread-more")} }
            }
        }
    }
}

/// A visible comment: its place in the list, how deep it stands and how many stand below it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    at: usize,
    depth: usize,
    below: usize,
}

/// Parents before children, brothers in the given order; what is below a folded comment is left out. A comment whose
/// parent is not here stands at the first level.
fn arrange(root: EntryId, comments: &[CommentView], folded: &HashSet<EntryId>) -> Vec<Row> {
    let ids: HashMap<EntryId, usize> = comments.iter().enumerate().map(|(at, comment)| (comment.id, at)).collect();
    let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for (at, comment) in comments.iter().enumerate() {
        // A parent stands earlier in the list, so that no circle can arise.
        let parent = ids.get(&comment.parent).copied().filter(|parent| comment.parent != root && *parent < at);
        children.entry(parent).or_default().push(at);
    }
    let mut below = vec![0_usize; comments.len()];
    for (at, comment) in comments.iter().enumerate().rev() {
        let own = below.get(at).copied().unwrap_or_default();
        if let Some(parent) = ids.get(&comment.parent).copied().filter(|parent| *parent < at)
            && let Some(sum) = below.get_mut(parent)
        {
            *sum += own + 1;
        }
    }
    let mut rows = Vec::new();
    let mut open: Vec<(usize, usize)> = children.get(&None).into_iter().flatten().rev().map(|at| (*at, 0)).collect();
    while let Some((at, depth)) = open.pop() {
        rows.push(Row { at, depth, below: below.get(at).copied().unwrap_or_default() });
        if comments.get(at).is_some_and(|comment| folded.contains(&comment.id)) {
            continue;
        }
        open.extend(children.get(&Some(at)).into_iter().flatten().rev().map(|child| (*child, depth + 1)));
    }
    rows
}

#[component]
fn Comment(
    root: EntryId,
    own_post: bool,
    ended: bool,
    comment: ReadSignal<CommentView>,
    depth: usize,
    below: usize,
    folded: bool,
    answering: bool,
    on_answer: EventHandler<Option<EntryId>>,
    on_fold: EventHandler<EntryId>,
) -> Element {
    let mut editing = use_signal(|| false);
    let mut unfolded = use_signal(|| false);
    let view = comment.read();
    let id = view.id;
    if view.blocked || view.muted && !unfolded() {
        return rsx! {
            article { class: "comment", "data-depth": "{depth}", "data-testid": "comment-kept-out",
                div { class: "form-row",
                    if view.blocked {
                        p { class: "muted", {t("comment-blocked")} }
                    } else {
                        p { class: "muted", {t("comment-muted")} }
                        button {
                            class: "chip chip-quiet",
                            aria_expanded: "false",
                            "data-testid": "comment-unfold",
                            onclick: move |_| unfolded.set(true),
                            {t("post-show")}
                        }
                    }
                }
            }
        };
    }
    rsx! {
        article { class: "comment", "data-depth": "{depth}", "data-testid": "comment", aria_labelledby: "by-{id}",
            div { class: "post-head",
                Byline {
                    id,
                    author: view.author,
                    name: view.author_name.clone(),
                    picture: view.author_picture,
                    created_ms: view.created_ms,
                    edited: view.edited,
                }
                if !view.deleted {
                    EntryMenu {
                        about: About {
                            id,
                            author: view.author,
                            name: shown_name(&view.author_name),
                            own: view.own,
                            post: false,
                            sealed: false,
                            bookmarked: view.bookmarked,
                            thread_muted: false,
                            open: false,
                            can_hide: own_post && !view.own,
                        },
                        on_edit: move |()| editing.set(true),
                    }
                }
            }
            if view.deleted {
                p { class: "muted", {t("comment-deleted")} }
            } else if editing() {
                EditBox { id, text: view.text.clone(), on_close: move |()| editing.set(false) }
            } else {
                div { class: "post-text", "data-testid": "comment-body", Markup { text: view.text.clone(), mentions: view.mentions.clone() } }
            }
            div { class: "post-foot",
                if !view.deleted {
                    Reactions { id, reactions: view.reactions.clone(), mine: view.mine.clone() }
                    if !ended {
                        button {
                            class: "chip chip-quiet",
                            "data-testid": "comment-answer",
                            aria_expanded: answering,
                            onclick: move |_| on_answer.call(if answering { None } else { Some(id) }),
                            {t("comment-answer")}
                        }
                    }
                }
                if below > 0 {
                    button {
                        class: "chip chip-quiet",
                        aria_expanded: !folded,
                        onclick: move |_| on_fold.call(id),
                        if folded { {t_args("thread-unfold", &[("count", below.into())])} } else { {t("thread-fold")} }
                    }
                }
            }
            if answering && !ended {
                AnswerBox { post: root, to: Some(id), name: shown_name(&view.author_name), on_close: move |()| on_answer.call(None) }
            }
        }
    }
}

/// Answers the post, or the comment `to`.
#[component]
fn AnswerBox(post: EntryId, to: Option<EntryId>, name: String, on_close: EventHandler<()>) -> Element {
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
                    span { class: "count count-over", "{length} / {TEXT_CHARS}" }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kith_node::id::PersonaId;

    use super::*;

    const ROOT: EntryId = EntryId::from_bytes([0xaa; 32]);

    fn id(number: u8) -> EntryId {
        EntryId::from_bytes([number; 32])
    }

    fn comment(number: u8, parent: EntryId) -> CommentView {
        CommentView {
            id: id(number),
            author: PersonaId::ZERO,
            author_name: "Bob".into(),
            author_picture: None,
            parent,
            text: String::new(),
            mentions: vec![],
            created_ms: 0,
            deleted: false,
            edited: false,
            own: false,
            reactions: BTreeMap::new(),
            mine: vec![],
            bookmarked: false,
            muted: false,
            blocked: false,
        }
    }

    fn shape(rows: &[Row]) -> Vec<(usize, usize, usize)> {
        rows.iter().map(|row| (row.at, row.depth, row.below)).collect()
    }

    #[test]
    fn children_stand_below_their_parents() {
        let comments = [comment(1, ROOT), comment(2, ROOT), comment(3, id(1)), comment(4, id(3)), comment(5, id(9))];
        let rows = arrange(ROOT, &comments, &HashSet::new());
        assert_eq!(shape(&rows), [(0, 0, 2), (2, 1, 1), (3, 2, 0), (1, 0, 0), (4, 0, 0)]);
        let rows = arrange(ROOT, &comments, &HashSet::from([id(1)]));
        assert_eq!(shape(&rows), [(0, 0, 2), (1, 0, 0), (4, 0, 0)]);
    }

    #[test]
    fn a_circle_of_parents_ends() {
        let comments = [comment(1, id(2)), comment(2, id(1)), comment(3, id(3))];
        assert_eq!(arrange(ROOT, &comments, &HashSet::new()).len(), 3);
    }
}
