//! Answers as people read them in a terminal. Whatever others wrote is cleaned of control characters first: a post
//! must not be able to move the cursor, recolour the screen or turn the direction of what follows.

pub(crate) mod attachment;
mod circle;
mod device;
mod mute;
mod near;
pub(crate) mod notification;
mod post;
mod report;
pub(crate) mod scheduled;
mod service;

use std::fmt::Write as _;
use std::path::Path;

use kith_node::Content;
use kith_node::clock::{Clock, SystemClock};
use kith_node::control::{Failure, ListChange, Request, Who};
use kith_node::limits::FAREWELL_MS;
use serde_json::Value;

use crate::words::{array, block, bytes, count, date, flag, line, list, many, many_as, name, quoted, short, text};
use crate::{message, restore};

/// What `doctor` says of the network of a profile that no node runs on; nothing is wrong with that.
pub(crate) const NOT_RUNNING: &str = "not running";

/// How to show answers of one profile.
#[derive(Debug)]
pub(crate) struct Text {
    /// `kith`, with `--profile` where the user gave one: hints can be pasted.
    kith: String,
    profile: String,
    now_ms: u64,
}

impl Text {
    pub(crate) fn new(given: Option<&Path>, profile: &Path) -> Self {
        let kith = match given.filter(|_| std::env::var_os("KITH_PROFILE").is_none()) {
            Some(folder) => format!("kith --profile {}", quoted(&folder.to_string_lossy())),
            None => "kith".to_owned(),
        };
        Self { kith, profile: profile.display().to_string(), now_ms: SystemClock.unix_ms() }
    }

