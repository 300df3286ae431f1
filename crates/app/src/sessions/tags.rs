//! The labels of a session.

use serde_json::json;
use verifa_core::fault::Fault;
use verifa_core::id::SessionId;
use verifa_core::session::Tags;
use verifa_core::tenant::Tenant;
use verifa_store::sessions as store;

use super::moved::audited;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

/// What happens to a session's tags.
#[derive(Clone)]
pub enum TagChange {
    /// One more; nothing when it is there.
    Add(String),
    /// One less; nothing when it is not there.
    Remove(String),
    /// These instead.
    Set(Vec<String>),
}

/// A session's tags.
#[derive(Clone)]
pub struct Tagged {
    /// The session.
    pub id: SessionId,
    /// Its tags, in the order they came.
    pub tags: Vec<String>,
}

impl TagChange {
    const fn word(&self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::Remove(_) => "remove",
            Self::Set(_) => "set",
        }
    }

    fn over(&self, tags: &Tags) -> Result<Tags, Vec<Fault>> {
        match self {
            Self::Add(tag) => tags.with(tag).map_err(|fault| vec![fault]),
            Self::Remove(tag) => Ok(tags.without(tag)),
            Self::Set(tags) => Tags::new(tags.iter().cloned()),
        }
    }
}

impl App {
    /// Changes a session's tags. What changes nothing succeeds and leaves no trace.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for a tag that breaks the rules, for too many, and for a
    /// redacted session.
    pub async fn change_tags(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
        how: &TagChange,
    ) -> Result<Decided<Tagged>, AppError> {
        let mut session = self.session(tenant, id).await?;
        session.changeable()?;
        let former = session.record.tags.clone();
        // What is stored kept the rules when it came.
        let tags = how.over(&Tags::new(former.iter().cloned())?)?;
        let mut change = Change::after(self, actor, session.record.updated_at);
        if tags.as_slice() != former {
            session.record.tags = tags.as_slice().to_vec();
            let facts = json!({ "change": how.word(), "count": session.record.tags.len() });
            audited(&mut change, &session, "session.tags_changed", &facts)?;
            change.extend(store::replace_tags(&session.record));
            let status = session.status();
            session.write(self, &mut change, status)?;
        }
        Ok(Decided {
            commit: change.into_commit(),
            answer: Tagged {
                id,
                tags: session.record.tags,
            },
            session: Some(id),
        })
    }
}
