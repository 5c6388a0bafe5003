//! Being oneself again, at the first screen: the 24 words and the ticket of somebody who has the backup. Then what came
//! back, and what did not.

use dioxus::core::Task;
use dioxus::prelude::*;
use kith_node::crypto::Phrase;
use kith_node::limits::PHRASE_CHARS;
use kith_node::view::{Missing, RestoredView};
use kith_node::{Node, Restore};

use crate::failure::Failure;
use crate::keyboard::typing;
use crate::me::Me;
use crate::network::Connection;
use crate::post::shown_name;
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Somebody restores at the first screen. It stays until they leave it: the personas are back before what is told of them
/// was read.
#[derive(Clone, Copy)]
pub(crate) struct Restoring(Signal<bool>);

impl Restoring {
    pub(crate) fn new() -> Self {
        Self(Signal::new(false))
    }

    /// Subscribes.
    pub(crate) fn open(self) -> bool {
        (self.0)()
    }

    pub(crate) fn set(mut self, open: bool) {
        self.0.set(open);
    }
}

#[component]
pub(crate) fn Restorer() -> Element {
    let surface = use_context::<Surface>();
    let (me, restoring) = (use_context::<Me>(), use_context::<Restoring>());
    let mut words = use_signal(String::new);
    let tickets = use_signal(String::new);
    let mut failed = use_signal(|| None::<Failure>);
    let mut came = use_signal(|| None::<RestoredView>);
    // It ends with this screen, and when it is stopped.
    let mut looks = use_signal(|| None::<Task>);
    if let Some(view) = came() {
        return rsx! { Came { view, on_go: move |()| restoring.set(false) } };
    }
    let go = move |_| {
        if looks.peek().is_some() {
            return;
        }
        failed.set(None);
        let (surface, typed, named) = (surface.clone(), words.peek().clone(), tickets.peek().clone());
        looks.set(Some(spawn(async move {
            let done = restore(&surface.node, &typed, &named).await;
            me.load(&surface).await;
            match done {
                Ok(view) => {
                    words.set(String::new());
                    came.set(Some(view));
                }
                Err(error) => failed.set(Some(Failure::of(&error))),
            }
            looks.set(None);
        })));
    };
    let busy = looks.read().is_some();
    let long = words.read().chars().count() > PHRASE_CHARS;
    let ready = !busy && !long && !words.read().trim().is_empty() && !tickets.read().trim().is_empty();
    let fields = [
        ("restore-words", "restore-words-told", "3", words),
        ("restore-tickets", "restore-tickets-told", "2", tickets),
    ];
    rsx! {
        h1 { {t("restore-title")} }
        p { class: "welcome-lead", {t("restore-told")} }
        for (name , told , rows , mut text) in fields {
            label { key: "{name}", class: "form-field",
                span { {t(name)} }
                textarea {
                    class: "field",
                    rows,
                    dir: "ltr",
                    autocomplete: "off",
                    autocapitalize: "none",
                    spellcheck: "false",
                    disabled: busy,
                    "data-testid": name,
                    onkeydown: move |event| typing(&event),
                    oninput: move |event| {
                        text.set(event.value());
                        failed.set(None);
                    },
                }
                small { class: "hint", {t(told)} }
            }
        }
        if let Some(failure) = failed.read().as_ref() {
            p { class: "failure", role: "alert", "data-testid": "restore-failed", "{failure}" }
        }
        if busy {
            Looks {}
        }
        button {
            class: "button button-primary button-large",
            disabled: !ready,
            "data-testid": "restore-go",
            onclick: go,
            if busy { {t("welcome-busy")} } else { {t("restore-go")} }
        }
        if busy {
            button {
                class: "button button-quiet",
                "data-testid": "restore-stop",
                onclick: move |_| {
                    if let Some(task) = looks.take() {
                        task.cancel();
                    }
                },
                {t("restore-stop")}
            }
        } else {
            button { class: "button button-quiet", "data-testid": "restore-leave", onclick: move |_| restoring.set(false), {t("welcome-link-back")} }
        }
    }
}

