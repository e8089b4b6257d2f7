//! The binary as people and scripts meet it.

mod backup;
mod serve;
