//! The learning curve as CSV.

use std::io::{self, Write};

use super::progress::Progress;

/// Writes one line an iteration; numbers that are not finite as NaN, which is all that a checkpoint keeps of them.
///
/// # Errors
///
/// An error of the writer.
pub fn write_csv(curve: &[Progress], file: &mut dyn Write) -> io::Result<()> {
    writeln!(file, "iteration,reward,discounted,steps,log_deviation,kl,clipped,explained,passes")?;
    for (iteration, p) in curve.iter().enumerate() {
        let Progress { reward, discounted, steps, log_deviation, update } = p;
        let (kl, clipped) = (update.kl, update.clipped);
        let (explained, passes) = (update.explained, update.passes);
        let plain = |number: f32| if number.is_finite() { number } else { f32::NAN };
        let [reward, discounted, log_deviation] = [*reward, *discounted, *log_deviation].map(plain);
        let [kl, clipped, explained] = [kl, clipped, explained].map(plain);
        writeln!(
            file,
            "{iteration},{reward},{discounted},{steps},{log_deviation},{kl},{clipped},{explained},{passes}"
        )?;
    }
    Ok(())
}
