//! What keys do.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use kith_node::control::{Beside, Request};
use kith_node::id::PersonaId;
use kith_node::view::MentionView;
use kith_node::{mention_label, put_names, with_ids};

use super::{App, Ask, Compose, Effect, Effects, Notice, Overlay, Said, Section, Then, View, What, conversation_name};
use crate::tui::data::{Conversation, Found, Listed};
use crate::tui::editor::Editor;
use crate::tui::keys::{Deed, KEYS, Place, deed};
use crate::tui::lay::{clean_line, cut};
use crate::tui::pane::Pane;

/// Lines of the screen that a sheet to read leaves to its frame, and one that is read on both pages.
const READ_FRAME: usize = 7;

impl App {
    pub(super) fn key(&mut self, key: KeyEvent, out: &mut Effects) {
        if key.kind == crossterm::event::KeyEventKind::Release {
            return;
        }
        self.notice = None;
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return self.quit(out);
        }
        let place = self.place();
        match deed(place, &key) {
            Some(deed) => self.act(place, deed, out),
            None => self.typed(&key, out),
        }
    }

    pub(super) fn paste(&mut self, text: &str, out: &mut Effects) {
        match (&mut self.overlay, &mut self.compose) {
            (Some(Overlay::Compose), Some(compose)) => {
                compose.text.insert(text);
                self.changed_draft(out);
            }
            (Some(Overlay::Type { text: line, .. }), _) => line.insert(text.trim().lines().next().unwrap_or_default()),
            _ => {}
        }
    }

    fn typed(&mut self, key: &KeyEvent, out: &mut Effects) {
        let (editor, lines) = match (&mut self.overlay, &mut self.compose) {
            (Some(Overlay::Compose), Some(compose)) if !compose.sending => (&mut compose.text, true),
            (Some(Overlay::Type { text, .. }), _) => (text, false),
            _ => return,
        };
        let before = editor.text().len();
        let held = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('w') if key.modifiers.contains(KeyModifiers::CONTROL) => editor.delete_word(),
            KeyCode::Char('a') if key.modifiers.contains(KeyModifiers::CONTROL) => editor.home(),
            KeyCode::Char('e') if key.modifiers.contains(KeyModifiers::CONTROL) => editor.end(),
            KeyCode::Char(c) if !held => editor.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Enter if lines => editor.insert("\n"),
            KeyCode::Backspace => editor.backspace(),
            KeyCode::Delete => editor.delete(),
            KeyCode::Left => editor.left(),
            KeyCode::Right => editor.right(),
            KeyCode::Up if lines => editor.vertical(false),
            KeyCode::Down if lines => editor.vertical(true),
            KeyCode::Home => editor.home(),
            KeyCode::End => editor.end(),
            _ => {}
        }
        // No key puts another letter in the place of one.
        if editor.text().len() != before && lines {
            self.changed_draft(out);
        }
    }

    fn act(&mut self, place: Place, deed: Deed, out: &mut Effects) {
        match deed {
            Deed::Quit => self.quit(out),
            Deed::Help => self.read_aloud("Keys".to_owned(), help(place)),
            Deed::Section(at) => self.go(Section::ALL.get(at).copied().unwrap_or(Section::Feed), out),
            Deed::NextSection => {
                let at = Section::ALL.iter().position(|section| *section == self.section).unwrap_or_default();
                self.go(Section::ALL.into_iter().cycle().nth(at + 1).unwrap_or(Section::Feed), out);
            }
            Deed::Refresh => {
                self.refresh(out);
                if matches!(self.view, View::Search(_)) {
                    self.ask_view(out);
                }
                for ask in [Ask::Personas, Ask::Circles] {
                    self.ask(ask, out);
                }
            }
            Deed::NewPost => self.open_composer(What::Post, ""),
            Deed::Down | Deed::Up | Deed::PageDown | Deed::PageUp | Deed::First | Deed::Last => self.moved(deed, out),
            Deed::Open if place == Place::Choosing => self.pick(out),
            Deed::Open => self.open_chosen(out),
            Deed::Back => self.back(out),
            Deed::Comment => self.answer_chosen(),
            Deed::React => self.choose_emoji(),
            Deed::Quote => self.quote_chosen(),
            Deed::Unquote => self.unquote(out),
            Deed::Vote => self.choose_vote(),
            Deed::Bookmark | Deed::Repost | Deed::FollowAuthor | Deed::Share => self.with_post(deed, out),
            Deed::Edit => self.edit_chosen(),
            Deed::Delete => self.delete_chosen(),
            Deed::Unfold => self.unfold(),
            Deed::Message => self.message_chosen(),
            Deed::Accept => self.accept(out),
            Deed::Decline => self.decline(),
            Deed::SwapList if place == Place::People => {
                self.in_followers = !self.in_followers;
                self.ask(if self.in_followers { Ask::Followers } else { Ask::Follows }, out);
            }
            Deed::SwapList if place == Place::Notifications => self.swap_unread(out),
            Deed::SwapList => self.in_requests = !self.in_requests,
            Deed::FollowInvite => self.type_line("Follow: an invite link, a persona or #tag", Then::Follow, ""),
            Deed::Invite => self.ask(Ask::Invite, out),
            Deed::Unfollow => self.unfollow(),
            Deed::ActAs => self.act_as(out),
            Deed::Search => self.ask_what_to_search(),
            Deed::View => self.choose_view(out),
            Deed::PostNow | Deed::Drop => self.with_waiting(deed),
            Deed::When => self.ask_when(),
            Deed::MarkRead => self.mark_read(out),
            Deed::MarkAllRead => self.mark_all_read(out),
            Deed::Send => self.send(out),
            Deed::Audience => {
                self.next_audience();
                self.changed_draft(out);
            }
            Deed::Warning => {
                let cw = self.compose.as_ref().and_then(|compose| compose.cw.clone()).unwrap_or_default();
                if self.compose.as_ref().is_some_and(|compose| compose.what.is_post()) {
                    self.type_line("Content warning; empty takes it away", Then::Warning, &cw);
                }
            }
            Deed::Leave => self.leave(),
            Deed::Confirm => match self.overlay.take() {
                Some(Overlay::Confirm { request, done, .. }) => out.push(Effect::Ask(Ask::Did(done), request)),
                Some(Overlay::Quit { keeps: true, .. }) => self.keep_and_quit(out),
                Some(Overlay::Quit { .. }) => out.push(Effect::Quit),
                _ => {}
            },
        }
    }

    fn back(&mut self, out: &mut Effects) {
        let was = std::mem::take(&mut self.detail);
        match self.back_to.take() {
            Some(section) => self.go(section, out),
            // From a list to the feed.
            None if !was && self.section == Section::Feed && self.view != View::Home => self.look_at(View::Home, out),
            None => {}
        }
    }

    pub(super) fn go(&mut self, section: Section, out: &mut Effects) {
        (self.section, self.detail, self.back_to) = (section, false, None);
        match section {
            Section::Feed => self.show_beside(out),
            Section::Messages => self.ask_all(&[Ask::Conversations, Ask::Requests], out),
            Section::People => self.ask(if self.in_followers { Ask::Followers } else { Ask::Follows }, out),
            Section::Personas => self.ask(Ask::Personas, out),
            Section::Network => self.ask_all(&[Ask::Status, Ask::Peers, Ask::Anchors, Ask::Mailboxes], out),
            Section::Notifications => self.ask_all(&[Ask::Status, Ask::Notifications(self.only_unread)], out),
        }
    }

    fn moved(&mut self, deed: Deed, out: &mut Effects) {
        if let Some(Overlay::Read { top, .. }) = &mut self.overlay {
            let screen = usize::from(self.size.1).saturating_sub(READ_FRAME).max(1);
            // The drawing stops at the end of the text.
            *top = match deed {
                Deed::Down => top.saturating_add(1),
                Deed::PageDown => top.saturating_add(screen),
                Deed::PageUp => top.saturating_sub(screen),
                Deed::First => 0,
                Deed::Last => usize::MAX,
                _ => top.saturating_sub(1),
            };
            return;
        }
        if let Some(Overlay::Choose { rows, at, .. }) = &mut self.overlay {
            *at = if deed == Deed::Down { (*at + 1).min(rows.len().saturating_sub(1)) } else { at.saturating_sub(1) };
            return;
        }
        match (self.section, self.detail) {
            (Section::Feed, false) if self.view == View::Later => move_in(&mut self.later, deed),
            (Section::Feed, false) => {
                match self.view.is_found() {
                    true => move_in(&mut self.found, deed),
                    false => move_in(&mut self.feed, deed),
                }
                self.read_on(out);
                self.show_beside(out);
            }
            (Section::Feed, true) => move_in(&mut self.page, deed),
            (Section::Messages, true) => move_in(&mut self.messages, deed),
            (Section::Messages, false) if self.in_requests => move_in(&mut self.requests, deed),
            (Section::Messages, false) => move_in(&mut self.conversations, deed),
            (Section::People, _) if self.in_followers => move_in(&mut self.followers, deed),
            (Section::People, _) => move_in(&mut self.follows, deed),
            (Section::Personas, _) => move_in(&mut self.personas, deed),
            (Section::Notifications, _) => move_in(&mut self.notifications, deed),
            (Section::Network, _) => match deed {
                Deed::Down | Deed::PageDown => self.net_top = self.net_top.saturating_add(1),
                Deed::First => self.net_top = 0,
                _ => self.net_top = self.net_top.saturating_sub(1),
            },
        }
    }

    fn open_chosen(&mut self, out: &mut Effects) {
        match (self.section, self.detail) {
            (Section::Feed, false) if self.view == View::Later => self.read_waiting(),
            (Section::Feed, false) if self.view.is_found() => self.open_found(out),
            (Section::Feed, false) => {
                if let Some(id) = self.feed.chosen().map(|post| post.id.clone()) {
                    self.detail = true;
                    self.open_page(id, out);
                }
            }
            (Section::Messages, false) => {
                let list = if self.in_requests { &self.requests } else { &self.conversations };
                if let Some(open) = list.chosen().cloned() {
                    self.open_conversation(open, out);
                }
            }
            (Section::People, _) => {
                let list = if self.in_followers { &self.followers } else { &self.follows };
                if let Some(person) = list.chosen() {
                    let name = person.name.clone().unwrap_or_else(|| "somebody".to_owned());
                    let more = match (person.mutual, person.told, self.in_followers) {
                        (true, _, _) => "You follow each other.",
                        (false, _, true) => "Follows you.",
                        (false, true, false) => "You follow them, and they were told.",
                        (false, false, false) => "You follow them; they were not told.",
                    };
                    let text = format!("{more}\n\nPersona: {}", person.persona);
                    self.read_aloud(name, text);
                }
            }
            (Section::Personas, _) => self.act_as(out),
            (Section::Notifications, _) => self.open_notification(out),
            _ => {}
        }
    }

    pub(super) fn open_conversation(&mut self, open: Conversation, out: &mut Effects) {
        if self.open.as_ref().map(|known| &known.id) != Some(&open.id) {
            self.messages = Pane::default();
        }
        self.ask(Ask::Conversation(open.id.clone()), out);
        (self.open, self.detail) = (Some(open), true);
    }

    pub(super) fn open_page(&mut self, id: String, out: &mut Effects) {
        self.goal = None;
        if self.shown.as_ref() != Some(&id) {
            // What the feed knows of it is there at once.
            let found = self.found.items.iter().filter_map(|found| match found {
                Found::Post(post) => Some(&**post),
                _ => None,
            });
            let post = self.feed.items.iter().chain(found).find(|post| post.id == id).cloned();
            self.page.reset(post.into_iter().map(|post| Said::Post(Box::new(post))).collect());
            self.shown = Some(id.clone());
        }
        self.ask(Ask::Page(id), out);
    }

    /// With room for two panes the chosen post stands beside the feed.
    pub(super) fn show_beside(&mut self, out: &mut Effects) {
        if self.is_wide()
            && self.section == Section::Feed
            && !self.detail
            && let Some(id) = self.chosen_root()
            && self.shown.as_ref() != Some(&id)
        {
            self.open_page(id, out);
        }
    }

    fn chosen_conversation(&self) -> Option<&Conversation> {
        match (self.detail, self.in_requests) {
            (true, _) => self.open.as_ref(),
            (false, true) => self.requests.chosen(),
            (false, false) => self.conversations.chosen(),
        }
    }

    fn accept(&mut self, out: &mut Effects) {
        match self.chosen_conversation().filter(|one| one.request).map(|one| one.id.clone()) {
            Some(thread) => {
                let request = Box::new(Request::Answer { thread, accept: true });
                if let Some(open) = &mut self.open {
                    open.request = false;
                }
                out.push(Effect::Ask(Ask::Did("Accepted: it stands among your conversations."), request));
            }
            None => self.say("This is no request.", true),
        }
    }

    fn decline(&mut self) {
        match self.chosen_conversation().filter(|one| one.request) {
            Some(one) => {
                let question = format!("Decline what {} wrote? Nobody is told.", conversation_name(one));
                let request = Request::Answer { thread: one.id.clone(), accept: false };
                self.confirm(question, request, "Declined. Nobody is told.");
            }
            None => self.say("This is no request.", true),
        }
    }

    fn unfollow(&mut self) {
        let Some(person) = self.follows.chosen().filter(|_| !self.in_followers) else {
            return self.say("Choose somebody whom you follow.", true);
        };
        let name = person.name.as_deref().map_or_else(|| "somebody".to_owned(), clean_line);
        let request = Request::Unfollow { persona: self.me.clone(), target: person.persona.clone() };
        self.confirm(format!("Stop following {name}?"), request, "You no longer follow them.");
    }

    fn act_as(&mut self, out: &mut Effects) {
        let Some(persona) = self.personas.chosen().cloned() else { return };
        let name = clean_line(&persona.name);
        if persona.separate {
            let told = format!("{name} is kept separate: kith --persona {} tui", cut(&persona.id, 12));
            return self.say(told, true);
        }
        if self.drafts.iter().any(|draft| draft.what.is_post()) {
            if self.unkept {
                return self
                    .say("A post was begun as somebody else: n goes on with it. Send it or empty it first.", true);
            }
            // The node keeps it, and as whom it was written.
            self.drafts.retain(|draft| !draft.what.is_post());
            self.ask(Ask::Begun, out);
        }
        // Again: as before, all of them read.
        let chosen = Some(persona.id.clone());
        self.me = if self.me == chosen { None } else { chosen };
        let told = match &self.me {
            Some(_) => format!("You act as {name}, and read what it follows."),
            None => "The default persona writes, and all of them read.".to_owned(),
        };
        self.say(told, false);
        self.forget_view();
        (self.page, self.shown) = (Pane::default(), None);
        (self.conversations, self.requests) = (Pane::default(), Pane::default());
        self.follows = Pane::default();
        self.ask_all(&[Ask::Circles, Ask::Conversations, Ask::Requests], out);
        self.ask_view(out);
    }

    // --- what is typed ---

    pub(super) fn open_composer(&mut self, what: What, text: &str) {
        self.open_composer_with(what, text, &[]);
    }

    /// `mentions`: whom the text names.
    pub(super) fn open_composer_with(&mut self, what: What, text: &str, mentions: &[MentionView]) {
        let draft = match what.is_post() {
            true => self.resumed(&what),
            false => self.drafts.iter().position(|draft| draft.what == what).map(|at| self.drafts.remove(at)),
        };
        let compose = draft.unwrap_or_else(|| {
            let (text, meant) = shown(text, mentions);
            Compose { meant, ..Compose::new(what, Editor::with(&text)) }
        });
        self.compose = Some(compose);
        self.overlay = Some(Overlay::Compose);
    }

    fn next_audience(&mut self) {
        let circles: Vec<&str> =
            self.circles.iter().filter(|circle| !circle.invited).map(|circle| circle.id.as_str()).collect();
        if let Some(compose) = self.compose.as_mut().filter(|compose| compose.what.is_post()) {
            let next = match &compose.audience {
                None => Some(0),
                Some(id) => circles.iter().position(|circle| circle == id).map(|at| at + 1),
            };
            compose.audience = next.and_then(|at| circles.get(at)).map(|id| (*id).to_owned());
        }
    }

    pub(super) fn type_line(&mut self, title: &'static str, then: Then, text: &str) {
        self.overlay = Some(Overlay::Type { title, text: Editor::with(text), then });
    }

    pub(super) fn confirm(&mut self, question: String, request: Request, done: &'static str) {
        self.overlay = Some(Overlay::Confirm { question, request: Box::new(request), done });
    }

    pub(super) fn read_aloud(&mut self, title: String, text: String) {
        self.overlay = Some(Overlay::Read { title, text, top: 0 });
    }

    pub(super) fn say(&mut self, text: impl Into<String>, bad: bool) {
        self.notice = Some(Notice { text: text.into(), bad });
    }

    fn leave(&mut self) {
        match self.overlay.take() {
            Some(Overlay::Compose) => {
                let left = self.compose.take();
                // The node was not told of it.
                if left.as_ref().is_some_and(|left| left.apart && !left.is_worth()) {
                    self.unkept = false;
                }
                let draft = left.filter(Compose::is_worth);
                match draft.as_ref().map(|draft| (draft.what.is_post(), draft.apart)) {
                    Some((true, false)) => self.say("Kept as a draft, for the window too.", false),
                    Some((true, true)) => self.say("Kept as a draft; the window has it once you quit.", false),
                    Some((false, _)) => self.say("Kept as a draft until you quit.", false),
                    None => {}
                }
                self.drafts.extend(draft.map(|draft| Compose { sending: false, ..draft }));
            }
            Some(Overlay::Type { then: Then::Warning | Then::When, .. }) => self.overlay = Some(Overlay::Compose),
            Some(Overlay::Quit { .. }) if self.compose.is_some() => self.overlay = Some(Overlay::Compose),
            _ => {}
        }
    }

    fn send(&mut self, out: &mut Effects) {
        if let Some(Overlay::Type { text, then, .. }) = self.overlay.take() {
            return self.line_typed(text.text().trim(), then, out);
        }
        self.overlay = Some(Overlay::Compose);
        let persona = self.me.clone();
        let Some(compose) = self.compose.as_ref().filter(|compose| !compose.sending) else { return };
        if compose.text.is_blank() {
            return self.say("There is nothing in it yet.", true);
        }
        let text = with_ids(&compose.meant, compose.text.text().trim());
        let (done, request) = match &compose.what {
            What::Post | What::Quote { .. } => {
                let circles: Vec<String> = compose.audience.clone().into_iter().collect();
                if circles.iter().any(|id| self.circle(id).is_none()) {
                    return self.say("The circle is not there any more. Ctrl+T chooses who can read it.", true);
                }
                let done = if circles.is_empty() { "Posted." } else { "Posted to the circle." };
                let quote = match &compose.what {
                    What::Quote { target, .. } => Some(target.clone()),
                    _ => None,
                };
                let (cw, attach, beside) = (compose.cw.clone(), Vec::new(), Beside { quote, ..Beside::default() });
                match compose.at_ms {
                    Some(at_ms) => (
                        "It waits for its time, as long as a node runs here then: v, Posts for later.",
                        Request::Schedule { persona, text, cw, attach, circles, at_ms, beside },
                    ),
                    None => (done, Request::Post { persona, text, cw, attach, circles, beside }),
                }
            }
            What::Comment { target, .. } => ("Commented.", Request::Comment { persona, target: target.clone(), text }),
            What::Edit { target } => (
                "Edited; earlier versions stay visible.",
                Request::Edit { persona: None, target: target.clone(), text },
            ),
            What::Message { to, .. } => ("Written.", Request::Dm { persona, to: to.clone(), text, attach: Vec::new() }),
        };
        if let Some(compose) = &mut self.compose {
            compose.sending = true;
        }
        out.push(Effect::Ask(Ask::Wrote(done), Box::new(request)));
    }

    fn line_typed(&mut self, line: &str, then: Then, out: &mut Effects) {
        match then {
            Then::Warning => {
                if let Some(compose) = &mut self.compose {
                    compose.cw = Some(line.to_owned()).filter(|line| !line.is_empty());
                }
                self.overlay = Some(Overlay::Compose);
                self.changed_draft(out);
            }
            Then::When => {
                self.set_when(line);
                self.changed_draft(out);
            }
            _ if line.is_empty() => {}
            Then::Search => self.look_at(View::Search(line.to_owned()), out),
            Then::React { target, mine } => {
                let undo = mine.iter().any(|known| known == line);
                self.react(target, line.to_owned(), undo, out);
            }
            Then::Follow if line.starts_with('#') => {
                let request = Request::FollowTag { tag: line.to_owned(), undo: false };
                out.push(Effect::Ask(Ask::Did("You follow the hashtag."), Box::new(request)));
            }
            Then::Follow => {
                let request = Request::Follow { persona: self.me.clone(), target: line.to_owned(), tell: false };
                out.push(Effect::Ask(
                    Ask::Did("Followed; nobody is told. What they wrote comes as they are reached."),
                    Box::new(request),
                ));
            }
        }
    }
}

