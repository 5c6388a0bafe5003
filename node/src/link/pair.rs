//! Showing a code and taking one: the two ends of a linking, as tasks of a running node.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::Share;
use super::code::Code;
use super::frame::{About, Frame, Offered, Terms, VERSION, read_bytes};
use super::history::{self, Kept};
use super::talk::{Ended, Gets, Gives, LinkError, Role, Talk, refuse};
use crate::crypto::Side;
use crate::error::{Error, Result};
use crate::id::{DeviceId, DeviceKey, PersonaId};
use crate::installation;
use crate::limits::{LINK_KNOCK_MS, LINK_MS, LINK_PERSONAS, LINK_REACH_MS, LINK_RETRY_MS, MEETINGS, NAME_CHARS};
use crate::net::{Meeting, Net, Ticket};
use crate::node::{Going, Knocked, LinkTeller, Linking, Node, unpoisoned};
use crate::store::Durability;
use crate::task::Tasks;
use crate::view::{History, LinkFailure, LinkedView};

const NOT_MAIN: &str = "only a main device of a persona can link others";
/// What is next for who is told so.
const MAIN_LINKS: &str = "link it from a main one (kith devices tells which one is): kith link offer, there";

/// What another device is given.
#[derive(Debug, Clone, Default)]
pub struct LinkGive {
    /// Own personas; none: all.
    pub personas: Vec<PersonaId>,
    /// It may link and revoke devices too.
    pub main: bool,
    pub history: History,
}

impl Node {
    /// Shows a code: [`LinkView::code`](crate::view::LinkView). `give`: the other device gets these personas; `None`: it
    /// gives some to this one.
    ///
    /// # Errors
    /// `NotRunning` without a network; `NotFound` for a persona that is not an own one; `Advised` where this device is
    /// not a main one of them.
    pub async fn show_link(&self, give: Option<LinkGive>) -> Result<Linking> {
        self.refuse_demo().await?;
        let net = self.inner().net().ok_or(Error::NotRunning)?;
        let about = self.about(give.is_some()).await?;
        let (teller, (digits, typed)) = (LinkTeller::new(), mpsc::channel(1));
        let role = self.role_of(give, &teller).await?;
        let secret = Zeroizing::new(self.inner().random()?);
        let separate = self.is_compartment();
        let code = Code { gives: about.gives, separate, secret: secret.clone(), ticket: net.ticket() }.to_string();
        teller.tell(|view| view.code = Some(code));
        let (node, told) = (self.clone(), teller.clone());
        let knocks = self.inner().link.show();
        let talk = Talk::new(Side::Offers, secret, about, role, teller.clone(), typed);
        self.begin(teller, digits, |mut going| async move {
            told_end(&told, shown(&node, talk, knocks, &mut going).await, &node, &mut going).await;
        })
        .await
    }

    /// Takes a code that another device shows. `give`: what that one gets, where it shows that it wants to
    /// ([`link_code_gives`](crate::link_code_gives)); `None`: it gives.
    ///
    /// # Errors
    /// As [`Self::show_link`]; `BadInput` for what is no code, or where one of the devices would keep separate what the other
    /// one does not.
    pub(crate) async fn take_link_here(&self, code: &str, give: Option<LinkGive>) -> Result<Linking> {
        let net = self.inner().net().ok_or(Error::NotRunning)?;
        let Code { gives, separate, secret, ticket } = code.parse()?;
        if ticket.node == net.node_id() {
            return Err(Error::BadInput("this code is of this device: take it on the other one".to_owned()));
        }
        if gives == give.is_some() {
            return Err(LinkError::SameSide.into());
        }
        match (separate, self.is_compartment()) {
            (false, true) => {
                let told =
                    "the other device would not keep this persona separate: show the code there for a separate one";
                return Err(Error::BadInput(told.to_owned()));
            }
            (true, false) => {
                let told = "the other device asks for a separate persona, and this one is not";
                return Err(Error::BadInput(told.to_owned()));
            }
            _ => {}
        }
        let about = self.about(give.is_some()).await?;
        let (teller, (digits, typed)) = (LinkTeller::new(), mpsc::channel(1));
        let role = self.role_of(give, &teller).await?;
        let (node, told) = (self.clone(), teller.clone());
        let talk = Talk::new(Side::Accepts, secret, about, role, teller.clone(), typed);
        self.begin(teller, digits, |mut going| async move {
            told_end(&told, taken(&node, &net, talk, ticket, &mut going).await, &node, &mut going).await;
        })
        .await
    }

