//! Pages of lists: by `limit` and `offset`, or by cursor (spec/conventions.md, "Pagination").

mod cursor;
mod query;

use std::borrow::Cow;

use serde::Serialize;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use verifa_app::page::PageRequest;

pub use cursor::Cursor;
pub use query::Query;

/// Most entries of one page.
pub const MAX_LIMIT: u32 = 100;

/// The paging parameters, for the document; they are read by [`Query::paging`].
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct PageParameters {
    /// Entries on the page, 1 to 100.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Entries to skip; not together with `page[…]`.
    #[param(minimum = 0)]
    offset: Option<u32>,
    /// `next_cursor` of a former page: the entries behind it. Cursor pages never overlap or skip
    /// under inserts.
    #[param(rename = "page[after]")]
    page_after: Option<String>,
    /// `prev_cursor` of a former page: the entries before it.
    #[param(rename = "page[before]")]
    page_before: Option<String>,
    /// Entries on a cursor page, 1 to 100.
    #[param(rename = "page[size]", minimum = 1, maximum = 100)]
    page_size: Option<u32>,
}

/// One page of a list, newest first.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// The entries.
    pub data: Vec<T>,
    /// Where the page lies in the list.
    pub pagination: Pagination,
}

/// Where a page lies in its list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Pagination {
    /// Of a page asked for by `limit` and `offset`.
    Offset(OffsetPagination),
    /// Of a page asked for by cursor.
    Cursor(CursorPagination),
}

/// Where an offset page lies.
#[derive(Debug, Serialize, ToSchema)]
pub struct OffsetPagination {
    /// Entries of the whole list; null where they are too many to count on a call's time.
    #[schema(example = 142)]
    pub total: Option<i64>,
    /// As asked for.
    #[schema(example = 25)]
    pub limit: i64,
    /// As asked for.
    #[schema(example = 0)]
    pub offset: i64,
}

/// Where a cursor page lies.
#[derive(Debug, Serialize, ToSchema)]
pub struct CursorPagination {
    /// Always null: a cursor page counts nothing.
    #[schema(example = json!(null))]
    pub total: Option<i64>,
    /// As asked for.
    #[schema(example = 25)]
    pub limit: i64,
    /// For `page[after]`; null on the last page.
    pub next_cursor: Option<String>,
    /// For `page[before]`; null on the first page.
    pub prev_cursor: Option<String>,
}

/// A schema of its own for each kind of entry, named after it.
impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let entries = ArrayBuilder::new().items(Ref::from_schema_name(T::name()));
        ObjectBuilder::new()
            .description(Some("One page of a list, newest first."))
            .property("data", entries)
            .property("pagination", Ref::from_schema_name(Pagination::name()))
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Page", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
        schemas.push((Pagination::name().into_owned(), Pagination::schema()));
        Pagination::schemas(schemas);
    }
}

impl<T> Page<T> {
    /// A page of the application with each entry as its view.
    pub fn of<U>(page: verifa_app::page::Page<U>, view: impl FnMut(U) -> T) -> Self {
        let cursor = |id: uuid::Uuid| Cursor::new(id).to_string();
        let pagination = match page.request {
            PageRequest::Offset { limit, offset } => Pagination::Offset(OffsetPagination {
                total: page.total,
                limit,
                offset,
            }),
            PageRequest::After { size, .. } | PageRequest::Before { size, .. } => {
                Pagination::Cursor(CursorPagination {
                    total: None,
                    limit: size,
                    next_cursor: page.next.map(cursor),
                    prev_cursor: page.previous.map(cursor),
                })
            }
        };
        Self {
            data: page.items.into_iter().map(view).collect(),
            pagination,
        }
    }
}
