//! `cargo bench --bench epoch`: the product with V against nalgebra's, and what a whole epoch costs
//! beside its two products, per multiply-add. Compare the lines of one run with each other.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use nalgebra::DMatrix;
use tinynmf::family::{Family, Problem};
use tinynmf_core::Factor;
use tinynmf_core::product::{Left, product};
use tinynmf_core::{Rule, rule};

/// m, n, r.
const SHAPES: [[usize; 3]; 4] = [[50, 40, 5], [64, 32, 4], [64, 128, 8], [256, 64, 10]];

fn main() {
    divan::main();
}

fn problem([rows, columns, rank]: [usize; 3]) -> Problem {
    let fixed = |size| [size, size];
    let family = Family {
        rows: fixed(rows),
        columns: fixed(columns),
        rank: fixed(rank),
        ..Family::default()
    };
    family.problem(0)
}

#[divan::bench(args = SHAPES)]
fn product_of_core(bencher: Bencher<'_, '_>, shape: [usize; 3]) {
    let ([m, n, r], problem) = (shape, problem(shape));
    let v = Left { entries: &problem.entries, columns: n };
    let (y, mut out) = (vec![0.5; n * r], vec![0.0; m * r]);
    bencher.counter(ItemsCount::new(m * n * r)).bench_local(|| {
        product(black_box(v), Factor::W, None, black_box(&y), 1.0, &mut out, r);
    });
}

#[divan::bench(args = SHAPES)]
fn product_of_nalgebra(bencher: Bencher<'_, '_>, shape: [usize; 3]) {
    let ([m, n, r], problem) = (shape, problem(shape));
    let v = DMatrix::from_row_slice(m, n, &problem.entries);
    let (y, mut out) = (DMatrix::from_element(n, r, 0.5), DMatrix::zeros(m, r));
    bencher.counter(ItemsCount::new(m * n * r)).bench_local(|| {
        black_box(&v).mul_to(black_box(&y), &mut out);
    });
}

/// An epoch has two products; the counter counts their multiply-adds alone.
#[divan::bench(args = SHAPES)]
fn epoch(bencher: Bencher<'_, '_>, shape: [usize; 3]) {
    let ([m, n, r], problem) = (shape, problem(shape));
    let mut memory = problem.memory();
    let mut run = memory.run(problem.data()).expect("the memory was made for this shape");
    let mut rule = Rule::from(rule::Cauchy);
    bencher.counter(ItemsCount::new(2 * m * n * r)).bench_local(|| run.epoch(&mut rule));
}
