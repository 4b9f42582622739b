//! Where a factorisation starts from.
//!
//! NNDSVD: Boutsidis & Gallopoulos, SVD based initialization (2008). The leading singular triplets come from a
//! randomized range finder (Halko, Martinsson & Tropp 2011), which takes products of V with thin matrices only.

use nalgebra::DMatrix;
use tinynmf_core::random::{Stream, generator, normal};
use tinynmf_core::{Factor, Matrix};

use crate::error::{Error, Result};
use crate::matrix::transposed;

/// Singular vectors beyond those that are wanted, so that the wanted ones are good.
const SPARE: usize = 10;

/// Products with V and Vᵀ that sharpen the range.
const PASSES: usize = 4;

/// Value that NNDSVDa has in place of zeros, in units of √(mean V / r).
const FILL: f32 = 0.1;

/// W₀ and H₀.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Init<'a> {
    /// |N(0, 1)|·√(mean V / r), from the seed.
    #[default]
    Random,
    /// From the singular vectors of V, the larger of the positive and the negative part of each pair. Zeros stay zero
    /// under gradient steps of no gain, so that the factors are sparse. Needs r ≤ min(m, n); missing entries count as 0.
    Nndsvd,
    /// The same with a tenth of √(mean V / r) in place of zeros: for factors that need not be sparse.
    Nndsvda,
    /// These.
    Given {
        /// W₀, m × r, row by row.
        w: &'a [f32],
        /// H₀, r × n, row by row.
        h: &'a [f32],
    },
}

/// W₀ (by rows) and H₀ (column by column); `None` lets the run draw them.
pub(super) fn factors<M: Matrix>(
    init: &Init<'_>,
    v: &M,
    rank: usize,
    seed: u64,
) -> Result<Option<[Vec<f32>; 2]>> {
    match *init {
        Init::Random => Ok(None),
        Init::Given { w, h } => {
            let columns = v.columns();
            if h.len() != rank * columns {
                let (expected, found) = (rank * columns, h.len());
                return Err(tinynmf_core::Error::Shape { expected, found }.into());
            }
            Ok(Some([w.to_vec(), transposed(h, columns)]))
        }
        Init::Nndsvd => nndsvd(v, rank, seed, 0.0).map(Some),
        Init::Nndsvda => nndsvd(v, rank, seed, FILL).map(Some),
    }
}

fn nndsvd<M: Matrix>(v: &M, rank: usize, seed: u64, fill: f32) -> Result<[Vec<f32>; 2]> {
    let [m, n] = [v.rows(), v.columns()];
    if rank > m.min(n) {
        let problem = format!("a {m} x {n} matrix has no {rank} singular vectors");
        return Err(Error::argument("init", problem, "start at random, or lower the rank"));
    }
    let (left, sizes, right) = singular(v, rank, seed);
    let (mut w, mut h) = (vec![0.0; m * rank], vec![0.0; n * rank]);
    for part in 0..rank {
        let (u, z) = (left.column(part), right.column(part));
        let norm = |x: &mut dyn Iterator<Item = &f32>, sign: f32| {
            x.map(|x| (x * sign).max(0.0).powi(2)).sum::<f32>().sqrt()
        };
        let of = |sign: f32| [norm(&mut u.iter(), sign), norm(&mut z.iter(), sign)];
        let [plus, minus] = [of(1.0), of(-1.0)];
        let (sign, [of_u, of_z]) =
            if plus[0] * plus[1] >= minus[0] * minus[1] { (1.0, plus) } else { (-1.0, minus) };
        if of_u * of_z <= 0.0 {
            continue;
        }
        let size = (sizes[part] * of_u * of_z).sqrt();
        for (factor, vector, norm) in [(&mut w, u, of_u), (&mut h, z, of_z)] {
            for (row, x) in factor.chunks_exact_mut(rank).zip(vector.iter()) {
                row[part] = size * (x * sign).max(0.0) / norm;
            }
        }
    }
    // V·4⁻ᵉ is what was looked at.
    let size = (v.mean() / rank as f32).sqrt();
    for x in w.iter_mut().chain(&mut h) {
        *x = libm::ldexpf(if *x > 1e-6 * size { *x } else { fill * size }, v.exponent());
    }
    Ok([w, h])
}

/// The leading `count` left singular vectors, values and right singular vectors.
fn singular<M: Matrix>(v: &M, count: usize, seed: u64) -> (DMatrix<f32>, Vec<f32>, DMatrix<f32>) {
    let [m, n] = [v.rows(), v.columns()];
    let width = (count + SPARE).min(m).min(n);
    let mut rng = generator(seed, Stream::Start);
    let mut right = DMatrix::from_fn(n, width, |_, _| normal(&mut rng));
    let mut left = times(v, Factor::W, &right);
    for _ in 0..PASSES {
        left = left.qr().q();
        right = times(v, Factor::H, &left).qr().q();
        left = times(v, Factor::W, &right);
    }
    // V ≈ (V·Q)·Qᵀ, and V·Q = U·S·Zᵀ.
    let small = left.svd(true, true);
    let (u, z) = (small.u.expect("asked for"), small.v_t.expect("asked for").transpose());
    let sizes = small.singular_values.iter().copied().take(count).collect();
    (u, sizes, right * z)
}

/// V·Y or Vᵀ·Y.
fn times<M: Matrix>(v: &M, factor: Factor, y: &DMatrix<f32>) -> DMatrix<f32> {
    let (width, rows) = (y.ncols(), v.inner(factor.other()));
    let by_rows: Vec<f32> = y.transpose().as_slice().to_vec();
    let mut p = vec![0.0; rows * width];
    v.products(factor, None, &by_rows, &mut p, width);
    DMatrix::from_row_slice(rows, width, &p)
}
