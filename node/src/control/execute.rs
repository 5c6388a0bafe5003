//! Requests → verbs of the handle → the JSON of the command contract.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::begun;
use super::link;
use super::message;
use super::named::{Naming, writer_in};
use super::near;
use super::notification;
use super::route::{own_of_all, route};
use super::scheduled;
use super::{
    AttachFile, CircleChange, Failure, GroupChange, ListChange, Mute, Passphrase, PictureEdit, Quota, Request, Who,
};
use crate::crypto::Phrase;
use crate::entry::Commenters;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::{BlobHash, EntryId, PersonaId};
use crate::limits::{
    ATTACHED_FILE_BYTES, ATTACHMENTS, CHANGED_WAIT_MS, FIND_SETTLE_MS, FIND_WAIT_MS, ID_DIGITS, MUTE_HOURS,
    PICTURE_FILE_BYTES, REQUEST_DEADLINE_MS,
};
use crate::node::{Attach, Blob, FeedOf, FeedQuery, Node, ProfileEdit, SearchQuery};
use crate::notify::{Looked, NotificationsQuery};
use crate::resolve::Said;
use crate::restore::{Others, Restore};
use crate::tag::checked;

/// Carries a request out. Must be awaited on a tokio runtime: files are read.
pub async fn execute(node: &Node, request: Request) -> std::result::Result<Value, Failure> {
    let (node, request) = route(node, request).await?;
    // Boxed, as it is large, and stands in the future of whoever asks.
    Ok(Box::pin(answer(&node, request)).await?)
}

