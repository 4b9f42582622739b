//! What NMF cannot use is refused; rows keep what belongs to them.

use super::*;
use crate::matrix::LARGEST;

fn refusal(entries: Vec<f32>) -> String {
    let cols = entries.len() / 2;
    Matrix::new("v", 2, cols, entries).unwrap_err().to_string()
}

#[test]
fn refuses_what_nmf_cannot_use_and_names_the_place() {
    assert!(
        refusal(vec![1.0, 2.0, 3.0, f32::NAN]).contains("row 2, column 2 (counted from 1) is NaN")
    );
    assert!(refusal(vec![1.0, f32::INFINITY, 3.0, 4.0]).contains("row 1, column 2"));
    assert!(refusal(vec![1.0, 2.0, -0.5, 4.0]).contains("negative (-0.5)"));
    assert!(refusal(vec![1.0, 2.0, 3e12, 4.0]).contains("rescale"));
    assert!(refusal(vec![1e-30; 4]).contains("rescale"));
    assert!(refusal(vec![0.0; 4]).contains("every entry is zero"));
    assert!(refusal(Vec::new()).contains("empty (2 x 0)"));
}

#[test]
fn accepts_the_largest_entry_and_turns_minus_zero_into_zero() {
    let matrix = Matrix::new("v", 1, 2, vec![LARGEST as f32, 0.0]).unwrap();
    assert_eq!((matrix.rows(), matrix.cols()), (1, 2));
    assert!(Matrix::new("v", 1, 1, vec![FAINTEST]).is_ok());
    assert!(checked(-0.0).unwrap().is_sign_positive());
}

#[test]
fn bytes_stay_bytes_and_names_stay_with_their_rows() {
    let names = |names: [&str; 3]| Some(names.map(str::to_owned).to_vec());
    let matrix = Matrix::from_checked("v", 3, 1, vec![1_u8, 2, 0])
        .unwrap()
        .with_names(names(["a", "b", "c"]), names(["too", "many", "names"]));
    assert_eq!(matrix.stored(), &Entries::Byte(vec![1, 2, 0]));
    assert_eq!(*matrix.entries(), [1.0, 2.0, 0.0]);
    assert_eq!(matrix.column_names(), None);
    let first = matrix.first_rows(2).unwrap();
    assert_eq!(first.row_names().unwrap(), ["a", "b"]);
    assert_eq!(
        first.with_notes(["x".into(), "y".into()]).report(),
        "read 2 x 1 numbers from v: x, y"
    );
}

#[test]
fn rows_keep_their_entries_and_what_is_missing() {
    for entries in
        [vec![1.0, 0.0, 0.0, 3.0, 2.0, 4.0].into(), Entries::Byte(vec![1, 0, 0, 3, 2, 4])]
    {
        let matrix = Matrix::from_checked("v", 3, 2, entries).unwrap().with_missing(vec![1, 2]);
        assert_eq!(matrix.row(1).collect::<Vec<_>>(), [0.0, 3.0]);
        assert_eq!(matrix.row(2).collect::<Vec<_>>(), [2.0, 4.0]);
        let first = matrix.first_rows(1).unwrap();
        assert_eq!(*first.entries(), [1.0, 0.0]);
        assert_eq!((first.name(), first.rows(), first.missing()), ("v", 1, &[1][..]));
        assert_eq!(first.report(), "read 1 x 2 numbers from v: 1 of them missing");
        assert_eq!(matrix.first_rows(9).unwrap(), matrix);
    }
}
