//! Draws one of each document, photograph and non-document into a directory:
//! `cargo run -p verifa-specimen --example specimens -- OUT_DIR [SEED]`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use jiff::civil::date;
use verifa_specimen::{Damage, Holder, QuarterTurns, Specimen, jpeg, not_documents, png};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: draw OUT_DIR [SEED]")?);
    let seed: u64 = match arguments.next() {
        Some(text) => text.to_str().ok_or("the seed is a number")?.parse()?,
        None => 1,
    };
    fs::create_dir_all(&folder)?;
    let holder = Holder::example(seed, date(2026, 6, 1));
    let [front, back] = Specimen::identity_card(seed, &holder)?;
    let passport = Specimen::passport(seed, &holder)?;
    for (name, specimen) in [
        ("passport", &passport),
        ("card-front", &front),
        ("card-back", &back),
        ("permit", &Specimen::residence_permit(seed, &holder)?),
        ("visa-a", &Specimen::visa_a(seed, &holder)?),
        ("visa-b", &Specimen::visa_b(seed, &holder)?),
    ] {
        fs::write(folder.join(format!("{name}.png")), png(&specimen.image)?)?;
    }
    for (damage, turns) in Damage::ALL.into_iter().zip(QuarterTurns::ALL) {
        let photograph = passport.photograph(seed, damage, turns);
        let name = format!("passport-level{}.jpg", damage.level());
        fs::write(folder.join(name), photograph.jpeg()?)?;
    }
    for (index, picture) in not_documents(seed, 12).enumerate() {
        let name = format!("other-{index:02}-{:?}.jpg", picture.kind);
        fs::write(folder.join(name), jpeg(&picture.image, 88)?)?;
    }
    Ok(())
}
