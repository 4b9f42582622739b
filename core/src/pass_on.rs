//! Wrappers around V and around a subproblem change few methods, and pass the others on: each is written here once.

/// Methods of a wrapper that are those of its field: `pass_on!(matrix: rows, columns)` for those of
/// [`Matrix`](crate::Matrix) or [`Subproblem`](crate::Subproblem) that are named.
#[macro_export]
macro_rules! pass_on {
    ($field:tt: $($method:ident),+ $(,)?) => {
        $($crate::pass_on!(@ $field $method);)+
    };
    // Matrix.
    (@ $field:tt rows) => {
        fn rows(&self) -> usize {
            self.$field.rows()
        }
    };
    (@ $field:tt columns) => {
        fn columns(&self) -> usize {
            self.$field.columns()
        }
    };
    (@ $field:tt mean) => {
        fn mean(&self) -> f32 {
            self.$field.mean()
        }
    };
    (@ $field:tt exponent) => {
        fn exponent(&self) -> i32 {
            self.$field.exponent()
        }
    };
    (@ $field:tt norm_squared) => {
        fn norm_squared(&self, factor: $crate::Factor, sample: Option<&[u32]>) -> f32 {
            self.$field.norm_squared(factor, sample)
        }
    };
    (@ $field:tt products) => {
        fn products(
            &self,
            factor: $crate::Factor,
            sample: Option<&[u32]>,
            y: &[f32],
            p: &mut [f32],
            rank: usize,
        ) {
            self.$field.products(factor, sample, y, p, rank);
        }
    };
    (@ $field:tt products_at) => {
        fn products_at(
            &self,
            factor: $crate::Factor,
            sample: Option<&[u32]>,
            factors: [&[f32]; 2],
            p: &mut [f32],
            rank: usize,
        ) {
            self.$field.products_at(factor, sample, factors, p, rank);
        }
    };
    (@ $field:tt loss_of) => {
        fn loss(&self, w: &[f32], h: &[f32], rank: usize) -> f32 {
            self.$field.loss(w, h, rank)
        }
    };
    (@ $field:tt gram) => {
        fn gram(
            &self,
            y: &[f32],
            sample: Option<&[u32]>,
            scale: f32,
            a: &mut [f32],
            rank: usize,
        ) {
            self.$field.gram(y, sample, scale, a, rank);
        }
    };
    (@ $field:tt sweep_with) => {
        fn sweep(
            &self,
            x: &mut [f32],
            p: &[f32],
            a: &[f32],
            steps: &[f32],
            rank: usize,
        ) -> $crate::subproblem::Change {
            self.$field.sweep(x, p, a, steps, rank)
        }
    };
    (@ $field:tt displaced) => {
        fn displaced(
            &self,
            factors: [&mut [f32]; 2],
            d: &[f32],
            a: &[f32],
            scratch: [&mut [f32]; 2],
            rank: usize,
        ) -> $crate::subproblem::Change {
            self.$field.displaced(factors, d, a, scratch, rank)
        }
    };
    (@ $field:tt least_sample) => {
        fn least_sample(&self, factor: $crate::Factor, rank: usize) -> usize {
            self.$field.least_sample(factor, rank)
        }
    };
    (@ $field:tt inner) => {
        fn inner(&self, factor: $crate::Factor) -> usize {
            self.$field.inner(factor)
        }
    };
    (@ $field:tt weight) => {
        fn weight(&self, factor: $crate::Factor, sample: Option<&[u32]>) -> f32 {
            self.$field.weight(factor, sample)
        }
    };
    // Subproblem.
    (@ $field:tt sample) => {
        fn sample(&mut self) -> bool {
            self.$field.sample()
        }
    };
    (@ $field:tt lipschitz) => {
        fn lipschitz(&mut self) -> f32 {
            self.$field.lipschitz()
        }
    };
    (@ $field:tt loss) => {
        fn loss(&mut self) -> f32 {
            self.$field.loss()
        }
    };
    (@ $field:tt try_step) => {
        fn try_step(&mut self, rate: f32) -> $crate::subproblem::Change {
            self.$field.try_step(rate)
        }
    };
    (@ $field:tt step) => {
        fn step(&mut self, rate: f32) -> $crate::subproblem::Change {
            self.$field.step(rate)
        }
    };
    (@ $field:tt sweep) => {
        fn sweep(&mut self, relaxation: f32) -> $crate::subproblem::Change {
            self.$field.sweep(relaxation)
        }
    };
    (@ $field:tt remember) => {
        fn remember(&mut self) -> bool {
            self.$field.remember()
        }
    };
    (@ $field:tt extrapolate) => {
        fn extrapolate(
            &mut self,
            factor: f32,
            allowed: f32,
        ) -> Option<$crate::subproblem::Change> {
            self.$field.extrapolate(factor, allowed)
        }
    };
    (@ $field:tt images) => {
        fn images(&self) -> u32 {
            self.$field.images()
        }
    };
    (@ $field:tt idle) => {
        fn idle(&self) -> usize {
            self.$field.idle()
        }
    };
    (@ $field:tt shape) => {
        fn shape(&self) -> [usize; 2] {
            self.$field.shape()
        }
    };
}
