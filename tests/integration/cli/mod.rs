//! The binary as people and scripts meet it.

mod admin;
mod backup;
mod serve;
