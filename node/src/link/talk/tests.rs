//! Both sides of a linking over pipes: cut anywhere, with somebody in between, with a code that is wrong or old.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use tokio::io::{DuplexStream, duplex};

use super::*;
use crate::link::cut::pass;
use crate::link::frame::Offered;

const SECRET: [u8; 16] = [7; 16];
const PHONE: NodeId = NodeId::from_bytes([1; 32]);
const MALLORY: NodeId = NodeId::from_bytes([2; 32]);

/// Keys that the giving side published, and what the other one adopted.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Told {
    published: BTreeMap<PersonaId, DeviceKey>,
    adopted: Vec<(PersonaId, Vec<u8>)>,
}

struct Giver {
    signed: BTreeMap<PersonaId, DeviceKey>,
    told: Arc<Mutex<Told>>,
}

impl Gives for Giver {
    fn terms(&mut self) -> BoxFuture<'_, Result<Terms>> {
        let offered =
            |number: u8| Offered { persona: [number; 32], name: format!("Persona {number}"), device: [number; 32] };
        let personas = vec![offered(10), offered(11)];
        async { Ok(Terms { personas, since_ms: 0, history: [0; 32], ticket: Vec::new() }) }.boxed()
    }

    fn share(&mut self, persona: PersonaId, device: DeviceKey) -> BoxFuture<'_, Result<Share>> {
        self.told.lock().unwrap().published.insert(persona, device);
        let known = *self.signed.entry(persona).or_insert(device);
        assert_eq!(known, device, "one key a persona, however often it is cut");
        let statements = device.as_bytes().to_vec();
        async move { Ok(Share { persona, statements, root: Some(Zeroizing::new([3; 32])) }) }.boxed()
    }
}

struct Getter {
    has: Vec<PersonaId>,
    told: Arc<Mutex<Told>>,
}

impl Gets for Getter {
    fn keys(&mut self, terms: &Terms) -> BoxFuture<'_, Result<Vec<(PersonaId, DeviceKey)>>> {
        let all = terms.personas.iter().map(|offered| PersonaId::from_bytes(offered.persona));
        let new = all.filter(|persona| !self.has.contains(persona));
        let keys = new.map(|persona| (persona, DeviceKey::from_bytes([persona.as_bytes()[0] + 100; 32]))).collect();
        async { Ok(keys) }.boxed()
    }

    fn adopt(&mut self, share: Share) -> BoxFuture<'_, Result<()>> {
        assert_eq!(share.root.as_deref(), Some(&[3; 32]));
        self.has.push(share.persona);
        self.told.lock().unwrap().adopted.push((share.persona, share.statements));
        async { Ok(()) }.boxed()
    }
}

/// One side, whose user types what `shown` says as soon as it is asked for.
struct Device {
    talk: Talk,
    typing: mpsc::Sender<u8>,
}

fn device(side: Side, gives: bool, told: &Arc<Mutex<Told>>) -> Device {
    let about = About { version: VERSION, gives, device: [side as u8; 32], name: format!("{side:?}") };
    let told = Arc::clone(told);
    let role = match gives {
        true => Role::Gives(Box::new(Giver { signed: BTreeMap::new(), told })),
        false => Role::Gets(Box::new(Getter { has: Vec::new(), told })),
    };
    let (typing, digits) = mpsc::channel(1);
    let talk = Talk::new(side, Zeroizing::new(SECRET), about, role, LinkTeller::new(), digits);
    Device { talk, typing }
}

/// The two of a linking; `gives`: the one that shows the code.
fn pair(gives: bool) -> (Device, Device, Arc<Mutex<Told>>) {
    let told = Arc::default();
    (device(Side::Offers, gives, &told), device(Side::Accepts, !gives, &told), told)
}

/// The side that shows the code, on one connection.
async fn serve(device: &mut Device, stream: &mut DuplexStream, exported: &[u8; 32], peer: NodeId) -> Ended {
    match read(stream).await {
        Some(Frame::Knock(knock)) => device.talk.run(stream, exported, peer, Some(knock)).await,
        _ => Ended::Cut,
    }
}

/// A user who looks at the one device and types on the other, changed by `slip`.
async fn user(shown: &LinkTeller, asked: &LinkTeller, typing: &mpsc::Sender<u8>, slip: u8) {
    let (mut asked, mut shown) = (asked.watch(), shown.watch());
    loop {
        let (asks, shows) = (asked.view(), shown.view());
        if let Some(check) = shows.check.filter(|_| asks.ask) {
            let _typed_already = typing.try_send((check.parse::<u8>().unwrap() + slip) % 100);
        }
        tokio::select! {
            Some(_) = asked.after(asks.turn) => {}
            Some(_) = shown.after(shows.turn) => {}
            else => return,
        }
    }
}

