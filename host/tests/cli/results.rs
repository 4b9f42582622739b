//! Good input: what is written and printed is what was computed.

use std::fs;

use serde_json::Value;
use tinynmf_host::matrix::Matrix;

use super::{Desk, floats, planted};

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("v.npy", floats(12, &planted()));
    desk
}

/// The number after `label` in a report.
fn printed(report: &str, label: &str) -> f64 {
    let line = report.lines().find(|line| line.starts_with(label)).unwrap();
    line[label.len()..].split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn factors_have_the_printed_loss() {
    let desk = desk();
    for rule in ["learned", "bound(0.5)", "random"] {
        let report = desk.print(&format!(
            "factorize --input v.npy --rank 3 --epochs 80 --seed 4 --out out --rule {rule}"
        ));
        assert!(report.contains(rule), "{report}");
        assert_eq!(desk.files("out"), ["h.npy", "loss.csv", "w.npy"]);
        let [v, w, h] =
            ["v.npy", "out/w.npy", "out/h.npy"].map(|name| Matrix::read(desk.path(name)).unwrap());
        assert_eq!([(w.rows(), w.cols()), (h.rows(), h.cols())], [(12, 3), (3, 9)]);
        let (mut squares, mut norm) = (0.0, 0.0);
        for (index, v) in v.entries().iter().enumerate() {
            let (i, j) = (index / 9, index % 9);
            let product =
                |k: usize| f64::from(w.entries()[3 * i + k]) * f64::from(h.entries()[9 * k + j]);
            squares += (f64::from(*v) - (0..3).map(product).sum::<f64>()).powi(2);
            norm += f64::from(*v).powi(2);
        }
        let (loss, error) = (printed(&report, "loss"), printed(&report, "relative error"));
        assert!((loss / (0.5 * squares) - 1.0).abs() < 1e-3, "{report}");
        assert!((error / (squares / norm).sqrt() - 1.0).abs() < 1e-3, "{report}");

        let table = fs::read_to_string(desk.path("out/loss.csv")).unwrap();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "epoch,loss,alpha_w,alpha_h,bound_w,bound_h");
        assert_eq!(lines.len(), 82);
        assert!(lines[1].starts_with("0,") && lines[1].ends_with(",,,,"), "{}", lines[1]);
        let last: Vec<f64> = lines[81].split(',').map(|cell| cell.parse().unwrap()).collect();
        assert!(last.len() == 6 && (last[1] - loss).abs() <= 1e-6 * loss, "{last:?}");
    }
}

#[test]
fn the_same_command_writes_the_same_bytes() {
    let desk = desk();
    let run = |out: &str| {
        desk.print(&format!(
            "factorize --input v.npy --rank 3 --epochs 30 --batch 0.4 --out {out}"
        ));
        ["w.npy", "h.npy", "loss.csv"].map(|name| fs::read(desk.path(out).join(name)).unwrap())
    };
    assert_eq!(run("a"), run("b"));
}

fn numbers(run: &Value, field: &str) -> Vec<f64> {
    let values = run[field].as_array().unwrap_or_else(|| panic!("no {field}"));
    values.iter().map(|value| value.as_f64().unwrap_or(f64::NAN)).collect()
}

fn comparison(desk: &Desk, options: &str) -> Vec<Value> {
    desk.print(&format!("compare --input v.npy --rank 3 --json out.json {options}"));
    let json: Value = serde_json::from_slice(&fs::read(desk.path("out.json")).unwrap()).unwrap();
    assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), ["runs"]);
    json["runs"].as_array().unwrap().clone()
}

#[test]
fn the_json_of_a_comparison_has_every_field() {
    let desk = desk();
    let runs = comparison(&desk, "--epochs 40 --seeds 3 --rules all,bound(0.5)");
    let order: Vec<_> =
        runs.iter().map(|run| (run["rule"].as_str().unwrap(), &run["seed"])).collect();
    let rules = [
        "fixed(0.01)",
        "bound(0.95)",
        "random",
        "around(0.5)",
        "armijo(0.1,0.5,1)",
        "lin(0.01,0.5,1)",
        "cauchy",
        "bb1",
        "bb2",
        "abb",
        "silver",
        "decay(0.95,50)",
        "cosine(0.95)",
        "learned",
        "bound(0.5)",
    ];
    assert_eq!(order.len(), 3 * rules.len());
    for (index, (rule, seed)) in order.into_iter().enumerate() {
        assert_eq!((rule, seed.as_u64()), (rules[index / 3], Some(index as u64 % 3)));
    }
    for run in &runs {
        let mut keys: Vec<&str> = run.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        let expected = [
            "alpha_h",
            "alpha_w",
            "bound_h",
            "bound_w",
            "diverged",
            "epochs_to",
            "loss",
            "rule",
            "seed",
        ];
        assert_eq!(keys, expected);
        assert_eq!(numbers(run, "loss").len(), 41);
        for field in ["alpha_w", "alpha_h", "bound_w", "bound_h"] {
            assert_eq!(numbers(run, field).len(), 40, "{field}");
            assert!(numbers(run, field).iter().all(|x| *x >= 0.0), "{field}");
        }
        assert!(run["diverged"].is_boolean());
        assert_eq!(run["epochs_to"].as_object().unwrap().len(), 3);
    }
}

