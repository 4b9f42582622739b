//! Figures as files.

use super::*;

fn figure() -> Figure {
    let loss = Lines::new("Loss", "epoch", "F")
        .log_y()
        .limits(1e-3..10.0)
        .reference(2.0, "bound")
        .series(Series::new("learned", [1.0, 0.1, f64::NAN, 0.0]).emphasised())
        .series(Series::new("a < b & c", [1.0, f64::INFINITY]).step())
        .series(Series::new("spread", [1.0, 0.5]).band([0.5, 0.0], [2.0, f64::INFINITY]));
    let crowd = (0..20).fold(Lines::new("Crowd", "", ""), |lines, k| {
        lines.series(Series::new(format!("rule {k}"), [f64::from(k), 1.0]))
    });
    let parts = Images::new("Parts", 2, 2, [vec![0.0, 1.0, 2.0, 3.0], vec![0.0; 4]]);
    let odd =
        [Lines::new("Nothing", "", ""), Lines::new("Point", "", "").series(Series::new("", [3.0]))];
    Figure::new("Title").caption("Caption").row([loss, crowd]).row([parts]).grid(3, odd)
}

#[test]
fn saves_a_png_of_the_width_of_all_figures() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.PNG");
    let curve = Series::new("learned", [1.0, 2.0]).emphasised();
    let figure = Figure::new("").grid(4, [Lines::new("", "", "").series(curve); 1]);
    figure.save(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let decoder = png::Decoder::new(std::io::Cursor::new(&bytes));
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let info = reader.info();
    assert_eq!((info.width, info.height), (WIDTH, figure.height()));
    let blue = |pixel: &[u8]| pixel == [0, 114, 178];
    assert!(pixels.chunks(3).filter(|pixel| blue(pixel)).count() > 100, "the first curve shows");
}

#[test]
fn saves_an_svg_with_its_letters_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.svg");
    figure().save(&path).unwrap();
    let document = std::fs::read_to_string(&path).unwrap();
    assert!(document.starts_with("<svg width=\"1600\""), "{}", &document[..80]);
    for text in ["Title", "Caption", "learned", "bound", "a &lt; b &amp; c", "10⁻³"] {
        assert!(document.contains(text), "{text}");
    }
}

#[test]
fn draws_the_same_picture_again() {
    assert_eq!(figure().svg(), figure().svg());
}

#[test]
fn refuses_an_unknown_ending_before_the_work() {
    let refused = check(Path::new("runs.pdf")).unwrap_err().to_string();
    assert_eq!(refused, "runs.pdf: unknown file type; expected .png or .svg");
    assert!(figure().save("runs").is_err());
    assert!(figure().save("no/such/folder/runs.svg").is_err());
}

#[test]
fn a_panel_is_as_high_as_its_labels_need() {
    let of = |count: usize| {
        let lines = (0..count).fold(Lines::new("", "", ""), |lines, k| {
            lines.series(Series::new(format!("rule {k}"), [k as f64, 1.0]))
        });
        Panel::from(lines).height(WIDTH)
    };
    assert_eq!(of(20), of(1), "they fit");
    assert!(of(40) - of(29) == 11 * 21 && of(29) > of(20), "{} {}", of(29), of(40));
}

#[test]
fn gives_a_name_one_colour_in_all_panels() {
    let names = figure().names();
    assert_eq!(&names[..4], ["learned", "a < b & c", "spread", "rule 0"]);
}
