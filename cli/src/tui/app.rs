//! What the screens show, and what a key or an answer changes in it. Free of any terminal and any node: [`App::step`] takes
//! what happened and answers what is to be asked.

mod asks;
mod begun;
mod choose;
mod chosen;
mod deeds;
mod later;
mod notices;

use crossterm::event::KeyEvent;
use kith_node::control::{Failure, Request};
use kith_node::id::PersonaId;
use serde_json::Value;

use super::data::{
    Begun, Circle, Comment, Conversation, Found, Helper, Listed, Message, Peer, People, Person, Persona, Post, Status,
    Told, Waiting,
};
use super::editor::Editor;
use super::keys::{Deed, Place};
use super::pane::Pane;
use crate::text::scheduled::moment;

/// Posts that are read at once, and messages.
const POSTS: usize = 50;
const MESSAGES: usize = 200;
/// More posts than this are not kept in memory.
const MOST_POSTS: usize = 1_000;
/// From this many columns on there is room for two panes.
pub(crate) const WIDE: u16 = 100;

/// What happened.
#[derive(Debug)]
pub(crate) enum Input {
    Key(KeyEvent),
    Paste(String),
    Size(u16, u16),
    Answer(Ask, Result<Value, Failure>),
    /// Something changed at the node.
    Changed,
    /// What time it is, ms since the epoch.
    Now(u64),
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Ask(Ask, Box<Request>),
    Quit,
}

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    Feed(View),
    Older(View),
    Later,
    /// The post that is being written, as it is kept.
    Begun,
    /// Keeps it.
    Keep,
    Bookmarks,
    /// By what was typed.
    Search(String),
    Lists,
    Tags,
    /// By the post's id.
    Page(String),
    Conversations,
    Requests,
    Conversation(String),
    Follows,
    Followers,
    Personas,
    Circles,
    Status,
    Peers,
    Anchors,
    Mailboxes,
    /// Whether only those that are not read.
    Notifications(bool),
    Invite,
    Share,
    /// Something that the user did, and what is said once it is done; empty: nothing.
    Did(&'static str),
    /// What was written by the composer.
    Wrote(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Feed,
    Messages,
    People,
    Personas,
    Network,
    Notifications,
}

impl Section {
    pub(crate) const ALL: [Self; 6] =
        [Self::Feed, Self::Messages, Self::People, Self::Personas, Self::Network, Self::Notifications];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Feed => "Feed",
            Self::Messages => "Messages",
            Self::People => "People",
            Self::Personas => "Personas",
            Self::Network => "Network",
            Self::Notifications => "Notifications",
        }
    }

    /// Where all of them stand in 80 columns.
    pub(crate) const fn short_title(self) -> &'static str {
        match self {
            Self::Network => "Net",
            Self::Notifications => "Notices",
            other => other.title(),
        }
    }
}

/// What is read under Feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum View {
    Home,
    List {
        id: String,
        name: String,
    },
    Tag(String),
    Bookmarks,
    Search(String),
    /// Posts that wait for their time.
    Later,
}

/// What the composer writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Post,
    /// On a post, or in answer to a comment.
    Comment {
        target: String,
        to: String,
    },
    /// A post that quotes another one: which, and what of it is shown above.
    Quote {
        target: String,
        of: String,
    },
    Edit {
        target: String,
    },
    Message {
        to: Vec<String>,
        name: String,
    },
}

impl What {
    /// A post of its own, for an audience that is chosen.
    pub(crate) fn is_post(&self) -> bool {
        matches!(self, Self::Post | Self::Quote { .. })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Compose {
    pub(crate) what: What,
    pub(crate) text: Editor,
    /// Whom names in it stand for. Others that are written are looked for by the node.
    pub(crate) meant: Vec<(String, PersonaId)>,
    pub(crate) cw: Option<String>,
    /// Id of the circle that reads it; `None`: everyone.
    pub(crate) audience: Option<String>,
    /// When it is posted; `None`: at once.
    pub(crate) at_ms: Option<u64>,
    pub(crate) sending: bool,
    /// Of a post: beside what the node keeps, which these screens do not show.
    pub(crate) apart: bool,
}

/// What is done with a line that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Then {
    React { target: String, mine: Vec<String> },
    Follow,
    Warning,
    When,
    Search,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Overlay {
    Compose,
    Type {
        title: &'static str,
        text: Editor,
        then: Then,
    },
    Choose {
        title: &'static str,
        rows: Vec<Choice>,
        at: usize,
    },
    Confirm {
        question: String,
        request: Box<Request>,
        done: &'static str,
    },
    Read {
        title: String,
        text: String,
        top: usize,
    },
    /// Whether to quit all the same.
    Quit {
        question: String,
        /// The post that is being written is kept first.
        keeps: bool,
    },
}

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) label: String,
    pub(crate) pick: Pick,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pick {
    View(View),
    /// Of a post's poll, from 1.
    Vote {
        target: String,
        option: usize,
    },
    /// Takes the vote there back.
    Unvote {
        target: String,
    },
    React {
        target: String,
        emoji: String,
        undo: bool,
    },
    Follow {
        persona: String,
    },
    /// An emoji that does not stand here.
    TypeEmoji {
        target: String,
        mine: Vec<String>,
    },
}

/// A post or comment on the page of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    Post(Box<Post>),
    /// With its depth below the post.
    Comment(Box<Comment>, usize),
}

