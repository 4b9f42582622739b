//! Every kind of file, read as a user would: the right matrix, the right words.

use std::io::Write;
use std::process::Stdio;

use tinynmf::matrix::{Matrix, ReadOptions};

use super::{Desk, npy};

/// The one line that factorising `file` prints on stderr.
#[track_caller]
fn report(desk: &Desk, file: &str, options: &str) -> String {
    let line = format!("factorize --input {file} --rank 1 --epochs 2 --out out {options}");
    let output = desk.run(&line);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    stderr.trim_end().to_owned()
}

#[test]
fn every_read_ends_with_one_line() {
    let desk = Desk::new();
    let names = "first line taken as column names, first column as row names";
    for (file, content, wanted) in [
        (
            "pandas.csv",
            ",a,b\n0,42,31\n1,2,3\n2,7,1\n",
            format!("3 x 2 numbers from pandas.csv: {names}"),
        ),
        ("r.tsv", "V1\tV2\n1\t42\t31\n2\t2\t3\n", format!("2 x 2 numbers from r.tsv: {names}")),
        (
            "savetxt.dat",
            "4.2e+01 3.1e+01\n2.0e+00 3.0e+00\n",
            "2 x 2 numbers from savetxt.dat".to_owned(),
        ),
        (
            "comma.txt",
            "42,5;31,5\n2,5;3,5\n",
            "2 x 2 numbers from comma.txt: commas taken as decimal commas".to_owned(),
        ),
        (
            "v.mtx",
            "%%MatrixMarket matrix coordinate real general\n2 3 2\n1 1 7\n2 3 5\n",
            "2 x 3 numbers from v.mtx: 2 of them above zero".to_owned(),
        ),
    ] {
        desk.put(file, content);
        assert_eq!(report(&desk, file, ""), format!("read {wanted}"));
        desk.print(&format!("compare --input {file} --rank 1 --epochs 2 --seeds 1 --rules bound"));
    }
    desk.put("v.npy", npy("|u1", "(2L, 2L)", &[1, 2, 3, 4]));
    assert_eq!(report(&desk, "v.npy", ""), "read 2 x 2 numbers from v.npy");
}

#[test]
fn what_is_ambiguous_is_settled_by_the_options() {
    let desk = Desk::new();
    desk.put("v.csv", "0,1,2\n42,31,25\n2,3,0\n");
    let refusal = desk.refusal("factorize --input v.csv --rank 1 --out out");
    assert!(
        refusal.contains("line 1 (0, 1, 2)") && refusal.contains("--header yes or --header no"),
        "{refusal}"
    );
    assert_eq!(desk.refusal("compare --input v.csv --rank 1"), refusal);
    assert_eq!(desk.refusal("train --input v.csv --rank 1 --out out"), refusal);
    assert_eq!(
        report(&desk, "v.csv", "--header yes"),
        "read 2 x 3 numbers from v.csv: first line taken as column names"
    );
    assert_eq!(report(&desk, "v.csv", "--header no"), "read 3 x 3 numbers from v.csv");
    let wrong = desk.refusal("factorize --input v.csv --rank 1 --out out --index maybe");
    assert!(wrong.contains("this is yes, no or auto"), "{wrong}");
}

#[test]
fn names_are_carried_into_tables() {
    let desk = Desk::new();
    desk.put("v.csv", ",sea,\"hill, steep\"\nred,42,31\ngreen,2,3\nblue,7,1\n");
    let text =
        desk.print("factorize --input v.csv --rank 2 --epochs 9 --out out --output-format csv");
    assert!(text.contains("w.csv (3 x 2), h.csv (2 x 2), loss.csv"), "{text}");
    assert_eq!(desk.files("out"), ["h.csv", "loss.csv", "w.csv"]);
    desk.print("factorize --input v.csv --rank 2 --epochs 9 --out npy");
    let read = |file: &str| Matrix::read(desk.path(file), ReadOptions::default()).unwrap();
    let (w, h) = (read("out/w.csv"), read("out/h.csv"));
    assert_eq!(w.row_names().unwrap(), ["red", "green", "blue"]);
    assert_eq!(w.column_names().unwrap(), ["part 1", "part 2"]);
    assert_eq!(h.row_names().unwrap(), ["part 1", "part 2"]);
    assert_eq!(h.column_names().unwrap(), ["sea", "hill, steep"]);
    assert_eq!(w.entries(), read("npy/w.npy").entries());
    assert_eq!(h.entries(), read("npy/h.npy").entries());
}

#[test]
fn formats_that_hold_no_matrix_are_called_by_their_names() {
    let desk = Desk::new();
    for (file, content, wanted) in [
        (
            "v.csv",
            &b"PK\x03\x04\0\0\0\0"[..],
            "this is a workbook or another zip archive; export the sheet as CSV",
        ),
        ("v.npy", b"\x80\x02cnumpy._core.multiarray\n", "pickled Python object"),
        ("v.csv", b"%PDF-1.7\n", "a PDF document; save the table as CSV"),
        ("v.csv", b"\x1f\x8b\x08", "compressed with gzip; unpack it with gunzip"),
        (
            "v.npy",
            b"\x93NUMPY\x01\0\x3c\0[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
            "the header cannot be understood",
        ),
    ] {
        desk.put(file, content);
        let refusal = desk.refusal(&format!("factorize --input {file} --rank 1 --out out"));
        assert!(refusal.starts_with(file) && refusal.contains(wanted), "{refusal}");
    }
    let sparse = "%%MatrixMarket matrix coordinate real general\n100000 5000 1\n7 7 1\n";
    desk.put("v.mtx", sparse);
    let refusal = desk.refusal("compare --input v.mtx --rank 1");
    assert!(
        refusal.contains("this sparse matrix is 100000 x 5000 (entries above zero: 1)"),
        "{refusal}"
    );
}

#[cfg(unix)]
#[test]
fn standard_input_is_read_and_endless_files_are_not() {
    let desk = Desk::new();
    let endless = desk.refusal("factorize --input /dev/zero --rank 1 --out out");
    assert!(endless.contains("not a regular file"), "{endless}");
    let mut run = desk
        .command("factorize --input - --rank 1 --epochs 2 --out out")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    run.stdin.take().unwrap().write_all(b"a\tb\n1\t2\n").unwrap();
    let output = run.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr, "read 1 x 2 numbers from -: first line taken as column names\n");
}
