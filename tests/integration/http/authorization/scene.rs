//! The people of the table on one server, and for each check an organization of its own with whatever the path asks for.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

use devsanctum::domain::{
    ids::{OrgId, UserId},
    org::Org,
    role::Role,
    route::Visibility,
    user::User,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::table::Who;
use crate::support::{
    client::{Anonymous, Call, Person},
    in_process::TestServer,
};

pub struct Stage {
    pub server: TestServer,
    people: BTreeMap<Who, (Person, UserId)>,
    count: AtomicU32,
}

/// Who is what in each scene's organization.
const MEMBERS: [(Who, Role); 7] = [
    (Who::Expired, Role::Developer),
    (Who::Suspended, Role::Developer),
    (Who::Viewer, Role::Viewer),
    (Who::Developer, Role::Developer),
    (Who::Mine, Role::Developer),
    (Who::Admin, Role::Admin),
    (Who::Owner, Role::Owner),
];

fn id_of(person: &Person) -> UserId {
    person.user["id"].as_str().unwrap().parse().unwrap()
}

/// A program of this person's that may only read.
async fn narrowed(person: &Person) -> Person {
    let body = json!({ "name": "narrow", "scopes": ["read"], "expires_at": null });
    let made = person.post("/api/v1/me/tokens").json(&body).send().await.expect(201).json();
    person.with_token(made["secret"].as_str().unwrap())
}

impl Stage {
    pub async fn set() -> Self {
        let (server, ada) = TestServer::start().await;
        let expired = server.person("exp", None).await;
        // Its token lives for a quarter of an hour.
        server.clock.advance(chrono::Duration::minutes(16));
        let ada = server.sign_in(ada.user["username"].as_str().unwrap()).await;
        let mut people = BTreeMap::from([(Who::Platform, ada), (Who::Expired, expired)]);
        for (who, name) in [
            (Who::Suspended, "susp"),
            (Who::Stranger, "strg"),
            (Who::Gone, "gone"),
            (Who::Viewer, "view"),
            (Who::Developer, "dev"),
            (Who::Mine, "mine"),
            (Who::Admin, "adm"),
            (Who::Owner, "own"),
        ] {
            people.insert(who, server.person(name, None).await);
        }
        let mut people: BTreeMap<_, _> = people
            .into_iter()
            .map(|(who, person)| (who, (id_of(&person), person)))
            .map(|(who, (id, person))| (who, (person, id)))
            .collect();
        let (owner, owner_id) = &people[&Who::Owner];
        let scoped = (narrowed(owner).await, *owner_id);
        people.insert(Who::Scoped, scoped);
        let stage = Self { server, people, count: AtomicU32::new(0) };
        let now = stage.server.app.clock.now();
        let mut work = stage.server.app.store.begin().await.unwrap();
        let suspended = work.users().find(stage.people[&Who::Suspended].1).await.unwrap().unwrap();
        work.users().change(&User { suspended_at: Some(now), ..suspended }).await.unwrap();
        work.commit().await.unwrap();
        stage.people[&Who::Stranger]
            .0
            .post("/api/v1/orgs")
            .json(&json!({ "slug": "elsewhere" }))
            .send()
            .await
            .expect(201);
        stage
    }

    fn number(&self) -> u32 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// A fresh organization in which everybody is what the table calls them.
    pub async fn scene(&self, who: Who) -> Scene<'_> {
        let app = &self.server.app;
        let now = app.clock.now();
        let slug = format!("scene-{}", self.number());
        let org = Org {
            id: app.random.id(now),
            slug: slug.parse().unwrap(),
            name: slug.clone(),
            max_visibility: Visibility::Public,
            deleting_since: None,
            created_at: now,
            updated_at: now,
        };
        let mut work = app.store.begin().await.unwrap();
        work.orgs().add(&org).await.unwrap();
        for (member, role) in MEMBERS {
            work.orgs().set_member(org.id, self.people[&member].1, role, now).await.unwrap();
        }
        work.orgs().set_member(org.id, self.people[&Who::Gone].1, Role::Owner, now).await.unwrap();
        work.orgs().remove_member(org.id, self.people[&Who::Gone].1).await.unwrap();
        work.commit().await.unwrap();
        app.identity.actors.forget_all();
        Scene { stage: self, who, org: org.id, slug, template: OnceCell::new(), workspace: OnceCell::new() }
    }
}

pub struct Scene<'a> {
    stage: &'a Stage,
    who: Who,
    pub org: OrgId,
    pub slug: String,
    template: OnceCell<String>,
    workspace: OnceCell<Value>,
}

