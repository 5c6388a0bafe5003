//! Groups to which others invited: asked for where requests are, and taken or declined there. Nothing of a group is
//! loaded before.

use dioxus::prelude::*;
use kith_node::view::{CircleRole, CircleView, MemberView};

use crate::audience::{CircleSign, readers};
use crate::circles::Circles;
use crate::icon::{Icon, Shape};
use crate::members::use_members;
use crate::menu::BlockQuestion;
use crate::notice::{Notices, act};
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Names that an invitation tells; of more only how many.
const NAMED: usize = 6;

/// All that wait for an answer.
#[component]
pub(crate) fn Invitations() -> Element {
    let invited = use_context::<Circles>().invited();
    rsx! {
        for group in invited {
            Invitation { key: "{group.id}{group.persona}", group }
        }
    }
}

/// Who invites into what, who else is in it, what joining means, and the answers.
#[component]
fn Invitation(group: ReadSignal<CircleView>) -> Element {
    let surface = use_context::<Surface>();
    let (places, notices) = (use_context::<Places>(), use_context::<Notices>());
    let mut blocking = use_signal(|| false);
    let view = group.read();
    let (id, me, owner, name) = (view.id, view.persona, view.owner, view.name.clone());
    let members = use_members(me, id);
    let members = members.read();
    let members = members.as_ref().and_then(|read| read.as_ref().ok()).map_or(&[][..], Vec::as_slice);
    let by = members.iter().find(|member| member.role == CircleRole::Owner);
    let who = by.map_or_else(String::new, |by| shown_name(&by.name));
    let followed = by.is_some_and(|by| by.followed);
    let others = others(members);
    let node = surface.node.clone();
    let (joined, declined) = (name.clone(), name.clone());
    let accept = move |_| {
        let (node, joined) = (node.clone(), joined.clone());
        act(notices, async move {
            node.join_group(Some(me), id).await?;
            notices.tell(t_args("invitation-joined", &[("group", joined.into())]));
            Ok(())
        });
    };
    let node = surface.node.clone();
    let decline = move |_| {
        let (node, declined) = (node.clone(), declined.clone());
        act(notices, async move {
            node.leave_group(Some(me), id).await?;
            notices.tell(t_args("invitation-declined", &[("group", declined.into())]));
            Ok(())
        });
    };
    let label = |key: &str| t_args(key, &[("group", name.as_str().into()), ("name", who.as_str().into())]);
    rsx! {
        section { class: "card request", aria_label: label("invitation-label"), "data-testid": "invitation",
            div { class: "circle-head",
                CircleSign { colour: view.colour, kind: view.kind }
                div { class: "row-text grow",
                    h2 { bdi { dir: "auto", "{name}" } }
                    span { class: "muted",
                        {t("audience-group")}
                        " · "
                        {t_args("audience-people", &[("count", readers(&view).count().into())])}
                    }
                }
            }
            p { class: "invitation-by",
                button { class: "invitation-who", "data-testid": "invitation-who", onclick: move |_| places.go(Route::Person(owner)),
                    bdi { dir: "auto", {t_args("invitation-who", &[("name", who.as_str().into())])} }
                }
                if !followed {
                    " "
                    {t("invitation-stranger")}
                }
            }
            if let Some(others) = others {
                p { class: "muted", "data-testid": "invitation-members", "{others}" }
            }
            p { class: "muted", {t("invitation-told")} }
            div { class: "form-row",
                button {
                    class: "button button-primary",
                    aria_label: label("invitation-accept"),
                    "data-testid": "invitation-accept",
                    onclick: accept,
                    {t("request-accept")}
                }
                button {
                    class: "button button-quiet",
                    aria_label: label("invitation-decline"),
                    "data-testid": "invitation-decline",
                    onclick: decline,
                    {t("request-decline")}
                }
                button {
                    class: "button button-quiet",
                    aria_label: label("invitation-block"),
                    "data-testid": "invitation-block",
                    onclick: move |_| blocking.set(true),
                    Icon { shape: Shape::Block }
                    {t("block-yes")}
                }
            }
            BlockQuestion { person: owner, name: who.clone(), asking: blocking }
        }
    }
}

/// Who else is named in it. Names alone: pictures of strangers would be asked for.
fn others(members: &[MemberView]) -> Option<String> {
    let others: Vec<_> = members.iter().filter(|member| !member.own && member.role != CircleRole::Owner).collect();
    let name = |member: &&MemberView| match member.name.trim() {
        "" => t("messages-somebody"),
        name => name.to_owned(),
    };
    let names = others.iter().take(NAMED).map(name).collect::<Vec<_>>().join(", ");
    match others.len() {
        0 => None,
        1..=NAMED => Some(t_args("invitation-others", &[("names", names.into())])),
        all => Some(t_args("invitation-others-more", &[("names", names.into()), ("count", (all - NAMED).into())])),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use kith_node::id::PersonaId;
    use kith_node::view::Membership;

    use super::*;

    #[test]
    fn an_invitation_names_some_and_counts_the_rest() {
        let member = |number: u8, role: CircleRole, own: bool| MemberView {
            persona: PersonaId::from_bytes([number; 32]),
            name: if number == 3 { String::new() } else { format!("Name {number}") },
            picture: None,
            own,
            followed: own,
            role,
            state: Membership::In,
        };
        let mut all = vec![member(0, CircleRole::Owner, false), member(1, CircleRole::Member, true)];
        assert_eq!(others(&all), None, "who made it is named already");
        all.extend((2..8).map(|number| member(number, CircleRole::Member, false)));
        let told = others(&all).unwrap();
        assert!(told.contains("Name 2") && told.contains("somebody") && told.contains("Name 7"), "{told}");
        all.push(member(9, CircleRole::Admin, false));
        let told = others(&all).unwrap();
        assert!(!told.contains("Name 9") && told.contains('1'), "{told}");
    }
}
