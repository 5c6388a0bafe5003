//! What is asked of the node, and what becomes of its answers.

use std::collections::{BTreeMap, BTreeSet};

use kith_node::control::{Failure, Request};
use serde_json::Value;

use super::notices::notifications;
use super::{App, Ask, Effect, Effects, MESSAGES, MOST_POSTS, Overlay, POSTS, Said, Section, View, What};
use crate::tui::data::{Comment, Message, Page, Post, bookmarks, read, results, told};
use crate::words::unclear;

impl App {
    pub(super) fn ask_all(&mut self, asks: &[Ask], out: &mut Effects) {
        for ask in asks {
            self.ask(ask.clone(), out);
        }
    }

    /// Asks the node, once at a time.
    pub(super) fn ask(&mut self, ask: Ask, out: &mut Effects) {
        if let Some((_, again)) = self.asked.iter_mut().find(|(known, _)| *known == ask) {
            *again = true;
            return;
        }
        let persona = self.me.clone();
        let request = match &ask {
            Ask::Feed(view) => {
                let limit = self.feed.items.len().clamp(POSTS, MOST_POSTS);
                let (list, tag) = view.feed();
                Request::Feed { persona, limit, before: None, list, tag, whole: false }
            }
            Ask::Older(view) => {
                let Some(last) = self.feed.items.last() else { return };
                let (before, (list, tag)) = (Some(last.id.clone()), view.feed());
                Request::Feed { persona, limit: POSTS, before, list, tag, whole: false }
            }
            Ask::Bookmarks => Request::Bookmarks { limit: self.most_found, before: None },
            Ask::Search(query) => Request::Search { persona, query: query.clone(), limit: POSTS, whole: true },
            Ask::Lists => Request::Lists,
            Ask::Tags => Request::Tags,
            Ask::Later => Request::Scheduled,
            Ask::Begun => Request::Begun,
            Ask::Keep => self.keep_request(),
            Ask::Page(post) => Request::Show { persona, post: post.clone() },
            Ask::Conversations => Request::Threads { persona, requests: false },
            Ask::Requests => Request::Threads { persona, requests: true },
            Ask::Conversation(thread) => Request::Thread { thread: thread.clone(), limit: MESSAGES },
            Ask::Follows => Request::Follows { persona, whole: false },
            Ask::Followers => Request::Followers { persona },
            Ask::Personas => Request::Personas,
            Ask::Circles => Request::Circles { persona, whole: false },
            Ask::Status => Request::Status,
            Ask::Peers => Request::Peers,
            Ask::Anchors => Request::Anchors,
            Ask::Mailboxes => Request::Mailboxes,
            Ask::Notifications(unread) => notifications(*unread),
            Ask::Invite => Request::Invite { persona, with_node: false },
            // These are asked where they are made.
            Ask::Share | Ask::Did(_) | Ask::Wrote(_) => return,
        };
        self.asked.push((ask.clone(), false));
        out.push(Effect::Ask(ask, Box::new(request)));
    }

    /// Reads again what is seen.
    pub(super) fn refresh(&mut self, out: &mut Effects) {
        self.ask_all(&[Ask::Status, Ask::Conversations, Ask::Requests, Ask::Begun], out);
        self.ask_view_by_itself(out);
        match self.section {
            Section::Feed => {
                if let Some(shown) = self.shown.clone().filter(|_| self.detail || self.is_wide()) {
                    self.ask(Ask::Page(shown), out);
                }
            }
            // Reading a conversation marks it as read: only one that is looked at.
            Section::Messages => {
                if let Some(id) = self.open.as_ref().filter(|_| self.detail).map(|open| open.id.clone()) {
                    self.ask(Ask::Conversation(id), out);
                }
            }
            Section::People => self.ask(if self.in_followers { Ask::Followers } else { Ask::Follows }, out),
            Section::Personas => self.ask(Ask::Personas, out),
            Section::Network => self.ask_all(&[Ask::Peers, Ask::Anchors, Ask::Mailboxes], out),
            Section::Notifications => self.ask(Ask::Notifications(self.only_unread), out),
        }
    }

