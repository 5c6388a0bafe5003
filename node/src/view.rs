//! What the handle's reads return. The JSON of these types is the contract of DESIGN §9.

mod circle;
mod device;
mod link;
mod message;
mod near;
mod note;
mod notification;
mod poll;
mod quote;
mod recovery;
mod report;
mod safety;
mod series;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

pub use self::circle::{CircleKind, CircleRole, CircleView, Colour, EndedGroup, GroupEnd, MemberView, Membership};
pub use self::device::{DeviceView, RenewalView};
pub use self::link::{History, HistoryView, LinkFailure, LinkView, LinkedView};
pub use self::message::{MessageFound, MessageState, MessageView, SentView, ThreadView};
pub use self::near::{NearPerson, NearView};
pub use self::note::NoteView;
pub use self::notification::{
    NoticeRules, NotificationFrom, NotificationKind, NotificationView, NotifiedVote, PersonRule, QuietHours, Rule,
    RuleFor, ThreadRule,
};
pub use self::poll::{PollOption, PollView, per_cents};
pub use self::quote::{QuoteState, QuoteView};
pub use self::recovery::{Missing, RecoveryNeed, RecoveryState, RecoveryView, RestoredPersona, RestoredView};
pub use self::report::{Reason, ReportCameView, ReportState, ReportView};
pub use self::safety::{Safety, SafetyHow, SafetyView};
pub use self::series::SeriesView;
use crate::id::{BlobHash, EntryId, ListId, NodeId, PersonaId, ThreadId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonaView {
    pub id: PersonaId,
    pub name: String,
    pub default: bool,
    /// The small form of its picture where there is one.
    pub picture: Option<BlobHash>,
    /// It is kept apart from the others, in a compartment of its own.
    pub separate: bool,
    /// Of a separate one: its keys are behind a passphrase, and it is shown until it is hidden again or the node ends.
    pub hidden: bool,
    /// By which its user knows it; nobody else sees it.
    pub colour: Colour,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileView {
    pub persona: PersonaId,
    /// Empty until a profile came.
    pub name: String,
    pub bio: String,
    pub picture: Option<BlobHash>,
    pub picture_thumb: Option<BlobHash>,
    pub own: bool,
    /// It wishes to be found by its name.
    pub listed: bool,
    /// Own personas that follow it.
    pub followed_by: Vec<PersonaId>,
    /// Own personas that it told that it follows them.
    pub follows: Vec<PersonaId>,
    /// Own personas that tell it that they follow it.
    pub told: Vec<PersonaId>,
    pub posts: u64,
    /// When a peer last confirmed or completed our copy, ms; `None`: nothing came yet.
    pub synced_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FollowView {
    pub persona: PersonaId,
    /// From their profile or the invite; `None` when neither told.
    pub name: Option<String>,
    /// The own persona that follows.
    pub by: PersonaId,
    pub picture: Option<BlobHash>,
    /// `None`: waiting for their device.
    pub synced_ms: Option<u64>,
    /// They are told of it.
    pub told: bool,
    /// They told that they follow back.
    pub mutual: bool,
    /// They left, and took back what they said of themselves.
    pub left: bool,
}

/// Somebody who told that they follow an own persona.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FollowerView {
    pub persona: PersonaId,
    pub name: Option<String>,
    pub picture: Option<BlobHash>,
    /// The own persona.
    pub of: PersonaId,
    /// It follows them too.
    pub mutual: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttachmentView {
    pub hash: BlobHash,
    pub mime: String,
    pub size: u64,
    pub width: u32,
    pub height: u32,
    pub alt: Option<String>,
    /// A real file of the right type once fetched; null before, and for sealed ones.
    pub path: Option<PathBuf>,
    pub thumb: Option<BlobHash>,
    pub blurhash: Option<String>,
    /// What a sealed file was called that is no picture.
    pub name: Option<String>,
    /// It has come; of a sealed one, its ciphertext.
    pub here: bool,
}

/// What a page that a post links says of itself, as the post's author found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardView {
    pub url: String,
    /// Of the link, whatever the page says: as it is written where that can't be taken for another one, else `xn--…`.
    pub host: String,
    /// Empty where the page has none, as is the description.
    pub title: String,
    pub description: String,
    pub picture: Option<AttachmentView>,
}

/// Somebody whom a text names: there it says `@` and the persona's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MentionView {
    pub persona: PersonaId,
    /// By which it is known here; empty until a profile came.
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostView {
    pub id: EntryId,
    pub author: PersonaId,
    pub author_name: String,
    pub author_picture: Option<BlobHash>,
    pub created_ms: u64,
    /// Empty when deleted or not fetched.
    pub text: String,
    /// Whom the text names.
    pub mentions: Vec<MentionView>,
    pub cw: Option<String>,
    pub attachments: Vec<AttachmentView>,
    pub card: Option<CardView>,
    /// Whom it puts forward: a published list. In feeds the first of them.
    pub people: Vec<ListMember>,
    pub people_count: u64,
    /// The post that it quotes.
    pub quote: Option<QuoteView>,
    pub poll: Option<PollView>,
    /// The thread that it is a post of.
    pub series: Option<SeriesView>,
    pub reactions: BTreeMap<String, u64>,
    /// Emoji with which own personas reacted.
    pub mine: Vec<String>,
    pub comments: u64,
    pub edited: bool,
    pub deleted: bool,
    pub sealed: bool,
    pub circle: Option<String>,
    /// The first of its circles is a group.
    pub group: bool,
    /// Of the first of its circles.
    pub colour: Option<Colour>,
    /// The own persona whose follow brought it.
    pub via: Option<PersonaId>,
    /// Its author is an own persona.
    pub own: bool,
    /// The claimed time lies more than 10 minutes ahead of when it was first seen.
    pub clock_off: bool,
    /// The log that holds it has two branches.
    pub forked: bool,
    /// It has not left this device yet.
    pub waiting: bool,
    /// Its header took in as much as one may: new comments and reactions of strangers are no longer taken.
    pub full: bool,
    /// Who may comment, as its author says: `everyone`, `nobody` or `keys`.
    pub commenters: &'static str,
    /// Personas who reposted it, as far as they are known here.
    pub reposts: u64,
    /// An own persona reposted it.
    pub reposted: bool,
    /// Own personas and followed ones who did, the first one first. Where its author is not followed, it stands in the
    /// feed by the first.
    pub reposted_by: Vec<Reposter>,
    /// Own posts: how many other nodes hold it, as far as is known; `None` for others'.
    pub held_by: Option<u32>,
    /// The user bookmarked it.
    pub bookmarked: bool,
    /// The user muted its thread.
    pub thread_muted: bool,
    /// By somebody whom the user blocked: a mere place, without text and pictures.
    pub blocked: bool,
}

/// Who reposted a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reposter {
    pub persona: PersonaId,
    /// Empty until a profile came.
    pub name: String,
    pub picture: Option<BlobHash>,
    pub own: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommentView {
    pub id: EntryId,
    pub author: PersonaId,
    pub author_name: String,
    pub author_picture: Option<BlobHash>,
    pub parent: EntryId,
    pub text: String,
    /// Whom the text names.
    pub mentions: Vec<MentionView>,
    pub created_ms: u64,
    pub deleted: bool,
    pub edited: bool,
    pub own: bool,
    pub reactions: BTreeMap<String, u64>,
    pub mine: Vec<String>,
    /// The user bookmarked it.
    pub bookmarked: bool,
    /// By somebody, or with a word, that the user muted: to be folded away.
    pub muted: bool,
    /// By somebody whom the user blocked: a mere place, for the answers below.
    pub blocked: bool,
}

/// A comment, and the post that it stands under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SaidView {
    pub root: EntryId,
    pub comment: CommentView,
}

/// A bookmark, and what it stands for as far as that is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BookmarkView {
    pub id: EntryId,
    /// The post: itself, or the one that the comment stands under. `None` where nothing of it is here.
    pub root: Option<EntryId>,
    pub added_ms: u64,
    pub post: Option<PostView>,
    pub comment: Option<CommentView>,
}

