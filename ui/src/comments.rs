//! What was said under a post, as a tree: branches that fold, deep ones that go on in a page of their own, and what came
//! since the last visit.

use std::collections::{HashMap, HashSet};

use dioxus::prelude::*;
use kith_node::Node;
use kith_node::id::EntryId;
use kith_node::view::CommentView;

use crate::icon::{Icon, Shape};
use crate::keyboard::Keyboard;
use crate::markup::Markup;
use crate::menu::{About, EntryMenu};
use crate::notice::spawn_in_app;
use crate::post::{Byline, EditBox, Reactions, shown_name};
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::thread::AnswerBox;
use crate::time;

/// Indents that are drawn; deeper comments stand below each other.
const INDENTS: usize = 6;
/// Levels of answers in one page; what is deeper goes on in one of its own.
const LEVELS: usize = 12;
/// Comments in the page at once; more on demand.
const COMMENTS: usize = 200;
/// Posts of which it is remembered which branches are folded, and how far they were read.
const REMEMBERED: usize = 200;
/// Under which the last visits are remembered on this device.
const VISITS: &str = "comments.seen";

/// Which branches are folded, while the page lives, by post.
#[derive(Clone, Copy)]
pub(crate) struct Folds(Signal<HashMap<EntryId, HashSet<EntryId>>>);

impl Folds {
    pub(crate) fn new() -> Self {
        Self(Signal::new(HashMap::new()))
    }

    /// Reads and subscribes.
    fn of(self, post: EntryId) -> HashSet<EntryId> {
        self.0.read().get(&post).cloned().unwrap_or_default()
    }

    fn toggle(mut self, post: EntryId, comment: EntryId) {
        let mut all = self.0.write();
        if all.len() >= REMEMBERED && !all.contains_key(&post) {
            all.clear();
        }
        let folded = all.entry(post).or_default();
        if !folded.remove(&comment) {
            folded.insert(comment);
        }
    }

    fn unfold(mut self, post: EntryId, comments: &[EntryId]) {
        if self.0.peek().get(&post).is_some_and(|folded| comments.iter().any(|id| folded.contains(id)))
            && let Some(folded) = self.0.write().get_mut(&post)
        {
            comments.iter().for_each(|id| {
                folded.remove(id);
            });
        }
    }
}

/// How far a post's comments were read on this device: up to the newest of them, by its own time. Times are whole
/// seconds, so those of that second are named.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Visit {
    post: EntryId,
    ms: u64,
    /// How their ids begin.
    named: Vec<String>,
}

/// Comments of one second that are named.
const NAMED: usize = 16;

impl Visit {
    fn of(post: EntryId, comments: &[CommentView], now_ms: u64) -> Self {
        // A time that is still to come would hide what is said until then.
        let ms = comments.iter().map(|comment| comment.created_ms).filter(|ms| *ms <= now_ms).max().unwrap_or_default();
        let named = comments.iter().filter(|comment| comment.created_ms == ms).map(|comment| begin(comment.id));
        Self { post, ms, named: named.take(NAMED).collect() }
    }

    fn is_new(&self, comment: &CommentView) -> bool {
        let named = || self.named.iter().any(|named| *named == begin(comment.id));
        !comment.own && (comment.created_ms > self.ms || comment.created_ms == self.ms && !named())
    }
}

fn begin(id: EntryId) -> String {
    id.to_string().chars().take(8).collect()
}

/// The last visits, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Visits(Vec<Visit>);

impl Visits {
    fn parse(text: &str) -> Self {
        let visit = |part: &str| {
            let mut parts = part.split(':');
            let (post, ms) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let named = parts.next()?.split(',').filter(|named| !named.is_empty());
            Some(Visit { post, ms, named: named.map(str::to_owned).take(NAMED).collect() })
        };
        Self(text.split(' ').filter_map(visit).take(REMEMBERED).collect())
    }

    fn text(&self) -> String {
        let visit = |visit: &Visit| format!("{}:{}:{}", visit.post, visit.ms, visit.named.join(","));
        self.0.iter().map(visit).collect::<Vec<_>>().join(" ")
    }

    fn last(&self, post: EntryId) -> Option<Visit> {
        self.0.iter().find(|visit| visit.post == post).cloned()
    }

    fn add(&mut self, visit: Visit) {
        self.0.retain(|known| known.post != visit.post);
        self.0.insert(0, visit);
        self.0.truncate(REMEMBERED);
    }
}

async fn visits(node: &Node) -> Visits {
    Visits::parse(&node.remembered(VISITS).await.ok().flatten().unwrap_or_default())
}

