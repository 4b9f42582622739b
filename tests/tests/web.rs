//! The page in a browser: one small file, core's bits, tables that are dropped, sounds, keys, and how it looks.

// The page is built in a profile of its own, whatever that of the tests: once is enough.
#![cfg(not(debug_assertions))]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::{fs, str};

use serde_json::json;
use tinynmf::digits;
use tinynmf::nmf_vec::NmfVec;
use tinynmf_core::policy::{SCHEDULE, SHIPPED, SchedulePolicy};
use tinynmf_core::rule::table::KINDS;
use tinynmf_core::{Data, Factor, Policy, Rule, Settings};
use tinynmf_tests::browser::Browser;

/// Bytes that the page may have.
const MOST: u64 = 300_000;

/// The page, built.
static PAGE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("web");
    fs::create_dir_all(&folder).unwrap();
    let page = folder.join("tinynmf.html");
    let build = concat!(env!("CARGO_MANIFEST_DIR"), "/../firmware/web/build");
    let built = Command::new(build).arg(&page).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    page
});

/// Waits for the end of a run of so many epochs, then the first loss and the last.
fn losses(browser: &mut Browser, epochs: u32) -> [f32; 2] {
    browser.wait_for(&format!("!running && records.length === {}", 2 * epochs));
    let losses = browser.evaluate("[curves.at(-1).first, curves.at(-1).last[1]]");
    [0, 1].map(|k| losses[k].as_f64().unwrap() as f32)
}

#[test]
fn is_one_small_file_that_asks_for_no_other() {
    assert!(fs::metadata(&*PAGE).unwrap().len() < MOST);
    let page = fs::read_to_string(&*PAGE).unwrap();
    for link in ["src=\"", "href=\"http", "href=\"style", "fetch(", "import(", "XMLHttpRequest"] {
        assert!(!page.contains(link), "{link}");
    }
    assert!(page.contains("default-src 'none'"), "the browser refuses what a slip would ask for");
}

#[test]
fn has_the_bits_of_the_cortex_m4f() {
    let readme = include_str!("../../README.md");
    let row = readme.lines().find(|line| line.starts_with("| Cortex-M4F ")).unwrap();
    let fingerprint = row.split('`').nth_back(1).unwrap();
    let mut browser = Browser::start();
    browser.open(&PAGE, "");
    browser.wait_for("at('badge').dataset.state === 'same'");
    assert_eq!(browser.text("at('badge-text').innerText"), "✓ same bits as on the Cortex-M4F");
    let told = browser.text("at('badge-details').textContent");
    assert_eq!(told.matches(fingerprint).count(), 2, "{told}");
    // Another fingerprint there would show.
    browser.evaluate("at('module').dataset.cortexM4f = '0123456789abcdef', compareBits()");
    assert_eq!(browser.text("at('badge').dataset.state"), "different");
    assert_eq!(browser.text("at('badge-text').innerText"), "✗ other bits than on the Cortex-M4F");
}

#[test]
fn every_rule_of_core_runs_with_cores_bits() {
    let mut rules: Vec<Rule<'_>> = KINDS.iter().map(|kind| kind.make_from(&[]).unwrap()).collect();
    rules.push(Rule::scheduled(SchedulePolicy::from_bytes(SCHEDULE).unwrap()));
    rules.push(Rule::learned(Policy::from_bytes(SHIPPED).unwrap()));
    let names: Vec<_> = rules.iter().map(Rule::name).collect();

    let mut browser = Browser::start();
    browser.open(&PAGE, "rank=6&seed=3&run=1");
    browser.wait_for("records.length === 2");
    assert_eq!(browser.evaluate("core.rules.map((rule) => rule.name)"), json!(names));
    let images = browser.evaluate("source.rows").as_u64().unwrap() as usize;
    let v = digits::first(images);
    let entries = v.entries();
    let data = Data::new(&entries, images, 64, 1.0).unwrap();
    for mut rule in rules {
        let name = rule.name();
        browser.evaluate(&format!("location.hash = 'rule={name}&rank=6&seed=3&run=8'"));
        browser.wait_for(&format!("core.rules[options.place].name === '{name}'"));
        let found = losses(&mut browser, 8);

        let settings = Settings { horizon: 8, seed: 3, ..Settings::default() };
        let mut nmf = NmfVec::new(images, 64, 6, settings).unwrap();
        let mut run = nmf.run(data).unwrap();
        let first = run.loss();
        for _ in 0..8 {
            run.half_step(&mut rule, Factor::W);
            run.half_step(&mut rule, Factor::H);
        }
        assert_eq!(found.map(f32::to_bits), [first, run.loss()].map(f32::to_bits), "{name}");
        // A constant α has a unit, which is not this V's.
        assert!(name == "fixed" || found[1] < 0.8 * found[0], "{name}: {found:?}");
    }
    assert_eq!(browser.evaluate("document.querySelectorAll('#curves li').length"), json!(6));

    browser.evaluate("location.hash = 'rule=newton'");
    browser.wait_for("!at('error').hidden");
    let told = browser.text("at('error').innerText");
    assert!(told.starts_with("There is no rule “newton”: use one of fixed, bound,"), "{told}");
}

