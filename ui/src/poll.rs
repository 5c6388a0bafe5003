//! A poll inside of a post: its options to choose from, then how it stands.

use dioxus::prelude::*;
use kith_node::id::EntryId;
use kith_node::view::PollView;

use crate::avatar::Avatar;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::layer::{Dialog, use_layer};
use crate::me::Me;
use crate::notice::{Notices, spawn_in_app};
use crate::post::{Now, shown_name};
use crate::route::{Places, Route};
use crate::strings::{number, t, t_args};
use crate::surface::Surface;
use crate::time;

#[component]
pub(crate) fn PollCard(id: EntryId, poll: ReadSignal<PollView>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let now = use_context::<Now>();
    let mut changing = use_signal(|| false);
    let mut sending = use_signal(|| false);
    let mut who = use_signal(|| false);
    let voted = use_memo(move || poll.read().options.iter().position(|option| option.mine));
    // What was chosen here, else what was voted for.
    let mut chosen = use_signal(|| None::<usize>);
    let ended = poll.read().ended || (now.0)() > poll.read().ends_ms;
    let picked = chosen().or(voted());
    let vote = use_callback(move |()| {
        let Some(place) = chosen.peek().or(*voted.peek()).filter(|_| !*sending.peek()) else { return };
        sending.set(true);
        let node = surface.node.clone();
        spawn_in_app(async move {
            let voted = async {
                let by = node.speakers(id).await?.first().copied();
                node.vote(by, id, place + 1).await
            };
            let answer = voted.await;
            if let Err(error) = &answer {
                notices.fail(&Failure::of(error));
            }
            if let (Ok(mut sending), Ok(mut changing)) = (sending.try_write(), changing.try_write()) {
                *sending = false;
                *changing = *changing && answer.is_err();
            }
        });
    });
    let view = poll.read();
    let shares = view.per_cents();
    let asks = !ended && (voted().is_none() || changing());
    let voters = t_args("poll-voters", &[("count", view.voters.into())]);
    let until = if ended {
        t("poll-ended")
    } else {
        t_args("poll-left", &[("time", time::left((now.0)(), view.ends_ms).into())])
    };
    rsx! {
        fieldset { class: "poll", "data-testid": "poll", "data-asks": asks,
            legend { class: "visually-hidden", {t("poll-legend")} }
            if asks {
                for (place , option) in view.options.iter().enumerate() {
                    label { key: "{place}", class: "choice-option",
                        input {
                            r#type: "radio",
                            name: "poll-{id}",
                            value: "{place}",
                            checked: picked == Some(place),
                            "data-testid": "poll-choice",
                            onchange: move |_| chosen.set(Some(place)),
                        }
                        bdi { dir: "auto", "{option.text}" }
                    }
                }
                p { class: "hint", {t("poll-open")} }
                div { class: "form-row",
                    button {
                        class: "button button-primary",
                        "data-testid": "poll-vote",
                        disabled: picked.is_none() || sending(),
                        onclick: move |_| vote.call(()),
                        {t("poll-vote")}
                    }
                    if changing() {
                        button {
                            class: "button button-quiet",
                            onclick: move |_| {
                                chosen.set(None);
                                changing.set(false);
                            },
                            {t("cancel")}
                        }
                    }
                }
            } else {
                ul { class: "poll-results",
                    for (place , (option , share)) in view.options.iter().zip(shares).enumerate() {
                        li { key: "{place}", "data-testid": "poll-result", "data-mine": option.mine,
                            div { class: "poll-line",
                                bdi { class: "grow", dir: "auto", "{option.text}" }
                                if option.mine {
                                    span { class: "poll-mine",
                                        Icon { shape: Shape::Check }
                                        span { {t("poll-mine")} }
                                    }
                                }
                                span { class: "poll-count",
                                    {t_args("poll-count", &[
                                        ("count", option.votes.into()),
                                        ("percent", number(share).into()),
                                    ])}
                                }
                            }
                            progress {
                                max: "100",
                                value: "{share}",
                                aria_label: "{option.text}",
                            }
                        }
                    }
                }
            }
            p { class: "hint poll-foot",
                if view.voters > 0 {
                    button {
                        class: "poll-change",
                        title: t("poll-who"),
                        aria_haspopup: "dialog",
                        "data-testid": "poll-voters",
                        onclick: move |_| who.set(true),
                        "{voters}"
                    }
                } else {
                    span { "data-testid": "poll-voters", "{voters}" }
                }
                " · "
                span { "data-testid": "poll-until", title: time::absolute(view.ends_ms), "{until}" }
                if voted().is_some() && !asks && !ended {
                    " · "
                    button {
                        class: "poll-change",
                        "data-testid": "poll-change",
                        onclick: move |_| changing.set(true),
                        {t("poll-change")}
                    }
                }
            }
            if who() {
                Voters { id, poll, open: who }
            }
        }
    }
}

/// Who voted for what, read anew as votes come.
#[component]
fn Voters(id: EntryId, poll: ReadSignal<PollView>, open: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let (me, places) = (use_context::<Me>(), use_context::<Places>());
    use_layer(open);
    let voters = use_resource(move || {
        let node = surface.node.clone();
        let (me, _again) = (me.id(), poll.read().clone());
        async move { node.voters(me, id).await.map_err(|error| Failure::of(&error)) }
    });
    let voters = voters.read();
    rsx! {
        Dialog { open, name: "poll-who", title: t("poll-who"),
            div { class: "poll-who",
                match voters.as_ref() {
                    None => rsx! { p { class: "quiet-line", role: "status", {t("loading")} } },
                    Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                    Some(Ok(voters)) => rsx! {
                        for (place , (option , people)) in poll.read().options.iter().zip(voters).enumerate() {
                            section { key: "{place}", "data-testid": "poll-who-option",
                                h3 { dir: "auto", "{option.text}" }
                                if people.is_empty() {
                                    p { class: "hint", {t("poll-who-none")} }
                                } else {
                                    ul { class: "rows",
                                        for person in people.iter().cloned() {
                                            li { key: "{person.persona}", class: "row", "data-testid": "poll-voter",
                                                button {
                                                    class: "byline-person grow",
                                                    onclick: move |_| {
                                                        open.set(false);
                                                        places.go(Route::Person(person.persona));
                                                    },
                                                    Avatar { person: person.persona, name: shown_name(&person.name), picture: person.picture }
                                                    bdi { class: "name", dir: "auto", {shown_name(&person.name)} }
                                                }
                                            }
                                        }
                                    }
                                }
                                if option.votes > people.len() as u64 {
                                    p { class: "hint", {t_args("poll-who-more", &[("count", (option.votes - people.len() as u64).into())])} }
                                }
                            }
                        }
                    },
                }
            }
        }
    }
}

/// The options of one that is not posted yet.
#[component]
pub(crate) fn PollLines(options: Vec<String>) -> Element {
    rsx! {
        ul { class: "poll-lines",
            for (place , option) in options.iter().filter(|option| !option.trim().is_empty()).enumerate() {
                li { key: "{place}",
                    bdi { dir: "auto", "{option}" }
                }
            }
        }
    }
}
