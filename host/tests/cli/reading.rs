//! Every kind of file, read as a user would: the right matrix, the right words.

use std::io::Write;
use std::process::Stdio;

use tinynmf::matrix::{Matrix, ReadOptions};

use super::{Desk, npy};

/// The one line that factorising `file` prints on stderr.
#[track_caller]
fn report(desk: &Desk, file: &str, options: &str) -> String {
    let line = format!("factorize --input {file} --rank 1 --epochs 2 --out out {options}");
    let output = desk.run(&line);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    stderr.trim_end().to_owned()
}

#[test]
fn every_read_ends_with_one_line() {
    let desk = Desk::new();
    let names = "first line taken as column names, first column as row names";
    for (file, content, wanted) in [
        (
            "pandas.csv",
            ",a,b\n0,42,31\n1,2,3\n2,7,1\n",
            format!("3 x 2 numbers from pandas.csv: {names}"),
        ),
        ("r.tsv", "V1\tV2\n1\t42\t31\n2\t2\t3\n", format!("2 x 2 numbers from r.tsv: {names}")),
        (
            "savetxt.dat",
            "4.2e+01 3.1e+01\n2.0e+00 3.0e+00\n",
            "2 x 2 numbers from savetxt.dat".to_owned(),
        ),
        (
            "comma.txt",
            "42,5;31,5\n2,5;3,5\n",
            "2 x 2 numbers from comma.txt: commas taken as decimal commas".to_owned(),
        ),
        (
            "v.mtx",
            "%%MatrixMarket matrix coordinate real general\n2 3 2\n1 1 7\n2 3 5\n",
            "2 x 3 numbers from v.mtx: 2 of them above zero".to_owned(),
        ),
    ] {
        desk.put(file, content);
        assert_eq!(report(&desk, file, ""), format!("read {wanted}"));
        desk.print(&format!("compare --input {file} --rank 1 --epochs 2 --seeds 1 --rules bound"));
    }
    desk.put("v.npy", npy("|u1", "(2L, 2L)", &[1, 2, 3, 4]));
    assert_eq!(report(&desk, "v.npy", ""), "read 2 x 2 numbers from v.npy");
}

#[test]
fn what_is_ambiguous_is_settled_by_the_options() {
    let desk = Desk::new();
    desk.put("v.csv", "0,1,2\n42,31,25\n2,3,0\n");
    let refusal = desk.refusal("factorize --input v.csv --rank 1 --out out");
    assert!(
        refusal.contains("line 1 (0, 1, 2)") && refusal.contains("--header yes or --header no"),
        "{refusal}"
    );
    assert_eq!(desk.refusal("compare --input v.csv --rank 1"), refusal);
    assert_eq!(desk.refusal("train --input v.csv --rank 1 --out out"), refusal);
    assert_eq!(
        report(&desk, "v.csv", "--header yes"),
        "read 2 x 3 numbers from v.csv: first line taken as column names"
    );
    assert_eq!(report(&desk, "v.csv", "--header no"), "read 3 x 3 numbers from v.csv");
    let wrong = desk.refusal("factorize --input v.csv --rank 1 --out out --index maybe");
    assert!(wrong.contains("this is yes, no or auto"), "{wrong}");
}

#[test]
fn names_are_carried_into_tables() {
    let desk = Desk::new();
    desk.put("v.csv", ",sea,\"hill, steep\"\nred,42,31\ngreen,2,3\nblue,7,1\n");
    let text =
        desk.print("factorize --input v.csv --rank 2 --epochs 9 --out out --output-format csv");
    assert!(text.contains("w.csv (3 x 2), h.csv (2 x 2), loss.csv"), "{text}");
    assert_eq!(desk.files("out"), ["h.csv", "loss.csv", "w.csv"]);
    desk.print("factorize --input v.csv --rank 2 --epochs 9 --out npy");
    let read = |file: &str| Matrix::read(desk.path(file), ReadOptions::default()).unwrap();
    let (w, h) = (read("out/w.csv"), read("out/h.csv"));
    assert_eq!(w.row_names().unwrap(), ["red", "green", "blue"]);
    assert_eq!(w.column_names().unwrap(), ["part 1", "part 2"]);
    assert_eq!(h.row_names().unwrap(), ["part 1", "part 2"]);
    assert_eq!(h.column_names().unwrap(), ["sea", "hill, steep"]);
    assert_eq!(w.entries(), read("npy/w.npy").entries());
    assert_eq!(h.entries(), read("npy/h.npy").entries());
    desk.print("transform --w out/w.csv --input v.csv --out latents.csv");
    let latents = read("latents.csv");
    assert_eq!(latents.row_names().unwrap(), ["part 1", "part 2"]);
    assert_eq!(latents.column_names().unwrap(), ["sea", "hill, steep"]);
    let wrong = desk.refusal("transform --w out/w.csv --input v.csv --out latents.txt");
    assert!(wrong.ends_with("name a file like h.npy or h.csv"), "{wrong}");
}

