//! What the model pack consists of: packages, the files in them, their hashes and licences.
//!
//! The hashes are part of the binary, so nothing on disk or on a mirror can change which weights
//! judge people. A new model version is a change of this file.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::digest::Sha256Digest;

/// A group of models that one kind of check needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pack {
    /// Reading text: needed by `document_ocr`.
    Ocr,
    /// Faces: detection, comparison, liveness. Optional until a registered check uses it.
    Face,
}

impl Pack {
    /// Every pack.
    pub const ALL: [Self; 2] = [Self::Ocr, Self::Face];
    /// The packs that the checks of this release use, and that `fetch` gets unless told otherwise.
    pub const REQUIRED: [Self; 1] = [Self::Ocr];

    /// The pack's name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ocr => "ocr",
            Self::Face => "face",
        }
    }
}

impl fmt::Display for Pack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that no pack or model has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no model or pack called `{0}`")]
pub struct UnknownName(pub String);

impl FromStr for Pack {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|pack| pack.as_str() == text)
            .ok_or_else(|| UnknownName(text.to_owned()))
    }
}

macro_rules! model_names {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// Which model of the pack.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ModelName {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ModelName {
            /// Every model name.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in `pack.json`, in `verifa models` and in messages.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

model_names! {
    /// Finds lines of text in an image.
    OcrDetection = "ocr.detection",
    /// Reads one line of text.
    OcrRecognition = "ocr.recognition",
    /// Tells whether a line of text stands upside down.
    OcrOrientation = "ocr.orientation",
    /// Finds faces in an image.
    FaceDetection = "face.detection",
    /// Finds 68 landmarks of a face.
    FaceLandmarks = "face.landmarks",
    /// Turns an aligned face into an embedding.
    FaceEmbedding = "face.embedding",
    /// Tells a live face from a printed or displayed one.
    FaceLiveness = "face.liveness",
    /// Tells open eyes from closed ones.
    FaceEyes = "face.eyes",
    /// Estimates yaw, pitch and roll of a head.
    FacePose = "face.pose",
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ModelName {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|name| name.as_str() == text)
            .ok_or_else(|| UnknownName(text.to_owned()))
    }
}

impl Serialize for ModelName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A package registry and the program that speaks to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Registry {
    /// Python packages; wheels (zip) through `pip download`.
    PyPi,
    /// JavaScript packages; tar.gz through `npm pack`.
    Npm,
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PyPi => "PyPI",
            Self::Npm => "npm",
        })
    }
}

/// One file inside a package.
#[derive(Debug, Clone, Copy)]
pub struct PackagedFile {
    /// Path inside the archive.
    pub path: &'static str,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 of the content.
    pub sha256: Sha256Digest,
}

impl PackagedFile {
    /// The last part of the path.
    pub fn file_name(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }
}

/// One model inside a package.
#[derive(Debug, Clone, Copy)]
pub struct PackagedModel {
    /// Which model it is.
    pub name: ModelName,
    /// What it does, in one sentence.
    pub purpose: &'static str,
    /// Where it lies in the package.
    pub file: PackagedFile,
}

/// A registry package that carries models.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    /// The pack it belongs to.
    pub pack: Pack,
    /// Where it is published.
    pub registry: Registry,
    /// The package's name there.
    pub name: &'static str,
    /// The exact version.
    pub version: &'static str,
    /// File name of the archive, as the registry's program saves it.
    pub archive: &'static str,
    /// Length of the archive in bytes.
    pub archive_bytes: u64,
    /// SHA-256 of the archive.
    pub archive_sha256: Sha256Digest,
    /// SPDX expression of the licence of the models in it.
    pub licence: &'static str,
    /// The licence texts that must be in the package, by exact content. They are installed beside
    /// the models, because the licences ask for it.
    pub licence_files: &'static [PackagedFile],
    /// The models taken from it.
    pub models: &'static [PackagedModel],
}

impl Package {
    /// `name==version` or `name@version`, as the registry writes it.
    pub fn requirement(&self) -> String {
        match self.registry {
            Registry::PyPi => format!("{}=={}", self.name, self.version),
            Registry::Npm => format!("{}@{}", self.name, self.version),
        }
    }

    /// Every file to take from the package: models first, then licence texts.
    pub fn files(&self) -> impl Iterator<Item = &'static PackagedFile> + use<> {
        self.models
            .iter()
            .map(|model| &model.file)
            .chain(self.licence_files)
    }
}

const fn file(path: &'static str, bytes: u64, sha256: &str) -> PackagedFile {
    PackagedFile {
        path,
        bytes,
        sha256: Sha256Digest::literal(sha256),
    }
}

const fn model(name: ModelName, purpose: &'static str, file: PackagedFile) -> PackagedModel {
    PackagedModel {
        name,
        purpose,
        file,
    }
}

/// The packages that this release of Verifa was checked with.
pub const PACKAGES: &[Package] = &[RAPIDOCR, FACEPLUGIN];

