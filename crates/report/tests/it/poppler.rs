//! Poppler's command-line tools.

use std::io::Write;
use std::process::Command;

use verifa_report::SessionReport;

/// What a tool says of a report; nothing, and a loud note, where it is not installed.
pub(crate) fn said(tool: &str, options: &[&str], report: &SessionReport) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&report.render().unwrap()).unwrap();
    let mut command = Command::new(tool);
    command.args(options).arg(file.path());
    if tool == "pdftotext" {
        command.arg("-");
    }
    let Ok(output) = command.output() else {
        eprintln!("SKIPPED: {tool} is not installed (Debian package poppler-utils)");
        return None;
    };
    assert!(output.status.success(), "{tool} refused the file");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The text of a report in the order in which it is read; right-to-left marks left out.
pub(crate) fn text(report: &SessionReport) -> Option<String> {
    let text = said("pdftotext", &["-layout"], report)?;
    let marks = ['\u{202a}', '\u{202b}', '\u{202c}', '\u{200e}', '\u{200f}'];
    Some(text.replace(marks, ""))
}