async fn answer(node: &Node, request: Request) -> Result<Value> {
    match request {
        Request::Init { name } => init(node, &name).await,
        Request::Status => status(node).await,
        Request::Changed { seen } => changed(node, seen).await,
        Request::Open { link } => Ok(json!({ "window": node.open_link(&link.unwrap_or_default())? })),
        Request::Demo => value(node.fill_demo().await?),
        Request::Doctor => {
            let checks = node.doctor().await?.into_iter();
            Ok(checks.map(|(name, ok, text)| json!({ "name": name, "ok": ok, "text": text })).collect())
        }
        Request::Personas => value(node.personas().await?),
        Request::CreatePersona { name, separate } => {
            let persona =
                if separate { node.create_separate(&name).await? } else { node.create_persona(&name).await? };
            let personas = node.personas().await?;
            value(personas.into_iter().find(|known| known.id == persona).ok_or(Error::NoPersona)?)
        }
        Request::HidePersona { persona, passphrase } => {
            let persona = own_of_all(node, &persona).await?;
            node.hide_persona(persona, passphrase.as_ref().map(Passphrase::text)).await?;
            id(persona)
        }
        Request::DeletePersona { persona, content } => {
            let persona = own_of_all(node, &persona).await?;
            node.delete_persona(persona, content).await?;
            id(persona)
        }
        Request::UnhidePersonas { passphrase } => {
            let shown = node.unhide_personas(passphrase.text()).await?;
            let all = node.personas().await?.into_iter();
            value(all.filter(|persona| shown.contains(&persona.id)).collect::<Vec<_>>())
        }
        Request::EditPersona { persona, name, bio, picture, listed } => {
            let persona = own(node, persona).await?;
            let picture = match picture {
                None => None,
                Some(PictureEdit::Remove) => Some(None),
                Some(PictureEdit::File(file)) => {
                    Some(Some(node.stage_picture(read(&file, PICTURE_FILE_BYTES).await?).await?.hash))
                }
            };
            id(node.edit_profile(persona, ProfileEdit { name, bio, picture, listed }).await?)
        }
        Request::DefaultPersona { persona } => {
            let persona = own(node, Some(persona)).await?.ok_or(Error::NoPersona)?;
            node.set_default_persona(persona).await?;
            id(persona)
        }
        Request::Invite { persona, with_node } => {
            let persona = own(node, persona).await?;
            value(if with_node { node.invite_with_node(persona).await? } else { node.invite(persona).await? })
        }
        Request::Follow { persona, target, tell } => {
            let by = own(node, persona).await?;
            let target = if is_prefix(&target) { node.resolve_persona(&target).await?.to_string() } else { target };
            let followed = node.follow(by, &target).await?;
            if tell {
                node.tell_follow(by, followed.persona, true).await?;
            }
            value(followed)
        }
        Request::Followers { persona } => value(node.followers(own(node, persona).await?).await?),
        Request::DropFollower { persona, who } => {
            let (of, who) = (own(node, persona).await?, node.resolve_persona(&who).await?);
            node.drop_follower(of, who).await?;
            Ok(json!({ "persona": who }))
        }
        Request::Unfollow { persona, target } => {
            let by = own(node, persona).await?;
            value(node.unfollow(by, node.resolve_persona(&target).await?).await?)
        }
        Request::Follows { persona, whole } => {
            let people = node.follows(own(node, persona).await?).await?;
            if !whole {
                return value(people);
            }
            Ok(json!({ "people": people, "tags": node.followed_tags().await? }))
        }
        Request::Tags => value(node.followed_tags().await?),
        Request::Dm { persona, to, text, attach } => message::dm(node, persona, to, text, attach).await,
        Request::Reply { persona, message, text, attach } => {
            message::reply(node, persona, &message, text, attach).await
        }
        Request::Threads { persona, requests } => value(node.threads(own(node, persona).await?, requests).await?),
        Request::Thread { thread, limit } => message::thread(node, &thread, limit).await,
        Request::Timer { thread, keep_s } => message::timer(node, &thread, keep_s).await,
        Request::Settings { setting, on } => message::settings(node, setting, on).await,
        Request::Notifications { persona, limit, unread, mentions } => {
            notification::list(node, persona, NotificationsQuery { persona: None, limit, unread, mentions }).await
        }
        Request::ReadNotifications { persona, id } => notification::read(node, persona, id).await,
        Request::NoticeRules { change } => notification::rules(node, change).await,
        Request::Answer { thread, accept } => message::answer(node, &thread, accept).await,
        Request::Post { persona, text, cw, attach, circles, beside } => {
            scheduled::post(node, scheduled::Said { persona, text, cw, attach, circles, beside }).await
        }
        Request::Schedule { persona, text, cw, attach, circles, at_ms, beside } => {
            scheduled::schedule(node, scheduled::Said { persona, text, cw, attach, circles, beside }, at_ms).await
        }
        Request::Scheduled => scheduled::list(node).await,
        Request::PostNow { id: held } => id(node.post_now(node.resolve_held(&held).await?).await?),
        Request::DeleteScheduled { id: held } => {
            let held = node.resolve_held(&held).await?;
            node.delete_scheduled(held).await?;
            id(held)
        }
        Request::Begun => begun::show(node).await,
        Request::KeepBegun { words, behind, seen } => begun::keep(node, words, behind, seen).await,
        Request::Comment { persona, target, text } => {
            let (persona, target) = (own(node, persona).await?, node.resolve_entry(&target).await?);
            let mut naming = match text.contains('@') {
                true => {
                    let by = persona.or(node.speakers(target).await?.first().copied());
                    Naming::of(node, by, node.writers_at(target).await?, [text.as_str()]).await?
                }
                false => Naming::default(),
            };
            let text = naming.kept(&text);
            naming.told(id(node.comment(persona, target, &text).await?)?)
        }
        Request::React { persona, target, emoji, undo } => {
            let persona = own(node, persona).await?;
            match node.resolve_said(&target).await? {
                Said::Message(thread, to) => {
                    message::react(node, thread, to, &emoji, undo).await?;
                    id(to)
                }
                Said::Entry(target) if undo => id(node.unreact(persona, target, &emoji).await?),
                Said::Entry(target) => id(node.react(persona, target, &emoji).await?),
            }
        }
        Request::Vote { persona, target, option } => {
            let persona = own(node, persona).await?;
            id(node.vote(persona, node.resolve_entry(&target).await?, option).await?)
        }
        Request::VoteFor { persona, target, words } => {
            let (persona, target) = (own(node, persona).await?, node.resolve_entry(&target).await?);
            id(node.vote(persona, target, node.poll_option(target, &words).await?).await?)
        }
        Request::Unvote { persona, target } => {
            let persona = own(node, persona).await?;
            id(node.unvote(persona, node.resolve_entry(&target).await?).await?)
        }
        Request::Edit { persona, target, text } => {
            let (persona, said) = (own(node, persona).await?, node.resolve_said(&target).await?);
            let (by, about) = match said {
                _ if !text.contains('@') => (None, Vec::new()),
                Said::Entry(target) => (node.own_writer(target).await?, node.writers_at(target).await?),
                Said::Message(thread, _) => (writer_in(node, thread).await?, Vec::new()),
            };
            let mut naming = Naming::of(node, persona.or(by), about, [text.as_str()]).await?;
            let text = naming.kept(&text);
            naming.told(match said {
                Said::Message(thread, of) => {
                    node.edit_message(thread, of, &text).await?;
                    id(of)?
                }
                Said::Entry(target) => id(node.edit(persona, target, &text).await?)?,
            })
        }
        Request::Delete { persona, target } => {
            let persona = own(node, persona).await?;
            match node.resolve_said(&target).await? {
                Said::Message(thread, of) => {
                    node.delete_message(thread, of).await?;
                    id(of)
                }
                Said::Entry(target) => id(node.delete(persona, target).await?),
            }
        }
        Request::Hide { persona, target, undo } => {
            let persona = own(node, persona).await?;
            let target = node.resolve_entry(&target).await?;
            id(if undo { node.unhide(persona, target).await? } else { node.hide(persona, target).await? })
        }
        Request::Hidden { post } => value(node.hidden(entry(node, post).await?).await?),
        Request::Share { post } => Ok(json!({ "link": node.share_link(node.resolve_entry(&post).await?).await? })),
        Request::Repost { persona, target, undo } => {
            let persona = own(node, persona).await?;
            let target = node.resolve_entry(&target).await?;
            id(if undo { node.unrepost(persona, target).await? } else { node.repost(persona, target).await? })
        }
        Request::Policy { persona, target, who } => {
            let persona = own(node, persona).await?;
            let who = match who {
                Who::Everyone => Commenters::Everyone,
                Who::Nobody => Commenters::Nobody,
            };
            id(node.set_policy(persona, node.resolve_entry(&target).await?, who).await?)
        }
        Request::Feed { persona, limit, before, list, tag, whole } => {
            let persona = own(node, persona).await?;
            let before = entry(node, before).await?;
            let of = match (list, tag) {
                (Some(list), _) => FeedOf::List(node.resolve_list(&list).await?),
                (None, Some(tag)) => FeedOf::Tag(tag),
                (None, None) => FeedOf::Home,
            };
            let followed = match &of {
                FeedOf::Tag(tag) => node.followed_tags().await?.contains(&checked(tag)?),
                _ => false,
            };
            let query = FeedQuery { persona, limit, before, of, ..FeedQuery::default() };
            let posts = node.feed(query.clone()).await?;
            if !whole {
                return value(posts);
            }
            let muted = posts.is_empty() && node.feed_holds(query).await?;
            let fetching = posts.is_empty() && node.is_fetching().await?;
            Ok(json!({ "posts": posts, "muted": muted, "followed": followed, "fetching": fetching }))
        }
        Request::Bookmark { target, undo } => {
            let target = node.resolve_entry(&target).await?;
            if undo {
                node.unbookmark(target).await?
            } else {
                node.bookmark(target).await?
            }
            id(target)
        }
        Request::Bookmarks { limit, before } => value(node.bookmarks(limit, entry(node, before).await?).await?),
        Request::Lists => value(node.lists().await?),
        Request::List { list } => value(node.list_members(node.resolve_list(&list).await?).await?),
        Request::WithdrawList { list } => id(node.withdraw_list(node.resolve_list(&list).await?).await?),
        Request::PublishList { persona, list, text } => {
            let persona = own(node, persona).await?;
            id(node.publish_list(node.resolve_list(&list).await?, persona, text.as_deref()).await?)
        }
        Request::Suggestions { limit } => value(node.suggestions(limit).await?),
        Request::PassOver { other, undo } => {
            let persona = node.resolve_persona(&other).await?;
            node.pass_over(persona, undo).await?;
            Ok(json!({ "persona": persona }))
        }
        Request::ChangeList { list, change } => change_list(node, &list, change).await,
        Request::Circles { persona, whole } => {
            let circles = node.circles(own(node, persona).await?).await?;
            if !whole {
                return value(circles);
            }
            Ok(json!({ "circles": circles, "ended": node.ended_groups().await? }))
        }
        Request::ChangeCircle { persona, circle, change } => change_circle(node, persona, &circle, change).await,
        Request::ChangeGroup { persona, group, change } => change_group(node, persona, &group, change).await,
        Request::FollowTag { tag, undo } => {
            let tag = if undo { node.unfollow_tag(&tag).await? } else { node.follow_tag(&tag).await? };
            Ok(json!({ "tag": tag }))
        }
        Request::Mute { what, undo } => mute(node, what, undo).await,
        Request::Muted => value(node.muted().await?),
        Request::Show { persona, post } => {
            let persona = own(node, persona).await?;
            let post = node.resolve_entry(&post).await?;
            let page = node.show_to(persona, post).await?;
            node.look_at(Looked::Post(page.post.id)).await?;
            value(page)
        }
        Request::Search { persona, query, limit, whole } => {
            let persona = own(node, persona).await?;
            search(node, persona, query, limit, whole).await
        }
        Request::SearchMessages { persona, query, limit } => {
            let persona = own(node, persona).await?;
            let query = SearchQuery { persona, text: query, limit, newest_first: true, ..SearchQuery::default() };
            value(node.search_messages(query).await?)
        }
        Request::Verify { persona, other, verdict } => {
            let (own, other) = (own(node, persona).await?, node.resolve_persona(&other).await?);
            value(match verdict {
                Some(verdict) => node.verify(own, other, verdict).await?,
                None => node.safety(own, other).await?,
            })
        }
        Request::Note { persona, other, text } => {
            let (own, other) = (own(node, persona).await?, node.resolve_persona(&other).await?);
            value(match text {
                Some(text) => node.set_note(own, other, &text).await?,
                None => node.note(own, other).await?,
            })
        }
        Request::Report { about, reason, text, to } => {
            let (number, anchor) = node.report(&about, reason, &text, to.as_deref()).await?;
            value(json!({ "number": number, "anchor": anchor }))
        }
        Request::Reports => value(json!({ "sent": node.reports().await?, "came": node.reports_came().await? })),
        Request::SettleReport { number } => {
            node.settle_report(number).await?;
            value(json!({ "number": number }))
        }
        Request::Deny { id: None, .. } => value(node.denied().await?),
        Request::Deny { id: Some(denied), undo: false } => id(node.deny(&denied).await?),
        Request::Deny { id: Some(denied), undo: true } => id(node.undeny(&denied).await?),
        Request::Get { persona, hash } => {
            own(node, persona).await?;
            let hash = node.resolve_blob(&hash).await?;
            let blob = get(node, hash).await?;
            // The caller opens a sealed one as it writes it out: it lies nowhere else in the clear.
            let sealed = blob.key.as_ref().map(|key| json!({ "file": blob.file, "key": key.as_bytes() }));
            let (path, mime, size, name) = (blob.path(), &blob.mime, blob.size, &blob.name);
            Ok(json!({ "hash": hash, "path": path, "mime": mime, "size": size, "name": name, "sealed": sealed }))
        }
        Request::Storage { quota } => {
            match quota {
                Some(Quota::Mib(mib)) => node.set_quota(Some(mib.saturating_mul(1024 * 1024))).await?,
                Some(Quota::Default) => node.set_quota(None).await?,
                None => {}
            }
            value(node.storage().await?)
        }
        Request::Preview { file, passphrase } => value(node.preview_import(&file, passphrase.text()).await?),
        Request::Export { file, what, passphrase, force } => {
            value(node.export(&file, what, passphrase.text(), force).await?)
        }
        Request::Import { file, passphrase } => value(node.import(&file, passphrase.text()).await?),
        Request::Transfer => value(node.transfer()),
        Request::Peers => value(node.peers().await?),
        Request::Anchors => value(node.anchors().await?),
        Request::AddAnchor { ticket, web } => {
            let anchor = node.add_anchor(&ticket).await?;
            if let Some(web) = web {
                node.set_anchor_web(anchor, &web).await?;
            }
            Ok(json!({ "node": anchor }))
        }
        Request::RemoveAnchor { target } => Ok(json!({ "node": node.remove_anchor(&target).await? })),
        Request::Mailboxes => value(node.mailboxes().await?),
        Request::MailboxClients { dismiss } => {
            if let Some(client) = dismiss {
                node.dismiss_client(&client).await?;
            }
            value(node.mailbox_clients().await?)
        }
        Request::AddMailbox { ticket } => Ok(json!({ "node": node.add_mailbox(&ticket).await? })),
        Request::RemoveMailbox { target } => Ok(json!({ "node": node.remove_mailbox(&target).await? })),
        Request::Devices => {
            let devices = node.devices().await?;
            node.see_devices().await?;
            value(devices)
        }
        Request::RenameDevice { device, name } => {
            let device = node.resolve_device(&device).await?;
            node.rename_device(device, &name).await?;
            Ok(json!({ "id": device }))
        }
        Request::Recovery => value(node.recovery().await?),
        Request::RecoveryPhrase { persona, typed } => {
            let persona = own(node, persona).await?;
            if let Some(typed) = typed {
                return id(node.check_phrase(persona, &typed.0).await?);
            }
            let (persona, phrase) = node.recovery_phrase(persona).await?;
            Ok(json!({ "persona": persona, "phrase": phrase.as_str() }))
        }
        Request::Restore { phrase, anchors, personas, out, keep } => {
            let phrase = Phrase::parse(&phrase.0)?;
            let whole = |id: String| {
                let told = || Error::BadInput("give the whole id of the persona: 64 digits".to_owned());
                id.trim().parse::<PersonaId>().map_err(|_| told())
            };
            let personas = personas.into_iter().map(whole).collect::<Result<_, _>>()?;
            let others = if out { Others::OutBut(keep) } else { Others::Stay };
            value(node.restore(&phrase, Restore { anchors, personas, others }).await?)
        }
        Request::RevokeDevice { device, phrase, keep } => {
            let device = node.resolve_device(&device).await?;
            let phrase = phrase.map(|words| Phrase::parse(&words.0).map_err(Error::from)).transpose()?;
            let mut kept = Vec::new();
            for named in keep {
                kept.push(node.resolve_device(&named).await?);
            }
            let left = node.revoke_device(device, phrase.as_ref(), &kept).await?;
            Ok(json!({ "id": device, "left": left }))
        }
        Request::LinkShow { give, separate } => value(link::show(node, give, separate).await?),
        Request::LinkTake { code, give } => value(link::take(node, &code, give).await?),
        Request::LinkNext { seen } => value(link::next(node, seen).await?),
        Request::LinkDigits { digits } => value(link::type_digits(node, &digits)?),
        Request::LinkEnd => value(link::end(node).await),
        Request::Near => value(node.people_near().await?),
        Request::OpenNear { persona } => value(node.open_near(own(node, persona).await?).await?),
        Request::FollowNear { who } => value(near::follow(node, &who).await?),
        Request::CloseNear => {
            node.close_near().await;
            value(node.people_near().await?)
        }
        Request::As { .. } => Err(Error::Bug("a request was not routed")),
    }
}