/// PP-OCRv6 small, converted to ONNX. The package's `MODEL_LICENSES.md` covers the weights.
const RAPIDOCR: Package = Package {
    pack: Pack::Ocr,
    registry: Registry::PyPi,
    name: "rapidocr",
    version: "3.10.0",
    archive: "rapidocr-3.10.0-py3-none-any.whl",
    archive_bytes: 27_288_134,
    archive_sha256: Sha256Digest::literal(
        "2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050",
    ),
    licence: "Apache-2.0",
    licence_files: &[
        file(
            "rapidocr-3.10.0.dist-info/licenses/LICENSE",
            11_422,
            "3e0af25fdd06aa9586ae97adb00ea927ebe5a3805ac77d2d3a81ce5f55693333",
        ),
        file(
            "rapidocr-3.10.0.dist-info/licenses/MODEL_LICENSES.md",
            8_398,
            "c5fd0e8603d3df743355b546121e6fe0f4ef8ff455c5a85c1681fd3ae520e153",
        ),
    ],
    models: &[
        model(
            ModelName::OcrDetection,
            "Finds lines of text in an image (PP-OCRv6 small).",
            file(
                "rapidocr/models/PP-OCRv6_det_small.onnx",
                9_929_594,
                "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
            ),
        ),
        model(
            ModelName::OcrRecognition,
            "Reads one line of text (PP-OCRv6 small).",
            file(
                "rapidocr/models/PP-OCRv6_rec_small.onnx",
                21_234_383,
                "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
            ),
        ),
        model(
            ModelName::OcrOrientation,
            "Tells whether a line of text stands upside down (PaddleOCR mobile v2.0).",
            file(
                "rapidocr/models/ch_ppocr_mobile_v2.0_cls_mobile.onnx",
                585_532,
                "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
            ),
        ),
    ],
};

/// Small face networks. The package says MIT; it names no training data.
const FACEPLUGIN: Package = Package {
    pack: Pack::Face,
    registry: Registry::Npm,
    name: "faceplugin-face-recognition-js",
    version: "0.0.1",
    archive: "faceplugin-face-recognition-js-0.0.1.tgz",
    archive_bytes: 41_114_878,
    archive_sha256: Sha256Digest::literal(
        "7ea06031d9a3f83753254fcff60506a07b81b46fc84d4ee024cd041f260ec1ba",
    ),
    licence: "MIT",
    licence_files: &[file(
        "package/LICENSE",
        1_066,
        "ceb7e9130f684a8e335940a09ccfb81c2fa18f6aa54975d656c54bb7992aee1a",
    )],
    models: &[
        model(
            ModelName::FaceDetection,
            "Finds faces in an image (UltraFace RFB-320).",
            file(
                "package/model/fr_detect.onnx",
                1_217_758,
                "6c0256ccd3164f844736a401faf936ec2930764a87ae39442180887d0c5c8854",
            ),
        ),
        model(
            ModelName::FaceLandmarks,
            "Finds 68 landmarks of a face.",
            file(
                "package/model/fr_landmark.onnx",
                1_163_742,
                "f10b0ba1d2a8a099adefede1ebf3733e44fe370715e7303dbeb7f59c02142258",
            ),
        ),
        model(
            ModelName::FaceEmbedding,
            "Turns an aligned face into a 512-dimensional embedding.",
            file(
                "package/model/fr_feature.onnx",
                4_884_269,
                "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581",
            ),
        ),
        model(
            ModelName::FaceLiveness,
            "Tells a live face from a printed or displayed one.",
            file(
                "package/model/fr_liveness.onnx",
                1_886_811,
                "afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d",
            ),
        ),
        model(
            ModelName::FaceEyes,
            "Tells open eyes from closed ones.",
            file(
                "package/model/fr_eye.onnx",
                207_130,
                "1afcea006abc1ccac3c517022abde0aa092bed74ff3c9fe6878483ef9e6e38de",
            ),
        ),
        model(
            ModelName::FacePose,
            "Estimates yaw, pitch and roll of a head.",
            file(
                "package/model/fr_pose.onnx",
                5_811_723,
                "72d032ec941b7153bf8d3f2c03a4c165453cc7e63d479041ec7c6ef087e5839d",
            ),
        ),
    ],
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_model_stands_in_the_manifest_once() {
        let listed: Vec<_> = PACKAGES
            .iter()
            .flat_map(|package| package.models)
            .map(|model| model.name)
            .collect();
        let distinct: BTreeSet<_> = listed.iter().copied().collect();
        assert_eq!(listed.len(), distinct.len());
        assert_eq!(distinct, ModelName::ALL.iter().copied().collect());
    }

    #[test]
    fn every_package_names_a_licence_text() {
        for package in PACKAGES {
            assert!(!package.licence.is_empty(), "{}", package.name);
            assert!(!package.licence_files.is_empty(), "{}", package.name);
        }
    }

    #[test]
    fn names_parse_back() {
        for name in ModelName::ALL {
            assert_eq!(name.as_str().parse(), Ok(*name));
        }
        for pack in Pack::ALL {
            assert_eq!(pack.as_str().parse(), Ok(pack));
        }
        assert!("ocr.unknown".parse::<ModelName>().is_err());
    }
}
