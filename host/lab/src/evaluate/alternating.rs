//! Algorithms that are no step rules: what alternates between the factors, with exact gradients.
//!
//! With one factor fixed, F is ½⟨X, XA⟩ − ⟨P, X⟩ + ½‖V‖² in the other one. A and P = VHᵀ (or WᵀV) are computed once in
//! a half-step, as in core, and by core's own kernels; what happens between them is the algorithm.

use tinynmf::error::Result;
use tinynmf::family::Problem;
use tinynmf::trajectory::Trajectory;
use tinynmf_core::gram::gram;
use tinynmf_core::product::{Left, product};
use tinynmf_core::step::Sample;
use tinynmf_core::{Factor, Settings};

/// A factor's half of the problem: minimise ½⟨X, XA⟩ − ⟨P, X⟩ over X ≥ 0.
#[derive(Debug)]
pub struct Half<'a> {
    /// Which factor X is.
    pub factor: Factor,
    /// X, k × r by rows: W, or H column by column.
    pub x: &'a mut [f32],
    /// P, k × r by rows.
    pub p: &'a [f32],
    /// A, r × r.
    pub a: &'a [f32],
    /// The rows of the other factor, which A was summed over.
    pub terms: usize,
    /// The rank r: latents of a factorisation, from 1 to min(m, n).
    pub rank: usize,
}

/// Runs `update` on W and on H in turn for the problem's horizon, from the start that every rule has; it returns its
/// multiply-adds.
///
/// Losses and costs are recorded, P and A counted as in core.
///
/// # Errors
///
/// A rank that does not fit the problem's shape.
pub fn alternate(problem: &Problem, mut update: impl FnMut(Half<'_>) -> u64) -> Result<Trajectory> {
    let Problem { rows, columns, rank, settings, .. } = *problem;
    let exact = Problem { settings: Settings { batch: 1.0, ..settings }, ..problem.clone() };
    let (data, mut memory) = (exact.data(), exact.memory());
    let start = memory.run(data)?;
    let (mut w, mut h) = (start.w().to_vec(), start.h().to_vec());
    let (first, mut cost) = (start.loss(), 0_u64);
    let mut record = Trajectory { loss: vec![first], cost: vec![0], ..Trajectory::default() };
    let mut p = vec![0.0; rows.max(columns) * rank];
    let mut a = vec![0.0; rank * rank];
    let v = Left { entries: data.entries(), columns };
    for _ in 0..settings.horizon {
        for factor in [Factor::W, Factor::H] {
            let (side, x, y) = match factor {
                Factor::W => (Factor::W, &mut w, &h),
                Factor::H => (Factor::H, &mut h, &w),
            };
            let p = &mut p[..x.len()];
            gram(y, None, 1.0, &mut a, rank);
            product(v, side, None, y, 1.0, p, rank);
            let [k, l] = [x.len() / rank, y.len() / rank];
            cost += Sample::new([k, l, rank], None).cost;
            cost += update(Half { factor, x, p, a: &a, terms: l, rank });
        }
        memory.set(&w, &h)?;
        record.loss.push(memory.run(data)?.loss());
        record.cost.push(cost);
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::suite::Suite;
    use tinynmf::seeds::Purpose;
    use tinynmf_core::step::full_epoch;

    #[test]
    fn a_half_knows_what_its_gram_was_summed_over() {
        let problem = Suite::Exact.cases(None, None).unwrap()[1].problem(Purpose::Tuning, 0);
        let (mut w_halves, mut h_halves) = (0, 0);
        let run = alternate(&problem, |half| {
            let (count, rows, terms) = match half.factor {
                Factor::W => (&mut w_halves, problem.rows, problem.columns),
                Factor::H => (&mut h_halves, problem.columns, problem.rows),
            };
            assert_eq!((half.x.len(), half.terms), (rows * problem.rank, terms));
            *count += 1;
            7
        })
        .unwrap();
        assert_eq!([w_halves, h_halves], [problem.settings.horizon; 2]);
        let epoch = full_epoch([problem.rows, problem.columns, problem.rank]) + 14;
        assert_eq!(run.cost[..3], [0, epoch, 2 * epoch]);
        assert_ne!(problem.rows, problem.columns, "else the test could not tell the two apart");
    }
}
