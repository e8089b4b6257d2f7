//! What becomes of each answer of an engine, and of none.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use devsanctum::ports::{
    image_builder::ImageBuilder,
    provisioner::{EngineError, EngineEvent, EngineResult, NetworkRequest, Provisioner, VolumeRequest},
};
use futures::StreamExt;
use tokio::sync::mpsc;

use super::stub::{Reply, Stub};
use crate::support::docker::fresh_uuid;

const NAME: &str = "ds-aaaaaaaa-web-g1";

/// What a look at a container makes of this answer.
async fn reading(reply: Reply) -> EngineError {
    let stub = Stub::answering(move |_| reply.clone());
    stub.engine_port().find_container(NAME).await.unwrap_err()
}

impl Stub {
    fn engine_port(&self) -> &dyn Provisioner {
        &self.engine
    }
}

#[tokio::test]
async fn each_answer_has_its_meaning() {
    let is_text = |text: &str, words: &str| assert!(text.contains(words), "{text}");
    match reading(Reply::error(500, "layer does not exist")).await {
        EngineError::Engine(text) => is_text(&text, "layer does not exist"),
        other => panic!("{other:?}"),
    }
    match reading(Reply::error(403, "not for you")).await {
        EngineError::Refused(text) => is_text(&text, "not for you"),
        other => panic!("{other:?}"),
    }
    match reading(Reply::empty(400)).await {
        EngineError::Refused(text) => is_text(&text, "400"),
        other => panic!("{other:?}"),
    }
    for passing in [Reply::error(429, "slow down"), Reply::empty(503)] {
        assert!(reading(passing).await.is_transient());
    }
    for unreadable in [
        Reply::Json(200, "<html>".into()),
        Reply::Json(200, "[]".into()),
        Reply::Json(200, "{\"Id\":".into()),
        Reply::Raw("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"Id\": \"c0f"),
        Reply::Raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    ] {
        match reading(unreadable.clone()).await {
            EngineError::Engine(text) => is_text(&text, "cannot be read"),
            other => panic!("{unreadable:?}: {other:?}"),
        }
    }
    match reading(Reply::Raw("")).await {
        EngineError::Unreachable(text) => is_text(&text, "connection"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_missing_engine_comes_with_a_remedy() {
    let mut stub = Stub::new();
    let look = async |stub: &Stub| stub.engine_port().find_container(NAME).await;
    let is_unreachable = |result: EngineResult<_>| match result.unwrap_err() {
        EngineError::Unreachable(text) => {
            assert!(text.contains("start Docker, or set DEVSANCTUM_DOCKER_HOST"), "{text}");
        }
        other => panic!("{other:?}"),
    };
    is_unreachable(look(&stub).await);
    stub.listen(Some("1.41"), |_| Reply::empty(404));
    assert_eq!(look(&stub).await.unwrap(), None, "it is used as soon as it is there");
    stub.crash();
    tokio::task::yield_now().await;
    is_unreachable(look(&stub).await);
    stub.listen(Some("1.53"), |_| Reply::empty(404));
    assert_eq!(look(&stub).await.unwrap(), None);
    let versions: Vec<_> = stub.requests().iter().map(|request| request[5..10].to_owned()).collect();
    assert_eq!(versions, ["v1.41", "v1.53"], "what comes back may be another version");
}

#[tokio::test]
async fn the_version_is_one_that_both_speak() {
    for (offered, spoken) in [("1.41", "v1.41"), ("1.44", "v1.44"), ("1.99", "v1.53")] {
        let mut stub = Stub::new();
        stub.listen(Some(offered), |_| Reply::empty(404));
        stub.engine_port().find_container(NAME).await.unwrap();
        assert_eq!(stub.requests(), [format!("GET /{spoken}/containers/{NAME}/json")]);
    }
    for (offered, words) in [(Some("1.30"), "Docker 20.10 or newer"), (None, "is this a Docker engine?")] {
        let mut stub = Stub::new();
        stub.listen(offered, |_| Reply::empty(404));
        let error = stub.engine_port().find_container(NAME).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(stub.requests().is_empty());
    }
}

#[tokio::test]
async fn an_engine_that_is_silent_is_given_up() {
    let stub = Stub::answering(|_| Reply::Silence);
    let engine = stub.engine_port();
    let (found, seen, facts) = tokio::join!(engine.find_container(NAME), engine.inventory(), engine.facts());
    for error in [found.unwrap_err(), seen.unwrap_err(), facts.unwrap_err()] {
        assert!(matches!(error, EngineError::Timeout { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_so_already_is_a_success() {
    for (status, reply) in
        [("exited", Reply::empty(304)), ("exited", Reply::empty(204)), ("running", Reply::empty(500))]
    {
        let stub = with_container(status, move |_| reply.clone());
        stub.engine_port().start_container(NAME).await.unwrap();
    }
    for (status, reply) in
        [("running", Reply::empty(304)), ("running", Reply::error(404, "No such container"))]
    {
        let stub = with_container(status, move |_| reply.clone());
        stub.engine_port().stop_container(NAME, Duration::from_secs(1)).await.unwrap();
    }
    let stub = with_container("running", |_| Reply::error(404, "No such container"));
    stub.engine_port().remove_container(NAME).await.unwrap();
}

/// Answers looks at a container of ours, and everything else with `reply`.
fn with_container(status: &'static str, reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Stub {
    let mut stub = Stub::new();
    let found = stub.container(status);
    stub.listen(Some("1.44"), move |request| match request {
        request if request.starts_with("GET") => Reply::Json(200, found.clone()),
        request => reply(request),
    });
    stub
}

#[tokio::test]
async fn a_removal_under_way_is_waited_for() {
    let mut stub = Stub::new();
    let found = stub.container("removing");
    let looks = AtomicUsize::new(0);
    stub.listen(Some("1.44"), move |request| match request {
        request if request.starts_with("DELETE") => {
            Reply::error(409, "removal of container c0ffee is already in progress")
        }
        _ if looks.fetch_add(1, Ordering::SeqCst) < 3 => Reply::Json(200, found.clone()),
        _ => Reply::error(404, "No such container: c0ffee"),
    });
    stub.engine_port().remove_container(NAME).await.unwrap();
    assert_eq!(stub.requests().iter().filter(|request| request.starts_with("GET")).count(), 4);
}

#[tokio::test]
async fn starts_that_no_retry_can_cure_are_refused() {
    for (status, message) in [
        (400, "OCI runtime create failed: exec: \"nope\": executable file not found in $PATH: unknown"),
        (500, "failed to create shim task: OCI runtime create failed: runc create failed"),
        (500, "unable to find user nobody2: no matching entries in passwd file"),
    ] {
        let stub = with_container("created", move |_| Reply::error(status, message));
        let error = stub.engine_port().start_container(NAME).await.unwrap_err();
        assert!(matches!(&error, EngineError::Refused(text) if text == message), "{error:?}");
    }
    let stub =
        with_container("created", |_| Reply::error(500, "driver failed programming external connectivity"));
    assert!(stub.engine_port().start_container(NAME).await.unwrap_err().is_transient());
}

#[tokio::test]
async fn names_that_lead_elsewhere_are_not_sent() {
    let stub = Stub::answering(|_| Reply::empty(204));
    let engine = stub.engine_port();
    for name in ["../volumes/x", "", "a/b", "a?force=1", "a b", "-x"] {
        let workspace = fresh_uuid().into();
        let network = NetworkRequest { name: name.into(), workspace };
        let volume = VolumeRequest { docker_name: name.into(), workspace };
        let results = [
            engine.start_container(name).await,
            engine.stop_container(name, Duration::ZERO).await,
            engine.remove_container(name).await,
            engine.ensure_network(&network).await,
            engine.remove_network(name).await,
            engine.ensure_volume(&volume).await,
            engine.remove_volume(name).await,
            engine.find_container(name).await.map(drop),
            stub.engine.has_image(&format!("{name}?")).await.map(drop),
        ];
        for result in results {
            assert!(matches!(result, Err(EngineError::Refused(_))), "{name:?}: {result:?}");
        }
    }
    assert_eq!(stub.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn pulls_pass_on_what_the_registry_said() {
    let error = "{\"errorDetail\":{\"message\":\"manifest unknown\"},\"error\":\"manifest unknown\"}\r\n";
    let under_way = format!("{{\"status\":\"Pulling from x\",\"id\":\"1\"}}\r\n{error}");
    for reply in [
        Reply::Json(200, under_way),
        Reply::error(404, "manifest unknown"),
        Reply::error(500, "manifest unknown"),
    ] {
        let stub = Stub::answering(move |_| reply.clone());
        let (progress, _lines) = mpsc::channel(1);
        let error = ImageBuilder::pull(&stub.engine, "example/x", progress).await.unwrap_err();
        let EngineError::ImageUnavailable { image, reason } = &error else { panic!("{error:?}") };
        assert_eq!((image.as_str(), reason.as_str()), ("example/x", "manifest unknown"));
        let requests = stub.requests();
        assert!(
            requests[0].starts_with("POST /v1.44/images/create?fromImage=example%2Fx&tag=latest"),
            "{requests:?}"
        );
    }
}

#[tokio::test]
async fn events_go_on_when_the_engine_comes_back() {
    let mut stub = Stub::new();
    let workspace = fresh_uuid();
    let event =
        serde_json::json!({"Type": "container", "Action": "start", "Actor": {"ID": "c0ffee", "Attributes": {
            "dev.devsanctum.installation": stub.installation.to_string(),
            "dev.devsanctum.workspace": workspace.to_string(),
        }}})
        .to_string();
    let mut events = stub.engine_port().events();
    // Each connection gives one event, and then something that is none.
    stub.listen(Some("1.44"), move |_| Reply::Json(200, format!("{event}\nnonsense\n")));
    for _ in 0..2 {
        assert_eq!(events.next().await, Some(EngineEvent::Resync));
        assert_eq!(events.next().await, Some(EngineEvent::Changed(workspace.into())));
    }
}
