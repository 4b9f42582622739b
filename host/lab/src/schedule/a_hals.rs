//! A-HALS with its published stopping rule (Gillis & Glineur, Accelerated multiplicative updates and HALS, 2012).

use tinynmf_core::Open;
use tinynmf_core::random::Rng;
use tinynmf_core::situation::Before;
use tinynmf_core::{Schedule, Subproblem};

/// Sweeps of relaxation 1 on all of V, at most 1 + α·ρ of them, until one moves X by less than ε times what the first did.
///
/// ρ = 1 + (mn + lr)/(kr + k) is the price of a first sweep by that of another; α = ½, ε = 0.1 as published.
#[derive(Debug, Clone, Copy, Default)]
pub struct AHals {
    most: u32,
}

/// 1 + α·ρ for X (k × r) and the other factor (l × r).
pub(super) fn most_sweeps(shape: [usize; 3]) -> u32 {
    let [k, l, rank] = shape.map(|x| x as f32);
    let rho = 1.0 + (k * l + l * rank) / (k * rank + k);
    (1.0 + 0.5 * rho) as u32
}

impl Schedule for AHals {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        self.most = most_sweeps(before.shape);
        1.0
    }

    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, _: &mut Rng) {
        let first = open.sweep(1.0).norm_squared;
        for _ in 1..self.most {
            if open.sweep(1.0).norm_squared <= 0.01 * first {
                break;
            }
        }
    }
}
