//! Products and sweeps of two to four components: a tile of rows is transposed in registers, and stays there.
//!
//! Small problems have few components, and nothing else of them takes as long.

use multiversion::multiversion;
use tinynmf_core::float::project;
use tinynmf_core::subproblem::{Change, sweep as core};

/// Rows of a tile.
const ROWS: usize = 16;

/// P (k × R) ← scale · VᵀY for the `slices` of V (l × k) and Y (l × R), with the bits of core's product.
pub fn product<const R: usize>(slices: &[f32], y: &[f32], scale: f32, p: &mut [f32]) {
    let width = p.len() / R;
    let y = y.as_chunks::<R>().0;
    let (tiles, rest) = p.as_chunks_mut::<R>().0.as_chunks_mut::<ROWS>();
    product_tiles(slices, width, y, scale, tiles);
    let first = width - rest.len();
    rest.fill([0.0; R]);
    for (v, y) in slices.chunks_exact(width.max(1)).zip(y) {
        for (out, v) in rest.iter_mut().zip(&v[first..]) {
            out.iter_mut().zip(y).for_each(|(out, y)| *out += v * y);
        }
    }
    rest.as_flattened_mut().iter_mut().for_each(|out| *out *= scale);
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn product_tiles<const R: usize>(
    slices: &[f32],
    width: usize,
    y: &[[f32; R]],
    scale: f32,
    out: &mut [[[f32; R]; ROWS]],
) {
    for (tile, out) in out.iter_mut().enumerate() {
        let mut sums = [[0.0; ROWS]; R];
        for (v, y) in slices.chunks_exact(width.max(1)).zip(y) {
            let Some(v) = v[tile * ROWS..].first_chunk::<ROWS>() else { return };
            for (sums, y) in sums.iter_mut().zip(y) {
                sums.iter_mut().zip(v).for_each(|(sum, v)| *sum += v * y);
            }
        }
        for i in 0..ROWS {
            for j in 0..R {
                out[i][j] = sums[j][i] * scale;
            }
        }
    }
}

/// [`core::sweep`] with the same bits in X.
pub fn sweep<const R: usize>(x: &mut [f32], p: &[f32], a: &[f32], steps: &[f32]) -> Change {
    let ((x, x_rest), (p, p_rest)) =
        (x.as_chunks_mut::<R>().0.as_chunks_mut(), p.as_chunks::<R>().0.as_chunks());
    let whole = (a.as_chunks::<R>().0.first_chunk::<R>(), steps.first_chunk::<R>());
    let (Some(of_a), Some(of_steps)) = whole else { return Change::default() };
    let sums = sweep_tiles(x, p, of_a, of_steps);
    let [inner, curvature, norm_squared] = sums.map(|lane| lane.iter().sum());
    let mut change = Change { inner, curvature, norm_squared, ..Change::default() };
    let rest = core::sweep(x_rest.as_flattened_mut(), p_rest.as_flattened(), a, steps, R);
    change.add_move(&rest);
    change
}

/// The sweep over whole tiles, and ⟨g, d⟩, Σ A_jj d² and ‖D‖² by their rows' places in the tile.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn sweep_tiles<const R: usize>(
    x: &mut [[[f32; R]; ROWS]],
    p: &[[[f32; R]; ROWS]],
    a: &[[f32; R]; R],
    steps: &[f32; R],
) -> [[f32; ROWS]; 3] {
    let [mut inner, mut curvature, mut norm] = [[0.0; ROWS]; 3];
    for (x, p) in x.iter_mut().zip(p) {
        let [mut lanes, mut descents] = [[[0.0; ROWS]; R]; 2];
        for i in 0..ROWS {
            for j in 0..R {
                lanes[j][i] = x[i][j];
                descents[j][i] = p[i][j];
            }
        }
        for j in 0..R {
            for k in 0..R {
                for i in 0..ROWS {
                    descents[j][i] -= a[j][k] * lanes[k][i];
                }
            }
            for i in 0..ROWS {
                let next = project(lanes[j][i] + steps[j] * descents[j][i]);
                let d = next - lanes[j][i];
                lanes[j][i] = next;
                inner[i] -= descents[j][i] * d;
                curvature[i] += a[j][j] * (d * d);
                norm[i] += d * d;
            }
        }
        for i in 0..ROWS {
            for j in 0..R {
                x[i][j] = lanes[j][i];
            }
        }
    }
    [inner, curvature, norm]
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::Factor;
    use tinynmf_core::product::{Left, product as of_core};
    use tinynmf_core::random::{Stream, generator, uniform};

    fn has_the_bits<const R: usize>(width: usize, l: usize) {
        let mut rng = generator(3, Stream::Noise);
        let mut draw = |len: usize| (0..len).map(|_| uniform(&mut rng)).collect::<Vec<f32>>();
        let (v, y) = (draw(width * l), draw(l * R));
        let (mut p, mut expected) = (draw(width * R), vec![0.0; width * R]);
        product::<R>(&v, &y, 1.7, &mut p);
        let v = Left { entries: &v, columns: width };
        of_core(v, Factor::H, None, &y, 1.7, &mut expected, R);
        let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert!(bits(&p) == bits(&expected), "{width} x {l}, {R}");
    }

    #[test]
    fn products_have_the_bits_of_core() {
        for (width, l) in [(1, 1), (16, 5), (37, 12), (64, 32), (31, 64)] {
            has_the_bits::<2>(width, l);
            has_the_bits::<3>(width, l);
            has_the_bits::<4>(width, l);
        }
    }
}
