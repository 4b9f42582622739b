//! What core costs in instructions: each piece of work between the marks, and a line that says which.

use core::array;
use core::hint::black_box;

use defmt::println;
use tinynmf_core::block::{Block, Change, Slope};
use tinynmf_core::data::Side;
use tinynmf_core::observe::observe;
use tinynmf_core::policy::{self, MAX_WIDTH, Network};
use tinynmf_core::product::{Left, product};
use tinynmf_core::random::{Stream, generator};
use tinynmf_core::rule::Bound;
use tinynmf_core::run::{Buffers, ROWS, State};
use tinynmf_core::situation::{Memory, Progress, Situation};
use tinynmf_core::{Data, Factor, Policy, Rule, Run, Settings, StepRule};

use crate::count::count;
use crate::digits::SCALE;
use crate::order::{Order, Refusal};

/// Counts everything that fits into `room` bytes. The first line is the cost of counting itself.
#[inline(never)]
pub fn report(room: usize) -> Result<(), Refusal> {
    count(|| ());
    name("marks", 1);
    products::<64, 32, 4, { 64 * 32 }>();
    products::<96, 21, 4, { 96 * 21 }>();
    products::<64, 128, 8, { 64 * 128 }>();
    epochs::<64, 32, 64, 4, { 64 * 32 }>()?;
    epochs::<96, 21, 96, 4, { 96 * 21 }>()?;
    if room >= 8192 {
        epochs::<64, 128, 128, 8, { 64 * 128 }>()?;
    }
    choices()
}

/// Says what was counted last, and by how much the count is to be divided.
fn name(what: &str, per: usize) {
    println!("cost {{\"what\":\"{=str}\",\"per\":{=usize}}}", what, per);
}

/// The same for work on a shape M × N, rank R.
fn name_shape(what: &str, [m, n, r]: [usize; 3], per: usize) {
    println!(
        "cost {{\"what\":\"{=str}, {=usize}x{=usize} r{=usize}\",\"per\":{=usize}}}",
        what, m, n, r, per
    );
}

/// V·Hᵀ, per multiply-add.
#[inline(never)] // its buffers shall not lie on the stack of another piece
fn products<const M: usize, const N: usize, const R: usize, const MN: usize>() {
    let h: [[f32; R]; N] = array::from_fn(|j| array::from_fn(|k| ((j * 7 + k * 3) % 11) as f32));
    let mut out = [[0.0; R]; M];
    let v = black_box(&V::<MN>::FLOATS);
    let left = Left { entries: v.as_slice(), columns: N };
    let (h, out) = (black_box(h.as_flattened()), out.as_flattened_mut());
    count(|| product(left, Side::Rows, None, h, 1.0, out, R));
    black_box(out);
    name_shape("product", [M, N, R], M * N * R);
}

/// An epoch with bound(0.95) and one with the shipped policy, after three that warm up, per multiply-add
/// of the two products with V.
#[inline(never)]
fn epochs<const M: usize, const N: usize, const MAX: usize, const R: usize, const MN: usize>()
-> Result<(), Refusal> {
    let data = Data::new(&V::<MN>::FLOATS, M, N, 1.0)?;
    // Not `Nmf`, of which the smallest stack would have to hold two while it is moved.
    let (mut w, mut h, mut gradient) = ([[0.0; R]; M], [[0.0; R]; N], [[0.0; R]; MAX]);
    let (mut gram, mut rows) = ([[0.0; R]; R], [[1.0; R]; ROWS]);
    let buffers = Buffers {
        w: w.as_flattened_mut(),
        h: h.as_flattened_mut(),
        gradient: gradient.as_flattened_mut(),
        gram: gram.as_flattened_mut(),
        rows: rows.as_flattened_mut(),
        row_order: &mut array::from_fn::<_, M, _>(|i| i as u32),
        column_order: &mut array::from_fn::<_, N, _>(|j| j as u32),
    };
    let settings = Settings::default();
    let mut state = State::new(settings)?;
    let mut run = Run::new(data, R, buffers, &mut state)?;
    run.start(settings.seed);
    for order in [Order::classic("bound", Bound::new(0.95)?), Order::learned(policy::SHIPPED)?] {
        let mut rule = order.rule;
        for _ in 0..3 {
            run.epoch(&mut rule);
        }
        count(|| run.epoch(black_box(&mut rule)));
        let what = if order.checksum == 0 { "epoch bound" } else { "epoch learned" };
        name_shape(what, [M, N, R], 2 * M * N * R);
    }
    Ok(())
}

