//! Bits that have to be equal: storages, element types, V and Vᵀ, V and 2ᵏV.

use proptest::prelude::*;
use tinynmf::nmf_vec::NmfVec;
use tinynmf_core::data::Entry;
use tinynmf_core::observe::{OBSERVATIONS, observe};
use tinynmf_core::random::Rng;
use tinynmf_core::rule::{Schedule, StepRule};
use tinynmf_core::situation::Situation;
use tinynmf_core::{Data, Epoch, Factor, Nmf, Rule, Run, Settings};
use tinynmf_core::{Matrix, Subproblem};
use tinynmf_tests::problem::{Asked as _, Problem, config, plain};
use tinynmf_tests::rules;

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// Outcome of a run: every record (as text, where NaN equals NaN), W and H.
type Outcome = (String, [Vec<u32>; 2]);

fn outcome<M: Matrix>(mut run: Run<'_, M>, rule: &mut impl Schedule) -> Outcome {
    let epochs: Vec<Epoch> = (0..8).map(|_| run.epoch(rule)).collect();
    (format!("{epochs:?}"), [bits(run.w()), bits(run.h())])
}

fn settings(seed: u64, batch: f32) -> Settings {
    Settings { horizon: 8, seed, batch, ..Settings::default() }
}

fn fixed_buffers_equal_vectors<const M: usize, const N: usize, const R: usize>(seed: u64) {
    let entries: Vec<u8> =
        (0..M * N).map(|k| ((k as u64 + 7).wrapping_mul(seed | 1) >> 7) as u8).chain([1]).collect();
    let data = Data::new(&entries[1..], M, N, 1.0 / 256.0).unwrap();
    for settings in [settings(seed, 1.0), settings(seed, 0.3)] {
        for (name, rule) in rules::every() {
            let mut fixed = Nmf::<M, N, R>::new(settings).unwrap();
            let mut vectors = NmfVec::new(M, N, R, settings).unwrap();
            assert_eq!(
                outcome(fixed.run(data).unwrap(), &mut rule.clone()),
                outcome(vectors.run(data).unwrap(), &mut rule.clone()),
                "{name}"
            );
        }
    }
}

proptest! {
    // Every rule a case, on four shapes.
    #![proptest_config(config(100))]

    #[test]
    fn fixed_buffers_and_vectors(seed in 1_u64..) {
        fixed_buffers_equal_vectors::<5, 4, 1>(seed);
        fixed_buffers_equal_vectors::<9, 12, 3>(seed);
        fixed_buffers_equal_vectors::<16, 16, 5>(seed);
        fixed_buffers_equal_vectors::<7, 20, 7>(seed);
    }
}