#[component]
pub(crate) fn Thread(
    root: EntryId,
    /// The comment that is to be shown.
    at: ReadSignal<Option<EntryId>>,
    own_post: bool,
    /// Nothing can be said here any more.
    ended: bool,
    comments: ReadSignal<Vec<CommentView>>,
    answering: ReadSignal<Option<EntryId>>,
    on_answer: EventHandler<Option<EntryId>>,
) -> Element {
    let surface = use_context::<Surface>();
    let (folds, keyboard, places) = (use_context::<Folds>(), use_context::<Keyboard>(), use_context::<Places>());
    let mut limit = use_signal(|| COMMENTS);
    let from = use_memo(move || at().and_then(|at| branch(root, &comments.read(), at)));
    let rows = use_memo(move || arrange(root, &comments.read(), &folds.of(root), from()));
    // What came since the last visit; what is on the screen now was seen in this one.
    let node = surface.node.clone();
    let since = use_resource(move || {
        let node = node.clone();
        async move { visits(&node).await.last(root) }
    });
    use_effect(move || {
        let visit = Visit::of(root, &comments.read(), time::now_ms());
        if since.read().is_none() {
            return;
        }
        let node = surface.node.clone();
        spawn_in_app(async move {
            let mut all = visits(&node).await;
            all.add(visit);
            let _at_worst_too_much_is_marked = node.remember(VISITS, &all.text()).await;
        });
    });
    // A link leads to one of them, once for each time that it is followed.
    let mut shown = use_signal(|| None::<EntryId>);
    use_effect(move || {
        let Some(wanted) = at().filter(|wanted| *shown.peek() != Some(*wanted)) else { return };
        folds.unfold(root, &above(root, &comments.read(), wanted));
        let Some(place) = rows.read().iter().position(|row| row.id == wanted) else { return };
        if place >= *limit.peek() {
            limit.set(place + COMMENTS);
        }
        shown.set(Some(wanted));
        keyboard.focus_on(&place_of(wanted));
    });
    let total = comments.read().len();
    let since = since().flatten();
    let known = comments.read();
    let is_new = |comment: &CommentView| since.as_ref().is_some_and(|since| since.is_new(comment));
    let new = known.iter().filter(|comment| is_new(comment) && !comment.deleted).count();
    let folded = folds.of(root);
    let rows = rows.read();
    rsx! {
        section { class: "thread", aria_label: t("thread-label"), "data-testid": "thread",
            h2 { class: "thread-title",
                {t_args("thread-count", &[("count", total.into())])}
                if new > 0 {
                    span { class: "thread-new", "data-testid": "thread-new", {t_args("thread-new", &[("count", new.into())])} }
                }
            }
            if total == 0 {
                p { class: "quiet-line", {t("thread-empty")} }
            }
            if from().is_some() {
                button { class: "button button-quiet wide", "data-testid": "thread-whole", onclick: move |_| places.go(Route::Post(root)),
                    Icon { shape: Shape::Up }
                    {t("thread-whole")}
                }
            }
            for row in rows.iter().take(limit()).cloned() {
                if let Some(comment) = known.get(row.at) {
                    Comment {
                        key: "{comment.id}",
                        root,
                        own_post,
                        ended,
                        comment: comment.clone(),
                        new: is_new(comment),
                        here: at() == Some(comment.id),
                        folded: folded.contains(&comment.id),
                        answering: answering() == Some(comment.id),
                        on_answer,
                        on_fold: move |id: EntryId| folds.toggle(root, id),
                        row,
                    }
                }
            }
            if rows.len() > limit() {
                button { class: "button button-quiet wide", onclick: move |_| limit += COMMENTS, {t("thread-more")} }
            }
        }
    }
}

/// The id of a comment's element, to which the focus can move.
fn place_of(id: EntryId) -> String {
    format!("comment-{id}")
}

/// A visible comment: its place in the list, how deep it stands and how many stand below it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    id: EntryId,
    at: usize,
    depth: usize,
    below: usize,
    /// Where it goes on, if not in this page.
    on: Option<EntryId>,
}

