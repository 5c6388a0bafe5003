//! The life of compartments (`node/compartment.rs`): made, opened, started, hidden behind a passphrase, shown again, removed.
//!
//! `PROFILE/apart/NAME/` holds one, with its own database, blobs and lock. Its keys are one secret in the keystore of the
//! profile ([`Drawer`]); of a hidden one they are a file sealed with its passphrase, in its folder, and nothing else opens
//! it. Each step can be cut by a crash, and the next opening goes on with it:
//!
//! - made: keys, then database, then persona. Without a persona it is removed.
//! - hidden: the sealed file is whole and read back before it gets its name, and has its name before the secret goes. With
//!   both, the secret goes.
//! - deleted: a note says so. Of one that opens without a passphrase it stands there before, as the database tells whether it
//!   was done; of a hidden one, once its deletions are stored.
//! - removed: the folder gets another name, the keys go, then the folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use data_encoding::HEXLOWER;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use zeroize::Zeroizing;

use super::{DATABASE, make_folder};
use crate::crypto::{Drawer, SealKind, SealedFile, rename_whole, seal_with_passphrase, write_whole};
use crate::departure::{self, Content};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::host::{Keystore, KeystoreError};
use crate::id::PersonaId;
use crate::limits::{COMPARTMENT_START_LEAST_MS, COMPARTMENT_START_MS, COMPARTMENTS, FAREWELL_LOOK_MS, FAREWELL_MS};
use crate::link::{LinkGive, link_code_is_separate};
use crate::lock::Holder;
use crate::node::{Compartment, Config, LinkWatch, Linking, NetworkMode, Node, Phase, unpoisoned};
use crate::profile::checked_name;
use crate::store::Upgrade;
use crate::task;
use crate::view::Role;

/// Folder of the compartments, in the profile's.
const APART: &str = "apart";
/// In a compartment's folder: the keys of a hidden one.
const SEALED: &str = "keys.sealed";
/// In a compartment's folder: the keys of one that is being hidden, until they are read back.
const SEALING: &str = "keys.sealing";
/// In a compartment's folder, once its persona was deleted: when, ms.
const LEAVING: &str = "leaving";
/// What the folder is called once it is to go.
const GONE: &str = "gone";
/// Random bytes of a folder's name.
const NAME_BYTES: usize = 16;

impl Node {
    /// Makes a persona that is kept separate, in a compartment of its own: it shares no key, connection, log or stored
    /// entry with the others. It is never the default one.
    ///
    /// # Errors
    /// As `create_persona`; `NoPersona` where the profile has none yet, `BadInput` where it has too many of these.
    pub async fn create_separate(&self, name: &str) -> Result<PersonaId> {
        self.refuse_demo().await?;
        let name = checked_name(name)?;
        self.own_persona(None).await?;
        let compartment = self.make_compartment().await?;
        match compartment.node.create_persona(&name).await {
            Ok(persona) => {
                self.take_in(compartment).await;
                Ok(persona)
            }
            Err(error) => {
                self.remove_compartment(&compartment).await?;
                Err(error)
            }
        }
    }

    /// Starts the network of the compartment that holds this persona, where this node's runs and its own does not yet, or
    /// goes on with it after a pause. Compartments are started with the node, each some minutes after the one before, so that
    /// their network keys do not appear at one moment; what the user does with a persona starts its at once. Other personas:
    /// does nothing.
    ///
    /// # Errors
    /// As `start`.
    pub async fn wake(&self, persona: PersonaId) -> Result<()> {
        match self.compartment(persona) {
            Some(node) => self.wake_node(&node).await,
            None => Ok(()),
        }
    }

