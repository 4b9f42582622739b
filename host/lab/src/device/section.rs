//! Parts of a text file that a command remakes: between `<!-- NAME -->` and `<!-- end of NAME -->`.

use std::ops::Range;

/// The content of a part; `None` if it is not marked.
#[must_use]
pub fn section<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.get(range(text, name)?)
}

/// The text with another content in a part; `None` if it is not marked.
#[must_use]
pub fn replace(text: &str, name: &str, content: &str) -> Option<String> {
    let range = range(text, name)?;
    Some([text.get(..range.start)?, content, text.get(range.end..)?].concat())
}

fn range(text: &str, name: &str) -> Option<Range<usize>> {
    let begin = format!("<!-- {name} -->\n");
    let start = text.find(&begin)? + begin.len();
    let end = start + text.get(start..)?.find(&format!("<!-- end of {name} -->"))?;
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_and_replaced() {
        let text = "a\n<!-- t -->\nold\n<!-- end of t -->\nb";
        assert_eq!(section(text, "t"), Some("old\n"));
        let new = replace(text, "t", "new\n").unwrap();
        assert_eq!(new, "a\n<!-- t -->\nnew\n<!-- end of t -->\nb");
        assert_eq!(section(text, "u"), None);
        assert_eq!(section("<!-- t -->\nno end", "t"), None);
    }
}
