//! A factorisation with its memory and its state, in any arithmetic and on any storage.

use core::marker::PhantomData;

use crate::Error;
use crate::checksum::Checksum;
use crate::rows::copy;
use crate::run::{Settings, State, check_factor};
use crate::situation::Progress;
use crate::storage::{
    Arithmetic, Arrays, Buffers, Factors, Flat, Floats, Keeps, NoOrders, Operand, Storage,
};

pub use crate::storage::View;

/// A factorisation with fixed buffers: V is M × N, the rank R. Nothing is allocated.
///
/// RAM: (M + N + 2·max(M, N))·R + R² + 10·R floats, M + N indices, and a state that does not grow with the
/// shape, at most [`STATE_BYTES`]. `size_of` tells the exact sum. [`Nmf::new`] returns a value: unless the compiler
/// builds it in place, its caller's stack holds a second copy while it is moved to where it stays. [`NmfOver`] leaves
/// the memory where it is.
pub type Nmf<const M: usize, const N: usize, const R: usize> = NmfInner<Floats, Arrays<M, N, R>>;

/// [`Nmf`] that looks at all of V in every half-step, whatever its rule asks for: M + N indices less.
pub type NmfWhole<const M: usize, const N: usize, const R: usize> =
    NmfInner<Floats, Arrays<M, N, R, NoOrders>>;

/// [`Nmf`] over memory that stays where it is, such as a `static` that takes neither flash nor a copy on the stack: made
/// by [`NmfInner::over`].
pub type NmfOver<'s, const M: usize, const N: usize, const R: usize> =
    NmfInner<Floats, &'s mut Arrays<M, N, R>>;

/// Bytes at most that an [`Nmf`] takes besides what grows with its shape: random generators, memories of both
/// factors, settings.
pub const STATE_BYTES: usize = 232;

/// A factorisation with its memory `S` and its state, in the arithmetic `A`: [`Nmf`], [`NmfOver`],
/// [`NmfFixed`](crate::NmfFixed), and host's `NmfVec`.
#[derive(Debug, Clone)]
pub struct NmfInner<A, S> {
    storage: S,
    pub(crate) state: State,
    seed: u64,
    started: bool,
    arithmetic: PhantomData<A>,
}

impl<A: Arithmetic, S: Storage<A>> NmfInner<A, S> {
    /// A factorisation on memory of any content; [`NmfInner::run`] draws the start from the seed unless a start was set.
    ///
    /// # Errors
    ///
    /// Those of [`State::new`]; [`Error::Rank`] and [`Error::Shape`] for a rank and for memory that do not fit.
    pub fn over(mut storage: S, settings: Settings) -> Result<Self, Error> {
        let (shape, state) = (storage.shape(), State::new(settings)?);
        let buffers = storage.buffers();
        A::check(&buffers, shape, settings.batch)?;
        A::reset(buffers);
        let seed = settings.seed;
        Ok(Self { storage, state, seed, started: false, arithmetic: PhantomData })
    }

    /// Takes up the factorisation of `v`, where it was left or from the start.
    ///
    /// For another V than before, [`NmfInner::set`] gives a start first: what rules remember is about the old one.
    ///
    /// # Errors
    ///
    /// [`Error::MatrixShape`] unless `v` is m × n.
    pub fn run<'b, V: Operand<A> + 'b>(&'b mut self, v: V) -> Result<V::Run<'b>, Error> {
        let [m, n, rank] = self.storage.shape();
        Error::unless_equal([m, n], v.shape())?;
        let mut run = v.run(rank, self.storage.buffers(), &mut self.state)?;
        if !self.started {
            V::start(&mut run, self.seed);
            self.started = true;
        }
        Ok(run)
    }

    /// Writes the start.
    pub(crate) fn start_with(
        &mut self,
        write: impl FnOnce(A::Buffers<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        write(self.storage.buffers())?;
        A::reset(self.storage.buffers());
        self.state.begin_again(self.seed);
        self.started = true;
        Ok(())
    }

    /// The memory. Whoever writes to it keeps the entries of factors finite and ≥ 0.
    pub fn buffers(&mut self) -> A::Buffers<'_> {
        self.storage.buffers()
    }

    /// m, n and r.
    pub fn shape(&self) -> [usize; 3] {
        self.storage.shape()
    }
}

impl<S: Storage<Floats>> NmfInner<Floats, S> {
    /// Sets W₀ (m × r, row by row) and H₀ (r × n, column by column). A run begins again from them: epoch 0, nothing remembered.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`]; [`Error::NotFinite`], [`Error::Negative`] and [`Error::TooLarge`] with the
    /// place in the slice at fault, counted in its own rows of r.
    pub fn set(&mut self, w: &[f32], h: &[f32]) -> Result<(), Error> {
        let [m, n, rank] = self.storage.shape();
        self.start_with(|buffers| {
            check_factor(w, m, rank)?;
            check_factor(h, n, rank)?;
            copy(buffers.w, w);
            copy(buffers.h, h);
            Ok(())
        })
    }
}

impl<S: Factors> NmfInner<Floats, S> {
    /// W, m × r.
    pub fn w(&self) -> S::W<'_> {
        self.storage.w()
    }

    /// H, r × n.
    pub fn h(&self) -> S::H<'_> {
        self.storage.h()
    }
}

impl<const M: usize, const N: usize, const R: usize> NmfWhole<M, N, R> {
    /// As [`Nmf::new`].
    ///
    /// # Errors
    ///
    /// [`Error::BatchShare`]; [`Error::Parameter`] for penalties, and for a batch share below 1.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Self::over(Arrays::without_orders(), settings)
    }
}

