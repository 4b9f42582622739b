//! Random numbers: the start, the batches and the random rules, the same on every target.

use rand_core::{Rng as _, SeedableRng};
use rand_xoshiro::Xoshiro128PlusPlus;

use crate::float;

/// The generator that every target shares (Blackman & Vigna 2021, xoshiro128++).
pub type Rng = Xoshiro128PlusPlus;

/// Purpose of a stream of random numbers; streams of one seed never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Stream {
    /// W₀ and H₀.
    Start,
    /// The columns and rows of mini-batches.
    Batch,
    /// The random step rules.
    Rule,
    /// Noise on gradients.
    Noise,
}

/// The generator of one stream of a seed, 2⁶⁴ numbers from the next.
#[must_use]
pub fn generator(seed: u64, stream: Stream) -> Rng {
    let mut rng = Rng::seed_from_u64(seed);
    for _ in 0..stream as u8 {
        rng.jump();
    }
    rng
}

/// Uniform in [0, 1) on a grid of 2⁻²⁴.
pub fn uniform(rng: &mut Rng) -> f32 {
    (rng.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// A standard normal number by Box and Muller's transform (1958), its sine half left unused.
pub fn normal(rng: &mut Rng) -> f32 {
    // 1 − u lies in (0, 1], where the logarithm is finite.
    let radius = libm::sqrtf(-2.0 * libm::logf(1.0 - uniform(rng)));
    let angle = core::f32::consts::TAU * uniform(rng);
    radius * float::cosine(angle)
}

/// Fills a factor with |N(0, 1)|·√(mean V / r), so that WH is of V's size.
pub fn start(factor: &mut [f32], mean: f32, rank: usize, rng: &mut Rng) {
    let scale = libm::sqrtf(mean / rank as f32);
    for x in factor {
        *x = float::project(libm::fabsf(normal(rng)) * scale);
    }
}

/// Draws ⌈share · len⌉ indices without replacement to the front of `indices`, and returns them. The product is an f32: 0.3 of 100
/// is above 30 there, and draws 31.
///
/// `indices` must hold a permutation of 0..len, and still does afterwards (a partial Fisher-Yates
/// shuffle), so that the next batch needs no refill.
pub fn batch<'a>(indices: &'a mut [u32], share: f32, rng: &mut Rng) -> &'a [u32] {
    let size = size(indices.len(), share);
    shuffle(indices, size, rng);
    indices.get(..size).unwrap_or_default()
}

/// Draws ⌈share · len⌉ indices of *reshuffled passes*: every pass has every index once.
///
/// `indices` must hold a permutation of 0..len, the first `seen` of which came in this pass. Returns the drawn ones, which
/// may be the end of this pass and the beginning of the next.
pub fn pass<'a>(indices: &'a mut [u32], seen: &mut u32, share: f32, rng: &mut Rng) -> &'a [u32] {
    let size = size(indices.len(), share);
    let first = (*seen as usize).min(indices.len());
    let left = indices.len() - first;
    if left >= size {
        shuffle(indices.get_mut(first..).unwrap_or_default(), size, rng);
        *seen = (first + size) as u32;
        return indices.get(first..first + size).unwrap_or_default();
    }
    let begun = size - left;
    shuffle(indices.get_mut(..first).unwrap_or_default(), begun, rng);
    for place in 0..left {
        swap(indices, begun + place, first + place);
    }
    *seen = begun as u32;
    indices.get(..size).unwrap_or_default()
}

/// ⌈share · len⌉, at least 1.
fn size(len: usize, share: f32) -> usize {
    // Not `clamp`, which asserts that its limits are in order.
    (libm::ceilf(share * len as f32) as usize).max(1).min(len)
}

/// Puts a random one of the indices from its place on into each of the first so many places.
fn shuffle(indices: &mut [u32], places: usize, rng: &mut Rng) {
    let len = indices.len();
    for place in 0..places {
        let below = len.saturating_sub(place) as u64;
        let offset = (u64::from(rng.next_u32()) * below) >> 32;
        swap(indices, place, (place + offset as usize).min(len.saturating_sub(1)));
    }
}

