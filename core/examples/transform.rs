//! How much of each known part is in a new reading; the residual tells what no part explains.
//!
//! `cargo run -p tinynmf-core --example transform`

use tinynmf_core::transform::{Transform, TransformSettings};
use tinynmf_core::{Data, Error};

const PARTS: usize = 2;

/// Two parts of four entries, a row an entry, as a factorisation gave them.
static W: [f32; 4 * PARTS] = [1.0, 0.0, 1.0, 0.5, 0.0, 1.0, 0.0, 2.0];

fn main() -> Result<(), Error> {
    let mut memory = [0.0; Transform::floats(PARTS)];
    let mut transform = Transform::new(&W, PARTS, TransformSettings::default(), &mut memory)?;
    // In sixteenths: twice the first part and the second; half of the first; something else.
    let mut residuals = [0.0; 3];
    for (reading, residual) in
        [[32_u8, 40, 16, 32], [8, 8, 0, 0], [0, 40, 3, 0]].iter().zip(&mut residuals)
    {
        let column = Data::column(reading, 1.0 / 16.0)?;
        let (mut h, mut of_column) = ([0.0; PARTS], [0.0]);
        transform.exact(&column, &mut h, &mut of_column)?;
        [*residual] = of_column;
        println!("{reading:2?}: h {h:.3?}, residual {residual:.4}");
    }
    assert!(residuals[0] < 1e-6 && residuals[1] < 1e-6 && residuals[2] > 0.5);
    Ok(())
}
