//! What is done with the chosen post, comment or message.

use kith_node::control::Request;
use kith_node::view::MentionView;
use kith_node::with_names;

use super::{App, Ask, Compose, Effect, Effects, Said, Section, What, conversation_name};
use crate::tui::data::{Comment, Found, Post};
use crate::tui::keys::{Deed, Place};
use crate::tui::lay::{clean_line, cut};
use crate::words::many;

impl App {
    /// The chosen post or comment: id, author, author's name, own, text, own reactions.
    pub(super) fn chosen_said(&self) -> Option<Chosen<'_>> {
        match self.place() {
            Place::Feed if self.view.is_found() => self.found.chosen().and_then(Chosen::of_found),
            Place::Feed => self.feed.chosen().map(Chosen::of_post),
            Place::Post => self.page.chosen().map(|said| match said {
                Said::Post(one) => Chosen::of_post(one),
                Said::Comment(comment, _) => Chosen::of_comment(comment),
            }),
            Place::Conversation => self.messages.chosen().map(|message| Chosen {
                id: &message.id,
                author: "",
                name: &message.from_name,
                text: &message.text,
                mentions: &message.mentions,
                own: message.own,
                gone: message.deleted,
                mine: message.own_reaction.iter().cloned().collect(),
                bookmarked: false,
                reposted: None,
                behind: 0,
            }),
            _ => None,
        }
    }

    pub(super) fn answer_chosen(&mut self) {
        let what = match self.place() {
            Place::Conversation => self.open.as_ref().map(|open| {
                let to = if open.with.is_empty() { vec![open.persona.clone()] } else { open.with.clone() };
                What::Message { to, name: conversation_name(open) }
            }),
            _ => self.chosen_said().map(|said| What::Comment { target: said.id.to_owned(), to: said.name.to_owned() }),
        };
        if let Some(what) = what {
            self.open_composer(what, "");
        }
    }

    fn chosen_found(&self) -> Option<&Found> {
        self.found.chosen().filter(|_| self.place() == Place::Feed && self.view.is_found())
    }

    /// Somebody, or a hashtag, that was found. `false`: it is neither.
    fn follow_found(&mut self, out: &mut Effects) -> bool {
        let (done, request) = match self.chosen_found() {
            Some(Found::Person(one)) if one.own => {
                self.say("This is you.", true);
                return true;
            }
            Some(Found::Person(one)) => self.follow(one.persona.clone()),
            Some(Found::Tag(one)) => {
                ("You follow the hashtag.", Request::FollowTag { tag: one.tag.clone(), undo: false })
            }
            _ => return false,
        };
        out.push(Effect::Ask(Ask::Did(done), Box::new(request)));
        true
    }

    /// The chosen one, where it is a post.
    pub(super) fn chosen_post(&self) -> Option<&Post> {
        match self.place() {
            Place::Feed if self.view.is_found() => match self.found.chosen()? {
                Found::Post(post) => Some(post),
                _ => None,
            },
            Place::Feed => self.feed.chosen(),
            Place::Post => match self.page.chosen()? {
                Said::Post(post) => Some(post),
                Said::Comment(..) => None,
            },
            _ => None,
        }
    }

    pub(super) fn quote_chosen(&mut self) {
        let Some(post) = self.chosen_post() else { return self.say("Only a post can be quoted.", true) };
        if post.deleted || post.blocked {
            return self.say("There is nothing left of it to quote.", true);
        }
        if post.sealed {
            return self.say("It is for a few: only what everybody can read can be quoted.", true);
        }
        let said = post.cw.as_ref().map_or_else(|| clean_line(&post.said()), |cw| format!("⚠ {}", clean_line(cw)));
        let of = format!("{}: {said}", clean_line(&post.author_name));
        let what = What::Quote { target: post.id.clone(), of: cut(&of, 90) };
        let target = post.id.clone();
        let another = self.quoted().is_some_and(|quoted| quoted != target);
        self.open_composer(what, "");
        if another && !self.stands_apart() {
            self.say("The post that you began quoted another one; now it quotes this.", false);
        }
    }

    pub(super) fn unquote(&mut self, out: &mut Effects) {
        let quotes = |compose: &&mut Compose| matches!(compose.what, What::Quote { .. }) && !compose.sending;
        let Some(compose) = self.compose.as_mut().filter(quotes) else { return self.say("It quotes nothing.", true) };
        compose.what = What::Post;
        self.changed_draft(out);
    }

    pub(super) fn with_post(&mut self, deed: Deed, out: &mut Effects) {
        if deed == Deed::FollowAuthor && (self.follow_found(out) || self.choose_whom_to_follow()) {
            return;
        }
        let Some(said) = self.chosen_said() else { return };
        let target = said.id.to_owned();
        let (done, request) = match (deed, said.reposted) {
            (Deed::Bookmark, _) => {
                let done = if said.bookmarked { "Bookmark taken away." } else { "Bookmarked; nobody is told." };
                (done, Request::Bookmark { target, undo: said.bookmarked })
            }
            (Deed::Repost, Some(undo)) => {
                let done = if undo { "Repost taken back." } else { "Reposted, to whoever follows you." };
                (done, Request::Repost { persona: self.me.clone(), target, undo })
            }
            (Deed::FollowAuthor, _) if said.own => return self.say("This is you.", true),
            (Deed::FollowAuthor, _) if self.follows_already(said.author) => {
                return self.say("You follow them already.", true);
            }
            (Deed::FollowAuthor, _) => self.follow(said.author.to_owned()),
            (Deed::Share, _) => {
                let post = self.shown.clone().unwrap_or(target);
                out.push(Effect::Ask(Ask::Share, Box::new(Request::Share { post })));
                return;
            }
            _ => return self.say("A comment is not reposted; its post is.", true),
        };
        out.push(Effect::Ask(Ask::Did(done), Box::new(request)));
    }

    /// What is told once it is done, and what does it.
    pub(super) fn follow(&self, target: String) -> (&'static str, Request) {
        ("Followed; nobody is told.", Request::Follow { persona: self.me.clone(), target, tell: false })
    }

    /// Whoever writes follows them.
    pub(super) fn follows_already(&self, author: &str) -> bool {
        let writer = self.writer().map(|writer| writer.id.as_str()).unwrap_or_default();
        self.follows.items.iter().any(|person| person.persona == author && person.by == writer)
    }

    pub(super) fn edit_chosen(&mut self) {
        match self.chosen_said() {
            Some(said) if said.own && !said.gone => {
                let (target, text) = (said.id.to_owned(), said.text.to_owned());
                let mentions = said.mentions.to_vec();
                self.open_composer_with(What::Edit { target }, &text, &mentions);
            }
            Some(_) => self.say("Only your own can be edited.", true),
            None => {}
        }
    }

    pub(super) fn delete_chosen(&mut self) {
        match self.chosen_said() {
            Some(said) if said.own && !said.gone => {
                let thread = match said.behind {
                    0 => String::new(),
                    behind => format!(" and the {} of its thread", many(behind, "other post")),
                };
                let question =
                    format!("Delete “{}”{thread}?", cut(&clean_line(&with_names(said.text, said.mentions)), 60));
                let request = Request::Delete { persona: None, target: said.id.to_owned() };
                self.confirm(question, request, "Deleted here, and elsewhere as others hear of it.");
            }
            Some(_) => self.say("Only your own can be deleted.", true),
            None => {}
        }
    }

    pub(super) fn unfold(&mut self) {
        let Some(id) = self.chosen_said().map(|said| said.id.to_owned()) else { return };
        match self.unfolded.iter().position(|known| *known == id) {
            Some(at) => drop(self.unfolded.remove(at)),
            None => self.unfolded.push(id),
        }
    }

    pub(super) fn message_chosen(&mut self) {
        if let Some(Found::Person(one)) = self.chosen_found() {
            let what = What::Message { to: vec![one.persona.clone()], name: one.name.clone() };
            return self.open_composer(what, "");
        }
        let what = match self.section {
            Section::People => {
                let list = if self.in_followers { &self.followers } else { &self.follows };
                list.chosen().map(|person| What::Message {
                    to: vec![person.persona.clone()],
                    name: person.name.clone().unwrap_or_default(),
                })
            }
            _ => self
                .chosen_said()
                .filter(|said| !said.author.is_empty())
                .map(|said| What::Message { to: vec![said.author.to_owned()], name: said.name.to_owned() }),
        };
        if let Some(what) = what {
            self.open_composer(what, "");
        }
    }
}

