//! The suite of the `DomainProofs` port: on the network against a DNS server and web servers of the test, and on the world
//! in memory. What only the network has to fear comes after it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use devsanctum::{
    adapters::domain_proofs::NetworkProofs,
    domain::reach::Reach,
    ports::domain_proofs::{DomainProofs, ProofError},
    testing::proofs::FakeProofs,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UdpSocket},
};
use tokio_util::task::AbortOnDropHandle;

use crate::support::dns::DnsServer;

const HOST: &str = "shop.example.com";
const NAME: &str = "_devsanctum-challenge.shop.example.com";
const PATH: &str = "/.well-known/devsanctum-challenge";
/// Beyond all that a look may take.
const BOUND: Duration = Duration::from_secs(12);

/// A name with two records and a page.
struct Stage {
    proofs: Arc<dyn DomainProofs>,
    _network: Option<(DnsServer, AbortOnDropHandle<()>)>,
}

async fn records_are_read(stage: Stage) {
    let mut records = stage.proofs.records(NAME).await.unwrap();
    records.sort();
    assert_eq!(records, ["devsanctum-verification=0123", "v=spf1 -all"]);
}

async fn a_name_without_records_has_none(stage: Stage) {
    for name in ["_devsanctum-challenge.other.example.com", "nowhere.test"] {
        assert_eq!(stage.proofs.records(name).await, Ok(Vec::new()), "{name}");
    }
}

async fn a_page_is_read(stage: Stage) {
    assert_eq!(stage.proofs.page(HOST, PATH).await.as_deref(), Ok("devsanctum-verification=0123\n"));
}

async fn what_is_not_there_is_unfit(stage: Stage) {
    let missing = stage.proofs.page(HOST, "/elsewhere").await;
    assert!(matches!(&missing, Err(ProofError::Unfit(why)) if why.contains("404")), "{missing:?}");
    let nowhere = stage.proofs.page("nowhere.test", PATH).await;
    assert!(matches!(nowhere, Err(ProofError::Unfit(_))), "{nowhere:?}");
}

macro_rules! suite {
    ($($test:ident),* $(,)?) => {
        suite!(@world memory: $($test),*);
        suite!(@world network: $($test),*);
    };
    (@world $world:ident: $($test:ident),*) => {
        mod $world {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::$world().await).await;
            })*
        }
    };
}

suite!(records_are_read, a_name_without_records_has_none, a_page_is_read, what_is_not_there_is_unfit);

async fn memory() -> Stage {
    let fake = FakeProofs::default();
    fake.add_record(NAME, "devsanctum-verification=0123");
    fake.add_record(NAME, "v=spf1 -all");
    fake.set_page(&format!("http://{HOST}{PATH}"), "devsanctum-verification=0123\n");
    Stage { proofs: Arc::new(fake), _network: None }
}

async fn network() -> Stage {
    let dns = DnsServer::start().await;
    dns.txt(NAME, &["devsanctum-verif", "ication=0123"]);
    dns.txt(NAME, &["v=spf1 -all"]);
    dns.address(HOST, "127.0.0.1".parse().unwrap());
    let (web, serving) = web(|head| match head.starts_with(&format!("GET {PATH} HTTP/1.1\r\n")) {
        true => ok("devsanctum-verification=0123\n"),
        false => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".into(),
    })
    .await;
    let proofs = on_loopback(&dns).on_port(web.port());
    Stage { proofs: Arc::new(proofs), _network: Some((dns, serving)) }
}

fn on_loopback(dns: &DnsServer) -> NetworkProofs {
    let reach = Reach { allowed: vec!["127.0.0.0/8".parse().unwrap()], never: Vec::new() };
    NetworkProofs::new(&[dns.address], reach).unwrap()
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Answers each connection once, by the head that came.
async fn web(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> (SocketAddr, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).await.unwrap_or(0) == 0 {
                    break;
                }
                head.push(byte[0]);
            }
            // Who has read enough does not wait for the rest.
            let _ = stream.write_all(answer(&String::from_utf8_lossy(&head)).as_bytes()).await;
        }
    });
    (address, AbortOnDropHandle::new(serving))
}

