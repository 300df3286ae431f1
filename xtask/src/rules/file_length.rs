//! A file that nobody can hold in mind is split before it is grown.

use super::CrateSources;

/// Lines of a source file, all counted (the plan; the aim is below 300).
const LIMIT: usize = 500;

pub(super) fn offences(sources: &CrateSources) -> Vec<String> {
    sources
        .files
        .iter()
        .filter_map(|file| {
            let lines = file.text.lines().count();
            let place = file.path.display();
            (lines > LIMIT).then(|| format!("{place}: {lines} lines, more than {LIMIT}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::offences;
    use crate::rules::sample;

    #[test]
    fn the_limit_itself_is_allowed_and_one_more_is_not() {
        let fits = "\n".repeat(500);
        let long = "\n".repeat(501);
        let sources = sample("a", &[("fits.rs", &fits), ("long.rs", &long)]);
        assert_eq!(
            offences(&sources),
            ["crates/a/src/long.rs: 501 lines, more than 500"]
        );
    }
}