    pub(super) fn answer(&mut self, ask: Ask, answer: Result<Value, Failure>, out: &mut Effects) {
        let again = match self.asked.iter().position(|(known, _)| *known == ask) {
            Some(at) => self.asked.remove(at).1,
            None => false,
        };
        if ask == Ask::Keep {
            self.kept(answer.as_ref().ok(), again, out);
        }
        match answer {
            Ok(value) => self.take(ask.clone(), value, out),
            Err(failure) => self.failed(&ask, &failure),
        }
        // What stands apart is put behind the other once.
        if again && !(ask == Ask::Keep && self.stands_apart()) {
            self.ask(ask, out);
        }
    }

    fn failed(&mut self, ask: &Ask, failure: &Failure) {
        // There are no connections where no network runs: nothing to complain about.
        if *ask == Ask::Peers && failure.code == "not_running" {
            return self.net.peers.clear();
        }
        if let Ask::Search(_) = ask {
            self.found.loaded = true;
        }
        if let (Ask::Wrote(_), Some(compose)) = (ask, &mut self.compose) {
            compose.sending = false;
            self.leaving = false;
        }
        let told = match failure.hint.is_empty() {
            true => failure.message.clone(),
            false => format!("{} — {}", failure.message, failure.hint),
        };
        self.say(told, true);
    }

