use std::sync::Arc;

use devsanctum::{
    domain::{
        deployment::{
            Deployment, DeploymentKind, DeploymentStatus, LogLine, LogStream, Step, StepName, StepStatus,
        },
        ids::DeploymentId,
    },
    ports::repository::{PageRequest, Sort, Store, StoreError},
};

use super::fixture::{at, at_once, deployment, failure, id, read, world, write};

contract!(
    a_deployment_is_found_as_added,
    deployments_are_listed_newest_first,
    a_deployment_begins_once_and_ends_once,
    a_deployment_ends_in_a_status_that_ends,
    steps_are_replaced_by_position,
    the_end_ends_the_steps,
    log_lines_are_numbered_in_order,
    lines_of_two_writers_are_all_kept,
    what_belongs_to_no_deployment_is_refused,
);

async fn a_deployment_is_found_as_added(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    let deployments: Vec<_> = DeploymentKind::ALL
        .iter()
        .zip(DeploymentStatus::ALL.iter().cycle())
        .map(|(kind, status)| Deployment {
            id: id(),
            kind: *kind,
            status: *status,
            started_at: Some(at(11)),
            finished_at: status.is_finished().then(|| at(12)),
            error: (*status == DeploymentStatus::Failed).then(failure),
            requested_by: status.is_finished().then_some(world.user.id),
            ..deployment(&workspace)
        })
        .collect();
    write(&store, async |work| {
        for deployment in &deployments {
            work.deployments().add(deployment).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    read(&store, async |work| {
        for deployment in &deployments {
            assert_eq!(work.deployments().find(deployment.id).await?, Some(deployment.clone()));
        }
        assert_eq!(work.deployments().find(id()).await?, None);
        let mut two = work.deployments().find_many(&[deployments[3].id, id(), deployments[1].id]).await?;
        two.sort_unstable_by_key(|deployment| deployment.id);
        assert_eq!(two, [deployments[1].clone(), deployments[3].clone()]);
        assert_eq!(work.deployments().find_many(&[]).await?, []);
        Ok(())
    })
    .await;
    let refused = write(&store, async |work| work.deployments().add(&deployments[0]).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("id"))), "{refused:?}");
}

async fn deployments_are_listed_newest_first(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (web, first) = world.deploy(&store, "web").await;
    world.deploy(&store, "other").await;
    let second = Deployment { id: id(), kind: DeploymentKind::Stop, ..first.clone() };
    write(&store, async |work| work.deployments().add(&second).await).await.unwrap();
    let page = PageRequest { limit: 10, sort: Sort::Oldest, ..PageRequest::default() };
    read(&store, async |work| {
        assert_eq!(work.deployments().list(web.id, &page).await?, [second.clone(), first.clone()]);
        let search = PageRequest { search: Some("STOP".into()), ..page.clone() };
        assert_eq!(work.deployments().list(web.id, &search).await?, std::slice::from_ref(&second));
        assert_eq!(work.deployments().list(id(), &page).await?, []);
        Ok(())
    })
    .await;
}

async fn a_deployment_begins_once_and_ends_once(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (_, queued) = world.deploy(&store, "web").await;
    let begin = async |now| write(&store, async |work| work.deployments().begin(queued.id, now).await).await;
    begin(at(20)).await.unwrap();
    begin(at(21)).await.unwrap();
    let running =
        Deployment { status: DeploymentStatus::Running, started_at: Some(at(20)), ..queued.clone() };
    assert_eq!(
        read(&store, async |work| work.deployments().find(queued.id).await).await,
        Some(running.clone())
    );

    let finish = async |status, now| {
        let error = failure();
        write(&store, async |work| work.deployments().finish(queued.id, status, Some(&error), now).await)
            .await
    };
    finish(DeploymentStatus::Failed, at(30)).await.unwrap();
    let failed = Deployment {
        status: DeploymentStatus::Failed,
        finished_at: Some(at(30)),
        error: Some(failure()),
        ..running
    };
    for refused in [finish(DeploymentStatus::Succeeded, at(31)).await, begin(at(31)).await] {
        assert!(matches!(refused, Err(StoreError::Stale("deployment"))), "{refused:?}");
    }
    assert_eq!(read(&store, async |work| work.deployments().find(queued.id).await).await, Some(failed));
}

async fn a_deployment_ends_in_a_status_that_ends(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (web, queued) = world.deploy(&store, "web").await;
    let unended = write(&store, async |work| {
        work.deployments().finish(queued.id, DeploymentStatus::Running, None, at(30)).await
    })
    .await;
    let ill = Deployment { id: id(), finished_at: Some(at(30)), ..deployment(&web) };
    let added = write(&store, async |work| work.deployments().add(&ill).await).await;
    for refused in [unended, added] {
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    }
}

fn step(position: i32, status: StepStatus) -> Step {
    Step {
        position,
        name: StepName::Pull,
        component: (position % 2 == 0).then(|| "web".parse().unwrap()),
        status,
        started_at: Some(at(20)),
        finished_at: None,
        detail: "nginx:1".into(),
    }
}

async fn steps_are_replaced_by_position(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (_, deployment) = world.deploy(&store, "web").await;
    let first = [step(1, StepStatus::Running), step(0, StepStatus::Succeeded)];
    let changed = Step {
        name: StepName::Build,
        component: Some("api".parse().unwrap()),
        status: StepStatus::Failed,
        started_at: Some(at(21)),
        finished_at: Some(at(22)),
        detail: "exit \0 1".into(),
        ..step(1, StepStatus::Running)
    };
    write(&store, async |work| {
        work.deployments().record_steps(deployment.id, &first).await?;
        work.deployments().record_steps(deployment.id, &[]).await?;
        work.deployments().record_steps(deployment.id, &[changed.clone(), step(2, StepStatus::Pending)]).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        let changed = Step { detail: "exit \u{fffd} 1".into(), ..changed.clone() };
        let expected = [step(0, StepStatus::Succeeded), changed, step(2, StepStatus::Pending)];
        assert_eq!(work.deployments().steps(deployment.id).await?, expected);
        assert_eq!(work.deployments().steps(id()).await?, []);
        Ok(())
    })
    .await;
}

async fn the_end_ends_the_steps(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (_, one) = world.deploy(&store, "one").await;
    let (_, other) = world.deploy(&store, "other").await;
    let steps: Vec<_> =
        (0..).zip(StepStatus::ALL).map(|(position, status)| step(position, *status)).collect();
    write(&store, async |work| {
        work.deployments().record_steps(one.id, &steps).await?;
        work.deployments().record_steps(other.id, &steps).await?;
        work.deployments().finish(one.id, DeploymentStatus::Canceled, None, at(40)).await
    })
    .await
    .unwrap();
    let expected: Vec<_> = steps
        .iter()
        .map(|step| match step.status {
            StepStatus::Pending => {
                Step { status: StepStatus::Skipped, finished_at: Some(at(40)), ..step.clone() }
            }
            StepStatus::Running => {
                Step { status: StepStatus::Canceled, finished_at: Some(at(40)), ..step.clone() }
            }
            _ => step.clone(),
        })
        .collect();
    read(&store, async |work| {
        assert_eq!(work.deployments().steps(one.id).await?, expected);
        assert_eq!(work.deployments().steps(other.id).await?, steps);
        Ok(())
    })
    .await;
}

fn line(text: impl Into<String>) -> LogLine {
    LogLine {
        at: at(20),
        step: StepName::Build,
        component: None,
        stream: LogStream::Stdout,
        text: text.into(),
    }
}

async fn log_lines_are_numbered_in_order(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (_, deployment) = world.deploy(&store, "web").await;
    let (_, other) = world.deploy(&store, "other").await;
    let special = LogLine {
        component: Some("web".parse().unwrap()),
        stream: LogStream::System,
        ..line("\u{1b}[31mrot\0 🦀\r")
    };
    // More than fit in one statement.
    let many: Vec<_> = (0..2_100).map(|number| line(number.to_string())).collect();
    write(&store, async |work| {
        work.deployments().append_logs(deployment.id, std::slice::from_ref(&special)).await?;
        work.deployments().append_logs(deployment.id, &[]).await?;
        work.deployments().append_logs(other.id, &[line("other")]).await?;
        work.deployments().append_logs(deployment.id, &many).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        let all = work.deployments().logs(deployment.id, 0, 10_000).await?;
        assert!(all.windows(2).all(|pair| pair[0].number < pair[1].number));
        assert_eq!(all[0].line, LogLine { text: "\u{1b}[31mrot\u{fffd} 🦀\r".into(), ..special.clone() });
        assert_eq!(all[1..].iter().map(|it| it.line.clone()).collect::<Vec<_>>(), many);
        let page = work.deployments().logs(deployment.id, all[9].number, 5).await?;
        assert_eq!(page, all[10..15]);
        assert_eq!(work.deployments().logs(deployment.id, all[2_100].number, 5).await?, []);
        assert_eq!(work.deployments().logs(id(), 0, 5).await?, []);
        Ok(())
    })
    .await;
}

async fn lines_of_two_writers_are_all_kept(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (_, deployment) = world.deploy(&store, "web").await;
    at_once(6, async |writer| {
        for round in 0..5 {
            let lines = [line(format!("{writer}-{round}-a")), line(format!("{writer}-{round}-b"))];
            write(&store, async |work| work.deployments().append_logs(deployment.id, &lines).await)
                .await
                .unwrap();
        }
    })
    .await;
    let all = read(&store, async |work| work.deployments().logs(deployment.id, 0, 100).await).await;
    assert_eq!(all.len(), 60);
    for pair in all.chunks(2) {
        let (a, b) = (&pair[0].line.text, &pair[1].line.text);
        assert_eq!(a.strip_suffix('a'), b.strip_suffix('b'), "a batch was torn apart");
    }
}

async fn what_belongs_to_no_deployment_is_refused(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    let nothing: DeploymentId = id();
    for attempt in 0..4 {
        let refused = write(&store, async |work| match attempt {
            0 => work.deployments().record_steps(nothing, &[step(0, StepStatus::Running)]).await,
            1 => work.deployments().append_logs(nothing, &[line("x")]).await,
            2 => work.deployments().add(&Deployment { workspace_id: id(), ..deployment(&workspace) }).await,
            _ => {
                work.deployments()
                    .add(&Deployment { requested_by: Some(id()), ..deployment(&workspace) })
                    .await
            }
        })
        .await;
        assert!(matches!(refused, Err(StoreError::Reference("deployment"))), "{attempt} {refused:?}");
    }
}
