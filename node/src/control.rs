//! How other processes of the same user reach a node: requests, their answers, and the socket they travel on.
//!
//! A running node (`kith run` or the app's) holds its profile's lock and serves a unix-domain socket: one JSON line a
//! request, one JSON line an answer. [`execute`] is the one place that turns a request into verbs of the handle and
//! the JSON of the command contract; the socket's server calls it, and so does a command that opens the profile
//! itself because no node runs. Nothing here decides anything about content: that is the handle's.

mod begun;
mod change;
mod execute;
mod link;
mod message;
mod named;
mod near;
mod notification;
mod route;
mod scheduled;

#[cfg(unix)]
mod socket;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroize as _;

use crate::bundle::Export;
use crate::departure::Content;
use crate::error::Error;
use crate::verify::Verdict;
use crate::view::Reason;
use crate::view::{History, NotificationKind, QuietHours, Rule};

pub use begun::BegunArgs;
pub use change::{AttachFile, CircleChange, GroupChange, ListChange, Mute, PictureEdit, Quota, Who};
pub use execute::execute;
pub use scheduled::{Beside, Then};
#[cfg(unix)]
pub use socket::{Listener, bind, call, run, socket_path};

/// One command with all its arguments. Ids are texts: full or unique prefixes, resolved by the node that answers.
/// Paths are absolute; the node reads the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    Init {
        name: String,
    },
    Status,
    /// Answers once something happened since the turn that was seen last, or after a moment.
    Changed {
        #[serde(default)]
        seen: Option<u64>,
    },
    /// Hands a link over to the window of this node, or calls it to the front.
    Open {
        #[serde(default)]
        link: Option<String>,
    },
    /// Fills the profile with the content of the demo.
    Demo,
    Doctor,
    Personas,
    CreatePersona {
        name: String,
        /// Kept apart from the others, in a compartment of its own.
        #[serde(default)]
        separate: bool,
    },
    /// Puts a separate persona behind a passphrase; `None`: behind the one that it is hidden by.
    HidePersona {
        persona: String,
        #[serde(default)]
        passphrase: Option<Passphrase>,
    },
    /// Shows those that are hidden behind it.
    UnhidePersonas {
        passphrase: Passphrase,
    },
    DeletePersona {
        persona: String,
        content: Content,
    },
    /// Another request, at the node that holds this persona: the profile's own, or that of a separate one.
    As {
        persona: String,
        request: Box<Self>,
    },
    EditPersona {
        persona: Option<String>,
        name: Option<String>,
        bio: Option<String>,
        picture: Option<PictureEdit>,
        /// Whether others may find it by its name.
        #[serde(default)]
        listed: Option<bool>,
    },
    DefaultPersona {
        persona: String,
    },
    Invite {
        persona: Option<String>,
        /// Name this node beside anchors or mailboxes.
        #[serde(default)]
        with_node: bool,
    },
    Follow {
        persona: Option<String>,
        /// An invite link or a persona.
        target: String,
        /// They shall hear of it.
        #[serde(default)]
        tell: bool,
    },
    Followers {
        persona: Option<String>,
    },
    DropFollower {
        persona: Option<String>,
        who: String,
    },
    Unfollow {
        persona: Option<String>,
        target: String,
    },
    Follows {
        persona: Option<String>,
        /// Answers with hashtags too: `{people, tags}` instead of the people alone.
        #[serde(default)]
        whole: bool,
    },
    /// A private message, to one or several personas.
    Dm {
        persona: Option<String>,
        to: Vec<String>,
        text: String,
        #[serde(default)]
        attach: Vec<AttachFile>,
    },
    Threads {
        persona: Option<String>,
        requests: bool,
    },
    Thread {
        thread: String,
        limit: usize,
    },
    /// Answers a message, in its conversation.
    Reply {
        persona: Option<String>,
        message: String,
        text: String,
        #[serde(default)]
        attach: Vec<AttachFile>,
    },
    /// How long messages of a conversation stay after they were read, s; 0: for good. `None`: says how it is.
    Timer {
        thread: String,
        keep_s: Option<u64>,
    },
    /// The settings of messages, or one of them; with a value, sets it.
    Settings {
        setting: Option<Setting>,
        on: Option<bool>,
    },
    /// What happened.
    Notifications {
        persona: Option<String>,
        limit: usize,
        #[serde(default)]
        unread: bool,
        #[serde(default)]
        mentions: bool,
    },
    /// Marks one as read; without an id all.
    ReadNotifications {
        persona: Option<String>,
        id: Option<String>,
    },
    /// What one is told of; with a change, makes it.
    NoticeRules {
        change: Option<RuleArgs>,
    },
    /// Accepts or declines a request.
    Answer {
        thread: String,
        accept: bool,
    },
    /// Followed hashtags.
    Tags,
    Post {
        persona: Option<String>,
        text: String,
        cw: Option<String>,
        attach: Vec<AttachFile>,
        /// Names of circles, or their ids; none: public.
        #[serde(default)]
        circles: Vec<String>,
        /// Not said where there is nothing: a node that knows of none takes the rest.
        #[serde(default, skip_serializing_if = "Beside::is_empty")]
        beside: Beside,
    },
    /// A post for later, ms. A command of its own: a node that knows of no time refuses it instead of posting at once.
    Schedule {
        persona: Option<String>,
        text: String,
        cw: Option<String>,
        attach: Vec<AttachFile>,
        circles: Vec<String>,
        at_ms: u64,
        #[serde(default, skip_serializing_if = "Beside::is_empty")]
        beside: Beside,
    },
    /// Posts that wait for their time.
    Scheduled,
    PostNow {
        id: String,
    },
    DeleteScheduled {
        id: String,
    },
    /// The post that is being written.
    Begun,
    /// Keeps the words of it; `behind`: after those that are kept already. `seen`: the text that stands there as far as is
    /// known; where it is another one, nothing is kept.
    KeepBegun {
        words: BegunArgs,
        behind: bool,
        #[serde(default)]
        seen: Option<String>,
    },
    Comment {
        persona: Option<String>,
        target: String,
        text: String,
    },
    React {
        persona: Option<String>,
        target: String,
        emoji: String,
        undo: bool,
    },
    /// `option`: from 1.
    Vote {
        persona: Option<String>,
        target: String,
        option: usize,
    },
    /// For the option that these words name.
    VoteFor {
        persona: Option<String>,
        target: String,
        words: String,
    },
    Unvote {
        persona: Option<String>,
        target: String,
    },
    Edit {
        persona: Option<String>,
        target: String,
        text: String,
    },
    Delete {
        persona: Option<String>,
        target: String,
    },
    Hide {
        persona: Option<String>,
        target: String,
        undo: bool,
    },
    /// What own personas hid, under one post where it is named.
    Hidden {
        post: Option<String>,
    },
    /// A link for people with a browser.
    Share {
        post: String,
    },
    Repost {
        persona: Option<String>,
        target: String,
        undo: bool,
    },
    Policy {
        persona: Option<String>,
        target: String,
        who: Who,
    },
    Feed {
        persona: Option<String>,
        limit: usize,
        before: Option<String>,
        /// The name of a list, or its id.
        #[serde(default)]
        list: Option<String>,
        #[serde(default)]
        tag: Option<String>,
        /// Answers `{posts, muted, followed}` instead of the posts alone: whether mutes and blocks leave nothing of
        /// what is here, and whether the hashtag is followed.
        #[serde(default)]
        whole: bool,
    },
    Bookmark {
        target: String,
        undo: bool,
    },
    Bookmarks {
        limit: usize,
        before: Option<String>,
    },
    Lists,
    /// Who stands in a list.
    List {
        list: String,
    },
    ChangeList {
        list: String,
        change: ListChange,
    },
    PublishList {
        persona: Option<String>,
        list: String,
        text: Option<String>,
    },
    /// Deletes the post by which a list is published.
    WithdrawList {
        list: String,
    },
    /// People whom published lists name.
    Suggestions {
        limit: usize,
    },
    /// Suggests this one no more, or again.
    PassOver {
        other: String,
        undo: bool,
    },
    Circles {
        persona: Option<String>,
        /// Answers with groups that ended too: `{circles, ended}` instead of the circles alone.
        #[serde(default)]
        whole: bool,
    },
    ChangeCircle {
        persona: Option<String>,
        circle: String,
        change: CircleChange,
    },
    ChangeGroup {
        persona: Option<String>,
        group: String,
        change: GroupChange,
    },
    FollowTag {
        tag: String,
        undo: bool,
    },
    Mute {
        what: Mute,
        undo: bool,
    },
    /// What is muted and blocked.
    Muted,
    Show {
        persona: Option<String>,
        post: String,
    },
    /// Messages of the archive.
    SearchMessages {
        persona: Option<String>,
        query: String,
        limit: usize,
    },
    Verify {
        persona: Option<String>,
        other: String,
        verdict: Option<Verdict>,
    },
    /// What is noted about somebody; with a text that is noted instead, and an empty one takes the note away.
    Note {
        persona: Option<String>,
        other: String,
        text: Option<String>,
    },
    Search {
        persona: Option<String>,
        query: String,
        limit: usize,
        /// Answers with people and hashtags too: `{people, tags, posts}` instead of the posts alone.
        whole: bool,
    },
    /// The deny list, or one id of it put on or taken off.
    Deny {
        id: Option<String>,
        undo: bool,
    },
    /// Tells an anchor of something that it should not show. `to`: the first digits of one, where there are several.
    Report {
        about: String,
        reason: Reason,
        text: String,
        to: Option<String>,
    },
    /// What was reported here, and to this node where it is an anchor.
    Reports,
    /// A report that came was dealt with.
    SettleReport {
        number: u64,
    },
    /// Answers with the path of a real file; the caller copies it. Of a sealed one, with where its ciphertext lies and what
    /// opens it: the caller does as it writes it out.
    Get {
        persona: Option<String>,
        hash: String,
    },
    /// What is stored; with a quota, sets how much may be.
    Storage {
        quota: Option<Quota>,
    },
    /// Writes a bundle.
    Export {
        /// Absolute.
        file: PathBuf,
        what: Export,
        passphrase: Passphrase,
        /// Replaces a bundle that is there.
        #[serde(default)]
        force: bool,
    },
    /// What a bundle holds, and what of it is new here.
    Preview {
        /// Absolute.
        file: PathBuf,
        passphrase: Passphrase,
    },
    /// Takes a bundle in.
    Import {
        /// Absolute.
        file: PathBuf,
        passphrase: Passphrase,
    },
    /// How far an export or import is; null where none is under way.
    Transfer,
    Peers,
    Anchors,
    AddAnchor {
        ticket: String,
        /// Where its web page is.
        #[serde(default)]
        web: Option<String>,
    },
    RemoveAnchor {
        /// The ticket, or digits of the node.
        target: String,
    },
    Mailboxes,
    /// Whom mail is kept for here; with a node, that one no longer.
    MailboxClients {
        dismiss: Option<String>,
    },
    AddMailbox {
        ticket: String,
    },
    RemoveMailbox {
        /// The ticket, or digits of the node.
        target: String,
    },
    /// How safe each own persona is from the loss of its devices.
    Recovery,
    /// The words of a persona; with `typed`, whether those are they.
    RecoveryPhrase {
        persona: Option<String>,
        #[serde(default)]
        typed: Option<Words>,
    },
    /// Takes back what a recovery phrase recovers.
    Restore {
        phrase: Words,
        /// Tickets.
        anchors: Vec<String>,
        /// Whole ids.
        personas: Vec<String>,
        /// Other devices are out at once.
        #[serde(default)]
        out: bool,
        /// Digits of devices that stay then.
        keep: Vec<String>,
    },
    /// Own devices.
    Devices,
    RenameDevice {
        device: String,
        name: String,
    },
    RevokeDevice {
        device: String,
        /// The recovery phrase: a new root takes the place of the one that somebody may have.
        #[serde(default)]
        phrase: Option<Words>,
        /// With the phrase: devices that stay beside this one.
        #[serde(default)]
        keep: Vec<String>,
    },
    /// Shows a code for linking. This and `LinkTake` answer a `LinkView` at once; `LinkNext` follows it.
    LinkShow {
        /// What the other device gets; `None`: it gives.
        give: Option<GiveArgs>,
        /// Where it gives: a separate persona.
        #[serde(default)]
        separate: bool,
    },
    LinkTake {
        code: String,
        /// What the other device gets, where its code asks for that.
        give: GiveArgs,
    },
    /// The linking as it stands: once it changed, or after a moment.
    LinkNext {
        /// The turn that was seen last.
        seen: u64,
    },
    /// The digits that the other device shows.
    LinkDigits {
        digits: String,
    },
    LinkEnd,
    /// Whether people near you is open, and who is there.
    Near,
    OpenNear {
        persona: Option<String>,
    },
    /// Somebody who is there: the digits that their screen shows, or the id.
    FollowNear {
        who: String,
    },
    CloseNear,
}

