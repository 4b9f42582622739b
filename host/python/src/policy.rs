//! Policies: read, written, asked. Two kinds: of gradient steps (rule `learned`) and of schedules (rule `schedule`).

use std::path::PathBuf;

use numpy::prelude::*;
use numpy::{AllowTypeChange, PyArray1, PyArrayDyn, PyArrayLikeDyn};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tinynmf::input;
use tinynmf::rule_name;
use tinynmf_core::observe::{NAMES, OBSERVATIONS, SCHEDULE_NAMES, SCHEDULE_OBSERVATIONS};
use tinynmf_core::policy::{PolicyError, SCHEDULE, SCHEDULE_OUTPUTS, SHIPPED, SchedulePolicy};
use tinynmf_core::{Policy as StepPolicy, Rule};
use tinynmf_train::export::{from_safetensors, onnx};
use tinynmf_train::quantise::{dequantise, quantise};

use crate::error::refused;

/// The rule that asks a policy of schedules.
const BY_SCHEDULE: &str = "schedule";

/// A frozen int8 policy: what a microcontroller reads from flash.
#[pyclass(frozen, module = "tinynmf")]
pub struct Policy {
    blob: Vec<u8>,
}

/// A policy, read from its blob.
enum Read<'a> {
    Steps(StepPolicy<'a>),
    Schedules(SchedulePolicy<'a>),
}

fn read(blob: &[u8]) -> Result<Read<'_>, PolicyError> {
    match SchedulePolicy::from_bytes(blob) {
        Ok(policy) => Ok(Read::Schedules(policy)),
        // Of the other kind, or broken, which the other reader says, too.
        Err(_) => StepPolicy::from_bytes(blob).map(Read::Steps),
    }
}

/// The rule that `name` says; `policy` is whom `learned` and `schedule` ask, by default the one that ships.
pub fn rule<'p>(name: &str, policy: Option<&'p Policy>) -> PyResult<Rule<'p>> {
    let of = |shipped: &'p [u8]| read(policy.map_or(shipped, |it| &it.blob)).map_err(refused);
    if name.trim() == BY_SCHEDULE {
        return match of(SCHEDULE)? {
            Read::Schedules(policy) => Ok(Rule::scheduled(policy)),
            Read::Steps(_) => {
                Err(refused("the policy is one of gradient steps: name the rule 'learned'"))
            }
        };
    }
    let asked = match of(SHIPPED)? {
        Read::Steps(policy) => policy,
        Read::Schedules(_) if name.trim() == "learned" => {
            return Err(refused("the policy is one of schedules: name the rule 'schedule'"));
        }
        // Nobody asks it.
        Read::Schedules(_) => StepPolicy::from_bytes(SHIPPED).map_err(refused)?,
    };
    rule_name::parse(name, &asked).map_err(refused)
}

#[pymethods]
impl Policy {
    #[new]
    fn new(blob: Vec<u8>) -> PyResult<Self> {
        read(&blob).map_err(refused)?;
        Ok(Self { blob })
    }

    /// The policy that ships, of `"schedule"` or of `"steps"`.
    #[staticmethod]
    #[pyo3(signature = (kind = "schedule"))]
    fn shipped(kind: &str) -> PyResult<Self> {
        match kind {
            "schedule" => Self::new(SCHEDULE.to_vec()),
            "steps" => Self::new(SHIPPED.to_vec()),
            _ => Err(refused(format!("kind {kind:?} is not known; use 'schedule' or 'steps'"))),
        }
    }

    /// Reads a blob (.tnmf).
    #[staticmethod]
    fn load(path: PathBuf) -> PyResult<Self> {
        let blob = input::read(&path, input::POLICY).map_err(refused)?;
        let name = path.display();
        read(&blob)
            .map_err(|e| refused(format!("{name}: {e}; copy it again, or export it anew")))?;
        Ok(Self { blob })
    }

    /// The int8 policy of float weights, given as a safetensors file's bytes.
    #[staticmethod]
    fn from_safetensors(bytes: &[u8]) -> PyResult<Self> {
        Self::new(quantise(&from_safetensors(bytes).map_err(refused)?))
    }

