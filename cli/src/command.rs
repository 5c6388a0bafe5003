//! From the words of the command line to a request, and from the request to an answer: through the control socket of
//! a running node, or by opening the profile for the moment.

use std::path::PathBuf;

use clap::ArgMatches;
use kith_node::control::{
    self, AttachFile, Beside, CircleChange, Failure, GroupChange, ListChange, Mute, PictureEdit, QuietArgs, Quota,
    Reply, Request, RuleArgs, Then,
};
use kith_node::limits::NAME_CHARS;
use kith_node::lock::Holder;
use kith_node::view::{QuietHours, Role, Rule, StatusView};
use kith_node::{Error, PollDraft};
use serde_json::{Value, json};

use crate::args::{
    Anchors, As, Attached, Circle, Command, Devices, Followers, Group, Link, List, Listed, Mailbox, Membership, Named,
    Near, NearArgs, Notifications, Persona, PostArgs, Recovery, Requests, RestoreArgs, Rules, RunArgs, Scheduled,
    Switch, Time, TuiArgs, pair_alts, thread_files,
};
use crate::bundle::{self, Bundle};
use crate::persona::Keeping;
use crate::profile::{absolute, open};
use crate::prompt::words;
use crate::reach::{Reached, Session};
use crate::text::NOT_RUNNING;
use crate::words::text;

/// What a command line asks for.
#[derive(Debug)]
pub(crate) enum Action {
    Ask(Request),
    /// `get`: asked for, then copied by this process where a FILE is given or it is sealed.
    Copy {
        request: Request,
        file: Option<PathBuf>,
        force: bool,
    },
    Run(RunArgs),
    /// `export` and `import`: they need a passphrase, and take a while.
    Bundle(Bundle),
    Link(Link),
    /// `qr`: it needs no profile.
    Code(PathBuf),
    /// What asks on the terminal before it is done with a persona.
    Persona(Keeping),
    /// `recovery restore`: it needs words and a network.
    Restore(RestoreArgs),
    Tui(TuiArgs),
}

/// A value, and how it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) value: Value,
    /// No node runs: what was written leaves with the next one.
    pub(crate) direct: bool,
    /// It was so before: somebody is followed already.
    pub(crate) known: bool,
}

