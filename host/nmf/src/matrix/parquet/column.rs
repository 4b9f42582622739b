//! One column of a Parquet file, as numbers or as names.

use half::f16;
use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

/// Values that are decoded at a time.
const BATCH: usize = 1 << 16;

/// Content of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers, as they are stored.
    Numbers,
    /// Numbers of the same bits without a sign.
    Unsigned,
    /// Floats of 16 bits.
    Half,
    /// Letters.
    Text,
    /// Anything else: what people call it.
    Other(&'static str),
}

impl Kind {
    pub(super) fn of(column: &ColumnDescriptor) -> Self {
        if column.max_rep_level() > 0 || column.path().parts().len() > 1 {
            return Self::Other("lists or records");
        }
        match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Float16), _) => return Self::Half,
            (Some(LogicalType::Integer(integer)), _) if !integer.is_signed => {
                return Self::Unsigned;
            }
            (_, ConvertedType::DECIMAL) => return Self::Other("decimals"),
            (Some(LogicalType::Date | LogicalType::Time(_) | LogicalType::Timestamp(_)), _)
            | (
                _,
                ConvertedType::DATE
                | ConvertedType::TIME_MILLIS
                | ConvertedType::TIME_MICROS
                | ConvertedType::TIMESTAMP_MILLIS
                | ConvertedType::TIMESTAMP_MICROS,
            ) => return Self::Other("dates or times"),
            (
                _,
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
            ) => return Self::Unsigned,
            _ => {}
        }
        match column.physical_type() {
            Type::BOOLEAN | Type::INT32 | Type::INT64 | Type::FLOAT | Type::DOUBLE => Self::Numbers,
            Type::BYTE_ARRAY => Self::Text,
            Type::INT96 => Self::Other("dates or times"),
            Type::FIXED_LEN_BYTE_ARRAY => Self::Other("bytes"),
        }
    }

    pub(super) fn is_numbers(self) -> bool {
        matches!(self, Self::Numbers | Self::Unsigned | Self::Half)
    }
}

/// Limits of a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// Rows of the table.
    pub rows: usize,
    /// The level of a value that is there; 0 if none can be missing.
    pub levels: i16,
}

/// Appends the values of a group of rows.
pub(super) type Read<T> = fn(ColumnReader, Kind, Limit, &mut Vec<T>) -> Result<()>;

/// As numbers; NaN where there is none.
pub(super) fn numbers(
    reader: ColumnReader,
    kind: Kind,
    limit: Limit,
    out: &mut Vec<f64>,
) -> Result<()> {
    let unsigned = kind == Kind::Unsigned;
    match reader {
        ColumnReader::BoolColumnReader(it) => {
            append(it, limit, || f64::NAN, |value| f64::from(u8::from(*value)), out)
        }
        ColumnReader::Int32ColumnReader(it) if unsigned => {
            append(it, limit, || f64::NAN, |value| f64::from(value.cast_unsigned()), out)
        }
        ColumnReader::Int32ColumnReader(it) => {
            append(it, limit, || f64::NAN, |value| f64::from(*value), out)
        }
        ColumnReader::Int64ColumnReader(it) if unsigned => {
            append(it, limit, || f64::NAN, |value| value.cast_unsigned() as f64, out)
        }
        ColumnReader::Int64ColumnReader(it) => {
            append(it, limit, || f64::NAN, |value| *value as f64, out)
        }
        ColumnReader::FloatColumnReader(it) => {
            append(it, limit, || f64::NAN, |value| f64::from(*value), out)
        }
        ColumnReader::DoubleColumnReader(it) => append(it, limit, || f64::NAN, |value| *value, out),
        ColumnReader::FixedLenByteArrayColumnReader(it) => {
            append(it, limit, || f64::NAN, |value| half(value.data()), out)
        }
        _ => Err(ParquetError::General("a column without numbers".to_owned())),
    }
}

fn half(bytes: &[u8]) -> f64 {
    bytes.try_into().map_or(f64::NAN, |bytes| f16::from_le_bytes(bytes).to_f64())
}

/// As names; an empty one where there is none.
pub(super) fn names(
    reader: ColumnReader,
    kind: Kind,
    limit: Limit,
    out: &mut Vec<String>,
) -> Result<()> {
    if let ColumnReader::ByteArrayColumnReader(it) = reader {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        return append(it, limit, String::new, |value| text(value.data()), out);
    }
    let mut all = Vec::new();
    numbers(reader, kind, Limit { rows: limit.rows - out.len(), ..limit }, &mut all)?;
    let text = |value: f64| if value.is_nan() { String::new() } else { value.to_string() };
    out.extend(all.into_iter().map(text));
    Ok(())
}

/// Appends what `reader` holds, never more than the table has rows.
fn append<T: DataType, V>(
    mut reader: ColumnReaderImpl<T>,
    limit: Limit,
    none: impl Fn() -> V,
    of: impl Fn(&T::T) -> V,
    out: &mut Vec<V>,
) -> Result<()> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    while out.len() < limit.rows {
        levels.clear();
        values.clear();
        let most = BATCH.min(limit.rows - out.len());
        let (rows, ..) = reader.read_records(most, Some(&mut levels), None, &mut values)?;
        if rows == 0 {
            break;
        }
        let mut values = values.iter().map(&of);
        if limit.levels == 0 {
            out.extend(values);
            continue;
        }
        for level in &levels {
            let value = if *level == limit.levels { values.next() } else { None };
            out.push(value.unwrap_or_else(&none));
        }
    }
    Ok(())
}
