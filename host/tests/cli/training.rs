//! `train` and `export`: a policy comes out, the same one always, and in every format.

use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use super::{Desk, floats, planted};

const TINY: &str = "iterations = 12\nepisodes = 6\nproblems = 5\npolicy = [6]\nvalue = [6]\n\
                    [family]\nrows = [16, 20]\ncolumns = [12, 16]\nrank = [2, 4]\nhorizon = [10, 20]\n";

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("tiny.toml", TINY);
    desk
}

#[test]
fn the_same_seed_trains_the_same_policy_on_any_number_of_threads() {
    let desk = desk();
    desk.print("train --config tiny.toml --out a");
    let mut single = desk.command("train --config tiny.toml --out b");
    assert!(single.env("RAYON_NUM_THREADS", "1").output().unwrap().status.success());
    desk.print("train --config tiny.toml --out c --seed 1");
    let policy = |folder: &str| fs::read(desk.path(folder).join("policy.tnmf")).unwrap();
    assert_eq!(policy("a"), policy("b"));
    assert_ne!(policy("a"), policy("c"));
    let names =
        ["checkpoint.json", "curve.csv", "curve.png", "events.out.tfevents.tinynmf", "policy.tnmf"];
    assert_eq!(desk.files("a"), names);
    let curve = fs::read_to_string(desk.path("a/curve.csv")).unwrap();
    assert_eq!(curve.lines().count(), 13, "a line an iteration below the header");
}

#[test]
fn schedules_are_measured_on_problems_held_out_and_the_best_is_exported() {
    let desk = Desk::new();
    let problems = "rows = [10, 16]\ncolumns = [10, 16]\nentries = 256";
    desk.put(
        "tiny.toml",
        format!(
            "mode = \"schedule\"\niterations = 4\nepisodes = 6\nproblems = 5\npolicy = []\n\
             [schedule]\nbudget = 5\n[schedule.problems]\n{problems}\n\
             [validation]\nevery = 2\nproblems = 3\n"
        ),
    );
    let printed = desk.print("train --config tiny.toml --out a");
    assert!(printed.contains("the best on problems held out: cost to 0.01"), "{printed}");
    let curve = fs::read_to_string(desk.path("a/curve.csv")).unwrap();
    let columns: Vec<Vec<&str>> = curve.lines().map(|line| line.split(',').collect()).collect();
    let place = columns[0].iter().position(|name| *name == "validation_cost").unwrap();
    let costs: Vec<bool> = columns[1..].iter().map(|line| !line[place].is_empty()).collect();
    assert_eq!(costs, [false, true, false, true]);
    desk.print("export a/checkpoint.json --out q.tnmf");
    let policy = |path: &str| fs::read(desk.path(path)).unwrap();
    assert_eq!(policy("a/policy.tnmf"), policy("q.tnmf"));
    desk.print("export a/checkpoint.json --out s.safetensors");
    for float in ["s.safetensors", "a/checkpoint.json"] {
        assert_eq!(desk.print(&format!("inspect {float}")), desk.print("inspect q.tnmf"));
    }
}

#[test]
fn a_killed_run_resumes_to_the_same_bytes() {
    let desk = desk();
    let longer = TINY.replace("iterations = 12", "iterations = 150");
    desk.put("longer.toml", longer);
    desk.print("train --config longer.toml --out whole");
    let mut killed = desk.command("train --config longer.toml --out killed");
    let mut child = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let checkpoint = desk.path("killed/checkpoint.json");
    while !checkpoint.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before its first checkpoint");
        sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let first = fs::read_to_string(&checkpoint).unwrap();
    assert!(first.contains("\"iteration\":0,") || first.contains("\"iteration\":1,"), "saved late");
    desk.print("train --out killed --resume");
    for name in ["policy.tnmf", "curve.csv"] {
        let bytes = |folder: &str| fs::read(desk.path(folder).join(name)).unwrap();
        assert_eq!(bytes("whole"), bytes("killed"), "{name}");
    }
}