    /// `request` is `None` for the status of a node that just started. `direct`: no node runs. `known`: it was so
    /// before.
    pub(crate) fn show(&self, request: Option<&Request>, value: &Value, direct: bool, known: bool) -> String {
        let mut out = String::new();
        // Writing to a String can't fail.
        let _infallible = match request {
            None => self.status(&mut out, value, true),
            Some(Request::Status) => self.status(&mut out, value, false),
            Some(Request::Init { name }) => self.init(&mut out, value, name),
            Some(Request::Demo) => self.demo(&mut out, value),
            Some(Request::Changed { .. } | Request::Open { .. } | Request::Begun | Request::KeepBegun { .. }) => {
                writeln!(out, "{value}")
            }
            Some(Request::Doctor) => self.doctor(&mut out, value),
            Some(Request::As { request, .. }) => return self.show(Some(request), value, direct, known),
            Some(Request::Personas | Request::UnhidePersonas { .. }) => personas(&mut out, value),
            Some(Request::HidePersona { .. }) => {
                writeln!(out, "Hidden. Show it again while a node runs with: {} persona unhide", self.kith)
            }
            Some(Request::DeletePersona { content: Content::Keep, .. }) => writeln!(out, "Deleted on this device."),
            Some(Request::DeletePersona { content: Content::Delete, .. }) => writeln!(
                out,
                "Deleted on this device. Others hear that what it said is deleted while a node runs here, for up to {} days.",
                FAREWELL_MS / 86_400_000
            ),
            Some(Request::CreatePersona { .. }) => {
                writeln!(out, "{}  {}", short(text(value, "id")), name(value, "name", "id"))
            }
            Some(Request::EditPersona { .. }) => self.written(&mut out, "Changed.", direct),
            Some(Request::DefaultPersona { .. }) => {
                writeln!(out, "{} writes from now on where none is named.", short(text(value, "id")))
            }
            // The link alone: it goes into pipes. What to do with it is an aside.
            Some(Request::Invite { .. }) => writeln!(out, "{}", line(text(value, "invite"))),
            Some(Request::Share { .. }) => writeln!(out, "{}", line(text(value, "link"))),
            Some(Request::Hidden { .. }) => self.hidden(&mut out, value),
            Some(Request::Storage { .. }) => stored(&mut out, value),
            // `bundle` tells them.
            Some(Request::Export { .. } | Request::Preview { .. } | Request::Import { .. } | Request::Transfer) => {
                writeln!(out, "{value}")
            }
            Some(Request::Follow { tell, .. }) if known => {
                let told = if *tell { " They are told." } else { "" };
                writeln!(out, "You follow {} already.{told}", name(value, "name", "persona"))
            }
            Some(Request::Follow { .. } | Request::FollowNear { .. }) => self.follow(&mut out, value, direct),
            Some(Request::Near | Request::OpenNear { .. } | Request::CloseNear) => self.near(&mut out, value),
            Some(Request::Unfollow { .. }) => writeln!(out, "You no longer follow {}.", name(value, "name", "persona")),
            Some(Request::Follows { .. }) => self.follows(&mut out, value),
            Some(Request::Followers { .. }) => self.followers(&mut out, value),
            Some(Request::DropFollower { .. }) => writeln!(out, "Dropped. They do not hear of it."),
            Some(Request::Dm { .. } | Request::Reply { .. }) => {
                let accepted = if flag(value, "accepted") { " Their request is accepted by that." } else { "" };
                let written = format!("Written, in conversation {}.{accepted}", short(text(value, "thread")));
                self.written(&mut out, &written, direct)
            }
            Some(Request::Timer { keep_s, .. }) => message::timer(&mut out, value, keep_s.is_some()),
            Some(Request::Settings { on, .. }) => message::settings(&mut out, value, on.is_some(), &self.kith),
            Some(Request::Threads { requests, .. }) => message::threads(&mut out, value, *requests, &self.kith),
            Some(Request::Thread { .. }) => message::thread(&mut out, value, &self.kith, |ms| self.ago(ms)),
            Some(Request::Notifications { unread, .. }) => self.notifications(&mut out, value, *unread),
            Some(Request::ReadNotifications { .. }) => writeln!(out, "Read, on your other devices too."),
            Some(Request::NoticeRules { .. }) => self.notice_rules(&mut out, value),
            Some(Request::Answer { accept: true, .. }) => {
                writeln!(out, "Accepted: your conversations have it from now on.")
            }
            Some(Request::Answer { accept: false, .. }) => writeln!(out, "Declined. Nobody is told."),
            Some(Request::Tags) => self.tags(&mut out, array(value)),
            Some(Request::Post { .. }) => self.posted(&mut out, value, direct),
            Some(Request::Schedule { .. }) => self.for_later(&mut out, value, direct),
            Some(Request::Scheduled) => self.scheduled(&mut out, value),
            Some(Request::PostNow { .. }) => self.posted(&mut out, value, direct),
            Some(Request::DeleteScheduled { .. }) => writeln!(out, "Deleted. Nothing of it was posted."),
            Some(Request::Comment { .. }) => {
                self.written(&mut out, &format!("Commented {}.", short(text(value, "id"))), direct)
            }
            Some(Request::React { undo: false, .. }) => self.written(&mut out, "Reacted.", direct),
            Some(Request::React { undo: true, .. }) => self.written(&mut out, "Reaction taken back.", direct),
            Some(Request::Unvote { .. }) => self.written(&mut out, "Vote taken back.", direct),
            Some(Request::Vote { .. } | Request::VoteFor { .. }) => {
                self.written(&mut out, "Voted. Everybody who can read the post can see how.", direct)
            }
            Some(Request::Edit { .. }) => {
                self.written(&mut out, "Edited; of a post or comment earlier versions stay visible.", direct)
            }
            Some(Request::Delete { .. }) => self.written(
                &mut out,
                "Deleted here, and on other devices as they hear of it. Copies that others made outside Kith stay.",
                direct,
            ),
            Some(Request::Hide { undo: false, .. }) => {
                self.written(&mut out, "Hidden under your post, here and on other devices as they hear of it.", direct)
            }
            Some(Request::Hide { undo: true, .. }) => self.written(&mut out, "Shown again.", direct),
            Some(Request::Repost { undo: false, .. }) => self.written(&mut out, "Reposted.", direct),
            Some(Request::Repost { undo: true, .. }) => self.written(&mut out, "Repost taken back.", direct),
            Some(Request::Policy { who: Who::Everyone, .. }) => self.written(&mut out, "Everyone may comment.", direct),
            Some(Request::Policy { who: Who::Nobody, .. }) => {
                self.written(&mut out, "Nobody may comment; what others wrote is no longer shown.", direct)
            }
            Some(Request::Feed { limit, list, tag, .. }) => {
                self.feed(&mut out, value, *limit, list.as_deref(), tag.as_deref())
            }
            Some(Request::Show { .. }) => self.page(&mut out, value),
            Some(Request::Search { .. }) => self.found(&mut out, value),
            Some(Request::SearchMessages { .. }) => message::found(&mut out, value, |ms| self.ago(ms)),
            Some(Request::Verify { .. }) => message::safety(&mut out, value, &self.kith),
            Some(Request::Note { .. }) => self.note(&mut out, value),
            Some(Request::Deny { id: None, .. }) => denied(&mut out, value),
            Some(Request::Deny { undo, .. }) => {
                let shown = if *undo { "is no longer kept off" } else { "stands no longer on" };
                writeln!(out, "{} {shown} this node's share pages.", short(text(value, "id")))
            }
            Some(Request::Report { .. }) => {
                let anchor = short(text(value, "anchor"));
                writeln!(
                    out,
                    "Reported to the anchor {anchor} and nobody else. Whether it has come: {} report",
                    self.kith
                )
            }
            Some(Request::Reports) => report::listed(&mut out, value, &self.kith, |ms| self.ago(ms)),
            Some(Request::SettleReport { number }) => writeln!(out, "Report {number} is dealt with."),
            Some(Request::Bookmark { undo: false, .. }) => {
                writeln!(out, "Bookmarked. Find it with: {} bookmarks", self.kith)
            }
            Some(Request::Bookmark { undo: true, .. }) => writeln!(out, "No bookmark any more."),
            Some(Request::Bookmarks { .. }) => self.bookmarks(&mut out, value),
            Some(Request::Lists) => self.lists(&mut out, value),
            Some(Request::List { list }) => self.members(&mut out, value, list),
            Some(Request::WithdrawList { .. }) => {
                writeln!(out, "The post {} is deleted; the list stays.", short(text(value, "id")))
            }
            Some(Request::PublishList { .. }) => {
                let post = short(text(value, "id"));
                writeln!(
                    out,
                    "Published as {post}. Whoever follows you gets those in it suggested. Any earlier post of this list is deleted."
                )
            }
            Some(Request::Suggestions { .. }) => self.suggestions(&mut out, value),
            Some(Request::PassOver { other, undo }) => {
                let now = if *undo { "can be suggested again" } else { "is suggested no more" };
                writeln!(out, "{} {now}.", line(other))
            }
            Some(Request::ChangeList { change, .. }) => {
                let list = line(text(value, "name"));
                match change {
                    ListChange::Create => {
                        writeln!(
                            out,
                            "Made {list}. Put somebody in with: {} list add {} PERSONA",
                            self.kith,
                            quoted(&list)
                        )
                    }
                    ListChange::Delete => {
                        writeln!(out, "Deleted {list}, and its post where it was published. Those in it stay followed.")
                    }
                    ListChange::Add(_) => {
                        writeln!(out, "Added. Read {list} with: {} feed --list {}", self.kith, quoted(&list))
                    }
                    ListChange::Rename(_) => writeln!(out, "It is called {list} now."),
                    ListChange::Remove(_) => writeln!(out, "Removed from {list}."),
                }
            }
            Some(Request::Circles { .. }) => self.circles(&mut out, value),
            Some(Request::ChangeCircle { change, .. }) => self.circle_changed(&mut out, value, change),
            Some(Request::ChangeGroup { change, .. }) => self.group_changed(&mut out, value, change),
            Some(Request::FollowTag { undo: false, .. }) => {
                let tag = line(text(value, "tag"));
                writeln!(out, "You follow #{tag}. Read it with: {} feed --tag {tag}", self.kith)
            }
            Some(Request::FollowTag { undo: true, .. }) => {
                writeln!(out, "You no longer follow #{}.", line(text(value, "tag")))
            }
            Some(Request::Mute { what, undo }) => writeln!(out, "{}", mute::changed(what, *undo)),
            Some(Request::Muted) => self.muted(&mut out, value),
            Some(Request::Restore { .. }) => write!(out, "{}", restore::told(value)),
            Some(Request::Recovery) => recovery(&mut out, value, &self.kith, |ms| self.ago(ms)),
            Some(Request::RecoveryPhrase { typed: Some(_), .. }) => writeln!(out, "These are the words."),
            Some(Request::RecoveryPhrase { .. }) => phrase(&mut out, value, &self.kith),
            Some(Request::Devices) => device::all(&mut out, value, &self.kith),
            Some(Request::RenameDevice { .. }) => writeln!(out, "Renamed, on all your devices."),
            Some(Request::RevokeDevice { .. }) => device::revoked(&mut out, value, direct),
            Some(Request::Get { .. }) => writeln!(
                out,
                "{} ({}, {})",
                line(text(value, "path")),
                line(text(value, "mime")),
                bytes(count(value, "size"))
            ),
            Some(Request::Peers) => peers(&mut out, value),
            Some(Request::Anchors) => service::anchors(&mut out, value, &self.kith),
            Some(Request::AddAnchor { .. }) => service::anchor_added(&mut out, direct, &self.kith),
            Some(Request::RemoveAnchor { .. }) => {
                writeln!(out, "No anchor of yours any more. Make new invites: old ones still name it.")
            }
            Some(Request::Mailboxes) => service::mailboxes(&mut out, value, &self.kith),
            Some(Request::MailboxClients { .. }) => service::clients(&mut out, value),
            Some(Request::AddMailbox { .. }) => service::mailbox_added(&mut out, direct, &self.kith),
            Some(Request::RemoveMailbox { .. }) => {
                writeln!(out, "No mailbox of yours any more. What it keeps for you expires there.")
            }
            // Told as it goes on, by `link`.
            Some(
                Request::LinkShow { .. }
                | Request::LinkTake { .. }
                | Request::LinkNext { .. }
                | Request::LinkDigits { .. }
                | Request::LinkEnd,
            ) => Ok(()),
        };
        out
    }

