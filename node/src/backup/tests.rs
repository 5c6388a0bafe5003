#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::clock::{Clock, ManualClock};
use crate::host::{MemoryKeystore, SystemEntropy};
use crate::item::{self, Set};
use crate::limits::BACKUP_VALUE_BYTES;
use crate::net::Ticket;
use crate::notify::NotificationsQuery;
use crate::store::Store;
use crate::view::NotificationKind;

const START_MS: u64 = 1_800_000_000_000;
const HOUR_MS: u64 = 60 * 60 * 1_000;
const DAY_MS: u64 = 24 * HOUR_MS;

struct Alice {
    node: Node,
    store: Store,
    clock: Arc<ManualClock>,
}

fn done<T>(work: impl Future<Output = Result<T>>) -> T {
    work.now_or_never().unwrap().unwrap()
}

fn nobody() -> Alice {
    let clock = Arc::new(ManualClock::at_ms(START_MS));
    let (store, keys) = (Store::in_memory().unwrap(), Arc::new(MemoryKeystore::default()));
    let told: Arc<dyn Clock> = Arc::clone(&clock) as _;
    let node = Node::simulated(false, store.clone(), keys, told, Arc::new(SystemEntropy)).unwrap();
    Alice { node, store, clock }
}

fn alice() -> Alice {
    let alice = nobody();
    done(alice.node.create_persona("Alice"));
    alice
}

impl Alice {
    fn write<T: Send + 'static>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static) -> T {
        done(self.store.write(Durability::Normal, work))
    }

    fn read<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> T {
        done(self.store.read(work))
    }

    /// So many people whom she blocked.
    fn blocks(&self, count: u32) {
        self.write(move |tx| {
            for number in 0..count {
                item::put(tx, Set::Block, blake3::hash(&number.to_le_bytes()).as_bytes(), "")?;
            }
            Ok(())
        });
    }

    fn wait(&self, ms: u64) {
        self.clock.set_ms(self.clock.unix_ms() + ms);
    }

    fn keys(&self) -> BackupKeys {
        BackupKeys::of(&self.node.phrase().unwrap())
    }

    /// All mail that is here, oldest first.
    fn mail(&self) -> Vec<Entry> {
        self.read(|db| {
            let mut statement = db.prepare("SELECT entry_row FROM mail ORDER BY entry_row")?;
            let rows: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            rows.into_iter().map(|row| Ok(mail::read(db, row)?.0)).collect()
        })
    }

    /// What somebody finds who has her words, and of all mail this.
    fn found(&self, mail: &[Entry]) -> Option<Found> {
        let finder = nobody();
        let entries = mail.iter().cloned().map(Unverified).collect();
        let outcome = done(finder.node.gate().unwrap().submit(Origin::Own, entries));
        assert_eq!(outcome.refused, []);
        done(finder.node.backup_of(&self.node.phrase().unwrap()))
    }

    /// A mailbox says that it holds these.
    fn hold(&self, entries: &[Entry]) -> bool {
        let ids: Vec<EntryId> = entries.iter().map(Entry::id).collect();
        let receipts: Vec<Receipt> = ids.iter().map(|entry| Receipt { entry: *entry, signature: [0; 64] }).collect();
        let waiting: Vec<EntryId> =
            self.read(move |db| waiting_for_receipt(db, &receipts)).into_iter().map(|receipt| receipt.entry).collect();
        self.write(move |tx| held(tx, &waiting))
    }

    fn stands(&self) -> (RecoveryState, Option<RecoveryNeed>) {
        let view = done(self.node.recovery()).remove(0);
        (view.state, view.need)
    }
}

#[test]
fn the_words_find_what_was_left_among_all_mail_and_nobody_elses_do() {
    let (alice, bob) = (alice(), alice());
    alice.blocks(3);
    let persona = done(alice.node.personas())[0].id;
    assert_eq!((done(alice.node.back_up()), done(bob.node.back_up())), (1, 1));
    let mail = [alice.mail(), bob.mail()].concat();
    let found = alice.found(&mail).unwrap();
    assert_eq!(found.backed.personas.iter().map(|persona| persona.id).collect::<Vec<_>>(), [persona]);
    assert!(found.made_ms == START_MS && !found.newer_cut);
    assert!(!found.backed.heads.is_empty(), "what she wrote is known");
    assert!(!found.backed.devices.is_empty());
    assert!(alice.found(&bob.mail()).is_none() && alice.found(&[]).is_none());
    let text = format!("{:?}", found.backed);
    let root = alice.node.inner().keyring().get(persona).unwrap().root.as_ref().unwrap().to_bytes();
    assert!(!text.contains(&format!("{root:?}")), "no key that signs is in it");
}

