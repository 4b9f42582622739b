//! `tinynmf export`.

use std::path::{Path, PathBuf};
use tinynmf::text::shown;

use tinynmf::error::{Error, Result};
use tinynmf::matrix::extension;
use tinynmf::{input, output, policy_file};
use tinynmf_core::Policy;
use tinynmf_core::policy::{SCHEDULE_OUTPUTS, SchedulePolicy};
use tinynmf_train::export::{from_safetensors, onnx, rust_module, safetensors};
use tinynmf_train::quantise::quantise;
use tinynmf_train::{FloatPolicy, Mode, checkpoint};

use super::print;

/// Convert a policy: quantise it, or take it to Rust, PyTorch or ONNX.
#[derive(Debug, clap::Args)]
#[command(after_help = "Formats, told by the file's ending:\n  \
    .json         in: checkpoint of `tinynmf train`\n  \
    .safetensors  in and out: float weights, as PyTorch's nn.Linear\n  \
    .tnmf         in and out: int8 blob for microcontrollers\n  \
    .onnx         out: float policy, observations to log(aL), or to the five\n                \
                  outputs of a policy of schedules\n  \
    .rs           out: the blob as a Rust constant\n\n\
    Example:\n  \
    tinynmf export out/train/checkpoint.json --out policy.rs")]
pub struct Args {
    /// Policy to convert
    #[arg(value_name = "POLICY")]
    input: PathBuf,

    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    let target = extension(&args.out);
    if !["tnmf", "rs", "safetensors", "onnx"].contains(&&*target) {
        let path = shown(&args.out);
        return Err(Error::Extension { path, known: ".tnmf, .rs, .safetensors or .onnx" });
    }
    output::apart([&*args.out], [&*args.input])?;
    output::check(&args.out)?;
    let bytes = match read(&args.input)? {
        Source::Float(policy) if target == "safetensors" => safetensors(&policy),
        Source::Float(policy) if target == "onnx" => onnx(&policy),
        Source::Blob(_) if target == "safetensors" || target == "onnx" => {
            let problem = "an int8 blob no longer has the float weights";
            let path = shown(&args.input);
            return Err(Error::format(&path, problem, "export the checkpoint that it came from"));
        }
        Source::Float(policy) => packed(int8(&policy, &args.input)?, &target),
        Source::Blob(blob) => packed(blob, &target),
    };
    output::write(&args.out, |file| file.write_all(&bytes))?;
    print(&format!("{} ({} bytes)\n", shown(&args.out), bytes.len()))
}

/// A policy before or after quantisation.
enum Source {
    Float(FloatPolicy),
    Blob(Vec<u8>),
}

fn read(path: &Path) -> Result<Source> {
    let name = shown(path);
    match &*extension(path) {
        "json" => {
            let (config, state) = checkpoint::load(path)?;
            if config.mode == Mode::Paper {
                let problem = "a policy of mode paper, whose observations no exported format has";
                return Err(Error::format(&name, problem, "train with --mode scale-free"));
            }
            Ok(Source::Float(state.policy(&config)))
        }
        "safetensors" => {
            let bytes = input::read(path, input::FLOAT_POLICY)?;
            let policy = from_safetensors(&bytes).map_err(|problem| {
                Error::format(
                    &name,
                    problem,
                    "the layout is described in host/train/src/export/safetensors.rs",
                )
            })?;
            Ok(Source::Float(policy))
        }
        "tnmf" => {
            let mut blob = Vec::new();
            policy_file::rule(Some(path), 1.0, &mut blob)?;
            Ok(Source::Blob(blob))
        }
        _ => Err(Error::Extension { path: name, known: ".json, .safetensors or .tnmf" }),
    }
}

/// The int8 blob of the policy in any file that is read here.
pub fn blob(path: &Path) -> Result<Vec<u8>> {
    match read(path)? {
        Source::Float(policy) => int8(&policy, path),
        Source::Blob(blob) => Ok(blob),
    }
}

/// The int8 blob, once it is known that core reads it.
fn int8(policy: &FloatPolicy, path: &Path) -> Result<Vec<u8>> {
    let blob = quantise(policy);
    let schedule = policy.network.sizes().last() == Some(&SCHEDULE_OUTPUTS);
    let read = if schedule {
        SchedulePolicy::from_bytes(&blob).map(drop)
    } else {
        Policy::from_bytes(&blob).map(drop)
    };
    match read {
        Ok(()) => Ok(blob),
        Err(reason) => {
            let problem = format!("its numbers are too large for int8 ({reason})");
            Err(Error::format(&shown(path), problem, "train with smaller weights and gains"))
        }
    }
}

fn packed(blob: Vec<u8>, target: &str) -> Vec<u8> {
    if target == "rs" { rust_module(&blob).into_bytes() } else { blob }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_lab::study::FLOAT;

    #[test]
    fn a_policy_that_int8_cannot_hold_is_told() {
        let mut policy = from_safetensors(FLOAT).unwrap();
        let path = Path::new("p.safetensors");
        assert!(int8(&policy, path).is_ok());
        // Finite weights always fit: their channels have scales of their own.
        for weight in [f32::MAX, 1e-38] {
            let mut wide = policy.clone();
            wide.network.parameters_mut().fill(weight);
            assert!(int8(&wide, path).is_ok(), "{weight:e}");
        }
        policy.scale.0[3][1] = f32::MAX;
        let told = int8(&policy, path).unwrap_err().to_string();
        assert!(told.starts_with("p.safetensors: its numbers are too large for int8"), "{told}");
    }
}
