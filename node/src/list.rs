//! Lists of people, each with a name and a feed of its own. Private, any number; somebody can stand in several.

use rusqlite::{Connection, OptionalExtension};

use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::{ListId, PersonaId};
use crate::item::{self, Set};
use crate::limits;
use crate::node::Node;
use crate::profile::checked_name;
use crate::published;
use crate::view::{ListMember, ListView};

/// The rows of those in a list, as far as anything of them is known.
///
/// # Errors
/// `NotFound` for an unknown list.
pub(crate) fn authors(db: &Connection, list: ListId) -> Result<Vec<i64>> {
    if !item::has(db, Set::List, list.as_bytes())? {
        return Err(Error::NotFound { what: "the list" });
    }
    let mut rows = Vec::new();
    for member in members(db, list)? {
        let row = db
            .prepare_cached("SELECT row FROM author WHERE id = ?1")?
            .query_row([member], |row| row.get::<_, i64>(0))
            .optional()?;
        rows.extend(row);
    }
    Ok(rows)
}

fn members(db: &Connection, list: ListId) -> Result<Vec<PersonaId>> {
    let all = item::beginning(db, Set::ListMember, list.as_bytes())?;
    Ok(all.into_iter().filter_map(|(key, _)| PersonaId::from_slice(key.get(32..)?)).collect())
}

fn member_key(list: ListId, persona: PersonaId) -> Vec<u8> {
    [list.to_bytes(), persona.to_bytes()].concat()
}

impl Node {
    /// All lists, by name.
    pub async fn lists(&self) -> Result<Vec<ListView>> {
        self.inner()
            .store
            .read(|db| {
                let mut lists = Vec::new();
                for (key, name) in item::all(db, Set::List)? {
                    let Some(id) = ListId::from_slice(&key) else { continue };
                    let published = published::standing(db, id)?.first().map(|(post, _)| *post);
                    lists.push(ListView { id, name, members: members(db, id)?.len() as u64, published });
                }
                lists.sort_by_key(|list| (list.name.to_lowercase(), list.id));
                Ok(lists)
            })
            .await
    }

    /// Who stands in a list, by name.
    ///
    /// # Errors
    /// `NotFound` for an unknown list.
    pub async fn list_members(&self, list: ListId) -> Result<Vec<ListMember>> {
        self.inner()
            .store
            .read(move |db| {
                if !item::has(db, Set::List, list.as_bytes())? {
                    return Err(Error::NotFound { what: "the list" });
                }
                let mut all = Vec::new();
                for persona in members(db, list)? {
                    let known = db
                        .prepare_cached(
                            "SELECT name, coalesce(picture_thumb, picture), followed FROM author WHERE id = ?1",
                        )?
                        .query_row([persona], |row| {
                            Ok(ListMember { persona, name: row.get(0)?, picture: row.get(1)?, followed: row.get(2)? })
                        })
                        .optional()?;
                    all.push(known.unwrap_or(ListMember {
                        persona,
                        name: String::new(),
                        picture: None,
                        followed: false,
                    }));
                }
                all.sort_by_key(|member| (member.name.to_lowercase(), member.persona));
                Ok(all)
            })
            .await
    }

    /// Lists that hold this persona.
    pub async fn lists_with(&self, persona: PersonaId) -> Result<Vec<ListId>> {
        self.inner()
            .store
            .read(move |db| {
                let mut with = Vec::new();
                for (key, _) in item::all(db, Set::List)? {
                    let Some(list) = ListId::from_slice(&key) else { continue };
                    if item::has(db, Set::ListMember, &member_key(list, persona))? {
                        with.push(list);
                    }
                }
                Ok(with)
            })
            .await
    }

    /// Makes a list.
    ///
    /// # Errors
    /// `BadInput` for an empty or too long name, or one that another list has.
    pub async fn create_list(&self, name: &str) -> Result<ListId> {
        let name = checked_name(name)?;
        let list = ListId::from_bytes(self.inner().random()?);
        self.change_lists(move |tx| {
            free_name(tx, list, &name)?;
            if item::all(tx, Set::List)?.len() >= limits::LISTS {
                return Err(Error::BadInput(format!("there can be {} lists", limits::LISTS)));
            }
            item::put(tx, Set::List, list.as_bytes(), &name)
        })
        .await?;
        Ok(list)
    }

