//! What is chosen out of several: what is read under Feed, an emoji, an option of a poll.

use kith_node::control::Request;
use kith_node::limits::POLL_OPTIONS;

use super::{App, Ask, Choice, Effect, Effects, MOST_POSTS, Overlay, POSTS, Pick, Said, Section, Then, View};
use crate::tui::data::{Found, PollOption};
use crate::tui::keys::Place;
use crate::tui::lay::{cut, named};
use crate::tui::pane::Pane;
use crate::words::many_as;

/// Digits that name a persona in a search.
const ID_DIGITS: usize = 16;
const VIEWS: &str = "What to read";
/// What is offered first, as in the app.
const EMOJI: [&str; 8] = ["❤️", "👍", "😂", "🎉", "😮", "😢", "🙏", "🔥"];

impl View {
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Home => "What you follow".to_owned(),
            Self::List { name, .. } => format!("List: {name}"),
            Self::Tag(tag) => format!("#{tag}"),
            Self::Bookmarks => "Bookmarks".to_owned(),
            Self::Search(query) => format!("Search: {query}"),
            Self::Later => "Posts for later".to_owned(),
        }
    }

    /// List and hashtag whose feed it is.
    pub(super) fn feed(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::List { id, .. } => (Some(id.clone()), None),
            Self::Tag(tag) => (None, Some(tag.clone())),
            _ => (None, None),
        }
    }

    /// It holds more than posts.
    pub(crate) fn is_found(&self) -> bool {
        matches!(self, Self::Bookmarks | Self::Search(_))
    }
}

impl App {
    pub(super) fn choose_view(&mut self, out: &mut Effects) {
        self.ask_all(&[Ask::Lists, Ask::Tags], out);
        let rows = self.views();
        let at = rows.iter().position(|row| row.pick == Pick::View(self.view.clone())).unwrap_or_default();
        self.overlay = Some(Overlay::Choose { title: VIEWS, rows, at });
    }

    /// Lists or hashtags were read: the chosen one stays chosen.
    pub(super) fn choose_anew(&mut self) {
        let views = self.views();
        if let Some(Overlay::Choose { title: VIEWS, rows, at }) = &mut self.overlay {
            let chosen = rows.get(*at).and_then(|row| views.iter().position(|known| known.pick == row.pick));
            (*rows, *at) = (views, chosen.unwrap_or_default());
        }
    }

    fn views(&self) -> Vec<Choice> {
        let row = |view: View| Choice { label: view.title(), pick: Pick::View(view) };
        let mut rows: Vec<Choice> = [View::Home, View::Bookmarks, View::Later].into_iter().map(row).collect();
        rows.extend(self.lists.iter().map(|list| {
            let row = row(View::List { id: list.id.clone(), name: list.name.clone() });
            Choice { label: format!("{} ({})", row.label, many_as(list.members, "person", "people")), ..row }
        }));
        rows.extend(self.tags.iter().map(|tag| row(View::Tag(tag.clone()))));
        rows
    }

    /// Takes the chosen one.
    pub(super) fn pick(&mut self, out: &mut Effects) {
        let Some(Overlay::Choose { mut rows, at, .. }) = self.overlay.take() else { return };
        if at >= rows.len() {
            return;
        }
        match rows.swap_remove(at).pick {
            Pick::View(view) => self.look_at(view, out),
            Pick::Vote { target, option } => {
                let request = Request::Vote { persona: self.me.clone(), target, option };
                out.push(Effect::Ask(Ask::Did("Voted."), Box::new(request)));
            }
            Pick::Unvote { target } => {
                let request = Request::Unvote { persona: self.me.clone(), target };
                out.push(Effect::Ask(Ask::Did("Vote taken back."), Box::new(request)));
            }
            Pick::Follow { persona } => {
                let (done, request) = self.follow(persona);
                out.push(Effect::Ask(Ask::Did(done), Box::new(request)));
            }
            Pick::React { target, emoji, undo } => self.react(target, emoji, undo, out),
            Pick::TypeEmoji { target, mine } => self.type_line("React with an emoji", Then::React { target, mine }, ""),
        }
    }

    /// Of those whom a published list names, and of who published it, those who can be followed still. `false`: the chosen one
    /// is no such list.
    pub(super) fn choose_whom_to_follow(&mut self) -> bool {
        let Some(post) = self.chosen_post().filter(|post| !post.people.is_empty()) else { return false };
        let author = (!post.own).then_some((&post.author, &post.author_name, ", whose list it is"));
        let people = post.people.iter().map(|person| (&person.persona, &person.name, ""));
        let all = author.into_iter().chain(people);
        let open = all.filter(|(persona, ..)| !self.follows_already(persona) && !self.is_own(persona));
        let rows: Vec<Choice> = open
            .map(|(persona, name, told)| {
                let label = format!("{}{told}  {}", named(name), cut(persona, ID_DIGITS + 1));
                Choice { label, pick: Pick::Follow { persona: persona.clone() } }
            })
            .collect();
        if rows.is_empty() {
            self.say("You follow all of them already.", true);
        } else {
            self.overlay = Some(Overlay::Choose { title: "Follow", rows, at: 0 });
        }
        true
    }

