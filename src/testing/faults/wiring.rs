//! Faults in a process of its own: a build for development takes from its environment what is to go wrong.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{FaultyEngine, FaultyProxy, FaultyStore, Injector, Mishap, point::PointError};
use crate::{
    app::engines::Engine,
    ports::{proxy::ProxyProvider, repository::Store},
};

/// Puts the decorators in place, or nothing at all.
#[derive(Default)]
pub struct Wiring(Option<Arc<Injector>>);

impl Wiring {
    /// Calls count from when the file `trigger` exists; each is written to it, a line each. Whoever made the file
    /// reads there what was called, also after a crash.
    pub fn new(trigger: PathBuf, mishap: Option<&str>) -> Result<Self, PointError> {
        let mishap = mishap.map(str::parse::<Mishap>).transpose()?;
        Ok(Self(Some(Injector::aborting(mishap, trigger))))
    }

    pub fn store(&self, inner: Arc<dyn Store>) -> Arc<dyn Store> {
        match &self.0 {
            Some(injector) => Arc::new(FaultyStore { inner, injector: injector.clone() }),
            None => inner,
        }
    }

    pub fn proxy(&self, inner: Arc<dyn ProxyProvider>) -> Arc<dyn ProxyProvider> {
        match &self.0 {
            Some(injector) => Arc::new(FaultyProxy { inner, injector: injector.clone() }),
            None => inner,
        }
    }

    pub fn engine(&self, inner: Engine) -> Engine {
        match &self.0 {
            Some(injector) => FaultyEngine::around(inner, injector.clone()),
            None => inner,
        }
    }
}

/// Adds a line to the file if it is there. Whether that worked shows in what the test reads.
pub(super) fn note(trigger: &Path, point: &super::Point) {
    if let Ok(mut file) = OpenOptions::new().append(true).open(trigger) {
        let _ = writeln!(file, "{point}");
    }
}
