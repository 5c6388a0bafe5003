//! Personas that are kept separate: each is looked at alone, through its own node, with screens of its own. Of the others
//! nothing is seen meanwhile but their names in the switch. What lives here outlives those screens.

use std::future::Future;

use dioxus::core::{Runtime, ScopeId, current_scope_id};
use dioxus::prelude::*;
use kith_node::Node;
use kith_node::event::Event;
use kith_node::id::PersonaId;
use kith_node::view::PersonaView;

use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::notice::Notices;
use crate::post::shown_name;
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// The profile, and which of its personas is looked at alone.
#[derive(Clone)]
pub(crate) struct Apart {
    home: Surface,
    /// All own personas, those of the profile first.
    personas: Signal<Vec<PersonaView>>,
    /// `None`: those that are not kept separate.
    inside: Signal<Option<PersonaId>>,
    /// Whether the user went from one to another.
    moved: Signal<bool>,
    scope: ScopeId,
}

impl Apart {
    /// In the component that outlives the screens.
    pub(crate) fn new(home: Surface) -> Self {
        let (personas, inside, moved) = (Signal::new(Vec::new()), Signal::new(None), Signal::new(false));
        Self { home, personas, inside, moved, scope: current_scope_id() }
    }

    /// Reads who there is, again with each change, until the node is gone.
    pub(crate) async fn follow(mut self) {
        let mut events = self.home.node.events();
        loop {
            self.load().await;
            loop {
                match events.next().await {
                    None => return,
                    Some(
                        Event::PersonasChanged | Event::ProfileChanged(_) | Event::SettingsChanged | Event::Reload,
                    ) => {
                        break;
                    }
                    Some(_) => {}
                }
            }
        }
    }

    async fn load(&mut self) {
        let Ok(personas) = self.home.node.personas().await else { return };
        // Who was hidden or deleted is left.
        let inside = *self.inside.peek();
        if inside.is_some_and(|id| self.home.node.compartment(id).is_none()) {
            self.leave();
        }
        if *self.personas.peek() != personas {
            self.personas.set(personas);
        }
    }

    /// Of the profile, whatever is looked at.
    pub(crate) fn home(&self) -> &Surface {
        &self.home
    }

    /// The node that holds an own persona.
    pub(crate) fn node_of(&self, persona: PersonaId) -> Node {
        self.home.node.compartment(persona).unwrap_or_else(|| self.home.node.clone())
    }

    /// Through which everything is seen. Subscribes.
    pub(crate) fn surface(&self) -> Surface {
        let inside = *self.inside.read();
        match inside.and_then(|id| Some((id, self.home.node.compartment(id)?))) {
            Some((id, node)) => {
                Surface { node, media_base: format!("{}/{id}", self.home.media_base), ..self.home.clone() }
            }
            None => self.home.clone(),
        }
    }

    /// Who is looked at alone. Subscribes.
    pub(crate) fn inside(&self) -> Option<PersonaId> {
        *self.inside.read()
    }

    /// Whether the screens begin anew, and not where the host said.
    pub(crate) fn moved(&self) -> bool {
        *self.moved.peek()
    }

    /// All own personas. Subscribes.
    pub(crate) fn personas(&self) -> Vec<PersonaView> {
        self.personas.read().clone()
    }

    /// Those that are kept separate and not hidden. Subscribes.
    pub(crate) fn separate(&self) -> Vec<PersonaView> {
        self.personas.read().iter().filter(|persona| persona.separate).cloned().collect()
    }

    /// Everything shows this one from now on, and nothing else.
    pub(crate) fn enter(&self, persona: PersonaId) {
        let (mut inside, mut moved) = (self.inside, self.moved);
        moved.set(true);
        inside.set(Some(persona));
        let node = self.home.node.clone();
        Runtime::current().in_scope(self.scope, || {
            spawn(async move {
                if let Err(error) = node.wake(persona).await {
                    tracing::warn!(%error, "the network of a separate persona does not start");
                }
            })
        });
    }

    pub(crate) fn leave(&self) {
        let (mut inside, mut moved) = (self.inside, self.moved);
        if inside.peek().is_some() {
            moved.set(true);
            inside.set(None);
        }
    }

    /// This one writes from now on; where it is kept separate, it alone is looked at.
    pub(crate) fn be(&self, notices: Notices, persona: &PersonaView) {
        let id = persona.id;
        if persona.separate {
            return self.enter(id);
        }
        let node = self.home.node.clone();
        self.act(notices, async move { node.set_default_persona(id).await }, None);
        self.leave();
    }

    /// Starts a verb that goes on when the screens are others, and tells how it ended.
    pub(crate) fn act<T: 'static>(
        &self,
        notices: Notices,
        verb: impl Future<Output = kith_node::Result<T>> + 'static,
        done: Option<String>,
    ) {
        Runtime::current().in_scope(self.scope, || {
            spawn(async move {
                match (verb.await, done) {
                    (Ok(_), Some(done)) => notices.tell(done),
                    (Ok(_), None) => {}
                    (Err(error), _) => notices.fail(&Failure::of(&error)),
                }
            })
        });
    }
}

/// Above everything, as long as one is looked at alone: who that is, and the way back.
#[component]
pub(crate) fn ApartBar() -> Element {
    let apart = use_context::<Apart>();
    let Some(id) = apart.inside() else { return rsx! {} };
    let shown = apart.personas().into_iter().find(|persona| persona.id == id);
    let name = shown.as_ref().map(|persona| shown_name(&persona.name)).unwrap_or_default();
    rsx! {
        header {
            class: "apart-bar",
            "data-colour": shown.map(|persona| persona.colour.name()),
            aria_label: t("apart-title"),
            "data-testid": "apart-bar",
            Icon { shape: Shape::Lock }
            span { class: "grow", bdi { dir: "auto", {t_args("apart-inside", &[("name", name.into())])} } }
            button { class: "button button-quiet", "data-testid": "apart-leave", onclick: move |_| apart.leave(), {t("apart-leave")} }
        }
    }
}
