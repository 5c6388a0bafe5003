//! Writing in a conversation. What was begun stays while the user looks elsewhere.

use std::collections::{HashMap, VecDeque};

use dioxus::html::HasFileData as _;
use dioxus::prelude::*;
use kith_node::id::{BlobHash, MessageId, ThreadId};
use kith_node::limits::{ALT_CHARS, ATTACHMENTS, MESSAGE_TEXT_BYTES, TEXT_CHARS};
use kith_node::{Attach, MessageDraft, Staged};

use crate::attached::{Attached, AttachedFile};
use crate::complete::{About, Offers, use_completion};
use crate::emoji::EmojiButton;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::{ChatAction, chat_action, typing};
use crate::mention::Names;
use crate::messages::Chats;
use crate::notice::spawn_in_app;
use crate::order::shift;
use crate::picture::{PictureInput, stage};
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::{Surface, Uploads};
use crate::writer::correspondent;

/// Conversations in which something was begun; past it the drafts of those that are not shown go.
const DRAFTS: usize = 200;
/// Messages that wait to be stored; what is more stays in the field.
const OUTGOING: usize = 100;
/// From how many characters on they are counted.
const COUNTED: usize = TEXT_CHARS / 10 * 9;

/// What is being written in a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Saying {
    text: String,
    pub(crate) reply: Option<MessageId>,
    /// An own message that gets another text, and that text; the new message waits meanwhile.
    pub(crate) edit: Option<(MessageId, String)>,
    files: Vec<Attached>,
}

impl Saying {
    fn shown(&self) -> &str {
        self.edit.as_ref().map_or(self.text.as_str(), |(_, text)| text)
    }

    fn type_in(&mut self, typed: String) {
        match &mut self.edit {
            Some((_, text)) => *text = typed,
            None => self.text = typed,
        }
    }

    fn fits(&self) -> bool {
        let text = self.shown();
        let described = self.files.iter().all(|file| file.alt.chars().count() <= ALT_CHARS);
        text.chars().count() <= TEXT_CHARS && text.len() <= MESSAGE_TEXT_BYTES && described
    }

    /// Whether there is something to send.
    fn says(&self) -> bool {
        !self.shown().trim().is_empty() || self.edit.is_none() && !self.files.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.reply.is_none() && self.edit.is_none() && self.files.is_empty()
    }
}

/// What was begun, by conversation; `None`: one that is not there yet.
#[derive(Clone, Copy)]
pub(crate) struct Drafts {
    map: Signal<HashMap<Option<ThreadId>, Saying>>,
    /// Files that are being prepared.
    preparing: Signal<usize>,
    /// What went wrong with the last one.
    failed: Signal<Option<(Option<ThreadId>, Failure)>>,
    /// Grows when the field is to show the stored text again.
    generation: Signal<u64>,
    /// What is sent, one after the other: quick messages keep their order.
    outgoing: Signal<VecDeque<(Option<ThreadId>, Saying)>>,
    /// Somebody works at that.
    sending: Signal<bool>,
}

impl Drafts {
    pub(crate) fn new() -> Self {
        Self {
            map: Signal::new(HashMap::new()),
            preparing: Signal::new(0),
            failed: Signal::new(None),
            generation: Signal::new(0),
            outgoing: Signal::new(VecDeque::new()),
            sending: Signal::new(false),
        }
    }

    /// Reads and subscribes.
    pub(crate) fn get(self, thread: Option<ThreadId>) -> Saying {
        self.map.read().get(&thread).cloned().unwrap_or_default()
    }

    pub(crate) fn reply(mut self, thread: ThreadId, to: MessageId) {
        self.change(Some(thread), |saying| (saying.reply, saying.edit) = (Some(to), None));
        self.generation += 1;
    }

    pub(crate) fn edit(mut self, thread: ThreadId, of: MessageId, text: String) {
        self.change(Some(thread), |saying| saying.edit = Some((of, text)));
        self.generation += 1;
    }

