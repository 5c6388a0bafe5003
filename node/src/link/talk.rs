//! What the two sides of a linking say to each other, over any stream. One side shows a code, the other one took it; one
//! side gives personas, the other one gets them: each of the four pairs is possible but for two that give or get.
//!
//! Both first prove that they have the code, to each other and for this very connection. Then the user types two digits of
//! the device that took it on the one that shows it. Only then is anything said of personas. A connection that is cut is
//! followed by another one of the same device; who else comes is refused. Wrong digits end it all: of these a code is good
//! for one try. A wrong proof ends nothing: nobody guesses 128 bits, and else anybody could end what they have no part in.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::Share;
use super::frame::{About, Frame, Hello, Key, Root, Shared, Terms, VERSION, read, write};
use crate::crypto::{Pairing, Side};
use crate::error::{Error, Result};
use crate::id::{DeviceKey, NodeId, PersonaId};
use crate::limits::{LINK_MS, LINK_STEP_MS};
use crate::node::LinkTeller;
use crate::view::LinkedView;

/// Why a linking came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("the other device was not reached")]
    NotReached,
    #[error("this code is no longer good: it was used, ended or is older than 5 minutes")]
    Gone,
    #[error("nobody came within 5 minutes, but somebody tried with a wrong code")]
    WrongCode,
    #[error("the device that answered is not the one that shows the code")]
    Impostor,
    #[error("the two digits are not those that the other device shows")]
    WrongDigits,
    #[error("both devices want to give their personas to the other one, or both to get some")]
    SameSide,
    #[error("the other device has all these personas already")]
    Nothing,
    #[error("the other device has another version of Kith")]
    Version,
    #[error("nobody came within 5 minutes")]
    Late,
    #[error("the connection ended at the last step")]
    Unsure,
    #[error("something went wrong on the other device")]
    Failed,
    #[error("another code was shown on this device: this one is no longer good")]
    Replaced,
    #[error("the linking was ended on one of the two devices")]
    Ended,
    #[error("a linking is under way on this device already")]
    Busy,
}

impl LinkError {
    /// Each, as its number says it.
    pub const ALL: [Self; 14] = [
        Self::NotReached,
        Self::Gone,
        Self::WrongCode,
        Self::Impostor,
        Self::WrongDigits,
        Self::SameSide,
        Self::Nothing,
        Self::Version,
        Self::Late,
        Self::Unsure,
        Self::Failed,
        Self::Replaced,
        Self::Ended,
        Self::Busy,
    ];

    /// As `Refuse` says it.
    fn number(self) -> u8 {
        self as u8
    }

    fn of(number: u8) -> Self {
        Self::ALL.into_iter().find(|error| error.number() == number).unwrap_or(Self::Failed)
    }

    /// A stable word for scripts.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotReached => "link_not_reached",
            Self::Gone => "link_gone",
            Self::WrongCode => "link_wrong_code",
            Self::Impostor => "link_impostor",
            Self::WrongDigits => "link_wrong_digits",
            Self::SameSide => "link_same_side",
            Self::Nothing => "link_nothing",
            Self::Version => "link_version",
            Self::Late => "link_late",
            Self::Unsure => "link_unsure",
            Self::Failed => "link_failed",
            Self::Replaced => "link_replaced",
            Self::Ended => "link_ended",
            Self::Busy => "link_busy",
        }
    }

    /// The next step.
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotReached => {
                "leave the code open on the other device, bring both into one network or online, and try again"
            }
            Self::Gone | Self::Late => "show a new code and use it within 5 minutes",
            Self::WrongCode => "nothing was shared; show a new code and use it within 5 minutes",
            Self::Impostor => "nothing was shared; take the code again from your own device",
            Self::WrongDigits => {
                "nothing was shared; if you typed what your other device shows, somebody else saw the code: \
                 show a new one where nobody sees it"
            }
            Self::SameSide => "show the code on one device and choose the other direction on one of them",
            Self::Nothing => "choose another persona, or look at the list of devices",
            Self::Version => "update Kith on both devices",
            Self::Unsure => {
                "look at the list of devices: where the other one stands in it all is well, else show a new code"
            }
            Self::Ended => "show a new code to begin again",
            Self::Busy => "end that one first, with Ctrl-C at its terminal",
            Self::Failed => "look there for what it says, and show a new code",
            Self::Replaced => "use the code that was shown last; only one is good at a time",
        }
    }
}

