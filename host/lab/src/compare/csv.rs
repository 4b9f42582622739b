//! A comparison as CSV, a line an epoch.

use std::io;

use tinynmf::trajectory::Trajectory;

use super::Comparison;

impl Comparison {
    /// Writes rule, seed and the [rows](Trajectory::rows) of every run.
    ///
    /// # Errors
    ///
    /// An error of the writer.
    pub fn write_csv(&self, file: &mut dyn io::Write) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(file);
        table.write_record(["rule", "seed"].iter().chain(&Trajectory::COLUMNS))?;
        for run in &self.runs {
            let names = [run.rule.clone(), run.seed.to_string()];
            for row in run.trajectory.rows() {
                table.write_record(names.iter().chain(&row))?;
            }
        }
        table.flush()
    }
}
