//! Which node of the profile carries a request out: its own, or the compartment of a persona that is kept separate.
//!
//! A persona that is named decides. Without one it is the profile's own node: what it is asked to read is that of its
//! personas alone, and what it is asked to write is by its default one. Only what is named by its id goes to a compartment
//! unasked, where that alone knows it, and only to be read or noted there: what is signed or sent is never by a separate
//! persona that nobody named.

use super::execute::checked_prefix;
use super::{Mute, Request, link};
use crate::error::{Error, Result};
use crate::id::PersonaId;
use crate::link::link_code_gives;
use crate::node::{Node, unpoisoned};

/// What decides.
enum Goes<'a> {
    /// This persona, where one is named.
    As(Option<&'a str>),
    /// Who knows what is named by this id, where no persona is: it is read, or noted for its user alone.
    Knows(Option<&'a str>, &'a str),
    /// As that, and something is signed or sent: a separate persona that is not named does not.
    Acts(Option<&'a str>, &'a str),
    /// All of these personas, which have to be of one.
    Gives(&'a [String]),
    /// The linking that is under way.
    Linking,
    /// People near you, where they are open.
    Near,
    /// It is about the whole profile.
    Whole,
}

impl Request {
    /// It names a persona itself, or is about none.
    pub fn takes_persona(&self) -> bool {
        match goes(self) {
            Goes::As(persona) | Goes::Knows(persona, _) | Goes::Acts(persona, _) => persona.is_some(),
            Goes::Gives(_) => true,
            Goes::Linking | Goes::Near | Goes::Whole => false,
        }
    }
}

/// The node for a request, and the request as that node gets it.
///
/// # Errors
/// `NotFound` or `Ambiguous` for the persona or the id that it names, `BadInput` where it names personas of two nodes, one
/// where none can be, or none where only a separate one could do this.
pub(super) async fn route(node: &Node, request: Request) -> Result<(Node, Request)> {
    if let Request::As { persona, request } = request {
        if matches!(goes(&request), Goes::Whole | Goes::Gives(_) | Goes::Linking) {
            return Err(Error::BadInput("this is not about one persona: leave --persona out".to_owned()));
        }
        return Ok((of_persona(node, &persona).await?, *request));
    }
    let chosen = match goes(&request) {
        Goes::As(Some(persona)) | Goes::Knows(Some(persona), _) | Goes::Acts(Some(persona), _) => {
            of_persona(node, persona).await?
        }
        Goes::Knows(None, id) => match who_knows(node, id).await? {
            Some(compartment) => woken(node, compartment).await?,
            None => node.clone(),
        },
        Goes::Acts(None, id) => match who_knows(node, id).await? {
            Some(compartment) => return Err(unnamed(&compartment).await?),
            None => node.clone(),
        },
        Goes::Gives(personas) => of_all(node, personas).await?,
        Goes::Linking => linking(node),
        Goes::Near => near(node),
        Goes::As(None) | Goes::Whole => node.clone(),
    };
    if matches!(request, Request::LinkShow { .. } | Request::LinkTake { .. }) {
        // There is one at a time that commands follow.
        for node in node.compartments().iter().chain([node]) {
            link::make_room(node)?;
        }
    }
    if matches!(request, Request::OpenNear { .. }) {
        node.close_near_beside(&chosen).await;
    }
    Ok((chosen, request))
}

/// The node that holds this persona, by its id or a prefix that is unique among all own ones. Its network starts with this
/// use.
async fn of_persona(node: &Node, prefix: &str) -> Result<Node> {
    let persona = own_of_all(node, prefix).await?;
    match node.compartment(persona) {
        None => Ok(node.clone()),
        Some(compartment) => {
            node.wake(persona).await?;
            Ok(compartment)
        }
    }
}

/// One of all own personas, separate ones too.
pub(super) async fn own_of_all(node: &Node, prefix: &str) -> Result<PersonaId> {
    checked_prefix(prefix)?;
    let mut found = None;
    for persona in node.personas().await? {
        if persona.id.to_string().starts_with(prefix) && found.replace(persona.id).is_some() {
            return Err(Error::Ambiguous { given: prefix.to_owned(), what: "persona of yours" });
        }
    }
    found.ok_or(Error::NotYours)
}

/// The compartment that knows the id where the profile's own node does not.
async fn who_knows(node: &Node, id: &str) -> Result<Option<Node>> {
    let compartments = node.compartments();
    if compartments.is_empty() || node.knows(id).await? {
        return Ok(None);
    }
    let mut found = None;
    for compartment in compartments {
        if compartment.knows(id).await? && found.replace(compartment).is_some() {
            return Err(Error::BadInput(
                "more than one separate persona knows this: say which with --persona".to_owned(),
            ));
        }
    }
    Ok(found)
}

async fn woken(node: &Node, compartment: Node) -> Result<Node> {
    for persona in compartment.personas_here().await? {
        node.wake(persona.id).await?;
    }
    Ok(compartment)
}

/// What is told where only this compartment could do what was asked, and its persona was not named.
async fn unnamed(compartment: &Node) -> Result<Error> {
    let who = compartment.personas_here().await?.first().map_or_else(|| "ID".to_owned(), |own| own.id.to_string());
    Ok(Error::BadInput(format!(
        "only a separate persona of yours knows this, and it acts when it is named alone: add --persona {who}"
    )))
}

/// One link never carries personas of two nodes: the other device would learn that they belong together.
async fn of_all(node: &Node, personas: &[String]) -> Result<Node> {
    let Some((first, others)) = personas.split_first() else { return Ok(node.clone()) };
    let chosen = of_persona(node, first).await?;
    for other in others {
        if !chosen.is(&of_persona(node, other).await?) {
            let told = "a separate persona is linked by itself, never in one go with another one";
            return Err(Error::BadInput(told.to_owned()));
        }
    }
    Ok(chosen)
}

/// The node that a command linked last.
fn linking(node: &Node) -> Node {
    let links = |node: &Node| unpoisoned(&node.inner().link.asked).is_some();
    node.compartments().into_iter().find(links).unwrap_or_else(|| node.clone())
}

/// The node that has people near you open.
fn near(node: &Node) -> Node {
    let opened = |node: &Node| node.inner().near.look().is_some();
    node.compartments().into_iter().find(opened).unwrap_or_else(|| node.clone())
}

fn goes(request: &Request) -> Goes<'_> {
    use Request as R;
    match request {
        R::EditPersona { persona, .. }
        | R::Invite { persona, .. }
        | R::Follow { persona, .. }
        | R::Followers { persona }
        | R::DropFollower { persona, .. }
        | R::Unfollow { persona, .. }
        | R::Follows { persona, .. }
        | R::Dm { persona, .. }
        | R::Threads { persona, .. }
        | R::Post { persona, .. }
        | R::Schedule { persona, .. }
        | R::Feed { persona, .. }
        | R::Circles { persona, .. }
        | R::ChangeCircle { persona, .. }
        | R::ChangeGroup { persona, .. }
        | R::SearchMessages { persona, .. }
        | R::Verify { persona, .. }
        | R::Note { persona, .. }
        | R::PublishList { persona, .. }
        | R::Search { persona, .. }
        | R::Notifications { persona, .. }
        | R::ReadNotifications { persona, id: None }
        | R::OpenNear { persona }
        | R::RecoveryPhrase { persona, .. } => Goes::As(persona.as_deref()),
        R::DefaultPersona { persona } => Goes::As(Some(persona)),
        R::Reply { persona, message: id, .. }
        | R::Comment { persona, target: id, .. }
        | R::React { persona, target: id, .. }
        | R::Vote { persona, target: id, .. }
        | R::VoteFor { persona, target: id, .. }
        | R::Unvote { persona, target: id }
        | R::Edit { persona, target: id, .. }
        | R::Delete { persona, target: id }
        | R::Hide { persona, target: id, .. }
        | R::Repost { persona, target: id, .. }
        | R::Policy { persona, target: id, .. } => Goes::Acts(persona.as_deref(), id),
        // Who reads a thread may tell its writer so.
        R::Thread { thread: id, .. }
        | R::Timer { thread: id, keep_s: Some(_) }
        | R::Answer { thread: id, .. }
        | R::PostNow { id }
        | R::DeleteScheduled { id }
        | R::RenameDevice { device: id, .. }
        | R::RevokeDevice { device: id, .. } => Goes::Acts(None, id),
        // A conversation is read with it, and its writer may be told.
        R::ReadNotifications { persona, id: Some(id) } => Goes::Acts(persona.as_deref(), id),
        R::Show { persona, post: id } | R::Get { persona, hash: id } => Goes::Knows(persona.as_deref(), id),
        R::Timer { thread: id, keep_s: None }
        | R::Hidden { post: Some(id) }
        | R::Share { post: id }
        | R::Report { about: id, .. }
        | R::Bookmark { target: id, .. }
        | R::Mute { what: Mute::Thread { post: id, .. } | Mute::Conversation { thread: id, .. }, .. } => {
            Goes::Knows(None, id)
        }
        R::Changed { .. }
        | R::Demo
        | R::Status
        | R::Doctor
        | R::Settings { .. }
        | R::Tags
        | R::Scheduled
        | R::Begun
        | R::KeepBegun { .. }
        | R::Hidden { post: None }
        | R::Bookmarks { .. }
        | R::Lists
        | R::WithdrawList { .. }
        | R::List { .. }
        | R::ChangeList { .. }
        | R::Suggestions { .. }
        | R::PassOver { .. }
        | R::FollowTag { .. }
        | R::Mute { .. }
        | R::Muted
        | R::NoticeRules { .. }
        | R::Deny { .. }
        | R::Reports
        | R::SettleReport { .. }
        | R::Storage { .. }
        | R::Export { .. }
        | R::Preview { .. }
        | R::Import { .. }
        | R::Restore { .. }
        | R::Transfer
        | R::Peers
        | R::Anchors
        | R::AddAnchor { .. }
        | R::RemoveAnchor { .. }
        | R::Mailboxes
        | R::MailboxClients { .. }
        | R::AddMailbox { .. }
        | R::RemoveMailbox { .. }
        | R::Devices
        | R::Recovery => Goes::As(None),
        R::LinkShow { give: Some(give), .. } => Goes::Gives(&give.personas),
        R::LinkTake { code, give } if matches!(link_code_gives(code), Ok(false)) => Goes::Gives(&give.personas),
        R::Near | R::FollowNear { .. } | R::CloseNear => Goes::Near,
        R::LinkNext { .. } | R::LinkDigits { .. } | R::LinkEnd => Goes::Linking,
        R::Init { .. }
        | R::Open { .. }
        | R::Personas
        | R::CreatePersona { .. }
        | R::HidePersona { .. }
        | R::UnhidePersonas { .. }
        | R::DeletePersona { .. }
        | R::LinkShow { give: None, .. }
        | R::LinkTake { .. }
        | R::As { .. } => Goes::Whole,
    }
}
