//! People near you: for ten minutes this node announces on the local network a key that it drew for that, and shows who else
//! does. Two who do exchange their invites over a connection of their own; nothing is followed until the user says so, and
//! then as any invite is. Nothing is announced or shown otherwise, and nothing of it is stored.

mod exchange;
mod room;

use std::net::IpAddr;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};

use self::exchange::{Side, Told, exchange, opened};
use self::room::Room;
use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::follow::invited;
use crate::id::{NodeId, PersonaId};
use crate::limits::{NEAR_END_MS, NEAR_EXCHANGE_MS, NEAR_MS, NEAR_QUEUE};
use crate::net::{Meeting, Met, Sighting, Vicinity};
use crate::node::{NearOpen, NearSeen, Node};
use crate::task::{self, Tasks};
use crate::view::{Followed, NearPerson, NearView};

impl Node {
    /// Opens it for [`NEAR_MS`], as this persona [default: the default one]: whoever on this network has it open too learns
    /// what an invite tells. Opening it again for the same one changes nothing; for another closes it first.
    ///
    /// # Errors
    /// As [`Node::invite`]; `NotRunning`; `NearOffline` for a node that runs with `--offline`, `NearUnheard` where the network
    /// lets nobody be found.
    pub async fn open_near(&self, persona: Option<PersonaId>) -> Result<NearView> {
        {
            let _changing = self.inner().near.change.lock().await;
            let invite = self.invite(persona).await?;
            let open = self.inner().near.look();
            if open.is_none_or(|(as_whom, ..)| as_whom != invite.persona) {
                self.end_near().await;
                let net = self.inner().net().ok_or(Error::NotRunning)?;
                let events = self.inner().events.clone();
                let until_ms = self.inner().clock.unix_ms().saturating_add(NEAR_MS);
                let opened = self.inner().on_runtime(async move {
                    let vicinity = net.vicinity().await?;
                    Ok::<_, Error>(begin(vicinity, invite.persona, invite.invite, until_ms, events))
                });
                self.inner().near.put(opened.await??);
                self.inner().events.send(Event::NearChanged);
            }
        }
        self.people_near().await
    }

    /// Closes it: nothing is announced any more once this comes back. Fine where it is closed.
    pub async fn close_near(&self) {
        let _changing = self.inner().near.change.lock().await;
        if self.end_near().await {
            self.inner().events.send(Event::NearChanged);
        }
    }

    /// At the profile's node: closes it at every node of this profile but one. Two personas that are near at one time would
    /// be taken for one person's.
    pub async fn close_near_beside(&self, one: &Self) {
        for other in self.compartments().iter().chain([self]).filter(|other| !other.is(one)) {
            other.close_near().await;
        }
    }

    /// Whether it is open, and who is there. Own personas of other devices are left out.
    pub async fn people_near(&self) -> Result<NearView> {
        let Some((persona, until_ms, seen)) = self.inner().near.look() else { return Ok(NearView::default()) };
        let followed: Vec<PersonaId> = match self.follows(Some(persona)).await {
            Ok(follows) => follows.into_iter().map(|follow| follow.persona).collect(),
            // It left meanwhile.
            Err(Error::NotFound { .. } | Error::NotYours) => Vec::new(),
            Err(error) => return Err(error),
        };
        let others = seen.into_iter().filter(|seen| self.inner().keyring().get(seen.persona).is_none());
        let people = others.map(|seen| NearPerson {
            id: seen.id,
            followed: followed.contains(&seen.persona),
            persona: seen.persona,
            name: Some(seen.name).filter(|name| !name.is_empty()),
            code: seen.code,
        });
        Ok(NearView { open: true, until_ms: Some(until_ms), persona: Some(persona), people: people.collect() })
    }

    /// Follows somebody who is there, as the persona for which it is open: as their invite would.
    ///
    /// # Errors
    /// `NotFound` for who is not there, or where it is closed; as [`Node::follow`].
    pub async fn follow_near(&self, id: NodeId) -> Result<Followed> {
        let gone = || Error::NotFound {
            what: "somebody near you who is called so (it is open on both sides for ten minutes)",
        };
        let (persona, _, seen) = self.inner().near.look().ok_or_else(gone)?;
        let seen = seen.into_iter().find(|seen| seen.id == id).ok_or_else(gone)?;
        let followed = self.follow(Some(persona), &seen.invite).await?;
        self.inner().events.send(Event::NearChanged);
        Ok(followed)
    }

    /// Answers whether it was open.
    async fn end_near(&self) -> bool {
        let Some(open) = self.inner().near.take() else { return false };
        let NearOpen { stop, ended, task, .. } = open;
        drop(stop);
        let _closing = self
            .inner()
            .on_runtime(async move {
                let _late = timeout(Duration::from_millis(2 * NEAR_END_MS), ended).await;
                drop(task);
            })
            .await;
        true
    }
}

