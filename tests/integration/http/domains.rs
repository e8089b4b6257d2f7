//! Custom domains of routes over the API, with the world of names as the test says.

use std::time::Duration;

use chrono::Duration as Span;
use devsanctum::{
    app::workspaces::look_at_claims,
    domain::{audit::AuditEntry, ids::OrgId, role::Role},
    ports::repository::PageRequest,
};
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Person},
    in_process::TestServer,
};

const PATIENCE: Duration = Duration::from_secs(20);
const HOST: &str = "shop.example.com";

/// A workspace of an organization, and somebody who may operate it.
struct Tenant {
    person: Person,
    org: OrgId,
    workspace: String,
    routes: String,
    main: String,
}

impl Tenant {
    async fn of(server: &TestServer, slug: &str) -> Self {
        let person = server.person(slug, None).await;
        let org = person.post("/api/v1/orgs").json(&json!({ "slug": format!("org-{slug}") })).send().await;
        let org: OrgId = org.expect(201).json()["id"].as_str().unwrap().parse().unwrap();
        let manifest = json!({
            "appName": "Echo", "slug": "echo",
            "components": [{ "name": "web", "type": "workspace", "port": 8080 }],
        });
        let template = json!({ "name": "echo", "source": { "kind": "manifest", "manifest": manifest } });
        let path = format!("/api/v1/orgs/org-{slug}/templates");
        person.post(&path).json(&template).send().await.expect(201);
        let made = person
            .post(&format!("/api/v1/orgs/org-{slug}/workspaces"))
            .header("prefer", "wait=30")
            .json(&json!({ "name": slug, "template": "echo" }));
        let made = made.send().await.expect(202).json();
        assert_eq!(made["status"], "running", "{made}");
        let workspace = made["id"].as_str().unwrap().to_owned();
        let main = made["routes"][0]["id"].as_str().unwrap().to_owned();
        let routes = format!("/api/v1/workspaces/{workspace}/routes");
        Self { person, org, workspace, routes, main }
    }

    fn path(&self) -> String {
        format!("{}/{}/domains", self.routes, self.main)
    }

    fn of_domain(&self, domain: &Value) -> String {
        format!("{}/{}", self.path(), domain["id"].as_str().unwrap())
    }

    async fn claim(&self, host: &str) -> Answer {
        self.person.post(&self.path()).json(&json!({ "host": host })).send().await
    }

    async fn verify(&self, domain: &Value) -> Value {
        self.person.post(&format!("{}/verify", self.of_domain(domain))).send().await.expect(200).json()
    }

    async fn list(&self) -> Vec<Value> {
        let page = self.person.get(&self.path()).send().await.expect(200).json();
        page["items"].as_array().unwrap().clone()
    }
}

async fn audit(server: &TestServer, action: &str) -> Vec<AuditEntry> {
    let page = PageRequest { limit: 200, ..PageRequest::default() };
    let mut reader = server.app.store.read().await.unwrap();
    let entries = reader.audit().list(&Default::default(), &page).await.unwrap();
    entries.into_iter().filter(|entry| entry.action == action).collect()
}

fn prove(server: &TestServer, domain: &Value) {
    let txt = &domain["proof"]["txt"];
    server.proofs.add_record(txt["name"].as_str().unwrap(), txt["value"].as_str().unwrap());
}

