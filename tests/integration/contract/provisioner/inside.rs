//! What goes on inside containers: output, commands, ports, use.

use std::time::Duration;

use devsanctum::{
    domain::deployment::LogStream,
    ports::provisioner::{EngineError, ListeningPort, LogRange},
};
use futures::{StreamExt, TryStreamExt};

use super::{
    contract,
    world::{Answer, EXIT_CODE, HELPER, Program, World, log_texts, now, words},
};

const LIMIT: Duration = Duration::from_secs(10);

contract!(
    logs_are_read_by_line,
    logs_can_be_followed,
    commands_answer_with_code_and_output,
    commands_end_when_their_time_is_over,
    commands_need_a_running_container,
    listening_ports_are_listed,
    use_is_measured,
    facts_are_told,
);

async fn logs_are_read_by_line(world: World) {
    let workspace = world.workspace();
    let before = now() - Duration::from_secs(1);
    let request = world.started(&workspace, "web").await;
    world.until_log(&request.name, "listens on port 8080").await;

    let lines = log_texts(&*world.engine, &request.name).await.unwrap();
    assert!(matches!(&lines[..], [(LogStream::Stdout, text)] if !text.ends_with('\n')), "{lines:?}");
    let stamped: Vec<_> =
        world.engine.logs(&request.name, LogRange::default()).await.unwrap().try_collect().await.unwrap();
    assert!(stamped[0].at.unwrap() > before);

    for (range, count) in [
        (LogRange { tail: Some(1), ..LogRange::default() }, 1),
        (LogRange { tail: Some(0), ..LogRange::default() }, 0),
        (LogRange { since: stamped[0].at, ..LogRange::default() }, 1),
        (
            LogRange {
                since: Some(stamped[0].at.unwrap() + Duration::from_millis(1)),
                ..LogRange::default()
            },
            0,
        ),
    ] {
        let lines: Vec<_> =
            world.engine.logs(&request.name, range).await.unwrap().try_collect().await.unwrap();
        assert_eq!(lines.len(), count, "{range:?}");
    }
}

async fn logs_can_be_followed(world: World) {
    let workspace = world.workspace();
    let request = world.started(&workspace, "web").await;
    let range = LogRange { follow: true, ..LogRange::default() };
    let mut lines = world.engine.logs(&request.name, range).await.unwrap();
    assert!(lines.next().await.unwrap().unwrap().text.contains("listens on port 8080"));
    let silence = tokio::time::timeout(Duration::from_millis(200), lines.next()).await;
    assert!(silence.is_err(), "a running container may write more: {silence:?}");
}

async fn commands_answer_with_code_and_output(world: World) {
    let workspace = world.workspace();
    let request = world.started(&workspace, "web").await;
    let wrong = words(&[HELPER]);
    world.expect_command(&request.spec.name, &wrong, Answer::Code(EXIT_CODE, "usage: …"));
    let answer = world.engine.exec(&request.name, &wrong, LIMIT).await.unwrap();
    assert_eq!(answer.exit_code, EXIT_CODE);
    assert!(String::from_utf8_lossy(&answer.output).starts_with("usage:"));

    let missing = words(&["/no/such/program"]);
    world.expect_command(
        &request.spec.name,
        &missing,
        Answer::Code(127, "helper: cannot run /no/such/program"),
    );
    let answer = world.engine.exec(&request.name, &missing, LIMIT).await.unwrap();
    assert_eq!(answer.exit_code, 127);
    assert!(String::from_utf8_lossy(&answer.output).contains("/no/such/program"));
}

async fn commands_end_when_their_time_is_over(world: World) {
    let workspace = world.workspace();
    let request = world.started(&workspace, "web").await;
    let endless = words(&[HELPER, "idle"]);
    world.expect_command(&request.spec.name, &endless, Answer::Nothing);
    let limit = Duration::from_millis(300);
    let error = world.engine.exec(&request.name, &endless, limit).await.unwrap_err();
    assert!(matches!(error, EngineError::Timeout { limit: said, .. } if said == limit), "{error:?}");
}

async fn commands_need_a_running_container(world: World) {
    let workspace = world.workspace();
    let request = world.request(&workspace, "web", Program::Serves).await;
    world.engine.ensure_network(&workspace.network()).await.unwrap();
    world.engine.ensure_container(&request).await.unwrap();
    let error = world.engine.exec(&request.name, &words(&[HELPER]), LIMIT).await.unwrap_err();
    assert!(matches!(error, EngineError::Refused(_)), "{error:?}");
}

async fn listening_ports_are_listed(world: World) {
    let workspace = world.workspace();
    let request = world.started(&workspace, "web").await;
    world.until_log(&request.name, "listens on port 8080").await;
    let ports = world.engine.listening_ports(&request.name).await.unwrap();
    assert_eq!(ports, [ListeningPort { port: 8080, loopback: false }]);
}

async fn use_is_measured(world: World) {
    let workspace = world.workspace();
    let request = world.started(&workspace, "web").await;
    for _ in 0..2 {
        let used = world.engine.stats(&request.name).await.unwrap();
        assert_eq!(used.memory_limit, request.spec.limits.memory_bytes);
        assert!((1..used.memory_limit).contains(&used.memory_bytes), "{used:?}");
        assert!(used.pids >= 1, "{used:?}");
        assert!(used.cpu_millis <= 2 * request.spec.limits.cpu_millis, "{used:?}");
    }
}

async fn facts_are_told(world: World) {
    let facts = world.engine.facts().await.unwrap();
    assert!(facts.cpus >= 1 && facts.memory_bytes > 0);
    for text in [&facts.engine_version, &facts.api_version, &facts.architecture, &facts.storage_driver] {
        assert!(!text.is_empty(), "{facts:?}");
    }
    assert!(["1", "2"].contains(&facts.cgroup_version.as_str()), "{facts:?}");
}

impl World {
    async fn until_log(&self, container: &str, text: &str) {
        let mut lines = Vec::new();
        for _ in 0..500 {
            lines = log_texts(&*self.engine, container).await.unwrap();
            if lines.iter().any(|(_, line)| line.contains(text)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("waited in vain for {text:?}; read: {lines:?}");
    }
}
