//! Faults around the program: signals at random moments, a second process, full disks, missing rights.
//!
//! Every round prints the seed of its random moments; `TINYNMF_SEED=N` repeats it.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::{Desk, floats, planted};
use tinynmf::matrix::{Matrix, ReadOptions};

/// A training of about half a second.
const TRAINING: &str = "iterations = 150\nepisodes = 6\nproblems = 5\npolicy = [6]\nvalue = [6]\n\
    [family]\nrows = [16, 20]\ncolumns = [12, 16]\nrank = [2, 4]\nhorizon = [10, 20]\n";

/// The files of a finished training.
const TRAINED: [&str; 5] =
    ["checkpoint.json", "curve.csv", "curve.png", "events.out.tfevents.tinynmf", "policy.tnmf"];

/// Those that hang on nothing but configuration and seed.
const SAME: [&str; 3] = ["policy.tnmf", "curve.csv", "curve.png"];

const FACTORS: [&str; 3] = ["h.npy", "loss.csv", "w.npy"];

/// How a program is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Kill,
    Interrupt,
    Terminate,
}

const SIGNALS: [Signal; 3] = [Signal::Kill, Signal::Interrupt, Signal::Terminate];

impl Signal {
    fn send(self, child: &mut Child) {
        let name = match self {
            Self::Kill => return child.kill().unwrap(),
            Self::Interrupt => "-INT",
            Self::Terminate => "-TERM",
        };
        // It may have ended by itself meanwhile.
        Command::new("kill").arg(name).arg(child.id().to_string()).output().unwrap();
    }
}

/// Random moments (SplitMix64), from a seed that is printed.
struct Moments(u64);

impl Moments {
    fn new(what: &str) -> Self {
        let given = std::env::var("TINYNMF_SEED").ok().map(|seed| seed.parse().unwrap());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        let seed = given.unwrap_or(now);
        println!("{what}: TINYNMF_SEED={seed}");
        Self(seed)
    }

    /// A moment before `end`.
    fn before(&mut self, end: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        end.mul_f64((x ^ (x >> 31)) as f64 / 2_f64.powi(64))
    }
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("t.toml", TRAINING);
    desk.put("v.npy", floats(12, &planted()));
    desk
}

