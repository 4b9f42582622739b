//! E-A-HALS: A-HALS with extrapolation between epochs (Ang & Gillis, Accelerating nonnegative matrix factorization
//! algorithms using extrapolation, 2019).
//!
//! Both factors have an extrapolated twin, Ŵ and Ĥ. A half-step starts at the twin, sweeps as A-HALS does against the other
//! factor's twin, and extrapolates: X̂ ← max(0, X⁺ + β(X⁺ − X)). Where F(Ŵ, H) rises from one epoch to the next, the twins
//! go back to the factors and β shrinks; else β grows. Parameters as published: β = 0.5, η = 1.5, γ = 1.01, γ̄ = 1.005.

use tinynmf::family::Problem;
use tinynmf_core::gram::gram;
use tinynmf_core::product::{Left, product};
use tinynmf_core::subproblem::sweep::{steps, sweep};
use tinynmf_core::{Factor, Sample, full_epoch};

use super::BUDGET;
use super::a_hals::most_sweeps;
use super::course::Course;

/// A factor, its extrapolated twin, and what belongs to its half-step.
struct Half {
    factor: Factor,
    x: Vec<f32>,
    twin: Vec<f32>,
}

/// Plays E-A-HALS on `problem` until [`BUDGET`] is spent.
///
/// # Panics
///
/// If the problem is not valid; families and matrices that were read make none such.
#[must_use]
pub fn play(problem: &Problem) -> Course {
    let Problem { rows: m, columns: n, rank, .. } = *problem;
    let (data, mut memory) = (problem.data(), problem.memory());
    let start = memory.run(data).expect("the memory was made for this shape");
    let half = |factor, x: &[f32]| Half { factor, x: x.to_vec(), twin: x.to_vec() };
    let mut halves = [half(Factor::W, start.w()), half(Factor::H, start.h())];
    let mut course =
        Course { cost: vec![0.0], loss: vec![start.loss()], share: Vec::new(), guarded: 0 };
    let unit = full_epoch([m, n, rank]) as f32;
    let (mut a, mut p) = (vec![0.0; rank * rank], vec![0.0; m.max(n) * rank]);
    let (mut beta, mut most, mut last, mut cost) = (0.5_f32, 1.0_f32, f32::INFINITY, 0_u64);
    let v = Left { entries: data.entries(), columns: n };
    while cost as f32 / unit < BUDGET {
        let mut fit = 0.0;
        let mut next = Vec::with_capacity(2);
        for at in [0, 1] {
            let other = if at == 0 { &halves[1].twin } else { &halves[0].twin };
            let [k, l] = if at == 0 { [m, n] } else { [n, m] };
            gram(other, None, 1.0, &mut a, rank);
            let p = &mut p[..k * rank];
            product(v, halves[at].factor, None, other, 1.0, p, rank);
            cost += Sample::new([k, l, rank], None).cost;
            let mut x = halves[at].twin.clone();
            cost += sweeps(&mut x, p, &a, [k, l, rank]);
            // F(Ŵ, H) from what H's half-step holds, for a sweep's price.
            fit = quadratic(&x, p, &a, rank);
            let twin = x.iter().zip(&halves[at].x).map(|(x, old)| (x + beta * (x - old)).max(0.0));
            halves[at].twin = twin.collect();
            next.push(x);
        }
        cost += (n * rank * rank) as u64;
        if fit > last {
            beta /= 1.5;
            most = beta;
            halves.iter_mut().for_each(|half| half.twin.clone_from(&half.x));
        } else {
            beta = most.min(1.01 * beta);
            most = (1.005 * most).min(1.0);
            halves.iter_mut().zip(next).for_each(|(half, x)| half.x = x);
        }
        last = fit;
        memory.set(&halves[0].x, &halves[1].x).expect("sweeps leave finite entries");
        course.loss.push(memory.run(data).expect("the same shape").loss());
        course.cost.push(cost as f32 / unit);
        course.share.push((1.0, 1));
    }
    course
}

/// A-HALS's sweeps; what they cost.
fn sweeps(x: &mut [f32], p: &[f32], a: &[f32], shape @ [k, _, rank]: [usize; 3]) -> u64 {
    let mut relaxed = vec![0.0; rank];
    steps(a, 1.0, &mut relaxed);
    let price = (k * rank * rank) as u64;
    let first = sweep(x, p, a, &relaxed, rank).norm_squared;
    let mut cost = price;
    for _ in 1..most_sweeps(shape) {
        cost += price;
        if sweep(x, p, a, &relaxed, rank).norm_squared <= 0.01 * first {
            break;
        }
    }
    cost
}

/// ½⟨XA, X⟩ − ⟨P, X⟩ = F − ½‖V‖².
fn quadratic(x: &[f32], p: &[f32], a: &[f32], rank: usize) -> f32 {
    let rows = x.chunks_exact(rank).zip(p.chunks_exact(rank));
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    let row = |(x, p): (&[f32], &[f32])| {
        let images = a.chunks_exact(rank).map(|a| dot(a, x));
        let fit: f64 = x.iter().zip(images).map(|(x, image)| f64::from(*x) * image).sum();
        0.5 * fit - dot(p, x)
    };
    rows.map(row).sum::<f64>() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::a_hals::AHals;
    use crate::schedule::problems::drawn;
    use tinynmf::seeds::Purpose;

    #[test]
    fn falls_and_ends_lower_than_a_hals_on_most_problems() {
        let groups = drawn(Purpose::Tuning, 2);
        let (mut ahead, mut all) = (0, 0);
        for problem in groups.iter().flat_map(|group| &group.problems) {
            let (course, plain) = (play(problem), Course::play(problem, &mut AHals::default()));
            assert!(course.last() < 0.5 * course.loss[0]);
            let slack = 1e-4 * course.loss[0];
            assert!(course.last() <= course.lowest() + slack, "it ends where it was lowest");
            ahead += usize::from(course.last() <= 1.000_01 * plain.last());
            all += 1;
        }
        assert!(2 * ahead > all, "{ahead} of {all}");
    }
}
