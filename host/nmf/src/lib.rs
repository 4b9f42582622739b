#![deny(unsafe_code)]
//! Non-negative matrix factorisation V ≈ WH on a workstation, with a schedule that a rule or a learned policy picks.
//!
//! `tinynmf-core` does the arithmetic; it needs no heap and gives the same bits on a microcontroller and here. This library
//! adds matrices of any size and their files, memory on the heap, products by GEMM, records of runs, and families of
//! synthetic problems. Your own program depends on this library.
//!
//! ```
//! use tinynmf::factorize::Factorization;
//! use tinynmf::large::LargeMatrix;
//! use tinynmf::matrix::Matrix;
//!
//! let readings = vec![9.0, 0.0, 3.0, 8.0, 0.0, 3.0, 0.0, 7.0, 7.0, 9.0, 7.0, 9.0];
//! let v = Matrix::new("readings", 4, 3, readings)?; // or Matrix::read("readings.csv", options)
//! let found = Factorization::options(2).starts(4).fit(&LargeMatrix::of(&v)?)?;
//! assert_eq!((found.w.len(), found.h.len()), (4 * 2, 2 * 3));
//! assert!(found.relative_error < 0.1);
//! # Ok::<(), tinynmf::error::Error>(())
//! ```
//!
//! | for | see |
//! |---|---|
//! | V and its files, in the formats of [`matrix::format`]; the bundled digits | [`matrix`], [`digits`] |
//! | one factorisation and its files | [`factorize`](mod@factorize) |
//! | a run epoch by epoch, the loop that plays it, its record | [`nmf_vec`], [`play`](mod@play), [`trajectory`] |
//! | what can be factorised: by GEMM, sparse, with missing entries, larger than memory (feature `mapped`) | [`source`], [`large`], [`sparse`], `mapped` |
//! | a run that takes core's arithmetic or GEMM's | [`descent`] |
//! | a sound's spectrogram, and its parts as sounds (feature `wav`) | `sound` |
//! | names of step rules; policies on disk | [`rule_name`], [`policy_file`] |
//! | synthetic problems; seeds that cannot overlap | [`family`], [`structured`], [`seeds`] |
//! | problems to property-test a factorisation with (feature `proptest`) | `strategies` |
//! | files that are whole or absent, Ctrl-C (feature `files`); errors | `output`, `interrupt`; [`error`] |
//! | files that are read whole, up to a limit; memory; paths as text | [`input`], [`memory`], [`text`] |
//!
//! Read on in [`tinynmf_core`] for the mathematics and the step rules, in `tinynmf-train` for policies of your own, and in
//! `tinynmf-lab` for comparisons and pictures.

pub use tinynmf_core as core;

pub mod descent;
pub mod digits;
pub mod error;
pub mod factorize;
pub mod family;
pub mod input;
#[cfg(feature = "files")]
pub mod interrupt;
pub mod large;
pub mod looks;
#[cfg(feature = "mapped")]
pub mod mapped;
pub mod matrix;
pub mod memory;
pub mod nmf_vec;
#[cfg(feature = "files")]
pub mod output;
pub mod play;
pub mod policy_file;
pub mod rule_name;
pub mod seeds;
#[cfg(feature = "wav")]
pub mod sound;
pub mod source;
pub mod sparse;
#[cfg(feature = "proptest")]
pub mod strategies;
pub mod structured;
pub mod text;
pub mod trajectory;
