//! Notes about people: what the user wants to remember of somebody. A note belongs to the own persona that wrote it: own
//! devices with that persona have it, and nobody else ever hears of it.

use rusqlite::Connection;

use crate::author;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::PersonaId;
use crate::item::{self, Set};
use crate::limits::NOTE_CHARS;
use crate::node::Node;
use crate::profile::checked_text;
use crate::view::NoteView;

impl Node {
    /// What an own persona (the default one when `None`) noted about somebody.
    ///
    /// # Errors
    /// `NotFound` for a persona that is not an own one here.
    pub async fn note(&self, own: Option<PersonaId>, other: PersonaId) -> Result<NoteView> {
        let own = self.own_persona(own).await?;
        self.inner().store.read(move |db| view(db, own, other)).await
    }

    /// What the own personas of this node noted about somebody: first the default one, whether or not it noted anything,
    /// then others that did.
    pub async fn notes_about(&self, other: PersonaId) -> Result<Vec<NoteView>> {
        let default = self.own_persona(None).await?;
        self.inner()
            .store
            .read(move |db| {
                let mut notes = vec![view(db, default, other)?];
                for own in author::own(db)?.into_iter().filter(|own| own.id != default) {
                    notes.extend(Some(view(db, own.id, other)?).filter(|view| view.note.is_some()));
                }
                Ok(notes)
            })
            .await
    }

    /// Notes this about somebody, instead of what was noted before; an empty text takes the note away. The user's other
    /// devices with this persona hear of it, and the last change stands.
    ///
    /// # Errors
    /// As [`Self::note`]; `BadInput` for a text longer than [`NOTE_CHARS`] and about the persona itself; `DeviceRevoked`.
    pub async fn set_note(&self, own: Option<PersonaId>, other: PersonaId, text: &str) -> Result<NoteView> {
        let own = self.writing_persona(own).await?;
        if own == other {
            return Err(Error::BadInput("a note is about somebody else".to_owned()));
        }
        let text = checked_text(text, NOTE_CHARS, "the note")?;
        let noted = self
            .write_items(move |tx| {
                match text.as_str() {
                    "" => item::take(tx, Set::Note, &key(own, other))?,
                    text => item::put(tx, Set::Note, &key(own, other), text)?,
                };
                view(tx, own, other)
            })
            .await?;
        self.inner().events.send(Event::SettingsChanged);
        Ok(noted)
    }
}

fn view(db: &Connection, own: PersonaId, other: PersonaId) -> Result<NoteView> {
    let by_name = db.prepare_cached("SELECT name FROM author WHERE id = ?1")?.query_row([own], |row| row.get(0))?;
    Ok(NoteView { persona: other, by: own, by_name, note: item::value(db, Set::Note, &key(own, other))? })
}