fn swap(indices: &mut [u32], a: usize, b: usize) {
    // An index swapped with itself is no pair, and stays.
    if let Ok([a, b]) = indices.get_disjoint_mut([a, b]) {
        core::mem::swap(a, b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_shows_every_index_before_any_comes_again() {
        for share in [0.07, 0.25, 0.4, 0.6, 0.99] {
            let mut indices: [u32; 17] = core::array::from_fn(|i| i as u32);
            let mut rng = generator(3, Stream::Batch);
            let (mut seen, mut last, mut turn) = (0, [0_usize; 17], 0);
            let mut times = [0_usize; 17];
            for _ in 0..500 {
                let drawn = pass(&mut indices, &mut seen, share, &mut rng);
                assert_eq!(drawn.len(), libm::ceilf(17.0 * share) as usize);
                for index in drawn {
                    let index = *index as usize;
                    times[index] += 1;
                    assert!(last[index] <= turn, "twice in one sample");
                    last[index] = turn + 1;
                }
                let [least, most] = [times.iter().min().unwrap(), times.iter().max().unwrap()];
                assert!(most - least <= 1, "{times:?}");
                turn += 1;
            }
            let mut sorted = indices;
            sorted.sort_unstable();
            assert!(sorted.iter().enumerate().all(|(i, index)| i as u32 == *index));
        }
    }

    #[test]
    fn a_batch_is_a_set_of_the_right_size() {
        let mut indices: [u32; 17] = core::array::from_fn(|i| i as u32);
        let mut rng = generator(3, Stream::Batch);
        let mut seen = [0; 17];
        for _ in 0..1000 {
            let drawn = batch(&mut indices, 0.25, &mut rng);
            assert_eq!(drawn.len(), 5);
            for (i, a) in drawn.iter().enumerate() {
                seen[*a as usize] += 1;
                assert!(!drawn[..i].contains(a));
            }
        }
        // 1000 · 5/17 = 294 expected, standard deviation 14.
        assert!(seen.iter().all(|count| (220..370).contains(count)), "{seen:?}");
    }

    #[test]
    fn normal_numbers_have_the_normal_moments() {
        let mut rng = generator(1, Stream::Start);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..20_000 {
            let x = f64::from(normal(&mut rng));
            sum += x;
            squares += x * x;
        }
        assert!((sum / 2e4).abs() < 0.03 && (squares / 2e4 - 1.0).abs() < 0.05);
    }

    #[test]
    fn streams_differ() {
        let first = |stream| generator(7, stream).next_u32();
        assert_ne!(first(Stream::Start), first(Stream::Batch));
        assert_ne!(first(Stream::Batch), first(Stream::Rule));
    }

    /// The first numbers of every stream, found once and written down: a batch or a start
    /// must not change between versions or targets.
    #[test]
    fn streams_are_the_golden_ones() {
        let first = |seed, stream| generator(seed, stream).next_u32();
        let streams = [Stream::Start, Stream::Batch, Stream::Rule, Stream::Noise];
        assert_eq!(
            streams.map(|stream| first(7, stream)),
            [408_380_677, 1_247_693_935, 3_676_605_902, 4_241_483_952]
        );
        let mut rng = generator(7, Stream::Start);
        let bits = core::array::from_fn(|_| uniform(&mut rng).to_bits());
        assert_eq!(bits, [1_036_172_072, 1_030_143_504, 1_052_742_908]);
        let bits = core::array::from_fn(|_| normal(&mut rng).to_bits());
        assert_eq!(bits, [1_062_595_837, 3_216_178_190, 3_217_799_886]);
        let mut factor = [f32::NAN; 3];
        start(&mut factor, 0.5, 2, &mut rng);
        assert_eq!(factor.map(f32::to_bits), [1_030_533_655, 1_062_506_129, 1_051_052_860]);
        let mut indices: [u32; 9] = core::array::from_fn(|i| i as u32);
        assert_eq!(batch(&mut indices, 0.5, &mut generator(7, Stream::Batch)), [2, 7, 8, 1, 3]);
        assert_eq!(batch(&mut indices, 0.5, &mut generator(7, Stream::Batch)), [8, 4, 0, 7, 1]);
    }

    #[test]
    fn uniform_numbers_fill_the_unit_interval() {
        let mut rng = generator(5, Stream::Noise);
        let drawn: [f32; 4096] = core::array::from_fn(|_| uniform(&mut rng));
        assert!(drawn.iter().all(|x| (0.0..1.0).contains(x)));
        assert!(drawn.iter().any(|x| *x < 1e-3) && drawn.iter().any(|x| *x > 0.999));
        let grid = |x: &f32| libm::fabsf(libm::truncf(x * 16_777_216.0) - x * 16_777_216.0) <= 0.0;
        assert!(drawn.iter().all(grid));
    }

    /// |N(0, 1)|·√(mean / r): the mean square is mean / r.
    #[test]
    fn a_start_has_the_size_of_v() {
        let mut factor = [0.0; 4096];
        start(&mut factor, 6.0, 3, &mut generator(2, Stream::Start));
        assert!(factor.iter().all(|x| *x >= 0.0));
        let square = factor.iter().fold(0.0, |sum, x| sum + x * x) / 4096.0;
        assert!((square - 2.0).abs() < 0.15, "{square}");
    }

    #[test]
    fn a_batch_has_the_share_asked_for_rounded_up() {
        let mut indices: [u32; 10] = core::array::from_fn(|i| i as u32);
        let mut rng = generator(1, Stream::Batch);
        for (share, size) in [(1e-9, 1), (0.1, 1), (0.11, 2), (0.95, 10), (1.0, 10), (3.0, 10)] {
            assert_eq!(batch(&mut indices, share, &mut rng).len(), size, "{share}");
            let mut sorted = indices;
            sorted.sort_unstable();
            assert_eq!(sorted, core::array::from_fn(|i| i as u32), "no permutation any more");
        }
        assert!(batch(&mut [], 0.5, &mut rng).is_empty());
    }
}
