//! `tinynmf export`.

use std::path::{Path, PathBuf};

use tinynmf_host::error::{Error, Result};
use tinynmf_host::export::{from_safetensors, onnx, rust_module, safetensors};
use tinynmf_host::matrix::extension;
use tinynmf_host::quantise::quantise;
use tinynmf_host::train::{FloatPolicy, Mode, checkpoint};
use tinynmf_host::{output, policy_file};

use super::print;

/// Convert a policy: quantise it, or take it to Rust, PyTorch or ONNX.
#[derive(Debug, clap::Args)]
#[command(after_help = "Formats, told by the file's ending:\n  \
    .json         in: checkpoint of `tinynmf train`\n  \
    .safetensors  in and out: float weights, as PyTorch's nn.Linear\n  \
    .tnmf         in and out: int8 blob for microcontrollers\n  \
    .onnx         out: float policy, observations to log(aL)\n  \
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
        let path = args.out.display().to_string();
        return Err(Error::Extension { path, known: ".tnmf, .rs, .safetensors or .onnx" });
    }
    output::check(&args.out)?;
    let bytes = match read(&args.input)? {
        Source::Float(policy) if target == "safetensors" => safetensors(&policy),
        Source::Float(policy) if target == "onnx" => onnx(&policy),
        Source::Blob(_) if target == "safetensors" || target == "onnx" => {
            let problem = "an int8 blob no longer has the float weights";
            let path = args.input.display().to_string();
            return Err(Error::format(&path, problem, "export the checkpoint that it came from"));
        }
        Source::Float(policy) => packed(quantise(&policy), &target),
        Source::Blob(blob) => packed(blob, &target),
    };
    output::write(&args.out, |file| file.write_all(&bytes))?;
    print(&format!("{} ({} bytes)\n", args.out.display(), bytes.len()))
}

/// A policy before or after quantisation.
enum Source {
    Float(FloatPolicy),
    Blob(Vec<u8>),
}

fn read(path: &Path) -> Result<Source> {
    let name = path.display().to_string();
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
            let bytes = std::fs::read(path).map_err(|source| Error::read(path, source))?;
            let policy = from_safetensors(&bytes).map_err(|problem| {
                Error::format(
                    &name,
                    problem,
                    "the layout is described in host/src/export/safetensors.rs",
                )
            })?;
            Ok(Source::Float(policy))
        }
        "tnmf" => {
            let mut blob = Vec::new();
            let policy = policy_file::read(Some(path), 1.0, &mut blob)?;
            Ok(Source::Blob(policy.blob().to_vec()))
        }
        _ => Err(Error::Extension { path: name, known: ".json, .safetensors or .tnmf" }),
    }
}

fn packed(blob: Vec<u8>, target: &str) -> Vec<u8> {
    if target == "rs" { rust_module(&blob).into_bytes() } else { blob }
}
