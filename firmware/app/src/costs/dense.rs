//! Products and epochs of dense matrices.

use core::array;
use core::hint::black_box;

use tinynmf_core::Factor;
use tinynmf_core::product::{Left, product};
use tinynmf_core::rule::{Bound, Sweeps};
use tinynmf_core::run::{Buffers, ROWS, State};
use tinynmf_core::{Data, Run, Settings, policy};
use tinynmf_digits::Order;

use super::matrix::V;
use super::name_shape;
use crate::count::count;
use crate::order::Refusal;
use crate::stack;

/// V·Hᵀ, per multiply-add.
#[inline(never)] // its buffers shall not lie on the stack of another piece
pub fn products<const M: usize, const N: usize, const R: usize, const MN: usize>() {
    let h: [[f32; R]; N] = array::from_fn(|j| array::from_fn(|k| ((j * 7 + k * 3) % 11) as f32));
    let mut out = [[0.0; R]; M];
    let v = black_box(&V::<MN>::FLOATS);
    let left = Left { entries: v.as_slice(), columns: N };
    let (h, out) = (black_box(h.as_flattened()), out.as_flattened_mut());
    count(|| product(left, Factor::W, None, h, 1.0, out, R));
    black_box(out);
    name_shape("product", [M, N, R], M * N * R);
}

/// An epoch with bound(0.95), with the shipped policy, and with 1, 2 and 4 sweeps, after three that warm up, per multiply-add
/// of the two products with V. Returns the stack that another epoch takes.
#[inline(never)]
pub fn epochs<const M: usize, const N: usize, const MAX: usize, const R: usize, const MN: usize>()
-> Result<usize, Refusal> {
    let data = Data::new(&V::<MN>::FLOATS, M, N, 1.0)?;
    // Not `Nmf`, of which the smallest stack would have to hold two while it is moved.
    let (mut w, mut h) = ([[0.0; R]; M], [[0.0; R]; N]);
    let (mut gradient, mut before) = ([[0.0; R]; MAX], [[0.0; R]; MAX]);
    let (mut gram, mut rows) = ([[0.0; R]; R], [[1.0; R]; ROWS]);
    let buffers = Buffers {
        w: w.as_flattened_mut(),
        h: h.as_flattened_mut(),
        gradient: gradient.as_flattened_mut(),
        before: before.as_flattened_mut(),
        gram: gram.as_flattened_mut(),
        rows: rows.as_flattened_mut(),
        row_order: &mut array::from_fn::<_, M, _>(|i| i as u32),
        column_order: &mut array::from_fn::<_, N, _>(|j| j as u32),
    };
    let settings = Settings::default();
    let mut state = State::new(settings)?;
    let mut run = Run::new(data, R, buffers, &mut state)?;
    run.start(settings.seed);

    let bound = Order::classic("epoch bound", Bound::new(0.95)?);
    let learned = Order { name: "epoch learned", ..Order::asking(policy::SHIPPED)? };
    let mut deepest = 0;
    let sweeps = |name, count| Ok(Order::classic(name, Sweeps::new(1.0, count)?));
    let orders: [Result<_, Refusal>; 5] = [
        Ok(bound),
        Ok(learned),
        sweeps("epoch sweeps 1", 1),
        sweeps("epoch sweeps 2", 2),
        sweeps("epoch sweeps 4", 4),
    ];
    for order in orders {
        let Order { name, mut rule, .. } = order?;
        for _ in 0..3 {
            run.epoch(&mut rule);
        }
        count(|| run.epoch(black_box(&mut rule)));
        name_shape(name, [M, N, R], 2 * M * N * R);
        deepest = deepest.max(stack::depth(|| run.epoch(&mut rule)).ok_or(Refusal::Stack)?);
    }
    Ok(deepest)
}
