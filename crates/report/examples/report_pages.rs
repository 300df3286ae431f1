//! Writes the sample reports into a directory, to be looked at.
#![expect(clippy::print_stdout, reason = "an example speaks to whoever runs it")]

#[path = "../samples/mod.rs"]
mod samples;

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory: PathBuf = std::env::args()
        .nth(1)
        .ok_or("the directory to write into is missing")?
        .into();
    std::fs::create_dir_all(&directory)?;
    for (name, report) in [
        ("simple", samples::simple()),
        ("long", samples::long()),
        ("right-to-left", samples::right_to_left()),
        ("redacted", samples::redacted()),
    ] {
        let path = directory.join(format!("{name}.pdf"));
        std::fs::write(&path, report.render()?)?;
        println!("{}", path.display());
    }
    Ok(())
}
