//! The grammar of `kith`: DESIGN §9, word by word. What is not built yet is part of it and answers so.

mod audience;
mod groups;
mod message;
mod near;
mod notification;
mod persona;
mod post;
mod recovery;
mod run;
mod safety;
pub(crate) mod scheduled;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kith_node::control::{Setting, Who};
use kith_node::limits::MUTE_HOURS;
use kith_node::{Export, Verdict};

pub(crate) use self::audience::{Circle, Followers, Group, Membership, Named};
pub(crate) use self::groups::grammar;
pub(crate) use self::near::{Near, NearArgs};
pub(crate) use self::notification::{Listed, Notifications, Rules, Time};
pub(crate) use self::persona::Persona;
pub(crate) use self::post::{Attached, PostArgs, pair_alts, thread_files};
pub(crate) use self::recovery::{Recovery, RestoreArgs};
pub(crate) use self::run::{RunArgs, TuiArgs};
pub(crate) use self::safety::{DenyArgs, ReportArgs};
pub(crate) use self::scheduled::Scheduled;

#[derive(Debug, Parser)]
#[command(name = "kith", version, about = "Kith: a social network that its users hold themselves.")]
pub(crate) struct Cli {
    /// The profile's folder [default: kith in the system's folder for application data]
    #[arg(long, global = true, value_name = "DIR", env = "KITH_PROFILE", hide_env_values = true)]
    pub(crate) profile: Option<PathBuf>,
    /// Print one JSON value on one line; errors too, to stderr
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Carry this out at the node of this separate persona [default: at that of the others]
    #[arg(long, global = true, value_name = "ID", hide_short_help = true)]
    pub(crate) persona: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// One of the user's own personas.
#[derive(Debug, Clone, Args)]
pub(crate) struct As {
    /// Act as, or read as, this persona of yours [default: the default persona writes, all read]
    #[arg(long, value_name = "ID")]
    pub(crate) persona: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a profile: keys, database and a first persona, all on this device
    Init {
        /// What others read beside your posts
        #[arg(long)]
        name: String,
    },
    /// Run the node until it is stopped
    Run(RunArgs),
    /// What the node is doing; needs no passphrase
    Status,
    /// Check keystore, database, disk and network
    Doctor,
    /// Fill an empty or new profile with made-up people, posts and conversations, to look around; it stays a demo for good
    ///
    /// Everybody in it is made on this machine, with keys of their own that are thrown away afterwards, and what they say is
    /// signed and checked like anything that comes from others. A profile that has content of its own is refused. A demo
    /// profile connects to nobody, whatever `run` is told: nothing of it leaves the machine, and nobody can be invited to it.
    Demo,
    /// Your personas
    #[command(subcommand)]
    Persona(Persona),
    /// A link with which others follow you
    Invite {
        /// Name this device beside your anchors or mailboxes: it is found while they are down, and by whoever gets the link
        #[arg(long)]
        with_node: bool,
        /// Show it as a QR code too
        #[arg(long)]
        qr: bool,
        #[command(flatten)]
        by: As,
    },
    /// Follow somebody, or a hashtag
    Follow {
        /// An invite link, a persona that is known here, or '#tag'
        #[arg(value_name = "INVITE|PERSONA|#TAG")]
        target: String,
        /// Tell them: else nobody hears that you follow
        #[arg(long)]
        tell: bool,
        #[command(flatten)]
        by: As,
    },
    /// The text of the QR code in a picture, for example an invite; nothing is done with it
    Qr {
        /// JPEG, PNG, WebP or GIF
        file: PathBuf,
    },
    /// Stop following somebody, or a hashtag
    Unfollow {
        #[arg(value_name = "PERSONA|#TAG")]
        target: String,
        #[command(flatten)]
        by: As,
    },
    /// Who told you that they follow you
    Followers {
        #[command(subcommand)]
        verb: Option<Followers>,
        #[command(flatten)]
        by: As,
    },
    /// Who else on this network wants to be found now
    Near(NearArgs),
    /// Whom you follow, and which hashtags
    Follows(As),
    /// Hashtags that you follow
    Tags,
    /// Write a post
    Post(PostArgs),
    /// Posts that wait for their time: kith post TEXT --at TIME
    Scheduled {
        #[command(subcommand)]
        verb: Option<Scheduled>,
    },
    /// The newest posts of those you follow, and your own
    Feed {
        /// How many, 1 to 1,000
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// Only posts older than this one
        #[arg(long, value_name = "POST")]
        before: Option<String>,
        /// Only those in this list of yours, followed or not
        #[arg(long, value_name = "NAME", conflicts_with = "tag")]
        list: Option<String>,
        /// Only posts with this hashtag, by anybody, as far as they are held here
        #[arg(long, value_name = "TAG")]
        tag: Option<String>,
        #[command(flatten)]
        by: As,
    },
    /// Keep a post or comment to find it again; nobody is told
    Bookmark {
        post: String,
        /// Take the bookmark away
        #[arg(long)]
        undo: bool,
    },
    /// What you bookmarked, the newest first
    Bookmarks {
        /// How many, 1 to 1,000
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// Only what was bookmarked before this one
        #[arg(long, value_name = "POST")]
        before: Option<String>,
    },
    /// Lists of people, each with a feed of its own: kith feed --list NAME
    List {
        #[command(subcommand)]
        verb: Option<List>,
    },
    /// People whom those whom you follow put forward in published lists: kith list publish NAME
    Suggestions {
        /// How many, 1 to 1,000
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// Suggest this one no more, instead
        #[arg(long, value_name = "PERSONA", conflicts_with = "limit")]
        drop: Option<String>,
        /// Let the one after --drop be suggested again
        #[arg(long, requires = "drop")]
        undo: bool,
    },
    /// A post with its comments and reactions
    Show {
        post: String,
        #[command(flatten)]
        by: As,
    },
    /// A file of a post or message: where it lies, or copied to FILE. A sealed one is written out in any case, without FILE
    /// under its own name in this folder
    Get {
        hash: String,
        file: Option<PathBuf>,
        /// Replace the file where there is one: else it is refused
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        by: As,
    },
    /// Comment on a post, or answer a comment
    Comment {
        post: String,
        text: String,
        #[command(flatten)]
        by: As,
    },
    /// React to a post, a comment or a private message
    React {
        #[arg(value_name = "POST|MESSAGE")]
        post: String,
        emoji: String,
        /// Take the reaction back
        #[arg(long)]
        undo: bool,
        #[command(flatten)]
        by: As,
    },
    /// Change the text of a post, comment or private message of yours; of the first two the history stays visible
    Edit {
        #[arg(value_name = "POST|MESSAGE")]
        post: String,
        text: String,
        #[command(flatten)]
        by: As,
    },
    /// Delete a post, comment or private message of yours, wherever it went; with the first post of a thread all of it
    Delete {
        #[arg(value_name = "POST|MESSAGE")]
        post: String,
        #[command(flatten)]
        by: As,
    },
    /// Hide somebody's comment under a post of yours, everywhere
    Hide {
        entry: String,
        /// Show it again
        #[arg(long)]
        undo: bool,
        #[command(flatten)]
        by: As,
    },
    /// What you hid under your posts, or under one of them
    Hidden { post: Option<String> },
    /// A link that shows a post to anybody with a browser, on the web page of an anchor
    Share { post: String },
    /// Vote in a post's poll by the answer's number, or by its first words; another vote of yours there is taken back
    Vote {
        post: String,
        #[arg(value_name = "NUMBER|ANSWER", required_unless_present = "undo")]
        option: Option<String>,
        /// Take your vote back, while the poll goes on
        #[arg(long, conflicts_with = "option")]
        undo: bool,
        #[command(flatten)]
        by: As,
    },
    /// Carry a post further, to whoever follows you
    Repost {
        post: String,
        /// Take the repost back
        #[arg(long)]
        undo: bool,
        #[command(flatten)]
        by: As,
    },
    /// Say who may comment on a post of yours, from now on and until now
    Policy {
        post: String,
        who: WhoArg,
        #[command(flatten)]
        by: As,
    },
    /// Search what you can read: words, "a phrase", #tag, from:NAME
    Search {
        query: String,
        /// How many posts, 1 to 1,000
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// Among your private messages, here and nowhere else, by the same words
        #[arg(long)]
        messages: bool,
        #[command(flatten)]
        by: As,
    },
    /// What you noted about somebody, for yourself alone: only your own devices have it
    Note {
        #[arg(id = "whom", value_name = "PERSONA")]
        persona: String,
        /// Note this instead; an empty text takes the note away
        text: Option<String>,
        #[command(flatten)]
        by: As,
    },
    /// Compare keys with somebody, in person or on a call: shows the words of both
    Verify(Verify),
    /// See nothing of a persona anywhere; it is not told
    Block {
        #[arg(id = "whom", value_name = "PERSONA")]
        persona: String,
        /// See it again
        #[arg(long)]
        undo: bool,
    },
    /// Keep a persona, a word or a thread out of your feeds, or a conversation quiet; nobody is told
    Mute {
        #[arg(id = "whom", value_name = "PERSONA", conflicts_with_all = ["word", "thread", "conversation"])]
        persona: Option<String>,
        /// Only what the persona carries further, not what it writes
        #[arg(long, conflicts_with_all = ["word", "thread", "conversation"])]
        reposts: bool,
        /// A word or phrase, whatever its case
        #[arg(long, value_name = "TEXT", conflicts_with_all = ["thread", "conversation"])]
        word: Option<String>,
        /// With --word: out of threads, profiles and searches too
        #[arg(long, requires = "word")]
        everywhere: bool,
        /// The thread of this post
        #[arg(long, value_name = "POST", conflicts_with = "conversation")]
        thread: Option<String>,
        /// A private conversation of kith threads: what comes there is not counted as new
        #[arg(long, value_name = "ID")]
        conversation: Option<String>,
        /// For so many hours [default: until it is undone]
        #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u64).range(1..=MUTE_HOURS))]
        hours: Option<u64>,
        #[arg(long, conflicts_with = "hours")]
        undo: bool,
    },
    /// What you muted and blocked
    Muted,
    /// Named audiences of yours: a post goes to one with kith post --circle NAME
    #[command(subcommand)]
    Circle(Circle),
    /// Circles in which every member posts: a post goes to one with kith post --circle NAME
    #[command(subcommand)]
    Group(Group),
    /// Write a private message to one persona, or to several at once; to your own persona it is a note
    Dm {
        /// One or more personas, then the text
        #[arg(value_name = "PERSONA... TEXT", num_args = 2.., required = true)]
        words: Vec<String>,
        #[command(flatten)]
        files: Attached,
        #[command(flatten)]
        by: As,
    },
    /// Answer a private message, in its conversation
    Reply {
        message: String,
        text: String,
        #[command(flatten)]
        files: Attached,
        #[command(flatten)]
        by: As,
    },
    /// How long the messages of a private conversation stay after they were read, on every device of everybody in it
    Timer {
        id: String,
        /// off, or a number with s, m, h, d or w, as 1d [default: tells how it is]
        #[arg(value_parser = message::keep_s)]
        time: Option<u64>,
    },
    /// What you chose for private messages
    Settings {
        #[arg(value_parser = message::setting())]
        name: Option<Setting>,
        #[arg(value_enum, value_name = "on|off")]
        value: Option<Switch>,
    },
    /// Private conversations, the newest first
    Threads(As),
    /// The messages of one private conversation, oldest first; it counts as read from then on
    Thread {
        id: String,
        /// How many of the last, 1 to 1,000
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        #[command(flatten)]
        by: As,
    },
    /// Conversations begun by those whom you do not follow: nothing is answered before you accept
    Requests {
        #[command(subcommand)]
        verb: Option<Requests>,
    },
    /// What happened to you, the newest first: a star stands at what you did not read yet
    Notifications {
        #[command(subcommand)]
        verb: Option<Notifications>,
        #[command(flatten)]
        listed: Listed,
    },
    /// Link another device of yours
    #[command(subcommand)]
    Link(Link),
    /// Your devices: all that write as you
    Devices {
        #[command(subcommand)]
        verb: Option<Devices>,
    },
    /// Write what is yours into one sealed file; KITH_PASSPHRASE, or who is asked, seals it. A separate persona is in none
    /// but its own (--persona ID)
    Export {
        file: PathBuf,
        /// identity: keys, lists and settings; posts: what you posted in the open, and no key; all: that, and the rest
        #[arg(long, value_enum, default_value_t = What::All)]
        what: What,
        /// Replace the bundle where there is one: else it is refused
        #[arg(long)]
        force: bool,
    },
    /// Take in what `export` wrote; makes the profile where there is none, and can be repeated. A separate persona comes in
    /// as an ordinary one: give it a profile of its own (--profile DIR) to keep it apart; where it still is, --persona ID
    Import {
        file: PathBuf,
        /// Only tell what is in it
        #[arg(long)]
        preview: bool,
    },
    /// The 24 words with which you take a persona back when its devices are lost or stolen
    Recovery {
        #[command(subcommand)]
        verb: Option<Recovery>,
    },
    /// What is stored on this device, and how much may be
    Storage {
        /// Keep at most so much; what is carried for others goes first
        #[arg(long, value_name = "MIB")]
        quota: Option<u64>,
        /// Keep as much as is usual for what the node is
        #[arg(long, conflicts_with = "quota")]
        default: bool,
    },
    /// Nodes that this node is connected with
    Peers,
    /// What this node keeps off its share pages: the list, or one more
    Deny(DenyArgs),
    /// Tell an anchor of yours of something that it should not show; or list what was reported
    Report(ReportArgs),
    /// Public nodes that help this one: they keep your posts at hand while it sleeps, and relay for it
    Anchors {
        #[command(subcommand)]
        verb: Option<Anchors>,
    },
    /// Nodes that are always on and keep messages while this one sleeps
    Mailbox {
        #[command(subcommand)]
        verb: Option<Mailbox>,
    },
    /// The terminal's own screens: feed, posts, messages, people, personas and the network, by keys alone
    ///
    /// Uses the node that runs on this profile; without one it is that node while it lasts. The key ? shows all keys.
    Tui(TuiArgs),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum WhoArg {
    Everyone,
    Nobody,
}

impl From<WhoArg> for Who {
    fn from(who: WhoArg) -> Self {
        match who {
            WhoArg::Everyone => Self::Everyone,
            WhoArg::Nobody => Self::Nobody,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Debug, Subcommand)]
pub(crate) enum List {
    /// Make a list
    Create { name: String },
    /// Give a list another name
    Rename {
        name: String,
        #[arg(value_name = "NEW-NAME")]
        to: String,
    },
    /// Delete a list; those in it stay followed
    Delete { name: String },
    /// Put somebody into a list
    Add {
        name: String,
        #[arg(id = "whom", value_name = "PERSONA")]
        persona: String,
    },
    /// Take somebody out of a list
    Remove {
        name: String,
        #[arg(id = "whom", value_name = "PERSONA")]
        persona: String,
    },
    /// Who stands in a list
    Show { name: String },
    /// Delete the post by which a list is published; the list stays
    Withdraw { name: String },
    /// Post who stands in it, for everybody: whoever follows you gets them suggested. Published again, it replaces the post
    Publish {
        name: String,
        /// What stands over it: else the list's name
        #[arg(long)]
        text: Option<String>,
        #[command(flatten)]
        by: As,
    },
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("verdict").multiple(false)))]
pub(crate) struct Verify {
    #[arg(value_name = "PERSONA")]
    pub(crate) other: String,
    /// The six words that they read out as theirs
    #[arg(long, group = "verdict", value_name = "WORDS")]
    pub(crate) words: Option<String>,
    /// What their device shows as a code
    #[arg(long, group = "verdict")]
    pub(crate) code: Option<String>,
    /// You compared the words of both, and they are the same
    #[arg(long, group = "verdict")]
    pub(crate) done: bool,
    /// Go on with a changed key without comparing it
    #[arg(long, group = "verdict")]
    pub(crate) accept: bool,
    /// Forget that you compared
    #[arg(long, group = "verdict")]
    pub(crate) undo: bool,
    #[command(flatten)]
    pub(crate) by: As,
}

impl Verify {
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        match self {
            Self { words: Some(words), .. } => Some(Verdict::Words(words.clone())),
            Self { code: Some(code), .. } => Some(Verdict::Code(code.clone())),
            Self { done: true, .. } => Some(Verdict::Same),
            Self { accept: true, .. } => Some(Verdict::Accept),
            Self { undo: true, .. } => Some(Verdict::Undo),
            _ => None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Requests {
    Accept { id: String },
    Decline { id: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Link {
    /// Show a code: the device that takes it gets personas of yours
    Offer {
        #[command(flatten)]
        give: Give,
        /// Show it as a QR code too
        #[arg(long)]
        qr: bool,
        /// Where no node runs: no relay, lookup or mDNS
        #[arg(long)]
        offline: bool,
    },
    /// Show a code: the device that takes it gives you personas of its own
    Ask {
        /// One that it keeps separate, as this device will
        #[arg(long)]
        separate: bool,
        /// Show it as a QR code too
        #[arg(long)]
        qr: bool,
        /// Where no node runs: no relay, lookup or mDNS
        #[arg(long)]
        offline: bool,
    },
    /// Take the code that another device of yours shows; never one that somebody sent you
    Accept {
        code: String,
        /// What that device gets, where its code asks for personas
        #[command(flatten)]
        give: Give,
        /// Where no node runs: no relay, lookup or mDNS
        #[arg(long)]
        offline: bool,
    },
}

/// What another device gets.
#[derive(Debug, Args)]
pub(crate) struct Give {
    /// Which persona; may be given again [default: all, where this device shows the code]
    #[arg(long, value_name = "ID")]
    pub(crate) persona: Vec<String>,
    /// It may link and revoke devices too
    #[arg(long)]
    pub(crate) main: bool,
    /// How far back it gets your messages
    #[arg(long, value_enum, default_value_t = History::Days30)]
    pub(crate) history: History,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum History {
    All,
    #[value(name = "30d")]
    Days30,
    None,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Devices {
    /// Give a device another name, on all of yours
    Rename { id: String, name: String },
    /// Take a device out: nobody takes what it writes from now on, and it is given nothing more
    Revoke {
        id: String,
        /// With your recovery phrase, read from the terminal or a pipe: where no main device is left, or where somebody may
        /// have what a main device holds. No device stays but this one and those of --keep
        #[arg(long)]
        phrase: bool,
        /// With the phrase: a device that stays too; may be given again
        #[arg(long, value_name = "ID", requires = "phrase")]
        keep: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum What {
    Identity,
    Posts,
    All,
}

impl From<What> for Export {
    fn from(what: What) -> Self {
        match what {
            What::Identity => Self::Identity,
            What::Posts => Self::Posts,
            What::All => Self::All,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Anchors {
    /// Make a node an anchor of this one, or tell where it is now
    Add {
        /// What `kith status` prints there
        ticket: String,
        /// Where its web page is, for `kith share`; an empty text forgets it
        #[arg(long, value_name = "https://HOST")]
        web: Option<String>,
    },
    /// No longer use this anchor
    Remove {
        #[arg(value_name = "TICKET|NODE")]
        target: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mailbox {
    /// Have a node keep messages for this one, or tell where it is now
    Add {
        /// What `kith status` prints there
        ticket: String,
    },
    /// Whom this node keeps messages for, as they got its ticket
    Clients {
        /// Keep no more for this one; no ticket lets it in again
        #[arg(long, value_name = "NODE")]
        dismiss: Option<String>,
    },
    /// No longer use this mailbox
    Remove {
        #[arg(value_name = "TICKET|NODE")]
        target: String,
    },
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::*;

    fn pairs(words: &[&str]) -> Result<Vec<(PathBuf, Option<String>)>, String> {
        let matches = Cli::command().try_get_matches_from([&["kith", "post", "hi"], words].concat()).unwrap();
        let Command::Post(post) = Cli::from_arg_matches(&matches).unwrap().command else { panic!() };
        pair_alts(&post.files, matches.subcommand_matches("post").unwrap())
    }

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_alt_belongs_to_the_picture_before_it() {
        let found = pairs(&["--attach", "a", "--attach", "b", "--alt", "B", "--attach=c", "--alt=C"]).unwrap();
        let texts: Vec<_> = found.iter().map(|(file, alt)| (file.to_str().unwrap(), alt.as_deref())).collect();
        assert_eq!(texts, [("a", None), ("b", Some("B")), ("c", Some("C"))]);
        assert!(pairs(&["--alt", "A", "--attach", "a"]).is_err());
        assert!(pairs(&["--attach", "a", "--alt", "A", "--alt", "B"]).is_err());
        assert_eq!(pairs(&[]).unwrap(), []);
    }
}