/// Errors: codes `usage` and `not_available`.
pub(crate) fn action(command: Command, matches: &ArgMatches) -> Result<Action, Failure> {
    let request = match command {
        Command::Run(run) => return Ok(Action::Run(run)),
        Command::Tui(tui) => return Ok(Action::Tui(tui)),
        Command::Link(link) => return Ok(Action::Link(link)),
        Command::Qr { file } => return Ok(Action::Code(file)),
        Command::Get { hash, file, force, by } => {
            let request = Request::Get { persona: by.persona, hash };
            return Ok(Action::Copy { request, file: file.as_deref().map(absolute).transpose()?, force });
        }
        Command::Export { file, what, force } => {
            return Ok(Action::Bundle(Bundle::Export { file: absolute(&file)?, what: what.into(), force }));
        }
        Command::Import { file, preview } => {
            let file = absolute(&file)?;
            return Ok(Action::Bundle(if preview { Bundle::Preview { file } } else { Bundle::Import { file } }));
        }
        Command::Init { name } => Request::Init { name },
        Command::Status => Request::Status,
        Command::Demo => Request::Demo,
        Command::Doctor => Request::Doctor,
        Command::Persona(Persona::List) => Request::Personas,
        Command::Persona(Persona::Create { name, separate }) => Request::CreatePersona { name, separate },
        Command::Persona(Persona::Hide { id }) => return Ok(Action::Persona(Keeping::Hide { id })),
        Command::Persona(Persona::Delete { id, content, yes, by }) => {
            let which = || Failure::new("usage", "say which persona, by its id", "ids of yours: kith persona list");
            let id = id.or(by.persona).ok_or_else(which)?;
            return Ok(Action::Persona(Keeping::Delete { id, content: content.map(Into::into), yes }));
        }
        Command::Persona(Persona::Unhide) => return Ok(Action::Persona(Keeping::Unhide)),
        Command::Persona(Persona::Default { id }) => Request::DefaultPersona { persona: id },
        Command::Persona(Persona::Edit { id, name, bio, picture, no_picture, listed, by }) => {
            if name.is_none() && bio.is_none() && picture.is_none() && !no_picture && listed.is_none() {
                return Err(usage("nothing to change: give --name, --bio, --picture, --no-picture or --listed"));
            }
            let picture = match picture {
                Some(file) => Some(PictureEdit::File(absolute(&file)?)),
                None => no_picture.then_some(PictureEdit::Remove),
            };
            let listed = listed.map(|listed| listed == Switch::On);
            Request::EditPersona { persona: id.or(by.persona), name, bio, picture, listed }
        }
        Command::Invite { with_node, by, .. } => Request::Invite { persona: by.persona, with_node },
        Command::Follow { target, .. } if target.starts_with('#') => Request::FollowTag { tag: target, undo: false },
        Command::Unfollow { target, .. } if target.starts_with('#') => Request::FollowTag { tag: target, undo: true },
        Command::Follow { target, tell, by } => Request::Follow { persona: by.persona, target, tell },
        Command::Followers { verb: None, by } => Request::Followers { persona: by.persona },
        Command::Followers { verb: Some(Followers::Drop { who }), by } => {
            Request::DropFollower { persona: by.persona, who }
        }
        Command::Unfollow { target, by } => Request::Unfollow { persona: by.persona, target },
        // Scripts get the list that the contract says, here and of feeds; a person is told more.
        Command::Follows(As { persona }) => Request::Follows { persona, whole: !matches.get_flag("json") },
        Command::Near(NearArgs { verb: None }) => Request::Near,
        Command::Near(NearArgs { verb: Some(Near::Open { by }) }) => Request::OpenNear { persona: by.persona },
        Command::Near(NearArgs { verb: Some(Near::Follow { who }) }) => Request::FollowNear { who },
        Command::Near(NearArgs { verb: Some(Near::Close) }) => Request::CloseNear,
        Command::Tags => Request::Tags,
        Command::Post(post) => {
            let files = matches.subcommand_matches("post").map(|matches| thread_files(&post, matches));
            let mut files = files.transpose().map_err(usage)?.unwrap_or_default().into_iter();
            let attach = located(files.next().unwrap_or_default())?;
            let PostArgs {
                text, circle: circles, cw, quote, card, poll, poll_ends, at, then, by: As { persona }, ..
            } = post;
            let then = then.into_iter().zip(files);
            let then =
                then.map(|(text, files)| Ok(Then { text, attach: located(files)? })).collect::<Result<_, Failure>>()?;
            let poll = Some(PollDraft { options: poll, lasts_s: poll_ends }).filter(|poll| !poll.options.is_empty());
            let beside = Beside { quote, card, poll, then };
            match at {
                None => Request::Post { persona, text, cw, attach, circles, beside },
                Some(at_ms) => Request::Schedule { persona, text, cw, attach, circles, at_ms, beside },
            }
        }
        Command::Scheduled { verb: None } => Request::Scheduled,
        Command::Scheduled { verb: Some(Scheduled::Now { id }) } => Request::PostNow { id },
        Command::Scheduled { verb: Some(Scheduled::Delete { id }) } => Request::DeleteScheduled { id },
        Command::Feed { limit, before, list, tag, by } => {
            let whole = !matches.get_flag("json");
            Request::Feed { persona: by.persona, limit: usize::from(limit), before, list, tag, whole }
        }
        Command::Bookmark { post, undo } => Request::Bookmark { target: post, undo },
        Command::Bookmarks { limit, before } => Request::Bookmarks { limit: usize::from(limit), before },
        Command::List { verb } => list(verb),
        Command::Suggestions { limit, drop: None, .. } => Request::Suggestions { limit: usize::from(limit) },
        Command::Suggestions { drop: Some(other), undo, .. } => Request::PassOver { other, undo },
        Command::Circle(verb) => circle(verb, !matches.get_flag("json")),
        Command::Group(verb) => group(verb, !matches.get_flag("json")),
        Command::Block { persona, undo } => Request::Mute { what: Mute::Block { persona }, undo },
        Command::Mute { persona, reposts, word, everywhere, thread, conversation, hours, undo } => {
            let what = match (persona, word, thread, conversation) {
                (Some(persona), ..) if reposts => Mute::Reposts { persona, hours },
                (None, None, None, None) if reposts => {
                    return Err(usage_of("mute", "give the persona whose reposts are meant"));
                }
                (Some(persona), ..) => Mute::Person { persona, hours },
                (None, Some(text), ..) => Mute::Word { text, everywhere, hours },
                (None, None, Some(post), _) => Mute::Thread { post, hours },
                (None, None, None, Some(thread)) => Mute::Conversation { thread, hours },
                (None, None, None, None) => {
                    return Err(usage_of(
                        "mute",
                        "say what: a persona, --word TEXT, --thread POST or --conversation ID",
                    ));
                }
            };
            Request::Mute { what, undo }
        }
        Command::Muted => Request::Muted,
        Command::Recovery { verb: Some(Recovery::Restore(args)) } => return Ok(Action::Restore(args)),
        Command::Recovery { verb: None } => Request::Recovery,
        Command::Recovery { verb: Some(Recovery::Phrase { check, by }) } => {
            let typed = if check { Some(words("The 24 words: ")?) } else { None };
            Request::RecoveryPhrase { persona: by.persona, typed }
        }
        Command::Devices { verb: None } => Request::Devices,
        Command::Devices { verb: Some(Devices::Rename { id, name }) } => Request::RenameDevice { device: id, name },
        Command::Devices { verb: Some(Devices::Revoke { id, phrase, keep }) } => {
            let phrase = phrase.then(|| words("Your 24 words: ")).transpose()?;
            Request::RevokeDevice { device: id, phrase, keep }
        }
        Command::Show { post, by } => Request::Show { persona: by.persona, post },
        Command::Comment { post, text, by } => Request::Comment { persona: by.persona, target: post, text },
        Command::React { post, emoji, undo, by } => Request::React { persona: by.persona, target: post, emoji, undo },
        Command::Vote { post, option, by, .. } => vote(by.persona, post, option),
        Command::Edit { post, text, by } => Request::Edit { persona: by.persona, target: post, text },
        Command::Delete { post, by } => Request::Delete { persona: by.persona, target: post },
        Command::Hide { entry, undo, by } => Request::Hide { persona: by.persona, target: entry, undo },
        Command::Hidden { post } => Request::Hidden { post },
        Command::Share { post } => Request::Share { post },
        Command::Repost { post, undo, by } => Request::Repost { persona: by.persona, target: post, undo },
        Command::Policy { post, who, by } => Request::Policy { persona: by.persona, target: post, who: who.into() },
        Command::Search { query, limit, messages: true, by } => {
            Request::SearchMessages { persona: by.persona, query, limit: usize::from(limit) }
        }
        Command::Note { persona, text, by } => Request::Note { persona: by.persona, other: persona, text },
        Command::Verify(verify) => {
            let verdict = verify.verdict();
            Request::Verify { persona: verify.by.persona, other: verify.other, verdict }
        }
        Command::Search { query, limit, by, .. } => Request::Search {
            persona: by.persona,
            query,
            limit: usize::from(limit),
            // Scripts get the posts, as the contract says; a person sees people and hashtags too.
            whole: !matches.get_flag("json"),
        },
        Command::Deny(deny) => deny.request(),
        Command::Report(report) => report.request(),
        Command::Storage { quota: Some(mib), .. } => Request::Storage { quota: Some(Quota::Mib(mib)) },
        Command::Storage { quota: None, default } => Request::Storage { quota: default.then_some(Quota::Default) },
        Command::Peers => Request::Peers,
        Command::Dm { mut words, files, by } => {
            let text = words.pop().unwrap_or_default();
            let attach = attached(&files, matches, "dm")?;
            Request::Dm { persona: by.persona, to: words, text, attach }
        }
        Command::Reply { message, text, files, by } => {
            let attach = attached(&files, matches, "reply")?;
            Request::Reply { persona: by.persona, message, text, attach }
        }
        Command::Timer { id, time } => Request::Timer { thread: id, keep_s: time },
        Command::Settings { name, value } => {
            Request::Settings { setting: name, on: value.map(|value| value == Switch::On) }
        }
        Command::Threads(As { persona }) => Request::Threads { persona, requests: false },
        Command::Thread { id, limit, .. } => Request::Thread { thread: id, limit: usize::from(limit) },
        Command::Requests { verb: None } => Request::Threads { persona: None, requests: true },
        Command::Requests { verb: Some(Requests::Accept { id }) } => Request::Answer { thread: id, accept: true },
        Command::Requests { verb: Some(Requests::Decline { id }) } => Request::Answer { thread: id, accept: false },
        Command::Notifications { verb, listed } => notifications(verb, listed)?,
        Command::Anchors { verb: None } => Request::Anchors,
        Command::Anchors { verb: Some(Anchors::Add { ticket, web }) } => Request::AddAnchor { ticket, web },
        Command::Anchors { verb: Some(Anchors::Remove { target }) } => Request::RemoveAnchor { target },
        Command::Mailbox { verb: None } => Request::Mailboxes,
        Command::Mailbox { verb: Some(Mailbox::Add { ticket }) } => Request::AddMailbox { ticket },
        Command::Mailbox { verb: Some(Mailbox::Clients { dismiss }) } => Request::MailboxClients { dismiss },
        Command::Mailbox { verb: Some(Mailbox::Remove { target }) } => Request::RemoveMailbox { target },
    };
    Ok(Action::Ask(request))
}

