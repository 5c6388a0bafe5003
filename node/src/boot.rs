//! From a folder to a running node, and back: opening, the life cycle, and the wiring of store, gate and network.

mod compartments;
mod demo;
mod discard;
mod keys;
mod network;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use rusqlite::OptionalExtension;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::broadcast;

pub use self::demo::DemoView;
use self::keys::{database_key, keep_tag, network_key, profile_tag};
use crate::apply::{self, EntryGate};
use crate::backup;
use crate::clock::{Clock, SystemClock};
use crate::control;
use crate::departure;
use crate::draft;
use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::gate::{Gate, Twin};
use crate::host::{Entropy, Keystore, KeystoreError, SystemEntropy};
use crate::id::{BlobHash, PersonaId};
use crate::keyring::Keyring;
use crate::limits::{COMMIT_QUEUE, STORE_REST_MS, WAITING_SWEEP_MS};
use crate::link;
use crate::lock::{Holder, ProfileLock};
use crate::mail;
use crate::net::{Blobs, Net, NetConfig, NetParts};
use crate::node::{Config, Held, Inner, LinkDesk, NearDesk, NetworkMode, Node, Phase, unpoisoned};
use crate::search;
use crate::setting;
use crate::storage;
use crate::store::{Durability, Store};
use crate::tag;
use crate::task::{raise_open_files, survive_file_limits};
use crate::thread::{self, Delivery};
use crate::view::Role;

/// Of this device alone: how often the network was started.
const RUN: &str = "run";
/// Of this device alone: the UDP port that the profile used last.
const PORT: &str = "net.port";
/// Of this device alone: when `doctor` last proved that the profile can be written.
const WRITTEN: &str = "doctor";
/// Setting: `on` where the user allowed iroh's public lookup and relays.
const PUBLIC: &str = "net.public";
/// Threads of the node's own runtime: it waits for sockets; slow work goes to the blocking pool.
const WORKERS: usize = 2;
/// The database, in the profile's folder.
const DATABASE: &str = "kith.db";

impl Node {
    /// Opens a profile: lock, keys, database. Blocks for some 10 ms (plus the keystore); starts no network.
    ///
    /// # Errors
    /// `NoProfile`, `ProfileInUse`, `ProfileTooNew`, `Keystore`, `DatabaseDamaged`, `DiskFull`, `Io`.
    pub fn open(config: Config, keystore: Arc<dyn Keystore>) -> Result<Self> {
        Self::open_telling(config, keystore, &mut |_| {})
    }

    /// As [`Self::open`]; `tell` hears how far it is where a newer version brings the profile up to date.
    ///
    /// # Errors
    /// As there.
    pub fn open_telling(
        config: Config,
        keystore: Arc<dyn Keystore>,
        tell: &mut dyn FnMut(crate::store::Upgrade),
    ) -> Result<Self> {
        let node = Self::open_one(config, keystore, tell, false)?;
        match node.open_compartments_of_profile(tell) {
            Ok(()) => Ok(node),
            Err(error) => {
                block(async { node.shutdown().await })?;
                Err(error)
            }
        }
    }

    fn open_one(
        config: Config,
        keystore: Arc<dyn Keystore>,
        tell: &mut dyn FnMut(crate::store::Upgrade),
        compartment: bool,
    ) -> Result<Self> {
        let database = config.profile.join(DATABASE);
        match std::fs::metadata(&database) {
            // A new one would only hide that its content is gone.
            Ok(found) if !found.is_file() || (!config.create && found.len() == 0) => {
                return Err(Error::DatabaseDamaged);
            }
            // Pictures without their database: a new profile in its place would hide what happened.
            Err(_) if !config.create && config.profile.join(crate::net::MEDIA).is_dir() => {
                return Err(Error::DatabaseDamaged);
            }
            Err(_) if !config.create => return Err(Error::NoProfile),
            _ => {}
        }
        make_folder(&config.profile)?;
        let lock = ProfileLock::acquire(&config.profile, config.holder, config.lock_wait_ms)?;
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let tag = profile_tag(&config.profile, &*keystore, &*entropy, database.exists())?;
        let key = database_key(&*keystore, &tag, &*entropy, database.exists())?;
        keep_tag(&*keystore, &tag)?;
        let store = Store::open_telling(&database, &key, tell)?;
        let runtime =
            Builder::new_multi_thread().worker_threads(WORKERS).thread_name("kith-node").enable_all().build()?;
        let profile = config.profile.clone();
        let blobs = on(&runtime, async move {
            survive_file_limits()?;
            tracing::debug!(limit = raise_open_files(), "files that may be open");
            Blobs::open(&profile).await
        })??;
        let parts = Parts {
            config,
            store,
            clock: Arc::new(SystemClock),
            entropy,
            keystore,
            tag,
            blobs: Some(blobs),
            runtime: Some(runtime),
            lock: Some(lock),
            delivery: Delivery::On,
            compartment,
        };
        Self::assemble(parts)
    }