impl Scene<'_> {
    /// As this caller; whoever has no valid token sends what they have.
    pub fn call(&self, who: Who, method: Method, path: &str) -> Call {
        match who {
            Who::Anonymous => Anonymous::call(&self.stage.server.anonymous(), method, path),
            _ => self.stage.people[&who].0.call(method, path),
        }
    }

    fn person(&self, who: Who) -> &Person {
        &self.stage.people[&who].0
    }

    /// A name that nothing has.
    pub fn name(&self) -> String {
        format!("n{}", self.stage.number())
    }

    /// Of the organization.
    pub async fn template(&self) -> &str {
        let make = async || {
            let manifest = json!({
                "appName": "Shop",
                "components": [{ "name": "web", "type": "frontend", "port": 80 }],
            });
            let body = json!({ "name": "shop", "source": { "kind": "manifest", "manifest": manifest } });
            let path = format!("/api/v1/orgs/{}/templates", self.slug);
            let made = self.person(Who::Owner).post(&path).json(&body).send().await.expect(201).json();
            made["id"].as_str().unwrap().to_owned()
        };
        self.template.get_or_init(make).await
    }

    /// The caller's own, if that is what the table asks about; otherwise an owner's.
    pub async fn workspace(&self) -> &Value {
        let make = async || {
            let owner = if self.who == Who::Mine { Who::Mine } else { Who::Owner };
            let body = json!({ "name": "web", "template_id": self.template().await, "start": false });
            let path = format!("/api/v1/orgs/{}/workspaces", self.slug);
            self.person(owner).post(&path).json(&body).send().await.expect(202).json()
        };
        self.workspace.get_or_init(make).await
    }

    /// Of the workspace, open to its owner alone.
    pub async fn private_address(&self) -> String {
        let workspace = self.workspace().await;
        let owner = if self.who == Who::Mine { Who::Mine } else { Who::Owner };
        let path = format!("/api/v1/workspaces/{}/routes", workspace["id"].as_str().unwrap());
        let route = json!({ "app": "inside", "component": "web", "port": 81, "visibility": "private" });
        let made = self.person(owner).post(&path).json(&route).send().await.expect(201).json();
        made["url"].as_str().unwrap().to_owned()
    }

    /// A claim of the workspace's first route.
    async fn domain(&self) -> String {
        let workspace = self.workspace().await;
        let owner = if self.who == Who::Mine { Who::Mine } else { Who::Owner };
        let part = |value: &Value| value.as_str().unwrap().to_owned();
        let (id, route) = (part(&workspace["id"]), part(&workspace["routes"][0]["id"]));
        let path = format!("/api/v1/workspaces/{id}/routes/{route}/domains");
        let claim = json!({ "host": format!("{}.example.com", self.name()) });
        part(&self.person(owner).post(&path).json(&claim).send().await.expect(201).json()["id"])
    }

    /// Somebody else, a viewer of the organization.
    pub async fn member(&self) -> String {
        let id = self.user().await;
        let app = &self.stage.server.app;
        let mut work = app.store.begin().await.unwrap();
        work.orgs().set_member(self.org, id, Role::Viewer, app.clock.now()).await.unwrap();
        work.commit().await.unwrap();
        id.to_string()
    }

    /// Somebody who belongs nowhere.
    pub async fn user(&self) -> UserId {
        let app = &self.stage.server.app;
        let (now, name) = (app.clock.now(), self.name());
        let user = User {
            id: app.random.id(now),
            username: name.parse().unwrap(),
            email: format!("{name}@example.org").parse().unwrap(),
            display_name: String::new(),
            platform_admin: false,
            suspended_at: None,
            created_at: now,
            updated_at: now,
        };
        let mut work = app.store.begin().await.unwrap();
        work.users().add(&user, None).await.unwrap();
        work.commit().await.unwrap();
        user.id
    }

    /// An open invitation: its id, and the token.
    pub async fn invitation(&self) -> (String, String) {
        let path = format!("/api/v1/orgs/{}/invitations", self.slug);
        let body = json!({ "email": format!("{}@example.org", self.name()), "role": "viewer" });
        let made = self.person(Who::Owner).post(&path).json(&body).send().await.expect(201).json();
        let link = made["accept_url"].as_str().unwrap();
        let token = link.split_once("#token=").unwrap().1;
        (made["id"].as_str().unwrap().to_owned(), token.to_owned())
    }

    pub async fn host(&self) -> String {
        let mut reader = self.stage.server.app.store.read().await.unwrap();
        reader.hosts().list().await.unwrap()[0].id.to_string()
    }

    /// What stands for a name in braces of this path.
    pub async fn id_in(&self, path: &str, name: &str) -> String {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        match name {
            "{org}" => self.slug.clone(),
            "{n}" => "1".into(),
            "{provider}" => "github".into(),
            // Nobody's.
            "{user_code}" => "BCDF-GHJK".into(),
            "{name}" => "GREETING".to_owned(),
            "{rid}" => text(&self.workspace().await["routes"][0]["id"]),
            "{did}" => self.domain().await,
            "{user_id}" => self.member().await,
            "{id}" => {
                let noun = path.split("/{id}").next().unwrap().rsplit('/').next().unwrap();
                match noun {
                    "workspaces" => text(&self.workspace().await["id"]),
                    "deployments" => text(&self.workspace().await["deployment"]["id"]),
                    "templates" => self.template().await.to_owned(),
                    "hosts" => self.host().await,
                    "users" => self.user().await.to_string(),
                    "invitations" => self.invitation().await.0,
                    // Nobody's.
                    "sessions" | "identities" | "tokens" | "ssh-keys" => uuid::Uuid::from_u128(7).to_string(),
                    other => panic!("say in scene.rs what {{id}} of {other} is"),
                }
            }
            other => panic!("say in scene.rs what {other} in {path} is"),
        }
    }
}
