//! What notifications return.

use serde::{Deserialize, Serialize};

use crate::id::{BlobHash, CircleId, DeviceId, EntryId, NotificationId, PersonaId, ThreadId};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// Somebody commented on an own post.
    Comment,
    /// Somebody answered an own comment.
    Answer,
    Mention,
    Quote,
    Reaction,
    Repost,
    /// Somebody told that they follow.
    Follower,
    Message,
    /// A message of somebody who was not accepted yet.
    Request,
    /// To a group.
    Invitation,
    /// Somebody put an own persona into a circle.
    Circle,
    /// Another own device was linked.
    Device,
    /// A post was edited that an own persona commented on, reacted to or reposted.
    Edit,
    /// A backup needs its user.
    Backup,
}

impl NotificationKind {
    pub const ALL: [Self; 14] = [
        Self::Comment,
        Self::Answer,
        Self::Mention,
        Self::Quote,
        Self::Reaction,
        Self::Repost,
        Self::Follower,
        Self::Message,
        Self::Request,
        Self::Invitation,
        Self::Circle,
        Self::Device,
        Self::Edit,
        Self::Backup,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Answer => "answer",
            Self::Mention => "mention",
            Self::Quote => "quote",
            Self::Reaction => "reaction",
            Self::Repost => "repost",
            Self::Follower => "follower",
            Self::Message => "message",
            Self::Request => "request",
            Self::Invitation => "invitation",
            Self::Circle => "circle",
            Self::Device => "device",
            Self::Edit => "edit",
            Self::Backup => "backup",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// It speaks to the user, and is not merely about something of theirs.
    pub const fn is_mention(self) -> bool {
        matches!(self, Self::Answer | Self::Mention | Self::Quote)
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotificationFrom {
    pub persona: PersonaId,
    /// Empty until a profile came.
    pub name: String,
    pub picture: Option<BlobHash>,
}

/// A vote in an own poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotifiedVote {
    /// The reaction that it is.
    pub emoji: String,
    /// The words of the option.
    pub option: String,
}

/// One line: what happened once, or several times to one post or in one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotificationView {
    pub id: NotificationId,
    pub kind: NotificationKind,
    /// The own persona whom it concerns.
    pub persona: PersonaId,
    /// Who did it, the last one first, three at most; nobody where it is one's own device or backup.
    pub from: Vec<NotificationFrom>,
    /// How many people did, all together.
    pub people: u64,
    /// How many unread messages; of anything else how often it happened.
    pub count: u64,
    /// Where it leads: a post, and the comment in it.
    pub post: Option<EntryId>,
    pub comment: Option<EntryId>,
    pub thread: Option<ThreadId>,
    pub circle: Option<CircleId>,
    pub device: Option<DeviceId>,
    /// What they wrote last, cut.
    pub text: String,
    /// What it is about, cut: the own post or comment; the name of a circle or device, the title of a conversation that has
    /// one.
    pub about: String,
    /// Of reactions, each once.
    pub emoji: Vec<String>,
    /// Which of these are votes, where the post is a poll.
    pub votes: Vec<NotifiedVote>,
    /// Of the last time.
    pub created_ms: u64,
    pub read: bool,
}

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    #[default]
    All,
    /// Mentions, answers and quotes alone.
    Mentions,
    None,
}

impl Rule {
    pub const ALL: [Self; 3] = [Self::All, Self::Mentions, Self::None];

    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Mentions => "mentions",
            Self::None => "none",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

/// What a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleFor {
    Kind(NotificationKind),
    Person(PersonaId),
    /// A private conversation.
    Thread(ThreadId),
}

/// From one time of the day to another, minutes since midnight on a clock that is `offset` minutes ahead of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    pub from: u16,
    pub to: u16,
    pub offset: i16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PersonRule {
    pub persona: PersonaId,
    pub rule: Rule,
}

/// Of a private conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ThreadRule {
    pub thread: ThreadId,
    pub rule: Rule,
}

/// What the user chose: all that is not named here is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NoticeRules {
    /// Kinds of which nothing is told.
    pub off: Vec<NotificationKind>,
    pub people: Vec<PersonRule>,
    pub threads: Vec<ThreadRule>,
    pub quiet: Option<QuietHours>,
}

impl NoticeRules {
    pub fn of_person(&self, id: PersonaId) -> Rule {
        self.people.iter().find(|known| known.persona == id).map_or(Rule::All, |known| known.rule)
    }

    pub fn of_thread(&self, id: ThreadId) -> Rule {
        self.threads.iter().find(|known| known.thread == id).map_or(Rule::All, |known| known.rule)
    }
}
