//! Somebody near you, as a command names them.

use crate::error::{Error, Result};
use crate::node::Node;
use crate::view::Followed;

/// `who`: the six digits that their screen shows, or the beginning of their id.
///
/// # Errors
/// `NotFound` and `Ambiguous`; as [`Node::follow_near`].
pub(super) async fn follow(node: &Node, who: &str) -> Result<Followed> {
    let who = who.trim().to_ascii_lowercase();
    let people = node.people_near().await?.people;
    let digits = who.len() == 6 && who.bytes().all(|digit| digit.is_ascii_digit());
    let fits: Vec<_> =
        people
            .iter()
            .filter(|person| {
                if digits { person.code == who } else { !who.is_empty() && person.id.to_string().starts_with(&who) }
            })
            .collect();
    match fits.as_slice() {
        [] => Err(Error::NotFound {
            what: "somebody near you with these digits (it is open on both sides for ten minutes)",
        }),
        [person] => node.follow_near(person.id).await,
        _ => Err(Error::Ambiguous { given: who, what: "person near you" }),
    }
}
