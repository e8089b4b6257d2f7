//! What of a head crosses the border between clients and components.

use bytes::Bytes;
use http::{Request, header::HOST};
use http_body_util::{Empty, Full};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    backends::Backend,
    world::{Answer, World, get},
};

fn values<'a>(echo: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = echo["headers"].as_array().unwrap().iter();
    headers.filter(|header| header[0] == name).map(|header| header[1].as_str().unwrap()).collect()
}

pub async fn a_component_sees_who_asks_and_nothing_of_the_platform(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let request = Request::get("/echo")
        .header(HOST, &host)
        .header("x-forwarded-for", "203.0.113.9")
        .header("x-forwarded-for", "203.0.113.10")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "bank.test")
        .header("x-forwarded-port", "443")
        .header("x-real-ip", "203.0.113.9")
        .header("forwarded", "for=203.0.113.9;host=bank.test")
        .header("x-devsanctum-user", "root")
        .header("devsanctum-identity", "root")
        .header("cookie", "own=1; devsanctum_session=secret; __Host-devsanctum_refresh=secret; last=2")
        .header("cookie", "DevSanctum_x=secret")
        .header("authorization", "Bearer dvs_secret")
        .header("x-own", "stays")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let echo = Answer::read(world.send(request).await).await.json();

    assert_eq!(values(&echo, "host"), [host.as_str()]);
    assert_eq!(values(&echo, "x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(values(&echo, "x-real-ip"), ["127.0.0.1"]);
    assert_eq!(values(&echo, "x-forwarded-proto"), ["http"]);
    assert_eq!(values(&echo, "x-forwarded-host"), [host.as_str()]);
    assert_eq!(values(&echo, "x-forwarded-port"), Vec::<&str>::new());
    assert_eq!(values(&echo, "forwarded"), ["for=127.0.0.1;proto=http"]);
    assert_eq!(values(&echo, "cookie"), ["own=1; last=2"]);
    assert_eq!(values(&echo, "x-own"), ["stays"]);
    let all = echo.to_string().to_lowercase();
    for hidden in ["secret", "devsanctum", "203.0.113", "bank.test"] {
        assert!(!all.contains(hidden), "{hidden} reached the component: {all}");
    }

    // A component's own credentials are its own affair.
    let request = Request::get("/echo")
        .header(HOST, &host)
        .header("authorization", "Bearer own")
        .header("cookie", "own=1")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let echo = Answer::read(world.send(request).await).await.json();
    assert_eq!(values(&echo, "authorization"), ["Bearer own"]);
    assert_eq!(values(&echo, "cookie"), ["own=1"]);
}

pub async fn connection_headers_stay_on_their_connection(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let request = Request::get("/echo")
        .header(HOST, &host)
        .header("connection", "keep-alive, X-Hop, host, x-forwarded-for")
        .header("keep-alive", "timeout=5")
        .header("proxy-connection", "keep-alive")
        .header("proxy-authorization", "Basic c2VjcmV0")
        .header("te", "gzip")
        .header("x-hop", "1")
        .header("x-end", "1")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let echo = Answer::read(world.send(request).await).await.json();
    for gone in ["keep-alive", "proxy-connection", "proxy-authorization", "te", "x-hop", "upgrade"] {
        assert_eq!(values(&echo, gone), Vec::<&str>::new(), "{gone}");
    }
    assert_eq!(values(&echo, "host"), [host.as_str()]);
    assert_eq!(values(&echo, "x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(values(&echo, "x-end"), ["1"]);
}

/// Answers every request with the same bytes.
async fn says(answer: &'static str) -> Backend {
    Backend::scripted(move |mut stream| async move {
        let mut request = [0; 4096];
        while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    })
    .await
}

pub async fn a_component_cannot_speak_for_the_platform(world: &World) {
    let backend = says(
        "HTTP/1.1 200 OK\r\n\
         Content-Length: 2\r\n\
         Connection: X-Hop\r\n\
         X-Hop: 1\r\n\
         Keep-Alive: timeout=5\r\n\
         Devsanctum-Route: starting\r\n\
         X-Devsanctum-User: root\r\n\
         Clear-Site-Data: \"cookies\"\r\n\
         Set-Cookie: own=1; Path=/; HttpOnly\r\n\
         Set-Cookie: wide=1; Domain=.ws.test; Secure\r\n\
         Set-Cookie: wider=1;domain = test\r\n\
         Set-Cookie: devsanctum_session=stolen\r\n\
         Set-Cookie: __Host-devsanctum_refresh=stolen; Path=/; Secure\r\n\
         Set-Cookie: =devsanctum_session=stolen\r\n\
         Set-Cookie: DEVSANCTUM_session\r\n\
         X-Own: stays\r\n\
         \r\nok",
    )
    .await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let answer = world.get(&host, "/").await;
    assert_eq!(answer.text(), "ok");
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(cookies, ["own=1; Path=/; HttpOnly", "wide=1; Secure", "wider=1"]);
    for gone in ["devsanctum-route", "x-devsanctum-user", "x-hop", "keep-alive", "clear-site-data"] {
        assert_eq!(answer.header(gone), None, "{gone}");
    }
    assert_eq!(answer.header("x-own"), Some("stays"));
}

pub async fn a_length_beside_chunks_is_not_believed(world: &World) {
    let backend = says(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n",
    )
    .await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let answer = world.send(get(&host, "/")).await;
    assert!(!answer.headers().contains_key("content-length"));
    assert_eq!(Answer::read(answer).await.text(), "whole");
}

pub async fn cookies_of_http2_arrive_in_one_line(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let request = Request::get(format!("http://{host}/echo"))
        .header("cookie", "a=1")
        .header("cookie", "devsanctum_session=secret")
        .header("cookie", "b=2")
        .body(Full::<Bytes>::default())
        .unwrap();
    let echo = Answer::read(world.send_http2(request).await).await.json();
    assert_eq!(values(&echo, "cookie"), ["a=1; b=2"]);
}
