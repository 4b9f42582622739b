//! Factorises readings at AIN0 (P0.02) with RTIC: a timer's interrupt takes them while a task of low priority works,
//! and the task gives way to others after every half-step.
#![no_std]
#![no_main]

#[rtic::app(device = nrf52840_hal::pac, peripherals = false, dispatchers = [SWI0_EGU0])]
mod app {
    use cortex_m::peripheral::syst::SystClkSource;
    use defmt::{info, unwrap, warn};
    use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
    use embassy_sync::channel::Channel;
    use nrf52840::{CLOCK, Converter};
    use tinynmf_background::learn;
    use tinynmf_core::policy::{self, SchedulePolicy};
    use tinynmf_core::rule::Scheduled;

    static READINGS: Channel<CriticalSectionRawMutex, u16, 64> = Channel::new();

    #[shared]
    struct Shared {}

    #[local]
    struct Local {
        converter: Converter,
    }

    #[init]
    fn init(context: init::Context) -> (Shared, Local) {
        let converter = Converter::start();
        let mut timer = context.core.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(CLOCK / 1_000 - 1);
        timer.clear_current();
        timer.enable_interrupt();
        timer.enable_counter();
        unwrap!(factorise::spawn());
        (Shared {}, Local { converter })
    }

    #[task(binds = SysTick, priority = 2, local = [converter])]
    fn sample(context: sample::Context) {
        if READINGS.try_send(context.local.converter.read()).is_err() {
            warn!("a reading is lost: the factorisation does not keep up");
        }
    }

    #[task(priority = 1)]
    async fn factorise(_: factorise::Context) {
        let mut rule = Scheduled::new(unwrap!(SchedulePolicy::from_bytes(policy::SCHEDULE)));
        learn(&READINGS, &mut rule, |found| match found {
            Ok(found) => info!("F {=f32}, W {}", found.loss, found.w),
            Err(error) => warn!("left out: {}", error),
        })
        .await
    }
}