/// Parents before children, brothers in the given order; what is below a folded comment is left out, and so is what is
/// too deep. A comment whose parent is not here stands at the first level. `from`: only this one and what is below.
fn arrange(root: EntryId, comments: &[CommentView], folded: &HashSet<EntryId>, from: Option<EntryId>) -> Vec<Row> {
    let tree = Tree::new(root, comments);
    let mut below = vec![0_usize; comments.len()];
    for at in (0..comments.len()).rev() {
        let own = below.get(at).copied().unwrap_or_default();
        if let Some(sum) = tree.parent(at).and_then(|parent| below.get_mut(parent)) {
            *sum += own + 1;
        }
    }
    let first = match from.and_then(|from| tree.places.get(&from)) {
        Some(from) => std::slice::from_ref(from),
        None => tree.children(None),
    };
    let mut rows = Vec::new();
    let mut open: Vec<(usize, usize)> = first.iter().rev().map(|at| (*at, 0)).collect();
    while let Some((at, depth)) = open.pop() {
        let Some(comment) = comments.get(at) else { continue };
        let children = tree.children(Some(at));
        let last = depth + 1 >= LEVELS;
        let on = children.first().and_then(|child| comments.get(*child)).filter(|_| last).map(|child| child.id);
        rows.push(Row { id: comment.id, at, depth, below: below.get(at).copied().unwrap_or_default(), on });
        if !last && !folded.contains(&comment.id) {
            open.extend(children.iter().rev().map(|child| (*child, depth + 1)));
        }
    }
    rows
}

/// Where the branch begins in which a comment stands, if not in the page of the whole thread: each page ends with the
/// comment with which the next begins.
fn branch(root: EntryId, comments: &[CommentView], of: EntryId) -> Option<EntryId> {
    let above = above(root, comments, of);
    if above.len() < LEVELS {
        return None;
    }
    let begins = above.len() - above.len() % (LEVELS - 1);
    // One that begins a page ends another: there it stands with those above it.
    let begins = if begins == above.len() { begins - (LEVELS - 1) } else { begins };
    above.get(begins).copied()
}

/// Those above a comment, the first level first.
fn above(root: EntryId, comments: &[CommentView], of: EntryId) -> Vec<EntryId> {
    let tree = Tree::new(root, comments);
    let Some(mut at) = tree.places.get(&of).copied() else { return Vec::new() };
    let mut above = Vec::new();
    while let Some(parent) = tree.parent(at) {
        above.extend(comments.get(parent).map(|comment| comment.id));
        at = parent;
    }
    above.reverse();
    above
}

/// Who stands below whom, by places in the list.
struct Tree {
    places: HashMap<EntryId, usize>,
    parents: Vec<Option<usize>>,
    children: HashMap<Option<usize>, Vec<usize>>,
}

impl Tree {
    fn new(root: EntryId, comments: &[CommentView]) -> Self {
        let places: HashMap<EntryId, usize> =
            comments.iter().enumerate().map(|(at, comment)| (comment.id, at)).collect();
        let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        let mut parents = Vec::with_capacity(comments.len());
        for (at, comment) in comments.iter().enumerate() {
            // A parent stands earlier in the list, so that no circle can arise.
            let parent = places.get(&comment.parent).copied().filter(|parent| comment.parent != root && *parent < at);
            parents.push(parent);
            children.entry(parent).or_default().push(at);
        }
        Self { places, parents, children }
    }

    fn parent(&self, at: usize) -> Option<usize> {
        self.parents.get(at).copied().flatten()
    }

    fn children(&self, of: Option<usize>) -> &[usize] {
        self.children.get(&of).map_or(&[], Vec::as_slice)
    }
}

