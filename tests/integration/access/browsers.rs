use chrono::Duration;
use serde_json::json;

use super::world::{World, cookie, label_of};

/// Without the names of cookies that a component must not see.
fn is_clean(seen: &serde_json::Value) -> bool {
    let seen = seen.to_string();
    !["devsanctum", "eyJ", "knock", "ticket"].iter().any(|part| seen.contains(part))
}

pub async fn a_browser_is_sent_to_sign_in_and_comes_back_with_a_pass(world: &World) {
    let away = world.visit("private", "/a/b?c=d").header("accept", "text/html").send().await.expect(303);
    let location = away.headers["location"].to_str().unwrap();
    let access_url = &world.server.app.settings.access_url;
    let to = location.strip_prefix(&format!("{access_url}/open?to=")).unwrap().split('&').next().unwrap();
    assert_eq!(
        percent_encoding::percent_decode_str(to).decode_utf8().unwrap(),
        world.url("private", "/a/b?c=d"),
        "{location}"
    );
    assert_eq!(away.headers["cache-control"], "no-store");
    let knock = cookie(&away.headers, "devsanctum_knock").unwrap();
    assert!(location.ends_with(&knock.replace("devsanctum_knock=", "&knock=")), "{location}");

    let ticket = world.ticket(&world.owner, "private", "/a/b?c=d").await.expect(200).json();
    assert_eq!(ticket["workspace"]["id"], world.workspace.to_string());
    assert_eq!(ticket["workspace"]["status"], "running");
    let entrance = ticket["url"].clone();
    let entered = world.enter("private", entrance.as_str().unwrap(), &knock).await.expect(303);
    assert_eq!(entered.headers["location"], world.url("private", "/a/b?c=d"));
    let set = entered.headers["set-cookie"].to_str().unwrap();
    for part in ["devsanctum_pass=", "; Path=/;", "; HttpOnly", "; SameSite=Lax"] {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert!(!set.to_ascii_lowercase().contains("domain"), "{set}");

    let pass = cookie(&entered.headers, "devsanctum_pass").unwrap();
    let call = world.visit("private", "/a/b?c=d").header("cookie", &format!("own=1; {pass}; {knock}"));
    let seen = call.send().await.expect(200).json();
    assert_eq!(seen["headers"]["cookie"], "own=1");
    assert!(is_clean(&seen), "{seen}");
}

pub async fn a_ticket_is_good_once_for_its_address_in_its_browser_and_for_half_a_minute(world: &World) {
    let away = world.visit("private", "/").header("accept", "text/html").send().await;
    let knock = cookie(&away.headers, "devsanctum_knock").unwrap();
    let entrance = async || {
        world.ticket(&world.owner, "private", "/").await.expect(200).json()["url"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let gets_in = async |visibility, entrance: &str, knock: &str| {
        let answer = world.enter(visibility, entrance, knock).await;
        cookie(&answer.headers, "devsanctum_pass").is_some()
    };
    let url = entrance().await;
    assert!(gets_in("private", &url, &knock).await);
    assert!(!gets_in("private", &url, &knock).await, "twice");

    let elsewhere = entrance().await.replace(world.label("private"), world.label("organization"));
    assert!(!gets_in("organization", &elsewhere, &knock).await, "at another address");

    let url = entrance().await;
    let path = url.strip_prefix(&world.url("private", "")).unwrap().to_owned();
    let value = knock.split_once('=').unwrap().1;
    for (cookies, in_url) in
        [("a=b", value), (knock.as_str(), "0123456789abcdef0123456789abcdef"), (knock.as_str(), "")]
    {
        let call = world.visit("private", &format!("{path}&knock={in_url}")).header("cookie", cookies);
        call.send().await.expect(400);
    }
    assert!(gets_in("private", &url, &knock).await, "a refused browser does not use it up");

    let url = entrance().await;
    world.server.clock.advance(Duration::seconds(31));
    assert!(!gets_in("private", &url, &knock).await, "too late");
    for forged in ["", "x", "eyJhbGciOiJub25lIn0.e30."] {
        let url = world.url("private", &format!("/.devsanctum/enter?ticket={forged}&to=%2F"));
        assert!(!gets_in("private", &url, &knock).await, "{forged}");
    }
}

pub async fn coming_in_leads_nowhere_else(world: &World) {
    let away = world.visit("private", "/").header("accept", "text/html").send().await;
    let knock = cookie(&away.headers, "devsanctum_knock").unwrap();
    let origin = world.url("private", "");
    for to in [
        "//evil.example",
        "https://evil.example/",
        "\\\\evil.example",
        "/\\evil.example",
        "@evil.example/",
        ".evil.example",
        ":80@evil.example",
        "javascript:alert(1)",
        "/%0d%0aset-cookie:a=b",
        "",
    ] {
        let to = percent_encoding::utf8_percent_encode(to, percent_encoding::NON_ALPHANUMERIC);
        let entrance = world.url("private", &format!("/.devsanctum/enter?ticket=x&to={to}"));
        let answer = world.enter("private", &entrance, &knock).await;
        if let Some(location) = answer.headers.get("location") {
            let path = location
                .to_str()
                .unwrap()
                .strip_prefix(&origin)
                .unwrap_or_else(|| panic!("{to}: {location:?}"));
            assert!(path.starts_with('/'), "{to}: {path}");
        }
    }
    for path in ["/.devsanctum/", "/.devsanctum/other"] {
        world.visit("public", path).send().await.problem(404, "not_found");
    }
}

pub async fn a_pass_opens_its_own_address_and_no_other(world: &World) {
    let pass = world.pass(&world.owner, "private").await;
    let other = World::workspace(&world.owner, "other").await;
    world.visit("private", "/").header("cookie", &pass).send().await.expect(200);
    world.visit("organization", "/").header("cookie", &pass).send().await.problem(401, "unauthenticated");
    let call = world.visit_label(&label_of(&other["routes"][0]), "/").header("cookie", &pass);
    call.send().await.problem(401, "unauthenticated");
    world.visit("private", "/").header("cookie", &format!("{pass}; {pass}")).send().await.expect(401);
    let (_, value) = pass.split_once('=').unwrap();
    let as_token = world.server.anonymous().with_token(value).get("/api/v1/me").send().await;
    as_token.problem(401, "invalid_token");

    world.server.clock.advance(Duration::hours(7));
    let call = world.visit("private", "/").header("cookie", &pass).header("accept", "text/html");
    let renewed = call.send().await.expect(200);
    assert!(cookie(&renewed.headers, "devsanctum_pass").is_some_and(|renewed| renewed != pass));
    world.server.clock.advance(Duration::hours(6));
    world.visit("private", "/").header("cookie", &pass).send().await.problem(401, "unauthenticated");
}

pub async fn pages_of_other_workspaces_act_on_no_pass(world: &World) {
    let pass = world.pass(&world.owner, "private").await;
    let other = World::workspace(&world.owner, "other").await;
    let other = world.server.app.settings.route_url(&label_of(&other["routes"][0]));
    let own = world.url("private", "");
    let sibling = world.url("public", "");
    let access_url = world.server.app.settings.access_url.clone();
    let ask = async |headers: &[(&str, &str)]| {
        let mut call = world.visit("private", "/").header("cookie", &pass);
        for (name, value) in headers {
            call = call.header(name, value);
        }
        call.send().await.status.as_u16()
    };
    for allowed in [own.as_str(), sibling.as_str()] {
        assert_eq!(ask(&[("origin", allowed), ("sec-fetch-site", "same-site")]).await, 200, "{allowed}");
    }
    for foreign in [other.as_str(), access_url.as_str(), "null", "https://evil.example", "file://"] {
        assert_eq!(ask(&[("origin", foreign)]).await, 401, "{foreign}");
        let socket = [
            ("origin", foreign),
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        assert_eq!(ask(&socket).await, 401, "{foreign}");
    }
    for site in ["same-site", "cross-site"] {
        assert_eq!(ask(&[("sec-fetch-site", site), ("sec-fetch-mode", "no-cors")]).await, 401, "{site}");
        assert_eq!(ask(&[("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]).await, 200, "a link");
    }
    assert_eq!(ask(&[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "no-cors")]).await, 200);
    let shown = async |dest: &'static str, referer: &str| {
        let navigation = [("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")];
        ask(&[&navigation[..], &[("sec-fetch-dest", dest), ("referer", referer)]].concat()).await
    };
    assert_eq!(shown("document", &other).await, 200, "a link");
    for part in ["iframe", "frame", "embed", "object", "fencedframe"] {
        assert_eq!(shown(part, &format!("{other}/")).await, 401, "{part} of another workspace's page");
        assert_eq!(shown(part, "").await, 401, "{part} of who does not say");
        assert_eq!(shown(part, &format!("{sibling}/a")).await, 200, "{part} of its own page");
    }
}

pub async fn somebody_elses_ticket_makes_nobody_visit_as_them(world: &World) {
    let stranger = world.server.person("stranger", None).await;
    let attacker = world.visit("authenticated", "/").header("accept", "text/html").send().await;
    let knock = cookie(&attacker.headers, "devsanctum_knock").unwrap();
    let url = world.ticket(&stranger, "authenticated", "/").await.expect(200).json()["url"].clone();
    let path = url.as_str().unwrap().strip_prefix(&world.url("authenticated", "")).unwrap().to_owned();
    let value = knock.split_once('=').unwrap().1;
    let victim = world.visit("authenticated", &format!("{path}&knock={value}"));
    let answer = victim.send().await.expect(400);
    assert!(cookie(&answer.headers, "devsanctum_pass").is_none());
    assert_eq!(json!(answer.text.contains("cookie")), json!(true));
}
