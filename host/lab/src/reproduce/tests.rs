//! Everything, at a size that takes seconds.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use tinynmf::output::OutputFolder;

use super::lab::{Event, Lab};
use super::plate::Plate;
use super::setup::{Scale, Setup};
use super::{Figure, epochs, report, reproduce};

/// The plates of `figures` with what the progress bar was told.
fn made(setup: &Setup, folder: &Path, figures: &[Figure]) -> (Vec<Plate>, [u64; 2]) {
    let [done, spared] = [AtomicU64::new(0), AtomicU64::new(0)];
    let each = |event| {
        let (count, epochs) = match event {
            Event::Done(epochs) => (&done, epochs),
            Event::Spared(epochs) => (&spared, epochs),
        };
        count.fetch_add(epochs, Ordering::Relaxed);
    };
    let lab = Lab::new(setup, OutputFolder::create(folder).unwrap(), &each);
    let plates = reproduce(&lab, figures, |_| Ok(())).unwrap();
    (plates, [done, spared].map(AtomicU64::into_inner))
}

/// Everything about plates but the time that runs took.
fn timeless(plates: &[Plate]) -> String {
    let line = |plate: &Plate| {
        let claims: Vec<_> = plate.claims.iter().map(|it| (it.verdict, &it.evidence)).collect();
        format!("{} {:?} {:?} {:?}\n", plate.id, plate.measured, plate.curves, claims)
    };
    plates.iter().map(line).collect()
}

#[test]
fn all_figures_end_to_end_and_again_after_a_stop() {
    let setup = Setup::tiny();
    let folder = tempfile::tempdir().unwrap();
    let (plates, [done, spared]) = made(&setup, folder.path(), &Figure::all());
    let ids: Vec<_> = plates.iter().map(|plate| plate.id).collect();
    assert_eq!(ids, ["1a", "1b", "1c", "2", "3", "4", "5", "6", "7", "8", "9", "a3"]);
    // Agents may take a few steps more than their budget.
    let planned = epochs(&setup, &Figure::all());
    assert!(
        (planned..planned + planned / 4).contains(&(done + spared)),
        "{done} {spared} {planned}"
    );
    let claims: Vec<_> = plates.iter().flat_map(|plate| &plate.claims).collect();
    assert_eq!(claims.len(), 11);
    assert!(claims.iter().all(|claim| plates.iter().any(|plate| plate.id == claim.figure)));
    let theorem = &plates[11].claims[0];
    assert_eq!(theorem.verdict.word(), "confirmed", "{}", theorem.evidence);

    let html = report::html(Scale::Small, &setup, &plates).unwrap();
    assert_eq!(html.matches("<svg").count(), 12);
    assert!(!html.contains("src=") && !html.contains("<script"));
    assert!(report::text(&plates).lines().all(|line| line.chars().count() <= 80));
    assert_eq!(report::claims(Scale::Small, &plates).rows.len(), claims.len());

    // A stop leaves some files. The next run makes the others again, and the results are the same.
    let mut files: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let gone = files.iter().step_by(2).filter(|path| !path.ends_with("checkpoint.json"));
    gone.for_each(|path| fs::remove_file(path).unwrap());
    let (again, [redone, _]) = made(&setup, folder.path(), &Figure::all());
    assert!(redone > 0 && redone < done, "{redone} {done}");
    assert_eq!(timeless(&again), timeless(&plates));
    let (again, [nothing, _]) = made(&setup, folder.path(), &Figure::all());
    assert!(nothing < done / 3, "{nothing} of {done}");
    assert_eq!(timeless(&again), timeless(&plates));
}

#[test]
fn an_agent_that_was_stopped_ends_as_one_that_was_not() {
    let setup = Setup::tiny();
    let [whole, halves] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let (all, _) = made(&setup, whole.path(), &[Figure::Fig8]);
    made(&setup, halves.path(), &[Figure::Fig5]);
    let checkpoint = halves.path().join("agent-0.01-seed1-checkpoint.json");
    assert!(checkpoint.exists() && !halves.path().join("agent-0.01-seed1-200.json").exists());
    let (rest, _) = made(&setup, halves.path(), &[Figure::Fig8]);
    assert_eq!(timeless(&rest), timeless(&all));
}

#[test]
fn gemm_makes_the_same_figures_up_to_rounding() {
    let setup = Setup::tiny();
    let gemm = Setup { gemm: true, ..setup.clone() };
    let [a, b] = [&setup, &gemm].map(|setup| {
        let folder = tempfile::tempdir().unwrap();
        made(setup, folder.path(), &[Figure::Fig3]).0.remove(0)
    });
    let numbers = |plate: &Plate| -> Vec<f64> {
        plate.curves.rows[4].iter().filter_map(|cell| cell.parse().ok()).collect()
    };
    assert!(numbers(&a).len() > 6);
    for (a, b) in numbers(&a).into_iter().zip(numbers(&b)) {
        assert!((a - b).abs() < 1e-2 * a.abs().max(1.0), "{a} {b}");
    }
}
