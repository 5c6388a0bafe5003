//! Settings: looks, the network switch, and what this device is and where its keys lie.

use dioxus::prelude::*;
use kith_node::host::KeystoreKind;
use kith_node::view::Role;
use kith_node::{HIDE_ANSWERS, READ_RECEIPTS};

use crate::apart::Apart;
use crate::bundle::BundleCard;
use crate::choice::{Choices, OneOf};
use crate::composer::{ALT_NUDGE, PREVIEWS, UndoChoice};
use crate::devices::DevicesLine;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::keyboard::Keyboard;
use crate::language::{LANGUAGES, Language, speak};
use crate::link::LinkCard;
use crate::mailbox::MailboxesCard;
use crate::notice::{Notices, act};
use crate::personas::PersonasCard;
use crate::recovery::RecoveryCard;
use crate::route::{Places, Route};
use crate::storage::{AnchorsCard, StorageCard};
use crate::strings::{number, t, t_args};
use crate::surface::Surface;
use crate::told::{AtLogin, InTray, ToldCard};

const THEME: &str = "ui.theme";
const TEXT_SIZE: &str = "ui.text_size";
const MOTION: &str = "ui.motion";
/// A language's tag, or `auto`: what the system or browser prefers.
pub const LANGUAGE: &str = "ui.language";
const AUTOMATIC: &str = "auto";
/// `on` or `off`: keys that act alone. Each device remembers its own: not each has a keyboard, or the same one.
const SINGLE_KEYS: &str = "ui.single_keys";
/// `on` or `off`: iroh's public lookup and relays.
const PUBLIC_NETWORK: &str = "net.public";

const THEMES: [(&str, &str); 4] = [
    ("system", "settings-theme-system"),
    ("light", "settings-theme-light"),
    ("dark", "settings-theme-dark"),
    ("black", "settings-theme-black"),
];
/// In hundredths of the size that the browser or system gives.
pub(crate) const SIZES: [(&str, &str); 7] = [
    ("85", "settings-size-85"),
    ("100", "settings-size-100"),
    ("115", "settings-size-115"),
    ("130", "settings-size-130"),
    ("150", "settings-size-150"),
    ("175", "settings-size-175"),
    ("200", "settings-size-200"),
];
const MOTIONS: [(&str, &str); 2] = [("system", "settings-motion-system"), ("less", "settings-motion-less")];
const SWITCH: [(&str, &str); 2] = [("on", ""), ("off", "")];

/// What the whole tree is drawn with, and listens to.
#[derive(Clone, Copy)]
pub(crate) struct Looks {
    pub(crate) theme: Signal<String>,
    pub(crate) text_size: Signal<String>,
    pub(crate) motion: Signal<String>,
    /// The tag of the language that was chosen, or `auto`.
    language: Signal<String>,
    keys: Signal<String>,
}

impl Looks {
    pub(crate) fn new() -> Self {
        Self {
            theme: Signal::new("system".to_owned()),
            text_size: Signal::new("100".to_owned()),
            motion: Signal::new("system".to_owned()),
            language: Signal::new(AUTOMATIC.to_owned()),
            keys: Signal::new("on".to_owned()),
        }
    }

    /// Whether keys that act alone do.
    pub(crate) fn single_keys(self) -> bool {
        *self.keys.read() == "on"
    }

    pub(crate) async fn load(self, surface: &Surface) {
        let all = [
            (THEME, THEMES.as_slice(), self.theme),
            (TEXT_SIZE, &SIZES, self.text_size),
            (MOTION, &MOTIONS, self.motion),
            (SINGLE_KEYS, &SWITCH, self.keys),
        ];
        for (key, known, mut target) in all {
            let read =
                if key == SINGLE_KEYS { surface.node.remembered(key).await } else { surface.node.setting(key).await };
            if let Ok(Some(value)) = read
                && known.iter().any(|(name, _)| *name == value)
                && *target.peek() != value
            {
                target.set(value);
            }
        }
        if let Ok(Some(value)) = surface.node.setting(LANGUAGE).await {
            self.speak(&value);
        }
    }

    /// What is no language of ours stands for what the system or browser prefers.
    fn speak(mut self, tag: &str) {
        let chosen = Language::of(tag);
        speak(chosen);
        let tag = chosen.map_or(AUTOMATIC, Language::tag);
        if *self.language.peek() != tag {
            self.language.set(tag.to_owned());
        }
    }
}

#[component]
pub(crate) fn SettingsScreen() -> Element {
    rsx! {
        header { class: "pane-header",
            h1 { {t("settings-title")} }
        }
        div { class: "scroll",
            div { class: "column",
                PersonasCard {}
                LanguageCard {}
                LooksCard {}
                KeysCard {}
                ReadingCard {}
                WritingCard {}
                MessagesCard {}
                ToldCard {}
                NetworkCard {}
                AnchorsCard {}
                MailboxesCard {}
                StorageCard {}
                LinkCard {}
                RecoveryCard {}
                BundleCard {}
                DeviceCard {}
            }
        }
    }
}

