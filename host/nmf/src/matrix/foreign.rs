//! Files that hold no matrix that is read here, known by their first bytes, and what to do with them.

use crate::error::{Error, Result};

/// The first bytes, what they tell, and what helps.
const KNOWN: [(&[u8], &str, &str); 21] = [
    (
        b"PK\x03\x04",
        "a workbook or another zip archive",
        "export the sheet as CSV, or unpack the archive",
    ),
    (b"PK\x05\x06", "an empty zip archive", "name a file with numbers"),
    (b"\xd0\xcf\x11\xe0", "a workbook of old Excel", "export the sheet as CSV"),
    (b"%PDF", "a PDF document", "save the table as CSV"),
    (b"\x89PNG", "a picture", "name a folder of .png pictures of one size, which become the rows"),
    (b"\xff\xd8\xff", "a picture", "save pictures as .png in a folder and name that folder"),
    (b"GIF8", "a picture", "save pictures as .png in a folder and name that folder"),
    (b"II*\0", "a picture", "save pictures as .png in a folder and name that folder"),
    (b"MM\0*", "a picture", "save pictures as .png in a folder and name that folder"),
    (b"\x1f\x8b", "compressed with gzip", "unpack it with gunzip"),
    (b"BZh", "compressed with bzip2", "unpack it with bunzip2"),
    (b"\xfd7zXZ", "compressed with xz", "unpack it with unxz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it with unzstd"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it"),
    (b"\x89HDF", "an HDF5 file", "save the matrix with numpy.save"),
    (b"MATLAB 7.3", "a MATLAB file of version 7.3", "save it in MATLAB with save(..., '-v7')"),
    (
        b"FEA1",
        "a Feather file of version 1",
        "save the table with the to_feather of a newer pandas, or as CSV",
    ),
    (b"RDX", "an R workspace", "save the matrix in R with write.csv"),
    (b"SQLite format 3", "a database", "export the table as CSV"),
    (b"fLaC", "a FLAC sound", "save it as .wav"),
    (
        b"version https://git-lfs",
        "a placeholder of Git LFS",
        "fetch the file itself with git lfs pull",
    ),
];

/// Pickles of the protocols 2 to 5, which numpy and Python write.
fn is_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80, 2..=5, ..])
}

/// Refuses what is known to hold no matrix.
pub(super) fn refuse(name: &str, bytes: &[u8]) -> Result<()> {
    let refusal =
        |what: &str, remedy: &str| Err(Error::format(name, format!("this is {what}"), remedy));
    if is_pickle(bytes) {
        return refusal(
            "a pickled Python object, which is not read because it can hold any code",
            "save it as a numeric array with numpy.save",
        );
    }
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = |word: &str| {
        start.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    };
    if ["<!doctype", "<html", "<?xml"].into_iter().any(begins) {
        return refusal("a web page or XML", "download the data file itself");
    }
    let known = KNOWN.iter().find(|(magic, ..)| bytes.starts_with(magic));
    known.map_or(Ok(()), |(_, what, remedy)| refusal(what, remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_a_file_is() {
        for (bytes, wanted) in [
            (
                &b"PK\x03\x04\0\0"[..],
                "v.csv: this is a workbook or another zip archive; export the sheet as CSV",
            ),
            (b"%PDF-1.7", "a PDF document"),
            (b"\x80\x02cnumpy", "a pickled Python object"),
            (b"\xef\xbb\xbf\n<!DOCTYPE html>", "a web page"),
            (b"\x89PNG\r\n", "a folder of .png pictures"),
        ] {
            let refusal = refuse("v.csv", bytes).unwrap_err().to_string();
            assert!(refusal.contains(wanted), "{refusal}");
        }
        for bytes in [&b""[..], b"1,2", b"P,K\n1,2", b"\x93NUMPY"] {
            refuse("v.csv", bytes).unwrap();
        }
    }
}
