//! Measures how well machine-readable zones are read:
//! `cargo run --release -p verifa-vision --example eval_mrz -- DIR [--models DIR] [--threads N]`.
//!
//! Prints one row per picture with the result and time in each of four rotations, then the totals
//! and the throughput of two callers. `--text` adds what was read: for specimens only.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use jiff::civil::{Date, date};
use verifa_vision::{
    DecodedImage, MrzOptions, MrzOutcome, MrzReading, OcrModels, Rotation, Runtime, decode,
    read_mrz,
};

/// The day on which the development set was put together; fixes the centuries of the dates.
const TODAY: Date = date(2026, 11, 21);

type Failure = Box<dyn std::error::Error>;

struct Arguments {
    pictures: PathBuf,
    models: PathBuf,
    threads: usize,
    text: bool,
    upright_only: bool,
    throughput: bool,
    only: Option<String>,
}

fn arguments() -> Result<Arguments, Failure> {
    let mut found = Arguments {
        pictures: PathBuf::new(),
        models: std::env::var_os("VERIFA_TEST_MODELS")
            .unwrap_or("/tmp/verifa-models".into())
            .into(),
        threads: 1,
        text: false,
        upright_only: false,
        throughput: false,
        only: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--models" => found.models = value()?.into(),
            "--threads" => found.threads = value()?.parse()?,
            "--only" => found.only = Some(value()?),
            "--text" => found.text = true,
            "--throughput" => found.throughput = true,
            "--upright" => found.upright_only = true,
            _ => found.pictures = argument.into(),
        }
    }
    if found.pictures.as_os_str().is_empty() {
        return Err(
            "usage: eval_mrz DIR [--models DIR] [--threads N] [--only NAME] [--upright] [--throughput] [--text]"
                .into(),
        );
    }
    Ok(found)
}

fn load(models: &Path, threads: usize) -> Result<OcrModels, Failure> {
    Ok(OcrModels::load(
        &Runtime::with_threads(threads),
        models.join("PP-OCRv6_det_small.onnx"),
        models.join("PP-OCRv6_rec_small.onnx"),
        models.join("ch_ppocr_mobile_v2.0_cls_mobile.onnx"),
    )?)
}

fn pictures(arguments: &Arguments) -> Result<Vec<(String, DecodedImage)>, Failure> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&arguments.pictures)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if arguments
            .only
            .as_ref()
            .is_some_and(|only| !name.contains(only.as_str()))
            || !path.is_file()
        {
            continue;
        }
        match decode(&std::fs::read(&path)?) {
            Ok(picture) => found.push((name, picture)),
            Err(error) => println!("{name}: {error}"),
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

fn verdict(reading: &MrzReading) -> String {
    match &reading.outcome {
        MrzOutcome::Found(found) => found.mrz.format.to_string(),
        MrzOutcome::Unreadable(best) => {
            let right = best.check_digits.iter().filter(|digit| digit.valid).count();
            format!("{right}/{} {}", best.check_digits.len(), best.format)
        }
        MrzOutcome::NotFound => "-".to_owned(),
    }
}

#[derive(Default)]
struct Totals {
    cases: usize,
    read: usize,
    times: Vec<Duration>,
}

impl Totals {
    fn percentile(&self, share: f64) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        let index = (times.len() as f64 * share) as usize;
        times
            .get(index.min(times.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    }
}

/// Processor time of this process so far, which other processes on the machine do not inflate;
/// known on Linux only, in steps of 10 ms.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Fields 14 and 15, user and system time in hundredths of a second (proc_pid_stat(5)); the
    // second field may hold spaces, so counting starts behind its bracket.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

fn main() -> Result<(), Failure> {
    let arguments = arguments()?;
    let pictures = pictures(&arguments)?;
    let models = load(&arguments.models, arguments.threads)?;
    let rotations = if arguments.upright_only {
        &[Rotation::None][..]
    } else {
        &Rotation::ALL[..]
    };
    let mut totals = Totals::default();
    let processor_before = processor_time();
    for (name, picture) in &pictures {
        print!("{name:24} {:>4}x{:<4}", picture.width(), picture.height());
        let mut texts = Vec::new();
        for rotation in rotations {
            let turned = picture.turned(*rotation);
            let reading = read_mrz(&models, &turned, MrzOptions::default(), TODAY)?;
            totals.cases += 1;
            totals.times.push(reading.timings.total);
            let mut mark = ' ';
            if let Some(found) = reading.found() {
                totals.read += 1;
                let back = (rotation.degrees() + found.rotation.degrees()) % 360;
                if back != 0 {
                    mark = '!';
                }
                texts.push((found.mrz.lines.clone(), found.repairs.len()));
            } else if let MrzOutcome::Unreadable(best) = &reading.outcome {
                texts.push((best.lines.clone(), usize::MAX));
            }
            print!(
                " | {:>3}° {:9}{mark}{:5} ms {}d{:02}r",
                rotation.degrees(),
                verdict(&reading),
                reading.timings.total.as_millis(),
                reading.timings.detections,
                reading.timings.recognitions,
            );
        }
        println!();
        if arguments.text {
            texts.dedup();
            for (lines, repairs) in texts {
                println!(
                    "    {} {lines:#?}",
                    if repairs == usize::MAX {
                        "unsound".to_owned()
                    } else {
                        format!("{repairs} repairs")
                    }
                );
            }
        }
    }
    let mean = totals.times.iter().sum::<Duration>() / totals.times.len().max(1) as u32;
    println!(
        "\n{} of {} cases read with all check digits ({:.1} %), {} thread(s): mean {} ms, median {} ms, p90 {} ms, max {} ms",
        totals.read,
        totals.cases,
        100.0 * totals.read as f64 / totals.cases.max(1) as f64,
        arguments.threads,
        mean.as_millis(),
        totals.percentile(0.5).as_millis(),
        totals.percentile(0.9).as_millis(),
        totals.percentile(1.0).as_millis(),
    );
    if let (Some(before), Some(after)) = (processor_before, processor_time()) {
        let per_case = after.saturating_sub(before) / totals.cases.max(1) as u32;
        println!(
            "processor time per case, turning the picture included: {} ms",
            per_case.as_millis()
        );
    }
    if arguments.throughput {
        throughput(&arguments, &pictures)
    } else {
        Ok(())
    }
}

/// Two callers, each with a runtime of one thread, sharing the pictures between them.
fn throughput(arguments: &Arguments, pictures: &[(String, DecodedImage)]) -> Result<(), Failure> {
    let callers = [load(&arguments.models, 1)?, load(&arguments.models, 1)?];
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for models in &callers {
            scope.spawn(|| {
                while let Some((_, picture)) = pictures.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let reading = read_mrz(models, picture, MrzOptions::default(), TODAY);
                    assert!(reading.is_ok(), "inference failed");
                }
            });
        }
    });
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "two callers of one thread each: {} pictures in {seconds:.2} s, {:.2} pictures per second",
        pictures.len(),
        pictures.len() as f64 / seconds
    );
    Ok(())
}