fn key(own: PersonaId, other: PersonaId) -> Vec<u8> {
    [*own.as_bytes(), *other.as_bytes()].concat()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ed25519_dalek::SigningKey;
    use futures_util::FutureExt;

    use super::*;
    use crate::host::SystemEntropy;
    use crate::id::DeviceKey;
    use crate::record;
    use crate::store::Durability;

    fn now<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
        work.now_or_never().unwrap()
    }

    const BOB: PersonaId = PersonaId::from_bytes([5; 32]);

    #[test]
    fn a_note_is_of_the_persona_that_wrote_it_and_an_empty_one_is_none() {
        let node = Node::alone().unwrap();
        let alice = now(node.create_persona("Alice")).unwrap();
        let work = now(node.create_persona("Work")).unwrap();
        assert_eq!(now(node.note(None, BOB)).unwrap().note, None);
        let noted = now(node.set_note(None, BOB, " Met at the harbour.\nLikes\u{7} herons. ")).unwrap();
        assert_eq!((noted.by, noted.note.as_deref()), (alice, Some("Met at the harbour.\nLikes herons.")));
        assert_eq!(now(node.note(Some(work), BOB)).unwrap().note, None, "another persona noted nothing");
        now(node.set_note(Some(work), BOB, "The one of the accounts")).unwrap();
        let all: Vec<_> =
            now(node.notes_about(BOB)).unwrap().into_iter().map(|view| (view.by_name, view.note)).collect();
        let of = |name: &str, note: &str| (name.to_owned(), Some(note.to_owned()));
        assert_eq!(all, [of("Alice", "Met at the harbour.\nLikes herons."), of("Work", "The one of the accounts")]);
        now(node.set_note(Some(work), BOB, " \n ")).unwrap();
        assert_eq!(now(node.notes_about(BOB)).unwrap().len(), 1);
        // Limits, and whom it can't be about.
        now(node.set_note(None, BOB, &"ö".repeat(NOTE_CHARS))).unwrap();
        for (other, text) in [(BOB, "x".repeat(NOTE_CHARS + 1)), (alice, "me".to_owned())] {
            assert!(matches!(now(node.set_note(Some(alice), other, &text)), Err(Error::BadInput(_))));
        }
        assert!(matches!(now(node.set_note(Some(BOB), alice, "x")), Err(Error::NotFound { .. })), "not an own one");
        // It goes with the persona.
        now(node.set_note(Some(work), BOB, "gone with it")).unwrap();
        now(node.delete_persona(work, crate::Content::Keep)).unwrap();
        let left = now(node.inner().store.read(|db| item::all(db, Set::Note))).unwrap();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn a_note_goes_to_own_devices_of_its_persona_and_to_nobody_else() {
        const TEXT: &str = "a note about nobody else's business";
        let node = Node::alone().unwrap();
        let alice = now(node.create_persona("Alice")).unwrap();
        let work = now(node.create_persona("Work")).unwrap();
        now(node.follow(Some(alice), &BOB.to_string())).unwrap();
        // Each persona has another device.
        let devices = [(alice, 1), (work, 2)].map(|(own, seed)| {
            let key = DeviceKey::from(&SigningKey::from_bytes(&[seed; 32]).verifying_key());
            let add = node.inner().store.write(Durability::Normal, move |tx| {
                tx.execute(
                    "INSERT INTO own_device (author_row, device) SELECT row, ?2 FROM author WHERE id = ?1",
                    rusqlite::params![own, key],
                )?;
                Ok(key)
            });
            now(add).unwrap()
        });
        // What stands in tables that leave this device, or are shown to others.
        let tell = |now_ms| {
            now(node.inner().store.write(Durability::Normal, move |tx| record::tell_due(tx, &SystemEntropy, now_ms)))
        };
        let settle = || (0..2).for_each(|turn| tell(1_800_000_000_000 + turn * 1_000_000_000).unwrap());
        let entries = || {
            now(node
                .inner()
                .store
                .read(|db| Ok(db.query_row("SELECT count(*) FROM entry", [], |row| row.get::<_, i64>(0))?)))
            .unwrap()
        };
        settle();
        let before = entries();
        now(node.set_note(Some(alice), BOB, TEXT)).unwrap();
        settle();
        assert_eq!(entries(), before, "nothing was signed");
        let holds = |bytes: &[u8]| bytes.windows(TEXT.len()).any(|window| window == TEXT.as_bytes());
        let queued: Vec<(PersonaId, PersonaId, Option<DeviceKey>, Vec<u8>)> = now(node.inner().store.read(|db| {
            let mut statement = db.prepare(
                "SELECT own.id, peer.id, device, body FROM outbox
                 JOIN author AS own ON own.row = author_row JOIN author AS peer ON peer.row = peer_row",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        }))
        .unwrap();
        let with: Vec<_> = queued
            .iter()
            .filter(|(.., body)| holds(body))
            .map(|(own, peer, device, _)| (*own, *peer, *device))
            .collect();
        assert_eq!(with, [(alice, alice, Some(devices[0]))], "one message to oneself, for the device of this persona");
        let bodies: Vec<Vec<u8>> = now(node.inner().store.read(|db| {
            let mut statement = db.prepare("SELECT body FROM entry WHERE body IS NOT NULL")?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        }))
        .unwrap();
        assert!(!bodies.is_empty() && !bodies.iter().any(|body| holds(body)));
    }
}