/// The policy's choice of one step: layers alone, then from the situation to α.
#[inline(never)]
fn choices() -> Result<(), Refusal> {
    let x = black_box([[40_i8, -70, 3, 127, -9, 0, 55, -128]; MAX_WIDTH / 8]);
    let Some(x) = x.as_flattened().first_chunk() else { return Ok(()) };
    for (what, bytes) in
        [("layers, 8-16-16-1", &layers::<708>(16)[..]), ("layers, 8-32-32-1", &layers::<1908>(32))]
    {
        let network = Network::from_bytes(black_box(bytes), 8, 3)?;
        black_box(count(|| network.forward(x)));
        name(what, 1);
    }

    let memory = Memory { steps: 3, free_norm_squared: 2.0, ..Memory::default() };
    let situation = black_box(Situation {
        factor: Factor::W,
        progress: Progress { epoch: 9, horizon: 100, share: 1.0, first_loss: 5.0 },
        lipschitz: 3.0,
        slope: Slope { loss: 2.0, norm_squared: 1.5, free_norm_squared: 1.0, free_curvature: 2.5 },
        own: &memory,
        other: &memory,
    });
    let policy = Policy::from_bytes(policy::SHIPPED)?;
    let observations = black_box(observe(&situation));
    black_box(count(|| policy.log_rate(&observations)));
    name("layers, shipped policy", 1);
    let (mut rule, mut rng) = (Rule::learned(policy), generator(0, Stream::Rule));
    black_box(count(|| rule.rate(&situation, &mut Untouched, &mut rng)));
    name("choice, shipped policy", 1);
    Ok(())
}

/// Stands in for a factor where only the choice counts.
struct Untouched;

impl Block for Untouched {
    fn lipschitz(&mut self) -> f32 {
        0.0
    }
    fn gradient(&mut self) -> Slope {
        Slope::default()
    }
    fn try_step(&mut self, _: f32) -> Change {
        Change::default()
    }
    fn step(&mut self, _: f32) -> Change {
        Change::default()
    }
}

/// A network of 8 inputs and two hidden layers of `width` in a policy's format.
const fn layers<const BYTES: usize>(width: usize) -> [u8; BYTES] {
    let (mut bytes, mut at, mut inputs, mut layer) = ([0; BYTES], 0, 8, 0);
    while layer < 2 {
        bytes[at] = inputs as u8;
        bytes[at + 2] = width as u8;
        at += 4 + 4 * width;
        let mut k = 0;
        while k < width {
            bytes[at + 4 * k + 3] = 0x40; // a multiplier of one half
            bytes[at + 4 * width + k] = 6; // its shift
            k += 1;
        }
        at += 5 * width;
        k = 0;
        while k < width * inputs {
            bytes[at + k] = (k * 37 % 251) as u8;
            k += 1;
        }
        at += width * inputs;
        inputs = width;
        layer += 1;
    }
    bytes[at] = inputs as u8;
    bytes[at + 2] = 1;
    at += 12;
    let mut k = 0;
    while k < inputs {
        bytes[at + k] = (k * 53 % 251) as u8;
        k += 1;
    }
    assert!(at + inputs == BYTES);
    bytes
}

/// V of M × N as integers and as floats, in flash: entries that look random.
struct V<const MN: usize>;

impl<const MN: usize> V<MN> {
    const BYTES: [u8; MN] = {
        let (mut bytes, mut state, mut k) = ([0; MN], 1_u32, 0);
        while k < MN {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes[k] = (state >> 24) as u8 % 17;
            k += 1;
        }
        bytes
    };
    const FLOATS: [f32; MN] = {
        let (mut floats, mut k) = ([0.0; MN], 0);
        while k < MN {
            floats[k] = Self::BYTES[k] as f32 * SCALE;
            k += 1;
        }
        floats
    };
}