    /// A node without folder, network and runtime: everything runs inside the caller. The simulation drives it.
    /// `delivery`: where it can be written to, Olm draws keys from the system, so that not every byte of two runs is the
    /// same.
    pub fn simulated(
        delivery: impl Into<Delivery>,
        store: Store,
        keystore: Arc<dyn Keystore>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self> {
        Self::simulated_as(Role::Desktop, delivery, store, keystore, clock, entropy)
    }

    /// The same in a role.
    pub fn simulated_as(
        role: Role,
        delivery: impl Into<Delivery>,
        store: Store,
        keystore: Arc<dyn Keystore>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self> {
        let config = Config {
            profile: std::path::PathBuf::new(),
            create: true,
            holder: Holder::Node,
            role,
            listen: None,
            network: NetworkMode::Offline,
            lock_wait_ms: 0,
        };
        let tag = "simulated".to_owned();
        let (blobs, runtime, lock, delivery, compartment) = (None, None, None, delivery.into(), false);
        Self::assemble(Parts {
            config,
            store,
            clock,
            entropy,
            keystore,
            tag,
            blobs,
            runtime,
            lock,
            delivery,
            compartment,
        })
    }

    /// One with nobody in it, for a test: in memory, with a clock of its own.
    #[cfg(test)]
    pub(crate) fn alone() -> Result<Self> {
        let clock = Arc::new(crate::clock::ManualClock::at_ms(1_800_000_000_000));
        let keys = Arc::new(crate::host::MemoryKeystore::default());
        Self::simulated(false, Store::in_memory()?, keys, clock, Arc::new(SystemEntropy))
    }

    fn assemble(parts: Parts) -> Result<Self> {
        let Parts { config, store, clock, entropy, keystore, tag, blobs, runtime, lock, delivery, compartment } = parts;
        let mut keyring = Keyring::default();
        let own: Vec<PersonaId> = now_or_block(
            runtime.as_ref(),
            store.read(|db| Ok(crate::author::own(db)?.into_iter().map(|own| own.id).collect())),
        )?;
        for persona in own.iter().copied() {
            keyring.load(&*keystore, &tag, persona)?;
        }
        for persona in now_or_block(runtime.as_ref(), store.read(departure::cut))? {
            // One that came back meanwhile, from a bundle or a backup, keeps what came with it.
            if !own.contains(&persona)
                && let Err(error) = keyring.forget(&*keystore, &tag, persona)
            {
                tracing::warn!(%error, "keys of a deleted persona are still there; the next start tries it again");
                continue;
            }
            let done = store.write(Durability::Full, move |tx| departure::done(tx, persona));
            now_or_block(runtime.as_ref(), done)?;
        }
        if now_or_block(runtime.as_ref(), store.read(draft::is_held))?
            && let Err(error) = now_or_block(runtime.as_ref(), store.write(Durability::Full, draft::take_back))
        {
            tracing::warn!(%error, "a post that waited is no draft again; the next start tries it again");
        }
        let (staged, held) = now_or_block(runtime.as_ref(), store.read(draft::staged))?;
        let keyring = Arc::new(Mutex::new(keyring));
        let events = Events::default();
        let commits = broadcast::Sender::new(COMMIT_QUEUE);
        let twin = Arc::new(Twin::since(clock.unix_s()));
        let gate: Arc<dyn Gate> = Arc::new(EntryGate {
            store: store.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            keyring: Arc::clone(&keyring),
            events: events.clone(),
            commits: commits.clone(),
            compared: Arc::default(),
            twin: Arc::clone(&twin),
            trying: Arc::default(),
            role: config.role,
            delivery,
            runtime: runtime.as_ref().map(|runtime| runtime.handle().clone()),
        });
        Ok(Self(Arc::new(Inner {
            config,
            store,
            clock,
            entropy,
            keystore,
            tag,
            keyring,
            events,
            commits,
            gate: OnceLock::from(gate),
            twin,
            blobs,
            net: Mutex::default(),
            runtime: Mutex::new(runtime),
            phase: tokio::sync::Mutex::new(Phase::Opened),
            tasks: tokio::sync::Mutex::default(),
            lock: Mutex::new(lock),
            staged: Mutex::new(staged),
            held: Held { files: Mutex::new(held), ..Held::default() },
            web: Mutex::default(),
            transfer: Mutex::default(),
            link: LinkDesk::default(),
            near: NearDesk::default(),
            compartment,
            compartments: Mutex::default(),
            compartments_waking: Mutex::default(),
            compartments_lost: AtomicUsize::new(0),
            window: AtomicBool::new(false),
        })))
    }

    /// The gate, for drivers of a simulated node.
    pub fn gate(&self) -> Result<Arc<dyn Gate>> {
        self.inner().gate()
    }

    /// Every commit, own and remote, from now on.
    pub fn commits(&self) -> broadcast::Receiver<crate::gate::Committed> {
        self.inner().commits.subscribe()
    }

    /// Starts the network and the control socket; its compartments follow. Starting a running node does nothing.
    ///
    /// # Errors
    /// `Network` when the address can't be bound, `Closed` after `shutdown`.
    pub async fn start(&self) -> Result<()> {
        self.start_alone().await?;
        self.start_compartments().await;
        Ok(())
    }

    async fn start_alone(&self) -> Result<()> {
        let node = self.clone();
        self.inner().on_runtime(async move { node.start_here().await }).await?
    }

    async fn start_here(self) -> Result<()> {
        let inner = self.inner();
        let mut phase = inner.phase.lock().await;
        match *phase {
            Phase::Opened => {}
            Phase::Running => return Ok(()),
            Phase::Paused => return Err(Error::Bug("a paused node is resumed, not started")),
            Phase::Closed => return Err(Error::Closed),
        }
        // Whatever fails, nothing of the start is left: the socket's file goes with the listener.
        let listener = if inner.config.holder == Holder::Node { bind_control(&inner.config.profile)? } else { None };
        self.count_run().await?;
        let commits = inner.commits.subscribe();
        let net = Net::start(self.net_config().await?, self.net_parts(commits)?).await?;
        let port = net.port();
        let noted =
            inner.store.write(Durability::Normal, move |tx| setting::put_local(tx, PORT, &port.to_string())).await;
        if let Err(error) = noted {
            net.shutdown().await;
            return Err(error);
        }
        *unpoisoned(&inner.net) = Some(net);
        if let Err(error) = self.services_changed().await {
            tracing::warn!(%error, "the anchors and mailboxes can't be read: none is used in this run");
        }
        let mut tasks = inner.tasks.lock().await;
        if let Some(listener) = listener {
            tasks.spawn("control", control::run(self.clone(), listener));
        }
        tasks.spawn("sweep", sweep(self.clone()));
        tasks.spawn("room", storage::keep_room(self.clone()));
        tasks.spawn("waiting", sweep_waiting(self.clone()));
        tasks.spawn("search", search::keep_indexed(self.clone()));
        tasks.spawn("tags", tag::keep_asking(self.clone()));
        tasks.spawn("rest", rest(self.clone()));
        tasks.spawn("held", draft::serve(self.clone()));
        tasks.spawn("backup", backup::keep_backed_up(self.clone()));
        tasks.spawn("link", link::keep_desk(self.clone()));
        tasks.spawn("history", link::keep_history(self.clone()));
        if !inner.compartment {
            tasks.spawn("leaving", compartments::keep_leaving(self.clone()));
        }
        *phase = Phase::Running;
        inner.events.send(Event::NetworkChanged);
        Ok(())
    }

    /// Counts the runs in the database and, after it, in the keystore. One that is ahead of the other database shows
    /// that this one is an old copy (invariant 13): its sessions may have gone on, and are not used again. A crash
    /// between the two looks as if this database was ahead, which harms nobody.
    async fn count_run(&self) -> Result<()> {
        let inner = self.inner();
        let name = format!("{}/run", inner.tag);
        let kept = inner.keystore.get(&name)?.and_then(|kept| <[u8; 8]>::try_from(kept.as_slice()).ok());
        let kept = kept.map_or(0, u64::from_le_bytes);
        let run = inner
            .store
            .write(Durability::Full, move |tx| {
                let here = setting::local(tx, RUN)?.and_then(|run| run.parse::<u64>().ok()).unwrap_or_default();
                if kept > here {
                    tracing::warn!("this profile is an old copy: conversations go on in new sessions");
                    thread::forget_all(tx)?;
                    draft::doubt(tx)?;
                }
                let run = kept.max(here).saturating_add(1);
                setting::put_local(tx, RUN, &run.to_string())?;
                Ok(run)
            })
            .await?;
        inner.keystore.set(&name, &run.to_le_bytes())?;
        Ok(())
    }

    /// Closes connections, keeps the store open. For phones in the background. Its compartments pause with it.
    pub async fn pause(&self) -> Result<()> {
        let paused = self.pause_alone().await;
        self.pause_compartments().await;
        paused
    }

    async fn pause_alone(&self) -> Result<()> {
        let node = self.clone();
        self.inner()
            .on_runtime(async move {
                let inner = node.inner();
                node.close_near().await;
                let mut phase = inner.phase.lock().await;
                if *phase == Phase::Running {
                    if let Some(net) = inner.net() {
                        net.pause().await;
                    }
                    *phase = Phase::Paused;
                    inner.events.send(Event::NetworkChanged);
                }
            })
            .await
    }

    /// Goes on after [`Self::pause`]. Its compartments follow as at a start: each at a moment of its own, or once it is used.
    ///
    /// # Errors
    /// As `start`; `NotRunning` where it was not started. A compartment that can't go on is told in the log and tried again
    /// when it is used.
    pub async fn resume(&self) -> Result<()> {
        self.resume_alone().await?;
        self.start_compartments().await;
        Ok(())
    }

    async fn resume_alone(&self) -> Result<()> {
        let node = self.clone();
        self.inner()
            .on_runtime(async move {
                let inner = node.inner();
                let mut phase = inner.phase.lock().await;
                match *phase {
                    Phase::Paused => {
                        if let Some(net) = inner.net() {
                            net.resume().await?;
                        }
                        *phase = Phase::Running;
                        inner.events.send(Event::NetworkChanged);
                        Ok(())
                    }
                    Phase::Running => Ok(()),
                    Phase::Opened => Err(Error::NotRunning),
                    Phase::Closed => Err(Error::Closed),
                }
            })
            .await?
    }

    /// Ends everything; returns when files and sockets are closed. Later verbs answer [`Error::Closed`].
    pub async fn shutdown(&self) {
        self.end_compartments().await;
        self.shutdown_alone().await;
    }

    async fn shutdown_alone(&self) {
        let node = self.clone();
        let _closed_before = self.inner().on_runtime(async move { node.shutdown_here().await }).await;
        let runtime = unpoisoned(&self.inner().runtime).take();
        if let Some(runtime) = runtime {
            // Never waits: what is left are idle threads.
            runtime.shutdown_background();
        }
    }

    async fn shutdown_here(self) {
        let inner = self.inner();
        self.release_now().await;
        self.close_near().await;
        let mut phase = inner.phase.lock().await;
        if *phase == Phase::Closed {
            return;
        }
        *phase = Phase::Closed;
        self.end_transfer();
        inner.tasks.lock().await.shutdown().await;
        let net = unpoisoned(&inner.net).take();
        if let Some(net) = net {
            net.shutdown().await;
        }
        if let Some(blobs) = &inner.blobs {
            blobs.close().await;
        }
        let store = inner.store.clone();
        let _panicked = tokio::task::spawn_blocking(move || store.close()).await;
        *unpoisoned(&inner.lock) = None;
    }

    async fn net_config(&self) -> Result<NetConfig> {
        let inner = self.inner();
        let (port, public, demo) = inner
            .store
            .read(|db| Ok((setting::local(db, PORT)?, setting::get(db, PUBLIC)?, setting::is_demo(db)?)))
            .await?;
        let offline = demo || inner.config.network == NetworkMode::Offline;
        Ok(NetConfig {
            secret: network_key(&*inner.keystore, &inner.tag, &*inner.entropy)?,
            listen: if demo { Some(demo::LISTEN) } else { inner.config.listen },
            alone: demo,
            last_port: port.and_then(|port| port.parse().ok()),
            offline,
            lan: !demo && inner.config.network == NetworkMode::Lan,
            public_relays: !offline && public.as_deref() == Some("on"),
            role: inner.config.role,
        })
    }

    fn net_parts(&self, commits: broadcast::Receiver<crate::gate::Committed>) -> Result<NetParts> {
        let inner = self.inner();
        Ok(NetParts {
            store: inner.store.clone(),
            gate: inner.gate()?,
            commits,
            events: inner.events.clone(),
            clock: Arc::clone(&inner.clock),
            blobs: inner.blobs()?,
            finder: search::find,
        })
    }

    /// This node's network key, also before the network is started. Nothing signed ever names it (invariant 1).
    ///
    /// # Errors
    /// `Keystore`.
    pub fn network_id(&self) -> Result<crate::id::NodeId> {
        let inner = self.inner();
        let secret = network_key(&*inner.keystore, &inner.tag, &*inner.entropy)?;
        let public = ed25519_dalek::SigningKey::from_bytes(&secret).verifying_key();
        Ok(crate::id::NodeId::from_bytes(public.to_bytes()))
    }

    /// One line a check: name, whether it is well, what was seen.
    pub async fn doctor(&self) -> Result<Vec<(String, bool, String)>> {
        let inner = self.inner();
        let mut checks = Vec::new();
        let mut check = |name: &str, result: Result<String>| {
            let (ok, text) = match result {
                Ok(text) => (true, text),
                Err(error) => (false, error.to_string()),
            };
            checks.push((name.to_owned(), ok, text));
        };
        let keystore =
            inner.keystore.get(&format!("{}/db", inner.tag)).map_err(Error::from).and_then(|key| match key {
                Some(_) => Ok(format!("{:?} keystore answers", inner.keystore.kind()).to_lowercase()),
                None => Err(Error::Keystore(KeystoreError::NoKey)),
            });
        check("keystore", keystore);
        // Before the whole database, whose check looks at the index too.
        check(
            "search",
            self.mend_search().await.map(|mended| match mended {
                false => "the index is whole".to_owned(),
                true => "the index was damaged and is made anew".to_owned(),
            }),
        );
        let database = inner
            .store
            .read(|db| {
                search::refresh(db)?;
                let verdict: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
                if verdict == "ok" { Ok("every page reads".to_owned()) } else { Err(Error::DatabaseDamaged) }
            })
            .await;
        check("database", database);
        let now_ms = inner.clock.unix_ms();
        let writable = inner
            .store
            .write(Durability::Full, move |tx| setting::put_local(tx, WRITTEN, &now_ms.to_string()))
            .await
            .map(|()| "the profile can be written".to_owned());
        check("disk", writable);
        check("devices", self.standing_told().await);
        checks.extend(self.network_checks().await?);
        let (ok, text) = self.storage_told().await.unwrap_or_else(|error| (false, error.to_string()));
        checks.push(("storage".to_owned(), ok, text));
        let (ok, text) = match self.find_lost_files().await {
            Ok(0) => (true, "every picture has its file".to_owned()),
            Ok(lost) => {
                (false, format!("{lost} files of pictures are missing; others who have them are asked for them again"))
            }
            Err(error) => (false, error.to_string()),
        };
        checks.push(("files".to_owned(), ok, text));
        match inner.compartments_lost.load(Ordering::Relaxed) {
            0 => {}
            lost => {
                let text =
                    format!("{lost} separate personas do not open: their keys or databases are missing or damaged");
                checks.push(("personas".to_owned(), false, text));
            }
        }
        Ok(checks)
    }
}

struct Parts {
    config: Config,
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    keystore: Arc<dyn Keystore>,
    tag: String,
    blobs: Option<Blobs>,
    runtime: Option<Runtime>,
    lock: Option<ProfileLock>,
    delivery: Delivery,
    compartment: bool,
}

/// The control socket, bound; `None` on systems that have none yet.
fn bind_control(profile: &Path) -> Result<Option<control::Listener>> {
    match control::bind(profile) {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if cfg!(not(unix)) && error.kind() == std::io::ErrorKind::Unsupported => {
            tracing::warn!(%error, "other processes can't reach this node");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes what waited too long for the post that it is about, and measures the bucket, now and then.
async fn sweep_waiting(node: Node) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(WAITING_SWEEP_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now_s = i64::try_from(node.inner().clock.unix_s()).unwrap_or(i64::MAX);
        if let Err(error) = node.measure_mail().await {
            tracing::warn!(%error, "how much mail passes could not be looked at; it is tried again");
        }
        match node.inner().store.write(Durability::Normal, move |tx| apply::sweep(tx, now_s)).await {
            Ok(notes) => {
                for hash in notes.blobs_dropped {
                    node.inner().events.send(Event::BlobDropped(hash));
                }
                for thread in notes.threads_changed {
                    node.inner().events.send(Event::ThreadChanged(thread));
                }
            }
            Err(error) => tracing::warn!(%error, "what waited too long could not be removed; it is tried again"),
        }
    }
}

impl Node {
    /// Looks how much mail passes; where that changes how much of it is taken, or the routes that are handed out, whoever
    /// drives the network looks again.
    pub(crate) async fn measure_mail(&self) -> Result<()> {
        let (inner, role) = (self.inner(), self.role());
        let now_s = i64::try_from(inner.clock.unix_s()).unwrap_or(i64::MAX);
        let measure = move |tx: &rusqlite::Transaction<'_>| {
            let share = Some(storage::mail_share(tx, role)?);
            mail::measure(tx, share.filter(|_| role != Role::Phone), now_s)
        };
        if inner.store.write(Durability::Normal, measure).await? {
            inner.tell_routed();
        }
        Ok(())
    }
}

/// What was read once need not stay in memory while nothing happens.
async fn rest(node: Node) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(STORE_REST_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        node.inner().store.rest().await;
        // Timers stand still while a machine sleeps.
        node.look_at_held();
    }
}

/// Looks for files that went missing while no node ran. Then removes those of blobs that lost their last reference, now and
/// whenever one does.
async fn sweep(node: Node) {
    let mut events = node.events();
    if let Ok(blobs) = node.inner().blobs()
        && let Ok(Err(error)) = node.inner().off_thread(move || blobs.remove_drafts()).await
    {
        tracing::warn!(%error, "files that came in part could not be removed; the next start tries it again");
    }
    if let Err(error) = node.find_lost_files().await {
        tracing::warn!(%error, "missing files could not be looked for");
    }
    loop {
        if let Err(error) = sweep_once(&node).await {
            tracing::warn!(%error, "files of deleted posts could not be removed; they are tried again");
        }
        loop {
            match events.next().await {
                Some(Event::BlobDropped(_) | Event::Reload) => break,
                Some(_) => {}
                None => return,
            }
        }
    }
}

async fn sweep_once(node: &Node) -> Result<()> {
    let inner = node.inner();
    let blobs = inner.blobs()?;
    let orphans: Vec<BlobHash> = inner
        .store
        .read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT hash FROM blob WHERE NOT EXISTS (SELECT 1 FROM blob_ref WHERE blob_ref.hash = blob.hash)",
            )?;
            let orphans = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(orphans)
        })
        .await?;
    for hash in orphans {
        let _settling = blobs.settle().await;
        if inner.is_staged(hash) {
            continue;
        }
        // First it is no longer here, then its file goes: who names it anew meanwhile has it fetched again.
        let mime: Option<String> = inner
            .store
            .write(Durability::Normal, move |tx| {
                Ok(tx
                    .query_row(
                        "UPDATE blob SET stored = 0 WHERE hash = ?1
                         AND NOT EXISTS (SELECT 1 FROM blob_ref WHERE blob_ref.hash = blob.hash) RETURNING mime",
                        [hash],
                        |row| row.get(0),
                    )
                    .optional()?)
            })
            .await?;
        let Some(mime) = mime else { continue };
        blobs.remove(hash, &mime).await?;
        inner
            .store
            .write(Durability::Normal, move |tx| {
                tx.execute(
                    "DELETE FROM blob WHERE hash = ?1
                     AND NOT EXISTS (SELECT 1 FROM blob_ref WHERE blob_ref.hash = blob.hash)",
                    [hash],
                )?;
                tx.execute("DELETE FROM file_holder WHERE file = ?1", [hash])?;
                Ok(())
            })
            .await?;
    }
    Ok(())
}

fn make_folder(profile: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(profile)?)
}

/// Runs a future that needs no runtime of its own to its end, also inside another runtime.
fn block<T: Send>(work: impl Future<Output = T> + Send) -> Result<T> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    on(&runtime, work)
}

/// Runs a future to its end from a plain thread, also inside another runtime.
fn on<T: Send>(runtime: &Runtime, work: impl Future<Output = T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        scope.spawn(|| runtime.block_on(work)).join().map_err(|_| Error::Bug("opening panicked"))
    })
}

fn now_or_block<T: Send>(runtime: Option<&Runtime>, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
    match runtime {
        Some(runtime) => on(runtime, work)?,
        // A simulated store answers inside the first poll.
        None => futures_util::FutureExt::now_or_never(work).unwrap_or(Err(Error::Bug("a simulated store waited"))),
    }
}
