//! Short messages at the edge of the screen. Errors stay until they are closed or replaced.

use std::future::Future;
use std::time::Duration;

use dioxus::core::{Runtime, ScopeId, consume_context, current_scope_id};
use dioxus::prelude::*;

use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::strings::t;

/// How long a message that is no error stays.
const SHOWN: Duration = Duration::from_secs(6);

#[derive(Clone, Copy)]
pub(crate) struct Notices {
    shown: Signal<Option<Notice>>,
    /// Grows with each message, so that an old message's timer does not close a new one.
    count: Signal<u64>,
    /// Outlives the screens.
    scope: ScopeId,
}

#[derive(Clone, PartialEq)]
struct Notice {
    text: String,
    error: bool,
}

impl Notices {
    pub(crate) fn new() -> Self {
        Self { shown: Signal::new(None), count: Signal::new(0), scope: current_scope_id() }
    }

    pub(crate) fn tell(self, text: String) {
        self.show(Notice { text, error: false });
        let this = *self.count.peek();
        Runtime::current().in_scope(self.scope, || {
            spawn(async move {
                tokio::time::sleep(SHOWN).await;
                if *self.count.peek() == this {
                    self.close();
                }
            })
        });
    }

    pub(crate) fn fail(self, failure: &Failure) {
        self.show(Notice { text: failure.to_string(), error: true });
    }

    fn show(mut self, notice: Notice) {
        self.count += 1;
        self.shown.set(Some(notice));
    }

    fn close(mut self) {
        self.shown.set(None);
    }
}

/// The scope of [`crate::App`], in which work lives that outlasts the screen that started it.
#[derive(Clone, Copy)]
pub(crate) struct Root(ScopeId);

impl Root {
    /// Of the component that is being drawn.
    pub(crate) fn here() -> Self {
        Self(current_scope_id())
    }
}

/// Starts work that ends with the whole tree, not with the component that started it.
pub(crate) fn spawn_in_app(work: impl Future<Output = ()> + 'static) {
    let Root(scope) = consume_context();
    Runtime::current().in_scope(scope, || spawn(work));
}

/// Starts a verb that must finish even when its button leaves the screen, and tells when it fails.
pub(crate) fn act<T: 'static>(notices: Notices, verb: impl Future<Output = kith_node::Result<T>> + 'static) {
    spawn_in_app(async move {
        if let Err(error) = verb.await {
            notices.fail(&Failure::of(&error));
        }
    });
}

/// The place where messages appear. Mounted once; always there, so that screen readers notice changes.
#[component]
pub(crate) fn NoticeArea() -> Element {
    let notices = use_context::<Notices>();
    let shown = notices.shown.read().clone();
    let error = shown.as_ref().is_some_and(|notice| notice.error);
    rsx! {
        div {
            class: "notices",
            role: if error { "alert" } else { "status" },
            aria_live: if error { "assertive" } else { "polite" },
            if let Some(notice) = shown {
                div { class: if notice.error { "notice notice-error" } else { "notice" }, "data-testid": "notice",
                    p { dir: "auto", "{notice.text}" }
                    button {
                        class: "icon-button",
                        aria_label: t("close"),
                        onclick: move |_| notices.close(),
                        Icon { shape: Shape::Close }
                    }
                }
            }
        }
    }
}
