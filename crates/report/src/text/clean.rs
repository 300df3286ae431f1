//! Makes text that strangers wrote fit for a page.

/// Most characters of one text; what is longer ends in an ellipsis. References have 255 at most,
/// names on documents 200.
const LONGEST: usize = 1_000;
/// Stands for a character that must not be in a document.
pub(super) const REPLACEMENT: char = '\u{fffd}';

/// One paragraph without control characters.
///
/// Characters that steer the direction of writing are left out, because they can make a text show
/// something else than it says (Unicode Technical Report 36, section 2.5); private characters and
/// non-characters, which PDF/A-2a forbids (ISO 19005-2, 6.2.11.7.3), are replaced.
pub(super) fn clean(text: &str) -> String {
    let mut kept = String::with_capacity(text.len().min(4 * LONGEST));
    let mut characters = text.chars().filter_map(fit);
    for character in characters.by_ref().take(LONGEST) {
        let doubled = character == ' ' && kept.ends_with(' ');
        if !doubled {
            kept.push(character);
        }
    }
    if characters.next().is_some() {
        kept.push('…');
    }
    kept.trim().to_owned()
}

#[expect(
    clippy::match_same_arms,
    reason = "marks of direction and other characters of no shape are kinds of their own"
)]
fn fit(character: char) -> Option<char> {
    let code = u32::from(character);
    match character {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{feff}' | '\u{ad}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        _ if character.is_control() => None,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fdd0}'..='\u{fdef}' => {
            Some(REPLACEMENT)
        }
        _ if code & 0xfffe == 0xfffe => Some(REPLACEMENT),
        _ => Some(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_paragraph_without_tricks() {
        assert_eq!(clean("  a\r\n\tb  c "), "a b c");
        assert_eq!(clean("evil\u{202e}fdp.exe\0"), "evilfdp.exe");
        assert_eq!(clean("\u{e001}\u{ffff}"), "\u{fffd}\u{fffd}");
        assert_eq!(clean("محمد"), "محمد");
    }

    #[test]
    fn an_endless_text_ends() {
        let long = clean(&"x".repeat(100_000));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }
}