    pub(super) fn choose_emoji(&mut self) {
        let Some((target, mine)) = self.chosen_said().map(|said| (said.id.to_owned(), said.mine)) else { return };
        let others = mine.iter().map(String::as_str).filter(|emoji| !EMOJI.contains(emoji));
        let mut rows: Vec<Choice> = EMOJI
            .into_iter()
            .chain(others)
            .map(|emoji| {
                let undo = mine.iter().any(|known| known == emoji);
                let label = format!("{emoji}{}", if undo { " is yours: take it back" } else { "" });
                Choice { label, pick: Pick::React { target: target.clone(), emoji: emoji.to_owned(), undo } }
            })
            .collect();
        rows.push(Choice { label: "another one".to_owned(), pick: Pick::TypeEmoji { target, mine } });
        self.overlay = Some(Overlay::Choose { title: "React", rows, at: 0 });
    }

    pub(super) fn react(&self, target: String, emoji: String, undo: bool, out: &mut Effects) {
        let done = if undo { "Reaction taken back." } else { "Reacted." };
        let request = Request::React { persona: self.me.clone(), target, emoji, undo };
        out.push(Effect::Ask(Ask::Did(done), Box::new(request)));
    }

    pub(super) fn choose_vote(&mut self) {
        // Among comments the post above them is meant.
        let first = || self.page.items.first().filter(|_| self.place() == Place::Post);
        let above = || first().and_then(|said| if let Said::Post(post) = said { Some(&**post) } else { None });
        let Some(post) = self.chosen_post().or_else(above) else { return self.say("There is no poll in it.", true) };
        let Some(poll) = post.poll.as_ref().filter(|_| !post.deleted && !post.blocked) else {
            return self.say("There is no poll in it.", true);
        };
        if poll.ended {
            return self.say("The poll has ended.", true);
        }
        let row = |(place, option): (usize, &PollOption)| {
            let votes = many_as(option.votes, "vote", "votes");
            let mine = if option.mine { ", yours: take it back" } else { "" };
            let target = post.id.clone();
            let pick = if option.mine { Pick::Unvote { target } } else { Pick::Vote { target, option: place + 1 } };
            Choice { label: format!("{}. ({votes}{mine}) {}", place + 1, option.text), pick }
        };
        let at = poll.options.iter().position(|option| option.mine).unwrap_or_default();
        let rows = poll.options.iter().take(POLL_OPTIONS).enumerate().map(row).collect();
        self.overlay = Some(Overlay::Choose { title: "Vote for", rows, at });
    }

    pub(super) fn ask_what_to_search(&mut self) {
        let known = if let View::Search(query) = &self.view { query.clone() } else { String::new() };
        self.type_line("Search: words, \"a phrase\", #tag, from:NAME", Then::Search, &known);
    }

    pub(super) fn look_at(&mut self, view: View, out: &mut Effects) {
        if view != self.view {
            self.view = view;
            self.forget_view();
        }
        self.go(Section::Feed, out);
        self.ask_view(out);
    }

    /// What it held is another's.
    pub(super) fn forget_view(&mut self) {
        (self.feed, self.at_end, self.to_own_post) = (Pane::default(), false, false);
        (self.found, self.most_found) = (Pane::default(), POSTS);
    }

    /// Reads what is chosen to be read.
    pub(super) fn ask_view(&mut self, out: &mut Effects) {
        let ask = match &self.view {
            View::Later => Ask::Later,
            View::Bookmarks => Ask::Bookmarks,
            View::Search(query) => Ask::Search(query.clone()),
            view => Ask::Feed(view.clone()),
        };
        self.ask(ask, out);
    }

    /// A search is made anew only where the user does something: peers are asked too.
    pub(super) fn ask_view_by_itself(&mut self, out: &mut Effects) {
        if !matches!(self.view, View::Search(_)) {
            self.ask_view(out);
        }
    }

    /// More of it is read once its end is near.
    pub(super) fn read_on(&mut self, out: &mut Effects) {
        if self.view.is_found() {
            if self.view == View::Bookmarks
                && self.found.is_last()
                && self.found.items.len() >= self.most_found
                && self.most_found < MOST_POSTS
            {
                self.most_found += POSTS;
                self.ask(Ask::Bookmarks, out);
            }
        } else if self.feed.is_last() && !self.at_end && self.feed.items.len() < MOST_POSTS {
            self.ask(Ask::Older(self.view.clone()), out);
        }
    }

    /// The post whose page the chosen one stands on.
    pub(super) fn chosen_root(&self) -> Option<String> {
        match self.view {
            View::Later => None,
            View::Bookmarks | View::Search(_) => self.found.chosen().and_then(Found::root).map(str::to_owned),
            _ => self.feed.chosen().map(|post| post.id.clone()),
        }
    }

    /// Opens the chosen one of what was found.
    pub(super) fn open_found(&mut self, out: &mut Effects) {
        let Some(found) = self.found.chosen().cloned() else { return };
        match &found {
            // What of theirs is here.
            Found::Person(one) => {
                let id = one.persona.get(..ID_DIGITS).unwrap_or(&one.persona);
                return self.look_at(View::Search(format!("from:{id}")), out);
            }
            Found::Tag(one) => return self.look_at(View::Tag(one.tag.clone()), out),
            _ => {}
        }
        let Some(root) = found.root() else {
            return self.say("It is not here yet; b takes the bookmark away.", true);
        };
        self.detail = true;
        self.open_page(root.to_owned(), out);
        if let Found::Comment(comment, _) = &found {
            self.goal = Some(comment.id.clone());
        }
    }
}
