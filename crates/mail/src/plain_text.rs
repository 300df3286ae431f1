//! Texts of strangers on their way into a letter: names, brands, labels.

use unicode_bidi::{BidiClass, bidi_class};

/// Most characters of a stranger's text in a letter.
const LONGEST: usize = 200;
/// Most characters of an address of a page: what is cut leads nowhere, and longer ones are refused
/// where they come in.
const LONGEST_URL: usize = 4_096;
/// First strong isolate (UAX #9 §2.4): what follows has its own direction …
const ISOLATE: char = '\u{2068}';
/// … until here.
const END_OF_ISOLATE: char = '\u{2069}';

/// A text on one line: whatever breaks lines or is no visible character becomes a blank, whatever
/// orders the text around it is dropped, and the rest is cut to a length.
///
/// A line break would begin another header; a direction override would show a name as another.
pub(crate) fn one_line(text: &str) -> String {
    line_of(text, LONGEST)
}

/// The address of a page, as [`one_line`], uncut.
pub(crate) fn url(text: &str) -> String {
    line_of(text, LONGEST_URL)
}

fn line_of(text: &str, longest: usize) -> String {
    let mut line = String::with_capacity(text.len().min(4 * longest));
    let mut blank = true;
    for c in text.chars().filter(|c| !orders_text(*c)).take(longest) {
        let is_blank = c.is_control() || c.is_whitespace();
        if is_blank && blank {
            continue;
        }
        line.push(if is_blank { ' ' } else { c });
        blank = is_blank;
    }
    line.truncate(line.trim_end().len());
    line
}

/// The characters that embed, override, isolate or mark a direction (UAX #9 §2).
const fn orders_text(c: char) -> bool {
    matches!(
        c,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// A text on one line that keeps its direction in a sentence of another.
/// Left-to-right texts are left as they are.
pub(crate) fn isolated(text: &str) -> String {
    let line = one_line(text);
    if line.chars().any(is_right_to_left) {
        format!("{ISOLATE}{line}{END_OF_ISOLATE}")
    } else {
        line
    }
}

fn is_right_to_left(c: char) -> bool {
    matches!(bidi_class(c), BidiClass::R | BidiClass::AL)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_joined_and_blanks_collapsed() {
        assert_eq!(
            one_line(" Jane\r\nBcc: x@example.org\t\u{0} "),
            "Jane Bcc: x@example.org"
        );
        assert_eq!(one_line("a\u{2028}b\u{85}c"), "a b c");
        assert_eq!(one_line("\r\n"), "");
        assert_eq!(one_line(&"x".repeat(500)).len(), LONGEST);
    }

    #[test]
    fn right_to_left_names_are_isolated_and_overrides_dropped() {
        assert_eq!(isolated("Jane"), "Jane");
        assert_eq!(isolated("أحمد"), "\u{2068}أحمد\u{2069}");
        assert_eq!(isolated("משה Levi"), "\u{2068}משה Levi\u{2069}");
        assert_eq!(one_line("a\u{202e}gnp.exe"), "agnp.exe");
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_line(text: String) {
            let line = isolated(&text);
            prop_assert!(!line.chars().any(char::is_control));
            let breaking = ['\u{2028}', '\u{2029}', '\u{202e}'];
            prop_assert!(!line.contains(breaking));
            prop_assert_eq!(line.matches(ISOLATE).count(), line.matches(END_OF_ISOLATE).count());
        }
    }
}