async fn status(node: &Node) -> Result<Value> {
    let mut status = value(node.status().await?)?;
    if let Some(fields) = status.as_object_mut() {
        fields.insert("ticket".to_owned(), value(node.mailbox_ticket().await?)?);
        // What is shown of such a node was made up, and it connects to nobody.
        fields.insert("demo".to_owned(), json!(node.is_demo().await?));
        fields.insert("storage".to_owned(), value(node.storage().await?)?);
        // The user should hear of a device that somebody linked.
        fields.insert("new_devices".to_owned(), json!(node.new_devices().await?));
        let unread = node.unread_notifications().await?.into_iter().map(|(_, count)| count).sum::<u64>();
        fields.insert("unread".to_owned(), json!(unread));
    }
    Ok(status)
}

async fn changed(node: &Node, seen: Option<u64>) -> Result<Value> {
    let mut events = node.events();
    let turn = || node.inner().events.turn();
    if seen == Some(turn()) {
        let _nothing_happened = timeout(Duration::from_millis(CHANGED_WAIT_MS), events.next()).await;
    }
    Ok(json!({ "turn": turn() }))
}

async fn init(node: &Node, name: &str) -> Result<Value> {
    if !node.personas_here().await?.is_empty() {
        return Err(Error::ProfileExists);
    }
    let persona = node.create_persona(name).await?;
    Ok(json!({ "persona": persona, "node": node.network_id()?, "keystore": node.keystore_kind() }))
}

