// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `organizations`.

use super::types::Pagination;
use crate::pages::Page;
use crate::pages::next_cursor;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// What [`crate::Client::list_organizations`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListOrganizationsQuery {
    /// Entries on the page, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Entries to skip; not together with `page[…]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// `next_cursor` of a former page: the entries behind it. Cursor pages never overlap or skip
    /// under inserts.
    #[serde(
        rename = "page[after]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_after: Option<String>,
    /// `prev_cursor` of a former page: the entries before it.
    #[serde(
        rename = "page[before]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_before: Option<String>,
    /// Entries on a cursor page, 1 to 100.
    #[serde(
        rename = "page[size]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_size: Option<i64>,
}

impl Page for OrganizationPage {
    type Item = Organization;

    fn parts(self) -> (Vec<Organization>, Option<String>) {
        (self.data, next_cursor(self.pagination))
    }
}

/// What [`crate::Client::list_organization_api_keys`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListOrganizationApiKeysQuery {
    /// Entries on the page, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Entries to skip; not together with `page[…]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// `next_cursor` of a former page: the entries behind it. Cursor pages never overlap or skip
    /// under inserts.
    #[serde(
        rename = "page[after]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_after: Option<String>,
    /// `prev_cursor` of a former page: the entries before it.
    #[serde(
        rename = "page[before]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_before: Option<String>,
    /// Entries on a cursor page, 1 to 100.
    #[serde(
        rename = "page[size]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_size: Option<i64>,
}

/// The secrets of the first keys of an organization; the secret ones have every scope.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct FirstKeys {
    /// Secret, live.
    pub live: String,
    /// Secret, sandbox.
    pub sandbox: String,
    /// For browsers, live.
    pub publishable_live: String,
    /// For browsers, sandbox.
    pub publishable_sandbox: String,
}

/// An organization just made, with its first keys.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct NewOrganization {
    /// Its id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Short name, unique on the server.
    pub slug: String,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`.
    pub plan: String,
    /// The workflow of sessions that name none.
    pub default_workflow_id: String,
    /// Grows with each change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Its first keys, this once.
    pub keys: FirstKeys,
    /// What to do with them.
    pub warning: String,
}

/// An organization.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Short name, unique on the server.
    pub slug: String,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`.
    pub plan: String,
    /// The workflow of sessions that name none.
    pub default_workflow_id: String,
    /// Grows with each change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What an organization is made with.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OrganizationCreate {
    /// Display name, 1 to 200 characters.
    pub name: String,
    /// Short name of lower-case letters, digits and hyphens; default: made from the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`; default: unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OrganizationPage {
    /// Of the API.
    pub data: Vec<Organization>,
    /// Of the API.
    pub pagination: Pagination,
}

/// What can change; absent fields stay.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct OrganizationUpdate {
    /// Display name, 1 to 200 characters.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub name: Option<Option<String>>,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::wire::named"
    )]
    pub plan: Option<Option<String>>,
}