    /// Closes a separate persona and puts its keys behind a passphrase, which nobody can reset. It is in no list and no
    /// status from then on, until [`Self::unhide_personas`] shows it.
    ///
    /// `passphrase`: `None` for one that is hidden already and only shown: it keeps the one it has.
    ///
    /// # Errors
    /// `BadInput` for a persona that is not separate, as hiding some of one database would be for the eye alone, and where a
    /// passphrase is needed and missing; `NotFound`; `Keystore` and `Io`, with nothing changed, but where the keystore does not
    /// tell any more what it holds: then it is hidden, by the next start at the latest.
    pub async fn hide_persona(&self, persona: PersonaId, passphrase: Option<&str>) -> Result<()> {
        let Some(compartment) = self.compartment_of(persona) else {
            self.own_persona(Some(persona)).await?;
            let told = "only a persona that was made separate can be hidden: this one shares its database, network key and \
                        connections with the others of this profile";
            return Err(Error::BadInput(told.to_owned()));
        };
        let passphrase = passphrase.filter(|text| !text.is_empty()).map(|text| Zeroizing::new(text.to_owned()));
        let seal = match (compartment.sealed, passphrase) {
            (true, _) => None,
            (false, Some(passphrase)) => Some(passphrase),
            (false, None) => return Err(Error::BadInput("a passphrase is needed to hide a persona behind".to_owned())),
        };
        unpoisoned(&self.inner().compartments).retain(|open| open.folder != compartment.folder);
        compartment.node.shutdown_alone().await;
        if let Some(passphrase) = seal {
            let (place, folder) = (self.place(), compartment.folder.clone());
            let sealed = self.inner().off_thread(move || place.seal(&folder, &passphrase)).await?;
            if let Err(error) = sealed {
                let (place, folder) = (self.place(), compartment.folder.clone());
                match self.inner().off_thread(move || place.open_left(&folder, &mut |_| {})).await? {
                    Ok(Some(node)) => self.take_in(Compartment { node, ..compartment }).await,
                    Ok(None) => self.inner().events.send(Event::PersonasChanged),
                    Err(error) => {
                        tracing::warn!(%error, "a separate persona that was to be hidden does not open");
                        self.inner().events.send(Event::PersonasChanged);
                    }
                }
                return Err(error);
            }
        }
        self.inner().events.send(Event::PersonasChanged);
        Ok(())
    }

    /// Shows the personas that are hidden behind this passphrase, until they are hidden again or this node ends. Takes some
    /// tenths of a second for each that is hidden.
    ///
    /// # Errors
    /// `Keystore(WrongPassphrase)` where it shows none, whether or not any is hidden; `BadInput` for one that was taken in
    /// beside the others meanwhile.
    pub async fn unhide_personas(&self, passphrase: &str) -> Result<Vec<PersonaId>> {
        let (place, passphrase) = (self.place(), Zeroizing::new(passphrase.to_owned()));
        let known: Vec<String> =
            unpoisoned(&self.inner().compartments).iter().map(|open| open.folder.clone()).collect();
        let opened = self.inner().off_thread(move || place.unseal(&passphrase, &known)).await??;
        let (mut shown, mut beside) = (Vec::new(), false);
        for (folder, node) in opened {
            let personas = node.personas_here().await?;
            if personas.is_empty() {
                // It was deleted, and that was cut before this was noted.
                if let Err(error) = self.note_leaving(&folder) {
                    tracing::warn!(%error, "that a persona was deleted could not be noted");
                }
                let left_ms = Some(self.inner().clock.unix_ms());
                self.take_in(Compartment { folder, node, sealed: true, left_ms }).await;
                continue;
            }
            if personas.iter().any(|persona| self.inner().keyring().get(persona.id).is_some()) {
                // From a bundle or a backup, which nothing could refuse while this one was hidden.
                beside = true;
                node.shutdown().await;
                continue;
            }
            shown.extend(personas.into_iter().map(|persona| persona.id));
            self.take_in(Compartment { folder, node, sealed: true, left_ms: None }).await;
        }
        match (shown.is_empty(), beside) {
            (false, _) => Ok(shown),
            (true, false) => Err(Error::Keystore(KeystoreError::WrongPassphrase)),
            (true, true) => {
                let told = "this persona was taken in beside the others while it was hidden: delete it there first";
                Err(Error::BadInput(told.to_owned()))
            }
        }
    }

