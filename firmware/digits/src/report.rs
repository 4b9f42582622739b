//! The factorisation, and the report that lets the host compare it bit by bit.

use core::fmt;

use tinynmf_core::noise::GradientNoise;
use tinynmf_core::{Data, Epoch, Error, Fingerprint, Matrix, Nmf, Settings};

use crate::Order;
use crate::images::{Images, PIXELS, SCALE};

/// Result of a factorisation; equal reports mean equal bits. Displayed as JSON.
pub struct Report {
    rule: &'static str,
    checksum: u32,
    rows: usize,
    rank: usize,
    settings: Settings,
    noise: f32,
    loss: f32,
    w: u64,
    h: u64,
    losses: u64,
}

impl Report {
    /// The fingerprints of W, of H and of every loss.
    #[must_use]
    pub fn fingerprints(&self) -> [u64; 3] {
        [self.w, self.h, self.losses]
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, checksum, rows, rank, settings, noise, loss, w, h, losses } = self;
        let Settings { horizon, batch, seed, .. } = settings;
        let loss = loss.to_bits();
        write!(
            out,
            r#"{{"rule":"{rule}","checksum":{checksum},"rows":{rows},"columns":{PIXELS},"#
        )?;
        write!(out, r#""rank":{rank},"epochs":{horizon},"batch":{batch},"noise":{noise},"#)?;
        write!(out, r#""seed":{seed},"loss_bits":{loss},"w":{w},"h":{h},"losses":{losses}}}"#)
    }
}

/// Factorises the first `IMAGES` digits up to the horizon: shape, settings, final loss, and the fingerprints of W, H
/// and of every loss, the start's first. `each` gets the number, the loss and the record of every epoch; the start's
/// loss comes as epoch 0.
///
/// # Errors
///
/// Settings that core refuses.
pub fn factorise<const IMAGES: usize, const RANK: usize>(
    order: Order<'_>,
    settings: Settings,
    each: impl FnMut(u32, f32, Option<&Epoch>),
) -> Result<Report, Error> {
    factorise_of::<IMAGES, RANK, _>(data::<IMAGES>()?, order, settings, each)
}

/// [`factorise`] with noise on the gradients, see [`GradientNoise::new`].
///
/// # Errors
///
/// Of settings or a level that are none.
pub fn factorise_noisy<const IMAGES: usize, const RANK: usize>(
    order: Order<'_>,
    settings: Settings,
    level: f32,
    each: impl FnMut(u32, f32, Option<&Epoch>),
) -> Result<Report, Error> {
    let noise = GradientNoise::new(level, settings.seed)?;
    let v = noise.on(data::<IMAGES>()?);
    let report = factorise_of::<IMAGES, RANK, _>(v, order, settings, each)?;
    Ok(Report { noise: level, ..report })
}

/// The first `IMAGES` digits.
fn data<const IMAGES: usize>() -> Result<Data<'static, u8>, Error> {
    Data::new(Images::<IMAGES>::PIXELS.as_flattened(), IMAGES, PIXELS, SCALE)
}

#[inline(never)] // its memory shall not lie on the stack of what comes after
fn factorise_of<const IMAGES: usize, const RANK: usize, M: Matrix>(
    v: M,
    order: Order<'_>,
    settings: Settings,
    mut each: impl FnMut(u32, f32, Option<&Epoch>),
) -> Result<Report, Error> {
    let Order { name, checksum, mut rule } = order;
    let mut nmf = Nmf::<IMAGES, PIXELS, RANK>::new(settings)?;
    let mut run = nmf.run(v)?;

    let mut losses = Fingerprint::new();
    let mut loss = run.loss();
    losses.float(loss);
    each(0, loss, None);
    for number in 1..=settings.horizon {
        let epoch = run.epoch(&mut rule);
        loss = run.loss();
        losses.float(loss);
        each(number, loss, Some(&epoch));
    }
    let (w, h) = (fingerprint(run.w()), fingerprint(run.h()));
    let losses = losses.value();
    Ok(Report {
        rule: name,
        checksum,
        rows: IMAGES,
        rank: RANK,
        settings,
        noise: 0.0,
        loss,
        w,
        h,
        losses,
    })
}

/// W or H as one number.
#[must_use]
pub fn fingerprint(factor: &[f32]) -> u64 {
    let mut fingerprint = Fingerprint::new();
    fingerprint.floats(factor);
    fingerprint.value()
}
