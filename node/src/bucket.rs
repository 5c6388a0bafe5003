//! The bucket under which messages travel (DESIGN §5.3): a prefix of the route that a sealed entry names. Whoever takes
//! a bucket takes all of it, and recognises its own by tags, alone.
//!
//! To sync a bucket is one author more: its sealed entries are compared and pushed as the header entries of an author's
//! posts are, so they cost no exchange of their own. It has no log, no statement and no key.

use crate::id::PersonaId;

const CONTEXT: &str = "kith 2026 bucket v1";

/// The only bucket of a small network: no bit of the route is looked at.
pub(crate) fn everything() -> PersonaId {
    PersonaId::from_bytes(blake3::derive_key(CONTEXT, &[0]))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_names_it() {
        let schema = include_str!("../../migrations/V1__start.sql");
        assert!(schema.contains(&format!("x'{}'", everything())), "{}", everything());
    }
}
