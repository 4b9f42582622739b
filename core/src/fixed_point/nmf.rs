//! A factorisation in fixed point, with fixed buffers.

use super::factor::set;
use super::product::Integer;
use super::run::{FixedRun, Memory};
use crate::Error;
use crate::data::Data;
use crate::penalty::Penalties;
use crate::run::{Settings, State, check_factor};

/// [`Nmf`](crate::Nmf) in fixed point: V is M × N of u8, u16 or i16, the rank R. Nothing is allocated.
///
/// RAM: 2·(M + N)·R + 4·max(M, N)·R + 8·R² + 16·R bytes, about two thirds of what `Nmf` takes.
#[derive(Debug, Clone)]
pub struct NmfFixed<const M: usize, const N: usize, const R: usize> {
    w: [[u16; R]; M],
    h: [[u16; R]; N],
    exponents: [i32; 2],
    gradient: Gradient<M, N, R>,
    gram: [[u32; R]; R],
    floats: [[f32; R]; R],
    directions: [[f32; R]; 2],
    image: [f32; R],
    row: [i32; R],
    pub(crate) state: State,
    seed: u64,
    started: bool,
}

/// Memory for the gradient of the longer factor: `max(M, N)` cannot be an array's length.
#[derive(Debug, Clone)]
enum Gradient<const M: usize, const N: usize, const R: usize> {
    Tall([[i32; R]; M]),
    Wide([[i32; R]; N]),
}

impl<const M: usize, const N: usize, const R: usize> NmfFixed<M, N, R> {
    /// Zeroed factors; [`NmfFixed::run`] draws the start from the seed unless [`NmfFixed::set`] gave one.
    ///
    /// A rank of 0 or above min(M, N) does not compile.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for mini-batches, noise and penalties, which there are none of in fixed point;
    /// those of [`State::new`].
    pub fn new(settings: Settings) -> Result<Self, Error> {
        const { assert!(R > 0 && R <= M && R <= N, "the rank must be in 1 to min(M, N)") };
        let state = State::new(settings)?;
        let plain = settings.penalties == Penalties::default();
        if settings.batch < 1.0 || settings.noise > 0.0 || !plain {
            let needs = "exact gradients without penalties";
            return Err(Error::Parameter { rule: "fixed point", needs });
        }
        Ok(Self {
            w: [[0; R]; M],
            h: [[0; R]; N],
            exponents: [0; 2],
            gradient: if M >= N {
                Gradient::Tall([[0; R]; M])
            } else {
                Gradient::Wide([[0; R]; N])
            },
            gram: [[0; R]; R],
            floats: [[0.0; R]; R],
            directions: [[1.0; R]; 2],
            image: [0.0; R],
            row: [0; R],
            state,
            seed: settings.seed,
            started: false,
        })
    }

    /// Sets W₀ (M × R, row by row) and H₀ (R × N, column by column) from numbers for the given scale of V,
    /// rounded to 15 bits.
    ///
    /// # Errors
    ///
    /// As of [`Nmf::set`](crate::Nmf::set); [`Error::Parameter`] for a scale that is not positive and finite.
    pub fn set(&mut self, w: &[f32], h: &[f32], scale: f32) -> Result<(), Error> {
        check_factor(w, M, R)?;
        check_factor(h, N, R)?;
        if !(scale > 0.0 && scale < f32::MAX) {
            return Err(Error::Parameter { rule: "data", needs: "a positive, finite scale" });
        }
        let exponent_of_w = set(self.w.as_flattened_mut(), w, 1.0);
        let exponent_of_h = set(self.h.as_flattened_mut(), h, scale);
        self.exponents = [exponent_of_w, exponent_of_h];
        self.started = true;
        Ok(())
    }

    /// Takes up the factorisation of `data`, where it was left or from the start.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] unless `data` is M × N.
    pub fn run<'b, E: Integer>(&'b mut self, data: Data<'b, E>) -> Result<FixedRun<'b, E>, Error> {
        if data.rows() != M || data.columns() != N {
            return Err(Error::Shape { expected: M * N, found: data.rows() * data.columns() });
        }
        let max = data.entries().iter().fold(0, |max, v| v.integer().max(max));
        let [w_direction, h_direction] = &mut self.directions;
        let memory = Memory {
            factors: [self.w.as_flattened_mut(), self.h.as_flattened_mut()],
            exponents: &mut self.exponents,
            gradient: match &mut self.gradient {
                Gradient::Tall(g) => g.as_flattened_mut(),
                Gradient::Wide(g) => g.as_flattened_mut(),
            },
            gram: self.gram.as_flattened_mut(),
            floats: self.floats.as_flattened_mut(),
            directions: [w_direction, h_direction],
            image: &mut self.image,
            row: &mut self.row,
        };
        let bits = u32::BITS - max.leading_zeros();
        let mut run = FixedRun { data, memory, state: &mut self.state, bits, rank: R };
        if !self.started {
            run.start(self.seed);
            self.started = true;
        }
        Ok(run)
    }
}
