//! Parts that are known: where a factorisation that keeps them starts from.

use crate::error::{Error, Result};

/// The columns of W and the rows of H that are known, for V of this shape.
///
/// # Errors
///
/// A length that is no whole number of them, or more of them than the rank.
pub(super) fn kept(
    known: &[Option<&[f32]>; 2],
    [rows, columns]: [usize; 2],
    rank: usize,
) -> Result<[usize; 2]> {
    let count = |known: Option<&[f32]>, name, kind, length: usize| {
        let entries = known.map_or(0, <[f32]>::len);
        let count = entries / length.max(1);
        if count <= rank && count * length == entries {
            return Ok(count);
        }
        let problem = format!("{entries} numbers are not at most {rank} {kind} of {length}");
        Err(Error::argument(name, problem, "give whole parts, no more than the rank"))
    };
    let [w, h] = *known;
    Ok([count(w, "known W", "columns", rows)?, count(h, "known H", "rows", columns)?])
}

/// Writes the known parts into a start, W by rows and H column by column.
///
/// A column of W that is longer than the one drawn makes H's row shorter by as much, and the other way round: their
/// product keeps its size, whatever the parts are measured in. A start that `is_given` has the sizes that it should have.
pub(super) fn place(
    known: &[Option<&[f32]>; 2],
    kept: [usize; 2],
    factors: &mut [&mut [f32]; 2],
    rank: usize,
    is_given: bool,
) {
    let columns = factors[1].len() / rank;
    // From part to part, and within a part: they are columns of W and rows of H.
    let strides = [(1, kept[0]), (columns, 1)];
    for part in 0..kept[0].max(kept[1]) {
        let mut grown = [None; 2];
        for side in [0, 1].into_iter().filter(|side| part < kept[*side]) {
            let (from, step) = strides[side];
            let known = known[side].unwrap_or_default().iter().skip(part * from).step_by(step);
            grown[side] = Some(replace(factors[side], part, rank, known));
        }
        match grown {
            _ if is_given => {}
            [Some(by), None] => shrink(factors[1], part, rank, by),
            [None, Some(by)] => shrink(factors[0], part, rank, by),
            _ => {}
        }
    }
}

/// Puts a known component in its place; by how much its norm has grown.
fn replace<'a>(
    x: &mut [f32],
    part: usize,
    rank: usize,
    known: impl Iterator<Item = &'a f32>,
) -> f64 {
    let (mut before, mut after) = (0.0_f64, 0.0_f64);
    for (x, known) in x.iter_mut().skip(part).step_by(rank).zip(known) {
        before += f64::from(*x).powi(2);
        after += f64::from(*known).powi(2);
        *x = *known;
    }
    (after / before).sqrt()
}

fn shrink(x: &mut [f32], part: usize, rank: usize, by: f64) {
    if by.is_normal() {
        let x = x.iter_mut().skip(part).step_by(rank);
        x.for_each(|x| *x = (f64::from(*x) / by).min(f64::from(f32::MAX)) as f32);
    }
}