    /// The int8 policy of a torch module: linear layers with tanh between them.
    ///
    /// `offset` and `gain`, 0 and 1 by default, normalise the observations; the answers are the module's times `scale`,
    /// within `limits`.
    #[staticmethod]
    #[pyo3(signature = (module, offset=None, gain=None, *, scale=1.0, limits=(-3.0, 3.0)))]
    fn from_torch<'py>(
        py: Python<'py>,
        module: Bound<'py, PyAny>,
        offset: Option<Bound<'py, PyAny>>,
        gain: Option<Bound<'py, PyAny>>,
        scale: f64,
        limits: (f64, f64),
    ) -> PyResult<Bound<'py, Self>> {
        // Modules are Python's to read.
        let weights = py.import("tinynmf.weights")?;
        let policy = weights.call_method1("from_torch", (module, offset, gain, scale, limits))?;
        Ok(policy.cast_into()?)
    }

    /// The weights as an ONNX model in floats, observations to answers.
    fn to_onnx<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let floats = match read(&self.blob).map_err(refused)? {
            Read::Steps(policy) => dequantise(&policy),
            Read::Schedules(policy) => dequantise(policy.parts()),
        };
        Ok(PyBytes::new(py, &onnx(&floats)))
    }

    /// Writes the blob; the file is whole or absent.
    fn save(&self, path: PathBuf) -> PyResult<()> {
        tinynmf::output::write(&path, |file| file.write_all(&self.blob)).map_err(refused)
    }

    /// The blob.
    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.blob)
    }

    /// Answers to observations: along the last axis, for as many situations as there are.
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        observations: PyArrayLikeDyn<'py, f32, AllowTypeChange>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
        const { assert!(OBSERVATIONS == SCHEDULE_OBSERVATIONS) };
        let mut shape = observations.shape().to_vec();
        if shape.last() != Some(&OBSERVATIONS) {
            let text = format!("the last axis of {shape:?} is not the {OBSERVATIONS} observations");
            return Err(PyValueError::new_err(text));
        }
        let numbers: Vec<f32> = observations.as_array().iter().copied().collect();
        let situations = numbers.as_chunks::<OBSERVATIONS>().0;
        let (width, answers): (_, Vec<f32>) = match read(&self.blob).map_err(refused)? {
            Read::Steps(policy) => (1, situations.iter().map(|it| policy.log_rate(it)).collect()),
            Read::Schedules(policy) => {
                (SCHEDULE_OUTPUTS, situations.iter().flat_map(|it| policy.outputs(it)).collect())
            }
        };
        if let Some(last) = shape.last_mut() {
            *last = width;
        }
        PyArray1::from_vec(py, answers).reshape(shape)
    }

    /// `"schedule"` or `"steps"`.
    #[getter]
    fn kind(&self) -> PyResult<&'static str> {
        Ok(match read(&self.blob).map_err(refused)? {
            Read::Steps(_) => "steps",
            Read::Schedules(_) => "schedule",
        })
    }

    /// Observations, units of the hidden layers, answers.
    #[getter]
    fn layers(&self) -> PyResult<Vec<usize>> {
        let (hidden, last): (Vec<usize>, usize) = match read(&self.blob).map_err(refused)? {
            Read::Steps(policy) => (policy.hidden().iter().map(|it| it.outputs).collect(), 1),
            Read::Schedules(policy) => {
                let hidden = policy.network().hidden();
                (hidden.iter().map(|it| it.outputs).collect(), SCHEDULE_OUTPUTS)
            }
        };
        Ok([OBSERVATIONS].into_iter().chain(hidden).chain([last]).collect())
    }

    /// The observations' names, in order.
    #[getter]
    fn observation_names(&self) -> PyResult<Vec<&'static str>> {
        Ok(match read(&self.blob).map_err(refused)? {
            Read::Steps(_) => NAMES.to_vec(),
            Read::Schedules(_) => SCHEDULE_NAMES.to_vec(),
        })
    }

    fn __repr__(&self) -> PyResult<String> {
        let checksum = match read(&self.blob).map_err(refused)? {
            Read::Steps(policy) => policy.checksum(),
            Read::Schedules(policy) => policy.checksum(),
        };
        Ok(format!("Policy(kind='{}', checksum={checksum:#010x})", self.kind()?))
    }

    fn __getnewargs__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyBytes>,) {
        (self.__bytes__(py),)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.blob == other.blob
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.__bytes__(py).hash()
    }

    fn __len__(&self) -> usize {
        self.blob.len()
    }
}

/// A Rust module with the policy's blob as a constant.
#[pyfunction]
pub fn rust_module(policy: &Policy) -> String {
    tinynmf_train::export::rust_module(&policy.blob)
}

/// Float weights, a safetensors file's bytes, as an ONNX graph.
#[pyfunction]
pub fn to_onnx<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &onnx(&from_safetensors(bytes).map_err(refused)?)))
}
