use std::{sync::Arc, time::Duration};

use devsanctum::{
    domain::{
        route::{HealthCheck, PublishedRoute, Route, RouteTarget, Visibility},
        workspace::{State, Status, Workspace},
    },
    ports::repository::{Store, StoreError},
};

use super::fixture::{at_once, id, read, route, sealed, world, write};

contract!(
    routes_are_listed_main_first,
    a_label_is_taken,
    a_route_is_changed_and_removed,
    changing_an_unknown_route_is_stale,
    routes_of_destroyed_workspaces_are_not_published,
    what_is_wider_is_narrowed,
    revisions_come_back_in_order,
    revisions_become_visible_in_their_order,
);

async fn routes_are_listed_main_first(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (web, api) = (world.add(&store, "web").await, world.add(&store, "api").await);
    let routes = [route(&web, Some("docs")), route(&web, Some("a-1")), route(&web, None), route(&api, None)];
    write(&store, async |work| {
        for route in &routes {
            work.routes().add(route).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    read(&store, async |work| {
        let [docs, a1, main, of_api] = routes.clone();
        assert_eq!(work.routes().find(docs.id).await?, Some(docs.clone()));
        assert_eq!(work.routes().find(id()).await?, None);
        let of_web = [main, a1, docs];
        assert_eq!(work.routes().list(web.id).await?, of_web);
        assert_eq!(work.routes().list(id()).await?, []);
        let both = work.routes().list_many(&[api.id, id(), web.id]).await?;
        assert_eq!(both.iter().filter(|it| it.workspace_id == web.id).cloned().collect::<Vec<_>>(), of_web);
        assert_eq!(both.iter().filter(|it| it.workspace_id == api.id).cloned().collect::<Vec<_>>(), [of_api]);
        assert_eq!(both.len(), 4);
        assert_eq!(work.routes().list_many(&[]).await?, []);
        Ok(())
    })
    .await;
}

async fn a_label_is_taken(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let web = world.add(&store, "web").await;
    write(&store, async |work| work.routes().add(&route(&web, None)).await).await.unwrap();
    let refused = write(&store, async |work| work.routes().add(&route(&web, None)).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("label"))), "{refused:?}");
    let orphan = Route { workspace_id: id(), ..route(&web, Some("docs")) };
    let refused = write(&store, async |work| work.routes().add(&orphan).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("route"))), "{refused:?}");
}

async fn a_route_is_changed_and_removed(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let web = world.add(&store, "web").await;
    let main = route(&web, None);
    write(&store, async |work| work.routes().add(&main).await).await.unwrap();
    let check = HealthCheck {
        path: "/health?deep".into(),
        interval: Duration::from_secs(2),
        timeout: Duration::from_millis(500),
    };
    let targets = [("10.0.0.2:80", None), ("[fd00::2]:443", Some(check))]
        .map(|(address, health)| RouteTarget::Live { address: address.parse().unwrap(), health });
    for (target, visibility) in
        targets.into_iter().chain([RouteTarget::Withdrawn, RouteTarget::Pending]).zip(Visibility::ALL)
    {
        let identity = visibility > Visibility::Organization;
        write(&store, async |work| {
            work.routes().retarget(main.id, target.clone()).await?;
            work.routes().set_identity(main.id, identity).await?;
            work.routes().set_visibility(main.id, visibility).await
        })
        .await
        .unwrap();
        let found = read(&store, async |work| work.routes().find(main.id).await).await;
        assert_eq!(found, Some(Route { target, visibility, identity, ..main.clone() }));
        let published = read(&store, async |work| work.routes().published_of(web.id).await).await;
        assert_eq!(published[0].place().identity, identity);
    }
    write(&store, async |work| work.routes().remove(main.id).await).await.unwrap();
    assert_eq!(read(&store, async |work| work.routes().find(main.id).await).await, None);
}

async fn changing_an_unknown_route_is_stale(store: Arc<dyn Store>) {
    for attempt in 0..4 {
        let refused = write(&store, async |work| match attempt {
            0 => work.routes().remove(id()).await,
            1 => work.routes().retarget(id(), RouteTarget::Pending).await,
            2 => work.routes().set_identity(id(), true).await,
            _ => work.routes().set_visibility(id(), Visibility::Public).await,
        })
        .await;
        assert!(matches!(refused, Err(StoreError::Stale("route"))), "{refused:?}");
    }
}

