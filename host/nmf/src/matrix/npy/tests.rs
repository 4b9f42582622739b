//! Files are made here byte by byte, so that the tests need no NumPy.

#[cfg(feature = "half")]
use half::f16;

use super::header::MAGIC;
use super::write_npy;
use crate::matrix::{Entries, Matrix, ReadOptions};

fn file(version: u8, header: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend([version, 0]);
    if version == 1 {
        bytes.extend((header.len() as u16).to_le_bytes());
    } else {
        bytes.extend((header.len() as u32).to_le_bytes());
    }
    bytes.extend(header.as_bytes());
    bytes.extend(body);
    bytes
}

fn header(code: &str, fortran: bool, shape: &str) -> String {
    let fortran = if fortran { "True" } else { "False" };
    format!("{{'descr': '{code}', 'fortran_order': {fortran}, 'shape': {shape}, }}   \n")
}

fn parse(name: &str, bytes: &[u8]) -> crate::error::Result<Matrix> {
    super::matrix(name, bytes, false)
}

fn refusal(bytes: &[u8]) -> String {
    parse("v.npy", bytes).unwrap_err().to_string()
}

#[test]
fn reads_every_element_type_in_both_byte_orders() {
    macro_rules! check {
        ($code:literal, $type:ty) => {
            let values = [1 as $type, 0 as $type, 3 as $type, 100 as $type, 5 as $type, 6 as $type];
            let little: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
            let big: Vec<u8> = values.iter().flat_map(|x| x.to_be_bytes()).collect();
            for (order, body) in [("<", &little), (">", &big)] {
                let bytes = file(1, &header(&format!("{order}{}", $code), false, "(2, 3)"), body);
                let matrix = parse("v.npy", &bytes).unwrap();
                assert_eq!((matrix.rows(), matrix.cols()), (2, 3));
                assert_eq!(
                    matrix.entries().as_ref(),
                    [1.0, 0.0, 3.0, 100.0, 5.0, 6.0],
                    "{order}{}",
                    $code
                );
            }
        };
    }
    check!("u1", u8);
    check!("u2", u16);
    check!("u4", u32);
    check!("u8", u64);
    check!("i1", i8);
    check!("i2", i16);
    check!("i4", i32);
    check!("i8", i64);
    check!("f4", f32);
    check!("f8", f64);
    let bools = file(1, &header("|b1", false, "(1, 2)"), &[0, 1]);
    assert_eq!(parse("v.npy", &bools).unwrap().entries().as_ref(), [0.0, 1.0]);
}

#[cfg(feature = "half")]
#[test]
fn reads_floats_of_16_bits() {
    for (code, half) in [("<f2", f16::to_le_bytes as fn(f16) -> [u8; 2]), (">f2", f16::to_be_bytes)]
    {
        let body: Vec<u8> =
            [1.0, 0.5, 65504.0].map(f16::from_f32).into_iter().flat_map(half).collect();
        let matrix = parse("v.npy", &file(1, &header(code, false, "(1, 3)"), &body)).unwrap();
        assert_eq!(matrix.entries().as_ref(), [1.0, 0.5, 65504.0], "{code}");
    }
}

#[cfg(not(feature = "half"))]
#[test]
fn floats_of_16_bits_are_refused_with_the_remedy() {
    let refusal = refusal(&file(1, &header("<f2", false, "(1, 1)"), &[0; 2]));
    assert!(refusal.contains("16 bits") && refusal.contains("--features half"), "{refusal}");
}

