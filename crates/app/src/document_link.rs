//! The signed links to documents.

use std::borrow::Cow;

use verifa_core::id::SessionId;
use verifa_core::session::DocumentType;

use crate::App;

/// What the signature of a link stands for besides session and time: a link of a person's export,
/// which opens behind the sensitive window too, is another one than an ordinary link.
pub(crate) fn link_subject(document_type: &str, of_export: bool) -> Cow<'_, str> {
    if of_export {
        Cow::Owned(format!("{document_type} export"))
    } else {
        Cow::Borrowed(document_type)
    }
}

/// A link that is good until `expires`, in Unix seconds.
pub(crate) fn document_link(
    app: &App,
    session: SessionId,
    document_type: DocumentType,
    expires: i64,
    of_export: bool,
) -> String {
    let kind = document_type.as_str();
    let signer = app.keys.server().url_signer();
    let signature = signer.sign(session, &link_subject(kind, of_export), expires);
    let base = &app.settings.public_url;
    let of = if of_export { "&of=export" } else { "" };
    format!(
        "{base}/api/v1/sessions/{session}/documents/{kind}?expires={expires}&sig={signature}{of}"
    )
}
