//! What must hold whoever asks at the same moment, on every engine and over several servers.

mod model;
mod races;
mod retention;
mod world;
