//! Document images of sessions: upload, list, signed download.

mod download;
mod list;
mod upload;

pub use download::OpenedDocument;
pub use list::ListedDocument;
pub use upload::{ReceiveError, UploadDetails, UploadTicket};
