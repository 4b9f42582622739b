//! Bad input: one sentence, exit code 2, and not a byte written.

use super::{Desk, floats, npy, planted};
use tinynmf_core::policy::SHIPPED;

/// A folder with one bad file, which both commands that read matrices refuse with the same words.
#[track_caller]
fn refused(file: &str, content: impl AsRef<[u8]>, expected: &[&str]) {
    let desk = Desk::new();
    desk.put(file, content);
    let factorize = desk.refusal(&format!("factorize --input {file} --rank 1 --out out"));
    let compare = desk.refusal(&format!("compare --input {file} --rank 1 --json out.json"));
    assert_eq!(factorize, compare);
    for words in [file].iter().chain(expected) {
        assert!(factorize.contains(words), "{factorize:?} lacks {words:?}");
    }
}

#[test]
fn entries_that_nmf_cannot_have() {
    let with = |bad: f32| floats(2, &[1.0, 2.0, 3.0, 4.0, bad, 6.0]);
    refused("v.npy", with(f32::NAN), &["row 2, column 2", "NaN"]);
    refused("v.npy", with(f32::INFINITY), &["row 2, column 2", "infinite"]);
    refused("v.npy", with(f32::NEG_INFINITY), &["row 2, column 2", "infinite"]);
    refused("v.npy", with(-0.5), &["row 2, column 2", "negative (-0.5)"]);
    refused("v.npy", with(1e20), &["row 2, column 2", "too large"]);
    refused("v.npy", npy("|i1", "(1, 3)", &[1, 2, 0xff]), &["row 1, column 3", "negative (-1)"]);
    refused("v.csv", "1,2\n3,nan\n", &["row 2 (line 2), column 2", "NaN"]);
    refused("v.csv", "1,2\n-inf,4\n", &["row 2 (line 2), column 1", "infinite"]);
    refused("v.csv", "1,2\n3,-4\n", &["row 2 (line 2), column 2", "negative (-4)"]);
    refused("v.csv", "1,2\n3,four\n", &["row 2 (line 2), column 2", "not a number"]);
}

#[test]
fn matrices_with_nothing_in_them() {
    refused("v.npy", floats(0, &[]), &["empty (0 x 0)"]);
    refused("v.npy", npy("<f4", "(3, 0)", &[]), &["empty (3 x 0)"]);
    refused("v.csv", "", &["empty"]);
    refused("v.csv", "a,b\n", &["empty"]);
    refused("v.npy", floats(2, &[0.0; 6]), &["every entry is zero"]);
    refused("v.csv", "0,0\n0,0\n", &["every entry is zero"]);
}

#[test]
fn files_that_are_not_what_they_say() {
    let whole = floats(2, &[1.0; 6]);
    for end in [0, 3, 8, 30, whole.len() - 1] {
        refused("v.npy", &whole[..end], &[]);
    }
    refused("v.npy", &whole[..whole.len() - 1], &["23 bytes follow", "cut off"]);
    refused(
        "v.npy",
        npy("<c8", "(1, 1)", &[0; 8]),
        &["'<c8'", "complex numbers; save their absolute values"],
    );
    refused("v.npy", npy("<U4", "(1, 1)", &[0; 16]), &["'<U4'", "are text"]);
    refused("v.npy", npy("<f4", "(1, 1, 1)", &[0; 4]), &["more than 2 dimensions"]);
    refused("v.npy", npy("<f4", "(4,)", &[0; 16]), &["1 dimension ([4])"]);
    refused("v.npy", npy("<f8", "(99999999999, 99999999999)", &[]), &["0 bytes follow"]);
    refused("v.npy", "1,2\n3,4\n", &["not a .npy file"]);
    refused("v.csv", "1,2,3\n4,5,6\n7,8\n", &["line 3 has 2 cells but line 1 has 3"]);
    refused("v.foo", "", &["unknown file type; expected .npy, .npz"]);
}

#[test]
fn files_that_name_their_rows_or_columns_differently() {
    let desk = Desk::new();
    desk.put("v.csv", "name,red,green\na,1,2\nb,3,5\nc,2,1\n");
    desk.put("other.csv", "name,one,two\nb,3,5\na,1,2\nc,2,1\n");
    desk.put("w.csv", "name,p\na,1\nb,2\nc,1\n");
    desk.put("w2.csv", "name,p\na,1\nc,2\nb,1\n");
    desk.put("h.csv", "name,green,red\np,1,2\n");
    assert_eq!(
        desk.refusal("transform --w w.csv --input other.csv --out latents.npy"),
        "w.csv: row 1 is \"a\", but \"b\" in other.csv; \
         give both files the same rows in the same order"
    );
    for (options, problem) in [
        ("--known-h h.csv", "h.csv: column 1 is \"green\", but \"red\" in v.csv"),
        ("--known-w w2.csv", "w2.csv: row 2 is \"c\", but \"b\" in v.csv"),
        ("--w0 w2.csv --h0 h.csv", "w2.csv: row 2 is \"c\""),
        ("--w0 w.csv --h0 h.csv", "h.csv: column 1 is \"green\""),
    ] {
        let refusal = desk.refusal(&format!("factorize --input v.csv --rank 1 --out o {options}"));
        assert!(refusal.starts_with(problem), "{refusal}");
    }
    desk.print("transform --w w.csv --input v.csv --out latents.npy");
    // Numbers in order are what programs write for want of names.
    desk.put("plain.csv", ",p\n0,1\n1,2\n2,1\n");
    desk.print("transform --w plain.csv --input v.csv --out latents.npy");
}

