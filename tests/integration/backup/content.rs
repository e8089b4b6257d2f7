//! A database in which every table has rows, with whatever people and programs may write.

use std::{collections::BTreeMap, sync::Arc};

use devsanctum::{
    domain::{
        audit::{AuditEntry, Via},
        custom_domain::{RouteDomain, Standing},
        deployment::{DeploymentStatus, LogLine, LogStream, Step, StepName, StepStatus},
        event::{EventKind, NewEvent},
        host::{Host, HostFacts, HostState, Unexplained},
        identity::{Identity, Provider},
        ids::{ReplicaId, UserId, WorkspaceId},
        quota::Quota,
        role::Role,
        route::{Route, RouteTarget},
        second_factor::SecondFactor,
        secret::Sealed,
        session::Session,
        template::{TemplateVersion, parameter::ParameterValue},
        user::{PasswordHash, User},
        variable::{Variable, VariableScope},
        workspace::{Desired, State, Workspace},
    },
    ports::repository::{Store, idempotency::IdempotencyRecord, workspace::Seen},
};
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRng, TestRunner},
};
use serde_json::json;

use crate::contract::store::fixture::{
    at, component, deployment, failure, host, id, org, route, sealed, session, template, token, user,
    version, volume, world, write,
};

/// A few that tests ask for again.
pub struct Content {
    pub user: User,
    pub running: Workspace,
    pub stopping: WorkspaceId,
    pub session: Session,
    pub host: Host,
    pub archive: Vec<u8>,
    pub lines: Vec<LogLine>,
}

