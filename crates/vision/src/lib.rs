//! Reads identity documents from pictures: bounded decoding, text recognition with ONNX models, and
//! the search for a machine-readable zone in any of four rotations.
//!
//! Nothing here knows tenants or the network: bytes and models come in, findings go out. The only
//! files it reads are models that a [`ModelSource::Path`] names.
//! Functions are synchronous and use the processor; callers run them off the async threads.

pub mod document;
mod geometry;
pub mod image;
pub mod ocr;
mod quality;
mod raster;
mod rotation;
pub mod runtime;

pub use document::{FoundMrz, MrzOptions, MrzOutcome, MrzReading, Timings, read_mrz};
pub use image::{DecodedImage, ImageError, ImageInfo, MediaType, decode, inspect};
pub use ocr::{ModelSource, OcrModels, TextLine, read_text};
pub use quality::{ImageQuality, measure_quality};
pub use rotation::Rotation;
pub use runtime::{InferenceError, ModelError, Runtime};