fn start(desk: &Desk, line: &str) -> Child {
    desk.command(line).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Exit code of a child, and its words on stderr.
fn end(mut child: Child) -> (Option<i32>, String) {
    let mut words = String::new();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    (child.wait().unwrap().code(), words)
}

/// Waits until `path` is there, and the child that makes it with it.
fn wait_for(path: &Path, child: &mut Child) {
    while !path.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended without {}", path.display());
        sleep(Duration::from_millis(2));
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let before = Instant::now();
    work();
    before.elapsed()
}

/// The contents of those files of a folder that are there.
fn contents(desk: &Desk, folder: &str, names: &[&str]) -> Vec<Vec<u8>> {
    names.iter().filter_map(|name| fs::read(desk.path(folder).join(name)).ok()).collect()
}

/// Temporary files in a folder, if there is one.
fn temporary(desk: &Desk, folder: &str) -> Vec<String> {
    if !desk.path(folder).exists() {
        return Vec::new();
    }
    desk.files(folder).into_iter().filter(|name| name.starts_with('.')).collect()
}

#[test]
fn a_training_that_is_stopped_again_and_again_ends_with_the_same_bytes() {
    let (desk, mut moments) = (desk(), Moments::new("train"));
    let whole = timed(|| drop(desk.print("train --config t.toml --out whole")));
    let expected = contents(&desk, "whole", &SAME);
    for signal in SIGNALS {
        let folder = format!("{signal:?}");
        let mut stopped = 0;
        for _ in 0..6 {
            let there = desk.path(&folder).join("checkpoint.json").exists();
            let how = if there { "--resume" } else { "--config t.toml" };
            let mut child = start(&desk, &format!("train --out {folder} {how}"));
            sleep(moments.before(whole.mul_f64(0.5)));
            signal.send(&mut child);
            let (code, words) = end(child);
            let allowed = if signal == Signal::Kill { None } else { Some(130) };
            // Before it listens to signals, any of them ends it at once, and it has said nothing yet.
            let deaf = code.is_none() && words.is_empty();
            assert!(code == allowed || code == Some(0) || deaf, "{signal:?}: {code:?} {words}");
            stopped += u32::from(code == allowed);
            if signal != Signal::Kill {
                assert_eq!(temporary(&desk, &folder), [""; 0], "{signal:?}");
            }
        }
        assert!(stopped > 0, "{signal:?} came too late each time");
        let there = desk.path(&folder).join("checkpoint.json").exists();
        let how = if there { "--resume" } else { "--config t.toml" };
        desk.print(&format!("train --out {folder} {how}"));
        assert!(contents(&desk, &folder, &SAME) == expected, "{signal:?}");
        assert_eq!(desk.files(&folder), TRAINED, "{signal:?}");
    }
}

#[test]
fn factors_are_all_old_or_all_new_whenever_the_program_is_killed() {
    let (desk, mut moments) = (desk(), Moments::new("factorize"));
    let line = |seed: u32, out: &str| {
        format!("factorize --input v.npy --rank 3 --epochs 20000 --seed {seed} --out {out}")
    };
    let whole = timed(|| drop(desk.print(&line(1, "new"))));
    desk.print(&line(0, "old"));
    let [old, new] = ["old", "new"].map(|folder| contents(&desk, folder, &FACTORS));
    desk.print(&line(0, "out"));
    for _ in 0..15 {
        let mut child = start(&desk, &line(1, "out"));
        sleep(moments.before(whole.mul_f64(1.2)));
        Signal::Kill.send(&mut child);
        end(child);
        // Names may lack their files, but never does a file of one set stand beside one of the other.
        let left = contents(&desk, "out", &FACTORS);
        let of = |set: &[Vec<u8>]| left.iter().all(|file| set.contains(file));
        assert!(of(&old) || of(&new), "old and new are mixed");
    }
    desk.print(&line(1, "out"));
    assert!(contents(&desk, "out", &FACTORS) == new);
    assert_eq!(desk.files("out"), FACTORS);
}

#[test]
fn a_comparison_leaves_both_files_or_neither() {
    let (desk, mut moments) = (desk(), Moments::new("compare"));
    let line = |seeds: u32, name: &str| {
        format!(
            "compare --input v.npy --rank 3 --seeds {seeds} --json {name}.json --plot {name}.svg"
        )
    };
    let whole = timed(|| drop(desk.print(&line(3, "new"))));
    desk.print(&line(2, "old"));
    let files = |name: &str| [format!("{name}.json"), format!("{name}.svg")];
    let read = |name: &str| files(name).map(|name| fs::read(desk.path(&name)).ok());
    let [old, new] = ["old", "new"].map(read);
    // Pictures tell the matrix' name, not their own.
    assert!(old[1] != new[1]);
    desk.print(&line(2, "out"));
    for signal in SIGNALS.iter().cycle().take(9) {
        let mut child = start(&desk, &line(3, "out"));
        sleep(moments.before(whole));
        signal.send(&mut child);
        let (code, words) = end(child);
        assert!([None, Some(0), Some(130)].contains(&code), "{signal:?}: {words}");
        let left = read("out");
        let of =
            |set: &[Option<Vec<u8>>; 2]| (0..2).all(|k| left[k].is_none() || left[k] == set[k]);
        assert!(of(&old) || of(&new), "{signal:?}: old and new are mixed");
    }
    desk.print(&line(3, "out"));
    assert!(read("out") == new);
    assert_eq!(temporary(&desk, "."), [""; 0]);
}

/// The last words of a program, after the line that tells how a matrix was read.
fn said(words: &str) -> &str {
    let lines: Vec<&str> = words.lines().collect();
    match lines[..] {
        [told] => told,
        [read, told] if read.starts_with("read ") => told,
        _ => panic!("one sentence: {words}"),
    }
}

#[test]
fn ctrl_c_keeps_the_best_factors_and_says_how_to_go_on() {
    let (desk, mut moments) = (desk(), Moments::new("factorize, stopped"));
    // Large enough not to be done before the signal comes.
    let entries: Vec<f32> = (0..300 * 200_u64).map(|at| (at * at % 1013) as f32 / 1013.0).collect();
    desk.put("v.npy", floats(300, &entries));
    let line =
        "factorize --input v.npy --rank 8 --epochs 100000000 --tol 0 --rule random --out out";
    for signal in [Signal::Interrupt, Signal::Terminate] {
        let more = if desk.path("out/w.npy").exists() { " --start out" } else { "" };
        let mut child = start(&desk, &format!("{line}{more}"));
        wait_for(&desk.path("out"), &mut child);
        sleep(Duration::from_millis(50) + moments.before(Duration::from_millis(300)));
        signal.send(&mut child);
        let (code, words) = end(child);
        assert_eq!(code, Some(130), "{words}");
        let told = said(&words);
        assert!(told.starts_with("tinynmf: stopped after "), "{told}");
        assert!(told.contains(" epochs' worth of work, and out holds the best so far"), "{told}");
        assert!(told.ends_with("add --start out to go on from there"), "{told}");
        assert_eq!(desk.files("out"), FACTORS);

        let table = fs::read_to_string(desk.path("out/loss.csv")).unwrap();
        let losses = table.lines().skip(2).map(|row| row.split(',').nth(2).unwrap().parse::<f64>());
        let lowest = losses.map(Result::unwrap).fold(f64::INFINITY, f64::min);
        let [v, w, h] = ["v.npy", "out/w.npy", "out/h.npy"].map(|name| {
            Matrix::read(desk.path(name), ReadOptions::default()).unwrap().entries().to_vec()
        });
        let entry = |i: usize, j: usize| -> f64 {
            (0..8).map(|k| f64::from(w[8 * i + k]) * f64::from(h[200 * k + j])).sum()
        };
        let squares = (0..60_000).map(|at| (f64::from(v[at]) - entry(at / 200, at % 200)).powi(2));
        let loss = 0.5 * squares.sum::<f64>();
        assert!((loss / lowest - 1.0).abs() < 1e-2, "{loss} where the table has {lowest}");
    }
    let wrong = desk.refusal("factorize --input v.npy --rank 2 --start out --out out");
    assert!(wrong.contains("out/w.npy: this is 300 x 8, but 300 x 2 fits"), "{wrong}");
}

#[test]
fn a_folder_belongs_to_one_process_and_a_dead_one_holds_it_no_longer() {
    let desk = desk();
    // One start is done before the others are refused.
    let long = "factorize --input v.npy --rank 3 --starts 100000 --tol 0 --rule random --out out";
    let mut first = start(&desk, long);
    wait_for(&desk.path("out"), &mut first);
    sleep(Duration::from_millis(100));
    let short = "factorize --input v.npy --rank 3 --epochs 20 --out out";
    for line in [short, "train --config t.toml --out out", "study --out out", "demo --out out"] {
        let told = desk.told(line, 3);
        let expected =
            "out: another tinynmf writes into this folder; wait until it is done, or name";
        assert!(told.starts_with(expected), "{told}");
    }
    first.kill().unwrap();
    first.wait().unwrap();
    desk.print(short);
    assert_eq!(desk.files("out"), FACTORS);
}

#[test]
fn of_two_trainings_into_one_folder_one_is_refused() {
    let desk = desk();
    desk.print("train --config t.toml --out whole");
    let line = "train --config t.toml --out out";
    let both = [start(&desk, line), start(&desk, line)].map(end);
    let mut codes = both.each_ref().map(|(code, _)| code.unwrap());
    codes.sort_unstable();
    assert_eq!(codes, [0, 3], "{both:?}");
    assert_eq!(contents(&desk, "out", &SAME), contents(&desk, "whole", &SAME));
    assert_eq!(desk.files("out"), TRAINED);
}

#[test]
fn what_a_killed_program_left_is_cleared_away_at_the_next_start() {
    let desk = desk();
    fs::create_dir_all(desk.path("out/.tinynmf-abandoned")).unwrap();
    desk.put("out/.tinynmf-abandoned/w.npy", "half");
    desk.put("out/.tinynmf-half", "half");
    desk.put(".tinynmf-half", "half");
    desk.print("factorize --input v.npy --rank 3 --epochs 20 --out out");
    assert_eq!(desk.files("out"), FACTORS);
    desk.print("compare --input v.npy --rank 3 --epochs 20 --json c.json");
    assert_eq!(temporary(&desk, "."), [""; 0]);
    // A set that was published counts, and is completed.
    fs::create_dir(desk.path("out/.tinynmf-ready")).unwrap();
    for name in FACTORS {
        desk.put(&format!("out/.tinynmf-ready/{name}"), "published");
    }
    desk.told("factorize --input v.npy --rank 3 --start nowhere --out out", 2);
    desk.print("train --config t.toml --out out");
    assert_eq!(contents(&desk, "out", &FACTORS), [b"published"; 3]);
}

#[test]
fn targets_are_checked_before_the_work() {
    let desk = desk();
    fs::create_dir_all(desk.path("out/loss.csv")).unwrap();
    let taken = desk.told("factorize --input v.npy --rank 3 --out out", 1);
    assert!(taken.starts_with("out/loss.csv: cannot be written (is a directory)"), "{taken}");
    fs::create_dir_all(desk.path("t/curve.png")).unwrap();
    let taken = desk.told("train --config t.toml --out t", 1);
    assert!(taken.starts_with("t/curve.png: cannot be written"), "{taken}");
    desk.put("kept.json", "mine");
    let mut rights = fs::metadata(desk.path("kept.json")).unwrap().permissions();
    rights.set_readonly(true);
    fs::set_permissions(desk.path("kept.json"), rights).unwrap();
    let kept = desk.told("compare --input v.npy --rank 3 --json kept.json", 1);
    assert!(kept.contains("kept.json: cannot be written (permission denied)"), "{kept}");
    assert_eq!(fs::read(desk.path("kept.json")).unwrap(), b"mine");
}

#[test]
fn an_input_is_not_overwritten() {
    let desk = desk();
    desk.put("p.tnmf", tinynmf_core::policy::SHIPPED);
    std::os::unix::fs::symlink("v.npy", desk.path("link.npy")).unwrap();
    fs::create_dir(desk.path("parts")).unwrap();
    fs::copy(desk.path("v.npy"), desk.path("parts/w.npy")).unwrap();
    for line in [
        "compare --input v.npy --rank 2 --json v.npy",
        "compare --input v.npy --rank 2 --json ./link.npy",
        "compare --input v.npy --rank 2 --policy p.tnmf --json p.tnmf",
        "evaluate --suite exact --policy p.tnmf --json p.tnmf",
        "export p.tnmf --out ./p.tnmf",
        "factorize --input parts/w.npy --rank 2 --out parts",
    ] {
        let refusal = desk.refusal(line);
        assert!(refusal.contains("would overwrite this input"), "{line}: {refusal}");
    }
    let twice = desk.refusal("compare --input v.npy --rank 2 --json a.svg --plot a.svg");
    assert!(twice.contains("two results would go into this file"), "{twice}");
}

#[test]
fn a_folder_without_rights_is_refused_before_the_work() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let desk = desk();
    let mode = |name: &str, mode| {
        fs::set_permissions(desk.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    fs::create_dir(desk.path("locked")).unwrap();
    // Rights do not bind root, so that there the program runs as nobody, from where nobody may start it.
    fs::copy(env!("CARGO_BIN_EXE_tinynmf"), desk.path("tinynmf")).unwrap();
    for (name, rights) in [("", 0o755), ("tinynmf", 0o755), ("v.npy", 0o644), ("locked", 0o555)] {
        mode(name, rights);
    }
    let root = fs::metadata(desk.path("v.npy")).unwrap().uid() == 0;
    for (line, place) in [
        ("factorize --input v.npy --rank 2 --out locked", "locked"),
        ("factorize --input v.npy --rank 2 --out locked/new", "locked/new"),
        ("compare --input v.npy --rank 2 --json locked/c.json", "locked/c.json"),
    ] {
        let mut command = Command::new(desk.path("tinynmf"));
        command.current_dir(desk.path("")).args(line.split_whitespace());
        if root {
            command.uid(65534).gid(65534);
        }
        let output = command.output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        let expected =
            format!("tinynmf: {place}: cannot be written (permission denied); give your");
        let told = said(&words);
        assert!(output.status.code() == Some(1) && told.starts_with(&expected), "{words}");
    }
    mode("locked", 0o755);
    assert_eq!(desk.files("locked"), [""; 0]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_a_log_that_cannot_be_written_does_no_harm() {
    let desk = desk();
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for line in ["factorize --input v.npy --rank 3 --epochs 20 --out out", "inspect", "--help"] {
        let output = desk.command(line).stdout(full()).output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}: {words}");
        assert!(
            said(&words).starts_with("tinynmf: standard output: cannot be written (no space"),
            "{words}"
        );
    }
    assert_eq!(desk.files("out"), FACTORS, "what was to be kept is kept");
    let both = desk.command("inspect").stdout(full()).stderr(full()).output().unwrap();
    assert_eq!(both.status.code(), Some(1));
    let json = desk.told("compare --input v.npy --rank 3 --epochs 20 --json /dev/full", 1);
    assert!(json.starts_with("/dev/full: cannot be written (no space left"), "{json}");

    desk.print("train --config t.toml --out whole");
    fs::create_dir(desk.path("a")).unwrap();
    let events = desk.path("a/events.out.tfevents.tinynmf");
    std::os::unix::fs::symlink("/dev/full", &events).unwrap();
    let output = desk.run("train --config t.toml --out a");
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words}");
    assert!(
        words.starts_with("tinynmf: warning: a/events.out.tfevents.tinynmf: cannot"),
        "{words}"
    );
    assert_eq!(words.lines().count(), 1, "{words}");
    assert_eq!(contents(&desk, "a", &SAME), contents(&desk, "whole", &SAME));
}

#[cfg(target_os = "linux")]
#[test]
fn no_file_is_read_without_an_end() {
    let desk = desk();
    for name in ["z.toml", "z.tnmf", "z.safetensors", "z.elf"] {
        std::os::unix::fs::symlink("/dev/zero", desk.path(name)).unwrap();
    }
    for (line, limit) in [
        ("train --config z.toml --out new", "z.toml: it has more than 1 MiB, which no config"),
        ("inspect z.tnmf", "z.tnmf: it has more than 64 KiB, which no policy has"),
        ("export z.safetensors --out p.tnmf", "z.safetensors: it has more than 1 MiB"),
        ("monitor --elf z.elf", "z.elf: it has more than 256 MiB, which no image"),
    ] {
        let refusal = desk.refusal(line);
        assert!(refusal.starts_with(limit), "{refusal}");
    }
    desk.put("junk.elf", "junk");
    for elf in ["junk.elf", "v.npy", "t.toml"] {
        let refusal = desk.refusal(&format!("monitor --elf {elf}"));
        assert!(refusal.starts_with(&format!("{elf}: ")), "{refusal}");
        assert!(refusal.ends_with("give the image that the device runs"), "{refusal}");
    }
}

#[test]
fn an_error_is_one_line_whatever_a_path_holds() {
    let desk = desk();
    let path = "two\nlines\u{1b}[31m.npy";
    let output = desk.command("inspect").arg(path).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.starts_with("tinynmf: two\\nlines\\u{1b}[31m.npy: cannot be read"), "{words}");
    assert_eq!(words.lines().count(), 1, "{words}");
    let report =
        desk.command("factorize --input v.npy --rank 2 --out").arg("a\nb").output().unwrap();
    let report = String::from_utf8(report.stdout).unwrap();
    assert!(report.contains("written         a\\nb: w.npy"), "{report}");
}

#[test]
fn work_that_would_fill_the_memory_is_refused_with_an_estimate() {
    let desk = desk();
    let told = desk.refusal("factorize --input v.npy --rank 2 --epochs 4000000000 --out new");
    assert!(told.contains("about 59.6 GiB of memory, and 4.0 GiB is the limit"), "{told}");
    let told = desk.refusal("compare --input v.npy --rank 2 --seeds 1000000 --epochs 1000");
    assert!(told.contains("GiB of memory") && told.contains("lower --epochs, --seeds"), "{told}");
    for (text, words) in [
        ("problems = 1099511627776", "problems is 1099511627776, but must be from 1 to 1048576"),
        ("episodes = 9223372036854775807", "episodes is 9223372036854775807, but must be"),
        ("[family]\nrows = [16, 9999999]", "family.rows is 9999999"),
        ("value = [4096, 4096]", "the number of weights of value is 16"),
        ("problems = 1000000\n[family]\nrows = [999, 999]\ncolumns = [999, 999]", "lower problems"),
    ] {
        desk.put("big.toml", text);
        let told = desk.refusal("train --config big.toml --out new");
        assert!(told.contains(words), "{told}");
    }
}
