//! Files are made here with the crate's writer, and one by pandas.

mod damaged;

use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Float16Type, Int8Type, Int32Type};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    FixedSizeBinaryArray, Float16Array, Float32Array, Float64Array, Int8Array, Int16Array,
    Int32Array, Int64Array, LargeStringArray, NullArray, RecordBatch, StringArray, StringViewArray,
    UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};

use super::*;
use crate::matrix::{Choice, Matrix};

type F16 = <Float16Type as ArrowPrimitiveType>::Native;

/// A file of those batches of columns, packed with LZ4 where that makes a column smaller.
fn file(batches: &[&[(&str, ArrayRef)]]) -> Vec<u8> {
    let batch = |columns: &&[(&str, ArrayRef)]| {
        let columns = columns.iter().map(|(name, array)| (*name, array.clone(), true));
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    };
    let batches: Vec<_> = batches.iter().map(batch).collect();
    let options = IpcWriteOptions::default();
    let options = options.try_with_compression(Some(CompressionType::LZ4_FRAME)).unwrap();
    let schema = batches[0].schema();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &schema, options).unwrap();
    batches.iter().for_each(|it| writer.write(it).unwrap());
    writer.into_inner().unwrap()
}

fn whole(values: &[i32]) -> ArrayRef {
    Arc::new(Int32Array::from(values.to_vec()))
}

fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

const MISSING: ReadOptions =
    ReadOptions { header: Choice::Auto, index: Choice::Auto, missing: true };

fn dense(bytes: &[u8], options: ReadOptions) -> Matrix {
    let Input::Dense(matrix) = parse("v.arrow", bytes, options).unwrap() else { panic!("sparse") };
    matrix
}

fn refusal(bytes: &[u8]) -> String {
    parse("v.arrow", bytes, ReadOptions::default()).unwrap_err().to_string()
}

/// `DataFrame({"alpha": [1, 2.5, nan], "beta": uint8 [200, 5, 6], "gamma": int64 [7, 8, 9]}, index=["x", "y", "z"])
/// .to_feather("pandas.feather", chunksize=2)`, with pandas 3.1.1 and pyarrow 26.0.1.
const PANDAS: &[u8] = include_bytes!("pandas.feather");

#[test]
fn reads_what_pandas_wrote_with_its_index() {
    let matrix = dense(PANDAS, MISSING);
    assert_eq!(*matrix.entries(), [1.0, 200.0, 7.0, 2.5, 5.0, 8.0, 0.0, 6.0, 9.0]);
    assert_eq!(matrix.missing(), [6]);
    assert_eq!(matrix.row_names().unwrap(), ["x", "y", "z"]);
    assert_eq!(matrix.column_names().unwrap(), ["alpha", "beta", "gamma"]);
    assert_eq!(
        matrix.report(),
        "read 3 x 3 numbers from v.arrow: 1 of them missing, column names from the schema, \
         row names from column \"__index_level_0__\""
    );
    let known = refusal(PANDAS);
    assert!(known.contains("row 3, column 1 (counted from 1) is NaN"), "{known}");
}

