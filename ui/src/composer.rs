//! Writing a post. The draft outlives navigation, failed sends and restarts.

mod card;
mod kept;
mod more;
mod piece;
mod poll;
mod quoted;
mod scheduled;
mod waiting;

use std::pin::pin;
use std::time::Duration;

use dioxus::prelude::*;
use futures_util::future::select;
use kith_node::entry::Card;
use kith_node::id::{BlobHash, EntryId, HeldId, PersonaId};
use kith_node::{PollDraft, Redraft, Staged, Waiting, Writing};

use crate::apart::Apart;
use crate::audience::{Audience, AudienceChip, AudienceSheet, Reach};
use crate::avatar::Avatar;
use crate::circles::Circles;
use crate::complete::{About, use_completion};
use crate::ended::EndedLine;
use crate::failure::Failure;
use crate::feed::{Feed, Tab};
use crate::icon::{Icon, Shape};
use crate::keyboard::Keyboard;
use crate::me::Me;
use crate::mention::Names;
use crate::menu::Ask;
use crate::notice::{Notices, spawn_in_app};
use crate::posts::Posts;
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::writer::PersonaChip;

use self::card::CardOffer;
pub(crate) use self::card::PREVIEWS;
use self::kept::Lost;
use self::more::{AddPost, Parts};
use self::piece::{Count, Files, Piece, TextField, Tools, WarningField, use_intake};
use self::poll::{PollButton, PollField};
use self::quoted::QuoteField;
pub(crate) use self::scheduled::ScheduledPosts;
use self::scheduled::{WhenButton, WhenField};
use self::waiting::wait_s;
pub(crate) use self::waiting::{BeingSent, UndoChoice, Undoing};

/// Who read the last post, or shall read the one that is being written.
const AUDIENCE: &str = "ui.audience";
/// What takes longer is told while it goes on: to draw that for a moment would only make the post come later.
const SLOW: Duration = Duration::from_millis(150);
/// `off`: pictures go without words about them unasked.
pub(crate) const ALT_NUDGE: &str = "writing.alt_nudge";

#[derive(Clone, Copy)]
pub(crate) struct Draft {
    text: Signal<String>,
    /// As the store has it.
    kept: Signal<Writing>,
    /// What was kept is in the fields: from now on they are kept.
    restored: Signal<bool>,
    /// Files of the draft that are gone.
    lost: Signal<usize>,
    /// The post that goes out in a moment, and the number of the last one of which it was told what became of it.
    waiting: Signal<Option<Waiting>>,
    over: Signal<Option<HeldId>>,
    /// Who was chosen to write; `None`: who else would.
    by: Signal<Option<PersonaId>>,
    warning: Signal<Option<String>>,
    /// `None`: not chosen yet. Nothing is public that nobody chose to be.
    audience: Signal<Option<Audience>>,
    /// What was chosen when the choice was opened.
    before: Signal<Option<Audience>>,
    choosing: Signal<bool>,
    /// The choice was asked for by sending.
    asked: Signal<bool>,
    pictures: Signal<Vec<Attached>>,
    /// Further posts of a thread, and fields of some that were taken out.
    more: Signal<Vec<Piece>>,
    spare: Signal<Vec<Piece>>,
    /// Of a link in the text; its picture is one of the pictures.
    card: Signal<Option<Card>>,
    /// The post that it is about.
    quote: Signal<Option<EntryId>>,
    /// Its options as far as they are written.
    poll: Signal<Option<PollDraft>>,
    /// When it is to go out, ms, and whether there is a field for that.
    at: Signal<Option<u64>>,
    timing: Signal<bool>,
    /// It was to be sent with no time in that field.
    untold: Signal<bool>,
    /// Whether it is asked about pictures that nothing is said of; it is being asked; it was answered for this post.
    nudges: Signal<bool>,
    nudging: Signal<bool>,
    anyway: Signal<bool>,
    preparing: Signal<usize>,
    sending: Signal<bool>,
    /// It takes so long that it is told.
    slow: Signal<bool>,
    failed: Signal<Option<Failure>>,
    /// Grows when the fields are to show the stored values again.
    generation: Signal<u64>,
    /// The next text field takes the keyboard: the one before it was sent.
    refocus: Signal<bool>,
    /// A save is on its way; it takes the text as it is then.
    saving: Signal<bool>,
}

#[derive(Clone, PartialEq)]
struct Attached {
    staged: Staged,
    alt: String,
}

/// Whether both were made of one file: each lies sealed under a key of its own, so their hashes differ.
fn is_same(one: &Staged, other: &Staged) -> bool {
    let shown = |staged: &Staged| (staged.size, staged.width, staged.height);
    shown(one) == shown(other) && one.mime == other.mime && one.blurhash == other.blurhash && one.name == other.name
}

