//! Generalised advantage estimation (Schulman et al. 2016).

/// Advantages and returns of one whole episode: A_t = Σ (γλ)ᵏ δ_{t+k}, δ_t = r_t + γV_{t+1} − V_t.
///
/// The episode ends at its horizon, or earlier because it is solved or has diverged. Nothing more can be
/// gained there: V is 0.
#[must_use]
pub fn advantages(rewards: &[f32], values: &[f32], discount: f32, lambda: f32) -> Vec<[f32; 2]> {
    let (mut advantage, mut next) = (0.0, 0.0);
    let mut estimates: Vec<[f32; 2]> = rewards
        .iter()
        .zip(values)
        .rev()
        .map(|(reward, value)| {
            let delta = reward + discount * next - value;
            advantage = delta + discount * lambda * advantage;
            next = *value;
            [advantage, advantage + value]
        })
        .collect();
    estimates.reverse();
    estimates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_lambda_one_returns_are_discounted_sums() {
        let estimates = advantages(&[1.0, 2.0, 3.0], &[0.3, -0.7, 5.0], 0.5, 1.0);
        let returns: Vec<f32> = estimates.iter().map(|e| e[1]).collect();
        for (got, exact) in returns.iter().zip([1.0 + 1.0 + 0.75, 2.0 + 1.5, 3.0]) {
            assert!((got - exact).abs() < 1e-5);
        }
    }

    #[test]
    fn with_lambda_zero_advantages_are_one_step_errors() {
        let estimates = advantages(&[1.0, 2.0], &[0.5, 4.0], 0.9, 0.0);
        assert!((estimates[0][0] - (1.0 + 0.9 * 4.0 - 0.5)).abs() < 1e-6);
        assert!((estimates[1][0] - (2.0 - 4.0)).abs() < 1e-6);
    }
}