#[test]
fn every_type_of_numbers_is_read_and_nulls_are_missing() {
    let columns: [(&str, ArrayRef); 9] = [
        ("bool", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("i8", Arc::new(Int8Array::from(vec![None, Some(7)]))),
        ("i64", Arc::new(Int64Array::from(vec![1 << 33, 2]))),
        ("u8", Arc::new(UInt8Array::from(vec![255, 0]))),
        ("u64", Arc::new(UInt64Array::from(vec![1 << 40, 3]))),
        ("f16", Arc::new(Float16Array::from(vec![F16::from_f32(1.0), F16::from_f32(0.0)]))),
        ("f32", Arc::new(Float32Array::from(vec![0.5, f32::NAN]))),
        (
            "levels",
            Arc::new(DictionaryArray::<Int8Type>::new(
                vec![Some(1), None].into(),
                Arc::new(Float64Array::from(vec![2.0, 4.5])),
            )),
        ),
        ("none", Arc::new(NullArray::new(2))),
    ];
    let matrix = dense(&file(&[&columns]), MISSING);
    assert_eq!(
        *matrix.entries(),
        [
            1.0,
            0.0,
            8_589_934_592.0,
            255.0,
            1_099_511_627_776.0,
            1.0,
            0.5,
            4.5,
            0.0, //
            0.0,
            7.0,
            2.0,
            0.0,
            3.0,
            0.0,
            0.0,
            0.0,
            0.0,
        ]
    );
    assert_eq!(matrix.missing(), [1, 8, 9, 15, 16, 17]);
    assert_eq!(matrix.column_names().unwrap()[7..], ["levels", "none"]);
}

#[test]
fn numbers_of_16_and_32_bits_are_read() {
    let columns: [(&str, ArrayRef); 3] = [
        ("i16", Arc::new(Int16Array::from(vec![300, 1]))),
        ("u16", Arc::new(UInt16Array::from(vec![60_000, 2]))),
        ("u32", Arc::new(UInt32Array::from(vec![1 << 31, 3]))),
    ];
    let matrix = dense(&file(&[&columns]), ReadOptions::default());
    assert_eq!(*matrix.entries(), [300.0, 60_000.0, 2_147_483_648.0, 1.0, 2.0, 3.0]);
}

#[test]
fn batches_follow_each_other_and_text_of_any_kind_is_names() {
    let levels = |places: Vec<Option<i32>>| {
        let names = text(&["low", "high"]);
        Arc::new(DictionaryArray::<Int32Type>::new(places.into(), names)) as ArrayRef
    };
    for (first, second, wanted) in [
        (text(&["a", "b"]), text(&["c"]), ["a", "b", "c"]),
        (
            Arc::new(StringViewArray::from(vec!["a name of more than 12 letters", "b"])),
            Arc::new(StringViewArray::from(vec![None::<&str>])),
            ["a name of more than 12 letters", "b", ""],
        ),
        (
            Arc::new(LargeStringArray::from(vec!["a", "b"])),
            Arc::new(LargeStringArray::from(vec!["c"])),
            ["a", "b", "c"],
        ),
        (levels(vec![Some(1), Some(0)]), levels(vec![None]), ["high", "low", ""]),
    ] {
        let bytes = file(&[
            &[("who", first), ("n", whole(&[4, 2]))],
            &[("who", second), ("n", whole(&[9]))],
        ]);
        let matrix = dense(&bytes, ReadOptions::default());
        assert_eq!(*matrix.entries(), [4.0, 2.0, 9.0]);
        assert_eq!(matrix.row_names().unwrap(), wanted);
    }
}

#[test]
fn more_columns_than_are_read_at_a_time_keep_their_order() {
    let names: Vec<String> = (0..150).map(|at| format!("c{at}")).collect();
    let columns: Vec<(&str, ArrayRef)> =
        names.iter().zip(0..).map(|(name, at)| (&**name, whole(&[at, 2 * at]))).collect();
    let matrix = dense(&file(&[&columns]), ReadOptions::default());
    let wanted: Vec<f32> = (0..150).chain((0..300).step_by(2)).map(|at| at as f32).collect();
    assert_eq!(*matrix.entries(), wanted[..]);
    assert_eq!(matrix.column_names().unwrap(), names);
}

#[test]
fn a_first_column_that_counts_is_refused_until_somebody_says_what_it_is() {
    let bytes = file(&[&[("n", whole(&[0, 1, 2])), ("x", whole(&[5, 7, 1]))]]);
    assert_eq!(
        refusal(&bytes),
        "v.arrow: column \"n\" counts, and can be row names or numbers; \
         say --index yes or --index no"
    );
    let index = |index| ReadOptions { index, ..ReadOptions::default() };
    assert_eq!(dense(&bytes, index(Choice::Yes)).row_names().unwrap(), ["0", "1", "2"]);
    assert_eq!(dense(&bytes, index(Choice::No)).cols(), 2);
    let titled = file(&[&[("id", whole(&[0, 1, 2])), ("x", whole(&[5, 7, 1]))]]);
    assert_eq!(dense(&titled, ReadOptions::default()).row_names().unwrap(), ["0", "1", "2"]);
}

#[test]
fn a_first_column_that_does_not_count_or_is_alone_is_numbers() {
    for columns in [
        &[("a", whole(&[5, 7, 1])), ("b", whole(&[5, 7, 1]))][..],
        &[("a", whole(&[0, 1])), ("b", whole(&[5, 7]))],
        &[("a", whole(&[0, 1, 2]))],
    ] {
        assert_eq!(dense(&file(&[columns]), ReadOptions::default()).cols(), columns.len());
    }
}

#[test]
fn columns_without_numbers_are_named() {
    let days: ArrayRef = Arc::new(Date32Array::from(vec![3, 1]));
    let names = RecordBatch::try_from_iter([("n", whole(&[3, 1]))]).unwrap();
    let record: ArrayRef = Arc::new(arrow_array::StructArray::from(names));
    let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![&b"a"[..], b"b"]));
    let fixed: ArrayRef = Arc::new(FixedSizeBinaryArray::new(2, b"abcd".to_vec().into(), None));
    let decimals: ArrayRef = Arc::new(Decimal128Array::from(vec![3, 1]));
    let levels = DictionaryArray::<Int8Type>::new(vec![0, 0].into(), days.clone());
    for (column, wanted) in [
        (text(&["a", "b"]), "text"),
        (days, "dates or times"),
        (record, "lists or records"),
        (bytes, "bytes"),
        (fixed, "bytes"),
        (decimals, "decimals"),
        (Arc::new(levels), "dates or times"),
    ] {
        let refusal = refusal(&file(&[&[("n", whole(&[3, 1])), ("odd", column)]]));
        assert!(refusal.contains(&format!("column \"odd\" holds {wanted}; ")), "{refusal}");
    }
}
