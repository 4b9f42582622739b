//! A product: it factorises 64 × 32 floats at rank 4, so that its size is what core takes of a microcontroller's flash.

/// The program with a schedule, an expression in which `?` may stand. A macro, so that each image has the code of its own.
macro_rules! product {
    ($schedule:expr) => {
        use core::hint::{black_box, spin_loop};

        use panic_never as _;
        use tinynmf_core::{Data, Error, Nmf, Settings};

        #[unsafe(no_mangle)]
        extern "C" fn _start() -> ! {
            let entries = black_box([0.0; 64 * 32]); // on the stack: V is not what is weighed
            let _ = black_box(factorise(&entries));
            loop {
                spin_loop();
            }
        }

        fn factorise(entries: &[f32]) -> Result<(), Error> {
            let mut schedule = $schedule;
            let mut nmf = Nmf::<64, 32, 4>::new(Settings::default())?;
            let mut run = nmf.run(Data::new(entries, 64, 32, 1.0)?)?;
            for _ in 0..black_box(200) {
                run.epoch(&mut schedule);
            }
            black_box((run.w(), run.h()));
            Ok(())
        }
    };
}