    /// Takes a code that another device shows. `give`: what that one gets, where it shows that it wants to
    /// ([`link_code_gives`](crate::link_code_gives)), at the node that holds it; `None`: it gives. A separate persona that it
    /// gives gets a compartment of its own.
    ///
    /// # Errors
    /// As `show_link`; `BadInput` for what is no code, or where one device would keep separate what the other one does not.
    pub async fn take_link(&self, code: &str, give: Option<LinkGive>) -> Result<Linking> {
        self.refuse_demo().await?;
        if give.is_some() || self.is_compartment() || !link_code_is_separate(code)? {
            return self.take_link_here(code, give).await;
        }
        self.link_apart(Some(code)).await
    }

    /// Shows a code that asks for a separate persona of another device, which gets a compartment of its own.
    ///
    /// # Errors
    /// As `show_link`.
    pub async fn ask_for_separate(&self) -> Result<Linking> {
        self.refuse_demo().await?;
        self.link_apart(None).await
    }

    async fn link_apart(&self, code: Option<&str>) -> Result<Linking> {
        self.inner().net().ok_or(Error::NotRunning)?;
        let compartment = self.make_compartment().await?;
        let known = self.all_compartments().into_iter().chain([self.clone()]);
        let known = known.flat_map(|node| node.inner().keyring().personas()).collect();
        *unpoisoned(&compartment.node.inner().link.elsewhere) = known;
        unpoisoned(&self.inner().compartments).push(compartment.clone());
        let begun = async {
            self.wake_node(&compartment.node).await?;
            match code {
                Some(code) => compartment.node.take_link_here(code, None).await,
                None => compartment.node.show_link(None).await,
            }
        };
        match begun.await {
            Ok(linking) => {
                let (node, watch) = (self.clone(), linking.watch());
                let ended = async move { node.end_link_apart(&compartment, watch).await };
                self.inner().tasks.lock().await.spawn("link apart", ended);
                Ok(linking)
            }
            Err(error) => {
                self.let_go(&compartment).await?;
                Err(error)
            }
        }
    }

    /// Waits until it is known whether a persona comes into a compartment that was made for it. One that stays empty goes.
    async fn end_link_apart(&self, compartment: &Compartment, mut watch: LinkWatch) {
        let mut view = watch.view();
        while view.linked.is_none() && !view.over {
            match watch.after(view.turn).await {
                Some(next) => view = next,
                None => break,
            }
        }
        if compartment.node.inner().keyring().count() > 0 {
            self.inner().events.send(Event::PersonasChanged);
        } else if let Err(error) = self.let_go(compartment).await {
            tracing::warn!(%error, "an empty compartment could not be removed; the next start does");
        }
    }

    /// Deletes a persona on this device: its keys, private messages, drafts, follows, circles and followers. Other own devices
    /// keep it. Where the default one goes, the oldest other one takes its place. `content` says what becomes of what it
    /// said; of a separate one that is to be deleted, its compartment stays, unseen and without its keys, until peers have
    /// heard the deletions, for [`FAREWELL_MS`] at most.
    ///
    /// # Errors
    /// `NotFound` when it is not an own one, or hidden; `BadInput` for the last one that is not separate; `KeysLeft` where it
    /// is deleted but for its keys, and `Io` where it is but for its folder: the next start ends both.
    pub async fn delete_persona(&self, persona: PersonaId, content: Content) -> Result<()> {
        let Some(compartment) = self.compartment_of(persona) else {
            let own = self.own_persona(Some(persona)).await?;
            if !self.is_compartment() && self.personas_here().await?.iter().all(|other| other.id == own) {
                let told = "this is the only persona that is not separate: make another one first";
                let next =
                    "kith persona create NAME; where this device alone is to go, another one of yours takes it out";
                return Err(Error::Advised { told: told.to_owned(), next });
            }
            return self.depart(persona, content).await;
        };
        if content == Content::Keep {
            let gone = self.let_go(&compartment).await;
            self.inner().events.send(Event::PersonasChanged);
            return gone;
        }
        if !compartment.sealed {
            // First, so that what is left of it is known for that after a crash.
            self.note_leaving(&compartment.folder)?;
        }
        let departed = compartment.node.depart(persona, content).await;
        if !matches!(departed, Ok(()) | Err(Error::KeysLeft(_))) {
            match compartment.node.own_persona(Some(persona)).await {
                Err(Error::NotFound { .. }) => {}
                Ok(_) => {
                    self.place().forget(&compartment.folder, LEAVING)?;
                    return departed;
                }
                // Nobody knows whether it left: of one that opens without a passphrase the next start finds out.
                Err(_) => return departed,
            }
        }
        self.farewell(&compartment).await?;
        // What is removed whole took its keys along.
        if self.place().path(&compartment.folder).try_exists().unwrap_or(true) { departed } else { Ok(()) }
    }