impl Session {
    /// Asks the running node; without one opens the profile, waiting for another command's lock.
    pub(crate) fn ask(&self, request: Request) -> Result<Answer, Failure> {
        if let Request::Init { name } = &request {
            check_name(name)?;
        }
        match &request {
            Request::Follow { target, .. } => check_target(target)?,
            Request::Unfollow { target: persona, .. }
            | Request::Note { other: persona, .. }
            | Request::PassOver { other: persona, .. }
            | Request::Mute { what: Mute::Person { persona, .. }, .. }
            | Request::Mute { what: Mute::Reposts { persona, .. }, .. }
            | Request::Mute { what: Mute::Block { persona }, .. }
            | Request::ChangeList { change: ListChange::Add(persona) | ListChange::Remove(persona), .. } => {
                check_persona(persona)?;
            }
            _ => {}
        }
        // Asked for first, so that the answer can tell what was so before.
        let before = match &request {
            Request::Follow { persona, .. } => Some(Request::Follows { persona: persona.clone(), whole: false }),
            _ => None,
        };
        // As the node gets it.
        let sent = |request: &Request| match request.takes_persona() {
            true => request.clone(),
            false => request.clone().at(self.persona.as_deref()),
        };
        let ask = async || {
            let followed = match &before {
                Some(before) => control::call(&self.profile, before).await?,
                None => None,
            };
            let far = || async {
                match control::call(&self.profile, &sent(&Request::Transfer)).await {
                    Ok(Some(Reply::Value(far))) => serde_json::from_value(far).ok(),
                    _ => None,
                }
            };
            let asked = sent(&request);
            match bundle::watched(&asked, self.call(&asked), far).await?? {
                Some(value) => {
                    let known = matches!(&followed, Some(Reply::Value(followed)) if holds(followed, &value));
                    Ok(Some(Answer { value, direct: false, known }))
                }
                None if request == Request::Status => {
                    Ok(Some(Answer { value: stopped(self.has_profile())?, direct: true, known: false }))
                }
                None => Ok(None),
            }
        };
        let open_here = || match &request {
            // What it shows is shown until that node ends.
            Request::Peers | Request::UnhidePersonas { .. } if self.profile.is_dir() => Err(Error::NotRunning.into()),
            Request::Peers | Request::UnhidePersonas { .. } => Err(Error::NoProfile.into()),
            _ => {
                let makes = matches!(request, Request::Init { .. } | Request::Import { .. } | Request::Demo);
                open(self.config(Holder::Command, makes))
            }
        };
        let doctor = request == Request::Doctor;
        let node = match self.reach(ask, open_here)? {
            Reached::Answer(answer) => return Ok(answer),
            Reached::Here(Err(failure)) if doctor => {
                return Ok(Answer { value: ailing(&failure), direct: true, known: false });
            }
            Reached::Here(opened) => opened?,
        };
        let (followed, answer) = self.runtime.block_on(async {
            let followed = match &before {
                Some(before) => control::execute(&node, before.clone()).await.ok(),
                None => None,
            };
            let far = || std::future::ready(node.transfer());
            let answer = bundle::watched(&request, control::execute(&node, sent(&request)), far).await;
            node.shutdown().await;
            (followed, answer.and_then(|answer| answer))
        });
        let mut value = answer?;
        if doctor {
            stopped_is_well(&mut value);
        }
        let known = followed.is_some_and(|followed| holds(&followed, &value));
        Ok(Answer { value, direct: true, known })
    }
}