impl Listed for Said {
    fn id(&self) -> &str {
        match self {
            Self::Post(post) => &post.id,
            Self::Comment(comment, _) => &comment.id,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Net {
    pub(crate) status: Status,
    pub(crate) peers: Vec<Peer>,
    pub(crate) anchors: Vec<Helper>,
    pub(crate) mailboxes: Vec<Helper>,
}

#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) text: String,
    pub(crate) bad: bool,
}

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) section: Section,
    /// The page beside the list has the keys.
    pub(crate) detail: bool,
    pub(crate) size: (u16, u16),
    pub(crate) now_ms: u64,
    /// A time as it is shown, by this machine's clock.
    pub(crate) moment: fn(u64) -> String,
    pub(crate) view: View,
    pub(crate) feed: Pane<Post>,
    /// Bookmarks, or what a search found.
    pub(crate) found: Pane<Found>,
    /// How many bookmarks are read.
    most_found: usize,
    pub(crate) later: Pane<Waiting>,
    lists: Vec<People>,
    tags: Vec<String>,
    pub(crate) page: Pane<Said>,
    /// The post whose page it is.
    pub(crate) shown: Option<String>,
    pub(crate) conversations: Pane<Conversation>,
    pub(crate) requests: Pane<Conversation>,
    pub(crate) in_requests: bool,
    pub(crate) messages: Pane<Message>,
    pub(crate) open: Option<Conversation>,
    pub(crate) follows: Pane<Person>,
    pub(crate) followers: Pane<Person>,
    pub(crate) in_followers: bool,
    pub(crate) personas: Pane<Persona>,
    pub(crate) notifications: Pane<Told>,
    /// Only those that are not read.
    pub(crate) only_unread: bool,
    pub(crate) circles: Vec<Circle>,
    /// Who writes, and whose feed is read; `None`: the default one writes, and all read.
    pub(crate) me: Option<String>,
    pub(crate) net: Net,
    pub(crate) net_top: usize,
    pub(crate) overlay: Option<Overlay>,
    pub(crate) compose: Option<Compose>,
    pub(crate) notice: Option<Notice>,
    /// Posts whose content warning was lifted.
    pub(crate) unfolded: Vec<String>,
    drafts: Vec<Compose>,
    /// What the node keeps of a post that is being written.
    begun: Option<Begun>,
    /// The post that is being written is not kept as it is now.
    unkept: bool,
    /// What the node keeps of it as far as these screens know, and what was given to it that it did not answer yet.
    seen: (String, String),
    /// It quits once that is kept.
    leaving: bool,
    /// What is under way, and whether it is to be asked again after that.
    asked: Vec<(Ask, bool)>,
    /// The feed was read to its end.
    at_end: bool,
    to_own_post: bool,
    /// The comment to which the page goes once it is read.
    goal: Option<String>,
    /// From where a page was opened that is none of its list.
    back_to: Option<Section>,
}

type Effects = Vec<Effect>;

