//! The result of a factorisation.

/// W and H, the best that were seen, and how they came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Factorization {
    /// m, the rows of V and of W.
    pub rows: usize,
    /// n, the columns of V and of H.
    pub columns: usize,
    /// The rank r: latents of a factorisation, from 1 to min(m, n).
    pub rank: usize,
    /// W, m × r, row by row.
    pub w: Vec<f32>,
    /// H, r × n, row by row.
    pub h: Vec<f32>,
    /// F = ½‖V − WH‖²_F over the known entries, without penalties.
    pub loss: f32,
    /// F and the penalties: what was minimised.
    pub objective: f32,
    /// ‖V − WH‖_F / ‖V‖_F over the known entries.
    pub relative_error: f32,
    /// The start, then every epoch after which the objective was known.
    pub history: Vec<Point>,
    /// Epochs done; each looked at as much of V as the schedule wanted.
    pub epochs: u32,
    /// Their cost together, in epochs on all of V with one sweep's worth of work left out: 2mnr + (m + n)r²/2
    /// multiply-adds each.
    pub cost: f64,
    /// Whether it ended because the objective no longer fell by more than the tolerance.
    pub converged: bool,
    /// Whether the last objective was not finite, or above the start's and about that of W = 0 or more: W and H are then the best
    /// before.
    pub diverged: bool,
    /// Whether the observer ended it.
    pub stopped: bool,
    /// Which of the starts this is, from 0.
    pub start: usize,
}

/// Cost and loss after an epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Epochs done.
    pub epoch: u32,
    /// As [`Factorization::cost`], until then.
    pub cost: f64,
    /// F and the penalties.
    pub objective: f32,
}

impl Factorization {
    /// Takes the latents of these rows and columns to 0, which are of the start and mean nothing.
    pub(super) fn clear(&mut self, [rows, columns]: &[Vec<usize>; 2]) {
        for row in rows {
            self.w[row * self.rank..][..self.rank].fill(0.0);
        }
        for column in columns {
            self.h.iter_mut().skip(*column).step_by(self.columns).for_each(|h| *h = 0.0);
        }
    }

    /// How it ended, as one line: "converged after 37 epochs", "not converged after 200: raise …" and so on.
    ///
    /// `raise` names what would let it go on, like `--epochs`; epochs are those of [`Factorization::cost`].
    #[must_use]
    pub fn ending(&self, raise: &str) -> String {
        let cost = self.cost;
        if self.diverged {
            format!("diverged after {cost:.0} epochs: choose another rule or a smaller step")
        } else if self.stopped {
            format!("stopped after {cost:.0} epochs")
        } else if self.converged {
            format!("converged after {cost:.0} epochs")
        } else {
            format!("not converged after {cost:.0} epochs: raise {raise}")
        }
    }
}
