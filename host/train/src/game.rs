//! An episode of any mode, decision by decision: whoever decides is asked from outside.

use tinynmf_core::observe;
use tinynmf_core::policy::SCHEDULE_OUTPUTS;

use super::mode::{Environment, Mode};
use super::{episode, paper, schedule};

/// An episode under way.
#[derive(Debug, Clone)]
pub enum Game<'e> {
    /// Mode scale-free.
    ScaleFree(episode::Game<'e>),
    /// Mode paper.
    Paper(paper::Game<'e>),
    /// Mode schedule.
    Schedule(schedule::Game<'e>),
}

impl Environment {
    /// Begins an episode that is decided from outside; `None` for single columns, which are played from inside alone.
    #[must_use]
    pub fn begin(&self) -> Option<Game<'_>> {
        let mut game = match self {
            Self::ScaleFree(environment) => Game::ScaleFree(environment.begin()),
            Self::Paper(environment) => Game::Paper(environment.begin()),
            Self::Schedule(environment) => Game::Schedule(environment.begin()),
            Self::Columns(_) => return None,
        };
        game.look();
        Some(game)
    }
}

impl Mode {
    /// Names of the observations, in order.
    #[must_use]
    pub fn observation_names(self) -> &'static [&'static str] {
        match self {
            Self::ScaleFree => &observe::NAMES,
            Self::Paper => &paper::NAMES,
            Self::Schedule => &observe::SCHEDULE_NAMES,
        }
    }

    /// Names of the numbers that [`Game::standing`] tells.
    #[must_use]
    pub fn standing_names(self) -> [&'static str; 2] {
        match self {
            Self::ScaleFree => ["log_gap", "epoch"],
            Self::Paper => ["loss", "epoch"],
            Self::Schedule => ["log_gap", "cost"],
        }
    }
}

