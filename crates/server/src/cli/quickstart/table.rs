//! The story as a table.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use super::story::Story;

/// Width of the first column.
const TITLE: usize = 32;
/// Width of the second column.
const OUTCOME: usize = 34;

/// Renders steps, checks and result.
pub(super) fn render(story: &Story) -> String {
    let mut text = String::new();
    heading(&mut text, "STEP", "OUTCOME", "TIME");
    for chapter in &story.chapters {
        row(
            &mut text,
            chapter.title,
            &chapter.outcome,
            &shown(chapter.took),
        );
    }
    heading(&mut text, "\nCHECK", "STATUS", "TIME");
    // In the order in which they ran; the API's map has none that a reader may rely on.
    let mut nodes: Vec<_> = story.run.node_results.iter().flatten().collect();
    nodes.sort_by_key(|(_, result)| result.started_at);
    for (node, result) in nodes {
        let policy = result.policy.as_ref().unwrap_or(node);
        let took = Duration::from_millis(result.duration_ms.unsigned_abs());
        row(&mut text, policy, &result.status, &shown(took));
    }
    heading(&mut text, "\nRESULT", "", "");
    row(&mut text, "status", &story.result.status, "");
    if let Some(age) = story.result.extracted_age {
        row(&mut text, "age", &age.to_string(), "");
    }
    for (field, value) in &story.result.extracted_data {
        if !value.is_null() && field != "mrz" {
            row(&mut text, field, word(value).as_str(), "");
        }
    }
    text
}

fn word(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn heading(text: &mut String, title: &str, outcome: &str, time: &str) {
    let (gap, title) = match title.strip_prefix('\n') {
        Some(title) => ("\n", title),
        None => ("", title),
    };
    text.push_str(gap);
    row(text, title, outcome, time);
    // Writing to a String can't fail.
    let _ = writeln!(text, "{}", "─".repeat(TITLE + OUTCOME + 12));
}

fn row(text: &mut String, title: &str, outcome: &str, time: &str) {
    let line = format!("{title:TITLE$}  {outcome:OUTCOME$}{time:>10}");
    let _ = writeln!(text, "{}", line.trim_end());
}

fn shown(took: Duration) -> String {
    if took < Duration::from_secs(1) {
        format!("{} ms", took.as_millis())
    } else {
        format!("{:.1} s", took.as_secs_f64())
    }
}
