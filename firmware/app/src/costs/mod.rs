//! Costs of core: each piece of work between the marks that the host counts instructions between, and a
//! line that says which it was.

mod columns;
mod dense;
mod fixed;
mod matrix;
mod policy;

use defmt::println;

use crate::count::count;
use crate::order::Refusal;
use dense::{epochs, products};

/// Counts everything that fits where a stack has `ROOM` bytes to spare. The first line is the cost of counting itself.
#[inline(never)]
pub fn report<const ROOM: usize>() -> Result<(), Refusal> {
    count(|| ());
    name("marks", 1);
    products::<64, 32, 4, { 64 * 32 }>();
    products::<96, 21, 4, { 96 * 21 }>();
    if ROOM >= 8192 {
        products::<64, 128, 8, { 64 * 128 }>();
    }
    let stack = epochs::<64, 32, 64, 4, { 64 * 32 }>()?;
    epochs::<96, 21, 96, 4, { 96 * 21 }>()?;
    if ROOM >= 8192 {
        epochs::<64, 128, 128, 8, { 64 * 128 }>()?;
    }
    columns::transform()?;
    columns::online()?;
    if ROOM >= 8192 {
        columns::save()?;
    }
    fixed::products::<64, 32, 4, { 64 * 32 }>();
    fixed::products::<96, 21, 4, { 96 * 21 }>();
    fixed::epochs::<64, 32, 4, { 64 * 32 }>()?;
    if ROOM >= 8192 {
        fixed::products::<64, 128, 8, { 64 * 128 }>();
        fixed::epochs::<64, 128, 8, { 64 * 128 }>()?;
    }
    policy::choices()?;
    println!(
        "bytes {{\"what\":\"stack, epoch of any shape\",\"per\":1,\"count\":{=usize}}}",
        stack
    );
    Ok(())
}

/// Says what was counted last, and by how much the count is to be divided.
fn name(what: &str, per: usize) {
    println!("cost {{\"what\":\"{=str}\",\"per\":{=usize}}}", what, per);
}

/// The same for work on a shape M × N, rank R.
fn name_shape(what: &str, [m, n, r]: [usize; 3], per: usize) {
    println!(
        "cost {{\"what\":\"{=str}, {=usize}x{=usize} r{=usize}\",\"per\":{=usize}}}",
        what, m, n, r, per
    );
}
