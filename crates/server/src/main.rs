//! The `verifa` binary.
fn main() {}