    /// What a person at a terminal is told besides, on stderr.
    pub(crate) fn aside(request: Option<&Request>) -> Option<&'static str> {
        matches!(request, Some(Request::Invite { .. }))
            .then_some("Give this link to those who should be able to follow you. They use it with:\nkith follow LINK")
    }

    /// An error, with its next step.
    pub(crate) fn failure(&self, failure: &Failure) -> String {
        let mut shown = format!("error: {}", line(&failure.message));
        let hint = self.with_profile(&failure.hint);
        if !hint.is_empty() {
            shown.push_str("\n  ");
            shown.push_str(&line(&hint));
        }
        shown
    }

    /// Commands in a hint name this profile, so that they can be pasted.
    fn with_profile(&self, hint: &str) -> String {
        // Those that are meant for this device: others are named for where else they help.
        ["init", "run", "status", "follows", "search", "verify", "help", "devices", "persona"]
            .into_iter()
            .fold(hint.to_owned(), |hint, verb| hint.replace(&format!("kith {verb}"), &format!("{} {verb}", self.kith)))
    }

    fn init(&self, out: &mut String, value: &Value, name: &str) -> std::fmt::Result {
        writeln!(out, "Welcome, {}. Your profile lies in {}.", line(name), line(&self.profile))?;
        if text(value, "keystore") == "file" {
            writeln!(out, "Its keys lie in a file sealed with your passphrase: nobody can reset that.")?;
        } else {
            writeln!(out, "Its keys lie in this system's keychain.")?;
        }
        writeln!(out, "Next: start your node with `{} run`, then make a link for others with", self.kith)?;
        writeln!(out, "`{} invite`, or follow somebody with `{} follow LINK`.", self.kith, self.kith)
    }

    fn demo(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let told = |field: &str, one: &str, all: &str| many_as(count(value, field), one, all);
        writeln!(
            out,
            "A demo: {}, {}, {}, {}. It connects to nobody.",
            told("personas", "person", "people"),
            told("posts", "post", "posts"),
            told("comments", "comment", "comments"),
            told("conversations", "conversation", "conversations"),
        )?;
        writeln!(out, "Look around with: {kith} tui   or: {kith} run --web 127.0.0.1:0", kith = self.kith)
    }

    fn note(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        match value.get("note").and_then(Value::as_str) {
            Some(note) => writeln!(out, "{}", block(note)),
            None => {
                let whom = short(text(value, "persona"));
                writeln!(out, "Nothing is noted. Note something with: {} note {whom} TEXT", self.kith)
            }
        }
    }

    fn status(&self, out: &mut String, value: &Value, started: bool) -> std::fmt::Result {
        if !flag(value, "running") && !flag(value, "profile") {
            writeln!(out, "There is no profile in {}.", line(&self.profile))?;
            return writeln!(out, "Make one with: {} init --name NAME", self.kith);
        }
        if !flag(value, "running") {
            return writeln!(out, "No node runs on this profile. Start it with: {} run", self.kith);
        }
        writeln!(out, "The node is running ({}, {}).", line(text(value, "role")), short(text(value, "node")))?;
        if flag(value, "demo") {
            writeln!(out, "A demo profile: it connects to nobody, and nothing of it leaves this machine.")?;
        }
        let listen: Vec<String> = list(value, "listen").iter().filter_map(Value::as_str).map(line).collect();
        if !listen.is_empty() {
            writeln!(out, "Listening on {}.", listen.join(", "))?;
        }
        if let Some(relay) = value.get("relay").and_then(Value::as_str) {
            writeln!(out, "Relay: {}.", line(relay))?;
        }
        service::offer(out, value)?;
        writeln!(
            out,
            "{}, {}, {}.",
            many(count(value, "peers"), "peer"),
            many(count(value, "personas"), "persona"),
            many_as(count(value, "entries"), "entry", "entries")
        )?;
        if let Some(storage) = value.get("storage").filter(|storage| !storage.is_null()) {
            writeln!(
                out,
                "Keeping {} of {}: {} in pictures, {} for others.",
                bytes(count(storage, "used")),
                bytes(count(storage, "quota")),
                bytes(count(storage, "files")),
                bytes(["carried", "strangers", "left"].into_iter().map(|class| count(storage, class)).sum())
            )?;
        }
        if let Some(web) = value.get("web").filter(|web| !web.is_null()) {
            writeln!(out, "Web page on {}. Open it once with: {}", line(text(web, "addr")), line(text(web, "login")))?;
        }
        if count(value, "personas") == 0 && value.get("web").is_none_or(Value::is_null) {
            writeln!(out, "There is no persona yet. Make one with: {} init --name NAME", self.kith)?;
        }
        device::out(out, value)?;
        if started {
            writeln!(out, "Stop it with Ctrl-C.")?;
        }
        Ok(())
    }

    fn posted(&self, out: &mut String, value: &Value, direct: bool) -> std::fmt::Result {
        let thread = match list(value, "posts").len() {
            0 => String::new(),
            posts => format!(", a thread of {}", many(posts as u64, "post")),
        };
        self.written(out, &format!("Posted {}{thread}.", short(text(value, "id"))), direct)
    }

    fn written(&self, out: &mut String, what: &str, direct: bool) -> std::fmt::Result {
        writeln!(out, "{what}")?;
        if direct {
            writeln!(out, "No node runs: it is sent when you next start `{} run`.", self.kith)?;
        }
        Ok(())
    }

    fn follow(&self, out: &mut String, value: &Value, direct: bool) -> std::fmt::Result {
        writeln!(out, "You follow {}.", name(value, "name", "persona"))?;
        if direct {
            writeln!(out, "No node runs: their posts come when you start `{} run`.", self.kith)
        } else {
            writeln!(out, "Their posts come as soon as one of their devices is reached.")
        }
    }

    fn follows(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let (all, tags) = (list(value, "people"), list(value, "tags"));
        if all.is_empty() {
            writeln!(out, "You follow nobody yet. Follow somebody with: {} follow LINK", self.kith)?;
        }
        let several = all.iter().zip(all.iter().skip(1)).any(|(one, next)| text(one, "by") != text(next, "by"));
        for follow in all {
            let state = match follow.get("synced_ms").and_then(Value::as_u64) {
                _ if flag(follow, "left") => format!("left, and deleted what it said: {} unfollow", self.kith),
                Some(ms) => format!("up to date as of {}", self.ago(ms)),
                None => "waiting for their device".to_owned(),
            };
            // Own personas may follow the same people.
            let by = if several { format!("  (by {})", short(text(follow, "by"))) } else { String::new() };
            writeln!(out, "{}  {}  {state}{by}", short(text(follow, "persona")), name(follow, "name", "persona"))?;
        }
        if tags.is_empty() { Ok(()) } else { self.tags(out, tags) }
    }

    fn tags(&self, out: &mut String, tags: &[Value]) -> std::fmt::Result {
        if tags.is_empty() {
            return writeln!(out, "You follow no hashtag yet. Follow one with: {} follow '#TAG'", self.kith);
        }
        for tag in tags.iter().filter_map(Value::as_str) {
            writeln!(out, "#{}", line(tag))?;
        }
        Ok(())
    }

    fn lists(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let all = array(value);
        if all.is_empty() {
            return writeln!(out, "No lists yet. Make one with: {} list create NAME", self.kith);
        }
        for list in all {
            let (id, people) = (short(text(list, "id")), many_as(count(list, "members"), "person", "people"));
            let published = match text(list, "published") {
                "" => String::new(),
                post => format!(", published as {}", short(post)),
            };
            writeln!(out, "{id}  {}  {people}{published}", line(text(list, "name")))?;
        }
        Ok(())
    }

    fn members(&self, out: &mut String, value: &Value, list: &str) -> std::fmt::Result {
        let all = array(value);
        if all.is_empty() {
            let list = quoted(&line(list));
            return writeln!(out, "Nobody yet. Put somebody in with: {} list add {list} PERSONA", self.kith);
        }
        for member in all {
            let note = if flag(member, "followed") { "" } else { "  (not followed)" };
            writeln!(out, "{}  {}{note}", short(text(member, "persona")), name(member, "name", "persona"))?;
        }
        Ok(())
    }

    fn suggestions(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let all = array(value);
        if all.is_empty() {
            return writeln!(out, "Nobody. Those whom you follow have published no list that names somebody new.");
        }
        for person in all {
            let list = person.get("list").unwrap_or(&Value::Null);
            let (by, title) = (name(list, "name", "persona"), line(text(list, "text")));
            let (id, who) = (short(text(person, "persona")), name(person, "name", "persona"));
            writeln!(out, "{id}  {who}  in “{title}” by {by}")?;
        }
        writeln!(out, "\nFollow one with: {} follow PERSONA", self.kith)
    }

    fn hidden(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let all = array(value);
        if all.is_empty() {
            return writeln!(out, "You hid nothing.");
        }
        for hidden in all {
            let said = match hidden.get("emoji").and_then(Value::as_str) {
                Some(emoji) => line(emoji),
                None => line(text(hidden, "text")),
            };
            let (id, post) = (short(text(hidden, "id")), short(text(hidden, "post")));
            writeln!(out, "{id}  {}  under {post}: {said}", name(hidden, "author_name", "author"))?;
        }
        writeln!(out, "\nShow one again with: {} hide ENTRY --undo", self.kith)
    }

    fn doctor(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        for check in array(value) {
            let mark = match (flag(check, "ok"), text(check, "text")) {
                (true, NOT_RUNNING) => "-  ",
                (true, _) => "ok ",
                (false, _) => "BAD",
            };
            writeln!(out, "{mark} {}: {}", line(text(check, "name")), line(text(check, "text")))?;
            let hint = self.with_profile(text(check, "hint"));
            if !hint.is_empty() {
                writeln!(out, "    {}", line(&hint))?;
            }
        }
        Ok(())
    }

    /// How long ago, in words; a date after 30 days.
    fn ago(&self, ms: u64) -> String {
        let minutes = self.now_ms.saturating_sub(ms) / 60_000;
        match minutes {
            0 => "just now".to_owned(),
            1..60 => format!("{} ago", many(minutes, "minute")),
            60..1_440 => format!("{} ago", many(minutes / 60, "hour")),
            1_440..43_200 => format!("{} ago", many(minutes / 1_440, "day")),
            _ => date(ms),
        }
    }
}

