//! Two synthesised sounds, told apart as they come.

use defmt::{info, println};
use tinynmf_core::Fingerprint;
use tinynmf_stream::Separator;
use tinynmf_stream::mixture::{Mixture, resemblance};
use tinynmf_stream::separator::FLOATS;

use crate::order::Refusal;

/// Columns until the report.
const COLUMNS: u32 = 1200;

/// Separates the mixture, logs every tenth column, and reports how well the spectra were found.
#[inline(never)]
pub fn report() -> Result<(), Refusal> {
    let mut memory = [0.0; FLOATS];
    let mut separator = Separator::new(&mut memory)?;
    let mut columns = 0;
    for sample in Mixture::default() {
        let Some(step) = separator.sample(sample)? else { continue };
        columns += 1;
        if columns % 10 == 0 {
            let [loss, step] = [step.slope.loss, step.rate * step.lipschitz];
            info!(
                "column {=u32} of {=u32}: loss {=f32}, alpha*L {=f32}",
                columns, COLUMNS, loss, step
            );
        }
        if columns == COLUMNS {
            break;
        }
    }
    found(columns, separator.w());
    Ok(())
}

/// Reports W against the truth.
pub fn found(columns: u32, w: &[f32]) {
    let mut fingerprint = Fingerprint::new();
    fingerprint.floats(w);
    let [first, second] = resemblance(w);
    println!(
        "separation {{\"columns\":{=u32},\"first\":{=f32},\"second\":{=f32},\"w\":{=u64}}}",
        columns,
        first,
        second,
        fingerprint.value()
    );
}