/// On a runtime.
fn begin(vicinity: Vicinity, persona: PersonaId, invite: String, until_ms: u64, events: Events) -> NearOpen {
    let (teller, seen) = watch::channel(Vec::new());
    let (stop, stopped) = oneshot::channel::<()>();
    let (over, ended) = oneshot::channel();
    let task = task::spawn(async move {
        run(vicinity, invite, &teller, &events, stopped).await;
        let _nobody_waits = over.send(());
        drop(teller);
        events.send(Event::NearChanged);
    });
    NearOpen { persona, until_ms, seen, stop, ended, task }
}

/// What the tasks of an opening tell.
enum Happened {
    /// It was dialled.
    Dialled(NodeId, Option<Box<Met>>),
    /// An exchange is over.
    Told(NodeId, Option<Box<(NearSeen, Meeting)>>),
    /// An exchange that the other side, who is there, ended without a word.
    Unsaid(NodeId, Option<IpAddr>),
    Left(NodeId),
}

async fn run(
    mut vicinity: Vicinity,
    invite: String,
    teller: &watch::Sender<Vec<NearSeen>>,
    events: &Events,
    mut stopped: oneshot::Receiver<()>,
) {
    let began = Instant::now();
    let now_ms = || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (tell, mut told) = mpsc::channel(NEAR_QUEUE);
    let (mut room, mut tasks) = (Room::new(vicinity.id()), Tasks::default());
    loop {
        if Room::is_over(now_ms()) {
            break;
        }
        for ticket in room.due(now_ms()) {
            let (dial, tell) = (vicinity.dial(&ticket), tell.clone());
            tasks.spawn("near dial", async move {
                let met = dial.await.map(Box::new);
                let _over = tell.send(Happened::Dialled(ticket.node, met)).await;
            });
        }
        let wakes = began + Duration::from_millis(room.wakes_ms());
        let changed = tokio::select! {
            _ended = &mut stopped => break,
            () = sleep_until(wakes) => false,
            sighting = vicinity.next() => match sighting {
                None => break,
                Some(Sighting::Found(ticket)) => { room.found(ticket, now_ms()); false }
                Some(Sighting::Lost(node)) => { room.lost(node); false }
                Some(Sighting::Knock(met)) => {
                    let node = met.meeting.peer();
                    if room.admits(node, met.ip, false) {
                        tasks.spawn("near exchange", talk(node, met, false, invite.clone(), tell.clone()));
                    }
                    false
                }
            },
            Some(happened) = told.recv() => match happened {
                Happened::Dialled(node, Some(met)) if room.admits(node, met.ip, true) => {
                    tasks.spawn("near exchange", talk(node, *met, true, invite.clone(), tell.clone()));
                    false
                }
                Happened::Told(node, Some(seen)) => {
                    let (seen, meeting) = *seen;
                    let room_for = room.told(seen);
                    if room_for {
                        tasks.spawn("near", stay(node, meeting, tell.clone()));
                    } else {
                        room.left(node, now_ms());
                    }
                    room_for
                }
                Happened::Unsaid(node, ip) => {
                    room.unsaid(node, ip);
                    room.left(node, now_ms())
                }
                Happened::Dialled(node, _) | Happened::Told(node, None) | Happened::Left(node) => {
                    room.left(node, now_ms())
                }
            },
        };
        if changed {
            teller.send_replace(room.people());
            events.send(Event::NearChanged);
        }
    }
    tasks.shutdown().await;
    vicinity.close().await;
}

/// Tells who each side is.
async fn talk(node: NodeId, met: Met, dialled: bool, invite: String, tell: mpsc::Sender<Happened>) {
    let Met { mut meeting, ip } = met;
    let exported = zeroize::Zeroizing::new(*meeting.exported());
    let (mut nonce, mut said) = ([0; 32], false);
    let seen = async {
        getrandom::fill(&mut nonce).ok()?;
        let side = Side { dialled, nonce, invite: &invite, exported: &exported };
        let opened = opened(&mut meeting, &side).await?;
        said = true;
        let Told { invite, code } = exchange(&mut meeting, side, opened).await?;
        let (persona, name) = invited(&invite).ok()?;
        Some(NearSeen { id: node, persona, name, invite, code, ip })
    };
    let happened = match timeout(Duration::from_millis(NEAR_EXCHANGE_MS), seen).await {
        // Who does not know this side ends it at once; who keeps it waiting takes its places, and has to be counted.
        Ok(None) if !said => Happened::Unsaid(node, ip),
        ended => Happened::Told(node, ended.ok().flatten().map(|seen| Box::new((seen, meeting)))),
    };
    let _over = tell.send(happened).await;
}

/// They are there for as long as the connection is. Nothing more is said over it.
async fn stay(node: NodeId, mut meeting: Meeting, tell: mpsc::Sender<Happened>) {
    let _anything_or_the_end = meeting.read_u8().await;
    drop(meeting);
    let _over = tell.send(Happened::Left(node)).await;
}

#[cfg(test)]
mod tests;