#[test]
fn trains_for_a_matrix_of_ones_own() {
    let desk = desk();
    desk.put("v.npy", floats(12, &planted()));
    desk.print("train --config tiny.toml --input v.npy --rank 2,4 --out a");
    desk.print("train --config tiny.toml --input v.npy --rank 2,4 --out b --iterations 5");
    let policy = |folder: &str| fs::read(desk.path(folder).join("policy.tnmf")).unwrap();
    assert_ne!(policy("a"), policy("b"));
    // A training that was finished after five iterations goes on to twelve, and not back to three.
    let five = policy("b");
    desk.print("train --out b --resume --iterations 12");
    let curve = fs::read_to_string(desk.path("b/curve.csv")).unwrap();
    assert_eq!(curve.lines().count(), 13);
    assert_ne!(policy("b"), five);
    let told = desk.print("train --out b --resume");
    assert!(told.starts_with("Nothing was left to do: all 12 iterations"), "{told}");
    assert!(told.contains("--iterations"), "{told}");
    let fewer = desk.refusal("train --out b --resume --iterations 3");
    assert!(fewer.contains("--iterations: b has done 12 iterations; ask for"), "{fewer}");
    desk.print("factorize --input v.npy --rank 3 --policy a/policy.tnmf --out parts");
}

#[test]
fn a_matrix_that_does_not_suit_is_told_as_by_factorize() {
    let desk = desk();
    let mut entries = planted();
    desk.put("v.npy", floats(12, &entries));
    entries[10] = -1.0;
    desk.put("negative.npy", floats(12, &entries));
    desk.put("v.csv", "1,x\n");
    for wrong in ["negative.npy --rank 2", "missing.npy --rank 2", "v.csv --rank 1"] {
        let refusal = desk.refusal(&format!("train --out a --input {wrong}"));
        assert_eq!(refusal, desk.refusal(&format!("factorize --out a --input {wrong}")));
    }
    for (rank, problem) in [("2,10", "10 does not suit v.npy"), ("0", "0 does not suit")] {
        let refusal = desk.refusal(&format!("train --out a --input v.npy --rank {rank}"));
        assert!(refusal.contains(problem), "{refusal}");
    }
    assert!(desk.refusal("train --out a --input v.npy").contains("--rank <R>"));
    assert!(desk.refusal("train --out a --rank 2").contains("--input <V>"));

    desk.print("train --config tiny.toml --input v.npy --rank 2 --out b");
    entries[10] = 1.0;
    desk.put("v.npy", floats(12, &entries));
    let refusal = desk.refusal("train --out b --resume");
    assert!(refusal.starts_with("v.npy: the matrix is not the one"), "{refusal}");
    desk.print("export b/checkpoint.json --out p.onnx");
}

#[test]
fn a_folder_with_a_run_is_not_written_over() {
    let desk = desk();
    desk.print("train --config tiny.toml --out a");
    let refusal = desk.refusal("train --config tiny.toml --out a");
    assert!(refusal.contains("--resume"), "{refusal}");
    desk.put("empty.txt", "");
    let refusal = desk.refusal("train --out a --resume --seed 3");
    assert!(refusal.contains("cannot be used with"), "{refusal}");
}

#[test]
fn wrong_configurations_are_refused_with_their_place() {
    let desk = desk();
    for (text, words) in [
        ("iterations = 0", "iterations is 0, but must be from 1 to 1000000"),
        ("iteration = 3", "unknown field"),
        ("seed = 0\niterations = \"x\"", "line 2"),
        ("[family]\nrank = [2, 99]", "rank"),
        ("policy = [65]", "64 units"),
        ("imitate = \"hals\"", "imitate takes a classical rule of gradient steps"),
        ("[ppo]\ndiscount = 1.5", "discount"),
    ] {
        desk.put("wrong.toml", text);
        let refusal = desk.refusal("train --config wrong.toml --out new");
        assert!(refusal.starts_with("wrong.toml") && refusal.contains(words), "{refusal}");
    }
    for (text, mode, words) in [
        (
            "[family]\nrows = [10, 20]",
            " --mode schedule",
            "family is for mode scale-free and paper",
        ),
        (
            "mode = \"schedule\"\nreward = \"end\"",
            "",
            "reward is for mode scale-free, not schedule",
        ),
    ] {
        desk.put("wrong.toml", text);
        let refusal = desk.refusal(&format!("train --config wrong.toml{mode} --out new"));
        assert!(refusal.contains(words), "{refusal}");
    }
    desk.put("checkpoint.json", "{\"version\":1}");
    let refusal = desk.refusal("train --out . --resume");
    assert!(refusal.contains("checkpoint.json: a checkpoint of version 1"), "{refusal}");
}