/// A folder with a good matrix.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("v.npy", floats(12, &planted()));
    desk
}

#[test]
fn files_that_are_not_there() {
    let desk = desk();
    let missing = desk.refusal("factorize --input no.npy --rank 1 --out out");
    assert!(missing.starts_with("no.npy: cannot be read (no such file"), "{missing}");
    let missing = desk.refusal("inspect no.tnmf");
    assert!(missing.starts_with("no.tnmf: cannot be read (no such file"), "{missing}");
    std::fs::create_dir(desk.path("folder.npy")).unwrap();
    let folder = desk.refusal("factorize --input folder.npy --rank 1 --out out");
    assert!(folder.contains("name a file in it"), "{folder}");
}

#[test]
fn what_a_range_of_ranks_would_leave_aside() {
    let desk = desk();
    for option in ["--report", "--save-start", "--start old", "--output-format csv"] {
        let refusal =
            desk.refusal(&format!("factorize --input v.npy --rank 1..3 --out out {option}"));
        let name = option.split(' ').next().unwrap();
        assert!(refusal.starts_with(name) && refusal.contains("name one rank"), "{refusal}");
    }
}

#[test]
fn ranks_that_do_not_suit() {
    let desk = desk();
    for rank in [0, 13, 1_000_000_000_000_usize] {
        let expected = format!(
            "--rank: {rank} does not suit v.npy, which is 12 x 9; choose a rank from 1 to "
        );
        let factorize = format!("factorize --input v.npy --rank {rank} --out out");
        let compare = format!("compare --input v.npy --rank {rank} --plot out.png");
        let all = format!("{expected}12, of which 9 always does");
        assert_eq!(desk.refusal(&factorize), all);
        assert_eq!(desk.refusal(&compare), format!("{expected}9"));
    }
    // Before a word on the ranks that are only large.
    let range = desk.refusal("factorize --input v.npy --rank 2..50 --out out");
    assert!(range.starts_with("--rank: 50 does not suit"), "{range}");
    // Above the smaller side factorize warns, since nothing is wrong with it.
    let output = desk.command("factorize --input v.npy --rank 10 --out out").output().unwrap();
    let warning = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && warning.contains("above 9, the smaller side"), "{warning}");
    for rank in ["-1", "two", "1.5", "99999999999999999999999"] {
        let refusal = desk.refusal(&format!("factorize --input v.npy --rank {rank} --out out"));
        assert!(refusal.contains(rank) && refusal.contains("--rank"), "{refusal}");
    }
}

#[test]
fn shares_epochs_and_seeds_out_of_range() {
    let desk = desk();
    for wrong in
        ["--batch 0", "--batch 1.1", "--batch -0.5", "--batch nan", "--batch all", "--epochs -1"]
    {
        let (option, value) = wrong.split_once(' ').unwrap();
        for command in ["factorize --out out", "compare --json out.json"] {
            let refusal = desk.refusal(&format!("{command} --input v.npy --rank 2 {wrong}"));
            assert!(refusal.contains(option) && refusal.contains(value), "{refusal}");
        }
    }
    desk.refusal("compare --input v.npy --rank 2 --seeds 0");
    desk.refusal("factorize --input v.npy --rank 2 --out out --seed -1");
    for threads in ["100000", "-1", "many"] {
        let line = format!("factorize --input v.npy --rank 2 --out out --threads {threads}");
        let refusal = desk.refusal(&line);
        assert!(refusal.contains("a whole number from 0 to 1024"), "{refusal}");
    }
}

#[test]
fn unknown_rules() {
    let desk = desk();
    let unknown = desk.refusal("factorize --input v.npy --rank 2 --out out --rule newton");
    assert!(unknown.starts_with("rule 'newton': there is no such rule"), "{unknown}");
    assert!(unknown.contains("fixed, bound, random") && unknown.contains("learned"), "{unknown}");
    assert_eq!(desk.refusal("compare --input v.npy --rank 2 --rules abb,newton"), unknown);
    let range = desk.refusal("compare --input v.npy --rank 2 --rules armijo(0.1,2,1)");
    assert!(range.contains("armijo(0.1,2,1)") && range.contains("b between 0 and 1"), "{range}");
}

