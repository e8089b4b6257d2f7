//! Whatever somebody does, in whatever order: nobody gets above what the actor's own role allows.

use std::{collections::BTreeMap, sync::Arc};

use devsanctum::{
    app::{Caller, invitations, members},
    domain::{ids::UserId, role::Role, secret::Secret, user::User},
    testing::store::MemoryStore,
};
use proptest::prelude::*;

use super::world::World;
use crate::contract::store::fixture;

/// One try of the actor or of an accomplice, by their places in the list of people.
#[derive(Debug, Clone)]
enum Try {
    Set(usize, usize, Role),
    Remove(usize, usize, Option<usize>),
    Invite(usize, usize, Role),
    /// With the n-th token that anybody got so far.
    Accept(usize, usize),
    Withdraw(usize, usize),
}

/// The actor and two accounts of theirs that do not belong yet, then everybody else.
const OWN: usize = 3;
const PEOPLE: usize = 8;

fn role() -> impl Strategy<Value = Role> {
    proptest::sample::select(&Role::ALL[..])
}

fn attempt() -> impl Strategy<Value = Try> {
    prop_oneof![
        (0..OWN, 0..PEOPLE, role()).prop_map(|(by, whom, role)| Try::Set(by, whom, role)),
        (0..OWN, 0..PEOPLE, proptest::option::of(0..PEOPLE))
            .prop_map(|(by, whom, heir)| Try::Remove(by, whom, heir)),
        (0..OWN, 0..PEOPLE, role()).prop_map(|(by, whom, role)| Try::Invite(by, whom, role)),
        (0..OWN, 0..6usize).prop_map(|(by, token)| Try::Accept(by, token)),
        (0..OWN, 0..6usize).prop_map(|(by, token)| Try::Withdraw(by, token)),
    ]
}

async fn run(role: Role, tries: Vec<Try>) {
    let store: Arc<MemoryStore> = Arc::default();
    let world = World::on([store.clone(), store]).await;
    let (app, org) = (world.app(), world.org);
    let mut people: Vec<(User, Caller)> = Vec::new();
    let cast = [
        ("actor", Some(role)),
        ("second", None),
        ("third", None),
        ("owner", Some(Role::Owner)),
        ("admin", Some(Role::Admin)),
        ("developer", Some(Role::Developer)),
        ("viewer", Some(Role::Viewer)),
        ("stranger", None),
    ];
    for (name, role) in cast {
        let user = fixture::user(name);
        let caller = world.user(user.clone(), role).await;
        people.push((user, caller));
    }
    let id = |place: usize| people[place].0.id;
    let before = world.roles().await;
    let mut tokens: Vec<(Secret, devsanctum::domain::ids::InvitationId)> = Vec::new();
    for (number, attempt) in tries.iter().enumerate() {
        // Sometimes with rights as they were at the beginning, as a cache may have them.
        let as_of = async |place: usize| match number % 3 {
            0 => people[place].1.clone(),
            _ => world.caller(&people[place].0).await,
        };
        // Most are refused; what counts is what becomes of the organization.
        match attempt {
            Try::Set(by, whom, role) => {
                let _ = members::set(app, &as_of(*by).await, org, id(*whom), *role).await;
            }
            Try::Remove(by, whom, heir) => {
                let _ = members::remove(app, &as_of(*by).await, org, id(*whom), heir.map(id)).await;
            }
            Try::Invite(by, whom, role) => {
                let email = people[*whom].0.email.clone();
                if let Ok(made) = invitations::create(app, &as_of(*by).await, org, email, *role, None).await {
                    let url = made.accept_url.unwrap();
                    let link = url.expose();
                    let token = link.split_once("#token=").unwrap().1;
                    tokens.push((Secret::new(token), made.view.invitation.id));
                }
            }
            Try::Accept(by, token) => {
                if let Some((token, _)) = tokens.get(*token) {
                    let _ = invitations::accept(app, &as_of(*by).await, token).await;
                }
            }
            Try::Withdraw(by, token) => {
                if let Some((_, invitation)) = tokens.get(*token) {
                    let _ = invitations::withdraw(app, &as_of(*by).await, org, *invitation).await;
                }
            }
        }
        check(role, &before, &world.roles().await, &tries[..=number], id(0));
    }
}

fn check(
    role: Role,
    before: &BTreeMap<UserId, Role>,
    after: &BTreeMap<UserId, Role>,
    tries: &[Try],
    actor: UserId,
) {
    assert!(after.values().any(|role| *role == Role::Owner), "the last owner is gone: {tries:?}");
    for (user, now) in after {
        let was = before.get(user);
        assert!(*now <= role || was == Some(now), "{user} became {now}, {tries:?}");
    }
    for (user, was) in before {
        let now = after.get(user);
        assert!(*was <= role || now == Some(was), "{user} was {was} and is {now:?}: {tries:?}");
        // Below an admin, only what is one's own changes: leaving.
        if role < Role::Admin && *user != actor {
            assert_eq!(now, Some(was), "{tries:?}");
        }
    }
    if role < Role::Admin {
        assert!(after.len() <= before.len(), "somebody came in: {tries:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn no_sequence_of_calls_leads_above_the_actor_s_role(
        role in role(), tries in proptest::collection::vec(attempt(), 1..24)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(role, tries));
    }
}
