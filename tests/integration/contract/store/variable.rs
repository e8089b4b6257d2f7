use std::sync::Arc;

use devsanctum::{
    domain::{
        secret::Sealed,
        variable::{Variable, VariableScope},
        workspace::{Desired, State, Workspace},
    },
    ports::repository::{Store, StoreError},
};

use super::fixture::{World, at, id, read, world, write};

contract!(
    a_scope_has_each_name_once,
    scopes_are_listed_together_by_name,
    a_variable_of_nothing_is_refused,
    variables_go_with_what_they_belong_to,
);

fn variable(scope: VariableScope, name: &str, byte: u8) -> Variable {
    Variable {
        id: id(),
        scope,
        name: name.parse().unwrap(),
        secret: byte.is_multiple_of(2),
        sealed: Sealed::from_bytes(vec![0, byte, 255]),
        updated_at: at(byte.into()),
    }
}

async fn begun(store: &Arc<dyn Store>) -> (World, Workspace, [VariableScope; 4]) {
    let world = world(store).await;
    let workspace = world.add(store, "web").await;
    let scopes = VariableScope::around(&workspace);
    (world, workspace, scopes)
}

async fn put(store: &Arc<dyn Store>, variables: &[Variable]) {
    write(store, async |work| {
        for variable in variables {
            work.variables().put(variable).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

async fn list(store: &Arc<dyn Store>, scopes: &[VariableScope]) -> Vec<Variable> {
    read(store, async |work| work.variables().list(scopes).await).await
}

async fn a_scope_has_each_name_once(store: Arc<dyn Store>) {
    let (_, _, scopes) = begun(&store).await;
    for scope in scopes {
        let first = variable(scope, "GREETING", 1);
        put(&store, std::slice::from_ref(&first)).await;
        assert_eq!(list(&store, &[scope]).await, std::slice::from_ref(&first));
        let second = variable(scope, "GREETING", 2);
        put(&store, std::slice::from_ref(&second)).await;
        assert_eq!(list(&store, &[scope]).await, [Variable { id: first.id, ..second.clone() }]);

        let remove = async |name: &str| {
            write(&store, async |work| work.variables().remove(scope, &name.parse().unwrap()).await)
                .await
                .unwrap()
        };
        assert!(!remove("OTHER").await);
        assert!(remove("GREETING").await);
        assert!(!remove("GREETING").await, "it is gone already");
        assert_eq!(list(&store, &[scope]).await, []);
    }
}

async fn scopes_are_listed_together_by_name(store: Arc<dyn Store>) {
    let (_, _, scopes) = begun(&store).await;
    let [org, template, user, workspace] = scopes;
    let all = [
        variable(org, "B", 1),
        variable(org, "a", 2),
        variable(template, "A", 3),
        variable(user, "B", 4),
        variable(workspace, "C", 5),
    ];
    put(&store, &all).await;
    let [b_of_org, small, a, b_of_user, c] = all;
    let expected = [a, b_of_org.clone(), b_of_user, c, small.clone()];
    assert_eq!(list(&store, &scopes).await, expected);
    assert_eq!(list(&store, &[org]).await, [b_of_org, small]);
    assert_eq!(list(&store, &[]).await, []);
    assert_eq!(list(&store, &[VariableScope::Org(id())]).await, []);

    let cleared = write(&store, async |work| work.variables().clear(org).await).await.unwrap();
    assert_eq!(cleared, 2);
    assert_eq!(list(&store, &scopes).await.len(), 3);
    let cleared = write(&store, async |work| work.variables().clear(org).await).await.unwrap();
    assert_eq!(cleared, 0);
}

async fn a_variable_of_nothing_is_refused(store: Arc<dyn Store>) {
    for scope in [
        VariableScope::Org(id()),
        VariableScope::Template(id()),
        VariableScope::User(id()),
        VariableScope::Workspace(id()),
    ] {
        let refused = write(&store, async |work| work.variables().put(&variable(scope, "A", 1)).await).await;
        assert!(matches!(refused, Err(StoreError::Reference("variable"))), "{refused:?}");
    }
}

async fn variables_go_with_what_they_belong_to(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let destroyed = Workspace {
        state: State::Destroyed { since: at(10) },
        desired: Desired::Destroyed { keep_volumes: false },
        ..world.workspace("web")
    };
    write(&store, async |work| work.workspaces().add(&destroyed, &Sealed::from_bytes(vec![1]), &[]).await)
        .await
        .unwrap();
    let scopes = VariableScope::around(&destroyed);
    put(&store, &scopes.map(|scope| variable(scope, "A", 1))).await;
    let left = async || {
        let found = list(&store, &scopes).await;
        found.into_iter().map(|variable| variable.scope).collect::<Vec<_>>()
    };
    let [org, template, user, _] = scopes;

    write(&store, async |work| work.workspaces().purge(at(11)).await).await.unwrap();
    assert_eq!(sorted(left().await), [org, template, user]);
    write(&store, async |work| work.templates().remove(world.template.id).await).await.unwrap();
    assert_eq!(sorted(left().await), [org, user]);
    write(&store, async |work| work.users().remove(world.user.id).await).await.unwrap();
    assert_eq!(left().await, [org]);
    write(&store, async |work| work.orgs().bury(world.org.id, at(12)).await).await.unwrap();
    assert_eq!(left().await, []);
}

fn sorted(mut scopes: Vec<VariableScope>) -> Vec<VariableScope> {
    scopes.sort_unstable();
    scopes
}
