//! Good input: what is written and printed is what was computed.

use std::fs;

use serde_json::Value;
use tinynmf::matrix::{Matrix, ReadOptions};

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
            "factorize --input v.npy --rank 3 --epochs 80 --tol 0 --seed 4 --out out --rule {rule}"
        ));
        assert!(report.contains(rule), "{report}");
        assert_eq!(desk.files("out"), ["h.npy", "loss.csv", "w.npy"]);
        let [v, w, h] = ["v.npy", "out/w.npy", "out/h.npy"]
            .map(|name| Matrix::read(desk.path(name), ReadOptions::default()).unwrap());
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
        assert_eq!(lines[0], "epoch,cost,objective");
        assert!(lines.len() > 3 && lines[1].starts_with("0,0,"), "{}", lines[1]);
        let last: Vec<f64> =
            lines.last().unwrap().split(',').map(|cell| cell.parse().unwrap()).collect();
        assert!(last.len() == 3 && last[1] >= 80.0, "{last:?}");
        assert!((last[2] - loss).abs() <= 1e-3 * loss, "{last:?}");
        assert!(report.contains("not converged after") && report.contains("raise --epochs"));
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

#[test]
fn a_run_says_how_it_ended() {
    let desk = desk();
    let report = desk.print("factorize --input v.npy --rank 3 --out out");
    assert!(report.contains("widening(") && report.contains("converged after"), "{report}");
    let most = desk.print("factorize --input v.npy --rank 3 --starts 5 --threads 1 --out best");
    assert!(most.contains("the best of 5 starts"), "{most}");
    assert!(printed(&most, "loss") <= printed(&report, "loss"));
    let refusal = desk.refusal("factorize --input v.npy --rank 3 --rule fixed(9) --out wild");
    assert!(refusal.contains("diverge") && refusal.contains("smaller step"), "{refusal}");
}

#[test]
fn starts_are_written_and_taken_up() {
    let desk = desk();
    desk.print("factorize --input v.npy --rank 3 --init nndsvda --epochs 0 --save-start --out a");
    let bytes = |name: &str| fs::read(desk.path(name)).unwrap();
    assert_eq!((bytes("a/w.npy"), bytes("a/h.npy")), (bytes("a/w0.npy"), bytes("a/h0.npy")));
    let from = "--w0 a/w0.npy --h0 a/h0.npy";
    desk.print(&format!("factorize --input v.npy --rank 3 {from} --out b"));
    desk.print("factorize --input v.npy --rank 3 --init nndsvda --out c");
    assert_eq!(bytes("b/h.npy"), bytes("c/h.npy"));
    let wrong = desk.refusal(&format!("factorize --input v.npy --rank 2 {from} --out d"));
    assert!(wrong.contains("a/w0.npy: this is 12 x 3, but 12 x 2 fits"), "{wrong}");
}

#[test]
fn a_run_replaces_all_files_of_an_earlier_one_and_no_others() {
    let desk = desk();
    let run = |options: &str| desk.print(&format!("factorize --input v.npy --out out {options}"));
    run("--rank 2 --save-start --report");
    for (name, text) in [("out/mine.npy", "mine"), ("out/ranks.csv", "rank"), ("out/part1.png", "")]
    {
        desk.put(name, text);
    }
    run("--rank 3 --output-format csv");
    assert_eq!(desk.files("out"), ["h.csv", "loss.csv", "mine.npy", "ranks.csv", "w.csv"]);
    // A table is a start as good as an array, and what is read is replaced only at the end.
    run("--rank 3 --start out --epochs 0");
    assert_eq!(desk.files("out"), ["h.npy", "loss.csv", "mine.npy", "ranks.csv", "w.npy"]);
    desk.put("out/w.csv", "1\n");
    let both = desk.refusal("factorize --input v.npy --rank 3 --start out --out new");
    assert!(both.contains("out holds factors as .npy and as .csv; name two of them"), "{both}");
    // A folder without a run's losses is somebody else's.
    fs::create_dir(desk.path("theirs")).unwrap();
    desk.put("theirs/w.csv", "1\n");
    desk.print("factorize --input v.npy --rank 2 --out theirs");
    assert_eq!(desk.files("theirs"), ["h.npy", "loss.csv", "w.csv", "w.npy"]);
    // Neither is a start that is named by its files an old result.
    desk.print("factorize --input v.npy --rank 2 --out a --save-start");
    desk.print("factorize --input v.npy --rank 2 --out a --w0 a/w0.npy --h0 a/h0.npy");
    assert_eq!(desk.files("a"), ["h.npy", "h0.npy", "loss.csv", "w.npy", "w0.npy"]);
}

