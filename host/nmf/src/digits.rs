//! The bundled real data: 1797 handwritten digits of 8 × 8 pixels.
//!
//! E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998,
//! [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49), CC BY 4.0.

use crate::matrix::Matrix;

/// Number of images.
pub const IMAGES: usize = 1797;

/// Rows and columns of an image.
pub const SIDE: usize = 8;

static FILE: &[u8] = include_bytes!("../data/digits.npy");

/// All images: 1797 × 64, one image a row, 0 (paper) to 16 (ink).
///
/// # Panics
///
/// Never: the file is part of the program, and a test reads it.
#[must_use]
pub fn all() -> Matrix {
    Matrix::from_npy("digits", FILE).expect("the bundled digits are a valid matrix")
}

/// The first `count` images (at least 1, at most all of them): `count` × 64.
///
/// # Panics
///
/// Never: every image has ink.
#[must_use]
pub fn first(count: usize) -> Matrix {
    all().first_rows(count.max(1)).expect("every image has ink")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_whole_and_in_range() {
        let digits = all();
        assert_eq!((digits.rows(), digits.cols()), (IMAGES, SIDE * SIDE));
        assert!(digits.entries().iter().all(|&ink| ink <= 16.0 && ink.fract() == 0.0));
        for image in digits.entries().chunks(SIDE * SIDE) {
            assert!(image.iter().sum::<f32>() > 100.0);
        }
    }

    #[test]
    fn come_in_any_number() {
        assert_eq!(first(40).rows(), 40);
        assert_eq!(*first(40).entries(), all().entries()[..40 * 64]);
        assert_eq!(first(10_000).rows(), IMAGES);
    }
}
