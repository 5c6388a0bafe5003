//! A post that goes out in a moment, and the ways to take it back. The node decides which of both it is: the page only
//! shows what waits there, and may be closed meanwhile.

use std::time::Duration;

use dioxus::prelude::*;
use kith_node::limits::{UNDO_MOST_S, UNDO_S};
use kith_node::{Node, Waiting, Writing, WritingPart};

use super::Draft;
use super::card::StagedCard;
use super::quoted::to_field;
use crate::apart::Apart;
use crate::attached::FileFace;
use crate::audience::{Audience, Reach};
use crate::choice::OneOf;
use crate::circles::Circles;
use crate::failure::Failure;
use crate::feed::Feed;
use crate::keyboard::{COMPOSE, Keyboard};
use crate::markup::Markup;
use crate::mention::Names;
use crate::notice::{Notices, act, spawn_in_app};
use crate::poll::PollLines;
use crate::posts::Posts;
use crate::quote::Quoted;
use crate::route::Places;
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

/// Of this device: how long a post waits, s; `off`: it does not.
const UNDO: &str = "writing.undo";
const OFF: &str = "off";

/// How long a post waits on this device, s; 0: it does not. `node`: of the profile, whoever is looked at alone.
pub(super) async fn wait_s(node: &Node) -> u64 {
    match node.remembered(UNDO).await.ok().flatten().as_deref() {
        Some(OFF) => 0,
        Some(chosen) => chosen.parse().unwrap_or(UNDO_S),
        None => UNDO_S,
    }
}

/// To whom it goes, in words for afterwards.
pub(super) fn told(writing: &Writing, circles: Circles) -> String {
    let audience = writing.audience.clone().map(Audience::of);
    Reach::of(audience.as_ref(), &circles.every()).map_or_else(|| t("composer-sent"), |reach| reach.sent())
}

impl Draft {
    /// Sends it off, and empties the fields.
    pub(super) async fn send_off(
        mut self,
        writing: Writing,
        wait: u64,
        surface: &Surface,
        (feed, posts, notices, circles): (Feed, Posts, Notices, Circles),
    ) {
        let (sent, later) = (told(&writing, circles), writing.at_ms.is_some());
        match surface.node.post_after(writing.clone(), Duration::from_secs(wait)).await {
            Ok(waits) => {
                // Drawn with the empty fields, not after them, whether it waits or stands in the feed. What waited before
                // has to be looked at in the node first.
                if waits.is_none() {
                    feed.to_newest(surface, posts).await;
                }
                if let Some(id) = waits.filter(|_| !later && self.waiting.peek().is_none()) {
                    self.waiting.set(Some(Waiting {
                        id,
                        writing,
                        due_ms: time::now_ms() + wait * 1_000,
                        refused: None,
                    }));
                }
                self.clear();
                if later {
                    notices.tell(t("schedule-done"));
                } else if waits.is_none() {
                    notices.tell(sent);
                } else {
                    notices.tell(t_args("drafts-waiting-told", &[("seconds", wait.into())]));
                }
            }
            Err(error) => self.refused(&error),
        }
        self.heed(surface, (feed, posts, notices, circles)).await;
    }

    fn refused(mut self, error: &kith_node::Error) {
        let text = Failure::of(error).to_string();
        self.failed.set(Some(Failure { text, hint: Some(t("composer-kept")) }));
    }

    /// Looks at what waits in the node, and at what became of it.
    pub(crate) async fn heed(
        mut self,
        surface: &Surface,
        (feed, posts, notices, circles): (Feed, Posts, Notices, Circles),
    ) {
        let Ok(outgoing) = surface.node.outgoing().await else { return };
        let before = self.waiting.peek().clone();
        // What was asked for before that ended may come after it.
        let over = *self.over.peek();
        let now = outgoing.waiting.filter(|waiting| Some(waiting.id) != over);
        let is_its_end = |id| before.as_ref().is_some_and(|before| before.id == id) && Some(id) != over;
        let Some(ended) = outgoing.ended.filter(|ended| is_its_end(ended.id)) else {
            if before != now {
                self.waiting.set(now);
            }
            return;
        };
        self.over.set(Some(ended.id));
        if matches!(&*ended.result, Ok(Some(_))) {
            // It stands in the feed before it is taken from where it waited.
            feed.to_newest(surface, posts).await;
        }
        self.waiting.set(now);
        let Some(before) = before else { return };
        match &*ended.result {
            Ok(Some(_)) => notices.tell(told(&before.writing, circles)),
            Ok(None) => self.has_back(before.writing, surface).await,
            Err(error) => {
                self.has_back(before.writing, surface).await;
                self.refused(error);
            }
        }
    }

    /// It stands in the fields again, before what was begun since.
    async fn has_back(mut self, held: Writing, surface: &Surface) {
        let Some(since) = self.writing() else { return };
        let whole = held.joined(since);
        self.refocus.set(true);
        self.fill(&whole);
        let _best_effort = surface.node.keep_begun(whole).await;
    }

    /// Whether a post waits to go out. Reads and subscribes.
    pub(crate) fn waits(self) -> bool {
        self.waiting.read().is_some()
    }