#[tokio::test]
async fn every_look_is_fresh() {
    let dns = DnsServer::start().await;
    let proofs = on_loopback(&dns);
    assert_eq!(proofs.records(NAME).await, Ok(Vec::new()));
    dns.txt(NAME, &["one"]);
    assert_eq!(proofs.records(NAME).await, Ok(vec!["one".to_owned()]));
    dns.forget(NAME);
    assert_eq!(proofs.records(NAME).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_record_may_be_an_alias() {
    let dns = DnsServer::start().await;
    dns.alias(NAME, "challenge.provider.test");
    dns.txt("challenge.provider.test", &["here"]);
    assert_eq!(on_loopback(&dns).records(NAME).await, Ok(vec!["here".to_owned()]));
}

#[tokio::test]
async fn the_host_is_asked_by_its_name_at_the_address_that_was_looked_at() {
    let dns = DnsServer::start().await;
    let (web, _serving) = web(|head| ok(&head.replace("\r\n", "|"))).await;
    dns.alias(HOST, "web.provider.test");
    // The first may not be connected to, the second may.
    dns.address("web.provider.test", "10.0.0.1".parse().unwrap());
    dns.address("web.provider.test", "127.0.0.1".parse().unwrap());
    let head = on_loopback(&dns).on_port(web.port()).page(HOST, PATH).await.unwrap().to_lowercase();
    assert!(head.contains("|host: shop.example.com|"), "{head}");
    assert!(!head.contains("authorization") && !head.contains("cookie"), "{head}");
}

#[tokio::test]
async fn nothing_is_connected_to_that_is_not_for_everybody() {
    let dns = DnsServer::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let strict = NetworkProofs::new(&[dns.address], Reach::default()).unwrap().on_port(port);
    for (number, address) in [
        "127.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "fd00::1",
    ]
    .into_iter()
    .enumerate()
    {
        let host = format!("n{number}.example.com");
        dns.address(&host, address.parse().unwrap());
        let refused = strict.page(&host, PATH).await;
        let says_why = |why: &String| {
            why.contains("no public address")
                && !why.contains(address)
                && why.contains("DEVSANCTUM_OUTBOUND_NETWORKS")
        };
        assert!(matches!(&refused, Err(ProofError::Unfit(why)) if says_why(why)), "{address}: {refused:?}");
    }
    let never =
        Reach { allowed: vec!["127.0.0.0/8".parse().unwrap()], never: vec!["127.0.0.1/32".parse().unwrap()] };
    let proofs = NetworkProofs::new(&[dns.address], never).unwrap().on_port(port);
    assert!(matches!(proofs.page("n0.example.com", PATH).await, Err(ProofError::Unfit(_))));
    // Names of this machine's own files are not names.
    assert!(matches!(strict.page("localhost", PATH).await, Err(ProofError::Unfit(_))));
    let connected = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
    assert!(connected.is_err(), "somebody was connected to");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let dns = DnsServer::start().await;
    dns.address(HOST, "127.0.0.1".parse().unwrap());
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let answer = format!("HTTP/1.1 {status}\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n");
        let (web, _serving) = web(move |_| answer.clone()).await;
        let answered = on_loopback(&dns).on_port(web.port()).page(HOST, PATH).await;
        let says = |why: &String| why.contains(&status[..3]);
        assert!(matches!(&answered, Err(ProofError::Unfit(why)) if says(why)), "{status}: {answered:?}");
    }
}

#[tokio::test]
async fn long_and_strange_answers_are_refused() {
    let dns = DnsServer::start().await;
    dns.address(HOST, "127.0.0.1".parse().unwrap());
    let page = async |answer: String| {
        let (web, _serving) = web(move |_| answer.clone()).await;
        on_loopback(&dns).on_port(web.port()).page(HOST, PATH).await
    };
    assert_eq!(page(ok(&"x".repeat(1024))).await.unwrap().len(), 1024);
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let endless = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(20));
    for long in [ok(&"x".repeat(1025)), endless] {
        let refused = page(long).await;
        assert!(matches!(&refused, Err(ProofError::Unfit(why)) if why.contains("1024")), "{refused:?}");
    }
    for broken in ["", "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"] {
        let refused = page(broken.into()).await;
        assert!(matches!(refused, Err(ProofError::Unavailable(_))), "{broken:?}: {refused:?}");
    }
}

#[tokio::test]
async fn whoever_does_not_answer_holds_nobody_up() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let proofs = NetworkProofs::new(&[silent.local_addr().unwrap()], Reach::default()).unwrap();
    let looked =
        tokio::time::timeout(BOUND, proofs.records(NAME)).await.expect("a look at DNS is not bounded");
    assert!(matches!(looked, Err(ProofError::Unavailable(_))), "{looked:?}");

    let dns = DnsServer::start().await;
    dns.address(HOST, "127.0.0.1".parse().unwrap());
    // It takes the connection, and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proofs = on_loopback(&dns).on_port(listener.local_addr().unwrap().port());
    let looked = tokio::time::timeout(BOUND, proofs.page(HOST, PATH)).await.expect("a page is not bounded");
    assert!(matches!(&looked, Err(ProofError::Unavailable(why)) if why.contains("in time")), "{looked:?}");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let looked = on_loopback(&dns).on_port(closed.port()).page(HOST, PATH).await;
    assert!(matches!(looked, Err(ProofError::Unavailable(_))), "{looked:?}");
}