#[component]
fn Comment(
    root: EntryId,
    own_post: bool,
    ended: bool,
    comment: ReadSignal<CommentView>,
    row: Row,
    /// It came since the last visit.
    new: bool,
    /// A link led to it.
    here: bool,
    folded: bool,
    answering: bool,
    on_answer: EventHandler<Option<EntryId>>,
    on_fold: EventHandler<EntryId>,
) -> Element {
    let places = use_context::<Places>();
    let mut editing = use_signal(|| false);
    let mut unfolded = use_signal(|| false);
    let view = comment.read();
    let (id, depth, below) = (view.id, row.depth.min(INDENTS), row.below);
    if view.blocked || view.muted && !unfolded() {
        return rsx! {
            article { class: "comment", id: place_of(id), tabindex: "-1", "data-depth": "{depth}", "data-testid": "comment-kept-out",
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
        article {
            class: "comment",
            id: place_of(id),
            tabindex: "-1",
            "data-depth": "{depth}",
            "data-new": new,
            "data-here": here,
            "data-comment": "{id}",
            "data-testid": "comment",
            aria_labelledby: "by-{id}",
            div { class: "post-head",
                Byline {
                    id,
                    author: view.author,
                    name: view.author_name.clone(),
                    picture: view.author_picture,
                    created_ms: view.created_ms,
                    edited: view.edited,
                }
                if new && !view.deleted {
                    span { class: "thread-new", "data-testid": "comment-new", {t("comment-new")} }
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
                            list: false,
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
                if let Some(on) = row.on {
                    button {
                        class: "chip chip-quiet",
                        "data-testid": "thread-on",
                        onclick: move |_| places.go(Route::Comment(root, on)),
                        {t_args("thread-on", &[("count", below.into())])}
                    }
                } else if below > 0 {
                    button {
                        class: "chip chip-quiet",
                        aria_expanded: !folded,
                        "data-testid": "comment-fold",
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

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
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
        let rows = arrange(ROOT, &comments, &HashSet::new(), None);
        assert_eq!(shape(&rows), [(0, 0, 2), (2, 1, 1), (3, 2, 0), (1, 0, 0), (4, 0, 0)]);
        let rows = arrange(ROOT, &comments, &HashSet::from([id(1)]), None);
        assert_eq!(shape(&rows), [(0, 0, 2), (1, 0, 0), (4, 0, 0)]);
        let rows = arrange(ROOT, &comments, &HashSet::new(), Some(id(3)));
        assert_eq!(shape(&rows), [(2, 0, 1), (3, 1, 0)]);
        assert_eq!(above(ROOT, &comments, id(4)), [id(1), id(3)]);
    }

    #[test]
    fn a_circle_of_parents_ends() {
        let comments = [comment(1, id(2)), comment(2, id(1)), comment(3, id(3))];
        assert_eq!(arrange(ROOT, &comments, &HashSet::new(), None).len(), 3);
        assert_eq!(above(ROOT, &comments, id(2)), [id(1)]);
    }

    #[test]
    fn a_deep_thread_goes_on_in_pages_of_its_own() {
        let comments: Vec<_> = (1..=64).map(|n| comment(n, if n == 1 { ROOT } else { id(n - 1) })).collect();
        let mut from = None;
        let (mut read, mut pages) = (Vec::new(), 0);
        loop {
            let rows = arrange(ROOT, &comments, &HashSet::new(), from);
            assert!(rows.len() <= LEVELS && rows.iter().all(|row| row.depth < LEVELS));
            read.extend(rows.iter().map(|row| row.id).filter(|id| !read.contains(id)).collect::<Vec<_>>());
            // Every comment of the page leads to this page or one that holds it too.
            for row in &rows {
                let own = arrange(ROOT, &comments, &HashSet::new(), branch(ROOT, &comments, row.id));
                assert!(own.iter().any(|other| other.id == row.id), "{:?} is not in its page", row.at);
            }
            pages += 1;
            let Some(on) = rows.last().and_then(|row| row.on) else { break };
            from = branch(ROOT, &comments, on);
            assert!(pages < 20);
        }
        assert_eq!(read, comments.iter().map(|comment| comment.id).collect::<Vec<_>>());
        assert_eq!(pages, 6);
    }

    #[test]
    fn what_came_since_the_last_visit_is_new() {
        let at = |number: u8, ms: u64| CommentView { created_ms: ms, ..comment(number, ROOT) };
        let read = [at(1, 1_000), at(2, 3_000), at(3, 3_000), at(4, 90_000)];
        let visit = Visit::of(ROOT, &read, 5_000);
        assert!(read.iter().take(3).all(|comment| !visit.is_new(comment)));
        assert!(visit.is_new(&read[3]), "from a clock that is ahead");
        assert!(visit.is_new(&at(5, 3_000)), "in the same second");
        assert!(visit.is_new(&at(6, 4_000)) && !visit.is_new(&CommentView { own: true, ..at(6, 4_000) }));
        assert!(Visit::of(ROOT, &[], 5_000).is_new(&at(7, 1_000)));
    }

    #[test]
    fn visits_read_back_and_the_oldest_goes() {
        let mut visits = Visits::default();
        for number in 0..250_u8 {
            visits.add(Visit { post: id(number), ms: u64::from(number), named: vec![] });
        }
        visits.add(Visit::of(id(249), &[comment(1, ROOT), comment(2, ROOT)], 7));
        assert_eq!(visits.0.len(), REMEMBERED);
        let last = |number| visits.last(id(number)).map(|visit| (visit.ms, visit.named.len()));
        assert_eq!((last(249), last(0), last(60)), (Some((0, 2)), None, Some((60, 0))));
        assert_eq!(Visits::parse(&visits.text()), visits);
        assert_eq!(Visits::parse("what another version wrote"), Visits::default());
    }
}
