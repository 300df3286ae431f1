//! The sender against receivers that behave badly, and names that lead elsewhere.

mod answers;
mod rebinding;
mod receiver;
mod tls;
