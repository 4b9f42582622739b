//! Memory for the orders of rows and columns, from which samples and batches are drawn.

use super::{check_lengths, parts};
use crate::Error;

/// The orders of the rows and columns of V, if there is memory for them.
pub trait Order {
    /// A permutation of 0..m and one of 0..n, or nothing of either.
    fn orders(&mut self) -> [&mut [u32]; 2];
}

/// A permutation of M rows and one of N columns.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Orders<const M: usize, const N: usize> {
    rows: [u32; M],
    columns: [u32; N],
}

impl<const M: usize, const N: usize> Orders<M, N> {
    /// All zero; a run numbers them.
    pub(crate) const ZERO: Self = Self { rows: [0; M], columns: [0; N] };
}

impl<const M: usize, const N: usize> Order for Orders<M, N> {
    fn orders(&mut self) -> [&mut [u32]; 2] {
        [&mut self.rows, &mut self.columns]
    }
}

/// None: nothing is sampled, whatever a schedule asks for.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NoOrders;

impl Order for NoOrders {
    fn orders(&mut self) -> [&mut [u32]; 2] {
        [&mut [], &mut []]
    }
}

/// 0, 1, 2, … in both orders.
pub(crate) fn in_order(orders: [&mut [u32]; 2]) {
    for order in orders {
        order.iter_mut().zip(0..).for_each(|(index, k)| *index = k);
    }
}

/// The orders in flat memory: all of it as the first where it does not hold both, which [`check_orders`] refuses unless it
/// is empty.
pub(crate) fn split_orders(indices: &mut [u32], [m, n]: [usize; 2]) -> [&mut [u32]; 2] {
    if indices.len() < m.saturating_add(n) { [indices, &mut []] } else { parts(indices, [m, n]) }
}

/// Refuses orders of other lengths than V's, unless both are empty and nothing is to be drawn from them.
pub(crate) fn check_orders(
    [rows, columns]: [usize; 2],
    [m, n]: [usize; 2],
    share: f32,
) -> Result<(), Error> {
    if rows > 0 || columns > 0 {
        return check_lengths([(rows, m), (columns, n)]);
    }
    if share >= 1.0 {
        return Ok(());
    }
    Err(Error::Parameter {
        what: "a batch share below 1",
        needs: "memory for the orders of rows and columns",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixed_point::{FixedBuffers, FixedFlat, Integers};
    use crate::nmf::{NmfInner, NmfWhole};
    use crate::rule::{Growing, Sweeps};
    use crate::storage::{Buffers, Flat};
    use crate::{Data, Nmf, NmfFixed, Settings};

    static V: [u8; 24] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9, 1, 2, 0, 0, 5, 5, 1, 8, 4, 4, 0, 1];

    #[test]
    fn without_orders_all_of_v_is_looked_at_with_the_same_bits() {
        let (data, settings) = (Data::new(&V, 6, 4, 0.1).unwrap(), Settings::default());
        let mut plain = Nmf::<6, 4, 2>::new(settings).unwrap();
        let mut whole = NmfWhole::<6, 4, 2>::new(settings).unwrap();
        assert_eq!(size_of_val(&plain) - size_of_val(&whole), 4 * (6 + 4));
        let mut hals = Sweeps::HALS;
        for _ in 0..4 {
            let epoch = whole.run(data).unwrap().epoch(&mut hals);
            assert_eq!(epoch, plain.run(data).unwrap().epoch(&mut hals));
        }
        let mut rule = Growing::new(0.2, 1.1, Sweeps::HALS).unwrap();
        let epoch = whole.run(data).unwrap().epoch(&mut rule);
        assert_eq!(
            [epoch.w.share, epoch.h.share].map(f32::to_bits),
            [1.0_f32; 2].map(f32::to_bits)
        );
    }

    #[test]
    fn the_same_in_fixed_point() {
        let (data, settings) = (Data::new(&V, 6, 4, 0.1).unwrap(), Settings::default());
        let mut plain = NmfFixed::<6, 4, 2>::new(settings).unwrap();
        let mut whole = crate::fixed_point::NmfFixedWhole::<6, 4, 2>::new(settings).unwrap();
        assert_eq!(size_of_val(&plain) - size_of_val(&whole), 4 * (6 + 4));
        let mut hals = Sweeps::HALS;
        for _ in 0..4 {
            let epoch = whole.run(data).unwrap().epoch(&mut hals);
            assert_eq!(epoch, plain.run(data).unwrap().epoch(&mut hals));
        }
        let mut rule = Growing::new(0.2, 1.1, Sweeps::HALS).unwrap();
        let epoch = whole.run(data).unwrap().epoch(&mut rule);
        assert_eq!(
            [epoch.w.share, epoch.h.share].map(f32::to_bits),
            [1.0_f32; 2].map(f32::to_bits)
        );
    }

    #[test]
    fn batches_need_orders_and_orders_are_whole() {
        let shape = [6, 4, 2];
        let settings = Settings { batch: 0.5, ..Settings::default() };
        let refused = Error::Parameter {
            what: "a batch share below 1",
            needs: "memory for the orders of rows and columns",
        };
        assert_eq!(NmfWhole::<6, 4, 2>::new(settings).err(), Some(refused));
        let mut floats = [0.0_f32; 200];
        let [count, indices] = Buffers::lengths(shape).unwrap();
        for (length, fits) in [(indices, true), (0, true), (1, false), (6, false), (9, false)] {
            let mut orders = [0; 10];
            let flat = Flat::new(&mut floats[..count], &mut orders[..length], shape);
            let made = NmfInner::over(flat, Settings::default());
            assert_eq!(made.is_ok(), fits, "{length} indices");
        }
        let [count, of_signed, plain, halves] = FixedBuffers::lengths(shape).unwrap();
        for (length, fits) in [(plain, true), (4, true), (5, false), (10, false)] {
            let (mut floats, mut signed, mut room) = ([0.0; 20], [0; 40], [0; 20]);
            let mut words = [0; 60];
            let flat = FixedFlat {
                floats: &mut floats[..count],
                signed: &mut signed[..of_signed],
                plain: &mut room[..length],
                halves: &mut words[..halves],
                exponents: [0; 2],
                shape,
            };
            let made = NmfInner::<Integers, _>::over(flat, Settings::default());
            assert_eq!(made.is_ok(), fits, "{length} integers");
        }
    }
}
