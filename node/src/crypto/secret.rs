//! Keys of 32 bytes that nobody may read in a log or take for one another.

/// A type of secret: 32 bytes, drawn or given, wiped when dropped, and never shown.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(zeroize::Zeroizing<[u8; 32]>);

        impl $name {
            pub fn draw(entropy: &dyn crate::host::Entropy) -> Result<Self, crate::crypto::random::NoRandomness> {
                crate::crypto::random::drawn(entropy).map(Self)
            }

            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(zeroize::Zeroizing::new(bytes))
            }

            pub fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

pub(super) use secret;
