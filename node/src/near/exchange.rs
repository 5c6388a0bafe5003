//! What two who have it open say to each other, over a connection between keys that both drew for this opening: invites, and
//! six digits that both show. docs/protocol.md, "People near you".
//!
//! The digits come from the connection and one random number of each side. Who dialled is bound to its own number before it
//! sees the other's, so that nobody who sits between two, or calls themselves as somebody else does, can choose numbers until
//! the digits are the wanted ones: each exchange is one draw out of a million, and there are few (`NEAR_EXCHANGES`).

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::limits::INVITE_CHARS;

const VERSION: u8 = 1;
const COMMIT: &str = "kith 2026 near commit v1";
const CHECK: &str = "kith 2026 near check v1";

/// What the other side told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// As it came.
    pub(super) invite: String,
    pub(super) code: String,
}

/// This side of an exchange.
#[derive(Debug)]
pub(super) struct Side<'a> {
    /// It opened the connection.
    pub(super) dialled: bool,
    pub(super) nonce: [u8; 32],
    pub(super) invite: &'a str,
    /// The same at both ends of this connection, and at those of no other.
    pub(super) exported: &'a [u8; 32],
}

/// What the other side said first, for [`exchange`]. Until then this side's number is not told, so nobody can know the
/// digits. `None`: the other side said something else, or nothing.
pub(super) async fn opened<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, side: &Side<'_>) -> Option<[u8; 32]> {
    if side.dialled {
        stream.write_all(&[VERSION]).await.ok()?;
        stream.write_all(&commitment(side.exported, &side.nonce)).await.ok()?;
        stream.flush().await.ok()?;
    }
    opening(stream).await
}

/// The rest, after [`opened`]. `None`: the other side said something else, or nothing more.
pub(super) async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    side: Side<'_>,
    opened: [u8; 32],
) -> Option<Told> {
    let Side { dialled, nonce, invite, exported } = side;
    let (theirs, other) = if dialled {
        stream.write_all(&nonce).await.ok()?;
        tell(stream, invite).await?;
        (hear(stream).await?, opened)
    } else {
        stream.write_all(&[VERSION]).await.ok()?;
        stream.write_all(&nonce).await.ok()?;
        stream.flush().await.ok()?;
        let mut other = [0; 32];
        stream.read_exact(&mut other).await.ok()?;
        // What it said first binds it.
        if blake3::Hash::from(commitment(exported, &other)) != blake3::Hash::from(opened) {
            return None;
        }
        let theirs = hear(stream).await?;
        tell(stream, invite).await?;
        (theirs, other)
    };
    let (first, second) = if dialled { (&nonce, &other) } else { (&other, &nonce) };
    Some(Told { invite: theirs, code: code(exported, first, second) })
}

/// Which number of how many digits both show.
fn code(exported: &[u8; 32], dialled: &[u8; 32], accepted: &[u8; 32]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key(CHECK);
    hasher.update(exported).update(dialled).update(accepted);
    let hash = hasher.finalize();
    let number = u64::from_le_bytes(*hash.as_bytes().first_chunk().unwrap_or(&[0; 8]));
    format!("{:06}", number % 1_000_000)
}

fn commitment(exported: &[u8; 32], nonce: &[u8; 32]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(COMMIT);
    hasher.update(exported).update(nonce);
    *hasher.finalize().as_bytes()
}

/// The first message of either side: a version that is known, and 32 bytes.
async fn opening<S: AsyncRead + Unpin>(stream: &mut S) -> Option<[u8; 32]> {
    let mut bytes = [0; 33];
    stream.read_exact(&mut bytes).await.ok()?;
    let (version, rest) = bytes.split_first()?;
    if *version == VERSION { rest.first_chunk().copied() } else { None }
}

