//! The colour by which a user tells own personas apart. Nobody else hears of it.

use rusqlite::Connection;

use crate::error::Result;
use crate::event::Event;
use crate::id::PersonaId;
use crate::item::{self, Set};
use crate::node::Node;
use crate::view::Colour;

impl Node {
    /// Gives an own persona a colour, on all own devices that have it.
    ///
    /// # Errors
    /// `NotFound` when it is not an own one.
    pub async fn colour_persona(&self, persona: PersonaId, colour: Colour) -> Result<()> {
        let persona = self.own_persona(Some(persona)).await?;
        self.write_items(move |tx| item::put(tx, Set::PersonaColour, persona.as_bytes(), colour.name()).map(drop))
            .await?;
        self.inner().events.send(Event::PersonasChanged);
        Ok(())
    }
}

/// The chosen one; where none was chosen, one that follows from the id.
pub(super) fn of(db: &Connection, persona: PersonaId) -> Result<Colour> {
    let chosen = item::value(db, Set::PersonaColour, persona.as_bytes())?;
    let by_id = || Colour::of_number(usize::from(persona.as_bytes().first().copied().unwrap_or_default()));
    Ok(chosen.and_then(|name| Colour::parse(&name)).unwrap_or_else(by_id))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::clock::ManualClock;
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::store::Store;

    #[test]
    fn a_persona_has_the_colour_that_was_chosen_last() {
        let clock = Arc::new(ManualClock::at_ms(1_800_000_000_000));
        let keys = Arc::new(MemoryKeystore::default());
        let node = Node::simulated(false, Store::in_memory().unwrap(), keys, clock, Arc::new(SystemEntropy)).unwrap();
        let alice = node.create_persona("Alice").now_or_never().unwrap().unwrap();
        let work = node.create_persona("Work").now_or_never().unwrap().unwrap();
        let colours = || -> Vec<Colour> {
            node.personas().now_or_never().unwrap().unwrap().iter().map(|persona| persona.colour).collect()
        };
        let before = colours();
        assert_eq!(before, colours());
        for colour in [Colour::Teal, Colour::Purple] {
            node.colour_persona(work, colour).now_or_never().unwrap().unwrap();
            assert_eq!(colours(), [before[0], colour]);
        }
        assert!(node.colour_persona(PersonaId::from_bytes([9; 32]), Colour::Teal).now_or_never().unwrap().is_err());
        assert_eq!(node.personas().now_or_never().unwrap().unwrap()[0].id, alice);
    }
}
