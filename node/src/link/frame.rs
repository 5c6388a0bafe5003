//! What two devices that link say to each other (docs/protocol.md, "Linking"): u32 length, little-endian, then one CBOR
//! value. A frame longer than `LINK_FRAME_BYTES`, or one that breaks a limit, ends the connection.

use minicbor::{Decode, Encode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::crypto::{Pairing, Side};
use crate::entry::Past;
use crate::limits::{LINK_FRAME_BYTES, LINK_PERSONAS, NAME_CHARS};

/// Of this file and of what the frames mean.
pub(super) const VERSION: u8 = 1;

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(super) enum Frame {
    /// First, from the device that took the code.
    #[n(0)]
    Knock(#[n(0)] Hello),
    /// The answer to `Knock`.
    #[n(1)]
    Meet(#[n(0)] Hello),
    /// The digits were typed.
    #[n(2)]
    Checked,
    #[n(3)]
    Terms(#[n(0)] Terms),
    /// A key for each persona that the device does not have yet.
    #[n(4)]
    Keys(#[n(0)] Vec<Key>),
    #[n(5)]
    Share(#[n(0)] Shared),
    /// All of them are own ones now, and stored.
    #[n(6)]
    Adopted,
    /// The last one, of a linking and of a history.
    #[n(7)]
    Done,
    #[n(8)]
    Refuse(#[n(0)] u8),
    /// First, from a device that wants messages that were there before it was.
    #[n(9)]
    Fetch(#[n(0)] Fetch),
    #[n(10)]
    Page(#[n(0)] Past),
}

/// Who speaks, and the proof that it knows the code and sits at the other end of this connection.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(super) struct Hello {
    #[n(0)]
    pub(super) about: About,
    #[cbor(n(1), with = "minicbor::bytes")]
    proof: [u8; 32],
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) struct About {
    #[n(0)]
    pub(super) version: u8,
    /// It has the personas; the other one gets them.
    #[n(1)]
    pub(super) gives: bool,
    /// The random name of the installation.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(super) device: [u8; 32],
    #[n(3)]
    pub(super) name: String,
}

impl Hello {
    pub(super) fn new(about: About, pairing: &Pairing, side: Side) -> Self {
        let proof = pairing.proof(side, &about.bytes());
        Self { about, proof }
    }

    pub(super) fn is_proved(&self, pairing: &Pairing, side: Side) -> bool {
        pairing.proves(side, &self.about.bytes(), &self.proof)
    }
}

impl About {
    fn bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(super) struct Terms {
    #[n(0)]
    pub(super) personas: Vec<Offered>,
    /// Messages since then are handed over, ms since the epoch.
    #[n(1)]
    pub(super) since_ms: u64,
    /// The name of that history, and a secret by which it is fetched, later too.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(super) history: [u8; 32],
    /// Where the device that gives is reached.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(super) ticket: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) struct Offered {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(super) persona: [u8; 32],
    #[n(1)]
    pub(super) name: String,
    /// The key that the giving device writes with for it.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(super) device: [u8; 32],
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) struct Key {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(super) persona: [u8; 32],
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(super) device: [u8; 32],
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(super) struct Shared {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(super) persona: [u8; 32],
    /// Runs of entries.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(super) statements: Vec<u8>,
    /// For a main device.
    #[n(2)]
    pub(super) root: Option<Root>,
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub(super) struct Root(#[cbor(n(0), with = "minicbor::bytes")] pub(super) [u8; 32]);

impl Drop for Root {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(super) struct Fetch {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(super) id: [u8; 16],
    /// What stands up to here came before.
    #[n(1)]
    pub(super) after: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(super) proof: [u8; 32],
}

impl Frame {
    pub(super) fn encode(&self) -> Vec<u8> {
        // A vector takes every write.
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// `None`: it is none, or breaks a limit.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut decoder = minicbor::Decoder::new(bytes);
        let frame: Self = decoder.decode().ok()?;
        (decoder.position() == bytes.len() && frame.is_sound()).then_some(frame)
    }

    fn is_sound(&self) -> bool {
        let short = |name: &String| name.chars().nth(NAME_CHARS).is_none();
        match self {
            Self::Knock(hello) | Self::Meet(hello) => short(&hello.about.name),
            Self::Terms(terms) => {
                terms.personas.len() <= LINK_PERSONAS && terms.personas.iter().all(|offered| short(&offered.name))
            }
            Self::Keys(keys) => keys.len() <= LINK_PERSONAS,
            Self::Page(page) => page.is_sound(),
            _ => true,
        }
    }

    /// What a log may say of it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Knock(_) => "knock",
            Self::Meet(_) => "meet",
            Self::Checked => "checked",
            Self::Terms(_) => "terms",
            Self::Keys(_) => "keys",
            Self::Share(_) => "share",
            Self::Adopted => "adopted",
            Self::Done => "done",
            Self::Refuse(_) => "refuse",
            Self::Fetch(_) => "fetch",
            Self::Page(_) => "page",
        }
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

/// Decodes a frame; `false` when it reads but does not read back as it was written, which is a defect. For fuzzing.
pub fn fuzz_link_frame(bytes: &[u8]) -> bool {
    let Some(frame) = Frame::decode(bytes) else { return true };
    Frame::decode(&frame.encode()) == Some(frame)
}

/// `None`: the connection ended, or what came is no frame.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Frame> {
    Frame::decode(&read_bytes(stream).await?)
}

pub(super) async fn read_bytes(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let len = usize::try_from(stream.read_u32_le().await.ok()?).ok().filter(|len| *len <= LINK_FRAME_BYTES)?;
    // Memory grows with what has come, not with what was announced.
    let mut bytes = Vec::new();
    let read = stream.take(len as u64).read_to_end(&mut bytes).await.ok()?;
    (read == len).then_some(bytes)
}

/// `None`: the connection ended.
pub(super) async fn write(stream: &mut (impl AsyncWrite + Unpin), frame: &Frame) -> Option<()> {
    let bytes = frame.encode();
    let len = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= LINK_FRAME_BYTES)?;
    stream.write_all(&len.to_le_bytes()).await.ok()?;
    stream.write_all(&bytes).await.ok()?;
    stream.flush().await.ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::entry::{PastMember, PastMessage, PastSaid, PastThread};

    fn frames() -> Vec<Frame> {
        let about = About { version: VERSION, gives: true, device: [1; 32], name: "Laptop".to_owned() };
        let hello = Hello::new(about, &Pairing::new(&[1; 16], &[2; 32]), Side::Offers);
        let said = PastSaid { from: [5; 32], body: vec![1, 2, 3] };
        let thread = PastThread {
            own: [1; 32],
            id: [2; 32],
            kind: 1,
            title: "Friday".to_owned(),
            request: 0,
            keep_s: 60,
            keep_counter: 1,
            members: vec![PastMember { persona: [4; 32], present: true, counter: 2, read_ms: 3 }],
        };
        let message =
            PastMessage { thread: 0, said: said.clone(), order_ms: 7, changes: vec![said], came: true, unread: false };
        vec![
            Frame::Knock(hello.clone()),
            Frame::Meet(hello),
            Frame::Checked,
            Frame::Terms(Terms {
                personas: vec![Offered { persona: [3; 32], name: "Alice".to_owned(), device: [5; 32] }],
                since_ms: 9,
                history: [4; 32],
                ticket: vec![1, 2],
            }),
            Frame::Keys(vec![Key { persona: [3; 32], device: [4; 32] }]),
            Frame::Share(Shared { persona: [3; 32], statements: vec![1], root: Some(Root([9; 32])) }),
            Frame::Share(Shared { persona: [3; 32], statements: vec![1], root: None }),
            Frame::Adopted,
            Frame::Done,
            Frame::Refuse(3),
            Frame::Fetch(Fetch { id: [1; 16], after: 3, proof: [2; 32] }),
            Frame::Page(Past { threads: vec![thread], messages: vec![message], after: 9, left: 1 }),
        ]
    }

    #[test]
    fn frames_come_back_whole_or_not_at_all() {
        for frame in frames() {
            let bytes = frame.encode();
            assert_eq!(Frame::decode(&bytes), Some(frame.clone()));
            assert!(fuzz_link_frame(&bytes));
            assert!((0..bytes.len()).all(|cut| Frame::decode(bytes.get(..cut).unwrap()).is_none()), "{frame:?}");
            assert_eq!(Frame::decode(&[bytes, vec![0]].concat()), None, "bytes after it");
        }
    }

    #[test]
    fn what_breaks_a_limit_is_refused() {
        let key = Key { persona: [0; 32], device: [0; 32] };
        assert!(Frame::decode(&Frame::Keys(vec![key.clone(); LINK_PERSONAS]).encode()).is_some());
        assert_eq!(Frame::decode(&Frame::Keys(vec![key; LINK_PERSONAS + 1]).encode()), None);
        let nowhere = PastMessage {
            thread: 0,
            said: PastSaid { from: [0; 32], body: Vec::new() },
            order_ms: 0,
            changes: Vec::new(),
            came: false,
            unread: true,
        };
        assert_eq!(Frame::decode(&Frame::Page(Past { messages: vec![nowhere], ..Past::default() }).encode()), None);
    }

    #[tokio::test]
    async fn what_was_announced_takes_no_memory_before_it_comes() {
        let (mut far, mut near) = tokio::io::duplex(64);
        far.write_all(&u32::MAX.to_le_bytes()).await.unwrap();
        assert!(read_bytes(&mut near).await.is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_parser(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(fuzz_link_frame(&bytes));
        }

        #[test]
        fn no_changed_frame_breaks_the_parser(which in 0..12_usize, place in any::<prop::sample::Index>(), byte: u8) {
            let mut bytes = frames().into_iter().nth(which).unwrap().encode();
            let at = place.index(bytes.len());
            *bytes.get_mut(at).unwrap() = byte;
            prop_assert!(fuzz_link_frame(&bytes));
        }
    }
}
