//! Mailboxes (DESIGN §5.3): nodes that keep the whole bucket for who sleeps. A client asks a node to be one as soon as
//! they are connected; from then on the mailbox answers with receipts for all mail that comes from it, whoever wrote
//! it, so that what is asked and answered tells nothing of single messages. Anchors that the user chose are asked too.

use std::collections::BTreeMap;

use crate::entry::{Entry, Kind, Unverified};
use crate::gate::{Asked, KeepAnswer, MailPass, Outcome, Receipt, Refusal, Shown, Told};
use crate::id::{DeviceKey, EntryId, NodeId};
use crate::limits::RECEIPTS_FRAME;
use crate::sync::engine::Engine;
use crate::sync::frame::Frame;
use crate::sync::message::{ConnId, Output};
use crate::view::Role;

/// What one connection has to do with mailboxes.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    /// The peer was asked to be a mailbox, by this token.
    asked: Option<Option<Shown>>,
    /// It is one: its service key.
    key: Option<DeviceKey>,
    /// It leaves mail here.
    pub(super) client: bool,
}

impl Keeping {
    /// Whether the peer is a mailbox of this node.
    pub(super) fn is_mailbox(&self) -> bool {
        self.key.is_some()
    }
}

impl Engine {
    /// The nodes that are asked to keep mail, and the tokens that some of them need.
    pub(super) fn set_mailboxes(&mut self, mailboxes: Vec<(NodeId, Option<MailPass>)>) {
        self.mailboxes = mailboxes.into_iter().collect::<BTreeMap<_, _>>();
        let ids: Vec<ConnId> = self.conns.keys().copied().collect();
        for id in ids {
            self.ask_to_keep(id);
        }
    }

    /// Asks a peer to be a mailbox where the user chose it, and it was not asked so yet on this connection.
    pub(super) fn ask_to_keep(&mut self, id: ConnId) {
        let own = self.own;
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| conn.hello) else { return };
        let Some(pass) = self.mailboxes.get(&conn.peer) else {
            conn.keeping.asked = None;
            conn.keeping.key = None;
            return;
        };
        let shown = pass.map(|pass| pass.shown(own, conn.peer));
        if conn.keeping.asked != Some(shown) {
            conn.keeping.asked = Some(shown);
            self.send(id, &Frame::Keep { shown });
        }
    }

    /// A peer asks this node to be a mailbox of its.
    pub(super) fn keep_asked(&mut self, id: ConnId, shown: Option<Shown>) {
        let (role, mailbox, now_ms) = (self.role, self.own, self.now.tick_ms);
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if !conn.allowance.may_notify(now_ms) {
            return self.close(id, "too many notices");
        }
        let client = conn.peer;
        match role {
            Role::Phone => {
                let answer = KeepAnswer::Refused(Refusal::Closed);
                self.send(id, &Frame::Keeps { answer });
            }
            Role::Desktop | Role::Anchor => {
                let asked = Asked::Keep { client, mailbox, shown, open: role == Role::Anchor };
                self.tell(Output::Helper { conn: id, asked });
            }
        }
    }

    /// The gate's answer to what a mailbox or its client asked.
    pub(super) fn helper_told(&mut self, id: ConnId, told: Told) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        match told {
            Told::Keep(answer) => {
                conn.keeping.client = matches!(answer, KeepAnswer::Keeps(_));
                self.send(id, &Frame::Keeps { answer });
                self.take_for(id);
                self.settle_subscriptions();
            }
            Told::Receipts(receipts) => {
                for receipts in receipts.chunks(RECEIPTS_FRAME) {
                    self.send(id, &Frame::Receipts { receipts: receipts.to_vec() });
                }
            }
            Told::Reported { number, taken } => self.send(id, &Frame::Reported { number, taken }),
            Told::Noted => {}
        }
    }

    /// A peer that was asked to be a mailbox answers.
    pub(super) fn keeps(&mut self, id: ConnId, answer: KeepAnswer) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if conn.keeping.asked.is_none() {
            return; // It was removed meanwhile.
        }
        conn.keeping.key = match answer {
            KeepAnswer::Keeps(key) => Some(key),
            KeepAnswer::Refused(_) => None,
        };
        let mailbox = conn.peer;
        self.tell(Output::Helper { conn: id, asked: Asked::Answered { mailbox, answer } });
    }

    /// A mailbox says what it holds.
    pub(super) fn receipts(&mut self, id: ConnId, receipts: Vec<Receipt>) {
        let Some(key) = self.conns.get(&id).and_then(|conn| conn.keeping.key) else { return };
        self.tell(Output::Helper { conn: id, asked: Asked::Held { key, receipts } });
    }

    /// Mail of a peer was taken in, or was here: a client gets receipts.
    pub(super) fn answer_for(&mut self, id: ConnId, mail: Vec<EntryId>, outcome: Option<&Outcome>) {
        let client = self.conns.get(&id).filter(|conn| conn.keeping.client).map(|conn| conn.peer);
        let Some((client, outcome)) = client.zip(outcome) else { return };
        let refused = |id: &EntryId| outcome.refused.iter().any(|(refused, _)| refused == id);
        let ids: Vec<EntryId> = mail.into_iter().filter(|id| !refused(id)).collect();
        if !ids.is_empty() {
            let open = self.role == Role::Anchor;
            self.tell(Output::Helper { conn: id, asked: Asked::Receipts { client, open, ids } });
        }
    }
}

/// Which of these entries may be mail.
pub(super) fn mail_of(entries: &[Unverified<Entry>]) -> Vec<EntryId> {
    let is_mail = |entry: &&Unverified<Entry>| {
        let header = &entry.0.header;
        header.kind == Kind::Sealed && header.log == 0 && header.refs.is_empty() && entry.0.body.is_some()
    };
    entries.iter().filter(is_mail).map(|entry| entry.0.id()).collect()
}
