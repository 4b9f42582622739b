//! Every function of one f32 that core calls, over all 2³² inputs, against f64; and requantising, against its definition,
//! over all 2³² accumulators and all 32 shifts.
//!
//! `cargo run --release -p tinynmf-tests --example exhaustive` prints a table; it takes some minutes a function.
//!
//! The error is in units in the last place (ulp) of the f32 nearest to the f64 reference, which is right to a fraction of
//! one; where one of the two is no finite number, both have to be the same.

use std::thread;

use tinynmf_core::float;
use tinynmf_core::policy::{requantise, round_to_i8};

/// A function, its reference, and which inputs it is asked for.
struct Function {
    name: &'static str,
    of: fn(f32) -> f32,
    reference: fn(f64) -> f64,
    asked: fn(f32) -> bool,
}

const FUNCTIONS: [Function; 6] = [
    Function { name: "expf", of: libm::expf, reference: f64::exp, asked: |_| true },
    Function { name: "logf", of: libm::logf, reference: f64::ln, asked: |_| true },
    Function { name: "sqrtf", of: libm::sqrtf, reference: f64::sqrt, asked: |_| true },
    // Normal numbers are drawn by cosines of one turn.
    Function {
        name: "float::cosine",
        of: float::cosine,
        reference: f64::cos,
        asked: |x| (0.0..6.3).contains(&x),
    },
    Function {
        name: "float::project",
        of: float::project,
        // Adding 0 makes −0 a plain 0.
        reference: |x| if x > 0.0 { x.min(f64::from(float::CEILING)) } else { 0.0 },
        asked: |_| true,
    },
    Function {
        name: "round_to_i8",
        of: |x| f32::from(round_to_i8(x)),
        reference: |x| if x.is_nan() { 0.0 } else { x.round().clamp(-127.0, 127.0) + 0.0 },
        asked: |_| true,
    },
];

/// The largest error of a slice of all inputs, and where it is.
#[derive(Clone, Copy, Default)]
struct Worst {
    ulp: f64,
    at: f32,
    inputs: u64,
}

/// One ulp of the f32 nearest to `x`.
fn ulp(x: f64) -> f64 {
    let near = (x as f32).abs().max(f32::MIN_POSITIVE);
    f64::from(near.next_up()) - f64::from(near)
}

fn worst(function: &Function, slice: std::ops::Range<u64>) -> Worst {
    let mut worst = Worst::default();
    for x in slice.map(|bits| f32::from_bits(bits as u32)).filter(|x| (function.asked)(*x)) {
        worst.inputs += 1;
        let (got, wanted) = ((function.of)(x), (function.reference)(f64::from(x)));
        let nearest = wanted as f32;
        let error = if got.to_bits() == nearest.to_bits() || (got.is_nan() && wanted.is_nan()) {
            // The reference itself is not exact: what rounds to the same f32 is right.
            continue;
        } else if got.is_finite() && nearest.is_finite() {
            (f64::from(got) - wanted).abs() / ulp(wanted)
        } else {
            f64::INFINITY
        };
        if error > worst.ulp {
            (worst.ulp, worst.at) = (error, x);
        }
    }
    worst
}

/// All 2³² inputs, cut into one part a thread.
fn slices() -> Vec<std::ops::Range<u64>> {
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let part = (1_u64 << 32).div_ceil(threads);
    (0..threads).map(|k| k * part..((k + 1) * part).min(1 << 32)).collect()
}

/// Runs a function on every part, each on a thread of its own.
fn on_all<T: Send>(look: impl Fn(std::ops::Range<u64>) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let look = &look;
        let running: Vec<_> =
            slices().into_iter().map(|slice| scope.spawn(move || look(slice))).collect();
        running.into_iter().map(|it| it.join().expect("no function panics")).collect()
    })
}

/// round(x · 2^−shift), halves away from zero.
fn rounded(x: i64, shift: u8) -> i64 {
    let half = (1 << shift) >> 1;
    if x < 0 { -((half - x) >> shift) } else { (x + half) >> shift }
}

/// How many accumulators of a slice are requantised to another number than the definition gives.
///
/// The first stage is one product and one shift, as the definition writes it; with the largest multiplier it gives the
/// second stage nearly every number.
fn wrong(slice: std::ops::Range<u64>, shift: u8) -> u64 {
    let is_wrong = |bits: u64| {
        let accumulator = (bits as u32).cast_signed();
        let first = (i64::from(accumulator) * i64::from(i32::MAX) + (1 << 30)) >> 31;
        i64::from(requantise(accumulator, i32::MAX, shift)) != rounded(first, shift)
    };
    slice.map(|bits| u64::from(is_wrong(bits))).sum()
}

fn main() {
    println!("| function | inputs | largest error in ulp | at |\n|---|---:|---:|---|");
    for function in &FUNCTIONS {
        let all = on_all(|slice| worst(function, slice));
        let inputs: u64 = all.iter().map(|it| it.inputs).sum();
        let top = all.into_iter().max_by(|a, b| a.ulp.total_cmp(&b.ulp)).unwrap_or_default();
        println!("| {} | {inputs} | {:.3} | {:e} |", function.name, top.ulp, top.at);
    }
    let wrong: u64 = (0..32).flat_map(|shift| on_all(|slice| wrong(slice, shift))).sum();
    println!("| requantise | {} | {wrong} wrong | |", 32_u64 << 32);
    assert_eq!(wrong, 0, "requantising is not what its definition says");
}
