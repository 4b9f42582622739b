//! The first look at a mapped file: every entry is checked, and the mean and the norms are summed.

use rayon::prelude::*;

use super::file::{Lines, MappedFile};
use super::groups::Buffers;
use crate::error::Result;
use crate::large::gemm::dot;
use crate::matrix::something;
use crate::source::Unit;

/// Entries of a line whose squares a thread sums over all lines.
const PART: usize = 4096;

/// Sums over all of V, known once it was read.
pub struct Survey {
    pub unit: Unit,
    pub line_norms: Vec<f32>,
    pub across_norms: Vec<f32>,
}

pub fn survey(file: &MappedFile) -> Result<Survey> {
    let width = file.width;
    let (mut sum, mut largest) = (0.0_f64, 0);
    let mut line_norms = Vec::with_capacity(file.lines);
    let mut across = vec![0.0_f64; width];
    let ones = vec![1.0; width];
    file.each(Lines::run(0, file.lines), 1.0, &mut Buffers::default(), |_, v| {
        let of_line = |line: &[f32]| {
            let bits = line.iter().map(|v| v.to_bits()).max().unwrap_or(0);
            (dot(line, line), f64::from(dot(line, &ones)), bits)
        };
        for (norm, of_line, bits) in v.par_chunks(width).map(of_line).collect::<Vec<_>>() {
            line_norms.push(norm);
            sum += of_line;
            // Floats of at least 0 are ordered as their bits.
            largest = largest.max(bits);
        }
        across.par_chunks_mut(PART).enumerate().for_each(|(part, across)| {
            for line in v.chunks_exact(width) {
                let line = &line[part * PART..][..across.len()];
                across.iter_mut().zip(line).for_each(|(sum, v)| *sum += f64::from(v * v));
            }
        });
    })?;
    let [rows, columns] = file.shape();
    something(&file.name, rows, columns, f32::from_bits(largest))?;
    let unit = Unit::of_mean((sum / (file.lines as f64 * width as f64)) as f32);
    let to_unit = |norm: f64| libm::ldexp(norm, -4 * unit.exponent) as f32;
    Ok(Survey {
        unit,
        line_norms: line_norms.into_iter().map(|norm| to_unit(f64::from(norm))).collect(),
        across_norms: across.into_iter().map(to_unit).collect(),
    })
}