    async fn begin<W: Future<Output = ()> + Send + 'static>(
        &self,
        teller: LinkTeller,
        digits: mpsc::Sender<u8>,
        work: impl FnOnce(Going) -> W,
    ) -> Result<Linking> {
        let (linking, going) = Linking::new(&teller, digits);
        let (node, work) = (self.clone(), work(going));
        let begin = async move { unpoisoned(&node.inner().link.tasks).spawn("a linking", work) };
        self.inner().on_runtime(begin).await?;
        Ok(linking)
    }

    async fn role_of(&self, give: Option<LinkGive>, teller: &LinkTeller) -> Result<Role> {
        let key: [u8; 32] = self.inner().random()?;
        let Some(LinkGive { mut personas, main, history }) = give else {
            let (node, teller) = (self.clone(), teller.clone());
            let (drawn, names, givers) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
            let getter = Getter { node, teller, drawn, names, givers, theirs: None };
            return Ok(Role::Gets(Box::new(getter)));
        };
        if personas.is_empty() {
            personas = self.personas_here().await?.into_iter().map(|persona| persona.id).collect();
        }
        personas.sort_unstable();
        personas.dedup();
        if personas.is_empty() {
            return Err(Error::NoPersona);
        }
        if personas.len() > LINK_PERSONAS {
            return Err(Error::BadInput(format!("at most {LINK_PERSONAS} personas go over at once")));
        }
        for persona in &personas {
            self.root_of(self.own_persona(Some(*persona)).await?).await.map_err(|error| match error {
                Error::Advised { .. } => Error::Advised { told: NOT_MAIN.to_owned(), next: MAIN_LINKS },
                error => error,
            })?;
        }
        let now_ms = self.inner().clock.unix_ms();
        let since_ms = match history {
            History::All => 0,
            History::Days30 => now_ms.saturating_sub(30 * 24 * 60 * 60 * 1_000),
            History::None => now_ms,
        };
        let kept = Kept::new(key, since_ms);
        let (node, teller) = (self.clone(), teller.clone());
        Ok(Role::Gives(Box::new(Giver { node, teller, personas, main, kept, signed: BTreeMap::new(), theirs: None })))
    }

    /// What is told of this device.
    async fn about(&self, gives: bool) -> Result<About> {
        let entropy = Arc::clone(&self.inner().entropy);
        let told = move |tx: &rusqlite::Transaction<'_>| installation::about(tx, &*entropy);
        let (device, name) = self.inner().store.write(Durability::Full, told).await?;
        Ok(About { version: VERSION, gives, device: device.to_bytes(), name: name.chars().take(NAME_CHARS).collect() })
    }
}

