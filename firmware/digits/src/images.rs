//! The handwritten digits, cut out of the host's file at compile time.

/// Pixels of an image: 8 × 8, each 0..=16.
pub const PIXELS: usize = 64;

/// Brightness of one step of a pixel, so that V = scale · pixel is in 0..=1.
pub const SCALE: f32 = 1.0 / 16.0;

/// The first `IMAGES` images, one a row; only they end up in flash.
pub struct Images<const IMAGES: usize>;

impl<const IMAGES: usize> Images<IMAGES> {
    /// The pixels, image by image.
    pub const PIXELS: [[u8; PIXELS]; IMAGES] = first();
}

/// Takes the leading rows of the `.npy` file: magic (6 bytes), version (2), length of the header (2), header, rows.
const fn first<const IMAGES: usize>() -> [[u8; PIXELS]; IMAGES] {
    let file = include_bytes!("../../../host/nmf/data/digits.npy");
    let start = 10 + u16::from_le_bytes([file[8], file[9]]) as usize;
    let mut images = [[0; PIXELS]; IMAGES];
    let mut at = 0;
    while at < IMAGES * PIXELS {
        images[at / PIXELS][at % PIXELS] = file[start + at];
        at += 1;
    }
    images
}