/// A change of what one is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleArgs {
    Kind { kind: NotificationKind, rule: Rule },
    Person { persona: String, rule: Rule },
    Thread { thread: String, rule: Rule },
    Quiet(QuietArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietArgs {
    pub hours: Option<QuietHours>,
}

/// What another device is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GiveArgs {
    pub personas: Vec<String>,
    #[serde(default)]
    pub main: bool,
    #[serde(default)]
    pub history: History,
}

/// A recovery phrase on its way, as it was typed. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words(pub String);

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words(..)")
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// What the user chose for private messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Others hear how far one read.
    ReadReceipts,
    /// Hides when one answers.
    HideAnswers,
}

impl Setting {
    pub const ALL: [Self; 2] = [Self::ReadReceipts, Self::HideAnswers];

    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadReceipts => "read-receipts",
            Self::HideAnswers => "hide-answers",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.name() == name)
    }
}

impl Request {
    /// The same at the node that holds this persona, where it takes no persona itself.
    pub fn at(self, persona: Option<&str>) -> Self {
        match persona {
            Some(persona) => Self::As { persona: persona.to_owned(), request: Box::new(self) },
            None => self,
        }
    }

    /// It takes as long as a disk or the network does, and ends when whoever asked goes away.
    pub fn is_long(&self) -> bool {
        match self {
            Self::As { request, .. } => request.is_long(),
            _ => matches!(
                self,
                Self::Export { .. }
                    | Self::Preview { .. }
                    | Self::Import { .. }
                    | Self::Restore { .. }
                    | Self::DeletePersona { .. }
            ),
        }
    }
}

