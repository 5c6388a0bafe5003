//! What is chosen out of several: what is read under Feed.

use super::{App, Ask, Choice, Effects, Overlay, Pick, Section, View};

impl View {
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Home => "What you follow".to_owned(),
            Self::Later => "Posts for later".to_owned(),
        }
    }
}

impl App {
    pub(super) fn choose_view(&mut self) {
        let views = [View::Home, View::Later];
        let at = views.iter().position(|view| *view == self.view).unwrap_or_default();
        let rows = views.into_iter().map(|view| Choice { label: view.title(), pick: Pick::View(view) }).collect();
        self.overlay = Some(Overlay::Choose { title: "What to read", rows, at });
    }

    /// Takes the chosen one.
    pub(super) fn pick(&mut self, out: &mut Effects) {
        let Some(Overlay::Choose { mut rows, at, .. }) = self.overlay.take() else { return };
        if at >= rows.len() {
            return;
        }
        match rows.swap_remove(at).pick {
            Pick::View(view) => self.look_at(view, out),
        }
    }

    pub(super) fn look_at(&mut self, view: View, out: &mut Effects) {
        if view != self.view {
            self.view = view;
        }
        self.go(Section::Feed, out);
        if self.view == View::Home {
            self.ask(Ask::Feed, out);
        }
    }
}
