//! Files are made here with the crate's writer, and one by pandas.

use std::sync::Arc;

use half::f16;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    FloatType, Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use super::*;
use tinynmf_core::random::{Stream, generator, uniform};

use crate::matrix::{Choice, Matrix};

/// Cells of a column in a group of rows.
enum Cells {
    Whole(&'static [i32]),
    Long(&'static [i64]),
    Bits(&'static [bool]),
    Floats(&'static [f32]),
    Halves(&'static [f32]),
    Doubles(&'static [Option<f64>]),
    Text(&'static [&'static str]),
}

impl Cells {
    fn write(&self, column: &mut SerializedColumnWriter<'_>) {
        let written = match self {
            Self::Whole(values) => column.typed::<Int32Type>().write_batch(values, None, None),
            Self::Long(values) => column.typed::<Int64Type>().write_batch(values, None, None),
            Self::Bits(values) => column.typed::<BoolType>().write_batch(values, None, None),
            Self::Floats(values) => column.typed::<FloatType>().write_batch(values, None, None),
            Self::Halves(values) => {
                let half = |it: &f32| ByteArray::from(f16::from_f32(*it).to_le_bytes().to_vec());
                let values: Vec<FixedLenByteArray> =
                    values.iter().map(|it| half(it).into()).collect();
                column.typed::<FixedLenByteArrayType>().write_batch(&values, None, None)
            }
            Self::Doubles(values) => {
                let levels: Vec<i16> = values.iter().map(|it| i16::from(it.is_some())).collect();
                let known: Vec<f64> = values.iter().copied().flatten().collect();
                column.typed::<DoubleType>().write_batch(&known, Some(&levels), None)
            }
            Self::Text(values) => {
                let values: Vec<ByteArray> = values.iter().map(|it| (*it).into()).collect();
                column.typed::<ByteArrayType>().write_batch(&values, None, None)
            }
        };
        written.unwrap();
    }
}

/// A file of that schema, a row group each.
fn file(columns: &str, groups: &[&[Cells]]) -> Vec<u8> {
    let schema = parse_message_type(&format!("message v {{ {columns} }}")).unwrap();
    let properties = Arc::new(WriterProperties::default());
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties).unwrap();
    for group in groups {
        let mut rows = writer.next_row_group().unwrap();
        for cells in *group {
            let mut column = rows.next_column().unwrap().unwrap();
            cells.write(&mut column);
            column.close().unwrap();
        }
        rows.close().unwrap();
    }
    writer.into_inner().unwrap()
}

fn dense(bytes: &[u8], options: ReadOptions) -> Matrix {
    let Input::Dense(matrix) = parse("v.parquet", bytes, options).unwrap() else {
        panic!("sparse")
    };
    matrix
}

fn refusal(bytes: &[u8]) -> String {
    parse("v.parquet", bytes, ReadOptions::default()).unwrap_err().to_string()
}

/// `DataFrame({"alpha": [1, 2.5, nan], "beta": uint8 [200, 5, 6], "gamma": int64 [7, 8, 9]}, index=["x", "y", "z"])
/// .to_parquet("pandas.parquet", row_group_size=2)`, with pandas 3.1 and pyarrow 26.0.
const PANDAS: &[u8] = include_bytes!("pandas.parquet");

#[test]
fn reads_what_pandas_wrote_with_its_index() {
    let missing = ReadOptions { missing: true, ..ReadOptions::default() };
    let matrix = dense(PANDAS, missing);
    assert_eq!(*matrix.entries(), [1.0, 200.0, 7.0, 2.5, 5.0, 8.0, 0.0, 6.0, 9.0]);
    assert_eq!(matrix.missing(), [6]);
    assert_eq!(matrix.row_names().unwrap(), ["x", "y", "z"]);
    assert_eq!(matrix.column_names().unwrap(), ["alpha", "beta", "gamma"]);
    assert_eq!(
        matrix.report(),
        "read 3 x 3 numbers from v.parquet: 1 of them missing, column names from the schema, \
         row names from column \"__index_level_0__\""
    );
    let known = refusal(PANDAS);
    assert!(known.contains("row 3, column 1 (counted from 1) is NaN"), "{known}");
}

#[test]
fn groups_of_rows_follow_each_other_and_nulls_are_missing() {
    let groups: [&[Cells]; 2] = [
        &[Cells::Text(&["a", "b"]), Cells::Doubles(&[Some(1.5), None]), Cells::Whole(&[4, 2])],
        &[Cells::Text(&["c"]), Cells::Doubles(&[Some(3.0)]), Cells::Whole(&[-1])],
    ];
    let columns = "REQUIRED BYTE_ARRAY who (UTF8); OPTIONAL DOUBLE x; REQUIRED INT32 n (UINT_32);";
    let matrix =
        dense(&file(columns, &groups), ReadOptions { missing: true, ..ReadOptions::default() });
    assert_eq!(*matrix.entries(), [1.5, 4.0, 0.0, 2.0, 3.0, 4_294_967_295_u32 as f32]);
    assert_eq!((matrix.missing(), matrix.rows()), (&[2][..], 3));
    assert_eq!(matrix.row_names().unwrap(), ["a", "b", "c"]);
}

#[test]
fn every_type_of_numbers_is_read() {
    let group: &[Cells] = &[
        Cells::Bits(&[true, false]),
        Cells::Whole(&[3, 4]),
        Cells::Long(&[1 << 33, 5]),
        Cells::Long(&[9, 6]),
        Cells::Floats(&[0.5, 7.0]),
        Cells::Halves(&[1.5, 8.0]),
    ];
    let columns = "REQUIRED BOOLEAN b; REQUIRED INT32 i; REQUIRED INT64 l; REQUIRED INT64 u (UINT_64); \
                   REQUIRED FLOAT f; REQUIRED FIXED_LEN_BYTE_ARRAY (2) h (FLOAT16);";
    let matrix = dense(&file(columns, &[group]), ReadOptions::default());
    assert_eq!(
        *matrix.entries(),
        [1.0, 3.0, 8_589_934_592.0, 9.0, 0.5, 1.5, 0.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    );
    let group: &[Cells] = &[Cells::Long(&[-1, 6])];
    let short: &[Cells] = &[Cells::Whole(&[-1, 6])];
    for (column, group) in
        [("INT64 l", group), ("INT64 l (INTEGER(64, true))", group), ("INT32 i", short)]
    {
        let signed = refusal(&file(&format!("REQUIRED {column};"), &[group]));
        assert!(signed.contains("is negative (-1)"), "{column}: {signed}");
    }
    let unsigned = refusal(&file("REQUIRED INT64 u (UINT_64);", &[group]));
    assert!(unsigned.contains("is too large"), "{unsigned}");
}

#[test]
fn what_is_no_number_is_called_by_its_kind() {
    for (column, wanted) in [
        ("INT32 x (DATE)", "dates or times"),
        ("INT32 x (TIME_MILLIS)", "dates or times"),
        ("INT64 x (TIMESTAMP_MICROS)", "dates or times"),
        ("INT96 x", "dates or times"),
        ("INT32 x (DECIMAL(5, 2))", "decimals"),
        ("FIXED_LEN_BYTE_ARRAY (4) x", "bytes"),
        ("BYTE_ARRAY x", "text"),
    ] {
        let refusal = refusal(&file(&format!("REQUIRED INT32 n; REQUIRED {column};"), &[]));
        assert!(refusal.contains(&format!("column \"x\" holds {wanted};")), "{column}: {refusal}");
    }
    let list = refusal(&file("REQUIRED INT32 n; REPEATED INT32 x;", &[]));
    assert!(list.contains("column \"x\" holds lists or records;"), "{list}");
}

#[test]
fn a_first_column_that_counts_is_refused_until_somebody_says_what_it_is() {
    let group: &[Cells] =
        &[Cells::Whole(&[0, 1, 2]), Cells::Doubles(&[Some(5.0), Some(7.0), Some(1.0)])];
    let bytes = file("REQUIRED INT32 n; OPTIONAL DOUBLE x;", &[group]);
    assert_eq!(
        refusal(&bytes),
        "v.parquet: column \"n\" counts, and can be row names or numbers; \
         say --index yes or --index no"
    );
    let index = |index| ReadOptions { index, ..ReadOptions::default() };
    assert_eq!(dense(&bytes, index(Choice::Yes)).row_names().unwrap(), ["0", "1", "2"]);
    assert_eq!(dense(&bytes, index(Choice::No)).cols(), 2);
    let group: &[Cells] =
        &[Cells::Whole(&[17, 9, 21]), Cells::Doubles(&[Some(5.0), Some(7.0), Some(1.0)])];
    let key = refusal(&file("REQUIRED INT32 user_id; OPTIONAL DOUBLE x;", &[group]));
    assert!(key.contains("column \"user_id\" looks like a key, and can be row names"), "{key}");
    let titled = file("REQUIRED INT32 id; OPTIONAL DOUBLE x;", &[group]);
    assert_eq!(dense(&titled, ReadOptions::default()).row_names().unwrap(), ["17", "9", "21"]);
}

#[test]
fn columns_without_numbers_are_named() {
    let group: &[Cells] = &[Cells::Whole(&[3, 1]), Cells::Text(&["a", "b"])];
    let text = refusal(&file("REQUIRED INT32 n; REQUIRED BYTE_ARRAY who (UTF8);", &[group]));
    assert!(text.contains("column \"who\" holds text"), "{text}");
    let group: &[Cells] = &[Cells::Whole(&[3, 1]), Cells::Whole(&[3, 1])];
    let dates = refusal(&file("REQUIRED INT32 n; REQUIRED INT32 day (DATE);", &[group]));
    assert!(dates.contains("column \"day\" holds dates or times"), "{dates}");
    let nested = refusal(&file("REQUIRED group g { REQUIRED INT32 n; }", &[&[Cells::Whole(&[3])]]));
    assert!(nested.contains("column \"g.n\" holds lists or records"), "{nested}");
}

#[test]
fn what_cannot_be_read_is_told() {
    let cut = refusal(&PANDAS[..PANDAS.len() - 9]);
    assert!(cut.contains("the table cannot be read"), "{cut}");
    let zstd = unreadable(
        "v.parquet",
        &ParquetError::General("Disabled feature at compile time: zstd".to_owned()),
    );
    assert!(zstd.to_string().ends_with("save it with the compression snappy, gzip or lz4"));
    assert!(refusal(&file("REQUIRED INT32 n;", &[])).contains("empty (0 x 1)"));
}

#[test]
fn a_long_name_that_is_stored_once_takes_no_memory_in_every_row() {
    let name: &str = "a".repeat(1 << 13).leak();
    let names = Cells::Text(vec![name; 4_000].leak());
    let group: &[Cells] = &[names, Cells::Whole(&[3; 4_000])];
    let bytes = file("REQUIRED BYTE_ARRAY who (UTF8); REQUIRED INT32 n;", &[group]);
    assert!(bytes.len() < 1 << 15, "{}", bytes.len());
    let names = refusal(&bytes);
    assert!(names.contains("its names are too long"), "{names}");
}

#[test]
fn a_list_that_nobody_reads_takes_no_time() {
    // A field that the format does not have, a list of 2³¹ - 1 booleans, before the footer's last byte.
    let list = [0x99, 0xf2, 0xff, 0xff, 0xff, 0xff, 7];
    let (front, end) = PANDAS.split_at(PANDAS.len() - 9);
    let length = u32::from_le_bytes(*end[1..].first_chunk().unwrap()) + list.len() as u32;
    let bytes = [front, &list, &[0], &length.to_le_bytes(), b"PAR1"].concat();
    assert!(refusal(&bytes).contains("a list claims more than it can hold"));
}

#[test]
fn damaged_files_are_refused_or_read_but_never_panic() {
    let mut rng = generator(7, Stream::Noise);
    let mut draw = |below: usize| (uniform(&mut rng) * below as f32) as usize;
    for _ in 0..3_000 {
        let mut bytes = PANDAS.to_vec();
        for _ in 0..=draw(4) {
            let at = draw(bytes.len());
            bytes[at] = draw(256) as u8;
        }
        if let Ok(input) =
            parse("v.parquet", &bytes, ReadOptions { missing: true, ..Default::default() })
        {
            let Input::Dense(matrix) = input else { panic!("sparse") };
            assert!(matrix.entries().iter().all(|it| it.is_finite() && *it >= 0.0));
        }
    }
}
