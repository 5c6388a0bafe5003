//! The own personas and the profile of the one that writes.

use dioxus::prelude::*;
use kith_node::id::PersonaId;
use kith_node::view::{PersonaView, ProfileView};

use crate::failure::Failure;
use crate::surface::Surface;

#[derive(Clone, Copy)]
pub(crate) struct Me {
    /// `None` until the store was read.
    personas: Signal<Option<Vec<PersonaView>>>,
    profile: Signal<Option<ProfileView>>,
    failed: Signal<Option<Failure>>,
}

impl Me {
    pub(crate) fn new() -> Self {
        Self { personas: Signal::new(None), profile: Signal::new(None), failed: Signal::new(None) }
    }

    /// Whether there is a persona; `None` until it is known.
    pub(crate) fn exists(self) -> Option<bool> {
        self.personas.read().as_ref().map(|personas| !personas.is_empty())
    }

    /// Who writes.
    pub(crate) fn id(self) -> Option<PersonaId> {
        let personas = self.personas.read();
        let personas = personas.as_ref()?;
        personas.iter().find(|persona| persona.default).or_else(|| personas.first()).map(|persona| persona.id)
    }

    /// All of them, oldest first. Subscribes.
    pub(crate) fn personas(self) -> Vec<PersonaView> {
        self.personas.read().clone().unwrap_or_default()
    }

    /// One of them. Subscribes.
    pub(crate) fn persona(self, id: PersonaId) -> Option<PersonaView> {
        self.personas.read().iter().flatten().find(|persona| persona.id == id).cloned()
    }

    /// Whether there are several: with one nothing tells of personas. Subscribes.
    pub(crate) fn several(self) -> bool {
        self.personas.read().as_ref().is_some_and(|personas| personas.len() > 1)
    }

    pub(crate) fn profile(self) -> Option<ProfileView> {
        self.profile.read().clone()
    }

    pub(crate) fn failed(self) -> Option<Failure> {
        self.failed.read().clone()
    }

    pub(crate) async fn load(mut self, surface: &Surface) {
        match surface.node.personas().await {
            Ok(mut personas) => {
                // Of those that are kept separate only their own screens know.
                personas.retain(|persona| surface.node.is_compartment() || !persona.separate);
                self.failed.set(None);
                if self.personas.peek().as_ref() != Some(&personas) {
                    self.personas.set(Some(personas));
                }
            }
            Err(error) => {
                self.failed.set(Some(Failure::of(&error)));
                return;
            }
        }
        let Some(id) = self.id() else { return };
        let profile = surface.node.profile(id).await.ok();
        if *self.profile.peek() != profile {
            self.profile.set(profile);
        }
    }
}
