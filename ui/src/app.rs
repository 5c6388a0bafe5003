//! The root: builds the stores, starts the one listener, and lays out navigation, list and detail.

use std::time::Duration;

use dioxus::prelude::*;

use crate::apart::{Apart, ApartBar};
use crate::arrival::{Arrival, FirstLink, Invitation, follow_links};
use crate::chat::ChatScreen;
use crate::circles::{Circles, CirclesScreen};
use crate::comments::Folds;
use crate::composer::Draft;
use crate::devices::DevicesScreen;
use crate::event::{Pulse, listen};
use crate::feed::Feed;
use crate::home::FeedScreen;
use crate::keyboard::{KeySheet, Keyboard, SCREEN, use_keys};
use crate::language::language;
use crate::layer::Layers;
use crate::link::{LinkScreen, Links};
use crate::lists::ListsScreen;
use crate::me::Me;
use crate::mention::Names;
use crate::messages::{Chats, MessagesScreen};
use crate::muted::MutedScreen;
use crate::nav::Nav;
use crate::network::Connection;
use crate::notice::{NoticeArea, Notices, Root};
use crate::notifications::{News, NotificationsScreen, PageTitle};
use crate::pages::Left;
use crate::palette::Palette;
use crate::people::PeopleScreen;
use crate::person::PersonScreen;
use crate::post::Now;
use crate::posts::Posts;
use crate::report::ReportAnswers;
use crate::restore::Restoring;
use crate::route::{Places, Route};
use crate::say::Drafts;
use crate::search::{Search, SearchScreen};
use crate::settings::{Looks, SettingsScreen};
use crate::strings::t;
use crate::surface::{Host, Place, Surface};
use crate::thread::{Answers, PostScreen};
use crate::time;
use crate::verify::VerifyScreen;
use crate::viewer::{Viewer, ViewerSheet};
use crate::welcome::Welcome;
use crate::write::WriteScreen;
use crate::written::Parts;

/// How often shown ages are worked out again.
const TICK: Duration = Duration::from_secs(30);

/// Kith's screens. Takes a [`Surface`] from the context, and a [`Host`] where the host is a window.
#[component]
pub fn App() -> Element {
    let surface = use_context::<Surface>();
    use_context_provider(Notices::new);
    use_context_provider(Looks::new);
    let apart = use_context_provider(|| Apart::new(surface));
    use_future({
        let apart = apart.clone();
        move || apart.clone().follow()
    });
    let (inside, surface) = (apart.inside(), apart.surface());
    rsx! {
        // A list of one: a new key makes everything anew, so that nothing of one is left where another is looked at.
        for (inside , surface) in [(inside.map(|id| id.to_string()).unwrap_or_default(), surface)] {
            World { key: "{inside}", surface }
        }
    }
}

