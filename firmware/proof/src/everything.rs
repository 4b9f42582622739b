//! All of core on memory, shapes and numbers that the compiler cannot see through.
//!
//! The panic handler calls a function that does not exist: if any path in here can panic, it does not link.
#![no_std]
#![no_main]

use core::hint::{black_box, spin_loop};

use panic_never as _;
use tinynmf_core::data::Entry;
use tinynmf_core::fixed_point::{FixedBuffers, FixedRun, Integer, NmfFixed};
use tinynmf_core::noise::GradientNoise;
use tinynmf_core::online::{Keep, Latents, Online, OnlineSettings};
use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::retained::{Retained, RetainedOnline};
use tinynmf_core::rule::table::KINDS;
use tinynmf_core::run::{Buffers, Settings, State};
use tinynmf_core::transform::{Transform, TransformSettings};
use tinynmf_core::{Data, Error, Fingerprint, Nmf, Policy, Rule, Run, policy};

/// Values that the compiler cannot see through.
struct Given<'g, E> {
    entries: &'g [E],
    rows: usize,
    columns: usize,
    rank: usize,
    scale: f32,
    rule: u32,
    parameters: [f32; 3],
    blob: &'g [u8],
    indices: [&'g [u32]; 2],
    epochs: u32,
    keep: Keep,
}

/// Memory of unknown lengths.
struct Memory<'m> {
    floats: [&'m mut [f32]; 6],
    orders: [&'m mut [u32]; 3],
    signed: [&'m mut [i32]; 2],
    halves: [&'m mut [u16]; 3],
}

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let (mut floats, mut orders) = ([[0.0; 16]; 6], [[0; 8]; 3]);
    let [a, b, c, d, e, f] = &mut floats;
    let floats =
        black_box([&mut a[..], &mut b[..], &mut c[..], &mut d[..], &mut e[..], &mut f[..]]);
    let orders = orders.each_mut().map(|order| black_box(&mut order[..]));
    let (mut signed, mut halves) = ([[0; 16]; 2], [[0; 16]; 3]);
    let signed = signed.each_mut().map(|part| black_box(&mut part[..]));
    let halves = halves.each_mut().map(|part| black_box(&mut part[..]));
    let mut memory = Memory { floats, orders, signed, halves };
    let sum = with_integers::<u8>(&[1; 12], &mut memory)
        + with_integers::<u16>(&[1; 12], &mut memory)
        + with_integers::<i16>(&[1; 12], &mut memory)
        + with::<f32>(&[1.0; 12], &mut memory);
    black_box(sum);
    loop {
        spin_loop();
    }
}

fn given<E>(entries: &[E]) -> Given<'_, E> {
    black_box(Given {
        entries,
        rows: 4,
        columns: 3,
        rank: 2,
        scale: 1.0,
        rule: 0,
        parameters: [0.1, 0.5, 1.0],
        blob: policy::SHIPPED,
        indices: [&[1, 2], &[0]],
        epochs: 3,
        keep: Keep::Products,
    })
}

#[inline(never)]
fn with<E: Entry>(entries: &[E], memory: &mut Memory<'_>) -> f32 {
    let given = given(entries);
    #[cfg(feature = "planted")]
    black_box(given.entries[given.rank]);
    let results = [
        borrowed(&given, memory),
        fixed(&given, memory),
        transformed(&given, memory),
        streamed(&given, memory),
    ];
    results.into_iter().map(|result| result.unwrap_or(0.0)).sum()
}

#[inline(never)]
fn with_integers<E: Integer>(entries: &[E], memory: &mut Memory<'_>) -> f32 {
    let given = given(entries);
    let results = [in_integers(&given, memory), in_borrowed_integers(&given, memory)];
    with(entries, memory) + results.into_iter().map(|result| result.unwrap_or(0.0)).sum::<f32>()
}

/// The rule of a number.
fn rule<'g, E>(given: &Given<'g, E>) -> Result<Rule<'g>, Error> {
    match KINDS.get(given.rule as usize) {
        Some(kind) => kind.make_from(&given.parameters),
        None => Ok(Rule::learned(Policy::from_bytes(given.blob)?)),
    }
}

fn settings<E>(given: &Given<'_, E>) -> Settings {
    let [batch, ..] = given.parameters;
    let penalties = Penalties { w: penalty(given), h: penalty(given) };
    Settings { horizon: given.epochs, batch, seed: given.epochs.into(), penalties }
}

fn penalty<E>(given: &Given<'_, E>) -> Penalty {
    let [l1, l2, _] = given.parameters;
    Penalty { l1, l2 }
}

/// A factorisation of any shape on borrowed memory.
fn borrowed<E: Entry>(given: &Given<'_, E>, memory: &mut Memory<'_>) -> Result<f32, Error> {
    let data = Data::new(given.entries, given.rows, given.columns, given.scale)?;
    let Memory { floats: [w, h, gradient, gram, rows, before], orders, .. } = memory;
    let [row_order, column_order, _] = orders;
    let buffers = Buffers { w, h, gradient, before, gram, rows, row_order, column_order };
    let mut state = State::new(settings(given))?;
    let mut run = Run::new(data, given.rank, buffers, &mut state)?;
    run.start(given.epochs.into());
    let mut rule = rule(given)?;
    for _ in 0..given.epochs {
        black_box(run.epoch(&mut rule));
        black_box(run.epoch_on(&mut rule, given.indices[0], given.indices[1]));
    }
    let mut fingerprint = Fingerprint::new();
    fingerprint.floats(run.w());
    fingerprint.floats(run.h());
    black_box(fingerprint.value());
    Ok(run.loss())
}