/// Names of languages stand in themselves: whoever can't read the rest finds their own.
#[component]
fn LanguageCard() -> Element {
    let apart = use_context::<Apart>();
    let notices = use_context::<Notices>();
    let looks = use_context::<Looks>();
    let choose = use_callback(move |tag: &'static str| {
        looks.speak(tag);
        let node = apart.home().node.clone();
        act(notices, async move { node.set_setting(LANGUAGE, tag).await });
    });
    let automatic = (AUTOMATIC, None, t("settings-language-auto"));
    let named = LANGUAGES.iter().map(|known| (known.tag, Some(known), known.name.to_owned()));
    rsx! {
        section { class: "card", aria_label: t("settings-language"), "data-testid": "settings-language",
            h2 { {t("settings-language")} }
            Choices { label: t("settings-language-label"),
                for (tag , known , name) in std::iter::once(automatic).chain(named) {
                    label { key: "{tag}", class: "choice-option",
                        input {
                            r#type: "radio",
                            name: LANGUAGE,
                            value: tag,
                            checked: *looks.language.read() == tag,
                            "data-testid": "{LANGUAGE}-{tag}",
                            onchange: move |_| choose.call(tag),
                        }
                        span { lang: known.map(|known| known.tag), dir: known.map(|known| known.direction), "{name}" }
                    }
                }
            }
            p { class: "hint", {t("settings-language-told")} }
        }
    }
}

#[component]
fn LooksCard() -> Element {
    let looks = use_context::<Looks>();
    rsx! {
        section { class: "card", aria_label: t("settings-looks"),
            h2 { {t("settings-looks")} }
            Choice { setting: THEME, label: t("settings-theme"), options: THEMES.to_vec(), chosen: looks.theme, on_choose: move |value: String| {
                let mut theme = looks.theme;
                theme.set(value);
            } }
            Choice { setting: TEXT_SIZE, label: t("settings-size"), options: SIZES.to_vec(), chosen: looks.text_size, on_choose: move |value: String| {
                let mut size = looks.text_size;
                size.set(value);
            } }
            Choice { setting: MOTION, label: t("settings-motion"), options: MOTIONS.to_vec(), chosen: looks.motion, on_choose: move |value: String| {
                let mut motion = looks.motion;
                motion.set(value);
            } }
        }
    }
}

/// Where the user's feeds are made and what they leave out.
#[component]
fn ReadingCard() -> Element {
    let places = use_context::<Places>();
    rsx! {
        section { class: "card", aria_label: t("settings-reading"),
            h2 { {t("settings-reading")} }
            div { class: "form-row",
                button { class: "button button-quiet", "data-testid": "settings-lists", onclick: move |_| places.go(Route::Lists), {t("lists-title")} }
                button { class: "button button-quiet", "data-testid": "settings-muted", onclick: move |_| places.go(Route::Muted), {t("muted-title")} }
            }
        }
    }
}

#[component]
fn KeysCard() -> Element {
    let apart = use_context::<Apart>();
    let notices = use_context::<Notices>();
    let looks = use_context::<Looks>();
    let keyboard = use_context::<Keyboard>();
    rsx! {
        section { class: "card", aria_label: t("settings-keyboard"),
            h2 { {t("settings-keyboard")} }
            label { class: "switch-row",
                input {
                    r#type: "checkbox",
                    role: "switch",
                    checked: looks.single_keys(),
                    "data-testid": "settings-single-keys",
                    onchange: move |event| {
                        let value = if event.checked() { "on" } else { "off" };
                        let mut keys = looks.keys;
                        keys.set(value.to_owned());
                        let node = apart.home().node.clone();
                        act(notices, async move { node.remember(SINGLE_KEYS, value).await });
                    },
                }
                span { {t("settings-single-keys")} }
            }
            p { class: "hint", {t("settings-single-keys-told")} }
            div { class: "form-row",
                button {
                    class: "button button-quiet",
                    "data-testid": "settings-show-keys",
                    onclick: move |_| keyboard.show_sheet(),
                    {t("settings-show-keys")}
                }
                button {
                    class: "button button-quiet",
                    "data-testid": "settings-palette",
                    onclick: move |_| keyboard.show_palette(),
                    {t("palette-title")}
                }
            }
        }
    }
}