#[test]
fn two_backups_have_nothing_in_common_that_others_see() {
    let alice = alice();
    done(alice.node.back_up());
    alice.wait(40 * DAY_MS);
    done(alice.node.back_up());
    let mail = alice.mail();
    assert_eq!(mail.len(), 2);
    assert_eq!(mail.iter().map(|entry| entry.header.device).collect::<BTreeSet<_>>().len(), 2);
    let bodies = mail.iter().map(|entry| SealedBody::decode(entry.body.as_ref().unwrap()).unwrap());
    let bodies: Vec<SealedBody> = bodies.collect();
    assert_ne!(bodies[0].route, bodies[1].route, "in a small network it is random as a whole");
    let tags: BTreeSet<_> = bodies.iter().flat_map(|body| body.envelope.tags()).collect();
    assert_eq!(tags.len(), 16, "eight slots each, as of a message");
    let persona = done(alice.node.personas())[0].id;
    for entry in &mail {
        let body = entry.body.as_ref().unwrap();
        assert!(!body.windows(32).any(|bytes| bytes == persona.as_bytes()));
    }
}

#[test]
fn the_newest_that_is_whole_counts_whatever_came_before_or_after_it() {
    let alice = alice();
    alice.blocks(2_000);
    assert!(done(alice.node.back_up()) > 1, "of several pieces");
    let old = alice.mail();
    alice.blocks(2_001);
    alice.wait(2 * HOUR_MS);
    assert!(done(alice.node.back_up()) > 1);
    let new: Vec<Entry> = alice.mail().into_iter().filter(|entry| !old.contains(entry)).collect();
    let later_ms = START_MS + 2 * HOUR_MS;
    let found = |mail: &[&[Entry]]| alice.found(&mail.concat()).map(|found| (found.made_ms, found.newer_cut));
    assert_eq!(found(&[&old, &new]), Some((later_ms, false)));
    assert_eq!(found(&[&new, &old]), Some((later_ms, false)), "an old one that is shown again is not newer");
    assert_eq!(found(&[&old, &new[1..]]), Some((START_MS, true)), "a piece is missing");
    assert_eq!(found(&[&new[..1]]), None);
    // Garbage that carries the tags of the new one, under keys of somebody else.
    let copied = |entry: &Entry| {
        let signer = SigningKey::from_bytes(&[7; 32]);
        let device = DeviceKey::from_bytes(signer.verifying_key().to_bytes());
        let header = Header::one_time(device, u32::try_from(START_MS / DAY_MS).unwrap(), Vec::new());
        sign(&signer, header, entry.body.clone().unwrap()).0
    };
    let garbage: Vec<Entry> = new.iter().map(copied).collect();
    assert_eq!(found(&[&garbage, &old]), Some((START_MS, false)));
    // Sealed by whoever has the words, but with content that is none.
    let keys = alice.keys();
    let bucket = (Bucket::EVERYTHING, Lasts::AsMail);
    let odd = sealed(&keys, b"no parts", later_ms + 1, bucket, START_MS.cast_signed(), &SystemEntropy).unwrap();
    let odd: Vec<Entry> = odd.into_iter().map(|Unverified(entry)| entry).collect();
    assert_eq!(found(&[&odd, &new]), Some((later_ms, true)));
}

