//! From a file of the user's to a picture that can be shared. Pure: bytes in, bytes out.

/// A picture ready to share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Re-encoded bytes without metadata (JPEG, PNG, or GIF/WebP animation flattened).
    pub bytes: Vec<u8>,
    pub mime: &'static str,
    pub width: u32,
    pub height: u32,
    pub blurhash: String,
    /// JPEG or PNG, longest side `limits::THUMB_PX`; `None` when the picture itself is that small.
    pub thumb: Option<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("the file is too large")]
    FileTooLarge,
    #[error("the picture is too large: {width}×{height}")]
    TooLarge { width: u32, height: u32 },
    #[error("this is not a picture that Kith can read")]
    Unreadable,
}

/// Decodes within bounds, turns upright, strips metadata, re-encodes.
pub fn prepare_picture(_file: &[u8]) -> Result<Picture, PictureError> {
    todo!()
}
