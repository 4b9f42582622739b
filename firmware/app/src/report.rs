//! Factorisations, logged as they go and reported to the host.

use defmt::{Display2Format, info, println};
use tinynmf_core::{Epoch, Error, Settings};
use tinynmf_digits::images::PIXELS;
use tinynmf_digits::{Order, Report, factorise as factorised, identity};

use crate::order::{self, Refusal};

/// Carries out `word`: 100 epochs on the first `IMAGES` digits.
#[inline(never)] // its buffer shall not lie on the stack of another command
pub fn digits<const IMAGES: usize, const RANK: usize, const ROOM: usize>(
    word: Option<&str>,
) -> Result<(), Refusal> {
    let mut file = [0; ROOM];
    let order = order::read(word, &mut file)?;
    let settings = Settings { horizon: 100, ..Settings::default() };
    Ok(factorise::<IMAGES, RANK>(order, settings)?)
}

/// Every step rule on a problem that fits the smallest board.
#[inline(never)]
pub fn identity() -> Result<(), Refusal> {
    for k in 0..identity::RUNS {
        let run = identity::run(k)?;
        let log = Log {
            images: identity::IMAGES,
            rank: identity::RANK,
            name: run.name(),
            horizon: run.horizon(),
        };
        say(&run.report(|number, loss, epoch| log.epoch(number, loss, epoch))?);
    }
    Ok(())
}

#[inline(never)]
fn factorise<const IMAGES: usize, const RANK: usize>(
    order: Order<'_>,
    settings: Settings,
) -> Result<(), Error> {
    let log = Log { images: IMAGES, rank: RANK, name: order.name, horizon: settings.horizon };
    let each = |number, loss, epoch: Option<&Epoch>| log.epoch(number, loss, epoch);
    say(&factorised::<IMAGES, RANK>(order, settings, each)?);
    Ok(())
}

/// Log of every epoch.
struct Log {
    images: usize,
    rank: usize,
    name: &'static str,
    horizon: u32,
}

impl Log {
    fn epoch(&self, number: u32, loss: f32, epoch: Option<&Epoch>) {
        let Self { images, rank, name, horizon } = *self;
        match epoch {
            None => info!(
                "{=usize} x {=usize}, rank {=usize}, {=str}: loss {=f32}",
                images, PIXELS, rank, name, loss
            ),
            Some(epoch) => info!(
                "epoch {=u32} of {=u32}: loss {=f32}, alpha*L {=f32} {=f32}",
                number,
                horizon,
                loss,
                epoch.w.rate * epoch.w.lipschitz,
                epoch.h.rate * epoch.h.lipschitz
            ),
        }
    }
}

/// JSON for the host; printed, so that no log level leaves it out.
fn say(report: &Report) {
    println!("report {}", Display2Format(report));
}