#[test]
fn formats_hold_the_same_policy() {
    let desk = desk();
    desk.print("train --config tiny.toml --out a");
    desk.print("export a/checkpoint.json --out p.safetensors");
    desk.print("export p.safetensors --out q.tnmf");
    desk.print("export a/checkpoint.json --out r.tnmf");
    desk.print("export r.tnmf --out s.rs");
    let policy = fs::read(desk.path("a/policy.tnmf")).unwrap();
    assert_eq!(policy, fs::read(desk.path("q.tnmf")).unwrap());
    assert_eq!(policy, fs::read(desk.path("r.tnmf")).unwrap());
    let module = fs::read_to_string(desk.path("s.rs")).unwrap();
    let bytes = module.split(['[', ',', '\n', ' ']).filter_map(|word| word.strip_prefix("0x"));
    let bytes: Vec<u8> = bytes.map(|hex| u8::from_str_radix(hex, 16).unwrap()).collect();
    assert_eq!(policy, bytes);
    desk.print("export p.safetensors --out p.onnx");
    desk.print("export a/checkpoint.json --out q.onnx");
    let model = fs::read(desk.path("p.onnx")).unwrap();
    assert_eq!(model, fs::read(desk.path("q.onnx")).unwrap());
    assert!(model.windows(8).any(|bytes| bytes == b"log_rate"));
    for ending in ["safetensors", "onnx"] {
        let refusal = desk.refusal(&format!("export r.tnmf --out t.{ending}"));
        assert!(refusal.contains("checkpoint"), "{refusal}");
    }
    let refusal = desk.refusal("export r.tnmf --out t.docx");
    assert!(refusal.contains(".safetensors or .onnx"), "{refusal}");
}

/// Trains for a minute or two, so only where the compiler has optimised; results do not depend on it.
#[cfg(not(debug_assertions))]
#[test]
fn the_shipped_policy_is_remade_byte_for_byte() {
    let desk = Desk::new();
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/shipped.toml");
    desk.print(&format!("train --config {config} --out a"));
    let policy = fs::read(desk.path("a/policy.tnmf")).unwrap();
    assert!(policy == tinynmf_core::policy::SHIPPED, "the training makes another policy now");
}

/// The README's first command, optimised as there.
#[cfg(not(debug_assertions))]
#[test]
fn the_demo_goes_the_whole_way() {
    let desk = Desk::new();
    let printed = desk.print("demo --out demo");
    assert_eq!(desk.files("demo"), ["demo.png", "policy.tnmf", "runs.csv"]);
    assert!(printed.contains("every bit of W, H and all losses agrees"), "{printed}");
    assert!(printed.lines().all(|line| line.chars().count() <= 80), "{printed}");
    let runs = fs::read_to_string(desk.path("demo/runs.csv")).unwrap();
    for rule in [
        "learned here",
        "widening(2, 1.3, 1.2, 0.7, 0.5)",
        "growing(0.2, 1.2, 1.3, 3)",
        "hals",
        "bound(0.95)",
    ] {
        assert!(printed.contains(rule), "{rule}: {printed}");
        for start in 0..5 {
            assert!(runs.contains(&format!("\"{rule}\",{start},1,")), "{rule} from {start}");
        }
    }
}
