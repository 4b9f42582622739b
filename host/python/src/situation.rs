//! The numbers that observations are made of, for whoever makes them again.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use tinynmf_core::Factor;
use tinynmf_core::situation::Memory;
use tinynmf_train::game::Game;

/// The numbers that a game's observations are made of; none once an episode of gradient steps is over.
pub fn situation<'py>(py: Python<'py>, game: &mut Game<'_>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    match game {
        Game::Schedule(game) => game.situation(|before| {
            dict.set_item("factor", name(before.factor))?;
            dict.set_item("shape", before.shape)?;
            dict.set_item("epoch", before.progress.epoch)?;
            dict.set_item("first_loss", before.progress.first_loss)?;
            dict.set_item("own", sweeps(py, before.own)?)?;
            dict.set_item("other", sweeps(py, before.other)?)
        })?,
        Game::ScaleFree(game) => {
            if let Some(seen) = game.seen() {
                let (progress, slope) = (&seen.progress, &seen.slope);
                dict.set_item("factor", name(seen.factor))?;
                dict.set_item("epoch", progress.epoch)?;
                dict.set_item("horizon", progress.horizon)?;
                dict.set_item("share", progress.share)?;
                dict.set_item("first_loss", progress.first_loss)?;
                dict.set_item("lipschitz", seen.lipschitz)?;
                dict.set_item("loss", slope.loss)?;
                dict.set_item("norm_squared", slope.norm_squared)?;
                dict.set_item("free_norm_squared", slope.free_norm_squared)?;
                dict.set_item("free_curvature", slope.free_curvature)?;
                let [own, other] = &seen.memories;
                dict.set_item("own", gradients(py, own)?)?;
                dict.set_item("other", gradients(py, other)?)?;
            }
        }
        Game::Paper(game) => {
            dict.set_item("epoch", game.epochs())?;
            dict.set_item("loss", game.loss())?;
        }
    }
    Ok(dict)
}

fn name(factor: Factor) -> &'static str {
    if factor == Factor::W { "W" } else { "H" }
}

/// Memory of a factor that sweeps move.
fn sweeps<'py>(py: Python<'py>, memory: &Memory) -> PyResult<Bound<'py, PyDict>> {
    let of = PyDict::new(py);
    of.set_item("steps", memory.steps)?;
    of.set_item("share", memory.share)?;
    of.set_item("gain", memory.gain())?;
    of.set_item("gain_change", memory.gain_change)?;
    of.set_item("first_part", memory.first_part)?;
    Ok(of)
}

/// Memory of a factor that gradient steps move.
fn gradients<'py>(py: Python<'py>, memory: &Memory) -> PyResult<Bound<'py, PyDict>> {
    let of = PyDict::new(py);
    of.set_item("steps", memory.steps)?;
    of.set_item("log_rate", memory.log_rate)?;
    of.set_item("log_curvature", memory.log_curvature)?;
    of.set_item("free_norm_squared", memory.free_norm_squared)?;
    of.set_item("log_loss_change", memory.log_loss_change)?;
    of.set_item("norm_squared", memory.change.norm_squared)?;
    of.set_item("curvature", memory.change.curvature)?;
    of.set_item("image_norm_squared", memory.change.image_norm_squared)?;
    Ok(of)
}
