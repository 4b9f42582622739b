//! A factorisation under way, whoever does its arithmetic: core's kernel, bit-identical everywhere, or GEMM.

use std::sync::Arc;

use tinynmf_core::noise::GradientNoise;
use tinynmf_core::{Data, Epoch, Factor, Schedule, Settings, loss};

use crate::family::Problem;
use crate::large::{Gemm, LargeMatrix};
use crate::looks::Looks;
use crate::nmf_vec::NmfVec;

/// A problem, and what its products are made with.
#[derive(Debug, Clone)]
pub struct Workload {
    problem: Problem,
    large: Option<Arc<LargeMatrix>>,
}

/// A run on a [`Workload`].
#[derive(Debug, Clone)]
pub struct Descent<'a> {
    nmf: NmfVec,
    rank: usize,
    rows: usize,
    products: Products<'a>,
}

/// Whose products.
#[derive(Debug, Clone)]
enum Products<'a> {
    /// With the problem's noise on gradients.
    Core(Data<'a, f32>, GradientNoise, Looks),
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
        let mut nmf = NmfVec::new(rows, columns, rank, settings).expect(FITS);
        nmf.set(w, h).expect(FITS);
        let products = match &self.large {
            Some(matrix) if curvatures => Products::Gemm(Gemm::new(matrix)),
            Some(matrix) => Products::Gemm(Gemm::new(matrix).without_curvatures()),
            None => {
                let noise = GradientNoise::new(self.problem.gradient_noise, settings.seed);
                Products::Core(self.problem.data(), noise.expect(FITS), Looks::default())
            }
        };
        Descent { nmf, rank, rows, products }
    }
}

impl Descent<'_> {
    /// One epoch.
    ///
    /// # Panics
    ///
    /// Never: the memory was made for the matrix.
    pub fn epoch(&mut self, rule: &mut impl Schedule) -> Epoch {
        const FITS: &str = "a memory of this shape";
        match &self.products {
            Products::Core(data, noise, looks) => {
                let v = noise.on(looks.on(*data));
                let epoch = self.nmf.run(v).expect(FITS).epoch(rule);
                looks.answer(false);
                epoch
            }
            Products::Gemm(gemm) => self.nmf.run(gemm.clone()).expect(FITS).epoch(rule),
        }
    }

    /// Makes the next epoch on a copy until `enough` says that the rule was asked, W's half-step at least: nothing changes,
    /// but that [`Descent::epoch`] is quicker for what is known of V.
    ///
    /// # Panics
    ///
    /// Never: the memory was made for the matrix.
    pub fn look<R: Schedule>(&self, rule: &mut R, enough: impl Fn(&R) -> bool) {
        const FITS: &str = "a memory of this shape";
        let mut nmf = self.nmf.clone();
        let mut half_step = |rule: &mut R, factor| match &self.products {
            Products::Core(data, noise, looks) => {
                let v = noise.clone();
                nmf.run(v.on(looks.on(*data))).expect(FITS).half_step(rule, factor);
            }
            Products::Gemm(gemm) => {
                nmf.run(gemm.clone()).expect(FITS).half_step(rule, factor);
            }
        };
        if let Products::Core(_, _, looks) = &self.products {
            looks.keep();
        }
        half_step(rule, Factor::W);
        if let Products::Core(_, _, looks) = &self.products {
            looks.answer(enough(rule));
        }
        if !enough(rule) {
            half_step(rule, Factor::H);
        }
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
                Products::Core(data, ..) => loss::loss(data, w, h, self.rank),
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