fn stored(out: &mut String, value: &Value) -> std::fmt::Result {
    writeln!(out, "Keeping {} of {}.", bytes(count(value, "used")), bytes(count(value, "quota")))?;
    for (field, what) in [
        ("own", "yours"),
        ("followed", "of people you follow"),
        ("carried", "carried for others"),
        ("strangers", "of strangers"),
        ("left", "of people who were followed or carried once"),
        ("files", "pictures and other files"),
    ] {
        writeln!(out, "  {}  {what}", bytes(count(value, field)))?;
    }
    Ok(())
}

fn personas(out: &mut String, value: &Value) -> std::fmt::Result {
    for persona in array(value) {
        let default = if flag(persona, "default") { "  (default)" } else { "" };
        let apart = match (flag(persona, "separate"), flag(persona, "hidden")) {
            (true, true) => "  (separate, hidden otherwise)",
            (true, false) => "  (separate)",
            _ => "",
        };
        writeln!(out, "{}  {}{default}{apart}", short(text(persona, "id")), name(persona, "name", "id"))?;
    }
    Ok(())
}

fn recovery(out: &mut String, value: &Value, kith: &str, ago: impl Fn(u64) -> String) -> std::fmt::Result {
    for persona in array(value) {
        let id = short(text(persona, "persona"));
        let made = count(persona, "backup_ms");
        let age = if made > 0 { format!(" (from {})", ago(made)) } else { String::new() };
        let state = match (text(persona, "state"), text(persona, "need")) {
            ("protected", _) => format!("protected: its words are written down, and a backup{age} is with others"),
            ("off", _) => "not on this device: its words are where it was made. See there: kith recovery".to_owned(),
            (_, "words") => format!("write its words down: {kith} recovery phrase --persona {id}"),
            (_, "anchor") => format!("a backup has nowhere to go: {kith} anchors add TICKET"),
            (_, "backup") => format!("no backup is with others yet: {kith} run leaves one once an anchor is reached"),
            (_, "newer") => format!("its backup{age} is too old: {kith} run renews it once an anchor is reached"),
            (_, "smaller") => format!("not all found room in its backup: {kith} export FILE holds all"),
            _ => "needs attention".to_owned(),
        };
        writeln!(out, "{id}  {}  {state}", name(persona, "name", "persona"))?;
    }
    Ok(())
}