/// The posts that match best, newest first; with people and hashtags where `whole`.
async fn search(node: &Node, persona: Option<PersonaId>, text: String, limit: usize, whole: bool) -> Result<Value> {
    if text.trim().is_empty() {
        return Err(Error::BadInput("a search needs a word".into()));
    }
    let query = SearchQuery { persona, text, limit, newest_first: true, ..SearchQuery::default() };
    let mut posts = node.search_posts(query.clone()).await?;
    if posts.len() < limit && ask_peers(node, &query.text).await {
        posts = node.search_posts(query.clone()).await?;
    }
    if !whole {
        return value(posts);
    }
    // Peers may have told of people too.
    let (people, tags) = (node.search_people(&query.text).await?, node.search_tags(&query.text).await?);
    Ok(json!({ "people": people, "tags": tags, "posts": posts }))
}

/// Lets peers look too, and waits for what they find, within a bound. `false`: nothing came.
async fn ask_peers(node: &Node, text: &str) -> bool {
    let mut events = node.events();
    let nobody = node.peers().await.map_or(true, |peers| peers.is_empty());
    if nobody || node.search_peers(text).await.is_err() {
        return false;
    }
    let latest = tokio::time::Instant::now() + Duration::from_millis(FIND_WAIT_MS);
    let (mut until, mut came) = (latest, false);
    while let Ok(Some(event)) = tokio::time::timeout_at(until, events.next()).await {
        if matches!(event, Event::Found | Event::Reload) {
            came = true;
            until = latest.min(tokio::time::Instant::now() + Duration::from_millis(FIND_SETTLE_MS));
        }
    }
    came
}

