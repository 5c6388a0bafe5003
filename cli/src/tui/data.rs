//! What the node answers, as the screens use it: the fields of the command contract, each empty where a node of another
//! version does not send it.

use std::collections::BTreeMap;

use kith_node::view::MentionView;
use kith_node::with_names;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::text::notification::happened;
use crate::words::{array, many, mentions};

/// What stands in a list.
pub(crate) trait Listed {
    fn id(&self) -> &str;
}

macro_rules! listed {
    ($($kind:ident: $field:ident),+) => {
        $(impl Listed for $kind {
            fn id(&self) -> &str {
                &self.$field
            }
        })+
    };
}

listed!(Post: id, Comment: id, Conversation: id, Message: id, Person: persona, Persona: id, Told: id, Waiting: id);

/// What says something, and may name somebody in it.
macro_rules! says {
    ($($kind:ident),+) => {
        $(impl $kind {
            /// Its text, with a name for each persona that it names.
            pub(crate) fn said(&self) -> String {
                with_names(&self.text, &self.mentions)
            }
        })+
    };
}

says!(Post, Comment, Message, Waiting);

fn named<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<MentionView>, D::Error> {
    Ok(mentions(&Vec::<Value>::deserialize(from)?))
}

impl Listed for Found {
    fn id(&self) -> &str {
        match self {
            Self::Post(post) => &post.id,
            Self::Comment(comment, _) => &comment.id,
            Self::Gone(id) => id,
            Self::Person(one) => &one.persona,
            Self::Tag(one) => &one.tag,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Attachment {
    pub(crate) mime: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) alt: Option<String>,
    pub(crate) name: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Reposter {
    pub(crate) name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Poll {
    pub(crate) options: Vec<PollOption>,
    pub(crate) ended: bool,
    pub(crate) ends_ms: u64,
    pub(crate) voters: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct PollOption {
    pub(crate) text: String,
    pub(crate) votes: u64,
    pub(crate) mine: bool,
}

/// A post below one that quotes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Quote {
    pub(crate) state: String,
    pub(crate) author_name: String,
    pub(crate) text: String,
    pub(crate) cw: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Card {
    pub(crate) host: String,
    pub(crate) title: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Post {
    pub(crate) id: String,
    pub(crate) author: String,
    pub(crate) author_name: String,
    pub(crate) created_ms: u64,
    pub(crate) text: String,
    #[serde(deserialize_with = "named")]
    pub(crate) mentions: Vec<MentionView>,
    pub(crate) cw: Option<String>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) card: Option<Card>,
    pub(crate) quote: Option<Quote>,
    pub(crate) poll: Option<Poll>,
    /// Whom a published list names, and how many they are.
    pub(crate) people: Vec<Known>,
    pub(crate) people_count: u64,
    pub(crate) reactions: BTreeMap<String, u64>,
    pub(crate) mine: Vec<String>,
    pub(crate) comments: u64,
    pub(crate) reposts: u64,
    pub(crate) edited: bool,
    pub(crate) deleted: bool,
    pub(crate) sealed: bool,
    pub(crate) circle: Option<String>,
    pub(crate) own: bool,
    pub(crate) waiting: bool,
    pub(crate) bookmarked: bool,
    pub(crate) reposted: bool,
    pub(crate) reposted_by: Vec<Reposter>,
    pub(crate) blocked: bool,
    pub(crate) held_by: Option<u32>,
    pub(crate) series: Option<Series>,
}

/// The thread of its author that a post is one of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Series {
    pub(crate) place: u64,
    pub(crate) posts: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Comment {
    pub(crate) id: String,
    pub(crate) author: String,
    pub(crate) author_name: String,
    pub(crate) parent: String,
    pub(crate) text: String,
    #[serde(deserialize_with = "named")]
    pub(crate) mentions: Vec<MentionView>,
    pub(crate) created_ms: u64,
    pub(crate) deleted: bool,
    pub(crate) edited: bool,
    pub(crate) own: bool,
    pub(crate) reactions: BTreeMap<String, u64>,
    pub(crate) mine: Vec<String>,
    pub(crate) bookmarked: bool,
    pub(crate) muted: bool,
    pub(crate) blocked: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Page {
    #[serde(flatten)]
    pub(crate) post: Post,
    pub(crate) more: Vec<Post>,
    pub(crate) thread: Vec<Comment>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Conversation {
    pub(crate) id: String,
    pub(crate) with: Vec<String>,
    pub(crate) names: Vec<String>,
    pub(crate) persona: String,
    pub(crate) title: Option<String>,
    pub(crate) unread: u64,
    pub(crate) last_ms: Option<u64>,
    pub(crate) last_text: Option<String>,
    pub(crate) request: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) from_name: String,
    pub(crate) own: bool,
    pub(crate) text: String,
    #[serde(deserialize_with = "named")]
    pub(crate) mentions: Vec<MentionView>,
    pub(crate) created_ms: u64,
    pub(crate) state: String,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) edited: bool,
    pub(crate) deleted: bool,
    pub(crate) reactions: BTreeMap<String, u64>,
    pub(crate) own_reaction: Option<String>,
}

/// Somebody who is followed, or follows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Person {
    pub(crate) persona: String,
    /// The own persona that follows them.
    pub(crate) by: String,
    pub(crate) name: Option<String>,
    pub(crate) mutual: bool,
    pub(crate) told: bool,
    pub(crate) synced_ms: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Persona {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) default: bool,
    pub(crate) separate: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Circle {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) members: Vec<String>,
    pub(crate) invited: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Peer {
    pub(crate) node: String,
    pub(crate) role: String,
    pub(crate) path: String,
    pub(crate) rtt_ms: f64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
}

/// An anchor or a mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Helper {
    pub(crate) node: String,
    pub(crate) connected: bool,
    pub(crate) addrs: Vec<String>,
    pub(crate) state: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Status {
    pub(crate) running: bool,
    pub(crate) demo: bool,
    pub(crate) node: Option<String>,
    pub(crate) role: String,
    pub(crate) listen: Vec<String>,
    pub(crate) relay: Option<String>,
    pub(crate) peers: u64,
    pub(crate) entries: u64,
    /// Notifications that were not read.
    pub(crate) unread: u64,
}

/// A notification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) persona: String,
    pub(crate) from: Vec<By>,
    pub(crate) post: Option<String>,
    pub(crate) comment: Option<String>,
    pub(crate) thread: Option<String>,
    pub(crate) text: String,
    pub(crate) about: String,
    pub(crate) created_ms: u64,
    pub(crate) read: bool,
    /// Who did what, in words.
    #[serde(skip)]
    pub(crate) happened: String,
}

/// A post that waits for its time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Waiting {
    pub(crate) id: String,
    pub(crate) at_ms: u64,
    pub(crate) persona: Option<String>,
    pub(crate) text: String,
    #[serde(deserialize_with = "named")]
    pub(crate) mentions: Vec<MentionView>,
    pub(crate) cw: Option<String>,
    pub(crate) circles: Option<Vec<String>>,
    pub(crate) attachments: Vec<Value>,
    pub(crate) quote: Option<String>,
    pub(crate) poll: Option<Value>,
    /// How many it is, where it is a thread.
    pub(crate) posts: u64,
    pub(crate) refused: Option<Refused>,
}

impl Waiting {
    /// What it holds beside its words.
    pub(crate) fn beside(&self) -> Vec<String> {
        let files = self.attachments.len() as u64;
        let all = [
            (self.posts > 1, format!("thread of {}", many(self.posts, "post"))),
            (files > 0, many(files, "file")),
            (self.poll.is_some(), "a poll".to_owned()),
            (self.quote.is_some(), "quotes a post".to_owned()),
        ];
        all.into_iter().filter_map(|(there, words)| there.then_some(words)).collect()
    }
}

/// The post that is being written, as the node keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Begun {
    pub(crate) empty: bool,
    /// Who writes it, where that was chosen.
    pub(crate) persona: Option<String>,
    pub(crate) text: String,
    #[serde(deserialize_with = "named")]
    pub(crate) mentions: Vec<MentionView>,
    pub(crate) cw: Option<String>,
    /// `None`: not chosen yet; none: everybody.
    pub(crate) circles: Option<Vec<String>>,
    pub(crate) at_ms: Option<u64>,
    pub(crate) quote: Option<String>,
    /// More than words stands in it.
    pub(crate) beside: bool,
}

/// Why it was not posted when its time came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Refused {
    pub(crate) message: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct By {
    pub(crate) persona: String,
    pub(crate) name: String,
}

/// A list of people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct People {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) members: u64,
}

/// What stands among bookmarks, or was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Post(Box<Post>),
    /// With the post that it stands under.
    Comment(Box<Comment>, String),
    /// By its id: nothing of it is here.
    Gone(String),
    Person(Known),
    Tag(Tag),
}

