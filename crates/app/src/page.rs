//! Pages of lists: by offset with a total, or by cursor at the same cost at any depth
//! (spec/conventions.md, "Pagination").

use uuid::Uuid;
use verifa_store::list::PageStart;

/// The page that a caller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageRequest {
    /// Rows `offset..offset + limit`.
    Offset {
        /// Most rows, 1–100.
        limit: i64,
        /// Rows to skip.
        offset: i64,
    },
    /// Up to `size` rows older than `after`; `None` begins at the newest.
    After {
        /// Most rows, 1–100.
        size: i64,
        /// The last row of the page before.
        after: Option<Uuid>,
    },
    /// Up to `size` rows newer than `before`, those nearest to it.
    Before {
        /// Most rows, 1–100.
        size: i64,
        /// The first row of the page behind.
        before: Uuid,
    },
}

impl PageRequest {
    /// Where the query starts and how many rows it asks for: one more than a cursor page shows,
    /// to know whether there are more.
    pub const fn start(self) -> (PageStart, i64) {
        match self {
            Self::Offset { limit, offset } => (PageStart::Offset(offset), limit),
            Self::After {
                size,
                after: Some(after),
            } => (PageStart::After(after), size + 1),
            Self::After { size, after: None } => (PageStart::Offset(0), size + 1),
            Self::Before { size, before } => (PageStart::Before(before), size + 1),
        }
    }

    /// Whether the page is by offset, and so has a total.
    pub const fn has_total(self) -> bool {
        matches!(self, Self::Offset { .. })
    }
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// Its rows, newest first.
    pub items: Vec<T>,
    /// What was asked for.
    pub request: PageRequest,
    /// All rows that match; `None` on cursor pages, and where they are too many to count on a
    /// request's time.
    pub total: Option<i64>,
    /// The cursor of the following, older page.
    pub next: Option<Uuid>,
    /// The cursor of the preceding, newer page.
    pub previous: Option<Uuid>,
}

impl<T> Page<T> {
    /// Makes a page of the rows that [`PageRequest::start`] asked for.
    pub fn of(
        mut rows: Vec<T>,
        request: PageRequest,
        total: Option<i64>,
        id: impl Fn(&T) -> Uuid,
    ) -> Self {
        let (next, previous) = match request {
            PageRequest::Offset { .. } => (None, None),
            PageRequest::After { size, after } => {
                let size = usize::try_from(size).unwrap_or(0);
                let more = rows.len() > size;
                rows.truncate(size);
                let next = rows.last().filter(|_| more).map(&id);
                (next, after.and(rows.first().map(&id)))
            }
            PageRequest::Before { size, .. } => {
                let size = usize::try_from(size).unwrap_or(0);
                let more = rows.len() > size;
                rows.truncate(size);
                rows.reverse();
                (rows.last().map(&id), rows.first().filter(|_| more).map(&id))
            }
        };
        Self {
            items: rows,
            request,
            total,
            next,
            previous,
        }
    }

    /// The same page with other rows.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            request: self.request,
            total: self.total,
            next: self.next,
            previous: self.previous,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(page: &Page<u128>) -> Vec<u128> {
        page.items.clone()
    }

    #[test]
    fn cursors_exist_only_where_there_are_rows() {
        let id = |n: &u128| Uuid::from_u128(*n);
        let first = PageRequest::After {
            size: 2,
            after: None,
        };
        let page = Page::of(vec![9, 8, 7], first, None, id);
        assert_eq!(ids(&page), [9, 8]);
        assert_eq!(page.next, Some(Uuid::from_u128(8)));
        assert_eq!(page.previous, None);

        let last = PageRequest::After {
            size: 2,
            after: page.next,
        };
        let page = Page::of(vec![7], last, None, id);
        assert_eq!(page.next, None);
        assert_eq!(page.previous, Some(Uuid::from_u128(7)));

        let back = PageRequest::Before {
            size: 2,
            before: Uuid::from_u128(7),
        };
        let page = Page::of(vec![8, 9], back, None, id);
        assert_eq!(ids(&page), [9, 8]);
        assert_eq!(page.previous, None);
        assert_eq!(page.next, Some(Uuid::from_u128(8)));
    }
}
