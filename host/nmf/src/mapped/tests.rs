//! A mapped file against the same matrix in memory.

use std::fs::{self, OpenOptions};
use std::path::PathBuf;

use tempfile::TempDir;
use tinynmf_core::{Factor, Matrix as _};

use super::*;
use crate::factorize::{Factorization, Init};
use crate::large::LargeMatrix;
use crate::structured::Structured;

/// A `.npy` file in a folder of its own.
fn file(code: &str, by_columns: bool, shape: [usize; 2], body: &[u8]) -> (TempDir, PathBuf) {
    let order = if by_columns { "True" } else { "False" };
    let [rows, columns] = shape;
    let header =
        format!("{{'descr': '{code}', 'fortran_order': {order}, 'shape': ({rows}, {columns}), }}");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes().chain(body.iter().copied()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.npy");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Whole numbers up to 255, so that every type holds them.
fn numbers([rows, columns]: [usize; 2]) -> Vec<f32> {
    (0..rows * columns).map(|k| ((k * 7919 + k / columns * 31) % 251) as f32).collect()
}

fn bytes(code: &str, v: &[f32]) -> Vec<u8> {
    let of = |v: &f32| match code {
        "<f4" => v.to_le_bytes().to_vec(),
        ">f8" => f64::from(*v).to_be_bytes().to_vec(),
        "|u1" => vec![*v as u8],
        "<u2" => (*v as u16).to_le_bytes().to_vec(),
        _ => unreachable!(),
    };
    v.iter().flat_map(of).collect()
}

fn close(a: &[f32], b: &[f32]) -> bool {
    let size = b.iter().fold(0.0_f32, |size, b| size.max(b.abs()));
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-5 * size)
}

/// Everything that a run asks for.
fn same(mapped: &MappedMatrix, large: &LargeMatrix, rank: usize) {
    let (a, b) = (mapped.view(), large.view());
    let [m, n] = [b.rows(), b.columns()];
    assert_eq!([a.rows(), a.columns()], [m, n]);
    assert!(close(&[a.mean()], &[b.mean()]) && a.exponent() == b.exponent());
    let norms = [mapped.norm_squared(), large.norm_squared()];
    assert!((norms[0] / norms[1] - 1.0).abs() < 1e-5, "{norms:?}");
    let factor = |len: usize| -> Vec<f32> { (0..len).map(|k| (k * 37 % 11) as f32).collect() };
    let (w, h) = (factor(m * rank), factor(n * rank));
    // In memory, 256 rows are summed in f32 at a time.
    let losses = [a.loss(&w, &h, rank), b.loss(&w, &h, rank)];
    assert!((losses[0] / losses[1] - 1.0).abs() < 3e-4, "{losses:?}");
    for (of, y, k, l) in [(Factor::W, &h, m, n), (Factor::H, &w, n, m)] {
        let sample: Vec<u32> = (0..l as u32).rev().filter(|j| j % 5 == 1).collect();
        for sample in [None, Some(&sample[..])] {
            assert!(close(&[a.norm_squared(of, sample)], &[b.norm_squared(of, sample)]));
            let [mut of_a, mut of_b] = [(); 2].map(|()| vec![3.0; k * rank]);
            a.products(of, sample, y, &mut of_a, rank);
            b.products(of, sample, y, &mut of_b, rank);
            assert!(close(&of_a, &of_b), "{of:?} {}", sample.is_some());
        }
    }
    mapped.check().unwrap();
}

#[test]
fn every_type_and_order_gives_what_memory_gives() {
    let shape @ [rows, columns] = [60, 35];
    let v = numbers(shape);
    let large = LargeMatrix::new(v.clone().into(), rows, columns).unwrap();
    for code in ["<f4", ">f8", "|u1", "<u2"] {
        for by_columns in [false, true] {
            let stored =
                if by_columns { crate::matrix::transposed(&v, columns) } else { v.clone() };
            let (_folder, path) = file(code, by_columns, shape, &bytes(code, &stored));
            let mapped = MappedMatrix::open(&path).unwrap();
            same(&mapped, &large, 4);
            assert_eq!(mapped.row(17).unwrap(), v[17 * columns..18 * columns]);
        }
    }
}

#[test]
fn groups_and_powers_of_four_add_up() {
    let shape @ [rows, columns] = [2500, 1800];
    assert!(rows * columns > GROUP, "more than one group");
    let v: Vec<f32> = numbers(shape).into_iter().map(|v| v * 1e-9).collect();
    let (_folder, path) = file("<f4", false, shape, &bytes("<f4", &v));
    let mapped = MappedMatrix::open(&path).unwrap();
    let large = LargeMatrix::new(v.into(), rows, columns).unwrap();
    assert_ne!(large.view().exponent(), 0);
    same(&mapped, &large, 3);
    assert!(mapped.report().contains("2500 x 1800"), "{}", mapped.report());
}

#[test]
fn what_is_wrong_has_a_place() {
    for (entry, wanted) in [
        (f32::NAN, "the entry at row 3, column 2 (counted from 1) is NaN"),
        (-1.0, "the entry at row 3, column 2 (counted from 1) is negative (-1)"),
        (f32::INFINITY, "row 3, column 2"),
        (3e12, "row 3, column 2"),
    ] {
        for by_columns in [false, true] {
            let mut v = numbers([4, 3]);
            v[if by_columns { 4 + 2 } else { 2 * 3 + 1 }] = entry;
            let (_folder, path) = file("<f4", by_columns, [4, 3], &bytes("<f4", &v));
            let refusal = MappedMatrix::open(&path).unwrap_err().to_string();
            assert!(refusal.contains(wanted), "{refusal}");
        }
    }
    for (shape, body, wanted) in [
        ([2, 2], &[0; 16][..], "every entry is zero"),
        ([0, 2], &[], "the matrix is empty (0 x 2)"),
        ([2, 2], &[0; 15], "cut off or damaged"),
    ] {
        let (_folder, path) = file("<f4", false, shape, body);
        let refusal = MappedMatrix::open(&path).unwrap_err().to_string();
        assert!(refusal.contains(wanted), "{refusal}");
    }
    let (_folder, path) = file("<f4", false, [1, 2], &bytes("<f4", &[-0.0, 2.0]));
    assert!(MappedMatrix::open(&path).unwrap().row(0).unwrap()[0].is_sign_positive());
}

#[test]
fn a_factorisation_ends_where_that_in_memory_ends() {
    let problem = Structured { entries: 20_000, ..Structured::default() }.problem(11);
    let (rows, columns, rank) = (problem.rows, problem.columns, problem.rank);
    let (_folder, path) = file("<f4", false, [rows, columns], &bytes("<f4", &problem.entries));
    let mapped = MappedMatrix::open(&path).unwrap();
    let large = LargeMatrix::new(problem.entries.clone(), rows, columns).unwrap();
    for init in [Init::Random, Init::Nndsvda] {
        let options = Factorization::options(rank).init(init);
        let (a, b) = (options.fit(&mapped).unwrap(), options.fit(&large).unwrap());
        assert!(a.loss < 1.05 * b.loss, "{} {}", a.loss, b.loss);
        let [a, b] = [a.transform(&mapped).unwrap(), a.transform(&large).unwrap()];
        assert!(close(&[a.loss], &[b.loss]) && close(&a.h, &b.h));
    }
}

#[test]
fn a_file_that_changes_under_the_run_ends_it() {
    let shape = [40, 30];
    for cut in [true, false] {
        let (_folder, path) = file("<f4", false, shape, &bytes("<f4", &numbers(shape)));
        let mapped = MappedMatrix::open(&path).unwrap();
        if cut {
            OpenOptions::new().write(true).open(&path).unwrap().set_len(2000).unwrap();
        } else {
            let mut bytes = fs::read(&path).unwrap();
            let last = bytes.len() - 4;
            bytes[last..].copy_from_slice(&f32::NAN.to_le_bytes());
            fs::write(&path, bytes).unwrap();
        }
        let error = Factorization::options(3).fit(&mapped).unwrap_err().to_string();
        let wanted = if cut { "became shorter while" } else { "row 40, column 30 (counted" };
        assert!(error.contains(wanted), "{error}");
    }
}
