//! Sensors that fail: what online NMF makes of their columns.

use defmt::println;
use tinynmf_core::data::{Entry, MAX_ENTRY};
use tinynmf_core::online::{Keep, Online, OnlineSettings};
use tinynmf_core::{Data, Error, Fingerprint, Outcome, Policy, Rule, policy};

use crate::order::Refusal;

const ROWS: usize = 8;
const RANK: usize = 2;

/// Feeds the columns of every fault to a W that was learnt from sound ones, and sound ones after it.
#[inline(never)]
pub fn report() -> Result<(), Refusal> {
    for keep in [Keep::Gram, Keep::Products] {
        let settings = OnlineSettings { keep, ..OnlineSettings::default() };
        let mut memory = [0.0; Online::floats(ROWS, RANK, Keep::Products)];
        let floats = memory.split_at_mut(Online::floats(ROWS, RANK, keep)).0;
        let mut device = Device {
            online: Online::new(ROWS, RANK, settings, floats)?,
            rule: Rule::learned(Policy::from_bytes(policy::SHIPPED)?),
            time: 0,
        };
        device.sound(60)?;
        device.fault("not a number", &[1.0, 2.0, f32::NAN, 0.0, 1.0, 1.0, 1.0, 1.0], 1);
        device.fault("infinite", &[f32::INFINITY; ROWS], 1);
        device.fault("negative", &[-1_i16; ROWS], 1);
        device.fault("beyond the largest entry", &[2.0 * MAX_ENTRY; ROWS], 1);
        device.fault("zero", &[0_u8; ROWS], 50);
        device.fault("one sensor dead", &[3_u8, 1, 4, 0, 5, 9, 2, 6], 50);
        device.fault("all stuck at one value", &[77_u8; ROWS], 200);
        device.fault("saturated u8", &[u8::MAX; ROWS], 50);
        device.fault("saturated u16", &[u16::MAX; ROWS], 50);
        device.fault("the smallest float", &[f32::from_bits(1); ROWS], 20);
        device.fault("the largest entry", &[MAX_ENTRY; ROWS], 50);
        let before = device.fingerprint();
        device.sound(60)?;
        device.verdict("sound again", "taken", before == device.fingerprint());
    }
    Ok(())
}

struct Device<'b> {
    online: Online<'b>,
    rule: Rule<'static>,
    time: u32,
}

impl Device<'_> {
    /// Columns of two latents, as a sensor that works gives them.
    fn sound(&mut self, count: u32) -> Result<(), Error> {
        for _ in 0..count {
            let (a, b) = (self.time * 7 % 11, self.time * 5 % 13);
            let column: [u16; ROWS] = core::array::from_fn(|i| {
                let i = i as u32;
                (a * (i + 1) + b * (ROWS as u32 - i)) as u16
            });
            self.time += 1;
            self.online.column(&Data::column(&column, 1.0)?, &mut self.rule)?;
        }
        Ok(())
    }

    /// The same column so many times, and what became of it.
    fn fault<E: Entry>(&mut self, what: &str, column: &[E; ROWS], count: u32) {
        let before = self.fingerprint();
        let mut verdict = "taken";
        for _ in 0..count {
            let column = Data::column(column, 1.0);
            verdict = match column.and_then(|column| self.online.column(&column, &mut self.rule)) {
                Err(_) => "refused",
                Ok(step) if step.outcome == Outcome::OtherFactorZero => "teaches nothing",
                Ok(_) => "taken",
            };
        }
        self.verdict(what, verdict, before == self.fingerprint());
    }

    fn verdict(&self, what: &str, verdict: &str, unchanged: bool) {
        let finite = |x: &f32| x.is_finite() && *x >= 0.0;
        println!(
            "fault {{\"what\":\"{=str}\",\"verdict\":\"{=str}\",\"unchanged\":{=bool},\"finite\":{=bool},\"w\":{=u64}}}",
            what,
            verdict,
            unchanged,
            self.online.w().iter().chain(self.online.h()).all(finite),
            self.fingerprint()
        );
    }

    fn fingerprint(&self) -> u64 {
        let mut fingerprint = Fingerprint::new();
        fingerprint.floats(self.online.w());
        fingerprint.value()
    }
}
