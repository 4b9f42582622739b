//! Factorisations that give way after every half-step: others have their turn, and no bit changes.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use embassy_futures::select::select;
use embassy_futures::{block_on, yield_now};
use embassy_sync::blocking_mutex::raw::{CriticalSectionRawMutex, NoopRawMutex};
use embassy_sync::channel::Channel;
use tinynmf_background::{COLUMNS, EPOCHS, RANK, ROWS, Readings, SCALE, learn, signal};
use tinynmf_core::policy::{self, SchedulePolicy};
use tinynmf_core::random::Rng;
use tinynmf_core::rule::{Scheduled, Sweeps};
use tinynmf_core::situation::Before;
use tinynmf_core::{Data, Nmf, Open, Schedule, Settings, Subproblem};

/// Bits of F, W and H.
type Bits = Vec<u32>;

const MATRICES: usize = 3;

/// Result of a factorisation that nobody interrupts.
fn alone(first: usize, rule: &mut impl Schedule) -> Bits {
    let mut entries = [0; ROWS * COLUMNS];
    for t in 0..entries.len() {
        entries[t % ROWS * COLUMNS + t / ROWS] = signal(first + t);
    }
    let settings = Settings { horizon: EPOCHS, ..Settings::default() };
    let mut nmf = Nmf::<ROWS, COLUMNS, RANK>::new(settings).unwrap();
    let mut run = nmf.run(Data::new(&entries, ROWS, COLUMNS, SCALE).unwrap()).unwrap();
    let before = run.loss();
    for _ in 0..EPOCHS {
        run.epoch(rule);
    }
    assert!(run.loss() < 0.02 * before, "{} of {before}", run.loss());
    bits(run.loss(), run.w(), run.h())
}

fn bits(loss: f32, w: &[f32], h: &[f32]) -> Bits {
    [loss].iter().chain(w).chain(h).map(|x| x.to_bits()).collect()
}

fn policy() -> Scheduled<'static> {
    Scheduled::new(SchedulePolicy::from_bytes(policy::SCHEDULE).unwrap())
}

/// A rule that counts half-steps.
struct Counted<'a, S>(S, &'a Cell<usize>);

impl<S: Schedule> Schedule for Counted<'_, S> {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        self.0.share(before)
    }
    fn passes(&self) -> bool {
        self.0.passes()
    }
    fn moves<B: Subproblem>(&mut self, open: &mut Open<'_, B>, rng: &mut Rng) {
        self.1.set(self.1.get() + 1);
        self.0.moves(open, rng);
    }
}

/// Readings come one at a turn, from another task of the same executor.
fn beside_a_task<S: Schedule>(new: impl Fn() -> S) {
    let channel = Channel::<NoopRawMutex, u16, 32>::new();
    let (half_steps, found) = (Cell::new(0), RefCell::new(Vec::new()));
    let mut rule = Counted(new(), &half_steps);
    let learner = learn(&channel, &mut rule, |result| {
        let result = result.unwrap();
        found.borrow_mut().push(bits(result.loss, result.w, result.h));
    });
    let sampler = async {
        let (mut t, mut busy) = (0, 0);
        while found.borrow().len() < MATRICES {
            let before = half_steps.get();
            channel.send(signal(t)).await;
            yield_now().await;
            t += 1;
            let passed = half_steps.get() - before;
            assert!(passed <= 1, "{passed} half-steps from one turn to the next");
            busy += passed;
        }
        (t, busy)
    };
    let (sent, busy) = match block_on(select(pin!(learner), pin!(sampler))) {
        embassy_futures::select::Either::First(never) => never,
        embassy_futures::select::Either::Second(counts) => counts,
    };
    // The sampler never waited for a factorisation: it had a turn for each half-step.
    assert_eq!(busy, MATRICES * 2 * EPOCHS as usize);
    assert!(sent > MATRICES * ROWS * COLUMNS, "the next matrix fills meanwhile: {sent}");
    let mut rule = new();
    for (k, found) in found.take().into_iter().enumerate() {
        assert!(found == alone(k * ROWS * COLUMNS, &mut rule), "other bits in matrix {k}");
    }
}

#[test]
fn tasks_take_turns_at_half_steps_and_the_bits_stay() {
    beside_a_task(|| Sweeps::HALS);
    beside_a_task(policy);
}

/// Readings come from a thread, as from an interrupt: at any moment of a half-step.
#[test]
fn interrupts_at_any_moment_change_no_bit() {
    static CHANNEL: Channel<CriticalSectionRawMutex, u16, 64> = Channel::new();
    // Once nobody takes readings any more, there is no room for others.
    static ENDED: AtomicBool = AtomicBool::new(false);
    let sampler = thread::spawn(|| {
        for t in 0.. {
            while CHANNEL.try_send(signal(t)).is_err() {
                if ENDED.load(Ordering::Relaxed) {
                    return;
                }
                thread::sleep(Duration::from_micros(50));
            }
        }
    });
    let found = RefCell::new(Vec::new());
    let mut rule = policy();
    let learner = learn(&CHANNEL, &mut rule, |result| {
        let result = result.unwrap();
        found.borrow_mut().push(bits(result.loss, result.w, result.h));
    });
    let ended = async {
        while found.borrow().len() < MATRICES {
            yield_now().await;
        }
    };
    block_on(select(pin!(learner), pin!(ended)));
    ENDED.store(true, Ordering::Relaxed);
    sampler.join().unwrap();
    let mut rule = policy();
    for (k, found) in found.take().into_iter().enumerate() {
        assert!(found == alone(k * ROWS * COLUMNS, &mut rule), "other bits in matrix {k}");
    }
}

