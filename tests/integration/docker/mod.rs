//! The Docker adapter: what only a real engine can show, and what no real engine would do.

mod answers;
mod builds;
mod containers;
mod helper_volume;
mod isolation;
mod networks;
mod stub;
mod terminals;