    /// Replies to the message above the one that is replied to, or below it; from none to the last, and past that to none.
    /// `all`: the oldest first.
    fn reply_beside(self, thread: ThreadId, all: &[MessageId], up: bool) {
        let saying = self.map.peek().get(&Some(thread)).cloned().unwrap_or_default();
        if saying.edit.is_some() {
            return;
        }
        let at = saying.reply.and_then(|reply| all.iter().position(|id| *id == reply));
        let next = match (at, up) {
            (Some(at), true) => all.get(at.saturating_sub(1)),
            (Some(at), false) => all.get(at + 1),
            (None, true) => all.last(),
            (None, false) => None,
        };
        match next {
            Some(next) => self.reply(thread, *next),
            None => {
                self.give_up(Some(thread));
            }
        }
    }

    /// Whether there was something to give up: the edit, or the reply.
    fn give_up(mut self, thread: Option<ThreadId>) -> bool {
        let saying = self.map.peek().get(&thread).cloned().unwrap_or_default();
        if saying.edit.is_none() && saying.reply.is_none() {
            return false;
        }
        self.change(thread, |saying| {
            if saying.edit.take().is_none() {
                saying.reply = None;
            }
        });
        self.generation += 1;
        true
    }

    fn change(mut self, thread: Option<ThreadId>, change: impl FnOnce(&mut Saying)) {
        let mut map = self.map.write();
        if map.len() >= DRAFTS && !map.contains_key(&thread) {
            map.clear();
        }
        let saying = map.entry(thread).or_default();
        change(saying);
        if saying.is_empty() {
            map.remove(&thread);
        }
    }

    /// Takes out what is to be sent, so that the next can be written at once. A failed one comes back.
    fn take(mut self, thread: Option<ThreadId>) -> Option<Saying> {
        let saying = self.map.peek().get(&thread).cloned()?;
        if !saying.says() || !saying.fits() {
            return None;
        }
        self.change(thread, |kept| match kept.edit {
            Some(_) => kept.edit = None,
            None => *kept = Saying::default(),
        });
        self.failed.set(None);
        self.generation += 1;
        Some(saying)
    }

    /// A file was prepared, or could not be.
    fn staged(mut self, thread: Option<ThreadId>, answer: Result<Staged, Failure>) {
        self.preparing.with_mut(|count| *count = count.saturating_sub(1));
        let full = self.map.peek().get(&thread).is_some_and(|saying| saying.files.len() >= ATTACHMENTS);
        match answer {
            Ok(_) if full => {
                let limit = t_args("say-too-many", &[("limit", ATTACHMENTS.into())]);
                self.failed.set(Some((thread, Failure::said(limit))));
            }
            Ok(staged) => self.change(thread, |saying| saying.files.push(Attached { staged, alt: String::new() })),
            Err(failure) => self.failed.set(Some((thread, failure))),
        }
    }

    fn describe(self, thread: Option<ThreadId>, file: BlobHash, alt: String) {
        self.change(thread, |saying| {
            if let Some(file) = saying.files.iter_mut().find(|known| known.staged.hash == file) {
                file.alt = alt;
            }
        });
    }

    fn give_back(mut self, thread: Option<ThreadId>, saying: Saying, failure: Failure) {
        self.change(thread, |kept| {
            if kept.is_empty() || saying.edit.is_some() && kept.edit.is_none() {
                *kept = saying;
            }
        });
        self.failed.set(Some((thread, failure)));
        self.generation += 1;
    }
}

impl Drafts {
    fn send(mut self, surface: &Surface, chats: Chats, places: Places, thread: Option<ThreadId>) {
        // Of what makes a conversation the answer is waited for: the next goes there.
        let waits = thread.is_none() && *self.sending.peek();
        if waits || self.outgoing.peek().len() >= OUTGOING {
            return;
        }
        let Some(saying) = self.take(thread) else { return };
        self.outgoing.write().push_back((thread, saying));
        if std::mem::replace(&mut *self.sending.write(), true) {
            return;
        }
        let surface = surface.clone();
        // It goes on when the screen is left.
        spawn_in_app(async move {
            loop {
                let next = self.outgoing.write().pop_front();
                let Some((thread, saying)) = next else { break };
                if let Err(error) = self.send_one(&surface, chats, places, thread, &saying).await {
                    self.give_back(thread, saying, Failure::of(&error));
                }
            }
            self.sending.set(false);
        });
    }

