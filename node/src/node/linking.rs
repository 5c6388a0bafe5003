//! A linking that is under way: what is known of it, and the digits that the user types.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use tokio::sync::{mpsc, watch};

use super::unpoisoned;
use crate::error::{Error, Result};
use crate::id::PersonaId;
use crate::net::Meeting;
use crate::task::Tasks;
use crate::view::LinkView;

/// A linking of this device with another one. It ends when this is dropped, and tells the other one so.
#[derive(Debug)]
pub struct Linking {
    watch: LinkWatch,
    /// Before the digits: whose end is none of the user's.
    _going: watch::Sender<()>,
    digits: mpsc::Sender<u8>,
}

/// That the user still wants a linking.
#[derive(Debug)]
pub(crate) struct Going(watch::Receiver<()>);

impl Going {
    /// Comes back once the user ended it.
    pub(crate) async fn ended(&mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

impl Linking {
    pub(crate) fn new(teller: &LinkTeller, digits: mpsc::Sender<u8>) -> (Self, Going) {
        let (going, wanted) = watch::channel(());
        (Self { watch: LinkWatch(teller.0.subscribe()), _going: going, digits }, Going(wanted))
    }

    pub fn watch(&self) -> LinkWatch {
        self.watch.clone()
    }

    /// The two digits that the other device shows.
    ///
    /// # Errors
    /// `BadInput` for what is no two digits.
    pub fn type_digits(&self, text: &str) -> Result<()> {
        let text = text.trim();
        let number = text.parse::<u8>().ok().filter(|number| text.len() == 2 && *number < 100);
        let number = number.ok_or_else(|| Error::BadInput("the check is two digits, such as 07".to_owned()))?;
        // What was typed before and not taken yet stands.
        let _waiting_already = self.digits.try_send(number);
        Ok(())
    }
}

/// Looks at a linking.
#[derive(Debug, Clone)]
pub struct LinkWatch(watch::Receiver<LinkView>);

impl LinkWatch {
    pub fn view(&self) -> LinkView {
        self.0.borrow().clone()
    }

    /// The next state that is not the one of this turn; `None` once nothing more comes.
    pub async fn after(&mut self, turn: u64) -> Option<LinkView> {
        self.0.wait_for(|view| view.turn != turn).await.ok().map(|view| view.clone())
    }
}

/// Tells whoever watches.
#[derive(Debug, Clone)]
pub(crate) struct LinkTeller(Arc<watch::Sender<LinkView>>);

impl LinkTeller {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(LinkView::default())))
    }

    pub(crate) fn tell(&self, change: impl FnOnce(&mut LinkView)) {
        self.0.send_modify(|view| {
            view.turn += 1;
            change(view);
        });
    }

    pub(crate) fn watch(&self) -> LinkWatch {
        LinkWatch(self.0.subscribe())
    }
}

/// A stream whose first frame was read: somebody comes with a code.
#[derive(Debug)]
pub(crate) struct Knocked {
    pub(crate) meeting: Meeting,
    pub(crate) frame: Vec<u8>,
}

/// What a running node keeps of linkings.
#[derive(Debug, Default)]
pub(crate) struct LinkDesk {
    /// Who waits with a code that is shown.
    shown: Mutex<Option<mpsc::Sender<Knocked>>>,
    /// Who shows how far the history with this name came.
    shows: Mutex<Option<([u8; 16], LinkTeller)>>,
    /// Personas that other nodes of the profile have: this one takes none of them.
    pub(crate) elsewhere: Mutex<BTreeSet<PersonaId>>,
    /// Of the control socket: it is there for the command that asked for it, and looked last at this time, ms since the
    /// epoch.
    pub(crate) asked: Mutex<Option<(Linking, u64)>>,
    /// Linkings, until they have ended.
    pub(crate) tasks: Mutex<Tasks>,
}

impl LinkDesk {
    /// Those who come with a code, from now on. Whoever waited before waits no longer.
    pub(crate) fn show(&self) -> mpsc::Receiver<Knocked> {
        // One after the other: only one of them has the code.
        let (sender, receiver) = mpsc::channel(1);
        *unpoisoned(&self.shown) = Some(sender);
        receiver
    }

    /// Gives it back where nobody waits. While somebody is being served others come again.
    pub(crate) fn knock(&self, knocked: Knocked) -> Option<Knocked> {
        let Some(shown) = unpoisoned(&self.shown).clone() else { return Some(knocked) };
        match shown.try_send(knocked) {
            Err(mpsc::error::TrySendError::Closed(knocked)) => Some(knocked),
            Ok(()) | Err(mpsc::error::TrySendError::Full(_)) => None,
        }
    }

    pub(crate) fn show_history(&self, id: [u8; 16], teller: LinkTeller) {
        *unpoisoned(&self.shows) = Some((id, teller));
    }

    /// What was named for this one.
    pub(crate) fn history_of(&self, teller: &LinkTeller) -> Option<[u8; 16]> {
        unpoisoned(&self.shows).as_ref().filter(|(_, shown)| Arc::ptr_eq(&shown.0, &teller.0)).map(|(id, _)| *id)
    }

    pub(crate) fn history(&self, id: &[u8; 16]) -> Option<LinkTeller> {
        unpoisoned(&self.shows).as_ref().filter(|(shown, _)| shown == id).map(|(_, teller)| teller.clone())
    }
}