async fn tell<S: AsyncWrite + Unpin>(stream: &mut S, invite: &str) -> Option<()> {
    let length = u16::try_from(invite.len()).ok()?;
    stream.write_all(&length.to_le_bytes()).await.ok()?;
    stream.write_all(invite.as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

async fn hear<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).await.ok()?;
    let length = usize::from(u16::from_le_bytes(length));
    if length == 0 || length > INVITE_CHARS {
        return None;
    }
    let mut invite = vec![0; length];
    stream.read_exact(&mut invite).await.ok()?;
    String::from_utf8(invite).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    const EXPORTED: [u8; 32] = [7; 32];

    /// Both steps.
    async fn whole<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, side: Side<'_>) -> Option<Told> {
        let opened = opened(stream, &side).await?;
        exchange(stream, side, opened).await
    }

    fn side(dialled: bool, number: u8, invite: &str) -> Side<'_> {
        Side { dialled, nonce: [number; 32], invite, exported: &EXPORTED }
    }

    #[tokio::test]
    async fn both_hear_each_others_invite_and_show_the_same_digits() {
        let (mut alice, mut bob) = duplex(64);
        let (alice, bob) =
            tokio::join!(whole(&mut alice, side(true, 1, "from Alice")), whole(&mut bob, side(false, 2, "from Bob")));
        let (alice, bob) = (alice.unwrap(), bob.unwrap());
        assert_eq!((alice.invite.as_str(), bob.invite.as_str()), ("from Bob", "from Alice"));
        assert_eq!(alice.code, bob.code);
        assert!(alice.code.len() == 6 && alice.code.bytes().all(|digit| digit.is_ascii_digit()), "{}", alice.code);
    }

    /// Whoever builds this anew has to show the same digits.
    #[test]
    fn golden_digits_and_commitment() {
        assert_eq!(code(&EXPORTED, &[1; 32], &[2; 32]), "193643");
        let committed = data_encoding::HEXLOWER.encode(&commitment(&EXPORTED, &[1; 32]));
        assert_eq!(committed, "09554e41f0d648d8fa20a47f97ddf00f6fd5659b09f2267acb57e43843cbc343");
    }

    #[test]
    fn the_digits_are_of_the_connection_and_of_both_numbers() {
        let codes: std::collections::BTreeSet<String> =
            (0..=255).map(|number| code(&EXPORTED, &[1; 32], &[number; 32])).collect();
        assert!(codes.len() > 240, "{}", codes.len());
        let here = code(&EXPORTED, &[1; 32], &[2; 32]);
        assert_ne!(here, code(&[8; 32], &[1; 32], &[2; 32]), "somebody between two has another connection with each");
        assert_ne!(here, code(&EXPORTED, &[2; 32], &[1; 32]));
    }

    /// Who dialled waits for the other's number and then takes one for which the digits are the wanted ones.
    #[tokio::test]
    async fn who_dialled_cannot_choose_a_number_once_it_sees_the_others() {
        let (mut mallory, mut bob) = duplex(4_096);
        let cheats = async {
            mallory.write_all(&[VERSION]).await.unwrap();
            mallory.write_all(&commitment(&EXPORTED, &[1; 32])).await.unwrap();
            opening(&mut mallory).await.unwrap();
            mallory.write_all(&[9; 32]).await.unwrap();
            tell(&mut mallory, "from Mallory").await.unwrap();
            hear(&mut mallory).await
        };
        let (heard, bob) = tokio::join!(cheats, async {
            let told = whole(&mut bob, side(false, 2, "from Bob")).await;
            drop(bob);
            told
        });
        assert_eq!((heard, bob), (None, None), "Bob's invite stays with him");
    }

    #[tokio::test]
    async fn what_is_no_exchange_is_dropped() {
        let long = u16::try_from(INVITE_CHARS + 1).unwrap().to_le_bytes();
        let sound = [[VERSION].as_slice(), &commitment(&EXPORTED, &[1; 32]), &[1; 32]].concat();
        let ends = [
            vec![],
            vec![2; 33],
            sound.clone(),
            [sound.as_slice(), &long, &vec![b'a'; INVITE_CHARS + 1]].concat(),
            [sound.as_slice(), &[0, 0]].concat(),
            [sound.as_slice(), &[2, 0], b"\xff\xff"].concat(),
            [sound.as_slice(), &[200, 0], b"short"].concat(),
        ];
        for said in ends {
            let (mut mallory, mut bob) = duplex(16_384);
            mallory.write_all(&said).await.unwrap();
            mallory.shutdown().await.unwrap();
            assert_eq!(whole(&mut bob, side(false, 2, "from Bob")).await, None, "{said:?}");
        }
    }
}
