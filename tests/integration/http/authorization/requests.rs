//! A request for each operation that would succeed, if the caller may send it.

use reqwest::Method;
use serde_json::{Value, json};

use super::{scene::Scene, table::Who};
use crate::support::in_process::PASSWORD;

/// Where to, and with which body.
pub async fn request(scene: &Scene<'_>, method: &Method, path: &str, who: Who) -> (String, Option<Value>) {
    let mut target = path.to_owned();
    for name in path.split('/').filter(|part| part.starts_with('{')) {
        target = target.replacen(name, &scene.id_in(path, name).await, 1);
    }
    (target, body(scene, method, path, who).await)
}

async fn body(scene: &Scene<'_>, method: &Method, path: &str, _who: Who) -> Option<Value> {
    let operation = format!("{method} {}", path.trim_start_matches("/api/v1"));
    let source = json!({ "kind": "manifest", "manifest": {
        "appName": "Shop", "components": [{ "name": "web", "type": "frontend", "port": 81 }],
    } });
    Some(match operation.as_str() {
        "POST /auth/setup" => json!({
            "setup_token": "x", "email": "x@example.org", "username": "x", "password": PASSWORD,
        }),
        "POST /auth/login" => json!({ "login": "nobody", "password": PASSWORD }),
        "POST /auth/register" => json!({ "email": "x@example.org", "username": "x", "password": PASSWORD }),
        "POST /auth/password/forgot" => json!({ "email": format!("{}@example.org", scene.name()) }),
        "POST /auth/password/reset" => json!({ "token": "x", "password": PASSWORD }),
        "POST /auth/email/confirm" => json!({ "token": "x" }),
        "POST /auth/device" => json!({ "client_name": "a client" }),
        "POST /auth/device/token" => json!({ "device_code": "x" }),
        "POST /auth/device/{user_code}" => json!({ "approve": true }),
        "POST /me/email" => {
            json!({ "email": format!("{}@example.org", scene.name()), "password": PASSWORD })
        }
        "POST /me/tokens" => json!({ "name": scene.name(), "scopes": ["read"], "expires_at": null }),
        "POST /me/ssh-keys" => json!({
            "name": scene.name(),
            "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti",
        }),
        "POST /me/totp" => json!({ "password": PASSWORD }),
        "POST /me/totp/confirm" => json!({ "code": "000000" }),
        "DELETE /me/totp" | "POST /me/totp/recovery-codes" => {
            json!({ "password": PASSWORD, "code": "000000" })
        }
        "PATCH /me" => json!({ "display_name": scene.name() }),
        "POST /me/password" => json!({ "current_password": PASSWORD, "new_password": PASSWORD }),
        "POST /me/identities/{provider}/start" => json!({ "return_to": "/account" }),
        "POST /users" => {
            let name = scene.name();
            json!({ "email": format!("{name}@example.org"), "username": name, "password": PASSWORD })
        }
        "PATCH /users/{id}" => json!({ "display_name": scene.name() }),
        "POST /orgs" => json!({ "slug": scene.name() }),
        "PATCH /orgs/{org}" => json!({ "name": scene.name() }),
        "DELETE /orgs/{org}" => json!({ "confirm": scene.slug }),
        "PUT /orgs/{org}/members/{user_id}" => json!({ "role": "developer" }),
        "POST /orgs/{org}/invitations" => {
            json!({ "email": format!("{}@example.org", scene.name()), "role": "viewer" })
        }
        "PUT /orgs/{org}/quota" => json!({
            "workspaces": 9, "running_workspaces": null, "cpu_millis": null, "memory_bytes": null,
            "disk_bytes": null,
        }),
        "POST /invitations/show" | "POST /invitations/accept" => {
            json!({ "token": scene.invitation().await.1 })
        }
        "POST /tickets" => json!({ "for": scene.private_address().await }),
        "POST /templates/check" => json!({ "source": source }),
        "POST /orgs/{org}/templates" => json!({ "name": scene.name(), "source": source }),
        "PATCH /templates/{id}" => json!({ "description": scene.name() }),
        "POST /templates/{id}/versions" => json!({ "source": source }),
        "POST /orgs/{org}/workspaces" => {
            json!({ "name": scene.name(), "template_id": scene.template().await, "start": false })
        }
        "POST /orgs/{org}/workspaces/destroy-all" => json!({ "confirm": scene.slug }),
        "PATCH /workspaces/{id}" => json!({ "name": scene.name() }),
        "POST /workspaces/{id}/update" => json!({}),
        "POST /workspaces/{id}/routes" => json!({ "app": scene.name(), "component": "web", "port": 8080 }),
        "PATCH /workspaces/{id}/routes/{rid}" => json!({ "visibility": "public" }),
        "POST /workspaces/{id}/routes/{rid}/domains" => {
            json!({ "host": format!("{}.example.com", scene.name()) })
        }
        "PUT /me/variables/{name}"
        | "PUT /orgs/{org}/variables/{name}"
        | "PUT /templates/{id}/variables/{name}"
        | "PUT /workspaces/{id}/variables/{name}" => json!({ "value": scene.name(), "secret": true }),
        _ => return None,
    })
}
