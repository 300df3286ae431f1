//! The conventions of spec/conventions.md through a router of a few routes, without use cases.

mod bodies;
mod conventions;
mod harness;
mod keys;
mod reference;
