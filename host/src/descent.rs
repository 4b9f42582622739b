//! A factorisation under way, whoever does its arithmetic: core's kernel, bit-identical everywhere, or GEMM.

use std::sync::Arc;

use tinynmf_core::{Data, Epoch, Settings, StepRule, loss};

use crate::large::{LargeMatrix, LargeNmf};
use crate::nmf_vec::NmfVec;
use crate::train::Problem;

/// A problem, and what its products are made with.
#[derive(Debug, Clone)]
pub struct Workload {
    problem: Problem,
    large: Option<Arc<LargeMatrix>>,
}

/// A run on a [`Workload`].
#[derive(Debug)]
pub struct Descent<'a> {
    rows: usize,
    memory: Memory<'a>,
}

#[derive(Debug)]
enum Memory<'a> {
    Core(Box<NmfVec>, Data<'a, f32>, usize),
    Gemm(Box<LargeNmf<'a>>),
}

impl Workload {
    /// Core's kernel: the same bits on every machine.
    #[must_use]
    pub fn core(problem: Problem) -> Self {
        Self { problem, large: None }
    }

    /// GEMM: much faster at high ranks.
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
        let memory = if let Some(matrix) = &self.large {
            let mut nmf = LargeNmf::new(matrix, rank, settings).expect(FITS);
            nmf.set(w, h).expect(FITS);
            Memory::Gemm(Box::new(if curvatures { nmf } else { nmf.without_curvatures() }))
        } else {
            let mut nmf = NmfVec::new(rows, columns, rank, settings).expect(FITS);
            nmf.set(w, h).expect(FITS);
            Memory::Core(Box::new(nmf), self.problem.data(), rank)
        };
        Descent { rows, memory }
    }
}

impl Descent<'_> {
    /// One epoch.
    ///
    /// # Panics
    ///
    /// Never: the memory was made for the matrix.
    pub fn epoch(&mut self, rule: &mut impl StepRule) -> Epoch {
        match &mut self.memory {
            Memory::Core(nmf, data, _) => {
                nmf.run(*data).expect("a memory of this shape").epoch(rule)
            }
            Memory::Gemm(nmf) => nmf.epoch(rule),
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
        scale
            * match &mut self.memory {
                // Rows of V beyond those of W are not read.
                Memory::Core(nmf, data, rank) => {
                    loss::loss(data, &nmf.w()[..rows * *rank], nmf.h(), *rank)
                }
                Memory::Gemm(nmf) => nmf.loss_of(rows),
            }
    }

    /// W, m × r, row by row.
    #[must_use]
    pub fn w(&self) -> &[f32] {
        match &self.memory {
            Memory::Core(nmf, ..) => nmf.w(),
            Memory::Gemm(nmf) => nmf.w(),
        }
    }

    /// H, r × n, column by column.
    #[must_use]
    pub fn h(&self) -> &[f32] {
        match &self.memory {
            Memory::Core(nmf, ..) => nmf.h(),
            Memory::Gemm(nmf) => nmf.h(),
        }
    }
}
