//! Pictures and blobs (DESIGN §4: pictures are decoded with bounds, turned upright, stripped of metadata,
//! re-encoded, given thumbnails and a blurhash before they are shared).

mod picture;

pub use picture::{Picture, PictureError, prepare_picture};
