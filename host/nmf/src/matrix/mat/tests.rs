//! Files are made here element by element, as MATLAB lays them out.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::*;

fn element(kind: u32, bytes: &[u8]) -> Vec<u8> {
    let mut all = [kind.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
    all.extend(bytes);
    all.resize(all.len().next_multiple_of(8), 0);
    all
}

fn ints(values: &[i32]) -> Vec<u8> {
    element(5, &values.iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<u8>>())
}

fn doubles(values: &[f64]) -> Vec<u8> {
    element(9, &values.iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<u8>>())
}

/// A variable of a class, with flags, and the elements of its numbers.
fn variable(class: u32, name: &str, sides: [i32; 2], numbers: &[Vec<u8>]) -> Vec<u8> {
    let flags = element(6, &[class.to_le_bytes(), [0; 4]].concat());
    // A name of up to four letters is kept in its tag.
    let mut tag = [1_u16.to_le_bytes(), (name.len() as u16).to_le_bytes()].concat();
    tag.extend(name.as_bytes());
    tag.resize(8, 0);
    let body = [flags, ints(&sides), tag, numbers.concat()].concat();
    element(14, &body)
}

fn file(variables: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"MATLAB 5.0 MAT-file, made by a test".to_vec();
    bytes.resize(124, b' ');
    bytes.extend([0, 1, b'I', b'M']);
    bytes.extend(variables.concat());
    bytes
}

fn read(bytes: &[u8]) -> Result<Input> {
    parse("v.mat", bytes, ReadOptions::default())
}

fn dense(bytes: &[u8]) -> Matrix {
    let Input::Dense(matrix) = read(bytes).unwrap() else { panic!("sparse") };
    matrix
}

/// 2 x 3, column by column.
fn v() -> Vec<u8> {
    variable(6, "v", [2, 3], &[doubles(&[1.0, 4.0, 2.5, 5.0, 3.0, 6.0])])
}

#[test]
fn reads_the_only_matrix_by_rows() {
    let title = variable(4, "t", [1, 2], &[element(4, &[65, 0, 66, 0])]);
    let scalar = variable(6, "k", [1, 1], &[doubles(&[7.0])]);
    let matrix = dense(&file(&[title, v(), scalar]));
    assert_eq!(*matrix.entries(), [1.0, 2.5, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(matrix.report(), "read 2 x 3 numbers from v.mat: variable \"v\" of the file");
    let two = read(&file(&[v(), v()])).unwrap_err().to_string();
    assert!(two.contains("2 of the 2 variables are matrices of numbers (v, v)"), "{two}");
}

#[test]
fn what_is_no_entry_is_refused_with_its_row_and_column() {
    let hole = variable(6, "v", [2, 3], &[doubles(&[1.0, 4.0, 2.5, 5.0, f64::NAN, 6.0])]);
    let refusal = read(&file(&[hole])).unwrap_err().to_string();
    assert!(refusal.contains("row 1, column 3 (counted from 1) is NaN"), "{refusal}");
    let negative = variable(6, "v", [2, 3], &[doubles(&[1.0, 4.0, 2.5, -5.0, 3.0, 6.0])]);
    let refusal = read(&file(&[negative])).unwrap_err().to_string();
    assert!(refusal.contains("row 2, column 2 (counted from 1) is negative"), "{refusal}");
}

#[test]
fn reads_numbers_in_shorter_storage_and_keeps_bytes() {
    let stored = variable(6, "v", [2, 2], &[element(2, &[1, 2, 3, 4])]);
    assert_eq!(dense(&file(&[stored])).stored(), &Entries::Float(vec![1.0, 3.0, 2.0, 4.0]));
    let bytes = variable(9, "v", [2, 2], &[element(2, &[1, 2, 3, 4])]);
    assert_eq!(dense(&file(&[bytes])).stored(), &Entries::Byte(vec![1, 3, 2, 4]));
}

/// The 2 x 2 matrix of those bytes of a type, in a file of the other byte order.
fn big(kind: u32, numbers: &[u8]) -> Vec<u8> {
    let words = |words: &[u32]| words.iter().flat_map(|it| it.to_be_bytes()).collect::<Vec<u8>>();
    let flags = words(&[6, 8, 6, 0]);
    let sides = words(&[5, 8, 2, 2]);
    let name = [&words(&[(1 << 16) | 1])[..], b"v\0\0\0"].concat();
    let mut body =
        [flags, sides, name, words(&[kind, numbers.len() as u32]), numbers.to_vec()].concat();
    body.resize(body.len().next_multiple_of(8), 0);
    let mut bytes = file(&[]);
    bytes[126..].copy_from_slice(b"MI");
    [bytes, words(&[14, body.len() as u32]), body].concat()
}

#[test]
fn reads_every_type_of_numbers_in_both_byte_orders() {
    macro_rules! check {
        ($kind:literal, $type:ty) => {
            let values = [1 as $type, 4 as $type, 100 as $type, 5 as $type];
            let little: Vec<u8> = values.iter().flat_map(|it| it.to_le_bytes()).collect();
            let stored = variable(6, "v", [2, 2], &[element($kind, &little)]);
            assert_eq!(*dense(&file(&[stored])).entries(), [1.0, 100.0, 4.0, 5.0], "{}", $kind);
            let other: Vec<u8> = values.iter().flat_map(|it| it.to_be_bytes()).collect();
            assert_eq!(*dense(&big($kind, &other)).entries(), [1.0, 100.0, 4.0, 5.0], "{}", $kind);
        };
    }
    check!(1, i8);
    check!(2, u8);
    check!(3, i16);
    check!(4, u16);
    check!(5, i32);
    check!(6, u32);
    check!(7, f32);
    check!(9, f64);
    check!(12, i64);
    check!(13, u64);
    let text = read(&big(16, &[1; 4])).unwrap_err().to_string();
    assert!(text.contains("cut off or damaged"), "{text}");
}

#[test]
fn reads_numbers_that_are_kept_in_their_tag() {
    let tag = vec![2, 0, 4, 0, 1, 2, 3, 4];
    assert_eq!(*dense(&file(&[variable(6, "v", [2, 2], &[tag])])).entries(), [1.0, 3.0, 2.0, 4.0]);
}

#[test]
fn refuses_what_is_no_file_of_matlab_5() {
    let mut other = file(&[v()]);
    other[126..128].copy_from_slice(b"XX");
    for bytes in [&b"1,2"[..], &other] {
        let refusal = read(bytes).unwrap_err().to_string();
        assert!(refusal.contains("this is not a .mat file of MATLAB 5 to 7"), "{refusal}");
    }
}

fn packed(variable: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(variable).unwrap();
    let packed = zlib.finish().unwrap();
    [&15_u32.to_le_bytes()[..], &(packed.len() as u32).to_le_bytes(), &packed].concat()
}

#[test]
fn reads_what_is_compressed() {
    let scalar = variable(6, "k", [1, 1], &[doubles(&[7.0])]);
    let both = file(&[packed(&scalar), packed(&v())]);
    assert_eq!(*dense(&both).entries(), [1.0, 2.5, 3.0, 4.0, 5.0, 6.0]);
    let ones = packed(&variable(6, "v", [100, 100], &[doubles(&vec![1.0; 10_000])]));
    assert!(ones.len() < 1000, "{}", ones.len());
    assert_eq!(*dense(&file(&[ones])).entries(), vec![1.0; 10_000]);
}

#[test]
fn reads_sparse_matrices_and_refuses_complex_ones() {
    // 3 x 2: 5 at (0, 0), 6 at (2, 1); with room for a third, and without.
    for (rows, values) in [(&[0, 2, 0][..], &[5.0, 6.0, 0.0][..]), (&[0, 2], &[5.0, 6.0])] {
        let numbers = [ints(rows), ints(&[0, 1, 2]), doubles(values)];
        let Input::Sparse(it) = read(&file(&[variable(5, "s", [3, 2], &numbers)])).unwrap() else {
            panic!("dense")
        };
        assert_eq!(
            (it.entries().starts(), it.entries().places(), it.entries().values()),
            (&[0, 1, 1, 2][..], &[0, 1][..], &[5.0, 6.0][..])
        );
    }
    for (rows, starts) in [
        (&[0, 9, 0][..], &[0, 1, 2][..]),
        (&[0, 1], &[0, 5, 9]),
        (&[0], &[0, 2, 1]),
        (&[0], &[0, 1, 2]),
    ] {
        let numbers = [ints(rows), ints(starts), doubles(&[5.0, 6.0, 0.0])];
        assert!(read(&file(&[variable(5, "s", [3, 2], &numbers)])).is_err(), "{starts:?}");
    }
    let complex = variable(6 | COMPLEX, "z", [2, 2], &[doubles(&[1.0; 4]), doubles(&[1.0; 4])]);
    let refusal = read(&file(&[complex])).unwrap_err().to_string();
    assert!(
        refusal.contains("\"z\" holds complex numbers; save their absolute values"),
        "{refusal}"
    );
}

#[test]
fn refuses_a_file_cut_off_anywhere() {
    let whole = file(&[v()]);
    // Up to seven bytes at the end may be missing, were they only padding; here they are numbers.
    for length in 0..whole.len() {
        assert!(read(&whole[..length]).is_err(), "{length}");
    }
    let lying = variable(6, "v", [2_000_000_000, 2_000_000_000], &[doubles(&[1.0])]);
    assert!(read(&file(&[lying])).unwrap_err().to_string().contains("cut off or damaged"));
}