/// A text that is kept as an editor shows it, and whom the names in it stand for.
pub(super) fn shown(text: &str, mentions: &[MentionView]) -> (String, Vec<(String, PersonaId)>) {
    let mut meant: Vec<(String, PersonaId)> = Vec::new();
    let shown = put_names(text, |id| {
        if let Some((label, _)) = meant.iter().find(|(_, known)| *known == id) {
            return Some(format!("@{label}"));
        }
        let name = mentions.iter().find(|known| known.persona == id).map(|known| clean_line(&known.name))?;
        let label = mention_label(&meant, id, &name);
        // One without a name stays the id that it is.
        (!label.trim().is_empty()).then(|| {
            meant.push((label.clone(), id));
            format!("@{label}")
        })
    });
    (shown, meant)
}

fn move_in<T: Listed>(pane: &mut Pane<T>, deed: Deed) {
    match deed {
        Deed::Down => pane.down(),
        Deed::Up => pane.up(),
        Deed::PageDown => pane.page(true),
        Deed::PageUp => pane.page(false),
        Deed::First => pane.first(),
        Deed::Last => pane.last(),
        _ => {}
    }
}

/// The sheet of keys: of this place first.
fn help(place: Place) -> String {
    let mut places: Vec<Place> = place.chain().to_vec();
    for key in KEYS {
        if !places.contains(&key.place) {
            places.push(key.place);
        }
    }
    let mut text = String::new();
    for place in places {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(place.title());
        text.push('\n');
        for key in KEYS.iter().filter(|key| key.place == place) {
            text.push_str(&format!("  {:<12} {}\n", key.shown, key.says));
        }
    }
    text.push_str("\nCtrl+C quits wherever you are.\n");
    text
}
