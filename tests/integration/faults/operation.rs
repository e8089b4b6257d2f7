//! What people ask for, from which state, and what must come of it.

use std::{collections::BTreeMap, time::Duration};

use devsanctum::{
    app::{
        AppResult,
        workspaces::{self, WorkspaceUpdate},
    },
    domain::{
        ids::WorkspaceId,
        workspace::{Status, state::Request},
    },
    testing::docker::{Behaviour, Call},
};

use super::sim::Life;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    Create,
    Stop,
    Start,
    Restart,
    Update,
    Destroy,
    DestroyKeepingVolumes,
    /// Of a creation whose pull takes long.
    Cancel,
    /// Of a creation that failed.
    Retry,
    /// Nobody asks for anything: the process starts while a workspace runs.
    Boot,
    /// Somebody removed a container behind our back.
    Repair,
}

impl Operation {
    pub const ALL: [Self; 11] = [
        Self::Create,
        Self::Stop,
        Self::Start,
        Self::Restart,
        Self::Update,
        Self::Destroy,
        Self::DestroyKeepingVolumes,
        Self::Cancel,
        Self::Retry,
        Self::Boot,
        Self::Repair,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Restart => "restart",
            Self::Update => "update",
            Self::Destroy => "destroy",
            Self::DestroyKeepingVolumes => "destroy_keeping_volumes",
            Self::Cancel => "cancel",
            Self::Retry => "retry",
            Self::Boot => "boot",
            Self::Repair => "repair",
        }
    }

    /// What it leads to when it was acknowledged and nothing forbids it for good.
    pub fn target(self) -> Status {
        match self {
            Self::Create | Self::Start | Self::Restart | Self::Update => Status::Running,
            Self::Retry | Self::Boot | Self::Repair => Status::Running,
            Self::Stop | Self::Cancel => Status::Stopped,
            Self::Destroy | Self::DestroyKeepingVolumes => Status::Destroyed,
        }
    }

    /// Whether the volumes are to go.
    pub fn destroys_data(self) -> bool {
        self == Self::Destroy
    }

    /// Makes the state it begins in. `None`: there is no workspace yet.
    pub async fn prepare(self, life: &Life<'_>) -> Option<WorkspaceId> {
        life.sim.template("shop").await;
        if self == Self::Create {
            return None;
        }
        let db = "db".parse().unwrap();
        match self {
            Self::Cancel => life.sim.engine.slow_down(Call::Pull, Duration::from_secs(600)),
            Self::Retry => {
                let cannot_start = Some("no such program".to_owned());
                life.sim.engine.behave(&db, Behaviour { cannot_start, ..Behaviour::default() });
            }
            _ => {}
        }
        let id = life.create("shop").await.unwrap().workspace.id;
        match self {
            Self::Cancel => {
                while life.sim.row(id).await.state.status() != Status::Provisioning {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                return Some(id);
            }
            Self::Retry => {
                assert_eq!(life.settled(id).await.state.status(), Status::Failed);
                life.sim.engine.behave(&db, Behaviour::default());
                return Some(id);
            }
            _ => assert_eq!(life.settled(id).await.state.status(), Status::Running),
        }
        if self == Self::Start {
            workspaces::request(&life.app, &life.sim.caller, id, Request::Stop, |_| Ok(())).await.unwrap();
            assert_eq!(life.settled(id).await.state.status(), Status::Stopped);
        }
        Some(id)
    }

    /// Asks for it. `Ok`: acknowledged.
    pub async fn perform(self, life: &Life<'_>, id: Option<WorkspaceId>) -> AppResult<WorkspaceId> {
        let Some(id) = id else {
            return Ok(life.create("shop").await?.workspace.id);
        };
        let (app, caller) = (&life.app, &life.sim.caller);
        let request = match self {
            Self::Stop => Request::Stop,
            Self::Start => Request::Start,
            Self::Restart => Request::Restart,
            Self::Destroy => Request::Destroy { keep_volumes: false },
            Self::DestroyKeepingVolumes => Request::Destroy { keep_volumes: true },
            Self::Cancel => Request::Cancel,
            Self::Retry => Request::Retry,
            Self::Update => {
                let update = WorkspaceUpdate { version: Some(2), parameters: BTreeMap::new() };
                return Ok(workspaces::update(app, caller, id, update, |_| Ok(())).await?.workspace.id);
            }
            Self::Repair => {
                let row = life.sim.row(id).await;
                life.sim.engine.vanish(&format!("ds-{}-api-g{}", row.short_id, row.generation));
                return Ok(id);
            }
            Self::Create | Self::Boot => return Ok(id),
        };
        Ok(workspaces::request(app, caller, id, request, |_| Ok(())).await?.workspace.id)
    }
}