#[test]
fn a_penalty_on_one_factor_alone_is_warned_of() {
    let desk = desk();
    let told = |options: &str| {
        let line = format!("factorize --input v.npy --rank 2 --out out {options}");
        String::from_utf8(desk.run(&line).stderr).unwrap()
    };
    let warning = told("--l1-h 0.1");
    assert!(warning.contains("warning: a penalty on H alone shrinks H while W grows"), "{warning}");
    assert!(warning.contains("add one on W, such as --l2-w"), "{warning}");
    assert!(told("--l1-w 0.1").contains("such as --l2-h"));
    desk.put("known.csv", "1,2,3,1,2,3,1,2,3\n");
    for options in ["", "--l1-h 0.1 --l2-w 0.1", "--l1-w 0.1 --known-h known.csv"] {
        assert!(!told(options).contains("warning"), "{options}");
    }
}

#[test]
fn latents_of_the_same_data_are_those_of_the_factorisation() {
    let desk = desk();
    let fit = desk.print("factorize --input v.npy --rank 3 --tol 1e-6 --epochs 2000 --out a");
    let report = desk.print("transform --w a/w.npy --input v.npy --out h.npy");
    let (fit, latents) = (printed(&fit, "loss"), printed(&report, "loss"));
    assert!(latents <= fit * 1.0001 && latents > 0.99 * fit, "{report}");
    let wrong = desk.refusal("transform --w a/h.npy --input v.npy --out h.npy");
    assert!(wrong.contains("v.npy: 12 rows, but a/h.npy has 3"), "{wrong}");
}

#[test]
fn a_report_shows_what_was_found() {
    let desk = Desk::new();
    desk.put("v.csv", "name,red,green\nfirst,1,2\nsecond,2,4\nthird,5,1\n");
    let printed = desk.print("factorize --input v.csv --rank 2 --out out --report");
    assert!(printed.contains("loss.csv, report.html"), "{printed}");
    assert_eq!(desk.files("out"), ["h.npy", "loss.csv", "report.html", "w.npy"]);
    let page = fs::read_to_string(desk.path("out/report.html")).unwrap();
    assert!(page.contains("v.csv: 3 x 2, rank 2") && page.contains("green (1.00)"), "{page}");
    assert!(page.contains("third") && page.contains("<svg"));
}

/// A sparse matrix is never filled: its zeros, 10¹⁰ of them, would take 40 GB.
#[test]
fn a_sparse_matrix_stays_sparse() {
    let desk = Desk::new();
    let places = (0..300).map(|k| format!("{} {} {}", 1 + k * 331, 1 + k * k % 99_991, 1 + k % 7));
    let lines: Vec<String> = places.collect();
    let head = "%%MatrixMarket matrix coordinate integer general\n100000 100000 300\n";
    desk.put("v.mtx", format!("{head}{}\n", lines.join("\n")));
    let ended = desk.print("factorize --input v.mtx --rank 2 --out out --epochs 3 --tol 0");
    assert!(ended.contains("w.npy (100000 x 2)"), "{ended}");
    let ranks = desk.refusal("factorize --input v.mtx --rank 1..2 --out ranks");
    assert!(ranks.contains("works on all entries"), "{ranks}");
}