async fn routes_of_destroyed_workspaces_are_not_published(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let web = world.add(&store, "web").await;
    let stopped = Workspace { state: State::Stopped { since: web.created_at }, ..world.workspace("b") };
    let gone = Workspace { state: State::Destroyed { since: web.created_at }, ..world.workspace("gone") };
    let routes = [route(&web, None), route(&web, Some("docs")), route(&stopped, None), route(&gone, None)];
    write(&store, async |work| {
        work.workspaces().add(&stopped, &sealed(), &[]).await?;
        work.workspaces().add(&gone, &sealed(), &[]).await?;
        for route in &routes {
            work.routes().add(route).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let published = |route: &Route, workspace: &Workspace, workspace_status| PublishedRoute {
        route: route.clone(),
        org_id: workspace.org_id,
        owner_id: workspace.owner_id,
        workspace_name: workspace.name.clone(),
        workspace_status,
        domains: Vec::new(),
    };
    let of_web = [published(&routes[1], &web, Status::Pending), published(&routes[0], &web, Status::Pending)];
    let of_stopped = published(&routes[2], &stopped, Status::Stopped);
    read(&store, async |work| {
        // By label: "b-…", "docs--web-…", "web-…".
        let all: Vec<_> = [of_stopped.clone()].into_iter().chain(of_web.clone()).collect();
        assert_eq!(work.routes().published().await?, all);
        assert_eq!(work.routes().published_of(web.id).await?, of_web);
        assert_eq!(work.routes().published_of(gone.id).await?, []);
        assert_eq!(work.routes().published_of(id()).await?, []);
        assert_eq!(work.routes().published_at(&routes[1].label).await?.as_ref(), Some(&of_web[0]));
        assert_eq!(work.routes().published_at(&routes[3].label).await?, None);
        assert_eq!(work.routes().published_at("nowhere").await?, None);
        Ok(())
    })
    .await;
}

async fn what_is_wider_is_narrowed(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let web = world.add(&store, "web").await;
    let narrow = Workspace { state: State::Stopped { since: web.created_at }, ..world.workspace("b") };
    let of = |workspace: &Workspace, app, visibility| Route { visibility, ..route(workspace, app) };
    let routes = [
        of(&web, None, Visibility::Public),
        of(&web, Some("docs"), Visibility::Authenticated),
        of(&web, Some("own"), Visibility::Private),
        of(&narrow, None, Visibility::Organization),
    ];
    write(&store, async |work| {
        work.workspaces().add(&narrow, &sealed(), &[]).await?;
        for route in &routes {
            work.routes().add(route).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let cap = async |org, widest| {
        write(&store, async |work| work.routes().narrow(org, widest).await).await.unwrap()
    };
    assert_eq!(cap(id(), Visibility::Private).await, [], "of another organization");
    assert_eq!(cap(web.org_id, Visibility::Public).await, []);
    assert_eq!(cap(web.org_id, Visibility::Organization).await, [web.id]);
    let seen = async |id| {
        let routes = read(&store, async |work| work.routes().list(id).await).await;
        routes.into_iter().map(|route| route.visibility).collect::<Vec<_>>()
    };
    let own = [Visibility::Organization, Visibility::Organization, Visibility::Private];
    assert_eq!(seen(web.id).await, own);
    assert_eq!(seen(narrow.id).await, [Visibility::Organization]);
    let mut both = cap(web.org_id, Visibility::Private).await;
    both.sort();
    let mut expected = vec![web.id, narrow.id];
    expected.sort();
    assert_eq!(both, expected);
}

async fn revisions_come_back_in_order(store: Arc<dyn Store>) {
    let (one, two) = (id(), id());
    assert_eq!(read(&store, async |work| work.routes().revision().await).await, 0);
    for (workspace, expected) in [(one, 1), (two, 2), (one, 3)] {
        let revision = write(&store, async |work| work.routes().revise(workspace).await).await.unwrap();
        assert_eq!(revision, expected);
    }
    let mut dropped = store.begin().await.unwrap();
    dropped.routes().revise(two).await.unwrap();
    drop(dropped);
    read(&store, async |work| {
        assert_eq!(work.routes().revision().await?, 3);
        assert_eq!(work.routes().revised(0, 9).await?, [(1, one), (2, two), (3, one)]);
        assert_eq!(work.routes().revised(0, 2).await?, [(1, one), (2, two)]);
        assert_eq!(work.routes().revised(2, 9).await?, [(3, one)]);
        assert_eq!(work.routes().revised(3, 9).await?, []);
        Ok(())
    })
    .await;
    let forgotten = write(&store, async |work| work.routes().forget_revisions(2).await).await.unwrap();
    assert_eq!(forgotten, 2);
    assert_eq!(write(&store, async |work| work.routes().forget_revisions(-1).await).await.unwrap(), 0);
    assert_eq!(read(&store, async |work| work.routes().revised(0, 9).await).await, [(3, one)]);
    assert_eq!(write(&store, async |work| work.routes().revise(two).await).await.unwrap(), 4);
}

async fn revisions_become_visible_in_their_order(store: Arc<dyn Store>) {
    let write_all = at_once(6, async |_| {
        for _ in 0..8 {
            write(&store, async |work| work.routes().revise(id()).await).await.unwrap();
        }
    });
    // Whoever follows finds each one once, without a gap up to the revision read with it.
    let follow = async {
        let mut last = 0;
        while last < 48 {
            let mut reader = store.read().await.unwrap();
            let revision = reader.routes().revision().await.unwrap();
            let found = reader.routes().revised(last, 100).await.unwrap();
            let numbers: Vec<_> = found.iter().map(|(number, _)| *number).collect();
            assert_eq!(numbers, (last + 1..=revision).collect::<Vec<_>>());
            last = revision;
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(write_all, follow);
}
