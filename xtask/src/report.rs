//! Runs named steps one after the other, times each, and says at the end which were green.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

struct Finished {
    name: String,
    took: Duration,
    failure: Option<String>,
}

/// The steps run so far. A failed step doesn't stop the later ones: one run shows every fault.
pub(crate) struct Report {
    started: Instant,
    steps: Vec<Finished>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            steps: Vec::new(),
        }
    }

    /// Runs one step; returns whether it passed.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> bool {
        println!("\n=== {name}");
        let started = Instant::now();
        let failure = work().err().map(|error| format!("{error:#}"));
        let took = started.elapsed();
        match &failure {
            None => println!("=== {name}: ok, {}", shown(took)),
            Some(reason) => println!("=== {name}: FAILED, {}: {reason}", shown(took)),
        }
        let passed = failure.is_none();
        self.steps.push(Finished {
            name: name.to_owned(),
            took,
            failure,
        });
        passed
    }

    /// Prints the table; an error when any step failed.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\nSummary, {} in all", shown(self.started.elapsed()));
        for step in &self.steps {
            let mark = if step.failure.is_none() {
                "ok    "
            } else {
                "FAILED"
            };
            println!("  {mark} {:>9}  {}", shown(step.took), step.name);
            if let Some(reason) = &step.failure {
                println!("                     {reason}");
            }
        }
        let failed = self
            .steps
            .iter()
            .filter(|step| step.failure.is_some())
            .count();
        println!(
            "steps: {} passed, {failed} failed",
            self.steps.len().saturating_sub(failed)
        );
        if failed > 0 {
            bail!("{failed} of {} steps failed", self.steps.len());
        }
        Ok(())
    }
}

fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds >= 60 {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}
