//! The handwritten digits that the page begins with.

use tinynmf_digits::images::Images;

/// How many: all 1797 of the repository would take half of the page.
const IMAGES: usize = 500;

static PIXELS: [[u8; tinynmf_digits::images::PIXELS]; IMAGES] = Images::<IMAGES>::PIXELS;

/// The pixels, 0 (paper) to 16 (ink), image by image.
#[unsafe(no_mangle)]
pub extern "C" fn pixels() -> *const u8 {
    PIXELS.as_flattened().as_ptr()
}

/// How many images there are, of 64 pixels.
#[unsafe(no_mangle)]
pub extern "C" fn images() -> u32 {
    IMAGES as u32
}
