//! Templates of `cargo generate`, filled in as it does: each `{{name}}` becomes the value that its user gave.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The name of whatever is generated.
pub const NAME: &str = "my-project";

/// Fills in `template` at `to` with the default of every placeholder, and its name.
///
/// # Panics
///
/// Where a placeholder has no default that is one of its choices, is used nowhere or is not told of.
pub fn generate(template: &Path, to: &Path) {
    let told = fs::read_to_string(template.join("cargo-generate.toml")).expect("it is told of");
    let told: toml::Table = told.parse().expect("it is TOML");
    let mut values = BTreeMap::from([("project-name".to_owned(), NAME.to_owned())]);
    for (name, placeholder) in told["placeholders"].as_table().expect("a table of placeholders") {
        let default = placeholder["default"].as_str().expect("a default");
        if let Some(choices) = placeholder.get("choices").and_then(toml::Value::as_array) {
            assert!(choices.iter().any(|choice| choice.as_str() == Some(default)), "{name}");
        }
        assert!(placeholder["prompt"].is_str(), "{name}");
        values.insert(name.clone(), default.to_owned());
    }
    let mut texts = String::new();
    copy(template, to, &values, &mut texts);
    for name in values.keys() {
        assert!(texts.contains(&format!("{{{{{name}}}}}")), "{name} is used nowhere");
    }
}

/// Copies a folder; collects the texts as they were.
fn copy(from: &Path, to: &Path, values: &BTreeMap<String, String>, texts: &mut String) {
    fs::create_dir_all(to).expect("a folder to write to");
    for entry in fs::read_dir(from).expect("a folder to read") {
        let entry = entry.expect("its entry");
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy(&path, &to.join(&name), values, texts);
        } else if name != "cargo-generate.toml" {
            let mut text = fs::read_to_string(&path).expect("a text");
            texts.push_str(&text);
            for (name, value) in values {
                text = text.replace(&format!("{{{{{name}}}}}"), value);
            }
            // Any that is left would be code to cargo-generate.
            assert!(!text.contains("{{") && !text.contains("{%"), "{}", path.display());
            fs::write(to.join(&name), text).expect("a file to write to");
        }
    }
}
