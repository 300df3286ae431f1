//! Draws specimen documents with exact ground truth, photographs them with a bad camera, and draws
//! pictures that are no documents at all.
//!
//! Tests, benchmarks and the quickstart need documents in any number and of known content, and no
//! real person's document belongs in a repository. Everything here is drawn from a seed: the same
//! seed gives the same pixels.

mod camera;
mod canvas;
mod card;
mod dice;
mod geometry;
mod holder;
mod other;
mod page;
mod passport;
mod pattern;
mod portrait;
mod specimen;
mod td2;
mod text;
mod truth;
mod visa;

pub use camera::{Damage, Photograph, QuarterTurns};
pub use holder::Holder;
pub use other::{Picture, PictureKind, not_documents};
pub use specimen::{EncodeImageError, Specimen, SpecimenError, jpeg, png};
pub use truth::{DocumentKind, Side, Truth};
