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
    for (node, result) in story.run["node_results"].as_object().into_iter().flatten() {
        let policy = result["policy"].as_str().unwrap_or(node);
        let status = result["status"].as_str().unwrap_or("");
        let took = Duration::from_millis(result["duration_ms"].as_u64().unwrap_or(0));
        row(&mut text, policy, status, &shown(took));
    }
    heading(&mut text, "\nRESULT", "", "");
    row(
        &mut text,
        "status",
        word(&story.result["status"]).as_str(),
        "",
    );
    row(
        &mut text,
        "age",
        word(&story.result["extracted_age"]).as_str(),
        "",
    );
    for (field, value) in story.result["extracted_data"]
        .as_object()
        .into_iter()
        .flatten()
    {
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
