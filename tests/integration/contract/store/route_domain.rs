use std::sync::Arc;

use devsanctum::{
    domain::{
        custom_domain::{RouteDomain, Standing},
        ids::RouteId,
        route::PublishedDomain,
        workspace::{State, Workspace},
    },
    ports::repository::{Store, StoreError},
};

use super::fixture::{World, at, at_once, id, read, route, sealed, world, write};

contract!(
    claims_are_listed_by_host,
    a_route_claims_a_host_once,
    one_claim_to_a_host_is_verified,
    what_is_verified_is_published_with_its_route,
    a_claim_is_due_once_and_for_a_while,
    several_servers_share_what_is_due,
    claims_go_with_their_route,
);

fn claim(route: RouteId, host: &str) -> RouteDomain {
    RouteDomain {
        id: id(),
        route_id: route,
        host: host.parse().unwrap(),
        token: "0123abcd".into(),
        created_at: at(1),
        checked_at: None,
        standing: Standing::Pending { failure: None },
    }
}

fn verified(claim: &RouteDomain) -> RouteDomain {
    RouteDomain { standing: Standing::Verified { since: at(5) }, checked_at: Some(at(5)), ..claim.clone() }
}

/// A workspace with a main route.
async fn with_route(world: &World, store: &Arc<dyn Store>, name: &str) -> (Workspace, RouteId) {
    let workspace = world.add(store, name).await;
    let main = route(&workspace, None);
    write(store, async |work| work.routes().add(&main).await).await.unwrap();
    (workspace, main.id)
}

async fn add(store: &Arc<dyn Store>, domains: &[&RouteDomain]) {
    write(store, async |work| {
        for domain in domains {
            work.route_domains().add(domain).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

async fn claims_are_listed_by_host(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (web, main) = with_route(&world, &store, "web").await;
    let (api, other) = with_route(&world, &store, "api").await;
    let failure = Some("no record ü \u{1f980}".to_owned());
    let first = RouteDomain { standing: Standing::Pending { failure }, ..claim(main, "b.example.com") };
    let (second, third) = (verified(&claim(main, "a.example.com")), claim(other, "b.example.com"));
    add(&store, &[&first, &second, &third]).await;
    read(&store, async |work| {
        assert_eq!(work.route_domains().find(first.id).await?, Some(first.clone()));
        assert_eq!(work.route_domains().find(id()).await?, None);
        assert_eq!(work.route_domains().list(main).await?, [second.clone(), first.clone()]);
        assert_eq!(work.route_domains().list(id()).await?, []);
        let all = work.route_domains().list_many(&[api.id, id(), web.id]).await?;
        let of = |route| all.iter().filter(|it| it.route_id == route).cloned().collect::<Vec<_>>();
        assert_eq!(of(main), [second.clone(), first.clone()]);
        assert_eq!(of(other), std::slice::from_ref(&third));
        assert_eq!(work.route_domains().list_many(&[api.id]).await?, [third]);
        assert_eq!(work.route_domains().list_many(&[]).await?, []);
        Ok(())
    })
    .await;
    let odd = Standing::Pending { failure: Some("a\0b".into()) };
    write(&store, async |work| work.route_domains().settle(first.id, &odd, at(3)).await).await.unwrap();
    let kept = read(&store, async |work| work.route_domains().find(first.id).await).await.unwrap();
    assert_eq!(kept.standing, Standing::Pending { failure: Some("a\u{fffd}b".into()) });
    assert_eq!(kept.checked_at, Some(at(3)));
}

async fn a_route_claims_a_host_once(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (_, main) = with_route(&world, &store, "web").await;
    add(&store, &[&claim(main, "shop.example.com")]).await;
    let again = claim(main, "shop.example.com");
    let refused = write(&store, async |work| work.route_domains().add(&again).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("domain"))), "{refused:?}");
    let orphan = claim(id(), "shop.example.com");
    let refused = write(&store, async |work| work.route_domains().add(&orphan).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("domain"))), "{refused:?}");
}

async fn one_claim_to_a_host_is_verified(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (_, one) = with_route(&world, &store, "one").await;
    let (_, two) = with_route(&world, &store, "two").await;
    let (first, second) = (claim(one, "shop.example.com"), claim(two, "shop.example.com"));
    add(&store, &[&first, &second]).await;
    let host = first.host.clone();
    let won = Standing::Verified { since: at(5) };
    let holder = async || read(&store, async |work| work.route_domains().holder(&host).await).await;
    assert_eq!(holder().await, None);
    write(&store, async |work| work.route_domains().settle(first.id, &won, at(5)).await).await.unwrap();
    assert_eq!(holder().await, Some(verified(&first)));
    write(&store, async |work| work.route_domains().settle(first.id, &won, at(6)).await).await.unwrap();
    let refused = write(&store, async |work| work.route_domains().settle(second.id, &won, at(7)).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("domain"))), "{refused:?}");
    let third = RouteDomain { route_id: two, ..verified(&claim(two, "shop.example.com")) };
    let refused = write(&store, async |work| {
        work.route_domains().remove(second.id).await?;
        work.route_domains().add(&third).await
    })
    .await;
    assert!(matches!(refused, Err(StoreError::Taken("domain"))), "{refused:?}");
    // The name changes hands in one unit of work.
    let lost = Standing::Pending { failure: Some("lost".into()) };
    write(&store, async |work| {
        work.route_domains().settle(first.id, &lost, at(8)).await?;
        work.route_domains().settle(second.id, &won, at(8)).await
    })
    .await
    .unwrap();
    assert_eq!(holder().await.map(|holder| holder.id), Some(second.id));
    let refused = write(&store, async |work| work.route_domains().settle(id(), &won, at(9)).await).await;
    assert!(matches!(refused, Err(StoreError::Stale("domain"))), "{refused:?}");
    // Of two that prove it at the same moment, one has it.
    let other = claim(one, "other.example.com");
    let rival = claim(two, "other.example.com");
    add(&store, &[&other, &rival]).await;
    let ids = [other.id, rival.id];
    let ended = at_once(2, async |caller| {
        write(&store, async |work| work.route_domains().settle(ids[caller], &won, at(9)).await).await
    })
    .await;
    assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "{ended:?}");
}

