//! A missing, damaged or foreign model is a typed error, never a reading.

use std::path::PathBuf;

use verifa_vision::{ModelError, OcrModels, Runtime};

fn load(detection: impl Into<verifa_vision::ModelSource>) -> ModelError {
    let absent = PathBuf::from("/nonexistent/model.onnx");
    match OcrModels::load(&Runtime::with_threads(1), detection, absent.clone(), absent) {
        Ok(_) => unreachable!("two models are missing"),
        Err(error) => error,
    }
}

#[test]
fn a_missing_model_is_named() {
    let error = load(PathBuf::from("/nonexistent/det.onnx"));
    assert!(
        matches!(
            error,
            ModelError::Missing {
                name: "text detection"
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("verifa models fetch"));
}

#[test]
fn a_damaged_model_is_refused() {
    for bytes in [
        Vec::new(),
        b"not a model".to_vec(),
        vec![0xFF; 4096],
        vec![0; 4096],
        // A message whose graph is longer than the file.
        vec![0x08, 0x08, 0x3A, 0xFF, 0x01, 0x00],
        // A message without a graph, and one with an empty graph.
        vec![0x08, 0x08],
        vec![0x08, 0x08, 0x3A, 0x00],
    ] {
        let error = load(bytes);
        assert!(
            matches!(
                error,
                ModelError::Invalid {
                    name: "text detection",
                    ..
                }
            ),
            "{error}"
        );
    }
}