proptest! {
    // Every rule a case.
    #![proptest_config(config(400))]

    /// Also float entries that carry the scale themselves, where it is a power of two.
    #[test]
    fn element_types(
        entries in prop::collection::vec(0_u8..=127, 13 * 11 - 1),
        power in -20_i32..20,
        scale in 1e-3_f32..1e3,
        batch in 0.1_f32..=1.0,
    ) {
        fn run<E: Entry>(entries: &[E], scale: f32, batch: f32) -> Vec<Outcome> {
            let data = Data::new(entries, 13, 11, scale).unwrap();
            let start = |(_, mut rule): (String, Rule<'_>)| {
                let mut nmf = NmfVec::new(13, 11, 4, settings(3, batch)).unwrap();
                outcome(nmf.run(data).unwrap(), &mut rule)
            };
            rules::every().into_iter().map(start).collect()
        }
        let u8s = [entries, vec![1]].concat();
        let u16s: Vec<u16> = u8s.iter().map(|x| (*x).into()).collect();
        let i16s: Vec<i16> = u8s.iter().map(|x| (*x).into()).collect();
        let floats: Vec<f32> = u8s.iter().map(|x| (*x).into()).collect();
        let expected = run(&u8s, scale, batch);
        prop_assert_eq!(&expected, &run(&u16s, scale, batch));
        prop_assert_eq!(&expected, &run(&i16s, scale, batch));
        prop_assert_eq!(&expected, &run(&floats, scale, batch));
        let two = 2_f32.powi(power);
        let scaled: Vec<f32> = floats.iter().map(|x| x * two).collect();
        prop_assert_eq!(run(&u8s, two, batch), run(&scaled, 1.0, batch));
    }

    /// The H half-step is the W half-step on Vᵀ.
    #[test]
    fn transposition(problem in plain()) {
        for (name, rule) in rules::every() {
            if name == "random" || name.starts_with("around") {
                continue; // The H half-step draws second.
            }
            let mut nmf = problem.nmf(settings(0, 1.0));
            let mut run = nmf.run(problem.data()).unwrap();
            let h = run.epoch(&mut rule.clone()).h;
            let (w, expected) = (run.w().to_vec(), bits(run.h()));

            let mirrored = Problem { w, ..problem.clone() }.transposed();
            let mut nmf = mirrored.nmf(settings(0, 1.0));
            let mut run = nmf.run(mirrored.data()).unwrap();
            let w = run.epoch(&mut rule.clone()).w;
            if ["growing", "adaptive", "thrifty", "widening"].iter().any(|drawn| name.starts_with(drawn)) {
                continue; // The second half-step draws another sample than the first.
            }
            if name == "learned" {
                // It observes which factor moves and what the other one did before.
                prop_assert_eq!(h.lipschitz.to_bits(), w.lipschitz.to_bits());
                continue;
            }
            prop_assert_eq!(bits(run.w()), expected, "{}", name);
            prop_assert_eq!(h.change, w.change);
            prop_assert_eq!(h.slope.norm_squared.to_bits(), w.slope.norm_squared.to_bits());
        }
    }

    /// V·2ᵃ⁺ᵇ, W·2ᵃ and H·2ᵇ: what is observed does not change, nor does αL, nor the factors but for
    /// their scale. Exact until something underflows, as a converging run's differences do.
    #[test]
    fn scale(problem in plain(), a in -6_i32..6, b in -6_i32..6) {
        let [two_a, two_b] = [a, b].map(|k| 2_f32.powi(k));
        let times = |x: &[f32], k: f32| x.iter().map(|x| x * k).collect::<Vec<_>>();
        let scaled = Problem {
            v: times(&problem.v, two_a * two_b),
            w: times(&problem.w, two_a),
            h: times(&problem.h, two_b),
            ..problem.clone()
        };
        for (name, rule) in rules::every() {
            if ["fixed", "armijo", "lin"].iter().any(|unit| name.starts_with(unit)) {
                continue; // Their α has a unit.
            }
            if rule.is_of_sweeps() {
                continue; // They observe nothing of gradient steps.
            }
            // A sum that underflows to zero in one of the two does not in the other.
            let epochs = [&problem, &scaled].map(|it| epochs_in_range(it, rule.clone()));
            let epochs = epochs[0].min(epochs[1]);
            let (observed, w, h) = observations(&problem, rule.clone(), epochs);
            let (expected, scaled_w, scaled_h) = observations(&scaled, rule, epochs);
            prop_assert_eq!(observed, expected, "{}", name);
            prop_assert_eq!(bits(&times(&w, two_a)), bits(&scaled_w), "{}", name);
            prop_assert_eq!(bits(&times(&h, two_b)), bits(&scaled_h), "{}", name);
        }
    }
}

