//! A factor's half of a large problem.

use tinynmf_core::block::{Block, Change, Slope};
use tinynmf_core::bound;
use tinynmf_core::data::batch_scale;
use tinynmf_core::penalty::Penalty;
use tinynmf_core::random::Noise;

use super::gemm::{descend, displacement, dot, product, view};

/// Rows of a factor that are worked on while they are in the cache.
const TILE: usize = 256;

/// V as a half-step reads it: one slice per inner index, and the squares of their norms.
#[derive(Debug, Clone, Copy)]
pub struct Inner<'a> {
    /// l slices of k entries: Vᵀ by rows for W, V by rows for H.
    pub entries: &'a [f32],
    /// ‖slice‖², l of them.
    pub norms_squared: &'a [f32],
}

/// Memory that a half-step may scribble on.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    gram: Vec<f32>,
    /// The slices of V that a batch names.
    slices: Vec<f32>,
    /// The rows of Y that it names.
    rows: Vec<f32>,
    tile: Vec<f32>,
    image: Vec<f32>,
}

/// A factor X (k × r) with the other factor Y (l × r) fixed.
#[derive(Debug)]
pub struct GemmBlock<'a> {
    /// V.
    pub inner: Inner<'a>,
    /// The inner indices that this half-step uses; all of them for `None`.
    pub batch: Option<&'a [u32]>,
    /// The factor that moves.
    pub x: &'a mut [f32],
    /// The fixed factor.
    pub y: &'a [f32],
    /// G, k × r.
    pub gradient: &'a mut [f32],
    /// Noise on G.
    pub noise: &'a mut Noise,
    /// Of X and of Y.
    pub penalties: [Penalty; 2],
    /// The warm start of the power iteration, r.
    pub direction: &'a mut [f32],
    /// Scratch memory.
    pub scratch: &'a mut Scratch,
    /// Whether ⟨G_F, G_F A⟩, ⟨D, DA⟩ and ‖DA‖² are measured; they are reported as 0 otherwise.
    ///
    /// Each costs k·r² multiply-adds, as much as the gradient itself at rank 100, and only rules that look
    /// at curvatures need them.
    pub curvatures: bool,
    /// r.
    pub rank: usize,
}

impl GemmBlock<'_> {
    /// What a sum over the batch is multiplied by.
    fn scale(&self) -> f32 {
        self.batch.map_or(1.0, |batch| batch_scale(self.inner.norms_squared.len(), batch))
    }

    /// ‖V‖², or its estimate from the batch.
    fn norm_squared(&self) -> f32 {
        let norms = self.inner.norms_squared;
        let sum: f64 = match self.batch {
            None => norms.iter().map(|norm| f64::from(*norm)).sum(),
            Some(batch) => batch.iter().map(|j| f64::from(norms[*j as usize])).sum(),
        };
        self.scale() * sum as f32
    }

    /// The change that D = max(0, X − rate·G) − X makes; X moves by it if `moves`.
    fn change(&mut self, rate: f32, curvatures: bool, moves: bool) -> Change {
        let (rank, Scratch { gram, tile: d, image, .. }) = (self.rank, &mut *self.scratch);
        let mut sums = [0.0_f64; 4];
        let tiles = self.x.chunks_mut(TILE * rank).zip(self.gradient.chunks(TILE * rank));
        for (x, g) in tiles {
            d.resize(x.len(), 0.0);
            displacement(x, g, rate, d);
            if moves {
                descend(x, g, rate);
            }
            sums[0] += f64::from(dot(g, d));
            sums[2] += f64::from(dot(d, d));
            if curvatures {
                image.resize(d.len(), 0.0);
                product(&view(d, rank), &view(gram, rank), 1.0, image);
                sums[1] += f64::from(dot(d, image));
                sums[3] += f64::from(dot(image, image));
            }
        }
        let [inner, curvature, norm_squared, image_norm_squared] = sums.map(|sum| sum as f32);
        Change { inner, curvature, norm_squared, image_norm_squared }
    }
}

impl Block for GemmBlock<'_> {
    fn lipschitz(&mut self) -> f32 {
        let (rank, scale) = (self.rank, self.scale());
        let Scratch { gram, rows, image, .. } = &mut *self.scratch;
        gram.resize(rank * rank, 0.0);
        image.resize(rank, 0.0);
        let y = gather(self.y, rank, self.batch, rows);
        let y = view(y, rank);
        product(&y.t(), &y, scale, gram);
        gram.iter_mut().for_each(|a| *a = a.clamp(0.0, f32::MAX));
        self.penalties[0].add_to_gram(gram, rank);
        bound::lipschitz(gram, self.direction, image, y.nrows())
    }

    fn gradient(&mut self) -> Slope {
        let (rank, scale, norm_squared) = (self.rank, self.scale(), self.norm_squared());
        let Scratch { gram, slices, rows, tile: free, image } = &mut *self.scratch;
        let width = self.x.len() / rank;
        let v = gather(self.inner.entries, width, self.batch, slices);
        let y = gather(self.y, rank, self.batch, rows);
        product(&view(v, width).t(), &view(y, rank), scale, self.gradient);
        let [Penalty { l1, .. }, of_y] = self.penalties;
        if l1 > 0.0 {
            self.gradient.iter_mut().for_each(|p| *p -= l1);
        }
        let mut sums = [0.0_f64; 4];
        for (x, g) in self.x.chunks(TILE * rank).zip(self.gradient.chunks_mut(TILE * rank)) {
            image.resize(x.len(), 0.0);
            free.resize(x.len(), 0.0);
            product(&view(x, rank), &view(gram, rank), 1.0, image);
            // Here `g` is still VY: F = ½(‖V‖² + ⟨XA − 2VY, X⟩).
            sums[0] += f64::from(dot(image, x)) - 2.0 * f64::from(dot(g, x));
            for (g, xa) in g.iter_mut().zip(&*image) {
                *g = xa - *g;
            }
            if self.noise.deviation() > 0.0 {
                g.iter_mut().for_each(|g| *g += self.noise.draw());
            }
            for ((free, x), g) in free.iter_mut().zip(x).zip(&*g) {
                *free = if *x > 0.0 || *g < 0.0 { *g } else { 0.0 };
            }
            sums[1] += f64::from(dot(g, g));
            sums[2] += f64::from(dot(free, free));
            if self.curvatures {
                product(&view(free, rank), &view(gram, rank), 1.0, image);
                sums[3] += f64::from(dot(free, image));
            }
        }
        let [fit, norm, free_norm, free_curvature] = sums;
        self.noise.measure(norm as f32, self.x.len());
        Slope {
            loss: (0.5 * (f64::from(norm_squared) + fit)) as f32 + of_y.of(self.y),
            norm_squared: norm as f32,
            free_norm_squared: free_norm as f32,
            free_curvature: free_curvature as f32,
        }
    }

    fn try_step(&mut self, rate: f32) -> Change {
        self.change(rate, true, false)
    }

    fn step(&mut self, rate: f32) -> Change {
        self.change(rate, self.curvatures, true)
    }
}

/// The rows of `entries` that `batch` names, copied one below the other; without a batch, all where they are.
fn gather<'m>(
    entries: &'m [f32],
    width: usize,
    batch: Option<&[u32]>,
    memory: &'m mut Vec<f32>,
) -> &'m [f32] {
    let Some(batch) = batch else { return entries };
    memory.clear();
    for j in batch {
        memory.extend_from_slice(&entries[*j as usize * width..][..width]);
    }
    memory
}