#[test]
fn reads_columns_first_and_every_version() {
    for version in 1..=3 {
        let bytes = file(version, &header("|u1", true, "(2, 3)"), &[1, 4, 2, 5, 3, 6]);
        let matrix = parse("v.npy", &bytes).unwrap();
        assert_eq!(matrix.entries().as_ref(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "version {version}");
    }
    let unknown = file(4, &header("|u1", true, "(2, 3)"), &[0; 6]);
    assert!(refusal(&unknown).contains("version 4"));
}

#[test]
fn names_row_and_column_in_either_order() {
    let body: Vec<u8> =
        [1f32, 2.0, 3.0, 4.0, f32::NAN, 6.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let by_rows = refusal(&file(1, &header("<f4", false, "(2, 3)"), &body));
    assert!(
        by_rows.starts_with("v.npy: the entry at row 2, column 2 (counted from 1) is NaN"),
        "{by_rows}"
    );
    let by_columns = refusal(&file(1, &header("<f4", true, "(2, 3)"), &body));
    assert!(by_columns.contains("row 1, column 3"), "{by_columns}");
    let negative = refusal(&file(1, &header("|i1", false, "(1, 2)"), &[1, 0xff]));
    assert!(negative.contains("row 1, column 2 (counted from 1) is negative (-1)"), "{negative}");
    let large = refusal(&file(1, &header("<f8", false, "(1, 1)"), &1e300f64.to_le_bytes()));
    assert!(large.contains("too large (1e300)"), "{large}");
}

#[test]
fn refuses_other_shapes_and_types() {
    assert!(
        refusal(&file(1, &header("|u1", false, "(6,)"), &[1; 6])).contains("1 dimension ([6])")
    );
    assert!(refusal(&file(1, &header("|u1", false, "()"), &[1])).contains("a single number ([])"));
    assert!(
        refusal(&file(1, &header("|u1", false, "(1, 2, 3)"), &[1; 6]))
            .contains("more than 2 dimensions ([1, 2, 3])")
    );
    assert!(
        refusal(&file(1, &header("|u1", false, "(-1, 2)"), &[1; 6]))
            .contains("cannot be understood")
    );
    for (code, wanted) in [
        (
            "<c16",
            "v.npy: the entries (type '<c16') are complex numbers; save their absolute values",
        ),
        ("|O", "pickled Python objects, which are not read"),
        ("<U4", "are text"),
        ("<f16", "longer than 64 bits; save it as 64-bit floats"),
        ("<M8[ns]", "dates or times"),
        ("", "several types"),
    ] {
        let refusal = refusal(&file(1, &header(code, false, "(1, 1)"), &[1; 16]));
        assert!(refusal.contains(wanted), "{refusal}");
    }
    let structured = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 1)}";
    assert!(refusal(&file(1, structured, &[0; 4])).contains("structured"));
    // The shape of a pickled array is no use to anybody.
    assert!(refusal(&file(1, &header("|O", false, "()"), &[1; 16])).contains("pickled"));
    assert!(refusal(&file(1, &header("|u1", false, "(0, 3)"), &[])).contains("empty (0 x 3)"));
    assert!(refusal(&file(1, &header("|u1", true, "(3, 0)"), &[])).contains("empty (3 x 0)"));
}

#[test]
fn refuses_a_file_cut_off_at_any_byte_or_with_more_behind_it() {
    let whole = file(2, &header("<f4", false, "(2, 2)"), &[0x3f; 16]);
    assert!(parse("v.npy", &whole).is_ok());
    for length in 0..whole.len() {
        let sentence = refusal(&whole[..length]);
        assert!(sentence.starts_with("v.npy: ") && !sentence.contains('\n'), "{sentence}");
    }
    let longer = [whole, vec![0]].concat();
    assert!(refusal(&longer).contains("promises 2 x 2 entries of 4 bytes but 17 bytes follow"));
}

#[test]
fn allocates_nothing_for_a_header_that_lies() {
    for shape in [
        "(1000000, 1000000)",
        "(4294967296, 4294967296)",
        "(9223372036854775807, 4)",
        "(99999999999999999999, 1)",
    ] {
        let sentence = refusal(&file(1, &header("<f8", false, shape), &[0; 8]));
        assert!(sentence.contains("promises") || sentence.contains("understood"), "{sentence}");
    }
    let mut endless = file(2, "", &[]);
    endless[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(refusal(&endless).contains("4294967295 bytes"));
    let nested = format!("{}1{}", "(".repeat(4000), ")".repeat(4000));
    assert!(refusal(&file(1, &nested, &[])).contains("cannot be understood"));
}

#[test]
fn a_header_may_be_as_long_as_numpys() {
    let padded = |length| format!("{:<length$}", header("|u1", false, "(1, 2)").trim_end());
    assert!(parse("v.npy", &file(2, &padded(10_000), &[1, 2])).is_ok());
    assert!(refusal(&file(2, &padded(10_001), &[1, 2])).contains("the header has 10001 bytes"));
    let ones = |axes| header("|u1", false, &format!("({})", "1,".repeat(axes)));
    assert!(refusal(&file(1, &ones(64), &[1])).contains("more than 2 dimensions"));
    assert!(refusal(&file(1, &ones(65), &[1])).contains("cannot be understood"));
}

#[test]
fn reads_back_what_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.npy");
    let entries = [0.5, 1.0, 2.0, 3.0, 4.0, 1e-20];
    write_npy(&path, 2, 3, &entries).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(bytes.len(), 128 + 24, "the entries start at the next multiple of 64 bytes");
    let matrix = Matrix::read(&path, ReadOptions::default()).unwrap();
    assert_eq!((matrix.rows(), matrix.cols()), (2, 3));
    assert_eq!(matrix.entries().as_ref(), entries);
}

#[test]
fn bytes_stay_bytes_in_either_order() {
    for fortran in [false, true] {
        let body = if fortran { [1, 4, 2, 5, 3, 6] } else { [1, 2, 3, 4, 5, 6] };
        let matrix = parse("v.npy", &file(1, &header("|u1", fortran, "(2, 3)"), &body)).unwrap();
        assert_eq!(matrix.stored(), &Entries::Byte(vec![1, 2, 3, 4, 5, 6]));
    }
}

#[test]
fn reads_what_python_2_wrote() {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 2L), }\n";
    let body: Vec<u8> = [7f32, 5.0, 4.0, 2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let matrix = parse("v.npy", &file(1, text, &body)).unwrap();
    assert_eq!(matrix.report(), "read 2 x 2 numbers from v.npy");
    assert_eq!(matrix.entries().as_ref(), [7.0, 5.0, 4.0, 2.0]);
}
