//! A factorisation under way, whoever does its arithmetic: core's kernel, bit-identical everywhere, or GEMM.

use std::sync::Arc;

use tinynmf_core::noise::GradientNoise;
use tinynmf_core::{Data, Epoch, Factor, HalfStep, Schedule, Settings, loss};

use crate::family::Problem;
use crate::large::{Gemm, LargeMatrix};
use crate::looks::Looks;

/// A problem, and what its products are made with.
#[derive(Debug, Clone)]
pub struct Workload {
    problem: Problem,
    large: Option<Arc<LargeMatrix>>,
}

/// A run on a [`Workload`].
#[derive(Debug, Clone)]
pub struct Descent<'a> {
    nmf: Looks,
    /// W's half-step, where it is done since it had nothing to decide.
    w: Option<HalfStep>,
    rank: usize,
    rows: usize,
    products: Products<'a>,
}

/// Whose products.
#[derive(Debug, Clone)]
enum Products<'a> {
    /// With the problem's noise on gradients.
    Core(Data<'a, f32>, GradientNoise),
    Gemm(Gemm<'a>),
}

impl Workload {
    /// Core's kernel: the same bits on every machine.
    #[must_use]
    pub fn core(problem: Problem) -> Self {
        Self { problem, large: None }
    }

    /// GEMM: much faster at high ranks; its gradients have no noise, whatever the problem says.
    ///
    /// # Panics
    ///
    /// If the problem's matrix is not valid; families draw none such.
    #[must_use]
    pub fn gemm(problem: Problem) -> Self {
        let matrix = LargeMatrix::new(problem.entries.clone(), problem.rows, problem.columns);
        let large = Some(Arc::new(matrix.expect("a family draws valid matrices")));
        Self { problem, large }
    }

    /// The problem.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// A run with `settings` from the start `[W₀, H₀]`; `curvatures` tells whether its rule looks at them
    /// (core's kernel always measures them).
    ///
    /// # Panics
    ///
    /// If rank, batch or start do not fit the matrix.
    #[must_use]
    pub fn descent(
        &self,
        settings: Settings,
        [w, h]: &[Vec<f32>; 2],
        curvatures: bool,
    ) -> Descent<'_> {
        const FITS: &str = "the problem's own rank, batch and start";
        let Problem { rows, columns, rank, .. } = self.problem;
        let mut nmf = Looks::new([rows, columns, rank], settings).expect(FITS);
        nmf.set(w, h);
        let products = match &self.large {
            Some(matrix) if curvatures => Products::Gemm(Gemm::new(matrix)),
            Some(matrix) => Products::Gemm(Gemm::new(matrix).without_curvatures()),
            None => {
                let noise = GradientNoise::new(self.problem.gradient_noise, settings.seed);
                Products::Core(self.problem.data(), noise.expect(FITS))
            }
        };
        Descent { nmf, w: None, rank, rows, products }
    }
}

/// Of what [`Workload::descent`] made.
const HOLDS: &str = "a memory of this shape";

impl Descent<'_> {
    /// One epoch.
    ///
    /// # Panics
    ///
    /// Never: the memory was made for the matrix.
    pub fn epoch(&mut self, rule: &mut impl Schedule) -> Epoch {
        let w = self.w.take();
        let epoch = match &self.products {
            Products::Core(data, noise) => self.nmf.epoch(noise.on(*data), w, rule),
            Products::Gemm(gemm) => self.nmf.epoch(gemm.clone(), w, rule),
        };
        epoch.expect(HOLDS)
    }

    /// Makes the next epoch up to the question that it asks `rule`, of which `asked` tells whether it came; whether one did.
    /// [`Descent::epoch`] then goes on from there.
    ///
    /// # Panics
    ///
    /// Never: the memory was made for the matrix.
    pub fn look<R: Schedule>(&mut self, rule: &mut R, asked: impl Fn(&R) -> bool) -> bool {
        let Self { nmf, products, w, .. } = self;
        let mut look = |factor| {
            let half = match &*products {
                Products::Core(data, noise) => nmf.look(noise.on(*data), factor, rule, &asked),
                Products::Gemm(gemm) => nmf.look(gemm.clone(), factor, rule, &asked),
            };
            half.expect(HOLDS)
        };
        if w.is_none() {
            *w = look(Factor::W);
        }
        w.is_none() || look(Factor::H).is_none()
    }

    /// F = ½‖V − WH‖²_F over all of V.
    pub fn loss(&mut self) -> f32 {
        self.loss_of(self.rows)
    }

    /// F as the first `rows` rows tell it, an unbiased estimate where rows are alike.
    ///
    /// # Panics
    ///
    /// If V has fewer rows.
    pub fn loss_of(&mut self, rows: usize) -> f32 {
        let scale = self.rows as f32 / rows as f32;
        // Rows of V beyond those of W are not read.
        let (w, h) = (&self.nmf.w()[..rows * self.rank], self.nmf.h());
        scale
            * match &self.products {
                Products::Core(data, _) => loss::loss(data, w, h, self.rank),
                Products::Gemm(gemm) => gemm.loss_of(rows, w, h, self.rank),
            }
    }

    /// W, m × r, row by row.
    #[must_use]
    pub fn w(&self) -> &[f32] {
        self.nmf.w()
    }

    /// H, r × n, column by column.
    #[must_use]
    pub fn h(&self) -> &[f32] {
        self.nmf.h()
    }
}
