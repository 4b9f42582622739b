//! Matrices larger than memory.

use super::{Desk, floats};

// It takes minutes in a build without optimisation.
#[cfg(not(debug_assertions))]
mod large {
    use std::fs::File;
    use std::io::{Seek, SeekFrom, Write};
    use std::process::Command;

    use tinynmf::matrix::{Matrix, ReadOptions};

    use crate::Desk;

    /// The rows and columns of a matrix of 64-bit floats that takes 20 GB.
    const SHAPE: [u64; 2] = [25_000, 100_000];

    /// KiB that the program may have: 1 GiB of addresses, mapped files among them.
    const MEMORY: u32 = 1 << 20;

    /// A matrix of which all but two blocks of ones is a hole in the file.
    fn put_large(desk: &Desk) {
        let [rows, columns] = SHAPE;
        let text =
            format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
        let header = format!("{text:<117}\n");
        let mut file = File::create(desk.path("v.npy")).unwrap();
        file.write_all(b"\x93NUMPY\x01\x00\x76\x00").unwrap();
        file.write_all(header.as_bytes()).unwrap();
        file.set_len(128 + rows * columns * 8).unwrap();
        for (row, column) in [(10, 0), (11, 0), (24_990, 99_000), (24_991, 99_000)] {
            file.seek(SeekFrom::Start(128 + (row * columns + column) * 8)).unwrap();
            file.write_all(&1.0_f64.to_le_bytes().repeat(1000)).unwrap();
        }
    }

    #[test]
    fn a_matrix_of_20_gb_is_factorised_in_1_gb_of_memory() {
        let desk = Desk::new();
        put_large(&desk);
        let words = "factorize --input v.npy --rank 2 --epochs 1 --out out";
        let output = Command::new("sh")
            .current_dir(desk.path(""))
            .args(["-c", &format!("ulimit -v {MEMORY} && exec \"$0\" \"$@\"")])
            .arg(env!("CARGO_BIN_EXE_tinynmf"))
            .args(words.split(' '))
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{told}");
        let read = "read 25000 x 100000 numbers from v.npy: mapped, 18.6 GiB stay on disk\n";
        assert_eq!(told, read);
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.contains("relative error  0"), "{printed}");
        // W finds the rows that have anything.
        let w = Matrix::read(desk.path("out/w.npy"), ReadOptions::default()).unwrap();
        let w = w.entries();
        let size = |row: usize| w[2 * row] + w[2 * row + 1];
        assert!(size(10) > 0.0 && size(12) <= 1e-6 * size(10), "{} {}", size(10), size(12));
    }
}

#[test]
fn a_small_file_is_mapped_if_asked_for() {
    let desk = Desk::new();
    let v: Vec<f32> = (0..48).map(|k| (k % 5 + k / 8) as f32).collect();
    desk.put("v.npy", floats(6, &v));
    let line = "factorize --input v.npy --rank 2 --out";
    let stderr = |line: &str| String::from_utf8(desk.run(line).stderr).unwrap();
    assert!(stderr(&format!("{line} a --mapped yes")).contains("v.npy: mapped, 0.0 GiB stay"));
    assert!(!stderr(&format!("{line} b")).contains("mapped"));
    let refusal = desk.refusal(&format!("{line} c --mapped yes --missing zero"));
    assert!(refusal.contains("leave out --missing or --mapped yes"), "{refusal}");
    let range = desk.refusal("factorize --input v.npy --rank 1..3 --out d --mapped yes");
    assert!(range.contains("name one rank, or say --mapped no"), "{range}");
    desk.put("v.csv", "1,2\n3,4\n");
    let table = desk.refusal("factorize --input v.csv --rank 1 --out e --mapped yes");
    assert!(table.contains("this is not a .npy file"), "{table}");
}
