//! Labels: how we tell our objects from others', and whose they are.

use std::collections::HashMap;

use crate::{
    domain::ids::{InstallationId, WorkspaceId},
    ports::provisioner::ContainerIdentity,
};

const INSTALLATION: &str = "dev.devsanctum.installation";
const WORKSPACE: &str = "dev.devsanctum.workspace";
const COMPONENT: &str = "dev.devsanctum.component";
const GENERATION: &str = "dev.devsanctum.generation";
const VOLUME: &str = "dev.devsanctum.volume";

/// Marks what belongs to the installation and to no workspace; its value is the installation's id.
const HELPER: &str = "dev.devsanctum.helper";

pub(super) type LabelMap = HashMap<String, String>;
pub(super) type Filters = HashMap<String, Vec<String>>;

#[derive(Debug, Clone, Copy)]
pub(super) struct Labels {
    installation: InstallationId,
}

impl Labels {
    pub(super) fn of(installation: InstallationId) -> Self {
        Self { installation }
    }

    /// Eight characters for names, of the part of the id that is random.
    pub(super) fn short_installation(self) -> String {
        self.installation.as_uuid().simple().to_string()[24..].to_owned()
    }

    pub(super) fn network(self, workspace: WorkspaceId) -> LabelMap {
        self.with([(WORKSPACE, workspace.to_string())])
    }

    pub(super) fn volume(self, workspace: WorkspaceId, docker_name: &str) -> LabelMap {
        self.with([(WORKSPACE, workspace.to_string()), (VOLUME, docker_name.to_owned())])
    }

    pub(super) fn container(self, identity: &ContainerIdentity) -> LabelMap {
        self.with([
            (WORKSPACE, identity.workspace.to_string()),
            (COMPONENT, identity.component.to_string()),
            (GENERATION, identity.generation.to_string()),
        ])
    }

    pub(super) fn helper(self) -> LabelMap {
        LabelMap::from([(HELPER.to_owned(), self.installation.to_string())])
    }

    fn with<const N: usize>(self, labels: [(&str, String); N]) -> LabelMap {
        let installation = (INSTALLATION, self.installation.to_string());
        [installation].into_iter().chain(labels).map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// Finds the objects of all workspaces, or of one.
    pub(super) fn filter(self, workspace: Option<WorkspaceId>) -> Filters {
        let mut labels = vec![format!("{INSTALLATION}={}", self.installation)];
        labels.extend(workspace.map(|workspace| format!("{WORKSPACE}={workspace}")));
        Filters::from([("label".to_owned(), labels)])
    }

    pub(super) fn helper_filter(self) -> Filters {
        Filters::from([("label".to_owned(), vec![format!("{HELPER}={}", self.installation)])])
    }

    pub(super) fn is_ours(self, labels: Option<&LabelMap>) -> bool {
        labels.and_then(|labels| labels.get(INSTALLATION)) == Some(&self.installation.to_string())
    }

    pub(super) fn is_our_helper(self, labels: Option<&LabelMap>) -> bool {
        labels.and_then(|labels| labels.get(HELPER)) == Some(&self.installation.to_string())
    }

    /// The workspace an object of ours belongs to; `None` for what is not ours or cannot be read.
    pub(super) fn workspace(self, labels: Option<&LabelMap>) -> Option<WorkspaceId> {
        labels.filter(|labels| self.is_ours(Some(labels)))?.get(WORKSPACE)?.parse().ok()
    }

    pub(super) fn identity(self, labels: Option<&LabelMap>) -> Option<ContainerIdentity> {
        Some(ContainerIdentity {
            workspace: self.workspace(labels)?,
            component: labels?.get(COMPONENT)?.parse().ok()?,
            generation: labels?.get(GENERATION)?.parse().ok()?,
        })
    }
}