    /// # Errors
    /// `NotFound` for an unknown list, `BadInput` for an empty or too long name, or one that another list has.
    pub async fn rename_list(&self, list: ListId, name: &str) -> Result<()> {
        let name = checked_name(name)?;
        self.change_lists(move |tx| {
            known(tx, list)?;
            free_name(tx, list, &name)?;
            item::put(tx, Set::List, list.as_bytes(), &name)
        })
        .await
    }

    /// Deletes a list, and the post by which it was published; those in it stay followed.
    ///
    /// # Errors
    /// `NotFound` for an unknown list.
    pub async fn delete_list(&self, list: ListId) -> Result<()> {
        self.unpublish(list).await?;
        self.change_lists(move |tx| {
            known(tx, list)?;
            for persona in members(tx, list)? {
                item::take(tx, Set::ListMember, &member_key(list, persona))?;
            }
            published::forget(tx, list)?;
            item::take(tx, Set::List, list.as_bytes())
        })
        .await
    }

    /// Puts somebody into a list. What they write comes only where they are followed or carried.
    ///
    /// # Errors
    /// `NotFound` for an unknown list, `BadInput` where it is full.
    pub async fn add_to_list(&self, list: ListId, persona: PersonaId) -> Result<()> {
        self.change_lists(move |tx| {
            known(tx, list)?;
            if members(tx, list)?.len() >= limits::LIST_MEMBERS {
                return Err(Error::BadInput(format!("a list holds {} people", limits::LIST_MEMBERS)));
            }
            item::put(tx, Set::ListMember, &member_key(list, persona), "")
        })
        .await
    }

    /// Takes somebody out of a list; nothing happens where they are not in it.
    ///
    /// # Errors
    /// `NotFound` for an unknown list.
    pub async fn remove_from_list(&self, list: ListId, persona: PersonaId) -> Result<()> {
        self.change_lists(move |tx| {
            known(tx, list)?;
            item::take(tx, Set::ListMember, &member_key(list, persona))
        })
        .await
    }

    /// The list of this name, or whose id begins so.
    ///
    /// # Errors
    /// `NotFound`, or `Ambiguous` where several fit.
    pub async fn resolve_list(&self, named: &str) -> Result<ListId> {
        let lists = self.lists().await?;
        let name = named.trim().to_lowercase();
        let mut fits: Vec<_> = lists.iter().filter(|list| list.name.to_lowercase() == name).collect();
        if fits.is_empty() && !name.is_empty() {
            fits = lists.iter().filter(|list| list.id.to_string().starts_with(&name)).collect();
        }
        match fits.as_slice() {
            [list] => Ok(list.id),
            [] => Err(Error::NotFound { what: "the list" }),
            _ => Err(Error::Ambiguous { given: name, what: "list" }),
        }
    }

    async fn change_lists(
        &self,
        change: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<bool> + Send + 'static,
    ) -> Result<()> {
        if self.write_items(change).await? {
            self.inner().events.send(Event::FollowsChanged);
        }
        Ok(())
    }
}

fn known(db: &Connection, list: ListId) -> Result<()> {
    if item::has(db, Set::List, list.as_bytes())? { Ok(()) } else { Err(Error::NotFound { what: "the list" }) }
}

/// # Errors
/// `BadInput` for a name that a list other than this one has.
fn free_name(db: &Connection, list: ListId, name: &str) -> Result<()> {
    let other = |(key, known): &(Vec<u8>, String)| {
        key.as_slice() != list.as_bytes() && known.to_lowercase() == name.to_lowercase()
    };
    if item::all(db, Set::List)?.iter().any(other) {
        return Err(Error::BadInput(format!("there is a list {name} already")));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::*;
    use crate::clock::ManualClock;
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::store::Store;

    #[test]
    fn two_lists_never_have_one_name() {
        fn now<T>(future: impl Future<Output = T>) -> T {
            future.now_or_never().unwrap()
        }
        let (keystore, clock) = (Arc::new(MemoryKeystore::default()), Arc::new(ManualClock::at_ms(1)));
        let alice =
            Node::simulated(false, Store::in_memory().unwrap(), keystore, clock, Arc::new(SystemEntropy)).unwrap();
        let friends = now(alice.create_list("Friends")).unwrap();
        let work = now(alice.create_list("Work")).unwrap();
        assert!(matches!(now(alice.create_list("friends")), Err(Error::BadInput(_))));
        assert!(matches!(now(alice.rename_list(work, "FRIENDS")), Err(Error::BadInput(_))));
        now(alice.rename_list(friends, "FRIENDS")).unwrap();
        assert_eq!(now(alice.resolve_list("friends")).unwrap(), friends);
    }
}