async fn what_is_verified_is_published_with_its_route(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (web, main) = with_route(&world, &store, "web").await;
    let gone = Workspace { state: State::Destroyed { since: web.created_at }, ..world.workspace("gone") };
    let of_gone = route(&gone, None);
    write(&store, async |work| {
        work.workspaces().add(&gone, &sealed(), &[]).await?;
        work.routes().add(&of_gone).await
    })
    .await
    .unwrap();
    let (b, a) = (verified(&claim(main, "b.example.com")), verified(&claim(main, "a.example.com")));
    let lost = verified(&claim(of_gone.id, "gone.example.com"));
    add(&store, &[&b, &a, &claim(main, "c.example.com"), &lost]).await;
    let published = [&a, &b].map(|domain| PublishedDomain { id: domain.id, host: domain.host.clone() });
    read(&store, async |work| {
        let of_web = work.routes().published_of(web.id).await?.pop().unwrap();
        assert_eq!(of_web.domains, published);
        let keys: Vec<_> = of_web.keys().collect();
        assert_eq!(keys, [of_web.route.label.as_str(), "a.example.com", "b.example.com"]);
        let all = work.routes().published().await?;
        assert_eq!(all, std::slice::from_ref(&of_web));
        for key in keys {
            assert_eq!(work.routes().published_at(key).await?.as_ref(), Some(&of_web), "{key}");
        }
        for nowhere in ["c.example.com", "gone.example.com", "A.example.com", "example.com", ""] {
            assert_eq!(work.routes().published_at(nowhere).await?, None, "{nowhere}");
        }
        assert_eq!(work.route_domains().holder(&lost.host).await?, Some(lost.clone()));
        Ok(())
    })
    .await;
}

async fn a_claim_is_due_once_and_for_a_while(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (web, main) = with_route(&world, &store, "web").await;
    let gone = Workspace { state: State::Destroyed { since: web.created_at }, ..world.workspace("gone") };
    let of_gone = route(&gone, None);
    write(&store, async |work| {
        work.workspaces().add(&gone, &sealed(), &[]).await?;
        work.routes().add(&of_gone).await
    })
    .await
    .unwrap();
    let made = |host: &str, created: i64, checked: Option<i64>| RouteDomain {
        created_at: at(created),
        checked_at: checked.map(at),
        ..claim(main, host)
    };
    let (never, long_ago) = (made("a.example.com", 100, None), made("b.example.com", 100, Some(200)));
    let (lately, old) = (made("c.example.com", 100, Some(290)), made("d.example.com", 50, None));
    let won = verified(&made("e.example.com", 100, None));
    let dead = RouteDomain { created_at: at(100), ..claim(of_gone.id, "f.example.com") };
    add(&store, &[&never, &long_ago, &lately, &old, &won, &dead]).await;
    let take = async |now, limit| {
        let taken = write(&store, async |work| {
            work.route_domains().take_due(at(50), at(now - 20), at(now), limit).await
        });
        let mut hosts: Vec<_> =
            taken.await.unwrap().into_iter().map(|it| (it.host.to_string(), it.checked_at)).collect();
        hosts.sort();
        hosts
    };
    let host = |domain: &RouteDomain, now| (domain.host.to_string(), Some(at(now)));
    assert_eq!(take(300, 1).await, [host(&never, 300)], "it waits the longest");
    assert_eq!(take(300, 9).await, [host(&long_ago, 300)]);
    assert_eq!(take(300, 9).await, []);
    assert_eq!(take(311, 9).await, [host(&lately, 311)]);
    assert_eq!(take(400, 2).await.len(), 2);
    assert_eq!(take(400, 9).await.len(), 1);
}

async fn several_servers_share_what_is_due(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (_, main) = with_route(&world, &store, "web").await;
    let claims: Vec<_> = (0..12).map(|number| claim(main, &format!("n{number}.example.com"))).collect();
    add(&store, &claims.iter().collect::<Vec<_>>()).await;
    let taken = at_once(4, async |_| {
        write(&store, async |work| work.route_domains().take_due(at(0), at(9), at(10), 12).await)
            .await
            .unwrap()
    })
    .await;
    let mut ids: Vec<_> = taken.into_iter().flatten().map(|domain| domain.id).collect();
    ids.sort();
    assert_eq!(ids, claims.iter().map(|claim| claim.id).collect::<Vec<_>>());
}

async fn claims_go_with_their_route(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (_, main) = with_route(&world, &store, "web").await;
    let (one, two) = (claim(main, "a.example.com"), verified(&claim(main, "b.example.com")));
    add(&store, &[&one, &two]).await;
    write(&store, async |work| {
        work.route_domains().remove(one.id).await?;
        let again = work.route_domains().remove(one.id).await;
        assert!(matches!(again, Err(StoreError::Stale("domain"))), "{again:?}");
        work.routes().remove(main).await
    })
    .await
    .unwrap();
    assert_eq!(read(&store, async |work| work.route_domains().find(two.id).await).await, None);
    assert_eq!(read(&store, async |work| work.route_domains().holder(&two.host).await).await, None);
}