/// The files of a command, with what describes them.
fn attached(files: &Attached, matches: &ArgMatches, command: &str) -> Result<Vec<AttachFile>, Failure> {
    let pairs = matches.subcommand_matches(command).map(|matches| pair_alts(files, matches));
    located(pairs.transpose().map_err(usage)?.unwrap_or_default())
}

fn located(files: Vec<(PathBuf, Option<String>)>) -> Result<Vec<AttachFile>, Failure> {
    files.into_iter().map(|(file, alt)| Ok(AttachFile { file: absolute(&file)?, alt })).collect()
}

/// Before a folder is made for it.
fn check_name(name: &str) -> Result<(), Failure> {
    let told = if name.trim().is_empty() {
        "the name is empty".to_owned()
    } else if name.chars().count() > NAME_CHARS {
        format!("the name is longer than {NAME_CHARS} characters")
    } else {
        return Ok(());
    };
    Err(Error::BadInput(told).into())
}

/// Whether the list of those who are followed holds whom `followed` names.
fn holds(follows: &Value, followed: &Value) -> bool {
    let persona = followed.get("persona");
    persona.is_some() && follows.as_array().is_some_and(|all| all.iter().any(|one| one.get("persona") == persona))
}

/// Before a profile is opened for it.
fn check_target(target: &str) -> Result<(), Failure> {
    let target = target.trim();
    let id = !target.is_empty() && target.len() <= 64 && target.chars().all(|c| c.is_ascii_hexdigit());
    if id || target.starts_with("kith:") {
        return Ok(());
    }
    let hint = "ask for a link: it is what `kith invite` prints, or People in the window shows";
    Err(Failure::new("bad_input", "this is not an invite link or a persona id", hint))
}

