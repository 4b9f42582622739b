//! The learning curve as CSV.

use std::io::{self, Write};

use super::ppo::Update;
use super::progress::Progress;

/// The columns.
const HEADER: &str = "iteration,reward,discounted,steps,log_deviation,kl,clipped,explained,passes,\
    policy_loss,value_loss,entropy,learning_rate,validation_cost,validation_reward";

/// Writes one line an iteration; numbers that are not finite as NaN, which is all that a checkpoint keeps of them. The
/// last two columns are empty where nothing was measured on problems held out.
///
/// # Errors
///
/// An error of the writer.
pub fn write_csv(curve: &[Progress], file: &mut dyn Write) -> io::Result<()> {
    writeln!(file, "{HEADER}")?;
    for (iteration, p) in curve.iter().enumerate() {
        let Progress { reward, discounted, steps, log_deviation, update, validation } = p;
        let Update { kl, clipped, explained, passes, policy_loss, value_loss, entropy, rate } =
            *update;
        let plain = |number: f32| if number.is_finite() { number } else { f32::NAN };
        let [reward, discounted, log_deviation] = [*reward, *discounted, *log_deviation].map(plain);
        let [kl, clipped, explained] = [kl, clipped, explained].map(plain);
        let [policy_loss, value_loss, entropy] = [policy_loss, value_loss, entropy].map(plain);
        let held_out =
            validation.map_or(",".to_owned(), |it| format!("{},{}", it.cost, plain(it.reward)));
        writeln!(
            file,
            "{iteration},{reward},{discounted},{steps},{log_deviation},{kl},{clipped},{explained},{passes},{policy_loss},{value_loss},{entropy},{rate},{held_out}"
        )?;
    }
    Ok(())
}
