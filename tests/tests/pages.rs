//! Every relative link, and every path of the repository in backticks, on every page leads to a file or a folder.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Folders at the top whose paths are checked.
const TOPS: [&str; 7] = [".cargo", ".ci", "benches", "core", "firmware", "host", "tests"];

/// Folders of what builds, runs and fuzzing write: no page in them counts, and a page may name what is not there yet.
const WRITTEN: [&str; 8] =
    ["target", "out", "corpus", "artifacts", "build", "dist", "node_modules", "__pycache__"];

fn is_written(path: &Path) -> bool {
    path.components().any(|it| WRITTEN.iter().any(|name| it.as_os_str() == *name))
}

/// The pages in a folder and below.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let hidden = path.file_name().is_some_and(|it| it.to_string_lossy().starts_with('.'));
        if path.is_dir() && !path.is_symlink() {
            if !hidden && !is_written(path.file_name().unwrap().as_ref()) {
                pages(&path, found);
            }
        } else if path.extension().is_some_and(|it| it == "md") {
            found.push(path);
        }
    }
}

/// A page without its blocks of code.
fn prose(page: &str) -> String {
    page.split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// Targets of the links that lead to files: `[text](target)`, without the place in them.
fn links(prose: &str) -> impl Iterator<Item = &str> {
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let files = targets.filter(|it| !it.contains("://") && !it.starts_with("mailto:"));
    files.filter_map(|it| it.split('#').next()).filter(|it| !it.is_empty())
}

/// Words in backticks that are paths from the top.
fn paths(prose: &str) -> impl Iterator<Item = &str> {
    let spans = prose.split('`').skip(1).step_by(2);
    let words = spans.flat_map(str::split_whitespace);
    let plain = |it: &char| it.is_ascii_alphanumeric() || "._-/".contains(*it);
    let is_path = move |word: &&str| {
        let top = word.split('/').next().unwrap_or_default();
        word.contains('/') && TOPS.contains(&top) && word.chars().all(|it| plain(&it))
    };
    words.filter(is_path).filter(|it| !is_written(it.as_ref()))
}

/// What a page names that is not there.
fn missing(page: &Path, text: &str) -> Vec<String> {
    let (prose, folder) = (prose(text), page.parent().unwrap());
    let links = links(&prose).filter(|it| !folder.join(it).exists());
    // A package's page may name what lies in the package.
    let there = |path: &&str| folder.ancestors().any(|it| it.join(path).exists());
    let paths = paths(&prose).filter(|it| !there(it));
    links.chain(paths).map(str::to_owned).collect()
}

#[test]
fn what_pages_name_is_there() {
    let root = Path::new(ROOT).canonicalize().unwrap();
    let mut all = Vec::new();
    pages(&root, &mut all);
    assert!(all.len() >= 20 && all.contains(&root.join("README.md")), "{all:?}");
    let mut named = 0;
    for page in all {
        let text = fs::read_to_string(&page).unwrap();
        let absent = missing(&page, &text);
        assert!(absent.is_empty(), "{}: {absent:?}", page.display());
        named += links(&prose(&text)).count() + paths(&prose(&text)).count();
    }
    assert!(named >= 200, "{named}");
}

#[test]
fn what_is_not_there_is_found() {
    let page = Path::new(ROOT).canonicalize().unwrap().join("core/page.md");
    let text = "[a](src/lib.rs#top) [b](src/none.rs) [c](https://x.y/z) [d](#here)\n\
                `cargo run core/none.toml core/src` `core/src/*.rs` `core/target/none`\n\
                ```\n`core/code` [e](code)\n```\n`tests/none.rs`\n";
    assert_eq!(missing(&page, text), ["src/none.rs", "core/none.toml", "tests/none.rs"]);
}