#[test]
fn one_of_a_later_version_says_so() {
    let (alice, finder) = (alice(), nobody());
    let (keys, device) = (alice.keys(), SigningKey::from_bytes(&[7; 32]));
    let key = DeviceKey::from_bytes(device.verifying_key().to_bytes());
    let header = Header::one_time(key, u32::try_from(START_MS / DAY_MS).unwrap(), Vec::new());
    let expires_day = u16::try_from(START_MS / DAY_MS + MAIL_DAYS).unwrap();
    let (outside, salt) = (header.outside(Purpose::Backup, 0, expires_day), [3; 16]);
    let slot = (keys.key.tag(&outside, &salt), keys.key.slot_key(&outside, &salt));
    let envelope = Envelope::seal(&[VERSION + 1, 9, 9], &[slot], &outside, &SystemEntropy).unwrap();
    let (blobs, proof, comment_key) = (Vec::new(), None, None);
    let body = SealedBody { route: 0, proof, expires_day, envelope, blobs, work: 0, comment_key };
    let entry = sign(&device, header, body.encode(salt));
    assert_eq!(done(finder.node.gate().unwrap().submit(Origin::Own, vec![entry])).refused, []);
    let found = finder.node.backup_of(&alice.node.phrase().unwrap()).now_or_never().unwrap();
    let error = found.unwrap_err();
    assert!(matches!(error, Error::Bundle(BundleError::BackupTooNew)), "{error}");
    assert!(error.to_string().contains("backup"), "{error}");
}

#[test]
fn one_is_left_each_month_and_some_times_where_something_changed() {
    let alice = alice();
    let left = |wait_ms| {
        alice.wait(wait_ms);
        done(alice.node.back_up())
    };
    let expires = || {
        let last = alice.mail().pop().unwrap();
        let body = SealedBody::decode(last.body.as_ref().unwrap()).unwrap();
        u64::from(body.expires_day) - last.header.time / DAY_S
    };
    assert_eq!((left(0), expires()), (1, BACKUP_DAYS));
    assert!(alice.hold(&alice.mail()));
    assert_eq!(left(10 * DAY_MS), 0, "nothing changed");
    assert_eq!((left(21 * DAY_MS), expires()), (1, BACKUP_DAYS), "a month is over");
    assert!(alice.hold(&alice.mail()));
    for (count, (soon_ms, late_ms)) in
        [(HOUR_MS / 2, HOUR_MS / 2), (2 * HOUR_MS, DAY_MS), (DAY_MS, 2 * DAY_MS), (4 * DAY_MS, 3 * DAY_MS)]
            .into_iter()
            .enumerate()
    {
        alice.blocks(u32::try_from(count).unwrap() + 1);
        assert_eq!(left(soon_ms), 0, "{count}");
        assert_eq!((left(late_ms), expires()), (1, MAIL_DAYS), "{count}");
        assert!(alice.hold(&alice.mail()));
    }
    // Another persona is in the next one, which follows at once.
    done(alice.node.create_persona("Work"));
    assert_eq!((left(0), expires()), (1, BACKUP_DAYS));
    assert_eq!(alice.found(&alice.mail()).unwrap().backed.personas.len(), 2);
    // Nobody acknowledged that one: it goes again the next day.
    assert_eq!((left(HOUR_MS), left(DAY_MS)), (0, 1));
    // Nor does a clock that was set back keep the next one from being newer.
    let before = alice.found(&alice.mail()).unwrap().made_ms;
    alice.clock.set_ms(START_MS);
    assert_eq!(left(0), 1);
    assert!(alice.found(&alice.mail()).unwrap().made_ms > before);
}

#[test]
fn it_says_what_a_persona_lacks_to_be_protected() {
    let alice = alice();
    let needs = |need| (RecoveryState::NeedsAttention, Some(need));
    assert_eq!(alice.stands(), needs(RecoveryNeed::Words));
    let (_, words) = done(alice.node.recovery_phrase(None));
    done(alice.node.check_phrase(None, &words));
    assert_eq!(alice.stands(), needs(RecoveryNeed::Anchor));
    let secret = SigningKey::from_bytes(&[9; 32]);
    let anchor = crate::id::NodeId::from_bytes(secret.verifying_key().to_bytes());
    done(alice.node.add_anchor(&Ticket::new(anchor, "192.0.2.1:1".parse().ok()).to_string()));
    assert_eq!(alice.stands(), needs(RecoveryNeed::Backup));
    alice.blocks(2_000);
    assert!(done(alice.node.back_up()) > 1);
    let mail = alice.mail();
    assert!(!alice.hold(&mail[1..]), "a piece is not held");
    assert_eq!(alice.stands(), needs(RecoveryNeed::Backup));
    assert!(alice.hold(&mail));
    assert_eq!(alice.stands(), (RecoveryState::Protected, None));
    alice.wait(61 * DAY_MS);
    assert_eq!(alice.stands(), needs(RecoveryNeed::Newer));
    // A linked device has no words: there it is off.
    let phone = nobody();
    let persona = done(alice.node.personas())[0].id;
    let device = phone.node.draw_device().unwrap();
    let key = DeviceKey::from_bytes(device.verifying_key().to_bytes());
    let share = done(alice.node.certify_device(persona, key, true));
    done(phone.node.adopt_persona(device, share, ""));
    assert_eq!(phone.stands(), (RecoveryState::Off, None));
    assert_eq!(done(phone.node.back_up()), 0);
}

