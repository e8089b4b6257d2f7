//! The Docker engines of the installation, by host.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;

use crate::{
    app::error::{AppError, AppResult},
    domain::ids::HostId,
    ports::{image_builder::ImageBuilder, provisioner::Provisioner},
};

#[derive(Clone)]
pub struct Engine {
    pub provisioner: Arc<dyn Provisioner>,
    pub images: Arc<dyn ImageBuilder>,
}

#[derive(Default)]
pub struct Engines(ArcSwap<HashMap<HostId, Engine>>);

impl Engines {
    pub fn get(&self, host: HostId) -> Option<Engine> {
        self.0.load().get(&host).cloned()
    }

    pub fn expect(&self, host: HostId) -> AppResult<Engine> {
        self.get(host).ok_or_else(|| AppError::Unavailable {
            code: "host_unavailable",
            detail: "this server is not connected to the workspace's host".into(),
            source: None,
        })
    }

    pub fn set(&self, host: HostId, engine: Engine) {
        self.0.rcu(|engines| {
            let mut engines = HashMap::clone(engines);
            engines.insert(host, engine.clone());
            engines
        });
    }

    pub fn all(&self) -> Vec<(HostId, Engine)> {
        self.0.load().iter().map(|(host, engine)| (*host, engine.clone())).collect()
    }
}