    fn take(&mut self, ask: Ask, value: Value, out: &mut Effects) {
        match ask {
            // Another one was chosen meanwhile.
            Ask::Feed(view) | Ask::Older(view) if view != self.view => {}
            Ask::Feed(_) => {
                let posts: Vec<Post> = read(value).unwrap_or_default();
                self.at_end = posts.len() < POSTS;
                self.feed.replace(posts, true);
                if std::mem::take(&mut self.to_own_post) {
                    self.feed.first();
                }
                self.show_beside(out);
            }
            Ask::Older(_) => {
                let older: Vec<Post> = read(value).unwrap_or_default();
                self.at_end = older.len() < POSTS;
                self.feed.extend(older);
            }
            Ask::Bookmarks => {
                if self.view == View::Bookmarks {
                    self.found.replace(bookmarks(value), true);
                    self.show_beside(out);
                }
            }
            Ask::Search(query) => {
                if self.view == View::Search(query) {
                    self.found.replace(results(value), false);
                    self.show_beside(out);
                }
            }
            Ask::Lists => {
                self.lists = read(value).unwrap_or_default();
                self.choose_anew();
            }
            Ask::Tags => {
                self.tags = read(value).unwrap_or_default();
                self.choose_anew();
            }
            Ask::Begun => self.take_begun(value),
            Ask::Keep => {}
            Ask::Later => self.later.replace(read(value).unwrap_or_default(), false),
            Ask::Page(id) => {
                if self.shown.as_ref() == Some(&id)
                    && let Some(mut page) = read::<Page>(value)
                {
                    for person in &mut page.post.people {
                        person.own = self.is_own(&person.persona);
                    }
                    self.page.replace(said(page), false);
                    if let Some(goal) = self.goal.take() {
                        self.page.choose(&goal);
                    }
                }
            }
            Ask::Conversations => self.conversations.replace(read(value).unwrap_or_default(), false),
            Ask::Requests => self.requests.replace(read(value).unwrap_or_default(), false),
            Ask::Conversation(id) => {
                if self.open.as_ref().is_some_and(|open| open.id == id) {
                    let messages: Vec<Message> = read(value).unwrap_or_default();
                    if !self.messages.loaded || self.messages.is_last() {
                        self.messages.reset_to_last(messages);
                    } else {
                        self.messages.replace(messages, true);
                    }
                    for known in self.conversations.items.iter_mut().filter(|known| known.id == id) {
                        known.unread = 0;
                    }
                    self.conversations.touch();
                }
            }
            Ask::Follows => self.follows.replace(read(value).unwrap_or_default(), false),
            Ask::Followers => self.followers.replace(read(value).unwrap_or_default(), false),
            Ask::Personas => self.personas.replace(read(value).unwrap_or_default(), false),
            Ask::Circles => self.circles = read(value).unwrap_or_default(),
            Ask::Status => self.net.status = read(value).unwrap_or_default(),
            Ask::Peers => self.net.peers = read(value).unwrap_or_default(),
            Ask::Anchors => self.net.anchors = read(value).unwrap_or_default(),
            Ask::Mailboxes => self.net.mailboxes = read(value).unwrap_or_default(),
            Ask::Notifications(unread) => {
                if unread == self.only_unread {
                    self.notifications.replace(told(&value), false);
                }
            }
            Ask::Invite => {
                let link = value.get("invite").and_then(Value::as_str).unwrap_or_default();
                let text = format!("Whoever follows this link sees what you post for everybody.\n\n{link}");
                self.read_aloud("Your invite".to_owned(), text);
            }
            Ask::Share => {
                let link = value.get("link").and_then(Value::as_str).unwrap_or_default();
                self.read_aloud("A link for browsers".to_owned(), link.to_owned());
            }
            Ask::Did(done) => {
                if !done.is_empty() {
                    self.say(done, false);
                }
                self.refresh(out);
                self.ask(Ask::Follows, out);
                // What was found may look otherwise by it.
                if let View::Search(query) = self.view.clone() {
                    self.ask(Ask::Search(query), out);
                }
            }
            Ask::Wrote(done) => {
                let unclear = unclear(&value);
                let told = [done.to_owned()].into_iter().chain(unclear.iter().cloned()).collect::<Vec<_>>().join(" ");
                self.say(told, !unclear.is_empty());
                // What waits does not stand in the feed yet.
                let wrote = self.compose.take();
                match wrote.as_ref().map(|wrote| (wrote.what.is_post(), wrote.apart)) {
                    Some((true, apart)) => self.sent_post(apart, out),
                    _ if std::mem::take(&mut self.leaving) => self.quit(out),
                    _ => {}
                }
                let wrote = wrote.filter(|compose| compose.at_ms.is_none()).map(|compose| compose.what);
                if self.overlay == Some(Overlay::Compose) {
                    self.overlay = None;
                }
                match wrote {
                    // It stands at the top.
                    Some(What::Post | What::Quote { .. }) => self.to_own_post = true,
                    Some(What::Message { .. }) => self.messages.last(),
                    _ => {}
                }
                self.refresh(out);
            }
        }
    }
}

/// A page as a list: the post, the others of its thread, then comments as a tree, answers below what they answer.
fn said(page: Page) -> Vec<Said> {
    let mut depths: BTreeMap<String, usize> = BTreeMap::new();
    let mut children: BTreeMap<String, Vec<Comment>> = BTreeMap::new();
    let root = page.post.id.clone();
    let known: BTreeSet<String> = page.thread.iter().map(|comment| comment.id.clone()).collect();
    for comment in page.thread {
        // An answer to what is not here stands under the post.
        let parent = if known.contains(&comment.parent) { comment.parent.clone() } else { root.clone() };
        children.entry(parent).or_default().push(comment);
    }
    let mut out = vec![Said::Post(Box::new(page.post))];
    out.extend(page.more.into_iter().map(|post| Said::Post(Box::new(post))));
    let mut next: Vec<Comment> = children.remove(&root).unwrap_or_default();
    next.reverse();
    while let Some(comment) = next.pop() {
        let depth = depths.get(&comment.parent).map_or(0, |depth| depth + 1);
        depths.insert(comment.id.clone(), depth);
        let mut below = children.remove(&comment.id).unwrap_or_default();
        below.reverse();
        next.append(&mut below);
        out.push(Said::Comment(Box::new(comment), depth));
    }
    out
}