impl Draft {
    /// A picture that nothing is said of; that of a card says what the card says.
    fn is_undescribed(self, file: &Attached) -> bool {
        file.staged.width > 0 && file.alt.trim().is_empty() && !self.is_of_card(file.staged.hash)
    }

    pub(crate) fn new() -> Self {
        Self {
            text: Signal::new(String::new()),
            kept: Signal::new(Writing::default()),
            restored: Signal::new(false),
            lost: Signal::new(0),
            waiting: Signal::new(None),
            over: Signal::new(None),
            by: Signal::new(None),
            warning: Signal::new(None),
            audience: Signal::new(None),
            before: Signal::new(None),
            choosing: Signal::new(false),
            asked: Signal::new(false),
            pictures: Signal::new(Vec::new()),
            more: Signal::new(Vec::new()),
            spare: Signal::new(Vec::new()),
            card: Signal::new(None),
            quote: Signal::new(None),
            poll: Signal::new(None),
            at: Signal::new(None),
            timing: Signal::new(false),
            untold: Signal::new(false),
            nudges: Signal::new(true),
            nudging: Signal::new(false),
            anyway: Signal::new(false),
            preparing: Signal::new(0),
            sending: Signal::new(false),
            slow: Signal::new(false),
            failed: Signal::new(None),
            generation: Signal::new(0),
            refocus: Signal::new(false),
            saving: Signal::new(false),
        }
    }

    async fn load_nudge(mut self, surface: &Surface) {
        if let Ok(value) = surface.node.setting(ALT_NUDGE).await {
            self.nudges.set(value.as_deref() != Some("off"));
        }
    }

    /// The first picture that nothing is said of.
    fn undescribed(self) -> Option<BlobHash> {
        let find = |piece: Piece| {
            let pictures = piece.pictures.read();
            pictures.iter().find(|file| self.is_undescribed(file)).map(|file| file.staged.hash)
        };
        self.pieces().into_iter().find_map(find)
    }

    /// Who writes it: whose the circle is, else who was chosen, else whose feed is looked at, else the default one. Reads
    /// and subscribes.
    fn writer(self, me: Me, circles: Circles, feed: Feed) -> Option<PersonaId> {
        let chosen = *self.by.read();
        let first = self.audience.read().as_ref().and_then(|audience| audience.circles().first().copied());
        let looked_at = match *feed.tab.read() {
            Tab::Persona(persona) => Some(persona),
            _ => None,
        };
        let of_circle = first.and_then(|circle| circles.whose(circle, chosen.or(me.id())));
        let known = |persona: &PersonaId| me.persona(*persona).is_some();
        [of_circle, chosen, looked_at].into_iter().flatten().find(known).or_else(|| me.id())
    }

    /// Somebody else writes: what went to circles of the one before is chosen anew.
    fn written_by(mut self, surface: &Surface, circles: Circles, persona: PersonaId) {
        self.by.set(Some(persona));
        let audience = self.audience.peek().clone();
        let of = audience.as_ref().map(Audience::circles).unwrap_or_default();
        if of.iter().any(|circle| circles.whose(*circle, Some(persona)) != Some(persona)) {
            self.goes_to(surface, None);
        }
    }

    /// For this post and, until another is chosen, the next.
    fn goes_to(mut self, surface: &Surface, audience: Option<Audience>) {
        let setting = Audience::to_setting(audience.as_ref());
        self.audience.set(audience);
        let node = surface.node.clone();
        spawn_in_app(async move {
            let _best_effort = node.set_setting(AUDIENCE, &setting).await;
        });
    }

    fn choose(mut self, asked: bool) {
        self.before.set(self.audience.peek().clone());
        self.asked.set(asked);
        self.choosing.set(true);
    }

    fn problem(self) -> Option<String> {
        let first = self.first().problem(self.is_sealed());
        first.or_else(|| self.poll_problem()).or_else(|| self.more_problem())
    }

    /// It goes to circles, and any file may go along. Reads and subscribes.
    fn is_sealed(self) -> bool {
        matches!(&*self.audience.read(), Some(Audience::Circles(_)))
    }

    fn clear(mut self) {
        self.text.set(String::new());
        self.warning.set(None);
        self.pictures.set(Vec::new());
        self.fill_more(&[]);
        self.card.set(None);
        self.quote.set(None);
        self.poll.set(None);
        self.at.set(None);
        self.timing.set(false);
        self.untold.set(false);
        self.lost.set(0);
        if let Some(now) = self.writing() {
            self.kept.set(now);
        }
        self.anyway.set(false);
        self.failed.set(None);
        self.refocus.set(true);
        self.generation += 1;
    }

