//! Products and epochs in fixed point.

use core::array;
use core::hint::black_box;

use tinynmf_core::Factor;
use tinynmf_core::fixed_point::{Integer, Range, product};
use tinynmf_core::product::Left;
use tinynmf_core::rule::Sweeps;
use tinynmf_core::{Data, NmfFixed, Policy, Rule, Settings, policy};
use tinynmf_digits::images::SCALE;

use super::matrix::V;
use super::name_shape;
use crate::count::count;
use crate::order::Refusal;

/// V·Hᵀ of bytes, per multiply-add.
#[inline(never)] // its buffers shall not lie on the stack of another piece
pub fn products<const M: usize, const N: usize, const R: usize, const MN: usize>() {
    let h: [[u16; R]; N] = array::from_fn(|j| array::from_fn(|k| ((j * 7 + k * 3) % 11) as u16));
    let mut out = [[0; R]; M];
    let left = Left { entries: black_box(&V::<MN>::BYTES).as_slice(), columns: N };
    let (h, out) = (black_box(h.as_flattened()), out.as_flattened_mut());
    let range = Range::new(u8::BITS, N);
    count(|| product(left, Factor::W, None, h, range, out, R));
    black_box(out);
    name_shape("fixed product", [M, N, R], M * N * R);
}

/// Epochs on bytes with the shipped policy and with two sweeps, and on 16 bits with two sweeps, per multiply-add of the
/// products with V.
#[inline(never)]
pub fn epochs<const M: usize, const N: usize, const R: usize, const MN: usize>()
-> Result<(), Refusal> {
    let bytes = Data::new(&V::<MN>::BYTES, M, N, SCALE)?;
    let words = Data::new(&V::<MN>::WORDS, M, N, SCALE)?;
    let learned = Rule::learned(Policy::from_bytes(policy::SHIPPED)?);
    let sweeps = Rule::from(Sweeps::new(1.0, 2)?);
    epoch::<M, N, R, _>(bytes, learned, "fixed learned")?;
    epoch::<M, N, R, _>(bytes, sweeps.clone(), "fixed sweeps 2, u8")?;
    epoch::<M, N, R, _>(words, sweeps, "fixed sweeps 2, u16")
}

/// An epoch after three that warm up.
#[inline(never)]
fn epoch<const M: usize, const N: usize, const R: usize, E: Integer>(
    data: Data<'_, E>,
    mut rule: Rule<'_>,
    what: &str,
) -> Result<(), Refusal> {
    let mut nmf = NmfFixed::<M, N, R>::new(Settings::default())?;
    let mut run = nmf.run(data)?;
    for _ in 0..3 {
        run.epoch(&mut rule);
    }
    count(|| run.epoch(black_box(&mut rule)));
    name_shape(what, [M, N, R], 2 * M * N * R);
    Ok(())
}
