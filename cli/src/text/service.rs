//! Anchors and mailboxes: those of this node, and how others use this one.

use std::fmt::{Result, Write as _};

use serde_json::Value;

use crate::words::{array, bytes, count, date, line, list, short, text};

pub(super) fn anchors(out: &mut String, value: &Value, kith: &str) -> Result {
    let all = array(value);
    if all.is_empty() {
        return writeln!(out, "You use no anchor. Add one with: {kith} anchors add TICKET");
    }
    for anchor in all {
        writeln!(out, "{}  {}  {}", short(text(anchor, "node")), reached(anchor), addrs(anchor))?;
        if !text(anchor, "web").is_empty() {
            writeln!(out, "    web page: {}", line(text(anchor, "web")))?;
        }
    }
    Ok(())
}

pub(super) fn anchor_added(out: &mut String, direct: bool, kith: &str) -> Result {
    if direct {
        return writeln!(out, "An anchor of yours from the next start of `{kith} run` on.");
    }
    writeln!(out, "An anchor of yours. Once it is reached it carries your posts, and your invites name it.")
}

pub(super) fn mailboxes(out: &mut String, value: &Value, kith: &str) -> Result {
    let all = array(value);
    if all.is_empty() {
        return writeln!(out, "You use no mailbox. Add one with: {kith} mailbox add TICKET");
    }
    for mailbox in all {
        let state = match text(mailbox, "state") {
            "keeps" => "keeps your messages",
            "closed" => "keeps none: it needs a ticket from whoever runs it",
            "wrong_token" => "keeps none: this ticket is not of this node",
            "expired" => "keeps none: the ticket is too old, ask for a new one",
            "full" => "keeps none: it has no place left",
            "refused" => "keeps none",
            _ => "has not answered yet",
        };
        writeln!(out, "{}  {}  {}", short(text(mailbox, "node")), reached(mailbox), addrs(mailbox))?;
        writeln!(out, "    {state}")?;
    }
    Ok(())
}

pub(super) fn mailbox_added(out: &mut String, direct: bool, kith: &str) -> Result {
    if direct {
        return writeln!(out, "A mailbox of yours from the next start of `{kith} run` on.");
    }
    writeln!(out, "A mailbox of yours. Whether it keeps your messages is told by `{kith} mailbox`.")
}

pub(super) fn clients(out: &mut String, value: &Value) -> Result {
    let all = array(value);
    if all.is_empty() {
        return writeln!(out, "Nobody leaves messages here. The ticket that `kith status` prints lets somebody in.");
    }
    for client in all {
        let (since, kept) = (date(count(client, "since_ms")), bytes(count(client, "bytes")));
        writeln!(out, "{}  since {since}, {kept} kept", short(text(client, "node")))?;
    }
    Ok(())
}

/// What to give others who shall use this node.
pub(super) fn offer(out: &mut String, status: &Value) -> Result {
    let ticket = line(text(status, "ticket"));
    match text(status, "role") {
        _ if ticket.is_empty() => Ok(()),
        "anchor" => writeln!(out, "Others use it as an anchor with: kith anchors add {ticket}"),
        "desktop" => writeln!(out, "To keep somebody's messages here, give them: kith mailbox add {ticket}"),
        _ => Ok(()),
    }
}

fn reached(node: &Value) -> &'static str {
    match text(node, "path") {
        "" => "not reached",
        "relayed" => "connected over a relay",
        _ => "connected",
    }
}

fn addrs(node: &Value) -> String {
    let addrs: Vec<String> = list(node, "addrs").iter().filter_map(Value::as_str).map(line).collect();
    addrs.join(", ")
}
