//! What must hold when anything goes wrong at any moment.
//!
//! [`sim`] runs whole lives of the process in virtual time, on a store, an engine and a proxy in memory that outlive it.
//! [`matrix`] runs each operation once to learn its calls, then once more for every call and every way it can go wrong;
//! [`invariants`] judges what is left. [`real`] does the same to the real binary on the real engine, with real crashes.

mod invariants;
mod matrix;
mod operation;
mod outages;
mod real;

mod sim;
mod weather;

#[expect(clippy::disallowed_methods, reason = "how much to run is for whoever runs the tests to say")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}