/// One of the user's own personas, by id or by a prefix that is unique among them.
pub(super) async fn own(node: &Node, prefix: Option<String>) -> Result<Option<PersonaId>> {
    let Some(prefix) = prefix else {
        return Ok(None);
    };
    checked_prefix(&prefix)?;
    let mut found = None;
    for persona in node.personas_here().await? {
        if persona.id.to_string().starts_with(&prefix) && found.replace(persona.id).is_some() {
            return Err(Error::Ambiguous { given: prefix, what: "persona of yours" });
        }
    }
    found.map(Some).ok_or(Error::NotYours)
}

pub(super) fn checked_prefix(prefix: &str) -> Result<()> {
    if prefix.len() < ID_DIGITS || prefix.len() > 64 || !is_hex(prefix) {
        let told = format!("a persona's id has only the digits 0-9 and a-f: give {ID_DIGITS} to 64 of them");
        return Err(Error::Advised { told, next: "ids of yours: kith persona list; of others: kith follows" });
    }
    Ok(())
}

async fn entry(node: &Node, prefix: Option<String>) -> Result<Option<EntryId>> {
    match prefix {
        Some(prefix) => node.resolve_entry(&prefix).await.map(Some),
        None => Ok(None),
    }
}

async fn change_list(node: &Node, list: &str, change: ListChange) -> Result<Value> {
    if change == ListChange::Create {
        let id = node.create_list(list).await?;
        return Ok(json!({ "id": id, "name": list.trim() }));
    }
    let id = node.resolve_list(list).await?;
    match change {
        ListChange::Create | ListChange::Delete => node.delete_list(id).await?,
        ListChange::Add(persona) => node.add_to_list(id, node.resolve_persona(&persona).await?).await?,
        ListChange::Rename(name) => {
            node.rename_list(id, &name).await?;
            return Ok(json!({ "id": id, "name": name.trim() }));
        }
        ListChange::Remove(persona) => node.remove_from_list(id, node.resolve_persona(&persona).await?).await?,
    }
    Ok(json!({ "id": id, "name": list.trim() }))
}

