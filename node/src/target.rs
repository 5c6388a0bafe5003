//! Links that lead somewhere: the one grammar of them, for the window, for a second start that hands its link over, and for
//! whoever opens a link from elsewhere.
//!
//! A link names a place. Following one never does anything: an invite is shown, and what devices are linked by is not taken
//! from a link at all. Nothing is fetched to find out what a link means.
//!
//! ```text
//! kith:post/ID[?by=PERSONA]   kith:person/ID   kith:conversation/ID   kith:invite/CODE
//! https://HOST/p/ID[?by=PERSONA]                     the page of a post on an anchor: HOST is not asked
//! ```

use std::fmt;

use crate::error::{Error, Result};
use crate::follow;
use crate::id::{EntryId, PersonaId, ThreadId};
use crate::limits::INVITE_CHARS;

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Post {
        post: EntryId,
        /// Who wrote it, as the link says.
        by: Option<PersonaId>,
    },
    Person(PersonaId),
    /// A private conversation of this device.
    Conversation(ThreadId),
    Invite {
        /// As `follow` takes it.
        link: String,
        persona: PersonaId,
        /// What whoever made the invite is called, by their own word; may be empty.
        name: String,
    },
}

impl fmt::Display for Target {
    /// The link, as [`target`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Post { post, by: None } => write!(f, "kith:post/{post}"),
            Self::Post { post, by: Some(by) } => write!(f, "kith:post/{post}?by={by}"),
            Self::Person(persona) => write!(f, "kith:person/{persona}"),
            Self::Conversation(thread) => write!(f, "kith:conversation/{thread}"),
            Self::Invite { link, .. } => f.write_str(link),
        }
    }
}

/// Reads a link, whoever made it.
///
/// # Errors
/// `BadInput`, with a text for whoever opened it.
pub fn target(link: &str) -> Result<Target> {
    let link = link.trim();
    if link.len() > INVITE_CHARS {
        return Err(told("this link is too long to be one of Kith's"));
    }
    // Names in invites are inside of the code: nothing of a link needs more than this.
    if !link.chars().all(|c| c.is_ascii_graphic()) {
        return Err(told("this link is damaged: copy it again, the whole of it"));
    }
    let (scheme, rest) = link.split_once(':').ok_or_else(foreign)?;
    match scheme.to_ascii_lowercase().as_str() {
        "kith" => own(rest.strip_prefix("//").unwrap_or(rest)),
        "http" | "https" => shared(rest),
        _ => Err(foreign()),
    }
}

fn own(rest: &str) -> Result<Target> {
    // Some desktops add it where a link has no path.
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (kind, named) = rest.split_once('/').ok_or_else(unknown)?;
    match kind.to_ascii_lowercase().as_str() {
        "post" => post(named),
        "person" => Ok(Target::Person(id(named)?)),
        "conversation" => Ok(Target::Conversation(id(named)?)),
        "invite" => {
            let link = follow::invite_link(named);
            let (persona, name) = follow::invited(&link)?;
            Ok(Target::Invite { link, persona, name })
        }
        // Whoever takes one gives personas away, or takes somebody else's: only where they meant to.
        "link" => Err(told(
            "this is a code for linking a device: it is taken only where you paste it yourself, under Devices",
        )),
        _ => Err(unknown()),
    }
}

fn shared(rest: &str) -> Result<Target> {
    let page = rest.strip_prefix("//").and_then(|rest| rest.split_once('/'));
    match page.and_then(|(_host, path)| path.strip_prefix("p/")) {
        Some(named) => post(named),
        None => Err(told("this is not the page of a post: only links of share pages lead somewhere in Kith")),
    }
}

fn post(named: &str) -> Result<Target> {
    let (named, _fragment) = named.split_once('#').unwrap_or((named, ""));
    let (post, query) = named.split_once('?').unwrap_or((named, ""));
    let by = query.split('&').find_map(|pair| pair.strip_prefix("by="));
    Ok(Target::Post { post: id(post)?, by: by.map(id).transpose()? })
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| told("a part of this link is missing or changed: copy it again, the whole of it"))
}

fn foreign() -> Error {
    told("this is no link of Kith's: they begin with kith: or lead to the page of a post")
}

fn unknown() -> Error {
    told("this version of Kith does not know links of this kind: update Kith, or ask for another link")
}

fn told(text: &str) -> Error {
    Error::BadInput(text.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids() -> (EntryId, PersonaId, ThreadId) {
        (EntryId::from_bytes([7; 32]), PersonaId::from_bytes([9; 32]), ThreadId::from_bytes([5; 32]))
    }

    #[test]
    fn links_survive_their_text() {
        let (post, persona, thread) = ids();
        let link = follow::invite_of(persona, "Ärger").unwrap();
        let invite = Target::Invite { link, persona, name: "Ärger".to_owned() };
        for known in [
            Target::Post { post, by: None },
            Target::Post { post, by: Some(persona) },
            Target::Person(persona),
            Target::Conversation(thread),
            invite,
        ] {
            let text = known.to_string();
            for written in
                [text.clone(), format!(" {text}\n"), text.replacen("kith:", "KITH://", 1), format!("{text}/")]
            {
                assert_eq!(
                    target(&written).ok(),
                    Some(known.clone()).filter(|_| !written.ends_with("?by=/")),
                    "{written}"
                );
            }
        }
    }

    #[test]
    fn a_share_page_is_its_post_and_its_host_is_not_asked() {
        let (post, persona, _) = ids();
        for host in ["https://anchor.example", "http://127.0.0.1:8080", "HTTPS://user@[::1]:1"] {
            let page = format!("{host}/p/{post}?utm=x&by={persona}#top");
            assert_eq!(target(&page).unwrap(), Target::Post { post, by: Some(persona) }, "{page}");
        }
    }

    #[test]
    fn whatever_else_is_refused_in_words() {
        let (post, persona, _) = ids();
        let long = format!("kith:invite/{}", "a".repeat(INVITE_CHARS));
        for (hostile, says) in [
            ("", "no link of Kith's"),
            ("javascript:alert(1)", "no link of Kith's"),
            ("file:///etc/passwd", "no link of Kith's"),
            ("data:text/html,x", "no link of Kith's"),
            ("--profile=/tmp/x", "no link of Kith's"),
            ("kith:", "does not know links"),
            ("kith:post", "does not know links"),
            ("kith:format/disk", "does not know links"),
            ("kith:post/", "does not know links"),
            ("kith:post/../../person", "missing or changed"),
            ("kith:invite/aaaa", "invite is damaged"),
            ("kith:link/aaaa", "paste it yourself"),
            ("https://anchor.example/", "not the page of a post"),
            ("https:/p/x", "not the page of a post"),
            (&long, "too long"),
            (&format!("kith:post/{post}?by=x"), "missing or changed"),
            (&format!("kith:person/{persona}\u{202e}"), "damaged"),
            (&format!("kith:person/{persona} --offline"), "damaged"),
            (&format!("kith:person/\u{1b}[31m{persona}"), "damaged"),
        ] {
            let Err(error) = target(hostile) else { panic!("{hostile} was taken") };
            assert!(error.to_string().contains(says), "{hostile}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in "(kith:|https://|)[ -~]{0,80}|\\PC{0,80}") {
            if let Ok(read) = target(&text) {
                prop_assert_eq!(target(&read.to_string()).unwrap(), read);
            }
        }
    }
}
