//! One factorisation, half-step by half-step: a rule is chosen, V is put into its room, then half-steps follow.

use core::fmt::Display;

use tinynmf_core::run::{Buffers, State};
use tinynmf_core::{Data, Error, Factor, HalfStep, Rule, Run, Settings, full_epoch};

use crate::line::{answer, say};
use crate::room::Room;
use crate::rules::{self, Parameters};
use crate::shared::Shared;

static SESSION: Shared<Session> = Shared::new(Session::new());

/// A run as it stands, and its rule.
type Standing<'a> = (Run<'a, Data<'a, f32>>, &'a mut Rule<'static>);

struct Session {
    parameters: Parameters,
    rule: Option<Rule<'static>>,
    shape: [usize; 3],
    room: Room,
    state: Option<State>,
    next: Factor,
}

impl Session {
    const fn new() -> Self {
        Self {
            parameters: [0.0; _],
            rule: None,
            shape: [0; 3],
            room: Room::empty(),
            state: None,
            next: Factor::W,
        }
    }

    /// `None` before there are any.
    ///
    /// It checks V every time, which takes a few operations an entry; a product with V takes 2r.
    fn run(&mut self) -> Result<Option<Standing<'_>>, Error> {
        let Self { rule: Some(rule), shape, room, state: Some(state), .. } = self else {
            return Ok(None);
        };
        let [m, n, rank] = *shape;
        let (floats, indices) = room.numbers();
        let Some((v, floats)) = floats.split_at_mut_checked(m * n) else { return Ok(None) };
        let data = Data::new(v, m, n, 1.0)?;
        Ok(Some((Run::new(data, rank, Buffers::split(floats, indices, *shape), state)?, rule)))
    }

    fn claim(&mut self, shape: [usize; 3]) -> *mut f32 {
        self.state = None;
        let [m, n, rank] = shape;
        let counted = Buffers::lengths(shape)
            .filter(|_| rank > 0)
            .and_then(|[floats, indices]| Some((m.checked_mul(n)?.checked_add(floats)?, indices)));
        if !counted.is_some_and(|(floats, indices)| self.room.claim(floats, indices)) {
            say(format_args!(
                "a table of {m} x {n} at rank {rank} needs more memory than there is"
            ));
            return core::ptr::null_mut();
        }
        self.shape = shape;
        self.room.start()
    }

    fn begin(&mut self, settings: Settings) -> Result<bool, Error> {
        self.next = Factor::W;
        self.state = Some(State::new(settings)?);
        let [m, n, _] = self.shape;
        let (floats, indices) = self.room.numbers();
        let factors = floats.get_mut(m * n..).unwrap_or_default();
        Buffers::split(factors, indices, self.shape).reset();
        let unit = full_epoch(self.shape);
        let begun = self.run().map(|run| {
            run.is_some_and(|(mut run, _)| {
                run.start(settings.seed);
                say(format_args!(r#"{{"loss":{:e},"full_epoch":{unit}}}"#, run.loss()))
            })
        });
        if begun != Ok(true) {
            self.state = None;
        }
        begun
    }

    fn half_step(&mut self) -> Result<bool, Error> {
        let factor = self.next;
        let Some((mut run, rule)) = self.run()? else { return Ok(false) };
        let epoch = run.before(factor).progress.epoch;
        let step = run.half_step(rule, factor);
        let loss = run.loss();
        self.next = factor.other();
        Ok(say_step(factor, epoch, &step, loss))
    }
}

fn say_step(factor: Factor, epoch: u32, step: &HalfStep, loss: f32) -> bool {
    let HalfStep { rate, bound, share, cost, outcome, .. } = step;
    let moves = step.moves.as_slice();
    say(format_args!(
        r#"{{"factor":"{factor:?}","epoch":{epoch},"share":{share},"moves":{moves:?},"rate":{rate:e},"bound":{bound:e},"cost":{cost},"outcome":"{outcome:?}","loss":{loss:e}}}"#
    ))
}

/// Does `work` on the session; 1 or 0 as [`answer`] has it.
fn with<E: Display>(work: impl FnOnce(&mut Session) -> Result<bool, E>) -> u32 {
    SESSION.with(|session| answer(work(session))).unwrap_or(0)
}

/// Where the parameters of the next [`choose`] are put: floats, as many as any rule has.
#[unsafe(no_mangle)]
pub extern "C" fn parameters() -> *mut f32 {
    SESSION.with(|session| session.parameters.as_mut_ptr()).unwrap_or(core::ptr::null_mut())
}

/// Chooses the rule of a place in the lines of [`rules::rules`], with the [`parameters`] that were put.
#[unsafe(no_mangle)]
pub extern "C" fn choose(place: u32) -> u32 {
    with(|session| {
        session.rule = rules::made(place as usize, &session.parameters)?;
        Ok::<_, Error>(session.rule.is_some())
    })
}

/// Makes room for V (m × n) at a rank; where V is to be put row by row, or null after saying why not.
#[unsafe(no_mangle)]
pub extern "C" fn room(m: u32, n: u32, rank: u32) -> *mut f32 {
    let shape = [m, n, rank].map(|x| x as usize);
    SESSION.with(|session| session.claim(shape)).unwrap_or(core::ptr::null_mut())
}

/// Begins to factorise the V that was put: draws W and H; says F and the multiply-adds of a full epoch.
#[unsafe(no_mangle)]
pub extern "C" fn begin(seed: u32, horizon: u32) -> u32 {
    let settings = Settings { horizon, seed: seed.into(), ..Settings::default() };
    with(|session| session.begin(settings))
}

/// The next half-step, of W and of H in turn; says its record, and F after it.
#[unsafe(no_mangle)]
pub extern "C" fn half_step() -> u32 {
    with(Session::half_step)
}

/// W, m × r, row by row; null before there is one.
#[unsafe(no_mangle)]
pub extern "C" fn w() -> *const f32 {
    factor(Factor::W)
}

/// H, r × n, column by column; null before there is one.
#[unsafe(no_mangle)]
pub extern "C" fn h() -> *const f32 {
    factor(Factor::H)
}

fn factor(factor: Factor) -> *const f32 {
    let pointer = SESSION.with(|session| {
        let (run, _) = session.run().ok()??;
        Some(
            match factor {
                Factor::W => run.w(),
                Factor::H => run.h(),
            }
            .as_ptr(),
        )
    });
    pointer.flatten().unwrap_or(core::ptr::null())
}
