//! Custom domains are addresses like others: each with a pass of its own.

use std::time::Duration;

use serde_json::{Value, json};

use super::world::{World, cookie};
use crate::support::client::{Answer, Person};

const PATIENCE: Duration = Duration::from_secs(20);
const HOST: &str = "shop.example.com";

impl World {
    /// A custom domain of an address, claimed and shown to be ours.
    async fn domain(&self, visibility: &'static str, host: &str) -> Value {
        let made = self.claim(visibility, host).await;
        let txt = &made["proof"]["txt"];
        self.server.proofs.add_record(txt["name"].as_str().unwrap(), txt["value"].as_str().unwrap());
        let verify = format!("{}/verify", made["path"].as_str().unwrap());
        let verified = self.owner.post(&verify).send().await.expect(200).json();
        assert_eq!(verified["status"], "verified", "{verified}");
        self.leads(host, true).await;
        made
    }

    async fn claim(&self, visibility: &'static str, host: &str) -> Value {
        let path = format!("/api/v1/workspaces/{}/routes", self.workspace);
        let routes = self.owner.get(&path).send().await.expect(200).json();
        let own = |route: &&Value| {
            route["host"].as_str().unwrap().starts_with(&format!("{}.", self.label(visibility)))
        };
        let route = routes["items"].as_array().unwrap().iter().find(own).unwrap().clone();
        let path = format!("{path}/{}/domains", route["id"].as_str().unwrap());
        let mut made = self.owner.post(&path).json(&json!({ "host": host })).send().await.expect(201).json();
        made["path"] = format!("{path}/{}", made["id"].as_str().unwrap()).into();
        made
    }

