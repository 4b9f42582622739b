//! One column of a Parquet file, as numbers or as names.

use std::cell::Cell;

use half::f16;
use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

use crate::matrix::typed::{Kind, number_as_name};

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

/// Limits of a column, and how its bits are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Rows of the table.
    rows: usize,
    /// Letters of all names.
    letters: usize,
    /// The level of a value that is there; 0 if none can be missing.
    levels: i16,
    unsigned: bool,
}

impl Layout {
    /// Of a column in a table of so many `rows`, whose names have at most so many `letters`.
    pub(super) fn of(column: &ColumnDescriptor, rows: usize, letters: usize) -> Self {
        Self { rows, letters, levels: column.max_def_level(), unsigned: is_unsigned(column) }
    }
}

/// Appends the values of a group of rows.
pub(super) type Read<T> = fn(ColumnReader, Layout, &mut Vec<T>) -> Result<()>;

/// As numbers; NaN where there is none.
pub(super) fn numbers(reader: ColumnReader, layout: Layout, out: &mut Vec<f64>) -> Result<()> {
    match reader {
        ColumnReader::BoolColumnReader(it) => {
            append(it, layout, || f64::NAN, |value| f64::from(u8::from(*value)), out)
        }
        ColumnReader::Int32ColumnReader(it) if layout.unsigned => {
            append(it, layout, || f64::NAN, |value| f64::from(value.cast_unsigned()), out)
        }
        ColumnReader::Int32ColumnReader(it) => {
            append(it, layout, || f64::NAN, |value| f64::from(*value), out)
        }
        ColumnReader::Int64ColumnReader(it) if layout.unsigned => {
            append(it, layout, || f64::NAN, |value| value.cast_unsigned() as f64, out)
        }
        ColumnReader::Int64ColumnReader(it) => {
            append(it, layout, || f64::NAN, |value| *value as f64, out)
        }
        ColumnReader::FloatColumnReader(it) => {
            append(it, layout, || f64::NAN, |value| f64::from(*value), out)
        }
        ColumnReader::DoubleColumnReader(it) => {
            append(it, layout, || f64::NAN, |value| *value, out)
        }
        ColumnReader::FixedLenByteArrayColumnReader(it) => {
            append(it, layout, || f64::NAN, |value| half(value.data()), out)
        }
        _ => Err(ParquetError::General("a column without numbers".to_owned())),
    }
}

fn half(bytes: &[u8]) -> f64 {
    bytes.try_into().map_or(f64::NAN, |bytes| f16::from_le_bytes(bytes).to_f64())
}

/// As names; an empty one where there is none.
pub(super) fn names(reader: ColumnReader, layout: Layout, out: &mut Vec<String>) -> Result<()> {
    if let ColumnReader::ByteArrayColumnReader(it) = reader {
        // A long name that is stored once may stand in every row.
        let letters = Cell::new(out.iter().map(String::len).sum::<usize>());
        let text = |value: &ByteArray| {
            letters.set(letters.get().saturating_add(value.len()));
            let is_short = letters.get() <= layout.letters;
            let text = || String::from_utf8_lossy(value.data()).into_owned();
            is_short.then(text).unwrap_or_default()
        };
        append(it, layout, String::new, text, out)?;
        if letters.get() > layout.letters {
            return Err(ParquetError::General("its names are too long".to_owned()));
        }
        return Ok(());
    }
    let mut all = Vec::new();
    numbers(reader, Layout { rows: layout.rows - out.len(), ..layout }, &mut all)?;
    out.extend(all.into_iter().map(number_as_name));
    Ok(())
}

/// Appends what `reader` holds, never more than the table has rows.
fn append<T: DataType, V>(
    mut reader: ColumnReaderImpl<T>,
    layout: Layout,
    none: impl Fn() -> V,
    of: impl Fn(&T::T) -> V,
    out: &mut Vec<V>,
) -> Result<()> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    while out.len() < layout.rows {
        levels.clear();
        values.clear();
        let most = BATCH.min(layout.rows - out.len());
        let (rows, ..) = reader.read_records(most, Some(&mut levels), None, &mut values)?;
        if rows == 0 {
            break;
        }
        let mut values = values.iter().map(&of);
        if layout.levels == 0 {
            out.extend(values);
            continue;
        }
        for level in &levels {
            let value = if *level == layout.levels { values.next() } else { None };
            out.push(value.unwrap_or_else(&none));
        }
    }
    Ok(())
}