/// Waits for the device that took the code.
async fn shown(
    node: &Node,
    mut talk: Talk,
    mut knocks: mpsc::Receiver<Knocked>,
    going: &mut Going,
) -> Result<LinkedView> {
    // Who is refused is told so, and keeps nobody else waiting.
    let mut refused = Tasks::default();
    let places = Arc::new(Semaphore::new(MEETINGS));
    let clock = Arc::clone(&node.inner().clock);
    let until_ms = clock.unix_ms().saturating_add(LINK_MS);
    loop {
        let left_ms = until_ms.saturating_sub(clock.unix_ms());
        let wait_ms = if talk.has_met() { left_ms.min(2 * LINK_REACH_MS) } else { left_ms };
        let knocked = tokio::select! {
            biased;
            () = going.ended() => return talk.end(Some(LinkError::Ended.into())),
            knocked = timeout(Duration::from_millis(wait_ms), knocks.recv()) => knocked,
        };
        let knocked = match knocked {
            Ok(Some(knocked)) => knocked,
            // Whoever shows another one takes the place.
            Ok(None) => {
                let replaced = (!talk.has_met()).then_some(LinkError::Replaced);
                return talk.end(replaced.map(Into::into));
            }
            Err(_) => return talk.end(None),
        };
        let Knocked { mut meeting, frame } = knocked;
        let left_ms = until_ms.saturating_sub(clock.unix_ms());
        if left_ms == 0 {
            refuse(&mut meeting, LinkError::Gone).await;
            meeting.end().await;
            return talk.end(None);
        }
        let Some(Frame::Knock(knock)) = Frame::decode(&frame) else { continue };
        let ended = one(&mut talk, &mut meeting, Some(knock), left_ms, going).await;
        if let Ended::Refused = ended {
            if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
                refused.spawn("a refusal", async move {
                    meeting.end().await;
                    drop(place);
                });
            }
            continue;
        }
        meeting.end().await;
        match ended {
            Ended::Linked(linked) => return Ok(linked),
            Ended::Cut | Ended::Refused => {}
            Ended::For(error) => return talk.end(Some(error)),
        }
    }
}

/// Goes to the device that shows the code, again where the connection is cut.
async fn taken(node: &Node, net: &Net, mut talk: Talk, ticket: Ticket, going: &mut Going) -> Result<LinkedView> {
    let clock = Arc::clone(&node.inner().clock);
    let until_ms = clock.unix_ms().saturating_add(LINK_MS);
    let mut reached_ms = clock.unix_ms();
    loop {
        let left_ms = until_ms.saturating_sub(clock.unix_ms());
        let met = tokio::select! {
            biased;
            () = going.ended() => return talk.end(Some(LinkError::Ended.into())),
            met = net.meet(&ticket) => met,
        };
        if let Some(mut meeting) = met {
            let ended = one(&mut talk, &mut meeting, None, left_ms, going).await;
            meeting.end().await;
            match ended {
                Ended::Linked(linked) => return Ok(linked),
                Ended::Cut | Ended::Refused if talk.has_met() => reached_ms = clock.unix_ms(),
                Ended::Cut | Ended::Refused => {}
                Ended::For(error) => return talk.end(Some(error)),
            }
        }
        let now_ms = clock.unix_ms();
        if now_ms >= until_ms || now_ms.saturating_sub(reached_ms) > LINK_REACH_MS {
            return talk.end(None);
        }
        let _ended = timeout(Duration::from_millis(LINK_RETRY_MS), going.ended()).await;
    }
}

async fn one(
    talk: &mut Talk,
    meeting: &mut Meeting,
    knock: Option<super::frame::Hello>,
    left_ms: u64,
    going: &mut Going,
) -> Ended {
    let (exported, peer) = (Zeroizing::new(*meeting.exported()), meeting.peer());
    let talked = tokio::select! {
        biased;
        () = going.ended() => None,
        talked = timeout(Duration::from_millis(left_ms), talk.run(meeting, &exported, peer, knock)) => Some(talked),
    };
    match talked {
        Some(talked) => talked.unwrap_or(Ended::Cut),
        None => {
            refuse(meeting, LinkError::Ended).await;
            Ended::For(LinkError::Ended.into())
        }
    }
}

/// Tells how it ended, and then of the messages that follow.
async fn told_end(teller: &LinkTeller, ended: Result<LinkedView>, node: &Node, going: &mut Going) {
    match ended {
        Ok(linked) => {
            tracing::info!("a device was linked");
            if let Err(error) = node.know_device(linked.device.clone()).await {
                tracing::warn!(%error, "that it is known could not be stored");
            }
            teller.tell(|view| {
                view.check = None;
                view.linked = Some(linked);
            });
            // They go on coming, whether somebody looks or not.
            tokio::select! {
                () = going.ended() => {}
                _told = history::follow(node, teller) => {}
            }
            teller.tell(|view| view.over = true);
        }
        Err(error) => {
            tracing::info!(code = error.code(), "a linking came to nothing");
            let (code, message, hint) = (error.code().to_owned(), error.to_string(), error.hint().to_owned());
            teller.tell(|view| {
                view.check = None;
                view.error = Some(LinkFailure { code, message, hint });
                view.over = true;
            });
        }
    }
}