/// What opens a bundle. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Passphrase(String);

impl Passphrase {
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl From<String> for Passphrase {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

impl Drop for Passphrase {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// What a node answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reply {
    Value(Value),
    Error(Failure),
}

impl From<Result<Value, Failure>> for Reply {
    fn from(result: Result<Value, Failure>) -> Self {
        match result {
            Ok(value) => Self::Value(value),
            Err(failure) => Self::Error(failure),
        }
    }
}

/// An error as scripts see it: a stable code, what happened, and the next step (empty where none helps).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub code: String,
    pub message: String,
    pub hint: String,
}

impl Failure {
    pub fn new(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), hint: hint.into() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.to_string(), error.hint())
    }
}

/// Where no control socket exists yet: every call says so.
#[cfg(not(unix))]
mod elsewhere {
    use std::io;
    use std::path::Path;

    use super::{Reply, Request};
    use crate::{Error, Node, Result};

    #[derive(Debug)]
    pub struct Listener(std::convert::Infallible);

    pub fn bind(_profile: &Path) -> io::Result<Listener> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "the control socket is not available on this system yet"))
    }

    pub async fn run(_node: Node, listener: Listener) {
        match listener.0 {}
    }

    pub async fn call(_profile: &Path, _request: &Request) -> Result<Option<Reply>> {
        Err(Error::NotAvailable("the control socket on this system"))
    }
}
#[cfg(not(unix))]
pub use elsewhere::{Listener, bind, call, run};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_its_line() {
        let request = Request::Post {
            persona: None,
            text: "two\nlines \u{1b}[31m and a \"quote\"".into(),
            cw: Some("food".into()),
            attach: vec![AttachFile { file: "/tmp/a b.jpg".into(), alt: Some("a cat".into()) }],
            circles: vec!["Friends".into()],
            beside: Beside::default(),
        };
        let line = serde_json::to_string(&request).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::from_str::<Request>(&line).unwrap(), request);
        assert_eq!(serde_json::to_string(&Request::Status).unwrap(), r#"{"command":"status"}"#);
    }

    #[test]
    fn a_reply_says_which_it_is() {
        let reply = Reply::Error(Failure::from(Error::ProfileInUse));
        let line = serde_json::to_string(&reply).unwrap();
        assert!(line.starts_with(r#"{"error":{"code":"profile_in_use""#), "{line}");
        assert_eq!(serde_json::from_str::<Reply>(&line).unwrap(), reply);
        assert!(serde_json::from_str::<Request>(r#"{"command":"format_disk"}"#).is_err());
    }
}