#[test]
fn what_finds_no_room_is_left_out_and_said() {
    let alice = alice();
    let long = "x".repeat(BACKUP_VALUE_BYTES + 1);
    done(alice.node.set_setting("ui.draft", "half a thought"));
    done(alice.node.set_setting("ui.long", long.get(..limited()).unwrap()));
    done(alice.node.set_setting("ui.theme", "dark"));
    alice.blocks(9_000);
    alice.write(|tx| {
        for number in 0..9_000_u32 {
            let id = blake3::hash(&number.to_be_bytes());
            item::put(tx, Set::Bookmark, id.as_bytes(), &"x".repeat(100))?;
        }
        Ok(())
    });
    let persona = done(alice.node.personas())[0].id;
    let most = BACKUP_PIECES * PIECE;
    let (content, left_out) = alice.read(move |db| write_backup(db, &[persona], most));
    assert!(content.len() <= most && left_out > 0, "{} {left_out}", content.len());
    let text = format!("{:?}", read_backup(&content).unwrap());
    assert!(text.contains("dark") && !text.contains("half a thought"));
    let again = alice.read(move |db| write_backup(db, &[persona], most));
    assert_eq!(again.0, content, "the same gives the same");
    let (_, words) = done(alice.node.recovery_phrase(None));
    done(alice.node.check_phrase(None, &words));
    assert_eq!(done(alice.node.back_up()), BACKUP_PIECES);
    assert!(alice.hold(&alice.mail()));
    assert_eq!(alice.stands(), (RecoveryState::NeedsAttention, Some(RecoveryNeed::Smaller)));
}

/// The longest value that a setting may have here.
fn limited() -> usize {
    crate::limits::SETTING_VALUE_BYTES.min(BACKUP_VALUE_BYTES + 1)
}

/// She takes his persona in, with its words, from a bundle say.
fn taken_in(alice: &Alice, bob: &Alice) -> PersonaId {
    let bobs = done(bob.node.personas())[0].id;
    let device = alice.node.draw_device().unwrap();
    let key = DeviceKey::from_bytes(device.verifying_key().to_bytes());
    let share = done(bob.node.certify_device(bobs, key, true));
    done(alice.node.adopt_persona(device, share, ""));
    done(alice.node.keep_phrase(bobs, &bob.node.phrase().unwrap().entropy()));
    bobs
}

#[test]
fn words_whose_last_persona_is_gone_are_looked_at_no_more() {
    let (alice, bob) = (alice(), alice());
    let bobs = taken_in(&alice, &bob);
    let may_be_due = || {
        let now_ms = alice.clock.unix_ms().cast_signed();
        alice.read(move |db| may_be_due(db, false, now_ms))
    };
    assert_eq!((done(alice.node.back_up()), may_be_due()), (2, false));
    alice.wait(1_000);
    done(alice.node.delete_persona(bobs, crate::departure::Content::Keep));
    assert!(may_be_due());
    assert_eq!((done(alice.node.back_up()), may_be_due()), (1, false), "that of her own words");
    let of_bob = BackupKeys::of(&bob.node.phrase().unwrap()).name;
    assert!(alice.read(move |db| Last::read(db, &of_bob)).is_none());
    let own = alice.keys().name;
    assert!(alice.read(move |db| Last::read(db, &own)).is_some());
    alice.wait(2 * HOUR_MS);
    assert!(may_be_due());
    assert_eq!((done(alice.node.back_up()), may_be_due()), (0, false));
}