#[test]
fn policies_that_are_damaged() {
    let desk = desk();
    let mut flipped = SHIPPED.to_vec();
    flipped[100] ^= 1;
    for (blob, expected) in [
        (&flipped[..], "corrupt"),
        (&SHIPPED[..SHIPPED.len() - 1], "truncated"),
        (&[], "policy"),
        (b"\x93NUMPY", "does not begin with TNMF"),
    ] {
        desk.put("p.tnmf", blob);
        let refusal = desk.refusal("inspect p.tnmf --plot p.png");
        assert!(refusal.starts_with("p.tnmf: ") && refusal.contains(expected), "{refusal}");
        let factorize = "factorize --input v.npy --rank 2 --out out --policy p.tnmf";
        assert_eq!(desk.refusal(factorize), refusal);
        let compare = "compare --input v.npy --rank 2 --json out.json --policy p.tnmf";
        assert_eq!(desk.refusal(compare), refusal);
        let evaluate = "evaluate --suite exact --json out.json --policy p.tnmf";
        assert_eq!(desk.refusal(evaluate), refusal);
        // Before the board's image is built: that would say so on stderr, and take minutes.
        assert_eq!(desk.refusal("boards --core Cortex-M4F --policy p.tnmf"), refusal);
    }
}

#[test]
fn evaluations_that_cannot_be() {
    let desk = desk();
    let refusal = |line: &str| desk.refusal(&format!("evaluate {line}"));
    assert!(refusal("").contains("--suite <SUITE>"));
    let unknown = refusal("--suite fast");
    assert!(unknown.contains("'fast'") && unknown.contains("exact, stochastic, real"), "{unknown}");
    for wrong in ["0", "1.5", "many", "5000000000"] {
        let instances = refusal(&format!("--suite exact --instances {wrong}"));
        assert!(instances.contains(wrong) && instances.contains("--instances"), "{instances}");
    }

    let data = refusal("--suite exact --data .");
    assert!(data.starts_with("--data: only the suite real takes matrices"), "{data}");
    let data = refusal("--suite real --data no");
    assert!(data.starts_with("no: cannot be read (no such file"), "{data}");
    let data = refusal("--suite real --data v.npy");
    assert!(data.starts_with("v.npy: cannot be read (not a directory"), "{data}");
    std::fs::create_dir(desk.path("empty")).unwrap();
    let data = refusal("--suite real --data empty");
    assert!(data.starts_with("--data: empty holds no .npy, .npz"), "{data}");
    std::fs::create_dir(desk.path("bad")).unwrap();
    desk.put("bad/w.npy", floats(2, &[1.0, 2.0, 3.0, -4.0]));
    let data = refusal("--suite real --data bad");
    assert!(data.starts_with("bad/w.npy: ") && data.contains("row 2, column 2"), "{data}");

    for (place, expected) in [("no/such", "make its folder first"), (".", "name a file in it")] {
        for option in ["--json", "--report"] {
            let out =
                desk.told(&format!("evaluate --suite exact --instances 1 {option} {place}"), 1);
            assert!(out.starts_with(place) && out.contains(expected), "{out}");
        }
    }
    // A good place beside a bad one stays empty.
    desk.told("evaluate --suite exact --instances 1 --json good.json --report no/such.html", 1);
}

#[test]
fn places_that_cannot_be_written() {
    let desk = desk();
    let to =
        |out: &str, code| desk.told(&format!("factorize --input v.npy --rank 2 --out {out}"), code);
    assert_eq!(to("v.npy", 2), "v.npy: this is a file, not a folder; name another folder");
    assert!(to("v.npy/out", 1).starts_with("v.npy/out: cannot be written (not a directory)"));
    if cfg!(target_os = "linux") {
        assert!(to("/proc/out", 1).starts_with("/proc/out: cannot be written"));
    }
    for (option, place, code, expected) in [
        ("--json", "no/such.json", 1, "make its folder first"),
        ("--json", ".", 1, "name a file in it"),
        ("--plot", "no/such.png", 1, "make its folder first"),
        ("--plot", "plot.jpeg", 2, ".png or .svg"),
    ] {
        let line = format!("compare --input v.npy --rank 2 {option} {place}");
        let refusal = desk.told(&line, code);
        assert!(refusal.starts_with(place) && refusal.contains(expected), "{refusal}");
    }
    // A good place beside a bad one stays empty, too.
    desk.told("compare --input v.npy --rank 2 --json good.json --plot no/such.png", 1);
    desk.told("inspect --plot no/such.png", 1);
}

#[test]
fn command_lines_that_make_no_sense() {
    let desk = desk();
    assert!(desk.refusal("").contains("there is no command"));
    assert!(desk.refusal("factorise").contains("'factorize'"));
    assert!(desk.refusal("factorize --rank 2").contains("--input <V> --out <DIR>"));
    assert!(desk.refusal("compare --input v.npy --rank 2 --sed 3").contains("'--sed'"));
    assert!(desk.refusal("inspect a b").contains("'b'"));
}
