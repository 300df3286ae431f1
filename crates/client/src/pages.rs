//! Walking a list by its cursors.

use std::collections::VecDeque;

use futures::{Stream, stream};
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::{Client, Error};

/// The most that a page holds.
const SIZE: &str = "100";

/// A page of a list.
pub(crate) trait Page: DeserializeOwned {
    /// What is listed.
    type Item: Send;

    /// Its entries, and the cursor behind them; `None` at the end.
    fn parts(self) -> (Vec<Self::Item>, Option<String>);
}

struct Walk<T> {
    client: Client,
    /// The page to ask for; `None` behind the last one.
    next: Option<Result<Call, Error>>,
    found: VecDeque<T>,
}

impl Client {
    /// Every entry of a list.
    pub(crate) fn pages<P: Page>(
        &self,
        call: Result<Call, Error>,
    ) -> impl Stream<Item = Result<P::Item, Error>> + Send + use<P> {
        let first = call.map(|mut call| {
            call.query.retain(|(name, _)| {
                !matches!(name.as_str(), "limit" | "offset") && !name.starts_with("page[")
            });
            call.query.push(("page[size]".to_owned(), SIZE.to_owned()));
            call
        });
        let walk = Walk {
            client: self.clone(),
            next: Some(first),
            found: VecDeque::new(),
        };
        stream::try_unfold(walk, step::<P>)
    }
}

async fn step<P: Page>(mut walk: Walk<P::Item>) -> Result<Option<(P::Item, Walk<P::Item>)>, Error> {
    loop {
        if let Some(item) = walk.found.pop_front() {
            return Ok(Some((item, walk)));
        }
        let Some(call) = walk.next.take() else {
            return Ok(None);
        };
        let mut call = call?;
        let page: P = walk.client.json(call.clone()).await?;
        let (items, cursor) = page.parts();
        walk.found = items.into();
        walk.next = cursor.map(|cursor| {
            call.query.retain(|(name, _)| name != "page[after]");
            call.query.push(("page[after]".to_owned(), cursor));
            Ok(call)
        });
    }
}