/// A list of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListView {
    pub id: ListId,
    pub name: String,
    pub members: u64,
    /// The post by which it is published, as long as that stands.
    pub published: Option<EntryId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListMember {
    pub persona: PersonaId,
    /// Empty until a profile came.
    pub name: String,
    pub picture: Option<BlobHash>,
    /// Own, or followed by an own persona.
    pub followed: bool,
}

/// Somebody whom people that the user follows put forward in published lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuggestionView {
    pub persona: PersonaId,
    /// Their own; until a profile came, as the list has it. Empty where neither is known.
    pub name: String,
    pub picture: Option<BlobHash>,
    /// How many followed people list them.
    pub listed_by: u64,
    /// The newest list that does.
    pub list: SuggestedBy,
}

/// A published list, and whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuggestedBy {
    pub persona: PersonaId,
    pub name: String,
    pub post: EntryId,
    /// The first line of what stands over it, or its warning.
    pub text: String,
}

/// What the user does not want to see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MutedView {
    pub people: Vec<MutedPerson>,
    pub words: Vec<MutedWord>,
    pub threads: Vec<MutedThread>,
    /// Private ones.
    pub conversations: Vec<MutedConversation>,
    /// Whose reposts are muted, not what they write.
    pub reposts: Vec<MutedPerson>,
    pub blocked: Vec<MutedPerson>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MutedPerson {
    pub persona: PersonaId,
    pub name: String,
    pub picture: Option<BlobHash>,
    /// `None`: until the user takes it back.
    pub until_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MutedWord {
    pub text: String,
    /// Else in the feeds only.
    pub everywhere: bool,
    pub until_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MutedThread {
    pub post: EntryId,
    pub until_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MutedConversation {
    pub thread: ThreadId,
    /// Of a conversation of several, where it has one.
    pub title: Option<String>,
    /// Of who else is in it; empty where none is known. Of notes to oneself there are none.
    pub names: Vec<String>,
    pub until_ms: Option<u64>,
}

/// A post and its thread, parents before children, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostPage {
    #[serde(flatten)]
    pub post: PostView,
    pub thread: Vec<CommentView>,
    /// The other posts of its author's thread, where it is the first: in their order.
    pub more: Vec<PostView>,
    /// What the post said, oldest first, up to what it says now; empty where it was never edited.
    pub edits: Vec<VersionView>,
    /// Why nothing can be said about a post to a group any more.
    pub ended: Option<EndedGroup>,
}

/// What a post or comment said from a time on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionView {
    pub text: String,
    /// Whom the text names.
    pub mentions: Vec<MentionView>,
    pub cw: Option<String>,
    /// When it was written; of the first one, when the post was.
    pub edited_ms: u64,
}

/// A comment or reaction that an own persona hid under a post of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HiddenView {
    /// What was hidden.
    pub id: EntryId,
    pub post: EntryId,
    /// The own persona that hid it.
    pub by: PersonaId,
    pub author: PersonaId,
    /// Empty until a profile came.
    pub author_name: String,
    pub author_picture: Option<BlobHash>,
    pub created_ms: u64,
    /// Of a comment; empty where it was deleted since.
    pub text: String,
    /// Of a reaction.
    pub emoji: Option<String>,
    /// When it was hidden.
    pub hidden_ms: u64,
}

