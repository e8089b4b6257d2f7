//! A world of DNS records and pages, as a test says.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::ports::domain_proofs::{DomainProofs, ProofError};

#[derive(Default)]
pub struct FakeProofs(Mutex<World>);

#[derive(Default)]
struct World {
    records: BTreeMap<String, Vec<String>>,
    pages: BTreeMap<String, String>,
    is_down: bool,
    looks: usize,
}

impl FakeProofs {
    fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Beside those that are there.
    pub fn add_record(&self, name: &str, text: &str) {
        self.lock().records.entry(name.to_owned()).or_default().push(text.to_owned());
    }

    pub fn clear_records(&self, name: &str) {
        self.lock().records.remove(name);
    }

    pub fn set_page(&self, url: &str, text: &str) {
        self.lock().pages.insert(url.to_owned(), text.to_owned());
    }

    pub fn set_down(&self, is_down: bool) {
        self.lock().is_down = is_down;
    }

    /// How often anybody looked.
    pub fn looks(&self) -> usize {
        self.lock().looks
    }
}

#[async_trait]
impl DomainProofs for FakeProofs {
    async fn records(&self, name: &str) -> Result<Vec<String>, ProofError> {
        let mut world = self.lock();
        world.looks += 1;
        match world.is_down {
            true => Err(ProofError::Unavailable("the test says so".into())),
            false => Ok(world.records.get(name).cloned().unwrap_or_default()),
        }
    }

    async fn page(&self, host: &str, path: &str) -> Result<String, ProofError> {
        let mut world = self.lock();
        world.looks += 1;
        let missing = || ProofError::Unfit("it answers 404 Not Found".into());
        world.pages.get(&format!("http://{host}{path}")).cloned().ok_or_else(missing)
    }
}