/// One connection of which so many bytes pass. Answers how it ended at both, and how many did.
async fn connection(
    shows: &mut Device,
    takes: &mut Device,
    number: u8,
    most: usize,
    slip: u8,
) -> (Ended, Ended, usize) {
    let (mut far, far_end) = duplex(4_096);
    let (mut near, near_end) = duplex(4_096);
    let exported = [number; 32];
    let (shown, asked, typing) = (takes.talk.teller.clone(), shows.talk.teller.clone(), shows.typing.clone());
    let both = async {
        let shows = async {
            let ended = serve(shows, &mut far, &exported, PHONE).await;
            drop(far);
            ended
        };
        let takes = async {
            let ended = takes.talk.run(&mut near, &exported, PHONE, None).await;
            drop(near);
            ended
        };
        tokio::join!(shows, takes, pass(far_end, near_end, most))
    };
    tokio::select! {
        ended = both => ended,
        () = user(&shown, &asked, &typing, slip) => panic!("nobody is left"),
    }
}

fn is(ended: &Ended, wanted: LinkError) -> bool {
    matches!(ended, Ended::For(Error::Link(error)) if *error == wanted)
}

/// Whatever byte is the last one, the next connection finishes what was begun: each persona once, with one key.
#[tokio::test]
async fn a_cut_at_any_byte_is_followed_by_a_whole_linking() {
    for gives in [true, false] {
        let (mut shows, mut takes, told) = pair(gives);
        let (one, two, whole) = connection(&mut shows, &mut takes, 0, usize::MAX, 0).await;
        assert!(matches!((&one, &two), (Ended::Linked(_), Ended::Linked(_))), "{one:?} {two:?}");
        let wanted = told.lock().unwrap().clone();
        assert_eq!((wanted.published.len(), wanted.adopted.len()), (2, 2));
        assert!(whole > 500);
        for most in 0..whole {
            let (mut shows, mut takes, told) = pair(gives);
            let (mut one, mut two, _) = connection(&mut shows, &mut takes, 0, most, 0).await;
            assert!(!matches!((&one, &two), (Ended::Linked(_), Ended::Linked(_))), "cut at {most}");
            match (&one, &two) {
                (Ended::Cut, Ended::Cut) => {
                    (one, two, _) = connection(&mut shows, &mut takes, 1, usize::MAX, 0).await;
                }
                // The last frame was lost: the giving side is done, and its code no longer good.
                (Ended::Linked(linked), Ended::Cut) => {
                    assert!(gives, "cut at {most}");
                    two = Ended::Linked(takes.talk.end(Some(LinkError::Gone.into())).unwrap());
                    assert_eq!(linked.personas.len(), 2);
                }
                (Ended::Cut, Ended::Linked(linked)) => {
                    assert!(!gives, "cut at {most}");
                    one = Ended::Linked(shows.talk.end(None).unwrap());
                    assert_eq!(linked.personas.len(), 2);
                }
                ended => panic!("cut at {most}: {ended:?}"),
            }
            let (Ended::Linked(one), Ended::Linked(two)) = (one, two) else { panic!("cut at {most}") };
            assert_eq!((one.name.as_str(), two.name.as_str()), ("Accepts", "Offers"));
            assert_eq!(one.personas, two.personas, "cut at {most}");
            assert_eq!(*told.lock().unwrap(), wanted, "cut at {most}");
        }
    }
}

#[tokio::test]
async fn wrong_digits_end_it_on_both_sides() {
    for gives in [true, false] {
        let (mut shows, mut takes, told) = pair(gives);
        let (one, two, _) = connection(&mut shows, &mut takes, 0, usize::MAX, 1).await;
        assert!(is(&one, LinkError::WrongDigits) && is(&two, LinkError::WrongDigits), "{one:?} {two:?}");
        for side in [&shows, &takes] {
            assert_eq!(side.talk.teller.watch().view().name, None, "what it calls itself asks for no digits");
        }
        assert_eq!(*told.lock().unwrap(), Told::default());
    }
}

/// Each half of a connection that somebody stands between has its own keys.
#[tokio::test]
async fn somebody_in_between_proves_nothing_by_passing_on_what_is_said() {
    for gives in [true, false] {
        let (mut shows, mut takes, told) = pair(gives);
        let ((mut far, far_end), (mut near, near_end)) = (duplex(4_096), duplex(4_096));
        let (one, two, _) = tokio::join!(
            serve(&mut shows, &mut far, &[1; 32], MALLORY),
            async {
                let ended = takes.talk.run(&mut near, &[2; 32], MALLORY, None).await;
                drop(near);
                ended
            },
            pass(far_end, near_end, usize::MAX),
        );
        assert!(matches!(one, Ended::Refused), "{one:?}");
        assert!(is(&two, LinkError::Gone), "{two:?}");
        assert_eq!(*told.lock().unwrap(), Told::default());
        assert!(shows.talk.teller.watch().view().name.is_none(), "not even a name is told");
        assert!(matches!(shows.talk.end(None), Err(Error::Link(LinkError::WrongCode))), "it is told in the end");
        // Who has the code can still come.
        let mut takes = device(Side::Accepts, !gives, &told);
        let (one, two, _) = connection(&mut shows, &mut takes, 3, usize::MAX, 0).await;
        assert!(matches!((&one, &two), (Ended::Linked(_), Ended::Linked(_))), "{one:?} {two:?}");
    }
}