#[test]
fn a_persona_is_protected_by_a_backup_that_names_it_whenever_it_came() {
    let (alice, bob) = (alice(), alice());
    let left = |expected| {
        assert_eq!(done(alice.node.back_up()), expected);
        assert!(alice.hold(&alice.mail()));
    };
    let has = |persona: PersonaId| {
        let all = done(alice.node.recovery());
        all.into_iter().find(|view| view.persona == persona).unwrap().backup_ms.is_some()
    };
    // The same words for both.
    let own = done(alice.node.personas())[0].id;
    alice.node.inner().keystore.set("simulated/phrase", bob.node.phrase().unwrap().entropy().as_slice()).unwrap();
    let bobs = taken_in(&alice, &bob);
    let made_in = |ms: u64| {
        let sql = "UPDATE author SET created_ms = ?2 WHERE id = ?1";
        alice.write(move |tx| Ok(tx.execute(sql, params![bobs, ms.cast_signed()])?));
    };
    // It comes from a clock that is ahead.
    made_in(2 * START_MS);
    left(1);
    assert!(has(bobs) && !has(own), "none is of Alice's words");
    let work = done(alice.node.create_persona("Work"));
    assert!(!has(work) && has(bobs));
    alice.wait(1_000);
    left(1);
    assert!(has(work));
    // Deleted, left out of a backup, and back from an old bundle.
    done(alice.node.delete_persona(bobs, crate::departure::Content::Keep));
    alice.wait(1_000);
    left(1);
    assert_eq!(taken_in(&alice, &bob), bobs);
    made_in(1);
    assert!(!has(bobs) && has(work));
    alice.wait(1_000);
    // One that is made and not held yet changes nothing.
    assert_eq!(done(alice.node.back_up()), 1);
    assert!(!has(bobs) && has(work));
    assert!(alice.hold(&alice.mail()));
    assert!(has(bobs));
}

#[test]
fn personas_of_other_words_are_in_no_backup_of_these() {
    let alice = alice();
    let bob = self::alice();
    let alices = done(alice.node.personas())[0].id;
    let bobs = taken_in(&alice, &bob);
    done(alice.node.follow(Some(bobs), &PersonaId::from_bytes([5; 32]).to_string()));
    assert_eq!(done(alice.node.back_up()), 2, "one of each");
    let mail = alice.mail();
    let of = |who: &Alice| who.found(&mail).unwrap().backed;
    let ids = |backed: &Backed| backed.personas.iter().map(|persona| persona.id).collect::<Vec<_>>();
    assert_eq!((ids(&of(&alice)), ids(&of(&bob))), (vec![alices], vec![bobs]));
    let followed = format!("{:?}", [5_u8; 32]);
    let followed = followed.trim_matches(['[', ']']);
    assert!(format!("{:?}", of(&bob)).contains(followed) && !format!("{:?}", of(&alice)).contains(followed));
}

proptest! {
    #[test]
    fn whatever_was_sealed_is_refused_or_reads_back(bytes in proptest::collection::vec(any::<u8>(), 0..300), of in 1..4_u8) {
        prop_assert!(fuzz_backup(&bytes));
        let head = [&[VERSION][..], &[0; 8], &[0, of], &[9; 32], &bytes].concat();
        prop_assert!(fuzz_backup(&head) && Piece::decode(&head).is_ok());
    }
}

#[test]
fn a_persona_without_a_backup_is_told_of_after_days_and_a_demo_never() {
    let told = |alice: &Alice, days: u64| {
        done(alice.node.remind(START_MS + days * DAY_MS));
        let query = NotificationsQuery { persona: None, limit: 10, unread: false, mentions: false };
        done(alice.node.notifications(query)).into_iter().filter(|line| line.kind == NotificationKind::Backup).count()
    };
    let (used, demo) = (alice(), alice());
    demo.write(|tx| setting::put_local(tx, setting::DEMO, "1"));
    assert_eq!((told(&used, 1), told(&demo, 1)), (0, 0));
    assert_eq!((told(&used, 9), told(&demo, 9)), (1, 0));
}