/// One of several values of the whole window, kept under `setting`.
#[component]
fn Choice(
    setting: &'static str,
    label: String,
    options: Vec<(&'static str, &'static str)>,
    chosen: ReadSignal<String>,
    on_choose: EventHandler<String>,
) -> Element {
    let apart = use_context::<Apart>();
    let notices = use_context::<Notices>();
    rsx! {
        OneOf {
            label,
            name: setting,
            testid: setting,
            chosen: options.iter().map(|(value, _)| *value).find(|value| *chosen.read() == *value),
            options: options.into_iter().map(|(value, text)| (value, value, text)).collect::<Vec<_>>(),
            on_choose: move |value: &'static str| {
                on_choose.call(value.to_owned());
                let node = apart.home().node.clone();
                act(notices, async move { node.set_setting(setting, value).await });
            },
        }
    }
}

/// A switch that is a setting of its own: "on" or "off", and off until then.
#[component]
fn Switch(
    setting: &'static str,
    label: String,
    told: String,
    /// On until it is switched off.
    #[props(default)]
    at_first: bool,
) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let pulse = use_context::<Pulse>();
    let node = surface.node.clone();
    let mut on = use_signal(|| None::<bool>);
    use_resource(move || {
        let node = node.clone();
        let _again = (pulse.settings)();
        async move {
            if let Ok(value) = node.setting(setting).await {
                on.set(Some(value.as_deref().map_or(at_first, |value| value == "on")));
            }
        }
    });
    rsx! {
        label { class: "switch-row",
            input {
                r#type: "checkbox",
                role: "switch",
                checked: on() == Some(true),
                disabled: on().is_none(),
                "data-testid": setting,
                onchange: move |event| {
                    let value = if event.checked() { "on" } else { "off" };
                    on.set(Some(event.checked()));
                    let node = surface.node.clone();
                    act(notices, async move { node.set_setting(setting, value).await });
                },
            }
            span { "{label}" }
        }
        p { class: "hint", "{told}" }
    }
}

#[component]
fn WritingCard() -> Element {
    rsx! {
        section { class: "card", aria_label: t("settings-writing"),
            h2 { {t("settings-writing")} }
            Switch { setting: ALT_NUDGE, label: t("settings-alt-nudge"), told: t("settings-alt-nudge-told"), at_first: true }
            Switch { setting: PREVIEWS, label: t("settings-previews"), told: t("settings-previews-told") }
            UndoChoice {}
        }
    }
}

#[component]
fn MessagesCard() -> Element {
    rsx! {
        section { class: "card", aria_label: t("settings-messages"),
            h2 { {t("settings-messages")} }
            Switch { setting: READ_RECEIPTS, label: t("settings-receipts"), told: t("settings-receipts-told") }
            Switch { setting: HIDE_ANSWERS, label: t("settings-hide-answers"), told: t("settings-hide-answers-told") }
        }
    }
}

#[component]
fn NetworkCard() -> Element {
    rsx! {
        section { class: "card", aria_label: t("settings-network"),
            h2 { {t("settings-network")} }
            Switch { setting: PUBLIC_NETWORK, label: t("settings-public"), told: t("settings-public-told") }
            p { class: "hint", {t("settings-next-start")} }
        }
    }
}

#[component]
fn DeviceCard() -> Element {
    let places = use_context::<Places>();
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let keys = match (surface.keystore_note.clone(), surface.node.keystore_kind()) {
        (Some(note), _) => note,
        (None, KeystoreKind::Os) => t("settings-keys-os"),
        (None, KeystoreKind::File) => t("settings-keys-file"),
        (None, KeystoreKind::Memory) => t("settings-keys-memory"),
    };
    let node = surface.node.clone();
    let status = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.network)(), (pulse.posts)());
        async move { node.status().await.map_err(|error| Failure::of(&error)) }
    });
    let status = status.read();
    rsx! {
        section { class: "card", aria_label: t("settings-device"),
            h2 { {t("settings-device")} }
            p { "data-testid": "settings-keys", "{keys}" }
            DevicesLine { on_open: move |()| places.go(Route::Devices) }
            match status.as_ref() {
                Some(Ok(status)) => rsx! {
                    p { "data-testid": "settings-role", {t(role(status.role))} }
                    dl { class: "facts",
                        dt { {t("settings-entries")} }
                        dd { class: "number", {number(status.entries)} }
                        dt { {t("settings-connections")} }
                        dd { class: "number", {number(status.peers)} }
                        if !status.listen.is_empty() {
                            dt { {t("settings-addresses")} }
                            dd { dir: "ltr", {status.listen.join(", ")} }
                        }
                        if let Some(node) = status.node {
                            dt { {t("settings-node")} }
                            dd { dir: "ltr", code { class: "id", "{node}" } }
                        }
                    }
                },
                Some(Err(failure)) => rsx! { p { class: "failure", "{failure}" } },
                None => rsx! {},
            }
            AtLogin {}
            InTray {}
            p { class: "hint", {t_args("settings-version", &[("version", env!("CARGO_PKG_VERSION").into())])} }
        }
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Phone => "settings-role-phone",
        Role::Desktop => "settings-role-desktop",
        Role::Anchor => "settings-role-anchor",
    }
}