/// All screens and stores over one node.
#[component]
fn World(surface: Surface) -> Element {
    let surface = use_context_provider(|| surface);
    let apart = use_context::<Apart>();
    let pulse = use_context_provider(Pulse::new);
    let posts = use_context_provider(Posts::new);
    let feed = use_context_provider(Feed::new);
    let me = use_context_provider(Me::new);
    let circles = use_context_provider(|| Circles::new(me));
    let places = use_context_provider(|| {
        let start = try_consume_context::<Place>().filter(|_| !apart.moved());
        Places::start(start.and_then(|place| Route::parse(&place.0)).unwrap_or_default())
    });
    let arrival = use_context_provider(Arrival::new);
    let looks = use_context::<Looks>();
    let keyboard = use_context_provider(Keyboard::new);
    let connection = use_context_provider(Connection::new);
    use_context_provider(Layers::new);
    use_context_provider(Search::new);
    let draft = use_context_provider(Draft::new);
    let now = use_context_provider(|| Now(Signal::new(time::now_ms())));
    use_context_provider(Root::here);
    use_context_provider(Answers::new);
    use_context_provider(Folds::new);
    use_context_provider(crate::emoji::Recent::new);
    use_context_provider(Viewer::new);
    let names = use_context_provider(Names::new);
    let notices = use_context::<Notices>();
    use_context_provider(Left::new);
    use_context_provider(Parts::new);
    use_context_provider(Drafts::new);
    use_context_provider(Links::new);
    let restoring = use_context_provider(Restoring::new);
    let chats = use_context_provider(Chats::new);
    let news = use_context_provider(|| News::new(chats));
    let keys = use_keys();

    // One reader at the start, in the order in which the screen needs it; then the events.
    use_future({
        let (surface, home) = (surface.clone(), apart.home().clone());
        move || {
            let (surface, home) = (surface.clone(), home.clone());
            async move {
                looks.load(&home).await;
                me.load(&surface).await;
                feed.restore(&surface, posts).await;
                draft.restore(&surface, names).await;
            }
        }
    });
    use_future({
        let surface = surface.clone();
        move || listen(surface.clone(), pulse, me, feed, posts)
    });
    use_future({
        let (home, notices) = (apart.home().clone(), use_context::<Notices>());
        let first = try_consume_context::<FirstLink>();
        move || follow_links(home.clone(), first.clone(), arrival, places, notices)
    });
    // Addresses and traffic move without an event.
    use_future({
        let surface = surface.clone();
        move || {
            let surface = surface.clone();
            async move {
                let mut now = now.0;
                loop {
                    connection.load(&surface).await;
                    tokio::time::sleep(TICK).await;
                    now.set(time::now_ms());
                }
            }
        }
    });
    use_effect({
        let surface = surface.clone();
        move || {
            let _again = (pulse.network)();
            let surface = surface.clone();
            spawn(async move { connection.load(&surface).await });
        }
    });
    use_effect({
        let surface = surface.clone();
        move || {
            // Names, and who is blocked.
            let _again = ((pulse.threads)(), (pulse.profiles)(), (pulse.settings)());
            let surface = surface.clone();
            spawn(async move { chats.load(&surface).await });
        }
    });
    use_effect({
        let surface = surface.clone();
        move || {
            let _again =
                ((pulse.notified)(), (pulse.threads)(), (pulse.posts)(), (pulse.follows)(), (pulse.settings)());
            let surface = surface.clone();
            spawn(async move { news.load(&surface).await });
        }
    });
    use_effect({
        let surface = surface.clone();
        move || {
            let _again = ((pulse.follows)(), (pulse.profiles)());
            let surface = surface.clone();
            spawn(async move { circles.load(&surface).await });
        }
    });
    use_effect({
        let (surface, home) = (surface.clone(), apart.home().clone());
        move || {
            // What was kept while the draft was read for the first time was told before it could be heard.
            let _again = ((pulse.settings)(), draft.restored());
            let (surface, home) = (surface.clone(), home.clone());
            spawn(async move {
                looks.load(&home).await;
                draft.heed(&surface, (feed, posts, notices, circles)).await;
                draft.refresh(&surface, names).await;
            });
        }
    });

    use_drop({
        let surface = surface.clone();
        move || draft.keep(&surface)
    });

    rsx! {
        div {
            class: "kith",
            id: SCREEN,
            // So that a click anywhere keeps the keyboard with the page.
            tabindex: "-1",
            lang: language().tag(),
            dir: language().direction(),
            "data-theme": "{looks.theme}",
            "data-size": "{looks.text_size}",
            "data-motion": "{looks.motion}",
            "data-path": places.current().path(),
            "data-testid": "kith",
            "data-depth": places.depth(),
            "data-focus": keyboard.focus_asked(),
            "data-apart": apart.inside().map(|id| id.to_string()),
            onkeydown: keys,
            input {
                r#type: "hidden",
                "data-navigate": "true",
                oninput: move |event| places.arrive(&event.value()),
            }
            PageTitle {}
            match me.exists() {
                Some(true) if !restoring.open() => rsx! {
                    ApartBar {}
                    Shell {}
                    Invitation {}
                },
                Some(_) => rsx! { Welcome {} },
                None => rsx! {
                    main { class: "welcome",
                        if let Some(failure) = me.failed() {
                            p { class: "failure", role: "alert", "{failure}" }
                        }
                    }
                },
            }
            ViewerSheet {}
            KeySheet {}
            Palette {}
            NoticeArea {}
            ReportAnswers {}
        }
    }
}

#[component]
fn Shell() -> Element {
    let places = use_context::<Places>();
    let list = places.list();
    let detail = places.detail();
    rsx! {
        div { class: "shell", "data-detail": if detail.is_some() { "true" } else { "false" },
            Nav {}
            // The feed stays mounted behind other places, so that its place in the scroll is kept.
            main { class: "panes",
                section { class: "pane pane-list", "data-shown": if list == Route::Home { "true" } else { "false" }, aria_label: t("feed-title"),
                    FeedScreen {}
                }
                if list == Route::People {
                    section { class: "pane pane-list", "data-shown": "true", aria_label: t("people-title"), PeopleScreen {} }
                }
                if list == Route::Search {
                    section { class: "pane pane-list", "data-shown": "true", aria_label: t("search-title"), SearchScreen {} }
                }
                if list == Route::Settings {
                    section { class: "pane pane-list", "data-shown": "true", aria_label: t("settings-title"), SettingsScreen {} }
                }
                if list == Route::Messages {
                    section { class: "pane pane-list", "data-shown": "true", aria_label: t("messages-title"), MessagesScreen {} }
                }
                if list == Route::Notifications {
                    section { class: "pane pane-list", "data-shown": "true", aria_label: t("notifications-title"), NotificationsScreen {} }
                }
                section { class: "pane pane-detail", aria_label: t("detail-label"),
                    match detail {
                        Some(Route::Post(id)) => rsx! { PostScreen { id, at: None } },
                        Some(Route::Comment(id, at)) => rsx! { PostScreen { id, at: Some(at) } },
                        Some(Route::Person(id)) => rsx! { PersonScreen { id } },
                        Some(Route::Verify(id)) => rsx! { VerifyScreen { id } },
                        Some(Route::Chat(id)) => rsx! { ChatScreen { id } },
                        Some(Route::Write) => rsx! { WriteScreen {} },
                        Some(Route::Circles) => rsx! { CirclesScreen {} },
                        Some(Route::Lists) => rsx! { ListsScreen {} },
                        Some(Route::Muted) => rsx! { MutedScreen {} },
                        Some(Route::Devices) => rsx! { DevicesScreen {} },
                        Some(Route::Link) => rsx! { LinkScreen {} },
                        _ if list == Route::Messages => rsx! { p { class: "nothing", {t("messages-choose")} } },
                        _ => rsx! { p { class: "nothing", {t("detail-empty")} } },
                    }
                }
            }
        }
    }
}

/// Moves the focus to what was just mounted with `data-autofocus`; on a web page its script does.
pub(crate) fn focus(_: MountedEvent) {
    if let Some(host) = try_consume_context::<Host>() {
        (host.focus)();
    }
}