    async fn send_one(
        self,
        surface: &Surface,
        mut chats: Chats,
        places: Places,
        thread: Option<ThreadId>,
        saying: &Saying,
    ) -> kith_node::Result<()> {
        let text = saying.shown().trim().to_owned();
        let alt = |alt: &str| Some(alt.trim().to_owned()).filter(|alt| !alt.is_empty());
        let attach = |file: &Attached| Attach { staged: file.staged.hash, alt: alt(&file.alt) };
        let attachments = saying.files.iter().map(attach).collect();
        let draft = MessageDraft { text: text.clone(), reply_to: saying.reply, attachments };
        match (thread, &saying.edit) {
            (Some(thread), Some((of, _))) => surface.node.edit_message(thread, *of, &text).await,
            (Some(thread), None) => surface.node.send(None, thread, draft).await.map(drop),
            (None, _) => {
                let to: Vec<_> = chats.to.peek().iter().map(|(id, _)| *id).collect();
                let by = match *chats.by.peek() {
                    Some(by) => Some(by),
                    None => correspondent(&surface.node, &to).await?,
                };
                let made = surface.node.dm(by, to, draft).await?.thread;
                chats.load(surface).await;
                chats.to.set(Vec::new());
                self.belongs_to(made);
                if places.current() == Route::Write {
                    places.replace(Route::Chat(made));
                }
                Ok(())
            }
        }
    }

    /// What was begun before the conversation was there goes on in it.
    fn belongs_to(mut self, thread: ThreadId) {
        let begun = self.map.write().remove(&None);
        if let Some(begun) = begun {
            self.change(Some(thread), |saying| {
                if saying.is_empty() {
                    *saying = begun;
                }
            });
        }
    }
}

