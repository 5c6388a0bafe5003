//! Hiding, showing and deleting personas: what is asked on the terminal first.

use std::io::IsTerminal as _;

use kith_node::control::{Failure, Passphrase, Request};
use kith_node::{Content, Error};
use serde_json::Value;

use crate::command::{Answer, usage_of};
use crate::prompt::{self, asked};
use crate::reach::Session;
use crate::words::text;

#[derive(Debug)]
pub(crate) enum Keeping {
    Hide { id: String },
    Unhide,
    Delete { id: String, content: Option<Content>, yes: bool },
}

impl Session {
    /// Asks what is needed, then does it.
    pub(crate) fn keep(&self, keeping: Keeping) -> Result<(Request, Answer), Failure> {
        let request = match keeping {
            Keeping::Hide { id } => {
                // One that is only shown goes back behind the passphrase that it has.
                let hidden = self.persona_of(&id)?.is_some_and(|known| known.get("hidden") == Some(&Value::Bool(true)));
                let passphrase = if hidden { None } else { Some(passphrase(true)?) };
                Request::HidePersona { persona: id, passphrase }
            }
            Keeping::Delete { id, content, yes } => {
                let (persona, name) = self.to_delete(&id)?;
                let asks = std::io::stdin().is_terminal();
                let content = match content {
                    Some(content) => content,
                    None if asks => ask_content(&name)?,
                    None => {
                        return Err(usage_of(
                            "persona delete",
                            "say what becomes of what the persona said: --content keep, or --content delete",
                        ));
                    }
                };
                match (yes, asks) {
                    (true, _) => {}
                    (false, true) => confirm(&name, content)?,
                    (false, false) => {
                        return Err(usage_of("persona delete", "nobody can be asked here: give --yes"));
                    }
                }
                Request::DeletePersona { persona, content }
            }
            Keeping::Unhide => Request::UnhidePersonas { passphrase: passphrase(false)? },
        };
        let answer = self.ask(request.clone()).map_err(|failure| match (&request, failure.code.as_str()) {
            // Whether anything is hidden nobody is told.
            (Request::UnhidePersonas { .. }, "wrong_passphrase") => Failure::new(
                "wrong_passphrase",
                "this passphrase shows no persona",
                "check how it is written, and the profile",
            ),
            _ => failure,
        })?;
        Ok((request, answer))
    }

    /// Its whole id, and its name.
    fn to_delete(&self, id: &str) -> Result<(String, String), Failure> {
        let known = self.persona_of(id)?.ok_or(Error::NotYours)?;
        Ok((text(&known, "id").to_owned(), text(&known, "name").to_owned()))
    }

    /// What the list says of it. Of several that begin so it is none.
    fn persona_of(&self, id: &str) -> Result<Option<Value>, Failure> {
        let id = id.trim();
        let all = self.ask(Request::Personas)?.value;
        let begins = |known: &&Value| !id.is_empty() && text(known, "id").starts_with(id);
        let mut fits = all.as_array().into_iter().flatten().filter(begins);
        match (fits.next(), fits.next()) {
            (Some(_), Some(_)) => Err(Error::Ambiguous { given: id.to_owned(), what: "persona of yours" }.into()),
            (one, _) => Ok(one.cloned()),
        }
    }
}

fn ask_content(name: &str) -> Result<Content, Failure> {
    loop {
        match asked(&format!(
            "What {name} said in posts, comments and reactions: keep it, or delete it? [keep/delete] "
        ))?
        .as_str()
        {
            "keep" => return Ok(Content::Keep),
            "delete" => return Ok(Content::Delete),
            _ => {}
        }
    }
}

fn confirm(name: &str, content: Content) -> Result<(), Failure> {
    let said = match content {
        Content::Keep => "What it said in the open stays, as a stranger's, and you can't change or delete it any more.",
        Content::Delete => "What it said is deleted with everybody who hears of it.",
    };
    let told = format!(
        "{name} goes from this device for good: its keys, private messages, follows and circles. Other devices of yours \
         keep it.\n{said}\nType its name to go on: "
    );
    match asked(&told)? == name.trim() {
        true => Ok(()),
        false => Err(Failure::new("cancelled", "that is not its name: nothing was done", "")),
    }
}

/// A line of a pipe, or `KITH_PASSPHRASE` beside one; else what is typed on a terminal.
fn passphrase(new: bool) -> Result<Passphrase, Failure> {
    let given = match prompt::piped()? {
        None if !std::io::stdin().is_terminal() => prompt::environment(),
        piped => piped,
    };
    let prompt =
        if new { "A passphrase to hide it behind (nobody can reset it): " } else { "Passphrase of what is hidden: " };
    Ok(Passphrase::from(prompt::passphrase(given, prompt, new)?.to_string()))
}
