//! Mails: queued in the commit of the fact they tell, handed over by a job.
//!
//! A mail is never lost: its row and its job commit with the fact. It may arrive twice when the
//! process dies between the transport's yes and the note of it; both bear the same `Message-ID`.

mod queue;
mod send;

pub(crate) use queue::{forget_mails, queue_invitation};
pub(crate) use send::send;
