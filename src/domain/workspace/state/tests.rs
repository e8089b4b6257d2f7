use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn failure() -> Failure {
    Failure {
        code: "image_not_found".into(),
        message: String::new(),
        component: None,
        step: None,
        remedy: String::new(),
        log_tail: vec![],
    }
}

fn state() -> impl Strategy<Value = (State, Desired)> {
    let desired = prop_oneof![
        Just(Desired::Running),
        Just(Desired::Stopped),
        any::<bool>().prop_map(|keep_volumes| Desired::Destroyed { keep_volumes })
    ];
    (0..8, desired).prop_map(|(which, desired)| {
        let now = at(0);
        match which {
            0 => (State::pending(now), Desired::Running),
            1 => (State::provisioning(now), Desired::Running),
            2 => (State::Running { since: now }, Desired::Running),
            3 => (State::stopping(now), Desired::Stopped),
            4 => (State::Stopped { since: now }, Desired::Stopped),
            5 => (State::Failed { since: now, failure: failure() }, desired),
            6 => (State::destroying(now), Desired::Destroyed { keep_volumes: false }),
            _ => (State::Destroyed { since: now }, Desired::Destroyed { keep_volumes: false }),
        }
    })
}

fn request() -> impl Strategy<Value = Request> {
    proptest::sample::select(Request::ALL.to_vec())
}

proptest! {
    #[test]
    fn every_state_has_an_exit((state, desired) in state()) {
        let exits = Request::ALL.into_iter().filter(|request| {
            matches!(state.request(*request, desired, DeploymentKind::Create, at(1)), Ok(Outcome::Begin { .. }))
        });
        prop_assert_eq!(exits.count() > 0, state.status() != Status::Destroyed);
    }

    #[test]
    fn what_begins_has_a_deadline_and_suits_what_is_wanted((state, desired) in state(), request in request()) {
        if let Ok(Outcome::Begin { state, desired, .. }) =
            state.request(request, desired, DeploymentKind::Create, at(1))
        {
            prop_assert!(state.deadline().unwrap() > at(1));
            let expected = match desired {
                Desired::Running => Status::Pending,
                Desired::Stopped => Status::Stopping,
                Desired::Destroyed { .. } => Status::Destroying,
            };
            prop_assert_eq!(state.status(), expected);
        }
    }

    #[test]
    fn asking_twice_begins_once((state, desired) in state(), request in request()) {
        let repeatable = matches!(request, Request::Start | Request::Stop | Request::Destroy { .. });
        if let (true, Ok(Outcome::Begin { state, desired, kind })) =
            (repeatable, state.request(request, desired, DeploymentKind::Create, at(1)))
        {
            prop_assert_eq!(state.request(request, desired, kind, at(2)), Ok(Outcome::Nothing));
        }
    }

    #[test]
    fn renewing_changes_deadlines_only((state, _) in state()) {
        let later = at(1_000_000);
        let renewed = state.clone().renewed(later);
        prop_assert_eq!(renewed.status(), state.status());
        prop_assert!(renewed.deadline().is_none_or(|deadline| deadline > later));
        if state.deadline().is_none() {
            prop_assert_eq!(renewed, state);
        }
    }

    #[test]
    fn nothing_comes_back_from_destroyed(request in request()) {
        let desired = Desired::Destroyed { keep_volumes: false };
        let outcome = State::Destroyed { since: at(0) }.request(request, desired, DeploymentKind::Destroy, at(1));
        let begins = matches!(outcome, Ok(Outcome::Begin { .. }));
        prop_assert!(!begins);
    }

    #[test]
    fn states_survive_storage((state, _) in state()) {
        let text = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
    }
}

#[test]
fn a_host_out_of_sight_makes_all_but_destroyed_unknown() {
    let lost = HostState::Unreachable { since: at(0), reason: String::new() };
    assert_eq!(State::Running { since: at(0) }.status_on(&lost), Status::Unknown);
    assert_eq!(State::Destroyed { since: at(0) }.status_on(&lost), Status::Destroyed);
    assert_eq!(State::Running { since: at(0) }.status_on(&HostState::New), Status::Running);
}

#[test]
fn an_update_of_a_stopped_workspace_leaves_it_stopped() {
    let outcome = State::Stopped { since: at(0) }.request(
        Request::Update,
        Desired::Stopped,
        DeploymentKind::Stop,
        at(1),
    );
    assert!(matches!(
        outcome,
        Ok(Outcome::Begin { desired: Desired::Stopped, kind: DeploymentKind::Update, .. })
    ));
}