/// Four to a line, counted: so nobody loses their place.
fn phrase(out: &mut String, value: &Value, kith: &str) -> std::fmt::Result {
    let words: Vec<&str> = text(value, "phrase").split(' ').collect();
    for (line, four) in words.chunks(4).enumerate() {
        for (at, word) in four.iter().enumerate() {
            write!(out, "{:>2} {word:<10}", line * 4 + at + 1)?;
        }
        writeln!(out)?;
    }
    writeln!(out, "Whoever has these words can take the persona over. Write them on paper, then type them back:")?;
    writeln!(out, "  {kith} recovery phrase --check --persona {}", short(text(value, "persona")))
}

fn denied(out: &mut String, value: &Value) -> std::fmt::Result {
    let all = array(value);
    if all.is_empty() {
        return writeln!(out, "Nothing is kept off this node's share pages.");
    }
    for id in all.iter().filter_map(Value::as_str) {
        writeln!(out, "{}", line(id))?;
    }
    Ok(())
}

fn peers(out: &mut String, value: &Value) -> std::fmt::Result {
    let all = array(value);
    if all.is_empty() {
        return writeln!(out, "Connected with nobody.");
    }
    for peer in all {
        let rtt = peer.get("rtt_ms").and_then(Value::as_f64).unwrap_or_default();
        writeln!(
            out,
            "{}  {}  {}  {rtt:.1} ms  {} in, {} out",
            short(text(peer, "node")),
            line(text(peer, "role")),
            line(text(peer, "path")),
            bytes(count(peer, "bytes_in")),
            bytes(count(peer, "bytes_out"))
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text_at(now_ms: u64) -> Text {
        Text { kith: "kith".into(), profile: "/p".into(), now_ms }
    }

    fn feed(tag: Option<&str>) -> Request {
        Request::Feed { persona: None, limit: 1, before: None, list: None, tag: tag.map(str::to_owned), whole: true }
    }

    #[test]
    fn an_empty_feed_says_why() {
        let shown = |tag: Option<&str>, muted: bool, followed: bool| {
            let value = json!({ "posts": [], "muted": muted, "followed": followed });
            text_at(0).show(Some(&feed(tag)), &value, false, false)
        };
        assert!(shown(None, true, false).contains("kith muted"));
        let fetching = json!({ "posts": [], "fetching": true });
        assert!(text_at(0).show(Some(&feed(None)), &fetching, false, false).contains("from your other device"));
        assert!(shown(None, false, false).contains("kith follow LINK"));
        assert!(shown(Some("fog"), false, false).contains("kith follow '#fog'"));
        let followed = shown(Some("#fog"), false, true);
        assert!(followed.contains("once an hour") && !followed.contains("kith follow"), "{followed}");
    }

    #[test]
    fn hints_can_be_pasted_and_hours_are_not_more_than_were_asked() {
        let value = json!({ "posts": [{ "id": "ab", "author_name": "Alice", "text": "x" }] });
        let shown = text_at(0).show(Some(&feed(Some("a$(id)"))), &value, false, false);
        assert!(shown.contains("--tag 'a$(id)' --before ab"), "{shown}");
        let muted = json!({ "words": [{ "text": "frog", "until_ms": 86_400_020 }] });
        assert!(text_at(0).show(Some(&Request::Muted), &muted, false, false).contains("24 hours left"));
        let follows = Request::Follows { persona: None, whole: true };
        let value = json!({ "people": [], "tags": ["fog"] });
        assert!(text_at(0).show(Some(&follows), &value, false, false).ends_with("\n#fog\n"));
    }

    #[test]
    fn closed_comments_are_told_instead_of_the_command_that_would_fail() {
        let show = Request::Show { persona: None, post: "aa".into() };
        let shown = |who: &str| {
            let page = json!({ "id": "aa", "author_name": "Alice", "text": "root", "commenters": who });
            text_at(0).show(Some(&show), &page, false, false)
        };
        assert!(shown("nobody").ends_with("lets nobody comment.\n") && shown("everyone").contains("comment aa TEXT"));
    }

    #[test]
    fn what_others_wrote_cannot_control_the_terminal() {
        let post = json!({ "posts": [{ "id": "ab".repeat(32), "author_name": "Mal\u{1b}[2J\nlory", "created_ms": 0,
            "text": "a\u{1b}]0;x\u{7}\r\nb\u{202e}c\u{9b}", "reactions": { "\u{1b}c": 2 } }] });
        let shown = text_at(0).show(Some(&feed(None)), &post, false, false);
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
        assert!(!shown.contains('\u{202e}'));
        assert!(shown.contains("abababab"), "{shown}");
        assert!(!shown.contains(&"ab".repeat(32)), "{shown}");
    }

    #[test]
    fn times_read_as_people_say_them() {
        let text = text_at(100 * 86_400_000);
        let at = |before_ms: u64| text.ago(text.now_ms - before_ms);
        assert_eq!(at(59_000), "just now");
        assert_eq!(at(60_000), "1 minute ago");
        assert_eq!(at(2 * 3_600_000), "2 hours ago");
        assert_eq!(at(86_400_000), "1 day ago");
        assert_eq!(text.ago(0), "1970-01-01");
        assert_eq!(date(951_782_400_000), "2000-02-29");
        assert_eq!(date(1_798_675_200_000), "2026-12-31");
        // A clock that is ahead is not an error.
        assert_eq!(text.ago(u64::MAX), "just now");
    }

    #[test]
    fn comments_stand_below_what_they_answer() {
        let show = Request::Show { persona: None, post: "aa".into() };
        let page = json!({ "id": "aa", "author": "x", "author_name": "Alice", "text": "root", "comments": 2, "thread": [
            { "id": "bb", "parent": "aa", "author_name": "Bob", "text": "first", "deleted": false },
            { "id": "cc", "parent": "bb", "author_name": "", "author": "0123456789abcdef", "text": "", "deleted": true } ] });
        let shown = text_at(0).show(Some(&show), &page, false, false);
        assert!(shown.contains("\n  Bob · just now · bb\n  first\n"), "{shown}");
        assert!(shown.contains("\n    somebody (0123456789) · just now · cc\n    (deleted)\n"), "{shown}");
    }

    #[test]
    fn folders_are_quoted_for_the_shell() {
        assert_eq!(quoted("/a/b-c"), "/a/b-c");
        assert_eq!(quoted("a b'c"), r"'a b'\''c'");
    }
}