/// Factorises the table in `file`, which has three names of rows and of columns, and a missing entry.
#[track_caller]
fn keeps_names(file: &str, content: &[u8]) {
    let desk = Desk::new();
    desk.put(file, content);
    let line = format!("factorize --input {file} --rank 1 --out out --output-format csv");
    let refusal = desk.refusal(&line);
    assert!(refusal.contains("row 3, column 1 (counted from 1) is NaN"), "{refusal}");
    assert!(refusal.contains("--missing nan"), "{refusal}");
    desk.print(&format!("{line} --missing nan"));
    let read = |file: &str| Matrix::read(desk.path(file), ReadOptions::default()).unwrap();
    assert_eq!(read("out/w.csv").row_names().unwrap(), ["x", "y", "z"]);
    assert_eq!(read("out/h.csv").column_names().unwrap(), ["alpha", "beta", "gamma"]);
}

#[test]
fn a_table_of_parquet_keeps_its_names() {
    keeps_names("v.parquet", include_bytes!("../../nmf/src/matrix/parquet/pandas.parquet"));
}

#[test]
fn a_table_of_arrow_keeps_its_names() {
    keeps_names("v.feather", include_bytes!("../../nmf/src/matrix/arrow/pandas.feather"));
}

#[test]
fn formats_that_hold_no_matrix_are_called_by_their_names() {
    let desk = Desk::new();
    for (file, content, wanted) in [
        (
            "v.csv",
            &b"PK\x03\x04\0\0\0\0"[..],
            "this is a workbook or another zip archive; export the sheet as CSV",
        ),
        ("v.npy", b"\x80\x02cnumpy._core.multiarray\n", "pickled Python object"),
        ("v.csv", b"%PDF-1.7\n", "a PDF document; save the table as CSV"),
        ("v.csv", b"\x1f\x8b\x08", "compressed with gzip; unpack it with gunzip"),
        (
            "v.npy",
            b"\x93NUMPY\x01\0\x3c\0[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
            "the header cannot be understood",
        ),
    ] {
        desk.put(file, content);
        let refusal = desk.refusal(&format!("factorize --input {file} --rank 1 --out out"));
        assert!(refusal.starts_with(file) && refusal.contains(wanted), "{refusal}");
    }
    let sparse = "%%MatrixMarket matrix coordinate real general\n100000 5000 1\n7 7 1\n";
    desk.put("v.mtx", sparse);
    let refusal = desk.refusal("compare --input v.mtx --rank 1");
    assert!(
        refusal.contains("this sparse matrix is 100000 x 5000 (entries above zero: 1)"),
        "{refusal}"
    );
}

#[cfg(unix)]
#[test]
fn standard_input_is_read_and_endless_files_are_not() {
    let desk = Desk::new();
    let endless = desk.refusal("factorize --input /dev/zero --rank 1 --out out");
    assert!(endless.contains("not a regular file"), "{endless}");
    let mut run = desk
        .command("factorize --input - --rank 1 --epochs 2 --out out")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    run.stdin.take().unwrap().write_all(b"a\tb\n1\t2\n").unwrap();
    let output = run.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr, "read 1 x 2 numbers from -: first line taken as column names\n");
}

#[test]
fn a_sound_comes_apart_into_sounds_that_add_up_to_it() {
    let desk = Desk::new();
    // A second of 500 Hz, then one of 2000 Hz.
    let samples = (0..16_000_u32).map(|k| {
        let hertz = if k < 8000 { 500.0 } else { 2000.0 };
        (12_000.0 * (std::f64::consts::TAU * hertz * f64::from(k) / 8000.0).sin()) as i16
    });
    let samples: Vec<i16> = samples.collect();
    let body: Vec<u8> = samples.iter().flat_map(|it| it.to_le_bytes()).collect();
    let format = [1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0];
    let (length, whole) = (body.len() as u32, body.len() as u32 + 36);
    let sizes = [whole, length].map(u32::to_le_bytes);
    let head = [b"RIFF", &sizes[0][..], b"WAVEfmt \x10\0\0\0", &format, b"data", &sizes[1]];
    desk.put("v.wav", [&head.concat(), &body[..]].concat());
    let text = desk.print("factorize --input v.wav --rank 2 --out out --sounds");
    assert!(text.contains("loss.csv, part1.wav to part2.wav"), "{text}");
    let part = |number: u32| -> Vec<f32> {
        let bytes = std::fs::read(desk.path(&format!("out/part{number}.wav"))).unwrap();
        let body = &bytes[bytes.len() - 4 * samples.len()..];
        body.as_chunks().0.iter().map(|it| f32::from_le_bytes(*it)).collect()
    };
    let parts = [part(1), part(2)];
    let loud = |part: &[f32]| part.iter().map(|x| x * x).sum::<f32>();
    for part in &parts {
        let halves = [loud(&part[..8000]), loud(&part[8000..])];
        let [less, more] = [halves[0].min(halves[1]), halves[0].max(halves[1])];
        assert!(less < 0.02 * more, "{halves:?}");
    }
    for k in 256..15_000 {
        let sum = parts[0][k] + parts[1][k];
        assert!((sum - f32::from(samples[k]) / 32_768.0).abs() < 1e-4, "{k}");
    }
    desk.put("v.csv", "1,2\n3,5\n");
    let refusal = desk.refusal("factorize --input v.csv --rank 1 --out out2 --sounds");
    assert!(refusal.contains("the sound cannot be read"), "{refusal}");
}