/// Whose workspace a host leads to at the proxy, when that is this one.
async fn leads_to(server: &TestServer, host: &str, tenant: Option<&Tenant>) {
    let leads = async {
        loop {
            let mut reader = server.app.store.read().await.unwrap();
            let published = reader.routes().published_at(host).await.unwrap();
            let workspace = published.map(|route| route.route.workspace_id.to_string());
            drop(reader);
            let answer =
                server.anonymous().get("/").header("host", host).header("accept", "*/*").send().await;
            // The addresses are private: the gate answers, and the control plane does not know it.
            let is_gate = answer.status == 401;
            if workspace.as_deref() == tenant.map(|tenant| tenant.workspace.as_str())
                && is_gate == tenant.is_some()
            {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, leads).await.unwrap_or_else(|_| panic!("{host} does not get there"));
}

#[tokio::test]
async fn a_domain_leads_to_its_route_once_it_is_shown_to_be_ours() {
    let (server, _ada) = TestServer::start().await;
    let tenant = Tenant::of(&server, "grace").await;
    let made = tenant.claim("Shop.Example.com.").await.expect(201).json();
    let content = made["proof"]["txt"]["value"].as_str().unwrap().to_owned();
    let (_, token) = content.split_once("devsanctum-verification=").unwrap();
    assert!(token.len() >= 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    let port = server.address.port();
    let expected = json!({
        "id": made["id"], "host": HOST, "url": format!("http://{HOST}:{port}"), "status": "pending",
        "created_at": made["created_at"], "verified_at": null, "checked_at": null, "failure": null,
        "proof": {
            "txt": { "name": format!("_devsanctum-challenge.{HOST}"), "value": content },
            "http": { "url": format!("http://{HOST}/.well-known/devsanctum-challenge"), "content": content },
        },
    });
    assert_eq!(made, expected);
    leads_to(&server, HOST, None).await;

    let looked = tenant.verify(&made).await;
    assert_eq!(looked["status"], "pending");
    let failure = looked["failure"].as_str().unwrap();
    for part in [&format!("no TXT record at _devsanctum-challenge.{HOST}"), &content, "404"] {
        assert!(failure.contains(part), "{part} in {failure}");
    }
    assert!(looked["checked_at"].is_string());
    server.proofs.add_record(&format!("_devsanctum-challenge.{HOST}"), "something else");
    let looked = tenant.verify(&made).await;
    assert!(looked["failure"].as_str().unwrap().contains("\"something else\" instead"), "{looked}");
    leads_to(&server, HOST, None).await;

    prove(&server, &made);
    let verified = tenant.verify(&made).await;
    assert_eq!((&verified["status"], &verified["failure"]), (&json!("verified"), &Value::Null));
    assert!(verified["verified_at"].is_string());
    leads_to(&server, HOST, Some(&tenant)).await;
    assert_eq!(tenant.list().await, std::slice::from_ref(&verified));
    let short = json!([{ "id": made["id"], "host": HOST, "status": "verified" }]);
    let workspace = format!("/api/v1/workspaces/{}", tenant.workspace);
    assert_eq!(tenant.person.get(&workspace).send().await.expect(200).json()["routes"][0]["domains"], short);
    let routes = tenant.person.get(&tenant.routes).send().await.expect(200).json();
    assert_eq!(routes["items"][0]["domains"], short);
    // Nobody looks again at what is known.
    let looks = server.proofs.looks();
    assert_eq!(tenant.verify(&made).await, verified);
    assert_eq!(server.proofs.looks(), looks);

    tenant.person.delete(&tenant.of_domain(&made)).send().await.expect(204);
    tenant.person.delete(&tenant.of_domain(&made)).send().await.expect(204);
    leads_to(&server, HOST, None).await;
    for action in ["add", "verify", "remove"] {
        let entries = audit(&server, &format!("workspace.domain.{action}")).await;
        assert_eq!(entries.len(), 1, "{action}");
        assert_eq!(
            (&entries[0].detail["host"], entries[0].org_id),
            (&json!(HOST), Some(tenant.org)),
            "{action}"
        );
        assert!(!entries[0].detail.to_string().contains(token));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_page_shows_it_as_well_unless_it_is_answered_here() {
    let (server, _ada) = TestServer::start().await;
    let (grace, bob) = (Tenant::of(&server, "grace").await, Tenant::of(&server, "bob").await);
    let made = grace.claim(HOST).await.expect(201).json();
    let page = |domain: &Value| {
        let http = &domain["proof"]["http"];
        server.proofs.set_page(http["url"].as_str().unwrap(), http["content"].as_str().unwrap());
    };
    page(&made);
    assert_eq!(grace.verify(&made).await["status"], "verified");
    leads_to(&server, HOST, Some(&grace)).await;
    // From now on the page is what the workspace answers: whoever can put a file there does not have the domain.
    let other = bob.claim(HOST).await.expect(201).json();
    assert_ne!(other["proof"], made["proof"]);
    page(&other);
    let refused = bob.verify(&other).await;
    assert_eq!(refused["status"], "pending");
    assert!(refused["failure"].as_str().unwrap().contains("only the TXT record counts"), "{refused}");
    leads_to(&server, HOST, Some(&grace)).await;
    server.stop().await;
}

#[tokio::test]
async fn whoever_shows_it_last_has_it() {
    let (server, _ada) = TestServer::start().await;
    let (grace, bob) = (Tenant::of(&server, "grace").await, Tenant::of(&server, "bob").await);
    let first = grace.claim(HOST).await.expect(201).json();
    let second = bob.claim(HOST).await.expect(201).json();
    // A claim keeps nobody from the name, and another's proof is none.
    prove(&server, &first);
    assert_eq!(bob.verify(&second).await["status"], "pending");
    assert_eq!(grace.verify(&first).await["status"], "verified");
    leads_to(&server, HOST, Some(&grace)).await;
    assert_eq!(bob.verify(&second).await["status"], "pending");

    // The domain has changed hands.
    server.proofs.clear_records(&format!("_devsanctum-challenge.{HOST}"));
    prove(&server, &second);
    assert_eq!(bob.verify(&second).await["status"], "verified");
    leads_to(&server, HOST, Some(&bob)).await;
    let lost = &grace.list().await[0];
    assert_eq!(lost["status"], "pending");
    let failure = lost["failure"].as_str().unwrap();
    assert!(failure.contains("somebody else has shown") && !failure.contains("bob"), "{failure}");
    let entries = audit(&server, "workspace.domain.lose").await;
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].org_id, entries[0].user_id), (Some(grace.org), None));
    assert!(!entries[0].detail.to_string().contains(&bob.workspace), "{:?}", entries[0].detail);
    let won = audit(&server, "workspace.domain.verify").await;
    assert_eq!(won[0].org_id, Some(bob.org));
    assert_eq!(won[0].detail["taken_over"], true);
    // And back.
    prove(&server, &first);
    assert_eq!(grace.verify(&first).await["status"], "verified");
    leads_to(&server, HOST, Some(&grace)).await;
    server.stop().await;
}

#[tokio::test]
async fn nobody_has_to_come_back_for_a_proof() {
    let (server, _ada) = TestServer::start().await;
    let tenant = Tenant::of(&server, "grace").await;
    let made = tenant.claim(HOST).await.expect(201).json();
    assert_eq!(look_at_claims(&server.app).await.unwrap(), 0);
    let looks = server.proofs.looks();
    assert_eq!(looks, 2, "a record and a page");
    assert_eq!(look_at_claims(&server.app).await.unwrap(), 0);
    assert_eq!(server.proofs.looks(), looks, "not again so soon");
    server.proofs.set_down(true);
    server.clock.advance(Span::minutes(6));
    assert_eq!(look_at_claims(&server.app).await.unwrap(), 0);
    assert!(tenant.list().await[0]["failure"].as_str().unwrap().contains("cannot be read"));
    server.proofs.set_down(false);
    prove(&server, &made);
    server.clock.advance(Span::minutes(6));
    assert_eq!(look_at_claims(&server.app).await.unwrap(), 1);
    leads_to(&server, HOST, Some(&tenant)).await;
    assert_eq!(audit(&server, "workspace.domain.verify").await[0].user_id, None);

    // After a week somebody has to ask.
    let late = tenant.claim("late.example.com").await.expect(201).json();
    prove(&server, &late);
    server.clock.advance(Span::days(7) + Span::minutes(1));
    assert_eq!(look_at_claims(&server.app).await.unwrap(), 0);
    let person = server.sign_in("grace").await;
    let looked = person.post(&format!("{}/verify", tenant.of_domain(&late))).send().await.expect(200).json();
    assert_eq!(looked["status"], "verified");
    server.stop().await;
}

#[tokio::test]
async fn wrong_names_are_refused_with_what_is_wrong() {
    let (server, _ada) = TestServer::start().await;
    let tenant = Tenant::of(&server, "grace").await;
    for host in
        ["", "shop", "127.0.0.1", "*.example.com", "https://shop.example.com/", "shop.localhost", "localhost"]
    {
        tenant.claim(host).await.problem(422, "invalid");
    }
    tenant.claim(HOST).await.expect(201);
    tenant.claim("SHOP.example.com").await.problem(409, "taken");
    for number in 1..10 {
        tenant.claim(&format!("n{number}.example.com")).await.expect(201);
    }
    tenant.claim("one-more.example.com").await.problem(409, "too_many_domains");
    let body = json!({ "host": "a.example.com", "status": "verified" });
    tenant.person.post(&tenant.path()).json(&body).send().await.problem(422, "invalid");
    server.stop().await;
}

#[tokio::test]
async fn a_repeated_request_makes_one_claim() {
    let (server, _ada) = TestServer::start().await;
    let tenant = Tenant::of(&server, "grace").await;
    let claim = async |key: &str, host: &str| {
        let call = tenant.person.post(&tenant.path()).header("idempotency-key", key);
        call.json(&json!({ "host": host })).send().await
    };
    let first = claim("one", HOST).await.expect(201).json();
    assert_eq!(claim("one", HOST).await.expect(201).json(), first);
    claim("one", "other.example.com").await.problem(422, "invalid");
    assert_eq!(tenant.list().await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn looks_are_not_for_free() {
    let (server, _ada) = TestServer::start().await;
    let tenant = Tenant::of(&server, "grace").await;
    let made = tenant.claim(HOST).await.expect(201).json();
    for _ in 0..20 {
        tenant.verify(&made).await;
    }
    let path = format!("{}/verify", tenant.of_domain(&made));
    tenant.person.post(&path).send().await.problem(429, "rate_limited");
    server.clock.advance(Span::seconds(16));
    tenant.verify(&made).await;
    server.stop().await;
}

#[tokio::test]
async fn a_domain_goes_with_its_workspace_and_stays_with_its_route() {
    let (server, _ada) = TestServer::start().await;
    let (grace, bob) = (Tenant::of(&server, "grace").await, Tenant::of(&server, "bob").await);
    let made = grace.claim(HOST).await.expect(201).json();
    prove(&server, &made);
    grace.verify(&made).await;
    leads_to(&server, HOST, Some(&grace)).await;
    // Another port of the component under the same name.
    let manifest = json!({
        "appName": "Echo", "slug": "echo",
        "components": [{ "name": "web", "type": "workspace", "port": 9090 }],
    });
    let templates = grace.person.get("/api/v1/orgs/org-grace/templates").send().await.expect(200).json();
    let template = templates["items"].as_array().unwrap().iter().find(|it| it["name"] == "echo").unwrap();
    let path = format!("/api/v1/templates/{}/versions", template["id"].as_str().unwrap());
    let version = json!({ "source": { "kind": "manifest", "manifest": manifest } });
    let version = grace.person.post(&path).json(&version).send().await.expect(201).json();
    let update = grace.person.post(&format!("/api/v1/workspaces/{}/update", grace.workspace));
    let update = update.header("prefer", "wait=30").json(&json!({ "version": version["number"] }));
    let updated = update.send().await.expect(202).json();
    assert_eq!(updated["routes"][0]["port"], 9090, "{updated}");
    assert_eq!(updated["routes"][0]["domains"][0]["status"], "verified");
    leads_to(&server, HOST, Some(&grace)).await;

    let path = format!("/api/v1/workspaces/{}", grace.workspace);
    grace.person.delete(&path).header("prefer", "wait=30").send().await.expect(202);
    leads_to(&server, HOST, None).await;
    // The name is free for whoever shows it, by a page too: it leads nowhere here.
    let claim = bob.claim(HOST).await.expect(201).json();
    let http = &claim["proof"]["http"];
    server.proofs.set_page(http["url"].as_str().unwrap(), http["content"].as_str().unwrap());
    assert_eq!(bob.verify(&claim).await["status"], "verified");
    leads_to(&server, HOST, Some(&bob)).await;
    server.stop().await;
}

#[tokio::test]
async fn viewers_see_domains_and_strangers_do_not() {
    let (server, _ada) = TestServer::start().await;
    let tenant = Tenant::of(&server, "grace").await;
    let made = tenant.claim(HOST).await.expect(201).json();
    let viewer = server.person("viewer", Some((tenant.org, Role::Viewer))).await;
    let stranger = server.person("stranger", None).await;
    let seen = viewer.get(&tenant.path()).send().await.expect(200).json();
    assert_eq!(seen["items"], json!([made]));
    let verify = format!("{}/verify", tenant.of_domain(&made));
    for (person, status, code) in [(&viewer, 403, "forbidden"), (&stranger, 404, "not_found")] {
        person
            .post(&tenant.path())
            .json(&json!({ "host": "a.example.com" }))
            .send()
            .await
            .problem(status, code);
        person.post(&verify).send().await.problem(status, code);
        person.delete(&tenant.of_domain(&made)).send().await.problem(status, code);
    }
    stranger.get(&tenant.path()).send().await.problem(404, "not_found");
    assert_eq!(server.proofs.looks(), 0);
    server.stop().await;
}

/// Nothing of ours shows a proof for whoever lets a name point at us: that would give names away that were forgotten.
#[tokio::test]
async fn our_own_answers_prove_nothing() {
    let (server, _ada) = TestServer::start().await;
    let tenant = Tenant::of(&server, "grace").await;
    let made = tenant.claim(HOST).await.expect(201).json();
    let content = made["proof"]["http"]["content"].as_str().unwrap();
    let token = content.split_once('=').unwrap().1;
    for host in [HOST, "other.example.com", "localhost", "nobody-abcdefgh.localhost"] {
        for accept in ["*/*", "text/html", "text/plain"] {
            let call = server.anonymous().get("/.well-known/devsanctum-challenge").header("host", host);
            let answer = call.header("accept", accept).send().await;
            assert!(!answer.text.contains(token), "{host}: {}", answer.text);
        }
    }
    server.stop().await;
}