impl Found {
    /// The post on whose page it stands, where that is here.
    pub(crate) fn root(&self) -> Option<&str> {
        match self {
            Self::Post(post) => Some(&post.id),
            Self::Comment(_, root) => Some(root),
            Self::Gone(_) | Self::Person(_) | Self::Tag(_) => None,
        }
    }
}

/// Somebody whom a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Known {
    pub(crate) persona: String,
    pub(crate) name: String,
    pub(crate) bio: String,
    pub(crate) own: bool,
    pub(crate) followed: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Tag {
    /// Without its sign.
    pub(crate) tag: String,
    pub(crate) posts: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Results {
    people: Vec<Known>,
    tags: Vec<Tag>,
    posts: Vec<Post>,
}

/// What a search found: people, hashtags, posts.
pub(crate) fn results(value: Value) -> Vec<Found> {
    let Results { people, tags, posts } = read(value).unwrap_or_default();
    let posts = posts.into_iter().map(|post| Found::Post(Box::new(post)));
    people.into_iter().map(Found::Person).chain(tags.into_iter().map(Found::Tag)).chain(posts).collect()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Bookmark {
    id: String,
    root: Option<String>,
    post: Option<Box<Post>>,
    comment: Option<Box<Comment>>,
}

pub(crate) fn bookmarks(value: Value) -> Vec<Found> {
    let one = |one: Bookmark| match (one.post, one.comment, one.root) {
        (_, Some(comment), Some(root)) => Found::Comment(comment, root),
        (Some(post), ..) => Found::Post(post),
        _ => Found::Gone(one.id),
    };
    read::<Vec<Bookmark>>(value).unwrap_or_default().into_iter().map(one).collect()
}

/// Notifications, each in the words of `kith notifications`.
pub(crate) fn told(value: &Value) -> Vec<Told> {
    let one = |value: &Value| Some(Told { happened: happened(value), ..read(value.clone())? });
    array(value).iter().filter_map(one).collect()
}

/// `None`: the answer is of another form.
pub(crate) fn read<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}
