//! The suite of the `Prober` port: over the network against servers of the test, and on the engine in memory against its
//! containers.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use devsanctum::{
    adapters::probe::NetworkProber,
    ports::prober::Prober,
    testing::docker::{Behaviour, FakeEngine},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::provisioner::world::{World, on_fake_engine};

const LIMIT: Duration = Duration::from_secs(5);

/// Something that is up, and something that is not.
struct Targets {
    prober: Arc<dyn Prober>,
    up: SocketAddr,
    down: SocketAddr,
}

async fn what_is_up_answers(targets: Targets) {
    targets.prober.tcp(targets.up, LIMIT).await.unwrap();
    targets.prober.http(targets.up, "/healthz?x=1", LIMIT).await.unwrap();
}

async fn what_is_down_says_so(targets: Targets) {
    for error in [
        targets.prober.tcp(targets.down, LIMIT).await.unwrap_err(),
        targets.prober.http(targets.down, "/", LIMIT).await.unwrap_err(),
    ] {
        assert!(error.contains(&targets.down.port().to_string()), "{error}");
    }
}

mod fake {
    use super::*;

    async fn targets(world: World, fake: Arc<FakeEngine>) -> Targets {
        let workspace = world.workspace();
        let (web, api) = (world.started(&workspace, "web").await, world.started(&workspace, "api").await);
        let address = async |name: &str| {
            let found = world.engine.find_container(name).await.unwrap().unwrap();
            SocketAddr::new(found.address.unwrap(), 8080)
        };
        let (up, down) = (address(&web.name).await, address(&api.name).await);
        world.engine.stop_container(&api.name, Duration::ZERO).await.unwrap();
        Targets { prober: fake, up, down }
    }

    #[tokio::test]
    async fn what_is_up_answers() {
        on_fake_engine(async |world, fake| super::what_is_up_answers(targets(world, fake).await).await).await;
    }

    #[tokio::test]
    async fn what_is_down_says_so() {
        on_fake_engine(async |world, fake| super::what_is_down_says_so(targets(world, fake).await).await)
            .await;
    }

    #[tokio::test]
    async fn health_is_as_the_test_says() {
        on_fake_engine(async |world, fake| {
            let unhealthy = Some("GET / answered 503".to_owned());
            fake.behave(
                &"web".parse().unwrap(),
                Behaviour { unhealthy: unhealthy.clone(), ..Behaviour::default() },
            );
            let targets = targets(world, fake).await;
            assert_eq!(targets.prober.http(targets.up, "/", LIMIT).await.err(), unhealthy);
        })
        .await;
    }
}

mod network {
    use super::*;

    /// Answers each connection with these bytes, and leaves it open.
    async fn server(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                open.push(stream);
            }
        });
        address
    }

    /// An address that was free a moment ago.
    async fn nobody() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
    }

    async fn targets() -> Targets {
        let up = server("HTTP/1.1 204 No Content\r\n\r\n").await;
        Targets { prober: Arc::new(NetworkProber), up, down: nobody().await }
    }

    #[tokio::test]
    async fn what_is_up_answers() {
        super::what_is_up_answers(targets().await).await;
    }

    #[tokio::test]
    async fn what_is_down_says_so() {
        super::what_is_down_says_so(targets().await).await;
    }

    #[tokio::test]
    async fn a_status_below_400_is_health() {
        for (answer, healthy) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nx", true),
            ("HTTP/1.0 302 Found\r\nlocation: http://127.0.0.1:1/\r\n\r\n", true),
            ("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", false),
            ("HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n", false),
            ("SSH-2.0-OpenSSH_9.2\r\n", false),
        ] {
            let result = NetworkProber.http(server(answer).await, "/", LIMIT).await;
            assert_eq!(result.is_ok(), healthy, "{answer:?}: {result:?}");
        }
    }

    #[tokio::test]
    async fn patience_is_limited() {
        let limit = Duration::from_millis(100);
        let error = NetworkProber.http(server("").await, "/", limit).await.unwrap_err();
        assert_eq!(error, "no answer within 100ms");
        assert!(
            NetworkProber.http(server("").await, "no path", limit).await.unwrap_err().contains("is no path")
        );
    }
}
