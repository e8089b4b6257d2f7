//! Callers of the API. What they may do is in their type: only a [`Person`] has an access token.

use std::{net::SocketAddr, ops::Deref, time::Duration};

use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{COOKIE, HeaderMap, SET_COOKIE},
};
use serde_json::Value;

/// Somebody without credentials.
#[derive(Clone)]
pub struct Anonymous {
    client: reqwest::Client,
    base: String,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person {
    anonymous: Anonymous,
    pub token: String,
    /// `name=value` of the refresh cookie.
    pub cookie: String,
    /// As the sign-in told it.
    pub user: Value,
}

pub struct Call(RequestBuilder);

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Anonymous {
    pub fn of(address: SocketAddr) -> Self {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(60))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { client, base: format!("http://{address}") }
    }

    pub fn call(&self, method: Method, path: &str) -> Call {
        Call(self.client.request(method, format!("{}{path}", self.base)))
    }

    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    pub fn with_token(&self, token: &str) -> Person {
        Person { anonymous: self.clone(), token: token.to_owned(), cookie: String::new(), user: Value::Null }
    }

    /// The person whom a sign-in let in.
    pub fn signed_in(&self, answer: Answer) -> Person {
        let cookie = answer.cookie().split(';').next().unwrap().to_owned();
        let body = answer.json();
        assert_eq!(body["token_type"], "Bearer");
        let token = body["access_token"].as_str().unwrap().to_owned();
        Person { anonymous: self.clone(), token, cookie, user: body["user"].clone() }
    }

    /// Shows a refresh cookie.
    pub async fn refresh(&self, cookie: &str) -> Answer {
        self.post("/api/v1/auth/refresh").header(COOKIE.as_str(), cookie).send().await
    }
}

/// A person can do all that a stranger can.
impl Deref for Person {
    type Target = Anonymous;

    fn deref(&self) -> &Anonymous {
        &self.anonymous
    }
}

impl Person {
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call(self.anonymous.call(method, path).0.bearer_auth(&self.token))
    }

    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    pub fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }
}

impl Call {
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    pub fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    pub fn body(self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.header("content-type", content_type).body(body))
    }

    pub async fn send(self) -> Answer {
        let response = self.open().await;
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    /// Without waiting for the end of the body.
    pub async fn open(self) -> reqwest::Response {
        self.0.send().await.unwrap()
    }
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Checks the shape that every failure has, and gives the fields it names.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Vec<String> {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert!(!problem["title"].as_str().unwrap().is_empty());
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        assert_eq!(problem["request_id"], self.headers["x-request-id"].to_str().unwrap());
        let errors = problem["errors"].as_array().unwrap();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }

    pub fn cookie(&self) -> &str {
        self.headers[SET_COOKIE].to_str().unwrap()
    }
}
