//! What the placeholder answers.

use crate::{
    http::{Request, response},
    placeholder::Options,
};

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// `None`: a request that is not HTTP/1.
pub fn respond(request: Option<&Request>, options: &Options) -> String {
    let Some(request) = request else {
        return response("400 Bad Request", TEXT, "this is not HTTP/1.1\n", true);
    };
    let with_body = request.method != "HEAD";
    match (request.method.as_str(), request.path.as_str()) {
        ("GET" | "HEAD", "/healthz") => response("200 OK", TEXT, "ok\n", with_body),
        ("GET" | "HEAD", _) if request.accepts_json => response("200 OK", JSON, &json(options), with_body),
        ("GET" | "HEAD", _) => response("200 OK", HTML, &html(options), with_body),
        _ => response("405 Method Not Allowed", TEXT, "the placeholder answers GET and HEAD\n", true),
    }
}

fn json(options: &Options) -> String {
    format!(
        r#"{{"placeholder":true,"component":"{}","workspace":"{}","message":"This component has no image and no Dockerfile yet."}}"#,
        escape_json(&options.component),
        escape_json(&options.workspace),
    ) + "\n"
}

fn html(options: &Options) -> String {
    let component = match options.component.as_str() {
        "" => "This component".to_owned(),
        name => format!("<code>{}</code>", escape_html(name)),
    };
    let workspace = match options.workspace.as_str() {
        "" => String::new(),
        name => format!("<p class=\"where\">Workspace {}</p>", escape_html(name)),
    };
    include_str!("page.html")
        .replace("{title}", &escape_html(&options.component))
        .replace("{workspace}", &workspace)
        .replace("{component}", &component)
        .replace("{port}", &options.port.to_string())
}

pub fn escape_html(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
        escaped
    })
}

pub fn escape_json(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            c if c < ' ' => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
        escaped
    })
}
