//! Tables that are refused: the sentence names the place, and what helps.

use super::*;

#[test]
fn of_what_is_not_clear_five_cells_are_quoted() {
    for (line, quoted) in [
        ("0,1,2,3,4", "line 1 (0, 1, 2, 3, 4) can be"),
        ("0,1,2,3,4,5", "line 1 (0, 1, 2, 3, 4, ...) can be"),
        ("0,1,2,3,4,5,6", "line 1 (0, 1, 2, 3, 4, ...) can be"),
    ] {
        let below = line.replace(|it: char| it.is_ascii_digit(), "9");
        let refusal = refusal(&format!("{line}\n{below}\n"));
        assert!(refusal.contains(quoted), "{refusal}");
    }
}

#[test]
fn missing_cells_are_no_names_and_get_no_harmful_advice() {
    for (text, place, shown) in [
        ("NA,NA\n42,31\n", "row 1 (line 1), column 1", "is missing (\"NA\")"),
        ("x,NA,NA\ny,42,31\n", "row 1 (line 1), column 2", "is missing (\"NA\")"),
        ("1,2\n3,\n", "row 2 (line 2), column 2", "is empty"),
        ("a,b\n1,2\n?,5\n", "row 2 (line 3), column 1", "is missing (\"?\")"),
        ("5,1\n,,\n", "", "line 2 has 3 cells but line 1 has 2"),
        ("1,3\n5,2\n,\n", "row 3 (line 3), column 1", "is empty"),
        ("0,1,NA\n5,6,7\n", "row 1 (line 1), column 3", "is missing (\"NA\")"),
        ("NA,1\nNA,2\n", "row 1 (line 1), column 1", "is missing (\"NA\")"),
        ("0,5\n1,6\n2,7\n,8\n", "row 4 (line 4), column 1", "is empty"),
        (",5,6\n", "row 1 (line 1), column 1", "is empty"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(place) && refusal.contains(shown), "{text:?}: {refusal}");
        for harmful in ["with 0", "fill it"] {
            assert!(!refusal.contains(harmful), "{refusal}");
        }
    }
    assert!(refusal("1,2\n3,nan\n").contains("row 2 (line 2), column 2 (counted from 1) is NaN"));
}

#[test]
fn names_row_line_and_column_of_what_is_wrong() {
    assert_eq!(
        refusal("a,b\n1,2\n3,-4\n"),
        "v.csv: the entry at row 2 (line 3), column 2 (counted from 1) is negative (-4); \
         NMF needs entries >= 0, so look for what made it negative: centring, a background taken off, a logarithm"
    );
    assert!(refusal("1,2\n3,inf\n").contains("is infinite"));
    assert!(refusal("1,2\n3,four\n").contains(
        "row 2 (line 2), column 2 (counted from 1) is not a number (\"four\"); \
         correct it, or leave out its row or column"
    ));
    for text in ["5,2\n1,3\nX,4\n", "0,5\n1,6\n2,7\nX,8\n"] {
        let refusal = refusal(text);
        assert!(
            refusal.contains("say --index yes if the first column holds row names"),
            "{refusal}"
        );
    }
    assert!(refusal("\r\na\r\n\r\n1\r\n\r\n\r\n-1\r\n").contains("row 2 (line 7), column 1"));
    assert!(refusal("# c\n\na\n# d\n1\n\n# e\n-1\n").contains("row 2 (line 8), column 1"));
}

#[test]
fn refuses_ragged_empty_and_foreign_text() {
    assert_eq!(
        refusal("1,2,3\n4,5,6\n\n7,8\n"),
        "v.csv: line 4 has 2 cells but line 1 has 3; every row of a matrix has the same length"
    );
    assert!(refusal("1,2\n3,4,\n").contains("line 2 has 3 cells"));
    assert!(refusal("1,2\n3,4,5\n6,7,8\n").contains("line 2 has 3 cells but line 1 has 2"));
    assert!(refusal("a,b\n3,4,5\n6,7\n").contains("line 3 has 2 cells but line 2 has 3"));
    assert!(refusal("a,b,c\n1,2,3,4,\n").contains("line 2 has 5 cells but line 1 has 3"));
    assert!(refusal("a,b,c,d,\n1,2,3\n").contains("line 2 has 3 cells but line 1 has 5"));
    assert!(refusal(",a,b\n").contains("empty (0 x 3)"));
    let said = read_with(",1,2\n,3,4\n", Choice::No, Choice::Auto).unwrap_err().to_string();
    assert!(said.contains("row 1 (line 1), column 1 (counted from 1) is empty"), "{said}");
    for text in ["", "\n\n", "# only\n", "a,b,c\n"] {
        assert!(refusal(text).contains("empty (0 x "), "{text:?}: {}", refusal(text));
        for header in [Choice::Yes, Choice::No] {
            let said = read_with(text, header, Choice::Yes).unwrap_err().to_string();
            assert!(said.contains("empty") || said.contains("not a number"), "{text:?}: {said}");
        }
    }
    let said = read_with("1\n2\n", Choice::No, Choice::Yes).unwrap_err().to_string();
    assert!(said.contains("empty (2 x 0)"), "{said}");
    assert!(refusal("0,0\n0,0\n").contains("every entry is zero"));
}