/// The chosen post, comment or message.
pub(super) struct Chosen<'a> {
    pub(super) id: &'a str,
    pub(super) author: &'a str,
    pub(super) name: &'a str,
    /// As it is kept: it names people by their ids.
    pub(super) text: &'a str,
    pub(super) mentions: &'a [MentionView],
    pub(super) own: bool,
    pub(super) gone: bool,
    pub(super) mine: Vec<String>,
    pub(super) bookmarked: bool,
    /// Of a post: whether it is reposted.
    pub(super) reposted: Option<bool>,
    /// Of the first post of a thread: how many stand behind it, and go with it.
    pub(super) behind: u64,
}

impl<'a> Chosen<'a> {
    fn of_post(post: &'a Post) -> Self {
        Self {
            id: &post.id,
            author: &post.author,
            name: &post.author_name,
            text: &post.text,
            mentions: &post.mentions,
            own: post.own,
            gone: post.deleted || post.blocked,
            mine: post.mine.clone(),
            bookmarked: post.bookmarked,
            reposted: Some(post.reposted),
            behind: post
                .series
                .as_ref()
                .filter(|series| series.place == 0)
                .map_or(0, |series| series.posts.saturating_sub(1)),
        }
    }

    fn of_comment(comment: &'a Comment) -> Self {
        Self {
            id: &comment.id,
            author: &comment.author,
            name: &comment.author_name,
            text: &comment.text,
            mentions: &comment.mentions,
            own: comment.own,
            gone: comment.deleted || comment.blocked,
            mine: comment.mine.clone(),
            bookmarked: comment.bookmarked,
            reposted: None,
            behind: 0,
        }
    }

    fn of_found(found: &'a Found) -> Option<Self> {
        match found {
            Found::Post(post) => Some(Self::of_post(post)),
            Found::Comment(comment, _) => Some(Self::of_comment(comment)),
            // Its bookmark can be taken away.
            Found::Person(_) | Found::Tag(_) => None,
            Found::Gone(id) => Some(Self {
                id,
                author: "",
                name: "",
                text: "",
                mentions: &[],
                own: false,
                gone: true,
                mine: Vec::new(),
                bookmarked: true,
                reposted: None,
                behind: 0,
            }),
        }
    }
}