#[test]
fn a_folder_of_pictures_comes_apart_into_pictures() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("v")).unwrap();
    // Three pictures of 3 x 2 pixels: the left column, the right one, and both.
    for (name, pixels) in
        [("a", [9, 0, 0, 9, 0, 0]), ("b", [0, 0, 6, 0, 0, 6]), ("c", [4, 0, 4, 4, 0, 4])]
    {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 3, 2);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        desk.put(&format!("v/{name}.png"), bytes);
    }
    let text = desk.print("factorize --input v --rank 2 --out out --pictures --report");
    assert!(text.contains("loss.csv, part1.png to part2.png, report.html"), "{text}");
    let mut parts = ["part1.png", "part2.png"].map(|name| {
        let file = std::fs::File::open(desk.path(&format!("out/{name}"))).unwrap();
        let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().unwrap();
        let mut pixels = vec![0; 6];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!((reader.info().width, reader.info().height), (3, 2));
        pixels.iter().map(|it| *it > 127).collect::<Vec<_>>()
    });
    parts.sort();
    assert_eq!(parts[0], [false, false, true, false, false, true]);
    assert_eq!(parts[1], [true, false, false, true, false, false]);
    let page = std::fs::read_to_string(desk.path("out/report.html")).unwrap();
    let drawn = page.split("Parts: the rows of H").nth(1).unwrap();
    let drawn = drawn.split("<h2>").next().unwrap();
    assert_eq!(drawn.matches("<img class=\"part\"").count(), 2, "{drawn}");
    desk.put("v.csv", "1,2\n3,5\n");
    let refusal = desk.refusal("factorize --input v.csv --rank 1 --out out2 --pictures");
    assert!(refusal.contains("v.csv is no folder of .png pictures"), "{refusal}");
}

#[test]
fn known_parts_stay_and_others_are_found() {
    let desk = Desk::new();
    // Two parts: (1, 1, 0, 0) and (0, 0, 1, 2), the first in other units.
    desk.put("v.csv", "2,0,4,6\n2,0,4,6\n0,3,1,5\n0,6,2,10\n");
    desk.put("known.csv", "1000\n1000\n0\n0\n");
    desk.print(
        "factorize --input v.csv --rank 2 --known-w known.csv --out out --output-format csv",
    );
    let w = std::fs::read_to_string(desk.path("out/w.csv")).unwrap();
    let rows: Vec<Vec<f32>> = w
        .lines()
        .skip(1)
        .map(|line| line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect())
        .collect();
    for (row, known) in rows.iter().zip([1000.0_f32, 1000.0, 0.0, 0.0]) {
        assert_eq!(row[0].to_bits(), known.to_bits(), "{w}");
    }
    assert!((rows[3][1] / rows[2][1] - 2.0).abs() < 1e-2 && rows[0][1] < 0.02 * rows[2][1], "{w}");
    desk.put("rows.csv", "1,0,2,3\n");
    let text =
        desk.print("factorize --input v.csv --rank 2 --known-h rows.csv --out out2 --rule hals");
    assert!(text.contains("converged"), "{text}");
    for (options, problem) in [
        ("--rank 2 --known-w rows.csv", "this is 1 x 4, but 4 x at most 2 fits"),
        ("--rank 2 --known-h known.csv", "this is 4 x 1, but at most 2 x 4 fits"),
        ("--rank 1..2 --known-w known.csv", "no factors are written"),
    ] {
        let refusal = desk.refusal(&format!("factorize --input v.csv {options} --out out3"));
        assert!(refusal.contains(problem), "{refusal}");
    }
}
