//! Sounds told apart as they come: samples to spectrogram columns to online NMF with the learned step size.
//!
//! Every column is a sum of the sources' spectra, each as loud as its source is at the moment: V ≈ WH with a
//! spectrum in each column of W. W is learnt from the stream, and no column is kept.
//!
//! | to read | in |
//! |---|---|
//! | samples to columns | [`spectrogram`] |
//! | columns to W and h | [`separator`] |
//! | W across a restart | [`retained`] |
//! | a signal whose sources are known | [`mixture`] |

#![no_std]
#![forbid(unsafe_code)]

pub mod mixture;
pub mod retained;
pub mod separator;
pub mod spectrogram;

pub use retained::Retained;
pub use separator::{RANK, Separator};
pub use spectrogram::{BINS, Spectrogram};
