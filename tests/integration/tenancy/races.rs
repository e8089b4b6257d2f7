use devsanctum::{
    app::{App, AppError, AppResult, members, orgs, quotas, users, users::UserChange, workspaces},
    domain::{
        ids::WorkspaceId,
        quota::{Quota, Usage},
        role::Role,
        user::User,
        workspace::state::Request,
    },
    ports::clock::Clock,
};
use futures::future::join_all;

use super::world::{World, everywhere};
use crate::contract::store::fixture;

fn code<T>(answer: AppResult<T>) -> Option<&'static str> {
    match answer {
        Ok(_) => None,
        Err(AppError::Conflict { code, .. } | AppError::Denied { code, .. }) => Some(code),
        Err(AppError::Forbidden) => Some("forbidden"),
        Err(AppError::NotFound { .. }) => Some("not_found"),
        Err(AppError::Invalid(problems)) => Some(problems[0].code.clone().leak()),
        Err(other) => panic!("{other:?}"),
    }
}

async fn limit(world: &World, quota: Quota) {
    let mut work = world.app().store.begin().await.unwrap();
    work.quotas().set(world.org, &quota, world.clock.now()).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_200_creates_at_a_quota_of_one_one_gets_through() {
    everywhere(async |world: World| {
        let ada = world.person("ada", Some(Role::Developer)).await;
        limit(&world, Quota { workspaces: Some(1), ..Quota::default() }).await;
        let create = |number: usize| {
            let (world, ada) = (&world, &ada);
            async move {
                let app = &world.servers[number % 2];
                code(world.create(app, ada, &format!("w{number}"), true).await)
            }
        };
        let answers = join_all((0..200).map(create)).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), 1);
        let refused = answers.iter().flatten().filter(|code| **code == "quota_exceeded").count();
        assert_eq!(refused, 199, "{answers:?}");
        let (_, used) = quotas::get(world.app(), &ada, world.org).await.unwrap();
        let expected = Usage {
            workspaces: 1,
            running_workspaces: 1,
            cpu_millis: 500,
            memory_bytes: 256 << 20,
            disk_bytes: 1 << 30,
        };
        assert_eq!(used, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_starts_as_many_run_as_the_quota_allows() {
    everywhere(async |world: World| {
        let ada = world.person("ada", Some(Role::Developer)).await;
        let mut made = Vec::new();
        for number in 0..12 {
            let workspace = world.create(world.app(), &ada, &format!("w{number}"), false).await.unwrap();
            made.push(workspace.workspace.id);
        }
        limit(&world, Quota { cpu_millis: Some(2_000), ..Quota::default() }).await;
        let start = |(number, id): (usize, WorkspaceId)| {
            let (world, ada) = (&world, &ada);
            async move {
                let app: &App = &world.servers[number % 2];
                code(workspaces::request(app, ada, id, Request::Start, |_| Ok(())).await)
            }
        };
        let answers = join_all(made.iter().copied().enumerate().map(start)).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), 4, "{answers:?}");
        let (_, used) = quotas::get(world.app(), &ada, world.org).await.unwrap();
        assert_eq!((used.workspaces, used.running_workspaces, used.cpu_millis), (12, 4, 2_000));

        // Whoever is above a limit that was lowered may still use less, and not more.
        limit(&world, Quota { running_workspaces: Some(1), ..Quota::default() }).await;
        let up: Vec<_> = made.iter().zip(&answers).filter(|(_, answer)| answer.is_none()).collect();
        let request =
            async |id, request| code(workspaces::request(world.app(), &ada, id, request, |_| Ok(())).await);
        assert_eq!(request(*up[0].0, Request::Destroy { keep_volumes: false }).await, None);
        let down = made.iter().zip(&answers).find(|(_, answer)| answer.is_some()).unwrap();
        assert_eq!(request(*down.0, Request::Start).await, Some("quota_exceeded"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_owners_who_leave_at_once_one_stays() {
    everywhere(async |world: World| {
        let mut owners = Vec::new();
        for name in ["ada", "bob", "cyd", "dan"] {
            owners.push(world.person(name, Some(Role::Owner)).await);
        }
        let leave = |(number, owner): (usize, &devsanctum::app::Caller)| {
            let (world, owner) = (&world, owner.clone());
            async move {
                let app = &world.servers[number % 2];
                let id = owner.actor.user_id;
                // Leaving and stepping down are the same to whoever stays.
                code(match number {
                    0 | 1 => members::remove(app, &owner, world.org, id, None).await,
                    _ => members::set(app, &owner, world.org, id, Role::Viewer).await.map(drop),
                })
            }
        };
        let answers = join_all(owners.iter().enumerate().map(leave)).await;
        assert_eq!(answers.iter().flatten().collect::<Vec<_>>(), [&"last_owner"], "{answers:?}");
        assert_eq!(world.roles().await.values().filter(|role| **role == Role::Owner).count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_platform_admins_who_suspend_each_other_one_stays() {
    everywhere(async |world: World| {
        let admin = |name: &str| User { platform_admin: true, ..fixture::user(name) };
        let ada = world.user(admin("ada"), None).await;
        let bob = world.user(admin("bob"), None).await;
        let suspend = |app, caller, victim| {
            let change = UserChange { suspended: Some(true), ..UserChange::default() };
            users::change(app, caller, victim, change)
        };
        let (one, other) = tokio::join!(
            suspend(&world.servers[0], &ada, bob.actor.user_id),
            suspend(&world.servers[1], &bob, ada.actor.user_id),
        );
        assert!(one.is_ok() != other.is_ok(), "the one who was suspended can do nothing any more");
        let (winner, loser) = if one.is_ok() { (&ada, &bob) } else { (&bob, &ada) };
        let id = winner.actor.user_id;
        assert_eq!(code(suspend(world.app(), winner, id).await), Some("last_platform_admin"));
        assert_eq!(code(users::delete(world.app(), winner, id).await), Some("last_platform_admin"));
        assert!(matches!(users::delete(world.app(), loser, id).await, Err(AppError::Unauthenticated { .. })));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_hands_their_workspaces_over() {
    everywhere(async |world: World| {
        let ada = world.person("ada", Some(Role::Owner)).await;
        let bob = world.person("bob", Some(Role::Developer)).await;
        let cyd = world.person("cyd", Some(Role::Viewer)).await;
        let app = world.app();
        for (owner, name) in [(&ada, "web"), (&bob, "web"), (&bob, "api")] {
            world.create(app, owner, name, true).await.unwrap();
        }
        let (org, leaver) = (world.org, bob.actor.user_id);
        let leave = async |heir| code(members::remove(app, &bob, org, leaver, heir).await);
        assert_eq!(leave(None).await, Some("owns_workspaces"));
        for unfit in [leaver, cyd.actor.user_id, fixture::id()] {
            assert_eq!(leave(Some(unfit)).await, Some("unfit"));
        }
        assert_eq!(leave(Some(ada.actor.user_id)).await, None);
        let filter = devsanctum::ports::repository::workspace::WorkspaceFilter {
            owner: Some(ada.actor.user_id),
            ..Default::default()
        };
        let page = devsanctum::ports::repository::PageRequest {
            limit: 10,
            sort: devsanctum::ports::repository::Sort::Name,
            ..Default::default()
        };
        let mut reader = app.store.read().await.unwrap();
        let names: Vec<_> = reader.workspaces().list(&filter, &page).await.unwrap();
        assert_eq!(names.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["api", "web", "web-2"]);
        drop(reader);
        assert!(!world.roles().await.contains_key(&leaver));
        assert_eq!(
            code(world.create(app, &bob, "late", true).await),
            Some("not_found"),
            "rights are read again"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_begins_in_an_organization_that_is_on_its_way_out() {
    everywhere(async |world: World| {
        let ada = world.person("ada", Some(Role::Owner)).await;
        let app = world.app();
        world.create(app, &ada, "web", true).await.unwrap();
        let delete =
            async |confirm: &str, everything| orgs::delete(app, &ada, world.org, confirm, everything).await;
        assert_eq!(code(delete("acme", false).await), Some("not_empty"));
        assert_eq!(code(delete("Acme", true).await), Some("wrong_confirmation"));
        assert_eq!(delete("acme", true).await.unwrap(), orgs::Deletion::UnderWay);
        assert_eq!(delete("acme", true).await.unwrap(), orgs::Deletion::UnderWay);
        assert_eq!(code(world.create(app, &ada, "late", true).await), Some("org_deleting"));
        let me = ada.actor.user_id;
        assert_eq!(code(members::remove(app, &ada, world.org, me, None).await), Some("org_deleting"));
        assert!(!orgs::finish_deleting(app, world.org).await.unwrap(), "its workspace is still there");
        let (_, used) = quotas::get(app, &ada, world.org).await.unwrap();
        assert_eq!((used.workspaces, used.running_workspaces), (1, 0), "it is to be destroyed");
    })
    .await;
}