/// People are named by their ids, as two may have one name: who gives a name is told where the ids stand.
fn check_persona(persona: &str) -> Result<(), Failure> {
    let persona = persona.trim();
    if !persona.is_empty() && persona.len() <= 64 && persona.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(());
    }
    let told = "this is not a persona's id: ids have the digits 0-9 and a-f";
    Err(Failure::new("bad_input", told, "ids of those whom you follow: kith follows; of others: kith search NAME"))
}

/// The first check of `doctor` that is not well.
pub(crate) fn ailment(checks: &Value) -> Option<Failure> {
    let ill = |check: &&Value| check.get("ok") == Some(&Value::Bool(false));
    let check = checks.as_array().into_iter().flatten().find(ill)?;
    let code = match text(check, "code") {
        "" => "unwell",
        code => code,
    };
    Some(Failure::new(code, format!("{}: {}", text(check, "name"), text(check, "text")), text(check, "hint")))
}

/// The network of a profile that no node runs on is not ill.
fn stopped_is_well(checks: &mut Value) {
    for check in checks.as_array_mut().into_iter().flatten() {
        if check.get("name").and_then(Value::as_str) == Some("network") {
            *check = json!({ "name": "network", "ok": true, "text": NOT_RUNNING, "hint": "start it with: kith run" });
        }
    }
}

/// `status` where no node runs.
fn stopped(profile: bool) -> Result<Value, Failure> {
    let status = StatusView {
        profile,
        running: false,
        node: None,
        role: Role::Desktop,
        ticket: None,
        listen: Vec::new(),
        relay: None,
        peers: 0,
        personas: 0,
        entries: 0,
        out_of: Vec::new(),
        web: None,
    };
    Ok(serde_json::to_value(status).map_err(|_| Error::Bug("the status could not be written as JSON"))?)
}

/// What `doctor` finds where the profile does not open.
fn ailing(failure: &Failure) -> Value {
    let check = match failure.code.as_str() {
        "keystore" | "keystore_locked" | "wrong_passphrase" => "keystore",
        "database" | "database_damaged" | "profile_too_new" => "database",
        "disk_full" | "io" => "disk",
        _ => "profile",
    };
    json!([{ "name": check, "ok": false, "text": failure.message, "code": failure.code, "hint": failure.hint }])
}

pub(crate) fn usage_of(command: &str, message: &str) -> Failure {
    Failure::new("usage", message, format!("see: kith help {command}"))
}

pub(crate) fn usage(message: impl Into<String>) -> Failure {
    Failure::new("usage", message, "see: kith --help")
}

