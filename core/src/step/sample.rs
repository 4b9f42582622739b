//! The sample of a half-step, and the unit of cost.

/// The sample of a half-step, and its cost.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sample {
    /// |S|/l.
    pub share: f32,
    /// Multiply-adds of A and P.
    pub cost: u64,
    /// Multiply-adds of ‖V_S‖², where it has to be summed.
    pub norm_cost: u64,
}

impl Sample {
    /// All l inner indices, or `size` of them, for X (k × r).
    ///
    /// ‖V‖² is known; ‖V_S‖² of a part takes k·|S| more.
    #[must_use]
    pub fn new([k, l, rank]: [usize; 3], size: Option<usize>) -> Self {
        let terms = size.map_or(l, |size| size.min(l)) as u64;
        let (k, rank) = (k as u64, rank as u64);
        Self {
            share: if terms < l as u64 { terms as f32 / l as f32 } else { 1.0 },
            cost: k
                .saturating_mul(terms)
                .saturating_mul(rank)
                .saturating_add(terms * rank * rank / 2),
            norm_cost: if size.is_some() { k.saturating_mul(terms) } else { 0 },
        }
    }
}

/// The multiply-adds of an epoch that looks at all of V (m × n) and moves nothing, 2mnr + (m + n)r²/2: the unit of cost.
#[must_use]
pub fn full_epoch([m, n, rank]: [usize; 3]) -> u64 {
    Sample::new([m, n, rank], None).cost.saturating_add(Sample::new([n, m, rank], None).cost)
}