async fn change_circle(node: &Node, by: Option<String>, circle: &str, change: CircleChange) -> Result<Value> {
    let by = own(node, by).await?;
    let named = circle.trim();
    let (id, persona) = match change {
        CircleChange::Create => (node.create_circle(by, circle).await?, None),
        CircleChange::Add(persona) => {
            let (circle, persona) = (node.resolve_circle(by, circle).await?, node.resolve_persona(&persona).await?);
            node.add_to_circle(by, circle, persona).await?;
            (circle, Some(persona))
        }
        CircleChange::Remove(persona) => {
            let (circle, persona) = (node.resolve_circle(by, circle).await?, node.resolve_persona(&persona).await?);
            node.remove_from_circle(by, circle, persona).await?;
            (circle, Some(persona))
        }
        CircleChange::Rename(name) => {
            let circle = node.resolve_circle(by, circle).await?;
            node.rename_circle(circle, &name).await?;
            return Ok(json!({ "id": circle, "name": name.trim() }));
        }
        CircleChange::Colour(colour) => {
            let circle = node.resolve_circle(by, circle).await?;
            node.colour_circle(circle, colour).await?;
            (circle, None)
        }
        CircleChange::Delete => {
            let circle = node.resolve_circle(by, circle).await?;
            node.delete_circle(circle).await?;
            (circle, None)
        }
    };
    Ok(json!({ "id": id, "name": named, "persona": persona }))
}