/// Somebody whom a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonFound {
    pub persona: PersonaId,
    pub name: String,
    pub bio: String,
    pub picture: Option<BlobHash>,
    pub own: bool,
    pub followed: bool,
}

/// A hashtag, without its sign, and how many posts here carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagFound {
    pub tag: String,
    pub posts: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InviteView {
    /// A link that `follow` takes.
    pub invite: String,
    pub persona: PersonaId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Followed {
    pub persona: PersonaId,
    pub name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PathKind {
    Direct,
    Relayed,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeerView {
    pub node: NodeId,
    pub role: Role,
    pub path: PathKind,
    pub rtt_ms: f64,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

/// An anchor that the user chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnchorView {
    pub node: NodeId,
    pub connected: bool,
    /// `None` while it is not connected.
    pub path: Option<PathKind>,
    /// Where it is looked for.
    pub addrs: Vec<String>,
    /// The address of its web page, where the user told it: share links lead there.
    pub web: Option<String>,
}

/// A mailbox that the user chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailboxView {
    pub node: NodeId,
    pub connected: bool,
    /// `None` while it is not connected.
    pub path: Option<PathKind>,
    /// Where it is looked for.
    pub addrs: Vec<String>,
    pub state: MailboxState,
}

/// A node that this one keeps mail for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailboxClientView {
    pub node: NodeId,
    pub since_ms: u64,
    /// Of mail that it brought first, and that is still here.
    pub bytes: u64,
}

/// What a mailbox said last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MailboxState {
    /// Nothing yet: it was not reached.
    Unknown,
    Keeps,
    /// It needs a ticket of its owner.
    Closed,
    WrongToken,
    Expired,
    /// It keeps mail for as many as it can.
    Full,
    /// For a reason that this version does not know.
    Refused,
}