fn samples<T: std::fmt::Debug>(count: usize, strategy: impl Strategy<Value = T>) -> Vec<T> {
    let config = Config::default();
    let mut runner =
        TestRunner::new_with_rng(config.clone(), TestRng::deterministic_rng(config.rng_algorithm));
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// Characters that mean something to JSON, SQL, base64 or a terminal come often.
fn any_text() -> impl Strategy<Value = String> {
    let odd =
        vec!['\n', '\r', '\u{2028}', '\\', '"', '\'', '$', '%', '[', ']', '{', '}', '\u{7f}', '🦀', 'ß'];
    vec(prop_oneof![any::<char>(), prop::sample::select(odd)], 0..60)
        .prop_map(|characters| characters.into_iter().filter(|c| *c != '\0').collect())
}

pub async fn fill(store: &Arc<dyn Store>) -> Content {
    let world = world(store).await;
    let texts = samples(400, any_text());
    let text = |index: usize| texts[index].clone();

    let grace =
        User { display_name: text(0), platform_admin: true, suspended_at: Some(at(7)), ..user("grace") };
    let quota = Quota { workspaces: Some(3), memory_bytes: Some(1 << 60), ..Quota::default() };
    let identity = Identity {
        id: id(),
        user_id: grace.id,
        provider: Provider::Github,
        subject: text(9),
        label: text(10),
        created_at: at(2),
        last_used_at: Some(at(3)),
    };
    let factor = SecondFactor {
        user_id: grace.id,
        sealed: Sealed::from_bytes(vec![0, 255, 10]),
        created_at: at(2),
        confirmed_at: Some(at(3)),
        last_step: i64::MAX,
    };
    let archive: Vec<u8> = samples(1, vec(any::<u8>(), 700_000)).remove(0);
    let built = TemplateVersion {
        archive: Some("sha256:abc".into()),
        readme: Some(text(1)),
        message: text(2),
        created_by: Some(grace.id),
        manifest: json!({ "text": text(3), "number": 0.1, "big": u64::MAX, "list": [null, true, { "": "" }] }),
        ..version(world.template.id, 2)
    };
    let remote = Host {
        state: HostState::Unreachable { since: at(3), reason: text(4) },
        cordoned: true,
        facts: HostFacts { engine_version: text(5), cpus: 8, memory_bytes: 1 << 52, ..HostFacts::default() },
        ..host("remote")
    };
    let mut unexplained = Unexplained::default();
    unexplained.count(id(), 1, 1, 2);
    let past = session(world.user.id);
    let ended = Session { revoked_at: Some(at(7)), user_agent: text(6), ..session(grace.id) };
    write(store, async |work| {
        let installation = work.installation().establish(id(), at(1)).await?;
        assert_eq!(installation.restore_id, None);
        work.installation().check_key(&[9; 32]).await?;
        work.installation().complete_setup(at(2)).await?;
        work.users().add(&grace, Some(&PasswordHash(format!("$argon2id${}", text(7))))).await?;
        work.identities().add(&identity).await?;
        work.orgs().add(&org("globex")).await?;
        work.orgs().set_member(world.org.id, grace.id, Role::Viewer, at(3)).await?;
        work.quotas().set(world.org.id, &quota, at(3)).await?;
        work.orgs().set_member(world.org.id, world.user.id, Role::Owner, at(3)).await?;
        work.sessions().add(&past, &token(&past, 1)).await?;
        work.sessions().add(&ended, &token(&ended, 2)).await?;
        work.second_factors().put(&factor).await?;
        work.second_factors().set_recovery_codes(grace.id, &[[7; 32]]).await?;
        work.sessions().remember(grace.id, &[8; 32], at(3)).await?;
        work.templates().put_archive("sha256:abc", archive.clone().into(), at(4)).await?;
        work.templates().add_version(&built).await?;
        work.templates().activate(world.template.id, 2, at(5)).await?;
        work.templates().add(&template(None, "catalog")).await?;
        work.hosts().add(&remote).await?;
        work.hosts().record_unexplained(remote.id, &unexplained, at(6)).await
    })
    .await
    .unwrap();

    let numbers = samples(20, any::<f64>().prop_filter("JSON has only these", |number| number.is_finite()));
    let running = Workspace {
        state: State::Running { since: at(40) },
        parameters: numbers
            .iter()
            .enumerate()
            .map(|(index, number)| (format!("n{index}"), ParameterValue::Number(*number)))
            .chain([("text".to_owned(), ParameterValue::String(text(8)))])
            .collect::<BTreeMap<_, _>>(),
        components: vec![component("web"), component("api")],
        generation: 1 << 40,
        revision: 17,
        ..world.workspace("running")
    };
    let stopping = Workspace {
        state: State::Stopping { since: at(41), deadline: at(42) },
        desired: Desired::Stopped,
        ..world.workspace("stopping")
    };
    let failed =
        Workspace { state: State::Failed { since: at(43), failure: failure() }, ..world.workspace("failed") };
    let destroyed = Workspace {
        state: State::Destroyed { since: at(44) },
        desired: Desired::Destroyed { keep_volumes: true },
        ..world.workspace("destroyed")
    };
    let variables = [
        VariableScope::Org(world.org.id),
        VariableScope::Template(world.template.id),
        VariableScope::User(grace.id),
        VariableScope::Workspace(running.id),
    ]
    .map(|scope| Variable {
        id: id(),
        scope,
        name: "GREETING".parse().unwrap(),
        secret: matches!(scope, VariableScope::User(_)),
        sealed: Sealed::from_bytes((0..=255).rev().collect()),
        updated_at: at(46),
    });
    let first = deployment(&running);
    let second = deployment(&stopping);
    let lines: Vec<LogLine> = texts
        .iter()
        .map(|text| LogLine {
            at: at(50),
            step: StepName::Build,
            component: Some("web".parse().unwrap()),
            stream: LogStream::Stdout,
            text: text.clone(),
        })
        .collect();
    let steps: Vec<Step> = (0..3)
        .map(|position| Step {
            position,
            name: StepName::Create,
            component: (position > 0).then(|| "web".parse().unwrap()),
            status: StepStatus::Succeeded,
            started_at: Some(at(51)),
            finished_at: (position > 1).then(|| at(52)),
            detail: text(position as usize + 20),
        })
        .collect();
    let (data, kept) = (volume(running.id, "data"), volume(destroyed.id, "kept"));
    let live = Route {
        identity: true,
        target: RouteTarget::Live { address: "10.201.0.2:80".parse().unwrap(), health: None },
        ..route(&running, None)
    };
    let events: Vec<NewEvent> = EventKind::ALL
        .into_iter()
        .map(|kind| NewEvent {
            org_id: Some(world.org.id),
            workspace_id: Some(running.id),
            status: Some("running".into()),
            ..NewEvent::new(kind, at(60))
        })
        .collect();
    let holder: ReplicaId = id();
    write(store, async |work| {
        work.workspaces()
            .add(&running, &Sealed::from_bytes((0..=255).collect()), std::slice::from_ref(&data))
            .await?;
        work.workspaces().add(&stopping, &sealed(), &[]).await?;
        work.workspaces().add(&failed, &sealed(), &[]).await?;
        work.workspaces().add(&destroyed, &sealed(), std::slice::from_ref(&kept)).await?;
        work.workspaces().keep_volumes(destroyed.id, at(45)).await?;
        for _ in 0..3 {
            let leases = work.workspaces().claim_due(holder, at(100), at(200), 100).await?;
            for lease in leases {
                if lease.workspace == running.id {
                    let seen = Seen { generation: 3, volumes: vec![data.docker_name.clone()] };
                    work.workspaces().record_seen(lease, &seen, at(101)).await?;
                }
                if lease.workspace != running.id {
                    work.workspaces().release(lease, Some(at(1_000_000))).await?;
                }
            }
        }
        for variable in &variables {
            work.variables().put(variable).await?;
        }
        work.deployments().add(&first).await?;
        work.deployments().add(&second).await?;
        work.deployments().begin(first.id, at(53)).await?;
        work.deployments().record_steps(first.id, &steps).await?;
        work.deployments().append_logs(first.id, &lines).await?;
        work.deployments().finish(first.id, DeploymentStatus::Failed, Some(&failure()), at(54)).await?;
        work.routes().add(&live).await?;
        work.routes().add(&route(&running, Some("admin"))).await?;
        let claimed = Standing::Pending { failure: Some(text(5)) };
        for (host, standing) in [
            ("shop.example.com", Standing::Verified { since: at(60) }),
            ("xn--bcher-kva.example", claimed),
            ("example.net", Standing::Pending { failure: None }),
        ] {
            let domain = RouteDomain {
                id: id(),
                route_id: live.id,
                host: host.parse().unwrap(),
                token: "0123abcd".into(),
                created_at: at(59),
                checked_at: (host != "example.net").then(|| at(60)),
                standing,
            };
            work.route_domains().add(&domain).await?;
        }
        for number in 0..3 {
            let entry = AuditEntry {
                id: id(),
                at: at(61),
                user_id: (number > 0).then_some(grace.id),
                org_id: (number > 1).then_some(world.org.id),
                action: "workspace.create".into(),
                via: if number > 0 { Via::Session } else { Via::Platform },
                target: running.id.to_string(),
                target_name: (number > 1).then(|| text(3)),
                address: "192.0.2.1".into(),
                detail: json!({ "name": text(9 + number), "nested": [[], {}, -0.0, 1e300] }),
            };
            work.audit().append(&entry).await?;
        }
        let record = IdempotencyRecord {
            user_id: UserId::from(grace.id.as_uuid()),
            key: text(12),
            request_hash: [250; 32],
            resource_id: running.id.as_uuid(),
            created_at: at(62),
        };
        work.idempotency().add(&record).await?;
        work.events().append(&events).await
    })
    .await
    .unwrap();
    let mut reader = store.read().await.unwrap();
    let running = reader.workspaces().find(running.id).await.unwrap().unwrap();
    let host = reader.hosts().find(remote.id).await.unwrap().unwrap();
    Content { user: grace, running, stopping: stopping.id, session: past, host, archive, lines }
}