/// The field at the bottom of a conversation, or of one that its first message makes.
#[component]
pub(crate) fn MessageBox(
    thread: Option<ThreadId>,
    label: String,
    /// Whose message is replied to, and what it says.
    #[props(default)]
    about: Option<(String, String)>,
    /// What the upward arrow goes back to in an empty field.
    #[props(default)]
    last_own: Option<(MessageId, String)>,
    /// What can be replied to, the oldest first.
    #[props(default)]
    replies: Vec<MessageId>,
    /// The field takes the keyboard when it appears.
    #[props(default = true)]
    focus: bool,
) -> Element {
    let surface = use_context::<Surface>();
    let (chats, places) = (use_context::<Chats>(), use_context::<Places>());
    let mut drafts = use_context::<Drafts>();
    let names = use_context::<Names>();
    let completion = use_completion(About::Thread(thread));
    let began = use_hook(|| *drafts.generation.peek());
    let saying = drafts.get(thread);
    let length = saying.shown().chars().count();
    let preparing = (drafts.preparing)();
    let ready = saying.says() && saying.fits() && preparing == 0;
    let editing = saying.edit.is_some();
    let (node, picker) = (surface.node.clone(), surface.uploads == Uploads::Picker);
    let started = use_callback(move |count: usize| {
        drafts.failed.set(None);
        drafts.preparing += count;
    });
    let staged = use_callback(move |answer: Result<Staged, Failure>| drafts.staged(thread, answer));
    let dropped = move |event: DragEvent| {
        // As in the composer: the window knows the files' names, which the page does not.
        if picker && event.data_transfer().get_data("text/uri-list").is_some_and(|told| told.is_empty()) {
            stage(&node, event.files(), true, Some(started), staged);
        }
    };
    let send = use_callback(move |()| {
        if *drafts.preparing.peek() == 0 {
            drafts.send(&surface, chats, places, thread);
        }
    });
    rsx! {
        div { class: "say", "data-drop": "true", ondrop: dropped,
            if !saying.files.is_empty() && !editing {
                ul { class: "attached",
                    for (place , file) in saying.files.iter().cloned().enumerate() {
                        AttachedFile {
                            key: "{file.staged.hash}",
                            file,
                            place,
                            of: saying.files.len(),
                            on_move: move |later| drafts.change(thread, |saying| shift(&mut saying.files, place, later)),
                            on_alt: move |(hash, alt)| drafts.describe(thread, hash, alt),
                            on_remove: move |hash| {
                                drafts.change(thread, |saying| saying.files.retain(|file| file.staged.hash != hash));
                            },
                        }
                    }
                }
            }
            if preparing > 0 {
                p { class: "hint", role: "status", {t_args("say-preparing", &[("count", preparing.into())])} }
            }
            if editing {
                SayingAbout { thread, icon: Shape::Edit, title: t("say-editing"), text: t("say-editing-told"), whole: true }
            } else if let Some((name, text)) = about {
                SayingAbout { thread, icon: Shape::Reply, title: t_args("say-reply-to", &[("name", name.into())]), text }
            }
            if let Some((_, failure)) = drafts.failed.read().as_ref().filter(|(of, _)| *of == thread) {
                div { class: "failure failure-row",
                    p { class: "grow", role: "alert", "data-testid": "say-error", "{failure}" }
                    button { class: "icon-button", aria_label: t("close"), onclick: move |_| drafts.failed.set(None), Icon { shape: Shape::Close } }
                }
            }
            div { class: "say-row",
                if !editing {
                    PictureInput {
                        label: t("say-attach"),
                        testid: "say-attach",
                        multiple: true,
                        sealed: true,
                        on_started: started,
                        on_staged: staged,
                        Icon { shape: Shape::Attach }
                    }
                }
                EmojiButton { class: "icon-button say-emoji", testid: "say-emoji", on_choose: move |emoji: String| completion.insert(&emoji) }
                div { class: "completing grow",
                    for generation in [(drafts.generation)()] {
                        textarea {
                            key: "{generation}",
                            id: "say",
                            class: "field say-text",
                            rows: "1",
                            placeholder: "{label}",
                            aria_label: "{label}",
                            initial_value: names.shown(saying.shown()),
                            aria_autocomplete: "list",
                            aria_controls: completion.list(),
                            aria_activedescendant: completion.active(),
                            dir: "auto",
                            "data-enter": "send",
                            "data-testid": "say-text",
                            "data-autofocus": if focus || generation != began { Some("true") } else { None },
                            onmounted: move |event| {
                                if focus || generation != began {
                                    crate::app::focus(event);
                                }
                            },
                            oninput: move |event| {
                                drafts.change(thread, |saying| saying.type_in(names.kept(&event.value())));
                                completion.typed(event.value());
                            },
                            onkeydown: {
                                let (last_own, replies) = (last_own.clone(), replies.clone());
                                move |event: KeyboardEvent| {
                                    typing(&event);
                                    if event.is_composing() {
                                        return;
                                    }
                                    if event.key() == Key::Enter && !event.modifiers().shift() {
                                        event.prevent_default();
                                        send.call(());
                                    }
                                    match (chat_action(&event), thread) {
                                        (Some(ChatAction::GiveUp), _) if drafts.give_up(thread) => event.stop_propagation(),
                                        (Some(ChatAction::EditLast), Some(thread)) => {
                                            if let Some((of, text)) = last_own.clone()
                                                && drafts.map.peek().get(&Some(thread)).is_none()
                                            {
                                                drafts.edit(thread, of, text);
                                            }
                                        }
                                        (Some(action @ (ChatAction::ReplyUp | ChatAction::ReplyDown)), Some(thread)) => {
                                            event.prevent_default();
                                            drafts.reply_beside(thread, &replies, action == ChatAction::ReplyUp);
                                        }
                                        (Some(action @ (ChatAction::Above | ChatAction::Below)), _) => {
                                            event.prevent_default();
                                            chats.step(places, action == ChatAction::Below);
                                        }
                                        _ => {}
                                    }
                                }
                            },
                        }
                    }
                    Offers { completion }
                }
                button {
                    class: "button button-primary say-go",
                    aria_label: if editing { t("save") } else { t("say-send") },
                    title: if editing { t("save") } else { t("say-send-title") },
                    "data-testid": "say-send",
                    disabled: !ready,
                    onclick: move |_| send.call(()),
                    Icon { shape: if editing { Shape::Check } else { Shape::Send } }
                }
            }
            if length > COUNTED {
                span { class: if saying.fits() { "count" } else { "count count-over" }, role: "status",
                    {t_args("composer-count", &[("length", length.into()), ("limit", TEXT_CHARS.into())])}
                }
            }
        }
    }
}