async fn change_group(node: &Node, by: Option<String>, group: &str, change: GroupChange) -> Result<Value> {
    let by = own(node, by).await?;
    let known = || node.resolve_group(by, group);
    let (id, persona) = match change {
        GroupChange::Create(people) => {
            let mut members = Vec::new();
            for person in people {
                members.push(node.resolve_persona(&person).await?);
            }
            let id = node.create_group(by, group).await?;
            for member in members {
                node.add_to_circle(by, id, member).await?;
            }
            (id, None)
        }
        GroupChange::Add(persona) => {
            let (id, persona) = (known().await?, node.resolve_persona(&persona).await?);
            node.add_to_circle(by, id, persona).await?;
            (id, Some(persona))
        }
        GroupChange::Remove(persona) => {
            let (id, persona) = (known().await?, node.resolve_persona(&persona).await?);
            node.remove_from_circle(by, id, persona).await?;
            (id, Some(persona))
        }
        GroupChange::Admin { persona, undo } => {
            let (id, persona) = (known().await?, node.resolve_persona(&persona).await?);
            node.set_group_admin(id, persona, !undo).await?;
            (id, Some(persona))
        }
        GroupChange::Join => {
            let id = known().await?;
            node.join_group(by, id).await?;
            (id, None)
        }
        GroupChange::Leave => {
            let id = known().await?;
            node.leave_group(by, id).await?;
            (id, None)
        }
        GroupChange::Close => {
            let id = known().await?;
            node.close_group(id).await?;
            (id, None)
        }
    };
    Ok(json!({ "id": id, "name": group.trim(), "persona": persona }))
}

