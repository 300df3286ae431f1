//! What an organization decides for itself.

pub mod settings;

pub use settings::{
    Branding, CaptureSettings, ConsentSettings, EmailSettings, FaceMatchSettings,
    OrganizationSettings, RetryScheduleName, WebhookSettings,
};
