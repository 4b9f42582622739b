//! Readings factorised in the background: [`learn`] is a task that gives way after every half-step.
//!
//! A converter's task or interrupt puts readings into a [`Channel`]. The task here factorises [`ROWS`] × [`COLUMNS`] of
//! them; meanwhile it gathers those of the next matrix. Any executor runs it: embassy's, RTIC's, a test's. The
//! longest that others of its priority wait is a half-step.
//!
//! Interruptions change no bit: a half-step holds all that it works on.

#![no_std]
#![forbid(unsafe_code)]

mod readings;

use embassy_futures::yield_now;
use embassy_sync::blocking_mutex::raw::RawMutex;
use embassy_sync::channel::Channel;
use tinynmf_core::{Data, Error, Factor, Nmf, Schedule, Settings};

pub use readings::{COLUMNS, ROWS, Readings, signal};

/// Parts that are looked for.
pub const RANK: usize = 3;

/// Epochs for a matrix.
pub const EPOCHS: u32 = 40;

/// The step of a converter of 12 bits.
pub const SCALE: f32 = 1.0 / 4096.0;

/// Factors of a matrix.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// F.
    pub loss: f32,
    /// W, row by row.
    pub w: &'a [f32],
    /// H, column by column.
    pub h: &'a [f32],
}

/// Factorises readings for ever, and tells what it found in each matrix, or why it left one out.
///
/// While a matrix is worked on, the channel is emptied between half-steps, until the next matrix is whole.
pub async fn learn<M: RawMutex, const N: usize>(
    channel: &Channel<M, u16, N>,
    rule: &mut impl Schedule,
    mut tell: impl FnMut(Result<Found<'_>, Error>),
) -> ! {
    let mut next = Readings::default();
    loop {
        while !next.is_full() {
            next.push(channel.receive().await);
        }
        let entries = next.take();
        match factorise(&entries, channel, &mut next, rule, &mut tell).await {
            Ok(()) => (),
            Err(error) => tell(Err(error)),
        }
    }
}

async fn factorise<M: RawMutex, const N: usize>(
    entries: &[u16; ROWS * COLUMNS],
    channel: &Channel<M, u16, N>,
    next: &mut Readings,
    rule: &mut impl Schedule,
    tell: &mut impl FnMut(Result<Found<'_>, Error>),
) -> Result<(), Error> {
    let settings = Settings { horizon: EPOCHS, ..Settings::default() };
    let mut nmf = Nmf::<ROWS, COLUMNS, RANK>::new(settings)?;
    let mut run = nmf.run(Data::new(entries, ROWS, COLUMNS, SCALE)?)?;
    for _ in 0..EPOCHS {
        for factor in [Factor::W, Factor::H] {
            run.half_step(rule, factor);
            yield_now().await;
            while !next.is_full()
                && let Ok(reading) = channel.try_receive()
            {
                next.push(reading);
            }
        }
    }
    tell(Ok(Found { loss: run.loss(), w: run.w(), h: run.h() }));
    Ok(())
}
