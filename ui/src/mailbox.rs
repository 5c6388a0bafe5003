//! The mailboxes that keep messages while this device sleeps: a card of the settings.

use dioxus::prelude::*;
use kith_node::limits::INVITE_CHARS;
use kith_node::view::{MailboxState, MailboxView, Role};

use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::line::{AddLine, adding};
use crate::network::{short, size};
use crate::notice::{Notices, act};
use crate::storage::reached;
use crate::strings::{t, t_args};
use crate::surface::{Host, Surface};

#[component]
pub(crate) fn MailboxesCard() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let node = surface.node.clone();
    let mut mailboxes = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.settings)(), (pulse.network)());
        async move { node.mailboxes().await.map_err(|error| Failure::of(&error)) }
    });
    let add = move |ticket: String| {
        let node = surface.node.clone();
        adding(async move {
            let added = node.add_mailbox(&ticket).await;
            mailboxes.restart();
            added
        })
    };
    let shown = mailboxes.read();
    rsx! {
        section { class: "card", aria_label: t("mailboxes-title"), "data-testid": "mailboxes",
            h2 { {t("mailboxes-title")} }
            p { class: "muted", {t("mailboxes-told")} }
            match shown.as_ref() {
                None => rsx! {},
                Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                Some(Ok(list)) if list.is_empty() => rsx! { p { class: "quiet-line", {t("mailboxes-empty")} } },
                Some(Ok(list)) => rsx! {
                    ul { class: "rows",
                        for mailbox in list {
                            Mailbox {
                                key: "{mailbox.node}",
                                mailbox: mailbox.clone(),
                                on_changed: move |()| mailboxes.restart(),
                            }
                        }
                    }
                },
            }
            AddLine {
                label: t("mailboxes-ticket"),
                yes: t("anchors-add"),
                testid: "mailbox-ticket",
                go: "mailbox-add",
                limit: INVITE_CHARS,
                code: true,
                on_add: add,
            }
            Lent {}
        }
    }
}

/// The other way round: whom this device keeps messages for, and the ticket that lets somebody in.
#[component]
fn Lent() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let notices = use_context::<Notices>();
    let host = try_use_context::<Host>();
    let node = surface.node.clone();
    let mut lent = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.settings)(), (pulse.network)());
        async move { (node.mailbox_ticket().await.ok().flatten(), node.mailbox_clients().await.unwrap_or_default()) }
    });
    // A phone sleeps itself.
    if surface.node.role() == Role::Phone {
        return rsx! {};
    }
    let lent_now = lent.read();
    let Some((ticket, clients)) = lent_now.as_ref() else { return rsx! {} };
    rsx! {
        h3 { class: "sheet-title", {t("mailboxes-lent")} }
        p { class: "muted", {t("mailboxes-lent-told")} }
        if let Some(ticket) = ticket.clone() {
            button {
                class: "button",
                "data-copy": "{ticket}",
                "data-testid": "mailbox-lend",
                onclick: move |_| {
                    if let Some(host) = host {
                        (host.copy)(&ticket);
                    }
                    notices.tell(t("mailboxes-copied"));
                },
                Icon { shape: Shape::Copy }
                {t("mailboxes-copy")}
            }
        }
        if !clients.is_empty() {
            ul { class: "rows",
                for client in clients.clone() {
                    li { key: "{client.node}", class: "row",
                        span { class: "row-text grow", "data-testid": "mailbox-client",
                            code { class: "id", {short(client.node)} }
                            span { class: "muted", {t_args("mailboxes-kept", &[("size", size(client.bytes).into())])} }
                        }
                        button {
                            class: "icon-button",
                            aria_label: t_args("mailboxes-dismiss", &[("node", short(client.node).into())]),
                            "data-testid": "mailbox-dismiss",
                            onclick: {
                                let node = surface.node.clone();
                                move |_| {
                                    let node = node.clone();
                                    act(notices, async move {
                                        let done = node.dismiss_client(&client.node.to_string()).await;
                                        lent.restart();
                                        done
                                    });
                                }
                            },
                            Icon { shape: Shape::Close }
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn Mailbox(mailbox: MailboxView, on_changed: EventHandler<()>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let node = mailbox.node;
    let short = short(node);
    rsx! {
        li { class: "row",
            span { class: "row-text grow",
                code { class: "id", "{short}" }
                span { class: "muted", {reached(mailbox.connected, mailbox.path)} }
                span { class: "muted row-line", "data-testid": "mailbox-state", {t(words(mailbox.state))} }
            }
            button {
                class: "icon-button",
                aria_label: t_args("mailboxes-remove", &[("node", short.as_str().into())]),
                "data-testid": "mailbox-remove",
                onclick: move |_| {
                    let handle = surface.node.clone();
                    act(notices, async move {
                        let removed = handle.remove_mailbox(&node.to_string()).await;
                        on_changed.call(());
                        removed
                    });
                },
                Icon { shape: Shape::Close }
            }
        }
    }
}

fn words(state: MailboxState) -> &'static str {
    match state {
        MailboxState::Unknown => "mailboxes-unknown",
        MailboxState::Keeps => "mailboxes-keeps",
        MailboxState::Closed => "mailboxes-closed",
        MailboxState::WrongToken => "mailboxes-wrong",
        MailboxState::Expired => "mailboxes-expired",
        MailboxState::Full => "mailboxes-full",
        MailboxState::Refused => "mailboxes-refused",
    }
}