/// A matrix that is none is told of, and the next one is factorised.
#[test]
fn silence_is_left_out() {
    let channel = Channel::<NoopRawMutex, u16, 8>::new();
    let told = RefCell::new(Vec::new());
    let mut rule = Sweeps::HALS;
    let learner = learn(&channel, &mut rule, |result| {
        told.borrow_mut().push(result.map(|found| bits(found.loss, found.w, found.h)));
    });
    let sampler = async {
        for t in 0.. {
            if told.borrow().len() == 2 {
                break;
            }
            let silent = t < ROWS * COLUMNS;
            channel.send(if silent { 0 } else { signal(t) }).await;
            yield_now().await;
        }
    };
    block_on(select(pin!(learner), pin!(sampler)));
    let told = told.take();
    assert_eq!(told[0], Err(tinynmf_core::Error::AllZero));
    let mut rule = Sweeps::HALS;
    assert_eq!(told[1], Ok(alone(ROWS * COLUMNS, &mut rule)));
}

#[test]
fn readings_fill_columns_and_are_lost_where_there_is_no_room() {
    let mut readings = Readings::default();
    for round in 0..2 {
        for t in 0..ROWS * COLUMNS {
            assert!(!readings.is_full());
            readings.push((round * 1000 + t) as u16);
        }
        assert!(readings.is_full());
        readings.push(9999);
        let entries = readings.take();
        for (k, entry) in entries.iter().enumerate() {
            let t = k % COLUMNS * ROWS + k / COLUMNS;
            assert_eq!(usize::from(*entry), round * 1000 + t);
        }
    }
}

/// An executor of embassy's and one of RTIC's, with an interrupt that takes readings, on an emulated Cortex-M3.
// The images are the same whatever the profile of the tests: once is enough.
#[cfg(all(feature = "once", not(debug_assertions)))]
mod emulated {
    use std::fs;
    use std::process::{Command, Output};

    use serde::Deserialize;
    use tinynmf_core::Fingerprint;
    use tinynmf_lab::device::{Formats, RELEASE, build, records};

    use super::{COLUMNS, EPOCHS, RANK, ROWS, alone, policy};

    /// Ticks from reading to reading: 80 a second, of 12.5 MHz.
    const PERIOD: u32 = 156_250;

    /// An image's report on a factorisation.
    #[derive(Debug, Deserialize)]
    struct Found {
        loss: u32,
        w: u64,
        h: u64,
        meanwhile: u32,
        lost: u32,
        longest: u32,
    }

    fn found(executor: &str) -> Vec<Found> {
        let elf =
            build("thumbv7m-none-eabi", RELEASE, &["--package", "executors", "--bin", executor]);
        let elf = elf.unwrap_or_else(|error| panic!("{executor}: {error}"));
        // Time passes by instructions, 64 ns each: a run is the same on every machine.
        let Output { status, stdout, stderr } = Command::new("timeout")
            .args(["60", "qemu-system-arm", "-machine", "lm3s6965evb", "-display", "none"])
            .args(["-icount", "shift=6,align=off,sleep=off"])
            .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
            .arg(&elf)
            .output()
            .unwrap();
        let mut log = Vec::new();
        Formats::parse(&fs::read(&elf).unwrap())
            .unwrap()
            .follow(&mut &stdout[..], |line| log.push(line.to_owned()))
            .unwrap();
        assert!(status.success(), "{executor}: {log:?} {}", String::from_utf8_lossy(&stderr));
        records(&log, "found").unwrap()
    }

    fn fingerprint(bits: &[u32]) -> u64 {
        let mut fingerprint = Fingerprint::new();
        bits.iter().for_each(|bits| fingerprint.float(f32::from_bits(*bits)));
        fingerprint.value()
    }

    #[test]
    fn executors_answer_within_a_half_step_and_the_bits_stay() {
        let mut rule = policy();
        let expected = [0, ROWS * COLUMNS].map(|first| alone(first, &mut rule));
        for executor in ["embassy", "rtic"] {
            let found = found(executor);
            assert_eq!(found.len(), expected.len(), "{executor}");
            for (found, expected) in found.iter().zip(&expected) {
                let (w, h) = expected[1..].split_at(ROWS * RANK);
                let device = (found.loss, found.w, found.h);
                assert_eq!(device, (expected[0], fingerprint(w), fingerprint(h)), "{executor}");
                assert_eq!(found.lost, 0, "{executor}");
                // Readings came at several moments of every half-step, and waited for one half-step at most.
                let half_steps = 2 * EPOCHS;
                assert!(found.meanwhile > 3 * half_steps, "{executor}: {found:?}");
                let half_step = found.meanwhile * PERIOD / half_steps;
                assert!(2 * found.longest < 3 * half_step, "{executor}: {found:?}");
            }
        }
    }
}
