//! Seeds of problems: four sets that cannot overlap, one each for training, validation, tuning and evaluation.
//!
//! Every seed that a problem or a start is drawn from carries its [`Purpose`] in its two highest bits, which nothing
//! else decides. A policy is therefore never evaluated on a problem that it was trained on, and no rival is tuned on
//! one, whatever seed the user gives and however many problems are drawn. Core's generators turn different seeds into
//! different states (splitmix64 is a bijection), so different seeds are different problems.

/// Purpose of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A policy learns from it.
    Training,
    /// The classical rules' parameters are chosen on it.
    Tuning,
    /// It is reported.
    Evaluation,
    /// It tells, while a policy is trained, how good it is on what it does not learn from.
    Validation,
}

/// The seed of a problem: its purpose in the highest two bits, 62 bits of [`mix`] below.
#[must_use]
pub fn problem_seed(purpose: Purpose, seed: u64, numbers: [u64; 2]) -> u64 {
    (purpose as u64) << 62 | mix(seed, numbers) >> 2
}

/// One number out of several (Steele, Lea & Flood 2014, splitmix64).
#[must_use]
pub fn mix(seed: u64, numbers: [u64; 2]) -> u64 {
    numbers.into_iter().fold(seed, |state, number| {
        let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_add(number);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_have_a_range_of_seeds_each() {
        use Purpose::{Evaluation, Training, Tuning, Validation};
        let purposes = [Training, Tuning, Evaluation, Validation];
        for (quarter, purpose) in purposes.into_iter().enumerate() {
            for seed in [0, 1, u64::MAX] {
                for number in [0, 1, 1 << 40, u64::MAX] {
                    let seed = problem_seed(purpose, seed, [number, number]);
                    assert_eq!((seed >> 62) as usize, quarter);
                }
            }
        }
    }

    #[test]
    fn numbers_give_seeds_of_their_own() {
        let seeds = (0..2000).map(|i| problem_seed(Purpose::Evaluation, 7, [i / 50, i % 50]));
        assert_eq!(seeds.collect::<std::collections::HashSet<_>>().len(), 2000);
    }
}