/// What the giving side does.
pub(super) trait Gives: Send {
    /// What the other device says of itself, once the digits were typed.
    fn met(&mut self, _theirs: &About) {}
    fn terms(&mut self) -> BoxFuture<'_, Result<Terms>>;
    /// The same for a key that was certified before, and refused for another one of the same persona. Everybody may hear
    /// of the certificate before the other device has it: none is out there that no revocation covers.
    fn share(&mut self, persona: PersonaId, device: DeviceKey) -> BoxFuture<'_, Result<Share>>;
}

/// What the getting side does.
pub(super) trait Gets: Send {
    /// As [`Gives::met`].
    fn met(&mut self, _theirs: &About) {}
    /// Keys for those that are not here yet: the same for a persona at each time.
    fn keys(&mut self, terms: &Terms) -> BoxFuture<'_, Result<Vec<(PersonaId, DeviceKey)>>>;
    fn adopt(&mut self, share: Share) -> BoxFuture<'_, Result<()>>;
}

pub(super) enum Role {
    Gives(Box<dyn Gives>),
    Gets(Box<dyn Gets>),
}

/// How a connection ended.
#[derive(Debug)]
pub(super) enum Ended {
    Linked(LinkedView),
    /// Another one may go on.
    Cut,
    /// Who came has not the code, or is not the one who was first; who has may still come.
    Refused,
    For(Error),
}

/// One side of a linking, over as many connections as it takes.
pub(super) struct Talk {
    pub(super) side: Side,
    pub(super) secret: Zeroizing<[u8; 16]>,
    pub(super) about: About,
    pub(super) role: Role,
    pub(super) teller: LinkTeller,
    pub(super) digits: mpsc::Receiver<u8>,
    /// Who proved first that it has the code: nobody else is let in.
    met: Option<NodeId>,
    checked: bool,
    /// A persona may be on the other device already.
    given: bool,
    /// Of the side that gets them: those that came.
    personas: Vec<PersonaId>,
    /// Somebody came without the code.
    wrong: bool,
    /// All of them came, whether the other side has heard so or not.
    here: Option<LinkedView>,
}

impl Talk {
    pub(super) fn new(
        side: Side,
        secret: Zeroizing<[u8; 16]>,
        about: About,
        role: Role,
        teller: LinkTeller,
        digits: mpsc::Receiver<u8>,
    ) -> Self {
        let (met, checked, given, personas, wrong, here) = (None, false, false, Vec::new(), false, None);
        Self { side, secret, about, role, teller, digits, met, checked, given, personas, wrong, here }
    }

    /// Whether the other side was met.
    pub(super) fn has_met(&self) -> bool {
        self.met.is_some()
    }

    /// What it came to, where no further connection comes: because of `error`, or as nobody came.
    pub(super) fn end(&mut self, error: Option<Error>) -> Result<LinkedView> {
        match (self.here.take(), error) {
            (Some(here), _) => Ok(here),
            (None, Some(error)) => Err(error),
            (None, None) if self.given => Err(LinkError::Unsure.into()),
            (None, None) if self.met.is_none() && self.wrong => Err(LinkError::WrongCode.into()),
            (None, None) if self.met.is_none() && self.side == Side::Offers => Err(LinkError::Late.into()),
            (None, None) => Err(LinkError::NotReached.into()),
        }
    }

