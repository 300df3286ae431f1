//! The session and its state machine.