impl<const M: usize, const N: usize, const R: usize> Nmf<M, N, R> {
    /// Zeroed factors; [`Nmf::run`] draws the start from the seed unless [`Nmf::set`] gave one.
    ///
    /// A rank of 0 or above min(M, N) does not compile.
    ///
    /// # Errors
    ///
    /// [`Error::BatchShare`]; [`Error::Parameter`] for penalties.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Self::over(Arrays::new(), settings)
    }
}

impl<F, I> NmfInner<Floats, Flat<F, I>>
where
    F: AsMut<[f32]> + FromIterator<f32>,
    I: AsMut<[u32]> + FromIterator<u32>,
{
    /// Zeroed factors for V of `rows` × `columns`; [`NmfInner::run`] draws the start from the seed unless
    /// [`NmfInner::set`] gave one.
    ///
    /// # Errors
    ///
    /// [`Error::Rank`] for rank 0; [`Error::BatchShare`]; [`Error::Parameter`] for penalties.
    pub fn new(
        rows: usize,
        columns: usize,
        rank: usize,
        settings: Settings,
    ) -> Result<Self, Error> {
        let shape = [rows, columns, rank];
        let [floats, indices] = Buffers::lengths(shape).ok_or(Error::Empty)?;
        let floats = core::iter::repeat_n(0.0, floats).collect();
        let indices = core::iter::repeat_n(0, indices).collect();
        Self::over(Flat::new(floats, indices, shape), settings)
    }
}

impl<S> NmfInner<Floats, S> {
    /// Numbers that a restart needs besides the state.
    pub(crate) fn kept<const M: usize, const N: usize, const R: usize>(&self) -> [&[f32]; 3]
    where
        S: Keeps<M, N, R>,
    {
        self.storage.kept()
    }

    /// [`NmfInner::kept`], to be written; the start is then given.
    pub(crate) fn kept_mut<const M: usize, const N: usize, const R: usize>(
        &mut self,
    ) -> [&mut [f32]; 3]
    where
        S: Keeps<M, N, R>,
    {
        self.started = true;
        self.storage.kept_mut()
    }

    /// Feeds the settings that a run depends on.
    pub(crate) fn sum_settings(&self, sum: &mut Checksum) {
        let State { progress: Progress { horizon, share, .. }, penalties, .. } = &self.state;
        for number in [*horizon, self.seed as u32, (self.seed >> 32) as u32] {
            sum.word(number);
        }
        sum.floats(&[*share]);
        penalties.sum(sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retained::Retained;
    use crate::rule::Cauchy;
    use crate::{Data, NmfFixed};

    fn state<const M: usize, const N: usize, const R: usize>() -> [usize; 3] {
        let [floats, indices] = Buffers::lengths([M, N, R]).unwrap();
        let of_float = size_of::<Nmf<M, N, R>>() - 4 * (floats + indices);
        let grows = 2 * (M + N) * R + 6 * M.max(N) * R + 8 * R * R + 16 * R + 4 * (M + N);
        let of_fixed = size_of::<NmfFixed<M, N, R>>() - grows;
        let of_save = size_of::<Retained<M, N, R>>() - 8 * ((M + N + 2) * R + 35);
        [of_float, of_fixed, of_save]
    }

    #[test]
    fn takes_the_memory_that_it_says() {
        for found in
            [state::<1, 1, 1>(), state::<5, 9, 3>(), state::<64, 32, 4>(), state::<40, 50, 7>()]
        {
            let [of_float, of_fixed, of_save] = found;
            assert!((1..=STATE_BYTES).contains(&of_float), "{of_float}");
            assert!((1..=STATE_BYTES).contains(&of_fixed), "{of_fixed}");
            assert!(of_save <= 8, "{of_save}");
        }
        assert!(size_of::<NmfOver<'_, 64, 32, 4>>() <= STATE_BYTES);
    }

    static V: [u8; 20] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9, 1, 2, 0, 0, 5, 5, 1, 8];

    #[test]
    fn memory_that_stays_in_place_gives_the_same_bits_and_is_saved_alike() {
        static ZERO: Arrays<5, 4, 2> = Arrays::new();
        let (data, settings) = (Data::new(&V, 5, 4, 0.1).unwrap(), Settings::default());
        let mut arrays = ZERO.clone();
        // Numbers of an earlier run do not matter.
        arrays.kept_mut().into_iter().flatten().for_each(|x| *x = 7.0);
        let mut over = NmfOver::over(&mut arrays, settings).unwrap();
        let mut owned = Nmf::<5, 4, 2>::new(settings).unwrap();
        let mut retained = Retained::new();
        for _ in 0..3 {
            let record = over.run(data).unwrap().epoch(&mut Cauchy);
            assert_eq!(record, owned.run(data).unwrap().epoch(&mut Cauchy));
            retained.save(&over);
        }
        assert_eq!((over.w(), over.h()), (owned.w(), owned.h()));
        let mut restored = Nmf::new(settings).unwrap();
        assert_eq!(retained.restore(&mut restored), Some(3));
        assert_eq!((restored.w(), restored.h()), (owned.w(), owned.h()));
    }

    #[test]
    fn flat_memory_of_another_length_is_refused() {
        let (mut floats, mut indices) = ([0.0; 49], [0; 8]);
        let flat = Flat::new(&mut floats[..], &mut indices[..], [3, 5, 2]);
        let refused = NmfInner::over(flat, Settings::default()).err();
        assert_eq!(refused, Some(Error::Shape { expected: 20, found: 0 }));
    }
}
