#![doc = include_str!("../README.md")]

mod call;
mod client;
mod error;
mod feed;
mod generated;
mod pages;
mod retry;
mod secret;
pub mod webhook;
mod wire;

pub use client::{Builder, Client};
pub use error::{Error, FieldError, Refusal};
pub use feed::{RawEvent, RawFeed};
#[doc(hidden)]
pub use generated::through;
pub use generated::{OPERATIONS, types};
pub use retry::Retries;
