//! Factorises readings with RTIC, while a timer's interrupt takes them and another task answers them.
#![no_std]
#![no_main]

#[rtic::app(device = lm3s6965, peripherals = false, dispatchers = [GPIOA])]
mod app {
    use defmt::unwrap;
    use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
    use embassy_sync::channel::Channel;
    use embassy_sync::signal::Signal;
    use executors::{now, report, start, take_reading};
    use tinynmf_background::learn;
    use tinynmf_core::policy::{self, SchedulePolicy};
    use tinynmf_core::rule::Scheduled;

    static READINGS: Channel<CriticalSectionRawMutex, u16, 64> = Channel::new();

    /// When the oldest reading came that has no answer yet.
    static UNANSWERED: Signal<CriticalSectionRawMutex, u32> = Signal::new();

    #[shared]
    struct Shared {}

    #[local]
    struct Local {}

    #[init]
    fn init(context: init::Context) -> (Shared, Local) {
        unwrap!(answer::spawn());
        unwrap!(factorise::spawn());
        start(context.core.SYST);
        (Shared {}, Local {})
    }

    /// Takes a reading at once, whatever the tasks do.
    #[task(binds = SysTick, priority = 2)]
    fn sample(_: sample::Context) {
        let reading = take_reading();
        if READINGS.try_send(reading).is_err() {
            executors::lost();
        }
        if !UNANSWERED.signaled() {
            UNANSWERED.signal(now());
        }
    }

    /// Has its turn when the factorisation, of the same priority, gives way: after a half-step.
    #[task(priority = 1)]
    async fn answer(_: answer::Context) {
        loop {
            executors::answered(UNANSWERED.wait().await);
        }
    }

    #[task(priority = 1)]
    async fn factorise(_: factorise::Context) {
        let mut rule = Scheduled::new(unwrap!(SchedulePolicy::from_bytes(policy::SCHEDULE)));
        learn(&READINGS, &mut rule, report).await
    }
}