/// Takes the streams of devices that come to link or for messages, until the node ends.
pub(crate) async fn keep_desk(node: Node) {
    let Some(net) = node.inner().net() else { return };
    let mut meetings = net.meetings();
    let places = Arc::new(Semaphore::new(MEETINGS));
    let mut tasks = Tasks::default();
    // Those that said nothing yet, the oldest first: nobody keeps the places by silence.
    let mut silent: VecDeque<oneshot::Sender<()>> = VecDeque::new();
    while let Some(mut meeting) = meetings.recv().await {
        silent.retain(|other| !other.is_closed());
        if places.available_permits() == 0
            && let Some(oldest) = silent.pop_front()
        {
            let _ended_already = oldest.send(());
        } else if places.available_permits() == 0 {
            continue;
        }
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (waits, mut evicted) = oneshot::channel();
        silent.push_back(waits);
        let node = node.clone();
        tasks.spawn("meeting", async move {
            let first = tokio::select! {
                first = timeout(Duration::from_millis(LINK_KNOCK_MS), read_bytes(&mut meeting)) => first,
                _evicted = &mut evicted => return,
            };
            drop(evicted);
            let Ok(Some(frame)) = first else { return };
            match Frame::decode(&frame) {
                Some(Frame::Knock(_)) => {
                    if let Some(Knocked { mut meeting, .. }) = node.inner().link.knock(Knocked { meeting, frame }) {
                        refuse(&mut meeting, LinkError::Gone).await;
                        meeting.end().await;
                    }
                }
                Some(Frame::Fetch(fetch)) => history::serve(&node, meeting, fetch).await,
                _ => {}
            }
            drop(place);
        });
    }
}

struct Giver {
    node: Node,
    teller: LinkTeller,
    personas: Vec<PersonaId>,
    main: bool,
    kept: Kept,
    /// One key a persona, however often the connection is cut.
    signed: BTreeMap<PersonaId, (DeviceKey, Share)>,
    theirs: Option<About>,
}

impl Gives for Giver {
    fn met(&mut self, theirs: &About) {
        self.theirs = Some(theirs.clone());
    }

    fn terms(&mut self) -> BoxFuture<'_, Result<Terms>> {
        async {
            let all = self.node.personas_here().await?;
            let offered = all.into_iter().filter(|persona| self.personas.contains(&persona.id));
            let personas = history::offered(&self.node, offered)?;
            let net = self.node.inner().net().ok_or(Error::NotRunning)?;
            self.kept.show(&self.node, &self.teller);
            let ticket = net.ticket().to_bytes();
            Ok(Terms { personas, since_ms: self.kept.since_ms, history: *self.kept.key, ticket })
        }
        .boxed()
    }

    fn share(&mut self, persona: PersonaId, device: DeviceKey) -> BoxFuture<'_, Result<Share>> {
        async move {
            let share = match self.signed.get(&persona) {
                Some((known, share)) if *known == device => share.clone(),
                Some(_) => return Err(Error::BadInput("the other device changed its key: show a new code".to_owned())),
                None => {
                    let share = self.node.certify_device(persona, device, self.main).await?;
                    self.signed.insert(persona, (device, share.clone()));
                    share
                }
            };
            if let Some(About { device: id, name, .. }) = &self.theirs {
                self.node.note_linked(DeviceId::from_bytes(*id), name, (persona, device), self.main).await?;
            }
            // Before the other device has it: it may fetch from then on, whether this one hears of it or not.
            self.kept.keep_to_give(&self.node, (persona, device)).await?;
            Ok(share)
        }
        .boxed()
    }
}

struct Getter {
    node: Node,
    teller: LinkTeller,
    /// Keys that may be certified by now.
    drawn: BTreeMap<PersonaId, SigningKey>,
    /// What they are called, until their profiles are here.
    names: BTreeMap<PersonaId, String>,
    /// Which keys the other device writes with.
    givers: BTreeMap<PersonaId, DeviceKey>,
    theirs: Option<About>,
}