/// `option`: its number, or what it says; none takes the vote back.
fn vote(persona: Option<String>, target: String, option: Option<String>) -> Request {
    let Some(words) = option else { return Request::Unvote { persona, target } };
    Request::VoteFor { persona, target, words }
}

fn list(verb: Option<List>) -> Request {
    let (list, change) = match verb {
        None => return Request::Lists,
        Some(List::Show { name }) => return Request::List { list: name },
        Some(List::Withdraw { name }) => return Request::WithdrawList { list: name },
        Some(List::Publish { name, text, by }) => {
            return Request::PublishList { persona: by.persona, list: name, text };
        }
        Some(List::Create { name }) => (name, ListChange::Create),
        Some(List::Rename { name, to }) => (name, ListChange::Rename(to)),
        Some(List::Delete { name }) => (name, ListChange::Delete),
        Some(List::Add { name, persona }) => (name, ListChange::Add(persona)),
        Some(List::Remove { name, persona }) => (name, ListChange::Remove(persona)),
    };
    Request::ChangeList { list, change }
}

fn notifications(verb: Option<Notifications>, listed: Listed) -> Result<Request, Failure> {
    let change = match verb {
        None => return Ok(listing(listed)),
        Some(Notifications::List(listed)) => return Ok(listing(listed)),
        Some(Notifications::Read { id, by, .. }) => return Ok(Request::ReadNotifications { persona: by.persona, id }),
        Some(Notifications::Rules { verb: None }) => return Ok(Request::NoticeRules { change: None }),
        Some(Notifications::Rules { verb: Some(change) }) => change,
    };
    let change = match change {
        Rules::Kind { kind, value } => {
            RuleArgs::Kind { kind, rule: if value == Switch::On { Rule::All } else { Rule::None } }
        }
        Rules::Person { whom, rule } => RuleArgs::Person { persona: whom, rule },
        Rules::Conversation { id, rule } => RuleArgs::Thread { thread: id, rule },
        Rules::Quiet { from: Time::Off, to: None, .. } => RuleArgs::Quiet(QuietArgs { hours: None }),
        Rules::Quiet { from: Time::At(from), to: Some(Time::At(to)), offset } => {
            RuleArgs::Quiet(QuietArgs { hours: Some(QuietHours { from, to, offset }) })
        }
        Rules::Quiet { .. } => {
            return Err(usage_of("notifications rules quiet", "give two times, as 22:00 07:00, or off"));
        }
    };
    Ok(Request::NoticeRules { change: Some(change) })
}

fn listing(listed: Listed) -> Request {
    let Listed { limit, unread, mentions, by } = listed;
    Request::Notifications { persona: by.persona, limit: usize::from(limit), unread, mentions }
}

/// `whole`: a person is told of groups that ended too.
fn circle(verb: Circle, whole: bool) -> Request {
    let (by, circle, change) = match verb {
        Circle::List(by) => return Request::Circles { persona: by.persona, whole },
        Circle::Create(Named { name, by }) => (by, name, CircleChange::Create),
        Circle::Add(Membership { name, member, by }) => (by, name, CircleChange::Add(member)),
        Circle::Remove(Membership { name, member, by }) => (by, name, CircleChange::Remove(member)),
        Circle::Rename { name, to, by } => (by, name, CircleChange::Rename(to)),
        Circle::Colour { name, colour, by } => (by, name, CircleChange::Colour(colour)),
        Circle::Delete(Named { name, by }) => (by, name, CircleChange::Delete),
    };
    Request::ChangeCircle { persona: by.persona, circle, change }
}

fn group(verb: Group, whole: bool) -> Request {
    let (by, group, change) = match verb {
        Group::List(by) => return Request::Circles { persona: by.persona, whole },
        Group::Create { name, personas, by } => (by, name, GroupChange::Create(personas)),
        Group::Add(Membership { name, member, by }) => (by, name, GroupChange::Add(member)),
        Group::Remove(Membership { name, member, by }) => (by, name, GroupChange::Remove(member)),
        Group::Admin { who: Membership { name, member, by }, undo } => {
            (by, name, GroupChange::Admin { persona: member, undo })
        }
        Group::Join(Named { name, by }) => (by, name, GroupChange::Join),
        Group::Leave(Named { name, by }) => (by, name, GroupChange::Leave),
        Group::Close(Named { name, by }) => (by, name, GroupChange::Close),
    };
    Request::ChangeGroup { persona: by.persona, group, change }
}
