//! One column of an Arrow file, as numbers or as names.

use std::iter;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{AnyDictionaryArray, Array};
use arrow_schema::{ArrowError, DataType};

use crate::matrix::typed::{Kind, Names};

/// What the crate returns.
type Result<T> = std::result::Result<T, ArrowError>;

/// Content of a column.
pub(super) fn kind(of: &DataType) -> Kind {
    match of {
        // A column without any value has no type.
        DataType::Null | DataType::Boolean => Kind::Numbers,
        _ if of.is_integer() || of.is_floating() => Kind::Numbers,
        _ if of.is_string() => Kind::Text,
        _ if of.is_temporal() => Kind::Other("dates or times"),
        _ if of.is_decimal() => Kind::Other("decimals"),
        _ if of.is_binary() || matches!(of, DataType::FixedSizeBinary(_)) => Kind::Other("bytes"),
        DataType::Dictionary(_, values) => kind(values),
        _ => Kind::Other("lists or records"),
    }
}

/// Appends the numbers of a column; NaN where there is none.
pub(super) fn numbers(array: &dyn Array, out: &mut Vec<f64>) -> Result<()> {
    match array.data_type() {
        DataType::Null => out.extend(iter::repeat_n(f64::NAN, array.len())),
        DataType::Boolean => {
            let of = |value| f64::from(u8::from(value));
            out.extend(array.as_boolean().iter().map(|it| it.map_or(f64::NAN, of)));
        }
        DataType::Int8 => append::<Int8Type>(array, f64::from, out),
        DataType::Int16 => append::<Int16Type>(array, f64::from, out),
        DataType::Int32 => append::<Int32Type>(array, f64::from, out),
        DataType::Int64 => append::<Int64Type>(array, |it| it as f64, out),
        DataType::UInt8 => append::<UInt8Type>(array, f64::from, out),
        DataType::UInt16 => append::<UInt16Type>(array, f64::from, out),
        DataType::UInt32 => append::<UInt32Type>(array, f64::from, out),
        DataType::UInt64 => append::<UInt64Type>(array, |it| it as f64, out),
        DataType::Float16 => append::<Float16Type>(array, f64::from, out),
        DataType::Float32 => append::<Float32Type>(array, f64::from, out),
        DataType::Float64 => append::<Float64Type>(array, |it| it, out),
        _ => {
            let dictionary = array
                .as_any_dictionary_opt()
                .ok_or_else(|| ArrowError::ParseError("a column without numbers".to_owned()))?;
            let mut values = Vec::new();
            numbers(dictionary.values(), &mut values)?;
            out.extend(places(dictionary).map(|at| at.map_or(f64::NAN, |at| values[at])));
        }
    }
    Ok(())
}

fn append<T: ArrowPrimitiveType>(
    array: &dyn Array,
    of: impl Fn(T::Native) -> f64,
    out: &mut Vec<f64>,
) {
    out.extend(array.as_primitive::<T>().iter().map(|it| it.map_or(f64::NAN, &of)));
}

/// Where in a dictionary the values of a column are.
fn places(of: &dyn AnyDictionaryArray) -> impl Iterator<Item = Option<usize>> {
    let has_values = !of.values().is_empty();
    let places = if has_values { of.normalized_keys() } else { vec![0; of.len()] };
    let is_known = move |row| has_values && of.is_valid(row);
    places.into_iter().enumerate().map(move |(row, at)| is_known(row).then_some(at))
}

/// Appends the names in a column; an empty one where there is none.
pub(super) fn names(array: &dyn Array, out: &mut Names) -> Result<()> {
    if let Some(texts) = texts(array) {
        texts.into_iter().for_each(|text| out.push(text.unwrap_or_default()));
        return Ok(());
    }
    let mut values = Vec::new();
    numbers(array, &mut values)?;
    values.into_iter().for_each(|value| out.push_number(value));
    Ok(())
}

/// The texts of a column; nothing if it holds something else.
fn texts(array: &dyn Array) -> Option<Vec<Option<&str>>> {
    Some(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().collect(),
        DataType::Utf8View => array.as_string_view().iter().collect(),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let values = texts(dictionary.values())?;
            places(dictionary).map(|at| at.and_then(|at| values[at])).collect()
        }
        _ => return None,
    })
}