#[test]
fn a_rule_that_is_chosen_by_hand_shows_its_parameters_and_its_decisions() {
    let mut browser = Browser::start();
    browser.open(&PAGE, "rule=growing(0.2,1.2,1.3,3)&rank=4&run=20");
    let [first, last] = losses(&mut browser, 20);
    assert!(last < first);
    assert_eq!(
        browser.text("at('curves').innerText").matches("growing(0.2, 1.2, 1.3, 3)").count(),
        1
    );
    let decision = browser.text("at('decision').innerText");
    assert!(
        decision.starts_with("Half-step 40, H: 100 % of V, 3 sweeps with ω 1.30"),
        "{decision}"
    );

    browser.evaluate(
        "at('rule').value = core.rules.findIndex(({ name }) => name === 'bound'),
         at('rule').dispatchEvent(new Event('change'))",
    );
    let label = browser.text("at('parameters').innerText");
    assert_eq!(label.trim(), "c");
    assert!(losses(&mut browser, 20)[1] < first);
    let decision = browser.text("at('decision').innerText");
    assert!(decision.contains("a gradient step of 0.95 times 2/L"), "{decision}");
    assert_eq!(browser.evaluate("curves.length"), json!(2), "the first curve stays");

    browser.evaluate(
        "at('parameters').querySelector('input').value = 1.5,
         at('parameters').dispatchEvent(new Event('change'))",
    );
    browser.wait_for("!at('error').hidden");
    let told = browser.text("at('error').innerText");
    assert!(told.starts_with("Bound(c) needs "), "{told}");
}

/// Drops a file on the page.
fn drop_file(browser: &mut Browser, text: &str) {
    let file = json!(text);
    browser.evaluate(&format!(
        "(() => {{
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([{file}], 'table.csv'));
            dispatchEvent(new DragEvent('drop', {{ dataTransfer, cancelable: true }}));
        }})()"
    ));
}

#[test]
fn takes_tables_that_are_dropped() {
    let mut browser = Browser::start();
    browser.open(&PAGE, "rank=2&run=10");
    losses(&mut browser, 10);
    let plain = "1,2,3\n2,4,6.5\n0,1,0\n4,1,1\n";
    let named =
        "\"sample, no.\",a,b,c\r\nfirst,1,2,3\r\nsecond,2,4,6.5\r\nthird,0,1,0\r\nlast,4,1,1";
    let german = ";a;b;c\n1;1;2;3\n2;2;4;6,5\n3;0;1;0\n4;4;1;1";
    let spaced = " 1 2  3\n2 4 6.5\n\n0 1 0\n4 1 1e0\n";
    for text in [plain, named, german, spaced, &plain.replace(',', "\t")] {
        browser.evaluate("source = undefined");
        drop_file(&mut browser, text);
        browser.wait_for("source");
        let [first, last] = losses(&mut browser, 10);
        assert!(last < first, "{text}");
        assert_eq!(browser.text("at('source').innerText"), "table.csv: 4 × 3");
        let values = "1,2,3,2,4,6.5,0,1,0,4,1,1";
        assert_eq!(browser.text("source.values.join()"), values, "{text}");
    }
    assert_eq!(browser.evaluate("document.querySelectorAll('#parts svg').length"), json!(4));
    assert_eq!(browser.evaluate("document.querySelectorAll('#parts canvas').length"), json!(0));

    for (text, told) in [
        ("", "The file is empty: it needs a line of numbers at least."),
        ("a,b\n", "The file has names but no line of numbers."),
        ("1,2\n3,-4\n", "Line 2, cell 2 is negative (-4): every number has to be 0 or more."),
        ("a,b\n1,2\n\n,4", "Line 4, cell 1 is empty: fill it in, or leave out its line."),
        ("1,2\nx,4", "Line 2, cell 1 is “x”, which is no number: put one there."),
        ("1,2\n3,nan", "Line 2, cell 2 is “nan”, which is no number: put one there."),
        ("1,2\n3\n", "Line 2 has 1 cell, but line 1 has 2: every line needs the same number."),
        (
            "1,2\n3,1e13",
            "Line 2, cell 2 is 1e13: numbers go up to 2⁴⁰, so divide the table by a constant.",
        ),
        ("0,0\n0,0", "Every entry is zero."),
    ] {
        browser.evaluate("at('error').hidden = true");
        drop_file(&mut browser, text);
        browser.wait_for("!at('error').hidden");
        assert_eq!(browser.text("at('error').innerText"), told);
        assert_eq!(browser.text("at('source').innerText"), "table.csv: 4 × 3", "V stays");
    }
    // A refusal leaves a page that runs.
    browser.evaluate("at('run').click()");
    let [first, last] = losses(&mut browser, 10);
    assert!(last < first && browser.evaluate("at('error').hidden") == json!(true));
}

