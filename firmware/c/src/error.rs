//! Errors, as numbers with a sentence each.

use core::ffi::{CStr, c_char};

use tinynmf_core::Error as CoreError;
use tinynmf_core::policy::PolicyError;

/// Errors; a function that returns anything but TINYNMF_ERROR_NONE has done nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Error {
    /// Nothing.
    None = 0,
    /// A pointer is null.
    Null = 1,
    /// A pointer is not aligned for what it points at.
    Alignment = 2,
    /// The memory is smaller than the size function says.
    Memory = 3,
    /// The object was not initialised, or was moved.
    NotInitialised = 4,
    /// A matrix has an element type that is none, or for another arithmetic; or a rule has a kind that is none.
    Type = 5,
    /// A matrix has no rows or no columns, or more entries than memory can hold.
    Empty = 6,
    /// Shapes do not fit together.
    Shape = 7,
    /// An entry is NaN or infinite.
    NotFinite = 8,
    /// An entry is negative.
    Negative = 9,
    /// An entry is above 2^40.
    TooLarge = 10,
    /// Every entry is zero.
    AllZero = 11,
    /// The rank is 0 or above the smaller side of the matrix.
    Rank = 12,
    /// The batch share is not in (0, 1].
    BatchShare = 13,
    /// A parameter of a rule, a scale or a setting is out of its range.
    Parameter = 14,
    /// The policy does not begin with TNMF.
    PolicyMagic = 15,
    /// The policy has a format version that this library does not read.
    PolicyVersion = 16,
    /// The policy was trained on observations that this library does not compute.
    PolicyObservations = 17,
    /// The policy is truncated, or has a tail.
    PolicyLength = 18,
    /// The policy is corrupt: its checksum is wrong.
    PolicyChecksum = 19,
    /// The policy's layers do not fit together, or exceed what this library allows.
    PolicyShape = 20,
    /// A number in the policy is out of its range.
    PolicyRange = 21,
    /// tinynmf.h is of another version than the library.
    Abi = 22,
}

/// Result of a step of this crate.
pub(crate) type Checked<T = ()> = Result<T, Error>;

/// As C gets it.
pub(crate) fn code(result: Checked) -> Error {
    result.err().unwrap_or(Error::None)
}

impl From<CoreError> for Error {
    fn from(error: CoreError) -> Self {
        match error {
            CoreError::Empty => Self::Empty,
            CoreError::NotFinite { .. } => Self::NotFinite,
            CoreError::Negative { .. } => Self::Negative,
            CoreError::TooLarge { .. } => Self::TooLarge,
            CoreError::AllZero => Self::AllZero,
            CoreError::Rank { .. } => Self::Rank,
            CoreError::BatchShare => Self::BatchShare,
            CoreError::Parameter { .. } => Self::Parameter,
            CoreError::Policy(error) => error.into(),
            _ => Self::Shape,
        }
    }
}

impl From<PolicyError> for Error {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::Magic => Self::PolicyMagic,
            PolicyError::Version(_) => Self::PolicyVersion,
            PolicyError::Observations(_) => Self::PolicyObservations,
            PolicyError::Length { .. } | PolicyError::Truncated { .. } => Self::PolicyLength,
            PolicyError::Checksum { .. } => Self::PolicyChecksum,
            PolicyError::Range => Self::PolicyRange,
            _ => Self::PolicyShape,
        }
    }
}

/// The sentence of an error, of a number that is none too; never null.
#[unsafe(no_mangle)]
pub extern "C" fn tinynmf_error_string(error: i32) -> *const c_char {
    let sentence: &CStr = match error {
        0 => c"no error",
        1 => c"a pointer is null",
        2 => c"a pointer is not aligned for what it points at",
        3 => c"the memory is smaller than the size function says",
        4 => c"the object was not initialised, or was moved",
        5 => c"there is no such element type here, or no such rule",
        6 => c"the matrix is empty, or larger than any memory",
        7 => c"shapes do not fit together",
        8 => c"an entry is NaN or infinite",
        9 => c"an entry is negative",
        10 => c"an entry is above 2^40: rescale the matrix",
        11 => c"every entry is zero",
        12 => c"the rank is not in 1 to the smaller side of the matrix",
        13 => c"the batch share is not in (0, 1]",
        14 => c"a parameter, a scale or a setting is out of its range",
        15 => c"not a tinynmf policy: it does not begin with TNMF",
        16 => c"the policy's format version is not supported by this library",
        17 => c"the policy was trained on observations that this library does not compute",
        18 => c"the policy is truncated, or has a tail",
        19 => c"the policy is corrupt: its checksum is wrong",
        20 => c"the policy's layers do not fit together, or exceed 4 layers or 64 units",
        21 => c"a number in the policy is out of its range",
        22 => c"tinynmf.h is of another version than the library: take both from one archive",
        _ => c"this number is no error",
    };
    sentence.as_ptr()
}
