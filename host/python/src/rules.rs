//! Rules by name, and their comparison.

use std::ops::ControlFlow;

use numpy::PyArray2;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rayon::prelude::*;
use tinynmf::factorize::default_schedule;
use tinynmf::nmf_vec::NmfVec;
use tinynmf::play::play;
use tinynmf::rule_name;
use tinynmf::source::Source;
use tinynmf_core::rule::table::{KINDS, Kind};
use tinynmf_core::{Error, HalfStep, Matrix as _, Rule, Settings};

use crate::error::refused;
use crate::factorize::matrix;
use crate::matrix::{Input, Matrix};
use crate::policy::{self, Policy};
use crate::supervise::{Caller, supervise};

/// Name, description and parameters with their defaults of every rule that needs no policy.
#[pyfunction]
pub fn kinds(py: Python<'_>) -> PyResult<Vec<(&'static str, &'static str, Bound<'_, PyDict>)>> {
    let of = |kind: &Kind| {
        let parameters = PyDict::new(py);
        for parameter in kind.parameters {
            // As it is written, not as f32 rounds it.
            let default: f64 = parameter.default.to_string().parse()?;
            parameters.set_item(parameter.name, default)?;
        }
        Ok((kind.name, kind.does, parameters))
    };
    KINDS.iter().map(of).collect()
}

/// The rule of a factorisation for which none is named.
#[pyfunction]
pub fn default_rule() -> String {
    rule_name::name(&default_schedule())
}

/// A rule's name as everybody writes it, with all of its parameters.
#[pyfunction]
pub fn written(text: &str) -> PyResult<String> {
    policy::rule(text, None).map(|rule| rule_name::name(&rule))
}

/// Cost and loss of the start and of every epoch, rule by rule and seed by seed.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python's side has keywords for them")]
pub fn compare(
    py: Python<'_>,
    v: Input<'_>,
    rank: usize,
    rules: Vec<String>,
    seeds: Vec<u64>,
    epochs: u32,
    policy: Option<&Bound<'_, Policy>>,
    threads: usize,
) -> PyResult<Vec<Py<PyArray2<f64>>>> {
    let view = v.view()?;
    let policy = policy.map(Bound::get);
    let rules: Vec<Rule<'_>> =
        rules.iter().map(|name| policy::rule(name, policy)).collect::<PyResult<_>>()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(refused)?;
    let records = supervise(py, None, |caller: &Caller<()>| {
        let runs = || rules.iter().flat_map(|rule| seeds.iter().map(move |seed| (rule, *seed)));
        let runs: Vec<_> = runs().collect();
        let record = |v: &Matrix, (rule, seed): (&Rule<'_>, u64)| {
            let settings = Settings { horizon: epochs, seed, ..Settings::default() };
            match v {
                Matrix::Dense(v) => record(v, rank, rule.clone(), settings, caller),
                Matrix::Sparse(v) => record(v, rank, rule.clone(), settings, caller),
            }
        };
        let v = view.matrix()?;
        pool.install(|| runs.par_iter().map(|run| record(&v, *run)).collect::<Result<Vec<_>, _>>())
            .map_err(refused)
    })?;
    records?.iter().map(|record| matrix(py, record.as_flattened(), [record.len(), 2])).collect()
}

/// Cost and loss of the start and of every epoch, until the cost is that of `settings.horizon` epochs on all of V.
fn record<V: Source>(
    v: &V,
    rank: usize,
    mut rule: Rule<'_>,
    settings: Settings,
    caller: &Caller<()>,
) -> Result<Vec<[f64; 2]>, Error> {
    let view = v.view();
    let [m, n, r] = [view.rows(), view.columns(), rank].map(|x| x as f64);
    let (dense, density) = (m * n * r, v.density());
    // Core counts products with V as if V were dense.
    let of = |half: &HalfStep| half.cost as f64 - (1.0 - density) * dense * f64::from(half.share);
    let whole = 2.0 * dense * density + 0.5 * (m + n) * r * r;
    let mut nmf = NmfVec::new(view.rows(), view.columns(), rank, settings)?;
    let mut run = nmf.run(view)?;
    let mut record = vec![[0.0, f64::from(run.loss())]];
    let mut cost = 0.0;
    play(&mut run, &mut rule, u32::MAX, |run, epoch| {
        // Where nothing moves, nothing is counted: an epoch costs a hundredth at least, so that all runs end.
        cost += ((of(&epoch.w) + of(&epoch.h)) / whole).max(0.01);
        record.push([cost, f64::from(run.loss())]);
        if cost >= f64::from(settings.horizon) || caller.stopped() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    Ok(record)
}