#[test]
fn a_table_of_square_columns_gives_images_of_them() {
    let mut browser = Browser::start();
    browser.open(&PAGE, "rank=2&run=10");
    losses(&mut browser, 10);
    let row = |i: usize| format!("{},{},{}\n", i % 4, i / 4, 3);
    drop_file(&mut browser, &(0..16).map(row).collect::<String>());
    browser.wait_for("source.name === 'table.csv'");
    losses(&mut browser, 10);
    assert_eq!(browser.evaluate("at('parts').querySelector('canvas').width"), json!(4));
    browser.evaluate("at('look').value = 'lines', at('look').dispatchEvent(new Event('change'))");
    assert_eq!(browser.evaluate("document.querySelectorAll('#parts svg').length"), json!(4));
}

#[test]
fn factorises_what_the_microphone_hears() {
    let mut browser = Browser::start();
    browser.look(1400, false);
    browser.open(&PAGE, "rank=3&run=20");
    losses(&mut browser, 20);
    browser.evaluate("at('listen').click()");
    browser.wait_for("microphone.columns.length >= 60");
    browser.evaluate("at('listen').click()");
    browser.wait_for("source.lines");
    let [first, last] = losses(&mut browser, 20);
    assert!(last < first);
    assert_eq!(
        browser.evaluate("[source.rows, source.columns >= 60, microphone]"),
        json!([128, true, null])
    );
    assert_eq!(browser.evaluate("document.querySelectorAll('#parts svg').length"), json!(6));
    fs::write(PAGE.with_file_name("sound.png"), browser.picture()).unwrap();
}

#[test]
fn is_used_with_keys_alone() {
    let mut browser = Browser::start();
    browser.open(&PAGE, "rule=bound&run=5");
    losses(&mut browser, 5);
    let mut reached = Vec::new();
    for _ in 0..14 {
        browser.press("Tab");
        let focus = "document.activeElement.id || document.activeElement.localName";
        reached.push(browser.text(focus));
        if reached.last().unwrap() == "step" {
            browser.press("Enter");
        }
    }
    let order = [
        "summary",
        "digits",
        "choose-file",
        "listen",
        "rule",
        "input",
        "rank",
        "seed",
        "epochs",
        "pace",
    ];
    assert_eq!(reached, [&order[..], &["run", "step", "restart", "look"]].concat());
    assert_eq!(
        browser.evaluate("records.length"),
        json!(1),
        "the first half-step of a restarted run"
    );
}

/// A decoded picture: width, height, RGB of every pixel.
fn decoded(picture: &[u8]) -> (usize, usize, Vec<[u8; 3]>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.bit_depth, png::BitDepth::Eight);
    let samples = info.color_type.samples();
    let rgb = pixels.chunks_exact(samples).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    (info.width as usize, info.height as usize, rgb)
}

/// Pictures of every width and scheme stay in the target folder, for people to look at; here they are looked at for
/// what a blank or broken page would lack.
#[test]
fn looks_right_wide_and_narrow_light_and_dark() {
    let mut browser = Browser::start();
    for (width, dark) in [(1400, false), (1400, true), (400, false), (400, true)] {
        browser.look(width, dark);
        browser.open(&PAGE, "rule=hals&run=30");
        losses(&mut browser, 30);
        browser.evaluate("location.hash = 'rule=schedule&run=30'");
        browser.wait_for("curves.length === 2");
        losses(&mut browser, 30);
        let picture = browser.picture();
        let scheme = if dark { "dark" } else { "light" };
        fs::write(PAGE.with_file_name(format!("{width}-{scheme}.png")), &picture).unwrap();

        let (wide, high, rgb) = decoded(&picture);
        let overflow = browser.evaluate("document.documentElement.scrollWidth");
        assert_eq!((wide, overflow), (width as usize, json!(width)), "nothing sticks out");
        let ground = rgb[0];
        assert_eq!(ground.iter().all(|x| *x < 128), dark, "{ground:?}");
        for (place, least, most) in [
            // Parts are sparse: a tenth of the pixels at 400 wide.
            ("#parts", 0.05, 0.7),
            ("#some", 0.2, 0.8),
            ("#loss-chart", 0.005, 0.2),
            ("#decisions", 0.2, 0.7),
            ("#badge", 0.02, 0.3),
        ] {
            let bounds = browser.evaluate(&format!(
                "(({{ left, top, right, bottom }}) => [left, top, right, bottom].map((x) => Math.round(x)))
                    (document.querySelector('{place}').getBoundingClientRect())"
            ));
            let [left, top, right, bottom] =
                [0, 1, 2, 3].map(|k| bounds[k].as_u64().unwrap() as usize);
            assert!(right <= wide && bottom <= high, "{place}");
            let seen = (top..bottom).flat_map(|y| &rgb[y * wide + left..y * wide + right]);
            let differs = |pixel: &&[u8; 3]| {
                pixel.iter().zip(ground).map(|(a, b)| u32::from(a.abs_diff(b))).sum::<u32>() > 90
            };
            let share =
                seen.filter(differs).count() as f64 / ((bottom - top) * (right - left)) as f64;
            assert!(share > least && share < most, "{width} {scheme} {place}: {share:.3} is ink");
        }
    }
}
