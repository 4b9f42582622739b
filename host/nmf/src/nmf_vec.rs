//! [`tinynmf_core::Nmf`] with a shape chosen at run time, over vectors.

use tinynmf_core::NmfInner;
use tinynmf_core::storage::{Flat, Floats};

/// A factorisation of an m × n matrix with r latents, whose shape is known at run time; the same code and the same bits
/// as [`tinynmf_core::Nmf`].
///
/// ```
/// use tinynmf::nmf_vec::NmfVec;
/// use tinynmf_core::rule::Sweeps;
/// use tinynmf_core::{Data, Settings};
///
/// let entries = [9_u8, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9];
/// let mut nmf = NmfVec::new(4, 3, 2, Settings::default())?;
/// let mut run = nmf.run(Data::new(&entries, 4, 3, 1.0 / 16.0)?)?;
/// let before = run.loss();
/// let mut rule = Sweeps::HALS;
/// for _ in 0..20 {
///     run.epoch(&mut rule);
/// }
/// assert!(run.loss() < 0.1 * before);
/// # Ok::<(), tinynmf_core::Error>(())
/// ```
pub type NmfVec = NmfInner<Floats, Flat<Vec<f32>, Vec<u32>>>;