    /// Its persona left: it stays, unseen, until others have heard so.
    async fn farewell(&self, compartment: &Compartment) -> Result<()> {
        let left_ms = self.inner().clock.unix_ms();
        for open in unpoisoned(&self.inner().compartments).iter_mut() {
            if open.folder == compartment.folder {
                open.left_ms = Some(left_ms);
            }
        }
        self.inner().events.send(Event::PersonasChanged);
        self.note_leaving(&compartment.folder)?;
        if compartment.node.inner().store.read(departure::heard).await? {
            return self.let_go(compartment).await;
        }
        if let Err(error) = self.wake_node(&compartment.node).await {
            tracing::warn!(%error, "the network of a deleted persona does not start");
        }
        Ok(())
    }

    fn note_leaving(&self, folder: &str) -> Result<()> {
        let now_ms = self.inner().clock.unix_ms();
        Ok(write_whole(&self.place().leaving(folder), now_ms.to_string().as_bytes())?)
    }

    /// Out of the list, and off the disk.
    async fn let_go(&self, compartment: &Compartment) -> Result<()> {
        unpoisoned(&self.inner().compartments).retain(|open| open.folder != compartment.folder);
        self.remove_compartment(compartment).await
    }

    /// An empty one, open. It is the caller's to take in or remove.
    async fn make_compartment(&self) -> Result<Compartment> {
        let inner = self.inner();
        if inner.blobs.is_none() || self.is_compartment() {
            return Err(Error::NotAvailable("a separate persona here"));
        }
        if unpoisoned(&inner.compartments).len() >= COMPARTMENTS {
            return Err(Error::BadInput(format!("at most {COMPARTMENTS} personas can be kept separate")));
        }
        let folder = HEXLOWER.encode(&inner.random::<NAME_BYTES>()?);
        let node = {
            let (place, folder) = (self.place(), folder.clone());
            let work = move || place.open(&folder, true, place.drawer(&folder), &mut |_| {});
            inner.off_thread(work).await?
        };
        match node {
            Ok(node) => Ok(Compartment { folder, node, sealed: false, left_ms: None }),
            Err(error) => {
                let place = self.place();
                inner.off_thread(move || place.remove(&folder)).await??;
                Err(error)
            }
        }
    }

    async fn take_in(&self, compartment: Compartment) {
        let node = compartment.node.clone();
        unpoisoned(&self.inner().compartments).push(compartment);
        self.inner().events.send(Event::PersonasChanged);
        // The user acts with it just now.
        if let Err(error) = self.wake_node(&node).await {
            tracing::warn!(%error, "the network of a separate persona does not start");
        }
    }

    /// Ends it and removes all of it.
    async fn remove_compartment(&self, compartment: &Compartment) -> Result<()> {
        compartment.node.shutdown().await;
        let (place, folder) = (self.place(), compartment.folder.clone());
        self.inner().off_thread(move || place.remove(&folder)).await?
    }