    /// Takes back what waits, if something does.
    pub(crate) fn take_back(self, with: Undoing) {
        let Some(id) = self.waiting.peek().as_ref().map(|waiting| waiting.id) else { return };
        let Undoing { surface, feed, posts, notices, circles, places, keyboard } = with;
        spawn_in_app(async move {
            match surface.node.take_post_back(id).await {
                Ok(true) => {}
                Ok(false) => notices.tell(t("drafts-out")),
                Err(error) => notices.fail(&Failure::of(&error)),
            }
            to_field(&surface, feed, posts, places).await;
            self.heed(&surface, (feed, posts, notices, circles)).await;
            keyboard.focus_on(COMPOSE);
        });
    }
}

/// What taking back needs.
#[derive(Clone)]
pub(crate) struct Undoing {
    pub(crate) surface: Surface,
    pub(crate) feed: Feed,
    pub(crate) posts: Posts,
    pub(crate) notices: Notices,
    pub(crate) circles: Circles,
    pub(crate) places: Places,
    pub(crate) keyboard: Keyboard,
}

impl Undoing {
    /// Of the component that is being drawn.
    pub(crate) fn here() -> Self {
        Self {
            surface: use_context(),
            feed: use_context(),
            posts: use_context(),
            notices: use_context(),
            circles: use_context(),
            places: use_context(),
            keyboard: use_context(),
        }
    }
}

/// The post that waits, where it will stand.
#[component]
pub(crate) fn BeingSent() -> Element {
    let draft = use_context::<Draft>();
    let undoing = Undoing::here();
    let Some(waiting) = draft.waiting.read().clone() else { return rsx! {} };
    let reach = Reach::of(waiting.writing.audience.clone().map(Audience::of).as_ref(), &undoing.circles.every());
    rsx! {
        section { class: "post being-sent", aria_label: t("drafts-waiting"), "data-testid": "being-sent",
            div { class: "form-row",
                p { class: "grow hint",
                    {t("drafts-waiting")}
                    if let Some(reach) = reach {
                        " "
                        bdi { dir: "auto", {reach.to_whom()} }
                    }
                }
                button {
                    class: "button button-quiet",
                    aria_keyshortcuts: "z",
                    title: t("drafts-undo-title"),
                    "data-testid": "undo-post",
                    onclick: move |_| draft.take_back(undoing.clone()),
                    {t("drafts-undo")}
                }
            }
            Content { writing: waiting.writing }
        }
    }
}

/// What a post says that waits.
#[component]
pub(super) fn Content(writing: Writing) -> Element {
    let (surface, names) = (use_context::<Surface>(), use_context::<Names>());
    let Writing { text, cw, mut files, card, quote, poll, more, .. } = writing;
    let of_card = card.as_ref().and_then(|card| card.picture);
    files.retain(|(file, _)| Some(file.hash) != of_card);
    rsx! {
        if let Some(cw) = cw.filter(|cw| !cw.trim().is_empty()) {
            p { dir: "auto", strong { "{cw}" } }
        }
        if !text.trim().is_empty() {
            div { class: "post-text", Markup { mentions: names.named(&text), text } }
        }
        if let Some(card) = card {
            div { class: "link-card", StagedCard { card } }
        }
        if !files.is_empty() {
            ul { class: "attached",
                for (file , alt) in files {
                    li { key: "{file.hash}", class: "attached-picture",
                        if file.width > 0 {
                            img { src: surface.media(file.thumb.unwrap_or(file.hash)), alt, width: "96", height: "96" }
                        } else {
                            FileFace { name: file.name.clone(), size: file.size }
                        }
                    }
                }
            }
        }
        if let Some(poll) = poll {
            PollLines { options: poll.options }
        }
        if let Some(id) = quote {
            Quoted { id }
        }
        for WritingPart { text , cw , files } in more.into_iter().filter(|part| !part.is_empty()) {
            hr { class: "series-line" }
            Content { writing: Writing { text, cw, files, ..Writing::default() } }
        }
    }
}

/// How long posts wait on this device.
#[component]
pub(crate) fn UndoChoice() -> Element {
    let home = use_context::<Apart>().home().node.clone();
    let notices = use_context::<Notices>();
    let mut chosen = use_signal(|| None::<u64>);
    let node = home.clone();
    use_future(move || {
        let node = node.clone();
        async move { chosen.set(Some(wait_s(&node).await)) }
    });
    rsx! {
        OneOf {
            label: t("settings-undo"),
            name: UNDO,
            testid: "undo",
            options: vec![(0, OFF, "settings-undo-off"), (UNDO_S, "5", "settings-undo-5"), (UNDO_MOST_S, "10", "settings-undo-10")],
            chosen: chosen(),
            on_choose: move |seconds: u64| {
                chosen.set(Some(seconds));
                let node = home.clone();
                let value = if seconds == 0 { OFF.to_owned() } else { seconds.to_string() };
                act(notices, async move { node.remember(UNDO, &value).await });
            },
        }
        p { class: "hint", {t("settings-undo-told")} }
    }
}
