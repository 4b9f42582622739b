//! Tables as programs and people write them: the right matrix, or the right refusal.

mod refused;

use super::*;
use crate::matrix::Choice;

fn read_with(text: &str, header: Choice, index: Choice) -> Result<Matrix> {
    parse("v.csv", text.as_bytes(), ReadOptions { header, index, missing: false })?.into_dense()
}

fn read(text: &str) -> Matrix {
    read_with(text, Choice::Auto, Choice::Auto).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn refusal(text: &str) -> String {
    read_with(text, Choice::Auto, Choice::Auto).unwrap_err().to_string()
}

/// Shape, entries, row names, column names and what the report says after the colon.
#[track_caller]
fn reads(text: &str, shape: (usize, usize), entries: &[f32], names: [&str; 2], notes: &str) {
    let matrix = read(text);
    assert_eq!((matrix.rows(), matrix.cols()), shape, "{text:?}");
    assert_eq!(*matrix.entries(), *entries, "{text:?}");
    let joined = |names: Option<&[String]>| names.map_or(String::new(), |names| names.join("|"));
    assert_eq!([joined(matrix.row_names()), joined(matrix.column_names())], names, "{text:?}");
    let report = matrix.report();
    let said = report.split_once(": ").map_or("", |(_, said)| said);
    assert_eq!(said, notes, "{text:?}");
}

const BOTH: &str = "first line taken as column names, first column as row names";
const HEADER: &str = "first line taken as column names";
const LAST: &str = "first line taken as column names, the empty last column left out";
const LAST_TWO: &str = "first line taken as column names, the 2 empty last columns left out";
const INDEX: &str = "first column taken as row names";

#[test]
fn reads_the_same_matrix_however_it_is_written() {
    let wanted = (2, 3, [1.0, 2.5, 0.0, 4.0, 50.0, 6.0]);
    for text in [
        "1,2.5,0\n4,5e1,6\n",
        "1;2.5;0\n4;5e1;6",
        "1;2,5;0\n4;5e1;6",
        "1\t2.5\t0\r\n4\t5e1\t6\r\n",
        "1\t2,5\t0\n4\t5e1\t6\n",
        "1 2.5 0\n4 5e1 6\n",
        "  1    2.5\t0\n  4   50    6  \n",
        "1 2,5 0\n4 5e1 6\n",
        "\u{feff}a,b,c\n1, 2.5 ,0\n4,5e1,6\n\n\n",
        "\"first, of all\",b,c\n\"1\",2.5,-0\n4,5e1,6\n   \n",
        "\n1,2.5,0\n\n4,5e1,6\n",
        "# made by hand\n# twice\n1,2.5,0\n# between\n4,5e1,6\n",
        "1,2.5,0,\n4,5e1,6,\n",
    ] {
        let matrix = read(text);
        assert_eq!((matrix.rows(), matrix.cols()), (wanted.0, wanted.1), "{text:?}");
        assert_eq!(*matrix.entries(), wanted.2, "{text:?}");
    }
    reads("7\n8\n", (2, 1), &[7.0, 8.0], ["", ""], "");
    reads("7", (1, 1), &[7.0], ["", ""], "");
}

#[test]
fn names_that_programs_write_are_taken_as_names() {
    let entries = [42.0, 31.0, 2.0, 3.0, 32.0, 45.0];
    let it =
        |text: &str, names: [&str; 2], notes: &str| reads(text, (3, 2), &entries, names, notes);
    let pandas = ["0|1|2", "a|b"];
    it(",a,b\n0,42,31\n1,2,3\n2,32,45\n", pandas, BOTH);
    it(",0,1\n0,42,31\n1,2,3\n2,32,45\n", ["0|1|2", "0|1"], BOTH);
    it("a,b\n42,31\n2,3\n32,45\n", ["", "a|b"], HEADER);
    it("index,0,1\nx,42,31\ny,2,3\nz,32,45\n", ["x|y|z", "0|1"], BOTH);
    it("id,a,b\n17,42,31\n9,2,3\n21,32,45\n", ["17|9|21", "a|b"], BOTH);
    // R: write.table with tabs and with blanks, write.csv.
    it("V1\tV2\n1\t42\t31\n2\t2\t3\n3\t32\t45", ["1|2|3", "V1|V2"], BOTH);
    it("\"V1\" \"V2\"\n\"a b\" 42 31\n\"c\" 2 3\n\"d\" 32 45", ["a b|c|d", "V1|V2"], BOTH);
    it("\"\",\"V1\",\"V2\"\n\"1\",42,31\n\"2\",2,3\n\"3\",32,45", ["1|2|3", "V1|V2"], BOTH);
    // Names in the first column, with a title or without a header.
    it(
        "Substitution\t1_S\t2_S\nA[C>A]A\t42\t31\nA[C>A]C\t2\t3\nA[C>A]G\t32\t45\n",
        ["A[C>A]A|A[C>A]C|A[C>A]G", "1_S|2_S"],
        BOTH,
    );
    reads("x,5,5\ny,2,3\nNA,0,1\n", (3, 2), &[5., 5., 2., 3., 0., 1.], ["x|y|NA", ""], INDEX);
    it("sep=;\na;b\n42;31\n2;3\n32;45\n", ["", "a|b"], HEADER);
    it("x|a|b\ns|42|31\nt|2|3\nu|32|45\n", ["s|t|u", "a|b"], BOTH);
    it("1\t2\nx\t42\t31\ny\t2\t3\nz\t32\t45\n", ["x|y|z", "1|2"], BOTH);
    it("a,b\n7,42,31\n9,2,3\n2,32,45\n", ["7|9|2", "a|b"], BOTH);
    it("id,1990,1995\n17,42,31\n9,2,3\n21,32,45\n", ["17|9|21", "1990|1995"], BOTH);
    // Empty cells at the end of every line, or of the header or the rows alone.
    it("a,b,\n42,31,\n2,3,\n32,45,", ["", "a|b"], LAST);
    it("a,b,,\n42,31,,\n2,3,,\n32,45,,", ["", "a|b"], LAST_TWO);
    it("a,b\n42,31,\n2,3,\n32,45,", ["", "a|b"], LAST);
    reads("a,b,c\n1,2,3,,\n4,5,6,,\n", (2, 3), &[1., 2., 3., 4., 5., 6.], ["", "a|b|c"], LAST_TWO);
    it("a,b,\n42,31\n2,3\n32,45", ["", "a|b"], HEADER);
    it("a,b,,,\n42,31\n2,3\n32,45", ["", "a|b"], HEADER);
    reads(
        "# nrow 3,,\n# ncol 3,,\n1,2,3\n4,5,6\n",
        (2, 3),
        &[1., 2., 3., 4., 5., 6.],
        ["", ""],
        "2 lines that begin with # left out",
    );
}

#[test]
fn what_can_be_names_or_numbers_is_for_the_user_to_say() {
    let header = "say --header yes or --header no";
    let index = "say --index yes or --index no";
    for (text, wanted) in [
        ("0,1,2\n42,31,25\n2,3,0\n", header),
        ("1,2,3\n42,31,25\n2,3,0\n", header),
        ("1990,1995,2000,2005\n4,3,2,1\n2,3,0,7\n", header),
        ("time,400,402\n0.1,5,6\n0.3,7,8\n", header),
        ("a,1,b,2\n1,2,3,4\n", header),
        (",1990,1995\n5,6,7\n3,4,5\n", header),
        ("A,0,1\nB,5,6\nC,7,8\n", header),
        ("country,1990,1995,2000\nFR,1,2,3\nDE,4,5,6\n", header),
        ("movie,101,205,309,412\nann,1,2,3,4\nbob,4,5,6,7\n", header),
        ("wavelength,400.5,410.5,420.5\nx,1,2,3\ny,4,5,6\n", header),
        ("user_id,a,b\n17,42,31\n9,2,3\n", index),
        ("userId;a;b\n17;42;31\n9;2;3\n", index),
        ("year,a,b\n1990,42,31\n2003,2,3\n", index),
        ("x,1\n", header),
        ("0,42,31\n1,2,3\n2,32,45\n", index),
        ("a,b,c\n1,42,31\n2,2,3\n3,32,45\n", index),
        ("t,b\n0.0,5\n0.1,6\n0.2,8\n0.3,1\n", index),
        ("0;\"\"\"\na", header),
        ("5,1,3\nx,5,6\ny,7,8\n", header),
        ("id,1,2\n", header),
        ("x,5,6\n1,7,8\n2,3,4\n3,1,9\n", header),
        ("7,8,9,10\n0,1,1,1\n1,5,5,5\n2,6,6,6\n", "--header no, and --index yes or --index no"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.ends_with(wanted), "{text:?}: {refusal}");
    }
    assert_eq!(
        refusal("0,1,2\n1,42,31\n2,2,3\n"),
        "v.csv: line 1 (0, 1, 2) and the first column (0, 1) can be names or numbers of the matrix; \
         say --header yes or --header no, and --index yes or --index no"
    );
    let both = "0,1,2\n1,42,31\n2,2,3\n";
    for (header, index, shape, names) in [
        (Choice::Yes, Choice::Yes, (2, 2), (true, true)),
        (Choice::Yes, Choice::No, (2, 3), (false, true)),
        (Choice::No, Choice::Yes, (3, 2), (true, false)),
        (Choice::No, Choice::No, (3, 3), (false, false)),
    ] {
        let matrix = read_with(both, header, index).unwrap();
        assert_eq!((matrix.rows(), matrix.cols()), shape);
        assert_eq!((matrix.row_names().is_some(), matrix.column_names().is_some()), names);
    }
    // A title above row names that the user has told of.
    let named = "country,1990,1995\n33,1,2\n49,4,5\n";
    let refusal = read_with(named, Choice::Auto, Choice::Yes).unwrap_err().to_string();
    assert!(refusal.ends_with(header), "{refusal}");
    // A matrix that goes on counting in the next line is no header above anything.
    reads("0,1,2\n3,4,5\n6,7,8\n", (3, 3), &[0., 1., 2., 3., 4., 5., 6., 7., 8.], ["", ""], "");
    let ramp: Vec<f32> = (0..12).map(|it| it as f32).collect();
    reads("0,1,2\n3,4,5\n6,7,8\n9,10,11\n", (4, 3), &ramp, ["", ""], "");
    reads("1,0\n0,1\n", (2, 2), &[1., 0., 0., 1.], ["", ""], "");
    // Neither is one line, a column alone, two numbers, or what counts only below the first line.
    reads("0,1,2\n", (1, 3), &[0., 1., 2.], ["", ""], "");
    reads("1\n2\n3\n", (3, 1), &[1., 2., 3.], ["", ""], "");
    reads("0,5\n1,6\n", (2, 2), &[0., 5., 1., 6.], ["", ""], "");
    reads("5,2\n0,1\n1,7\n2,8\n", (4, 2), &[5., 2., 0., 1., 1., 7., 2., 8.], ["", ""], "");
}

#[test]
fn missing_cells_are_told_apart_from_words_where_they_are_let_in() {
    let options = ReadOptions { missing: true, ..ReadOptions::default() };
    let read = |text: &str| parse("v.csv", text.as_bytes(), options)?.into_dense();
    let matrix = read("a,b\n1,\nNA,4\nnan,6\n").unwrap();
    assert_eq!(*matrix.entries(), [1.0, 0.0, 0.0, 4.0, 0.0, 6.0]);
    assert_eq!(matrix.missing(), [1, 2, 4]);
    let unknown = read("a,b\nNA,\n").unwrap_err().to_string();
    assert!(unknown.starts_with("v.csv: no entry is known; "), "{unknown}");
    assert!(read("1,2\n3,four\n").unwrap_err().to_string().contains("is not a number"));
}

#[test]
fn commas_inside_numbers_are_read_where_they_leave_no_doubt() {
    let decimal = "commas taken as decimal commas";
    let thousands = "commas taken as thousands separators";
    reads("42,5;31,25\n0,125;7", (2, 2), &[42.5, 31.25, 0.125, 7.0], ["", ""], decimal);
    reads("\"1,5\",\"0,5\"\n2,3\n", (2, 2), &[1.5, 0.5, 2.0, 3.0], ["", ""], decimal);
    reads(
        "\"1,042,100\",\"1,042\"\n5,\"1,000.5\"\n",
        (2, 2),
        &[1_042_100., 1042., 5., 1000.5],
        ["", ""],
        thousands,
    );
    let points = "first line taken as column names, commas taken as decimal commas, points as thousands separators";
    reads("a;b\n1.042,5;2.000\n0,5;7\n", (2, 2), &[1042.5, 2000., 0.5, 7.], ["", "a|b"], points);
    for text in
        ["\"1,042\",\"2,517\"\n\"1,000\",3\n", "1,042;2,517\n1,000;3\n", "1,5;2\n1,042,100;3\n"]
    {
        let refusal = refusal(text);
        assert!(refusal.contains("can separate thousands or decimals"), "{text:?}: {refusal}");
        assert!(refusal.contains("without thousands separators"), "{refusal}");
    }
    let mixed = refusal("1,5;2.5\n3;4\n");
    assert!(mixed.contains("(\"2.5\"); write all numbers of the table in the same way"), "{mixed}");
}

#[cfg(feature = "encodings")]
#[test]
fn utf_16_and_code_pages_are_read() {
    let utf16: Vec<u8> = "\u{feff}µ;b\n1;2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let read =
        |bytes: &[u8]| parse("v.txt", bytes, ReadOptions::default()).unwrap().into_dense().unwrap();
    let matrix = read(&utf16);
    assert_eq!(matrix.column_names().unwrap(), ["µ", "b"]);
    assert_eq!(
        matrix.report(),
        format!("read 1 x 2 numbers from v.txt: {HEADER}, text taken as UTF-16LE")
    );
    let latin = read(b"\xb5;b\n1;2\n");
    assert_eq!(latin.column_names().unwrap(), ["µ", "b"]);
    assert!(latin.report().ends_with("text taken as windows-1252"));
}
