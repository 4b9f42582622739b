//! Products and epochs in fixed point.

use core::array;
use core::hint::black_box;

use tinynmf_core::data::Side;
use tinynmf_core::fixed_point::{Range, product};
use tinynmf_core::product::Left;
use tinynmf_core::{Data, NmfFixed, Policy, Rule, Settings, policy};

use super::matrix::V;
use super::name_shape;
use crate::count::count;
use crate::digits::SCALE;
use crate::order::Refusal;

/// V·Hᵀ of bytes, per multiply-add.
#[inline(never)] // its buffers shall not lie on the stack of another piece
pub fn products<const M: usize, const N: usize, const R: usize, const MN: usize>() {
    let h: [[u16; R]; N] = array::from_fn(|j| array::from_fn(|k| ((j * 7 + k * 3) % 11) as u16));
    let mut out = [[0; R]; M];
    let left = Left { entries: black_box(&V::<MN>::BYTES).as_slice(), columns: N };
    let (h, out) = (black_box(h.as_flattened()), out.as_flattened_mut());
    let range = Range::new(u8::BITS, N);
    count(|| product(left, Side::Rows, h, range, out, R));
    black_box(out);
    name_shape("fixed product", [M, N, R], M * N * R);
}

/// An epoch on bytes with the shipped policy, after three that warm up, per multiply-add of the products
/// with V.
#[inline(never)]
pub fn epoch<const M: usize, const N: usize, const R: usize, const MN: usize>()
-> Result<(), Refusal> {
    let data = Data::new(&V::<MN>::BYTES, M, N, SCALE)?;
    let mut nmf = NmfFixed::<M, N, R>::new(Settings::default())?;
    let mut rule = Rule::learned(Policy::from_bytes(policy::SHIPPED)?);
    let mut run = nmf.run(data)?;
    for _ in 0..3 {
        run.epoch(&mut rule);
    }
    count(|| run.epoch(black_box(&mut rule)));
    name_shape("fixed learned", [M, N, R], 2 * M * N * R);
    Ok(())
}