#[test]
fn every_rule_starts_where_the_others_do_and_gaps_are_to_the_best() {
    let desk = desk();
    let runs = comparison(&desk, "--epochs 40 --seeds 2");
    for seed in 0..2 {
        let of_seed: Vec<&Value> = runs.iter().filter(|run| run["seed"] == seed).collect();
        let first = numbers(of_seed[0], "loss")[0];
        let losses = of_seed.iter().flat_map(|run| numbers(run, "loss"));
        let best = losses.fold(f64::INFINITY, f64::min);
        for run in of_seed {
            let loss = numbers(run, "loss");
            assert_eq!(loss[0].to_bits(), first.to_bits());
            for (name, tau) in [("1e-1", 1e-1), ("1e-2", 1e-2), ("1e-3", 1e-3)] {
                let epoch = loss.iter().position(|loss| (loss - best) / (first - best) <= tau);
                assert_eq!(run["epochs_to"][name].as_u64(), epoch.map(|epoch| epoch as u64));
            }
        }
    }
    assert!(runs[0]["loss"][0] != runs[1]["loss"][0], "seeds differ");
}

#[test]
fn a_share_of_the_bound_is_kept_and_never_climbs() {
    let desk = desk();
    for run in comparison(&desk, "--epochs 60 --seeds 2 --rules bound(0.5),bound(0.95)") {
        let share = if run["rule"] == "bound(0.5)" { 0.5 } else { 0.95 };
        for (alpha, bound) in [("alpha_w", "bound_w"), ("alpha_h", "bound_h")] {
            for (alpha, bound) in numbers(&run, alpha).iter().zip(numbers(&run, bound)) {
                assert!((alpha / bound / share - 1.0).abs() < 1e-6, "{alpha} of {bound}");
            }
        }
        let loss = numbers(&run, "loss");
        assert!(loss.is_sorted_by(|a, b| *b <= a * (1.0 + 1e-6)), "{loss:?}");
        assert_eq!(run["diverged"], false);
    }
}

#[test]
fn a_run_that_diverges_is_told_with_null_for_what_is_no_number() {
    let desk = desk();
    let runs = comparison(&desk, "--epochs 30 --seeds 1 --rules bound,fixed(1e30)");
    assert_eq!(runs[1]["diverged"], true);
    assert_eq!(runs[1]["epochs_to"]["1e-1"], Value::Null);
    let loss = runs[1]["loss"].as_array().unwrap();
    assert!(loss.iter().all(|loss| loss.is_null() || loss.as_f64().is_some_and(f64::is_finite)));
}

#[test]
fn a_policy_file_is_used_and_inspected() {
    let desk = desk();
    desk.put("p.tnmf", tinynmf_core::policy::SHIPPED);
    let shipped = comparison(&desk, "--epochs 20 --seeds 1 --rules learned");
    let given = comparison(&desk, "--epochs 20 --seeds 1 --rules learned --policy p.tnmf");
    assert_eq!(shipped, given);
    let text = desk.print("inspect p.tnmf --plot p.png");
    assert_eq!(text, desk.print("inspect"));
    assert!(fs::read(desk.path("p.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn tables_fit_80_columns_and_pictures_are_pictures() {
    let desk = desk();
    let text = desk.print("compare --input v.npy --rank 2 --epochs 150 --seeds 4 --plot p.svg");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(fs::read_to_string(desk.path("p.svg")).unwrap().contains("armijo(0.1,0.5,1)"));
    for line in ["--help", "--version", "factorize --help", "compare --help", "inspect --help"] {
        let text = desk.print(line);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_files() {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    let desk = desk();
    let line = "factorize --input v.npy --rank 9 --epochs 4000000000 --out out";
    let mut run = desk.command(line).stderr(Stdio::null()).spawn().unwrap();
    while !desk.path("out").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(100));
    let kill = Command::new("kill").arg("-INT").arg(run.id().to_string()).status().unwrap();
    assert!(kill.success());
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert_eq!(desk.files("out"), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_early_is_no_error() {
    use std::process::Stdio;

    let desk = desk();
    let mut run =
        desk.command("inspect").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(run.stdout.take());
    let output = run.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