    async fn leads(&self, host: &str, anywhere: bool) {
        let there = async {
            loop {
                let answer = self.visit_label(host, "/.devsanctum/x").send().await;
                // Of the gate, not of the control plane.
                if is_of_the_gate(&answer) == anywhere {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, there).await.expect("the domain does not get there");
    }

    fn url_of(&self, host: &str, path: &str) -> String {
        format!("{}{path}", self.server.app.settings.route_url(host))
    }

    async fn ticket_for(&self, person: &Person, url: &str) -> Answer {
        person.post("/api/v1/tickets").json(&json!({ "for": url })).send().await
    }

    /// As a browser comes in.
    async fn pass_of(&self, person: &Person, host: &str) -> String {
        let away = self.visit_label(host, "/").header("accept", "text/html").send().await.expect(303);
        let knock = cookie(&away.headers, "devsanctum_knock").unwrap();
        let ticket = self.ticket_for(person, &self.url_of(host, "/")).await.expect(200).json();
        let path = ticket["url"].as_str().unwrap().strip_prefix(&self.url_of(host, "")).unwrap().to_owned();
        let value = knock.split_once('=').unwrap().1;
        let call = self.visit_label(host, &format!("{path}&knock={value}")).header("cookie", &knock);
        let entered = call.header("accept", "text/html").send().await.expect(303);
        assert_eq!(entered.headers["location"], self.url_of(host, "/"));
        cookie(&entered.headers, "devsanctum_pass").unwrap()
    }
}

fn is_of_the_gate(answer: &Answer) -> bool {
    answer.status == 404
        && answer.headers.get("vary").is_some_and(|vary| vary == "cookie, authorization, accept")
}

#[tokio::test]
async fn a_person_signs_in_at_a_custom_domain() {
    let world = World::start().await;
    world.domain("private", HOST).await;
    let away = world.visit_label(HOST, "/a?b=c").header("accept", "text/html").send().await.expect(303);
    let location = away.headers["location"].to_str().unwrap();
    let access_url = &world.server.app.settings.access_url;
    let to = location.strip_prefix(&format!("{access_url}/open?to=")).unwrap().split('&').next().unwrap();
    let to = percent_encoding::percent_decode_str(to).decode_utf8().unwrap();
    assert_eq!(to, world.url_of(HOST, "/a?b=c"));
    world.visit_label(HOST, "/").send().await.problem(401, "unauthenticated");

    let pass = world.pass_of(&world.owner, HOST).await;
    let seen = world.visit_label("SHOP.example.com", "/x").header("cookie", &format!("own=1; {pass}"));
    let seen = seen.send().await.expect(200).json();
    assert_eq!(seen["headers"]["cookie"], "own=1");
    assert!(
        seen["headers"]["host"]
            .as_str()
            .unwrap()
            .eq_ignore_ascii_case(&world.url_of(HOST, "")["http://".len()..])
    );
    let stranger = world.server.person("stranger", None).await;
    world.ticket_for(&stranger, &world.url_of(HOST, "/")).await.problem(403, "address_refused");
    world.server.stop().await;
}

#[tokio::test]
async fn a_pass_is_for_one_of_its_names_only() {
    let world = World::start().await;
    world.domain("private", HOST).await;
    world.domain("private", "example.net").await;
    world.domain("organization", "docs.example.com").await;
    let (of_domain, of_label) =
        (world.pass_of(&world.owner, HOST).await, world.pass(&world.owner, "private").await);
    let opens = async |host: &str, pass: &str| {
        world.visit_label(host, "/").header("cookie", pass).send().await.status == 200
    };
    assert!(opens(HOST, &of_domain).await);
    for other in [world.label("private"), "example.net", "docs.example.com", world.label("organization")] {
        assert!(!opens(other, &of_domain).await, "{other}");
    }
    assert!(opens(world.label("private"), &of_label).await);
    for other in [HOST, "example.net", "docs.example.com"] {
        assert!(!opens(other, &of_label).await, "{other}");
    }
    world.server.stop().await;
}

#[tokio::test]
async fn names_of_one_workspace_are_each_others_own() {
    let world = World::start().await;
    world.domain("private", HOST).await;
    world.domain("organization", "docs.example.com").await;
    world.claim("private", "claimed.example.com").await;
    let pass = world.pass_of(&world.owner, HOST).await;
    let from = async |origin: &str| {
        let call = world.visit_label(HOST, "/").header("cookie", &pass).header("origin", origin);
        call.send().await.status.as_u16()
    };
    let own = [
        world.url_of(HOST, ""),
        world.url_of("docs.example.com", ""),
        world.url("private", ""),
        world.url("organization", ""),
    ];
    for origin in own {
        assert_eq!(from(&origin).await, 200, "{origin}");
    }
    for origin in [
        world.url_of("claimed.example.com", ""),
        world.url_of("evil.example.com", ""),
        world.url_of("example.com", ""),
        format!("http://{HOST}"),
        world.url_of(HOST, "").replace("http:", "https:"),
        world.server.app.settings.access_url.clone(),
        "null".into(),
    ] {
        assert_eq!(from(&origin).await, 401, "{origin}");
    }
    world.server.stop().await;
}

/// Whatever stands in `/open?to=…`, tickets and with them the way on are for addresses that are published.
#[tokio::test]
async fn tickets_lead_to_no_domain_that_is_not_shown_to_be_somebodys() {
    let world = World::start().await;
    world.domain("public", HOST).await;
    world.claim("public", "claimed.example.com").await;
    let port = world.server.address.port();
    let ask = async |url: &str| world.ticket_for(&world.owner, url).await;
    let right = ask(&format!("http://{HOST}:{port}/a?b")).await.expect(200).json();
    assert!(right["url"].as_str().unwrap().starts_with(&format!("http://{HOST}:{port}/.devsanctum/enter?")));
    for unknown in [
        "claimed.example.com",
        "evil.example",
        "example.com",
        "x.shop.example.com",
        "shop.example.com.evil.test",
    ] {
        ask(&format!("http://{unknown}:{port}/")).await.problem(404, "not_found");
    }
    for wrong in [
        format!("http://{HOST}/"),
        format!("https://{HOST}:{port}/"),
        format!("http://{HOST}:{port}@evil.example/"),
        format!("http://me@{HOST}:{port}/"),
        format!("http://evil.example\\@{HOST}:{port}/"),
        format!("http://evil.example#{HOST}:{port}"),
        format!("http://evil.example?{HOST}:{port}"),
        format!("http://evil.example/{HOST}:{port}/"),
        format!("http://{HOST}.:{port}/"),
        format!("http://SHOP.example.com:{port}/"),
        format!("//{HOST}:{port}/"),
        format!("http:{HOST}:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("http://{HOST}:{port}/\r\nset-cookie:a=b"),
    ] {
        let answer = ask(&wrong).await;
        assert!(matches!(answer.status.as_u16(), 404 | 422), "{wrong:?}: {}", answer.text);
    }
    world.server.stop().await;
}

#[tokio::test]
async fn what_is_taken_back_is_closed() {
    let world = World::start().await;
    let made = world.domain("private", HOST).await;
    let pass = world.pass_of(&world.owner, HOST).await;
    world.owner.delete(made["path"].as_str().unwrap()).send().await.expect(204);
    world.leads(HOST, false).await;
    let answer = world.visit_label(HOST, "/x").header("cookie", &pass).send().await;
    assert!(!answer.text.contains("\"headers\""), "the component answered: {}", answer.text);
    world.ticket_for(&world.owner, &world.url_of(HOST, "/")).await.problem(404, "not_found");
    world.server.stop().await;
}

#[tokio::test]
async fn a_proxy_in_front_is_told_of_custom_domains_too() {
    let world = World::behind_proxies("127.0.0.0/8").await;
    world.domain("private", HOST).await;
    world.claim("private", "claimed.example.com").await;
    let ask = |host: &str| {
        let call = world.server.anonymous().get("/edge/authorize").header("x-forwarded-host", host);
        call.header("x-forwarded-method", "GET").header("x-forwarded-uri", "/deep")
    };
    let pass = world.pass_of(&world.owner, HOST).await;
    for host in [HOST, "Shop.example.com", "shop.example.com:7080"] {
        ask(host).header("cookie", &pass).send().await.expect(200);
    }
    ask(HOST).send().await.problem(401, "unauthenticated");
    let away = ask(HOST).header("accept", "text/html").send().await.expect(303);
    assert!(away.headers["location"].to_str().unwrap().contains("shop.example.com"));
    for unknown in ["claimed.example.com", "evil.example"] {
        ask(unknown).header("cookie", &pass).send().await.problem(404, "not_found");
    }
    world.server.stop().await;
}