#[test]
fn zeros_may_be_unknown_and_ranks_compared() {
    let desk = Desk::new();
    let mut entries = planted();
    // The largest two are not known.
    for _ in 0..2 {
        let largest = entries.iter().copied().fold(0.0, f32::max);
        *entries.iter_mut().find(|entry| **entry >= largest).unwrap() = 0.0;
    }
    desk.put("v.npy", floats(12, &entries));
    let run = |options: &str| {
        desk.print(&format!("factorize --input v.npy --rank 3 --out out {options}"))
    };
    let (filled, missing) = (run(""), run("--missing zero --epochs 2000"));
    assert!(printed(&missing, "loss") < 0.2 * printed(&filled, "loss"), "{missing} {filled}");
    // However they are marked, the same entries are left out: the same bits.
    let known = fs::read(desk.path("out/w.npy")).unwrap();
    let unknown: Vec<f32> =
        entries.iter().map(|entry| if *entry == 0.0 { f32::NAN } else { *entry }).collect();
    desk.put("nan.npy", floats(12, &unknown));
    let cells: Vec<String> = unknown.iter().map(f32::to_string).collect();
    let rows: Vec<String> = cells.chunks(cells.len() / 12).map(|row| row.join(",")).collect();
    desk.put("nan.csv", rows.join("\n").replace("NaN", ""));
    let mask: Vec<f32> = entries.iter().map(|entry| f32::from(*entry > 0.0)).collect();
    desk.put("mask.npy", floats(12, &mask));
    for how in ["nan.npy --missing nan", "nan.csv --missing nan", "v.npy --missing mask mask.npy"] {
        desk.print(&format!("factorize --input {how} --rank 3 --out same --epochs 2000"));
        assert_eq!(fs::read(desk.path("same/w.npy")).unwrap(), known, "{how}");
    }
    let refused = desk.refusal("factorize --input nan.npy --rank 3 --out no");
    assert!(refused.contains("NaN"), "{refused}");
    desk.put("short.npy", floats(1, &[1.0]));
    let shape = desk.refusal("factorize --input v.npy --missing mask short.npy --rank 3 --out no");
    assert!(shape.contains("the mask is 1 x 1, but v.npy is 12 x"), "{shape}");
    let how = desk.refusal("factorize --input v.npy --missing no --rank 3 --out no");
    assert!(how.contains("say nan, zero, or mask and a file"), "{how}");
    // Hidden entries of a small matrix tell little: a larger one, of three parts and some noise.
    let random = |k: usize| {
        let x = (k as f32 * 12.9898).sin() * 43_758.547;
        x - x.floor()
    };
    let product = |i, j| (0..3).map(|k| random(3 * i + k) * random(500 + 3 * j + k)).sum::<f32>();
    let entries: Vec<f32> =
        (0..60 * 40).map(|at| product(at / 40, at % 40) + 0.02 * random(1000 + at)).collect();
    desk.put("large.npy", floats(60, &entries));
    let table = desk.print("factorize --input large.npy --rank 1..5 --out ranks");
    assert!(table.contains("Wold 1978") && table.contains("rank 3 is the lowest"), "{table}");
    assert_eq!(fs::read_to_string(desk.path("ranks/ranks.csv")).unwrap().lines().count(), 6);
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
        "hals",
        "sweeps(1.5,2)",
        "growing(0.1,1.2,1.3,2)",
        "adaptive(0.1,1.5,0.3,1.3,3)",
        "thrifty(0.1,1.5,0.3,1.3,0.8)",
        "alternate(4,1.5)",
        "dai_yuan",
        "sdc(4,2)",
        "abbmin(0.8,5)",
        "adgd",
        "wsd(1.9,0.2)",
        "linear_cauchy(1,0.2)",
        "adagrad_norm(1.9)",
        "widening(2,1.3,1.2,0.7,0.5)",
        "learned",
        "schedule",
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
            "cost",
            "cost_to",
            "diverged",
            "epochs_to",
            "extrapolation_h",
            "extrapolation_w",
            "loss",
            "moves_h",
            "moves_w",
            "rule",
            "seed",
            "share_h",
            "share_w",
        ];
        assert_eq!(keys, expected);
        assert_eq!(numbers(run, "loss").len(), 41);
        for field in
            ["alpha_w", "alpha_h", "bound_w", "bound_h", "extrapolation_w", "extrapolation_h"]
        {
            assert_eq!(numbers(run, field).len(), 40, "{field}");
            assert!(numbers(run, field).iter().all(|x| *x >= 0.0), "{field}");
        }
        for field in ["share_w", "share_h"] {
            let shares = numbers(run, field);
            assert!(shares.len() == 40 && shares.iter().all(|x| *x > 0.0 && *x <= 1.0), "{field}");
        }
        let cost = numbers(run, "cost");
        assert!(cost.len() == 41 && cost[0] == 0.0 && cost.is_sorted(), "{cost:?}");
        assert_eq!(run["moves_w"].as_array().unwrap().len(), 40);
        let moves = run["moves_h"][0].as_array().unwrap().len();
        let expected = if run["rule"] == "sweeps(1.5,2)" { 2..=2 } else { 0..=8 };
        assert!(expected.contains(&moves), "{run}");
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
    desk.put("s.tnmf", tinynmf_core::policy::SCHEDULE);
    let text = desk.print("inspect s.tnmf --plot s.svg");
    assert!(text.contains("(set 3)") && text.contains("15 -> 5\n"), "{text}");
    assert!(fs::read_to_string(desk.path("s.svg")).unwrap().contains("extrapolation"));
    let module = desk.print("export s.tnmf --out s.rs");
    assert!(module.starts_with("s.rs ("), "{module}");
    assert!(fs::read(desk.path("p.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn a_policy_of_schedules_is_used_without_a_rule() {
    let desk = desk();
    desk.put("s.tnmf", tinynmf_core::policy::SCHEDULE);
    desk.put("p.tnmf", tinynmf_core::policy::SHIPPED);
    let parts = |out: &str, more: &str| {
        desk.print(&format!("factorize --input v.npy --rank 2 --epochs 9 --out {out} {more}"));
        ["w.npy", "h.npy"].map(|name| fs::read(desk.path(out).join(name)).unwrap())
    };
    assert_eq!(parts("a", "--policy s.tnmf"), parts("b", "--rule schedule"));
    assert_eq!(parts("c", "--policy s.tnmf --rule schedule"), parts("b", "--rule schedule"));
    assert_eq!(parts("d", "--policy p.tnmf"), parts("e", "--rule learned"));
    let shipped = comparison(&desk, "--epochs 20 --seeds 1 --rules schedule,learned");
    let given = "--epochs 20 --seeds 1 --rules schedule,learned --policy s.tnmf";
    assert_eq!(shipped, comparison(&desk, given));
    for (line, asks) in [
        ("factorize --out f --rule learned --policy s.tnmf", "schedule"),
        ("factorize --out f --rule schedule --policy p.tnmf", "learned"),
        ("factorize --out f --rule hals --policy p.tnmf", "learned"),
        ("compare --rules learned,hals --policy s.tnmf", "schedule"),
    ] {
        let told = desk.refusal(&format!("{line} --input v.npy --rank 2"));
        assert!(told.contains(&format!("which is for '{asks}'; name the rule '{asks}'")), "{told}");
    }
    let told = desk.refusal("study --out t --policy s.tnmf");
    assert!(told.starts_with("s.tnmf: this is a policy of schedules"), "{told}");
}

#[test]
fn tables_fit_80_columns_and_pictures_are_pictures() {
    let desk = desk();
    let text = desk.print("compare --input v.npy --rank 2 --epochs 150 --seeds 4 --plot p.svg");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(fs::read_to_string(desk.path("p.svg")).unwrap().contains("armijo(0.1,0.5,1)"));
    let cut = |line: &str| line.trim_start().chars().next().is_some_and(|it| it.is_ascii_digit());
    let cuts: Vec<&str> = text.lines().filter(|line| cut(line)).collect();
    assert!(cuts.iter().all(|line| line.starts_with("  ") && line.ends_with(')')), "{text}");
    for line in ["--help", "--version", "factorize --help", "compare --help", "inspect --help"] {
        let text = desk.print(line);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
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
