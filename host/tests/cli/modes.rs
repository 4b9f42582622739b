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

#[test]
fn training_can_begin_with_a_rule_and_do_without_an_observation() {
    let desk = desk();
    let more =
        "imitate = \"cosine(0.8)\"\nwithout = [\"t/T\"]\nreward = \"end\"\npersistence = 0.5\n";
    desk.put("more.toml", format!("{more}{TINY}[ppo]\nwarm_up = 3\n"));
    desk.print("train --config more.toml --out a");
    let refused = [
        ("imitate = \"cosine(0.8)\"", "imitate = \"kosine\"", "a classical rule"),
        ("\"t/T\"", "\"t\"", "names of observations"),
        ("persistence = 0.5", "persistence = 1.0", "persistence must lie"),
        ("reward = \"end\"", "reward = \"never\"", "never"),
    ];
    for (right, wrong, reason) in refused {
        desk.put("wrong.toml", format!("{more}{TINY}").replace(right, wrong));
        let refusal = desk.refusal("train --config wrong.toml --out b");
        assert!(refusal.contains(reason), "{refusal}");
    }
    desk.put("paper.toml", format!("{more}{TINY}"));
    let refusal = desk.refusal("train --config paper.toml --mode paper --out c");
    assert!(refusal.contains("mode scale-free"), "{refusal}");
}

/// Half a minute of arithmetic, so only where the compiler has optimised.
#[cfg(not(debug_assertions))]
#[test]
fn a_study_answers_all_its_questions() {
    let desk = Desk::new();
    let printed = desk.print("study --runs 20 --iterations 1 --out s");
    assert_eq!(desk.files("s"), ["learned.md", "schedules.png"]);
    assert_eq!(fs::read_to_string(desk.path("s/learned.md")).unwrap(), printed);
    assert!(printed.contains("0 of 20 runs diverged"), "{printed}");
    let int8 = printed.split("int8 takes ").nth(1).and_then(|it| it.split(' ').next());
    let int8: f64 = int8.unwrap().parse().unwrap();
    assert!((0.99..1.01).contains(&int8), "int8 takes {int8} times float's epochs");
}
