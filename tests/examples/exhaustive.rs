//! Every function of one f32 that core calls, over all 2³² inputs, against f64.
//!
//! `cargo run --release -p tinynmf-tests --example exhaustive` prints a table; it takes some minutes a function.
//!
//! The error is in units in the last place (ulp) of the f32 nearest to the f64 reference, which is right to a fraction of
//! one; where one of the two is no finite number, both have to be the same.

use std::thread;

use tinynmf_core::float;
use tinynmf_core::policy::round_to_i8;

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
        name: "cosf",
        of: libm::cosf,
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

fn main() {
    println!("| function | inputs | largest error in ulp | at |\n|---|---:|---:|---|");
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    for function in &FUNCTIONS {
        let part = (1_u64 << 32).div_ceil(threads);
        let slices = (0..threads).map(|k| k * part..((k + 1) * part).min(1 << 32));
        let all: Vec<Worst> = thread::scope(|scope| {
            let running: Vec<_> =
                slices.map(|slice| scope.spawn(move || worst(function, slice))).collect();
            running.into_iter().map(|it| it.join().expect("no function panics")).collect()
        });
        let inputs: u64 = all.iter().map(|it| it.inputs).sum();
        let top = all.into_iter().max_by(|a, b| a.ulp.total_cmp(&b.ulp)).unwrap_or_default();
        println!("| {} | {inputs} | {:.3} | {:e} |", function.name, top.ulp, top.at);
    }
}
