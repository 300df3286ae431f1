//! Pages of lists: by `limit` and `offset`, or by cursor (spec/conventions.md, "Pagination").

mod cursor;
mod query;

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

pub use cursor::Cursor;
pub use query::Query;

/// Most entries of one page.
pub const MAX_LIMIT: u32 = 100;

/// Which page a caller asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// `limit` and `offset`.
    Offset {
        /// Entries on the page, 1 to 100.
        limit: u32,
        /// Entries before it.
        offset: u32,
    },
    /// `page[size]` with at most one of `page[after]` and `page[before]`.
    Cursor {
        /// Entries on the page, 1 to 100.
        size: u32,
        /// Where the page lies.
        position: Position,
    },
}

/// Where a cursor page lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// At the newest entry.
    Start,
    /// Behind this entry, towards older ones.
    After(Cursor),
    /// Before this entry, towards newer ones.
    Before(Cursor),
}

impl Paging {
    /// Entries on the page.
    pub const fn limit(self) -> u32 {
        match self {
            Self::Offset { limit, .. } => limit,
            Self::Cursor { size, .. } => size,
        }
    }
}

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
#[derive(Debug, Serialize, ToSchema)]
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
    /// Entries of the whole list.
    #[schema(example = 142)]
    pub total: u64,
    /// As asked for.
    #[schema(example = 25)]
    pub limit: u32,
    /// As asked for.
    #[schema(example = 0)]
    pub offset: u32,
}

/// Where a cursor page lies.
#[derive(Debug, Serialize, ToSchema)]
pub struct CursorPagination {
    /// Always null: a cursor page counts nothing.
    pub total: Option<u64>,
    /// As asked for.
    #[schema(example = 25)]
    pub limit: u32,
    /// For `page[after]`; null on the last page.
    pub next_cursor: Option<String>,
    /// For `page[before]`; null on the first page.
    pub prev_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page by offset.
    pub fn by_offset(data: Vec<T>, total: u64, limit: u32, offset: u32) -> Self {
        let pagination = Pagination::Offset(OffsetPagination {
            total,
            limit,
            offset,
        });
        Self { data, pagination }
    }

    /// A page by cursor, from up to `size + 1` rows in the order of the query: newest first, or
    /// for [`Position::Before`] nearest (oldest) first. The extra row only tells that there is
    /// more in that direction.
    pub fn by_cursor(
        mut rows: Vec<T>,
        size: u32,
        position: Position,
        cursor_of: impl Fn(&T) -> Cursor,
    ) -> Self {
        let more = rows.len() > size as usize;
        rows.truncate(size as usize);
        let backwards = matches!(position, Position::Before(_));
        if backwards {
            rows.reverse();
        }
        let (newer, older) = match position {
            Position::Start => (false, more),
            Position::After(_) => (true, more),
            Position::Before(_) => (more, true),
        };
        let at = |row: Option<&T>, wanted: bool| {
            row.filter(|_| wanted).map(|row| cursor_of(row).to_string())
        };
        let pagination = Pagination::Cursor(CursorPagination {
            total: None,
            limit: size,
            next_cursor: at(rows.last(), older),
            prev_cursor: at(rows.first(), newer),
        });
        Self {
            data: rows,
            pagination,
        }
    }

    /// The page with each entry turned into its view.
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Page<U> {
        Page {
            data: self.data.into_iter().map(view).collect(),
            pagination: self.pagination,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn cursor(n: &u32) -> Cursor {
        Cursor::new(Uuid::from_u128(u128::from(*n)))
    }

    /// What a database would give for a list of ids `1..=count`, newest first.
    fn rows(count: u32, position: Position, size: u32) -> Vec<u32> {
        let take = size as usize + 1;
        let id = |cursor: Cursor| cursor.id().as_u128() as u32;
        match position {
            Position::Start => (1..=count).rev().take(take).collect(),
            Position::After(c) => (1..id(c)).rev().take(take).collect(),
            Position::Before(c) => (id(c) + 1..=count).take(take).collect(),
        }
    }

    fn pagination(page: &Page<u32>) -> (Option<Cursor>, Option<Cursor>) {
        let Pagination::Cursor(inner) = &page.pagination else {
            panic!("not a cursor page")
        };
        let parse = |text: &Option<String>| text.as_ref().map(|text| text.parse().unwrap());
        (parse(&inner.next_cursor), parse(&inner.prev_cursor))
    }

    proptest! {
        #[test]
        fn cursors_walk_the_list_once_forth_and_back(count in 0_u32..60, size in 1_u32..12) {
            let page_at = |position| {
                Page::by_cursor(rows(count, position, size), size, position, cursor)
            };
            let (mut seen, mut position, mut last) = (Vec::<u32>::new(), Position::Start, None);
            loop {
                let page = page_at(position);
                seen.extend(&page.data);
                let (next, _) = pagination(&page);
                last = page.data.last().copied().or(last);
                match next { Some(next) => position = Position::After(next), None => break }
            }
            prop_assert_eq!(&seen, &(1..=count).rev().collect::<Vec<_>>());
            let Some(last) = last else { return Ok(()) };
            let (mut back, mut position) = (vec![last], Position::Before(cursor(&last)));
            loop {
                let page = page_at(position);
                back.extend(page.data.iter().rev());
                let (_, prev) = pagination(&page);
                match prev { Some(prev) => position = Position::Before(prev), None => break }
            }
            prop_assert_eq!(back, (1..=count).collect::<Vec<_>>());
        }
    }
}