impl App {
    pub(crate) fn new(now_ms: u64) -> Self {
        Self {
            section: Section::Feed,
            detail: false,
            size: (80, 24),
            now_ms,
            moment,
            view: View::Home,
            feed: Pane::default(),
            found: Pane::default(),
            most_found: POSTS,
            later: Pane::default(),
            lists: Vec::new(),
            tags: Vec::new(),
            page: Pane::default(),
            shown: None,
            conversations: Pane::default(),
            requests: Pane::default(),
            in_requests: false,
            messages: Pane::default(),
            open: None,
            follows: Pane::default(),
            followers: Pane::default(),
            in_followers: false,
            personas: Pane::default(),
            notifications: Pane::default(),
            only_unread: false,
            circles: Vec::new(),
            me: None,
            net: Net::default(),
            net_top: 0,
            overlay: None,
            compose: None,
            notice: None,
            unfolded: Vec::new(),
            drafts: Vec::new(),
            begun: None,
            unkept: false,
            seen: Default::default(),
            leaving: false,
            asked: Vec::new(),
            at_end: false,
            to_own_post: false,
            goal: None,
            back_to: None,
        }
    }

    /// What is asked first.
    pub(crate) fn start(&mut self) -> Effects {
        let mut out = Vec::new();
        for ask in [
            Ask::Feed(View::Home),
            Ask::Personas,
            Ask::Circles,
            Ask::Follows,
            Ask::Conversations,
            Ask::Requests,
            Ask::Status,
            Ask::Begun,
        ] {
            self.ask(ask, &mut out);
        }
        out
    }

    pub(crate) fn step(&mut self, input: Input) -> Effects {
        let mut out = Vec::new();
        match input {
            Input::Key(key) => self.key(key, &mut out),
            Input::Paste(text) => self.paste(&text, &mut out),
            Input::Size(width, height) => {
                self.size = (width, height);
                self.show_beside(&mut out);
            }
            Input::Answer(ask, answer) => self.answer(ask, answer, &mut out),
            Input::Changed => self.refresh(&mut out),
            Input::Now(now_ms) => self.now_ms = now_ms,
        }
        out
    }

    pub(crate) fn is_wide(&self) -> bool {
        self.size.0 >= WIDE
    }

    pub(crate) fn place(&self) -> Place {
        match (&self.overlay, self.section) {
            (Some(Overlay::Compose), _) => Place::Writing,
            (Some(Overlay::Type { .. }), _) => Place::Typing,
            (Some(Overlay::Choose { .. }), _) => Place::Choosing,
            (Some(Overlay::Confirm { .. } | Overlay::Quit { .. }), _) => Place::Asked,
            (Some(Overlay::Read { .. }), _) => Place::Reading,
            (None, Section::Feed) if self.detail => Place::Post,
            (None, Section::Feed) if self.view == View::Later => Place::Later,
            (None, Section::Feed) => Place::Feed,
            (None, Section::Messages) if self.detail => Place::Conversation,
            (None, Section::Messages) => Place::Conversations,
            (None, Section::People) => Place::People,
            (None, Section::Personas) => Place::Personas,
            (None, Section::Notifications) => Place::Notifications,
            (None, Section::Network) => Place::Moving,
        }
    }

    /// Whether a key does something where it counts, as things are.
    pub(crate) fn offers(&self, deed: Deed) -> bool {
        let what = self.compose.as_ref().map(|compose| &compose.what);
        match deed {
            Deed::Audience | Deed::Warning | Deed::When => what.is_some_and(What::is_post),
            Deed::Unquote => matches!(what, Some(What::Quote { .. })),
            _ => true,
        }
    }

    pub(crate) fn unread(&self) -> u64 {
        self.conversations.items.iter().map(|one| one.unread).sum()
    }

    /// Who writes.
    pub(crate) fn writer(&self) -> Option<&Persona> {
        let chosen = |persona: &&Persona| match &self.me {
            Some(me) => persona.id == *me,
            None => persona.default,
        };
        self.personas.items.iter().find(chosen)
    }

    pub(crate) fn is_own(&self, persona: &str) -> bool {
        self.personas.items.iter().any(|own| own.id == persona)
    }

    pub(crate) fn circle(&self, id: &str) -> Option<&Circle> {
        self.circles.iter().find(|circle| !circle.invited && circle.id == id)
    }
}

/// Who is in it, as a name.
pub(crate) fn conversation_name(one: &Conversation) -> String {
    if let Some(title) = one.title.as_deref().filter(|title| !title.is_empty()) {
        return title.to_owned();
    }
    if one.with.is_empty() {
        return "Notes to yourself".to_owned();
    }
    let name = |(at, name): (usize, &String)| match name.is_empty() {
        true => format!("somebody ({})", one.with.get(at).map(|id| super::lay::cut(id, 11)).unwrap_or_default()),
        false => name.clone(),
    };
    one.names.iter().enumerate().map(name).collect::<Vec<_>>().join(", ")
}