    /// Everything that one connection brings. `knock`: the first frame of the device that took the code, where this side
    /// shows it.
    pub(super) async fn run(
        &mut self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send),
        exported: &[u8; 32],
        peer: NodeId,
        knock: Option<Hello>,
    ) -> Ended {
        let pairing = Pairing::new(&self.secret, exported);
        let theirs = match (self.side, knock) {
            (Side::Offers, Some(knock)) => self.receive(stream, &pairing, peer, knock).await,
            (Side::Offers, None) => Err(Ended::Cut),
            (Side::Accepts, _) => self.knock(stream, &pairing, peer).await,
        };
        let theirs = match theirs {
            Ok(theirs) => theirs,
            Err(ended) => return ended,
        };
        match &mut self.role {
            Role::Gives(gives) => gives.met(&theirs),
            Role::Gets(gets) => gets.met(&theirs),
        }
        let done = match &mut self.role {
            Role::Gives(gives) => give(&mut **gives, stream, &mut self.given).await,
            Role::Gets(gets) => match get(&mut **gets, stream, &mut self.personas).await {
                Ok(()) => {
                    let linked = linked(&theirs, self.personas.clone());
                    self.here = Some(linked.clone());
                    told(stream).await.map(|()| linked.personas)
                }
                Err(ended) => Err(ended),
            },
        };
        match done {
            Ok(personas) => Ended::Linked(linked(&theirs, personas)),
            Err(Ended::For(error)) => {
                let why = if let Error::Link(error) = &error { *error } else { LinkError::Failed };
                refuse(stream, why).await;
                Ended::For(error)
            }
            Err(ended) => ended,
        }
    }

    /// The side that shows the code, up to the digits.
    async fn receive(
        &mut self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send),
        pairing: &Pairing,
        peer: NodeId,
        knock: Hello,
    ) -> Result<About, Ended> {
        if self.met.is_some_and(|met| met != peer) {
            refuse(stream, LinkError::Gone).await;
            return Err(Ended::Refused);
        }
        if knock.about.version != VERSION {
            refuse(stream, LinkError::Version).await;
            return Err(Ended::Refused);
        }
        if !knock.is_proved(pairing, Side::Accepts) {
            self.wrong = true;
            refuse(stream, LinkError::Gone).await;
            return Err(Ended::Refused);
        }
        if knock.about.gives == self.about.gives {
            refuse(stream, LinkError::SameSide).await;
            return Err(Ended::For(LinkError::SameSide.into()));
        }
        self.met = Some(peer);
        send(stream, &Frame::Meet(Hello::new(self.about.clone(), pairing, Side::Offers))).await?;
        if !self.checked {
            // What was typed before is of no use for this connection.
            while self.digits.try_recv().is_ok() {}
            self.teller.tell(|view| view.ask = true);
            let typed = tokio::select! {
                typed = self.digits.recv() => typed.ok_or(Ended::Cut),
                // Nothing is said meanwhile: only the end can come.
                heard = read(stream) => Err(match heard {
                    Some(Frame::Refuse(why)) => Ended::For(LinkError::of(why).into()),
                    _ => Ended::Cut,
                }),
            };
            self.teller.tell(|view| view.ask = false);
            if typed? != pairing.check() {
                refuse(stream, LinkError::WrongDigits).await;
                return Err(Ended::For(LinkError::WrongDigits.into()));
            }
            self.checked = true;
        }
        // What it is called is its own word: nobody is asked to trust that.
        self.teller.tell(|view| view.name = Some(knock.about.name.clone()));
        send(stream, &Frame::Checked).await?;
        Ok(knock.about)
    }

    /// The side that took it, up to the digits.
    async fn knock(
        &mut self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send),
        pairing: &Pairing,
        peer: NodeId,
    ) -> Result<About, Ended> {
        // Those of a connection before this one are good for nothing.
        self.teller.tell(|view| view.check = None);
        send(stream, &Frame::Knock(Hello::new(self.about.clone(), pairing, Side::Accepts))).await?;
        let meet = match receive(stream, LINK_STEP_MS).await? {
            Frame::Meet(meet) if meet.is_proved(pairing, Side::Offers) && meet.about.gives != self.about.gives => meet,
            _ => return Err(Ended::For(LinkError::Impostor.into())),
        };
        self.met = Some(peer);
        let check = format!("{:02}", pairing.check());
        self.teller.tell(|view| view.check = Some(check));
        match receive(stream, LINK_MS).await? {
            Frame::Checked => {}
            _ => return Err(Ended::Cut),
        }
        self.checked = true;
        self.teller.tell(|view| view.name = Some(meet.about.name.clone()));
        Ok(meet.about)
    }
}

