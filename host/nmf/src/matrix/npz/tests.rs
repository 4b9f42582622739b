//! Archives are made here, so that the tests need no Python.

use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// A `.npy` file of little-endian 32-bit integers.
fn ints(shape: &str, values: &[i32]) -> Vec<u8> {
    array("<i4", shape, &values.iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<u8>>())
}

fn array(code: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{code}', 'fortran_order': False, 'shape': {shape}}}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\0".as_slice(), &length, header.as_bytes(), body].concat()
}

fn archive(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read(members: &[(&str, Vec<u8>)]) -> Result<Input> {
    let bytes = archive(members);
    assert!(is_npz(&bytes));
    parse("v.npz", &bytes, ReadOptions::default())
}

fn refusal(members: &[(&str, Vec<u8>)]) -> String {
    read(members).unwrap_err().to_string()
}

#[test]
fn reads_the_only_matrix() {
    let v = ints("(2, 2)", &[1, 2, 3, 4]);
    let Input::Dense(matrix) = read(&[("v", v.clone()), ("times", ints("(2,)", &[1, 2]))]).unwrap()
    else {
        panic!("sparse")
    };
    assert_eq!(*matrix.entries(), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(matrix.report(), "read 2 x 2 numbers from v.npz: array \"v\" of the archive");
    let two = refusal(&[("v", v.clone()), ("w", v)]);
    assert!(two.contains("2 of the 2 arrays are matrices (v, w)"), "{two}");
    let complex = refusal(&[("v", array("<c8", "(1, 1)", &[0; 8]))]);
    assert!(complex.contains("complex numbers"), "{complex}");
}

#[test]
fn reads_sparse_matrices_of_scipy() {
    // 2 x 3: 5 at (0, 2), 6 at (1, 0), 7 at (1, 2).
    let common = [("shape", ints("(2,)", &[2, 3])), ("data", ints("(3,)", &[5, 6, 7]))];
    let csr = [
        ("format", array("|S3", "()", b"csr")),
        ("indptr", ints("(3,)", &[0, 1, 3])),
        ("indices", ints("(3,)", &[2, 0, 2])),
    ];
    let coo = [
        ("format", array("<U3", "()", b"c\0\0\0o\0\0\0o\0\0\0")),
        ("row", ints("(3,)", &[0, 1, 1])),
        ("col", ints("(3,)", &[2, 0, 2])),
    ];
    let csc = [
        ("format", array("|S3", "()", b"csc")),
        ("indptr", ints("(4,)", &[0, 1, 1, 3])),
        ("indices", ints("(3,)", &[1, 0, 1])),
        ("data", ints("(3,)", &[6, 5, 7])),
    ];
    for (members, kind) in [
        ([&common[..], &csr].concat(), "csr"),
        ([&common[..], &coo].concat(), "coo"),
        ([&common[..1], &csc].concat(), "csc"),
    ] {
        let Input::Sparse(it) = read(&members).unwrap() else { panic!("dense: {kind}") };
        assert_eq!((it.rows(), it.cols(), it.entries().starts()), (2, 3, &[0, 1, 3][..]), "{kind}");
        assert_eq!(
            (it.entries().places(), it.entries().values()),
            (&[2, 0, 2][..], &[5.0, 6.0, 7.0][..]),
            "{kind}"
        );
        assert!(it.report().ends_with(&format!("format {kind}")), "{}", it.report());
    }
}

#[test]
fn an_archive_of_other_files_is_none_of_arrays() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("notes.txt", SimpleFileOptions::default()).unwrap();
    assert!(!is_npz(&zip.finish().unwrap().into_inner()));
    assert!(!is_npz(START));
}

#[test]
fn a_sparse_format_that_is_not_known_is_told() {
    for (code, word, told) in
        [("|u1", b"csr", "\"\""), ("|S3", b"coo", "\"coo\""), ("|S3", b"bsr", "\"bsr\"")]
    {
        let refusal = refusal(&[
            ("format", array(code, if code == "|u1" { "(3,)" } else { "()" }, word)),
            ("shape", ints("(2,)", &[1, 2])),
            ("data", ints("(1,)", &[5])),
        ]);
        assert!(refusal.contains(&format!("the sparse format {told} is not read")), "{refusal}");
    }
    let Input::Dense(data) = read(&[("data", ints("(1, 2)", &[5, 6]))]).unwrap() else {
        panic!("sparse")
    };
    assert_eq!(*data.entries(), [5.0, 6.0]);
}

#[test]
fn what_unpacks_to_more_than_its_bytes_can_hold_is_refused() {
    let whole = archive(&[("v", array("|u1", "(1024, 1024)", &vec![1; 1 << 20]))]);
    assert!(whole.len() < 1 << 12 && parse("v.npz", &whole, ReadOptions::default()).is_ok());
    // The list of files names the same bytes twice.
    let (front, end) = whole.split_at(whole.len() - 22);
    let begin = u32::from_le_bytes(*end[16..].first_chunk().unwrap());
    let (files, list) = front.split_at(begin as usize);
    let mut again = list.to_vec();
    again[46] = b'w';
    let size = (2 * list.len() as u32).to_le_bytes();
    let end = [&end[..8], &[2, 0, 2, 0], &size, &end[16..]].concat();
    let twice = [files, list, &again, &end].concat();
    let refusal = parse("v.npz", &twice, ReadOptions::default()).unwrap_err().to_string();
    assert!(refusal.contains("unpacks to more than it can hold"), "{refusal}");
}

#[test]
fn refuses_sparse_matrices_that_do_not_fit_together() {
    let matrix = |starts: &[i32], columns: &[i32], sides: &[i32]| {
        refusal(&[
            ("format", array("|S3", "()", b"csr")),
            ("shape", ints(&format!("({},)", sides.len()), sides)),
            ("data", ints("(2,)", &[5, 6])),
            ("indptr", ints(&format!("({},)", starts.len()), starts)),
            ("indices", ints(&format!("({},)", columns.len()), columns)),
        ])
    };
    for (starts, columns) in [
        (&[0, 2, 1][..], &[0, 1][..]),
        (&[0, 1, i32::MAX], &[0, 1]),
        (&[0, 1, -1], &[0, 1]),
        (&[0, 2, 1, 2], &[0, 1]),
        (&[0, 1, 2], &[0]),
        (&[], &[0, 1]),
    ] {
        let refusal = matrix(starts, columns, &[2, 2]);
        assert!(refusal.contains("do not fit together"), "{starts:?}: {refusal}");
    }
    let outside = matrix(&[0, 1, 2], &[0, 5], &[2, 2]);
    assert!(outside.contains("row 2, column 6 (counted from 1) lies outside"), "{outside}");
    let large = matrix(&[0, 1, 2], &[0, 1], &[2, i32::MAX]);
    assert!(large.contains("does not go with a file"), "{large}");
    let flat = matrix(&[0, 1, 2], &[0, 1], &[2]);
    assert!(flat.contains("1 dimensions"), "{flat}");
}

#[test]
fn refuses_archives_cut_off_anywhere() {
    let whole = archive(&[("v", ints("(1, 2)", &[1, 2]))]);
    for length in 0..whole.len() {
        assert!(parse("v.npz", &whole[..length], ReadOptions::default()).is_err());
    }
}