/// What moved of others' content in this hour, and how much may, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BudgetView {
    /// Taken in for others, or before its use.
    pub taken: u64,
    pub given: u64,
    pub take_limit: u64,
    pub give_limit: u64,
}

impl BudgetView {
    pub fn may_take(&self) -> bool {
        self.taken < self.take_limit
    }

    pub fn may_give(&self) -> bool {
        self.given < self.give_limit
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Intermittent.
    Phone,
    /// Available.
    #[default]
    Desktop,
    /// Persistent.
    Anchor,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebView {
    pub addr: String,
    /// An absolute one-time link.
    pub login: String,
}

/// Bytes in the unit that people read: the same wherever they are shown. Rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Bytes(u64),
    Kib(u64),
    Mib(u64),
    Gib(u64),
}

impl Size {
    pub fn of(bytes: u64) -> Self {
        const MIB: u64 = 1024 * 1024;
        const GIB: u64 = 1024 * MIB;
        match bytes {
            0..1024 => Self::Bytes(bytes),
            _ if bytes >= 10 * GIB || bytes.is_multiple_of(GIB) => Self::Gib(bytes.div_ceil(GIB)),
            1024..=0x000f_fc00 => Self::Kib(bytes.div_ceil(1024)),
            _ => Self::Mib(bytes.div_ceil(MIB)),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(1) => f.write_str("1 byte"),
            Self::Bytes(count) => write!(f, "{count} bytes"),
            Self::Kib(count) => write!(f, "{count} KiB"),
            Self::Mib(count) => write!(f, "{count} MiB"),
            Self::Gib(count) => write!(f, "{count} GiB"),
        }
    }
}

/// What is stored on this device, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StorageView {
    /// How much may be.
    pub quota: u64,
    /// How much a device of this role may keep where no limit is set.
    pub usual: u64,
    /// Whether a limit was set.
    pub limited: bool,
    pub used: u64,
    /// Entries by own personas, by followed authors, and by those carried for others.
    pub own: u64,
    pub followed: u64,
    pub carried: u64,
    /// By people who wrote under somebody's post and whom nobody here carries.
    pub strangers: u64,
    /// By authors who were followed or carried once.
    pub left: u64,
    /// Pictures and other files.
    pub files: u64,
    /// Moving bytes costs on this network: only thumbnails come before somebody asks.
    pub metered: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatusView {
    /// There is a profile in the folder.
    pub profile: bool,
    pub running: bool,
    pub node: Option<NodeId>,
    pub role: Role,
    /// This node's address for `anchors add` and `mailbox add`.
    pub ticket: Option<String>,
    pub listen: Vec<String>,
    /// An anchor's own relay, else the one through which others reach this node; `None` where there is none.
    pub relay: Option<String>,
    pub peers: u64,
    pub personas: u64,
    pub entries: u64,
    /// Own personas of which this device is none any more: what is written here for them nobody takes.
    pub out_of: Vec<PersonaId>,
    pub web: Option<WebView>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_one_unit_each() {
        let told = [0, 1, 1023, 1024, 1025, 1024 * 1024 - 1, 1024 * 1024, 700 << 20, 2 << 30, (2 << 30) + 1, 10 << 30]
            .map(|bytes| Size::of(bytes).to_string());
        let read = [
            "0 bytes",
            "1 byte",
            "1023 bytes",
            "1 KiB",
            "2 KiB",
            "1 MiB",
            "1 MiB",
            "700 MiB",
            "2 GiB",
            "2049 MiB",
            "10 GiB",
        ];
        assert_eq!(told, read);
    }
}