    /// Something stands in the field, or beside it.
    pub(crate) fn is_begun(self) -> bool {
        !self.text.read().trim().is_empty()
            || !self.pictures.read().is_empty()
            || self.quote.read().is_some()
            || self.poll.read().is_some()
            || self.more.read().iter().any(|piece| !piece.is_empty())
    }

    /// A post is written anew, in the place of what was begun. All of it is kept when this answers.
    pub(crate) async fn take_up(mut self, surface: &Surface, names: Names, old: Redraft) -> kith_node::Result<()> {
        let Redraft { persona, text, cw, circles, files, card, quote, poll, more } = old;
        let files = files.into_iter().map(|(staged, alt)| (staged, alt.unwrap_or_default())).collect();
        let (persona, audience) = (Some(persona), Some(circles));
        let writing = Writing { persona, text, cw, audience, files, card, at_ms: None, quote, poll, more };
        kept::learn(names, surface, &writing).await;
        surface.node.keep_begun(writing.clone()).await?;
        let before = self.writing().map(|before| before.all_files()).unwrap_or_default();
        before.into_iter().for_each(|(file, _)| surface.node.discard_staged(file.hash));
        self.fill(&writing);
        self.lost.set(0);
        self.refocus.set(true);
        Ok(())
    }

    fn send(mut self, surface: Surface, me: Me, feed: Feed, posts: Posts, notices: Notices, circles: Circles) {
        if *self.sending.peek() || *self.preparing.peek() > 0 || self.problem().is_some() {
            return;
        }
        if Reach::of(self.audience.peek().as_ref(), &circles.every()).is_none() {
            return self.choose(true);
        }
        self.choosing.set(false);
        if self.untimely().is_some() {
            // It is told beside the field, which is drawn anew: the time went by.
            let at = *self.at.peek();
            self.untold.set(true);
            return self.at.set(at);
        }
        if *self.nudges.peek() && !*self.anyway.peek() && self.undescribed().is_some() {
            self.nudging.set(true);
            return;
        }
        let persona = self.writer(me, circles, feed);
        let Some(writing) = self.writing().map(|writing| Writing { persona, ..writing }) else { return };
        self.sending.set(true);
        self.failed.set(None);
        let home = consume_context::<Apart>().home().node.clone();
        // Not cancelled when the composer leaves the screen: the post is either stored or the draft is still here.
        spawn_in_app(async move {
            let sent = async {
                let wait = wait_s(&home).await;
                self.send_off(writing, wait, &surface, (feed, posts, notices, circles)).await;
            };
            let mut slow = self.slow;
            let told = async {
                tokio::time::sleep(SLOW).await;
                slow.set(true);
                std::future::pending::<()>().await;
            };
            select(pin!(sent), pin!(told)).await;
            self.sending.set(false);
            if *self.slow.peek() {
                self.slow.set(false);
            }
        });
    }
}

