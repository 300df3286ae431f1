//! Reads a file as Rust tokens, so that comments and strings are never mistaken for code, and
//! lists the paths in it. Code under `#[cfg(test)]` is left out.

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A path as written, e.g. `["crate", "session", "State"]`, with braces of a `use` spread out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrittenPath {
    pub(super) segments: Vec<String>,
    /// How many inline modules enclose it: each takes one `super`.
    pub(super) inline_modules: usize,
    pub(super) line: usize,
}

/// All identifiers and paths of a file, in order.
pub(super) fn paths(text: &str) -> Result<Vec<WrittenPath>> {
    let stream: TokenStream = text.parse().map_err(|error| anyhow!("not Rust: {error}"))?;
    let mut found = Vec::new();
    walk(stream, 0, &mut found);
    Ok(found)
}

fn walk(stream: TokenStream, inline_modules: usize, found: &mut Vec<WrittenPath>) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        if is_test_attribute(&trees, at) {
            at = after_item(&trees, at + 2);
            continue;
        }
        match tree {
            TokenTree::Ident(ident) if *ident == "mod" => {
                if let Some(TokenTree::Group(body)) = trees.get(at + 2) {
                    walk(body.stream(), inline_modules + 1, found);
                    at += 3;
                    continue;
                }
                at += 1;
            }
            TokenTree::Ident(_) => at = path(&trees, at, &[], inline_modules, found),
            TokenTree::Group(group) => {
                walk(group.stream(), inline_modules, found);
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// Reads the path that starts at an identifier, and spreads a `{…}` at its end.
fn path(
    trees: &[TokenTree],
    start: usize,
    prefix: &[String],
    inline_modules: usize,
    found: &mut Vec<WrittenPath>,
) -> usize {
    let mut segments = prefix.to_vec();
    let mut at = start;
    let mut line = 0;
    while let Some(TokenTree::Ident(ident)) = trees.get(at) {
        line = ident.span().start().line;
        segments.push(ident.to_string());
        at += 1;
        if !is_path_separator(trees, at) {
            break;
        }
        at += 2;
        if let Some(TokenTree::Group(group)) = trees.get(at)
            && group.delimiter() == Delimiter::Brace
        {
            spread(group, &segments, inline_modules, found);
            return at + 1;
        }
    }
    found.push(WrittenPath {
        segments,
        inline_modules,
        line,
    });
    at
}

fn spread(group: &Group, prefix: &[String], inline_modules: usize, found: &mut Vec<WrittenPath>) {
    let trees: Vec<TokenTree> = group.stream().into_iter().collect();
    let mut at = 0;
    while at < trees.len() {
        at = match trees.get(at) {
            Some(TokenTree::Ident(_)) => path(&trees, at, prefix, inline_modules, found),
            _ => at + 1,
        };
    }
}

fn is_punctuation(trees: &[TokenTree], at: usize, character: char) -> bool {
    matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn is_path_separator(trees: &[TokenTree], at: usize) -> bool {
    is_punctuation(trees, at, ':') && is_punctuation(trees, at + 1, ':')
}

/// `#[cfg(test)]`, spelt just so.
fn is_test_attribute(trees: &[TokenTree], at: usize) -> bool {
    is_punctuation(trees, at, '#')
        && matches!(trees.get(at + 1), Some(TokenTree::Group(group))
            if group.stream().to_string().replace(' ', "") == "cfg(test)")
}

/// The index after the item that an attribute stands before: past its body or its semicolon.
fn after_item(trees: &[TokenTree], start: usize) -> usize {
    let end = trees.iter().skip(start).position(|tree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    });
    end.map_or(trees.len(), |offset| start + offset + 1)
}

#[cfg(test)]
mod tests {
    use super::paths;

    fn written(text: &str) -> Vec<String> {
        paths(text)
            .unwrap()
            .into_iter()
            .map(|path| path.segments.join("::"))
            .collect()
    }

    #[test]
    fn spreads_nested_braces() {
        assert_eq!(
            written("use crate::{a::B, c::{D, e::F}};"),
            ["use", "crate::a::B", "crate::c::D", "crate::c::e::F"]
        );
    }

    #[test]
    fn ignores_comments_strings_and_tests() {
        let text = r#"
            // crate::comment
            const A: &str = "crate::string";
            #[cfg(test)]
            mod tests { use crate::only_in_tests; }
            #[cfg(test)]
            use crate::also_only_in_tests;
            fn f() { crate::real::g() }
        "#;
        let found = written(text);
        assert!(found.contains(&"crate::real::g".to_owned()), "{found:?}");
        assert!(
            !found
                .iter()
                .any(|path| path.contains("comment") || path.contains("string"))
        );
        assert!(!found.iter().any(|path| path.contains("tests")));
    }

    #[test]
    fn counts_inline_modules() {
        let found = paths("mod inner { use super::x; }").unwrap();
        let path = found
            .iter()
            .find(|path| path.segments == ["super", "x"])
            .unwrap();
        assert_eq!((path.inline_modules, path.line), (1, 1));
    }
}