/// A factorisation in fixed buffers.
fn fixed<E: Entry>(given: &Given<'_, E>, memory: &Memory<'_>) -> Result<f32, Error> {
    let mut nmf = Nmf::<4, 3, 2>::new(settings(given))?;
    nmf.set(memory.floats[0], memory.floats[1])?;
    let mut rule = rule(given)?;
    let data = Data::new(given.entries, given.rows, given.columns, given.scale)?;
    let noise = GradientNoise::new(given.parameters[1], given.epochs.into())?;
    black_box(nmf.run(noise.on(data))?.epoch(&mut rule));
    let mut run = nmf.run(data)?;
    black_box(run.epoch(&mut rule));
    let loss = run.loss() + run.objective();
    let mut retained = black_box(Retained::new());
    retained.save(&nmf);
    black_box(retained.restore(&mut nmf));
    black_box(nmf.w());
    black_box(nmf.h());
    Ok(loss)
}

/// A factorisation in fixed point.
fn in_integers<E: Integer>(given: &Given<'_, E>, memory: &Memory<'_>) -> Result<f32, Error> {
    let mut nmf = NmfFixed::<4, 3, 2>::new(settings(given))?;
    nmf.set(memory.floats[0], memory.floats[1], given.scale)?;
    let mut rule = rule(given)?;
    let mut run = nmf.run(Data::new(given.entries, given.rows, given.columns, given.scale)?)?;
    run.start(given.epochs.into());
    black_box(run.epoch(&mut rule));
    black_box((run.w(), run.h()));
    Ok(run.loss())
}

/// The same of any shape on borrowed memory.
fn in_borrowed_integers<E: Integer>(
    given: &Given<'_, E>,
    memory: &mut Memory<'_>,
) -> Result<f32, Error> {
    let Memory { floats: [floats, a, b, image, of_w, of_h], orders, signed, halves } = memory;
    let ([gram, row_order, column_order], [gradient, row], [w, h, before]) =
        (orders, signed, halves);
    let (mut exponents, directions) = (black_box([0; 2]), [&mut **a, &mut **b]);
    let exponents = &mut exponents;
    let mut buffers = FixedBuffers {
        w,
        h,
        exponents,
        gradient,
        before,
        gram,
        floats,
        directions,
        image,
        row,
        row_order,
        column_order,
    };
    buffers.set(of_w, of_h, given.scale)?;
    let mut state = State::new(settings(given))?;
    let data = Data::new(given.entries, given.rows, given.columns, given.scale)?;
    let mut run = FixedRun::new(data, given.rank, buffers, &mut state)?;
    run.start(given.epochs.into());
    let mut rule = rule(given)?;
    black_box(run.epoch(&mut rule));
    black_box(run.epoch_on(&mut rule, given.indices[0], given.indices[1]));
    black_box((run.w(), run.h()));
    Ok(run.loss() + run.objective())
}

/// Latents for a fixed W.
fn transformed<E: Entry>(given: &Given<'_, E>, memory: &mut Memory<'_>) -> Result<f32, Error> {
    let [w, h, floats, ..] = &mut memory.floats;
    let settings = TransformSettings {
        steps: given.epochs,
        penalty: penalty(given),
        seed: given.epochs.into(),
    };
    let mut transform = Transform::new(w, given.rank, settings, floats)?;
    transform.columns(&Data::column(given.entries, given.scale)?, &mut rule(given)?, h)?;
    let column = Data::column(given.entries, given.scale)?;
    let mut residuals = [0.0];
    transform.exact(&column, h, &mut residuals)?;
    black_box((transform.w(), residuals));
    Ok(transform.bound())
}

/// W from a stream.
fn streamed<E: Entry>(given: &Given<'_, E>, memory: &mut Memory<'_>) -> Result<f32, Error> {
    let [w, _, floats, ..] = &mut memory.floats;
    let steps = given.epochs;
    let latents = if steps > 9 { Latents::Exact } else { Latents::Steps(steps) };
    let settings = OnlineSettings {
        latents,
        window: given.scale,
        keep: given.keep,
        penalties: Penalties { w: penalty(given), h: penalty(given) },
        horizon: given.epochs,
        seed: given.epochs.into(),
    };
    let mut online = Online::new(given.rows, given.rank, settings, floats)?;
    online.set(w)?;
    let record = online.column(&Data::column(given.entries, given.scale)?, &mut rule(given)?)?;
    black_box((online.w(), online.h(), online.residual()));
    let mut retained = black_box(RetainedOnline::<8>::new());
    black_box(retained.save(&online));
    black_box(retained.restore(&mut online));
    Ok(record.rate)
}