#[component]
pub(crate) fn Composer() -> Element {
    let surface = use_context::<Surface>();
    let me = use_context::<Me>();
    let (feed, posts, notices) = (use_context::<Feed>(), use_context::<Posts>(), use_context::<Notices>());
    let circles = use_context::<Circles>();
    let mut draft = use_context::<Draft>();
    let completion = use_completion(About::Nothing);
    let keyboard = use_context::<Keyboard>();
    use_effect({
        let surface = surface.clone();
        move || draft.watch(&surface)
    });
    let problem = draft.problem();
    let reach = Reach::of(draft.audience.read().as_ref(), &circles.every());
    let pictures = draft.pictures.read().len();
    let piece = draft.first();
    let intake = use_intake(piece);
    let (threaded, count) = (!draft.more.read().is_empty(), draft.posts());
    let busy = (draft.slow)();
    let blocked = problem.is_some() || busy || (draft.preparing)() > 0;
    let pieces = draft.pieces();
    let of_all = |is: &dyn Fn(&Attached) -> bool| -> usize {
        pieces.iter().map(|piece| piece.pictures.read().iter().filter(|file| is(file)).count()).sum()
    };
    let undescribed = of_all(&|file| draft.is_undescribed(file));
    let files_public = !draft.is_sealed() && of_all(&|file| file.staged.width == 0) > 0;
    let ended = draft.audience.read().as_ref().and_then(|audience| circles.endings.among(&audience.circles()));
    let by = draft.writer(me, circles, feed);
    let writer = by.and_then(|by| me.persona(by));
    let colour = writer.as_ref().filter(|_| me.several()).map(|writer| writer.colour.name());
    let send = {
        let surface = surface.clone();
        use_callback(move |()| draft.send(surface.clone(), me, feed, posts, notices, circles))
    };
    let closing = rsx! {
        button {
            class: "button button-primary composer-send",
            "data-testid": "composer-send",
            title: problem.unwrap_or_else(|| t("composer-send-title")),
            disabled: blocked,
            onclick: move |_| send.call(()),
            match reach.as_ref() {
                _ if busy => t("composer-sending"),
                _ if draft.at.read().is_some() => t("schedule-send"),
                _ if count > 1 => t_args("series-send", &[("count", count.into())]),
                Some(reach) => reach.to_send(),
                None => t("composer-send"),
            }
        }
    };
    rsx! {
        section {
            class: "composer",
            aria_label: t("composer-label"),
            "data-drop": "true",
            "data-colour": colour,
            "data-kept": draft.is_kept(),
            ondrop: move |event| intake.dropped.call(event),
            div { class: "composer-row",
                if let Some(writer) = writer {
                    Avatar { person: writer.id, name: writer.name.clone(), picture: writer.picture }
                }
                div { class: "composer-fields",
                    PersonaChip {
                        by,
                        on_choose: {
                            let surface = surface.clone();
                            move |persona| draft.written_by(&surface, circles, persona)
                        },
                    }
                    AudienceChip { reach: reach.clone(), open: draft.choosing, on_open: move |()| draft.choose(false) }
                    WarningField { piece }
                    TextField {
                        piece,
                        completion,
                        label: t("composer-label"),
                        hint: t("composer-placeholder"),
                        on_send: send,
                    }
                }
            }
            CardOffer {}
            Files { piece }
            PollField { on_send: send }
            QuoteField {}
            WhenField {}
            Lost {}
            if let Some(ended) = ended {
                EndedLine { ended }
            }
            if files_public {
                p { class: "warning", role: "alert", "data-testid": "composer-files-public",
                    Icon { shape: Shape::Warning }
                    span { {t("composer-files-public")} }
                }
            }
            if undescribed > 0 {
                p { class: "hint", "data-testid": "alt-nudge", {t_args("composer-describe", &[("count", undescribed.into())])} }
            }
            if (draft.preparing)() > 0 {
                p { class: "hint", role: "status", {t_args("composer-preparing", &[("count", (draft.preparing)().into())])} }
            }
            if let Some(failure) = draft.failed.read().as_ref() {
                div { class: "failure failure-row",
                    p { class: "grow", role: "alert", "data-testid": "composer-error", "{failure}" }
                    button {
                        class: "icon-button",
                        aria_label: t("close"),
                        "data-testid": "composer-error-close",
                        onclick: move |_| draft.failed.set(None),
                        Icon { shape: Shape::Close }
                    }
                }
            }
            div { class: "composer-tools",
                Tools { piece, completion, intake }
                PollButton {}
                WhenButton {}
                if !threaded {
                    AddPost {}
                }
                span { class: "grow" }
                Count { piece }
                if !threaded {
                    {closing.clone()}
                }
            }
            if threaded {
                Parts { on_send: send }
                div { class: "composer-closing",
                    AddPost {}
                    span { class: "grow" }
                    {closing}
                }
            }
            AudienceSheet {
                open: draft.choosing,
                audience: draft.audience,
                before: (draft.before)(),
                by,
                pictures,
                go: (draft.asked)(),
                on_choose: {
                    let surface = surface.clone();
                    move |audience| draft.goes_to(&surface, audience)
                },
                on_go: move |()| send.call(()),
            }
            Ask {
                asking: draft.nudging,
                title: t("nudge-title"),
                does: t_args("nudge-does", &[("count", undescribed.into())]),
                yes: t("nudge-anyway"),
                danger: false,
                no: t("nudge-add"),
                testid: "nudge-anyway",
                on_no: move |()| {
                    if let Some(picture) = draft.undescribed() {
                        keyboard.focus_on(&alt_field(picture));
                    }
                },
                on_yes: move |()| {
                    draft.anyway.set(true);
                    send.call(());
                },
                p { class: "muted", {t("nudge-setting")} }
            }
        }
    }
}

/// Ctrl+Enter or Cmd+Enter, not while an input method composes.
pub(crate) fn sends(event: &KeyboardEvent) -> bool {
    event.key() == Key::Enter && (event.modifiers().ctrl() || event.modifiers().meta()) && !event.is_composing()
}

/// The id of the field for words about a picture.
fn alt_field(picture: BlobHash) -> String {
    format!("alt-{picture}")
}
