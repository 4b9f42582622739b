//! `train` by another algorithm and in another mode than those that ship.

use std::fs;

use super::Desk;

const TINY: &str = "iterations = 6\nepisodes = 8\nproblems = 5\npolicy = [6]\nvalue = [6]\n\
                    log_deviation = -4.0\n[es]\npairs = 4\n[family]\nrows = [16, 20]\n\
                    columns = [12, 16]\nrank = [2, 4]\nhorizon = [10, 20]\n";

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("tiny.toml", TINY);
    desk
}

#[test]
fn evolution_strategies_leave_a_policy_like_any_other() {
    let desk = desk();
    desk.print("train --config tiny.toml --algorithm es --out a");
    desk.print("export a/checkpoint.json --out b.tnmf");
    let policy = |path: &str| fs::read(desk.path(path)).unwrap();
    assert_eq!(policy("a/policy.tnmf"), policy("b.tnmf"));
    desk.put("odd.toml", TINY.replace("episodes = 8", "episodes = 9"));
    let refusal = desk.refusal("train --config odd.toml --algorithm es --out c");
    assert!(refusal.contains("multiple of 2 * pairs"), "{refusal}");
}

#[test]
fn a_policy_of_mode_paper_stays_a_checkpoint() {
    let desk = desk();
    for algorithm in ["ppo", "es"] {
        let printed = desk.print(&format!(
            "train --config tiny.toml --mode paper --algorithm {algorithm} --out {algorithm}"
        ));
        assert!(!printed.contains("policy.tnmf"), "{printed}");
        let names = desk.files(algorithm);
        assert!(
            ["checkpoint.json", "curve.csv"].iter().all(|name| names.iter().any(|n| n == name))
        );
        assert!(!names.iter().any(|name| name == "policy.tnmf"), "{names:?}");
        for target in ["p.tnmf", "p.safetensors", "p.rs"] {
            let refusal =
                desk.refusal(&format!("export {algorithm}/checkpoint.json --out {target}"));
            assert!(refusal.contains("mode paper"), "{refusal}");
        }
    }
}