/// One user ends it while digits are waited for: the other side hears so.
#[tokio::test]
async fn who_ends_it_says_so() {
    let (mut shows, _, _) = pair(true);
    let ((mut far, mut near), exported) = (duplex(4_096), [1; 32]);
    let pairing = Pairing::new(&SECRET, &exported);
    let about = About { version: VERSION, gives: false, device: [1; 32], name: "Phone".to_owned() };
    let (ended, ()) = tokio::join!(serve(&mut shows, &mut far, &exported, PHONE), async {
        write(&mut near, &Frame::Knock(Hello::new(about, &pairing, Side::Accepts))).await.unwrap();
        assert!(matches!(read(&mut near).await, Some(Frame::Meet(_))));
        refuse(&mut near, LinkError::Ended).await;
    });
    assert!(is(&ended, LinkError::Ended), "{ended:?}");
}

/// Who answers in the place of the device that shows the code, without the code.
#[tokio::test]
async fn who_has_not_shown_the_code_is_an_impostor() {
    let (mut shows, mut takes, _) = pair(true);
    shows.talk.secret = Zeroizing::new([8; 16]);
    let about = shows.talk.about.clone();
    let ((mut far, mut near), exported) = (duplex(4_096), [1; 32]);
    let pairing = Pairing::new(&[8; 16], &exported);
    let (_, ended) = tokio::join!(
        async {
            read(&mut far).await.unwrap();
            write(&mut far, &Frame::Meet(Hello::new(about, &pairing, Side::Offers))).await
        },
        takes.talk.run(&mut near, &exported, MALLORY, None),
    );
    assert!(is(&ended, LinkError::Impostor), "{ended:?}");
    assert_eq!(takes.talk.teller.watch().view().check, None, "no digits to be typed anywhere");
}

/// A device that came first with the code is the only one, also while it is away.
#[tokio::test]
async fn a_second_device_with_the_code_is_turned_away() {
    let (mut shows, mut takes, told) = pair(true);
    connection(&mut shows, &mut takes, 0, 200, 0).await;
    assert!(shows.talk.has_met());
    let (_, mut late, _) = pair(true);
    let (mut far, mut near) = duplex(4_096);
    let exported = [5; 32];
    let (one, two) = tokio::join!(
        serve(&mut shows, &mut far, &exported, MALLORY),
        late.talk.run(&mut near, &exported, PHONE, None),
    );
    assert!(matches!(one, Ended::Refused), "{one:?}");
    assert!(is(&two, LinkError::Gone), "{two:?}");
    let (one, two, _) = connection(&mut shows, &mut takes, 1, usize::MAX, 0).await;
    assert!(matches!((one, two), (Ended::Linked(_), Ended::Linked(_))));
    assert_eq!(told.lock().unwrap().adopted.len(), 2);
}

#[tokio::test]
async fn two_that_want_the_same_and_other_versions_are_told() {
    let told = Arc::default();
    for gives in [true, false] {
        let (mut shows, mut takes) = (device(Side::Offers, gives, &told), device(Side::Accepts, gives, &told));
        let (one, two, _) = connection(&mut shows, &mut takes, 0, usize::MAX, 0).await;
        assert!(is(&one, LinkError::SameSide) && is(&two, LinkError::SameSide), "{one:?} {two:?}");
    }
    let (mut shows, mut takes, _) = pair(true);
    takes.talk.about.version = VERSION + 1;
    let (one, two, _) = connection(&mut shows, &mut takes, 0, usize::MAX, 0).await;
    assert!(matches!(one, Ended::Refused) && is(&two, LinkError::Version), "{one:?} {two:?}");
}

#[tokio::test]
async fn a_device_that_has_all_personas_is_told_so() {
    let (mut shows, mut takes, told) = pair(true);
    let has = [10, 11].map(|number| PersonaId::from_bytes([number; 32])).to_vec();
    takes.talk.role = Role::Gets(Box::new(Getter { has, told: Arc::clone(&told) }));
    let (one, two, _) = connection(&mut shows, &mut takes, 0, usize::MAX, 0).await;
    assert!(is(&one, LinkError::Nothing) && is(&two, LinkError::Nothing), "{one:?} {two:?}");
}

#[test]
fn each_reason_has_its_number_and_its_next_step() {
    for error in LinkError::ALL {
        assert_eq!(LinkError::of(error.number()), error);
        assert!(!error.hint().is_empty() && error.code().starts_with("link_"));
    }
    assert_eq!(LinkError::of(200), LinkError::Failed);
}