impl Game<'_> {
    fn look(&mut self) {
        // Nothing is earned before the first decision.
        let _ = match self {
            Self::ScaleFree(game) => game.look(),
            Self::Paper(game) => game.look(),
            Self::Schedule(_) => 0.0,
        };
    }

    /// Whether the episode is over.
    #[must_use]
    pub fn over(&self) -> bool {
        match self {
            Self::ScaleFree(game) => game.over(),
            Self::Paper(game) => game.over(),
            Self::Schedule(game) => game.over(),
        }
    }

    /// Observations before the next decision, in the order of [`Mode::observation_names`]; zeros once a
    /// gradient's episode is over.
    pub fn observe(&mut self, observed: &mut [f32]) {
        match self {
            Self::ScaleFree(game) => observed.copy_from_slice(
                &game.seen().map_or([0.0; observe::OBSERVATIONS], |seen| seen.observed),
            ),
            Self::Paper(game) => observed.copy_from_slice(&game.seen().unwrap_or_default()),
            Self::Schedule(game) => observed.copy_from_slice(&game.observe()),
        }
    }

    /// Acts on a policy's outputs, of which mode schedule is charged `cost` multiply-adds; the reward.
    ///
    /// # Panics
    ///
    /// If there are fewer outputs than the mode has.
    pub fn decide(&mut self, outputs: &[f32], cost: u64) -> f32 {
        match self {
            Self::ScaleFree(game) => game.decide(outputs[0]),
            Self::Paper(game) => game.decide(outputs[0]),
            Self::Schedule(game) => {
                let outputs: [f32; SCHEDULE_OUTPUTS] = std::array::from_fn(|o| outputs[o]);
                game.decide(outputs, cost)
            }
        }
    }

    /// How far the episode is, see [`Mode::standing_names`].
    #[must_use]
    pub fn standing(&self) -> [f32; 2] {
        match self {
            Self::ScaleFree(game) => [game.log_gap(), game.epoch() as f32],
            Self::Paper(game) => [game.loss(), game.epochs() as f32],
            Self::Schedule(game) => [game.log_gap(), game.cost()],
        }
    }

    /// W (m × r, row by row) and H (r × n, column by column).
    #[must_use]
    pub fn factors(&self) -> [&[f32]; 2] {
        match self {
            Self::ScaleFree(game) => game.factors(),
            Self::Paper(game) => game.factors(),
            Self::Schedule(game) => game.factors(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tinynmf_core::Factor;
    use tinynmf_core::observe::{NAMES, SCHEDULE_NAMES, observe as observe_step, observe_schedule};
    use tinynmf_core::situation::{Before, Memory, Progress, Situation};
    use tinynmf_core::subproblem::{Change, Slope};

    fn page() -> String {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/observations.md");
        std::fs::read_to_string(path).unwrap()
    }

    /// Situations with their observations: the page's blocks, for schedules and for steps.
    fn vectors() -> [Vec<Value>; 2] {
        let page = page();
        let mut blocks = page
            .split("```json\n")
            .skip(1)
            .map(|it| serde_json::from_str(it.split("```").next().unwrap()).unwrap());
        let both = [blocks.next().unwrap(), blocks.next().unwrap()];
        assert!(blocks.next().is_none());
        both
    }

    /// A number of a situation; what a memory does not list is 0.
    fn number(of: &Value, name: &str) -> f32 {
        of.get(name).map_or(0.0, |it| it.as_f64().unwrap() as f32)
    }

    fn factor(of: &Value) -> Factor {
        if of["factor"] == "W" { Factor::W } else { Factor::H }
    }

    fn progress(of: &Value) -> Progress {
        let [epoch, horizon] = ["epoch", "horizon"].map(|name| number(of, name) as u32);
        let first_loss = number(of, "first_loss");
        Progress { epoch, horizon, share: number(of, "share"), first_loss }
    }

    fn memory(of: &Value) -> Memory {
        let gain = number(of, "gain");
        let inner = if gain > 0.0 { -gain } else { 0.0 };
        let rates = of.get("log_rate").and_then(Value::as_array);
        let rate = |at: usize| rates.map_or(0.0, |it| it[at].as_f64().unwrap() as f32);
        Memory {
            steps: number(of, "steps") as u32,
            log_rate: [rate(0), rate(1)],
            log_curvature: number(of, "log_curvature"),
            free_norm_squared: number(of, "free_norm_squared"),
            log_loss_change: number(of, "log_loss_change"),
            change: Change {
                inner,
                curvature: number(of, "curvature"),
                norm_squared: number(of, "norm_squared"),
                image_norm_squared: number(of, "image_norm_squared"),
            },
            share: number(of, "share"),
            first_part: number(of, "first_part"),
            gain_change: number(of, "gain_change"),
            ..Memory::default()
        }
    }

    /// Compares what was observed with a vector of the page.
    fn check(found: &[f32], vector: &Value) {
        let expected = vector["observations"].as_array().unwrap();
        assert_eq!(found.len(), expected.len());
        for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
            let expected = expected.as_f64().unwrap();
            assert!((f64::from(*found) - expected).abs() < 2e-6, "{place}: {found} in {vector}");
        }
    }

    #[test]
    fn the_vectors_of_the_page_are_observed() {
        let [schedules, steps] = vectors();
        assert_eq!((schedules.len(), steps.len()), (4, 3));
        for vector in &schedules {
            let at = &vector["situation"];
            let [own, other] = ["own", "other"].map(|who| memory(&at[who]));
            let shape = [0, 1, 2].map(|axis| at["shape"][axis].as_u64().unwrap() as usize);
            let (factor, progress) = (factor(at), progress(at));
            check(
                &observe_schedule(&Before { factor, progress, own: &own, other: &other, shape }),
                vector,
            );
        }
        for vector in &steps {
            let at = &vector["situation"];
            let [own, other] = ["own", "other"].map(|who| memory(&at[who]));
            let slope = Slope {
                loss: number(at, "loss"),
                norm_squared: 0.0,
                free_norm_squared: number(at, "free_norm_squared"),
                free_curvature: number(at, "free_curvature"),
            };
            let situation = Situation {
                factor: factor(at),
                progress: progress(at),
                lipschitz: number(at, "lipschitz"),
                slope,
                own: &own,
                other: &other,
                exponent: 0,
            };
            check(&observe_step(&situation), vector);
        }
    }

    #[test]
    fn the_page_has_every_observation_in_its_order() {
        let page = page();
        let rows = page.lines().filter_map(|line| {
            let mut cells = line
                .replace("\\|", "\u{0}")
                .split('|')
                .map(|cell| cell.trim().replace('\u{0}', "|"))
                .collect::<Vec<_>>()
                .into_iter()
                .skip(1);
            let place: usize = cells.next()?.parse().ok()?;
            Some((place, cells.next()?))
        });
        let told: Vec<_> = rows.collect();
        let all = [&SCHEDULE_NAMES[..], &NAMES[..]];
        let expected = all.into_iter().flat_map(|names| names.iter().enumerate());
        let expected: Vec<_> = expected.map(|(place, name)| (place, (*name).to_owned())).collect();
        assert_eq!(told, expected);
    }
}