/// While it looks: whether anybody is reached.
#[component]
fn Looks() -> Element {
    let connection = use_context::<Connection>();
    rsx! {
        div { role: "status", "data-testid": "restore-looks",
            p { {t("restore-looks")} }
            p { class: "muted", {connection.told().unwrap_or_else(|| t("restore-reaches"))} }
        }
    }
}

#[component]
fn Came(view: RestoredView, on_go: EventHandler<()>) -> Element {
    let names: Vec<String> = view.personas.iter().map(|persona| shown_name(&persona.name)).collect();
    let counts = [
        ("restore-follows", view.follows),
        ("restore-circles", view.circles),
        ("restore-lists", view.lists),
        ("restore-entries", view.entries),
    ];
    rsx! {
        h1 { role: "status", dir: "auto", "data-testid": "restore-came", {t_args("restore-back", &[("names", names.join(", ").into())])} }
        div { class: "form-field",
            span { {t("restore-counts")} }
            for (name , count) in counts {
                p { key: "{name}", "data-testid": name, {t_args(name, &[("count", count.into())])} }
            }
        }
        if view.devices_stay > 0 {
            p { class: "form-field", "data-testid": "restore-stay", {t_args("restore-stay", &[("count", view.devices_stay.into())])} }
        }
        if view.devices_out > 0 || view.devices_stay == 0 {
            p { class: "form-field", "data-testid": "restore-out", {t_args("restore-out", &[("count", view.devices_out.into())])} }
        }
        if !view.missing.is_empty() {
            div { class: "form-field", "data-testid": "restore-missing",
                span { {t("restore-missing")} }
                for missing in view.missing {
                    p { key: "{missing:?}", class: "muted", {t(lacks(missing))} }
                }
            }
        }
        button { class: "button button-primary button-large", "data-testid": "restore-home", onclick: move |_| on_go.call(()), {t("restore-home")} }
    }
}

fn lacks(missing: Missing) -> &'static str {
    match missing {
        Missing::Backup => "restore-no-backup",
        Missing::NewerBackup => "restore-older",
        Missing::Posts => "restore-no-posts",
        Missing::Messages => "restore-no-messages",
    }
}

/// `named`: tickets, one a line. Words that are none are said before anybody is asked.
async fn restore(node: &Node, words: &str, named: &str) -> kith_node::Result<RestoredView> {
    let phrase = Phrase::parse(words)?;
    let anchors = named.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    node.restore(&phrase, Restore { anchors, ..Restore::default() }).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use kith_node::id::PersonaId;
    use kith_node::view::RestoredPersona;

    use super::*;

    fn drawn(view: RestoredView) -> String {
        let mut dom =
            VirtualDom::new_with_props(|view: RestoredView| rsx! { Came { view, on_go: move |()| {} } }, view);
        dom.rebuild_in_place();
        // What stands around a value, so that it keeps its direction.
        dioxus_ssr::render(&dom).replace(['\u{2068}', '\u{2069}'], "")
    }

    #[test]
    fn what_came_back_and_what_is_missing_is_told() {
        let named = |name: &str| RestoredPersona {
            id: PersonaId::from_bytes([7; 32]),
            name: name.to_owned(),
            follows: 0,
            circles: 0,
        };
        let whole = RestoredView {
            personas: vec![named("Alice"), named("Work")],
            entries: 12,
            follows: 1,
            circles: 2,
            lists: 3,
            backup_ms: Some(1),
            devices_out: 2,
            devices_stay: 0,
            missing: vec![Missing::Messages],
        };
        let html = drawn(whole.clone());
        for part in
            ["You are Alice, Work again", "1 person", "2 circles", "3 lists", "12 entries", "2 devices are yours no"]
        {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(html.contains("Private messages do not come back") && !html.contains("No backup was found"), "{html}");
        let html = drawn(RestoredView {
            devices_out: 0,
            missing: vec![Missing::Backup, Missing::NewerBackup, Missing::Posts],
            ..whole.clone()
        });
        for part in ["No other device was yours", "No backup was found", "only a part was found", "None of your posts"]
        {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("Private messages"), "{html}");
        let html = drawn(RestoredView { devices_out: 0, devices_stay: 1, missing: Vec::new(), ..whole });
        assert!(html.contains("One device of before can still write") && !html.contains("No other device"), "{html}");
    }
}