async fn mute(node: &Node, what: Mute, undo: bool) -> Result<Value> {
    let now_ms = node.inner().clock.unix_ms();
    let hours = match &what {
        Mute::Person { hours, .. }
        | Mute::Reposts { hours, .. }
        | Mute::Word { hours, .. }
        | Mute::Thread { hours, .. }
        | Mute::Conversation { hours, .. } => *hours,
        Mute::Block { .. } => None,
    };
    if hours.is_some_and(|hours| !(1..=MUTE_HOURS).contains(&hours)) {
        return Err(Error::BadInput(format!("a mute lasts 1 to {MUTE_HOURS} hours, or until it is undone")));
    }
    let until = |hours: Option<u64>| hours.map(|hours| now_ms.saturating_add(hours.saturating_mul(3_600_000)));
    match what {
        Mute::Person { persona, hours } => {
            let persona = node.resolve_persona(&persona).await?;
            if undo {
                node.unmute(persona).await?
            } else {
                node.mute(persona, until(hours)).await?
            }
            Ok(json!({ "persona": persona }))
        }
        Mute::Reposts { persona, hours } => {
            let persona = node.resolve_persona(&persona).await?;
            if undo {
                node.unmute_reposts(persona).await?
            } else {
                node.mute_reposts(persona, until(hours)).await?
            }
            Ok(json!({ "persona": persona }))
        }
        Mute::Block { persona } => {
            let persona = node.resolve_persona(&persona).await?;
            if undo {
                node.unblock(persona).await?
            } else {
                node.block(persona).await?
            }
            Ok(json!({ "persona": persona }))
        }
        Mute::Word { text, everywhere, hours } => {
            if undo {
                node.unmute_word(&text).await?
            } else {
                node.mute_word(&text, everywhere, until(hours)).await?
            }
            Ok(json!({ "word": text.trim() }))
        }
        Mute::Thread { post, hours } => {
            let post = node.resolve_entry(&post).await?;
            if undo {
                node.unmute_thread(post).await?
            } else {
                node.mute_thread(post, until(hours)).await?
            }
            Ok(json!({ "thread": post }))
        }
        Mute::Conversation { thread, hours } => {
            let thread = node.resolve_thread(&thread).await?;
            if undo {
                node.unmute_conversation(thread).await?
            } else {
                node.mute_conversation(thread, until(hours)).await?
            }
            Ok(json!({ "conversation": thread }))
        }
    }
}

pub(super) async fn stage(node: &Node, attach: Vec<AttachFile>, sealed: bool) -> Result<Vec<Attach>> {
    if attach.len() > ATTACHMENTS {
        return Err(Error::BadInput(format!("there may be at most {ATTACHMENTS} attachments")));
    }
    let mut attachments = Vec::with_capacity(attach.len());
    for AttachFile { file, alt } in attach {
        let bytes = read(&file, if sealed { ATTACHED_FILE_BYTES } else { PICTURE_FILE_BYTES }).await?;
        let staged = match sealed {
            true => node.stage_sealed(bytes, file.file_name().and_then(|name| name.to_str())).await?,
            false => node.stage_picture(bytes).await?,
        };
        attachments.push(Attach { staged: staged.hash, alt });
    }
    Ok(attachments)
}

/// A file of at most so many bytes, whole. Only plain files: a pipe might never end.
async fn read(path: &Path, limit: usize) -> Result<Vec<u8>> {
    let told = |error| Error::BadInput(format!("{} can't be read: {error}", path.display()));
    if !tokio::fs::metadata(path).await.map_err(told)?.is_file() {
        return Err(Error::BadInput(format!("{} is not a file", path.display())));
    }
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let file = tokio::fs::File::open(path).await.map_err(told)?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).await.map_err(told)?;
    if bytes.len() > limit {
        return Err(Error::BadInput(format!("{} is larger than {} MiB", path.display(), limit >> 20)));
    }
    Ok(bytes)
}

/// A blob of this device, or one that a connected peer gives within the deadline of a request.
async fn get(node: &Node, hash: BlobHash) -> Result<Blob> {
    let mut events = node.events();
    let missing = match node.blob(hash).await {
        Err(error @ Error::NotFound { .. }) => error,
        other => return other,
    };
    if node.status().await?.peers == 0 {
        return Err(missing);
    }
    let stored = async {
        while let Some(event) = events.next().await {
            if matches!(event, Event::Reload) || event == Event::BlobStored(hash) {
                match node.blob(hash).await {
                    Err(Error::NotFound { .. }) => {}
                    other => return other,
                }
            }
        }
        Err(Error::Closed)
    };
    timeout(Duration::from_millis(REQUEST_DEADLINE_MS), stored).await.unwrap_or(Err(missing))
}

/// A shortened id; full ids and invites are taken as they are.
fn is_prefix(text: &str) -> bool {
    !text.is_empty() && text.len() < 64 && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(super) fn id(id: impl Serialize) -> Result<Value> {
    Ok(json!({ "id": id }))
}

pub(super) fn value(view: impl Serialize) -> Result<Value> {
    serde_json::to_value(view).map_err(|_| Error::Bug("an answer could not be written as JSON"))
}
