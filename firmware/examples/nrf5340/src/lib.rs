//! Common parts of this folder's examples: the converter of an nRF5340's application core, the log, the panic handler.
#![no_std]

use cortex_m as _; // the critical section that defmt needs
use defmt_rtt as _; // carries every log line
use embassy_nrf::config::{Config, HfclkSource};
use embassy_nrf::saadc::{self, ChannelConfig, InterruptHandler, Saadc};
use embassy_nrf::{bind_interrupts, init};
use embassy_time::{Duration, Ticker};
use panic_probe as _; // says a panic, and stops the probe's run

bind_interrupts!(struct Interrupts {
    SAADC => InterruptHandler;
});

/// The converter at AIN0 (P0.04), with its pace.
pub struct Converter {
    adc: Saadc<'static, 1>,
    pace: Ticker,
}

impl Converter {
    /// Starts the crystal and the converter, for about `rate` readings a second.
    ///
    /// # Panics
    ///
    /// Where it was called before.
    #[must_use]
    pub fn new(rate: u64) -> Self {
        let mut config = Config::default();
        config.hfclk_source = HfclkSource::ExternalXtal;
        let chip = init(config);
        let pin = ChannelConfig::single_ended(chip.P0_04);
        let adc = Saadc::new(chip.SAADC, Interrupts, saadc::Config::default(), [pin]);
        Self { adc, pace: Ticker::every(Duration::from_hz(rate)) }
    }

    /// The next reading: the voltage with 12 bits of 3.6 V.
    pub async fn read(&mut self) -> u16 {
        self.pace.next().await;
        let mut reading = [0];
        self.adc.sample(&mut reading).await;
        // Noise around 0 may be negative.
        reading[0].max(0).cast_unsigned()
    }
}