/// What the text is about, and a way out of that.
#[component]
fn SayingAbout(
    thread: Option<ThreadId>,
    icon: Shape,
    title: String,
    text: String,
    /// A text of ours is shown to its end; of what somebody wrote one line is enough.
    #[props(default)]
    whole: bool,
) -> Element {
    let drafts = use_context::<Drafts>();
    rsx! {
        div { class: "say-about", role: "status", "data-testid": "say-about",
            Icon { shape: icon }
            span { class: "row-text grow",
                bdi { class: "name", dir: "auto", "{title}" }
                bdi { class: if whole { "muted" } else { "muted row-line" }, dir: "auto", "{text}" }
            }
            button {
                class: "icon-button",
                aria_label: t("cancel"),
                title: t("cancel"),
                "data-testid": "say-give-up",
                onclick: move |_| {
                    drafts.give_up(thread);
                },
                Icon { shape: Shape::Close }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const THREAD: Option<ThreadId> = Some(ThreadId::from_bytes([1; 32]));
    const MESSAGE: MessageId = MessageId::from_bytes([2; 32]);

    fn in_app(test: impl FnOnce(Drafts)) {
        let mut dom = VirtualDom::new(|| rsx! {});
        dom.rebuild_in_place();
        dom.in_scope(ScopeId::ROOT, || test(Drafts::new()));
    }

    #[test]
    fn an_edit_leaves_the_draft_as_it_was() {
        in_app(|drafts| {
            drafts.change(THREAD, |saying| saying.type_in("a new one".into()));
            drafts.edit(THREAD.unwrap(), MESSAGE, "the old one".into());
            drafts.change(THREAD, |saying| saying.type_in("a better one".into()));
            assert_eq!(drafts.take(THREAD).unwrap().edit, Some((MESSAGE, "a better one".into())));
            assert_eq!(drafts.get(THREAD).shown(), "a new one");
            drafts.edit(THREAD.unwrap(), MESSAGE, "the old one".into());
            assert!(drafts.give_up(THREAD));
            assert_eq!(drafts.get(THREAD).shown(), "a new one");
            assert!(!drafts.give_up(THREAD));
        });
    }

    #[test]
    fn the_message_that_is_replied_to_is_chosen_step_by_step() {
        in_app(|drafts| {
            let all = [1, 2, 3].map(|n| MessageId::from_bytes([n; 32]));
            let thread = THREAD.unwrap();
            let steps = [(true, Some(3)), (true, Some(2)), (true, Some(1)), (true, Some(1)), (false, Some(2))];
            for (up, at) in steps.into_iter().chain([(false, Some(3)), (false, None), (false, None)]) {
                drafts.reply_beside(thread, &all, up);
                assert_eq!(drafts.get(THREAD).reply, at.map(|n| MessageId::from_bytes([n; 32])));
            }
            drafts.reply_beside(thread, &[], true);
            assert!(drafts.get(THREAD).is_empty());
            drafts.edit(thread, MESSAGE, "the old one".into());
            drafts.reply_beside(thread, &all, true);
            assert_eq!(drafts.get(THREAD).reply, None, "an edit goes on");
        });
    }

    #[test]
    fn what_failed_comes_back_unless_something_else_was_begun() {
        in_app(|drafts| {
            assert_eq!(drafts.take(THREAD), None);
            drafts.change(THREAD, |saying| saying.type_in("first".into()));
            drafts.reply(THREAD.unwrap(), MESSAGE);
            let sent = drafts.take(THREAD).unwrap();
            assert_eq!((sent.shown(), sent.reply), ("first", Some(MESSAGE)));
            assert!(drafts.get(THREAD).is_empty());
            drafts.give_back(THREAD, sent.clone(), Failure::said(String::new()));
            assert_eq!(drafts.get(THREAD), sent);
            drafts.take(THREAD).unwrap();
            drafts.change(THREAD, |saying| saying.type_in("second".into()));
            drafts.give_back(THREAD, sent, Failure::said(String::new()));
            assert_eq!(drafts.get(THREAD).shown(), "second");
        });
    }

    #[test]
    fn what_is_too_long_is_not_taken() {
        in_app(|drafts| {
            drafts.change(THREAD, |saying| saying.type_in("x".repeat(TEXT_CHARS + 1)));
            assert_eq!(drafts.take(THREAD), None);
            drafts.change(THREAD, |saying| saying.type_in("漢".repeat(MESSAGE_TEXT_BYTES / 3 + 1)));
            assert_eq!(drafts.take(THREAD), None);
            drafts.change(THREAD, |saying| saying.type_in("  ".into()));
            assert_eq!(drafts.take(THREAD), None, "nothing to say");
        });
    }
}
