//! The one place that knows the inference runtime. Models are loaded from bytes once, shared, and
//! run on a thread pool of a configured size; everything above sees tensors and typed errors only.

use std::{fmt, path::PathBuf, sync::Arc};

use rten::{Model, ModelOptions, RunOptions, ThreadPool, Value};
use rten_tensor::{Layout, Tensor as RtenTensor, TensorView};
use thiserror::Error;

/// Why a model cannot be used. A check that meets one answers `error` and never passes anybody.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The file is not there.
    #[error("the model {name} is missing: run `verifa models fetch`")]
    Missing {
        /// Which model, for example `text detection`.
        name: &'static str,
    },
    /// The file is there but cannot be read.
    #[error("the model {name} cannot be read: {reason}")]
    Unreadable {
        /// Which model.
        name: &'static str,
        /// The operating system's words.
        reason: std::io::ErrorKind,
    },
    /// The bytes are no model that the runtime can run, or not the model that is expected here.
    #[error("the model {name} is not usable: {reason}")]
    Invalid {
        /// Which model.
        name: &'static str,
        /// What the runtime says of it.
        reason: String,
    },
}

/// Why a run failed. It cannot be the picture's fault: sizes are fitted to the model beforehand.
#[derive(Debug, Error)]
#[error("inference with the model {name} failed: {reason}")]
pub struct InferenceError {
    /// Which model.
    pub name: &'static str,
    /// What the runtime says of it; never image content.
    pub reason: String,
}

/// Where a model's bytes come from.
#[derive(Clone)]
pub enum ModelSource {
    /// An ONNX file.
    Path(PathBuf),
    /// The content of an ONNX file.
    Bytes(Vec<u8>),
}

impl fmt::Debug for ModelSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => formatter.debug_tuple("Path").field(path).finish(),
            Self::Bytes(bytes) => formatter.debug_tuple("Bytes").field(&bytes.len()).finish(),
        }
    }
}

impl From<PathBuf> for ModelSource {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl From<&std::path::Path> for ModelSource {
    fn from(path: &std::path::Path) -> Self {
        Self::Path(path.to_owned())
    }
}

impl From<Vec<u8>> for ModelSource {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl ModelSource {
    fn read(self, name: &'static str) -> Result<Vec<u8>, ModelError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Path(path) => std::fs::read(path).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => ModelError::Missing { name },
                reason => ModelError::Unreadable { name, reason },
            }),
        }
    }
}

/// Dense numbers with a shape, row-major.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

/// A loaded model with one input and one output of 32-bit floats, ready to run from any thread.
pub(crate) trait Network: Send + Sync {
    /// Runs the network on one input.
    fn run(&self, input: &Tensor) -> Result<Tensor, InferenceError>;

    /// A text that the model file carries under a key, such as the alphabet of a recogniser.
    fn metadata(&self, key: &str) -> Option<&str>;
}

/// The inference runtime: a thread pool that the loaded models share.
#[derive(Clone)]
pub struct Runtime {
    pool: Arc<ThreadPool>,
}

impl Runtime {
    /// A runtime with so many threads; zero counts as one. More threads make one picture faster,
    /// several callers on one thread each make many pictures faster.
    pub fn with_threads(threads: usize) -> Self {
        Self {
            pool: Arc::new(ThreadPool::with_num_threads(threads.max(1))),
        }
    }

    pub(crate) fn load(
        &self,
        name: &'static str,
        source: ModelSource,
    ) -> Result<Arc<dyn Network>, ModelError> {
        let bytes = source.read(name)?;
        if !has_onnx_structure(&bytes) {
            let reason = "it is damaged, or no ONNX file".to_owned();
            return Err(ModelError::Invalid { name, reason });
        }
        let model = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load(bytes)
            .map_err(|error| ModelError::Invalid {
                name,
                reason: error.to_string(),
            })?;
        if model.input_ids().len() != 1 || model.output_ids().len() != 1 {
            let reason = "it has not exactly one input and one output".to_owned();
            return Err(ModelError::Invalid { name, reason });
        }
        Ok(Arc::new(RtenNetwork {
            name,
            model,
            pool: Arc::clone(&self.pool),
        }))
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Runtime").finish_non_exhaustive()
    }
}

/// Whether the bytes are a well-formed Protocol Buffers message with a graph (field 7 of
/// `ModelProto` in onnx.proto). The runtime's own reader was seen not to return on arbitrary bytes.
fn has_onnx_structure(bytes: &[u8]) -> bool {
    const GRAPH: u64 = 7;
    let mut rest = bytes;
    let mut graph = false;
    while !rest.is_empty() {
        let Some(key) = take_varint(&mut rest) else {
            return false;
        };
        let length = match key & 7 {
            0 => take_varint(&mut rest).map(|_| 0),
            1 => Some(8),
            2 => take_varint(&mut rest),
            5 => Some(4),
            _ => None,
        };
        let after = length
            .and_then(|length| usize::try_from(length).ok())
            .and_then(|length| rest.get(length..));
        let Some(after) = after else { return false };
        rest = after;
        graph |= key >> 3 == GRAPH && key & 7 == 2;
    }
    graph
}

/// A number in groups of seven bits, the lowest first; at most ten bytes.
fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

struct RtenNetwork {
    name: &'static str,
    model: Model,
    pool: Arc<ThreadPool>,
}

impl RtenNetwork {
    fn failure(&self, reason: impl fmt::Display) -> InferenceError {
        InferenceError {
            name: self.name,
            reason: reason.to_string(),
        }
    }
}

impl Network for RtenNetwork {
    fn run(&self, input: &Tensor) -> Result<Tensor, InferenceError> {
        let view = TensorView::try_from_data(input.shape.as_slice(), input.values.as_slice())
            .map_err(|error| self.failure(error))?;
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let output: Value = self
            .model
            .run_one(view.into(), Some(options))
            .map_err(|error| self.failure(error))?;
        let output: RtenTensor<f32> = output.try_into().map_err(|error| self.failure(error))?;
        Ok(Tensor {
            shape: output.shape().to_vec(),
            values: output.into_data(),
        })
    }

    fn metadata(&self, key: &str) -> Option<&str> {
        self.model.metadata().get(key)
    }
}
