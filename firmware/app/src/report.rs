//! The factorisation, and the line that lets the host compare it bit by bit.

use defmt::{info, println};
use tinynmf_core::{Data, Epoch, Error, Fingerprint, Nmf, Settings};

use crate::digits::{Digits, PIXELS, SCALE};
use crate::order::{Order, Refusal};

/// What `word` asks for: 100 epochs on the first `IMAGES` digits.
#[inline(never)] // its buffer shall not lie on the stack of another command
pub fn digits<const IMAGES: usize, const RANK: usize, const ROOM: usize>(
    word: Option<&str>,
) -> Result<(), Refusal> {
    let mut file = [0; ROOM];
    let order = Order::read(word, &mut file)?;
    let settings = Settings { horizon: 100, ..Settings::default() };
    Ok(factorise::<IMAGES, RANK>(order, settings)?)
}

/// Factorises the first `IMAGES` digits up to the horizon, logs the loss as it goes, and reports shape,
/// settings, final loss and the fingerprints of W, H and of every loss, the start's first.
#[inline(never)]
pub fn factorise<const IMAGES: usize, const RANK: usize>(
    order: Order<'_>,
    settings: Settings,
) -> Result<(), Error> {
    let Order { name, checksum, mut rule } = order;
    let Settings { horizon, batch, noise, seed, .. } = settings;
    let data = Data::new(Digits::<IMAGES>::PIXELS.as_flattened(), IMAGES, PIXELS, SCALE)?;
    let mut nmf = Nmf::<IMAGES, PIXELS, RANK>::new(settings)?;
    let mut run = nmf.run(data)?;

    let mut losses = Fingerprint::new();
    let mut loss = run.loss();
    losses.float(loss);
    info!(
        "{=usize} x {=usize}, rank {=usize}, {=str}: loss {=f32}",
        IMAGES, PIXELS, RANK, name, loss
    );
    for epoch in 1..=horizon {
        let Epoch { w, h } = run.epoch(&mut rule);
        loss = run.loss();
        losses.float(loss);
        info!(
            "epoch {=u32} of {=u32}: loss {=f32}, alpha*L {=f32} {=f32}",
            epoch,
            horizon,
            loss,
            w.rate * w.lipschitz,
            h.rate * h.lipschitz
        );
    }

    // JSON for the host; printed, so that no log level leaves it out.
    println!(
        "report {{\"rule\":\"{=str}\",\"checksum\":{=u32},\"rows\":{=usize},\"columns\":{=usize},\
         \"rank\":{=usize},\"epochs\":{=u32},\"batch\":{=f32},\"noise\":{=f32},\"seed\":{=u64},\
         \"loss_bits\":{=u32},\"w\":{=u64},\"h\":{=u64},\"losses\":{=u64}}}",
        name,
        checksum,
        IMAGES,
        PIXELS,
        RANK,
        horizon,
        batch,
        noise,
        seed,
        loss.to_bits(),
        fingerprint(run.w()),
        fingerprint(run.h()),
        losses.value(),
    );
    Ok(())
}

/// W or H as one number.
pub fn fingerprint(factor: &[f32]) -> u64 {
    let mut fingerprint = Fingerprint::new();
    fingerprint.floats(factor);
    fingerprint.value()
}
