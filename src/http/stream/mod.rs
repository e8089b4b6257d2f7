//! Answers that do not end by themselves.

pub mod jsonl;
pub mod sse;
pub mod terminal;