proptest! {
    // Every rule a case.
    #![proptest_config(config(400))]

    /// V·4ᵏ gives W·2ᵏ and H·2ᵏ with the same moves, shares and costs, for every rule and the whole accepted range.
    ///
    /// V's largest entry is 2⁻¹⁰⁰ to 2⁴⁰. Numbers below the normal ones, be they a factor's entries or their products with
    /// V's, have no such symmetry, and neither has a diverging run at 2⁴⁰: a half-step with any such entry is the last one.
    #[test]
    fn any_scale(problem in plain(), exponent in -50_i32..=18) {
        let largest = problem.v.iter().fold(0.0_f32, |most, v| if *v > most { *v } else { most });
        let exponent = exponent - (largest.log2() / 2.0).ceil() as i32;
        let two = |b: i32| 2_f64.powi(b);
        let times = |x: &[f32], k: f64| -> Vec<f32> {
            x.iter().map(|x| (f64::from(*x) * k) as f32).collect()
        };
        // Entries below 2⁻²⁰ of the largest would leave the range before it.
        let cut = |x: &[f32], least: f32| -> Vec<f32> {
            x.iter().map(|x| if *x < least { 0.0 } else { *x }).collect()
        };
        let least = largest * 2_f32.powi(-20);
        // Products of V's entries with a factor's are to stay normal numbers, and so are squares of a factor's, in any unit:
        // a component whose squares are 0 is idle.
        let (faintest, square) = (two(-120) / f64::from(least), two(-45));
        let problem =
            Problem { v: cut(&problem.v, least), ..problem };
        let scaled = Problem {
            v: times(&problem.v, two(2 * exponent)),
            w: times(&problem.w, two(exponent)),
            h: times(&problem.h, two(exponent)),
            ..problem.clone()
        };
        for (name, rule) in rules::every() {
            let unit = |alpha: f32| (f64::from(alpha) * two(-2 * exponent)) as f32;
            let scaled_rule = match &*name {
                "fixed(0.01)" => rules::rule("fixed", &[unit(0.01)]),
                "armijo(0.1,0.5,1)" => rules::rule("armijo", &[0.1, 0.5, unit(1.0)]),
                "lin(0.01,0.5,1)" => rules::rule("lin", &[0.01, 0.5, unit(1.0)]),
                _ => rule.clone(),
            };
            let (mut rule, mut scaled_rule) = (rule, scaled_rule);
            let mut plain = problem.nmf(settings(3, 1.0));
            let mut other = scaled.nmf(settings(3, 1.0));
            let mut run = plain.run(problem.data()).unwrap();
            let mut scaled_run = other.run(scaled.data()).unwrap();
            let mut steepest = 0.0_f32;
            'run: for t in 0..10 {
                let factor = [Factor::W, Factor::H][t % 2];
                let a = run.half_step(&mut rule, factor);
                let b = scaled_run.half_step(&mut scaled_rule, factor);
                // Where V is fitted exactly, ‖G‖² is the square of a rounding, which may underflow.
                let steep = a.slope.norm_squared;
                steepest = if steep > steepest { steep } else { steepest };
                if steep < 1e-12 * steepest {
                    break 'run;
                }
                let place = format!("{name}, half-step {t}, 4^{exponent}: {a:?} {b:?}");
                prop_assert_eq!(bits(a.moves.as_slice()), bits(b.moves.as_slice()), "{}", place);
                prop_assert_eq!(a.share.to_bits(), b.share.to_bits(), "{}", place);
                prop_assert_eq!((a.cost, a.outcome, a.idle), (b.cost, b.outcome, b.idle), "{}", place);
                let (a, b) = match factor {
                    Factor::W => (run.w(), scaled_run.w()),
                    Factor::H => (run.h(), scaled_run.h()),
                };
                // The limit of 2⁴⁰ is one of V's units, which lie up to 2⁸ apart.
                let inside = |x: &f32, least: f64| *x <= 0.0 || (least..two(40)).contains(&f64::from(*x));
                let faintest = faintest.max(faintest / two(2 * exponent)).max(square);
                if !a.iter().all(|a| inside(a, faintest) && f64::from(*a) < two(32))
                    || !b.iter().all(|b| inside(b, 1e-30))
                {
                    break 'run;
                }
                prop_assert_eq!(bits(&times(a, two(exponent))), bits(b), "{}, half-step {}", name, t);
            }
        }
    }
}

/// Records what another rule may see.
struct Recorded<'p>(Rule<'p>, Vec<[u32; OBSERVATIONS]>);

impl StepRule for Recorded<'_> {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, rng: &mut Rng) -> f32 {
        self.1.push(observe(at).map(f32::to_bits));
        self.0.rate(at, block, rng).unwrap_or(at.safe_rate())
    }
}

fn observations(
    problem: &Problem,
    rule: Rule<'_>,
    epochs: usize,
) -> (Vec<[u32; OBSERVATIONS]>, Vec<f32>, Vec<f32>) {
    let mut rule = Recorded(rule, Vec::new());
    let mut nmf = problem.nmf(settings(0, 1.0));
    let mut run = nmf.run(problem.data()).unwrap();
    for _ in 0..epochs {
        run.epoch(&mut rule);
    }
    (rule.1, run.w().to_vec(), run.h().to_vec())
}

/// How many epochs, of 6 at most, go by before a sum of squares or a factor's entry leaves the range in
/// which powers of two are exact.
fn epochs_in_range(problem: &Problem, mut rule: Rule<'_>) -> usize {
    let inside = |x: f32| x <= 0.0 || (x > 1e-24 && x < 1e30);
    let mut nmf = problem.nmf(settings(0, 1.0));
    let mut run = nmf.run(problem.data()).unwrap();
    let still_inside = |_: &usize| {
        let epoch = run.epoch(&mut rule);
        let sums = [epoch.w, epoch.h].map(|step| {
            let (slope, change) = (step.slope, step.change);
            [slope.free_norm_squared, slope.free_curvature, change.norm_squared, change.curvature]
                .into_iter()
                .chain([change.image_norm_squared])
                .all(inside)
        });
        sums == [true; 2] && run.w().iter().chain(run.h()).all(|x| inside(*x))
    };
    (0..6).take_while(still_inside).count()
}