impl Gets for Getter {
    fn met(&mut self, theirs: &About) {
        self.theirs = Some(theirs.clone());
    }

    fn keys(&mut self, terms: &Terms) -> BoxFuture<'_, Result<Vec<(PersonaId, DeviceKey)>>> {
        let offered: Vec<PersonaId> =
            terms.personas.iter().map(|offered| PersonaId::from_bytes(offered.persona)).collect();
        let named = |offered: &Offered| (PersonaId::from_bytes(offered.persona), offered.name.clone());
        self.names.extend(terms.personas.iter().map(named));
        let givers = history::givers(terms);
        self.givers.extend(givers.iter().copied());
        let kept = Kept::new(terms.history, terms.since_ms);
        let ticket = terms.ticket.clone();
        async move {
            let new: Vec<PersonaId> = {
                let keyring = self.node.inner().keyring();
                // Two nodes of one profile that have one persona would tie it to both.
                let here = |persona| keyring.get(persona).is_some() || self.node.is_elsewhere(persona);
                offered.into_iter().filter(|persona| !here(*persona)).collect()
            };
            let mut keys = Vec::new();
            for persona in &new {
                let key = match self.drawn.get(persona) {
                    Some(key) => key.clone(),
                    None => self.node.draw_device()?,
                };
                keys.push((*persona, DeviceKey::from(&key.verifying_key())));
                self.drawn.insert(*persona, key);
            }
            let ticket = Ticket::from_bytes(&ticket).map_err(|error| Error::BadInput(error.to_string()))?;
            if !new.is_empty() {
                let of = |(persona, _): &(PersonaId, DeviceKey)| new.contains(persona);
                kept.keep_to_get(&self.node, &givers.into_iter().filter(of).collect::<Vec<_>>(), &ticket).await?;
            }
            kept.show(&self.node, &self.teller);
            Ok(keys)
        }
        .boxed()
    }

    fn adopt(&mut self, share: Share) -> BoxFuture<'_, Result<()>> {
        async move {
            let key = self.drawn.get(&share.persona).cloned().ok_or(Error::Bug("a key that was not drawn"))?;
            let name = self.names.get(&share.persona).cloned().unwrap_or_default();
            let persona = share.persona;
            self.node.adopt_persona(key, share, &name).await?;
            // Who gives a persona holds its root.
            match (&self.theirs, self.givers.get(&persona)) {
                (Some(About { device: id, name, .. }), Some(device)) => {
                    self.node.note_linked(DeviceId::from_bytes(*id), name, (persona, *device), true).await
                }
                _ => Ok(()),
            }
        }
        .boxed()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::device;
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::store::Store;

    #[test]
    fn of_each_persona_one_key_is_certified_and_in_the_open_before_it_is_shared() {
        let clock = Arc::new(ManualClock::at_ms(1_800_000_000_000));
        let keys = Arc::new(MemoryKeystore::default());
        let node = Node::simulated(false, Store::in_memory().unwrap(), keys, clock, Arc::new(SystemEntropy)).unwrap();
        let persona = node.create_persona("Alice").now_or_never().unwrap().unwrap();
        let (kept, signed) = (Kept::new([0; 32], 0), BTreeMap::new());
        let teller = LinkTeller::new();
        let mut giver =
            Giver { node: node.clone(), teller, personas: vec![persona], main: false, kept, signed, theirs: None };
        let [one, two] = [1, 2].map(|seed| DeviceKey::from(&SigningKey::from_bytes(&[seed; 32]).verifying_key()));
        let counts = |key| {
            let read = node.inner().store.read(move |db| device::counts(db, persona, key));
            read.now_or_never().unwrap().unwrap()
        };
        let share = giver.share(persona, one).now_or_never().unwrap().unwrap();
        assert!(counts(one));
        let again = giver.share(persona, one).now_or_never().unwrap().unwrap();
        assert_eq!(share.statements, again.statements);
        assert!(matches!(giver.share(persona, two).now_or_never().unwrap(), Err(Error::BadInput(_))));
        assert!(!counts(two));
    }
}
