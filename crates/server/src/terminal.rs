//! What the command line prints: results on standard output, everything else on standard error.

use std::fmt::Display;
use std::io::IsTerminal as _;

/// A result, for people or for the next program in a pipe.
#[expect(clippy::print_stdout, reason = "the one place that prints results")]
pub(crate) fn out(text: impl Display) {
    println!("{text}");
}

/// A word to the person at the terminal.
#[expect(
    clippy::print_stderr,
    reason = "the one place that speaks to the terminal"
)]
pub(crate) fn note(text: impl Display) {
    eprintln!("{text}");
}

/// A line that the next one is drawn over; nothing where there is no terminal to draw on.
#[expect(
    clippy::print_stderr,
    reason = "the one place that speaks to the terminal"
)]
pub(crate) fn redraw(text: impl Display) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\u{1b}[2K{text}");
    }
}
