//! A factorisation in fixed point, with fixed buffers.

use super::product::Integer;
use super::run::{FixedBuffers, FixedRun, check_plain};
use crate::Error;
use crate::data::Data;
use crate::run::{Settings, State};

/// [`Nmf`](crate::Nmf) in fixed point: V is M × N of u8, u16 or i16, the rank R. Nothing is allocated.
///
/// RAM: 2·(M + N)·R + 4·max(M, N)·R + 8·R² + 16·R bytes, about two thirds of what `Nmf` takes, and a state of at most
/// [`STATE_BYTES`](crate::nmf::STATE_BYTES). As with `Nmf`, a caller's stack may hold a second copy while the value is
/// made.
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
        check_plain(&state)?;
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

    /// As [`FixedBuffers::set`], of M × R and R × N numbers.
    ///
    /// # Errors
    ///
    /// Of [`FixedBuffers::set`].
    pub fn set(&mut self, w: &[f32], h: &[f32], scale: f32) -> Result<(), Error> {
        let (mut buffers, _) = self.parts();
        buffers.set(w, h, scale)?;
        self.started = true;
        Ok(())
    }

    /// Takes up the factorisation of `data`, where it was left or from the start.
    ///
    /// # Errors
    ///
    /// [`Error::MatrixShape`] unless `data` is M × N.
    pub fn run<'b, E: Integer>(&'b mut self, data: Data<'b, E>) -> Result<FixedRun<'b, E>, Error> {
        Error::unless_equal([M, N], [data.rows(), data.columns()])?;
        let (seed, started) = (self.seed, self.started);
        self.started = true;
        let (buffers, state) = self.parts();
        let mut run = FixedRun::new(data, R, buffers, state)?;
        if !started {
            run.start(seed);
        }
        Ok(run)
    }

    fn parts(&mut self) -> (FixedBuffers<'_>, &mut State) {
        let [w_direction, h_direction] = &mut self.directions;
        let buffers = FixedBuffers {
            w: self.w.as_flattened_mut(),
            h: self.h.as_flattened_mut(),
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
        (buffers, &mut self.state)
    }
}
