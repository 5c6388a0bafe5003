//! Notifications: what happened to the user, and where it leads.

use kith_node::control::Request;

use super::{App, Ask, Effect, Effects, Section};
use crate::tui::data::{Conversation, Told};
use crate::tui::pane::Pane;

/// Notifications that are read at once, the newest ones.
const NOTIFICATIONS: usize = 200;

/// Of all own personas, whoever acts: none of it is to be missed, and the count in the head line is that of all too.
pub(super) fn notifications(unread: bool) -> Request {
    Request::Notifications { persona: None, limit: NOTIFICATIONS, unread, mentions: false }
}

impl App {
    pub(super) fn swap_unread(&mut self, out: &mut Effects) {
        self.only_unread = !self.only_unread;
        self.notifications = Pane::default();
        self.ask(Ask::Notifications(self.only_unread), out);
    }

    pub(super) fn mark_read(&mut self, out: &mut Effects) {
        match self.notifications.chosen() {
            Some(one) if one.read => self.say("It was read.", true),
            Some(one) => {
                let id = Some(one.id.clone());
                out.push(marked(id, "Marked as read."));
            }
            None => {}
        }
    }

    pub(super) fn mark_all_read(&mut self, out: &mut Effects) {
        if self.net.status.unread == 0 {
            return self.say("All of them were read.", true);
        }
        out.push(marked(None, "All marked as read."));
    }

    /// Goes to what it is about, and counts it as read.
    pub(super) fn open_notification(&mut self, out: &mut Effects) {
        let Some(one) = self.notifications.chosen().cloned() else { return };
        // Whoever reads a conversation has read it.
        if !one.read && one.thread.is_none() {
            out.push(marked(Some(one.id.clone()), ""));
        }
        match (&one.thread, &one.post) {
            (Some(thread), _) => {
                let open = self.conversation_of(thread, &one);
                self.go(Section::Messages, out);
                self.in_requests = open.request;
                self.open_conversation(open, out);
                self.back_to = Some(Section::Notifications);
            }
            (None, Some(post)) => {
                self.section = Section::Feed;
                self.open_page(post.clone(), out);
                self.goal = one.comment.clone();
                (self.detail, self.back_to) = (true, Some(Section::Notifications));
            }
            (None, None) => {
                let mut text = [one.text.trim(), one.about.trim()].map(str::to_owned).to_vec();
                text.extend(one.from.iter().map(|by| format!("{}\nPersona: {}", by.name.trim(), by.persona)));
                text.retain(|part| !part.is_empty());
                let next = match one.kind.as_str() {
                    "follower" => "Whoever follows you stands under 3 People, r.",
                    "device" => "Your devices: kith devices",
                    "backup" => "What it needs: kith recovery",
                    "invitation" => "To join it: kith group join NAME",
                    _ => "",
                };
                text.push(next.to_owned());
                self.read_aloud(one.happened.clone(), text.join("\n\n"));
            }
        }
    }

    fn conversation_of(&self, thread: &str, one: &Told) -> Conversation {
        let known = self.conversations.items.iter().chain(&self.requests.items).find(|known| known.id == thread);
        known.cloned().unwrap_or_else(|| Conversation {
            id: thread.to_owned(),
            with: one.from.iter().map(|by| by.persona.clone()).collect(),
            names: one.from.iter().map(|by| by.name.clone()).collect(),
            persona: one.persona.clone(),
            request: one.kind == "request",
            ..Conversation::default()
        })
    }
}

fn marked(id: Option<String>, done: &'static str) -> Effect {
    Effect::Ask(Ask::Did(done), Box::new(Request::ReadNotifications { persona: None, id }))
}
