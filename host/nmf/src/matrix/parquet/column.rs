//! One column of a Parquet file, as numbers or as names.

use half::f16;
use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

use crate::matrix::typed::{Kind, Names};

/// Values that are decoded at a time.
const BATCH: usize = 1 << 16;

/// Content of a column.
pub(super) fn kind(column: &ColumnDescriptor) -> Kind {
    if column.max_rep_level() > 0 || column.path().parts().len() > 1 {
        return Kind::Other("lists or records");
    }
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Float16), _) => return Kind::Numbers,
        (_, ConvertedType::DECIMAL) => return Kind::Other("decimals"),
        (Some(LogicalType::Date | LogicalType::Time(_) | LogicalType::Timestamp(_)), _)
        | (
            _,
            ConvertedType::DATE
            | ConvertedType::TIME_MILLIS
            | ConvertedType::TIME_MICROS
            | ConvertedType::TIMESTAMP_MILLIS
            | ConvertedType::TIMESTAMP_MICROS,
        ) => return Kind::Other("dates or times"),
        _ => {}
    }
    match column.physical_type() {
        Type::BOOLEAN | Type::INT32 | Type::INT64 | Type::FLOAT | Type::DOUBLE => Kind::Numbers,
        Type::BYTE_ARRAY => Kind::Text,
        Type::INT96 => Kind::Other("dates or times"),
        Type::FIXED_LEN_BYTE_ARRAY => Kind::Other("bytes"),
    }
}

/// Whether the bits of its numbers have no sign.
fn is_unsigned(column: &ColumnDescriptor) -> bool {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Integer(integer)), _) if !integer.is_signed => true,
        (_, converted) => matches!(
            converted,
            ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64
        ),
    }
}

/// How many rows of a column are to be read, and how its bits are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// The most rows.
    pub rows: usize,
    /// The level of a value that is there; 0 if none can be missing.
    levels: i16,
    unsigned: bool,
}

impl Layout {
    /// Of so many `rows` of a column.
    pub(super) fn of(column: &ColumnDescriptor, rows: usize) -> Self {
        Self { rows, levels: column.max_def_level(), unsigned: is_unsigned(column) }
    }
}

/// Gives `push` the numbers of a group of rows, NaN where there is none; the count of rows.
pub(super) fn numbers(
    reader: ColumnReader,
    layout: Layout,
    mut push: impl FnMut(f64),
) -> Result<usize> {
    match reader {
        ColumnReader::BoolColumnReader(it) => {
            each(it, layout, |value| push(value.map_or(f64::NAN, |it| f64::from(u8::from(*it)))))
        }
        ColumnReader::Int32ColumnReader(it) if layout.unsigned => {
            each(it, layout, |value| push(value.map_or(f64::NAN, |it| it.cast_unsigned().into())))
        }
        ColumnReader::Int32ColumnReader(it) => {
            each(it, layout, |value| push(value.map_or(f64::NAN, |it| f64::from(*it))))
        }
        ColumnReader::Int64ColumnReader(it) if layout.unsigned => {
            each(it, layout, |value| push(value.map_or(f64::NAN, |it| it.cast_unsigned() as f64)))
        }
        ColumnReader::Int64ColumnReader(it) => {
            each(it, layout, |value| push(value.map_or(f64::NAN, |it| *it as f64)))
        }
        ColumnReader::FloatColumnReader(it) => {
            each(it, layout, |value| push(value.map_or(f64::NAN, |it| f64::from(*it))))
        }
        ColumnReader::DoubleColumnReader(it) => {
            each(it, layout, |value| push(*value.unwrap_or(&f64::NAN)))
        }
        ColumnReader::FixedLenByteArrayColumnReader(it) => {
            each(it, layout, |value| push(value.map_or(f64::NAN, |it| half(it.data()))))
        }
        _ => Err(ParquetError::General("a column without numbers".to_owned())),
    }
}

fn half(bytes: &[u8]) -> f64 {
    bytes.try_into().map_or(f64::NAN, |bytes| f16::from_le_bytes(bytes).to_f64())
}

/// Appends the names of a group of rows, an empty one where there is none; the count of rows.
pub(super) fn names(reader: ColumnReader, layout: Layout, out: &mut Names) -> Result<usize> {
    let ColumnReader::ByteArrayColumnReader(it) = reader else {
        return numbers(reader, layout, |value| out.push_number(value));
    };
    each(it, layout, |value| {
        out.push(&String::from_utf8_lossy(value.map_or(&[], |it| it.data())));
    })
}

/// Gives `push` the values of at most the layout's rows, nothing where one is missing; the count of rows.
fn each<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    layout: Layout,
    mut push: impl FnMut(Option<&T::T>),
) -> Result<usize> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let mut left = layout.rows;
    while left > 0 {
        levels.clear();
        values.clear();
        let most = BATCH.min(left);
        let (rows, count, _) = reader.read_records(most, Some(&mut levels), None, &mut values)?;
        if rows == 0 {
            break;
        }
        let mut values = values.iter();
        if layout.levels == 0 {
            left = left.saturating_sub(count);
            values.for_each(|value| push(Some(value)));
            continue;
        }
        left = left.saturating_sub(levels.len());
        for level in &levels {
            push(if *level == layout.levels { values.next() } else { None });
        }
    }
    Ok(layout.rows - left)
}
