//! The measured numbers of the README.
