//! Workflows: definition, compilation, validation and the interpreter.
