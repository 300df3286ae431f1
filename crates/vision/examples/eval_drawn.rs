//! Measures reading on documents of our own drawing, whose truth is known, and refusal on drawn
//! pictures without a zone:
//! `cargo run --release -p verifa-vision --example eval_drawn -- [SEEDS] [OTHERS] [MODELS_DIR]`.
//!
//! Rows: document format by damage level, in turning rotations. "sound" means all check digits
//! right, "exact" every character as drawn. The camera model is our own and kinder than telephones.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use jiff::civil::{Date, date};
use verifa_specimen::{Damage, Holder, QuarterTurns, Specimen, not_documents};
use verifa_vision::{DecodedImage, MrzOptions, OcrModels, Runtime, decode, read_mrz};

const TODAY: Date = date(2026, 11, 21);

type Failure = Box<dyn std::error::Error>;

#[derive(Default)]
struct Row {
    cases: u32,
    sound: u32,
    exact: u32,
    time: Duration,
}

impl Row {
    fn print(&self, name: &str) {
        println!(
            "{name:24} {:5} cases {:5} sound {:5} exact {:6} ms each",
            self.cases,
            self.sound,
            self.exact,
            self.time.as_millis() / u128::from(self.cases.max(1))
        );
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let seeds: u64 = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let others: usize = arguments.next().map_or(Ok(200), |text| text.parse())?;
    let folder: PathBuf = arguments
        .next()
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("VERIFA_TEST_MODELS").map(PathBuf::from))
        .ok_or("name the directory of the models, or set VERIFA_TEST_MODELS")?;
    let models = OcrModels::load(
        &Runtime::with_threads(1),
        folder.join("PP-OCRv6_det_small.onnx"),
        folder.join("PP-OCRv6_rec_small.onnx"),
        folder.join("ch_ppocr_mobile_v2.0_cls_mobile.onnx"),
    )?;
    documents(&models, seeds)?;
    non_documents(&models, others)
}

fn documents(models: &OcrModels, seeds: u64) -> Result<(), Failure> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let mut turns = QuarterTurns::ALL.into_iter().cycle();
    for seed in 1000..1000 + seeds {
        let holder = Holder::example(seed, TODAY);
        for specimen in Specimen::one_of_each(seed, &holder)? {
            for damage in Damage::ALL {
                let turn = turns.next().unwrap_or_default();
                let picture = decode(&specimen.photograph(seed, damage, turn).jpeg()?)?;
                let reading = read_mrz(models, &picture, MrzOptions::default(), TODAY)?;
                let name = format!("{} level {}", specimen.truth.format, damage.level());
                let found = reading.found().map(|found| &found.mrz.lines);
                for name in [name, format!("all level {}", damage.level())] {
                    let row = rows.entry(name).or_default();
                    row.cases += 1;
                    row.sound += u32::from(found.is_some());
                    row.exact += u32::from(found == Some(&specimen.truth.mrz));
                    row.time += reading.timings.total;
                }
                if found.is_none() {
                    println!(
                        "missed: seed {seed} {} level {} {turn:?}",
                        specimen.truth.format,
                        damage.level()
                    );
                }
            }
        }
    }
    for (name, row) in &rows {
        row.print(name);
    }
    Ok(())
}

fn non_documents(models: &OcrModels, count: usize) -> Result<(), Failure> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for (index, picture) in not_documents(99, count).enumerate() {
        let kind = picture.kind;
        let (width, height) = picture.image.dimensions();
        let picture = DecodedImage::from_rgb(width, height, picture.image.into_raw())
            .ok_or("a picture without pixels")?;
        let reading = read_mrz(models, &picture, MrzOptions::default(), TODAY)?;
        let row = rows.entry(format!("no zone: {kind:?}")).or_default();
        row.cases += 1;
        row.sound += u32::from(reading.found().is_some());
        row.time += reading.timings.total;
        if reading.found().is_some() {
            println!("wrongly read: {kind:?}, number {index}");
        }
    }
    for (name, row) in &rows {
        row.print(name);
    }
    Ok(())
}