type Step<T> = Result<T, Ended>;

async fn give(
    gives: &mut dyn Gives,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send),
    given: &mut bool,
) -> Step<Vec<PersonaId>> {
    let terms = gives.terms().await.map_err(Ended::For)?;
    let offered: Vec<PersonaId> = terms.personas.iter().map(|offered| PersonaId::from_bytes(offered.persona)).collect();
    send(stream, &Frame::Terms(terms)).await?;
    let Frame::Keys(keys) = receive(stream, LINK_STEP_MS).await? else { return Err(Ended::Cut) };
    for Key { persona, device } in keys {
        let persona = PersonaId::from_bytes(persona);
        if !offered.contains(&persona) {
            return Err(Ended::Cut);
        }
        let share = gives.share(persona, DeviceKey::from_bytes(device)).await.map_err(Ended::For)?;
        let root = share.root.as_deref().map(|root| Root(*root));
        *given = true;
        send(stream, &Frame::Share(Shared { persona: *persona.as_bytes(), statements: share.statements, root }))
            .await?;
    }
    let Frame::Adopted = receive(stream, LINK_STEP_MS).await? else { return Err(Ended::Cut) };
    // Where it is lost, the other side has all the same.
    let _gone = send(stream, &Frame::Done).await;
    Ok(offered)
}

async fn get(
    gets: &mut dyn Gets,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send),
    personas: &mut Vec<PersonaId>,
) -> Step<()> {
    let Frame::Terms(terms) = receive(stream, LINK_STEP_MS).await? else { return Err(Ended::Cut) };
    let keys = gets.keys(&terms).await.map_err(Ended::For)?;
    if keys.is_empty() && personas.is_empty() {
        return Err(Ended::For(LinkError::Nothing.into()));
    }
    let frame = keys.iter().map(|(persona, device)| Key { persona: *persona.as_bytes(), device: *device.as_bytes() });
    send(stream, &Frame::Keys(frame.collect())).await?;
    for (persona, _) in keys {
        let Frame::Share(shared) = receive(stream, LINK_STEP_MS).await? else { return Err(Ended::Cut) };
        if shared.persona != *persona.as_bytes() {
            return Err(Ended::Cut);
        }
        let root = shared.root.as_ref().map(|root| Zeroizing::new(root.0));
        gets.adopt(Share { persona, statements: shared.statements, root }).await.map_err(Ended::For)?;
        personas.push(persona);
    }
    Ok(())
}

/// Tells the other side that all came.
async fn told(stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send)) -> Step<()> {
    send(stream, &Frame::Adopted).await?;
    let Frame::Done = receive(stream, LINK_STEP_MS).await? else { return Err(Ended::Cut) };
    Ok(())
}

fn linked(theirs: &About, personas: Vec<PersonaId>) -> LinkedView {
    let device = data_encoding::HEXLOWER.encode(&theirs.device);
    LinkedView { device, name: theirs.name.clone(), personas }
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), frame: &Frame) -> Step<()> {
    let written = timeout(Duration::from_millis(LINK_STEP_MS), write(stream, frame)).await;
    written.ok().flatten().ok_or(Ended::Cut)
}

async fn receive(stream: &mut (impl AsyncRead + Unpin), wait_ms: u64) -> Step<Frame> {
    match timeout(Duration::from_millis(wait_ms), read(stream)).await {
        Ok(Some(Frame::Refuse(why))) => Err(Ended::For(LinkError::of(why).into())),
        Ok(Some(frame)) => Ok(frame),
        _ => Err(Ended::Cut),
    }
}

/// Tells why this side does not go on.
pub(super) async fn refuse(stream: &mut (impl AsyncWrite + Unpin), why: LinkError) {
    let _gone = timeout(Duration::from_millis(LINK_STEP_MS), write(stream, &Frame::Refuse(why.number()))).await;
}

#[cfg(test)]
mod tests;
