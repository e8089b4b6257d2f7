//! What of a request reaches a component that repeats everything it gets: nothing of the platform's.

use futures::StreamExt;
use serde_json::Value;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::world::World;

/// Parts of what must not arrive.
const HIDDEN: [&str; 5] = ["devsanctum", "dvs_", "eyJ", "forged", "203.0.113"];

/// What a browser that is signed in everywhere sends along, and what somebody might add.
fn headers(pass: &str) -> Vec<(&'static str, String)> {
    vec![
        (
            "cookie",
            format!("own=1; devsanctum_refresh=forged; {pass}; __Host-devsanctum_refresh=forged; last=2"),
        ),
        ("x-devsanctum-user", "forged".into()),
        ("devsanctum-identity", "forged".into()),
        ("x-forwarded-for", "203.0.113.9".into()),
        ("x-real-ip", "203.0.113.9".into()),
        ("forwarded", "for=203.0.113.9".into()),
        ("x-own", "stays".into()),
    ]
}

fn expect_clean(how: &str, seen: &Value) {
    assert_eq!(seen["headers"]["cookie"], "own=1; last=2", "{how}: {seen:#}");
    assert_eq!(seen["headers"]["x-own"], "stays", "{how}: {seen:#}");
    let all = seen.to_string().to_lowercase();
    for hidden in HIDDEN {
        assert!(!all.contains(&hidden.to_lowercase()), "{how}: {hidden} reached the component: {seen:#}");
    }
}

pub async fn nothing_of_the_platforms_reaches_a_component(world: &World) {
    let pass = world.pass(&world.owner, "private").await;
    for visibility in ["private", "public"] {
        let asked = |path: &str| {
            let call = world.visit(visibility, path);
            headers(&pass).iter().fold(call, |call, (name, value)| call.header(name, value))
        };
        let seen = asked("/a?b=c").send().await.expect(200).json();
        assert_eq!(seen["path"], "/a?b=c");
        expect_clean(&format!("{visibility}, HTTP"), &seen);

        let mut stream = asked("/stream").open().await.bytes_stream();
        let first = stream.next().await.unwrap().unwrap();
        let data = std::str::from_utf8(&first).unwrap().strip_prefix("data: ").unwrap();
        expect_clean(&format!("{visibility}, events"), &serde_json::from_str(data.trim()).unwrap());

        expect_clean(&format!("{visibility}, WebSocket"), &over_a_socket(world, visibility, &pass).await);
    }
}

async fn over_a_socket(world: &World, visibility: &'static str, pass: &str) -> Value {
    let mut request = format!("ws://{}/socket", world.door).into_client_request().unwrap();
    let host = world.url(visibility, "").replace("http://", "");
    request.headers_mut().insert("host", host.parse().unwrap());
    for (name, value) in headers(pass) {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let first = socket.next().await.unwrap().unwrap();
    serde_json::from_str(first.to_text().unwrap()).unwrap()
}