    /// Boxed: what a start spawns can ask for this.
    fn wake_node<'a>(&'a self, node: &'a Self) -> BoxFuture<'a, Result<()>> {
        async move {
            if *self.inner().phase.lock().await != Phase::Running {
                return Ok(());
            }
            let phase = *node.inner().phase.lock().await;
            match phase {
                Phase::Opened => node.start_alone().await,
                Phase::Paused => node.resume_alone().await,
                Phase::Running | Phase::Closed => Ok(()),
            }
        }
        .boxed()
    }

    pub(super) async fn sweep_leaving(&self) -> Result<()> {
        let all = unpoisoned(&self.inner().compartments).clone();
        for compartment in all {
            let Some(left_ms) = compartment.left_ms else { continue };
            let late = self.inner().clock.unix_ms() > left_ms.saturating_add(FAREWELL_MS);
            if late || compartment.node.inner().store.read(departure::heard).await? {
                self.let_go(&compartment).await?;
            }
        }
        Ok(())
    }

    fn place(&self) -> Place {
        let inner = self.inner();
        Place { config: inner.config.clone(), keystore: Arc::clone(&inner.keystore), tag: inner.tag.clone() }
    }

    /// Opens those that are not hidden, and goes on with what a crash cut. One that does not open is told and left alone:
    /// the others are not to wait for it.
    pub(super) fn open_compartments_of_profile(&self, tell: &mut dyn FnMut(Upgrade)) -> Result<()> {
        let place = self.place();
        let mut made = BTreeMap::new();
        for folder in place.folders()? {
            let leaving = place.left_ms(&folder);
            let opened = leaving.and_then(|leaving| Ok((place.open_left(&folder, tell)?, leaving)));
            let (node, leaving) = match opened {
                Ok((Some(node), leaving)) => (node, leaving),
                Ok((None, _)) => continue,
                Err(error) => {
                    tracing::warn!(%error, "a separate persona does not open");
                    self.inner().compartments_lost.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
            };
            let compartment = Compartment { folder, node: node.clone(), sealed: false, left_ms: None };
            unpoisoned(&self.inner().compartments).push(compartment.clone());
            let made_ms: Option<i64> = super::now_or_block(
                unpoisoned(&node.inner().runtime).as_ref(),
                node.inner().store.read(|db| {
                    Ok(db.query_row("SELECT min(created_ms) FROM author WHERE own = 1", [], |row| row.get(0))?)
                }),
            )?;
            match (made_ms, leaving) {
                (Some(_), None) | (None, Some(_)) => {}
                // It was to be deleted, and that was cut: it is there as before.
                (Some(_), Some(_)) => place.forget(&compartment.folder, LEAVING)?,
                // It was being made, or came to nothing.
                (None, None) => super::block(self.let_go(&compartment))??,
            }
            made.insert(compartment.folder, (made_ms, leaving));
        }
        let mut all = unpoisoned(&self.inner().compartments);
        for open in all.iter_mut() {
            open.left_ms = made.get(&open.folder).and_then(|(made, leaving)| leaving.filter(|_| made.is_none()));
        }
        all.sort_by_key(|open| made.get(&open.folder).map(|(made, _)| *made));
        Ok(())
    }

    /// With the network of this node, at its start and after a pause: at once where it is offline, as nobody sees when; else
    /// at moments of their own. A command that opens the profile starts only those that it uses.
    pub(super) async fn start_compartments(&self) {
        if self.is_compartment() || self.inner().config.holder != Holder::Node {
            return;
        }
        if self.inner().config.network == NetworkMode::Offline {
            self.wake_all(false).await;
        } else {
            let node = self.clone();
            let waking = self.inner().on_runtime(async move { task::spawn(async move { node.wake_all(true).await }) });
            // In the place of one that was under way: two would not keep the moments apart.
            *unpoisoned(&self.inner().compartments_waking) = waking.await.ok();
        }
    }

    pub(super) async fn wake_all(&self, apart: bool) {
        for node in self.all_compartments() {
            if apart {
                let lot = self.inner().random::<8>().map_or(0, u64::from_le_bytes);
                let wait_ms = COMPARTMENT_START_LEAST_MS.saturating_add(lot % COMPARTMENT_START_MS);
                tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            }
            if let Err(error) = self.wake_node(&node).await {
                tracing::warn!(%error, "the network of a separate persona does not start");
            }
        }
    }

    pub(super) async fn pause_compartments(&self) {
        *unpoisoned(&self.inner().compartments_waking) = None;
        for node in self.all_compartments() {
            if let Err(error) = node.pause_alone().await {
                tracing::warn!(%error, "the network of a separate persona does not pause");
            }
        }
    }

    pub(super) async fn end_compartments(&self) {
        *unpoisoned(&self.inner().compartments_waking) = None;
        let all = self.all_compartments();
        join_all(all.iter().map(|node| node.shutdown_alone())).await;
        unpoisoned(&self.inner().compartments).clear();
    }
}

/// Removes compartments of deleted personas, once others have heard that they are gone or it is late.
pub(super) async fn keep_leaving(node: Node) {
    let mut ticks = tokio::time::interval(Duration::from_millis(FAREWELL_LOOK_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = node.sweep_leaving().await {
            tracing::warn!(%error, "what is left of a deleted persona could not be removed; it is tried again");
        }
    }
}

/// Where the compartments of a profile are, and what opens them.
#[derive(Clone)]
struct Place {
    config: Config,
    keystore: Arc<dyn Keystore>,
    tag: String,
}

impl Place {
    fn all(&self) -> PathBuf {
        self.config.profile.join(APART)
    }

    fn path(&self, folder: &str) -> PathBuf {
        self.all().join(folder)
    }

    fn sealed(&self, folder: &str) -> PathBuf {
        self.path(folder).join(SEALED)
    }

    fn leaving(&self, folder: &str) -> PathBuf {
        self.path(folder).join(LEAVING)
    }

    /// When its persona was deleted, ms.
    fn left_ms(&self, folder: &str) -> Result<Option<u64>> {
        match fs::read(self.leaving(folder)) {
            Ok(noted) => Ok(Some(String::from_utf8_lossy(&noted).trim().parse().unwrap_or_default())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn drawer(&self, folder: &str) -> Arc<Drawer> {
        Arc::new(Drawer::new(Arc::clone(&self.keystore), self.secret(folder)))
    }

    /// What its keys are called in the keystore.
    fn secret(&self, folder: &str) -> String {
        format!("{}/{APART}/{folder}", self.tag)
    }

    /// Those that are there; what was being removed goes now.
    fn folders(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let entries = match fs::read_dir(self.all()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(error.into()),
        };
        for entry in entries {
            let Some(name) = entry?.file_name().to_str().map(str::to_owned) else { continue };
            let (folder, gone) = match name.split_once('.') {
                Some((folder, GONE)) => (folder, true),
                _ => (name.as_str(), false),
            };
            if HEXLOWER.decode(folder.as_bytes()).is_ok_and(|bytes| bytes.len() == NAME_BYTES) {
                if gone {
                    if let Err(error) = self.remove(folder) {
                        tracing::warn!(%error, "what is left of a separate persona could not be removed");
                    }
                } else {
                    found.push(name);
                }
            }
        }
        Ok(found)
    }

    /// Opens one that was left by an earlier run. `None`: it is hidden, or was not made to its end and is gone. A file that
    /// can't be looked at is an error: nothing goes but where it is sure that none is there.
    fn open_left(&self, folder: &str, tell: &mut dyn FnMut(Upgrade)) -> Result<Option<Node>> {
        let kept = self.keystore.get(&self.secret(folder))?.is_some();
        if self.sealed(folder).try_exists()? {
            if self.left_ms(folder)?.is_some() {
                // It is noted once its deletions are stored; nothing opens it to tell who has not heard yet.
                self.remove(folder)?;
                return Ok(None);
            }
            if kept {
                // Hiding it was cut after its keys were sealed.
                self.keystore.delete(&self.secret(folder))?;
            }
            return Ok(None);
        }
        if kept {
            // Hiding it was cut before that.
            self.forget(folder, SEALING)?;
        }
        match (kept, self.path(folder).join(DATABASE).try_exists()?) {
            (true, true) => self.open(folder, false, self.drawer(folder), tell).map(Some),
            (false, true) => Err(Error::Keystore(KeystoreError::NoKey)),
            (_, false) => {
                self.remove(folder)?;
                Ok(None)
            }
        }
    }

    fn open(&self, folder: &str, create: bool, keys: Arc<dyn Keystore>, tell: &mut dyn FnMut(Upgrade)) -> Result<Node> {
        if create {
            make_folder(&self.all())?;
        }
        let config = Config {
            profile: self.path(folder),
            create,
            // It serves no control socket, and nobody waits for it beside whoever waits for the profile.
            holder: Holder::Command,
            role: match self.config.role {
                Role::Anchor => Role::Desktop,
                role => role,
            },
            // A port of its own.
            listen: self.config.listen.map(|addr| (addr.ip(), 0).into()),
            network: match self.config.network {
                // Whoever is in the same network need not hear of it.
                NetworkMode::Lan => NetworkMode::AsSet,
                network => network,
            },
            lock_wait_ms: self.config.lock_wait_ms,
        };
        Node::open_one(config, keys, tell, true)
    }

    /// Moves the keys of one that is closed behind a passphrase. At any moment they are whole in the keystore or in the file.
    fn seal(&self, folder: &str, passphrase: &str) -> Result<()> {
        // One of a deletion that came to nothing would have it removed.
        self.forget(folder, LEAVING)?;
        let (drawer, sealing) = (self.drawer(folder), self.path(folder).join(SEALING));
        let sealed = drawer.seal(&sealing, passphrase).map_err(Error::from);
        if let Err(error) = sealed.and_then(|()| Ok(rename_whole(&sealing, &self.sealed(folder))?)) {
            // The keystore was not touched. What can't be removed now goes with the next opening.
            let _it_stays = self.forget(folder, SEALING);
            return Err(error);
        }
        let Err(error) = drawer.empty() else { return Ok(()) };
        // A keystore can fail after it did as it was told: it is asked what it holds, and no answer is not an answer.
        match self.keystore.get(&self.secret(folder)) {
            Ok(None) => Ok(()),
            Ok(Some(_)) => {
                self.forget(folder, SEALED)?;
                Err(error.into())
            }
            Err(_) => Err(error.into()),
        }
    }

    /// Removes a file of its folder, where it is there.
    fn forget(&self, folder: &str, file: &str) -> Result<()> {
        match fs::remove_file(self.path(folder).join(file)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Opens the hidden ones, but for those that are `known`, which this passphrase opens.
    fn unseal(&self, passphrase: &str, known: &[String]) -> Result<Vec<(String, Node)>> {
        let (mut opened, mut tried) = (Vec::new(), false);
        for folder in self.folders()? {
            if known.contains(&folder) || !self.sealed(&folder).try_exists()? {
                continue;
            }
            tried = true;
            let keys = SealedFile::new(&self.sealed(&folder), Some(passphrase));
            match keys.get("") {
                Ok(_) => opened.push((folder.clone(), self.open(&folder, false, Arc::new(keys), &mut |_| {})?)),
                Err(KeystoreError::Io(told)) => return Err(Error::Keystore(KeystoreError::Io(told))),
                Err(_) => {}
            }
        }
        if !tried {
            // Where nothing is hidden it takes as long as where one is.
            let _same_time = seal_with_passphrase(SealKind::Keystore, passphrase, &[]);
        }
        Ok(opened)
    }

    /// Removes one that is closed: first it has another name, so that nothing opens half of it; then its keys go.
    fn remove(&self, folder: &str) -> Result<()> {
        let (here, gone) = (self.path(folder), self.path(&format!("{folder}.{GONE}")));
        match fs::rename(&here, &gone) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        self.keystore.delete(&self.secret(folder)).map_err(Error::KeysLeft)?;
        match fs::remove_dir_all(&gone) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}
