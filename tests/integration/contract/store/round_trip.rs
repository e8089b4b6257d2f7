//! Whatever people and programs write comes back as it was, but for U+0000.

use std::{collections::BTreeMap, sync::Arc};

use devsanctum::{
    domain::{
        deployment::{LogLine, LogStream, StepName},
        host::{Host, HostState},
        template::parameter::ParameterValue,
        workspace::Workspace,
    },
    ports::repository::{Store, text::storable},
};
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    strategy::ValueTree,
    test_runner::TestRunner,
};

use super::fixture::{at, id, read, sealed, world, write};

contract!(any_text_comes_back, any_parameters_come_back);

fn samples<T: std::fmt::Debug>(count: usize, strategy: impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// Any characters, those that mean something to SQL, JSON or a terminal often.
fn any_text() -> impl Strategy<Value = String> {
    vec(
        prop_oneof![
            any::<char>(),
            prop::sample::select(vec!['\0', '\\', '"', '\'', 'u', '0', '%', '$', '1', '\u{7f}'])
        ],
        0..40,
    )
    .prop_map(|characters| characters.into_iter().collect())
}

async fn any_text_comes_back(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (_, deployment) = world.deploy(&store, "web").await;
    let texts: Vec<String> =
        samples(200, any_text()).into_iter().chain([r"\u0000 \\u0000".to_owned()]).collect();
    let lines: Vec<_> = texts
        .iter()
        .map(|text| LogLine {
            at: at(1),
            step: StepName::Build,
            component: None,
            stream: LogStream::Stderr,
            text: text.clone(),
        })
        .collect();
    write(&store, async |work| work.deployments().append_logs(deployment.id, &lines).await).await.unwrap();
    let logs = read(&store, async |work| work.deployments().logs(deployment.id, 0, 1_000).await).await;
    assert!(logs.iter().map(|it| it.line.text.as_str()).eq(texts.iter().map(|text| storable(text))));

    // In JSON.
    for text in &texts {
        let state = HostState::Unreachable { since: at(1), reason: text.clone() };
        let host: Host = read(&store, async |work| work.hosts().find(world.host.id).await).await.unwrap();
        write(&store, async |work| work.hosts().record_state(host.id, &state, &host.facts, at(1)).await)
            .await
            .unwrap();
        let found = read(&store, async |work| work.hosts().find(host.id).await).await.unwrap();
        assert_eq!(found.state, HostState::Unreachable { since: at(1), reason: storable(text).into_owned() });
    }
}

async fn any_parameters_come_back(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let value = prop_oneof![
        any::<bool>().prop_map(ParameterValue::Bool),
        any::<f64>()
            .prop_filter("JSON has only these", |number| number.is_finite())
            .prop_map(ParameterValue::Number),
        (-1_000_000_i32..1_000_000).prop_map(|number| ParameterValue::Number(number.into())),
        "[^\0]{0,20}".prop_map(ParameterValue::String),
        vec("[^\0]{0,9}", 0..4).prop_map(ParameterValue::List),
    ];
    for (number, parameters) in samples(60, btree_map("[^\0]{1,9}", value, 0..6)).into_iter().enumerate() {
        let workspace = Workspace { parameters, ..world.workspace(&format!("w{number}")) };
        write(&store, async |work| work.workspaces().add(&workspace, &sealed(), &[]).await).await.unwrap();
        let found = read(&store, async |work| work.workspaces().find(workspace.id).await).await.unwrap();
        assert_eq!(found.parameters, workspace.parameters);
    }
    let none = Workspace { parameters: BTreeMap::new(), id: id(), ..world.workspace("none") };
    write(&store, async |work| work.workspaces().add(&none, &sealed(), &[]).await).await.unwrap();
    assert_eq!(read(&store, async |work| work.workspaces().find(none.id).await).await, Some(none.clone()));
}
