//! Columns of 64 at rank 4: latents for a fixed W, W from a stream; and saves of a factorisation.

use core::hint::black_box;

use tinynmf_core::online::{Keep, Online, OnlineSettings};
use tinynmf_core::retained::Retained;
use tinynmf_core::rule::Sweeps;
use tinynmf_core::transform::{Transform, TransformSettings};
use tinynmf_core::{Data, Nmf, Settings};

use super::matrix::V;
use super::{name, name_shape};
use crate::count::count;
use crate::order::Refusal;

const ROWS: usize = 64;
const RANK: usize = 4;

/// Columns that are counted together.
const COLUMNS: usize = 8;
type Columns = V<{ ROWS * COLUMNS }>;

/// Exact latents and residuals, one column after another, per column.
#[inline(never)] // its buffers shall not lie on the stack of another piece
pub fn transform() -> Result<(), Refusal> {
    let mut memory = [0.0; Transform::floats(RANK)];
    let w = black_box(&V::<{ ROWS * RANK }>::FLOATS);
    let mut transform = Transform::new(w, RANK, TransformSettings::default(), &mut memory)?;
    let mut columns = [Data::column(black_box(&Columns::FLOATS[..ROWS]), 1.0)?; COLUMNS];
    for (column, v) in columns.iter_mut().zip(Columns::FLOATS.chunks_exact(ROWS)) {
        *column = Data::column(v, 1.0)?;
    }
    let (mut h, mut residual) = ([0.0; RANK], [0.0]);
    count(|| {
        for column in &columns {
            black_box(transform.exact(column, &mut h, &mut residual).is_ok());
            black_box((h, residual));
        }
    });
    name("exact latents, column of 64 r4", COLUMNS);
    Ok(())
}

/// Exact latents and a sweep over W, after as many columns that warm up, per column.
#[inline(never)]
pub fn online() -> Result<(), Refusal> {
    let mut memory = [0.0; Online::floats(ROWS, RANK, Keep::Products)];
    let mut online = Online::new(ROWS, RANK, OnlineSettings::default(), &mut memory)?;
    let mut columns = [Data::column(black_box(&Columns::FLOATS[..ROWS]), 1.0)?; COLUMNS];
    let mut rule = Sweeps::HALS;
    for (column, v) in columns.iter_mut().zip(Columns::FLOATS.chunks_exact(ROWS)) {
        *column = Data::column(v, 1.0)?;
        online.column(column, &mut rule)?;
    }
    count(|| {
        for column in &columns {
            black_box(online.column(column, &mut rule).is_ok());
        }
    });
    black_box(online.w());
    name("online, column of 64 r4", COLUMNS);
    Ok(())
}

/// A save, after two, per multiply-add of an epoch's products with V.
#[inline(never)]
pub fn save() -> Result<(), Refusal> {
    const N: usize = 32;
    let nmf = Nmf::<ROWS, N, RANK>::new(Settings::default())?;
    let mut retained = Retained::new();
    retained.save(&nmf);
    retained.save(&nmf);
    count(|| retained.save(black_box(&nmf)));
    black_box(&retained);
    name_shape("save", [ROWS, N, RANK], 2 * ROWS * N * RANK);
    Ok(())
}
