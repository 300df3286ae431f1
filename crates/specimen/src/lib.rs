//! Draws specimen documents with exact ground truth, photographs them with a bad camera, and draws
//! pictures that are no documents at all.
//!
//! Tests, benchmarks and the quickstart need documents in any number and of known content, and no
//! real person's document belongs in a repository. Everything here is drawn from a seed: the same
//! seed gives the same pixels.

mod camera;
mod canvas;
mod dice;
mod documents;
mod geometry;
mod holder;
mod other;
mod page;
mod pattern;
mod picture_file;
mod portrait;
mod specimen;
mod text;
mod truth;

pub use camera::{Damage, Photograph, QuarterTurns};
pub use holder::Holder;
pub use other::{Picture, PictureKind, not_documents};
pub use picture_file::{EncodeImageError, jpeg, png};
pub use specimen::{Specimen, SpecimenError};
pub use truth::{DocumentKind, Side, Truth};
